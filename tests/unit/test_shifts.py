"""Shifts at the mid-term review: by hand, against independent tests, on what was planted, and by their error rates."""

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from workbench import ILLUSTRATIVE, ROOT, truth_of

from nvslib import judgement, scales, shifts
from nvslib.editions import load_edition

pytestmark = pytest.mark.filterwarnings("error")
LIKELIHOOD, IMPACT = scales.LIKELIHOOD, shifts.IMPACT
AXES = [LIKELIHOOD, IMPACT]
CELL = ["scenario", "criterion"]
COLUMNS = [*CELL, "state", "before", "now", "shift", "assessors", "moved", "low", "high", "probability", "p", "verdict"]
EDITIONS = {"nvs-2019": "2019", "vsk-2023": "2022"}
TEN = "abcdefghij"
ERROR_RATE = 0.05


def table(cells):
    """Return judgements from (scenario, criterion) -> what its assessors said, a best class or low/best/high each."""
    rows = []
    for (scenario, criterion), told in cells.items():
        for assessor, words in zip(TEN, told.split(), strict=False):
            if words != "-":
                low, best, high = words.split("/") if "/" in words else [words] * 3
                rows.append((scenario, criterion, assessor, low, best, high))
    return pd.DataFrame(rows, columns=[*CELL, "assessor", "low", "best", "high"])


def found(before, after, weights=None):
    """Return the shifts by cell, of tables or of what `table` takes; equal weights on 1.1 unless told otherwise."""
    before, after = (rows if isinstance(rows, pd.DataFrame) else table(rows) for rows in (before, after))
    pools = judgement.equal(before), judgement.equal(after)
    return shifts.shifts(before, after, *pools, weights or {"1.1": 1.0}).set_index(CELL)


def step_up(p):
    """Return p-values corrected by Benjamini and Hochberg along the last axis: a step-up, one rank after the other."""
    order = np.argsort(p, axis=-1)
    ordered = np.take_along_axis(np.asarray(p), order, axis=-1)
    corrected, lowest = np.empty_like(ordered), np.ones(ordered.shape[:-1])
    number = ordered.shape[-1]
    for rank in range(number, 0, -1):
        lowest = np.minimum(lowest, ordered[..., rank - 1] * number / rank)
        corrected[..., rank - 1] = lowest
    back = np.empty_like(corrected)
    np.put_along_axis(back, order, corrected, axis=-1)
    return back


# Judging as the illustrative cycles do, many cells at once.


def classes_at(aimed, criterion):
    """Return the classes nearest to positions; a likelihood is said in subclasses."""
    scale = scales.class_positions(criterion_is_likelihood=criterion == LIKELIHOOD)
    names, at = zip(*((name, at) for name, at in scale.items() if not name.endswith("-mid")), strict=True)
    return np.array(names)[np.abs(np.asarray(aimed)[..., np.newaxis] - np.array(at)).argmin(axis=-1)]


def judged(seed, placed, again, assessors=10):
    """Return both rounds and their pools; placed and again: criterion -> planted position of every scenario.

    As data/illustrative/make.py: noise correlated 0.7 between the rounds, a habit per assessor that stays, and best
    classes. Not applicable stays so, but for the few who see the lowest class in it.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    habit = rng.normal(0, 0.3, assessors)
    rounds = [], []
    for criterion in placed:
        scenarios = len(placed[criterion])
        first = rng.standard_normal((scenarios, assessors))
        second = 0.7 * first + 0.714 * rng.standard_normal((scenarios, assessors))
        index = pd.MultiIndex.from_product([range(scenarios), range(assessors)], names=["scenario", "assessor"])
        for told, at, noise in zip(rounds, (placed, again), (first, second), strict=True):
            position = np.asarray(at[criterion])[:, np.newaxis]
            spread = 0.33 if criterion == LIKELIHOOD else 0.55
            best = classes_at(position + habit + spread * noise, criterion)
            if criterion != LIKELIHOOD:
                best = np.where(position < 0.4, np.where(noise > 1.6, "A", "X"), best)
            told.append(pd.DataFrame({"best": best.ravel()}, index).reset_index().assign(criterion=criterion))
    tables = [pd.concat(told, ignore_index=True) for told in rounds]
    return *tables, *map(pool, tables)


def pool(rows):
    """Return the mean position of each cell, the same at every bound; `judgement.equal` takes longer on many cells."""
    positions = rows.assign(position=scales.positions(rows["best"], rows["criterion"]))
    mean = positions.groupby(CELL)["position"].mean().reset_index()
    return mean.merge(pd.DataFrame({"bound": scales.BOUNDS}), how="cross")


def flat(scenarios, criteria, seed, lowest=0.7, highest=4.7, applicable=0.67):
    """Return positions all over the scale on the likelihood and some criteria; some of the latter not applicable."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    placed = {name: rng.uniform(lowest, highest, scenarios) for name in [LIKELIHOOD, *criteria]}
    share = {LIKELIHOOD: 1.0} | dict.fromkeys(criteria, applicable)
    return {name: np.where(rng.random(scenarios) < share[name], at, 0.0) for name, at in placed.items()}


