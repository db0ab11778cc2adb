"""Writing down a workbook to fill in, as CSV, XLSX or ODS: drop-downs, notes, checks, and a header that stays.

The same workbook gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

from nvslib import notations, scales, words
from nvslib.intake import HELP_SHEETS
from nvslib.ods import MADE, paragraphs, same_time, tag
from nvslib.problems import Problem
from nvslib.tables import Column, Table, load_table
from nvslib.workbooks import as_text, column_letters

FORMS = ("xlsx", "ods", "csv")
SPARE_ROWS = 1000  # empty rows below the prefilled ones in which entries are checked
LISTS = HELP_SHEETS[-1]
FIRST_DAY, LAST_DAY = dt.date(1910, 1, 1), dt.date(2199, 12, 31)  # a bare year typed as a date lies before the first
DAY_0 = dt.date(1899, 12, 30)  # from which a spreadsheet counts days
LARGEST = 999_999_999_999_999.0  # a spreadsheet keeps fifteen digits
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_SHEET = 32, 255, 31  # characters that Excel allows
MAY = ("insert_rows", "delete_rows", "sort", "autofilter", "format_columns")  # what may be done to a protected sheet
WIDTHS = {"text": 40, "name": 24, "code": 16, "number": 15, "integer": 15, "date": 14, "period": 14, "criterion": 14}
EXPLANATION_WIDTHS = (26, 26, 64, 60, 20)
ODS_PAPER = {
    "style:print-orientation": "landscape",
    "fo:page-width": "29.7cm",
    "fo:page-height": "21cm",
    "style:scale-to-X": "1",
    "style:scale-to-Y": "0",
}
AUTO_HEIGHT = (
    '<style:style style:name="auto" style:family="table-row">'
    '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
)
RISKY = ("=", "+", "-", "@")  # a spreadsheet may run a text in CSV that begins so

Cell = str | float | dt.date | None


@dataclass(frozen=True)
class Style:
    """How a cell looks, what it holds (words, an amount, a day or anything), and whether it is locked."""

    bold: bool = False
    italic: bool = False
    size: int = 10
    fill: str = ""
    wrap: bool = True
    form: str = ""
    locked: bool = True


YELLOW, DEEP_YELLOW, GREY = "#FFF6DC", "#FFE08A", "#EEEEEE"
STYLES = {
    "title": Style(bold=True, size=16, wrap=False),
    "line": Style(wrap=False),
    "heading": Style(bold=True, fill=GREY),
    "row": Style(),
    "head-required": Style(bold=True, fill=DEEP_YELLOW),
    "head-optional": Style(italic=True, fill=GREY),
}
for _form in ("words", "amount", "day"):
    STYLES[f"{_form}-required"] = Style(form=_form, locked=False, fill=YELLOW)
    STYLES[f"{_form}-optional"] = Style(form=_form, locked=False)


@dataclass(frozen=True)
class Field:
    """One column of a sheet in the language of its reader, with the values that its drop-down offers."""

    column: Column
    language: str
    offered: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Its name in the header."""
        return self.column.heading(self.language)

    @property
    def bounds(self) -> tuple[float, float] | tuple[dt.date, dt.date] | None:
        """Between which bounds a number or a date must lie."""
        if self.column.type in ("number", "integer"):
            low, high = self.column.minimum, self.column.maximum
            return -LARGEST if low is None else low, LARGEST if high is None else high
        return (FIRST_DAY, LAST_DAY) if self.column.type in ("date", "period") else None

    @property
    def strictness(self) -> str:
        """What happens to an entry that is not allowed: stop, warning (a name may be new), or nothing for lists."""
        return "" if self.column.many else "warning" if self.column.refers_to else "stop"

    @property
    def allowed(self) -> str:
        """What may stand in its cells, in words."""
        column, language = self.column, self.language
        if column.refers_to:
            allowed = words.say(language, "templates.reference", table=load_table(column.refers_to).title[language])
        elif self.offered:
            allowed = ", ".join(self.offered)
        elif column.type == "number" and column.minimum is not None:
            low = words.number(column.minimum, language)
            high = column.maximum
            allowed = (
                words.say(language, "templates.from", low=low)
                if high is None
                else words.say(language, "findings.between", low=low, high=words.number(high, language))
            )
        else:
            allowed = words.say(language, f"findings.{column.type}.allowed", allowed="")
        return words.say(language, "templates.many", allowed=allowed) if column.many else allowed

    @property
    def note(self) -> str:
        """What is told beside its heading: what it is in both languages, and what may stand in it."""
        return "\n".join([*(self.column.meaning[language] for language in scales.LANGUAGES), self.allowed])

    @property
    def width(self) -> int:
        """How many characters wide it is."""
        longest = max(map(len, self.offered), default=0)
        return max(WIDTHS.get(self.column.type, 0), len(self.heading) + 4, min(longest + 4, WIDTHS["text"]))

    @property
    def style(self) -> str:
        """The style of its cells."""
        form = {"number": "amount", "integer": "amount", "date": "day", "period": "day"}.get(self.column.type, "words")
        return f"{form}-{'required' if self.column.required else 'optional'}"

    @property
    def head_style(self) -> str:
        """The style of its heading."""
        return f"head-{'required' if self.column.required else 'optional'}"

    def cell(self, text: str) -> Cell:
        """Return a cell in the form that is kept as it is written down: a word of the language, a number, a date."""
        if self.column.type == "choice":
            return spoken(self.column, text, self.language)
        try:
            if text and self.column.type in ("number", "integer"):
                return float(text) if math.isfinite(float(text)) else text
            if text and self.column.type in ("date", "period"):
                day = dt.date.fromisoformat(text)
                return day if notations.YEARS[0] <= day.year < notations.YEARS[1] else text
        except ValueError:
            pass
        return text or None


