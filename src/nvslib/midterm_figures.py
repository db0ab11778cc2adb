"""Charts of the mid-term review: how the measures were followed, and picture and follow-up together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nvslib import midterm, words
from nvslib.charts import (
    ACCENT,
    BAND,
    GREY,
    INK,
    MARGIN,
    SHADE,
    Chart,
    captioned,
    house_style,
    illustrative_note,
    name_rows,
    shades,
    wrapped,
)
from nvslib.follow_up import STATUSES
from nvslib.review_figures import shift_chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 10.4  # inches
LISTED = 30  # delays that are drawn
DAYS_PER_YEAR = 365.25
MARGIN_YEARS = 2  # behind the last expected date; a forecast beyond is told as a number
ROOM = 0.018  # share of the longest bar that a number needs
# From done over under way to what went wrong: a shade and a hatch each, so that they can be told apart in grey too.
LOOKS = {
    "done": (ACCENT, ""),
    "on-schedule": (SHADE, ""),
    "started": ("#b7d0e4", ""),
    "planned": (BAND, ""),
    "not-due": ("white", ""),
    "delayed": ("#f2c879", "////"),
    "stopped": (MARGIN, "xxxx"),
    "not-reported": ("white", "...."),
}


def moved_chart(scenarios: pd.DataFrame, shifts: pd.DataFrame, language: str) -> Chart:
    """Draw where each scenario stood and stands, with a filled head where the shift is real.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    shifts
        Columns scenario, criterion, state, before, now, shift, verdict, as `shifts.shifts` returns.
    """
    rows = shifts[shifts["criterion"].isin(["likelihood", "impact"]) & (shifts["state"] == "both")]
    higher = {"higher": 1.0, "lower": 0.0}
    wide = rows.assign(higher=rows["verdict"].map(higher).fillna(0.5)).pivot(
        index="scenario", columns="criterion", values=["before", "now", "shift", "higher"]
    )
    comparison = wide.set_axis(["_".join(reversed(pair)) for pair in wide.columns.to_list()], axis=1).reset_index()
    return shift_chart(scenarios, comparison.assign(state="both"), language, "moved-chart")


def status_chart(measures: pd.DataFrame, counts: pd.DataFrame, language: str) -> Chart:
    """Draw how many measures stood at each status, a bar for each reporting date; every bar adds up to the strategy.

    Parameters
    ----------
    measures
        Column basis.
    counts
        Columns date, status, measures: every status at every date.
    """
    from matplotlib.figure import Figure

    wide = counts.pivot(index="date", columns="status", values="measures")[list(LOOKS)].sort_index()
    with house_style():
        height = 0.42 * len(wide) + 1.9
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.13, 0.95 / height, 0.85, (height - 1.5) / height))
        _stacked(axes, wide, language)
        name_rows(axes, [words.day(pd.Timestamp(str(date)).date(), language) for date in wide.index])
        axes.set_xlabel(words.say(language, "figures.status-chart.axis"))
        figure.legend(
            *axes.get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(0.11, 0), ncols=8, frameon=False,
            fontsize=8.5, columnspacing=1.1, handletextpad=0.5,
        )  # fmt: skip
        note = illustrative_note(figure, measures, language, height)
    last = wide.iloc[-1]
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.status-chart.caption"), note),
        alt=words.say(
            language, "figures.status-chart.alt", measures=int(last.sum()), dates=len(wide),
            date=words.day(pd.Timestamp(str(wide.index[-1])).date(), language), counts=_counted(last, language),
        ),
        data=wide.reset_index(),
    )  # fmt: skip


def department_chart(measures: pd.DataFrame, totals: pd.DataFrame, date: str, language: str) -> Chart:
    """Draw how many measures of each department stood at each status at one reporting date.

    Parameters
    ----------
    measures
        Column basis.
    totals
        Columns date, department, status, measures, as `follow_up.totals` returns.
    date
        The reporting date.
    """
    from matplotlib.figure import Figure

    wide = totals[totals["date"] == date].pivot(index="department", columns="status", values="measures")[list(LOOKS)]
    wide = wide.loc[sorted(wide.index, key=lambda name: (-wide.loc[name].sum(), name))]
    with house_style():
        height = 0.36 * len(wide) + 1.9
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.13, 0.95 / height, 0.85, (height - 1.5) / height))
        _stacked(axes, wide, language)
        name_rows(axes, list(wide.index))
        axes.set_xlabel(words.say(language, "figures.status-chart.axis"))
        figure.legend(
            *axes.get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(0.11, 0), ncols=8, frameon=False,
            fontsize=8.5, columnspacing=1.1, handletextpad=0.5,
        )  # fmt: skip
        note = illustrative_note(figure, measures, language, height)
    told = words.day(pd.Timestamp(date).date(), language)
    silent = wide.index[(wide["not-reported"] > 0) & (wide["not-reported"] >= wide.sum(axis=1) - wide["not-due"])]
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.department-chart.caption", date=told), note),
        alt=words.say(
            language, "figures.department-chart.alt", departments=len(wide), date=told,
            counts=_counted(wide.sum(), language),
            silent=words.listing(list(silent), language) if len(silent) else words.say(language, "figures.nobody"),
        ),
        data=wide.reset_index(),
    )  # fmt: skip


def delay_chart(measures: pd.DataFrame, now: pd.DataFrame, language: str) -> Chart:
    """Draw how far measures slip: from when they were due over when they are expected to what the pace forecasts.

    Parameters
    ----------
    measures
        Columns measure, title_nl, title_en, due, basis.
    now
        Columns measure, department, date, status, expected, forecast, delay, remark, as `follow_up.statuses` returns,
        of one reporting date.
    """
    from matplotlib.figure import Figure

    late = now[(now["delay"] > 0) & ~now["status"].isin(["done", "stopped"])]
    rows = late.merge(measures[["measure", "due", f"title_{language}"]], on="measure")
    rows = rows.sort_values(["delay", "measure"], ascending=[False, True], ignore_index=True)
    left = len(rows) - LISTED
    drawn: Any = rows.head(LISTED).copy()
    date = str(now["date"].iloc[0])
    for column in ("due", "expected", "forecast"):
        drawn[f"{column}_at"] = [_year(day) for day in drawn[column]]
    # Who is overdue and expects nothing is drawn up to the date itself.
    drawn["expected_at"] = drawn["expected_at"].fillna(_year(date))
    with house_style():
        height = 0.27 * len(drawn) + 1.7
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.4, 0.75 / height, 0.58, (height - 1.4) / height))
        axes.set_facecolor(BAND)
        at: Any = np.arange(len(drawn))
        axes.hlines(at, drawn["due_at"], drawn["expected_at"], color=MARGIN, lw=2.2, zorder=2)
        further = (drawn["forecast_at"] > drawn["expected_at"]).to_numpy()
        rim = np.ceil(drawn["expected_at"].max()) + MARGIN_YEARS if len(drawn) else _year(date) + 1
        beyond = (drawn["forecast_at"] > rim).to_numpy()
        for row in at[beyond]:
            year = f"{drawn['forecast_at'][row]:.0f} "
            axes.text(rim, row - 0.08, year, ha="right", va="bottom", fontsize=7.5, color=GREY)
        drawn["forecast_at"] = drawn["forecast_at"].clip(upper=rim)
        axes.hlines(
            at[further],
            drawn["expected_at"][further],
            drawn["forecast_at"][further],
            color=GREY,
            lw=1,
            ls=":",
            zorder=2,
        )
        marks = {
            "due": ("|", drawn["due_at"], INK, INK, at),
            "expected": ("D", drawn["expected_at"], ACCENT, INK, at),
            "forecast": (">", drawn["forecast_at"][further], "white", INK, at[further]),
        }
        for name, (marker, places, face, edge, rows_at) in marks.items():
            axes.scatter(
                places, rows_at, marker=marker, s=34, color=face if marker == "|" else None,
                facecolors=None if marker == "|" else face, edgecolors=None if marker == "|" else edge, linewidths=1.2,
                zorder=3, label=words.say(language, f"figures.delay-chart.{name}"),
            )  # fmt: skip
        axes.axvline(_year(date), color=GREY, lw=0.9, ls=(0, (4, 2)))
        names = drawn["department"] + "  " + drawn["measure"] + "  " + drawn[f"title_{language}"]
        name_rows(axes, list(names))
        axes.set(xlim=(np.floor(drawn["due_at"].min()) if len(drawn) else rim - 2, rim + 0.1))
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.xaxis.set_major_locator(_whole_years())
        axes.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}")
        axes.set_xlabel(words.say(language, "figures.delay-chart.axis"))
        figure.legend(
            *axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.39, 1.0), ncols=3, frameon=False
        )
        note = illustrative_note(figure, measures, language, height)
    more = words.counted(max(left, 0), language, "figures.delay-chart.more")
    first = rows.iloc[0] if len(rows) else None
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.delay-chart.caption", more=more).strip(), note),
        alt=words.say(
            language, "figures.delay-chart.alt", measures=len(rows),
            most="" if first is None else f"{first['measure']} ({first['department']})",
            days=0 if first is None else int(first["delay"]),
        ),
        data=drawn[["measure", "department", "due", "expected", "forecast", "delay"]],
    )  # fmt: skip


def together_chart(measures: pd.DataFrame, counts: pd.DataFrame, language: str) -> Chart:
    """Draw the decision table: how the risk moved against how the measure stands, with what is advised and how many.

    Parameters
    ----------
    measures
        Column basis.
    counts
        Columns picture, status, measures, as `midterm.summary` returns.
    """
    from matplotlib.figure import Figure

    rules = midterm.table()["rules"]
    pictures, statuses = (list(dict.fromkeys(rule.split("/")[side] for rule in rules)) for side in (0, 1))
    wide = counts.pivot(index="picture", columns="status", values="measures").loc[pictures, statuses]
    with house_style():
        height = 4.6
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.16, 0.05, 0.83, 0.75))
        axes.imshow(np.sqrt(wide.to_numpy(dtype=float)), cmap=shades(), aspect="auto")
        for (row, column), count in np.ndenumerate(wide.to_numpy()):
            told = words.say(language, f"advice.{rules[f'{pictures[row]}/{statuses[column]}']['advice']}")
            axes.text(column, row - 0.14, str(count), ha="center", va="center", fontsize=13, weight="bold",
                      color=INK if count else GREY)  # fmt: skip
            axes.text(column, row + 0.24, wrapped(told, 24), ha="center", va="center", fontsize=8.5, color=INK)
        axes.set_xticks(range(len(statuses)), [words.say(language, f"statuses.{name}") for name in statuses])
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(pictures)), [words.say(language, f"pictures.{name}") for name in pictures])
        axes.tick_params(length=0)
        axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
        for between in np.arange(0.5, len(pictures) - 1):
            axes.axhline(between, color="white", lw=2)
        for between in np.arange(0.5, len(statuses) - 1):
            axes.axvline(between, color="white", lw=2)
        axes.set_title(words.say(language, "figures.together-chart.measure"), fontsize=10, color=GREY, pad=10)
        figure.text(0.01, 0.86, words.say(language, "figures.together-chart.risk"), fontsize=10, color=GREY, va="top")
        note = illustrative_note(figure, measures, language, height)
    ranked = counts.sort_values(["measures", "picture", "status"], ascending=[False, True, True])
    most = ranked.iloc[0]
    urgent = sum(
        int(row["measures"])
        for row in counts.to_dict("records")
        if rules[f"{row['picture']}/{row['status']}"]["advice"] == "escalate"
    )
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.together-chart.caption"), note),
        alt=words.say(
            language, "figures.together-chart.alt", measures=int(counts["measures"].sum()), urgent=urgent,
            most=int(most["measures"]), picture=words.say(language, f"pictures.{most['picture']}"),
            status=words.say(language, f"statuses.{most['status']}"),
        ),
        data=wide.reset_index(),
    )  # fmt: skip


def _stacked(axes: Axes, wide: pd.DataFrame, language: str) -> None:
    """Draw a bar of statuses for each row, with the count in every part that has room for it."""
    begin = np.zeros(len(wide))
    total = float(wide.sum(axis=1).max())
    for status, (face, hatch) in LOOKS.items():
        counts = wide[status].to_numpy()
        axes.barh(
            range(len(wide)), counts, left=begin, height=0.7, color=face, edgecolor=INK, linewidth=0.6, hatch=hatch,
            label=words.say(language, f"statuses.{status}"),
        )  # fmt: skip
        for row, count in enumerate(counts):
            if count / total > ROOM:
                dark = status == "done"
                axes.text(
                    begin[row] + count / 2, row, str(count), ha="center", va="center", fontsize=8.5,
                    color="white" if dark else INK,
                    bbox=None if not hatch else {"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                )  # fmt: skip
        begin = begin + counts
    axes.set(xlim=(0, total), ylim=(len(wide) - 0.5, -0.5))


def _counted(counts: pd.Series[int], language: str) -> str:
    """Return counts by status as a list in words, without what is not there."""
    told = [f"{words.say(language, f'statuses.{name}')} {int(counts[name])}" for name in STATUSES if counts[name]]
    return words.listing(told, language)


def _year(day: str) -> float:
    """Return a day as a year with a fraction; missing where there is none."""
    if not day:
        return float("nan")
    moment = pd.Timestamp(day)
    return float(moment.year + (moment.day_of_year - 1) / DAYS_PER_YEAR)


def _whole_years() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True, nbins=8)
