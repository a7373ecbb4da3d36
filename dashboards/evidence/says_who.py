"""“Says who?” under a sentence: the uncertain numbers that carry it, and for each its evidence with an address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markupsafe import Markup

from simulator.common.html import NOTHING, join_pieces, make_bullets
from simulator.common.sentence_templates import get_template
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.says_who import SaysWho
from simulator.reports.sources import FUND, list_entries, list_sources, name_host


def render_says_who(who: SaysWho, of_fund: bool = False) -> Markup:
    """A fold with the numbers that carry a sentence, each a fold with its evidence. `of_fund`: with where the size of
    the fund is from.
    """
    parts = [_render_fund()] if of_fund else []
    parts += [Markup("<p>{}</p>").format(who.lead), *(_render_number(*number) for number in who.numbers)]
    parts += [Markup('<p class="quiet">{}</p>').format(said) for _, said in who.at_rest]
    if who.assumed:
        parts += [Markup("<p>{}</p>").format(who.assumed), *(_render_number(*number) for number in who.signs)]
    return Markup('<details class="who" data-screen><summary>Says who?</summary>{}</details>').format(
        join_pieces(parts)
    )


def render_sources(who: SaysWho, of_fund: bool = False) -> Markup:
    """The sources of a sentence in a line, for paper, where folds are closed: their numbers in the list."""
    ids = [entry.id for entry in list_entries([who], of_fund)]
    if not ids:
        return NOTHING
    return Markup('<p class="sources">{}{}.</p>').format(get_template("answer.who.sources"), ", ".join(ids))


def render_source_list(whose: Sequence[SaysWho], of_fund: bool = False) -> Markup:
    """Every source of a page once, for paper."""
    sources = list_sources(list_entries(whose, of_fund))
    if not sources:
        return NOTHING
    return Markup('<div class="sources"><h2>{}</h2>{}</div>').format(
        get_template("sources.heading"), make_bullets(sources)
    )


def _render_fund() -> Markup:
    """Where the size of the fund is from, and its growth."""
    register = load_register()
    items = join_pieces(_render_entry(register[id_]) for id_ in FUND if id_ in register)
    return Markup('<p>{}</p><ul class="evidence">{}</ul>').format(get_template("answer.who.fund"), items)


def _render_entry(entry: Evidence) -> Markup:
    return Markup("<li>{} ({}): {} {}</li>").format(
        entry.id, entry.strength, entry.says, _render_source(entry.source, entry.url)
    )


def _render_number(name: str, basis: str) -> Markup:
    before, after = (
        get_template("answer.carried.code").format(name="\n", meaning=PARAMETERS[name].about.meaning).split("\n")
    )
    code = Markup("{}<code>{}</code>{}").format(before, name, after)
    return Markup(
        '<details class="number" data-screen><summary>{}</summary>{}<p class="quiet">{}</p></details>'
    ).format(basis, render_evidence(name), code)


@cache
def render_evidence(name: str) -> Markup:
    """What a number rests on: each piece of evidence with what it says and where it is to be read."""
    register = load_register()
    entries = [register[id_] for id_ in PARAMETERS[name].about.evidence if id_ in register]
    strength = PARAMETERS[name].about.strength.value
    if not entries:
        return Markup("<p>{}</p>").format(get_template("answer.who.no_evidence").format(strength=strength))
    items = join_pieces(map(_render_entry, entries))
    return Markup('<ul class="evidence">{}</ul>').format(items)


def _render_source(source: str, addresses: tuple[str, ...]) -> Markup:
    """A source, and a link to each address. Where there are several of either, each address bears the name of its host,
    so that nobody takes one source's address for another's.
    """
    if not addresses:
        return Markup("<cite>{}</cite>").format(source)
    link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    if len(addresses) == 1 and ";" not in source:
        return link.format(addresses[0], source)
    links = (link.format(url, name_host(url)) for url in addresses)
    return Markup("<cite>{}</cite> {}").format(source, Markup(", ").join(links))
