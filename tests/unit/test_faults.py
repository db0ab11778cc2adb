"""One fault in an otherwise good delivery, over all tables, columns and forms: found where it is, and nothing happens.

The faults are made by rules from the definitions of the tables, so a new column is covered as soon as it is defined.
"""

import hashlib
import shutil

import deliveries
import pytest
from typer.testing import CliRunner

from nvslib.cli import app
from nvslib.tables import load_table, table_names

CYCLE = "faulty"
TABLES = table_names("input")
FORMS = ("csv", "xlsx", "ods")
WRONG = {
    # type -> what is put in a cell, the rule that it breaks
    "choice": [("nonsense", "allowed")],
    "name": [("Two words", "name")],
    "code": [("two words", "code")],
    "class": [("Z", "allowed")],
    "criterion": [("9.9", "allowed")],
    "text": [("=1+1", "text"), ("hidden \u202e text", "text")],
    "number": [("many", "number"), ("12 km", "number")],
    "date": [("2021-02-30", "date"), ("03/04/2021", "ambiguous-date"), ("31-12-21", "date")],
    "period": [("2021-13", "period")],
}


def cell_faults():
    """Yield table, row (0 is the first), column, what is put there and the rule that it breaks."""
    for table in TABLES:
        for name, column in load_table(table).columns.items():
            if table == "corrections" and name in ("table", "key", "column", "from", "to"):
                continue  # these have tests of their own
            for value, rule in WRONG[column.type]:
                yield table, 0, name, value, rule
            if column.refers_to and column.type == "name":
                yield table, 0, name, "nobody", "reference"
            if column.refers_to and column.type == "code":
                yield table, 0, name, "Nobody", "reference"
            if column.required:
                yield table, 0, name, "", "required"
            if column.maximum is not None:
                yield table, 0, name, str(column.maximum + 1), "range"
            elif column.minimum is not None:
                yield table, 0, name, str(column.minimum - 1), "range"


FAULTS = list(cell_faults())


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    (root / "pipelines" / "cycles").mkdir(parents=True)
    (root / "dvc.yaml").write_text("", "utf-8")
    (root / "pipelines" / "cycles" / f"{CYCLE}.yaml").write_text(
        f'cycle: {CYCLE}\ntitle: {{nl: x, en: x}}\ndate: "2021-01-01"\nlevel: public\n'
        f'edition: "{deliveries.EDITION}"\n',
        "utf-8",
    )
    return root


@pytest.fixture
def raw(project, monkeypatch):
    monkeypatch.chdir(project)
    folder = project / "data" / "raw" / CYCLE
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    origin = "{nl: x, en: x}"
    (folder / "origin.yaml").write_text(
        f"producer: {origin}\ntitle: x\ncitation: x\nlicence: {origin}\nnotes: {{nl: [x], en: [x]}}\n", "utf-8"
    )
    return folder


def files(folder):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*") if path.is_file()}


def check(raw):
    """Check the delivery as a user does, and return its findings; see that nothing is written or changed."""
    before = files(raw.parents[2])
    done = CliRunner().invoke(app, ["check", CYCLE, "--json"])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert "Traceback" not in done.output
    assert files(raw.parents[2]) == before
    import json

    return done.exit_code, json.loads(done.stdout)["findings"]


def around(table):
    """Return a table with those that must be there, those that it refers to, and those that refer to it."""
    found = {table} | {name for name in TABLES if load_table(name).required}
    if table != "corrections":
        naming = {name for name in TABLES for one in load_table(name).columns.values() if one.refers_to == table}
        found |= {name for name in naming if name != "corrections"}
    else:
        found |= set(TABLES)
    while True:
        more = {one.refers_to for name in found for one in load_table(name).columns.values() if one.refers_to}
        if more <= found:
            return found
        found |= more


def place(table, form):
    """Return the file and sheet in which a delivery in a form has a table."""
    if form == "csv":
        return f"data/raw/{CYCLE}/{table}.csv", ""
    stem = "first" if list(TABLES).index(table) % 2 == 0 else "second"
    return f"data/raw/{CYCLE}/{stem}.{form}", table


@pytest.mark.parametrize("form", FORMS)
def test_a_good_delivery_has_no_finding(raw, form):
    deliveries.write(raw, deliveries.good(), form)
    assert check(raw) == (0, [])


