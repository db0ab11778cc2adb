"""Every chart, in one style: the same bytes for the same data, readable in grey, in Dutch and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nvslib import scales, uncertainty, words
from nvslib.charts import (
    ACCENT,
    BAND,
    GREY,
    INK,
    MARGIN,
    Chart,
    captioned,
    house_style,
    illustrative,
    shades,
    shortened,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 12  # up to so many scenarios stand with their title in the diagram; more get a number and a key beside it


def risk_diagram(
    scenarios: pd.DataFrame,
    likelihood: pd.DataFrame,
    impact: pd.DataFrame,
    language: str,
    horizon: str = "five-years",
) -> Chart:
    """Draw likelihood (log10 classes) against impact (log3 classes), every scenario with its low-to-high bars.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, kind, basis.
    likelihood, impact
        Columns scenario, bound, position, label_nl, label_en; three rows for each scenario.
    language
        "nl" or "en".
    horizon
        Within what time the likelihood holds: five-years or ten-to-twenty-years.

    Returns
    -------
    Chart
        Its data has one row for each scenario: title, kind, and low, best and high position on both axes.
    """
    return _diagram(_places(scenarios, likelihood, impact, language), scenarios, language, horizon, "risk-diagram")


def sure_diagram(
    scenarios: pd.DataFrame,
    intervals: pd.DataFrame,
    density: pd.DataFrame,
    language: str,
    horizon: str = "five-years",
) -> Chart:
    """Draw where nine in ten draws of each scenario lie, over a shade of where the draws of all of them lie.

    Parameters
    ----------
    scenarios, language, horizon
        As `risk_diagram` takes; the scenarios are numbered in their order.
    intervals
        Columns scenario, and low, median and high of impact (share of the highest class) and likelihood (per cent).
    density
        Columns scenario, likelihood, impact, share, as `uncertainty.density` returns.

    Returns
    -------
    Chart
        Its data has one row for each scenario: title, kind, and the ends and median of its intervals on both axes.
    """
    sides = {
        "likelihood": (uncertainty.likelihood_position, lambda percent: f"{words.number(percent, language, 3)} %"),
        "impact": (
            scales.impact_position,
            lambda value: scales.impact_label(float(scales.impact_position(value)), language),
        ),
    }
    ends = dict(zip(scales.BOUNDS, ("low", "median", "high"), strict=True))
    of_side = {
        side: pd.concat([
            pd.DataFrame({
                "scenario": intervals["scenario"], "bound": bound, "position": position(intervals[f"{side}_{end}"]),
                f"label_{language}": intervals[f"{side}_{end}"].map(told),
            })
            for bound, end in ends.items()
        ])
        for side, (position, told) in sides.items()
    }  # fmt: skip
    places = _places(scenarios, of_side["likelihood"], of_side["impact"], language)
    # A scenario has the same number as in the risk diagram: that of its place in the given order.
    places = places.set_index("scenario").loc[scenarios["scenario"]].reset_index()
    places["number"] = range(1, len(places) + 1)
    shade = density[density["scenario"].isin(scenarios["scenario"])]
    return _diagram(places, scenarios, language, horizon, "sure-diagram", shade)


def _diagram(
    places: pd.DataFrame,
    scenarios: pd.DataFrame,
    language: str,
    horizon: str,
    name: str,
    density: pd.DataFrame | None = None,
) -> Chart:
    """Draw every scenario at its place with its bars, over a shade of the density where there is one."""
    from matplotlib.figure import Figure

    numbered = len(places) > NAMED
    bar = 0.8 if numbered else 1.3
    with house_style():
        figure = Figure(figsize=(10.4, 7.2) if numbered else (8.2, 6.4))
        axes = figure.add_axes((0.105, 0.115, 0.545, 0.82) if numbered else (0.14, 0.13, 0.83, 0.81))
        class_axes(axes, language, horizon)
        if density is not None:
            _shade(axes, density)
        axes.hlines(
            places["impact"], places["likelihood_low"], places["likelihood_high"], colors=MARGIN, lw=bar, zorder=2
        )
        axes.vlines(places["likelihood"], places["impact_low"], places["impact_high"], colors=MARGIN, lw=bar, zorder=2)
        marks = {"hazard": ("o", "white"), "threat": ("D", ACCENT)}
        for kind, (marker, fill) in marks.items():
            of_kind = places[places["kind"] == kind]
            axes.scatter(
                of_kind["likelihood"], of_kind["impact"], s=34 if numbered else 58, marker=marker,
                facecolors=fill, edgecolors=INK, linewidths=1.2, zorder=4, label=words.say(language, f"figures.{kind}"),
            )  # fmt: skip
        axes.plot([], [], color=MARGIN, lw=bar, label=words.say(language, f"figures.{name}.margin"))
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, frameon=False, columnspacing=1.6, handletextpad=0.5
        )
        labels = (
            [str(number) for number in places["number"]]
            if numbered
            else [wrapped(title, 26) for title in places["title"]]
        )
        _label(axes, places, labels)
        if numbered:
            _key(figure, places, language)
        note = illustrative(scenarios, language)
        axes.text(0.985, 0.985, note, transform=axes.transAxes, ha="right", va="top", weight="bold", zorder=6)
    counted = words.counted(len(places), language, "figures.risk-diagram.scenarios")
    caption = words.say(language, f"figures.{name}.caption.{horizon}")
    return Chart(
        figure,
        caption=captioned(caption, note),
        alt=words.say(language, f"figures.{name}.alt", scenarios=counted, places=_told(places, language, name)),
        data=places,
    )


def _shade(axes: Axes, density: pd.DataFrame) -> None:
    """Shade the diagram by how many draws lie there, of all scenarios together."""
    across, upright = axes.get_xlim(), axes.get_ylim()
    squares = [round((end - begin) / uncertainty.SQUARE) for begin, end in (upright, across)]
    counted, *_ = np.histogram2d(
        density["impact"], density["likelihood"], bins=squares, range=(upright, across), weights=density["share"]
    )
    axes.imshow(
        np.sqrt(counted), cmap=shades(), extent=(*across, *upright), origin="lower", aspect="auto",
        interpolation="bilinear", zorder=0.5,
    )  # fmt: skip


def _places(scenarios: pd.DataFrame, likelihood: pd.DataFrame, impact: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return where each scenario stands, highest impact first, with the words for it."""
    titles = scenarios.set_index("scenario")[[f"title_{language}", "kind"]].set_axis(["title", "kind"], axis=1)
    columns = {}
    for axis, table in (("likelihood", likelihood), ("impact", impact)):
        by_bound = table.pivot(index="scenario", columns="bound", values=["position", f"label_{language}"])
        for bound in scales.BOUNDS:
            suffix = "" if bound == "best" else f"_{bound}"
            columns[axis + suffix] = by_bound["position"][bound].astype(float)
            columns[f"{axis}_label{suffix}"] = by_bound[f"label_{language}"][bound]
    places = titles.join(pd.DataFrame(columns)).sort_values(["impact", "scenario"], ascending=[False, True])
    places.insert(0, "number", range(1, len(places) + 1))
    return places.reset_index()


