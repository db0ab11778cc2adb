"""The words of the library's own screens, findings and figures, and the notation of numbers, in Dutch and English."""

from __future__ import annotations

import datetime as dt
import os
from functools import cache
from importlib.resources import files
from typing import Any

LONGEST_QUOTE = 80


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
    """Return a number in the notation of the language; with fixed decimals where they are given."""
    from babel.numbers import format_decimal

    pattern = "#,##0.############" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=language))


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


def printable(text: str) -> str:
    """Return a text from a delivered file without control characters, safe to print on a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def quote(text: str) -> str:
    """Return a text from a delivered file between quotes, short and safe to print."""
    return f'"{printable(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")}"'
