"""Looking back: how the risk picture moved, and how the measures were followed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nvslib import scales, uncertainty


def reporting(measures: pd.DataFrame, progress: pd.DataFrame) -> pd.DataFrame:
    """Return on how many of its measures each department reported, by reporting date.

    A department that never reported is there too, with zero. A report counts whoever sent it, so that a department
    that took over a measure or changed its name does not seem silent.

    Parameters
    ----------
    measures
        Columns measure, department, state and start (as 2021-12-31).
    progress
        Columns measure and date; one row for each report.

    Returns
    -------
    DataFrame
        Columns date, department, measures (adopted, and to have started by that date) and reported.
    """
    adopted = measures[measures["state"] == "adopted"]
    dates = pd.DataFrame({"date": sorted(set(progress["date"]))}, dtype=object)
    due = dates.merge(adopted[["measure", "department", "start"]], how="cross")
    due = due[due["start"] <= due["date"]]
    told = progress[["measure", "date"]].drop_duplicates().assign(told=1)
    due = due.merge(told, how="left", on=["measure", "date"])
    counted = due.groupby(["date", "department"]).agg(measures=("measure", "size"), reported=("told", "sum"))
    return counted.astype(int).reset_index()


def compared(
    before: tuple[pd.DataFrame, pd.DataFrame],
    now: tuple[pd.DataFrame, pd.DataFrame],
    count: int,
    seed: int,
    dependence: float,
) -> pd.DataFrame:
    """Return how each scenario stood in the previous cycle and stands now, on the criteria that both have.

    Every shared criterion counts the same, whatever weights the cycles use. The draws of the two cycles are
    independent: they had other assessors.

    Parameters
    ----------
    before, now
        Of each cycle its judgements (columns scenario, criterion, bound, position, as `judgement.pooled` returns) and
        their members (as `uncertainty.mixtures` takes).
    count, seed, dependence
        As `uncertainty.draws` takes.

    Returns
    -------
    DataFrame
        One row for each scenario of either cycle: state (both, new or gone); for impact and likelihood the position
        before and now, their difference (shift), and higher, the share of the draws in which it is higher now (a tie is
        half). Positions are on the axes; what there is not is missing.
    """
    criteria = shared_criteria(before[0], now[0])
    places = {
        f"{side}_{when}": table
        for when, (judgements, _) in (("before", before), ("now", now))
        for side, table in _places(judgements, criteria).items()
    }
    table = pd.DataFrame(places).rename_axis("scenario")
    known = {when: table[f"likelihood_{when}"].notna() for when in ("before", "now")}
    table["state"] = np.select([known["before"] & known["now"], known["now"]], ["both", "new"], "gone")
    both = sorted(table.index[table["state"] == "both"])
    weights = {"shared": dict.fromkeys(criteria, 1 / len(criteria))}
    was, are = (
        uncertainty.draws(
            members[members["scenario"].isin(both) & members["criterion"].isin([*criteria, scales.LIKELIHOOD])],
            weights, count, [seed, stream], dependence=dependence,
        )
        for stream, (_, members) in enumerate((before, now), start=2)
    )  # fmt: skip
    higher = {
        "impact": _higher(was.impacts["shared"], are.impacts["shared"]),
        "likelihood": _higher(was.likelihoods, are.likelihoods),
    }
    for side, share in higher.items():
        table[f"{side}_shift"] = table[f"{side}_now"] - table[f"{side}_before"]
        table[f"{side}_higher"] = share
    return table.reset_index()


def _higher(before: pd.DataFrame, now: pd.DataFrame) -> pd.Series[float]:
    """Return the share of the draws in which each scenario is higher now; a tie is half."""
    signs: pd.Series[float] = np.sign(now - before).mean()
    return (signs + 1) / 2


def shared_criteria(*judgements: pd.DataFrame) -> list[str]:
    """Return the impact criteria on which every one of several tables has judgements, in order."""
    return sorted(set.intersection(*(set(table["criterion"]) for table in judgements)) - {scales.LIKELIHOOD})


def _places(judgements: pd.DataFrame, criteria: Sequence[str]) -> dict[str, pd.Series[float]]:
    """Return the expected position of every scenario on both axes, the impact on some criteria alone."""
    best = judgements[judgements["bound"] == "best"]
    positions = best.pivot(index="scenario", columns="criterion", values="position")
    values = scales.impact_value(positions[criteria]).mean(axis=1)
    impact = pd.Series(scales.impact_position(values), positions.index)
    return {"impact": impact, "likelihood": positions[scales.LIKELIHOOD]}
