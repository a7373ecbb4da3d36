"""Labels that tell scenarios apart: the title, and what differs where titles repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, count

from simulator.common.pinned_names import split_pin
from simulator.scenarios.scenario import Scenario


def with_distinct_titles(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The same scenarios; where titles repeat, what differs is added to the title in brackets."""
    read = list(scenarios)
    labels = make_distinct_labels([(item.title, item.name, _name_origin(item), item.fingerprint[:6]) for item in read])
    return [
        item if item.title == label else replace(item, title=label) for item, label in zip(read, labels, strict=True)
    ]


def make_distinct_labels(items: Sequence[tuple[str, ...]]) -> list[str]:
    """A label for each item: its first text and, where that repeats, the first of its other texts that tells it apart.

    Only items that are equal in every text get the same label.
    """
    titles = Counter(item[0] for item in dict.fromkeys(items))
    labels = {item: item[0] for item in items if titles[item[0]] == 1}
    for item in dict.fromkeys(items):
        if item not in labels:
            rivals = [other for other in items if other[0] == item[0] and other != item]
            own = [word for at, word in enumerate(item) if at and word and all(other[at] != word for other in rivals)]
            numbered = (str(number) for number in count(1))
            words = chain(own[:1], [", ".join(filter(None, item[1:]))], numbered)
            taken = {*labels.values(), *titles}
            labels[item] = next(label for word in words if (label := f"{item[0]} ({word})") not in taken)
    return [labels[item] for item in items]


def _name_origin(scenario: Scenario) -> str:
    """The file or the stack without fingerprints."""
    return "+".join(split_pin(part)[0] for part in scenario.reference.split("+"))
