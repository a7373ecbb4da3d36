"""A visitor's file of evidence: read by itself, bounded, and weighed in the queue of questions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dashboards.analyses.job_queue import JobQueue, get_shared_queue
from dashboards.analyses.request import ProgressSteps
from dashboards.common.log import explain_failure, log_job
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.result_store import simulate_boards
from dashboards.selection.own_evidence import OwnEvidence
from dashboards.selection.selection import Selection
from simulator.common.errors import InputError
from simulator.engine.ensemble import Progress
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports.answer_cards import choose_other_outcome
from simulator.runs.futures import DEFAULT_N, SEED, draw_futures
from simulator.runs.posterior import shipped_posterior
from simulator.runs.results import Results
from simulator.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from simulator.evidence.belief_change import BeliefChange
    from simulator.evidence.evidence import Evidence, Update

ComparisonPair = tuple[Comparison, Comparison]
"""A comparison before and after."""
MOST_FUTURES = 5_000
MOST_ROWS, MOST_SCORES, MOST_SCENARIOS = 420, 2, 8
"""What a server weighs at once: ten rows a board, and so many sets of scores and scenarios in statements."""


@dataclass(frozen=True)
class WeighedEvidence:
    """Evidence weighed: what answers are drawn from, and what it changes. `on_screen` are the policies on the screen
    against the first, before and after, on the outcome and over the years that were chosen; `on_other` the same on the
    other outcome that Answer compares them on.
    """

    own: OwnEvidence
    change: BeliefChange
    on_screen: tuple[ComparisonPair, ...] = ()
    on_other: tuple[ComparisonPair, ...] = ()


@dataclass(frozen=True, eq=False)
class WeighingRequest:
    """One visitor's evidence to be weighed. Nobody else can ask for its answer."""

    evidence: Evidence
    file: str
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    kind: str = "evidence"
    scenarios: tuple[Scenario, ...] = ()
    selection: Selection | None = None
    is_private: bool = True


WeighingQueue = JobQueue[WeighingRequest, WeighedEvidence]


@lru_cache(maxsize=1)
def get_weighing_queue() -> WeighingQueue:
    """Where the evidence of all visitors is weighed: on the one thread that answers long questions."""
    return WeighingQueue(get_shared_queue().pool)


def read_sent_file(data: bytes, name: str) -> Evidence | str:
    """The evidence in a file that a visitor sent, or all that is wrong with it, a line each."""
    from simulator.evidence.observation_file import read_sent_evidence

    try:
        with log_job("upload", what="evidence", bytes=len(data)):
            evidence = read_sent_evidence(data, name)
            check_size(evidence)
    except Exception as problem:
        return explain_failure(problem, "reading the file")
    return evidence


def check_size(evidence: Evidence) -> None:
    """Refuse what would keep a server busy for long. Raises InputError."""
    scenarios = {side for s in evidence.statements for side in (s.more, s.less) if isinstance(side, str)}
    counts = (
        (len(evidence.rows) + len(evidence.national), MOST_ROWS, "rows"),
        (len(evidence.scores), MOST_SCORES, "sets of scores"),
        (len(scenarios), MOST_SCENARIOS, "scenarios in statements"),
    )
    problems = [
        f"{count:,} {what} are more than are weighed here, {most:,} at most; leave some out, or weigh them on a "
        "computer of your own: ringfence evidence add"
        for count, most, what in counts
        if count > most
    ]
    if problems:
        raise InputError("\n".join(problems))


def weigh_sent_evidence(request: WeighingRequest, progress: Progress) -> WeighedEvidence:
    """Weigh evidence, and compare the headline answers before and after. Raises what `progress` raises, and InputError
    for what cannot be weighed.
    """
    from simulator.evidence.belief_change import compare_beliefs

    steps = ProgressSteps(progress, (4, 1, 1))
    evidence = request.evidence
    update = evidence.weigh(shipped_posterior(), steps.step(0), keep=False)
    change = compare_beliefs(update, DEFAULT_N, SEED, steps.step(1))
    own = OwnEvidence(
        request.file,
        evidence.title,
        evidence.fingerprint,
        evidence.counts,
        update.posterior,
        tuple(update.problems),
    )
    if request.selection is None:
        return WeighedEvidence(own, change)
    return WeighedEvidence(own, change, *compare_on_screen(request.selection, update, steps.step(2)))


def compare_on_screen(
    selection: Selection, update: Update, progress: Progress = lambda done, total: None
) -> tuple[tuple[ComparisonPair, ...], tuple[ComparisonPair, ...]]:
    """The policies of a selection against its first one, before and after, as Answer compares them: on the outcome that
    was chosen, and on the other one.
    """
    mains: list[tuple[list[Comparison], list[Comparison]]] = []
    count = 2 * len(selection.scenarios)
    for beliefs in (update.base, update.posterior):
        futures = draw_futures(min(selection.futures, MOST_FUTURES), seed=selection.seed, beliefs=beliefs)
        runs: list[Results] = []
        for scenario in selection.scenarios:
            runs.append(simulate_boards(selection.boards, scenario, futures, None))
            progress(len(mains) * len(selection.scenarios) + len(runs), count)
        view = AnswerView(
            selection.scenarios,
            tuple(runs),
            {},
            selection.boards,
            outcome=selection.outcome,
            wanted=selection.years,
            letters=selection.letters,
        )
        mains.append((view.main, replace(view, outcome=choose_other_outcome(selection.outcome)).main))
    (chosen, other), (chosen_after, other_after) = mains
    return tuple(zip(chosen, chosen_after, strict=True)), tuple(zip(other, other_after, strict=True))
