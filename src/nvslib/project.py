"""Where everything stands in the project's folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nvslib.problems import Problem
from nvslib.tables import Table, load_table

REPORTS = "reports"
INDEX = "index"  # the page over all cycles
SEAL = "seal"  # the hashes of all files of a cycle
RAW, SETTINGS, SOURCE = "raw", "settings", "source"  # what files are that no stage wrote
STAGES = ("validation", "scoring", "weighing", "midterm_review", "effectiveness", "look_back", REPORTS)


def stages_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the stages that a cycle goes through: validation, and those for which its file has a section."""
    return tuple(stage for stage in STAGES if stage == "validation" or settings.get(stage))


@dataclass(frozen=True)
class Project:
    """The folder of one checkout, and the places in it."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Return the project around a folder (the current one if none is given)."""
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / "dvc.yaml").is_file() and (folder / "pipelines" / "cycles").is_dir():
                return cls(folder)
        raise Problem(f"{here}: no workbench here. Go to the folder with dvc.yaml, or below it")

    def cycles(self) -> list[str]:
        """Return the names of the cycles that have a file in ``pipelines/cycles``."""
        return sorted(path.stem for path in (self.root / "pipelines" / "cycles").glob("*.yaml"))

    def cycle_file(self, cycle: str) -> Path:
        """Return the file with everything that varies for a cycle; a `Problem` where there is no such cycle."""
        if cycle not in self.cycles():
            raise Problem(f"cycle: found {cycle!r}, allowed {', '.join(self.cycles())}. See `nvs cycles`")
        return self.root / "pipelines" / "cycles" / f"{cycle}.yaml"

    def raw(self, cycle: str) -> Path:
        """Return the folder with the tables as delivered."""
        return self.root / "data" / "raw" / cycle

    def results(self, cycle: str, stage: str) -> Path:
        """Return the folder with the results of a stage; those of the last one, the reports, are what goes out."""
        return self.root / "reports" / cycle if stage == REPORTS else self.root / "data" / "results" / cycle / stage

    def library(self) -> list[Path]:
        """Return the files of the library: its code, its method data and its definitions of tables."""
        found = (self.root / "src" / "nvslib").rglob("*")
        return sorted(path for path in found if path.suffix in (".py", ".yaml"))

    def shown(self, path: Path) -> str:
        """Return a path as it is named to the user and in lineage: from the project's root, with slashes."""
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link is named as it was given
        return absolute.relative_to(self.root).as_posix() if absolute.is_relative_to(self.root) else str(path)

    def table_file(self, cycle: str, name: str) -> Path:
        """Return the file of a table, as its stage wrote it."""
        return self.results(cycle, load_table(name).stage) / f"{name}.csv"

    def read_table(self, cycle: str, name: str) -> pd.DataFrame:
        """Return a table as its stage wrote it; a `Problem` when that stage has not run yet."""
        path = self.table_file(cycle, name)
        if not path.is_file():
            raise Problem(f"{self.shown(path)}: not made yet. Run `nvs repro {cycle}` first")
        return read_written(path, load_table(name))


def read_written(path: Path, table: Table) -> pd.DataFrame:
    """Return a table from the file in which it was written, with its types; numbers may be missing, text is empty."""
    types = table.csv_types()
    numbers = {name: [""] for name, kind in types.items() if kind == "float64"}
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=numbers)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
