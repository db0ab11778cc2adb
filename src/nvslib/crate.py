"""A cycle as a research object for archives and other tools: RO-Crate 1.1, by the profile Provenance Run Crate 0.5.

The pipeline is the workflow, a notebook is a tool, and a stage that ran is an action: with what it read, with which
settings, when, for how long and by whom. Every file stands in the crate with its size and SHA-256, those of the cycles
on which it looks back too, so that it can be verified, explained and run again from the crate alone.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

from nvslib.commits import Commit
from nvslib.crate_graph import CONDA, CONTEXT, LOCK, METADATA, README, WORKFLOW, Contents, Ran, graph
from nvslib.lineage import load_lineage, load_run, to_json
from nvslib.problems import Problem
from nvslib.project import Project, sha256
from nvslib.seal import read_seal, require_sealed, seal_file
from nvslib.settings import read_settings

ALONE = (WORKFLOW, "dvc.lock", ".dvc/config", CONDA, "pyproject.toml", "LICENSE")  # besides what is sealed
ABOUT = "The cycle {cycle} of the national security strategy, with every file that it was made from and made of it."
READ_ME = """# {title}

{about}

- The reports: `reports/{cycle}/index.nl.html` and `index.en.html`
- What each file is, and how it came about: `{metadata}` (RO-Crate 1.1, Provenance Run Crate 0.5)
- The SHA-256 of each file: `seals/{cycle}.csv`, of commit {commit}
- To make it again, in this folder and in an active environment of its own (`python -m venv`): `git init`,
  `pip install --require-hashes --requirement requirements.lock`, `PYTHONPATH=src python -m nvslib repro {cycle}`;
  the seal comes out the same
"""


def write_crate(project: Project, cycle: str, folder: Path) -> Path:
    """Write a cycle as a research object into a new folder, and return its metadata file.

    The same sealed cycle with the same records of its runs gives the same bytes. Where this machine did not make the
    results itself, nothing is said of when a stage ran.

    Raises
    ------
    Problem
        The folder is there already, or the cycle, or one on which it looks back, is not as it was sealed and committed.
    """
    if folder.exists():
        raise Problem(f"{folder}: is there already; nothing is written over. Name a folder that is not there yet")
    commits = [require_sealed(project, one).commit for one in _looked_back_on(project, cycle)]
    readme = READ_ME.format(
        title=read_settings(project, cycle).title.en,
        about=ABOUT.format(cycle=cycle),
        cycle=cycle,
        metadata=METADATA,
        commit=commits[0].name,
    ).encode("utf-8")
    contents = _contents(project, cycle, commits[0], readme)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".crate-", dir=folder.parent) as place:
        new = Path(place) / folder.name
        for path in contents.files.keys() - {README}:
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project.root / path, new / path)
        (new / README).write_bytes(readme)
        (new / METADATA).write_text(to_json({"@context": CONTEXT, "@graph": graph(contents)}), "utf-8")
        new.rename(folder)
    return folder / METADATA


def _looked_back_on(project: Project, cycle: str) -> Iterator[str]:
    """Yield a cycle, and the cycles on which it looks back, the last one first."""
    yield cycle
    look_back = read_settings(project, cycle).look_back
    if look_back:
        yield from _looked_back_on(project, look_back.cycle)


def _contents(project: Project, cycle: str, commit: Commit, readme: bytes) -> Contents:
    settings = read_settings(project, cycle)
    stages = []
    for stage in settings.stages:
        lineage = load_lineage(project, cycle, stage)
        if lineage:  # else it would not be as it was sealed
            stages.append(Ran(stage, lineage, load_run(project, cycle, stage)))
    files = {README: (hashlib.sha256(readme).hexdigest(), len(readme))}
    shown: list[str] = [*ALONE]
    for one in _looked_back_on(project, cycle):
        files |= {path: (row.sha256, row.size) for path, row in read_seal(project, one).items()}
        shown.append(project.shown(seal_file(project, one)))
    files |= {path: (sha256(project.root / path), (project.root / path).stat().st_size) for path in shown}
    return Contents(
        cycle=cycle,
        title=settings.title.en,
        about=ABOUT.format(cycle=cycle),
        settings=project.shown(project.cycle_file(cycle)),
        seal=project.shown(seal_file(project, cycle)),
        origin=yaml.safe_load((project.raw(cycle) / "origin.yaml").read_text("utf-8")),
        commit=commit,
        stages=tuple(stages),
        files=dict(sorted(files.items())),
        versions=_versions(project),
    )


def _versions(project: Project) -> dict[str, str]:
    """Return the packages on which the library rests, each with its version in the lock."""
    wanted = tomllib.loads((project.root / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9._-]", one)[0].lower() for one in wanted}
    pinned = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (project.root / LOCK).read_text("utf-8"), re.MULTILINE)
    return {name: version for name, version in sorted(pinned) if name in names}
