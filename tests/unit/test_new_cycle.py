"""nvs new, nvs template: a cycle begun from another runs at once; what is there is never overwritten."""

import shutil

import pytest
import yaml
from workbench import NRB, copy_of_sources, nvs

from nvslib.settings import read_settings


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    copy = copy_of_sources(tmp_path_factory.mktemp("begun"))
    done = nvs(copy, "new", "nrb-2027", "--from", NRB)
    assert (done.returncode, done.stderr) == (0, "")
    return copy, done.stdout


def test_the_new_cycle_has_its_file_folder_place_and_templates(begun):
    copy, told = begun
    assert read_settings(copy, "nrb-2027").cycle == "nrb-2027"
    pipeline = (copy.root / "dvc.yaml").read_text("utf-8")
    lists = {name: cycles for entry in yaml.safe_load(pipeline)["vars"] for name, cycles in entry.items()}
    assert {name for name, cycles in lists.items() if "nrb-2027" in cycles} == {"cycles", "scoring", "reports"}
    assert pipeline.startswith("# The pipeline")
    assert {path.name for path in copy.raw("nrb-2027").iterdir()} == {path.name for path in copy.raw(NRB).iterdir()}
    notes = yaml.safe_load((copy.raw("nrb-2027") / "origin.yaml").read_text("utf-8"))["notes"]
    assert notes["nl"][0].startswith("De tabellen zijn een kopie")
    templates = copy.root / "scratch" / "nrb-2027" / "templates"
    assert {path.name for path in templates.iterdir()} == {"analysts.xlsx", "assessors.xlsx", "departments.xlsx"}
    assert len(told.splitlines()) == 4


def test_the_new_cycle_runs(begun):
    copy, _ = begun
    done = nvs(copy, "repro", "nrb-2027")
    assert done.returncode == 0, done.stderr
    assert "reports/nrb-2027/risk-assessment.nl.html" in done.stdout
    assert (copy.results("nrb-2027", "reports") / "risk-assessment.en.pdf").is_file()


def test_a_cycle_that_looks_back_begins_another_that_does(begun):
    copy, _ = begun
    assert nvs(copy, "new", "vsk-2029", "--from", "vsk-2023").returncode == 0
    lists = yaml.safe_load((copy.root / "dvc.yaml").read_text("utf-8"))["vars"]
    assert {"look_back": {"vsk-2023": "nvs-2019", "vsk-2029": "nvs-2019"}} in lists
    assert read_settings(copy, "vsk-2029").look_back.cycle == "nvs-2019"


@pytest.mark.parametrize(
    ("name", "told"),
    [(NRB, "is there already"), ("New Cycle", "lower-case letters"), ("../x", "lower-case letters")],
)
def test_a_name_that_is_taken_or_not_allowed(begun, name, told):
    copy, _ = begun
    before = (copy.root / "dvc.yaml").read_bytes()
    done = nvs(copy, "new", name, "--from", NRB)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (copy.root / "dvc.yaml").read_bytes() == before


def test_a_cycle_to_begin_from_that_is_not_there(begun):
    copy, _ = begun
    done = nvs(copy, "new", "other", "--from", "nowhere")
    assert done.returncode == 1
    assert "allowed nrb-2014" in done.stderr


def test_templates_are_not_written_over(begun, tmp_path):
    copy, _ = begun
    done = nvs(copy, "template", NRB, str(tmp_path), "--lang", "nl", "--form", "ods")
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.ods"))) == 3
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = nvs(copy, "template", NRB, str(tmp_path), "--lang", "nl", "--form", "ods")
    assert again.returncode == 1
    assert "bestaat al" in again.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert nvs(copy, "template", NRB, str(tmp_path), "--form", "pdf").returncode == 2


def test_a_correction_shows_in_explain_and_in_the_report(begun):
    """A corrected judgement is scored as corrected, and its explanation says who corrected it and why."""
    copy, _ = begun
    raw = copy.raw("nrb-2027")
    shutil.copy(copy.raw(NRB) / "assessments.csv", raw / "assessments.csv")
    (raw / "corrections.csv").write_text(
        "table,key,column,from,to,who,why,when,basis,classification\n"
        "assessments,lek-dike-breach; 1.1; panel,high,D,E,secretary,Misread in the table,2027-01-05,delivered,public\n",
        "utf-8",
    )
    done = nvs(copy, "repro", "nrb-2027")
    assert done.returncode == 0, done.stderr
    told = nvs(copy, "explain", "nrb-2027", "impact.lek-dike-breach.high", "--lang", "en").stdout
    assert 'row 24, column high: "D"' in told
    assert 'corrected from "D" to "E" by secretary on 2027-01-05: Misread in the table' in told
    assert "value = 1.0000" in told
    page = (copy.results("nrb-2027", "reports") / "risk-assessment.en.html").read_text("utf-8")
    assert "Misread in the table (corrections.csv, row 2)" in page
    trace = nvs(copy, "trace", "data/results/nrb-2027/validation/assessments.csv", "--json").stdout
    assert "Misread in the table" in trace
