"""From a fact back to what was delivered: a walk down the keys of the tables, no guessing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nvslib import intake
from nvslib.formulas import Formula, formulas
from nvslib.lineage import load_lineage, require_one_run
from nvslib.problems import Problem
from nvslib.project import STAGES, Project
from nvslib.settings import read_settings
from nvslib.tables import Origin, load_table
from nvslib.workbooks import as_text

FACTS = "facts.json"


@dataclass(frozen=True)
class Fact:
    """A number or word that a report may print: its value, unit, form per language, and the cell that it stands in."""

    name: str
    value: Any
    unit: str
    display: dict[str, str]
    table: str
    key: dict[str, str]
    column: str


@dataclass(frozen=True)
class Step:
    """A cell of a table: its value, the formula that gave it, and what it was made from."""

    file: str
    key: dict[str, str]
    table: str
    column: str
    value: Any
    formula: Formula | None
    made_from: tuple[Step | Raw | Setting, ...]

    def record(self) -> dict[str, Any]:
        """Return the step as plain data, all the way down."""
        formula = self.formula and {
            "expression": self.formula.expression,
            "words": {"nl": self.formula.nl, "en": self.formula.en},
            "basis": self.formula.basis,
            "source": self.formula.source,
        }
        return {
            "table": self.table,
            "file": self.file,
            "key": self.key,
            "column": self.column,
            "value": self.value,
            "formula": formula,
            "made_from": [origin.record() for origin in self.made_from],
        }


@dataclass(frozen=True)
class Raw:
    """A cell, or a whole row, as it was delivered: where it stands, who said it and why, and how it was corrected.

    ``heading`` is the name that its column bears in the file; ``corrected`` says of the cell, or of every cell of the
    row that was corrected: column, from what to what, who, why, when, and where the correction stands.
    """

    table: str
    key: dict[str, str]
    file: str
    sheet: str
    row: int
    column: str
    heading: str
    found: str
    sha256: str
    said: dict[str, str]
    corrected: tuple[dict[str, str], ...]

    def record(self) -> dict[str, Any]:
        """Return the raw cell as plain data."""
        place = {"file": self.file, "sheet": self.sheet, "row": self.row, "column": self.column}
        place |= {"heading": self.heading, "found": self.found, "sha256": self.sha256}
        return (
            {"raw": place, "key": self.key}
            | self.said
            | ({"corrected": list(self.corrected)} if self.corrected else {})
        )


@dataclass(frozen=True)
class Setting:
    """A setting of the cycle's file."""

    file: str
    name: str
    value: Any

    def record(self) -> dict[str, Any]:
        """Return the setting as plain data."""
        return {"setting": self.name, "file": self.file, "value": self.value}