def equal_weights(criteria):
    return dict.fromkeys(criteria, 1 / len(criteria))


# By hand


def test_four_assessors_by_hand():
    # Differences of one, two, one and no subclass: their mean is 1/3, their variance 2/27, so t is the root of 6. With
    # 3 degrees of freedom the distribution function is elementary.
    before = {("s", "1.1"): "C C C C", ("s", LIKELIHOOD): "C C-low C-high D"}
    after = {("s", "1.1"): "C C C C", ("s", LIKELIHOOD): "C-high C-high D-low D"}
    cells = found(before, after)
    row = cells.loc[("s", LIKELIHOOD)]
    error = math.sqrt(2 / 27 / 4)
    probability = 0.5 + (math.sqrt(2) / 3 + math.atan(math.sqrt(2))) / math.pi
    assert list(cells.reset_index().columns) == COLUMNS
    assert (row["state"], row["assessors"], row["verdict"]) == ("both", 4, "undetermined")
    assert row[["before", "now", "shift", "moved"]].tolist() == pytest.approx([3.25, 43 / 12, 1 / 3, 1 / 3])
    assert row[["low", "high"]].tolist() == pytest.approx([1 / 3 - 3.182446 * error, 1 / 3 + 3.182446 * error])
    assert row["probability"] == pytest.approx(probability)
    assert row["p"] == pytest.approx(2 * 2 * (1 - probability))  # twice: the impact is looked at too
    assert cells.loc[("s", IMPACT), ["moved", "p", "verdict"]].tolist() == [0, 1, "unchanged"]


def test_the_overall_impact_is_that_of_the_weighted_sum_of_values():
    weights = {"1.1": 0.75, "2.1": 0.25}
    before = {("s", "1.1"): "B C A", ("s", "2.1"): "E A X"}
    after = {("s", "1.1"): "C C B", ("s", "2.1"): "E C A"}
    row = found(before, after, weights).loc[("s", IMPACT)]

    def place(first, second):
        value = {position: 3.0 ** (position - 5) if position else 0.0 for position in range(6)}
        return 5 + math.log(0.75 * value[first] + 0.25 * value[second], 3)

    own = [place(3, 5) - place(2, 5), place(3, 3) - place(3, 1), place(2, 1) - 0.75 * 1]
    assert row["moved"] == pytest.approx(np.mean(own))
    assert row["high"] - row["moved"] == pytest.approx(4.302653 * np.std(own, ddof=1) / math.sqrt(3))
    pooled = 5 + math.log(0.75 * 3 ** (8 / 3 - 5) + 0.25 * 3 ** (3 - 5), 3)
    assert row["now"] == pytest.approx(pooled)


def test_a_habit_of_judging_high_falls_out():
    before = {("s", "1.1"): "A B C D", ("s", LIKELIHOOD): "A B C D"}
    after = {("s", "1.1"): "B C D E", ("s", LIKELIHOOD): "A-high B-high C-high D-high"}
    cells = found(before, after)
    assert cells.loc["s"].loc[["1.1", LIKELIHOOD], "moved"].tolist() == pytest.approx([1, 1 / 3])
    assert set(cells["verdict"]) == {"higher"}


