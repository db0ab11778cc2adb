"""Cascades on all small networks that come up: against every world one by one, and laws that hold for any network."""

import itertools
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import cascades, scales

LEVELS = ["low", "mean", "high"]
some = settings(max_examples=50)
probabilities = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(lambda p: round(p, 3)))
levels = st.one_of(st.lists(probabilities, min_size=3, max_size=3).map(sorted), probabilities.map(lambda p: [p] * 3))

# Where classes begin: an amount, and how many times as much each next one is.
begins = st.tuples(st.floats(0.1, 1e6), *[st.floats(1.5, 100)] * 3).map(np.cumprod)


@st.composite
def networks(draw, most=12):
    """Draw a network of up to five scenarios, loops and all, and the names of its scenarios."""
    names = list("edcba"[: draw(st.integers(1, 5))])
    pairs = list(itertools.permutations(names, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=most, unique=True)) if pairs else []
    rows = [[*pair, *draw(levels)] for pair in chosen]
    return pd.DataFrame(rows, columns=["cause", "effect", *LEVELS]), names


def percents(draw, names):
    """Draw the likelihood of each scenario, in per cent."""
    rows = [[name, *sorted(100 * draw(probabilities) for _ in range(3))] for name in names]
    return pd.DataFrame(rows, columns=["scenario", *scales.BOUNDS]).melt(
        "scenario", var_name="bound", value_name="percent"
    )


@st.composite
def likely_networks(draw):
    network, names = draw(networks(most=7))
    return network, names, percents(draw, names)


@st.composite
def judged_networks(draw):
    network, names = draw(networks(most=7))
    rows = [
        [name, criterion, *sorted(draw(st.integers(0, 10)) / 2 for _ in range(3))]
        for name in names
        for criterion in "xy"
    ]
    table = pd.DataFrame(rows, columns=["scenario", "criterion", *scales.BOUNDS])
    return network, names, table.melt(["scenario", "criterion"], var_name="bound", value_name="position")


def every_world(network, names):
    """Return what reaches what in every world (worlds × causes × effects), and the probability of each per level."""
    live = np.array(list(itertools.product([False, True], repeat=len(network))), dtype=bool)
    live = live.reshape(2 ** len(network), len(network))
    reaches = np.broadcast_to(np.eye(len(names), dtype=bool), (len(live), len(names), len(names))).copy()
    at = {name: place for place, name in enumerate(names)}
    for number, (cause, effect) in enumerate(zip(network["cause"], network["effect"], strict=True)):
        reaches[:, at[cause], at[effect]] |= live[:, number]
    for by in range(len(names)):
        reaches |= reaches[:, :, [by]] & reaches[:, [by], :]
    chances = network[LEVELS].to_numpy(dtype=float)
    weights = np.where(live[:, :, np.newaxis], chances, 1 - chances).prod(axis=1)
    return reaches, weights.T


def by_bound(table, column, names):
    return table.pivot(index="scenario", columns="bound", values=column).loc[names, list(scales.BOUNDS)].to_numpy()


def happens(reaches, weights, own):
    """Return the probability that each scenario happens, one by one over what happens by itself and over worlds."""
    total = np.zeros(reaches.shape[1])
    for first in itertools.product([False, True], repeat=len(own)):
        chance = np.where(first, own, 1 - own).prod()
        total += chance * (weights @ (reaches & np.array(first)[:, np.newaxis]).any(axis=1))
    return total


def drawn(network, names, count=200, seed=1):
    return cascades.drawn(network, names, count, seed)


def without_exact():
    """Let worlds be drawn wherever a link is uncertain."""
    return mock.patch.object(cascades, "MOST", 0)


@some
@given(networks())
def test_reach_is_what_all_worlds_one_by_one_give(case):
    network, names = case
    reaches, weights = every_world(network, names)
    found = cascades.reach(drawn(network, names)).set_index(["cause", "effect"])
    expected = np.einsum("kw,wij->ijk", weights, reaches)
    pairs = [(i, j) for i, j in itertools.permutations(range(len(names)), 2) if expected[i, j, 2] > 0]
    assert sorted(found.index) == sorted((names[i], names[j]) for i, j in pairs)
    for i, j in pairs:
        assert found.loc[(names[i], names[j]), LEVELS].tolist() == pytest.approx(expected[i, j].tolist(), abs=1e-12)
    assert set(found["exact"]) <= {"yes"}
    direct = network.set_index(["cause", "effect"])["mean"].reindex(found.index)
    assert found["direct"].tolist() == pytest.approx(direct.tolist(), nan_ok=True)


