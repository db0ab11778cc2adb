"""The page of a department: accessible, with all its measures and nothing of another, and no markup from a table."""

import re

import pandas as pd
import pytest
from pages import look_at
from workbench import ILLUSTRATIVE

from nvslib import department_pages
from nvslib.cycle import open_cycle


def page_of(project, cycle, department, language):
    return project.results(cycle, "midterm_review") / f"department-{department}.{language}.html"


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_axe_finds_nothing(browser, made, cycle, language, width):
    look_at(browser, page_of(made, cycle, "JenV", language), width, "dark" if width == 360 else "light")


@pytest.mark.parametrize("cycle", ILLUSTRATIVE)
def test_every_department_has_a_page_with_its_own_measures_alone(made, cycle):
    statuses = made.read_table(cycle, "statuses")
    now = statuses[statuses["date"] == statuses["date"].max()]
    for department, rows in now.groupby("department"):
        text = page_of(made, cycle, department, "en").read_text("utf-8")
        cells = {re.sub("<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", text, re.DOTALL)}
        assert set(rows["measure"]) <= cells
        assert not set(now.loc[now["department"] != department, "measure"]) & cells
        assert ("Please report how these measures stand" in text) == (rows["status"] == "not-reported").any()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_in_a_table_becomes_markup(made, language):
    cycle = open_cycle("nvs-2019", project=made)
    statuses, measures = (made.read_table("nvs-2019", name) for name in ("statuses", "measures"))
    now = statuses[statuses["date"] == statuses["date"].max()]
    hostile = "<script>alert(1)</script> #panic() *x* $y$"
    tables = {
        "now": now,
        "measures": measures.assign(title_nl=hostile, title_en=hostile),
        "promises": made.read_table("nvs-2019", "promises").assign(promise=hostile),
        "advice": made.read_table("nvs-2019", "advice"),
    }
    page = department_pages.build(cycle, "JenV", tables, language).decode("utf-8")
    assert "<script" not in page
    assert "&lt;script>alert(1)&lt;/script> #panic() *x* $y$" in page


def test_a_department_to_which_nothing_applies_is_told_so(made):
    cycle = open_cycle("nvs-2019", project=made)
    statuses, measures = (made.read_table("nvs-2019", name) for name in ("statuses", "measures"))
    now = statuses[(statuses["date"] == statuses["date"].max()) & (statuses["status"] == "done")].head(1)
    advice = pd.DataFrame({"measure": now["measure"], "advice": "keep", "reason": "unchanged/done"})
    tables = {
        "now": now, "measures": measures, "advice": advice, "promises": made.read_table("nvs-2019", "promises").head(0)
    }  # fmt: skip
    page = department_pages.build(cycle, now["department"].iloc[0], tables, "en").decode("utf-8")
    assert "one measure. Of these one is done." in page
    assert "Nothing is owed." in page
    assert "All measures can go on as they are." in page
