"""Reading the tables as they are delivered, with the place of every cell: file, sheet and row.

CSV only, for now; UTF-8, with or without a byte order mark. Nothing is converted here: every cell stays the text that
was delivered.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

csv.field_size_limit(1_000_000)


@dataclass
class Misread:
    """Why a file, or a row of it, could not be read: the rule, the row, what was found and what is allowed."""

    rule: str
    row: int
    found: str
    allowed: str = ""


@dataclass
class Delivered:
    """One table as delivered.

    Attributes
    ----------
    file
        Its path from the project's root.
    sheet
        The sheet; empty for CSV.
    cells
        One row for each row below the header, all text, indexed by the row number in the file (the header is row 1).
        A cell without content is None.
    misread
        What could not be read.
    """

    file: str
    sheet: str
    cells: pd.DataFrame
    misread: list[Misread] = field(default_factory=list)


def read_csv(path: Path, shown_as: str) -> Delivered:
    """Return the table in a CSV file; what cannot be read stands in ``misread``, nothing is raised for it.

    Parameters
    ----------
    path
        Where the file is.
    shown_as
        How the file is named to the user.
    """
    delivered = Delivered(shown_as, "", pd.DataFrame())
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\x00" in text:
            raise ValueError("a NUL byte")  # noqa: TRY301 - told in the same way as the decoder's own errors
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        delivered.misread.append(Misread("unreadable", row, f"byte {error.object[error.start]:#04x}"))
        return delivered
    except (ValueError, csv.Error, OSError) as error:
        delivered.misread.append(Misread("unreadable", 1, str(error)))
        return delivered
    if not records or not any(records[0]):
        delivered.misread.append(Misread("unreadable", 1, ""))
        return delivered

    header = [name.strip() for name in records[0]]
    if len(header) == 1 and ";" in header[0]:
        delivered.misread.append(Misread("separator", 1, ";"))
        return delivered
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        delivered.misread.extend(Misread("column-twice", 1, name) for name in twice)
        return delivered
    rows: dict[int, list[str]] = {}
    for number, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != len(header):
            delivered.misread.append(Misread("ragged", number, str(len(record)), str(len(header))))
            continue
        rows[number] = record
    cells = pd.DataFrame.from_dict(rows, orient="index", columns=header, dtype="str")
    delivered.cells = cells.astype(object).where(cells.map(lambda cell: bool(str(cell).strip())), None)
    return delivered
