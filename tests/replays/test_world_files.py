"""Natural experiments in a file: groups of bodies, spells of years, worlds that share their chance, differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from problem_lists import problems_of, read_mistakes

from simulator.calibration.pattern_statistics import compute_statistics
from simulator.common.yaml_nodes import Problem
from simulator.declarations.levers import LEVERS
from simulator.engine.ensemble import simulate
from simulator.replays.replay import Replay, load_replay
from simulator.runs.futures import draw_futures

pytestmark = pytest.mark.calibration

FEW = draw_futures(24, seed=3)
HEAD = """\
title: T
question: Q?
boards: 9 equal bodies
starts: 2019/20
years: 2
first_plan: Q1
levers:
  peers: {to: 0, because: b, evidence: [R06]}
bodies:
  some: {first: 4}
  others: {rest: some}
spells:
  - {bodies: some, years: 2, levers: {ringfence: {to: 1, because: b, evidence: [R06]}}}
worlds:
  plain: {spells: []}
observe:
  gain: {measure: retained, bodies: some, year: 2, less: {world: plain}}
"""


def made(folder: Path, text: str) -> Replay:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_replay(path)


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    return problems_of(lambda: made(folder, text))


def predict(replay: Replay) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return replay.predict(FEW.points, FEW.runs, seed=FEW.seed)


def test_the_experiments_among_the_patterns_are_the_same_numbers_written_as_data() -> None:
    patterns, read = compute_statistics(FEW), predict(load_replay("england_experiments"))
    assert np.mean(read["fall"] < 0) == patterns["P4"]["falls"].value
    assert np.nanmean(read["lost_strong_chief"]) == pytest.approx(patterns["P6"]["strong"].value, abs=1e-12)
    assert np.isfinite(read["lost_strong_chief"]).sum() == patterns["P6"]["strong"].n
    assert read["committees"].mean() == pytest.approx(patterns["P7"]["retained"].value, abs=1e-12)
    assert (read["letter"] > 0).any()


def test_a_difference_in_differences_finds_what_a_world_without_the_ring_fence_shows() -> None:
    many = draw_futures(150, seed=5)
    read = load_replay("fence_in_steps").predict(many.points, many.runs, seed=5)
    truth = read["true_effect"].mean()
    assert truth > 0.05
    assert abs(read["in_differences"].mean() - truth) < 0.03
    assert abs(read["without_any"].mean()) < 0.03, "the control: nobody was fenced, and nothing is found"
    np.testing.assert_allclose(
        read["in_differences"] - read["without_any"], read["true_effect"], atol=1e-12, err_msg="they share their chance"
    )


def test_a_body_with_a_spell_lives_as_though_its_schedule_were_everybody_s(tmp_path: Path) -> None:
    replay = made(tmp_path, HEAD)
    areas = replay.run(FEW.points, FEW.runs, seed=9).areas
    fenced = replay.schedule.copy()
    fenced[LEVERS["ringfence"].group]["ringfence"][4:] = 1.0
    assert areas is not None
    for schedule, bodies in ((fenced, slice(0, 4)), (replay.schedule, slice(4, 9))):
        whole = simulate(
            FEW.points, FEW.runs, schedule, replay.boards.areas, seed=replay.chance_seed(9), first_plan=0, detail=True
        )
        assert whole.areas is not None
        np.testing.assert_array_equal(areas[:, :, bodies], whole.areas[:, :, bodies])


@pytest.mark.parametrize(("peers", "alone"), [(0.0, True), (1.0, False)])
def test_bodies_touch_each_other_through_their_peers_alone(tmp_path: Path, peers: float, alone: bool) -> None:
    """Why a replay with spells must set peers to 0; with learning the first bodies notice those that are left out."""
    replay = made(tmp_path, HEAD)
    schedule, areas = replay.schedule.copy(), replay.boards.areas
    schedule[LEVERS["peers"].group]["peers"] = peers
    few, all_of_them = (
        simulate(FEW.points, FEW.runs, schedule, some, seed=9, first_plan=0, detail=True).areas
        for some in (areas[:4], areas)
    )
    assert few is not None and all_of_them is not None
    assert bool((few["retained"] == all_of_them["retained"][:, :, :4]).all()) is alone


def test_groups_slopes_and_spells_of_years_are_read_as_by_hand(tmp_path: Path) -> None:
    observe = """\
  slope: {measure: retained, slope: gap, year: 1, bodies: others}
  even: {measure: retained, weigh: bodies, bodies: weak, year: 1 to 2}
  counted: {measure: retained, at_least: 0.5, bodies: weak}
  national: {measure: retained, less: {year: 1}}
