"""Applying corrections: what a delivered cell should hold, by whom, why and when. The delivered file stays as it is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nvslib import notations
from nvslib.intake import Delivered, Intake
from nvslib.tables import MANY, load_table, table_names
from nvslib.workbooks import Misread, as_text

TABLE = "corrections"


@dataclass(frozen=True)
class Corrected:
    """A cell that was corrected: which, what it held and holds, who says so, why and when, and where both stand."""

    table: str
    key: str
    column: str
    found: str
    corrected: str
    who: str
    why: str
    when: str
    file: str
    sheet: str
    row: int
    corrections_file: str
    corrections_sheet: str
    corrections_row: int


def apply(intake: Intake) -> list[Corrected]:
    """Apply the delivered corrections to the delivered tables and return those that were applied.

    One that names no row, several rows or no column, or whose ``from`` is not what the cell holds, is a misreading of
    the intake; nothing is changed by it.
    """
    delivered = intake.tables.get(TABLE)
    if delivered is None or not set(load_table(TABLE).columns) - {"from", "to"} <= set(delivered.cells):
        return []
    applied = []
    places = delivered.places.to_dict("records")
    for place, cells in zip(places, delivered.cells.to_dict("records"), strict=True):
        row = {str(name): "" if cell is None else str(cell) for name, cell in cells.items()}
        file, sheet, number = str(place["file"]), str(place["sheet"]), int(place["row"])

        def refuse(
            rule: str, column: str, found: str, allowed: str, file: str = file, sheet: str = sheet, number: int = number
        ) -> None:
            intake.misread.append((file, TABLE, Misread(rule, number, column, found, allowed, sheet)))

        if row["table"] not in table_names("input") or not all(row[name] for name in ("key", "column")):
            continue  # told by the checks of the table itself
        target = intake.tables.get(row["table"], Delivered(row["table"]))
        definition = load_table(row["table"])
        if row["column"] not in definition.columns or row["column"] not in target.cells:
            refuse("correction-column", "column", row["column"], ", ".join(definition.columns))
            continue
        rows = [int(at) for at in target.cells.index[bears(target, row["key"])]]
        if len(rows) != 1:
            refuse("correction-key", "key", row["key"], f"{MANY} ".join(definition.key))
            continue
        found = as_text(target.found.loc[rows[0], row["column"]])
        kept = target.cells.loc[rows[0], row["column"]]
        if row.get("from", "") not in {found.strip(), kept or ""}:
            refuse("correction-from", "from", row.get("from", ""), found)
            continue
        read = notations.read(row.get("to", ""), definition.columns[row["column"]])
        target.cells.loc[rows[0], row["column"]] = read.text
        target.found.loc[rows[0], row["column"]] = row.get("to") or None
        there = target.places.iloc[rows[0]].to_dict()
        applied.append(
            Corrected(
                row["table"], row["key"], row["column"], found, read.text or "", row["who"], row["why"], row["when"],
                str(there["file"]), str(there["sheet"]), int(there["row"]), file, sheet, number,
            )
        )  # fmt: skip
    return applied


def bears(target: Delivered, key: str) -> pd.Series[bool]:
    """Return which rows of a table bear a key, written as the values of its columns with semicolons between."""
    names = load_table(target.table).key
    values = [value.strip() for value in key.split(MANY)]
    if len(values) != len(names) or not set(names) <= set(target.cells):
        return pd.Series(data=False, index=target.cells.index)
    return target.cells[list(names)].eq(values).all(axis=1)
