"""The files of an assurance pack, and reading one that was written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from simulator.common.errors import InputError
from simulator.engine.kernel_sources import source_hash
from simulator.runs.manifest import find_version


class PackFiles(NamedTuple):
    """The names of the pack's files in its folder."""

    page: str = "index.html"
    pdf: str = "assurance.pdf"
    excel: str = "assurance.xlsx"
    opendocument: str = "assurance.ods"


FILES = PackFiles()


def name_build() -> str:
    """The words by which a pack says of which build it is."""
    return f"Ringfence {find_version()}, model code {source_hash()}"


def read_pack(folder: Path) -> dict[str, bytes]:
    """The files of a pack by name. Raises InputError for a folder that holds none, or one of another build."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} holds no assurance pack ({', '.join(missing)} not there); ringfence assurance {folder} makes one"
        )
    contents = {name: (folder / name).read_bytes() for name in FILES}
    if name_build().encode() not in contents[FILES.page]:
        raise InputError(
            f"the assurance pack in {folder} is of another build than {name_build()}; ringfence assurance {folder} "
            "makes it anew"
        )
    return contents
