"""The register of assumptions, with how far each moves the answer, and the log of data with the dates to look again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dashboards.evidence.impacts import GAIN, LEVEL, load_impacts
from simulator.calibration.evidence_status import list_badges
from simulator.common.formatting import format_number
from simulator.declarations.evidence import Evidence, EvidenceIds, load_register
from simulator.declarations.number import Role, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.sentences import capitalise_first
from simulator.runs.acting_numbers import Acts
from simulator.runs.posterior import read_fit_document
from simulator.studies.number_impacts import Impact

DOUBT: Mapping[Strength, float] = {
    Strength.S: 0.25,
    Strength.MS: 0.4,
    Strength.M: 0.5,
    Strength.WM: 0.65,
    Strength.W: 0.75,
    Strength.AW: 0.9,
    Strength.A: 1.0,
}
"""How far evidence leaves a number open, from 0 to 1. Our own judgement; risk is impact times doubt."""

HIGH, MIDDLING = 1.5, 0.5
NO_BEARING = "does not bear on it"
"""The impact of a number on an answer that it does not enter under the policies shown."""
RISKS = ("high", "middling", "low", "not measured", "bears on neither answer")
YEARS_VALID: Mapping[str, int] = {"finding": 3, "context": 3, "mechanism": 10}
"""For how many years an entry of a kind holds; what has happened stays as it was."""

EVIDENCE_KINDS: Mapping[str, str] = {
    "finding": "figures and findings",
    "context": "facts about the setting",
    "mechanism": "how things work",
    "precedent": "what happened elsewhere",
    "event": "what happened",
}


@dataclass(frozen=True)
class Assumption:
    """One uncertain number: its prior (`before`) and fit (`after`, `spread`), its evidence, and its impacts.

    `level` and `gain` are None where nothing was measured.
    """

    name: str
    plain: str
    meaning: str
    unit: str
    before: str
    after: str
    spread: str
    badge: str
    strength: Strength
    evidence: EvidenceIds
    sources: tuple[str, ...]
    level: Impact | None
    gain: Impact | None

    @property
    def impact(self) -> float:
        """The larger of both impacts, in pounds of each £100."""
        return max((impact.pounds for impact in self._impacts), default=0.0)

    @property
    def clear(self) -> bool:
        """Whether an impact is clear of noise."""
        return any(impact.clear for impact in self._impacts)

    @property
    def _impacts(self) -> list[Impact]:
        return [impact for impact in (self.level, self.gain) if impact]

    @property
    def score(self) -> float:
        """Risk: impact in pounds, times how far the evidence leaves the number open."""
        return self.impact * DOUBT[self.strength]

    @property
    def risk(self) -> str:
        """Risk in a word."""
        if self.level is None and self.gain is None:
            return RISKS[3]
        if all(impact.acts is Acts.NEVER for impact in self._impacts):
            return RISKS[4]
        return RISKS[0] if self.score >= HIGH else RISKS[1] if self.score >= MIDDLING else RISKS[2]


@lru_cache(maxsize=1)
def list_assumptions() -> tuple[Assumption, ...]:
    """Every uncertain number, the riskiest first."""
    fitted = {fit["name"]: fit for fit in read_fit_document()["identified"]}
    entries, measured = load_register(), load_impacts()
    rows = []
    for name, d in PARAMETERS.items():
        if d.about.role is not Role.UNCERTAIN:
            continue
        fit = fitted.get(name)
        rows.append(
            Assumption(
                name,
                capitalise_first(d.about.plain),
                d.about.meaning,
                d.about.unit.value,
                f"{format_number(fit['prior_mean'])} ± {format_number(fit['prior_sd'])}" if fit else "",
                f"{format_number(fit['mean'])} ± {format_number(fit['sd'])}" if fit else "not fitted",
                f"{format_number(fit['low'])} to {format_number(fit['high'])}" if fit else "",
                list_badges()[name],
                d.about.strength,
                d.about.evidence,
                tuple(entries[id_].source for id_ in d.about.evidence if id_ in entries),
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
    """The chosen rows in the chosen order. All of `words` must stand somewhere in a row's text."""
    keys = {
        "risk": lambda row: 0.0,
        LEVEL: lambda row: -(row.level.pounds if row.level else 0.0),
        GAIN: lambda row: -(row.gain.pounds if row.gain else 0.0),
        "evidence": lambda row: -DOUBT[row.strength],
        "name": lambda row: row.plain.lower(),
    }
    filters = {
        "all": lambda row: True,
        "risky": lambda row: row.risk in RISKS[:2],
        "clear": lambda row: row.clear,
        "open": lambda row: row.badge != "fitted",
        "assumed": lambda row: DOUBT[row.strength] > DOUBT[Strength.W],
    }
    search = words.casefold().split()
    rows = [row for row in list_assumptions() if filters.get(shows, filters["all"])(row)]
    rows = [row for row in rows if all(word in _join_text(row) for word in search)]
    return sorted(rows, key=keys.get(order, keys["risk"]))


