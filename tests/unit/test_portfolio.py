"""The choice of measures on cases worked out by hand, and how sure it is over draws."""

import math

import numpy as np
import pandas as pd
import pytest
from choices import CASE, NO_GAPS, effects, measures

from nvslib import portfolio, uncertainty
from nvslib.portfolio import Limits

HALF = math.log10(2)  # classes of likelihood that halve a risk


def weighed(table, acting, losses, gaps=NO_GAPS):
    of = portfolio.options(table, acting)
    return of, portfolio.expected(of, acting, pd.Series(losses), gaps)


def test_the_price_of_silos_is_that_worked_out_in_the_docs():
    of, stakes = weighed(*CASE)
    table, sets = portfolio.ways(of, stakes, stakes, Limits(2e6, {}))
    found = table.set_index("way")
    assert {way: of.names(chosen) for way, chosen in sets.items()} == {
        "nothing": [], "silos": ["B1"], "integral": ["A1"],
    }  # fmt: skip
    assert found["loss"].to_dict() == pytest.approx({"nothing": 0.108, "silos": 0.096, "integral": 0.048})
    assert found["cost"].to_dict() == {"nothing": 0, "silos": 1e6, "integral": 2e6}
    price = portfolio.price(stakes, stakes, sets).iloc[0]
    assert (price["price"], price["share"], price["worse"]) == (pytest.approx(0.048), pytest.approx(0.8), 1.0)


@pytest.mark.parametrize(
    ("side", "by", "each"), [("likelihood", HALF, 1 / 2), ("likelihood", 1, 1 / 10), ("impact", 1, 1 / 3)]
)
def test_what_measures_do_to_one_scenario_multiplies(side, by, each):
    table = measures(("M1", "A", 1.0), ("M2", "B", 1.0))
    _, stakes = weighed(table, effects(("M1", "flood", side, by), ("M2", "flood", side, by)), {"flood": 0.2})
    assert stakes.total(np.array([True, False]))[0] == pytest.approx(0.2 * each)
    assert stakes.total(np.array([True, True]))[0] == pytest.approx(0.2 * each**2)


def test_no_more_of_a_gap_can_be_closed_than_there_is():
    gaps = pd.DataFrame([("flood", "evacuation", 0.0, 2.0, 3.0)], columns=NO_GAPS.columns)
    table = measures(("M1", "A", 1.0), ("M2", "B", 1.0))
    acting = effects(("M1", "flood", "gap:evacuation", 1.5), ("M2", "flood", "gap:evacuation", 1.5))
    _, stakes = weighed(table, acting, {"flood": 0.2}, gaps)
    # Half a class of impact for a level: 1.5 of the 2 levels, then all 2 of them and not 3.
    assert stakes.total(np.array([True, False]))[0] == pytest.approx(0.2 * 3**-0.75)
    assert stakes.total(np.array([True, True]))[0] == pytest.approx(0.2 * 3**-1)


def test_a_gap_that_is_not_there_cannot_be_closed():
    table, acting = measures(("M1", "A", 1.0)), effects(("M1", "flood", "gap:evacuation", 1.5))
    _, stakes = weighed(table, acting, {"flood": 0.2})
    assert stakes.total(np.array([True]))[0] == pytest.approx(0.2)


def test_what_cannot_be_weighed_is_told_with_the_reason():
    table = measures(
        ("M1", "A", 1.0), ("M2", "A", math.nan), ("M3", "A", 1.0), ("M4", "A", 1.0), ("M5", "A", 1.0), ("M6", "A", 1.0),
        part_of={"M4": "M1"}, requires={"M1": "M5", "M6": "M2"},
    )  # fmt: skip
    acting = effects(*((name, "flood", "impact", 1) for name in ("M1", "M2", "M4", "M6")))
    told = portfolio.left_out(table, acting).set_index("measure")["reason"].to_dict()
    assert told == {"M2": "no-cost", "M3": "no-effect", "M4": "part"}
    of, stakes = weighed(table, acting, {"flood": 0.2})
    assert of.measures == ("M1", "M5", "M6")
    # M5 does nothing itself but M1 needs it; M6 needs what has no cost, so it cannot be had.
    assert of.names(portfolio.choose(of, stakes, Limits(10, {}))) == ["M1", "M5"]
    assert of.names(portfolio.choose(of, stakes, Limits(1, {}))) == []


