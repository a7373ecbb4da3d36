"""What version 0.1 wrote still opens, with the numbers that it held; run again, it gives what `reruns.json` holds.

The files in `version_0_1` were written by that version; `numbers.json` and `links.json` hold the numbers that it read
and worked out itself. Nothing here writes into that folder. `reruns.json` holds what the same inputs give today, to
twelve digits; where results change, and the changelog says so, this file run as a script writes it anew.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import pickle
import shutil
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest

import simulator as rf
from dashboards.selection.permalink import make_link, restore
from simulator.runs import result_cache
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.results import Results
from simulator.sweeps.design_file import read_design_file
from simulator.sweeps.executors import make_executor
from simulator.sweeps.manifest import StoreRefusedError
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store

FOLDER = Path(__file__).parent / "version_0_1"
NUMBERS: dict[str, Any] = json.loads((FOLDER / "numbers.json").read_text(encoding="utf-8"))
LINKS: list[dict[str, Any]] = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))
OUTCOMES = ("retained", "additional", "spent")
RERUN = 1e-12
RERUNS = Path(__file__).parent / "reruns.json"
WRITING = "RINGFENCE_WRITE_RERUNS"


def saved(name: str, folder: Path) -> Path:
    """A results file, unpacked."""
    path = folder / name
    path.write_bytes(gzip.decompress((FOLDER / f"{name}.gz").read_bytes()))
    return path


def copied(name: str, folder: Path) -> Path:
    """A copy of a file or folder, which a test may change."""
    path, copy = FOLDER / name, folder / name
    if path.is_dir():
        shutil.copytree(path, copy)
    else:
        shutil.copy(path, copy)
    return copy


def holds(results: Results, name: str) -> None:
    """That results from a file have the numbers that version 0.1 read from it."""
    for outcome in OUTCOMES:
        np.testing.assert_allclose(results.outcome(outcome), NUMBERS[name][outcome], rtol=0, atol=0)


def gives(name: str, found: Any) -> None:
    """That a rerun gives today's known numbers."""
    known = json.loads(RERUNS.read_text(encoding="utf-8"))
    if WRITING in os.environ:
        RERUNS.write_text(json.dumps(known | {name: found}, indent=1) + "\n", encoding="utf-8")
    else:
        assert_same(found, known[name])


def assert_same(found: Any, known: Any) -> None:
    if isinstance(known, dict):
        assert list(found) == list(known)
        for name in known:
            assert_same(found[name], known[name])
    elif isinstance(known, str):
        assert found == known
    else:
        np.testing.assert_allclose(found, known, rtol=RERUN, atol=0)


def outcomes_of(results: Results) -> dict[str, list[float]]:
    return {outcome: results.outcome(outcome).tolist() for outcome in OUTCOMES}


# Results.


@pytest.mark.parametrize("name", ["result.nc", "result-boards.nc"])
def test_saved_results_open_with_the_numbers_that_they_hold(name: str, tmp_path: Path) -> None:
    results = rf.load_results(saved(name, tmp_path))
    holds(results, name)
    assert results.manifest.version == "0.1.0" and isinstance(results.futures, Futures)
    again = rf.load_results(results.save(tmp_path / "again.nc"))
    assert np.array_equal(again.nation, results.nation) and again.manifest == results.manifest


def test_saved_results_of_boards_hold_every_boards_years(tmp_path: Path) -> None:
    results = rf.load_results(saved("result-boards.nc", tmp_path))
    assert results.areas is not None and results.codes == ("E01", "N01", "S01", "W01")
    raided = results.areas["raided_q3"][:, 1].sum(axis=1)
    assert raided.tolist() == NUMBERS["result-boards.nc"]["raided_q3 of the boards, 2023/24"]


