"""The command ``nvs``: what people and machines ask of the workbench from a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nvslib.problems import Problem
from nvslib.words import spoken

if TYPE_CHECKING:
    from rich.tree import Tree

    from nvslib.explanation import Raw, Setting, Step
    from nvslib.history import Change
    from nvslib.project import Project
    from nvslib.rerun import Rerun
    from nvslib.seal import Verified

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
NAMES_TOLD = 3  # facts, figures or reports that are named of many
CELLS_TOLD = 10  # cells of a table that differ
ROWS_TOLD = 40  # rows behind a count that are told one by one


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
        _print_json(listed)
        return
    table = _table("Cycle", "Title", "Edition", "Date", "Reports")
    for entry in listed:
        made_reports = f"{len(entry['reports'])} files" if entry["reports"] else f"none yet: nvs repro {entry['cycle']}"
        table.add_row(entry["cycle"], entry["title"][DEFAULT_LANGUAGE], entry["edition"], entry["date"], made_reports)
    _console().print(table)


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
        _print_json({"cycle": cycle, "findings": [finding.record() for finding in findings], "pages": pages})
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
            _print_json(shown)
            return
        for name, display in shown.items():
            typer.echo(f"{name} = {display}")
        return
    step = explainer.explain(fact)
    known = explainer.facts[fact]
    if as_json:
        told = {"fact": fact, "cycle": cycle, "value": known.value, "unit": known.unit, "display": known.display}
        _print_json(told | {"explanation": step.record()})
    else:
        _console().print(_tree(step, lang, f"{fact} = {known.display[lang]}"))


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
            _tell_verified(one, lang)
    good = [one.cycle for one in found if not one.deviations]
    runs = []
    for name in good if again else ():
        if not as_json:
            typer.echo(words.say(lang, "verify.rerun.begins", cycle=name))
        runs.append(rerun(project, name))
        if not as_json:
            _tell_rerun(runs[-1], lang)
    if as_json:
        _print_json({"verified": [one.record() for one in found], "rerun": [one.record() for one in runs]})
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
        _print_json(traced.record())
    else:
        record = traced.record()
        state = {
            "same": "as it was written",
            "altered": "NOT the bytes of the present results: altered, or of another run",
            "input": "as it was read",
        }
        lines = {
            "What": f"{record.get('kind', 'input')} of cycle {record['cycle']}, {state[traced.state]}",
            "Path": record["path"],
            "Made by" if traced.output else "Read by": record["notebook"]
            + (f", cell [{record['cell']}]" if record.get("cell") else ""),
            "Data drawn": record.get("data", ""),
            "Parameters": json.dumps(record["parameters"], ensure_ascii=False, sort_keys=True)
            if record["parameters"]
            else "",
            "Library": record["library"],
            "Sources": ", ".join(f"{path} {digest[:16]}" for path, digest in record["sources"].items()),
            "Commit": record["commit"] or "none holds its seal",
            "Run": ", ".join(f"{name} {value}" for name, value in record["run"].items()),
            "Make again": record["command"],
        }
        for name, value in lines.items():
            if value:
                typer.echo(f"{name + ':':<12} {value}")
        if traced.chain:
            typer.echo("Made from:")
            for path, digest in traced.chain.items():
                typer.echo(f"  {digest[:16]}  {path}")
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
def history(
    cycle: Annotated[list[str] | None, typer.Argument(help="The cycles; all of them if none is given.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the versions that went out: seal, commit, date, which reports were final, and what changed."""
    from nvslib import history as rooms

    versions = [one for one in rooms.history(_project()) if not cycle or one.cycle in cycle]
    if as_json:
        _print_json([asdict(one) for one in versions])
        return
    if not versions:
        typer.echo("Nothing is published yet: nvs publish CYCLE --changed 'what changed'")
        return
    table = _table("Version", "Date", "Final", "Commit", "Seal", "What changed")
    for one in versions:
        name = f"{one.cycle}{rooms.MARK}{one.version}"
        table.add_row(name, one.date, one.final or "drafts", one.commit[:12], one.seal[:12], one.changed)
    _console().print(table)


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
        _print_json([one.record() for one in changes])
    else:
        _tell_changes(changes, (before, after), lang)
    if changes:
        raise typer.Exit(1)