def _join_text(row: Assumption) -> str:
    parts = (row.name, row.plain, row.meaning, row.unit, row.badge, row.strength.value, row.risk)
    return " ".join((*parts, *row.evidence, *row.sources)).casefold()


def write_title() -> str:
    """What the register says, from its numbers."""
    rows = list_assumptions()
    if not load_impacts():
        return f"{len(rows)} numbers are uncertain; how far each moves the answer has to be measured again"
    clear = [row for row in rows if row.clear]
    weak = [row for row in clear if DOUBT[row.strength] >= DOUBT[Strength.W]]
    count = "one" if len(clear) == 1 else str(len(clear))
    rest = "none of them rests" if not weak else (f"{len(weak)} of these {'rests' if len(weak) == 1 else 'rest'}")
    moves = f"{count} visibly move the answer as they vary"
    return f"Of {len(rows)} uncertain numbers, {moves}; {rest} on weak evidence or assumption"


def describe_impact(impact: Impact | None) -> str:
    """An impact in words: pounds with its interval and direction, that it is lost in noise, or that there is none."""
    if impact is None:
        return "not measured"
    if impact.acts is Acts.NEVER:
        return NO_BEARING
    before = "; acts only before these years" if impact.acts is Acts.BEFORE else ""
    if not impact.clear:
        guess = f"perhaps £{format_number(impact.pounds)}" if impact.pounds > 0 else "perhaps none"
        return f"{guess}, at most about £{format_number(impact.high)}: not clear of noise{before}"
    way = "more" if impact.up else "less"
    return (
        f"about £{format_number(impact.pounds)} ({format_number(impact.low)} to {format_number(impact.high)}); "
        f"higher means {way}{before}"
    )


@dataclass(frozen=True)
class DataEntry:
    """An entry of the log: `due` is the day by which to look for newer data, None for what has happened."""

    entry: Evidence
    due: dt.date | None

    def is_late(self, today: dt.date) -> bool:
        """Whether that day is past."""
        return self.due is not None and today > self.due


@lru_cache(maxsize=1)
def list_data_entries() -> tuple[DataEntry, ...]:
    """Every entry of the register of evidence, those that are due first."""
    log = []
    for entry in load_register().values():
        years = YEARS_VALID.get(entry.kind)
        log.append(DataEntry(entry, dt.date(entry.year + years, 12, 31) if years is not None else None))
    return tuple(sorted(log, key=lambda logged: (logged.due or dt.date.max, logged.entry.id)))


def write_log_title(today: dt.date) -> str:
    """How much of the data is past its date."""
    log = list_data_entries()
    late = sum(logged.is_late(today) for logged in log)
    if not late:
        return f"None of {len(log)} data is past the date by which to look for something newer"
    return (
        f"{late} of {len(log)} data {'is' if late == 1 else 'are'} past the date by which to look for something newer"
    )