@pytest.mark.parametrize(
    ("again", "moved", "p", "probability", "verdict"),
    [
        ("C C C", 0, 1, 0.5, "unchanged"),
        ("C-high C-high C-high", 1 / 3, 0, 1, "higher"),
        ("C-low C-low C-low", -1 / 3, 0, 0, "lower"),
    ],
)
def test_without_any_spread_the_sign_decides(again, moved, p, probability, verdict):
    steady = {("s", "1.1"): "D A C"}
    cells = found(steady | {("s", LIKELIHOOD): "C C C"}, steady | {("s", LIKELIHOOD): again})
    row = cells.loc[("s", LIKELIHOOD)]
    assert row[["moved", "low", "high"]].tolist() == pytest.approx([moved] * 3)
    assert (row["p"], row["probability"], row["verdict"]) == (p, probability, verdict)


def test_what_cancels_out_is_a_plain_zero():
    # Down two subclasses, up one, up one; and pools whose sums differ by rounding.
    steady = {("s", "1.1"): "C C C C C"}
    rows = found(steady | {("s", LIKELIHOOD): "D C C"}, steady | {("s", LIKELIHOOD): "C-high C-high C-high"})
    assert [str(value) for value in rows.loc[("s", LIKELIHOOD), ["shift", "moved", "p"]]] == ["0.0", "0.0", "1.0"]
    told = "A-low A-low B-high D B-high", "B-high D B-high A-low A-low"
    rows = found(*(steady | {("s", LIKELIHOOD): words} for words in told))
    assert str(rows.loc[("s", LIKELIHOOD), "shift"]) == "0.0"


def test_unchanged_is_what_surely_lies_within_the_smallest_shift():
    # Of ten assessors k go one class up: moved + t * error is 0.283, 0.444 and 0.580. Half a class matters on a
    # criterion, a third on both axes.
    verdicts = {}
    for up in (1, 2, 3):
        after = " ".join("D" if number < up else "C" for number in range(10))
        told = [{("s", "1.1"): words, ("s", LIKELIHOOD): words} for words in (" ".join("C" * 10), after)]
        verdicts[up] = found(*told).loc["s"].loc[["1.1", *AXES], "verdict"].tolist()
    assert verdicts == {
        1: ["unchanged"] * 3,
        2: ["unchanged", "undetermined", "undetermined"],
        3: ["undetermined"] * 3,
    }


def test_what_was_judged_once_has_its_position_alone():
    before = {("old", "1.1"): "C D E", ("old", LIKELIHOOD): "B B B", ("s", "1.1"): "A A A", ("s", LIKELIHOOD): "A A A"}
    after = {
        ("s", "1.1"): "A A A",
        ("s", LIKELIHOOD): "A A A",
        ("young", "1.1"): "C C C",
        ("young", LIKELIHOOD): "D D D",
    }
    cells = found(before, after)
    assert cells["state"].groupby("scenario").unique().map(list).to_dict() == {
        "old": ["retired"], "s": ["both"], "young": ["new"],
    }  # fmt: skip
    for scenario, there, other in (("old", "before", "now"), ("young", "now", "before")):
        rows = cells.loc[scenario]
        assert rows[there].tolist() == {"old": [4, 4, 2], "young": [3, 3, 4]}[scenario]
        assert rows[[other, "shift", "assessors", "moved", "low", "high", "probability", "p"]].isna().all(axis=None)
        assert (rows["verdict"] == "").all()


def test_a_family_is_both_axes_of_all_scenarios_and_another_all_criteria():
    # One scenario moves on everything; the other, beside it, on nothing. Retired scenarios are not looked at.
    words = "C C C C C C", "D D D D C C"
    cells = [{(s, c): told for s in "st" for c in ("1.1", LIKELIHOOD)} for told in (words[0], words[0])]
    cells[1] |= {("s", "1.1"): words[1], ("s", LIKELIHOOD): words[1]}
    cells[0] |= {("u", "1.1"): words[0], ("u", LIKELIHOOD): words[0]}
    raw = stats.ttest_1samp([1, 1, 1, 1, 0, 0], 0).pvalue
    p = found(*cells)["p"]
    assert p.loc["s"].to_dict() == pytest.approx({"1.1": 2 * raw, IMPACT: 4 / 2 * raw, LIKELIHOOD: 4 / 2 * raw})
    assert p.loc["u"].isna().all()


