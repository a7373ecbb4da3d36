"""The manifest of a store: what is swept, in which chunks, made by what; and what differs from another sweep."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from simulator.common.errors import InputError
from simulator.common.json_shape import NUMBER, describe_misfit, read_json
from simulator.experiments.core.model_protocol import MOST_SEEDS
from simulator.sweeps.documents import CodeVersion, ManifestDocument, SessionDocument, SweepIdentity
from simulator.sweeps.job import TRIAL_ROWS, Job, Trial, describe_code
from simulator.sweeps.store_files import read_regular, write_durably

MANIFEST, MANIFEST_COPY = "_manifest.json", "_manifest_copy.json"
FORMAT = 2
"""2: every chunk carries a checksum, and so does the manifest. 1: neither does."""


class StoreRefusedError(InputError):
    """A folder cannot be gone on with: the message says what differs, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a store says of itself. `sweep` is the identity of the job; `sessions` who worked on it, when and where;
    `unchecked` lists the chunks that an earlier version wrote, which have no checksum.
    """

    sweep: SweepIdentity
    made_by: CodeVersion
    rows: int
    chunk_rows: int
    trial: Trial
    design_file: str = ""
    sessions: tuple[SessionDocument, ...] = ()
    unchecked: tuple[int, ...] = ()
    format: int = FORMAT

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.rows // self.chunk_rows)

    @cached_property
    def chunks_without_checksum(self) -> frozenset[int]:
        """The chunks of `unchecked`, to be looked up."""
        return frozenset(self.unchecked)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell this sweep, in these chunks, from any other."""
        text = json.dumps([self.sweep, self.made_by, self.chunk_rows], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Write it, whole, and then a copy, so that damage to one of the two costs nothing. Raises OSError."""
        document = self._to_document()
        document["checksum"] = compute_checksum(document)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        write_durably(folder / MANIFEST, text.encode())
        write_durably(folder / MANIFEST_COPY, text.encode())

    def _to_document(self) -> ManifestDocument:
        return {
            "sweep": self.sweep,
            "made_by": self.made_by,
            "rows": self.rows,
            "chunk_rows": self.chunk_rows,
            "trial": {
                "rows": self.trial.rows,
                "bits": self.trial.bits,
                "seconds_a_row": self.trial.seconds_a_row,
                "bytes_a_row": self.trial.bytes_a_row,
            },
            "design_file": self.design_file,
            "sessions": list(self.sessions),
            "unchecked": list(self.unchecked),
            "format": self.format,
            "chunks": self.chunks,
        }


def compute_checksum(document: ManifestDocument) -> str:
    """SHA-256 of a manifest's values, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def to_json_values(identity: SweepIdentity) -> SweepIdentity:
    """The identity of a job as JSON gives it back."""
    values: SweepIdentity = json.loads(json.dumps(identity))
    return values


def make_manifest(job: Job, chunk: int, cost: Trial) -> Manifest:
    """The manifest of a sweep that begins."""
    return Manifest(to_json_values(job.identity), describe_code(), len(job.design), chunk, cost, job.design_file)


def read_manifest(folder: Path) -> tuple[Manifest | None, bool]:
    """The manifest of a store (None where there is none), and whether it had to be read from its copy.

    Raises StoreRefusedError and OSError.
    """
    try:
        return _read(folder / MANIFEST), False
    except (FileNotFoundError, _BrokenManifestError) as first:
        try:
            return _read(folder / MANIFEST_COPY), True
        except (FileNotFoundError, _BrokenManifestError):
            if isinstance(first, FileNotFoundError):
                return None, False
            raise first from None


class _BrokenManifestError(StoreRefusedError):
    """A manifest that a copy may stand in for."""


def _read(path: Path) -> Manifest:
    """A manifest in a file. Raises FileNotFoundError, StoreRefusedError and OSError."""
    try:
        content = read_json(read_regular(path))
    except ValueError:
        raise _make_broken_error(path, "it is not JSON in UTF-8") from None
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise _make_broken_error(path, "it does not say its format")
    if not 1 <= content["format"] <= FORMAT:
        raise _make_other_format_error(path, content)
    if wrong := describe_misfit(content, _SHAPE if content["format"] == FORMAT else _FIRST_SHAPE):
        raise _make_broken_error(path, wrong)
    document = cast("ManifestDocument", content)
    checksum = document.pop("checksum", None)
    if document["format"] == FORMAT and checksum != compute_checksum(document):
        raise _make_broken_error(path, "its checksum is wrong, so it was changed since it was written")
    kept = document["trial"]
    trial = Trial(kept["rows"], kept["bits"], kept["seconds_a_row"], kept["bytes_a_row"])
    manifest = Manifest(
        document["sweep"],
        document["made_by"],
        document["rows"],
        document["chunk_rows"],
        trial,
        document["design_file"],
        tuple(document["sessions"]),
        tuple(document.get("unchecked", ())) if document["format"] == FORMAT else (),
        document["format"],
    )
    if not 1 <= manifest.rows <= MOST_SEEDS or manifest.chunk_rows < 1 or manifest.chunks != document["chunks"]:
        raise _make_broken_error(path, "its rows and chunks do not fit together")
    if not 1 <= trial.rows <= min(TRIAL_ROWS, manifest.rows):
        raise _make_broken_error(path, f"its trial cannot have had {trial.rows} rows")
    return manifest


def _make_other_format_error(path: Path, document: Mapping[str, object]) -> _BrokenManifestError:
    by = document.get("made_by")
    version = by.get("version") if isinstance(by, dict) else None
    other = f"ringfence {version}" if isinstance(version, str) else "the version it was begun with"
    return _BrokenManifestError(  # or one bit of the number is wrong: an intact copy tells
        f"{path.parent} was written in format {str(document['format'])[:20]}, and this version reads formats 1 to "
        f"{FORMAT}; go on with {other}, or begin again in another folder"
    )


def _make_broken_error(path: Path, why: str) -> _BrokenManifestError:
    return _BrokenManifestError(
        f"{path} is not the manifest of a sweep: {why}\n"
        "put back a copy of it, if you have one, or begin again in another folder"
    )


_TRIAL = {"rows": int, "bits": str, "seconds_a_row": NUMBER, "bytes_a_row": NUMBER}
_DESIGN = {"kind": str, "points": int, "runs": int, "seed": int, "luck": str, "factors": {...: str}}
_FIRST_SHAPE = {
    "sweep": {"simulation": dict, "outcomes": [str], "design": _DESIGN},
    "made_by": {"version": str, "code": str},
    "rows": int,
    "chunk_rows": int,
    "chunks": int,
    "trial": _TRIAL,
    "design_file": str,
    "sessions": [{...: str}],
    "format": int,
}
_SHAPE = {**_FIRST_SHAPE, "unchecked": [int], "checksum": str}


def describe_session(executor: str, any_bits: bool) -> SessionDocument:
    """Who works on a store now: when and where it began, on what."""
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "place": executor,
        "bits": "any" if any_bits else "the same",
        **describe_code(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": _find_version("numpy"),
        "numba": _find_version("numba"),
        "scipy": _find_version("scipy"),
        "pyarrow": _find_version("pyarrow"),
    }


@cache
def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def check_same(folder: Path, kept: Manifest, job: Job, any_version: bool = False) -> None:
    """Refuse to go on with another sweep, or with another version unless any will do. Raises StoreRefusedError."""
    differing = list(list_differences(kept.sweep, to_json_values(job.identity)))
    here = describe_code()
    if differing:
        lines = [f"{folder} holds another sweep:", *differing]
        if kept.made_by != here:
            lines.append(
                f"it was begun by ringfence {kept.made_by['version']} (code {kept.made_by['code']}): what the same "
                "design means may have changed since; go on with that version"
            )
        lines.append(f"go on with its own design (design_file in {folder / MANIFEST}), or choose another --out")
        raise StoreRefusedError("\n".join(lines))
    if kept.rows != len(job.design):
        raise _make_broken_error(
            folder / MANIFEST, f"it counts {kept.rows:,} rows, and its design makes {len(job.design):,}"
        )
    if kept.made_by != here and not any_version:
        raise StoreRefusedError(
            f"{folder} was begun by ringfence {kept.made_by['version']} (code {kept.made_by['code']}), and this is "
            f"{here['version']} (code {here['code']}), which may give other numbers\n"
            f"go on with the version it was begun with, begin again with another --out, or let --any-version compare "
            f"the first {kept.trial.rows} rows and go on if they are the same"
        )


def list_differences(before: Mapping[str, object], after: Mapping[str, object], where: str = "") -> Iterator[str]:
    """What differs between two identities, one line each: where, what is kept, and what is asked now."""
    for name in dict.fromkeys((*before, *after)):
        stored, current = before.get(name), after.get(name)
        if isinstance(stored, Mapping) and isinstance(current, Mapping):
            yield from list_differences(stored, current, f"{where}{name}.")
        elif stored != current:
            yield f"  {where}{name}: {_to_text(stored)} in the store, {_to_text(current)} now"


def _to_text(value: object) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
