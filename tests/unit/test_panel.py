"""The panel: what it shows is what the method computes, and moving a slider draws anew."""

import io

import pytest
from matplotlib.image import imread

from nvslib import panel
from nvslib.editions import load_edition

EDITION = load_edition("2022")
NEUTRAL = dict.fromkeys(EDITION.interests, 1.0)


@pytest.fixture(scope="module")
def tables(made):
    read = {name: made.read_table("vsk-2023", name) for name in ("scenarios", "judgements", "likelihood", "impact")}
    scenarios = read["scenarios"][read["scenarios"]["status"] != "added"]
    read["scenarios"] = scenarios.assign(rank=1)  # as in the notebook
    return read


def test_equal_times_are_the_scores_of_the_cycle(tables):
    tried = panel.trial(tables["judgements"], EDITION, NEUTRAL)
    for bound in ("low", "best", "high"):
        written = tables["impact"][tables["impact"]["bound"] == bound].set_index("scenario")["position"]
        assert tried[bound].to_numpy() == pytest.approx(written.loc[tried.index].to_numpy())
    doubled = panel.trial(tables["judgements"], EDITION, dict.fromkeys(EDITION.interests, 2.0))
    assert tried.equals(doubled)


@pytest.mark.parametrize("aggregator", panel.AGGREGATORS)
@pytest.mark.parametrize("interest", EDITION.interests)
def test_an_interest_that_alone_counts_decides(tables, aggregator, interest):
    times = dict.fromkeys(EDITION.interests, 0.0) | {interest: 1.0}
    tried = panel.trial(tables["judgements"], EDITION, times, aggregator)
    assert tried["rank"].min() == 1
    assert (tried["low"] <= tried["best"]).all()
    assert (tried["best"] <= tried["high"]).all()
    criteria = [name for name, criterion in EDITION.criteria.items() if criterion.interest == interest]
    judged = tables["judgements"][tables["judgements"]["criterion"].isin(criteria)]
    assert tried.equals(panel.trial(judged, EDITION, times, aggregator))


def test_a_slider_draws_anew_and_nothing_at_all_is_told(tables):
    box = panel.weights_panel(
        tables["scenarios"], {"performance": tables["judgements"]}, tables["likelihood"], EDITION, "nl"
    )
    *sliders, _, told, image = box.children
    before = image.value
    sliders[1].value = 4
    assert image.value != before
    assert imread(io.BytesIO(image.value)).shape[1] == pytest.approx(11 * panel.DOTS_PER_INCH, abs=2)
    for slider in sliders:
        slider.value = 0
    assert told.value == "Een van de belangen moet tellen."
    sliders[0].value = 1
    assert told.value == ""
