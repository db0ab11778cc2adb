"""The seal: whatever is altered, taken away or put in is found, each with the right file, also when times are kept."""

import hashlib
import json
import os
import random
import re
import subprocess

import pytest
from workbench import NRB, git, nvs

from nvslib.seal import (
    NAMESPACE,
    SIGNERS,
    files_of,
    read_seal,
    seal_file,
    sealed_cycles,
    verify,
    verify_each,
    write_seal,
)

IMPACT = "data/results/nrb-2014/scoring/impact.csv"
JUDGED = "data/raw/nrb-2014/assessments.csv"


def write(file, content):
    """Write a file and keep its times, as somebody would who does not want it to be seen."""
    times = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def found(project):
    return {(one.path, one.state) for one in verify(project, NRB).deviations}


def test_a_cycle_that_nobody_touched_is_as_it_was_sealed(sealed):
    told = verify(sealed, NRB)
    assert told.deviations == ()
    assert told.files == len(files_of(sealed, NRB)) == len(read_seal(sealed, NRB))
    assert told.size == sum((sealed.root / path).stat().st_size for path in files_of(sealed, NRB))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=sealed.root, capture_output=True, text=True, check=True)
    assert (told.commit.name, told.commit.author) == (head.stdout.strip(), "Auditor")
    done = nvs(sealed, "verify", NRB, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert "files (" in done.stdout
    assert "are as they were sealed" in done.stdout


def test_the_seal_has_every_raw_file_notebook_setting_and_artifact(sealed):
    rows = read_seal(sealed, NRB)
    assert list(rows) == sorted(rows)
    for path, stage in {
        JUDGED: "raw", "pipelines/cycles/nrb-2014.yaml": "settings", "requirements.lock": "source",
        "notebooks/scoring.ipynb": "source", "src/nvslib/impact.py": "source", "reports/templates/house.typ": "source",
        IMPACT: "scoring", "data/results/nrb-2014/scoring/lineage.json": "scoring",
        "data/results/nrb-2014/scoring/notebook.ipynb": "scoring", "reports/nrb-2014/risk-assessment.nl.pdf": "reports",
    }.items():  # fmt: skip
        assert rows[path].stage == stage
        assert rows[path].sha256 == hashlib.sha256((sealed.root / path).read_bytes()).hexdigest()
    for folder in ("data/raw", "data/results", "reports"):
        listed = {
            path.relative_to(sealed.root).as_posix()
            for path in (sealed.root / folder / NRB).rglob("*")
            if path.is_file()
        }
        assert listed <= set(rows)


def test_a_thousand_altered_bytes_are_each_found_in_the_right_file(sealed):
    draw = random.Random(8)
    paths = sorted(read_seal(sealed, NRB))
    for _ in range(50):
        altered = {}
        for path in draw.sample(paths, 20):
            file = sealed.root / path
            altered[path] = content = file.read_bytes()
            at = draw.randrange(len(content))
            other = draw.choice([byte for byte in range(256) if byte != content[at]])
            write(file, content[:at] + bytes([other]) + content[at + 1 :])
        assert found(sealed) == {(path, "altered") for path in altered}
        for path, content in altered.items():
            write(sealed.root / path, content)
    assert found(sealed) == set()


def test_files_that_are_gone_new_or_in_each_others_place_are_found(sealed):
    (sealed.root / IMPACT).unlink()
    for new in ("data/raw/nrb-2014/more.csv", "data/results/nrb-2014/scoring/new.svg", "reports/nrb-2014/other.nl.pdf",
                "src/nvslib/more.py"):  # fmt: skip
        (sealed.root / new).write_text("new", "utf-8")
    left, right = (sealed.root / f"reports/nrb-2014/risk-assessment.{end}.html" for end in ("nl", "en"))
    contents = left.read_bytes(), right.read_bytes()
    write(left, contents[1])
    write(right, contents[0])
    assert found(sealed) == {
        (IMPACT, "missing"),
        ("data/raw/nrb-2014/more.csv", "added"),
        ("data/results/nrb-2014/scoring/new.svg", "added"),
        ("reports/nrb-2014/other.nl.pdf", "added"),
        ("src/nvslib/more.py", "added"),
        ("reports/nrb-2014/risk-assessment.nl.html", "altered"),
        ("reports/nrb-2014/risk-assessment.en.html", "altered"),
    }


def test_a_cycle_whose_own_file_is_gone_or_unreadable_is_verified_all_the_same(sealed):
    path = sealed.cycle_file(NRB)
    write(path, b"\xff" * path.stat().st_size)
    assert found(sealed) == {("pipelines/cycles/nrb-2014.yaml", "altered")}
    path.unlink()
    assert found(sealed) == {("pipelines/cycles/nrb-2014.yaml", "missing")}
    assert NRB in sealed_cycles(sealed)


def test_a_seal_that_is_gone_is_told_and_the_other_cycles_are_verified(sealed):
    seal_file(sealed, "nvs-2019").unlink()
    told, lines = verify_each(sealed, sealed_cycles(sealed))
    assert [one.cycle for one in told] == [NRB, "vsk-2023"]
    assert lines == ["seals/nvs-2019.csv: no seal. Run `nvs repro nvs-2019` first"]
    done = nvs(sealed, "verify", "nvs-2019")
    assert (done.returncode, done.stderr.splitlines()) == (1, lines)
    assert "allowed nrb-2014" in nvs(sealed, "verify", "other").stderr


def test_what_depends_on_an_altered_file_is_named(sealed):
    path = sealed.root / JUDGED
    write(path, path.read_bytes().replace(b",D,", b",C,", 1))
    (one,) = verify(sealed, NRB).deviations
    assert "impact.lek-dike-breach" in one.facts
    assert "weight.1.1" not in one.facts
    assert "data/results/nrb-2014/scoring/risk-diagram.nl.svg" in one.figures
    assert "reports/nrb-2014/risk-assessment.nl.pdf" in one.reports
    done = nvs(sealed, "verify", NRB, "--lang", "en")
    assert done.returncode == 1
    line, whole = done.stdout.splitlines()
    assert line.startswith(f"{JUDGED}: altered since it was sealed (raw). On it depend: ")
    assert re.search(r"\d+ facts \(.*, …\); \d+ figures", line)
    assert "one file is not as it was sealed" in whole


def test_a_figure_that_is_altered_names_the_reports_that_show_it_and_no_fact(sealed):
    path = sealed.root / "data/results/nrb-2014/scoring/risk-diagram.nl.svg"
    write(path, path.read_bytes().replace(b"<path", b"<Path", 1))
    (one,) = verify(sealed, NRB).deviations
    assert one.figures == ("data/results/nrb-2014/scoring/risk-diagram.nl.svg",)
    assert "reports/nrb-2014/risk-assessment.nl.pdf" in one.reports
    assert one.facts == ()


def test_a_template_bears_on_reports_and_a_notebook_on_what_its_stage_made(sealed):
    for path in ("reports/templates/risk-assessment.typ", "notebooks/scoring.ipynb"):
        with (sealed.root / path).open("ab") as file:
            file.write(b"\n")
    notebook, template = verify(sealed, NRB).deviations
    assert "impact.lek-dike-breach" in notebook.facts
    assert template.facts == template.figures == ()
    assert "reports/nrb-2014/risk-assessment.nl.pdf" in template.reports


def test_a_seal_that_is_edited_is_not_the_one_that_is_pinned(sealed):
    path = sealed.root / IMPACT
    write(path, path.read_bytes().replace(b"0.16", b"0.26", 1))
    write_seal(sealed, NRB)
    shown = "seals/nrb-2014.csv"
    assert found(sealed) == {(shown, "unpinned"), (shown, "uncommitted")}
    pin(sealed)
    assert found(sealed) == {(shown, "uncommitted"), ("dvc.lock", "uncommitted")}


def pin(project):
    """Put the present seal in the place of the old one in dvc.lock."""
    lock, file = project.root / "dvc.lock", seal_file(project, NRB)
    text, new = lock.read_text("utf-8"), hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    place = re.compile(r"(seal@nrb-2014:.*?outs:.*?md5: )\w+", re.DOTALL)
    assert place.search(text)
    lock.write_text(place.sub(rf"\g<1>{new}", text, count=1), "utf-8")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"path,sha256\n1,2\n", b"path,sha256,size,stage\na,b,c,d\n"])
