"""What is defined as data holds together: tables, formulas, editions, words, and the files that must agree."""

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest
import yaml

from nvslib import scales, words
from nvslib.editions import edition_names, load_edition
from nvslib.formulas import formulas
from nvslib.problems import Problem
from nvslib.project import STAGES, Project
from nvslib.settings import STAGE_SETTINGS, read_settings
from nvslib.tables import SOURCE_COLUMNS, load_table, table_names

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "nvslib"
BASES = {"published", "reproduced", "recalled", "own", "translated"}
TYPES = {"name", "code", "text", "choice", "class", "criterion", "integer", "number", "date", "period"}

# The floors of docs/architecture.md: a module may import from its own floor and from those below.
FLOORS = [
    {"__init__", "problems", "quiet"},
    {"scales", "editions", "tables", "formulas", "profiles", "words"},
    {
        "judgement",
        "calibration",
        "impact",
        "uncertainty",
        "ranking",
        "scoring",
        "review",
        "cascades",
        "capabilities",
        "portfolio",
        "weighing",
        "shifts",
        "follow_up",
        "midterm",
        "attribution",
        "effectiveness",
    },
    {
        "workbooks",
        "notations",
        "intake",
        "corrections",
        "marking",
        "ods",
        "checks",
        "template_files",
        "templates",
        "datapackage",
        "charts",
        "figures",
        "score_figures",
        "review_figures",
        "weighing_figures",
        "panel",
        "weighing_panel",
        "midterm_figures",
        "effectiveness_figures",
        "documents",
    },
    {
        "project",
        "settings",
        "lineage",
        "explanation",
        "commits",
        "dependents",
        "seal",
        "rerun",
        "tracing",
        "history",
        "crate_graph",
        "crate",
        "cycle",
    },
    {"pages", "quality", "department_pages", "provenance", "reports", "index_pages", "new_cycle"},
    {"runner", "screens", "cli", "__main__"},
]


def formulas_of(table, column):
    """Return the formulas of a column; a name in braces stands for the choices of another column."""
    found = re.fullmatch(r"([a-z-]*){([a-z]+)}", column.formula)
    if found:
        return [found[1] + choice for choice in table.columns[found[2]].choices]
    return [column.formula] if column.formula else []


@pytest.mark.parametrize("name", table_names())
def test_a_table_is_defined_whole(name):
    table = load_table(name)
    assert table.kind in ("input", "result")
    assert table.stage in STAGES
    assert set(table.title) == set(table.about) == set(scales.LANGUAGES)
    assert set(table.key) <= set(table.columns)
    rules = [*table.ordered, *(rule.over for rule in table.complete), *(rule.of for rule in table.complete)]
    assert {column for rule in rules for column in rule} <= set(table.columns)
    for column in table.columns.values():
        assert column.type in TYPES, column.name
        assert all(column.meaning[language].endswith(".") for language in scales.LANGUAGES), column.name
        assert bool(column.choices) == (column.type == "choice"), column.name
        assert set(formulas_of(table, column)) <= set(formulas()), column.name


@pytest.mark.parametrize("name", table_names("result"))
def test_what_a_column_is_made_from_exists(name):
    table = load_table(name)
    for column in table.columns.values():
        assert bool(column.made_from) == bool(column.formula), column.name
        for origin in column.made_from:
            if origin.setting:
                assert origin.setting.split(".")[0] in STAGE_SETTINGS[table.stage]
                continue
            if origin.table == "{table}":  # the table that a row of deliveries is about
                continue
            other = load_table(origin.table)
            assert set(origin.by) <= set(table.columns) & set(other.columns)
            assert set(origin.where) <= set(other.columns)
            for value in origin.where.values():
                assert {field for _, field, *_ in Formatter().parse(value) if field} <= set(table.columns)
            for bound in scales.BOUNDS:
                used = origin.column.format(bound=bound)
                assert used in {*other.columns, ""}
            assert origin.column or other.kind == "input", "only rows as delivered are explained as a whole"


@pytest.mark.parametrize("name", table_names("input"))
def test_every_input_row_has_a_basis_and_a_classification(name):
    columns = load_table(name).columns
    assert columns["basis"].choices == ("published", "illustrative", "delivered")
    assert columns["classification"].choices == ("public", "internal", "confidential")
    assert not set(SOURCE_COLUMNS) & set(columns)


def test_every_formula_says_what_it_rests_on():
    for formula in formulas().values():
        assert formula.basis in BASES - {"translated"}
        assert formula.basis in ("own", "recalled") or formula.source
        assert all(formula.words(language).endswith(".") for language in scales.LANGUAGES)


def test_every_formula_is_used():
    tables = [load_table(name) for name in table_names()]
    assert {one for table in tables for column in table.columns.values() for one in formulas_of(table, column)} == set(
        formulas()
    )


def test_every_constant_of_the_scales_has_a_basis():
    def walk(entry):
        if isinstance(entry, dict):
            if {"value", "shape", "names"} & set(entry):
                assert entry.get("basis") in BASES, entry
            else:
                for inner in entry.values():
                    walk(inner)

    walk(
        {key: part for scale in scales.constants().values() for key, part in scale.items() if not key.endswith("name")}
    )


