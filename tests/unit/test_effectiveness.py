"""Effectiveness: each answer on a hand-made case, and the tables that decide on the words are whole."""

import re

import numpy as np
import pandas as pd
import pytest

from nvslib import attribution, effectiveness, portfolio
from nvslib.attribution import constants

NAN = float("nan")


def indicators(**more):
    row = {
        "indicator": "i", "measure": "m", "title_nl": "Diefstallen", "title_en": "Thefts",
        "unit_nl": "stuks", "unit_en": "pieces", "scenario": "s", "values_are": "counts", "direction": "down",
        "frequency": "quarter", "baseline": 100.0, "baseline_date": "2017-12-31",
        "target": 60.0, "target_date": "2021-12-31", "effect_from": "2018-01-01",
    } | more  # fmt: skip
    return pd.DataFrame([row])


def quarters(values, start="2016-01"):
    periods = pd.period_range(start, periods=len(values), freq="Q")
    return pd.DataFrame({
        "indicator": "i", "series": "target", "period": periods.start_time.strftime("%Y-%m-%d"), "value": values
    })  # fmt: skip


def steady(level, count=24, noise=0.01):
    """Return quarters from 2016 on: a level, or one for each, with hardly any noise."""
    return np.broadcast_to(level, count) * np.exp(noise * np.random.default_rng(1).standard_normal(count))


def goal(values, as_of="2021-12-31", **more):
    return effectiveness.goals(indicators(**more), quarters(values), as_of).iloc[0]


# Goals


@pytest.mark.parametrize(
    ("level", "as_of", "verdict"),
    [(50, "2021-12-31", "attained"), (80, "2021-12-31", "not-attained"), (60, "2021-12-31", "cannot-tell"),
     (50, "2019-12-31", "attained"), (70, "2019-12-31", "on-course"), (95, "2019-12-31", "behind"),
     (77.5, "2019-12-31", "cannot-tell")],
)  # fmt: skip
def test_the_interval_decides_whether_the_goal_is_attained(level, as_of, verdict):
    assert goal(steady(level), as_of)["verdict"] == verdict


def test_where_it_should_be_is_on_the_line_from_baseline_to_target():
    assert goal(steady(80), "2019-12-31")["expected"] == pytest.approx(100 * 0.6**0.5, rel=0.002)
    assert goal(steady(80))["expected"] == 60


def test_what_is_on_the_line_before_the_date_is_so_on_the_date():
    """Means of years on the line from the year of the baseline to that of the target."""
    line = 100 * 0.6 ** np.clip((np.arange(24) - 6) / 16, 0, None)
    for as_of in ("2019-12-31", "2020-12-31", "2021-12-31"):
        assert goal(steady(line, noise=0.05), as_of)["verdict"] == "cannot-tell"


def test_without_data_up_to_the_date_a_goal_is_not_missed():
    assert goal(steady(80, 22), "2021-12-31")["verdict"] == "behind"
    assert goal(steady(80, 24), "2021-12-31")["verdict"] == "not-attained"


def test_where_there_are_zeros_the_line_is_straight():
    values = np.round(steady(80))
    values[3] = 0
    assert goal(values, "2019-12-31")["expected"] == pytest.approx(100 - 40 * 2 / 4, abs=0.1)


def test_for_a_goal_upwards_more_is_better():
    up = {"direction": "up", "baseline": 50.0, "target": 70.0}
    assert goal(steady(80), **up)["verdict"] == "attained"
    assert goal(steady(60), **up)["verdict"] == "not-attained"


def test_the_last_year_counts_and_not_the_line_before():
    values = steady(np.r_[np.full(20, 100.0), np.full(4, 50.0)])
    found = goal(values)
    assert found["latest"] == pytest.approx(50, rel=0.03)
    assert found["verdict"] == "attained"


def test_it_is_the_mean_of_the_year_with_its_season():
    season = np.exp(1.2 * np.cos(np.pi * np.arange(24) / 2))
    assert goal(steady(80) * season)["latest"] == pytest.approx(80 * season[:4].mean(), rel=0.03)


