"""Gaps by hand, the probability of a gap against closed forms and draws, and the planted gaps found again."""

import numpy as np
import pandas as pd
import pytest
from workbench import ILLUSTRATIVE, truth_of

from nvslib import capabilities
from nvslib.tables import load_table

BOUNDS = ["low", "best", "high"]
LEVELS = [f"{side}_{bound}" for side in ("needed", "available") for bound in BOUNDS]


def table(*rows):
    """Return capability levels from (scenario, capability, element, needed, available), the last two triples."""
    return pd.DataFrame(
        [(*names, *needed, *available) for *names, needed, available in rows],
        columns=["scenario", "capability", "element", *LEVELS],
    )


def one(needed, available):
    return capabilities.element_gaps(table(("s", "c", "plans", needed, available))).iloc[0]


@pytest.mark.parametrize(
    ("needed", "available", "gap"),
    [
        ((3, 4, 5), (1, 2, 2.5), (0.5, 2, 4)),
        ((3, 4, 5), (3, 3.5, 4.5), (0, 0.5, 2)),  # the lowest need is below the highest availability
        ((2, 3, 4), (2, 3, 4), (0, 0, 2)),
        ((1, 2, 3), (3, 4, 5), (0, 0, 0)),
        ((4.1, 4.1, 4.1), (3.6, 3.6, 3.6), (0.5, 0.5, 0.5)),  # in floating point 4.1 - 3.6 is not 0.5
    ],
)
def test_a_gap_is_what_is_needed_and_not_there(needed, available, gap):
    assert tuple(one(needed, available)[BOUNDS]) == gap


@pytest.mark.parametrize(
    ("needed", "available", "probability"),
    [
        ((1, 3, 4), (1, 3, 4), 1 / 2),  # alike, so either is higher as often
        ((1, 2, 3), (0, 2, 4), 1 / 2),  # both symmetric around the same level
        ((0, 1, 1), (0, 0, 1), 5 / 6),  # integral of 2x * (2x - x^2)
        ((0, 0, 1), (0, 1, 1), 1 / 6),
        ((2, 2, 2), (1, 2, 4), 1 / 3),  # (2 - 1)^2 / (3 * 1)
        ((3, 3, 3), (1, 2, 4), 5 / 6),  # 1 - (4 - 3)^2 / (3 * 2)
        ((1, 2, 4), (3, 3, 3), 1 / 6),
        ((1, 2, 4), (2, 2, 2), 2 / 3),
        ((2, 2, 2), (2, 2, 2), 0),  # enough is no gap
        ((3, 3, 3), (2, 2, 2), 1),
        ((2, 2, 2), (3, 3, 3), 0),
        ((2, 2, 2), (2, 3, 4), 0),
        ((4, 4, 4), (2, 3, 4), 1),
        ((3, 4, 5), (1, 2, 3), 1),
        ((1, 2, 3), (3, 4, 5), 0),
    ],
)
def test_the_probability_of_a_gap_in_closed_form(needed, available, probability):
    assert one(needed, available)["probability"] == pytest.approx(probability, abs=1e-12)


def test_a_gap_that_is_certain_has_probability_one_and_no_more():
    assert one((2.7, 3.1, 3.9), (0.3, 1.1, 2.7))["probability"] == 1
    assert one((0.3, 1.1, 2.7), (2.7, 3.1, 3.9))["probability"] == 0


def test_the_probability_of_a_gap_is_the_share_of_draws_that_have_one():
    count, random = 40_000, np.random.default_rng(7)
    corners = np.sort(random.integers(0, 51, (40, 2, 3)) / 10, axis=2) + np.array([0, 0, 0.1])
    rows = [("s", f"c{number:02}", "plans", *pair) for number, pair in enumerate(corners.tolist())]
    found = capabilities.element_gaps(table(*rows))["probability"]
    needed, available = (random.triangular(*corners[:, side].T, (count, 40)) for side in (0, 1))
    share = (needed > available).mean(axis=0)
    assert (found.between(0.02, 0.98)).sum() > 20
    assert (abs(found - share) <= 4 * np.sqrt(found * (1 - found) / count) + 1e-9).all()


def test_a_capability_is_the_mean_of_the_elements_given():
    levels = table(
        ("s", "c", "people", (2, 3, 5), (1, 2, 2)),
        ("s", "c", "policy", (2, 2, 2), (4, 4, 4)),
        ("s", "d", "means", (3, 4, 5), (0, 1, 2)),
        ("t", "c", "plans", (1, 1, 1), (2, 2, 3)),
    )
    found = capabilities.capability_gaps(capabilities.element_gaps(levels))
    assert found.to_dict("records") == [
        {"scenario": "s", "capability": "c", "low": 0, "best": 0.5, "high": 2, "widest": "people"},
        {"scenario": "s", "capability": "d", "low": 1, "best": 3, "high": 5, "widest": "means"},
        {"scenario": "t", "capability": "c", "low": 0, "best": 0, "high": 0, "widest": ""},
    ]


