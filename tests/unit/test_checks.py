"""Findings on the published cycle: in words, in order, in both languages; what passes keeps the source of every row."""

import csv
import io
import shutil

import pandas as pd
import pytest

from nvslib import intake
from nvslib.checks import check as check_intake
from nvslib.editions import load_edition
from nvslib.problems import Problem
from nvslib.tables import load_table

FILES = ("scenarios", "assessments")


@pytest.fixture
def raw(tmp_path, project):
    for name in FILES:
        shutil.copy(project.raw("nrb-2014") / f"{name}.csv", tmp_path)
    return tmp_path


def check(folder):
    return check_intake(intake.take_in(folder, lambda path: path.name), load_edition("2014"), "raw")


def change(folder, table, row, column, value):
    """Put a value in one cell of a CSV file; the header is row 1."""
    records = list(csv.reader(io.StringIO((folder / f"{table}.csv").read_text("utf-8"))))
    records[row - 1][records[0].index(column)] = value
    write(folder, table, records)


def write(folder, table, records):
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(records)


def read(folder, table):
    return list(csv.reader(io.StringIO((folder / f"{table}.csv").read_text("utf-8"))))


def test_the_published_cycle_is_clean(raw):
    outcome = check(raw)
    assert outcome.findings == []
    assert {name: len(table) for name, table in outcome.tables.items()} == {"scenarios": 3, "assessments": 33}
    row = outcome.tables["assessments"].set_index(["scenario", "criterion"]).loc[("lek-dike-breach", "1.1")]
    assert (row["best"], row["file"], row["row"]) == ("D", "assessments.csv", 24)


CELLS = [
    # table, row, column, what is put there, the rule it breaks, part of what is allowed
    ("assessments", 4, "best", "Q", "allowed", "X, A, B, C, D, E"),
    ("assessments", 4, "low", "B-high", "allowed", "X, A, B, C, D, E"),
    ("assessments", 12, "best", "X", "allowed", "C-high"),
    ("assessments", 12, "high", "E-high", "allowed", "D-high, E"),
    ("assessments", 4, "high", "", "required", ""),
    ("assessments", 7, "assessor", "", "required", ""),
    ("assessments", 7, "assessor", "The Panel", "name", "lower-case"),
    ("assessments", 5, "high", "X", "order", "low <= best <= high"),
    ("assessments", 13, "confidence", "certain", "allowed", "low, medium, high"),
    ("assessments", 20, "basis", "", "required", "published"),
    ("assessments", 20, "basis", "guess", "allowed", "published, illustrative, delivered"),
    ("assessments", 20, "classification", "secret", "allowed", "public, internal, confidential"),
    ("assessments", 20, "reason", "=HYPERLINK(A1)", "text", "= + - or @"),
    ("assessments", 20, "reason", "hidden \x1b[8m text", "text", "control characters"),
    ("assessments", 20, "source", "turned \u202e round", "text", "control characters"),
    ("scenarios", 2, "kind", "disaster", "allowed", "hazard, threat"),
    ("scenarios", 2, "title_nl", "", "required", ""),
    ("scenarios", 2, "title_en", "@SUM(1)", "text", "= + - or @"),
    ("scenarios", 3, "description_en", " ", "required", ""),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "rule", "allowed"), CELLS)
def test_a_wrong_cell(raw, table, row, column, value, rule, allowed):
    change(raw, table, row, column, value)
    before = (raw / f"{table}.csv").read_bytes()
    outcome = check(raw)
    found = [finding for finding in outcome.findings if finding.rule != "incomplete"]
    assert {(finding.file, finding.row, finding.rule) for finding in found} == {(f"{table}.csv", row, rule)}
    assert column in {finding.column for finding in found}
    assert outcome.tables == {}
    assert allowed in found[0].line("en")
    assert len({finding.line(language) for finding in found for language in ("nl", "en")}) == 2 * len(found)
    assert all(finding.line("en").isprintable() for finding in found)
    assert (raw / f"{table}.csv").read_bytes() == before


def test_a_scenario_that_nobody_described(raw):
    change(raw, "assessments", 6, "scenario", "unknown-scenario")
    findings = {finding.rule: finding for finding in check(raw).findings}
    assert set(findings) == {"reference", "incomplete"}
    assert (findings["reference"].row, findings["reference"].column) == (6, "scenario")
    assert "add the row to Scenarios" in findings["reference"].line("en")
    assert "criminal-trojan-horse × 2.3" in findings["incomplete"].line("en")


def test_a_criterion_of_another_edition(raw):
    change(raw, "assessments", 5, "criterion", "6.1")
    rules = {(finding.rule, finding.row) for finding in check(raw).findings}
    assert rules == {("allowed", 5), ("incomplete", 0)}
    assert [finding.row for finding in check(raw).findings] == [5, 0]


