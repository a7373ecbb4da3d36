"""How far each unknown number moves the headline, as it ships: `simulator/studies/number_impacts.py` measures it.

`python -m dashboards.evidence.impacts` writes the file; it is shown only while it fits the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

from dashboards.analyses import shipped_answers
from dashboards.analyses.build_shipped import write_json
from dashboards.analyses.shipped_answers import Stamp
from dashboards.selection.selection import make_opening_selection
from simulator.runs.acting_numbers import Acts, find_acting
from simulator.runs.run import find_common_span, run
from simulator.studies.number_impacts import (
    Impact,
    estimate_acting_impacts,
    list_uncertain_values,
    make_replicated_futures,
)

FILE = "impacts.json"
DRAWS, REPLICATES = 1_000, 8
TIMES = 200
POLICY = "both"
LEVEL: Final = "level"
GAIN: Final = "gain"
ANSWERS: tuple[Literal["level", "gain"], ...] = (LEVEL, GAIN)
"""What is left under today's rules; and what a ring-fence with stronger leadership adds."""


class ImpactDocument(TypedDict):
    """An impact, as `Impact`."""

    pounds: float
    low: float
    high: float
    up: bool
    clear: bool
    acts: str


class ImpactsDocument(TypedDict):
    """The file of impacts: how they were measured, and each by name; `level` and `gain` are `ANSWERS`."""

    stamp: Stamp
    draws: int
    lucks: int
    level: dict[str, ImpactDocument]
    gain: dict[str, ImpactDocument]


def measure_impacts(
    draws: int = DRAWS, replicates: int = REPLICATES, times: int = TIMES
) -> dict[str, dict[str, Impact]]:
    """The impacts of every uncertain number on both answers, by answer and name; none of a number that does not act."""
    futures = make_replicated_futures(draws, replicates, make_opening_selection().seed)
    points = list_uncertain_values(futures, draws)
    runs = [run(name, futures=futures) for name in ("baseline", POLICY)]
    span = find_common_span(runs)
    today, other = (each.outcome("retained", span).reshape(replicates, draws).mean(axis=0) for each in runs)
    answers = {LEVEL: (today, runs[:1]), GAIN: (other - today, runs)}
    return {
        answer: estimate_acting_impacts(points, values, times, find_acting(points, "retained", span, compared))
        for answer, (values, compared) in answers.items()
    }


@lru_cache(maxsize=1)
def read_shipped_file() -> ImpactsDocument | None:
    """The file of impacts, None if there is none."""
    content = shipped_answers.read_data_file(FILE)
    return cast(ImpactsDocument, content) if content else None


@lru_cache(maxsize=1)
def load_impacts() -> Mapping[str, Mapping[str, Impact]]:
    """The impacts that came with the program, by answer and name; none if they are not this program's."""
    content = read_shipped_file()
    if content is None or not shipped_answers.is_stamp_current(content.get("stamp", {})):
        return {}
    return {answer: {name: _read_impact(impact) for name, impact in content[answer].items()} for answer in ANSWERS}


def _read_impact(impact: ImpactDocument) -> Impact:
    pounds, low, high = impact["pounds"], impact["low"], impact["high"]
    return Impact(pounds, low, high, impact["up"], impact["clear"], Acts(impact["acts"]))


def compute_content() -> ImpactsDocument:
    """Everything that the file holds."""
    stamp, impacts = shipped_answers.make_stamp(), measure_impacts()
    return {
        "stamp": stamp,
        "draws": DRAWS,
        "lucks": REPLICATES,
        "level": _document_impacts(impacts[LEVEL]),
        "gain": _document_impacts(impacts[GAIN]),
    }


def _document_impacts(impacts: Mapping[str, Impact]) -> dict[str, ImpactDocument]:
    return {
        name: {
            "pounds": impact.pounds,
            "low": impact.low,
            "high": impact.high,
            "up": impact.up,
            "clear": impact.clear,
            "acts": impact.acts.value,
        }
        for name, impact in impacts.items()
    }


if __name__ == "__main__":
    print(write_json(Path(__file__).parents[1] / "data" / FILE, compute_content()))
