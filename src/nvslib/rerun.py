"""Making a cycle again from its commit, in a clone beside the project, and telling what comes out different."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nvslib.problems import Problem
from nvslib.project import Project
from nvslib.seal import ORDER, differences, read_seal, seal_of
from nvslib.tables import load_table, table_names


@dataclass(frozen=True)
class Cell:
    """A cell of a table that differs; empty where a table has no such row or column."""

    key: dict[str, str]
    column: str
    sealed: str
    again: str


@dataclass(frozen=True)
class Difference:
    """A file that came out different: ``altered``, ``missing`` (not made again) or ``added``; of a table its cells."""

    path: str
    state: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Rerun:
    """What came of making a cycle again: the first stage that differs from the seal ('' when none), and how.

    ``later`` is how many files of later stages differ too.
    """

    cycle: str
    commit: str
    files: int
    stage: str = ""
    differences: tuple[Difference, ...] = ()
    later: int = 0

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def rerun(project: Project, cycle: str) -> Rerun:
    """Clone the project's commit, run a cycle in the clone from its raw tables, and hold every byte against the seal.

    Raises
    ------
    Problem
        The project is not in git, or the run fails in the clone.
    """
    with tempfile.TemporaryDirectory(prefix="nvs-rerun-") as folder:
        clone = Project(Path(folder).resolve() / "clone")
        _run(["git", "clone", "--quiet", str(project.root), str(clone.root)], project.root)
        commit = _run(["git", "rev-parse", "HEAD"], clone.root).strip()
        environment = {"PYTHONPATH": str(clone.root / "src"), "VIRTUAL_ENV": sys.prefix}
        _run([sys.executable, "-m", "nvslib", "repro", cycle], clone.root, environment)
        sealed, again = read_seal(project, cycle), seal_of(clone, cycle)
        differing = differences(sealed, again)
        stage_of = {path: (sealed.get(path) or again[path]).stage for path in differing}
        first = min(stage_of.values(), key=ORDER.index, default="")
        told = tuple(
            Difference(path, state, tuple(_cells(project, clone, path)))
            for path, state in differing.items()
            if stage_of[path] == first
        )
        return Rerun(cycle, commit, len(sealed), first, told, len(differing) - len(told))


def _cells(project: Project, clone: Project, path: str) -> Iterator[Cell]:
    """Yield the cells of a table that differ between a project and its clone, where both have it."""
    here, there = project.root / path, clone.root / path
    if here.suffix != ".csv" or not here.is_file() or not there.is_file():
        return
    left, right = (pd.read_csv(file, dtype=str, keep_default_na=False) for file in (here, there))
    yield from cells_between(left, right, load_table(here.stem).key if here.stem in table_names() else ())


def cells_between(left: pd.DataFrame, right: pd.DataFrame, key: tuple[str, ...]) -> Iterator[Cell]:
    """Yield the cells that differ between two tables of text, by their key, or without one by the number of the row."""
    tables = [_by_key(table, key) for table in (left, right)]
    rows = {**tables[0], **tables[1]}
    for at in rows:
        before, after = (table.get(at, {}) for table in tables)
        for column in {**before, **after}:
            found = before.get(column, ""), after.get(column, "")
            if found[0] != found[1]:
                yield Cell(dict(at), column, *found)


def _by_key(table: pd.DataFrame, key: tuple[str, ...]) -> dict[tuple[tuple[str, str], ...], dict[str, str]]:
    names = key if set(key) <= set(table.columns) else ()
    found = {}
    for number, row in enumerate(table.to_dict("records"), start=2):
        at = tuple((name, str(row[name])) for name in names) or (("row", str(number)),)
        found[at] = {str(name): str(value) for name, value in row.items() if name not in names}
    return found


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command and return what it says; a `Problem` with its last lines when it fails."""
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        command, cwd=folder, env=os.environ | (environment or {}), check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Problem(f"{' '.join(command[-3:])}: {line}" for line in done.stderr.splitlines()[-5:] or ["failed"])
    return done.stdout