def test_there_are_faults_enough_over_all_tables():
    assert len(FAULTS) >= 300
    assert {table for table, *_ in FAULTS} == set(TABLES)
    assert len(CHOSEN) >= 150
    assert {(fault[0], fault[4]) for fault in FAULTS} == {(fault[0], fault[4]) for _, fault in CHOSEN}


def chosen():
    """Return a part of the faults, the forms by turns: of every table every rule, and every column once."""
    seen, columns = set(), set()
    picked = []
    for fault in sorted(FAULTS, key=lambda fault: fault[2] in ("basis", "classification")):
        table, _, column, _, rule = fault
        if (table, rule) not in seen or (table, column) not in columns:
            seen.add((table, rule))
            columns.add((table, column) if column not in ("basis", "classification") else (table, "basis"))
            columns.add((table, "classification") if column == "basis" else (table, column))
            picked.append(fault)
    return [(FORMS[number % len(FORMS)], fault) for number, fault in enumerate(picked)]


CHOSEN = chosen()


@pytest.mark.parametrize(("form", "fault"), CHOSEN, ids=lambda part: part if isinstance(part, str) else ".".join(
    str(piece) for piece in (part[0], part[2], part[4])))  # fmt: skip
def test_a_wrong_cell_is_found_where_it_is(raw, form, fault):
    table, row, column, value, rule = fault
    tables = {name: rows for name, rows in deliveries.good().items() if name in around(table)}
    tables[table][row][column] = value
    deliveries.write(raw, tables, form)
    code, findings = check(raw)
    file, sheet = place(table, form)
    assert code == 1
    found = [finding for finding in findings if (finding["file"], finding["sheet"]) == (file, sheet)]
    told = {(finding["row"], finding["column"], finding["rule"]) for finding in found}
    assert (row + 2, column, rule) in told
    blocking = [finding for finding in findings if finding["severity"] == "blocking"]
    # Nothing else blocks but what follows from it: a row that is missing now, and what refers to it.
    follows = {"incomplete", "reference", "correction-key"}
    assert {finding["row"] for finding in blocking if finding["rule"] not in follows} <= {row + 2}
    assert value in {finding["found"] for finding in found if finding["rule"] == rule}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_with_faults_in_its_header_or_rows(raw, table):
    """Of each table, in turn: a required column is missing, one is unknown, a row is there twice, a cell too much."""
    tables = deliveries.good()
    form = FORMS[list(TABLES).index(table) % len(FORMS)]
    file, sheet = place(table, form)
    last = list(tables[table][0])[-1]
    mutations = {
        "missing-column": (lambda rows: [{k: v for k, v in row.items() if k != last} for row in rows], 1, last),
        "unknown-column": (lambda rows: [row | {"extra": "x"} for row in rows], 1, "extra"),
        "duplicate": (lambda rows: [*rows, rows[0]], 2, load_table(table).key[-1]),
    }
    for rule, (mutate, row, column) in mutations.items():
        deliveries.write(raw, tables | {table: mutate(tables[table])}, form)
        code, findings = check(raw)
        told = {tuple(finding[name] for name in ("file", "sheet", "row", "column", "rule")) for finding in findings}
        assert code == 1
        assert (file, sheet, row, column, rule) in told


