"""Draws keep the distribution of every cell exactly, whatever the dependence, and whoever computed them."""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest

from nvslib import scales, uncertainty

N = 20_000
CELLS = {
    "panel": [(1, 1, 2, 4)],
    "certain": [(1, 3, 3, 3)],
    "leaning low": [(1, 2, 2, 5)],
    "leaning high": [(1, 0, 3, 3)],
    "two that agree": [(0.5, 1, 2, 4), (0.5, 1, 2, 4)],
    "two far apart": [(0.3, 0, 0.5, 1), (0.7, 4, 4.5, 5)],
    "certain but apart": [(0.2, 1, 1, 1), (0.5, 3, 3, 3), (0.3, 4, 4, 4)],
    "mixed": [(0.1, 0, 1, 5), (0.4, 2, 2, 2), (0.2, 2, 3, 3), (0.3, 1, 1, 3), (0, 5, 5, 5)],
}
WEIGHTS = {"even": {name: 1 / len(CELLS) for name in CELLS}}


def table(cells):
    """Return members from (scenario, criterion) -> members; each scenario gets a likelihood around C."""
    given = cells | {(scenario, "likelihood"): [(1, 2, 3, 4)] for scenario, _ in cells}
    rows = [
        (*cell, f"a{number}", *member) for cell, found in given.items() for number, member in enumerate(found, start=1)
    ]
    return pd.DataFrame(rows, columns=["scenario", "criterion", "assessor", "weight", "low", "best", "high"])


MEMBERS = table({(scenario, name): cell for scenario in ("a", "b", "c") for name, cell in CELLS.items()})
CRITERIA = sorted([*CELLS, "likelihood"])


def positions(members=MEMBERS, n=N, seed=1, **options):
    return np.concatenate(list(uncertainty.position_blocks(members, n, seed, **options)))


def moments(cell):
    """Return the mean and variance of a mixture of triangles, in closed form."""
    weight, low, best, high = np.array(cell, dtype=float).T
    means = (low + best + high) / 3
    variances = (low**2 + best**2 + high**2 - low * best - low * high - best * high) / 18
    mean = weight @ means
    return mean, weight @ (variances + (means - mean) ** 2)


@pytest.mark.parametrize("dependence", [0.0, 0.6])
@pytest.mark.parametrize("name", CELLS)
def test_the_marginal_of_a_cell_is_the_mixture_of_its_members(name, dependence):
    drawn = positions(dependence=dependence)[:, 0, CRITERIA.index(name)]
    mean, variance = moments(CELLS[name])
    # Rounding aside (a cell that is certain), within four standard errors.
    assert abs(drawn.mean() - mean) <= 4 * np.sqrt(variance / N) + 1e-12
    fourth = ((drawn - mean) ** 4).mean()
    assert abs(drawn.var() - variance) <= 4 * np.sqrt(max(fourth - variance**2, 0) / N) + 1e-12
    assert drawn.min() >= min(low for weight, low, _, _ in CELLS[name] if weight)
    assert drawn.max() <= max(high for weight, _, _, high in CELLS[name] if weight)


def probability(cell, at):
    """Return the distribution function of a mixture of triangles, written out side by side."""
    total = np.zeros_like(at)
    for weight, low, best, high in cell:
        if low == high:
            total += weight * (at >= low)
            continue
        rising = (at - low) ** 2 / ((high - low) * max(best - low, 1e-300))
        falling = 1 - (high - at) ** 2 / ((high - low) * max(high - best, 1e-300))
        total += weight * np.select([at <= low, at < best, at < high], [0.0 * at, rising, falling], 1.0)
    return total


@pytest.mark.parametrize("name", CELLS)
def test_the_inverse_is_exact(name):
    u = np.linspace(0.0005, 0.9995, 1999)
    mixed = uncertainty.mixtures(table({("a", name): CELLS[name]}))
    at = mixed.quantiles(np.broadcast_to(u[:, np.newaxis, np.newaxis], (len(u), 1, 2)).copy())
    x = at[:, 0, mixed.criteria.index(name)]
    assert (np.diff(x) >= 0).all()
    # Where probability lies in one position, the distribution function jumps over u.
    assert (probability(CELLS[name], x + 1e-9) >= u - 1e-7).all()
    assert (probability(CELLS[name], x - 1e-9) <= u + 1e-7).all()


def test_the_ends_of_the_distribution_are_the_outermost_bounds():
    mixed = uncertainty.mixtures(MEMBERS)
    shape = (1, len(mixed.scenarios), len(mixed.criteria))
    ends = mixed.quantiles(np.zeros(shape))[0, 0], mixed.quantiles(np.ones(shape))[0, 0]
    for name, cell in CELLS.items():
        heard = [member for member in cell if member[0]]
        low, high = (end[mixed.criteria.index(name)] for end in ends)
        assert (low, high) == (min(member[1] for member in heard), max(member[3] for member in heard))