@dataclass(frozen=True)
class Sheet:
    """One table to fill in: its fields, and the rows that stand there already.

    Attributes
    ----------
    rows
        As many columns as there are fields, as text in the form that is kept; empty without content.
    """

    table: Table
    fields: tuple[Field, ...]
    rows: pd.DataFrame

    @property
    def title(self) -> str:
        """The name of the sheet."""
        return self.table.title[self.fields[0].language][:LONGEST_SHEET]

    def cells(self) -> list[list[Cell]]:
        """Return the header and the prefilled rows as they are written down."""
        header: list[Cell] = [field.heading for field in self.fields]
        rows = self.rows.to_numpy()
        return [header, *([field.cell(text) for field, text in zip(self.fields, row, strict=True)] for row in rows)]


@dataclass(frozen=True)
class Page:
    """A sheet of a workbook as it is written down: the style and content of its cells, and what may be filled in."""

    title: str
    rows: list[list[tuple[str, Cell]]]
    widths: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Book:
    """One workbook: its file name without suffix, its sheets, and its explanation as rows of a style and its cells."""

    name: str
    language: str
    sheets: tuple[Sheet, ...]
    explanation: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def title(self) -> str:
        """What it is."""
        return self.explanation[0][1][0]

    def lists(self) -> list[tuple[str, ...]]:
        """Return what the drop-downs offer, each list once."""
        return list(dict.fromkeys(field.offered for sheet in self.sheets for field in sheet.fields if field.offered))

    def where(self, field: Field) -> tuple[str, str]:
        """Return the first and the last cell of the hidden sheet with what a field offers."""
        letters = column_letters(self.lists().index(field.offered))
        return f"${letters}$1", f"${letters}${len(field.offered)}"

    def pages(self) -> Iterator[Page]:
        """Yield the explanation, the sheets to fill in, and the hidden one with what the drop-downs offer."""
        told: list[list[tuple[str, Cell]]] = [[(style, text) for text in cells] for style, cells in self.explanation]
        yield Page(words.say(self.language, "templates.explanation"), told, EXPLANATION_WIDTHS)
        for sheet in self.sheets:
            header, *rows = sheet.cells()
            styled = [[(field.style, cell) for field, cell in zip(sheet.fields, row, strict=True)] for row in rows]
            heads = [(field.head_style, cell) for field, cell in zip(sheet.fields, header, strict=True)]
            yield Page(sheet.title, [heads, *styled], tuple(field.width for field in sheet.fields), sheet.fields)
        yield Page(LISTS, [[("line", cell) for cell in row] for row in zip_longest(*self.lists())], hidden=True)


