"""What git holds of the project: commits, and files as they were."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from nvslib.project import Project


@dataclass(frozen=True)
class Commit:
    """A commit: its full name, its date (of the committer) and who made it; all empty where there is none."""

    name: str = ""
    date: str = ""
    author: str = ""


def last_commit(project: Project, file: Path) -> Commit:
    """Return the commit that last changed a file; an empty one where none holds it."""
    found = _git(project, "log", "-1", "--format=%H%n%cs%n%an", "--", project.shown(file)).decode("utf-8", "replace")
    return Commit(*found.splitlines())


def from_git(project: Project, revision: str, path: str) -> bytes:
    """Return a file of the project as a revision holds it, byte for byte; nothing where it does not."""
    return _git(project, "show", f"{revision}:./{path}")


def in_git(project: Project) -> bool:
    """Return whether the project has a commit."""
    return bool(_git(project, "rev-parse", "--verify", "HEAD"))


def _git(project: Project, *words: str) -> bytes:
    """Return what git says, byte for byte; nothing where there is no git, no repository or no such thing."""
    try:
        done = subprocess.run(["git", *words], cwd=project.root, check=False, capture_output=True)  # noqa: S603, S607
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""
