"""Hints on a scenario that is being built: how it differs from its preset, and odd combinations with a fix."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dashboards.selection.selection import NO_REASON, USUAL_START, LeverEdit, Selection, Slot
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import FIRST_YEAR, YEARS, quarter_name, year_name
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import LAST, format_part, format_setting, is_part, is_yes_or_no
from simulator.scenarios.library_reasons import inherit_reason
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.plain_controls import PLAIN_CONTROLS, PlainControl
from simulator.scenarios.policy_sentence import describe_course
from simulator.scenarios.scenario import Change, Scenario

_YEAR = re.compile(r"\b(20\d\d)\b(/\d\d)?(?: Q([1-4]))?")
_LIKE = re.compile(r"\b(as|like|than|of|after|before)( in| of)? $", re.IGNORECASE)
"""Words before a year that say nothing about when a policy begins: a ring-fence as in 2022/23."""
MOSTLY = 0.75
"""A waiver that lifts so much of a ring-fence leaves little of it."""


@dataclass(frozen=True)
class Hint:
    """One hint; `fix` holds the edits that the button labelled `button` makes."""

    says: str
    button: str = ""
    fix: tuple[LeverEdit, ...] = ()


def _name_end(quarter: int) -> str:
    """When what lasts to the end of a quarter ends, as the form says it: the end of 2027/28, or of 2027/28 Q2."""
    return f"the end of {year_name(quarter // 4) if quarter % 4 == 3 else quarter_name(quarter)}"


def list_differences(slot: Slot) -> list[str]:
    """Every lever that was set by hand to something else: what the preset does, what stands instead, and why."""
    lines, told = [], set[str]()
    for control in PLAIN_CONTROLS:
        if line := _describe_choice(slot, control):
            lines.append(line)
            told |= set(control.levers)
    for edit in slot.edits:
        if edit.lever in told or np.array_equal(slot.base.lever(edit.lever), slot.scenario.lever(edit.lever)):
            continue
        over = f", over {edit.phase} quarters" if edit.phase > 1 else ""
        over += f", until {_name_end(edit.end)}" if edit.end < LAST else ""
        why = _say_why(edit)
        changed = slot.count_changes(edit.lever) > 0
        first = slot.describe_preset(edit.lever).start if changed else edit.start
        before = (
            describe_course(slot.base, edit.lever, first, dated=True, say=_say_setting)
            if changed
            else _say_setting(edit.lever, float(slot.base.lever(edit.lever)[first]))
        )
        meaning, now = _name_lever(edit.lever), _say_setting(edit.lever, edit.value)
        if before == f"{now} from {quarter_name(first)}" and first != edit.start:
            dates = {"before": quarter_name(first), "now": quarter_name(edit.start)}
            moved = get_template("differs.start").format(value=now, **dates)
            lines.append(f"{meaning}: {moved}{over} ({why})")
        else:
            lines.append(f"{meaning}: {before} → {now} from {quarter_name(edit.start)}{over} ({why})")
    return lines


def list_differences_from_today(scenario: Scenario) -> list[str]:
    """Every lever that a scenario sets to something else than today's rules have: theirs, and the scenario's, in words,
    with when it begins, takes another step or ends. Levers that one plain choice sets together, such as “Audited”, are
    told together under it.
    """
    today, lines, told_together = baseline_values(), list[str](), set[str]()
    for control in PLAIN_CONTROLS:
        if line := _describe_choice_from_today(scenario, control):
            lines.append(line)
            told_together |= set(control.levers)
    for lever, old in today.items():
        if lever in told_together:
            continue
        values = scenario.lever(lever)
        apart = np.flatnonzero(values != old)
        if not apart.size:
            continue
        steps, last = list[str](), float(old[max(int(apart[0]) - 1, 0)])
        before = _say_setting(lever, last)
        for quarter in range(int(apart[0]), len(values)):
            if values[quarter] != last:
                last = float(values[quarter])
                steps.append(f"{_say_setting(lever, last)} from {quarter_name(quarter).removesuffix(' Q1')}")
        told = ", then ".join(steps if len(steps) <= 3 else [steps[0], "and so on to " + steps[-1]])
        lines.append(f"{_name_lever(lever)}: {before} → {told}")
    return lines


def _name_lever(lever: str) -> str:
    """Its meaning; what stands in brackets is left out, unless values are told on that scale."""
    meaning = LEVERS[lever].about.meaning
    return meaning.partition(" (")[0] if is_part(lever) or is_yes_or_no(lever) else meaning


def _describe_choice_from_today(scenario: Scenario, control: PlainControl) -> str:
    """A choice of plain words that sets several levers, all from one quarter on without end: which, and what it sets;
    "" where its levers have to be told one by one.
    """
    today, moved, starts = baseline_values(), list[str](), set[int]()
    for lever in control.levers:
        values, old = scenario.lever(lever), today[lever]
        apart = np.flatnonzero(values != old)
        if apart.size:
            starts.add(int(apart[0]) if (values[int(apart[0]) :] == values[-1]).all() else -1)
            name = _name_lever(lever)
            before, now = (_say_setting(lever, float(x[-1])) for x in (old, values))
            moved.append(get_template("differs.part").format(lever=name, before=before, now=now))
    choice = control.find_choice(lambda lever: float(scenario.lever(lever)[-1]))
    usual = control.find_choice(lambda lever: float(today[lever][-1]))
    if len(moved) < 2 or len(starts) > 1 or min(starts) < 0 or choice is None or usual is None:
        return ""
    return get_template("differs.choice").format(
        control=control.label,
        before=usual.label.lower(),
        now=choice.label.lower(),
        start=quarter_name(starts.pop()).removesuffix(" Q1"),
        choice=choice.label,
        parts="; ".join(moved).replace("?:", "?"),
    )


def _say_setting(lever: str, value: float) -> str:
    return format_part(value) if is_part(lever) else format_setting(lever, value)


def _say_why(edit: LeverEdit) -> str:
    """The reason that was given; or the library's, where it sets the lever to the same."""
    because = inherit_reason(edit.change).because
    return "no reason given yet" if because == NO_REASON else because


