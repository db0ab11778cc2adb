"""Every fact walks back to raw cells that exist, and recomputed from them by its formula it is the same."""

import csv
import json

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from nvslib import (
    attribution,
    capabilities,
    cascades,
    effectiveness,
    follow_up,
    impact,
    judgement,
    midterm,
    portfolio,
    review,
    scoring,
    shifts,
    uncertainty,
    weighing,
)
from nvslib.cycle import open_cycle
from nvslib.editions import load_edition
from nvslib.explanation import Explainer, Raw, Setting, Step
from nvslib.problems import Problem
from nvslib.project import Project, sha256
from nvslib.scales import class_positions, impact_label, impact_position, likelihood_bounds, likelihood_label
from nvslib.settings import read_settings
from nvslib.tables import load_table

PROJECT = Project.find()


@pytest.fixture(scope="module", params=PROJECT.cycles())
def explainer(request, made):
    return Explainer(made, request.param)


def ends(origin, seen=None):
    """Yield what an explanation ends in; a step that was seen before is not walked again."""
    seen = set() if seen is None else seen
    if not isinstance(origin, Step):
        yield origin
        return
    # Where nothing was reported there is nothing to say, and nothing that it was made from.
    told = origin.made_from or origin.value == "" or pd.isna(origin.value)
    assert told, f"{origin.table}.{origin.column} ends in nothing"
    if id(origin) not in seen:
        seen.add(id(origin))
        for behind in origin.made_from:
            yield from ends(behind, seen)


def recomputed(origin, again, known=None):
    """Return the value of a step from what it was made from, by its formula, written here a second time.

    ``again`` has per cycle what is only had by doing it again as a whole: draws, and orders among all scenarios.
    """
    known = {} if known is None else known
    if isinstance(origin, Raw):
        found = origin.corrected[0]["corrected"] if origin.column and origin.corrected else origin.found
        return class_of(found) if origin.column in ("low", "best", "high") else found
    if isinstance(origin, Setting):
        return origin.value
    cell = origin.file, tuple(origin.key.items()), origin.column
    if cell not in known:
        known[cell] = _recomputed(origin, again, known)
    return known[cell]


def _recomputed(origin, again, known):
    of_cycle = again[origin.file.split("/")[2]]
    for whole in (origin.table, f"{origin.table}.{origin.column}"):
        if whole in of_cycle:
            return of_cycle[whole](origin)
    behind = [recomputed(part, again, known) for part in origin.made_from]
    named = {getattr(part, "column", ""): value for part, value in zip(origin.made_from, behind, strict=True)}
    is_likelihood = "likelihood" in (origin.table, origin.key.get("criterion"))
    language = origin.column.rpartition("_")[2]
    formulas = {
        "count": lambda: len(behind),
        "pool-consensus": lambda: behind[0],
        "pool-performance": lambda: nearest(mean(origin, behind), is_likelihood),
        "position-consensus": lambda: class_positions(criterion_is_likelihood=is_likelihood)[behind[0]],
        "position-performance": lambda: mean(origin, behind),
        "member-position": lambda: class_positions(criterion_is_likelihood=is_likelihood)[behind[0]],
        "taken-over": lambda: behind[0],
        "position-value": lambda: 3 ** (behind[0] - 5) if behind[0] >= 1 else behind[0] / 81,
        "weights-equal": lambda: 1 / len(of_cycle["edition"].criteria),
        "contribution": lambda: named["weight"] * named["value"],
        "weighted-sum": lambda: sum(behind),
        "impact-position": lambda: float(impact_position(behind[0])),
        "impact-label": lambda: impact_label(behind[0], language),
        "likelihood-label": lambda: likelihood_label(behind[0], language),
        "likelihood-bounds": lambda: likelihood_bounds(behind[0])[origin.column == "to_percent"],
        "lowest-class": lambda: min(behind, key=class_positions(criterion_is_likelihood=is_likelihood).get),
        "highest-class": lambda: max(behind, key=class_positions(criterion_is_likelihood=is_likelihood).get),
        "withheld": lambda: sum(behind),
        "rank": lambda: rank_of(origin, behind),
        "shared-position": lambda: float(impact_position(shared_mean(origin, behind))),
        "in-which-cycles": lambda: which_of([part.file for part in origin.made_from], next(iter(again))),
        "difference": lambda: behind[0] - behind[1],
        **of_weighing(origin, behind),
    }  # fmt: skip
    return formulas[origin.formula.id]()


