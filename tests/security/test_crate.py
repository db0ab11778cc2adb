"""The research object: whole, the same each time, judged by the official validator, asked the profile's questions."""

import json
import shutil
from pathlib import Path

import pytest
import requests
from rdflib import Graph
from requests_cache import CachedResponse, CachedSession
from rocrate_validator import services
from rocrate_validator.models import Severity
from workbench import NRB, ROOT, command, copy_of_sources, copy_results, git, nvs

from nvslib.crate import write_crate
from nvslib.lineage import load_lineage, load_run
from nvslib.problems import Problem
from nvslib.project import Project, sha256
from nvslib.seal import read_seal, verify
from nvslib.settings import read_settings

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
KEPT_CONTEXT = ROOT / "tests" / "contexts" / "ro-crate-1.1.jsonld"
# Not met, for the reasons in docs/auditor.md: notebooks are files of the crate, so their ids are no absolute addresses
# (5.1); who made an illustrative cycle has no page of its own (31.2).
EXCEPTIONS = {NRB: ["process-run-crate-0.5_5.1"], "vsk-2023": ["process-run-crate-0.5_5.1", "ro-crate-1.1_31.2"]}
PREFIXES = """
PREFIX s: <http://schema.org/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX bio: <https://bioschemas.org/>
PREFIX bioflow: <https://bioschemas.org/ComputationalWorkflow#>
PREFIX codemeta: <https://codemeta.github.io/terms/>
PREFIX run: <https://w3id.org/ro/terms/workflow-run#>
"""


@pytest.fixture(scope="module")
def benches(made, tmp_path_factory):
    """A copy with the results of all cycles and the records of their runs, as a commit holds it."""
    copy = copy_of_sources(tmp_path_factory.mktemp("crates") / "bench")
    copy_results(made, copy, *made.cycles())
    shutil.copytree(made.root / "runs", copy.root / "runs", ignore=shutil.ignore_patterns("staging-*", "*.ipynb"))
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "As sealed")
    return copy


@pytest.fixture(scope="module", params=list(EXCEPTIONS))
def crate(request, benches, tmp_path_factory):
    """The crate of a cycle, and of one that looks back on another."""
    folder = tmp_path_factory.mktemp(request.param) / "crate"
    assert write_crate(benches, request.param, folder) == folder / METADATA
    return request.param, folder


@pytest.fixture(scope="module")
def ask(crate):
    """Ask the crate a question in SPARQL; ids are told from the crate's root."""
    _, folder = crate
    loaded = json.loads((folder / METADATA).read_text("utf-8"))
    assert loaded["@context"][0] == CONTEXT
    loaded["@context"][0] = json.loads(KEPT_CONTEXT.read_text("utf-8"))["@context"]
    graph = Graph().parse(data=json.dumps(loaded), format="json-ld", base="https://crate.example/")

    def asked(question):
        found = graph.query(PREFIXES + question)
        return [
            tuple(None if one is None else str(one).removeprefix("https://crate.example/") for one in row)
            for row in found
        ]

    return asked