def test_comparison_series_do_not_touch_the_goal():
    late = quarters(np.r_[0.0, steady(70, 20)]).assign(series="other")
    both = pd.concat([quarters(steady(70)), late])
    found = effectiveness.goals(indicators(), both, "2021-12-31").iloc[0]
    assert found.tolist() == goal(steady(70)).tolist()


def test_a_year_of_which_months_are_missing_is_still_the_last_year():
    periods = pd.period_range("2016-01", periods=72, freq="M")
    table = pd.DataFrame({
        "indicator": "i", "series": "target", "period": periods.start_time.strftime("%Y-%m-%d"),
        "value": np.where(periods.year == 2021, 50.0, 100.0) * np.exp(0.01 * np.random.default_rng(1).normal(size=72)),
    })  # fmt: skip
    few = table[(periods < "2021-02") | (periods > "2021-11")]
    found = effectiveness.goals(indicators(frequency="month"), few, "2021-12-31").iloc[0]
    assert found["latest"] == pytest.approx(50, rel=0.05)
    young = effectiveness.goals(indicators(frequency="month"), table.tail(10), "2021-12-31").iloc[0]
    assert young["latest"] == pytest.approx(50, rel=0.05)


def test_few_periods_and_old_ones_cannot_tell():
    few = goal(steady(50, 7))
    assert few["verdict"] == "cannot-tell"
    assert np.isnan(few["latest"])
    assert goal(steady(50, 19), "2021-12-31")["verdict"] == "cannot-tell"
    assert goal(steady(50, 20), "2021-12-31")["verdict"] == "attained"
    none = goal(steady(50, 0))
    assert (none["period"], none["verdict"]) == ("", "cannot-tell")


def test_what_does_not_vary_is_what_it_is():
    found = goal(np.full(24, 55.0))
    assert found[["latest", "low", "high"]].tolist() == [55, 55, 55]
    assert found["verdict"] == "attained"


# Evidence


def effects(**more):
    row = {"indicator": "i", "measure": "m", "design": "did", "scale": "per-cent", "effect": -20.0, "low": -30.0,
           "high": -10.0} | more  # fmt: skip
    return pd.DataFrame([row])


def checks(*failed, missing=()):
    told = dict.fromkeys(attribution.CHECKS, "pass") | dict.fromkeys(failed, "fail")
    told |= dict.fromkeys(missing, "not-possible")
    return pd.DataFrame({"indicator": "i", "check": list(told), "verdict": list(told.values())})


def after(last="2021-12-31", low=100.0, high=100.0):
    """Return series of which only the periods since the effect count: the last one ends at the target date."""
    periods = [f"{year}-{month}-01" for year in range(2018, 2022) for month in ("01", "04", "07", "10")]
    table = pd.DataFrame({"indicator": "i", "period": periods, "counterfactual": 100.0, "low": low, "high": high})
    return table[table["period"] <= last]


def judged(*failed, direction="down", target=60.0, missing=(), **more):
    """Return the evidence where all that the goal asks is asked from the start."""
    told = indicators(direction=direction, target=target, baseline_date="2017-12-30", target_date="2017-12-31")
    return effectiveness.evidence(effects(**more), checks(*failed, missing=missing), told, after()).iloc[0]


@pytest.mark.parametrize(
    ("low", "high", "direction", "target", "interval"),
    [(-30, -10, "down", 60, "wanted"), (10, 30, "down", 60, "opposite"), (-39, 10, "down", 60, "small"),
     (-41, 10, "down", 60, "unsure"), (10, 30, "up", 140, "wanted"), (-30, -10, "up", 140, "opposite"),
     (-10, 39, "up", 140, "small"), (-10, 41, "up", 140, "unsure"), (-10, 10, "down", 110, "unsure")],
)  # fmt: skip
def test_where_the_interval_lies(low, high, direction, target, interval):
    found = judged(low=low, high=high, direction=direction, target=float(target))
    assert found["interval"] == interval
    assert found["asked"] == pytest.approx(target - 100)


