"""Taking in what was delivered: which sheet is which table, where its header stands, and what its cells say.

One or many files may hold a table, a file may hold many tables. What can be read with certainty is read, and every
departure from the form that is kept is listed; the rest is a finding. The source of every row stays: file, sheet, row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from nvslib import notations, workbooks
from nvslib.tables import MANY, Column, Table, load_table, table_names
from nvslib.workbooks import Misread, Sheet

BESIDES = ("origin.yaml",)  # files of a raw folder that hold no table
HELP_SHEETS = ("uitleg", "explanation", "lists")  # sheets of our templates that hold no table
HEADER_WITHIN = 15  # the header stands in one of the first so many rows
PLACE = ("file", "sheet", "row")


@dataclass(frozen=True)
class Normalised:
    """A way in which cells of a column were not yet in the form that is kept, with the first of them as an example."""

    table: str
    file: str
    sheet: str
    column: str
    kind: str
    cells: int
    row: int
    found: str
    read_as: str


@dataclass
class Part:
    """What one sheet delivers of a table: the row of its header, and its columns as they are called there."""

    file: str
    sheet: str
    header: int
    headings: dict[str, str]


@dataclass
class Delivered:
    """One table as delivered, from all its sheets together.

    Attributes
    ----------
    parts
        The sheets that it came from.
    cells
        One row for each row delivered, as text in the form that is kept; None without content. Columns that the
        table does not have are there too, under the name that they bear.
    found
        The same cells as they stand in the file.
    places
        Columns file, sheet and row of every row.
    """

    table: str
    parts: list[Part] = field(default_factory=list)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)
    found: pd.DataFrame = field(default_factory=pd.DataFrame)
    places: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(PLACE)))


@dataclass
class Intake:
    """Everything that was delivered for a cycle.

    Attributes
    ----------
    files
        Every file that was opened, as it is named to the user, with its path.
    tables
        Table name -> what was delivered for it.
    misread
        File, table (or nothing) and why it, or a part of it, could not be read.
    normalised
        How cells departed from the form that is kept.
    leave_out
        Rows that were not looked at: file, sheet and row.
    """

    files: dict[str, Path] = field(default_factory=dict)
    tables: dict[str, Delivered] = field(default_factory=dict)
    misread: list[tuple[str, str, Misread]] = field(default_factory=list)
    normalised: list[Normalised] = field(default_factory=list)
    leave_out: frozenset[tuple[str, str, int]] = frozenset()


def take_in(
    folder: Path, shown: Callable[[Path], str], leave_out: frozenset[tuple[str, str, int]] = frozenset()
) -> Intake:
    """Return everything that was delivered in a folder.

    Parameters
    ----------
    folder
        The raw folder of a cycle.
    shown
        How a path is named to the user.
    leave_out
        Rows that are not looked at: file as it is named to the user, sheet and row.
    """
    intake = Intake(leave_out=leave_out)
    pieces: dict[str, list[tuple[Part, pd.DataFrame, pd.DataFrame]]] = {}
    for path in workbooks.delivered_files(folder, besides=BESIDES):
        for name, part, cells, found in _take_in_file(path, shown(path), intake):
            pieces.setdefault(name, []).append((part, cells, found))
    for name in sorted(pieces):
        if leave_out and not any(len(cells) for _, cells, _ in pieces[name]):
            continue  # all of it is left out, as if it had never been delivered
        delivered = Delivered(name, [part for part, _, _ in pieces[name]])
        delivered.cells = pd.concat([cells for _, cells, _ in pieces[name]], ignore_index=True)
        delivered.found = pd.concat([found for _, _, found in pieces[name]], ignore_index=True)
        delivered.places = pd.concat(
            [
                pd.DataFrame({"file": part.file, "sheet": part.sheet, "row": cells.index})
                for part, cells, _ in pieces[name]
            ],
            ignore_index=True,
        )
        for frame in (delivered.cells, delivered.found):
            frame[frame.isna()] = None
        intake.tables[name] = delivered
    _match_case(intake)
    return intake


def take_in_sheets(path: Path, shown_as: str) -> dict[str, Delivered]:
    """Return what each sheet of a file delivers, by its name, with the rows of the file as index."""
    return {
        part.sheet: Delivered(name, [part], cells, found)
        for name, part, cells, found in _take_in_file(path, shown_as, Intake())
    }


def _take_in_file(path: Path, shown_as: str, intake: Intake) -> Iterator[tuple[str, Part, pd.DataFrame, pd.DataFrame]]:
    """Yield the share of a table in each sheet of a file: table, part, cells and cells as found, by row number."""
    opened = workbooks.open_file(path, shown_as)
    intake.files[shown_as] = path
    intake.misread += [(shown_as, "", misread) for misread in opened.misread]
    sheets = [sheet for sheet in opened.sheets if sheet.name.strip("_ ").lower() not in HELP_SHEETS]
    sheets = [sheet for sheet in sheets if sheet.cells.notna().to_numpy().any()]
    if opened.sheets and not sheets:
        intake.misread.append((shown_as, "", Misread("empty-file")))
    for sheet in sheets:
        alone = len(sheets) == 1
        stem = path.stem if alone else ""
        name, header, columns = _place_header(sheet, stem, intake)
        if name:
            taken = _take_in_table(sheet, load_table(name), header, columns, intake)
            # In a workbook of several tables a sheet left empty is one for which there is nothing to say.
            yield from (one for one in taken if alone or len(one[2]))


# Which table, and where its header stands


def _heading(text: object) -> str:
    """Return a heading as headings are compared: lower case, one underscore for all that is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "_", workbooks.as_text(text).lower()).strip("_")