def test_only_who_judged_both_times_counts_and_for_impact_on_every_criterion():
    weights = {"1.1": 0.5, "2.1": 0.5}
    before = {("s", "1.1"): "C C C C C", ("s", "2.1"): "C C C C C", ("s", LIKELIHOOD): "- C C C D"}
    after = {("s", "1.1"): "D D D - D", ("s", "2.1"): "D D D D -", ("s", LIKELIHOOD): "E D D D -"}
    cells = found(before, after, weights).loc["s"]
    assert cells["assessors"].to_dict() == {"1.1": 4, "2.1": 4, LIKELIHOOD: 3, IMPACT: 3}
    assert cells["moved"].tolist() == pytest.approx([1, 1, 1, 1])
    assert cells.loc[LIKELIHOOD, "shift"] == pytest.approx(17 / 4 - 13 / 4)  # the pools hold everybody


# A panel, and any with fewer than three pairs


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("B/C/C-high", "D-low/D/E", "higher"),
        ("D-low/D/E", "B/C/C-high", "lower"),
        ("B/C/D", "B/C/D", "unchanged"),
        ("B/C/D", "B/C-high/D", "undetermined"),
        ("B/C/D", "C/C/D", "undetermined"),
        ("B/C/C", "C/D/E", "undetermined"),
        ("C/D/E", "B/C/C", "undetermined"),
    ],
)
def test_of_a_panel_only_ranges_that_do_not_overlap_are_a_shift(before, after, verdict):
    steady = {("s", "1.1"): "C"}
    row = found(steady | {("s", LIKELIHOOD): before}, steady | {("s", LIKELIHOOD): after}).loc[("s", LIKELIHOOD)]
    assert (row["assessors"], row["verdict"]) == (1, verdict)
    assert row["moved"] == row["shift"]
    assert row[["low", "high", "probability", "p"]].isna().all()


def test_the_overall_ranges_of_a_panel_are_weighted_sums_of_its_lows_and_highs():
    # 1.1 is clearly up, 2.1 overlaps: with much weight on 1.1 the whole is up, with little it is not.
    before = {("s", "1.1"): "A/A/B", ("s", "2.1"): "C/D/E"}
    after = {("s", "1.1"): "D/E/E", ("s", "2.1"): "C/D/E"}
    heavy, light = ({"1.1": weight, "2.1": 1 - weight} for weight in (0.9, 0.3))
    # 0.9 / 3 + 0.1 / 9 is above 0.9 / 27 + 0.1; 0.3 / 3 + 0.7 / 9 is below 0.3 / 27 + 0.7.
    assert found(before, after, heavy).loc[("s", IMPACT), "verdict"] == "higher"
    assert found(after, before, heavy).loc[("s", IMPACT), "verdict"] == "lower"
    assert found(before, after, light).loc[("s", IMPACT), "verdict"] == "undetermined"


def test_two_pairs_are_judged_by_the_pooled_ranges_and_others_than_before_too():
    steady = {("s", "1.1"): "C C C C"}
    two = found(steady | {("s", LIKELIHOOD): "A B"}, steady | {("s", LIKELIHOOD): "B C"}).loc[("s", LIKELIHOOD)]
    assert (two["assessors"], two["verdict"]) == (2, "higher")
    assert two["moved"] == pytest.approx(1)
    assert two[["low", "high", "p"]].isna().all()
    others = found(steady | {("s", LIKELIHOOD): "A B - -"}, steady | {("s", LIKELIHOOD): "- - D D"})
    row = others.loc[("s", LIKELIHOOD)]
    assert (row["state"], row["assessors"], row["verdict"]) == ("both", 0, "higher")
    assert math.isnan(row["moved"])


# Crosswalk of editions


def test_weights_go_to_the_criteria_that_both_editions_have():
    before, after = (pd.DataFrame({"criterion": names}) for names in (["2.1", "1.1", "9.9"], ["1.4", "1.1", "2.1"]))
    weights = {"2.1": 0.2, "1.1": 0.3, "1.4": 0.5}
    assert shifts.shared_weights(before, after, weights) == pytest.approx({"1.1": 0.6, "2.1": 0.4})
    assert list(shifts.shared_weights(before, after, weights)) == ["1.1", "2.1"]
    with pytest.raises(ValueError, match=r"criteria without a weight: 2\.1"):
        shifts.shared_weights(before, after, {"1.1": 0.5, "1.4": 0.5})
    with pytest.raises(ValueError, match=r"add up to 0\.9"):
        shifts.shared_weights(before, after, {"1.1": 0.5, "2.1": 0.4})
    with pytest.raises(ValueError, match="no criterion with weight is judged both times"):
        shifts.shared_weights(before, after, {"1.1": 0, "2.1": 0, "1.4": 1})


