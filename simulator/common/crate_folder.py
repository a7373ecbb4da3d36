"""An RO-Crate: a folder that an archive takes as it is, with what each file is, its SHA-256, authors and a licence."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulator.common.atomic_files import FileWriteError, check_folder, make_folder, write_together
from simulator.common.errors import InputError
from simulator.common.linked_data import DIGEST, Entity, describe_software, make_crate, refer_to
from simulator.common.paths import expand_path
from simulator.common.spreadsheet import make_cell_safe

if TYPE_CHECKING:
    import pandas as pd

METADATA, README = "ro-crate-metadata.json", "README.md"
LICENCE = "https://spdx.org/licenses/CC-BY-4.0"
CONTRIBUTORS = "Ringfence contributors"
"""The authors of the program, as CITATION.cff has them."""

_ENCODINGS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".nc": "application/netcdf",
    ".npy": "application/octet-stream",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


class CrateFile(NamedTuple):
    """One file of a crate, and what it holds, in words; `content` is its bytes, or the file that is copied."""

    words: str
    content: bytes | Path

    def measure(self) -> tuple[int, str]:
        """How many bytes there are, and their SHA-256. Raises OSError."""
        if isinstance(self.content, bytes):
            return len(self.content), hashlib.sha256(self.content).hexdigest()
        with self.content.open("rb") as file:
            return self.content.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


INGREDIENTS: dict[str, CrateFile] = {}
"""Files that everything rests on that this process makes: the plug-in, where one was chosen."""


@dataclass(frozen=True)
class CrateContent:
    """What a crate holds and says of itself, beside its authors and licence.

    `files` are named as they stand in the folder; `result` is the file that holds the answer, and `inputs` those that
    it was made from. `action` names what was run, and `record` describes it in full. `readme` are the lines that say
    how to make the numbers again. `version` is that of the program that made them, and `made_here` says whether this
    process did.
    """

    title: str
    description: str
    files: Mapping[str, CrateFile]
    result: str
    action: str
    record: str
    readme: Sequence[str]
    inputs: Sequence[str] = ()
    version: str = ""
    made_here: bool = True


def write_crate_folder(
    content: CrateContent,
    folder: str | Path,
    *,
    title: str = "",
    authors: Sequence[str] = (),
    licence: str = LICENCE,
    today: dt.date | None = None,
) -> Path:
    """Write a crate into a folder that is empty or not there yet; its metadata come last. Returns it.

    `licence` is the address of the licence of the data. Raises InputError for a folder that holds something and for
    empty names; FileWriteError.
    """
    folder = check_crate_folder(folder)
    if isinstance(authors, str):
        raise InputError(f"authors are a list of names: write authors=[{authors!r}]")
    if any(not author.strip() for author in authors) or not licence.strip():
        raise InputError("authors are a list of names and a licence is an address, not empty texts")
    if "://" not in licence:
        raise InputError(f"licence '{licence}' is no address; write where the licence stands, such as {LICENCE}")
    title = title or content.title
    if content.made_here:
        content = replace(content, files={**content.files, **INGREDIENTS}, inputs=[*content.inputs, *INGREDIENTS])
    files = {README: CrateFile("What is here, and how to make it again", b""), **content.files}
    files[README] = files[README]._replace(content=_write_readme(content, files, title).encode())
    day = (today or dt.date.today()).isoformat()
    try:
        document = _describe(content, files, title, authors, licence, day)
        metadata_text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        make_folder(folder)
        for name, file in files.items():
            if isinstance(file.content, Path):
                shutil.copyfile(file.content, folder / name)
        written = {folder / name: file.content for name, file in files.items() if isinstance(file.content, bytes)}
        write_together({**written, folder / METADATA: metadata_text.encode()}, last=folder / METADATA)
    except OSError as problem:
        raise FileWriteError(f"{folder} cannot be written: {problem.strerror or problem}") from problem
    return folder


def check_crate_folder(folder: str | Path) -> Path:
    """The folder for a crate. Raises InputError if it holds something already, and FileWriteError."""
    folder = expand_path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} holds files already; give a folder that is empty or not there yet")
    check_folder(folder, [METADATA])
    return folder


def _describe(
    content: CrateContent, files: Mapping[str, CrateFile], title: str, authors: Sequence[str], licence: str, day: str
) -> dict[str, object]:
    """The metadata of the folder."""
    people: list[Entity] = [
        {"@id": f"#author-{number}", "@type": "Person", "name": name.strip()} for number, name in enumerate(authors, 1)
    ]
    makers: Entity = {"@id": "#contributors", "@type": "Organization", "name": CONTRIBUTORS}
    parts = [_describe_file(name, file) for name, file in files.items()]
    licences: list[Entity] = [{"@id": licence, "@type": "CreativeWork", "name": licence}]
    software = {**describe_software(content.version or _find_version()), "author": refer_to("#contributors")}
    inputs = [refer_to(name) for name in content.inputs]
    action: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": content.action,
        "instrument": refer_to("#ringfence"),
        **({"object": inputs if len(inputs) > 1 else inputs[0]} if inputs else {}),
        "result": refer_to(content.result),
        "description": content.record,
    }
    root: Entity = {
        "name": title,
        "description": f"{content.description} Simulated, not observed: no line is a forecast of a named board. "
        f"{README} says how to make it again.",
        "datePublished": day,
        "license": refer_to(licence),
        "author": [refer_to(str(person["@id"])) for person in people] or refer_to("#contributors"),
        "keywords": "agent-based model, health inequalities, integrated care boards, ring-fenced funding",
        "hasPart": [refer_to(name) for name in files],
        "mentions": refer_to("#run"),
    }
    return make_crate(root, [*parts, *people, makers, software, action, *licences])


def _find_version() -> str:
    return metadata.version("ringfence")


def _describe_file(name: str, file: CrateFile) -> Entity:
    size, digest = file.measure()
    return {
        "@id": name,
        "@type": "File",
        "name": file.words,
        "encodingFormat": _ENCODINGS[Path(name).suffix],
        "contentSize": str(size),
        DIGEST: digest,
    }


def _write_readme(content: CrateContent, files: Mapping[str, CrateFile], title: str) -> str:
    """What is here, and how to make it again."""
    version = content.version or _find_version()
    head = [f"# {title}", "", content.description, "Simulated, not observed: no line is a forecast of a named board."]
    held = [f"* `{name}`: {file.words}" for name, file in files.items()]
    held.append(f"* `{METADATA}`: what each file is, with its SHA-256 (RO-Crate 1.1)")
    again = ["## How to make it again", "", f"    pip install ringfence=={version}", "", *content.readme]
    tail = ["Contains public sector information licensed under the Open Government Licence v3.0.", ""]
    return "\n".join([*head, "", *held, "", *again, *tail])


def format_table(table: pd.DataFrame, *, index: bool = False) -> bytes:
    """A table as CSV, numbers in full precision."""
    return bytes(table.map(make_cell_safe).to_csv(index=index, lineterminator="\n").encode())