@cache
def _columns_by_heading(table: str) -> dict[str, str]:
    """Return heading -> column for every name that a column of a table may bear in a header."""
    columns = load_table(table).columns.values()
    return {_heading(name): column.name for column in columns for name in (column.dutch, column.name) if name}


@cache
def _tables_by_title() -> dict[str, str]:
    """Return title -> table for every name that a sheet or file of a table may bear."""
    return {
        _heading(title): name for name in table_names("input") for title in (name, *load_table(name).title.values())
    }


def _declared(sheet: Sheet, stem: str) -> str:
    """Return the table that a sheet says it holds, by its own name or by that of its file."""
    titles = _tables_by_title()
    if _heading(sheet.name) in titles:
        return titles[_heading(sheet.name)]
    called = f"{_heading(stem)}_"
    fitting = [title for title in titles if called.startswith(f"{title}_")]
    return titles[max(fitting, key=len)] if fitting else ""


def _place_header(sheet: Sheet, stem: str, intake: Intake) -> tuple[str, int, dict[int, str]]:
    """Return the table that a sheet holds, the row of its header, and the column of each heading by its place."""
    rows = [
        (int(number), {place: cell for place, cell in enumerate(row) if cell is not None})
        for number, row in zip(sheet.cells.index, sheet.cells.head(HEADER_WITHIN).to_numpy(), strict=False)
    ]
    declared = _declared(sheet, stem)
    best: dict[str, tuple[int, dict[int, str]]] = {}
    for name in (declared,) if declared else table_names("input"):
        known = _columns_by_heading(name)
        for number, cells in rows:
            named = {place: known[_heading(cell)] for place, cell in cells.items() if _heading(cell) in known}
            if len(named) > len(best.get(name, (0, {}))[1]):
                best[name] = number, named
    first = next(number for number, cells in rows if cells) if any(cells for _, cells in rows) else 1
    if declared:
        if declared not in best:
            titles = ", ".join(load_table(declared).columns)
            intake.misread.append((sheet.file, declared, Misread("no-header", first, allowed=titles, sheet=sheet.name)))
            return "", 0, {}
        return declared, *best[declared]
    whole = {
        name: (number, named)
        for name, (number, named) in best.items()
        if {column.name for column in load_table(name).columns.values() if column.required} <= set(named.values())
    }
    most = max((len(named) for _, named in whole.values()), default=0)
    certain = [name for name, (_, named) in whole.items() if len(named) == most]
    if len(certain) != 1:
        rule = "which-table" if certain else "unknown-sheet"
        allowed = ", ".join(certain or table_names("input"))
        found = sheet.name or Path(sheet.file).name
        intake.misread.append((sheet.file, "", Misread(rule, first, "", found, allowed, sheet.name)))
        return "", 0, {}
    number, named = whole[certain[0]]
    named_by = sheet.name or Path(sheet.file).name
    intake.normalised.append(
        Normalised(certain[0], sheet.file, sheet.name, "", "sheet-name", 1, number, named_by, certain[0])
    )
    return certain[0], number, named


