"""Charts of the weighing: what sets off what, which capabilities fall short, and what a choice of measures leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib import scales, weighing, words
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
    shades,
    shortened,
    titles,
    wrapped,
)
from nvslib.impact import DECIMALS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

WIDTH = 10.4  # inches
NEIGHBOURS = 10  # causes and effects of a scenario that are drawn
LISTED = 20  # scenarios in the charts of differing views and of likelihood with causes
EDGE = 0.95  # inches from the middle of a scenario's box to its side
MEASURES = 40  # in the chart of the choice
MILLION = 1_000_000
LEAST, WHOLE = 0.1, 10  # per cent: the least that is told, and from where without a decimal


def cascade_chart(scenarios: pd.DataFrame, reach: pd.DataFrame, scenario: str, language: str) -> Chart:
    """Draw what can set off a scenario to the left of it, and what it can set off to the right.

    A solid line is a direct link, a dashed one leads over other scenarios only; the thicker, the more probable.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    reach
        Columns cause, effect, low, mean, high, direct, as `cascades.reach` returns; the ten most probable are drawn on
        either side.
    scenario
        The one in the middle.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    named = titles(scenarios, language)
    ranked = reach.sort_values(["mean", "cause", "effect"], ascending=[False, True, True])
    sides: dict[str, Any] = {}
    for side, own, other in (("causes", "effect", "cause"), ("effects", "cause", "effect")):
        of_side = ranked[ranked[own] == scenario]
        sides[side] = of_side.assign(side=side, scenario=of_side[other])
    with house_style():
        rows = max(3, *(min(len(side), NEIGHBOURS + 1) for side in sides.values()))
        height = 0.42 * rows + 1.5
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-WIDTH / 2, WIDTH / 2), ylim=(height, 0))
        axes.set_axis_off()
        middle = 0.95 + 0.42 * rows / 2
        axes.text(0, middle, wrapped(named[scenario], 24), ha="center", va="center", weight="bold", zorder=4)
        half = max(0.45, *(0.08 * min(len(side), NEIGHBOURS) for side in sides.values()))
        box = Rectangle((-EDGE, middle - half), 2 * EDGE, 2 * half, facecolor=BAND, edgecolor=INK, zorder=2)
        axes.add_patch(box)
        for direction, side in zip((-1, 1), sides, strict=True):
            _neighbours(axes, sides[side], direction, (middle, half), named, language)
        for kind, style in {"direct": "-", "indirect": (0, (2, 1.5))}.items():
            axes.plot([], [], color=GREY, lw=2, ls=style, label=words.say(language, f"figures.cascade-chart.{kind}"))
        axes.legend(loc="lower center", ncols=2, frameon=False, fontsize=9)
        note = illustrative_note(figure, scenarios, language, height)
    told = [
        words.counted(
            len(side), language, f"figures.cascade-chart.{name}-told",
            **{"most": named[side["scenario"].iloc[0]], "probability": _per_cent(side["mean"].iloc[0], language)}
            if len(side) else {"most": "", "probability": ""},
        )
        for name, side in sides.items()
    ]  # fmt: skip
    drawn = pd.concat([side.head(NEIGHBOURS) for side in sides.values()], ignore_index=True)
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.cascade-chart.caption", title=named[scenario]), note),
        alt=" ".join([f"{named[scenario]}.", *told]),
        data=drawn[["side", "scenario", "low", "mean", "high", "direct"]],
    )


