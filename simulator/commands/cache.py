"""`ringfence cache`: where results are kept, how much room they take, and how to be rid of them."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.commands.streams import put


def cache(clear: Annotated[bool, typer.Option("--clear", help="Remove everything that is kept.")] = False) -> None:
    """Say where results are kept on disk and how much room they take. RINGFENCE_CACHE is off, or another folder."""
    from simulator import cache as kept

    place = kept.folder()
    if place is None:
        put(f"Nothing is kept, for {kept.VARIABLE} is off.")
        return
    if clear:
        put(f"Removed {kept.clear(place)} results from {place}.")
        return
    found = kept.entries(place)
    size = sum(one[1] for one in found) / 1e6
    put(f"{len(found)} results take {size:.1f} MB of {kept.ROOM // 1_000_000} MB in {place}.")
    put(f"Runs of {kept.FEWEST} futures or more are kept; the least recently used go first. See --clear.")
