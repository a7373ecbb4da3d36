"""A results file holds what it says, by the conventions of the field, and a part is never taken for another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import h5netcdf
import h5py
import numpy as np
import pytest
import xarray as xr

from simulator.boards.table import make_equal_bodies
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.reports.policy_comparison import compare
from simulator.runs.futures import draw_futures
from simulator.runs.netcdf_writer import EncodedVariable, write_netcdf
from simulator.runs.results import Results, ResultsError, load_results
from simulator.runs.results_dataset import UDUNITS, DatasetError, from_stored
from simulator.runs.results_file import describe_dataset, read_plain, read_stored
from simulator.runs.run import compare_results, run

pytestmark = pytest.mark.results

FEW = make_equal_bodies(6)
N = 12
NUMBERS = {"1", "1e6", "percent"}
Change = Callable[[xr.Dataset], xr.Dataset]


@pytest.fixture(scope="module")
def whole() -> Results:
    return run("ringfence", futures=draw_futures(N), boards=FEW, detail=True)


@pytest.fixture(scope="module")
def file_by_xarray(whole: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_by_xarray(as_now(whole), tmp_path_factory.mktemp("xarray"))


@pytest.fixture(scope="module")
def read_by_xarray(file_by_xarray: Path) -> xr.Dataset:
    return opened_by_xarray(file_by_xarray)


@pytest.fixture(scope="module")
def nation(whole: Results) -> Results:
    """The same without its boards, which are half of what a file holds."""
    return replace(whole, areas=None, codes=())


def opened_by_xarray(path: Path) -> xr.Dataset:
    with xr.open_dataset(path, engine="h5netcdf") as data:
        return data.load()


def written_by_xarray(data: xr.Dataset, folder: Path) -> Path:
    data.to_netcdf(folder / "x.nc", engine="h5netcdf")
    return folder / "x.nc"


def saved(data: xr.Dataset, folder: Path) -> Path:
    """As xarray encodes it, but written in a tenth of its time; below, a test holds the two files equal."""
    variables, attributes = xr.conventions.cf_encoder(*xr.conventions.encode_dataset_coordinates(data))  # type: ignore[no-untyped-call]
    encoded = {name: encode(variable) for name, variable in variables.items()}
    (folder / "x.nc").write_bytes(write_netcdf(encoded, attributes))
    return folder / "x.nc"


def encode(variable: xr.Variable) -> EncodedVariable:
    attributes = {key: value for key, value in variable.attrs.items() if key != "_FillValue"}  # the writer's own
    return EncodedVariable(tuple(map(str, variable.dims)), variable.values, attributes)


@cache
def as_now(results: Results) -> xr.Dataset:
    """A dataset as it is saved, made once: it takes a second."""
    return results.data


@cache
def as_once(results: Results) -> xr.Dataset:
    """A dataset as it was saved before it held years as dates, outcomes and parameters."""
    data = xr.Dataset(coords={"future": np.arange(len(results)), "year": list(results.years)})
    for name in NATIONAL_VARIABLES:
        data[name] = (("future", "year"), np.ascontiguousarray(results.nation[name]))
    if results.areas is not None:
        data = data.assign_coords(board=list(results.codes))
        for name in AREA_VARIABLES:
            data[f"board_{name}"] = (("future", "year", "board"), np.ascontiguousarray(results.areas[name]))
    return data.assign_attrs(manifest=json.dumps(asdict(results.manifest)))


def test_a_file_of_an_earlier_version_still_opens(whole: Results, tmp_path: Path) -> None:
    again = load_results(saved(as_once(whole), tmp_path))
    assert again.nation.tobytes() == whole.nation.tobytes()
    assert again.areas is not None
    assert again.areas.tobytes() == whole.areas.tobytes()
    assert again.manifest == whole.manifest
    assert again.futures is None


def test_a_saved_file_brings_back_the_futures_it_was_run_through(whole: Results, tmp_path: Path) -> None:
    again = load_results(whole.save(tmp_path / "x.nc"))
    assert again.futures is not None
    assert again.futures.fingerprint == whole.manifest.futures_fingerprint
    rerun = run("ringfence", futures=again.futures, boards=FEW)
    assert rerun.nation.tobytes() == whole.nation.tobytes()


@pytest.mark.parametrize("made", ["now", "once"])
def test_a_file_of_the_usual_form_is_read_as_xarray_reads_it(
    made: str, whole: Results, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if made == "now":
        path, data = request.getfixturevalue("file_by_xarray"), request.getfixturevalue("read_by_xarray")
    else:
        path = written_by_xarray(as_once(whole), tmp_path)
        data = opened_by_xarray(path)
    with h5py.File(path, "r") as file:
        plain = read_plain(file)
    assert plain is not None
    expected = describe_dataset(data)
    assert plain.manifest == expected.manifest
    assert plain.sizes == expected.sizes
    assert plain.variables.keys() == expected.variables.keys() - {"bound"}
    for name, variable in plain.variables.items():
        assert variable.dims == expected.variables[name].dims, name
        if expected.variables[name].values.dtype.kind != "M":  # dates are left as numbers
            np.testing.assert_array_equal(variable.values, expected.variables[name].values, name)


PACKED = {
    "scaled": {"retained_mean": {"dtype": "int16", "scale_factor": 1e-4, "_FillValue": -1}},
    "filled": {"run": {"dtype": "float64", "_FillValue": -1.0}},
}


@pytest.mark.parametrize("encoding", PACKED.values(), ids=PACKED)
def test_numbers_that_another_program_packed_are_left_to_xarray(
    encoding: dict[str, dict[str, object]], whole: Results, tmp_path: Path
) -> None:
    few = as_now(whole)[["spent", "retained_mean", "run"]]
    for packed in ({}, encoding):
        few.to_netcdf(tmp_path / "x.nc", engine="h5netcdf", encoding=packed)
        with h5py.File(tmp_path / "x.nc", "r") as file:
            assert (read_plain(file) is None) == bool(packed)


def test_numbers_that_another_program_packed_are_unpacked(nation: Results, tmp_path: Path) -> None:
    encoding = {name: how for packed in PACKED.values() for name, how in packed.items()}
    data = as_now(nation)
    path = saved(data.drop_vars(encoding), tmp_path)
    data[[*encoding]].to_netcdf(path, mode="a", engine="h5netcdf", encoding=encoding)
    again = load_results(path)
    np.testing.assert_allclose(again.nation["retained_mean"], nation.nation["retained_mean"], atol=1e-4)
    assert again.outcome().tobytes() == nation.outcome().tobytes()
    assert again.futures is not None
    assert again.futures.fingerprint == nation.manifest.futures_fingerprint


def test_a_variable_that_is_longer_than_its_dimension_is_refused(whole: Results, tmp_path: Path) -> None:
    path = saved(as_now(whole), tmp_path)
    with h5py.File(path, "r+") as file:
        kept = file["spent"][:1]
        dimensions = file["spent"].attrs["DIMENSION_LIST"]
        del file["spent"]
        file["spent"] = kept
        file["spent"].attrs.create("DIMENSION_LIST", dimensions, dtype=h5py.vlen_dtype(h5py.ref_dtype))
    with pytest.raises(ValueError, match="spent has 1 of the dimension future, others have 12"):
        read_stored(path)
    with pytest.raises(ResultsError, match="or it is damaged"):
        load_results(path)


PARTS: dict[str, tuple[Change, str]] = {
    "one year": (lambda data: data.isel(year=[5]), "it holds the years 2027/28, where results begin in 2022/23"),
    "later years": (lambda data: data.isel(year=slice(5, 8)), "it holds the years 2027/28 to 2029/30"),
    "years turned round": (lambda data: data.isel(year=slice(None, None, -1)), "it holds the years 2029/30 to 2022/23"),
    "a year left out": (lambda data: data.isel(year=[0, 1, 3, 4]), "it holds the years 2022/23 to 2026/27"),
    "some boards": (lambda data: data.isel(board=[0, 2, 3]), "boards do not add up to the nation"),
    "a board twice": (lambda data: data.isel(board=[0, 0, 1, 2, 3, 4]), "boards do not add up to the nation"),
}


@pytest.mark.parametrize("made", [as_now, as_once], ids=["now", "once"])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_file_is_refused_rather_than_taken_for_the_whole(
    part: str, made: Change, whole: Results, tmp_path: Path
) -> None:
    cut, words = PARTS[part]
    data = cut(made(whole))  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match=words):
        from_stored(describe_dataset(data), whole.manifest)
    if part == "one year":  # what a file holds is read as it is described, as a test above says
        with pytest.raises(ResultsError, match=f"is not a whole results file: .*{words}"):
            load_results(saved(data, tmp_path))


CHOSEN = {"first": slice(0, 5), "later": slice(4, 9), "turned round": slice(None, None, -1)}


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
def test_chosen_futures_are_paired_with_the_same_futures_alone(chosen: slice, whole: Results, tmp_path: Path) -> None:
    part = load_results(saved(as_now(whole).isel(future=chosen), tmp_path))
    at = np.arange(N)[chosen]
    np.testing.assert_array_equal(part.outcome(), whole.outcome()[at])
    assert part.manifest.futures == len(at)
    with pytest.raises(ValueError, match="not paired: their futures"):
        compare_results(part, whole)
    assert part.futures is not None
    same = run("baseline", futures=part.futures, boards=FEW)
    other = run("baseline", futures=draw_futures(N), boards=FEW)
    expected = whole.outcome()[at].mean() - other.outcome()[at].mean()
    assert compare(part, same).difference == pytest.approx(expected)


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
def test_chosen_futures_that_do_not_say_which_they_are_are_refused(
    chosen: slice, whole: Results, tmp_path: Path
) -> None:
    with pytest.raises(ResultsError, match="not which ones they are"):
        load_results(saved(as_once(whole).isel(future=chosen), tmp_path))


def test_dimensions_in_another_order_are_the_same_results(whole: Results, tmp_path: Path) -> None:
    turned = load_results(saved(as_now(whole).transpose("board", "year", "future", ...), tmp_path))
    assert turned.nation.tobytes() == whole.nation.tobytes()
    assert turned.areas is not None
    assert turned.areas.tobytes() == whole.areas.tobytes()


def test_a_file_of_several_scenarios_is_refused_as_results_of_one(nation: Results, tmp_path: Path) -> None:
    both = xr.concat([as_now(nation), as_now(nation)], dim="scenario")
    with pytest.raises(ResultsError, match="has the dimensions scenario"):
        load_results(saved(both, tmp_path))


def test_a_file_says_its_conventions_and_has_units_and_dates_that_other_programs_read(
    whole: Results, tmp_path: Path
) -> None:
    with h5py.File(whole.save(tmp_path / "x.nc"), "r") as raw:
        assert raw.attrs["Conventions"] == "CF-1.11"
        year = raw["year"]
        assert year.attrs["units"] == "days since 2022-04-01"
        assert year.attrs["standard_name"] == "time"
        assert list(year[:2]) == [0, 365]
        assert raw[year.attrs["bounds"]][0].tolist() == [0, 365]
        labels = {word for stored in (raw, *raw.values()) for word in stored.attrs.get("coordinates", "").split()}
        described = [name for name in raw if not raw[name].is_scale and name not in {"year_bounds", *labels}]
        assert len(described) > 150
        for name in described:
            assert raw[name].attrs["units"] in NUMBERS, name
            assert raw[name].attrs["long_name"], name
    assert set(UDUNITS.values()) | {"1"} == NUMBERS


def describe_stored(path: Path) -> dict[str, object]:
    """Everything that HDF5 says of a file's objects, their values too, but not where they lie."""
    described: dict[str, object] = {}
    with h5py.File(path, "r") as file:
        named = {h5py.h5o.get_info(stored.id).addr: name for name, stored in file.items()}

        def name_of(reference: h5py.Reference) -> str:
            return named[h5py.h5o.get_info(h5py.h5r.dereference(reference, file.id)).addr]

        for name, stored in file.items():
            names = {"DIMENSION_LIST", "REFERENCE_LIST"} & set(stored.attrs)
            ends = {key: sorted(name_of(row[0]) for row in stored.attrs[key]) for key in names}
            attributes = {key: repr(value) for key, value in stored.attrs.items() if key not in names}
            form = (stored.dtype, stored.shape, stored.maxshape, repr(stored.fillvalue))
            described[name] = (*form, attributes, ends, repr(stored[()].tolist()))
    return described


