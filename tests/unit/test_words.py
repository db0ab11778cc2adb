"""Numbers, money, days and codes as people read them, in Dutch and English."""

import pytest

from nvslib import words
from nvslib.tables import Column, load_table, table_names


def column(kind="number", **more):
    return Column("x", kind, {"nl": "x", "en": "x"}, **more)


@pytest.mark.parametrize(
    ("value", "decimals", "nl", "en"),
    [
        (1234.5, 2, "1.234,50", "1,234.50"),
        (-0.08, 2, "−0,08", "−0.08"),
        (0.0, 3, "0,000", "0.000"),
        (0.00001, 3, "< 0,001", "< 0.001"),
        (-0.00001, 3, "> −0,001", "> −0.001"),
        (0.4, 0, "< 1", "< 1"),
        (12, None, "12", "12"),
    ],
)
def test_numbers(value, decimals, nl, en):
    assert (words.number(value, "nl", decimals), words.number(value, "en", decimals)) == (nl, en)


@pytest.mark.parametrize(
    ("value", "decimals", "told"),
    [(1.26, 1, "+1,3"), (-1.26, 1, "−1,3"), (2.5, None, "+2,5"), (0, None, "0"), (-0.04, 1, "0,0"), (0.04, 1, "0,0")],
)
def test_a_difference_bears_its_sign(value, decimals, told):
    assert words.signed(value, "nl", decimals) == told


@pytest.mark.parametrize(
    ("value", "nl", "en"),
    [
        (9562.4, "€ 9.562", "€9,562"),
        (999_999, "€ 999.999", "€999,999"),
        (402_500_000, "€ 402,5 miljoen", "€402.5 million"),
        (0, "€ 0", "€0"),
    ],
)
def test_euros(value, nl, en):
    told = [words.shown(float(value), column(unit="EUR"), language).replace("\xa0", " ") for language in ("nl", "en")]
    assert told == [nl, en]


def test_units():
    assert words.shown(0.1444, column(unit="share", decimals=3), "nl") == "14,4\xa0%"
    assert words.shown(28.49, column(unit="%", decimals=1), "en") == "28.5\xa0%"
    assert words.shown(1.0, column(unit="days"), "nl") == "één dag"
    assert words.shown(548.0, column(unit="days"), "en") == "548 days"


def test_text():
    assert words.shown("delayed", column("choice", words="statuses"), "nl") == "vertraagd"
    assert words.shown("policy", load_table("capability_levels").columns["element"], "nl") == "kaderstelling"
    assert words.shown("C-high", column("class"), "nl") == "C-hoog"
    assert words.shown("E", column("class"), "nl") == "E"
    assert words.shown("2026-06-30", column("date"), "en") == "30 Jun 2026"
    assert words.shown("", column("choice", words="statuses"), "nl") == ""


@pytest.mark.parametrize("table", table_names())
def test_every_code_of_a_result_has_its_words(table):
    for one in load_table(table).columns.values():
        for choice in filter(None, one.choices if one.words else ()):
            for language in ("nl", "en"):
                assert words.shown(choice, one, language)
