"""Charts of the evaluation of effectiveness: series with and without the measure, effects, evidence, what is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nvslib import attribution, words
from nvslib.attribution import NONE
from nvslib.charts import (
    ACCENT,
    BAND,
    GREY,
    INK,
    MARGIN,
    ROW,
    SHADE,
    Chart,
    captioned,
    house_style,
    illustrative_note,
    name_rows,
    shortened,
    titles,
)
from nvslib.effectiveness import PER_CENT

WIDTH = 10.4  # inches
SMALLEST = 20  # per cent that the axis reaches at least
LARGEST = 150  # per cent; what lies further is drawn at the rim, with its number
MARKS = {0: "x", 1: "o", 2: "s", 3: "D"}  # of the grades
FACES = {  # of the verdicts
    "thanks-to-measure": ACCENT, "plausible": SHADE, "changed": BAND, "worsened": GREY, "no-effect-found": "white",
    "opposite": INK, "cannot-tell": "white", "no-data": "white",
}  # fmt: skip


def series_chart(
    indicators: pd.DataFrame, counterfactuals: pd.DataFrame, effects: pd.DataFrame, name: str, language: str
) -> Chart:
    """Draw one indicator as it was observed, with what was to be expected without the measure and its interval.

    Parameters
    ----------
    indicators
        Columns indicator, title_nl, title_en, unit_nl, unit_en, target, effect_from, basis.
    counterfactuals
        Columns indicator, period, value, counterfactual, low, high, comparison, as `attribution.series` returns.
    effects
        Columns indicator, design, scale, effect, low, high, as `attribution.effects` returns.
    name
        The indicator.
    """
    from matplotlib.figure import Figure

    indicator: Any = indicators.set_index("indicator").loc[name]
    effect: Any = effects.set_index("indicator").loc[name]
    rows = counterfactuals[counterfactuals["indicator"] == name].sort_values("period")
    days = pd.to_datetime(rows["period"])
    with house_style():
        height = 4.2
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.08, 0.14, 0.9, 0.62))
        axes.set_facecolor(BAND)
        styles: dict[str, dict[str, Any]] = {
            "comparison": {"color": MARGIN, "lw": 1.2, "ls": ":"},
            "counterfactual": {"color": INK, "lw": 1.6, "ls": (0, (4, 2))},
            "value": {"color": ACCENT, "lw": 1.2, "marker": "o", "ms": 3},
        }
        told = rows["counterfactual"].notna().to_numpy()
        if told.any():
            axes.fill_between(
                days[told], rows["low"][told], rows["high"][told], color=SHADE, alpha=0.45, lw=0,
                label=words.say(language, "figures.series-chart.interval"),
            )  # fmt: skip
        for column, style in styles.items():
            if rows[column].notna().any():
                axes.plot(days, rows[column], label=words.say(language, f"figures.series-chart.{column}"), **style)
        axes.axhline(
            indicator["target"], color=GREY, lw=1, ls="-.", label=words.say(language, "figures.series-chart.target")
        )
        begin: Any = pd.Timestamp(indicator["effect_from"])
        axes.axvline(begin, color=GREY, lw=1)
        top = axes.get_ylim()[1]
        axes.text(begin, top, f" {words.say(language, 'figures.series-chart.begin')}", va="top", fontsize=9, color=GREY)
        axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
        axes.yaxis.set_major_formatter(lambda value, _: words.number(value, language))
        axes.set_ylabel(indicator[f"unit_{language}"])
        figure.legend(*axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.07, 0.93), ncols=5,
                      frameon=False, fontsize=9)  # fmt: skip
        note = illustrative_note(figure, indicators, language, height)
    title = str(indicator[f"title_{language}"])
    ending = "none" if effect["design"] == NONE else "found"
    alt = words.say(
        language, f"figures.series-chart.alt-{ending}", title=title, periods=len(rows),
        design=words.say(language, f"designs.{effect['design']}"), effect=_told(effect["effect"], language),
        low=_told(effect["low"], language), high=_told(effect["high"], language),
        unit="%" if effect["scale"] == PER_CENT else indicator[f"unit_{language}"],
    )  # fmt: skip
    caption = words.say(
        language, "figures.series-chart.caption", title=title, design=words.say(language, f"designs.{effect['design']}")
    )
    return Chart(figure, caption=captioned(caption, note), alt=alt, data=rows.reset_index(drop=True))


def effects_chart(indicators: pd.DataFrame, effects: pd.DataFrame, evidence: pd.DataFrame, language: str) -> Chart:
    """Draw every effect in per cent with its interval, the strongest evidence first, and what the goal asked.

    Parameters
    ----------
    indicators
        Columns indicator, title_nl, title_en, direction, basis.
    effects, evidence
        As `attribution.effects` and `effectiveness.evidence` return.
    """
    from matplotlib.figure import Figure

    rows = effects.merge(evidence[["indicator", "asked", "grade", "verdict"]], on="indicator")
    rows = rows[(rows["scale"] == PER_CENT) & (rows["design"] != NONE)]
    rows = rows.sort_values(["grade", "effect", "indicator"], ascending=[False, True, True], ignore_index=True)
    at = np.arange(len(rows))
    widest = np.abs(rows[["low", "high", "asked"]].to_numpy(dtype=float)).max(initial=SMALLEST)
    rim = min(LARGEST, 1.05 * float(widest))
    with house_style():
        height = 0.34 * len(rows) + 1.9
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.33, 0.75 / height, 0.44, (height - 1.55) / height))
        axes.set_facecolor(BAND)
        axes.axvline(0, color=INK, lw=1)
        axes.hlines(at, rows["low"].clip(-rim, rim), rows["high"].clip(-rim, rim), color=MARGIN, lw=2.4, zorder=2)
        axes.scatter(
            rows["asked"].clip(-rim, rim), at, marker="|", s=150, color=INK, zorder=3,
            label=words.say(language, "figures.effects-chart.asked"),
        )  # fmt: skip
        for grade in sorted(set(rows["grade"]), reverse=True):
            of = rows["grade"] == grade
            axes.scatter(
                rows["effect"][of].clip(-rim, rim), at[of], marker=MARKS[grade], s=46, zorder=4, edgecolors=INK,
                linewidths=1, c=[FACES[verdict] for verdict in rows["verdict"][of]], clip_on=False,
                label=str(attribution.constants()["ladder"][grade][language]),
            )  # fmt: skip
        for row in at[(rows["effect"].abs() > rim).to_numpy()]:
            effect = float(rows["effect"][row])
            side = "right" if effect > 0 else "left"
            axes.text(np.sign(effect) * rim * 0.9, row, _told(effect, language), ha=side, va="center", fontsize=9)
        for row, verdict in enumerate(rows["verdict"]):
            axes.text(rim * 1.04, row, words.say(language, f"verdicts.{verdict}"), va="center", fontsize=8.5)
        name_rows(axes, [_titles(indicators, language)[name] for name in rows["indicator"]])
        axes.set(xlim=(-rim, rim), ylim=(len(rows) - 0.4, -0.6))
        axes.xaxis.set_major_formatter(lambda value, _: _told(value, language))
        axes.set_xlabel(words.say(language, "figures.effects-chart.axis"))
        figure.legend(*axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.01, 1 - 0.32 / height),
                      ncols=4, frameon=False, fontsize=8.5, columnspacing=1.2, handletextpad=0.3)  # fmt: skip
        note = illustrative_note(figure, indicators, language, height)
    counts = rows["verdict"].value_counts()
    told = [f"{words.say(language, f'verdicts.{name}')} {int(counts[name])}" for name in FACES if name in counts]
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.effects-chart.caption"), note),
        alt=words.say(
            language, "figures.effects-chart.alt", effects=len(rows), counts=words.listing(told, language),
            others=words.counted(len(effects) - len(rows), language, "figures.effects-chart.others"),
        ).strip(),
        data=rows[["indicator", "measure", "design", "effect", "low", "high", "asked", "grade", "verdict"]],
    )  # fmt: skip


def evidence_map(measures: pd.DataFrame, overview: pd.DataFrame, language: str) -> Chart:
    """Draw how far up the ladder of evidence each measure with an indicator gets, and what may be said of it.

    Parameters
    ----------
    measures
        Columns measure, title_nl, title_en, basis.
    overview
        As `effectiveness.overview` returns.
    """
    from matplotlib.figure import Figure

    rows = overview[overview["indicator"] == "yes"]
    rows = rows.sort_values(["grade", "measure"], ascending=[False, True], ignore_index=True)
    named = dict(zip(measures["measure"], measures["measure"] + "  " + measures[f"title_{language}"], strict=True))
    ladder = attribution.constants()["ladder"]
    with house_style():
        height = 0.34 * len(rows) + 2.0
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.33, 0.35 / height, 0.4, (height - 1.85) / height))
        for row, (grade, verdict) in enumerate(zip(rows["grade"], rows["verdict"], strict=True)):
            axes.hlines(row, -0.3, 5.3, color=BAND, lw=9, zorder=1)
            axes.hlines(row, -0.3, grade, color=SHADE, lw=9, zorder=2)
            axes.scatter(grade, row, marker=MARKS[grade], s=60, c=FACES[verdict], edgecolors=INK, zorder=3)
            word = words.say(language, f"effect-words.{rows['word'][row]}")
            axes.text(5.5, row, str(word), va="center", fontsize=8.5)
        name_rows(axes, [named[name] for name in rows["measure"]])
        axes.set(xlim=(-0.4, 5.4), ylim=(len(rows) - 0.4, -0.6))
        axes.xaxis.tick_top()
        axes.set_xticks(range(6), [shortened(ladder[grade][language], 44) for grade in range(6)], fontsize=8,
                        rotation=20, ha="left")  # fmt: skip
        note = illustrative_note(figure, measures, language, height)
    without = int((overview["indicator"] == "no").sum())
    counts = rows["grade"].value_counts()
    told = [f"{ladder[grade][language]} {int(counts[grade])}" for grade in sorted(counts.index, reverse=True)]
    more = words.counted(without, language, "figures.evidence-map.more")
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.evidence-map.caption", more=more).strip(), note),
        alt=words.say(
            language, "figures.evidence-map.alt", measures=len(rows), counts=words.listing(told, language), more=more
        ).strip(),
        data=rows[["measure", "grade", "verdict", "word"]],
    )  # fmt: skip


def agenda_chart(measures: pd.DataFrame, agenda: pd.DataFrame, language: str) -> Chart:
    """Draw what the measures need so that the next evaluation can answer, with how many and at what yearly cost.

    Parameters
    ----------
    measures
        Column basis.
    agenda
        Columns action, measures, cost_per_year, as `effectiveness.agenda` returns.
    """
    from matplotlib.figure import Figure

    order = list(attribution.constants()["agenda"])
    rows = agenda.sort_values("action", key=lambda names: names.map(order.index), ignore_index=True)
    named = [words.say(language, f"agenda.{name}") for name in rows["action"]]
    with house_style():
        height = 0.42 * len(rows) + 1.3
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.42, 0.6 / height, 0.5, (height - 1.0) / height))
        answered = rows["action"] == "answered"
        axes.barh(range(len(rows)), rows["measures"], height=0.66, edgecolor=INK, linewidth=0.6,
                  color=[ACCENT if known else SHADE for known in answered])  # fmt: skip
        for row, (count, cost) in enumerate(zip(rows["measures"], rows["cost_per_year"], strict=True)):
            money = words.number(cost / 1e6, language, 0)
            axes.text(count, row, f"  {count}  ({words.say(language, 'figures.agenda-chart.money', money=money)})",
                      va="center", fontsize=9)  # fmt: skip
        name_rows(axes, named)
        axes.set(xlim=(0, max(1, rows["measures"].max()) * 1.3), ylim=(len(rows) - 0.4, -0.6))
        axes.set_xlabel(words.say(language, "figures.agenda-chart.axis"))
        note = illustrative_note(figure, measures, language, height)
    total = int(rows["measures"].sum())
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.agenda-chart.caption"), note),
        alt=words.say(
            language, "figures.agenda-chart.alt", measures=total, answered=int(rows["measures"][answered].sum()),
            most=named[int(rows["measures"].argmax())], count=int(rows["measures"].max()),
        ),
        data=rows,
    )  # fmt: skip


def residual_chart(scenarios: pd.DataFrame, residual: pd.DataFrame, language: str) -> Chart:
    """Draw what is left of the risk of each scenario: with what was expected of measures, and with what was shown.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    residual
        As `effectiveness.residual` returns.
    """
    from matplotlib.figure import Figure

    named = titles(scenarios, language)
    rows = residual.sort_values(["loss", "scenario"], ascending=[False, True], ignore_index=True)
    at = np.arange(len(rows))
    shown = rows["shown"] > 0
    with house_style():
        height = 1.25 * ROW * len(rows) + 1.6
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.36, 0.75 / height, 0.62, (height - 1.3) / height))
        axes.set(facecolor=BAND, xscale="log")
        axes.hlines(at, rows["loss_expected"], rows["loss"], color=MARGIN, lw=1)
        axes.hlines(
            at[shown], rows["loss_shown_low"][shown], rows["loss_shown_high"][shown], color=SHADE, lw=5, zorder=2
        )
        marks = {
            "loss": ("o", "white", at, rows["loss"]),
            "loss_expected": ("<", "white", at, rows["loss_expected"]),
            "loss_shown": ("D", ACCENT, at[shown], rows["loss_shown"][shown]),
        }
        for column, (marker, face, row, value) in marks.items():
            axes.scatter(value, row, marker=marker, s=32, facecolors=face, edgecolors=INK, linewidths=1, zorder=3,
                         label=words.say(language, f"figures.residual-chart.{column}"))  # fmt: skip
        name_rows(axes, [named[name] for name in rows["scenario"]])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.xaxis.set_major_formatter(lambda value, _: words.number(value, language))
        axes.minorticks_off()
        axes.set_xlabel(words.say(language, "figures.residual-chart.axis"))
        figure.legend(*axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.35, 1.0), ncols=3,
                      frameon=False)  # fmt: skip
        note = illustrative_note(figure, scenarios, language, height)
    total = {name: words.number(100 * rows[name].sum() / rows["loss"].sum(), language, 0)
             for name in ("loss_expected", "loss_shown")}  # fmt: skip
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.residual-chart.caption"), note),
        alt=words.say(language, "figures.residual-chart.alt", scenarios=len(rows), shown=int(shown.sum()), **total),
        data=rows,
    )


def _titles(indicators: pd.DataFrame, language: str) -> dict[str, str]:
    return dict(zip(indicators["indicator"], indicators[f"title_{language}"], strict=True))


def _told(value: float, language: str) -> str:
    """Return a change with its sign; nothing for what is not known."""
    return "" if np.isnan(value) else words.signed(value, language, 0)
