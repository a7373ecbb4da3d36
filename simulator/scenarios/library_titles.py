"""Titles of the library's policies: what is another policy must not pass for one of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from simulator.common.sentence_templates import get_template
from simulator.scenarios.library import library
from simulator.scenarios.policy_sentence import write_policy_sentence
from simulator.scenarios.scenario import Scenario, load_scenario


def squash_title(title: str) -> str:
    """Its letters and digits: titles that differ in nothing else are read as the same."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", title).casefold() if letter.isalnum())


def find_library_title(title: str) -> str:
    """The title of the library's policy that is read as the same; "" for none."""
    known = _index_library().get(squash_title(title))
    return known.title if known else ""


@cache
def _index_library() -> dict[str, Scenario]:
    return {squash_title(one.title): one for one in map(load_scenario, library())}


def list_lookalikes(policies: Iterable[Scenario]) -> list[str]:
    """A sentence on each policy that is titled like one of the library's and is another: what it does."""
    told = get_template("title.file")
    return [
        told.format(title=policy.title, aloud=f"{aloud[0].lower()}{aloud[1:]}")
        for policy in policies
        if (known := _index_library().get(squash_title(policy.title))) and known.fingerprint != policy.fingerprint
        for aloud in [write_policy_sentence(policy)]
    ]
