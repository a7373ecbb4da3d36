"""What the checks of the model say against a card of the answer: levels that err one way, policies whose check fails.

The scoreboard says it; nothing here is written down beforehand. `dashboards/offline/page/app.js` says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.calibration.scoreboard import Line
from simulator.common.formatting import join_words
from simulator.common.sentence_templates import get_template
from simulator.declarations.levers import LEVERS
from simulator.reports.answer_cards import AnswerCard
from simulator.reports.check_words import describe_failure, describe_history, find_failed, tell_meaning_shortly
from simulator.reports.limits import TOLD, find_failures, list_failed_checks
from simulator.reports.sentences import quote_title
from simulator.reports.short_sentence import LONGEST
from simulator.scenarios.scenario import Scenario


def add_doubts(card: AnswerCard, scenarios: Sequence[Scenario], lines: Sequence[Line]) -> AnswerCard:
    """The card with what the checks say against it: seen at once, in what is copied, and of today's rules in the short
    sentence if there is room. `scenarios` are in their places, today's rules first.
    """
    if card.key == "today":
        level, short = describe_history(lines, "answer.brief.level"), describe_history(lines, "short.level.doubt")
        room = card.short and short and len(card.short) + len(short) < LONGEST
        return replace(
            card,
            brief=" ".join(filter(None, (card.brief, level))),
            caveat=" ".join(filter(None, (card.caveat, level))),
            short=f"{card.short} {short}" if room else card.short,
        )
    compared = [scenarios[at] for at in (card.new, card.old) if at]
    brief = write_failed(compared, lines)
    return replace(
        card,
        brief=" ".join(filter(None, (card.brief, brief))),
        caveat=" ".join([card.caveat, *list_failed_checks(compared, lines)]),
    )


def write_failed(scenarios: Sequence[Scenario], lines: Sequence[Line]) -> str:
    """That a check fails which bears on policies, and what that means, in few words; "" for none."""
    said = get_template("limits.failed.card")
    return " ".join(
        said.format(policies=join_words([quote_title(title) for title in own]), means=means)
        for means, own in find_failures(scenarios, lines, tell_meaning_shortly).items()
    )


def document_doubts(lines: Sequence[Line]) -> dict[str, object]:
    """What a page needs to say the same: of levels in full and for a post, by lever which failed checks bear on a
    policy that moves it (what each means in few words, and the check in words), and how long a sentence to post may be.
    """
    told = {name: find_failed(lines, set(lever.about.evidence) - TOLD) for name, lever in LEVERS.items()}
    return {
        "level": describe_history(lines, "answer.brief.level"),
        "short": describe_history(lines, "short.level.doubt"),
        "levers": {
            name: [(tell_meaning_shortly(line), describe_failure(line)) for line in failed]
            for name, failed in told.items()
            if failed
        },
        "longest": LONGEST,
    }
