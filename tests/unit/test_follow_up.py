"""The follow-up of measures: each rule on a hand-made case, and what is planted in a bundled cycle is found."""

import pandas as pd
import pytest
from workbench import ROOT, truth_of

from nvslib import follow_up

D1, D2, D3, D4 = DATES = ("2020-06-30", "2020-12-31", "2021-06-30", "2021-12-31")
STRATEGY = {
    "department": "JenV", "state": "adopted", "start": "2020-01-01", "due": "2021-03-31", "cost_per_year": 365.25,
    "part_of": "", "continues": "",
}  # fmt: skip
REPORT = {"department": "JenV", "status": "started", "expected": "", "spent": float("nan"), "milestone": "",
          "milestone_due": "", "reported": ""}  # fmt: skip
NAMES = pd.DataFrame(
    [("BZK", ""), ("EZ", "EZK"), ("EZK", "EL&I"), ("EL&I", ""), ("JenV", "")], columns=["department", "continues"]
)


def strategy(*rows):
    """Return measures; a row is a code, or a code with what differs from the usual."""
    told = [(row, {}) if isinstance(row, str) else row for row in rows]
    return pd.DataFrame([{"measure": code} | STRATEGY | other for code, other in told])


def reports(*rows):
    """Return progress; a row is measure, date, status and what differs from the usual."""
    keyed = [{"measure": measure, "date": date, "status": status} | other for measure, date, status, other in rows]
    columns = ["measure", "date", *REPORT]
    return pd.DataFrame([REPORT | row for row in keyed], columns=columns).astype(
        dict.fromkeys(columns, str) | {"spent": float}
    )


def told(measures, *rows, dates=DATES):
    return follow_up.statuses(measures, reports(*[(*row, {})[:4] for row in rows]), NAMES, dates)


def column(table, name, measure="a"):
    return table[table["measure"] == measure].sort_values("date")[name].tolist()


def remarks(table, measure="a"):
    return [text.split(";") if text else [] for text in column(table, "remark", measure)]


SPLIT = strategy(
    ("w", {"cost_per_year": 100.0}),
    ("w-1", {"part_of": "w", "start": "2020-10-01", "cost_per_year": 365.25}),
    ("w-2", {"part_of": "w", "start": "2020-10-01", "cost_per_year": 730.5}),
)


def test_a_measure_is_as_told_or_not_due_or_ended_before_or_not_reported():
    late_start = ("b", {"start": "2021-01-01"})
    found = told(strategy("a", late_start), ("a", D2, "done"), ("b", D1, "planned"))
    assert column(found, "status") == ["not-reported", "done", "done", "done"]
    assert column(found, "told") == ["none", "report", "earlier", "earlier"]
    assert column(found, "reported_by") == ["", "JenV", "JenV", "JenV"]
    assert column(found, "status", "b") == ["planned", "not-due", "not-reported", "not-reported"]
    assert column(found, "told", "b") == ["report", "none", "none", "none"]


def test_a_measure_that_starts_on_the_reporting_date_is_due():
    found = told(strategy(("a", {"start": D2})))
    assert column(found, "status") == ["not-due", "not-reported", "not-reported", "not-reported"]


def test_what_was_done_and_taken_up_again_is_not_done():
    found = told(strategy("a"), ("a", D1, "done"), ("a", D2, "started"))
    assert column(found, "status") == ["done", "started", "not-reported", "not-reported"]


def test_options_parts_and_unknown_measures_are_not_counted():
    measures = strategy("a", ("o", {"state": "option"}), ("p", {"part_of": "a"}), ("q", {"part_of": "o"}),
                        ("r", {"part_of": "s"}), ("s", {"part_of": "r"}))  # fmt: skip
    found = told(measures, ("o", D1, "done"), ("z", D1, "done"), ("q", D1, "done"), ("r", D1, "done"))
    assert set(found["measure"]) == {"a"}
    assert follow_up.wholes(measures).to_dict() == {"a": "a", "p": "a"}


def test_the_reporting_dates_are_those_of_the_reports_or_those_given():
    rows = ("a", D1, "started"), ("a", D3, "done")
    assert sorted(told(strategy("a"), *rows, dates=None)["date"]) == [D1, D3]
    found = told(strategy("a"), *rows, dates=[D4, D2, D4])
    assert column(found, "date") == [D2, D4]
    assert column(found, "status") == ["not-reported", "done"]
    assert column(found, "previous") == ["", "not-reported"]


