"""The tables of the scoring stage that are put together from several parts of the method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from nvslib import calibration, impact, judgement, profiles, ranking, scales, uncertainty
from nvslib.editions import Edition
from nvslib.impact import contributions, weighted_sum

TOP = 10  # how many scenarios are spoken of as the highest
TOPS = {"first": 1, "top_ten": TOP}


def experts(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame) -> pd.DataFrame:
    """Return the calibration, information and weight of each assessor, at the cut-off that scores best.

    Columns assessor, answered, calibration, information, weight (together 1); see `calibration`.
    """
    scores = calibration.experts(seed_answers, seed_questions)
    best = calibration.optimise(seed_answers, seed_questions).weights
    weights = best[best["kind"] == "global"][["assessor", "weight"]]
    return scores.drop(columns="score").merge(weights, on="assessor")


def decision_makers(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame) -> pd.DataFrame:
    """Return how well the assessors together answer the seed questions, for each way of weighing at its best.

    Columns kind (equal, global, item), assessors, calibration, information, score. Where equal weights score higher
    than the others, weighing by performance is not better on these questions.
    """
    tried = calibration.optimise(seed_answers, seed_questions).decision_makers
    return tried.loc[tried["best"], ["kind", "assessors", "calibration", "information", "score"]]


def orders(judgements: pd.DataFrame, edition: Edition, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the rank of each scenario by each aggregator: columns scenario, aggregator, rank."""
    best = judgements[judgements["bound"] == "best"]
    interests = {name: criterion.interest for name, criterion in edition.criteria.items()}
    ranked = {
        "weighted-sum": weighted_sum(contributions(best, weights)),
        "interest-max": impact.interest_max(best, interests),
        "medal": impact.medal(best),
        "promethee": impact.promethee(best, weights),
    }
    return pd.concat(
        [table[["scenario", "rank"]].assign(aggregator=aggregator) for aggregator, table in ranked.items()],
        ignore_index=True,
    )


def by_profile(judgements: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Return impact and rank of each scenario under each weight profile: columns scenario, profile, value, rank."""
    best = judgements[judgements["bound"] == "best"]
    found = {
        name: weighted_sum(contributions(best, profiles.profile_weights(edition, name))) for name in profiles.profiles()
    }
    return pd.concat(
        [table[["scenario", "value", "rank"]].assign(profile=name) for name, table in found.items()], ignore_index=True
    )


@dataclass(frozen=True)
class Sample:
    """What follows from the draws: the tables of these names, and how probable it is that one stands above another."""

    intervals: pd.DataFrame
    acceptability: pd.DataFrame
    pairs: pd.DataFrame
    central_weights: pd.DataFrame
    density: pd.DataFrame


def sampled(
    assessments: pd.DataFrame,
    assessor_weights: Mapping[str, float] | None,
    weights: Mapping[str, float],
    count: int,
    seed: int,
    dependence: float,
) -> Sample:
    """Return what the draws tell: intervals and density with the cycle's weights, orders over all weights.

    Parameters
    ----------
    assessments
        Columns scenario, criterion, assessor, low, best, high.
    assessor_weights
        Assessor -> weight; none is equal weights.
    weights
        Criterion -> weight; together 1.
    count, seed, dependence
        As `uncertainty.draws` takes.
    """
    members = judgement.members(assessments, assessor_weights)
    any_weights = ranking.weights_on_simplex(count, list(weights), [seed, 1])
    given: dict[str, Mapping[str, float] | pd.DataFrame] = {"given": weights, "any": any_weights}
    drawn = uncertainty.draws(members, given, count, seed, dependence=dependence)
    intervals = {
        "impact": uncertainty.intervals(drawn.impacts["given"]),
        "likelihood": uncertainty.intervals(drawn.likelihoods),
    }
    shares = ranking.acceptability(drawn.impacts["any"]).reset_index()
    central = ranking.central_weights(any_weights, drawn.impacts["any"]).dropna().reset_index()
    return Sample(
        intervals=pd.concat(
            [of.set_index("scenario").add_prefix(f"{name}_") for name, of in intervals.items()], axis=1
        ).reset_index(),
        acceptability=shares.melt("scenario", var_name="rank", value_name="share").astype({"rank": int}),
        pairs=ranking.pairwise(drawn.impacts["any"]),
        central_weights=central.melt("scenario", var_name="criterion", value_name="weight"),
        density=uncertainty.density(drawn.impacts["given"], drawn.likelihoods),
    )


def robustness(sample: Sample, order: Sequence[str]) -> pd.DataFrame:
    """Return how sure the place of each scenario is.

    Parameters
    ----------
    sample
        As `sampled` returns.
    order
        The scenarios, the highest impact first.

    Returns
    -------
    DataFrame
        Columns scenario, first (share of the draws in which it is the highest), top_ten (among the `TOP` highest) and
        above_next (in which it is above the one that comes after it in the order; missing for the last).
    """
    shares = sample.acceptability.pivot(index="scenario", columns="rank", values="share")
    tops = {name: ranking.robust_top(shares, k).set_index("scenario")["probability"] for name, k in TOPS.items()}
    above = {one: sample.pairs.loc[one, after] for one, after in pairwise(order)}
    return pd.DataFrame({**tops, "above_next": pd.Series(above)}).rename_axis("scenario").reset_index()


def weight_sensitivity(judgements: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return between which bounds each weight may move before another scenario comes among the highest.

    The highest are `TOP`, or one where there are no more than that. Columns criterion, weight, from, to, room; see
    `ranking.sensitivity_to_weights`.
    """
    best = judgements[(judgements["bound"] == "best") & (judgements["criterion"] != scales.LIKELIHOOD)]
    positions = best.pivot(index="scenario", columns="criterion", values="position")
    values = pd.DataFrame(scales.impact_value(positions), positions.index, positions.columns)
    return ranking.sensitivity_to_weights(values, weights, TOP if len(values) > TOP else 1)


def among_its_like(scenarios: pd.DataFrame, overall: pd.DataFrame) -> pd.DataFrame:
    """Return the place of each scenario among those of the same course and horizon: acute, chronic and slow apart.

    Parameters
    ----------
    scenarios
        Columns scenario, onset, horizon; empty is acute, and within five years.
    overall
        Columns scenario, bound, value.

    Returns
    -------
    DataFrame
        Columns scenario, onset, horizon, of (how many there are), rank.
    """
    best = overall[overall["bound"] == "best"]
    usual = {"onset": "acute", "horizon": "five-years"}
    table = scenarios[["scenario", *usual]].replace(dict.fromkeys(usual, ""), usual).merge(best[["scenario", "value"]])
    groups = table.assign(value=table["value"].round(impact.DECIMALS)).groupby(list(usual))["value"]
    ranks = groups.rank(method="min", ascending=False).astype(int)
    return table.assign(of=groups.transform("size"), rank=ranks).drop(columns="value")