def test_criteria_of_one_side_only_are_left_out():
    before = {("s", "1.1"): "C C C", ("s", "9.9"): "A A A", ("s", LIKELIHOOD): "C C C"}
    after = {("s", "1.1"): "D D D", ("s", "1.4"): "E E E", ("s", LIKELIHOOD): "C C C"}
    cells = found(before, after, {"1.1": 0.5, "1.4": 0.5}).loc["s"]
    assert set(cells.index) == {"1.1", *AXES}
    assert cells.loc[IMPACT, ["before", "now", "assessors"]].tolist() == pytest.approx([3, 4, 3])


def test_an_assessor_who_judged_a_cell_twice_in_one_round_is_refused():
    rows = table({("s", "1.1"): "C C C", ("s", LIKELIHOOD): "C C C"})
    with pytest.raises(ValueError, match="duplicate"):
        found(pd.concat([rows, rows.head(1)]), rows)


# Against independent tests


@cache
def drawn():
    """Return both rounds of a cycle in which some scenarios move, its pools, weights and shifts."""
    criteria = ["1.1", "1.2", "2.1", "3.1"]
    placed = flat(20, criteria, 4)
    again = {name: at + np.where(np.arange(20) < 6, 0.6, 0.0) for name, at in placed.items()}
    tables = judged([1], placed, again)
    weights = dict(zip(criteria, (0.4, 0.3, 0.2, 0.1), strict=True))
    return *tables, weights, shifts.shifts(*tables, weights)


def test_interval_probability_and_p_are_those_of_the_paired_t_test():
    before, after, _, _, weights, table_ = drawn()
    positions = []
    for rows in (before, after):
        value = {(row.scenario, row.criterion, row.assessor): scales.class_positions(
            criterion_is_likelihood=row.criterion == LIKELIHOOD)[row.best] for row in rows.itertuples()}  # fmt: skip
        for scenario in range(20):
            for assessor in range(10):
                impact = sum(w * scales.impact_value(value[scenario, c, assessor]) for c, w in weights.items())
                value[scenario, IMPACT, assessor] = float(scales.impact_position(impact))
        positions.append(value)
    raw = []
    for row in table_.itertuples():
        first, again = ([value[row.scenario, row.criterion, assessor] for assessor in range(10)] for value in positions)
        if first == again:
            raw.append(1.0)
            continue
        test = stats.ttest_rel(again, first)
        interval = test.confidence_interval(0.95)
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
        assert row.probability == pytest.approx(stats.ttest_rel(again, first, alternative="less").pvalue)
        raw.append(test.pvalue)
    assert len(set(raw)) > 50
    for family in (table_["criterion"].isin(AXES), ~table_["criterion"].isin(AXES)):
        assert table_.loc[family, "p"].to_numpy() == pytest.approx(step_up(np.array(raw)[family]), rel=1e-9)


def test_the_verdict_follows_from_p_and_the_sign():
    table_ = drawn()[-1]
    called = table_["verdict"].isin(["higher", "lower"])
    assert (called == (table_["p"] <= ERROR_RATE)).all()
    assert 5 < called.sum() < len(table_) - 20
    assert ((table_.loc[called, "moved"] > 0) == (table_.loc[called, "verdict"] == "higher")).all()


def test_neither_the_order_of_rows_nor_the_names_of_assessors_change_a_byte():
    *tables, weights, expected = drawn()
    kept = [rows.copy() for rows in tables]
    shuffled = [rows.sample(frac=1, random_state=number) for number, rows in enumerate(tables)]
    shuffled[:2] = [rows.assign(assessor=(rows["assessor"] * 7 + 3) % 10) for rows in shuffled[:2]]
    reordered = dict(reversed(weights.items()))
    pd.testing.assert_frame_equal(shifts.shifts(*shuffled, reordered), expected, check_exact=True)
    for rows, was in zip(tables, kept, strict=True):
        pd.testing.assert_frame_equal(rows, was)


