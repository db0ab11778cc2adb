"""How each printed number was made, as pages tell it: step by step, each step where it is explained, down to the cell.

A number leads to its explanation in the same report, which names the facts, raw cells and settings behind it. A fact
that the report does not print is explained in the report that does, else in the audit dossier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from nvslib import words
from nvslib.explanation import Explainer, Raw, Setting, Step

DOSSIER = "audit-dossier"  # explains every fact behind a printed one that no report prints
ONE_BY_ONE = 12  # raw cells of one column that are told one by one: the judgements of a panel


class Ways:
    """The ways back from the facts that the reports of a cycle print; what many facts share is walked once.

    Parameters
    ----------
    explainer
        What explains the facts of the cycle.
    printed
        Report -> names of the facts that it prints, for all reports of the cycle.
    """

    def __init__(self, explainer: Explainer, printed: Mapping[str, Sequence[str]]) -> None:
        self.explainer = explainer
        self._printed = printed
        self._known: dict[tuple[Any, ...], tuple[Step | Raw | Setting, ...]] = {}

    def explained(self, report: str, language: str) -> dict[str, dict[str, Any]]:
        """Return the explanations that a report gives.

        Fact -> ``formula`` (its id), ``printed`` (whether the report prints it) and ``made_from``: each a text,
        and of a fact its name and in which report it is explained.
        """
        own = frozenset(self._printed[report])
        told = own | (self.unprinted if report == DOSSIER else frozenset())
        home = self._home | dict.fromkeys(told, report)
        return {fact: self._explanation(fact, home, language) | {"printed": fact in own} for fact in sorted(told)}

    @cached_property
    def unprinted(self) -> frozenset[str]:
        """The facts that stand behind printed ones, at any depth, and that no report prints."""
        printed = {fact for facts in self._printed.values() for fact in facts}
        found, pending = set(), set(printed)
        while pending:
            found |= pending
            pending = {name for fact in pending for name in self._facts(self.explainer.explain(fact))} - found
        return frozenset(found - printed)

    @cached_property
    def _home(self) -> dict[str, str]:
        """In which report a fact is explained: the first that prints it, else the audit dossier if there is one."""
        home = dict.fromkeys(self.unprinted, DOSSIER) if DOSSIER in self._printed else {}
        return home | {fact: report for report in reversed([*self._printed]) for fact in self._printed[report]}

    def _explanation(self, name: str, home: Mapping[str, str], language: str) -> dict[str, Any]:
        """Return how a fact was made: its formula, and the facts, raw cells and settings that it rests on."""
        step = self.explainer.explain(name)
        made_from = [_of_step(fact, origin, step, home) for fact, origin in self._facts(step).items()]
        raw = [one for one in self._behind(step) if isinstance(one, Raw)]
        settings = dict.fromkeys(
            f"{PurePosixPath(origin.file).name}: {origin.name} = {origin.value}"
            for origin in self._behind(step)
            if isinstance(origin, Setting)
        )
        made_from += [{"fact": "", "text": text} for text in (*_of_raw(raw, language), *settings)]
        return {"formula": step.formula.id if step.formula else "", "made_from": made_from}

    def _facts(self, step: Step) -> dict[str, Step]:
        """Return the facts from which a step was made: name -> step."""
        return {self.explainer.names[_cell(one)]: one for one in self._behind(step) if isinstance(one, Step)}

    def _behind(self, step: Step) -> tuple[Step | Raw | Setting, ...]:
        """Return what a step was made from; a cell that bears no fact is passed over for the cells behind it."""
        cell = _cell(step)
        if cell not in self._known:
            found: list[Step | Raw | Setting] = []
            for origin in step.made_from:
                if isinstance(origin, Step) and _cell(origin) not in self.explainer.names:
                    found += self._behind(origin)
                else:
                    found.append(origin)
            self._known[cell] = tuple({id(origin): origin for origin in found}.values())
        return self._known[cell]


def _cell(step: Step) -> tuple[Any, ...]:
    return step.file, tuple(step.key.items()), step.column


def _of_step(fact: str, origin: Step, made: Step, home: Mapping[str, str]) -> dict[str, str]:
    """Return a fact behind a fact, named by what it does not share with it (a criterion, say)."""
    new = [value for name, value in origin.key.items() if made.key.get(name) != value]
    return {"fact": fact, "text": " ".join(new) or origin.column, "in": home.get(fact, "")}


def _of_raw(origins: list[Raw], language: str) -> Iterator[str]:
    """Yield the raw cells of each column: a few one by one, many, and whole rows, by the first and the last row."""
    places: dict[tuple[str, str, str], dict[int, Raw]] = {}
    for origin in origins:
        places.setdefault((origin.file, origin.sheet, origin.heading or origin.column), {})[origin.row] = origin
    for (file, sheet, column), rows in places.items():
        told = column and len(rows) <= ONE_BY_ONE
        place = [
            PurePosixPath(file).name,
            sheet and words.say(language, "findings.sheet", sheet=words.quote(sheet)),
            column and words.say(language, "explain.column", column=column),
            "" if told else words.say(language, "explain.rows", first=min(rows), last=max(rows)),
        ]
        cells = [_cell_told(rows[row], language) for row in sorted(rows)] if told else []
        yield ": ".join(filter(None, [", ".join(filter(None, place)), "; ".join(cells)]))


def _cell_told(origin: Raw, language: str) -> str:
    """Return a raw cell in words: its row, what it holds, who judged it and why, and how it was corrected."""
    corrected = [
        words.correction(told, PurePosixPath(told["corrections_file"]).name, language) for told in origin.corrected
    ]
    row = words.say(language, "explain.row", row=origin.row)
    told = [
        f"{row} {words.quote(origin.found)}",
        origin.said.get("assessor", ""),
        origin.said.get("reason", "").rstrip("."),
        *corrected,
    ]
    return ", ".join(filter(None, told))
