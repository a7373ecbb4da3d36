"""Wherever on its way to the disk a sweep is killed, going on ends in the same table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killing import killed_at
from sweep_toys import job, plan, swept

from simulator.sweeps.store import Store, open_store, remove_store

pytestmark = [
    pytest.mark.sweeps,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a process that was forked off"),
]

WORK = job(design=plan(50, 4))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    return swept(tmp_path_factory.mktemp("whole") / "s", WORK)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".tmp" in path.name]


def test_before_whichever_step_a_sweep_is_killed_it_can_be_gone_on_with(
    tmp_path: Path, whole: tuple[Store, str]
) -> None:
    step = 0
    while killed_at(step, lambda step=step: swept(tmp_path / str(step), WORK)):
        folder = tmp_path / str(step)
        assert swept(folder, WORK, resume=True)[1] == whole[1]
        assert leftovers(folder) == []
        step += 1
    assert step > 30


def test_before_whichever_step_going_on_is_killed_it_can_be_gone_on_with_once_more(
    tmp_path: Path, whole: tuple[Store, str]
) -> None:
    step, killed = 0, True
    while killed:
        folder = tmp_path / str(step)
        store, _ = swept(folder, WORK)
        store.path(1).unlink()
        store.path(2).write_bytes(store.path(3).read_bytes())
        (folder / "_manifest.json").write_text("damaged", encoding="utf-8")
        killed = killed_at(step, lambda folder=folder: swept(folder, WORK, resume=True))
        assert swept(folder, WORK, resume=True)[1] == whole[1]
        step += 1
    assert step > 15


def test_before_whichever_step_its_removal_is_killed_a_store_is_known_as_long_as_it_has_chunks(
    tmp_path: Path, whole: tuple[Store, str]
) -> None:
    step, killed = 0, True
    while killed:
        folder = tmp_path / str(step)
        swept(folder, WORK)
        killed = killed_at(step, lambda folder=folder: remove_store(folder))
        if list(folder.glob("part-*")):
            with open_store(folder, WORK, resume=True) as store:
                assert store.manifest.fingerprint == whole[0].manifest.fingerprint
        step += 1
    assert list(folder.glob("part-*")) == []
    assert step > 5
