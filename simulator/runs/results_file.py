"""What a netCDF file of results holds: its variables as arrays, with the names of their dimensions.

Files as `Results.save` writes them, and as xarray writes them, are read by h5py at once: xarray asks for every
dimension of every one of 200 variables, which takes ten times as long. Anything else in a file, such as packed numbers
or fill values, is left to xarray, which knows the conventions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.common.errors import InputError
from simulator.common.representation import short_repr
from simulator.runs.netcdf_writer import NO_VARIABLE

if TYPE_CHECKING:
    import h5py
    import xarray as xr

CONVERTED = ("scale_factor", "add_offset", "missing_value", "_Unsigned")
LABELLED = ("future", "year", "board")


@short_repr
@dataclass(frozen=True)
class StoredVariable:
    """One variable: the names of its dimensions, and its values in their order."""

    dims: tuple[str, ...]
    values: NDArray[np.generic]

    def transpose(self, dims: tuple[str, ...]) -> NDArray[np.generic]:
        """The values with their dimensions in the order of `dims`, which are the same in another order."""
        return self.values.transpose([self.dims.index(name) for name in dims])


@dataclass(frozen=True)
class StoredDataset:
    """What a file holds: `sizes` of dimensions by name, `variables`, and the texts of its attributes."""

    sizes: Mapping[str, int]
    variables: Mapping[str, StoredVariable]
    manifest: str
    evidence: str = ""


def read_stored(path: Path) -> StoredDataset:
    """Everything in a file. Raises OSError, LookupError, ValueError, TypeError, RuntimeError or AttributeError."""
    import h5py

    with h5py.File(path, "r") as file:
        stored = read_plain(file)
    if stored is not None:
        return stored
    import xarray as xr

    with xr.open_dataset(path, engine="h5netcdf") as data:
        data.load()
    return describe_dataset(data)


def describe_dataset(data: xr.Dataset) -> StoredDataset:
    """The same of a dataset in memory."""
    names = [*map(str, data.variables), *(name for name in map(str, data.dims) if name not in data.variables)]
    variables = {name: StoredVariable(tuple(map(str, data[name].dims)), data[name].values) for name in names}
    return StoredDataset(
        {str(name): n for name, n in data.sizes.items()},
        variables,
        data.attrs["manifest"],
        str(data.attrs.get("evidence", "")),
    )


def read_plain(file: h5py.File) -> StoredDataset | None:
    """What a file of the usual form holds; None where anything in it needs xarray's conversions."""
    import h5py

    variables: dict[str, StoredVariable] = {}
    sizes: dict[str, int] = {}
    named: dict[int, str] = {}
    for name, stored in file.items():
        if not isinstance(stored, h5py.Dataset):
            continue
        names = set(stored.attrs)
        if _is_converted(stored, names) or name.startswith("_nc4_non_coord_"):
            return None
        if "NAME" in names and stored.attrs["NAME"].startswith(NO_VARIABLE):
            if name in LABELLED:
                return None
            continue
        dims = _read_dims(stored, names, named)
        if dims is None:
            return None
        for dim, n in zip(dims, stored.shape, strict=True):
            if sizes.setdefault(dim, n) != n:
                raise InputError(f"{name} has {n} of the dimension {dim}, others have {sizes[dim]}")
        is_text = h5py.check_string_dtype(stored.dtype) is not None
        variables[name] = StoredVariable(dims, np.asarray(stored.asstr()[()] if is_text else stored[()]))
    if "financial_year" not in variables and ("year" not in variables or variables["year"].values.dtype.kind != "O"):
        return None
    return StoredDataset(sizes, variables, file.attrs["manifest"], str(file.attrs.get("evidence", "")))


def _is_converted(stored: h5py.Dataset, names: set[str]) -> bool:
    """True if xarray would give other values than those that are stored."""
    import h5py

    if not names.isdisjoint(CONVERTED):
        return True
    if stored.dtype.kind not in "fiuO" or (stored.dtype.kind == "O" and h5py.check_string_dtype(stored.dtype) is None):
        return True
    return "_FillValue" in names and not (stored.dtype.kind == "f" and np.isnan(stored.attrs["_FillValue"]).all())


def _read_dims(stored: h5py.Dataset, names: set[str], named: dict[int, str]) -> tuple[str, ...] | None:
    """The names of a variable's dimensions; None where they are not written down in the usual way.

    `named` holds the names of objects by address, as far as they are known: HDF5 searches the whole file for a name.
    """
    import h5py

    if "DIMENSION_LIST" in names:
        dims = []
        for (reference,) in stored.attrs["DIMENSION_LIST"]:
            address = h5py.h5o.get_info(h5py.h5r.dereference(reference, stored.id)).addr
            if address not in named:
                named[address] = h5py.h5r.get_name(reference, stored.id).decode().removeprefix("/")
            dims.append(named[address])
        return tuple(dims)
    if stored.shape == ():
        return ()
    own = stored.name.removeprefix("/")
    return (own,) if "CLASS" in names and stored.ndim == 1 else None
