"""The house style of every chart: the same bytes for the same data, with identity and words inside the file."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nvslib import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# On a new machine matplotlib says that it builds its font cache; in a notebook that would change the bytes.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

FONT = "Source Sans Pro"
INK, GREY, BAND, MARGIN, ACCENT, SHADE = "#1f2933", "#52606d", "#f0f3f6", "#7b8794", "#01689b", "#7fa9cc"
DOTS_PER_INCH = 144
STYLE: dict[str, Any] = {
    "font.family": FONT,
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 10.5,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "nvs",  # else the ids inside an SVG are random
}


@dataclass(frozen=True)
class Chart:
    """A figure with its words: what stands under it, what it says to who cannot see it, and the data drawn."""

    figure: Figure
    caption: str
    alt: str
    data: pd.DataFrame

    def svg(self, identity: str = "") -> bytes:
        """Return the chart as SVG, with the identity in its metadata; no date, no software version."""
        metadata = {"Title": self.caption, "Description": self.alt, "Identifier": identity}
        return self._saved("svg", metadata | {"Date": None, "Creator": None, "Format": None, "Type": None})

    def png(self, identity: str = "") -> bytes:
        """Return the chart as PNG, with the identity in its metadata."""
        metadata = {"Title": self.caption, "Description": self.alt, "Identifier": identity, "Software": None}
        return self._saved("png", metadata)

    def _saved(self, kind: str, metadata: dict[str, str | None]) -> bytes:
        buffer = io.BytesIO()
        with house_style():
            self.figure.savefig(buffer, format=kind, metadata=metadata, dpi=DOTS_PER_INCH)
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the chart in a notebook, with its alternative text."""
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": {"alt": self.alt, "width": 820}}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever the user's own matplotlib settings say."""
    import matplotlib as mpl

    _register_font()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)  # type: ignore[arg-type]
        yield


@cache
def font_folder() -> Path:
    """Return the folder with the font of charts and documents."""
    import font_source_sans_pro

    return Path(font_source_sans_pro.font_directory)


@cache
def _register_font() -> None:
    from matplotlib import font_manager

    for path in sorted(font_folder().glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def illustrative_note(figure: Figure, rows: pd.DataFrame, language: str, height: float) -> str:
    """Say on the face of a chart that its data are made up, where their basis says so; return what was said.

    The height of the figure is in inches.
    """
    if not (rows["basis"] == "illustrative").any():
        return ""
    note = words.say(language, "figures.risk-diagram.illustrative")
    figure.text(0.01, 1 - 0.12 / height, note, weight="bold", va="top")
    return note


def wrapped(title: str, width: int) -> str:
    """Return a title over at most three lines of a width."""
    import textwrap

    return "\n".join(textwrap.wrap(shortened(title, 3 * width), width))


def shortened(title: str, width: int) -> str:
    """Return a title that is no longer than a width, cut with an ellipsis."""
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
