"""A small whole delivery, every input table of it, and ways of writing it as CSV, XLSX and ODS."""

import csv
import datetime as dt
import itertools
from pathlib import Path

from nvslib import scales
from nvslib.editions import load_edition
from nvslib.tables import load_table, table_names

EDITION = "2014"
SCENARIOS = ("dike-breach", "cyber-attack")
ASSESSORS = ("a01", "a02")
DEPARTMENTS = ("JenV", "IenW")
MEASURES = ("M-1", "M-2", "M-3")
DATES = ("2021-06-30", "2021-12-31")


def _fill(name_of_table, /, **cells):
    """Return a row with everything that must be filled: given cells, else something that fits the column."""
    row = {}
    for name, column in load_table(name_of_table).columns.items():
        if name in cells:
            row[name] = cells[name]
        elif not column.required:
            row[name] = ""
        elif column.type == "choice":
            row[name] = column.choices[0]
        elif column.type in ("number", "integer"):
            row[name] = "1"
        elif column.type in ("date", "period"):
            row[name] = "2021-01-01"
        else:
            row[name] = f"some {name.replace('_', ' ')}" if column.type == "text" else "some-name"
    return row | {"basis": "illustrative", "classification": "public"}


def good():
    """Return table -> rows (column -> text) of a delivery without a fault."""
    criteria = [*load_edition(EDITION).criteria, scales.LIKELIHOOD]
    triangle = {"low": "A", "best": "B", "high": "C"}
    judged = list(itertools.product(SCENARIOS, criteria, ASSESSORS))
    levels = {
        f"{kind}_{bound}": str(number)
        for kind in ("needed", "available")
        for number, bound in enumerate(scales.BOUNDS, start=1)
    }
    elements = load_table("capability_levels").columns["element"].choices
    return {
        "scenarios": [
            _fill("scenarios", scenario=name, kind=kind)
            for name, kind in zip(SCENARIOS, ("hazard", "threat"), strict=True)
        ],
        "assessors": [_fill("assessors", assessor=name) for name in ASSESSORS],
        "assessments": [
            _fill("assessments", scenario=s, criterion=c, assessor=a, reason="because", confidence="low", **triangle)
            for s, c, a in judged
        ],
        "reassessments": [
            _fill("reassessments", scenario=s, criterion=c, assessor=a, **triangle) for s, c, a in judged
        ],
        "seed_questions": [_fill("seed_questions", question=q, realisation="12.5") for q in ("q1", "q2")],
        "seed_answers": [
            _fill("seed_answers", question=q, assessor=a, q05="1.5", q50="10", q95="20.25")
            for q, a in itertools.product(("q1", "q2"), ASSESSORS)
        ],
        "links": [
            _fill(
                "links", cause=SCENARIOS[0], effect=SCENARIOS[1], judged_from=side, low="0.05", best="0.1", high="0.4"
            )
            for side in ("cause", "effect")
        ],
        "departments": [_fill("departments", department=name) for name in DEPARTMENTS],
        "capabilities": [_fill("capabilities", capability=name) for name in ("warning", "shelter")],
        "capability_levels": [
            _fill("capability_levels", scenario=SCENARIOS[0], capability="warning", element=element, **levels)
            for element in elements
        ],
        "measures": [
            _fill(
                "measures",
                measure=name,
                department=d,
                start="2020-01-01",
                due="2022-06-30",
                cost_per_year="1250000.5",
                requires=requires,
                capacity="12",
            )
            for name, d, requires in zip(MEASURES, ("JenV", "IenW", "JenV"), ("", "M-1", "M-1; M-2"), strict=True)
        ],
        "measure_effects": [
            _fill(
                "measure_effects",
                measure="M-1",
                scenario=SCENARIOS[0],
                acts_on="gap",
                capability="warning",
                low="0.5",
                best="1",
                high="1.5",
            ),
            _fill(
                "measure_effects", measure="M-2", scenario=SCENARIOS[1], acts_on="impact", low="0", best="1", high="2"
            ),
        ],
        "progress": [
            _fill(
                "progress", measure=m, department=d, date=date, status="started", spent="1000.25", expected="2022-12-31"
            )
            for date in DATES
            for m, d in zip(MEASURES, ("JenV", "IenW", "JenV"), strict=True)
        ],
        "indicators": [
            _fill(
                "indicators",
                indicator="flooded-homes",
                measure="M-1",
                scenario=SCENARIOS[0],
                baseline="100.5",
                target="80.5",
                baseline_date="2019-01-01",
                target_date="2023-01-01",
                effect_from="2020-07-01",
            )
        ],
        "observations": [
            _fill("observations", indicator="flooded-homes", series=series, period=f"2021-{month:02d}-01", value="90.5")
            for series, month in itertools.product(("target", "elsewhere"), range(1, 4))
        ],
        "responses": [
            _fill("responses", response="R-1", date="2021-03-01", answered="2021-04-01", answer="yes", changed="yes"),
            _fill("responses", response="R-2", date="2021-03-01"),
        ],
        "public_advice": [_fill("public_advice", scenario=name) for name in SCENARIOS],
        "corrections": [
            _fill(
                "corrections",
                table="assessments",
                key=f"{SCENARIOS[0]}; 1.1; a01",
                column="reason",
                to="for a reason",
                **{"from": "because", "when": "2021-05-01"},
            )
        ],
    }


def typed(table, column, text):
    """Return a cell as a spreadsheet program would keep it: a number, a date or text."""
    kind = load_table(table).columns[column].type if column in load_table(table).columns else "text"
    try:
        if text and kind in ("number", "integer"):
            return float(text)
        if text and kind in ("date", "period"):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    return text or None


def grid(table, rows):
    """Return rows as a header and lists of cells."""
    columns = list(rows[0]) if rows else list(load_table(table).columns)
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def write_csv(path, cells, separator=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(cells)


def write_xlsx(path, sheets):
    """Write sheet name -> rows of cells (text, numbers, dates or None) as XLSX."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "dd-mm-yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for (at, row), _ in zip(enumerate(rows), rows, strict=True):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(at, place, dt.datetime.combine(cell, dt.time()), day)
                elif isinstance(cell, float | int):
                    sheet.write_number(at, place, cell)
                elif cell:
                    sheet.write_string(at, place, cell)
    book.close()


def write_ods(path, sheets):
    """Write sheet name -> rows of cells (text, numbers, dates or None) as ODS."""
    from odfdo import Document, Table

    document = Document("spreadsheet")
    document.body.clear()
    for name, rows in sheets.items():
        table = Table(name)
        table.set_values([list(row) for row in rows])
        document.body.append(table)
    document.save(path)


def write(folder: Path, tables, form):
    """Write a whole delivery: CSV a file for each table; XLSX and ODS two workbooks with a sheet for each table."""
    folder.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        for name, rows in tables.items():
            write_csv(folder / f"{name}.csv", grid(name, rows))
        return
    writer = {"xlsx": write_xlsx, "ods": write_ods}[form]
    names = table_names("input")
    for stem, chosen in {"first": names[::2], "second": names[1::2]}.items():
        sheets = {name: sheet_of(name, tables[name]) for name in chosen if name in tables}
        if sheets:
            writer(folder / f"{stem}.{form}", sheets)


def sheet_of(name, rows):
    """Return the cells of a table as a spreadsheet keeps them, header first."""
    header, *body = grid(name, rows)
    return [header, *([typed(name, column, cell) for column, cell in zip(header, row, strict=True)] for row in body)]
