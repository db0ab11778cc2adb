"""Writing the illustrative cycles down: plain CSV, or workbooks with the habits of those who fill them in."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter
from babel.dates import format_date
from odfdo import Document, Row
from odfdo import Table as OdsTable

from nvslib import scales
from nvslib.tables import load_table

MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - told in every workbook as the time of making: always the same
SHEETS_ANV = ("scenarios", "assessors", "assessments", "reassessments", "links", "seed_questions", "seed_answers")
SHEETS_NCTV = ("departments", "capabilities", "capability_levels", "responses", "public_advice", "corrections")
SHEETS_DEPARTMENT = ("measures", "measure_effects", "progress")

Rows = list[dict[str, Any]]
Sheets = list[tuple[str, list[list[Any]]]]


def plain(value: Any) -> str:
    """Return a cell as it stands in CSV: ISO dates, plain numbers."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def write_csv(path: Path, table: str, rows: Rows) -> None:
    """Write rows as CSV with the English names of the columns."""
    columns = list(load_table(table).columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([plain(row.get(column)) for column in columns] for row in rows)


class Style:
    """How a department writes its workbook: its language, and what is odd in it."""

    def __init__(self, language: str, **odd: Any) -> None:
        self.language, self.odd = language, odd
        self.cells = 0

    def sheet(self, table: str, rows: Rows) -> tuple[str, list[list[Any]]]:
        """Return the name of a sheet and its rows, header first."""
        definition = load_table(table)
        name = definition.title["nl"] if self.language == "nl" else table
        if table == "progress":
            name = self.odd.get("progress", name)
        columns = definition.columns
        written = [[column.heading(self.language) for column in columns.values()]]
        written += [[self.cell(table, column, row.get(name)) for name, column in columns.items()] for row in rows]
        return name, written

    def cell(self, table: str, column: Any, value: Any) -> Any:
        """Return a cell as it is written in the workbook."""
        self.cells += 1
        if value is None:
            return None
        if isinstance(value, dt.date):
            words = format_date(value, "d MMMM y", locale="nl")
            return {"day-first": f"{value:%d-%m-%Y}", "in-words": words}.get(self.odd.get("dates", ""), value)
        if isinstance(value, float | int):
            if self.odd.get("numbers") == "dutch-text":
                return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
            return float(value)
        if column.type == "choice" and self.language == "nl":
            value = column.dutch_choices.get(value, value)
            value = value.replace("-", " ").capitalize() if self.odd.get("spoken") else value
        if column.type == "code" and table == "progress" and self.odd.get("lower_codes"):
            value = value.lower()
        if column.type in ("choice", "text") and self.odd.get("spaces") and self.cells % self.odd["spaces"] == 0:
            value = f"  {value} "
        return value


def write_xlsx(path: Path, sheets: Sheets, heading: str = "") -> None:
    """Write sheets as XLSX; a heading stands in merged cells above the header of the first."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": MADE})
    date, bold = book.add_format({"num_format": "dd-mm-yyyy"}), book.add_format({"bold": True})
    for number, (name, rows) in enumerate(sheets):
        sheet = book.add_worksheet(name)
        top = 2 if heading and number == 0 else 0
        if top:
            sheet.merge_range(0, 0, 0, 7, heading, bold)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(at + top, column, value, date)
                elif isinstance(value, float):
                    sheet.write_number(at + top, column, value)
                elif value is not None:
                    sheet.write_string(at + top, column, value, *([bold] if at == 0 else []))
    book.close()


def write_ods(path: Path, sheets: Sheets) -> None:
    """Write sheets as ODS, with the same time in every member so that the bytes do not differ."""
    document = Document("spreadsheet")
    document.body.clear()
    document.meta.creation_date = document.meta.date = MADE
    for name, rows in sheets:
        table = OdsTable(name)
        for cells in rows:
            row = Row()
            row.set_values(cells)
            table.append(row)
        document.body.append(table)
    document.save(str(path))
    with zipfile.ZipFile(path) as package:
        members = [(member, package.read(member)) for member in package.infolist()]
    with zipfile.ZipFile(path, "w") as package:
        for member, content in members:
            member.date_time = MADE.timetuple()[:6]
            package.writestr(member, content)


def as_tables(rows: dict[str, Rows], settings: dict[str, Any], folder: Path) -> None:
    """Deliver one CSV file for each table, and one for each reporting date."""
    for table, own in rows.items():
        if table == "progress":
            for date in settings["reporting"]:
                write_csv(folder / f"progress-{date[:7]}.csv", table, [row for row in own if str(row["date"]) == date])
        else:
            write_csv(folder / f"{table.replace('_', '-')}.csv", table, own)


def as_workbooks(rows: dict[str, Rows], settings: dict[str, Any], folder: Path) -> None:
    """Deliver the way departments do: a workbook each, in their own notation."""
    english, dutch = Style("en"), Style("nl")
    rows = rows | {table: [spelt(row) for row in rows[table]] for table in ("assessments", "reassessments")}
    write_xlsx(folder / "anv.xlsx", [english.sheet(table, rows[table]) for table in SHEETS_ANV])
    write_ods(folder / "nctv.ods", [dutch.sheet(table, rows[table]) for table in SHEETS_NCTV])
    for table in ("indicators", "observations"):
        write_csv(folder / f"{table}.csv", table, rows[table])
    lead = {row["measure"]: row["department"] for row in rows["measures"]}
    for file, told in settings["workbooks"].items():
        style = Style(**told)
        sheets = []
        for table in SHEETS_DEPARTMENT:
            own = [row for row in rows[table] if lead[row["measure"]] in told["departments"]]
            sheets += [style.sheet(table, own)] if own else []
        if file.endswith(".ods"):
            write_ods(folder / file, sheets)
        else:
            write_xlsx(folder / file, sheets, told.get("heading", ""))


def spelt(row: dict[str, Any]) -> dict[str, Any]:
    """Return a judgement as its assessor spells it: one writes classes in lower case, one in Dutch, one with spaces."""
    changed = dict(row)
    for bound in scales.BOUNDS:
        if row["assessor"] == "a12" and row["criterion"] != "likelihood":
            changed[bound] = row[bound].lower()
        elif row["assessor"] == "a05":
            changed[bound] = row[bound].replace("-high", " hoog").replace("-low", " laag")
    if row["assessor"] == "a22":
        changed["confidence"] = f" {row['confidence']} "
    if row["assessor"] == "a16" and row["criterion"] == "likelihood":
        changed["criterion"] = "waarschijnlijkheid"
    return changed
