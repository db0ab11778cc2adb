"""The scores of the bundled cycles: the planted assessors get the weight, another seed changes no label."""

import pandas as pd
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
    sample = scoring.sampled(judged, weights, this.weights, draws.count, draws.seed + 1, draws.dependence)
    other = sample.intervals.set_index("scenario").loc[written.index]
    assert (other != written[other.columns]).any(axis=None)
    for column in ("impact_low", "impact_median", "impact_high"):
        here, there = (scales.impact_position(table[column]) for table in (written, other))
        assert abs(here - there).max() < 0.05


def test_above_the_next_is_the_pairwise_share(made, cycle):
    table = made.read_table(cycle, "impact")
    order = table[table["bound"] == "best"].sort_values(["rank", "scenario"])["scenario"]
    above = made.read_table(cycle, "robustness").set_index("scenario")["above_next"].loc[order]
    assert above.iloc[:-1].between(0.2, 1).all()
    assert above.iloc[:-1].mean() > 0.5
    assert above.isna().sum() == 1
    assert pd.isna(above.iloc[-1])


def test_weights_may_move_within_their_room_and_not_beyond(made, cycle):
    """Outside its bounds another scenario is among the ten highest; just inside, the ten are the same."""
    judgements = made.read_table(cycle, "judgements")
    weights = open_cycle(cycle, project=made).weights

    def highest(moved, weight):
        rest = (1 - weight) / (1 - weights[moved])
        now = {criterion: weight if criterion == moved else rest * w for criterion, w in weights.items()}
        table = impact.weighted_sum(impact.contributions(judgements[judgements["bound"] == "best"], now))
        return set(table.nlargest(scoring.TOP, "value")["scenario"])

    room = made.read_table(cycle, "weight_sensitivity").set_index("criterion")
    for criterion, row in room.iterrows():
        usual = highest(criterion, weights[criterion])
        for bound, inward in (("from", 1), ("to", -1)):
            if 0 < row[bound] < 1:
                assert highest(criterion, row[bound] + 1e-6 * inward) == usual
                assert highest(criterion, row[bound] - 1e-6 * inward) != usual
    assert room["room"].notna().any()


def test_central_weights_add_up_and_lean_to_where_the_scenario_is_worst(made, cycle):
    central = made.read_table(cycle, "central_weights").pivot(index="scenario", columns="criterion", values="weight")
    assert central.sum(axis=1).to_numpy() == pytest.approx(1)
    robustness = made.read_table(cycle, "robustness").set_index("scenario")
    assert set(central.index) == set(robustness.index[robustness["first"] > 0])


def test_the_density_of_each_scenario_is_whole_and_lies_around_its_interval(made, cycle):
    density, intervals = (made.read_table(cycle, name) for name in ("density", "intervals"))
    assert density.groupby("scenario")["share"].sum().to_numpy() == pytest.approx(1)
    middle = density.assign(at=density["impact"] * density["share"]).groupby("scenario")["at"].sum()
    medians = intervals.set_index("scenario")["impact_median"]
    assert abs(middle - scales.impact_position(medians.loc[middle.index])).max() < 0.25


def test_acute_chronic_and_slow_are_ranked_apart(made, cycle):
    alike = made.read_table(cycle, "among_its_like")
    table = made.read_table(cycle, "impact")
    values = table[table["bound"] == "best"].set_index("scenario")["value"]
    assert alike.groupby(["onset", "horizon"]).ngroups > 1
    for _, group in alike.groupby(["onset", "horizon"]):
        assert (group["of"] == len(group)).all()
        own = values[group["scenario"]]
        assert [1 + int((own > value + 1e-12).sum()) for value in own] == list(group["rank"])
