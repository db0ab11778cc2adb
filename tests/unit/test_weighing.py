"""The steering group's tables: worked by hand, against plain counting, and indifferent to the order of rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvslib import capabilities, impact, profiles, scales, weighing
from nvslib.editions import load_edition
from nvslib.problems import Problem

# Losses: flood 10 % of 0.5 is .05, cyber 50 % of 0.2 is .1, crash 20 % of 0.25 is .05, dull nothing.
WITH_CAUSES = pd.DataFrame(
    [
        ("flood", "best", 10.0, 15.0),
        ("flood", "high", 90.0, 95.0),
        ("cyber", "best", 50.0, 50.0),
        ("cyber", "low", 1.0, 1.0),
        ("crash", "best", 20.0, 21.0),
        ("dull", "best", 1.0, 1.0),
    ],
    columns=["scenario", "bound", "own", "percent"],
)
WITH_EFFECTS = pd.DataFrame(
    [
        ("crash", "best", 0.25, 0.25),
        ("crash", "low", 0.0, 0.0),
        ("cyber", "best", 0.2, 0.6),
        ("dull", "best", 0.0, 0.0),
        ("flood", "best", 0.5, 0.7),
        ("flood", "high", 1.0, 1.0),
    ],
    columns=["scenario", "bound", "own", "value"],
)
GAPS = pd.DataFrame(
    [
        ("flood", "dikes", 2.0),
        ("flood", "talk", 1.0),
        ("cyber", "talk", 0.4),
        ("crash", "dikes", 0.0),
        ("later", "dikes", 5.0),
    ],
    columns=["scenario", "capability", "best"],
)
MEASURES = pd.DataFrame(
    [("M1", "A", "adopted"), ("M2", "B", "adopted"), ("M3", "A", "adopted"), ("O1", "C", "option")],
    columns=["measure", "department", "state"],
)
EFFECTS = pd.DataFrame(
    [
        ("M1", "flood", "likelihood"),
        ("M1", "flood", "impact"),
        ("M1", "crash", "impact"),
        ("M2", "flood", "gap"),
        ("O1", "cyber", "impact"),
        ("M3", "later", "impact"),
    ],
    columns=["measure", "scenario", "acts_on"],
)
CAPABILITIES = pd.DataFrame(
    [("dikes", "department", "IenW"), ("talk", "region", "R"), ("spare", "region", "S")],
    columns=["capability", "owner_kind", "owner"],
)
SCENARIOS = pd.DataFrame(
    [
        ("flood", "Natuur", "Nature"),
        ("crash", "Natuur", "Nature"),
        ("cyber", "Digitaal", "Digital"),
        ("dull", "", ""),
        ("later", "Natuur", "Nature"),
    ],
    columns=["scenario", "theme_nl", "theme_en"],
)


def risks(gaps=GAPS, effects=EFFECTS, measures=MEASURES):
    return weighing.risks(WITH_CAUSES, WITH_EFFECTS, gaps, effects, measures)


def test_risks_by_hand():
    missing = pytest.approx(np.nan, nan_ok=True)
    assert risks().to_dict("list") == {
        "scenario": ["crash", "cyber", "dull", "flood"],
        "percent": [20, 50, 1, 10],
        "impact": [0.25, 0.2, 0, 0.5],
        "loss": pytest.approx([0.05, 0.1, 0, 0.05]),
        "rank": [2, 1, 4, 2],
        "share": pytest.approx([0.25, 0.5, 0, 0.25]),
        "percent_with_causes": [21, 50, 1, 15],
        "impact_with_effects": [0.25, 0.6, 0, 0.7],
        "loss_with_cascades": pytest.approx([0.05, 0.3, 0, 0.07]),  # the flood's own 10 %, not its 15 % with causes
        "gap": [0, 0.4, missing, 1.5],
        "measures": [1, 0, 0, 2],
        "options": [0, 1, 0, 0],
    }


def test_losses_that_differ_by_rounding_alone_share_their_rank():
    effects = WITH_EFFECTS.assign(own=WITH_EFFECTS["own"] + 1e-15 * (WITH_EFFECTS["scenario"] == "crash"))
    assert weighing.risks(WITH_CAUSES, effects, GAPS, EFFECTS, MEASURES)["rank"].tolist() == [2, 1, 4, 2]


def test_without_measures_or_capabilities_risks_and_themes_stand():
    bare = risks(GAPS[:0], EFFECTS[:0], MEASURES[:0])
    pd.testing.assert_frame_equal(bare.loc[:, :"loss_with_cascades"], risks().loc[:, :"loss_with_cascades"])
    assert bare["gap"].isna().all()
    assert bare[["measures", "options"]].eq(0).all(axis=None)
    found = weighing.themes(SCENARIOS, bare, GAPS[:0], CAPABILITIES[:0], MEASURES[:0], EFFECTS[:0])
    assert found[["widest", "owners"]].eq("").all(axis=None)
    assert found["gap"].isna().all()


def themes(gaps=GAPS, **changed):
    given_risks = risks(gaps).assign(**changed)
    return weighing.themes(SCENARIOS, given_risks, gaps, CAPABILITIES, MEASURES, EFFECTS)


def test_themes_by_hand():
    """Digital and Nature have the same loss, so their names decide; in Nature talk weighs .05 and dikes .1."""
    missing = pytest.approx(np.nan, nan_ok=True)
    assert themes().to_dict("list") == {
        "theme_nl": ["Digitaal", "Natuur", ""],
        "theme_en": ["Digital", "Nature", ""],
        "scenarios": [1, 2, 1],
        "highest": ["cyber", "crash", "dull"],
        "loss": pytest.approx([0.1, 0.1, 0]),
        "share": pytest.approx([0.5, 0.5, 0]),
        "gap": [pytest.approx(0.4), pytest.approx(0.75), missing],  # (.05 * 1.5 + .05 * 0) / .1
        "widest": ["talk", "dikes", ""],
        "owners": ["R", "IenW, R", ""],
        "measures": [0, 2, 0],  # the flood's M1 is also the crash's
        "options": [1, 0, 0],
    }


def test_a_theme_with_more_risk_comes_first_and_its_scenario_without_a_gap_known_does_not_dilute():
    more = pd.concat([GAPS, pd.DataFrame([("dull", "spare", 1.0)], columns=list(GAPS))])
    without = more[more["scenario"] != "crash"]
    found = themes(without, loss=[0.3, 0.1, 0.0, 0.1], rank=[1, 2, 4, 2]).set_index("theme_en")
    assert found.index.tolist() == ["Nature", "Digital", ""]
    assert found.loc["Nature", ["highest", "gap"]].tolist() == ["crash", pytest.approx(1.5)]
    # A gap without risk weighs nothing, but it is there and has an owner.
    assert found.loc["", ["widest", "owners"]].tolist() == ["spare", "S"]
    assert np.isnan(found.loc["", "gap"])


def test_a_theme_names_three_owners_and_those_that_weigh_most():
    names = "pqrst"
    owners = pd.DataFrame({"capability": list(names), "owner": [f"{name.upper()} owner" for name in names]})
    gaps = pd.DataFrame({"scenario": "flood", "capability": list(names), "best": [1.0, 3.0, 2.0, 0.0, 2.0]})
    found = weighing.themes(SCENARIOS, risks(gaps), gaps, owners, MEASURES, EFFECTS).set_index("theme_en")
    assert found.loc["Nature", ["widest", "owners"]].tolist() == ["q", "Q owner, R owner, T owner"]


EDITION = load_edition("2014")


def test_interests_count_as_often_as_said_and_others_once():
    """Edition 2014 has 2 criteria on interest 1 and 3 on interest 2, of 10; so 2 * 3 + 0 + 5 parts."""
    weights = profiles.interest_weights(EDITION, {"1": 3, "2": 0, "6": 9})
    assert sum(weights.values()) == pytest.approx(1)
    assert (weights["1.1"], weights["2.1"], weights["5.3"]) == pytest.approx((3 / 11, 0, 1 / 11))
    assert profiles.interest_weights(EDITION, {}) == EDITION.weights()


@pytest.mark.parametrize("times", [{"1": -1}, dict.fromkeys("123456", 0)])
def test_interests_that_give_no_weights_are_refused(times):
    with pytest.raises(Problem, match="none may count less than 0 times"):
        profiles.interest_weights(EDITION, times)


def judged(classes):
    """Return judgements at every bound from scenario -> interest -> class; likelihood and all else the lowest."""
    rows = [
        (scenario, criterion, bound, 5.0 if bound == "high" else float(found.get(criterion[0], 0)))
        for scenario, found in classes.items()
        for criterion in [*EDITION.criteria, scales.LIKELIHOOD]
        for bound in scales.BOUNDS
    ]
    return pd.DataFrame(rows, columns=["scenario", "criterion", "bound", "position"]).assign(**{"class": "X"})


JUDGED = judged({"flood": {"1": 5}, "cyber": {"5": 5}, "crash": {"1": 5}})
PERCENT = pd.Series({"flood": 10.0, "cyber": 10.0, "crash": 10.0})
VIEWS = {"Z": {"1": 3}, "A": {"5": 0}, "M": {}}


def test_views_by_hand():
    """Parts of interests 1 and 5: for Z 6 and 3 of 14, for A 2 and 0 of 7, for M 2 and 3 of 10."""
    found = weighing.views(JUDGED, EDITION, VIEWS, PERCENT)
    assert list(found) == ["department", "scenario", "loss", "rank"]
    assert found["department"].tolist() == list("AAAMMMZZZ")
    assert found["scenario"].tolist() == ["crash", "cyber", "flood"] * 3
    expected = [0.2 / 7, 0, 0.2 / 7, 0.02, 0.03, 0.02, 0.6 / 14, 0.3 / 14, 0.6 / 14]
    assert found["loss"].to_numpy() == pytest.approx(expected)
    assert found["rank"].tolist() == [1, 3, 1, 2, 1, 2, 1, 3, 1]


def test_a_view_without_times_ranks_as_the_weighted_sum_does():
    overall = impact.weighted_sum(impact.contributions(JUDGED[JUDGED["bound"] == "best"], EDITION.weights()))
    found = weighing.views(JUDGED, EDITION, {"M": {}}, PERCENT).set_index("scenario")["loss"]
    assert found.to_dict() == pytest.approx(overall.set_index("scenario")["value"].div(10).to_dict())


def test_where_departments_differ_by_hand():
    integral = pd.DataFrame({"scenario": ["flood", "cyber", "crash"], "rank": [2, 1, 3], "loss": 0.0})
    assert weighing.differing(weighing.views(JUDGED, EDITION, VIEWS, PERCENT), integral).to_dict("list") == {
        "scenario": ["cyber", "crash", "flood"],
        "rank": [1, 3, 2],
        "highest": [1, 1, 1],
        "highest_by": ["M", "A, Z", "A, Z"],
        "lowest": [3, 2, 2],
        "lowest_by": ["A, Z", "M", "M"],
        "places": [2, 1, 1],
    }


def test_without_views_nothing_differs():
    found = weighing.views(JUDGED, EDITION, {}, PERCENT)
    assert list(found) == ["department", "scenario", "loss", "rank"]
    apart = weighing.differing(found, risks())
    assert list(apart) == ["scenario", "rank", "highest", "highest_by", "lowest", "lowest_by", "places"]
    assert found.empty
    assert apart.empty


SERVED = pd.DataFrame(
    [("dikes", 4.0, 0.4, 0.4), ("talk", 1.0, 0.1, 0.5), ("spare", 5.0, 0.5, 1.0)],
    columns=["capability", "weighted", "share", "cumulative"],
)
PORTFOLIO = pd.DataFrame(
    [
        ("M1", "yes", 5.0, "always", 1.0, 0.5),
        ("M2", "no", 7.0, "never", 0.0, 0.1),
        ("M3", "no", 9.0, "never", 0.0, 0.1),
        ("O1", "yes", 1.0, "depends", 0.75, 0.2),
        ("O2", "no", 1.0, "depends", 0.25, 0.4),
        ("O3", "no", 1.0, "never", 0.0, 0.0),
        ("O4", "yes", 1.0, "depends", 0.76, 0.3),
        ("O5", "yes", 1.0, "depends", 0.24, 0.2),
    ],
    columns=["measure", "chosen", "cost", "stance", "share", "saves"],
)
OPTIONS = pd.DataFrame({"measure": ["O2", "O3", "O4", "O5"], "department": ["D", "D", "E", "E"], "state": "option"})
LINKS = pd.DataFrame(
    [("a", "b", 0.4, 1), ("b", "a", 0.3, 2), ("a", "c", 0.0, 3), ("c", "a", 0.0, 4), ("c", "b", 0.0, 5)],
    columns=["cause", "effect", "swing", "again"],
)


def decided(**changed):
    tables = {
        "risks": risks(),
        "differing": pd.DataFrame(
            [("flood", "A", "B, C", 10), ("cyber", "B", "A", 9), ("crash", "C", "A", 12)],
            columns=["scenario", "highest_by", "lowest_by", "places"],
        ),
        "portfolio": PORTFOLIO,
        "served": SERVED,
        "link_importance": LINKS,
        "measures": pd.concat([MEASURES, OPTIONS]),
        "capabilities": CAPABILITIES,
    }
    return weighing.decisions(**(tables | changed))


def test_decisions_by_hand():
    assert decided().to_numpy().tolist() == [
        [1, "choose", "O4", "E", 0.3],
        [2, "choose", "O1", "C", 0.2],
        [3, "choose", "O5", "E", 0.2],
        [4, "reconsider", "M3", "A", 9],
        [5, "reconsider", "M2", "B", 7],
        [6, "settle", "O2", "D", 0.4],
        [7, "settle", "O1", "C", 0.2],
        [8, "close-gap", "dikes", "IenW", 4],
        [9, "close-gap", "talk", "R", 1],
        [10, "discuss", "crash", "C, A", 12],
        [11, "discuss", "flood", "A, B, C", 10],
        [12, "judge-again", "a -> b", "", 0.4],
        [13, "judge-again", "b -> a", "", 0.3],
        [14, "no-measure", "dull", "", 0],
    ]


def test_the_three_links_that_matter_most_are_judged_again():
    found = decided(link_importance=LINKS.assign(swing=[0.5, 0.4, 0.3, 0.2, 0.1]))
    assert found.loc[found["kind"] == "judge-again", "subject"].tolist() == ["a -> b", "b -> a", "a -> c"]


def test_half_of_the_gap_is_enough_whatever_rounding_says():
    """0.1 + 0.2 + 0.2 before the fourth is half, though in floating point 1 - 0.5 need not be so."""
    share = [0.2, 0.2, 0.1, 0.5]
    served = pd.DataFrame({"capability": ["dikes", "talk", "spare", "more"], "weighted": share, "share": share})
    served = served.assign(cumulative=served["share"].cumsum() - 1e-16)
    owners = pd.concat([CAPABILITIES, pd.DataFrame([("more", "region", "T")], columns=list(CAPABILITIES))])
    found = decided(served=served, capabilities=owners)
    assert set(found.loc[found["kind"] == "close-gap", "subject"]) == {"dikes", "talk", "spare"}


def test_a_gap_without_weight_is_not_to_be_closed():
    found = decided(served=capabilities.served(GAPS, pd.Series({"flood": 0.0})))
    assert "close-gap" not in set(found["kind"])


def test_only_the_ten_highest_losses_need_a_measure():
    table = pd.DataFrame({"scenario": [f"s{n:02}" for n in range(12)], "loss": range(12, 0, -1), "rank": range(1, 13)})
    table = table.assign(measures=[1, *[0] * 11], options=[0, 1, *[0] * 10])
    found = decided(risks=table)
    assert found.loc[found["kind"] == "no-measure", "subject"].tolist() == [f"s{n:02}" for n in range(2, 10)]


def test_columns_that_a_table_shows_besides_change_nothing():
    more = {"theme_en": "?", "owner_kind": "?", "owner": "?", "department": "?", "state": "?"}
    plain = risks()
    wider = weighing.themes(SCENARIOS, plain.assign(**more), GAPS.assign(**more), CAPABILITIES, MEASURES, EFFECTS)
    pd.testing.assert_frame_equal(wider, themes())
    decisions = decided(risks=plain.assign(**more), served=SERVED.assign(**more), portfolio=PORTFOLIO.assign(**more))
    pd.testing.assert_frame_equal(decisions, decided())
    owned = capabilities.gap_owners(SERVED.assign(**more), CAPABILITIES)
    pd.testing.assert_frame_equal(owned, capabilities.gap_owners(SERVED, CAPABILITIES))


def test_with_nothing_to_decide_the_table_is_empty():
    nothing = {
        name: table[:0]
        for name, table in {
            "risks": risks(),
            "differing": weighing.differing(weighing.views(JUDGED, EDITION, {}, PERCENT), risks()),
            "portfolio": PORTFOLIO,
            "served": SERVED,
            "link_importance": LINKS,
            "measures": MEASURES,
            "capabilities": CAPABILITIES,
        }.items()
    }
    found = decided(**nothing)
    assert list(found) == ["decision", "kind", "subject", "by", "size"]
    assert found.empty


def test_every_threshold_has_its_reason_and_its_basis():
    for entry in weighing.constants().values():
        assert set(entry) == {"value", "basis", "why"}
        assert entry["basis"] == "own"
        assert all(entry["why"][language].endswith(".") for language in scales.LANGUAGES)


NAMES = [f"s{number}" for number in range(6)]
CODES = [f"M{number}" for number in range(8)]


@st.composite
def weighed(draw):
    """Draw all that the tables are made from, for scenarios of which the last is not judged."""

    def some(options):
        return draw(st.lists(st.sampled_from(options), max_size=14, unique=True))

    known = NAMES[:-1]
    likelihood, size = ([draw(st.integers(0, 9)) / 9 for _ in known] for _ in range(2))
    pairs = [(scenario, capability) for scenario in NAMES for capability in "abcd"]
    gaps = pd.DataFrame(some(pairs), columns=["scenario", "capability"], dtype=str)
    effects = [(measure, scenario, acts) for measure in CODES for scenario in NAMES for acts in ("impact", "gap")]
    states = [draw(st.sampled_from(["adopted", "option"])) for _ in CODES]
    in_themes = [draw(st.sampled_from(["", "x", "y"])) for _ in NAMES]
    return {
        "with_causes": pd.DataFrame({"scenario": known, "bound": "best", "own": likelihood, "percent": likelihood}),
        "with_effects": pd.DataFrame({"scenario": known, "bound": "best", "own": size, "value": size}),
        "capability_gaps": gaps.assign(best=[draw(st.integers(0, 9)) / 9 for _ in range(len(gaps))]),
        "effects": pd.DataFrame(some(effects), columns=["measure", "scenario", "acts_on"], dtype=str),
        "measures": pd.DataFrame({"measure": CODES, "department": "D", "state": states}),
        "scenarios": pd.DataFrame({"scenario": NAMES, "theme_nl": "", "theme_en": in_themes}),
        "capabilities": pd.DataFrame({"capability": list("abcd"), "owner": ["R", "R", "S", "T"]}),
    }


def tables_of(found):
    """Return risks and themes of what `weighed` draws."""
    names = ["with_causes", "with_effects", "capability_gaps", "effects", "measures"]
    table = weighing.risks(**{name: found[name] for name in names})
    names = ["scenarios", "capability_gaps", "capabilities", "measures", "effects"]
    return table, weighing.themes(risks=table, **{name: found[name] for name in names})


@settings(max_examples=25)
@given(weighed())
def test_every_measure_with_an_effect_counts_once_in_a_theme(found):
    table, by_theme = tables_of(found)
    theme = found["scenarios"].set_index("scenario")["theme_en"]
    for column, state in (("measures", "adopted"), ("options", "option")):
        wanted = set(found["measures"].loc[found["measures"]["state"] == state, "measure"])
        acts = {
            (measure, scenario)
            for measure, scenario in zip(found["effects"]["measure"], found["effects"]["scenario"], strict=True)
            if measure in wanted and scenario != NAMES[-1]
        }
        assert table[column].sum() == len(acts)
        assert by_theme[column].sum() == len({(measure, theme[scenario]) for measure, scenario in acts})


@settings(max_examples=25)
@given(weighed())
def test_themes_are_what_plain_counting_gives(found):
    table, by_theme = tables_of(found)
    theme = found["scenarios"].set_index("scenario")["theme_en"]
    loss = table.set_index("scenario")["loss"]
    owner = found["capabilities"].set_index("capability")["owner"]
    assert by_theme["scenarios"].sum() == len(table)
    assert by_theme["loss"].round(12).is_monotonic_decreasing
    if loss.sum() > 0:
        assert table["share"].sum() == pytest.approx(1)
        assert by_theme["share"].sum() == pytest.approx(1)
    for row in by_theme.itertuples():
        members = [scenario for scenario in loss.index if theme[scenario] == row.theme_en]
        assert row.loss == pytest.approx(loss[members].sum())
        assert row.highest == min(members, key=lambda name: (-loss[name].round(12), name))
        weights = {"widest": {}, "owners": {}}
        for gap in found["capability_gaps"].itertuples():
            if gap.scenario in members and gap.best > 0:
                for column, name in (("widest", gap.capability), ("owners", owner[gap.capability])):
                    weights[column][name] = weights[column].get(name, 0) + loss[gap.scenario] * gap.best
        for column, most in (("widest", 1), ("owners", 3)):
            order = sorted((-round(weight, 12), name) for name, weight in weights[column].items())
            assert getattr(row, column) == ", ".join(name for _, name in order[:most])


@settings(max_examples=25)
@given(weighed(), st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(found, seed):
    shuffled = {name: table.sample(frac=1, random_state=seed) for name, table in found.items()}
    for one, other in zip(tables_of(found), tables_of(shuffled), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_views_differences_and_decisions_do_not_depend_on_the_order_of_rows():
    found = weighing.views(JUDGED, EDITION, VIEWS, PERCENT)
    turned = weighing.views(JUDGED[::-1], EDITION, dict(reversed(VIEWS.items())), PERCENT[::-1])
    pd.testing.assert_frame_equal(found, turned, check_exact=True)
    apart, other = weighing.differing(found, risks()), weighing.differing(turned[::-1], risks()[::-1])
    pd.testing.assert_frame_equal(apart, other)
    again = decided(
        risks=risks()[::-1], portfolio=PORTFOLIO[::-1], served=SERVED[::-1], link_importance=LINKS[::-1],
        measures=pd.concat([OPTIONS, MEASURES]), capabilities=CAPABILITIES[::-1],
    )  # fmt: skip
    pd.testing.assert_frame_equal(decided(), again)
