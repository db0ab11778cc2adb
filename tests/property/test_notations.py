"""Laws of reading: a number or date written in any of the notations comes back as it was; nothing is guessed."""

import datetime as dt
import re
from decimal import Decimal

import deliveries
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nvslib import intake, notations
from nvslib.checks import check
from nvslib.editions import load_edition
from nvslib.tables import Column

NUMBER, DATE = Column("x", "number", {}, unit="EUR"), Column("x", "date", {})
numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
dates = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


@given(numbers, st.sampled_from(["nl", "en"]))
def test_a_number_in_the_notation_of_a_language_comes_back(value, language):
    written = format_decimal(value, format="#,##0.00", locale=language)
    read = notations.read(written, NUMBER)
    assert not read.refused
    assert Decimal(read.text) == value


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_three_digits_behind_one_separator_are_read_by_the_evidence_alone(before, behind, separator):
    text = f"{before}{separator}{behind:03d}"
    assert notations.read(text, NUMBER).refused == "ambiguous-number"
    whole, part = Decimal(f"{before}{behind:03d}"), Decimal(f"{before}.{behind:03d}")
    for language, decimal in (("nl", ","), ("en", ".")):
        shown = notations.evidence([f"3{decimal}14"], [])
        read = notations.read(text, NUMBER, shown)
        assert Decimal(read.text) == (part if separator == decimal else whole), language
    assert notations.read(text, NUMBER, notations.evidence(["3,14", "3.14"], [])).refused


@given(dates, st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"]))
def test_a_date_in_digits_comes_back(date, form):
    assert notations.read(date.strftime(form).zfill(10), DATE).text == date.isoformat()


@given(dates, st.sampled_from(["nl", "en_GB"]), st.sampled_from(["d MMMM y", "d MMM y"]))
def test_a_date_in_words_comes_back(date, locale, form):
    assert notations.read(format_date(date, format=form, locale=locale), DATE).text == date.isoformat()


@given(dates)
def test_a_date_with_slashes_is_read_only_where_one_reading_is_possible(date):
    read = notations.read(date.strftime("%d/%m/%Y").zfill(10), DATE)
    if date.day > 12 or date.day == date.month:
        assert read.text == date.isoformat()
    else:
        assert read.refused == "ambiguous-date"


@given(st.text(max_size=20))
def test_any_text_is_kept_refused_or_read_as_a_plain_number(text):
    read = notations.read(text, NUMBER)
    if read.kind == "number":
        assert re.match(notations.PLAIN_NUMBER, read.text)
    elif not read.refused and read.text is not None:
        assert read.text == notations.read(read.text, NUMBER).text


@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_more_data_never_hurts_completeness(data, tmp_path_factory):
    """Every judgement that is added leaves as many combinations judged, or more; the order of rows does not matter."""
    tables = {name: deliveries.good()[name] for name in ("scenarios", "assessments")}
    rows = data.draw(st.permutations(tables["assessments"]))
    some = data.draw(st.integers(1, len(rows) - 1))
    assume(some < len(rows))

    def there(chosen):
        folder = tmp_path_factory.mktemp("raw")
        deliveries.write(folder, tables | {"assessments": chosen}, "csv")
        taken = intake.take_in(folder, lambda path: path.name)
        return check(taken, load_edition(deliveries.EDITION), "raw").complete["assessments"][1]

    assert there(rows[:some]) <= there(rows[: some + 1]) <= there(rows) == there(tables["assessments"])