def test_a_failed_check_lowers_the_grade_and_the_verdict():
    assert judged()[["grade", "verdict"]].tolist() == [3, "thanks-to-measure"]
    failed = judged("placebo-date", "window")
    assert failed[["grade", "verdict", "failed"]].tolist() == [1, "changed", "placebo-date; window"]
    assert judged(design="its")[["grade", "verdict"]].tolist() == [2, "plausible"]
    assert judged("window", low=10.0, high=30.0)[["grade", "verdict"]].tolist() == [1, "worsened"]
    assert judged("window", design="its")[["grade", "verdict"]].tolist() == [1, "changed"]


def test_without_a_placebo_date_a_comparison_is_not_called_sound():
    assert judged(missing=["placebo-date"])[["checks", "grade", "verdict"]].tolist() == ["unchecked", 2, "plausible"]
    alone = judged(missing=["placebo-date"], design="its")
    assert alone[["checks", "grade", "verdict"]].tolist() == ["unchecked", 1, "changed"]
    assert judged(missing=["placebo-series"])["verdict"] == "thanks-to-measure"


def test_what_the_goal_asked_so_far_is_the_mean_of_its_line():
    """Four years to the target, two of which are over: nearly a quarter of the way on average."""
    evidence = effectiveness.evidence(effects(), checks(), indicators(), after("2019-12-31"))
    assert evidence["asked"].iloc[0] == pytest.approx(100 * (0.6**0.22 - 1), abs=0.5)
    unit = effectiveness.evidence(effects(scale="unit"), checks(), indicators(), after("2019-12-31"))
    assert unit["asked"].iloc[0] == pytest.approx(-40 * 0.22, abs=0.4)
    nothing = effectiveness.evidence(effects(), checks(), indicators(baseline=0.0), after())
    assert np.isnan(nothing["asked"].iloc[0])
    assert nothing["interval"].iloc[0] == "wanted"


def test_without_a_design_there_is_no_evidence():
    found = judged(design="none", effect=NAN, low=NAN, high=NAN, missing=attribution.CHECKS)
    assert found[["grade", "verdict", "checks", "interval"]].tolist() == [0, "no-data", "unchecked", "unknown"]


def test_the_table_of_rules_has_every_combination_and_a_sentence_for_each():
    rules, sentences = constants()["rules"], constants()["sentences"]
    sides = ("wanted", "small", "opposite", "unsure")
    pairs = [(design, state) for design in ("did", "its") for state in ("sound", "unchecked", "failed")]
    expected = {f"{design}/{state}/{side}" for design, state in pairs for side in sides}
    expected |= {f"before-after/unchecked/{side}" for side in sides} | {"none/unchecked/unknown"}
    assert set(rules) == expected
    assert {f"{rule['grade']}/{rule['verdict']}" for rule in rules.values()} == set(sentences)
    assert set(constants()["statements"]) == set(sentences)
    assert all(list(row) == list(effectiveness.GOALS) for row in constants()["statements"].values())
    used = {word for row in constants()["statements"].values() for word in row.values()}
    assert used == set(constants()["words"])


def test_nothing_stronger_than_the_evidence_can_be_said():
    """Thanks to the measure needs a sound comparison; effective needs that and the goal attained."""
    rules = constants()["rules"]
    assert [name for name, rule in rules.items() if rule["verdict"] == "thanks-to-measure"] == ["did/sound/wanted"]
    effective = [
        (cause, goal)
        for cause, row in constants()["statements"].items() for goal, word in row.items() if word == "effective"
    ]  # fmt: skip
    assert effective == [("3/thanks-to-measure", "attained")]
    harsh = {cause for cause, row in constants()["statements"].items() if "not-effective" in row.values()}
    assert harsh == {"3/no-effect-found", "3/opposite"}
    for design, best in {"did": 3, "its": 2, "before-after": 1, "none": 0}.items():
        assert max(rule["grade"] for name, rule in rules.items() if name.startswith(f"{design}/")) == best


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_sentence_has_no_number_of_its_own(language):
    for sentence in constants()["sentences"].values():
        assert not re.search(r"\d", sentence[language])
        assert set(re.findall(r"\{(\w+)\}", sentence[language])) <= {"indicator", "effect", "low", "high"}


