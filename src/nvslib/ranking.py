"""How sure an order is: over draws of judgements and of weights, and per weight and cell one at a time.

Draws are tables draws × scenarios of a value of which more is a higher rank, as `uncertainty.draws` returns; sets of
weights are tables draws × criteria. Rank 1 is the highest, and values that differ by rounding alone are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib import scales
from nvslib.impact import DECIMALS, weighed

Array = NDArray[np.float64]


def acceptability(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the rank acceptability of SMAA-2: the share of the draws in which each scenario takes each rank.

    Equal scenarios share the ranks that they take up together, so a tie of two at the top is half a first and half a
    second rank for both. Source: R. Lahdelma and P. Salminen, SMAA-2, Operations Research 49 (2001).

    Parameters
    ----------
    draws
        Draws × scenarios of a value.

    Returns
    -------
    DataFrame
        Scenarios × ranks 1, 2, ...; every row and every column adds up to 1.
    """
    values = draws.to_numpy().round(DECIMALS)
    n, scenarios = values.shape
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    begins = np.ones((n, scenarios + 1), dtype=bool)
    begins[:, 1:-1] = ordered[:, 1:] != ordered[:, :-1]
    # A run of equals takes up the ranks from its first place up to the first place of the next run.
    places = np.arange(scenarios + 1)
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)[:, :-1]
    after = np.minimum.accumulate(np.where(begins, places, scenarios)[:, :0:-1], axis=1)[:, ::-1]
    share = 1 / (after - first)
    size = scenarios * (scenarios + 1)
    gained = np.bincount((order * (scenarios + 1) + first).ravel(), share.ravel(), size)
    lost = np.bincount((order * (scenarios + 1) + after).ravel(), share.ravel(), size)
    taken = np.cumsum((gained - lost).reshape(scenarios, scenarios + 1), axis=1)[:, :-1] / n
    ranks = pd.RangeIndex(1, scenarios + 1, name="rank")
    return pd.DataFrame(taken.clip(0, 1), index=draws.columns.rename("scenario"), columns=ranks)


