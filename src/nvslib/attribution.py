"""What a measure did to its indicator: the effect, by the strongest design that the data bear, and checks of it.

Each indicator has a series for those whom the measure concerns and may have series of others to compare with. In this
order: the difference with the comparison series, if the two ran parallel before (``did``); the series against its own
trend (``its``); after against before (``before-after``); or nothing (``none``). Series of positive values are compared
in ratios, others in their unit. Constants stand, with their reasons, in ``effectiveness.yaml``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DID, ITS, BEFORE_AFTER, NONE = DESIGNS = ("did", "its", "before-after", "none")
CHECKS = ("pre-trend", "autocorrelation", "placebo-date", "placebo-series", "window", "influential")
PASS, FAIL, NOT_POSSIBLE = "pass", "fail", "not-possible"
PER_YEAR = {"month": 12, "quarter": 4, "year": 1}
TARGET = "target"

_DIGITS = 7  # of what is told: more are not known, and the last ones of a regression differ between machines
_GRID = np.arange(25) / 25  # autocorrelations that are weighed
_EFFECTS = ["indicator", "measure", "design", "reason", "scale", "periods_before", "periods_after", "series",
            "autocorrelation", "effect", "low", "high", "p", "level", "slope"]  # fmt: skip
_SERIES: dict[str, type] = {"indicator": str, "period": str} | dict.fromkeys(
    ["value", "fitted", "counterfactual", "low", "high", "comparison"], float
)
_INNER = ["_step", "_years", "_month"]  # columns beside the series; the name of a series has no such sign
_TERMS = {DID: ("after", "since"), ITS: ("trend", "after", "since"), BEFORE_AFTER: ("after",)}


@cache
def constants() -> dict[str, Any]:
    """Return the constants of ``effectiveness.yaml``, each with its value, basis and reason."""
    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("effectiveness.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Estimate:
    """An estimate, its interval of 95 %, and the p-value against no effect (two-sided)."""

    value: float
    low: float
    high: float
    p: float

    def in_per_cent(self) -> Estimate:
        """Return a difference of logarithms as a change in per cent."""
        value, low, high = (100 * np.expm1([self.value, self.low, self.high])).tolist()
        return Estimate(value, low, high, self.p)


UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Fit:
    """A regression with autocorrelated errors, for every autocorrelation that is weighed.

    Attributes
    ----------
    terms
        The k columns of the matrix.
    shares
        How likely each autocorrelation is, given the series; together 1.
    coefficients, covariances
        Of the terms (autocorrelations x k), and their covariances (autocorrelations x k x k).
    freedom
        The degrees of freedom.
    residuals
        What is left, freed from each autocorrelation (autocorrelations x n).
    """

    terms: tuple[str, ...]
    shares: Array
    coefficients: Array
    covariances: Array
    freedom: int
    residuals: Array

    @property
    def autocorrelation(self) -> float:
        """The mean autocorrelation of the errors between one period and the next."""
        return float(self.shares @ _GRID)

    def estimate(self, weights: Mapping[str, float]) -> Estimate:
        """Return the sum of the coefficients, each times its weight; its distribution is a mixture of t's."""
        from scipy import optimize, special

        contrast = np.array([weights.get(term, 0.0) for term in self.terms])
        means = self.coefficients @ contrast
        spreads = np.sqrt(np.einsum("i,gij,j->g", contrast, self.covariances, contrast))

        def below(value: float) -> float:
            return float(self.shares @ special.stdtr(self.freedom, (value - means) / spreads))

        tight = {"xtol": 1e-15, "rtol": 4 * np.finfo(float).eps}
        far = 1e3 * spreads.max() + np.ptp(means)
        low, high = (
            float(
                optimize.brentq(lambda value, at=at: below(value) - at, means.min() - far, means.max() + far, **tight)
            )
            for at in ((1 - _coverage()) / 2, (1 + _coverage()) / 2)
        )
        above = float(self.shares @ special.stdtr(self.freedom, means / spreads))
        return Estimate(float(self.shares @ means), low, high, min(1.0, 2 * min(below(0), above)))


