"""What was written, from what, by which cell of which notebook; and the way back from a file: `trace`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nvslib import __version__
from nvslib.problems import Problem
from nvslib.project import STAGES, Project, sha256, stages_of

LINEAGE = "lineage.json"
EXECUTED = "notebook.ipynb"


@dataclass
class Lineage:
    """What one stage of one cycle read and wrote. It holds no time and no place, so equal runs give equal bytes.

    Attributes
    ----------
    parameters
        The settings of the cycle that the stage used.
    inputs
        Path -> SHA-256 of every file that the stage read.
    outputs
        Path -> how it came about: ``sha256``, ``kind`` and the number of the notebook's code ``cell``.
    sources
        Path -> SHA-256 of what did the work: the notebook, the library with its method data, the lock of all packages.
    """

    cycle: str
    stage: str
    notebook: str
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    library: str = f"nvslib {__version__}"
    sources: dict[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write the lineage to a stage's folder."""
        record = asdict(self) | {
            "inputs": dict(sorted(self.inputs.items())),
            "outputs": dict(sorted(self.outputs.items())),
        }
        (folder / LINEAGE).write_text(to_json(record), "utf-8")


def to_json(record: Any) -> str:
    """Return data as JSON in the one form that is written to disk: indented, UTF-8, ending in a line end."""
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def load_lineage(project: Project, cycle: str, stage: str) -> Lineage | None:
    """Return the lineage of a stage, or None when it has not run."""
    path = project.results(cycle, stage) / LINEAGE
    return Lineage(**json.loads(path.read_text("utf-8"))) if path.is_file() else None


def lineages(project: Project) -> Iterator[Lineage]:
    """Yield the lineage of every stage of every cycle that has run."""
    for cycle in project.cycles():
        for stage in STAGES:
            found = load_lineage(project, cycle, stage)
            if found:
                yield found


def require_one_run(project: Project, cycle: str, settings: dict[str, Any]) -> None:
    """Raise a `Problem` for each file or setting that is not what the stages of a cycle read or wrote.

    Only then may results be explained: each stage's inputs are those that the stage before it left, byte for byte, and
    the settings are those that were used.
    """
    changed: dict[str, None] = {}
    for stage in stages_of(settings):
        if stage == STAGES[-1]:
            break
        lineage = load_lineage(project, cycle, stage)
        if lineage is None:
            raise Problem(f"{cycle}: stage {stage} has not run yet. Run `nvs repro {cycle}` first")
        digests = lineage.inputs | {path: output["sha256"] for path, output in lineage.outputs.items()}
        for path, digest in digests.items():
            file = project.root / path
            if not file.is_file() or sha256(file) != digest:
                changed[path] = None
        for name, value in lineage.parameters.items():
            if settings.get(name) != value:
                changed[f"{project.shown(project.cycle_file(cycle))}: {name}"] = None
    if changed:
        raise Problem(f"{what}: changed since the results were made. Run `nvs repro {cycle}`" for what in changed)


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
    """

    file: str
    state: str
    path: str
    lineage: Lineage
    output: dict[str, Any]
    chain: dict[str, str]

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
            "command": self.command,
        }


def trace(project: Project, file: Path) -> Trace:
    """Return how a file came about: by its bytes, else by its place, else by the identity inside a figure.

    So a figure is found too when it lies alone in another folder, and an altered one is called altered.

    Raises
    ------
    Problem
        There is no such file, or no stage wrote or read it.
    """
    if not file.is_file():
        raise Problem(f"{file}: no such file")
    digest, known = sha256(file), list(lineages(project))
    place, identity = project.shown(file), _identity(file.read_bytes())
    for lineage in known:
        same_bytes = [path for path, output in lineage.outputs.items() if output["sha256"] == digest]
        if same_bytes:
            return _traced(file, "same", place if place in same_bytes else same_bytes[0], lineage, known)
    for wanted in (place, identity):
        for lineage in known:
            if wanted in lineage.outputs:
                return _traced(file, "altered", str(wanted), lineage, known)
    for lineage in known:
        if digest in lineage.inputs.values() or place in lineage.inputs:
            path = place if place in lineage.inputs else next(p for p, s in lineage.inputs.items() if s == digest)
            state = "input" if lineage.inputs[path] == digest else "altered"
            return Trace(str(file), state, path, lineage, {}, {})
    if identity and identity.startswith("scratch/"):
        raise Problem(f"{file}: made by hand ({identity}); not a result of the pipeline")
    raise Problem(f"{file}: unknown; no stage of any cycle wrote or read it, and it bears no identity of ours")


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
