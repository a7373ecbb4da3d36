"""The title of a policy that was changed by hand: what it is, or what was changed in which policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.common.formatting import join_words, number_of
from simulator.declarations.levers import LEVERS
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.plain_controls import PLAIN_CONTROLS, PlainControl


class EditedTitle(NamedTuple):
    """The title of a preset that was changed by hand, and whether it counts changes: too many to be named."""

    text: str
    counts: bool = False


CHANGED_FROM = "Changed from "
"""How a title begins that no longer says what the policy is."""
COUNTED = re.compile(r" \d+ (changes?|more)$")
"""How a title ends that counts changes."""


def write_edited_title(
    title: str,
    edits: Mapping[str, float],
    preset_values: Mapping[str, float],
    longest: int,
    *,
    dates: str = "",
    plain: bool = True,
) -> EditedTitle:
    """The title of a preset that was changed by hand, of at most so many letters where it can be said in them. `dates`
    is when it begins or ends, if that was changed ("" otherwise); `preset_values` are those of the levers that are
    edited and of those that the preset moves, and `plain` says that each moves once, and all until the same quarter.

    It says what the policy is, not what it was: "Stronger leadership, from 2028/29"; "Audited ring-fence and half the
    leadership programme, from 2028/29, ending in 2029/30"; or, where plain words do not say it or have no room,
    "Stronger leadership, with peer forums changed" or "Stronger leadership, with 3 changes". Where something is changed
    that the preset itself sets, its title may no longer be true: "Changed from Stronger leadership: peer forums".
    """
    changed = {lever for lever, value in edits.items() if abs(value - preset_values[lever]) >= 1e-9}
    named = title
    if changed:
        named = _name_choices({**preset_values, **edits}) if plain else ""
    offers = [f"{named}{dates}"] if named and (changed or dates) else []
    if not dates:
        offers.append(_write_clauses(title, edits, preset_values))
    undone = _undoes(edits, preset_values)
    what_changed = _name_what_changed(title, edits, undone)
    offers += [f"{what_changed}{dates}" if what_changed else "", what_changed]
    fitting = [offer for offer in offers if offer and len(offer) <= longest]
    if fitting:
        return EditedTitle(fitting[0])
    return EditedTitle(_count_changes(title, len(_list_touched(edits)), undone), counts=True)


def _count_changes(title: str, count: int, undone: bool) -> str:
    """A title with how many things were changed; one that counts already goes on counting, and stays true."""
    if COUNTED.search(title):
        return f"{title} and {count} more"
    changes = number_of(count, "change")
    return _say_changed_from(title, changes) if undone else f"{title}, with {changes}"


def _say_changed_from(title: str, what: str) -> str:
    """That something of a policy was changed; one that says so already says it once."""
    return f"{title} and {what}" if title.startswith(CHANGED_FROM) else f"{CHANGED_FROM}{title}: {what}"


def name_levers(levers: Sequence[str]) -> str:
    """Levers in a few words: the control that holds them all, one lever's meaning, or parts."""
    control = next((control for control in PLAIN_CONTROLS if set(levers) <= set(control.levers)), None)
    if control:
        return f"{control.label[0].lower()}{control.label[1:]}"
    return f"‘{LEVERS[levers[0]].about.meaning.partition(' (')[0]}’" if len(levers) == 1 else "parts"


def _list_touched(edits: Mapping[str, float]) -> list[PlainControl | str]:
    """The controls that were touched, and the levers that belong to none of them."""
    touched = [control for control in PLAIN_CONTROLS if not edits.keys().isdisjoint(control.levers)]
    others = [lever for lever in LEVERS if lever in edits and not any(lever in control.levers for control in touched)]
    return [*touched, *others]


def _name_choices(values: Mapping[str, float]) -> str:
    """The choices that stand, as a title; "" where a lever is of no control, or one lies between its choices."""
    controls = [control for control in PLAIN_CONTROLS if not values.keys().isdisjoint(control.levers)]
    if any(not any(lever in control.levers for control in controls) for lever in values):
        return ""
    stand = [control.find_choice(lambda lever: _value_of(values, lever)) for control in controls]
    names = [
        choice.name if choice else control.name_parts(lambda lever: _value_of(values, lever))
        for control, choice in zip(controls, stand, strict=True)
    ]
    known = all(name or choice for name, choice in zip(names, stand, strict=True))
    words = join_words([name for name in names if name]) if known else ""
    return words[:1].upper() + words[1:]


def _write_clauses(title: str, edits: Mapping[str, float], preset_values: Mapping[str, float]) -> str:
    """The title and up to two clauses that say all that was changed; "" where they cannot, or where the title speaks of
    the same and would contradict them.
    """
    touched = _list_touched(edits)
    for control in touched:
        before = isinstance(control, PlainControl) and control.find_choice(
            lambda lever: _value_of(preset_values, lever)
        )
        if before is None or (before and before.sets):
            return ""
    clauses = [_find_clause(control, edits, preset_values) for control in touched if isinstance(control, PlainControl)]
    if len(touched) > 2 or len(clauses) < len(touched) or not all(clauses):
        return ""
    return f"{title}, but {join_words(clauses)}"


def _undoes(edits: Mapping[str, float], preset_values: Mapping[str, float]) -> bool:
    """True where something is changed that the preset itself sets, so that its title may no longer be true."""
    return any(
        abs(value - preset_values[lever]) >= 1e-9
        and any(
            abs(preset_values[other] - float(baseline_values()[other][-1])) >= 1e-9
            for other in _list_siblings(lever)
            if other in preset_values
        )
        for lever, value in edits.items()
    )


def _list_siblings(lever: str) -> tuple[str, ...]:
    """The levers of the control that holds a lever, or the lever itself."""
    return next((control.levers for control in PLAIN_CONTROLS if lever in control.levers), (lever,))


def _name_what_changed(title: str, edits: Mapping[str, float], undone: bool) -> str:
    """The title and the names of up to two things that were changed; "" for more. A title of which something is
    `undone` is what the policy was changed from, and no longer what it is.
    """
    touched = _list_touched(edits)
    names = [
        f"‘{LEVERS[one].about.meaning.partition(' (')[0]}’"
        if isinstance(one, str)
        else f"{one.label[0].lower()}{one.label[1:]}"
        for one in touched
    ]
    if len(names) > 2:
        return ""
    return _say_changed_from(title, join_words(names)) if undone else f"{title}, with {join_words(names)} changed"


def _value_of(values: Mapping[str, float], lever: str) -> float:
    """The value of a lever, or today's where there is none."""
    return values[lever] if lever in values else float(baseline_values()[lever][-1])


def _find_clause(control: PlainControl, edits: Mapping[str, float], preset_values: Mapping[str, float]) -> str:
    """The clause of the choice that stands; "" where there is none, or where the preset stands there by itself."""
    choice = control.find_choice(lambda lever: _value_of({**preset_values, **edits}, lever))
    before = control.find_choice(lambda lever: _value_of(preset_values, lever))
    return choice.says if choice and choice is not before else ""
