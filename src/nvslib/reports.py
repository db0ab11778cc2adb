"""What a report prints: facts by name with their explanations, rows by their words, figures; no number of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

from nvslib import marking, scales, words
from nvslib.cycle import Cycle
from nvslib.formulas import formulas
from nvslib.pages import facts_on, typeset
from nvslib.problems import Problem
from nvslib.provenance import Ways
from nvslib.tables import load_table

FORMS = ("html", "pdf")
NAMED = ("scenarios", "measures", "capabilities", "departments", "indicators")  # tables whose rows have a name in words
REASONS = 3  # told of each scenario


@dataclass(frozen=True)
class Report:
    """A report: the stages and the table that it needs, its highest level, and what its template prints.

    Attributes
    ----------
    needs
        Stages without which there is no such report.
    wanted
        A delivered table without which there is none.
    level
        The only level at which it is made, where that is laid down.
    tables, figures
        What its template gets. A figure may name a column of a table in braces: one for each of its values.
    """

    name: str
    needs: tuple[str, ...]
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    wanted: str = ""
    level: str = ""


@cache
def reports() -> dict[str, Report]:
    """Return every report by its name."""
    loaded = yaml.safe_load(files("nvslib").joinpath("reports.yaml").read_text("utf-8"))
    return {
        name: Report(name, **(entry | {key: tuple(entry[key]) for key in ("needs", "tables", "figures")}))
        for name, entry in loaded.items()
    }


def lacking(cycle: Cycle, report: Report) -> tuple[str, str]:
    """Return why a cycle cannot make a report: stage, table, level or letter, and which; empty where it can."""
    for stage in report.needs:
        if stage not in cycle.stages:
            return "stage", stage
    if report.wanted and not cycle.has(report.wanted):
        return "table", report.wanted
    if report.level and marking.levels().index(cycle.level) > marking.levels().index(report.level):
        return "level", report.level
    if report.name == "progress-letter" and cycle.letter is None:
        return "letter", ""
    return "", ""


def require_answers(cycle: Cycle) -> None:
    """Raise a `Problem` for each response without an answer to a report that is to be final."""
    if not cycle.has("responses"):
        return
    responses = cycle.table("responses")
    open_ones = responses[(responses["answer"] == "") & responses["report"].isin(cycle.final)]
    if len(open_ones):
        raise Problem(
            f"{row['file']}, row {row['row']}: response {row['response']} has no answer yet, and {row['report']} "
            f"cannot be final before. Answer it, or take it out of reports.final in the file of {cycle.name}"
            for row in open_ones.to_dict("records")
        )


def write_report(cycle: Cycle, name: str) -> list[str]:
    """Write a report of a cycle in every language, as HTML and PDF, and return where the files stand."""
    return [
        cycle.write_document(f"{name}.{language}.{suffix}", content)
        for language in scales.LANGUAGES
        for suffix, content in build(cycle, name, language).items()
    ]


def build(cycle: Cycle, name: str, language: str, forms: tuple[str, ...] = FORMS) -> dict[str, bytes]:
    """Return a report in one language as ``{"html": ..., "pdf": ...}``."""
    data = report_data(cycle, reports()[name], language)
    explanations = ways(cycle).explained(name, language)
    used = {explanation["formula"] for explanation in explanations.values()}
    data |= {"explanations": explanations, "formulas": [entry for entry in _formulas(language) if entry["id"] in used]}
    return typeset(cycle, name, data, cycle.dated(name), forms)


@cache
def ways(cycle: Cycle) -> Ways:
    """Return the ways back from what the reports of a cycle print, which is the same in every language."""
    made = {name: report for name, report in reports().items() if not lacking(cycle, report)[0]}
    language = scales.LANGUAGES[0]
    printed = {name: facts_on(cycle, name, report_data(cycle, report, language)) for name, report in made.items()}
    return Ways(cycle.explainer, printed)


def report_data(cycle: Cycle, report: Report, language: str) -> dict[str, Any]:
    """Return everything that the template of a report may print, in one language; explanations come after."""
    explainer, edition, date = cycle.explainer, cycle.edition, cycle.dated(report.name)
    tables = [*dict.fromkeys([*NAMED, *report.tables])]
    rows = {name: _rows(cycle, name, language) for name in tables if cycle.has(name)}
    bases = {str(row["basis"]) for name in ("scenarios", "assessments") for row in cycle.table(name).to_dict("records")}
    facts = explainer.facts.values()
    return {
        "language": language,
        "report": report.name,
        "cycle": cycle.name,
        "title": cycle.title[language],
        "date": {"iso": date.isoformat(), "words": words.date(date, language)},
        "level": words.say(language, f"levels.{cycle.level}"),
        "draft": report.name not in cycle.final,
        "letter": cycle.letter and cycle.letter[language],
        "evaluated-on": _evaluated_on(cycle),
        "origin": cycle.origin(language),
        "raw-files": {path: digest for path, digest in explainer.as_checked.items() if path.startswith("data/raw/")},
        "edition": {"id": edition.id, "source": edition.source},
        "illustrative": "illustrative" in bases,
        "made": "reproduced" if bases == {"published"} else "made",
        "weights": "equal" if cycle.table("weights")["weight"].nunique() == 1 else "given",
        "interests": _interests(cycle, language),
        "classes": _classes(language),
        "names": {name: _names(rows[name], name) for name in NAMED if name in rows},
        "tables": {name: found for name, found in rows.items() if name in report.tables},
        "reasons": _reasons(cycle),
        "stages": _stages(cycle),
        "all-formulas": _formulas(language),
        "responses": _responses(cycle, report.name, language),
        "figures": _figures(cycle, report, rows, language),
        "facts": {fact.name: fact.display[language] for fact in facts},
        "counts": {fact.name: fact.value for fact in facts if isinstance(fact.value, int)},
    }


def _rows(cycle: Cycle, name: str, language: str) -> list[dict[str, Any]]:
    """Return the rows of a table: what is told in two languages in one, and what a code means under ``column.told``.

    Numbers are there to choose and to sort by; what is printed of them are facts.
    """
    columns, key = load_table(name).columns, load_table(name).key
    told = []
    for row in cycle.table(name).to_dict("records"):
        entry: dict[str, Any] = {}
        for column, defined in columns.items():
            value = row[column]
            if column.endswith(("_nl", "_en")):
                if column.endswith(f"_{language}"):
                    entry[column[:-3]] = words.printable(str(value))
                if column in key:
                    entry[column] = value
                continue
            missing = not isinstance(value, str) and value != value  # noqa: PLR0124 - true of what is not a number
            entry[column] = None if missing else words.printable(value) if isinstance(value, str) else value
            if isinstance(value, str) and (
                defined.words or defined.dutch_choices or defined.type in ("date", "period")
            ):
                entry[f"{column}.told"] = words.shown(value, defined, language)
        told.append(entry)
    return told


def _names(rows: list[dict[str, Any]], table: str) -> dict[str, str]:
    key = load_table(table).key[0]
    return {row[key]: row["name" if table == "departments" else "title"] for row in rows}


def _interests(cycle: Cycle, language: str) -> list[dict[str, Any]]:
    edition = cycle.edition
    return [
        {
            "id": interest,
            "name": names[language],
            "criteria": [
                {"id": criterion.id, "name": criterion.name[language]}
                for criterion in edition.criteria.values()
                if criterion.interest == interest
            ],
        }
        for interest, names in edition.interests.items()
    ]


def _classes(language: str) -> dict[str, list[dict[str, str]]]:
    """Return the classes of both scales with their names, from low to high."""
    constants = scales.constants()
    return {
        scale: [{"id": name, "name": entry[language]} for name, entry in constants[scale]["classes"]["names"].items()]
        for scale in ("impact", "likelihood")
    }


def _reasons(cycle: Cycle) -> dict[str, list[dict[str, str]]]:
    """Return per scenario what assessors gave as reason on the criterion, among those with reasons, that adds most."""
    added = cycle.table("contributions")
    added = added[added["bound"] == "best"][["scenario", "criterion", "contribution"]]
    given = cycle.table("assessments").merge(added, on=["scenario", "criterion"])
    given = given[given["reason"] != ""].sort_values(
        ["scenario", "contribution", "criterion", "assessor"], ascending=[True, False, True, True]
    )
    most = given.groupby("scenario")["criterion"].transform("first")
    few = given[given["criterion"] == most].groupby("scenario").head(REASONS)
    told: dict[str, list[dict[str, str]]] = {}
    for row in few.to_dict("records"):
        entry = {name: words.printable(str(row[name])) for name in ("criterion", "assessor", "reason")}
        told.setdefault(str(row["scenario"]), []).append(entry)
    return told


def _responses(cycle: Cycle, report: str, language: str) -> list[dict[str, Any]]:
    """Return the responses to a report with their answers, the earliest first."""
    rows = _rows(cycle, "responses", language) if cycle.has("responses") else []
    rows = [row for row in rows if row["report"] == report]
    return sorted(rows, key=lambda row: (row["date"], row["response"]))


def _figures(cycle: Cycle, report: Report, rows: dict[str, Any], language: str) -> dict[str, dict[str, str]]:
    """Return the figures of a report that the cycle has: their path from the project's root, caption and alt text."""
    found = {}
    for pattern in report.figures:
        field = next((name for _, name, _, _ in Formatter().parse(pattern) if name), "")
        names = [pattern.format(**row) for row in rows.get(f"{field}s", [])] if field else [pattern]
        for name in names:
            path = cycle.figure(name, language)
            if path:
                told = json.loads(cycle.read_file(path.with_name(f"{name}.json")).read_text("utf-8"))[language]
                found[name] = {"path": f"/{cycle.project.shown(path)}", **told}
    return found


def _evaluated_on(cycle: Cycle) -> str:
    """Return up to which day effects were evaluated; nothing where they were not."""
    run = cycle.runs().get("effectiveness")
    return str(run.parameters["effectiveness"]["as_of"]) if run else ""


def _stages(cycle: Cycle) -> list[dict[str, Any]]:
    """Return how each stage before the reports was run: notebook, library, settings, and what did the work."""
    return [
        {
            "stage": stage,
            "notebook": run.notebook,
            "library": run.library,
            "sources": run.sources,
            "parameters": {
                name: json.dumps(value, ensure_ascii=False) for name, value in sorted(run.parameters.items())
            },
        }
        for stage, run in cycle.runs().items()
    ]


def _formulas(language: str) -> list[dict[str, str]]:
    """Return all formulas in the order of their definition."""
    return [
        {
            "id": formula.id,
            "words": formula.words(language),
            "expression": formula.expression,
            "basis": words.say(language, f"bases.{formula.basis}"),
            "source": formula.source,
        }
        for formula in formulas().values()
    ]
