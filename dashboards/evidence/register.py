"""The register of assumptions with what each is worth, and the log of data with the dates by which to look again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboards.evidence.impacts import GAIN, LEVEL, Impact, load_impacts
from simulator.calibration.evidence_status import badges
from simulator.common.formatting import format_number
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.number import Role, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.runs.posterior import fit_manifest

DOUBT: Mapping[Strength, float] = {
    Strength.S: 0.25,
    Strength.MS: 0.4,
    Strength.M: 0.5,
    Strength.WM: 0.65,
    Strength.W: 0.75,
    Strength.AW: 0.9,
    Strength.A: 1.0,
}
"""How far evidence leaves a number open, from 0 to 1: ours, so that risk is impact times doubt."""

HIGH, MIDDLING = 1.5, 0.5
RISKS = ("high", "middling", "low", "not measured")
YEARS_VALID: Mapping[str, int] = {"finding": 3, "context": 3, "mechanism": 10}
"""Years for which an entry of a kind is taken as it is; what has happened stays as it was."""

EVIDENCE_KINDS: Mapping[str, str] = {
    "finding": "figures and findings",
    "context": "facts about the setting",
    "mechanism": "how things work",
    "precedent": "what happened elsewhere",
    "event": "what happened",
}


@dataclass(frozen=True)
class Assumption:
    """One uncertain number. `level` and `gain` are None where nothing was measured."""

    name: str
    meaning: str
    unit: str
    before: str
    after: str
    spread: str
    badge: str
    strength: Strength
    evidence: tuple[str, ...]
    sources: tuple[str, ...]
    level: Impact | None
    gain: Impact | None

    @property
    def impact(self) -> float:
        """The larger of both impacts, in pounds of each £100."""
        return max((one.pounds for one in (self.level, self.gain) if one), default=0.0)

    @property
    def clear(self) -> bool:
        """Whether an impact can be told from noise."""
        return any(one.clear for one in (self.level, self.gain) if one)

    @property
    def score(self) -> float:
        """Risk: impact in pounds, times how far the evidence leaves the number open."""
        return self.impact * DOUBT[self.strength]

    @property
    def risk(self) -> str:
        """Risk in a word."""
        if self.level is None and self.gain is None:
            return RISKS[3]
        return RISKS[0] if self.score >= HIGH else RISKS[1] if self.score >= MIDDLING else RISKS[2]


@lru_cache(maxsize=1)
def list_assumptions() -> tuple[Assumption, ...]:
    """Every uncertain number, the riskiest first."""
    fitted: dict[str, Any] = {one["name"]: one for one in fit_manifest()["identified"]}
    known, measured = load_register(), load_impacts()
    rows = []
    for name, d in PARAMETERS.items():
        if d.about.role is not Role.UNCERTAIN:
            continue
        one = fitted.get(name)
        rows.append(
            Assumption(
                name,
                d.about.meaning,
                d.about.unit.value,
                f"{format_number(one['prior_mean'])} ± {format_number(one['prior_sd'])}" if one else "",
                f"{format_number(one['mean'])} ± {format_number(one['sd'])}" if one else "not fitted",
                f"{format_number(one['low'])} to {format_number(one['high'])}" if one else "",
                badges()[name],
                d.about.strength,
                d.about.evidence,
                tuple(known[i].source for i in d.about.evidence if i in known),
                measured.get(LEVEL, {}).get(name),
                measured.get(GAIN, {}).get(name),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.score, -DOUBT[row.strength], row.name)))


ORDERS: Mapping[str, str] = {
    "Risk: impact times doubt": "risk",
    "Impact on what is left today": LEVEL,
    "Impact on what both policies add": GAIN,
    "Weakest evidence": "evidence",
    "Name": "name",
}
SHOWS: Mapping[str, str] = {
    "All": "all",
    "Of high or middling risk": "risky",
    "With a visible impact": "clear",
    "Not pinned down by the findings": "open",
    "Resting on assumption": "assumed",
}


def select_assumptions(order: str = "risk", shows: str = "all", words: str = "") -> list[Assumption]:
    """The rows that are asked for, in the order that is asked for. `words` are looked for in every text of a row."""
    keys = {
        "risk": lambda row: 0.0,
        LEVEL: lambda row: -(row.level.pounds if row.level else 0.0),
        GAIN: lambda row: -(row.gain.pounds if row.gain else 0.0),
        "evidence": lambda row: -DOUBT[row.strength],
        "name": lambda row: row.meaning.lower(),
    }
    kept = {
        "all": lambda row: True,
        "risky": lambda row: row.risk in RISKS[:2],
        "clear": lambda row: row.clear,
        "open": lambda row: row.badge != "fitted",
        "assumed": lambda row: DOUBT[row.strength] > DOUBT[Strength.W],
    }
    asked = words.casefold().split()
    found = [row for row in list_assumptions() if kept.get(shows, kept["all"])(row)]
    if asked:
        found = [row for row in found if all(word in _join_text(row) for word in asked)]
    return sorted(found, key=keys.get(order, keys["risk"]))


def _join_text(row: Assumption) -> str:
    parts = (row.name, row.meaning, row.unit, row.badge, row.strength.value, row.risk, *row.evidence, *row.sources)
    return " ".join(parts).casefold()


def write_title() -> str:
    """What the register says, from its numbers."""
    rows = list_assumptions()
    if not load_impacts():
        return f"{len(rows)} numbers are uncertain; what each is worth has to be measured again"
    clear = [row for row in rows if row.clear]
    weak = [row for row in clear if DOUBT[row.strength] >= DOUBT[Strength.W]]
    many = "one" if len(clear) == 1 else str(len(clear))
    rest = "none of them rests" if not weak else (f"{len(weak)} of these {'rests' if len(weak) == 1 else 'rest'}")
    return f"Of {len(rows)} uncertain numbers, {many} visibly move the answer; {rest} on weak evidence or assumption"


def describe_impact(one: Impact | None) -> str:
    """An impact in words: pounds with its interval and direction, or that it is lost in noise."""
    if one is None:
        return "not measured"
    if not one.clear:
        guess = f"perhaps £{format_number(one.pounds)}" if one.pounds > 0 else "perhaps none"
        return f"{guess}, at most about £{format_number(one.high)}: not told from noise"
    way = "more" if one.up else "less"
    return (
        f"about £{format_number(one.pounds)} ({format_number(one.low)} to {format_number(one.high)}); "
        f"higher means {way}"
    )


@dataclass(frozen=True)
class DataEntry:
    """An entry of the log: `due` is the day by which to look for something newer, None for what has happened."""

    entry: Evidence
    due: dt.date | None

    def late(self, today: dt.date) -> bool:
        """Whether that day is past."""
        return self.due is not None and today > self.due


@lru_cache(maxsize=1)
def list_data_entries() -> tuple[DataEntry, ...]:
    """Every entry of the register, those that are due first."""
    made = []
    for entry in load_register().values():
        years = YEARS_VALID.get(entry.kind)
        made.append(DataEntry(entry, dt.date(entry.year + years, 12, 31) if years is not None else None))
    return tuple(sorted(made, key=lambda one: (one.due or dt.date.max, one.entry.id)))


def write_log_title(today: dt.date) -> str:
    """How much of the data is past its date."""
    found = list_data_entries()
    late = sum(one.late(today) for one in found)
    if not late:
        return f"None of {len(found)} data is past the date by which to look for something newer"
    return (
        f"{late} of {len(found)} data {'is' if late == 1 else 'are'} past the date by which to look for something newer"
    )
