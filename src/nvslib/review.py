"""Following the measures: who reported on what, and when."""

from __future__ import annotations

import pandas as pd


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
