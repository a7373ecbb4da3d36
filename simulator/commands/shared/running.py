"""Running the model for a command: with a progress bar, and a word where it must be compiled first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.commands.shared.console import Bar

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.runs.futures import Futures
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario


def run_scenarios(scenarios: Sequence[Scenario], futures: Futures, boards: Boards) -> list[Results]:
    """Run several scenarios through the same futures, with one progress bar."""
    from simulator.runs.run import run_many

    say_if_cold()
    with Bar(f"{len(scenarios) * len(futures):,} futures") as bar:
        return list(run_many(scenarios, futures=futures, boards=boards, progress=bar))


def say_if_cold() -> bool:
    """Say so when the model must be compiled first. Returns whether it must."""
    from simulator.engine import kernel_cache
    from simulator.engine.kernel_sources import cache_folder_name

    cold = not kernel_cache.is_compiled(cache_folder_name())
    if cold:
        kernel_cache.say_compiling()
        kernel_cache.start_helping(cache_folder_name())
    return cold