def test_of_two_reports_that_of_the_lead_counts_and_else_the_first_by_name():
    rows = ("a", D1, "planned", {"department": "BZK"}), ("a", D1, "done", {"department": "JenV"}), (
        "a", D2, "started", {"department": "EZ"}), ("a", D2, "delayed", {"department": "BZK"})  # fmt: skip
    for order in (rows, rows[::-1]):
        found = told(strategy("a"), *order)
        assert column(found, "status")[:2] == ["done", "delayed"]
        assert column(found, "reported_by")[:2] == ["JenV", "BZK"]
        assert column(found, "others") == [1, 1, 0, 0]


def test_a_renamed_department_is_one_and_is_called_by_its_present_name():
    measures = strategy(("a", {"department": "EZK"}), ("b", {"department": "EZ"}))
    found = told(
        measures, ("a", D1, "started", {"department": "EL&I"}), ("b", D1, "planned", {"department": "BZK"}),
        ("b", D1, "started", {"department": "EZK"}), ("a", D2, "started", {"department": "EZK"}),
        ("a", D2, "done", {"department": "EZ"}),
    )  # fmt: skip
    assert set(found["department"]) == {"EZ"}
    assert column(found, "reported_by", "b")[0] == "EZK"
    assert remarks(found, "b")[0] == ["renamed"]
    assert column(found, "reported_by")[:2] == ["EL&I", "EZ"]
    assert remarks(found)[:2] == [["renamed"], []]


def test_a_department_that_several_continue_keeps_its_own_name():
    names = pd.DataFrame([("A", ""), ("B", "A"), ("C", "A")], columns=["department", "continues"])
    rows = reports(("a", D1, "started", {"department": "A"}))
    found = follow_up.statuses(strategy(("a", {"department": "A"})), rows, names)
    assert found[["department", "remark"]].to_numpy().tolist() == [["A", ""]]


@pytest.mark.parametrize(
    ("parts", "whole", "incomplete"),
    [
        (("stopped", "stopped"), "stopped", False),
        (("stopped", "done"), "done", False),
        (("done", "done"), "done", False),
        (("done", "delayed"), "delayed", False),
        (("delayed", "planned"), "delayed", False),
        (("planned", "on-schedule"), "planned", False),
        (("started", "on-schedule"), "started", False),
        (("on-schedule", "stopped"), "on-schedule", False),
        (("done", "planned"), "planned", False),
        (("started", ""), "started", True),
        (("delayed", ""), "delayed", True),
        (("done", ""), "started", True),
        (("stopped", ""), "started", True),
    ],
)
def test_a_split_measure_stands_as_its_parts_together(parts, whole, incomplete):
    for order in (parts, parts[::-1]):
        rows = [(f"w-{number}", D3, status) for number, status in enumerate(order, 1) if status]
        found = told(SPLIT, *rows)
        assert column(found, "status", "w") == ["not-reported", "not-reported", whole, column(found, "status", "w")[3]]
        assert column(found, "told", "w")[2] == "parts"
        assert ("incomplete" in remarks(found, "w")[2]) == incomplete
        assert "split" in remarks(found, "w")[2]


def test_a_split_measure_of_which_no_part_is_told_is_not_reported_and_if_none_is_due_not_due():
    found = told(SPLIT, ("w-1", D3, "started"))
    assert column(found, "status", "w")[3] == "not-reported"
    assert column(found, "told", "w")[3] == "none"
    early = SPLIT.assign(start="2021-09-01")
    found = told(early, ("w-1", D1, "planned"))
    assert column(found, "status", "w") == ["planned", "not-due", "not-due", "not-reported"]
    both = told(early.assign(start=["2020-01-01", "2020-01-01", "2021-09-01"]), ("w-1", D1, "started"))
    assert column(both, "status", "w") == ["planned", "not-reported", "not-reported", "not-reported"]


def test_a_whole_whose_parts_ended_need_not_be_reported_again():
    found = told(SPLIT, ("w-1", D2, "done"), ("w-2", D2, "stopped"))
    assert column(found, "status", "w") == ["not-reported", "done", "done", "done"]
    assert column(found, "told", "w") == ["none", "parts", "earlier", "earlier"]
    assert column(found, "reported_by", "w") == ["", "JenV", "JenV", "JenV"]