def test_saved_results_can_be_run_again_from_their_own_futures(tmp_path: Path) -> None:
    old = rf.load_results(saved("result.nc", tmp_path))
    new = rf.run(old.manifest.scenario, futures=old.futures)
    gives("result.nc", {"fingerprint": new.manifest.scenario_fingerprint, **outcomes_of(new)})
    assert new.manifest.futures_fingerprint == old.manifest.futures_fingerprint


def test_pickled_results_open() -> None:
    results = pickle.loads((FOLDER / "result.pickle").read_bytes())
    assert isinstance(results, Results)
    holds(results, "result.pickle")


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_tables_of_outcomes_are_read_and_their_run_can_be_made_again(ending: str) -> None:
    path = FOLDER / f"result.{ending}"
    if ending == "csv":
        table = pd.read_csv(path)
    else:
        table = pd.DataFrame(json.loads(path.read_text(encoding="utf-8"))["outcomes"])
    results = rf.run("ringfence", 12, seed=3)
    held = table.set_index("outcome")["mean"]
    assert held["retained"] == pytest.approx(0.8749792242404174, rel=RERUN)
    gives("result.csv", {str(name): results.outcome(str(name)).mean() for name in held.index})


def test_an_entry_of_the_result_cache_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = NUMBERS["cache"]["key"]
    monkeypatch.setenv(result_cache.VARIABLE, str(tmp_path))
    folder = result_cache.find_folder()
    assert folder is not None
    result_cache.keep("0" * 32, np.zeros(1, result_cache.NATIONAL_DTYPE)[None])  # makes the folder, ours alone
    entry = folder / f"{key}{result_cache.SUFFIX}"
    entry.write_bytes((FOLDER / "cache" / entry.name).read_bytes())
    entry.chmod(0o600)
    nation = result_cache.recall(key, 2)
    assert nation is not None
    drawn = draw_futures(2, seed=11)
    results = rf.run("both", futures=drawn)
    holds(Results(nation, None, results.codes, results.manifest, drawn), "cache")
    gives("cache", outcomes_of(results))


# Files that people wrote.


@pytest.mark.parametrize("name", ["own-policy.yaml", "own-child.yaml"])
def test_scenario_files_say_the_same(name: str) -> None:
    scenario = rf.load_scenario(FOLDER / name)
    gives(name, {"fingerprint": scenario.fingerprint, **outcomes_of(rf.run(scenario, 8, seed=12))})


def test_a_table_of_boards_says_the_same() -> None:
    boards = rf.load_boards(FOLDER / "own-boards.csv")
    assert boards.fingerprint == NUMBERS["own-boards.csv"]["fingerprint"]
    gives("own-boards.csv", outcomes_of(rf.run("ringfence", 8, seed=13, boards=boards)))


def test_a_replay_predicts_the_same() -> None:
    drawn = draw_futures(8, seed=14)
    predicted = rf.load_replay(FOLDER / "own-replay.yaml").predict(drawn.points, drawn.runs, seed=14)
    assert list(predicted) == list(NUMBERS["own-replay.yaml"])
    gives("own-replay.yaml", {name: values.tolist() for name, values in predicted.items()})


# Links.


def readable(text: str) -> dict[str, str]:
    """The fields of a link but the version that wrote it, with files as their text: packed bytes depend on zlib."""
    fields = dict(parse_qsl(text.lstrip("?")))
    del fields["m"]
    for name in [name for name in fields if name.endswith(".file")]:
        fields[name] = zlib.decompress(base64.urlsafe_b64decode(fields[name])).decode("utf-8")
    return fields


@pytest.mark.parametrize("old", LINKS, ids=lambda old: str(old["tab"]))
def test_a_link_restores_all_that_was_chosen(old: dict[str, Any]) -> None:
    restored = restore(old["link"])
    assert restored.tab == old["tab"]
    assert restored.notes == (
        f"This link was made with Ringfence 0.1.0; this is {rf.__version__}, so numbers may differ.",
    )
    again = make_link(restored.selection, restored.tab, restored.map_selection, restored.analysis_selection)
    assert readable(again) == readable(old["again"])


