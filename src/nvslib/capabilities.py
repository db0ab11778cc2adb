"""Capabilities: what scenarios need of them against what there is, and who owns what is missing.

A level runs from 0 (nothing) to 5 (all that is conceivable). How much is needed is as uncertain as how much there is,
so a gap has a lowest, best and highest size, and a probability that there is one at all. A gap that occurs in
scenarios with much risk weighs more than one in scenarios with little: so it shows which few capabilities serve many
risks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib import scales
from nvslib.impact import DECIMALS
from nvslib.tables import load_table

Array = NDArray[np.float64]
PAIR = ["scenario", "capability"]


def element_gaps(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in each element of a capability: ``max(needed - available, 0)``, in levels.

    Parameters
    ----------
    levels
        Columns scenario, capability, element, and needed and available, each _low, _best and _high, from 0 to 5.
        There may be rows for only some elements.

    Returns
    -------
    DataFrame
        Columns scenario, capability, element; low (the lowest need against the highest availability), best, high (the
        highest need against the lowest availability); probability that more is needed than there is, with both
        triangular and independent. Elements stand in the order of the table's definition.
    """
    needed, available = (
        levels[[f"{side}_{bound}" for bound in scales.BOUNDS]].to_numpy(dtype=float) for side in ("needed", "available")
    )
    # Levels such as 4.1 and 3.6 have no exact difference; rounded, equal gaps are equal.
    gaps = (needed - available[:, ::-1]).clip(min=0).round(DECIMALS)
    table = levels[[*PAIR, "element"]].assign(
        **dict(zip(scales.BOUNDS, gaps.T, strict=True)), probability=_exceeds(needed, available)
    )
    return table.sort_values([*PAIR, "element"], key=_in_order, ignore_index=True)


def _exceeds(needed: Array, available: Array) -> Array:
    """Return the probability that more is needed than available; both rows × (low, best, high), triangular.

    ``P = integral of density of needed * probability that available is lower``. Between neighbouring corners of the two
    triangles the first is a straight line and the second a parabola, so two points of Gauss-Legendre, which are exact
    up to the third degree, give the integral exactly.
    """
    nodes, weights = np.polynomial.legendre.leggauss(2)
    corners = np.sort(np.concatenate([needed, available], axis=1), axis=1)
    half = np.diff(corners)[..., np.newaxis] / 2
    at = corners[:, :-1, np.newaxis] + half * (1 + nodes)
    integral = (half * weights * _triangle(needed, at)[0] * _triangle(available, at)[1]).sum(axis=(1, 2))
    certain = _triangle(available, needed[:, :1, np.newaxis])[1][:, 0, 0]
    return np.asarray(np.where(needed[:, 0] == needed[:, 2], certain, integral).round(DECIMALS))


def _triangle(levels: Array, at: Array) -> tuple[Array, Array]:
    """Return the density at, and the probability below, points (rows × pieces × points) of one triangle for each row.

    A triangle without width has no density; it is below every point above it.
    """
    low, best, high = levels.T[..., np.newaxis, np.newaxis]
    inside = (low < at) & (at < high)
    with np.errstate(divide="ignore", invalid="ignore"):  # where a triangle has no such side, it is not used
        peak = 2 / (high - low)
        density = np.where(
            inside, peak * np.where(at < best, (at - low) / (best - low), (high - at) / (high - best)), 0
        )
    below = np.where(at < best, density * (at - low) / 2, 1 - density * (high - at) / 2)
    return density, np.where(inside, below, at > low)


def capability_gaps(element_gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gap in each capability for each scenario: the mean over the elements given, in levels.

    Parameters
    ----------
    element_gaps
        Columns scenario, capability, element, low, best, high, as `element_gaps` returns.

    Returns
    -------
    DataFrame
        Columns scenario, capability, low, best, high, widest: the element with the largest best gap; of equals the one
        with the largest high, then the first in the order of the table's definition; empty where no best is above 0.
    """
    rows = element_gaps.sort_values(
        [*PAIR, "best", "high", "element"], ascending=[True, True, False, False, True], key=_in_order
    )
    pairs = rows.groupby(PAIR)
    table = pairs[list(scales.BOUNDS)].mean().assign(widest=pairs["element"].first()).reset_index()
    return table.assign(widest=table["widest"].where(table["best"] > 0, ""))


def _in_order(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return what to sort a column by: elements by their place in the table's definition, all else as it is."""
    elements = load_table("capability_levels").columns["element"].choices
    return column.map(elements.index) if column.name == "element" else column


def served(capability_gaps: pd.DataFrame, risk: pd.Series[float]) -> pd.DataFrame:
    """Return how much risk each capability would serve: its gaps, weighted with the risk of their scenarios.

    ``weighted = sum over scenarios of (risk of the scenario / total risk) * best gap``.

    Parameters
    ----------
    capability_gaps
        Columns scenario, capability, best, as `capability_gaps` returns.
    risk
        Scenario -> expected loss, not negative, in any unit. A scenario that is not in it counts nowhere.

    Returns
    -------
    DataFrame
        Columns capability; scenarios (number in which it has a gap); weighted (levels); share of the total weighted;
        cumulative share in the order of rank; rank (by weighted, then name). Largest first. Every capability is there;
        the shares are missing where nothing weighs.
    """
    rows = capability_gaps.sort_values(PAIR)
    weight = rows["scenario"].map(risk / risk.sort_index().sum()).fillna(0)
    rows = rows.assign(scenarios=rows["scenario"].isin(risk.index) & (rows["best"] > 0), weighted=weight * rows["best"])
    table = rows.groupby("capability")[["scenarios", "weighted"]].sum().round(DECIMALS).reset_index()
    table = table.sort_values(["weighted", "capability"], ascending=[False, True], ignore_index=True)
    share = table["weighted"] / table["weighted"].sum()
    return table.assign(share=share, cumulative=share.cumsum(), rank=range(1, len(table) + 1))


def gap_owners(served: pd.DataFrame, capabilities: pd.DataFrame) -> pd.DataFrame:
    """Return who owns the gaps, largest first.

    Parameters
    ----------
    served
        Columns capability, weighted, as `served` returns.
    capabilities
        Columns capability, owner_kind, owner.

    Returns
    -------
    DataFrame
        Columns owner_kind, owner, capabilities (number of those with a weighted gap), weighted (levels), share of the
        total weighted; the shares are missing where nothing weighs.
    """
    owner = ["owner_kind", "owner"]
    rows = served[["capability", "weighted"]].merge(capabilities[["capability", *owner]], on="capability")
    rows = rows.sort_values("capability")
    owned = rows.assign(capabilities=rows["weighted"] > 0).groupby(owner)[["capabilities", "weighted"]].sum()
    table = owned.round(DECIMALS).reset_index()
    table = table.sort_values(["weighted", *owner], ascending=[False, True, True], ignore_index=True)
    return table.assign(share=table["weighted"] / table["weighted"].sum())
