"""What people take away: data, a briefing, commands that give the same numbers, and a sentence to cite."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import tempfile
from dataclasses import asdict
from pathlib import Path

from dashboards.choice import LETTERS, OUTCOMES
from dashboards.reading import Reading, headline
from dashboards.working import Answer, Store, shared_futures
from simulator.boards import boards
from simulator.report import VERSIONS, page
from simulator.reporting.content import Study
from simulator.scenario import library, scenario


def csv(read: Reading) -> bytes:
    """Yearly outcomes as a table: one row a scenario, future and year; lines that begin with # say how it was made."""
    import numpy as np
    import pandas as pd

    parts = []
    for letter, run in zip(LETTERS, read.runs, strict=False):
        n, years = run.nation.shape
        table = {"scenario": letter, "future": np.repeat(np.arange(n), years), "year": list(run.years) * n}
        table |= {name: run.each_year(name).ravel().round(6) for name in OUTCOMES}
        parts.append(pd.DataFrame(table))
    notes = [f"# {letter}: {json.dumps(asdict(run.manifest), ensure_ascii=True)}"
             for letter, run in zip(LETTERS, read.runs, strict=False)]  # fmt: skip
    body = pd.concat(parts).to_csv(index=False, lineterminator="\n")
    return ("\n".join(notes) + "\n" + body).encode("utf-8")


def netcdf(read: Reading) -> bytes:
    """Every national measure of every scenario as one netCDF file, with the manifests in it."""
    import xarray as xr

    data = xr.concat([run.data for run in read.runs], dim="scenario", combine_attrs="drop")
    data = data.assign_coords(scenario=list(LETTERS[: len(read.runs)]))
    data.attrs["manifests"] = json.dumps([asdict(run.manifest) for run in read.runs], ensure_ascii=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ringfence.nc"
        data.to_netcdf(path, engine="h5netcdf")
        return path.read_bytes()


def briefing(answer: Answer, store: Store) -> bytes:
    """The report as one web page, from the results on the screen and those of the ring-fence's versions."""
    read = Reading(answer.choice.scenarios, answer.results, {}, boards(), answer.choice.outcome)
    futures = shared_futures(answer.futures, answer.choice.seed)
    versions = {name: store.get(scenario(name), futures) for name in VERSIONS}
    study = Study(read.scenarios, read.runs, versions, read.boards)
    return page(study, dt.date.today()).encode("utf-8")


def commands(read: Reading) -> list[str]:
    """What to type for the numbers on the screen. Scenarios of one's own are named by the files to download."""
    made = read.baseline.manifest
    names = " ".join(shlex.quote(_reference(one.name)) for one in read.scenarios[1:])
    first, last = read.years
    years = first if first == last else f"{first}-{last}"
    shared = f"--seed {made.seed} -n {made.futures}"
    if not names:
        return [f"ringfence run baseline {shared}"]
    return [f"ringfence compare {names} --outcome {read.outcome} --years {years} {shared}",
            f"ringfence report {names} {shared}"]  # fmt: skip


def _reference(name: str) -> str:
    return name if all(part in library() for part in name.split("+")) else f"{name}.yaml"


def own_files(read: Reading) -> list[str]:
    """Files that the commands need and that are not in the library."""
    return [f"{one.name}.yaml" for one in read.scenarios[1:] if _reference(one.name) != one.name]


def citation(read: Reading) -> str:
    """A sentence to cite."""
    m = read.baseline.manifest
    said = headline(read)
    prints = ", ".join(run.manifest.scenario_fingerprint for run in read.runs)
    return (
        f"Our analysis, produced using Ringfence {m.version} ({m.futures:,} paired futures, seed {m.seed}, scenarios "
        f"{prints}, {m.badge}), suggests: {said[0].lower() if said.startswith('The') else said[0]}{said[1:]}"
    )
