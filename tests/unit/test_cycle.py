"""The cycle's file, and the handle through which everything is read and written."""

import shutil

import pytest
import yaml

from nvslib.cycle import open_cycle
from nvslib.problems import Problem
from nvslib.project import INDEX, SEAL, STAGES, Project
from nvslib.settings import STAGE_SETTINGS, Settings, read_settings

ROOT = Project.find().root


@pytest.fixture
def bench(tmp_path, project):
    """A project with the sources of a cycle and nothing made."""
    (tmp_path / "pipelines").mkdir()
    shutil.copy(project.root / "dvc.yaml", tmp_path)
    shutil.copytree(project.root / "pipelines" / "cycles", tmp_path / "pipelines" / "cycles")
    shutil.copytree(project.root / "data" / "raw", tmp_path / "data" / "raw")
    return Project(tmp_path)


def settings_with(bench, **changes):
    path = bench.cycle_file("nrb-2014")
    loaded = yaml.safe_load(path.read_text("utf-8"))
    for name, value in changes.items():
        part = loaded
        *outer, last = name.split("__")
        for step in outer:
            part = part[step]
        if value is None:
            del part[last]
        else:
            part[last] = value
    path.write_text(yaml.safe_dump(loaded), "utf-8")
    return read_settings(bench, "nrb-2014")


def test_every_bundled_cycle_is_allowed_and_stands_in_the_pipeline(project):
    pipeline = yaml.safe_load((project.root / "dvc.yaml").read_text("utf-8"))
    assert pipeline["vars"][0]["cycles"] == project.cycles()
    for name in project.cycles():
        assert isinstance(read_settings(project, name), Settings)


WRONG = [
    ({"edition": "2016"}, "edition: found '2016', allowed 2014, 2019, 2022"),
    ({"scoring__pooling": "vote"}, 'scoring.pooling: found "vote"'),
    ({"scoring__weights": {"1.1": 1.0}}, "scoring.weights: allowed is one weight for each of 1.1, 1.2"),
    ({"scoring__aggregator": None}, "scoring.aggregator: this setting is missing; add it"),
    ({"colour": "blue"}, 'colour: found "blue"; no such setting'),
    ({"cycle": "nrb-2015"}, "cycle: found 'nrb-2015', allowed 'nrb-2014'"),
    ({"title": {"nl": "x"}}, "title.en: this setting is missing"),
    ({"date": "30-09-2014"}, 'date: found "30-09-2014"'),
    ({"reports": {"final": ["novel"]}}, 'found "novel"'),
]


@pytest.mark.parametrize(("changes", "told"), WRONG)
def test_a_wrong_setting_is_told_in_a_line(bench, changes, told):
    with pytest.raises(Problem) as problem:
        settings_with(bench, **changes)
    assert any(line.startswith("pipelines/cycles/nrb-2014.yaml: ") and told in line for line in problem.value.lines)


def test_numbers_without_quotes_are_read_as_names(bench):
    weights = {1.1: 0.55} | dict.fromkeys([1.2, 2.1, 2.2, 2.3, 3.1, 4.1, 5.1, 5.2, 5.3], 0.05)
    settings = settings_with(bench, edition=2014, scoring__weights=weights)
    assert (settings.edition, settings.scoring.weights["1.1"]) == ("2014", 0.55)


def test_a_bare_date_is_refused_because_dvc_cannot_keep_it(bench):
    path = bench.cycle_file("nrb-2014")
    path.write_text(path.read_text("utf-8").replace('"2014-09-30"', "2014-09-30"), "utf-8")
    with pytest.raises(Problem, match="put the date between quotes"):
        read_settings(bench, "nrb-2014")


def test_a_file_that_is_no_yaml(bench):
    bench.cycle_file("nrb-2014").write_text("cycle: [", "utf-8")
    with pytest.raises(Problem, match="not readable as YAML"):
        read_settings(bench, "nrb-2014")


