"""The data-quality page, of every cycle and of a delivery with faults: accessible, with every finding as told."""

import html
import json
import shutil

import deliveries
import pytest
from pages import look_at
from workbench import ROOT, nvs

from nvslib.project import Project

CYCLES = Project.find().cycles()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A project whose one cycle was delivered with faults, and its pages."""
    root = tmp_path_factory.mktemp("faulty")
    shutil.copytree(ROOT / "reports" / "templates", root / "reports" / "templates")
    shutil.copytree(ROOT / "reports" / "texts", root / "reports" / "texts")
    (root / "pipelines" / "cycles").mkdir(parents=True)
    (root / "dvc.yaml").write_text("", "utf-8")
    (root / "pipelines" / "cycles" / "x.yaml").write_text(
        'cycle: x\ntitle: {nl: Proef, en: Trial}\ndate: "2021-01-01"\nedition: "2014"\nlevel: public\n', "utf-8"
    )
    tables = deliveries.good()
    tables["assessments"][3]["best"] = "<script>alert(1)</script>"
    tables["measures"][1]["title_nl"] = "=1+1"
    tables["progress"][0]["date"] = "31-02-2021"
    deliveries.write(root / "data" / "raw" / "x", tables, "xlsx")
    done = nvs(Project(root), "check", "x", "--page", "--json", PYTHONPATH=str(ROOT / "src"))
    assert done.returncode == 1, done.stderr
    return root / "scratch" / "x" / "validation", json.loads(done.stdout)


def page_of(project, cycle, language):
    return project.results(cycle, "validation") / f"data-quality.{language}.html"


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("cycle", CYCLES)
def test_axe_finds_nothing(browser, made, cycle, language, width):
    look_at(browser, page_of(made, cycle, language), width)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_on_a_page_of_faults(browser, faulty, language, width):
    look_at(browser, faulty[0] / f"data-quality.{language}.html", width, "dark")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_finding_stands_on_the_page_and_nothing_in_it_is_markup(faulty, language):
    folder, told = faulty
    page = (folder / f"data-quality.{language}.html").read_text("utf-8")
    assert "<script" not in page
    shown = html.unescape(page)
    assert len(told["findings"]) >= 4
    for finding in told["findings"]:
        assert finding[f"action_{language}"] in shown
        assert (finding["found"] or finding[f"allowed_{language}"]) in shown
    assert sorted(told["pages"]) == [f"scratch/x/validation/data-quality.{one}.html" for one in ("en", "nl")]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_tells_what_was_planted(made, language):
    """Who is silent, who judges apart, what was corrected and in which notations departments wrote."""
    page = html.unescape(page_of(made, "vsk-2023", language).read_text("utf-8"))
    silent = {"nl": "Op de laatste datum kwam er niets van BZK en OCW.",
              "en": "Nothing was heard on the last date from BZK and OCW."}  # fmt: skip
    assert silent[language] in page
    for told in ("a07 (TNO)", "secretariaat ANV", "Blad1", "16.800.000,00", "jenv.xlsx"):
        assert told in page
    assert {"nl": "Illustratieve gegevens", "en": "Illustrative data"}[language] in page