def fit(outcome: Array, matrix: pd.DataFrame, steps: Array, weighed: Array | None = None) -> Fit:
    """Fit a line with errors that are autocorrelated to an unknown degree, and carry that degree's uncertainty along.

    For every autocorrelation r from 0 to 0.96 statsmodels' generalised least squares gives coefficients; each r weighs
    as its marginal likelihood times ``(1 - r²) ** -½`` (Zellner and Tiao 1964, Journal of the American Statistical
    Association 59, with Jeffreys' prior). A negative r would make intervals narrower, so it is not considered. Periods
    may be missing: errors that are d steps apart have the correlation ``r ** d``.

    Parameters
    ----------
    outcome
        n values.
    matrix
        n rows, a column for each term; n is at least two more than there are columns.
    steps
        n whole numbers: at which period each value stands.
    weighed
        Weights of the autocorrelations 0, 0.04 ... 0.96 to use instead; only to compare with a known model.
    """
    import statsmodels.api as sm

    rows, width = matrix.shape
    gaps = np.abs(np.subtract.outer(steps, steps))
    models = [sm.GLS(outcome, matrix.to_numpy(dtype=float), sigma=r**gaps) for r in _GRID]
    found = [model.fit() for model in models]
    likelihood = np.array([
        np.log(np.diag(model.cholsigmainv)).sum()
        - np.linalg.slogdet(model.wexog.T @ model.wexog)[1] / 2
        - (rows - width) / 2 * np.log(result.ssr)
        for model, result in zip(models, found, strict=True)
    ])  # fmt: skip
    weights = np.exp(likelihood - likelihood.max()) / np.sqrt(1 - _GRID**2) if weighed is None else weighed
    shares = weights / weights.sum()
    return Fit(
        tuple(matrix.columns),
        shares,
        np.array([result.params for result in found]),
        np.array([result.cov_params() for result in found]),
        rows - width,
        np.array([result.wresid for result in found]),
    )


@dataclass(frozen=True)
class Data:
    """The series of one indicator, a row for each period for which the target series has a value.

    ``table`` has columns _step (which period), _years (since the effect may be expected; negative before), _month,
    target, and one for each comparison series. ``ratios`` tells whether all values are positive, so that logarithms are
    used.
    """

    table: pd.DataFrame
    per_year: int
    ratios: bool

    @property
    def comparisons(self) -> list[str]:
        """The names of the comparison series."""
        return [str(name) for name in self.table if name not in (*_INNER, TARGET)]

    @property
    def after(self) -> Flags:
        """Which rows are after the effect may be expected."""
        return np.asarray(self.table["_years"] >= 0, dtype=np.bool_)

    def only(self, rows: Flags) -> Data:
        """Return the same with some of its rows."""
        return Data(self.table[rows], self.per_year, self.ratios)

    def from_then(self, years: float) -> Data:
        """Return the same as if the effect were expected so many years later."""
        return Data(self.table.assign(_years=self.table["_years"] - years), self.per_year, self.ratios)

    def scaled(self, columns: list[str]) -> Array:
        """Return the mean of series by row, on the scale on which they are compared."""
        values = self.table[columns].to_numpy(dtype=float)
        return np.asarray((np.log(values) if self.ratios else values).mean(axis=1), dtype=np.float64)

    def outcome(self, design: str, treated: str = TARGET) -> Array:
        """Return what is explained: the target, or its difference with the other comparison series."""
        others = [name for name in self.comparisons if name != treated]
        return self.scaled([treated]) - (self.scaled(others) if design == DID else 0)

    def matrix(self, terms: tuple[str, ...]) -> pd.DataFrame:
        """Return the columns that explain: the start, the terms of a design, and the season where it can be told."""
        years = self.table["_years"]
        every = {"trend": years, "after": 1.0 * (years >= 0), "since": years.clip(lower=0)}
        columns = {"start": pd.Series(1.0, years.index)} | {term: every[term] for term in terms}
        if self.per_year > 1 and len(years) >= constants()["years_for_season"]["value"] * self.per_year:
            angle = 2 * np.pi * (self.table["_month"] - 1) / 12
            columns |= {"season-1": np.cos(angle), "season-2": np.sin(angle), "season-3": np.cos(2 * angle)}
            if self.per_year > PER_YEAR["quarter"]:
                columns["season-4"] = np.sin(2 * angle)
        return pd.DataFrame(columns)

    def fit(self, design: str, treated: str = TARGET) -> Fit:
        """Fit a design to the series."""
        return fit(self.outcome(design, treated), self.matrix(_TERMS[design]), self.table["_step"].to_numpy())

    def mean_effect(self) -> dict[str, float]:
        """Return the weights of the coefficients that give the mean effect since it may be expected."""
        return {"after": 1.0, "since": float(self.table["_years"][self.after].mean())}

    def effect(self, design: str, treated: str = TARGET) -> Estimate:
        """Return the mean effect by a design."""
        return self.fit(design, treated).estimate(self.mean_effect())

    def is_flat(self, design: str, treated: str = TARGET) -> bool:
        """Whether nothing varies beyond what the design explains, so that there is nothing to judge by."""
        outcome = self.outcome(design, treated)
        matrix = self.matrix(_TERMS[design]).to_numpy()
        left = outcome - matrix @ np.linalg.lstsq(matrix, outcome)[0]
        return bool(left @ left <= np.finfo(float).eps * (1 + outcome @ outcome))


