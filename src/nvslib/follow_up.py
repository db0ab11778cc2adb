"""How the measures were followed: one status for every measure at every reporting date, whatever was sent.

What is counted is a measure of the strategy. A measure that was split is followed through its parts, and a department
that was renamed is one department. Silence is a status too: nothing that should have been reported drops out, so the
measures at each date always add up to the strategy. Constants stand, with their reasons, in ``follow_up.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
import yaml

NOT_DUE, NOT_REPORTED = "not-due", "not-reported"
STATUSES = (NOT_DUE, "planned", "started", "on-schedule", "delayed", "done", "stopped", NOT_REPORTED)
ENDED = ("done", "stopped")
FUNNEL = ("adopted", "due", "told", "started", "done")
SEPARATOR = "; "

_AT_DATE = ["report", "parts"]  # told of at the date itself
_LAST_DAY = "9999-12-31"  # of the calendar that dates are written in
_COLUMNS: dict[str, type] = {
    "date": str, "measure": str, "department": str, "status": str, "told": str, "reported_by": str, "others": int,
    "previous": str, "change": str, "expected": str, "forecast": str, "delay": float, "spent": float,
    "planned_spending": float, "milestone": str, "milestone_due": str, "moved": int, "remark": str,
}  # fmt: skip


@cache
def constants() -> dict[str, Any]:
    """Return the content of ``follow_up.yaml``: each constant with its value, basis and reason."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("follow_up.yaml").read_text("utf-8"))
    return loaded


def wholes(measures: pd.DataFrame) -> pd.Series[str]:
    """Return for each adopted measure the one under which it counts: itself, or the whole of which it is a part.

    A part of a part counts under the whole at the top. A part of which the whole is not adopted counts nowhere.

    Parameters
    ----------
    measures
        Columns measure, state, part_of.

    Returns
    -------
    Series
        Measure -> counted measure, in the order of the table.
    """
    above = measures[measures["state"] == "adopted"].set_index("measure")["part_of"]
    top = _ends(above.where(above != "", above.index.to_series()))
    return top[top.isin(above.index[above == ""])]


