"""Text from a delivered file stays text: never markup, code or a formula, in any output."""

import csv
import datetime as dt
import json
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
import yaml
from workbench import NRB, ROOT, command, copy_of_sources

from nvslib.documents import render
from nvslib.problems import Problem

HOSTILE = {
    "title_en": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "title_nl": '#panic("typst") $x$ *vet* [haak] \\ #read("/etc/passwd")',
    "theme_en": "{impact.lek-dike-breach} {unknown.fact}",
    "theme_nl": "[bold red]rijk[/] {0} {x!r} %s",
    "description_en": "</style></main><h1>Injected</h1> \"quoted\" 'single' & <!-- -->",
    "description_nl": "`code` _nadruk_ <label-x> @reference // opmerking /* blok */",
    "source": "javascript:alert(1) http://example.org/x \N{ZERO WIDTH JOINER}\N{SNOWMAN}",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A copy of the project in which one scenario's texts are hostile, run to its reports."""
    copy = copy_of_sources(tmp_path_factory.mktemp("hostile") / "bench")
    path = copy.raw(NRB) / "scenarios.csv"
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    records[0] |= HOSTILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, records[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    done = command(copy, "dvc", "repro", f"reports@{NRB}")
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


class Elements(HTMLParser):
    """Collects the elements and attributes that a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_pages_hold_no_element_of_it(hostile, made):
    for language in ("nl", "en"):
        seen, usual = (
            Elements((project.results(NRB, "reports") / f"risk-assessment.{language}.html").read_text("utf-8"))
            for project in (hostile, made)
        )
        assert seen.elements == usual.elements
        assert seen.attributes == usual.attributes


def test_the_texts_are_printed_as_they_are(hostile):
    text = {
        language: " ".join(
            subprocess.run(
                ["pdftotext", "-layout", hostile.results(NRB, "reports") / f"risk-assessment.{language}.pdf", "-"],
                capture_output=True, text=True, check=True,
            ).stdout.split()
        )
        for language in ("nl", "en")
    }  # fmt: skip
    assert "#panic(" in text["nl"]
    assert "*vet*" in text["nl"]
    assert "_nadruk_" in text["nl"]
    assert "<script>alert(1)</script>" in text["en"]
    assert "{unknown.fact}" in text["en"]


def test_the_figure_and_the_notebooks_hold_it_as_text(hostile):
    svg = (hostile.results(NRB, "scoring") / "risk-diagram.en.svg").read_text("utf-8")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    notebook = json.loads((hostile.results(NRB, "scoring") / "notebook.ipynb").read_text("utf-8"))
    shown = [
        "".join(output["data"]["text/html"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert shown
    assert not any("<script" in page or "<img src=x" in page for page in shown)


def test_a_terminal_gets_no_markup(hostile):
    done = command(hostile, "nvslib", "explain", NRB, "coverage.scenarios", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout


def test_no_cell_of_a_result_begins_a_formula(hostile):
    for path in hostile.results(NRB, "validation").parent.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [
                    cell
                    for cell in row
                    if cell.startswith(("=", "+", "@", "\t")) or (cell[:1] == "-" and not is_number(cell))
                ]


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_document_reads_no_file_outside_the_project(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    template = tmp_path / "project" / "x.typ"
    template.write_text('#read("/../secret.txt")', "utf-8")
    with pytest.raises(Problem, match=r"x\.typ"):
        render(template, tmp_path / "project", {}, dt.date(2014, 9, 30))


@pytest.mark.parametrize("hole", ["{no.such.fact}", "{impact.lek-dike-breach.lowest}"])
def test_a_report_that_asks_for_a_fact_that_is_not_there_is_not_made(tmp_path, hole):
    shutil.copytree(ROOT / "reports" / "templates", tmp_path / "t")
    (tmp_path / "t" / "x.typ").write_text('#import "house.typ": *\n#say("a")', "utf-8")
    data = {"language": "en", "texts": {"a": f"It is {hole}."}, "facts": {}}
    with pytest.raises(Problem, match="no fact called"):
        render(tmp_path / "t" / "x.typ", tmp_path, data, dt.date(2014, 9, 30))


def test_workbook_names_of_the_pipeline_are_plain():
    """Stage and cycle names end up in a shell command; the schema allows nothing that a shell would read."""
    pipeline = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))
    for stage in pipeline["stages"].values():
        assert stage.get("do", stage)["cmd"].endswith(("${item.cycle}", "${key}", "pipelines/stage index"))
