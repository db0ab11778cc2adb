"""Cascades: closed forms, cases worked by hand, and networks so large that worlds are drawn."""

import itertools
import math
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from nvslib import cascades, scales

LEVELS = ["low", "mean", "high"]
LINKS = ["cause", "effect", "judged_from", "low", "best", "high"]


def net(links):
    """Return a network from (cause, effect) -> probability, or low, mean and high."""
    rows = [[*pair, *np.broadcast_to(p, 3)] for pair, p in links.items()]
    return pd.DataFrame(rows, columns=["cause", "effect", *LEVELS])


def drawn(links, count=1000, seed=1, also=()):
    return cascades.drawn(net(links), {*also, *itertools.chain(*links)}, count, seed)


def reach(links, **options):
    return cascades.reach(drawn(links, **options)).set_index(["cause", "effect"])


def likely(percent):
    """Return the likelihood, the same at each bound unless three are given."""
    wide = pd.DataFrame({name: np.broadcast_to(p, 3) for name, p in percent.items()}, list(scales.BOUNDS)).T
    return wide.rename_axis("scenario").reset_index().melt("scenario", var_name="bound", value_name="percent")


def judged(positions):
    """Return positions from (scenario, criterion) -> position, the same at each bound unless three are given."""
    rows = [[*key, *np.broadcast_to(p, 3)] for key, p in positions.items()]
    wide = pd.DataFrame(rows, columns=["scenario", "criterion", *scales.BOUNDS])
    return wide.melt(["scenario", "criterion"], var_name="bound", value_name="position")


def best(table, column, key="scenario"):
    return table[table["bound"] == "best"].set_index(key)[column]


def layers(p, depth=4, width=4):
    """Return a network of layers in which every scenario is linked to all of the next one."""
    return {
        (f"{layer}{one}", f"{layer + 1}{other}"): p
        for layer in range(depth - 1)
        for one in range(width)
        for other in range(width)
    }


def test_two_sides_are_pooled_and_a_scenario_does_not_set_off_itself():
    rows = [
        ["b", "a", "cause", 0.1, 0.2, 0.6],
        ["a", "b", "effect", 0.3, 0.6, 0.6],
        ["a", "a", "cause", 0.5, 0.5, 0.5],
        ["a", "b", "cause", 0.1, 0.2, 0.9],
    ]
    found = cascades.network(pd.DataFrame(rows, columns=LINKS))
    assert list(found.columns) == ["cause", "effect", "judged", "low", "best", "high", "mean"]
    assert found[["cause", "effect", "judged"]].to_numpy().tolist() == [["a", "b", 2], ["b", "a", 1]]
    assert found[["low", "best", "high", "mean"]].to_numpy() == pytest.approx(
        np.array([[0.1, 0.4, 0.9, (0.5 + 0.4) / 2], [0.1, 0.2, 0.6, 0.3]])
    )


def test_three_equal_probabilities_have_that_mean_and_no_other():
    links = pd.DataFrame([["a", "b", "cause", p, p, p] for p in (0.1,)], columns=LINKS)
    assert (0.1 + 0.1 + 0.1) / 3 > 0.1
    assert cascades.network(links).loc[0, "mean"] == 0.1


def test_the_probability_of_a_link_alone_stays_as_it_was_judged():
    """Also beside others: a model that normalises what leaves a scenario would change them."""
    links = {("a", "b"): (0.5, 0.65, 0.8), ("a", "c"): (0.1, 0.475, 0.5), ("a", "d"): (0.2, 0.325, 0.9)}
    found = reach(links)
    for pair, p in links.items():
        assert found.loc[pair, LEVELS].tolist() == list(p)
        assert found.loc[pair, "direct"] == p[1]
    assert (found["exact"] == "yes").all()


