"""Classification markings: which rows may not be known at a level, and a delivery without them.

A row marked above the level is withheld, and so is every row that names a withheld one, since its name is part of
what may not be known. What is left is read anew: it is as if the rest had never been delivered.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from nvslib.corrections import TABLE as CORRECTIONS
from nvslib.corrections import bears
from nvslib.intake import PLACE, Delivered, Intake
from nvslib.tables import MANY, load_table

MARKING = "classification"
Places = frozenset[tuple[str, str, int]]


def levels() -> tuple[str, ...]:
    """Return the markings, from what everybody may know to what few may."""
    return load_table("scenarios").columns[MARKING].choices


def withheld(intake: Intake, level: str) -> pd.DataFrame:
    """Return the rows of a delivery that may not be known at a level.

    Parameters
    ----------
    intake
        A delivery in which nothing is wrong, its cells corrected.
    level
        One of `levels`.

    Returns
    -------
    DataFrame
        Columns table, file, sheet, row, and why: marked (above the level itself) or names (a row that is withheld).
    """
    above = levels()[levels().index(level) + 1 :]
    marked = {name: table.cells[MARKING].isin(above) for name, table in intake.tables.items()}
    out = {name: rows.copy() for name, rows in marked.items()}
    while True:
        before = sum(int(rows.sum()) for rows in out.values())
        for name, also in _naming(intake, out):
            out[name] |= also
        if sum(int(rows.sum()) for rows in out.values()) == before:
            break
    rows = [
        table.places[out[name]].assign(table=name, why=marked[name][out[name]].map({True: "marked", False: "names"}))
        for name, table in intake.tables.items()
    ]
    empty = pd.DataFrame(columns=["table", *PLACE, "why"])
    return pd.concat([empty, *(found for found in rows if len(found))], ignore_index=True)[["table", *PLACE, "why"]]


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows of each table are withheld, as the table ``withheld``."""
    counts = (
        rows.groupby(["table", "why"]).size().unstack(fill_value=0).reindex(columns=["marked", "names"], fill_value=0)
    )
    return counts.assign(rows=counts["marked"] + counts["names"]).rename_axis(columns=None).reset_index()


def places(rows: pd.DataFrame) -> Places:
    """Return where the rows of `withheld` stand, as `intake.take_in` leaves them out."""
    return frozenset(
        (str(file), str(sheet), int(row)) for file, sheet, row in rows[list(PLACE)].itertuples(index=False)
    )


def _naming(intake: Intake, out: dict[str, pd.Series[bool]]) -> Iterator[tuple[str, pd.Series[bool]]]:
    """Yield of tables which of their rows name a row that is withheld."""
    gone = {}
    for name, table in intake.tables.items():
        keys = table.cells[load_table(name).key[0]]
        gone[name] = set(keys[out[name]]) - set(keys[~out[name]])
    for name, table in intake.tables.items():
        for column in load_table(name).columns.values():
            if column.refers_to in gone and column.name in table.cells:
                named = table.cells[column.name].fillna("").astype(str).str.split(f"{MANY} ?", regex=True)
                yield name, named.map(lambda values, names=gone[column.refers_to]: not names.isdisjoint(values))
    yield from _with_corrections(intake, out)


def _with_corrections(intake: Intake, out: dict[str, pd.Series[bool]]) -> Iterator[tuple[str, pd.Series[bool]]]:
    """Yield the corrections of rows that are withheld, and the rows that a withheld correction changes."""
    told = intake.tables.get(CORRECTIONS, Delivered(CORRECTIONS))
    for at, correction in enumerate(told.cells.to_dict("records")):
        name = correction["table"]
        rows = bears(intake.tables[name], correction["key"])
        if out[CORRECTIONS].iloc[at]:
            yield name, rows
        elif (rows & out[name]).any():
            yield CORRECTIONS, pd.Series(told.cells.index == at, index=told.cells.index)