def _describe_choice(slot: Slot, control: PlainControl) -> str:
    """A control whose levers were set by hand, all with the same dates and reason, from one of its choices to another;
    "" where its levers have to be told one by one.
    """
    edits = [edit for edit in slot.edits if edit.lever in control.levers]
    if len({(edit.start, edit.phase, edit.end, edit.because) for edit in edits}) != 1:
        return ""
    if any(slot.count_changes(lever) for lever in control.levers):
        return ""  # the preset's own dates have to be told
    edited = {edit.lever: edit.value for edit in edits}
    before = control.find_choice(lambda lever: slot.describe_preset(lever).value)
    after = control.find_choice(lambda lever: edited.get(lever, slot.describe_preset(lever).value))
    if before is None or after is None or before is after:
        return ""
    first = edits[0]
    over = f", over {first.phase} quarters" if first.phase > 1 else ""
    over += f", until {_name_end(first.end)}" if first.end < LAST else ""
    names = [f"{choice.label[0].lower()}{choice.label[1:]}" for choice in (before, after)]
    why = _say_why(first)
    return f"{control.label}: {' → '.join(names)}, from {quarter_name(first.start)}{over} ({why})"


def list_hints(selection: Selection, at: int) -> list[Hint]:
    """What a colleague would remark on before the scenario is shown to anybody."""
    slot = selection.slots[at]
    scenario = slot.scenario
    hints = [
        Hint(f"{selection.letters[i]} and {selection.letters[j]} are identical: they set every lever alike.")
        for i, j in selection.twins
        if at in (i, j)
    ]
    hints += _hint_at_waiver(scenario)
    hints += _hint_at_years(slot)
    if "final" in slot.shown.lower().split():
        hints.append(Hint("The title says “final”. Somebody will change it; a date or a purpose tells more."))
    hints += [Hint(f"Held at a bound: {warning}") for warning in scenario.warnings]
    return hints


def _hint_at_years(slot: Slot) -> list[Hint]:
    """Hints on years in the title in which nothing of the policy happens."""
    scenario, hints, title = slot.scenario, list[Hint](), slot.title or slot.base.title
    dates = sorted(date for change in scenario.changes for date in _list_dates(change))
    for match in _YEAR.finditer(title):
        year = int(match[1]) - FIRST_YEAR
        first = 4 * year if match[2] else 4 * year - 1  # 2028 alone may be its first months, or 2028/29
        quarters = [4 * year + int(match[3]) - 1] if match[3] else range(first, 4 * year + 4)
        if (
            not 0 <= year < YEARS
            or _LIKE.search(title[: match.start()])
            or not dates
            or any(date in quarters for date in dates)
        ):
            continue
        hints.append(
            Hint(
                f"The title says {match[0]}, but nothing in this policy begins, arrives or ends then; its first change "
                f"is in {quarter_name(dates[0])}. Mend the title, or the dates."
            )
        )
    return hints


def _list_dates(change: Change) -> list[int]:
    """The quarters in which something of a change happens."""
    ends = [change.end, change.end + 1] if change.end < LAST else []
    return [change.start, change.start + max(change.phase, 1) - 1, *(quarter for quarter, _ in change.path), *ends]


def _hint_at_waiver(scenario: Scenario) -> list[Hint]:
    """A hint if a national waiver lifts a quarter of the ring-fence or more: how much of it, and when."""
    lifting = scenario.lever("waivable") * scenario.lever("waiver")
    later = np.flatnonzero((scenario.lever("ringfence") * lifting)[USUAL_START:] >= 0.25)
    if not later.size:
        return []
    first, last = USUAL_START + int(later[0]), USUAL_START + int(later[-1])
    shares = sorted({round(float(lifting[USUAL_START + at]), 9) for at in later})
    ends = [get_template("hint.waiver.all") if share == 1 else format_part(share) for share in shares]
    span = f"{quarter_name(first)} {'on' if last == LAST else f'until {_name_end(last)}'}"
    says = get_template("hint.waiver").format(
        span=span,
        share=ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]}",
        effect=get_template("hint.waiver.most" if shares[-1] >= MOSTLY else "hint.waiver.part"),
    )
    return [Hint(says, get_template("hint.waiver.fix"), (LeverEdit("waiver", 0.0, first),))]
