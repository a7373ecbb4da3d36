"""Files that belong together: wherever their writing is killed, old and new ones cannot be taken for one set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killing import killed_at

from simulator.common.atomic_files import FileWriteError, check_folder, make_folder, write_together

NAMES = ("table.csv", "picture.svg", "manifest.json")


def made(folder: Path, text: str) -> dict[Path, bytes]:
    return {folder / name: f"{text} {name}".encode() for name in NAMES}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a process that was forked off")
@pytest.mark.parametrize("before", [True, False])
def test_wherever_the_writing_is_killed_a_manifest_stands_only_beside_its_own_files(
    tmp_path: Path, before: bool
) -> None:
    names = set()
    step = 0
    while True:
        folder = tmp_path / str(step)
        folder.mkdir()
        last = folder / NAMES[-1]
        if before:
            write_together(made(folder, "old"), last=last)
        killed = killed_at(step, lambda folder=folder, last=last: write_together(made(folder, "new"), last=last))
        texts = {
            path.name: path.read_text(encoding="utf-8").split()[0] for path in folder.iterdir() if path.suffix != ".tmp"
        }
        if last.name in texts:
            assert texts in (dict.fromkeys(NAMES, "old"), dict.fromkeys(NAMES, "new"))
            names.add(texts[last.name])
        if not killed:
            assert texts == dict.fromkeys(NAMES, "new")
            break
        write_together(made(folder, "again"), last=last)
        assert {path.read_text(encoding="utf-8").split()[0] for path in map(folder.joinpath, NAMES)} == {"again"}
        step += 1
    assert step > 6
    assert names == ({"old", "new"} if before else {"new"})


def test_a_folder_that_cannot_take_the_files_is_told_before_they_are_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "taken" / NAMES[0]).mkdir(parents=True)
    for folder, message in (
        (tmp_path / "file", "file is a file; give the name of a folder"),
        (tmp_path / "file" / "deep" / "er", "file is a file; give the name of a folder"),
        (tmp_path / "taken", r"table\.csv is a folder; give the name of a file"),
    ):
        with pytest.raises(FileWriteError, match=message):
            check_folder(folder, NAMES)
    check_folder(tmp_path / "new" / "er", NAMES)
    assert not (tmp_path / "new").exists()
    make_folder(tmp_path / "new" / "er")
    check_folder(tmp_path / "new" / "er", NAMES)
    assert list((tmp_path / "new" / "er").iterdir()) == []
    with pytest.raises(FileWriteError, match="file is a file; give the name of a folder"):
        make_folder(tmp_path / "file")