"""
    groups = "  weak: {by: chief, top: 3, year: 1}\n  hit: {by: chief, at_least: 0.5, of: others}\n"
    text = HEAD.replace("spells:\n", groups + "spells:\n") + observe
    replay = made(tmp_path, text)
    areas, read = replay.run(FEW.points, FEW.runs, seed=9).areas, replay.predict(FEW.points, FEW.runs, seed=9)
    assert areas is not None
    for k, rows in enumerate(areas):
        slope = np.polyfit(rows["gap"][0, 4:], rows["retained"][0, 4:], 1)[0]
        top = np.argsort(-rows["chief"][0], kind="stable")[:3]
        kept = ((rows["retained"] * rows["pot"]).sum(axis=0) / rows["pot"].sum(axis=0))[top]
        assert read["slope"][k] == pytest.approx(slope, abs=1e-9)
        assert read["even"][k] == pytest.approx(kept.mean(), abs=1e-9)
        assert read["counted"][k] == pytest.approx((kept >= 0.5 - 1e-9).mean())
        pot, kept_money = rows["pot"].sum(axis=1), (rows["pot"] * rows["retained"]).sum(axis=1)
        assert read["national"][k] == pytest.approx(kept_money.sum() / pot.sum() - kept_money[0] / pot[0], abs=1e-9)


def test_a_future_without_bodies_to_compare_has_no_prediction(tmp_path: Path) -> None:
    text = HEAD.replace("spells:\n", "  none: {by: chief, at_least: 2}\nspells:\n").replace(
        "bodies: some, year: 2, l", "l"
    )
    replay = made(tmp_path, text.replace("retained, ", "retained, bodies: none, "))
    assert np.isnan(predict(replay)["gain"]).all()


def test_what_is_held_more_is_held_in_every_world(tmp_path: Path) -> None:
    held = made(tmp_path, HEAD).hold({"pull_ringfence": 0.0})
    assert held.worlds["plain"].held["pull_ringfence"] == held.held["pull_ringfence"] == 0.0
    np.testing.assert_array_equal(predict(held)["gain"], 0.0)
    assert (predict(made(tmp_path, HEAD))["gain"] != 0.0).any()


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "words"), read_mistakes(Path(__file__).with_name("bad_experiments.txt"))
)
def test_a_mistake_in_an_experiment_is_told_with_its_line_and_how_to_mend_it(
    tmp_path: Path, old: str, new: str, line: int, path: str, words: str
) -> None:
    assert HEAD.count(old) == 1, old
    assert (line, path, True) in {
        (p.line, p.path, words in p.message) for p in problems(tmp_path, HEAD.replace(old, new))
    }, problems(tmp_path, HEAD.replace(old, new))


def test_every_mistake_is_told_at_once_and_two_spells_may_not_set_one_lever(tmp_path: Path) -> None:
    again = "  - {bodies: some, years: 1 to 2, levers: {ringfence: {to: 0, because: b, evidence: [R06]}}}\nworlds:"
    text = HEAD.replace("worlds:", again).replace("less: {world: plain}", "less: {world: plian}")
    told = [(p.line, p.path) for p in problems(tmp_path, text)]
    assert told == [(14, "spells[2]"), (18, "observe.gain.less.world")]


def test_a_group_that_differs_between_futures_has_no_spell(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, HEAD.replace("{first: 4}", "{by: chief, top: 4}"))
    assert (problem.line, problem.path) == (13, "spells[1].bodies")
    assert "differs from future to future" in problem.message


def test_spells_that_change_gaps_touch_others_where_support_is_shared_out(tmp_path: Path) -> None:
    gaps = HEAD.replace("ringfence: {to: 1", "gap_mean: {to: 1")
    assert made(tmp_path, gaps).spells
    [problem] = problems(
        tmp_path, gaps.replace("levers:\n", "levers:\n  support: {to: 1, because: b, evidence: [F15]}\n", 1)
    )
    assert problem.path == "spells" and "set the lever support to 0, or take gap_mean out" in problem.message
