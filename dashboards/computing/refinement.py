"""Adds futures to an answer: as many as were chosen, or until the differences are known well enough."""

from __future__ import annotations

import numpy as np

from dashboards.computing.result_store import Answer, ResultStore, draw_shared_futures
from dashboards.selection.selection import Selection
from simulator.common.arrays import Floats
from simulator.common.formatting import format_number
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Labels
from simulator.experiments.stats.confidence_sequences import Look, LookSchedule
from simulator.runs.results import Results
from simulator.runs.run import find_common_span

NO_DIFFERENCE, FIRST = 1e-10, 200


def refine(store: ResultStore, selection: Selection, progress: Progress) -> Answer:
    """Work out the final answer to a selection. Raises what `progress` and the simulation raise."""
    return (
        refine_until_narrow(store, selection, progress)
        if selection.until
        else store.answer(selection, selection.futures, progress)
    )


def refine_until_narrow(store: ResultStore, selection: Selection, progress: Progress) -> Answer:
    """Add futures until more would move no mean difference from today's rules by more than `choice.until` £.

    The intervals hold at all looks together (a confidence sequence), so that stopping when they are narrow is honest.
    Stops at `choice.futures` at the latest, and says so.
    """
    futures, plan = (
        draw_shared_futures(selection.futures, selection.seed, selection.evidence),
        LookSchedule(first=FIRST, most=selection.futures),
    )
    goal = plan.first
    for n in plan:

        def report(done: int, total: int, more: float = goal / n) -> None:
            progress(done, max(total, int(total * more)))

        results = store.results(selection, futures.part(0, n), report)
        looks = [plan.at(*values) for values in compute_paired_differences(selection, results)]
        widest = max((compute_half_width(look) for look in looks), default=0.0)
        if are_narrow(looks, plan, selection.until):
            within = format_money(selection.until)
            message = (
                f"More futures would move no average difference by more than {within} of each £100 (95% confidence)."
            )
            return Answer(selection, results, True, message)
        goal = min(selection.futures, max(n, int(n * (widest / selection.until) ** 2)))
    message = (
        f"The most futures there are ({selection.futures:,}) leave ±{format_money(widest)} in each £100, not the "
        f"±{format_money(selection.until)} asked for."
    )
    return Answer(selection, results, True, message)


def compute_paired_differences(
    selection: Selection, results: tuple[Results, ...]
) -> list[tuple[Floats, Labels | None]]:
    """Paired differences from today's rules, £ in each £100, and parameter sets: (futures,) for every scenario."""
    old, outcome = results[0], OUTCOMES[selection.outcome]
    span = old.span(selection.years) if selection.years else find_common_span(results)
    differences = [100 * (outcome.of(new.nation[:, span]) - outcome.of(old.nation[:, span])) for new in results[1:]]
    masked = [(np.where(abs(values) <= NO_DIFFERENCE, 0.0, values), np.isfinite(values)) for values in differences]
    return [(values[defined], None if old.sets is None else old.sets[defined]) for values, defined in masked]


def compute_half_width(look: Look) -> float:
    """Half the width of an interval."""
    return (look.high - look.low) / 2


def are_narrow(looks: list[Look], plan: LookSchedule, half_width_asked: float) -> bool:
    """Whether all intervals are as narrow as asked and can be relied on; no difference at all is precise enough."""
    return all(
        compute_half_width(look) <= half_width_asked
        and (look.carriers >= plan.carriers or not compute_half_width(look))
        for look in looks
    )


def format_money(pounds: float) -> str:
    """Pounds in words, or pence."""
    return f"£{format_number(pounds)}" if pounds >= 0.995 else f"{format_number(100 * pounds)}p"