def _neighbours(
    axes: Axes, side: pd.DataFrame, direction: int, box: tuple[float, float], named: dict[str, str], language: str
) -> None:
    """Draw one side of a scenario, the causes to the left (direction -1) or the effects to the right (1), in inches.

    Of its box the middle and half the height are given.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    edge, end, told, title = (direction * x for x in (EDGE, 2.0, 2.35, 2.7))
    middle, half = box
    name = "causes" if direction < 0 else "effects"
    align = "right" if direction < 0 else "left"
    axes.text(title, 0.6, words.say(language, f"figures.cascade-chart.{name}"), ha=align, va="center", weight="bold")
    rows: Any = side.head(NEIGHBOURS)
    places = middle + 0.42 * (np.arange(len(rows)) - (len(rows) - 1) / 2)
    arrivals = middle + (half - 0.08) * np.linspace(-1, 1, len(rows)) if len(rows) > 1 else [middle] * len(rows)
    for y, at, row in zip(places, arrivals, _records(rows), strict=True):
        bend = (edge + end) / 2
        curve = Curve([(edge, at), (bend, at), (bend, y), (end, y)], [1, 4, 4, 4])
        style = (0, (2, 1.5)) if pd.isna(row.direct) else "-"
        axes.add_patch(PathPatch(curve, facecolor="none", edgecolor=GREY, lw=0.8 + 5 * row.mean, ls=style))
        arrival = (edge, at) if direction < 0 else (end, y)
        axes.scatter(*arrival, marker=">", s=26, color=INK, zorder=4)
        axes.text(told, y + 0.01, _per_cent(row.mean, language), ha="center", va="bottom", weight="bold", fontsize=9)
        margin = " – ".join(_per_cent(share, language) for share in (row.low, row.high))
        axes.text(told, y + 0.03, margin, ha="center", va="top", fontsize=7, color=GREY)
        axes.text(title, y, wrapped(named[row.scenario], 36), ha=align, va="center", fontsize=9)
    rest = len(side) - len(rows)
    if rest or rows.empty:
        key = "figures.cascade-chart.rest" if rest else "figures.cascade-chart.none"
        y = places[-1] + 0.42 if rest else middle
        axes.text(title, y, words.say(language, key, count=rest), ha=align, va="center", fontsize=9, color=GREY)


def network_chart(scenarios: pd.DataFrame, reach: pd.DataFrame, language: str) -> Chart:
    """Draw the whole network: causes in rows, effects in columns, the darker the more probable, a dot a direct link.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis, in the order in which they are drawn; those that take no part in
        the network are left out.
    reach
        Columns cause, effect, mean, direct, as `cascades.reach` returns.
    """
    from matplotlib.figure import Figure

    named = titles(scenarios, language)
    taking_part = {*reach["cause"], *reach["effect"]}
    order = [name for name in scenarios["scenario"] if name in taking_part]
    means, direct = (
        reach.pivot(index="cause", columns="effect", values=value).reindex(index=order, columns=order)
        for value in ("mean", "direct")
    )
    with house_style():
        from matplotlib.colors import PowerNorm

        height = ROW * len(order) + 1.5
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.36, 0.75 / height, 0.62, (height - 1.4) / height))
        # Most probabilities are small; the root of them is shaded, so that small ones can be seen.
        most = float(reach["mean"].max())
        norm = PowerNorm(0.5, 0, most)
        image = axes.imshow(means.to_numpy(), cmap=shades(), norm=norm, aspect="auto")
        for between in np.arange(0.5, len(order) - 1):
            axes.axhline(between, color=BAND, lw=0.6)
            axes.axvline(between, color=BAND, lw=0.6)
        axes.axline((0, 0), (1, 1), color=MARGIN, lw=0.8)
        row, column = np.nonzero(direct.notna().to_numpy())
        axes.scatter(column, row, s=10, color=INK, zorder=3)
        name_rows(axes, [f"{number} {named[name]}" for number, name in enumerate(order, start=1)])
        axes.set_xticks(range(len(order)), [str(number + 1) for number in range(len(order))], fontsize=8)
        axes.xaxis.tick_top()
        axes.set_ylabel(words.say(language, "figures.network-chart.cause"), fontsize=9)
        figure.text(0.98, 1 - 0.3 / height, words.say(language, "figures.network-chart.effect"), ha="right", fontsize=9)
        figure.text(0.36, 0.3 / height, words.say(language, "figures.network-chart.key"), fontsize=9, va="center")
        axes.plot(0.35, 0.3 / height, ".", color=INK, transform=figure.transFigure, clip_on=False)
        scale = figure.add_axes((0.74, 0.38 / height, 0.24, 0.12 / height))
        marked = [share for share in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75) if share <= most]
        figure.colorbar(image, cax=scale, orientation="horizontal", ticks=marked)
        scale.tick_params(labelsize=8, length=2)
        _in_per_cent(scale.xaxis, language)
        note = illustrative_note(figure, scenarios, language, height)
    top = reach.sort_values(["mean", "cause", "effect"], ascending=[False, True, True]).iloc[0]
    return Chart(
        figure,
        caption=_caption(language, "network-chart", note),
        alt=words.say(
            language, "figures.network-chart.alt", scenarios=len(order), links=int(direct.notna().to_numpy().sum()),
            pairs=len(reach), cause=named[top["cause"]], effect=named[top["effect"]],
            probability=_per_cent(top["mean"], language),
        ),
        data=means.rename_axis("cause").reset_index(),
    )  # fmt: skip


def gap_map(scenarios: pd.DataFrame, capabilities: pd.DataFrame, capability_gaps: pd.DataFrame, language: str) -> Chart:
    """Draw how far each capability falls short in each scenario, with a frame where there is a gap even at best.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis, in the order in which they are drawn; those that need no capability
        are left out.
    capabilities
        Columns capability, title_nl, title_en, basis, in the order in which they are drawn; likewise.
    capability_gaps
        Columns scenario, capability, low, best, as `capabilities.capability_gaps` returns.
    """
    from matplotlib.figure import Figure

    rows = scenarios[scenarios["scenario"].isin(capability_gaps["scenario"])]
    columns = capabilities[capabilities["capability"].isin(capability_gaps["capability"])]
    best, low = (
        capability_gaps.pivot(index="scenario", columns="capability", values=value)
        .loc[list(rows["scenario"]), list(columns["capability"])]
        for value in ("best", "low")
    )  # fmt: skip
    sure = (low > 0).to_numpy()
    with house_style():
        height = ROW * len(rows) + 2.5
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.34, 0.45 / height, 0.55, (height - 2.35) / height))
        axes.imshow(best.to_numpy(), cmap=shades(), vmin=0, aspect="auto")
        for row, column in np.argwhere(best.notna().to_numpy()):
            number = words.number(best.iloc[row, column], language, 1)
            weight = "bold" if sure[row, column] else "normal"
            axes.text(column, row, number, ha="center", va="center", fontsize=8, weight=weight)
        row, column = np.nonzero(sure)
        axes.bar(column, 0.84, 0.94, row - 0.42, facecolor="none", edgecolor=INK, linewidth=0.9)
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        for between in np.arange(0.5, len(rows) - 1):
            axes.axhline(between, color=BAND, lw=0.6, zorder=0)
        name_rows(axes, rows[f"title_{language}"])
        names = [shortened(name, 40) for name in columns[f"title_{language}"]]
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(columns)), names, fontsize=8.5, rotation=48, ha="left", rotation_mode="anchor")
        figure.text(0.34, 0.14 / height, words.say(language, "figures.gap-map.key"), fontsize=9)
        note = _note(figure, (scenarios, capabilities), language, height)
    needed: Any = capability_gaps["best"]
    largest: Any = capability_gaps.loc[needed.idxmax()]
    return Chart(
        figure,
        caption=_caption(language, "gap-map", note),
        alt=words.say(
            language, "figures.gap-map.alt", scenarios=len(rows), capabilities=len(columns), needs=len(needed),
            gaps=int((needed > 0).sum()), sure=int(sure.sum()), level=words.number(largest["best"], language, 1),
            scenario=titles(scenarios, language)[largest["scenario"]],
            capability=capabilities.set_index("capability")[f"title_{language}"][largest["capability"]],
        ),
        data=best.reset_index(),
    )  # fmt: skip


def served_chart(scenarios: pd.DataFrame, capabilities: pd.DataFrame, served: pd.DataFrame, language: str) -> Chart:
    """Draw the gap in each capability, weighed by risk, the largest first, with whose it is and in how many scenarios.

    Parameters
    ----------
    scenarios
        Column basis: where the risks come from.
    capabilities
        Columns capability, title_nl, title_en, owner, basis.
    served
        Columns capability, scenarios, weighted, share, cumulative, rank, as `capabilities.served` returns.
    """
    from matplotlib.figure import Figure

    of = capabilities.set_index("capability")
    rows = served.sort_values("rank", ignore_index=True)[["capability", "scenarios", "weighted", "share", "cumulative"]]
    rows = rows.assign(title=rows["capability"].map(of[f"title_{language}"]), owner=rows["capability"].map(of["owner"]))
    half = weighing.constants()["close_gap_share"]["value"]
    few = int(((rows["cumulative"] - rows["share"]).round(DECIMALS) < half).sum())
    with house_style():
        height = 0.3 * len(rows) + 1.5
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.33, 0.65 / height, 0.33, (height - 1.4) / height))
        at = range(len(rows))
        axes.barh(at, rows["weighted"], height=0.62, color=SHADE, edgecolor=INK, linewidth=0.8)
        for y, weighted in zip(at, rows["weighted"], strict=True):
            number = words.number(weighted, language, 2)
            axes.annotate(number, (weighted, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5)
        axes.set(xlim=(0, 1.12 * rows["weighted"].max()), ylim=(len(rows) - 0.5, -0.5))
        axes.set_xlabel(words.say(language, "figures.served-chart.axis"))
        name_rows(axes, rows["title"])
        axes.xaxis.set_major_formatter(lambda value, _: words.number(value, language))
        across = axes.get_yaxis_transform()  # x as a share of the width of the axes
        for name, x, align in (("owner", 1.04, "left"), ("scenarios", 1.56, "center"), ("cumulative", 1.95, "right")):
            head = words.say(language, f"figures.served-chart.{name}")
            axes.text(x, -0.75, head, transform=across, ha=align, va="bottom", fontsize=8.5, color=GREY)
        axes.scatter(
            [1.56] * len(rows), at, s=190, facecolors=BAND, edgecolors=GREY, linewidths=0.8, transform=across,
            clip_on=False,
        )  # fmt: skip
        for y, row in zip(at, _records(rows), strict=True):
            axes.text(1.04, y, shortened(row.owner, 24), transform=across, va="center", fontsize=8.5)
            axes.text(1.56, y, str(row.scenarios), transform=across, ha="center", va="center_baseline", fontsize=8.5)
            share = _per_cent(row.cumulative, language)
            axes.text(1.95, y, share, transform=across, ha="right", va="center", fontsize=8.5)
        axes.plot([-0.95, 1.95], [few - 0.5] * 2, transform=across, clip_on=False, color=INK, lw=1, ls=(0, (4, 2)))
        note = _note(figure, (scenarios, capabilities), language, height)
    first: Any = rows.iloc[0]
    return Chart(
        figure,
        caption=_caption(language, "served-chart", note, share=_per_cent(half, language)),
        alt=words.say(
            language, "figures.served-chart.alt", capabilities=len(rows), first=first["title"], owner=first["owner"],
            scenarios=first["scenarios"], weighted=words.number(first["weighted"], language, 2), few=few,
            share=_per_cent(rows["cumulative"].iloc[few - 1], language),
        ),
        data=rows,
    )  # fmt: skip


def portfolio_chart(measures: pd.DataFrame, portfolio: pd.DataFrame, language: str) -> Chart:
    """Draw in which share of the draws each measure is chosen, and which ways of choosing take it at best.

    Measures that no draw and no choice takes are left out. Of more than forty those in the choice come first, then
    those with the largest share; the others are counted.

    Parameters
    ----------
    measures
        Columns measure, department, title_nl, title_en, basis.
    portfolio
        Columns measure, chosen, silo, cost, stance, share, as `portfolio.portfolio` returns.
    """
    from matplotlib.figure import Figure

    taken = portfolio[(portfolio["stance"] != "never") | (portfolio["chosen"] == "yes")]
    rows = taken.merge(measures[["measure", "department", f"title_{language}"]], on="measure")
    rows = rows.sort_values(["chosen", "share", "measure"], ascending=[False, False, True]).head(MEASURES)
    rows = rows.sort_values(["share", "chosen", "measure"], ascending=[False, False, True], ignore_index=True)
    chosen, silo = ((rows[column] == "yes").to_numpy() for column in ("chosen", "silo"))
    rest = len(taken) - len(rows)
    with house_style():
        height = ROW * len(rows) + 1.65
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.4, 0.75 / height, 0.5, (height - 1.35) / height))
        at, share = np.arange(len(rows)), rows["share"].to_numpy()
        axes.set_facecolor(BAND)
        axes.hlines(at, 0, share, color=MARGIN, lw=3)
        axes.scatter(share[silo], at[silo], marker="s", s=72, facecolors="none", edgecolors=INK, linewidths=1, zorder=3,
                     label=words.say(language, "figures.portfolio-chart.silo"))  # fmt: skip
        for kind, of, face in (("chosen", chosen, ACCENT), ("open", ~chosen, "white")):
            label = words.say(language, f"figures.portfolio-chart.{kind}")
            axes.scatter(share[of], at[of], s=24, facecolors=face, edgecolors=INK, linewidths=1, zorder=4, label=label)
        axes.set(xlim=(-0.02, 1.02), ylim=(len(rows) - 0.5, -0.5))
        axes.set_xlabel(words.say(language, "figures.portfolio-chart.axis"))
        axes.set_xticks(np.linspace(0, 1, 6))
        _in_per_cent(axes.xaxis, language)
        name_rows(axes, rows["department"] + "  " + rows["measure"] + "  " + rows[f"title_{language}"])
        across = axes.get_yaxis_transform()
        head = words.say(language, "figures.portfolio-chart.cost")
        axes.text(1.14, -0.75, head, transform=across, ha="right", va="bottom", fontsize=8.5, color=GREY)
        for y, cost in enumerate(rows["cost"]):
            text = words.number(cost / MILLION, language, 1)
            axes.text(1.14, y, text, transform=across, ha="right", va="center", fontsize=8.5)
        figure.legend(loc="upper left", bbox_to_anchor=(0.39, 1.0), ncols=3, frameon=False)
        more = words.counted(rest, language, "figures.portfolio-chart.more")
        figure.text(0.01, 0.2 / height, more, fontsize=9)
        note = illustrative_note(figure, measures, language, height)
    return Chart(
        figure,
        caption=_caption(language, "portfolio-chart", note),
        alt=words.say(
            language, "figures.portfolio-chart.alt", measures=len(rows), chosen=int(chosen.sum()),
            always=int((rows["stance"] == "always").sum()), both=int((chosen & silo).sum()),
            silo=int((silo & ~chosen).sum()), more=more,
        ).strip(),
        data=rows[["measure", "department", "chosen", "silo", "cost", "stance", "share"]],
    )  # fmt: skip


def frontier_chart(scenarios: pd.DataFrame, frontier: pd.DataFrame, ways: pd.DataFrame, language: str) -> Chart:
    """Draw how much of the expected loss is left at each budget with the best choice, and where three ways end up.

    Parameters
    ----------
    scenarios
        Column basis.
    frontier
        Columns budget, loss, low, high, as `portfolio.frontier` returns.
    ways
        Columns way (nothing, silos, integral), budget, loss, low, high, as `portfolio.ways` returns.
    """
    from matplotlib.figure import Figure

    ends: Any = ways.set_index("way")
    without = ends.loc["nothing", "loss"]
    bounds = ["loss", "low", "high"]
    line: Any = frontier[["budget", *bounds]].sort_values("budget")
    line[bounds] /= without
    ends[bounds] /= without
    with house_style():
        height = 5.4
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.08, 0.13, 0.89, 0.77))
        x = line["budget"] / MILLION
        axes.fill_between(x, line["low"], line["high"], step="post", color=BAND, edgecolor=MARGIN, linewidth=0.6,
                          label=words.say(language, "figures.frontier-chart.band"))  # fmt: skip
        axes.step(
            x, line["loss"], where="post", color=INK, lw=1.6, label=words.say(language, "figures.frontier-chart.line")
        )
        budget = ends.loc["integral", "budget"] / MILLION
        axes.axvline(budget, color=GREY, lw=0.8, ls=(0, (4, 2)))
        marks = {
            "nothing": ("s", "white", 0, 1),
            "silos": ("D", "white", budget, 1),
            "integral": ("o", ACCENT, budget, -1),
        }
        for way, (marker, face, at, upward) in marks.items():
            left = ends.loc[way]
            axes.scatter(
                at, left["loss"], marker=marker, s=60, facecolors=face, edgecolors=INK, linewidths=1.2, zorder=4,
                clip_on=False,
            )  # fmt: skip
            label = words.say(
                language, f"figures.frontier-chart.{way}", left=_per_cent(left["loss"], language),
                low=_per_cent(left["low"], language), high=_per_cent(left["high"], language),
            )  # fmt: skip
            axes.annotate(
                label, (at, left["loss"]), (8, 6 * upward), textcoords="offset points",
                va="bottom" if upward > 0 else "top", fontsize=9.5, zorder=5,
            )  # fmt: skip
        axes.set(xlim=(0, x.max()), ylim=(0, None))
        axes.set_xlabel(words.say(language, "figures.frontier-chart.budget"))
        axes.set_ylabel(words.say(language, "figures.frontier-chart.left"))
        axes.xaxis.set_major_formatter(lambda value, _: words.number(value, language))
        _in_per_cent(axes.yaxis, language)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper right", frameon=False)
        note = illustrative_note(figure, scenarios, language, height)
    return Chart(
        figure,
        caption=_caption(language, "frontier-chart", note),
        alt=words.say(
            language, "figures.frontier-chart.alt",
            budget=words.number(budget, language), most=words.number(x.max(), language),
            least=_per_cent(line["loss"].iloc[-1], language),
            **{way: _per_cent(ends.loc[way, "loss"], language) for way in ("silos", "integral")},
        ),
        data=line,
    )  # fmt: skip


def views_chart(scenarios: pd.DataFrame, views: pd.DataFrame, differing: pd.DataFrame, language: str) -> Chart:
    """Draw at which rank each department puts the scenarios on which they differ most, beside the rank of the cycle.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    views
        Columns department, scenario, rank, as `weighing.views` returns.
    differing
        Columns scenario, rank, highest, lowest, places, as `weighing.differing` returns; the twenty furthest
        apart are drawn.
    """
    from matplotlib.figure import Figure

    named = titles(scenarios, language)
    furthest = differing.sort_values(["places", "scenario"], ascending=[False, True])
    rows: Any = furthest.head(LISTED)
    last = int(max(views["rank"].max(), differing["rank"].max()))
    with house_style():
        height = 0.42 * len(rows) + 1.4
        wide = 0.63
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.355, 0.7 / height, wide, (height - 1.15) / height))
        axes.set(xlim=(0.2, last + 0.8), ylim=(len(rows) - 0.3, -0.4), facecolor=BAND)
        inch = (last + 0.6) / (wide * WIDTH)  # in ranks
        for y, row in enumerate(_records(rows)):
            seen = views[views["scenario"] == row.scenario].sort_values(["rank", "department"])
            axes.hlines(y, row.highest, row.lowest, color=MARGIN, lw=1.4)
            axes.scatter(seen["rank"], [y] * len(seen), marker="|", s=60, color=INK, linewidths=1.3, zorder=3)
            for at, rank, code in zip(_apart(seen, inch, last), seen["rank"], seen["department"], strict=True):
                axes.plot([rank, at], [y + 0.1, y + 0.27], color=GREY, lw=0.6)
                axes.text(at, y + 0.28, code, ha="center", va="top", fontsize=7)
        axes.scatter(rows["rank"], range(len(rows)), marker="D", s=34, color=ACCENT, edgecolors=INK, linewidths=0.9,
                     zorder=4, label=words.say(language, "figures.views-chart.integral"))  # fmt: skip
        axes.scatter(
            [], [], marker="|", s=60, color=INK, linewidths=1.3, label=words.say(language, "figures.views-chart.one")
        )
        name_rows(axes, [named[name] for name in rows["scenario"]])
        axes.set_xticks([1, *range(5, last + 1, 5)])
        axes.set_xlabel(words.say(language, "figures.views-chart.axis"))
        figure.legend(loc="upper left", bbox_to_anchor=(0.345, 1.0), ncols=2, frameon=False)
        note = illustrative_note(figure, scenarios, language, height)
    first: Any = rows.iloc[0]
    ranks = views.pivot(index="scenario", columns="department", values="rank").loc[rows["scenario"]]
    return Chart(
        figure,
        caption=_caption(language, "views-chart", note),
        alt=words.say(
            language, "figures.views-chart.alt",
            scenarios=len(rows), departments=len(ranks.columns), title=named[first["scenario"]],
            **{name: first[name] for name in ("rank", "highest", "highest_by", "lowest", "lowest_by")},
        ),
        data=rows[["scenario", "rank"]].merge(ranks.reset_index(), on="scenario"),
    )  # fmt: skip


def _apart(seen: pd.DataFrame, inch: float, last: int) -> NDArray[np.float64]:
    """Return where to write codes, each as near as can be to its rank and none over another; an inch is so many ranks.

    Moving them as little as can be is isotonic regression of the ranks less the room that the codes before take.
    """
    from scipy.optimize import isotonic_regression

    widths = (seen["department"].str.len().to_numpy() * 0.062 + 0.05) * inch
    before = np.concatenate([[0], np.cumsum((widths[1:] + widths[:-1]) / 2)])
    found = isotonic_regression(seen["rank"].to_numpy() - before).x
    return np.asarray(np.clip(found, 0.3 + widths[0] / 2, last + 0.7 - widths[-1] / 2 - before[-1]) + before)


def causes_chart(scenarios: pd.DataFrame, with_causes: pd.DataFrame, causes: pd.DataFrame, language: str) -> Chart:
    """Draw the likelihood of scenarios as judged and with what other scenarios set off, those that grow most first.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    with_causes
        Columns scenario, bound, own, percent, as `cascades.with_causes` returns; the twenty that grow most are drawn.
    causes
        Columns scenario, cause, adds, as `cascades.causes` returns.
    """
    from matplotlib.figure import Figure

    named = titles(scenarios, language)
    wide: Any = with_causes.pivot(index="scenario", columns="bound", values=["own", "percent"])
    wide.columns = [f"{kind}_{bound}" for kind, bound in wide.columns]
    rows: Any = wide.assign(times=(wide["percent_best"] / wide["own_best"]).round(DECIMALS)).reset_index()
    rows = rows.sort_values(["times", "scenario"], ascending=[False, True], ignore_index=True).head(LISTED)
    most = causes.sort_values(["adds", "cause"], ascending=[False, True]).drop_duplicates("scenario")
    rows = rows.merge(most, on="scenario", how="left")
    with house_style():
        height = 0.34 * len(rows) + 1.5
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.34, 0.7 / height, 0.3, (height - 1.4) / height))
        axes.set(xscale="log", ylim=(len(rows) - 0.5, -0.5), facecolor=BAND)
        at: Any = np.arange(len(rows))
        for kind, marker, face, shift in (("own", "o", "white", -0.17), ("percent", "D", ACCENT, 0.17)):
            low, best, high = (rows[f"{kind}_{bound}"] for bound in scales.BOUNDS)
            axes.hlines(at + shift, low, high, color=MARGIN, lw=1.6)
            axes.scatter(best, at + shift, marker=marker, s=24, facecolors=face, edgecolors=INK, linewidths=1, zorder=3,
                         label=words.say(language, f"figures.causes-chart.{kind}"))  # fmt: skip
        name_rows(axes, [named[name] for name in rows["scenario"]])
        axes.tick_params(which="minor", length=0)
        axes.xaxis.set_major_formatter(lambda percent, _: words.number(percent, language) + "%")
        axes.set_xlabel(words.say(language, "figures.causes-chart.axis"))
        across = axes.get_yaxis_transform()
        for name, x, align in (("times", 1.13, "right"), ("most", 1.17, "left")):
            head = words.say(language, f"figures.causes-chart.{name}")
            axes.text(x, -0.75, head, transform=across, ha=align, va="bottom", fontsize=8.5, color=GREY)
        for y, row in zip(at, _records(rows), strict=True):
            times = f"×{words.number(row.times, language, 1)}"
            axes.text(1.13, y, times, transform=across, ha="right", va="center", fontsize=8.5, weight="bold")
            if pd.notna(row.adds):
                cause = shortened(named[row.cause], 40)
                axes.text(1.17, y, cause, transform=across, va="center", fontsize=8.5)
        figure.legend(loc="upper left", bbox_to_anchor=(0.33, 1.0), ncols=2, frameon=False)
        note = illustrative_note(figure, scenarios, language, height)
    first: Any = rows.iloc[0]
    return Chart(
        figure,
        caption=_caption(language, "causes-chart", note),
        alt=words.say(
            language, "figures.causes-chart.alt", scenarios=len(rows), title=named[first["scenario"]],
            **{name: _per_cent(first[f"{name}_best"] / 100, language) for name in ("own", "percent")},
            times=words.number(first["times"], language, 1),
        ),
        data=rows,
    )  # fmt: skip


def _caption(language: str, chart: str, note: str, **fields: object) -> str:
    return captioned(words.say(language, f"figures.{chart}.caption", **fields), note)


def _note(figure: Figure, tables: tuple[pd.DataFrame, ...], language: str, height: float) -> str:
    """Say at the top of a figure that its data are made up where a row of any of the tables says so."""
    return illustrative_note(figure, pd.concat([table[["basis"]] for table in tables]), language, height)


def _per_cent(share: float, language: str) -> str:
    """Return a share in per cent, with a decimal where it is small; never 0 of what is above 0."""
    percent = 100 * share
    if 0 < percent < LEAST / 2:
        return f"<{words.number(LEAST, language)}%"
    return f"{words.number(percent, language, 0 if round(percent, 1) >= WHOLE or percent == 0 else 1)}%"


def _records(rows: pd.DataFrame) -> Any:
    """Return the rows as named tuples."""
    return rows.itertuples()


def _in_per_cent(axis: Axis, language: str) -> None:
    """Write the numbers along an axis, which are shares, in per cent."""
    axis.set_major_formatter(lambda share, _: _per_cent(share, language))
