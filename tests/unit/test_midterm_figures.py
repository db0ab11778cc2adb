"""The charts of the mid-term review: the same bytes, in both languages, and nothing that was sent is left out."""

import pytest

from nvslib import midterm_figures

TABLES = ("scenarios", "measures", "shifts", "status_counts", "totals", "statuses", "advice_counts")


@pytest.fixture(scope="module", params=["nvs-2019", "vsk-2023"])
def reviewed(request, made):
    return {name: made.read_table(request.param, name) for name in TABLES}


def charts(r, language):
    date = r["statuses"]["date"].max()
    now = r["statuses"][r["statuses"]["date"] == date]
    return {
        "moved": midterm_figures.moved_chart(r["scenarios"], r["shifts"], language),
        "status": midterm_figures.status_chart(r["measures"], r["status_counts"], language),
        "department": midterm_figures.department_chart(r["measures"], r["totals"], date, language),
        "delay": midterm_figures.delay_chart(r["measures"], now, language),
        "together": midterm_figures.together_chart(r["measures"], r["advice_counts"], language),
    }


def test_the_same_bytes_and_words_in_both_languages(reviewed):
    dutch, again, english = (charts(reviewed, language) for language in ("nl", "nl", "en"))
    for name, chart in dutch.items():
        assert chart.svg("nvs:x") == again[name].svg("nvs:x"), name
        assert chart.alt != english[name].alt
        assert chart.caption != english[name].caption
        assert "Illustratieve gegevens" in chart.caption


def test_every_bar_adds_up_to_the_strategy(reviewed):
    drawn = charts(reviewed, "en")
    measures = reviewed["statuses"].groupby("date").size()
    bars = drawn["status"].data.set_index("date").sum(axis=1)
    assert bars.to_dict() == measures.to_dict()
    assert drawn["department"].data.drop(columns="department").to_numpy().sum() == measures.iloc[-1]
    assert drawn["together"].data.drop(columns="picture").to_numpy().sum() == measures.iloc[-1]


def test_only_real_shifts_have_a_filled_head(reviewed):
    data = charts(reviewed, "en")["moved"].data.set_index("scenario")
    verdicts = reviewed["shifts"].set_index(["criterion", "scenario"])["verdict"]
    for side in ("impact", "likelihood"):
        told = verdicts[side][data.index]
        assert set(told.index[told == "higher"]) == set(data.index[data[f"{side}_higher"] == 1])
        assert set(told.index[told == "lower"]) == set(data.index[data[f"{side}_higher"] == 0])


def test_delays_come_with_the_longest_first_and_a_strategy_without_any_is_drawn_too(reviewed):
    data = charts(reviewed, "en")["delay"].data
    assert list(data["delay"]) == sorted(data["delay"], reverse=True)
    assert (data["delay"] > 0).all()
    date = reviewed["statuses"]["date"].max()
    now = reviewed["statuses"][reviewed["statuses"]["date"] == date].assign(delay=0.0)
    assert midterm_figures.delay_chart(reviewed["measures"], now, "en").data.empty
