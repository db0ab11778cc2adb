"""The evaluation of effectiveness: was the goal attained, was it thanks to the measure, and at what cost.

These are three questions with an answer each. What may be said follows from tables in ``effectiveness.yaml``: design,
checks and interval give grade and verdict; verdict and goal give the word. There is no other way to a stronger word.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nvslib import attribution, follow_up, portfolio, words
from nvslib.attribution import BEFORE_AFTER, FAIL, NONE, PASS, Data, Estimate, constants
from nvslib.scales import LANGUAGES

ATTAINED, ON_COURSE, BEHIND, NOT_ATTAINED, CANNOT_TELL = GOALS = (
    "attained", "on-course", "behind", "not-attained", "cannot-tell"
)  # fmt: skip
SHOWN = ("thanks-to-measure", "plausible")  # verdicts by which there is an effect
FOUND = (*SHOWN, "no-effect-found", "opposite")  # verdicts that answer the question, for better or worse
PER_CENT = "per-cent"


def goals(indicators: pd.DataFrame, observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return whether the goal of each indicator was attained.

    How it stands is the mean over its last year, with an interval that takes season and autocorrelation along. Baseline
    and target are taken for such means too, of the years that end on their dates, so before the target date it is
    compared with the straight line between them (of logarithms where all values are positive).

    Parameters
    ----------
    indicators
        Columns indicator, measure, direction, frequency, effect_from, baseline, baseline_date, target, target_date.
    observations
        Columns indicator, series, period, value.
    as_of
        The date of the evaluation.

    Returns
    -------
    DataFrame
        One row for each indicator: indicator, measure, baseline, target, period (the last one seen, '' if none),
        latest, low, high (95 %; NaN if there are too few periods), expected (where it should be by then), verdict:
        attained (the interval lies beyond the target), on-course or behind (as long as there are no data up to the
        target date: it lies beyond what is expected by then, or short of it), not-attained (short of the target, with
        data up to its date), cannot-tell.
    """
    rows = []
    for indicator in indicators.sort_values("indicator").to_dict("records"):
        data = attribution.prepare(indicator, attribution.of_target(observations), as_of)
        end: Any = data.table.index[-1].end_time if len(data.table) else pd.NaT
        latest = _latest(data)
        expected = _expected(indicator, end, ratios=data.ratios)
        due = bool(end >= pd.Timestamp(indicator["target_date"]))
        years = (pd.Timestamp(as_of) - end).days / follow_up.constants()["days_per_year"]["value"]
        if years > constants()["stale_years"]["value"] or pd.isna(latest.value):
            verdict = CANNOT_TELL
        else:
            verdict = _reached(latest, indicator, expected, due=due)
        rows.append({
            "indicator": indicator["indicator"], "measure": indicator["measure"], "baseline": indicator["baseline"],
            "target": indicator["target"], "period": f"{end:%Y-%m-%d}" if len(data.table) else "",
            "latest": latest.value, "low": latest.low, "high": latest.high, "expected": expected, "verdict": verdict,
        })  # fmt: skip
    columns = ["indicator", "measure", "baseline", "target", "period", "latest", "low", "high", "expected", "verdict"]
    return attribution.rounded(pd.DataFrame(rows, columns=columns))


