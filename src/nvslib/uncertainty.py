"""Draws of impact and likelihood from judgements as they were given, and the intervals that follow from them.

A member is one assessor's low, best and high position for one cell (scenario × criterion): a triangle. A cell is the
mixture of its members by weight. One uniform number per cell and draw goes through the inverse of the distribution of
the whole mixture, exactly. So each cell keeps its own distribution whatever the dependence between cells, and a higher
number always means a higher position, also where assessors disagree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nvslib import scales

Array = NDArray[np.float64]
CELL = ["scenario", "criterion"]
SQUARE = 1 / 6  # of a class; the side of a square in which draws are counted


@dataclass(frozen=True)
class Mixtures:
    """The distribution of every cell, cut into pieces on which its density is a straight line.

    A piece begins at probability ``start`` and position ``position``, with density ``density`` (infinite where all its
    probability lies in that one position) and ``slope``. These four are scenarios × criteria × pieces; cells with fewer
    pieces are filled up with pieces that never begin. ``highest`` is scenarios × criteria.
    """

    scenarios: tuple[str, ...]
    criteria: tuple[str, ...]
    start: Array
    position: Array
    density: Array
    slope: Array
    highest: Array

    def quantiles(self, probability: Array) -> Array:
        """Return the position below which each cell lies with the given probability; ... × scenarios × criteria."""
        cells, pieces = self.highest.shape, self.start.shape[-1]
        at = np.arange(0, math.prod(cells) * pieces, pieces).reshape(cells) + np.zeros(probability.shape, np.intp)
        for piece in range(1, pieces):
            at += probability >= self.start[..., piece]
        rest = probability - np.take(self.start, at)
        density = np.take(self.density, at)
        # The root of density * t + slope * t**2 / 2 = rest in the form that holds without a slope and at infinity.
        root = np.sqrt(np.maximum(density * density + 2 * np.take(self.slope, at) * rest, 0))
        step = 2 * rest / np.maximum(density + root, np.finfo(float).tiny)
        return np.asarray(np.minimum(np.take(self.position, at) + step, self.highest))


def mixtures(members: pd.DataFrame) -> Mixtures:
    """Return the distribution of every cell: the mixture of triangles of its members.

    Parameters
    ----------
    members
        Columns scenario, criterion, assessor, weight, low, best, high; positions on the scale, low <= best <= high. The
        weights of a cell add up to 1. Every scenario has a likelihood and the same criteria.

    Returns
    -------
    Mixtures
        Scenarios and criteria in alphabetical order, so the order of rows does not matter.

    Raises
    ------
    ValueError
        A cell is missing, its weights do not add up to 1, or bounds are out of order.
    """
    ordered = (members["low"] <= members["best"]) & (members["best"] <= members["high"])
    if not ordered.all():
        raise ValueError(f"low <= best <= high does not hold: {_first_cell(members[~ordered])}")
    sums = members.groupby(CELL)["weight"].sum()
    off = sums[~np.isclose(sums, 1)].reset_index()
    if not off.empty:
        raise ValueError(f"weights add up to {off['weight'].iloc[0]}, not 1: {_first_cell(off)}")
    scenarios = tuple(sorted(members["scenario"].unique()))
    criteria = tuple(sorted({*members["criterion"], scales.LIKELIHOOD}))
    cells = pd.MultiIndex.from_product([scenarios, criteria], names=CELL)
    absent = sums.reindex(cells).isna()
    if absent.any():
        raise ValueError(f"no judgement: {_first_cell(absent[absent].reset_index())}")

    # Of equal rows in another order the sums would differ by rounding.
    rows = members.sort_values([*CELL, "low", "best", "high", "weight"])
    found = [
        _pieces(*(cell[name].to_numpy(dtype=float) for name in ("weight", "low", "best", "high")))
        for _, cell in rows.groupby(CELL)
    ]
    longest = max(pieces.shape[1] for pieces in found)
    table = np.zeros((4, len(found), longest))
    table[0] = np.inf
    for number, pieces in enumerate(found):
        table[:, number, : pieces.shape[1]] = pieces
    shape = (len(scenarios), len(criteria))
    highest = rows[rows["weight"] > 0].groupby(CELL)["high"].max().to_numpy(dtype=float)
    start, position, density, slope = table.reshape(4, *shape, longest)
    return Mixtures(scenarios, criteria, start, position, density, slope, highest.reshape(shape))


def _pieces(weight: Array, low: Array, best: Array, high: Array) -> Array:
    """Return start, position, density and slope (rows) of the pieces (columns) of one mixture of triangles."""
    knots = np.unique(np.concatenate([low, best, high]))
    left, right = knots[:-1, np.newaxis], knots[1:, np.newaxis]
    rises, falls = (low <= left) & (right <= best), (best <= left) & (right <= high)
    with np.errstate(divide="ignore", invalid="ignore"):  # where a triangle has no such side, it is not used
        peak = 2 * weight / (high - low)
        up, down = peak / (best - low), peak / (high - best)
        density = np.where(rises, up * (left - low), 0).sum(axis=1) + np.where(falls, down * (high - left), 0).sum(
            axis=1
        )
        slope = np.where(rises, up, 0).sum(axis=1) - np.where(falls, down, 0).sum(axis=1)
    width = np.diff(knots)
    # At each knot the members without width, then the stretch up to the next knot.
    pieces = np.zeros((4, 2 * len(knots) - 1))
    probability, position, densities, slopes = pieces
    position[:] = np.repeat(knots, 2)[:-1]
    probability[::2] = np.where((low == high) & (low == knots[:, np.newaxis]), weight, 0).sum(axis=1)
    probability[1::2] = (density + slope * width / 2) * width
    densities[::2] = np.inf
    densities[1::2], slopes[1::2] = density, slope
    kept = pieces[:, probability > 0]
    kept[0] = np.concatenate([[0.0], np.cumsum(kept[0])[:-1]])
    return kept


def triangle(low: ArrayLike, best: ArrayLike, high: ArrayLike, probability: ArrayLike) -> Array:
    """Return the value below which a triangle from low over best to high lies with a probability; any shapes."""
    lowest, middle, highest, share = (np.asarray(part, dtype=float) for part in (low, best, high, probability))
    width, up, down = highest - lowest, middle - lowest, highest - middle
    rising = lowest + np.sqrt(share * width * up)
    falling = highest - np.sqrt((1 - share) * width * down)
    return np.asarray(np.where(share * width < up, rising, falling))


def _first_cell(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{first['scenario']}, {first['criterion']}"


def position_blocks(
    members: pd.DataFrame, n: int, seed: int | Sequence[int], *, dependence: float = 0.0, block: int = 1000
) -> Iterator[Array]:
    """Yield draws of all positions, a block at a time: draws × scenarios × criteria, both in alphabetical order.

    Parameters
    ----------
    members
        As `mixtures` takes.
    n
        Number of draws.
    seed
        One number or several, as `numpy.random.SeedSequence` takes; each block gets a child of it.
    dependence
        Correlation, 0 to 1, between the criteria of one scenario, of a Gaussian copula with one factor:
        ``u = Phi(sqrt(r) * z_s + sqrt(1 - r) * e_sc)``. The factor is how badly a scenario turns out, so the likelihood
        does not depend on it.
    block
        Number of draws held at once. It belongs to the seed: another block gives other draws. More draws of the same
        block begin with the same ones.
    """
    mixed = mixtures(members)
    for child, size in _blocks(n, seed, block):
        yield _positions(mixed, dependence, child, size)


def _blocks(n: int, seed: int | Sequence[int], block: int) -> list[tuple[np.random.SeedSequence, int]]:
    """Return the seed and the number of draws of each block."""
    sizes = [min(block, n - begin) for begin in range(0, n, block)]
    return list(zip(np.random.SeedSequence(seed).spawn(len(sizes)), sizes, strict=True))


def _positions(mixed: Mixtures, dependence: float, seed: np.random.SeedSequence, size: int) -> Array:
    from scipy.special import ndtr

    scenarios, criteria = len(mixed.scenarios), len(mixed.criteria)
    # The factor of a scenario comes before its cells, so that a shorter block is the beginning of a longer one.
    normal = np.random.default_rng(seed).standard_normal((size, scenarios, 1 + criteria))
    shared = np.array([0.0 if criterion == scales.LIKELIHOOD else dependence for criterion in mixed.criteria])
    return mixed.quantiles(ndtr(np.sqrt(shared) * normal[..., :1] + np.sqrt(1 - shared) * normal[..., 1:]))


@dataclass(frozen=True)
class Draws:
    """What is kept of the draws: draws × scenarios, per weight profile the impact, and the likelihood in per cent.

    Impacts are shares of the highest class; likelihoods are probabilities in per cent within five years.
    """

    impacts: dict[str, pd.DataFrame]
    likelihoods: pd.DataFrame


def draws(
    members: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float] | pd.DataFrame],
    n: int,
    seed: int | Sequence[int],
    *,
    dependence: float = 0.0,
    block: int = 1000,
    executor: Executor | None = None,
) -> Draws:
    """Draw from all judgements together, and return the impact of each scenario per profile and its likelihood.

    Positions are held one block at a time; what stays grows with draws × scenarios and not with criteria. Profiles are
    weighed on the same positions, so their differences are those of the weights alone.

    Parameters
    ----------
    members, n, seed, dependence, block
        As `position_blocks` takes.
    weights
        Profile -> weights of the criteria, together 1: one set for all draws, or a table draws × criteria with one set
        for each, as `ranking.weights_on_simplex` returns.
    executor
        Computes blocks side by side; how many do so does not change a byte.

    Returns
    -------
    Draws
        Columns are the scenario names in alphabetical order.

    Raises
    ------
    ValueError
        As `mixtures`; or weights do not add up to 1, lack a judged criterion or are not as many as the draws.
    """
    mixed = mixtures(members)
    rows = {profile: _weight_rows(given, mixed.criteria, n) for profile, given in weights.items()}
    blocks = _blocks(n, seed, block)
    of_block = [
        {profile: row if len(row) == 1 else row[begin : begin + block] for profile, row in rows.items()}
        for begin in range(0, n, block)
    ]
    run: Callable[..., Any] = executor.map if executor else map
    parts = list(run(partial(_block, mixed, dependence), blocks, of_block))

    def joined(arrays: list[Array]) -> pd.DataFrame:
        return pd.DataFrame(np.concatenate(arrays), columns=pd.Index(mixed.scenarios, name="scenario"))

    return Draws(
        impacts={profile: joined([impacts[profile] for impacts, _ in parts]) for profile in rows},
        likelihoods=joined([likelihoods for _, likelihoods in parts]),
    )


def _block(
    mixed: Mixtures, dependence: float, block: tuple[np.random.SeedSequence, int], weights: Mapping[str, Array]
) -> tuple[dict[str, Array], Array]:
    """Return the impacts per profile and the likelihoods of one block of draws."""
    positions = _positions(mixed, dependence, *block)
    likelihood = mixed.criteria.index(scales.LIKELIHOOD)
    values = scales.impact_value(np.delete(positions, likelihood, axis=2))
    impacts = {profile: _weighted(values, rows) for profile, rows in weights.items()}
    return impacts, likelihood_draws(positions[..., likelihood])


def _weight_rows(given: Mapping[str, float] | pd.DataFrame, criteria: tuple[str, ...], n: int) -> Array:
    """Return weights as sets × judged criteria, one set or as many as there are draws."""
    table = given if isinstance(given, pd.DataFrame) else pd.DataFrame([dict(given)])
    judged = [criterion for criterion in criteria if criterion != scales.LIKELIHOOD]
    without = set(judged) - set(table.columns)
    if without:
        raise ValueError(f"criteria without a weight: {', '.join(sorted(without))}")
    if not np.allclose(table.sum(axis="columns"), 1):
        raise ValueError("weights do not add up to 1")
    if len(table) not in {1, n}:
        raise ValueError(f"{len(table)} sets of weights for {n} draws")
    return table[judged].to_numpy(dtype=float)


def impact_draws(positions: Array, weights: Array) -> Array:
    """Return the overall impact of draws: the weighted sum ``I(s) = sum over c of w_c * value(position_s,c)``.

    Parameters
    ----------
    positions
        Draws × scenarios × criteria, on the impact axis, without the likelihood.
    weights
        One for each criterion, or draws × criteria.

    Returns
    -------
    array
        Draws × scenarios, shares of the highest class.
    """
    return _weighted(scales.impact_value(positions), np.atleast_2d(weights))


def _weighted(values: Array, weights: Array) -> Array:
    # Not a matrix product: its rounding may differ between numbers of threads.
    return np.asarray(np.einsum("nsc,nc->ns", values, np.broadcast_to(weights, (len(values), values.shape[2]))))


def likelihood_draws(positions: Array) -> Array:
    """Return the probability, in per cent within five years, at positions on the likelihood axis; any shape.

    A class reaches half a class to both sides of its position, and its middle subclass half a subclass step. Where
    classes and subclasses meet, the probability is their bound; between these its logarithm is a straight line. Below
    the lowest bound above 0 the probability itself is, down to 0 at the lower end of the lowest class. So the middle of
    a class stands for the geometric mean of the bounds around it.
    """
    at, percent = _likelihood_ends()
    logarithmic = np.exp(np.interp(positions, at[1:], np.log(percent[1:])))
    return np.where(positions < at[1], np.interp(positions, at[:2], percent[:2]), logarithmic)


def likelihood_position(percent: ArrayLike) -> Array:
    """Return the position on the likelihood axis of probabilities in per cent: the inverse of `likelihood_draws`."""
    at, bounds = _likelihood_ends()
    share = np.asarray(percent, dtype=float)
    logarithmic = np.interp(np.log(np.maximum(share, bounds[1])), np.log(bounds[1:]), at[1:])
    return np.asarray(np.where(share < bounds[1], np.interp(share, bounds[:2], at[:2]), logarithmic))


def density(impacts: pd.DataFrame, likelihoods: pd.DataFrame) -> pd.DataFrame:
    """Return where the draws of each scenario lie in the risk diagram: their share per square of it.

    Parameters
    ----------
    impacts, likelihoods
        Draws × scenarios, as in `Draws`.

    Returns
    -------
    DataFrame
        Columns scenario, likelihood, impact (the positions of the middle of a square of `SQUARE` by `SQUARE` class) and
        share; squares without a draw are left out.
    """
    names = list(impacts.columns)
    places = [likelihood_position(likelihoods[names]), np.asarray(scales.impact_position(impacts))]
    squares = [np.floor(place / SQUARE).astype(int) for place in places]
    table = pd.DataFrame({
        "scenario": np.tile(names, len(impacts)), "likelihood": squares[0].ravel(), "impact": squares[1].ravel(),
    })  # fmt: skip
    counted = table.value_counts(sort=False).rename("share").div(len(impacts)).reset_index()
    return counted.assign(**{side: (counted[side] + 0.5) * SQUARE for side in ("likelihood", "impact")})


def _likelihood_ends() -> tuple[Array, Array]:
    """Return the positions where classes and subclasses of likelihood meet, and the bound, in per cent, at each."""
    ends: dict[float, float] = {}
    positions = scales.likelihood_classes()
    for name, position in positions.items():
        lower, upper = scales.likelihood_bounds(name)
        letter, _, subclass = name.partition("-")
        half = (positions[f"{letter}-high"] - positions[letter]) / 2 if subclass == "mid" else 0.5
        if subclass in {"", "mid"}:
            ends |= {position - half: lower, position + half: upper}
    at = np.array(sorted(ends))
    return at, np.array([ends[position] for position in at])


def intervals(values: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
    """Return the interval that holds the middle `level` of the draws of each scenario, 5–95 % unless told otherwise.

    Parameters
    ----------
    values
        Draws × scenarios, for instance of `Draws.impacts`.
    level
        Share of the draws inside, 0 to 1.

    Returns
    -------
    DataFrame
        Columns scenario, low, median, high; in the unit of the values.
    """
    outside = (1 - level) / 2
    low, median, high = np.quantile(values.to_numpy(), [outside, 0.5, 1 - outside], axis=0)
    return pd.DataFrame({"scenario": values.columns, "low": low, "median": median, "high": high})
