"""Answers that come with the program, so that pages open at once: those of the opening view, and the scoreboard.

They are shown only while they fit this program: its version, facts, fit and scenarios, and a few futures run again,
whose outcomes must not have changed. `python -m dashboards.analyses.build_shipped` makes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NotRequired, TypedDict, cast

from dashboards.analyses.request import FORMAT, AnalysisDocument
from dashboards.computing.result_store import draw_shared_futures, simulate
from dashboards.selection.selection import make_opening_selection
from simulator.boards.table import read_boards
from simulator.calibration.export import hash_facts
from simulator.calibration.scoreboard import Line
from simulator.common.documents import document_fields
from simulator.common.units import Unit
from simulator.runs.manifest import find_version

FILE = "opening.json"
PROBES = ("retained", "additional")
FUTURES, DRAWS = 16, 1_000
TOLERANCE = 1e-6
"""Outcomes are shares: machines may differ in the last digits, and a changed rule shows long before this."""


class LineDocument(TypedDict):
    """A line of the scoreboard, as `simulator.calibration.scoreboard.Line`: what is not a number is None."""

    section: str
    id: str
    title: str
    evidence: Sequence[str]
    observed: float | None
    simulated: float | None
    low: float | None
    high: float | None
    tolerance: Sequence[float]
    passes: bool
    beforehand: bool
    unit: str | None
    prior: float | None
    prior_low: float | None
    prior_high: float | None
    moved: bool | None


class ShippedDocument(TypedDict):
    """The file of shipped answers. `answers` stand under the keys of their questions."""

    stamp: Stamp
    answers: dict[str, AnalysisDocument]
    scoreboard: list[LineDocument]


class Stamp(TypedDict):
    """What shipped answers depend on. `probes` are the outcomes `PROBES` of a few futures of every opening scenario."""

    format: int
    version: str
    facts: str
    boards: str
    seed: int
    scenarios: list[str]
    futures: str
    probes: NotRequired[list[list[float]]]


def make_stamp() -> Stamp:
    """What the answers depend on, as it is now. Runs a few futures of every opening scenario."""
    selection = make_opening_selection()
    futures = draw_shared_futures(FUTURES, selection.seed)
    probes = []
    for scenario in selection.scenarios:
        results = simulate(scenario, futures)
        span = slice(max(results.manifest.start, 0) // 4, None)
        probes.append([round(float(results.outcome(name, span).mean()), 9) for name in PROBES])
    stamp = collect_fingerprints()
    stamp["probes"] = probes
    return stamp


def collect_fingerprints() -> Stamp:
    """The part of the stamp that takes no runs."""
    selection = make_opening_selection()
    return {
        "format": FORMAT,
        "version": find_version(),
        "facts": hash_facts(),
        "boards": read_boards().fingerprint,
        "seed": selection.seed,
        "scenarios": [scenario.fingerprint for scenario in selection.scenarios],
        "futures": draw_shared_futures(DRAWS, selection.seed).fingerprint,
    }


def list_differences(shipped: Mapping[str, object], now: Stamp) -> list[str]:
    """What differs between two stamps, by name."""
    different = [name for name, value in now.items() if name != "probes" and shipped.get(name) != value]
    before, after = shipped.get("probes"), now.get("probes")
    if after is not None and not _are_near(before, after):
        different.append("probes")
    return different


def is_stamp_current(stamp: Mapping[str, object]) -> bool:
    """Whether a shipped file was made by this program; the runs are compared only where all else is the same."""
    if not stamp or list_differences(stamp, collect_fingerprints()):
        return False
    return not list_differences(stamp, make_stamp())


def _are_near(before: object, after: object) -> bool:
    if isinstance(after, list):
        if not isinstance(before, list) or len(before) != len(after):
            return False
        return all(_are_near(a, b) for a, b in zip(before, after, strict=True))
    return isinstance(before, float) and isinstance(after, float) and abs(before - after) <= TOLERANCE


def compute_digest(content: Mapping[str, object]) -> str:
    """16 hexadecimal digits of all that a shipped file holds: one that was changed by hand no longer fits them."""
    held = {name: value for name, value in content.items() if name != "digest"}
    text = json.dumps(held, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]


def read_data_file(name: str) -> dict[str, Any]:
    """A shipped JSON file, or nothing if there is none."""
    try:
        content = json.loads(files("dashboards").joinpath("data").joinpath(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@lru_cache(maxsize=1)
def read_shipped_file() -> ShippedDocument | None:
    """The file of shipped answers, None if there is none."""
    content = read_data_file(FILE)
    return cast(ShippedDocument, content) if content else None


@lru_cache(maxsize=1)
def is_current() -> bool:
    """Whether the answers that came with the program are this program's."""
    shipped = read_shipped_file()
    return shipped is not None and is_stamp_current(shipped.get("stamp", {}))


def load_answers() -> Mapping[str, AnalysisDocument]:
    """The opening's answers by the keys of their questions; none if they do not fit."""
    shipped = read_shipped_file()
    return shipped["answers"] if shipped is not None and is_current() else {}


def describe_staleness() -> str:
    """What visitors read if the answers that came with the program do not fit; empty if they do."""
    if is_current():
        return ""
    return (
        "The answers that came with this program were made by another version of it or with other data, and are not "
        "shown. Work them out anew here."
    )


def load_scoreboard() -> tuple[Line, ...] | None:
    """The scoreboard that came with the program, None if it does not fit."""
    shipped = read_shipped_file()
    if shipped is None or not is_current():
        return None
    return tuple(_read_line(line) for line in shipped["scoreboard"]) or None


def document_line(line: Line) -> LineDocument:
    """A line of the scoreboard for JSON."""
    return cast(LineDocument, {name: _to_json(value) for name, value in document_fields(LineDocument, line).items()})


def _to_json(value: object) -> object:
    """None for what is not a number, and a unit as its symbol."""
    if isinstance(value, Unit):
        return value.value
    return None if isinstance(value, float) and math.isnan(value) else value


def _none_to_nan(number: float | None) -> float:
    return math.nan if number is None else float(number)


def _read_line(content: LineDocument) -> Line:
    low, high = content["tolerance"]
    return Line(
        content["section"],
        content["id"],
        content["title"],
        tuple(content["evidence"]),
        _none_to_nan(content["observed"]),
        _none_to_nan(content["simulated"]),
        _none_to_nan(content["low"]),
        _none_to_nan(content["high"]),
        tolerance=(low, high),
        passes=bool(content["passes"]),
        beforehand=bool(content["beforehand"]),
        unit=Unit(content["unit"]) if content["unit"] is not None else None,
        prior=_none_to_nan(content["prior"]),
        prior_low=_none_to_nan(content["prior_low"]),
        prior_high=_none_to_nan(content["prior_high"]),
        moved=content["moved"],
    )
