"""Running a scenario through futures, and comparing scenarios future by future.

The engine is imported when something is run: results that are kept on disk do without numba.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.boards.table import Boards, to_boards
from simulator.boards.table import read_boards as the_boards
from simulator.common.arguments import checked
from simulator.common.characters import make_visible
from simulator.common.environment import check_environment
from simulator.common.errors import InputError
from simulator.common.formatting import join_words
from simulator.common.numbers import parse_whole
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.runs import result_cache as cache
from simulator.runs.assumed_sign import find_assumed_sign
from simulator.runs.futures import DEFAULT_N, SEED, Futures, draw_futures
from simulator.runs.manifest import make_manifest
from simulator.runs.posterior import Beliefs
from simulator.runs.results import Results, find_outcome
from simulator.scenarios.labels import make_distinct_labels
from simulator.scenarios.scenario import Scenario
from simulator.scenarios.scenario import load_scenario as load_scenario

if TYPE_CHECKING:
    from simulator.engine.ensemble import Progress, YearlyRecords

Policy = str | Path | Scenario


def choose_futures(given: Futures | None, n: int | None, seed: int | None, beliefs: Beliefs | None = None) -> Futures:
    """The futures given, or those of a number, a seed and beliefs. Raises ValueError for both at once."""
    if given is None:
        return draw_futures(DEFAULT_N if n is None else n, seed=SEED if seed is None else seed, beliefs=beliefs)
    if not isinstance(given, Futures):
        raise InputError(
            f"futures are those of draw_futures(n), not {make_visible(repr(given)[:40])}; for so many write n=..."
        )
    if (n, seed, beliefs) != (None, None, None):
        options = (("n", n), ("seed", seed), ("beliefs", beliefs))
        named = " and ".join(name for name, value in options if value is not None)
        raise InputError(
            f"futures are given, which have their own number, seed and parameters: leave out {named}, or draw others "
            "with draw_futures(n, seed=...)"
        )
    return given


@checked
def run(
    scenario: Policy = "baseline",
    n: int | None = None,
    *,
    seed: int | None = None,
    futures: Futures | None = None,
    beliefs: Beliefs | None = None,
    boards: Boards | str | Path | None = None,
    detail: bool = False,
    first_plan: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Results:
    """Run a scenario through `n` futures of a `seed` (1,000 and 20240323 unless given), or through given `futures`.

    `beliefs` take the place of the posterior that ships. `detail` keeps every board's years too (about 70 kB a
    future). Future j has the same parameters and the same chance whatever the policy and whatever `n`; the same call
    gives the same bits wherever `ringfence doctor` finds the published ones. Outcomes are by default over 2027/28 and
    later, or from the scenario's first change if that is earlier (`results.span()`); shares are from 0 to 1.
    `first_plan` is the quarter (0 to 3) in which boards first plan, `workers` the number of threads, which decides
    nothing. `progress(done, total)` is called as blocks finish and may raise to stop. Raises LookupError and
    ScenarioError for the scenario, ValueError for the rest.

    >>> import simulator as rf
    >>> results = rf.run("ringfence", 50)
    >>> results.outcome("retained").shape, results.each_year("retained").shape
    ((50,), (50, 8))
    """
    if isinstance(scenario, list | tuple):
        raise InputError("one scenario is asked for; rf.run_many runs a list of them in the same futures")
    policy = load_scenario(scenario)
    futures = choose_futures(futures, n, seed, beliefs)
    boards = to_boards(boards)
    workers = _check_workers(workers)
    manifest = make_manifest(policy, boards, futures, first_plan)

    def work_out() -> YearlyRecords:
        from simulator.engine.ensemble import simulate

        return simulate(
            futures.points,
            futures.runs,
            policy.schedule,
            boards.areas,
            seed=futures.seed,
            first_plan=first_plan,
            detail=detail,
            workers=workers,
            progress=progress,
        )

    name = "" if detail else _make_keys([policy], futures, boards, first_plan)[0]
    if name:
        nation = cache.recall_or_run(name, len(futures), lambda: work_out().nation, progress)
        return Results(nation, None, boards.codes, manifest, futures, policy.schedule)
    yearly = work_out()
    return Results(yearly.nation, yearly.areas, boards.codes, manifest, futures, policy.schedule)


@checked
def run_many(
    scenarios: Sequence[Policy],
    n: int | None = None,
    *,
    seed: int | None = None,
    futures: Futures | None = None,
    beliefs: Beliefs | None = None,
    boards: Boards | str | Path | None = None,
    first_plan: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Results, ...]:
    """Run several scenarios through the same futures: one result each, to the last bit what `run` gives.

    The quarters before their rules diverge are run once for all of them. `progress` counts futures over all scenarios.
    Raises as `run`.
    """
    listed = isinstance(scenarios, Iterable) and not isinstance(scenarios, set | frozenset)  # a set has no order
    if isinstance(scenarios, str | Path | Scenario) or not listed:
        raise InputError("run_many takes a list of scenarios, such as ['ringfence', 'leadership']; run takes one")
    policies = [load_scenario(item) for item in scenarios]
    if not policies:
        raise InputError("run_many: the list is empty; name at least one scenario, such as ['ringfence']")
    futures, boards = choose_futures(futures, n, seed, beliefs), to_boards(boards)
    workers = _check_workers(workers)
    names = _make_keys(policies, futures, boards, first_plan)
    nations = [cache.recall(name, len(futures)) if name else None for name in names]
    missing = [at for at, nation in enumerate(nations) if nation is None]
    if missing:
        from simulator.engine.ensemble import simulate_all

        report = _shift_progress(progress, len(policies) - len(missing), len(futures))
        computed = simulate_all(
            futures.points,
            futures.runs,
            np.stack([policies[at].schedule for at in missing]),
            boards.areas,
            seed=futures.seed,
            first_plan=first_plan,
            workers=workers,
            progress=report,
        )
        for at, yearly in zip(missing, computed, strict=True):
            nations[at] = yearly.nation
            if names[at]:
                cache.keep(names[at], yearly.nation)
    elif progress and policies:
        progress(len(policies) * len(futures), len(policies) * len(futures))
    return tuple(
        Results(item, None, boards.codes, make_manifest(policy, boards, futures, first_plan), futures, policy.schedule)
        for policy, item in zip(policies, nations, strict=True)
        if item is not None
    )


def _make_keys(policies: Iterable[Scenario], futures: Futures, boards: Boards, first_plan: int) -> list[str]:
    """The key of each result on disk; "" for a run so small that it is not kept."""
    kept = len(futures) >= cache.FEWEST_FUTURES
    return [cache.make_key(policy, futures, boards, first_plan) if kept else "" for policy in policies]


def recall_results(policy: Scenario, futures: Futures) -> Results | None:
    """The results of the same run on the 42 boards, if an earlier run kept them on disk."""
    boards = the_boards()
    name = _make_keys([policy], futures, boards, 1)[0]
    nation = cache.recall(name, len(futures)) if name else None
    if nation is None:
        return None
    return Results(nation, None, boards.codes, make_manifest(policy, boards, futures, 1), futures, policy.schedule)


def keep_results(results: Results, policy: Scenario, futures: Futures) -> None:
    """Keep on disk the results of a run on the 42 boards that was made in parts."""
    name = _make_keys([policy], futures, the_boards(), 1)[0]
    if name:
        cache.keep(name, results.nation)


def _shift_progress(progress: Progress | None, known: int, n: int) -> Progress | None:
    """Count the progress of the scenarios that are left as progress of all of them."""
    if progress is None:
        return None
    report: Progress = progress

    def shifted(done: int, total: int) -> None:
        report(known * n + done, known * n + total)

    return shifted


@checked
def run_in_parts(
    scenario: Policy = "baseline",
    n: int = DEFAULT_N,
    *,
    part: int = 8_192,
    seed: int = SEED,
    beliefs: Beliefs | None = None,
    boards: Boards | str | Path | None = None,
    workers: int | None = None,
) -> Iterator[Results]:
    """The same futures as `run`, any number of them, `part` at a time: memory does not grow with `n`.

    Yields results in order; reduce each before the next is asked for. Raises as `run`, and at once.
    """
    policy, boards, workers = load_scenario(scenario), to_boards(boards), _check_workers(workers)
    draw_futures(1, seed=seed, first=n - 1, beliefs=beliefs)
    return _run_parts(policy, n, part, seed, beliefs, boards, workers)


def _run_parts(
    policy: Scenario, n: int, part: int, seed: int, beliefs: Beliefs | None, boards: Boards, workers: int | None
) -> Iterator[Results]:
    for first in range(0, n, part):
        chosen = draw_futures(min(part, n - first), seed=seed, first=first, beliefs=beliefs)
        yield run(policy, futures=chosen, boards=boards, workers=workers)


MOST_WORKERS = 1_024
"""Threads that may be asked for: more than any computer has use for."""


def _check_workers(workers: int | None) -> int | None:
    """The number of threads, checked; None if it is left to us. Raises ValueError."""
    check_environment()
    return None if workers is None else parse_whole(workers, 1, MOST_WORKERS, what="workers")


def compare_results(
    new: Results, old: Results, outcome: str = "retained", years: str | slice | None = None
) -> Comparison:
    """Compare two results of the same futures on one outcome over the same years. Raises ValueError, LookupError."""
    check_paired(new, old)
    about = find_outcome(outcome)
    chosen = find_common_span((new, old)) if years is None else new.span(years)
    names = new.years[chosen]
    manifests = (new.manifest, old.manifest)
    titles = make_distinct_labels([(one.title, one.scenario, one.scenario_fingerprint[:6]) for one in manifests])
    return compare_paired(
        new.outcome(outcome, chosen),
        old.outcome(outcome, chosen),
        about=about,
        names=(titles[0], titles[1]),
        years=(names[0], names[-1]),
        badge=new.manifest.badge,
        alike=new.manifest.scenario_fingerprint == old.manifest.scenario_fingerprint,
        sets=new.sets,
        assumed=_find_sign(new, old, outcome),
        seed=new.manifest.seed,
    )


def check_paired(new: Results, old: Results) -> None:
    """Refuse results that were not run through the same futures with the same boards and rules. Raises InputError."""
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
            raise InputError(f"these results are not paired: their {name} differs ({a} and {b})")


def _find_sign(new: Results, old: Results, outcome: str) -> int:
    """The sign of the difference where it is assumed; 0 where it is not, or where the levers are not known."""
    if new.schedule is None or old.schedule is None or new.futures is None:
        return 0
    return find_assumed_sign(find_outcome(outcome).name, new.schedule, old.schedule, new.futures.points)


def remark_later_starts(policies: Iterable[tuple[str, int | None]], years: str | None) -> str:
    """What to say where some policies, (title, first quarter), begin in a later year than those that are averaged over.

    "" where all begin in one year, and where each begins before the years that were asked for have ended. A policy
    without a start changes nothing at all.
    """
    begun = [(title, start // 4) for title, start in policies if start is not None and start >= 0]
    if years is not None:
        last = range(YEARS)[parse_years(years)][-1]
        never = [f"“{title}” changes nothing before {year_name(year)}" for title, year in begun if year > last]
        return f"; {join_words(never)}, which is after the years that were asked for" if never else ""
    first = min((year for _, year in begun), default=0)
    late = [f"“{title}” changes nothing before {year_name(year)}" for title, year in begun if year > first]
    if not late:
        return ""
    return (
        f"; {join_words(late)}, but the years begin with the first change, {year_name(first)} (years= chooses others)"
    )


def find_common_span(results: Iterable[Results]) -> slice:
    """The years from the first change that any of these scenarios makes."""
    starts = [r.manifest.start for r in results if r.manifest.start >= 0]
    return slice(min(starts, default=0) // 4, None)