def test_the_sentence_is_that_of_the_verdict():
    evidence = effectiveness.evidence(effects(), checks(), indicators(), after())
    found = effectiveness.sentences(effects(), evidence, indicators()).iloc[0]
    assert plain(found["sentence_en"]) == (
        "Thefts: a difference of -20 % (between -30 % and -10 %) can be attributed to the measure, compared with "
        "series that the measure did not concern."
    )
    in_unit = effects(scale="unit", effect=-2.25, low=-3.0, high=-1.0)
    found = effectiveness.sentences(in_unit, evidence, indicators()).iloc[0]
    assert "een verschil van -2,2 stuks (tussen -3,0 stuks en -1,0 stuks)" in plain(found["sentence_nl"])
    tiny = effectiveness.sentences(effects(effect=-0.4, low=-30.0, high=0.3), evidence, indicators()).iloc[0]
    assert "a difference of 0 % (between -30 % and 0 %)" in plain(tiny["sentence_en"])


def plain(text):
    return text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("level", "failed", "word"),
    [(50, (), "effective"), (80, (), "contributes"), (50, ("window",), "attained-only"), (60, (), "contributes")],
)  # fmt: skip
def test_the_word_follows_from_goal_and_evidence(level, failed, word):
    goals = effectiveness.goals(indicators(), quarters(steady(level)), "2021-12-31")
    evidence = effectiveness.evidence(effects(), checks(*failed), indicators(), after())
    assert effectiveness.statements(goals, evidence, indicators(), after())["word"].tolist() == [word]


def test_what_may_have_been_attained_anyway_is_not_called_effective():
    goals = effectiveness.goals(indicators(), quarters(steady(50)), "2021-12-31")
    evidence = effectiveness.evidence(effects(), checks(), indicators(), after())
    for low, said in ((61.0, ["no", "effective"]), (59.0, ["yes", "contributes"])):
        found = effectiveness.statements(goals, evidence, indicators(), after(low=low))
        assert found[["anyway", "word"]].iloc[0].tolist() == said
    told = indicators(baseline=55.0)
    past = effectiveness.goals(told, quarters(steady(50)), "2021-12-31")
    found = effectiveness.statements(past, evidence, told, after())
    assert found[["anyway", "word"]].iloc[0].tolist() == ["yes", "contributes"]


# Costs


def test_spending_is_the_latest_that_was_told_and_else_as_planned():
    statuses = pd.DataFrame({
        "date": ["2020-06-30", "2020-12-31", "2021-06-30"] * 2, "measure": ["m"] * 3 + ["n"] * 3,
        "spent": [1.0, 3.0, NAN, NAN, NAN, NAN], "planned_spending": [1.0, 2, 3, 4, 5, 6],
    })  # fmt: skip
    found = effectiveness.spending(statuses, "2021-06-30")[["measure", "spent", "told", "told_on"]]
    assert found.to_numpy().tolist() == [["m", 3, "report", "2020-12-31"], ["n", 6, "plan", "2021-06-30"]]
    assert effectiveness.spending(statuses, "2020-06-30")["spent"].tolist() == [1, 4]


MEASURES = pd.DataFrame({
    "measure": ["m", "m-1", "n", "o"], "state": ["adopted", "adopted", "adopted", "option"],
    "part_of": ["", "m", "", ""], "cost_per_year": [999.0, 100.0, 60.0, 1.0],
})  # fmt: skip


def expectations(effects_, evidence, about, acts):
    parts = effectiveness.part_effects(acts, MEASURES)
    return effectiveness.expectations(effects_, evidence, about, parts, MEASURES)


def efficiency(failed=(), total=80.0, **more):
    about = {name: more.pop(name) for name in ("values_are", "direction", "target") if name in more}
    evidence = effectiveness.evidence(effects(**more), checks(*failed), indicators(**about), after())
    series = pd.DataFrame({"indicator": "i", "value": [999.0, total / 2, total / 2], "counterfactual": [NAN, 1, 1]})
    spent = pd.DataFrame({"measure": ["m"], "spent": [1000.0], "told": ["report"]})
    return effectiveness.efficiency(effects(**more), evidence, indicators(**about), series, spent, MEASURES)


