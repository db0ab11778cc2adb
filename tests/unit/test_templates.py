"""A template filled in and taken in again gives what was filled in, whatever its form and language."""

import dataclasses
import io
import re
import zipfile

import pandas as pd
import pytest
import time_machine

from nvslib import intake, scales, template_files, templates
from nvslib.editions import load_edition
from nvslib.problems import Problem
from nvslib.tables import load_table, table_names

EDITION = load_edition("2014")
EVERY = [(form, language) for form in template_files.FORMS for language in scales.LANGUAGES]


def good(column, number):
    """Return what may stand in a cell of the first row (0) or the second (1) of a table."""
    if column.refers_to:
        key = load_table(column.refers_to).key[0]
        return f"{key}-1; {key}-2" if column.many else f"{key}-{number + 1}"
    values = {
        "name": f"{column.name.replace('_', '-')}-{number + 1}",
        "code": f"{column.name.replace('_', '-')}-{number + 1}",
        "text": ('één regel, en "nog" iets; <b>&amp;', "twee  regels\n  =1+1")[number],
        "choice": column.choices[number : number + 1],
        "class": ("C", "B-low")[number],
        "criterion": ("1.1", "likelihood")[number],
        "integer": str(number),
        "number": ("0.25", "1")[number],
        "date": ("2021-12-31", "2022-03-04")[number],
        "period": ("2021-01-01", "2021-04-01")[number],
    }
    value = values[column.type]
    return value[0] if isinstance(value, tuple) else value


def filled(name):
    columns = load_table(name).columns.values()
    return pd.DataFrame({column.name: [good(column, number) for number in (0, 1)] for column in columns}, dtype=object)


def cycle(**more):
    """Return a cycle with two of everything, as it is taken in."""
    tables = {name: filled(name) for name in table_names("input")}
    tables["scenarios"]["status"] = [None, "added"]
    tables["departments"]["department"] = ["JenV", "IenW"]
    tables["measures"]["department"] = ["JenV", "IenW"]
    return tables | more


def written(folder, tables, language="nl", form="xlsx"):
    return {path.name: path for path in templates.write_templates(folder, tables, EDITION, language, form)}


def taken_in(folder):
    return intake.take_in(folder, lambda path: path.name)


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


def sheets(path):
    """Return the XML of each sheet of an XLSX file by its title."""
    parts = members(path.read_bytes())
    titles = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    return {title: parts[f"xl/worksheets/sheet{number}.xml"] for number, title in enumerate(titles, start=1)}, parts


@pytest.mark.parametrize(("form", "language"), EVERY)
def test_what_was_filled_in_comes_back(tmp_path, form, language):
    for book in templates.describe({}, EDITION, language):
        full = tuple(dataclasses.replace(sheet, rows=filled(sheet.table.name)) for sheet in book.sheets)
        if form == "csv":  # there a text that begins with = is refused
            full = tuple(dataclasses.replace(sheet, rows=sheet.rows.replace("^=", "", regex=True)) for sheet in full)
        for name, content in template_files.render(dataclasses.replace(book, sheets=full), form).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
    taken = taken_in(tmp_path)
    assert taken.misread == []
    assert {one.kind for one in taken.normalised} == ({"dutch-word"} if language == "nl" else set())
    assert set(taken.tables) == set(table_names("input"))
    for name, delivered in taken.tables.items():
        pd.testing.assert_frame_equal(delivered.cells, filled(name), check_dtype=False)


@pytest.mark.parametrize(("form", "language"), EVERY)
def test_an_untouched_template_lacks_content_alone(tmp_path, form, language):
    tables = cycle()
    written(tmp_path, tables, language, form)
    taken = taken_in(tmp_path)
    assert taken.misread == []
    assert {one.kind for one in taken.normalised} <= {"dutch-word"}
    filled = {"assessments", "seed_answers", "measures", "measure_effects", "progress"}
    assert set(taken.tables) == (set(tables) if form == "csv" else filled)  # empty sheets say nothing
    cells = {name: delivered.cells for name, delivered in taken.tables.items()}
    judged = cells["assessments"].groupby(["assessor", "scenario"]).agg({"criterion": list, "best": "count"})
    assert judged.index.tolist() == [("assessor-1", "scenario-1"), ("assessor-2", "scenario-1")]
    assert judged["criterion"].tolist() == [[*EDITION.criteria, "likelihood"]] * 2
    assert judged["best"].tolist() == [0, 0]
    assert sorted(map(tuple, cells["seed_answers"][["question", "assessor"]].to_numpy())) == [
        (f"question-{question}", f"assessor-{assessor}") for question in (1, 2) for assessor in (1, 2)
    ]
    for name, key in (("measures", "measure"), ("measure_effects", "measure")):
        frame = cells[name].sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(frame, tables[name], check_dtype=False)
    progress = cells["progress"].dropna(axis="columns", how="all")
    assert sorted(map(tuple, progress.to_numpy())) == [("measure-1", "JenV"), ("measure-2", "IenW")]


def test_who_gets_a_workbook(tmp_path):
    assert list(written(tmp_path / "a", {})) == ["analysts.xlsx", "assessors.xlsx", "departments.xlsx"]
    assert list(written(tmp_path / "b", cycle(), form="ods")) == [
        "analysts.ods",
        "assessor-assessor-1.ods",
        "assessor-assessor-2.ods",
        "jenv.ods",
        "ienw.ods",
    ]
    assert (tmp_path / "b" / "jenv.ods").is_file()
    written(tmp_path / "c", cycle(), form="csv")
    assert sorted(path.name for path in (tmp_path / "c" / "jenv").iterdir()) == [
        "measure_effects.csv",
        "measures.csv",
        "progress.csv",
        "responses.csv",
    ]


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory):
    return written(tmp_path_factory.mktemp("templates"), cycle())


