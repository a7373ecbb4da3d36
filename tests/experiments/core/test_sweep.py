from __future__ import annotations

import numpy as np
import pytest
from known_functions import stochastic_ishigami

from simulator.experiments.core.design import Design, DesignKind
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.experiments.core.sweep import SweepTable, collect_tables, make_fresh_seeds, sweep

pytestmark = pytest.mark.experiments

TOY = stochastic_ishigami()
DESIGN = Design(DesignKind.LATIN, TOY.factors, 100, runs=3, seed=2)


def fails_at_times(points: Points, seeds: Seeds) -> Outcomes:
    y = TOY.simulate(points, seeds)["y"]
    return {"y": np.where(y > 10, np.nan, y)}


@pytest.mark.parametrize("chunk", [1, 7, 300, 10_000])
def test_a_sweep_is_the_same_in_chunks_of_any_size(chunk: int) -> None:
    whole, parts = collect_tables(sweep(TOY.simulate, DESIGN)), collect_tables(sweep(TOY.simulate, DESIGN, chunk=chunk))
    assert (whole.column("y") == parts.column("y")).all()
    assert (whole.seeds == parts.seeds).all()


def test_a_sweep_can_go_on_where_it_stopped() -> None:
    parts = [*sweep(TOY.simulate, DESIGN, last=120, chunk=50), *sweep(TOY.simulate, DESIGN, first=120)]
    assert (collect_tables(parts).column("y") == collect_tables(sweep(TOY.simulate, DESIGN)).column("y")).all()


def test_one_chunk_is_held_at_a_time() -> None:
    large = Design(DesignKind.RANDOM, TOY.factors, 2**32 - 1)
    first = next(sweep(TOY.simulate, large, chunk=10))
    assert len(first) == 10


def test_failed_rows_keep_their_place() -> None:
    table = collect_tables(sweep(fails_at_times, DESIGN))
    assert len(table) == 300
    assert 0 < table.failed.sum() < 300
    assert (np.isnan(table.column("y")) == table.failed).all()


def test_a_table_becomes_a_data_frame_with_a_row_for_each_run() -> None:
    frame = collect_tables(sweep(TOY.simulate, DESIGN, first=30)).to_frame()
    assert list(frame.columns) == ["x1", "x2", "x3", "spread", "inert", "seed", "y"]
    assert frame.index[0] == 30


def test_progress_counts_rows() -> None:
    calls: list[tuple[int, int]] = []
    list(sweep(TOY.simulate, DESIGN, chunk=200, progress=lambda done, total: calls.append((done, total))))
    assert calls == [(200, 300), (300, 300)]


def test_rows_with_luck_of_their_own_share_none() -> None:
    assert len(set(make_fresh_seeds(10_000, 3))) == 10_000
    assert (make_fresh_seeds(10, 3, first=5) == make_fresh_seeds(15, 3)[5:]).all()
    assert make_fresh_seeds(10, 3)[0] != make_fresh_seeds(10, 4)[0]


@pytest.mark.parametrize(
    ("returned", "message"),
    [({}, "no outcomes"), ({"y": np.zeros(3)}, "given 300 rows, and returned 'y' in the shape")],
)
def test_a_simulation_that_returns_something_else_is_refused(returned: Outcomes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(sweep(lambda points, seeds: returned, DESIGN))


def test_rows_the_design_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="the design has rows 0 to 300"):
        list(sweep(TOY.simulate, DESIGN, last=301))


def test_an_outcome_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    table = SweepTable({}, np.zeros(1, np.int64), {"retained": np.zeros(1)})
    with pytest.raises(ValueError, match="did you mean 'retained'"):
        table.column("retaned")


def test_tables_with_rows_missing_between_them_are_not_put_together() -> None:
    tables = list(sweep(TOY.simulate, DESIGN, chunk=100))
    with pytest.raises(ValueError, match="rows 100 to 200 are missing"):
        collect_tables([tables[0], tables[2]])
    with pytest.raises(ValueError, match="no tables"):
        collect_tables([])


def test_a_factor_of_a_design_reaches_the_simulation_under_its_name() -> None:
    design = Design(DesignKind.RANDOM, (Factor("dose", 2.0, 3.0, 2.5),), 5)
    table = collect_tables(sweep(lambda points, seeds: {"twice": 2 * points["dose"]}, design))
    assert (table.column("twice") == 2 * table.points["dose"]).all()