def test_a_unit_of_effect_costs_what_was_spent_by_what_was_less():
    """A fifth less: 80 seen, 100 without the measure, 20 fewer for 1,000 euros; at the ends 114.3 and 88.9 without."""
    found = efficiency().iloc[0]
    assert found[["units", "cost_per_unit"]].tolist() == [20, 50]
    assert found["units_high"] == pytest.approx(80 / 0.7 - 80)
    assert found["units_low"] == pytest.approx(80 / 0.9 - 80)
    assert found["low"] == pytest.approx(1000 / (80 / 0.7 - 80))
    assert found["high"] == pytest.approx(1000 / (80 / 0.9 - 80))


def test_of_amounts_it_is_the_mean_and_upwards_counts_what_came_in_addition():
    assert efficiency(values_are="amounts").iloc[0]["units"] == pytest.approx(10)
    up = efficiency(direction="up", target=140.0, effect=25.0, low=10.0, high=60.0).iloc[0]
    assert up["units"] == pytest.approx(80 - 80 / 1.25)
    assert up["units_low"] == pytest.approx(80 - 80 / 1.1)


def test_in_the_unit_the_effect_of_counts_is_summed_over_the_periods():
    found = efficiency(scale="unit", effect=-5.0, low=-8.0, high=-2.0, target=60.0).iloc[0]
    assert found[["units", "units_low", "units_high"]].tolist() == [10, 4, 16]


def test_an_effect_of_a_part_stands_against_what_the_whole_cost():
    found = efficiency(measure="m-1").iloc[0]
    assert found[["measure", "cost_per_unit"]].tolist() == ["m", 50]


def test_without_evidence_a_unit_has_no_cost():
    assert efficiency(low=-30.0, high=10.0).empty
    assert efficiency(design="before-after").empty


def test_what_was_expected_of_a_part_counts_for_its_whole_and_nothing_of_what_is_not_adopted():
    acts = pd.DataFrame({
        "measure": ["o", "n", "m-1", "m"], "scenario": "s", "acts_on": "impact",
        "low": 0.0, "best": [4.0, 3.0, 2.0, 1.0], "high": 5.0,
    })  # fmt: skip
    found = effectiveness.part_effects(acts, MEASURES)
    assert found[["measure", "part", "best"]].to_numpy().tolist() == [
        ["m", "m", 1.0],
        ["m", "m-1", 2.0],
        ["n", "n", 3.0],
    ]


def test_what_was_expected_stands_beside_what_was_seen():
    acts = pd.DataFrame({
        "measure": ["m", "m-1", "n"], "scenario": "s", "acts_on": ["likelihood", "impact", "impact"],
        "low": [0.0, 0.0, 0.0], "best": [0.1, 0.5, 1.0], "high": [0.2, 1.0, 2.0],
    })  # fmt: skip
    evidence = effectiveness.evidence(effects(), checks(), indicators(), after())
    found = expectations(effects(), evidence, indicators(), acts).set_index("measure")
    less = 100 * (1 - 10**-0.1 * 3**-0.5)
    assert found.loc["m", "expected"] == pytest.approx(less)
    assert found.loc["n", "expected"] == pytest.approx(100 * 2 / 3)
    assert found["cost_per_point"].tolist() == pytest.approx([100 / less, 60 / (100 * 2 / 3)])
    assert found["rank"].tolist() == [2, 1]
    assert found.loc["m", ["observed_low", "observed", "observed_high"]].tolist() == [10, 20, 30]
    assert found["against"].tolist() == ["not-different", "unknown"]
    surer = acts.assign(low=[0.1, 0.5, 0])
    against = expectations(effects(), evidence, indicators(), surer)["against"]
    assert against.tolist() == ["less", "unknown"]


def test_what_is_shown_counts_also_where_nobody_expected_it():
    acts = pd.DataFrame({"measure": ["m"], "scenario": "t", "acts_on": "impact", "low": 0.0, "best": 1.0, "high": 2.0})
    evidence = effectiveness.evidence(effects(), checks(), indicators(), after())
    found = expectations(effects(), evidence, indicators(), acts).set_index("scenario")
    assert found.loc["s", ["observed", "against", "indicator"]].tolist() == [20, "unknown", "i"]
    assert np.isnan(found.loc["s", "expected"])
    left = effectiveness.residual(found.reset_index(), pd.Series({"s": 1.0, "t": 1.0}))
    assert left["loss_shown"].tolist() == pytest.approx([0.8, 1])
    assert left["loss_expected"].tolist() == pytest.approx([1, 1 / 3])
    unsure = effectiveness.evidence(effects(low=-50.0, high=10.0), checks(), indicators(), after())
    assert expectations(effects(), unsure, indicators(), acts)["scenario"].tolist() == ["t"]


