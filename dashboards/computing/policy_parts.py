"""What each part of a policy on the screen adds: worked out beside the pages, once for all who see the same answer."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.computing.answer_view import AnswerView, find_futures
from dashboards.computing.result_store import ResultStore
from simulator.boards.table import Boards
from simulator.runs.results import Results
from simulator.scenarios.scenario import Scenario
from simulator.studies.policy_parts import describe_parts, list_parts, share_out


def find_parts(view: AnswerView, at: int) -> str | None:
    """The sentence on the parts of the policy at place `at`, if it is known: "" for a policy without parts, and while
    more futures follow; None where it is still to be worked out.
    """
    if view.first_look or not 0 < at < len(view.scenarios) or len(list_parts(view.scenarios[at])) < 2:
        return ""
    said = view.rendered.get((work_out_parts, at))
    return None if said is None else str(said)


def work_out_parts(
    view: AnswerView, at: int, store: ResultStore, own: Boards | None, go_on: Callable[[], None] = lambda: None
) -> str:
    """The same, worked out from results that the store keeps; `own` is a visitor's table of boards, and `go_on` is
    called before each run and may raise to stop.
    """
    known = find_parts(view, at)
    if known is not None:
        return known
    futures = find_futures(view).part(0, len(view.baseline))

    def run(scenario: Scenario) -> Results:
        go_on()
        return store.get(scenario, futures, None, own)

    policy = view.scenarios[at]
    said = describe_parts(share_out(policy, run, view.outcome, view.span), view.years)
    view.rendered[work_out_parts, at] = said
    return said
