"""OpenDocument spreadsheets with the same bytes each time: the XML of their parts, and plain tables as sheets."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # told as the time of making: always the same


def workbook(title: str, language: str, sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables as a workbook, a sheet for each; text stays text, never a formula; what is missing is empty."""
    from odfdo import Document, Element

    document = Document("spreadsheet")
    document.body.clear()
    document.meta.title, document.meta.language, document.meta.creation_date = title, language, MADE
    for name, frame in sheets.items():
        document.body.append(Element.from_tag(_sheet(name, frame)))
    content = io.BytesIO()
    document.save(content)
    return same_time(content)


def _sheet(name: str, frame: pd.DataFrame) -> str:
    rows = [list(frame.columns), *frame.to_numpy(dtype=object).tolist()]
    told = "".join(tag("table:table-row", {}, *map(_cell, row)) for row in rows)
    columns = tag("table:table-column", {"table:number-columns-repeated": len(frame.columns)})
    return tag("table:table", {"table:name": name}, columns, told)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return tag(
            "table:table-cell", {"office:value-type": "string" if value else ""}, paragraphs(value) if value else ""
        )
    if pd.isna(value):
        return tag("table:table-cell", {})
    told = f"{value:.12g}"
    return tag("table:table-cell", {"office:value-type": "float", "office:value": told}, paragraphs(told))


def same_time(package: io.BytesIO) -> bytes:
    """Return a package in which every member bears the same time."""
    content = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(content, "w") as new:
        for member in old.infolist():
            same = zipfile.ZipInfo(member.filename)
            same.compress_type = member.compress_type
            new.writestr(same, old.read(member))
    return content.getvalue()


def tag(name: str, attributes: Mapping[str, object], *inside: str) -> str:
    """Return an XML element; attributes without a value are left out."""
    told = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value != "")
    return f"<{name}{told}>{''.join(inside)}</{name}>"


def paragraphs(text: str) -> str:
    """Return a text as paragraphs, one for each line; several spaces are told by their number."""
    kept = re.sub(r"(?m)^ +| {2,}", lambda spaces: tag("text:s", {"text:c": len(spaces[0])}), escape(text))
    return "".join(tag("text:p", {}, line) for line in kept.split("\n"))
