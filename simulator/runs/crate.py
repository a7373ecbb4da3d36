"""Results as an RO-Crate: a folder that an archive takes as it is, with everything that makes the numbers again.

The folder holds the results (netCDF), their outcomes and levers (CSV), the scenario's file where it is known, a README,
and `ro-crate-metadata.json`, which says of each file what it is, with its SHA-256.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.common.crate_folder import (
    LICENCE,
    CrateContent,
    CrateFile,
    check_crate_folder,
    format_table,
    write_crate_folder,
)
from simulator.common.errors import InputError
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.runs.manifest import Manifest
from simulator.scenarios.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

RESULTS, SCENARIO = "results.nc", "scenario.yaml"


class CrateData(Protocol):
    """What goes into a crate; `simulator.runs.results.Results` is so."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def schedule(self) -> NDArray[np.void] | None: ...

    @property
    def sentence(self) -> str: ...

    def span(self) -> slice: ...

    def summary(self, years: slice) -> pd.DataFrame: ...

    def to_frame(self) -> pd.DataFrame: ...

    def to_bytes(self) -> bytes: ...


def write_crate(
    results: CrateData,
    folder: str | Path,
    *,
    scenario: str | Path | Scenario | None = None,
    title: str = "",
    authors: Sequence[str] = (),
    licence: str = LICENCE,
    today: dt.date | None = None,
) -> Path:
    """Write results as an RO-Crate into a folder that is empty or not there yet. Returns it.

    `scenario` is the one that was run, by default found in the library; `authors` are yours, and `licence` the address
    of the licence that you give the data. Raises InputError for a folder that holds something, or for another scenario;
    FileWriteError.
    """
    manifest = results.manifest
    policy = find_scenario(manifest, scenario)
    check_crate_folder(folder)  # before anything is made
    content = CrateContent(
        title=_name(manifest),
        description=f"{results.sentence} ({manifest.badge}.)",
        files=_make_files(results, policy),
        result=RESULTS,
        action=f"{manifest.futures:,} futures, seed {manifest.seed}",
        record=f"Manifest: {json.dumps(asdict(manifest), ensure_ascii=False)}",
        readme=_write_lines(manifest, policy),
        inputs=[SCENARIO] if policy is not None else [],
        version=manifest.version,
    )
    return write_crate_folder(content, folder, title=title, authors=authors, licence=licence, today=today)


def find_scenario(manifest: Manifest, given: str | Path | Scenario | None = None) -> Scenario | None:
    """The scenario that was run, if it is given or in the library. Raises InputError for another."""
    if given is not None:
        given = load_scenario(given)
        if given.fingerprint != manifest.scenario_fingerprint:
            raise InputError(f"“{given.title}” is not the scenario of these results, which is “{manifest.title}”")
        return given
    try:
        policy = load_scenario(manifest.scenario)
    except (LookupError, ValueError, OSError):
        return None
    return policy if policy.fingerprint == manifest.scenario_fingerprint else None


def _make_files(results: CrateData, policy: Scenario | None) -> dict[str, CrateFile]:
    """The files that hold data, by name."""
    import pandas as pd

    outcomes = results.summary(results.span())
    outcomes = outcomes.assign(years=str(outcomes.index.name)).rename_axis("outcome")
    every = "Every future: outcomes, measures, parameters and addresses of chance (CF)"
    files = {
        RESULTS: CrateFile(every, results.to_bytes()),
        "outcomes.csv": CrateFile(
            "Every outcome over the years in which policies act: mean and centiles over futures",
            format_table(outcomes, index=True),
        ),
        "national.csv": CrateFile("National measures, a row per future and year", format_table(results.to_frame())),
    }
    if results.schedule is not None:
        columns = {name: results.schedule[declared.group][name] for name, declared in LEVERS.items()}
        table = pd.DataFrame(columns, index=[quarter_name(quarter) for quarter in range(len(results.schedule))])
        words = "What every lever was set to, a row for each quarter"
        files["levers.csv"] = CrateFile(words, format_table(table.rename_axis("quarter"), index=True))
    if policy is not None:
        files[SCENARIO] = CrateFile("The scenario, as `ringfence run` reads it", policy.to_yaml().encode())
    return files


def _name(manifest: Manifest) -> str:
    return f"“{manifest.title}”: {manifest.futures:,} futures of health inequalities money in England's NHS"


def _write_lines(manifest: Manifest, policy: Scenario | None) -> list[str]:
    """The README's lines that make the results again."""
    scenario = f'"{SCENARIO}"' if policy is not None else "policy"
    where = [] if policy is not None else ["policy = ...  # its file is not here; levers.csv has what it sets", ""]
    own = "" if manifest.boards == "the 42 integrated care boards" else f', boards="{manifest.boards}"'
    return [
        "```python",
        "import simulator as rf",
        "",
        f'results = rf.load("{RESULTS}")',
        *where,
        f"again = rf.run({scenario}, futures=results.futures{own})",
        "assert (again.nation == results.nation).all()",
        "```",
        "",
        "The futures hold their parameters and addresses of chance, so that neither a fit nor evidence is needed.",
        f"Made by Ringfence {manifest.version} (rules {manifest.code}), seed {manifest.seed}, with Python "
        f"{manifest.python}, NumPy {manifest.numpy}, numba {manifest.numba} on {manifest.system}; others should give "
        "the same bits.",
        "",
        f"Boards: {manifest.boards} (fingerprint {manifest.boards_fingerprint}); scenario fingerprint "
        f"{manifest.scenario_fingerprint}; futures {manifest.futures_fingerprint}.",
    ]
