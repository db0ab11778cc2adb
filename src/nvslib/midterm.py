"""The mid-term review: how the risk moved and how the measures were followed, put together for each measure.

What is advised stands in a table with a row for every combination of the two, in ``midterm.yaml``, with the reason in
words. The advice says what to talk about; it says nothing about what made a risk move.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml

from nvslib import follow_up, scales
from nvslib.impact import DECIMALS

SIDES = [scales.LIKELIHOOD, "impact"]


@cache
def table() -> dict[str, Any]:
    """Return the content of ``midterm.yaml``.

    Its keys: pictures, statuses (that of the follow-up -> that of the rules), advice, rules
    ("picture/status" -> advice and, per language, why).
    """
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("midterm.yaml").read_text("utf-8"))
    return loaded


def pictures(shifts: pd.DataFrame) -> pd.DataFrame:
    """Return in one word how the risk of every current scenario moved.

    Higher if the likelihood or the overall impact is higher and neither is lower; lower likewise; unchanged if both
    are; else undetermined, as is what was judged once.

    Parameters
    ----------
    shifts
        Columns scenario, criterion, state, shift, verdict, as `shifts.shifts` returns. Only rows on the likelihood and
        the impact count, and not those of scenarios that are retired.

    Returns
    -------
    DataFrame
        Columns scenario, picture, shift (the larger of the two, as a size, in classes; NaN if there is none).
    """
    rows = shifts[shifts["criterion"].isin(SIDES) & (shifts["state"] != "retired")]
    verdict = rows.pivot(index="scenario", columns="criterion", values="verdict").reindex(columns=SIDES)
    up, down = ((verdict == side).any(axis="columns") for side in ("higher", "lower"))
    same = (verdict == "unchanged").all(axis="columns")
    picture = np.select([up & ~down, down & ~up, same], ["higher", "lower", "unchanged"], "undetermined")
    size = rows["shift"].abs().groupby(rows["scenario"]).max()
    return pd.DataFrame({"picture": picture, "shift": size}, index=verdict.index).reset_index()


def decisions(
    statuses: pd.DataFrame, shifts: pd.DataFrame, effects: pd.DataFrame, measures: pd.DataFrame, date: str
) -> pd.DataFrame:
    """Return what the review advises for every measure.

    Parameters
    ----------
    statuses
        As `follow_up.statuses` returns.
    shifts
        As `pictures` takes.
    effects
        Columns measure, scenario: on what a measure is expected to act. Effects of parts count for the whole.
    measures
        Columns measure, state, part_of.
    date
        The measures stand as at the last reporting date on or before this.

    Returns
    -------
    DataFrame
        One row for each counted measure: measure, department, scenario, picture, status, advice, reason. The picture is
        the strongest of the current scenarios on which the measure acts (higher, undetermined, unchanged, lower), or
        none if it acts on none; scenario is the one that gives it, of several that with the largest shift, then the
        first by name. Status is one of those of the rules; reason is the key of the rule.
    """
    order, rules = table()["pictures"], table()["rules"]
    acts = _acts(effects, measures).merge(pictures(shifts), on="scenario")
    acts = acts.assign(strength=acts["picture"].map(order.index), size=-acts["shift"].fillna(0).round(DECIMALS))
    strongest = acts.sort_values(["measure", "strength", "size", "scenario"]).drop_duplicates("measure")
    now = follow_up.latest(statuses, date)[["measure", "department", "status"]]
    rows = now.merge(strongest[["measure", "scenario", "picture"]], how="left", on="measure")
    rows = rows.fillna({"scenario": "", "picture": "none"}).assign(status=rows["status"].map(table()["statuses"]))
    rows["reason"] = rows["picture"] + "/" + rows["status"]
    rows["advice"] = rows["reason"].map({reason: rule["advice"] for reason, rule in rules.items()})
    columns = ["measure", "department", "scenario", "picture", "status", "advice", "reason"]
    return rows.sort_values("measure", ignore_index=True)[columns]


def summary(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return how many measures there are of every combination of picture and status.

    Input: as `decisions` returns. Columns picture, status, measures; every combination is there, in the order of the
    rules.
    """
    pairs = [reason.split("/") for reason in table()["rules"]]
    every = pd.MultiIndex.from_tuples(pairs, names=["picture", "status"])
    counted = decisions.groupby(every.names).size().reindex(every, fill_value=0)
    return counted.rename("measures").reset_index()


def unanswered(
    shifts: pd.DataFrame, scenarios: pd.DataFrame, effects: pd.DataFrame, measures: pd.DataFrame
) -> pd.DataFrame:
    """Return where risks and measures do not meet.

    Parameters
    ----------
    shifts
        As `pictures` takes, with column now.
    scenarios
        Columns scenario, status.
    effects
        Columns measure, scenario.
    measures
        Columns measure, state, part_of, cost_per_year.

    Returns
    -------
    DataFrame
        Columns kind, subject (a scenario or a measure), size. Kinds, each with the largest first:

        - risen-without-measure: the risk is higher and no adopted measure acts on it; size is the shift in classes.
        - new-without-measure: judged at the review alone, and no adopted measure acts on it; size is its position on
          the axis of the overall impact.
        - retired-with-measure: a measure that acts only on scenarios that are retired or gone; size is what it costs
          per year in euros, NaN if not told.
        - measure-without-scenario: a measure of which nobody told on what it acts; size likewise.
    """
    acts, top, moved = _acts(effects, measures), follow_up.wholes(measures), pictures(shifts)
    risen = moved[moved["picture"] == "higher"].set_index("scenario")["shift"]
    new = shifts[(shifts["state"] == "new") & (shifts["criterion"] == "impact")].set_index("scenario")["now"]
    # A measure that was split costs what its parts cost.
    adopted = measures[measures["measure"].isin(top.index)]
    paid = adopted[~adopted["measure"].isin(adopted["part_of"])]
    cost = paid.groupby(paid["measure"].map(top))["cost_per_year"].sum(skipna=False)
    alive = acts[acts["scenario"].isin(scenarios.loc[scenarios["status"] != "retired", "scenario"])]
    told = cost.index.isin(acts["measure"])
    found: dict[str, pd.Series[float]] = {
        "risen-without-measure": risen[~risen.index.isin(acts["scenario"])],
        "new-without-measure": new[~new.index.isin(acts["scenario"])],
        "retired-with-measure": cost[told & ~cost.index.isin(alive["measure"])],
        "measure-without-scenario": cost[~told],
    }
    ordered = {kind: sizes.sort_index().sort_values(ascending=False, kind="stable") for kind, sizes in found.items()}
    return pd.concat(ordered).rename_axis(["kind", "subject"]).rename("size").reset_index()


def _acts(effects: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Return on which scenarios each counted measure acts: columns measure, scenario."""
    counted = effects["measure"].map(follow_up.wholes(measures))
    return effects[["scenario"]].assign(measure=counted).dropna().drop_duplicates(ignore_index=True)
