"""Draw the illustrative cycles nvs-2019 and vsk-2023: the raw tables as delivered, and the truth planted in them.

Run as ``python data/illustrative/make.py``. Every run writes the same. All texts and numbers to begin from stand in
the YAML files beside this script; names of measures and risks come from the strategies, in ``data/reference``.
"""

# ruff: noqa: PLR2004 - its plain numbers are chances and widths of what is drawn

from __future__ import annotations

import datetime as dt
import zlib
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import yaml
from deliver import Rows, as_tables, as_workbooks, plain

from nvslib import scales
from nvslib.editions import load_edition
from nvslib.tables import load_table

HERE = Path(__file__).resolve().parent
DATA = HERE.parent
STATUS_FROM = 0.4  # a planted delay shows from this share of the planned time on
PARTS = {  # how far best lies from low and from high, in classes: chance of 0, 1 and 2; and the spread of the noise
    "well": ((0.2, 0.6, 0.2), 0.45),
    "ordinary": ((0.4, 0.5, 0.1), 0.55),
    "overconfident": ((0.95, 0.05, 0.0), 0.9),
}
ANSWER_WIDTH = {"well": 1.0, "ordinary": 0.6, "overconfident": 0.15}


def read(name: str) -> Any:
    """Return the content of a YAML file beside this script."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))


def reference(name: str) -> pd.DataFrame:
    """Return a reference table as text."""
    return pd.read_csv(DATA / "reference" / f"{name}.csv", dtype=str, keep_default_na=False)


def day(text: str) -> dt.date:
    """Return the day that a text such as 2021-12-31 tells."""
    return dt.date.fromisoformat(text)


def rounded(value: float, digits: int = 6) -> float:
    """Return a value to so many significant digits."""
    return float(f"{value:.{digits}g}")


def months_on(date: dt.date, months: int) -> dt.date:
    """Return the last day of the month so many months on."""
    return (pd.Timestamp(date) + pd.DateOffset(months=months) + pd.offsets.MonthEnd(0)).date()


class Illustration:
    """One illustrative cycle: its rows per table, drawn one table at a time, and the truth that is planted."""

    def __init__(self, name: str) -> None:
        cycles, people = read("cycles"), read("people")
        self.name, self.settings, self.texts = name, cycles[name], read("texts")
        self.tilts, self.all_links = cycles["tilts"], cycles["links"]
        self.people, self.plan = people, read("measures")[name]
        self.edition = load_edition(self.settings["edition"])
        self.scenarios = {one["scenario"]: one for one in read("scenarios") if name in one["in"]}
        self.status = {scenario: one["in"][name] for scenario, one in self.scenarios.items()}
        facts = reference("cycle-facts").set_index("key")["value"]
        self.themes = {
            n: {language: facts[f"risk-2022-theme-{n}-{language}"] for language in scales.LANGUAGES}
            for n in range(1, 10)
        }
        self.rows: dict[str, Rows] = {}
        self.truth: dict[str, Any] = {}

    def rng(self, what: str) -> np.random.Generator:
        """Return the random numbers for one purpose; independent of those for every other."""
        return np.random.default_rng(np.random.SeedSequence([self.settings["seed"], zlib.crc32(what.encode())]))

    def draw(self) -> None:
        """Draw all tables, mark their rows as illustrative, and spoil the cells that the corrections mend."""
        steps = (self.describe, self.judge, self.link, self.answer_seeds, self.need, self.measure, self.expect,
                 self.progress, self.observe, self.respond)  # fmt: skip
        for step in steps:
            step()
        for rows in self.rows.values():
            for row in rows:
                row.setdefault("classification", "public")
                row["basis"] = "illustrative"
        self.correct()

    # What there is

    def describe(self) -> None:
        """Tell of scenarios, assessors and departments, and advise the public."""
        risks = reference("risks-2019").set_index("id")["risk_category_en"]
        old = self.name == "nvs-2019"
        self.rows["scenarios"] = [
            {
                "scenario": name, "title_nl": one["nl"], "title_en": one["en"], "kind": one["kind"],
                "onset": one["onset"], "horizon": one.get("horizon"), "status": self.status[name],
                "theme_nl": self.themes[one["theme"]]["nl"], "theme_en": self.themes[one["theme"]]["en"],
                "description_nl": one["about_nl"], "description_en": one["about_en"],
                "source": f"After risk category {risks[one['risk']]} (strategy of 2019, Annex 1); own text"
                if old else "After a theme of the nationwide risk analysis of 2022; own text",
            }
            for name, one in self.scenarios.items()
        ]  # fmt: skip
        self.rows["assessors"] = [
            {"assessor": name, "organisation": one["organisation"], "expertise": one["expertise"]}
            for name, one in self.people["assessors"].items()
        ]
        names = self.people["departments"]
        continues = self.plan.get("renamed", {})
        self.rows["departments"] = [
            {"department": code, "name_nl": f"Ministerie van {names[code][0]}",
             "name_en": f"Ministry of {names[code][1]}", "continues": continues.get(code)}
            for code in self.settings["departments"]
        ]  # fmt: skip
        self.rows["public_advice"] = [
            {"scenario": name} | {
                f"{part}_{language}": text
                for part, texts in self.texts["advice"][one["theme"]].items()
                for language, text in zip(scales.LANGUAGES, texts, strict=True)
            }
            for name, one in self.scenarios.items()
        ]  # fmt: skip

    # What is judged

    def positions(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return the planted position of every scenario on every criterion, before and after the mid-term review."""
        rng = self.rng("positions")
        before: dict[str, dict[str, float]] = {}
        after: dict[str, dict[str, float]] = {}
        for name, one in self.scenarios.items():
            shift = self.settings["shifts"].get(name, {})
            before[name] = {"likelihood": float(one["likelihood"])}
            after[name] = {"likelihood": round(one["likelihood"] + shift.get("likelihood", 0), 2)}
            for criterion, entry in self.edition.criteria.items():
                base = one["impact"][int(entry.interest) - 1]
                tilt = self.tilts.get(criterion, {})
                placed = base + tilt.get(one["theme"], tilt.get("default", 0)) + 0.35 * rng.standard_normal()
                placed = 0.0 if base <= 0.2 or placed < 0.4 else min(round(float(placed), 2), 5.0)
                moved = placed + shift.get(entry.interest, 0) if placed else 0.0
                before[name][criterion] = placed
                after[name][criterion] = round(min(max(moved, 0.0), 5.0), 2)
        return {"before": before, "after": after}

    def judge(self) -> None:
        """Judge every scenario before and, by the same assessors, at the mid-term review."""
        truth = self.positions()
        criteria = ["likelihood", *self.edition.criteria]
        cells = pd.DataFrame(
            [
                (scenario, criterion, assessor)
                for scenario, one in self.scenarios.items()
                for criterion in criteria
                for assessor, who in self.people["assessors"].items()
                if one["theme"] in who["themes"]
            ],
            columns=["scenario", "criterion", "assessor"],
        )
        rng = self.rng("judgements")
        first, again, below, above = (rng.random(len(cells)) for _ in range(4))
        inverse = np.vectorize(NormalDist().inv_cdf)
        before, fresh = inverse(first), inverse(again)
        moods = rng.normal(0, 0.12, len(self.people["assessors"]))
        mood = dict(zip(self.people["assessors"], moods, strict=True))
        for table, when, noise, skipped in (
            ("assessments", "before", before, "added"),
            ("reassessments", "after", 0.7 * before + 0.714 * fresh, "retired"),
        ):
            share = 0.33 if when == "before" else 0.2
            rows = []
            for at, (scenario, criterion, assessor) in enumerate(cells.itertuples(index=False)):
                if self.status[scenario] == skipped:
                    continue
                who = self.people["assessors"][assessor]
                placed = truth[when][scenario][criterion] + mood[assessor]
                low, best, high = self.classes(criterion, placed, who, noise[at], below[at], above[at])
                rows.append({"scenario": scenario, "criterion": criterion, "assessor": assessor,
                             "low": low, "best": best, "high": high})  # fmt: skip
            self.comment(table, rows, share)
            self.rows[table] = rows
        people = self.people["assessors"]
        self.truth |= {
            "positions": truth,
            "shifted": self.settings["shifts"],
            "assessors": {
                "well_calibrated": [name for name, who in people.items() if who["answers"] == "well"],
                "overconfident": [name for name, who in people.items() if who["answers"] == "overconfident"],
                "biased": {name: who["bias"] for name, who in people.items() if who.get("bias")},
            },
        }

    def classes(
        self, criterion: str, placed: float, who: dict[str, Any], noise: float, below: float, above: float
    ) -> tuple[str, str, str]:
        """Return the low, best and high class of one assessor for a planted position on a criterion."""
        chances, spread = PARTS[who["answers"]]
        down, up = (int(np.searchsorted(np.cumsum(chances), u)) for u in (below, above))
        names = list(scales.class_positions(criterion_is_likelihood=criterion == "likelihood").items())
        if criterion == "likelihood":
            names = [(name, at) for name, at in names if not name.endswith("-mid")]
            down, up, spread = 2 * down, 2 * up, 0.6 * spread
        elif placed < 0.4:  # planted as not applicable, which hardly anybody mistakes
            best = int(noise > 1.6)
            return "X", names[best][0], names[max(best, int(up > 1))][0]
        aimed = placed + who.get("bias", 0) + spread * noise
        best = int(np.argmin([abs(at - aimed) for _, at in names]))
        return names[max(best - down, 0)][0], names[best][0], names[min(best + up, len(names) - 1)][0]

    def comment(self, table: str, rows: Rows, share: float) -> None:
        """Say how strong the knowledge behind each row is, and on some rows why; a handful bears a marking."""
        rng = self.rng(f"comments on {table}")
        reasons = self.texts["reasons"]
        for row in rows:
            sure = self.people["assessors"][row["assessor"]]["answers"] == "overconfident"
            row["confidence"] = "high" if sure else str(rng.choice(["low", "medium", "high"], p=[0.25, 0.5, 0.25]))
            told = rng.random() < share
            about = reasons["none"] if row["best"] == "X" else reasons[row["criterion"]] * 2 + reasons["any"]
            reason = str(rng.choice(about))
            row["reason"] = reason if told else None
        for marking, texts in self.texts["guarded"].items():
            for at in rng.choice(len(rows), 4, replace=False):
                rows[at] |= {"reason": str(rng.choice(texts)), "classification": marking}

    def link(self) -> None:
        """Draw the conditional probabilities; some links are judged from the side of the effect too."""
        rng = self.rng("links")
        known = [(c, e, p) for c, effects in self.all_links.items() for e, p in effects.items()
                 if c in self.scenarios and e in self.scenarios]  # fmt: skip
        asked = [known[at] for at in sorted(rng.choice(len(known), self.settings["links"], replace=False))]
        twice = set(rng.choice(len(asked), self.settings["links_twice"], replace=False))
        self.rows["links"] = []
        for at, (cause, effect, planted) in enumerate(asked):
            for side in ("cause", "effect")[: 2 if at in twice else 1]:
                best = planted if side == "cause" else min(planted * rng.uniform(0.7, 1.4), 0.95)
                low, high = best * rng.uniform(0.3, 0.8), min(best * rng.uniform(1.2, 2.0), best + 0.7 * (1 - best))
                reason = str(rng.choice(self.texts["link_reasons"]))
                self.rows["links"].append(
                    {"cause": cause, "effect": effect, "judged_from": side, "low": round(low, 3),
                     "best": round(best, 3), "high": round(max(high, best), 3),
                     "reason": reason if rng.random() < 0.5 else None}
                )  # fmt: skip
        self.truth["links"] = [{"cause": cause, "effect": effect, "probability": p} for cause, effect, p in asked]

    def answer_seeds(self) -> None:
        """Answer the seed questions: the well-calibrated are right just as often as they say."""
        rng = self.rng("seeds")
        asked = {name: one for name, one in self.people["seed_questions"].items() if self.name in one["answer"]}
        self.rows["seed_questions"] = [
            {"question": name, "text_nl": one["nl"], "text_en": one["en"], "unit": one["unit"], "scale": one["scale"],
             "realisation": one["answer"][self.name], "source": "illustrative; public figures, rounded"}
            for name, one in asked.items()
        ]  # fmt: skip
        self.rows["seed_answers"] = []
        for assessor, who in self.people["assessors"].items():
            # Spread evenly over the quantiles, so that the answers miss the truth neither by luck nor by bad luck.
            errors = [NormalDist().inv_cdf((at + 0.5) / len(asked)) for at in rng.permutation(len(asked))]
            for (name, one), error in zip(asked.items(), errors, strict=True):
                log = one["scale"] == "log"
                true = np.log(one["answer"][self.name]) if log else one["answer"][self.name]
                middle = true + one["spread"] * (error + 0.5 * who.get("bias", 0))
                half = 1.645 * one["spread"] * ANSWER_WIDTH[who["answers"]] * rng.uniform(0.95, 1.05)
                given = [np.exp(q) if log else q for q in (middle - half, middle, middle + half)]
                self.rows["seed_answers"].append(
                    {"question": name, "assessor": assessor}
                    | {f"q{q}": rounded(value, 5) for q, value in zip(("05", "50", "95"), given, strict=True)}
                )

    # What is needed and done

    def need(self) -> None:
        """Draw what each scenario needs of two or three capabilities, element by element, and what there is."""
        rng = self.rng("capabilities")
        capabilities, now = self.people["capabilities"], {v: k for k, v in self.plan.get("renamed", {}).items()}
        self.rows["capabilities"] = [
            {"capability": name, "title_nl": one["nl"], "title_en": one["en"], "owner_kind": one["owner_kind"],
             "owner": now.get(one["owner"], one["owner"])}
            for name, one in capabilities.items()
        ]  # fmt: skip
        self.rows["capability_levels"] = []
        elements = load_table("capability_levels").columns["element"].choices
        for name, scenario in self.scenarios.items():
            fitting = [one for one, entry in capabilities.items() if scenario["theme"] in entry["themes"]]
            for capability in sorted(rng.choice(fitting, min(len(fitting), int(rng.integers(2, 4))), replace=False)):
                for element in elements:
                    needed = np.clip(2 + 0.5 * max(scenario["impact"]) + rng.normal(0, 0.25), 0.5, 4.8)
                    there = np.clip(needed - capabilities[capability]["gap"] + rng.normal(0, 0.25), 0.1, 4.9)
                    row = {"scenario": name, "capability": str(capability), "element": element}
                    for what, level in (("needed", needed), ("available", there)):
                        bounds = (level - rng.uniform(0.2, 0.8), level, level + rng.uniform(0.2, 0.8))
                        row |= {f"{what}_{bound}": round(float(np.clip(value, 0, 5)), 1)
                                for bound, value in zip(scales.BOUNDS, bounds, strict=True)}  # fmt: skip
                    reason = str(rng.choice(self.people["capability_reasons"]))
                    row["reason"] = reason if rng.random() < 0.2 else None
                    self.rows["capability_levels"].append(row)
        self.truth["gaps"] = {name: one["gap"] for name, one in capabilities.items()}

    def published(self) -> Rows:
        """Return the measures as the strategies name them, with their group (issue or line), and the options."""
        plan, strategy = self.plan, self.settings["strategy"]
        told: Rows = []
        if self.name == "nvs-2019":
            for row in reference("strategy-2019").to_dict("records"):
                group, lead = row["issue_en"], row["lead"].split(";")[0]
                told.append({"measure": row["id"], "group": group, "title_nl": row["measure_nl"],
                             "title_en": row["measure_en"], "line_nl": row["issue_nl"], "line_en": group,
                             "lead": lead, "section": row["section"], "budget": row["named_budget_eur"]})  # fmt: skip
            return self.led(told)
        lines = {}
        for row in reference("strategy-2023").to_dict("records"):
            lines[row["line"]] = {
                "line_nl": row["line_title_nl"],
                "line_en": row["line_title_en"],
                "group": row["line"],
            }
            told.append(lines[row["line"]] | {"measure": row["id"], "title_nl": row["priority_nl"], "lead": "",
                                              "title_en": row["priority_en"], "section": row["section"]})  # fmt: skip
        for code, part in plan["split"]["parts"].items():
            whole = next(row for row in told if row["measure"] == plan["split"]["measure"])
            told.append(whole | {"measure": code, "title_nl": part["nl"], "title_en": part["en"],
                                 "part_of": whole["measure"]})  # fmt: skip
        for code, one in plan["options"].items():
            told.append(lines[str(one["line"])] | {
                "measure": code, "title_nl": one["nl"], "title_en": one["en"], "lead": one["lead"], "option": True,
                "cost_per_year": one["cost"], "source": f"Made up as an option beside the {strategy}",
            })  # fmt: skip
        return self.led(told)

    def led(self, told: Rows) -> Rows:
        """Add to every measure which department leads it and on which scenarios it may act."""
        plan = self.plan
        for row in told:
            group = plan["groups"][row["group"]]
            code = row.get("part_of", row["measure"])
            row["department"] = row["lead"] or plan["leads"].get(code, group["lead"])
            own = plan["options"][code]["scenarios"] if row.get("option") else plan["scenarios"].get(code)
            row["own"], row["scenarios"] = bool(own), own or group["scenarios"]
        return told

    def measure(self) -> None:
        """Draw dates, costs and capacity for every measure."""
        rng = self.rng("measures")
        plan, settings = self.plan, self.settings
        starts = pd.date_range(*settings["starts"], freq="QS")
        columns = ("measure", "department", "title_nl", "title_en", "line_nl", "line_en")
        self.told = self.published()
        self.rows["measures"] = []
        for told in self.told:
            code = told["measure"]
            start = starts[int(rng.integers(len(starts)))].date()
            dues = [due for due in pd.date_range(*settings["dues"], freq="QE")
                    if due.date() >= months_on(start, 9)]  # fmt: skip
            if code in plan["delayed"]:  # due early enough for the delay to show
                dues = dues[: max(len(dues) // 2, 1)]
            due = dues[int(rng.integers(len(dues)))].date()
            cost = round(float(np.exp(rng.normal(14.6, 0.9))), -5) + 100_000
            if told["department"] == "DEF":
                cost *= 12
            if told.get("budget"):
                cost = round(float(told["budget"]) / ((due - start).days / 365.25), -3)
            split = plan.get("split", {})
            if told.get("part_of"):
                start, due = day(split["from"]), months_on(day(split["from"]), 36)
            if code == split.get("measure"):
                due = months_on(day(split["from"]), 36)
            cost = float(told.get("cost_per_year", cost))
            self.rows["measures"].append({name: told[name] for name in columns} | {
                "state": "option" if told.get("option") else "adopted",
                "start": start, "due": due, "cost_per_year": cost,
                "capacity": round(cost / 150_000 * rng.uniform(0.3, 0.8), 1),
                "part_of": told.get("part_of"),
                **{many: "; ".join(plan.get(many, {}).get(code, [])) or None
                   for many in ("requires", "excludes", "continues")},
                "source": told.get("source")
                or f"{settings['strategy']}, {told['section']}; dates, costs and capacity illustrative",
                "classification": plan["marked"].get(code, "public"),
            })  # fmt: skip

    def expect(self) -> None:
        """Draw what measures are expected to change, for some six in ten of them and for every option."""
        rng = self.rng("effects")
        needed: dict[str, list[str]] = {}
        for row in self.rows["capability_levels"]:
            needed.setdefault(row["scenario"], []).append(row["capability"])
        self.rows["measure_effects"] = []
        for told in self.told:
            if rng.random() > 0.58 and not told["own"]:
                continue
            number = min(int(rng.integers(1, 4)), len(told["scenarios"]))
            for scenario in sorted(rng.choice(told["scenarios"], number, replace=False)):
                acts_on = str(rng.choice(["likelihood", "impact", "gap"], p=[0.4, 0.4, 0.2]))
                best = rng.uniform(0.3, 1.4) if acts_on == "gap" else rng.uniform(0.1, 0.9)
                capability = str(rng.choice(sorted(set(needed[scenario])))) if acts_on == "gap" else None
                bounds = (best * rng.uniform(0.1, 0.6), best, best * rng.uniform(1.3, 2.0))
                reason = str(rng.choice(self.texts["effect_reasons"]))
                self.rows["measure_effects"].append(
                    {
                        "measure": told["measure"],
                        "scenario": str(scenario),
                        "acts_on": acts_on,
                        "capability": capability,
                    }
                    | {bound: round(float(value), 2) for bound, value in zip(scales.BOUNDS, bounds, strict=True)}
                    | {"reason": reason if rng.random() < 0.6 else None}
                )

    def progress(self) -> None:
        """Report on every measure at every reporting date, but for the silent, in the words of its department."""
        rng = self.rng("progress")
        plan = self.plan
        kept = {*plan["backward"], *plan["moved_twice"], *plan["late"]}
        kept |= {one["key"].split("; ")[0] for one in self.settings["corrections"]}
        self.rows["progress"], missed = [], []
        for row in self.rows["measures"]:
            code, lead = row["measure"], row["department"]
            silent = plan["silent"].get(lead)
            if row["state"] == "option" or code in plan["never_reported"] or silent == "":
                continue
            delay = plan["delayed"].get(code, 0)
            finish = months_on(row["due"], delay)
            steps = pd.date_range(row["start"], finish, periods=len(self.texts["milestones"]) + 1)[1:]
            for text in self.settings["reporting"]:
                date = day(text)
                early = date < months_on(row["start"], -6) or (row["part_of"] and date < row["start"])
                chance, notes_at, factor, after, spent_told = rng.random(5)
                department = plan.get("renamed", {}).get(lead, lead) if text < plan.get("renamed_from", "") else lead
                if early or (silent and text >= silent):
                    continue
                if chance < 0.02 and code not in kept:
                    missed.append([code, text])
                    continue
                status = self.stand(row, date, finish)
                at = next((at for at, step in enumerate(steps) if step.date() > date), None)
                milestone = None if at is None else (self.texts["milestones"][at], steps[at].date())
                if moves := plan["moved_twice"].get(code):
                    first = months_on(day(moves[0]), 1)
                    milestone = (self.texts["milestones"][2], months_on(first, 7 * sum(move <= text for move in moves)))
                over = status in ("done", "stopped")
                years = max((min(date, finish) - row["start"]).days, 0) / 365.25
                spent = round(row["cost_per_year"] * years * (0.85 + 0.2 * factor) * (0.65 if delay else 1), -3)
                notes = self.texts["notes"][status]
                late = plan["late"].get(code, 0) if text == self.settings["reporting"][2] else 0
                self.rows["progress"].append({
                    "measure": code, "department": department, "date": date, "status": status,
                    "expected": None if over else finish if status == "delayed" else row["due"],
                    "spent": spent if spent_told > 0.05 else None,
                    "milestone": None if over or not milestone else milestone[0],
                    "milestone_due": None if over or not milestone else milestone[1],
                    "note": notes[int(notes_at * len(notes))] or None,
                    "reported": date + dt.timedelta(days=late or 8 + int(after * 30)),
                })  # fmt: skip
        self.truth["follow_up"] = {
            name: plan.get(name, {})
            for name in ("silent", "never_reported", "delayed", "backward", "moved_twice", "late", "renamed", "split")
        } | {"missed": missed}

    def stand(self, row: dict[str, Any], date: dt.date, finish: dt.date) -> str:
        """Return how a measure stands on a date, given when it really ends."""
        code, reporting = row["measure"], self.settings["reporting"]
        if back := self.plan["backward"].get(code):
            previous = reporting[reporting.index(back) - 1]
            return "done" if date == day(previous) else "on-schedule" if date >= row["start"] else "planned"
        split = self.plan.get("split", {})
        if code == split.get("measure") and date >= day(split["from"]):
            return "stopped"
        if date < row["start"]:
            return "planned"
        if date >= finish:
            return "done"
        if finish > row["due"] and (date - row["start"]) >= STATUS_FROM * (row["due"] - row["start"]):
            return "delayed"
        return "started" if (date - row["start"]).days < 150 else "on-schedule"

    # What is seen

    def observe(self) -> None:
        """Draw the series of every indicator, with its comparison series and the effect that was planted."""
        self.rows["indicators"], self.rows["observations"] = [], []
        self.truth["indicators"] = {}
        first, last = (day(text) for text in self.settings["series"])
        start, end = day(self.settings["start"]), day(self.settings["reporting"][-1])
        for one in read("indicators")[self.name]:
            rng = self.rng(one["indicator"])
            periods = pd.date_range(first, last, freq={"month": "MS", "quarter": "QS"}[one["frequency"]])
            years = np.asarray((periods - periods[0]).days) / 365.25
            since = np.asarray((periods - pd.Timestamp(one["from"])).days) / 365.25
            effect = np.where(since >= 0, one["level"] + one["slope"] * since, 0)
            season = -one["season"] * np.cos(2 * np.pi * (np.asarray(periods.month) - 1) / 12)  # highest in July
            shock = one.get("shock", {"from": "9999-01-01", "to": "9999-01-01", "size": 0})
            within = (periods.strftime("%Y-%m-%d") >= shock["from"]) & (periods.strftime("%Y-%m-%d") < shock["to"])
            for series, base in {"target": one["start"], **one["comparisons"]}.items():
                trend = one["trend"] if series == "target" or one.get("parallel", True) else one["trend"] - 0.09
                left = np.empty(len(periods))
                shocks = rng.standard_normal(len(periods)) * one["noise"]
                for at, new in enumerate(shocks):
                    left[at] = new if at == 0 else one["ar"] * left[at - 1] + np.sqrt(1 - one["ar"] ** 2) * new
                mean = np.exp(np.log(base) + trend * years + season + within * shock["size"] + left
                              + (effect if series == "target" else 0))  # fmt: skip
                drawn = rng.poisson(mean) if one["values_are"] == "counts" else mean
                self.rows["observations"] += [
                    {"indicator": one["indicator"], "series": series, "period": period.date(), "value": rounded(value)}
                    for period, value in zip(periods, drawn, strict=True)
                ]
            baseline = rounded(one["start"] * np.exp(one["trend"] * (start - first).days / 365.25), 3)
            at_end = (end - first).days / 365.25
            final = one["start"] * float(np.exp(one["trend"] * at_end + one["level"] + one["slope"]
                                                * (end - day(one["from"])).days / 365.25))  # fmt: skip
            attained = final <= one["target"] if one["direction"] == "down" else final >= one["target"]
            self.rows["indicators"].append({
                "indicator": one["indicator"], "title_nl": one["nl"], "title_en": one["en"], "measure": one["measure"],
                "scenario": one["scenario"], "unit_nl": one["unit_nl"], "unit_en": one["unit_en"],
                "values_are": one["values_are"], "direction": one["direction"], "frequency": one["frequency"],
                "baseline": baseline, "baseline_date": months_on(start, -1), "target": one["target"],
                "target_date": end, "effect_from": day(one["from"]), "source": one["source"],
            })  # fmt: skip
            self.truth["indicators"][one["indicator"]] = {
                "effect": bool(one["level"] or one["slope"]), "scale": "log", "level": one["level"],
                "slope_per_year": one["slope"], "autocorrelation": one["ar"], "noise": one["noise"],
                "season": one["season"], "trend_per_year": one["trend"], "effect_from": one["from"],
                "comparisons": list(one["comparisons"]), "parallel": one.get("parallel", True),
                "shock": one.get("shock"), "expected_at_target_date": round(final, 2), "attained": attained,
            }  # fmt: skip

    def respond(self) -> None:
        """React to the draft reports; a few reactions may be without an answer still."""
        rng = self.rng("responses")
        self.rows["responses"] = []
        for number, (report, whom, comment, answer, changed) in enumerate(self.texts["responses"], start=1):
            if number in self.settings["left_out"]:
                continue
            date = day(self.settings["rounds"][report]) + dt.timedelta(days=int(rng.integers(0, 10)))
            row = {"response": f"R{number:02}", "report": report, "from_whom": whom, "date": date, "comment": comment}
            if number not in self.settings["unanswered"]:
                row |= {"answer": answer, "answered": date + dt.timedelta(days=int(rng.integers(9, 30))),
                        "changed": changed}  # fmt: skip
            self.rows["responses"].append(row)
        self.truth["unanswered"] = [f"R{number:02}" for number in self.settings["unanswered"]]

    def correct(self) -> None:
        """Spoil the cells that were delivered wrongly, and write down how each is corrected."""
        self.rows["corrections"], self.truth["corrected"] = [], []
        for one in self.settings["corrections"]:
            keys = load_table(one["table"]).key
            [row] = [row for row in self.rows[one["table"]] if "; ".join(plain(row[key]) for key in keys) == one["key"]]
            right = row[one["column"]]
            wrong = one["from"] if "from" in one else right * one["times"]
            row[one["column"]] = (
                day(wrong) if isinstance(right, dt.date) else float(wrong) if isinstance(right, float) else wrong
            )
            told = {name: one[name] for name in ("table", "key", "column")}
            told |= {"from": plain(row[one["column"]]), "to": plain(right)}
            self.truth["corrected"].append(told)
            self.rows["corrections"].append(
                told | {"who": one["who"], "why": one["why"], "when": day(one["when"]), "basis": "illustrative",
                        "classification": "public"}
            )  # fmt: skip


def main() -> None:
    """Write the raw tables and the truth of both cycles."""
    for name, deliver in (("nvs-2019", as_tables), ("vsk-2023", as_workbooks)):
        cycle = Illustration(name)
        cycle.draw()
        folder = DATA / "raw" / name
        folder.mkdir(parents=True, exist_ok=True)
        deliver(cycle.rows, cycle.settings, folder)
        told = f"# The truth planted in the cycle {name}; written by make.py, for tests that ask whether it is found.\n"
        text = yaml.safe_dump(cycle.truth, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)
        (HERE / f"truth-{name}.yaml").write_text(told + text, "utf-8")
        print(name, {table: len(rows) for table, rows in cycle.rows.items()})


if __name__ == "__main__":
    main()
