"""Adapters of the model for other people's tools: SALib, the EMA Workbench, pandas and xarray.

Mesa's own tools need no adapter: `HealthSystem` is a Mesa model like any other. SALib and the workbench draw every
factor independently. Parameters of the posterior depend on each other, so pass its draws as they are
(`make_ema_scenarios`).
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.priors import HalfNormal, Normal, Prior, Triangular, Uniform
from simulator.experiments.core.model_protocol import Factor, Points, index_factors
from simulator.studies.model_function import ModelFunction, list_lever_factors, list_parameter_factors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simulator.experiments.core.sweep import SweepTable

REPLICATES = 10


class SalibProblem(TypedDict):
    """Factors as SALib describes them; every one is even within its bounds where `dists` is missing."""

    num_vars: int
    names: list[str]
    bounds: list[list[float]]
    dists: NotRequired[list[str]]


def make_salib_problem(factors: Sequence[Factor], *, probabilities: bool = False) -> SalibProblem:
    """Factors as a problem of SALib: names, bounds and distributions.

    Normal priors are truncated at the factor's bounds, where the model's own draws are clipped to them. SALib has no
    beta and no bounded lognormal distribution: a factor with such a prior raises ValueError, unless `probabilities` is
    set. Then every factor runs evenly from 0 to 1, and `read_salib_sample` turns the sample into values by
    any prior.
    """
    names = list(index_factors(factors))
    if probabilities:
        return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}
    known = [_make_salib_distribution(factor) for factor in factors]
    missing = [name for name, distribution in zip(names, known, strict=True) if distribution is None]
    if missing:
        raise InputError(
            f"SALib has no distribution for the priors of {', '.join(missing)}: set probabilities=True, and turn "
            "its sample into values with read_salib_sample"
        )
    kinds, bounds = zip(*(distribution for distribution in known if distribution is not None), strict=True)
    return {"num_vars": len(names), "names": names, "bounds": [list(b) for b in bounds], "dists": list(kinds)}


def _make_salib_distribution(factor: Factor) -> tuple[str, tuple[float, ...]] | None:
    prior: Prior | None = factor.prior
    low, high = factor.low, factor.high
    if prior is None:
        return "unif", (low, high)
    if isinstance(prior, Uniform) and low <= prior.low < prior.high <= high:
        return "unif", (prior.low, prior.high)
    if isinstance(prior, Triangular) and max(low, 0.0) <= prior.low < prior.high <= high:
        return "triang", (prior.low, prior.high, (prior.mode - prior.low) / (prior.high - prior.low))
    if isinstance(prior, Normal):
        return "truncnorm", (low, high, prior.mean, prior.sd)
    if isinstance(prior, HalfNormal):
        return "truncnorm", (max(low, 0.0), high, 0.0, prior.scale)
    return None


def read_salib_sample(factors: Sequence[Factor], sample: Floats, *, probabilities: bool = False) -> dict[str, Floats]:
    """A sample of SALib, (rows, factors), as the columns that a model function takes: (rows,) each.

    Set `probabilities` as for `make_salib_problem`. Raises ValueError for a sample of another number of factors.
    """
    rows = np.asarray(sample, np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(index_factors(factors)):
        raise InputError(f"a sample of shape {rows.shape} does not fit {len(factors)} factors")
    columns = zip(factors, rows.T, strict=True)
    return {f.name: f.quantile(x) if probabilities else np.ascontiguousarray(x) for f, x in columns}


def make_ema_model(
    function: ModelFunction | None = None,
    *,
    uncertainties: Sequence[Factor] | None = None,
    levers: Sequence[Factor] | None = None,
    replicates: int | None = REPLICATES,
) -> Any:
    """The model as one of the EMA Workbench: uncertainties with their priors, levers with their bounds, outcomes.

    By default all uncertain parameters and all levers. Every experiment gives the mean over the same `replicates`; with
    None the seed is one more uncertainty, called `luck`. Outcomes are those of `function`; those of which more is
    better are maximised. Raises ImportError if the workbench is not installed, ValueError for no replicates.
    """
    model_function = function or ModelFunction()
    parameters = list_parameter_factors() if uncertainties is None else uncertainties
    moved = list_lever_factors() if levers is None else levers
    return _import_workbench().make_workbench_model(model_function, parameters, moved, replicates)


def make_prior_sampler(name: str) -> Any:
    """A sampler for the EMA Workbench that draws from the priors: "sobol", "morris" or "fast".

    It is for `perform_experiments`; the workbench's own samplers draw evenly between bounds. Raises ImportError if the
    workbench is not installed, ValueError for another name.
    """
    return _import_workbench().make_prior_sampler(name)


def make_ema_scenarios(points: Points) -> list[Any]:
    """Rows of parameters, such as draws of the posterior, as scenarios for `perform_experiments` of the EMA Workbench.

    Raises ImportError if the workbench is not installed.
    """
    return list(_import_workbench().make_workbench_scenarios(points))


@contextmanager
def _frames_by_name() -> Iterator[None]:
    """Let nobody read the source of whoever calls it: the workbench asks for names alone, while it is imported, and
    their sources, among thousands of modules, take it longer than all the rest.
    """

    def name_frames(frame: FrameType | None, context: int = 1) -> list[inspect.FrameInfo]:
        if frame is None:
            return []
        code = frame.f_code
        named = inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None)
        return [named, *name_frames(frame.f_back)]

    get_frames = inspect.getouterframes
    inspect.getouterframes = name_frames
    try:
        yield
    finally:
        inspect.getouterframes = get_frames


def _import_workbench() -> Any:
    with warnings.catch_warnings(), _frames_by_name():  # evaluators that are not used here
        warnings.filterwarnings("ignore", ".*not installed", UserWarning)
        try:
            import_module("ema_workbench")
        except ImportError as error:
            raise ImportError("the EMA Workbench is not installed: pip install ringfence[ema]") from error
        return import_module("simulator.studies.ema_workbench")


def to_ema(table: SweepTable) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Rows of a sweep in the form of the EMA Workbench: a data frame of factors, and an array (rows,) an outcome."""
    frame = table.to_frame().reset_index(drop=True)
    return frame[list(table.points)], {name: np.asarray(x) for name, x in table.outcomes.items()}


def label_sweep(table: SweepTable) -> xr.Dataset:
    """Rows of a sweep as an xarray Dataset, with units and meanings of factors and outcomes as attributes."""
    data: xr.Dataset = table.to_xarray()
    for name in data.variables:
        if name in PARAMETERS or name in LEVERS:
            about = (PARAMETERS.get(str(name)) or LEVERS[str(name)]).about
            data[name].attrs.update(units=about.unit.value, long_name=about.meaning)
        elif name in OUTCOMES:
            outcome = OUTCOMES[str(name)]
            data[name].attrs.update(units=outcome.unit.value, long_name=outcome.label)
    return data
