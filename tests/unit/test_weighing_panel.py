"""Trying out measures: what is left, what is broken, and a picture that says so; the panel only calls these."""

import numpy as np
import pandas as pd
import pytest
from choices import CASE, EFFECTS, measures

from nvslib import portfolio, weighing_panel
from nvslib.portfolio import Limits

GAPS = pd.DataFrame([("flood", "evacuation", 0.0, 2.0, 3.0)], columns=["scenario", "capability", "low", "best", "high"])
SCENARIOS = pd.DataFrame(
    {"scenario": ["flood", "outage"], "title_nl": ["Vloed", "Uitval"], "title_en": ["Flood", "Outage"]}
)
CAPABILITIES = pd.DataFrame({"capability": ["evacuation"], "title_nl": ["Evacuatie"], "title_en": ["Evacuation"]})


@pytest.fixture
def case():
    acting = pd.concat([CASE[1], pd.DataFrame([("B2", "flood", "gap", "evacuation", 1, 1, 1)], columns=EFFECTS)])
    of = portfolio.options(CASE[0], acting)
    return of, portfolio.expected(of, acting, pd.Series(CASE[2]), GAPS)


def test_what_is_left_and_what_it_costs(case):
    found = weighing_panel.trial(*case, Limits(2e6, {}), ["B1", "B2"])
    assert (found.cost, found.without) == (2e6, pytest.approx(0.108))
    assert found.loss == pytest.approx(0.090 * 3**-0.5 + 0.018 / 9)
    assert found.risks.to_dict("index") == {
        "flood": {"before": pytest.approx(0.09), "after": pytest.approx(0.09 * 3**-0.5)},
        "outage": {"before": pytest.approx(0.018), "after": pytest.approx(0.002)},
    }
    assert found.gaps.loc["evacuation"].to_dict() == {"gap": pytest.approx(2), "left": pytest.approx(1)}
    assert found.broken == ()


def test_what_is_broken_is_named():
    table = measures(
        ("M1", "A", 1.0), ("M2", "A", 2.0), ("M3", "A", 1.0), requires={"M1": "M3"}, excludes={"M1": "M2"}
    ).assign(capacity=3.0)
    acting = pd.DataFrame([(name, "flood", "impact", "", 1, 1, 1) for name in ("M1", "M2", "M3")], columns=EFFECTS)
    of = portfolio.options(table, acting)
    stakes = portfolio.expected(of, acting, pd.Series({"flood": 0.2}), GAPS)
    found = weighing_panel.trial(of, stakes, Limits(2.0, {"A": 5.0}), ["M1", "M2"])
    assert found.broken == (("budget", ""), ("staff", "A"), ("needs", "M1, M3"), ("excludes", "M1, M2"))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_picture_is_the_same_each_time_and_changes_with_the_measures(case, language):
    of, stakes = case
    limits = Limits(2e6, {})
    best = weighing_panel.trial(of, stakes, limits, of.names(portfolio.choose(of, stakes, limits)))
    none = weighing_panel.trial(of, stakes, limits, [])
    first, again, other = (
        weighing_panel.picture(SCENARIOS, CAPABILITIES, tried, best, limits, language) for tried in (none, none, best)
    )
    assert first == again != other
    assert first.startswith(b"\x89PNG")


def test_the_panel_begins_with_the_best_choice_and_follows_the_budget(case):
    of, stakes = case
    panel = weighing_panel.measures_panel(SCENARIOS, CAPABILITIES, _titled(CASE[0]), of, stakes, Limits(2e6, {}))
    budget, button, boxes, image = panel.children
    assert boxes.value == ("A1",)
    before = image.value
    budget.value = 1
    assert image.value != before
    button.click()
    assert boxes.value == ("B2",)
    boxes.value = ()
    assert image.value not in (before, b"")
    assert np.isin(["A1", "B1", "B2"], [value for _, value in boxes.options]).all()


def _titled(table):
    return table.assign(title_nl="Maatregel", title_en="Measure")
