"""Laws of gaps: more available never widens one, either side is higher, shares add up, the order of rows is nothing."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import triang

from nvslib import capabilities
from nvslib.tables import load_table

BOUNDS = ["low", "best", "high"]
ELEMENTS = load_table("capability_levels").columns["element"].choices
OWNERS = pd.DataFrame(
    [("a", "region", "R"), ("b", "region", "R"), ("c", "department", "Z"), ("d", "citizens", "C")],
    columns=["capability", "owner_kind", "owner"],
)
triples = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(lambda tenths: np.array(sorted(tenths)) / 10)


@st.composite
def levels(draw):
    """Draw levels of a few scenarios and capabilities, for some elements."""
    keys = st.tuples(st.sampled_from("stuv"), st.sampled_from("abcd"), st.sampled_from(ELEMENTS))
    rows = [
        (*key, *draw(triples), *draw(triples)) for key in draw(st.lists(keys, min_size=1, max_size=12, unique=True))
    ]
    names = [f"{side}_{bound}" for side in ("needed", "available") for bound in BOUNDS]
    return pd.DataFrame(rows, columns=["scenario", "capability", "element", *names])


risks = st.fixed_dictionaries({scenario: st.integers(0, 20) for scenario in "stu"}).map(
    lambda found: pd.Series(found, dtype=float) / 7
)


def probability(needed, available):
    names = ["scenario", "capability", "element", *(f"{side}_{b}" for side in ("needed", "available") for b in BOUNDS)]
    row = pd.DataFrame([("s", "a", "plans", *needed, *available)], columns=names)
    return capabilities.element_gaps(row)["probability"].iloc[0]


def spread(low, best, high):
    return triang((best - low) / (high - low), low, high - low)


@settings(max_examples=40)
@given(triples, triples)
def test_the_probability_is_what_integrating_another_library_gives(needed, available):
    assume(needed[0] < needed[2] and available[0] < available[2])
    density, below = spread(*needed).pdf, spread(*available).cdf
    corners = np.unique(np.concatenate([needed, available]))
    parts = [quad(lambda x: density(x) * below(x), *ends)[0] for ends in pairwise(corners)]
    assert probability(needed, available) == pytest.approx(sum(parts), abs=1e-9)


@given(triples, triples)
def test_a_side_without_width_is_the_distribution_function_of_the_other(certain, other):
    assume(other[0] < other[2])
    level = certain[1]
    below = spread(*other).cdf(level)
    assert probability([level] * 3, other) == pytest.approx(below, abs=1e-12)
    assert probability(other, [level] * 3) == pytest.approx(1 - below, abs=1e-12)


@given(triples, triples)
def test_either_is_higher_than_the_other(one, other):
    assume(one[0] < one[2] or other[0] < other[2])
    assert probability(one, other) + probability(other, one) == pytest.approx(1, abs=1e-11)


@settings(max_examples=40)
@given(levels(), st.integers(0, 50))
def test_more_available_never_widens_a_gap(found, tenths):
    sides = [f"available_{bound}" for bound in BOUNDS]
    more = found.assign(**(found[sides] + tenths / 10))
    columns = [*BOUNDS, "probability"]
    before, after = (capabilities.element_gaps(table)[columns] for table in (found, more))
    assert (after <= before + 1e-11).all(axis=None)
    before, after = (capabilities.capability_gaps(capabilities.element_gaps(table))[BOUNDS] for table in (found, more))
    assert (after <= before + 1e-11).all(axis=None)


@given(levels())
def test_low_best_and_high_keep_their_order_and_a_gap_is_probable_where_it_can_be(found):
    gaps = capabilities.element_gaps(found)
    assert ((gaps["low"] <= gaps["best"]) & (gaps["best"] <= gaps["high"])).all()
    assert gaps["probability"].between(0, 1).all()
    assert ((gaps["low"] > 0) <= (gaps["probability"] == 1)).all()
    assert ((gaps["high"] == 0) <= (gaps["probability"] == 0)).all()


@given(levels())
def test_a_capability_is_the_mean_of_its_elements_as_fractions(found):
    gaps = capabilities.capability_gaps(capabilities.element_gaps(found)).set_index(["scenario", "capability"])
    for pair, rows in found.groupby(["scenario", "capability"]):
        for bound, against in zip(BOUNDS, reversed(BOUNDS), strict=True):
            exact = [
                max(round(10 * needed) - round(10 * available), 0)
                for needed, available in zip(rows[f"needed_{bound}"], rows[f"available_{against}"], strict=True)
            ]
            assert gaps.loc[pair, bound] == pytest.approx(float(Fraction(sum(exact), 10 * len(exact))), abs=1e-12)


@settings(max_examples=40)
@given(levels(), risks, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(found, risk, random):
    def made(levels, risk, owners):
        elements = capabilities.element_gaps(levels)
        gaps = capabilities.capability_gaps(elements.sample(frac=1, random_state=random.randrange(2**32)))
        served = capabilities.served(gaps.iloc[::-1], risk)
        return elements, gaps, served, capabilities.gap_owners(served.iloc[::-1], owners)

    shuffled = found.sample(frac=1, random_state=random.randrange(2**32))
    for one, other in zip(made(found, risk, OWNERS), made(shuffled, risk[::-1], OWNERS[::-1]), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=40)
@given(levels(), risks)
def test_shares_add_up_and_no_capability_is_lost(found, risk):
    gaps = capabilities.capability_gaps(capabilities.element_gaps(found))
    served = capabilities.served(gaps, risk)
    assert set(served["capability"]) == set(found["capability"])
    assert served["rank"].tolist() == list(range(1, len(served) + 1))
    assert served["weighted"].is_monotonic_decreasing
    owners = capabilities.gap_owners(served, OWNERS)
    assert owners["weighted"].sum() == pytest.approx(served["weighted"].sum())
    assert owners["capabilities"].sum() == (served["weighted"] > 0).sum()
    if served["weighted"].sum() > 0:
        assert served["share"].sum() == pytest.approx(1)
        assert served["cumulative"].iloc[-1] == pytest.approx(1)
        assert owners["share"].sum() == pytest.approx(1)


@settings(max_examples=40)
@given(levels(), risks, risks, st.integers(1, 9))
def test_what_a_capability_serves_is_linear_in_the_risk(found, one, other, tenths):
    """Mixed risks, each with the same total, give mixed weights; the unit of risk is nothing."""
    assume(one.sum() > 0)
    assume(other.sum() > 0)
    gaps = capabilities.capability_gaps(capabilities.element_gaps(found))

    def weighted(risk):
        return capabilities.served(gaps, risk).set_index("capability")["weighted"].sort_index()

    mix = tenths / 10
    mixed = weighted(mix * one / one.sum() + (1 - mix) * other / other.sum())
    assert mixed.to_numpy() == pytest.approx((mix * weighted(one) + (1 - mix) * weighted(other)).to_numpy(), abs=1e-11)
    assert weighted(tenths * one).to_numpy() == pytest.approx(weighted(one).to_numpy(), abs=1e-11)
