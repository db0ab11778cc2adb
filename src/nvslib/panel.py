"""A panel to try out weights in the scoring notebook: sliders, and the diagram and the order that follow at once.

`trial` and `picture` are plain functions; the panel only calls them. Nothing that is tried here is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from nvslib import scales, words
from nvslib.charts import ACCENT, GREY, INK, MARGIN, house_style, shortened
from nvslib.editions import Edition
from nvslib.figures import class_axes
from nvslib.impact import contributions, interest_max, medal, promethee, weighted_sum

AGGREGATORS = ("weighted-sum", "interest-max", "medal", "promethee")
HIGHEST = 4.0  # times that an interest may count
LISTED = 20  # scenarios in the list beside the diagram; the others have a mark without a number
DOTS_PER_INCH = 85


def trial(
    judgements: pd.DataFrame, edition: Edition, times: Mapping[str, float], aggregator: str = "weighted-sum"
) -> pd.DataFrame:
    """Return how scenarios come out when each interest counts so many times.

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, class, position, as `judgement.pooled` returns.
    edition
        Its criteria get the weights: the times of their interest, together 1.
    times
        Interest -> how many times it counts; not all 0.
    aggregator
        By which way the order is made: weighted-sum, interest-max, medal or promethee. The impact is that of the
        weighted sum, or of the interest harmed most.

    Returns
    -------
    DataFrame
        Indexed by scenario: low, best and high position on the impact axis, and rank.
    """
    counts = {name: times[criterion.interest] for name, criterion in edition.criteria.items()}
    weights = {name: count / sum(counts.values()) for name, count in counts.items()}
    interests = {name: criterion.interest for name, criterion in edition.criteria.items() if counts[name] > 0}
    of_impact = judgements[judgements["criterion"].isin(list(interests))]
    scored = interest_max(of_impact, interests) if aggregator == "interest-max" else None
    if scored is None:
        scored = weighted_sum(contributions(judgements, weights))
    best = of_impact[of_impact["bound"] == "best"]
    ranked = {"medal": lambda: medal(best), "promethee": lambda: promethee(best, weights)}
    ranks = ranked[aggregator]() if aggregator in ranked else scored[scored["bound"] == "best"]
    table = scored.pivot(index="scenario", columns="bound", values="position")[list(scales.BOUNDS)]
    return table.join(ranks.set_index("scenario")["rank"])


def picture(
    scenarios: pd.DataFrame, likelihood: pd.DataFrame, tried: pd.DataFrame, usual: pd.DataFrame, language: str
) -> bytes:
    """Return the diagram and the order of a trial as PNG, with what moved against the usual order.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, kind.
    likelihood
        Columns scenario, bound, position.
    tried, usual
        As `trial` returns.
    """
    import io

    from matplotlib.figure import Figure

    across = likelihood.pivot(index="scenario", columns="bound", values="position")
    table = (
        scenarios.set_index("scenario")[[f"title_{language}", "kind"]]
        .join(tried)
        .join(across.add_prefix("likelihood_"))
    )
    table = table.assign(usual=usual["rank"]).sort_values(["rank", "best"], ascending=[True, False])
    with house_style():
        figure = Figure(figsize=(11, 6))
        axes = figure.add_axes((0.115, 0.14, 0.475, 0.8))
        class_axes(axes, language, "five-years")
        axes.hlines(table["best"], table["likelihood_low"], table["likelihood_high"], colors=MARGIN, lw=0.6)
        axes.vlines(table["likelihood_best"], table["low"], table["high"], colors=MARGIN, lw=0.6)
        for kind, (marker, fill) in {"hazard": ("o", "white"), "threat": ("D", ACCENT)}.items():
            part = table[table["kind"] == kind]
            axes.scatter(
                part["likelihood_best"], part["best"], s=26, marker=marker, facecolors=fill, edgecolors=INK, zorder=3
            )
        listed = table.head(LISTED)
        for rank, x, y in zip(listed["rank"], listed["likelihood_best"], listed["best"], strict=True):
            axes.annotate(str(rank), (x, y), (4, 3), textcoords="offset points", fontsize=7.5, zorder=4)
        rows = zip(listed["rank"], listed["usual"], listed[f"title_{language}"], strict=True)
        for number, (rank, before, title) in enumerate(rows):
            y, moved = 0.93 - number * 0.86 / LISTED, before - rank
            figure.text(0.625, y, str(rank), ha="right", va="top", fontsize=9, color=GREY)
            figure.text(
                0.632, y, f"{moved:+d}" if moved else "=", va="top", fontsize=9, color=ACCENT if moved else GREY
            )
            figure.text(0.665, y, shortened(title, 52), va="top", fontsize=9)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return buffer.getvalue()


def weights_panel(
    scenarios: pd.DataFrame,
    pooled: Mapping[str, pd.DataFrame],
    likelihood: pd.DataFrame,
    edition: Edition,
    language: str = "en",
) -> Any:
    """Return a panel with a slider for each interest, the ways of bringing together and of pooling, and the result.

    Parameters
    ----------
    pooled
        Pooling rule -> judgements; the first is that of the cycle.
    """
    import ipywidgets

    def say(key: str) -> str:
        return words.say(language, f"panel.{key}")

    sliders = {
        interest: ipywidgets.FloatSlider(
            value=1, min=0, max=HIGHEST, step=0.25, description=name[language], style={"description_width": "17em"},
            layout={"width": "34em"}, continuous_update=False,
        )
        for interest, name in edition.interests.items()
    }  # fmt: skip
    way = ipywidgets.Dropdown(options=[(say(name), name) for name in AGGREGATORS], description=say("way"))
    pooling = ipywidgets.Dropdown(options=list(pooled), description=say("pooling"))
    image = ipywidgets.Image(format="png", layout={"width": "990px"})
    told = ipywidgets.Label()
    usual = trial(next(iter(pooled.values())), edition, dict.fromkeys(edition.interests, 1.0))

    def redraw(_: object = None) -> None:
        times = {interest: float(slider.value) for interest, slider in sliders.items()}
        if not any(times.values()):
            told.value = say("nothing")
            return
        told.value = ""
        tried = trial(pooled[pooling.value], edition, times, way.value)
        image.value = picture(scenarios, likelihood, tried, usual, language)

    for control in (*sliders.values(), way, pooling):
        control.observe(redraw, names="value")
    redraw()
    return ipywidgets.VBox([*sliders.values(), ipywidgets.HBox([way, pooling]), told, image])