def test_a_seal_that_cannot_be_read_is_told_in_a_line(sealed, content):
    write(seal_file(sealed, NRB), content)
    done = nvs(sealed, "verify", NRB)
    assert done.returncode == 1
    assert "seals/nrb-2014.csv" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_signature_is_checked_against_those_who_may_sign(sealed, tmp_path):
    for name in ("clerk", "stranger"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True, capture_output=True
        )
    public = (tmp_path / "clerk.pub").read_text("utf-8")
    (sealed.root / "seals" / SIGNERS).write_text(f'clerk@example.org namespaces="{NAMESPACE}" {public}', "utf-8")

    def sign(name):
        subprocess.run(
            ["ssh-keygen", "-Y", "sign", "-f", tmp_path / name, "-n", NAMESPACE, seal_file(sealed, NRB)],
            check=True,
            capture_output=True,
        )

    sign("clerk")
    assert verify(sealed, NRB).signed_by == "clerk@example.org"
    assert found(sealed) == set()
    signature = seal_file(sealed, NRB).with_suffix(".csv.sig")
    signature.unlink()
    sign("stranger")
    assert found(sealed) == {("seals/nrb-2014.csv.sig", "forged")}


def test_verify_tells_machines_all_of_it(sealed):
    (sealed.root / IMPACT).unlink()
    done = nvs(sealed, "verify", NRB, "--json")
    assert done.returncode == 1
    (told,) = json.loads(done.stdout)["verified"]
    (one,) = told["deviations"]
    assert (one["path"], one["state"], one["stage"]) == (IMPACT, "missing", "scoring")
    assert "impact.lek-dike-breach" in one["facts"]


def test_a_result_that_was_changed_sealed_and_committed_is_found_by_making_it_again(sealed):
    path = sealed.root / IMPACT
    before = next(line for line in path.read_text("utf-8").splitlines() if line.startswith("lek-dike-breach,best"))
    value = before.split(",")[2]
    path.write_text(path.read_text("utf-8").replace(before, before.replace(value, "0.9", 1)), "utf-8")
    write_seal(sealed, NRB)
    pin(sealed)
    git(sealed, "commit", "--quiet", "--all", "--message", "Nothing to see here")
    assert found(sealed) == set()
    done = nvs(sealed, "verify", NRB, "--rerun", "--json")
    assert done.returncode == 1
    (again,) = json.loads(done.stdout)["rerun"]
    assert again["stage"] == "scoring"
    (file,) = again["differences"]
    assert (file["path"], file["state"]) == (IMPACT, "altered")
    (cell,) = file["cells"]
    assert (cell["key"], cell["sealed"], cell["again"]) == (
        {"scenario": "lek-dike-breach", "bound": "best"},
        "0.9",
        value,
    )


def test_an_untouched_cycle_made_again_has_the_same_bytes(sealed):
    done = nvs(sealed, "verify", NRB, "--rerun", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert "have the same bytes" in done.stdout
