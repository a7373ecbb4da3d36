"""Labels that tell scenarios apart: the title, and what differs where titles repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.pins import split_pin
from simulator.scenario import Scenario


def told_apart(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The same scenarios; those that share a title with another one have what differs after it, in brackets."""
    read = list(scenarios)
    labels = distinct([(one.title, one.name, _place(one), one.fingerprint[:6]) for one in read])
    return [one if one.title == label else replace(one, title=label) for one, label in zip(read, labels, strict=True)]


def distinct(items: Sequence[tuple[str, ...]]) -> list[str]:
    """A label for each item: its first word, and the first of the others that no item with that first word shares.

    Items that are alike in every word have the same label, for they are the same.
    """
    found = []
    for item in items:
        rivals = [other for other in dict.fromkeys(items) if other[0] == item[0] and other != item]
        own = [word for at, word in enumerate(item) if at and word and all(other[at] != word for other in rivals)]
        found.append(f"{item[0]} ({own[0] if own else ', '.join(item[1:])})" if rivals else item[0])
    plain = {item[0] for item in items}
    return [label if label == item[0] or label not in plain else f"{item[0]} ({', '.join(item[1:])})"
            for label, item in zip(found, items, strict=True)]  # fmt: skip


def _place(one: Scenario) -> str:
    """The file or the stack without fingerprints."""
    return "+".join(split_pin(part)[0] for part in one.reference.split("+"))
