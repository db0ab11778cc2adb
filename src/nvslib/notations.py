"""Reading a cell in the notations in which people write: Dutch and English numbers, dates, words and classes.

A cell is read where its meaning is certain, and then it is said in what way it was not yet in the form that is kept;
where it is not certain it is refused. ``1.234,5`` is certain, ``1.234`` alone is not: it is read only in a sheet whose
other numbers show which notation it is written in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from babel import Locale

from nvslib import scales
from nvslib.tables import MANY, Column
from nvslib.workbooks import as_text

PLAIN_NUMBER = r"^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z"
SUBCLASSES = {"laag": "low", "midden": "mid", "hoog": "high"}
LIKELIHOOD_WORDS = ("waarschijnlijkheid", "likelihood")
YEARS = (1900, 2200)

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_AMBIGUOUS = re.compile(r"^-?[1-9]\d{0,2}[.,]\d{3}\Z")
_DUTCH = re.compile(r"^-?(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,\d+|\d{1,3}(?:\.\d{3}){2,})\Z")
_ENGLISH = re.compile(r"^-?(?:\d{1,3}(?:,\d{3})+\.\d+|\d+\.\d+|\d{1,3}(?:,\d{3}){2,})\Z")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?\Z")
_DAY_FIRST = re.compile(r"^(\d{1,2})([-./])(\d{1,2})\2(\d{4})\Z")
_IN_WORDS = re.compile(r"^(\d{1,2})[ -]([A-Za-z]+)\.?[ -](\d{4})\Z")
_MONTH = re.compile(r"^(\d{4})-(\d{2})\Z")
_QUARTER = re.compile(r"^(\d{4})[ -]?[QqKk]([1-4])\Z")
_YEAR = re.compile(r"^(\d{4})\Z")


@dataclass(frozen=True)
class Read:
    """A cell as it was read: its text in the form that is kept, how it differed, or why it was refused."""

    text: str | None
    kind: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the other cells of a sheet show: "nl", "en" or "" where they show nothing, or both."""

    numbers: str = ""
    dates: str = ""


def evidence(texts: Iterable[str], dates: Iterable[str]) -> Evidence:
    """Return in which notation a sheet is written, from the texts of its numbers and of its dates."""
    numbers = set()
    for text in texts:
        bare = _bare(text)
        if not _AMBIGUOUS.match(bare):
            numbers |= {"nl"} if _DUTCH.match(bare) else {"en"} if _ENGLISH.match(bare) else set()
    orders = set()
    for text in dates:
        found = _DAY_FIRST.match(text.strip())
        if found and found[2] == "/":
            orders |= {"nl"} if int(found[1]) > 12 else {"en"} if int(found[3]) > 12 else set()  # noqa: PLR2004
    return Evidence(*("".join(found) if len(found) == 1 else "" for found in (numbers, orders)))


def read(cell: object, column: Column, shown: Evidence = Evidence()) -> Read:
    """Return a cell of a column as it was read."""
    text = as_text(cell)
    trimmed = text.translate(_INVISIBLE).strip() if isinstance(cell, str) else text
    if not trimmed:
        return Read(None)
    if column.many:
        parts = [_read_one(part, column, shown) for part in re.split(rf"\s*[{MANY},]\s*", trimmed) if part]
        joined = f"{MANY} ".join(part.text or "" for part in parts)
        kinds = [part.kind for part in parts if part.kind]
        return Read(joined, kinds[0] if kinds else "list" if joined != trimmed else "")
    kept = _read_one(cell if not isinstance(cell, str) else trimmed, column, shown)
    return Read(kept.text, "spaces", kept.refused) if trimmed != text and not kept.kind and not kept.refused else kept


def _read_one(cell: object, column: Column, shown: Evidence) -> Read:  # noqa: PLR0911 - a way for each type
    text = as_text(cell)
    if column.type in ("number", "integer"):
        return Read(text) if isinstance(cell, int | float) else _number(text, column, shown.numbers)
    if column.type in ("date", "period"):
        return _date(cell, column, shown.dates)
    if column.type == "choice":
        return _choice(cell, column)
    if column.type == "class":
        return _differs(text, _class(text), "class")
    if column.type == "criterion":
        return _differs(text, _criterion(text), "criterion")
    if column.type == "name":
        return _differs(text, text.lower(), "case")
    return Read(text)


def _differs(text: str, kept: str, kind: str) -> Read:
    return Read(kept, kind if kept != text else "")