def test_what_an_xlsx_workbook_offers(workbooks):
    found, parts = sheets(workbooks["jenv.xlsx"])
    assert list(found) == ["Uitleg", "Maatregelen", "Verwachte effecten", "Voortgang", "Wederhoor", "lists"]
    assert '<sheet name="lists" sheetId="6" state="hidden"' in parts["xl/workbook.xml"]
    for title in list(found)[1:-1]:
        assert '<sheetProtection sheet="1"' in found[title]
        assert 'insertRows="0" deleteRows="0" sort="0" autoFilter="0"' in found[title]
        assert 'state="frozen"' in found[title]
        assert 'orientation="landscape"' in found[title]
    effects = found["Verwachte effecten"]
    assert re.search(r'<dataValidation type="list" errorStyle="warning".*sqref="A2:A1002"><formula1>lists!', effects)
    assert '<dataValidation type="decimal"' in effects
    assert "<formula1>0</formula1><formula2>5</formula2>" in effects
    assert '<dataValidation type="date"' in found["Voortgang"]
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", parts["xl/sharedStrings.xml"])
    assert {"op-schema", "JenV", "measure-1", "maatregel", 'één regel, en "nog" iets; &lt;b&gt;&amp;amp;'} <= set(texts)
    assert "delayed" not in texts
    notes = parts["xl/comments1.xml"]
    assert "Number of the measure." in notes
    assert "Nummer van de maatregel." in notes


def test_the_explanation_tells_every_column_and_choice(workbooks):
    found, parts = sheets(workbooks["assessor-assessor-1.xlsx"])
    assert list(found)[:2] == ["Uitleg", "Beoordelingen"]
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", parts["xl/sharedStrings.xml"])
    assert "Werkmap om in te vullen: assessor-1" in texts
    for column in load_table("assessments").columns.values():
        assert {column.dutch, column.meaning["nl"]} <= set(texts)
    assert {criterion.name["nl"] for criterion in EDITION.criteria.values()} <= set(texts)
    likely = scales.likelihood_label("B", "nl")
    assert f"impact: {scales.impact_label(2, 'nl')}; waarschijnlijkheid: {likely}" in texts


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_text_is_never_a_formula(tmp_path, form):
    tables = cycle()
    tables["measures"]["title_nl"] = ["=HYPERLINK(A1)", "@SUM(1)"]
    tables["scenarios"]["title_nl"] = ["=1+1", "-2"]
    paths = written(tmp_path, tables, form=form)
    for path in paths.values():
        for name, part in members(path.read_bytes()).items():
            if name.startswith("xl/worksheets/sheet") or name == "content.xml":
                assert "<f>" not in part
                assert "table:formula" not in part
    titles = taken_in(tmp_path).tables["measures"].cells["title_nl"]
    assert sorted(titles) == ["=HYPERLINK(A1)", "@SUM(1)"]


def test_csv_refuses_a_text_that_would_be_a_formula(tmp_path):
    tables = cycle()
    tables["measures"]["title_en"] = ["=HYPERLINK(A1)", "x"]
    with pytest.raises(Problem, match=r'measures, column title_en: found "=HYPERLINK\(A1\)"'):
        written(tmp_path / "new", tables, "en", "csv")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("form", template_files.FORMS)
def test_what_is_there_stays(tmp_path, form):
    there = tmp_path / ("jenv/progress.csv" if form == "csv" else f"jenv.{form}")
    there.parent.mkdir(exist_ok=True)
    there.write_text("kept", "utf-8")
    with pytest.raises(Problem) as problem:
        written(tmp_path, cycle(), form=form)
    assert problem.value.lines == [
        f"{there}: bestaat al; er is niets geschreven. Kies een andere map, of haal het bestand daar weg."
    ]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [there]
    assert there.read_text("utf-8") == "kept"


@pytest.mark.parametrize("form", template_files.FORMS)
def test_the_same_input_gives_the_same_bytes(tmp_path, form):
    contents = []
    for day in ("2021-12-31", "2031-01-02"):
        with time_machine.travel(day):
            paths = templates.write_templates(tmp_path / day, cycle(), EDITION, "nl", form)
        contents.append({path.relative_to(tmp_path / day): path.read_bytes() for path in paths})
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("departments", "told"),
    [
        (["Jen V", "IenW"], 'departments, column department: found "Jen V"'),
        (["../x", "IenW"], 'found "../x"'),
        (["JenV", "jenv"], 'departments: found two workbooks "jenv"'),
    ],
)
def test_a_name_that_no_file_can_bear(tmp_path, departments, told):
    tables = cycle()
    tables["departments"]["department"] = departments
    with pytest.raises(Problem) as problem:
        written(tmp_path / "new", tables, "en")
    assert told in problem.value.lines[0]
    assert not (tmp_path / "new").exists()


def test_tables_as_validated_serve_too(tmp_path):
    tables = cycle()
    measures = tables["measures"].assign(cost_per_year=[1000.5, None], file="measures.csv", sheet="", row=[2, 3])
    measures["cost_per_year"] = measures["cost_per_year"].astype(float)
    written(tmp_path, tables | {"measures": measures, "findings": pd.DataFrame({"rule": ["x"]})})
    cells = taken_in(tmp_path).tables["measures"].cells
    assert sorted(cells["cost_per_year"].dropna()) == ["1000.5"]
    assert list(cells) == list(load_table("measures").columns)