@some
@given(likely_networks())
def test_the_likelihood_with_causes_is_what_all_worlds_and_all_beginnings_give(case):
    network, names, likelihood = case
    reaches, weights = every_world(network, names)
    own = by_bound(likelihood, "percent", names) / 100
    found = cascades.with_causes(drawn(network, names), likelihood)
    for level in range(3):
        expected = 100 * happens(reaches, weights[level], own[:, level])
        assert by_bound(found, "percent", names)[:, level] == pytest.approx(expected, abs=1e-9)
    assert by_bound(found, "own", names) == pytest.approx(100 * own)


@some
@given(likely_networks())
def test_what_a_cause_adds_is_missing_once_it_does_not_happen(case):
    network, names, likelihood = case
    reaches, weights = every_world(network, names)
    own = by_bound(likelihood, "percent", names)[:, 1] / 100
    found = cascades.causes(drawn(network, names), likelihood)
    assert (found["adds"] > 0).all()
    adds = found.set_index(["scenario", "cause"])["adds"]
    for cause, name in enumerate(names):
        never = np.where(np.arange(len(names)) == cause, 0, own)
        lost = 100 * (happens(reaches, weights[1], own) - happens(reaches, weights[1], never))
        for effect, other in enumerate(names):
            if other != name:
                assert adds.get((other, name), 0) == pytest.approx(lost[effect], abs=1e-9)


@some
@given(judged_networks())
def test_the_worst_that_is_triggered_is_what_all_worlds_give(case):
    network, names, positions = case
    reaches, weights = every_world(network, names)
    found = cascades.triggered(drawn(network, names), positions, {})
    for criterion in "xy":
        value = scales.impact_value(by_bound(positions[positions["criterion"] == criterion], "position", names))
        highest = (reaches[..., np.newaxis] * value).max(axis=2)
        expected = scales.impact_position(np.einsum("kw,wik->ik", weights, highest))
        ours = found[found["criterion"] == criterion]
        assert by_bound(ours, "with_effects", names) == pytest.approx(expected, abs=1e-9)
        assert ours["amount"].isna().all()


@some
@given(judged_networks(), begins)
def test_amounts_of_what_is_triggered_add_up(case, begin):
    network, names, positions = case
    links = drawn(network, names)
    reach = cascades.reach(links).melt(["cause", "effect"], ["low", "mean", "high"], "bound", value_name="p")
    reach["bound"] = reach["bound"].replace("mean", "best")
    found = cascades.triggered(links, positions, {"x": begin})
    assert found.loc[found["criterion"] == "y", "amount"].isna().all()
    found = found[found["criterion"] == "x"].set_index(["scenario", "bound"])
    own = pd.Series(cascades.amount(found["own"], begin), found.index)
    for (scenario, bound), row in found.iterrows():
        sets_off = reach[(reach["cause"] == scenario) & (reach["bound"] == bound)]
        added = sum(p * own[other, bound] for other, p in zip(sets_off["effect"], sets_off["p"], strict=True))
        assert row["amount"] == pytest.approx(own[scenario, bound] + added)
    assert found["with_effects"].to_numpy() == pytest.approx(cascades.position(found["amount"], begin), abs=1e-9)


@given(begins, st.floats(0, 5), st.floats(0, 5))
def test_positions_and_amounts_go_to_and_fro_and_keep_their_order(begin, one, other):
    low, high = sorted([one, other])
    assert cascades.amount(0, begin) == 0
    assert cascades.amount(low, begin) <= cascades.amount(high, begin)
    assert cascades.position(cascades.amount(one, begin), begin) == pytest.approx(one, abs=1e-9)


