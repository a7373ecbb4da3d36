"""Whatever becomes of the files of a store, going on ends in the undamaged table, or a sentence says what to do."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sweep_toys import job, plan, swept

from simulator.experiments.core.design import Design
from simulator.sweeps import parquet_chunk as chunk_file
from simulator.sweeps.executors import LocalExecutor
from simulator.sweeps.manifest import MANIFEST, MANIFEST_COPY, StoreRefusedError
from simulator.sweeps.progress import Meter
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import Store, StoreError, open_store
from simulator.sweeps.worker import ChunkResult

pytestmark = pytest.mark.sweeps

CHUNKS = 4


def small(seed: int = 5) -> Design:
    return plan(50, 4, seed=seed)


class Notes(Meter):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def resumed(folder: Path) -> tuple[int, str, list[str]]:
    """Go on with a store: how many chunks were run, the SHA-256 of its table, and what was said."""
    notes = Notes()
    with open_store(folder, job(design=small()), resume=True) as store:
        count = run_sweep(store, LocalExecutor(), notes)
        return count.run, store.summary()[1], notes.said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    """An undamaged store of four chunks, and the SHA-256 of its table."""
    return swept(tmp_path_factory.mktemp("whole") / "s", job(design=small()))


@pytest.fixture
def folder(whole: tuple[Store, str], tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(whole[0].folder, tmp_path / "s"))


def part(folder: Path, chunk: int) -> Path:
    return folder / f"part-{chunk:07d}.parquet"


def flip(path: Path, at: int, bits: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= bits
    path.write_bytes(data)


def test_a_change_of_any_one_byte_of_a_chunk_is_noticed(whole: tuple[Store, str]) -> None:
    store, _ = whole
    data = store.path(1).read_bytes()
    assert store.is_whole(1, data)
    assert [at for at in range(len(data)) if store.is_whole(1, _flipped(data, at))] == []


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1])
def test_a_chunk_with_a_changed_byte_is_run_again_and_the_table_is_as_it_was(
    folder: Path, whole: tuple[Store, str], share: float
) -> None:
    path = part(folder, 1)
    flip(path, round(share * (path.stat().st_size - 1)))
    assert resumed(folder) == (1, whole[1], ["part-0000001.parquet is damaged, and is run again"])
    assert path.read_bytes() == whole[0].path(1).read_bytes()


@pytest.mark.parametrize("mark", [b"ringfence-sha256:", b"ringfence_checksum", b"ARROW:schema", b"PAR1"])
def test_a_chunk_whose_checksum_is_rubbed_out_is_not_taken_for_an_old_one(
    folder: Path, whole: tuple[Store, str], mark: bytes
) -> None:
    path = part(folder, 2)
    path.write_bytes(path.read_bytes().replace(mark, mark.swapcase()))
    assert resumed(folder)[:2] == (1, whole[1])


@pytest.mark.parametrize(
    "damage", ["cut", "empty", "longer", "text", "swapped", "twice", "other seed", "other size", "all"]
)
def test_what_is_not_the_chunk_it_should_be_is_run_again(folder: Path, whole: tuple[Store, str], damage: str) -> None:
    first_part, two = part(folder, 0), part(folder, 1)
    runs = 1
    if damage == "cut":
        first_part.write_bytes(first_part.read_bytes()[: first_part.stat().st_size // 2])
    elif damage == "empty":
        first_part.write_bytes(b"")
    elif damage == "longer":
        first_part.write_bytes(first_part.read_bytes() + first_part.read_bytes())
    elif damage == "text":
        first_part.write_text("row,point\n", encoding="utf-8")
    elif damage == "swapped":
        first, second = first_part.read_bytes(), two.read_bytes()
        first_part.write_bytes(second), two.write_bytes(first)
        runs = 2
    elif damage == "twice":
        first_part.write_bytes(two.read_bytes())
    elif damage in ("other seed", "other size"):
        seed, chunk = (6, 50) if damage == "other seed" else (5, 49)
        other, _ = swept(folder.with_name("other"), job(design=small(seed)), chunk=chunk)
        first_part.write_bytes(other.path(0).read_bytes())
    else:
        for chunk in range(CHUNKS):
            flip(part(folder, chunk), 500)
        runs = CHUNKS
    assert resumed(folder)[:2] == (runs, whole[1])


@pytest.mark.parametrize(
    "name", ["part-0000004.parquet", "part-9999999.parquet", "part-0000001 (1).parquet", "mine.PARQUET"]
)
def test_a_table_that_is_no_chunk_is_refused_before_it_is_counted_as_rows(folder: Path, name: str) -> None:
    shutil.copy(part(folder, 0), folder / name)
    with pytest.raises(
        StoreRefusedError, match=r"no chunk of this sweep, and would be read as rows .*move it elsewhere"
    ):
        resumed(folder)
    (folder / name).unlink()
    (folder / "sub").mkdir()
    shutil.copy(part(folder, 0), folder / "sub" / name.lower())
    with pytest.raises(StoreRefusedError, match="would be read as rows by whoever opens the folder: sub"):
        resumed(folder)


def test_other_files_are_left_alone_and_named(folder: Path, whole: tuple[Store, str]) -> None:
    for name in ("thesis.txt", "_mine.tmp", ".DS_Store"):
        (folder / name).write_text("mine", encoding="utf-8")
    part(folder, 0).unlink()
    run, digest, message = resumed(folder)
    assert (run, digest) == (1, whole[1])
    assert [text for text in message if "thesis.txt, which is no part of the sweep" in text] == message
    assert all(
        (folder / name).read_text(encoding="utf-8") == "mine" for name in ("thesis.txt", "_mine.tmp", ".DS_Store")
    )


def test_damage_that_comes_after_the_check_is_noticed_when_the_table_is_read(folder: Path) -> None:
    with open_store(folder, job(design=small()), resume=True) as store:
        run_sweep(store, LocalExecutor())
        flip(part(folder, 3), 700)
        with pytest.raises(StoreError, match=r"part-0000003\.parquet is damaged .*run the sweep again with --resume"):
            store.summary()
        part(folder, 3).unlink()
        with pytest.raises(StoreError, match=r"part-0000003\.parquet is not there; run"):
            store.summary()


class Garbles(LocalExecutor):
    """Damages each chunk on its way back, the first time that it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[int] = set()

    def finished(self, patience: float) -> list[ChunkResult]:
        return [self._garbled(done) for done in super().finished(patience)]

    def _garbled(self, done: ChunkResult) -> ChunkResult:
        if done.chunk in self.seen:
            return done
        self.seen.add(done.chunk)
        return ChunkResult(done.chunk, _flipped(done.data, 300))


