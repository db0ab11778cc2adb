"""Comparing two cycles: on the criteria that both have, no shift where nothing moved, and surer with a larger move."""

import itertools

import numpy as np
import pandas as pd
import pytest

from nvslib import review, review_figures, scales
from nvslib.cycle import open_cycle

DRAWS = 2000, 1, 0.3


def judged(criteria, best, width=1.0):
    """Return judgements and members of one assessor; best is scenario -> position on every criterion."""
    rows = [
        (scenario, criterion, max(position - width, 1.0), position, min(position + width, 5.0))
        for scenario, position in best.items()
        for criterion in [*criteria, scales.LIKELIHOOD]
    ]
    members = pd.DataFrame(rows, columns=["scenario", "criterion", "low", "best", "high"])
    long = members.melt(["scenario", "criterion"], var_name="bound", value_name="position")
    return long, members.assign(assessor="a", weight=1.0)


def compared(before, now):
    return review.compared(before, now, *DRAWS).set_index("scenario")


def test_a_cycle_compared_with_itself_moved_nowhere_and_nobody_can_tell():
    one = judged(["1.1", "2.1"], {"a": 2.0, "b": 4.0})
    found = compared(one, one)
    assert (found[["impact_shift", "likelihood_shift"]] == 0).all(axis=None)
    assert found[["impact_higher", "likelihood_higher"]].to_numpy() == pytest.approx(0.5, abs=0.04)


def test_only_shared_criteria_count():
    before, now = judged(["1.1", "2.1"], {"a": 3.0}), judged(["1.1", "2.1", "6.5"], {"a": 3.0})
    now[0].loc[now[0]["criterion"] == "6.5", "position"] = 5.0
    assert review.shared_criteria(before[0], now[0]) == ["1.1", "2.1"]
    assert compared(before, now).loc["a", "impact_shift"] == pytest.approx(0)


def test_the_position_is_that_of_the_mean_value():
    judgements, members = judged(["1.1", "2.1", "3.1"], {"a": 3.0})
    for criterion, position in (("1.1", 5.0), ("2.1", 1.0), ("3.1", 0.0)):
        judgements.loc[(judgements["criterion"] == criterion) & (judgements["bound"] == "best"), "position"] = position
    found = compared((judgements, members), (judgements, members))
    assert found.loc["a", "impact_now"] == pytest.approx(5 + np.log((1 + 1 / 81 + 0) / 3) / np.log(3))


def test_what_is_new_or_gone_has_no_shift():
    found = compared(judged(["1.1"], {"a": 3.0, "old": 2.0}), judged(["1.1"], {"a": 3.0, "young": 4.0}))
    assert found["state"].to_dict() == {"a": "both", "old": "gone", "young": "new"}
    assert found.loc[["old", "young"], ["impact_shift", "impact_higher", "likelihood_higher"]].isna().all(axis=None)
    assert found.loc["young", "impact_now"] == pytest.approx(4)
    assert pd.isna(found.loc["young", "impact_before"])


def test_the_further_it_moved_the_surer_it_is():
    before = judged(["1.1", "2.1"], {"a": 2.0})
    shares = [
        compared(before, judged(["1.1", "2.1"], {"a": 2.0 + moved})).loc["a", "impact_higher"]
        for moved in (-1, 0, 0.5, 1, 2)
    ]
    assert all(earlier < later for earlier, later in itertools.pairwise(shares))
    assert (shares[0], shares[-1]) == (pytest.approx(0, abs=0.1), pytest.approx(1))


def test_the_bundled_comparison_is_that_of_the_two_cycles(made):
    this = open_cycle("vsk-2023", project=made)
    table = made.read_table("vsk-2023", "comparison").set_index("scenario")
    names = {name: set(made.read_table(name, "likelihood")["scenario"]) for name in ("nvs-2019", "vsk-2023")}
    assert set(table.index[table["state"] == "both"]) == names["nvs-2019"] & names["vsk-2023"]
    assert set(table.index[table["state"] == "gone"]) == names["nvs-2019"] - names["vsk-2023"]
    scope = made.read_table("vsk-2023", "comparison_scope").iloc[0]
    assert (scope["previous"], scope["criteria"]) == ("nvs-2019", 16)
    assert (scope["both"], scope["new"], scope["gone"]) == tuple(
        table["state"].value_counts()[state] for state in ("both", "new", "gone")
    )
    sampling = this.sampling
    again = review.compared(
        *((made.read_table(name, "judgements"), made.read_table(name, "members")) for name in names),
        sampling.count, sampling.seed, sampling.dependence,
    ).set_index("scenario")  # fmt: skip
    for column in ("impact_shift", "impact_higher", "likelihood_higher"):
        assert table[column].to_numpy() == pytest.approx(again[column].loc[table.index].to_numpy(), nan_ok=True)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_chart_shows_every_scenario_of_both_and_says_that_data_are_made_up(made, language):
    comparison = made.read_table("vsk-2023", "comparison")
    scenarios = made.read_table("vsk-2023", "scenarios")
    chart = review_figures.shift_chart(scenarios, comparison, language)
    assert set(chart.data["scenario"]) == set(comparison[comparison["state"] == "both"]["scenario"])
    assert list(chart.data["impact_shift"]) == sorted(chart.data["impact_shift"], reverse=True)
    texts = [text.get_text() for text in chart.figure.findobj(lambda one: hasattr(one, "get_text"))]
    made_up = {"nl": "Illustratieve gegevens", "en": "Illustrative data"}[language]
    assert made_up in texts
    assert made_up in chart.caption
    assert chart.svg("nvs:x") == review_figures.shift_chart(scenarios, comparison, language).svg("nvs:x")
