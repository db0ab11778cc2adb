"""The data-quality page: what was delivered, what is wrong with it, how it was read and corrected, who is silent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import yaml

from nvslib import judgement, review, scales, words
from nvslib.checks import Finding, Outcome
from nvslib.cycle import Cycle
from nvslib.pages import typeset
from nvslib.problems import Problem
from nvslib.tables import load_table

NAME = "data-quality"


def spread(outcome: Outcome) -> pd.DataFrame:
    """Return the table ``assessor_spread`` of what was delivered; empty where nothing was judged."""
    judged = outcome.tables.get("assessments")
    columns = list(load_table("assessor_spread").columns)
    return judgement.spread(judged) if judged is not None else pd.DataFrame(columns=columns)


def reporting(outcome: Outcome) -> pd.DataFrame:
    """Return the table ``reporting`` of what was delivered; empty where there are no measures or no progress."""
    if not {"measures", "progress"} <= set(outcome.tables):
        return pd.DataFrame(columns=list(load_table("reporting").columns))
    return review.reporting(outcome.tables["measures"], outcome.tables["progress"])


def write_pages(cycle: Cycle, outcome: Outcome) -> list[str]:
    """Write the data-quality page in both languages, and return where it stands; findings do not stop it."""
    return [
        cycle.write_page(f"{NAME}.{language}.html", build(cycle, outcome, language)) for language in scales.LANGUAGES
    ]


def build(cycle: Cycle, outcome: Outcome, language: str) -> bytes:
    """Return the data-quality page in one language as self-contained HTML."""
    return typeset(cycle, NAME, page_data(cycle, outcome, language))["html"]


def page_data(cycle: Cycle, outcome: Outcome, language: str) -> dict[str, Any]:
    """Return everything that the page prints, in one language; every number in the notation of the language."""
    tables = outcome.as_tables()
    origin, warnings = _origin(cycle, language), len(outcome.findings) - len(outcome.blocking)
    bases = {basis for table in outcome.tables.values() for basis in table["basis"]}
    return {
        "language": language,
        "cycle": cycle.name,
        "title": origin.get("title", cycle.name),
        "origin": {"producer": origin.get("producer", words.say(language, "findings.nothing"))},
        "made": "checked",
        "illustrative": "illustrative" in bases,
        "facts": {},
        "verdict": words.counted(len(outcome.blocking), language, "quality.blocking"),
        "warnings": words.counted(warnings, language, "quality.warnings"),
        "findings": [_finding(finding, language) for finding in outcome.findings],
        "deliveries": [_delivery(row, outcome, language) for row in tables["deliveries"].to_dict("records")],
        "normalised": [_normalised(row, language) for row in tables["normalisations"].to_dict("records")],
        "corrected": [_corrected(row, language) for row in tables["corrected"].to_dict("records")],
        "assessors": _assessors(outcome, language),
        "reporting": _reporting(outcome, language),
        "readable": not outcome.blocking,
    }


def _origin(cycle: Cycle, language: str) -> dict[str, str]:
    """Return what origin.yaml says of the delivery, as far as it can be read."""
    try:
        origin = cycle.origin(language)
    except (Problem, yaml.YAMLError, KeyError, AttributeError, UnicodeDecodeError):
        return {}
    return {name: str(origin[name]) for name in ("title", "producer") if origin.get(name)}


def _place(file: str, sheet: str, row: int, column: str, language: str) -> str:
    """Return where something stands, from the file to the column, as it is told in a finding."""
    parts = [words.printable(file.rpartition("/")[2])]
    if sheet:
        parts.append(words.say(language, "findings.sheet", sheet=words.quote(sheet)))
    if row:
        parts.append(words.say(language, "findings.row", row=row))
    if column:
        parts.append(words.say(language, "findings.column", column=words.printable(column)))
    return ", ".join(parts)


def _finding(finding: Finding, language: str) -> dict[str, str]:
    record = finding.record()
    return {
        "severity": words.say(language, f"severities.{finding.severity}"),
        "place": _place(finding.file, finding.sheet, finding.row, finding.heading or finding.column, language),
        "found": words.quote(finding.found) if finding.found else words.say(language, "findings.nothing"),
        "allowed": record[f"allowed_{language}"],
        "action": record[f"action_{language}"],
    }


def _delivery(row: dict[Any, Any], outcome: Outcome, language: str) -> dict[str, str]:
    counts = {"rows": "rows", "normalised": "normalised", "corrected-cells": "corrected", "warnings": "warnings"}
    numbers = {shown: words.number(row[name], language) for shown, name in counts.items()}
    complete = words.say(
        language,
        "quality.of",
        there=words.number(row["there"], language),
        expected=words.number(row["expected"], language),
    )
    return numbers | {
        "table": load_table(row["table"]).title[language],
        "files": words.listing([file.rpartition("/")[2] for file in outcome.rows[row["table"]][1]], language),
        "complete": complete if row["expected"] else "–",
    }


def _normalised(row: dict[Any, Any], language: str) -> dict[str, str]:
    return {
        "place": _place(row["file"], row["sheet"], row["row"], row["column"], language),
        "kind": words.say(language, f"normalised.{row['kind']}"),
        "cells": words.number(row["cells"], language),
        "found": words.printable(row["found"]),
        "read-as": words.printable(row["read_as"]),
    }


def _corrected(row: dict[Any, Any], language: str) -> dict[str, str]:
    told = {name: words.printable(str(row[name])) for name in ("key", "column", "found", "corrected", "who", "why")}
    when = _day(str(row["when"]), language)
    return told | {"table": load_table(row["table"]).title[language], "when": when}


def _day(text: str, language: str) -> str:
    """Return a date in short, or what stands in its place where that is no date."""
    try:
        return words.day(dt.date.fromisoformat(text), language)
    except ValueError:
        return words.printable(text)


def _assessors(outcome: Outcome, language: str) -> list[dict[str, str]]:
    """Return how much each assessor judged and how far from the others, those farthest off first."""
    table = spread(outcome)
    known = outcome.tables.get("assessors", pd.DataFrame(columns=["assessor", "organisation"]))
    organisations = dict(zip(known["assessor"], known["organisation"], strict=True))
    far_first = table.sort_values("shift", key=abs, ascending=False, kind="stable") if len(table) > 1 else table[:0]
    return [
        {
            "assessor": f"{row['assessor']} ({organisations[row['assessor']]})"
            if row["assessor"] in organisations
            else row["assessor"],
            "scenarios": words.number(row["scenarios"], language),
            "assessments": words.number(row["assessments"], language),
            "shift": words.number(row["shift"], language, 2),
            "width": words.number(row["width"], language, 2),
        }
        for row in far_first.to_dict("records")
    ]


def _reporting(outcome: Outcome, language: str) -> dict[str, Any]:
    """Return who reported on how many of its measures, a row for each department and a column for each date."""
    table = reporting(outcome)
    if table.empty:
        return {}
    dates = sorted(set(table["date"]))
    told = {(row["department"], row["date"]): row for row in table.to_dict("records")}

    def cell(department: str, date: str) -> str:
        row = told.get((department, date))
        if row is None:
            return "–"
        counts = {name: words.number(row[name], language) for name in ("reported", "measures")}
        return words.say(
            language,
            "quality.of" if row["reported"] else "quality.none-of",
            there=counts["reported"],
            expected=counts["measures"],
        )

    departments = sorted(set(table["department"]), key=str.lower)
    last = [name for name in departments if (name, dates[-1]) in told and not told[name, dates[-1]]["reported"]]
    silent = words.say(language, "quality.silent", departments=words.listing(last, language)) if last else ""
    return {
        "dates": [_day(date, language) for date in dates],
        "departments": [{"name": name, "cells": [cell(name, date) for date in dates]} for name in departments],
        "silent": silent,
    }
