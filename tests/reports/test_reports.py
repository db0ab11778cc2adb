"""What goes out: written by data, the same facts in both languages, accessible, archivable, loading nothing."""

import csv
import graphlib
import html
import itertools
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import lxml.html
import pikepdf
import pytest
import yaml
from pages import look_at
from python_calamine import CalamineWorkbook
from workbench import ILLUSTRATIVE, NRB, ROOT

from nvslib.cycle import open_cycle
from nvslib.explanation import read_facts
from nvslib.problems import Problem
from nvslib.project import Project
from nvslib.reports import lacking, reports, require_answers
from nvslib.settings import ReportName

PROJECT = Project.find()
MADE = [
    (cycle, name)
    for cycle in PROJECT.cycles()
    for name, report in reports().items()
    if not lacking(open_cycle(cycle, stage="reports", project=PROJECT), report)[0]
]
PAGES = [(cycle, report, language) for cycle, report in MADE for language in ("nl", "en")]
NRB_PAGES = [(NRB, "risk-assessment", language) for language in ("nl", "en")]
INDEXES = [(cycle, "index", language) for cycle in PROJECT.cycles() for language in ("nl", "en")]
FOLDER = ROOT / "reports"
TEMPLATES = sorted((FOLDER / "templates").glob("*.typ"))
FORMS_OF_A_COUNT = {"none", "one", "many"}


def file_of(page, suffix):
    cycle, report, language = page
    return PROJECT.results(cycle, "reports") / f"{report}.{language}.{suffix}"


def texts_of(language):
    """Return dotted key -> text; those of the house stand without a name before them."""

    def flat(entry, path=""):
        for name, inner in entry.items():
            yield from flat(inner, f"{path}{name}.") if isinstance(inner, dict) else [(f"{path}{name}", str(inner))]

    found = {}
    for path in sorted((FOLDER / "texts" / language).glob("*.yaml")):
        loaded = yaml.safe_load(path.read_text("utf-8"))
        found |= dict(flat(loaded if path.stem == "house" else {path.stem: loaded}))
    return found


def anchor(fact):
    return "fact-" + fact.replace(" ", "_")


