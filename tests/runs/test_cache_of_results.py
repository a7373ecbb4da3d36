"""Results on disk: the same bits, never worked out twice, and never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.boards.table import read_boards
from simulator.commands.cli import app
from simulator.common.atomic_files import STALE
from simulator.engine import ensemble
from simulator.engine.ensemble import PoundsError
from simulator.runs import result_cache as cache
from simulator.runs.futures import draw_futures
from simulator.runs.results import Results
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.results

N = cache.FEWEST_FUTURES
FUTURES = draw_futures(N)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that results are kept in."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept" / cache.SUBFOLDER


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many futures were worked out, run by run."""
    calls: list[int] = []
    real: Callable[..., Any] = ensemble.simulate

    def counted(points: Any, *args: Any, **named: Any) -> Any:
        calls.append(len(points))
        return real(points, *args, **named)

    together: Callable[..., Any] = ensemble.simulate_all

    def counted_all(points: Any, runs: Any, schedules: Any, *args: Any, **named: Any) -> Any:
        calls.extend([len(points)] * len(schedules))
        return together(points, runs, schedules, *args, **named)

    monkeypatch.setattr(ensemble, "simulate", counted)
    monkeypatch.setattr(ensemble, "simulate_all", counted_all)
    return calls


@pytest.fixture(scope="module")
def computed() -> Results:
    """What is worked out, with nothing kept."""
    assert cache.find_folder() is None
    return run("ringfence", futures=FUTURES)


def same(first: Results, other: Results) -> bool:
    return first.nation.tobytes() == other.nation.tobytes() and first.nation.dtype == other.nation.dtype


def test_tests_never_touch_what_people_keep() -> None:
    assert cache.find_folder() is None


def test_results_from_disk_are_bit_for_bit_those_worked_out_and_so_is_their_manifest(
    place: Path, worked: list[int], computed: Results
) -> None:
    first, second = run("ringfence", futures=FUTURES), run("ringfence", futures=FUTURES)
    assert worked == [N]
    assert same(first, computed) and same(second, computed)
    assert asdict(first.manifest) == asdict(second.manifest) == asdict(computed.manifest)
    assert second.codes == computed.codes and second.areas is None
    with pytest.raises(ValueError, match="read-only"):
        second.nation["protected"] = 0.0
    assert same(run("ringfence", futures=FUTURES), computed)