def class_axes(axes: Axes, language: str, horizon: str) -> None:
    """Give both axes their classes: a name and lines."""
    constants = scales.constants()
    likelihood_names = {k: v[language] for k, v in constants["likelihood"]["classes"]["names"].items()}
    impact_names = {k: v[language] for k, v in constants["impact"]["classes"]["names"].items()}
    axes.set_facecolor(BAND)
    for axis, names, line in ((axes.xaxis, likelihood_names, axes.axvline), (axes.yaxis, impact_names, axes.axhline)):
        axis.set_ticks(range(1, len(names) + 1), [f"{letter}\n{_fold(name)}" for letter, name in names.items()])
        axis.set_tick_params(length=0, pad=6)
        # A likelihood class is a range of probabilities, an impact class one value: lines between, and lines at.
        for place in np.arange(1.5, len(names)) if axis is axes.xaxis else range(1, len(names) + 1):
            line(place, color="white", lw=1.6, zorder=1)
    axes.set(
        xlim=(0.5, len(likelihood_names) + 0.5),
        ylim=(0, len(impact_names) + 0.5),
        xlabel=words.say(language, f"figures.likelihood-axis.{horizon}"),
        ylabel=words.say(language, "figures.impact-axis"),
    )
    axes.xaxis.labelpad = axes.yaxis.labelpad = 8
    for label in axes.get_yticklabels():
        label.set_multialignment("right")
    axes.spines[["top", "right"]].set_visible(False)


def _label(axes: Axes, places: pd.DataFrame, labels: list[str]) -> None:
    """Set a label beside every mark, none over another, over a mark or outside the axes."""
    import textalloc
    from matplotlib.patheffects import withStroke

    named = len(places) <= NAMED
    x, y = places["likelihood"].to_numpy(), places["impact"].to_numpy()
    across = places[["likelihood_low", "likelihood_high"]].to_numpy()
    upright = places[["impact_low", "impact_high"]].to_numpy()
    # Among many numbers a bar may be crossed; a title keeps clear of the bars too.
    lines_x = [*across, *np.column_stack([x, x])] if named else []
    lines_y = [*np.column_stack([y, y]), *upright] if named else []
    textalloc.allocate(
        axes, x, y, labels, x_scatter=x, y_scatter=y, x_lines=lines_x, y_lines=lines_y,
        textsize=10 if named else 8, textcolor=INK, linecolor=GREY, linewidth=0.7, draw_all=True,
        min_distance=0.012, max_distance=0.35, margin=0.006, nbr_candidates=600, zorder=5,
        avoid_label_lines_overlap=named, path_effects=[withStroke(linewidth=2.5, foreground=BAND)],
    )  # fmt: skip


def _key(figure: Figure, places: pd.DataFrame, language: str) -> None:
    """List the scenarios by number to the right of the diagram."""
    figure.text(0.672, 0.945, words.say(language, "figures.key"), weight="bold", va="top", fontsize=10)
    step = min(0.026, 0.87 / len(places))
    size = min(9, step * 480)
    for number, title in enumerate(places["title"], start=1):
        y = 0.91 - (number - 1) * step
        figure.text(0.688, y, str(number), ha="right", va="top", fontsize=size, color=GREY)
        figure.text(0.694, y, shortened(title, 58), va="top", fontsize=size)


def _told(places: pd.DataFrame, language: str, name: str) -> str:
    """Return where the scenarios stand, in words; the first dozen by impact when there are more."""
    told = [
        words.say(language, f"figures.{name}.place", **{str(column): value for column, value in place.items()})
        for place in places.head(NAMED).to_dict("records")
    ]
    if len(places) > NAMED:
        told.append(words.say(language, "figures.risk-diagram.rest"))
    return " ".join(told)


def _fold(name: str) -> str:
    """Return a class name over two lines where it has two words."""
    return name.replace(" ", "\n", 1)
