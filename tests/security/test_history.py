"""Published versions: lines are added and never changed, and facts are compared with what made them differ."""

import csv
import io
import json
import subprocess

import pytest
from workbench import NRB, git, nvs

from nvslib.history import HISTORY, compare, history, publish
from nvslib.problems import Problem

JUDGED = "data/raw/nrb-2014/assessments.csv"


def commit(project):
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "A version")


@pytest.fixture
def published(sealed):
    publish(sealed, NRB, "The first version")
    commit(sealed)
    return sealed


def test_a_version_is_a_line_with_the_seal_and_the_commit_that_holds_it(published):
    (one,) = history(published)
    assert (one.cycle, one.version, one.final, one.changed) == (
        NRB, 1, "risk-assessment; audit-dossier", "The first version",
    )  # fmt: skip
    held = subprocess.run(
        ["git", "show", f"{one.commit}:seals/nrb-2014.csv"], cwd=published.root, capture_output=True, check=True
    ).stdout
    assert held == (published.root / "seals" / "nrb-2014.csv").read_bytes()
    told = nvs(published, "history", "--json")
    assert json.loads(told.stdout) == [vars(one)]
    assert nvs(published, "history", NRB).stdout.count("The first version") == 1
    assert nvs(published, "history", "nvs-2019").stdout.count("The first version") == 0


def test_nothing_is_published_twice_nor_what_is_not_sealed_nor_without_a_word(published):
    with pytest.raises(Problem, match="version 1 is this very state"):
        publish(published, NRB, "Again")
    with pytest.raises(Problem, match="say in a sentence"):
        publish(published, NRB, " ")
    (published.root / JUDGED).write_bytes((published.root / JUDGED).read_bytes() + b"\n")
    with pytest.raises(Problem, match="not as it was sealed"):
        publish(published, NRB, "Touched")
    assert len(history(published)) == 1


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda text: text.replace("The first", "A better"), "changed or gone"),
        (lambda text: text.splitlines()[0] + "\n", "changed or gone"),
        (lambda text: text + text.splitlines()[1] + "\n", "row 3, column version: found 1, allowed 2"),
        (lambda text: text + text.splitlines()[1].replace(",1,", ",2,", 1).replace("seal", "") + "\n", None),
    ],
)
def test_a_history_that_was_edited_is_told(published, edit, told):
    path = published.root / HISTORY
    path.write_text(edit(path.read_text("utf-8")), "utf-8")
    if told is None:
        assert len(history(published)) == 2
        return
    with pytest.raises(Problem, match=told):
        history(published)


def test_a_line_whose_commit_holds_another_seal_is_told(published):
    path = published.root / HISTORY
    (row,) = csv.DictReader(io.StringIO(path.read_text("utf-8")))
    row |= {"version": "2", "seal": "0" * 64}
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(row), lineterminator="\n").writerow(row)
    with pytest.raises(Problem, match=r"row 3: commit .* does not hold the seal"):
        history(published)


def test_a_changed_judgement_changes_facts_because_of_the_raw_file(published):
    assert compare(published, f"{NRB}@1", NRB) == []
    path = published.root / JUDGED
    lines = path.read_text("utf-8").splitlines()
    before = lines[23]
    assert before.startswith("lek-dike-breach,1.1,panel,")
    lines[23] = before.replace(",D,", ",E,", 1) if ",D,D,D," not in before else before.replace(",D,D,D,", ",D,E,E,", 1)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert nvs(published, "repro", NRB).returncode == 0
    commit(published)
    publish(published, NRB, "One judgement higher")
    commit(published)
    changes = {one.fact: one for one in compare(published, f"{NRB}@1", f"{NRB}@2")}
    impact = changes["impact.lek-dike-breach"]
    assert impact.difference == pytest.approx(0.1 * (1 - 1 / 3))
    assert impact.because == (JUDGED,)
    assert "weight.1.1" not in changes
    assert all(one.because == (JUDGED,) for one in changes.values())
    done = nvs(published, "compare", f"{NRB}@1", f"{NRB}@2", "--lang", "en")
    assert done.returncode == 1
    assert "impact.lek-dike-breach" in done.stdout
    assert JUDGED in done.stdout


def test_an_unknown_version_is_told(published):
    done = nvs(published, "compare", f"{NRB}@1", f"{NRB}@7")
    assert done.returncode == 1
    assert "found 'nrb-2014@7', allowed: nrb-2014@1" in done.stderr
