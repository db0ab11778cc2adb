"""What was written, from what, and by which cell of which notebook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
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


def to_csv(records: Iterable[Any], of: type[Any], *, head: bool = True) -> str:
    """Return records, each of one dataclass of plain fields, as CSV; with the names of the fields as its first line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [one.name for one in fields(of)], lineterminator="\n")
    if head:
        writer.writeheader()
    writer.writerows(asdict(record) for record in records)
    return text.getvalue()


def load_lineage(project: Project, cycle: str, stage: str) -> Lineage | None:
    """Return the lineage of a stage, or None when it has not run; a `Problem` when it was spoilt."""
    path = project.results(cycle, stage) / LINEAGE
    if not path.is_file():
        return None
    try:
        return Lineage(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise Problem(f"{project.shown(path)}: altered; it cannot be read. Run `nvs repro {cycle}`") from None


@dataclass(frozen=True)
class Run:
    """When and on what a stage ran, and what it took; it belongs to the results whose lineage has this SHA-256.

    Attributes
    ----------
    started
        In UTC, as ISO 8601.
    seconds
        How long it took; ``cpu_seconds`` is the time of the processor in it, of the notebook's kernel too.
    memory
        The most bytes that the kernel held at once.
    """

    cycle: str
    stage: str
    started: str
    seconds: float
    cpu_seconds: float
    memory: int
    library: str
    python: str
    system: str
    lineage: str


def run_file(project: Project, cycle: str, stage: str) -> Path:
    """Return where the record of the last run of a stage on this machine stands."""
    return project.root / "runs" / cycle / f"{stage}.json"


def load_run(project: Project, cycle: str, stage: str) -> Run | None:
    """Return when and on what the present results of a stage were made; None when this machine did not make them."""
    path, made = run_file(project, cycle, stage), project.results(cycle, stage) / LINEAGE
    try:
        run = Run(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return run if made.is_file() and sha256(made) == run.lineage else None


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
