"""Wherever on its way to the disk a sweep is killed, going on ends in the same table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from killing import kill_at_every_step
from sweep_toys import job, plan, swept, undisturbed

from simulator.sweeps.store import Store, open_store, remove_store

pytestmark = [
    pytest.mark.sweeps,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a process that was forked off"),
]

WORK = job(design=plan(50, 3))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    return swept(tmp_path_factory.mktemp("whole") / "s", WORK)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".tmp" in path.name]


def test_before_whichever_step_a_sweep_is_killed_it_can_be_gone_on_with(tmp_path: Path) -> None:
    short = job(design=plan(50, 2))  # a chunk to begin with and one that follows: further ones take the same steps
    digest = undisturbed(plan(50, 2))

    def check(folder: Path) -> None:
        assert swept(folder, short, resume=True)[1] == digest
        assert leftovers(folder) == []

    assert kill_at_every_step(tmp_path, lambda folder: lambda: swept(folder, short), check) > 24


def test_before_whichever_step_going_on_is_killed_it_can_be_gone_on_with_once_more(
    tmp_path: Path, whole: tuple[Store, str]
) -> None:
    def damage(folder: Path) -> Callable[[], object]:
        shutil.copytree(whole[0].folder, folder)
        parts = [folder / whole[0].path(chunk).name for chunk in range(3)]
        parts[1].unlink()
        parts[2].write_bytes(parts[0].read_bytes())
        (folder / "_manifest.json").write_text("damaged", encoding="utf-8")
        return lambda: swept(folder, WORK, resume=True)

    def check(folder: Path) -> None:
        assert swept(folder, WORK, resume=True)[1] == whole[1]

    assert kill_at_every_step(tmp_path, damage, check) > 14


def test_before_whichever_step_its_removal_is_killed_a_store_is_known_as_long_as_it_has_chunks(
    tmp_path: Path, whole: tuple[Store, str]
) -> None:
    def fill(folder: Path) -> Callable[[], object]:
        shutil.copytree(whole[0].folder, folder)
        return lambda: remove_store(folder)

    def check(folder: Path) -> None:
        if list(folder.glob("part-*")):
            with open_store(folder, WORK, resume=True) as store:
                assert store.manifest.fingerprint == whole[0].manifest.fingerprint

    steps = kill_at_every_step(tmp_path, fill, check)
    assert list((tmp_path / str(steps)).glob("part-*")) == []
    assert steps > 4
