"""From what assessors said to one judgement for each scenario, criterion and bound, and how far they disagree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nvslib import scales
from nvslib.problems import Problem

CELL = ["scenario", "criterion"]
BOUNDS = list(scales.BOUNDS)
STRENGTHS = ("low", "medium", "high")  # of the knowledge under a judgement, from weak to strong
_ROUNDING = 1e-9  # a hair of floating point does not decide between two classes


def pooled(assessments: pd.DataFrame, rule: str, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return one judgement for each scenario, criterion and bound by a pooling rule.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high; one row for each judgement.
    rule
        ``consensus``, ``equal`` or ``performance``; see the functions of these names.
    weights
        Assessor -> weight; for ``performance`` only.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, bound (low, best, high), class, position; three rows for each cell.

    Raises
    ------
    ValueError
        The rule does not exist, or ``performance`` comes without weights.
    """
    if rule == "consensus":
        return consensus(assessments)
    if rule == "equal":
        return equal(assessments)
    if rule == "performance" and weights is not None:
        return performance(assessments, weights)
    raise ValueError(f"no such pooling: {rule}{' without weights' if rule == 'performance' else ''}")


def consensus(assessments: pd.DataFrame) -> pd.DataFrame:
    """Take the panel's joint judgement as it stands (NRB 6 prints such judgements as LL, EV and UL).

    Parameters
    ----------
    assessments
        Columns scenario, criterion, low, best, high; one row for each cell.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, bound (low, best, high), class, position; three rows for each cell.

    Raises
    ------
    Problem
        A cell has several rows: then there is no consensus to take.
    """
    several = assessments[assessments.duplicated(CELL, keep=False)]
    if not several.empty:
        raise Problem(
            f"assessments: {scenario}, criterion {criterion} has {len(rows)} rows; pooling 'consensus' takes the one "
            "row of a panel. Deliver one row for each cell, or choose another pooling in the cycle's file"
            for (scenario, criterion), rows in several.groupby(CELL)
        )
    judgements = assessments.melt(CELL, list(scales.BOUNDS), var_name="bound", value_name="class")
    judgements["position"] = scales.positions(judgements["class"], judgements["criterion"])
    return judgements


def equal(assessments: pd.DataFrame) -> pd.DataFrame:
    """Pool the judgements of each cell with the same weight for every assessor; see `performance`."""
    return _mean(assessments, members(assessments))


