"""The notebooks: pages that run as they are, by hand as in a run, and leave the results of record alone."""

import hashlib
import os
import re
import shutil

import nbformat
import papermill
import pytest
from workbench import ROOT, command, copy_of_sources

from nvslib.project import STAGES, Project
from nvslib.runner import deterministic
from nvslib.settings import read_settings

# The first cycle that goes through each stage; the notebook of the stage opens it unless told otherwise.
REACHED = {
    stage: next(name for name in Project(ROOT).cycles() if stage in read_settings(Project(ROOT), name).stages)
    for stage in STAGES
}


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory):
    """A copy of the sources with the results of every cycle."""
    copy = copy_of_sources(tmp_path_factory.mktemp("whole") / "bench")
    for folder in ("data/results", *(f"reports/{cycle}" for cycle in made.cycles())):
        shutil.copytree(made.root / folder, copy.root / folder)
    return copy


def hashes(root):
    """Return path -> SHA-256 of every result."""
    files = [path for folder in ("data/results", "reports") for path in (root / folder).rglob("*") if path.is_file()]
    return {os.fspath(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("stage", STAGES)
def test_a_notebook_is_a_page_that_runs_as_it_is(stage):
    path = ROOT / "notebooks" / f"{stage}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    parameters = papermill.inspect_notebook(path)
    assert {name: entry["default"] for name, entry in parameters.items()} == {"cycle": f'"{REACHED[stage]}"'}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert notebook.cells[0].cell_type == "markdown"
    assert sum(cell.cell_type == "markdown" for cell in notebook.cells) >= len(code) / 2
    for cell in code:
        assert "def " not in cell.source
        assert not re.search(r"[\"'](?:\.\.|/|data/|reports/)", cell.source), "a notebook holds no path"
        assert len(cell.source.splitlines()) <= 20


@pytest.mark.parametrize("stage", STAGES)
def test_a_notebook_run_by_hand_gives_the_same_and_leaves_the_results_alone(whole, stage):
    before = hashes(whole.root)
    done = command(whole, "jupyter", "execute", f"notebooks/{stage}.ipynb", "--output", "by-hand")
    assert done.returncode == 0, done.stderr
    assert hashes(whole.root) == before
    cycle = REACHED[stage]
    written = whole.root / "scratch" / cycle / stage
    kept = [path for path in written.iterdir() if path.suffix in (".csv", ".pdf", ".html") or path.name == "facts.json"]
    assert kept
    for path in kept:
        record = whole.results(cycle, stage) / path.name
        assert path.read_bytes() == record.read_bytes(), path.name


@pytest.mark.parametrize("stage", STAGES)
def test_an_executed_notebook_shows_no_warning(made, stage):
    notebook = nbformat.read(made.results(REACHED[stage], stage) / "notebook.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs
    assert [output for output in outputs if output.output_type in ("stream", "error")] == []


def test_a_notebook_is_made_deterministic():
    def executed(number):
        cell = nbformat.v4.new_code_cell("cycle = 1", metadata={"tags": ["injected-parameters"]}, id=f"random{number}")
        cell.metadata |= {"papermill": {"start_time": str(number)}, "execution": {"iopub.status.busy": str(number)}}
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata |= {
            "papermill": {"duration": number, "parameters": {"cycle": 1}},
            "language_info": {"version": number},
        }
        return deterministic(notebook)

    assert executed(1) == executed(2)
    assert executed(1).metadata.papermill == {"parameters": {"cycle": 1}}
