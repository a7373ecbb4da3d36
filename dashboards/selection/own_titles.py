"""What a policy under a title of somebody's own is, in the library's words: stands on all that is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.selection.selection import Slot
from simulator.common.formatting import join_words
from simulator.common.sentence_templates import get_template
from simulator.declarations.levers import LEVERS
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

MOST_NAMED = 3
"""So many of the levers that a policy changes are named; the rest are counted."""


def describe_own_titles(slots: Iterable[Slot], shown: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each policy whose title is somebody's own; `shown` are the titles as they stand on the screen."""
    lines = (_describe_own_title(slot, title) for slot, title in zip(slots, shown, strict=True))
    return tuple(line for line in lines if line)


def _describe_own_title(slot: Slot, title: str) -> str:
    plain = slot.plain_title
    titled, filed = slot.shown != plain.text, bool(slot.text) and not _is_of_library(slot)
    if not titled and not filed:
        return ""
    levers = {edit.lever for edit in slot.edits} if plain.counts or filed else set()
    levers |= {change.lever for change in slot.base.changes} if filed else set()
    words = {"title": title, "plain": plain.text, "changes": _describe_levers(levers)}
    return get_template(f"title.{'own' if titled else 'file'}").format(**words)


def _is_of_library(slot: Slot) -> bool:
    known = {(one.title, one.fingerprint) for one in map(load_scenario, library())}
    return (slot.base.title, slot.base.fingerprint) in known


def _describe_levers(levers: set[str]) -> str:
    """What is changed: the first levers by name, and how many more; "" for none."""
    names = [f"‘{LEVERS[lever].about.meaning.partition(' (')[0]}’" for lever in LEVERS if lever in levers]
    if not names:
        return ""
    more = [get_template("title.more").format(count=len(names) - MOST_NAMED)] if len(names) > MOST_NAMED else []
    return get_template("title.changes").format(list=join_words([*names[:MOST_NAMED], *more]))
