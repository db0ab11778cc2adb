"""What goes out: written by data, the same facts in both languages, accessible, archivable, loading nothing."""

import itertools
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pytest
import yaml
from pages import look_at
from workbench import ROOT

from nvslib.explanation import read_facts
from nvslib.project import Project

PROJECT = Project.find()
PAGES = [
    (cycle, report, language)
    for cycle in PROJECT.cycles()
    for report in yaml.safe_load(PROJECT.cycle_file(cycle).read_text("utf-8")).get("reports", [])
    for language in ("nl", "en")
]
TEMPLATES = sorted((ROOT / "reports" / "templates").glob("*.typ"))


def file_of(page, suffix):
    cycle, report, language = page
    return PROJECT.reports(cycle) / f"{report}.{language}.{suffix}"


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


def test_no_number_is_typed_in_a_template_or_a_text():
    for template in TEMPLATES:
        if template.name != "house.typ":  # the house style holds sizes and colours, and no sentence
            assert not re.search(r"\d", template.read_text("utf-8")), template.name
    for language in ("nl", "en"):
        text = (ROOT / "reports" / "texts" / f"{language}.yaml").read_text("utf-8")
        assert not re.search(r"\d", re.sub(r"{[^{}]*}", "", text)), language


def test_every_text_is_used():
    """What no template asks for, by its whole key or by a part of it put together from data, is deleted."""
    asked = set(re.findall(r'"([a-z.-]+)"', "\n".join(template.read_text("utf-8") for template in TEMPLATES)))
    texts = yaml.safe_load((ROOT / "reports" / "texts" / "en.yaml").read_text("utf-8"))

    def flat(entry, path=""):
        for name, inner in entry.items():
            yield from flat(inner, f"{path}{name}.") if isinstance(inner, dict) else [f"{path}{name}"]

    def is_asked(key):
        folder, _, name = key.rpartition(".")
        from_data = {"bounds", "columns"} | {part.rstrip(".") for part in asked if part.endswith(".")}
        return key in asked or (folder in from_data and (name in asked or folder not in ("bounds", "columns")))

    titles = {f"{template.stem}.title" for template in TEMPLATES}  # the house style asks for these
    assert [key for key in flat(texts) if not is_asked(key) and key not in titles] == []


def test_every_printed_fact_is_the_fact_and_has_its_explanation(page, links):
    cycle, _, language = page
    facts = read_facts(PROJECT, cycle)
    assert len(links.facts) > 50
    for name, shown in links.facts.items():
        assert shown == {facts[name].display[language]}
        assert f"fact-{name}" in links.ids
    for scenario in ("lek-dike-breach",):
        assert {f"impact.{scenario}", f"impact.{scenario}.low", f"impact.{scenario}.high"} <= set(links.facts)


def test_both_languages_print_the_same_facts(page):
    cycle, report, _ = page
    printed = [
        set(Links(file_of((cycle, report, language), "html").read_text("utf-8")).facts) for language in ("nl", "en")
    ]
    assert printed[0] == printed[1]


def test_the_page_loads_nothing_and_every_link_has_its_target(page, links):
    assert [target for target in links.fetched if not target.startswith("data:image/")] == []
    assert [target for target in links.links if not target.startswith("#")] == []
    assert {target[1:] for target in links.links} <= set(links.ids)
    assert len(links.ids) == len(set(links.ids))
    assert not {"script", "iframe", "object", "link", "form"} & set(links.elements)
    text = file_of(page, "html").read_text("utf-8")
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_is_requested(browser, page, width, scheme):
    look_at(browser, file_of(page, "html"), width, scheme)


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
    assert target == "#fact-" + followed_name(page)


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
        title = {"nl": "Risicobeoordeling", "en": "Risk assessment"}[language]
        assert f"{title}: " in metadata
        elements = list(walk(root.StructTreeRoot.K))
        names = [name for name, _, _ in elements]
        figures = [element for name, element, _ in elements if name == "/Figure"]
        assert figures
        assert all(len(str(figure.get("/Alt", ""))) > 100 for figure in figures)
        assert names.count("/TH") > names.count("/Table") > 5
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
        assert len(pdf.pages) < 20


def attributes(element):
    """Return the attributes of a structure element as one dictionary."""
    found = element.get("/A", pikepdf.Dictionary())
    parts = list(found) if isinstance(found, pikepdf.Array) else [found]
    return {key: value for part in parts if isinstance(part, pikepdf.Dictionary) for key, value in part.items()}


def is_font(thing):
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"


def test_the_text_of_the_pdf_extracts_in_reading_order(page):
    cycle, _, language = page
    text = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", file_of(page, "pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    texts = yaml.safe_load((ROOT / "reports" / "texts" / f"{language}.yaml").read_text("utf-8"))["risk-assessment"]
    body = " ".join(text.split())
    body = body[body.index(texts["summary"]["scope"].split("{")[0].strip()) :]
    chapters = ["diagram", "scenarios", "method", "origin", "provenance"]
    places = [body.index(texts[chapter]["heading"]) for chapter in chapters]
    assert places == sorted(places)
    facts = read_facts(PROJECT, cycle)
    value, low, high = (facts[f"impact.lek-dike-breach{part}"].display[language] for part in ("", ".low", ".high"))
    assert f"{value} ({low} – {high})" in body
    sentence = body[body.index(facts["impact.lek-dike-breach.label"].display[language]) :]
    assert value in sentence


def test_the_report_names_its_source_and_its_files(page):
    cycle, _, _ = page
    text = file_of(page, "html").read_text("utf-8")
    assert "National Institute for Public Health and the Environment (RIVM), National Risk Assessment 6, 2014" in text
    lineage = json.loads((PROJECT.results(cycle, "validation") / "lineage.json").read_text("utf-8"))
    for path, digest in lineage["inputs"].items():
        assert path in text
        assert digest in text


def test_the_picture_in_the_readme_is_the_one_that_the_pipeline_draws(made):
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = Path(re.search(r"!\[[^]]{40,}\]\(([^)]+)\)", readme)[1])
    assert (ROOT / shown).read_bytes() == (made.results("nrb-2014", "scoring") / "risk-diagram.en.png").read_bytes()
