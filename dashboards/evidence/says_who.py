"""“Says who?” under a sentence: the uncertain numbers that carry it, and for each its evidence with an address."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from dashboards.computing.answer_view import AnswerView
from dashboards.evidence.carried_numbers import CarriedNumber, find_carried_numbers, list_sign_pulls, read_values
from simulator.calibration.evidence_status import list_badges
from simulator.common.formatting import choose_own_decimals, format_amount, format_changes
from simulator.common.html import NOTHING, join_pieces
from simulator.common.sentence_templates import get_template
from simulator.declarations.evidence import load_register
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.answer_cards import AnswerCard
from simulator.runs.run import compare_results
from simulator.studies.examined_comparison import examine


def describe_turns(view: AnswerView, card: AnswerCard) -> str:
    """What a card's verdict turns on, in a sentence; "" where there is no verdict, or its sign is assumed."""
    if not card.new:
        return ""
    new, old = view.runs[card.new], view.runs[card.old]
    comparison = compare_results(new, old, card.outcome, view.span)
    carriers = examine(new, old, comparison, view.span).carriers
    if not carriers.looked or comparison.alike or comparison.sign_assumed:
        return ""
    if not carriers.carriers:
        return get_template("answer.turns.none").format(parameters=carriers.parameters)
    first = carriers.carriers[0]
    side = {1: comparison.new, -1: comparison.old}.get(first.turns, "")
    effect = get_template("answer.turns.side" if side else "answer.turns.neither").format(side=side)
    return get_template("answer.turns.some").format(
        meaning=PARAMETERS[first.name].about.meaning, end=first.kind, effect=effect
    )


def render_says_who(view: AnswerView, card: AnswerCard) -> Markup:
    """A fold with the numbers that carry a card's sentence; each is a fold with its evidence."""
    against = card.old if card.new else -1
    values = read_values(view.runs, card.outcome, view.span, card.new, against)
    numbers = find_carried_numbers(view.runs[card.new], values)
    lead = "It moves most with these uncertain numbers; the amounts are averages over the fifths of futures in which a "
    lead += "number is lowest and highest." if numbers else ""
    parts = [
        Markup("<p>{}</p>").format(lead if numbers else "No single uncertain number clearly moves it in these futures.")
    ]
    parts += [_render_number(number.name, _describe_move(number, against >= 0)) for number in numbers]
    if card.new:
        pulls = list_sign_pulls(card.outcome, view.scenarios[card.new], view.scenarios[card.old])
        comparison = compare_results(view.runs[card.new], view.runs[card.old], card.outcome, view.span)
        if comparison.sign_assumed:
            parts.append(
                Markup("<p>{}</p>").format(
                    "That it does more is itself an assumption: these numbers are never below zero in this model."
                )
            )
            parts += [_render_number(name, "") for name in pulls]
    return Markup('<details class="who"><summary>Says who?</summary>{}</details>').format(join_pieces(parts))


def _describe_move(number: CarriedNumber, signed: bool) -> str:
    ends = (number.low, number.high)
    if signed:
        low, high = format_changes(*ends)
    else:
        decimals = choose_own_decimals(max(map(abs, ends)))
        low, high = (format_amount(x, decimals) for x in ends)
    return get_template("answer.carried").format(low=low, high=high)


def _render_number(name: str, move: str) -> Markup:
    badge = list_badges()[name]
    basis = get_template("answer.carried.number").format(
        meaning=PARAMETERS[name].about.meaning, name=name, badge=badge, move=move
    )
    return Markup('<details class="number"><summary>{}</summary>{}</details>').format(basis, render_evidence(name))


@cache
def render_evidence(name: str) -> Markup:
    """What a number rests on: each piece of evidence with what it says and where it is to be read."""
    register = load_register()
    entries = [register[id_] for id_ in PARAMETERS[name].about.evidence if id_ in register]
    strength = PARAMETERS[name].about.strength.value
    if not entries:
        return Markup("<p>No evidence: our own judgement ({}).</p>").format(strength)
    items = join_pieces(
        Markup("<li>{} ({}): {} {}</li>").format(
            entry.id, entry.strength, entry.says, _render_source(entry.source, entry.url)
        )
        for entry in entries
    )
    return Markup('<ul class="evidence">{}</ul>').format(items)


def _render_source(source: str, addresses: tuple[str, ...]) -> Markup:
    if not addresses:
        return Markup("<cite>{}</cite>").format(source)
    first, *more = addresses
    link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return join_pieces(
        [
            link.format(first, source),
            *(join_pieces([NOTHING, " ", link.format(url, "another address")]) for url in more),
        ]
    )
