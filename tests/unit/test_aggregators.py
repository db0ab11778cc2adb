"""The aggregators beside the weighted sum: against an independent library, and on cases made by hand."""

import numpy as np
import pandas as pd
import pytest
from pymcdm.methods import PROMETHEE_II, WSM
from scipy.stats import kendalltau
from skcriteria import mkdm
from skcriteria.agg.simple import WeightedSumModel

from nvslib import impact, profiles, scales
from nvslib.editions import edition_names, load_edition
from nvslib.problems import Problem

CRITERIA = list(load_edition("2022").criteria)
INTERESTS = {number: criterion.interest for number, criterion in load_edition("2022").criteria.items()}


def judged(positions, criteria=CRITERIA, bound="best"):
    """Return judgements from positions: scenario -> one for each criterion."""
    wide = pd.DataFrame(positions, index=pd.Index(criteria, name="criterion")).rename_axis(columns="scenario")
    return wide.unstack().rename("position").reset_index().assign(bound=bound)


def ranks(table):
    return table.set_index("scenario")["rank"].to_dict()


@pytest.fixture(scope="module")
def random():
    """Thirty scenarios on whole classes and thirty between them."""
    generator = np.random.default_rng(5)
    whole = generator.integers(0, 6, (30, len(CRITERIA)))
    between = generator.uniform(0, 5, (30, len(CRITERIA)))
    return judged({f"s{number:02}": row for number, row in enumerate(np.vstack([whole, between]))})


@pytest.fixture(scope="module", params=profiles.profiles())
def weights(request):
    return profiles.profile_weights(load_edition("2022"), request.param)


def matrix_and_weights(judgements, weights):
    matrix = judgements.pivot(index="scenario", columns="criterion", values="position")
    return matrix.to_numpy(dtype=float), np.array([weights[name] for name in matrix.columns])


def test_the_weighted_sum_is_that_of_two_independent_libraries(random, weights):
    matrix, row = matrix_and_weights(random, weights)
    values = scales.impact_value(matrix)
    judged_values = random.assign(**{"class": "?"})
    ours = impact.weighted_sum(impact.contributions(judged_values, weights)).set_index("scenario")
    theirs = WeightedSumModel().evaluate(mkdm(values, [max] * len(row), weights=row))
    assert ours["value"].to_numpy() == pytest.approx(theirs.e_.score, abs=1e-12)
    model = WSM(normalization_function=lambda column, cost=False: column)  # noqa: ARG005 - shares already
    assert ours["value"].to_numpy() == pytest.approx(model(values, row, np.ones(len(row))), abs=1e-12)


def test_promethee_is_that_of_an_independent_library(random, weights):
    matrix, row = matrix_and_weights(random, weights)
    theirs = PROMETHEE_II("vshape", p=np.ones(len(row)))(matrix, row, np.ones(len(row)))
    ours = impact.promethee(random, weights)
    assert ours["value"].to_numpy() == pytest.approx(theirs, abs=1e-12)
    assert ours["rank"].to_list() == pd.Series(theirs).round(12).rank(method="min", ascending=False).to_list()


def test_on_whole_classes_promethee_is_the_usual_criterion(random, weights):
    whole = random[random["scenario"] < "s30"]
    matrix, row = matrix_and_weights(whole, weights)
    theirs = PROMETHEE_II("usual")(matrix, row, np.ones(len(row)))
    assert impact.promethee(whole, weights)["value"].to_numpy() == pytest.approx(theirs, abs=1e-12)


def test_the_weighted_sum_is_that_of_an_independent_library(random, weights):
    matrix, row = matrix_and_weights(random, weights)
    model = WSM(normalization_function=lambda column, cost=False: column)  # noqa: ARG005 - shares already
    theirs = model(scales.impact_value(matrix), row, np.ones(len(row)))
    ours = impact.weighted_sum(impact.contributions(random.assign(**{"class": ""}), weights))
    assert ours["value"].to_numpy() == pytest.approx(theirs, abs=1e-12)


def test_one_catastrophe_against_many_serious_effects():
    """A mean hides the single catastrophic criterion; the other aggregators show it, each in its way."""
    judgements = judged(
        {"one": [0] * 9 + [5] + [0] * 8, "many": [3] * 18, "little": [1] * 18}  # 4.1 is an interest of its own
    )
    assert ranks(impact.interest_max(judgements, INTERESTS)) == {"one": 1, "many": 2, "little": 3}
    assert ranks(impact.medal(judgements)) == {"one": 1, "many": 2, "little": 3}
    weights = load_edition("2022").weights()
    assert ranks(impact.promethee(judgements, weights)) == {"many": 1, "little": 2, "one": 3}
    contributions = impact.contributions(judgements.assign(**{"class": ""}), weights)
    assert ranks(impact.weighted_sum(contributions)) == {"many": 1, "one": 2, "little": 3}


def test_the_worst_interest_is_a_mean_over_its_criteria():
    judgements = judged({"a": [5, 0, 0, 4]}, ["1.1", "1.2", "1.3", "4.1"])
    [worst] = impact.interest_max(judgements, INTERESTS).to_dict("records")
    assert (worst["interest"], worst["rank"]) == ("1", 1)  # equals: the first
    assert worst["value"] == pytest.approx(1 / 3)
    assert worst["position"] == pytest.approx(4)


