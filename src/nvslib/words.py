"""The words of the library's own screens, findings and figures, and the notation of numbers, in Dutch and English."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nvslib.tables import Column

LONGEST_QUOTE = 80
NO_BREAK = "\N{NO-BREAK SPACE}"
PER_CENT = f"{NO_BREAK}%"
MINUS = "\N{MINUS SIGN}"
MILLION = 1_000_000


@cache
def _all(language: str) -> dict[str, Any]:
    import yaml

    loaded: dict[str, Any] = yaml.safe_load(files("nvslib").joinpath("words", f"{language}.yaml").read_text("utf-8"))
    return loaded


def spoken() -> str:
    """Return the language of who sits at the terminal: Dutch where the environment says so, else English."""
    return "nl" if (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("nl") else "en"


def say(language: str, key: str, /, **fields: object) -> str:
    """Return the text under a dotted key, with its fields filled in; a `KeyError` where there is none."""
    return str(_under(language, key)).format(**fields)


def _under(language: str, key: str) -> Any:
    text: Any = _all(language)
    for part in key.split("."):
        text = text[part]
    return text


def counted(count: int, language: str, key: str, /, **fields: object) -> str:
    """Return the text for a count: those under ``none`` (if there is one), ``one`` and ``many`` of a dotted key."""
    form = {0: "none", 1: "one"}.get(count, "many")
    if count == 0 and "none" not in _under(language, key):
        form = "many"
    return say(language, f"{key}.{form}", count=number(count, language), **fields)


def number(value: float, language: str, decimals: int | None = None) -> str:
    """Return a number in the notation of the language; with fixed decimals where they are given.

    What is not zero is never told as zero: with four decimals 0.00001 is "< 0.0001".
    """
    from babel.numbers import format_decimal

    pattern = "#,##0.############" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    step = 10.0 ** -(decimals or 0)
    if decimals is not None and value and round(value, decimals) == 0:
        nearly = f"< {number(step, language, decimals)}"
        return nearly if value > 0 else f"> {number(-step, language, decimals)}"
    return str(format_decimal(value, format=pattern, locale=language)).replace("-", MINUS)


def signed(value: float, language: str, decimals: int | None = None) -> str:
    """Return a difference with its sign; what rounds to nothing is told as zero, without one."""
    size = value if decimals is None else round(value, decimals)
    return ("+" if size > 0 else "") + number(size or 0, language, decimals)


def money(value: float, language: str) -> str:
    """Return euros, from a million on in millions with one decimal: "€ 9.562", "€ 402,5 miljoen"."""
    from babel.numbers import format_compact_decimal

    large = abs(value) >= MILLION
    amount = format_compact_decimal(value, format_type="long", locale=language, fraction_digits=1) if large else None
    sign = {"nl": f"€{NO_BREAK}", "en": "€"}[language]
    return sign + (amount or number(value, language, 0))


def shown(value: Any, column: Column, language: str) -> str:
    """Return a cell of a table as people read it: codes in words, numbers with their decimals and their unit.

    A share is told in per cent, euros from a million on in millions.
    """
    if isinstance(value, str):
        return _text(value, column, language)
    if column.unit == "share":
        return number(value * 100, language, max((column.decimals or 0) - 2, 0)) + PER_CENT
    if column.unit == "EUR":
        return money(value, language)
    if column.unit == "days":
        return counted(round(value), language, "days")
    return number(value, language, column.decimals) + (PER_CENT if column.unit == "%" else "")


def _text(value: str, column: Column, language: str) -> str:
    """Return a cell of text as people read it."""
    if column.words and value:
        return say(language, f"{column.words}.{value}")
    if column.dutch_choices and value:
        return column.dutch_choices[value] if language == "nl" else value.replace("-", " ")
    if column.type == "class":
        stem, dash, end = value.partition("-")
        return stem + dash + (say(language, f"class-ends.{end}") if end else "")
    if column.type in ("date", "period") and value:
        return day(dt.date.fromisoformat(value), language)
    return printable(value)


def date(value: dt.date, language: str) -> str:
    """Return a date in words, as in "30 september 2014"."""
    from babel.dates import format_date

    return str(format_date(value, format="long", locale={"nl": "nl_NL", "en": "en_GB"}[language]))


def day(value: dt.date, language: str) -> str:
    """Return a date in short, as in "30 sep 2014"."""
    from babel.dates import format_date

    return str(format_date(value, format="d MMM y", locale={"nl": "nl_NL", "en": "en_GB"}[language])).replace(".", "")


def listing(items: list[str], language: str) -> str:
    """Return items as a list in a sentence, as in "A, B and C"."""
    from babel.lists import format_list

    return str(format_list(items, locale={"nl": "nl_NL", "en": "en_GB"}[language]))


def correction(told: Mapping[str, str], place: str, language: str) -> str:
    """Return in words how a cell was corrected, from what to what, by whom, why and when, and where that stands."""
    fields = {name: printable(told[name]) for name in ("who", "why", "when")}
    fields |= {name: quote(told[name]) for name in ("found", "corrected")}
    return say(language, "explain.corrected", place=place, row=told["corrections_row"], **fields)


def printable(text: str) -> str:
    """Return a text from a delivered file without control characters, safe to print on a terminal."""
    return "".join(char if char.isprintable() or char == NO_BREAK else f"\\x{ord(char):02x}" for char in text)


def quote(text: str) -> str:
    """Return a text from a delivered file between quotes, short and safe to print."""
    return f'"{printable(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")}"'
