"""The way back from a file: what it is, and how it came about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nvslib.commits import Commit, last_commit
from nvslib.lineage import Lineage, Run, lineages, load_run
from nvslib.problems import Problem
from nvslib.project import RAW, SETTINGS, STAGES, Project, sha256
from nvslib.seal import read_seal, seal_file


@dataclass(frozen=True)
class Trace:
    """How a file came about.

    Attributes
    ----------
    file
        The file asked about.
    state
        ``same`` when its bytes are those that were written, ``altered`` when they are not any more, ``input`` for a
        file that a stage read.
    path
        Where the file stands in the project.
    lineage
        The stage that wrote it, or for an input the first stage that read it.
    output
        How it was written: kind, cell, SHA-256 and, for a figure, the data drawn. Empty for an input.
    chain
        The files behind it, from the stage's own inputs to the raw files: path -> SHA-256.
    commit
        The last commit that changed the seal of the cycle; an empty one where none holds it.
    run
        When and on what the stage made its present results on this machine; None where it did not.
    """

    file: str
    state: str
    path: str
    lineage: Lineage
    output: dict[str, Any]
    chain: dict[str, str]
    commit: Commit = field(default_factory=Commit)
    run: Run | None = None

    @property
    def command(self) -> str:
        """The command that makes the file again."""
        return f"nvs repro {self.lineage.cycle}"

    def record(self) -> dict[str, Any]:
        """Return the trace as plain data."""
        return {
            "file": self.file,
            "state": self.state,
            "path": self.path,
            "cycle": self.lineage.cycle,
            "stage": self.lineage.stage,
            "notebook": self.lineage.notebook,
            **self.output,
            "parameters": self.lineage.parameters,
            "library": self.lineage.library,
            "sources": self.lineage.sources,
            "made_from": self.chain,
            "commit": asdict(self.commit),
            "run": self.run and asdict(self.run),
            "command": self.command,
        }


def trace(project: Project, file: Path) -> Trace:
    """Return how a file came about: by its bytes, else by its place, else by the identity inside a figure.

    So a figure is found too when it lies alone in another folder, and an altered one is called altered. What stages
    recorded is asked first; where they have not run here, as in a fresh clone, the seals in git are.

    Raises
    ------
    Problem
        There is no such file, or no stage wrote or read it.
    """
    if not file.is_file():
        raise Problem(f"{file}: no such file")
    known = list(lineages(project))
    ran = {one.cycle for one in known}
    known += [one for cycle in project.cycles() if cycle not in ran for one in _sealed_lineages(project, cycle)]
    found = _found(project, file, known)
    if found:
        commit = last_commit(project, seal_file(project, found.lineage.cycle))
        return replace(found, commit=commit, run=load_run(project, found.lineage.cycle, found.lineage.stage))
    identity = _identity(file.read_bytes())
    if identity and identity.startswith("scratch/"):
        raise Problem(f"{file}: made by hand ({identity}); not a result of the pipeline")
    raise Problem(f"{file}: unknown; no stage of any cycle wrote or read it, and it bears no identity of ours")


def _found(project: Project, file: Path, known: list[Lineage]) -> Trace | None:
    digest, place, identity = sha256(file), project.shown(file), _identity(file.read_bytes())
    same = [(path, one) for one in known for path, output in one.outputs.items() if output["sha256"] == digest]
    if same:  # of copies with the same bytes, the one that stands in its own place
        path, lineage = next((found for found in same if found[0] == place), same[0])
        return _traced(file, "same", path, lineage, known)
    for wanted in (place, identity):
        for lineage in known:
            if wanted in lineage.outputs:
                return _traced(file, "altered", str(wanted), lineage, known)
    for lineage in known:
        if digest in lineage.inputs.values() or place in lineage.inputs:
            path = place if place in lineage.inputs else next(p for p, s in lineage.inputs.items() if s == digest)
            state = "input" if lineage.inputs[path] == digest else "altered"
            return Trace(str(file), state, path, lineage, {}, {})
    return None


def _sealed_lineages(project: Project, cycle: str) -> Iterator[Lineage]:
    """Yield of a cycle that has not run here what its seal tells of each stage: what it wrote, and the raw files."""
    if not seal_file(project, cycle).is_file():
        return
    rows = read_seal(project, cycle).values()
    raw = {row.path: row.sha256 for row in rows if row.stage in (RAW, SETTINGS)}
    for stage in STAGES:
        written = {row.path: {"sha256": row.sha256, "kind": _kind(row.path)} for row in rows if row.stage == stage}
        if written:
            notebook = f"notebooks/{stage}.ipynb"
            sources = {row.path: row.sha256 for row in rows if row.path in (notebook, "requirements.lock")}
            yield Lineage(cycle, stage, notebook, inputs=raw, outputs=written, sources=sources)


def _kind(path: str) -> str:
    """Return what a file is by its ending, where no lineage tells."""
    kinds = {"svg": "figure", "png": "figure", "csv": "table", "pdf": "report", "html": "report"}
    return kinds.get(path.rpartition(".")[2], "file")


def _traced(file: Path, state: str, path: str, lineage: Lineage, known: list[Lineage]) -> Trace:
    """Return the trace of an output, with everything behind it down to the raw files."""
    makers = {output: one for one in known for output in one.outputs}
    chain: dict[str, str] = {}
    pending = dict(lineage.inputs)
    while pending:
        name, digest = pending.popitem()
        if name not in chain:
            chain[name] = digest
            if name in makers:
                pending |= makers[name].inputs
    return Trace(str(file), state, path, lineage, lineage.outputs[path], dict(sorted(chain.items())))


def _identity(content: bytes) -> str | None:
    """Return the identity that a figure of ours bears in its metadata: the path it was written to."""
    found = re.search(rb"nvs:([A-Za-z0-9._/-]+)", content[:200_000])
    return found[1].decode("ascii") if found else None
