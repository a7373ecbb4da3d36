"""What a browser sends from the form of the Build page, for tests without one."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dashboards.selection.selection import LeverEdit
    from dashboards.widgets.policy_form import PolicyForm


def send(form: PolicyForm, at: int = 1, moving: bool = False, **change: Any) -> None:
    """Send the scenarios that a form shows, with `change` in the one at `at`: its preset, title or edits."""
    state = form.state
    slots = [dict(slot) for slot in state["slots"]]
    slots[at] |= change
    message = {"rev": state["rev"] + 1, "at": at, "moving": moving, "slots": slots[1:]}
    form._handle_msg({"change": json.dumps(message)})


def set_lever(form: PolicyForm, lever: str, moving: bool = False, **change: Any) -> None:
    """Change one lever: its value, dates or reason; what is not given stays as it is."""
    session = form._session
    slot = session.selection.slots[session.slot]
    now: LeverEdit = slot.edit(lever) or slot.describe_preset(lever)
    edits = [asdict(edit) for edit in slot.edits if edit.lever != lever]
    send(form, session.slot, moving, edits=[*edits, asdict(now) | change])


def refused(form: PolicyForm, lever: str, **change: Any) -> str:
    """What is said of a change that cannot be made."""
    set_lever(form, lever, **change)
    return str(form._session.problem)
