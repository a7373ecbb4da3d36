"""How results were made: everything needed to make them again."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata

from simulator.boards.table import Boards
from simulator.declarations.plugin import find_plugin
from simulator.engine.kernel_sources import source_hash
from simulator.runs.futures import Futures
from simulator.scenarios.scenario import Scenario


@dataclass(frozen=True)
class RunInputs:
    """What was run: the scenario, the boards and the futures."""

    scenario: str
    title: str
    scenario_fingerprint: str
    start: int
    boards: str
    boards_fingerprint: str
    futures: int
    seed: int
    source: str
    settings: tuple[tuple[str, float], ...]
    futures_fingerprint: str
    badge: str
    first_plan: int


@dataclass(frozen=True)
class Software:
    """What ran. `code` is the fingerprint of the rules and of everything else that decides a run's bits."""

    version: str
    code: str
    python: str
    numpy: str
    numba: str
    system: str


@dataclass(frozen=True)
class Manifest(Software, RunInputs):
    """How results were made: enough to make them again.

    `posterior` holds the options that name a posterior other than the one that ships; `plugin` is the file of a plug-in
    with the digest of its content, "" for the model alone.
    """

    posterior: tuple[tuple[str, str], ...] = ()
    plugin: str = ""


def make_manifest(scenario: Scenario, boards: Boards, futures: Futures, first_plan: int) -> Manifest:
    """The manifest of a run on this machine."""
    return Manifest(
        scenario=scenario.name,
        title=scenario.title,
        scenario_fingerprint=scenario.fingerprint,
        start=-1 if scenario.start is None else scenario.start,
        boards=boards.source,
        boards_fingerprint=boards.fingerprint,
        futures=len(futures),
        seed=futures.seed,
        source=futures.source,
        settings=futures.settings,
        futures_fingerprint=futures.fingerprint,
        badge=futures.badge,
        first_plan=first_plan,
        **asdict(find_software()),
        posterior=futures.posterior,
        plugin="" if (plugin := find_plugin()) is None else plugin.reference,
    )


def find_software() -> Software:
    """What runs now."""
    return Software(
        version=find_version(),
        code=source_hash(),
        python=platform.python_version(),
        numpy=find_version("numpy"),
        numba=find_version("numba"),
        system=sys.platform,
    )


@cache
def find_version(package: str = "ringfence") -> str:
    """The version of this package, or of another; looking it up takes a millisecond, so it is done once."""
    return metadata.version(package)
