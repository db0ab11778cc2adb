"""What was planted in the series of the bundled cycles is what the evaluation finds."""

import numpy as np
import pandas as pd
import pytest
from workbench import ILLUSTRATIVE, truth_of


@pytest.fixture(scope="module", params=ILLUSTRATIVE)
def bundled(request, made):
    read = {name: made.read_table(request.param, name) for name in ("effects", "evidence", "goals", "statements")}
    truth = truth_of(request.param)["indicators"]
    return {name: table.set_index("indicator") for name, table in read.items()} | {"truth": truth}


def planted(bundled):
    """Return the mean effect in per cent that was planted, over the periods that count."""
    means = {}
    for name, one in bundled["truth"].items():
        after = bundled["effects"].loc[name, "periods_after"]
        step = {True: 1 / 12, False: 1 / 4}[after + bundled["effects"].loc[name, "periods_before"] > 60]
        means[name] = 100 * np.expm1(one["level"] + one["slope_per_year"] * step * (after - 1) / 2)
    return pd.Series(means)


def test_where_no_effect_was_planted_none_is_claimed(bundled):
    for name, one in bundled["truth"].items():
        if not one["effect"]:
            assert bundled["evidence"].loc[name, "verdict"] not in ("thanks-to-measure", "plausible", "changed"), name
            assert bundled["statements"].loc[name, "word"] != "effective", name


def test_the_intervals_hold_what_was_planted(bundled):
    truth, effects = planted(bundled), bundled["effects"]
    inside = (effects["low"] <= truth.reindex(effects.index)) & (truth.reindex(effects.index) <= effects["high"])
    assert inside.mean() >= 1 - 1 / 12


def test_no_effect_is_seen_in_the_direction_in_which_none_was_planted(bundled):
    truth, effects = planted(bundled).reindex(bundled["effects"].index), bundled["effects"]
    sure = (effects["low"] > 0) | (effects["high"] < 0)
    assert (np.sign(effects["effect"][sure]) == np.sign(truth[sure])).all()


def test_comparison_series_that_did_not_run_parallel_are_not_used(bundled):
    for name, one in bundled["truth"].items():
        if not one["parallel"]:
            assert bundled["effects"].loc[name, ["design", "reason"]].tolist() == ["its", "not-parallel"], name
        if not one["comparisons"]:
            assert bundled["effects"].loc[name, "design"] == "its", name


def test_a_goal_is_never_called_attained_where_it_was_not(bundled):
    for name, one in bundled["truth"].items():
        verdict = bundled["goals"].loc[name, "verdict"]
        if name in bundled["goals"].index and not one["attained"]:
            assert verdict != "attained", name