@pytest.mark.parametrize("old", LINKS, ids=lambda old: str(old["tab"]))
def test_the_scenarios_of_a_link_give_the_same_numbers(old: dict[str, Any]) -> None:
    scenarios = [slot.scenario for slot in restore(old["link"]).selection.slots]
    assert len(scenarios) == len(old["scenarios"])
    levels = [rf.run(scenario, 4, seed=old["seed"]).outcome(old["outcome"]).tolist() for scenario in scenarios]
    gives(f"link to {old['tab']}", {"fingerprints": " ".join(s.fingerprint for s in scenarios), "levels": levels})


# Sweeps.


def test_a_finished_sweep_is_read_with_its_manifest() -> None:
    table, held = rf.read_sweep(FOLDER / "sweep-finished"), NUMBERS["sweep-finished"]
    assert len(table) == held["rows"] and table.attrs["rows_missing"] == 0
    assert table.attrs["manifest"]["made_by"]["version"] == "0.1.0"
    for outcome in ("retained", "additional"):
        assert table[outcome].tolist() == held[outcome]


def test_an_unfinished_sweep_is_read_as_far_as_it_got() -> None:
    with pytest.warns(UserWarning, match="8 of 12 rows are there"):
        table = rf.read_sweep(FOLDER / "sweep-unfinished")
    assert table["retained"].tolist() == NUMBERS["sweep-finished"]["retained"][:8]


@pytest.mark.parametrize("name", ["sweep.csv", "sweep.parquet"])
def test_a_sweep_in_one_file_is_read_with_its_account(name: str) -> None:
    table = rf.read_sweep(FOLDER / "sweep-file" / name)
    assert table["retained"].tolist() == NUMBERS["sweep-finished"]["retained"]
    assert table.attrs["manifest"]["table_sha256"] == NUMBERS["sweep-finished"]["sha256"]


def test_a_sweep_run_again_gives_todays_numbers_row_by_row(tmp_path: Path) -> None:
    copied("own-policy.yaml", tmp_path)
    design = read_design_file(copied("design.yaml", tmp_path))
    with open_store(tmp_path / "new", design.job(), chunk=5) as store:
        run_sweep(store, make_executor())
    table, old = rf.read_sweep(tmp_path / "new"), rf.read_sweep(FOLDER / "sweep-finished")
    assert list(table) == list(old)
    manifest, before = table.attrs["manifest"]["sweep"], old.attrs["manifest"]["sweep"]
    assert list(manifest["design"]["factors"]) == list(before["design"]["factors"])
    assert all(manifest["design"][name] == before["design"][name] for name in ("kind", "points", "runs", "seed"))
    assert table[["row", "point", "run", "seed"]].equals(old[["row", "point", "run", "seed"]])
    gives("sweep", {outcome: table[outcome].tolist() for outcome in ("retained", "additional")})


def test_an_unfinished_sweep_is_never_mixed_with_other_bits(tmp_path: Path) -> None:
    """The scenario that it ran means something else today: it is refused, the version is named, and it stays whole."""
    copied("own-policy.yaml", tmp_path)
    design, folder = read_design_file(copied("design.yaml", tmp_path)), copied("sweep-unfinished", tmp_path)
    before = {path.name: path.read_bytes() for path in folder.glob("part-*")}
    for any_version in (False, True):
        with pytest.raises(StoreRefusedError, match=r"(?s)scenario_fingerprint.*was begun by ringfence 0\.1\.0 "):
            open_store(folder, design.job(), resume=True, any_version=any_version)
    assert {name: (folder / name).read_bytes() for name in before} == before and len(before) > 0


if __name__ == "__main__":
    os.environ[WRITING] = "1"
    RERUNS.write_text("{}", encoding="utf-8")
    pytest.main([__file__, "-q", "-p", "no:cacheprovider"])
