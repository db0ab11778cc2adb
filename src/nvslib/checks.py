"""Checking the tables as delivered, with Great Expectations; findings in the user's words.

The suite of a table is built from its definition in ``tables/``: nothing about a table is said here a second time.
Great Expectations takes seconds to import, so only this module does so, and only when it checks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from nvslib import scales, words
from nvslib.editions import Edition
from nvslib.problems import Problem
from nvslib.tables import Column, Table, load_table
from nvslib.workbooks import Delivered

NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z"
# Text that a spreadsheet would not run as a formula, and that no control or bidi character hides or turns round.
TEXT = r"^(?![=+\-@])[^\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]*\Z"
POSITION = " position"  # behind the name of a class column: its place on the scale, to compare classes by


@dataclass(frozen=True)
class Finding:
    """Something wrong at one place in what was delivered; row 0 is the file as a whole."""

    file: str
    sheet: str
    row: int
    column: str
    rule: str
    found: str
    allowed: str
    table: str
    severity: str = "blocking"

    def record(self) -> dict[str, Any]:
        """Return the finding as a row of the table ``findings``."""
        texts = {f"allowed_{language}": self._allowed(language) for language in scales.LANGUAGES}
        texts |= {f"action_{language}": self._action(language) for language in scales.LANGUAGES}
        place = {name: getattr(self, name) for name in ("file", "sheet", "row", "column", "rule", "severity", "found")}
        return place | texts

    def line(self, language: str) -> str:
        """Return the finding in one line: where, what was found, what is allowed, what to do."""
        place = [self.file]
        if self.sheet:
            place.append(words.say(language, "findings.sheet", sheet=self.sheet))
        if self.row:
            place.append(words.say(language, "findings.row", row=self.row))
        if self.column:
            place.append(words.say(language, "findings.column", column=words.printable(self.column)))
        found = words.quote(self.found) if self.found else words.say(language, "findings.nothing")
        return words.say(
            language,
            "findings.line",
            place=", ".join(place),
            found=found,
            allowed=self._allowed(language),
            action=self._action(language),
        )

    def _allowed(self, language: str) -> str:
        allowed = self.allowed or words.say(language, "findings.any-value")
        return words.say(language, f"findings.{self.rule}.allowed", allowed=allowed, table=self.table)

    def _action(self, language: str) -> str:
        return words.say(language, f"findings.{self.rule}.action", table=self.table)


@dataclass(frozen=True)
class Outcome:
    """What checking gave: findings, the results of every expectation, and the tables where nothing blocks."""

    findings: list[Finding]
    expectations: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    @property
    def blocking(self) -> list[Finding]:
        """The findings with which a cycle cannot go on."""
        return [finding for finding in self.findings if finding.severity == "blocking"]

    def require_clean(self, language: str) -> None:
        """Raise a `Problem` with a line for each finding when one of them blocks."""
        if self.blocking:
            raise Problem(finding.line(language) for finding in self.findings)


def check_tables(delivered: Mapping[str, Delivered], edition: Edition) -> Outcome:
    """Check every delivered table against its definition and against the others.

    Parameters
    ----------
    delivered
        Table name -> what was delivered for it, as `workbooks` reads it.
    edition
        The edition whose criteria may be judged, and must be.

    Returns
    -------
    Outcome
        All findings at once, in the order of file and row; the tables, typed and with the source of every row,
        only when no finding blocks.
    """
    findings: list[Finding] = []
    results: dict[str, Any] = {}
    for name in delivered:
        definition = load_table(name)
        misread = [
            Finding(
                delivered[name].file, delivered[name].sheet, wrong.row, "", wrong.rule, wrong.found, wrong.allowed, name
            )
            for wrong in delivered[name].misread
        ]
        findings += misread
        if not any(finding.rule in ("missing-file", "unreadable", "separator", "column-twice") for finding in misread):
            results[name], found = _check(definition, delivered, edition)
            findings += found
    # What a file as a whole lacks comes last: it often follows from a wrong cell told before.
    findings.sort(key=lambda finding: (finding.file, finding.row == 0, finding.row, finding.column, finding.rule))
    blocked = any(finding.severity == "blocking" for finding in findings)
    tables = {} if blocked else {name: _typed(load_table(name), table) for name, table in delivered.items()}
    return Outcome(findings, results, tables)


def _check(
    definition: Table, delivered: Mapping[str, Delivered], edition: Edition
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the expectation results and the findings of one table."""
    table = delivered[definition.name]
    cells = _with_positions(definition, table.cells)
    results = _validate(definition.name, _expectations(definition, cells, delivered, edition), cells)
    if definition.complete and set(definition.complete) <= set(cells.columns):
        meta = {"rule": "incomplete", "column": definition.complete[-1]}
        there = _great_expectations().expectations.ExpectColumnValuesToNotBeNull(column="delivered", meta=meta)
        results += _validate(definition.name, [there], _expected_cells(definition, cells, delivered, edition))
    findings = [finding for result in results for finding in _findings(result, definition, table)]
    return {"file": table.file, "results": [_kept(result) for result in results]}, findings


