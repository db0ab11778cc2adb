"""The choice of measures equals that of trying every set, whatever the budget, staff, needs and gaps."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import portfolio

SCENARIOS = ("flood", "outage", "pandemic")
CAPABILITIES = ("evacuation", "stocks")
LEVEL = 0.5  # classes of impact for one level of a gap


@st.composite
def instances(draw, most=8):
    """Return measures, effects, losses, gaps, budget and staff, small enough to try every set."""
    names = [f"M{number:02d}" for number in range(draw(st.integers(1, most)))]
    other = st.lists(st.sampled_from(names), max_size=1).map("; ".join)
    measures = pd.DataFrame({
        "measure": names,
        "department": [draw(st.sampled_from(["A", "B"])) for _ in names],
        "state": "option",
        "cost_per_year": [float(draw(st.integers(0, 6))) for _ in names],
        "capacity": [draw(st.sampled_from([0.0, 1.0, 2.0, math.nan])) for _ in names],
        "requires": [draw(other) for _ in names],
        "excludes": [draw(other) for _ in names],
        "part_of": "",
    })  # fmt: skip
    # A measure cannot do without itself, nor go against itself.
    for column in ("requires", "excludes"):
        measures[column] = measures[column].where(measures[column] != measures["measure"], "")
    rows = []
    for name in names:
        for scenario in draw(st.lists(st.sampled_from(SCENARIOS), max_size=2, unique=True)):
            acts_on = draw(st.sampled_from(["likelihood", "impact", "gap"]))
            capability = draw(st.sampled_from(CAPABILITIES)) if acts_on == "gap" else ""
            best = draw(st.integers(0, 12)) / 10
            rows.append((name, scenario, acts_on, capability, best / 2, best, 2 * best))
    columns = ["measure", "scenario", "acts_on", "capability", "low", "best", "high"]
    gaps = pd.DataFrame(
        [(s, c, 0.0, draw(st.integers(0, 3)) / 2, 3.0) for s, c in itertools.product(SCENARIOS, CAPABILITIES)],
        columns=["scenario", "capability", "low", "best", "high"],
    )
    losses = pd.Series({name: draw(st.sampled_from([0.0, 0.001, 0.02, 0.3])) for name in SCENARIOS})
    budget = draw(st.integers(0, 20))
    staff = draw(st.dictionaries(st.sampled_from(["A", "B"]), st.integers(0, 5).map(float)))
    return measures, pd.DataFrame(rows, columns=columns), losses, gaps, budget, staff


def left(chosen, effects, losses, gaps):
    """Return the loss that a set leaves, written a second time."""
    total = 0.0
    for scenario, loss in losses.items():
        own = effects[(effects["scenario"] == scenario) & effects["measure"].isin(chosen)]
        exponent = {side: own.loc[own["acts_on"] == side, "best"].sum() for side in ("likelihood", "impact")}
        closed = 0.0
        for _, gap in gaps[gaps["scenario"] == scenario].iterrows():
            done = own.loc[(own["acts_on"] == "gap") & (own["capability"] == gap["capability"]), "best"].sum()
            closed += min(done, gap["best"])
        total += loss * 10 ** -exponent["likelihood"] * 3 ** -(exponent["impact"] + LEVEL * closed)
    return total


def allowed(chosen, measures, budget, staff):
    """Return whether a set keeps to budget, staff, needs and exclusions."""
    rows = measures[measures["measure"].isin(chosen)]
    if rows["cost_per_year"].sum() > budget:
        return False
    if any(rows.loc[rows["department"] == name, "capacity"].sum() > most for name, most in staff.items()):
        return False
    for _, row in rows.iterrows():
        if row["requires"] and row["requires"] not in chosen:
            return False
        if row["excludes"] and row["excludes"] in chosen:
            return False
    return True


def best_by_trying(measures, effects, losses, gaps, budget, staff, candidates):
    """Return the least loss of every set that is allowed, and the least cost and size with which it is had."""
    tried = [
        (left(chosen, effects, losses, gaps), measures.loc[measures["measure"].isin(chosen), "cost_per_year"].sum(),
         len(chosen))
        for size in range(len(candidates) + 1)
        for chosen in itertools.combinations(candidates, size)
        if allowed(chosen, measures, budget, staff)
    ]  # fmt: skip
    least = min(loss for loss, _, _ in tried)
    return least, min((cost, size) for loss, cost, size in tried if loss <= least + 1e-9 * losses.sum())


@given(instances())
@settings(max_examples=150)
def test_the_choice_is_that_of_trying_every_set(instance):
    measures, effects, losses, gaps, budget, staff = instance
    of = portfolio.options(measures, effects)
    stakes = portfolio.expected(of, effects, losses, gaps)
    chosen = portfolio.choose(of, stakes, portfolio.Limits(budget, staff))
    names = of.names(chosen)
    least, (cost, size) = best_by_trying(measures, effects, losses, gaps, budget, staff, of.measures)
    assert allowed(names, measures, budget, staff)
    assert left(names, effects, losses, gaps) == pytest.approx(least, rel=1e-8, abs=1e-12)
    assert stakes.total(chosen)[0] == pytest.approx(left(names, effects, losses, gaps), rel=1e-12, abs=1e-15)
    assert (of.cost[chosen].sum(), chosen.sum()) == (pytest.approx(cost), size)


@given(instances(14))
@settings(max_examples=4)
def test_it_is_so_with_fourteen_measures_too(instance):
    measures, effects, losses, gaps, budget, staff = instance
    of = portfolio.options(measures, effects)
    chosen = portfolio.choose(of, portfolio.expected(of, effects, losses, gaps), portfolio.Limits(budget, staff))
    least, _ = best_by_trying(measures, effects, losses, gaps, budget, staff, of.measures)
    assert left(of.names(chosen), effects, losses, gaps) == pytest.approx(least, rel=1e-8, abs=1e-12)


@given(instances(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_does_not_matter(instance, random):
    measures, effects, losses, gaps, budget, staff = instance

    def shuffled(table):
        return table.sample(frac=1, random_state=random.randrange(2**32))

    found = []
    for rows, acting, needs in ((measures, effects, gaps), (shuffled(measures), shuffled(effects), shuffled(gaps))):
        of = portfolio.options(rows, acting)
        stakes = portfolio.expected(of, acting, losses.sample(frac=1, random_state=random.randrange(2**32)), needs)
        found.append(of.names(portfolio.choose(of, stakes, portfolio.Limits(budget, staff))))
    assert found[0] == found[1]


@given(instances())
@settings(max_examples=40)
def test_more_budget_never_leaves_more(instance):
    measures, effects, losses, gaps, _, staff = instance
    of = portfolio.options(measures, effects)
    stakes = portfolio.expected(of, effects, losses, gaps)
    table = portfolio.frontier(of, stakes, stakes, portfolio.Limits(0, staff), [0, 3, 8, 40])
    assert (np.diff(table["loss"]) <= 1e-9 * max(losses.sum(), 1e-9)).all()
    assert (table["cost"] <= table["budget"]).all()


@given(instances())
@settings(max_examples=40)
def test_departments_alone_never_do_better_and_keep_to_the_same_limits(instance):
    measures, effects, losses, gaps, budget, staff = instance
    of = portfolio.options(measures, effects)
    stakes = portfolio.expected(of, effects, losses, gaps)
    limits = portfolio.Limits(budget, staff)
    apart, together = portfolio.silos(of, stakes, limits), portfolio.choose(of, stakes, limits)
    assert allowed(of.names(apart), measures, budget + 1e-9, staff)
    assert stakes.total(together)[0] <= stakes.total(apart)[0] + 1e-9 * losses.sum()
