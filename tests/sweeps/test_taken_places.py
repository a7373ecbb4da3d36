"""A file of a store that was replaced by anything at all: the same table in the end, or one sentence with its name."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sweep_toys import job, plan, swept

from simulator.common.json_shape import DEEPEST, describe_misfit, read_json
from simulator.sweeps.lock import HOLDER_FILE, LOCK_FILE, Lock, StoreBusyError
from simulator.sweeps.manifest import MANIFEST, MANIFEST_COPY, StoreRefusedError, compute_checksum
from simulator.sweeps.store import Store

pytestmark = pytest.mark.sweeps

DESIGN = plan(50, 4)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from([10**400, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    """An undamaged store of four chunks, and the SHA-256 of its table."""
    return swept(tmp_path_factory.mktemp("whole") / "s", job(design=DESIGN))


@pytest.fixture
def folder(whole: tuple[Store, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole[0].folder, tmp_path / "s"))


def goes_on_or_says(folder: Path, digest: str, name: str = "_manifest") -> None:
    """Go on with a store: its table is as it was, or it is refused in words in which the name of the file stands."""
    try:
        assert swept(folder, job(design=DESIGN), resume=True)[1] == digest
    except (StoreRefusedError, OSError) as error:
        text = str(error)
        assert name in text or "holds another sweep" in text or "begun by ringfence" in text or "in format" in text
        assert "Errno" not in text and "Traceback" not in text


def nodes(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values in a JSON document."""
    yield at
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(item, (*at, key))


def put(document: Any, at: tuple[Any, ...], value: Any) -> Any:
    """The document with another value in one place."""
    if not at:
        return value
    manifest_read = dict(document) if isinstance(document, dict) else list(document)
    manifest_read[at[0]] = put(document[at[0]], at[1:], value)
    return manifest_read


@SLOW
@given(data=st.data())
@pytest.mark.parametrize("version", [1, 2])
def test_a_manifest_with_any_value_in_any_place_is_read_or_refused_in_a_sentence(
    whole: tuple[Store, str], tmp_path: Path, version: int, data: st.DataObject
) -> None:
    manifest = json.loads((whole[0].folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["checksum"]
    if version == 1:
        del manifest["unchecked"]
        manifest["format"] = 1
    changed = put(manifest, data.draw(st.sampled_from(list(nodes(manifest)))), data.draw(JSON))
    with suppress(UnicodeEncodeError):
        if version == 2 and isinstance(changed, dict):
            changed = {**changed, "checksum": compute_checksum(changed)}
    folder = tmp_path / "s"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole[0].folder, folder)
    for name in (MANIFEST, MANIFEST_COPY):
        (folder / name).write_text(json.dumps(changed), encoding="utf-8")
    goes_on_or_says(folder, whole[1])


@SLOW
@given(document=JSON, what=st.sampled_from((MANIFEST, MANIFEST_COPY, HOLDER_FILE)))
@example(10**5000, MANIFEST)
def test_any_json_in_place_of_a_file_of_a_store_is_read_or_refused_in_a_sentence(
    whole: tuple[Store, str], tmp_path: Path, document: Any, what: str
) -> None:
    folder = tmp_path / "s"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole[0].folder, folder)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        text = json.dumps(document)
    finally:
        sys.set_int_max_str_digits(limit)
    for name in (MANIFEST, MANIFEST_COPY) if what == MANIFEST else (what,):
        (folder / name).write_text(text, encoding="utf-8")
    goes_on_or_says(folder, whole[1], MANIFEST)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
        b"NaN",
        b"[1e999]",
        b"{}\0",
        b'"\\ud800"',
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    ],
)
def test_what_is_no_json_that_anybody_would_write_is_one_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        value = read_json(data)
        raise ValueError(
            f"is not JSON: {describe_misfit(value, {'a': (int, float)}) or describe_misfit(value[0], float)}"
        )


def occupy(path: Path, kind: str, precious: Path) -> None:
    """Put something else into the place of a file."""
    if path.exists():
        path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "full folder":
        path.mkdir()
        (path / "thesis.txt").write_text("mine", encoding="utf-8")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        target = {"link": precious, "dead link": path.with_name("_nowhere"), "loop": path, "device": Path("/dev/zero")}
        path.symlink_to(target[kind])


KINDS = ["folder", "full folder", "pipe", "link", "dead link", "loop", "device"]
PLACES = [
    MANIFEST,
    MANIFEST_COPY,
    HOLDER_FILE,
    LOCK_FILE,
    "_summary.json",
    "part-0000001.parquet",
    "_part-0000001.parquet.tmp",
]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders, and links only for some users")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("left", [False, True])
def test_whatever_has_the_place_of_a_file_nothing_is_written_through_it_and_nothing_hangs(
    folder: Path, whole: tuple[Store, str], place: str, kind: str, left: bool
) -> None:
    precious = folder.with_name("precious.txt")
    precious.write_text("mine", encoding="utf-8")
    if left:
        (folder / "part-0000001.parquet").unlink()
    occupy(folder / place, kind, precious)
    goes_on_or_says(folder, whole[1], place)
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (folder / "_nowhere").exists()
    if kind == "full folder":
        assert (folder / place / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders, and links only for some users")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [MANIFEST, MANIFEST_COPY, HOLDER_FILE, LOCK_FILE])
def test_a_new_store_writes_through_nothing_that_was_there_before(
    tmp_path: Path, whole: tuple[Store, str], kind: str, place: str
) -> None:
    precious, folder = tmp_path / "precious.txt", tmp_path / "s"
    precious.write_text("mine", encoding="utf-8")
    folder.mkdir()
    occupy(folder / place, kind, precious)
    goes_on_or_says(folder, whole[1], place)
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (folder / "_nowhere").exists()


@pytest.mark.parametrize(
    "text", ["[]", "{}", "null", '{"process": [], "computer": {}, "since": 1e9}', "[" * 99_999, "9" * 9_999]
)
def test_who_holds_a_lock_is_left_out_where_it_is_not_known(folder: Path, text: str) -> None:
    held = Lock(folder)
    held.take()
    (folder / HOLDER_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(StoreBusyError, match=r"^another sweep is writing into"):
        Lock(folder).take()
    held.drop()