def _with_positions(definition: Table, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with, for every class column, its position on the scale of its row's criterion."""
    cells = cells.copy()
    cells.insert(0, "row", cells.index)
    if "criterion" not in cells:
        return cells
    is_likelihood = cells["criterion"] == scales.LIKELIHOOD
    for name, column in definition.columns.items():
        if column.type == "class" and name in cells:
            of_likelihood = cells[name].map(scales.class_positions(criterion_is_likelihood=True))
            of_impact = cells[name].map(scales.class_positions(criterion_is_likelihood=False))
            cells[name + POSITION] = of_impact.where(~is_likelihood, of_likelihood).astype(float)
    return cells


def _expectations(
    definition: Table, cells: pd.DataFrame, delivered: Mapping[str, Delivered], edition: Edition
) -> Iterator[Any]:
    """Yield what is expected of a table, from its definition; columns that were not delivered are not looked into."""
    expect = _great_expectations().expectations
    derived = {"row", *(str(name) for name in cells if str(name).endswith(POSITION))}
    yield expect.ExpectTableColumnsToMatchSet(
        column_set=[*definition.columns, *sorted(derived)], exact_match=True, meta={"rule": "columns"}
    )
    yield expect.ExpectTableRowCountToBeBetween(min_value=1, meta={"rule": "no-rows"})
    for name, column in definition.columns.items():
        if name in cells:
            yield from _column_expectations(column, definition, delivered, edition)
    if set(definition.key) <= set(cells.columns):
        meta = {"rule": "duplicate", "column": definition.key[-1], "allowed": ", ".join(definition.key)}
        if len(definition.key) > 1:
            yield expect.ExpectCompoundColumnsToBeUnique(column_list=list(definition.key), meta=meta)
        else:
            yield expect.ExpectColumnValuesToBeUnique(column=definition.key[0], meta=meta)
    for lower, upper in pairwise(definition.ordered):
        if {lower + POSITION, upper + POSITION} <= derived:
            yield expect.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=upper + POSITION,
                column_B=lower + POSITION,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                meta={"rule": "order", "column": upper, "allowed": " <= ".join(definition.ordered)},
            )


def _column_expectations(
    column: Column, definition: Table, delivered: Mapping[str, Delivered], edition: Edition
) -> Iterator[Any]:
    """Yield what is expected of the cells of one column."""
    expect = _great_expectations().expectations

    def among(values: list[str], rule: str = "allowed", **more: Any) -> Any:
        meta = {"rule": rule, "column": column.name, "allowed": ", ".join(values), "table": column.refers_to}
        return expect.ExpectColumnValuesToBeInSet(column=column.name, value_set=values, meta=meta, **more)

    if column.required:
        meta = {"rule": "required", "column": column.name, "allowed": ", ".join(column.choices)}
        yield expect.ExpectColumnValuesToNotBeNull(column=column.name, meta=meta)
    if column.refers_to:
        known = _known(column, delivered)
        if known is not None:
            yield among(known, "reference")
    elif column.type in ("name", "text"):
        meta = {"rule": column.type, "column": column.name, "allowed": ""}
        pattern = NAME if column.type == "name" else TEXT
        yield expect.ExpectColumnValuesToMatchRegex(column=column.name, regex=pattern, meta=meta)
    elif column.type == "choice":
        yield among(list(column.choices))
    elif column.type == "criterion":
        yield among([*edition.criteria, scales.LIKELIHOOD])
    elif column.type == "class" and "criterion" in delivered[definition.name].cells:
        from great_expectations.expectations.row_conditions import Column as OfColumn

        criterion = OfColumn("criterion")
        yield among(list(scales.impact_classes()), row_condition=criterion != scales.LIKELIHOOD)
        yield among(list(scales.likelihood_classes()), row_condition=criterion == scales.LIKELIHOOD)


