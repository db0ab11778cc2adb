"""The tables of the scoring stage that are put together from several parts of the method."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nvslib import calibration, impact, judgement, profiles, ranking, uncertainty
from nvslib.editions import Edition
from nvslib.impact import contributions, weighted_sum


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


def sampled(
    assessments: pd.DataFrame,
    assessor_weights: Mapping[str, float] | None,
    weights: Mapping[str, float],
    count: int,
    seed: int,
    dependence: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return intervals with the cycle's weights, and the rank acceptability over all weights.

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

    Returns
    -------
    intervals, acceptability
        The tables of those names.
    """
    members = judgement.members(assessments, assessor_weights)
    given: dict[str, Mapping[str, float] | pd.DataFrame] = {
        "given": weights,
        "any": ranking.weights_on_simplex(count, list(weights), [seed, 1]),
    }
    drawn = uncertainty.draws(members, given, count, seed, dependence=dependence)
    intervals = {
        "impact": uncertainty.intervals(drawn.impacts["given"]),
        "likelihood": uncertainty.intervals(drawn.likelihoods),
    }
    table = pd.concat(
        [of.set_index("scenario").add_prefix(f"{name}_") for name, of in intervals.items()], axis=1
    ).reset_index()
    shares = ranking.acceptability(drawn.impacts["any"]).rename_axis(index="scenario").reset_index()
    return table, shares.melt("scenario", var_name="rank", value_name="share").astype({"rank": int})


def robustness(acceptability: pd.DataFrame) -> pd.DataFrame:
    """Return in which share of the draws a scenario is the highest, and among the ten highest."""
    shares = acceptability.pivot(index="scenario", columns="rank", values="share")
    return pd.DataFrame({"first": shares[1], "top_ten": shares.loc[:, :10].sum(axis=1)}).reset_index()