def test_reports_on_the_whole_do_not_count_from_the_first_on_a_part():
    mile = {"milestone": "plan", "milestone_due": D4}
    sooner = {"milestone": "plan", "milestone_due": D3}
    found = told(
        SPLIT, ("w", D1, "started", {"milestone": "plan", "milestone_due": D2}), ("w", D2, "started", sooner),
        ("w", D3, "stopped", mile), ("w-1", D3, "on-schedule"), ("w-2", D3, "started"), ("w", D4, "stopped", mile),
        ("w-1", D4, "on-schedule"), ("w-2", D4, "on-schedule"),
    )  # fmt: skip
    assert column(found, "status", "w") == ["started", "started", "started", "on-schedule"]
    assert column(found, "told", "w") == ["report", "report", "parts", "parts"]
    assert column(found, "moved", "w") == [0, 1, 1, 1]
    assert column(found, "milestone", "w") == ["plan", "plan", "", ""]


def test_what_a_status_comes_from_are_own_reports_and_once_split_those_of_the_parts():
    progress = reports(
        ("w", D1, "started", {}), ("w", D2, "stopped", {}), ("w-1", D2, "done", {}),
        ("w-2", D3, "started", {"department": "EZK"}),
    )  # fmt: skip
    found = follow_up.own_statuses(SPLIT, progress, NAMES, DATES)
    assert found.loc[found["date"] == D1, "part"].tolist() == ["w"]
    by_part = found.set_index(["date", "part"])[["told_on", "reported_by", "status"]]
    assert by_part.loc[(D1, "w")].tolist() == [D1, "JenV", "started"]
    assert by_part.loc[D2].index.tolist() == ["w-1", "w-2"]
    assert by_part.loc[(D4, "w-1")].tolist() == [D2, "JenV", "done"]
    assert by_part.loc[(D3, "w-2")].tolist() == [D3, "EZK", "started"]
    assert by_part.loc[(D4, "w-2")].tolist() == ["", "", "not-reported"]
    assert set(found["measure"]) == {"w"}


def test_a_part_of_a_part_counts_under_the_whole_at_the_top():
    measures = strategy("w", ("x", {"part_of": "w"}), ("y", {"part_of": "x"}), ("z", {"part_of": "y"}))
    found = told(measures, ("x", D1, "stopped"), ("y", D1, "done"), ("z", D1, "delayed"))
    assert found["measure"].unique().tolist() == ["w"]
    assert column(found, "status", "w")[0] == "delayed"


def test_the_whole_gathers_dates_money_and_milestones_of_its_parts():
    late = {"reported": "2021-12-31", "department": "EZK", "milestone": "exercise", "milestone_due": "2021-08-31"}
    found = told(
        SPLIT,
        ("w-1", D3, "delayed", {"expected": "2021-09-30", "spent": 10.0, **late}),
        ("w-1", D3, "started", {"department": "BZK"}),
        ("w-2", D3, "started", {"expected": "2021-07-31", "spent": 5.0, "milestone": "plan", "milestone_due": D3}),
        ("w-1", D4, "delayed", {"spent": 20.0, "milestone": "open"}),
        ("w-2", D4, "started", {"milestone": "next", "milestone_due": D4}),
    ).set_index(["measure", "date"])
    row = found.loc[("w", D3)]
    assert row["reported_by"] == "BZK; JenV"
    row = found.loc[("w", D3)]
    assert (row["others"], row["expected"], row["forecast"]) == (1, "2021-07-31", "2021-07-31")


def test_the_whole_gathers_what_its_parts_tell():
    found = told(
        SPLIT,
        ("w-1", D3, "delayed", {"expected": "2021-09-30", "spent": 10.0, "milestone": "exercise",
                                "milestone_due": "2021-08-31", "reported": "2021-12-31"}),
        ("w-1", D3, "started", {"department": "BZK"}),
        ("w-2", D3, "started", {"department": "EZK", "expected": "2021-07-31", "spent": 5.0, "milestone": "plan",
                                "milestone_due": D3}),
        ("w-1", D4, "delayed", {"spent": 20.0, "milestone": "open"}),
        ("w-2", D4, "started", {"milestone": "next", "milestone_due": D4}),
    )  # fmt: skip
    assert column(found, "reported_by", "w")[2] == "EZK; JenV"
    assert column(found, "others", "w")[2] == 1
    assert column(found, "expected", "w")[2] == column(found, "forecast", "w")[2] == "2021-09-30"
    assert column(found, "delay", "w")[2] == 183
    assert column(found, "milestone", "w")[2:] == ["plan", "next"]
    assert column(found, "milestone_due", "w")[2:] == [D3, D4]
    assert remarks(found, "w")[2] == ["late", "overdue", "renamed", "split"]
    assert column(found, "spent", "w")[2] == 15
    assert pd.isna(column(found, "spent", "w")[3])
    # Before the split the whole's own cost, after it those of the parts, from their start to their due.
    planned = column(found, "planned_spending", "w")
    assert planned[:2] == pytest.approx([100 * 181 / 365.25, 100 * 365 / 365.25])
    assert planned[2] == planned[3] == pytest.approx(181 + 2 * 181)