def of_weighing(origin, behind):
    """Return the formulas of the weighing that can be done from the cells at hand."""

    def own(column):
        """Return the value of the row itself among those of all rows."""
        return next(
            value
            for part, value in zip(origin.made_from, behind, strict=True)
            if part.column == column and part.key == origin.key
        )

    def of(column):
        return [value for part, value in zip(origin.made_from, behind, strict=True) if part.column == column]

    def by_size(column):
        return sorted(
            (-value, *part.key.values())
            for part, value in zip(origin.made_from, behind, strict=True)
            if part.column == column
        )

    def left(way):
        return next(value for part, value in zip(origin.made_from, behind, strict=True) if part.key["way"] == way)

    numbers = [float(value) for value in behind if str(value).replace(".", "", 1).isdigit()]
    return {
        "link-low": lambda: min(numbers),
        "link-best": lambda: sum(numbers) / len(numbers),
        "link-high": lambda: max(numbers),
        "link-mean": lambda: sum(numbers) / len(numbers),
        "likelihood-percent": lambda: float(uncertainty.likelihood_draws(behind[0])),
        "weighted-effects": lambda: sum(
            weight * (3 ** (place - 5) if place >= 1 else place / 81)
            for place, weight in zip(of("with_effects"), of("weight"), strict=True)
        ),
        "high-less-low": lambda: behind[0] - behind[1],
        "rank-of-swing": lambda: by_size("swing").index((-own("swing"), *origin.key.values())) + 1,
        "gap": lambda: max(numbers[0] - numbers[1], 0),
        "gap-mean": lambda: sum(behind) / len(behind),
        "gap-count": lambda: sum(value > 0 for value in behind),
        "gap-share": lambda: own("weighted") / sum(of("weighted")),
        "rank-of-gap": lambda: by_size("weighted").index((-own("weighted"), *origin.key.values())) + 1,
        "sum": lambda: sum(behind),
        "loss": lambda: behind[0] / 100 * behind[1],
        "rank-of-loss": lambda: 1 + sum(value > own("loss") + 1e-11 for value in behind),
        "share": lambda: own("loss") / sum(behind),
        "highest": lambda: min(behind),
        "highest-by": lambda: who(origin, behind, min(behind)),
        "lowest": lambda: max(behind),
        "lowest-by": lambda: who(origin, behind, max(behind)),
        "places": lambda: behind[0] - behind[1],
        "highest-loss": lambda: by_size("loss")[0][1],
        "tally": lambda: behind.count(origin.key[list(origin.key)[-1]]),
        "stance": lambda: {0: "never", 1: "always"}.get(behind[0], "depends"),
        "budget": lambda: behind[0],
        "price-of-silos": lambda: left("silos") - left("integral"),
        "price-share": lambda: (left("silos") - left("integral")) / (left("nothing") - left("integral")),
        "theme-gap": lambda: theme_gap(of("loss"), of("gap")),
    }


def who(origin, values, wanted):
    """Return the departments that give a rank, in order of name."""
    given = zip(origin.made_from, values, strict=True)
    return ", ".join(sorted(part.key["department"] for part, value in given if value == wanted))


def theme_gap(losses, gaps):
    """Return the mean of the gaps that are known, weighted with their losses."""
    known = [(loss, gap) for loss, gap in zip(losses, gaps, strict=True) if gap >= 0]
    return sum(loss * gap for loss, gap in known) / sum(loss for loss, _ in known)


