"""The overall impact of a scenario: what each criterion adds, their sum, its place on the axis and its words."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from nvslib import scales


def contributions(judgements: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return what every criterion adds to the impact of its scenario: ``w_c * value(class)``.

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, class, position, as `judgement.consensus` returns; rows on the likelihood
        are left out.
    weights
        Criterion -> weight; together 1.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, bound, class, value, weight, contribution. Values are shares of the highest class.

    Raises
    ------
    ValueError
        The weights do not add up to 1, or a judged criterion has none.
    """
    if not math.isclose(sum(weights.values()), 1):
        raise ValueError(f"weights add up to {sum(weights.values())}, not 1")
    rows = judgements[judgements["criterion"] != scales.LIKELIHOOD]
    without = set(rows["criterion"]) - set(weights)
    if without:
        raise ValueError(f"criteria without a weight: {', '.join(sorted(without))}")
    value = scales.impact_value(rows["position"])
    weight = rows["criterion"].map(weights)
    return (
        rows[["scenario", "criterion", "bound", "class"]]
        .assign(value=value, weight=weight, contribution=weight * value)
        .reset_index(drop=True)
    )


def weighted_sum(contributions: pd.DataFrame) -> pd.DataFrame:
    """Return the overall impact of each scenario at each bound: ``I(s) = sum over c of w_c * value(class_s,c)``.

    Reproduces Table 1 of National Risk Assessment 6 with equal weights and factor 3.

    Parameters
    ----------
    contributions
        Columns scenario, bound, contribution, as `contributions` returns.

    Returns
    -------
    DataFrame
        Columns scenario, bound, value, position, label_nl, label_en, rank (1 is the highest value of its bound).
    """
    sums = contributions.groupby(["scenario", "bound"])["contribution"].sum()
    impact = sums.rename("value").reset_index()
    impact["position"] = scales.impact_position(impact["value"])
    for language in scales.LANGUAGES:
        impact[f"label_{language}"] = [scales.impact_label(position, language) for position in impact["position"]]
    # Sums that differ by rounding alone share their rank.
    impact["rank"] = impact["value"].round(12).groupby(impact["bound"]).rank(method="min", ascending=False).astype(int)
    return impact
