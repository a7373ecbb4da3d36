"""`ringfence warm`: compile the model now, so that nobody waits later."""

from __future__ import annotations

import time

from simulator.commands.shared import options
from simulator.commands.shared.console import put


def warm() -> None:
    """Compile the model now, so that nobody waits.

    It takes about half a minute the first time on a computer, and a moment afterwards.
    """
    since = time.monotonic()

    from simulator.agents.explain import replay
    from simulator.engine import kernel_cache
    from simulator.runs.run import run

    options.tell_if_cold()
    run("baseline", 1)
    replay("baseline", 0)
    took = f"compiled in {time.monotonic() - since:.0f} s" if kernel_cache.compiled_here() else "was compiled already"
    put(f"The model {took}; it is ready.")
