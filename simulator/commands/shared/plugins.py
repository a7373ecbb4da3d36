"""Commands that other packages add by an entry point.

One that cannot be loaded is still listed, and says why when it is called: no other command suffers from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import util
from typing import TYPE_CHECKING, Any

from simulator.common.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "ringfence.commands"

Function = Callable[..., Any]


def list_added_commands() -> Iterator[tuple[str, Function]]:
    """The name and the function of every command that is added, by name."""
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            yield entry.name, entry.load()
        except Exception as problem:
            yield entry.name, _explained(entry, problem)


def _explained(entry: EntryPoint, problem: Exception) -> Function:
    """A command that says why it cannot be had."""
    package = entry.module.partition(".")[0]
    spec = util.find_spec(package)
    places = [*(spec.submodule_search_locations or ()), spec.origin] if spec is not None else [None]
    reason = f"{problem}; install Ringfence again with: pip install -e ."
    if places[0] is not None:
        reason = (
            f"{places[0]} has the name of a part of Ringfence and is found before it ({problem}); start from another "
            "folder, or take it out of PYTHONPATH"
        )

    def missing() -> None:
        raise InputError(f"'{entry.name}' cannot be used here: {reason}")

    missing.__doc__ = "Cannot be used here; call it to read why."
    return missing