def test_a_drawn_link_is_live_as_often_as_it_was_judged():
    links = layers((0.2, 0.3, 0.7))
    count = 20_000
    live = drawn(links, count=count).live
    share = np.bitwise_count(live).sum(axis=2) / count
    error = np.sqrt(np.array([0.16, 0.21, 0.21]) / count)
    assert (abs(share - [0.2, 0.3, 0.7]).mean(axis=0) < error).all()
    assert (abs(share - [0.2, 0.3, 0.7]) < 4 * error).all()
    # The same numbers are used for the three levels, and others for each link.
    assert not (live[:, 0] & ~live[:, 1]).any()
    assert not (live[:, 1] & ~live[:, 2]).any()
    both = np.bitwise_count(live[0, 1] & live[1, 1]).sum() / count
    assert both == pytest.approx(0.09, abs=4 * math.sqrt(0.09 * 0.91 / count))


def test_the_seed_decides_what_is_drawn():
    one, same, other = (drawn(layers(0.3), seed=seed).live.tobytes() for seed in (1, 1, [1, 2]))
    assert one == same != other


@pytest.mark.parametrize("count", [1, 63, 64, 65])
def test_worlds_that_fill_up_a_number_do_not_count(count):
    with mock.patch.object(cascades, "MOST", 0):
        certain = {**dict.fromkeys(layers(1.0, 3, 2), 1.0), ("00", "x"): 0.5, ("00", "y"): 0.5, ("x", "y"): 0.5}
        found = reach(certain, count=count)
    assert found.loc[("00", "20"), LEVELS].tolist() == [1, 1, 1]
    assert found["high"].max() == 1


def test_a_long_chain_and_a_tree_are_exact():
    chain = {(f"{number:02}", f"{number + 1:02}"): 0.9 for number in range(40)}
    found = reach(chain)
    assert (found["exact"] == "yes").all()
    assert found.loc[("00", "40"), "mean"] == pytest.approx(0.9**40)
    tree = {
        (name[:-1] or "root", name): 0.5
        for depth in (1, 2, 3)
        for name in map("".join, itertools.product("ab", repeat=depth))
    }
    found = reach(tree)
    assert (found["exact"] == "yes").all()
    assert found.loc["root", "mean"].groupby(len).unique().tolist() == [[0.5], [0.25], [0.125]]


def test_in_series_and_side_by_side():
    side = {(end, f"{end}{number}"): 0.3 for end in "a" for number in range(3)}
    side |= {(f"a{number}", "b"): 0.5 for number in range(3)}
    found = reach(side | {("b", "c"): 0.4, ("c", "a"): 1.0})
    assert found.loc[("a", "b"), "mean"] == pytest.approx(1 - 0.85**3)
    assert found.loc[("a", "c"), "mean"] == pytest.approx(0.4 * (1 - 0.85**3))
    assert math.isnan(found.loc[("a", "b"), "direct"])
    # Round the loop: from one of the three on, over a, to another.
    assert found.loc[("a0", "a1"), "mean"] == pytest.approx(0.5 * 0.4 * 0.3)


def test_a_bridge_has_the_known_probability():
    """Two paths with a link across: condition on that link."""
    p = 0.3
    links = {("a", "b"): p, ("a", "c"): p, ("b", "d"): p, ("c", "d"): p, ("b", "c"): p}
    dead = 1 - (1 - p * p) ** 2
    live = p * (1 - (1 - p) ** 2) + (1 - p) * p * p
    assert reach(links).loc[("a", "d"), "mean"] == pytest.approx((1 - p) * dead + p * live)


def grid(p):
    """Return a grid of four by three, right and down: seventeen links between its corners."""
    right = {(f"{row}{column}", f"{row}{column + 1}"): p for row in range(3) for column in range(3)}
    return right | {(f"{row}{column}", f"{row + 1}{column}"): p for row in range(2) for column in range(4)}


def over_the_grid(p):
    """Return the probability from corner to corner, over all worlds."""
    links = grid(p)
    worlds = np.arange(2 ** len(links))
    live = {pair: worlds >> number & 1 == 1 for number, pair in enumerate(links)}
    reached = {"00": np.ones(len(worlds), dtype=bool)}
    for row, column in itertools.product(range(3), range(4)):
        end = f"{row}{column}"
        ways = [reached[cause] & live[cause, effect] for cause, effect in links if effect == end]
        reached[end] = np.any([*ways, reached.get(end, np.zeros(len(worlds), dtype=bool))], axis=0)
    number = np.bitwise_count(worlds)
    return (reached["23"] * p**number * (1 - p) ** (len(links) - number)).sum()


