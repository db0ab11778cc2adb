"""Files that could do harm, or that nobody could read: refused or read safely, within bounds, without a traceback."""

import os
import resource
import subprocess
import sys
import zipfile

import deliveries
import pytest

from nvslib import intake, workbooks
from nvslib.checks import check
from nvslib.editions import load_edition


def taken(folder):
    return intake.take_in(folder, lambda path: str(path.relative_to(folder)))


def rules(folder):
    return {misread.rule for _, _, misread in taken(folder).misread}


def findings(folder):
    """Check a folder; every finding can be told in both languages on one printable line."""
    found = check(taken(folder), load_edition(deliveries.EDITION), "raw").findings
    assert all(finding.line(language).isprintable() for finding in found for language in ("nl", "en"))
    return {finding.rule for finding in found}


def rewritten(path, changes):
    """Write a workbook again with the content of some members changed, or members added."""
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    for name, change in changes.items():
        members[name] = change(members.get(name, b"")) if callable(change) else change
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)


@pytest.fixture
def xlsx(tmp_path):
    path = tmp_path / "book.xlsx"
    rows = deliveries.sheet_of("scenarios", deliveries.good()["scenarios"])
    deliveries.write_xlsx(path, {"scenarios": rows})
    return path


@pytest.fixture
def ods(tmp_path):
    path = tmp_path / "book.ods"
    deliveries.write_ods(path, {"scenarios": deliveries.sheet_of("scenarios", deliveries.good()["scenarios"])})
    return path


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b"<!DOCTYPE x [" + b"".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">'.encode() for n in range(10)
) + b"]>"  # fmt: skip


def with_doctype(content):
    head, _, rest = content.partition(b"?>")
    return head + b"?>" + BOMB + rest