def prepare(indicator: Mapping[Hashable, Any], observations: pd.DataFrame, as_of: str) -> Data:
    """Return the series of an indicator as far as they were complete on a date.

    A period within which the effect begins counts neither before nor after. A comparison series counts if it has values
    for nearly all periods of the target, before and after, and is positive where the target is; periods for which one
    that counts has none are left out. Where several values fall in one period of the frequency, there is no series.

    Parameters
    ----------
    indicator
        indicator, frequency, effect_from.
    observations
        Columns indicator, series, period (its first day), value.
    as_of
        The last day.
    """
    frequency = {"month": "M", "quarter": "Q", "year": "Y"}[indicator["frequency"]]
    own = observations[observations["indicator"] == indicator["indicator"]].dropna(subset="value")
    wide = own.pivot(index="period", columns="series", values="value").reindex(columns=_names(own)).sort_index()
    wide = wide.set_axis(pd.PeriodIndex(wide.index, freq=frequency))
    wide = wide.iloc[:0] if wide.index.has_duplicates else wide
    begin = pd.Timestamp(indicator["effect_from"])
    through = (wide.index.start_time < begin) & (wide.index.end_time >= begin)
    wide = wide[(wide.index.end_time <= pd.Timestamp(as_of) + pd.Timedelta(days=1)) & ~through]
    wide = wide[wide[TARGET].notna()] if TARGET in wide else wide.iloc[:0].assign(**{TARGET: 0.0})
    per_year = PER_YEAR[indicator["frequency"]]
    step = np.asarray(wide.index.asi8, dtype=np.int64) if len(wide) else np.zeros(0, dtype=np.int64)
    start = pd.Period(begin, freq=frequency).ordinal + (begin > pd.Period(begin, freq=frequency).start_time)
    table = wide.assign(_step=step, _years=(step - start) / per_year, _month=wide.index.month)
    positive = bool((wide[TARGET] > 0).all())
    kept = [
        name
        for name in wide
        if name != TARGET and _covers(table, str(name)) and not (positive and (wide[name] <= 0).any())
    ]
    table = table[[*_INNER, TARGET, *kept]].dropna()
    return Data(table, per_year, bool((table[[TARGET, *kept]] > 0).all(axis=None)))


def _names(own: pd.DataFrame) -> list[str]:
    return [TARGET, *sorted(set(own["series"]) - {TARGET})] if TARGET in set(own["series"]) else []


def _covers(table: pd.DataFrame, name: str) -> bool:
    """Whether a comparison series has values for nearly all rows, before and after."""
    shares = table[name].notna().groupby(table["_years"] >= 0).mean()
    return bool(len(shares) > 1 and shares.min() >= constants()["least_cover"]["value"])


@dataclass(frozen=True)
class Attribution:
    """The effect on one indicator: the data, the design that they bear, and why not a stronger one."""

    data: Data
    design: str
    reason: str

    @cached_property
    def fit(self) -> Fit:
        """The model as fitted; not for the design none."""
        return self.data.fit(self.design)

    def told(self, weights: Mapping[str, float]) -> Estimate:
        """Return a sum of coefficients as it is told: in per cent, or in the unit."""
        if self.design == NONE:
            return UNKNOWN
        found = self.fit.estimate(weights)
        return found.in_per_cent() if self.data.ratios else found