def test_two_processes_work_the_same_thing_out_once(place: Path) -> None:
    ask = (
        "import simulator.engine.ensemble as e, simulator.runs.run as r\n"
        "real = e.simulate\n"
        "def counted(*a, **k):\n    print('worked'); return real(*a, **k)\n"
        "e.simulate = counted\n"
        f"print(r.run('ringfence', {N}).nation['protected'].sum().hex())"
    )
    pieces = [
        subprocess.run(
            [sys.executable, "-c", ask], env=dict(os.environ), check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert pieces[0][0] == "worked"
    assert pieces[1] == pieces[0][1:]


def test_the_command_line_the_notebook_and_the_dashboard_share_what_is_kept(place: Path, worked: list[int]) -> None:
    from dashboards.computing.result_store import simulate

    assert CliRunner().invoke(app, ["run", "ringfence", "-n", str(N)]).exit_code == 0
    assert len(worked) == 1
    run("ringfence", N)
    simulate(load_scenario("ringfence"), draw_futures(N))
    assert len(worked) == 1


def test_another_scenario_seed_number_parameter_first_plan_or_set_of_boards_is_worked_out(
    place: Path, worked: list[int]
) -> None:
    base = {"futures": FUTURES}
    areas = read_boards().areas
    areas["alloc"][0] = np.nextafter(areas["alloc"][0], 1e9)  # one bit of one board
    other = replace(read_boards(), record=areas.tobytes())
    variants: list[dict[str, Any]] = [
        base,
        {"futures": draw_futures(N, seed=7)},
        {"futures": draw_futures(N + 1)},
        {"futures": draw_futures(N, first=1)},
        {"futures": draw_futures(N, settings={"gap_spread": 1.7})},
        {**base, "first_plan": 0},
        {**base, "boards": other},
    ]
    prints = {
        cache.make_key(load_scenario("ringfence"), v["futures"], v.get("boards", read_boards()), v.get("first_plan", 1))
        for v in variants
    }
    assert len(prints) == len(variants)
    assert cache.make_key(load_scenario("both"), FUTURES, read_boards(), 1) not in prints
    run("ringfence", **base)
    run("ringfence", futures=FUTURES, boards=other)
    run("both", **base)
    assert worked == [N, N, N]


def test_a_changed_rule_or_program_makes_a_new_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = (load_scenario("both"), FUTURES, read_boards(), 1)
    before = cache.make_key(*ask)
    monkeypatch.setattr(cache, "source_hash", lambda: "0" * 16)
    changed = cache.make_key(*ask)
    monkeypatch.setattr(cache, "find_version", lambda name: "0")
    assert len({before, changed, cache.make_key(*ask)}) == 3


def test_a_scenario_of_another_name_with_the_same_levers_keeps_its_own_name(place: Path, worked: list[int]) -> None:
    scenario = load_scenario("ringfence")
    run(scenario, futures=FUTURES)
    other = run(replace(scenario, name="mine", title="Mine"), futures=FUTURES)
    assert worked == [N]
    assert (other.manifest.scenario, other.manifest.title) == ("mine", "Mine")


def test_few_futures_and_every_boards_years_are_not_kept(place: Path, worked: list[int]) -> None:
    run("baseline", 20)
    run("baseline", futures=FUTURES, detail=True)
    assert worked == [20, N] and not place.exists()


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[:-100],
    "empty": lambda data: b"",
    "without its head": lambda data: data[300:],
    "one bit changed": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "longer": lambda data: data + b"\0" * 8,
    "not JSON": lambda data: b"{\n" + data.split(b"\n", 1)[1],
    "no line at all": lambda data: b"x" * 100_000,
    "another shape": lambda data: data.replace(b'"shape": [', b'"shape": [9', 1),
    "another key": lambda data: data.replace(b'"key": "', b'"key": "0', 1),
    "nested": lambda data: b"[" * 4_000 + data,
}


@pytest.mark.parametrize("name", SPOILT)
def test_an_entry_that_is_spoilt_is_worked_out_again_without_a_word(
    name: str, place: Path, worked: list[int], computed: Results
) -> None:
    run("ringfence", futures=FUTURES)
    path = cache.list_entries(place)[0][2]
    path.write_bytes(SPOILT[name](path.read_bytes()))
    assert same(run("ringfence", futures=FUTURES), computed)
    assert worked == [N, N]
    assert same(run("ringfence", futures=FUTURES), computed)
    assert worked == [N, N]


def test_where_nothing_can_be_written_it_is_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worked: list[int], computed: Results
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv(cache.VARIABLE, str(blocked))
    assert same(run("ringfence", futures=FUTURES), computed)
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert same(run("ringfence", futures=FUTURES), computed)
    assert worked == [N, N]


def test_a_full_disk_leaves_an_answer_and_no_rubbish(
    place: Path, monkeypatch: pytest.MonkeyPatch, computed: Results
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert same(run("ringfence", futures=FUTURES), computed)
    assert list(place.iterdir()) == []


def test_the_least_recently_used_go_when_there_is_no_room(place: Path) -> None:
    data = np.zeros((10, 8), cache.NATIONAL_DTYPE)
    names = [letter * 32 for letter in "abcd"]
    for name in names:
        cache.keep(name, data)
    size = cache.list_entries(place)[0][1]
    now = time.time()
    for age, name in enumerate(names):
        os.utime(place / f"{name}{cache.SUFFIX}", (now - 100 + age, now - 100 + age))
    assert cache.recall(names[0], 10) is not None
    cache.remove_oldest(place, 2 * size + 100)
    assert sorted(path.stem for _, _, path in cache.list_entries(place)) == [names[0], names[3]]


def test_what_was_left_half_written_is_removed_in_time_and_never_read(place: Path) -> None:
    place.mkdir(parents=True, mode=0o700)
    old, new = (place / f".ringfence-{digit * 16}.tmp" for digit in "01")
    for path in (old, new):
        path.write_bytes(b"half")
    then = time.time() - 2 * STALE
    os.utime(old, (then, then))
    cache.remove_oldest(place)
    assert not old.exists() and new.exists() and cache.list_entries(place) == []


def test_many_writers_and_readers_at_once_see_whole_entries_only(place: Path) -> None:
    data = np.zeros((200, 8), cache.NATIONAL_DTYPE)
    data["protected"] = 0.5
    wrong: list[str] = []

    def work() -> None:
        for _ in range(20):
            cache.keep("5" * 32, data)
            recalled = cache.recall("5" * 32, 200)
            if recalled is not None and recalled.tobytes() != data.tobytes():
                wrong.append("torn")
            cache.remove_oldest(place, 0)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and list(place.iterdir()) == []


def test_what_cannot_be_worked_out_is_not_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> Any:
        raise PoundsError("lost")

    monkeypatch.setattr(ensemble, "simulate", wrong)
    with pytest.raises(PoundsError):
        run("ringfence", futures=FUTURES)
    assert not place.exists()


def test_progress_is_told_as_done_when_nothing_is_left_to_do(place: Path) -> None:
    run("ringfence", futures=FUTURES)
    reports: list[tuple[int, int]] = []
    run("ringfence", futures=FUTURES, progress=lambda done, total: reports.append((done, total)))
    assert reports == [(N, N)]


def test_an_entry_holds_numbers_and_no_words_of_anybody(place: Path) -> None:
    run(replace(load_scenario("ringfence"), name="secret-name", title="Secret title"), futures=FUTURES)
    (entry,) = cache.list_entries(place)
    head, body = entry[2].read_bytes().split(b"\n", 1)
    assert set(json.loads(head)) == {"key", "shape", "check"}
    assert b"ecret" not in head + body


def test_a_folder_that_holds_other_peoples_files_keeps_every_one_of_them(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    then = time.time() - 2 * STALE
    names = ("thesis.part", "survey.results", f"{'0' * 32}.results", "a.kernel", ".hidden.tmp", "x.tmp", "note.lock")
    place.mkdir(parents=True, mode=0o700)
    theirs = [folder / name for folder in (place.parent, place) for name in names if name[0] != "0" or folder != place]
    for path in theirs:
        path.write_bytes(b"mine")
        os.utime(path, (then, then))
    run("ringfence", futures=FUTURES)
    cache.remove_oldest(place)
    assert len(cache.list_entries(place)) == 1
    assert CliRunner().invoke(app, ["cache", "--clear"]).output.startswith("Removed 1 results")
    assert all(path.read_bytes() == b"mine" for path in theirs)
    assert sorted(p for p in place.parent.rglob("*") if p.is_file()) == sorted(theirs)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system keeps users apart by other means")
def test_results_that_others_could_have_planted_are_neither_read_nor_removed(place: Path, worked: list[int]) -> None:
    run("ringfence", futures=FUTURES)
    path = cache.list_entries(place)[0][2]
    path.chmod(0o666)
    assert cache.recall(path.stem, N) is None and path.exists()
    path.chmod(0o600)
    assert cache.recall(path.stem, N) is not None
    place.chmod(0o777)
    assert cache.recall(path.stem, N) is None and cache.list_entries(place) == []
    run("ringfence", futures=FUTURES)
    assert worked == [N, N] and [p.name for p in place.iterdir()] == [path.name]


def test_the_verb_says_where_and_how_much_and_clears(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))  # what it clears must not be everybody's
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    run("ringfence", futures=FUTURES)
    output = CliRunner().invoke(app, ["cache"]).output
    assert str(place) in output and output.startswith("1 results take")
    assert CliRunner().invoke(app, ["cache", "--clear"]).output.startswith("Removed 1 results")
    assert cache.list_entries(place) == []
    assert CliRunner().invoke(app, ["cache"], env={cache.VARIABLE: "off"}).output.startswith("No results are kept")