def test_of_equal_elements_the_one_that_may_be_larger_is_widest_then_the_first_defined():
    same = [("policy", 4), ("plans", 5), ("exercises", 5)]
    levels = table(*[("s", "c", element, (3, 3, high), (2, 2, 2)) for element, high in reversed(same)])
    assert capabilities.capability_gaps(capabilities.element_gaps(levels))["widest"].tolist() == ["plans"]


def test_a_capability_that_may_fall_short_but_is_not_expected_to_has_no_widest_element():
    found = capabilities.capability_gaps(capabilities.element_gaps(table(("s", "c", "plans", (1, 2, 4), (2, 3, 3)))))
    assert found[["best", "high", "widest"]].to_numpy().tolist() == [[0, 2, ""]]


def test_elements_stand_in_the_order_of_their_definition():
    order = list(load_table("capability_levels").columns["element"].choices)
    levels = table(*[("s", "c", element, (1, 2, 3), (1, 2, 3)) for element in sorted(order)])
    assert capabilities.element_gaps(levels)["element"].tolist() == order != sorted(order)


GAPS = pd.DataFrame(
    [("s", "a", 1.0), ("t", "a", 3.0), ("s", "b", 2.0), ("t", "c", 0.0), ("later", "b", 4.0), ("later", "d", 5.0)],
    columns=["scenario", "capability", "best"],
)
OWNERS = pd.DataFrame(
    [("a", "region", "R"), ("b", "region", "R"), ("c", "department", "Z"), ("d", "department", "A"), ("e", "x", "E")],
    columns=["capability", "owner_kind", "owner"],
)


def test_a_gap_weighs_as_much_as_the_risk_of_its_scenario():
    """With risks of 3 and 1, and another without needs of 4: a = 3/8 * 1 + 1/8 * 3, b = 3/8 * 2."""
    found = capabilities.served(GAPS, pd.Series({"s": 3.0, "t": 1.0, "without-needs": 4.0}))
    assert found.to_dict("list") == {
        "capability": ["a", "b", "c", "d"],  # a and b weigh the same; d is needed only where there is no risk known
        "scenarios": [2, 1, 0, 0],
        "weighted": [0.75, 0.75, 0, 0],
        "share": [0.5, 0.5, 0, 0],
        "cumulative": [0.5, 1, 1, 1],
        "rank": [1, 2, 3, 4],
    }


def test_without_risk_nothing_weighs_and_no_share_is_told():
    found = capabilities.served(GAPS, pd.Series({"s": 0.0, "t": 0.0}))
    assert found["weighted"].eq(0).all()
    assert found["scenarios"].tolist() == [2, 1, 0, 0]
    assert found[["share", "cumulative"]].isna().all(axis=None)
    assert capabilities.gap_owners(found, OWNERS)["share"].isna().all()


def test_an_owner_has_the_gaps_of_all_its_capabilities():
    served = capabilities.served(GAPS, pd.Series({"s": 3.0, "t": 1.0, "later": 4.0}))
    assert dict(zip(served["capability"], served["weighted"], strict=True)) == {"b": 2.75, "d": 2.5, "a": 0.75, "c": 0}
    assert capabilities.gap_owners(served, OWNERS).to_dict("list") == {
        "owner_kind": ["region", "department", "department"],
        "owner": ["R", "A", "Z"],
        "capabilities": [2, 1, 0],
        "weighted": [3.5, 2.5, 0],
        "share": [pytest.approx(3.5 / 6), pytest.approx(2.5 / 6), 0],
    }


def test_without_levels_there_are_tables_without_rows():
    gaps = capabilities.capability_gaps(capabilities.element_gaps(table()))
    served = capabilities.served(gaps, pd.Series({"s": 1.0}))
    assert list(served) == ["capability", "scenarios", "weighted", "share", "cumulative", "rank"]
    assert capabilities.gap_owners(served, OWNERS).empty


@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_the_planted_gaps_are_found_again(made, cycle):
    gaps = capabilities.capability_gaps(capabilities.element_gaps(made.read_table(cycle, "capability_levels")))
    assert ((gaps["low"] <= gaps["best"]) & (gaps["best"] <= gaps["high"])).all()
    planted = pd.Series(truth_of(cycle)["gaps"])
    found = gaps.groupby("capability")["best"].mean()
    assert found.corr(planted[found.index]) > 0.9
