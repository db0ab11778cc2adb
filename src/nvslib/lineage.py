"""What was written, from what, and by which cell of which notebook."""

from __future__ import annotations

import json
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