def test_a_part_that_is_not_due_has_spent_nothing():
    measures = SPLIT.assign(start=["2020-01-01", "2020-10-01", "2021-09-01"])
    found = told(measures, ("w-1", D3, "started", {"spent": 7.0}), ("w-1", D4, "started", {"spent": 8.0}))
    assert column(found, "status", "w")[2:] == ["planned", "started"]
    assert column(found, "spent", "w")[2] == 7
    assert pd.isna(column(found, "spent", "w")[3])


def test_a_change_is_told_from_the_status_before():
    steps = "planned", "started", "on-schedule", "delayed", "on-schedule", "done", "stopped", "done"
    dates = [f"{year}-12-31" for year in range(2020, 2028)]
    found = told(strategy("a"), *[("a", *row) for row in zip(dates, steps, strict=True)], dates=dates)
    assert column(found, "change") == ["first", *["forward"] * 2, *["same"] * 2, *["forward"] * 2, "backward"]
    assert column(found, "previous") == ["", *steps[:-1]]
    assert [("backward" in codes) for codes in remarks(found)] == [*[False] * 7, True]


@pytest.mark.parametrize(("later", "earlier"), [("started", "planned"), ("on-schedule", "started"), ("done", "delayed"),
                                                ("stopped", "planned")])  # fmt: skip
def test_an_earlier_stage_is_a_step_back(later, earlier):
    found = told(strategy("a"), ("a", D1, later), ("a", D2, earlier))
    assert column(found, "change")[:2] == ["first", "backward"]


def test_silence_and_the_end_of_it_are_changes_and_hide_no_step_back():
    measures = strategy("a", ("b", {"start": "2020-10-01"}))
    found = told(measures, ("a", D1, "on-schedule"), ("a", D3, "started"), ("b", D4, "on-schedule"))
    assert column(found, "change") == ["first", "silent", "again", "silent"]
    assert ["backward" in codes for codes in remarks(found)] == [False, False, True, False]
    assert column(found, "change", "b") == ["first", "silent", "same", "again"]


def test_what_begins_ahead_of_its_plan_did_not_go_back_when_it_is_not_due():
    found = told(strategy(("a", {"start": "2021-01-01"})), ("a", D1, "started"), ("a", D3, "started"))
    assert column(found, "status") == ["started", "not-due", "started", "not-reported"]
    assert column(found, "change") == ["first", "same", "same", "silent"]
    assert column(told(strategy(("a", {"start": D4})), ("a", D2, "started")), "change")[1] == "forward"


def test_a_delay_is_counted_from_due_to_expected():
    rows = [("a", date, "delayed", {"expected": until}) for date, until in
            zip(DATES, ("2021-03-31", "2021-05-01", "2021-02-01", ""), strict=True)]  # fmt: skip
    # The last tells nothing expected and lies 275 days after due.
    assert column(told(strategy("a"), *rows), "delay") == [0, 31, 0, 275]


def test_a_delay_without_anything_expected_runs_to_the_date_once_due_has_passed():
    found = column(told(strategy("a")), "delay")
    assert pd.isna(found[:2]).all()
    assert found[2:] == [91, 275]
    assert pd.isna(column(told(strategy("a"), ("a", D3, "stopped", {"expected": D4})), "delay")[2:]).all()
    assert pd.isna(column(told(strategy(("a", {"due": D3}))), "delay")[2])


