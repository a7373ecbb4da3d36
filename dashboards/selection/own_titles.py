"""What a policy under a title of somebody's own is, in Build's sentence: stands on all that is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.selection.edited_titles import CHANGED_FROM
from dashboards.selection.selection import Slot
from simulator.common.sentence_templates import get_template
from simulator.scenarios.library import library
from simulator.scenarios.policy_sentence import MOST_NAMED, write_policy_sentence
from simulator.scenarios.scenario import load_scenario


def describe_own_titles(slots: Iterable[Slot], shown: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each policy whose title is somebody's own; `shown` are the titles as they stand on the screen."""
    lines = (describe_own_title(slot, title) for slot, title in zip(slots, shown, strict=True))
    return tuple(line for line in lines if line)


def describe_own_title(slot: Slot, title: str) -> str:
    """What a policy is that is shown under `title`, with the values of all that it changes; "" where the title is the
    program's own.
    """
    plain = slot.plain_title.text
    titled = slot.shown != plain
    if not titled and not _is_own_file(slot):
        return ""
    aloud = write_policy_sentence(slot.scenario)
    words = {"title": title, "plain": plain, "aloud": f"{aloud[0].lower()}{aloud[1:]}"}
    return get_template(f"title.{'own' if titled else 'file'}").format(**words)


def name_for_post(slot: Slot) -> str:
    """The title of a policy where nothing else says what it is: the program's own, since somebody's own may say
    anything, and of a file that it is one.
    """
    plain = slot.plain_title.text
    if _is_own_file(slot):
        return get_template("title.posted.file").format(title=plain)
    if plain.startswith(CHANGED_FROM):  # it would be cut to what the policy is not
        return get_template("title.posted.changed").format(title=slot.base.title)
    return plain


def define_own_policies(slots: Iterable[Slot], shown: Iterable[str]) -> tuple[str, ...]:
    """A sentence for a picture on each policy of somebody's own; `shown` are the titles as they stand on the screen.

    What somebody set stands first in it, and nothing that stays as it is. Several are told shorter.
    """
    own = [
        (slot, title) for slot, title in zip(slots, shown, strict=True) if slot.edits or describe_own_title(slot, title)
    ]
    return tuple(_define_own_policy(slot, title, MOST_NAMED if len(own) < 2 else 1) for slot, title in own)


def _define_own_policy(slot: Slot, title: str, most: int) -> str:
    plain = slot.plain_title
    titled = slot.shown != plain.text
    aloud = write_policy_sentence(slot.scenario, most, edited={edit.lever for edit in slot.edits})
    kind = "own.picture" if slot.edits else "own" if titled else "file"
    words = {"title": title, "plain": plain.text, "aloud": f"{aloud[0].lower()}{aloud[1:]}"}
    return get_template(f"title.{kind}").format(**words)


def _is_own_file(slot: Slot) -> bool:
    return bool(slot.text) and (slot.base.title, slot.base.fingerprint) not in {
        (one.title, one.fingerprint) for one in map(load_scenario, library())
    }