def _latest(data: Data) -> Estimate:
    """Return the mean of the target series over its last year, free from season.

    That year has a level of its own, so that no line through the years before decides it; they only tell how much is
    chance, and how that chance hangs together.
    """
    rows, table = len(data.table), data.table
    if rows < constants()["least_level"]["value"]:
        return attribution.UNKNOWN
    outcome, values = data.outcome(BEFORE_AFTER), table[attribution.TARGET]
    if np.ptp(outcome) == 0:
        value = float(values.iloc[-1])
        return Estimate(value, value, value, float("nan"))
    steps = table["_step"].to_numpy()
    recent = steps > steps[-1] - data.per_year
    sides = int((data.after & ~recent).sum()), int((~data.after).sum())
    terms = ("trend", "after") if min(sides) >= constants()["least_either"]["value"] else ("trend",)
    matrix = data.matrix(terms).assign(**{} if recent.all() else {"recent": 1.0 * recent})
    now = {"start": 1.0, "trend": float(table["_years"][recent].mean()), "after": 1.0, "recent": 1.0}
    found = attribution.fit(outcome, matrix, steps).estimate(now)
    if not data.ratios:
        return found
    # From the mean of logarithms to the mean, as the last year has it.
    mean = float(values[recent].mean() / np.exp(outcome[recent].mean()))
    value, low, high = (mean * np.exp([found.value, found.low, found.high])).tolist()
    return Estimate(value, low, high, found.p)


def _expected(indicator: Mapping[Hashable, Any], end: Any, *, ratios: bool) -> float:
    """Return where the indicator should be at a date, on the straight line from baseline to target."""
    first, last = (pd.Timestamp(indicator[name]) for name in ("baseline_date", "target_date"))
    baseline, target = indicator["baseline"], indicator["target"]
    if pd.isna(end):
        return float("nan")
    share = float(np.clip((end - first) / (last - first), 0, 1)) if last > first else float(end >= last)
    if ratios and min(baseline, target) > 0:
        return float(baseline * (target / baseline) ** share)
    return float(baseline + (target - baseline) * share)


def _reached(latest: Estimate, indicator: Mapping[Hashable, Any], expected: float, *, due: bool) -> str:
    sign = -1 if indicator["direction"] == "down" else 1
    worst, best = sorted((sign * latest.low, sign * latest.high))
    if worst >= sign * indicator["target"]:
        return ATTAINED
    if worst >= sign * expected:
        return ON_COURSE
    if best < sign * expected:
        return NOT_ATTAINED if due else BEHIND
    return CANNOT_TELL


def evidence(
    effects: pd.DataFrame, checks: pd.DataFrame, indicators: pd.DataFrame, series: pd.DataFrame
) -> pd.DataFrame:
    """Return how far the evidence of each effect reaches, by the table of rules.

    Parameters
    ----------
    effects, checks, series
        As `attribution.effects`, `attribution.checks` and `attribution.series` return.
    indicators
        Columns indicator, direction, baseline, baseline_date, target, target_date.

    Returns
    -------
    DataFrame
        One row for each indicator: indicator, measure, asked (what the goal asked on average since the effect might be
        expected, on the line from baseline to target; in per cent or the unit, as the effect), interval (wanted,
        opposite, small, unsure, unknown), checks (sound, unchecked, failed), failed (the checks that fail, joined),
        rule (design/checks/interval), grade, verdict, sentence (the key of the only sentence that may be printed).
    """
    rows = effects.merge(indicators.drop(columns=["measure"], errors="ignore"), on="indicator", suffixes=("", "_told"))
    rows["asked"] = [_asked(row, series) for row in rows.to_dict("records")]
    sign = rows["direction"].map({"down": -1, "up": 1}).to_numpy()
    ends = np.sort((sign[:, None] * rows[["low", "high"]].to_numpy(dtype=float)), axis=1)
    rows["interval"] = np.select(
        [rows["design"] == NONE, ends[:, 0] > 0, ends[:, 1] < 0, ends[:, 1] < sign * rows["asked"]],
        ["unknown", "wanted", "opposite", "small"],
        "unsure",
    )
    wrong = checks[checks["verdict"] == FAIL].sort_values(["indicator", "check"])
    joined = wrong.groupby("indicator")["check"].agg("; ".join).to_dict()
    rows["failed"] = [joined.get(name, "") for name in rows["indicator"]]
    tried = set(checks.loc[(checks["check"] == "placebo-date") & (checks["verdict"] == PASS), "indicator"])
    rows["checks"] = np.select([rows["failed"] != "", rows["indicator"].isin(tried)], ["failed", "sound"], "unchecked")
    rows["rule"] = rows["design"] + "/" + rows["checks"] + "/" + rows["interval"]
    for column in ("grade", "verdict"):
        rows[column] = rows["rule"].map({name: rule[column] for name, rule in constants()["rules"].items()})
    rows["sentence"] = rows["grade"].astype(str) + "/" + rows["verdict"]
    columns = ["indicator", "measure", "asked", "interval", "checks", "failed", "rule", "grade", "verdict", "sentence"]
    return rows[columns]


