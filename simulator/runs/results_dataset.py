"""Results as a labelled dataset by the CF conventions, and back: what a netCDF file of results holds.

Dimensions are `future`, `year` and, where boards are kept, `board`. `year` is the first day of a financial year, with
its bounds; `financial_year` is its name. Measures bear their own names (a board's begin with `board_`), outcomes year
by year `outcome_`, parameters `parameter_`; `run` is each future's address of chance under the manifest's seed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.common.units import Unit
from simulator.declarations.calendar import FIRST_YEAR, quarter_name, year_name
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.output_variables import AREA_VARIABLES, AREA_YEAR_DTYPE, NATIONAL_DTYPE, NATIONAL_VARIABLES
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.runs.futures import Futures
from simulator.runs.netcdf_writer import EncodedVariable, write_netcdf
from simulator.runs.parameter_sets import to_records
from simulator.runs.results_file import StoredDataset

if TYPE_CHECKING:
    import xarray as xr

    from simulator.runs.manifest import Manifest

CONVENTIONS = "CF-1.11"
FIRST_DAY = np.datetime64(f"{FIRST_YEAR}-04-01")
DAYS = f"days since {FIRST_DAY}"
CALENDAR = "proleptic_gregorian"
YEARLY = "of each year; over several years a share is of their sums, and not the mean of these"
UDUNITS: Mapping[Unit, str] = {Unit.MILLIONS: "1e6", Unit.PERCENT: "percent", Unit.POINTS: "percent"}
"""Units that UDUNITS reads; everything else is a plain number. It knows no currency: `currency` says which."""
LATER_PARAMETERS = ("plan_learning",)
"""Parameters that files of version 0.1 do without: their defaults are what that version did."""


class Held(NamedTuple):
    """What results hold: shapes as in `simulator.runs.results.Results`."""

    nation: NDArray[np.void]
    areas: NDArray[np.void] | None
    codes: tuple[str, ...]
    manifest: Manifest
    futures: Futures | None
    schedule: NDArray[np.void] | None = None
    evidence: str = ""


class DatasetError(InputError):
    """A dataset that holds no results, or not the whole of them."""


def describe_variable(unit: Unit, meaning: str) -> dict[str, str]:
    """The attributes of a variable."""
    money = {"currency": "GBP"} if unit is Unit.MILLIONS else {}
    return {"units": UDUNITS.get(unit, "1"), "unit_in_words": unit.value, "long_name": meaning, **money}


def to_dataset(results: Held) -> xr.Dataset:
    """Everything that results hold, with units and meanings as attributes."""
    import xarray as xr

    # All at once: a dataset that grows variable by variable is aligned again each time.
    return xr.Dataset(_make_variables(results), _make_coordinates(results), _make_attributes(results))


def to_netcdf(results: Held) -> bytes:
    """The same as a netCDF file, equal to what xarray makes of `to_dataset`, in a fifth of its time and without it."""
    coordinates = _make_coordinates(results)
    encoded = {name: _encode(variable) for name, variable in (_make_variables(results) | coordinates).items()}
    for name, variable in encoded.items():
        if "year" in variable.dims and name not in coordinates:
            encoded[name] = replace(variable, attributes={**variable.attributes, "coordinates": "financial_year"})
    return write_netcdf(encoded, {**_make_attributes(results), "coordinates": "year_bounds"})


def _encode(variable: tuple[Any, ...]) -> EncodedVariable:
    """A variable of a dataset as a file holds it: dates as days, and their attributes where they have any."""
    dims, values, attributes, *encoding = variable
    values = np.asarray(values)
    if encoding:
        values = (values - FIRST_DAY) // np.timedelta64(1, "D")
        if attributes:  # bounds are in the units of what they bound
            attributes = {**attributes, "units": DAYS, "calendar": CALENDAR}
    return EncodedVariable((dims,) if isinstance(dims, str) else dims, values, attributes)


def _make_variables(results: Held) -> dict[str, Any]:
    """What results hold, by name: dimensions, values and attributes."""
    variables: dict[str, Any] = {}
    for name, (unit, words) in NATIONAL_VARIABLES.items():
        values = np.ascontiguousarray(results.nation[name])
        variables[name] = (("future", "year"), values, describe_variable(unit, words))
    for name, outcome in OUTCOMES.items():
        values = outcome.each_year(results.nation)
        about = {**describe_variable(outcome.unit, outcome.label), "comment": YEARLY}
        variables[f"outcome_{name}"] = (("future", "year"), values, about)
    if results.areas is not None:
        for name, (unit, words) in AREA_VARIABLES.items():
            values = np.ascontiguousarray(results.areas[name])
            variables[f"board_{name}"] = (("future", "year", "board"), values, describe_variable(unit, words))
    if results.futures is not None:
        variables |= make_future_variables(results.futures)
    if results.schedule is not None:
        values = np.column_stack([results.schedule[declared.group][name] for name, declared in LEVERS.items()])
        about = {"units": "1", "long_name": "what the levers are set to, quarter by quarter"}
        variables["lever_setting"] = (("quarter", "lever"), values, about)
    return variables


def _make_coordinates(results: Held) -> dict[str, Any]:
    """The labels of every dimension, by name."""
    labels = {"long_name": "future", "units": "1"}
    coordinates = {**_make_years(results.nation.shape[1]), "future": ("future", np.arange(len(results.nation)), labels)}
    if results.areas is not None:
        coordinates["board"] = ("board", list(results.codes), {"long_name": "ODS code of the board"})
    if results.schedule is not None:
        quarters = [quarter_name(quarter) for quarter in range(len(results.schedule))]
        coordinates["quarter"] = ("quarter", quarters, {"long_name": "name of the quarter"})
        coordinates["lever"] = ("lever", list(LEVERS), {"long_name": "name of the lever"})
    return coordinates


def make_future_variables(futures: Futures) -> dict[str, Any]:
    """What tells futures apart, as variables over the dimension `future`: address of chance, and every parameter."""
    attributes = {"units": "1", "long_name": "run number: the address of this future's chance under the seed"}
    variables: dict[str, Any] = {"run": ("future", futures.runs, attributes)}
    for name, declared in PARAMETERS.items():
        values = np.ascontiguousarray(futures.points[declared.group][name])
        about = describe_variable(declared.about.unit, declared.about.meaning)
        variables[f"parameter_{name}"] = ("future", values, about)
    return variables


def _make_years(n: int) -> dict[str, Any]:
    """The coordinates of financial years, encoded as days since the first of them began."""
    starts = np.array([f"{FIRST_YEAR + year}-04-01" for year in range(n + 1)], "datetime64[ns]")
    attributes = {
        "standard_name": "time",
        "axis": "T",
        "bounds": "year_bounds",
        "long_name": "financial year, by its first day",
        "units_metadata": "leap_seconds: none",
    }
    encoding = {"units": DAYS, "calendar": CALENDAR, "dtype": "int64"}
    names = [year_name(year) for year in range(n)]
    return {
        "year": ("year", starts[:-1], attributes, encoding),
        "year_bounds": (("year", "bound"), np.stack([starts[:-1], starts[1:]], axis=1), {}, encoding),
        "financial_year": ("year", names, {"long_name": "name of the financial year"}),
    }


def _make_attributes(results: Held) -> dict[str, str]:
    manifest = results.manifest
    told = {"evidence": results.evidence} if results.evidence else {}
    return {
        "Conventions": CONVENTIONS,
        "title": f"{manifest.title}: {manifest.futures} futures of health inequalities money in England's NHS",
        "history": f"made in one piece by Ringfence {manifest.version}, seed {manifest.seed}",
        "source": f"Ringfence {manifest.version}, an agent-based model (rules {manifest.code})",
        "comment": f"{manifest.badge}. Simulated, not observed: no line is a forecast of a named board.",
        "manifest": json.dumps(asdict(manifest), ensure_ascii=False),
        **told,
    }


def from_stored(data: StoredDataset, manifest: Manifest) -> Held:
    """The results that a file holds whole. Raises DatasetError for a part of one that cannot be told apart.

    All years must be there. Futures may be chosen or put in another order where the file holds their parameters, for
    then it says which they are; `manifest` is changed to say so.
    """

    years = _count_years(data)
    n = data.sizes["future"]
    nation = np.zeros((n, years), NATIONAL_DTYPE)
    for name in NATIONAL_VARIABLES:
        nation[name] = _read_values(data, name, ("future", "year"))
    futures = _read_futures(data, manifest)
    if futures is not None:
        manifest = replace(manifest, futures=n, futures_fingerprint=futures.fingerprint)
    elif n != manifest.futures or not np.array_equal(data.variables["future"].values, np.arange(n)):
        raise DatasetError(
            f"it holds {n} of {manifest.futures} futures, or others in their place, and not which ones they are: open "
            "it with xarray, or save a part of results that hold their parameters"
        )
    areas = _read_areas(data, nation)
    codes = tuple(map(str, data.variables["board"].values)) if areas is not None else ()
    return Held(nation, areas, codes, manifest, futures, _read_schedule(data), data.evidence)


def _count_years(data: StoredDataset) -> int:
    """The number of years, once it is sure that they are those of the calendar, from its first and in order."""
    names = data.variables["financial_year" if "financial_year" in data.variables else "year"]
    years = [str(name) for name in np.atleast_1d(names.values)]
    if names.dims != ("year",) or years != [year_name(year) for year in range(len(years))] or not years:
        span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}" if years else "none"
        raise DatasetError(
            f"it holds the years {span}, where results begin in {year_name(0)} and leave none out: open a part of "
            "them with xarray, or ask results for years with outcome(name, years)"
        )
    return len(years)


def _read_values(data: StoredDataset, name: str, dims: tuple[str, ...]) -> NDArray[Any]:
    variable = data.variables[name]
    if set(variable.dims) != set(dims):
        raise DatasetError(f"{name} has the dimensions {', '.join(variable.dims)}, not {', '.join(dims)}")
    return variable.transpose(dims)


def _read_futures(data: StoredDataset, manifest: Manifest) -> Futures | None:
    """The futures that a file says it was run through; None where it does not say."""
    if "run" not in data.variables:
        return None
    later = {*LATER_PARAMETERS, *(name for name, declared in PARAMETERS.items() if declared.group == PLUGIN)}
    stored = [name for name in PARAMETERS if name not in later or f"parameter_{name}" in data.variables]
    points = to_records({name: _read_values(data, f"parameter_{name}", ("future",)) for name in stored})
    runs = _read_values(data, "run", ("future",)).astype(np.int64)
    return Futures(points, runs, manifest.seed, manifest.source, manifest.settings)


def _read_schedule(data: StoredDataset) -> NDArray[np.void] | None:
    """The levers of every quarter; None where a file does not say, or knows other levers than today's."""
    if "lever_setting" not in data.variables:
        return None
    known = set(map(str, data.variables["lever"].values))
    if {*LEVERS} - known - {name for name, lever in LEVERS.items() if lever.group == PLUGIN} or known - {*LEVERS}:
        return None
    values = _read_values(data, "lever_setting", ("quarter", "lever"))
    schedule = np.zeros(len(values), QUARTER_DTYPE)
    for name in {*LEVERS} - known:
        schedule[LEVERS[name].group][name] = LEVERS[name].default
    for name, column in zip(map(str, data.variables["lever"].values), values.T, strict=True):
        schedule[LEVERS[name].group][name] = column
    return schedule


def _read_areas(data: StoredDataset, nation: NDArray[Any]) -> NDArray[Any] | None:
    if "board" not in data.sizes:
        return None
    areas = np.zeros((data.sizes["future"], data.sizes["year"], data.sizes["board"]), AREA_YEAR_DTYPE)
    for name in AREA_VARIABLES:
        areas[name] = _read_values(data, f"board_{name}", ("future", "year", "board"))
    codes = list(map(str, data.variables["board"].values))
    if len(set(codes)) < len(codes) or not np.allclose(areas["funding"].sum(axis=2), nation["funding"], rtol=1e-9):
        raise DatasetError(
            "its boards do not add up to the nation: some are missing, or there twice; open it with xarray"
        )
    return areas
