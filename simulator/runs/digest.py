"""The published digest: do 1,000 futures come out on this computer as they did where they were published?

Runs of four scenarios through the default futures are reduced to hashes, ten for each scenario, each of 100 futures.
`data/digest.json` holds them and what they hang on; `python -m simulator.runs.digest` writes it. Any program that runs
the model can compute the same. What is hashed, with SHA-256, is a row of 64-bit floating-point numbers, the lowest byte
first, in this order:

* the futures of the hundred, in order; for each of them
* first all national values: year by year, and within a year in the order of `NATIONAL_VARIABLES`;
* then all values of areas: year by year, within a year area by area in the order of the table of boards, and for each
  area in the order of `AREA_VARIABLES`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from simulator.boards.table import read_boards
from simulator.common.atomic_files import write_text
from simulator.common.errors import InputError
from simulator.declarations.calendar import YEARS, year_name
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.engine.ensemble import YearlyRecords, simulate
from simulator.runs.futures import SEED, draw_futures
from simulator.scenarios.scenario import Scenario
from simulator.scenarios.scenario import load_scenario as load_scenario

NAME = "digest.json"
SCENARIOS = ("baseline", "ringfence", "leadership", "both")
FUTURES, BLOCK = 1_000, 100


@dataclass(frozen=True)
class Inputs:
    """What results hang on beside the rules: fingerprints of futures, boards and each scenario, seed and layout."""

    seed: int
    futures: int
    block: int
    futures_fingerprint: str
    boards_fingerprint: str
    scenario_fingerprints: Mapping[str, str]
    years: tuple[str, ...]
    areas: int
    national: tuple[str, ...]
    by_area: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """How a computer's digests compare with those published: blocks equal, of how many, by scenario.

    `changed` names inputs that are not those published, such as edited boards; then digests differ for that reason.
    """

    equal: Mapping[str, int]
    blocks: int
    changed: tuple[str, ...]

    @property
    def same_bits(self) -> bool:
        """Whether every block is as published."""
        return all(count == self.blocks for count in self.equal.values())


def digest(yearly: YearlyRecords) -> str:
    """The hash of futures run with detail, as 64 hexadecimal digits; see above for the order of values."""
    if yearly.areas is None:
        raise InputError("a digest needs the years of every area; simulate with detail=True")
    made = hashlib.sha256()
    for nation, areas in zip(yearly.nation, yearly.areas, strict=True):
        for records in (nation, areas):
            made.update(records.view("f8").astype("<f8").tobytes())
    return made.hexdigest()


def compute_digests(
    scenario: Scenario, progress: Callable[[int, int], None] | None = None, blocks: int = FUTURES // BLOCK
) -> tuple[str, ...]:
    """The digests of one scenario's first blocks of futures. `progress(done, total)` counts futures."""
    drawn, made = draw_futures(FUTURES, seed=SEED), []
    for first in range(0, blocks * BLOCK, BLOCK):
        part = drawn.part(first, first + BLOCK)
        made.append(
            digest(
                simulate(part.points, part.runs, scenario.schedule, read_boards().areas, seed=part.seed, detail=True)
            )
        )
        if progress:
            progress(first + BLOCK, blocks * BLOCK)
    return tuple(made)


def collect_inputs() -> Inputs:
    """What results hang on beside the rules, as it is here."""
    return Inputs(
        seed=SEED,
        futures=FUTURES,
        block=BLOCK,
        futures_fingerprint=draw_futures(FUTURES, seed=SEED).fingerprint,
        boards_fingerprint=read_boards().fingerprint,
        scenario_fingerprints={name: load_scenario(name).fingerprint for name in SCENARIOS},
        years=tuple(year_name(year) for year in range(YEARS)),
        areas=len(read_boards()),
        national=tuple(NATIONAL_VARIABLES),
        by_area=tuple(AREA_VARIABLES),
    )


@cache
def read_published() -> tuple[Inputs, Mapping[str, tuple[str, ...]]]:
    """The inputs and digests that come with the package. Raises OSError if lost, ValueError if damaged."""
    try:
        document = json.loads(files("simulator").joinpath("data").joinpath(NAME).read_text(encoding="utf-8"))
        plain = document["inputs"]
        lists = {name: tuple(plain[name]) for name in ("years", "national", "by_area")}
        return Inputs(**{**plain, **lists}), {name: tuple(made) for name, made in document["digests"].items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{NAME} is damaged; install the package again") from error


def check(progress: Callable[[int, int], None] | None = None, blocks: int = FUTURES // BLOCK) -> Check:
    """Run the first blocks of futures and compare; `progress` counts the futures of each scenario."""
    wanted, hashes = read_published()
    here = asdict(collect_inputs())
    changed = tuple(name for name, value in asdict(wanted).items() if here[name] != value)
    equal = {}
    for name, kept in hashes.items():
        made = compute_digests(load_scenario(name), progress, blocks)
        equal[name] = sum(one == other for one, other in zip(made, kept, strict=False))
    return Check(equal, blocks, changed)


def write(path: Path) -> None:
    """Write the file of inputs and digests as this computer has them. Raises FileWriteError."""
    document = {
        "about": f"SHA-256 of 64-bit results, lowest byte first, of every {BLOCK} futures; order: runs/digest.py",
        "inputs": asdict(collect_inputs()),
        "digests": {name: compute_digests(load_scenario(name)) for name in SCENARIOS},
    }
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "data" / NAME)
