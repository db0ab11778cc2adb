"""The classical model: by hand, by a second plain implementation, against Excalibur, and on what was planted."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from nvslib import calibration
from nvslib.problems import Problem

CYCLES = ["nvs-2019", "vsk-2023"]
pytestmark = pytest.mark.filterwarnings("error")
WELL_CALIBRATED, OUTLIERS = {"a01", "a03", "a08", "a11", "a18"}, {"a07", "a15"}

# Two studies from the TU Delft expert judgment data base (Cooke and Goossens 2008, doi 10.1016/j.ress.2007.03.005; data
# doi 10.17632/tp5sp4gcd5.1). Of each seed question the scale, the realisation, and the quantiles of one expert after
# the other.
STUDIES = {
    "biological agents": """
        log 47 = 0.01 30 80 | 5 20 60 | 40 75 1500 | 5 120 163 | 2 10 20 | 2 6 20 | 30 80 120 | 0.01 5 30 | 10 40 100 |
            0.01 80 163 | 0.01 81 163 | 10 50 100
        log 8 = 2 10 20 | 2 10 30 | 10 50 120 | 3 15 55 | 10 50 500 | 10 100 200 | 2 10 50 | 0.01 5 13 | 250 400 650 |
            10 50 100 | 1 5 10 | 150 300 600
        uniform 50 = 20 40 100 | 30 80 95 | 20 40 80 | 25 90 99 | 2 4 10 | 70 95 100 | 60 80 95 | 49 90 100 | 49 75 95 |
            49 100 101 | 25 66 100 | 30 70 90
        log 2000 = 100 400 1000 | 100 250 1000 | 20 40 100 | 200 1200 2000 | 2500 5000 10000 | 100 400 1000 |
            50 90 250 | 250 500 1000 | 150 200 500 | 100 500 1000 | 1000 5000 10000 | 100 250 3000
        uniform 80 = 10 20 50 | 5 20 81 | 0.01 20 100 | 0.001 30 95 | 20 50 75 | 2 7 20 | 10 25 50 | 0 20 100 |
            15 30 50 | 10 30 40 | 5 15 30 | 0.01 10 50
        uniform 61 = 5 10 21 | 10 30 100 | 30 140 200 | 1 3 10 | 2 6 20 | 7 21 30 | 2 7 16 | 2 10 20 | 3 7 15 | 2 6 10 |
            2 7 14 | 6 8 15
        log 482 = 177 200 1000 | 10 20 100 | 5 18 100 | 1000 4000 20000 | 1000 10000 100000 | 177 1770 17700 |
            10000 177000 1770000 | 177 1770 17700 | 177 1770 177000 | 1770 17700 177000 | 177 500 1000 | 5 20 200
        uniform 25 = 8 18 36 | 15 36 72 | 12 24 72 | 20 48 100 | 12 48 96 | 10 18 36 | 16 36 50 | 12 48 72 | 18 30 48 |
            48 72 96 | 18 36 48 | 36 48 72
        log 262 = 20 50 100 | 100 500 2000 | 5 1000 10000 | 1 100 1000 | 2 10 100 | 5 10 100 | 0.05 0.1 1 | 0.5 1 10 |
            0.5 1 3 | 0.1 1 1000 | 25 50 250 | 1 5 20
        log 413 = 500 800 10000 | 100 800 2500 | 2000 10000 30000 | 100 500 2000 | 100 1000 4000 | 1000 8250 20000 |
            250 825 8250 | 0.01 82 820 | 200 825 1650 | 5000 25000 40000 | 825 1000 10000 | 100 1000 3000
        uniform 46.9 = 5 8 20 | 5 10 95 | 0.01 5 20 | 5 25 30 | 10 50 80 | 10 25 40 | 10 70 90 | 8 30 100 | 5 50 95 |
            1 10 60 | 50 80 95 | 40 70 90
        log 100 = 1 5 10 | 10 100 1000 | 50 100 1000 | 10 100 1000 | 99 1000 10000 | 99 1000 5000 | 10 100 10000 |
            2 5 101 | 50 100 500 | 1 10 101 | 1 10 101 | 10 1000 10000
    """,
    "crew errors": """
        log 3.67 = 10 50 500 | 5 500 5000 | 15 35 75 | 2.5 25 250 | 45 133 1000
        log 5.26 = 20 50 100 | 5 20 200 | 10 25 60 | 1 10 100 | 2 10 100
        log 0.0567 = 2 5 10 | 0.01 1 100 | 0.003 0.02 0.06 | 0.0025 0.025 0.25 | 0.00044 0.0044 0.044
        log 10840 = 10000 25000 40000 | 4000 8000 20000 | 9000 10000 15000 | 7500 15000 20000 | 12500 15000 17500
        log 2.699e6 = 3e7 4.5e7 6e7 | 3e5 1e6 1.8e6 | 2.5e6 4.2e6 7.5e6 | 1e6 2.5e6 5e6 | 5e6 8.075e6 1.2e7
        log 52 = 12 26 52 | 11 80 500 | 50 300 500 | 10 100 1000 | 40 80 120
        log 5.4 = 0.2 2 5 | 0.01 0.0357143 0.1 | 0.1 0.5 0.8 | 0.025 0.1 0.25 | 0.001 0.003 0.01
        log 2e-06 = 1e-6 5e-6 1e-4 | 5e-5 2.5e-4 1e-3 | 1e-6 1e-4 1e-3 | 1e-7 1e-6 1e-5 | 5.6e-6 1.7e-5 3.3e-5
    """,
}
# What Excalibur, the program of the model's author, gives for them to two decimals: calibration, information, score.
# Read in the tests of Anduryl (github.com/grongen/anduryl, test/data/Excalibur.csv).
EXCALIBUR = {
    "biological agents": {
        "equal": (0.41, 0.24, 0.10),
        "global, no cut-off": (0.41, 0.43, 0.18),
        "global": (0.68, 0.61, 0.41),
        "item": (0.68, 0.66, 0.45),
        "best expert": (0.31, 1.00, 0.31),
    },
    "crew errors": {
        "equal": (0.22, 0.10, 0.02),
        "global, no cut-off": (0.14, 0.39, 0.06),
        "global": (0.66, 0.57, 0.38),
        "item": (0.66, 0.57, 0.38),
        "best expert": (0.66, 0.57, 0.38),
    },
}


def study(text):
    """Return the tables of seed answers and seed questions of a study."""
    asked, answers = [], []
    for number, (scale, realised, told) in enumerate(re.findall(r"(log|uniform) (\S+) = ([^=]*)(?=\n)", text)):
        asked.append((f"q{number:02}", scale, float(realised)))
        for expert, triple in enumerate(told.split("|")):
            answers.append((f"q{number:02}", f"e{expert:02}", *map(float, triple.split())))
    return (
        pd.DataFrame(answers, columns=["question", "assessor", "q05", "q50", "q95"]),
        pd.DataFrame(asked, columns=["question", "scale", "realisation"]),
    )


def random_study(seed, *, questions=9, assessors=6, answered=0.8):
    """Return a made-up study in which some questions are not answered by everyone."""
    rng = np.random.default_rng(seed)
    asked = pd.DataFrame(
        {
            "question": [f"q{number}" for number in range(questions)],
            "scale": rng.choice(["uniform", "log"], questions),
            "realisation": rng.lognormal(3, 1, questions),
        }
    )
    rows = [
        (question, f"e{number}", *np.sort(rng.lognormal(3, 1.5, 3)))
        for question in asked["question"]
        for number in range(assessors)
        if number < 2 or rng.random() < answered
    ]
    return pd.DataFrame(rows, columns=["question", "assessor", "q05", "q50", "q95"]), asked


@pytest.fixture(params=CYCLES)
def bundled(request, made):
    return tuple(made.read_table(request.param, name) for name in ("seed_answers", "seed_questions"))


# A second implementation, in plain loops and as the book writes it.


def naive(answers, questions, overshoot=0.1):  # noqa: C901 - one plain loop after another
    p = [0.05, 0.45, 0.45, 0.05]
    asked, told = {}, {}
    for row in questions.itertuples():
        asked[row.question] = (math.log if row.scale == "log" else float, row.realisation)
    for row in answers.itertuples():
        change = asked[row.question][0]
        told.setdefault(row.question, {})[row.assessor] = [change(row.q05), change(row.q50), change(row.q95)]
    names = sorted(set(answers["assessor"]))
    ranges, realised = {}, {}
    for question, by in told.items():
        realised[question] = asked[question][0](asked[question][1])
        values = [value for triple in by.values() for value in triple] + [realised[question]]
        margin = overshoot * (max(values) - min(values))
        ranges[question] = (min(values) - margin, max(values) + margin)

    def information(question, triple):
        knots = [ranges[question][0], *triple, ranges[question][1]]
        total = knots[-1] - knots[0]
        return sum(p[k] * math.log(p[k] / ((knots[k + 1] - knots[k]) / total)) for k in range(4))

    def scores(own):
        counts, informations = [0, 0, 0, 0], []
        for question, triple in own.items():
            counts[sum(realised[question] > value + 1e-9 * abs(value) for value in triple)] += 1
            informations.append(information(question, triple))
        n = sum(counts)
        statistic = 2 * n * sum(c / n * math.log(c / n / p[k]) for k, c in enumerate(counts) if c)
        calibrated, informed = chi2.sf(statistic, 3), sum(informations) / n
        return n, calibrated, informed, calibrated * informed

    def below(value, question, triple):
        knots, reached = [ranges[question][0], *triple, ranges[question][1]], 0.0
        for k in range(4):
            if value >= knots[k + 1]:
                reached += p[k]
            elif value > knots[k]:
                reached += p[k] * (value - knots[k]) / (knots[k + 1] - knots[k])
        return reached

    def maker(weight):
        own = {}
        for question, by in told.items():
            heard = {name: weight(name, question) for name in by}
            if sum(heard.values()) == 0:
                continue
            points = sorted({value for triple in by.values() for value in triple} | set(ranges[question]))
            reached = [
                sum(w * below(point, question, by[name]) for name, w in heard.items()) / sum(heard.values())
                for point in points
            ]
            own[question] = []
            for level in (0.05, 0.5, 0.95):
                k = next(k for k in range(1, len(points)) if reached[k] >= level)
                share = (level - reached[k - 1]) / (reached[k] - reached[k - 1])
                own[question].append(points[k - 1] + share * (points[k] - points[k - 1]))
        return scores(own)

    of = {name: scores({q: by[name] for q, by in told.items() if name in by}) for name in names}
    makers = {("equal", None): maker(lambda _, __: 1)}
    for cutoff in sorted({calibrated for _, calibrated, _, _ in of.values()}):
        reaches = {name: of[name][1] >= cutoff - 1e-12 for name in names}
        makers["global", cutoff] = maker(lambda name, _, reaches=reaches: reaches[name] * of[name][3])
        makers["item", cutoff] = maker(
            lambda name, question, reaches=reaches: (
                reaches[name] * of[name][1] * information(question, told[question][name])
            )
        )
    return of, makers


def agrees(answers, questions, overshoot=0.1):
    of, makers = naive(answers, questions, overshoot)
    ours = calibration.experts(answers, questions, overshoot).set_index("assessor")
    assert {name: tuple(row) for name, row in ours.iterrows()} == {
        name: pytest.approx(values, abs=1e-10) for name, values in of.items()
    }
    optimum = calibration.optimise(answers, questions, overshoot).decision_makers
    columns = ["answered", "calibration", "information", "score"]
    for kind in ("global", "item", "equal"):
        rows = optimum[optimum["kind"] == kind]
        theirs = np.array([values for (of_kind, _), values in makers.items() if of_kind == kind])
        # Cut-offs that differ by rounding alone are one in the plain implementation.
        distinct = rows["cutoff"].round(12).drop_duplicates().index
        assert rows.loc[distinct, columns].to_numpy(float) == pytest.approx(theirs, abs=1e-10)
        assert rows.loc[rows["best"], "score"].item() == pytest.approx(theirs[:, 3].max(), abs=1e-10)


def test_a_plain_implementation_agrees_on_the_bundled_cycles(bundled):
    agrees(*bundled)


@pytest.mark.parametrize("name", STUDIES)
def test_a_plain_implementation_agrees_on_published_studies(name):
    agrees(*study(STUDIES[name]))


@pytest.mark.parametrize("seed", range(8))
def test_a_plain_implementation_agrees_on_random_answers(seed):
    agrees(*random_study(seed), overshoot=[0.1, 0.05, 0.3][seed % 3])


# Excalibur.


def as_excalibur(name):
    """Return what Excalibur prints of a study, as ours gives it."""
    answers, questions = study(STUDIES[name])
    makers = calibration.optimise(answers, questions).decision_makers
    best = makers[makers["best"]].set_index("kind")
    of = calibration.experts(answers, questions)
    rows = {
        "equal": best.loc["equal"],
        "global, no cut-off": makers[makers["kind"] == "global"].iloc[0],
        "global": best.loc["global"],
        "item": best.loc["item"],
        "best expert": of.loc[of["score"].idxmax()],
    }
    return {
        kind: tuple(round(row[x], 2) for x in ("calibration", "information", "score")) for kind, row in rows.items()
    }


@pytest.mark.parametrize("name", STUDIES)
def test_published_studies_come_out_as_in_excalibur(name):
    assert as_excalibur(name) == EXCALIBUR[name]


@pytest.mark.parametrize("quantiles", [(0.04, 0.5, 0.95), (0.05, 0.48, 0.95), (0.05, 0.5, 0.96)])
def test_other_quantiles_do_not_reproduce_them(monkeypatch, quantiles):
    monkeypatch.setattr(calibration, "QUANTILES", dict(zip(calibration.QUANTILES, quantiles, strict=True)))
    assert any(as_excalibur(name) != EXCALIBUR[name] for name in STUDIES)


@pytest.mark.parametrize("overshoot", [0.08, 0.12])
def test_another_overshoot_does_not_reproduce_them(overshoot):
    questions = study(STUDIES["biological agents"])
    ten, other = (calibration.experts(*questions, share)["information"].max() for share in (0.1, overshoot))
    assert round(ten, 3) != round(other, 3)


def test_ten_per_cent_is_the_overshoot_unless_told_otherwise():
    tables = study(STUDIES["crew errors"])
    pd.testing.assert_frame_equal(calibration.experts(*tables), calibration.experts(*tables, 0.1))
    for ours, theirs in zip(calibration.optimise(*tables), calibration.optimise(*tables, 0.1), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


# By hand.


def test_four_questions_worked_by_hand():
    """One assessor, the realisation once in each interval; range 0 to 100 before overshoot."""
    questions = pd.DataFrame({"question": list("abcd"), "scale": "uniform", "realisation": [0.0, 30.0, 60.0, 100.0]})
    quantiles = [(20.0, 40.0, 100.0), (0.0, 40.0, 100.0), (0.0, 50.0, 100.0), (0.0, 50.0, 80.0)]
    answers = pd.DataFrame(quantiles, columns=["q05", "q50", "q95"]).assign(question=list("abcd"), assessor="x")
    # s = 1/4 each: I(s, p) = (ln(.25/.05) + ln(.25/.45)) / 2 = ln(25/9) / 2, statistic 4 ln(25/9)
    statistic = 4 * math.log(25 / 9)
    tail = math.erfc(math.sqrt(statistic / 2)) + math.sqrt(2 * statistic / math.pi) * math.exp(-statistic / 2)
    parts = [(30, 20, 60, 10), (10, 40, 60, 10), (10, 50, 50, 10), (10, 50, 30, 30)]  # of 120
    p = (0.05, 0.45, 0.45, 0.05)
    information = sum(p[k] * math.log(p[k] * 120 / part[k]) for part in parts for k in range(4)) / 4
    (row,) = calibration.experts(answers, questions).itertuples(index=False)
    assert row == pytest.approx(("x", 4, tail, information, tail * information), abs=1e-12)


@pytest.mark.parametrize("scale", ["uniform", "log"])
def test_the_best_possible_shares(scale):
    """Twenty questions, 1, 9, 9 and 1 realisations in the intervals: exactly as promised, so calibration is 1."""
    names = [f"q{number}" for number in range(20)]
    realised = [5.0] + [15.0] * 9 + [25.0] * 9 + [35.0]
    questions = pd.DataFrame({"question": names, "scale": scale, "realisation": realised})
    answers = pd.DataFrame({"question": names, "assessor": "x", "q05": 10.0, "q50": 20.0, "q95": 30.0})
    assert calibration.experts(answers, questions)["calibration"].item() == 1


def test_the_chi_square_tail_has_three_degrees_of_freedom():
    statistics = np.array([0, 1e-9, 0.3, 1, 3, 10, 78, 500])
    assert calibration._chi_square_tail(statistics) == pytest.approx(chi2.sf(statistics, 3), rel=1e-12)


# What was planted.


def test_the_two_outliers_get_no_weight(bundled):
    weights = calibration.optimise(*bundled).weights
    assert (weights.loc[weights["assessor"].isin(OUTLIERS) & (weights["kind"] != "equal"), "weight"] == 0).all()


def test_the_well_calibrated_have_the_highest_weights(bundled):
    weights = calibration.optimise(*bundled).weights
    for kind in ("global", "item"):
        of_kind = weights[weights["kind"] == kind].set_index("assessor")["weight"]
        assert set(of_kind.nlargest(5).index) == WELL_CALIBRATED
        assert of_kind.nsmallest(19).max() < of_kind.nlargest(5).min() / 2


def test_from_a_cut_off_of_one_half_only_the_well_calibrated_have_weight(bundled):
    weights = calibration.weights(calibration.experts(*bundled), 0.5)
    assert set(weights.loc[weights["weight"] > 0, "assessor"]) == WELL_CALIBRATED


def test_at_the_best_cut_off_of_vsk_2023_only_the_well_calibrated_have_weight(made):
    tables = (made.read_table("vsk-2023", name) for name in ("seed_answers", "seed_questions"))
    weights = calibration.optimise(*tables).weights
    for kind in ("global", "item"):
        assert set(weights.loc[(weights["kind"] == kind) & (weights["weight"] > 0), "assessor"]) == WELL_CALIBRATED


# Edges.


@pytest.mark.parametrize("seed", range(3))
def test_weights_add_up_and_follow_from_the_cut_off(seed):
    tables = random_study(seed)
    optimum = calibration.optimise(*tables)
    assert optimum.weights.groupby("kind")["weight"].sum().to_numpy() == pytest.approx(1)
    assert optimum.item_weights.groupby("question")["weight"].sum().to_numpy() == pytest.approx(1)
    makers = optimum.decision_makers
    cutoff = makers.loc[(makers["kind"] == "global") & makers["best"], "cutoff"].item()
    by_hand = calibration.weights(calibration.experts(*tables), cutoff)
    ours = optimum.weights.query("kind == 'global'")[["assessor", "weight"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, by_hand)


def test_a_part_only_answered_counts_its_own_number():
    answers, questions = study(STUDIES["crew errors"])
    part = answers[(answers["assessor"] != "e04") | answers["question"].isin(["q00", "q01", "q02"])]
    of = calibration.experts(part, questions).set_index("assessor")
    assert of["answered"].to_dict() == {"e00": 8, "e01": 8, "e02": 8, "e03": 8, "e04": 3}
    # All three realisations fall where e04 holds them improbable or likely: outside, between, outside.
    assert of.loc["e04", "calibration"] == pytest.approx(
        chi2.sf(2 * (math.log(1 / 3 / 0.05) * 1 + math.log(1 / 3 / 0.45) + math.log(1 / 3 / 0.05)), 3)
    )


def test_answers_without_width_have_a_finite_information():
    answers, questions = study(STUDIES["crew errors"])
    sure = answers.copy()
    sure.loc[sure["assessor"] == "e01", ["q05", "q95"]] = sure["q50"]
    of = calibration.experts(sure, questions).set_index("assessor")
    assert np.isfinite(of.to_numpy()).all()
    assert of.loc["e01", "information"] > calibration.experts(answers, questions)["information"].max()
    assert np.isfinite(calibration.optimise(sure, questions).decision_makers["score"]).all()


def test_all_answers_equal_to_the_realisation():
    """There is no range: nobody is more informative than another, and all weigh the same."""
    questions = pd.DataFrame({"question": list("abc"), "scale": "uniform", "realisation": 3.0})
    answers = pd.DataFrame([(q, a, 3.0, 3.0, 3.0) for q in "abc" for a in "xy"])
    answers.columns = ["question", "assessor", "q05", "q50", "q95"]
    assert calibration.experts(answers, questions)["information"].tolist() == pytest.approx([0, 0])
    assert calibration.optimise(answers, questions).weights["weight"].tolist() == pytest.approx([0.5] * 6)


@pytest.mark.parametrize(("realised", "interval"), [(10, 0), (10.001, 1), (20, 1), (20.001, 2), (30, 2), (30.001, 3)])
def test_a_realisation_at_a_quantile_belongs_below_it(realised, interval):
    questions = pd.DataFrame({"question": list("abc"), "scale": "uniform", "realisation": float(realised)})
    answers = pd.DataFrame({"question": list("abc"), "assessor": "x", "q05": 10.0, "q50": 20.0, "q95": 30.0})
    p = (0.05, 0.45, 0.45, 0.05)[interval]
    expected = chi2.sf(2 * 3 * math.log(1 / p), 3)
    assert calibration.experts(answers, questions)["calibration"].item() == pytest.approx(expected)


def test_the_order_of_rows_does_not_matter():
    answers, questions = random_study(5)
    shuffled = answers.sample(frac=1, random_state=1), questions.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(calibration.experts(*shuffled), calibration.experts(answers, questions))


def test_a_log_scale_takes_values_above_zero_only():
    answers, questions = study(STUDIES["crew errors"])
    answers.loc[0, "q05"] = 0.0
    with pytest.raises(Problem, match=r"seed_answers: q00, e00: q05 is 0, the realisation 3\.67; on a log scale"):
        calibration.experts(answers, questions)


def test_too_few_answers_are_a_problem():
    answers, questions = study(STUDIES["crew errors"])
    few = answers[(answers["assessor"] != "e02") | answers["question"].isin(["q00", "q01"])]
    with pytest.raises(Problem, match="e02 answered 2 of 8 seed questions; calibration takes at least 3"):
        calibration.experts(few, questions)
    with pytest.raises(Problem, match="there are none"):
        calibration.optimise(answers[:0], questions)


def test_a_cut_off_above_everyone_is_a_problem():
    of = calibration.experts(*study(STUDIES["crew errors"]))
    with pytest.raises(Problem, match=r"no assessor reaches the cut-off 0\.9; the highest calibration is 0\.664"):
        calibration.weights(of, 0.9)