def _asked(row: Mapping[Hashable, Any], series: pd.DataFrame) -> float:
    """Return the change that the goal asked on average over the periods since the effect might be expected."""
    after = series[(series["indicator"] == row["indicator"]) & series["counterfactual"].notna()]
    if after.empty or not row["baseline"]:
        return float("nan")
    in_ratios = row["scale"] == PER_CENT
    line = np.mean([_expected(row, pd.Timestamp(period), ratios=in_ratios) for period in after["period"]])
    return float(100 * (line / row["baseline"] - 1) if in_ratios else line - row["baseline"])


def statements(
    goals: pd.DataFrame, evidence: pd.DataFrame, indicators: pd.DataFrame, series: pd.DataFrame
) -> pd.DataFrame:
    """Return what may be said of each measure.

    The word is *effective* only where the goal was attained thanks to the measure. Where it may have been attained
    without the measure too, because the best that was to be expected without it over the last year is beyond the
    target, or because the baseline was, the word is *contributes*.

    Parameters
    ----------
    goals, evidence, series
        As `goals`, `evidence` and `attribution.series` return.
    indicators
        Columns indicator, direction, frequency.

    Returns
    -------
    DataFrame
        Columns measure, indicator, goal, cause, anyway (whether the goal may have been attained without the measure,
        yes or no), word.
    """
    rows = goals.merge(evidence[["indicator", "verdict", "sentence"]], on="indicator", suffixes=("", "_cause"))
    rows = rows.merge(indicators[["indicator", "direction", "frequency"]], on="indicator")
    rows = rows.rename(columns={"verdict": "goal", "verdict_cause": "cause"})
    anyway = [_anyway(row, series) for row in rows.to_dict("records")]
    table, words_for = constants()["statements"], []
    for row, without in zip(rows.to_dict("records"), anyway, strict=True):
        word = table[row["sentence"]][row["goal"]]
        words_for.append("contributes" if without and word in ("effective", "effective-so-far") else word)
    rows = rows.assign(anyway=np.where(np.array(anyway, dtype=bool), "yes", "no"), word=words_for)
    return rows[["measure", "indicator", "goal", "cause", "anyway", "word"]]


def _anyway(row: Mapping[Hashable, Any], series: pd.DataFrame) -> bool:
    """Whether the goal may have been attained without the measure."""
    own = series[(series["indicator"] == row["indicator"]) & series["counterfactual"].notna()]
    best, sign = ("low", -1) if row["direction"] == "down" else ("high", 1)
    last = own.sort_values("period")[best].tail(attribution.PER_YEAR[row["frequency"]])
    past = sign * row["baseline"] >= sign * row["target"]
    return bool(past or (len(last) and sign * last.mean() >= sign * row["target"]))


