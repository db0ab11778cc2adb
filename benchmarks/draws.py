"""How long the draws of a whole cycle take, and how much memory; ``python benchmarks/draws.py [DRAWS]``.

Sixty scenarios, eighteen criteria and a likelihood, eight assessors for each cell, four weight profiles; 10,000 draws
unless said otherwise. Beside it: only drawing as many random numbers, and the plain way, one draw at a time with the
weighted sum of pymcdm and of scikit-criteria, which are run for fewer draws and scaled up. Each way runs in a process
of its own, and the best of three runs counts. Ratios hold on any machine, seconds on this one.
"""

from __future__ import annotations

import subprocess
import sys

RUNS = 3
PLAIN = 200  # draws of the plain way; its time is proportional to their number

CYCLE = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
import numpy as np
import pandas as pd
from nvslib import profiles, scales, uncertainty
from nvslib.editions import load_edition

n = int(sys.argv[1])
edition = load_edition("2022")
weights = {name: profiles.profile_weights(edition, name) for name in profiles.profiles()}
criteria = [*edition.criteria, scales.LIKELIHOOD]
bounds = np.sort(np.random.default_rng(1).integers(1, 6, (60, len(criteria), 8, 3)).astype(float), axis=-1)
cells = pd.MultiIndex.from_product(
    [[f"s{number:02}" for number in range(60)], criteria, [f"a{number}" for number in range(8)]],
    names=["scenario", "criterion", "assessor"],
)
members = pd.DataFrame(bounds.reshape(-1, 3), cells, ["low", "best", "high"]).reset_index().assign(weight=1 / 8)


def told(drawn):
    arrays = [*drawn.impacts.values(), drawn.likelihoods]
    return sha256(b"".join(array.to_numpy().tobytes() for array in arrays)).hexdigest()


digest = ""
started = time.perf_counter()
"""

REPORT = """
seconds = time.perf_counter() - started
import resource
peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
print(seconds, peak, digest)
"""

PLAINLY = """
rows = [np.array(list(row.values())) for row in weights.values()]
generator = np.random.default_rng(1)
scenario, criterion = np.indices((60, 18))
low, best, high = np.moveaxis(bounds + [0, 0, 1e-9], -1, 0)
for _ in range(n):
    member = scenario, criterion, generator.integers(0, 8, (60, 18))
    values = scales.impact_value(generator.triangular(low[member], best[member], high[member]))
    [weigh(values, row) for row in rows]
"""

WAYS = {
    "random numbers alone": """
for child in np.random.SeedSequence(1).spawn(-(-n // 1000)):
    np.random.default_rng(child).standard_normal((1000, 60, 1 + len(criteria)))
""",
    "draws, one process": "digest = told(uncertainty.draws(members, weights, n, 1, dependence=0.3))",
    "draws, two processes": """
with ProcessPoolExecutor(2) as executor:
    digest = told(uncertainty.draws(members, weights, n, 1, dependence=0.3, executor=executor))
""",
    "and ranked four times": """
from nvslib import ranking
drawn = uncertainty.draws(members, weights, n, 1, dependence=0.3)
for impacts in drawn.impacts.values():
    ranking.acceptability(impacts), ranking.pairwise(impacts), uncertainty.intervals(impacts)
""",
    "plain, with pymcdm": f"""
from pymcdm.methods import WSM
model = WSM(normalization_function=lambda column, cost=False: column)
def weigh(values, row):
    return model(values, row, np.ones(18))
{PLAINLY}""",
    "plain, with scikit-criteria": f"""
from skcriteria import mkdm
from skcriteria.agg.simple import WeightedSumModel
model = WeightedSumModel()
def weigh(values, row):
    return model.evaluate(mkdm(values, [max] * 18, weights=row))
{PLAINLY}""",
}


def main(draws: int) -> None:
    """Draw in each way, and print seconds, memory and ratios."""
    print(f"{draws:,} draws × 60 scenarios × 18 criteria × 4 profiles\n")
    print("| way | seconds | against random numbers alone | peak memory, MB |\n|---|---|---|---|")
    base, digests = 0.0, set()
    for way, code in WAYS.items():
        here = PLAIN if way.startswith("plain") else draws
        script = f"{CYCLE}{code}{REPORT}"
        command = [sys.executable, "-c", script, str(here)]
        runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(RUNS)]
        seconds = min(float(measured) for measured, *_ in runs) * draws / here
        peak = min(int(reached) for _, reached, *_ in runs)
        digests |= {digest for _, _, *told in runs for digest in told}
        base = base or seconds
        scaled = f" ({here} draws, scaled up)" if here != draws else ""
        print(f"| {way}{scaled} | {seconds:.2f} | {seconds / base:.0f} | {peak} |")
    assert len(digests) == 1, "one and two processes must give the same bytes"  # noqa: S101 - a benchmark is not a test
    print("\nOne and two processes gave the same bytes.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
