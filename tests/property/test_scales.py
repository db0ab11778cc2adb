"""Laws of the two scales."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvslib import scales

positions = st.floats(min_value=0, max_value=5, allow_nan=False)


@given(positions)
def test_position_and_value_are_each_others_inverse(position):
    assert float(scales.impact_position(scales.impact_value(position))) == pytest.approx(position, abs=1e-9)


@given(positions, positions)
def test_a_higher_position_never_has_a_lower_value(one, other):
    low, high = sorted([one, other])
    assert scales.impact_value(low) <= scales.impact_value(high)


@given(st.floats(min_value=1, max_value=4, allow_nan=False))
def test_a_step_is_a_factor_of_three(position):
    assert float(scales.impact_value(position + 1)) == pytest.approx(3 * float(scales.impact_value(position)))


def test_the_axis_has_no_hole_at_the_lowest_class():
    below, above = scales.impact_value([1 - 1e-12, 1 + 1e-12])
    assert below == pytest.approx(above, abs=1e-11)
    assert scales.impact_value(1) == pytest.approx(1 / 81)
    assert scales.impact_value(0) == 0
    assert scales.impact_value(5) == 1


def test_classes_stand_in_their_order():
    assert list(scales.class_positions(criterion_is_likelihood=False).items()) == [
        ("X", 0), ("A", 1), ("B", 2), ("C", 3), ("D", 4), ("E", 5)
    ]  # fmt: skip
    likelihood = list(scales.class_positions(criterion_is_likelihood=True).values())
    assert likelihood == sorted(likelihood)
    assert scales.likelihood_classes()["B-high"] == pytest.approx(2 + 1 / 3)
    assert scales.likelihood_classes()["C-low"] == pytest.approx(3 - 1 / 3)


@pytest.mark.parametrize("language", scales.LANGUAGES)
@given(positions)
def test_a_label_names_the_classes_around_the_position(language, position):
    names = [scales.impact_label(whole, language) for whole in range(6)]
    label = scales.impact_label(position, language)
    near = abs(position - round(position))
    if near <= 1 / 6:
        assert label == names[round(position)]
    elif near > 1 / 6 + 1e-9:
        joiner = {"nl": " tot ", "en": " to "}[language]
        assert label == joiner.join([names[int(position)], names[int(position) + 1]])


def test_likelihood_bounds_are_a_factor_of_ten_apart_and_leave_no_gap():
    classes = [scales.likelihood_bounds(letter) for letter in "ABCDE"]
    assert classes == [(0, 0.05), (0.05, 0.5), (0.5, 5), (5, 50), (50, 100)]
    for letter in "ABCD":
        parts = [scales.likelihood_bounds(f"{letter}-{part}") for part in ("low", "mid", "high")]
        assert (parts[0][0], parts[-1][1]) == scales.likelihood_bounds(letter)
        assert all(one[1] == other[0] for one, other in itertools.pairwise(parts))
    assert scales.likelihood_bounds("B-high") == (0.25, 0.5)
    assert scales.likelihood_bounds("A-low") == (0, 0.005)


@pytest.mark.parametrize(
    ("name", "nl", "en"),
    [
        ("B-high", "onwaarschijnlijk (bovenkant)", "unlikely (upper end)"),
        ("C", "enigszins waarschijnlijk", "somewhat likely"),
        ("E", "zeer waarschijnlijk", "highly likely"),
        ("D-mid", "waarschijnlijk (midden)", "likely (middle)"),
    ],
)
def test_likelihood_labels(name, nl, en):
    assert scales.likelihood_label(name, "nl") == nl
    assert scales.likelihood_label(name, "en") == en