def sentences(effects: pd.DataFrame, evidence: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the only sentence about each effect that may be printed: columns indicator, sentence_nl, sentence_en.

    Input: as `attribution.effects` and `evidence` return; indicators with columns indicator, title_nl,
    title_en, unit_nl, unit_en.
    """
    rows = effects.merge(evidence[["indicator", "sentence"]], on="indicator")
    rows = rows.merge(indicators[["indicator", "title_nl", "title_en", "unit_nl", "unit_en"]], on="indicator")
    table = constants()["sentences"]
    told = {
        f"sentence_{language}": [
            table[row["sentence"]][language].format(
                indicator=row[f"title_{language}"],
                **{name: _told(row[name], row, language) for name in ("effect", "low", "high")},
            )
            for row in rows.to_dict("records")
        ]
        for language in LANGUAGES
    }
    return pd.DataFrame({"indicator": rows["indicator"], **told})


def _told(value: float, row: dict[Hashable, Any], language: str) -> str:
    """Return a change with its sign and its unit."""
    decimals, behind = (0, "\N{NO-BREAK SPACE}%") if row["scale"] == PER_CENT else (1, f" {row[f'unit_{language}']}")
    return words.signed(value, language, decimals) + behind


def spending(statuses: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return what each measure cost up to a date: columns measure, spent, told_on, told (report or plan).

    Input: as `follow_up.statuses` returns. Euros. What was last reported up to the date counts, and told_on says of
    which reporting date that is; where nothing was reported it is what was planned up to the last reporting date.
    """
    past = statuses[statuses["date"] <= date].sort_values("date")
    planned = past.groupby("measure").tail(1).set_index("measure")[["date", "planned_spending"]]
    told = past[past["spent"].notna()].groupby("measure").tail(1).set_index("measure")
    known = planned.index.isin(told.index)
    return pd.DataFrame({
        "measure": planned.index,
        "spent": told["spent"].reindex(planned.index).fillna(planned["planned_spending"]).to_numpy(),
        "told": np.where(known, "report", "plan"),
        "told_on": told["date"].reindex(planned.index).fillna(planned["date"]).to_numpy(),
    }).sort_values("measure", ignore_index=True)  # fmt: skip


def efficiency(
    effects: pd.DataFrame,
    evidence: pd.DataFrame,
    indicators: pd.DataFrame,
    series: pd.DataFrame,
    spent: pd.DataFrame,
    measures: pd.DataFrame,
) -> pd.DataFrame:
    """Return what a unit of effect cost, where there is evidence of an effect.

    Of counts the effect is all that was more or less since it may be expected; of amounts it is the mean difference.
    The observed total T stands against ``T / (1 + effect)`` without the measure.

    Parameters
    ----------
    effects, evidence, series, spent
        As `attribution.effects`, `evidence`, `attribution.series` and `spending` return.
    indicators
        Columns indicator, direction, values_are, unit_nl, unit_en, scenario.
    measures
        Columns measure, state, part_of: an effect of a part counts for the whole, and stands against all that cost.

    Returns
    -------
    DataFrame
        One row for each indicator with evidence; of several indicators of one measure each bears all it cost: measure,
        indicator, scenario, spent (euros), told, units, units_low, units_high (in the wanted direction), unit_nl,
        unit_en, cost_per_unit, low, high (euros; high is NaN where the interval of the effect reaches zero or less:
        there is no upper end).
    """
    rows = effects.merge(evidence[["indicator", "verdict"]], on="indicator").query("verdict in @SHOWN")
    rows = rows.assign(measure=rows["measure"].map(follow_up.wholes(measures)))
    rows = rows.merge(
        indicators[["indicator", "direction", "values_are", "unit_nl", "unit_en", "scenario"]], on="indicator"
    )
    after = series[series["counterfactual"].notna()].groupby("indicator")["value"].agg(["sum", "mean", "size"])
    rows = rows.merge(after, on="indicator").merge(spent, on="measure")
    counts, sign = rows["values_are"] == "counts", rows["direction"].map({"down": -1, "up": 1})
    observed, times = rows["mean"].where(~counts, rows["sum"]), rows["size"].where(counts, 1)
    ratio = rows["scale"] == PER_CENT
    units = {
        name: sign * (observed - observed / (1 + rows[name] / 100)).where(ratio, rows[name] * times)
        for name in ("effect", "low", "high")
    }
    ends = np.sort(np.column_stack([units["low"], units["high"]]), axis=1)
    rows = rows.assign(units=units["effect"], units_low=ends[:, 0], units_high=ends[:, 1])
    rows["cost_per_unit"] = rows["spent"] / rows["units"].where(rows["units"] > 0)
    rows["low"] = rows["spent"] / rows["units_high"].where(rows["units_high"] > 0)
    rows["high"] = rows["spent"] / rows["units_low"].where(rows["units_low"] > 0)
    columns = ["measure", "indicator", "scenario", "spent", "told", "units", "units_low", "units_high"]
    return rows[[*columns, "unit_nl", "unit_en", "cost_per_unit", "low", "high"]].reset_index(drop=True)


def part_effects(measure_effects: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Return what was expected of each counted measure by its parts.

    Input: measure_effects with columns measure, scenario, acts_on, low, best, high; measures with measure, state,
    part_of. Columns measure (that counts), part (the measure itself, or its part), scenario,
    acts_on, low, best, high; without what is not adopted.
    """
    rows = measure_effects.assign(part=measure_effects["measure"])
    rows["measure"] = rows["part"].map(follow_up.wholes(measures))
    columns = ["measure", "part", "scenario", "acts_on", "low", "best", "high"]
    return rows.dropna(subset="measure").sort_values(columns[:4], ignore_index=True)[columns]


def expectations(
    effects: pd.DataFrame,
    evidence: pd.DataFrame,
    indicators: pd.DataFrame,
    parts: pd.DataFrame,
    measures: pd.DataFrame,
) -> pd.DataFrame:
    """Return what was expected of each measure on each scenario beside what was seen, and beside its alternatives.

    The two measure different things: what was expected is how much smaller the risk of a scenario becomes, what was
    seen is how much an indicator fell. They are set side by side as shares, no more. An indicator that should rise
    tells of what was done, not of harm, so it says nothing here.

    Parameters
    ----------
    effects, evidence
        As `attribution.effects` and `evidence` return.
    indicators
        Columns indicator, measure, scenario, direction.
    parts
        As `part_effects` returns.
    measures
        Columns measure, state, part_of, cost_per_year: parts count for the whole.

    Returns
    -------
    DataFrame
        One row for each measure and scenario on which it was expected to act, or is shown to: measure, scenario,
        expected_low, expected, expected_high (per cent less risk), cost_per_point (euros per year for one per cent
        less, as expected), rank (among the adopted measures on the scenario, 1 the cheapest; ties share the better),
        indicator ('' if none measures it), observed_low, observed, observed_high (per cent less, NaN without
        evidence), against: less or more (the intervals miss each other), not-different, unknown.
    """
    top, costs = follow_up.wholes(measures), _costs(measures)
    rows = parts.assign(cost_per_year=parts["measure"].map(costs))
    per_class = rows["acts_on"].map(portfolio.per_class())
    exponents = rows[["low", "best", "high"]].mul(per_class, axis=0).set_axis(["e_low", "e", "e_high"], axis=1)
    table = rows[["measure", "scenario", "cost_per_year"]].join(exponents)
    table = table.groupby(["measure", "scenario", "cost_per_year"], dropna=False)[["e_low", "e", "e_high"]].sum()
    less = (
        (100 * (1 - (-table).apply(np.exp)))
        .set_axis(["expected_low", "expected", "expected_high"], axis=1)
        .reset_index()
    )
    less["cost_per_point"] = less["cost_per_year"] / less["expected"].where(less["expected"] > 0)
    less["rank"] = less.groupby("scenario")["cost_per_point"].rank(method="min")

    seen = effects.merge(evidence[["indicator", "verdict"]], on="indicator")
    seen = seen.merge(indicators[["indicator", "scenario", "direction"]], on="indicator").fillna({"scenario": ""})
    seen = seen.assign(measure=seen["measure"].map(top))
    seen = seen[(seen["scenario"] != "") & seen["measure"].notna()]
    shown = seen["verdict"].isin(FOUND) & (seen["scale"] == PER_CENT) & (seen["direction"] == "down")
    less_seen = {"observed": "effect", "observed_low": "high", "observed_high": "low"}
    seen = seen.assign(**{name: (-seen[column]).where(shown) for name, column in less_seen.items()})
    kept = ["measure", "scenario", "indicator", "observed_low", "observed", "observed_high"]
    # What was found counts, also where nobody laid down beforehand that the measure acts on this scenario.
    pairs = [pd.MultiIndex.from_frame(rows[["measure", "scenario"]]) for rows in (seen, less)]
    seen = seen[shown | pairs[0].isin(pairs[1])]
    table = less.merge(seen[kept], how="outer", on=["measure", "scenario"]).fillna({"indicator": ""})
    table["against"] = np.select(
        [table[["expected", "observed"]].isna().any(axis=1), table["observed_high"] < table["expected_low"],
         table["observed_low"] > table["expected_high"]],
        ["unknown", "less", "more"],
        "not-different",
    )  # fmt: skip
    columns = ["measure", "scenario", "expected_low", "expected", "expected_high", "cost_per_point", "rank"]
    table = table[[*columns, "indicator", "observed_low", "observed", "observed_high", "against"]]
    return table.sort_values(["measure", "scenario", "indicator"], ignore_index=True)


def residual(expectations: pd.DataFrame, losses: pd.Series[float]) -> pd.DataFrame:
    """Return what is left of the risk of each scenario: as was expected, and by what was shown.

    A measure of which an effect was found, for better or worse, or that there is none, counts for what was seen; any
    other counts for nothing in what was shown, since nothing is known of it. Effects of several measures multiply, and
    what was seen of an indicator is taken for what happened to the risk; of several indicators of one measure, their
    mean.

    Parameters
    ----------
    expectations
        As `expectations` returns.
    losses
        Scenario -> loss without measures.

    Returns
    -------
    DataFrame
        One row for each scenario with a loss: scenario, loss, loss_expected (with what was expected of all adopted
        measures), loss_shown, loss_shown_low, loss_shown_high (with what was shown; with all effects at
        their best, and at their worst), measures, shown (how many).
    """
    one = expectations.groupby(["scenario", "measure"])[
        ["expected", "observed_low", "observed", "observed_high"]
    ].mean().reset_index()  # fmt: skip
    left = one.set_index("scenario")[["expected", "observed", "observed_high", "observed_low"]]
    # What was seen cannot take more off a risk than all of it.
    factors = (1 - left / 100).clip(lower=0).fillna(1).groupby("scenario").prod()
    counted = one.groupby("scenario")["measure"].size()
    shown = one["observed"].notna().astype(int).groupby(one["scenario"]).sum()
    table = losses.rename_axis("scenario").rename("loss").reset_index().sort_values("scenario", ignore_index=True)
    factors = factors.reindex(table["scenario"]).fillna(1.0)
    for name, column in {"expected": "expected", "shown": "observed", "shown_low": "observed_high",
                         "shown_high": "observed_low"}.items():  # fmt: skip
        table[f"loss_{name}"] = table["loss"] * factors[column].to_numpy()
    numbers: dict[str, pd.Series[int]] = {"measures": counted, "shown": shown}
    for name, number in numbers.items():
        table[name] = number.reindex(table["scenario"]).fillna(0).astype(int).to_numpy()
    return table


def overview(
    measures: pd.DataFrame,
    measure_effects: pd.DataFrame,
    indicators: pd.DataFrame,
    evidence: pd.DataFrame,
    statements: pd.DataFrame,
) -> pd.DataFrame:
    """Return what is known of each adopted measure, and what should be measured from now on.

    Parameters
    ----------
    measures
        Columns measure, state, part_of, department, cost_per_year.
    measure_effects
        Column measure: which measures have a theory of what they act on.
    indicators
        Columns indicator, measure.
    evidence, statements
        As `evidence` and `statements` return.

    Returns
    -------
    DataFrame
        One row for each counted measure: measure, department, cost_per_year (with that of its parts), theory,
        indicator, data, evaluated (each yes or no; evaluated: an effect, or none, was found), grade, verdict and word
        (of the indicator that answers best: evaluated, then the highest grade, then the first by name; 0 and '' without
        an indicator), action (the first key of the agenda that holds, after answered).
    """
    top = follow_up.wholes(measures)
    told = evidence.merge(statements[["indicator", "word"]], on="indicator")
    told = told.assign(measure=told["measure"].map(top), answers=told["verdict"].isin(FOUND))
    told = told.sort_values(["answers", "grade", "indicator"], ascending=[False, False, True])
    told = told.drop_duplicates("measure").set_index("measure")
    adopted = measures[measures["measure"].isin(top.index)]
    table = adopted[adopted["part_of"] == ""].sort_values("measure", ignore_index=True)[["measure", "department"]]
    table["cost_per_year"] = table["measure"].map(_costs(measures))
    best = told.reindex(table["measure"]).reset_index(drop=True)
    flags = {
        "theory": table["measure"].isin(measure_effects["measure"].map(top)),
        "indicator": table["measure"].isin(indicators["measure"].map(top)),
        "data": best["grade"].fillna(0) > 0,
        "evaluated": best["verdict"].isin(FOUND),
    }
    for name, flag in flags.items():
        table[name] = np.where(flag, "yes", "no")
    table["grade"] = best["grade"].fillna(0).astype(int)
    for name in ("verdict", "word"):
        table[name] = best[name].astype(object).fillna("")
    rule = best["rule"].astype(object).fillna("//").str.split("/", expand=True).reindex(columns=range(3))
    table["action"] = np.select(
        [flags["evaluated"] & (table["grade"] >= constants()["rules"]["did/sound/wanted"]["grade"]), ~flags["theory"],
         ~flags["indicator"], ~flags["data"], rule[0] == BEFORE_AFTER, rule[1] == "failed", rule[2] == "unsure"],
        ["answered", "needs-theory", "needs-indicator", "needs-data", "needs-time", "needs-review", "needs-precision"],
        "needs-comparison",
    )  # fmt: skip
    return table


def _costs(measures: pd.DataFrame) -> pd.Series[float]:
    """Return what each counted measure costs per year; one that was split costs what its parts cost."""
    top = follow_up.wholes(measures)
    adopted = measures[measures["measure"].isin(top.index)]
    paid = adopted[~adopted["measure"].isin(adopted["part_of"])]
    return paid.groupby(paid["measure"].map(top))["cost_per_year"].sum(skipna=False)


def known(overview: pd.DataFrame) -> pd.DataFrame:
    """Return of how much spending the effect is known.

    Input: as `overview` returns. Columns grade, evaluated, measures, cost_per_year, share: a row for each grade up to
    3, evaluated yes and no; share is that of the yearly cost
    of all measures of which it is told.
    """
    every = pd.MultiIndex.from_product([range(4), ["yes", "no"]], names=["grade", "evaluated"])
    table = overview.groupby(every.names)["cost_per_year"].agg(["size", "sum"]).reindex(every, fill_value=0)
    table = table.set_axis(["measures", "cost_per_year"], axis=1).reset_index()
    return table.assign(share=table["cost_per_year"] / max(table["cost_per_year"].sum(), 1))


def agenda(overview: pd.DataFrame) -> pd.DataFrame:
    """Return what should be measured from now on: columns action, measures, cost_per_year, in the order of the agenda.

    Input: as `overview` returns. Every action is there.
    """
    table = overview.groupby("action")["cost_per_year"].agg(["size", "sum"])
    table = table.reindex(list(constants()["agenda"]), fill_value=0).rename_axis("action")
    return table.set_axis(["measures", "cost_per_year"], axis=1).reset_index()
