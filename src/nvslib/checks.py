"""Checking the tables as delivered, with Great Expectations; findings in the user's words.

The suite of a table is built from its definition in ``tables/``: nothing about a table is said here a second time.
Great Expectations takes seconds to import, so only this module does so, and only when it checks.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import pandas as pd

from nvslib import corrections, notations, scales, words
from nvslib.corrections import Corrected
from nvslib.editions import Edition
from nvslib.intake import Delivered, Intake, Normalised
from nvslib.problems import Problem
from nvslib.tables import MANY, Column, Complete, Table, load_table, table_names
from nvslib.workbooks import Misread, as_text

PATTERNS = {
    "name": r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z",
    "code": r"^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\Z",
    # Text that a spreadsheet would not run as a formula, and that no control or bidi character hides or turns round.
    "text": r"^(?![=+\-@])[^\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]*\Z",
    "number": notations.PLAIN_NUMBER,
    "integer": r"^-?\d+\Z",
}
LARGEST = 1e15  # beyond it a number as delivered has lost digits
POSITION = " position"  # behind the name of a column: its place on a scale, to compare its cells by
WARNINGS = ("formula",)  # rules of reading that do not block
NAMES_TOLD = 12  # names that a reference may have, when they are told one by one
TOLD = 100  # findings of one rule on one column that are told one by one
BLOCK = 50_000  # rows in which wrong cells are looked for at a time


@dataclass(frozen=True)
class Finding:
    """Something wrong at one place in what was delivered; row 0 is the file as a whole."""

    file: str
    sheet: str
    row: int
    column: str
    rule: str
    found: str
    allowed: dict[str, str]
    table: str
    heading: str = ""
    severity: str = "blocking"

    def record(self) -> dict[str, Any]:
        """Return the finding as a row of the table ``findings``."""
        texts = {f"allowed_{language}": self._allowed(language) for language in scales.LANGUAGES}
        texts |= {f"action_{language}": self._action(language) for language in scales.LANGUAGES}
        names = ("file", "sheet", "row", "column", "rule", "severity", "table", "found")
        return {name: getattr(self, name) for name in names} | texts

    def line(self, language: str) -> str:
        """Return the finding in one line: where, what was found, what is allowed, what to do."""
        place = [words.printable(self.file)]
        if self.sheet:
            place.append(words.say(language, "findings.sheet", sheet=words.quote(self.sheet)))
        if self.row:
            place.append(words.say(language, "findings.row", row=self.row))
        if self.column:
            place.append(words.say(language, "findings.column", column=words.printable(self.heading or self.column)))
        found = words.quote(self.found) if self.found else words.say(language, "findings.nothing")
        line = words.say(
            language,
            "findings.line",
            place=", ".join(place),
            found=found,
            allowed=self._allowed(language),
            action=self._action(language),
        )
        return line if self.severity == "blocking" else f"{words.say(language, 'findings.warning')}: {line}"

    def _allowed(self, language: str) -> str:
        allowed = words.printable(self.allowed[language]) or words.say(language, "findings.any-value")
        return words.say(language, f"findings.{self.rule}.allowed", allowed=allowed, table=self._title(language))

    def _action(self, language: str) -> str:
        return words.say(language, f"findings.{self.rule}.action", table=self._title(language))

    def _title(self, language: str) -> str:
        return load_table(self.table).title[language] if self.table else ""


@dataclass(frozen=True)
class Outcome:
    """What checking gave.

    Attributes
    ----------
    findings
        Everything that is wrong, in the order of file and row.
    expectations
        Table name -> the result of every expectation.
    tables
        The tables, typed, with the source of every row; empty when a finding blocks.
    normalised, corrected
        How cells departed from the form that is kept, and which were corrected.
    complete
        Table name -> how many combinations must be there, and how many are.
    rows
        Table name -> how many rows were delivered, and from which files.
    """

    findings: list[Finding]
    expectations: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    normalised: list[Normalised]
    corrected: list[Corrected]
    complete: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    @property
    def blocking(self) -> list[Finding]:
        """The findings with which a cycle cannot go on."""
        return [finding for finding in self.findings if finding.severity == "blocking"]

    def as_tables(self) -> dict[str, pd.DataFrame]:
        """Return what checking gave as the tables findings, normalisations, corrected and deliveries."""
        records = {
            "findings": [finding.record() for finding in self.findings],
            "normalisations": [asdict(one) for one in self.normalised],
            "corrected": [asdict(one) for one in self.corrected],
            "deliveries": [self._delivery(name) for name in self.rows],
        }
        return {name: pd.DataFrame(rows, columns=list(load_table(name).columns)) for name, rows in records.items()}

    def _delivery(self, name: str) -> dict[str, Any]:
        rows, files = self.rows[name]
        expected, there = self.complete.get(name, (0, 0))
        return {
            "table": name,
            "files": len(files),
            "rows": rows,
            "expected": expected,
            "there": there,
            "normalised": sum(one.cells for one in self.normalised if one.table == name),
            "corrected": sum(one.table == name for one in self.corrected),
            "warnings": sum(one.table == name and one.severity == "warning" for one in self.findings),
        }

    def corrections_of(self, name: str) -> list[str]:
        """Return the corrections in a table in words, for its lineage."""
        return [
            f"{one.key}, {one.column}: {one.found!r} to {one.corrected!r} by {one.who} on {one.when}: {one.why} "
            f"({' '.join(filter(None, (one.corrections_file, one.corrections_sheet)))}, row {one.corrections_row})"
            for one in self.corrected
            if one.table == name
        ]

    def told_with(self, whole: Outcome) -> Outcome:
        """Return the outcome of a part of a delivery without warnings of what is there in the whole delivery.

        What was left out of the part is not missing, and a warning that names it would tell what may not be known.
        """
        return replace(
            self, findings=[one for one in self.findings if one.severity == "blocking" or one in whole.findings]
        )

    def require_clean(self, language: str | None = None) -> None:
        """Raise a `Problem` with a line for each finding when one of them blocks, in the user's language."""
        language = language or words.spoken()
        if self.blocking:
            raise Problem(finding.line(language) for finding in self.findings)