def test_what_went_the_wrong_way_counts_against_the_risk():
    acts = pd.DataFrame({"measure": ["m"], "scenario": "s", "acts_on": "impact", "low": 0.0, "best": 1.0, "high": 2.0})
    wrong = effects(effect=20.0, low=10.0, high=30.0)
    evidence = effectiveness.evidence(wrong, checks(), indicators(), after())
    found = expectations(wrong, evidence, indicators(), acts)
    assert found[["observed_low", "observed", "observed_high", "against"]].iloc[0].tolist() == [-30, -20, -10, "less"]
    assert effectiveness.residual(found, pd.Series({"s": 1.0}))["loss_shown"].tolist() == pytest.approx([1.2])


def test_an_indicator_that_should_rise_tells_nothing_of_harm():
    up = indicators(direction="up", target=140.0)
    rising = effects(effect=25.0, low=10.0, high=40.0)
    evidence = effectiveness.evidence(rising, checks(), up, after())
    acts = pd.DataFrame({"measure": ["m"], "scenario": "s", "acts_on": "impact", "low": 0.0, "best": 1.0, "high": 2.0})
    found = expectations(rising, evidence, up, acts).iloc[0]
    assert (np.isnan(found["observed"]), found["against"]) == (True, "unknown")


def test_what_is_left_is_what_each_measure_leaves():
    table = pd.DataFrame({
        "scenario": ["a", "a", "b"], "measure": ["m", "n", "m"], "expected": [50.0, 50.0, 90.0],
        "observed_low": [10.0, NAN, NAN], "observed": [20.0, NAN, NAN], "observed_high": [30.0, NAN, NAN],
    })  # fmt: skip
    losses = pd.Series({"b": 2.0, "a": 1.0, "c": 4.0})
    found = effectiveness.residual(table, losses).set_index("scenario")
    assert found["loss_expected"].tolist() == pytest.approx([0.25, 0.2, 4])
    assert found["loss_shown"].tolist() == pytest.approx([0.8, 2, 4])
    assert found.loc["a", ["loss_shown_low", "loss_shown_high"]].tolist() == pytest.approx([0.7, 0.9])
    assert found[["measures", "shown"]].to_numpy().tolist() == [[2, 1], [1, 0], [0, 0]]


def test_a_class_is_worth_what_it_is_when_measures_are_chosen():
    assert portfolio.per_class() == pytest.approx({"likelihood": np.log(10), "impact": np.log(3), "gap": np.log(3) / 2})


# The whole strategy


def overview():
    measures = pd.DataFrame({
        "measure": ["a", "b", "c", "c-1", "c-2", "d", "e", "o"], "department": "JenV",
        "state": ["adopted"] * 7 + ["option"], "part_of": ["", "", "", "c", "c", "", "", ""],
        "cost_per_year": [10.0, 20, 999, 3, 4, 5, 6, 7],
    })  # fmt: skip
    acts = pd.DataFrame({"measure": ["b", "c-1", "d"]})
    named = pd.DataFrame({"indicator": ["h", "i", "j", "k"], "measure": ["c", "c-2", "c-2", "d"]})
    evidence = pd.DataFrame({
        "indicator": ["h", "i", "j", "k"], "measure": ["c", "c-2", "c-2", "d"], "grade": [3, 2, 3, 2],
        "verdict": ["cannot-tell", "cannot-tell", "thanks-to-measure", "plausible"],
        "rule": ["did/sound/unsure", "its/sound/unsure", "did/sound/wanted", "its/sound/wanted"],
    })  # fmt: skip
    said = pd.DataFrame({"indicator": ["h", "i", "j", "k"], "word": ["not-shown", "not-shown", "effective", "perhaps"]})
    return effectiveness.overview(measures, acts, named, evidence, said)


