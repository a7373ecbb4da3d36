"""The Evidence tab: titles agree with the tables, impacts are this program's, and old data are told."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.analyses import shipped_answers
from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.evidence import impacts, register
from dashboards.evidence.impacts import GAIN, LEVEL
from dashboards.export.chart_files import make_chart_csv
from dashboards.selection.selection import TODAYS_RULES, Selection
from dashboards.tabs import evidence, evidence_words
from simulator.calibration.evidence_status import list_badges
from simulator.calibration.scoreboard import SECTIONS, Line
from simulator.declarations.evidence import load_register as entries
from simulator.declarations.number import Role, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.reports import check_words
from simulator.reports.limits import LIMITS
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import to_frame
from simulator.runs.run import run
from simulator.studies.number_impacts import AT_REST, Impact

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

UNCERTAIN = {name for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN}
TODAY_IS = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def tab() -> evidence.EvidenceTab:
    return evidence.EvidenceTab(
        Session(store=ResultStore(lambda *_: pytest.fail("nothing to run")), selection=Selection((TODAYS_RULES,)))
    )


# The impacts.


def test_the_impacts_that_came_with_the_program_are_this_programs() -> None:
    stamp = impacts.read_shipped_file()["stamp"]
    assert shipped_answers.list_differences(stamp, shipped_answers.make_stamp()) == [], (
        "run python -m dashboards.evidence.impacts"
    )
    assert set(impacts.load_impacts()[LEVEL]) == set(impacts.load_impacts()[GAIN]) == UNCERTAIN


def test_impacts_of_another_fit_or_version_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = impacts.read_shipped_file()
    for name, other in (("facts", "0"), ("version", "9"), ("probes", [[0.0, 0.0]] * 4)):
        spoilt = {**whole, "stamp": {**whole["stamp"], name: other}}
        monkeypatch.setattr(impacts, "read_shipped_file", lambda spoilt=spoilt: spoilt)
        impacts.load_impacts.cache_clear()
        assert impacts.load_impacts() == {}
    monkeypatch.undo()
    impacts.load_impacts.cache_clear()
    assert impacts.load_impacts()


def test_without_impacts_the_register_says_that_they_must_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "load_impacts", dict)
    register.list_assumptions.cache_clear()
    try:
        assert "measured again" in register.write_title()
        assert {row.risk for row in register.list_assumptions()} == {"not measured"}
        assert register.describe_impact(register.list_assumptions()[0].level) == "not measured"
    finally:
        monkeypatch.undo()
        register.list_assumptions.cache_clear()


def test_an_impact_is_how_far_the_mean_moves_with_the_number() -> None:
    """Split the draws by the number that matters most: the halves differ about as the impact says."""
    n = 1_000
    drawn = draw_futures(n)
    table = to_frame(drawn.points)
    today = run("baseline", futures=drawn).outcome("retained", slice(3, None))
    for name in ("plan_base", "pull_ringfence"):
        high = table[name].to_numpy() > np.median(table[name])
        gap = 100 * (today[high].mean() - today[~high].mean())
        one = impacts.load_impacts()[LEVEL][name]
        assert (gap > 0) == one.up
        assert abs(gap) / 2 == pytest.approx(one.pounds * 0.8, rel=0.4)  # a normal's half lies 0.8 sd from its mean


def test_intervals_hold_their_estimates_and_only_large_ones_are_clear() -> None:
    for impact in impacts.load_impacts().values():
        for one in impact.values():
            assert 0 <= one.low <= one.pounds <= one.high
            assert not one.clear or one.low > 0
        assert 1 <= sum(one.clear for one in impact.values()) < 30


def test_a_number_that_does_not_act_in_these_policies_has_no_impact_and_one_that_acts_earlier_says_so() -> None:
    shipped = impacts.load_impacts()
    rows = {row.name: row for row in register.list_assumptions()}
    for answer in (LEVEL, GAIN):
        assert shipped[answer]["pull_strategy"] == AT_REST
        assert register.describe_impact(shipped[answer]["pull_strategy"]) == "does not bear on it"
    assert rows["pull_strategy"].risk == "bears on neither answer" and rows["pull_strategy"].score == 0
    today, gain = (register.describe_impact(shipped[answer]["pull_ringfence"]) for answer in (LEVEL, GAIN))
    assert today.endswith("; acts only before these years") and "acts" not in gain


# The register.


def test_every_uncertain_number_is_in_the_register_once_with_its_sources() -> None:
    rows = register.list_assumptions()
    assert sorted(row.name for row in rows) == sorted(UNCERTAIN)
    for row in rows:
        assert row.evidence == PARAMETERS[row.name].about.evidence
        assert len(row.sources) == len(row.evidence) and row.badge == list_badges()[row.name]


def test_the_title_counts_what_the_table_shows() -> None:
    rows = register.list_assumptions()
    clear = [row for row in rows if row.clear]
    match = re.fullmatch(
        r"Of (\d+) uncertain numbers, (\d+|one) visibly move the answer as they vary; (\d+|none) .*",
        register.write_title(),
    )
    assert match
    assert (int(match[1]), match[2]) == (len(rows), str(len(clear)))
    weak = sum(row.strength.value in ("weak", "assumption to weak", "assumption") for row in clear)
    assert match[3] == (str(weak) if weak else "none")


def test_risk_is_impact_times_doubt_and_its_word_follows() -> None:
    def row(pounds: float, strength: Strength) -> register.Assumption:
        impact = Impact(pounds, 0.0, 9.0, True, True)
        return register.Assumption("x", "x", "x", "", "", "", "", "judgement", strength, (), (), impact, impact)

    assert row(2.0, Strength.A).risk == "high" and row(2.0, Strength.S).risk == "middling"
    assert row(0.4, Strength.A).risk == "low" and row(2.0, Strength.S).score == 0.5
    assert list(register.DOUBT.values()) == sorted(register.DOUBT.values()) and set(register.DOUBT) == set(Strength)


@pytest.mark.parametrize("order", register.ORDERS.values())
def test_rows_stand_in_the_order_that_is_asked_for(order: str) -> None:
    rows = register.select_assumptions(order)
    keys = {
        "risk": [row.score for row in rows],
        LEVEL: [row.level.pounds for row in rows if row.level],
        GAIN: [row.gain.pounds for row in rows if row.gain],
        "evidence": [register.DOUBT[row.strength] for row in rows],
        "name": [[-ord(c) for c in row.plain.lower()] for row in rows],
    }[order]
    assert len(rows) == len(UNCERTAIN)
    assert order == "name" or keys == sorted(keys, reverse=True)
    assert order != "name" or [row.plain.lower() for row in rows] == sorted(row.plain.lower() for row in rows)


def test_filters_and_words_leave_only_what_they_say() -> None:
    assert all(row.clear for row in register.select_assumptions(shows="clear"))
    assert all(row.badge != "fitted" for row in register.select_assumptions(shows="open"))
    assert all(row.risk in ("high", "middling") for row in register.select_assumptions(shows="risky"))
    assert {row.strength.value for row in register.select_assumptions(shows="assumed")} == {
        "assumption",
        "assumption to weak",
    }
    only_assumption = register.select_assumptions(words="enforcement_START")
    assert [row.name for row in only_assumption] == ["enforcement_start"]
    assert register.select_assumptions(words="no such word at all") == []
    assert register.select_assumptions("<script>", "<script>", "") == register.select_assumptions()


def test_the_page_follows_its_fields_and_escapes_what_is_looked_for(tab: evidence.EvidenceTab) -> None:
    assert tab.numbers.object.count("<tr>") == 1 + evidence.FIRST
    tab.rows.value = 0
    assert tab.numbers.object.count("<tr>") == 1 + len(UNCERTAIN)
    tab.find.value = "<img src=x onerror=alert(1)>"
    assert "<img" not in tab.numbers.object and "No number" in tab.numbers.object
    tab.find.value, tab.rows.value = "", evidence.FIRST
    assert "Showing 15 of 99" in tab.numbers.object


def test_the_file_of_assumptions_holds_every_row_that_is_asked_for_and_its_sources(tab: evidence.EvidenceTab) -> None:
    text = make_chart_csv(tab._export_assumptions()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO("\n".join(x for x in text.splitlines() if not x.startswith("#")))))
    assert {row["Name"] for row in rows} == UNCERTAIN
    first = next(row for row in rows if row["Name"] == "plan_base")
    assert float(first["Impact today, £ in each £100: mean"]) == impacts.load_impacts()[LEVEL]["plan_base"].pounds
    assert all(row["Sources"] for row in rows if row["Evidence"])


# The log of data.


def test_what_is_past_its_date_is_counted_and_told_and_what_has_happened_has_none() -> None:
    data_entries = register.list_data_entries()
    assert {data_entry.entry.id for data_entry in data_entries} == set(entries())
    assert all(
        (data_entry.due is None) == (data_entry.entry.kind in ("event", "precedent")) for data_entry in data_entries
    )
    late = [data_entry for data_entry in data_entries if data_entry.is_late(TODAY_IS)]
    assert tuple(late) == data_entries[: len(late)]
    assert register.write_log_title(TODAY_IS).startswith(f"{len(late)} of {len(data_entries)} data")
    page = evidence_words.render_log(TODAY_IS)
    assert page.count("(past)") == len(late) > 0
    assert f"{len(late)} entries" in page and late[0].entry.id in page


def test_nothing_is_late_on_the_day_and_everything_is_long_after() -> None:
    data_entry = next(data_entry for data_entry in register.list_data_entries() if data_entry.due)
    assert (
        data_entry.due
        and not data_entry.is_late(data_entry.due)
        and data_entry.is_late(data_entry.due + dt.timedelta(days=1))
    )
    assert register.write_log_title(dt.date(1990, 1, 1)).startswith("None of")
    assert "hint" not in evidence_words.render_log(dt.date(1990, 1, 1))


# The scoreboard.


def test_a_checks_title_can_be_understood_alone() -> None:
    names = check_words._name_checks()
    assert len(names) == len(set(names.values()))
    assert not [
        check_name for check_name in names.values() if ": the same" in check_name or "removes that" in check_name
    ]
    assert "planned first" in names["P3.some_strict"] and "top quarter by pressure" in names["P3.some_strict"]
    other = Line("x", "unheard.of", "As it stands", (), 0, 0, 0, 0, (0, 0), True, True, None)
    assert check_words.name_line(other) == "As it stands"


def test_the_scoreboards_title_counts_its_lines() -> None:
    lines = evidence.list_lines()
    text = evidence.render_board(lines)
    passed = sum(line.passes for line in lines)
    assert f"{passed} of {len(lines)} checks are passed" in text
    assert all(section in text.lower() for section in SECTIONS)
    assert "the same, as first planned" not in text
    assert len(evidence._export_scores(lines).rows) == len(lines)


def test_every_check_that_counts_something_says_its_unit() -> None:
    for line in shipped_answers.load_scoreboard():
        _, cells = evidence._make_row(line)
        if not any(word in check_words.name_line(line) for word in check_words.RATIOS):
            assert re.search(r"%|£|boards|allocation", cells[3]), (line.id, cells)


def test_the_answer_says_that_checks_about_chief_executives_fail() -> None:
    failed = {line.id for line in shipped_answers.load_scoreboard() if not line.passes and "P2a" in line.id}
    assert len(failed) == 2 and any(
        limit.startswith("Two checks that speak of chief executives fail") for limit in LIMITS
    )


def test_limits_and_versions_are_shown(tab: evidence.EvidenceTab) -> None:
    text = tab.limits.object
    assert "What this cannot tell you" in text and "Ringfence 0." in text and "draws kept" in text


def test_a_check_that_fails_is_told_in_a_plain_sentence_with_the_way_it_errs() -> None:
    lines = list(load_scoreboard() or ())
    for line in (line for line in lines if not line.passes):
        told, turned = (
            check_words.describe_failure(each)
            for each in (line, replace(line, simulated=sum(line.tolerance) - line.simulated))
        )
        assert "share of draws" not in told and "planned first" not in told, "words for readers, not for authors"
        assert check_words.describe_fit(line) in told
        assert told.rpartition(". ")[2] != turned.rpartition(". ")[2], "the other way is told otherwise"


def test_that_history_errs_one_way_is_computed() -> None:
    lines = list(load_scoreboard() or ())
    used = check_words.list_money_used(lines)
    assert len(used) >= 3 and check_words.describe_history(lines).endswith("keeps more than was seen.")
    less = [replace(line, simulated=line.observed - 0.1) for line in used]
    assert check_words.describe_history(less).endswith("keeps less than was seen.")
    assert check_words.describe_history([*less[1:], used[0]]) == "", "where they err both ways, nothing is said"
