"""The overall impact of a scenario: what each criterion adds, their sum, its place on the axis and its words."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib import scales

# Values that differ by rounding alone, from this decimal on, share their rank.
DECIMALS = 12


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
    rows = weighed(judgements, weights)
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
    return impact.assign(rank=_rank(impact["value"], impact["bound"]))


def interest_max(judgements: pd.DataFrame, interests: Mapping[str, str]) -> pd.DataFrame:
    """Return the impact of each scenario on the interest that it harms most: ``I(s) = max over i of mean of value``.

    The mean is taken over the criteria of an interest, so an interest with many criteria does not count for more. The
    strategy of 2019 selects risks that jeopardise one or more interests; a mean over all of them can hide one.

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, position; rows on the likelihood are left out.
    interests
        Criterion -> interest.

    Returns
    -------
    DataFrame
        Columns scenario, bound, interest (the first of equals), value, position, rank (1 is the highest value of its
        bound).

    Raises
    ------
    ValueError
        A judged criterion has no interest.
    """
    rows = _on_criteria(judgements, interests, "an interest")
    rows = rows.assign(interest=rows["criterion"].map(interests), value=scales.impact_value(rows["position"]))
    means = rows.groupby(["scenario", "bound", "interest"])["value"].mean().reset_index()
    worst = means["value"].round(DECIMALS).groupby([means["scenario"], means["bound"]]).idxmax()
    found = means.loc[worst, ["scenario", "bound", "interest", "value"]].reset_index(drop=True)
    return found.assign(position=scales.impact_position(found["value"]), rank=_rank(found["value"], found["bound"]))


def medal(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the order by number of highest classes: most E's first, among equals most D's, and so on to A.

    A position between two classes counts as the nearest; halfway counts as the higher.

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, position; rows on the likelihood are left out.

    Returns
    -------
    DataFrame
        Columns scenario, bound, the number of criteria in each class from high to low (E, D, C, B, A), rank.
    """
    rows = judgements[judgements["criterion"] != scales.LIKELIHOOD]
    nearest = np.floor(rows["position"].round(DECIMALS) + 0.5).astype(int)
    levels = range(len(scales.impact_classes()) - 1, 0, -1)
    counts = pd.crosstab([rows["scenario"], rows["bound"]], nearest).reindex(columns=levels, fill_value=0)
    # In a base above every count, comparing the numbers is comparing the counts from the highest class down.
    base = int(counts.to_numpy().max(initial=0)) + 1
    number = pd.Series(counts.to_numpy() @ np.array([base**level for level in levels]))
    counts.columns = pd.Index([scales.impact_classes()[level] for level in levels])
    table = counts.reset_index()
    return table.assign(rank=_rank(number, table["bound"]))