def check(intake: Intake, edition: Edition, folder: str, origin_lacks: str = "") -> Outcome:
    """Correct every delivered table and check it against its definition and against the others.

    Parameters
    ----------
    intake
        What was delivered, as `intake.take_in` returns it; its cells are corrected in place.
    edition
        The edition whose criteria may be judged, and must be.
    folder
        How the folder of the delivery is named to the user.
    origin_lacks
        What the file that says where the tables come from should hold and does not.
    """
    corrected = corrections.apply(intake)
    checker = _Checker(intake.tables, edition)
    findings = [_of_misread(file, table, misread, intake) for file, table, misread in intake.misread]
    delivered = {table for _, table, misread in intake.misread} | set(intake.tables)
    findings += [
        Finding(folder, "", 0, "", "missing-table", "", _same(name), name)
        for name in table_names("input")
        if load_table(name).required and name not in delivered
    ]
    if origin_lacks:
        findings.append(Finding(f"{folder}/origin.yaml", "", 0, "", "missing-origin", "", _same(origin_lacks), ""))
    for name in intake.tables:
        findings += checker.check(name)
    findings = _one_for_each_cell([_at_correction(finding, corrected) for finding in findings])
    blocked = any(finding.severity == "blocking" for finding in findings)
    return Outcome(
        findings=findings,
        expectations=checker.results,
        tables={} if blocked else {name: _typed(table) for name, table in intake.tables.items()},
        normalised=sorted(intake.normalised, key=lambda one: (one.table, one.file, one.sheet, one.column, one.kind)),
        corrected=corrected,
        complete=checker.complete,
        rows={
            name: (len(table.cells), list(dict.fromkeys(part.file for part in table.parts)))
            for name, table in intake.tables.items()
        },
    )


def _same(allowed: str) -> dict[str, str]:
    return dict.fromkeys(scales.LANGUAGES, allowed)


def _of_misread(file: str, table: str, misread: Misread, intake: Intake) -> Finding:
    """Return why something could not be read as a finding."""
    heading = ""
    if table in intake.tables:
        parts = [part for part in intake.tables[table].parts if (part.file, part.sheet) == (file, misread.sheet)]
        heading = parts[0].headings.get(misread.column, "") if parts else ""
    severity = "warning" if misread.rule in WARNINGS else "blocking"
    return Finding(
        file, misread.sheet, misread.row, misread.column, misread.rule, misread.found, _same(misread.allowed), table,
        heading, severity,
    )  # fmt: skip


def _at_correction(finding: Finding, corrected: list[Corrected]) -> Finding:
    """Return a finding on a corrected cell at the correction: that has to be mended, not the cell as delivered."""
    for one in corrected:
        if (finding.file, finding.sheet, finding.row, finding.column) == (one.file, one.sheet, one.row, one.column):
            return replace(
                finding,
                file=one.corrections_file,
                sheet=one.corrections_sheet,
                row=one.corrections_row,
                column="to",
                heading="",
            )
    return finding


