"""Running a scenario through futures, and comparing scenarios future by future."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.boards import Boards
from simulator.boards import boards as the_boards
from simulator.ensemble import Progress, simulate
from simulator.experiments.compare import Comparison, paired
from simulator.futures import DEFAULT_N, SEED, Futures
from simulator.futures import futures as make_futures
from simulator.results import Results, find_outcome, manifest
from simulator.scenario import Scenario
from simulator.scenario import scenario as load_scenario

Policy = str | Path | Scenario


def run(
    scenario: Policy = "baseline",
    n: int = DEFAULT_N,
    *,
    seed: int = SEED,
    futures: Futures | None = None,
    boards: Boards | None = None,
    detail: bool = False,
    first_plan: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Results:
    """Run a scenario through `n` futures of a seed (or through given `futures`).

    `detail` keeps every board's years too (about 70 kB a future). `progress(done, total)` is called as blocks finish
    and may raise to stop. Raises LookupError and ScenarioError for the scenario, ValueError for the rest.
    """
    policy = load_scenario(scenario)
    futures = futures or make_futures(n, seed=seed)
    boards = boards or the_boards()
    yearly = simulate(
        futures.points, futures.runs, policy.schedule, boards.areas, seed=futures.seed, first_plan=first_plan,
        detail=detail, workers=workers, progress=progress,
    )  # fmt: skip
    return Results(yearly.nation, yearly.areas, boards.codes, manifest(policy, boards, futures, first_plan))


def run_in_parts(
    scenario: Policy = "baseline",
    n: int = DEFAULT_N,
    *,
    part: int = 8_192,
    seed: int = SEED,
    boards: Boards | None = None,
    workers: int | None = None,
) -> Iterator[Results]:
    """The same futures as `run`, any number of them, `part` at a time: memory does not grow with `n`.

    Yields results in order; reduce each before the next is asked for. Raises as `run`.
    """
    if part < 1:
        raise ValueError(f"a part holds at least one future, not {part}")
    for first in range(0, n, part):
        chosen = make_futures(min(part, n - first), seed=seed, first=first)
        yield run(scenario, futures=chosen, boards=boards, workers=workers)


def compare(
    scenario: Policy | Results,
    against: Policy | Results = "baseline",
    n: int = DEFAULT_N,
    *,
    outcome: str = "retained",
    years: str | None = None,
    seed: int = SEED,
    futures: Futures | None = None,
    boards: Boards | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare a scenario with another under shared luck: the same parameters and draws, future by future.

    Scenarios are run where results are not given. `years` defaults to those from the first change on.
    Raises as `run`; ValueError if results given were not made from the same futures and boards.
    """
    futures = futures or make_futures(n, seed=seed)
    made = [
        item if isinstance(item, Results) else run(item, futures=futures, boards=boards, progress=progress)
        for item in (scenario, against)
    ]
    return compare_results(made[0], made[1], outcome, years)


def compare_results(
    new: Results, old: Results, outcome: str = "retained", years: str | slice | None = None
) -> Comparison:
    """Compare two results of the same futures on one outcome over the same years. Raises ValueError, LookupError."""
    for name in (
        "seed",
        "source",
        "settings",
        "futures",
        "futures_fingerprint",
        "boards_fingerprint",
        "first_plan",
        "code",
    ):
        a, b = getattr(new.manifest, name), getattr(old.manifest, name)
        if a != b:
            raise ValueError(f"these results are not paired: their {name} differs ({a} and {b})")
    about = find_outcome(outcome)
    chosen = common_span((new, old)) if years is None else new.span(years)
    names = new.years[chosen]
    return paired(
        new.outcome(outcome, chosen),
        old.outcome(outcome, chosen),
        about=about,
        names=(new.manifest.title, old.manifest.title),
        years=(names[0], names[-1]),
        badge=new.manifest.badge,
    )


def common_span(results: Iterable[Results]) -> slice:
    """The years from the first change that any of these scenarios makes."""
    starts = [r.manifest.start for r in results if r.manifest.start >= 0]
    return slice(min(starts, default=0) // 4, None)