def test_what_is_done_is_late_by_the_first_date_at_which_it_was_told():
    known = {"expected": "2021-03-31"}
    found = told(strategy("a"), ("a", D2, "started", known), ("a", D3, "done", known), ("a", D4, "done"))
    assert column(found, "delay")[1:] == [0, 91, 91]
    assert column(found, "expected")[1:] == ["2021-03-31", "", ""]
    assert column(told(strategy("a"), ("a", D1, "done")), "delay") == [0, 0, 0, 0]
    again = told(strategy("a"), ("a", D1, "done"), ("a", D2, "started"), ("a", D4, "done"), dates=[D4])
    assert column(again, "delay") == [275]


def test_the_forecast_goes_on_at_the_pace_of_the_expected_date():
    rows = ("a", D1, "started", {"expected": "2021-03-31"}), ("a", D3, "delayed", {"expected": "2021-10-01"})
    found = told(strategy("a"), *rows)
    moved, passed, left = 184, 365, 93
    day = pd.Timestamp(D3) + pd.Timedelta(days=round(left / (1 - moved / passed)))
    assert column(found, "forecast") == ["2021-03-31", "2021-03-31", *2 * [day.strftime("%Y-%m-%d")]]
    # On a line that goes on, the day forecast is the day on which the expected date is reached.
    assert (day - pd.Timestamp(D3)).days * moved / passed + left == pytest.approx((day - pd.Timestamp(D3)).days, abs=1)


def test_the_first_and_the_last_expected_date_give_the_pace():
    between = ("a", D2, "started", {"expected": "2030-01-01"})
    ends = ("a", D1, "started", {"expected": "2021-03-31"}), ("a", D3, "delayed", {"expected": "2021-10-01"})
    assert (
        column(told(strategy("a"), *ends, between), "forecast")[2] == column(told(strategy("a"), *ends), "forecast")[2]
    )


def test_there_is_no_end_if_the_expected_date_moves_as_fast_as_time():
    rows = ("a", D1, "started", {"expected": "2021-03-31"}), ("a", D3, "delayed", {"expected": "2022-03-31"})
    found = told(strategy("a"), *rows, ("a", D4, "done"))
    assert column(found, "forecast") == ["2021-03-31", "2021-03-31", "", ""]
    assert ["no-end" in codes for codes in remarks(found)] == [False, False, True, False]
    almost = ("a", D3, "delayed", {"expected": "2022-03-30"})
    found = told(strategy("a"), rows[0], almost)
    assert column(found, "forecast")[2] == "2294-04-25"
    assert "no-end" not in remarks(found)[2]
    # Far beyond what a date can be written as.
    far = ("a", D3, "delayed", {"expected": "9000-01-01"})
    found = told(strategy("a"), ("a", "2000-06-30", "started", {"expected": "8979-01-02"}), far)
    assert column(found, "forecast")[2] == ""
    assert "no-end" in remarks(found)[2]


def test_the_forecast_is_the_expected_date_if_that_moved_closer_or_has_passed():
    closer = ("a", D1, "started", {"expected": "2021-03-31"}), ("a", D3, "started", {"expected": "2021-03-01"})
    assert column(told(strategy("a"), *closer), "forecast")[2] == "2021-03-01"
    passed = ("a", D1, "started", {"expected": "2021-03-31"}), ("a", D3, "delayed", {"expected": "2021-05-31"})
    assert column(told(strategy("a"), *passed), "forecast")[2] == "2021-05-31"


def test_an_end_has_no_forecast_and_silence_keeps_the_last():
    found = told(strategy("a"), ("a", D1, "started", {"expected": D4}), ("a", D3, "stopped", {"expected": D4}))
    assert column(found, "forecast") == [D4, D4, "", ""]
    assert column(found, "expected") == [D4, "", "", ""]


def test_spending_is_as_told_and_planned_from_start_to_due():
    found = told(
        strategy("a", ("b", {"start": D3, "cost_per_year": float("nan")}), ("c", {"start": D3, "due": D4})),
        ("a", D1, "started", {"spent": 3.0}), ("a", D2, "started"), ("a", D3, "done", {"spent": 9.0}),
    )  # fmt: skip
    assert column(found, "spent") == pytest.approx([3, float("nan"), 9, 9], nan_ok=True)
    assert column(found, "planned_spending") == pytest.approx([181, 365, 455, 455])
    assert pd.isna(column(found, "planned_spending", "b")).all()
    assert column(found, "planned_spending", "c") == pytest.approx([0, 0, 0, 184])


