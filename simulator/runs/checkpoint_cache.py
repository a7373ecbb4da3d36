"""Checkpoints kept for the next policy: when a lever moves, only the quarters after its start are run again."""

from __future__ import annotations

from simulator.boards.table import Boards
from simulator.boards.table import read_boards as the_boards
from simulator.common.bounded_cache import BoundedCache
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.ensemble import Progress
from simulator.runs.futures import Futures
from simulator.runs.manifest import make_manifest
from simulator.runs.results import Results
from simulator.runs.run import run
from simulator.scenarios.scenario import Scenario

MOST_BYTES = 100_000_000
_Key = tuple[str, str, int, int, bytes]


class CheckpointCache:
    """Checkpoints by futures, boards and the rules until then; the oldest go when they take more than `room` bytes."""

    def __init__(self, room: int = MOST_BYTES) -> None:
        self._room = room
        self._kept = BoundedCache[_Key, Checkpoint](room, lambda checkpoint: checkpoint.nbytes)

    def run(
        self,
        scenario: Scenario,
        futures: Futures,
        boards: Boards | None = None,
        *,
        first_plan: int = 1,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Results:
        """The same bits as `run`, from a checkpoint at the quarter in which the scenario starts.

        The first policy that starts in a quarter takes as long as a run; later ones go on from its checkpoint. A
        scenario that starts in the first quarter, or whose checkpoint would not fit, is run whole. Raises as `run`.
        """
        boards = boards or the_boards()
        quarter = scenario.start or 0
        if not quarter or 640 * len(boards) * len(futures) > self._room:
            return run(
                scenario, futures=futures, boards=boards, first_plan=first_plan, workers=workers, progress=progress
            )
        checkpoint = self._beginning(scenario, futures, boards, quarter, first_plan, workers)
        yearly = checkpoint.resume(scenario.schedule, workers=workers, progress=progress)
        return Results(
            yearly.nation,
            None,
            boards.codes,
            make_manifest(scenario, boards, futures, first_plan),
            futures,
            scenario.schedule,
        )

    def _beginning(
        self, scenario: Scenario, futures: Futures, boards: Boards, quarter: int, first_plan: int, workers: int | None
    ) -> Checkpoint:
        before = scenario.schedule[:quarter].tobytes()
        key = (futures.fingerprint, boards.fingerprint, first_plan, quarter, before)
        known = self._kept.get(key)
        if known is not None:
            return known
        checkpoint = Checkpoint(
            futures.points,
            futures.runs,
            scenario.schedule,
            boards.areas,
            quarter,
            seed=futures.seed,
            first_plan=first_plan,
            workers=workers,
        )
        self._kept.put(key, checkpoint)
        return checkpoint

    @property
    def nbytes(self) -> int:
        """Bytes of memory that all of them take."""
        return self._kept.nbytes

    def forget(self) -> None:
        """Drop all of them."""
        self._kept.remove(lambda key: True)
