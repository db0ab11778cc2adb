"""Typesetting a page of the house: a template, the texts of its language, and what it prints."""

from __future__ import annotations

import datetime as dt
from typing import Any

import yaml

from nvslib.cycle import Cycle
from nvslib.documents import printed, render
from nvslib.project import Project

HOUSE = ("house.typ", "house.css")


def typeset(
    cycle: Cycle, name: str, data: dict[str, Any], date: dt.date | None = None, forms: tuple[str, ...] = ("html",)
) -> dict[str, bytes]:
    """Return the page called ``name`` in the language of its data, as ``{"html": ..., "pdf": ...}``."""
    template = cycle.read_file(cycle.project.root / "reports" / "templates" / f"{name}.typ")
    return render(template, cycle.project.root, _with_texts(cycle, name, data), date, forms)


def facts_on(cycle: Cycle, name: str, data: dict[str, Any]) -> list[str]:
    """Return the names of the facts that a page prints, in their order."""
    template = cycle.read_file(cycle.project.root / "reports" / "templates" / f"{name}.typ")
    return printed(template, cycle.project.root, _with_texts(cycle, name, data))


def typeset_alone(project: Project, name: str, data: dict[str, Any]) -> bytes:
    """Return a page that belongs to no cycle as HTML."""
    template = project.root / "reports" / "templates" / f"{name}.typ"
    return render(template, project.root, data | {"texts": _texts(project, name, data)}, None, ("html",))["html"]


def _with_texts(cycle: Cycle, name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with the texts of the house and of the page, and record what of the house is read."""
    folder = cycle.project.root / "reports"
    for part in HOUSE:
        cycle.read_file(folder / "templates" / part)
    texts = _texts(cycle.project, name, data)
    for part in ("house", name, *data.get("told-of", [])):
        cycle.read_file(folder / "texts" / data["language"] / f"{part}.yaml")
    return data | {"texts": texts}


def _texts(project: Project, name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of the house, and those of a page under its name; of an index, those of what it tells of too."""
    folder = project.root / "reports" / "texts" / data["language"]
    loaded = {
        part: yaml.safe_load((folder / f"{part}.yaml").read_text("utf-8"))
        for part in ("house", name, *data.get("told-of", []))
    }
    texts: dict[str, Any] = loaded.pop("house") | loaded
    return texts
