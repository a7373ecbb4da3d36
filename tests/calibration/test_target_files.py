"""Targets as a file: other figures, findings left out and findings added; declared tests are never fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from problem_lists import Mistake, check_mistake, problems_of, write_file

from simulator.calibration.fit import calibrate
from simulator.calibration.likelihood import LOG_LIKELIHOOD, log_likelihood
from simulator.calibration.target_file import TargetFile, read_target_file, write_target_template
from simulator.common.yaml_nodes import Problem
from simulator.replays.targets import Use, list_fitted

pytestmark = pytest.mark.calibration

WHY = "because: b, evidence: [F05]"
HEAD = "title: T\ntargets:\n"
GOOD = f"{HEAD}  deficit_2022: {{observed: 0.5, error: 0.1, {WHY}}}\n"
REPLAY = (
    "title: T\nquestion: Q?\nboards: 7 equal bodies\nstarts: 2019/20\nyears: 1\nfirst_plan: Q1\n"
    "observe:\n  kept: {measure: retained, observed: 0.4, evidence: [R06]}\n  bare: {measure: retained}\n"
)
OWN = f"{HEAD}  mine: {{replay: replay.yaml, observe: kept, error: 0.05, {WHY}}}\n"


def write(folder: Path, text: str) -> Path:
    (folder / "replay.yaml").write_text(REPLAY, encoding="utf-8")
    return write_file(folder, text)


def read(folder: Path, text: str) -> TargetFile:
    return read_target_file(write(folder, text))


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    return problems_of(lambda: read(folder, text))


def test_figures_are_changed_and_findings_left_out_and_the_rest_count_as_they_ship(tmp_path: Path) -> None:
    text = (
        f"{GOOD}  interviews: {{observed: [12, 6, 2], {WHY}}}\n  turnover: {{use: no, {WHY}}}\n"
        f"  floor_audited: {{use: off, {WHY}}}\n"
    )
    mine = {target.id: target for target in read(tmp_path, text).targets}
    shipped = {target.id: target for target in list_fitted()}
    assert set(shipped) - set(mine) == {"turnover", "floor_audited"}
    assert (mine["deficit_2022"].observed, mine["deficit_2022"].error) == ((0.5,), 0.1)
    assert mine["interviews"].observed == (12, 6, 2)
    same = set(mine) - {"deficit_2022", "interviews"}
    assert {name: mine[name] for name in same} == {name: shipped[name] for name in same}


def test_the_template_reads_back_as_the_targets_that_ship(tmp_path: Path) -> None:
    mine = read(tmp_path, write_target_template())
    assert mine.targets == list_fitted()
    assert mine.own == ()


def test_a_finding_of_one_s_own_is_read_off_its_replay_and_weighed(tmp_path: Path) -> None:
    mine = read(tmp_path, OWN)
    assert [each.target.id for each in mine.own] == ["mine"]
    target = mine.own[0].target
    assert (target.observed, target.error, target.use, target.likelihood) == ((0.4,), 0.05, Use.TARGET, "normal")
    plain = calibrate((60,), seed=3).weighted
    fit = calibrate((60,), seed=3, targets=mine.targets, own=mine.own)
    made = fit.weighted.outcomes
    np.testing.assert_array_equal(made["turnover"], plain.outcomes["turnover"])
    np.testing.assert_allclose(
        made[LOG_LIKELIHOOD], plain.outcomes[LOG_LIKELIHOOD] + log_likelihood(target, made), rtol=1e-12
    )
    assert np.ptp(made["mine"]) > 0.1
    assert fit.used[-1] == "mine"


def test_a_finding_that_is_left_out_is_not_weighed_and_another_figure_changes_the_weights(tmp_path: Path) -> None:
    plain = calibrate((60,), seed=3).weighted.outcomes
    without = read(tmp_path, f"{HEAD}  turnover: {{use: no, {WHY}}}\n").targets
    other = read(tmp_path, f"{HEAD}  turnover: {{observed: 0.5, error: 0.07, {WHY}}}\n").targets
    turnover = next(t for t in list_fitted() if t.id == "turnover")
    left_out, moved = (calibrate((60,), seed=3, targets=t).weighted.outcomes[LOG_LIKELIHOOD] for t in (without, other))
    logs = log_likelihood(turnover, plain)
    np.testing.assert_allclose(left_out, plain[LOG_LIKELIHOOD] - logs)
    np.testing.assert_allclose(moved, plain[LOG_LIKELIHOOD] - logs + log_likelihood(turnover, plain, [0.5]))


BAD = [
    ("deficit_2022", "defict_2022", 3, "targets.defict_2022", "did you mean 'deficit_2022'?"),
    ("deficit_2022", "choosing_money", 3, "targets.choosing_money", "is a declared test, which is never fitted"),
    ("deficit_2022", "dental_refused", 3, "targets.dental_refused", "is a declared test, which is never fitted"),
    ("error: 0.1", "error: 0", 3, "targets.deficit_2022.error", "0 is not above 0"),
    (", error: 0.1", "", 3, "targets.deficit_2022.error", "is missing"),
    ("observed: 0.5", "observed: half", 3, "targets.deficit_2022.observed", "must be a number"),
    ("observed: 0.5, error: 0.1", "use: yes", 3, "targets.deficit_2022.use", "can only be 'no'"),
    ("because: b, ", "", 3, "targets.deficit_2022.because", "is missing"),
    ("[F05]", "[]", 3, "targets.deficit_2022.evidence", "is empty; cite evidence"),
    (
        "deficit_2022: {observed: 0.5, error: 0.1",
        "interviews: {observed: [10, 7]",
        3,
        "targets.interviews.observed",
        "3",
    ),
    ("title: T\n", "", 1, "title", "is missing"),
    (GOOD, "title: T\ntargets: 3\n", 2, "targets", "must be a mapping from a name"),
    (GOOD, OWN.replace("replay.yaml", "no.yaml"), 3, "targets.mine.replay", "is not a file"),
    (
        GOOD,
        OWN.replace("observe: kept", "observe: bare"),
        3,
        "targets.mine.observe",
        "nothing that the replay observes",
    ),
    (GOOD, OWN.replace("observe: kept, ", ""), 3, "targets.mine.observe", "is missing"),
    (GOOD, OWN.replace("mine:", "turnover:"), 3, "targets.turnover", "is the name of a fact that ships"),
]


@pytest.mark.parametrize("mistake", BAD)
def test_one_mistake_in_targets_is_told_with_its_line_and_its_place(tmp_path: Path, mistake: Mistake) -> None:
    check_mistake(mistake, GOOD, lambda text: problems(tmp_path, text))


def test_a_file_that_leaves_nothing_to_fit_is_refused(tmp_path: Path) -> None:
    nothing = "".join(f"  {target.id}: {{use: no, {WHY}}}\n" for target in list_fitted())
    [problem] = problems(tmp_path, HEAD + nothing)
    assert "leaves no finding to fit" in problem.message
