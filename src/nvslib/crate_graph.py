"""A cycle as linked data, by the profile Provenance Run Crate 0.5: the pipeline, its notebooks, its runs, its files."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from nvslib import __version__
from nvslib.commits import Commit
from nvslib.lineage import Lineage, Run
from nvslib.project import REPORTS

LIBRARY = "src/nvslib/"
METADATA, README = "ro-crate-metadata.json", "README.md"
WORKFLOW, LOCK, CONDA = "dvc.yaml", "requirements.lock", "environment.yml"
RUN_TERMS = "https://w3id.org/ro/terms/workflow-run#"
TERMS = ("ParameterConnection", "connection", "resourceUsage", "sha256", "sourceParameter", "targetParameter")
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {
        "buildInstructions": "https://codemeta.github.io/terms/buildInstructions",
        **{term: RUN_TERMS + term for term in TERMS},
    },
]
CRATE, WORKFLOW_CRATE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
ENVIRONMENTS = (  # a file that says in what the pipeline runs, and what kind of file that is
    (
        CONDA,
        "https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html",
        "Conda environment",
    ),
    (LOCK, "https://pip.pypa.io/en/stable/reference/requirements-file-format/", "Requirements, pinned by their hashes"),
)
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
FORMATS = {  # ending -> media type
    "": "text/plain",
    "css": "text/css",
    "csv": "text/csv",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "lock": "text/plain",
    "md": "text/markdown",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "png": "image/png",
    "py": "text/x-python",
    "svg": "image/svg+xml",
    "toml": "application/toml",
    "typ": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
DONE = "http://schema.org/CompletedActionStatus"
GETRUSAGE = "https://pubs.opengroup.org/onlinepubs/9799919799/functions/getrusage.html"
UNITS = {  # what a run took -> its name, and its unit
    "seconds": ("Elapsed time", "https://qudt.org/vocab/unit/SEC"),
    "cpu_seconds": ("Processor time", "https://qudt.org/vocab/unit/SEC"),
    "memory": ("Most memory of the kernel", "https://qudt.org/vocab/unit/BYTE"),
}

Entity = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """A stage that ran: what it read and wrote, and when (None where this machine does not know)."""

    name: str
    lineage: Lineage
    run: Run | None

    @property
    def written(self) -> str:
        """The folder that it wrote."""
        cycle = self.lineage.cycle
        return f"reports/{cycle}/" if self.name == REPORTS else f"data/results/{cycle}/{self.name}/"

    @property
    def read(self) -> dict[str, str]:
        """The folders of which it read files, each with its name as a parameter."""
        return {folder: _name(folder) for folder in sorted({_folder(path) for path in self.lineage.inputs}) if folder}

    @property
    def action(self) -> str:
        """The id of its run."""
        return f"#run-{self.name}"

    @property
    def step(self) -> str:
        """The id of its place in the pipeline."""
        return f"{WORKFLOW}#{self.name}"

    @property
    def output(self) -> str:
        """The id of what it wrote as an output of the pipeline."""
        return f"{WORKFLOW}#made-by-{self.name}"

    @property
    def values(self) -> dict[str, Any]:
        """The parameter of its notebook, and the settings that it used."""
        return {"cycle": self.lineage.cycle, **self.lineage.parameters}

    def value(self, name: str) -> str:
        """Return the id of the value of a parameter or setting."""
        return f"#value-{self.name}-{name}"

    def parameter(self, name: str) -> str:
        """Return the id of a parameter of its notebook."""
        return f"{self.lineage.notebook}#{name}"


@dataclass(frozen=True)
class Contents:
    """What a crate tells of.

    Attributes
    ----------
    cycle, title, about
        The cycle, its title, and what the crate is.
    settings, seal
        The paths of the cycle's file and of its seal.
    origin
        What ``origin.yaml`` says of the raw tables.
    commit
        The commit that holds the seal.
    stages
        The stages in their order.
    files
        Path -> SHA-256 and size in bytes, of every file in the crate but the one with the graph.
    versions
        Package on which the library rests -> its version in the lock.
    """

    cycle: str
    title: str
    about: str
    settings: str
    seal: str
    origin: dict[str, Any]
    commit: Commit
    stages: tuple[Ran, ...]
    files: dict[str, tuple[str, int]]
    versions: Mapping[str, str]


def graph(of: Contents) -> list[Entity]:
    """Return the entities of a crate, sorted by their ids."""
    return _Graph(of).all()


class _Graph:
    """The entities of a crate; each method adds those of one kind."""

    def __init__(self, of: Contents) -> None:
        self.of = of
        self.entities: dict[str, Entity] = {}
        self.inputs: dict[str, str] = {}  # parameter of the pipeline -> folder or file
        self.alone: list[str] = []  # files that are read or written by themselves
        self.folders: list[str] = []  # folders that are read or written as a whole

    def all(self) -> list[Entity]:
        """Return all entities, sorted by their ids."""
        self._data()
        self._root()
        self._workflow()
        self._software()
        for position, stage in enumerate(self.of.stages):
            self._tool(stage, position)
            self._action(stage)
        self._whole_run()
        return [
            {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in entity.items()}
            for _, entity in sorted(self.entities.items())
        ]

    def _add(self, own: str, kind: str, /, **properties: Any) -> Entity:
        """Add properties to an entity, and leave out those of which nothing is known."""
        known = {key: value for key, value in properties.items() if value not in (None, "", [])}
        entity = self.entities.setdefault(own, {"@id": own, "@type": kind})
        entity |= known
        return entity

    def _data(self) -> None:
        """Add every file, and the folders that are read or written as a whole."""
        folders: dict[str, list[str]] = {}
        for path, (digest, size) in self.of.files.items():
            encoding = FORMATS.get(PurePosixPath(path).suffix.removeprefix("."), "application/octet-stream")
            self._add(_id(path), "File", name=path, sha256=digest, contentSize=str(size), encodingFormat=encoding)
            folders.setdefault(_folder(path), []).append(path)
        self.alone = folders.pop("", [])
        self.folders = sorted(folders)
        for folder, paths in folders.items():
            self._add(_id(folder), "Dataset", name=_name(folder), hasPart=_refs(map(_id, paths)))

    def _root(self) -> None:
        licence = self._add(
            "#licence",
            "CreativeWork",
            name=self.of.origin["licence"]["en"],
            description="What may be done with the data of this cycle. The code is under the EUPL 1.2; see LICENSE.",
        )
        self._add("#producer", "Organization", name=self.of.origin["producer"]["en"], url=self.of.origin.get("url"))
        for profile, (name, version) in PROFILES.items():
            self._add(profile, "CreativeWork", name=name, version=version)
        self._add(METADATA, "CreativeWork", about=_ref("./"), conformsTo=_refs([CRATE, WORKFLOW_CRATE]))
        self._add(
            "./",
            "Dataset",
            name=self.of.title,
            description=" ".join([self.of.about, f"{self.of.origin['citation']}.", *self.of.origin["notes"]["en"]]),
            datePublished=self.of.commit.date,
            version=self.of.commit.name,
            identifier=f"sha256:{self.of.files[self.of.seal][0]}",
            license=_ref(licence["@id"]),
            author=_ref("#producer"),
            publisher=_ref("#producer"),
            conformsTo=_refs(PROFILES),
            mainEntity=_ref(WORKFLOW),
            hasPart=_refs(map(_id, [*self.alone, *self.folders])),
            mentions=_refs(["#run", *(stage.action for stage in self.of.stages)]),
        )
        self._add(README, "File", about=_ref("./"))
        self._add("#agent", "Person", name=self.of.commit.author)

    def _workflow(self) -> None:
        """Add the pipeline: its language, what goes in and comes out, and in what it runs."""
        dvc = self._package("dvc")
        self._add(
            "#dvc-yaml",
            "ComputerLanguage",
            name="DVC pipeline",
            alternateName="dvc.yaml",
            url={"@id": "https://dvc.org/doc/user-guide/project-structure/dvcyaml-files"},
            identifier={"@id": "https://dvc.org/"},
            version=self.entities[dvc]["version"],
        )
        for file, page, name in ENVIRONMENTS:
            self._add(page, "WebPage", name=name)
            self._add(file, "File", conformsTo=_ref(page))
        inputs = {folder: name for stage in self.of.stages for folder, name in stage.read.items()}
        written = {stage.written for stage in self.of.stages}
        self.inputs = {
            self._parameter(f"{WORKFLOW}#{name}", name, "Dataset", folder): folder
            for folder, name in sorted(inputs.items())
            if folder not in written
        }
        self.inputs[self._parameter(f"{WORKFLOW}#settings", "settings", "File", self.of.settings)] = self.of.settings
        for stage in self.of.stages:
            self._parameter(stage.output, _name(stage.written), "Dataset", stage.written)
        self._add(BIOSCHEMAS, "CreativeWork", name="Bioschemas ComputationalWorkflow", version="1.0-RELEASE")
        self._add(
            WORKFLOW,
            "File",
            name="The pipeline: from raw tables to reports",
            description="Each stage is the notebook of its name, run with the name of the cycle as its parameter.",
            version=self.of.commit.name,
            url=WORKFLOW,
            license={"@id": "https://spdx.org/licenses/EUPL-1.2"},
            conformsTo=_ref(BIOSCHEMAS),
            programmingLanguage=_ref("#dvc-yaml"),
            input=_refs(self.inputs),
            output=_refs(stage.output for stage in self.of.stages),
            hasPart=_refs(stage.lineage.notebook for stage in self.of.stages),
            step=_refs(stage.step for stage in self.of.stages),
            buildInstructions=_refs([LOCK, CONDA]),
        )["@type"] = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]

    def _software(self) -> None:
        """Add what every notebook rests on: the library, and Python as the stages ran with it."""
        self._add(
            LIBRARY,
            "Dataset",
            name="nvslib",
            version=f"{__version__}, commit {self.of.commit.name}",
            url=LIBRARY,
            license={"@id": "https://spdx.org/licenses/EUPL-1.2"},
        )["@type"] = ["Dataset", "SoftwareApplication"]
        self._add(
            "#python",
            "ComputerLanguage",
            name="Python",
            url={"@id": "https://www.python.org/"},
            identifier={"@id": "https://www.python.org/"},
            version=next((stage.run.python for stage in reversed(self.of.stages) if stage.run), None),
        )

    def _parameter(self, name: str, told: str, kind: str, value: str) -> str:
        """Add a parameter with what stands for it in this run: a folder, a file or a value."""
        example = _id(value)
        self._add(name, "FormalParameter", name=told, additionalType=kind, workExample=_ref(example))
        self.entities[example].setdefault("exampleOfWork", []).append(_ref(name))
        return name

    def _tool(self, stage: Ran, position: int) -> None:
        """Add the step of a stage, its notebook with its parameters, and where each comes from."""
        makers = {other.written: other.parameter("results") for other in self.of.stages}
        makers |= {folder: name for name, folder in self.inputs.items()}
        inputs = {stage.parameter(name): folder for folder, name in stage.read.items()}
        for name, folder in inputs.items():
            self._parameter(name, stage.read[folder], "Dataset", folder)
        inputs[self._parameter(stage.parameter("settings"), "settings", "File", self.of.settings)] = self.of.settings
        results = self._parameter(stage.parameter("results"), _name(stage.written), "Dataset", stage.written)
        connections = [self._connection(makers[folder], name) for name, folder in inputs.items()]
        self.entities[WORKFLOW].setdefault("connection", []).append(_ref(self._connection(results, stage.output)))
        values = []
        for name, value in stage.values.items():
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
            self._add(stage.value(name), "PropertyValue", name=name, value=told)
            values.append(self._parameter(stage.parameter(f"with-{name}"), name, "Text", stage.value(name)))
        self._add(
            stage.lineage.notebook,
            "File",
            name=f"Notebook of the stage {stage.name}",
            url=stage.lineage.notebook,
            version=self.of.commit.name,
            programmingLanguage=_ref("#python"),
            input=_refs([*inputs, *values]),
            output=_refs([results]),
            softwareRequirements=_refs([LIBRARY, *map(self._package, self.of.versions)]),
            mainEntity=_ref(LIBRARY),
        )["@type"] = ["File", "SoftwareSourceCode", "SoftwareApplication"]
        self._add(
            stage.step,
            "HowToStep",
            name=stage.name,
            position=str(position),
            workExample=_ref(stage.lineage.notebook),
            buildInstructions=_ref(LOCK),
            connection=_refs(connections),
        )

    def _connection(self, source: str, target: str) -> str:
        name = f"#connection-{_slug(source)}-to-{_slug(target)}"
        self._add(name, "ParameterConnection", sourceParameter=_ref(source), targetParameter=_ref(target))
        return name

    def _action(self, stage: Ran) -> None:
        """Add the run of a stage: what it read, with which settings, what it wrote, when, and what it took."""
        self._add(
            stage.action,
            "CreateAction",
            name=f"Run of {stage.lineage.notebook} for {self.of.cycle}",
            description=f"Stage {stage.name}, run by papermill in a kernel of its own"
            + (f", on {stage.run.system}, Python {stage.run.python}" if stage.run else ""),
            instrument=_ref(stage.lineage.notebook),
            object=_refs(
                [*map(_id, [*stage.read, *stage.lineage.inputs, self.of.settings]), *map(stage.value, stage.values)]
            ),
            result=_refs(map(_id, [stage.written, *stage.lineage.outputs])),
            agent=_ref("#agent"),
            startTime=stage.run and stage.run.started,
            endTime=stage.run and _ended(stage.run),
            actionStatus=DONE,
            resourceUsage=_refs(self._usage(stage.name, stage.run)) if stage.run else None,
        )
        self._add(
            f"#control-{stage.name}",
            "ControlAction",
            name=f"Stage {stage.name}, as DVC ran it",
            instrument=_ref(stage.step),
            object=_ref(stage.action),
            actionStatus=DONE,
        )

    def _usage(self, stage: str, run: Run) -> Iterable[str]:
        for name, (told, unit) in UNITS.items():
            own = f"#usage-{stage}-{name}"
            value = str(getattr(run, name))
            self._add(own, "PropertyValue", name=told, propertyID=f"{GETRUSAGE}#{name}", unitCode=unit, value=value)
            yield own

    def _whole_run(self) -> None:
        """Add the run of the whole pipeline, and DVC that organised it by its own settings."""
        runs = [stage.run for stage in self.of.stages if stage.run]
        whole = len(runs) == len(self.of.stages)
        times = {
            "startTime": min(run.started for run in runs) if whole else None,
            "endTime": max(map(_ended, runs)) if whole else None,
        }
        self._add(
            "#run",
            "CreateAction",
            name=f"Run of the pipeline for {self.of.cycle}",
            description=f"Every stage of {self.of.cycle} that its settings ask for, in their order.",
            instrument=_ref(WORKFLOW),
            object=_refs(map(_id, self.inputs.values())),
            result=_refs(_id(stage.written) for stage in self.of.stages),
            agent=_ref("#agent"),
            actionStatus=DONE,
            **times,
        )
        self._add(
            "#dvc-run",
            "OrganizeAction",
            name=f"DVC {self.of.versions['dvc']} organised the run",
            instrument=_ref(self._package("dvc")),
            object=_refs(f"#control-{stage.name}" for stage in self.of.stages),
            result=_ref("#run"),
            agent=_ref("#agent"),
            actionStatus=DONE,
            **times,
        )

    def _package(self, name: str) -> str:
        """Add a package of the lock, and return its id, a Package URL."""
        own = f"pkg:pypi/{name}@{self.of.versions[name]}"
        self._add(own, "SoftwareApplication", name=name, version=self.of.versions[name], url=own)
        return own


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _refs(names: Iterable[str]) -> list[dict[str, str]]:
    return [_ref(name) for name in dict.fromkeys(names)]


def _id(path: str) -> str:
    """Return the id of a file or folder: its path, as a relative address; ids that begin with # are ids already."""
    return path if path.startswith("#") else quote(path)


def _folder(path: str) -> str:
    """Return the folder, read or written as a whole, in which a file is; empty where it stands alone."""
    parts = PurePosixPath(path).parts
    whole = {"data": 4 if parts[1] == "results" else 3, "reports": 2, "src": 2}.get(parts[0], 0) if parts[1:] else 0
    return "/".join(parts[:whole]) + "/" if 0 < whole < len(parts) else ""


def _name(folder: str) -> str:
    """Return what a folder is called as a parameter, as in ``results-of-scoring``."""
    parts = folder.rstrip("/").split("/")
    if parts[:2] == ["data", "results"]:
        return f"results-of-{parts[3]}-of-{parts[2]}"
    return "-".join(parts)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _ended(run: Run) -> str:
    started = dt.datetime.fromisoformat(run.started)
    return (started + dt.timedelta(seconds=round(run.seconds))).isoformat(timespec="seconds")
