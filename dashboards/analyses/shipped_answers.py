"""Answers that come with the program, so that pages open at once: those of the opening view, and the scoreboard.

They are shown only while they fit this program: its version, facts, fit and scenarios, and a few futures run again,
whose outcomes must not have changed. `python -m dashboards.analyses.build_shipped` makes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import Any, NotRequired, TypedDict

from dashboards.analyses.request import FORMAT, AnalysisDocument
from dashboards.computing.result_store import shared_futures, simulate
from dashboards.selection.selection import opening_selection
from simulator.boards.table import read_boards
from simulator.calibration.export import facts_hash
from simulator.calibration.scoreboard import Line
from simulator.common.units import Unit
from simulator.runs.manifest import version

FILE = "opening.json"
PROBES = ("retained", "additional")
FUTURES, DRAWS = 16, 1_000
TOLERANCE = 1e-6
"""Outcomes are shares: machines may differ in the last digits, and a changed rule shows long before this."""


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
    selection = opening_selection()
    futures = shared_futures(FUTURES, selection.seed)
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
    selection = opening_selection()
    return {
        "format": FORMAT,
        "version": version(),
        "facts": facts_hash(),
        "boards": read_boards().fingerprint,
        "seed": selection.seed,
        "scenarios": [scenario.fingerprint for scenario in selection.scenarios],
        "futures": shared_futures(DRAWS, selection.seed).fingerprint,
    }


def list_differences(shipped: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two stamps, by name."""
    different = [name for name in now if name != "probes" and shipped.get(name) != now[name]]
    before, after = shipped.get("probes"), now.get("probes")
    if after is not None and not _are_near(before, after):
        different.append("probes")
    return different


def is_stamp_current(stamp: Mapping[str, Any]) -> bool:
    """Whether a shipped file was made by this program; the runs are compared only where all else is the same."""
    if not stamp or list_differences(stamp, collect_fingerprints()):
        return False
    return not list_differences(stamp, make_stamp())


def _are_near(before: Any, after: Any) -> bool:
    if isinstance(after, list):
        same_length = isinstance(before, list) and len(before) == len(after)
        return same_length and all(_are_near(a, b) for a, b in zip(before, after, strict=True))
    return isinstance(before, float) and abs(before - after) <= TOLERANCE


def read_data_file(name: str) -> dict[str, Any]:
    """A shipped JSON file, or nothing if there is none."""
    try:
        content = json.loads(files("dashboards").joinpath("data").joinpath(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@lru_cache(maxsize=1)
def read_shipped_file() -> dict[str, Any]:
    """The file of shipped answers, or nothing if there is none."""
    return read_data_file(FILE)


@lru_cache(maxsize=1)
def is_current() -> bool:
    """Whether the answers that came with the program are this program's."""
    return is_stamp_current(read_shipped_file().get("stamp", {}))


def load_answers() -> Mapping[str, AnalysisDocument]:
    """The opening's answers by the keys of their questions; none if they do not fit."""
    answers: Mapping[str, AnalysisDocument] = read_shipped_file().get("answers", {}) if is_current() else {}
    return answers


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
    if not is_current():
        return None
    return tuple(_line_from_json(line) for line in read_shipped_file().get("scoreboard", [])) or None


def line_to_json(line: Line) -> dict[str, Any]:
    """A line of the scoreboard for JSON: what is not a number is null."""
    content = asdict(line)
    content["unit"] = line.unit.value if line.unit else None
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in content.items()}


NUMBERS = ("observed", "simulated", "low", "high", "prior", "prior_low", "prior_high")


def _line_from_json(content: Mapping[str, Any]) -> Line:
    numbers = {name: math.nan if content[name] is None else float(content[name]) for name in NUMBERS}
    low, high = content["tolerance"]
    return Line(
        content["section"],
        content["id"],
        content["title"],
        tuple(content["evidence"]),
        numbers["observed"],
        numbers["simulated"],
        numbers["low"],
        numbers["high"],
        tolerance=(low, high),
        passes=bool(content["passes"]),
        beforehand=bool(content["beforehand"]),
        unit=Unit(content["unit"]) if content["unit"] is not None else None,
        prior=numbers["prior"],
        prior_low=numbers["prior_low"],
        prior_high=numbers["prior_high"],
        moved=content["moved"],
    )
