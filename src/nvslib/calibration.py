"""Cooke's classical model: how well assessors know how much they know, and the weights that follow from it.

Assessors answer seed questions, whose true answer is known, with the values that in their view are not exceeded with
5, 50 and 95 per cent probability. *Calibration* tells how well the realisations agree with these probabilities,
*information* how much narrower the answers are than no answer at all. Source: R.M. Cooke, Experts in Uncertainty,
Oxford University Press, 1991.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib.problems import Problem

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
OVERSHOOT = 0.1  # of the distance from the lowest to the highest value, beyond both: the intrinsic range
FEWEST = 3  # with fewer realisations a calibration says nothing
# Values closer than this share of the intrinsic range count as the same. Equal quantiles are set this far apart, so
# that an answer without any width has a large but finite information.
NARROWEST = 1e-9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Optimum(NamedTuple):
    """What each decision maker scores, and the weights of the best ones.

    Attributes
    ----------
    decision_makers
        Columns kind (global, item, equal), cutoff, assessors (number with weight), answered, calibration, information,
        score, best; one row for each kind and cut-off. ``best`` marks the highest score of its kind, at the lowest
        cut-off that has it. The decision maker with equal weights has no cut-off.
    weights
        Columns assessor, kind, weight; together 1 for each kind. For item weights the mean over the questions.
    item_weights
        Columns question, assessor, weight; together 1 for each question.
    """

    decision_makers: pd.DataFrame
    weights: pd.DataFrame
    item_weights: pd.DataFrame


class _Answers(NamedTuple):
    """Every answer as a distribution on the intrinsic range of its question, which runs from 0 to 1.

    ``knots``: questions x assessors x (0, the three quantiles, 1), flat between knots; NaN where there is no answer.
    """

    questions: pd.Index
    assessors: pd.Index
    knots: Floats
    realised: Floats


def experts(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame, overshoot: float = OVERSHOOT) -> pd.DataFrame:
    """Return the calibration, information and score of each assessor.

    ``calibration = P(chi2_3 > 2 * N * sum of s_k ln(s_k / p_k))``, with N the questions that this assessor answered,
    s the shares of realisations in the four intervals between quantiles and p = .05, .45, .45, .05. A realisation
    at a quantile belongs to the interval below it. ``information`` is the mean over those questions of
    ``sum of p_k ln(p_k / r_k)``, with r_k the share of the intrinsic range (on a log scale, of its logarithm) that
    interval k takes. ``score = calibration * information``.

    Parameters
    ----------
    seed_answers
        Columns question, assessor, q05, q50, q95, with q05 <= q50 <= q95; one row for each answer.
    seed_questions
        Columns question, scale (uniform, log), realisation.
    overshoot
        How far the intrinsic range reaches beyond all answers and the realisation, as a share of their distance.

    Returns
    -------
    DataFrame
        Columns assessor, answered, calibration (0 to 1), information (nats), score; by name of the assessor.

    Raises
    ------
    Problem
        An assessor answered fewer than three questions, or a value on a log scale is not above 0.
    """
    answers = _on_range(seed_answers, seed_questions, overshoot)
    scores = _scores(answers.knots, answers.realised)
    scores.insert(0, "assessor", answers.assessors)
    return scores


def weights(experts: pd.DataFrame, cutoff: float) -> pd.DataFrame:
    """Return the global weight of each assessor: in proportion to the score from the cut-off up, 0 below it.

    Parameters
    ----------
    experts
        Columns assessor, calibration, score, as `experts` returns.
    cutoff
        The lowest calibration that has weight.

    Returns
    -------
    DataFrame
        Columns assessor, weight; together 1.

    Raises
    ------
    Problem
        Nobody reaches the cut-off.
    """
    heard = (experts["calibration"] >= cutoff).to_numpy()
    if not heard.any():
        raise Problem(
            f"calibration: no assessor reaches the cut-off {cutoff:g}; the highest calibration is "
            f"{experts['calibration'].max():.3g}. Choose a lower cut-off, or leave it out to have it optimised"
        )
    return experts[["assessor"]].assign(weight=_shares(experts["score"].to_numpy(float), heard))


def optimise(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame, overshoot: float = OVERSHOOT) -> Optimum:
    """Find the cut-offs whose decision makers, seen as assessors themselves, have the highest score.

    A decision maker's distribution is the weighted mixture of those of the assessors; its 5, 50 and 95 per cent
    quantiles are its answer. Global weights are in proportion to ``calibration * information``, item weights to
    ``calibration * information on that question``; both are 0 below the cut-off. Who did not answer a question has no
    weight on it. The calibration of every assessor is tried as a cut-off.

    Parameters and errors as in `experts`.
    """
    questions, assessors, knots, realised = _on_range(seed_answers, seed_questions, overshoot)
    scores = _scores(knots, realised)
    calibration, given = scores["calibration"].to_numpy(), ~np.isnan(knots[..., 1])
    cutoffs = np.unique(calibration)
    heard = (calibration >= cutoffs[:, None])[:, None] & given
    by_item = calibration * np.nan_to_num(_information(knots))
    shares = {
        "global": _shares(scores["score"].to_numpy(), heard),
        "item": _shares(by_item, heard),
        "equal": _shares(np.ones(given.shape), given[None]),
    }
    makers, chosen = {}, {}
    for kind, tried in shares.items():
        scored = _scores(_mixture(knots, tried), realised)
        best = int(scored["score"].round(12).argmax())  # rounding alone does not decide
        chosen[kind] = tried[best]
        makers[kind] = scored.assign(
            cutoff=np.nan if kind == "equal" else cutoffs,
            assessors=(np.nan_to_num(tried) > 0).any(axis=1).sum(axis=1),
            best=np.arange(len(scored)) == best,
        )
    columns = ["kind", "cutoff", "assessors", *scores.columns, "best"]
    cutoff = makers["global"]["cutoff"][makers["global"]["best"]].iloc[0]
    of_assessor = {
        "assessor": assessors,
        "global": _shares(scores["score"].to_numpy(), calibration >= cutoff),
        "item": np.nanmean(chosen["item"], axis=0),
        "equal": np.full(len(assessors), 1 / len(assessors)),
    }
    items = pd.DataFrame(chosen["item"], questions, assessors).reset_index()
    return Optimum(
        pd.concat(makers, names=["kind"]).reset_index("kind")[columns].reset_index(drop=True),
        pd.DataFrame(of_assessor).melt("assessor", var_name="kind", value_name="weight"),
        items.melt("question", var_name="assessor", value_name="weight").dropna(ignore_index=True),
    )


def _on_range(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame, overshoot: float) -> _Answers:
    """Place every answer on the intrinsic range of its question."""
    problems = list(_problems(seed_answers, seed_questions))
    if problems:
        raise Problem(problems)
    table = seed_answers.pivot(index="question", columns="assessor", values=list(QUANTILES))
    asked = seed_questions.set_index("question").loc[table.index]
    is_log = (asked["scale"] == "log").to_numpy()[:, None]
    values = np.column_stack([table, asked["realisation"]]).astype(float)
    values = np.where(is_log, np.log(values, where=is_log, out=np.zeros_like(values)), values)
    lowest = np.nanmin(values, axis=1, keepdims=True)
    distance = np.nanmax(values, axis=1, keepdims=True) - lowest
    single = distance == 0  # all answers are the realisation: there is no range, and no answer is narrower than another
    places = ((values - lowest) / np.where(single, 1, distance) + overshoot) / (1 + 2 * overshoot)
    answers = places[:, :-1].reshape(len(asked), len(QUANTILES), -1).swapaxes(1, 2)
    widths = np.maximum(np.diff(answers, axis=2, prepend=0, append=1), NARROWEST)
    widths = np.where(single[..., None] & ~np.isnan(widths), _expected(), widths)
    knots = np.cumsum(widths / widths.sum(axis=2, keepdims=True), axis=2)
    return _Answers(table.index, table["q05"].columns, np.insert(knots, 0, 0, axis=2), places[:, -1])


def _problems(seed_answers: pd.DataFrame, seed_questions: pd.DataFrame) -> Iterator[str]:
    """Tell what makes a calibration impossible."""
    asked = seed_answers["question"].nunique()
    for assessor, answered in seed_answers["assessor"].value_counts().sort_index().items():
        if answered < FEWEST:
            yield (
                f"seed_answers: {assessor} answered {answered} of {asked} seed questions; calibration takes at least "
                f"{FEWEST}. Have more questions answered, or leave this assessor's answers out"
            )
    if seed_answers.empty:
        yield "seed_answers: there are none; deliver answers, or choose another pooling in the cycle's file"
    told = seed_answers.merge(seed_questions[["question", "scale", "realisation"]], on="question")
    for row in told[(told["scale"] == "log") & (told[["q05", "realisation"]] <= 0).any(axis=1)].itertuples():
        yield (
            f"seed_answers: {row.question}, {row.assessor}: q05 is {row.q05:g}, the realisation {row.realisation:g}; "
            "on a log scale both must be above 0. Correct the value, or make the scale of the question uniform"
        )


def _expected() -> Floats:
    """Return the probabilities of the intervals between quantiles: .05, .45, .45, .05."""
    return np.diff([*QUANTILES.values()], prepend=0, append=1)


def _information(knots: Floats) -> Floats:
    """Return the information of each distribution relative to the flat background, in nats."""
    expected = _expected()
    return np.asarray((expected * np.log(expected / np.diff(knots))).sum(axis=2))


def _scores(knots: Floats, realised: Floats) -> pd.DataFrame:
    """Return answered, calibration, information and score of each column of distributions."""
    expected = _expected()
    interval = (realised[:, None, None] > knots[..., 1:-1] + 4 * NARROWEST).sum(axis=2)
    given = ~np.isnan(knots[..., 1])
    counts = ((interval[..., None] == np.arange(len(expected))) & given[..., None]).sum(axis=0)
    answered = counts.sum(axis=1)
    seen = counts / answered[:, None]
    divergence = (seen * np.log(np.where(seen > 0, seen, 1) / expected)).sum(axis=1)
    scores = pd.DataFrame({"answered": answered, "calibration": _chi_square_tail(2 * answered * divergence)})
    scores["information"] = np.nanmean(_information(knots), axis=0)
    return scores.assign(score=scores["calibration"] * scores["information"])


def _chi_square_tail(statistic: Floats) -> Floats:
    """Return the probability that a chi-square variable with three degrees of freedom is larger."""
    x = np.maximum(statistic, 0)  # a divergence of 0 may come out a hair below it
    outside = np.array([math.erfc(value) for value in np.sqrt(x / 2)])
    return np.asarray(outside + np.sqrt(2 * x / np.pi) * np.exp(-x / 2))


def _shares(parts: Floats, heard: Flags) -> Floats:
    """Return the parts of those heard, together 1; equal where all parts are 0, NaN where nobody is heard."""
    kept = np.where(heard, parts, 0.0)
    kept = np.where(kept.sum(axis=-1, keepdims=True) > 0, kept, heard)
    with np.errstate(invalid="ignore"):
        return np.asarray(kept / kept.sum(axis=-1, keepdims=True))


def _mixture(knots: Floats, shares: Floats) -> Floats:
    """Return the knots of decision makers (questions x makers x 5), from shares (makers x questions x assessors).

    A mixture's distribution function is a broken line that bends only at knots of the assessors: computed there, and
    drawn straight between, it is exact.
    """
    grid = np.sort(np.nan_to_num(knots).reshape(len(knots), -1))
    passed = (grid[:, None, :, None] - knots[:, :, None, :-1]) / np.diff(knots)[:, :, None]
    below = np.nan_to_num(np.clip(passed, 0, 1) @ _expected())
    rising = np.einsum("mqa,qag->qmg", shares, below)[:, :, None]
    level, steps = np.array([*QUANTILES.values()])[:, None], np.diff(rising)
    crossed = np.clip((level - rising[..., :-1]) / np.where(steps > 0, steps, np.inf), 0, 1)
    quantiles = (crossed * np.diff(grid)[:, None, None]).sum(axis=3)
    return np.insert(quantiles, [0, len(QUANTILES)], [0, 1], axis=2)
