"""The one definition of every table: columns, types, keys, allowed values, and what its rows are made from.

A table is one file in ``tables/``. Reading, checking, writing and explaining all use the definition given here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

SOURCE_COLUMNS = ("file", "sheet", "row")  # where a row of an input table stands in what was delivered
SIGNIFICANT_DIGITS = 12


@dataclass(frozen=True)
class Origin:
    """Which rows of another table a value was made from.

    Attributes
    ----------
    table
        The other table.
    by
        The columns in which its rows agree with the row that is explained; none means all its rows.
    where
        Further fixed values that its rows have.
    column
        The column used; may name a column of the explained row in braces, as ``{bound}``.
    setting
        Instead of a table: the setting of the cycle's file that the value was made from.
    """

    table: str = ""
    by: tuple[str, ...] = ()
    where: dict[str, str] = field(default_factory=dict)
    column: str = ""
    setting: str = ""


@dataclass(frozen=True)
class Column:
    """One column: its type, what may stand in it, and what it means in each language."""

    name: str
    type: str  # name, text, choice, class, criterion, integer or number
    meaning: dict[str, str]
    required: bool = True
    choices: tuple[str, ...] = ()
    refers_to: str = ""
    decimals: int | None = None
    unit: str = ""
    formula: str = ""
    made_from: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, its key, and the rules that hold over its rows."""

    name: str
    kind: str  # input or result
    stage: str
    title: dict[str, str]
    about: dict[str, str]
    key: tuple[str, ...]
    columns: dict[str, Column]
    required: bool = False
    complete: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()

    def arrange(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows as they are written: keys first, sorted by key, floats to 12 significant digits.

        A choice sorts in the order in which its choices are defined: low, best, high.

        A `ValueError` names columns that the definition lacks or misses, and keys that occur twice.
        """
        expected = [*self.columns, *(SOURCE_COLUMNS if self.kind == "input" else ())]
        if set(frame.columns) != set(expected):
            raise ValueError(f"table {self.name}: columns {sorted(frame.columns)}, defined {sorted(expected)}")
        if frame.duplicated(list(self.key)).any():
            raise ValueError(f"table {self.name}: a key {self.key} occurs twice")
        rest = [column for column in expected if column not in self.key]
        arranged = frame[[*self.key, *rest]].sort_values(list(self.key), key=self._in_order, ignore_index=True)
        for name in arranged.select_dtypes("float").columns:
            arranged[name] = arranged[name].map(lambda value: float(f"{value:.{SIGNIFICANT_DIGITS}g}"))
        return arranged

    def _in_order(self, values: pd.Series[Any]) -> pd.Series[Any]:
        choices = self.columns[str(values.name)].choices
        return values.map({choice: number for number, choice in enumerate(choices)}) if choices else values

    def csv_types(self) -> dict[str, Any]:
        """Return the pandas type of every column, for reading a table back as it was written."""
        types = {"integer": "int64", "number": "float64"}
        columns = {name: types.get(column.type, "str") for name, column in self.columns.items()}
        return columns | ({"file": "str", "sheet": "str", "row": "int64"} if self.kind == "input" else {})


@cache
def table_names(kind: str | None = None) -> tuple[str, ...]:
    """Return the names of all tables, or of the input or the result tables alone."""
    folder = files("nvslib").joinpath("tables")
    names = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(name for name in names if kind is None or load_table(name).kind == kind)


@cache
def load_table(name: str) -> Table:
    """Return the definition of a table by its name."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("tables", f"{name}.yaml").read_text("utf-8"))
    made_from = tuple(_origin(entry) for entry in loaded.get("made_from", []))
    return Table(
        name=name,
        kind=loaded["kind"],
        stage=loaded["stage"],
        title=loaded["title"],
        about=loaded["about"],
        key=tuple(loaded["key"]),
        columns={column: _column(column, entry, made_from) for column, entry in loaded["columns"].items()},
        required=loaded.get("required", False),
        complete=tuple(loaded.get("complete", ())),
        ordered=tuple(loaded.get("ordered", ())),
    )


def _column(name: str, entry: dict[str, Any], made_from: tuple[Origin, ...]) -> Column:
    """Return a column; where it has a formula it is made from the table's rows unless it says otherwise."""
    meaning = {language: entry.pop(language) for language in ("nl", "en")}
    own = tuple(_origin(origin) for origin in entry.pop("made_from", []))
    entry["choices"] = tuple(entry.get("choices", ()))
    return Column(name=name, meaning=meaning, made_from=own or (made_from if entry.get("formula") else ()), **entry)


def _origin(entry: dict[str, Any]) -> Origin:
    return Origin(**(entry | {"by": tuple(entry.get("by", ()))}))