def performance(assessments: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Pool the judgements of each cell with the weights of the assessors, as `calibration.weights` gives them.

    ``position = sum over assessors a of w_a * position(bound_a)``, with the weights of those who judged the cell made
    to add up to 1. A cell that nobody with weight judged is pooled with equal weights; `without_weight` lists these.
    The class is the one that all with weight gave, otherwise the one whose position is nearest; halfway between two
    it is the higher. So a single judgement is pooled to itself.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high; one row for each judgement.
    weights
        Assessor -> weight, not negative, in any unit; who is not in it has none.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, bound (low, best, high), class, position; three rows for each cell.
    """
    return _mean(assessments, members(assessments, weights))


def without_weight(assessments: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the cells that nobody with weight judged: scenario, criterion, assessors (their number)."""
    cells = assessments.assign(weight=_weights(assessments, weights)).groupby(CELL, sort=False)
    told = cells.agg(assessors=("assessor", "size"), weight=("weight", "sum")).reset_index()
    return told.loc[told["weight"] == 0, [*CELL, "assessors"]].reset_index(drop=True)


def members(assessments: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the linear opinion pool itself: each cell as a mixture of its assessors' judgements.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high; one row for each judgement.
    weights
        Assessor -> weight, as `performance` takes them; none is equal weights.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, assessor, weight (together 1 in each cell), low, best, high (positions); one row
        for each judgement, in the order of ``assessments``.
    """
    weight = _weights(assessments, weights)
    by = [assessments[name] for name in CELL]
    # Where nobody has weight all have the same.
    weight = weight.where(weight.groupby(by).transform("sum") > 0, 1.0)
    return (
        assessments[[*CELL, "assessor"]]
        .assign(weight=weight / weight.groupby(by).transform("sum"), **_positions(assessments))
        .reset_index(drop=True)
    )


def moments(members: pd.DataFrame) -> pd.DataFrame:
    """Return the mean and variance of each cell's mixture of triangular distributions on positions.

    Of one triangle from low over best to high: ``m = (l + b + h) / 3`` and
    ``v = (l^2 + b^2 + h^2 - l b - l h - b h) / 18``; of the mixture: ``mean = sum of w m`` and
    ``variance = sum of w (v + (m - mean)^2)``.

    Parameters
    ----------
    members
        As `members` returns.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, mean (position), variance; one row for each cell.
    """
    low, best, high, weight = (members[name] for name in [*BOUNDS, "weight"])
    by = [members[name] for name in CELL]
    middle = (low + best + high) / 3
    own = ((high - low) ** 2 + (best - low) * (best - high)) / 18
    mean = (weight * middle).groupby(by).transform("sum")
    terms = members[CELL].assign(mean=weight * middle, variance=weight * (own + (middle - mean) ** 2))
    return terms.groupby(CELL, sort=False).sum().reset_index()


def disagreement(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return how far the assessors of each cell are apart and how strong their knowledge is, widest apart first.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high, confidence (low, medium, high or empty).

    Returns
    -------
    DataFrame
        One row for each cell, in the order of ``again``. Columns

        - scenario, criterion, assessors (their number);
        - spread: standard deviation of the positions of the best classes; range: highest minus lowest of these;
        - lowest, highest: the lowest and the highest best class;
        - knowledge_low, knowledge_medium, knowledge_high: shares of those who said how strong their knowledge is;
        - knowledge: the highest strength that at least half of these have or exceed; empty if nobody said;
        - again: 1 for the cell to discuss again first; by spread, then range, then name.
    """
    told = assessments[[*CELL, "assessor", "best"]].assign(position=_positions(assessments)["best"])
    for strength in STRENGTHS:
        told[f"knowledge_{strength}"] = (assessments["confidence"] == strength).astype(float)
    shares = [f"knowledge_{strength}" for strength in STRENGTHS]
    cells = told.sort_values([*CELL, "position", "best"]).groupby(CELL)
    table = cells.agg(
        assessors=("assessor", "size"),
        spread=("position", lambda positions: positions.std(ddof=0)),
        range=("position", lambda positions: positions.max() - positions.min()),
        lowest=("best", "first"),
        highest=("best", "last"),
    )
    said = cells[shares].sum()
    table[shares] = said.div(said.sum(axis=1).where(lambda number: number > 0, 1), axis=0)
    at_least = table[shares].iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1]
    reached = (at_least >= 0.5 - _ROUNDING).sum(axis=1)
    table["knowledge"] = np.array(["", *STRENGTHS])[reached]
    order = table.assign(spread=table["spread"].round(9), range=table["range"].round(9)).reset_index()
    ranked = order.sort_values(["spread", "range", *CELL], ascending=[False, False, True, True]).index
    return table.reset_index().loc[ranked].assign(again=range(1, len(table) + 1)).reset_index(drop=True)


def spread(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return how much each assessor judged and how far from the others.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high; one row for each judgement.

    Returns
    -------
    DataFrame
        Columns assessor, scenarios, assessments, shift and width. ``shift`` is the mean difference of the best class
        from the median of all assessors of the same cell, ``width`` the mean distance from low to high, in classes.
    """
    positions = _positions(assessments)
    median = positions["best"].groupby([assessments[name] for name in CELL]).transform("median")
    told = assessments.assign(shift=positions["best"] - median, width=positions["high"] - positions["low"])
    by = told.groupby("assessor")
    counted = by.agg(scenarios=("scenario", "nunique"), assessments=("scenario", "size"))
    return counted.join(by[["shift", "width"]].mean()).reset_index()


def _positions(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return the position on its scale of every class: columns low, best and high."""
    return pd.DataFrame(
        {bound: scales.positions(assessments[bound], assessments["criterion"]) for bound in scales.BOUNDS}
    )


def _weights(assessments: pd.DataFrame, weights: Mapping[str, float] | None) -> pd.Series[float]:
    """Return the weight of every row's assessor; 1 for all without weights."""
    if weights is None:
        return pd.Series(1.0, assessments.index)
    if min(weights.values(), default=0) < 0:
        raise ValueError("weights must not be negative")
    return assessments["assessor"].map(dict(weights)).fillna(0).astype(float)


def _mean(assessments: pd.DataFrame, mixture: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted mean of each cell and bound, and its class."""
    heard = mixture["weight"] > 0
    by = [mixture[name] for name in CELL]
    told = mixture[BOUNDS].where(heard).groupby(by, sort=False)
    mean = mixture[BOUNDS].mul(mixture["weight"], axis=0).groupby(by, sort=False).sum()
    # Rounding must not carry a mean out of its members, nor low over best.
    positions = mean.clip(told.min(), told.max()).cummax(axis=1)
    given = assessments[BOUNDS].reset_index(drop=True).where(heard).groupby(by, sort=False)
    agreed = given.min().where(told.min() == told.max())  # a class before its middle subclass
    judgements = positions.reset_index().melt(CELL, BOUNDS, var_name="bound", value_name="position")
    judgements.insert(3, "class", agreed.reset_index().melt(CELL, BOUNDS)["value"])
    is_likelihood = judgements["criterion"] == scales.LIKELIHOOD
    for rows, criterion_is_likelihood in ((is_likelihood, True), (~is_likelihood, False)):
        nearest = _nearest_class(judgements.loc[rows, "position"], criterion_is_likelihood=criterion_is_likelihood)
        judgements.loc[rows, "class"] = judgements.loc[rows, "class"].fillna(nearest)
    return judgements


def _nearest_class(positions: pd.Series[float], *, criterion_is_likelihood: bool) -> pd.Series[str]:
    """Return the class whose position is nearest, the higher of two at the same distance."""
    scale = scales.class_positions(criterion_is_likelihood=criterion_is_likelihood)
    # A class and its middle subclass share a position; the class, which stands before its middle, names it.
    names = {position: name for name, position in reversed(scale.items())}
    places = np.array(sorted(names))
    nearest = np.searchsorted((places[1:] + places[:-1]) / 2, positions + _ROUNDING, side="right")
    return pd.Series([names[place] for place in places[nearest]], positions.index, dtype=str)


def likelihood(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the likelihood of each scenario and bound: class, position, words, and bounds in per cent.

    The probability is that of the scenario occurring within five years. Input: as `consensus` returns.
    """
    rows = judgements.loc[judgements["criterion"] == scales.LIKELIHOOD, ["scenario", "bound", "class", "position"]]
    classes = rows["class"]
    bounds = classes.map(scales.likelihood_bounds)
    return rows.assign(
        label_nl=classes.map(lambda name: scales.likelihood_label(name, "nl")),
        label_en=classes.map(lambda name: scales.likelihood_label(name, "en")),
        from_percent=bounds.str[0].astype(float),
        to_percent=bounds.str[1].astype(float),
    ).reset_index(drop=True)
