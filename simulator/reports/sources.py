"""The sources that sentences rest on, each said once: in short, or whole, each with the host of its address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from urllib.parse import urlsplit

from simulator.common.sentence_templates import get_template
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.says_who import SaysWho

FUND = ("E01", "E02", "S05")
"""What says how large the fund is, and how it grows."""
SEPARATOR = "; "
"""Between two publications of one entry."""
SHORT_TITLE = 32
"""A source named with fewer letters has no title yet."""


def list_entries(whose: Iterable[SaysWho], of_fund: bool = False) -> list[Evidence]:
    """The evidence behind sentences, each piece once; `of_fund`: with that on the size of the fund."""
    register = load_register()
    names = [name for who in whose for name, _ in (*who.numbers, *who.signs)]
    ids = [*(FUND if of_fund else ()), *(id_ for name in names for id_ in PARAMETERS[name].about.evidence)]
    return [register[id_] for id_ in dict.fromkeys(ids) if id_ in register]


def list_sources(entries: Sequence[Evidence]) -> list[str]:
    """Each publication once, with the pieces of evidence that cite it and the host of its own address; last the hosts
    of addresses that cannot be told to be of one publication.
    """
    cited, hosts, others = dict[str, list[str]](), dict[str, dict[str, None]](), dict[str, None]()
    for entry in entries:
        publications, addresses = entry.source.split(SEPARATOR), pair_addresses(entry)
        for i, part in enumerate(publications):
            cited.setdefault(part, []).append(entry.id)
            own = addresses[i] if addresses else ()
            hosts.setdefault(part, {}).update(dict.fromkeys(map(name_host, own)))
        if not addresses:
            others |= dict.fromkeys(map(name_host, entry.url))
    each = [get_template("sources.each").format(source=part, ids=", ".join(ids)) for part, ids in cited.items()]
    placed = zip(each, hosts.values(), strict=True)
    told = [get_template("sources.at").format(source=x, hosts=", ".join(own)) if own else x for x, own in placed]
    return [*told, get_template("sources.hosts").format(hosts=", ".join(others))] if others else told


def pair_addresses(entry: Evidence) -> tuple[tuple[str, ...], ...]:
    """The addresses of each publication that an entry names, in their order; () where that cannot be told.

    There are as many addresses as publications, or as many runs of addresses of one host, or only one publication.
    """
    wanted = len(entry.source.split(SEPARATOR))
    if wanted == 1:
        return (entry.url,)
    if wanted == len(entry.url):
        return tuple((url,) for url in entry.url)
    runs = tuple(tuple(run) for _, run in groupby(entry.url, key=name_host))
    return runs if wanted == len(runs) else ()


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
