"""How long it takes to see what follows on what in a large network; ``python benchmarks/cascades.py [DRAWS]``.

118 scenarios at three levels each (354 nodes) with 1,500 links; 20,000 draws for every root unless said otherwise.
Beside it: only drawing as many random numbers, and the plain way, a breadth-first walk in Python for each root and
draw, which is run for a few of them and scaled up. Ratios hold on any machine, seconds on this one.
"""

from __future__ import annotations

import sys
import time
from collections import deque

import numpy as np
import pandas as pd

from nvslib import cascades

NODES, LINKS = 354, 1500
PLAIN = 40  # draws of the plain way, for one in ten of the roots; its time is proportional to both


def network() -> tuple[pd.DataFrame, list[str]]:
    """Return a network of random links with random probabilities, and its nodes."""
    generator = np.random.default_rng(1)
    names = [f"s{number:03}" for number in range(NODES)]
    pairs = generator.permutation(NODES * (NODES - 1))[:LINKS]
    cause, effect = np.divmod(pairs, NODES - 1)
    effect += effect >= cause
    mean = generator.uniform(0.01, 0.4, LINKS)
    bounds = {"low": mean / 2, "mean": mean, "high": np.minimum(2 * mean, 1)}
    return pd.DataFrame({"cause": np.take(names, cause), "effect": np.take(names, effect), **bounds}), names


def plainly(links: pd.DataFrame, names: list[str], draws: int) -> None:
    """Walk from one in ten of the roots along live links, draw by draw."""
    from_cause = {name: list(rows[["effect", "mean"]].itertuples(index=False)) for name, rows in links.groupby("cause")}
    generator = np.random.default_rng(1)
    for root in names[::10]:
        for _ in range(draws):
            seen, waiting = {root}, deque([root])
            while waiting:
                for effect, mean in from_cause.get(waiting.popleft(), ()):
                    if effect not in seen and generator.random() < mean:
                        seen.add(effect)
                        waiting.append(effect)


def main(draws: int) -> None:
    """See what follows in each way, and print seconds and ratios."""
    links, names = network()
    started = time.perf_counter()
    np.random.default_rng(1).random((LINKS, draws))
    alone = time.perf_counter() - started
    started = time.perf_counter()
    reached = cascades.reach(cascades.drawn(links, names, draws, 1))
    ours = time.perf_counter() - started
    started = time.perf_counter()
    plainly(links, names, PLAIN)
    plain = (time.perf_counter() - started) * draws / PLAIN * NODES / len(names[::10])
    print(f"{NODES} nodes × {LINKS:,} links × {draws:,} draws\n")
    print("| way | seconds | against random numbers alone |\n|---|---|---|")
    ways = {
        "random numbers alone": alone,
        "reach at three levels, with bounds": ours,
        f"plain, at one level ({PLAIN} draws of one in ten roots, scaled up)": plain,
    }
    for way, seconds in ways.items():
        print(f"| {way} | {seconds:.2f} | {seconds / alone:,.0f} |")
    print(f"\nPairs that are reached: {len(reached):,}; worked out exactly: {(reached['exact'] == 'yes').mean():.0%}.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