# What was planted

KNOWN = [*scales.impact_classes(), *scales.likelihood_classes()]
SPELT = {"waarschijnlijkheid": LIKELIHOOD} | {name.lower(): name for name in scales.impact_classes()}
SPELT |= {name.replace("-low", " laag").replace("-high", " hoog"): name for name in scales.likelihood_classes()}


@cache
def delivered(cycle):
    """Return the shifts of a bundled cycle as delivered, without a correction, and what is planted in each row."""
    names = "assessments", "reassessments"
    if cycle == "nvs-2019":
        folder = ROOT / "data" / "raw" / cycle
        tables = [pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False) for name in names]
    else:
        book = ROOT / "data" / "raw" / cycle / "anv.xlsx"
        tables = [pd.read_excel(book, sheet_name=name, dtype=str, engine="calamine").replace(SPELT) for name in names]
    # One cell of the first was delivered with a class that does not exist.
    tables = [rows[rows["best"].isin(KNOWN)] for rows in tables]
    return planted(cycle, found(*tables, load_edition(EDITIONS[cycle]).weights()).reset_index())


def planted(cycle, table_):
    """Return only what was judged both times, with the shift of the planted positions and the verdict as a sign."""
    truth = truth_of(cycle)
    named = [
        truth["shifted"].get(scenario, {}).get(criterion if criterion == LIKELIHOOD else criterion[0], 0)
        for scenario, criterion in zip(table_["scenario"], table_["criterion"], strict=True)
    ]
    sign = table_["verdict"].map({"higher": 1, "lower": -1}).fillna(0)
    return table_.assign(planted=named, sign=sign)[table_["state"] == "both"]


@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_every_planted_shift_of_likelihood_is_found_and_no_other_is_called(cycle):
    likelihood = delivered(cycle).query("criterion == 'likelihood'")
    assert (likelihood["sign"] == np.sign(likelihood["planted"])).all()
    assert (likelihood["sign"] != 0).sum() == {"nvs-2019": 6, "vsk-2023": 7}[cycle]


# Of the shifts planted in an interest those that a criterion of it or the overall impact shows. The others are half a
# class, or about one class on so few criteria that ten assessors do not single them out of some hundreds of cells.
FOUND = {
    "nvs-2019": {("criminal-infiltration-council", "5"), ("ransomware-hospitals", "2"), ("raw-material-embargo", "3")},
    "vsk-2023": {("antibiotic-resistance", "2"), ("banking-crisis", "3"), ("disinformation-crisis", "2"),
                 ("disinformation-crisis", "5"), ("flash-flood-south", "3")},
}  # fmt: skip
MISSED = {
    "nvs-2019": {("heat-and-drought", "4"), ("respiratory-pandemic", "5"), ("zoonosis-livestock", "2")},
    "vsk-2023": {("attack-on-ally", "1"), ("undersea-cable-sabotage", "3")},
}


@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_planted_shifts_of_interests_are_found_as_far_as_ten_assessors_reach(cycle):
    table_, truth = delivered(cycle), truth_of(cycle)["shifted"]
    asked = {
        (scenario, interest): shift
        for scenario, moved in truth.items()
        for interest, shift in moved.items()
        if interest != LIKELIHOOD
    }
    called = table_[table_["sign"] != 0]
    shown = {
        (scenario, interest)
        for scenario, interest in asked
        if not called[
            (called["scenario"] == scenario)
            & ((called["criterion"] == IMPACT) | (called["criterion"].str[0] == interest))
            & (called["sign"] == np.sign(asked[scenario, interest]))
        ].empty
    }
    assert shown == FOUND[cycle]
    assert set(asked) - shown == MISSED[cycle]
    impact = called[called["criterion"] == IMPACT]
    assert set(impact["scenario"]) <= {scenario for scenario, _ in asked}
    single = called[~called["criterion"].isin(AXES)]
    assert (single["sign"] == np.sign(single["planted"])).all()