@pytest.mark.parametrize(
    ("change", "column", "rule"),
    [
        ({"key": "dike-breach; 1.1; nobody"}, "key", "correction-key"),
        ({"key": "dike-breach"}, "key", "correction-key"),
        ({"column": "colour"}, "column", "correction-column"),
        ({"from": "something else"}, "from", "correction-from"),
        ({"from": ""}, "from", "correction-from"),
        ({"table": "colours"}, "table", "allowed"),
        ({"column": "best", "from": "B", "to": "Z"}, "to", "allowed"),
        ({"column": "best", "from": "B", "to": ""}, "to", "required"),
        ({"column": "best", "from": "B", "to": "E"}, None, "order"),
        ({"who": ""}, "who", "required"),
    ],
)
def test_a_correction_that_does_not_fit(raw, change, column, rule):
    tables = deliveries.good()
    tables["corrections"][0] |= change
    deliveries.write(raw, tables, "csv")
    code, findings = check(raw)
    assert code == 1
    blamed = ("corrections", column) if column else ("assessments", "high")
    assert (f"data/raw/{CYCLE}/{blamed[0]}.csv", 2, blamed[1], rule) in {
        (finding["file"], finding["row"], finding["column"], finding["rule"]) for finding in findings
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("table", ["scenarios", "assessments"])
def test_a_table_that_must_be_there_is_missing(raw, table, form):
    tables = deliveries.good()
    del tables[table]
    deliveries.write(raw, tables, form)
    code, findings = check(raw)
    assert code == 1
    assert "missing-table" in {finding["rule"] for finding in findings}


def test_origin_is_asked_for(raw):
    deliveries.write(raw, deliveries.good(), "csv")
    (raw / "origin.yaml").write_text("producer: x\n", "utf-8")
    code, findings = check(raw)
    assert (code, [finding["rule"] for finding in findings]) == (1, ["missing-origin"])
    assert "citation" in findings[0]["allowed_en"]


ODD = {
    # what is odd: table, changes to its first row, how it is read
    "spaces": ("assessments", {"best": " B ", "reason": "because  "}, {"best": "B"}, "spaces"),
    "no-break space": ("scenarios", {"scenario": "dike-breach\u00a0"}, {"scenario": "dike-breach"}, "spaces"),
    "lower-case class": ("assessments", {"best": "b"}, {"best": "B"}, "class"),
    "dutch subclass": ("assessments", {"criterion": "likelihood", "assessor": "a03", "best": "B-hoog"},
                       {"best": "B-high"}, "class"),
    "criterion in words": ("assessments", {"criterion": "Waarschijnlijkheid", "assessor": "a03"},
                           {"criterion": "likelihood"}, "criterion"),
    "criterion with a comma": ("assessments", {"criterion": "1,1"}, {"criterion": "1.1"}, "criterion"),
    "dutch choice": ("progress", {"status": "Op schema"}, {"status": "on-schedule"}, "dutch-word"),
    "yes as ja": ("responses", {"changed": "Ja"}, {"changed": "yes"}, "dutch-word"),
    "capital choice": ("scenarios", {"kind": "Hazard"}, {"kind": "hazard"}, "case"),
    "capital name": ("scenarios", {"scenario": "Dike-Breach"}, {"scenario": "dike-breach"}, "case"),
    "department in lower case": ("progress", {"department": "jenv"}, {"department": "JenV"}, "case"),
    "dutch number": ("measures", {"cost_per_year": "1.250.000,50"}, {"cost_per_year": "1250000.50"}, "number"),
    "euro": ("measures", {"cost_per_year": "€ 1.250.000"}, {"cost_per_year": "1250000"}, "number"),
    "thousands by spaces": ("measures", {"cost_per_year": "1 250 000"}, {"cost_per_year": "1250000"}, "number"),
    "decimal comma": ("links", {"low": "0,05"}, {"low": "0.05"}, "number"),
    "per cent": ("links", {"low": "5 %"}, {"low": "0.05"}, "number"),
    "dutch date": ("progress", {"date": "30-06-2021"}, {"date": "2021-06-30"}, "date"),
    "date with slashes": ("progress", {"date": "30/06/2021"}, {"date": "2021-06-30"}, "date"),
    "date in words": ("progress", {"date": "30 juni 2021"}, {"date": "2021-06-30"}, "date"),
    "month": ("observations", {"period": "2021-01"}, {"period": "2021-01-01"}, "date"),
    "quarter": ("observations", {"period": "2021-K1"}, {"period": "2021-01-01"}, "date"),
    "list with commas": ("measures", {"requires": "M-2,M-3"}, {"requires": "M-2; M-3"}, "list"),
}  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("odd", ODD)
def test_a_good_but_odd_cell_is_read_and_listed(raw, odd, form):
    from nvslib import intake

    table, changes, read, kind = ODD[odd]
    tables = deliveries.good()
    tables[table][0] |= changes
    tables["assessors"].append(tables["assessors"][0] | {"assessor": "a03"})
    deliveries.write(raw, tables, form)
    taken = intake.take_in(raw, lambda path: path.name)
    assert {name: taken.tables[table].cells.iloc[0][name] for name in read} == read
    assert kind in {one.kind for one in taken.normalised if one.table == table}
    assert not taken.misread


def test_odd_cells_raise_no_finding(raw):
    tables = deliveries.good()
    for table, changes, _, _ in (ODD[odd] for odd in ODD if "a03" not in ODD[odd][1].values()):
        tables[table][0] |= changes
    deliveries.write(raw, tables, "xlsx")
    assert check(raw) == (0, [])


def test_notations_of_a_sheet_make_its_numbers_certain(raw):
    from nvslib import intake

    tables = deliveries.good()
    for number, value in enumerate(("1.500", "1.500,5", "2.500")):
        tables["measures"][number]["cost_per_year"] = value
    deliveries.write_xlsx(raw / "jenv.xlsx", {"measures": deliveries.grid("measures", tables["measures"])})
    taken = intake.take_in(raw, lambda path: path.name)
    assert list(taken.tables["measures"].cells["cost_per_year"]) == ["1500", "1500.5", "2500"]
    assert not taken.misread


@pytest.mark.parametrize("value", ["1.234", "1,234"])
def test_a_number_that_could_be_two_is_asked_about(raw, value):
    tables = deliveries.good()
    for measure in tables["measures"]:
        measure |= {"cost_per_year": value, "capacity": "12"}
    deliveries.write(raw, tables, "csv")
    code, findings = check(raw)
    assert code == 1
    assert {(finding["row"], finding["column"], finding["rule"]) for finding in findings} == {
        (row, "cost_per_year", "ambiguous-number") for row in (2, 3, 4)
    }


def in_dutch(table, rows):
    columns = load_table(table).columns
    return [{columns[name].dutch.replace("_", " ").capitalize(): cell for name, cell in row.items()} for row in rows]


def test_sheets_are_found_by_their_columns_and_titles_in_dutch(raw):
    """Dutch headings, a title above the header, a sheet without a telling name, semicolons, several files."""
    good = deliveries.good()
    tables = {name: rows for name, rows in good.items() if name not in ("measures", "progress", "departments")}
    deliveries.write(raw, tables, "csv")
    measures, progress = (deliveries.sheet_of(name, good[name]) for name in ("measures", "progress"))
    measures[0] = list(in_dutch("measures", good["measures"])[0])
    progress[0] = list(in_dutch("progress", good["progress"])[0])
    blank = [None] * len(progress[0])
    deliveries.write_xlsx(
        raw / "jenv.xlsx",
        {"Maatregelen": measures, "Blad1": [["Voortgang tweede helft", *blank[1:]], blank, *progress[:4]]},
    )
    deliveries.write_ods(raw / "ienw.ods", {"Voortgang": [progress[0], *progress[4:]]})
    deliveries.write_csv(raw / "departments.csv", deliveries.grid("departments", good["departments"]), separator=";")
    from nvslib import intake

    taken = intake.take_in(raw, lambda path: path.name)
    assert not taken.misread
    delivered = taken.tables["progress"]
    assert sorted({(part.file, part.sheet, part.header) for part in delivered.parts}) == [
        ("ienw.ods", "Voortgang", 1),
        ("jenv.xlsx", "Blad1", 3),
    ]
    assert delivered.places["row"].tolist() == [2, 3, 4, 4, 5, 6]
    kinds = {(one.table, one.kind) for one in taken.normalised}
    assert {("progress", "sheet-name"), ("progress", "header-row"), ("departments", "separator")} <= kinds
    assert check(raw) == (0, [])


def test_a_table_that_could_be_two_is_asked_about(raw):
    tables = deliveries.good()
    deliveries.write(raw, tables, "csv")
    (raw / "assessments.csv").rename(raw / "second-round.csv")
    _, findings = check(raw)
    assert {"which-table", "missing-table"} <= {finding["rule"] for finding in findings}


def test_of_many_names_the_nearest_are_told(raw):
    tables = deliveries.good()
    measures = [tables["measures"][0] | {"measure": f"S19-{number}"} for number in range(10, 40)]
    tables["measures"] += measures
    tables["measure_effects"][0]["measure"] = "S1912"
    deliveries.write(raw, tables, "csv")
    _, findings = check(raw)
    told = next(finding for finding in findings if finding["rule"] == "reference")
    assert told["allowed_en"].startswith("one of 33 names, such as S19-12, ")
    assert told["allowed_nl"].startswith("een van 33 namen, zoals S19-12, ")
    assert told["action_nl"] == "Verbeter de naam, of voeg de regel toe aan Maatregelen."


def test_many_equal_findings_are_told_in_part(raw):
    tables = deliveries.good()
    rows = [tables["observations"][0] | {"series": f"s{number}", "value": "x"} for number in range(150)]
    deliveries.write(raw, tables | {"observations": rows}, "csv")
    _, findings = check(raw)
    rules = [finding["rule"] for finding in findings]
    assert (rules.count("number"), rules.count("more")) == (100, 1)
