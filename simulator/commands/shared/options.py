"""What the commands share: options, reading scenarios and boards, and running with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from simulator.commands.shared.console import Bar, say
from simulator.common.characters import plain
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, number

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.runs.futures import Futures
    from simulator.runs.manifest import Manifest
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario

T = TypeVar("T")
HEADLINE = ("ringfence", "leadership", "both")
# Repeated from simulator.runs.futures, whose import would make every --help wait; a test holds them equal.
SEED = 20240323
DEFAULT_N = 1_000
MOST = 500_000
TABLES = (".csv", ".json")


class Source(StrEnum):
    """Where parameters come from."""

    POSTERIOR = "posterior"
    PRIOR = "prior"
    DEFAULT = "default"


def scenario_names(incomplete: str) -> list[str]:
    """Library names for shell completion."""
    from simulator.scenarios.library import library

    return [name for name in library() if name.startswith(incomplete)]


One = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A library name, a scenario file, or several joined by '+'.",
        autocompletion=scenario_names,
        show_default=False,
    ),
]
Several = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SCENARIO",
        help=f"Library names, files, or stacks such as a+b. Without any: {', '.join(HEADLINE)}.",
        autocompletion=scenario_names,
        show_default=False,
    ),
]
Count = Annotated[int, typer.Option("-n", "--futures", min=1, max=MOST, help="How many futures to run.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**64 - 1, help="The seed of all luck.")]
Years = Annotated[
    str | None,
    typer.Option("--years", metavar="SPAN", help="Years, such as 2027/28-2029/30. Default: from the first change on."),
]
Parameters = Annotated[
    Source, typer.Option("--source", help="Parameters: draws from a fit or a prior, or the default.")
]
BoardsFile = Annotated[
    Path | None, typer.Option("--boards", metavar="FILE.csv", help="Your own table of boards instead of the 42.")
]
Expect = Annotated[
    str | None,
    typer.Option(
        "--expect",
        metavar="FINGERPRINT",
        show_default=False,
        help='Give the answer of this fingerprint, as printed under "Make it again", or none.',
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document with full-precision numbers.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with full-precision numbers.")]


def read_policy(name: str) -> Scenario:
    """A scenario by library name or file, or several of either joined by '+'. Raises as `scenario`."""
    from simulator.common.yaml_nodes import suggest
    from simulator.scenarios.library import UnknownScenario, is_file_name
    from simulator.scenarios.scenario import scenario

    try:
        return scenario(name)
    except UnknownScenario as unknown:
        path = Path(unknown.name)
        if unknown.fingerprint or not is_file_name(unknown.name):
            raise
        near = path.parent.glob("*.y*ml") if path.parent.is_dir() else ()
        hint = suggest(path.name, [file.name for file in near])
        raise InputError(f"there is no file '{unknown.name}'{hint}" if hint else str(unknown)) from unknown


def read_policies(names: Sequence[str]) -> list[Scenario]:
    """Several scenarios, told apart by their titles. Raises InputError with the problems of all of them."""
    from simulator.scenarios.labels import told_apart

    return told_apart(_each(dict.fromkeys(names), read_policy))


def moved(policies: Sequence[Scenario], start: str | None) -> list[Scenario]:
    """The same policies, moved to start in a quarter if asked. Raises InputError."""
    return _each(policies, lambda policy: policy.starting(start)) if start else list(policies)


def _each(items: Iterable[T], read: Callable[[T], Scenario]) -> list[Scenario]:
    found, problems = [], []
    for item in items:
        try:
            found.append(read(item))
        except (LookupError, ValueError) as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))
    return found


def read_boards(path: Path | None) -> Boards:
    """The boards of a file, or the 42; what is odd about them goes to stderr. Raises BoardsError with all problems."""
    from simulator.boards.table import boards

    facts = boards(path)
    for remark in facts.remarks:
        say(f"remark: {remark}")
    return facts


def remarks(policies: Sequence[Scenario]) -> list[str]:
    """What a reader must know about scenarios: conflicts between stacked ones, and bounds that held."""
    found = [f"conflict: {text}" for policy in policies for text in policy.conflicts]
    found += [f"warning: {text}" for policy in policies for text in policy.warnings]
    return list(dict.fromkeys(found))


def read_settings(texts: Sequence[str]) -> dict[str, float]:
    """Parameters from NAME=VALUE texts. Raises InputError with everything that is wrong with them."""
    from simulator.declarations.levers import LEVERS
    from simulator.runs.parameter_sets import check_settings

    settings: dict[str, float] = {}
    problems = []
    for text in texts:
        name, equals, value = (part.strip() for part in plain(text).partition("="))
        if not equals or not name:
            problems.append(f"'{text}' is not a setting; write NAME=VALUE")
        elif name in LEVERS:
            problems.append(f"'{name}' is a lever, which a scenario sets; see: ringfence scenarios new")
        elif name in settings:
            problems.append(f"'{name}' is set twice")
        else:
            try:
                settings[name] = number(value)
                check_settings({name: settings[name]})
            except NotReadableError as error:
                problems.append(f"{name}: {error}")
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return settings


def simulate_all(policies: Sequence[Scenario], futures: Futures, boards: Boards) -> list[Results]:
    """Run several scenarios through the same futures, with one progress bar."""
    from simulator.runs.run import run_many

    tell_if_cold()
    with Bar(f"{len(policies) * len(futures):,} futures") as bar:
        return list(run_many(policies, futures=futures, boards=boards, progress=bar))


def tell_if_cold() -> bool:
    """Say so when the model must be compiled first. Returns whether it must."""
    from simulator.engine import kernel_cache
    from simulator.engine.compilation import cache_folder_name

    cold = not kernel_cache.is_warm(cache_folder_name())
    if cold:
        kernel_cache.say_compiling()
    return cold


def provenance(made: Manifest, command: str, settings: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The columns that say how a row of CSV was made, and how to make it again."""
    held = "; ".join(f"{name}={value!r}" for name, value in (settings or {}).items())
    return {
        "futures": made.futures,
        "seed": made.seed,
        "source": made.source,
        "settings": held,
        "badge": made.badge,
        "scenario_fingerprint": made.scenario_fingerprint,
        "boards": made.boards,
        "boards_fingerprint": made.boards_fingerprint,
        "code": made.code,
        "version": made.version,
        "command": command,
    }


def boards_words(made: Manifest) -> str:
    """The boards as people say them, one's own with their fingerprint."""
    from simulator.boards.table import boards

    own = made.boards_fingerprint != boards().fingerprint
    return f"{made.boards} (fingerprint {made.boards_fingerprint})" if own else made.boards


def span_words(first: str, last: str) -> str:
    """A span of years as people say it."""
    return first if first == last else f"{first} to {last}"


def range_words(low: str, high: str) -> str:
    """Two amounts as a range, with what they share said once."""
    for ending in (" points", " point", " of allocation"):
        low = low.removesuffix(ending)
    return low if low == high else f"{low} to {high}"
