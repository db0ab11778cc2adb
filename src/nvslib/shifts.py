"""How the risk picture moved at the mid-term review, and what the indicators did meanwhile.

The same assessors judge again, so everybody is compared with himself: whoever judges high judges high both times, and
that falls out of the difference. The constants, with their basis and the reason in words, stand in ``shifts.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from nvslib import scales
from nvslib.impact import DECIMALS, weighed
from nvslib.review import shared_criteria

IMPACT = "impact"  # the name under which the overall impact stands in a column of criteria
CELL = ["scenario", "criterion"]
PER_YEAR = {"month": 12, "quarter": 4, "year": 1}


@cache
def constants() -> dict[str, Any]:
    """Return the content of ``shifts.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("shifts.yaml").read_text("utf-8"))
    return loaded


def shared_weights(before: pd.DataFrame, after: pd.DataFrame, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights on the criteria that were judged both times, brought to a sum of 1.

    Parameters
    ----------
    before, after
        Column criterion; of the two editions or rounds.
    weights
        Criterion -> weight; together 1. It may have criteria that are not shared.

    Returns
    -------
    dict
        Criterion -> weight, in order of name; together 1.

    Raises
    ------
    ValueError
        The weights do not add up to 1, lack a shared criterion, or leave nothing to share.
    """
    shared = shared_criteria(before, after)
    weighed(before[before["criterion"].isin(shared)], weights)
    total = sum(weights[criterion] for criterion in shared)
    if total == 0:
        raise ValueError("no criterion with weight is judged both times")
    return {criterion: weights[criterion] / total for criterion in shared}


def shifts(
    before: pd.DataFrame,
    after: pd.DataFrame,
    judgements_before: pd.DataFrame,
    judgements_after: pd.DataFrame,
    weights: Mapping[str, float],
) -> pd.DataFrame:
    """Return how far each scenario moved on every criterion and both axes, and whether that is real.

    Per assessor ``d_a = position again - position first``; of the n that judged a cell both times
    ``moved = mean of d``, ``se = standard deviation of d (n - 1) / sqrt(n)``, and ``moved / se`` is held against
    Student's t with n - 1 degrees of freedom (paired t test, Student 1908). Every assessor counts the same. So
    ``probability`` is the *probability that the shift is real* of the method: with a flat prior, that the mean
    difference is above 0, ``cdf(moved / se)``. Independent draws of the two pools would answer another question:
    they hold all that assessors differ among themselves, both times, and real shifts drown in it.

    A p-value is corrected for how many are looked at (Benjamini and Hochberg 1995): both axes of all scenarios
    together, and all single criteria together. *Unchanged* is a finding too and not merely the lack of one: the shift
    surely lies within the smallest one that matters (two one-sided tests, Schuirmann 1987), each cell by itself.
    Where fewer than three judged twice, as with a panel's consensus, only ranges that do not overlap are a shift.

    Two limits. What moves all assessors alike counts as a shift, be it the risk or something that they all read. And
    classes are coarse: with three to five assessors it happens by chance that all take the same step, which then has
    no spread and counts as sure. From six on a cycle without any shift has a false call as seldom as it should.

    Parameters
    ----------
    before, after
        Columns scenario, criterion, assessor, best (class); one row for each judgement.
    judgements_before, judgements_after
        The pools of these: columns scenario, criterion, bound, position, as `judgement.pooled` returns. They say what
        was judged when; criteria of one side only are left out.
    weights
        Criterion -> weight; together 1. Brought to the criteria that both sides have, as `shared_weights` does.

    Returns
    -------
    DataFrame
        By scenario and criterion. Positions and differences are in classes; all but the position that there is are
        missing where a cell was judged once. Columns

        - scenario, criterion: a criterion of impact, ``impact`` (all together, by weighted sum) or ``likelihood``;
        - state: both, new (judged after only) or retired (before only);
        - before, now: the pooled positions; shift: their difference;
        - assessors: who judged it both times, for ``impact`` every criterion;
        - moved: their mean difference; low, high: its 95 % interval; probability: that it is above 0, which without
          any spread is 1, 0 or 0.5 by its sign. The last three are missing with fewer than three assessors;
        - p: two-sided and corrected, missing likewise; without any spread 0, or 1 if nobody moved;
        - verdict: higher or lower (p at most 0.05), unchanged, undetermined; empty where judged once.

    Raises
    ------
    ValueError
        As `shared_weights`; or an assessor judged a cell twice in one round.
    """
    from scipy import stats

    shared = shared_weights(judgements_before, judgements_after, weights)
    was, now = (_places(pool, "bound", shared).unstack("bound") for pool in (judgements_before, judgements_after))
    was, now = was.align(now)
    judged_now, both = now["best"].notna(), (was["best"] + now["best"]).notna()

    first, again = (
        _places(rows.assign(position=scales.positions(rows["best"], rows["criterion"])), "assessor", shared)
        for rows in (before, after)
    )
    # In order of size, so that the names of assessors do not decide how a sum is rounded.
    difference = (again - first).round(DECIMALS).dropna().sort_values()
    paired = difference.groupby(CELL).agg(["size", "mean", "std"]).reindex(now.index)
    assessors = paired["size"].fillna(0).where(both)
    moved = paired["mean"].round(DECIMALS).where(both) + 0.0  # no negative zero
    enough = assessors >= constants()["fewest_pairs"]["value"]

    error_rate = constants()["error_rate"]["value"]
    error = paired["std"].round(DECIMALS) / np.sqrt(assessors)
    freedom = (assessors - 1).where(enough)
    statistic = (moved / error).where(moved != 0, 0.0)
    p = pd.Series(2 * stats.t.sf(statistic.abs(), freedom), now.index)[enough]
    criterion = now.index.get_level_values("criterion").to_series(index=now.index)
    axis = criterion.where(criterion.isin([scales.LIKELIHOOD, IMPACT]), "criterion")
    p = p.groupby(axis == "criterion").transform(stats.false_discovery_control).reindex(now.index)
    half = stats.t.ppf(1 - error_rate / 2, freedom) * error
    smallest = axis.map({name: entry["value"] for name, entry in constants()["smallest_shift"].items()})
    farthest = moved.abs() + stats.t.ppf(1 - error_rate, freedom) * error
    real = p.round(DECIMALS) <= error_rate
    tested = np.select(
        [real & (moved > 0), real & (moved < 0), farthest.round(DECIMALS) <= smallest],
        ["higher", "lower", "unchanged"],
        "undetermined",
    )
    return pd.DataFrame(
        {
            "state": np.select([both, judged_now], ["both", "new"], "retired"),
            "before": was["best"],
            "now": now["best"],
            "shift": (now["best"] - was["best"]).round(DECIMALS) + 0.0,
            "assessors": assessors,
            "moved": moved,
            "low": moved - half,
            "high": moved + half,
            "probability": stats.t.cdf(statistic, freedom),
            "p": p,
            "verdict": np.select([~both, enough], ["", tested], _by_ranges(was.round(DECIMALS), now.round(DECIMALS))),
        }
    ).reset_index()


def _places(rows: pd.DataFrame, by: str, weights: Mapping[str, float]) -> pd.Series[float]:
    """Return positions by scenario, another column and criterion, with the overall impact where it is complete."""
    wide = rows.pivot(index=["scenario", by], columns="criterion", values="position")
    wide = wide.reindex(columns=[*weights, scales.LIKELIHOOD])
    value = np.einsum("rc,c->r", scales.impact_value(wide[list(weights)]), np.array(list(weights.values())))
    long = (
        wide.assign(**{IMPACT: scales.impact_position(value)})
        .reset_index()
        .melt(["scenario", by], var_name="criterion")
    )
    return long.dropna().set_index(["scenario", by, "criterion"])["value"]


def _by_ranges(before: pd.DataFrame, now: pd.DataFrame) -> NDArray[np.str_]:
    """Return the verdicts from pooled ranges, low to high, alone: higher where all of it lies above the earlier."""
    same = (before == now).all(axis="columns")
    verdicts = ["higher", "lower", "unchanged"]
    return np.select([now["low"] > before["high"], now["high"] < before["low"], same], verdicts, "undetermined")


def signals(indicators: pd.DataFrame, observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return what each indicator did up to a day, beside the scenario about which it says something.

    A signal says nothing about cause: an indicator may get better without any measure, and a scenario become less
    likely without its indicator. Nor is it tested; with small counts a few per cent are chance.

    Parameters
    ----------
    indicators
        Columns indicator, scenario, direction (up or down, as the goal wants), frequency (month, quarter, year),
        baseline.
    observations
        Columns indicator, series, period (its first day, as 2021-12-01), value. Only the series "target" counts.
    as_of
        The last day on which a period that counts may begin, as 2021-12-31.

    Returns
    -------
    DataFrame
        By indicator. Columns indicator, scenario, latest (mean of the last year of observations, or of those there are
        when fewer: 12 months, 4 quarters or 1 year, so that seasons do not count), period (of the last one), change
        (``latest / baseline - 1``; of a negative baseline, upwards is positive; missing for a baseline of 0), signal
        (better, worse, level: changed by less than 5 %; none without observations).
    """
    rows = observations[(observations["series"] == "target") & (observations["period"] <= as_of)]
    rows = rows.merge(indicators[["indicator", "frequency"]], on="indicator").sort_values(["indicator", "period"])
    last_year = rows.groupby("indicator").cumcount(ascending=False) < rows["frequency"].map(PER_YEAR)
    latest = rows[last_year].groupby("indicator").agg(latest=("value", "mean"), period=("period", "last"))
    table = indicators.merge(latest, how="left", on="indicator").sort_values("indicator", ignore_index=True)
    table["period"] = table["period"].fillna("")
    rise = (table["latest"] - table["baseline"]).round(DECIMALS)
    table["change"] = rise / table["baseline"].abs().where(table["baseline"] != 0)
    level = (table["change"].abs().round(DECIMALS) < constants()["level_change"]["value"]) | (rise == 0)
    table["signal"] = np.select(
        [rise.isna(), level, (rise > 0) == (table["direction"] == "up")], ["none", "level", "better"], "worse"
    )
    return table[["indicator", "scenario", "latest", "period", "change", "signal"]]
