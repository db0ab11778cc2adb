"""Charts that look back: how the risk picture moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nvslib import scales, words
from nvslib.charts import (
    ACCENT,
    BAND,
    GREY,
    INK,
    MARGIN,
    ROW,
    Chart,
    captioned,
    house_style,
    illustrative_note,
    name_rows,
    titles,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SURE = 0.9  # share of the draws from which a move counts as pointing one way


def shift_chart(scenarios: pd.DataFrame, comparison: pd.DataFrame, language: str, name: str = "shift-chart") -> Chart:
    """Draw where each scenario stood and stands, on both axes, the largest rise of impact first.

    A filled arrow head points the way that nine in ten draws or more agree on; an open one is not sure.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis.
    comparison
        Columns scenario, state, and for impact and likelihood before, now, shift, higher, as `review.compared` returns.
        Scenarios that are not in both cycles are left out.
    name
        Under which its words stand.
    """
    from matplotlib.figure import Figure

    named = titles(scenarios, language)
    rows = comparison[comparison["state"] == "both"]
    rows = rows.sort_values(["impact_shift", "likelihood_shift", "scenario"], ascending=[False, False, True])
    at = np.arange(len(rows))
    with house_style():
        height = ROW * len(rows) + 1.6
        figure = Figure(figsize=(10.4, height))
        for number, side in enumerate(("impact", "likelihood")):
            axes = figure.add_axes((0.34 + 0.33 * number, 0.75 / height, 0.31, (height - 1.3) / height))
            _arrows(axes, rows, side, at)
            names = list(scales.constants()[side]["classes"]["names"])
            axes.set_xticks(range(1, len(names) + 1), names)
            axes.set(xlim=(0.4, len(names) + 0.6), ylim=(len(rows) - 0.5, -0.5), facecolor=BAND)
            axes.set_xlabel(words.say(language, f"figures.shift-chart.{side}"))
            name_rows(axes, [named[name] for name in rows["scenario"]])
            axes.tick_params(labelleft=side == "impact")
        marks = {"before": ("o", "white", GREY), "sure": (">", ACCENT, INK), "unsure": (">", "white", INK)}
        for mark, (shape, face, edge) in marks.items():
            label = words.say(language, f"figures.{name}.{mark}")
            axes.scatter([], [], marker=shape, facecolors=face, edgecolors=edge, s=30, label=label)
        figure.legend(
            *axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.33, 1.0), ncols=3, frameon=False
        )
        note = illustrative_note(figure, scenarios, language, height)
    caption = captioned(words.say(language, f"figures.{name}.caption"), note)
    higher = rows["impact_higher"]
    sure = {"up": int((higher >= SURE).sum()), "down": int((higher <= 1 - SURE).sum())}
    alt = words.say(language, f"figures.{name}.alt", scenarios=len(rows), **sure)
    return Chart(figure, caption=caption, alt=alt, data=rows.reset_index(drop=True))


def _arrows(axes: Axes, rows: pd.DataFrame, side: str, at: NDArray[np.intp]) -> None:
    """Draw from where each scenario stood to where it stands."""
    before, now, higher = rows[f"{side}_before"], rows[f"{side}_now"], rows[f"{side}_higher"]
    axes.hlines(at, before, now, color=MARGIN, lw=1.4)
    axes.scatter(before, at, s=18, facecolors="white", edgecolors=GREY, linewidths=0.9, zorder=3)
    sure = ((higher >= SURE) | (higher <= 1 - SURE)).to_numpy()
    for up in (True, False):
        for certain in (True, False):
            of = ((now >= before) == up).to_numpy() & (sure == certain)
            axes.scatter(
                now[of], at[of], s=34, marker=">" if up else "<", facecolors=ACCENT if certain else "white",
                edgecolors=INK, linewidths=0.9, zorder=4,
            )  # fmt: skip
