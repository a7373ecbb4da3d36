"""Results as an RO-Crate: a folder that an archive takes as it is, with everything that makes the numbers again.

The folder holds the results (netCDF), their outcomes and levers (CSV), the scenario's file where it is known, a README,
and `ro-crate-metadata.json`, which says of each file what it is, with its SHA-256.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.common.atomic_files import FileWriteError, check_folder, make_folder, write_together
from simulator.common.errors import InputError
from simulator.common.linked_data import DIGEST, Entity, describe_software, make_crate, refer_to
from simulator.common.paths import expand_path
from simulator.common.spreadsheet import make_cell_safe
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.runs.manifest import Manifest
from simulator.scenarios.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

METADATA, RESULTS, README = "ro-crate-metadata.json", "results.nc", "README.md"
LICENCE = "https://spdx.org/licenses/CC-BY-4.0"
CONTRIBUTORS = "Ringfence contributors"
"""The authors of the program, as CITATION.cff has them."""

_KINDS: Mapping[str, tuple[str, str]] = {
    README: ("text/markdown", "What is here, and how to make it again"),
    RESULTS: ("application/netcdf", "Every future: outcomes, measures, parameters and addresses of chance (CF)"),
    "outcomes.csv": ("text/csv", "Every outcome over the years in which policies act: mean and centiles over futures"),
    "national.csv": ("text/csv", "National measures, a row a future and year"),
    "levers.csv": ("text/csv", "What every lever was set to, a row a quarter"),
    "scenario.yaml": ("application/yaml", "The scenario, as `ringfence run` reads it"),
}


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
    scenario: Scenario | None = None,
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
    folder = check_empty(folder)
    if any(not author.strip() for author in authors) or not licence.strip():
        raise InputError("authors and a licence are names and an address, not empty texts")
    policy = _find_scenario(results.manifest, scenario)
    check_folder(folder, [METADATA])
    files = _make_files(results, policy)
    files[README] = _write_readme(results.manifest, policy, list(files)).encode()
    files = {name: files[name] for name in _KINDS if name in files}
    day = (today or dt.date.today()).isoformat()
    document = _describe(results, files, title or _name(results.manifest), authors, licence, day)
    files[METADATA] = (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
    try:
        make_folder(folder)
        write_together({folder / name: content for name, content in files.items()}, last=folder / METADATA)
    except OSError as problem:
        raise FileWriteError(f"{folder} cannot be written: {problem.strerror or problem}") from problem
    return folder


def check_empty(folder: str | Path) -> Path:
    """The folder for a crate. Raises InputError if it holds something already."""
    folder = expand_path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} holds files already; give a folder that is empty or not there yet")
    return folder


def _find_scenario(manifest: Manifest, given: Scenario | None) -> Scenario | None:
    """The scenario that was run, if it is given or in the library. Raises InputError for another."""
    if given is not None:
        if given.fingerprint != manifest.scenario_fingerprint:
            raise InputError(f"“{given.title}” is not the scenario of these results, which is “{manifest.title}”")
        return given
    try:
        policy = load_scenario(manifest.scenario)
    except (LookupError, ValueError, OSError):
        return None
    return policy if policy.fingerprint == manifest.scenario_fingerprint else None


def _make_files(results: CrateData, policy: Scenario | None) -> dict[str, bytes]:
    """The files that hold data, by name."""
    import pandas as pd

    outcomes = results.summary(results.span()).rename_axis("outcome")
    files = {
        RESULTS: results.to_bytes(),
        "outcomes.csv": _format_table(outcomes),
        "national.csv": _format_table(results.to_frame(), index=False),
    }
    if results.schedule is not None:
        columns = {name: results.schedule[declared.group][name] for name, declared in LEVERS.items()}
        table = pd.DataFrame(columns, index=[quarter_name(quarter) for quarter in range(len(results.schedule))])
        files["levers.csv"] = _format_table(table.rename_axis("quarter"))
    if policy is not None:
        files["scenario.yaml"] = policy.to_yaml().encode()
    return files


def _format_table(table: pd.DataFrame, index: bool = True) -> bytes:
    return bytes(table.map(make_cell_safe).to_csv(index=index, lineterminator="\n").encode())


def _name(manifest: Manifest) -> str:
    return f"“{manifest.title}”: {manifest.futures:,} futures of health inequalities money in England's NHS"


def _describe(
    results: CrateData, files: Mapping[str, bytes], title: str, authors: Sequence[str], licence: str, day: str
) -> dict[str, object]:
    """The metadata of the folder."""
    manifest = results.manifest
    people: list[Entity] = [
        {"@id": f"#author-{number}", "@type": "Person", "name": name.strip()} for number, name in enumerate(authors, 1)
    ]
    makers: Entity = {"@id": "#contributors", "@type": "Organization", "name": CONTRIBUTORS}
    parts: list[Entity] = [_describe_file(name, content) for name, content in files.items()]
    licences: list[Entity] = [{"@id": licence, "@type": "CreativeWork", "name": licence}]
    software = {**describe_software(manifest.version), "author": refer_to("#contributors")}
    action: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"{manifest.futures:,} futures, seed {manifest.seed}",
        "instrument": refer_to("#ringfence"),
        **({"object": refer_to("scenario.yaml")} if "scenario.yaml" in files else {}),
        "result": refer_to(RESULTS),
        "description": f"Manifest: {json.dumps(asdict(manifest), ensure_ascii=False)}",
    }
    root: Entity = {
        "name": title,
        "description": f"{results.sentence} ({manifest.badge}.) Simulated, not observed: no line is a forecast of a "
        "named board. README.md says how to make it again.",
        "datePublished": day,
        "license": refer_to(licence),
        "author": [refer_to(str(person["@id"])) for person in people] or refer_to("#contributors"),
        "keywords": "agent-based model, health inequalities, integrated care boards, ring-fenced funding",
        "hasPart": [refer_to(name) for name in files],
        "mentions": refer_to("#run"),
    }
    return make_crate(root, [*parts, *people, makers, software, action, *licences])


def _describe_file(name: str, content: bytes) -> Entity:
    kind, words = _KINDS[name]
    return {
        "@id": name,
        "@type": "File",
        "name": words,
        "encodingFormat": kind,
        "contentSize": str(len(content)),
        DIGEST: hashlib.sha256(content).hexdigest(),
    }


def _write_readme(manifest: Manifest, policy: Scenario | None, names: Sequence[str]) -> str:
    """What is here, and how to make it again."""
    lines = [f"* `{name}`: {_KINDS[name][1]}" for name in _KINDS if name in (*names, README)]
    scenario = '"scenario.yaml"' if policy is not None else "policy"
    where = [] if policy is not None else ["policy = ...  # its file is not here; levers.csv has what it sets", ""]
    own = "" if manifest.boards == "the 42 integrated care boards" else f', boards="{manifest.boards}"'
    code = [
        "import simulator as rf",
        "",
        f'results = rf.load("{RESULTS}")',
        *where,
        f"again = rf.run({scenario}, futures=results.futures{own})",
        "assert (again.nation == results.nation).all()",
    ]
    return "\n".join(
        [
            f"# {_name(manifest)}",
            "",
            f"Made by Ringfence {manifest.version} (rules {manifest.code}), seed {manifest.seed}; {manifest.badge}.",
            "Simulated, not observed: no line is a forecast of a named board.",
            "",
            *lines,
            f"* `{METADATA}`: what each file is, with its SHA-256 (RO-Crate 1.1)",
            "",
            "## How to make it again",
            "",
            f"    pip install ringfence=={manifest.version}",
            "",
            "```python",
            *code,
            "```",
            "",
            "The futures hold their parameters and addresses of chance, so that neither a fit nor evidence is needed.",
            f"Made with Python {manifest.python}, NumPy {manifest.numpy}, numba {manifest.numba} on {manifest.system}; "
            "others should give the same bits.",
            "",
            f"Boards: {manifest.boards} (fingerprint {manifest.boards_fingerprint}); scenario fingerprint "
            f"{manifest.scenario_fingerprint}; futures {manifest.futures_fingerprint}.",
            "Contains public sector information licensed under the Open Government Licence v3.0.",
            "",
        ]
    )