@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_the_planted_shifts_of_likelihood_are_found_whoever_judges(cycle):
    # The planted positions judged anew, ten times: also with other noise hardly one is missed or wrong.
    truth = truth_of(cycle)
    kept = [name for name in truth["positions"]["before"] if name in truth["positions"]["after"]]
    placed, again = (
        {
            LIKELIHOOD: np.array([truth["positions"][when][name][LIKELIHOOD] for name in kept]),
            "1.1": np.zeros(len(kept)),
        }
        for when in ("before", "after")
    )
    moved = np.sign((again[LIKELIHOOD] - placed[LIKELIHOOD]).round(9))
    signs = []
    for seed in range(10):
        table_ = shifts.shifts(*judged([2, seed], placed, again), {"1.1": 1.0}).query("criterion == 'likelihood'")
        signs.append(table_["verdict"].map({"higher": 1, "lower": -1}).fillna(0))
    signs = np.array(signs)
    assert (signs == moved)[:, moved != 0].mean() > 0.97
    assert (signs == moved)[:, moved == 0].mean() > 0.98


# Error rates


def raw(table_, cycles):
    """Return the p-values before correction, cycles × cells, from the probability that a shift is upwards."""
    probability = table_["probability"].to_numpy()
    return 2 * np.minimum(probability, 1 - probability).reshape(cycles, -1)


def test_a_cycle_without_any_shift_has_a_false_call_no_more_often_than_told():
    # 300 cycles of 20 scenarios side by side; each is corrected for itself by the step-up above.
    cycles, criteria = 300, ["1.1", "1.2", "2.1", "3.1"]
    placed = flat(cycles * 20, criteria, 6)
    table_ = shifts.shifts(*judged([3], placed, placed), equal_weights(criteria))
    on_axis = table_["criterion"].isin(AXES)
    margin = 3 * math.sqrt(ERROR_RATE * (1 - ERROR_RATE) / cycles)
    for family in (on_axis, ~on_axis):
        wrong = (step_up(raw(table_[family], cycles)) <= ERROR_RATE).any(axis=1).mean()
        assert wrong <= ERROR_RATE + margin, wrong
    # Where classes are finest the test is neither far too careful nor too bold.
    likelihood = raw(table_[table_["criterion"] == LIKELIHOOD], 1)[0]
    assert 0.03 < (likelihood <= ERROR_RATE).mean() < 0.06


@pytest.mark.parametrize("shift", [0.0, 1 / 3, 0.7, 1.0])
def test_the_interval_covers_the_planted_shift_in_spite_of_classes(shift):
    criteria = ["1.1", "1.2"]
    placed = flat(2000, criteria, 7, 1.4, 3.4, applicable=1)
    again = {name: at + shift for name, at in placed.items()}
    table_ = shifts.shifts(*judged([4], placed, again), equal_weights(criteria))
    table_ = table_[table_["criterion"] != IMPACT]
    within = (table_["low"] - 1e-9 <= shift) & (shift <= table_["high"] + 1e-9)
    coverage = within.groupby(table_["criterion"] == LIKELIHOOD).mean()
    assert coverage.between(0.92, 0.98).all(), coverage


def test_a_shift_as_large_as_the_smallest_that_matters_is_seldom_unchanged():
    placed = flat(2000, ["1.1"], 9, 1.4, 3.4, applicable=1)
    again = {LIKELIHOOD: placed[LIKELIHOOD] + 1 / 3, "1.1": placed["1.1"] + 1 / 2}
    cells = shifts.shifts(*judged([5], placed, again), {"1.1": 1.0}).set_index("criterion")
    for criterion in (LIKELIHOOD, "1.1"):
        assert (cells.loc[criterion, "verdict"] == "unchanged").mean() < 0.07
    unmoved = shifts.shifts(*judged([5], placed, placed), {"1.1": 1.0}).set_index("criterion")
    assert (unmoved.loc[LIKELIHOOD, "verdict"] == "unchanged").mean() > 0.85


def test_a_shift_of_one_class_in_likelihood_is_nearly_always_found():
    hits = []
    for seed in range(5):
        placed = flat(30, ["1.1"], [10, seed], 1.4, 3.4)
        again = placed | {LIKELIHOOD: placed[LIKELIHOOD] + np.where(np.arange(30) < 6, 1.0, 0.0)}
        table_ = shifts.shifts(*judged([6, seed], placed, again), {"1.1": 1.0}).query("criterion == 'likelihood'")
        hits += list(table_["verdict"].head(6) == "higher")
    assert np.mean(hits) > 0.98


