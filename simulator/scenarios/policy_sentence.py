"""A policy in a sentence that can be read aloud.

Such as "From 2028/29 the fund is ring-fenced, and every board learns from its peers." The page says the same by
`readAloud` of `dashboards/offline/page/policy.js`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.common.formatting import join_words
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import POLICY_START, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import LAST, Change, apply_all, format_part, format_setting, is_part
from simulator.scenarios.loader import baseline_values, select_lever
from simulator.scenarios.plain_controls import PLAIN_CONTROLS, PlainControl
from simulator.scenarios.scenario import Scenario

MOST_NAMED = 3
"""So many levers that no control in plain words holds are named for each date; the rest are counted."""


class LeverMove(NamedTuple):
    """What a scenario does to a lever, as one change: its value, the quarters (index) in which it begins and ends, and
    how many it takes to arrive. `course` has its values in words where it takes several steps, of which this is the
    last ("" for one).
    """

    lever: str
    value: float
    start: int
    phase: int
    end: int
    course: str = ""

    @property
    def when(self) -> str:
        """From when, and until when if it ends: 2028/29 until the end of 2029/30 Q2."""
        words = quarter_name(self.start).removesuffix(" Q1")
        if self.phase > 1:
            words = get_template("aloud.over").format(start=words, count=self.phase)
        ends = quarter_name(self.end).removesuffix(" Q4")
        return get_template("aloud.until").format(start=words, end=ends) if self.end < LAST else words


@dataclass
class _Span:
    """What begins together."""

    start: int
    clauses: list[str] = field(default_factory=list)


def summarise_lever(scenario: Scenario, lever: str) -> LeverMove:
    """What a scenario does to a lever. Several steps become the last of them; a lever that it leaves alone has the
    value of today's rules, from the usual start on.
    """
    changes, values = select_lever(scenario.changes, lever), scenario.lever(lever)
    if not changes:
        return LeverMove(lever, float(values[-1]), POLICY_START, 0, LAST)
    first, *more = changes
    if first.kind == "to" and not more:
        return LeverMove(lever, first.value, first.start, first.phase, first.end)
    start, end = min(change.start for change in changes), max(change.end for change in changes)
    phase = min(changes[-1].phase, end - start + 1)
    move = LeverMove(lever, float(values[end]), start, phase, end)
    if takes_one_step(scenario, move):
        return move
    return move._replace(course=describe_course(scenario, lever, min(POLICY_START, start)))


def takes_one_step(scenario: Scenario, move: LeverMove) -> bool:
    """True when the scenario does to the lever just this, or leaves it alone."""
    if not select_lever(scenario.changes, move.lever):
        return True
    phase = move.phase if move.phase > 1 else 0
    alone = Change(move.lever, "to", move.value, (), move.start, move.end, phase, "", (), True, "", 0)
    return bool(np.allclose(apply_all([alone], baseline_values()[move.lever]), scenario.lever(move.lever)))


def describe_course(
    scenario: Scenario, lever: str, start: int, dated: bool = False, say: Callable[[str, float], str] = format_setting
) -> str:
    """The values of a lever from a quarter on, in words: 0, then 1 from 2027/28 Q1. `dated` says that quarter too, and
    `say` tells a value.
    """
    values = scenario.lever(lever)
    first = say(lever, float(values[start]))
    steps, last = [f"{first}{f' from {quarter_name(start)}' if dated else ''}"], values[start]
    for quarter in range(start + 1, len(values)):
        if values[quarter] != last:
            last = values[quarter]
            steps.append(f"{say(lever, float(last))} from {quarter_name(quarter)}")
    return ", then ".join(steps) if len(steps) <= 4 else f"{', then '.join(steps[:2])}, and so on to {steps[-1]}"


def write_policy_sentence(scenario: Scenario, most: int = MOST_NAMED, edited: Collection[str] | None = None) -> str:
    """What a scenario does, in a sentence: what begins together stands together, each with its date. Of levers that no
    plain words hold, `most` are named for each date. With `edited`, the levers that somebody set, these are named
    first, and none that stays as it is under today's rules.
    """
    changed = {change.lever for change in scenario.changes}
    moves = {lever: summarise_lever(scenario, lever) for lever in LEVERS if lever in changed}
    if edited is not None:
        moves = {lever: moves[lever] for lever in sorted(moves, key=lambda lever: lever not in edited)}
        moves = {lever: move for lever, move in moves.items() if move.course or not _stays(move)}
    spans: dict[str, _Span] = {}
    said: set[str] = set()
    for control in PLAIN_CONTROLS:
        said |= _say_control(control, moves, spans)
    others: dict[str, list[LeverMove]] = {}
    for lever, move in moves.items():
        if lever not in said:
            others.setdefault(move.when, []).append(move)
    for together in others.values():
        named = [_say_setting(move) for move in together[:most]]
        if more := len(together) - len(named):
            named.append(get_template(f"aloud.more.{'one' if more == 1 else 'many'}").format(count=more))
        _add(spans, together, _join(named) if len(named) > 2 else join_words(named))
    parts = [
        get_template("aloud.from").format(when=when, clauses=_join(span.clauses))
        for when, span in sorted(spans.items(), key=lambda item: item[1].start)
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else get_template("aloud.nothing")


def _say_control(control: PlainControl, moves: dict[str, LeverMove], spans: dict[str, _Span]) -> set[str]:
    """Say the choice of a control that stands; its levers, or none where something between stands."""
    own = [moves[lever] for lever in control.levers if lever in moves]
    choice = control.find_choice(lambda lever: moves[lever].value if lever in moves else _value_today(lever))
    if choice is None or any(move.course for move in own):
        return set()
    edits = [move for move in moves.values() if move.lever in choice.sets]
    if choice.says and edits:
        _add(spans, edits, choice.clause)
    return set(control.levers)


def _add(spans: dict[str, _Span], moves: Sequence[LeverMove], clause: str) -> None:
    together = all(move.when == moves[0].when for move in moves)
    whole = moves[0] if together else _find_whole(moves)
    if not together:
        part = get_template("aloud.part")
        parts = ", ".join(part.format(lever=_name(move.lever), when=move.when) for move in moves)
        clause = get_template("aloud.dates").format(clause=clause, parts=parts)
    spans.setdefault(whole.when, _Span(whole.start)).clauses.append(clause)


def _find_whole(moves: Sequence[LeverMove]) -> LeverMove:
    """When levers with dates of their own are all in force: from the last to arrive in full until the first to end.
    Where they never are together, from the first that begins.
    """
    start = max(move.start + max(move.phase - 1, 0) for move in moves)
    end = min(move.end for move in moves)
    if start > end:
        start, end = min(move.start for move in moves), LAST
    return LeverMove("", 0.0, start, 0, end)


def _say_setting(move: LeverMove) -> str:
    """What a lever is set to, and what it is without the policy."""
    name, to, today = _name(move.lever), _format(move.lever, move.value), _format(move.lever, _value_today(move.lever))
    if move.course:
        return get_template("aloud.steps").format(lever=name, course=move.course)
    words = get_template(f"aloud.{'stays' if _stays(move) else 'set'}{'.full' if to == format_part(1) else ''}")
    return words.format(lever=name, value=to, today=today)


def _stays(move: LeverMove) -> bool:
    """Whether a lever is set to what people read as its value under today's rules."""
    return _format(move.lever, move.value) == _format(move.lever, _value_today(move.lever))


def _name(lever: str) -> str:
    return LEVERS[lever].about.meaning.partition(" (")[0]


def _value_today(lever: str) -> float:
    return float(baseline_values()[lever][-1])


def _format(lever: str, value: float) -> str:
    """A lever's value as people read it."""
    return format_part(value) if is_part(lever) else format_setting(lever, value)


def _join(clauses: Sequence[str]) -> str:
    return "".join(clauses) if len(clauses) < 2 else f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