def test_what_is_drawn_is_exact_within_its_error():
    count = 20_000
    found = reach(grid((0.3, 0.5, 0.7)), count=count)
    assert found["exact"].value_counts().to_dict() == {"yes": len(found) - 1, "no": 1}
    assert found.loc[("00", "23"), "exact"] == "no"
    for level, p in zip(LEVELS, (0.3, 0.5, 0.7), strict=True):
        true = over_the_grid(p)
        error = math.sqrt(true * (1 - true) / count)
        assert found.loc[("00", "23"), level] == pytest.approx(true, abs=4 * error)
        with mock.patch.object(cascades, "MOST", 17):
            exact = reach(grid(p))
        assert exact.loc[("00", "23")].drop("direct").to_dict() == dict.fromkeys(LEVELS, pytest.approx(true)) | {
            "exact": "yes"
        }


def test_the_blocks_of_worlds_do_not_matter():
    one = reach(grid(0.5))
    with mock.patch.object(cascades, "BLOCK", 1):
        pd.testing.assert_frame_equal(one, reach(grid(0.5)))


def test_what_can_happen_is_never_zero():
    """One path has a probability of 1e-9, and a thousand worlds see none of them."""
    links = layers(0.001)
    network = drawn(links)
    found = cascades.reach(network).set_index(["cause", "effect"])
    far = found.loc[("00", "30")]
    assert far["exact"] == "no"
    assert far[LEVELS].tolist() == pytest.approx([1e-9] * 3)
    names = network.scenarios
    own = likely({name: 2.0 if name[0] == "0" else 0.0 for name in names})
    caused = best(cascades.with_causes(network, own), "percent")
    assert caused["30"] == pytest.approx(2e-9)
    adds = cascades.causes(network, own).set_index(["scenario", "cause"])["adds"]
    assert sorted(adds["30"].index) == ["00", "01", "02", "03"]
    assert adds["30", "00"] == pytest.approx(2e-9 * 0.98**3)
    worst = cascades.triggered(network, judged({(name, "x"): 5 if name == "30" else 0 for name in names}), {})
    assert scales.impact_value(best(worst, "with_effects")["00"]) == pytest.approx(1e-9)


def test_large_networks_are_drawn_for_all_tables_within_their_error():
    """Each table from drawn worlds against itself over all worlds."""
    links = layers((0.2, 0.4, 0.6), depth=3, width=2) | {("20", "00"): 0.3, ("21", "10"): 0.5, ("00", "01"): 0.2}
    count = 20_000
    network = drawn(links, count=count)
    own = likely(dict.fromkeys(network.scenarios, (10, 20, 60)))
    positions = judged({(name, "x"): 1 + 4 * number / 5 for number, name in enumerate(network.scenarios)})
    tables = {
        "percent": lambda of: cascades.with_causes(of, own)["percent"] / 100,
        "adds": lambda of: cascades.causes(of, own)["adds"] / 100,
        "value": lambda of: pd.Series(scales.impact_value(cascades.triggered(of, positions, {})["with_effects"])),
    }
    exact = {name: table(network) for name, table in tables.items()}
    with mock.patch.object(cascades, "MOST", 0):
        sampled = drawn(links, count=count)
        assert (cascades.reach(sampled)["exact"] == "no").any()
        for name, table in tables.items():
            found = table(sampled)
            # No number is spread more than one that is 0 or 1 in each world.
            assert found.to_numpy() == pytest.approx(exact[name].to_numpy(), abs=4 * 0.5 / math.sqrt(count))
            assert not np.allclose(found, exact[name], atol=1e-9, rtol=0)