def test_every_constant_says_what_it_rests_on_and_why():
    constants = shifts.constants()
    entries = [entry for entry in constants.values() if "value" in entry] + list(constants["smallest_shift"].values())
    assert len(entries) == 6
    assert all(entry.keys() == {"value", "basis", "why"} and entry["basis"] == "own" for entry in entries)


# Signals


def indicator(name, **told):
    row = {"indicator": name, "scenario": "s", "direction": "down", "frequency": "year", "baseline": 100.0}
    return row | told


def observed(name, values, series="target", first=2020, per_year=1):
    months = [f"{1 + 12 * part // per_year:02}" for part in range(per_year)]
    periods = [f"{first + at // per_year}-{months[at % per_year]}-01" for at in range(len(values))]
    return [
        {"indicator": name, "series": series, "period": period, "value": value}
        for period, value in zip(periods, values, strict=True)
    ]


def signalled(indicators, observations, as_of="2030-12-31"):
    columns = ["indicator", "series", "period", "value"]
    given = pd.DataFrame(indicators), pd.DataFrame(observations, columns=columns)
    return shifts.signals(*given, as_of).set_index("indicator")


@pytest.mark.parametrize(
    ("direction", "latest", "signal"),
    [
        ("down", 94.9, "better"), ("down", 95.0, "better"), ("down", 95.1, "level"), ("down", 100.0, "level"),
        ("down", 104.9, "level"), ("down", 105.0, "worse"), ("up", 105.0, "better"), ("up", 95.0, "worse"),
    ],
)  # fmt: skip
def test_a_signal_looks_in_the_direction_that_the_goal_wants(direction, latest, signal):
    row = signalled([indicator("i", direction=direction)], observed("i", [1, latest])).loc["i"]
    assert (row["scenario"], row["latest"], row["period"], row["signal"]) == ("s", latest, "2021-01-01", signal)
    assert row["change"] == pytest.approx(latest / 100 - 1)


@pytest.mark.parametrize(("frequency", "per_year"), [("month", 12), ("quarter", 4), ("year", 1)])
def test_the_latest_is_the_mean_of_the_last_year_whatever_the_season(frequency, per_year):
    season = list(range(per_year))
    rows = observed("i", [900.0, *([0.0] * (per_year - 1)), *season], per_year=per_year)
    row = signalled([indicator("i", frequency=frequency)], rows[::-1]).loc["i"]
    assert row["latest"] == pytest.approx((per_year - 1) / 2)
    assert row["period"] == rows[-1]["period"]


def test_only_the_target_series_up_to_the_day_counts():
    rows = observed("i", [80, 120, 500]) + observed("i", [7, 7, 7], series="belgium")
    assert signalled([indicator("i")], rows, "2021-01-01").loc["i", ["latest", "period"]].tolist() == [
        120,
        "2021-01-01",
    ]
    assert signalled([indicator("i")], rows, "2020-12-31").loc["i", "latest"] == 80


def test_fewer_observations_than_a_year_are_averaged():
    rows = observed("i", [60, 100], per_year=4)
    assert signalled([indicator("i", frequency="quarter")], rows).loc["i", "latest"] == 80


def test_without_observations_there_is_no_signal_and_indicators_come_in_order():
    given = [indicator("z", scenario=""), indicator("b"), indicator("a")]
    found_ = signalled(given, observed("a", [50]) + observed("b", [50]), "2025-01-01")
    assert list(found_.index) == ["a", "b", "z"]
    assert found_.loc["z", ["scenario", "period", "signal"]].tolist() == ["", "", "none"]
    assert found_.loc["z", ["latest", "change"]].isna().all()
    assert (signalled(given, []).reset_index()["signal"] == "none").all()


@pytest.mark.parametrize(
    ("baseline", "latest", "change", "signal"),
    [(0, 0, math.nan, "level"), (0, 1, math.nan, "worse"), (0, -1, math.nan, "better"), (-10, -5, 0.5, "worse")],
)
def test_a_baseline_of_nothing_or_below_still_has_a_direction(baseline, latest, change, signal):
    row = signalled([indicator("i", baseline=baseline)], observed("i", [latest])).loc["i"]
    assert row["change"] == pytest.approx(change, nan_ok=True)
    assert row["signal"] == signal
