"""How long a move of a slider takes until diagram and order are drawn again; ``python benchmarks/panel.py``.

Sixty scenarios, eighteen criteria; the best of five. Beside it an empty figure of the same size, saved as PNG. Ratios
hold on any machine, seconds on this one.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from nvslib import panel, scales
from nvslib.editions import load_edition

RUNS = 5
SCENARIOS = [f"s{number:02}" for number in range(60)]
EDITION = load_edition("2022")


def judged(criteria: list[str]) -> pd.DataFrame:
    """Return judgements of every scenario on every criterion, drawn at random."""
    drawn = np.sort(np.random.default_rng(1).integers(1, 6, (60, len(criteria), 3)), axis=-1)
    cells = pd.MultiIndex.from_product([SCENARIOS, criteria, scales.BOUNDS], names=["scenario", "criterion", "bound"])
    table = pd.DataFrame({"position": drawn.ravel().astype(float)}, cells).reset_index()
    return table.assign(**{"class": [scales.impact_classes()[int(position)] for position in table["position"]]})


def best_of(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest run."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def empty() -> None:
    """Save an empty figure of the panel's size."""
    from matplotlib.figure import Figure

    Figure(figsize=(11, 6)).savefig(io.BytesIO(), format="png", dpi=panel.DOTS_PER_INCH)


def main() -> None:
    """Redraw with every aggregator, and print seconds and ratios."""
    judgements, likelihood = judged(list(EDITION.criteria)), judged([scales.LIKELIHOOD])
    titles = [f"A scenario with a title of usual length, {name}" for name in SCENARIOS]
    scenarios = pd.DataFrame({"scenario": SCENARIOS, "title_en": titles, "kind": ["hazard", "threat"] * 30})
    times = dict.fromkeys(EDITION.interests, 1.0)

    def redrawn(aggregator: str) -> bytes:
        tried = panel.trial(judgements, EDITION, times, aggregator)
        return panel.picture(scenarios, likelihood, tried, tried, "en")

    base = best_of(empty)
    print("| way | seconds | against an empty figure |\n|---|---|---|")
    print(f"| an empty figure | {base:.3f} | 1.0 |")
    for aggregator in panel.AGGREGATORS:
        seconds = best_of(lambda aggregator=aggregator: redrawn(aggregator))
        print(f"| {aggregator} | {seconds:.3f} | {seconds / base:.1f} |")


if __name__ == "__main__":
    main()