def test_the_likelihood_with_two_causes_by_hand():
    links = {("a", "c"): (0.1, 0.5, 1.0), ("b", "c"): (0.0, 0.4, 1.0)}
    own = likely({"a": (0, 10, 20), "b": (5, 20, 30), "c": (1, 2, 3)})
    found = cascades.with_causes(drawn(links), own)
    assert list(found.columns) == ["scenario", "bound", "own", "percent"]
    assert found[["scenario", "bound"]].to_numpy().tolist() == [
        [name, bound] for name in "abc" for bound in scales.BOUNDS
    ]
    both = [0.99, 0.98 * 0.95 * 0.92, 0.97 * 0.8 * 0.7]
    assert found.loc[found["scenario"] == "c", "percent"].tolist() == pytest.approx([100 * (1 - none) for none in both])
    assert found.loc[found["scenario"] != "c", "percent"].tolist() == [0, 10, 20, 5, 20, 30]


def test_what_two_causes_add_by_hand():
    links = {("a", "c"): 0.5, ("b", "c"): 0.4, ("c", "d"): 1.0}
    found = cascades.causes(drawn(links), likely({"a": 10, "b": 20, "c": 0, "d": 50}))
    assert found[["scenario", "cause"]].to_numpy().tolist() == [["c", "a"], ["c", "b"], ["d", "a"], ["d", "b"]]
    assert found["adds"].tolist() == pytest.approx([5 * 0.92, 8 * 0.95, 2.5 * 0.92, 4 * 0.95])


def test_a_cause_that_is_certain_leaves_the_others_nothing_to_add():
    found = cascades.causes(drawn({("a", "c"): 1.0, ("b", "c"): 1.0}), likely({"a": 100, "b": 30, "c": 20}))
    assert found.to_numpy().tolist() == [["c", "a", pytest.approx(80 * 0.7)]]


def test_a_rare_cause_is_not_waited_for():
    found = cascades.with_causes(drawn({("a", "b"): 0.5}, count=10), likely({"a": 1e-9, "b": 0}))
    assert best(found, "percent")["b"] == pytest.approx(5e-10)


BEGIN = [10, 100, 1000, 10_000]


@pytest.mark.parametrize(
    ("position", "amount"),
    [
        (0, 0),
        (0.5, 10**0.5 / 2),
        (1, 10**0.5),
        (1.5, 10),
        (2, 10**1.5),
        (2.5, 100),
        (4, 10**3.5),
        (4.5, 1e4),
        (5, 10**4.5),
    ],
)
def test_positions_and_amounts_by_hand(position, amount):
    assert cascades.amount(position, BEGIN) == pytest.approx(amount)
    assert cascades.position(amount, BEGIN) == pytest.approx(position)


def test_the_axis_ends_at_the_highest_class():
    assert cascades.position([1e6, math.inf], BEGIN).tolist() == [5, 5]


def test_classes_of_unequal_width_keep_their_own_slopes():
    begin = [1, 10, 1000, 8000]
    assert cascades.amount([1, 2, 3, 4, 5], begin) == pytest.approx(
        [10**-0.5, 10**0.5, 10**2, 8000 / 8**0.5, 8000 * 8**0.5]
    )


def test_amounts_add_up_by_hand():
    """A class C of 10 ** 2.5 sets off, with 0.5, another one of 1,000 and so on to one of the lowest class."""
    links = {("a", "b"): (0.1, 0.5, 0.9), ("b", "c"): 0.2}
    positions = judged({("a", "x"): 3, ("b", "x"): 3.5, ("c", "x"): 0.5, ("c", "likelihood"): 2})
    found = cascades.triggered(drawn(links), positions, {"x": BEGIN}).set_index(["scenario", "bound"])
    assert list(found.columns) == ["criterion", "own", "with_effects", "amount"]
    lowest = 10**0.5 / 2
    for bound, p in zip(scales.BOUNDS, (0.1, 0.5, 0.9), strict=True):
        total = 10**2.5 + p * 1000 + 0.2 * p * lowest
        assert found.loc[("a", bound), "amount"] == pytest.approx(total)
        assert found.loc[("a", bound), "with_effects"] == pytest.approx(math.log10(total) + 0.5)
    assert found.loc[("c", "best"), "amount"] == pytest.approx(lowest)
    assert found.loc["c", "with_effects"].tolist() == found.loc["c", "own"].tolist()


