"""Mesa's own tools work on the health system as on any other model, and give the compiled driver's numbers."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from simulator.agents.board import Board
from simulator.agents.model import HealthSystem
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import simulate
from simulator.runs.parameter_sets import make_point
from simulator.scenarios.scenario import Scenario, load_scenario

pytestmark = pytest.mark.twins

SEED = 11
QUARTERS = 32
# Mesa counted the steps of a batch from 0 until 3.4, and from 1 since.
FIRST = 0 if mesa.__version__.startswith("3.3") else 1
FEW = make_equal_bodies(5)
with_batches = pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 took batch_run away")


def batch(**parameters: Any) -> pd.DataFrame:
    """A batch over a few small bodies, data from every step."""
    every = {"boards": [FEW], "record": False, **parameters}
    rows = mesa.batch_run(HealthSystem, every, data_collection_period=1, display_progress=False, number_processes=1)
    return pd.DataFrame(rows)


def small(**options: Any) -> HealthSystem:
    return HealthSystem(boards=FEW, **options)


@with_batches
def test_a_batch_over_scenarios_of_a_notebook_names_each_so_that_its_table_can_be_grouped() -> None:
    mine = Scenario.from_dict({"title": "Mine", "question": "?", "extends": ["ringfence", "leadership"]}, name="mine")
    table = batch(scenario=["baseline", mine, mine.with_lever("audit", 1)], luck_seed=SEED)
    last = table[table.quarter == QUARTERS - 1].groupby("scenario")["retained"].mean()
    assert list(last.index) == ["baseline", "mine", "mine with audit 1"] and last["baseline"] < last["mine"]


@with_batches
def test_a_batch_gives_the_compiled_numbers_for_every_scenario_setting_and_step() -> None:
    settings = [{}, {"pull_pressure": 2.5, "habit": 0.0}]
    names = ["baseline", "ringfence"]
    rows = mesa.batch_run(
        HealthSystem,
        {"scenario": names, "settings": settings, "luck_seed": SEED, "record": False},
        data_collection_period=1,
        display_progress=False,
        number_processes=1,
    )
    assert len(rows) == len(names) * len(settings) * QUARTERS
    nation = {
        (name, k): simulate(
            np.array([make_point(settings[k])]),
            np.array([0]),
            load_scenario(name).schedule,
            read_boards().areas,
            seed=SEED,
        ).nation[0]
        for name in names
        for k in (0, 1)
    }
    for row in rows:
        closed = nation[row["scenario"], settings.index(row["settings"])][: (int(row["Step"]) - FIRST + 1) // 4]
        assert row["quarter"] == row["Step"] - FIRST
        for name, outcome in OUTCOMES.items():
            expected = outcome.of(closed[-1:]) if len(closed) else math.nan
            np.testing.assert_equal(row[name], float(expected), err_msg=f"{name} at step {row['Step']}")


@with_batches
def test_a_batch_keeps_the_parameters_of_each_run_beside_its_data() -> None:
    table = batch(scenario=["baseline", "leadership"], settings=[{"habit": 0.0}, {"habit": 2.0}], luck_seed=[1, 2])
    runs = table.groupby("RunId").first()
    assert sorted(runs.luck_seed) == [1, 1, 1, 1, 2, 2, 2, 2]
    assert sorted(zip(runs.scenario, (s["habit"] for s in runs.settings), strict=True)) == sorted(
        (name, habit) for name in ("baseline", "leadership") for habit in (0.0, 2.0) for _ in (1, 2)
    )
    assert (
        table.groupby("RunId").Step.apply(list).map(lambda steps: steps == list(range(FIRST, QUARTERS + FIRST))).all()
    )
    last = table[table.Step == QUARTERS - 1 + FIRST].set_index("RunId").retained
    assert last.nunique() > 4


@with_batches
def test_iterations_without_a_seed_differ_and_with_the_same_seed_are_equal() -> None:
    def final(**parameters: Any) -> list[float]:
        with warnings.catch_warnings():  # later versions of Mesa spell iterations as rng=[None] * 3
            warnings.filterwarnings("ignore", "The `iterations` keyword", DeprecationWarning)
            rows = mesa.batch_run(
                HealthSystem, {"boards": [FEW], **parameters}, iterations=3, display_progress=False, number_processes=1
            )
        assert [row["iteration"] for row in rows] == [0, 1, 2]
        assert [int(row["Step"]) for row in rows] == [QUARTERS - 1 + FIRST] * 3
        return [row["additional"] for row in rows]

    assert len(set(final())) == 3
    for asked in ({"luck_seed": SEED}, {"luck_seed": [SEED], "run": 0}):
        with pytest.warns(UserWarning, match=r"give equal rows; vary run, as in run=range\(10\)"):
            assert len(set(final(**asked))) == 1


def test_a_luck_seed_beside_mesas_own_seed_says_which_of_them_decides() -> None:
    with pytest.warns(UserWarning, match="decide every random draw of a run"):
        model = small(luck_seed=SEED, rng=5).run()
    assert model.area_rows().tobytes() == small(luck_seed=SEED).run().area_rows().tobytes()
    with pytest.raises(ValueError, match="rng and seed are two names for the same thing"):
        small(rng=1, seed=1)


@with_batches
def test_different_runs_of_one_seed_are_different_luck_in_a_batch() -> None:
    last = batch(luck_seed=SEED, run=[0, 1, 2]).query(f"Step == {QUARTERS - 1 + FIRST}")
    assert last.additional.nunique() == 3


@with_batches
def test_a_batch_with_data_on_boards_has_a_row_for_each_board_at_every_later_step() -> None:
    table = batch(luck_seed=SEED, collect_boards=True)
    for step in range(1, QUARTERS):
        assert sorted(table[table.Step == step]["index"]) == list(range(len(FEW)))


def test_a_model_without_a_seed_keeps_the_one_it_drew_so_that_it_can_be_run_again() -> None:
    first = small().run()
    again = small(luck_seed=first.luck_seed).run()
    assert again.area_rows().tobytes() == first.area_rows().tobytes()
    assert small().luck_seed != first.luck_seed


def test_mesas_own_way_to_seed_a_model_decides_its_luck() -> None:
    one, same, other = (small(rng=rng) for rng in (5, 5, 6))
    assert one.luck_seed == same.luck_seed != other.luck_seed
    assert small(seed=5).luck_seed == one.luck_seed
    assert one.run().nation.tobytes() == same.run().nation.tobytes() != other.run().nation.tobytes()


def test_the_model_data_frame_has_a_row_a_quarter_and_a_column_an_outcome() -> None:
    model = small(luck_seed=SEED).run()
    table = model.datacollector.get_model_vars_dataframe()
    assert list(table.columns) == ["scenario", "quarter", *OUTCOMES]
    assert set(table.scenario) == {"baseline"}
    assert list(table.quarter) == list(range(QUARTERS))
    assert table[:3].drop(columns=["scenario", "quarter"]).isna().all(axis=None)
    assert table[3:].retained.notna().all()
    for year in range(QUARTERS // 4):
        within = table[4 * year + 3 : 4 * year + 7]
        assert within.retained.nunique() == 1
        assert within.retained.iloc[0] == OUTCOMES["retained"].of(model.nation[year : year + 1])


def test_the_agent_data_frame_holds_every_board_in_every_quarter() -> None:
    model = small(luck_seed=SEED, collect_boards=True)
    model.step()
    model.step()
    spent = [board.spent for board in model.boards]
    model.run()
    table = model.datacollector.get_agent_vars_dataframe()
    assert list(table.columns) == ["index", "visible", "loose", "spent", "raided"]
    assert table.index.names == ["Step", "AgentID"]
    assert len(table) == QUARTERS * len(FEW)
    assert list(table.xs(2, level="Step").sort_values("index").spent) == spent
    assert max(spent) > 0.0


def test_without_asking_no_data_on_boards_is_collected() -> None:
    model = small(luck_seed=SEED)
    model.step()
    with pytest.raises(UserWarning, match="No agent reporters"):
        model.datacollector.get_agent_vars_dataframe()


def test_a_model_stops_running_after_its_last_quarter() -> None:
    model = small(luck_seed=SEED)
    ran = []
    while model.running:
        model.step()
        ran.append(model.quarter)
    assert ran == list(range(QUARTERS))
    # Mesa 4 counts time instead of steps
    assert (model.steps if hasattr(model, "steps") else model.time) == QUARTERS


def test_stepping_by_hand_and_running_to_the_end_give_the_same() -> None:
    by_hand, at_once, by_mesa = (small(luck_seed=SEED) for _ in range(3))
    for _ in range(QUARTERS):
        assert by_hand.running
        by_hand.step()
    by_mesa.run_model()
    assert at_once.run() is at_once
    assert by_hand.area_rows().tobytes() == at_once.area_rows().tobytes() == by_mesa.area_rows().tobytes()


def test_a_model_stepped_part_of_the_way_can_be_run_on() -> None:
    part, whole = small(luck_seed=SEED), small(luck_seed=SEED).run()
    for _ in range(6):
        part.step()
    assert part.area_rows().shape == (1, len(FEW))
    assert part.area_rows().tobytes() == whole.area_rows()[:1].tobytes()
    assert part.run().area_rows().tobytes() == whole.area_rows().tobytes()


def test_boards_are_agents_that_mesa_can_select_and_ask() -> None:
    model = HealthSystem(luck_seed=SEED).run()
    assert len(model.agents) == 42
    assert set(model.agents_by_type) == {Board}
    merged = model.agents.select(lambda board: board.merged == 1)
    assert 0 < len(merged) < 42
    assert sum(model.agents.get("alloc", handle_missing="default", default_value=0)) == 0
    assert sorted(model.agents.get("index")) == list(range(42))


@pytest.mark.parametrize("copied", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])
def test_a_copy_of_a_model_goes_on_as_the_model_does(copied: Any) -> None:
    model = small(luck_seed=SEED, collect_boards=True)
    for _ in range(7):
        model.step()
    other = copied(model)
    assert other.run().area_rows().tobytes() == model.run().area_rows().tobytes()
    assert other.trace == model.trace
    assert other.datacollector.get_model_vars_dataframe().equals(model.datacollector.get_model_vars_dataframe())


class Cautious(Board):
    """Never takes money back."""

    def decide_raid(self) -> None:
        self.raid_size = 0.0


@pytest.mark.parametrize("shuffle", [False, True])
def test_boards_of_ones_own_class_act_in_their_own_way(shuffle: bool) -> None:
    own = HealthSystem(luck_seed=SEED, board_class=Cautious, shuffle=shuffle).run()
    assert set(own.agents_by_type) == {Cautious}
    raided = sum(own.nation[f"raided_q{q}"].sum() for q in (1, 2, 3, 4))
    assert raided == 0.0 < HealthSystem(luck_seed=SEED).run().nation["raided_q4"].sum()


def test_keeping_no_record_and_collecting_boards_change_no_number() -> None:
    plain = small(luck_seed=SEED).run()
    for options in ({"record": False}, {"collect_boards": True}, {"shuffle": True}):
        assert small(luck_seed=SEED, **options).run().area_rows().tobytes() == plain.area_rows().tobytes()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"settings": {"habitt": 1.0}}, ValueError, "did you mean 'habit'"),
        ({"settings": {"habit": 9.0}}, ValueError, "habit = 9.0 is outside 0 to 5"),
        ({"scenario": "basline"}, LookupError, "baseline"),
        ({"luck_seed": -1}, ValueError, "seed -1 is outside"),
        ({"run": 2**32}, ValueError, "run 4294967296 is outside"),
        ({"parameters": {"pull_chief": 1.0}}, ValueError, "give names with their values as settings"),
    ],
)
def test_a_model_that_cannot_be_made_says_why(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        small(**options)


def test_a_step_beyond_the_calendar_is_refused_and_changes_nothing() -> None:
    model = small(luck_seed=SEED).run()
    before = model.area_rows().tobytes()
    with pytest.raises(RuntimeError, match="the calendar ends"):
        model.step()
    assert model.area_rows().tobytes() == before
    assert model.quarter == QUARTERS - 1
