"""`ringfence doctor`: is everything well on this computer, and does it give the published bits?"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Answer, Form, deliver, show_text
from simulator.commands.shared.running import say_if_cold

if TYPE_CHECKING:
    from simulator.runs.digest import Check

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "mesa", "xarray", "pyarrow", "panel")
INPUTS = {
    "futures_fingerprint": "parameter draws",
    "boards_fingerprint": "boards",
    "scenario_fingerprints": "scenarios",
}


class Installation(TypedDict):
    """What is installed, and on what computer."""

    version: str
    code: str
    python: str
    libraries: dict[str, str]
    system: str
    processor: str
    cores: int
    threads: int


class CacheState(TypedDict):
    """What is kept of the compiled model in a folder."""

    folder: str
    count: int
    bytes: int
    damaged: int
    writable: bool


class ResultCacheState(CacheState):
    """What is kept of results; `unused_because` is empty where the folder is used."""

    unused_because: str


class BitsDocument(TypedDict):
    """How many groups of futures give the published bits, by scenario."""

    same: bool
    futures: int
    group: int
    groups: int
    groups_equal: dict[str, int]
    changed: list[str]


class CacheDocument(TypedDict):
    """What is kept on disk; `results` is None where none are to be kept."""

    results: ResultCacheState | None
    compiled_model: CacheState


class CheckDocument(Installation, CacheDocument):
    """All that `ringfence doctor` finds."""

    ok: bool
    bits: BitsDocument


def doctor(as_json: options.Json = False) -> None:
    """Check this installation: versions, what is kept on disk, and whether this computer gives the published bits.

    1,000 futures of four scenarios are run and compared, to the last bit, with those published. It takes seconds once
    the model is compiled. Exit code 1 says that bits differ.
    """
    from simulator.runs.digest import SCENARIOS, check

    installation = _describe_installation()
    kept: CacheDocument = {"results": _inspect_results(), "compiled_model": _inspect_compiled_model()}
    say_if_cold()
    with Bar("comparing bits", len(SCENARIOS)) as bar:
        checked = check(bar)
    document: CheckDocument = {"ok": checked.same_bits, **installation, **kept, "bits": _document_bits(checked)}
    form = Form.JSON if as_json else Form.TABLE
    deliver(Answer(document, [], lambda: _show(document, checked)), form)
    if not checked.same_bits:
        say("error: this computer does not give the published bits")
        raise typer.Exit(1)


def _describe_installation() -> Installation:
    from importlib.metadata import PackageNotFoundError, version

    from simulator.engine.ensemble import count_threads
    from simulator.engine.kernel_sources import source_hash

    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "missing"
    return {
        "version": version("ringfence"),
        "code": source_hash(),
        "python": platform.python_version(),
        "libraries": versions,
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": os.cpu_count() or 1,
        "threads": count_threads(),
    }


def _inspect_results() -> ResultCacheState | None:
    """What is kept of results; None where nothing is to be kept."""
    from simulator.common.trusted_files import why_not_trusted
    from simulator.runs import result_cache

    place = result_cache.find_folder()
    if place is None:
        return None
    there = os.path.lexists(place)
    return {
        "folder": str(place),
        "count": len(result_cache.list_entries(place)),
        "bytes": sum(size for _, size, _ in result_cache.list_entries(place)),
        "damaged": result_cache.count_damaged(place),
        "unused_because": why_not_trusted(place) if there else "",
        "writable": _is_writable(place),
    }


def _inspect_compiled_model() -> CacheState:
    from simulator.engine import kernel_cache
    from simulator.engine.kernel_sources import cache_folder_name

    name = cache_folder_name()
    kept = kernel_cache.count_kept(name)
    folders = list(kernel_cache.list_trusted_folders(name)) or list(kernel_cache.list_folders(name)[:1])
    return {
        "folder": str(folders[0]) if folders else "",
        "count": kept.whole,
        "bytes": kept.size,
        "damaged": kept.damaged,
        "writable": any(_is_writable(folder) for folder in folders),
    }


def _is_writable(folder: Path) -> bool:
    """Whether something can be kept in a folder, which need not be there yet."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK)


def _document_bits(checked: Check) -> BitsDocument:
    from simulator.runs.digest import BLOCK, FUTURES

    return {
        "same": checked.same_bits,
        "futures": FUTURES,
        "group": BLOCK,
        "groups": checked.blocks,
        "groups_equal": dict(checked.equal),
        "changed": list(checked.changed),
    }


def _show(document: CheckDocument, checked: Check) -> None:
    libraries = ", ".join(f"{name} {number}" for name, number in document["libraries"].items())
    show_text(f"Ringfence {document['version']} (code {document['code']}), Python {document['python']}")
    show_text(f"Libraries: {libraries}")
    cores, threads = document["cores"], document["threads"]
    show_text(
        f"Computer: {document['system']}, {document['processor']}; {cores} core{'s' if cores > 1 else ''}, "
        f"{threads} thread{'s' if threads > 1 else ''} used"
    )
    show_text(_describe_results(document["results"]))
    show_text(_describe_compiled_model(document["compiled_model"]))
    show_text(_describe_bits(checked))


def _describe_results(kept: ResultCacheState | None) -> str:
    if kept is None:
        return "Results: none are kept, for RINGFENCE_CACHE is off"
    if kept["unused_because"]:
        return f"Results: none are kept, because {kept['folder']} {kept['unused_because']}"
    well = _describe_state(kept, "it is worked out again")
    return f"Results: {kept['count']:,} kept, {kept['bytes'] / 1e6:.1f} MB in {kept['folder']}; {well}"


def _describe_compiled_model(kept: CacheState) -> str:
    if not kept["count"] and not kept["damaged"]:
        writable = "" if kept["writable"] else f"; it cannot be kept, for {kept['folder']} cannot be written to"
        return f"Compiled model: none was kept when this check began{writable}"
    well = _describe_state(kept, "it is compiled again")
    return f"Compiled model: {kept['bytes'] / 1e6:.1f} MB in {kept['folder']}; {well}"


def _describe_state(kept: CacheState, then: str) -> str:
    if not kept["writable"]:
        return "the folder cannot be written to, so nothing new is kept"
    return f"{kept['damaged']} damaged, and not used: {then} when needed" if kept["damaged"] else "all in order"


def _describe_bits(checked: Check) -> str:
    from simulator.runs.digest import BLOCK, FUTURES

    if checked.same_bits:
        return (
            f"Bits: this computer gives the published bits, in {FUTURES:,} futures of {len(checked.equal)} scenarios, "
            "for the nation and every area in every year"
        )
    if checked.changed:
        what = ", ".join(dict.fromkeys(INPUTS.get(name, "layout of results") for name in checked.changed))
        return f"Bits: they differ, since this copy is not as published ({what}); install the package again"
    wrong = ", ".join(
        f"{name} {checked.blocks - equal} of {checked.blocks}"
        for name, equal in checked.equal.items()
        if equal < checked.blocks
    )
    return (
        f"Bits: they are not those published in some groups of {BLOCK} futures ({wrong}). Either rules were changed in "
        "this copy, or this computer calculates in another way, which should not happen: please report it, with the "
        "output of ringfence doctor --json"
    )
