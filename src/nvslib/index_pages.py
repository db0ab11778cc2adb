"""What leads to the reports: their tables in open formats, an index of a cycle, and one over all cycles."""

from __future__ import annotations

from typing import Any

from nvslib import ods, scales, words
from nvslib.cycle import Cycle
from nvslib.pages import typeset, typeset_alone
from nvslib.project import Project
from nvslib.reports import lacking, reports
from nvslib.settings import read_settings
from nvslib.tables import load_table

NAME = "index"
OVERVIEW = "cycles"


def write_tables(cycle: Cycle) -> list[str]:
    """Write the tables behind the reports: each as CSV, and all as one ODS workbook; return where they stand."""
    frames = {name: cycle.table(name) for name in _tables(cycle)}
    written = [
        cycle.write_document(f"{name}.csv", frame.to_csv(index=False, lineterminator="\n").encode(), "data")
        for name, frame in frames.items()
    ]
    for language in scales.LANGUAGES:
        sheets = {load_table(name).title[language][:31]: frame for name, frame in frames.items()}
        written.append(
            cycle.write_document(
                f"tables.{language}.ods", ods.workbook(cycle.title[language], language, sheets), "data"
            )
        )
    return written


def write_index(cycle: Cycle) -> list[str]:
    """Write the index of a cycle's reports in both languages, and return where it stands."""
    return [
        cycle.write_page(f"{NAME}.{language}.html", typeset(cycle, NAME, index_data(cycle, language))["html"])
        for language in scales.LANGUAGES
    ]


def index_data(cycle: Cycle, language: str) -> dict[str, Any]:
    """Return what the index prints: every report, made or not and why not, and the tables."""
    origin = cycle.origin(language)
    return {
        "language": language,
        "cycle": cycle.name,
        "title": cycle.title[language],
        "origin": origin,
        "made": "made",
        "level": words.say(language, f"levels.{cycle.level}"),
        "illustrative": bool((cycle.table("scenarios")["basis"] == "illustrative").any()),
        "facts": {},
        "told-of": list(reports()),
        "reports": [_report(cycle, name, language) for name in reports()],
        "csv": [
            {
                "file": f"{name}.csv",
                "title": load_table(name).title[language],
                "about": load_table(name).about[language],
            }
            for name in _tables(cycle)
        ],
    }


def _tables(cycle: Cycle) -> list[str]:
    """Return the tables of the reports that the cycle makes."""
    made = [report for report in reports().values() if not lacking(cycle, report)[0]]
    return sorted({name for report in made for name in report.tables if cycle.has(name)})


def _report(cycle: Cycle, name: str, language: str) -> dict[str, str]:
    lack, which = lacking(cycle, reports()[name])
    told = {
        "stage": lambda: words.say(language, f"stages.{which}"),
        "table": lambda: load_table(which).title[language],
        "level": lambda: words.say(language, f"levels.{which}").lower(),
    }
    return {
        "name": name,
        "lack": lack,
        "which": told[lack]() if lack in told else "",
        "date": words.date(cycle.dated(name), language),
        "status": "final" if name in cycle.final else "draft",
    }


def write_overview(project: Project) -> list[str]:
    """Write the page over all cycles in both languages, and return where it stands."""
    written = []
    for language in scales.LANGUAGES:
        path = project.root / "reports" / f"{NAME}.{language}.html"
        path.write_bytes(typeset_alone(project, OVERVIEW, overview_data(project, language)))
        written.append(project.shown(path))
    return written


def overview_data(project: Project, language: str) -> dict[str, Any]:
    """Return what the page over all cycles prints, the latest cycle first."""
    settings = sorted(
        (read_settings(project, name) for name in project.cycles()), key=lambda one: one.date, reverse=True
    )
    return {
        "language": language,
        "title": "NVS Workbench",
        "origin": {"producer": "NVS Workbench"},
        "made": "made",
        "illustrative": False,
        "facts": {},
        "cycles": [
            {
                "cycle": one.cycle,
                "title": getattr(one.title, language),
                "date": words.date(one.date, language),
                "reports": one.reports is not None,
            }
            for one in settings
        ],
    }