def attribute(indicator: Mapping[Hashable, Any], observations: pd.DataFrame, as_of: str) -> Attribution:
    """Return the effect on an indicator by the strongest design that its data bear.

    Input: as of `prepare`. Reasons why it is no stronger one: not-parallel (the pre-trend differs), no-comparison,
    too-short (a design needs a least number of periods, and of years where there are seasons), flat (nothing varies),
    zeros (in the unit, series of different size do not move alike), no-series; '' for a difference with comparison
    series.
    """
    data = prepare(indicator, observations, as_of)
    reason = "no-comparison"
    if data.comparisons and _is_long(data) and not data.is_flat(DID):
        drift = pre_trend(data)
        if data.ratios and drift.p >= constants()["pre_trend_level"]["value"]:
            return Attribution(data, DID, "")
        reason = "not-parallel" if data.ratios else "zeros"
    alone = prepare(indicator, of_target(observations), as_of)
    if not len(alone.table):
        return Attribution(alone, NONE, "no-series")
    design, reason = (ITS, reason) if _is_long(alone) else (BEFORE_AFTER, "too-short")
    if min(_sides(alone)) < constants()["least_either"]["value"]:
        return Attribution(alone, NONE, "too-short")
    return Attribution(alone, NONE, "flat") if alone.is_flat(design) else Attribution(alone, design, reason)


def of_target(observations: pd.DataFrame) -> pd.DataFrame:
    """Return the observations of those whom measures concern, without comparison series."""
    return observations[observations["series"] == TARGET]


def _sides(data: Data) -> tuple[int, int]:
    """Return how many periods there are before and after the effect may be expected."""
    return int((~data.after).sum()), int(data.after.sum())


def _is_long(data: Data) -> bool:
    """Whether a series is long enough for a trend of its own, with its season, and a change in it."""
    need = {side: constants()[f"least_{side}"]["value"] for side in ("before", "after")}
    years = {side: constants()[f"years_{side}"]["value"] * data.per_year for side in need}
    return all(n >= max(need[side], years[side]) for side, n in zip(need, _sides(data), strict=True))


def pre_trend(data: Data) -> Estimate:
    """Return by how much per year the difference with the comparison series drifted before."""
    before = data.only(~data.after)
    if before.is_flat(DID):  # the same all along: no drift
        return Estimate(0.0, 0.0, 0.0, 1.0)
    return fit(before.outcome(DID), before.matrix(("trend",)), before.table["_step"].to_numpy()).estimate({"trend": 1})


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its fractions to seven significant digits, the same on every machine."""
    numbers = table.select_dtypes("float")
    return table.assign(
        **{str(name): numbers[name].map(lambda value: float(f"{value:.{_DIGITS}g}")) for name in numbers}
    )


def effects(indicators: pd.DataFrame, observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return the effect of each measure on its indicator.

    Parameters
    ----------
    indicators
        Columns indicator, measure, frequency, effect_from.
    observations, as_of
        As of `prepare`.

    Returns
    -------
    DataFrame
        One row for each indicator: indicator, measure, design, reason (why no stronger one; see `attribute`), scale
        (per-cent or unit), periods_before, periods_after, series (the comparison series, joined), autocorrelation,
        effect (the mean since it may be expected, against what it would have been), low, high (95 %), p, level (the
        change at once), slope (the change per year after that). NaN where the design has no such term.
    """
    rows = []
    for indicator in indicators.sort_values("indicator").to_dict("records"):
        found = attribute(indicator, observations, as_of)
        whole = found.told(found.data.mean_effect()) if found.design != NONE else UNKNOWN
        sloped = found.design in (DID, ITS)
        rows.append({
            "indicator": indicator["indicator"], "measure": indicator["measure"], "design": found.design,
            "reason": found.reason, "scale": "per-cent" if found.data.ratios else "unit",
            "periods_before": int((~found.data.after).sum()), "periods_after": int(found.data.after.sum()),
            "series": "; ".join(found.data.comparisons) if found.design == DID else "",
            "autocorrelation": found.fit.autocorrelation if found.design != NONE else float("nan"),
            "effect": whole.value, "low": whole.low, "high": whole.high, "p": whole.p,
            "level": found.told({"after": 1}).value,
            "slope": found.told({"since": 1}).value if sloped else float("nan"),
        })  # fmt: skip
    return rounded(pd.DataFrame(rows, columns=_EFFECTS))