def _choice(cell: object, column: Column) -> Read:
    text = {True: "yes", False: "no"}[cell] if isinstance(cell, bool) else str(as_text(cell))
    word = _word(text)
    if word in column.choices:
        return _differs(text, word, "case")
    dutch = {_word(spoken): choice for choice, spoken in column.dutch_choices.items()}
    return Read(dutch[word], "dutch-word") if word in dutch else Read(text)


def _word(text: str) -> str:
    """Return a word as choices are compared: lower case, hyphens for spaces (underscores stay, as in table names)."""
    return _SPACES.sub("-", text.strip().lower())


def _class(text: str) -> str:
    letter, _, rest = _SPACES.sub("-", text.strip()).replace("_", "-").partition("-")
    if len(letter) != 1:
        return text
    rest = rest.lower().strip("()")
    return letter.upper() + (f"-{SUBCLASSES.get(rest, rest)}" if rest else "")


def _criterion(text: str) -> str:
    if text.lower() in LIKELIHOOD_WORDS:
        return scales.LIKELIHOOD
    return text.replace(",", ".") if re.match(r"^\d,\d+\Z", text) else text


def _bare(text: str) -> str:
    """Return a number without currency, per cent and spaces between thousands."""
    bare = _SPACES.sub(" ", text.strip())
    bare = re.sub(r"^(?:€|EUR)\s*|\s*(?:€|EUR|%)\Z", "", bare, flags=re.IGNORECASE)
    return bare.replace(" ", "") if re.match(r"^-?\d{1,3}(?: \d{3})+(?:[.,]\d+)?\Z", bare) else bare


def _number(text: str, column: Column, notation: str) -> Read:
    bare = _bare(text)
    percent = text.rstrip().endswith("%")
    currency = bool(re.search(r"€|EUR", text, flags=re.IGNORECASE))
    if (percent and column.unit != "share") or (currency and column.unit != "EUR"):
        return Read(text)
    if _AMBIGUOUS.match(bare):
        if not notation:
            return Read(text, refused="ambiguous-number")
        thousands = "." if notation == "nl" else ","
        bare = bare.replace(thousands, "") if thousands in bare else bare.replace(",", ".")
    elif _DUTCH.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _ENGLISH.match(bare):
        bare = bare.replace(",", "")
    if not re.match(PLAIN_NUMBER, bare):
        return Read(text)
    if percent:
        bare = f"{float(bare) / 100:.15g}"
    return _differs(text, bare, "number")


@cache
def _months() -> dict[str, int]:
    """Return the names of the months in both languages, long and short, with their number."""
    return {
        name.rstrip(".").lower(): number
        for language in (*scales.LANGUAGES, "en_GB")  # Sep and Sept
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).months["format"][width].items()
    }


def _date(cell: object, column: Column, order: str) -> Read:
    text = as_text(cell)
    if isinstance(cell, dt.date) and not (isinstance(cell, dt.datetime) and cell.time() != dt.time(0)):
        return Read(text)
    if isinstance(cell, float | int) and not (column.type == "period" and _YEAR.match(text)):
        return Read(text)
    found = _DAY_FIRST.match(text)
    if found and found[2] == "/" and found[1] != found[3]:
        # 03/04/2021 is the third of April or March the fourth: only certain by its own or its neighbours' days.
        order = "nl" if int(found[1]) > 12 else "en" if int(found[3]) > 12 else order  # noqa: PLR2004
        if not order:
            return Read(text, refused="ambiguous-date")
    else:
        order = "nl"
    year, month, day = _day(text, order) or (_first_day(text) if column.type == "period" else None) or (0, 0, 0)
    try:
        kept = dt.date(year, month, day).isoformat()
    except ValueError:
        return Read(text)
    return _differs(text, kept, "date") if YEARS[0] <= year < YEARS[1] else Read(text)


def _day(text: str, order: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date as written; ``order`` says which number of 3/4/2021 comes first."""
    if found := _ISO.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.match(text):
        day, month = (int(found[1]), int(found[3])) if order == "nl" else (int(found[3]), int(found[1]))
        return int(found[4]), month, day
    if (found := _IN_WORDS.match(text)) and found[2].lower() in _months():
        return int(found[3]), _months()[found[2].lower()], int(found[1])
    return None


def _first_day(text: str) -> tuple[int, int, int] | None:
    """Return the first day of a month, a quarter or a year as written."""
    if found := _MONTH.match(text):
        return int(found[1]), int(found[2]), 1
    if found := _QUARTER.match(text):
        return int(found[1]), int(found[2]) * 3 - 2, 1
    return (int(text), 1, 1) if _YEAR.match(text) else None
