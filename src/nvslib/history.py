"""Published versions of a cycle, in the order in which they went out; and which facts differ between two of them.

The history stands in git: ``seals/history/versions.csv``, to which lines are added and in which none is changed, and
beside it the facts of each version.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nvslib.commits import from_git
from nvslib.dependents import Dependents
from nvslib.explanation import read_facts
from nvslib.lineage import to_csv, to_json
from nvslib.problems import Problem
from nvslib.project import RAW, SETTINGS, SOURCE, Project
from nvslib.seal import Sealed, differences, parsed, read_seal, require_sealed, seal_file
from nvslib.settings import read_settings

HISTORY = "seals/history/versions.csv"
MARK = "@"  # between a cycle and the number of its version


@dataclass(frozen=True)
class Version:
    """A version of a cycle that went out.

    Attributes
    ----------
    cycle, version
        The cycle, and the number of the version, from 1.
    date
        When it was published, as year-month-day.
    final
        The reports that were final, joined by a semicolon; the others were drafts.
    seal, commit
        The SHA-256 of the seal, and the commit that holds it.
    changed
        What changed since the version before, in the words of who published it.
    """

    cycle: str
    version: int
    date: str
    final: str
    seal: str
    commit: str
    changed: str


@dataclass(frozen=True)
class Change:
    """A fact that differs between two sides.

    Attributes
    ----------
    fact, before, after
        Its name and its values; None where a side has no such fact.
    difference
        After less before, where both are numbers.
    because
        The raw files, settings and sources that differ and from which the fact was made; of two cycles, nothing.
    """

    fact: str
    before: Any
    after: Any
    difference: float | None
    because: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def history(project: Project) -> list[Version]:
    """Return all versions that were published, as they stand in the file.

    Raises
    ------
    Problem
        A line was changed or taken out since the last commit, a version is out of order, or a commit does not hold the
        seal that its line says.
    """
    path = project.root / HISTORY
    text = path.read_text("utf-8") if path.is_file() else ""
    if not text.startswith(from_git(project, "HEAD", HISTORY).decode("utf-8")):
        raise Problem(f"{HISTORY}: a published line is changed or gone. `git checkout {HISTORY}` brings it back")
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
    versions = [Version(**row | {"version": int(row["version"])}) for row in rows]
    last: dict[str, int] = {}
    for line, one in enumerate(versions, start=2):
        number = last[one.cycle] = last.get(one.cycle, 0) + 1
        if one.version != number:
            raise Problem(f"{HISTORY}, row {line}, column version: found {one.version}, allowed {number}")
        if hashlib.sha256(_seal_at(project, one)).hexdigest() != one.seal:
            raise Problem(f"{HISTORY}, row {line}: commit {one.commit} does not hold the seal of this row")
    return versions


def publish(project: Project, cycle: str, changed: str) -> Version:
    """Add a cycle as it stands to the history, with its facts, and return the version.

    Raises
    ------
    Problem
        Something is not as it was sealed or not committed, this very state is published already, or nothing is said of
        what changed.
    """
    if not changed.strip():
        raise Problem("--changed: found nothing; say in a sentence what changed since the version before")
    found, before = require_sealed(project, cycle), [one for one in history(project) if one.cycle == cycle]
    if before and before[-1].seal == found.seal:
        raise Problem(f"{cycle}: version {before[-1].version} is this very state; there is nothing new to publish")
    reports = read_settings(project, cycle).reports
    version = Version(
        cycle=cycle,
        version=len(before) + 1,
        date=dt.datetime.now(tz=dt.UTC).date().isoformat(),
        final="; ".join(reports.final if reports else []),
        seal=found.seal,
        commit=found.commit.name,
        changed=" ".join(changed.split()),
    )
    facts = {
        name: {"value": fact.value, "table": fact.table} for name, fact in sorted(read_facts(project, cycle).items())
    }
    path = project.root / HISTORY
    path.parent.mkdir(exist_ok=True)
    _facts_file(project, cycle, version.version).write_text(to_json(facts), "utf-8")
    line = to_csv([version], Version, head=not path.is_file())
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(line)
    return version


def compare(project: Project, before: str, after: str) -> list[Change]:
    """Return the facts that differ between two sides: each a cycle as it stands or, as in ``nrb-2014@1``, a version."""
    left, right = _side(project, before), _side(project, after)
    bears: dict[str, frozenset[str]] = {}
    if left.cycle == right.cycle:
        dependents = Dependents(project, left.cycle)
        differing = ((left.seal.get(path) or right.seal[path]) for path in differences(left.seal, right.seal))
        inputs = [one for one in differing if one.stage in (RAW, SETTINGS, SOURCE)]
        bears = {one.path: frozenset(dependents.facts(one.path, one.stage)) for one in inputs}
    return [
        Change(
            name,
            left.facts.get(name),
            right.facts.get(name),
            _difference(left.facts.get(name), right.facts.get(name)),
            tuple(path for path, facts in bears.items() if name in facts),
        )
        for name in sorted({*left.facts, *right.facts})
        if left.facts.get(name) != right.facts.get(name)
    ]


@dataclass(frozen=True)
class _Side:
    """One side of a comparison: its cycle, fact -> value, and path -> file as sealed."""

    cycle: str
    facts: dict[str, Any]
    seal: dict[str, Sealed]


def _side(project: Project, named: str) -> _Side:
    cycle, mark, number = named.partition(MARK)
    if not mark:
        facts = {name: fact.value for name, fact in read_facts(project, cycle).items()}
        return _Side(cycle, facts, read_seal(project, cycle))
    versions = {str(one.version): one for one in history(project) if one.cycle == cycle}
    if number not in versions:
        known = ", ".join(f"{cycle}{MARK}{one}" for one in versions) or "none is published"
        raise Problem(f"version: found {named!r}, allowed: {known}")
    kept = json.loads(_facts_file(project, cycle, int(number)).read_text("utf-8"))
    return _Side(
        cycle, {name: fact["value"] for name, fact in kept.items()}, parsed(_seal_at(project, versions[number]))
    )


def _facts_file(project: Project, cycle: str, version: int) -> Path:
    return (project.root / HISTORY).with_name(f"{cycle}{MARK}{version}.facts.json")


def _seal_at(project: Project, version: Version) -> bytes:
    """Return the seal of a version, as its commit holds it."""
    return from_git(project, version.commit, project.shown(seal_file(project, version.cycle)))


def _difference(before: Any, after: Any) -> float | None:
    numbers = all(isinstance(one, int | float) for one in (before, after))
    return float(after - before) if numbers else None
