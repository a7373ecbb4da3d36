"""The number behind every pattern check: does the model, under given futures, behave as the evidence says?

Patterns are never fitted. Every value is a mean over the draws (one draw a future) unless the check says otherwise;
a draw in which a number is not defined, such as the timing of raids where nobody raids, is left out and not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.calibration.pattern_runs import Rows, Runs, run_patterns
from simulator.common.arrays import Floats
from simulator.engine.ensemble import Progress
from simulator.replays.survey_emulator import FULL, NONE
from simulator.replays.targets import read_targets
from simulator.rules.programmes import ENDED, MAINSTREAMED, RENEWED
from simulator.runs.futures import Futures

Flags = NDArray[np.bool_]

Y22, Y23, Y24 = 0, 1, 2
RAIDED = ("raided_q1", "raided_q2", "raided_q3", "raided_q4")
HALF = 0.5
STRONG, PRESSED = 2 / 5, 1 / 4
FRONT = 0.4
KEPT = 0.95
INTERVAL = (0.05, 0.95)
ROUNDING = 1e-12
STILL = 1e-9


@dataclass(frozen=True)
class Statistic:
    """`value` is held against the tolerance; `low` and `high` are the 5th and 95th centiles over draws of the number
    that it averages, nan where that is yes or no, or not a number of one draw; `n` draws count.
    """

    value: float
    low: float
    high: float
    n: int


Made = Mapping[str, Statistic]


def compute_statistics(
    futures: Futures,
    progress: Progress | None = None,
    bias: Floats | float = 1.0,
    levers: Mapping[str, float] | None = None,
) -> Mapping[str, Mapping[str, Statistic]]:
    """Every check of every pattern in `data/targets.yaml`, on the real boards: pattern id -> check name -> statistic.

    `bias` (futures,) says how many times likelier a board that kept all is to be interviewed than one that kept none.
    `progress(done, total)` counts all runs together; `levers` are held at a value throughout. Raises as `simulate`.
    """
    runs = run_patterns(futures, progress, bias, levers)
    return {name: read(runs) for name, read in READ.items()}


def average_retained(rows: Rows, year: int) -> Floats:
    """Mean share retained over areas in a year: (draws,)."""
    retained: Floats = rows["retained"][:, year]
    return np.asarray(retained.mean(axis=1))


def check_interviews(runs: Runs) -> Made:
    """P1. The interval is of the single draws' distances, whose average is not the distance of the mean."""
    observed = np.array(read_targets()["interviews"].observed)
    shares, expected = runs.counts / runs.counts.sum(axis=1, keepdims=True), observed / observed.sum()
    found = {}
    for k, name in enumerate(("full", "part", "none")):
        distances = summarise_draws(np.abs(shares[:, k] - expected[k]))
        found[name] = Statistic(
            float(abs(shares[:, k].mean() - expected[k])), distances.low, distances.high, distances.n
        )
    low, high = np.quantile(runs.sampled, INTERVAL, axis=0, method="inverted_cdf")
    inside = float(((low <= observed) & (observed <= high)).sum())
    return {**found, "inside": Statistic(inside, math.nan, math.nan, len(shares))}


def check_chiefs_and_gaps(runs: Runs) -> Made:
    """P2a. A chief's correlation beats the gap's if it is above its size, so a wrong sign never wins."""
    found = {}
    for name, year in (("2022", Y22), ("2023", Y23)):
        rows = runs.baseline[:, year]
        chief, gap = (compute_correlations(rows[x], rows["retained"]) for x in ("chief", "gap"))
        found[f"chief_{name}"] = summarise_draws(chief)
        found[f"beats_{name}"] = share_of((chief > np.abs(gap))[~np.isnan(chief + gap)])
    return found


def find_pressed(rows: Rows) -> Statistic:
    """Share of draws in which an area of the top quarter by Q4 pressure kept less than half in 2022/23."""
    year = rows[:, Y22]
    return share_of((find_top(year["net"], PRESSED) & (year["retained"] < HALF)).any(axis=1))


def check_under_pressure(runs: Runs) -> Made:
    """P3."""
    share_pressed = find_pressed(runs.baseline)
    emptied = (runs.baseline["retained"][:, Y22] <= NONE).sum(axis=1)
    return {"some": share_pressed, "some_strict": share_pressed, "near_zero": summarise_draws(emptied.astype(float))}


def check_under_audit(runs: Runs) -> Made:
    """P3'."""
    share_pressed = find_pressed(runs.audited)
    return {
        "retained": summarise_draws(average_retained(runs.audited, Y22)),
        "some": share_pressed,
        "some_strict": share_pressed,
    }


def check_erosion(runs: Runs) -> Made:
    """P4."""
    full = runs.baseline["retained"] >= FULL
    again = (full[:, Y22] & full[:, Y23]).sum(axis=1)
    return {
        "falls": share_of(average_retained(runs.baseline, Y23) < average_retained(runs.baseline, Y22)),
        "persists": summarise_draws(compute_ratio(again, full[:, Y22].sum(axis=1))),
    }


def check_letter(runs: Runs) -> Made:
    """P5. The interval of `third` compares with the quarter that is largest on average, whichever a draw's own is."""
    with_letter, without_letter = (sum_raids(rows) for rows in (runs.baseline, runs.silent))
    others = with_letter[:, [0, 1, 3]]
    rival = others[:, others.mean(axis=0).argmax()]
    late, quiet = (compute_ratio(made[:, 2:].sum(axis=1), made.sum(axis=1)) for made in (with_letter, without_letter))
    more: Floats = np.sum([runs.baseline[q][:, Y23] - runs.silent[q][:, Y23] for q in RAIDED[2:]], axis=0)
    return {
        "third": summarise_draws(with_letter[:, 2] - rival),
        "never_lowers": share_of((more >= -ROUNDING).all(axis=1)),
        "shifts": summarise_draws(late - quiet),
        "late": summarise_draws(late),
    }