class Explainer:
    """Explains the facts of one cycle; reads each table and each raw file once.

    A `Problem` when a file or a setting is not what the results were made from.
    """

    def __init__(self, project: Project, cycle: str) -> None:
        self.project = project
        self.cycle = cycle
        self._settings = read_settings(project, cycle).model_dump(mode="json", exclude_unset=True)
        self.facts = read_facts(project, cycle)
        require_one_run(project, cycle, self._settings)
        self._rows: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[dict[str, Any]]]] = {}
        self._steps: dict[tuple[str, tuple[str, ...], str], Step] = {}
        self._delivered: dict[str, dict[str, intake.Delivered]] = {}
        checked = load_lineage(project, cycle, "validation")
        self.as_checked = checked.inputs if checked else {}

    @cached_property
    def names(self) -> dict[tuple[str, tuple[tuple[str, str], ...], str], str]:
        """The name of each fact by its cell: file, key and column."""
        files = {table: self._file(table) for table in {fact.table for fact in self.facts.values()}}
        return {(files[fact.table], tuple(fact.key.items()), fact.column): name for name, fact in self.facts.items()}

    def _file(self, table: str) -> str:
        return self.project.shown(self.project.table_file(self.cycle, table))

    def explain(self, name: str) -> Step:
        """Return how a fact came about; a `Problem` when the cycle has no such fact."""
        if name not in self.facts:
            raise Problem(f"{self.cycle}: found no fact {name!r}. {self._nearest(name)}")
        fact = self.facts[name]
        return self._step(fact.table, self._rows_with(fact.table, fact.key)[0], fact.column)

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, self.facts, n=3, cutoff=0.5) or sorted(self.facts)[:3]
        return f"Near it: {', '.join(near)}; all of them: `nvs explain {self.cycle}`"

    def _step(self, table: str, row: dict[str, Any], column: str) -> Step:
        definition = load_table(table)
        defined = definition.columns[column]
        key = {name: str(row[name]) for name in definition.key}
        cell = (table, tuple(key.values()), column)
        if cell not in self._steps:
            self._steps[cell] = Step(
                file=self._file(table),
                key=key,
                table=table,
                column=column,
                value=row[column],
                formula=formulas()[defined.formula.format(**row)] if defined.formula else None,
                made_from=tuple(made for origin in defined.made_from for made in self.follow(origin, row)),
            )
        return self._steps[cell]

    def follow(self, origin: Origin, row: dict[str, Any]) -> Iterator[Step | Raw | Setting]:
        """Yield the cells of another table, or the setting, that a row's value was made from."""
        if any(str(row[name]) not in values for name, values in origin.when.items()):
            return
        if origin.previous:
            yield from self.previous.follow(replace(origin, previous=False), row)
            return
        if origin.setting:
            yield self._setting(origin, row)
            return
        table, column = origin.table.format(**row), origin.column.format(**row)
        is_input = load_table(table).kind == "input"
        wanted = {name: str(row[name]) for name in origin.by}
        wanted |= {name: value.format(**row) for name, value in origin.where.items()}
        for other in self._rows_with(table, wanted):
            yield self._raw(table, other, column) if is_input else self._step(table, other, column)

    @cached_property
    def previous(self) -> Explainer:
        """What explains the cycle on which this one looks back."""
        return Explainer(self.project, self._settings["look_back"]["cycle"])

    def _rows_with(self, table: str, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """Return the rows of a table that have these values; found by an index that is made once."""
        names = tuple(wanted)
        if (table, names) not in self._rows:
            index: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for row in self.project.read_table(self.cycle, table).to_dict("records"):
                named = {str(name): value for name, value in row.items()}
                index.setdefault(tuple(str(named[name]) for name in names), []).append(named)
            self._rows[table, names] = index
        return self._rows[table, names].get(tuple(wanted.values()), [])

    def _raw(self, table: str, row: dict[str, Any], column: str) -> Raw:
        """Return the cell in the raw file itself, read again, not what a stage made of it."""
        file, sheet, number = str(row["file"]), str(row["sheet"]), int(row["row"])
        if file not in self._delivered:
            self._delivered[file] = intake.take_in_sheets(self.project.root / file, file)
        delivered = self._delivered[file].get(sheet)
        if delivered is None:
            raise Problem(f"{file}: changed since the results were made. Run `nvs repro {self.cycle}`")
        found = {name: as_text(cell) for name, cell in delivered.found.loc[number].items()}
        definition = load_table(table)
        said: dict[str, str] = {
            name: str(row[name]) for name in ("assessor", "reason", "source", "basis") if name in row
        }
        key = {name: str(row[name]) for name in definition.key}
        return Raw(
            table, key, file, sheet, number, column, delivered.parts[0].headings.get(column, ""),
            found.get(column, "") if column else ", ".join(key.values()),
            self.as_checked[file], said, self._corrected(file, sheet, number, column),
        )  # fmt: skip

    def _corrected(self, file: str, sheet: str, row: int, column: str) -> tuple[dict[str, str], ...]:
        """Return how a cell, or without a column every cell of its row, was corrected."""
        told = self._corrections.get((file, sheet, row), [])
        return tuple(one for one in told if column in ("", one["column"]))

    @cached_property
    def _corrections(self) -> dict[tuple[str, str, int], list[dict[str, str]]]:
        """How cells were corrected, by where their row stands."""
        places: dict[tuple[str, str, int], list[dict[str, str]]] = {}
        for row in self.project.read_table(self.cycle, "corrected").to_dict("records"):
            told = {str(name): str(value) for name, value in row.items() if name not in ("file", "sheet", "row")}
            places.setdefault((row["file"], row["sheet"], row["row"]), []).append(told)
        return places

    def _setting(self, origin: Origin, row: dict[str, Any]) -> Setting:
        """Return the setting that a value was made from; of a setting per row, the row's own."""
        value: Any = self._settings
        for part in origin.setting.split("."):
            value = value[part]
        own = isinstance(value, dict) and bool(origin.by)
        name = f"{origin.setting}.{row[origin.by[0]]}" if own else origin.setting
        return Setting(
            self.project.shown(self.project.cycle_file(self.cycle)), name, value[row[origin.by[0]]] if own else value
        )


def facts_of(project: Project, cycle: str, stage: str) -> dict[str, Fact]:
    """Return the facts that one stage wrote, by name; none where it has none, a `Problem` where they were spoilt."""
    path = project.results(cycle, stage) / FACTS
    if not path.is_file():
        return {}
    try:
        return {entry["name"]: Fact(**entry) for entry in json.loads(path.read_text("utf-8"))}
    except (ValueError, TypeError, KeyError):
        raise Problem(f"{project.shown(path)}: altered; it cannot be read. Run `nvs repro {cycle}`") from None


def read_facts(project: Project, cycle: str) -> dict[str, Fact]:
    """Return all facts that the stages of a cycle wrote, by name."""
    facts: dict[str, Fact] = {}
    for stage in STAGES:
        facts |= facts_of(project, cycle, stage)
    if not facts:
        raise Problem(f"{cycle}: no facts yet. Run `nvs repro {cycle}` first")
    return facts
