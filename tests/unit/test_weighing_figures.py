"""The charts of the weighing: the same bytes always, in both languages, saying what they show and what is made up."""

import pytest

from nvslib import weighing_figures
from nvslib.weighing_figures import LISTED, NEIGHBOURS

TABLES = (
    "scenarios", "impact", "capabilities", "reach", "network", "capability_gaps", "served", "views", "differing",
    "with_causes", "causes", "measures", "portfolio", "ways", "frontier",
)  # fmt: skip


@pytest.fixture(scope="module", params=["nvs-2019", "vsk-2023"])
def weighed(request, made):
    read = {name: made.read_table(request.param, name) for name in TABLES}
    best = read["impact"][read["impact"]["bound"] == "best"].set_index("scenario")["rank"]
    scenarios = read["scenarios"][read["scenarios"]["scenario"].isin(best.index)]
    gaps = read["capability_gaps"]
    return read | {
        "scenarios": scenarios.assign(rank=scenarios["scenario"].map(best)).sort_values(["rank", "scenario"]),
        "capability_gaps": gaps[gaps["scenario"].isin(scenarios["scenario"])],
    }


def charts(w, language):
    most = w["reach"].groupby("cause")["mean"].sum().idxmax()
    scenarios = w["scenarios"]
    return {
        "cascade": weighing_figures.cascade_chart(scenarios, w["reach"], most, language),
        "network": weighing_figures.network_chart(scenarios, w["reach"], language),
        "gaps": weighing_figures.gap_map(scenarios, w["capabilities"], w["capability_gaps"], language),
        "served": weighing_figures.served_chart(scenarios, w["capabilities"], w["served"], language),
        "views": weighing_figures.views_chart(scenarios, w["views"], w["differing"], language),
        "portfolio": weighing_figures.portfolio_chart(w["measures"], w["portfolio"], language),
        "frontier": weighing_figures.frontier_chart(scenarios, w["frontier"], w["ways"], language),
        "causes": weighing_figures.causes_chart(scenarios, w["with_causes"], w["causes"], language),
    }


def test_the_same_bytes_and_words_in_both_languages(weighed):
    dutch, again, english = (charts(weighed, language) for language in ("nl", "nl", "en"))
    for name, chart in dutch.items():
        assert chart.svg("nvs:x") == again[name].svg("nvs:x"), name
        assert chart.alt != english[name].alt
        assert chart.caption != english[name].caption
        assert len(chart.data) == len(english[name].data) > 0


def test_what_is_made_up_says_so_on_its_face(weighed):
    for name, chart in charts(weighed, "nl").items():
        texts = [text.get_text() for text in chart.figure.findobj(lambda one: hasattr(one, "get_text"))]
        assert "Illustratieve gegevens" in texts, name
        assert "Illustratieve gegevens" in chart.caption, name


def test_around_a_scenario_stand_its_most_probable_causes_and_effects(weighed):
    reach = weighed["reach"]
    scenario = reach["effect"].mode()[0]
    drawn = weighing_figures.cascade_chart(weighed["scenarios"], reach, scenario, "en").data
    causes = reach[reach["effect"] == scenario].nlargest(NEIGHBOURS, "mean")
    assert list(drawn[drawn["side"] == "causes"]["scenario"]) == list(causes["cause"])
    effects = reach[reach["cause"] == scenario].nlargest(NEIGHBOURS, "mean")
    assert set(drawn[drawn["side"] == "effects"]["scenario"]) == set(effects["effect"])


def test_a_scenario_that_nothing_leads_to_or_from_is_drawn_too(weighed):
    reach = weighed["reach"]
    scenario = weighed["scenarios"]["scenario"].iloc[0]
    alone = reach[(reach["cause"] != scenario) & (reach["effect"] != scenario)]
    chart = weighing_figures.cascade_chart(weighed["scenarios"], alone, scenario, "en")
    texts = [text.get_text() for text in chart.figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert texts.count("none") == 2
    assert chart.data.empty
    assert "Nothing else sets it off." in chart.alt


def test_departments_that_differ_most_come_first(weighed):
    chart = weighing_figures.views_chart(weighed["scenarios"], weighed["views"], weighed["differing"], "en")
    places = weighed["differing"].set_index("scenario")["places"]
    shown = list(places[chart.data["scenario"]])
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == min(LISTED, len(places))
    assert min(shown) >= places.drop(list(chart.data["scenario"])).max()


def test_capabilities_stand_by_how_much_risk_they_serve(weighed):
    chart = weighing_figures.served_chart(weighed["scenarios"], weighed["capabilities"], weighed["served"], "en")
    assert list(chart.data["weighted"]) == sorted(chart.data["weighted"], reverse=True)
