"""Laws of shifts: looking the other way mirrors them, and neither names, order nor a lasting habit counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import judgement, scales, shifts

CELL = ["scenario", "criterion"]
CRITERIA = ["1.1", "2.2", scales.LIKELIHOOD]
WEIGHTS = {"1.1": 0.3, "2.2": 0.7}
ASSESSORS = "pqrst"
# Classes one above the other in equal steps, on which a habit can go up and down.
STEPS = {
    criterion: [
        name
        for name in scales.class_positions(criterion_is_likelihood=criterion == scales.LIKELIHOOD)
        if name not in {"X", "E"} and not name.endswith("-mid")
    ]
    for criterion in CRITERIA
}
MIRRORED = {"higher": "lower", "lower": "higher"}

pytestmark = pytest.mark.filterwarnings("error")
few = settings(max_examples=40)  # drawing tables takes its time


@st.composite
def rounds(draw, *, everybody=False, room=0):
    """Draw both rounds: cells of some scenarios, judged by some assessors; classes by their step, low <= best <= high.

    With everybody the same scenarios and assessors both times; room: how many steps stay free at both ends.
    """
    tables = []
    for _ in range(2):
        rows = []
        for scenario in "ab" if everybody else draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True)):
            for criterion in CRITERIA:
                places = st.integers(room, len(STEPS[criterion]) - 1 - room)
                some = st.lists(st.sampled_from(ASSESSORS), min_size=1, unique=True)
                rows += [
                    (scenario, criterion, assessor, *sorted(draw(st.tuples(places, places, places))))
                    for assessor in (ASSESSORS if everybody else draw(some))
                ]
        tables.append(pd.DataFrame(rows, columns=[*CELL, "assessor", *scales.BOUNDS]))
    return tables


def told(rows):
    """Return judgements with the classes of their steps."""
    classes = {
        bound: [STEPS[criterion][step] for criterion, step in zip(rows["criterion"], rows[bound], strict=True)]
        for bound in scales.BOUNDS
    }
    return rows.assign(**classes)


def found(before, after):
    tables = told(before), told(after)
    return shifts.shifts(*tables, *map(judgement.equal, tables), WEIGHTS).set_index(CELL)


@few
@given(rounds())
def test_looking_the_other_way_mirrors_every_shift(tables):
    before, after = tables
    there, back = found(before, after), found(after, before)
    pd.testing.assert_index_equal(there.index, back.index)
    assert (back["state"] == there["state"].replace({"new": "retired", "retired": "new"})).all()
    assert (back["verdict"] == there["verdict"].replace(MIRRORED)).all()
    for name, mirrored in (("before", back["now"]), ("shift", -back["shift"]), ("moved", -back["moved"]),
                           ("low", -back["high"]), ("high", -back["low"]), ("probability", 1 - back["probability"]),
                           ("p", back["p"]), ("assessors", back["assessors"])):  # fmt: skip
        assert there[name].to_numpy() == pytest.approx(mirrored.to_numpy(), abs=1e-9, nan_ok=True), name


@few
@given(rounds(), st.permutations(ASSESSORS), st.randoms(use_true_random=False))
def test_neither_names_nor_the_order_of_rows_count(tables, names, random):
    renamed = dict(zip(ASSESSORS, names, strict=True))
    others = [rows.assign(assessor=rows["assessor"].map(renamed)) for rows in tables]
    others = [rows.iloc[random.sample(range(len(rows)), len(rows))] for rows in others]
    pd.testing.assert_frame_equal(found(*others), found(*tables), rtol=1e-12, atol=1e-12)


@few
@given(rounds(everybody=True, room=1), st.tuples(*[st.sampled_from([-1, 0, 1])] * len(ASSESSORS)))
def test_a_habit_that_stays_changes_no_difference(tables, habit):
    steps = dict(zip(ASSESSORS, habit, strict=True))
    shifted = []
    for rows in tables:
        own = rows["assessor"].map(steps)
        shifted.append(rows.assign(**{bound: rows[bound] + own for bound in scales.BOUNDS}))
    names = ["assessors", "shift", "moved", "low", "high", "probability", "p", "verdict"]
    expected, other = found(*tables), found(*shifted)
    # The pools of the overall impact do not add up class by class, so its own shift is another.
    axis = expected.index.get_level_values("criterion") == shifts.IMPACT
    pd.testing.assert_frame_equal(other.loc[~axis, names], expected.loc[~axis, names], atol=1e-9)
    paired = [name for name in names if name != "shift"]
    pd.testing.assert_frame_equal(other.loc[axis, paired], expected.loc[axis, paired], atol=1e-9)


@few
@given(rounds(everybody=True))
def test_where_everybody_judged_both_times_the_pools_move_as_their_assessors_do(tables):
    cells = found(*tables)
    single = cells.drop(index=shifts.IMPACT, level="criterion")
    assert single["shift"].to_numpy() == pytest.approx(single["moved"].to_numpy(), abs=1e-9)


@few
@given(rounds())
def test_numbers_keep_their_places(tables):
    cells = found(*tables)
    assert set(cells["state"]) <= {"both", "new", "retired"}
    assert ((cells["verdict"] == "") == (cells["state"] != "both")).all()
    assert (cells["assessors"].notna() == (cells["state"] == "both")).all()
    tested = cells[cells["p"].notna()]
    assert (tested["assessors"] >= 3).all()
    assert len(tested) == (cells["assessors"] >= 3).sum()
    assert ((tested[["p", "probability"]] >= 0) & (tested[["p", "probability"]] <= 1)).all(axis=None)
    assert (tested["low"] <= tested["moved"]).all()
    assert (tested["moved"] <= tested["high"]).all()
    assert (np.sign(tested["probability"].sub(0.5).round(12)) == np.sign(tested["moved"])).all()
    called = tested[tested["verdict"].isin(MIRRORED)]
    # What is called holds without the correction too: 0 is outside the interval.
    assert ((called["low"] > 0) | (called["high"] < 0)).all()
