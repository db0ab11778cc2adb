"""Describing tables for machines: a Frictionless data package, made from their one definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nvslib.tables import Column, Table, load_table

TYPES = {"number": "number", "integer": "integer", "date": "date", "period": "date"}  # the others are strings
PLACES = {"file": "The file as delivered.", "sheet": "The sheet in it.", "row": "The row in it; the first is 1."}


def package(name: str, title: str, tables: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the description of tables that are written as CSV files beside it.

    Parameters
    ----------
    name, title
        Those of the cycle.
    tables
        Table name -> the bases on which its rows rest.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": title,
        "resources": [_resource(load_table(table), bases, set(tables)) for table, bases in sorted(tables.items())],
    }


def _resource(table: Table, bases: Sequence[str], there: set[str]) -> dict[str, Any]:
    references = [
        {"fields": [column.name], "reference": {"resource": _resource_name(column, table), "fields": [_key(column)]}}
        for column in table.columns.values()
        if column.refers_to in there and not column.many
    ]
    return {
        "name": table.name.replace("_", "-"),
        "type": "table",
        "path": f"{table.name}.csv",
        "title": table.title["en"],
        "description": f"{table.about['en']} Basis of its rows: {', '.join(bases)}.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                _field(table.columns[name]) if name in table.columns else _place(name) for name in table.written
            ],
            "primaryKey": list(table.key),
            "foreignKeys": references,
            "missingValues": [""],
        },
    }


def _key(column: Column) -> str:
    return load_table(column.refers_to).key[0]


def _resource_name(column: Column, table: Table) -> str:
    """Return the resource that a column refers to; empty is the standard's way to say "this one"."""
    return "" if column.refers_to == table.name else column.refers_to.replace("_", "-")


def _place(name: str) -> dict[str, Any]:
    """Return where a row stands in what was delivered, as a field."""
    return {"name": name, "type": "integer" if name == "row" else "string", "description": PLACES[name]}


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.choices:
        constraints["enum"] = list(column.choices)
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    field = {
        "name": column.name,
        "type": TYPES.get(column.type, "string"),
        "title": column.dutch or column.name,
        "description": column.meaning["en"],
    }
    return field | ({"constraints": constraints} if constraints else {})
