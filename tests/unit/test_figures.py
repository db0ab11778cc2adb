"""The risk diagram: the same bytes each time, no label over another at sixty scenarios, readable in grey."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread

from nvslib import figures, judgement


def scenario_set(count, seed=1, spread=1.0):
    """Return made-up scenarios with places on both axes."""
    rng = np.random.default_rng(seed)
    names = [f"s-{number:02}" for number in range(count)]
    scenarios = pd.DataFrame(
        {
            "scenario": names,
            "title_nl": [f"Een scenario met een lange naam, nummer {number}" for number in range(count)],
            "title_en": [f"A scenario with a long name, number {number}" for number in range(count)],
            "kind": rng.choice(["hazard", "threat"], count),
            "basis": "illustrative",
        }
    )

    def axis(low, high):
        best = (low + high) / 2 + spread * rng.uniform(low - high, high - low, count) / 2
        bounds = {"low": best - rng.uniform(0, 0.6, count), "best": best, "high": best + rng.uniform(0, 0.6, count)}
        parts = [
            pd.DataFrame({"scenario": names, "bound": bound, "position": place, "label_nl": "x", "label_en": "x"})
            for bound, place in bounds.items()
        ]
        return pd.concat(parts)

    return scenarios, axis(1, 5), axis(1, 4.8)


def label_boxes(chart):
    """Return the boxes of the labels set beside the marks, in pixels, and the box of the axes."""
    figure = chart.figure
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    labels = [text for text in axes.texts if text.get_text() and text.get_zorder() == 5]
    return [text.get_window_extent() for text in labels], axes.get_window_extent()


@pytest.mark.parametrize(
    ("count", "seed", "spread"), [(12, 1, 0.8), (12, 2, 0.5), (45, 1, 1), (60, 1, 1), (60, 2, 0.7)]
)
def test_labels_do_not_collide(count, seed, spread):
    boxes, frame = label_boxes(figures.risk_diagram(*scenario_set(count, seed, spread), "nl"))
    assert len(boxes) == count
    for number, box in enumerate(boxes):
        assert frame.padded(4).contains(box.x0, box.y0)
        assert frame.padded(4).contains(box.x1, box.y1)
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_same_data_give_the_same_bytes(scenarios, judgements, overall, language):
    def draw():
        return figures.risk_diagram(scenarios, judgement.likelihood(judgements), overall, language)

    first, second = draw(), draw()
    assert first.svg("nvs:x") == second.svg("nvs:x")
    assert first.png("nvs:x") == second.png("nvs:x")


def test_a_users_own_settings_do_not_change_the_chart(scenarios, judgements, overall, monkeypatch):
    import matplotlib as mpl

    likelihood = judgement.likelihood(judgements)
    usual = figures.risk_diagram(scenarios, likelihood, overall, "en").png()
    monkeypatch.setitem(mpl.rcParams, "axes.facecolor", "red")
    monkeypatch.setitem(mpl.rcParams, "font.size", 30)
    assert figures.risk_diagram(scenarios, likelihood, overall, "en").png() == usual
    assert mpl.rcParams["font.size"] == 30


def test_the_data_drawn_hold_every_margin(scenarios, judgements, overall):
    chart = figures.risk_diagram(scenarios, judgement.likelihood(judgements), overall, "en")
    row = chart.data.set_index("scenario").loc["lek-dike-breach"]
    assert row[["impact_low", "impact", "impact_high"]].astype(float).round(2).tolist() == [2.89, 3.35, 4.28]
    assert row[["likelihood_low", "likelihood", "likelihood_high"]].astype(float).round(2).tolist() == [3, 3, 3.33]
    assert list(chart.data["number"]) == [1, 2, 3]


def test_the_words_tell_what_the_picture_shows(scenarios, judgements, overall):
    chart = figures.risk_diagram(scenarios, judgement.likelihood(judgements), overall, "en")
    for title in scenarios["title_en"]:
        assert title in chart.alt
    assert "unlikely (upper end) (low: unlikely; high: somewhat likely)" in chart.alt
    assert chart.alt.encode() in chart.svg()
    bundle, metadata = chart._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == chart.alt == bundle["text/plain"]


def test_it_reads_in_grey(scenarios, judgements, overall):
    """Hazards and threats differ in shape, and in grey their fills differ by more than half of the range."""
    chart = figures.risk_diagram(scenarios, judgement.likelihood(judgements), overall, "nl")
    hazards, threats = (marks for marks in chart.figure.axes[0].collections if hasattr(marks, "get_sizes"))
    grey = [float(marks.get_facecolor()[0][:3] @ [0.2126, 0.7152, 0.0722]) for marks in (hazards, threats)]
    assert abs(grey[0] - grey[1]) > 0.5
    assert hazards.get_paths()[0].vertices.shape != threats.get_paths()[0].vertices.shape
    assert imread(io.BytesIO(chart.png())).shape[2] == 4


def test_illustrative_data_say_so_on_the_chart():
    scenarios, likelihood, impact = scenario_set(5)
    texts = [text.get_text() for text in figures.risk_diagram(scenarios, likelihood, impact, "nl").figure.axes[0].texts]
    assert "Illustratieve gegevens" in texts
    published = figures.risk_diagram(scenarios.assign(basis="published"), likelihood, impact, "nl")
    assert "Illustratieve gegevens" not in [text.get_text() for text in published.figure.axes[0].texts]
