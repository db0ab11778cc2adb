"""What the command ``nvs`` prints: explanations as trees, what was verified, traced, run again and compared."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from nvslib import words

if TYPE_CHECKING:
    from rich.tree import Tree

    from nvslib.explanation import Raw, Setting, Step
    from nvslib.history import Change
    from nvslib.rerun import Rerun
    from nvslib.seal import Verified
    from nvslib.tracing import Trace

NAMES_TOLD = 3  # facts, figures or reports that are named of many
CELLS_TOLD = 10  # cells of a table that differ
ROWS_TOLD = 40  # rows behind a count that are told one by one


def tell_changes(changes: list[Change], sides: tuple[str, str], lang: str) -> None:
    """Print the facts that differ, by the inputs that made them differ; then those of one side alone."""

    def told(value: Any) -> str:
        return words.number(value, lang) if isinstance(value, int | float) else str(value)

    typer.echo(words.counted(len(changes), lang, "compare.whole"))
    of_both = [one for one in changes if None not in (one.before, one.after)]
    for because in dict.fromkeys(one.because for one in of_both):
        if because:
            typer.echo(words.say(lang, "compare.because", inputs=_first(because)))
        for one in of_both:
            if one.because == because:
                difference = f" ({words.signed(one.difference, lang)})" if one.difference else ""
                typer.echo(f"  {one.fact}: {told(one.before)} -> {told(one.after)}{difference}")
    for side, missing in zip(sides, ("after", "before"), strict=True):
        alone = [one.fact for one in changes if getattr(one, missing) is None]
        if alone:
            typer.echo(words.counted(len(alone), lang, "compare.alone", side=side, first=_first(alone)))


def _first(names: Sequence[str]) -> str:
    """Return the first of many names, and that there are more."""
    return ", ".join([*names[:NAMES_TOLD], *["…"][: len(names) - NAMES_TOLD]])


def tell_verified(verified: Verified, lang: str) -> None:
    """Print what is not as it was sealed, a line for each file with what depends on it, and then the whole."""
    for one in verified.deviations:
        line = words.say(lang, f"verify.states.{one.state}", path=one.path, stage=one.stage)
        behind = [
            words.counted(len(names), lang, f"verify.behind.{kind}", first=_first(names))
            for kind, names in (("facts", one.facts), ("figures", one.figures), ("reports", one.reports))
            if names
        ]
        typer.echo(f"{line} {words.say(lang, 'verify.depends', what='; '.join(behind))}" if behind else line)
    pinned = (
        words.say(lang, "verify.commit", commit=verified.commit.name[:12], date=verified.commit.date)
        if verified.commit.name
        else ""
    )
    signed = words.say(lang, "verify.signed", who=verified.signed_by) if verified.signed_by else ""
    size = f"{words.number(verified.size / 1e6, lang, 1)} MB"
    whole = words.counted(
        len(verified.deviations), lang, "verify.whole", cycle=verified.cycle,
        files=words.number(verified.files, lang), size=size,
    )  # fmt: skip
    typer.echo(" ".join(filter(None, [whole, words.say(lang, "verify.seal", seal=verified.seal), pinned, signed])))


def tell_rerun(again: Rerun, lang: str) -> None:
    """Print what came out different when a cycle was made again: the first stage, its files, cells of tables."""
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


def tree(step: Step, lang: str, title: str) -> Tree:
    """Return an explanation as a tree to print, from the fact down to the raw rows."""
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(title, style="bold"), guide_style="dim")
    _grow(tree, step, lang, told=set())
    return tree


def _grow(tree: Tree, step: Step, lang: str, told: set[str]) -> None:
    """Add to a tree how a step was made, and from what; a formula or a table already told is not told again."""
    from rich.text import Text

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
    from nvslib.tables import load_table

    if isinstance(step.value, str):
        return step.value
    return words.number(step.value, lang, load_table(step.table).columns[step.column].decimals)


def _leaf(origin: Raw | Setting, lang: str) -> str:
    """Return a raw cell or a setting in one line: where it stands, what it says, who says so and why."""
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
    place = " ".join(filter(None, (told["corrections_file"], told["corrections_sheet"])))
    line = words.correction(told, place, lang)
    return f"{told['column']}: {line}" if whole_row else line


def _key(key: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in key.items())


def tell_trace(traced: Trace) -> None:
    """Print how a file came about, and every file behind it."""
    record, run = traced.record(), traced.run
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
        "Commit": f"{traced.commit.name} {traced.commit.date}".strip() or "none holds its seal",
        "Run": run and f"{run.started}, {run.seconds} seconds, Python {run.python}, {run.system}",
        "Make again": record["command"],
    }
    for name, value in lines.items():
        if value:
            typer.echo(f"{name + ':':<12} {value}")
    if traced.chain:
        typer.echo("Made from:")
        for path, digest in traced.chain.items():
            typer.echo(f"  {digest[:16]}  {path}")


def console() -> Any:
    """Return what prints trees and tables."""
    from rich.console import Console

    # Piped into a file, lines are neither folded nor cut.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 10_000)


def table(*columns: str) -> Any:
    """Return an empty table with these columns, to fill and print."""
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)


def print_json(record: Any) -> None:
    """Print data as JSON, for machines."""
    typer.echo(json.dumps(record, indent=2, ensure_ascii=False))
