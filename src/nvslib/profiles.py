"""Weight profiles: how much each criterion counts, seen from one way of looking at society.

The multipliers, with their basis and the reason in words, stand in ``profiles.yaml``; a profile belongs to no edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nvslib.editions import Edition
from nvslib.problems import Problem


@dataclass(frozen=True)
class Profile:
    """One way of weighing: its name and reason per language, and how many times the criteria of an interest count."""

    id: str
    name: dict[str, str]
    why: dict[str, str]
    basis: str
    interests: dict[str, float]


@cache
def profiles() -> dict[str, Profile]:
    """Return every profile by its name, the neutral one first."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("profiles.yaml").read_text("utf-8"))
    return {name: Profile(id=name, **entry) for name, entry in loaded["profiles"].items()}


def profile_weights(edition: Edition, name: str) -> dict[str, float]:
    """Return the weight of each criterion of an edition under a profile: ``w_c = m_i(c) / sum over c of m_i(c)``.

    Parameters
    ----------
    edition
        The edition whose criteria are weighed.
    name
        The profile, for instance "neutral", which gives `Edition.weights`.

    Returns
    -------
    dict
        Criterion -> weight; together 1.

    Raises
    ------
    Problem
        There is no such profile.
    """
    if name not in profiles():
        raise Problem(f"profile: found {name!r}, allowed {', '.join(profiles())}")
    return interest_weights(edition, profiles()[name].interests)


def interest_weights(edition: Edition, times: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each criterion of an edition: ``w_c = times of its interest / sum over c of these``.

    Parameters
    ----------
    edition
        The edition whose criteria are weighed.
    times
        Interest -> how many times its criteria count, not negative. An interest that is not in it counts once; one
        that the edition does not have counts nowhere.

    Returns
    -------
    dict
        Criterion -> weight; together 1.

    Raises
    ------
    Problem
        A number is negative, or no criterion counts.
    """
    counts = {criterion.id: times.get(criterion.interest, 1) for criterion in edition.criteria.values()}
    total = sum(counts.values())
    if min(counts.values()) < 0 or total == 0:
        raise Problem(f"interests: found {dict(times)}; none may count less than 0 times, and not all of them 0 times")
    return {criterion: count / total for criterion, count in counts.items()}
