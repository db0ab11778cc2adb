"""datapackage.json: valid to the standard and true of the tables beside it, says a program that is not ours."""

import json

import frictionless
import pytest

from nvslib.datapackage import package
from nvslib.project import Project
from nvslib.tables import load_table, table_names


@pytest.mark.parametrize("cycle", Project.find().cycles())
def test_frictionless_finds_nothing_wrong(made, cycle):
    report = frictionless.Package(str(made.results(cycle, "validation") / "datapackage.json")).validate()
    assert report.flatten(["type", "resourceName", "rowNumber", "fieldName", "message"]) == []
    described = json.loads((made.results(cycle, "validation") / "datapackage.json").read_text("utf-8"))
    written = {name for name in table_names("input") if (made.results(cycle, "validation") / f"{name}.csv").is_file()}
    assert {resource["path"].removesuffix(".csv") for resource in described["resources"]} == written


def test_frictionless_finds_what_is_wrong(made, tmp_path):
    """The description binds: a reference that leads nowhere, a value out of bounds and a missing cell are found."""
    folder = made.results("nvs-2019", "validation")
    for path in folder.glob("*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    links = (tmp_path / "links.csv").read_text("utf-8").splitlines()
    cells = links[1].split(",")
    cells[0], cells[3] = "nowhere", "1.5"
    (tmp_path / "links.csv").write_text("\n".join([links[0], ",".join(cells), *links[2:]]) + "\n", "utf-8")
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert {"foreign-key", "constraint-error"} <= {row[0] for row in report.flatten(["type"])}


def test_every_column_is_described():
    described = package("x", "X", {name: ["illustrative"] for name in table_names("input")})
    for resource in described["resources"]:
        table = load_table(resource["path"].removesuffix(".csv"))
        fields = [field["name"] for field in resource["schema"]["fields"]]
        names = [*table.key, *(name for name in table.columns if name not in table.key)]
        assert fields == [*names, "file", "sheet", "row"]
