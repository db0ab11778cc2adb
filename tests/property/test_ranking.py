"""Laws of ranks over draws: shares add up, names and order do not matter, a tie stays a tie, higher never hurts."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nvslib import ranking, scales, uncertainty

draws = st.tuples(st.integers(1, 12), st.integers(2, 6)).flatmap(
    lambda shape: arrays(float, shape, elements=st.integers(0, 5).map(float))
)


def table(values):
    return pd.DataFrame(values, columns=pd.Index([f"s{number}" for number in range(values.shape[1])], name="scenario"))


def by_hand(values):
    """Return rank acceptability with plain loops; equal scenarios share the ranks that they take up together."""
    count = values.shape[1]
    shares = np.zeros((count, count))
    for row in values:
        for scenario, value in enumerate(row):
            higher, equal = sum(other > value for other in row), sum(other == value for other in row)
            for rank in range(higher, higher + equal):
                shares[scenario, rank] += 1 / equal
    return shares / len(values)


@given(draws)
def test_acceptability_is_what_counting_gives(values):
    found = ranking.acceptability(table(values))
    assert found.to_numpy() == pytest.approx(by_hand(values))
    assert found.sum(axis=0).to_numpy() == pytest.approx(1)
    assert found.sum(axis=1).to_numpy() == pytest.approx(1)


@given(draws, st.randoms())
def test_names_and_the_order_of_draws_do_not_matter(values, random):
    found = ranking.acceptability(table(values))
    order = list(range(values.shape[1]))
    random.shuffle(order)
    rows = list(range(len(values)))
    random.shuffle(rows)
    turned = ranking.acceptability(table(values).iloc[rows, order])
    assert turned.loc[found.index].to_numpy() == pytest.approx(found.to_numpy())


@given(draws, st.integers(0, 5), st.integers(1, 3))
def test_a_scenario_that_is_judged_higher_never_stands_lower(values, which, more):
    which %= values.shape[1]
    before = ranking.acceptability(table(values)).cumsum(axis=1).iloc[which]
    raised = values.copy()
    raised[:, which] += more
    after = ranking.acceptability(table(raised)).cumsum(axis=1).iloc[which]
    assert (after >= before - 1e-12).all()


@given(draws)
def test_pairs_are_mirror_images_and_a_tie_is_half(values):
    found = ranking.pairwise(table(values)).to_numpy()
    assert found + found.T == pytest.approx(np.ones_like(found))
    for one, other in itertools.combinations(range(values.shape[1]), 2):
        wins = np.mean(values[:, one] > values[:, other]) + np.mean(values[:, one] == values[:, other]) / 2
        assert found[one, other] == pytest.approx(wins)


@given(draws, st.integers(1, 4))
def test_the_robust_top_adds_up_to_its_size(values, k):
    k = min(k, values.shape[1])
    top = ranking.robust_top(ranking.acceptability(table(values)), k)
    assert top["probability"].sum() == pytest.approx(k)
    assert top["probability"].between(0, 1).all()


def test_weights_are_uniform_on_the_simplex_and_seeded():
    drawn = ranking.weights_on_simplex(20_000, ["a", "b", "c"], 3)
    assert drawn.sum(axis=1).to_numpy() == pytest.approx(1)
    assert drawn.mean().to_numpy() == pytest.approx(1 / 3, abs=0.01)
    # Flat on the simplex of three: variance 1/18, and each weight is above a half a quarter of the time.
    assert drawn.var().to_numpy() == pytest.approx(1 / 18, rel=0.05)
    assert (drawn > 0.5).mean().to_numpy() == pytest.approx(0.25, abs=0.015)
    assert drawn.equals(ranking.weights_on_simplex(20_000, ["a", "b", "c"], 3))
    assert not drawn.equals(ranking.weights_on_simplex(20_000, ["a", "b", "c"], 4))
    near = ranking.weights_around({"a": 0.5, "b": 0.3, "c": 0.2}, 20_000, 3, concentration=40)
    assert near.mean().to_numpy() == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    assert near["a"].var() == pytest.approx(0.25 / 41, rel=0.06)


def test_central_weights_tell_what_one_must_find_important():
    weights = ranking.weights_on_simplex(5000, ["a", "b"], 1)
    impacts = pd.DataFrame({"likes-a": weights["a"], "likes-b": weights["b"]})
    central = ranking.central_weights(weights, impacts)
    first = central.set_index(central.columns[0]) if "scenario" in central.columns else central
    assert first.loc["likes-a", "a"] == pytest.approx(0.75, abs=0.02)
    assert first.loc["likes-b", "b"] == pytest.approx(0.75, abs=0.02)


@settings(max_examples=40)
@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 1000))
def test_what_is_worth_discussing_again_is_what_trying_it_gives(scenarios, criteria, seed):
    """Brute force: one cell to its lowest or highest, all others at their best."""
    random = np.random.default_rng(seed)
    rows = []
    for scenario in range(scenarios):
        for criterion in range(criteria):
            for weight in (0.3, 0.7):
                low, best, high = np.sort(random.integers(0, 6, 3)).astype(float)
                rows.append((f"s{scenario}", f"c{criterion}", weight, low, best, high))
    members = pd.DataFrame(rows, columns=["scenario", "criterion", "weight", "low", "best", "high"])
    weights = dict(zip([f"c{n}" for n in range(criteria)], random.dirichlet(np.ones(criteria)), strict=True))
    found = ranking.sensitivity_to_cells(members, weights).set_index(["scenario", "criterion"])

    cells = members.assign(best=members["best"] * members["weight"]).groupby(["scenario", "criterion"])
    best, low, high = cells["best"].sum(), cells["low"].min(), cells["high"].max()

    def rank(scenario, changed):
        places = best.copy()
        places.update(changed)
        values = scales.impact_value(places) * places.index.get_level_values("criterion").map(weights)
        totals = pd.Series(values, places.index).groupby(level="scenario").sum().round(10)
        return 1 + int((totals > totals[scenario]).sum())

    for cell in found.index:
        ranks = [rank(cell[0], bound.loc[[cell]]) for bound in (low, high)]
        assert found.loc[cell, ["rank_low", "rank_high"]].tolist() == ranks
        assert found.loc[cell, "places"] == ranks[0] - ranks[1] >= 0
    assert sorted(found["again"]) == list(range(1, len(found) + 1))


def test_a_cell_without_a_weight_is_refused():
    one = {"scenario": "a", "criterion": "z", "weight": 1.0, "low": 1.0, "best": 1.0, "high": 1.0}
    with pytest.raises(ValueError, match="criteria without a weight: z"):
        ranking.sensitivity_to_cells(pd.DataFrame([one]), {"x": 1.0})


@given(draws)
def test_scenarios_that_differ_by_rounding_alone_stay_equal(values):
    twins = table(values).assign(twin=values[:, 0] + 1e-15)
    shares = ranking.acceptability(twins)
    assert shares.loc["twin"].to_numpy() == pytest.approx(shares.loc["s0"].to_numpy())
    assert ranking.pairwise(twins).loc["s0", "twin"] == 0.5
    central = ranking.central_weights(ranking.weights_on_simplex(len(values), ["x", "y"], 1), twins)
    assert central.loc["twin"].to_numpy() == pytest.approx(central.loc["s0"].to_numpy(), nan_ok=True)


@given(draws)
def test_the_mean_rank_follows_from_the_pairs(values):
    """Two ways to the same number: 1 and the number of scenarios that are higher, a tie being half."""
    shares = ranking.acceptability(table(values))
    higher = (1 - ranking.pairwise(table(values))).sum(axis="columns") - 0.5
    assert shares.to_numpy() @ shares.columns.to_numpy() == pytest.approx(1 + higher.to_numpy())


@given(draws, st.floats(0.01, 0.99))
def test_intervals_contain_the_median_and_grow_with_the_level(values, level):
    narrow, wide = (uncertainty.intervals(table(values), one) for one in (level, (1 + level) / 2))
    assert ((narrow["low"] <= narrow["median"]) & (narrow["median"] <= narrow["high"])).all()
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high"] >= narrow["high"]).all()


@st.composite
def valued(draw):
    """Draw scenarios × criteria of impact values, and weights."""
    scenarios, criteria = draw(st.integers(1, 6)), draw(st.integers(2, 4))
    positions = draw(arrays(float, (scenarios, criteria), elements=st.integers(0, 5).map(float)))
    parts = np.array(draw(st.lists(st.integers(1, 9), min_size=criteria, max_size=criteria)), dtype=float)
    names = list("wxyz"[:criteria])
    weights = dict(zip(names, (parts / parts.sum()).tolist(), strict=True))
    return pd.DataFrame(scales.impact_value(positions), columns=names), weights


@given(valued(), st.integers(1, 4))
def test_the_top_holds_within_the_bounds_of_a_weight_and_not_beyond(case, k):
    values, weights = case
    matrix, old = values.to_numpy(), np.array(list(weights.values()))
    order = np.argsort(-(matrix @ old).round(12), kind="stable")

    def lead(criterion, weight):
        """Return by how much the lowest in the top is above the highest outside it, with one weight moved."""
        moved = old * (1 - weight) / (1 - old[criterion])
        moved[criterion] = weight
        impact = (matrix @ moved)[order]
        return impact[:k].min() - impact[k:].max(initial=0)

    found = ranking.sensitivity_to_weights(values, weights, k)
    assert found["room"].dropna().is_monotonic_increasing
    found = found.set_index("criterion")
    for number, name in enumerate(weights):
        lower, upper, weight, room = found.loc[name, ["from", "to", "weight", "room"]]
        assert 0 <= lower <= weight + 1e-12
        assert weight - 1e-12 <= upper <= 1
        assert all(lead(number, inside) >= -1e-9 for inside in np.linspace(lower, upper, 5))
        # An end at 0 or 1 is that of the scale and not of the top.
        ends = [(weight - lower, lower - 1e-4)] * (lower > 1e-4) + [(upper - weight, upper + 1e-4)] * (upper < 1 - 1e-4)
        assert all(lead(number, beyond) < 0 for _, beyond in ends)
        if ends:
            assert room == pytest.approx(min(ends)[0], abs=1e-9)


def test_the_bounds_of_weights_by_hand():
    """The first is ahead on x by 1 and behind on y by 1/2: equal where w * 1 = (1 - w) * 1/2, that is w = 1/3."""
    values = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 0.5]})
    x, y = ranking.sensitivity_to_weights(values, {"x": 0.5, "y": 0.5}, 1).to_dict("records")
    assert x == {"criterion": "x", "weight": 0.5, "from": pytest.approx(1 / 3), "to": 1, "room": pytest.approx(1 / 6)}
    assert y == {"criterion": "y", "weight": 0.5, "from": 0, "to": pytest.approx(2 / 3), "room": pytest.approx(1 / 6)}


def test_a_weight_that_is_all_there_is_has_no_bounds():
    values = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 0.5]})
    found = ranking.sensitivity_to_weights(values, {"x": 1.0, "y": 0.0}, 1).set_index("criterion")
    assert found.loc["x", ["from", "to", "room"]].isna().all()
    assert found.loc["y", "to"] == pytest.approx(2 / 3)
