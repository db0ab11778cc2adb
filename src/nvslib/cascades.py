"""Cascades: what a scenario sets off once it happens, what may set it off, and which link to judge again.

Each link between two scenarios is live or not, independently of the others, with the probability that was judged for
it; what can be reached over live links is triggered. A world says of every link whether it is live. Small parts of the
network are gone through in all their worlds, which is exact; elsewhere worlds are drawn. A set of worlds is kept as
bits, 64 in a number. What happens by itself is integrated over and not waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nvslib import scales
from nvslib.impact import DECIMALS, weighed

Array = NDArray[np.float64]
Bits = NDArray[np.uint64]
Flags = NDArray[np.bool_]

LEVELS = ["low", "mean", "high"]  # of a link; they go with the bounds low, best and high of a scenario
MEAN = LEVELS.index("mean")
MOST = 16  # uncertain links of which all worlds, 65,536, are gone through
BLOCK = 2**20  # numbers of 64 worlds that are held at once
TOGETHER = 16  # links of which the importance is computed at once


@dataclass(frozen=True)
class Drawn:
    """A network of links, or part of it, and worlds: those drawn, or the whole of them.

    Scenarios are in alphabetical order; ``cause`` and ``effect`` are places in it. ``probability`` is links × levels.
    ``live`` is links × levels × numbers of 64 worlds; a link is live where its uniform number of that world is below
    the probability, so what is live at one level is so at the next. The whole is links × 1 × numbers: one for all
    levels.
    """

    scenarios: tuple[str, ...]
    cause: NDArray[np.intp]
    effect: NDArray[np.intp]
    probability: Array
    live: Bits
    count: int
    whole: bool = False

    @cached_property
    def triggering(self) -> tuple[Array, Flags]:
        """The probability that one scenario triggers another, cause × effect × level, and whether it is exact."""
        return _triggering(self)

    @property
    def uncertain(self) -> Flags:
        """The links that are live in some worlds and not in others."""
        return np.asarray((self.probability.max(axis=1) > 0) & (self.probability.min(axis=1) < 1))

    def part(self, links: Flags) -> Drawn:
        """Return only these links: in the whole of their worlds if few are uncertain, else in the worlds drawn."""
        kept = links & (self.probability.max(axis=1) > 0)
        cut = replace(self, cause=self.cause[kept], effect=self.effect[kept], probability=self.probability[kept])
        k = int(cut.uncertain.sum())
        if k > MOST:
            return replace(cut, live=self.live[kept])
        live = np.ones((len(cut.cause), 1, 2**k), dtype=bool)
        live[cut.uncertain, 0] = np.arange(2**k) >> np.arange(k)[:, None] & 1
        return replace(cut, live=_packed(live), count=2**k, whole=True)

    def reached(self, roots: ArrayLike) -> Bits:
        """Return in which worlds each scenario is reached from each root: scenarios × roots × (as ``live``).

        A root is reached everywhere, also in the worlds that fill up the last number.
        """
        starts = np.asarray(roots)
        reached = np.zeros((len(self.scenarios), len(starts), *self.live.shape[1:]), dtype=np.uint64)
        reached[starts, np.arange(len(starts))] = ~np.uint64(0)
        changed = np.isin(np.arange(len(reached)), starts)
        while changed.any():
            waiting, changed = changed[self.cause], np.zeros_like(changed)
            for cause, effect, live in zip(self.cause[waiting], self.effect[waiting], self.live[waiting], strict=True):
                more = reached[cause] & live & ~reached[effect]
                if more.any():
                    reached[effect] |= more
                    changed[effect] = True
        return reached

    def mean(self, values: NDArray[np.generic]) -> Array:
        """Return the expectation of values, ... × levels × worlds, at each level."""
        if not self.whole:
            return np.asarray(values.mean(axis=-1))
        found = np.asarray(values, dtype=float)
        for chance in self.probability[self.uncertain][::-1]:
            dead, live = np.split(found, 2, axis=-1)
            found = dead + chance[:, None] * (live - dead)
        return found[..., 0] + np.zeros(self.probability.shape[1])

    def share(self, bits: Bits) -> Array:
        """Return the probability of sets of worlds, ... × levels × numbers of 64, at each level."""
        if self.whole:
            return self.mean(_unpacked(bits, self.count))
        return np.asarray(np.bitwise_count(bits).sum(axis=-1, dtype=np.int64) / self.count)


def network(links: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each link, pooled over the sides from which it was judged; sorted by name.

    Parameters
    ----------
    links
        Columns cause, effect, low, best, high: probabilities of the effect, given the cause; one row for each side.

    Returns
    -------
    DataFrame
        Columns cause, effect, judged (number of sides), low (the lowest), best (the mean), high (the highest) and mean:
        that of ``(low + best + high) / 3``, of the mixture of their triangles. Links from a scenario to itself are out.
    """
    sides = links[links["cause"] != links["effect"]]
    sides = sides.assign(mean=sides[[*scales.BOUNDS]].mean(axis="columns"))
    pooled = sides.groupby(["cause", "effect"]).agg(
        judged=("best", "size"), low=("low", "min"), best=("best", "mean"), high=("high", "max"), mean=("mean", "mean")
    )
    # The mean of three equal numbers may differ from them by rounding.
    return pooled.assign(mean=pooled["mean"].clip(pooled["low"], pooled["high"])).reset_index()