def test_an_order_is_told_with_what_stands_where(raw):
    change(raw, "assessments", 5, "high", "X")
    assert 'found "low A, best B, high X"; allowed: low <= best <= high' in check(raw).findings[0].line("en")


def test_a_missing_judgement(raw):
    records = read(raw, "assessments")
    del records[11]
    write(raw, "assessments", records)
    (finding,) = check(raw).findings
    assert finding.line("en") == (
        "assessments.csv: found nothing; allowed: a row in Assessments for criminal-trojan-horse × likelihood. "
        "Add the row."
    )
    assert finding.line("nl") == (
        "assessments.csv: gevonden niets; toegestaan: een regel in Beoordelingen voor criminal-trojan-horse × "
        "likelihood. "
        "Voeg de regel toe."
    )


def test_a_row_that_occurs_twice(raw):
    records = read(raw, "assessments")
    write(raw, "assessments", [*records, records[5]])
    findings = check(raw).findings
    assert [(finding.rule, finding.row) for finding in findings] == [("duplicate", 6), ("duplicate", 35)]


@pytest.mark.parametrize("table", FILES)
def test_a_missing_column(raw, table):
    records = read(raw, table)
    write(raw, table, [record[:-1] for record in records])
    (finding,) = check(raw).findings
    assert (finding.rule, finding.row, finding.column) == ("missing-column", 1, "classification")


@pytest.mark.parametrize("table", FILES)
@pytest.mark.parametrize("position", range(3))
def test_a_missing_key_column_is_one_finding_and_no_crash(raw, table, position):
    records = read(raw, table)
    name = records[0][position]
    write(raw, table, [record[:position] + record[position + 1 :] for record in records])
    findings = check(raw).findings
    assert ("missing-column", name) in {(finding.rule, finding.column) for finding in findings}


def test_an_unknown_column(raw):
    records = read(raw, "scenarios")
    write(raw, "scenarios", [[*record, "x"] for record in records])
    (finding,) = check(raw).findings
    assert (finding.rule, finding.row, finding.column, finding.found) == ("unknown-column", 1, "x", "x")


def test_a_table_without_rows(raw):
    write(raw, "assessments", read(raw, "assessments")[:1])
    rules = {finding.rule for finding in check(raw).findings}
    assert rules == {"no-rows", "incomplete"}


def test_all_faults_are_told_at_once_in_the_order_of_the_file(raw):
    for row, column, value in ((30, "best", "Z"), (4, "low", "?"), (20, "basis", "x")):
        change(raw, "assessments", row, column, value)
    outcome = check(raw)
    assert [finding.row for finding in outcome.findings] == [4, 20, 30]
    with pytest.raises(Problem) as problem:
        outcome.require_clean("en")
    assert len(problem.value.lines) == 3


def test_findings_are_rows_of_their_table(raw):
    change(raw, "assessments", 4, "low", "?")
    change(raw, "assessments", 30, "best", "Z")
    frame = pd.DataFrame([finding.record() for finding in check(raw).findings])
    assert list(load_table("findings").arrange(frame)["row"]) == [4, 30]


def test_the_results_of_expectations_are_the_same_each_time(raw):
    assert check(raw).expectations == check(raw).expectations


FILE_FAULTS = [
    (b"", "empty-file", 0),
    (b"\n\n", "empty-file", 0),
    (b"scenario,criterion\n\xff\xfe,1\n", "unreadable", 2),
    ("scenario,criterion\nä,1\n".encode("utf-16"), "unreadable", 1),
    ("scenario,reden\nx,caf\xe9\n".encode("cp1252"), "unreadable", 2),
    (b"scenario,\x00criterion\nx,1\n", "unreadable", 1),
    (b'scenario,criterion\n"x,1\n', "unreadable", 1),
    (b"scenario,scenario\nx,1\n", "column-twice", 1),
    (b"scenario;criterion,assessor\nx;1,y\n", "separator", 1),
    (b"colour,size\nred,1\n", "no-header", 1),
    (b"scenario,criterion,\nx,1,y\n", "no-heading", 2),
    (b"scenario,criterion\nx,1,2\n", "ragged", 2),
    (b"scenario,criterion\nx\n", "ragged", 2),
]


@pytest.mark.parametrize(("content", "rule", "row"), FILE_FAULTS)
def test_a_file_that_cannot_be_read(raw, content, rule, row):
    (raw / "assessments.csv").write_bytes(content)
    outcome = check(raw)
    assert (rule, row) in {(finding.rule, finding.row) for finding in outcome.findings}
    assert outcome.tables == {}


def test_good_but_odd_files_are_read(raw):
    text = (raw / "assessments.csv").read_text("utf-8")
    (raw / "assessments.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n,,,,,,,,,,\r\n")
    outcome = check(raw)
    assert outcome.findings == []
    assert list(outcome.tables["assessments"]["row"]) == list(range(2, 35))
