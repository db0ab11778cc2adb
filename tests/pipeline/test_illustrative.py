"""The illustrative cycles: drawn anew they are the same, marked as made up, complete, and their truth can be found."""

import subprocess
import sys

import pandas as pd
import pytest
from workbench import ILLUSTRATIVE, ROOT, copy_of_sources, truth_of

from nvslib import intake
from nvslib.cycle import open_cycle
from nvslib.tables import load_table, table_names


@pytest.fixture(scope="module", params=ILLUSTRATIVE)
def cycle(request):
    return request.param


@pytest.fixture(scope="module")
def truth(cycle):
    return truth_of(cycle)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A copy of the sources in which the cycles were drawn anew."""
    copy = copy_of_sources(tmp_path_factory.mktemp("drawn"))
    for path in (copy.root / "data" / "raw").glob("*-20*/*"):
        if path.parent.name in ILLUSTRATIVE and path.name != "origin.yaml":
            path.unlink()
    script = copy.root / "data" / "illustrative" / "make.py"
    environment = {"PYTHONPATH": str(copy.root / "src"), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "C.UTF-8"}
    subprocess.run([sys.executable, script], cwd=copy.root, env=environment, check=True)
    return copy


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_drawn_anew_they_are_the_same(made, drawn, cycle):
    assert files(drawn.raw(cycle)) == files(made.raw(cycle))
    name = f"truth-{cycle}.yaml"
    again, kept = (root / "data" / "illustrative" / name for root in (drawn.root, made.root))
    assert again.read_bytes() == kept.read_bytes()


def test_every_table_is_there_and_every_row_says_that_it_is_illustrative(made, cycle):
    for name in table_names("input"):
        table = made.read_table(cycle, name)
        assert len(table), name
        assert set(table["basis"]) == {"illustrative"}, name


def test_sizes(made, cycle):
    scenarios = made.read_table(cycle, "scenarios")
    assert len(scenarios) == {"nvs-2019": 30, "vsk-2023": 45}[cycle]
    assert scenarios["theme_en"].nunique() == 9
    assert set(scenarios["onset"]) == {"acute", "chronic", "slow"}
    assert set(scenarios["kind"]) == {"hazard", "threat"}
    judged = made.read_table(cycle, "assessments").groupby("scenario")["assessor"].nunique()
    assert judged.between(8, 12).all()
    levels = made.read_table(cycle, "capability_levels")
    assert (levels.groupby(["scenario", "capability"])["element"].nunique() == 9).all()


def test_measures_are_those_of_the_strategy(made, cycle):
    year = cycle.rpartition("-")[2]
    source = pd.read_csv(ROOT / "data" / "reference" / f"strategy-{year}.csv", dtype=str).set_index("id")
    column = {"2019": "measure", "2023": "priority"}[year]
    # As delivered: what is marked above the level is left out of what was validated.
    measures = open_cycle(cycle, project=made).raw().tables["measures"].cells.set_index("measure").fillna("")
    assert set(source.index) <= set(measures.index)
    for language in ("nl", "en"):
        assert (measures.loc[source.index, f"title_{language}"] == source[f"{column}_{language}"]).all()
    others = measures.drop(source.index)
    assert set(others.loc[others["part_of"] == "", "state"]) <= {"option"}


def test_the_planted_assessors_show(made, cycle, truth):
    spread = made.read_table(cycle, "assessor_spread").set_index("assessor")
    (biased,), (narrow,) = (list(truth["assessors"][kind]) for kind in ("biased", "overconfident"))
    assert spread["shift"].abs().idxmax() == biased
    assert spread["width"].idxmin() == narrow


def test_the_planted_silences_show(made, cycle, truth):
    reporting = made.read_table(cycle, "reporting")
    last = reporting[reporting["date"] == reporting["date"].max()]
    assert set(last.loc[last["reported"] == 0, "department"]) == set(truth["follow_up"]["silent"])


def test_the_wrong_cells_were_corrected(made, cycle, truth):
    corrected = made.read_table(cycle, "corrected")
    planted = pd.DataFrame(truth["corrected"])
    assert set(zip(corrected["table"], corrected["key"], corrected["column"], strict=True)) == set(
        zip(planted["table"], planted["key"], planted["column"], strict=True)
    )
    assert (corrected["who"] != "").all()
    lineage = (made.results(cycle, "validation") / "lineage.json").read_text("utf-8")
    assert all(why in lineage for why in corrected["why"])


def test_the_same_cells_whatever_the_form_of_the_files(made):
    """The workbooks of departments, in Dutch and with odd notations, hold what the definitions ask for."""
    taken = intake.take_in(made.raw("vsk-2023"), made.shown)
    assert {path.suffix for path in taken.files.values()} == {".csv", ".xlsx", ".ods"}
    assert not taken.misread
    kinds = {one.kind for one in taken.normalised}
    assert kinds >= {"spaces", "case", "dutch-word", "number", "date", "class", "criterion", "sheet-name", "header-row"}
    assert set(taken.tables["progress"].cells["status"].dropna()) <= {
        *load_table("progress").columns["status"].choices,
        *{row["from"] for row in taken.tables["corrections"].cells.to_dict("records")},
    }
