"""The lines of the guide for R, DuckDB, pandas and polars run, and read the numbers that the results hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import simulator as rf

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "guide" / "archives.md").read_text(encoding="utf-8")
R_PACKAGES = ("r-base-core", "r-cran-ncdf4", "r-cran-data.table")
YEAR = 5  # 2027/28


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "deposit"
    rf.run("ringfence", 8).save_crate(folder)
    design = {"kind": "grid", "factors": {"ringfence": [0, 1]}, "outcomes": ["retained"], "runs": 3}
    rf.sweep(design, folder / "results")
    return folder


def run_r(code: str, folder: Path) -> list[str]:
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="Rscript is not installed; continuous integration has it")
def test_r_reads_netcdf_and_csv(folder: Path) -> None:
    results: Any = rf.load(folder)
    first, second, _ = blocks("r")
    year, mean, n = run_r(first, folder)
    assert (year, int(n)) == ("2027/28", 8)
    assert float(mean) == pytest.approx(results.each_year("retained")[:, YEAR].mean(), abs=2e-6)
    year, mean = run_r(second, folder)
    table = results.to_frame()
    rows = table[table["year"] == "2027/28"]
    assert year == "2027/28"
    assert float(mean) == pytest.approx((rows["protected"] / rows["pot"]).mean(), abs=2e-6)


def test_continuous_integration_installs_what_the_lines_for_r_take() -> None:
    installed = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [package for package in R_PACKAGES if package not in installed] == []


def test_duckdb_pandas_and_polars_read_the_same_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("polars")
    monkeypatch.chdir(folder)
    rows = rf.read_sweep("results")
    means = rows.groupby("ringfence")["retained"].mean().tolist()
    query, copy = blocks("sql")
    assert [row[1:] for row in duckdb.sql(query).fetchall()] == [(3, pytest.approx(mean)) for mean in means]
    duckdb.sql(copy)
    if shutil.which("Rscript") is not None:
        assert [float(mean) for mean in run_r(blocks("r")[-1], folder)] == pytest.approx(means, abs=1e-9)
    *_, by_pandas, by_polars = blocks("python")
    names: dict[str, Any] = {}
    exec(by_pandas, names)  # the guide's own text
    results: Any = rf.load(folder)
    assert names["by_year"].tolist() == pytest.approx(results.each_year("retained").mean(axis=0).tolist())
    assert len(names["rows"]) == 6
    names["data"].close()
    exec(by_polars, names)
    assert names["means"]["retained"].to_list() == pytest.approx(means)


def test_cf_xarray_finds_time_and_its_bounds(folder: Path) -> None:
    pytest.importorskip("cf_xarray")
    import xarray as xr

    with xr.open_dataset(folder / "results.nc", engine="h5netcdf") as data:
        accessor: Any = data.cf
        assert accessor.axes == {"T": ["year"]} and accessor.standard_names == {"time": ["year"]}
        assert accessor.bounds["time"] == ["year_bounds"]
        assert data.attrs["history"] and data["year"].attrs["units_metadata"] == "leap_seconds: none"


def test_udunits_knows_every_unit_that_is_written_and_every_number_has_one(folder: Path) -> None:
    cf_units = pytest.importorskip("cf_units")
    import xarray as xr

    with xr.open_dataset(folder / "results.nc", engine="h5netcdf", decode_times=False) as data:
        numbers = {name: data[name].attrs for name in data.variables if data[name].dtype.kind in "fiu"}
    bare = [name for name, about in numbers.items() if "units" not in about]
    assert bare == ["year_bounds"]  # bounds have the units of what they bound
    units = {(about["units"], about.get("calendar")) for about in numbers.values() if "units" in about}
    for unit, calendar in units:
        assert not cf_units.Unit(unit, calendar=calendar).is_unknown()
    assert len(numbers) > 200 and any(calendar for _, calendar in units)
