"""Editions of the method: which interests and criteria there are, with names and the basis of each.

An edition is data, one file in ``editions/``; criteria came and went between 2014, 2019 and 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nvslib.problems import Problem


@dataclass(frozen=True)
class Threshold:
    """From which quantity on a criterion falls in class B, C, D and E; the unit and the basis of the numbers."""

    unit: str
    begin: tuple[float, ...]
    basis: str


@dataclass(frozen=True)
class Criterion:
    """One impact criterion: its number, the interest that it belongs to, its name per language."""

    id: str
    interest: str
    name: dict[str, str]
    thresholds: Threshold | None


@dataclass(frozen=True)
class Edition:
    """The interests and criteria of one edition, in the order of their numbers."""

    id: str
    source: str
    basis: dict[str, str]
    interests: dict[str, dict[str, str]]
    criteria: dict[str, Criterion]
    weights_basis: str

    def weights(self) -> dict[str, float]:
        """Return the weight of each criterion; equal, together 1."""
        return dict.fromkeys(self.criteria, 1 / len(self.criteria))


@cache
def edition_names() -> tuple[str, ...]:
    """Return the names of the editions that the library holds, oldest first."""
    folder = files("nvslib").joinpath("editions")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@cache
def load_edition(name: str) -> Edition:
    """Return an edition by its name, for instance "2014"; a `Problem` where there is none."""
    if name not in edition_names():
        raise Problem(f"edition: found {name!r}, allowed {', '.join(edition_names())}")
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("editions", f"{name}.yaml").read_text("utf-8"))
    return Edition(
        id=loaded["edition"],
        source=loaded["source"],
        basis=loaded["basis"],
        interests=loaded["interests"],
        criteria={number: _criterion(number, entry) for number, entry in loaded["criteria"].items()},
        weights_basis=loaded["weights"]["basis"],
    )


def _criterion(number: str, entry: dict[str, Any]) -> Criterion:
    found = entry.get("thresholds")
    thresholds = found and Threshold(unit=found["unit"], begin=tuple(found["begin"]), basis=found["basis"])
    name = {language: entry[language] for language in ("nl", "en")}
    return Criterion(id=number, interest=entry["interest"], name=name, thresholds=thresholds)