def class_of(found):
    """Return a class as it is kept, from the ways in which the bundled cycles write it: c-high, D hoog."""
    letter, _, end = found.strip().replace(" ", "-").partition("-")
    return letter.upper() + ("-" + {"hoog": "high", "laag": "low"}.get(end, end) if end else "")


def mean(origin, values):
    """Return the weighted mean of the positions of the members of a cell, each weight with the position of its own."""
    weights, positions = {}, {}
    for part, value in zip(origin.made_from, values, strict=True):
        (weights if part.column == "weight" else positions)[part.key["assessor"]] = value
    return sum(weights[assessor] * position for assessor, position in positions.items())


def which_of(files, cycle):
    """Return in which of two cycles something stands, from the files in which it does; the later cycle is given."""
    now = [f"/{cycle}/" in file for file in files]
    return "both" if len(now) > 1 else "new" if now == [True] else "gone"


def shared_mean(origin, values):
    """Return the mean value over the criteria of the edition of 2019, which all are in that of 2022 too."""
    shared = set(load_edition("2019").criteria)
    kept = [value for part, value in zip(origin.made_from, values, strict=True) if part.key["criterion"] in shared]
    return sum(kept) / len(shared)


def nearest(position, is_likelihood):
    """Return the class nearest to a position, the higher of two at the same distance; no middle subclass."""
    scale = {n: p for n, p in class_positions(criterion_is_likelihood=is_likelihood).items() if not n.endswith("-mid")}
    return min(scale, key=lambda name: (round(abs(scale[name] - position), 9), -scale[name]))


def rank_of(origin, values):
    """Return one more than the number of values above the scenario's own."""
    own = next(
        value
        for part, value in zip(origin.made_from, values, strict=True)
        if part.key["scenario"] == origin.key["scenario"]
    )
    return 1 + sum(value > own + 1e-11 for value in values)


def test_every_fact_ends_in_raw_cells_that_exist(explainer, made):
    files, seen = {}, set()
    for name in explainer.facts:
        for end in ends(explainer.explain(name), seen):
            path = made.root / end.file
            if isinstance(end, Setting):
                assert path in {made.cycle_file(name) for name in made.cycles()}
                continue
            if path not in files:
                files[path] = sha256(path), sheets_of(path)
            digest, sheets = files[path]
            assert end.sha256 == digest
            row = sheets[end.sheet][end.row - 1]
            if end.column:
                header = next(cells for cells in sheets[end.sheet] if end.heading in cells)
                cell = row[header.index(end.heading)]
                whole = isinstance(cell, float) and cell.is_integer()
                assert str(int(cell) if whole else cell) == end.found
            else:
                assert any(row)


