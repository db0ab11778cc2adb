"""What is marked above the level of a cycle is in no byte of what is made at that level."""

import base64
import csv
import re
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
import yaml
from PIL import Image
from workbench import NRB, command, copy_of_sources, only

SECRET = "zeer-geheime-zaak"  # noqa: S105 - the name of a scenario, and a part of every text that is planted
TOLD = "Zwijgplicht7431"


def add(path, rows):
    """Add rows to a delivered table; columns that they do not name are filled from its first row."""
    with path.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kept[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *(kept[0] | row for row in rows)])


def begin(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def plant(raw):
    """Plant secrets in every way: a marked scenario, what names it unmarked, a marked response, a marked correction."""
    languages = ("nl", "en")
    texts = {
        f"{name}_{language}": f"{TOLD} {name}" for name in ("title", "theme", "description") for language in languages
    }
    add(raw / "scenarios.csv", [{"scenario": SECRET, **texts, "source": TOLD, "classification": "confidential"}])
    with (raw / "assessments.csv").open(encoding="utf-8", newline="") as file:
        judged = [row for row in csv.DictReader(file) if row["scenario"] == "lek-dike-breach"]
    add(raw / "assessments.csv", [row | {"scenario": SECRET, "reason": f"  {TOLD}  "} for row in judged])
    advice = {f"{name}_{language}": "Plain advice" for name in ("does", "cannot", "asks") for language in languages}
    rest = {"basis": "delivered", "classification": "public"}
    begin(
        raw / "public-advice.csv",
        [
            {"scenario": "lek-dike-breach", **advice, **rest},
            {"scenario": SECRET, **dict.fromkeys(advice, f"{TOLD} advice"), **rest},
        ],
    )
    said = {
        "report": "risk-assessment",
        "from_whom": "X",
        "date": "2014-10-01",
        "answer": "Y",
        "answered": "2014-10-02",
    }
    begin(
        raw / "responses.csv",
        [
            {"response": "R1", "comment": "A plain comment", "changed": "no", **said, **rest},
            {"response": "R2", "comment": TOLD, "changed": "no", **said, **(rest | {"classification": "internal"})},
        ],
    )
    correct = {"who": "X", "why": TOLD, "when": "2014-10-03", **rest}
    begin(
        raw / "corrections.csv",
        [{"table": "scenarios", "key": SECRET, "column": "source", "from": TOLD, "to": f"{TOLD}!", **correct}],
    )


def run(tmp_path_factory, level):
    copy = copy_of_sources(tmp_path_factory.mktemp(level) / "bench")
    only(copy, NRB)
    plant(copy.raw(NRB))
    path = copy.cycle_file(NRB)
    loaded = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump(loaded | {"level": level}, sort_keys=False), "utf-8")
    done = command(copy, "dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    return run(tmp_path_factory, "public")


@pytest.fixture(scope="module")
def confidential(tmp_path_factory):
    return run(tmp_path_factory, "confidential")


def everything_in(path):
    """Yield the bytes of a file and what they unpack to: PDF streams, members, images in a page, text in a PNG."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".pdf":
        with pikepdf.open(path) as pdf:
            yield from (thing.read_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream))
            yield str(pdf.docinfo).encode()
    if path.suffix == ".ods":
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name) for name in package.namelist())
    if path.suffix == ".png":
        with Image.open(path) as image:
            yield str(image.info).encode()
    if path.suffix == ".html":
        yield from (
            base64.b64decode(found) for found in re.findall(rb"data:image/[^;]+;base64,([A-Za-z0-9+/=]+)", content)
        )
    for found in re.finditer(rb"x\x9c", content):  # whatever else is packed
        try:
            yield zlib.decompressobj().decompress(content[found.start() :])
        except zlib.error:
            continue


def made_of(project):
    folders = [project.root / "data" / "results" / NRB, project.results(NRB, "reports"), project.root / "runs"]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def holding(project):
    """Return the files made in a project in which a secret is found."""
    looked_for = [word.encode(coding) for word in (SECRET, TOLD) for coding in ("utf-8", "utf-16-be", "utf-16-le")]
    return {
        path.relative_to(project.root)
        for path in made_of(project)
        for content in everything_in(path)
        if any(word in content for word in looked_for) or any(word in Path(path).name for word in (SECRET, TOLD))
    }


def test_no_byte_of_what_is_made_at_a_lower_level_holds_what_is_marked_higher(public):
    assert len(made_of(public)) > 100
    assert holding(public) == set()


def test_the_same_search_finds_it_where_it_may_be(confidential):
    """Else the test before this one would show nothing."""
    found = {path.name for path in holding(confidential)}
    assert {"scenarios.csv", "findings.csv"} & found
    assert {"risk-assessment.nl.html", "risk-assessment.nl.pdf", "risk-assessment.en.pdf", "tables.nl.ods"} <= found
    assert {"notebook.ipynb", "lineage.json", "data-quality.nl.html", f"profile-{SECRET}.nl.csv"} <= found


def test_what_is_withheld_is_counted_and_public_reports_are_made_at_the_public_level_alone(public, confidential):
    with (public.results(NRB, "validation") / "withheld.csv").open(encoding="utf-8") as file:
        counts = {row["table"]: (row["marked"], row["names"]) for row in csv.DictReader(file)}
    judged = len(list(csv.DictReader((public.raw(NRB) / "assessments.csv").open(encoding="utf-8")))) // 4
    assert counts == {
        "scenarios": ("1", "0"),
        "assessments": ("0", str(judged)),
        "public_advice": ("0", "1"),
        "responses": ("1", "0"),
        "corrections": ("0", "1"),
    }
    assert (public.results(NRB, "reports") / "public-summary.nl.html").is_file()
    assert not (confidential.results(NRB, "reports") / "public-summary.nl.html").exists()
    index = (confidential.results(NRB, "reports") / "index.nl.html").read_text("utf-8")
    assert "Niet gemaakt: dit rapport is openbaar, en deze cyclus gebruikt ook wat hoger gerubriceerd is." in index
