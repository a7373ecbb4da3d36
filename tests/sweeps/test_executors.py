"""A sweep gives one table wherever it is run, in chunks of any size, and whatever becomes of the workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sweep_toys import Stumbles, job, looks_for_pandas, plan, swept, undisturbed, wave

from simulator.experiments.core.design import DesignKind
from simulator.experiments.core.model_protocol import Outcomes, Points, Seeds
from simulator.sweeps import runner
from simulator.sweeps.executor_protocol import ExecutorError
from simulator.sweeps.executors import LocalExecutor, make_executor
from simulator.sweeps.job import describe_code, hash_first_rows
from simulator.sweeps.runner import MOST_TRIES, run_sweep
from simulator.sweeps.store import open_store
from simulator.sweeps.worker import JobOrder, RefusedError, Task, load_job, run_chunk

pytestmark = pytest.mark.sweeps


class Fails:
    """Raises what is no failure of a row in the second chunk, again and again."""

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        if (points["x"] == plan(2, 5).rows(5, 6)[0]["x"][0]).any() and len(seeds) == 5:
            raise LookupError("secret")
        return wave(points, seeds)


@pytest.mark.parametrize(("on", "chunk"), [("here", 13), ("here", 2_000), ("processes:1", 64), ("processes:2", 150)])
def test_the_table_is_the_same_in_every_place_and_in_chunks_of_any_size(tmp_path: Path, on: str, chunk: int) -> None:
    store, digest = swept(tmp_path / "s", job(), on, chunk=chunk)
    assert digest == undisturbed()
    assert store.manifest.chunks == -(-2_000 // chunk)


def test_a_worker_writes_its_chunks_without_the_half_second_that_pandas_takes(tmp_path: Path) -> None:
    store, _ = swept(tmp_path / "s", job(looks_for_pandas, plan(150, 1)), "processes:1")
    assert {height for ran in store.tables() for height in ran.table.outcomes["height"].tolist()} == {0.0}


@pytest.mark.parametrize("kind", [DesignKind.SOBOL, DesignKind.RANDOM])
def test_designs_of_other_kinds_are_the_same_too(tmp_path: Path, kind: DesignKind) -> None:
    design = plan(256, 3, kind)
    assert swept(tmp_path / "s", job(design=design), chunk=100)[1] == undisturbed(design)


def test_another_seed_is_another_table() -> None:
    assert undisturbed(plan(seed=6)) != undisturbed(plan(seed=5))


def test_hundreds_of_chunks_of_which_some_fail_at_first_end_in_the_same_table(tmp_path: Path) -> None:
    design = plan(600, 1, seed=5)
    (tmp_path / "marks").mkdir()
    store, digest = swept(tmp_path / "s", job(Stumbles(tmp_path / "marks", 0.025), design), "processes:2", chunk=2)
    stumbled = len(list((tmp_path / "marks").iterdir()))
    assert store.manifest.chunks == 300
    assert 10 <= stumbled <= 20
    assert digest == undisturbed(design)


def test_chunks_that_always_fail_are_rows_that_say_why_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    design = plan(500, 1)
    digests = []
    for on in ("here", "processes:1"):
        (tmp_path / f"marks {on[0]}").mkdir()
        work = job(Stumbles(tmp_path / f"marks {on[0]}", 0.01, once=False), design)
        store, digest = swept(tmp_path / f"s {on[0]}", work, on, chunk=10)
        digests.append(digest)
    failed = np.concatenate([np.array(ran.failed) for ran in store.tables()])
    height = np.concatenate([ran.table.outcomes["height"] for ran in store.tables()])
    given_up = failed == "the chunk failed: OSError: the licence server is away"
    assert 0 < given_up.sum() <= 50
    assert given_up.sum() % 10 == 0
    assert np.isnan(height[given_up]).all()
    whole = job(design=design).run(0, 500).table.outcomes["height"]
    assert np.array_equal(height[~given_up], whole[~given_up], equal_nan=True)
    assert digests[0] == digests[1] != undisturbed(design)


def test_chunks_that_were_given_up_are_tried_again_when_a_sweep_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    away = Stumbles(tmp_path / "marks", 0.05, once=False)
    store, _ = swept(tmp_path / "s", job(away))
    assert store.survey().failed
    store, digest = swept(tmp_path / "s", job(wave), resume=True)
    assert not store.survey().failed
    assert digest == undisturbed()


def test_a_worker_that_dies_costs_its_chunk_a_try_and_the_table_nothing(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    work = job(Stumbles(tmp_path / "marks", 0.002, how="end"))
    with open_store(tmp_path / "s", work, chunk=50) as store:
        count = run_sweep(store, make_executor("processes:2"))
        assert (count.run, count.given_up) == (40, 0)
        assert count.again == len(list((tmp_path / "marks").iterdir())) > 0
        assert store.summary()[1] == undisturbed()


def test_a_chunk_that_kills_every_worker_is_given_up_and_does_not_end_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    work = job(Stumbles(tmp_path / "marks", 0.002, how="end", once=False))
    with open_store(tmp_path / "s", work, chunk=50) as store:
        count = run_sweep(store, make_executor("processes:2"))
        assert count.given_up == len(list((tmp_path / "marks").iterdir())) > 0
        assert count.again == (MOST_TRIES - 1) * count.given_up
        reasons = {why for ran in store.tables() for why in ran.failed if why.startswith("the chunk")}
        assert reasons == {"the chunk failed: its process ended (exit code 9)"}


def order(**change: object) -> JobOrder:
    work = job()
    whole = JobOrder("a key", "a sweep", describe_code(), 8, hash_first_rows(work, 8), work.packed())
    return replace(whole, key=str(change), **change)  # type: ignore[arg-type]


def test_a_worker_with_another_version_refuses_to_work() -> None:
    with pytest.raises(RefusedError, match=r"ringfence .* and this is 9\.9 \(code abc\); install the same"):
        load_job(order(made_by={"version": "9.9", "code": "abc"}))
    assert "install the same" in run_chunk(order(made_by={"version": "9.9", "code": "b"}), Task(0, 0, 9)).refused


def test_a_worker_that_computes_other_bits_refuses_to_work_unless_any_bits_will_do() -> None:
    with pytest.raises(RefusedError, match=r"computes other bits .* --any-bits"):
        load_job(order(bits="0" * 64))
    assert load_job(order(bits="")).outcomes == ("height", "x")


def test_a_worker_that_cannot_load_the_simulation_refuses_to_work() -> None:
    with pytest.raises(RefusedError, match="cannot load the simulation"):
        load_job(order(packed=job().packed().replace(b"sweep_toys", b"sweep_hoax")))


def test_workers_of_another_version_stop_a_sweep_and_leave_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "s", job(), chunk=50) as store:
        monkeypatch.setattr(runner, "describe_code", lambda: {"version": "9.9", "code": "abc"})
        with pytest.raises(ExecutorError, match="install the same version"):
            run_sweep(store, make_executor("processes:1"))
        assert store.survey().done == 0


def test_a_worker_loads_a_job_once_and_keeps_what_its_design_worked_out() -> None:
    job_order = order(trial_rows=8)
    job_loaded = load_job(job_order)
    assert load_job(job_order) is job_loaded
    job_loaded.design.rows(0, 10)
    assert "_strata" in vars(job_loaded.design)
    assert len(job_loaded.packed()) < 1_000


def test_a_simulation_that_cannot_travel_is_refused_by_places_that_are_elsewhere(tmp_path: Path) -> None:
    def inner(points: Points, seeds: Seeds) -> Outcomes:
        return wave(points, seeds)

    with open_store(tmp_path / "s", job(inner), chunk=500) as store:
        with pytest.raises(ValueError, match="cannot be sent to other processes"):
            run_sweep(store, make_executor("processes:2"))
        run_sweep(store, LocalExecutor())
        assert store.summary()[1] == undisturbed()


class Counting(LocalExecutor):
    """Pretends to have workers, and counts the chunks that are in flight."""

    def __init__(self, workers: int) -> None:
        super().__init__()
        self.flying: list[int] = []
        self._count = workers

    def workers(self) -> int:
        return self._count

    def submit(self, task: Task) -> None:
        super().submit(task)
        self.flying.append(len(self._waiting))


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_than_two_chunks_a_worker_are_ever_in_flight(tmp_path: Path, workers: int) -> None:
    where = Counting(workers)
    assert swept(tmp_path / "s", job(), where, chunk=100)[1] == undisturbed()
    assert max(where.flying) == 2 * workers


@pytest.mark.parametrize("text", ["there", "processes:0", "processes:two", "http://a:1", "tcp://", "file:", "here:2"])
def test_what_is_no_place_is_refused_with_the_places_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="processes:2"):
        make_executor(text)


@pytest.mark.parametrize("text", ["tcp://127.0.0.1", "tcp://127.0.0.1:", "tls://host:port"])
def test_an_address_without_a_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no port; write t..://host:8786"):
        make_executor(text)


def test_the_log_has_a_line_for_each_chunk_and_for_each_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="ringfence")
    with open_store(tmp_path / "s", job(Fails(), plan(2, 5)), chunk=5) as store:
        run_sweep(store, make_executor())
    events = [record.getMessage() for record in caplog.records]
    assert any(event.startswith("event=chunk-done chunk=0 seconds=") for event in events)
    failures = [event for event in events if event.startswith(("event=chunk-tried", "event=chunk-given", "event=fail"))]
    tries = [f"event=chunk-tried-again chunk=1 tries={k} lost=0" for k in range(1, MOST_TRIES)]
    assert [event for event in failures if "tries" in event] == [
        *tries,
        f"event=chunk-given-up chunk=1 tries={MOST_TRIES} lost=0",
    ]
    assert failures.count("event=failure chunk=1 error=LookupError") == MOST_TRIES
    assert "secret" not in " ".join(events)
    assert all(record.exc_info for record in caplog.records if record.getMessage().startswith("event=failure"))