def sheets_of(path):
    """Return the rows of every sheet of a raw file, read without the library."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return {"": list(csv.reader(file))}
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def done_again(explainer, made):
    """Return what is only had by doing it again as a whole, table by table: a function from a step to its value."""
    cycle = open_cycle(explainer.cycle, project=made)
    if "scoring" not in read_settings(made, explainer.cycle).stages:
        return {"edition": cycle.edition}
    assessments, sampling = made.read_table(explainer.cycle, "assessments"), cycle.sampling
    weights = None
    if cycle.pooling == "performance":
        experts = scoring.experts(
            *(made.read_table(explainer.cycle, name) for name in ("seed_answers", "seed_questions"))
        )
        weights = dict(zip(experts["assessor"], experts["weight"], strict=True))
    sample = scoring.sampled(assessments, weights, cycle.weights, sampling.count, sampling.seed, sampling.dependence)
    members = judgement.members(assessments, weights).set_index(["scenario", "criterion", "assessor"])["weight"]
    judgements = judgement.pooled(assessments, cycle.pooling, weights)
    orders = scoring.orders(judgements, cycle.edition, cycle.weights)
    orders = orders.set_index(["scenario", "aggregator"])["rank"]
    intervals = sample.intervals.set_index("scenario")
    overall = made.read_table(explainer.cycle, "impact")
    order = overall[overall["bound"] == "best"].sort_values(["rank", "scenario"])["scenario"]
    robustness = scoring.robustness(sample, list(order)).set_index("scenario")
    written = made.read_table(explainer.cycle, "judgements")
    room = scoring.weight_sensitivity(written, cycle.weights).set_index("criterion")
    scenarios = made.read_table(explainer.cycle, "scenarios")
    alike = scoring.among_its_like(scenarios, overall).set_index("scenario")
    return {
        "edition": cycle.edition,
        "intervals": lambda step: intervals.loc[step.key["scenario"], step.column],
        "robustness": lambda step: robustness.loc[step.key["scenario"], step.column],
        "orders": lambda step: orders.loc[(step.key["scenario"], step.key["aggregator"])],
        "weight_sensitivity": lambda step: room.loc[step.key["criterion"], step.column],
        "among_its_like": lambda step: alike.loc[step.key["scenario"], step.column],
        **withheld_again(cycle),
        **compared_again(explainer, made),
        **weighed_again(explainer, made),
        **reviewed_again(explainer, made),
        **evaluated_again(explainer, made),
        "members.weight": lambda step: members.loc[tuple(step.key.values())],
    }


def withheld_again(cycle):
    """Return how many rows of a table are withheld, counted in the files as delivered and in those that were used."""
    levels = load_table("scenarios").columns["classification"].choices
    above = levels[levels.index(cycle.level) + 1 :]
    everything = cycle.raw().tables

    def marked(step):
        return int(everything[step.key["table"]].cells["classification"].isin(above).sum())

    def names(step):
        table = step.key["table"]
        return len(everything[table].cells) - len(cycle.table(table)) - marked(step)

    return {"withheld.marked": marked, "withheld.names": names}


def compared_again(explainer, made):
    """Return what the comparison with the previous cycle has of draws, done again; nothing without one."""
    cycle = open_cycle(explainer.cycle, project=made)
    if "look_back" not in read_settings(made, explainer.cycle).stages:
        return {}
    sampling = cycle.sampling
    table = review.compared(
        *((made.read_table(name, "judgements"), made.read_table(name, "members"))
          for name in (cycle.previous, explainer.cycle)),
        sampling.count, sampling.seed, sampling.dependence,
    ).set_index("scenario")  # fmt: skip
    columns = ("impact_higher", "likelihood_higher")
    old = [made.read_table(cycle.previous, name) for name in ("measures", "progress", "departments")]
    became = follow_up.continued(follow_up.statuses(*old), old[0], made.read_table(explainer.cycle, "measures"))
    became = became.set_index("measure")
    return {
        **{f"comparison.{column}": lambda step: table.loc[step.key["scenario"], step.column] for column in columns},
        "continued": lambda step: became.loc[step.key["measure"], step.column],
    }


def reviewed_again(explainer, made):
    """Return the tables of the mid-term review, done again; nothing without one."""
    cycle = open_cycle(explainer.cycle, project=made)
    if "midterm_review" not in read_settings(made, explainer.cycle).stages:
        return {}

    def read(name):
        return made.read_table(explainer.cycle, name)

    weights, as_of, measures = None, cycle.as_of, read("measures")
    if cycle.pooling == "performance":
        weights = read("experts").set_index("assessor")["weight"].to_dict()
    pooled = judgement.pooled(read("reassessments"), cycle.pooling, weights)
    moved = shifts.shifts(read("assessments"), read("reassessments"), read("judgements"), pooled, cycle.weights)
    progress = read("progress")
    dates = sorted(date for date in set(progress["date"]) if date <= as_of)
    statuses = follow_up.statuses(measures, progress, read("departments"), dates)
    return by_cell({
        "judgements_again": pooled,
        "impact_again": impact.weighted_sum(impact.contributions(pooled, cycle.weights)),
        "shifts": moved,
        "signals": shifts.signals(read("indicators"), read("observations"), as_of),
        "own_statuses": follow_up.own_statuses(measures, progress, read("departments"), dates),
        "statuses": statuses,
        "totals": follow_up.totals(statuses),
        "funnel": follow_up.funnel(statuses),
        "department_progress": follow_up.departments(statuses),
        "promises": follow_up.promises(statuses, measures, as_of),
        "advice": midterm.decisions(statuses, moved, read("measure_effects"), measures, as_of),
        "advice_counts": midterm.summary(read("advice")),
    }, {
        "judgements_again": ("position", "class"), "impact_again": ("value",),
        "shifts": ("assessors", "moved", "low", "high", "probability", "p", "verdict"), "signals": ("latest", "change"),
        "own_statuses": ("status", "expected", "spent", "planned_spending"),
        "statuses": ("status", "delay", "spent", "planned_spending"), "totals": ("measures",), "funnel": ("measures",),
        "department_progress": ("due", "reported", "delayed", "overdue", "done", "stopped", "not_reported", "delay",
                                "spent", "planned_spending"),
        "promises": ("days",), "advice": ("picture", "status", "advice"), "advice_counts": ("measures",),
    })  # fmt: skip


def evaluated_again(explainer, made):
    """Return the tables of the evaluation of effectiveness, done again; nothing without one."""
    cycle = open_cycle(explainer.cycle, project=made)
    if "effectiveness" not in read_settings(made, explainer.cycle).stages:
        return {}

    def read(name):
        return made.read_table(explainer.cycle, name)

    indicators, observations, measures, as_of = (
        read("indicators"), read("observations"), read("measures"), cycle.evaluated_on
    )  # fmt: skip
    progress = read("progress")
    dates = sorted(date for date in set(progress["date"]) if date <= as_of)
    goals = effectiveness.goals(indicators, observations, as_of)
    effects = attribution.effects(indicators, observations, as_of)
    series, checks = (
        attribution.series(indicators, observations, as_of),
        attribution.checks(indicators, observations, as_of),
    )
    evidence = effectiveness.evidence(effects, checks, indicators, series)
    statements = effectiveness.statements(goals, evidence, indicators, series)
    spending = effectiveness.spending(follow_up.statuses(measures, progress, read("departments"), dates), as_of)
    compared = effectiveness.expectations(
        effects, evidence, indicators, effectiveness.part_effects(read("measure_effects"), measures), measures
    )
    evaluated = effectiveness.overview(measures, read("measure_effects"), indicators, evidence, statements)
    interval = ("effect", "low", "high")
    return by_cell({
        "goals": goals,
        "effects": effects,
        "effect_checks": checks,
        "evidence": evidence,
        "statements": statements.merge(effectiveness.sentences(effects, evidence, indicators), on="indicator"),
        "spending": spending,
        "efficiency": effectiveness.efficiency(effects, evidence, indicators, series, spending, measures),
        "expected_and_seen": compared,
        "residual_risk": effectiveness.residual(compared, read("risks").set_index("scenario")["loss"]),
        "evaluated": evaluated,
        "known_spending": effectiveness.known(evaluated).astype({"grade": str}),
        "agenda": effectiveness.agenda(evaluated),
    }, {
        "goals": ("baseline", "target", "latest", "low", "high", "expected", "verdict"),
        "effects": (*interval, "p", "level", "slope", "autocorrelation", "periods_before", "periods_after"),
        "effect_checks": ("value", "p", "verdict"),
        "evidence": ("asked", "grade", "verdict"),
        "statements": ("word", "sentence_nl", "sentence_en"),
        "spending": ("spent",),
        "efficiency": ("units", "units_low", "units_high", "cost_per_unit", "low", "high"),
        "expected_and_seen": ("expected_low", "expected", "expected_high", "cost_per_point", "rank", "observed"),
        "residual_risk": ("loss_expected", "loss_shown", "loss_shown_low", "loss_shown_high"),
        "evaluated": ("grade",), "known_spending": ("measures", "cost_per_year", "share"),
        "agenda": ("measures", "cost_per_year"),
    })  # fmt: skip


def by_cell(tables, columns):
    """Return for each column of a table a function from a step to its value in it."""
    indexed = {name: table.set_index(list(load_table(name).key)) for name, table in tables.items()}

    def value(step, name):
        key = tuple(step.key.values())
        return indexed[name][step.column].loc[key if len(key) > 1 else key[0]]

    return {
        f"{name}.{column}": lambda step, name=name: value(step, name) for name, of in columns.items() for column in of
    }


def weighed_again(explainer, made):
    """Return what the weighing has of draws and of whole tables, done again; nothing without one."""
    cycle = open_cycle(explainer.cycle, project=made)
    if "weighing" not in read_settings(made, explainer.cycle).stages:
        return {}

    def read(name):
        return made.read_table(explainer.cycle, name)

    draws, judgements = cycle.weighing.draws, read("judgements")
    drawn = cascades.drawn(read("network"), set(judgements["scenario"]), draws.network, draws.seed)
    likelihood = weighing.likelihood(judgements)
    units = {name: one.thresholds.begin for name, one in cycle.edition.criteria.items() if one.thresholds}
    impacts = read("with_effects")
    values = impacts[impacts["bound"] == "best"].set_index("scenario")["own"]
    gaps, risks, measures, effects = (read(n) for n in ("capability_gaps", "risks", "measures", "measure_effects"))
    again = {
        "reach": cascades.reach(drawn),
        "with_causes": cascades.with_causes(drawn, likelihood),
        "causes": cascades.causes(drawn, likelihood),
        "triggered": cascades.triggered(drawn, judgements, units),
        "link_importance": cascades.link_importance(drawn, likelihood, values),
        "element_gaps": capabilities.element_gaps(read("capability_levels")),
        "capability_gaps": capabilities.capability_gaps(read("element_gaps")),
        "served": capabilities.served(
            gaps[gaps["scenario"].isin(risks["scenario"])], risks.set_index("scenario")["loss"]
        ),
        "risks": weighing.risks(read("with_causes"), impacts, gaps, effects, measures),
        "views": weighing.views(
            judgements, cycle.edition, cycle.weighing.views, risks.set_index("scenario")["percent"]
        ),
        "themes": weighing.themes(
            read("scenarios"), risks.drop(columns="theme_en"), gaps, read("capabilities"), measures, effects
        ),
    }  # fmt: skip
    again |= chosen_again(cycle, read, gaps)
    of_draws = {
        "reach": ("low", "mean", "high"),
        "with_causes": ("percent",),
        "causes": ("adds",),
        "triggered": ("with_effects",),
        "link_importance": ("low", "high"),
        "element_gaps": ("probability",),
        "capability_gaps": ("widest",),
        "served": ("scenarios", "weighted"),
        "risks": ("measures", "options"),
        "views": ("loss",),
        "themes": ("widest", "owners", "measures", "options"),
        "portfolio": ("chosen", "silo", "share", "saves"),
        "ways": ("cost", "measures", "loss", "low", "high"),
        "price": ("low", "high", "worse"),
        "frontier": ("cost", "measures", "loss", "low", "high"),
        "decision_counts": ("decisions",),
    }
    return by_cell(again, of_draws)


def chosen_again(cycle, read, gaps):
    """Return the tables of the choice of measures, done again."""
    settings, measures, effects = cycle.weighing, read("measures"), read("measure_effects")
    draws, risks = settings.draws, read("risks")
    sample = uncertainty.draws(
        read("members"), {"given": cycle.weights}, draws.measures, draws.seed, dependence=cycle.sampling.dependence
    )
    losses = sample.likelihoods / 100 * sample.impacts["given"]
    options, limits = (
        portfolio.options(measures, effects),
        portfolio.Limits(settings.budget_per_year, settings.capacity),
    )
    gaps = gaps[gaps["scenario"].isin(risks["scenario"])]
    expected = portfolio.expected(options, effects, losses.mean(), gaps)
    over_draws = portfolio.drawn(options, effects, losses, gaps, draws.seed)
    ways, sets = portfolio.ways(options, expected, over_draws, limits)
    surely = portfolio.stances(options, over_draws, limits)
    decisions = weighing.decisions(
        risks, read("differing"), read("portfolio"), read("served").drop(columns="owner"), read("link_importance"),
        measures, read("capabilities"),
    )  # fmt: skip
    frontier = portfolio.frontier(options, expected, over_draws, limits, list(read("frontier")["budget"]))
    return {
        "portfolio": portfolio.portfolio(options, expected, sets, surely),
        "ways": ways,
        "price": portfolio.price(expected, over_draws, sets),
        "frontier": frontier.astype({"budget": str}),
        "decision_counts": decisions["kind"].value_counts().rename("decisions").reset_index(),
    }


def test_every_fact_is_what_its_formula_makes_of_the_raw_cells(explainer, made):
    again, known = {explainer.cycle: done_again(explainer, made)}, {}
    if "look_back" in read_settings(made, explainer.cycle).stages:
        again[explainer.previous.cycle] = done_again(explainer.previous, made)
    for name, fact in explainer.facts.items():
        step = explainer.explain(name)
        value = recomputed(step, again, known)
        # Tables keep twelve digits, so what is left of a difference near 0 is as exact as its terms and not as itself.
        close = {"rel": 1e-10, "abs": 1e-11} if step.formula.id in ("difference", "high-less-low") else {"rel": 1e-10}
        assert value == (pytest.approx(fact.value, **close) if isinstance(fact.value, float) else fact.value), name


def test_every_weight_is_what_the_setting_says(explainer):
    weights = [fact.value for fact in explainer.facts.values() if fact.table == "weights"]
    scored = "scoring" in read_settings(explainer.project, explainer.cycle).stages
    assert sum(weights) == (pytest.approx(1) if scored else 0)


def test_the_facts_that_must_be_there(made):
    facts = Explainer(made, "nrb-2014").facts
    for scenario in ("lek-dike-breach", "far-right-extremism", "criminal-trojan-horse"):
        for part in ("", ".low", ".high", ".position", ".label"):
            assert f"impact.{scenario}{part}" in facts
        for part in ("", ".label"):
            assert f"likelihood.{scenario}{part}" in facts
    assert facts["impact.lek-dike-breach"].value == pytest.approx(0.1630, abs=5e-5)
    assert facts["likelihood.lek-dike-breach"].value == "C"


def test_an_unknown_fact_names_those_near_it(made):
    with pytest.raises(Problem, match=r"Near it: impact\.lek-dike-breach"):
        Explainer(made, "nrb-2014").explain("impact.lek-dyke-breach")


def test_the_explanation_of_one_impact(made):
    step = Explainer(made, "nrb-2014").explain("impact.lek-dike-breach")
    assert (step.formula.id, step.formula.basis, len(step.made_from)) == ("weighted-sum", "reproduced", 10)
    raw = [end for end in ends(step) if isinstance(end, Raw)]
    assert [end.row for end in raw] == list(range(24, 34))
    assert {end.said["assessor"] for end in raw} == {"panel"}
    assert raw[0].said["reason"] == "A region stays flooded for ten months."
    assert (
        json.loads(json.dumps(step.record()))["made_from"][0]["formula"]["expression"]
        == "contribution = w_c * value(class)"
    )
