"""The folder of a site: what may be written into it, and what of an earlier site is taken away.

A marker lists every file that we wrote. Only files that it lists are replaced or removed; a folder that holds other
things and no marker is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from simulator.common.atomic_files import check_folder, make_folder, write_text, write_together
from simulator.common.errors import InputError

MARKER = "ringfence-site.json"
FORMAT = 1


def check_site_folder(folder: Path, names: tuple[str, ...] = ()) -> set[str]:
    """The files of an earlier site there. Raises InputError for a folder that holds other things, or files of these
    names that are not ours, and FileWriteError for one that cannot be written to.
    """
    ours = _listed(folder)
    if ours is None:
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                f"{folder} holds other things; give the name of a new or empty folder, or of one that an earlier "
                "`ringfence site` wrote"
            )
        ours = set()
    strange = sorted(name for name in names if name not in ours and (folder / name).exists())
    if strange:
        raise InputError(f"{folder / strange[0]} is in the way and was not written by Ringfence; move it elsewhere")
    for part in {PurePosixPath(name).parent for name in (*names, *ours)}:
        if part.parts and (folder / part).is_symlink():
            raise InputError(f"{folder / part} is a link to another folder; remove it, or choose another folder")
    check_folder(folder, [MARKER])
    return ours


def write_site_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files, or leave those of before, and remove what only an earlier site had. Raises as the check."""
    before = check_site_folder(folder, tuple(files))
    for name in sorted({str(PurePosixPath(name).parent) for name in files}):
        make_folder(folder / name)
    _mark(folder, before | set(files))  # so that wherever this is killed, the next one knows what is ours
    write_together({folder / name: data for name, data in files.items()}, durable=False)
    for name in sorted(before - set(files)):
        path = folder / name
        if path.is_file() and not path.is_symlink():
            path.unlink()
        with suppress(OSError):
            if path.parent != folder:
                path.parent.rmdir()  # which keeps a folder that holds anything
    _mark(folder, set(files))


def _mark(folder: Path, names: set[str]) -> None:
    marker = {"written by": "ringfence site", "format": FORMAT, "files": sorted(names)}
    write_text(folder / MARKER, json.dumps(marker, indent=1) + "\n", durable=False)


def _listed(folder: Path) -> set[str] | None:
    """The files inside the folder that a marker lists; None where there is no marker of ours."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    names = marker.get("files") if isinstance(marker, dict) and marker.get("format") == FORMAT else None
    if not isinstance(names, list):
        return None
    return {name for name in names if isinstance(name, str) and _is_inside(name)}


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not set(name) & set("\\:\0")
