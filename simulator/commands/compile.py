"""`ringfence warm`: compile the model now, so that nobody waits later."""

from __future__ import annotations

import gc
import time

from simulator.commands.shared.console import put
from simulator.commands.shared.running import say_if_cold


def warm() -> None:
    """Compile the model now, so that nobody waits.

    It takes about half a minute the first time on a computer, and a moment afterwards.
    """
    since = time.monotonic()

    say_if_cold()

    from simulator.engine import kernel_cache
    from simulator.runs.run import run

    run("baseline", 1)
    kernel_cache.compile_all()
    gc.freeze()  # the process ends, and need not look through what the compiler leaves
    took = f"compiled in {time.monotonic() - since:.0f} s" if kernel_cache.count_compiled() else "was compiled already"
    put(f"The model {took}; it is ready.")
