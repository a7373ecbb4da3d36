"""Answers that come with the program, so that pages open at once: those of the opening view, and the scoreboard.

They are shown only while they fit. What decides that is what they hang on: the version, the facts and the fit, the
scenarios, and a few futures run again, whose outcomes must be as they were. `python -m
dashboards.analyses.build_shipped` makes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import Any

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


def make_stamp() -> dict[str, Any]:
    """What the answers hang on, as it is now. Runs a few futures of every opening scenario."""
    selection = opening_selection()
    drawn = shared_futures(FUTURES, selection.seed)
    probes = []
    for scenario in selection.scenarios:
        made = simulate(scenario, drawn)
        span = slice(max(made.manifest.start, 0) // 4, None)
        probes.append([round(float(made.outcome(name, span).mean()), 9) for name in PROBES])
    return {**collect_fingerprints(), "probes": probes}


def collect_fingerprints() -> dict[str, Any]:
    """The part of the stamp that takes no runs."""
    selection = opening_selection()
    return {
        "format": FORMAT,
        "version": version(),
        "facts": facts_hash(),
        "boards": read_boards().fingerprint,
        "seed": selection.seed,
        "scenarios": [one.fingerprint for one in selection.scenarios],
        "futures": shared_futures(DRAWS, selection.seed).fingerprint,
    }


def list_differences(made: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two stamps, by name."""
    different = [name for name in now if name != "probes" and made.get(name) != now[name]]
    before, after = made.get("probes"), now.get("probes")
    if after is not None and not _are_near(before, after):
        different.append("probes")
    return different


def _are_near(before: Any, after: Any) -> bool:
    if isinstance(after, list):
        same = isinstance(before, list) and len(before) == len(after)
        return same and all(_are_near(a, b) for a, b in zip(before, after, strict=True))
    return isinstance(before, float) and abs(before - after) <= TOLERANCE


@lru_cache(maxsize=1)
def read_shipped_file() -> dict[str, Any]:
    """The file, or nothing if there is none."""
    try:
        text = files("dashboards").joinpath("data").joinpath(FILE).read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def is_current() -> bool:
    """Whether the answers that came with the program are this program's."""
    made = read_shipped_file().get("stamp", {})
    return (
        bool(made) and not list_differences(made, collect_fingerprints()) and not list_differences(made, make_stamp())
    )


def load_answers() -> Mapping[str, AnalysisDocument]:
    """The opening's answers by the keys of their questions; none if they do not fit."""
    found: Mapping[str, AnalysisDocument] = read_shipped_file().get("answers", {}) if is_current() else {}
    return found


def describe_staleness() -> str:
    """What visitors must be told if the answers that came with the program do not fit."""
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
    return tuple(_line_from_json(one) for one in read_shipped_file().get("scoreboard", [])) or None


def line_to_json(line: Line) -> dict[str, Any]:
    """A line of the scoreboard for JSON: what is not a number is null."""
    found = asdict(line)
    found["unit"] = line.unit.value if line.unit else None
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in found.items()}


NUMBERS = ("observed", "simulated", "low", "high", "prior", "prior_low", "prior_high")


def _line_from_json(one: Mapping[str, Any]) -> Line:
    numbers = {k: math.nan if one[k] is None else float(one[k]) for k in NUMBERS}
    unit = Unit(one["unit"]) if one["unit"] is not None else None
    low, high = one["tolerance"]
    return Line(
        one["section"],
        one["id"],
        one["title"],
        tuple(one["evidence"]),
        numbers["observed"],
        numbers["simulated"],
        numbers["low"],
        numbers["high"],
        tolerance=(low, high),
        passes=bool(one["passes"]),
        beforehand=bool(one["beforehand"]),
        unit=unit,
        prior=numbers["prior"],
        prior_low=numbers["prior_low"],
        prior_high=numbers["prior_high"],
        moved=one["moved"],
    )
