"""What varies per cycle, as it stands in the cycle's file: the schema, and which stage may use what of it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from nvslib import words
from nvslib.editions import edition_names, load_edition
from nvslib.problems import Problem
from nvslib.project import Project, stages_of

# What of a cycle's file each stage may use; dvc.yaml re-runs a stage when one of these changes.
STAGE_SETTINGS = {
    "validation": ("edition", "level"),
    "scoring": ("edition", "scoring"),
    "weighing": ("edition", "scoring", "weighing"),
    "midterm_review": ("edition", "midterm_review", "scoring"),
    "effectiveness": ("effectiveness",),
    "look_back": ("look_back", "scoring"),
    "reports": ("title", "date", "edition", "level", "reports"),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _quoted(value: object) -> object:
    """Refuse a bare date: DVC cannot keep one in its lock file."""
    if isinstance(value, dt.date):
        raise ValueError(f'put the date between quotes: "{value.isoformat()}"')  # noqa: TRY004 - told as a wrong value
    return value


def _as_text(value: object) -> object:
    """Return what YAML takes for a number, an edition or the number of a criterion, as the text that it is."""
    if isinstance(value, dict):
        return {str(name): inner for name, inner in value.items()}
    return str(value) if isinstance(value, int) else value


class Names(_Strict):
    """A name in both languages."""

    nl: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Sampling(_Strict):
    """How the draws are made from which intervals and rank shares follow."""

    count: Annotated[int, Field(ge=100, le=1_000_000)]
    seed: Annotated[int, Field(ge=0)]
    dependence: Annotated[float, Field(ge=0, le=1)]


class Scoring(_Strict):
    """How judgements become an overall impact."""

    pooling: Literal["consensus", "equal", "performance"]
    aggregator: Literal["weighted-sum"]
    draws: Sampling
    weights: Annotated[Literal["equal"] | dict[str, Annotated[float, Field(ge=0)]], BeforeValidator(_as_text)]


class WeighingDraws(_Strict):
    """How many draws are made of the network of links, and of what measures are chosen on."""

    network: Annotated[int, Field(ge=1000, le=1_000_000)]
    measures: Annotated[int, Field(ge=10, le=10_000)]
    seed: Annotated[int, Field(ge=0)]


class Weighing(_Strict):
    """Within what measures are chosen, and how departments look at the interests."""

    budget_per_year: Annotated[int, Field(ge=0)]
    capacity: dict[str, Annotated[float, Field(ge=0)]] = {}
    draws: WeighingDraws
    views: dict[str, Annotated[dict[str, Annotated[float, Field(ge=0)]], BeforeValidator(_as_text)]] = {}


class MidtermReview(_Strict):
    """On which reporting date the cycle is reviewed; with another one the same review is a half-yearly report."""

    as_of: Annotated[dt.date, BeforeValidator(_quoted)]


class Effectiveness(_Strict):
    """Up to which day effects are evaluated."""

    as_of: Annotated[dt.date, BeforeValidator(_quoted)]


class LookBack(_Strict):
    """On which cycle another one looks back."""

    cycle: str


class Letter(_Strict):
    """The letter to Parliament: its reference, to whom it goes, and who signs it."""

    reference: Annotated[str, Field(min_length=1)]
    to: Names
    signed: Names


ReportName = Literal[
    "risk-assessment",
    "steering-dossier",
    "midterm-review",
    "effectiveness",
    "progress-letter",
    "public-summary",
    "audit-dossier",
]


class Reports(_Strict):
    """How the reports go out: which are final, which bear a date of their own; others are drafts."""

    final: list[ReportName] = []
    dates: dict[ReportName, Annotated[dt.date, BeforeValidator(_quoted)]] = {}
    letter: Letter | None = None


class Settings(_Strict):
    """Everything that varies per cycle, as it stands in ``pipelines/cycles/<cycle>.yaml``.

    A cycle goes as far as its file says: without a section ``scoring`` it is validated alone.
    """

    cycle: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Names
    date: Annotated[dt.date, BeforeValidator(_quoted)]
    edition: Annotated[str, BeforeValidator(_as_text)]
    level: Literal["public", "internal", "confidential"]
    scoring: Scoring | None = None
    weighing: Weighing | None = None
    midterm_review: MidtermReview | None = None
    effectiveness: Effectiveness | None = None
    look_back: LookBack | None = None
    reports: Reports | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that the cycle goes through, in their order."""
        return stages_of(self.model_dump())

    @model_validator(mode="after")
    def _agrees_with_edition(self) -> Settings:
        if self.edition not in edition_names():
            raise ValueError(f"edition: found {self.edition!r}, allowed {', '.join(edition_names())}")
        weights = self.scoring and self.scoring.weights
        if isinstance(weights, dict):
            criteria = load_edition(self.edition).criteria
            if set(weights) != set(criteria):
                raise ValueError(f"scoring.weights: allowed is one weight for each of {', '.join(criteria)}")
            if not math.isclose(sum(weights.values()), 1):
                raise ValueError(f"scoring.weights: together {sum(weights.values())}, allowed is 1")
        for department, times in (self.weighing.views if self.weighing else {}).items():
            interests = load_edition(self.edition).interests
            if not set(times) <= set(interests) or not any(times.get(interest, 1) for interest in interests):
                raise ValueError(
                    f"weighing.views.{department}: allowed are times for {', '.join(interests)}, not all 0"
                )
        return self


def read_settings(project: Project, cycle: str) -> Settings:
    """Return the settings of a cycle; a `Problem` with a line for everything that the schema does not allow."""
    path = project.cycle_file(cycle)
    shown = project.shown(path)
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
        settings = Settings.model_validate(loaded)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Problem(f"{shown}: not readable as YAML in UTF-8: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise Problem(_setting_line(shown, wrong) for wrong in error.errors()) from None
    if settings.cycle != cycle:
        raise Problem(f"{shown}: cycle: found {settings.cycle!r}, allowed {cycle!r}, the name of the file")
    others = [name for name in project.cycles() if name != cycle]
    if settings.look_back and settings.look_back.cycle not in others:
        found = settings.look_back.cycle
        raise Problem(f"{shown}: look_back.cycle: found {found!r}, allowed another cycle: {', '.join(others)}")
    return settings


def _setting_line(shown: str, wrong: Any) -> str:
    """Return one line for one error of the schema: where, what was found, what is allowed."""
    place = ".".join(str(part) for part in wrong["loc"])
    found = "" if wrong["type"] in ("missing", "value_error") else f"found {words.quote(str(wrong['input']))}; "
    message = wrong["msg"].removeprefix("Value error, ")
    told = {
        "missing": "this setting is missing; add it",
        "extra_forbidden": "no such setting; remove it or correct its name",
    }
    return f"{shown}: {place + ': ' if place else ''}{found}{told.get(wrong['type'], message)}"