@pytest.mark.parametrize("member", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_in_an_xlsx_are_refused(xlsx, member):
    rewritten(xlsx, {member: with_doctype})
    assert rules(xlsx.parent) == {"unsafe-xml"}


def test_entities_in_an_ods_are_refused(ods):
    rewritten(ods, {"content.xml": with_doctype})
    assert rules(ods.parent) == {"unsafe-xml"}


def test_a_zip_bomb_is_refused_before_it_is_unpacked(xlsx, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_BYTES", 20 * 2**20)
    rewritten(xlsx, {"xl/media/image.bin": b"\0" * (21 * 2**20)})
    assert xlsx.stat().st_size < 200_000
    assert rules(xlsx.parent) == {"too-large"}


def test_a_sheet_that_unpacks_larger_than_it_says_is_refused(xlsx, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_BYTES", 2**20)
    monkeypatch.setattr(workbooks, "_look_at_members", lambda _: None)
    rewritten(xlsx, {SHEET: lambda content: content.replace(b"<sheetData>", b" " * 2**21 + b"<sheetData>")})
    assert rules(xlsx.parent) == {"too-large"}


def test_macros_are_refused(xlsx):
    rewritten(xlsx, {"xl/vbaProject.bin": b"x"})
    assert rules(xlsx.parent) == {"macros"}


def test_macros_in_an_ods_are_refused(ods):
    rewritten(ods, {"Basic/Standard/Module1.xml": b"<x/>"})
    assert rules(ods.parent) == {"macros"}


def test_links_to_other_workbooks_are_refused(xlsx):
    rewritten(xlsx, {"xl/externalLinks/externalLink1.xml": b"<x/>"})
    assert rules(xlsx.parent) == {"external-link"}


def test_members_with_a_path_are_never_written(xlsx):
    rewritten(xlsx, {"../../escaped.txt": b"x"})
    assert rules(xlsx.parent) == set()
    assert not list(xlsx.parents[1].glob("escaped.txt"))


def test_a_formula_is_read_as_its_value_and_told(tmp_path):
    import xlsxwriter

    header, first, *_ = deliveries.sheet_of("links", deliveries.good()["links"])
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    sheet = book.add_worksheet("links")
    sheet.write_row(0, 0, header)
    sheet.write_row(1, 0, first)
    sheet.write_formula(1, header.index("low"), "=0.1/2", None, 0.05)
    book.close()
    delivered = taken(tmp_path)
    assert delivered.tables["links"].cells["low"].tolist() == ["0.05"]
    assert [(misread.rule, misread.row, misread.column) for _, _, misread in delivered.misread] == [
        ("formula", 2, "low")
    ]


def test_an_error_in_a_cell_is_a_finding_not_an_empty_cell(xlsx):
    rewritten(
        xlsx, {SHEET: lambda content: content.replace(b'<c r="N2"', b'<c r="N2" t="e"><v>#REF!</v></c><c r="O2"', 1)}
    )
    found = taken(xlsx.parent).misread
    told = next((misread.rule, misread.row, misread.found) for _, _, misread in found)
    assert told == ("error-value", 2, "#REF!")


@pytest.mark.parametrize("reference", ["XFD1048576", "A1048577", "ZZ1"])
def test_a_cell_far_away_is_refused_before_memory_is_made_for_it(xlsx, reference):
    cell = f'<row r="{"".join(filter(str.isdigit, reference))}"><c r="{reference}"><v>1</v></c></row></sheetData>'
    rewritten(xlsx, {SHEET: lambda content: content.replace(b"</sheetData>", cell.encode())})
    assert rules(xlsx.parent) & {"too-many-columns", "too-many-rows"}


def test_a_million_empty_rows_are_passed_over(xlsx, ods):
    rows = b"".join(b'<row r="%d"/>' % number for number in range(4, 1_000_004))
    rewritten(xlsx, {SHEET: lambda content: content.replace(b"</sheetData>", rows + b"</sheetData>")})
    empty = (
        b'<table:table-row table:number-rows-repeated="1048000">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    rewritten(ods, {"content.xml": lambda content: content.replace(b"</table:table>", empty + b"</table:table>")})
    delivered = taken(xlsx.parent)
    assert not delivered.misread
    assert len(delivered.tables["scenarios"].cells) == 4


def test_a_repeated_cell_cannot_fill_the_memory(ods):
    many = (
        b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell office:value-type="float" '
        b'office:value="1" table:number-columns-repeated="200"/></table:table-row>'
    )
    rewritten(ods, {"content.xml": lambda content: content.replace(b"</table:table>", many + b"</table:table>")})
    assert rules(ods.parent) == {"too-many-rows"}


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
def test_three_hundred_columns_are_refused(tmp_path, form):
    cells = [[f"c{number}" for number in range(300)], ["x"] * 300]
    path = tmp_path / f"scenarios.{form}"
    if form == "csv":
        deliveries.write_csv(path, cells)
    else:
        {"xlsx": deliveries.write_xlsx, "ods": deliveries.write_ods}[form](path, {"scenarios": cells})
    assert rules(tmp_path) == {"too-many-columns"}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("scenarios.csv", b"scenario,\x00title\n", "unreadable"),
        ("scenarios.csv", "scénario,x\n".encode("cp1252"), "unreadable"),
        ("scenarios.csv", "scenario,x\n".encode("utf-16"), "unreadable"),
        ("scenarios.csv", b'scenario,x\n"open,1\n', "unreadable"),
        ("scenarios.csv", b"scenario,x\n" + b"y" * 40_000 + b",1\n", "unreadable"),
        ("scenarios.xlsx", b"not a workbook", "no-workbook"),
        ("scenarios.xlsx", b"PK\x03\x04 broken", "no-workbook"),
        ("scenarios.ods", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "no-workbook"),
        ("scenarios.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file-kind"),
        ("scenarios.xlsm", b"PK", "file-kind"),
        ("notes.docx", b"PK", "file-kind"),
        ("scenarios.csv", b"", "empty-file"),
        ("scenarios.csv", b"\xef\xbb\xbf", "empty-file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, rule):
    (tmp_path / name).write_bytes(content)
    assert rules(tmp_path) == {rule}
    assert rule in findings(tmp_path)


def test_a_workbook_of_another_kind_under_the_name_is_refused(xlsx, ods, tmp_path):
    xlsx.rename(tmp_path / "a.ods")
    ods.rename(tmp_path / "b.xlsx")
    assert rules(tmp_path) == {"no-workbook"}


def test_a_truncated_workbook_is_refused(xlsx):
    xlsx.write_bytes(xlsx.read_bytes()[:-200])
    assert rules(xlsx.parent) <= {"no-workbook", "unreadable"}
    assert rules(xlsx.parent)


def test_links_and_folders_called_like_files_are_refused(tmp_path):
    (tmp_path / "secret.csv").write_text("scenario\nx\n", "utf-8")
    folder = tmp_path / "raw"
    (folder / "assessments.csv").mkdir(parents=True)
    (folder / "scenarios.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    delivered = taken(folder)
    assert {misread.rule for _, _, misread in delivered.misread} == {"no-plain-file"}
    assert len(delivered.misread) == 4
    assert not delivered.tables


def test_what_programs_leave_behind_is_passed_over(tmp_path):
    for name in ("~$jenv.xlsx", ".~lock.jenv.ods#", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    assert not taken(tmp_path).files


@pytest.mark.parametrize("name", ["..csv", "a\nb.csv", "x\u202egpj.csv", "-rf.csv", "$(id).csv", "a b;c.csv"])
def test_names_of_files_and_sheets_are_told_safely(tmp_path, name):
    (tmp_path / name).write_text("colour\nred\n", "utf-8")
    deliveries.write_xlsx(tmp_path / "book.xlsx", {"<b>..': x": [["colour"], ["red"]]} if os.name == "nt" else
                          {"<b>..{0}": [["colour"], ["red"]]})  # fmt: skip
    assert "unknown-sheet" in findings(tmp_path)


def test_memory_stays_bounded_for_a_sheet_of_the_largest_size(tmp_path):
    """A workbook at the bound is read by a process that may not use more than 2 GiB."""
    path = tmp_path / "observations.xlsx"
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("observations")
    sheet.write_row(0, 0, ["indicator", "series", "period", "value", "basis", "classification"])
    for row in range(1, 60_000):
        sheet.write_row(row, 0, ["i", f"s{row}", "2021-01", 1.5, "illustrative", "public"])
    book.close()
    code = (
        "import sys\nfrom pathlib import Path\nfrom nvslib import intake\n"
        "taken = intake.take_in(Path(sys.argv[1]), str)\nprint(len(taken.tables['observations'].cells), taken.misread)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30)),
    )
    assert done.stdout.split() == ["59999", "[]"], done.stderr
