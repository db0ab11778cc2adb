"""A page for each department: how its measures stand, what it owes, and what is asked of it; to be sent as it is."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd

from nvslib import midterm, scales, words
from nvslib.cycle import Cycle
from nvslib.pages import typeset

NAME = "department"
TOLD = ("done", "stopped", "not-reported", "delayed")


def write_pages(
    cycle: Cycle, now: pd.DataFrame, measures: pd.DataFrame, promises: pd.DataFrame, advice: pd.DataFrame
) -> list[str]:
    """Write the page of every department in both languages, and return where they stand.

    Parameters
    ----------
    now
        One reporting date of `follow_up.statuses`.
    measures
        Columns measure, title_nl, title_en, due, basis.
    promises
        As `follow_up.promises` returns.
    advice
        As `midterm.decisions` returns.
    """
    tables = {"now": now, "measures": measures, "promises": promises, "advice": advice}
    return [
        cycle.write_page(
            f"{NAME}-{department}.{language}.html",
            build(cycle, department, tables, language),
        )
        for department in sorted(set(now["department"]))
        for language in scales.LANGUAGES
    ]


def build(cycle: Cycle, department: str, tables: dict[str, pd.DataFrame], language: str) -> bytes:
    """Return the page of a department in one language as self-contained HTML."""
    return typeset(cycle, NAME, page_data(cycle, department, tables, language))["html"]


def page_data(cycle: Cycle, department: str, tables: dict[str, pd.DataFrame], language: str) -> dict[str, Any]:
    """Return everything that the page prints, in one language."""
    origin = cycle.origin(language)
    now, measures = tables["now"], tables["measures"]
    own = now[now["department"] == department].merge(measures[["measure", f"title_{language}", "due"]], on="measure")
    own = own.merge(tables["advice"][["measure", "advice", "reason"]], on="measure")
    counts = own["status"].value_counts()
    told = [
        words.counted(int(counts[status]), language, f"department.counts.{status}")
        for status in TOLD
        if counts.get(status)
    ]
    rules = midterm.table()["rules"]
    ask = own.loc[own["status"] == "not-reported", "measure"].tolist()
    promised = tables["promises"]
    promised = promised[promised["department"] == department].merge(
        measures[["measure", f"title_{language}"]], on="measure"
    )
    rows = own.to_dict("records")
    return {
        "language": language,
        "cycle": cycle.name,
        "title": f"{department}, {origin['title']}",
        "department": department,
        "origin": {"producer": origin["producer"]},
        "made": "reviewed",
        "illustrative": bool((measures["basis"] == "illustrative").any()),
        "facts": {},
        "on": _day(str(now["date"].iloc[0]), language),
        "summary": words.counted(len(own), language, "department.measures")
        + (" " + words.say(language, "department.among", counts=words.listing(told, language)) if told else ""),
        "ask": words.say(language, "department.ask", measures=words.listing(ask, language)) if ask else "",
        "measures": [
            {
                "measure": row["measure"],
                "title": words.printable(row[f"title_{language}"]),
                "status": words.say(language, f"statuses.{row['status']}"),
                "before": words.say(language, f"statuses.{row['previous']}") if row["previous"] else "–",
                "due": _day(row["due"], language),
                "expected": _day(row["expected"], language),
                "delay": "–" if math.isnan(row["delay"]) else words.number(int(row["delay"]), language),
                "remark": words.listing(
                    [words.say(language, f"remarks.{code}") for code in row["remark"].split(";") if code], language
                ),
            }
            for row in rows
        ],
        "promises": [
            {
                "measure": row["measure"],
                "title": words.printable(row[f"title_{language}"]),
                "promise": words.say(language, "department.whole")
                if row["promise"] == "measure"
                else words.printable(row["promise"]),
                "due": _day(row["due"], language),
                "days": words.number(int(row["days"]), language),
            }
            for row in promised.to_dict("records")
        ],
        "advice": [
            {
                "measure": row["measure"],
                "title": words.printable(row[f"title_{language}"]),
                "advice": words.say(language, f"advice.{row['advice']}"),
                "why": rules[row["reason"]]["why"][language],
            }
            for row in rows
            if row["advice"] != "keep"
        ],
    }


def _day(text: str, language: str) -> str:
    return words.day(dt.date.fromisoformat(text), language) if text else "–"