def correlations(drawn):
    wide = [name for name in CRITERIA if name != "certain"]
    frame = pd.DataFrame(drawn[:, 0, :], columns=CRITERIA)[wide]
    return frame.corr("spearman").to_numpy()[np.triu_indices(len(wide), 1)], wide


def test_dependence_raises_correlation_within_a_scenario_and_nothing_else():
    none, names = correlations(positions(dependence=0.0))
    some, _ = correlations(positions(dependence=0.5))
    full, _ = correlations(positions(dependence=1.0))
    first, second = np.triu_indices(len(names), 1)
    of_criteria = np.array(
        [(names[a] != "likelihood") & (names[b] != "likelihood") for a, b in zip(first, second, strict=True)]
    )
    assert np.abs(none).max() < 4 / np.sqrt(N)
    assert (some[of_criteria] > 0.3).all()
    assert (full[of_criteria] > some[of_criteria]).all()
    for found in (some, full):
        assert np.abs(found[~of_criteria]).max() < 4 / np.sqrt(N)
    apart = positions(dependence=1.0)[:, :, CRITERIA.index("panel")]
    assert np.abs(np.corrcoef(apart.T)[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(N)


def test_the_correlation_is_that_of_the_copula():
    """Of a Gaussian copula: Spearman's rho is 6 / pi * arcsin(r / 2)."""
    members = table({("a", "x"): [(1, 0, 2, 5)], ("a", "y"): [(1, 1, 1, 4)]})
    drawn = pd.DataFrame(positions(members, dependence=0.5)[:, 0, 1:], columns=["x", "y"])
    expected = 6 / np.pi * np.arcsin(0.25)
    assert drawn.corr("spearman").loc["x", "y"] == pytest.approx(expected, abs=4 / np.sqrt(N))


def test_full_dependence_is_comonotone():
    members = table({("a", "x"): CELLS["mixed"], ("a", "y"): CELLS["two far apart"]})
    x, y = positions(members, dependence=1.0)[:, 0, 1:].T
    assert (np.diff(y[np.lexsort((y, x))]) >= 0).all()


def drawn(n=2500, seed=7, **options):
    return uncertainty.draws(MEMBERS, WEIGHTS, n, seed, dependence=0.3, **options)


def same(one, other):
    return one.likelihoods.equals(other.likelihoods) and all(
        one.impacts[name].to_numpy().tobytes() == other.impacts[name].to_numpy().tobytes() for name in one.impacts
    )


def test_one_and_two_processes_give_the_same_bytes():
    alone = drawn()
    with ProcessPoolExecutor(2) as executor:
        assert same(drawn(executor=executor), alone)
    with ProcessPoolExecutor(1) as executor:
        assert same(drawn(executor=executor), alone)


def test_the_same_seed_gives_the_same_draws_and_another_does_not():
    assert same(drawn(), drawn())
    assert same(drawn(seed=[7, 1]), drawn(seed=[7, 1]))
    for seed in (8, [7, 1]):
        other = drawn(seed=seed)
        assert not (other.impacts["even"].to_numpy() == drawn().impacts["even"].to_numpy()).any()


def test_more_draws_begin_with_the_same_ones():
    few, many = drawn(1300), drawn(2500)
    pd.testing.assert_frame_equal(many.impacts["even"].head(1300), few.impacts["even"], rtol=0, atol=0)


def test_the_size_of_a_block_belongs_to_the_seed():
    """Another size gives other draws of the same distribution; so it is never chosen by the machine."""
    one, other = drawn(N, block=1000), drawn(N, block=700)
    assert not same(one, other)
    difference = one.impacts["even"].mean() - other.impacts["even"].mean()
    error = np.sqrt((one.impacts["even"].var() + other.impacts["even"].var()) / N)
    assert (difference.abs() < 4 * error).all()


def test_the_order_of_rows_does_not_matter():
    shuffled = MEMBERS.sample(frac=1, random_state=3)
    assert same(uncertainty.draws(shuffled, WEIGHTS, 500, 7, dependence=0.3), drawn(500))


def test_memory_is_bounded_by_the_block():
    """Four times the draws must not take four times the memory: only draws × scenarios are kept."""

    def peak(n):
        tracemalloc.start()
        drawn(n, block=500)
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    all_positions = 8 * 20_000 * 3 * len(CRITERIA)
    assert peak(20_000) - peak(5_000) < all_positions / 2


def test_profiles_are_weighed_on_the_same_positions():
    only = {name: float(name == "panel") for name in CELLS}
    impacts = uncertainty.draws(MEMBERS, WEIGHTS | {"only": only}, 500, 3).impacts
    found = positions(n=500, seed=3)
    assert np.array_equal(impacts["only"], scales.impact_value(found[..., CRITERIA.index("panel")]))
    values = scales.impact_value(np.delete(found, CRITERIA.index("likelihood"), axis=2))
    assert impacts["even"].to_numpy() == pytest.approx(values.mean(axis=2))


def test_weights_may_differ_per_draw():
    impact_criteria = sorted(CELLS)
    rows = pd.DataFrame(np.random.default_rng(2).dirichlet(np.ones(len(CELLS)), 1500), columns=impact_criteria)
    impacts = uncertainty.draws(MEMBERS, {"simplex": rows}, 1500, 3).impacts["simplex"]
    found = np.delete(positions(n=1500, seed=3), CRITERIA.index("likelihood"), axis=2)
    assert np.array_equal(impacts, uncertainty.impact_draws(found, rows.to_numpy()))
    expected = (scales.impact_value(found) * rows.to_numpy()[:, np.newaxis]).sum(axis=2)
    assert impacts.to_numpy() == pytest.approx(expected)


def test_a_certain_cycle_has_the_impact_of_its_judgements():
    members = table({("a", "x"): [(1, 4, 4, 4)], ("a", "y"): [(1, 0, 0, 0)]})
    impacts = uncertainty.draws(members, {"even": {"x": 0.5, "y": 0.5}}, 10, 1).impacts["even"]
    assert impacts["a"].to_numpy() == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (MEMBERS[MEMBERS["criterion"] != "likelihood"], "no judgement: a, likelihood"),
        (MEMBERS[(MEMBERS["scenario"] != "b") | (MEMBERS["criterion"] != "panel")], "no judgement: b, panel"),
        (MEMBERS.assign(low=4.5), "low <= best <= high does not hold: a, panel"),
        (MEMBERS.assign(weight=0.9), "weights add up to 0.9, not 1: a, certain"),
    ],
)
def test_members_that_are_not_whole_are_refused(members, message):
    with pytest.raises(ValueError, match=message):
        uncertainty.mixtures(members)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"panel": 1.0}, "criteria without a weight: certain, "),
        (dict.fromkeys(CELLS, 0.2), "weights do not add up to 1"),
        (pd.DataFrame([WEIGHTS["even"]] * 3), "3 sets of weights for 10 draws"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        uncertainty.draws(MEMBERS, {"these": weights}, 10, 1)


def test_likelihood_at_the_ends_of_classes_is_their_bound():
    at = [0.5, 5 / 6, 7 / 6, 1.5, 11 / 6, 13 / 6, 2.5, 17 / 6, 19 / 6, 3.5, 23 / 6, 25 / 6, 4.5, 5.5]
    percent = [0, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100]
    assert uncertainty.likelihood_draws(np.array(at)) == pytest.approx(percent)


@pytest.mark.parametrize("name", scales.likelihood_classes())
def test_the_position_of_a_class_lies_within_its_bounds(name):
    lower, upper = scales.likelihood_bounds(name)
    found = uncertainty.likelihood_draws(np.array(scales.likelihood_classes()[name]))
    assert lower < found < upper
    if name != "A":  # which reaches down to 0; its middle stands for that of its middle subclass
        assert found == pytest.approx(np.sqrt(lower * upper) if lower else upper / 2)


def test_a_higher_position_is_always_more_likely():
    percent = uncertainty.likelihood_draws(np.linspace(0.5, 5.5, 1001))
    assert (np.diff(percent) > 0).all()
    assert (percent[0], percent[-1]) == (0, pytest.approx(100))


def test_intervals_are_quantiles():
    values = pd.DataFrame({"a": np.arange(101.0), "b": np.full(101, 3.0)})
    assert uncertainty.intervals(values).to_numpy().tolist() == [
        ["a", pytest.approx(5), 50, pytest.approx(95)],
        ["b", 3, 3, 3],
    ]
    assert uncertainty.intervals(values, 0.5)["low"].to_list() == [25, 3]


def test_a_likelihood_position_is_the_inverse_of_a_likelihood_draw():
    at = np.linspace(0.5, 5.5, 501)
    assert uncertainty.likelihood_position(uncertainty.likelihood_draws(at)) == pytest.approx(at, abs=1e-9)
    assert uncertainty.likelihood_position([0, 0.05, 0.5, 5, 50, 100]) == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])


def test_the_density_counts_every_draw_in_its_square():
    impacts = pd.DataFrame({"a": [1 / 9, 1 / 9, 1.0, 0.0], "b": [1 / 27] * 4})
    likelihoods = pd.DataFrame({"a": [0.6, 0.6, 60, 0.001], "b": [20.0] * 4})
    found = uncertainty.density(impacts, likelihoods).set_index("scenario")
    assert found.loc["b", "share"] == 1
    assert found["share"].groupby("scenario").sum().tolist() == [1, 1]
    of_a = found.loc["a"].sort_values("impact")
    assert of_a["share"].tolist() == [0.25, 0.5, 0.25]
    half = uncertainty.SQUARE / 2
    for side, exact in {"impact": (0, 3, 5), "likelihood": uncertainty.likelihood_position([0.001, 0.6, 60])}.items():
        assert (abs(of_a[side].to_numpy() - np.array(exact)) <= half + 1e-9).all()