def test_the_worst_by_hand():
    """From a, at C: b, at E, with 0.5; c, at D, only after b or with 0.2; d, at B, is no worse than a."""
    links = {("a", "b"): 0.5, ("b", "c"): 1.0, ("a", "c"): 0.2, ("a", "d"): 1.0}
    positions = judged({("a", "x"): 3, ("b", "x"): 5, ("c", "x"): 4, ("d", "x"): 2})
    found = best(cascades.triggered(drawn(links), positions, {}), "with_effects")
    value = 0.5 + 0.5 * 0.2 / 3 + 0.5 * 0.8 / 9
    assert found["a"] == pytest.approx(5 + math.log(value, 3))
    assert found[["b", "c", "d"]].tolist() == [5, 4, 2]


def test_which_is_worst_may_differ_between_bounds():
    positions = judged({("a", "x"): 0, ("b", "x"): (1, 2, 3), ("c", "x"): (0, 3, 4)})
    found = cascades.triggered(drawn({("a", "b"): 1.0, ("a", "c"): 1.0}), positions, {})
    assert found.loc[found["scenario"] == "a", "with_effects"].tolist() == pytest.approx([1, 3, 4])


def test_the_overall_impact_is_weighed():
    rows = [
        ["a", "x", "best", 3, 5, np.nan],
        ["a", "y", "best", 0, 1, 2.0],
        ["a", "y", "low", 0, 0, 0],
        ["a", "x", "low", 1, 1, 0],
    ]
    table = pd.DataFrame(rows, columns=["scenario", "criterion", "bound", "own", "with_effects", "amount"])
    found = cascades.with_effects(table, {"x": 0.75, "y": 0.25})
    assert list(found.columns) == ["scenario", "bound", "own", "value", "position"]
    assert found["bound"].tolist() == ["low", "best"]
    assert found["own"].tolist() == pytest.approx([0.75 / 81, 0.75 / 9])
    assert found["value"].tolist() == pytest.approx([0.75 / 81, 0.75 + 0.25 / 81])
    assert found["position"].tolist() == pytest.approx(scales.impact_position(found["value"]).tolist())
    with pytest.raises(ValueError, match="criteria without a weight: y"):
        cascades.with_effects(table, {"x": 1.0})


def test_the_importance_of_links_by_hand():
    links = {("a", "b"): (0.1, 0.2, 0.6), ("b", "c"): (0.5, 0.5, 0.5), ("c", "b"): (0, 0.1, 0.2)}
    values = pd.Series({"a": 1.0, "b": 0.3, "c": 0.2})
    found = cascades.link_importance(drawn(links), likely({"a": (0, 10, 99), "b": 0, "c": 20}), values)
    assert list(found.columns) == ["cause", "effect", "low", "high", "swing", "again"]

    def loss(ab, bc, cb):
        return 0.1 * (ab * 0.3 + ab * bc * 0.2) + 0.2 * cb * 0.3

    expected = [
        ["a", "b", loss(0.1, 0.5, 0.1), loss(0.6, 0.5, 0.1)],
        ["c", "b", loss(0.2, 0.5, 0), loss(0.2, 0.5, 0.2)],
        ["b", "c", loss(0.2, 0.5, 0.1), loss(0.2, 0.5, 0.1)],
    ]
    assert found[["cause", "effect"]].to_numpy().tolist() == [row[:2] for row in expected]
    assert found[["low", "high"]].to_numpy() == pytest.approx(np.array([row[2:] for row in expected]))
    assert found["swing"].tolist() == pytest.approx([high - low for *_, low, high in expected])
    assert found["again"].tolist() == [1, 2, 3]


