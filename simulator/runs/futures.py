"""Futures: the parameter draws and replicates that every scenario is run through, so that comparisons are paired."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.common import numbers
from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.pinned_names import split_pin
from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.engine.philox import check_address
from simulator.experiments.core.clustered_errors import hash_rows
from simulator.runs.parameter_sets import (
    Records,
    list_unfitted,
    make_point,
    posterior_points,
    prior_points,
    to_frame,
    to_records,
)
from simulator.runs.posterior import Beliefs, current_posterior

if TYPE_CHECKING:
    import pandas as pd

SEED = 20240323
DEFAULT_N = 1_000
MOST = 500_000
NOT_FITTED = "illustrative: not fitted"


@short_repr
@dataclass(frozen=True, eq=False)
class Futures:
    """`points` (n,) parameter records and `runs` (n,) run numbers under one seed; future j is row j of both.

    Neither can be written to: `given_futures` makes futures of changed parameters.

    `source` says where the points come from: "posterior", "prior", "default" or "given"; `settings` which parameters
    were held at a given value; `badge` says it to a reader. `posterior` holds the options that name a posterior other
    than the one that ships, and `fit` its badge.
    """

    points: Records
    runs: NDArray[np.int64]
    seed: int
    source: str
    settings: tuple[tuple[str, float], ...] = ()
    posterior: tuple[tuple[str, str], ...] = ()
    fit: str = ""

    def __post_init__(self) -> None:
        for name in ("points", "runs"):  # the fingerprint and kept results stand for these very numbers
            read_only = getattr(self, name).view()
            read_only.flags.writeable = False
            object.__setattr__(self, name, read_only)

    def __reduce__(self) -> tuple[type[Futures], tuple[object, ...]]:
        """Copies and unpickled futures are made anew: NumPy would hand their arrays back writable."""
        return type(self), (self.points, self.runs, self.seed, self.source, self.settings, self.posterior, self.fit)

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def badge(self) -> str:
        """What to say beside every answer from these futures: how far their parameters rest on evidence."""
        held = f"; held: {', '.join(f'{name} = {value:g}' for name, value in self.settings)}" if self.settings else ""
        held += describe_plugin(self.source, any(option == "--posterior" for option, _ in self.posterior))
        if self.source == "posterior":
            names = ", ".join(name for name in list_unfitted() if PARAMETERS[name].group != PLUGIN)
            unfitted = f"; from their priors, for the fit is older: {names}" if names else ""
            return f"{self.fit or current_posterior().badge}{unfitted}{held}"
        if self.source == "default":
            return f"{NOT_FITTED}; one default set of parameters, so ranges show chance alone{held}"
        if self.source == "prior":
            return f"{NOT_FITTED}; parameters drawn from their priors{held}"
        return f"parameters given by the user{describe_plugin(self.source)}"

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell these parameters and runs from any others."""
        digest = hashlib.sha256(np.array([self.seed], "<u8").tobytes())
        digest.update(self.runs.astype("<u8").tobytes())
        digest.update(np.ascontiguousarray(self.points).view("<f8").tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def sets(self) -> NDArray[np.int64]:
        """Which parameter set each future has: (n,) numbers, the same for the same parameters, in other futures too."""
        return hash_rows(np.ascontiguousarray(self.points).view("<f8").reshape(len(self), -1))

    def to_frame(self) -> pd.DataFrame:
        """The parameters as a table: one row for each future, one column for each parameter."""
        return to_frame(self.points)

    def part(self, start: int, stop: int) -> Futures:
        """Futures `start` up to but not including `stop`; each keeps its own parameters and random draws."""
        points, runs = self.points[start:stop], self.runs[start:stop]
        return Futures(points, runs, self.seed, self.source, self.settings, self.posterior, self.fit)


def describe_plugin(source: str, own_fit: bool = False) -> str:
    """What to say of a plug-in's numbers; "" for the model alone. A fit of one's own was made with the plug-in there,
    and nothing else is fitted to them.
    """
    plugin = find_plugin()
    if plugin is None:
        return ""
    names = ", ".join(d.name for d in plugin.numbers if d.about.prior is not None)
    how = "were fitted together with the model's" if own_fit else "are drawn from their priors; nothing was fitted"
    drawn = source in ("posterior", "prior") and names
    numbers_are = f": the plug-in's numbers ({names}) {how}" if drawn else ""
    return f"; with the plug-in “{plugin.title}” ({plugin.reference}){numbers_are}"


def find_plugin_in(badge: str) -> str:
    """The plug-in that a badge names, as FILE@DIGEST; "" for the model alone."""
    named = re.search(r"; with the plug-in “[^”]*” \((.+?@[0-9a-f]{16})\)", badge)
    return named[1] if named else ""


def describe_missing_plugin(subject: str, wanted: str) -> str:
    """What to say where this session lacks a plug-in (FILE@DIGEST), or has another content of it; "" if it has it."""
    plugin = find_plugin()
    loaded = "" if plugin is None else plugin.reference
    if not wanted or split_pin(wanted)[1] == split_pin(loaded)[1]:
        return ""
    name = split_pin(wanted)[0]
    return (
        f"{subject} was made with the plug-in {wanted}, and this session has {loaded or 'none'}: load it first, with "
        f"--plugin {name} or rf.plugins.load('{name}')"
    )


def draw_futures(
    n: int = DEFAULT_N,
    *,
    seed: int = SEED,
    source: str = "posterior",
    settings: Mapping[str, float] | None = None,
    first: int = 0,
    beliefs: Beliefs | None = None,
) -> Futures:
    """Draw futures `first` to `first + n` of a seed. Future j is the same whatever other futures are drawn.

    `source` is "posterior" (each future has its own draw of the uncertain parameters, from those that the published
    findings do not rule out; after the last draw they start again, with new random numbers), "prior" (the same, before
    the findings are known) or "default" (all share the default parameters, so futures differ by chance alone).
    `settings` holds parameters at given values, without fitting the others again. Another seed gives other random
    numbers; from the posterior it takes the same draws in another order, and from the priors other draws. `beliefs`
    take the place of the posterior that ships, such as evidence of one's own: `read_evidence("mine.yaml")`. Raises
    ValueError.
    """
    n, seed, first = _check_count(n), numbers.parse_seed(seed), numbers.parse_whole(first, what="first")
    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(f"settings are parameters and their values, such as {{'habit': 1.5}}, not {settings!r:.40}")
    settings = {name: _read_setting(name, value) for name, value in (settings or {}).items()}
    check_address(seed, first + n - 1)
    options: tuple[tuple[str, str], ...] = ()
    fit = ""
    if source == "posterior":
        chosen = beliefs.posterior if beliefs is not None else current_posterior()
        options, fit = chosen.options, chosen.badge
        points = posterior_points(n, seed, settings, first, chosen)
    elif beliefs is not None:
        raise InputError(f"beliefs stand in place of the posterior, and not of the source '{source}'; leave out one")
    elif source == "prior":
        points = prior_points(n, seed, settings, first)
    elif source == "default":
        points = np.repeat(np.array([make_point(settings)]), n)
    else:
        raise InputError(f"'{source}' is not a source of parameters; use 'posterior', 'prior' or 'default'")
    held = tuple(sorted(settings.items()))
    return Futures(points, np.arange(first, first + n), seed, source, held, options, fit)


def _read_setting(name: str, value: object) -> float:
    """A parameter's value. Raises InputError that names it."""
    try:
        return numbers.parse_number(value)
    except numbers.NotReadableError as problem:
        raise InputError(f"settings: {name}: {problem}") from None


def _check_count(n: object) -> int:
    """A number of futures. Raises ValueError."""
    try:
        return numbers.parse_whole(n, 1, MOST)
    except numbers.NotReadableError:
        message = (
            f"the number of futures at once must be 1 to {MOST:,}, not {make_visible(n)}; for more see run_in_parts"
        )
        raise InputError(message) from None


def given_futures(table: Mapping[str, Sequence[float]] | Any, *, seed: int = SEED, run: int | None = None) -> Futures:
    """Futures with parameters of your own: a data frame or mapping with a column per parameter and a row per future.

    Parameters without a column keep their defaults. Row j has run number j, and so its own random numbers; with `run`
    all rows share those of that run, so that they differ by their parameters alone. Raises ValueError, which says what
    is wrong.
    """
    points = to_records(table)
    seed = numbers.parse_seed(seed)
    run = None if run is None else numbers.parse_whole(run, what="run")
    check_address(seed, len(points) - 1 if run is None else run)
    runs = np.arange(len(points)) if run is None else np.full(len(points), run)
    return Futures(points, runs, seed, "given")
