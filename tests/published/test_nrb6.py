"""National Risk Assessment 6 (ANV/RIVM, 2014): its Table 1 gives the labels, order and likelihoods that it prints."""

import copy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymcdm.methods import WSM

from nvslib import impact, judgement, scales

HERE = Path(__file__).parent
PUBLISHED = pd.read_csv(HERE / "nrb-2014-published.csv").set_index("scenario")
RECOMPUTED = pd.read_csv(HERE / "nrb-2014-recomputed.csv").set_index("scenario")


def agrees(overall):
    """Tell whether an overall impact is that of Table 1: nine values to 4 decimals, nine positions to 2."""
    table = overall.pivot(index="scenario", columns="bound", values=["value", "position"])
    return all(
        round(table[kind][bound][scenario], digits) == RECOMPUTED.loc[scenario, f"{bound}_{kind}"]
        for scenario in RECOMPUTED.index
        for bound in scales.BOUNDS
        for kind, digits in (("value", 4), ("position", 2))
    )


def test_values_and_positions(overall):
    assert agrees(overall)


@pytest.mark.parametrize("language", scales.LANGUAGES)
def test_overall_labels(overall, language):
    best = overall[overall["bound"] == "best"].set_index("scenario")
    assert best[f"label_{language}"].to_dict() == PUBLISHED[f"overall_impact_label_{language}"].to_dict()


def test_order_on_the_impact_axis(overall):
    best = overall[overall["bound"] == "best"].set_index("scenario")
    assert best["rank"].to_dict() == PUBLISHED["diagram_order"].to_dict()


def test_likelihood_classes(judgements):
    likelihood = judgement.likelihood(judgements)
    best = likelihood[likelihood["bound"] == "best"].set_index("scenario")["class"].to_dict()
    assert best == {"far-right-extremism": "B-high", "lek-dike-breach": "C", "criminal-trojan-horse": "C-high"}


def test_the_results_of_record_are_these(made):
    assert agrees(made.read_table("nrb-2014", "impact"))


def test_exact_arithmetic_agrees(overall, assessments):
    """The same sums in fractions, without the library: nothing hides in floating point."""
    value = {"X": Fraction(0)} | {name: Fraction(1, 3 ** (4 - power)) for power, name in enumerate("ABCDE")}
    cells = assessments[assessments["criterion"] != "likelihood"]
    for row in overall.itertuples():
        classes = cells.loc[cells["scenario"] == row.scenario, row.bound]
        assert row.value == pytest.approx(float(sum(map(value.get, classes)) / 10), abs=1e-15)


def test_an_independent_library_agrees(overall, judgements, weights):
    """pymcdm's weighted sum model over the values of the classes, with values that are shares already."""
    best = judgements[(judgements["bound"] == "best") & (judgements["criterion"] != "likelihood")]
    matrix = best.pivot(index="scenario", columns="criterion", values="position")
    values = scales.impact_value(matrix.to_numpy())
    model = WSM(normalization_function=lambda column, cost=False: column)  # noqa: ARG005 - shares already
    scores = model(values, np.array([weights[name] for name in matrix.columns]), np.ones(len(matrix.columns)))
    ours = overall[overall["bound"] == "best"].set_index("scenario").loc[matrix.index, "value"]
    assert ours.to_numpy() == pytest.approx(scores, abs=1e-12)


@pytest.mark.parametrize("factor", [2.9, 3.01, 4, 10])
def test_another_factor_does_not_reproduce_it(monkeypatch, judgements, weights, factor):
    changed = copy.deepcopy(scales.constants())
    changed["impact"]["factor"]["value"] = factor
    monkeypatch.setattr(scales, "constants", lambda: changed)
    assert not agrees(impact.weighted_sum(impact.contributions(judgements, weights)))


@pytest.mark.parametrize("name", "ABCDE")
def test_another_class_value_does_not_reproduce_it(judgements, weights, name):
    moved = judgements.assign(position=judgements["position"] + 0.02 * (judgements["class"] == name))
    assert not agrees(impact.weighted_sum(impact.contributions(moved, weights)))


@pytest.mark.parametrize("tolerance", [0.13, 0.36])
def test_another_tolerance_gives_other_labels(monkeypatch, overall, tolerance):
    """One sixth is our own rule; a wider or narrower one must be noticed, in the best labels or in the margins."""
    changed = copy.deepcopy(scales.constants())
    changed["impact"]["single_label_tolerance"]["value"] = tolerance
    monkeypatch.setattr(scales, "constants", lambda: changed)
    labels = [scales.impact_label(position, "en") for position in overall["position"]]
    assert labels != list(overall["label_en"])


def test_the_raw_cells_are_those_of_the_table(assessments):
    """33 cells of three, as printed; low <= best <= high in every one."""
    assert len(assessments) == 33
    for row in assessments.itertuples():
        order = scales.class_positions(criterion_is_likelihood=row.criterion == "likelihood")
        assert order[row.low] <= order[row.best] <= order[row.high]
