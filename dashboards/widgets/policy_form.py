"""The form of the Build page: plain words and every lever in one component, which the explorer's scripts draw.

One component instead of two hundred fields makes the page cheap to open. It holds no rules of its own: what a choice
sets, and how a policy reads, are the explorer's `policy.js`; what may be set is checked here again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import panel as pn
import param

from dashboards.common.log import explain_failure
from dashboards.computing.session import Session
from dashboards.selection.policy_form import describe_form, describe_start
from dashboards.selection.scenario_hints import list_differences, list_differences_from_today, list_hints
from dashboards.selection.selection import LETTERS, LeverEdit, SelectionError, Slot
from simulator.charts.palette import FONT
from simulator.common.errors import InputError
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.scenario import library

SHARED_SCRIPTS = ("selection", "search", "policy", "in_place", "controls")
LONGEST_CHANGE = 100_000


def _read(*path: str) -> str:
    return files("dashboards").joinpath(*path).read_text(encoding="utf-8")


@cache
def make_script() -> str:
    """The explorer's scripts, what they need to know, and our own."""
    shared = [_read("offline", "page", f"{name}.js") for name in SHARED_SCRIPTS]
    known = json.dumps(json.dumps(describe_form(), allow_nan=False))
    return "\n".join([*shared, _read("widgets", "policy_form.js").replace("GIVEN", known, 1)])


@cache
def make_stylesheet() -> str:
    """How it looks, in light and in dark."""
    return f":host {{ font-family: {FONT}; }}\n{_read('widgets', 'policy_form.css')}"


def name_start(slot: Slot) -> str:
    """The name under which the form knows what a slot starts from: the library's, or one of its own."""
    return (
        slot.preset if not slot.text and slot.preset in library() else f"own {slot.base.fingerprint[:16]} {slot.preset}"
    )


@dataclass(frozen=True)
class FormChange:
    """What the form asks for: all scenarios as they should be, of which `at` is built on; or, without them, that hint
    `at` be mended, which says `says`. `rev` numbers what a form sends, `letters` are those of the scenarios.
    """

    rev: int
    moving: bool
    at: int
    slots: tuple[Slot, ...] | None
    says: str = ""
    letters: str = ""


