"""What a report prints: facts by name with their explanations, texts of its language, figures; no number of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import yaml

from nvslib import scales, words
from nvslib.cycle import Cycle
from nvslib.documents import render
from nvslib.explanation import Explainer, Raw, Setting, Step
from nvslib.formulas import formulas


def write_report(cycle: Cycle, name: str) -> list[str]:
    """Write a report of a cycle in every language, as HTML and PDF, and return where the files stand."""
    return [
        cycle.write_document(f"{name}.{language}.{suffix}", content)
        for language in scales.LANGUAGES
        for suffix, content in build(cycle, name, language).items()
    ]


def build(cycle: Cycle, name: str, language: str) -> dict[str, bytes]:
    """Return a report in one language as ``{"html": ..., "pdf": ...}``."""
    folder = cycle.project.root / "reports"
    texts = yaml.safe_load(cycle.read_file(folder / "texts" / f"{language}.yaml").read_text("utf-8"))
    template = cycle.read_file(folder / "templates" / f"{name}.typ")
    for part in ("house.typ", "house.css"):
        cycle.read_file(folder / "templates" / part)
    return render(template, cycle.project.root, report_data(cycle, texts, language), cycle.date)


def report_data(cycle: Cycle, texts: dict[str, Any], language: str) -> dict[str, Any]:
    """Return everything that a template may print, in one language."""
    scenarios: list[dict[str, Any]] = cycle.table("scenarios").to_dict("records")  # type: ignore[assignment]
    edition, explainer = cycle.edition, cycle.explainer
    used = {formula for name in explainer.facts for formula in _formulas_behind(explainer.explain(name))}
    bases = {str(row["basis"]) for row in scenarios} | set(cycle.table("assessments")["basis"])
    return {
        "language": language,
        "texts": texts,
        "cycle": cycle.name,
        "title": cycle.title[language],
        "date": {"iso": cycle.date.isoformat(), "words": words.date(cycle.date, language)},
        "origin": cycle.origin(language),
        "raw-files": explainer.as_checked,
        "edition": {"id": edition.id, "source": edition.source},
        "illustrative": "illustrative" in bases,
        "made": "reproduced" if bases == {"published"} else "made",
        "weights": "equal" if cycle.table("weights")["weight"].nunique() == 1 else "given",
        "scenarios": [_scenario(row, language) for row in _by_rank(scenarios, explainer)],
        "interests": [
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
        ],
        "classes": _classes(language),
        "figures": {"risk-diagram": _figure(cycle, "risk-diagram", language)},
        "facts": {fact.name: fact.display[language] for fact in explainer.facts.values()},
        "explanations": {name: _explanation(explainer, name, language) for name in explainer.facts},
        "formulas": [
            {
                "id": formula.id,
                "words": formula.words(language),
                "expression": formula.expression,
                "basis": words.say(language, f"bases.{formula.basis}"),
                "source": formula.source,
            }
            for formula in formulas().values()
            if formula.id in used
        ],
    }


def _by_rank(scenarios: list[dict[str, Any]], explainer: Explainer) -> list[dict[str, Any]]:
    """Return the scenarios with the highest impact first."""
    rank = {row["scenario"]: explainer.facts[f"rank.{row['scenario']}"].value for row in scenarios}
    return sorted(scenarios, key=lambda row: (rank[row["scenario"]], row["scenario"]))


def _scenario(row: dict[str, Any], language: str) -> dict[str, str]:
    told = {name: str(row[f"{name}_{language}"]) for name in ("title", "theme", "description")}
    return told | {"id": str(row["scenario"]), "kind": str(row["kind"]), "source": str(row["source"])}


def _classes(language: str) -> dict[str, list[dict[str, str]]]:
    """Return the classes of both scales with their names, from low to high."""
    constants = scales.constants()
    return {
        scale: [{"id": name, "name": entry[language]} for name, entry in constants[scale]["classes"]["names"].items()]
        for scale in ("impact", "likelihood")
    }


def _figure(cycle: Cycle, name: str, language: str) -> dict[str, str]:
    """Return a figure of an earlier stage: its path from the project's root, its caption and alternative text."""
    folder = cycle.project.results(cycle.name, "scoring")
    path = cycle.read_file(folder / f"{name}.{language}.svg")
    told = json.loads(cycle.read_file(folder / f"{name}.json").read_text("utf-8"))[language]
    return {"path": f"/{cycle.project.shown(path)}", **told}