def checks(indicators: pd.DataFrame, observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return for each effect whether it stands the checks of its design.

    Input: as of `effects`. Columns indicator, check, value, p, verdict (pass, fail, or not-possible where the data or
    the design do not allow it), a row for each of:

    - pre-trend: the drift of the difference before, per year. It decides on the design, so where it differs that fell
      back on the series' own trend.
    - autocorrelation: what is left in the residuals (Ljung and Box 1978) by that of the likely autocorrelations which
      leaves least, as the statistic.
    - placebo-date: an effect at the middle of the time before, when there was none.
    - placebo-series: each comparison series as if the measure concerned it; the largest, its p times their number.
    - window: the effect with half the time on both sides, where that still has its season; it fails if it points the
      other way or their intervals miss each other. Without a p-value.
    - influential: the effect without the period that weighs most (Cook 1977); it fails if zero then is inside the
      interval where it was outside. Without a p-value.
    """
    rows = []
    for indicator in indicators.sort_values("indicator").to_dict("records"):
        found = attribute(indicator, observations, as_of)
        for name, (value, p, verdict) in _checked(found).items():
            rows.append(
                {"indicator": indicator["indicator"], "check": name, "value": value, "p": p, "verdict": verdict}
            )
    return rounded(pd.DataFrame(rows, columns=["indicator", "check", "value", "p", "verdict"]))


_Checked = tuple[float, float, str]
_NOT_DONE: _Checked = (float("nan"), float("nan"), NOT_POSSIBLE)


def _checked(found: Attribution) -> dict[str, _Checked]:
    if found.design not in (DID, ITS):
        return dict.fromkeys(CHECKS, _NOT_DONE)
    data, design, fitted = found.data, found.design, found.fit
    whole = fitted.estimate(data.mean_effect())
    return {
        "pre-trend": _by_p(data, pre_trend(data), "pre_trend_level") if design == DID else _NOT_DONE,
        "autocorrelation": _left_over(fitted),
        "placebo-date": _placebo_date(data, design),
        "placebo-series": _placebo_series(data, design),
        "window": _half_window(data, design, whole),
        "influential": _without_most(data, design, whole),
    }


def _by_p(data: Data, found: Estimate, level: str, times: int = 1) -> _Checked:
    told = found.in_per_cent() if data.ratios else found
    p = min(1.0, found.p * times)
    return told.value, p, PASS if p >= constants()[level]["value"] else FAIL


def _left_over(fitted: Fit) -> _Checked:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    likely = fitted.residuals[fitted.shares >= fitted.shares.max() * constants()["likely_share"]["value"]]
    lags = max(1, min(10, likely.shape[1] // 5))
    rows = pd.concat([acorr_ljungbox(residuals, lags=[lags]) for residuals in likely])
    best = rows.sort_values("lb_pvalue").iloc[-1]
    return float(best["lb_stat"]), float(best["lb_pvalue"]), PASS if best["lb_pvalue"] >= _check_level() else FAIL


def _placebo_date(data: Data, design: str) -> _Checked:
    before = data.only(~data.after)
    middle = before.from_then(float(before.table["_years"].iloc[len(before.table) // 2]))
    wide = middle.matrix(_TERMS[design]).shape[1]
    alike = wide == data.matrix(_TERMS[design]).shape[1]  # else the season would be taken for an effect
    if not alike or len(middle.table) < wide + constants()["least_spare"]["value"] or middle.is_flat(design):
        return _NOT_DONE
    return _by_p(middle, middle.effect(design), "check_level")


def _placebo_series(data: Data, design: str) -> _Checked:
    others = Data(data.table.drop(columns=TARGET), data.per_year, data.ratios)
    if design != DID or len(others.comparisons) < 2:  # noqa: PLR2004 - one, and one to compare it with
        return _NOT_DONE
    found = {name: others.effect(design, name) for name in others.comparisons if not others.is_flat(design, name)}
    if not found:
        return _NOT_DONE
    worst = min(found.values(), key=lambda one: one.p)
    return _by_p(data, worst, "check_level", len(found))


def _half_window(data: Data, design: str, whole: Estimate) -> _Checked:
    years = data.table["_years"]
    half = data.only(((years >= years.min() / 2) & (years <= years.max() / 2)).to_numpy())
    terms = half.matrix(_TERMS[design]).columns
    room = len(half.table) >= len(terms) + constants()["least_spare"]["value"]
    alike = len(terms) == len(data.matrix(_TERMS[design]).columns)  # else the season would be taken for an effect
    if not alike or min(_sides(half)) < constants()["least_either"]["value"] or not room or half.is_flat(design):
        return _NOT_DONE
    found = half.effect(design)
    apart = found.low > whole.high or found.high < whole.low
    turned = found.value * whole.value < 0 and not whole.low <= 0 <= whole.high
    told = found.in_per_cent() if data.ratios else found
    return told.value, float("nan"), FAIL if apart or turned else PASS


def _without_most(data: Data, design: str, whole: Estimate) -> _Checked:
    import statsmodels.api as sm

    line = sm.OLS(data.outcome(design), data.matrix(_TERMS[design]).to_numpy()).fit()
    most = int(np.nan_to_num(line.get_influence().cooks_distance[0]).argmax())
    rest = data.only(np.arange(len(data.table)) != most)
    if rest.is_flat(design):
        return _NOT_DONE
    found = rest.effect(design)
    lost = not whole.low <= 0 <= whole.high and (found.low <= 0 <= found.high or found.value * whole.value < 0)
    told = found.in_per_cent() if data.ratios else found
    return told.value, float("nan"), FAIL if lost else PASS


def series(indicators: pd.DataFrame, observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return what a chart of each indicator needs: what was seen, and what it would have been.

    Input: as of `effects`. Columns indicator, period (its first day), value, fitted, counterfactual (without the
    effect, from when it may be expected; by the comparison series where the design has them), low, high (its interval
    of 95 %), comparison (the mean of the comparison series, on the level of the target before). NaN where there is no
    such value, and for all but value where the design is none.
    """
    parts = [_series_of(one, observations, as_of) for one in indicators.sort_values("indicator").to_dict("records")]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _SERIES.items()})
    return rounded(pd.concat(parts, ignore_index=True))


