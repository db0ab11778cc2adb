"""The command nvs: exit code 0, 1 for a finding, 2 for wrong use; JSON for machines; never a traceback."""

import json
import subprocess
import sys

import pytest
from workbench import command, nvs

from nvslib.project import sha256


def test_cycles(made):
    done = nvs(made, "cycles", "--json")
    cycle, *others = json.loads(done.stdout)
    assert [other["cycle"] for other in others] == ["nvs-2019", "vsk-2023"]
    assert (cycle["cycle"], cycle["edition"]) == ("nrb-2014", "2014")
    assert len(cycle["reports"]) == 8
    assert "National Risk Assessment 6" in nvs(made, "cycles", LANG="C").stdout
    assert "Nationale Risicobeoordeling 6" in nvs(made, "cycles", LANG="nl_NL.UTF-8", LC_ALL="nl_NL.UTF-8").stdout


@pytest.mark.parametrize(("language", "told"), [("en", "no findings in"), ("nl", "geen bevindingen in")])
def test_check_of_a_clean_cycle(made, language, told):
    done = nvs(made, "check", "nrb-2014", "--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    assert told in done.stdout


def test_explain_as_json_has_the_value_and_the_chain(made):
    told = json.loads(nvs(made, "explain", "nrb-2014", "impact.lek-dike-breach", "--json").stdout)
    assert told["value"] == pytest.approx(0.162962962963)
    assert told["display"] == {"nl": "0,1630", "en": "0.1630"}
    assert len(told["explanation"]["made_from"]) == 10
    first = told["explanation"]["made_from"][0]["made_from"][0]["made_from"][0]["made_from"][0]
    place = {"file": "data/raw/nrb-2014/assessments.csv", "sheet": "", "row": 24, "column": "best", "found": "D"}
    place |= {"heading": "best"}
    assert first["raw"] == place | {"sha256": sha256(made.root / place["file"])}
    assert first["source"].endswith("(ANV/RIVM, September 2014), Table 1; reason from the running text")


def test_explain_for_people_shows_formula_basis_rows_and_reasons(made):
    lines = nvs(made, "explain", "nrb-2014", "impact.lek-dike-breach", "--lang", "en").stdout.splitlines()
    assert lines[0] == "impact.lek-dike-breach = 0.1630"
    text = "\n".join(lines)
    assert text.count("row ") == 10
    for told in (
        "I(s) = sum over c",
        "[reproduced;",
        'row 24, column best: "D"',
        "A region stays flooded",
        "no reason recorded",
    ):
        assert told in text
    assert len(lines) < 50


def test_explain_without_a_fact_lists_them(made):
    assert "impact.lek-dike-breach = 0,1630" in nvs(made, "explain", "nrb-2014", "--lang", "nl").stdout.splitlines()


def test_trace(made):
    path = "data/results/nrb-2014/scoring/risk-diagram.nl.png"
    record = json.loads(nvs(made, "trace", path, "--json").stdout)
    assert (record["notebook"], record["state"]) == ("notebooks/scoring.ipynb", "same")
    assert "data/raw/nrb-2014/assessments.csv" in record["made_from"]
    assert "figure of cycle nrb-2014" in nvs(made, "trace", path).stdout


MISTAKES = [
    (["explain", "nrb-2014", "impact.nowhere"], 1, "found no fact 'impact.nowhere'"),
    (["explain", "nrb-1999", "impact.x"], 1, "found 'nrb-1999', allowed nrb-2014"),
    (["check", "nrb-1999"], 1, "found 'nrb-1999', allowed nrb-2014"),
    (["repro", "nrb-1999"], 1, "found 'nrb-1999', allowed nrb-2014"),
    (["trace", "README.md"], 1, "README.md: unknown"),
    (["trace", "nothing.png"], 1, "nothing.png: no such file"),
    (["explain"], 2, "Missing argument"),
    (["check", "nrb-2014", "--lang", "fr"], 2, "allowed nl or en"),
    (["paint"], 2, "No such command"),
]


@pytest.mark.parametrize(("words", "code", "told"), MISTAKES)
def test_mistakes_are_told_without_a_traceback(made, words, code, told):
    done = nvs(made, *words)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_workbench(made, tmp_path):
    done = command(type(made)(tmp_path), "nvslib", "cycles", PYTHONPATH=str(made.root / "src"))
    assert done.returncode == 1
    assert "no workbench here" in done.stderr


def loaded(project, statement):
    """Return the packages that a statement loads in a fresh interpreter."""
    script = f"import sys, json; {statement}; print(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], cwd=project.root, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("statement", "not_loaded"),
    [
        ("import nvslib", {"pandas", "numpy", "yaml"}),
        ("import nvslib.cli", {"pandas", "great_expectations", "matplotlib", "papermill", "typst"}),
        ("import nvslib.cycle", {"great_expectations", "matplotlib", "papermill", "typst", "IPython"}),
        ("import nvslib.impact", {"great_expectations", "matplotlib", "pydantic", "typst"}),
        ("import nvslib.runner", {"great_expectations", "matplotlib", "typst", "dvc", "rfc3987_syntax"}),
    ],
)
def test_an_import_pays_for_what_it_uses(made, statement, not_loaded):
    assert not loaded(made, statement) & not_loaded
