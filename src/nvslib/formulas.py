"""The formulas of the method in words, each with its basis; the list stands in ``formulas.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Formula:
    """How a figure is computed: as written, in words per language, what it rests on and where that can be read."""

    id: str
    expression: str
    nl: str
    en: str
    basis: str
    source: str = ""

    def words(self, language: str) -> str:
        """Return the formula in words."""
        return {"nl": self.nl, "en": self.en}[language]


@cache
def formulas() -> dict[str, Formula]:
    """Return every formula by its name."""
    loaded = yaml.safe_load(files("nvslib").joinpath("formulas.yaml").read_text("utf-8"))
    return {name: Formula(id=name, **entry) for name, entry in loaded.items()}
