"""The pipeline as a reviewer runs it: the same bytes anywhere, nothing run twice, all or nothing."""

import contextlib
import csv
import datetime as dt
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
import yaml
from workbench import NRB, ROOT, RUN_ELSEWHERE, command, nvs

from nvslib.seal import verify

MADE = ("data/results", f"reports/{NRB}", f"seals/{NRB}.csv", "dvc.lock")
MADE_ELSEWHERE = [
    place for cycle in RUN_ELSEWHERE for place in (f"data/results/{cycle}", f"reports/{cycle}", f"seals/{cycle}.csv")
]


def hashes(root, places=MADE):
    """Return path -> SHA-256 of every file that a run makes."""
    files = [
        path for place in places for path in ([root / place] if (root / place).is_file() else (root / place).rglob("*"))
    ]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def change(project, row, column, value):
    """Put a value in a cell of the assessments as delivered."""
    path = project.raw(NRB) / "assessments.csv"
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))
    records[row - 1][records[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(records)


def stages_run(done):
    return re.findall(r"Running stage '(\w+)@", done.stdout)


def test_the_same_bytes_in_another_folder_time_zone_language_hash_seed_and_year(made, elsewhere):
    here, there = (hashes(project.root, (*MADE_ELSEWHERE, "dvc.lock")) for project in (made, elsewhere))
    assert {path for path in here if here[path] != there.get(path)} == set()
    assert set(here) == set(there)
    kinds = {path.rpartition(".")[2] for path in here}
    assert {"html", "pdf", "svg", "png", "csv", "json", "ipynb", "lock"} <= kinds


def test_the_clock_of_that_run_was_another(elsewhere):
    """Else the test before this one would show nothing."""
    record = json.loads((elsewhere.root / "runs" / NRB / "scoring.json").read_text("utf-8"))
    started = dt.datetime.fromisoformat(record["started"])
    assert started - dt.datetime.now(dt.UTC) > dt.timedelta(days=390)


def test_no_result_holds_a_path_of_the_machine_or_a_time(made, elsewhere):
    today = dt.datetime.now(dt.UTC).date().isoformat().encode()
    for path in hashes(elsewhere.root, MADE_ELSEWHERE):
        content = (elsewhere.root / path).read_bytes()
        assert os.fsencode(elsewhere.root) not in content, path
        assert os.fsencode(made.root) not in content, path
        if path.endswith((".json", ".csv", ".ipynb", ".html")):
            assert today not in content, path


def test_the_lock_file_is_unchanged_and_git_sees_nothing_made(elsewhere):
    assert (elsewhere.root / "dvc.lock").read_bytes() == (ROOT / "dvc.lock").read_bytes()
    untracked = subprocess.run(
        ["git", "status", "--short", "--untracked-files=all"],
        cwd=elsewhere.root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line[3:].strip('"') for line in untracked.splitlines()} <= set(tracked.stdout.splitlines())


def test_a_run_stays_in_the_project_and_sends_nothing(elsewhere):
    config = command(elsewhere, "dvc", "config", "--list").stdout.splitlines()
    assert {"core.analytics=false", "core.check_update=false", "core.site_cache_dir=.dvc/tmp/site-cache"} <= set(config)


def test_again_runs_no_stage(bench):
    done = command(bench, "dvc", "repro")
    assert stages_run(done) == []
    assert "Data and pipelines are up to date" in done.stdout
    again = nvs(bench, "repro")
    assert again.returncode == 0
    assert f"reports/{NRB}/risk-assessment.nl.pdf" in again.stdout
    assert f"nvs explain {NRB} impact." in again.stdout


def test_an_edited_assessment_runs_what_depends_on_it_and_changes_what_follows(bench):
    before = hashes(bench.root)
    change(bench, 24, "best", "E")
    change(bench, 24, "high", "E")
    done = command(bench, "dvc", "repro")
    assert stages_run(done) == ["validation", "scoring", "reports", "seal"]
    after = hashes(bench.root)
    same = {path.rpartition("/")[2] for path in before if before[path] == after[path]}
    assert {"scenarios.csv", "weights.csv", "likelihood.csv", "coverage.csv", "findings.csv"} <= same
    told = json.loads(nvs(bench, "explain", NRB, "impact.lek-dike-breach", "--json").stdout)
    assert told["value"] == pytest.approx(0.162962962963 + 0.1 * (1 - 1 / 3))


def test_an_edited_title_makes_the_reports_alone(bench):
    path = bench.cycle_file(NRB)
    path.write_text(path.read_text("utf-8").replace("en: National Risk Assessment 6", "en: Another title"), "utf-8")
    assert stages_run(command(bench, "dvc", "repro")) == ["reports", "seal"]
    assert "Another title" in (bench.results(NRB, "reports") / "risk-assessment.en.html").read_text("utf-8")


def test_other_weights_run_scoring_and_reports_and_say_so(bench):
    path = bench.cycle_file(NRB)
    weights = dict.fromkeys(["1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "4.1", "5.1"], 0.05) | {"5.2": 0.5, "5.3": 0.1}
    loaded = yaml.safe_load(path.read_text("utf-8"))
    loaded["scoring"]["weights"] = weights
    path.write_text(yaml.safe_dump(loaded), "utf-8")
    assert stages_run(command(bench, "dvc", "repro")) == ["scoring", "reports", "seal"]
    page = (bench.results(NRB, "reports") / "risk-assessment.en.html").read_text("utf-8")
    assert "other weights may give another order" in page
    assert "Every criterion counts the same." not in page
    assert "own" in (bench.results(NRB, "scoring") / "weights.csv").read_text("utf-8")
    told = json.loads(nvs(bench, "explain", NRB, "weight.5.2", "--json").stdout)
    formula, (setting,) = told["explanation"]["formula"], told["explanation"]["made_from"]
    assert (formula["basis"], setting["setting"], setting["value"]) == ("own", "scoring.weights.5.2", 0.5)


def test_results_that_are_not_of_one_run_are_not_explained(bench):
    """A changed result, a changed setting, or a run that stopped halfway: said, and nothing explained."""

    def told():
        done = nvs(bench, "explain", NRB, "impact.lek-dike-breach")
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        return done.stderr

    impact = bench.results(NRB, "scoring") / "impact.csv"
    kept = impact.read_text("utf-8")
    impact.write_text(kept.replace("0.162962962963", "0.999"), "utf-8")
    assert "scoring/impact.csv: changed since the results were made" in told()
    impact.write_text(kept + "x\n", "utf-8")
    assert "scoring/impact.csv: changed" in told()
    impact.write_text(kept, "utf-8")
    settings = bench.cycle_file(NRB)
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('edition: "2014"', 'edition: "2019"'), "utf-8")
    assert "pipelines/cycles/nrb-2014.yaml: edition: changed" in told()
    settings.write_text(text, "utf-8")
    change(bench, 24, "reason", "another reason")
    assert command(bench, "dvc", "repro", "-s", f"validation@{NRB}").returncode == 0
    assert "validation/assessments.csv: changed" in told()


def test_illustrative_data_say_so_on_the_first_page_and_at_the_figure(bench):
    change(bench, 24, "basis", "illustrative")
    change_scenario = bench.raw(NRB) / "scenarios.csv"
    change_scenario.write_text(
        change_scenario.read_text("utf-8").replace(",published,public", ",illustrative,public"), "utf-8"
    )
    assert command(bench, "dvc", "repro").returncode == 0
    for language, told in (("nl", "Illustratieve gegevens"), ("en", "Illustrative data")):
        page = (bench.results(NRB, "reports") / f"risk-assessment.{language}.html").read_text("utf-8")
        body = page[page.index("<body>") :]
        assert body.index(told) < body.index('<nav role="doc-toc"')
        caption = body[body.index("<figcaption>", body.index("<img ")) :]
        assert told in caption[: caption.index("</figcaption>")]
        text = subprocess.run(
            ["pdftotext", "-l", "1", bench.results(NRB, "reports") / f"risk-assessment.{language}.pdf", "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert told in text


def test_findings_stop_the_run_in_lines_and_leave_everything_as_it_was(bench):
    change(bench, 24, "best", "Q")
    change(bench, 30, "basis", "guess")
    before = hashes(bench.root, (*MADE, "data/raw"))
    done = nvs(bench, "repro")
    assert done.returncode == 1
    place = "data/raw/nrb-2014/assessments.csv, row"
    bases = "published, illustrative, delivered"
    assert done.stderr.splitlines() == [
        f'{place} 24, column best: found "Q"; allowed: X, A, B, C, D, E. Correct the cell.',
        f'{place} 30, column basis: found "guess"; allowed: {bases}. Correct the cell.',
    ]
    assert hashes(bench.root, (*MADE, "data/raw")) == before
    assert (bench.root / "runs" / NRB / "validation.failed.ipynb").is_file()
    bare = command(bench, "dvc", "repro")
    assert bare.returncode != 0
    assert "Traceback" not in bare.stdout + bare.stderr
    checked = nvs(bench, "check", NRB, "--lang", "nl")
    assert checked.returncode == 1
    assert 'regel 24, kolom best: gevonden "Q"' in checked.stdout
    found = json.loads(nvs(bench, "check", NRB, "--json").stdout)["findings"]
    assert [(finding["row"], finding["column"]) for finding in found] == [(24, "best"), (30, "basis")]
    explained = nvs(bench, "explain", NRB, "impact.lek-dike-breach")
    assert (explained.returncode, explained.stdout) == (1, "")
    assert "changed since the results were made" in explained.stderr


def test_a_wrong_setting_stops_before_anything_runs(bench):
    path = bench.cycle_file(NRB)
    path.write_text(path.read_text("utf-8").replace("weighted-sum", "vote"), "utf-8")
    before = hashes(bench.root)
    for done in (nvs(bench, "repro"), command(bench, "dvc", "repro")):
        assert done.returncode != 0
        assert 'pipelines/cycles/nrb-2014.yaml: scoring.aggregator: found "vote"' in done.stderr
        assert "Traceback" not in done.stderr
    assert hashes(bench.root) == before


def test_a_notebook_that_fails_names_its_cell_and_keeps_what_it_did(bench):
    path = bench.root / "notebooks" / "scoring.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(4, nbformat.v4.new_code_cell("1 / 0", id="fault"))
    nbformat.write(notebook, path)
    before = hashes(bench.root)
    done = nvs(bench, "repro")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("notebooks/scoring.ipynb, cell [3]: ZeroDivisionError: division by zero.")
    assert "runs/nrb-2014/scoring.failed.ipynb" in line
    assert (bench.root / "runs" / NRB / "scoring.failed.ipynb").is_file()
    assert hashes(bench.root) == before


def test_outside_the_environment_dvc_gives_a_line_and_no_traceback(bench, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    change(bench, 24, "reason", "another reason")
    done = command(bench, "dvc", "repro", PATH=str(tmp_path / "bin"), VIRTUAL_ENV="", CONDA_PREFIX="", PYTHONPATH="")
    assert done.returncode != 0
    assert "The environment of the workbench is not active. Run 'make repro'" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_bare_dvc_from_nothing_gives_the_same_as_stages_side_by_side(bench, published):
    for folder in ("data/results", "reports"):
        shutil.rmtree(bench.root / folder / NRB)
    before = hashes(published.root)
    done = command(bench, "dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(stages_run(done)) == {"validation", "scoring", "reports"}
    assert hashes(bench.root) == before


def test_a_run_killed_at_thirty_moments_repairs_itself_and_never_passes_for_whole(bench, published, tmp_path):
    shutil.copytree(published.root, tmp_path / "undisturbed", symlinks=True)
    undisturbed = type(bench)((tmp_path / "undisturbed").resolve())
    for project in (bench, undisturbed):
        change(project, 24, "reason", "so that every stage has to run")
    begun = time.monotonic()
    assert command(undisturbed, "dvc", "repro").returncode == 0
    whole, seconds = hashes(undisturbed.root), time.monotonic() - begun
    draw = random.Random(30)
    for _ in range(30):
        running = subprocess.Popen(
            [sys.executable, "-m", "dvc", "repro"], cwd=bench.root, start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(bench.root / "src")},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(draw.uniform(0, min(seconds / 2, 20)))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        assert verify(bench, NRB).deviations or hashes(bench.root) == whole
    done = command(bench, "dvc", "repro")
    assert done.returncode == 0, done.stderr
    assert hashes(bench.root) == whole
    assert verify(bench, NRB).deviations == ()
    assert stages_run(command(bench, "dvc", "repro")) == []
