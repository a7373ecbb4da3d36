"""A replay of one's own: a YAML file, perhaps with a table of bodies beside it; mistakes are all told at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from problem_lists import Mistake, check_mistake, check_problem, problems_of, read_cases, write_file

from simulator.common.units import Unit
from simulator.common.yaml_nodes import MOST_PROBLEMS, Problem, ScenarioError
from simulator.declarations.calendar import NEVER
from simulator.declarations.levers import LEVERS
from simulator.replays.replay import Replay, load_replay
from simulator.replays.targets import Use, read_targets
from simulator.runs.futures import draw_futures
from simulator.scenarios.scenario import baseline_values

pytestmark = pytest.mark.calibration

FEW = draw_futures(12, seed=3, source="prior")
HEAD = "title: T\nquestion: Q?\nboards: 7 equal bodies\nstarts: 2019/20\nyears: 1\nfirst_plan: Q1\n"
OBSERVE = "observe:\n  kept: {measure: retained}\n"
WHY = "because: b, evidence: [R06]"
BODIES = (
    "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"
    "A,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,N\nC,Cee,1,700,0.5,10,S\n"
)


def made(folder: Path, text: str) -> Replay:
    return load_replay(write_file(folder, text))


def problems(path: Path) -> tuple[Problem, ...]:
    return problems_of(lambda: load_replay(path))


def only_problem(folder: Path, text: str) -> Problem:
    problems_found = problems(write_file(folder, text))
    assert len(problems_found) == 1, [str(p) for p in problems_found]
    return problems_found[0]


# Replays that are right.


def test_a_world_with_a_table_of_bodies_beside_it_runs(tmp_path: Path) -> None:
    write_file(tmp_path, BODIES, "bodies.csv")
    text = HEAD.replace("7 equal bodies", "bodies.csv").replace("years: 1", "years: 2") + (
        "levers:\n  ringfence: {to: [1, 1, 1, 1, 0, 0, 0, 0], WHY}\n  gap_mean: {to: 2, WHY}\n"
        "parameters:\n  pull_ringfence: {to: 5, WHY}\n"
        "observe:\n  kept: {measure: retained, at_least: 0.95, year: 2, observed: 0.4, evidence: [R06], says: Some}\n"
        "  both: {measure: retained}\n"
    ).replace("WHY", WHY)
    one = made(tmp_path, text)
    assert (len(one.boards), one.boards.source, one.name) == (3, "bodies.csv", "mine")
    assert one.schedule[LEVERS["ringfence"].group]["ringfence"].tolist() == [1] * 4 + [0] * 4
    assert one.held == {"pull_ringfence": 5.0}
    yearly = one.run(FEW.points, FEW.runs, seed=9)
    assert yearly.areas is not None
    assert yearly.areas.shape == (12, 2, 3)
    read = one.predict(FEW.points, FEW.runs, seed=9)
    np.testing.assert_allclose(read["kept"], [sum(x >= 0.95 for x in d) / 3 for d in yearly.areas["retained"][:, 1]])
    pot, lost = yearly.nation["pot"].sum(axis=1), yearly.nation["released"].sum(axis=1)
    raided = sum(yearly.nation[f"raided_q{k}"].sum(axis=1) for k in (1, 2, 3, 4))
    np.testing.assert_allclose(read["both"], (pot - lost - raided) / pot)


def test_a_number_of_one_s_own_is_never_fitted_and_carries_its_unit_and_evidence(tmp_path: Path) -> None:
    text = HEAD + "observe:\n  net_gap: {measure: deficit, observed: 0.4, evidence: [F05], says: So much}\n"
    [o] = made(tmp_path, text).observations
    assert o.observed is not None
    assert (o.observed.use, o.observed.observed, o.observed.unit) == (Use.OWN, (0.4,), Unit.PERCENT)
    assert (o.observed.says, o.observed.evidence) == ("So much", ("F05",))
    [plain] = made(tmp_path, HEAD + "observe:\n  net_gap: {measure: deficit, observed: 0.4}\n").observations
    assert plain.observed is not None
    assert plain.observed.says == "net gap"


def test_what_is_observed_can_be_a_target_by_its_id(tmp_path: Path) -> None:
    [o] = made(tmp_path, HEAD + "observe:\n  x: {measure: spent, observed: choosing_money}\n").observations
    assert o.observed is read_targets()["choosing_money"]


def test_levers_that_are_not_named_keep_their_declared_defaults(tmp_path: Path) -> None:
    one = made(tmp_path, HEAD + OBSERVE)
    for name, lever in LEVERS.items():
        assert one.schedule[lever.group][name].tolist() == [lever.default] * 4, name


def test_a_lever_can_be_set_on_top_of_the_baseline(tmp_path: Path) -> None:
    text = HEAD.replace("2019/20", "2022/23").replace("7 equal bodies", "real") + "calendar: baseline\n"
    one = made(tmp_path, text + f"levers:\n  audit: {{to: on, {WHY}}}\n" + OBSERVE)
    for name, lever in LEVERS.items():
        expected = [1.0] * 4 if name == "audit" else baseline_values()[name][:4].tolist()
        assert one.schedule[lever.group][name].tolist() == expected, name
    assert one.by_body is False


def test_boards_that_merge_need_the_calendar_of_their_dates(tmp_path: Path) -> None:
    real = HEAD.replace("7 equal bodies", "real").replace("years: 1", "years: 4") + OBSERVE
    problem = only_problem(tmp_path, real)
    assert (problem.line, problem.path) == (3, "boards")
    assert "count from 2022/23; start the replay then, or set reorganise to 0" in problem.message
    still = made(tmp_path, real + f"levers:\n  reorganise: {{to: off, {WHY}}}\n")
    assert (still.boards.areas["share_q"] < NEVER).any()
    assert made(tmp_path, real.replace("years: 4", "years: 3"))
    assert made(tmp_path, real.replace("2019/20", "2022/23"))


def test_worlds_without_a_word_for_their_chance_meet_the_same_luck_whatever_their_files_are_called(
    tmp_path: Path,
) -> None:
    first = load_replay(write_file(tmp_path, HEAD + OBSERVE, "first.yaml"))
    variant = load_replay(write_file(tmp_path, HEAD.replace("title: T", "title: A variant") + OBSERVE, "second.yaml"))
    own = load_replay(write_file(tmp_path, HEAD + "chance: another draw\n" + OBSERVE, "third.yaml"))
    kept_shares = [w.predict(FEW.points, FEW.runs, seed=9)["kept"] for w in (first, variant, own)]
    np.testing.assert_array_equal(kept_shares[0], kept_shares[1])
    assert (kept_shares[0] != kept_shares[2]).any()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.22", 0.22),
        ("22%", 0.22),
        ("22 %", 0.22),
        ("２２%", 0.22),
        ("1", 1.0),
    ],
)
def test_a_share_that_was_observed_may_be_written_as_a_percentage(tmp_path: Path, typed: str, value: float) -> None:
    [o] = made(tmp_path, HEAD + f"observe:\n  x: {{measure: spent, observed: {typed}, at_least: 95%}}\n").observations
    assert o.observed is not None
    assert (o.observed.observed, o.at_least) == ((value,), 0.95)


def test_a_percentage_of_the_allocation_keeps_its_number(tmp_path: Path) -> None:
    [o] = made(tmp_path, HEAD + "observe:\n  x: {measure: deficit, observed: 1.3%}\n").observations
    assert o.observed is not None
    assert o.observed.observed == (1.3,)


def test_groups_of_bodies_are_read_by_their_money_together_and_by_counting(tmp_path: Path) -> None:
    observe = (
        "observe:\n  low: {measure: spent, groups: 3, take: lowest}\n"
        "  high: {measure: spent, groups: 3, take: highest}\n"
        "  range: {measure: spent, groups: 3}\n  counted: {measure: spent, at_least: 0.5, groups: 3}\n"
    )
    one = made(tmp_path, HEAD + observe)
    rows = one.run(FEW.points, FEW.runs, seed=9).areas
    assert rows is not None
    groups = [[0, 1, 2], [3, 4], [5, 6]]
    spent, counted = (
        np.array([[f(rows[k, 0][group]) for group in groups] for k in range(len(FEW))])
        for f in (
            lambda b: (b["spent"] + b["direct"]).sum() / b["funding"].sum(),
            lambda b: np.mean((b["spent"] + b["direct"]) / b["funding"] >= 0.5),
        )
    )
    read = one.predict(FEW.points, FEW.runs, seed=9)
    np.testing.assert_allclose(read["low"], spent.min(axis=1))
    np.testing.assert_allclose(read["high"], spent.max(axis=1))
    np.testing.assert_allclose(read["range"], np.ptp(spent, axis=1))
    np.testing.assert_allclose(read["counted"], np.ptp(counted, axis=1))
    assert (read["range"] > 0).any()


def test_the_bodies_with_most_of_something_are_set_against_all_others(tmp_path: Path) -> None:
    one = made(tmp_path, HEAD + "observe:\n  gain: {measure: retained, at_least: 0.95, top: 2, by: chief}\n")
    rows = one.run(FEW.points, FEW.runs, seed=9).areas
    assert rows is not None
    expected = []
    for bodies in rows[:, 0]:
        strongest = np.argsort(-bodies["chief"])
        full = bodies["retained"] >= 0.95 - 1e-9
        expected.append(full[strongest[:2]].mean() - full[strongest[2:]].mean())
    np.testing.assert_allclose(one.predict(FEW.points, FEW.runs, seed=9)["gain"], expected)
    assert len(set(expected)) > 1


def test_bodies_that_only_their_place_in_the_table_tells_apart_do_alike(tmp_path: Path) -> None:
    """A negative control: all have the same funding, so that the first of them are read as those with most."""
    many = draw_futures(400, seed=4)
    text = HEAD.replace("7 equal", "60 equal")
    chief, funding = (
        made(tmp_path, text + f"observe:\n  gain: {{measure: retained, at_least: 0.95, top: 20, by: {by}}}\n").predict(
            many.points, many.runs, seed=9
        )["gain"]
        for by in ("chief", "funding")
    )
    assert chief.mean() > 0.05
    assert abs(funding.mean()) < 0.03


# Replays that are wrong.

BAD = [
    ("question: Q?\n", "question: Q?\nchance:\n", 3, "chance", "is empty"),
    (OBSERVE, "", 1, "observe", "must name at least one thing to read"),
    (OBSERVE, "observe: 3\n", 7, "observe", "must name at least one thing to read"),
    (OBSERVE, "observe:\n  kept: retained\n", 8, "observe.kept", "must be a mapping such as {measure: spent"),
    ("retained", "retaind", 8, "observe.kept.measure", "did you mean 'retained'?"),
    ("measure: retained", "at_least: 1", 8, "observe.kept.measure", "is missing"),
    (OBSERVE, OBSERVE + "  kept: {measure: spent}\n", 9, "observe.kept", "is written twice (first on line 8)"),
    ("title: T", "title:", 1, "title", "is empty"),
    ("question: Q?\n", "", 1, "question", "is missing"),
    ("7 equal", "501 equal", 3, "boards", "ask for 1 to 500"),
    ("7 equal", "0 equal", 3, "boards", "must be real, a number such as '120 equal bodies', or a CSV file"),
    ("7 equal bodies", "nowhere.csv", 3, "boards", "nowhere.csv"),
    ("boards: 7 equal bodies\n", "", 1, "boards", "must be real"),
    ("2019/20", "2019", 4, "starts", "is not a financial year; write it like 2023/24"),
    ("starts: 2019/20\n", "", 1, "starts", "is not a financial year"),
    ("years: 1", "years: 9", 5, "years", "must be a whole number from 1 to 8"),
    ("years: 1", "years: 1.5", 5, "years", "must be a whole number from 1 to 8"),
    ("Q1", "Q5", 6, "first_plan", "must be Q1, Q2, Q3 or Q4"),
    (OBSERVE, "calendar: base\n" + OBSERVE, 7, "calendar", "must be baseline, or be left out"),
    (OBSERVE, "calendar: baseline\n" + OBSERVE, 7, "calendar", "starts in 2022/23, and so must the replay"),
    (OBSERVE, "levers: 1\n" + OBSERVE, 7, "levers", "must be a mapping from name to"),
    (OBSERVE, "levers: {audit: 1}\n" + OBSERVE, 7, "levers.audit", "must be a mapping such as {to: 1"),
    (OBSERVE, f"levers: {{audt: {{to: 1, {WHY}}}}}\n{OBSERVE}", 7, "levers.audt", "did you mean 'audit'?"),
    (OBSERVE, f"levers: {{audit: {{to: 2, {WHY}}}}}\n{OBSERVE}", 7, "levers.audit.to", "2 is above 1"),
    (OBSERVE, f"levers: {{audit: {{to: .nan, {WHY}}}}}\n{OBSERVE}", 7, "levers.audit.to", "is not a number"),
    (OBSERVE, f"levers: {{audit: {{to: [1, 0], {WHY}}}}}\n{OBSERVE}", 7, "levers.audit.to", "needs one value or 4"),
    (OBSERVE, f"levers: {{audit: {{{WHY}}}}}\n{OBSERVE}", 7, "levers.audit.to", "is missing"),
    (OBSERVE, f"levers: {{audit: {{to: 1, evidence: [R06]}}}}\n{OBSERVE}", 7, "levers.audit.because", "is missing"),
    (OBSERVE, f"levers: {{audit: {{to: 1, because: b}}}}\n{OBSERVE}", 7, "levers.audit.evidence", "is missing"),
    (OBSERVE, f"levers: {{slip: {{to: 1, {WHY}}}}}\n{OBSERVE}", 7, "levers.slip", "is not one of the levers"),
    (OBSERVE, f"parameters: {{audit: {{to: 1, {WHY}}}}}\n{OBSERVE}", 7, "parameters.audit", "is not one of the"),
    (OBSERVE, f"parameters: {{slip: {{to: [1, 1], {WHY}}}}}\n{OBSERVE}", 7, "parameters.slip.to", "needs one value,"),
    (OBSERVE, f"parameters: {{slip: {{to: -1, {WHY}}}}}\n{OBSERVE}", 7, "parameters.slip.to", "-1 is below 0"),
    (OBSERVE, OBSERVE + "bords: 1\n", 9, "bords", "did you mean 'boards'?"),
]


@pytest.mark.parametrize("mistake", BAD)
def test_one_mistake_is_told_with_its_line_and_its_place(tmp_path: Path, mistake: Mistake) -> None:
    def report(text: str) -> tuple[Problem, ...]:
        found = problems(write_file(tmp_path, text))
        assert all(problem.file.endswith("mine.yaml") for problem in found)
        return found

    check_mistake(mistake, HEAD + OBSERVE, report)


@pytest.mark.parametrize(("entry", "path", "words"), read_cases(Path(__file__).with_name("bad_observations.txt")))
def test_a_mistake_in_what_is_observed_is_told_at_its_entry(tmp_path: Path, entry: str, path: str, words: str) -> None:
    text = HEAD + OBSERVE.replace("retained}", entry + "}")
    check_problem(problems(write_file(tmp_path, text)), 8, path, words)


def test_all_mistakes_come_in_one_message_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        "title: ''\n"
        "question: Q?\n"
        "boards: 900 equal bodies\n"
        "starts: soon\n"
        "years: 0\n"
        "first_plan: March\n"
        "calender: baseline\n"
        "levers:\n"
        "  audit: {to: 3, because: b, evidence: [R06]}\n"
        "  ringfense: {to: 1, because: b, evidence: [R06]}\n"
        "  named: {to: 1, because: '', evidence: []}\n"
        "parameters:\n"
        "  slip: {to: 9, because: b, assumption: perhaps, evidence: [Z1]}\n"
        "observe:\n"
        "  a: {measure: spend}\n"
        "  b: {measure: spent, year: 3, observed: nobody_knows}\n"
    )
    problems_found = problems(write_file(tmp_path, text))
    assert [(p.line, p.path) for p in problems_found] == [
        (1, "title"),
        (3, "boards"),
        (4, "starts"),
        (5, "years"),
        (6, "first_plan"),
        (7, "calender"),
        (9, "levers.audit.to"),
        (10, "levers.ringfense"),
        (11, "levers.named.because"),
        (11, "levers.named.evidence"),
        (13, "parameters.slip.assumption"),
        (13, "parameters.slip.evidence"),
        (13, "parameters.slip.to"),
        (15, "observe.a.measure"),
        (16, "observe.b.year"),
        (16, "observe.b.observed"),
    ]
    with pytest.raises(ScenarioError) as caught:
        load_replay(tmp_path / "mine.yaml")
    assert len(str(caught.value).splitlines()) == len(problems_found)


def test_every_mistake_in_the_table_of_bodies_is_told(tmp_path: Path) -> None:
    write_file(tmp_path, BODIES.replace("Ay,3", "Ay,-3").replace("-1,30", "-1,300"), "bodies.csv")
    problems_found = problems(write_file(tmp_path, HEAD.replace("7 equal bodies", "bodies.csv") + OBSERVE))
    assert {(p.line, p.path) for p in problems_found} == {(3, "boards")}
    scenario_text = "\n".join(p.message for p in problems_found)
    assert "line 2" in scenario_text and "line 3" in scenario_text


def test_a_file_of_nothing_but_mistakes_is_cut_short(tmp_path: Path) -> None:
    levers = "".join(f"  no{k}: {{to: 1, {WHY}}}\n" for k in range(3_000))
    assert len(problems(write_file(tmp_path, HEAD + "levers:\n" + levers + OBSERVE))) <= MOST_PROBLEMS + 1


HOSTILE = [
    (b"title: &a T\nquestion: *a\n", "uses '&' or '*'"),
    (b"title: !!python/object:os.system T\n", "uses a tag"),
    (b"title: T\n" + b"#" * 300_000, "is larger than"),
    (b"\x89PNG\r\n\x1a\n\x00\xff", "is not UTF-8 text"),
    (b"title: T\x00\n", "control character"),
    (b"a: " + b"[" * 500 + b"]" * 500, "nested more than"),
    (b"- T\n", "the file must be a mapping"),
    (b"", "is empty"),
    (b"title: [\n", "is not valid YAML"),
]


@pytest.mark.parametrize(("raw", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_file_is_refused_in_words(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(raw)
    [problem] = problems(path)
    assert words in problem.message


def test_a_file_that_is_not_there_a_folder_and_an_unknown_name_are_told(tmp_path: Path) -> None:
    assert [p.message for p in problems(tmp_path / "no.yaml")] == ["is not a file"]
    assert [p.message for p in problems(tmp_path)] == ["is not a file"]
    with pytest.raises(LookupError, match=r"there is no replay 'englnd'; did you mean 'england'\?"):
        load_replay("englnd")
