"""Running one stage of one cycle: its notebook through papermill, the same bytes each time, all or nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nvslib import __version__
from nvslib.cycle import STAGING
from nvslib.index_pages import write_overview
from nvslib.lineage import EXECUTED, LINEAGE, Run, run_file, to_json
from nvslib.problems import Problem
from nvslib.project import INDEX, SEAL, STAGES, Project, sha256
from nvslib.seal import write_seal
from nvslib.settings import read_settings

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit in which the system tells of memory


def run_stage(project: Project, stage: str, cycle: str) -> float:
    """Run the notebook of a stage for a cycle and return how many seconds it took.

    The results replace the earlier ones only after the whole notebook went well; a run that fails leaves them as they
    were and keeps its notebook in ``runs/``. Times and machine go to ``runs/`` too, so that results hold neither.

    Raises
    ------
    Problem
        The cycle's file or its raw tables hold something that the user can mend, or a cell of the notebook failed.
    """
    runs = project.root / "runs" / cycle
    runs.mkdir(parents=True, exist_ok=True)
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="staging-", dir=project.root / "runs") as folder:
        staging = Path(folder)
        (staging / "results").mkdir()
        notebook = staging / "results" / EXECUTED
        try:
            _execute(project, stage, cycle, notebook, staging)
        except Problem:
            if notebook.exists():
                shutil.copy(notebook, runs / f"{stage}.failed.ipynb")
            raise
        notebook.write_text(_as_json(deterministic(_read(notebook))), "utf-8")
        _replace(staging / "results", project.results(cycle, stage), staging)
    (runs / f"{stage}.failed.ipynb").unlink(missing_ok=True)
    seconds, used = time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
    run = Run(
        cycle=cycle,
        stage=stage,
        started=started.isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
        cpu_seconds=round(time.process_time() + used.ru_utime + used.ru_stime, 2),
        memory=used.ru_maxrss * RSS_UNIT,
        library=f"nvslib {__version__}",
        python=platform.python_version(),
        system=platform.platform(),
        lineage=sha256(project.results(cycle, stage) / LINEAGE),
    )
    run_file(project, cycle, stage).write_text(to_json(asdict(run)), "utf-8")
    return seconds


def deterministic(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook without what differs between equal runs: times, random ids, Python's own version."""
    for name in ("start_time", "end_time", "duration", "environment_variables", "input_path", "output_path", "version"):
        notebook.metadata.get("papermill", {}).pop(name, None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("execution", None)
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = hashlib.sha256(f"{number} {cell.source}".encode()).hexdigest()[:8]
    return notebook


def _execute(project: Project, stage: str, cycle: str, output: Path, staging: Path) -> None:
    """Run the notebook in a kernel of its own, which talks through a socket file and reads no user profile."""
    # Pulled in by jupyterlab for a format of JSON schemas that no notebook uses; it costs more than papermill itself.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill
    from jupyter_client.manager import AsyncKernelManager

    with tempfile.TemporaryDirectory(prefix="nvs-") as folder:  # short: a socket's path may have 107 bytes
        os.environ |= {
            STAGING: str(staging),
            "IPYTHONDIR": folder,
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/k")
        try:
            papermill.execute_notebook(
                project.root / "notebooks" / f"{stage}.ipynb",
                output,
                parameters={"cycle": cycle},
                cwd=project.root / "notebooks",
                progress_bar=False,
                log_output=False,
                record_timing=False,
                km=kernel,
            )
        except papermill.PapermillExecutionError as error:
            raise _told(project, stage, cycle, error) from None
        finally:
            asyncio.run(_shut_down(kernel))


async def _shut_down(kernel: AsyncKernelManager) -> None:
    await kernel.shutdown_kernel(now=True)


def _told(project: Project, stage: str, cycle: str, error: Any) -> Problem:
    """Return why a notebook failed: the lines of a `Problem` as they are, else the cell and where to look."""
    if error.ename == "Problem":
        return Problem(error.evalue.splitlines())
    kept = project.shown(project.root / "runs" / cycle / f"{stage}.failed.ipynb")
    return Problem(
        f"notebooks/{stage}.ipynb, cell [{error.exec_count - 1}]: {error.ename}: {error.evalue}. "
        f"The notebook as far as it came is {kept}"
    )


def _read(path: Path) -> NotebookNode:
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-any-return, no-untyped-call]


def _as_json(notebook: NotebookNode) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _replace(new: Path, place: Path, staging: Path) -> None:
    """Put a new folder in the place of the old one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(staging / f"old-{new.name}")
    new.rename(place)


def main(arguments: list[str]) -> int:
    """Run a stage as dvc.yaml asks for it, ``STAGE CYCLE`` or the index over all cycles, and return the exit code."""
    if arguments != [INDEX] and (len(arguments) != len(("STAGE", "CYCLE")) or arguments[0] not in (*STAGES, SEAL)):
        print(f"usage: pipelines/stage {'|'.join((*STAGES, SEAL))} CYCLE, or pipelines/stage {INDEX}", file=sys.stderr)
        return 2
    try:
        project = Project.find()
        for name in project.cycles():
            read_settings(project, name)
        if arguments == [INDEX]:
            print(*write_overview(project))
            return 0
        stage, cycle = arguments
        if stage == SEAL:
            print(project.shown(write_seal(project, cycle)))
            return 0
        print(f"{cycle}: {stage} ...", flush=True)
        print(f"{cycle}: {stage} done in {run_stage(project, stage, cycle):.1f} s", flush=True)
    except Problem as problem:
        for line in problem.lines:
            print(line, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