@pytest.mark.parametrize(("edition", "interests", "criteria"), [("2014", 5, 10), ("2019", 6, 16), ("2022", 6, 18)])
def test_editions(edition, interests, criteria):
    loaded = load_edition(edition)
    assert (len(loaded.interests), len(loaded.criteria)) == (interests, criteria)
    assert list(loaded.criteria) == sorted(loaded.criteria)
    assert {criterion.interest for criterion in loaded.criteria.values()} == set(loaded.interests)
    assert sum(loaded.weights().values()) == pytest.approx(1)
    assert set(loaded.basis.values()) <= BASES
    for criterion in loaded.criteria.values():
        assert set(criterion.name) == set(scales.LANGUAGES)
        if criterion.thresholds:
            assert list(criterion.thresholds.begin) == sorted(criterion.thresholds.begin)
            assert (len(criterion.thresholds.begin), criterion.thresholds.basis) == (4, "recalled")


def test_an_edition_that_is_not_there():
    assert edition_names() == ("2014", "2019", "2022")
    with pytest.raises(Problem, match="found '2016', allowed 2014, 2019, 2022"):
        load_edition("2016")


def keys(entry, path=""):
    """Yield the dotted keys of nested texts, each with the fields in its braces."""
    for name, inner in entry.items():
        if isinstance(inner, dict):
            yield from keys(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}", frozenset(re.findall(r"{([^{}]+)}", str(inner)))


def test_both_languages_have_the_same_words_with_the_same_fields():
    dutch, english = (
        dict(keys(yaml.safe_load((SOURCE / "words" / f"{language}.yaml").read_text("utf-8"))))
        for language in scales.LANGUAGES
    )
    assert dutch == english


def test_numbers_dates_and_lists_in_both_notations():
    assert (words.number(1234.5, "nl"), words.number(1234.5, "en")) == ("1.234,5", "1,234.5")
    assert (words.number(0.1629, "nl", 2), words.number(3, "en", 0)) == ("0,16", "3")
    date = __import__("datetime").date(2014, 9, 30)
    assert (words.day(date, "nl"), words.day(date, "en")) == ("30 sep 2014", "30 Sept 2014")
    assert (words.date(date, "nl"), words.date(date, "en")) == ("30 september 2014", "30 September 2014")
    assert words.listing(["a", "b", "c"], "nl") == "a, b en c"


def test_a_quoted_text_is_short_and_printable():
    assert words.quote("x\x1b[31m\n") == '"x\\x1b[31m\\x0a"'
    assert len(words.quote("y" * 500)) == words.LONGEST_QUOTE + 2


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.stem)
def test_imports_go_down_the_floors(path):
    floor = next(number for number, modules in enumerate(FLOORS) if path.stem in modules)
    below = set().union(*FLOORS[: floor + 1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "nvslib":
            imported = {node.module.split(".")[1]} if "." in node.module else {alias.name for alias in node.names}
            assert imported - {"__version__"} <= below, f"{path.name}:{node.lineno}"


def test_the_pure_floor_knows_no_files():
    for name in FLOORS[2]:
        source = (SOURCE / f"{name}.py").read_text("utf-8")
        assert not re.search(r"\bopen\(|Path|\bos\.|datetime|read_csv|to_csv", source), name


def test_dvc_yaml_lists_each_cycle_under_the_stages_that_its_file_has():
    pipeline = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))
    listed = {name: cycles for entry in pipeline["vars"] for name, cycles in entry.items()}
    stages = {name: read_settings(Project(ROOT), name).stages for name in Project(ROOT).cycles()}
    assert listed.pop("cycles") == list(stages)
    assert listed.pop("look_back") == {
        name: read_settings(Project(ROOT), name).look_back.cycle
        for name, reached in stages.items()
        if "look_back" in reached
    }
    assert listed == {
        stage: [name for name, reached in stages.items() if stage in reached]
        for stage in STAGES[1:]
        if stage != "look_back"
    }


def test_headings_and_dutch_words_can_be_told_apart():
    for name in table_names("input"):
        columns = load_table(name).columns.values()
        headings = [heading for column in columns for heading in {column.name, column.dutch}]
        assert len(headings) == len(set(headings)), name
        for column in columns:
            words_of = [word for choice in column.choices for word in {choice, column.dutch_choices[choice]}]
            assert len(words_of) == len(set(words_of)), (name, column.name)


def test_environment_yml_is_equal_to_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    listed = {*conda[2:], *pip[:-1]}
    assert conda[:2] == [f"python{project['project']['requires-python']}", "pip"]
    assert listed == {*project["project"]["dependencies"], *project["dependency-groups"]["dev"]}
    assert pip[-1] == "--editable=."


def test_the_lock_pins_all_with_hashes_and_names_no_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    pinned = {re.match(r"([a-z0-9._-]+)==", entry)[1] for entry in entries}
    assert all("--hash=sha256:" in entry for entry in entries)
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    assert {re.match(r"[a-z0-9-]+", entry)[0] for entry in wanted} <= pinned