def test_the_overview_has_every_adopted_measure_with_its_parts():
    found = overview().set_index("measure")
    assert found.index.tolist() == ["a", "b", "c", "d", "e"]
    assert found["cost_per_year"].tolist() == [10, 20, 7, 5, 6]
    assert found["theory"].tolist() == ["no", "yes", "yes", "yes", "no"]
    assert found["indicator"].tolist() == ["no", "no", "yes", "yes", "no"]
    assert found["grade"].tolist() == [0, 0, 3, 2, 0]
    assert found["verdict"].tolist() == ["", "", "thanks-to-measure", "plausible", ""]
    assert found["word"].tolist() == ["", "", "effective", "perhaps", ""]
    assert found["action"].tolist() == [
        "needs-theory",
        "needs-indicator",
        "answered",
        "needs-comparison",
        "needs-theory",
    ]


@pytest.mark.parametrize(
    ("rule", "grade", "verdict", "action"),
    [
        ("none/unchecked/unknown", 0, "no-data", "needs-data"),
        ("before-after/unchecked/wanted", 1, "changed", "needs-time"),
        ("its/failed/wanted", 1, "changed", "needs-review"),
        ("did/failed/wanted", 1, "changed", "needs-review"),
        ("did/sound/unsure", 3, "cannot-tell", "needs-precision"),
        ("its/sound/small", 2, "no-effect-found", "needs-comparison"),
        ("did/sound/small", 3, "no-effect-found", "answered"),
        ("did/sound/opposite", 3, "opposite", "answered"),
    ],
)
def test_what_should_be_measured_follows_from_what_was_missing(rule, grade, verdict, action):
    measures = pd.DataFrame(
        {"measure": ["m"], "department": "BZ", "state": "adopted", "part_of": "", "cost_per_year": 1.0}
    )
    one = pd.DataFrame({"indicator": ["i"], "measure": ["m"], "grade": grade, "verdict": verdict, "rule": rule})
    said = pd.DataFrame({"indicator": ["i"], "word": "not-shown"})
    found = effectiveness.overview(measures, measures[["measure"]], one[["indicator", "measure"]], one, said).iloc[0]
    assert found["action"] == action


def test_known_spending_and_the_agenda_add_up_to_the_strategy():
    known = effectiveness.known(overview())
    assert known["share"].sum() == pytest.approx(1)
    assert known["measures"].sum() == 5
    by = known.set_index(["grade", "evaluated"])
    assert by.loc[(3, "yes"), "cost_per_year"] == 7
    assert by.loc[(0, "no"), "share"] == pytest.approx(36 / 48)
    agenda = effectiveness.agenda(overview()).set_index("action")
    assert agenda.index.tolist() == list(constants()["agenda"])
    assert agenda.loc["needs-theory"].tolist() == [2, 16]
    assert agenda["measures"].sum() == 5


def test_without_indicators_every_table_is_empty_and_every_measure_is_there():
    nothing, unseen = indicators().iloc[:0], quarters(steady(1, 0))
    effects_, checks_, series_ = (
        of(nothing, unseen, "2021-12-31") for of in (attribution.effects, attribution.checks, attribution.series)
    )
    evidence = effectiveness.evidence(effects_, checks_, nothing, series_)
    goals = effectiveness.goals(nothing, unseen, "2021-12-31")
    said = effectiveness.statements(goals, evidence, nothing, series_)
    assert effectiveness.sentences(effects_, evidence, nothing).empty
    acts = pd.DataFrame({"measure": ["m"], "scenario": "s", "acts_on": "impact", "low": 0.0, "best": 1.0, "high": 2.0})
    found = expectations(effects_, evidence, nothing, acts)
    assert found["against"].tolist() == ["unknown"]
    measures = MEASURES.assign(department="BZ")
    assert effectiveness.overview(measures, acts, nothing, evidence, said)["measure"].tolist() == ["m", "n"]
    spent = pd.DataFrame({"measure": ["m"], "spent": [1.0], "told": ["plan"]})
    assert effectiveness.efficiency(effects_, evidence, nothing, series_, spent, MEASURES).empty