def robust_top(acceptability: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the probability that each scenario is among the first `k`, surest first.

    Input: as `acceptability` returns. Columns scenario, probability; the probabilities add up to `k`.
    """
    probability = acceptability.iloc[:, :k].sum(axis="columns").clip(upper=1)
    table = probability.rename("probability").rename_axis("scenario").reset_index()
    return table.sort_values(["probability", "scenario"], ascending=[False, True], ignore_index=True)


def pairwise(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the probability that the scenario of a row is higher than that of a column; a tie is half.

    From draws × scenarios to scenarios × scenarios; each number and its mirror image add up to 1.
    """
    values = draws.to_numpy().round(DECIMALS)
    wins = np.array([(np.sign(one[:, np.newaxis] - values).mean(axis=0) + 1) / 2 for one in values.T])
    names = draws.columns
    return pd.DataFrame(wins, index=names.rename("scenario"), columns=names.rename("other"))


def weights_on_simplex(n: int, criteria: Sequence[str], seed: int | Sequence[int]) -> pd.DataFrame:
    """Return `n` sets of weights, each set as probable as any other: uniform on the simplex, Dirichlet(1, ..., 1).

    The seed is one number or several, as `numpy.random.SeedSequence` takes. Draws × criteria; each row adds up to 1.
    """
    return weights_around(dict.fromkeys(criteria, 1 / len(criteria)), n, seed, concentration=len(criteria))


def weights_around(
    weights: Mapping[str, float], n: int, seed: int | Sequence[int], concentration: float
) -> pd.DataFrame:
    """Return `n` sets of weights around given ones: Dirichlet(concentration * w).

    Parameters
    ----------
    weights
        Criterion -> weight, above 0; together 1. They are the mean of the draws.
    n
        Number of sets.
    seed
        One number or several, as `numpy.random.SeedSequence` takes.
    concentration
        How close draws stay: a weight has variance ``w * (1 - w) / (concentration + 1)``.

    Returns
    -------
    DataFrame
        Draws × criteria; each row adds up to 1.
    """
    generator = np.random.default_rng(np.random.SeedSequence(seed))
    drawn = generator.dirichlet(concentration * np.array(list(weights.values())), n)
    return pd.DataFrame(drawn, columns=pd.Index(weights, name="criterion"))


def central_weights(weights: pd.DataFrame, draws: pd.DataFrame) -> pd.DataFrame:
    """Return the central weights of SMAA-2: the mean of the weights with which each scenario comes first.

    They tell what one must find important to put this scenario at the top. A draw with a tie counts for each in part.

    Parameters
    ----------
    weights
        Draws × criteria, the weights of each draw.
    draws
        Draws × scenarios, the impacts with those weights.

    Returns
    -------
    DataFrame
        Scenarios × criteria; each row adds up to 1, and is NaN for a scenario that never comes first.
    """
    values = draws.to_numpy().round(DECIMALS)
    first = values == values.max(axis=1, keepdims=True)
    share = first / first.sum(axis=1, keepdims=True)
    # Not a matrix product: its rounding may differ between numbers of threads.
    total = np.einsum("ns,nc->sc", share, weights.to_numpy())
    with np.errstate(invalid="ignore"):
        mean = total / share.sum(axis=0)[:, np.newaxis]
    return pd.DataFrame(mean, index=draws.columns.rename("scenario"), columns=weights.columns)


def sensitivity_to_weights(values: pd.DataFrame, weights: Mapping[str, float], k: int) -> pd.DataFrame:
    """Return between which bounds each weight may move before another scenario enters the first `k`.

    One weight moves, the others keep their proportions and together the rest:
    ``I(s) = w * v_sc + (1 - w) * mean of the other values``, a straight line in w. The bounds are where the line of a
    scenario outside first meets that of one inside.

    Parameters
    ----------
    values
        Scenarios × criteria, impact values (shares of the highest class), not positions.
    weights
        Criterion -> weight; together 1.
    k
        How many scenarios the top has. Of equals at its edge those that come first in the table are inside.

    Returns
    -------
    DataFrame
        Columns criterion, weight, from, to (0 and 1 where the top holds to the end), room (the distance from the weight
        to the nearest bound at which the top changes; NaN if there is none). Least room first. A criterion with all
        the weight has no others to keep in proportion, hence no bounds.
    """
    matrix = values.to_numpy(dtype=float)
    weight = np.array([weights[criterion] for criterion in values.columns])
    impact = np.einsum("sc,c->s", matrix, weight)
    order = np.argsort(-impact.round(DECIMALS), kind="stable")
    inside, outside = order[:k, np.newaxis], order[np.newaxis, k:]
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs that run side by side, and a criterion with all weight
        rest = (impact[:, np.newaxis] - weight * matrix) / (1 - weight)
        lead = rest[inside] - rest[outside]
        gain = matrix[inside] - matrix[outside] - lead
        meets = -lead / gain
    # A pair whose inner scenario gains with the weight meets below it, one that loses above it.
    rising, falling = gain.round(DECIMALS) > 0, gain.round(DECIMALS) < 0
    lower = np.where(rising, np.minimum(meets, weight), 0).max(axis=(0, 1), initial=0).round(DECIMALS)
    upper = np.where(falling, np.maximum(meets, weight), 1).min(axis=(0, 1), initial=1).round(DECIMALS)
    room = np.minimum(np.where(lower > 0, weight - lower, np.inf), np.where(upper < 1, upper - weight, np.inf))
    table = pd.DataFrame(
        {
            "criterion": values.columns,
            "weight": weight,
            "from": lower,
            "to": upper,
            "room": np.where(np.isinf(room), np.nan, room.round(DECIMALS)),
        }
    )
    table.loc[weight == 1, ["from", "to"]] = np.nan
    return table.sort_values(["room", "criterion"], ignore_index=True)


def sensitivity_to_cells(members: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return how many places a scenario moves if one cell goes from its lowest to its highest bound, most first.

    The value of discussing a cell again: all others stay at their best position, the mean of the members by weight.

    Parameters
    ----------
    members
        Columns scenario, criterion, weight, low, best, high (positions); as `uncertainty.mixtures` takes. Members
        without weight and rows on the likelihood are left out.
    weights
        Criterion -> weight; together 1.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, low and high (the outermost bounds of its members), best, rank (with every cell at
        its best), rank_low and rank_high (with this one at its low or high), places (rank_low - rank_high), swing (the
        difference in impact), again (1 for the cell to discuss again first; by places, then swing, then name).
    """
    rows = weighed(members[members["weight"] > 0], weights)
    cells = rows.assign(best=rows["weight"] * rows["best"]).groupby(["scenario", "criterion"])
    table = cells.agg({"low": "min", "best": "sum", "high": "max"}).reset_index()
    weight = table["criterion"].map(weights)
    part = {bound: weight * scales.impact_value(table[bound]) for bound in scales.BOUNDS}
    now = part["best"].groupby(table["scenario"]).transform("sum")
    others = np.sort(now.groupby(table["scenario"]).first().to_numpy().round(DECIMALS))

    def rank(impact: pd.Series[float]) -> NDArray[np.intp]:
        """Return 1 and the number of other scenarios, all at their best, that are higher."""
        rounded = impact.round(DECIMALS)
        higher = len(others) - np.searchsorted(others, rounded, side="right")
        return np.asarray(1 + higher - (now.round(DECIMALS) > rounded).to_numpy())

    table["rank"] = rank(now)
    table["rank_low"] = rank(now - part["best"] + part["low"])
    table["rank_high"] = rank(now - part["best"] + part["high"])
    table["places"] = table["rank_low"] - table["rank_high"]
    table["swing"] = (part["high"] - part["low"]).round(DECIMALS)
    names = ["places", "swing", "scenario", "criterion"]
    table = table.sort_values(names, ascending=[False, False, True, True], ignore_index=True)
    return table.assign(again=range(1, len(table) + 1))