def test_a_criterion_without_an_interest_is_refused():
    with pytest.raises(ValueError, match=r"without an interest: 9\.9"):
        impact.interest_max(judged({"a": [1]}, ["9.9"]), INTERESTS)


def test_medals_are_counted_from_the_top():
    judgements = judged({"a": [5, 1, 1], "b": [4, 4, 4], "c": [1, 5, 1], "d": [5, 2, 0], "e": [0, 0, 0]}, list("123"))
    table = impact.medal(judgements).set_index("scenario")
    assert table[list("EDCBA")].to_numpy().tolist() == [
        [1, 0, 0, 0, 2],
        [0, 3, 0, 0, 0],
        [1, 0, 0, 0, 2],
        [1, 0, 0, 1, 0],
        [0, 0, 0, 0, 0],
    ]
    assert table["rank"].to_dict() == {"d": 1, "a": 2, "c": 2, "b": 4, "e": 5}


def test_a_position_between_classes_counts_as_the_nearest():
    table = impact.medal(judged({"a": [4.5, 4.49, 4.5 - 1e-15]}, list("123")))
    assert table[["E", "D"]].to_numpy().tolist() == [[2, 1]]


def test_bounds_are_ranked_apart_and_the_likelihood_is_left_out():
    low = judged({"a": [1, 1], "b": [2, 2]}, ["1.1", "4.1"], "low")
    high = judged({"a": [5, 5], "b": [3, 3]}, ["1.1", "4.1"], "high")
    likelihood = judged({"a": [5], "b": [1]}, ["likelihood"], "high")
    together = pd.concat([high, likelihood, low], ignore_index=True)
    expected = {("a", "low"): 2, ("b", "low"): 1, ("a", "high"): 1, ("b", "high"): 2}
    for table in (
        impact.interest_max(together, INTERESTS),
        impact.medal(together),
        impact.promethee(together, {"1.1": 0.5, "4.1": 0.5}),
    ):
        assert table.set_index(["scenario", "bound"])["rank"].to_dict() == expected


def test_promethee_of_one_scenario_is_nought(weights):
    assert impact.promethee(judged({"a": [3] * 18}), weights)[["value", "rank"]].to_numpy().tolist() == [[0, 1]]


def test_agreement_is_kendalls_tau():
    order = pd.DataFrame(
        [[1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 3, 4], [1, 1, 1, 1]], index=list("wxyz"), columns=["a", "b", "c", "d"]
    )
    table = impact.agreement(order).set_index(["aggregator", "other"])["tau"]
    assert list(table.index) == [("w", "x"), ("w", "y"), ("w", "z"), ("x", "y"), ("x", "z"), ("y", "z")]
    for (one, other), tau in table.items():
        assert tau == pytest.approx(kendalltau(order.loc[one], order.loc[other]).statistic, nan_ok=True)
    assert table["w", "x"] == -1
    assert np.isnan(table["w", "z"])


def test_contested_scenarios_are_told_with_who_ranks_them_where():
    order = pd.DataFrame([[1, 2, 3], [3, 2, 1], [2, 1, 3]], index=["sum", "max", "medal"], columns=["a", "b", "c"])
    assert impact.contested(order, 1).to_dict("records") == [
        {"scenario": "a", "highest": "sum", "lowest": "max", "highest_rank": 1, "lowest_rank": 3, "places": 2},
        {"scenario": "c", "highest": "max", "lowest": "sum", "highest_rank": 1, "lowest_rank": 3, "places": 2},
    ]
    assert impact.contested(order, 2).empty


@pytest.mark.parametrize("edition", edition_names())
@pytest.mark.parametrize("name", profiles.profiles())
def test_profile_weights_are_shares(edition, name):
    loaded = load_edition(edition)
    weights = profiles.profile_weights(loaded, name)
    assert list(weights) == list(loaded.criteria)
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) > 0
    multiplier = profiles.profiles()[name].interests
    for one in loaded.criteria.values():
        for other in loaded.criteria.values():
            ratio = multiplier[one.interest] / multiplier[other.interest]
            assert weights[one.id] / weights[other.id] == pytest.approx(ratio)


@pytest.mark.parametrize("edition", edition_names())
def test_the_neutral_profile_is_equal_weights(edition):
    loaded = load_edition(edition)
    assert profiles.profile_weights(loaded, "neutral") == loaded.weights()


def test_profiles_are_defined_whole():
    assert list(profiles.profiles()) == ["neutral", "individualist", "egalitarian", "hierarchist"]
    for profile in profiles.profiles().values():
        assert set(profile.name) == set(profile.why) == set(scales.LANGUAGES)
        assert all(words.endswith(".") for words in profile.why.values())
        assert profile.basis == "own"
        assert set(profile.interests) == set("123456")
    # Our own choice, and each number printed in the method annex: a change must be noticed.
    assert {name: list(profile.interests.values()) for name, profile in profiles.profiles().items()} == {
        "neutral": [1, 1, 1, 1, 1, 1],
        "individualist": [1, 1, 2, 0.5, 1, 0.5],
        "egalitarian": [0.5, 2, 0.5, 2, 1, 1],
        "hierarchist": [2, 1, 1, 0.5, 2, 1],
    }


def test_a_profile_that_is_not_there():
    with pytest.raises(Problem, match="found 'fatalist', allowed neutral, individualist, egalitarian, hierarchist"):
        profiles.profile_weights(load_edition("2022"), "fatalist")