def test_a_milestone_moves_if_the_same_one_gets_a_later_date():
    miles = ("plan", D2), ("plan", D3), ("pilot", D4), ("plan", D4)
    rows = [
        ("a", date, "started", {"milestone": text, "milestone_due": due})
        for date, (text, due) in zip(DATES, miles, strict=True)
    ]
    found = told(strategy("a"), *rows)
    assert column(found, "moved") == [0, 1, 1, 2]
    assert ["moved-twice" in codes for codes in remarks(found)] == [False, False, False, True]
    sooner = [rows[1], ("a", D3, "started", {"milestone": "plan", "milestone_due": D2})]
    assert column(told(strategy("a"), *sooner), "moved") == [0, 0, 0, 0]
    undated = [("a", D1, "started", {"milestone": "plan"}), rows[1]]
    assert column(told(strategy("a"), *undated), "moved") == [0, 0, 0, 0]
    nameless = [("a", date, "started", {"milestone_due": due}) for date, due in ((D1, D2), (D2, D3))]
    assert column(told(strategy("a"), *nameless), "moved") == [0, 0, 0, 0]


def test_a_report_is_late_after_sixty_days():
    on_time, late = ({"reported": day} for day in ("2020-08-29", "2020-08-30"))
    assert remarks(told(strategy("a"), ("a", D1, "done", on_time)))[0] == []
    assert remarks(told(strategy("a"), ("a", D1, "done", late)))[:2] == [["late"], []]


def test_never_is_said_until_the_first_report():
    found = told(strategy("a", ("b", {"start": D4})), ("a", D3, "started"))
    assert ["never" in codes for codes in remarks(found)] == [True, True, False, False]
    assert ["never" in codes for codes in remarks(found, "b")] == [False, False, False, True]


def test_overdue_is_what_is_past_due_and_has_not_ended():
    found = told(strategy(("a", {"due": D2}), "b"), ("a", D2, "started"), ("a", D4, "stopped"), ("b", D3, "done"))
    assert ["overdue" in codes for codes in remarks(found)] == [False, False, True, False]
    assert not any("overdue" in codes for codes in remarks(found, "b"))


def test_remarks_are_sorted_and_joined():
    found = told(
        strategy("a"), ("a", D3, "done"), ("a", D4, "started", {"department": "EZK", "reported": "2022-12-31"})
    )
    assert column(found, "remark")[3] == "backward;late;overdue;renamed"


def test_without_reports_every_measure_that_is_due_is_not_reported():
    found = told(strategy("a", ("b", {"start": D2})))
    assert column(found, "status") == ["not-reported"] * 4
    assert column(found, "status", "b") == ["not-due", *["not-reported"] * 3]
    none = told(strategy("a"), dates=None)
    assert none.empty
    assert list(none.columns) == list(found.columns)
    for count in (follow_up.totals, follow_up.funnel, follow_up.departments):
        assert count(none).empty


def test_totals_hold_every_combination():
    measures = strategy("a", "b", ("c", {"department": "BZK"}))
    found = follow_up.totals(told(measures, ("a", D1, "done"), ("c", D1, "delayed")))
    assert len(found) == len(DATES) * 2 * len(follow_up.STATUSES)
    assert found.groupby("date")["measures"].sum().tolist() == [3] * 4
    some = found.set_index(["date", "department", "status"])["measures"]
    assert [some[(D1, *key)] for key in (("JenV", "done"), ("JenV", "not-reported"), ("BZK", "delayed"))] == [1, 1, 1]
    assert some[(D1, "BZK", "done")] == 0


def test_the_funnel_counts_who_came_how_far():
    steps = ["planned", "started", "on-schedule", "delayed", "done", "stopped"]
    measures = strategy(*steps, "silent", ("later", {"start": "2030-01-01"}), ("ahead", {"start": "2030-01-01"}))
    found = follow_up.funnel(told(measures, *[(code, D1, code) for code in steps], ("ahead", D1, "planned")))
    first = found[found["date"] == D1]
    assert first["stage"].tolist() == list(follow_up.FUNNEL)
    assert first["measures"].tolist() == [9, 8, 7, 4, 1]
    assert found[found["date"] == D2]["measures"].tolist() == [9, 7, 2, 1, 1]


