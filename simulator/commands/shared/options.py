"""The options that several commands take, each declared once, so that it reads and means the same everywhere."""

from __future__ import annotations

from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.scenarios.headline import HEADLINE

RIVALS = ("ringfence", "leadership")  # "both" holds either of them, so there is nothing to choose with it

# Repeated from simulator.runs.futures, whose import would make every --help wait; a test holds them equal.
SEED = 20240323
DEFAULT_N = 1_000
MOST = 500_000

LEVERS_FROM = "2027/28 Q1"
TABLES = (".csv", ".json")


class Source(StrEnum):
    """Where parameters come from."""

    POSTERIOR = auto()
    PRIOR = auto()
    DEFAULT = auto()


def list_scenario_names(incomplete: str) -> list[str]:
    """Library names for shell completion."""
    from simulator.scenarios.library import library

    return [name for name in library() if name.startswith(incomplete)]


def text_option(name: str, metavar: str, about: str) -> Any:
    """An option whose value stands as `metavar` in the help."""
    return typer.Option(name, metavar=metavar, help=about)


def value_option(name: str, about: str) -> Any:
    """An option of one value of an outcome."""
    return text_option(name, "X", about)


def levers_option(name: str, about: str) -> Any:
    """An option that sets a lever, and may be repeated; `read_levers` reads it."""
    return text_option(name, "NAME=VALUE", f"{about}; may be repeated.")


def scenario_argument(about: str, metavar: str = "SCENARIO") -> Any:
    """An argument that names scenarios, with completion of the library's names."""
    return typer.Argument(metavar=metavar, help=about, autocompletion=list_scenario_names)


def scenario_option(name: str, about: str) -> Any:
    """An option that names a scenario, with the same completion."""
    return typer.Option(name, metavar="SCENARIO", help=about, autocompletion=list_scenario_names)


# Which scenarios.


ScenarioName = Annotated[str, scenario_argument("A library name, a scenario file, or several joined by '+'.")]
ScenarioNames = Annotated[
    list[str] | None, scenario_argument(f"Library names, files, or stacks such as a+b. Default: {', '.join(HEADLINE)}.")
]
RivalNames = Annotated[
    list[str] | None,
    scenario_argument(f"Two or more library names, files, or stacks such as a+b. Default: {', '.join(RIVALS)}."),
]
Against = Annotated[str, scenario_option("--against", "The scenario to compare with.")]
AgainstIfAny = Annotated[
    str | None,
    scenario_option("--against", "Ask about the difference from this scenario in the same futures."),
]
MovedTo = Annotated[
    str | None,
    text_option("--from", "QUARTER", "Move the scenarios in time, to begin in this quarter."),
]
LeversFrom = Annotated[
    str, text_option("--from", "QUARTER", "The quarter from which levers are moved, such as 2027/28 Q1.")
]

# About what.

Outcome = Annotated[
    str, text_option("--outcome", "NAME", "The outcome to ask about; see: ringfence reference outcomes.")
]
Years = Annotated[
    str | None,
    text_option("--years", "SPAN", "Years, such as 2027/28-2029/30. Default: from the first change on."),
]
YearsOfLevers = Annotated[
    str | None, text_option("--years", "SPAN", "Years, such as 2027/28-2029/30. Default: 2027/28 on.")
]
BoardsFile = Annotated[
    Path | None, text_option("--boards", "FILE.csv", "A table of boards of your own. Default: the 42.")
]
StructureWeightsFile = Annotated[
    str | None,
    text_option(
        "--structure-weights",
        "FILE.yaml",
        "How much each structure of the model counts in averages over them. Default: each the same.",
    ),
]
Factors = Annotated[
    list[str] | None,
    text_option(
        "--over",
        "NAMES",
        "Parameters and levers to vary, joined by commas; may be repeated. Default: all uncertain parameters.",
    ),
]

# In which futures.

FutureCount = Annotated[int, typer.Option("-n", "--futures", min=1, max=MOST, help="How many futures to run.")]
Draws = Annotated[int, typer.Option("--draws", min=10, max=20_000, help="How many parameter draws to run.")]
Replicates = Annotated[
    int,
    typer.Option(
        "--replicates", "--lucks", min=1, max=1_000, help="Replicates of each draw: runs that differ by chance alone."
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=2**64 - 1, help="The seed of all random numbers, and so of all futures.")
]
Parameters = Annotated[
    Source, typer.Option("--source", help="Draw parameters from the posterior or the prior, or keep their defaults.")
]
DrawnParameters = Annotated[Source, typer.Option("--source", help="Draw parameters from the posterior or the prior.")]

# What comes out.

Expect = Annotated[
    str | None,
    text_option(
        "--expect",
        "FINGERPRINT",
        'Refuse to give any answer but the one of this fingerprint, which stands under "Make it again".',
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document with full-precision numbers.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with full-precision numbers.")]
OutTable = Annotated[Path | None, text_option("--out", "FILE", "Also write the answer to this .csv or .json file.")]
CrateFolder = Annotated[
    Path | None,
    text_option(
        "--crate",
        "FOLDER",
        "Also write an RO-Crate: a folder with the answer, what it rests on and a README, ready to deposit.",
    ),
]