class Links(HTMLParser):
    """Collects the facts printed, the ids, the links and everything that a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.facts, self.ids, self.links, self.fetched, self.elements = {}, [], [], [], []
        self._fact = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
            self._fact = given["title"] if given.get("class") == "fact" else None
        else:
            self.fetched += [given[name] for name in ("src", "href", "srcset", "data", "action") if name in given]

    def handle_data(self, data):
        if self._fact:
            self.facts.setdefault(self._fact, set()).add(data)
            self._fact = None


@pytest.fixture(scope="module", params=PAGES, ids="-".join)
def page(request, made):  # noqa: ARG001 - the reports have to be there
    return request.param


@pytest.fixture(scope="module")
def links(page):
    return Links(file_of(page, "html").read_text("utf-8"))


def test_every_cycle_makes_the_reports_for_which_it_has_the_data():
    assert [report for cycle, report in MADE if cycle == NRB] == ["risk-assessment", "audit-dossier"]
    for cycle in ILLUSTRATIVE:
        assert [report for made_by, report in MADE if made_by == cycle] == list(reports())
    assert set(reports()) == set(get_args(ReportName))


def test_no_number_is_typed_in_a_template_or_a_text():
    for template in TEMPLATES:
        if template.name != "house.typ":  # the house style holds sizes and colours, and no sentence
            assert not re.search(r"\d", template.read_text("utf-8")), template.name
    for language in ("nl", "en"):
        for key, text in texts_of(language).items():
            assert not re.search(r"\d", re.sub(r"{[^{}]*}", "", text)), (language, key)


def test_both_languages_have_the_same_texts_with_the_same_holes():
    dutch, english = texts_of("nl"), texts_of("en")
    assert set(dutch) == set(english)
    for key, text in dutch.items():
        holes = [set(re.findall(r"{([^{}]+)}", one)) for one in (text, english[key])]
        assert holes[0] == holes[1] or key.rpartition(".")[2] in FORMS_OF_A_COUNT, key


def test_every_text_is_used():
    """What no template asks for, by its whole key or by the beginning of one put together from data, is deleted."""
    asked = set(re.findall(r'"([a-z.-]+)"', "\n".join(template.read_text("utf-8") for template in TEMPLATES)))
    begun = tuple(sorted(part for part in asked if part.endswith(".") and part not in ("columns.", "bounds.")))
    named = {name for name in asked if "." not in name}

    def is_asked(key):
        folder, _, name = key.rpartition(".")
        if key in asked or key.startswith(begun) or (name in FORMS_OF_A_COUNT and folder in asked):
            return True
        return folder.rpartition(".")[2] in ("columns", "bounds") and name in named

    told_by_the_house = {f"{template.stem}.{key}" for template in TEMPLATES for key in ("title", "purpose")}
    assert [key for key in texts_of("en") if not is_asked(key) and key not in told_by_the_house] == []


def test_every_printed_fact_is_the_fact_and_has_its_explanation(page, links):
    cycle, _, language = page
    facts = read_facts(PROJECT, cycle)
    assert len(links.facts) >= 10
    for name, shown in links.facts.items():
        assert shown == {facts[name].display[language]}
        assert anchor(name) in links.ids
    if cycle == NRB and page[1] == "risk-assessment":
        assert {f"impact.lek-dike-breach{bound}" for bound in ("", ".low", ".high")} <= set(links.facts)


def test_both_languages_print_the_same_facts(page):
    cycle, report, _ = page
    printed = [
        set(Links(file_of((cycle, report, language), "html").read_text("utf-8")).facts) for language in ("nl", "en")
    ]
    assert printed[0] == printed[1]


def test_the_page_loads_nothing_and_every_link_has_its_target(page, links):
    assert [target for target in links.fetched if not target.startswith("data:image/")] == []
    assert {target[1:] for target in links.links if target.startswith("#")} <= set(links.ids)
    assert len(links.ids) == len(set(links.ids))
    assert not {"script", "iframe", "object", "link", "form"} & set(links.elements)
    text = file_of(page, "html").read_text("utf-8")
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text


def rows_of(page):
    """Return the explanations on a page: fact -> the links and the words of what it was made from."""
    tree = lxml.html.fromstring(file_of(page, "html").read_text("utf-8"))
    found = {}
    for row in tree.xpath("//tr[td[1]/span[starts-with(@id, 'fact-')]]"):
        made_from = row.xpath("td[3]")[0]
        found[row.xpath("td[1]/span/@id")[0]] = (made_from.xpath(".//a/@href"), made_from.text_content())
        assert made_from.xpath(".//code") == [], "a fact behind it is named, and explained nowhere"
    return found


@pytest.mark.parametrize("cycle", PROJECT.cycles())
@pytest.mark.parametrize("language", ["nl", "en"])
def test_from_every_printed_number_links_lead_down_to_cells_and_settings(cycle, language):
    """Every step leads on, in the same report or another one of the folder, and no way turns back upon itself."""
    made_here = [report for made_by, report in MADE if made_by == cycle]
    rows = {f"{report}.{language}.html": rows_of((cycle, report, language)) for report in made_here}
    down = {
        (file, fact): [((href.partition("#")[0] or file), href.partition("#")[2]) for href in links]
        for file, found in rows.items()
        for fact, (links, _) in found.items()
    }
    assert {step for steps in down.values() for step in steps} <= down.keys()
    for file, found in rows.items():
        assert [fact for fact, (links, told) in found.items() if not links and not told.strip()] == [], file
    order = graphlib.TopologicalSorter(down).static_order()  # a circle would raise
    assert len([*order]) == len(down)


def test_the_impact_of_one_scenario_leads_to_the_judge_the_reason_and_the_cell():
    printed = rows_of((NRB, "risk-assessment", "en"))
    assert "#fact-contribution.lek-dike-breach.1.1" in printed["fact-impact.lek-dike-breach"][0]
    cell = 'assessments.csv, column best: row 24 "D", panel, A region stays flooded for ten months'
    assert cell in printed["fact-contribution.lek-dike-breach.1.1"][1]
    link = "audit-dossier.en.html#fact-contribution.lek-dike-breach.1.1.low"
    assert link in printed["fact-impact.lek-dike-breach.low"][0]
    assert "row 24" in rows_of((NRB, "audit-dossier", "en"))["fact-contribution.lek-dike-breach.1.1.low"][1]


def test_illustrative_data_say_so_before_anything_else(page):
    cycle, _, language = page
    text = file_of(page, "html").read_text("utf-8")
    told = {"nl": "Illustratieve gegevens", "en": "Illustrative data"}[language]
    head = text[text.index("<body>") : text.index("<main")]
    assert (told in head) == (cycle in ILLUSTRATIVE)


def test_a_draft_says_so_on_every_page_and_a_final_one_nowhere(page):
    cycle, report, language = page
    mark = {"nl": "CONCEPT", "en": "DRAFT"}[language]
    final = report in open_cycle(cycle, stage="reports", project=PROJECT).final
    pages = pdf_text(file_of(page, "pdf")).split("\f")[:-1]
    assert len(pages) > 2
    assert {mark in one for one in pages} == {not final}
    assert ('class="draft"' in file_of(page, "html").read_text("utf-8")) == (not final)


def test_the_marking_stands_on_every_page(page):
    told = {"nl": "Openbaar", "en": "Public"}[page[2]]
    pages = pdf_text(file_of(page, "pdf"), "-layout").split("\f")[:-1]
    feet = [one.rstrip().splitlines()[-1] for one in pages]
    assert [foot for foot in feet if told not in foot] == []


def test_every_response_stands_with_its_answer_or_as_open(page):
    cycle, report, language = page
    if not PROJECT.table_file(cycle, "responses").is_file():
        return
    told = PROJECT.read_table(cycle, "responses")
    text = html.unescape(file_of(page, "html").read_text("utf-8"))
    for row in told[told["report"] == report].to_dict("records"):
        assert row["comment"] in text
        assert (row["answer"] or {"nl": "Nog geen antwoord", "en": "No answer yet"}[language]) in text


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_and_nothing_is_requested(browser, page, width, scheme):
    look_at(browser, file_of(page, "html"), width, scheme)


@pytest.mark.parametrize("index", INDEXES, ids="-".join)
def test_an_index_leads_to_every_report_and_table_and_says_what_is_not_made(browser, index):
    cycle, _, language = index
    path = file_of(index, "html")
    found = Links(path.read_text("utf-8"))
    outside = [target for target in found.links if not target.startswith("#")]
    assert all((path.parent / target).is_file() for target in outside)
    made_here = [report for made_by, report in MADE if made_by == cycle]
    assert {f"{report}.{language}.{form}" for report in made_here for form in ("html", "pdf")} <= set(outside)
    assert f"tables.{language}.ods" in outside
    assert {target for target in outside if target.endswith(".csv")} == {one.name for one in path.parent.glob("*.csv")}
    not_made = {"nl": "Niet gemaakt", "en": "Not made"}[language]
    assert path.read_text("utf-8").count(not_made) == len(reports()) - len(made_here)
    look_at(browser, path, 360, "light")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_over_all_cycles_leads_to_each_of_them(browser, made, language):
    path = made.root / "reports" / f"index.{language}.html"
    found = Links(path.read_text("utf-8"))
    outside = [target for target in found.links if not target.startswith("#")]
    assert outside == [f"{cycle}/index.{language}.html" for cycle in ("vsk-2023", "nvs-2019", "nrb-2014")]
    look_at(browser, path, 1280, "light")


def test_the_workbook_of_tables_holds_what_the_csv_files_hold(made):
    for cycle in made.cycles():
        folder = made.results(cycle, "reports")
        sheets = CalamineWorkbook.from_path(folder / "tables.en.ods")
        names = sorted(path.stem for path in folder.glob("*.csv"))
        assert len(sheets.sheet_names) == len(names)
        for number, name in enumerate(names):
            header, *rows = sheets.get_sheet_by_index(number).to_python()
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                wanted_header, *wanted = list(csv.reader(file))
            assert header == wanted_header
            assert len(rows) == len(wanted)
            for row, kept in zip(rows[:50], wanted, strict=False):
                for cell, text in zip(row, kept, strict=True):
                    same = str(cell) == text or (isinstance(cell, float) and cell == pytest.approx(float(text)))
                    assert same, (name, cell, text)


def test_a_final_report_has_no_response_without_an_answer(made):
    """What vsk-2023 keeps as drafts cannot be made final: each open response is told in a line."""
    cycle = open_cycle("vsk-2023", stage="reports", project=made)
    require_answers(cycle)
    reports_settings = cycle._settings.reports.model_copy(update={"final": ["midterm-review", "public-summary"]})
    cycle._settings = cycle._settings.model_copy(update={"reports": reports_settings})
    with pytest.raises(Problem) as told:
        require_answers(cycle)
    assert len(told.value.lines) == 2
    assert "response R07 has no answer yet, and midterm-review cannot be final before" in told.value.lines[0]


def test_the_keyboard_reaches_the_links(browser, page):
    opened = browser.new_page()
    opened.goto(file_of(page, "html").as_uri())
    reached = []
    for _ in range(12):
        opened.keyboard.press("Tab")
        reached.append(opened.evaluate("document.activeElement.getAttribute('href')"))
    followed = opened.locator("a.fact").first
    followed.focus()
    opened.keyboard.press("Enter")
    target = opened.evaluate("decodeURIComponent(location.hash)")
    opened.close()
    assert len(set(reached) - {None}) >= 8
    assert target == "#" + anchor(followed_name(page))


def followed_name(page):
    return next(iter(Links(file_of(page, "html").read_text("utf-8")).facts))


def walk(element, parents=()):
    """Yield the structure elements of a PDF with the names of those around them."""
    if isinstance(element, pikepdf.Array):
        for inner in element:
            yield from walk(inner, parents)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        name = str(element["/S"])
        yield name, element, parents
        if "/K" in element:
            yield from walk(element["/K"], (*parents, name))


def test_the_pdf_is_tagged_named_and_archivable(page):
    _, _, language = page
    with pikepdf.open(file_of(page, "pdf")) as pdf:
        root = pdf.Root
        metadata = str(root.Metadata.read_bytes(), "utf-8")
        assert "<pdfaid:part>2</pdfaid:part>" in metadata
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
        assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == language
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        title = texts_of(language)[f"{page[1]}.title"]
        assert f"{title}: " in html.unescape(metadata)
        elements = list(walk(root.StructTreeRoot.K))
        names = [name for name, _, _ in elements]
        figures = [element for name, element, _ in elements if name == "/Figure"]
        assert figures or page[1] in ("public-summary", "audit-dossier")
        assert all(len(str(figure.get("/Alt", ""))) > 100 for figure in figures)
        assert names.count("/TH") > names.count("/Table") > 2
        for name, element, parents in elements:
            if name == "/TH":
                assert "/THead" in parents
                assert str(attributes(element)["/Scope"]) == "/Column"
            if name == "/Link":
                assert not {"/Artifact"} & set(parents)
        levels = [int(name[2:]) for name in names if re.fullmatch(r"/H\d", name)]
        assert levels[0] == 1
        assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
        fonts = {str(font.get("/BaseFont", "")) for font in pdf.objects if is_font(font)}
        assert all("+" in font for font in fonts), "every font is embedded as a subset"
        assert len(pdf.pages) < 300


def attributes(element):
    """Return the attributes of a structure element as one dictionary."""
    found = element.get("/A", pikepdf.Dictionary())
    parts = list(found) if isinstance(found, pikepdf.Array) else [found]
    return {key: value for part in parts if isinstance(part, pikepdf.Dictionary) for key, value in part.items()}


def is_font(thing):
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"


def pdf_text(path, *options):
    command = ["pdftotext", "-enc", "UTF-8", *options, path, "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("page", NRB_PAGES, ids="-".join)
def test_the_text_of_the_pdf_extracts_in_reading_order(page):
    cycle, _, language = page
    texts = texts_of(language)
    body = " ".join(pdf_text(file_of(page, "pdf")).split())
    body = body[body.index(texts["risk-assessment.summary.scope"].split("{")[0].strip()) :]
    chapters = [
        "risk-assessment.diagram",
        "risk-assessment.scenarios",
        "risk-assessment.method",
        "risk-assessment.origin",
    ]
    places = [body.index(texts[f"{chapter}.heading"]) for chapter in [*chapters, "provenance"]]
    assert places == sorted(places)
    facts = read_facts(PROJECT, cycle)
    value, low, high = (facts[f"impact.lek-dike-breach{part}"].display[language] for part in ("", ".low", ".high"))
    assert f"{value} ({low} – {high})" in body
    sentence = body[body.index(facts["impact.lek-dike-breach.label"].display[language]) :]
    assert value in sentence


@pytest.mark.parametrize("page", NRB_PAGES, ids="-".join)
def test_the_report_names_its_source_and_its_files(page):
    cycle, _, _ = page
    text = file_of(page, "html").read_text("utf-8")
    assert "National Institute for Public Health and the Environment (RIVM), National Risk Assessment 6, 2014" in text
    lineage = json.loads((PROJECT.results(cycle, "validation") / "lineage.json").read_text("utf-8"))
    raw = {path: digest for path, digest in lineage["inputs"].items() if path.startswith("data/raw/")}
    assert len(raw) == 3
    for path, digest in raw.items():
        assert path in text
        assert digest in text


def test_the_picture_in_the_readme_is_the_one_that_the_pipeline_draws(made):
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = Path(re.search(r"!\[[^]]{40,}\]\(([^)]+)\)", readme)[1])
    assert (ROOT / shown).read_bytes() == (made.results("nrb-2014", "scoring") / "risk-diagram.en.png").read_bytes()
