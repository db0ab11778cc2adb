"""A fresh copy of the sources in another folder, run under another clock, time zone, language and hash seed."""

import os
import shutil
from pathlib import Path

import pytest
from workbench import copy_of_sources, nvs

ELSEWHERE = {"TZ": "Pacific/Auckland", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4321"}
LATER = Path(__file__).parent / "later"  # with it on PYTHONPATH, every Python process lives 400 days later


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The copy, reproduced with stages side by side."""
    copy = copy_of_sources(tmp_path_factory.mktemp("a folder with spaces") / "wörk")
    later = os.pathsep.join([str(LATER), str(copy.root / "src")])
    done = nvs(copy, "repro", "--jobs", "2", PYTHONPATH=later, **ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def copied_or_linked(source, target):
    return os.link(source, target) if f"{os.sep}.dvc{os.sep}cache{os.sep}" in source else shutil.copy2(source, target)


@pytest.fixture
def bench(elsewhere, tmp_path):
    """A copy of that copy, with its results, to change at will; DVC's cache, which nobody changes, is linked."""
    shutil.copytree(elsewhere.root, tmp_path / "bench", symlinks=True, copy_function=copied_or_linked)
    return type(elsewhere)((tmp_path / "bench").resolve())