@pytest.mark.parametrize("part", ["whole", "without boards"])
def test_a_saved_file_is_what_xarray_writes(
    part: str, whole: Results, nation: Results, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if part == "whole":
        results, by_xarray = whole, request.getfixturevalue("file_by_xarray")
        expected: xr.Dataset = request.getfixturevalue("read_by_xarray")
    else:
        results = replace(nation, futures=None, schedule=None)
        by_xarray = written_by_xarray(as_now(results), tmp_path)
    path = results.save(tmp_path / "saved.nc")
    assert path.read_bytes() == results.save(tmp_path / "again.nc").read_bytes()
    described = describe_stored(by_xarray)
    assert describe_stored(path) == described
    (tmp_path / "tests").mkdir()
    assert describe_stored(saved(as_now(results), tmp_path / "tests")) == described
    if part != "whole":  # what HDF5 says of both is the same, and so is what any program reads of them
        return
    opened = opened_by_xarray(path)
    xr.testing.assert_identical(opened, expected)
    assert list(opened.variables) == list(expected.variables)
    for name, variable in expected.variables.items():
        assert opened[name].dtype == variable.dtype, name
        encodings = [{**data[name].encoding, "source": ""} for data in (opened, expected)]
        assert repr(encodings[0]) == repr(encodings[1]), name


def test_a_saved_file_opens_without_our_code_and_knows_its_dimensions(whole: Results, tmp_path: Path) -> None:
    path = whole.save(tmp_path / "x.nc")
    with h5netcdf.File(path, "r") as file:
        sizes = {name: dimension.size for name, dimension in file.dimensions.items()}
        assert sizes == {"future": N, "year": 8, "board": 6, "quarter": 32, "lever": len(file["lever"]), "bound": 2}
        assert file["board_spent"].dimensions == ("future", "year", "board")
        assert file["year_bounds"].dimensions == ("year", "bound")
        assert "bound" not in file.variables
        np.testing.assert_array_equal(file["spent"][...], whole.nation["spent"])
    with h5py.File(path, "r") as file:
        assert file["year"].is_scale
        assert [dimension[0].name for dimension in file["board_spent"].dims] == ["/future", "/year", "/board"]


UNWRITABLE = {
    "lengths": ({"a": (("x",), np.zeros(2)), "b": (("x",), np.zeros(3))}, ValueError, "b has 3 of the dimension x"),
    "axes": ({"a": (("x",), np.zeros((2, 3)))}, ValueError, "a, of the shape .2, 3., cannot"),
    "name": ({"x": (("x", "y"), np.zeros((2, 3)))}, ValueError, "x, of the shape .2, 3., cannot"),
    "kind": ({"a": (("x",), np.zeros(2, bool))}, TypeError, "neither a number nor text"),
}


@pytest.mark.parametrize(("variables", "problem", "words"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_netcdf_cannot_hold_is_not_written(
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]], problem: type[Exception], words: str
) -> None:
    encoded = {name: EncodedVariable(dims, values, {}) for name, (dims, values) in variables.items()}
    with pytest.raises(problem, match=words):
        write_netcdf(encoded, {})
