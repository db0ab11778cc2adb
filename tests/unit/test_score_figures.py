"""The charts of scores: the same bytes each time, readable in grey, saying what they show, also of sixty scenarios."""

import itertools

import numpy as np
import pytest

from nvslib import figures, judgement, scales, score_figures
from nvslib.editions import load_edition


@pytest.fixture(scope="module", params=["nrb-2014", "nvs-2019", "vsk-2023"])
def scored(request, made):
    tables = ("scenarios", "judgements", "likelihood", "impact", "acceptability", "assessments", "intervals", "density")
    read = {name: made.read_table(request.param, name) for name in tables}
    best = read["impact"][read["impact"]["bound"] == "best"].set_index("scenario")["rank"]
    scenarios = read["scenarios"][read["scenarios"]["scenario"].isin(best.index)]
    order = scenarios["scenario"].map(best)
    read["scenarios"] = scenarios.assign(order=order).sort_values(["order", "scenario"])
    edition = {"nrb-2014": "2014", "nvs-2019": "2019", "vsk-2023": "2022"}[request.param]
    return read | {"edition": load_edition(edition), "disagreement": judgement.disagreement(read["assessments"])}


def charts(scored, language):
    s = scored
    return {
        "heat": score_figures.heat_map(s["scenarios"], s["judgements"], s["disagreement"], s["edition"], language),
        "rank": score_figures.rank_chart(s["scenarios"], s["acceptability"], language),
        "sure": figures.sure_diagram(s["scenarios"], s["intervals"], s["density"], language),
        "theme": score_figures.theme_chart(s["scenarios"], s["likelihood"], s["impact"], language),
    }


def test_the_same_bytes_and_words_in_both_languages(scored):
    made = {language: charts(scored, language) for language in ("nl", "en")}
    for name, chart in made["nl"].items():
        assert chart.svg("nvs:x") == charts(scored, "nl")[name].svg("nvs:x")
        english = made["en"][name]
        assert chart.alt != english.alt
        assert chart.caption != english.caption
        assert len(chart.data) == len(english.data) == len(scored["scenarios"])


def test_what_is_made_up_says_so_on_its_face(scored):
    illustrative = (scored["scenarios"]["basis"] == "illustrative").any()
    for chart in charts(scored, "nl").values():
        texts = [text.get_text() for text in chart.figure.findobj(lambda one: hasattr(one, "get_text"))]
        assert ("Illustratieve gegevens" in texts) == illustrative
        assert ("Illustratieve gegevens" in chart.caption) == illustrative


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_profile_shows_every_criterion_and_names_the_worst(scored, language):
    scenario = scored["scenarios"]["scenario"].iloc[-1]
    chart = score_figures.profile_chart(
        scored["scenarios"], scored["judgements"], scenario, scored["edition"], language
    )
    assert list(chart.data["criterion"]) == list(scored["edition"].criteria)
    worst = chart.data.set_index("criterion")["best"].idxmax()
    assert scored["edition"].criteria[worst].name[language] in chart.alt
    assert chart.svg("nvs:x") == chart.svg("nvs:x")


def test_the_heat_map_writes_every_class_and_marks_disagreement(scored):
    chart = charts(scored, "en")["heat"]
    (axes,) = chart.figure.axes
    cells = [text.get_text() for text in axes.texts if text.get_text().rstrip("*") in scales.impact_classes()]
    assert len(cells) == len(scored["scenarios"]) * len(scored["edition"].criteria)
    apart = scored["disagreement"]
    apart = apart[(apart["criterion"] != "likelihood") & (apart["spread"] >= score_figures.APART)]
    assert sum(cell.endswith("*") for cell in cells) == len(apart)


def test_shades_grow_darker_with_the_class():
    def luminance(color):
        return sum(weight * int(color[at : at + 2], 16) for weight, at in ((0.2126, 1), (0.7152, 3), (0.0722, 5)))

    shades = [luminance(color) for color in score_figures.SHADES]
    assert all(np.diff(shades) < -15)
    assert len(shades) == len(scales.impact_classes())


def test_no_title_reaches_into_the_chart(scored):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    for chart in charts(scored, "nl").values():
        FigureCanvasAgg(chart.figure).draw()
        width = chart.figure.bbox.width
        for axes in chart.figure.axes:
            boxes = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
            assert all(box.x0 >= 0 and box.x1 <= axes.get_window_extent().x0 + 1 for box in boxes)
            assert all(not one.overlaps(other) for one, other in itertools.pairwise(boxes))
            assert all(text.get_window_extent().x1 <= width for text in axes.texts)