# What its cells say


def _take_in_table(
    sheet: Sheet, table: Table, header: int, columns: dict[int, str], intake: Intake
) -> Iterator[tuple[str, Part, pd.DataFrame, pd.DataFrame]]:
    """Yield what a sheet delivers of its table; what cannot be read of it goes to the intake."""

    def misread(rule: str, row: int, column: str = "", found: str = "", allowed: str = "") -> None:
        intake.misread.append((sheet.file, table.name, Misread(rule, row, column, found, allowed, sheet.name)))

    def note(column: str, kind: str, cells: int, row: int, found: str, read_as: str) -> None:
        intake.normalised.append(
            Normalised(table.name, sheet.file, sheet.name, column, kind, cells, row, found, read_as)
        )

    headings = {
        place: workbooks.as_text(cell).strip()
        for place, cell in enumerate(sheet.cells.loc[header])
        if workbooks.as_text(cell).strip()
    }
    named = {place: columns.get(place, heading) for place, heading in headings.items()}
    twice = sorted({name for name in named.values() if list(named.values()).count(name) > 1})
    if twice:
        for name in twice:
            misread("column-twice", header, found=name)
        return
    body = sheet.cells.loc[header + 1 :]
    body = body.loc[[(sheet.file, sheet.name, row) not in intake.leave_out for row in body.index]]
    body = body[body.notna().any(axis=1)]
    body = _without_ragged(sheet, body, header, misread)
    for place in sorted({int(place) for place in body.columns} - set(headings)):
        outside = body[place].dropna()
        if len(outside):
            misread(
                "no-heading", int(outside.index[0]), workbooks.column_letters(place), workbooks.as_text(outside.iloc[0])
            )
    if "separator" in sheet.notes:
        note("", "separator", len(body), header, "", ",")
    before = sheet.cells.loc[: header - 1].dropna(how="all")
    if len(before):
        passed = next(workbooks.as_text(cell) for cell in before.iloc[0] if cell is not None)
        note("", "header-row", 1, header, passed, "")
    found = body[list(named)].rename(columns=named)
    _note_formulas(sheet, found, header, named, misread)
    cells, refused = _read_cells(found, table, note)
    for row, column, rule, text in refused:
        misread(rule, row, column, text)
    part = Part(sheet.file, sheet.name, header, {named[place]: heading for place, heading in headings.items()})
    yield table.name, part, cells, found


def _without_ragged(sheet: Sheet, body: pd.DataFrame, header: int, misread: Callable[..., None]) -> pd.DataFrame:
    """Return the rows of a CSV file that have as many cells as its header; the others are told."""
    if not sheet.widths:
        return body
    wanted = sheet.widths[header - 1]
    beyond = list(range(wanted, body.shape[1]))
    content_beyond = body[beyond].notna().any(axis=1) if beyond else pd.Series(data=False, index=body.index)
    short = pd.Series([sheet.widths[row - 1] < wanted for row in body.index], index=body.index, dtype=bool)
    ragged = short | content_beyond
    for row in body.index[ragged]:
        misread("ragged", int(row), "", str(sheet.widths[row - 1]), str(wanted))
    return body[~ragged]


def _note_formulas(
    sheet: Sheet, found: pd.DataFrame, header: int, named: dict[int, str], misread: Callable[..., None]
) -> None:
    """Warn of every cell whose value a spreadsheet computed: it is read, but where it comes from is not known."""
    for row, place in sheet.formulas:
        if row > header and place in named and row in found.index:
            misread("formula", row, named[place], workbooks.as_text(found[named[place]].get(row)))