def test_given_weights_are_used(bench):
    weights = dict.fromkeys(["1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "4.1", "5.1", "5.2"], 0.1) | {"5.3": 0.1}
    weights |= {"1.1": 0.15, "1.2": 0.05}
    settings_with(bench, scoring__weights=weights)
    this = open_cycle("nrb-2014", stage="scoring", project=bench)
    assert this.weights == weights
    assert set(this.weights_table(this.weights)["basis"]) == {"own"}


def test_a_cycle_that_is_not_there(bench):
    with pytest.raises(Problem, match="found 'nvs-1999', allowed nrb-2014"):
        open_cycle("nvs-1999", project=bench)


def test_outside_a_project(tmp_path):
    with pytest.raises(Problem, match="no workbench here"):
        Project.find(tmp_path)


def test_the_stages_depend_on_the_settings_that_they_may_use(project):
    pipeline = yaml.safe_load((project.root / "dvc.yaml").read_text("utf-8"))
    assert list(pipeline["stages"]) == [*STAGES, SEAL, INDEX]
    assert list(STAGE_SETTINGS) == list(STAGES)
    for stage, entry in ((stage, pipeline["stages"][stage]) for stage in STAGES):
        defined = entry.get("do", entry)
        ((file, settings),) = defined["params"][0].items()
        assert file == f"pipelines/cycles/${{{'key' if 'do' in entry else 'item.cycle'}}}.yaml"
        assert settings == sorted(STAGE_SETTINGS[stage])
        assert {"src/nvslib", "requirements.lock", f"notebooks/{stage}.ipynb"} <= set(defined["deps"])


def test_a_stage_may_not_use_a_setting_on_which_it_does_not_depend(bench):
    with pytest.raises(LookupError, match="validation may not use the setting 'reports'"):
        _ = open_cycle("nrb-2014", stage="validation", project=bench).final


def test_a_table_that_is_not_made_yet(bench):
    with pytest.raises(Problem, match=r"not made yet\. Run `nvs repro nrb-2014` first"):
        open_cycle("nrb-2014", stage="scoring", project=bench).table("assessments")


def test_a_table_that_is_not_delivered_is_a_finding(bench):
    (bench.raw("nrb-2014") / "assessments.csv").unlink()
    outcome = open_cycle("nrb-2014", stage="validation", project=bench).check()
    (line,) = [finding.line("en") for finding in outcome.blocking]
    assert line.startswith("data/raw/nrb-2014: found nothing; allowed: the table Assessments")


def test_by_hand_results_go_to_scratch(bench):
    this = open_cycle("nrb-2014", stage="validation", project=bench)
    written = this.write_table("scenarios", this.check().tables["scenarios"])
    assert list(written["scenario"]) == sorted(written["scenario"])
    assert (bench.root / "scratch" / "nrb-2014" / "validation" / "scenarios.csv").is_file()
    assert not bench.results("nrb-2014", "validation").exists()


def test_a_table_is_written_by_its_own_stage_and_as_defined(bench):
    scoring = open_cycle("nrb-2014", stage="scoring", project=bench)
    validation = open_cycle("nrb-2014", stage="validation", project=bench)
    scenarios = validation.check().tables["scenarios"]
    with pytest.raises(ValueError, match="belongs to stage validation, not scoring"):
        scoring.write_table("scenarios", scenarios)
    with pytest.raises(ValueError, match="table scenarios: columns"):
        validation.write_table("scenarios", scenarios.drop(columns="kind"))
    with pytest.raises(ValueError, match="occurs twice"):
        validation.write_table("scenarios", scenarios.assign(scenario="same"))


def test_a_fact_is_a_cell_and_has_one_name(bench):
    this = open_cycle("nrb-2014", stage="scoring", project=bench)
    this.write_table("weights", this.weights_table(this.weights))
    facts = this.write_facts("weight.{criterion}", "weights", "weight", criterion="1.1")
    assert [(fact.name, fact.value, fact.display["nl"]) for fact in facts] == [("weight.1.1", 0.1, "0,1000")]
    with pytest.raises(ValueError, match=r"weight\.1\.1 was written before"):
        this.write_facts("weight.1.1", "weights", "weight", criterion="1.2")
