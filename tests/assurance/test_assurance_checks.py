"""Each check of the assurance pack finds a gap that was planted for it, and prints it as a gap."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from days import DAY
from markupsafe import escape

from simulator.assurance import (
    assumptions,
    data_log,
    descriptions,
    documents,
    records,
    sensitivity,
    stage_diagram,
    statement_of_use,
    validation,
    verification,
)
from simulator.assurance.chapter import Chapter, State, judge, tabulate_checks
from simulator.assurance.stage_diagram import draw_stages
from simulator.calibration.scoreboard import SECTIONS, Line, scoreboard
from simulator.calibration.structural_variants import STRUCTURES
from simulator.charts.labels import measure_text
from simulator.common.errors import InputError
from simulator.declarations.evidence import Evidence
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import find_lowest
from simulator.engine.ensemble import PoundsError, YearlyRecords
from simulator.engine.kernel_sources import source_hash
from simulator.experiments.decision.verdict_carriers import Carrier, VerdictCarriers
from simulator.replays.targets import read_targets
from simulator.reports.blocks import Code, Heading, Paragraph, Picture, Points, Table
from simulator.reports.page import make_study
from simulator.reports.provenance import NOT_ASSURED
from simulator.runs.acting_numbers import Acts
from simulator.runs.digest import Check as BitsCheck
from simulator.runs.futures import draw_futures
from simulator.runs.run import run_many
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import load_scenario
from simulator.studies.fixed_numbers import ANSWERS, find_resting, hold_value
from simulator.studies.number_impacts import AT_REST, Headline, Impact, list_headlines, measure_impacts

pytestmark = pytest.mark.assurance

ROOT = Path(__file__).parents[2]
FENCE = load_scenario("ringfence")


def still(done: int, total: int) -> None:
    """No progress is shown."""


def junit(
    folder: Path, code: str = "", failures: int = 0, tests: int = 7, ran: str = "test_a", whole: str = ""
) -> Path:
    path = folder / "results.xml"
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "test_x.py").write_text("def test_a(): pass\n", encoding="utf-8")
    case = f'<testcase classname="tests.test_x" name="{ran}[1]"/>'
    case += '<testcase classname="tests.test_y" name="test_b"><skipped message="no library x"/></testcase>'
    named = {verification.CODE_PROPERTY: code, verification.WHOLE_PROPERTY: whole}
    about = "".join(f'<property name="{name}" value="{value}"/>' for name, value in named.items() if value)
    about = f"<properties>{about}</properties>" if about else ""
    path.write_text(
        f'<testsuites><testsuite name="pytest" tests="{tests}" failures="{failures}" errors="0" skipped="1" '
        f'timestamp="2026-11-29T10:00:00.1">{about}{case}</testsuite></testsuites>',
        encoding="utf-8",
    )
    return path


# Tests of this build.


def test_results_of_this_build_count_and_no_others(tmp_path: Path) -> None:
    names = f'PROPERTY = "{verification.CODE_PROPERTY}", "{verification.COMMIT_PROPERTY}"'
    configured = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert names in configured and f'WHOLE_PROPERTY = "{verification.WHOLE_PROPERTY}"' in configured
    passed = verification.check_results(verification.read_results(junit(tmp_path, source_hash())), tmp_path)
    assert passed.state is State.MET and "7 tests" in passed.says
    assert "1 was left out. Left out: tests/test_y.py::test_b (no library x). Model code" in passed.says
    for results, words in (
        (None, "There are no results of tests"),
        (verification.read_results(junit(tmp_path, "0123456789abcdef")), "of the code 0123456789abcdef"),
        (verification.read_results(junit(tmp_path)), "does not name"),
        (verification.read_results(junit(tmp_path, source_hash(), failures=2)), "2 failed"),
        (verification.read_results(junit(tmp_path, source_hash(), tests=1)), "1 was left out"),
        (
            verification.read_results(junit(tmp_path, source_hash(), ran="test_b")),
            "1 of 1 test functions are not among them: tests/test_x.py::test_a.",
        ),
    ):
        check = verification.check_results(results, tmp_path)
        assert check.state is State.GAP and words in check.says
    whole = verification.read_results(junit(tmp_path, source_hash()))
    assert verification.check_results(whole, None).state is State.GAP


def test_the_record_of_the_last_tests_is_found_and_says_when_and_at_which_commit_they_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"--junitxml {verification.RECORD}" in (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    monkeypatch.setattr(verification, "find_source_folder", lambda: tmp_path)
    assert verification.find_results() is None
    (tmp_path / "build").mkdir()
    path = junit(tmp_path, source_hash()).rename(tmp_path / verification.RECORD)
    assert verification.find_results() == path
    results = verification.read_results(path)
    monkeypatch.setattr(verification, "find_commit", lambda root: "1111111111")
    for commit, words in (
        ("1111111111", "at commit 1111111111. Left out"),
        ("2222222222-dirty", "at commit 2222222222, with changes that were not committed; the source here is at 1111"),
    ):
        said = verification.check_results(replace(results, commit=commit), tmp_path).says
        assert "recorded on 29 November 2026 at 10:00:" in said and words in said


def test_results_are_of_this_build_until_a_file_that_is_tested_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = replace(verification.read_results(junit(tmp_path, source_hash())), commit="1111111111")
    for changed, state, words in (
        ([], State.MET, "Model code"),
        (["CHANGELOG.md", "docs/images/rooms.svg"], State.MET, "Model code"),
        (["CHANGELOG.md", "dashboards/tabs/tab.py"], State.GAP, "1 file that is tested changed"),
        (["tests/a.py", "Makefile"], State.GAP, "2 files that are tested changed, so run scripts/test again"),
    ):
        monkeypatch.setattr(verification, "list_changed_files", lambda root, since, names=changed: names)
        check = verification.check_results(results, tmp_path)
        assert check.state is state and words in check.says


def test_proofs_that_were_made_in_part_are_named_and_a_run_that_made_them_in_whole_says_so(tmp_path: Path) -> None:
    (here,) = verification.describe_proofs(None, ROOT)
    for name in ("the shipped fit", "the page's model", "the model compiled by two processes", "last changed on "):
        assert name in here.text
    assert "The results above" not in here.text
    for whole, words in (("yes", "with --whole, which made all of each"), ("no", "without --whole.")):
        results = verification.read_results(junit(tmp_path, source_hash(), whole=whole))
        assert words in verification.describe_proofs(results, ROOT)[0].text
    assert verification.describe_proofs(None, None) == verification.describe_proofs(None, tmp_path) == ()


@pytest.mark.parametrize("text", ["", "not XML", "<html></html>", "<testsuite tests='many'/>"])
def test_a_file_that_holds_no_results_is_refused_in_words(text: str, tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is no file of test results"):
        verification.read_results(path)


def test_tests_are_counted_by_kind_and_one_more_is_seen(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / "tests" / "test_a.py"
    file.write_text("import pytest\npytestmark = pytest.mark.rules\ndef test_a(): pass\ndef helper(): pass\n", "utf-8")
    assert verification.count_tests(tmp_path) == {"rules": 1}
    (tmp_path / "tests" / "test_b.py").write_text("def test_b(): pass\n", encoding="utf-8")
    assert verification.count_tests(tmp_path) == {"rules": 1, "unmarked": 1}


# Checks of the program that run now.


def test_a_block_of_other_bits_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "check_digests", lambda progress: BitsCheck({"baseline": 10, "both": 9}, 10, ()))
    check = verification.check_bits(still)
    assert check.state is State.GAP and "19 of 20 blocks" in check.says


def test_a_last_bit_that_differs_between_the_drivers_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verification.check_drivers(1, still).state is State.MET
    honest = verification.simulate

    def move_a_bit(*given: Any, **named: Any) -> YearlyRecords:
        yearly = honest(*given, **named)
        yearly.nation["pot"][0, 2] = np.nextafter(yearly.nation["pot"][0, 2], np.inf)
        return yearly

    monkeypatch.setattr(verification, "simulate", move_a_bit)
    check = verification.check_drivers(1, still)
    assert check.state is State.GAP and "4 differ, first baseline, future 0: nation.pot" in check.says


def test_a_lost_pound_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    met = verification.check_money(20, 2, still)
    assert met.state is State.MET and "2 scenarios of the library in 20 futures" in met.says

    def lose(*_: object, **__: object) -> None:
        raise PoundsError("pounds are not conserved")

    monkeypatch.setattr(verification, "simulate", lose)
    assert verification.check_money(20, 2, still).state is State.GAP


# Logs.


def test_a_file_of_facts_that_the_log_does_not_name_is_a_gap() -> None:
    sources = data_log.read_data_log()
    assert data_log.find_unlogged(sources) == []
    assert data_log.find_unlogged([source for source in sources if source.file != "replays"]) == ["replays"]
    assert all(re.fullmatch(r"[0-9a-f]{16}", data_log.fingerprint(source.file)) for source in sources)
    calendar = "scenarios/baseline.yaml"
    assert data_log.find_unlogged([source for source in sources if source.file != calendar]) == [calendar]
    assert len({data_log.fingerprint(source.file) for source in sources}) == len({source.file for source in sources})
    dates = [source for source in sources if "share_date" not in source.columns]
    assert data_log.find_unlogged(dates) == ["boards.csv: share_date"]


def test_a_file_of_facts_outside_the_folder_of_data_is_found(tmp_path: Path) -> None:
    package, library = tmp_path / "simulator", tmp_path / "scenarios"
    shutil.copytree(ROOT / "simulator" / "data", package / "data", ignore=shutil.ignore_patterns("*.npy", "*.gz"))
    shutil.copytree(ROOT / "scenarios", library)
    (package / "boards").mkdir()
    (package / "boards" / "table.py").write_text("", encoding="utf-8")
    sources = data_log.read_data_log()
    assert data_log.find_unlogged(sources, package, library) == []
    for place in (package / "boards" / "places.csv", library / "rates.csv", package / "data" / "found.yaml"):
        place.write_text("a,b\n", encoding="utf-8")
        (found,) = data_log.find_unlogged(sources, package, library)
        assert found.endswith(place.name)
        place.unlink()


def test_data_past_its_date_and_never_checked_is_named_where_it_is_used() -> None:
    sources = data_log.read_data_log()
    early, late = (data_log.check_dates(sources, day)[0] for day in (dt.date(2020, 1, 1), dt.date(2040, 1, 1)))
    assert early.state is State.MET
    assert late.state is State.GAP and all(source.name in late.says for source in sources)
    checked = [source._replace(checked=DAY) for source in sources]
    assert data_log.check_dates(tuple(checked), DAY)[1].state is State.MET
    assert data_log.check_dates((*checked, sources[0]), DAY)[1].state is State.GAP
    shown = next(block for block in data_log.write_data_log(DAY).blocks if isinstance(block, Points))
    past = [source for source in sources if source.is_past(DAY)]
    assert past and all(source.used_for in words for source, words in zip(past, shown.entries, strict=True))


def test_a_fund_that_does_not_add_up_and_a_fit_of_other_rules_are_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {check.state for check in data_log.check_files()} == {State.MET}
    monkeypatch.setattr(data_log, "FUND_M", 201.0)
    monkeypatch.setattr(data_log, "hash_facts", lambda: "0" * 16)
    monkeypatch.setattr(data_log, "find_missing", lambda ids: ["E999"])
    gaps = [check.says for check in data_log.check_files() if check.state is State.GAP]
    assert len(gaps) == 3 and any("E999" in says for says in gaps)


def test_an_assumption_without_measured_impact_is_a_gap() -> None:
    declared = PARAMETERS["seen_q1"]
    measured = assumptions.describe_fixed(declared, {"seen_q1": {"an answer": 0.5}})
    silent = assumptions.describe_fixed(declared, None)
    assert measured.risk == 0.5 * measured.weakness and silent.largest is None
    assert assumptions.check_log([measured])[0].state is State.MET
    check = assumptions.check_log([measured, silent])[0]
    assert check.state is State.GAP and declared.about.meaning[1:] in check.says and "seen_q1" not in check.says


def test_a_number_that_does_not_act_has_no_impact_and_one_that_acts_only_earlier_says_so() -> None:
    own, other = Headline("an answer", "retained", ""), Headline("another", "retained", "both")
    seen = Impact(9.0, 8.0, 10.0, True, True)
    before, small = replace(seen, acts=Acts.BEFORE), replace(seen, pounds=2.0)
    declared = PARAMETERS["pull_ringfence"]

    def describe(first: Impact, second: Impact) -> assumptions.Assumption:
        return assumptions.describe_uncertain(declared, {own: {declared.name: first}, other: {declared.name: second}})

    rests = describe(AT_REST, AT_REST)
    assert (rests.acts, rests.largest, dict(rests.moves)) == (Acts.NEVER, None, {})
    acts = describe(before, small)  # the larger impact is of years in which it does not act
    assert (acts.of, acts.largest, acts.moves["an answer"]) == ("another", 2.0, 9.0)
    earlier = describe(before, AT_REST)
    assert earlier.largest == 9.0 and "only before these years" in assumptions.write_plainly(earlier)
    rows = assumptions.make_sheet([rests, acts, earlier], ["an answer", "another"]).rows
    assert [row[8:13] for row in rows] == [
        [None, None, "moves neither money kept nor new money here", "–", "no"],
        [2.0, 2.0 * acts.weakness, "another", "yes", "yes"],
        [9.0, 9.0 * acts.weakness, "an answer (it acts only before these years)", "yes", "only before them"],
    ]
    check = assumptions.check_log([rests, acts])[0]
    assert (
        check.state is State.MET
        and "All 1 that do were measured." in check.says
        and "1 of 2 bear on neither" in check.says
    )
    assert assumptions.list_unseen([rests, acts]) == set() and assumptions.count_resting([rests, acts]) == (1, 0)
    shown = sensitivity._tabulate_top({"pull_strategy": AT_REST, "pull_ringfence": before})
    assert [(row[0], row[-1]) for row in shown.rows] == [("pull_ringfence", "only before them")]
    assert [
        row[1] for row in sensitivity.make_impact_sheet({own: {"pull_strategy": AT_REST, "plan_base": seen}}).rows
    ] == ["plan_base"]


def test_impacts_are_measured_of_numbers_that_act_under_the_policies_of_a_headline() -> None:
    impacts = {headline.says: effects for headline, effects in measure_impacts(60, 1, 2).items()}
    today, fenced = impacts["money kept under today's rules"], impacts[f"what “{FENCE.title}” adds to money kept"]
    assert {len(effects) for effects in impacts.values()} == {len(today)} and "pull_strategy" in today
    assert all(effects["pull_strategy"] == AT_REST for effects in impacts.values())
    assert (today["pull_ringfence"].acts, fenced["pull_ringfence"].acts) == (Acts.BEFORE, Acts.NOW)
    assert all(effects["plan_base"].acts is Acts.NOW for effects in impacts.values())


def test_a_number_that_moves_another_outcome_alone_is_said_to_move_neither_headline_and_not_to_be_idle() -> None:
    impacts = {Headline(outcome, outcome, ""): {"core20_tilt": AT_REST} for outcome in ("retained", "additional")}
    entry = assumptions.describe_uncertain(PARAMETERS["core20_tilt"], impacts)
    assert assumptions.make_sheet([entry], []).rows[0][10] == "moves neither money kept nor new money here"
    told = assumptions.describe_resting([entry])
    assert "core20_tilt, for example, decides how much reaches the most deprived fifth" in told
    assert "they may matter much" in told
    drawn = draw_futures(4)
    moved = hold_value(drawn, "core20_tilt", 2.2)
    few, many = (run_many(("baseline",), futures=futures)[0].outcome("core20") for futures in (drawn, moved))
    assert (many > few).all()


def test_the_log_takes_the_largest_of_all_answers_of_a_fixed_number_levels_under_todays_rules_among_them() -> None:
    screened = assumptions.read_screen()
    assert screened is not None and all(len(moves) == len(ANSWERS) for moves in screened.values())
    front = assumptions.describe_fixed(PARAMETERS["capability_front"], screened)
    assert front.of == "new money under today's rules" and front.largest == pytest.approx(2.246, abs=0.01)
    known = {headline.says for headline in list_headlines()}
    assert known < set(front.moves) and "money kept under today's rules" in known


def test_fixed_numbers_that_no_policy_of_the_screen_brings_in_are_seen_to_rest() -> None:
    assert find_resting(["networks_effect", "threshold_line", "lead_gain_unnamed"], 4) == {
        "networks_effect",
        "threshold_line",
    }
    resting = assumptions.describe_fixed(
        PARAMETERS["networks_effect"], {"networks_effect": {"a": 0.0}}, {"networks_effect"}
    )
    assert resting.acts is Acts.NEVER and assumptions.check_log([resting])[0].state is State.MET


def test_a_board_too_few_a_number_without_evidence_and_evidence_without_address_are_gaps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OneLess:
        areas = data_log.read_boards().areas

        def __len__(self) -> int:
            return 41

    entry = assumptions.describe_fixed(PARAMETERS["seen_q1"], {"seen_q1": {"an answer": 0.5}})
    cited, addressed = assumptions.check_log([entry._replace(evidence="E01")])[1:3]
    assert (cited.state, addressed.state) == (State.MET, State.MET)
    assert "1 cite none" in assumptions.check_log([entry, entry._replace(evidence="none")])[1].says
    assert assumptions.check_log([entry._replace(evidence="none")])[1].state is State.GAP
    monkeypatch.setattr(data_log, "read_boards", OneLess)
    assert [check.says for check in data_log.check_files() if check.state is State.GAP] == ["boards.csv holds 41."]
    register = dict(assumptions.load_register())
    bare = next(cited for cited in PARAMETERS["plan_base"].about.evidence if cited in register)
    monkeypatch.setattr(assumptions, "load_register", lambda: {**register, bare: replace_address(register[bare])})
    silent = assumptions.check_log([entry])[2]
    assert silent.state is State.GAP and silent.says == f"1 entry has no address: {bare}."


def replace_address(entry: Evidence) -> Evidence:
    """The same entry of the register without an address."""
    return replace(entry, url=())


def test_a_rule_that_says_nothing_of_itself_is_a_gap_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "money.py").write_text(
        'def told():\n    """It says."""\n\n\ndef silent():\n    return 1\n', "utf-8"
    )
    assert not any("rule" in gap.asked for gap in descriptions.write_odd().gaps)
    monkeypatch.setattr(descriptions, "files", lambda name: tmp_path)
    (gap,) = (gap for gap in descriptions.write_odd().gaps if gap.asked == "Does every rule say what it does?")
    assert gap.says == "1 of 2 says nothing: silent."


def test_every_assumption_of_the_model_stands_in_the_log_once_and_risk_sorts_it() -> None:
    chapter = assumptions.write_assumptions({}, "Not measured.")
    rows = [(row[1], row[0]) for row in chapter.sheets[0].rows]
    assert len(set(rows)) == len(rows) and {name for kind, name in rows if kind != "structural choice"} == set(
        PARAMETERS
    )
    at_rest = [row[10] == assumptions.AT_REST for row in chapter.sheets[0].rows]
    assert any(at_rest) and at_rest == sorted(at_rest) and all(row[9] is None for row in chapter.sheets[0].rows[-5:])
    risks = [float(str(row[9])) for row, rests in zip(chapter.sheets[0].rows, at_rest, strict=True) if not rests]
    assert risks == sorted(risks, reverse=True) and risks[0] > 0
    asked = "Is the impact of every assumption measured that bears on money kept or new money in these policies?"
    assert asked in {check.asked for check in chapter.gaps}


def line(passes: bool, section: str = "fitted") -> Line:
    return Line(section, "x1", "A finding", (), 1.0, 1.0, 0.0, 2.0, (0.0, 2.0), passes, True, None)


def test_a_missed_finding_is_a_gap_with_its_name() -> None:
    for section in SECTIONS:
        met = {c.asked for c in validation.check_lines((line(True, section),)) if c.state is State.MET}
        missed = validation.check_lines((line(True, section), line(False, section)))
        assert len(met) == 1 and {c.asked for c in missed if "1 of 2 is missed: A finding." in c.says} == met
    assert all(check.state is State.GAP for check in validation.check_lines(()))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Effective samples {size}, 7,238; log evidence {evidence}, of the {now} uncertain numbers", State.MET),
        ("Effective samples 8,146, {size}; log evidence {evidence}, of the {now} uncertain numbers", State.GAP),
        ("Effective samples {size}, 7,238; log evidence -7.01, of the {now} uncertain numbers", State.GAP),
        ("of the {now} uncertain numbers", State.GAP),
        ("of the 3 uncertain numbers", State.GAP),
        ("nothing said", State.GAP),
        ("sources {code}", State.MET),
        ("hash of the model's sources 0123456789abcdef, of the {now} uncertain numbers", State.GAP),
        ("hash of the model's sources `0123456789abcdef`, of the {now} uncertain numbers", State.GAP),
    ],
)
def test_a_record_of_another_fit_is_a_gap(
    text: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checks.md"
    fit = validation.read_fit_document()
    size, evidence = f"{fit['quality']['effective']:,.0f}", f"{fit['quality']['log_evidence']:.2f}"
    text = text.format(now=fit["uncertain"], code=source_hash(), size=size, evidence=evidence)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(validation, "find_document", lambda name: path)
    check = validation.check_record(*validation.RECORDS[0])
    assert check.state is state and ("other model code" not in check.says or validation.RECORDS[0][2] in check.says)


def test_impacts_that_were_measured_with_other_code_are_a_gap_that_says_how_to_make_them_again() -> None:
    for record in (records.SCREEN, records.STRUCTURES):
        met = records.compare_code(record, source_hash(), "1 May 2026")
        assert met.state is State.MET and f"{record.name}, last changed on 1 May 2026, was made with" in met.says
        for other, words in (("0123456789abcdef", "other model code, 0123456789abcdef; ours is"), ("", "does not say")):
            gap = records.compare_code(record, other)
            assert gap.state is State.GAP and words in gap.says and record.again in gap.says


def test_the_records_of_impacts_are_read_for_the_code_that_they_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "fixed_numbers.md"
    page.write_text(f"Made with this hash of the model's sources\n`{source_hash()}`.\n", encoding="utf-8")
    monkeypatch.setattr(records, "find_document", lambda name: page)
    assert records.check_screen().state is State.MET
    page.write_text("Nothing.", encoding="utf-8")
    assert records.check_screen().state is State.GAP
    (tmp_path / "data").mkdir()
    for code, state in ((source_hash(), State.MET), ("0" * 16, State.GAP)):
        (tmp_path / "data" / "structures.json").write_text(f'{{"code": "{code}"}}', encoding="utf-8")
        monkeypatch.setattr(records, "files", lambda name: tmp_path)
        assert records.check_structures().state is state


def test_evidence_for_a_structure_is_named_and_does_not_make_the_choice_against_it_more_reliable() -> None:
    log = {entry.name: entry for entry in assumptions.describe_structures()}
    for name, evidence in (("no_leaders", "judgement; for it: T07"), ("no_peers", "judgement")):
        assert (log[name].evidence, log[name].reliability) == (evidence, "assumption")
    assert log["no_leaders"].addresses.startswith("https://") and log["no_peers"].addresses == "–"


def test_documents_that_are_not_there_are_gaps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "0001-bare.md").write_text("# 0001 Bare\n\n## Context\n\nWhy.\n", encoding="utf-8")
    monkeypatch.setattr(descriptions, "find_document", lambda name: tmp_path)
    assert "0001" in descriptions.write_decisions().gaps[0].says
    monkeypatch.setattr(descriptions, "find_document", lambda name: None)
    monkeypatch.setattr(descriptions, "read_document", lambda name, below=1: None)
    monkeypatch.setattr(validation, "find_document", lambda name: None)
    chapters = descriptions.write_decisions(), descriptions.write_odd(), descriptions.write_rationale()
    assert [len(chapter.gaps) for chapter in (*chapters, descriptions.write_trace())] == [1, 1, 1, 1]
    assert validation.check_record(*validation.RECORDS[0]).state is State.GAP


def test_every_decision_is_read_with_its_context_and_choice() -> None:
    chapter = descriptions.write_decisions()
    assert not chapter.gaps and len(chapter.sheets[0].rows) > 70
    rows = {str(row[0]): row for row in chapter.sheets[0].rows}
    assert rows["0014"][4] == "Succeeded by 0018."
    assert {"0004", "0011", "0014", "0043", "0060"} <= {number for number, row in rows.items() if row[4] != "–"}


def test_a_gap_of_any_chapter_stands_in_the_statement_of_use_and_boxes_stay_open() -> None:
    planted_gap = Chapter("A chapter", (), (), (judge("Is it so?", False, "yes", "No, it is not."),))
    statement = statement_of_use.write_statement([planted_gap])
    gaps, signed, boxes = (block for block in statement.blocks if isinstance(block, Table))
    assert gaps.rows[0] == ("A chapter", "Is it so?", "No, it is not.", "–")
    assert gaps.rows[1][:2] == ("Statement of use", statement.gaps[0].asked) and len(gaps.rows) == 2
    assert signed.rows[0][1] == "GAP"
    assert all(row[2:] == (statement_of_use.OPEN,) * 4 for row in boxes.rows) and statement.gaps
    assert tabulate_checks(planted_gap.checks).rows == (("Is it so?", "GAP", "No, it is not."),)


def test_the_code_and_the_numbers_of_a_list_stay() -> None:
    text = "1. a, then\n\n       x = 1\n\n   and more\n2. b\n   * c\n\nEnd.\n"
    first, code, rest, last, end = documents.read_blocks(text)
    assert getattr(first, "entries", ()) == ("1. a, then",) and getattr(code, "lines", ()) == ("x = 1",)
    assert getattr(rest, "text", "") == "and more" and getattr(last, "entries", ()) == ("2. b c",)
    assert getattr(end, "text", "") == "End."
    for name in ("model.md", "rationale.md", "calibration/checks.md", "calibration/independent.md"):
        path = documents.find_document(name)
        assert path is not None
        tokens = documents_tokens(path.read_text(encoding="utf-8"))
        read = documents.read_document(name) or ()
        assert sum(isinstance(block, Code) for block in read) == tokens, name


def documents_tokens(text: str) -> int:
    """How many pieces of code a page has, wherever they stand."""
    from markdown_it import MarkdownIt

    return sum(token.type in ("fence", "code_block") for token in MarkdownIt("commonmark").enable("table").parse(text))


def test_a_drawing_of_a_page_is_drawn_where_its_file_is_there_and_named_where_it_is_not(tmp_path: Path) -> None:
    text = "![A line](line.svg)\n\n![A photograph](far.png)\n"
    assert [type(block) for block in documents.read_blocks(text, 1, tmp_path)] == [Paragraph, Paragraph]
    (tmp_path / "line.svg").write_text("no drawing", encoding="utf-8")
    assert isinstance(documents.read_blocks(text, 1, tmp_path)[0], Paragraph)
    (tmp_path / "line.svg").write_text("<svg></svg>\n", encoding="utf-8")
    drawn, named = documents.read_blocks(text, 1, tmp_path)
    assert drawn == Picture("<svg></svg>", "A line") and "A photograph" in getattr(named, "text", "")
    checks = documents.read_document("calibration/checks.md") or ()
    assert any(isinstance(block, Picture) for block in checks)


def test_what_moved_no_answer_and_what_was_given_before_the_fit_stand_in_the_scoreboard() -> None:
    still = replace(line(True), moved=False, prior=1.25, title="Turnover")
    moved = replace(line(True), moved=True, title="Interviews")
    table = validation._tabulate_lines((still, moved, line(True, "patterns, not fitted")))
    assert [(row[4], row[-1]) for row in table.rows] == [("1.25", "no"), ("–", "yes"), ("–", "–")]
    (said,) = validation._describe_unmoved((still, moved))
    assert said.text.startswith("1 of the 2 fitted lines did not move the answer: Turnover.")
    assert validation._describe_unmoved((moved,)) == ()
    assert "1 of them did not move the answer" in validation.check_lines((still, moved))[0].says


def test_judgements_are_no_source_to_hold_a_file_against_and_people_read_one_form_of_dates() -> None:
    sources = data_log.read_data_log()
    held = data_log.check_dates(sources, DAY)[1].says
    outside = [s for s in sources if not s.source.startswith((data_log.OWN, data_log.JUDGEMENT))]
    assert any(source.source.startswith(data_log.JUDGEMENT) for source in sources)
    assert "Weights of the ways" not in held and f" of {len(outside)}:" in held
    shown = next(block for block in data_log.write_data_log(DAY).blocks if isinstance(block, Points))
    said = {str(row[0]): row[7] for row in data_log.make_sheet(sources, DAY).rows}
    assert said["Weights of the ways to write the model"] == "has no outside source"
    assert said["Boards and their allocations"] == "not recorded"
    assert not any(re.search(r"\d{4}-\d\d-\d\d", entry) for entry in shown.entries)


def test_the_line_on_assurance_stands_where_the_statement_of_use_says_that_it_does() -> None:
    from ruamel.yaml import YAML

    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert NOT_ASSURED in citation["message"] and NOT_ASSURED in " ".join(citation["abstract"].split())
    assert NOT_ASSURED in json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))["description"]


def test_the_questions_of_odd_d_are_one_table_with_their_themes_and_no_row_is_lost() -> None:
    read = documents.read_document("rationale.md") or ()
    section = descriptions.part_at(read, descriptions.QUESTIONS)[1]
    (table,) = descriptions.part_at(descriptions.write_rationale().blocks, descriptions.QUESTIONS)[1]
    assert isinstance(table, Table) and table.head == ("theme", "question", "answer")
    assert [row[1:] for row in table.rows] == [row for part in section if isinstance(part, Table) for row in part.rows]
    assert list(dict.fromkeys(row[0] for row in table.rows)) == [h.text for h in section if isinstance(h, Heading)]
    mixed = (Heading("A"), Table(("x",), (("1",),)), Paragraph("Between."))
    assert descriptions.join_tables(mixed, "A") == mixed


def test_what_carries_a_verdict_is_said_for_every_headline_comparison_on_both_outcomes() -> None:
    study = make_study([load_scenario(name) for name in HEADLINE], draw_futures(100))
    kept, first, new, second = sensitivity._list_carriers(study)
    assert (getattr(kept, "text", ""), getattr(new, "text", "")) == ("On money kept", "On new money")
    pairs = [(c.new, c.old) for c in study.of("retained")]
    for said in (first, second):
        assert isinstance(said, Points) and len(said.entries) == 6
        for words, (policy, today) in zip(said.entries, pairs, strict=False):
            assert f"“{policy}” against “{today}”" in words
        assert not any("none of the 0" in words for words in said.entries)
        for words, comparison in zip(
            said.entries, study.of("retained" if said is first else "additional"), strict=False
        ):
            assert f": {comparison.average_words} on average" in words, "the verdict comes before what carries it"
    assumed = first.entries[0] if isinstance(first, Points) else ""
    assert "is assumed" in assumed and "(pull_ringfence)" in assumed and "unless it is audited" in assumed


def test_a_verdict_that_is_not_settled_has_nothing_that_carries_it_and_a_line_on_structures_alone_says_so() -> None:
    study = make_study([load_scenario(name) for name in HEADLINE], draw_futures(100))
    item = next(item for item in study.examined if not item.comparison.sign_assumed)
    way = Carrier("structure", "label_needs_audit", float("nan"), 80, -0.05, 0.01, 0.1, -1)
    carriers = VerdictCarriers((way,), 0, 21)
    settled = replace(item.comparison, n=1_000, standard_error=abs(item.comparison.difference) / 10)
    alone = sensitivity._describe_carrier(replace(item, comparison=settled, carriers=carriers), study)
    assert ", settled. What carries" in alone and "Only ways to write the model were looked at" in alone
    both = replace(item, comparison=settled, carriers=replace(carriers, parameters=9))
    assert "Only ways" not in sensitivity._describe_carrier(both, study)
    open_ = replace(settled, standard_error=abs(item.comparison.difference))
    told = sensitivity._describe_carrier(replace(item, comparison=open_, carriers=carriers), study)
    assert ", not settled. " in told and "there is no verdict" in told and "What carries" not in told


def test_a_way_to_write_the_model_takes_an_assumed_sign_away_only_beyond_chance() -> None:
    study = make_study([load_scenario(name) for name in HEADLINE], draw_futures(100))
    item = next(item for item in study.examined if item.comparison.sign_assumed and item.averaged)
    assert item.averaged is not None
    name, way = next((name, way) for name, way in item.averaged.by_structure.items() if way.difference > 0)
    for changed, words in (
        (replace(way, difference=0.0, better=0, same=way.n, standard_error=0.0), "it makes no difference if"),
        (replace(way, difference=-0.1, better=0, worse=way.n, standard_error=0.001), "it does less if"),
        (replace(way, difference=-0.001, standard_error=0.1), "whether it does more is not clear if"),
    ):
        averaged = replace(item.averaged, by_structure={name: changed})
        assert words in sensitivity._describe_turned(replace(item, averaged=averaged))


def test_a_figure_that_no_cited_source_states_is_printed_as_a_gap() -> None:
    known = read_targets()
    stated = [known["floor_national"], known["dental_refused"]]
    assert validation.check_sources(stated).state is State.MET
    for wrong in (
        replace(stated[0], states=""),
        replace(stated[0], states="29 of 204"),
        replace(stated[0], evidence=("F05",)),
        replace(stated[0], evidence=("Z99",)),
    ):
        check = validation.check_sources([*stated, wrong])
        assert check.state is State.GAP
        assert f"for 1 of 3 findings. {wrong.title} ({wrong.evidence[0]}; fitted)" in check.says
    here = validation.check_sources(known.values()).says
    assert "2 of" in here and known["deficits_2022"].title in here and known["deficits_2023"].title in here


def test_the_scoreboard_says_what_a_figure_that_is_no_point_is() -> None:
    lines = scoreboard(20)
    rows = {row[1]: row[3] for row in validation._tabulate_lines(lines).rows}
    titles = {name: read_targets()[name].title for name in ("dental_refused", "choosing_full", "deficits_2022")}
    assert rows[titles["dental_refused"]].startswith("at least 0.28")
    assert rows[titles["choosing_full"]].startswith("under 0.1")
    assert "16 to 18" in rows[titles["deficits_2022"]]
    notes = validation.make_sheet(lines)
    at = [column.heading for column in notes.columns].index("Note on what was seen")
    assert sum(bool(row[at]) for row in notes.rows) > 15


def test_a_switch_and_its_structure_stand_once_among_the_first_as_the_one_of_larger_risk() -> None:
    structure = next(entry for entry in assumptions.describe_structures() if entry.name == "unaware")
    (held,) = STRUCTURES["unaware"].held
    switch = structure._replace(name=held, kind=assumptions.SWITCH)
    other = structure._replace(name="no_habit")
    assert assumptions.choose_first([switch, structure, other]) == [switch, other]
    assert assumptions.choose_first([structure, switch, other]) == [structure, other]
    assert "without a new fit" in assumptions.write_plainly(switch)


def test_a_structure_is_clear_of_noise_only_beyond_the_errors_of_two_averages() -> None:
    base = {"mean": 0.70, "low": 0.45, "high": 0.95}
    assert assumptions._stands_apart({**base, "mean": 0.74}, base)
    assert not assumptions._stands_apart({**base, "mean": 0.705}, base)
    log = {entry.name: entry for entry in assumptions.describe_structures()}
    assert log["label_needs_audit"].clear == "yes" and log["raid_first"].clear == "no"


def test_every_stage_of_a_quarter_is_drawn_and_its_words_stay_within_the_picture() -> None:
    stages = list(descriptions.list_stages())
    picture = draw_stages(stages)
    assert all(escape(words) in picture.svg for stage in stages for words in stage)
    assert all(says in picture.alt for _, says, _ in stages)
    room = stage_diagram.BACK - 60 - stage_diagram.LEFT - 60
    assert all(measure_text(says, 12) + measure_text(name, 11) < room for _, says, name in stages)
    odd = descriptions.write_odd()
    assert not any("diagram" in check.asked for check in descriptions.write_stress(odd).gaps)
    bare = replace(odd, blocks=())
    assert any("diagram" in check.asked for check in descriptions.write_stress(bare).gaps)
    for wrong in (stages[:-1], [stages[1], stages[0], *stages[2:]]):
        assert descriptions.check_diagram(replace(odd, blocks=(draw_stages(wrong),))).state is State.GAP


def test_a_nought_names_no_headline() -> None:
    silent = assumptions.describe_fixed(PARAMETERS["seen_q1"], {"seen_q1": {"an answer": 0.0}})
    (row,) = assumptions.make_sheet([silent], ["an answer"]).rows
    assert assumptions.NONE_SEEN in row and "an answer" not in row


def test_markdown_becomes_blocks_whose_headings_leave_no_level_out() -> None:
    text = "# A\n\n### B `c`\n\nOne\ntwo [link](x.md).\n\n* p\n* q\n  * r\n\n"
    text += "| a | b |\n|---|---|\n| 1 | <b> |\n\n```\nrun\n```\n"
    blocks = documents.read_blocks(text)
    assert blocks[0] == Heading("A", 2) and blocks[1] == Heading("B c", 3)
    assert getattr(blocks[2], "text", "") == "One two link."
    assert isinstance(blocks[3], Points) and blocks[3].entries == ("p", "q r")
    assert blocks[4] == Table(("a", "b"), (("1", "<b>"),)) and getattr(blocks[5], "lines", ()) == ("run",)


def test_the_impact_of_a_structure_is_the_difference_of_the_two_averages_as_the_tables_show_them() -> None:
    table = {str(row[0]): row for row in sensitivity.make_structure_sheet().rows}
    log = {entry.name: entry for entry in assumptions.describe_structures()}
    (default,) = (row for name, row in table.items() if name == "default")
    for name, row in table.items():
        if name in log:
            shown = abs(round(float(str(row[2])), 2) - round(float(str(default[2])), 2))
            assert log[name].moves["money kept under today's rules"] == pytest.approx(shown, abs=1e-9)


def test_a_sign_that_rests_on_no_pull_of_the_fence_is_not_said_to_rest_on_it() -> None:
    study = make_study([load_scenario(name) for name in HEADLINE], draw_futures(100))
    assert PARAMETERS["ring_leader_mix"].default == 0 and not assumptions.is_uncertain(PARAMETERS["ring_leader_mix"])
    told = {
        (item.comparison.new, item.comparison.old): sensitivity._describe_carrier(item, study)
        for item in study.examined
        if item.comparison.sign_assumed
    }
    both, lead = load_scenario("both").title, load_scenario("leadership").title
    assert "(pull_ringfence)" not in told[both, FENCE.title] and "(pull_chief)" in told[both, FENCE.title]
    assert sensitivity.FENCE_IN_BOTH in told[both, FENCE.title]
    assert "(pull_ringfence)" in told[both, lead] and sensitivity.FENCE_IN_BOTH not in told[both, lead]


def test_the_scale_of_a_number_that_can_never_harm_begins_at_zero() -> None:
    assert find_lowest("pull_ringfence") == 0 > PARAMETERS["pull_ringfence"].about.low
    assert find_lowest("plan_base") == PARAMETERS["plan_base"].about.low
