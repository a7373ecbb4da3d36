"""How far each unknown number moves the headline, measured over the posterior.

Made by `python -m dashboards.evidence.impacts`.

The impact of a number is how far the answer would typically move if that number alone were learned exactly: the
standard deviation of the answer's mean given the number, in pounds of each £100. Shares of variance are main effects
from the posterior's own draws, each averaged over several lucks. They are shown only while they fit the program.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from dashboards.analyses import shipped_answers
from dashboards.selection.selection import opening_selection
from simulator.common.atomic_files import write_text
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import label_parameter_sets
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.sensitivity.given_data import make_given_data, select_clear_effects
from simulator.experiments.sensitivity.main_effects import estimate_main_effects
from simulator.experiments.sensitivity.rank_correlations import estimate_rank_correlations
from simulator.runs.futures import Futures, draw_futures
from simulator.runs.parameter_sets import to_frame
from simulator.runs.run import common_span, run

FILE = "impacts.json"
DRAWS, REPLICATES = 1_000, 8
TIMES = 200
POLICY = "both"
LEVEL, GAIN = QUESTIONS = ("level", "gain")
"""What is left under today's rules; and what a ring-fence with stronger leadership adds."""


@dataclass(frozen=True)
class Impact:
    """Pounds of each £100 by which learning a number would move an answer, with a 95% interval. `up`: whether the
    answer rises with it; `clear`: whether it can be told from noise."""

    pounds: float
    low: float
    high: float
    up: bool
    clear: bool


def measure_impacts(draws: int = DRAWS, lucks: int = REPLICATES, times: int = TIMES) -> dict[str, dict[str, Impact]]:
    """The impacts of every uncertain number on both answers, by answer and name."""
    once = draw_futures(draws, seed=opening_selection().seed)
    again = np.arange(draws * lucks)  # the same parameter sets, with new luck each time round
    drawn = Futures(np.tile(once.points, lucks), again, once.seed, once.source)
    table = to_frame(once.points)
    names = [name for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN and np.ptp(table[name])]
    points = {name: table[name].to_numpy(np.float64) for name in names}
    runs = [run(name, futures=drawn) for name in ("baseline", POLICY)]
    span = common_span(runs)
    today, other = (one.outcome("retained", span).reshape(lucks, draws).mean(axis=0) for one in runs)
    return {LEVEL: _estimate_impacts(points, today, times), GAIN: _estimate_impacts(points, other - today, times)}


def _estimate_impacts(points: Mapping[str, Floats], values: Floats, times: int) -> dict[str, Impact]:
    sample = make_given_data(points, values, sets=label_parameter_sets(points))
    found = estimate_main_effects(sample, times=times).effects
    clear = {effect.name for effect in select_clear_effects(found) if effect.value > 0}
    rises = {effect.name: effect.value > 0 for effect in estimate_rank_correlations(sample, times=2).effects}
    spread = 100 * float(values.std())

    def moved(share: float) -> float:
        return round(spread * math.sqrt(max(share, 0.0)), 4)

    return {
        e.name: Impact(
            moved(e.value), moved(e.value - e.half_width), moved(e.value + e.half_width), rises[e.name], e.name in clear
        )
        for e in found
    }


@lru_cache(maxsize=1)
def read_shipped_file() -> dict[str, Any]:
    """The file, or nothing if there is none."""
    try:
        found = json.loads(files("dashboards").joinpath("data").joinpath(FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def load_impacts() -> Mapping[str, Mapping[str, Impact]]:
    """The impacts that came with the program, by answer and name; none if they are not this program's."""
    made = read_shipped_file()
    stamp = made.get("stamp", {})
    if not stamp or shipped_answers.list_differences(stamp, shipped_answers.collect_fingerprints()):
        return {}
    if shipped_answers.list_differences(stamp, shipped_answers.make_stamp()):
        return {}
    return {kind: {name: Impact(**one) for name, one in made[kind].items()} for kind in QUESTIONS}


def write_file(into: Path) -> Path:
    """Write the file, the same bytes for the same numbers."""
    found: dict[str, Any] = {"stamp": shipped_answers.make_stamp(), "draws": DRAWS, "lucks": REPLICATES}
    for kind, made in measure_impacts().items():
        found[kind] = {name: asdict(one) for name, one in made.items()}
    path = into / FILE
    text = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"), indent=0)
    write_text(path, text + "\n")
    return path


if __name__ == "__main__":
    print(write_file(Path(__file__).parents[1] / "data"))
