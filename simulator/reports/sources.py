"""The sources that sentences rest on, each said once: in short, or whole with the hosts of their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from simulator.common.sentence_templates import get_template
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.says_who import SaysWho

FUND = ("E01", "E02", "S05")
"""What says how large the fund is, and how it grows."""
SHORT_TITLE = 32
"""A source named with fewer letters has no title yet."""


def list_entries(whose: Iterable[SaysWho], of_fund: bool = False) -> list[Evidence]:
    """The evidence behind sentences, each piece once; `of_fund`: with that on the size of the fund."""
    register = load_register()
    names = [name for who in whose for name, _ in (*who.numbers, *who.signs)]
    ids = [*(FUND if of_fund else ()), *(id_ for name in names for id_ in PARAMETERS[name].about.evidence)]
    return [register[id_] for id_ in dict.fromkeys(ids) if id_ in register]


def list_sources(entries: Sequence[Evidence]) -> list[str]:
    """Each publication once, with the pieces of evidence that cite it, and last the hosts of their addresses, which the
    register keeps by piece of evidence and not by publication.
    """
    cited, hosts = dict[str, list[str]](), dict[str, None]()
    for entry in entries:
        for part in entry.source.split("; "):
            cited.setdefault(part, []).append(entry.id)
        hosts |= dict.fromkeys(map(name_host, entry.url))
    each = [f"{part} ({', '.join(ids)})" for part, ids in cited.items()]
    return [*each, get_template("sources.hosts").format(hosts=", ".join(hosts))] if hosts else each


def list_short_sources(whose: Iterable[SaysWho], of_fund: bool = False) -> list[str]:
    """What sentences rest on, each source once: who published it, and its title."""
    return list(dict.fromkeys(_shorten_source(entry.source) for entry in list_entries(whose, of_fund)))


def _shorten_source(source: str) -> str:
    """Who published it and its title: two parts between commas, and more where several authors make these short."""
    parts = source.partition(";")[0].split(", ")
    count = 2
    while count < len(parts) and len(", ".join(parts[:count])) < SHORT_TITLE:
        count += 1
    return ", ".join(parts[:count])


def name_host(url: str) -> str:
    """The host of an address, as people say it: england.nhs.uk."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
