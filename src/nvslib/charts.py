"""The house style of every chart: the same bytes for the same data, with identity and words inside the file."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nvslib import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

# On a new machine matplotlib says that it builds its font cache; in a notebook that would change the bytes.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

FONT = "Source Sans Pro"
INK, GREY, BAND, MARGIN, ACCENT, SHADE = "#1f2933", "#52606d", "#f0f3f6", "#7b8794", "#01689b", "#7fa9cc"
DOTS_PER_INCH = 144
ROW = 0.21  # inches for a scenario, in charts with a row for each
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


def illustrative(rows: pd.DataFrame, language: str) -> str:
    """Return the words that say that data are made up, where the basis of a row says so; else nothing."""
    made_up = (rows["basis"] == "illustrative").any()
    return words.say(language, "figures.illustrative") if made_up else ""


def illustrative_note(figure: Figure, rows: pd.DataFrame, language: str, height: float) -> str:
    """Say at the top of a figure, of a height in inches, that its data are made up, if so; return what was said."""
    note = illustrative(rows, language)
    figure.text(0.01, 1 - 0.12 / height, note, weight="bold", va="top")
    return note


def captioned(caption: str, note: str) -> str:
    """Return a caption with the note behind it, if there is one."""
    return f"{caption} {note}.".removesuffix(" .")


def titles(scenarios: pd.DataFrame, language: str) -> dict[str, str]:
    """Return scenario -> title."""
    return dict(zip(scenarios["scenario"], scenarios[f"title_{language}"], strict=True))


def name_rows(axes: Axes, names: Iterable[str]) -> None:
    """Give every row of a chart a name, and the chart no frame."""
    labels = [shortened(name, 52) for name in names]
    axes.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def shades() -> Colormap:
    """Return shades from the background to darker: the more draws, the darker."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("draws", [BAND, SHADE])


def wrapped(title: str, width: int) -> str:
    """Return a title over at most three lines of a width."""
    import textwrap

    return "\n".join(textwrap.wrap(shortened(title, 3 * width), width))


def shortened(title: str, width: int) -> str:
    """Return a title that is no longer than a width, cut with an ellipsis."""
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
