"""From what assessors said to one judgement for each scenario, criterion and bound."""

from __future__ import annotations

import pandas as pd

from nvslib import scales
from nvslib.problems import Problem

CELL = ["scenario", "criterion"]


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
    is_likelihood = judgements["criterion"] == scales.LIKELIHOOD
    judgements["position"] = (
        judgements["class"]
        .map(scales.class_positions(criterion_is_likelihood=False))
        .where(~is_likelihood, judgements["class"].map(scales.class_positions(criterion_is_likelihood=True)))
        .astype(float)
    )
    return judgements


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
    is_likelihood = assessments["criterion"] == scales.LIKELIHOOD
    of_impact = scales.class_positions(criterion_is_likelihood=False)
    of_likelihood = scales.class_positions(criterion_is_likelihood=True)
    return pd.DataFrame(
        {
            bound: assessments[bound].map(of_impact).where(~is_likelihood, assessments[bound].map(of_likelihood))
            for bound in scales.BOUNDS
        },
        dtype=float,
    )


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