def test_each_department_is_counted_and_money_only_where_both_are_known():
    measures = strategy("a", "b", ("c", {"cost_per_year": float("nan")}), ("d", {"department": "BZK"}),
                        ("e", {"department": "EZ", "start": D3}), ("f", {"due": D1}))  # fmt: skip
    found = follow_up.departments(
        told(
            measures, ("a", D2, "delayed", {"expected": "2021-04-10", "spent": 100.0}),
            ("b", D2, "delayed", {"expected": "2021-04-30"}), ("c", D2, "stopped", {"spent": 5.0}),
            ("d", D1, "done", {"spent": 7.0}),
        )
    ).set_index(["department", "date"])  # fmt: skip
    counts = ["measures", "due", "reported", "delayed", "overdue", "done", "stopped", "not_reported"]
    assert found.loc[("JenV", D2), counts].tolist() == [4, 4, 3, 2, 1, 0, 1, 1]
    assert found.loc[("JenV", D2), ["delay", "spent", "planned_spending"]].tolist() == pytest.approx([20, 100, 365])
    assert found.loc[("JenV", D2), "silent"] == "no"
    assert found.loc[("JenV", D1), ["reported", "silent"]].tolist() == [0, "yes"]
    assert found.loc[("JenV", D1), ["delay", "spent", "planned_spending"]].isna().all()
    # What was done earlier need not report, and what is not due neither.
    assert found.loc[("BZK", D2), ["due", "reported", "done", "silent"]].tolist() == [1, 0, 1, "no"]
    assert found.loc[("BZK", D2), ["spent", "planned_spending"]].tolist() == pytest.approx([7, 365])
    assert found.loc[("EZ", D2), ["due", "silent"]].tolist() == [0, "no"]
    assert found.loc[("EZ", D3), ["due", "silent"]].tolist() == [1, "yes"]


def test_promises_are_open_until_another_milestone_or_the_end_is_told():
    measures = strategy(*("abcde"), ("f", {"due": D1}), ("g", {"due": D1}))
    plan = {"milestone": "plan", "milestone_due": "2020-07-31"}
    found = told(
        measures,
        *[(code, D1, "started", plan) for code in "abcde"],
        ("a", D2, "started", {"milestone": "pilot", "milestone_due": D4}),  # another one: the plan is there
        ("b", D2, "started", {"milestone": "plan", "milestone_due": "2020-11-30"}),  # put off
        ("c", D2, "done"),
        ("d", D2, "stopped"),
        ("e", D2, "started"),  # tells nothing
        ("g", D2, "done"),
    )
    owed = follow_up.promises(found, measures, "2021-01-15")
    assert owed.to_numpy().tolist() == [
        ["f", "JenV", "measure", D1, 199],
        ["e", "JenV", "plan", "2020-07-31", 168],
        ["b", "JenV", "plan", "2020-11-30", 46],
    ]
    # Later reports are not known yet, and a promise for the day itself is not broken.
    assert follow_up.promises(found, measures, "2020-07-31")["measure"].tolist() == ["f", "g"]
    assert follow_up.promises(found, measures, "2019-12-31").empty
    assert set(follow_up.promises(found, measures, D4)["promise"]) == {"measure", "plan"}
    assert not follow_up.promises(found, measures, D4)["measure"].isin(["c", "d", "g"]).any()


def test_what_became_of_the_measures_of_the_previous_cycle():
    before = strategy("a", "b", "c", "d", "e", "g", ("g-1", {"part_of": "g"}), ("o", {"state": "option"}))
    ended = told(before, ("a", D1, "done"), ("b", D2, "stopped"), ("c", D4, "started"), ("d", D4, "delayed"),
                 ("e", D3, "started"), ("g", D4, "started"))  # fmt: skip
    now = strategy(
        ("z", {"continues": "a; c"}), ("y", {"continues": "c;g-1"}), ("x", {"continues": "d", "state": "option"}),
        ("v", {"continues": "c ; c"}),
    )  # fmt: skip
    found = follow_up.continued(ended, before, now)
    assert found[["measure", "status", "continues_in", "outcome"]].to_numpy().tolist() == [
        ["a", "done", "z", "done"],
        ["b", "stopped", "", "stopped"],
        ["c", "started", "v; y; z", "goes-on"],
        ["d", "delayed", "", "ended-open"],
        ["e", "not-reported", "", "unknown"],
        ["g", "started", "y", "goes-on"],
    ]
    assert set(found["date"]) == {D4}
    nobody = follow_up.continued(ended.iloc[:0], before, now)
    assert nobody["outcome"].tolist() == ["goes-on", "unknown", "goes-on", "unknown", "unknown", "goes-on"]
    assert set(nobody["date"]) == {""}
    assert set(nobody["department"]) == {"JenV"}


