"""Choosing measures: the best set within budget and staff, how sure that is, and the price of choosing apart.

What measures do to one scenario multiplies: ``loss_s * 10 ** -(likelihood classes less) * 3 ** -(impact classes
less)``, where closing a gap in a capability counts as classes of impact, up to the gap. So two measures that each halve
a risk leave a quarter of it. The best set is found exactly: the loss of a scenario is ``exp(-a)`` times what it was,
where its relief ``a`` is linear in the measures but for the gaps, of which no more can be closed than there is.
Tangents of the exponential lie below it; a mixed-integer programme over these is solved again, with tangents where it
was, until it is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from nvslib import uncertainty
from nvslib.impact import DECIMALS
from nvslib.quiet import quiet
from nvslib.scales import BOUNDS
from nvslib.scales import constants as scale_constants
from nvslib.tables import MANY

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEVEL = 0.05, 0.95  # the shares of draws between which a loss is told
EXACT = 1e-9  # share of the loss without measures within which two sets are equally good
SCALE = 1e3  # the loss without measures as the solver sees it, large against its own tolerances
OWN_EFFECT = "own effect"
TANGENTS = 9  # on each scenario to begin with


@cache
def constants() -> dict[str, Any]:
    """Return the content of ``portfolio.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("portfolio.yaml").read_text("utf-8"))
    return loaded


def _step(side: str) -> float:
    """Return the logarithm of the factor between classes of likelihood or impact."""
    return float(np.log(scale_constants()[side]["factor"]["value"]))


def _per_level() -> float:
    """Return the logarithm of what closing a level of a gap takes off a loss."""
    return float(_step("impact") * constants()["class_per_level"]["value"])


def per_class() -> dict[str, float]:
    """Return, by what a measure acts on, how much a class (or a level of a gap) less takes off a loss's logarithm."""
    return {"likelihood": _step("likelihood"), "impact": _step("impact"), "gap": _per_level()}


@dataclass(frozen=True)
class Options:
    """What can be chosen: measures in order of name, with department, cost, staff and what they need and rule out.

    ``needs`` and ``excludes`` are measures × measures: the one of the row needs, or cannot go with, that of the column.
    Not ``possible`` is a measure that needs one which is not there.
    """

    measures: tuple[str, ...]
    departments: tuple[str, ...]
    cost: Array
    staff: Array
    possible: Flags
    needs: Flags
    excludes: Flags

    def names(self, chosen: Flags) -> list[str]:
        """Return the names of the measures of a set."""
        return [name for name, taken in zip(self.measures, chosen, strict=True) if taken]


@dataclass(frozen=True)
class Stakes:
    """What measures are chosen on, once for each draw; the first dimension of every array is the draws.

    ``loss`` is draws × scenarios; ``relief`` draws × scenarios × measures, in natural logarithms of the loss;
    ``closes`` draws × needs × measures and ``gap`` draws × needs, likewise in logarithms. A need is a capability in a
    scenario: ``need_of`` is the place of its scenario, ``capability_of`` the name of its capability.
    """

    scenarios: tuple[str, ...]
    loss: Array
    relief: Array
    need_of: NDArray[np.intp]
    capability_of: tuple[str, ...]
    closes: Array
    gap: Array

    def left(self, chosen: Flags) -> Array:
        """Return the loss that a set leaves, draws × scenarios."""
        relief: Array = self.relief[:, :, chosen].sum(axis=2)
        at: Any = slice(None), self.need_of
        np.add.at(relief, at, np.minimum(self.closes[:, :, chosen].sum(axis=2), self.gap))
        return np.asarray(self.loss * np.exp(-relief))

    def total(self, chosen: Flags) -> Array:
        """Return the loss that a set leaves over all scenarios, one number for each draw."""
        return np.asarray(self.left(chosen).sum(axis=1))

    def gaps(self, chosen: Flags) -> pd.DataFrame:
        """Return the gaps of the first draw, before and after: columns scenario, capability, gap, left; levels."""
        per_level = _per_level()
        closed = np.minimum(self.closes[0][:, chosen].sum(axis=1), self.gap[0])
        names = np.array(self.scenarios, dtype=object)[self.need_of]
        left = (self.gap[0] - closed) / per_level
        return pd.DataFrame(
            {"scenario": names, "capability": self.capability_of, "gap": self.gap[0] / per_level, "left": left}
        )

    def draw(self, number: int) -> Stakes:
        """Return one of the draws."""
        one = slice(number, number + 1)
        return replace(self, loss=self.loss[one], relief=self.relief[one], closes=self.closes[one], gap=self.gap[one])