def test_staff_of_a_department_binds_and_who_is_not_named_has_no_limit():
    table = measures(("M1", "A", 1.0), ("M2", "A", 1.0), ("M3", "B", 1.0)).assign(capacity=[2.0, 2.0, 50.0])
    acting = effects(("M1", "flood", "impact", 2), ("M2", "outage", "impact", 1), ("M3", "flood", "impact", 1))
    of, stakes = weighed(table, acting, {"flood": 0.2, "outage": 0.1})
    assert of.names(portfolio.choose(of, stakes, Limits(10, {"A": 3}))) == ["M2", "M3"]
    assert of.names(portfolio.choose(of, stakes, Limits(10, {"A": 4}))) == ["M1", "M2", "M3"]


def test_of_equally_good_sets_the_cheapest_and_then_the_smallest():
    table = measures(("M1", "A", 2.0), ("M2", "A", 1.0), ("M3", "A", 0.0), ("M4", "A", 0.0))
    acting = effects(("M1", "flood", "impact", 1), ("M2", "flood", "impact", 1), ("M3", "flood", "impact", 0))
    acting.loc[acting["measure"] == "M3", "high"] = 1.0
    table.loc[table["measure"] == "M2", "excludes"] = "M1"
    of, stakes = weighed(table, acting, {"flood": 0.2})
    assert of.names(portfolio.choose(of, stakes, Limits(5, {}))) == ["M2"]


def test_a_budget_below_nothing_is_refused_and_of_nothing_is_not():
    of, stakes = weighed(*CASE)
    with pytest.raises(ValueError, match=r"a budget of -1 EUR a year: nothing can be chosen; allowed is 0 or more"):
        portfolio.choose(of, stakes, Limits(-1, {}))
    assert of.names(portfolio.choose(of, stakes, Limits(0, {}))) == []


def test_without_measures_or_losses_nothing_is_chosen():
    of, stakes = weighed(CASE[0], CASE[1].head(0), CASE[2])
    assert (of.measures, stakes.total(np.zeros(0, dtype=bool))[0]) == ((), pytest.approx(0.108))
    of, stakes = weighed(CASE[0], CASE[1], {"flood": 0.0, "outage": 0.0})
    assert of.names(portfolio.choose(of, stakes, Limits(5e6, {}))) == []


def test_silos_drop_one_of_two_that_exclude_each_other_and_rely_on_nobody():
    table = measures(
        ("A1", "A", 1.0), ("A2", "A", 1.0), ("B1", "B", 1.0), ("B2", "B", 1.0),
        excludes={"A1": "B1"}, requires={"A2": "B2"},
    )  # fmt: skip
    acting = effects(("A1", "flood", "impact", 2), ("A2", "flood", "impact", 2), ("B1", "flood", "impact", 1))
    acting = pd.concat([acting, effects(("B2", "outage", "impact", 1))])
    of, stakes = weighed(table, acting, {"flood": 0.2, "outage": 0.1})
    assert of.names(portfolio.silos(of, stakes, Limits(4, {}))) == ["A1", "B2"]
    assert of.names(portfolio.choose(of, stakes, Limits(4, {}))) == ["A1", "A2", "B2"]


def draws(table, acting, losses, gaps=NO_GAPS, seed=1):
    of = portfolio.options(table, acting)
    return of, portfolio.drawn(of, acting, losses, gaps, seed)


def test_over_draws_without_spread_every_measure_is_always_or_never_chosen():
    losses = pd.DataFrame([CASE[2]] * 5)
    of, stakes = draws(CASE[0], CASE[1], losses)
    table = portfolio.stances(of, stakes, Limits(2e6, {})).set_index("measure")
    assert table["stance"].to_dict() == {"A1": "always", "B1": "never", "B2": "never"}
    assert table["share"].to_dict() == {"A1": 1.0, "B1": 0.0, "B2": 0.0}
    assert (table["depends_on"] == "").all()


def test_what_depends_on_a_loss_says_on_which():
    table = measures(("A1", "A", 1.0), ("B1", "B", 1.0))
    acting = effects(("A1", "flood", "impact", 1), ("B1", "outage", "impact", 1))
    losses = pd.DataFrame({"flood": [0.1, 0.3, 0.1, 0.3, 0.1], "outage": [0.2] * 5})
    of, stakes = draws(table, acting, losses)
    found = portfolio.stances(of, stakes, Limits(1, {})).set_index("measure")
    assert found["share"].to_dict() == {"A1": 0.4, "B1": 0.6}
    assert found["depends_on"].to_dict() == {"A1": "flood", "B1": "flood"}