def _tell_changes(changes: list[Change], sides: tuple[str, str], lang: str) -> None:
    """Print the facts that differ, by the inputs that made them differ; then those of one side alone."""
    from nvslib import words

    def told(value: Any) -> str:
        return words.number(value, lang) if isinstance(value, int | float) else str(value)

    typer.echo(words.counted(len(changes), lang, "compare.whole"))
    of_both = [one for one in changes if None not in (one.before, one.after)]
    for because in dict.fromkeys(one.because for one in of_both):
        if because:
            typer.echo(words.say(lang, "compare.because", inputs=_first(because)))
        for one in of_both:
            if one.because == because:
                sign = "+" if (one.difference or 0) > 0 else ""
                difference = f" ({sign}{words.number(one.difference, lang)})" if one.difference else ""
                typer.echo(f"  {one.fact}: {told(one.before)} -> {told(one.after)}{difference}")
    for side, missing in zip(sides, ("after", "before"), strict=True):
        alone = [one.fact for one in changes if getattr(one, missing) is None]
        if alone:
            typer.echo(words.counted(len(alone), lang, "compare.alone", side=side, first=_first(alone)))


def _first(names: Sequence[str]) -> str:
    """Return the first of many names, and that there are more."""
    return ", ".join([*names[:NAMES_TOLD], *["…"][: len(names) - NAMES_TOLD]])


def _tell_verified(verified: Verified, lang: str) -> None:
    """Print what is not as it was sealed, a line for each file with what depends on it, and then the whole."""
    from nvslib import words

    for one in verified.deviations:
        line = words.say(lang, f"verify.states.{one.state}", path=one.path, stage=one.stage)
        behind = [
            words.counted(
                len(names),
                lang,
                f"verify.behind.{kind}",
                first=", ".join([*names[:NAMES_TOLD], *["…"][: len(names) - NAMES_TOLD]]),
            )
            for kind, names in (("facts", one.facts), ("figures", one.figures), ("reports", one.reports))
            if names
        ]
        typer.echo(f"{line} {words.say(lang, 'verify.depends', what='; '.join(behind))}" if behind else line)
    pinned = (
        words.say(lang, "verify.commit", commit=verified.commit[:12], date=verified.date) if verified.commit else ""
    )
    signed = words.say(lang, "verify.signed", who=verified.signed_by) if verified.signed_by else ""
    size = f"{words.number(verified.size / 1e6, lang, 1)} MB"
    whole = words.counted(
        len(verified.deviations), lang, "verify.whole", cycle=verified.cycle,
        files=words.number(verified.files, lang), size=size,
    )  # fmt: skip
    typer.echo(" ".join(filter(None, [whole, words.say(lang, "verify.seal", seal=verified.seal), pinned, signed])))


def _tell_rerun(again: Rerun, lang: str) -> None:
    """Print what came out different when a cycle was made again: the first stage, its files, cells of tables."""
    from nvslib import words

    fields = {"cycle": again.cycle, "commit": again.commit[:12], "files": words.number(again.files, lang)}
    if not again.stage:
        typer.echo(words.say(lang, "verify.rerun.same", **fields))
        return
    typer.echo(words.say(lang, "verify.rerun.first", stage=again.stage, **fields))
    for one in again.differences:
        typer.echo(words.say(lang, f"verify.rerun.states.{one.state}", path=one.path))
        for cell in one.cells[:CELLS_TOLD]:
            typer.echo(f"  {_key(cell.key)}, {cell.column}: {words.quote(cell.sealed)} -> {words.quote(cell.again)}")
        if len(one.cells) > CELLS_TOLD:
            typer.echo("  " + words.counted(len(one.cells) - CELLS_TOLD, lang, "verify.rerun.more"))
    if again.later:
        typer.echo(words.counted(again.later, lang, "verify.rerun.later"))


def _tree(step: Step, lang: str, title: str) -> Tree:
    """Return an explanation as a tree to print, from the fact down to the raw rows."""
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(title, style="bold"), guide_style="dim")
    _grow(tree, step, lang, told=set())
    return tree


def _grow(tree: Tree, step: Step, lang: str, told: set[str]) -> None:
    """Add to a tree how a step was made, and from what; a formula or a table already told is not told again."""
    from rich.text import Text

    from nvslib import words
    from nvslib.explanation import Step

    if step.file not in told:
        tree.add(Text(f"{step.file}, {_key(step.key)}, {words.say(lang, 'explain.column', column=step.column)}", "dim"))
    if step.formula and step.formula.id not in told:
        basis = words.say(lang, f"bases.{step.formula.basis}")
        source = f"; {step.formula.source}" if step.formula.source else ""
        formula = f"{step.formula.expression}. {step.formula.words(lang)} [{basis}{source}]"
        tree.add(Text(f"{words.say(lang, 'explain.formula')}: {formula}", "italic"))
    told |= {step.file, step.formula.id if step.formula else ""}
    for origin in _in_short(step.made_from):
        if isinstance(origin, str):
            tree.add(Text(f"{origin}: {words.say(lang, 'explain.all-rows')}"))
            continue
        if not isinstance(origin, Step):
            tree.add(Text(_leaf(origin, lang)))
            continue
        new = {name: value for name, value in origin.key.items() if step.key.get(name) != value}
        name = f"{_key(new)}: {origin.column}" if new else origin.column
        label = Text(f"{name} = {_shown(origin, lang)}", "bold")
        behind = _single_file(origin, lang, told)
        if behind:
            tree.add(label.append("".join(f"  <- {cell}" for cell in behind), "not bold"))
        else:
            _grow(tree.add(label), origin, lang, told)


