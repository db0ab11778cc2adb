"""Opening what was delivered: CSV, XLSX and ODS files as sheets of raw cells, each with its row.

Nothing is converted or guessed here. A workbook is looked into before it is read: what is too large, holds macros,
links to other files or XML entities is refused, and so is everything that is no file of its own in the folder.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import numpy as np
import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".ods")
IGNORED = ("~$", ".~lock", ".", "Thumbs.db", "desktop.ini")  # how the names of files begin that programs leave behind
MAX_BYTES = 512 * 2**20  # of a CSV file, or of everything in a workbook, unpacked
MAX_ROWS = 2_000_000
MAX_COLUMNS = 256
MAX_CELLS = 5_000_000  # of a sheet in a workbook, from A1 to its last cell
MAX_CELL = 32_767  # characters; a spreadsheet holds no more in one cell
BLOCK = 50_000  # rows of a CSV file that are taken in at a time

csv.field_size_limit(MAX_CELL)


@dataclass
class Misread:
    """Why a file, or a part of it, could not be read: the rule, where, what was found and what is allowed."""

    rule: str
    row: int = 0
    column: str = ""
    found: str = ""
    allowed: str = ""
    sheet: str = ""


@dataclass
class Sheet:
    """One sheet as delivered.

    Attributes
    ----------
    file
        Its path as it is named to the user.
    name
        The sheet; empty for CSV.
    cells
        One row for each row of the file, indexed by its number (the first is 1), with columns numbered from 0. A cell
        is what the file holds: text, a number, a date, true or false; None without content.
    formulas
        (row, column) of cells whose value a spreadsheet computed.
    widths
        Of CSV: how many cells each row has; a short one lost some.
    notes
        What is odd but certain, for instance cells separated by semicolons.
    """

    file: str
    name: str
    cells: pd.DataFrame
    widths: list[int] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Opened:
    """A file as it was opened: its sheets, and what could not be read."""

    file: str
    sheets: list[Sheet] = field(default_factory=list)
    misread: list[Misread] = field(default_factory=list)


class Refused(Exception):  # noqa: N818 - a finding for the user, not an error of the program
    """A file that is not read, and why."""

    def __init__(self, misread: Misread) -> None:
        self.misread = misread
        super().__init__(misread.rule)


def delivered_files(folder: Path, besides: tuple[str, ...] = ()) -> list[Path]:
    """Return everything that lies in a folder of deliveries, sorted, but for what programs leave behind.

    Folders below are looked into, unless they are called like a file; links are not followed.
    """
    found: list[Path] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(IGNORED) or path.name in besides:
            continue
        if path.is_dir() and not path.is_symlink() and path.suffix.lower() not in SUFFIXES:
            found += delivered_files(path)
        else:
            found.append(path)
    return found


def open_file(path: Path, shown_as: str) -> Opened:
    """Return the sheets of a file; what cannot be read stands in ``misread``, nothing is raised for it.

    Parameters
    ----------
    path
        Where the file is.
    shown_as
        How the file is named to the user.
    """
    opened = Opened(shown_as)
    try:
        if path.is_symlink() or not path.is_file():
            _refuse("no-plain-file", found=path.name)
        kind = path.suffix.lower()
        if kind not in SUFFIXES:
            _refuse("file-kind", found=path.suffix or path.name)
        opened.sheets = [_read_csv(path, opened)] if kind == ".csv" else list(_read_workbook(path, opened))
    except Refused as refused:
        opened.misread.append(refused.misread)
    except OSError as error:
        opened.misread.append(Misread("unreadable", found=error.strerror or type(error).__name__))
    return opened


def _refuse(rule: str, **where: Any) -> None:
    raise Refused(Misread(rule, **where))


# CSV


def _read_csv(path: Path, opened: Opened) -> Sheet:
    size = path.stat().st_size
    if size > MAX_BYTES:
        _refuse("too-large", found=f"{size // 2**20} MB", allowed=f"{MAX_BYTES // 2**20} MB")
    first, row = _look_into_text(path)
    separator, notes = _separator(first, row)
    skipped = 0
    if first.lower().startswith("sep="):
        skipped = row
    frames: list[pd.DataFrame] = []
    widths: list[int] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        pools: list[dict[str, str]] = []
        records = enumerate(csv.reader(file, delimiter=separator, strict=True), start=1)
        try:
            while block := list(itertools.islice(records, BLOCK)):
                frames.append(_block(block, pools, opened, skipped))
                widths += [len(record) for _, record in block]
        except csv.Error as error:
            _refuse("unreadable", row=1 + sum(map(len, frames)), found=str(error))
    cells = pd.concat(frames)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return Sheet(opened.file, "", cells, widths, notes=notes)


def _look_into_text(path: Path) -> tuple[str, int]:
    """Return the first line with content of a text file and its number; refuse what is not UTF-8 text."""
    decoded, first, number = 0, "", 0
    with path.open("rb") as file:
        for line in file:
            if b"\x00" in line:
                _refuse("unreadable", row=decoded + 1, found="NUL")
            try:
                text = line.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                _refuse("unreadable", row=decoded + 1, found=f"byte {line[error.start]:#04x}")
            decoded += 1
            if not first and text.strip():
                first, number = text.strip(), decoded
    if not first:
        _refuse("empty-file")
    return first, number


def _separator(first: str, row: int) -> tuple[str, list[str]]:
    """Return what separates the cells, from the first line; refused where it is not certain."""
    if first.lower().startswith("sep=") and len(first) == len("sep=,"):
        return first[-1], ["separator"]
    outside_quotes = "".join(first.split('"')[::2])
    found = [separator for separator in (",", ";", "\t") if separator in outside_quotes]
    if len(found) > 1:
        _refuse("separator", row=row, found=first)
    return (found or [","])[0], ["separator"] if found and found != [","] else []


def _block(
    block: list[tuple[int, list[str]]], pools: list[dict[str, str]], opened: Opened, skipped: int
) -> pd.DataFrame:
    """Return a block of records as cells; equal texts in a column are kept once."""
    width = max(len(record) for _, record in block)
    if width > MAX_COLUMNS:
        _refuse("too-many-columns", row=block[0][0], found=str(width), allowed=str(MAX_COLUMNS))
    if block[-1][0] > MAX_ROWS:
        _refuse("too-many-rows", found=f"{block[-1][0]}", allowed=str(MAX_ROWS))
    while len(pools) < width:
        pools.append({})
    cells = np.full((width, len(block)), None, dtype=object)
    for at, (number, record) in enumerate(block):
        for place, cell in enumerate(record):
            if cell and number > skipped:
                cells[place, at] = pools[place].setdefault(cell, cell)
    if any(len(pool) > MAX_ROWS for pool in pools):
        _refuse("too-large", found=str(opened.file))
    return pd.DataFrame(dict(enumerate(cells)), dtype=object)


# Workbooks


def _read_workbook(path: Path, opened: Opened) -> Iterator[Sheet]:
    import python_calamine as calamine

    seen = _look_into_workbook(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            looked = seen.get(name, _Looked())
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            cells = pd.DataFrame(rows, dtype=object, index=pd.RangeIndex(1, len(rows) + 1))
            cells = cells.where(cells.map(lambda cell: cell != ""), None)
            opened.misread += [
                Misread("error-value", row, column_letters(column), found, sheet=name)
                for row, column, found in looked.errors
            ]
            yield Sheet(opened.file, name, cells, formulas=looked.formulas)
    except (calamine.CalamineError, ValueError) as error:
        _refuse("unreadable", found=" ".join(str(error).split()) or type(error).__name__)


def column_letters(number: int) -> str:
    """Return the letters of a column by its number from 0: A, B … Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass
class _Looked:
    """What stands in a sheet besides values."""

    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)


def _look_into_workbook(path: Path) -> dict[str, _Looked]:
    """Return per sheet its formulas and errors; refuse what is no workbook, too large or could do harm."""
    if not zipfile.is_zipfile(path):
        _refuse("no-workbook", found=path.suffix)
    try:
        with zipfile.ZipFile(path) as package:
            _look_at_members(package)
            names = set(package.namelist())
            if path.suffix.lower() == ".ods":
                if "content.xml" not in names:
                    _refuse("no-workbook", found=path.suffix)
                return _look_into_ods(package)
            if "xl/workbook.xml" not in names:
                _refuse("no-workbook", found=path.suffix)
            return _look_into_xlsx(package)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, KeyError) as error:
        raise Refused(Misread("unreadable", found=" ".join(str(error).split())[:200])) from None
    except (SAXException, ValueError) as error:  # defusedxml refuses entities with a ValueError of its own
        raise Refused(Misread("unsafe-xml", found=type(error).__name__)) from None


def _look_at_members(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_BYTES or len(members) > MAX_COLUMNS * 8:
        _refuse("too-large", found=f"{unpacked // 2**20} MB", allowed=f"{MAX_BYTES // 2**20} MB")
    for member in members:
        if member.flag_bits & 1:
            _refuse("locked", found=member.filename)
        if member.filename.endswith(("vbaProject.bin", ".bas")) or member.filename.startswith(("Basic/", "Scripts/")):
            _refuse("macros", found=member.filename)
        if "/externalLinks/" in member.filename or member.filename.startswith("xl/externalLinks"):
            _refuse("external-link", found=member.filename)


def _look_into_xlsx(package: zipfile.ZipFile) -> dict[str, _Looked]:
    from defusedxml import ElementTree

    def tree(name: str) -> Any:
        return ElementTree.fromstring(package.read(name), forbid_dtd=True)

    for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
        if name in package.namelist():
            _parse(package, name, ContentHandler())
    targets = {entry.get("Id"): str(entry.get("Target")) for entry in tree("xl/_rels/workbook.xml.rels")}
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    looked = {}
    for element in tree("xl/workbook.xml").iter():
        if element.tag.endswith("}sheet"):
            target = targets.get(element.get(relation), "")
            member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if member not in package.namelist():
                _refuse("unreadable", found=member)
            handler = _XlsxSheet(str(element.get("name")))
            _parse(package, member, handler)
            looked[handler.sheet] = handler.looked
    return looked


def _look_into_ods(package: zipfile.ZipFile) -> dict[str, _Looked]:
    handler = _OdsContent()
    _parse(package, "content.xml", handler)
    return handler.sheets


def _parse(package: zipfile.ZipFile, member: str, handler: ContentHandler) -> None:
    """Parse a member of a package without entities, a block at a time."""
    from defusedxml.expatreader import DefusedExpatParser

    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(handler)
    with package.open(member) as file:
        read = 0
        while block := file.read(2**20):
            read += len(block)
            if read > MAX_BYTES:
                _refuse("too-large", found=member, allowed=f"{MAX_BYTES // 2**20} MB")
            parser.feed(block)
    parser.close()


class _Extent:
    """How far the cells of a sheet reach; refuses a sheet that is too large before anything is made of it."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.rows = self.columns = 0

    def add(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row), max(self.columns, column + 1)
        if self.columns > MAX_COLUMNS:
            _refuse("too-many-columns", row=row, found=str(self.columns), allowed=str(MAX_COLUMNS), sheet=self.sheet)
        if self.rows * self.columns > MAX_CELLS:
            _refuse("too-many-rows", found=str(self.rows), allowed=str(MAX_CELLS // self.columns), sheet=self.sheet)


class _XlsxSheet(ContentHandler):
    """Looks through the XML of one XLSX sheet."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self.sheet, self.looked, self.extent = sheet, _Looked(), _Extent(sheet)
        self.row = self.column = 0
        self.error = self.in_value = False
        self.value = ""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name that the parser calls
        tag = name.rpartition(":")[2]
        if tag == "row":
            self.row, self.column = int(attrs.get("r") or self.row + 1), -1
        elif tag == "c":
            reference = attrs.get("r")
            self.column = _column_of(reference) if reference else self.column + 1
            self.error = attrs.get("t") == "e"
            self.extent.add(self.row, self.column)
        elif tag == "f":
            self.looked.formulas.append((self.row, self.column))
        elif tag == "v" and self.error:
            self.in_value, self.value = True, ""

    def characters(self, content: str) -> None:
        if self.in_value:
            self.value += content

    def endElement(self, name: str) -> None:  # noqa: N802
        if self.in_value and name.rpartition(":")[2] == "v":
            self.looked.errors.append((self.row, self.column, self.value))
            self.in_value = self.error = False


def _column_of(reference: str) -> int:
    """Return the number from 0 of the column in a reference such as AB12."""
    number = 0
    for letter in reference:
        if letter.isdigit():
            break
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1


class _OdsContent(ContentHandler):
    """Looks through the XML of an ODS file."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, _Looked] = {}
        self.looked, self.extent = _Looked(), _Extent("")
        self.row = self.column = 0
        self.row_repeats = self.pending = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        if name == "table:table":
            sheet = attrs.get("table:name") or ""
            self.looked = self.sheets[sheet] = _Looked()
            self.extent, self.row, self.pending = _Extent(sheet), 0, 0
        elif name == "table:table-row":
            self.row += self.pending + 1
            self.pending = int(attrs.get("table:number-rows-repeated") or 1) - 1
            self.column = 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            repeats = int(attrs.get("table:number-columns-repeated") or 1)
            if attrs.get("office:value-type"):
                self.extent.add(self.row + self.pending, self.column + repeats - 1)
            if attrs.get("table:formula"):
                self.looked.formulas.append((self.row, self.column))
            if attrs.get("calcext:value-type") == "error":
                self.looked.errors.append((self.row, self.column, "error"))
            self.column += repeats
        elif name in ("table:dde-link", "table:cell-range-source"):
            _refuse("external-link", found=name, sheet=self.extent.sheet)


def as_text(cell: object) -> str:
    """Return a cell as the text in which it is told to the user: numbers plain, dates as 2021-12-31."""
    if cell is None or cell != cell:  # noqa: PLR0124 - not a number
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"  # noqa: PLR2004
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time(0) else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