def statuses(
    measures: pd.DataFrame, progress: pd.DataFrame, departments: pd.DataFrame, dates: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return how every measure stood at every reporting date, whatever was sent.

    A measure stands as told in the report of the date; else it is ``not-due`` if its start is after the date; else it
    stays done or stopped if its last report said so; else it is ``not-reported``. If several departments reported on
    one measure and date, that of the lead counts, else the first by name.

    A split measure stands as its parts together, from the first report on a part; its own reports no longer count. It
    is stopped if all parts are, done if all are done or stopped, delayed if one is, else planned, started or on
    schedule as the part that is least far (one not due counts as planned). A part that was not reported is left out and
    makes it ``incomplete``; where all that was told has ended it is then ``started``, for what is not known may go on.
    Its spending and planned spending are those of the parts, its expected date and forecast the latest of theirs, its
    milestone the nearest.

    A late report changes the rows of its own date, and of later ones only what looks back: previous, change, forecast,
    moved, the delay of what is done, remark, and what was told earlier.

    Parameters
    ----------
    measures
        Columns measure, department, state, start, due, cost_per_year, part_of.
    progress
        Columns measure, department, date, status, expected, spent, milestone, milestone_due, reported.
    departments
        Columns department, continues. If several continue the same department, it keeps its own name.
    dates
        The reporting dates; without them, those of the reports. Reports on other dates only tell what was earlier.

    Returns
    -------
    DataFrame
        One row for each reporting date and counted measure; dates are texts, '' where there is none:

        - department: who leads it, by its present name.
        - status: one of `STATUSES`; told: report, parts, earlier or none.
        - reported_by: who sent the report that counts, by the name of then; of parts all of them. others: how many
          more reports there were on this measure and date.
        - previous: the status at the reporting date before. change: first (the first date), silent (not reported, and
          before it was or need not be), again (the reverse), backward or forward (to another stage than was last told),
          else same.
        - expected: as told, '' once it is done or stopped. forecast: when it is done if the expected date goes on
          moving as it did from the first to the last report that has one: with r days moved for each day that passed,
          ``date + (expected - date) / (1 - r)`` for that last report; '' if r is 1 or more (no end). It is the
          expected date if that never moved, moved closer or has passed. Own formula.
        - delay: days from due to expected; to the date itself if nothing is expected and due has passed; for what is
          done, to the first date at which it was told so, which is the most it can be; at least 0, NaN if not known.
        - spent: as told in euros. planned_spending: the yearly cost times the years from start to the date, or to due.
        - milestone, milestone_due: as told. moved: how many times a milestone was put off in the reports so far.
        - remark: codes joined by ``;``: backward, incomplete, late (the report came in long after the date),
          moved-twice, never (should have begun, and was never reported on), no-end, overdue, renamed (sent under an old
          name), split.
    """
    asked = sorted(set(progress["date"] if dates is None else dates))
    rows = _rolled_up(_one_by_one(measures, progress, departments, {*asked, *progress["date"]}))

    over, past = rows["status"].isin(ENDED), rows["date"] > rows["due"]
    begins = rows["status"] != rows.groupby("measure")["status"].shift()
    since = rows["date"].where(begins).groupby(rows["measure"]).ffill()
    until = np.select(
        [rows["status"] == "done", over, rows["expected"] != "", past], [since, "", rows["expected"], rows["date"]], ""
    )
    rows["delay"] = (_days(pd.Series(until, rows.index)) - _days(rows["due"])).clip(lower=0)
    rows["no_end"] = np.isinf(rows["forecast"])
    rows["forecast"] = _dates(rows["forecast"].where(~rows["no_end"]))

    rows = rows.assign(overdue=past & ~over).loc[rows["date"].isin(asked)]
    by = rows.groupby("measure")
    rows["previous"] = by["status"].shift(fill_value="")
    stage = rows["status"].map(constants()["stages"]["value"])
    before = stage.groupby(rows["measure"]).ffill().groupby(rows["measure"]).shift().fillna(0)
    silent, was_silent = (rows[column] == NOT_REPORTED for column in ("status", "previous"))
    rows["backward"] = stage < before
    rows["change"] = np.select(
        [rows["previous"] == "", silent & ~was_silent, was_silent & ~silent, rows["backward"], stage > before],
        ["first", "silent", "again", "backward", "forward"],
        "same",
    )
    rows["moved-twice"] = rows["moved"] >= constants()["often_moved"]["value"]
    flags = rows.rename(columns={"no_end": "no-end"})[
        ["backward", "incomplete", "late", "moved-twice", "never", "no-end", "overdue", "renamed", "split"]
    ]
    rows["remark"] = [";".join(compress(flags.columns, row)) for row in flags.to_numpy(dtype=bool)]
    return rows.sort_values(["date", "measure"], ignore_index=True)[list(_COLUMNS)].astype(_COLUMNS)


def own_statuses(
    measures: pd.DataFrame, progress: pd.DataFrame, departments: pd.DataFrame, dates: Iterable[str]
) -> pd.DataFrame:
    """Return what the status of each measure comes from: its own reports, or once it was split those of its parts.

    Input: as of `statuses`. Columns date, measure (that counts), part (the measure itself, or its part), told_on (the
    reporting date of the report in force, '' if none is) and reported_by (who sent it), status, expected, spent and
    planned_spending by the part's own reports.
    """
    rows = _one_by_one(measures, progress, departments, {*dates, *progress["date"]})
    rows = rows[rows["date"].isin(list(dates)) & ((rows["measure"] != rows["whole"]) == _is_split(rows))]
    table = rows.rename(columns={"measure": "part", "whole": "measure"})[
        ["date", "measure", "part", "told_on", "reported_by", "status", "expected", "spent", "planned_spending"]
    ]
    return table.sort_values(["date", "measure", "part"], ignore_index=True)


def latest(statuses: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return the rows of the last reporting date on or before a date; as `statuses` returns."""
    past = statuses[statuses["date"] <= date]
    return past[past["date"].eq(past["date"].max())]


def totals(statuses: pd.DataFrame) -> pd.DataFrame:
    """Return how many measures have each status, by reporting date and department.

    Input: as `statuses` returns. Columns date, department, status, measures; every combination is there, so that the
    measures at a date add up to those of the strategy.
    """
    key = ["date", "department", "status"]
    every = pd.MultiIndex.from_product([*(sorted(set(statuses[name])) for name in key[:2]), STATUSES], names=key)
    return statuses.groupby(key).size().reindex(every, fill_value=0).rename("measures").reset_index()


def funnel(statuses: pd.DataFrame) -> pd.DataFrame:
    """Return how many measures came how far at each reporting date; every stage is a part of the one before.

    Stages: adopted; due (should have begun, or was told of before that); told (at this date, or done or stopped
    earlier); started (told to be started, on schedule, delayed or done; what was stopped is not); done.

    Input: as `statuses` returns. Columns date, stage, measures.
    """
    status = statuses["status"]
    started = status.isin(["started", "on-schedule", "delayed", "done"])
    reached = [status.notna(), status != NOT_DUE, statuses["told"] != "none", started, status == "done"]
    counted = pd.concat(reached, axis=1, keys=FUNNEL).groupby(statuses["date"]).sum().astype(int)
    table = counted.melt(var_name="stage", value_name="measures", ignore_index=False)
    return table.sort_index(kind="stable").reset_index()


def departments(statuses: pd.DataFrame) -> pd.DataFrame:
    """Return how each department stood at each reporting date.

    Parameters
    ----------
    statuses
        As `statuses` returns.

    Returns
    -------
    DataFrame
        Columns date, department; numbers of measures, of those due (should have begun, or told of before that),
        reported (at this date), delayed, overdue, done, stopped and not_reported; delay (mean days of the delayed; NaN
        if there are none); spent and planned_spending (euros, over the measures of which both are known; NaN if there
        are none); silent (yes if it reported on nothing at this date and should have).
    """
    status = statuses["status"]
    both = statuses["spent"].notna() & statuses["planned_spending"].notna()
    key = ["date", "department"]
    rows = statuses[key].assign(
        measures=1,
        due=status != NOT_DUE,
        reported=statuses["told"].isin(_AT_DATE),
        delayed=status == "delayed",
        overdue=statuses["remark"].str.contains("overdue"),
        done=status == "done",
        stopped=status == "stopped",
        not_reported=status == NOT_REPORTED,
    )
    counts = list(rows.columns.drop(key))
    counted = rows.groupby(key)[counts].sum().astype(int)
    counted["delay"] = statuses["delay"].where(status == "delayed").groupby([statuses[name] for name in key]).mean()
    money = statuses[["spent", "planned_spending"]].where(both).groupby([statuses[name] for name in key])
    counted[["spent", "planned_spending"]] = money.sum(min_count=1)
    counted["silent"] = np.where((counted["reported"] == 0) & (counted["not_reported"] > 0), "yes", "no")
    return counted.reset_index()


def promises(statuses: pd.DataFrame, measures: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return who owes what at a date: milestones and measures that should have been there and are not told to be.

    Reports tell the next milestone, so that another one, or the end of the measure, closes the one before. Of a
    measure that was stopped nothing is owed.

    Parameters
    ----------
    statuses
        As `statuses` returns; rows after the date are left out.
    measures
        Columns measure, due.
    date
        As 2021-12-31; need not be a reporting date.

    Returns
    -------
    DataFrame
        Columns measure, department, promise (the milestone, or ``measure`` for the measure itself), due, days (since
        then). Longest open first.
    """
    past = statuses[statuses["date"] <= date].sort_values("date", kind="stable")
    over = past["status"].isin(ENDED)
    milestones = past[over | (past["milestone"] != "")].drop_duplicates("measure", keep="last")
    now = latest(past, date).merge(measures[["measure", "due"]], on="measure").assign(promise="measure")
    owed = pd.concat([milestones.rename(columns={"milestone": "promise", "milestone_due": "due"}), now])
    owed = owed[~owed["status"].isin(ENDED) & (owed["due"] != "") & (owed["due"] < date)]
    days = (_days(pd.Series(date, owed.index, dtype=str)) - _days(owed["due"])).astype(int)
    table = owed.assign(days=days).sort_values(["days", "measure", "promise"], ascending=[False, True, True])
    return table.reset_index(drop=True)[["measure", "department", "promise", "due", "days"]]


def continued(previous_statuses: pd.DataFrame, previous_measures: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Return what became of every measure of the previous cycle.

    Parameters
    ----------
    previous_statuses
        Of the previous cycle, as `statuses` returns.
    previous_measures
        Of the previous cycle: columns measure, department, state, part_of.
    measures
        Of this cycle: columns measure, state, continues. What is not adopted continues nothing.

    Returns
    -------
    DataFrame
        One row for each counted measure: measure, department, status and date (the last reporting date, '' if there
        was none), continues_in (measures that continue it or a part of it), outcome: done or stopped, whether or not
        it is continued; else goes-on (continued), unknown (not reported) or ended-open (neither).
    """
    top = wholes(previous_measures)
    adopted = measures[measures["state"] == "adopted"]
    links = adopted.assign(previous=adopted["continues"].str.split(";")).explode("previous")
    links = links.assign(previous=links["previous"].str.strip().map(top)).drop_duplicates(["previous", "measure"])
    follows = links.sort_values("measure").groupby("previous")["measure"].agg(SEPARATOR.join)
    counted = previous_measures[previous_measures["measure"].isin(top)].set_index("measure")["department"].sort_index()
    last = latest(previous_statuses, _LAST_DAY).set_index("measure").reindex(counted.index)
    table = pd.DataFrame(
        {
            "department": last["department"].fillna(counted),
            "status": last["status"].fillna(NOT_REPORTED),
            "date": last["date"].fillna(""),
            "continues_in": follows.reindex(counted.index).fillna(""),
        }
    )
    ended, status = table["status"].isin(ENDED), table["status"]
    table["outcome"] = np.select(
        [ended, table["continues_in"] != "", status == NOT_REPORTED], [status, "goes-on", "unknown"], "ended-open"
    )
    return table.rename_axis("measure").reset_index()


def _ends(step: pd.Series[str]) -> pd.Series[str]:
    """Return where each chain of references ends; what ends a chain refers to itself."""
    for _ in range(len(step).bit_length()):
        step = step.map(step)  # twice as far each time
    return step


def _present_names(departments: pd.DataFrame) -> dict[str, str]:
    """Return for every department what it is called now."""
    heirs = departments[departments["continues"] != ""].drop_duplicates("continues", keep=False)
    names = departments.set_index("department").index.to_series()
    ends = _ends(names.replace(dict(zip(heirs["continues"], heirs["department"], strict=True))))
    return dict(zip(names, ends, strict=True))


def _reports(progress: pd.DataFrame, adopted: pd.DataFrame, present: dict[str, str]) -> pd.DataFrame:
    """Return the one report that counts for each measure and date, with what the reports up to it tell together."""
    rows = progress[progress["measure"].isin(adopted["measure"])].merge(
        adopted[["measure", "whole", "department"]].rename(columns={"department": "lead"}), on="measure"
    )
    now = rows["department"].replace(present)
    rows = rows.assign(other=now != rows["lead"], renamed=now != rows["department"])
    rows = rows.sort_values(["measure", "date", "other", "renamed", "department"], ignore_index=True)
    rows["others"] = rows.groupby(["measure", "date"])["measure"].transform("size") - 1
    rows = rows.drop_duplicates(["measure", "date"])
    # From the first report on a part, those on the whole itself do not count.
    part = rows["measure"] != rows["whole"]
    split = rows["date"].where(part).groupby(rows["whole"]).transform("min").fillna(_LAST_DAY)
    rows = rows[part | (rows["date"] < split)]

    day, expected = _days(rows["date"]), _days(rows["expected"].where(~rows["status"].isin(ENDED), ""))
    passed, moved = (
        column - column.where(expected.notna()).groupby(rows["measure"]).transform("first")
        for column in (day, expected)
    )
    pace = moved / passed  # 0 / 0 at the first report: no pace
    left = expected - day
    with np.errstate(divide="ignore"):
        stretched = day + left / (1 - pace)
    forecast = expected.where(~((pace > 0) & (left > 0)), stretched)
    last_day = _days(pd.Series([_LAST_DAY])).iloc[0]
    no_end = expected.notna() & ((pace >= 1) | (forecast > last_day))
    earlier = rows.groupby(["measure", "milestone"])["milestone_due"].shift(fill_value=_LAST_DAY)
    put_off = (rows["milestone"] != "") & (earlier != "") & (rows["milestone_due"] > earlier)
    return rows.rename(columns={"department": "reported_by"}).assign(
        forecast=forecast.mask(no_end, np.inf),
        moved=put_off.groupby(rows["measure"]).cumsum(),
        late=(_days(rows["reported"]) - day) > constants()["late_days"]["value"],
    )[["measure", "date", "status", "reported_by", "others", "expected", "forecast", "spent", "milestone",
       "milestone_due", "moved", "late", "renamed"]]  # fmt: skip


def _one_by_one(
    measures: pd.DataFrame, progress: pd.DataFrame, departments: pd.DataFrame, dates: set[str]
) -> pd.DataFrame:
    """Return how every adopted measure, whole or part, stood by its own reports; one row for each date and measure."""
    adopted = measures[measures["state"] == "adopted"]
    top, present = wholes(adopted), _present_names(departments)
    adopted = adopted.assign(
        whole=adopted["measure"].map(top), department=adopted["department"].replace(present)
    ).dropna(subset="whole")
    reports = _reports(progress, adopted, present)
    columns = ["measure", "whole", "department", "start", "due", "cost_per_year"]
    rows = pd.DataFrame({"date": pd.Series(sorted(dates), dtype=str)}).merge(adopted[columns], how="cross")
    rows = rows.merge(reports, how="left", on=["measure", "date"]).sort_values(["measure", "date"], ignore_index=True)
    by = rows.groupby("measure")
    # The report in force is the last one so far.
    in_force = rows.index.to_series().where(rows["status"].notna()).groupby(rows["measure"]).ffill()
    last = rows[["date", "status", "reported_by", "spent"]].reindex(in_force).set_axis(rows.index)
    cases = {
        "report": rows["status"].notna(),
        "none": rows["start"] > rows["date"],
        "earlier": last["status"].isin(ENDED),
    }
    rows["told"] = np.select(list(cases.values()), list(cases), "none")
    status = np.select(list(cases.values()), [last["status"], NOT_DUE, last["status"]], NOT_REPORTED)
    untold, over = rows["told"] == "none", np.isin(status, ENDED)
    years = _days(rows["date"].where(rows["date"] < rows["due"], rows["due"])) - _days(rows["start"])
    return rows.assign(
        status=status,
        told_on=last["date"].mask(untold, ""),
        reported_by=last["reported_by"].mask(untold, ""),
        others=rows["others"].fillna(0),
        expected=rows["expected"].fillna("").mask(over, ""),
        forecast=by["forecast"].ffill().mask(over),
        spent=last["spent"].mask(untold),
        planned_spending=rows["cost_per_year"] * years.clip(lower=0) / constants()["days_per_year"]["value"],
        milestone=rows["milestone"].fillna(""),
        milestone_due=rows["milestone_due"].fillna(""),
        moved=by["moved"].ffill().fillna(0),
        late=rows["late"].fillna(False).astype(bool),
        renamed=rows["renamed"].fillna(False).astype(bool),
        reported=last["status"].notna(),
        never=last["status"].isna() & (rows["start"] <= rows["date"]),
        incomplete=False,
        split=False,
    )


def _rolled_up(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each date and counted measure: its own, or from the first report on a part the parts'."""
    part, key = rows["measure"] != rows["whole"], ["date", "whole"]
    split = _is_split(rows)
    own = rows[~part & ~split]
    if not split.any():
        return own
    parts = rows[part & split]
    # Of a part that is not due and of which nothing was told, nothing is spent.
    parts = parts.assign(
        spent=parts["spent"].mask(parts["status"] == NOT_DUE, 0), incomplete=parts["status"] == NOT_REPORTED
    )
    cells = parts.groupby(key)
    together = cells.agg(
        {"status": _together, "told": _together_told, "reported_by": _together_by, "others": "sum", "moved": "sum",
         "expected": "max", "forecast": "max", "late": "any", "renamed": "any", "incomplete": "any"}
    )  # fmt: skip
    together = together.join(cells[["spent", "planned_spending"]].sum(skipna=False))
    told = parts[parts["milestone"] != ""]
    nearest = told.assign(by=told["milestone_due"].replace("", _LAST_DAY)).sort_values(["by", "measure"])
    nearest = nearest.drop_duplicates(key).set_index(key)[["milestone", "milestone_due"]]
    together = together.join(nearest).fillna({"milestone": "", "milestone_due": ""})
    whole = rows[~part & split].set_index(key)
    together = whole[["measure", "department", "due"]].join(together).assign(split=True, never=False)
    together["moved"] += whole["moved"]
    table = pd.concat([own, together.reset_index()], join="inner")
    return table.sort_values(["measure", "date"], ignore_index=True)


def _is_split(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return for each date and measure whether its whole stands by its parts: from the first report on one of them."""
    told = rows["reported"] & (rows["measure"] != rows["whole"])
    split: pd.Series[bool] = told.groupby([rows["date"], rows["whole"]]).transform("any")
    return split


def _together(parts: pd.Series[str]) -> str:
    """Return the status of a whole from those of its parts."""
    found = set(parts)
    told = found - {NOT_DUE, NOT_REPORTED}
    if not told:
        return NOT_REPORTED if NOT_REPORTED in found else NOT_DUE
    if found <= set(ENDED):
        return "done" if "done" in found else "stopped"
    if "delayed" in found:
        return "delayed"
    going = told | {"planned"} if NOT_DUE in found else told
    return next((status for status in ("planned", "started", "on-schedule") if status in going), "started")


def _together_told(parts: pd.Series[str]) -> str:
    """Return how a whole was told of: through its parts at the date, or earlier, or not."""
    return "parts" if (parts == "report").any() else min(parts)


def _together_by(parts: pd.Series[str]) -> str:
    """Return the departments that sent the reports on the parts."""
    return SEPARATOR.join(sorted(set(parts) - {""}))


def _days(dates: pd.Series[str]) -> pd.Series[float]:
    """Return dates as days since the start of 1970; NaN for ''."""
    return (dates.astype("M8[s]") - pd.Timestamp("1970-01-01")).dt.days.astype(float)


def _dates(days: pd.Series[float]) -> pd.Series[str]:
    """Return days since the start of 1970 as dates; '' for NaN."""
    return (pd.Timestamp("1970-01-01") + pd.to_timedelta(days.round(), unit="D")).dt.strftime("%Y-%m-%d").fillna("")
