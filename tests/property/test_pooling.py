"""Laws of pooling: nobody's name or place in the table counts, a higher judgement never lowers the pool, and so on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import judgement, scales

ASSESSORS = ["p", "q", "r", "s", "t"]
CRITERIA = ["1.1", "2.2", "likelihood"]
BOUNDS = list(scales.BOUNDS)
CELL = ["scenario", "criterion"]
CONFIDENCE = ["low", "medium", "high", ""]

pytestmark = pytest.mark.filterwarnings("error")
few = settings(max_examples=40, deadline=None)  # drawing a table takes its time


def classes(criterion):
    """Return the classes of a criterion from low to high."""
    return list(scales.class_positions(criterion_is_likelihood=criterion == "likelihood"))


def position(criterion, name):
    return scales.class_positions(criterion_is_likelihood=criterion == "likelihood")[name]


several = st.lists(st.sampled_from(ASSESSORS), min_size=1, unique=True)
one = st.lists(st.sampled_from(ASSESSORS), min_size=1, max_size=1)


@st.composite
def tables(draw, assessors=several):
    """Draw judgements of some assessors on a few cells, low <= best <= high."""
    rows = []
    for scenario in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True)):
        for criterion in draw(st.lists(st.sampled_from(CRITERIA), min_size=1, unique=True)):
            names = classes(criterion)
            for assessor in draw(assessors):
                places = draw(st.lists(st.integers(0, len(names) - 1), min_size=3, max_size=3).map(sorted))
                told = [names[place] for place in places]
                rows.append((scenario, criterion, assessor, *told, draw(st.sampled_from(CONFIDENCE))))
    table = pd.DataFrame(rows, columns=[*CELL, "assessor", *BOUNDS, "confidence"])
    return table.iloc[draw(st.permutations(range(len(table))))].reset_index(drop=True)


weightings = st.dictionaries(st.sampled_from(ASSESSORS), st.just(0) | st.floats(0.001, 1))


def by_cell(judgements):
    return judgements.sort_values([*CELL, "bound"]).reset_index(drop=True)


def wide(judgements):
    return judgements.pivot(index=CELL, columns="bound", values="position")[BOUNDS]


@few
@given(tables(), weightings)
def test_the_order_of_rows_does_not_matter(assessments, weights):
    shuffled = assessments.iloc[::-1]
    for rule in ("equal", "performance"):
        pd.testing.assert_frame_equal(
            by_cell(judgement.pooled(shuffled, rule, weights)),
            by_cell(judgement.pooled(assessments, rule, weights)),
            rtol=1e-12,
        )
    pd.testing.assert_frame_equal(judgement.disagreement(shuffled), judgement.disagreement(assessments), rtol=1e-12)


@few
@given(tables(), weightings)
def test_the_names_of_assessors_do_not_matter(assessments, weights):
    names = dict(zip(ASSESSORS, "vwxyz", strict=True))
    renamed = assessments.assign(assessor=assessments["assessor"].map(names))
    pd.testing.assert_frame_equal(
        judgement.performance(renamed, {names[name]: weight for name, weight in weights.items()}),
        judgement.performance(assessments, weights),
    )
    pd.testing.assert_frame_equal(judgement.equal(renamed), judgement.equal(assessments))
    pd.testing.assert_frame_equal(judgement.disagreement(renamed), judgement.disagreement(assessments))


@few
@given(tables(assessors=one), weightings)
def test_one_assessor_is_the_consensus(assessments, weights):
    expected = judgement.consensus(assessments)
    for rule in ("consensus", "equal", "performance"):
        pd.testing.assert_frame_equal(judgement.pooled(assessments, rule, weights), expected, check_exact=True)


@few
@given(tables(), weightings, st.data())
def test_a_higher_judgement_never_lowers_the_pool_and_changes_its_own_cell_only(assessments, weights, data):
    row = data.draw(st.sampled_from(list(assessments.index)))
    criterion, names = assessments.loc[row, "criterion"], classes(assessments.loc[row, "criterion"])
    raised = assessments.copy()
    raised.loc[row, "high"] = names[data.draw(st.integers(names.index(raised.loc[row, "high"]), len(names) - 1))]
    before, after = (judgement.performance(table, weights) for table in (assessments, raised))
    assert (after["position"] >= before["position"] - 1e-12).all()
    changed = after[after["position"] > before["position"] + 1e-12]
    assert set(changed[[*CELL, "bound"]].itertuples(index=False, name=None)) <= {
        (raised.loc[row, "scenario"], criterion, "high")
    }
    for old, new in zip(before.itertuples(), after.itertuples(), strict=True):
        assert position(new.criterion, new[4]) >= position(old.criterion, old[4])


@few
@given(tables(), weightings, st.floats(1e-3, 1e3))
def test_only_the_proportions_of_weights_count(assessments, weights, factor):
    scaled = {name: factor * weight for name, weight in weights.items()}
    pd.testing.assert_frame_equal(
        judgement.performance(assessments, scaled), judgement.performance(assessments, weights), rtol=1e-12
    )


@few
@given(tables(), weightings)
def test_a_pool_lies_within_its_members_in_the_right_order(assessments, weights):
    pooled = wide(judgement.performance(assessments, weights))
    mixture = judgement.members(assessments, weights)
    heard = mixture[mixture["weight"] > 0].groupby(CELL)[BOUNDS]
    assert (pooled >= heard.min()).all(axis=None)
    assert (pooled <= heard.max()).all(axis=None)
    assert (pooled["low"] <= pooled["best"]).all()
    assert (pooled["best"] <= pooled["high"]).all()
    for row in judgement.performance(assessments, weights).itertuples():
        distances = {name: abs(position(row.criterion, name) - row.position) for name in classes(row.criterion)}
        assert distances[row[4]] == pytest.approx(min(distances.values()), abs=1e-8)


@few
@given(tables(), weightings)
def test_a_pool_is_the_weighted_mean_of_a_plain_loop(assessments, weights):
    for row in judgement.performance(assessments, weights).itertuples():
        cell = assessments[(assessments["scenario"] == row.scenario) & (assessments["criterion"] == row.criterion)]
        heard = [weights.get(name, 0) for name in cell["assessor"]]
        heard = heard if sum(heard) else [1] * len(cell)
        told = [position(row.criterion, name) for name in cell[row.bound]]
        mean = sum(weight * place for weight, place in zip(heard, told, strict=True)) / sum(heard)
        assert row.position == pytest.approx(mean, abs=1e-12)


@few
@given(tables(), weightings)
def test_cells_without_weight_are_told_and_pooled_equally(assessments, weights):
    told = judgement.without_weight(assessments, weights)
    expected = {
        cell: len(rows)
        for cell, rows in assessments.groupby(CELL)
        if not any(weights.get(name, 0) for name in rows["assessor"])
    }
    assert dict(zip(map(tuple, told[CELL].to_numpy()), told["assessors"], strict=True)) == expected
    rows = assessments.set_index(CELL).index.isin(list(expected))
    if rows.any():
        both = (judgement.performance(assessments[rows], weights), judgement.equal(assessments[rows]))
        pd.testing.assert_frame_equal(*both)


@few
@given(tables(), weightings)
def test_members_weigh_one_in_every_cell(assessments, weights):
    mixture = judgement.members(assessments, weights)
    assert mixture.groupby(CELL)["weight"].sum().to_numpy() == pytest.approx(1)
    assert mixture[[*CELL, "assessor"]].equals(assessments[[*CELL, "assessor"]])


@settings(few, max_examples=15)
@given(tables(), weightings)
def test_moments_are_those_of_a_numerical_integration(assessments, weights):
    mixture = judgement.members(assessments, weights)
    levels = (np.arange(20_000) + 0.5) / 20_000
    for row in judgement.moments(mixture).itertuples():
        cell = mixture[(mixture["scenario"] == row.scenario) & (mixture["criterion"] == row.criterion)]
        first = second = 0.0
        for low, best, high, weight in cell[[*BOUNDS, "weight"]].to_numpy():
            # The quantile function of a triangular distribution.
            at = (best - low) / (high - low) if high > low else 0
            rising = low + np.sqrt(levels * (high - low) * (best - low))
            drawn = np.where(levels < at, rising, high - np.sqrt((1 - levels) * (high - low) * (high - best)))
            first, second = first + weight * drawn.mean(), second + weight * (drawn**2).mean()
        assert row.mean == pytest.approx(first, abs=1e-5)
        assert row.variance == pytest.approx(second - first**2, abs=1e-4)


@few
@given(tables())
def test_disagreement_is_that_of_a_plain_loop(assessments):
    table = judgement.disagreement(assessments)
    assert table["again"].tolist() == list(range(1, len(table) + 1))
    keys = [(-round(row.spread, 9), -round(row.range, 9), row.scenario, row.criterion) for row in table.itertuples()]
    assert keys == sorted(keys)
    for row in table.itertuples():
        cell = assessments[(assessments["scenario"] == row.scenario) & (assessments["criterion"] == row.criterion)]
        places = [position(row.criterion, name) for name in cell["best"]]
        mean = sum(places) / len(places)
        assert row.assessors == len(cell)
        assert row.spread == pytest.approx((sum((place - mean) ** 2 for place in places) / len(places)) ** 0.5)
        assert row.range == max(places) - min(places)
        assert position(row.criterion, row.lowest) == min(places)
        assert position(row.criterion, row.highest) == max(places)
        said = [name for name in cell["confidence"] if name]
        shares = [said.count(name) / len(said) if said else 0 for name in ("low", "medium", "high")]
        assert [row.knowledge_low, row.knowledge_medium, row.knowledge_high] == pytest.approx(shares)
        reached = [name for place, name in enumerate(("low", "medium", "high")) if 2 * sum(shares[place:]) >= 1 - 1e-9]
        assert row.knowledge == (reached[-1] if reached else "")


def cell(criterion, *told):
    rows = [("a", criterion, name, *classes, "") for name, classes in zip(ASSESSORS, told, strict=False)]
    return pd.DataFrame(rows, columns=[*CELL, "assessor", *BOUNDS, "confidence"])


@pytest.mark.parametrize(
    ("criterion", "told", "expected"),
    [
        ("1.1", ["AAA", "BBB"], "B"),  # halfway: the higher
        ("1.1", ["AAA", "AAA", "BBB"], "A"),
        ("1.1", ["XXX", "XXX", "BBB"], "A"),
        ("likelihood", [["B"] * 3, ["C"] * 3], "C-low"),  # 2.5, halfway between B-high and C-low
        ("likelihood", [["B-mid"] * 3, ["B-mid"] * 3], "B-mid"),
        ("likelihood", [["B-mid"] * 3, ["B"] * 3], "B"),
        ("likelihood", [["B-low"] * 3, ["B-high"] * 3], "B"),
    ],
)
def test_the_class_of_a_pool(criterion, told, expected):
    assert set(judgement.equal(cell(criterion, *told))["class"]) == {expected}


def test_weights_move_the_pool():
    told = cell("1.1", "ABC", "CDE")
    pooled = judgement.performance(told, {"p": 3, "q": 1}).set_index("bound")
    assert pooled["position"].to_dict() == {"low": 1.5, "best": 2.5, "high": 3.5}
    assert pooled["class"].to_dict() == {"low": "B", "best": "C", "high": "D"}


def test_rounding_does_not_carry_a_pool_past_its_members():
    """Sevenths (1, 1, 5) of 3 add up to a hair less than 3, fifths (1, 2, 2) to a hair more."""
    for weights in ((1, 1, 5), (1, 2, 2)):
        pooled = judgement.performance(cell("1.1", *["CCC"] * 3), dict(zip(ASSESSORS, weights, strict=False)))
        assert set(pooled["position"]) == {3.0}


def test_of_cells_with_the_same_spread_the_wider_comes_first():
    """One at A and one at C; of eight one at X, one at D and six at B: standard deviation 1, range 2 and 4."""
    narrow = [("a", "1.1", f"e{number}", *[name] * 3, "") for number, name in enumerate("AC")]
    wide = [("b", "1.1", f"e{number}", *[name] * 3, "") for number, name in enumerate("XBBBBBBD")]
    table = judgement.disagreement(pd.DataFrame(narrow + wide, columns=[*CELL, "assessor", *BOUNDS, "confidence"]))
    assert table[["scenario", "spread", "range", "again"]].to_numpy().tolist() == [["b", 1, 4, 1], ["a", 1, 2, 2]]


def test_moments_of_two_triangles_by_hand():
    """X to A to B, mean 1 and variance 1/6, with weight 3/4; C for certain with weight 1/4."""
    told = cell("1.1", "XAB", "CCC")
    (row,) = judgement.moments(judgement.members(told, {"p": 3, "q": 1})).itertuples()
    assert row.mean == pytest.approx(1.5)
    assert row.variance == pytest.approx(0.75 * (1 / 6 + 0.25) + 0.25 * 2.25)


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no such pooling: best"):
        judgement.pooled(cell("1.1", "AAA"), "best")
    with pytest.raises(ValueError, match="performance without weights"):
        judgement.pooled(cell("1.1", "AAA"), "performance")
    with pytest.raises(ValueError, match="not be negative"):
        judgement.performance(cell("1.1", "AAA"), {"p": -1})
