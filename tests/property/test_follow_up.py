"""Whatever departments send, every measure of the strategy is counted once at every date."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import follow_up

DATES = ["2020-06-30", "2020-12-31", "2021-06-30"]
TOLD = ("planned", "started", "on-schedule", "delayed", "done", "stopped")
DEPARTMENTS = pd.DataFrame({"department": ["A", "B", "B2"], "continues": ["", "", "B"]})
MEASURES = pd.DataFrame(
    [("m1", "A", "2020-01-01", ""), ("m2", "B2", "2020-10-01", ""), ("m3", "A", "2022-01-01", ""),
     ("w", "A", "2020-01-01", ""), ("w-1", "A", "2020-01-01", "w"), ("w-2", "B2", "2020-01-01", "w")],
    columns=["measure", "department", "start", "part_of"],
).assign(state="adopted", due="2021-03-31", cost_per_year=1e6, continues="")  # fmt: skip
COUNTED = 4
few = settings(max_examples=60)

reports = st.lists(
    st.fixed_dictionaries({
        "measure": st.sampled_from(list(MEASURES["measure"])),
        "department": st.sampled_from(["A", "B", "B2"]),
        "date": st.sampled_from(DATES),
        "status": st.sampled_from(TOLD),
        "expected": st.sampled_from(["", "2021-03-31", "2021-12-31", "2023-01-01"]),
        "spent": st.sampled_from([float("nan"), 0.0, 1e6]),
        "milestone": st.sampled_from(["", "plan", "law"]),
        "milestone_due": st.sampled_from(["", "2020-09-30", "2021-09-30"]),
        "reported": st.sampled_from(["", "2021-12-31"]),
    }),
    max_size=14, unique_by=lambda row: (row["measure"], row["department"], row["date"]),
)  # fmt: skip


def progress(rows):
    columns = ["measure", "department", "date", "status", "expected", "spent", "milestone", "milestone_due", "reported"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns, str) | {"spent": float})


def told(rows):
    return follow_up.statuses(MEASURES, progress(rows), DEPARTMENTS, DATES)


@few
@given(reports)
def test_every_measure_of_the_strategy_is_counted_once_at_every_date(rows):
    statuses = told(rows)
    assert not statuses.duplicated(["date", "measure"]).any()
    assert (statuses.groupby("date").size() == COUNTED).all()
    assert set(statuses["status"]) <= set(follow_up.STATUSES)
    totals = follow_up.totals(statuses)
    assert (totals.groupby("date")["measures"].sum() == COUNTED).all()
    assert (follow_up.departments(statuses).groupby("date")["measures"].sum() == COUNTED).all()


@few
@given(reports, st.randoms(use_true_random=False))
def test_the_order_of_reports_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(told(rows), told(shuffled))


@few
@given(reports)
def test_each_step_of_the_funnel_is_part_of_the_one_before(rows):
    funnel = follow_up.funnel(told(rows)).pivot(index="date", columns="stage", values="measures")
    steps = funnel[list(follow_up.FUNNEL)]
    assert (steps.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


@few
@given(reports, st.integers(0, 13))
def test_a_late_report_changes_the_status_of_its_own_date_alone(rows, which):
    if not rows:
        return
    late = rows[which % len(rows)]
    if late["status"] in follow_up.ENDED or late["measure"].startswith("w"):
        return  # what has ended stays so, and a first report on a part is the split
    before, after = (
        told(some).set_index(["date", "measure"])["status"] for some in ([row for row in rows if row != late], rows)
    )
    changed = before.index[before != after]
    earlier = [row for row in rows if row["measure"] == late["measure"] and row["status"] in follow_up.ENDED]
    assert {date for date, _ in changed} <= {late["date"]} or earlier
    assert {measure for _, measure in changed} <= {late["measure"]}


@few
@given(reports)
def test_more_reports_never_leave_more_unreported(rows):
    if not rows:
        return
    fewer, more = (
        (told(some)["status"] == follow_up.NOT_REPORTED).sum() for some in (rows[:-1], rows)
    )  # fmt: skip
    ends_nothing = rows[-1]["measure"] in ("m1", "m2", "m3")
    open_ended = not any(row["status"] in follow_up.ENDED for row in rows)
    assert more <= fewer or not (ends_nothing and open_ended)


def test_what_is_counted():
    assert follow_up.wholes(MEASURES).nunique() == COUNTED
    assert follow_up.wholes(MEASURES)["w-2"] == "w"
    with pytest.raises(KeyError):
        follow_up.wholes(MEASURES.assign(state="option"))["m1"]
