"""A sentence of the Answer page as a claim, which `ringfence verify` runs again."""

from __future__ import annotations

import datetime as dt

from dashboards.computing.answer_view import AnswerView, write_sentences
from simulator.claims.claim import ComparedPair, make_claim
from simulator.claims.claim_file import format_claim
from simulator.common.errors import InputError
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.recipe import make_file_stem
from simulator.runs.run import compare_results

CARDS = ("pair", "other")
"""The keys of the sentences that compare something."""


def name_claims(view: AnswerView) -> list[tuple[str, str, str]]:
    """For each sentence that can be claimed: its key, its heading, and what its file is called."""
    claims = []
    for card in write_sentences(view):
        if card.key in CARDS:
            compared = " or ".join(view.scenarios[at].name for at in (card.new, card.old))
            stem = make_file_stem(f"{OUTCOMES[card.outcome].label} {compared}")
            claims.append((card.key, card.heading, f"claim-{stem}.json"))
    return claims


def make_answer_claim(view: AnswerView, key: str, today: dt.date | None = None) -> bytes:
    """The claim of one card: what the page said, and the comparison behind it, as a file.

    Raises InputError where nothing is compared, and for too few futures for a verdict.
    """
    card = next(card for card in write_sentences(view) if card.key == key)
    if card.new == card.old:
        raise InputError("nothing is compared yet: add a scenario in Build, then save the sentence as a claim")
    comparison = compare_results(view.runs[card.new], view.runs[card.old], card.outcome, view.span)
    scenarios = [view.scenarios[card.old], view.scenarios[card.new]]
    runs = [view.runs[card.old], view.runs[card.new]]
    day = (today or dt.date.today()).isoformat()
    claim = make_claim([ComparedPair(comparison, 1, 0)], scenarios, runs, day, shown=f"{card.sentence} {card.caveat}")
    return format_claim(claim).encode("utf-8")
