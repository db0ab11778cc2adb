"""The steering group's tables: risks and themes side by side, where departments differ, and what there is to decide.

Risk is expected loss, ``loss = likelihood * impact``: the probability, within five years, as a share, times the impact
as a share of the highest class, both at best.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from nvslib import impact, profiles, scales, uncertainty
from nvslib.editions import Edition
from nvslib.impact import DECIMALS

STATES = {"measures": "adopted", "options": "option"}  # the state of the measures that a column counts


@cache
def constants() -> dict[str, Any]:
    """Return the content of ``weighing.yaml``: each threshold with its value, basis and reason."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("weighing.yaml").read_text("utf-8"))
    return loaded


def likelihood(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return how probable each scenario is by itself: columns scenario, bound, percent (within five years).

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, position, as `judgement.pooled` returns.
    """
    rows = judgements[judgements["criterion"] == scales.LIKELIHOOD]
    return rows[["scenario", "bound"]].assign(percent=uncertainty.likelihood_draws(rows["position"].to_numpy()))


def risks(
    with_causes: pd.DataFrame,
    with_effects: pd.DataFrame,
    capability_gaps: pd.DataFrame,
    effects: pd.DataFrame,
    measures: pd.DataFrame,
) -> pd.DataFrame:
    """Return each scenario with its risk, alone and within cascades, and what is done about it.

    Parameters
    ----------
    with_causes
        Columns scenario, bound, own, percent: likelihood in per cent, its own and that with causes.
    with_effects
        Columns scenario, bound, own, value: impact, its own and that with all it sets off.
    capability_gaps
        Columns scenario, capability, best, as `capabilities.capability_gaps` returns.
    effects
        Columns measure, scenario.
    measures
        Columns measure, state (adopted, option).

    Returns
    -------
    DataFrame
        One row for each judged scenario, all at best. Columns

        - scenario, percent (own likelihood), impact (own);
        - loss: ``percent / 100 * impact``; rank: 1 is the highest loss, equals share the smallest; share of the total;
        - percent_with_causes, impact_with_effects;
        - loss_with_cascades: ``percent / 100 * impact_with_effects``: its own likelihood times its impact with all it
          sets off. The likelihood with causes has no part in it: what a cause brings about is counted with the cause,
          and would be counted twice;
        - gap: mean best gap over its capabilities, in levels; missing where it has none;
        - measures, options: number of adopted measures, and of options, with an effect on it.
    """
    likelihood, impacts = (
        table[table["bound"] == "best"].set_index("scenario").sort_index() for table in (with_causes, with_effects)
    )
    share = likelihood["own"] / 100
    gaps = capability_gaps.sort_values(["scenario", "capability"])
    table = pd.DataFrame(
        {
            "percent": likelihood["own"],
            "impact": impacts["own"],
            "loss": share * impacts["own"],
            "percent_with_causes": likelihood["percent"],
            "impact_with_effects": impacts["value"],
            "loss_with_cascades": share * impacts["value"],
            "gap": gaps.groupby("scenario")["best"].mean().reindex(likelihood.index),
        }
    ).rename_axis("scenario")
    table.insert(3, "rank", table["loss"].round(DECIMALS).rank(method="min", ascending=False).astype(int))
    table.insert(4, "share", table["loss"] / table["loss"].sum())
    return table.join(_acting(effects, measures, table.index.to_series())).reset_index()


def _acting(effects: pd.DataFrame, measures: pd.DataFrame, group: pd.Series[str]) -> pd.DataFrame:
    """Return the number of measures and options that act on each group of scenarios, each counted once in a group.

    `group` maps a scenario to its group; a scenario that is not in it is left out.
    """
    acting = pd.DataFrame({"group": effects["scenario"].map(group), "measure": effects["measure"]})
    acting = acting.dropna().drop_duplicates().merge(measures[["measure", "state"]], on="measure")
    counts = {column: acting.loc[acting["state"] == state, "group"].value_counts() for column, state in STATES.items()}
    return pd.DataFrame(counts, index=group.unique()).fillna(0).astype(int)


def views(
    judgements: pd.DataFrame,
    edition: Edition,
    views: Mapping[str, Mapping[str, float]],
    likelihood_percent: pd.Series[float],
) -> pd.DataFrame:
    """Return the risk of each scenario as each department sees it: the same judgements with its own weights.

    Parameters
    ----------
    judgements
        Columns scenario, criterion, bound, class, position, as `judgement.pooled` returns.
    edition
        The edition whose criteria are weighed.
    views
        Department -> interest -> how many times it counts, as `profiles.interest_weights` takes.
    likelihood_percent
        Scenario -> own likelihood in per cent at best.

    Returns
    -------
    DataFrame
        Columns department, scenario, loss (``likelihood / 100 * impact with the department's weights``), rank (1 is the
        highest loss of the department, equals share the smallest).
    """
    best = judgements[judgements["bound"] == "best"].sort_values(["scenario", "criterion"])
    percent = likelihood_percent.sort_index().rename_axis("scenario")
    losses = pd.DataFrame(index=percent.index, dtype=float)
    for department in sorted(views):
        contributions = impact.contributions(best, profiles.interest_weights(edition, views[department]))
        losses[department] = percent / 100 * impact.weighted_sum(contributions).set_index("scenario")["value"]
    table = losses.reset_index().melt("scenario", var_name="department", value_name="loss")
    ranks = table["loss"].round(DECIMALS).groupby(table["department"]).rank(method="min", ascending=False)
    return table[["department", "scenario", "loss"]].assign(rank=ranks.astype(int))


def differing(views: pd.DataFrame, risks: pd.DataFrame) -> pd.DataFrame:
    """Return how far apart departments place each scenario, furthest first.

    Parameters
    ----------
    views
        Columns department, scenario, rank, as `views` returns.
    risks
        Columns scenario, rank, as `risks` returns.

    Returns
    -------
    DataFrame
        Columns scenario; rank, as weighed integrally; highest and lowest, the first and the last rank that a department
        gives it; highest_by and lowest_by, the departments that do so; places (lowest - highest).
    """
    rows = views.sort_values(["scenario", "department"])
    table = risks[["scenario", "rank"]]
    ranks = rows.groupby("scenario")["rank"]
    for side, rank in (("highest", ranks.transform("min")), ("lowest", ranks.transform("max"))):
        outermost = rows[rows["rank"] == rank].groupby("scenario")
        found = {side: outermost["rank"].first(), f"{side}_by": outermost["department"].agg(", ".join)}
        table = table.merge(pd.DataFrame(found).reset_index(), on="scenario")
    table = table.assign(places=table["lowest"] - table["highest"])
    return table.sort_values(["places", "scenario"], ascending=[False, True], ignore_index=True)


def themes(
    scenarios: pd.DataFrame,
    risks: pd.DataFrame,
    capability_gaps: pd.DataFrame,
    capabilities: pd.DataFrame,
    measures: pd.DataFrame,
    effects: pd.DataFrame,
) -> pd.DataFrame:
    """Return each theme with its risk, its gap, who owns that, and what is done; the highest loss first.

    Parameters
    ----------
    scenarios
        Columns scenario, theme_nl, theme_en. Scenarios with the same English theme, which may be empty, go together.
    risks
        Columns scenario, loss, rank, gap, as `risks` returns. Other scenarios count nowhere.
    capability_gaps
        Columns scenario, capability, best, as `capabilities.capability_gaps` returns.
    capabilities
        Columns capability, owner.
    measures
        Columns measure, state (adopted, option).
    effects
        Columns measure, scenario.

    Returns
    -------
    DataFrame
        Columns theme_nl, theme_en; scenarios (their number); highest (the scenario with the highest loss); loss (their
        sum); share of the total; gap (mean of their gaps, weighted with their losses, in levels; missing where none has
        a gap known or a loss); widest (the capability whose gap weighs most; empty where there is no gap); owners (of
        the capabilities with a gap, largest weighted gap first, at most ``owners_named`` of ``weighing.yaml``);
        measures, options (number of adopted measures, and of options, that act on any of its scenarios).
    """
    rows = risks[["scenario", "loss", "rank", "gap"]].merge(
        scenarios[["scenario", "theme_nl", "theme_en"]], on="scenario"
    )
    rows = rows.sort_values(["rank", "scenario"])
    rows = rows.assign(weighted=rows["loss"] * rows["gap"], known=rows["loss"].where(rows["gap"].notna()))
    by_theme = rows.groupby("theme_en")
    table = by_theme.agg(
        theme_nl=("theme_nl", "min"),
        scenarios=("scenario", "size"),
        highest=("scenario", "first"),
        loss=("loss", "sum"),
    )
    table["share"] = table["loss"] / table["loss"].sum()
    table["gap"] = by_theme["weighted"].sum() / by_theme["known"].sum()

    gaps = capability_gaps.loc[capability_gaps["best"] > 0, ["scenario", "capability", "best"]]
    gaps = gaps.merge(rows[["scenario", "theme_en", "loss"]], on="scenario")
    gaps = gaps.merge(capabilities[["capability", "owner"]], on="capability").sort_values(["scenario", "capability"])
    gaps = gaps.assign(weighted=gaps["loss"] * gaps["best"])
    named = {"widest": ("capability", 1), "owners": ("owner", constants()["owners_named"]["value"])}
    for column, (name, most) in named.items():
        sums = gaps.groupby(["theme_en", name])["weighted"].sum().round(DECIMALS).reset_index()
        heaviest = sums.sort_values(["weighted", name], ascending=[False, True]).groupby("theme_en").head(most)
        table[column] = heaviest.groupby("theme_en")[name].agg(", ".join).reindex(table.index, fill_value="")

    table = table.join(_acting(effects, measures, rows.set_index("scenario")["theme_en"])).reset_index()
    order = table.assign(loss=table["loss"].round(DECIMALS)).sort_values(["loss", "theme_en"], ascending=[False, True])
    return table.loc[order.index, ["theme_nl", *table.columns.drop("theme_nl")]].reset_index(drop=True)


def decisions(
    risks: pd.DataFrame,
    differing: pd.DataFrame,
    portfolio: pd.DataFrame,
    served: pd.DataFrame,
    link_importance: pd.DataFrame,
    measures: pd.DataFrame,
    capabilities: pd.DataFrame,
) -> pd.DataFrame:
    """Return what the steering group has to decide, numbered by kind, and within a kind by size.

    Parameters
    ----------
    risks
        Columns scenario, loss, rank, measures, options, as `risks` returns.
    differing
        Columns scenario, highest_by, lowest_by, places, as `differing` returns.
    portfolio
        Columns measure, chosen (yes, no), cost, stance (always, never, depends), share, saves.
    served
        Columns capability, weighted, share, cumulative, as `capabilities.served` returns.
    link_importance
        Columns cause, effect, swing, again (1 for the link to judge again first).
    measures
        Columns measure, department, state (adopted, option).
    capabilities
        Columns capability, owner.

    Returns
    -------
    DataFrame
        Columns decision (its number), kind, subject, by (who is concerned; may be empty) and size (largest first). The
        kinds in their order, with the thresholds of ``weighing.yaml``:

        - choose: an option that the integral choice takes; size: expected loss that it saves;
        - reconsider: an adopted measure that no draw takes; size: its cost in EUR a year;
        - settle: a measure that between ``settle_from`` and ``settle_to`` of the draws take; size: what it saves;
        - close-gap: the largest gaps that together reach ``close_gap_share``; size: the weighted gap in levels;
        - discuss: a scenario that departments place ``discuss_places`` or more apart; by those who place it highest,
          then those who place it lowest; size: the places;
        - judge-again: the first ``judge_again_links`` links that move the expected loss at all; size: by how much;
        - no-measure: one of the ``highest_losses`` without any measure or option; size: its loss.
    """
    limit = {name: entry["value"] for name, entry in constants().items()}
    choice = portfolio[["measure", "chosen", "cost", "stance", "share", "saves"]]
    choice = choice.merge(measures[["measure", "department", "state"]], on="measure")
    gaps = served[["capability", "weighted", "share", "cumulative"]]
    gaps = gaps.merge(capabilities[["capability", "owner"]], on="capability")
    apart = differing.assign(by=differing["highest_by"] + ", " + differing["lowest_by"])
    links = link_importance.assign(subject=link_importance["cause"] + " -> " + link_importance["effect"], by="")
    alone = risks.assign(by="")

    is_option, is_open = choice["state"] == "option", choice["share"].between(limit["settle_from"], limit["settle_to"])
    before = (gaps["cumulative"] - gaps["share"]).round(DECIMALS)
    without = (risks["measures"] == 0) & (risks["options"] == 0)
    kinds: dict[str, pd.DataFrame] = {
        "choose": choice.loc[is_option & (choice["chosen"] == "yes"), ["measure", "department", "saves"]],
        "reconsider": choice.loc[~is_option & (choice["stance"] == "never"), ["measure", "department", "cost"]],
        "settle": choice.loc[is_open & (choice["stance"] == "depends"), ["measure", "department", "saves"]],
        "close-gap": gaps.loc[
            (before < limit["close_gap_share"]) & (gaps["weighted"] > 0), ["capability", "owner", "weighted"]
        ],
        "discuss": apart.loc[apart["places"] >= limit["discuss_places"], ["scenario", "by", "places"]],
        "judge-again": links.loc[
            (links["again"] <= limit["judge_again_links"]) & (links["swing"] > 0), ["subject", "by", "swing"]
        ],
        "no-measure": alone.loc[(alone["rank"] <= limit["highest_losses"]) & without, ["scenario", "by", "loss"]],
    }
    parts = [
        found.set_axis(["subject", "by", "size"], axis=1)
        .astype({"size": float})
        .round(DECIMALS)
        .sort_values(["size", "subject"], ascending=[False, True])
        .assign(kind=kind)
        for kind, found in kinds.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "decision", range(1, len(table) + 1))
    return table[["decision", "kind", "subject", "by", "size"]]
