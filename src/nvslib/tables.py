"""The one definition of every table: columns, types, keys, allowed values, and what its rows are made from.

A table is one file in ``tables/``. Reading, checking, templates, writing, describing and explaining all use the
definition given here.
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
MANY = ";"  # between the values of a cell that may hold several


@dataclass(frozen=True)
class Origin:
    """Which rows of another table a value was made from.

    Attributes
    ----------
    table
        The other table; may name a column of the explained row in braces, as ``{table}``.
    by
        The columns in which its rows agree with the row that is explained; none means all its rows.
    where
        Further values that its rows have; may name a column of the explained row in braces, as ``{part}``.
    column
        The column used; may name a column of the explained row in braces, as ``{bound}``.
    setting
        Instead of a table: the setting of the cycle's file that the value was made from.
    when
        Column of the explained row -> values; for a row with another value this is no origin.
    previous
        Whether the table is that of the previous cycle, on which this one looks back.
    """

    table: str = ""
    by: tuple[str, ...] = ()
    where: dict[str, str] = field(default_factory=dict)
    column: str = ""
    setting: str = ""
    when: dict[str, list[str]] = field(default_factory=dict)
    previous: bool = False


@dataclass(frozen=True)
class Column:
    """One column: its type, what may stand in it, and what it means in each language.

    Attributes
    ----------
    type
        name, code, text, choice, class, criterion, integer, number, date (a day) or period (its first day).
    dutch
        Its name in a Dutch header; the English one is ``name`` itself.
    choices
        The values of a choice, in their order; ``dutch_choices`` has the Dutch word for each.
    many
        A cell may hold several values, with semicolons between.
    refers_to
        The input table to whose key its values refer.
    words
        The group of ``words/`` with the words for its codes.
    minimum, maximum
        Between which bounds a number must lie, bounds included.
    required_when
        Column -> value: where the row has that value, the cell must be filled.
    """

    name: str
    type: str
    meaning: dict[str, str]
    dutch: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    dutch_choices: dict[str, str] = field(default_factory=dict)
    many: bool = False
    refers_to: str = ""
    words: str = ""
    minimum: float | None = None
    maximum: float | None = None
    required_when: dict[str, str] = field(default_factory=dict)
    decimals: int | None = None
    unit: str = ""
    formula: str = ""
    made_from: tuple[Origin, ...] = ()

    def heading(self, language: str) -> str:
        """Return the column's name in a header of that language."""
        return self.dutch if language == "nl" and self.dutch else self.name


@dataclass(frozen=True)
class Complete:
    """Which combinations of values must all be there.

    Each combination of the columns ``of`` that occurs has a row for every value of the columns ``over``: those of the
    table referred to, the criteria of the edition or the choices. Rows of that other table with the values in
    ``leave_out`` do not count. ``severity`` is that of a finding: blocking or warning.
    """

    over: tuple[str, ...]
    of: tuple[str, ...] = ()
    leave_out: dict[str, str] = field(default_factory=dict)
    severity: str = "blocking"


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
    filled_in_by: str = ""  # of an input table: departments, assessors or analysts
    complete: tuple[Complete, ...] = ()
    ordered: tuple[tuple[str, ...], ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """The columns as they are written: keys first, the source of a row of input last."""
        source = SOURCE_COLUMNS if self.kind == "input" else ()
        return (*self.key, *(name for name in self.columns if name not in self.key), *source)

    def arrange(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows as they are written: keys first, sorted by key, floats to 12 significant digits.

        A choice sorts in the order in which its choices are defined: low, best, high.

        A `ValueError` names columns that the definition lacks or misses, and keys that occur twice.
        """
        if set(frame.columns) != set(self.written):
            raise ValueError(f"table {self.name}: columns {sorted(frame.columns)}, defined {sorted(self.written)}")
        if frame.duplicated(list(self.key)).any():
            raise ValueError(f"table {self.name}: a key {self.key} occurs twice")
        arranged = frame[list(self.written)].sort_values(list(self.key), key=self._in_order, ignore_index=True)
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
    names = sorted(
        entry.name.removesuffix(".yaml")
        for entry in files("nvslib").joinpath("tables").iterdir()
        if entry.name.endswith(".yaml") and not entry.name.startswith("_")
    )
    return tuple(name for name in names if kind is None or _load(name)["kind"] == kind)


@cache
def load_table(name: str) -> Table:
    """Return the definition of a table by its name."""
    loaded = _load(name)
    columns = loaded["columns"] | (_load("_every_input") if loaded["kind"] == "input" else {})
    made_from = tuple(_origin(entry) for entry in loaded.get("made_from", []))
    return Table(
        name=name,
        kind=loaded["kind"],
        stage=loaded["stage"],
        title=loaded["title"],
        about=loaded["about"],
        key=tuple(loaded["key"]),
        columns={column: _column(column, entry, made_from) for column, entry in columns.items()},
        required=loaded.get("required", False),
        filled_in_by=loaded.get("filled_in_by", ""),
        complete=tuple(
            Complete(**(rule | {"over": tuple(rule["over"]), "of": tuple(rule.get("of", ()))}))
            for rule in loaded.get("complete", [])
        ),
        ordered=tuple(tuple(columns) for columns in loaded.get("ordered", [])),
    )


@cache
def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("tables", f"{name}.yaml").read_text("utf-8"))
    return loaded


def _column(name: str, entry: dict[str, Any], made_from: tuple[Origin, ...]) -> Column:
    """Return a column; where it has a formula it is made from the table's rows unless it says otherwise."""
    more = {key: value for key, value in entry.items() if key not in ("nl", "en", "made_from", "choices")}
    choices = entry.get("choices", ())
    if choices == "input-tables":
        choices = {table: _load(table)["title"]["nl"] for table in table_names("input") if table != "corrections"}
    return Column(
        name=name,
        meaning={language: entry[language] for language in ("nl", "en")},
        choices=tuple(choices),
        dutch_choices=choices if isinstance(choices, dict) else {},
        made_from=tuple(_origin(origin) for origin in entry.get("made_from", []))
        or (made_from if entry.get("formula") else ()),
        **more,
    )


def _origin(entry: dict[str, Any]) -> Origin:
    return Origin(**(entry | {"by": tuple(entry.get("by", ()))}))
