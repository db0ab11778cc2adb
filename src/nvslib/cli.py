"""The command ``nvs``: what people and machines ask of the workbench from a terminal."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nvslib import screens
from nvslib.problems import Problem
from nvslib.words import spoken

if TYPE_CHECKING:
    from nvslib.project import Project

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_folder: Path | None = None

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Language = Annotated[str, typer.Option("--lang", help="Language of the words: nl or en.", metavar="nl|en")]
DEFAULT_LANGUAGE = spoken()


@app.callback(help="The workbench for the national security strategy cycle: from raw judgement to report, and back.")
def begin(
    project: Annotated[
        Path | None,
        typer.Option("--project", help="The folder of the workbench; else the one around the current folder."),
    ] = None,
) -> None:
    """Set where the command works."""
    global _folder  # noqa: PLW0603 - where the command was told to work
    _folder = project


@app.command()
def cycles(as_json: AsJson = False) -> None:
    """List the cycles: their name, title, edition of the method, and whether their reports are made."""
    from nvslib.lineage import load_lineage
    from nvslib.settings import read_settings

    project = _project()
    listed: list[dict[str, Any]] = []
    for name in project.cycles():
        settings = read_settings(project, name)
        made = load_lineage(project, name, "reports")
        reports = [path for path, output in made.outputs.items() if output["kind"] == "report"] if made else []
        listed.append(
            {
                "cycle": name,
                "title": settings.title.model_dump(),
                "edition": settings.edition,
                "date": settings.date.isoformat(),
                "reports": reports,
            }
        )
    if as_json:
        screens.print_json(listed)
        return
    table = screens.table("Cycle", "Title", "Edition", "Date", "Reports")
    for entry in listed:
        made_reports = f"{len(entry['reports'])} files" if entry["reports"] else f"none yet: nvs repro {entry['cycle']}"
        table.add_row(entry["cycle"], entry["title"][DEFAULT_LANGUAGE], entry["edition"], entry["date"], made_reports)
    screens.console().print(table)


@app.command()
def check(
    cycle: str,
    as_json: AsJson = False,
    lang: Language = DEFAULT_LANGUAGE,
    page: Annotated[
        bool, typer.Option("--page", help="Write the findings as pages too, in Dutch and English.")
    ] = False,
) -> None:
    """Check the tables of a cycle as delivered; every finding in one line. Exit code 1 when one of them blocks."""
    from nvslib import words
    from nvslib.cycle import open_cycle

    _language(lang)
    this = open_cycle(cycle, stage="validation", project=_project())
    intake = this.raw()
    outcome = this.check(intake)
    findings = outcome.findings
    pages: list[str] = []
    if page:
        from nvslib.quality import write_pages

        pages = write_pages(this, outcome)
    if as_json:
        screens.print_json({"cycle": cycle, "findings": [finding.record() for finding in findings], "pages": pages})
    else:
        for finding in findings:
            typer.echo(finding.line(lang))
        files = words.counted(len(intake.files), lang, "findings.files")
        summary = words.counted(len(findings), lang, "findings.summary", cycle=cycle, files=files)
        blocking = words.counted(len(outcome.blocking), lang, "findings.blocking")
        typer.echo(f"{summary.rstrip('.')}; {blocking}." if findings else summary)
        for written in pages:
            typer.echo(written)
    if outcome.blocking:
        raise typer.Exit(1)


@app.command()
def template(
    cycle: str,
    folder: Annotated[Path, typer.Argument(help="Where the workbooks are written; files there are kept.")],
    lang: Language = DEFAULT_LANGUAGE,
    form: Annotated[str, typer.Option("--form", help="Form of the files.", metavar="xlsx|ods|csv")] = "xlsx",
) -> None:
    """Write workbooks to fill in: one for each department and assessor, and one for the analysts."""
    from nvslib.cycle import open_cycle
    from nvslib.templates import write_templates

    _language(lang)
    if form not in ("xlsx", "ods", "csv"):
        raise typer.BadParameter(f"found {form!r}, allowed xlsx, ods or csv", param_hint="--form")
    this = open_cycle(cycle, project=_project())
    tables = {name: delivered.cells for name, delivered in this.raw().tables.items()}
    for path in write_templates(folder, tables, this.edition, lang, form):
        typer.echo(str(path))


@app.command()
def new(
    cycle: str,
    from_cycle: Annotated[str, typer.Option("--from", help="The cycle to begin from.", metavar="CYCLE")],
) -> None:
    """Begin a new cycle from another one: its file, its folder with tables, its place in dvc.yaml, its templates."""
    from nvslib.new_cycle import begin

    for line in begin(_project(), cycle, from_cycle, DEFAULT_LANGUAGE):
        typer.echo(line)


@app.command()
def repro(
    cycle: Annotated[list[str] | None, typer.Argument(help="The cycles; all of them if none is given.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many stages may run side by side.")] = 1,
) -> None:
    """Run what is out of date, with DVC, and name what was made."""
    from nvslib.project import INDEX, REPORTS, SEAL, STAGES
    from nvslib.settings import read_settings

    project = _project()
    wanted = cycle or project.cycles()
    stages = {name: read_settings(project, name).stages for name in {*wanted, *project.cycles()}}
    seals = [f"{SEAL}@{name}" for name in wanted if REPORTS in stages[name]]
    if jobs == 1:
        wanted_stages = [f"{stage}@{name}" for name in wanted for stage in stages[name]]
        _dvc(project, ["repro", "--quiet", *wanted_stages, *seals, INDEX])
    else:
        # DVC runs one stage at a time; the stages of different cycles can run side by side as processes of their own.
        for stage in STAGES:
            going = [name for name in wanted if stage in stages[name]]
            with ThreadPoolExecutor(jobs) as pool:
                commands = [["--wait-for-lock", "repro", "--quiet", "-s", f"{stage}@{name}"] for name in going]
                list(pool.map(lambda command: _dvc(project, command), commands))
        for stage in (*seals, INDEX):
            _dvc(project, ["repro", "--quiet", "-s", stage])
    for name in wanted:
        _name_what_was_made(project, name)


def _dvc(project: Project, arguments: list[str]) -> None:
    """Run DVC in the project; a stage that fails has told why itself."""
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-m", "dvc", *arguments], cwd=project.root, check=False, stderr=subprocess.PIPE, text=True
    )
    told = [line for line in done.stderr.splitlines() if line and not line.endswith("exited with 1")]
    if done.returncode:
        raise Problem(told or "DVC could not run the pipeline; `dvc repro` says more")


def _name_what_was_made(project: Project, cycle: str) -> None:
    from nvslib.explanation import read_facts
    from nvslib.lineage import load_lineage
    from nvslib.settings import read_settings

    settings = read_settings(project, cycle)
    typer.echo(f"\n{cycle}: {settings.title.model_dump()[DEFAULT_LANGUAGE]}")
    for stage in settings.stages:
        made = load_lineage(project, cycle, stage)
        for path, output in made.outputs.items() if made else ():
            if output["kind"] in ("report", "page"):
                typer.echo(f"  {path}")
    facts = read_facts(project, cycle)
    example = next((name for name in facts if name.startswith("impact.")), next(iter(facts)))
    typer.echo(f"How a figure was made: nvs explain {cycle} {example}")


@app.command()
def explain(
    cycle: str,
    fact: Annotated[str | None, typer.Argument(help="The name of a fact; without it all facts are listed.")] = None,
    as_json: AsJson = False,
    lang: Language = DEFAULT_LANGUAGE,
) -> None:
    """Walk from a printed number back to the raw rows: formula, contributions, judgements, file and row."""
    from nvslib.explanation import Explainer

    _language(lang)
    project = _project()
    project.cycle_file(cycle)
    explainer = Explainer(project, cycle)
    if fact is None:
        shown = {name: known.display[lang] for name, known in sorted(explainer.facts.items())}
        if as_json:
            screens.print_json(shown)
            return
        for name, display in shown.items():
            typer.echo(f"{name} = {display}")
        return
    step = explainer.explain(fact)
    known = explainer.facts[fact]
    if as_json:
        told = {"fact": fact, "cycle": cycle, "value": known.value, "unit": known.unit, "display": known.display}
        screens.print_json(told | {"explanation": step.record()})
    else:
        screens.console().print(screens.tree(step, lang, f"{fact} = {known.display[lang]}"))


@app.command()
def verify(
    cycle: Annotated[list[str] | None, typer.Argument(help="The cycles; all of them if none is given.")] = None,
    again: Annotated[
        bool,
        typer.Option("--rerun", help="Make the cycle again too, in a clone of the commit, and compare every byte."),
    ] = False,
    as_json: AsJson = False,
    lang: Language = DEFAULT_LANGUAGE,
) -> None:
    """Read every byte of a cycle and hold it against its seal; exit code 1 when something is not as it was sealed."""
    from nvslib import seal, words
    from nvslib.rerun import rerun

    _language(lang)
    project = _project()
    found, untold = seal.verify_each(project, cycle or seal.sealed_cycles(project))
    if not as_json:
        for one in found:
            screens.tell_verified(one, lang)
    good = [one.cycle for one in found if not one.deviations]
    runs = []
    for name in good if again else ():
        if not as_json:
            typer.echo(words.say(lang, "verify.rerun.begins", cycle=name))
        runs.append(rerun(project, name))
        if not as_json:
            screens.tell_rerun(runs[-1], lang)
    if as_json:
        screens.print_json({"verified": [one.record() for one in found], "rerun": [one.record() for one in runs]})
    if untold:
        raise Problem(untold)
    if len(good) < len(found) or any(one.stage for one in runs):
        raise typer.Exit(1)


@app.command()
def trace(file: Path, as_json: AsJson = False) -> None:
    """Tell how a figure, table or report was made: notebook, cell, data, parameters, and every file behind it."""
    from nvslib import tracing

    traced = tracing.trace(_project(), file)
    if as_json:
        screens.print_json(traced.record())
    else:
        screens.tell_trace(traced)
    if traced.state == "altered":
        raise typer.Exit(1)


@app.command()
def publish(
    cycle: str,
    changed: Annotated[str, typer.Option("--changed", help="What changed since the version before, in a sentence.")],
) -> None:
    """Add a cycle as it is sealed and committed to the history of what went out, and keep its facts."""
    from nvslib import history

    version = history.publish(_project(), cycle, changed)
    typer.echo(
        f"{history.HISTORY}: {cycle}{history.MARK}{version.version}, seal {version.seal}. Commit the folder seals"
    )


@app.command()
def crate(
    cycle: str,
    folder: Annotated[Path, typer.Argument(help="The new folder in which it is written.")],
) -> None:
    """Write a sealed cycle as a research object (RO-Crate): every file and how it came about."""
    from nvslib import crate as rooms

    typer.echo(str(rooms.write_crate(_project(), cycle, folder)))


@app.command()
def history(
    cycle: Annotated[list[str] | None, typer.Argument(help="The cycles; all of them if none is given.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the versions that went out: seal, commit, date, which reports were final, and what changed."""
    from nvslib import history as rooms

    versions = [one for one in rooms.history(_project()) if not cycle or one.cycle in cycle]
    if as_json:
        screens.print_json([asdict(one) for one in versions])
        return
    if not versions:
        typer.echo("Nothing is published yet: nvs publish CYCLE --changed 'what changed'")
        return
    table = screens.table("Version", "Date", "Final", "Commit", "Seal", "What changed")
    for one in versions:
        name = f"{one.cycle}{rooms.MARK}{one.version}"
        table.add_row(name, one.date, one.final or "drafts", one.commit[:12], one.seal[:12], one.changed)
    screens.console().print(table)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(help="A cycle as it stands, or a version of it, as in nrb-2014@1.")],
    after: Annotated[str, typer.Argument(help="The other one.")],
    as_json: AsJson = False,
    lang: Language = DEFAULT_LANGUAGE,
) -> None:
    """Tell which facts differ between two versions or cycles, by how much, and because of which inputs; exit code 1."""
    from nvslib import history as rooms

    _language(lang)
    changes = rooms.compare(_project(), before, after)
    if as_json:
        screens.print_json([one.record() for one in changes])
    else:
        screens.tell_changes(changes, (before, after), lang)
    if changes:
        raise typer.Exit(1)


def _project() -> Project:
    from nvslib.project import Project

    return Project.find(_folder)


def _language(lang: str) -> None:
    if lang not in ("nl", "en"):
        raise typer.BadParameter(f"found {lang!r}, allowed nl or en", param_hint="--lang")


def main() -> None:
    """Run the command; what a user can mend is printed in lines, with exit code 1."""
    try:
        app()
    except Problem as problem:
        for line in problem.lines:
            typer.echo(line, err=True)
        sys.exit(1)
