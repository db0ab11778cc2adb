"""Helpers: measures and effects to choose from, worked out by hand."""

import pandas as pd

EFFECTS = ["measure", "scenario", "acts_on", "capability", "low", "best", "high"]
NO_GAPS = pd.DataFrame(columns=["scenario", "capability", "low", "best", "high"]).astype(
    {"scenario": str, "capability": str, "low": float, "best": float, "high": float}
)


def measures(*rows, **columns):
    """Return measures from (name, department, cost); other columns by name -> measure -> value."""
    table = pd.DataFrame(rows, columns=["measure", "department", "cost_per_year"]).assign(state="option", capacity=0.0)
    for column in ("requires", "excludes", "part_of"):
        table[column] = [columns.get(column, {}).get(name, "") for name in table["measure"]]
    return table


def effects(*rows):
    """Return effects from (measure, scenario, side, classes), without spread; of a gap the side is gap:capability."""
    return pd.DataFrame(
        [(m, s, side.partition(":")[0], side.partition(":")[2], by, by, by) for m, s, side, by in rows], columns=EFFECTS
    )


# The case of docs/price-of-silos.md
CASE = (
    measures(("A1", "A", 2e6), ("B1", "B", 1e6), ("B2", "B", 1e6)),
    effects(("A1", "flood", "impact", 1), ("B1", "outage", "impact", 1), ("B2", "outage", "impact", 1)),
    {"flood": 0.090, "outage": 0.018},
)
