"""A panel to try out measures in the weighing notebook: tick them, move the budget, and see risks and gaps at once.

`trial` and `picture` are plain functions; the panel only calls them. Nothing that is tried here is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nvslib import portfolio, words
from nvslib.charts import ACCENT, BAND, GREY, INK, house_style, shortened, titles
from nvslib.portfolio import Limits, Options, Stakes

LISTED = 15  # risks, and at most as many capabilities
MILLION = 1_000_000
DOTS_PER_INCH = 85


@dataclass(frozen=True)
class Trial:
    """What comes of a set of measures: cost, what it breaks, loss by scenario and gaps by capability.

    ``risks`` is indexed by scenario, with columns before and after, the highest before first; ``gaps`` by capability,
    with columns gap and left, levels over all scenarios, the largest first. ``broken`` names what is not met: budget,
    the staff of a department, a measure that another one needs, or two that exclude each other.
    """

    cost: float
    loss: float
    without: float
    broken: tuple[tuple[str, str], ...]
    risks: pd.DataFrame
    gaps: pd.DataFrame


def trial(of: Options, stakes: Stakes, limits: Limits, taken: Sequence[str]) -> Trial:
    """Return what comes of taking measures.

    Parameters
    ----------
    of, stakes, limits
        As `portfolio.choose` takes.
    taken
        Names of measures.
    """
    chosen = np.isin(of.measures, list(taken))
    none = np.zeros_like(chosen)
    cost = float(of.cost[chosen].sum())
    broken = [("budget", "")] if cost > limits.budget else []
    departments = np.array(of.departments)
    broken += [
        ("staff", department)
        for department, staff in sorted(limits.staff.items())
        if of.staff[chosen & (departments == department)].sum() > staff
    ]
    pairs = {"needs": of.needs & np.outer(chosen, ~chosen), "excludes": np.triu(of.excludes & np.outer(chosen, chosen))}
    broken += [
        (kind, f"{of.measures[one]}, {of.measures[other]}")
        for kind, pair in pairs.items()
        for one, other in np.argwhere(pair)
    ]
    risks = pd.DataFrame(
        {"before": stakes.left(none)[0], "after": stakes.left(chosen)[0]}, index=list(stakes.scenarios)
    )
    gaps = stakes.gaps(chosen).groupby("capability")[["gap", "left"]].sum()
    return Trial(
        cost=cost,
        loss=float(stakes.total(chosen)[0]),
        without=float(stakes.total(none)[0]),
        broken=tuple(broken),
        risks=risks.sort_values("before", ascending=False, kind="stable"),
        gaps=gaps.sort_values("gap", ascending=False, kind="stable"),
    )


def picture(
    scenarios: pd.DataFrame, capabilities: pd.DataFrame, tried: Trial, best: Trial, limits: Limits, language: str
) -> bytes:
    """Return risks and gaps before and after as PNG, with what is left beside what the best choice leaves.

    Parameters
    ----------
    scenarios, capabilities
        With columns title_nl and title_en.
    tried, best
        As `trial` returns; best of the best choice within the same limits.
    """
    import io

    from matplotlib.figure import Figure

    names = titles(scenarios, language)
    abilities = dict(zip(capabilities["capability"], capabilities[f"title_{language}"], strict=True))

    def share(loss: float) -> str:
        return f"{words.number(100 * loss / tried.without if tried.without else 0, language, 0)} %"

    told = words.say(
        language, "weighing-panel.told",
        cost=words.number(tried.cost / MILLION, language, 1), budget=words.number(limits.budget / MILLION, language, 0),
        left=share(tried.loss), best=share(best.loss),
    )  # fmt: skip
    broken = [words.say(language, f"weighing-panel.{kind}", what=what) for kind, what in tried.broken]
    with house_style():
        figure = Figure(figsize=(11, 6.2))
        sides = (
            (0.26, 0.24, tried.risks.head(LISTED), ("before", "after"), names, "risks"),
            (0.74, 0.25, tried.gaps.head(LISTED), ("gap", "left"), abilities, "gaps"),
        )
        for left, width, table, (before, after), named, kind in sides:
            axes = figure.add_axes((left, 0.04, width, 0.78))
            at = np.arange(len(table))
            axes.barh(at, table[before], height=0.72, color=BAND, edgecolor=GREY, linewidth=0.8)
            axes.barh(at, table[after], height=0.72, color=ACCENT, edgecolor=INK, linewidth=0.8)
            axes.set_yticks(at, [shortened(named[name], 34) for name in table.index], fontsize=8.5)
            axes.set_ylim(len(table) - 0.5, -0.5)
            axes.set_xticks([])
            axes.tick_params(length=0)
            axes.spines[["top", "right", "bottom"]].set_visible(False)
            axes.set_title(words.say(language, f"weighing-panel.{kind}"), loc="left", fontsize=10)
        figure.text(0.01, 0.97, told, va="top", weight="bold")
        figure.text(0.01, 0.92, "  ".join(broken), va="top", fontsize=9.5)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return buffer.getvalue()


def measures_panel(
    scenarios: pd.DataFrame,
    capabilities: pd.DataFrame,
    measures: pd.DataFrame,
    of: Options,
    stakes: Stakes,
    limits: Limits,
    language: str = "en",
) -> Any:
    """Return a panel: measures to tick, a slider for the budget, a button for the best choice, and what follows."""
    import ipywidgets

    def say(key: str) -> str:
        return words.say(language, f"weighing-panel.{key}")

    named = measures.set_index("measure")[f"title_{language}"]
    order = sorted(range(len(of.measures)), key=lambda at: (of.departments[at], at))
    costs = [words.number(cost / MILLION, language, 1) for cost in of.cost]
    told = [f"{of.departments[at]}  {of.measures[at]}  {shortened(str(named[of.measures[at]]), 70)}" for at in order]
    listed = [(f"{text}  ({costs[at]})", of.measures[at]) for text, at in zip(told, order, strict=True)]
    best = {limits.budget: portfolio.choose(of, stakes, limits)}
    boxes = ipywidgets.SelectMultiple(
        options=listed, value=of.names(best[limits.budget]), rows=14, layout={"width": "990px"}
    )
    budget = ipywidgets.IntSlider(
        value=int(limits.budget / MILLION), min=0, max=int(of.cost.sum() / MILLION) + 1, description=say("slider"),
        continuous_update=False, layout={"width": "44em"}, style={"description_width": "16em"},
    )  # fmt: skip
    button = ipywidgets.Button(description=say("best"))
    image = ipywidgets.Image(format="png", layout={"width": "990px"})

    def within() -> Limits:
        return Limits(budget.value * MILLION, limits.staff)

    def best_within() -> list[str]:
        if within().budget not in best:
            best[within().budget] = portfolio.choose(of, stakes, within())
        return of.names(best[within().budget])

    def redraw(_: object = None) -> None:
        tried, target = (trial(of, stakes, within(), taken) for taken in (boxes.value, best_within()))
        image.value = picture(scenarios, capabilities, tried, target, within(), language)

    def take_best(_: object = None) -> None:
        boxes.value = best_within()

    boxes.observe(redraw, names="value")
    budget.observe(redraw, names="value")
    button.on_click(take_best)
    redraw()
    return ipywidgets.VBox([budget, button, boxes, image])
