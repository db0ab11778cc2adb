"""Copies of the project with the published cycle as a commit holds it: what somebody might tamper with."""

import shutil

import pytest
from workbench import NRB, copy_of_sources, copy_results, git


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory):
    """A copy with the published cycle's results, as a commit holds it."""
    copy = copy_of_sources(tmp_path_factory.mktemp("sealed") / "bench")
    copy_results(made, copy, NRB)
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "As sealed")
    return copy


@pytest.fixture
def sealed(whole, tmp_path):
    """A copy of that copy, to change at will."""
    shutil.copytree(whole.root, tmp_path / "bench", symlinks=True)
    return type(whole)((tmp_path / "bench").resolve())
