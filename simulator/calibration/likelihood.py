"""How well a set of parameters gives the published findings: replays are run, and each target is weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.common.arrays import Floats
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import LogNormal, Prior
from simulator.experiments.core.model_protocol import Factor, Outcomes, Points, Seeds
from simulator.replays.observations import Observation
from simulator.replays.replay import Replay, load_replay
from simulator.replays.survey_emulator import CATEGORIES, log_probability, simulate_reported
from simulator.replays.targets import Target, list_fitted
from simulator.runs.parameter_sets import UNCERTAIN, Records, make_points
from simulator.runs.posterior import BIAS

COUNTS = tuple(f"interviews_{word.split()[1]}" for word in CATEGORIES)
LOG_LIKELIHOOD = "log_likelihood"
ENGLAND = "england"
REPLAYS = (ENGLAND, "floor_national", "floor_audited")
PART = 1_024
"""Points that are run and read at once: the years of their bodies (27 MB) then stay near the processor."""


def list_factors(priors: Mapping[str, Prior] | None = None) -> tuple[Factor, ...]:
    """Every uncertain parameter, and the volunteers' bias, which belongs to the survey and not to the model.

    `priors` replace those declared, by name.
    """
    given = priors or {}
    parameters = tuple(
        Factor(name, a.low, a.high, PARAMETERS[name].default, given.get(name, a.prior), a.meaning, a.unit.value)
        for name, a in ((name, PARAMETERS[name].about) for name in UNCERTAIN)
    )
    meaning = "How many times likelier a board that kept all is to be interviewed than one that kept none"
    bias = given.get(BIAS, LogNormal(0.0, 0.5))
    return (*parameters, Factor(BIAS, 0.1, 10.0, 1.0, bias, meaning, "ratio"))


@dataclass(frozen=True, eq=False)
class OwnTarget:
    """A finding of the user's own: what a replay observes, weighed like the findings that ship."""

    target: Target
    replay: Replay
    observation: Observation


def as_records(columns: Points) -> Records:
    """Columns of parameters as records; those left out keep their defaults; other columns are ignored."""
    records = make_points(len(next(iter(columns.values()))))
    for name, values in columns.items():
        if name in PARAMETERS:
            records[PARAMETERS[name].group][name] = values
    return records


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A `Simulate`: predictions of every target and their log likelihood, one run a point.

    `held` are parameters held (a structural alternative), `codes` parameters held in single replays, `use` the ids of
    the targets that count; by default all of them. `targets` are those that there are, and `own` the user's among them.
    """

    seed: int
    held: Mapping[str, float] | None = None
    codes: Mapping[str, Mapping[str, float]] | None = None
    use: tuple[str, ...] = tuple(t.id for t in list_fitted())
    targets: tuple[Target, ...] = list_fitted()
    own: tuple[OwnTarget, ...] = ()

    @cached_property
    def replays(self) -> Sequence[Replay]:
        """The replays that the targets that ship are read from."""
        return [self._hold(load_replay(name)) for name in REPLAYS]

    def _hold(self, replay: Replay) -> Replay:
        held, codes = self.held or {}, self.codes or {}
        settings = {k: v for k, v in held.items() if k in PARAMETERS}
        return replay.hold({**settings, **replay.held, **codes.get(replay.name, {})})

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Predictions by the name of the target, counts of boards interviewed, and `log_likelihood`: (n,) each."""
        parts = [
            self._predict({name: values[at : at + PART] for name, values in points.items()}, seeds[at : at + PART])
            for at in range(0, max(1, len(seeds)), PART)
        ]
        predictions = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        predictions[LOG_LIKELIHOOD] = sum_log_likelihoods(predictions, self.use, self.targets)
        return predictions

    def _predict(self, points: Points, seeds: Seeds) -> dict[str, Floats]:
        """What the replays give at some points."""
        records = as_records(points)
        bias = (self.held or {}).get(BIAS, points.get(BIAS, 1.0))
        predictions: dict[str, Floats] = {}
        for replay in self.replays:
            yearly = replay.run(records, seeds, seed=self.seed, detail=replay.by_body or replay.name == ENGLAND)
            predictions |= {o.observed.id: o.read(yearly) for o in replay.observations if o.observed}
            if replay.name == ENGLAND and yearly.areas is not None:
                predictions |= dict(zip(COUNTS, simulate_reported(yearly.areas, bias).T, strict=True))
        for replay in {id(each.replay): each.replay for each in self.own}.values():
            yearly = self._hold(replay).run(records, seeds, seed=self.seed)
            mine = [each for each in self.own if each.replay is replay]
            predictions |= {each.target.id: each.observation.read(yearly) for each in mine}
        return predictions


def sum_log_likelihoods(
    predictions: Mapping[str, Floats], use: Sequence[str], targets: Sequence[Target] | None = None
) -> Floats:
    """Log likelihood of the targets in `use` together, by default of those that ship: shape (n,)."""
    known = list_fitted() if targets is None else targets
    logs = [log_likelihood(target, predictions) for target in known if target.id in use]
    return np.asarray(np.sum(logs, axis=0)) if logs else np.zeros(len(next(iter(predictions.values()))))


def log_likelihood(
    target: Target, predictions: Mapping[str, Floats], observed: Sequence[float] | None = None
) -> Floats:
    """Log likelihood of one target, of what was seen or of other data: shape (n,)."""
    values = target.observed if observed is None else observed
    if target.likelihood == "survey":
        return log_probability(np.stack([predictions[name] for name in COUNTS], axis=1), values)
    assert target.error is not None
    far = (predictions[target.id] - values[0]) / target.error
    return np.asarray(-0.5 * far**2 - np.log(target.error * np.sqrt(2 * np.pi)))
