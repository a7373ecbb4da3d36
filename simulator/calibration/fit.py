"""The fit: parameter sets drawn from the priors, weighed by the published findings, and resampled.

`calibrate` weighs them, `quality` says whether the weights can be trusted, and `Fit.draws` are equally likely sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.calibration.identifiability import Identified, identify
from simulator.calibration.likelihood import REPLAYS, Likelihood, OwnTarget, list_factors
from simulator.common.arguments import checked
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.event_log import Level, is_log_open, log_event
from simulator.common.formatting import join_words, number_of
from simulator.common.near_names import suggest
from simulator.common.numbers import parse_whole
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.common.software_version import name_version
from simulator.declarations.priors import Prior
from simulator.engine.ensemble import count_threads
from simulator.experiments.core.clustered_errors import Z_95
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.stats.importance_sampling import Proposal, WeightedSample, sample_by_importance
from simulator.experiments.stats.pareto_k import estimate_pareto_k
from simulator.replays.targets import Target, list_fitted
from simulator.runs.parameter_sets import UNCERTAIN, check_settings
from simulator.runs.posterior import BIAS, BLOCK, DRAWS

if TYPE_CHECKING:
    import pandas as pd

SEED = 2023
FULL = (40_000, 40_000, 80_000, 80_000, 80_000)
QUICK = (12_000, 12_000, 24_000)
LEAST_EFFECTIVE, LARGEST_WEIGHT, LARGEST_K = 400, 0.02, 0.7
MOST_NAMED = 12


@dataclass(frozen=True)
class Quality:
    """Whether a weighted sample can be trusted: `effective` is Kish's sample size, `pareto_k` the shape of the
    weights' tail (Vehtari et al. 2024; above 0.7 means do not trust).
    """

    points: int
    effective: float
    pareto_k: float
    largest: float
    log_evidence: float

    @property
    def problems(self) -> list[str]:
        """Why these weights must not be published; empty if they may."""
        problems = []
        if self.effective < LEAST_EFFECTIVE:
            problems.append(f"the effective sample is {self.effective:.0f}, below {LEAST_EFFECTIVE}")
        if not self.pareto_k <= LARGEST_K:
            problems.append(f"the weights' tail is too heavy: Pareto k-hat {self.pareto_k:.2f} is above {LARGEST_K}")
        if self.largest > LARGEST_WEIGHT:
            problems.append(f"one point holds {self.largest:.1%} of the weight, above {LARGEST_WEIGHT:.0%}")
        return problems


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Presentable):
    """A calibration: the weighted points, what was held, which targets counted, which there were, and what was held in
    single replays (`codes`).

    `draws()` are equally likely parameter sets; `rf.write_fit` keeps the whole fit, `save` its table and sentence.
    """

    weighted: WeightedSample
    held: Mapping[str, float] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    targets: tuple[Target, ...] = field(default_factory=list_fitted)
    codes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    """The arguments of the question, where it was asked: `seed` and `sizes` among them."""

    def keep_arguments(self, arguments: Mapping[str, object]) -> Fit:
        """The same fit with the arguments of its question."""
        return replace(self, asked=arguments)

    @cached_property
    def quality(self) -> Quality:
        """Diagnostics of the weights."""
        weighted = self.weighted
        return Quality(
            len(weighted),
            weighted.effective,
            estimate_pareto_k(weighted.log_weights),
            weighted.largest,
            weighted.log_evidence,
        )

    @cached_property
    def identified(self) -> tuple[Identified, ...]:
        """Prior and posterior of every factor, in order."""
        return identify(self.weighted, self.held)

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "calibrate"

    @property
    def sentence(self) -> str:
        """What the findings pin down, and whether the weights can be trusted."""
        findings = number_of(len(self.used), "finding")
        if self.quality.problems:
            return (
                f"{findings} were weighed, but the weights cannot be trusted, so that nothing can be said of what they "
                f"pin down: {'; '.join(self.quality.problems)}."
            )
        of_model = [row for row in self.identified if row.name != BIAS]
        pinned = [row.name for row in of_model if row.pinned]
        names = f": {join_words(pinned)}" if 0 < len(pinned) <= MOST_NAMED else ""
        return f"{findings} pin down {len(pinned)} of {number_of(len(of_model), 'uncertain number')}{names}."

    @property
    def assumes(self) -> str:
        """How many points were weighed, of which seed, what is left of them, what was held, and the version."""
        held = f"; held: {', '.join(self.held)}" if self.held else ""
        quality = self.quality
        seed = f", seed {self.asked['seed']}" if "seed" in self.asked else ""
        return (
            f"{quality.points:,} points{seed}, effective sample {quality.effective:,.0f}, Pareto k-hat "
            f"{quality.pareto_k:.2f}; targets {', '.join(self.used)}{held}; {name_version()}"
        )

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question, as plain data; priors, targets and a proposal of one's own are described."""
        return dict(self.asked)

    @property
    def picture(self) -> PictureColumns:
        """How much of each prior's spread is left."""
        return PictureColumns(
            "bars",
            "name",
            "ratio",
            "posterior over prior standard deviation (ratio)",
            half_width="half_width",
            name="ratio",
            interval="95% interval",
            line="1",
            line_name="nothing learnt",
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per factor, what is narrowed most first: prior and posterior mean and sd, the 90% interval (`low`,
        `median`, `high`), `ratio` of the sds with the `half_width` of its 95% interval, `shift` in prior sds, and
        `pinned`, which no factor is where the weights cannot be trusted. A factor holds in all years.
        """
        import pandas as pd

        rows = [
            {
                **asdict(row),
                "ratio": row.ratio,
                "half_width": Z_95 * row.error,
                "shift": row.shift,
                "pinned": row.pinned and not self.quality.problems,
            }
            for row in sorted(self.identified, key=lambda row: row.ratio)
        ]
        return pd.DataFrame(rows)

    def rows(self, n: int = DRAWS) -> NDArray[np.int64]:
        """Rows of `n` equally likely draws: shape (n,). More than a block of them come in whole blocks."""
        n = parse_whole(n, 1, what="n")
        block = min(n, BLOCK)
        if n % block:
            raise InputError(f"{n} draws are not a whole number of blocks of {BLOCK}")
        return self.weighted.resample(block, n // block)

    def draws(self, n: int = DRAWS) -> dict[str, Floats]:
        """`n` equally likely draws: one column (n,) a factor, held ones at their value. Raises as `rows`."""
        rows = self.rows(n)
        n = len(rows)
        return {k: np.full(n, self.held[k]) if k in self.held else v[rows] for k, v in self.weighted.points.items()}

    def predictions(self, n: int = DRAWS) -> dict[str, Floats]:
        """What the runs of those draws gave: one column (n,) a prediction."""
        rows = self.rows(n)
        return {name: values[rows] for name, values in self.weighted.outcomes.items()}


@checked
def calibrate(
    sizes: Sequence[int] = FULL,
    *,
    seed: int = SEED,
    held: Mapping[str, float] | None = None,
    codes: Mapping[str, Mapping[str, float]] | None = None,
    use: Sequence[str] | None = None,
    priors: Mapping[str, Prior] | None = None,
    targets: Sequence[Target] | None = None,
    own: Sequence[OwnTarget] = (),
    start: Proposal | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Fit the model to the targets: `sizes` points in stages, one run each.

    The same `sizes` and `seed` give the same fit. The table has one row per uncertain number, and one for the bias of
    volunteers for interviews, which is no number of the model and is not counted among them: `prior_mean` and
    `prior_sd` before, `mean`, `sd`, `median` and the 90% from `low` to `high` after, in its unit; `ratio` is the
    second standard deviation over the first (1: findings say nothing), `error` its Monte Carlo error and
    `half_width` that of its 95% interval; `shift` is the move of the mean in prior standard deviations, and
    `pinned` says whether either is enough. All hold in all years, so that there is no column of years. `.draws(n)`
    are parameter sets by weight. Method: adaptive importance sampling with Pareto-smoothed weights (Vehtari et al.
    2024). `held` holds parameters (or the volunteers' bias) throughout, `codes` in single replays; `use` names the
    targets that count; `priors` replace those declared, by name; `targets` are all that there are, by default those
    that ship, and `own` says where the user's are read; `start` is another fit's proposal to begin with. A file's
    are `rf.read_targets("mine.yaml").targets` and `.own`. Raises InputError for unknown names, values out of
    bounds, and `own` targets that are not among `targets`.

    >>> import simulator as rf
    >>> fit = rf.calibrate((200, 200))
    >>> len(fit.draws(100)["pull_chief"])
    100
    """
    _check_kinds(targets, own, priors, codes, start)
    there = list_fitted() if targets is None else tuple(targets)
    known = tuple(t.id for t in there)
    if wrong := [name for name in use or () if name not in known]:
        near = ", ".join(f"'{name}'{suggest(name, known)}" for name in wrong)
        raise InputError(f"not a target of the fit: {near}; there are {', '.join(known)}")
    if unread := [each.target.id for each in own if each.target.id not in known]:
        raise InputError(
            f"own says where {join_words(unread)} is read, which is not among the targets; give both, as in "
            "targets=file.targets, own=file.own of file = rf.read_targets('mine.yaml')"
        )
    _check(held or {}, codes or {}, priors or {})
    used = known if use is None else tuple(use)
    likelihood = Likelihood(seed, held, codes, used, there, tuple(own))
    log_event("fit-started", {"points": sum(sizes), "targets": len(used)})
    weighted = sample_by_importance(
        likelihood, list_factors(priors), sizes, seed=seed, start=start, progress=progress, threads=count_threads()
    )
    fit = Fit(weighted, dict(held or {}), used, there, dict(codes or {}))
    _log(fit)
    return fit


def _log(fit: Fit) -> None:
    """One line on a fit that is done; the diagnostics are worked out for it only if somebody reads the log."""
    if is_log_open():
        quality = fit.quality
        facts = {"points": quality.points, "effective": round(quality.effective), "problems": len(quality.problems)}
        log_event("fit-done", facts, Level.WARNING if quality.problems else Level.INFO)


def _check_kinds(targets: object, own: object, priors: object, codes: object, start: object) -> None:
    """Refuse a file, or its name, where what stands in it is asked for. Raises InputError."""
    if start is not None and not isinstance(start, Proposal):
        raise InputError("rf.calibrate(start=...): write start=fit.weighted.stages[-1][1] of a fit of rf.calibrate")
    if codes is not None and not (
        isinstance(codes, Mapping) and all(isinstance(settings, Mapping) for settings in codes.values())
    ):
        raise InputError(
            "rf.calibrate(codes=...): write what each replay holds, such as {'choosing_health': {'habit': 1.5}}"
        )
    for name, given, item, reader in (
        ("targets", () if targets is None else targets, Target, "rf.read_targets('mine.yaml').targets"),
        ("own", own, OwnTarget, "rf.read_targets('mine.yaml').own"),
    ):
        if not isinstance(given, list | tuple) or not all(isinstance(each, item) for each in given):
            raise InputError(f"rf.calibrate({name}=...): write {name}={reader}")
    if priors is not None and not (
        isinstance(priors, Mapping) and all(hasattr(each, "quantile") for each in priors.values())
    ):
        raise InputError(
            "rf.calibrate(priors=...): write priors=rf.read_priors('mine.yaml').priors, or priors by name, such as "
            "{'pull_chief': HalfNormal(1)} with HalfNormal of simulator.declarations.priors"
        )


def _check(held: Mapping[str, float], codes: Mapping[str, Mapping[str, float]], priors: Mapping[str, Prior]) -> None:
    """Refuse what would otherwise be passed over: a ValueError for unknown names, and values out of bounds."""
    if wrong := [name for name in priors if name not in (*UNCERTAIN, BIAS)]:
        raise InputError(f"not an uncertain parameter, so it has no prior: {', '.join(wrong)}")
    check_settings({name: value for name, value in held.items() if name != BIAS})
    (bias,) = [f for f in list_factors() if f.name == BIAS]
    if BIAS in held and not bias.low <= held[BIAS] <= bias.high:
        raise InputError(f"{BIAS} = {held[BIAS]} is outside {bias.low} to {bias.high}")
    for name, settings in codes.items():
        if name not in REPLAYS:
            raise InputError(
                f"'{name}' is not a replay of the fit{suggest(name, REPLAYS)}; there are {', '.join(REPLAYS)}"
            )
        check_settings(settings)


__all__ = ["BIAS", "DRAWS", "FULL", "QUICK", "SEED", "Fit", "Quality", "calibrate"]