def test_a_chunk_that_is_damaged_on_its_way_back_is_never_kept(tmp_path: Path, whole: tuple[Store, str]) -> None:
    assert swept(tmp_path / "s", job(design=small()), Garbles())[1] == whole[1]


def aged(folder: Path) -> None:
    """Make a store what the first version wrote: no checksums anywhere, and no copy of the manifest."""
    for chunk in range(CHUNKS):
        table = pq.read_table(part(folder, chunk))
        about = {b"ringfence": pq.read_metadata(part(folder, chunk)).metadata[b"ringfence"]}
        file = io.BytesIO()
        with pq.ParquetWriter(file, table.schema.with_metadata(about), compression="zstd") as out:
            out.write_table(table.replace_schema_metadata(about))
        part(folder, chunk).write_bytes(file.getvalue())
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["checksum"], manifest["unchecked"]
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": 1}), encoding="utf-8")
    (folder / MANIFEST_COPY).unlink()


def test_a_store_of_the_first_version_opens_and_it_is_said_that_it_cannot_be_checked(
    folder: Path, whole: tuple[Store, str]
) -> None:
    aged(folder)
    run, digest, message = resumed(folder)
    assert (run, digest) == (0, whole[1])
    assert len(message) == 1
    assert message[0].startswith("4 chunks were written by an earlier version, without a checksum")


def test_what_can_be_noticed_in_a_chunk_without_a_checksum_is_and_it_is_run_again(
    folder: Path, whole: tuple[Store, str]
) -> None:
    aged(folder)
    path = part(folder, 1)
    at = pq.read_metadata(path).row_group(0).column(4).data_page_offset
    path.write_bytes(path.read_bytes()[: at + 40] + b"\xff" * 30 + path.read_bytes()[at + 70 :])
    run, digest, message = resumed(folder)
    assert (run, digest) == (1, whole[1])
    assert message[0] == "part-0000001.parquet is damaged, and is run again"
    assert message[1].startswith("3 chunks were written by an earlier version")


def test_once_a_store_of_the_first_version_is_gone_on_with_its_new_chunks_must_have_checksums(
    folder: Path, whole: tuple[Store, str]
) -> None:
    aged(folder)
    part(folder, 2).unlink()
    resumed(folder)
    path = part(folder, 2)
    path.write_bytes(path.read_bytes().replace(b"ringfence-sha256:", b"RINGFENCE-sha256:"))
    run, digest, message = resumed(folder)
    assert (run, digest) == (1, whole[1])
    assert message[0] == "part-0000002.parquet is damaged, and is run again"


def test_any_change_of_the_manifest_is_noticed_and_its_copy_stands_in(folder: Path, whole: tuple[Store, str]) -> None:
    text = (folder / MANIFEST).read_bytes()
    for at in range(0, len(text), 7):
        (folder / MANIFEST).write_bytes(_flipped(text, at))
        with open_store(folder, job(design=small()), resume=True) as store:
            assert store.manifest == whole[0].manifest
        assert (folder / MANIFEST).read_bytes() in (
            text,
            _flipped(text, at),
        )  # flipped: a blank
    (folder / MANIFEST).write_bytes(text.replace(b'"rows": 200', b'"rows": 100'))
    run, digest, message = resumed(folder)
    assert (run, digest) == (0, whole[1])
    assert message == [f"{MANIFEST} was lost or damaged, and is put back from {MANIFEST_COPY}"]
    assert (folder / MANIFEST).read_bytes() == text


def test_a_manifest_of_the_first_version_with_another_number_of_rows_is_refused(folder: Path) -> None:
    aged(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**manifest, "rows": 100, "chunks": 2}), encoding="utf-8")
    for chunk in (2, 3):
        part(folder, chunk).unlink()
    with pytest.raises(StoreRefusedError, match="it counts 100 rows, and its design makes 200"):
        resumed(folder)


def test_pages_carry_checksums_for_other_programs(whole: tuple[Store, str], tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    shutil.copy(whole[0].path(0), path)
    column = pq.read_metadata(path).row_group(0).column(7)
    flip(path, column.data_page_offset + column.total_compressed_size - 9)
    with pytest.raises(OSError, match=r"(?i)crc"):
        pd.read_parquet(path, page_checksum_verification=True)


def test_a_checksum_stands_once_in_a_file_and_is_that_of_the_file_with_zeros_in_its_place(
    whole: tuple[Store, str],
) -> None:
    import hashlib

    data = whole[0].path(0).read_bytes()
    checksum = pq.read_metadata(whole[0].path(0)).metadata[chunk_file._CHECKSUM].removeprefix(chunk_file._MARK)
    assert data.count(checksum) == 1
    assert hashlib.sha256(data.replace(checksum, b"0" * 64)).hexdigest().encode() == checksum