def _explanation(explainer: Explainer, name: str, language: str) -> dict[str, Any]:
    """Return how a fact was made: its formula, and the facts, raw cells and settings that it rests on."""
    step = explainer.explain(name)
    facts = explainer.names
    made_from: list[dict[str, str]] = []
    for kind, group in groupby(_behind(step, facts), key=lambda origin: (type(origin), getattr(origin, "table", ""))):
        origins = list(group)
        if kind[0] is Step:
            made_from += [_of_step(origin, facts, step) for origin in origins if isinstance(origin, Step)]
        elif kind[0] is Raw:
            made_from += _of_raw([origin for origin in origins if isinstance(origin, Raw)], language)
        else:
            made_from += [
                {"fact": "", "text": f"{PurePosixPath(origin.file).name}: {origin.name} = {origin.value}"}
                for origin in origins
                if isinstance(origin, Setting)
            ]
    return {"formula": step.formula.id if step.formula else "", "made_from": made_from}


def _behind(step: Step, facts: dict[Any, str]) -> Iterator[Step | Raw | Setting]:
    """Yield what a step was made from; a cell that bears no fact is passed over for the cells behind it."""
    for origin in step.made_from:
        if isinstance(origin, Step) and _cell(origin) not in facts:
            yield from _behind(origin, facts)
        else:
            yield origin


def _formulas_behind(step: Step) -> set[str]:
    """Return the names of all formulas in an explanation, all the way down."""
    behind = [_formulas_behind(origin) for origin in step.made_from if isinstance(origin, Step)]
    return set().union(*behind) | ({step.formula.id} if step.formula else set())


def _cell(step: Step) -> tuple[Any, ...]:
    return step.file, tuple(step.key.items()), step.column


def _of_step(origin: Step, facts: dict[Any, str], explained: Step) -> dict[str, str]:
    """Return a fact behind a fact, named by what it does not share with it (a criterion, say)."""
    new = [value for name, value in origin.key.items() if explained.key.get(name) != value]
    return {"fact": facts[_cell(origin)], "text": " ".join(new) or origin.column}


def _of_raw(origins: list[Raw], language: str) -> list[dict[str, str]]:
    """Return raw cells one by one, or whole rows together as a range."""
    if origins[0].column:
        return [{"fact": "", "text": _cell_told(origin, language)} for origin in origins]
    told = []
    for (file, sheet), group in groupby(origins, key=lambda origin: (origin.file, origin.sheet)):
        rows = [origin.row for origin in group]
        place = [PurePosixPath(file).name, sheet and words.say(language, "findings.sheet", sheet=words.quote(sheet))]
        place.append(words.say(language, "explain.rows", first=min(rows), last=max(rows)))
        told.append({"fact": "", "text": ", ".join(filter(None, place))})
    return told


def _cell_told(origin: Raw, language: str) -> str:
    """Return a raw cell in words: where it stands, what it holds, why, and how it was corrected."""
    corrected = [
        words.say(
            language,
            "explain.corrected",
            **(told | {"found": words.quote(told["found"]), "corrected": words.quote(told["corrected"])}),
            place=PurePosixPath(told["corrections_file"]).name,
            row=told["corrections_row"],
        )
        for told in origin.corrected
    ]
    told = [
        PurePosixPath(origin.file).name,
        origin.sheet and words.say(language, "findings.sheet", sheet=words.quote(origin.sheet)),
        words.say(language, "explain.row", row=origin.row),
        words.say(language, "explain.column", column=origin.heading or origin.column) + f": {origin.found}",
        origin.said.get("reason", ""),
        *corrected,
    ]
    return ", ".join(filter(None, told))
