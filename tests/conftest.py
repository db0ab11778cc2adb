"""What several test folders share: the project, and the published cycle's tables, judgements and results."""

import pandas as pd
import pytest
from hypothesis import settings
from workbench import NRB, ROOT

from nvslib import impact, judgement
from nvslib.editions import load_edition
from nvslib.project import Project

# No test asserts a time; on a busy machine hypothesis's own deadline would.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def project():
    return Project(ROOT)


@pytest.fixture(scope="session")
def made(project):
    """The project with its cycles run; `make test` runs them before the tests."""
    if not (project.results(NRB, "reports") / "lineage.json").is_file():
        pytest.fail("the cycles have not been run: nvs repro")
    return project


def read(name, cycle=NRB):
    return pd.read_csv(ROOT / "data" / "raw" / cycle / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def scenarios():
    return read("scenarios")


@pytest.fixture(scope="session")
def assessments():
    return read("assessments")


@pytest.fixture(scope="session")
def judgements(assessments):
    return judgement.consensus(assessments)


@pytest.fixture(scope="session")
def weights():
    return load_edition("2014").weights()


@pytest.fixture(scope="session")
def overall(judgements, weights):
    return impact.weighted_sum(impact.contributions(judgements, weights))
