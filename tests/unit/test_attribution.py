"""Attribution: the estimate against independent ones, which design is chosen, and what the checks find."""

import importlib.util
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from workbench import ROOT

from nvslib import attribution
from nvslib.attribution import BEFORE_AFTER, DID, ITS, NONE

INDEPENDENT = np.eye(25)[0]


@pytest.fixture(autouse=True)
def _no_warnings():
    """Whatever the data are like: an answer, and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def indicator(frequency="month", effect_from="2018-01-01", **more):
    return {"indicator": "i", "measure": "m", "frequency": frequency, "effect_from": effect_from} | more


def observed(values, series="target", start="2014-01-01", frequency="month"):
    periods = pd.period_range(start, periods=len(values), freq=frequency[0].upper())
    table = pd.DataFrame({
        "indicator": "i", "series": series, "period": periods.start_time.strftime("%Y-%m-%d"), "value": values
    })  # fmt: skip
    return table.dropna(subset="value")


def errors(count, seed, spread=0.05, autocorrelation=0.3):
    rng = np.random.default_rng(seed)
    left = rng.standard_normal(count) * spread
    for at in range(1, count):
        left[at] = autocorrelation * left[at - 1] + np.sqrt(1 - autocorrelation**2) * left[at]
    return left


def series(count=72, effect=0.0, at=48, seed=0, **more):
    """Return monthly values with a trend, a season, autocorrelated errors and an effect of the logarithm."""
    time = np.arange(count)
    season = 0.1 * np.cos(2 * np.pi * time / 12)
    return 100 * np.exp(0.002 * time + season + errors(count, seed, **more) + effect * (time >= at))


def found(*tables, as_of="2099-12-31", **more):
    return attribution.attribute(indicator(**more), pd.concat(tables, ignore_index=True), as_of)


def row(*tables, **more):
    table = attribution.effects(pd.DataFrame([indicator(**more)]), pd.concat(tables, ignore_index=True), "2099-12-31")
    return table.iloc[0]


def verdicts(*tables, **more):
    frame = pd.DataFrame([indicator(**more)])
    table = attribution.checks(frame, pd.concat(tables, ignore_index=True), "2099-12-31")
    return dict(zip(table["check"], table["verdict"], strict=True))


# The estimate


def test_without_autocorrelation_it_is_ordinary_least_squares():
    matrix = pd.DataFrame({"start": 1.0, "trend": np.arange(20.0), "after": [0.0] * 12 + [1.0] * 8})
    outcome = errors(20, 1)
    ours = attribution.fit(outcome, matrix, np.arange(20), INDEPENDENT)
    theirs = sm.OLS(outcome, matrix).fit()
    estimate = ours.estimate({"after": 1})
    assert estimate.value == pytest.approx(theirs.params["after"])
    assert [estimate.low, estimate.high] == pytest.approx(theirs.conf_int().loc["after"].tolist())
    assert estimate.p == pytest.approx(theirs.pvalues["after"])


def test_on_a_long_series_it_is_as_maximum_likelihood():
    count = 400
    matrix = pd.DataFrame({"start": 1.0, "trend": np.arange(count) / 12, "after": 1.0 * (np.arange(count) >= 250)})
    outcome = errors(count, 3, autocorrelation=0.5) + 0.1 * matrix["after"].to_numpy()
    ours = attribution.fit(outcome, matrix, np.arange(count))
    theirs = sm.tsa.SARIMAX(outcome, exog=matrix, order=(1, 0, 0)).fit(disp=False)
    estimate = ours.estimate({"after": 1})
    assert estimate.value == pytest.approx(theirs.params["after"], abs=0.1 * theirs.bse["after"])
    assert (estimate.high - estimate.low) / (2 * 1.96) == pytest.approx(theirs.bse["after"], rel=0.1)
    assert ours.autocorrelation == pytest.approx(theirs.params["ar.L1"], abs=0.03)


def test_every_autocorrelation_counts_by_its_marginal_likelihood_and_prior():
    """Worked out from the formula of Zellner and Tiao, with nothing but matrices."""
    outcome, steps = errors(15, 8), np.arange(15)
    matrix = np.column_stack([np.ones(15), steps >= 9])
    logs = []
    for degree in np.arange(25) / 25:
        covariance = degree ** np.abs(np.subtract.outer(steps, steps))
        inverse = np.linalg.inv(covariance)
        normal = matrix.T @ inverse @ matrix
        left = outcome - matrix @ np.linalg.solve(normal, matrix.T @ inverse @ outcome)
        logs.append(
            -np.log(np.linalg.det(covariance)) / 2 - np.log(np.linalg.det(normal)) / 2
            - (15 - 2) / 2 * np.log(left @ inverse @ left) - np.log(1 - degree**2) / 2
        )  # fmt: skip
    weights = np.exp(np.array(logs) - max(logs))
    fitted = attribution.fit(outcome, pd.DataFrame(matrix.astype(float), columns=["start", "after"]), steps)
    assert fitted.shares == pytest.approx(weights / weights.sum())
    assert fitted.autocorrelation == pytest.approx(weights @ np.arange(25) / 25 / weights.sum())


def test_more_autocorrelation_makes_the_interval_wider():
    matrix = pd.DataFrame({"start": 1.0, "after": [0.0] * 30 + [1.0] * 30})
    outcome = errors(60, 5)
    widths = []
    for place in (0, 8, 16):
        estimate = attribution.fit(outcome, matrix, np.arange(60), np.eye(25)[place]).estimate({"after": 1})
        widths.append(estimate.high - estimate.low)
    assert widths == sorted(widths)


def test_a_period_that_is_missing_keeps_its_distance():
    """Errors two steps apart hang together less than those of neighbours."""
    matrix, outcome = pd.DataFrame({"start": np.ones(6)}), np.array([1.0, 2, 1, 3, 2, 4])
    known = np.eye(25)[15]  # an autocorrelation of 0.6
    apart = attribution.fit(outcome, matrix, np.array([0, 1, 2, 4, 5, 6]), known)
    theirs = sm.GLS(outcome, matrix, sigma=0.6 ** np.abs(np.subtract.outer(*[np.array([0, 1, 2, 4, 5, 6])] * 2))).fit()
    assert apart.estimate({"start": 1}).value == pytest.approx(theirs.params["start"])
    assert [apart.estimate({"start": 1}).low] == pytest.approx([theirs.conf_int().loc["start", 0]])


# Which design


def test_with_a_parallel_series_it_is_the_difference():
    chosen = found(observed(series(effect=-0.3)), observed(series(seed=9), "other"))
    assert (chosen.design, chosen.reason, chosen.data.comparisons) == (DID, "", ["other"])


def test_a_series_that_drifted_before_is_no_comparison():
    drifting = series(seed=9) * np.exp(0.01 * np.arange(72))
    chosen = found(observed(series(effect=-0.3)), observed(drifting, "other"))
    assert (chosen.design, chosen.reason) == (ITS, "not-parallel")


@pytest.mark.parametrize("lacking", [slice(0, 48), slice(48, 72), slice(0, 10)])
def test_a_comparison_series_that_lacks_one_side_or_many_periods_does_not_count(lacking):
    other = series(seed=9)
    other[lacking] = np.nan
    chosen = found(observed(series(effect=-0.3)), observed(other, "other"))
    assert (chosen.design, chosen.reason) == (ITS, "no-comparison")


def test_a_comparison_series_may_lack_a_period_which_then_is_left_out():
    other = series(seed=9)
    other[20] = np.nan
    chosen = found(observed(series(effect=-0.3)), observed(other, "other"))
    assert chosen.design == DID
    assert len(chosen.data.table) == 71


@pytest.mark.parametrize(
    ("before", "after", "design", "reason"),
    [(24, 12, ITS, "no-comparison"), (23, 12, BEFORE_AFTER, "too-short"), (24, 11, BEFORE_AFTER, "too-short"),
     (3, 3, BEFORE_AFTER, "too-short"), (2, 12, NONE, "too-short"), (24, 2, NONE, "too-short"),
     (0, 12, NONE, "too-short"), (24, 0, NONE, "too-short")],
)  # fmt: skip
def test_the_design_needs_a_least_number_of_periods(before, after, design, reason):
    start = f"{pd.Period('2018-01', 'M') - before}-01"
    chosen = found(observed(series(before + after, at=before), start=start))
    assert (chosen.design, chosen.reason) == (design, reason)


@pytest.mark.parametrize(("before", "after", "design"), [(8, 4, ITS), (7, 4, BEFORE_AFTER), (8, 3, BEFORE_AFTER)])
def test_years_need_no_season_but_enough_of_them(before, after, design):
    start = f"{2018 - before}-01-01"
    values = 100 + errors(before + after, 2, spread=3)
    assert found(observed(values, start=start, frequency="year"), frequency="year").design == design


@pytest.mark.parametrize(("lacking", "design"), [(4, DID), (5, ITS)])
def test_a_comparison_series_may_lack_one_in_ten_periods(lacking, design):
    other = series(seed=9)
    other[1 : 2 * lacking : 2] = np.nan
    assert found(observed(series()), observed(other, "other")).design == design


def test_a_drift_before_that_is_surer_than_one_in_twenty_is_no_parallel():
    seen = []
    for seed in range(40):
        tables = pd.concat([observed(series(seed=seed)), observed(series(seed=seed + 100), "other")])
        data = attribution.prepare(indicator(), tables, "2099-12-31")
        p = attribution.pre_trend(data).p
        assert found(tables).design == (DID if p >= 0.05 else ITS)
        seen.append(p)
    assert any(0.03 < p < 0.05 for p in seen)
    assert any(0.05 < p < 0.1 for p in seen)


def test_a_check_fails_where_chance_is_less_than_one_in_a_hundred():
    rows = []
    for size in np.linspace(0.1, 0.25, 7):
        values = series(at=24, effect=size)
        frame = attribution.checks(pd.DataFrame([indicator()]), observed(values), "2099-12-31")
        rows.append(frame[frame["check"] == "placebo-date"].iloc[0])
    assert all((row["verdict"] == "fail") == (row["p"] < 0.01) for row in rows)
    assert any(0.01 < row["p"] < 0.05 for row in rows)
    assert any(0.002 < row["p"] < 0.01 for row in rows)


@pytest.mark.parametrize(("count", "columns"), [(23, 1), (24, 5)])
def test_the_season_is_told_apart_from_two_years_on(count, columns):
    data = attribution.prepare(indicator(), observed(series(count)), "2099-12-31")
    assert data.matrix(()).shape[1] == columns


def test_without_the_series_of_the_target_there_is_nothing():
    chosen = found(observed(series(), "other"))
    assert (chosen.design, chosen.reason) == (NONE, "no-series")
    assert np.isnan(row(observed(series(), "other"))["effect"])


@pytest.mark.parametrize("values", [np.full(72, 7.0), np.zeros(72), 2.0 * 1.01 ** np.arange(72)])
def test_what_does_not_vary_gives_no_effect_and_no_number(values):
    result = row(observed(values))
    assert (result["design"], result["reason"]) == (NONE, "flat")
    assert result[["effect", "low", "high", "p", "level", "slope", "autocorrelation"]].isna().all()
    assert set(verdicts(observed(values)).values()) == {"not-possible"}


def test_two_series_that_are_equal_leave_the_own_trend():
    values = series()
    assert found(observed(values), observed(values, "other")).design == ITS


def test_a_comparison_series_with_zeros_does_not_put_the_others_in_the_unit():
    chosen = found(observed(series(effect=-0.3)), observed(np.zeros(72), "none"), observed(series(seed=9), "other"))
    assert (chosen.design, chosen.data.comparisons, chosen.data.ratios) == (DID, ["other"], True)


def test_in_the_unit_nothing_is_compared_with_other_series():
    values = np.round(series() / 20)
    values[10] = 0
    chosen = found(observed(values), observed(1000 * series(seed=9), "other"))
    assert (chosen.design, chosen.reason) == (ITS, "zeros")


def test_what_was_the_same_before_did_not_drift():
    """A new kind of incident: none before, neither here nor elsewhere."""
    start = np.arange(72) >= 48
    new = [start * np.round(series(seed=seed) / 5) for seed in (1, 9)]
    assert found(observed(new[0]), observed(new[1], "other")).reason == "zeros"
    same = series(seed=2)
    other = np.where(start, series(seed=9), same)
    assert found(observed(same), observed(other, "other")).design == DID


def test_comparison_series_that_are_equal_to_each_other_give_no_placebo():
    other = series(seed=9)
    told = verdicts(observed(series(effect=-0.3)), observed(other, "a"), observed(other, "b"))
    assert told["placebo-series"] == "not-possible"


def test_a_series_may_have_any_name_and_periods_must_be_of_the_frequency():
    names = ("month", "years", "step")
    others = [observed(series(seed=seed), name) for seed, name in enumerate(names, start=9)]
    assert found(observed(series(effect=-0.3)), *others).data.comparisons == sorted(names)
    assert found(observed(series()), frequency="quarter").reason == "no-series"


# What counts


def test_a_period_within_which_the_effect_begins_counts_neither_way():
    chosen = found(observed(series(), start="2014-01-01"), effect_from="2018-01-15")
    assert len(chosen.data.table) == 71
    assert int(chosen.data.after.sum()) == 23
    assert chosen.data.table["_years"][chosen.data.after].min() == 0


def test_what_was_not_complete_on_the_day_does_not_count():
    early = found(observed(series()), as_of="2019-06-29")
    assert str(early.data.table.index[-1]) == "2019-05"
    assert str(found(observed(series()), as_of="2019-06-30").data.table.index[-1]) == "2019-06"


def test_gaps_do_not_move_periods():
    values = series(effect=-0.3)
    whole = row(observed(values))
    values[[5, 6, 7, 30, 55]] = np.nan
    less = row(observed(values))
    assert (less["periods_before"], less["periods_after"]) == (44, 23)
    assert less["effect"] == pytest.approx(whole["effect"], abs=4)


def test_a_zero_puts_the_effect_in_the_unit():
    values = np.round(series(effect=-0.3) / 20)
    values[10] = 0
    result = row(observed(values))
    assert result["scale"] == "unit"
    assert result["low"] < result["effect"] < result["high"]
    assert result["effect"] == pytest.approx(-1.3, abs=1)


def test_the_effect_is_what_was_planted():
    result = row(observed(series(effect=np.log(0.7), seed=4)), observed(series(seed=9), "other"))
    assert result["scale"] == "per-cent"
    assert result["low"] < -30 < result["high"]
    assert result["high"] < 0


def test_the_mean_effect_is_the_level_and_the_mean_of_the_slope():
    chosen = found(observed(series(effect=-0.3)))
    years = chosen.data.table["_years"][chosen.data.after].mean()
    parts = {term: chosen.fit.estimate({term: 1}).value for term in ("after", "since")}
    mean = chosen.fit.estimate(chosen.data.mean_effect()).value
    assert mean == pytest.approx(parts["after"] + years * parts["since"])
    assert row(observed(series(effect=-0.3)))["effect"] == pytest.approx(100 * np.expm1(mean))


# Checks


def test_a_sound_design_passes_its_checks():
    others = [observed(series(seed=seed), name) for name, seed in (("a", 9), ("b", 10))]
    assert set(verdicts(observed(series(effect=-0.3)), *others).values()) == {"pass"}


def test_a_break_before_the_measure_is_an_effect_at_a_placebo_date():
    broken = series(at=24, effect=-0.4)
    assert verdicts(observed(broken))["placebo-date"] == "fail"


def test_a_comparison_series_that_broke_too_is_found():
    others = [observed(series(seed=9), "a"), observed(series(seed=10), "b"), observed(series(seed=11, effect=0.5), "c")]
    assert verdicts(observed(series(effect=-0.3)), *others)["placebo-series"] == "fail"
    assert verdicts(observed(series(effect=-0.3)), *others[:1])["placebo-series"] == "not-possible"


def test_what_repeats_every_third_period_is_left_over():
    values = series() * np.exp(0.3 * np.cos(2 * np.pi * np.arange(72) / 3))
    assert verdicts(observed(values))["autocorrelation"] == "fail"
    assert verdicts(observed(series()))["autocorrelation"] == "pass"


@pytest.mark.parametrize(("share", "verdict"), [(0.06, "pass"), (0.04, "fail")])
def test_only_a_likely_autocorrelation_excuses_what_is_left(share, verdict):
    white = np.random.default_rng(1).standard_normal(60)
    left = np.cumsum(white)  # hangs together strongly
    nothing = np.zeros((2, 1))
    fitted = attribution.Fit(
        ("start",), np.array([1, share]), nothing, nothing[:, :, None], 59, np.array([left, white])
    )
    assert attribution._left_over(fitted)[2] == verdict


@pytest.mark.parametrize(("before", "after", "possible"), [(10, 5, True), (9, 5, False)])
def test_a_check_needs_four_periods_more_than_coefficients(before, after, possible):
    values = observed(100 + errors(before + after, 2, spread=3), start=f"{2018 - before}-01-01", frequency="year")
    assert (verdicts(values, frequency="year")["window"] != "not-possible") == possible


def test_an_effect_that_turns_does_not_hold_in_half_the_window():
    after = np.arange(72) - 48
    values = series() * np.exp(np.where(after >= 12, -0.8, np.where(after >= 0, 0.3, 0)))
    assert verdicts(observed(values), observed(series(seed=9), "other"))["window"] == "fail"


def test_one_period_that_decides_is_found():
    yearly = 100 * np.exp(errors(13, 6, spread=0.01))
    yearly[8:12] *= 1.001
    single = yearly.copy()
    single[12] *= 0.6
    alone = [observed(values, start="2010-01-01", frequency="year") for values in (yearly, single)]
    other = observed(100 * np.exp(errors(13, 8, spread=0.01)), "other", start="2010-01-01", frequency="year")
    assert verdicts(alone[0], other, frequency="year")["influential"] == "pass"
    result = row(alone[1], other, frequency="year")
    if not result["low"] <= 0 <= result["high"]:
        assert verdicts(alone[1], other, frequency="year")["influential"] == "fail"


# The chart's series


def test_the_counterfactual_is_what_was_observed_less_the_effect():
    tables = pd.concat([observed(series(effect=-0.3)), observed(series(seed=9), "other")])
    frame = pd.DataFrame([indicator()])
    drawn = attribution.series(frame, tables, "2099-12-31")
    after = drawn[drawn["counterfactual"].notna()]
    assert after["period"].min() == "2018-01-01"
    ratio = np.log(after["fitted"] / after["counterfactual"]).mean()
    assert 100 * np.expm1(ratio) == pytest.approx(attribution.effects(frame, tables, "2099-12-31")["effect"].iloc[0])
    assert (after["low"] < after["counterfactual"]).all()
    assert (after["counterfactual"] < after["high"]).all()
    before = drawn[drawn["counterfactual"].isna()]
    assert np.log(before["value"] / before["comparison"]).mean() == pytest.approx(0, abs=1e-6)


def test_constants_bear_their_basis():
    for name, constant in attribution.constants().items():
        if isinstance(constant, dict) and "value" in constant:
            assert constant["basis"] in ("published", "own"), name
            assert constant["why"], name


def test_intervals_hold_what_was_planted():
    """The short form of docs/validate_effects.py, which says how often for all designs and lengths."""
    spec = importlib.util.spec_from_file_location("validate_effects", ROOT / "docs" / "validate_effects.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for kind in ("own trend", "one comparison series"):
        shares = script.row((kind, ("quarter", 24, 12), 0.6), count=100, seed=7)
        assert shares["covered"] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 100)
        assert shares["alarms"] <= 0.05 + 3 * np.sqrt(0.95 * 0.05 / 100)
