"""What each part of the policies on the screen adds, for pages that say it: worked out beside them while they rest."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

from dashboards.common.log import Cancelled, log_job
from dashboards.computing.answer_view import AnswerView
from dashboards.computing.policy_parts import find_parts, work_out_parts
from dashboards.computing.session import Session
from dashboards.computing.worker import QUICK_FIRST, get_shared_pools
from simulator.common.event_log import Level


class PartsTeller:
    """Hands `show` the sentences on the parts of policies, by their places; {} until all of them are known."""

    def __init__(self, session: Session, show: Callable[[Mapping[int, str]], None]) -> None:
        self.session, self.show = session, show
        self._wanted: tuple[AnswerView, tuple[int, ...]] | None = None

    def ask(self, view: AnswerView, places: Sequence[int]) -> None:
        """Show what is known of the policies at these places; where something is not, once it is worked out."""
        answer = self.session.answer
        resting = self.session.standing == "whole" and not self.session.moving and answer is not None
        known = {at: find_parts(view, at) for at in places} if resting else {}
        told = {at: said for at, said in known.items() if said is not None}
        if answer is None or len(told) == len(known):
            self._wanted = None
            self.show(told)
            return
        if self._wanted == (view, tuple(places)):
            return
        wanted = self._wanted = (view, tuple(places))
        self.show({})
        store, own, later = self.session.store, answer.selection.own, self.session.later

        def go_on() -> None:
            QUICK_FIRST.stand_aside()
            if self._wanted != wanted:
                raise Cancelled

        def work() -> None:
            with contextlib.suppress(Cancelled), log_job("parts", Level.DEBUG):
                said = {at: work_out_parts(view, at, store, own, go_on) for at in wanted[1]}
                later(lambda: self.show(said) if self._wanted == wanted else None)

        get_shared_pools()[1].submit(work)