def drawn(network: pd.DataFrame, scenarios: Iterable[str], count: int, seed: int | Sequence[int]) -> Drawn:
    """Return the network with `count` worlds drawn from it; the functions below start from these.

    Parameters
    ----------
    network
        Columns cause, effect, low, mean, high, as `network` returns.
    scenarios
        The names of all scenarios, those without links too; a ValueError where a link names another one.
    count
        Number of worlds.
    seed
        One number or several, as `numpy.random.SeedSequence` takes.
    """
    names = tuple(sorted(set(scenarios)))
    links = network.sort_values(["cause", "effect"])
    unknown = {*links["cause"], *links["effect"]} - set(names)
    if unknown:
        raise ValueError(f"links name scenarios that are not there: {', '.join(sorted(unknown))}")
    cause, effect = (np.searchsorted(np.array(names, dtype=object), links[end]) for end in ("cause", "effect"))
    probability = links[LEVELS].to_numpy(dtype=float)
    generator = np.random.default_rng(np.random.SeedSequence(seed))
    live = np.zeros((*probability.shape, -(-count // 64)), dtype=np.uint64)
    for link, levels in enumerate(probability):
        live[link] = _packed(generator.random(count) < levels[:, None])
    return Drawn(names, cause, effect, probability, live, count)


def reach(drawn: Drawn) -> pd.DataFrame:
    """Return the probability that a scenario is triggered once another one happens.

    It is a straight line in the probability of each link while links are independent. So with every link at its mean it
    *is* the mean over draws of the probabilities of the links, however uncertain these are.

    Where every path passes the same scenario, the way to it and the way on have no link in common, and their
    probabilities are multiplied. What is left is exact where at most `MOST` uncertain links lie on a path from cause to
    effect. Elsewhere it is the share of the drawn worlds, but never less than the most probable path.

    Returns
    -------
    DataFrame
        Columns cause, effect, low, mean, high (every link at that level), direct (the mean of the link between the two,
        missing if there is none) and exact (yes, no). Only pairs with high above 0.
    """
    chance, exact = drawn.triggering
    direct = np.full(exact.shape, np.nan)
    direct[drawn.cause, drawn.effect] = drawn.probability[:, MEAN]
    pairs = np.nonzero((chance[..., -1] > 0) & ~np.eye(len(exact), dtype=bool))
    # Rounding must not turn the order of levels round; so below.
    levels = pd.DataFrame(np.maximum.accumulate(chance[pairs], axis=1), columns=LEVELS)
    told = pd.Series(np.where(exact[pairs], "yes", "no"), dtype=str)
    return _named(drawn, *pairs).join(levels).assign(direct=direct[pairs], exact=told)


def with_causes(drawn: Drawn, likelihood: pd.DataFrame) -> pd.DataFrame:
    """Return the likelihood of each scenario, what may set it off included.

    ``1 - (1 - p_j) * E(product over i of (1 - p_i))``: i are the scenarios from which j is reached in a world, E is
    over worlds. What happens by itself is independent. Exact where at most `MOST` uncertain links lead to the scenario,
    directly or not; else over the drawn worlds, but never less than with any one cause alone.

    Parameters
    ----------
    drawn
        As `drawn` returns.
    likelihood
        Columns scenario, bound, percent: the own likelihood, in per cent within the horizon. A scenario that is not in
        it (added at a mid-term review, say) does not happen by itself, only passes on, and gets no row. A ValueError
        where it names a scenario that is not in the network, or lacks a bound.

    Returns
    -------
    DataFrame
        Columns scenario, bound, own, percent. At low links and likelihoods are at their low, at high at their high; at
        best links are at their mean.
    """
    own = _wide(drawn, likelihood, "percent")
    caused = np.zeros_like(own)
    for effect in range(len(own)):
        _, alone, spared, part = _spared(drawn, own, effect)
        caused[effect] = np.maximum(1 - part.mean(spared.prod(axis=0)), alone.max(axis=0, initial=0))
    percent = np.minimum(own + (100 - own) * caused, 100)
    return _long(drawn, own=own, percent=np.maximum.accumulate(percent, axis=1))


def causes(drawn: Drawn, likelihood: pd.DataFrame) -> pd.DataFrame:
    """Return what each cause adds to the likelihood of a scenario, at best.

    That is its likelihood with all causes, less what is left if this cause never happens by itself; over the same
    worlds as `with_causes`, and as input. Where these are drawn it is at least what the cause would add if all others
    came together in every world. Causes overlap, so what they add need not be the whole difference.

    Returns
    -------
    DataFrame
        Columns scenario, cause (another scenario), adds (percentage points, above 0).
    """
    own = _wide(drawn, likelihood, "percent")
    adds = np.zeros((len(own), len(own)))
    for effect in range(len(own)):
        places, alone, spared, part = _spared(drawn, own, effect)
        least = alone * _others(1 - np.nan_to_num(own[places]) / 100)
        found = np.maximum(part.mean((1 - spared) * _others(spared)), least)
        adds[places, effect] = (100 - own[effect, MEAN]) * found[:, MEAN]
    pairs = np.nonzero(adds > 0)
    table = _named(drawn, *pairs).rename(columns={"effect": "scenario"}).assign(adds=adds[pairs])
    return table[["scenario", "cause", "adds"]].sort_values(["scenario", "cause"], ignore_index=True)


def triggered(drawn: Drawn, positions: pd.DataFrame, units: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return the impact of each scenario on each criterion with all that it sets off, once it happens.

    On a criterion with a unit amounts add up: ``amount_i + sum over j of P(j | i) * amount_j``, exact if these
    probabilities are. On one without, the worst counts: the expectation over worlds of the highest impact value among
    the scenario and those that it triggers; exact where at most `MOST` uncertain links can be reached from it.

    Parameters
    ----------
    drawn
        As `drawn` returns.
    positions
        Columns scenario, criterion, bound, position on the impact axis; rows on the likelihood are left out. A scenario
        that is not in it only passes on, and gets no row. A ValueError as in `with_causes`.
    units
        Criterion -> the amounts, ascending, where the classes from the second on begin.

    Returns
    -------
    DataFrame
        Columns scenario, criterion, bound, own and with_effects (positions), amount (with effects, in the unit of the
        criterion; missing where it has none).
    """
    rows = positions[positions["criterion"] != scales.LIKELIHOOD]
    names = sorted(set(rows["criterion"]))
    own = {criterion: _wide(drawn, rows[rows["criterion"] == criterion], "position") for criterion in names}
    worst = _worst(drawn, {criterion: place for criterion, place in own.items() if criterion not in units})
    parts = []
    for criterion, place in own.items():
        total = np.full_like(place, np.nan)
        if criterion in units:
            amounts = np.nan_to_num(amount(place, units[criterion]))
            total[:] = np.einsum("ijk,jk->ik", drawn.triggering[0], amounts)
        reached = position(total, units[criterion]) if criterion in units else worst[criterion]
        reached = np.maximum.accumulate(np.maximum(place, reached), axis=1)
        part = _long(drawn, own=place, with_effects=reached, amount=total)
        part.insert(1, "criterion", criterion)
        parts.append(part)
    return pd.concat(parts).sort_values(["scenario", "criterion"], kind="stable", ignore_index=True)


def amount(position: ArrayLike, begin: Sequence[float]) -> Array:
    """Return the amount, in the unit of a criterion, that stands for a position on the impact axis [own].

    A class reaches half a class to both sides of its position; where classes meet, the amount is where the upper one
    begins, and between these its logarithm is a straight line. So the position of a class is the geometric middle of
    its bounds. The first and the last line go on to the positions of the lowest and the highest class; below the lowest
    the amount itself is a straight line down to 0, as in `scales.impact_value`.

    Parameters
    ----------
    position
        From 0 to that of the highest class; any shape.
    begin
        The amounts, above 0 and ascending, where the classes from the second on begin.
    """
    places, logarithms = _knots(begin)
    p = np.asarray(position, dtype=float)
    return np.asarray(np.where(p < 1, p * np.exp(logarithms[0]), np.exp(np.interp(p, places, logarithms))))


def position(amount: ArrayLike, begin: Sequence[float]) -> Array:
    """Return the position on the impact axis of an amount: the inverse of `amount`, at most the highest class."""
    places, logarithms = _knots(begin)
    lowest = np.exp(logarithms[0])
    a = np.asarray(amount, dtype=float)
    return np.asarray(np.where(a < lowest, a / lowest, np.interp(np.log(np.maximum(a, lowest)), logarithms, places)))


def with_effects(triggered: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the overall impact of each scenario, alone and with all that it sets off: the weighted sums.

    Parameters
    ----------
    triggered
        Columns scenario, criterion, bound, own, with_effects, as `triggered` returns.
    weights
        Criterion -> weight; a ValueError where they do not add up to 1, or a criterion has none.

    Returns
    -------
    DataFrame
        Columns scenario, bound, own and value (shares of the highest class), position (of the value).
    """
    rows = weighed(triggered, weights).sort_values(["scenario", "criterion"])
    weight = rows["criterion"].map(weights)
    values = {name: weight * scales.impact_value(rows[of]) for name, of in (("own", "own"), ("value", "with_effects"))}
    sums = rows.assign(**values).groupby(["scenario", "bound"])[["own", "value"]].sum()
    table = sums.reindex(scales.BOUNDS, level="bound").reset_index()
    return table.assign(position=scales.impact_position(table["value"]))


def link_importance(drawn: Drawn, likelihood: pd.DataFrame, values: pd.Series[float]) -> pd.DataFrame:
    """Return how much the expected triggered loss depends on each link: which one to judge again.

    The loss is ``sum over i of p_i * sum over j other than i of P(j | i) * value_j``, at best, with this link at its
    low or its high and all others at their mean. It is a straight line in the probability of the link, so it follows
    from this link never and always live, over the same worlds.

    Parameters
    ----------
    drawn, likelihood
        As `with_causes` takes.
    values
        Scenario -> impact value, a share of the highest class; a scenario that is not in it only passes on.

    Returns
    -------
    DataFrame
        Columns cause, effect, low and high (the loss), swing (their difference), again (1 for the link to judge again
        first; by swing, then name).
    """
    own = _wide(drawn, likelihood, "percent")[:, MEAN] / 100
    loss = np.nan_to_num(np.outer(own, values.reindex(drawn.scenarios)))
    np.fill_diagonal(loss, 0)
    dead, always = np.zeros((2, len(drawn.cause)))
    for begin in range(0, len(dead), TOGETHER):
        links = np.arange(begin, min(begin + TOGETHER, len(dead)))
        never, ever = np.arange(2 * len(links)).reshape(2, -1)
        chance = np.repeat(drawn.probability[:, [MEAN]], 2 * len(links), axis=1)
        live = np.repeat(drawn.live[:, [MEAN]], 2 * len(links), axis=1)
        chance[links, never], chance[links, ever] = 0, 1
        live[links, never], live[links, ever] = 0, _packed(np.ones(drawn.count, dtype=bool))
        changed = replace(drawn, probability=chance, live=live).triggering[0]
        dead[links], always[links] = np.split(np.einsum("ij,ijk->k", loss, changed), 2)
    low, high = (dead + drawn.probability[:, level] * (always - dead) for level in (0, -1))
    table = _named(drawn, drawn.cause, drawn.effect).assign(low=low, high=high, swing=(high - low).round(DECIMALS))
    table = table.sort_values(["swing", "cause", "effect"], ascending=[False, True, True], ignore_index=True)
    return table.assign(again=range(1, len(table) + 1))


def _packed(flags: Flags) -> Bits:
    """Return flags, ... × worlds, as ... × numbers of 64 worlds; the last is filled up with worlds not in the set."""
    padding = [(0, 0)] * (flags.ndim - 1) + [(0, -flags.shape[-1] % 64)]
    return np.packbits(np.pad(flags, padding), axis=-1).view(np.uint64)


def _unpacked(bits: Bits, count: int) -> NDArray[np.uint8]:
    return np.unpackbits(bits.view(np.uint8), axis=-1, count=count)


def _triggering(drawn: Drawn) -> tuple[Array, Flags]:
    """Return what `Drawn.triggering` says; `reach` tells how."""
    n, cause, effect = len(drawn.scenarios), drawn.cause, drawn.effect
    every, itself = np.arange(n), np.eye(n, dtype=bool)
    # Here world d is the network without scenario d, and the last world is the whole network.
    gone = np.arange(n + 1)
    possible = drawn.probability.max(axis=1, keepdims=True) > 0
    there = possible & (cause[:, None] != gone) & (effect[:, None] != gone)
    found = _unpacked(replace(drawn, live=_packed(there)).reached(every), n + 1).astype(bool).swapaxes(0, 1)
    # Cause × effect × scenario between them that every path passes.
    through = found[..., n:] & ~found[..., :n] & ~itself & ~itself[:, None]
    passed = through.sum(axis=2)
    plain = found[..., n] & (passed == 0) & ~itself
    onwards = found[effect, :, cause]
    chance = np.repeat(itself[..., None].astype(float), drawn.probability.shape[1], axis=2)
    exact = np.ones((n, n), dtype=bool)
    for root in np.flatnonzero(plain.any(axis=1)):
        # A link matters only to a path without loops: to its beginning, past neither its end nor the target, and from
        # its end on, past neither its beginning nor the root. Link × target.
        matters = found[root, cause, effect][:, None] & found[root, cause, :n] & onwards & found[effect, :, root]
        exact[root] = ~plain[root] | (matters[drawn.uncertain].sum(axis=0) <= MOST)
        for target in np.flatnonzero(plain[root] & exact[root]):
            part = drawn.part(matters[:, target])
            chance[root, target] = part.share(part.reached([root])[target, 0])
    roots = np.flatnonzero(~exact.all(axis=1))
    if roots.size:
        counted = np.maximum(_counted(drawn, roots), _most_probable_path(drawn)[roots])
        chance[roots] = np.where(exact[roots][..., None], chance[roots], counted)
    for steps in range(1, int(passed.max(initial=0)) + 1):
        pairs = np.nonzero(passed == steps)
        middle = through[pairs].argmax(axis=1)
        before, after = (pairs[0], middle), (middle, pairs[1])
        chance[pairs], exact[pairs] = chance[before] * chance[after], exact[before] & exact[after]
    return chance, exact


def _counted(drawn: Drawn, roots: NDArray[np.intp]) -> Array:
    """Return the share of the drawn worlds in which each root reaches each scenario: roots × scenarios × levels."""
    n, (levels, numbers) = len(drawn.scenarios), drawn.live.shape[1:]
    block = max(1, BLOCK // (n * len(roots) * levels))
    worlds = np.zeros((n, len(roots), levels), dtype=np.int64)
    for begin in range(0, numbers, block):
        reached = replace(drawn, live=drawn.live[..., begin : begin + block].copy()).reached(roots)
        worlds += np.bitwise_count(reached).sum(axis=-1, dtype=np.int64)
    return np.asarray(worlds.swapaxes(0, 1) / drawn.count)


def _most_probable_path(drawn: Drawn) -> Array:
    """Return the probability of the most probable path between scenarios: cause × effect × level (Floyd–Warshall)."""
    n = len(drawn.scenarios)
    best = np.zeros((n, n, drawn.probability.shape[1]))
    best[drawn.cause, drawn.effect] = drawn.probability
    for by in range(n):
        best = np.maximum(best, best[:, [by]] * best[[by]])
    return best


def _spared(drawn: Drawn, percent: Array, effect: int) -> tuple[NDArray[np.intp], Array, Array, Drawn]:
    """Return what may set off a scenario, and how probably, with the links that lead to it.

    The places of its causes; the probability that each, alone, sets it off (causes × levels); and that it does not, in
    a world (causes × levels × worlds): 1 where the effect is not reached, else 1 less the own likelihood.
    """
    chance = drawn.triggering[0][:, effect]
    reaches = chance[:, -1] > 0
    part = drawn.part(reaches[drawn.effect] & (drawn.cause != effect))
    reaches[effect] = False
    places = np.flatnonzero(reaches)
    own = np.nan_to_num(percent[places]) / 100
    bits = replace(part, cause=part.effect, effect=part.cause).reached([effect])[places, 0]
    return places, own * chance[places], 1 - own[..., None] * _unpacked(bits, part.count), part


def _others(factors: Array) -> Array:
    """Return, for each place on the first axis, the product over all others."""
    one = np.ones((1, *factors.shape[1:]))
    before = np.cumprod(np.concatenate([one, factors]), axis=0)[:-1]
    after = np.cumprod(np.concatenate([one, factors[::-1]]), axis=0)[-2::-1]
    return np.asarray(before * after)


def _worst(drawn: Drawn, own: Mapping[str, Array]) -> dict[str, Array]:
    """Return, per criterion, the position of the expected highest impact value: scenarios × levels."""
    chance, _ = drawn.triggering
    values = {criterion: scales.impact_value(np.nan_to_num(place)) for criterion, place in own.items()}
    worst = {criterion: value.copy() for criterion, value in values.items()}
    for root in range(len(chance)):
        reaches = chance[root, :, -1] > 0
        part = drawn.part(reaches[drawn.cause] & (drawn.effect != root))
        reached = part.reached([root])[:, 0]
        for criterion, value in values.items():
            effects = np.flatnonzero(reaches & (value > value[root]).any(axis=1))
            beyond = np.maximum(value[effects] - value[root], 0)
            order = np.argsort(-beyond, axis=0, kind="stable")
            # In which worlds one of the worst so far is triggered, and how much worse these are than the next.
            bits = np.broadcast_to(reached[effects], (*order.shape, reached.shape[-1]))
            bits = np.bitwise_or.accumulate(np.take_along_axis(bits, order[..., None], axis=0), axis=0)
            steps = -np.diff(np.take_along_axis(beyond, order, axis=0), axis=0, append=0)
            alone = (beyond * chance[root, effects]).max(axis=0, initial=0)
            worst[criterion][root] += np.maximum((steps * part.share(bits)).sum(axis=0), alone)
    return {criterion: scales.impact_position(value) for criterion, value in worst.items()}


def _knots(begin: Sequence[float]) -> tuple[Array, Array]:
    """Return the positions, and the logarithms of the amounts, between which the logarithm is a straight line."""
    logarithms = np.log(np.asarray(begin, dtype=float))
    first, *_, last = np.diff(logarithms) / 2
    places = np.array([1, *(np.arange(len(logarithms)) + 1.5), len(logarithms) + 1])
    return places, np.array([logarithms[0] - first, *logarithms, logarithms[-1] + last])


def _named(drawn: Drawn, cause: NDArray[np.intp], effect: NDArray[np.intp]) -> pd.DataFrame:
    names = np.array(drawn.scenarios, dtype=object)
    return pd.DataFrame({"cause": names[cause], "effect": names[effect]}, dtype=str)


def _wide(drawn: Drawn, table: pd.DataFrame, column: str) -> Array:
    """Return a column as scenarios × bounds, NaN for a scenario that is not in the table."""
    wide = table.pivot(index="scenario", columns="bound", values=column).reindex(columns=scales.BOUNDS)
    wrong = wide.index[~wide.index.isin(drawn.scenarios) | wide.isna().any(axis="columns")]
    if len(wrong):
        raise ValueError(f"{column}: not in the network, or without a bound: {', '.join(wrong)}")
    return wide.reindex(drawn.scenarios).to_numpy(dtype=float)


def _long(drawn: Drawn, **columns: Array) -> pd.DataFrame:
    """Return arrays of scenarios × bounds as columns, without the scenarios that have nothing of their own."""
    rows = pd.MultiIndex.from_product([drawn.scenarios, scales.BOUNDS], names=["scenario", "bound"])
    return pd.DataFrame({name: of.ravel() for name, of in columns.items()}, rows).dropna(subset="own").reset_index()