def test_how_many_links_are_looked_at_together_does_not_matter():
    links = grid((0.2, 0.3, 0.6))
    network = drawn(links)
    own, values = likely(dict.fromkeys(network.scenarios, 10)), pd.Series(1.0, network.scenarios)
    one = cascades.link_importance(network, own, values)
    with mock.patch.object(cascades, "TOGETHER", 1):
        pd.testing.assert_frame_equal(one, cascades.link_importance(network, own, values))


def test_a_scenario_without_judgements_only_passes_on():
    links = {("a", "new"): 0.5, ("new", "b"): 0.4}
    network = drawn(links)
    found = cascades.with_causes(network, likely({"a": 10, "b": 0}))
    assert sorted(set(found["scenario"])) == ["a", "b"]
    assert best(found, "percent")["b"] == pytest.approx(100 * 0.1 * 0.2)
    adds = cascades.causes(network, likely({"a": 10, "b": 0}))
    assert adds[["scenario", "cause"]].to_numpy().tolist() == [["b", "a"]]
    units = {"x": BEGIN}
    positions = judged({("a", "x"): 1.5, ("b", "x"): 2.5, ("a", "y"): 1, ("b", "y"): 5})
    worst = cascades.triggered(network, positions, units).set_index(["scenario", "criterion", "bound"])
    assert set(worst.index.get_level_values("scenario")) == {"a", "b"}
    assert worst.loc[("a", "x", "best"), "amount"] == pytest.approx(10 + 0.2 * 100)
    assert scales.impact_value(worst.loc[("a", "y", "best"), "with_effects"]) == pytest.approx(0.8 / 81 + 0.2)
    importance = cascades.link_importance(network, likely({"a": 10, "b": 0}), pd.Series({"a": 0.1, "b": 1.0}))
    assert importance["low"].tolist() == pytest.approx([0.1 * 0.2] * 2)


def test_a_network_without_links_changes_nothing():
    links = cascades.network(pd.DataFrame(columns=LINKS).astype(dict.fromkeys(["low", "best", "high"], float)))
    network = cascades.drawn(links, ["a", "b"], 10, 1)
    own = likely({"a": (1, 2, 3), "b": (100 / 3, 50, 100)})
    positions = judged({("a", "x"): (0.1, 2, 3), ("b", "x"): (1.5, 2.5, 5), ("a", "y"): 0.3, ("b", "y"): 2.2})
    tables = {
        "links": (links, ["cause", "effect", "judged", "low", "best", "high", "mean"]),
        "reach": (cascades.reach(network), ["cause", "effect", "low", "mean", "high", "direct", "exact"]),
        "causes": (cascades.causes(network, own), ["scenario", "cause", "adds"]),
        "importance": (
            cascades.link_importance(network, own, pd.Series({"a": 1.0, "b": 1.0})),
            ["cause", "effect", "low", "high", "swing", "again"],
        ),
    }
    for table, columns in tables.values():
        assert table.empty
        assert list(table.columns) == columns
    caused, worst = cascades.with_causes(network, own), cascades.triggered(network, positions, {"x": BEGIN})
    assert caused["percent"].tolist() == caused["own"].tolist()
    assert worst["with_effects"].to_numpy() == pytest.approx(worst["own"].to_numpy(), abs=1e-15)
    assert (worst["with_effects"] >= worst["own"]).all()
    overall = cascades.with_effects(worst, {"x": 0.5, "y": 0.5})
    assert overall["value"].to_numpy() == pytest.approx(overall["own"].to_numpy(), abs=1e-15)


def test_what_does_not_fit_the_network_is_refused():
    with pytest.raises(ValueError, match="links name scenarios that are not there: b, c"):
        cascades.drawn(net({("a", "b"): 0.1, ("c", "a"): 0.1}), ["a"], 10, 1)
    network = drawn({("a", "b"): 0.5})
    with pytest.raises(ValueError, match="percent: not in the network, or without a bound: z"):
        cascades.with_causes(network, likely({"a": 1, "z": 1}))
    with pytest.raises(ValueError, match="percent: not in the network, or without a bound: a"):
        cascades.with_causes(network, likely({"a": 1, "b": 1}).drop(0))
