"""Silence for solvers that write to the screen past Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Throw away what is written to the screen, by whatever code; in a notebook it would end up in the page."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(screen) for screen in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for screen in (1, 2):
            os.dup2(nowhere, screen)
        yield
    finally:
        for screen, before in zip((1, 2), kept, strict=True):
            os.dup2(before, screen)
            os.close(before)
        os.close(nowhere)
