"""A sentence of the Answer page as a claim, which `ringfence verify` runs again."""

from __future__ import annotations

import datetime as dt

from dashboards.computing.answer_view import AnswerView
from simulator.claims.claim import ComparedPair, make_claim
from simulator.claims.claim_file import format_claim
from simulator.common.errors import InputError
from simulator.reports.answer_cards import write_answer_cards
from simulator.runs.run import compare_results

CARDS = {"pair": "second", "other": "third"}
"""The sentences that compare something: which they are, by the keys of their cards."""


def make_answer_claim(view: AnswerView, key: str, today: dt.date | None = None) -> bytes:
    """The claim of one card: what the page said, and the comparison behind it, as a file.

    Raises InputError where nothing is compared, and for too few futures for a verdict.
    """
    card = next(card for card in write_answer_cards(view.runs, view.outcome, view.span) if card.key == key)
    if card.new == card.old:
        raise InputError("nothing is compared yet: add a scenario in Build, then save the sentence as a claim")
    comparison = compare_results(view.runs[card.new], view.runs[card.old], card.outcome, view.span)
    scenarios = [view.scenarios[card.old], view.scenarios[card.new]]
    runs = [view.runs[card.old], view.runs[card.new]]
    day = (today or dt.date.today()).isoformat()
    claim = make_claim([ComparedPair(comparison, 1, 0)], scenarios, runs, day, shown=f"{card.sentence} {card.caveat}")
    return format_claim(claim).encode("utf-8")
