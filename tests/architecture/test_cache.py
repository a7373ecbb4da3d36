"""Kernels are cached where they can be written, by version, and old ones go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.compiled import cache_folder, forget_old, source_hash

pytestmark = pytest.mark.architecture

ASK = "from simulator.compiled import cache_folder; print(cache_folder())"


def asked(**env: str) -> Path:
    told = subprocess.run(
        [sys.executable, "-c", ASK], env={**os.environ, **env}, check=True, capture_output=True, text=True
    )
    return Path(told.stdout.strip())


def test_the_cache_is_named_after_the_sources() -> None:
    assert Path(cache_folder()).name == f"kernels-{source_hash()}"


def test_the_users_own_cache_folder_is_respected(tmp_path: Path) -> None:
    assert asked(NUMBA_CACHE_DIR=str(tmp_path / "mine")).parent == tmp_path / "mine"


def test_where_the_cache_cannot_be_written_a_temporary_folder_serves(tmp_path: Path) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("", encoding="utf-8")
    assert asked(NUMBA_CACHE_DIR=str(blocked), TMPDIR=str(tmp_path)).parent == tmp_path


def test_kernels_of_old_versions_are_removed_and_recent_ones_kept(tmp_path: Path) -> None:
    for name, days in (("kernels-old", 90), ("kernels-recent", 10), ("kernels-now", 90), ("other", 90)):
        (tmp_path / name).mkdir()
        then = time.time() - 86_400 * days
        os.utime(tmp_path / name, (then, then))
    forget_old(tmp_path / "kernels-now")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kernels-now", "kernels-recent", "other"]