def _known(column: Column, delivered: Mapping[str, Delivered]) -> list[str] | None:
    """Return the names that a column may refer to, sorted; None where the other table could not be read."""
    other = delivered.get(column.refers_to)
    key = load_table(column.refers_to).key[0]
    return sorted(set(other.cells[key].dropna().astype(str))) if other is not None and key in other.cells else None


def _expected_cells(
    definition: Table, cells: pd.DataFrame, delivered: Mapping[str, Delivered], edition: Edition
) -> pd.DataFrame:
    """Return every combination that must be there, with the number of rows delivered for it (None for none)."""
    values = {}
    for name in definition.complete:
        column = definition.columns[name]
        is_criterion = column.type == "criterion"
        values[name] = [*edition.criteria, scales.LIKELIHOOD] if is_criterion else _known(column, delivered) or []
    expected = pd.MultiIndex.from_product(list(values.values()), names=list(values)).to_frame(index=False)
    counted = cells.groupby(list(definition.complete)).size().rename("delivered").reset_index()
    merged: pd.DataFrame = expected.merge(counted, how="left", on=list(definition.complete))
    merged.insert(0, "row", merged[list(definition.complete)].agg(" × ".join, axis=1) if len(merged) else "")
    return merged


def _validate(name: str, expectations: Iterable[Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the result of each expectation as plain data, in the order given."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("delivered").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row"]}
    return list(batch.validate(suite, result_format=wanted).to_json_dict()["results"])


def _findings(result: dict[str, Any], definition: Table, table: Delivered) -> Iterator[Finding]:
    """Yield the findings of one expectation's result."""
    if result["exception_info"].get("raised_exception"):
        raise RuntimeError(f"table {definition.name}: {result['exception_info']['exception_message']}")
    if result["success"]:
        return
    meta, told = result["expectation_config"]["meta"], result["result"]
    rule = meta["rule"]

    def finding(row: int, column: str, rule: str, found: object, allowed: str) -> Finding:
        text = "" if found is None else str(found)
        return Finding(table.file, table.sheet, row, column, rule, text, allowed, meta.get("table") or definition.name)

    if rule == "columns":
        wrong = told["details"]["mismatched"]
        yield from (finding(1, name, "missing-column", None, name) for name in wrong.get("missing", []))
        columns = ", ".join(definition.columns)
        yield from (finding(1, name, "unknown-column", name, columns) for name in wrong.get("unexpected", []))
    elif rule == "no-rows":
        yield finding(2, "", rule, None, "")
    elif rule == "incomplete":
        yield from (finding(0, "", rule, None, index["row"]) for index in told["unexpected_index_list"])
    else:
        for row in (int(index["row"]) for index in told["unexpected_index_list"]):
            found = _found(rule, table.cells.loc[[row]].iloc[0], meta["column"], definition)
            yield finding(row, meta["column"], rule, found, meta["allowed"])


def _found(rule: str, cells: pd.Series[Any], column: str, definition: Table) -> object:
    """Return what stands in a row that breaks a rule: the cell, or the cells that the rule compares."""
    if rule == "order":
        return ", ".join(f"{name} {cells[name]}" for name in definition.ordered)
    if rule == "duplicate":
        return ", ".join(str(cells[name]) for name in definition.key)
    return cells[column]


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an expectation's result: what was expected, of what, and how it came out."""
    config = result["expectation_config"]
    told = {key: value for key, value in result["result"].items() if key in ("element_count", "unexpected_count")}
    arguments = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    return {
        "expectation": config["type"],
        "arguments": arguments,
        "rule": config["meta"]["rule"],
        "success": result["success"],
        **told,
    }


def _typed(definition: Table, table: Delivered) -> pd.DataFrame:
    """Return a clean table with the source of every row."""
    cells = table.cells[list(definition.columns)].fillna("")
    frame = pd.DataFrame({name: cells[name].astype(str).str.strip() for name in cells})
    frame["file"], frame["sheet"], frame["row"] = table.file, table.sheet, frame.index
    return frame.reset_index(drop=True)


def _great_expectations() -> Any:
    """Import Great Expectations without its telemetry, and without a grammar of 1.3 s that it never needs here."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import great_expectations

    return great_expectations