def test_constants_bear_their_basis():
    for constant in follow_up.constants().values():
        assert set(constant) == {"value", "basis", "why"}
    assert set(follow_up.constants()["stages"]["value"]) == set(follow_up.STATUSES) - {"not-due", "not-reported"}


def delivered(name):
    return pd.read_csv(ROOT / "data" / "raw" / "nvs-2019" / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def bundled():
    """What the departments sent of the measures of 2019, and how these stood."""
    measures = delivered("measures").assign(cost_per_year=lambda rows: rows["cost_per_year"].astype(float))
    files = sorted(path.stem for path in (ROOT / "data" / "raw" / "nvs-2019").glob("progress-*.csv"))
    progress = pd.concat([delivered(name) for name in files], ignore_index=True)
    progress["status"] = progress["status"].replace("loopt", "on-schedule")  # as its correction says
    progress["spent"] = pd.to_numeric(progress["spent"])
    return measures, follow_up.statuses(measures, progress, delivered("departments")), truth_of("nvs-2019")["follow_up"]


def marked(statuses, code):
    return statuses[statuses["remark"].str.split(";").map(lambda codes: code in codes)]


def test_every_planted_silence_is_found_and_no_other(bundled):
    _, statuses, truth = bundled
    dates = sorted(set(statuses["date"]))
    table = follow_up.departments(statuses)
    silent = table[(table["silent"] == "yes") & (table["due"] > 0)]
    expected = {(name, date) for name, since in truth["silent"].items() for date in dates if date >= since}
    due = {(row.department, row.date) for row in table[table["due"] > 0].itertuples()}
    assert set(zip(silent["department"], silent["date"], strict=True)) == expected & due
    quiet = statuses[statuses["status"] == "not-reported"]
    since = quiet["department"].map(truth["silent"])
    missed = [tuple(one) for one in truth["missed"]]
    explained = (
        (since.notna() & (quiet["date"] >= since.fillna("")))
        | quiet["measure"].isin(truth["never_reported"])
        | pd.Series(list(zip(quiet["measure"], quiet["date"], strict=True)), quiet.index).isin(missed)
    )
    assert explained.all()
    told = statuses.set_index(["measure", "date"])["told"]
    assert not set(told.loc[missed]) & {"report", "parts"}


def test_every_measure_that_was_never_reported_is_found_and_no_other(bundled):
    measures, statuses, truth = bundled
    never = marked(statuses[statuses["date"] == max(statuses["date"])], "never")
    silent = [name for name, since in truth["silent"].items() if not since]
    expected = {*truth["never_reported"], *measures.loc[measures["department"].isin(silent), "measure"]}
    assert set(never["measure"]) == expected


def test_every_planted_delay_is_found_with_its_length_and_no_other(bundled):
    _, statuses, truth = bundled
    late = statuses[statuses["status"] == "delayed"]
    assert set(late["measure"]) == set(truth["delayed"])
    assert (late["delay"] - 30.4 * late["measure"].map(truth["delayed"])).abs().max() < 4


@pytest.mark.parametrize(
    ("code", "planted"), [("backward", "backward"), ("moved-twice", "moved_twice"), ("late", "late")]
)
def test_what_is_planted_is_found_and_nothing_else(bundled, code, planted):
    _, statuses, truth = bundled
    found = marked(statuses, code)
    assert set(found["measure"]) == set(truth[planted])
    if code == "backward":
        assert dict(zip(found["measure"], found["date"], strict=True)) == truth[planted]
    if code == "moved-twice":
        since = found.groupby("measure")["date"].min().to_dict()
        assert since == {measure: dates[-1] for measure, dates in truth[planted].items()}
    assert not {"renamed", "split", "incomplete"} & set(statuses["remark"].str.split(";").explode())


def test_the_bundled_measures_add_up_at_every_date(bundled):
    measures, statuses, _ = bundled
    assert set(statuses.groupby("date")["measure"].nunique()) == {len(measures)}
    assert set(follow_up.totals(statuses).groupby("date")["measures"].sum()) == {len(measures)}
