"""Picture and follow-up together: a rule for every combination, and risks and measures that do not meet."""

import itertools

import pandas as pd
import pytest

from nvslib import follow_up, midterm

DATE = "2021-06-30"
PICTURES = ("higher", "undetermined", "unchanged", "lower", "none")
STATUSES = ("done", "on-course", "delayed", "stopped", "not-reported")


def measures(*codes, **parts):
    """Return adopted measures; parts by name -> the whole."""
    return pd.DataFrame({
        "measure": [*codes, *parts], "state": "adopted", "part_of": [*[""] * len(codes), *parts.values()],
        "cost_per_year": 1e6,
    })  # fmt: skip


def statuses(**told):
    rows = [("2020-12-31", name, "A", "planned") for name in told] + [(DATE, *one, "A") for one in ()]
    rows += [(DATE, name, "A", status) for name, status in told.items()]
    return pd.DataFrame(rows, columns=["date", "measure", "department", "status"])


def shifts(*rows):
    """Return shifts from (scenario, verdict of the likelihood, verdict of the impact, shift)."""
    long = [
        (name, side, "new" if verdict == "new" else "both", 3.0, shift, "" if verdict == "new" else verdict)
        for name, likelihood, impact, shift in rows
        for side, verdict in (("likelihood", likelihood), ("impact", impact))
    ]
    return pd.DataFrame(long, columns=["scenario", "criterion", "state", "now", "shift", "verdict"])


def effects(*pairs):
    return pd.DataFrame(pairs, columns=["measure", "scenario"])


def test_there_is_a_rule_with_a_reason_for_every_combination():
    rules, advice = midterm.table()["rules"], midterm.table()["advice"]
    assert set(rules) == {f"{picture}/{status}" for picture, status in itertools.product(PICTURES, STATUSES)}
    assert {rule["advice"] for rule in rules.values()} == set(advice)
    assert set(midterm.table()["statuses"]) == set(follow_up.STATUSES) - {""}
    for rule in rules.values():
        assert set(rule["why"]) == {"nl", "en"}
        assert not any(char.isdigit() for why in rule["why"].values() for char in why)


@pytest.mark.parametrize(
    ("combination", "advice"),
    [
        ("higher/delayed", "escalate"), ("higher/not-reported", "escalate"), ("higher/stopped", "escalate"),
        ("higher/on-course", "accelerate"), ("higher/done", "adjust"), ("unchanged/on-course", "keep"),
        ("unchanged/not-reported", "ask"), ("lower/done", "end"),
    ],
)  # fmt: skip
def test_what_the_rules_must_say(combination, advice):
    assert midterm.table()["rules"][combination]["advice"] == advice


@pytest.mark.parametrize(
    ("likelihood", "impact", "picture"),
    [
        ("higher", "unchanged", "higher"), ("undetermined", "higher", "higher"), ("lower", "unchanged", "lower"),
        ("higher", "lower", "undetermined"), ("unchanged", "unchanged", "unchanged"),
        ("unchanged", "undetermined", "undetermined"), ("new", "new", "undetermined"),
    ],
)  # fmt: skip
def test_the_picture_of_a_scenario(likelihood, impact, picture):
    found = midterm.pictures(shifts(("flood", likelihood, impact, 0.5)))
    assert found[["scenario", "picture"]].to_numpy().tolist() == [["flood", picture]]


def test_the_strongest_scenario_decides_and_parts_count_for_the_whole():
    moved = shifts(
        ("flood", "higher", "unchanged", 0.4), ("outage", "higher", "unchanged", 0.9), ("calm", "lower", "lower", -2.0)
    )
    acting = effects(("M1", "flood"), ("M1", "outage"), ("M1", "calm"), ("P1", "calm"), ("M3", "gone"))
    table = midterm.decisions(
        statuses(M1="delayed", M2="on-schedule", M3="done"), moved, acting, measures("M1", "M2", "M3", P1="M2"), DATE
    ).set_index("measure")
    assert table.loc["M1", ["scenario", "picture", "status", "advice"]].tolist() == [
        "outage", "higher", "delayed", "escalate",
    ]  # fmt: skip
    assert table.loc["M2", ["scenario", "picture", "status"]].tolist() == ["calm", "lower", "on-course"]
    assert table.loc["M3", ["scenario", "picture", "reason"]].tolist() == ["", "none", "none/done"]


def test_every_measure_is_counted_once_over_all_combinations():
    told = dict(zip("abcdefgh", follow_up.STATUSES, strict=True))
    table = midterm.decisions(
        statuses(**told), shifts(("flood", "higher", "higher", 1.0)), effects(("a", "flood")), measures(*told), DATE
    )
    summary = midterm.summary(table)
    assert summary["measures"].sum() == len(table) == len(told)
    assert len(summary) == len(PICTURES) * len(STATUSES)


def test_risks_and_measures_that_do_not_meet():
    moved = pd.concat([
        shifts(("flood", "higher", "higher", 1.5), ("outage", "higher", "higher", 0.5), ("young", "new", "new", None)),
    ])  # fmt: skip
    scenarios = pd.DataFrame(
        {"scenario": ["flood", "outage", "young", "old"], "status": ["current", "", "added", "retired"]}
    )
    acting = effects(("M1", "outage"), ("M2", "old"))
    found = midterm.unanswered(moved, scenarios, acting, measures("M1", "M2", "M3"))
    assert found[["kind", "subject"]].to_numpy().tolist() == [
        ["risen-without-measure", "flood"], ["new-without-measure", "young"], ["retired-with-measure", "M2"],
        ["measure-without-scenario", "M3"],
    ]  # fmt: skip
    assert found["size"].tolist()[:2] == [1.5, 3.0]


def test_an_option_answers_no_risk():
    options = measures("M1").assign(state="option")
    scenarios = pd.DataFrame({"scenario": ["flood"], "status": [""]})
    moved = shifts(("flood", "higher", "higher", 1.5))
    found = midterm.unanswered(moved, scenarios, effects(("M1", "flood")), options)
    assert found["kind"].tolist() == ["risen-without-measure"]
