"""One visitor's session: the selection, the answer, and undo. It knows nothing of screens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import param

from dashboards.common.log import explain_failure
from dashboards.computing.worker import (
    QUICK_FUTURES,
    REST_SECONDS,
    Answer,
    Later,
    ResultStore,
    Worker,
    WorkerCallbacks,
    get_shared_store,
)
from dashboards.selection.analysis_selection import AnalysisSelection
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.own_evidence import OwnEvidence
from dashboards.selection.selection import LETTERS, LeverEdit, Selection, Slot, make_opening_selection
from simulator.boards.table import Boards
from simulator.common.errors import InputError
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import format_setting

MOST_UNDO = 200


class Session(param.Parameterized):
    """One visitor's session. Views watch its parameters; only its methods change them."""

    selection = param.ClassSelector(class_=Selection, allow_None=False, default=make_opening_selection())
    answer = param.ClassSelector(class_=Answer, allow_None=True)
    progress = param.Tuple(default=(0, 0))
    tab = param.String(default="answer")
    slide = param.Integer(default=0, doc="The slide on the screen while somebody presents; 0 for none.")
    map_selection = param.ClassSelector(class_=MapSelection, allow_None=False, default=MapSelection())
    analysis_selection = param.ClassSelector(class_=AnalysisSelection, allow_None=False, default=AnalysisSelection())
    slot = param.Integer(default=1, bounds=(0, 3))
    last_change = param.String(default="")
    problem = param.String(default="")
    wanted_evidence = param.String(default="", doc="The fingerprint of evidence that a link was made with.")
    notes = param.List(default=[])
    told = param.String(default="", doc="What undo or redo did last, until the visitor does something else.")
    can_undo = param.Boolean(default=False)
    can_redo = param.Boolean(default=False)
    moving = param.Boolean(default=False, doc="A lever is being dragged: what takes time can wait until it rests.")

    def __init__(
        self,
        later: Later | None = None,
        store: ResultStore | None = None,
        selection: Selection | None = None,
        together: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`together` is entered while views are told of a change: what they show of it may be sent as one message."""
        super().__init__(selection=selection or make_opening_selection())
        self.slot = min(self.slot, len(self.selection.slots) - 1)
        self._past: list[tuple[Selection, str]] = []
        self._future: list[tuple[Selection, str]] = []
        self._moving = self._failure = ""
        self.chose_map_pair = False
        self._tables: list[Boards] = []
        self._evidence: list[OwnEvidence] = []
        self.param.watch(self._forget_told, ["tab", "slide", "map_selection", "analysis_selection"])
        self.store = store or get_shared_store()
        self.later: Later = later or (lambda do: do())
        self._together = together
        self._worker = Worker(
            self.store,
            self.later,
            WorkerCallbacks(self._receive_answer, self._receive_progress, self._receive_failure),
            rest=REST_SECONDS if later else 0.0,
        )

    @property
    def standing(self) -> str:
        """What the answer that is shown is of: `former` for a choice before this one (or none yet), `first` for a first
        look that more futures follow, `whole` for the final one.
        """
        if self.answer is None or self.answer.selection != self.selection:
            return "former"
        return "whole" if self.answer.final else "first"

    def _forget_told(self, *_: object) -> None:
        self.told = ""

    def require_answer(self) -> Answer:
        """The answer to what is chosen, for what is taken away. Raises InputError while it is of a former choice."""
        if self.answer is None:
            raise InputError("the answer is still being worked out; try again in a moment")
        if self.standing == "former":
            raise InputError("the answer to what you changed is still being worked out; try again in a moment")
        return self.answer

    def begin(self) -> None:
        """Show at once whatever is there already, and ask for the rest."""
        for n in (self.selection.futures, min(QUICK_FUTURES, self.selection.futures)):
            ready = self.store.find_ready(self.selection, n)
            if ready:
                self._receive_answer(ready)
                break
        if self.answer is None or not self.answer.final:
            self._worker.ask(self.selection, refine=True)

    def change(self, selection: Selection, what: str, moving: bool = False, drag: str = "") -> None:
        """Choose something else. `moving` while a lever is being dragged: one undo takes back the whole `drag`."""
        with self._together(), param.parameterized.batch_call_watchers(self):  # the worker starts before views are told
            self.problem = self._failure = ""
            if selection != self.selection:
                self.notes, self.told = [], ""  # they spoke of the link or of the step before
                if not drag or self._moving != drag:
                    self._past = [*self._past[-MOST_UNDO:], (self.selection, self.last_change)]
                self._future = []
                built_on = self.selection.letters[self.slot]
                self.param.update(selection=selection, last_change=what)
                self._settle(built_on)
            elif moving or not self._moving:
                return
            self._moving = drag if moving else ""
            self.moving = moving
            self._worker.ask(selection, refine=not moving)

    def attempt(self, make: Callable[[], Selection], what: str, moving: bool = False, drag: str = "") -> bool:
        """`change`, with what cannot be chosen said as a problem instead of raised."""
        try:
            selection = make()
        except Exception as error:
            self.problem = explain_failure(error, "what was to be changed")
            return False
        self.change(selection, what, moving, drag)
        return True

    def undo(self) -> None:
        """Take back the last change."""
        self._step(self._past, self._future, "Undid")

    def redo(self) -> None:
        """Do again what was taken back."""
        self._step(self._future, self._past, "Redid")

    def _step(self, source: list[tuple[Selection, str]], target: list[tuple[Selection, str]], word: str) -> None:
        if not source:
            return
        selection, change = source.pop()
        message = self.last_change if word == "Undid" else change
        target.append((self.selection, self.last_change))
        self._moving, built_on = "", self.selection.letters[self.slot]
        with self._together(), param.parameterized.batch_call_watchers(self):
            self.param.update(selection=selection, last_change=change, problem="", moving=False)
            self.notes, self.told = [], f"{word}: {message}." if message else ""
            self._settle(built_on)
            self._worker.ask(selection, refine=True)

    def _show_on_map(self, letter: str) -> None:
        """Let Boards open on a policy that was built or changed, unless somebody chose there what to compare."""
        opened = replace(self.map_selection, shown=LETTERS.index(letter), against=0)
        if not self.chose_map_pair and opened != self.map_selection:
            self.map_selection = opened

    def _settle(self, built_on: str) -> None:
        """Say what can be undone, and go on building the same scenario, by its letter, while it is there."""
        place = self.selection.find_place(built_on)
        slot = place if place >= 0 else min(self.slot, len(self.selection.slots) - 1)
        self.param.update(can_undo=bool(self._past), can_redo=bool(self._future), slot=slot)

    def use_boards(self, own: Boards | None) -> bool:
        """Run everything on the visitor's own table of boards, or on the 42 again."""
        change = f"A table of {len(own)} boards uploaded" if own else "The 42 boards again"
        if own:
            self._tables.append(own)
        self.map_selection = replace(self.map_selection, board="")
        return self.attempt(lambda: replace(self.selection, own=own), change)

    def use_evidence(self, evidence: OwnEvidence | None) -> bool:
        """Draw everything from the visitor's own evidence, or from the fit that ships again."""
        change = f"Answers weighed with {evidence.counts}" if evidence else "Your evidence taken away"
        if evidence:
            self._evidence.append(evidence)
        self.wanted_evidence = ""
        return self.attempt(lambda: replace(self.selection, evidence=evidence), change)

    def close(self) -> None:
        """Stop, and forget what was uploaded, because the visitor has left."""
        self.cancel()
        for own in self._tables:
            self.store.forget(own)
        self._tables.clear()
        for evidence in self._evidence:
            self.store.forget_evidence(evidence)
        self._evidence.clear()

    def cancel(self) -> None:
        """Stop refining."""
        self._worker.cancel()

    def refine(self) -> None:
        """Ask again for the number of futures that is chosen."""
        self._worker.ask(self.selection, refine=True)

    # What people do to scenarios.

    def set_lever(self, edit: LeverEdit, moving: bool = False) -> bool:
        """Set a lever of the scenario that is being built."""
        at = self.slot
        from_when = f"from {quarter_name(edit.start)} in {self._name_slot(at)}"
        change = f"{LEVERS[edit.lever].about.meaning} set to {format_setting(edit.lever, edit.value)} {from_when}"
        done = self.attempt(
            lambda: self.selection.with_slot(at, self.selection.slots[at].with_edit(edit)),
            change,
            moving,
            f"{at}.{edit.lever}",
        )
        self._show_on_map(self.selection.letters[at])
        return done

    def free_lever(self, lever: str) -> bool:
        """Give a lever back to the preset."""
        at = self.slot
        change = f"{LEVERS[lever].about.meaning} as in the preset again in {self._name_slot(at)}"
        return self.attempt(lambda: self.selection.with_slot(at, self.selection.slots[at].without(lever)), change)

    def put_slot(self, at: int, slot: Slot, what: str) -> bool:
        """Put a scenario in a place, or beside the others, and build on it from now on."""
        letter = self.selection.letters[at] if at < len(self.selection.slots) else self.selection.free_letter
        done = self.attempt(lambda: self.selection.with_slot(at, slot), what)
        if done:
            self.slot = self.selection.find_place(letter)
            self._show_on_map(letter)
        return done

    def drop_slot(self, at: int) -> bool:
        """Take a scenario away."""
        return self.attempt(lambda: self.selection.without_slot(at), f"{self._name_slot(at)} removed")

    def choose_setting(
        self,
        what: str,
        outcome: str | None = None,
        years: str | None = None,
        seed: int | None = None,
        futures: int | None = None,
        until: float | None = None,
    ) -> bool:
        """Choose another outcome, span of years, seed or number of futures (or how narrow the intervals must be)."""
        now = self.selection
        return self.attempt(
            lambda: replace(
                now,
                outcome=outcome or now.outcome,
                years=now.years if years is None else years,
                seed=now.seed if seed is None else seed,
                futures=futures or now.futures,
                until=now.until if until is None else until,
            ),
            what,
        )

    def _name_slot(self, at: int) -> str:
        return f"scenario {self.selection.letters[at]}"

    # What comes back.

    def _receive_answer(self, answer: Answer) -> None:
        last_shown = self.answer
        fresher = last_shown is None or last_shown.selection != self.selection or answer.futures >= last_shown.futures
        if answer.is_same_as(last_shown):
            return
        if (answer.selection == self.selection and fresher) or self._moving:
            self.answer = answer
            if self._failure and self.problem == self._failure:
                self.problem = self._failure = ""  # what could not be worked out has been

    def _receive_progress(self, done: int, total: int) -> None:
        self.progress = (done, total)

    def _receive_failure(self, problem: str) -> None:
        self._failure = problem
        self.param.update(problem=problem, progress=(0, 0))
