"""How long it takes to choose measures anew for each draw; ``python benchmarks/portfolio.py [DRAWS]``.

84 measures with two to four effects each on 45 scenarios, a budget of a third of their cost; 200 draws unless said
otherwise. Beside it: taking what saves most for its cost, one measure after the other, which is quick and not the best;
and trying every set of 14 measures, which is as exact and scaled up to no more than that. Ratios hold on any machine,
seconds on this one.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
import pandas as pd

from nvslib import portfolio
from nvslib.portfolio import Limits, Options, Stakes

SCENARIOS = [f"s{number:02}" for number in range(45)]
TRIED = 14


def instance(count: int, draws: int) -> tuple[Options, Stakes, Limits]:
    """Return random measures, draws of what they are chosen on, and a budget of a third."""
    generator = np.random.default_rng(1)
    names = [f"M{number:02}" for number in range(count)]
    measures = pd.DataFrame({
        "measure": names, "department": generator.choice(list("ABCDEFG"), count), "requires": "", "excludes": "",
        "cost_per_year": generator.uniform(1e6, 5e7, count), "capacity": 0.0, "part_of": "",
    })  # fmt: skip
    rows = []
    for name in names:
        for scenario in generator.choice(SCENARIOS, generator.integers(2, 5), replace=False):
            best = generator.uniform(0.1, 0.9)
            rows.append((name, scenario, generator.choice(["likelihood", "impact"]), "", best / 3, best, 1.7 * best))
    effects = pd.DataFrame(rows, columns=["measure", "scenario", "acts_on", "capability", "low", "best", "high"])
    losses = pd.DataFrame(generator.lognormal(-6, 1.5, (draws, len(SCENARIOS))), columns=SCENARIOS)
    gaps = pd.DataFrame(columns=["scenario", "capability", "low", "best", "high"])
    of = portfolio.options(measures, effects)
    limits = Limits(measures["cost_per_year"].sum() / 3, {})
    return of, portfolio.drawn(of, effects, losses, gaps, 1), limits


def greedy(of: Options, stakes: Stakes, limits: Limits) -> float:
    """Return what is left after taking, one after the other, the measure that saves most for its cost."""
    chosen = np.zeros(len(of.measures), dtype=bool)
    while True:
        now = stakes.total(chosen)[0]
        room = limits.budget - of.cost[chosen].sum()
        gains = [
            (now - stakes.total(chosen | (np.arange(len(chosen)) == at))[0]) / of.cost[at] if of.cost[at] <= room else 0
            for at in range(len(chosen))
        ]
        if not any(gain > 0 for gain, taken in zip(gains, chosen, strict=True) if not taken):
            return float(now)
        chosen[int(np.argmax(np.where(chosen, 0, gains)))] = True


def trying_all(of: Options, stakes: Stakes, limits: Limits) -> float:
    """Return the least that any set within the budget leaves."""
    return min(
        stakes.total(np.array(chosen))[0]
        for chosen in itertools.product([False, True], repeat=len(of.measures))
        if of.cost[np.array(chosen)].sum() <= limits.budget
    )


def main(draws: int) -> None:
    """Choose in each way, and print seconds and ratios."""
    of, stakes, limits = instance(84, draws)
    started = time.perf_counter()
    table = portfolio.stances(of, stakes, limits)
    ours = (time.perf_counter() - started) / draws
    few = min(draws, 10)
    started = time.perf_counter()
    quick = [greedy(of, stakes.draw(number), limits) for number in range(few)]
    taking = (time.perf_counter() - started) / few
    best = [stakes.draw(number).total(portfolio.choose(of, stakes.draw(number), limits))[0] for number in range(few)]
    worse = np.mean(np.array(quick) / np.array(best)) - 1
    small, small_stakes, small_limits = instance(TRIED, 1)
    started = time.perf_counter()
    portfolio.choose(small, small_stakes, small_limits)
    chosen = time.perf_counter() - started
    started = time.perf_counter()
    trying_all(small, small_stakes, small_limits)
    tried = time.perf_counter() - started
    print(f"{len(of.measures)} measures × {draws} draws: {ours * draws:.1f} seconds\n")
    print("| way | seconds for a draw | against our choice |\n|---|---|---|")
    print(f"| the best set of {len(of.measures)} | {ours:.3f} | 1.0 |")
    print(f"| what saves most for its cost, one after the other | {taking:.3f} | {taking / ours:.1f} |")
    print(f"| the best set of {TRIED} | {chosen:.3f} | 1.0 |")
    print(f"| trying every set of {TRIED} | {tried:.3f} | {tried / chosen:.1f} |")
    depends = (table["stance"] == "depends").sum()
    print(f"\nOne after the other leaves {worse:.1%} more. Of {len(table)} measures {depends} depend on the draw.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