@dataclass(frozen=True)
class Limits:
    """Within what is chosen: EUR per year, and per department the staff; who is not named has no limit."""

    budget: float
    staff: Mapping[str, float]


def left_out(measures: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the measures that cannot be weighed, and why: columns measure, reason (part, no-cost, no-effect).

    Parameters
    ----------
    measures
        Columns measure, cost_per_year, requires, part_of.
    effects
        Columns measure, high.
    """
    acting = set(effects.loc[effects["high"] > 0, "measure"])
    needed = {name for listed in measures["requires"] for name in _several(listed)}
    reason = np.select(
        [
            measures["part_of"].fillna("") != "",
            measures["cost_per_year"].isna(),
            ~measures["measure"].isin(acting | needed),
        ],
        ["part", "no-cost", "no-effect"],
        "",
    )
    return pd.DataFrame({"measure": measures["measure"], "reason": reason}).query("reason != ''").reset_index(drop=True)


def options(measures: pd.DataFrame, effects: pd.DataFrame) -> Options:
    """Return the measures that can be weighed.

    A measure that needs one which is left out cannot be chosen; it stays, as one that is not possible.

    Parameters
    ----------
    measures
        Columns measure, department, cost_per_year, capacity, requires, excludes, part_of; several names in a cell with
        semicolons between.
    effects
        Columns measure, high.
    """
    out = set(left_out(measures, effects)["measure"])
    rows = measures[~measures["measure"].isin(out)].sort_values("measure", ignore_index=True)
    place = {name: at for at, name in enumerate(rows["measure"])}
    needs, excludes = (np.zeros((len(rows), len(rows)), dtype=bool) for _ in range(2))
    possible = np.ones(len(rows), dtype=bool)
    for at, (required, excluded) in enumerate(zip(rows["requires"], rows["excludes"], strict=True)):
        for name in _several(required):
            if name in place:
                needs[at, place[name]] = True
            else:
                possible[at] = False
        for name in _several(excluded):
            if name in place:
                excludes[at, place[name]] = excludes[place[name], at] = True
    return Options(
        measures=tuple(rows["measure"]),
        departments=tuple(rows["department"]),
        cost=rows["cost_per_year"].to_numpy(dtype=float),
        staff=rows["capacity"].fillna(0).to_numpy(dtype=float),
        possible=possible,
        needs=needs,
        excludes=excludes,
    )


def _several(listed: object) -> list[str]:
    """Return the names in a cell that may hold several."""
    return [name.strip() for name in str(listed).split(MANY) if name.strip()] if isinstance(listed, str) else []


def expected(of: Options, effects: pd.DataFrame, losses: pd.Series[float], gaps: pd.DataFrame) -> Stakes:
    """Return what is chosen on if all is as expected.

    Parameters
    ----------
    of
        As `options` returns.
    effects
        Columns measure, scenario, acts_on (likelihood, impact, gap), capability, low, best, high: classes, or levels of
        a gap, less. Effects on scenarios without a loss are left out.
    losses
        Scenario -> expected loss.
    gaps
        Columns scenario, capability, best: levels.
    """
    return _stakes(of, effects, losses.to_frame().T, gaps, lambda rows: rows[["best"]].to_numpy().T)


def drawn(of: Options, effects: pd.DataFrame, losses: pd.DataFrame, gaps: pd.DataFrame, seed: int) -> Stakes:
    """Return as many draws of effects and gaps as there are of losses: triangles from low over best to high.

    Parameters
    ----------
    of, effects
        As `expected` takes.
    losses
        Draws × scenarios.
    gaps
        Columns scenario, capability, low, best, high.
    seed
        As `numpy.random.SeedSequence` takes.
    """
    streams = iter(np.random.SeedSequence(seed).spawn(2))

    def draw(rows: pd.DataFrame) -> Array:
        uniform = np.random.default_rng(next(streams)).random((len(losses), len(rows)))
        low, best, high = (rows[bound].to_numpy(dtype=float) for bound in BOUNDS)
        return uncertainty.triangle(low, best, high, uniform)

    return _stakes(of, effects, losses, gaps, draw)


def _stakes(of: Options, effects: pd.DataFrame, losses: pd.DataFrame, gaps: pd.DataFrame, value: Any) -> Stakes:
    """Return stakes with the values of effects and of gaps, draws × rows, that a function gives."""
    losses = losses[sorted(losses.columns)]
    names, taken = list(losses.columns), list(of.measures)
    keys = ["measure", "scenario", "acts_on", "capability"]
    rows = effects[effects["scenario"].isin(names) & effects["measure"].isin(taken)].fillna({"capability": ""})
    rows = rows.sort_values(keys, ignore_index=True)
    needs = gaps[gaps["scenario"].isin(names)].sort_values(["scenario", "capability"], ignore_index=True)
    amounts, levels = value(rows), value(needs)
    step = {side: _step(side) for side in ("likelihood", "impact")}
    per_level = _per_level()

    relief = np.zeros((len(losses), len(names), len(taken)))
    closes = np.zeros((len(losses), len(needs), len(taken)))
    scenario, measure = (
        pd.Index(names).get_indexer(pd.Index(rows["scenario"])),
        pd.Index(taken).get_indexer(pd.Index(rows["measure"])),
    )
    for side, nat in step.items():
        at = (rows["acts_on"] == side).to_numpy()
        place: Any = slice(None), scenario[at], measure[at]
        np.add.at(relief, place, nat * amounts[:, at])
    needed = pd.MultiIndex.from_frame(needs[["scenario", "capability"]])
    need = needed.get_indexer(pd.MultiIndex.from_frame(rows[["scenario", "capability"]]))
    at = (rows["acts_on"] == "gap").to_numpy() & (need >= 0)
    place = slice(None), need[at], measure[at]
    np.add.at(closes, place, per_level * amounts[:, at])
    return Stakes(
        scenarios=tuple(names),
        loss=losses.to_numpy(dtype=float),
        relief=relief,
        need_of=pd.Index(names).get_indexer(pd.Index(needs["scenario"])),
        capability_of=tuple(needs["capability"]),
        closes=closes,
        gap=per_level * levels,
    )


def choose(of: Options, stakes: Stakes, limits: Limits) -> Flags:
    """Return the set of measures that leaves the least loss, of the first draw, within the limits.

    Exact to `EXACT` of the loss without measures. Of sets that are equally good the cheapest, and of these the
    smallest.

    Raises
    ------
    ValueError
        The budget is below 0.
    """
    if limits.budget < 0:
        raise ValueError(f"a budget of {limits.budget} EUR a year: nothing can be chosen; allowed is 0 or more")
    programme = _Programme(of, stakes, limits)
    return programme.cheapest(*programme.solve())


class _Programme:
    """The mixed-integer programme of one draw: measures, closed gaps and losses, with the tangents so far."""

    def __init__(self, of: Options, stakes: Stakes, limits: Limits) -> None:
        from scipy import sparse

        self.of, self.stakes = of, stakes
        self.seen: set[bytes] = set()
        self.loss = stakes.loss[0] * _scale(stakes)
        self.relief, self.closes, self.gap = stakes.relief[0], stakes.closes[0], stakes.gap[0]
        self.count, self.needs, self.scenarios = len(of.measures), len(self.gap), len(self.loss)
        self.affordable = of.possible & (of.cost <= limits.budget)
        unit = max(limits.budget, 1.0)
        rows = [of.cost / unit]
        most = [limits.budget / unit]
        departments = np.array(of.departments)
        for department, staff in sorted(limits.staff.items()):
            rows.append(np.where(departments == department, of.staff, 0) / max(staff, 1.0))
            most.append(staff / max(staff, 1.0))
        unit_rows = np.eye(self.count)
        for one, other in np.argwhere(of.needs):
            rows.append(unit_rows[one] - unit_rows[other])
            most.append(0)
        for one, other in np.argwhere(np.triu(of.excludes)):
            rows.append(unit_rows[one] + unit_rows[other])
            most.append(1)
        self.cost = of.cost / unit
        on_measures = np.pad(np.array(rows), ((0, 0), (0, self.needs + self.scenarios)))
        closed = np.hstack([-self.closes, np.eye(self.needs), np.zeros((self.needs, self.scenarios))])
        self.rows = [sparse.csr_matrix(on_measures), sparse.csr_matrix(closed)]
        self.most = [np.array(most), np.zeros(self.needs)]
        of_scenario = np.zeros((self.scenarios, self.needs))
        of_scenario[stakes.need_of, np.arange(self.needs)] = 1
        self.slopes = np.hstack([self.relief, of_scenario])
        self.on_loss = np.concatenate([np.zeros(self.count + self.needs), self.loss])
        top = self.relief.sum(axis=1)
        np.add.at(top, stakes.need_of, np.minimum(self.closes.sum(axis=1), self.gap))
        for share in np.linspace(0, 1, TANGENTS):
            self.touch(top * share)

    def touch(self, relief: Array) -> None:
        """Add to each scenario the tangent of its loss at a relief: part * e^a >= 1 + a - slopes * x."""
        from scipy import sparse

        rows = np.hstack([-self.slopes, -np.diag(np.exp(relief))])
        self.rows.append(sparse.csr_matrix(rows))
        self.most.append(-(1 + relief))

    def reached(self, chosen: Flags) -> Array:
        """Return the relief of each scenario under a set."""
        relief: Array = self.relief[:, chosen].sum(axis=1)
        np.add.at(relief, self.stakes.need_of, np.minimum(self.closes[:, chosen].sum(axis=1), self.gap))
        return relief

    def least(self, objective: Array, ceiling: float = np.inf) -> tuple[Flags, float]:
        """Return the set with the least of an objective, and its bound; the total loss at most a ceiling."""
        from scipy import sparse
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, most = list(self.rows), list(self.most)
        if np.isfinite(ceiling):
            total = self.on_loss[np.newaxis]
            rows.append(sparse.csr_matrix(total))
            most.append(np.array([ceiling]))
        upper = np.concatenate([self.affordable.astype(float), self.gap, np.ones(self.scenarios)])
        with quiet():
            found = milp(
                objective,
                integrality=np.arange(len(objective)) < self.count,
                bounds=Bounds(0, upper),
                constraints=LinearConstraint(sparse.vstack(rows, format="csc"), ub=np.concatenate(most)),
                options={"mip_rel_gap": 0},
            )
        if found.x is None:
            raise ValueError(f"the solver found no set of measures: {found.message}")
        bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
        return np.asarray(found.x[: self.count] > 0.5), float(bound)  # noqa: PLR2004 - 0 or 1, but for rounding

    def solve(self) -> tuple[Flags, float]:
        """Return a best set and what it may leave at most: tangents are added where it was, until the bound is met."""
        best, lowest, tolerance = np.zeros(self.count, dtype=bool), float(self.loss.sum()), EXACT * SCALE
        while lowest > 0:
            chosen, bound = self.least(self.on_loss)
            relief = self.reached(chosen)
            left = float((self.loss * np.exp(-relief)).sum())
            if left < lowest:
                best, lowest = chosen, left
            if lowest - bound <= tolerance or not self._news(chosen):
                break
            self.touch(relief)
        return best, lowest + tolerance

    def _news(self, chosen: Flags) -> bool:
        """Return whether a set comes for the first time; the second time its tangents are there already."""
        key = chosen.tobytes()
        new = key not in self.seen
        self.seen.add(key)
        return new

    def cheapest(self, best: Flags, ceiling: float) -> Flags:
        """Return the cheapest of the sets that leave no more than a ceiling, and of these the smallest."""
        weights = self.cost + 1e-6 / max(self.count, 1)
        objective = np.concatenate([weights, np.zeros(self.needs + self.scenarios)])
        while True:
            chosen, _ = self.least(objective, ceiling)
            relief = self.reached(chosen)
            if (self.loss * np.exp(-relief)).sum() <= ceiling:
                return chosen if weights[chosen].sum() < weights[best].sum() else best
            if not self._news(chosen):
                return best
            self.touch(relief)


def stances(of: Options, stakes: Stakes, limits: Limits) -> pd.DataFrame:
    """Return how surely each measure is chosen, when the best set is found anew for each draw.

    Returns
    -------
    DataFrame
        Columns measure; share of the draws in whose best set it is; stance (always, depends, never); depends_on: where
        it depends, the scenario whose loss, or "own effect" where its own effect, goes along most strongly with its
        being chosen (the difference of means between draws with and without it, in standard deviations); else empty.
    """
    taken = np.array([_lean(of, stakes.draw(number), limits) for number in range(len(stakes.loss))])
    share = taken.mean(axis=0)
    own = stakes.relief.sum(axis=1) + stakes.closes.sum(axis=1)
    names = [*stakes.scenarios, OWN_EFFECT]
    depends = []
    for at, chosen in enumerate(taken.T):
        drivers = np.column_stack([stakes.loss, own[:, at]])
        if chosen.all() or not chosen.any():
            depends.append("")
            continue
        spread = drivers.std(axis=0)
        apart = np.abs(drivers[chosen].mean(axis=0) - drivers[~chosen].mean(axis=0))
        strength = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
        depends.append(names[int(strength.round(DECIMALS).argmax())])
    stance = np.select([share == 1, share == 0], ["always", "never"], "depends")
    return pd.DataFrame({"measure": list(of.measures), "share": share, "stance": stance, "depends_on": depends})


def _lean(of: Options, stakes: Stakes, limits: Limits) -> Flags:
    """Return a best set without the measures that do nothing in it, the dearest dropped first."""
    chosen, most = _Programme(of, stakes, limits).solve()
    for at in sorted(np.flatnonzero(chosen).tolist(), key=lambda one: (-of.cost[one], -one)):
        less = _without(of, chosen, at)
        if chosen[at] and stakes.total(less)[0] * _scale(stakes) <= most:
            chosen = less
    return chosen


def silos(of: Options, stakes: Stakes, limits: Limits) -> Flags:
    """Return what is chosen if each department chooses alone.

    The budget is split in proportion to the cost of each department's measures. Each chooses from its own, as if the
    others did nothing, what lowers the loss of all scenarios most; what needs a measure of another department it cannot
    choose. Of two that cannot go together the one that saves less is dropped.
    """
    departments = np.array(of.departments)
    chosen = np.zeros(len(of.measures), dtype=bool)
    for department in sorted(set(of.departments)):
        own = departments == department
        relies = (of.needs & ~own).any(axis=1)
        alone = replace(of, possible=of.possible & own & ~relies)
        share = limits.budget * of.cost[own].sum() / max(of.cost.sum(), np.finfo(float).tiny)
        chosen |= choose(alone, stakes, Limits(share, limits.staff))
    for one, other in np.argwhere(np.triu(of.excludes & np.outer(chosen, chosen))).tolist():
        if chosen[one] and chosen[other]:
            dropped = min(one, other, key=lambda at: (round(_saves(of, stakes, chosen, at), DECIMALS), -at))
            chosen = _without(of, chosen, dropped)
    return chosen


def frontier(of: Options, stakes: Stakes, draws: Stakes, limits: Limits, budgets: Sequence[int]) -> pd.DataFrame:
    """Return what is left at each budget with the best set: columns budget, cost, measures, loss, low, high.

    ``stakes`` are as expected, for the choice and for loss; ``draws`` give its interval, in which nine in ten of them
    lie.
    """
    rows = []
    for budget in budgets:
        chosen = choose(of, stakes, replace(limits, budget=budget))
        rows.append({"budget": budget, **_told(of, stakes, draws, chosen)})
    return pd.DataFrame(rows)


def ways(of: Options, stakes: Stakes, draws: Stakes, limits: Limits) -> tuple[pd.DataFrame, dict[str, Flags]]:
    """Return what is left without measures, with silos and with the integral choice; and the three sets.

    Columns way (nothing, silos, integral), budget, cost, measures, loss, low, high; as `frontier` takes and returns.
    """
    sets = {
        "nothing": np.zeros(len(of.measures), dtype=bool),
        "silos": silos(of, stakes, limits),
        "integral": choose(of, stakes, limits),
    }
    rows = [{"way": way, "budget": limits.budget, **_told(of, stakes, draws, chosen)} for way, chosen in sets.items()]
    return pd.DataFrame(rows), sets


def price(stakes: Stakes, draws: Stakes, sets: Mapping[str, Flags]) -> pd.DataFrame:
    """Return what not weighing integrally costs: one row with columns way, price, low, high, share, worse.

    The price is the loss that silos leave less that which the integral choice leaves, as expected; its interval is that
    of the same difference draw by draw. Share is its part in what the integral choice gains. Worse is the share of the
    draws in which the silos really leave more; the integral choice is best for what is expected, and need not be for
    each draw.
    """
    nothing, apart, integral = (float(stakes.total(sets[way])[0]) for way in ("nothing", "silos", "integral"))
    paired = draws.total(sets["silos"]) - draws.total(sets["integral"])
    low, high = np.quantile(paired, LEVEL)
    gain = nothing - integral
    return pd.DataFrame([
        {
            "way": "silos", "price": apart - integral, "low": low, "high": high,
            "share": (apart - integral) / gain if gain > 0 else 0.0, "worse": float((paired > 0).mean()),
        }
    ])  # fmt: skip


def portfolio(of: Options, stakes: Stakes, sets: Mapping[str, Flags], stances: pd.DataFrame) -> pd.DataFrame:
    """Return every measure that was weighed, with what was chosen and how surely.

    Parameters
    ----------
    of, stakes
        As `options` and `expected` return.
    sets
        As `ways` returns.
    stances
        As `stances` returns.

    Returns
    -------
    DataFrame
        Columns measure; chosen and silo (yes, no); cost in EUR a year; stance, share, depends_on; saves: the loss that
        is left without it (and without what needs it) less that with it, all else as in the integral choice.
    """
    chosen = sets["integral"]
    return stances.assign(
        chosen=np.where(chosen, "yes", "no"),
        silo=np.where(sets["silos"], "yes", "no"),
        cost=of.cost,
        saves=[_saves(of, stakes, chosen, at) for at in range(len(of.measures))],
    )


def _scale(stakes: Stakes) -> float:
    """Return by how much the losses of the first draw are multiplied for the solver."""
    total = float(stakes.loss[0].sum())
    return SCALE / total if total > 0 else 1.0


def _told(of: Options, stakes: Stakes, draws: Stakes, chosen: Flags) -> dict[str, float]:
    low, high = np.quantile(draws.total(chosen), LEVEL)
    loss = float(stakes.total(chosen)[0])
    return {"cost": of.cost[chosen].sum(), "measures": int(chosen.sum()), "loss": loss, "low": low, "high": high}


def _without(of: Options, chosen: Flags, dropped: int) -> Flags:
    """Return a set without a measure and all that needs it, also in turn."""
    kept = chosen.copy()
    kept[dropped] = False
    while (lacking := kept & (of.needs & ~kept).any(axis=1)).any():
        kept &= ~lacking
    return kept


def _saves(of: Options, stakes: Stakes, chosen: Flags, at: int) -> float:
    """Return what a measure saves beside the others of a set, whether it is in it or comes in addition."""
    more = chosen.copy()
    more[at] = True
    less = _without(of, more, at)
    return float(stakes.total(less)[0] - stakes.total(more)[0])
