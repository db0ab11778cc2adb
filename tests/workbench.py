"""Helpers: the project's own commands, and a copy of its sources in another folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from nvslib.project import Project

ROOT = Path(__file__).resolve().parents[1]
NRB = "nrb-2014"
ILLUSTRATIVE = ("nvs-2019", "vsk-2023")
RUN_ELSEWHERE = (NRB, "nvs-2019")  # together they go through every stage but the look back


def truth_of(cycle):
    """Return the truth that is planted in an illustrative cycle."""
    return yaml.safe_load((ROOT / "data" / "illustrative" / f"truth-{cycle}.yaml").read_text("utf-8"))


def copy_of_sources(target):
    """Return a copy of what git tracks (or would track) in another folder, as its own repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    return Project(target.resolve())


def only(project, *cycles):
    """Take every other cycle out of a copy, and the stages that none of the cycles goes through."""
    for name in set(project.cycles()) - set(cycles):
        project.cycle_file(name).unlink()
    path = project.root / "dvc.yaml"
    pipeline = yaml.safe_load(path.read_text("utf-8"))
    kept = []
    for entry in pipeline["vars"]:
        ((name, listed),) = entry.items()
        left = (
            {key: listed[key] for key in listed if key in cycles}
            if isinstance(listed, dict)
            else [cycle for cycle in listed if cycle in cycles]
        )
        if left:
            kept.append({name: left})
        else:
            del pipeline["stages"][name]
    path.write_text(yaml.safe_dump(pipeline | {"vars": kept}, sort_keys=False), "utf-8")


def copy_results(project, target, *cycles):
    """Copy what was made of some cycles to another checkout."""
    for cycle in cycles:
        for folder in (f"data/results/{cycle}", f"reports/{cycle}"):
            shutil.copytree(project.root / folder, target.root / folder)


def command(project, *words, **environment):
    """Run a Python module in a project, with that project's own library, and return what it did."""
    env = os.environ | {"PYTHONPATH": str(project.root / "src"), "COLUMNS": "200"} | environment
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=project.root, env=env, capture_output=True, text=True, check=False
    )


def nvs(project, *words, **environment):
    return command(project, "nvslib", *words, **environment)


def git(project, *words):
    """Run git in a project, as somebody of no importance."""
    who = ["-c", "user.name=Auditor", "-c", "user.email=auditor@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=project.root, check=True, capture_output=True)
