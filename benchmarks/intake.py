"""How long a large delivery takes, and how much memory; ``python benchmarks/intake.py [ROWS]``.

A CSV file of assessments, one million rows unless said otherwise, is read, normalised and checked in a process of its
own; beside it the same file is merely read by pandas, in another. Ratios hold on any machine, seconds on this one.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = {
    "read by pandas": "import pandas as pd; pd.read_csv(folder / 'assessments.csv', dtype=str)",
    "taken in": "from nvslib.intake import take_in; take_in(folder, str)",
    "taken in and checked": (
        "from nvslib.intake import take_in; from nvslib.checks import check; from nvslib.editions import load_edition; "
        "outcome = check(take_in(folder, str), load_edition('2022'), 'raw'); "
        "assert not outcome.blocking, outcome.blocking[0].line('en')"
    ),
    "checked, every row wrong": (
        "from nvslib.intake import take_in; from nvslib.checks import check; from nvslib.editions import load_edition; "
        "taken = take_in(folder, str); taken.tables['assessments'].cells['basis'] = 'guess'; "
        "assert check(taken, load_edition('2022'), 'raw').blocking"
    ),
}


def write(folder: Path, rows: int) -> None:
    """Write a whole delivery with that many assessments, or a few more."""
    from nvslib.editions import load_edition
    from nvslib.scales import LIKELIHOOD

    criteria = [*load_edition("2022").criteria, LIKELIHOOD]
    scenarios = [f"scenario-{number}" for number in range(60)]
    assessors = [f"a{number}" for number in range(-(-rows // (len(criteria) * len(scenarios))))]
    texts = ["title_nl", "title_en", "theme_nl", "theme_en", "description_nl", "description_en", "source"]
    with (folder / "scenarios.csv").open("w", encoding="utf-8") as file:
        file.write(f"scenario,kind,{','.join(texts)},basis,classification\n")
        for name in scenarios:
            file.write(f"{name},hazard,{','.join(['text'] * len(texts))},illustrative,public\n")
    with (folder / "assessments.csv").open("w", encoding="utf-8") as file:
        file.write("scenario,criterion,assessor,low,best,high,confidence,reason,source,basis,classification\n")
        for number, cell in enumerate(itertools.product(scenarios, criteria, assessors)):
            file.write(f"{','.join(cell)},A,B,C,low,because of reason {number % 5000},round,illustrative,public\n")


def main(rows: int) -> None:
    """Write the delivery, take it in each way, and print seconds, memory and ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows)
        size = (folder / "assessments.csv").stat().st_size / 2**20
        print(f"{rows:,} assessments, {size:.0f} MB\n")
        print("| way | seconds | against pandas | peak memory, MB |\n|---|---|---|---|")
        base = 0.0
        for way, code in WAYS.items():
            report = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
            script = f"import sys; from pathlib import Path; folder = Path(sys.argv[1])\n{code}\n{report}"
            started = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", script, name], check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - started
            base = base or seconds
            print(f"| {way} | {seconds:.1f} | {seconds / base:.1f} | {done.stdout.strip()} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
