"""Markings: what may not be known at a level is gone from the delivery, with every row that names it."""

import deliveries
import pandas as pd
import pytest

from nvslib import corrections, intake, marking
from nvslib.checks import check
from nvslib.editions import load_edition
from nvslib.tables import load_table, table_names

TOKEN = "zwijgen-over-dit"  # noqa: S105 - a word to look for


def delivered(folder, tables, leave_out=frozenset()):
    deliveries.write(folder, tables, "csv")
    taken = intake.take_in(folder, lambda path: path.name, leave_out)
    outcome = check(taken, load_edition(deliveries.EDITION), "raw")
    assert outcome.blocking == []
    return taken, outcome


def rows(hidden, table):
    return dict(
        zip(hidden.loc[hidden["table"] == table, "row"], hidden.loc[hidden["table"] == table, "why"], strict=True)
    )


def test_without_markings_nothing_is_withheld(tmp_path):
    taken, _ = delivered(tmp_path, deliveries.good())
    hidden = marking.withheld(taken, "public")
    assert len(hidden) == 0
    assert list(hidden.columns) == ["table", "file", "sheet", "row", "why"]
    assert len(marking.counted(hidden)) == 0
    assert set(marking.counted(hidden)) == set(load_table("withheld").columns)


@pytest.mark.parametrize(("level", "kept"), [("public", 0), ("internal", 1), ("confidential", 2)])
def test_a_level_keeps_what_is_marked_up_to_it(tmp_path, level, kept):
    tables = deliveries.good()
    tables["responses"] = [tables["responses"][0] | {"response": f"R{number}"} for number in range(3)]
    for row, mark in zip(tables["responses"], ("public", "internal", "confidential"), strict=True):
        row["classification"] = mark
    taken, _ = delivered(tmp_path, tables)
    hidden = marking.withheld(taken, level)
    assert len(rows(hidden, "responses")) == 2 - kept
    assert set(hidden["why"]) <= {"marked"}


def test_what_names_a_withheld_row_goes_with_it_however_far(tmp_path):
    """A measure of which the name is secret, its part, and what acts, needs, reports on or measures either of them."""
    tables = deliveries.good()
    measure = tables["measures"][0]
    name = measure["measure"]
    tables["measures"][0]["classification"] = "confidential"
    taken, _ = delivered(tmp_path, tables)
    hidden = marking.withheld(taken, "public")
    assert rows(hidden, "measures")[2] == "marked"
    gone = {name} | {row["measure"] for row in tables["measures"] if row.get("part_of") == name}
    for table in ("measure_effects", "progress", "indicators"):
        naming = {place + 2 for place, row in enumerate(tables[table]) if row["measure"] in gone}
        assert naming <= set(rows(hidden, table)), table
        assert set(rows(hidden, table).values()) == {"names"} or not naming
    indicators = {row["indicator"] for row in tables["indicators"] if row["measure"] in gone}
    observed = {place + 2 for place, row in enumerate(tables["observations"]) if row["indicator"] in indicators}
    assert observed
    assert observed <= set(rows(hidden, "observations"))


def test_a_correction_goes_with_its_row_and_a_row_with_its_withheld_correction(tmp_path):
    tables = deliveries.good()
    one, other = tables["responses"] = [tables["responses"][0] | {"response": name} for name in ("R1", "R2")]
    told = {
        "column": "comment",
        "who": "x",
        "why": "x",
        "when": "2021-01-01",
        "basis": "delivered",
        "table": "responses",
    }
    tables["corrections"] = [
        told | {"key": "R1", "from": one["comment"], "to": "mended", "classification": "public"},
        told | {"key": "R2", "from": other["comment"], "to": "mended", "classification": "internal"},
    ]
    one["classification"] = "internal"
    taken, _ = delivered(tmp_path, tables)
    hidden = marking.withheld(taken, "public")
    assert rows(hidden, "corrections") == {2: "names", 3: "marked"}
    assert rows(hidden, "responses") == {2: "marked", 3: "names"}


def test_a_corrected_marking_counts(tmp_path):
    tables = deliveries.good()
    row = tables["responses"][0]
    tables["corrections"] = [
        {"table": "responses", "key": row["response"], "column": "classification", "from": row["classification"],
         "to": "confidential", "who": "x", "why": "x", "when": "2021-01-01", "basis": "delivered",
         "classification": "public"}
    ]  # fmt: skip
    taken, outcome = delivered(tmp_path, tables)
    assert len(outcome.corrected) == 1
    assert rows(marking.withheld(taken, "internal"), "responses") == {2: "marked"}
    assert corrections.TABLE in set(marking.withheld(taken, "internal")["table"])


@pytest.mark.parametrize("table", [name for name in table_names("input") if name != "corrections"])
def test_nothing_of_a_withheld_row_is_left_in_what_goes_on(tmp_path, table):
    """Validation checks and writes what is left; of the marked row neither its text nor its notations are in it."""
    tables = deliveries.good()
    text = next((name for name, one in load_table(table).columns.items() if one.type == "text"), None)
    if text is None:
        assert not any(column.type == "text" for column in load_table(table).columns.values())
        text = "classification"
    first = tables[table][0]
    if text != "classification":
        first[text] = f"  {TOKEN}  "  # spaces, so that it would be told as a notation too
    first["classification"] = "confidential"
    tables.pop("corrections", None)
    deliveries.write(tmp_path / "all", tables, "csv")
    taken = intake.take_in(tmp_path / "all", lambda path: path.name)
    assert TOKEN in str(taken.normalised) or text == "classification"
    hidden = marking.withheld(taken, "public")
    assert 2 in rows(hidden, table)
    left = intake.take_in(tmp_path / "all", lambda path: path.name, marking.places(hidden))
    told = str(left.normalised) + str(left.misread)
    told += "".join(frame.to_csv() for one in left.tables.values() for frame in (one.cells, one.found))
    assert TOKEN not in told
    # A table of which nothing is left is as if it had never been delivered.
    places = left.tables[table].places["row"] if table in left.tables else pd.Series(dtype=int)
    assert not places.eq(2).any()
    counts = marking.counted(hidden).set_index("table")
    assert counts.loc[table, "rows"] == len(taken.tables[table].cells) - len(places)
