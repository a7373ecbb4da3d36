"""How far each unknown number moves the headline, measured over the posterior.

The impact of a number is how far the answer would typically move if that number alone were learned exactly: the
standard deviation of the answer's mean given the number, in pounds of each £100. Shares of variance are main effects
from the posterior's own draws, each averaged over several replicates. `python -m dashboards.evidence.impacts` writes
the file; it is shown only while it fits the program.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

import numpy as np

from dashboards.analyses import shipped_answers
from dashboards.analyses.build_shipped import write_json
from dashboards.analyses.shipped_answers import Stamp
from dashboards.selection.selection import make_opening_selection
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.sensitivity.given_data import make_given_data, select_clear_effects
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.rank_correlations import estimate_rank_correlations
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.parameter_sets import to_frame
from simulator.runs.run import find_common_span, run

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


class ImpactsDocument(TypedDict):
    """The file of impacts: how they were measured, and each by name; `level` and `gain` are `ANSWERS`."""

    stamp: Stamp
    draws: int
    lucks: int
    level: dict[str, ImpactDocument]
    gain: dict[str, ImpactDocument]


@dataclass(frozen=True)
class Impact:
    """Pounds of each £100 by which learning a number would move an answer, with a 95% interval.

    `up`: whether the answer rises with the number; `clear`: whether the impact is clear of noise.
    """

    pounds: float
    low: float
    high: float
    up: bool
    clear: bool


def measure_impacts(
    draws: int = DRAWS, replicates: int = REPLICATES, times: int = TIMES
) -> dict[str, dict[str, Impact]]:
    """The impacts of every uncertain number on both answers, by answer and name."""
    once = draw_futures(draws, seed=make_opening_selection().seed)
    seeds = np.arange(draws * replicates)  # the same parameter sets with new chance each time
    futures = Futures(np.tile(once.points, replicates), seeds, once.seed, once.source)
    table = to_frame(once.points)
    names = [name for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN and np.ptp(table[name])]
    points = {name: table[name].to_numpy(np.float64) for name in names}
    runs = [run(name, futures=futures) for name in ("baseline", POLICY)]
    span = find_common_span(runs)
    today, other = (each.outcome("retained", span).reshape(replicates, draws).mean(axis=0) for each in runs)
    return {LEVEL: _estimate_impacts(points, today, times), GAIN: _estimate_impacts(points, other - today, times)}


def _estimate_impacts(points: Mapping[str, Floats], values: Floats, times: int) -> dict[str, Impact]:
    sample = make_given_data(points, values, sets=label_parameter_sets(points))
    effects = estimate_main_effects(sample, times=times).effects
    clear = {effect.name for effect in select_clear_effects(effects) if effect.value > 0}
    rises = {effect.name: effect.value > 0 for effect in estimate_rank_correlations(sample, times=2).effects}
    spread = 100 * float(values.std())

    def to_pounds(share: float) -> float:
        return round(spread * math.sqrt(max(share, 0.0)), 4)

    return {
        effect.name: Impact(
            to_pounds(effect.value),
            to_pounds(effect.value - effect.half_width),
            to_pounds(effect.value + effect.half_width),
            rises[effect.name],
            effect.name in clear,
        )
        for effect in effects
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
    return {answer: {name: Impact(**impact) for name, impact in content[answer].items()} for answer in ANSWERS}


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
        }
        for name, impact in impacts.items()
    }


if __name__ == "__main__":
    print(write_json(Path(__file__).parents[1] / "data" / FILE, compute_content()))
