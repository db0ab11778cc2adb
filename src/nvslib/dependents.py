"""What depends on a file: outputs by what each stage read, facts by what their tables are made from."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path

from nvslib.explanation import FACTS, facts_of
from nvslib.lineage import Lineage, load_lineage
from nvslib.problems import Problem
from nvslib.project import SETTINGS, SOURCE, STAGES, Project
from nvslib.tables import load_table, table_names


class Dependents:
    """Tells what depends on a file of a cycle; reads each lineage once."""

    def __init__(self, project: Project, cycle: str) -> None:
        self._project, self._cycle = project, cycle
        self._lineages: list[Lineage] = []
        for stage in STAGES:
            with suppress(Problem):  # of one that was spoilt nothing is known
                self._lineages += filter(None, [load_lineage(project, cycle, stage)])

    def of(self, path: str, stage: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the names of facts, and the paths of figures and reports, that were made from a file, or are it."""
        outputs = self._outputs(path, stage)
        figures, reports = (tuple(sorted(at for at in outputs if outputs[at] == kind)) for kind in ("figure", "report"))
        return tuple(self.facts(path, stage)), figures, reports

    def _outputs(self, path: str, stage: str) -> dict[str, str]:
        """Return the outputs behind which a file stands, and the file itself where it is one: path -> kind."""
        found = {at: one["kind"] for made in self._lineages for at, one in made.outputs.items() if at == path}
        for made in self._lineages:
            by_all = stage in (SETTINGS, SOURCE) and not path.startswith(("notebooks/", "reports/"))
            if by_all or not {path, *found}.isdisjoint({*made.inputs, made.notebook}):
                found |= {at: one["kind"] for at, one in made.outputs.items()}
        return found

    def facts(self, path: str, stage: str) -> list[str]:
        """Return the names of the facts that were made from a file."""
        if stage in (SETTINGS, SOURCE):
            outputs = self._outputs(path, stage)
            return sorted(name for name, table in self._tables_of_facts.items() if self._file(table) in outputs)
        named = [name for name in table_names() if self._file(name) == path]
        named += [table for table, files in self._delivered.items() if path in files]
        if Path(path).name == FACTS:
            named = [name for name in table_names("result") if load_table(name).stage == stage]
            return sorted(name for name, table in self._tables_of_facts.items() if table in named)
        return sorted(name for name, table in self._tables_of_facts.items() if not behind(table).isdisjoint(named))

    def _file(self, table: str) -> str:
        return self._project.shown(self._project.table_file(self._cycle, table))

    @cached_property
    def _tables_of_facts(self) -> dict[str, str]:
        """Fact -> table of every stage whose facts can be read."""
        found: dict[str, str] = {}
        for stage in STAGES:
            with suppress(Problem):
                found |= {name: fact.table for name, fact in facts_of(self._project, self._cycle, stage).items()}
        return found

    @cached_property
    def _delivered(self) -> dict[str, set[str]]:
        """Input table -> the raw files of which it has rows."""
        found: dict[str, set[str]] = {}
        for table in table_names("input"):
            with suppress(Problem, ValueError, KeyError):
                found[table] = set(self._project.read_table(self._cycle, table)["file"])
        return found


@cache
def behind(table: str) -> frozenset[str]:
    """Return a table and all tables from which its columns are made, down to the tables as delivered."""
    found, pending = set(), {table}
    while pending:
        name = pending.pop()
        found.add(name)
        definition = load_table(name)
        named = {origin.table for column in definition.columns.values() for origin in column.made_from if origin.table}
        pending |= {one for each in named for one in (table_names() if "{" in each else (each,))} - found
    return frozenset(found)
