"""The analyst's one handle on a cycle: its settings, its tables, and the only way in which results are written."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from nvslib import scales, words
from nvslib.datapackage import package
from nvslib.editions import Edition, load_edition
from nvslib.explanation import FACTS, Explainer, Fact
from nvslib.intake import Intake, take_in
from nvslib.lineage import Lineage, load_lineage, to_json
from nvslib.problems import Problem
from nvslib.project import Project, read_written, sha256
from nvslib.settings import (
    STAGE_SETTINGS,
    Effectiveness,
    LookBack,
    MidtermReview,
    Reports,
    Sampling,
    Scoring,
    Settings,
    Weighing,
    read_settings,
)
from nvslib.tables import Table, load_table

if TYPE_CHECKING:
    from nvslib.charts import Chart
    from nvslib.checks import Outcome

ORIGIN = ("producer", "title", "citation", "licence", "notes")  # what origin.yaml says of the raw tables
STAGING = "NVS_STAGING"  # set by the runner: where a run writes until all of it went well


def open_cycle(cycle: str, stage: str | None = None, project: Project | None = None) -> Cycle:
    """Open a cycle by its name, as in ``open_cycle("nrb-2014", stage="scoring")``.

    Parameters
    ----------
    cycle
        A file of that name stands in ``pipelines/cycles``.
    stage
        The stage that the notebook is; only needed to write.
    project
        The project; by default the one around the current folder.

    Raises
    ------
    Problem
        There is no such cycle, or its file holds what the schema does not allow.
    """
    project = project or Project.find()
    return Cycle(project, read_settings(project, cycle), stage)


class Cycle:
    """One cycle, as seen from one stage. What it reads and writes is recorded in the lineage of that stage.

    In a run of the pipeline it writes to ``data/results`` and ``reports``; by hand, in JupyterLab, to ``scratch``, so
    that trying things out never changes the results of record.
    """

    def __init__(self, project: Project, settings: Settings, stage: str | None) -> None:
        self.project = project
        self.name = settings.cycle
        self.stage = stage
        self._settings = settings
        staging = os.environ.get(STAGING)
        self._staging = Path(staging) if staging else project.root / "scratch" / self.name
        self._in_run = bool(staging)
        self._facts: dict[str, Fact] = {}
        self._lineage = Lineage(self.name, stage or "", f"notebooks/{stage}.ipynb" if stage else "")

    def __repr__(self) -> str:
        """Name the cycle and the stage."""
        return f"<cycle {self.name}{', stage ' + self.stage if self.stage else ''}>"

    @property
    def by_hand(self) -> bool:
        """Whether somebody tries things out, and not the pipeline."""
        return not self._in_run

    # Settings

    def _setting(self, name: str) -> Any:
        """Return a setting; only those on which the stage depends, lest a change of one goes unnoticed."""
        if self.stage and name not in STAGE_SETTINGS[self.stage]:
            raise LookupError(
                f"stage {self.stage} may not use the setting {name!r}; add it to STAGE_SETTINGS and dvc.yaml"
            )
        self._lineage.parameters[name] = self._settings.model_dump(mode="json", exclude_unset=True)[name]
        return getattr(self._settings, name)

    @property
    def title(self) -> dict[str, str]:
        """The cycle's name per language."""
        return dict(self._setting("title"))

    def dated(self, report: str) -> dt.date:
        """Return the date that a report bears: its own where it has one, else that of the cycle."""
        reports: Reports = self._setting("reports")
        date: dt.date = self._setting("date")
        return {str(name): own for name, own in reports.dates.items()}.get(report, date)

    @property
    def level(self) -> str:
        """The highest marking of what it may use and tell: public, internal or confidential."""
        return str(self._setting("level"))

    @property
    def edition(self) -> Edition:
        """The edition of the method that it uses."""
        return load_edition(self._setting("edition"))

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each criterion; together 1."""
        scoring: Scoring = self._setting("scoring")
        return self.edition.weights() if scoring.weights == "equal" else dict(scoring.weights)

    @property
    def pooling(self) -> str:
        """How the judgements of several assessors become one: consensus, equal or performance."""
        scoring: Scoring = self._setting("scoring")
        return scoring.pooling

    @property
    def sampling(self) -> Sampling:
        """How many draws are made, from which seed, and how the criteria of a scenario depend on each other."""
        scoring: Scoring = self._setting("scoring")
        return scoring.draws

    @property
    def weighing(self) -> Weighing:
        """Budget, staff and views to weigh with, and how many draws are made for it."""
        return self._setting("weighing")  # type: ignore[no-any-return]

    @property
    def as_of(self) -> str:
        """The reporting date of the mid-term review, as 2021-12-31."""
        review: MidtermReview = self._setting("midterm_review")
        return review.as_of.isoformat()

    @property
    def evaluated_on(self) -> str:
        """The day up to which effects are evaluated, as 2022-12-31."""
        effectiveness: Effectiveness = self._setting("effectiveness")
        return effectiveness.as_of.isoformat()

    @property
    def previous(self) -> str:
        """The cycle on which this one looks back."""
        look_back: LookBack = self._setting("look_back")
        return look_back.cycle

    @property
    def final(self) -> list[str]:
        """The reports that are final; the others are drafts."""
        reports: Reports = self._setting("reports")
        return list(reports.final)

    @property
    def letter(self) -> dict[str, dict[str, str]] | None:
        """Reference, addressee and sender of the letter to Parliament, per language; None where there is none."""
        letter = self._setting("reports").letter
        if letter is None:
            return None
        return {
            language: {"reference": letter.reference}
            | {name: getattr(getattr(letter, name), language) for name in ("to", "signed")}
            for language in scales.LANGUAGES
        }

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that it goes through, in their order."""
        return self._settings.stages

    # Reading

    def raw(self, leave_out: frozenset[tuple[str, str, int]] = frozenset()) -> Intake:
        """Return what was delivered, as it was taken in, but for rows to leave out (file, sheet and row).

        Every file of it is recorded as an input.
        """
        folder = self.project.raw(self.name)
        intake = take_in(folder, self.project.shown, leave_out)
        self._lineage.inputs |= {shown: sha256(path) for shown, path in intake.files.items() if path.is_file()}
        return intake

    def check(self, intake: Intake | None = None) -> Outcome:
        """Check what was delivered, against the definitions of its tables and against each other."""
        from nvslib.checks import check

        folder = self.project.shown(self.project.raw(self.name))
        return check(intake or self.raw(), self.edition, folder, self._origin_lacks())

    def _origin_lacks(self) -> str:
        """Return what origin.yaml should hold and does not; nothing where it is whole."""
        try:
            origins = [self.origin(language) for language in scales.LANGUAGES]
        except (Problem, yaml.YAMLError, UnicodeDecodeError, KeyError, AttributeError):
            return ", ".join(ORIGIN)
        return ", ".join(name for name in ORIGIN if not all(origin.get(name) for origin in origins))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table that a stage wrote; a `Problem` when that stage has not run yet.

        A table that this stage itself wrote is read from where it wrote it.
        """
        own = self._results / f"{name}.csv"
        if load_table(name).stage == self.stage and own.is_file():
            return read_written(own, load_table(name))
        return self._table_of(self.name, name)

    def has(self, name: str) -> bool:
        """Whether a stage of the cycle wrote a table of that name."""
        return load_table(name).stage in self.stages and self.project.table_file(self.name, name).is_file()

    def figure(self, name: str, language: str) -> Path | None:
        """Return the SVG of a figure that a stage of the cycle drew; None where there is none."""
        found = (self.project.results(self.name, stage) / f"{name}.{language}.svg" for stage in self.stages)
        path = next((path for path in found if path.is_file()), None)
        return path and self.read_file(path)

    def previous_table(self, name: str) -> pd.DataFrame:
        """Return a table of the cycle on which this one looks back, as `table` does."""
        return self._table_of(self.previous, name)

    def _table_of(self, cycle: str, name: str) -> pd.DataFrame:
        frame = self.project.read_table(cycle, name)
        path = self.project.table_file(cycle, name)
        self._lineage.inputs[self.project.shown(path)] = sha256(path)
        return frame

    def origin(self, language: str) -> dict[str, Any]:
        """Return where the raw tables come from, in one language: producer, title, citation, licence and notes."""
        path = self.read_file(self.project.raw(self.name) / "origin.yaml")
        loaded = yaml.safe_load(path.read_text("utf-8"))
        return {name: value[language] if isinstance(value, dict) else value for name, value in loaded.items()}

    def definition(self, name: str) -> Table:
        """Return the definition of a table."""
        return load_table(name)

    def runs(self) -> dict[str, Lineage]:
        """Return the lineage of every earlier stage of the cycle."""
        before = self.stages[: self.stages.index(self.stage)] if self.stage else self.stages
        found = {stage: load_lineage(self.project, self.name, stage) for stage in before}
        return {stage: run for stage, run in found.items() if run}

    @cached_property
    def explainer(self) -> Explainer:
        """What explains the facts of earlier stages, from their tables and facts."""
        explainer = Explainer(self.project, self.name)
        for earlier in self.runs().values():
            for path, output in earlier.outputs.items():
                if output["kind"] in ("table", "facts"):
                    self._lineage.inputs[path] = output["sha256"]
        return explainer

    # Tables about the cycle itself

    def weights_table(self, weights: Mapping[str, float]) -> pd.DataFrame:
        """Return weights as the table ``weights``, with what they rest on."""
        equal = dict(weights) == self.edition.weights()
        return pd.DataFrame(
            {
                "criterion": list(weights),
                "weight": list(weights.values()),
                "rule": "equal" if equal else "given",
                "basis": self.edition.weights_basis if equal else "own",
            }
        )

    def coverage(self, scenarios: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
        """Return how much was judged as the table ``coverage``, one row."""
        counts = {"scenarios": len(scenarios), "criteria": len(self.edition.criteria), "assessments": len(assessments)}
        return pd.DataFrame([{"cycle": self.name, **counts}])

    def data_package(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """Return the description of written input tables as a Frictionless data package."""
        bases = {name: sorted(table["basis"].unique()) for name, table in tables.items()}
        return package(self.name, self.origin("en")["title"], bases)

    # Writing

    @property
    def _results(self) -> Path:
        return self._staging / "results" if self._in_run else self._staging / str(self.stage)

    def write_table(self, name: str, frame: pd.DataFrame, **more: Any) -> pd.DataFrame:
        """Write a table and return it as written: keys first, sorted, floats to 12 significant digits.

        What else is given, such as the corrections in it, goes to the lineage of the table.
        """
        definition = load_table(name)
        if definition.stage != self.stage:
            raise ValueError(f"table {name} belongs to stage {definition.stage}, not {self.stage}")
        arranged = definition.arrange(frame)
        self._write(
            self._results / f"{name}.csv", arranged.to_csv(index=False, lineterminator="\n").encode(), "table", **more
        )
        return arranged

    def write_json(self, name: str, record: Any) -> None:
        """Write data that is no table as JSON."""
        self._write(self._results / f"{name}.json", to_json(record).encode(), "data")

    def write_figure(self, name: str, charts: Mapping[str, Chart]) -> None:
        """Write a figure in every language as SVG and PNG, with the data drawn and its words beside it."""
        for language, chart in charts.items():
            stem = f"{name}.{language}"
            files = {f"{stem}.svg": chart.svg, f"{stem}.png": chart.png}
            data = chart.data.to_csv(index=False, lineterminator="\n", float_format="%.12g").encode()
            drawn = self._write(self._results / f"{stem}.csv", data, "data drawn")
            for file, draw in files.items():
                path = self._results / file
                self._write(path, draw(f"nvs:{self._place(path)}"), "figure", data=drawn)
        texts = {language: {"caption": chart.caption, "alt": chart.alt} for language, chart in charts.items()}
        self.write_json(name, texts)

    def write_facts(self, pattern: str, table: str, column: str, **where: str) -> list[Fact]:
        """Name the cells of a written table as facts, so that reports may print them and `explain` finds them.

        An empty cell is no fact.

        Parameters
        ----------
        pattern
            The name of each fact, with columns of the table in braces: ``"impact.{scenario}.low"``.
        table
            A table that this stage has written.
        column
            The column that holds the values, or without ``_nl`` and ``_en`` a pair that holds them per language.
        where
            Values of columns that select the rows.

        Returns
        -------
        list of Fact
            The facts written, in the order of the table.
        """
        definition, frame = load_table(table), self.table(table)
        for name, value in where.items():
            frame = frame[frame[name] == value]
        per_language = column not in definition.columns
        value_column = f"{column}_en" if per_language else column
        defined = definition.columns[value_column]
        frame = frame[frame[value_column].notna()]
        facts = []
        for row in frame.to_dict("records"):
            cell: Any = row[value_column]
            display = {
                language: str(row[f"{column}_{language}"]) if per_language else words.shown(cell, defined, language)
                for language in scales.LANGUAGES
            }
            fact = Fact(
                name=pattern.format(**{str(key): item for key, item in row.items()}),
                value=cell.item() if hasattr(cell, "item") else cell,
                unit=defined.unit,
                display=display,
                table=table,
                key={key: str(row[key]) for key in definition.key},
                column=value_column,
            )
            if fact.name in self._facts:
                raise ValueError(f"fact {fact.name} was written before")
            self._facts[fact.name] = fact
            facts.append(fact)
        record = [asdict(self._facts[name]) for name in sorted(self._facts)]
        self._write(self._results / FACTS, to_json(record).encode(), "facts")
        return facts

    def write_page(self, name: str, content: bytes) -> str:
        """Write a page about the results of the stage beside them, and return where it stands."""
        return self._write(self._results / name, content, "page")

    def write_document(self, name: str, content: bytes, kind: str = "report") -> str:
        """Write a document that goes out, or tables that go with it, and return where it stands."""
        return self._write(self._results / name, content, kind)

    def read_file(self, path: Path) -> Path:
        """Record that the stage reads a file of the project, and return its path."""
        if not path.is_file():
            made = "results" in path.parts
            hint = (
                f"not made yet; run `nvs repro {self.name}` first"
                if made
                else "missing; put it back, it is part of the project"
            )
            raise Problem(f"{self.project.shown(path)}: {hint}")
        self._lineage.inputs[self.project.shown(path)] = sha256(path)
        return path

    def _place(self, path: Path) -> str:
        """Return where a file stands once the run went well (or stands already, when written by hand)."""
        if not self._in_run:
            return self.project.shown(path)
        return self.project.shown(self.project.results(self.name, str(self.stage)) / path.name)

    def _write(self, path: Path, content: bytes, kind: str, **more: Any) -> str:
        """Write a file and its lineage; return where it stands."""
        if not self.stage:
            raise ValueError("open the cycle with its stage to write: open_cycle(cycle, stage=...)")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._results.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        place = self._place(path)
        self._lineage.outputs[place] = {"kind": kind, "cell": self._cell(), "sha256": sha256(path), **more}
        self._lineage.sources = self._sources
        self._lineage.save(self._results)
        return place

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The SHA-256 of what does the work: notebook, library with its method data, and lock."""
        root = self.project.root
        listed = "".join(f"{sha256(path)}  {self.project.shown(path)}\n" for path in self.project.library())
        files = [root / self._lineage.notebook, root / "requirements.lock"]
        digests = {self.project.shown(path): sha256(path) for path in files if path.is_file()}
        return digests | {"src/nvslib": hashlib.sha256(listed.encode()).hexdigest()}

    def _cell(self) -> int | None:
        """Return the number of the notebook's code cell that is running, counted as in the notebook itself."""
        interactive = sys.modules.get("IPython")
        shell = interactive.get_ipython() if interactive else None
        # A run has one cell more, with the parameters that papermill puts in.
        return len(shell.user_ns["In"]) - 1 - self._in_run if shell else None
