"""The scores of the bundled cycles: the planted assessors get the weight, another seed changes no label."""

import pytest
from workbench import ILLUSTRATIVE, truth_of

from nvslib import impact, scales, scoring
from nvslib.cycle import open_cycle


@pytest.fixture(scope="module", params=ILLUSTRATIVE)
def cycle(request):
    return request.param


@pytest.fixture(scope="module")
def truth(cycle):
    return truth_of(cycle)


def test_the_well_calibrated_get_the_weight_and_the_outliers_none(made, cycle, truth):
    weights = made.read_table(cycle, "experts").set_index("assessor")["weight"]
    planted = truth["assessors"]
    assert weights.sum() == pytest.approx(1)
    assert (weights[[*planted["overconfident"], *planted["biased"]]] == 0).all()
    assert set(weights.nlargest(5).index) == set(planted["well_calibrated"])


def test_the_scores_come_near_the_planted_truth(made, cycle, truth):
    judgements = made.read_table(cycle, "judgements")
    best = judgements[judgements["bound"] == "best"]
    planted = [truth["positions"]["before"][s][c] for s, c in zip(best["scenario"], best["criterion"], strict=True)]
    assert best["position"].corr(best.assign(planted=planted)["planted"]) > 0.95


def test_intervals_hold_their_median_and_lie_on_their_scales(made, cycle):
    intervals = made.read_table(cycle, "intervals")
    for side, highest in (("impact", 1), ("likelihood", 100)):
        low, median, high = (intervals[f"{side}_{end}"] for end in ("low", "median", "high"))
        assert ((low >= 0) & (low <= median) & (median <= high) & (high <= highest)).all()


def test_rank_shares_add_up(made, cycle):
    shares = made.read_table(cycle, "acceptability")
    assert shares.groupby("scenario")["share"].sum().to_numpy() == pytest.approx(1)
    assert shares.groupby("rank")["share"].sum().to_numpy() == pytest.approx(1)


def test_orders_and_profiles_agree_with_the_impact(made, cycle):
    table = made.read_table(cycle, "impact")
    ranks = table[table["bound"] == "best"].set_index("scenario")["rank"]
    orders = made.read_table(cycle, "orders").pivot(index="scenario", columns="aggregator", values="rank")
    assert (orders["weighted-sum"] == ranks).all()
    profiles = made.read_table(cycle, "profile_orders").pivot(index="scenario", columns="profile", values="rank")
    assert (profiles["neutral"] == ranks).all()
    agreement = impact.agreement(orders.T)
    assert agreement["tau"].between(0.3, 1).all()


def test_another_seed_gives_other_draws_and_no_other_label(made, cycle):
    this = open_cycle(cycle, project=made)
    weights = made.read_table(cycle, "experts").set_index("assessor")["weight"].to_dict()
    judged, draws = made.read_table(cycle, "assessments"), this.sampling
    written = made.read_table(cycle, "intervals").set_index("scenario")
    other, _ = scoring.sampled(judged, weights, this.weights, draws.count, draws.seed + 1, draws.dependence)
    other = other.set_index("scenario").loc[written.index]
    assert (other != written[other.columns]).any(axis=None)
    for column in ("impact_low", "impact_median", "impact_high"):
        here, there = (scales.impact_position(table[column]) for table in (written, other))
        assert abs(here - there).max() < 0.05