class PolicyForm(pn.custom.JSComponent):
    """The form. `state` is what it shows, `said` the answer in a line, which stays in view on a phone."""

    state = param.Dict(default={})
    said = param.String(default="")

    _esm: ClassVar[str] = "made by make_script"

    @classmethod
    def _render_esm(cls, compiled: Any = True, server: bool = False) -> str:
        return make_script()

    def __init__(self, session: Session, **params: Any) -> None:
        self._session, self._rev, self._starts = session, 0, dict[str, Slot]()
        super().__init__(state=self._describe(), stylesheets=[make_stylesheet()], **params)

    def sync(self) -> None:
        """Show what the session holds."""
        state = self._describe()
        if state != self.state:
            self.state = state

    def _describe(self) -> dict[str, Any]:
        selection, at = self._session.selection, self._session.slot
        for slot in selection.slots:
            self._starts[name_start(slot)] = replace(slot, title="", edits=())
        slot = selection.slots[at]
        return {
            "rev": self._rev,
            "at": at,
            "slots": [
                {
                    "letter": letter,
                    "preset": name_start(each),
                    "title": each.title,
                    "edits": [asdict(edit) for edit in each.edits],
                }
                for letter, each in zip(selection.letters, selection.slots, strict=True)
            ],
            "own": {
                name: describe_start(each.preset, each.base, each, "Your own")
                for name, each in self._starts.items()
                if name not in library()
            },
            "hints": [[hint.says, hint.button] for hint in list_hints(selection, at)] if at else [],
            "differs": list_differences(slot) if at else [],
            "from_today": list_differences_from_today(slot.scenario) if at else [],
        }

    def _handle_msg(self, data: Any) -> None:
        text = data.get("change") if isinstance(data, dict) else None
        if not isinstance(text, str) or len(text) > LONGEST_CHANGE:
            return
        moving = False
        try:
            change = self._read_change(text)
            self._rev, moving = change.rev, change.moving
            if change.slots is None:
                self._apply_fix(change)
            else:
                self._apply(change.letters, change.slots, change.at, moving)
        except Exception as problem:
            self._session.problem = explain_failure(problem, "what was to be changed")
        if not moving:
            self.sync()

    def _read_change(self, text: str) -> FormChange:
        """What a browser tells. Raises SelectionError for what no form sends, and for a lever outside its bounds."""
        try:
            told = json.loads(text)
            rev, moving = int(told["rev"]), told.get("moving") is True
            if "fix" in told:
                return FormChange(rev, moving, int(told["fix"]), None, str(told["says"]))
            given = told["slots"][: len(LETTERS)]
            slots = (self._session.selection.slots[0], *(self._read_slot(each) for each in given))
            letters = LETTERS[0] + "".join(str(each["letter"]) for each in given)
            return FormChange(rev, moving, min(max(int(told["at"]), 0), len(slots) - 1), slots, letters=letters)
        except InputError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as problem:
            raise SelectionError("this browser sent something that is not a policy") from problem

    def _read_slot(self, given: dict[str, Any]) -> Slot:
        start, edits = self._starts.get(given["preset"]) or Slot(str(given["preset"])), given["edits"]
        return replace(start, title=str(given["title"]).strip(), edits=tuple(_read_edit(edit) for edit in edits))

    def _apply_fix(self, change: FormChange) -> None:
        """Make the edits of a hint, if it is still the hint that was seen."""
        hints = list_hints(self._session.selection, self._session.slot)
        if 0 <= change.at < len(hints) and hints[change.at].says == change.says:
            slot = self._session.selection.slots[self._session.slot]
            for edit in hints[change.at].fix:
                if slot.is_as_preset(edit):
                    self._session.free_lever(edit.lever)
                else:
                    self._session.set_lever(edit)

    def _apply(self, letters: str, slots: tuple[Slot, ...], at: int, moving: bool) -> None:
        session, now = self._session, self._session.selection
        told = replace(now, slots=slots, letters=letters)
        before, after = (dict(zip(each.letters, each.slots, strict=True)) for each in (now, told))
        changed = [letter for letter in before if letter in after and before[letter] != after[letter]]
        gone = [letter for letter in before if letter not in after]
        new = [letter for letter in after if letter not in before]
        if not gone and not new and len(changed) <= 1:
            session.slot = at
            if changed:
                self._change_slot(now.find_place(changed[0]), after[changed[0]], moving)
            elif not moving:  # the lever rests where its last move left it
                session.change(session.selection, session.last_change)
            return
        if len(gone) == 1 and not new and not changed:
            session.drop_slot(now.find_place(gone[0]))
        elif new == [now.free_letter] and not gone and not changed:
            session.put_slot(len(before), after[new[0]], f"{new[0]} added; it starts as today's rules")
        else:
            session.change(told, "Scenarios changed")
        session.slot = min(at, len(session.selection.slots) - 1)

    def _change_slot(self, at: int, new: Slot, moving: bool) -> None:
        session, old = self._session, self._session.selection.slots[at]
        session.slot = at
        edits = {edit.lever: edit for edit in new.edits if old.edit(edit.lever) != edit}
        freed = [edit.lever for edit in old.edits if new.edit(edit.lever) is None]
        same_start = (old.preset, old.text, old.title) == (new.preset, new.text, new.title)
        if same_start and len(edits) == 1 and not freed:
            session.set_lever(next(iter(edits.values())), moving)
        elif same_start and len(freed) == 1 and not edits:
            session.free_lever(freed[0])
        else:
            session.put_slot(at, new, describe_change(session.selection.letters[at], old, new, {*edits, *freed}))


def _read_edit(given: Any) -> LeverEdit:
    return LeverEdit(
        str(given["lever"]),
        float(given["value"]),
        int(given["start"]),
        int(given["phase"]),
        str(given["because"]),
        int(given["end"]),
    )


def describe_change(letter: str, old: Slot, new: Slot, levers: set[str]) -> str:
    """What was changed in a scenario, in a few words."""
    if (old.preset, old.text) != (new.preset, new.text):
        return f"{letter} starts from “{new.base.title}”"
    if not new.edits and not new.title:
        return f"{letter} reset to its preset"
    if old.title != new.title:
        return f"Title of {letter} changed"
    control = next((control for control in PLAIN_CONTROLS if levers <= set(control.levers)), None)
    return f"{control.label} changed in {letter}" if control else f"{len(levers)} levers changed in {letter}"