def promethee(judgements: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the net outranking flow of each scenario at each bound (PROMETHEE II, as `net_flow`).

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, position; each scenario on the same criteria. Rows on the likelihood are
        left out.
    weights
        Criterion -> weight; together 1.

    Returns
    -------
    DataFrame
        Columns scenario, bound, value (-1 to 1: how much it outranks the others less how much they outrank it), rank.

    Raises
    ------
    ValueError
        The weights do not add up to 1, or a judged criterion has none.
    """
    rows = weighed(judgements, weights)
    wide = rows.pivot(index=["scenario", "bound"], columns="criterion", values="position")
    weight = np.array([weights[criterion] for criterion in wide.columns])
    flow = pd.Series(0.0, index=wide.index, name="value")
    for positions in (part for _, part in wide.groupby(level="bound")):
        flow[positions.index] = net_flow(positions.to_numpy(), weight)
    table = flow.reset_index()
    return table.assign(rank=_rank(table["value"], table["bound"]))


def net_flow(
    positions: NDArray[np.float64], weights: NDArray[np.float64], full_preference: float = 1.0
) -> NDArray[np.float64]:
    """Return the net flow of PROMETHEE II: ``phi(s) = mean over t of sum over c of w_c * (P(s,t) - P(t,s))``.

    The preference is linear in the difference of positions up to `full_preference`: a whole class higher is preferred
    fully, part of a class for that part, so on whole classes it is the usual (strict) criterion. It looks at the order
    on each criterion only, hence not at how much worse a class is than the one below.

    Parameters
    ----------
    positions
        Scenarios × criteria, on the impact axis.
    weights
        One for each criterion; together 1.
    full_preference
        The difference, in classes, from which one scenario is fully preferred.

    Returns
    -------
    array
        One number for each scenario, from -1 to 1; together 0.
    """
    difference = positions[:, np.newaxis, :] - positions[np.newaxis, :, :]
    preferred = np.clip(difference / full_preference, -1.0, 1.0).sum(axis=1)
    return np.asarray(np.einsum("sc,c->s", preferred, weights) / max(len(positions) - 1, 1))


def agreement(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return how far every two aggregators agree on the order: Kendall's tau-b.

    Parameters
    ----------
    ranks
        Ranks, aggregators × scenarios; 1 is the highest.

    Returns
    -------
    DataFrame
        Columns aggregator, other, tau: 1 the same order, -1 the opposite one, NaN where one of both ties everything.
        Each pair stands once, in the order of `ranks`.
    """
    order = ranks.to_numpy(dtype=float)
    signs = np.sign(order[:, :, np.newaxis] - order[:, np.newaxis, :]).reshape(len(order), -1)
    concordant = signs @ signs.T
    untied = np.diag(concordant)
    with np.errstate(invalid="ignore"):
        tau = concordant / np.sqrt(np.outer(untied, untied))
    first, second = np.triu_indices(len(order), k=1)
    return pd.DataFrame({"aggregator": ranks.index[first], "other": ranks.index[second], "tau": tau[first, second]})


def contested(ranks: pd.DataFrame, places: int) -> pd.DataFrame:
    """Return the scenarios that aggregators rank more than `places` places apart, most contested first.

    Parameters
    ----------
    ranks
        Ranks, aggregators × scenarios; 1 is the highest.
    places
        How far apart ranks may be without being told.

    Returns
    -------
    DataFrame
        Columns scenario, highest and lowest (the first aggregator that ranks it so), highest_rank, lowest_rank, places.
    """
    highest, lowest = ranks.min(), ranks.max()
    table = pd.DataFrame(
        {
            "scenario": ranks.columns,
            "highest": ranks.idxmin().to_numpy(),
            "lowest": ranks.idxmax().to_numpy(),
            "highest_rank": highest.to_numpy(),
            "lowest_rank": lowest.to_numpy(),
            "places": (lowest - highest).to_numpy(),
        }
    )
    return table[table["places"] > places].sort_values(
        ["places", "scenario"], ascending=[False, True], ignore_index=True
    )


def weighed(judgements: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the rows on criteria, without the likelihood, that weights can be used on.

    A ValueError where the weights do not add up to 1, or a judged criterion has none.
    """
    if not math.isclose(sum(weights.values()), 1):
        raise ValueError(f"weights add up to {sum(weights.values())}, not 1")
    return _on_criteria(judgements, weights, "a weight")


def _on_criteria(judgements: pd.DataFrame, known: Mapping[str, object], what: str) -> pd.DataFrame:
    """Return the rows on criteria; a ValueError where one of them is not known."""
    rows = judgements[judgements["criterion"] != scales.LIKELIHOOD]
    without = set(rows["criterion"]) - set(known)
    if without:
        raise ValueError(f"criteria without {what}: {', '.join(sorted(without))}")
    return rows


def _rank(values: pd.Series, bounds: pd.Series) -> pd.Series:
    """Return the rank of each value among those of its bound: 1 is the highest, equals share the smallest."""
    return values.round(DECIMALS).groupby(bounds).rank(method="min", ascending=False).astype(int)