def entities(folder):
    graph = json.loads((folder / METADATA).read_text("utf-8"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


def kinds(entity):
    found = entity["@type"]
    return {found} if isinstance(found, str) else set(found)


def validated(folder, place, skipped):
    """Return what the official validator finds, up to RECOMMENDED, with nothing but the kept context for a network."""
    cache = place / "http"
    session = CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1)
    asked = requests.Request("GET", CONTEXT).prepare()
    kept = CachedResponse(status_code=200, url=CONTEXT, headers={"Content-Type": "application/ld+json"})
    kept._content = KEPT_CONTEXT.read_bytes()
    session.cache.responses[session.cache.create_key(asked)] = kept
    session.close()
    result = services.validate(
        services.ValidationSettings(
            rocrate_uri=str(folder),
            profile_identifier="provenance-run-crate",
            requirement_severity=Severity.RECOMMENDED,
            skip_checks=skipped,
            offline=True,
            cache_path=cache,
            cache_max_age=-1,
        )
    )
    return {(issue.severity.name, issue.check.identifier) for issue in result.get_issues()}


def test_the_official_validator_finds_nothing_but_the_named_exceptions(crate, tmp_path):
    cycle, folder = crate
    assert validated(folder, tmp_path, EXCEPTIONS[cycle]) == set()


def test_the_validator_finds_what_is_wrong_and_each_exception_is_one(crate, tmp_path):
    cycle, folder = crate
    if cycle != NRB:
        return  # once is enough: the validator is not what is tested
    broken = shutil.copytree(folder, tmp_path / "crate")
    loaded = json.loads((broken / METADATA).read_text("utf-8"))
    for entity in loaded["@graph"]:
        if entity["@id"] == "#run-scoring":
            del entity["instrument"]
        if entity["@id"] == "#producer":
            del entity["url"]
    (broken / METADATA).write_text(json.dumps(loaded), "utf-8")
    found = validated(broken, tmp_path, [])
    assert {severity for severity, _ in found} == {"REQUIRED", "RECOMMENDED"}
    assert {*EXCEPTIONS["vsk-2023"]} < {check for _, check in found}


def test_every_file_stands_in_it_with_its_size_and_hash_and_nothing_else(crate):
    _, folder = crate
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {METADATA}
    told = {name: entity for name, entity in entities(folder).items() if "File" in kinds(entity)}
    assert told.keys() == there
    for name, entity in told.items():
        assert entity["sha256"] == sha256(folder / name)
        assert int(entity["contentSize"]) == (folder / name).stat().st_size
    names = list(entities(folder))
    assert names == sorted(names)
    assert len(names) == len(set(names))


def test_every_reference_has_its_entity(crate):
    _, folder = crate
    known = entities(folder)

    def references(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if value.keys() == {"@id"} else []
        for one in value if isinstance(value, list) else []:
            yield from references(one)

    found = {name for entity in known.values() for value in entity.values() for name in references(value)}
    assert {name for name in found - known.keys() if not name.startswith("https://")} == set()


def test_the_same_cycle_gives_the_same_crate(crate, benches, tmp_path):
    cycle, folder = crate
    write_crate(benches, cycle, tmp_path / "again")
    assert (tmp_path / "again" / METADATA).read_bytes() == (folder / METADATA).read_bytes()


def test_the_crate_alone_is_verified_and_explains_its_facts(crate, tmp_path):
    cycle, folder = crate
    alone = Project(shutil.copytree(folder, tmp_path / "crate"))
    assert verify(alone, cycle).deviations == ()
    fact = "impact.lek-dike-breach" if cycle == NRB else next(iter(explained(alone, cycle)))
    done = command(alone, "nvslib", "explain", cycle, fact)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"data/raw/{'nrb-2014' if cycle == NRB else 'nvs-2019'}/" in done.stdout


def explained(project, cycle):
    """Return the facts that rest on the cycle on which this one looks back."""
    done = command(project, "nvslib", "explain", cycle, "--json")
    return [name for name in json.loads(done.stdout) if name.startswith("previous-measure.")]


def test_nothing_is_written_over_and_only_what_is_sealed_is_written(benches, tmp_path):
    with pytest.raises(Problem, match="is there already"):
        write_crate(benches, NRB, tmp_path)
    copy = Project(shutil.copytree(benches.root, tmp_path / "bench", symlinks=True))
    (copy.root / "data" / "raw" / NRB / "assessments.csv").write_text("x", "utf-8")
    done = nvs(copy, "crate", NRB, str(tmp_path / "out" / "crate"))
    assert (done.returncode, "not as it was sealed" in done.stderr) == (1, True)
    assert not (tmp_path / "out").exists()
    assert nvs(benches, "crate", NRB, str(tmp_path / "crate")).stdout.strip() == str(tmp_path / "crate" / METADATA)


def test_without_the_record_of_a_run_no_time_is_told(benches, tmp_path):
    copy = Project(shutil.copytree(benches.root, tmp_path / "bench", symlinks=True))
    (copy.root / "runs" / NRB / "scoring.json").unlink()
    write_crate(copy, NRB, tmp_path / "crate")
    told = entities(tmp_path / "crate")
    assert "startTime" not in told["#run-scoring"]
    assert "startTime" not in told["#run"]
    assert "startTime" in told["#run-validation"]


# The questions of the authors of the profile (docs/sparql of ResearchObject/workflow-run-crate), asked of our crates.


def test_question_1_which_container_images_were_used(ask):
    assert ask("SELECT ?image { ?action a s:CreateAction ; run:containerImage ?image }") == []  # none is


def test_question_2_how_much_memory_and_processor_time_was_used(ask, crate, benches):
    found = ask("""
        SELECT ?action ?name ?unit ?value
        { ?action a s:CreateAction ; run:resourceUsage ?usage .
          ?usage a s:PropertyValue ; s:propertyID ?id ; s:name ?name ; s:unitCode ?unit ; s:value ?value }""")
    told = {(action, name): float(value) for action, name, _, value in found}
    cycle, _ = crate
    for stage in read_settings(benches, cycle).stages:
        run = load_run(benches, cycle, stage)
        assert told[f"#run-{stage}", "Elapsed time"] == run.seconds
        assert told[f"#run-{stage}", "Processor time"] == run.cpu_seconds
        assert told[f"#run-{stage}", "Most memory of the kernel"] == run.memory


def test_question_3_which_configuration_files_were_used(ask, crate):
    """The authors look for it at DVC's own action; their validator allows nothing but the steps there."""
    found = ask("""
        SELECT DISTINCT ?file
        { ?engine a s:OrganizeAction ; s:result ?run .
          ?run s:object ?file . ?file a s:MediaObject ; s:exampleOfWork ?parameter .
          ?parameter s:name "settings" }""")
    assert found == [(f"pipelines/cycles/{crate[0]}.yaml",)]


def test_question_4_in_which_environment_the_pipeline_and_its_steps_run(ask, crate, benches):
    of_pipeline = ask("""
        SELECT ?file ?kind { ?pipeline a s:HowTo, bio:ComputationalWorkflow ; codemeta:buildInstructions ?file .
          ?file a s:MediaObject ; dct:conformsTo/s:name ?kind }""")
    assert {file for file, _ in of_pipeline} == {"environment.yml", "requirements.lock"}
    of_steps = ask("""
        SELECT ?name ?file { ?pipeline a bio:ComputationalWorkflow ; s:step ?step .
          ?step a s:HowToStep ; s:name ?name ; codemeta:buildInstructions ?file }""")
    assert set(of_steps) == {(stage, "requirements.lock") for stage in read_settings(benches, crate[0]).stages}


def test_question_5_how_long_a_step_took(ask, crate, benches):
    found = ask("""
        SELECT ?tool ?start ?end { ?action a s:CreateAction ; s:instrument ?tool ; s:startTime ?start ; s:endTime ?end .
          ?tool a s:SoftwareApplication }""")
    told = {tool: (start, end) for tool, start, end in found}
    for stage in read_settings(benches, crate[0]).stages:
        start, end = told[f"notebooks/{stage}.ipynb"]
        assert start == load_run(benches, crate[0], stage).started
        assert start < end


def test_question_6_how_long_the_whole_took(ask, crate, benches):
    ((start, end),) = ask("""
        SELECT ?start ?end { ?action a s:CreateAction ; s:instrument ?pipeline ; s:startTime ?start ; s:endTime ?end .
          ?pipeline a bio:ComputationalWorkflow }""")
    runs = [load_run(benches, crate[0], stage) for stage in read_settings(benches, crate[0]).stages]
    assert start == min(run.started for run in runs)
    assert end > max(run.started for run in runs)


def test_question_7_whether_it_went_well(ask, crate, benches):
    found = dict(ask("SELECT ?action ?status { ?action a s:CreateAction ; s:actionStatus ?status }"))
    stages = read_settings(benches, crate[0]).stages
    assert found == dict.fromkeys(
        ["#run", *(f"#run-{stage}" for stage in stages)], "http://schema.org/CompletedActionStatus"
    )


def test_question_8_what_went_in_and_what_came_out(ask, crate):
    cycle, _ = crate
    whole = "?action a s:CreateAction ; s:instrument ?pipeline . ?pipeline a bio:ComputationalWorkflow . "
    inputs = {one for (one,) in ask(f"SELECT ?one {{ {whole} ?action s:object ?one }}")}
    outputs = {one for (one,) in ask(f"SELECT ?one {{ {whole} ?action s:result ?one }}")}
    assert {f"data/raw/{cycle}/", f"pipelines/cycles/{cycle}.yaml"} <= inputs
    assert ("data/results/nvs-2019/scoring/" in inputs) == (cycle == "vsk-2023")
    assert {f"reports/{cycle}/", f"data/results/{cycle}/scoring/"} <= outputs
    assert inputs.isdisjoint(outputs)


def test_the_files_that_a_stage_read_and_wrote_are_those_of_its_lineage(ask, crate, benches):
    cycle, _ = crate
    for stage in read_settings(benches, cycle).stages:
        lineage = load_lineage(benches, cycle, stage)
        read = {
            one
            for (one,) in ask(
                f"SELECT ?one {{ <https://crate.example/#run-{stage}> s:object ?one . ?one a s:MediaObject }}"
            )
        }
        wrote = {
            one
            for (one,) in ask(
                f"SELECT ?one {{ <https://crate.example/#run-{stage}> s:result ?one . ?one a s:MediaObject }}"
            )
        }
        assert read == {*lineage.inputs, f"pipelines/cycles/{cycle}.yaml"}
        assert wrote == set(lineage.outputs)


def test_question_9_which_version_of_the_source_ran(ask, crate, benches):
    found = dict(ask("SELECT ?name ?version { ?tool a s:SoftwareApplication ; s:name ?name ; s:version ?version }"))
    commit = verify(benches, crate[0]).commit.name
    assert found["Notebook of the stage scoring"] == commit
    assert commit in found["nvslib"]


def test_question_10_on_which_packages_a_step_rests(ask):
    found = ask("""
        SELECT ?tool ?name ?version ?main { ?action a s:CreateAction ; s:instrument ?tool .
          ?tool a s:SoftwareApplication ; s:softwareRequirements ?package ; s:mainEntity ?main .
          ?package s:name ?name ; s:version ?version }""")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = {(name, version) for tool, name, version, _ in found if tool == "notebooks/scoring.ipynb"}
    assert {"nvslib", "pandas", "dvc", "papermill", "typst"} <= {name for name, _ in packages}
    assert all(f"{name}=={version} " in lock for name, version in packages if name != "nvslib")
    assert {main for *_, main in found} == {"src/nvslib/"}


def test_question_11_how_inputs_of_the_pipeline_were_used_by_steps(ask, crate, benches):
    found = ask("""
        SELECT DISTINCT ?step ?parameter ?kind ?value
        { ?metadata s:about ?root ; dct:conformsTo <https://w3id.org/workflowhub/workflow-ro-crate/1.0> .
          ?root s:mainEntity ?pipeline ; s:mentions ?action .
          ?pipeline bioflow:input ?formal ; s:step ?place .
          ?action s:instrument ?pipeline ; s:object ?value . ?value s:exampleOfWork ?formal .
          ?formal s:name ?parameter ; s:additionalType ?kind .
          ?connection a run:ParameterConnection ; run:sourceParameter ?formal ; run:targetParameter ?own .
          ?tool bioflow:input ?own . ?place a s:HowToStep ; s:name ?step ; s:workExample ?tool }""")
    cycle, folder = crate
    stages = read_settings(benches, cycle).stages
    settings = f"pipelines/cycles/{cycle}.yaml"
    assert {(stage, "settings", "File", settings) for stage in stages} <= set(found)
    assert ("validation", f"data-raw-{cycle}", "Dataset", f"data/raw/{cycle}/") in found
    raw = {path for path, row in read_seal(benches, cycle).items() if row.stage == "raw"}
    assert raw == {one["@id"] for one in entities(folder)[f"data/raw/{cycle}/"]["hasPart"]}
    values = ask("""
        SELECT ?name ?value { <https://crate.example/#run-scoring> s:object ?given . ?given a s:PropertyValue ;
          s:name ?name ; s:value ?value ; s:exampleOfWork ?formal .
          <https://crate.example/notebooks/scoring.ipynb> bioflow:input ?formal }""")
    assert ("cycle", cycle) in values
    assert {name for name, _ in values} == {"cycle", *load_lineage(benches, cycle, "scoring").parameters}
    assert Path(folder / settings).is_file()
