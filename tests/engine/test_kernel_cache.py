"""Kernels are kept where they can be written, by version, and old ones go."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from simulator.engine.kernel_cache import ENDING, list_folders, remove_old_kernels
from simulator.engine.kernel_sources import cache_folder_name, source_hash

pytestmark = pytest.mark.architecture

OLD, RECENT, NOW = (f"kernels-{digit * 16}" for digit in "012")


def test_the_folder_is_named_after_the_sources() -> None:
    assert cache_folder_name() == f"kernels-{source_hash()}"


def test_the_users_own_folder_comes_first_and_a_temporary_one_of_their_own_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    first, second = list_folders(NOW)
    assert first == tmp_path / "mine" / NOW
    assert second.parent.parent == tmp_path / "temporary" and second.name == NOW


def test_kernels_of_old_versions_are_removed_and_everything_else_is_kept(tmp_path: Path) -> None:
    kernel, old_kernel = f"a.b-{'0' * 32}{ENDING}", "a.b-1.py311.nbi"
    for name, days in ((OLD, 90), (RECENT, 10), (NOW, 90), ("kernels-of-sunflowers", 90), ("other", 90)):
        folder = tmp_path / name
        (folder / "simulator_0").mkdir(parents=True)
        for file in (folder / kernel, folder / "simulator_0" / old_kernel, folder / "notes.txt"):
            file.write_bytes(b"")
        folder.chmod(0o700)
        then = time.time() - 86_400 * days
        os.utime(folder, (then, then))
    remove_old_kernels(tmp_path / NOW)
    assert [p.name for p in (tmp_path / OLD).rglob("*")] == ["notes.txt"]
    for name in (RECENT, NOW, "kernels-of-sunflowers", "other"):
        assert (tmp_path / name / kernel).exists() and (tmp_path / name / "simulator_0" / old_kernel).exists()