def _series_of(indicator: dict[Hashable, Any], observations: pd.DataFrame, as_of: str) -> pd.DataFrame:
    from scipy import stats

    found = attribute(indicator, observations, as_of)
    data = found.data
    starts: Any = data.table.index
    periods = starts.start_time.strftime("%Y-%m-%d") if len(starts) else []
    table = pd.DataFrame({
        "indicator": indicator["indicator"], "period": periods, "value": data.table[TARGET].to_numpy(),
        "fitted": np.nan, "counterfactual": np.nan, "low": np.nan, "high": np.nan, "comparison": np.nan,
    })  # fmt: skip
    if found.design == NONE:
        return table
    matrix, after = data.matrix(_TERMS[found.design]), data.after
    without = matrix.assign(**dict.fromkeys({"after", "since"} & set(matrix), 0.0)).to_numpy()
    shift = data.scaled(data.comparisons) if found.design == DID else np.zeros(len(data.table))
    means = found.fit.coefficients @ without.T  # autocorrelations x periods
    spread = np.einsum("ti,gij,tj->gt", without, found.fit.covariances, without)
    middle = found.fit.shares @ means
    error = np.sqrt(found.fit.shares @ (spread + (means - middle) ** 2))
    reach = stats.t.ppf((1 + _coverage()) / 2, found.fit.freedom) * error
    back = np.exp if data.ratios else np.asarray
    table["fitted"] = back(found.fit.shares @ (found.fit.coefficients @ matrix.to_numpy().T) + shift)
    for column, value in {"counterfactual": middle, "low": middle - reach, "high": middle + reach}.items():
        table[column] = np.where(after, back(value + shift), np.nan)
    if found.design == DID:
        gap = (data.scaled([TARGET]) - shift)[~after].mean()
        table["comparison"] = back(shift + gap)
    return table


def _coverage() -> float:
    return float(constants()["coverage"]["value"])


def _check_level() -> float:
    return float(constants()["check_level"]["value"])
