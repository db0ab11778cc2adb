"""Published studies, done again with our own designs, to the digits published.

Cigarette sales in California (packs a head, 1970-2000; Orzechowski and Walker, The Tax Burden on Tobacco, by way of
Abadie, Diamond and Hainmueller 2010) as an interrupted time series around Proposition 99 in Linden 2015, Stata Journal
15, p. 480-500. Organ donor registration by American state and quarter (Kessler and Roth 2014; data of the package
causaldata, MIT licence) as a difference in differences around California's change of the question, in Huntington-Klein
2021, The Effect, chapter 18.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from nvslib import attribution
from nvslib.attribution import DID, Data

HERE = Path(__file__).parent
INDEPENDENT = np.eye(25)[0]  # no autocorrelation, as ordinary least squares


@pytest.fixture
def california():
    table = pd.read_csv(HERE / "cigarettes-california.csv")
    return Data(
        pd.DataFrame({"_step": table["year"], "_years": table["year"] - 1989.0, "_month": 1, "target": table["packs"]}),
        per_year=1,
        ratios=False,
    )


def test_an_interrupted_time_series_is_as_published(california):
    matrix = california.matrix(("trend", "after", "since"))
    newey_west = {"maxlags": 1, "use_correction": True}
    found = sm.OLS(california.outcome("its"), matrix).fit(cov_type="HAC", cov_kwds=newey_west, use_t=True)
    assert found.params[["trend", "after", "since"]].round(6).tolist() == [-1.779474, -20.058097, -1.494652]
    assert found.bse[["trend", "after", "since"]].round(4).tolist() == [0.3834, 4.7244, 0.4368]


def test_without_autocorrelation_ours_is_the_same_and_with_it_smaller(california):
    """Sales rose until 1976 and fell after, so a line does not fit the years before and the step takes the rest up."""
    years = california.table["_step"].to_numpy()
    matrix = california.matrix(("trend", "after", "since"))
    plain = attribution.fit(california.outcome("its"), matrix, years, INDEPENDENT)
    assert plain.estimate({"after": 1}).value == pytest.approx(-20.058097, abs=1e-6)
    ours = attribution.fit(california.outcome("its"), matrix, years)
    assert ours.autocorrelation > 0.8
    step = ours.estimate({"after": 1})
    assert -20.058097 < step.low < step.value < step.high < 0


def test_a_difference_in_differences_is_as_published():
    rates = pd.read_csv(HERE / "organ-donors.csv")
    quarters = rates["quarter"].unique()
    wide = rates.pivot(index="quarter", columns="state", values="rate").loc[quarters].reset_index(drop=True)
    table = wide.rename(columns={"California": "target"}).assign(
        _step=range(6), _years=(np.arange(6) - 3) / 4, _month=[10, 1, 4, 7, 10, 1]
    )
    data = Data(table, per_year=4, ratios=False)
    assert len(data.comparisons) == 26
    fitted = attribution.fit(data.outcome(DID), data.matrix(("after", "since")), table["_step"].to_numpy(), INDEPENDENT)
    assert round(fitted.estimate(data.mean_effect()).value, 3) == -0.022
    drift = attribution.pre_trend(Data(table[table["_years"] < 0], 4, ratios=False).only(np.array([True] * 3)))
    assert drift.low < 0 < drift.high
