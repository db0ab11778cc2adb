"""Beginning a new cycle from another one."""

from __future__ import annotations

import re
import shutil

import yaml

from nvslib.checks import PATTERNS
from nvslib.cycle import open_cycle
from nvslib.problems import Problem
from nvslib.project import Project, stages_of
from nvslib.settings import read_settings
from nvslib.templates import write_templates


def begin(project: Project, cycle: str, from_cycle: str, language: str) -> list[str]:
    """Make a cycle's file, folder, place in dvc.yaml and templates after those of another, and say what was made.

    The tables of the other cycle are copied, so that the new one runs at once and its scenarios and measures are there
    to go on from; its ``origin.yaml`` says that they are a copy. The templates go to ``scratch``.

    Raises
    ------
    Problem
        The name is taken or not allowed, or there is no such cycle to begin from. Nothing is made then.
    """
    if not re.match(PATTERNS["name"], cycle):
        raise Problem(f"cycle: found {cycle!r}, allowed lower-case letters, digits and single hyphens. Choose a name")
    read_settings(project, from_cycle)
    source = project.cycle_file(from_cycle)
    file, raw = source.with_name(f"{cycle}.yaml"), project.raw(cycle)
    templates = project.root / "scratch" / cycle / "templates"
    taken = [path for path in (file, raw, templates) if path.exists()]
    if taken:
        raise Problem(f"{project.shown(path)}: is there already; choose another name" for path in taken)

    text = source.read_text("utf-8")
    file.write_text(re.sub(r"(?m)^cycle:.*$", f"cycle: {cycle}", text), "utf-8")
    shutil.copytree(project.raw(from_cycle), raw)
    _say_that_it_is_a_copy(project, cycle, from_cycle)
    _add_to_pipeline(project, cycle, from_cycle, stages_of(yaml.safe_load(text)))
    this = open_cycle(cycle, project=project)
    tables = {name: delivered.cells for name, delivered in this.raw().tables.items()}
    write_templates(templates, tables, this.edition, language)
    return [
        f"{project.shown(file)}: the cycle's file, as that of {from_cycle}; change title, date and method in it",
        f"{project.shown(raw)}: the tables of {from_cycle} as a copy; replace them, and origin.yaml with them",
        f"{project.shown(templates)}: workbooks to send out",
        f"dvc.yaml: knows the cycle; `nvs repro {cycle}` runs it",
    ]


def _say_that_it_is_a_copy(project: Project, cycle: str, from_cycle: str) -> None:
    """Say in the new cycle's origin.yaml, in both languages, that its tables are a copy."""
    path = project.raw(cycle) / "origin.yaml"
    origin = yaml.safe_load(path.read_text("utf-8"))
    told = {
        "nl": f"De tabellen zijn een kopie van die van {from_cycle}, om mee te beginnen; ze zijn nog niet vervangen.",
        "en": f"The tables are a copy of those of {from_cycle}, to begin with; they have not been replaced yet.",
    }
    for language, sentence in told.items():
        origin["notes"][language] = [sentence, *origin["notes"][language]]
    path.write_text(yaml.safe_dump(origin, allow_unicode=True, sort_keys=False, width=1000), "utf-8")


def _add_to_pipeline(project: Project, cycle: str, from_cycle: str, stages: tuple[str, ...]) -> None:
    """Add a cycle to the lists of dvc.yaml, and keep the rest of it, comments too, as it is."""
    from ruamel.yaml import YAML

    editor = YAML()
    editor.width = 1000
    editor.indent(mapping=2, sequence=4, offset=2)
    path = project.root / "dvc.yaml"
    pipeline = editor.load(path.read_text("utf-8"))
    for entry in pipeline["vars"]:
        for name, cycles in entry.items():
            if name != "cycles" and name not in stages:
                continue
            if isinstance(cycles, dict):
                cycles[cycle] = cycles[from_cycle]
            else:
                cycles.append(cycle)
    with path.open("w", encoding="utf-8") as file:
        editor.dump(pipeline, file)
