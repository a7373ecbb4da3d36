"""The published digest: what it covers, in which order, and that this computer gives it."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from simulator.agents.model import HealthSystem
from simulator.boards.table import read_boards
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.runs import digest as digests
from simulator.runs.digest import Check, check, collect_inputs, digest, read_published
from simulator.runs.futures import Futures, draw_futures
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.results


def few(name: str = "ringfence", n: int = 2) -> tuple[Futures, YearlyRecords]:
    drawn = draw_futures(digests.FUTURES).part(0, n)
    policy = load_scenario(name)
    runs = simulate(drawn.points, drawn.runs, policy.schedule, read_boards().areas, seed=drawn.seed, detail=True)
    return drawn, runs


def test_this_computer_gives_the_published_bits() -> None:
    """After a change that is meant to move results: `python -m simulator.runs.digest`, and *Results change*."""
    check_result = check()
    assert check_result.changed == ()
    assert check_result.equal == dict.fromkeys(digests.SCENARIOS, digests.FUTURES // digests.BLOCK)
    assert check_result.same_bits


def test_values_are_hashed_in_the_order_that_is_documented() -> None:
    _, runs = few()
    assert runs.areas is not None
    values: list[float] = []
    for future in range(2):
        for year in range(8):
            values += [float(runs.nation[name][future, year]) for name in NATIONAL_VARIABLES]
        for year in range(8):
            for area in range(42):
                values += [float(runs.areas[name][future, year, area]) for name in AREA_VARIABLES]
    assert hashlib.sha256(struct.pack(f"<{len(values)}d", *values)).hexdigest() == digest(runs)


@pytest.mark.parametrize("name", digests.SCENARIOS)
def test_the_mesa_model_gives_the_same_digest(name: str) -> None:
    drawn, runs_made = few(name)
    runs = [
        HealthSystem(name, parameters=point, luck_seed=drawn.seed, run=int(run), record=False).run()
        for point, run in zip(drawn.points, drawn.runs, strict=True)
    ]
    nation, areas = (
        np.array([getter(run_results) for run_results in runs])
        for getter in (lambda r: r.nation, lambda r: r.area_rows())
    )
    mesa = YearlyRecords(nation.view(runs_made.nation.dtype), areas.view(runs_made.areas.dtype), 0.0)  # type: ignore[union-attr]
    assert digest(mesa) == digest(runs_made)


@pytest.mark.parametrize("place", ["nation", "areas"])
def test_one_last_digit_anywhere_changes_the_digest(place: str) -> None:
    _, runs = few()
    before = digest(runs)
    values = getattr(runs, place)["additional"]
    values.flat[-1] = np.nextafter(values.flat[-1], np.inf)
    assert digest(runs) != before


def test_without_the_years_of_areas_there_is_no_digest() -> None:
    _, runs = few(n=1)
    with pytest.raises(ValueError, match="detail=True"):
        digest(replace(runs, areas=None))


def test_a_block_that_differs_and_an_input_that_was_changed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, hashes = read_published()
    other = {"baseline": ("0" * 64, *hashes["baseline"][1:])}
    monkeypatch.setattr(digests, "read_published", lambda: (replace(kept, boards_fingerprint="other"), other))
    assert check() == Check({"baseline": 9}, 10, ("boards_fingerprint",))
    assert not check().same_bits


def test_a_damaged_file_is_said_to_be_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    read_published.cache_clear()
    monkeypatch.setattr(json, "loads", lambda text: {"inputs": {}})
    with pytest.raises(ValueError, match=r"digest.json is damaged; install the package again"):
        read_published()


def test_what_was_published_is_layout_and_inputs_of_this_version() -> None:
    kept, hashes = read_published()
    assert kept == collect_inputs()
    assert tuple(hashes) == digests.SCENARIOS
    assert len({one for made in hashes.values() for one in made}) == 40
