"""Charts of the scores: how sure the order is, every judgement at a glance, and the themes beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

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
    shades,
    shortened,
    titles,
)
from nvslib.editions import Edition

if TYPE_CHECKING:
    pass

SHADES = ("#ffffff", "#dfe9f2", "#b7d0e4", "#7fa9cc", "#3f79aa", "#0b3d66")  # X, A … E: darker is worse, also in grey
APART = 1.0  # standard deviation, in classes, from which assessors are marked as apart
SURE = 0.05, 0.95  # the shares of draws between which ranks are drawn


def heat_map(
    scenarios: pd.DataFrame, judgements: pd.DataFrame, disagreement: pd.DataFrame, edition: Edition, language: str
) -> Chart:
    """Draw the expected class of every scenario on every criterion, with a mark where assessors are far apart.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis, in the order in which they are drawn.
    judgements
        Columns scenario, criterion, bound, class; those on the likelihood are left out.
    disagreement
        Columns scenario, criterion, spread.
    edition
        Its criteria are the columns, grouped by interest.
    """
    from matplotlib.figure import Figure

    best = judgements[(judgements["bound"] == "best") & (judgements["criterion"] != scales.LIKELIHOOD)]
    order = list(scenarios["scenario"])
    classes = best.pivot(index="scenario", columns="criterion", values="class").loc[order, list(edition.criteria)]
    spread = disagreement.pivot(index="scenario", columns="criterion", values="spread").reindex_like(classes)
    levels = classes.map({name: number for number, name in enumerate(scales.impact_classes())}.get).to_numpy(dtype=int)
    letters, apart = classes.to_numpy(), (spread >= APART).to_numpy()
    with house_style():
        from matplotlib.colors import ListedColormap

        height = ROW * len(order) + 1.9
        figure = Figure(figsize=(10.4, height))
        axes = figure.add_axes((0.34, 0.45 / height, 0.6, (height - 1.75) / height))
        axes.imshow(levels, cmap=ListedColormap(SHADES), vmin=0, vmax=len(SHADES) - 1, aspect="auto")
        for row, column in np.ndindex(levels.shape):
            dark = levels[row, column] >= len(SHADES) - 2
            letter = f"{letters[row, column]}{'*' if apart[row, column] else ''}"
            axes.text(column, row, letter, ha="center", va="center", fontsize=8, color="white" if dark else INK,
                      weight="bold" if apart[row, column] else "normal")  # fmt: skip
        name_rows(axes, scenarios[f"title_{language}"])
        axes.set_xticks(range(len(edition.criteria)), list(edition.criteria), fontsize=8.5)
        axes.xaxis.tick_top()
        interests = [criterion.interest for criterion in edition.criteria.values()]
        for interest, name in edition.interests.items():
            places = [number for number, of in enumerate(interests) if of == interest]
            axes.text(places[0] - 0.3, -1.7, name[language], ha="left", va="bottom", fontsize=8.5, rotation=30)
            axes.axvline(places[0] - 0.5, color=GREY, lw=1)
        axes.tick_params(length=0)
        key = words.say(language, "figures.heat-map.key")
        key += words.say(language, "figures.heat-map.apart") if apart.any() else ""
        figure.text(0.34, 0.12 / height, key, fontsize=9)
        note = illustrative_note(figure, scenarios, language, height)
    highest = [(scenario, int((classes.loc[scenario] == scales.impact_classes()[-1]).sum())) for scenario in order]
    most = max(highest, key=lambda one: one[1])
    return Chart(
        figure,
        caption=_caption(language, "heat-map", note),
        alt=words.say(
            language, "figures.heat-map.alt", scenarios=len(order), criteria=len(edition.criteria),
            most=titles(scenarios, language)[most[0]], highest=most[1], apart=int(apart.sum()),
        ),
        data=classes.reset_index(),
    )  # fmt: skip


def profile_chart(
    scenarios: pd.DataFrame, judgements: pd.DataFrame, scenario: str, edition: Edition, language: str
) -> Chart:
    """Draw the impact of one scenario criterion by criterion: the expected class, and from the low to the high one.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis; one of them is drawn.
    judgements
        Columns scenario, criterion, bound, position; those on the likelihood are left out.
    scenario
        The one that is drawn.
    edition
        Its criteria are the rows, grouped by interest.
    """
    from matplotlib.figure import Figure

    own = judgements[(judgements["scenario"] == scenario) & judgements["criterion"].isin(list(edition.criteria))]
    places = own.pivot(index="criterion", columns="bound", values="position").loc[list(edition.criteria)]
    rows = scenarios[scenarios["scenario"] == scenario]
    title = str(rows[f"title_{language}"].iloc[0])
    names = scales.constants()["impact"]["classes"]["names"]
    with house_style():
        height = 0.27 * len(places) + 1.55
        figure = Figure(figsize=(10.4, height))
        axes = figure.add_axes((0.53, 0.7 / height, 0.455, (height - 1.4) / height))
        axes.set_facecolor(BAND)
        for place in range(1, len(names) + 1):
            axes.axvline(place, color="white", lw=1.6, zorder=1)
        at = range(len(places))
        axes.hlines(at, places["low"], places["high"], color=MARGIN, lw=4, zorder=2)
        axes.scatter(places["best"], at, s=42, color=ACCENT, edgecolors=INK, linewidths=1, zorder=3)
        labels = [f"{number} {shortened(one.name[language], 78)}" for number, one in edition.criteria.items()]
        axes.set_yticks(list(at), labels, fontsize=9)
        axes.set_xticks(
            range(1, len(names) + 1), [f"{name} {told[language]}" for name, told in names.items()], fontsize=8
        )
        interests = [criterion.interest for criterion in edition.criteria.values()]
        for number in range(1, len(interests)):
            if interests[number] != interests[number - 1]:
                axes.axhline(number - 0.5, color=GREY, lw=0.8)
        axes.set(xlim=(-0.2, len(names) + 0.4), ylim=(len(places) - 0.5, -0.5))
        axes.set_xlabel(words.say(language, "figures.profile-chart.axis"))
        axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
        figure.text(0.01, 1 - 0.4 / height, shortened(title, 80), weight="bold", va="top", fontsize=11)
        note = illustrative_note(figure, rows, language, height)
    worst = str(places["best"].idxmax())
    return Chart(
        figure,
        caption=captioned(words.say(language, "figures.profile-chart.caption", title=title), note),
        alt=words.say(
            language,
            "figures.profile-chart.alt",
            title=title,
            criteria=len(places),
            worst=edition.criteria[worst].name[language],
            label=scales.impact_label(float(places["best"].max()), language),
        ),
        data=places.reset_index(),
    )


def rank_chart(scenarios: pd.DataFrame, acceptability: pd.DataFrame, language: str) -> Chart:
    """Draw in which share of the draws each scenario stands at each rank, with the ranks of nine in ten draws.

    Parameters
    ----------
    scenarios
        Columns scenario, title_nl, title_en, basis, in the order in which they are drawn.
    acceptability
        Columns scenario, rank, share; the shares of a scenario add up to 1.
    """
    from matplotlib.figure import Figure

    order = list(scenarios["scenario"])
    shares = acceptability.pivot(index="scenario", columns="rank", values="share").loc[order]
    reached = shares.cumsum(axis=1)
    low, median, high = ((reached >= share - 1e-9).to_numpy().argmax(axis=1) + 1 for share in (SURE[0], 0.5, SURE[1]))
    with house_style():
        from matplotlib.colors import PowerNorm

        height = ROW * len(order) + 1.3
        figure = Figure(figsize=(10.4, height))
        axes = figure.add_axes((0.34, 0.75 / height, 0.64, (height - 1.1) / height))
        count = len(order)
        # Of many ranks each has a small share; the root of it is shaded, so that small ones can be seen.
        axes.imshow(
            shares.to_numpy(), cmap=shades(), norm=PowerNorm(0.5, 0, float(shares.to_numpy().max())), aspect="auto",
            extent=(0.5, count + 0.5, count - 0.5, -0.5),
        )  # fmt: skip
        axes.hlines(range(count), low, high, color=INK, lw=1.2)
        axes.scatter(median, range(count), s=22, color=ACCENT, edgecolors=INK, linewidths=0.8, zorder=3)
        name_rows(axes, scenarios[f"title_{language}"])
        axes.set_xlabel(words.say(language, "figures.rank-chart.axis"))
        axes.set_xlim(0.5, count + 0.5)
        note = illustrative_note(figure, scenarios, language, height)
    named, widest = titles(scenarios, language), int(np.argmax(high - low))
    return Chart(
        figure,
        caption=_caption(language, "rank-chart", note),
        alt=words.say(
            language, "figures.rank-chart.alt", scenarios=count, first=named[order[0]], low=int(low[0]),
            high=int(high[0]), widest=named[order[widest]], from_rank=int(low[widest]), to_rank=int(high[widest]),
        ),
        data=pd.DataFrame({"scenario": order, "low": low, "median": median, "high": high}),
    )  # fmt: skip


def theme_chart(scenarios: pd.DataFrame, likelihood: pd.DataFrame, impact: pd.DataFrame, language: str) -> Chart:
    """Draw likelihood and impact of all scenarios theme by theme, side by side, each with its margin.

    Parameters
    ----------
    scenarios
        Columns scenario, title, kind, theme and basis; the highest first.
    likelihood, impact
        Columns scenario, bound, position; three rows for each scenario.
    """
    from matplotlib.figure import Figure

    themes = scenarios.groupby(f"theme_{language}", sort=True)
    sides = {"likelihood": likelihood, "impact": impact}
    wide = {name: table.pivot(index="scenario", columns="bound", values="position") for name, table in sides.items()}
    names = {"likelihood": list(scales.constants()["likelihood"]["classes"]["names"]),
             "impact": list(scales.constants()["impact"]["classes"]["names"])}  # fmt: skip
    with house_style():
        height = 0.1 * len(scenarios) + 0.42 * themes.ngroups + 1.4
        figure = Figure(figsize=(10.4, height))
        rows: list[dict[str, Any]] = []
        axes = [figure.add_axes((left, 0.75 / height, 0.345, (height - 1.25) / height)) for left in (0.29, 0.645)]
        at, places = 0.0, []
        for theme, of_theme in themes:
            begin = at
            for scenario in of_theme["scenario"]:
                rows.append({"theme": theme, "scenario": scenario, "at": at})
                at += 1
            places.append((begin + at - 1) / 2)
            at += 1.5
        drawn = pd.DataFrame(rows).merge(scenarios[["scenario", "kind"]], on="scenario")
        for axis, (side, positions) in zip(axes, wide.items(), strict=True):
            margin = positions.loc[drawn["scenario"]]
            axis.set_facecolor(BAND)
            for place in range(1, len(names[side]) + 1):
                axis.axvline(place, color="white", lw=1.4, zorder=0)
            axis.hlines(drawn["at"], margin["low"], margin["high"], color=MARGIN, lw=1)
            for kind, (marker, fill) in {"hazard": ("o", "white"), "threat": ("D", ACCENT)}.items():
                of_kind = (drawn["kind"] == kind).to_numpy()
                axis.scatter(
                    margin["best"][of_kind], drawn["at"][of_kind], marker=marker, s=24, facecolors=fill,
                    edgecolors=INK, linewidths=1, zorder=3, label=words.say(language, f"figures.{kind}"),
                )  # fmt: skip
            axis.set_xticks(range(1, len(names[side]) + 1), names[side])
            axis.set(xlim=(0 if side == "impact" else 0.5, len(names[side]) + 0.5), ylim=(at - 1, -1))
            axis.set_xlabel(words.say(language, f"figures.theme-chart.{side}"))
            axis.spines[["top", "right", "left"]].set_visible(False)
            axis.tick_params(length=0)
        axes[0].set_yticks(places, [_folded(str(theme)) for theme, _ in themes], fontsize=9)
        axes[1].set_yticks([])
        axes[0].legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, frameon=False)
        note = illustrative_note(figure, scenarios, language, height)
    margins = [
        positions.loc[drawn["scenario"]].add_prefix(f"{side}_").reset_index(drop=True)
        for side, positions in wide.items()
    ]
    best = impact[impact["bound"] == "best"].merge(scenarios, on="scenario")
    highest = best.groupby(f"theme_{language}")["position"].max().idxmax()
    return Chart(
        figure,
        caption=_caption(language, "theme-chart", note),
        alt=words.say(
            language, "figures.theme-chart.alt", scenarios=len(scenarios), themes=themes.ngroups, highest=highest
        ),
        data=pd.concat([drawn.drop(columns="at"), *margins], axis=1),
    )


def _caption(language: str, chart: str, note: str) -> str:
    return captioned(words.say(language, f"figures.{chart}.caption"), note)


def _folded(name: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(name, 22))
