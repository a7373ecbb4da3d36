"""The sources of sentences: each publication with its own address."""

from __future__ import annotations

from dataclasses import replace

from simulator.declarations.evidence import load_register
from simulator.reports.sources import SEPARATOR, list_sources, name_host, pair_addresses

HOSTS = {
    "NHS Confederation": "nhsconfed.org",
    "NHS Confederation and Leeds Beckett University": "nhsconfed.org",
    "National Audit Office": "nao.org.uk",
    "HFMA": "hfma.org.uk",
    "House of Commons Public Accounts Committee": "publications.parliament.uk",
    "Jersey Evening Post": "jerseyeveningpost.com",
    "Health Business": "healthbusinessuk.net",
    "Healthcare Leader": "healthcareleadernews.com",
    "Healthcare Management": "healthcare-management.uk",
    "NHS Providers": "nhsproviders.org",
    "NHS England": "england.nhs.uk",
    "The Lowdown": "lowdownnhs.info",
    "Mark Gamsu": "localdemocracyandhealth.com",
}
"""Publishers that are named beside others in one entry."""


def test_each_publication_has_the_address_that_stands_at_its_place() -> None:
    """In entries with several publications a publisher has its own host, so that no two addresses changed places."""
    wrong, seen = list[str](), set[str]()
    for entry in load_register().values():
        publications, addresses = entry.source.split(SEPARATOR), pair_addresses(entry)
        assert len(addresses) == len(publications), f"{entry.id}: which address is of which publication?"
        if len(publications) > 1:
            for publication, own in zip(publications, addresses, strict=True):
                publisher = publication.split(",")[0]
                seen.add(publisher)
                hosts = {name_host(url) for url in own}
                if hosts != {HOSTS.get(publisher, *hosts)}:
                    wrong.append(f"{entry.id}: {publication} has {hosts}")
                if publisher not in HOSTS and hosts & set(HOSTS.values()) - {
                    "publications.parliament.uk",
                    "england.nhs.uk",
                }:
                    wrong.append(f"{entry.id}: {publication} has another's host {hosts}")
    assert wrong == []
    assert set(HOSTS) <= seen


def test_each_source_on_paper_stands_with_its_own_host() -> None:
    told = list_sources([load_register()[name] for name in ("F01", "F12", "F22", "F24", "R07")])
    assert len(told) == 11
    for words, host in (
        ("National Audit Office, press release", "nao.org.uk"),
        ("HFMA, news item", "hfma.org.uk"),
        ("House of Commons Public Accounts Committee", "publications.parliament.uk"),
        ("Jersey Evening Post", "jerseyeveningpost.com"),
        ("NHS Confederation, page on clusters", "nhsconfed.org"),
        ("Healthcare Management", "healthcare-management.uk"),
        ("Our arithmetic on NHS England board papers", "england.nhs.uk"),
        ("Mark Gamsu", "localdemocracyandhealth.com"),
        ("NHS England, mental health dashboard", "england.nhs.uk"),
        ("HSJ, report on the mental health standard", "hsj.co.uk"),
        ("parliamentary written answer", "parallelparliament.co.uk"),
    ):
        (line,) = (each for each in told if each.startswith(words))
        assert line.endswith(f"): {host}"), line


def test_addresses_that_cannot_be_told_apart_stand_together_at_the_end() -> None:
    entry = replace(load_register()["F01"], url=("https://a.org/1", "https://b.org/2", "https://c.org/3"))
    *told, hosts = list_sources([entry])
    assert hosts == "On the web: a.org, b.org, c.org" and all(line.endswith("(F01)") for line in told)