@some
@given(likely_networks(), st.data())
def test_a_link_is_as_important_as_moving_it_shows(case, data):
    network, names, likelihood = case
    values = pd.Series([data.draw(probabilities) for _ in names], names)
    found = cascades.link_importance(drawn(network, names), likelihood, values)
    assert found["again"].tolist() == list(range(1, len(network) + 1))
    assert found["swing"].is_monotonic_decreasing
    own = likelihood[likelihood["bound"] == "best"].set_index("scenario")["percent"] / 100
    for row in found.itertuples():
        here = (network["cause"] == row.cause) & (network["effect"] == row.effect)
        for level in ("low", "high"):
            moved = network.assign(mean=network["mean"].where(~here, network[level]))
            moved = moved.assign(low=moved["mean"], high=moved["mean"])
            reach = cascades.reach(drawn(moved, names))
            loss = (reach["cause"].map(own) * reach["mean"] * reach["effect"].map(values)).sum()
            assert getattr(row, level) == pytest.approx(loss, abs=1e-12)
        assert row.swing == pytest.approx(row.high - row.low, abs=1e-11)


@some
@given(likely_networks(), st.randoms(), st.booleans())
def test_the_order_of_rows_and_names_does_not_matter(case, random, small):
    network, names, likelihood = case
    positions = likelihood.assign(criterion="x", position=likelihood["percent"] / 20)
    values = pd.Series(np.linspace(0, 1, len(names)), names)
    order = random.sample(range(len(network)), len(network))
    turned = random.sample(names, len(names))
    rows = random.sample(range(len(likelihood)), len(likelihood))
    with mock.patch.object(cascades, "MOST", 16 if small else 0):
        one, other = drawn(network, names), drawn(network.iloc[order], turned)
        pd.testing.assert_frame_equal(cascades.reach(one), cascades.reach(other), check_exact=True)
        for table in (cascades.with_causes, cascades.causes):
            pd.testing.assert_frame_equal(table(one, likelihood), table(other, likelihood.iloc[rows]), check_exact=True)
        pd.testing.assert_frame_equal(
            cascades.triggered(one, positions, {}),
            cascades.triggered(other, positions.iloc[rows], {}),
            check_exact=True,
        )
        pd.testing.assert_frame_equal(
            cascades.link_importance(one, likelihood, values),
            cascades.link_importance(other, likelihood.iloc[rows], values[turned]),
            check_exact=True,
        )


@some
@given(likely_networks(), st.booleans())
def test_levels_keep_their_order_and_nothing_possible_is_zero(case, small):
    network, names, likelihood = case
    positions = likelihood.assign(criterion="x", position=likelihood["percent"] / 20)
    with mock.patch.object(cascades, "MOST", 16 if small else 0):
        links = drawn(network, names, count=3)
        reach = cascades.reach(links)
        caused = cascades.with_causes(links, likelihood)
        worst = cascades.triggered(links, positions, {})
        losses = cascades.link_importance(links, likelihood, pd.Series(1.0, names))
    assert (reach["low"] <= reach["mean"]).all()
    assert (reach["mean"] <= reach["high"]).all()
    for table, column in ((caused, "percent"), (worst, "with_effects")):
        assert (np.diff(by_bound(table, column, names), axis=1) >= 0).all()
        assert (table[column] >= table["own"]).all()
    assert (caused["percent"] <= 100).all()
    assert (losses["swing"] >= 0).all()
    # Whatever has a path has a probability, however few worlds were drawn.
    reaches, weights = every_world(network, names)
    possible = np.einsum("w,wij->ij", weights[1], reaches) > 0
    found = reach[reach["mean"] > 0].set_index(["cause", "effect"]).index
    assert set(found) == {(names[i], names[j]) for i, j in np.argwhere(possible) if i != j}


@some
@given(networks(), st.data())
def test_a_more_probable_link_never_makes_anything_less_probable(case, data):
    network, names = case
    if network.empty:
        return
    row = data.draw(st.integers(0, len(network) - 1))
    higher = network.copy()
    higher.loc[row, LEVELS] = [data.draw(st.floats(p, 1)) for p in network.loc[row, LEVELS]]
    higher["mean"] = higher[["low", "mean"]].max(axis=1)
    higher["high"] = higher[["mean", "high"]].max(axis=1)
    for most, tolerance in ((0, 0), (16, 1e-12)):
        with mock.patch.object(cascades, "MOST", most):
            before, after = (drawn(table, names).triggering[0] for table in (network, higher))
        assert (after >= before - tolerance).all()
