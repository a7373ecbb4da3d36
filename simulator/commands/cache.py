"""`ringfence cache`: what is kept on disk, how much room it takes, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.commands.shared.console import put
from simulator.common.errors import ResourceError


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything that is kept.")] = False,
) -> None:
    """Say where results and the compiled model are kept on disk, and how much room they take.

    RINGFENCE_CACHE is off, or a folder for results; NUMBA_CACHE_DIR a folder for the compiled model.
    """
    from simulator.engine import kernel_cache
    from simulator.engine.kernel_sources import cache_folder_name
    from simulator.runs import result_cache

    name, folder = cache_folder_name(), result_cache.find_folder()
    if clear:
        if folder is not None:
            put(f"Removed {result_cache.clear(folder)} results from {folder}.")
        put(
            f"Removed {kernel_cache.clear_kernels(name)} compiled functions; what is missing is compiled when "
            "it is needed."
        )
        left = len(result_cache.list_entries(folder)) if folder is not None else 0
        if left or kernel_cache.count_kept(name).whole:
            raise ResourceError("not everything could be removed; is the disk read-only?")
        return
    if folder is None:
        put(f"No results are kept, for {result_cache.VARIABLE} is off.")
    else:
        entries = result_cache.list_entries(folder)
        size = sum(size for _, size, _ in entries) / 1e6
        put(f"{len(entries)} results take {size:.1f} MB of {result_cache.MOST_BYTES // 1_000_000} MB in {folder}.")
        put(
            f"Runs of {result_cache.FEWEST_FUTURES} futures or more are kept; the least recently used go first. "
            "See --clear."
        )
    compiled = kernel_cache.count_kept(name)
    kernel_folders = " and ".join(map(str, kernel_cache.list_trusted_folders(name)))
    put(
        f"The compiled model takes {compiled.size / 1e6:.1f} MB in {kernel_folders}."
        if compiled.whole
        else "The model is not compiled yet; see: ringfence warm"
    )
    if compiled.damaged:
        put(f"{compiled.damaged} of its files are damaged; they are not used, and are made again when they are needed.")