def _one_for_each_cell(findings: list[Finding]) -> list[Finding]:
    """Return the findings in the order of file and row; of a cell that could not be read that alone is told."""
    seen: set[tuple[str, str, int, str]] = set()
    kept = []
    for finding in findings:
        cell = finding.file, finding.sheet, finding.row, finding.column
        if not (finding.row and finding.column) or cell not in seen or finding.rule in ("duplicate", "order"):
            kept.append(finding)
            if finding.severity == "blocking":
                seen.add(cell)
    # What a file as a whole lacks comes last: it often follows from a wrong cell told before.
    kept.sort(key=lambda one: (one.file, one.sheet, one.row == 0, one.row, one.column, one.rule))
    return kept


def _typed(table: Delivered) -> pd.DataFrame:
    """Return a clean table with the source of every row; text cells without content are empty, numbers missing."""
    definition = load_table(table.table)
    frame = pd.DataFrame(index=table.cells.index)
    for name, column in definition.columns.items():
        cells = table.cells[name] if name in table.cells else pd.Series(None, index=frame.index, dtype=object)
        frame[name] = cells.astype(float) if column.type in ("number", "integer") else cells.fillna("").astype(str)
    return pd.concat([frame, table.places], axis=1)


class _Checker:
    """Checks tables one by one in one context of Great Expectations."""

    def __init__(self, delivered: Mapping[str, Delivered], edition: Edition) -> None:
        self.delivered = delivered
        self.edition = edition
        self.results: dict[str, Any] = {}
        self.complete: dict[str, tuple[int, int]] = {}
        self._expect = _great_expectations().expectations
        self._frames = _frames()

    def check(self, name: str) -> list[Finding]:
        """Return the findings of one table; the results of its expectations are kept."""
        definition, table = load_table(name), self.delivered[name]
        results: list[dict[str, Any]] = []
        findings: list[Finding] = []
        for part in table.parts:
            found = self._validate(name, [self._columns(definition)], pd.DataFrame(columns=list(part.headings)))
            results += found
            findings += [one for result in found for one in _of_columns(result, definition, part)]
        cells = _with_positions(definition, table.cells)
        if findings and not set(definition.key) <= set(cells):
            self.results[name] = [_kept(result) for result in results]
            return findings
        of_cells = self._validate(name, self._of_cells(definition, cells), cells)
        for column in definition.columns.values():
            if column.many and column.name in cells:
                one_by_one = cells[["place", column.name]].dropna()
                one_by_one[column.name] = one_by_one[column.name].str.split(f"{MANY} ")
                of_cells += self._validate(name, self._of_column(column, definition), one_by_one.explode(column.name))
        results += of_cells
        findings += [one for result in of_cells for one in self._findings(result, definition, table)]
        before = pd.DataFrame()
        for number, rule in enumerate(definition.complete):
            if {*rule.of, *rule.over} <= set(cells):
                expected = self._expected(rule, definition, cells)
                meta = {"rule": "incomplete", "severity": rule.severity}
                there = self._expect.ExpectColumnValuesToNotBeNull(column="delivered", meta=meta)
                if number:  # what nobody delivered was told by the rule before
                    columns = [column for column in before.columns if column in expected]
                    told = pd.MultiIndex.from_frame(before[columns])
                    expected = expected[~pd.MultiIndex.from_frame(expected[columns]).isin(told)]
                found = self._validate(name, [there], expected)
                results += found
                before = expected[expected["delivered"].isna()][[*rule.of, *rule.over]]
                findings += _of_missing(found[0], rule, definition, expected, table)
                if number == 0:
                    self.complete[name] = len(expected), int(expected["delivered"].notna().sum())
        self.results[name] = [_kept(result) for result in results]
        return findings

    # What is expected

    def _columns(self, definition: Table) -> Any:
        return self._expect.ExpectTableColumnsToMatchSet(
            column_set=list(definition.columns), exact_match=True, meta={"rule": "columns"}
        )

    def _of_cells(self, definition: Table, cells: pd.DataFrame) -> Iterator[Any]:
        """Yield what is expected of the cells of a table; columns that were not delivered are not looked into."""
        expect = self._expect
        yield expect.ExpectTableRowCountToBeBetween(min_value=1, meta={"rule": "no-rows"})
        for name, column in definition.columns.items():
            if name in cells:
                yield from self._of_filling(column, cells)
                if not column.many:
                    yield from self._of_column(column, definition)
        if set(definition.key) <= set(cells.columns):
            meta = {"rule": "duplicate", "column": definition.key[-1], "allowed": ", ".join(definition.key)}
            if len(definition.key) > 1:
                yield expect.ExpectCompoundColumnsToBeUnique(
                    column_list=list(definition.key), ignore_row_if="any_value_is_missing", meta=meta
                )
            else:
                yield expect.ExpectColumnValuesToBeUnique(column=definition.key[0], meta=meta)
        for columns in definition.ordered:
            for lower, upper in pairwise(columns):
                if {lower + POSITION, upper + POSITION} <= set(cells):
                    yield expect.ExpectColumnPairValuesAToBeGreaterThanB(
                        column_A=upper + POSITION,
                        column_B=lower + POSITION,
                        or_equal=True,
                        ignore_row_if="either_value_is_missing",
                        meta={"rule": "order", "column": upper, "columns": columns, "allowed": " <= ".join(columns)},
                    )

    def _of_filling(self, column: Column, cells: pd.DataFrame) -> Iterator[Any]:
        """Yield in which rows a cell must be filled."""
        from great_expectations.expectations.row_conditions import Column as OfColumn

        meta = {"rule": "required", "column": column.name, **_choices(column)}
        if column.required:
            yield self._expect.ExpectColumnValuesToNotBeNull(column=column.name, meta=meta)
        for other, value in column.required_when.items():
            if other in cells:
                condition = OfColumn(other) == value
                yield self._expect.ExpectColumnValuesToNotBeNull(column=column.name, row_condition=condition, meta=meta)

    def _of_column(self, column: Column, definition: Table) -> Iterator[Any]:
        """Yield what is expected of the filled cells of one column."""
        expect, name = self._expect, column.name

        def among(values: Iterable[str], rule: str = "allowed", **more: Any) -> Any:
            told = _choices(column) if column.choices else {"allowed": ", ".join(values)}
            meta = {"rule": rule, "column": name, "table": column.refers_to, **told}
            return expect.ExpectColumnValuesToBeInSet(column=name, value_set=list(values), meta=meta, **more)

        if column.type in PATTERNS:
            meta = {"rule": column.type, "column": name, "allowed": ""}
            yield expect.ExpectColumnValuesToMatchRegex(column=name, regex=PATTERNS[column.type], meta=meta)
        if column.refers_to and (known := self._known(column)) is not None:
            yield among(known, "reference")
        if column.type in ("number", "integer"):
            lowest = -LARGEST if column.minimum is None else column.minimum
            highest = LARGEST if column.maximum is None else column.maximum
            yield expect.ExpectColumnValuesToBeBetween(
                column=name + POSITION,
                min_value=lowest,
                max_value=highest,
                meta={"rule": "range", "column": name, "allowed": f"{lowest:g}", "up_to": f"{highest:g}"},
            )
        elif column.type in ("date", "period"):
            yield expect.ExpectColumnValuesToMatchStrftimeFormat(
                column=name, strftime_format="%Y-%m-%d", meta={"rule": column.type, "column": name, "allowed": ""}
            )
        elif column.type == "choice":
            yield among(column.choices)
        elif column.type == "criterion":
            yield among([*self.edition.criteria, scales.LIKELIHOOD])
        elif column.type == "class" and "criterion" in self.delivered[definition.name].cells:
            from great_expectations.expectations.row_conditions import Column as OfColumn

            criterion = OfColumn("criterion")
            yield among(scales.impact_classes(), row_condition=criterion != scales.LIKELIHOOD)
            yield among(scales.likelihood_classes(), row_condition=criterion == scales.LIKELIHOOD)

    def _known(self, column: Column, leave_out: Mapping[str, str] | None = None) -> list[str] | None:
        """Return the names that a column may refer to, sorted; None where the other table was not delivered."""
        other = self.delivered.get(column.refers_to)
        key = load_table(column.refers_to).key[0]
        if other is None or key not in other.cells:
            return None
        cells = other.cells
        for name, value in (leave_out or {}).items():
            if name in cells:
                cells = cells[cells[name] != value]
        return sorted({str(name) for name in cells[key].dropna()})

    def _expected(self, rule: Complete, definition: Table, cells: pd.DataFrame) -> pd.DataFrame:
        """Return every combination that must be there, with the number of rows delivered for it (None for none)."""
        together = [*rule.of, *rule.over]
        expected = cells[list(rule.of)].dropna().drop_duplicates() if rule.of else pd.DataFrame(index=[0])
        for name in rule.of:
            known = self._known(definition.columns[name]) if definition.columns[name].refers_to else None
            expected = expected if known is None else expected[expected[name].isin(known)]
        for name in rule.over:
            column = definition.columns[name]
            values = (
                [*self.edition.criteria, scales.LIKELIHOOD]
                if column.type == "criterion"
                else list(column.choices) or self._known(column, rule.leave_out) or []
            )
            expected = expected.merge(pd.DataFrame({name: values}, dtype=object), how="cross")
        counted = cells.groupby(together).size().rename("delivered").reset_index()
        merged: pd.DataFrame = expected.merge(counted, how="left", on=together)
        merged.insert(0, "place", range(len(merged)))
        return merged

    # How it came out

    def _validate(self, name: str, expectations: Iterable[Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the result of each expectation as plain data, in the order given.

        Whether it is met is asked first; only where it is not, which rows do not meet it.
        """
        wanted = list(expectations)
        results = self._results(name, wanted, frame, "BOOLEAN_ONLY")
        for number, result in enumerate(results):
            meta = result["expectation_config"]["meta"]
            if not result["success"]:
                results[number] = self._which(name, wanted[number], frame, meta["rule"])
        return results

    def _which(self, name: str, expectation: Any, frame: pd.DataFrame, rule: str) -> dict[str, Any]:
        """Return the result of an expectation that is not met, with its rows; of a large table with the first ones."""
        if rule == "duplicate":
            keys = getattr(expectation, "column_list", None) or [expectation.column]
            frame = frame[frame.duplicated(keys, keep=False)].head(BLOCK)
        blocks = (frame.iloc[start : start + BLOCK] for start in range(0, max(len(frame), 1), BLOCK))
        result: dict[str, Any] = {}
        rows: list[dict[str, Any]] = []
        for block in blocks:
            result = self._results(name, [expectation], block, "COMPLETE")[0]
            rows += result["result"].get("unexpected_index_list") or []
            if len(rows) > TOLD:
                break
        result["success"] = False
        result["result"]["unexpected_index_list"] = rows
        return result

    def _results(self, name: str, expectations: list[Any], frame: pd.DataFrame, form: str) -> list[dict[str, Any]]:
        gx = _great_expectations()
        for number, expectation in enumerate(expectations):
            expectation.meta["number"] = number  # results come back in an order of their own
        batch = self._frames.get_batch({"dataframe": frame})
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        wanted: dict[str, Any] = {"result_format": form}
        if form == "COMPLETE" and "place" in frame:
            wanted["unexpected_index_column_names"] = ["place"]
        results: list[dict[str, Any]] = batch.validate(suite, result_format=wanted).to_json_dict()["results"]
        results.sort(key=lambda result: int(result["expectation_config"]["meta"]["number"]))
        for result in results:
            if result["exception_info"].get("raised_exception"):
                raise RuntimeError(f"table {name}: {result['exception_info']['exception_message']}")
        return results

    def _findings(self, result: dict[str, Any], definition: Table, table: Delivered) -> Iterator[Finding]:
        """Yield the findings of one expectation's result."""
        if result["success"]:
            return
        meta = result["expectation_config"]["meta"]
        if meta["rule"] == "no-rows":
            part = table.parts[0]
            yield Finding(part.file, part.sheet, part.header + 1, "", "no-rows", "", _same(""), definition.name)
            return
        headings = {(part.file, part.sheet): part.headings for part in table.parts}
        allowed = {"nl": meta.get("allowed_nl", meta["allowed"]), "en": meta["allowed"]}
        if meta["rule"] == "range":
            allowed = {language: words.say(language, "findings.between", low=meta["allowed"], high=meta["up_to"])
                       for language in scales.LANGUAGES}  # fmt: skip
        arguments = result["expectation_config"]["kwargs"]
        rows = [int(index["place"]) for index in result["result"]["unexpected_index_list"]]
        for at in rows[:TOLD]:
            place = table.places.iloc[at].to_dict()
            file, sheet, row = str(place["file"]), str(place["sheet"]), int(place["row"])
            found = _found(meta, table.found.iloc[at], definition)
            if meta["rule"] == "reference":
                allowed = _nearest(found, arguments["value_set"])
            yield Finding(
                file, sheet, row, meta["column"], meta["rule"], found, allowed,
                meta.get("table") or definition.name, headings[file, sheet].get(meta["column"], ""),
            )  # fmt: skip
        if len(rows) > TOLD:
            yield Finding(file, sheet, 0, meta["column"], "more", "", _same(str(TOLD)), definition.name)


def _choices(column: Column) -> dict[str, str]:
    """Return what a column allows, in both languages."""
    dutch = [column.dutch_choices.get(choice, choice) for choice in column.choices]
    return {"allowed": ", ".join(column.choices), "allowed_nl": ", ".join(dutch)}


def _nearest(found: str, known: list[str]) -> dict[str, str]:
    """Return which names are allowed, in both languages: all where they are few, else those nearest to this one."""
    if len(known) <= NAMES_TOLD:
        return _same(", ".join(known))
    near = get_close_matches(found, known, n=3, cutoff=0.3) or known[:3]
    return {
        language: words.say(
            language, "findings.near", count=words.number(len(known), language), near=words.listing(near, language)
        )
        for language in scales.LANGUAGES
    }


def _with_positions(definition: Table, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with their place, and the position on its scale of every class, number and date."""
    cells = cells.copy()
    cells.insert(0, "place", range(len(cells)))
    compared = {name for columns in definition.ordered for name in columns}
    for name, column in definition.columns.items():
        if name not in cells:
            continue
        if column.type == "class" and "criterion" in cells:
            cells[name + POSITION] = scales.positions(cells[name], cells["criterion"])
        elif column.type in ("number", "integer"):
            cells[name + POSITION] = pd.to_numeric(cells[name], errors="coerce").astype(float)
        elif column.type == "date" and name in compared:
            cells[name + POSITION] = cells[name].map(_ordinal).astype(float)
    return cells


def _ordinal(text: object) -> float | None:
    try:
        return float(dt.date.fromisoformat(str(text)).toordinal())
    except ValueError:
        return None


def _of_columns(result: dict[str, Any], definition: Table, part: Any) -> Iterator[Finding]:
    """Yield the columns that a sheet lacks, of those that must be there, and those that the table does not have."""
    wrong = result["result"].get("details", {}).get("mismatched", {})
    for name in wrong.get("missing", []):
        if definition.columns[name].required:
            allowed = {language: definition.columns[name].heading(language) for language in scales.LANGUAGES}
            yield Finding(part.file, part.sheet, part.header, name, "missing-column", "", allowed, definition.name, "")
    for name in wrong.get("unexpected", []):
        allowed = {
            language: ", ".join(column.heading(language) for column in definition.columns.values())
            for language in scales.LANGUAGES
        }
        yield Finding(part.file, part.sheet, part.header, name, "unknown-column", name, allowed, definition.name)


def _of_missing(
    result: dict[str, Any], rule: Complete, definition: Table, expected: pd.DataFrame, table: Delivered
) -> Iterator[Finding]:
    """Yield what is missing, one finding for each combination of all columns but the last."""
    if result["success"]:
        return
    *together, last = [*rule.of, *rule.over]
    places = [int(index["place"]) for index in result["result"]["unexpected_index_list"]]
    missing = expected[expected["place"].isin(places)]
    for combination, rows in missing.groupby(together, sort=True) if together else [((), missing)]:
        told = " × ".join([*map(str, combination), ", ".join(rows[last])])
        part = table.parts[0]
        yield Finding(
            part.file, part.sheet, 0, "", "incomplete", "", _same(told), definition.name, severity=rule.severity
        )


def _found(meta: dict[str, Any], cells: pd.Series[Any], definition: Table) -> str:
    """Return what stands in a row that breaks a rule: the cell, or the cells that the rule compares."""
    if meta["rule"] == "order":
        return ", ".join(f"{name} {as_text(cells[name])}" for name in meta["columns"])
    if meta["rule"] == "duplicate":
        return ", ".join(as_text(cells[name]) for name in definition.key)
    return as_text(cells[meta["column"]])


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an expectation's result: what was expected, of what, and how it came out."""
    config = result["expectation_config"]
    arguments = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    kept = {
        "expectation": config["type"],
        "arguments": arguments,
        "rule": config["meta"]["rule"],
        "success": result["success"],
    }
    rows = result["result"].get("unexpected_index_list")
    return kept | ({"unexpected": len(rows)} if rows else {})


def _great_expectations() -> Any:
    """Import Great Expectations without its telemetry, and without a grammar of 1.3 s that it never needs here."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import great_expectations

    return great_expectations


def _frames() -> Any:
    """Return what makes batches of data frames, in a context that lives in memory alone."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("delivered").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole")
