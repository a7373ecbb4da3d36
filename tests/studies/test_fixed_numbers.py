"""No number that is held fixed decides an answer unseen: the table of the screen is whole, current and clean."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from simulator.declarations.parameters import PARAMETERS
from simulator.runs.futures import SEED, draw_futures
from simulator.studies.fixed_numbers import (
    ANSWERS,
    FIXED,
    FUTURES,
    LARGE,
    LEVEL,
    NOTICED,
    OUTCOMES,
    compare_differences,
    compute_differences,
    has_turned,
    hold_value,
    is_structure,
    screen_fixed_numbers,
)

pytestmark = pytest.mark.results

FOLDER = Path(__file__).parents[2] / "docs" / "calibration"
PAGE = (FOLDER / "fixed_numbers.md").read_text(encoding="utf-8")
with (FOLDER / "fixed_numbers.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def test_every_fixed_number_stands_in_the_table_with_both_ends_of_its_range() -> None:
    ends = {name: PARAMETERS[name].about.defensible for name in FIXED}
    expected = [(name, end) for name, r in ends.items() if r for end in (r.low, r.high)]
    assert [(row["name"], float(row["value"])) for row in ROWS] == expected
    assert len(expected) == 2 * len(FIXED)


def test_the_page_says_of_every_fixed_number_what_the_declaration_says() -> None:
    for name in FIXED:
        about = PARAMETERS[name].about
        defensible = about.defensible
        assert defensible is not None
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
        for words in (
            about.meaning,
            f"{about.defensible.low:g} to {about.defensible.high:g}",
            about.defensible.because,
        ):
            assert words in line, name
        assert line.endswith("| no: a structure |" if is_structure(name) else "| yes |")


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['name']}={row['value']}" for row in ROWS])
def test_no_number_that_stays_fixed_moves_a_headline_by_a_point_or_turns_a_verdict(row: dict[str, str]) -> None:
    if not is_structure(row["name"]):
        assert abs(float(row["shift_in_points"])) < 100 * LARGE
        assert row["turned"] == ""


def test_values_of_the_table_come_out_again() -> None:
    moves = list(screen_fixed_numbers(("leader_spread", "capability_front")))
    table = {(row["name"], float(row["value"])): row for row in ROWS}
    assert len(moves) == 4
    for move in moves:
        row = table[move.name, move.value]
        assert (move.policy, move.outcome, "; ".join(move.turned)) == (row["policy"], row["outcome"], row["turned"])
        assert 100 * move.shift == pytest.approx(float(row["shift_in_points"]), abs=1e-3)
        for (policy, outcome), shift in move.shifts.items():
            assert 100 * shift == pytest.approx(float(row[f"{policy} {outcome}"]), abs=1e-3)
        assert not move.matters


def test_the_table_has_every_answer_levels_among_them_and_what_moves_most_is_of_what_a_policy_adds() -> None:
    for row in ROWS:
        moves = {(policy, outcome): float(row[f"{policy} {outcome}"]) for policy, outcome in ANSWERS}
        largest = max(abs(shift) for (policy, _), shift in moves.items() if policy != LEVEL)
        assert abs(float(row["shift_in_points"])) == largest


def test_the_docs_name_every_fixed_number_that_moves_a_level_by_a_point_and_how_far_the_others_go() -> None:
    words = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    for outcome in OUTCOMES:
        ends = sorted((abs(float(row[f"{LEVEL} {outcome}"])), row["name"]) for row in ROWS)
        far = {name: shift for shift, name in ends if not is_structure(name)}
        for name in (name for name, shift in far.items() if shift >= 0.95):
            assert f"{far[name]:.2f} (`{name}`" in words
    kept = max(abs(float(row[f"{LEVEL} retained"])) for row in ROWS if not is_structure(row["name"]))
    assert f"up to {kept:.2f} points for money kept (`lead_gain_unnamed`)" in words


@pytest.mark.parametrize(("name", "value"), [("offset_character", 1.0), ("leader_middle", 0.42), ("ask_normal", 4.0)])
def test_the_screen_would_not_have_let_through_what_became_uncertain(name: str, value: float) -> None:
    drawn = draw_futures(FUTURES, seed=SEED)
    moved = compute_differences(hold_value(drawn, name, value))
    assert compare_differences(name, value, compute_differences(drawn), moved).matters


def test_a_verdict_turns_by_its_direction_or_its_word_and_not_by_a_touch_at_a_threshold() -> None:
    up = np.concatenate([np.full(96, 1.0), np.full(4, -0.5)])
    assert has_turned(up, -up)
    assert not has_turned(up, up * 1.5)
    assert has_turned(up, np.concatenate([np.full(96 - 10, 1.0), np.full(14, -0.5)]))
    slightly_less = np.concatenate([np.full(96 - 3, 1.0), np.full(7, -0.5)])
    assert NOTICED > 0.03 and not has_turned(up, slightly_less)
    assert not has_turned(up, np.zeros(100))
