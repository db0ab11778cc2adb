"""The charts of the evaluation: the same bytes, in both languages, and no effect drawn stronger than its evidence."""

import pytest

from nvslib import effectiveness_figures as figures

TABLES = ("indicators", "measures", "scenarios", "counterfactuals", "effects", "evidence", "evaluated",
          "agenda", "residual_risk")  # fmt: skip


@pytest.fixture(scope="module", params=["nvs-2019", "vsk-2023"])
def evaluated(request, made):
    return {name: made.read_table(request.param, name) for name in TABLES}


def charts(e, language):
    first = e["indicators"]["indicator"].min()
    return {
        "series": figures.series_chart(e["indicators"], e["counterfactuals"], e["effects"], first, language),
        "effects": figures.effects_chart(e["indicators"], e["effects"], e["evidence"], language),
        "map": figures.evidence_map(e["measures"], e["evaluated"], language),
        "agenda": figures.agenda_chart(e["measures"], e["agenda"], language),
        "residual": figures.residual_chart(e["scenarios"], e["residual_risk"], language),
    }


def test_the_same_bytes_and_words_in_both_languages(evaluated):
    dutch, again, english = (charts(evaluated, language) for language in ("nl", "nl", "en"))
    for name, chart in dutch.items():
        assert chart.svg("nvs:x") == again[name].svg("nvs:x"), name
        assert chart.alt != english[name].alt
        assert chart.caption != english[name].caption
        assert "Illustratieve gegevens" in chart.caption


def test_the_strongest_evidence_is_on_top(evaluated):
    data = charts(evaluated, "en")["effects"].data
    assert list(data["grade"]) == sorted(data["grade"], reverse=True)
    assert set(data["indicator"]) == set(evaluated["effects"].query("scale == 'per-cent'")["indicator"])
    rungs = charts(evaluated, "en")["map"].data
    assert list(rungs["grade"]) == sorted(rungs["grade"], reverse=True)
    assert set(rungs["measure"]) == set(evaluated["evaluated"].query("indicator == 'yes'")["measure"])


def test_the_agenda_holds_every_measure(evaluated):
    chart = charts(evaluated, "en")["agenda"]
    assert chart.data["measures"].sum() == len(evaluated["evaluated"])
    assert f"Of {len(evaluated['evaluated'])} measures" in chart.alt


def test_a_series_without_a_design_is_drawn_and_says_so(evaluated):
    numbers = dict.fromkeys(["effect", "low", "high", "p", "level", "slope", "autocorrelation"], float("nan"))
    effects = evaluated["effects"].assign(design="none", **numbers)
    nothing = dict.fromkeys(["fitted", "counterfactual", "low", "high", "comparison"], float("nan"))
    name = evaluated["indicators"]["indicator"].min()
    series = evaluated["counterfactuals"].assign(**nothing)
    chart = figures.series_chart(evaluated["indicators"], series, effects, name, "en")
    assert "not enough to judge an effect" in chart.alt


def test_without_any_effect_the_chart_is_empty_and_whole(evaluated):
    none = evaluated["effects"].assign(design="none")
    chart = figures.effects_chart(evaluated["indicators"], none, evaluated["evidence"], "en")
    assert chart.data.empty
    assert chart.png()


def test_no_chart_tells_a_scenario_by_its_short_name(evaluated):
    names = set(evaluated["scenarios"]["scenario"]) | set(evaluated["indicators"]["indicator"])
    for chart in charts(evaluated, "nl").values():
        texts = {text.get_text() for text in chart.figure.findobj(match=lambda artist: hasattr(artist, "get_text"))}
        assert not names & texts
