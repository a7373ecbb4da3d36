"""A sweep of a toy in a process of its own, to be killed: FOLDER PLACE CHUNK SECONDS [resume] [limit=BYTES]."""

from __future__ import annotations

import sys
from pathlib import Path

from sweep_toys import Slow, job, plan

from simulator.sweeps.executors import make_executor
from simulator.sweeps.progress import Meter
from simulator.sweeps.runner import run_sweep
from simulator.sweeps.store import open_store


class Limits(Meter):
    """Leaves no room on the disk after five chunks."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.chunks = 0

    def add(self, rows: int) -> None:
        super().add(rows)
        self.chunks += 1
        if self.limit and self.chunks == 5:
            import resource

            sys.dont_write_bytecode = True  # of which Python would keep a part
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, resource.RLIM_INFINITY))


def main(folder: str, on: str, chunk: str, seconds: str, *more: str) -> None:
    limit = next((int(word.partition("=")[2]) for word in more if word.startswith("limit=")), 0)
    work = job(Slow(float(seconds)), plan(points=int(next((w[7:] for w in more if w.startswith("points=")), "500"))))
    with open_store(Path(folder), work, resume="resume" in more, chunk=int(chunk)) as store:
        count = run_sweep(store, make_executor(on), Limits(limit))
        print(count.run, store.summary()[1], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
