"""From any file back to what made it; also from a lone figure, and an altered one is called altered."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from workbench import ROOT, copy_of_sources, nvs

from nvslib.lineage import LINEAGE, load_lineage, load_run
from nvslib.problems import Problem
from nvslib.project import Project, sha256
from nvslib.settings import read_settings
from nvslib.tracing import trace

PROJECT = Project.find()
RUNS = [(cycle, stage) for cycle in PROJECT.cycles() for stage in read_settings(PROJECT, cycle).stages]
RAW = {"data/raw/nrb-2014/assessments.csv", "data/raw/nrb-2014/scenarios.csv"}


@pytest.mark.parametrize(("cycle", "stage"), RUNS)
def test_the_lineage_holds_every_file_with_its_hash(made, cycle, stage):
    lineage = load_lineage(made, cycle, stage)
    folder = made.results(cycle, stage)
    there = {made.shown(path) for path in folder.iterdir()}
    kept_by_the_runner = {made.shown(folder / name) for name in ("lineage.json", "notebook.ipynb")}
    assert set(lineage.outputs) == there - kept_by_the_runner
    for path, output in lineage.outputs.items():
        assert output["sha256"] == sha256(made.root / path)
        assert output["cell"] > 1
    for path, digest in lineage.inputs.items():
        assert digest == sha256(made.root / path)


def test_the_cell_is_that_of_the_notebook(made):
    lineage = load_lineage(made, "nrb-2014", "scoring")
    number = lineage.outputs["data/results/nrb-2014/scoring/risk-diagram.nl.svg"]["cell"]
    notebook = json.loads((made.root / lineage.notebook).read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "write_figure" in "".join(code[number - 1]["source"])


def test_a_report_names_the_tables_and_facts_that_it_prints(made):
    lineage = load_lineage(made, "nrb-2014", "reports")
    names = {path.rpartition("/")[2] for path in lineage.inputs}
    assert {
        "facts.json",
        "impact.csv",
        "contributions.csv",
        "judgements.csv",
        "likelihood.csv",
        "coverage.csv",
    } <= names
    assert set(lineage.sources) == {"notebooks/reports.ipynb", "requirements.lock", "src/nvslib"}
    assert lineage.sources["requirements.lock"] == sha256(made.root / "requirements.lock")


@pytest.mark.parametrize(
    "path",
    [
        "data/results/nrb-2014/scoring/risk-diagram.nl.png",
        "data/results/nrb-2014/scoring/impact.csv",
        "reports/nrb-2014/risk-assessment.nl.pdf",
    ],
)
def test_a_file_in_its_place(made, path):
    traced = trace(made, made.root / path)
    assert (traced.state, traced.path, traced.lineage.cycle) == ("same", path, "nrb-2014")
    assert set(traced.chain) >= RAW
    assert traced.record()["command"] == "nvs repro nrb-2014"


@pytest.fixture
def sources(clone, tmp_path):
    return Project(shutil.copytree(clone.root, tmp_path / "bench", symlinks=True).resolve())


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_lone_figure_in_another_folder(made, tmp_path, suffix):
    shutil.copy(made.results("nrb-2014", "scoring") / f"risk-diagram.en.{suffix}", tmp_path / f"mailed.{suffix}")
    traced = trace(made, tmp_path / f"mailed.{suffix}")
    assert (traced.state, traced.path) == ("same", f"data/results/nrb-2014/scoring/risk-diagram.en.{suffix}")
    assert traced.output["data"] == "data/results/nrb-2014/scoring/risk-diagram.en.csv"


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_an_altered_figure(made, tmp_path, suffix):
    content = bytearray((made.results("nrb-2014", "scoring") / f"risk-diagram.en.{suffix}").read_bytes())
    content[-30] ^= 1
    (tmp_path / "mailed").write_bytes(content)
    traced = trace(made, tmp_path / "mailed")
    assert (traced.state, traced.path) == ("altered", f"data/results/nrb-2014/scoring/risk-diagram.en.{suffix}")


def test_an_input(made):
    traced = trace(made, made.root / "data" / "raw" / "nrb-2014" / "assessments.csv")
    assert (traced.state, traced.lineage.stage) == ("input", "validation")


def test_an_unknown_file(made, tmp_path):
    (tmp_path / "x.png").write_bytes(b"something else")
    with pytest.raises(Problem, match="unknown"):
        trace(made, tmp_path / "x.png")
    with pytest.raises(Problem, match="no such file"):
        trace(made, tmp_path / "y.png")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the sources, in which nothing has run."""
    return copy_of_sources(tmp_path_factory.mktemp("clone") / "workbench")


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_lone_figure_in_an_empty_folder_given_a_clone_alone(made, clone, tmp_path, suffix):
    figure = tmp_path / f"mailed.{suffix}"
    shutil.copy(made.results("nrb-2014", "scoring") / f"risk-diagram.en.{suffix}", figure)
    command = [sys.executable, "-m", "nvslib", "--project", clone.root, "trace", figure.name]
    environment = os.environ | {"PYTHONPATH": str(clone.root / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for told in ("figure of cycle nrb-2014, as it was written", "notebooks/scoring.ipynb", *RAW):
        assert told in done.stdout
    content = bytearray(figure.read_bytes())
    content[-30] ^= 1
    figure.write_bytes(content)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "altered" in done.stdout


def test_every_file_of_a_cycle_is_traced_by_the_clone_as_the_seal_has_it(made, clone):
    for stage in ("validation", "scoring", "reports"):
        for path in made.results("nrb-2014", stage).iterdir():
            traced = trace(clone, path)
            assert (traced.state, traced.output["sha256"]) == ("same", sha256(path)), path


def test_a_trace_tells_the_commit_and_the_run(made):
    traced = trace(made, made.results("nrb-2014", "scoring") / "impact.csv")
    run = made.root / "runs" / "nrb-2014" / "scoring.json"
    assert vars(traced.run) == json.loads(run.read_text("utf-8"))
    assert traced.run.lineage == sha256(made.results("nrb-2014", "scoring") / LINEAGE)
    assert traced.run.cpu_seconds > 0
    assert traced.run.memory > 10_000_000
    shown = ["git", "log", "-1", "--format=%H", "--", "seals/nrb-2014.csv"]
    commit = subprocess.run(shown, cwd=made.root, capture_output=True, text=True, check=True).stdout.strip()
    assert traced.commit.name == commit


def test_a_record_of_a_run_with_other_results_tells_nothing(sources):
    results, run = sources.results("nrb-2014", "scoring"), sources.root / "runs" / "nrb-2014" / "scoring.json"
    run.parent.mkdir(parents=True)
    results.mkdir(parents=True)
    shutil.copy(ROOT / "runs" / "nrb-2014" / "scoring.json", run)
    shutil.copy(ROOT / "data" / "results" / "nrb-2014" / "scoring" / LINEAGE, results)
    assert load_run(sources, "nrb-2014", "scoring") is not None
    (results / LINEAGE).write_text((results / LINEAGE).read_text("utf-8") + " ", "utf-8")
    assert load_run(sources, "nrb-2014", "scoring") is None


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"cycle": 1, "unknown": 2}'])
@pytest.mark.parametrize("name", [LINEAGE, "facts.json"])
def test_spoilt_records_are_told_in_a_line(made, sources, name, content):
    if (name, content) == ("facts.json", "[]"):
        return  # no facts at all is what a stage without facts writes
    for stage in ("validation", "scoring", "reports"):
        shutil.copytree(made.results("nrb-2014", stage), sources.results("nrb-2014", stage))
    (sources.results("nrb-2014", "scoring") / name).write_text(content, "utf-8")
    for words in (("explain", "nrb-2014", "impact.lek-dike-breach"), ("trace", "README.md")):
        if words[0] == "trace" and name == "facts.json":
            continue
        done = nvs(sources, *words)
        assert done.returncode == 1
        assert re.search(f"data/results/nrb-2014/scoring/{name}: (altered|changed since)", done.stderr)
        assert "Traceback" not in done.stderr
