"""Copies of the sources: one run in another folder, clock, time zone, language and hash seed, and one to change."""

import os
import shutil
from pathlib import Path

import pytest
from workbench import NRB, RUN_ELSEWHERE, command, copy_of_sources, copy_results, nvs, only

ELSEWHERE = {"TZ": "Pacific/Auckland", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4321"}
LATER = Path(__file__).parent / "later"  # with it on PYTHONPATH, every Python process lives 400 days later


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A copy, two cycles of it reproduced with stages side by side."""
    copy = copy_of_sources(tmp_path_factory.mktemp("a folder with spaces") / "wörk")
    later = os.pathsep.join([str(LATER), str(copy.root / "src")])
    done = nvs(copy, "repro", *RUN_ELSEWHERE, "--jobs", "2", PYTHONPATH=later, **ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


@pytest.fixture(scope="module")
def published(made, tmp_path_factory):
    """A copy with the published cycle alone, and its results."""
    copy = copy_of_sources(tmp_path_factory.mktemp("published") / "bench")
    only(copy, NRB)
    copy_results(made, copy, NRB)
    done = command(
        copy, "dvc", "commit", "--force", *(f"{stage}@{NRB}" for stage in ("validation", "scoring", "reports"))
    )
    assert done.returncode == 0, done.stdout + done.stderr
    done = command(copy, "dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "@" not in done.stdout.partition("Running stage")[2], "only the page over all cycles is made anew"
    return copy


@pytest.fixture
def bench(published, tmp_path):
    """A copy of that copy, to change at will."""
    shutil.copytree(published.root, tmp_path / "bench", symlinks=True)
    return type(published)((tmp_path / "bench").resolve())
