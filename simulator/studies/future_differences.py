"""Differences between two scenarios in futures by number, for whoever decides as it goes how many to run."""

from __future__ import annotations

from simulator.boards.table import Boards
from simulator.common.arrays import Floats
from simulator.declarations.calendar import parse_years
from simulator.experiments.core.model_protocol import Labels
from simulator.runs.futures import SEED, draw_futures
from simulator.runs.manifest import Manifest
from simulator.runs.run import Policy, find_common_span, run_many


class FutureDifferences:
    """Differences of an outcome between two scenarios in futures `first` to `first + n` of a seed: (n,).

    They are the futures that `compare` runs, so both give one answer for one number of futures. `manifests` and `years`
    say how, and over which span, the futures that came last were run. Raises as `run` and `compare`.
    """

    def __init__(
        self,
        new: Policy,
        old: Policy = "baseline",
        outcome: str = "retained",
        span: str | None = None,
        seed: int = SEED,
        boards: Boards | None = None,
    ) -> None:
        self.scenarios = (new, old)
        self.outcome = outcome
        self.span = span
        self.seed = seed
        self.boards = boards
        self.years = ("", "")
        self.manifests: tuple[Manifest, ...] = ()

    def __call__(self, first: int, n: int) -> Floats:
        results = run_many(self.scenarios, futures=draw_futures(n, seed=self.seed, first=first), boards=self.boards)
        span = results[0].span(parse_years(self.span)) if self.span else find_common_span(results)
        years = results[0].years[span]
        self.years = (years[0], years[-1])
        self.manifests = tuple(result.manifest for result in results)
        new, old = (result.outcome(self.outcome, span) for result in results)
        return new - old

    def sets(self, first: int, n: int) -> Labels:
        """Which of these futures share their parameters: (n,) numbers."""
        return draw_futures(n, seed=self.seed, first=first).sets
