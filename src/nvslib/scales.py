"""The two scales: impact classes (each three times the one below) and likelihood classes (each ten times).

The constants, with their basis and source, stand in ``scales.yaml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import ArrayLike, NDArray

LANGUAGES = ("nl", "en")
BOUNDS = ("low", "best", "high")  # LL, EV and UL in the ANV's own tables
LIKELIHOOD = "likelihood"  # the name under which a likelihood stands in a column of criteria


@cache
def constants() -> dict[str, Any]:
    """Return the content of ``scales.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("scales.yaml").read_text("utf-8"))
    return loaded


@cache
def impact_classes() -> tuple[str, ...]:
    """Return the impact classes from low to high, "not applicable" first."""
    impact = constants()["impact"]
    return (impact["not_applicable"], *impact["classes"]["names"])


@cache
def likelihood_classes() -> dict[str, float]:
    """Return the position on the axis of every likelihood class and subclass, from low to high.

    A plain class and its ``-mid`` subclass share a position.
    """
    scale = constants()["likelihood"]
    step = scale["subclass_step"]["value"]
    positions: dict[str, float] = {}
    for position, name in enumerate(scale["classes"]["names"], start=1):
        if name in scale["subclasses"]["bounds"]:
            positions |= {f"{name}-low": position - step, name: position, f"{name}-mid": position}
            positions[f"{name}-high"] = position + step
        else:
            positions[name] = position
    return positions


@cache
def class_positions(*, criterion_is_likelihood: bool) -> dict[str, float]:
    """Return class -> position for the likelihood scale or for the impact scale."""
    if criterion_is_likelihood:
        return likelihood_classes()
    return {name: float(position) for position, name in enumerate(impact_classes())}


def positions(classes: pd.Series[Any], criteria: pd.Series[Any]) -> pd.Series[float]:
    """Return the position of every class on the scale of its criterion; missing where it is no class of that scale."""
    of_impact = classes.map(class_positions(criterion_is_likelihood=False))
    of_likelihood = classes.map(class_positions(criterion_is_likelihood=True))
    return of_impact.where(criteria != LIKELIHOOD, of_likelihood).astype(float)


def impact_value(position: ArrayLike) -> NDArray[np.float64]:
    """Return the impact value, a share of the highest class, at a position on the impact axis.

    ``3 ** (p - 5)`` from the lowest class (p = 1) up; below it a straight line to 0 at "not applicable" (p = 0).
    The two agree at p = 1. Positions are without unit; any shape.
    """
    p = np.asarray(position, dtype=float)
    factor, top = _factor_and_top()
    lowest = factor ** (1.0 - top)
    return np.asarray(np.where(p >= 1, np.power(factor, p - top), np.maximum(p, 0.0) * lowest), dtype=float)


def impact_position(value: ArrayLike) -> NDArray[np.float64]:
    """Return the position on the impact axis of an impact value; the inverse of `impact_value`."""
    v = np.asarray(value, dtype=float)
    factor, top = _factor_and_top()
    lowest = factor ** (1.0 - top)
    with np.errstate(divide="ignore"):
        above = top + np.log(v) / np.log(factor)
    return np.asarray(np.where(v >= lowest, above, v / lowest), dtype=float)


def impact_label(position: float, language: str) -> str:
    """Return the words for an overall impact: one class name, or "lower to upper" between two.

    A position within one sixth of a whole number names that class alone (own rule; it gives all three overall labels
    that National Risk Assessment 6 prints).
    """
    impact = constants()["impact"]
    names = [impact["not_applicable_name"], *impact["classes"]["names"].values()]
    words = [name[language] for name in names]
    nearest = round(position)
    # The tolerance is closed at its edge, so a hair of floating point does not decide.
    if abs(position - nearest) <= impact["single_label_tolerance"]["value"] + 1e-9:
        return str(words[nearest])
    lower = int(np.floor(position))
    joiner = {"nl": "tot", "en": "to"}[language]
    return f"{words[lower]} {joiner} {words[lower + 1]}"


def likelihood_label(name: str, language: str) -> str:
    """Return the words for a likelihood class; for a subclass with its end, as in "unlikely (upper end)"."""
    scale = constants()["likelihood"]
    letter, _, subclass = name.partition("-")
    word: str = scale["classes"]["names"][letter][language]
    return f"{word} ({scale['subclasses']['names'][subclass][language]})" if subclass else word


def likelihood_bounds(name: str) -> tuple[float, float]:
    """Return the probability, in per cent within five years, from which and up to which a class reaches.

    The bounds of classes are published; those of the subclasses low, mid and high are recalled.
    """
    scale = constants()["likelihood"]
    letter, _, subclass = name.partition("-")
    lower, upper = (float(scale["classes"]["names"][letter][end]) for end in ("from", "to"))
    if not subclass:
        return lower, upper
    low_ends, high_begins = scale["subclasses"]["bounds"][letter]
    return {"low": (lower, low_ends), "mid": (low_ends, high_begins), "high": (high_begins, upper)}[subclass]


def _factor_and_top() -> tuple[float, float]:
    """Return the factor between impact classes and the position of the highest class."""
    return float(constants()["impact"]["factor"]["value"]), float(len(impact_classes()) - 1)
