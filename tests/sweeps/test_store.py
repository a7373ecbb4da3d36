"""What a store holds stays, is known again, and opens as one table; what does not belong to it is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sweep_toys import Slow, job, plan, swept, undisturbed

from simulator.declarations.priors import Beta
from simulator.experiments.core import design
from simulator.experiments.core.design import DesignKind
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.sweeps.executors import make_executor
from simulator.sweeps.job import (
    CHUNK_BYTES,
    CHUNK_SECONDS,
    MOST_ROWS,
    Trial,
    choose_chunk_rows,
    describe_code,
    run_trial,
)
from simulator.sweeps.manifest import MANIFEST, MANIFEST_COPY, StoreRefusedError, compute_checksum
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import StoreError, open_store
from simulator.sweeps.store_files import write_durably

pytestmark = pytest.mark.sweeps


def test_the_folder_opens_as_one_table_with_every_row_and_its_seed(tmp_path: Path) -> None:
    swept(tmp_path / "s", job(), chunk=150)
    table = pd.read_parquet(tmp_path / "s")
    points, seeds = plan().rows(0, 2_000)
    assert list(table.columns) == ["row", "point", "run", "seed", "x", "y", "on", "height", "outcome_x", "failed"]
    assert table["row"].tolist() == list(range(2_000))
    assert (table["point"] * 4 + table["run"] == table["row"]).all()
    assert (table["seed"] == seeds).all()
    assert (table["outcome_x"] == points["x"] ** 2).all()
    assert (table["height"].isna() == table["failed"].str.startswith("not defined: height")).all()


def test_columns_have_the_same_types_in_every_file(tmp_path: Path) -> None:
    store, _ = swept(tmp_path / "s", job(), chunk=150)
    types = {str(pd.read_parquet(store.path(chunk)).dtypes.to_dict()) for chunk in range(store.manifest.chunks)}
    assert len(types) == 1


def test_a_store_is_gone_on_with_only_if_asked(tmp_path: Path) -> None:
    swept(tmp_path / "s", job())
    with pytest.raises(StoreRefusedError, match="holds a sweep, with 40 of 40 chunks done; add --resume"):
        swept(tmp_path / "s", job())
    assert swept(tmp_path / "s", job(), resume=True)[1] == undisturbed()


def test_a_sweep_may_be_gone_on_with_before_it_has_begun(tmp_path: Path) -> None:
    assert swept(tmp_path / "s", job(), resume=True)[1] == undisturbed()


def test_a_resumed_sweep_keeps_its_chunks_and_runs_none_twice(tmp_path: Path) -> None:
    store, digest = swept(tmp_path / "s", job(), chunk=150)
    before = {path.name: path.stat().st_mtime_ns for path in store.folder.glob("part-*")}
    for gone in (3, 8):
        store.path(gone).unlink()
    again, same = swept(tmp_path / "s", job(), "processes:2", chunk=11, resume=True)
    after = {path.name: path.stat().st_mtime_ns for path in store.folder.glob("part-*")}
    assert same == digest
    assert again.manifest.chunk_rows == 150
    assert {name for name in before if before[name] != after[name]} == {"part-0000003.parquet", "part-0000008.parquet"}
    assert [session["place"] for session in again.manifest.sessions] == ["in this process", "in 2 processes"]


def test_another_design_is_refused_with_all_that_differs(tmp_path: Path) -> None:
    swept(tmp_path / "s", job(), chunk=500)
    other = plan(250, 8, DesignKind.RANDOM)
    factors = (replace(other.factors[0], high=9.0), replace(other.factors[1], prior=Beta(2, 3)), other.factors[2])
    work = replace(job(design=replace(other, factors=factors)), outcomes=("x",), about={"toy": "tide"})
    with pytest.raises(StoreRefusedError) as failure:
        open_store(tmp_path / "s", work, resume=True)
    for text in (
        "holds another sweep:",
        "simulation.toy: wave in the store, tide now",
        "outcomes: height, x in the store, x now",
        "design.kind: latin in the store, random now",
        "design.points: 500 in the store, 250 now",
        "design.factors.x: even within -2.0 to 3.0 in the store, even within -2.0 to 9.0 now",
        "design.factors.y: even within 0.0 to 1.0 in the store, Beta(a=2, b=3) within 0.0 to 1.0 now",
        "design_file in ",
    ):
        assert text in str(failure.value)
    assert "factors.on" not in str(failure.value)


def changed(folder: Path, **fields: object) -> None:
    """Change fields of a manifest, as another version would have written them."""
    kept = {**json.loads((folder / MANIFEST).read_text(encoding="utf-8")), **fields}
    del kept["checksum"]
    for name in (MANIFEST, MANIFEST_COPY):
        (folder / name).write_text(json.dumps({**kept, "checksum": compute_checksum(kept)}), encoding="utf-8")


def test_a_store_of_another_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    swept(tmp_path / "s", job(), chunk=500)
    changed(tmp_path / "s", made_by={"version": "0.0.9", "code": "abc"})
    with pytest.raises(StoreRefusedError, match=r"begun by ringfence 0\.0\.9 \(code abc\), and this is .*\ngo on with"):
        open_store(tmp_path / "s", job(), resume=True)


def test_a_store_of_another_version_is_gone_on_with_if_that_is_accepted_and_its_first_rows_are_the_same(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path / "s", job(), chunk=50):
        changed(tmp_path / "s", made_by={"version": "0.0.9", "code": "abc"})
    with open_store(tmp_path / "s", job(), resume=True, any_version=True) as store:
        run_sweep(store, make_executor("processes:1"))
        assert store.summary()[1] == undisturbed()
        assert store.manifest.made_by == {"version": "0.0.9", "code": "abc"}
        assert [session["code"] for session in store.manifest.sessions] == [describe_code()["code"]]
    manifest = json.loads((tmp_path / "s" / MANIFEST).read_text(encoding="utf-8"))
    changed(tmp_path / "s", trial={**manifest["trial"], "bits": "0" * 64})
    with pytest.raises(StoreRefusedError, match=r"begun by another version, and this one gives other numbers"):
        open_store(tmp_path / "s", job(), resume=True, any_version=True, any_bits=True)


def test_a_store_of_another_format_is_refused(tmp_path: Path) -> None:
    swept(tmp_path / "s", job(), chunk=500)
    changed(tmp_path / "s", format=3)
    with pytest.raises(StoreRefusedError, match="format 3, and this version reads formats 1 to 2"):
        open_store(tmp_path / "s", job(), resume=True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\x00"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    swept(tmp_path / "s", job(), chunk=500)
    for name in (MANIFEST, MANIFEST_COPY):
        (tmp_path / "s" / name).write_text(text, encoding="utf-8")
    with pytest.raises(StoreRefusedError, match="is not the manifest of a sweep"):
        open_store(tmp_path / "s", job(), resume=True)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreRefusedError, match="holds other things"):
        open_store(tmp_path, job(), resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_computer_that_reaches_other_bits_is_refused_unless_that_is_accepted(tmp_path: Path) -> None:
    swept(tmp_path / "s", job(), chunk=500)
    manifest = json.loads((tmp_path / "s" / MANIFEST).read_text(encoding="utf-8"))
    changed(tmp_path / "s", trial={**manifest["trial"], "bits": "0" * 64})
    with pytest.raises(StoreRefusedError, match="computes other bits than the one that began"):
        open_store(tmp_path / "s", job(), resume=True)
    with open_store(tmp_path / "s", job(), resume=True, any_bits=True) as store:
        assert store.survey().left == ()


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "swapped"])
def test_a_damaged_or_foreign_file_is_run_again(tmp_path: Path, damage: str) -> None:
    store, digest = swept(tmp_path / "s", job(), chunk=200)
    path = store.path(4)
    if damage == "foreign":
        other, _ = swept(tmp_path / "other", job(design=plan(seed=6)), chunk=200)
        path.write_bytes(other.path(4).read_bytes())
    elif damage == "swapped":
        path.write_bytes(store.path(5).read_bytes())
    else:
        path.write_bytes(path.read_bytes()[:2_000] if damage == "cut" else b"")
    assert store.survey().damaged == (4,)
    assert swept(tmp_path / "s", job(), resume=True)[1] == digest


def test_what_a_stopped_process_left_half_written_goes(tmp_path: Path) -> None:
    store, _ = swept(tmp_path / "s", job(), chunk=200)
    store.path(7).unlink()
    left = [tmp_path / "s" / name for name in (f".ringfence-{'0a' * 8}.tmp", "_part-0000007.parquet.tmp")]
    for path in left:
        path.write_bytes(b"half")
    swept(tmp_path / "s", job(), resume=True)
    assert not any(path.exists() for path in left)


def test_a_file_that_cannot_be_written_leaves_nothing_and_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="there is no folder"):
        write_durably(tmp_path / "none" / "a", b"")
    with open_store(tmp_path / "s", job(), chunk=50) as store:
        store.path(0).mkdir()
        with pytest.raises(StoreError, match=r"part-0000000\.parquet is a folder, where a file should be"):
            store.write(0, b"data")
        assert list(store.folder.glob("*.tmp")) == []


def test_chunks_take_a_few_seconds_little_memory_and_whole_points() -> None:
    work = job(design=plan(50_000, 30, DesignKind.RANDOM))
    assert choose_chunk_rows(work, Trial(64, "", CHUNK_SECONDS / 1_000, 100.0)) == 990
    assert choose_chunk_rows(work, Trial(64, "", 1e-6, CHUNK_BYTES / 300)) == 300
    assert choose_chunk_rows(work, Trial(64, "", 0.0, 0.0)) == MOST_ROWS - MOST_ROWS % 30
    assert choose_chunk_rows(work, Trial(64, "", CHUNK_SECONDS / 7, 100.0)) == 7
    assert choose_chunk_rows(work, Trial(64, "", 60.0, 100.0)) == 1


def test_a_trial_measures_time_and_memory_and_is_short_for_a_slow_simulation() -> None:
    assert run_trial(job()).rows == 64
    slow = run_trial(job(Slow(0.05)))
    assert slow.rows < 64
    assert slow.seconds_a_row > 0.04
    assert run_trial(job()).bits == run_trial(job()).bits != run_trial(job(design=plan(seed=6))).bits
    assert run_trial(job()).bytes_a_row > 8 * (len(plan().factors) + 2)


def test_factors_and_outcomes_come_back_bit_for_bit(tmp_path: Path) -> None:
    store, _ = swept(tmp_path / "s", job(), chunk=300)
    whole = job().run(0, 2_000)
    height = np.concatenate([ran.table.outcomes["height"] for ran in store.tables()])
    assert height.tobytes() == np.asarray(whole.table.outcomes["height"]).tobytes()
    assert [why for ran in store.tables() for why in ran.failed] == list(whole.failed)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_ten_times_as_many_chunks_take_no_more_memory(tmp_path: Path) -> None:
    ask = (
        "import sys; from pathlib import Path; from sweep_toys import *\n"
        "swept(Path(sys.argv[1]), job(design=plan(int(sys.argv[2]), 1, DesignKind.RANDOM)), chunk=5_000)\n"
        "told = Path('/proc/self/status').read_text(encoding='ascii')\n"
        "print(1024 * int(told.split('VmHWM:')[1].split()[0]))  # ru_maxrss would be that of the process that forked\n"
    )
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", ask, tmp_path / points, points],
                cwd=Path(__file__).parent,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for points in ("50000", "500000")
    ]
    assert peaks[1] < 1e9
    assert peaks[1] - peaks[0] < 50e6


def test_a_latin_hypercube_of_any_size_is_drawn_in_blocks_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(n: int, seed: int, name: str, first: int = 0) -> NDArray[np.float64]:
        drawn.append(n)
        return draw_uniforms(n, seed, name, first)

    whole = plan(1_000).rows(0, 4_000)
    monkeypatch.setattr(design, "draw_uniforms", counted)
    monkeypatch.setattr(design, "_BLOCK", 64)
    columns, seeds = plan(1_000).rows(3_600, 4_000)
    assert sorted(drawn, reverse=True)[:4] == [100, 100, 100, 64]
    assert sum(drawn) == 3 * 100 + 3 * 1_000
    assert (seeds == whole[1][3_600:]).all()
    assert all((column == whole[0][name][3_600:]).all() for name, column in columns.items())


@pytest.mark.parametrize("independent", [False, True])
def test_a_chunk_of_a_point_with_a_billion_runs_needs_no_more_than_its_rows(independent: bool) -> None:
    many = replace(plan(1, 1_000_000_000, DesignKind.RANDOM), independent_seeds=independent)
    tracemalloc.start()
    points, seeds = many.rows(999_999_000, 1_000_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6
    assert len(points["x"]) == len(set(seeds.tolist())) == 1_000


def test_more_files_than_a_folder_bears_are_refused_with_the_arithmetic(tmp_path: Path) -> None:
    many = job(design=plan(4_000_000, 1, DesignKind.RANDOM))
    with pytest.raises(StoreRefusedError, match=r"4,000,000 rows in chunks of 3 would be 1,333,334 files.*--chunk 4"):
        open_store(tmp_path / "s", many, chunk=3)
    with open_store(tmp_path / "s", many, chunk=4) as store:
        assert store.manifest.chunks == 1_000_000
