"""Laws of effects: units, order and time do not matter, what is planted comes out, and words follow evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import attribution, effectiveness
from nvslib.attribution import constants

FEW = settings(max_examples=15, deadline=None)
INDICATORS = pd.DataFrame([
    {"indicator": "i", "measure": "m", "frequency": "quarter", "effect_from": "2016-01-01"}
])  # fmt: skip


def observations(seed, comparisons):
    rng = np.random.default_rng(seed)
    periods = pd.period_range("2010-01", periods=36, freq="Q").start_time.strftime("%Y-%m-%d")
    names = ["target", *(f"other-{number}" for number in range(comparisons))]
    return pd.concat(
        [
            pd.DataFrame({
                "indicator": "i", "series": name, "period": periods, "value": 50 * np.exp(0.1 * rng.normal(size=36))
            })
            for name in names
        ],
        ignore_index=True,
    )  # fmt: skip


def effect_of(table):
    return attribution.effects(INDICATORS, table, "2099-12-31").iloc[0]


cases = st.builds(observations, st.integers(0, 10_000), st.integers(0, 2))


@FEW
@given(cases, st.floats(0.01, 1000), st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_of_rows_matters(table, factor, random):
    order = list(range(len(table)))
    random.shuffle(order)
    before = effect_of(table)
    after = effect_of(table.assign(value=table["value"] * factor).iloc[order])
    assert after["design"] == before["design"]
    for column in ("effect", "low", "high", "p", "autocorrelation"):
        assert after[column] == pytest.approx(before[column], abs=1e-6)


@FEW
@given(cases, st.floats(0.2, 3))
def test_what_is_planted_comes_out_on_top_of_what_was_there(table, factor):
    planted = (table["series"] == "target") & (table["period"] >= "2016-01-01")
    before, after = (
        effect_of(table),
        effect_of(table.assign(value=table["value"].where(~planted, table["value"] * factor))),
    )
    for column in ("effect", "low", "high"):
        assert 1 + after[column] / 100 == pytest.approx(factor * (1 + before[column] / 100), rel=1e-6)


@FEW
@given(cases)
def test_the_effect_lies_within_its_interval_and_p_agrees_with_it(table):
    found = effect_of(table)
    assert found["low"] < found["effect"] < found["high"]
    assert (found["p"] < 1 - constants()["coverage"]["value"]) == (not found["low"] <= 0 <= found["high"])


@FEW
@given(cases, st.floats(0.05, 20))
def test_a_comparison_series_counts_for_its_course_and_not_its_level(table, factor):
    others = table["series"] != "target"
    before = effect_of(table)
    after = effect_of(table.assign(value=table["value"].where(~others, table["value"] * factor)))
    assert after["effect"] == pytest.approx(before["effect"], abs=1e-6)


@given(st.sampled_from(sorted(constants()["rules"])), st.sampled_from(effectiveness.GOALS))
def test_a_failed_check_never_makes_more_of_the_evidence(rule, goal):
    strength = ["no-data", "cannot-tell", "changed", "plausible", "thanks-to-measure"]
    words = list(constants()["words"])
    sound = rule.replace("/failed/", "/sound/")
    weaker, stronger = constants()["rules"][rule], constants()["rules"][sound]
    assert weaker["grade"] <= stronger["grade"]
    if "/wanted" in rule:
        assert strength.index(weaker["verdict"]) <= strength.index(stronger["verdict"])
        said = [constants()["statements"][f"{one['grade']}/{one['verdict']}"][goal] for one in (weaker, stronger)]
        assert words.index(said[1]) <= words.index(said[0])
