"""What was planted in the bundled cycles is found by the mid-term review, and nothing else is called."""

import pandas as pd
import pytest
from workbench import ILLUSTRATIVE, truth_of


@pytest.fixture(scope="module", params=ILLUSTRATIVE)
def bundled(request, made):
    tables = ("statuses", "shifts", "measures", "advice", "unanswered", "measure_effects", "department_progress")
    read = {name: made.read_table(request.param, name) for name in tables}
    return read | {"truth": truth_of(request.param), "last": read["statuses"]["date"].max()}


def planted(bundled, side):
    """Return scenario -> planted shift on the likelihood, or on an interest."""
    return {name: parts[side] for name, parts in bundled["truth"]["shifted"].items() if side in parts}


def test_every_planted_shift_of_likelihood_is_found_and_no_other(bundled):
    rows = bundled["shifts"][(bundled["shifts"]["criterion"] == "likelihood") & (bundled["shifts"]["state"] == "both")]
    verdicts = rows.set_index("scenario")["verdict"]
    expected = {
        name: "higher" if shift > 0 else "lower"
        for name, shift in planted(bundled, "likelihood").items()
        if name in verdicts.index
    }
    called = verdicts[verdicts.isin(["higher", "lower"])]
    assert called.to_dict() == expected


def test_a_planted_shift_of_an_interest_is_never_called_the_other_way_and_found_when_large(bundled):
    """A panel of few people cannot tell a shift of one class from chance; more than one class it can."""
    rows = bundled["shifts"][bundled["shifts"]["state"] == "both"].set_index("scenario")
    for scenario, parts in bundled["truth"]["shifted"].items():
        for interest, shift in parts.items():
            if interest == "likelihood" or scenario not in rows.index:
                continue
            own = rows.loc[[scenario]]
            verdicts = set(own[own["criterion"].str.startswith(f"{interest}.")]["verdict"])
            right, wrong = ("higher", "lower") if shift > 0 else ("lower", "higher")
            assert wrong not in verdicts, (scenario, interest)
            assert verdicts & {right, "undetermined"}, (scenario, interest)
            assert abs(shift) <= 1 or right in verdicts, (scenario, interest)


def test_no_unplanted_criterion_is_called_but_at_the_error_rate(bundled):
    rows = bundled["shifts"]
    rows = rows[rows["criterion"].str.contains(".", regex=False) & rows["verdict"].isin(["higher", "lower"])]
    shifted = bundled["truth"]["shifted"]
    false = [row for row in rows.to_dict("records") if row["criterion"][0] not in shifted.get(row["scenario"], {})]
    assert len(false) <= 0.05 * max(len(rows), 1) + 2


def now_of(bundled):
    return bundled["statuses"][bundled["statuses"]["date"] == bundled["last"]].set_index("measure")


def test_silence_is_found(bundled):
    truth, statuses = bundled["truth"]["follow_up"], bundled["statuses"]
    for department, since in truth["silent"].items():
        rows = statuses[(statuses["department"] == department) & (statuses["date"] >= since)]
        assert set(rows["told"]) <= {"none", "earlier"}, department
    never = now_of(bundled).loc[truth["never_reported"]]
    due = never["status"] != "not-due"
    assert never.loc[due, "remark"].str.contains("never").all()
    assert not statuses[statuses["measure"].isin(truth["never_reported"])]["told"].isin(["report", "parts"]).any()


def test_delays_are_found_with_their_length(bundled):
    truth, statuses = bundled["truth"]["follow_up"], bundled["statuses"]
    delayed = statuses[statuses["status"] == "delayed"]
    assert set(delayed["measure"]) <= set(truth["delayed"])
    reported = set(statuses.loc[statuses["told"] == "report", "measure"])
    for row in delayed.groupby("measure").tail(1).to_dict("records"):
        assert row["delay"] / 30.44 == pytest.approx(truth["delayed"][row["measure"]], abs=1.1), row["measure"]
    last = now_of(bundled)
    missed = set(truth["delayed"]) & reported - set(delayed["measure"])
    assert all(last.loc[name, "status"] in ("done", "not-reported", "on-schedule") for name in missed)


def test_steps_back_milestones_put_off_again_and_late_reports_are_found(bundled):
    truth, statuses = bundled["truth"]["follow_up"], bundled["statuses"]

    def with_remark(code):
        return set(statuses.loc[statuses["remark"].str.split(";").map(lambda codes: code in codes), "measure"])

    reached = {name: date for name, date in truth["backward"].items() if date <= bundled["last"]}
    assert with_remark("backward") == set(reached)
    twice = {name for name, dates in truth["moved_twice"].items() if max(dates) <= bundled["last"]}
    assert with_remark("moved-twice") == twice
    assert with_remark("late") == set(truth["late"])


def test_a_split_measure_is_followed_through_its_parts_and_a_renamed_department_is_one(bundled):
    truth, statuses = bundled["truth"]["follow_up"], bundled["statuses"]
    if not truth["split"]:
        assert not statuses["remark"].str.contains("split").any()
        return
    whole = truth["split"]["measure"]
    own = statuses[statuses["measure"] == whole].set_index("date")
    assert (own.loc[own.index >= truth["split"]["from"], "told"] == "parts").all()
    assert not set(truth["split"]["parts"]) & set(statuses["measure"])
    assert not set(truth["renamed"].values()) & set(statuses["department"])
    assert set(truth["renamed"].values()) <= set(statuses["reported_by"])


def test_every_measure_of_the_strategy_gets_one_advice(bundled):
    measures = bundled["measures"]
    counted = measures[(measures["state"] == "adopted") & (measures["part_of"] == "")]
    assert sorted(bundled["advice"]["measure"]) == sorted(counted["measure"])
    without = bundled["unanswered"][bundled["unanswered"]["kind"] == "measure-without-scenario"]["subject"]
    acting = pd.concat([bundled["measure_effects"]["measure"], measures.loc[measures["part_of"] != "", "part_of"]])
    assert set(without) >= set(counted["measure"]) - set(acting)
