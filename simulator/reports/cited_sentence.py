"""The sentence of an answer as it is cited: with what its verdict turns on, its range and its caveat."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.reports import sentences
from simulator.reports.answer_cards import write_answer_cards
from simulator.reports.says_who import find_who_says
from simulator.runs.results import Results


def write_cited_sentence(runs: Sequence[Results], span: slice, outcome: str = "retained") -> str:
    """What the Answer page says of two policies, or of one against today's rules, or of today's rules alone."""
    card = write_answer_cards(runs, outcome, span)[min(1, len(runs) - 1)]
    names = runs[0].years[span]
    turns = find_who_says(runs, card.outcome, span, card.new, card.old).turns if card.new else ""
    said = sentences.write_standalone(card.sentence, (names[0], names[-1]))
    return " ".join(filter(None, (said, turns, card.caveat)))