def test_what_depends_on_its_own_effect_says_so():
    table = measures(("A1", "A", 1.0), ("B1", "B", 1.0))
    acting = effects(("A1", "flood", "impact", 1), ("B1", "flood", "impact", 1))
    acting.loc[0, ["low", "high"]] = 0.0, 2.0
    of, stakes = draws(table, acting, pd.DataFrame({"flood": [0.2] * 40}))
    found = portfolio.stances(of, stakes, Limits(1, {})).set_index("measure")
    assert found.loc["A1", "stance"] == "depends"
    assert found.loc["A1", "depends_on"] == portfolio.OWN_EFFECT


def test_draws_of_effects_and_gaps_have_the_distribution_of_their_triangles():
    table, acting = measures(("A1", "A", 1.0), ("B1", "A", 1.0)), effects(("A1", "flood", "likelihood", 1))
    acting[["low", "best", "high"]] = 0.2, 0.5, 1.4
    acting = pd.concat([acting, effects(("B1", "flood", "gap:evacuation", 9))])
    gaps = pd.DataFrame([("flood", "evacuation", 0.5, 1.0, 3.0)], columns=NO_GAPS.columns)
    _, stakes = draws(table, acting, pd.DataFrame({"flood": np.full(20_000, 0.2)}), gaps)
    relief = stakes.relief[:, 0, 0] / math.log(10)
    assert (relief.mean(), relief.min() >= 0.2, relief.max() <= 1.4) == (pytest.approx(2.1 / 3, abs=0.01), True, True)
    levels = stakes.gap[:, 0] / (0.5 * math.log(3))
    assert levels.mean() == pytest.approx(1.5, abs=0.02)
    closed = -np.log(stakes.total(np.array([False, True])) / 0.2)
    assert closed == pytest.approx(stakes.gap[:, 0])


def test_the_interval_of_the_price_is_that_of_the_paired_difference():
    losses = pd.DataFrame({"flood": np.linspace(0.05, 0.15, 101), "outage": np.linspace(0.03, 0.01, 101)})
    of, stakes = draws(CASE[0], CASE[1], losses)
    sets = {"nothing": [False] * 3, "silos": [False, True, False], "integral": [True, False, False]}
    price = portfolio.price(
        portfolio.expected(of, CASE[1], pd.Series(CASE[2]), NO_GAPS), stakes,
        {way: np.array(chosen) for way, chosen in sets.items()},
    ).iloc[0]  # fmt: skip
    paired = losses["flood"] * 2 / 3 - losses["outage"] * 2 / 3
    assert (price["low"], price["high"]) == tuple(pytest.approx(np.quantile(paired, q)) for q in (0.05, 0.95))


def test_what_a_measure_saves_counts_what_needs_it():
    table = measures(("M1", "A", 1.0), ("M2", "A", 1.0), ("M3", "A", 9.0), requires={"M2": "M1"})
    acting = effects(*((name, "flood", "impact", 1) for name in ("M1", "M2", "M3")))
    of, stakes = weighed(table, acting, {"flood": 0.9})
    limits = Limits(2, {})
    _, sets = portfolio.ways(of, stakes, stakes, limits)
    found = portfolio.portfolio(of, stakes, sets, portfolio.stances(of, stakes, limits)).set_index("measure")
    # 0.9 is left without any, 0.3 with M1, 0.1 with M1 and M2, and a third of that with M3 besides.
    assert found["saves"].to_dict() == pytest.approx({"M1": 0.8, "M2": 0.2, "M3": 0.1 * 2 / 3})
    assert found["chosen"].to_dict() == {"M1": "yes", "M2": "yes", "M3": "no"}


def test_a_triangle_is_turned_inside_out():
    probability = np.linspace(0, 1, 101)
    value = uncertainty.triangle(1.0, 2.0, 5.0, probability)
    below = np.where(value < 2, (value - 1) ** 2 / 4, 1 - (5 - value) ** 2 / 12)
    assert below == pytest.approx(probability)
    assert (value[0], value[-1]) == (1.0, 5.0)
    assert uncertainty.triangle(3.0, 3.0, 3.0, 0.4) == 3.0
    assert uncertainty.triangle(1.0, 1.0, 2.0, [0, 1]) == pytest.approx([1, 2])
