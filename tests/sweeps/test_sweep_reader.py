"""A sweep is read back into a notebook whole, with how it was made, and what is missing or was changed is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sweep_toys import job, plan, swept

import simulator as rf
from simulator.sweeps.manifest import StoreRefusedError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "results"
    swept(folder, job(design=plan(50, 4)), chunk=50)
    return folder


def copy(folder: Path, into: Path) -> Path:
    return Path(shutil.copytree(folder, into / "copy"))


def test_the_table_is_the_one_that_pandas_reads_of_the_folder(folder: Path) -> None:
    table = rf.read_sweep(folder)
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder), check_dtype=False)
    assert rf.read_sweep(str(folder)).equals(table)


def test_the_manifest_comes_along_and_outlives_a_copy(folder: Path, tmp_path: Path) -> None:
    table = rf.read_sweep(folder)
    assert table.attrs["rows_missing"] == 0
    manifest = table[table["failed"] == ""].attrs["manifest"]
    document = json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))
    assert {name: document[name] for name in manifest} == json.loads(json.dumps(manifest))
    table.to_parquet(tmp_path / "again.parquet")  # pandas writes attrs as JSON
    assert pd.read_parquet(tmp_path / "again.parquet").attrs["manifest"]["rows"] == len(table)


def test_rows_that_are_missing_are_counted_and_the_others_read(folder: Path, tmp_path: Path) -> None:
    part, whole = copy(folder, tmp_path), rf.read_sweep(folder)
    (part / "part-0000001.parquet").unlink()
    with pytest.warns(UserWarning, match=r"150 of 200 rows are there; ringfence sweep --resume runs the others"):
        table = rf.read_sweep(part)
    assert table.attrs["rows_missing"] == 50
    assert table["row"].tolist() == [row for row in whole["row"] if not 50 <= row < 100]


def test_what_was_changed_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    part = copy(folder, tmp_path)
    path = part / "part-0000002.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreRefusedError, match=r"part-0000002\.parquet is damaged"):
        rf.read_sweep(part)
    shutil.copy(part / "part-0000000.parquet", path)
    with pytest.raises(StoreRefusedError, match=r"part-0000002\.parquet is damaged \(is another chunk"):
        rf.read_sweep(part)


def test_what_is_no_sweep_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreRefusedError, match="holds no sweep; give the folder that ringfence sweep --out wrote"):
        rf.read_sweep(tmp_path)
    with pytest.raises(StoreRefusedError, match="holds no sweep"):
        rf.read_sweep(tmp_path / "nowhere")
    begun = copy(folder, tmp_path)
    for path in begun.glob("part-*"):
        path.unlink()
    with pytest.raises(StoreRefusedError, match="holds no rows yet"):
        rf.read_sweep(begun)
    with pytest.raises(StoreRefusedError, match="is no table of a sweep"):
        rf.read_sweep(shutil.copy(folder / "_manifest.json", tmp_path / "table.txt"))


def test_a_single_file_needs_its_account_and_its_bytes(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rf.read_sweep(folder).to_csv(path, index=False)
    with pytest.raises(StoreRefusedError, match=r"table\.csv\.json is not there, which says how .* was made"):
        rf.read_sweep(path)
    account = tmp_path / "table.csv.json"
    account.write_text("{", encoding="utf-8")
    with pytest.raises(StoreRefusedError, match=r"table\.csv\.json is not JSON"):
        rf.read_sweep(path)
    account.write_text('{"file_sha256": "0"}', encoding="utf-8")
    with pytest.raises(StoreRefusedError, match=r"table\.csv was changed since it was made"):
        rf.read_sweep(path)