def _in_short(made_from: tuple[Step | Raw | Setting, ...]) -> list[Step | Raw | Setting | str]:
    """Return what to tell of many rows: those that were corrected, and of the others the files and sheets."""
    from nvslib.explanation import Raw

    rows = [origin for origin in made_from if isinstance(origin, Raw) and not origin.column]
    if len(rows) <= ROWS_TOLD:
        return list(made_from)
    others = [origin for origin in made_from if not isinstance(origin, Raw) or origin.column]
    corrected = [row for row in rows if row.corrected]
    places = dict.fromkeys(" ".join(filter(None, (row.file, row.sheet))) for row in rows)
    return [*others, *corrected, *places]


def _single_file(step: Step, lang: str, told: set[str]) -> list[str]:
    """Return the cells behind a step when each was made from one other, by formulas told already; else nothing."""
    from nvslib.explanation import Step

    cells: list[str] = []
    origin: Step | Raw | Setting = step
    while isinstance(origin, Step):
        if (
            len(origin.made_from) != 1
            or not {origin.file, origin.formula.id if origin.formula else origin.file} <= told
        ):
            return []
        origin = origin.made_from[0]
        cells.append(f"{origin.column} = {_shown(origin, lang)}" if isinstance(origin, Step) else _leaf(origin, lang))
    return cells


def _shown(step: Step, lang: str) -> str:
    from nvslib import words
    from nvslib.tables import load_table

    if isinstance(step.value, str):
        return step.value
    return words.number(step.value, lang, load_table(step.table).columns[step.column].decimals)


def _leaf(origin: Raw | Setting, lang: str) -> str:
    """Return a raw cell or a setting in one line: where it stands, what it says, who says so and why."""
    from nvslib import words
    from nvslib.explanation import Setting

    if isinstance(origin, Setting):
        return f"{origin.file}: {origin.name} = {words.printable(str(origin.value))}"
    place = [origin.file, origin.sheet, words.say(lang, "explain.row", row=origin.row)]
    if origin.column:
        place.append(words.say(lang, "explain.column", column=origin.heading or origin.column))
    said = [
        f"{words.say(lang, f'explain.{name}')}: {words.printable(value)}"
        for name, value in origin.said.items()
        if value and name != "basis"
    ]
    if "reason" in origin.said and not origin.said["reason"]:
        said.append(words.say(lang, "explain.no-reason"))
    said += [_corrected(told, lang, whole_row=not origin.column) for told in origin.corrected]
    basis = words.say(lang, f"bases.{origin.said['basis']}")
    return f"{', '.join(filter(None, place))}: {words.quote(origin.found)}  ({'; '.join(said)})  [{basis}]"


def _corrected(told: dict[str, str], lang: str, *, whole_row: bool) -> str:
    """Return in words how a cell was corrected, by whom and why, and where that stands."""
    from nvslib import words

    place = " ".join(filter(None, (told["corrections_file"], told["corrections_sheet"])))
    fields = {name: words.printable(told[name]) for name in ("who", "why", "when")}
    line = words.say(
        lang,
        "explain.corrected",
        found=words.quote(told["found"]),
        corrected=words.quote(told["corrected"]),
        place=place,
        row=told["corrections_row"],
        **fields,
    )
    return f"{told['column']}: {line}" if whole_row else line


def _key(key: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in key.items())


def _project() -> Project:
    from nvslib.project import Project

    return Project.find(_folder)


def _language(lang: str) -> None:
    if lang not in ("nl", "en"):
        raise typer.BadParameter(f"found {lang!r}, allowed nl or en", param_hint="--lang")


def _console() -> Any:
    from rich.console import Console

    # Piped into a file, lines are neither folded nor cut.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 10_000)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)


def _print_json(record: Any) -> None:
    typer.echo(json.dumps(record, indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command; what a user can mend is printed in lines, with exit code 1."""
    try:
        app()
    except Problem as problem:
        for line in problem.lines:
            typer.echo(line, err=True)
        sys.exit(1)
