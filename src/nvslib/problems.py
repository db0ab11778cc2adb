"""What a user can mend: told in one line each, never as a traceback."""

from __future__ import annotations

from collections.abc import Iterable


class Problem(Exception):
    """Something that the user can mend; the doors print its lines and exit with code 1.

    Parameters
    ----------
    lines
        One line for each thing to mend: where, what was found, what is allowed, what to do.
    """

    def __init__(self, lines: str | Iterable[str]) -> None:
        self.lines = [lines] if isinstance(lines, str) else list(lines)
        super().__init__("\n".join(self.lines))
