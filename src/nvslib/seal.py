"""The seal of a cycle: the SHA-256 of every file that it was made from and that was made; and `verify` against it.

DVC calls a file unchanged whose size and time are; here every byte is read. The seal stands in git, and dvc.lock pins
it, so that a commit says what every file of its cycles was.
"""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nvslib.commits import Commit, from_git, in_git, last_commit
from nvslib.dependents import Dependents
from nvslib.lineage import to_csv
from nvslib.problems import Problem
from nvslib.project import RAW, REPORTS, SEAL, SETTINGS, SOURCE, STAGES, Project, sha256
from nvslib.settings import read_settings

ORDER = (RAW, SETTINGS, SOURCE, *STAGES)
SIGNERS, NAMESPACE = "allowed_signers", "nvs-seal"
LOCK = "dvc.lock"


@dataclass(frozen=True)
class Sealed:
    """A file as it was sealed: its path in the project, SHA-256, size in bytes, and the stage that wrote it.

    The stage of a file that no stage wrote is ``raw`` (delivered), ``settings`` (the cycle's file) or ``source``
    (notebook, library, template, text or the lock of all packages).
    """

    path: str
    sha256: str
    size: int
    stage: str


@dataclass(frozen=True)
class Deviation:
    """A file that is not as it was sealed, and what depends on it.

    Attributes
    ----------
    path
        The file, from the project's root.
    state
        ``altered``, ``missing`` or ``added``; of the seal itself also ``unpinned`` (dvc.lock pins another),
        ``uncommitted`` (the commit holds another) and ``forged`` (the signature does not fit).
    stage
        As in `Sealed`, or ``seal``.
    facts, figures, reports
        The names of facts, and the paths of figures and reports, that were made from the file.
    """

    path: str
    state: str
    stage: str
    facts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """What `verify` found of a cycle.

    Attributes
    ----------
    cycle, files, size
        The cycle, how many files its seal has, and their bytes together.
    seal
        The SHA-256 of the seal.
    commit
        The commit that last changed the seal; an empty one without git.
    signed_by
        Who signed the seal; empty without a signature that fits.
    deviations
        What is not as it was sealed, sorted by path; empty when all is well.
    """

    cycle: str
    files: int
    size: int
    seal: str
    commit: Commit
    signed_by: str
    deviations: tuple[Deviation, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def seal_file(project: Project, cycle: str) -> Path:
    """Return where the seal of a cycle stands."""
    return project.root / "seals" / f"{cycle}.csv"


def sealed_cycles(project: Project) -> list[str]:
    """Return the cycles that are to be verified: those with a seal, and those that should have one."""
    named = {path.stem for path in (project.root / "seals").glob("*.csv")}
    for name in project.cycles():
        with suppress(Problem):  # of a cycle whose file cannot be read the seal tells
            if REPORTS in read_settings(project, name).stages:
                named.add(name)
    return sorted(named)


def files_of(project: Project, cycle: str) -> dict[str, str]:
    """Return every file that a cycle was made from and that was made of it: path -> stage, as in `Sealed`."""
    notebooks = [project.root / "notebooks" / f"{stage}.ipynb" for stage in read_settings(project, cycle).stages]
    alone = [*notebooks, project.root / "requirements.lock", project.root / "pipelines" / "stage"]
    found = _in_folders(project, cycle) | {project.shown(path): SOURCE for path in alone if path.is_file()}
    found[project.shown(project.cycle_file(cycle))] = SETTINGS
    return dict(sorted(found.items()))


def _in_folders(project: Project, cycle: str) -> dict[str, str]:
    """Return the files in the folders of which all is sealed: path -> stage. No file is read for it."""
    reports = project.root / "reports"
    sources = [*project.library(), *_below(reports / "templates"), *_below(reports / "texts")]
    found = {project.shown(path): SOURCE for path in sources}
    found |= {project.shown(path): RAW for path in _below(project.raw(cycle))}
    for stage in STAGES:
        found |= {project.shown(path): stage for path in _below(project.results(cycle, stage))}
    return found


def _below(folder: Path) -> list[Path]:
    """Return the files in a folder and below it, but for those that tools leave there."""
    passed = {"__pycache__", ".ipynb_checkpoints"}
    return [path for path in folder.rglob("*") if path.is_file() and passed.isdisjoint(path.parts)]


def seal_of(project: Project, cycle: str) -> dict[str, Sealed]:
    """Return what the seal of a cycle would be as its files stand now: path -> file."""
    return _hashed(project, files_of(project, cycle))


def _hashed(project: Project, stages: dict[str, str]) -> dict[str, Sealed]:
    """Return files as they stand now, but for those that are missing."""
    there = {path: project.root / path for path in sorted(stages)}
    return {
        path: Sealed(path, sha256(file), file.stat().st_size, stages[path])
        for path, file in there.items()
        if file.is_file()
    }


def differences(before: dict[str, Sealed], after: dict[str, Sealed]) -> dict[str, str]:
    """Return the files that differ between two seals, sorted: path -> ``altered``, ``missing`` or ``added``."""
    found = {}
    for path in sorted({*before, *after}):
        if path not in after:
            found[path] = "missing"
        elif path not in before:
            found[path] = "added"
        elif before[path].sha256 != after[path].sha256:
            found[path] = "altered"
    return found


def write_seal(project: Project, cycle: str) -> Path:
    """Seal a cycle as it stands now, and return the seal's file."""
    file = seal_file(project, cycle)
    file.parent.mkdir(exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(to_csv(seal_of(project, cycle).values(), Sealed), "utf-8")
    new.replace(file)
    return file


def read_seal(project: Project, cycle: str) -> dict[str, Sealed]:
    """Return the seal of a cycle: path -> file as sealed.

    Raises
    ------
    Problem
        There is no seal, or it cannot be read as one.
    """
    file = seal_file(project, cycle)
    shown = project.shown(file)
    if not file.is_file():
        project.cycle_file(cycle)
        raise Problem(f"{shown}: no seal. Run `nvs repro {cycle}` first")
    try:
        return parsed(file.read_bytes())
    except (UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError):
        raise Problem(f"{shown}: altered; it cannot be read as a seal. `git checkout {shown}` brings it back") from None


def parsed(seal: bytes) -> dict[str, Sealed]:
    """Return what the bytes of a seal say: path -> file as sealed."""
    rows = csv.DictReader(io.StringIO(seal.decode("utf-8")))
    return {row["path"]: Sealed(row["path"], row["sha256"], int(row["size"]), row["stage"]) for row in rows}


def verify_each(project: Project, cycles: Iterable[str]) -> tuple[list[Verified], list[str]]:
    """Verify several cycles; return what was found, and a line for each cycle that could not be verified."""
    found, lines = [], []
    for cycle in cycles:
        try:
            found.append(verify(project, cycle))
        except Problem as problem:
            lines += problem.lines
    return found, lines


def verify(project: Project, cycle: str) -> Verified:
    """Read every byte of a cycle, hold it against the seal, and the seal against dvc.lock, commit and signature."""
    sealed = read_seal(project, cycle)
    stages = _in_folders(project, cycle) | {path: row.stage for path, row in sealed.items()}
    states = differences(sealed, _hashed(project, stages))
    file = seal_file(project, cycle)
    loose, signed_by = list(_pins(project, cycle)), _signed_by(file)
    if signed_by is None:
        loose.append(("forged", project.shown(file.with_suffix(".csv.sig"))))
    dependents = Dependents(project, cycle)
    found = [Deviation(path, state, SEAL) for state, path in loose]
    found += [
        Deviation(path, state, stages[path], *dependents.of(path, stages[path])) for path, state in states.items()
    ]
    return Verified(
        cycle, len(sealed), sum(row.size for row in sealed.values()), sha256(file),
        last_commit(project, file), signed_by or "", tuple(sorted(found, key=lambda one: one.path)),
    )  # fmt: skip


def require_sealed(project: Project, cycle: str) -> Verified:
    """Return a cycle as it was verified; a `Problem` when it is not as it was sealed, or its seal not committed."""
    found = verify(project, cycle)
    if found.deviations or not found.commit.name:
        raise Problem(f"{cycle}: not as it was sealed and committed. `nvs verify {cycle}` says what is not")
    return found


def _pins(project: Project, cycle: str) -> Iterator[tuple[str, str]]:
    """Yield what does not hold the seal in its place, as (state, path): dvc.lock, and the commit."""
    file = seal_file(project, cycle)
    shown = project.shown(file)
    if _pinned(project, cycle) != hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest():
        yield "unpinned", shown
    if in_git(project):
        for path in (LOCK, shown):
            if from_git(project, "HEAD", path) != (project.root / path).read_bytes():
                yield "uncommitted", path


def _pinned(project: Project, cycle: str) -> str:
    """Return the hash of the seal in dvc.lock; empty where it has none."""
    import yaml

    try:
        stages = yaml.safe_load((project.root / LOCK).read_text("utf-8"))["stages"]
        return str(stages[f"{SEAL}@{cycle}"]["outs"][0]["md5"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, IndexError):
        return ""


def _signed_by(file: Path) -> str | None:
    """Return who signed a seal: empty when it bears no signature, None when its signature does not fit.

    Those who may sign stand in ``seals/allowed_signers``, as ``ssh-keygen -Y`` reads it.
    """
    signature, signers = file.with_suffix(".csv.sig"), file.parent / SIGNERS
    if not signature.is_file():
        return ""
    about = ["-f", str(signers), "-s", str(signature)]
    try:
        who = subprocess.run(  # noqa: S603
            ["ssh-keygen", "-Y", "find-principals", *about],  # noqa: S607
            check=False, capture_output=True, text=True,
        ).stdout.split("\n")[0]  # fmt: skip
        fits = who and subprocess.run(  # noqa: S603
            ["ssh-keygen", "-Y", "verify", *about, "-I", who, "-n", NAMESPACE],  # noqa: S607
            check=False, capture_output=True, input=file.read_bytes(),
        ).returncode == 0  # fmt: skip
    except FileNotFoundError:
        raise Problem(f"{signature}: ssh-keygen is needed to check it. Install OpenSSH") from None
    return who if fits else None