def spoken(column: Column, value: str, language: str) -> str | None:
    """Return a value of a column as it is written in a language, where that has a word of its own for it."""
    return (column.dutch_choices.get(value, value) if language == "nl" else value) or None


def render(book: Book, form: str) -> dict[str, bytes]:
    """Return the files of a workbook in one of the forms: path below the folder -> content."""
    return {"xlsx": _xlsx, "ods": _ods, "csv": _csv}[form](book)


# CSV


def _csv(book: Book) -> dict[str, bytes]:
    files = {}
    for sheet in book.sheets:
        text = io.StringIO()
        for row in sheet.cells():
            for field, cell in zip(sheet.fields, row, strict=True):
                if isinstance(cell, str) and cell.startswith(RISKY):
                    fields = {"table": sheet.table.name, "column": field.heading, "found": words.quote(cell)}
                    raise Problem(words.say(book.language, "templates.unsafe", **fields))
            csv.writer(text, lineterminator="\n").writerow(as_text(cell) for cell in row)
        files[f"{book.name}/{sheet.table.name}.csv"] = text.getvalue().encode("utf-8-sig")
    return files


# XLSX


def _xlsx(book: Book) -> dict[str, bytes]:
    import xlsxwriter

    content = io.BytesIO()
    plain = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with xlsxwriter.Workbook(content, {"in_memory": True, **plain}) as file:
        file.set_properties({"title": book.title, "created": MADE})
        styles = {name: file.add_format(_xlsx_format(style, book.language)) for name, style in STYLES.items()}
        for page in book.pages():
            sheet = file.add_worksheet(page.title)
            write = {str: sheet.write_string, float: sheet.write_number, dt.date: sheet.write_datetime}
            for place, width in enumerate(page.widths):
                style = styles[page.fields[place].style] if page.fields else None
                sheet.set_column(place, place, width, style)
            for number, row in enumerate(page.rows):
                for place, (style, cell) in enumerate(row):
                    if cell is not None:
                        write[type(cell)](number, place, cell, styles[style])
            if page.fields:
                _xlsx_fields(sheet, page, book, styles)
            if page.hidden:
                sheet.hide()
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
    return {f"{book.name}.xlsx": content.getvalue()}


def _xlsx_format(style: Style, language: str) -> dict[str, Any]:
    """Return a style as xlsxwriter is told it."""
    day = {"nl": "dd-mm-yyyy", "en": "yyyy-mm-dd"}[language]
    form = {"": "General", "words": "@", "amount": "General", "day": day}[style.form]
    told = {"bold": style.bold, "italic": style.italic, "font_size": style.size, "text_wrap": style.wrap}
    filled = {"bg_color": style.fill, "border": 1, "border_color": "#D9D9D9"} if style.fill else {}
    return {**told, **filled, "valign": "top", "num_format": form, "locked": style.locked}


def _xlsx_fields(sheet: Any, page: Page, book: Book, styles: Mapping[str, Any]) -> None:
    """Set up a sheet that is filled in: notes, checks, a header that stays, and protection of what must stay."""
    last = len(page.rows) - 1 + SPARE_ROWS
    # A row can only be deleted from a protected sheet if none of its cells is locked, those behind the table included.
    sheet.set_column(len(page.fields), 16383, None, styles["words-optional"])
    sheet.dim_colmax = len(page.fields) - 1  # but there is nothing in them
    sheet.set_row(0, None, styles["line"])
    for place, field in enumerate(page.fields):
        sheet.write_comment(0, place, field.note, {"width": 360, "height": 150, "author": "", "font_size": 9})
        sheet.data_validation(1, place, last, place, _xlsx_check(field, book))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(page.fields) - 1)
    sheet.repeat_rows(0)
    sheet.protect("", dict.fromkeys(MAY, True))


