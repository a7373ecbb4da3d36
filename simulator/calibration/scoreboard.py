"""The scoreboard: what the fitted model gives beside what was seen, in the order fitted, not fitted.

A line passes if the mean over draws lies within a tolerance that was written down before the fit. Failures stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.calibration.likelihood import ENGLAND, WORLDS
from simulator.calibration.patterns import Statistic, statistics
from simulator.calibration.posterior import BIAS
from simulator.declare import Unit
from simulator.ensemble import Progress
from simulator.experiments.protocol import Floats
from simulator.futures import Futures, futures
from simulator.points import posterior_columns
from simulator.replays.survey import CATEGORIES, reported
from simulator.replays.targets import Target, Use, patterns, targets
from simulator.replays.world import world

DECLARED = "choosing_health"
SECTIONS = ("fitted", "declared beforehand, not fitted", "patterns, not fitted")


@dataclass(frozen=True)
class Line:
    """One line: `simulated` is a mean over draws, `low` and `high` 5-95% over draws and luck (nan where there is no
    such interval); `beforehand` says that the tolerance was set before any prototype had been seen.
    """

    section: str
    id: str
    title: str
    evidence: tuple[str, ...]
    observed: float
    simulated: float
    low: float
    high: float
    tolerance: tuple[float, float]
    passes: bool
    beforehand: bool
    unit: Unit | None


def scoreboard(n: int = 1_000, progress: Progress | None = None) -> tuple[Line, ...]:
    """Every line, from the first `n` posterior futures with luck that the fit has not seen."""
    drawn = futures(n)
    bias = posterior_columns(n, drawn.seed)[BIAS]
    return (*_fitted(drawn, bias), *_declared(drawn), *_patterns(drawn, bias, progress))


def _fitted(drawn: Futures, bias: Floats) -> Iterator[Line]:
    for name in WORLDS:
        one = world(name)
        yearly = one.run(drawn.points, drawn.runs, seed=drawn.seed, detail=one.by_body or name == ENGLAND)
        if name == ENGLAND and yearly.areas is not None:
            yield from _interviews(targets()["interviews"], reported(yearly.areas, bias))
        for o in one.observations:
            if o.observed:
                yield _line(SECTIONS[0], o.observed, o.read(yearly))


def _interviews(target: Target, counts: Floats) -> Iterator[Line]:
    """One line a category, scaled to the boards interviewed, held within one standard deviation of sampling."""
    every, sample = counts.sum(axis=1, keepdims=True), sum(target.observed)
    for k, (seen, words) in enumerate(zip(target.observed, CATEGORIES, strict=True)):
        share = seen / sample
        spread = math.sqrt(sample * share * (1 - share) * (every[0, 0] - sample) / (every[0, 0] - 1))
        values = (counts / every * sample)[:, k]
        low, high = np.quantile(values, (0.05, 0.95))
        band = (seen - spread, seen + spread)
        mean = float(values.mean())
        yield Line(
            SECTIONS[0], f"{target.id}_{words.split()[1]}", f"{target.title}: {words}", target.evidence, seen, mean,
            float(low), float(high), band, band[0] <= mean <= band[1], True, target.unit,
        )  # fmt: skip


def _declared(drawn: Futures) -> Iterator[Line]:
    made = world(DECLARED).predict(drawn.points, drawn.runs, seed=drawn.seed)
    for o in world(DECLARED).observations:
        if o.observed and o.observed.use is Use.OUT_OF_SAMPLE:
            yield _line(SECTIONS[1], o.observed, made[o.name])


def _line(section: str, target: Target, values: Floats) -> Line:
    assert target.band is not None
    low, high = np.quantile(values, (0.05, 0.95))
    mean = float(values.mean())
    return Line(
        section, target.id, target.title, target.evidence, target.observed[0], mean, float(low), float(high),
        target.band, target.band[0] <= mean <= target.band[1], True, target.unit,
    )  # fmt: skip


def _patterns(drawn: Futures, bias: Floats, progress: Progress | None) -> Iterator[Line]:
    made = statistics(drawn, progress, bias)
    for pattern in patterns().values():
        for check in pattern.checks:
            s: Statistic = made[pattern.id][check.name]
            yield Line(
                SECTIONS[2], f"{pattern.id}.{check.name}", check.says, pattern.evidence,
                math.nan, s.value, s.low, s.high, check.tolerance, check.passes(s.value), check.beforehand, None,
            )  # fmt: skip


def failures(lines: tuple[Line, ...]) -> list[str]:
    """The ids of lines that do not pass."""
    return [line.id for line in lines if not line.passes]
