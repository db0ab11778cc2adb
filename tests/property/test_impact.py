"""Laws of the weighted sum: bounded, monotone, indifferent to names and order, ties stay ties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvslib import impact, judgement

CRITERIA = ["1.1", "1.2", "2.1", "3.1"]
CLASSES = "XABCDE"


@st.composite
def tables(draw):
    """Draw assessments of a few scenarios on four criteria, low <= best <= high in each cell."""
    rows = []
    for scenario in draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5, unique=True)):
        for criterion in CRITERIA:
            low, best, high = sorted(draw(st.lists(st.integers(0, 5), min_size=3, max_size=3)))
            rows.append((scenario, criterion, CLASSES[low], CLASSES[best], CLASSES[high]))
    return pd.DataFrame(rows, columns=["scenario", "criterion", "low", "best", "high"])


@st.composite
def weightings(draw):
    parts = np.array(draw(st.lists(st.floats(0.01, 1), min_size=4, max_size=4)))
    return dict(zip(CRITERIA, parts / parts.sum(), strict=True))


def scored(assessments, weights):
    overall = impact.weighted_sum(impact.contributions(judgement.consensus(assessments), weights))
    return overall.set_index(["scenario", "bound"]).sort_index()


@given(tables(), weightings())
def test_values_lie_between_none_and_all_catastrophic(assessments, weights):
    overall = scored(assessments, weights)
    assert overall["value"].between(0, 1 + 1e-12).all()
    assert overall["position"].between(0, 5 + 1e-9).all()


@given(tables(), weightings())
def test_low_best_and_high_keep_their_order(assessments, weights):
    value = scored(assessments, weights)["value"].unstack()
    assert (value["low"] <= value["best"] + 1e-12).all()
    assert (value["best"] <= value["high"] + 1e-12).all()


@given(tables(), weightings(), st.data())
def test_a_higher_class_in_one_cell_raises_that_scenario_and_no_other(assessments, weights, data):
    before = scored(assessments, weights)
    raisable = assessments.index[assessments["high"] != "E"]
    if raisable.empty:
        return
    row = data.draw(st.sampled_from(list(raisable)))
    raised = assessments.copy()
    raised.loc[row, "high"] = CLASSES[CLASSES.index(raised.loc[row, "high"]) + 1]
    after = scored(raised, weights)
    changed = (after["value"] != before["value"]).pipe(lambda differs: differs[differs]).index
    assert list(changed) == [(raised.loc[row, "scenario"], "high")]
    assert after.loc[changed[0], "value"] > before.loc[changed[0], "value"]


@given(tables(), weightings(), st.randoms())
def test_the_order_of_rows_does_not_matter(assessments, weights, random):
    shuffled = assessments.sample(frac=1, random_state=random.randrange(2**31), ignore_index=True)
    pd.testing.assert_frame_equal(scored(shuffled, weights), scored(assessments, weights), rtol=1e-14)


@given(tables(), weightings())
def test_the_names_of_scenarios_do_not_matter(assessments, weights):
    renamed = assessments.assign(scenario="z-" + assessments["scenario"])
    pd.testing.assert_frame_equal(
        scored(renamed, weights).reset_index(drop=True), scored(assessments, weights).reset_index(drop=True)
    )


@given(tables(), weightings())
def test_equal_scenarios_share_their_rank(assessments, weights):
    twin = assessments[assessments["scenario"] == assessments["scenario"].iloc[0]].assign(scenario="twin")
    overall = scored(pd.concat([assessments, twin]), weights).xs("best", level="bound")
    assert overall.loc["twin", "rank"] == overall.loc[assessments["scenario"].iloc[0], "rank"]
    assert overall["rank"].min() == 1


@given(tables())
def test_a_rank_is_one_more_than_the_number_of_higher_values(assessments):
    overall = scored(assessments, dict.fromkeys(CRITERIA, 0.25)).xs("best", level="bound")
    for value, rank in zip(overall["value"], overall["rank"], strict=True):
        assert rank == 1 + (overall["value"] > value + 1e-11).sum()


@given(tables(), weightings())
def test_contributions_add_up_to_the_impact(assessments, weights):
    contributions = impact.contributions(judgement.consensus(assessments), weights)
    sums = contributions.groupby(["scenario", "bound"])["contribution"].sum()
    assert scored(assessments, weights)["value"].to_numpy() == pytest.approx(sums.sort_index().to_numpy())
    assert (contributions["contribution"] == contributions["weight"] * contributions["value"]).all()


def test_weights_that_do_not_add_up_are_refused(judgements, weights):
    with pytest.raises(ValueError, match="add up to"):
        impact.contributions(judgements, weights | {"1.1": 0.2})


def test_a_criterion_without_a_weight_is_refused(judgements):
    with pytest.raises(ValueError, match=r"without a weight: 1\.2"):
        impact.contributions(judgements, {"1.1": 1.0})