def _xlsx_check(field: Field, book: Book) -> dict[str, Any]:
    """Return what xlsxwriter is told to check in the cells of a field."""
    told = {
        "input_title": _cut(field.heading, LONGEST_TITLE),
        "input_message": _cut(field.column.meaning[field.language], LONGEST_MESSAGE),
        "error_title": _cut(field.heading, LONGEST_TITLE),
        "error_message": _cut(field.allowed, LONGEST_MESSAGE),
        "error_type": field.strictness or "information",
        "show_error": bool(field.strictness),
    }
    if field.offered:
        return told | {"validate": "list", "source": f"={LISTS}!{':'.join(book.where(field))}"}
    if field.bounds:
        low, high = field.bounds
        kind = {"integer": "integer", "number": "decimal"}.get(field.column.type, "date")
        return told | {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    return told | {"validate": "any"}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


# ODS


def _ods(book: Book) -> dict[str, bytes]:
    from odfdo import Document, Element

    document, pages = Document("spreadsheet"), list(book.pages())
    document.body.clear()
    document.meta.title, document.meta.language = book.title, book.language
    document.meta.creation_date = MADE
    for style in _ods_styles(pages, book.language):
        document.content.get_elements("//office:automatic-styles")[0].append(Element.from_tag(style))
    for paper in document.styles.get_elements("//style:page-layout-properties"):
        for name, value in ODS_PAPER.items():
            paper.set_attribute(name, value)
    checks = "".join(_ods_check(page, place, book) for page in pages for place in range(len(page.fields)))
    for part in (tag("table:content-validations", {}, checks), *map(_ods_table, pages)):
        document.body.append(Element.from_tag(part))
    document.set_part("settings.xml", _ods_settings(pages).encode())
    content = io.BytesIO()
    document.save(content)
    return {f"{book.name}.ods": same_time(content)}


def _ods_styles(pages: list[Page], language: str) -> Iterator[str]:
    """Yield the styles of cells, columns and sheets."""
    day, month, year = (f'<number:{part} number:style="long"/>' for part in ("day", "month", "year"))
    parts = {"nl": (day, month, year), "en": (year, month, day)}[language]
    date = "<number:text>-</number:text>".join(parts)
    yield f'<number:date-style style:name="day">{date}</number:date-style>'
    yield '<number:text-style style:name="words"><number:text-content/></number:text-style>'
    yield AUTO_HEIGHT
    for name, style in STYLES.items():
        cell = {
            "fo:wrap-option": "wrap" if style.wrap else "no-wrap",
            "fo:background-color": style.fill,
            "fo:border": "0.5pt solid #D9D9D9" if style.fill else "",
            "style:vertical-align": "top",
            "style:cell-protect": "protected" if style.locked else "none",
        }
        text = {
            "fo:font-weight": "bold" if style.bold else "",
            "fo:font-style": "italic" if style.italic else "",
            "fo:font-size": f"{style.size}pt",
        }
        inside = tag("style:table-cell-properties", cell) + tag("style:text-properties", text)
        family = {
            "style:family": "table-cell",
            "style:parent-style-name": "Default",
            "style:data-style-name": style.form.replace("amount", ""),
        }
        yield tag("style:style", {"style:name": name, **family}, inside)
    for width in sorted({width for page in pages for width in page.widths}):
        inside = tag("style:table-column-properties", {"style:column-width": f"{width / 5:g}cm"})
        yield tag("style:style", {"style:name": f"wide-{width}", "style:family": "table-column"}, inside)
    for name in ("true", "false"):
        family = {"style:family": "table", "style:master-page-name": "Default"}
        inside = tag("style:table-properties", {"table:display": name})
        yield tag("style:style", {"style:name": f"shown-{name}", **family}, inside)


def _ods_table(page: Page) -> str:
    """Return a sheet; one with fields to fill in repeats its header in print, and is protected."""
    checks = [f"{page.title}-{field.column.name}" for field in page.fields]
    notes = [tag("office:annotation", {"svg:width": "9cm"}, paragraphs(field.note)) for field in page.fields]
    of_table: dict[str, object] = {
        "table:name": page.title,
        "table:style-name": f"shown-{str(not page.hidden).lower()}",
    }
    inside = [tag("table:table-column", {"table:style-name": f"wide-{width}"}) for width in page.widths]
    rows = [[_ods_cell(style, cell) for style, cell in row] for row in page.rows]
    if page.fields:
        of_table["table:protected"] = "true"
        may = ("select-protected-cells", "select-unprotected-cells", "insert-rows", "delete-rows")
        inside.insert(0, tag("loext:table-protection", {f"loext:{what}": "true" for what in may}))
        rows = [[_ods_cell(*cell, note=note) for cell, note in zip(page.rows[0], notes, strict=True)]]
        rows += [[_ods_cell(*cell, check) for cell, check in zip(row, checks, strict=True)] for row in page.rows[1:]]
        inside.append(
            tag("table:table-header-rows", {}, tag("table:table-row", {"table:style-name": "auto"}, *rows.pop(0)))
        )
    inside += [tag("table:table-row", {"table:style-name": "auto"}, *(row or ["<table:table-cell/>"])) for row in rows]
    if page.fields:
        spare = [_ods_cell(field.style, None, check) for field, check in zip(page.fields, checks, strict=True)]
        inside.append(
            tag("table:table-row", {"table:style-name": "auto", "table:number-rows-repeated": SPARE_ROWS}, *spare)
        )
    return tag("table:table", of_table, *inside)


def _ods_cell(style: str, cell: Cell, check: str = "", note: str = "") -> str:
    of_cell = {"table:style-name": style, "table:content-validation-name": check}
    if cell is None:
        return tag("table:table-cell", of_cell)
    kind = {str: "string", float: "float", dt.date: "date"}[type(cell)]
    value = {"string": "", "float": "office:value", "date": "office:date-value"}[kind]
    of_cell |= {"office:value-type": kind} | ({value: as_text(cell)} if value else {})
    return tag("table:table-cell", of_cell, note, paragraphs(as_text(cell)))


def _ods_check(page: Page, place: int, book: Book) -> str:
    """Return what is checked in the cells of a field."""
    field = page.fields[place]
    sheet, condition = page.title.replace("'", "''"), ""
    if field.offered:
        first, last = book.where(field)
        condition = f"of:cell-content-is-in-list([${LISTS}.{first}:.{last}])"
    elif field.bounds:
        kind = {"integer": "whole-number", "number": "decimal-number"}.get(field.column.type, "date")
        low, high = (
            (bound - DAY_0).days if isinstance(bound, dt.date) else as_text(float(bound)) for bound in field.bounds
        )
        condition = f"of:cell-content-is-{kind}() and cell-content-is-between({low},{high})"
    of_check = {
        "table:name": f"{page.title}-{field.column.name}",
        "table:condition": condition,
        "table:base-cell-address": f"'{sheet}'.{column_letters(place)}2",
        "table:display-list": "unsorted",
    }
    told = {"table:title": field.heading, "table:display": "true"}
    refused = {"table:message-type": field.strictness or "information", "table:display": str(bool(field.strictness))}
    inside = tag("table:help-message", told, paragraphs(field.column.meaning[field.language]))
    error = tag(
        "table:error-message",
        told | {name: text.lower() for name, text in refused.items()},
        paragraphs(field.allowed),
    )
    return tag("table:content-validation", of_check, inside, error)


def _ods_settings(pages: list[Page]) -> str:
    """Return the settings: the explanation is shown first, and the header of a sheet to fill in stays in view."""

    def item(name: str, kind: str, value: object) -> str:
        return tag("config:config-item", {"config:name": name, "config:type": kind}, escape(str(value)))

    def entry(name: str, *inside: str) -> str:
        return tag("config:config-item-map-entry", {"config:name": name}, *inside)

    split = item("VerticalSplitMode", "short", 2) + item("VerticalSplitPosition", "int", 1)
    split += item("ActiveSplitRange", "short", 2) + item("PositionBottom", "int", 1)
    tables = (entry(page.title, split) for page in pages if page.fields)
    named = tag("config:config-item-map-named", {"config:name": "Tables"}, *tables)
    view = entry("", item("ViewId", "string", "view1"), named, item("ActiveTable", "string", pages[0].title))
    views = tag("config:config-item-map-indexed", {"config:name": "Views"}, view)
    settings = tag("office:settings", {}, tag("config:config-item-set", {"config:name": "ooo:view-settings"}, views))
    spaces = {f"xmlns:{name}": f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "config")}
    return tag("office:document-settings", spaces | {"office:version": "1.3"}, settings)
