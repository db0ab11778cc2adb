"""Every fact walks back to raw cells that exist, and recomputed from them by its formula it is the same."""

import csv
import json

import pytest
from python_calamine import CalamineWorkbook

from nvslib.cycle import read_settings
from nvslib.editions import load_edition
from nvslib.explanation import Explainer, Raw, Setting, Step
from nvslib.problems import Problem
from nvslib.project import Project, sha256
from nvslib.scales import class_positions, impact_label, impact_position, likelihood_bounds, likelihood_label

PROJECT = Project.find()


@pytest.fixture(scope="module", params=PROJECT.cycles())
def explainer(request, made):
    return Explainer(made, request.param)


def ends(origin):
    """Yield what an explanation ends in."""
    if isinstance(origin, Step):
        assert origin.made_from, f"{origin.table}.{origin.column} ends in nothing"
        for behind in origin.made_from:
            yield from ends(behind)
    else:
        yield origin


def recomputed(origin):
    """Return the value of a step from what it was made from, by its formula, written here a second time."""
    if isinstance(origin, Raw):
        return origin.corrected[0]["corrected"] if origin.column and origin.corrected else origin.found
    if isinstance(origin, Setting):
        return origin.value
    behind = [recomputed(part) for part in origin.made_from]
    named = {getattr(part, "column", ""): value for part, value in zip(origin.made_from, behind, strict=True)}
    is_likelihood = "likelihood" in (origin.table, origin.key.get("criterion"))
    language = origin.column.rpartition("_")[2]
    formulas = {
        "count": lambda: len(behind),
        "consensus": lambda: behind[0],
        "taken-over": lambda: behind[0],
        "class-position": lambda: class_positions(criterion_is_likelihood=is_likelihood)[behind[0]],
        "class-value": lambda: 0 if behind[0] == "X" else 3 ** ("ABCDE".index(behind[0]) - 4),
        "weights-equal": lambda: 1 / len(load_edition("2014").criteria),
        "contribution": lambda: named["weight"] * named["value"],
        "weighted-sum": lambda: sum(behind),
        "impact-position": lambda: float(impact_position(behind[0])),
        "impact-label": lambda: impact_label(behind[0], language),
        "likelihood-label": lambda: likelihood_label(behind[0], language),
        "likelihood-bounds": lambda: likelihood_bounds(behind[0])[origin.column == "to_percent"],
        "rank": lambda: rank_of(origin, behind),
    }  # fmt: skip
    return formulas[origin.formula.id]()


def rank_of(origin, values):
    """Return one more than the number of values above the scenario's own."""
    own = next(
        value
        for part, value in zip(origin.made_from, values, strict=True)
        if part.key["scenario"] == origin.key["scenario"]
    )
    return 1 + sum(value > own + 1e-11 for value in values)


def test_every_fact_ends_in_raw_cells_that_exist(explainer, made):
    files = {}
    for name in explainer.facts:
        for end in ends(explainer.explain(name)):
            path = made.root / end.file
            if isinstance(end, Setting):
                assert path == made.cycle_file(explainer.cycle)
                continue
            if path not in files:
                files[path] = sha256(path), sheets_of(path)
            digest, sheets = files[path]
            assert end.sha256 == digest
            row = sheets[end.sheet][end.row - 1]
            if end.column:
                header = next(cells for cells in sheets[end.sheet] if end.heading in cells)
                assert str(row[header.index(end.heading)]) == end.found
            else:
                assert any(row)


def sheets_of(path):
    """Return the rows of every sheet of a raw file, read without the library."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return {"": list(csv.reader(file))}
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_every_fact_is_what_its_formula_makes_of_the_raw_cells(explainer):
    for name, fact in explainer.facts.items():
        value = recomputed(explainer.explain(name))
        assert value == (pytest.approx(fact.value, rel=1e-10) if isinstance(fact.value, float) else fact.value), name


def test_every_weight_is_what_the_setting_says(explainer):
    weights = [fact.value for fact in explainer.facts.values() if fact.table == "weights"]
    scored = "scoring" in read_settings(explainer.project, explainer.cycle).stages
    assert sum(weights) == (pytest.approx(1) if scored else 0)


def test_the_facts_that_must_be_there(made):
    facts = Explainer(made, "nrb-2014").facts
    for scenario in ("lek-dike-breach", "far-right-extremism", "criminal-trojan-horse"):
        for part in ("", ".low", ".high", ".position", ".label"):
            assert f"impact.{scenario}{part}" in facts
        for part in ("", ".label"):
            assert f"likelihood.{scenario}{part}" in facts
    assert facts["impact.lek-dike-breach"].value == pytest.approx(0.1630, abs=5e-5)
    assert facts["likelihood.lek-dike-breach"].value == "C"


def test_an_unknown_fact_names_those_near_it(made):
    with pytest.raises(Problem, match=r"Near it: impact\.lek-dike-breach"):
        Explainer(made, "nrb-2014").explain("impact.lek-dyke-breach")


def test_the_explanation_of_one_impact(made):
    step = Explainer(made, "nrb-2014").explain("impact.lek-dike-breach")
    assert (step.formula.id, step.formula.basis, len(step.made_from)) == ("weighted-sum", "reproduced", 10)
    raw = [end for end in ends(step) if isinstance(end, Raw)]
    assert [end.row for end in raw] == list(range(24, 34))
    assert {end.said["assessor"] for end in raw} == {"panel"}
    assert raw[0].said["reason"] == "A region stays flooded for ten months."
    assert (
        json.loads(json.dumps(step.record()))["made_from"][0]["formula"]["expression"]
        == "contribution = w_c * value(class)"
    )