def check_lost_chiefs(runs: Runs) -> Made:
    """P6. The interval of `nearer` takes each draw's two differences with the signs of their means."""
    left = runs.baseline["chief_left"][:, Y22] > 0
    chief, retained_next_year = runs.baseline["chief"][:, Y22], runs.baseline["retained"][:, Y23]
    strong, weak = (compute_difference(retained_next_year, find_top(who, STRONG), left) for who in (chief, -chief))
    both = ~np.isnan(strong + weak)
    sizes = [np.sign(d[both].mean()) * d if both.any() else d for d in (strong, weak)]
    return {
        "strong": summarise_draws(strong),
        "nearer": summarise_draws(sizes[1] - sizes[0]),
        "no_turnover": summarise_draws(runs.settled[:, Y24] - average_retained(runs.baseline, Y24)),
    }


def check_committees(runs: Runs) -> Made:
    """P7. Only areas with money to raid count: a committee leaves more of them, which would hide its effect."""
    pair = (runs.committee[:, Y23], runs.baseline[:, Y23])
    hit, before = (np.any([rows[q] > 0.0 for q in RAIDED], axis=0) for rows in pair)
    aside = (pair[0]["protected"] > 0.0) & (pair[1]["protected"] > 0.0)
    change = ((hit * 1.0 - before) * aside).sum(axis=1)
    areas = aside.sum(axis=1)
    return {
        "raids": summarise_draws(np.divide(change, areas, out=np.full(len(areas), np.nan), where=areas > 0)),
        "retained": summarise_draws(average_retained(runs.committee, Y23) - average_retained(runs.baseline, Y23)),
    }


def check_pilots(runs: Runs) -> Made:
    """P8. Odds are of all draws' decisions together: a draw has too few for odds of its own."""
    rows = runs.baseline[:, Y23 : Y23 + 3]
    fate, evaluated = rows["pilot_fate"], rows["pilot_verdict"] > 0

    def odds(group: Flags) -> float:
        ended = int((group & (fate == ENDED)).sum())
        return int((group & (fate >= RENEWED)).sum()) / ended if ended else math.nan

    decided = (fate >= ENDED).sum(axis=(1, 2))
    base = odds(~evaluated)
    odds_ratio = odds(evaluated) / base if base else math.nan
    return {
        "odds": Statistic(odds_ratio, math.nan, math.nan, int((decided > 0).sum())),
        "mainstreamed": summarise_draws(compute_ratio((fate == MAINSTREAMED).sum(axis=(1, 2)), decided)),
    }


def reach(runs: Runs) -> Made:
    """P9."""
    rows = runs.baseline[:, Y23]
    share_at_place = summarise_draws(compute_ratio(rows["place"].sum(axis=1), rows["funding"].sum(axis=1)))
    below = compute_ratio(rows["front"], rows["funding"]) < FRONT
    return {"below": summarise_draws(below.mean(axis=1)), "place": share_at_place, "place_strict": share_at_place}


def check_fenced(runs: Runs) -> Made:
    """X2."""
    return {"kept": share_of(runs.fenced.mean(axis=1) > KEPT)}


READ: Mapping[str, Callable[[Runs], Made]] = {
    "P1": check_interviews,
    "P2a": check_chiefs_and_gaps,
    "P3": check_under_pressure,
    "P3'": check_under_audit,
    "P4": check_erosion,
    "P5": check_letter,
    "P6": check_lost_chiefs,
    "P7": check_committees,
    "P8": check_pilots,
    "P9": reach,
    "X2": check_fenced,
}


def summarise_draws(values: Floats) -> Statistic:
    """Mean and 5-95% interval of a number for each draw; nan marks draws in which it is not defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return Statistic(math.nan, math.nan, math.nan, 0)
    low, high = np.quantile(defined, INTERVAL)
    return Statistic(float(defined.mean()), float(low), float(high), len(defined))


def share_of(draws: ArrayLike) -> Statistic:
    """Share of draws in which something is so."""
    so = np.asarray(draws, np.float64)
    return Statistic(float(so.mean()) if len(so) else math.nan, math.nan, math.nan, len(so))


def compute_ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Part of whole, nan where there is no whole: same shape."""
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, math.nan), where=whole > 0))


def find_top(values: Floats, part: float) -> Flags:
    """The areas with the largest values in each draw, `part` of all, rounded up: (draws, areas)."""
    ranks = np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1)
    return np.asarray(ranks < math.ceil(part * values.shape[1]))


def sum_raids(rows: Rows) -> Floats:
    """£m raided in 2023/24 by quarter: (draws, 4)."""
    return np.stack([rows[q][:, Y23].sum(axis=1) for q in RAIDED], axis=1)


def compute_correlations(x: Floats, y: Floats) -> Floats:
    """Correlation over areas in each draw, nan where either hardly varies: (draws,)."""
    x, y = (v - v.mean(axis=1, keepdims=True) for v in (x, y))
    spread = [np.sqrt((v**2).mean(axis=1)) for v in (x, y)]
    varies = (spread[0] > STILL) & (spread[1] > STILL)
    return np.asarray(np.where(varies, compute_ratio((x * y).mean(axis=1), spread[0] * spread[1]), math.nan))


def compute_difference(values: Floats, who: Flags, hit: Flags) -> Floats:
    """Mean of those of `who` that are hit less those that are not, nan where there are none of either: (draws,)."""
    means = [compute_ratio((values * group).sum(axis=1), group.sum(axis=1)) for group in (who & hit, who & ~hit)]
    return means[0] - means[1]
