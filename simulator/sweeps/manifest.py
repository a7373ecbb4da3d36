"""The manifest of a store: what is swept, in which chunks, made by what; and what differs from another sweep."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simulator.sweeps.files import write_durably
from simulator.sweeps.job import Job, Trial, made_by

NAME = "_manifest.json"
FORMAT = 1
LIBRARIES = ("numpy", "numba", "scipy", "pyarrow")


class StoreRefusedError(ValueError):
    """A folder cannot be gone on with: the message says what differs, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a store says of itself. `sweep` is the identity of the job; `sessions` who worked on it, when and where."""

    sweep: Mapping[str, Any]
    made_by: Mapping[str, str]
    rows: int
    chunk_rows: int
    trial: Trial
    design_file: str = ""
    sessions: tuple[Mapping[str, str], ...] = field(default=())
    format: int = FORMAT

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.rows // self.chunk_rows)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell this sweep, in these chunks, from any other."""
        text = json.dumps([self.sweep, dict(self.made_by), self.chunk_rows], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Write it, whole. Raises OSError."""
        text = json.dumps({**asdict(self), "chunks": self.chunks}, indent=2, ensure_ascii=False)
        write_durably(folder / NAME, text.encode())


def manifest_of(job: Job, chunk: int, cost: Trial) -> Manifest:
    """The manifest of a sweep that begins."""
    sweep = json.loads(json.dumps(job.identity))
    return Manifest(sweep, made_by(), len(job.design), chunk, cost, job.design_file)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a store; None where there is none. Raises StoreRefusedError and OSError."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise StoreRefusedError(
                f"{folder} was written in format {found['format']}, and this version reads format {FORMAT}; go on with "
                f"ringfence {found['made_by']['version']}, or begin again in another folder"
            )
        found.pop("chunks")
        return Manifest(**{**found, "trial": Trial(**found["trial"]), "sessions": tuple(found["sessions"])})
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise StoreRefusedError(f"{path} is not the manifest of a sweep; begin again in another folder") from error


def session(place: str, any_bits: bool) -> dict[str, str]:
    """Who works on a store now: when and where it began, on what."""
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"), "place": place,
        "bits": "any" if any_bits else "the same",
        "system": f"{platform.system()} {platform.machine()}", "python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
    }  # fmt: skip


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def check_same(folder: Path, kept: Manifest, job: Job) -> None:
    """Refuse to go on with another sweep or version than a store was begun with. Raises StoreRefusedError."""
    now = json.loads(json.dumps(job.identity))
    differing = list(differences(kept.sweep, now))
    if differing:
        lines = [f"{folder} holds another sweep:", *differing]
        lines.append(f"go on with its own design (design_file in {folder / NAME}), or choose another --out")
        raise StoreRefusedError("\n".join(lines))
    here = made_by()
    if dict(kept.made_by) != here:
        raise StoreRefusedError(
            f"{folder} was begun by ringfence {kept.made_by['version']} (code {kept.made_by['code']}), and this is "
            f"{here['version']} (code {here['code']}), which may give other numbers\n"
            f"go on with the version it was begun with, or begin again with another --out"
        )


def differences(kept: Mapping[str, Any], now: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """What differs between two identities, one line each: where, what is kept, and what is asked now."""
    for name in dict.fromkeys((*kept, *now)):
        one, other = kept.get(name), now.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from differences(one, other, f"{where}{name}.")
        elif one != other:
            yield f"  {where}{name}: {_words(one)} in the store, {_words(other)} now"


def _words(value: object) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
