"""The register of evidence: what is known, from where, how firmly, and what it supports in the model.

The register is data (`data/evidence.yaml`); its layout is described in `data/README.md`. It is read on first
use, because parsing takes about a third of a second and running the model does not need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from simulator.declarations.plugin import find_plugin

STRENGTHS = ("strong", "moderate", "weak", "assumption")
KINDS = ("finding", "mechanism", "precedent", "event", "context")
YEARS = range(1990, 2028)

EvidenceIds = tuple[str, ...]
"""Entries of the register by id, such as E42, in the order in which they are cited."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry of the register.

    `says` is in our own words. `year` is that of the publication or of the fact. `supports` names parameters,
    levers, calibration targets and pattern tests, or is just "scope". `press` marks figures read in press.
    """

    id: str
    says: str
    source: str
    year: int
    strength: str
    kind: str
    supports: tuple[str, ...]
    url: tuple[str, ...]
    press: bool


@cache
def load_register() -> Mapping[str, Evidence]:
    """Every entry by id, in the order of the file, then those of a plug-in. Raises ValueError for a malformed one."""
    known, plugin = parse_register(_read_text()), find_plugin()
    return known if plugin is None else _add_entries(known, plugin.evidence)


def _add_entries(known: Mapping[str, Evidence], raw: Iterable[Mapping[str, object]]) -> Mapping[str, Evidence]:
    entries = dict(known)
    for place, fields_given in enumerate(raw, start=1):
        entry = _read_entry({**fields_given}, place)
        if entry.id in entries:
            raise ValueError(f"evidence {entry.id}, field id: used twice, by the model's register or by the plug-in")
        entries[entry.id] = entry
    return MappingProxyType(entries)


def find_missing(ids: Iterable[str]) -> list[str]:
    """Those of `ids` that the register does not hold, in the order given."""
    wanted = list(ids)
    if _glimpse_ids().issuperset(wanted):
        return []
    known = load_register()
    return [each for each in wanted if each not in known]


@cache
def _glimpse_ids() -> frozenset[str]:
    """The ids of the register, without parsing it: it takes as long as all scenarios of the library together."""
    plugin = find_plugin()
    added = () if plugin is None else (str(entry.get("id")) for entry in plugin.evidence)
    return frozenset((*re.findall(r"^ *- id: *(\w+) *$", _read_text(), re.MULTILINE), *added))


def _read_text() -> str:
    return files("simulator").joinpath("data").joinpath("evidence.yaml").read_text(encoding="utf-8")


def cite(wanted: str) -> str:
    """One line for a reader: id, source and strength. Raises KeyError for an id that is not registered."""
    entry = load_register().get(wanted)
    if entry is None:
        raise KeyError(f"no evidence with the id {wanted!r}")
    press = ", reported by press" if entry.press else ""
    return f"{entry.id}: {entry.source} ({entry.strength}{press})"


def parse_register(text: str) -> Mapping[str, Evidence]:
    """The register in a YAML text. Raises ValueError naming the entry and the field at fault."""
    entries: dict[str, Evidence] = {}
    for place, raw in enumerate(_read_entries(text), start=1):
        entry = _read_entry(raw, place)
        if entry.id in entries:
            raise ValueError(f"evidence {entry.id}, field id: used twice")
        entries[entry.id] = entry
    return MappingProxyType(entries)


def _read_entries(text: str) -> list[Any]:
    from ruamel.yaml import YAML  # here and not above: importing this module stays cheap
    from ruamel.yaml.error import YAMLError

    try:
        whole = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise ValueError(f"the evidence register is not readable YAML: {error}") from error
    entries = whole.get("evidence") if isinstance(whole, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ValueError("the evidence register has no list under the key 'evidence'")
    return entries


def _read_entry(raw: Any, place: int) -> Evidence:
    if not isinstance(raw, dict):
        raise ValueError(f"evidence entry {place}: not a mapping")
    name = f"evidence {raw.get('id') or f'entry {place}'}"
    unknown = sorted(set(map(str, raw)) - {field.name for field in fields(Evidence)})
    if unknown:
        raise ValueError(f"{name}, field {unknown[0]}: not a field of the register")
    year = raw.get("year")
    if type(year) is not int or year not in YEARS:
        raise ValueError(f"{name}, field year: needs a whole year from {YEARS[0]} to {YEARS[-1]}, not {year!r}")
    press = raw.get("press", False)
    if type(press) is not bool:
        raise ValueError(f"{name}, field press: needs true or false, not {press!r}")
    supports = _require_texts(raw, name, "supports")
    if not supports:
        raise ValueError(f"{name}, field supports: is empty")
    return Evidence(
        id=_require_text(raw, name, "id"),
        says=_require_text(raw, name, "says"),
        source=_require_text(raw, name, "source"),
        year=year,
        strength=_read_choice(raw, name, "strength", STRENGTHS),
        kind=_read_choice(raw, name, "kind", KINDS),
        supports=supports,
        url=_require_texts(raw, name, "url"),
        press=press,
    )


def _require_text(raw: Mapping[str, Any], name: str, field: str) -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}, field {field}: needs words, not {value!r}")
    return value.strip()


def _read_choice(raw: Mapping[str, Any], name: str, field: str, legal: tuple[str, ...]) -> str:
    value = _require_text(raw, name, field)
    if value not in legal:
        raise ValueError(f"{name}, field {field}: {value!r} is none of {', '.join(legal)}")
    return value


def _require_texts(raw: Mapping[str, Any], name: str, field: str) -> tuple[str, ...]:
    values = raw.get(field, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ValueError(f"{name}, field {field}: needs a list of words, not {values!r}")
    return tuple(values)
