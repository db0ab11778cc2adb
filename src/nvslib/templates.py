"""Workbooks to fill in: for the analysts, for each assessor and for each department.

What a workbook holds follows from the definitions in ``tables/`` and from what the cycle already has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from nvslib import scales, words
from nvslib.editions import Edition
from nvslib.problems import Problem
from nvslib.tables import Column, Table, load_table, table_names
from nvslib.template_files import Book, Field, Sheet, render, spoken
from nvslib.workbooks import as_text

UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML has no place for it


def write_templates(
    folder: Path, tables: Mapping[str, pd.DataFrame], edition: Edition, language: str, form: str = "xlsx"
) -> list[Path]:
    """Write the workbooks of a cycle and return their paths.

    Parameters
    ----------
    folder
        Where they are written; made if it is not there.
    tables
        Table name -> rows that the cycle already has, validated or as taken in. They are offered in the drop-downs;
        with ``assessors`` each assessor gets a workbook, with ``departments`` each department.
    edition
        Whose criteria are judged.
    language
        nl or en.
    form
        xlsx, ods or csv (then a folder for each workbook, with a file for each table).

    Raises
    ------
    Problem
        A file is there already, two workbooks would have one name, a name does not fit a file, or a text would be run
        as a formula in CSV. Nothing is written then.
    """
    contents: dict[str, bytes] = {}
    for book in describe(tables, edition, language):
        contents |= render(book, form)
    paths = {folder / name: content for name, content in contents.items()}
    taken = [path for path in paths if path.exists() or path.is_symlink() or path.parent.is_file()]
    if taken:
        raise Problem(words.say(language, "templates.exists", path=path) for path in taken)
    for path, content in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(paths)


def describe(tables: Mapping[str, pd.DataFrame], edition: Edition, language: str) -> list[Book]:
    """Return what each workbook holds; parameters and problems are those of `write_templates`."""
    known = {name: _texts(load_table(name), frame) for name, frame in tables.items() if name in table_names("input")}
    books = [_book("analysts", "analysts", {}, known, edition, language)]
    for who, prefix in (("assessor", "assessor-"), ("department", "")):
        group = f"{who}s"
        names = _names(known, group)
        if not names:
            books.append(_book(group, group, {}, known, edition, language))
        for name in names:
            if not re.fullmatch(r"[a-z0-9-]+", name.lower()):
                fields = {"table": group, "column": who, "found": words.quote(name)}
                raise Problem(words.say(language, "templates.file-name", **fields))
            books.append(_book(f"{prefix}{name.lower()}", group, {who: name}, known, edition, language))
            if any(book.name == books[-1].name for book in books[:-1]):
                raise Problem(
                    words.say(language, "templates.same-name", table=group, found=words.quote(books[-1].name))
                )
    return books


def _texts(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table as text, with its own columns alone, all of them."""
    texts = frame.reindex(columns=list(table.columns)).map(as_text).reset_index(drop=True)
    return texts.map(lambda text: UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n")))


def _names(known: Mapping[str, pd.DataFrame], table: str, own: Mapping[str, str] | None = None) -> list[str]:
    """Return the keys of a known table, of its rows with the values of ``own`` alone where it has such columns."""
    rows = known.get(table)
    if rows is None:
        return []
    for column, value in (own or {}).items():
        rows = rows[rows[column] == value] if column in rows else rows
    return [name for name in dict.fromkeys(rows[load_table(table).key[0]]) if name]


def _others(name: str) -> set[str]:
    """Return the tables that a table refers to."""
    return {column.refers_to for column in load_table(name).columns.values()} - {"", name}


def _order(table: Table) -> tuple[bool, bool, int, str]:
    """Return the place of a sheet: required ones first, what others refer to before these, what stands alone last."""
    alone = not _others(table.name) and not any(table.name in _others(name) for name in table_names("input"))
    return not table.required, alone, _depth(table.name), table.name


def _depth(name: str) -> int:
    return max((1 + _depth(other) for other in _others(name)), default=0)


def _book(
    name: str,
    group: str,
    own: Mapping[str, str],
    known: Mapping[str, pd.DataFrame],
    edition: Edition,
    language: str,
) -> Book:
    """Return the workbook of a group, or of the one in it with the values of ``own``."""
    filled = [load_table(table) for table in table_names("input") if load_table(table).filled_in_by == group]
    filled.sort(key=_order)
    sheets = tuple(
        Sheet(
            table,
            tuple(
                Field(column, language, tuple(_offered(column, own, known, edition, language)))
                for column in table.columns.values()
            ),
            _prefilled(table, own, known, edition),
        )
        for table in filled
    )
    who = next(iter(own.values()), words.say(language, f"templates.{group}"))
    return Book(name, language, sheets, tuple(_explanation(sheets, who, known, edition, language)))


def _offered(
    column: Column, own: Mapping[str, str], known: Mapping[str, pd.DataFrame], edition: Edition, language: str
) -> list[str]:
    """Return what the drop-down of a column offers."""
    if column.refers_to:
        # A column named after the key says whose row it is, and one fills in one's own rows alone.
        belongs = column.name == load_table(column.refers_to).key[0]
        return _names(known, column.refers_to, own if belongs else None)
    if column.type == "criterion":
        return [*edition.criteria, scales.LIKELIHOOD]
    if column.type == "class":
        return list(dict.fromkeys([*scales.impact_classes(), *scales.likelihood_classes()]))
    return [str(spoken(column, choice, language)) for choice in column.choices]


def _prefilled(
    table: Table, own: Mapping[str, str], known: Mapping[str, pd.DataFrame], edition: Edition
) -> pd.DataFrame:
    """Return the rows that stand in a sheet already."""
    measures = _names(known, "measures", own)
    rows: Any = []
    if table.name == "assessments" and "scenarios" in known:
        judged = known["scenarios"]
        for column, value in table.complete[0].leave_out.items():
            judged = judged[judged[column] != value]
        pairs = product(filter(None, judged["scenario"]), [*edition.criteria, scales.LIKELIHOOD])
        rows = [{"scenario": scenario, "criterion": criterion, **own} for scenario, criterion in pairs]
    elif table.name == "seed_answers":
        rows = [{"question": question, **own} for question in _names(known, "seed_questions")]
    elif table.name in ("measures", "measure_effects") and table.name in known:
        rows = known[table.name][known[table.name]["measure"].isin(measures)]
    elif table.name == "progress" and measures:
        rows = known["measures"].loc[known["measures"]["measure"].isin(measures), ["measure", "department"]]
    return _texts(table, pd.DataFrame(rows, dtype=object))


def _explanation(
    sheets: tuple[Sheet, ...], who: str, known: Mapping[str, pd.DataFrame], edition: Edition, language: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the rows of the explanation."""
    yield "title", (words.say(language, "templates.title", who=who),)
    yield "line", (words.say(language, "templates.begin", sheet=sheets[0].title),)
    for key in ("headers", "fill", "ask"):
        yield "line", (words.say(language, f"templates.{key}"),)
    yield "line", ()
    yield (
        "heading",
        tuple(words.say(language, f"templates.{key}") for key in ("sheet", "column", "meaning", "allowed", "required")),
    )
    for sheet in sheets:
        for field in sheet.fields:
            meaning = field.column.meaning[language]
            yield "row", (sheet.title, field.heading, meaning, field.allowed, _filled_when(field, sheet.table))
    yield "line", ()
    yield "heading", tuple(words.say(language, f"templates.{key}") for key in ("column", "choice", "stands-for"))
    told: dict[tuple[str, str], tuple[str, ...]] = {}
    for field in (field for sheet in sheets for field in sheet.fields):
        stands_for = _stands_for(field, known, edition)
        for choice in (choice for choice in field.offered if stands_for.get(choice)):
            of = field.column.refers_to or field.column.type
            told.setdefault((of, choice), (field.heading, choice, stands_for[choice]))
    yield from (("row", row) for row in told.values())


def _filled_when(field: Field, table: Table) -> str:
    """Return in words whether a cell must be filled."""
    language = field.language
    for name, value in field.column.required_when.items():
        other = table.columns[name]
        return words.say(
            language, "templates.when", column=other.heading(language), value=spoken(other, value, language)
        )
    return words.say(language, "templates.yes" if field.column.required else "templates.no")


def _stands_for(field: Field, known: Mapping[str, pd.DataFrame], edition: Edition) -> dict[str, str]:
    """Return what each value that a drop-down offers stands for, where there are words for it."""
    column, language = field.column, field.language
    if column.type == "criterion":
        names = {number: criterion.name[language] for number, criterion in edition.criteria.items()}
        return names | {scales.LIKELIHOOD: words.say(language, "templates.likelihood")}
    if column.type == "class":
        positions = scales.class_positions(criterion_is_likelihood=False)
        labels: dict[str, list[str]] = {
            name: [f"{words.say(language, 'templates.impact')}: {scales.impact_label(at, language)}"]
            for name, at in positions.items()
        }
        for name in scales.likelihood_classes():
            label = f"{words.say(language, 'templates.likelihood')}: {scales.likelihood_label(name, language)}"
            labels.setdefault(name, []).append(label)
        return {name: "; ".join(both) for name, both in labels.items()}
    rows = known.get(column.refers_to)
    if rows is None:
        return {}
    title = next((str(name) for name in rows if str(name).endswith(f"_{language}")), "")
    texts = rows[title] if title else pd.Series("", index=rows.index)
    if title and "unit" in rows:
        texts = texts + rows["unit"].map(lambda unit: f" ({unit})" if unit else "")
    return dict(zip(rows[load_table(column.refers_to).key[0]], texts, strict=True))