def _read_cells(
    found: pd.DataFrame, table: Table, note: Callable[..., None]
) -> tuple[pd.DataFrame, list[tuple[int, str, str, str]]]:
    """Return the cells in the form that is kept, and those that were refused: row, column, rule and text."""
    known = [column for name, column in table.columns.items() if name in found]
    shown = notations.evidence(
        _texts(found, [column for column in known if column.type in ("number", "integer")]),
        _texts(found, [column for column in known if column.type in ("date", "period")]),
    )
    kept: dict[str, pd.Series[Any]] = {}
    refused: list[tuple[int, str, str, str]] = []
    for name in found:
        column = table.columns.get(str(name), Column(str(name), "text", {}))
        kept[str(name)] = _read_column(found[name], column, shown, note, refused)
    return pd.DataFrame(kept, index=found.index, dtype=object), refused


def _read_column(
    found: pd.Series[Any],
    column: Column,
    shown: notations.Evidence,
    note: Callable[..., None],
    refused: list[tuple[int, str, str, str]],
) -> pd.Series[Any]:
    """Return a column in the form that is kept; equal cells are read once."""
    # 1, 1.0 and true are equal to Python, so the type is part of what tells cells apart.
    keys = [(type(cell), cell) for cell in found]
    read = {key: notations.read(key[1], column, shown) for key in set(keys) if key[1] is not None}
    odd = {key for key, one in read.items() if one.kind or one.refused}
    if odd:
        counted: dict[str, list[tuple[int, Any]]] = {}
        for row, key in zip(found.index, keys, strict=True):
            if key in odd:
                if read[key].refused:
                    refused.append((int(row), column.name, read[key].refused, workbooks.as_text(key[1])))
                else:
                    counted.setdefault(read[key].kind, []).append((int(row), key))
        for kind, cells in counted.items():
            row, key = cells[0]
            note(column.name, kind, len(cells), row, workbooks.as_text(key[1]), read[key].text or "")
    return pd.Series([read[key].text if key[1] is not None else None for key in keys], index=found.index, dtype=object)


def _texts(found: pd.DataFrame, columns: list[Column]) -> set[str]:
    return {cell for column in columns for cell in found[column.name] if isinstance(cell, str)}


def _match_case(intake: Intake) -> None:
    """Write references as the table referred to writes them, where they differ in upper and lower case alone."""
    for delivered in intake.tables.values():
        for column in load_table(delivered.table).columns.values():
            other = intake.tables.get(column.refers_to)
            if other is None or column.name not in delivered.cells:
                continue
            key = load_table(column.refers_to).key[0]
            known = {str(name) for name in other.cells.get(key, pd.Series(dtype=object)).dropna()}
            by_case = {name.lower(): name for name in known}
            if len(by_case) == len(known):
                _match_column(intake, delivered, column, known, by_case)


def _match_column(
    intake: Intake, delivered: Delivered, column: Column, known: set[str], by_case: dict[str, str]
) -> None:
    cells = delivered.cells[column.name]
    matched: dict[str, str] = {}
    for cell in set(cells.dropna()):
        names = cell.split(f"{MANY} ") if column.many else [cell]
        if not set(names) <= known:
            written = f"{MANY} ".join(by_case.get(name.lower(), name) for name in names)
            matched |= {cell: written} if written != cell else {}
    if not matched:
        return
    changed = cells.isin(matched.keys())
    places = delivered.places[changed]
    for file, sheet in dict.fromkeys(zip(places["file"], places["sheet"], strict=True)):
        rows = places[(places["file"] == file) & (places["sheet"] == sheet)]
        first = rows.index[0]
        intake.normalised.append(
            Normalised(
                delivered.table, file, sheet, column.name, "case", len(rows), int(rows["row"].iloc[0]),
                cells[first], matched[cells[first]],
            )
        )  # fmt: skip
    delivered.cells[column.name] = cells.where(~changed, cells.map(matched))
