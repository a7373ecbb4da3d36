"""The posterior that ships with the package: equally likely parameter sets, and how they were made.

`data/posterior.csv` has one row per draw and one column per parameter, and `data/posterior_more.npy` seven times as
many draws in the same columns; `data/posterior.json` says how they were made, what the data pin down and how well the
draws give the findings. `ringfence calibrate` writes all three.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.atomic_files import write_text
from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.common.representation import short_repr
from simulator.runs.fit_documents import FitDocument
from simulator.runs.weighed_structures import WeighStructures

ROW = "row"
BIAS = "volunteer_bias"
"""The survey's, not the model's: how much more readily a board that keeps money takes part in interviews."""
DIGITS = 9
NAMES = ("posterior.csv", "posterior.json", "posterior_more.npy")
BLOCK = 1_000
"""Draws come in blocks, each of them a fair sample by itself. The table holds the first, the other file the rest."""

BLOCKS = 8
DRAWS = BLOCK * BLOCKS


class PosteriorError(InputError):
    """A posterior file that cannot be used."""


def find_data_folder() -> Path:
    """Where the shipped files lie."""
    return Path(str(files("simulator").joinpath("data")))


@short_repr
@dataclass(frozen=True, eq=False)
class Posterior:
    """Equally likely parameter sets, in blocks that are fair samples, from which futures draw.

    `draws` holds one column (draws,) a parameter, the volunteers' bias among them, and the row drawn; `document` says
    how they were made. `options` name it on a command line, and are empty for the one that ships; `remark` is what the
    badge adds for it. `structures` weighs the structural alternatives by the same evidence, where that can be done.
    """

    draws: Mapping[str, Floats]
    document: FitDocument
    options: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    structures: WeighStructures | None = None

    def __len__(self) -> int:
        return len(self.draws[ROW])

    @property
    def posterior(self) -> Posterior:
        """Itself, as `Beliefs` have it."""
        return self

    @cached_property
    def distinct(self) -> int:
        """How many different parameter sets there are: heavy ones were drawn more than once."""
        return len(np.unique(self.draws[ROW]))

    @property
    def badge(self) -> str:
        """What every answer drawn from it must carry: how much of it is evidence."""
        moved = sum(finding["moved"] for finding in self.document["findings"])
        return (
            f"fitted to {len(self.document['targets'])} published findings, of which {moved} moved the answer; "
            f"{self.document['not_pinned']} of {self.document['uncertain']} uncertain numbers are not pinned down by "
            f"them{self.remark}"
        )


class Beliefs(Protocol):
    """Whatever futures can be drawn from: a posterior, or evidence that makes one of another."""

    @property
    def posterior(self) -> Posterior:
        """The parameter sets."""
        ...


class _Choice(NamedTuple):
    """What is drawn from for a while, and what was drawn from before."""

    beliefs: Beliefs
    outer: _Choice | None

    @property
    def posterior(self) -> Posterior:
        """The posterior of the beliefs. Evidence makes it of what was drawn from before it was chosen."""
        token = _CHOSEN.set(self.outer)
        try:
            return self.beliefs.posterior
        finally:
            _CHOSEN.reset(token)


_CHOSEN: ContextVar[_Choice | None] = ContextVar("posterior", default=None)


def current_posterior() -> Posterior:
    """The posterior that is drawn from: the one that ships, unless `drawing_from` names another."""
    chosen = _CHOSEN.get()
    return shipped_posterior() if chosen is None else chosen.posterior


def list_options_in_use() -> tuple[tuple[str, str], ...]:
    """The options that name another posterior than the one that ships; none where nothing has been drawn from it."""
    chosen = _CHOSEN.get()
    return () if chosen is None or not getattr(chosen.beliefs, "used", True) else chosen.posterior.options


@contextmanager
def drawing_from(beliefs: Beliefs | None) -> Iterator[None]:
    """Draw from other beliefs for a while: a command does so for its whole work. None changes nothing. Evidence weighs
    what was drawn from before.
    """
    outer = _CHOSEN.get()
    if beliefs is None or (outer is not None and outer.beliefs is beliefs):
        yield
        return
    token = _CHOSEN.set(_Choice(beliefs, outer))
    try:
        yield
    finally:
        _CHOSEN.reset(token)


@cache
def shipped_posterior() -> Posterior:
    """The posterior that ships with the package."""
    return Posterior(shipped_draws(), read_fit_document())


@cache
def shipped_draws() -> Mapping[str, Floats]:
    """The shipped draws: one column (draws,) a parameter, the volunteers' bias among them, and the row drawn."""
    return read_folder_draws(find_data_folder())


def read_folder_draws(folder: Path) -> Mapping[str, Floats]:
    """The draws in a folder that `ringfence calibrate` wrote, as `shipped_draws`. Raises PosteriorError."""
    first, more = read_draws(folder / NAMES[0]), read_more(folder / NAMES[2])
    if list(first) != list(more):
        raise PosteriorError(f"{folder}: {NAMES[0]} and {NAMES[2]} do not hold the same columns")
    if ROW not in first:
        raise PosteriorError(f"{folder}: there is no column '{ROW}' in {NAMES[0]}")
    again, at = _find_rows(first, more)
    for name, column in more.items():
        column[again] = first[name][at]  # a set that stands in both has one set of digits
    return MappingProxyType({name: np.concatenate([first[name], more[name]]) for name in first})


def _find_rows(first: Mapping[str, Floats], more: Mapping[str, Floats]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draws of the second table that are rows of the first as well, and which."""
    rows, at = np.unique(first[ROW], return_index=True)
    nearest = np.minimum(np.searchsorted(rows, more[ROW]), len(rows) - 1)
    repeated = np.flatnonzero(rows[nearest] == more[ROW])
    return repeated, at[nearest[repeated]]


@cache
def read_fit_document() -> FitDocument:
    """How the shipped draws were made."""
    document: FitDocument = json.loads((find_data_folder() / NAMES[1]).read_text(encoding="utf-8"))
    return document


def count_distinct_sets() -> int:
    """How many different parameter sets the draws of the present posterior hold."""
    return current_posterior().distinct


def read_draws(path: Path) -> dict[str, Floats]:
    """Columns of a file of draws. Raises PosteriorError for a file that is not one."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file)) or [[]]
        table = np.array(rows, np.float64)
    except (ValueError, csv.Error) as error:
        raise PosteriorError(f"{path}: {error}") from error
    if len(set(head)) != len(head) or table.ndim != 2 or not table.size or table.shape[1] != len(head):
        raise PosteriorError(f"{path}: every column needs a name of its own and every row a value in each")
    return {name: np.ascontiguousarray(table[:, k]) for k, name in enumerate(head)}


def format_draws(draws: Mapping[str, Floats]) -> str:
    """Draws as CSV with nine significant digits, columns in the order given."""
    table = zip(*draws.values(), strict=True)
    lines = [",".join(draws), *(",".join(f"{x:.{DIGITS}g}" for x in line) for line in table)]
    return "\n".join(lines) + "\n"


def write_draws(path: Path, draws: Mapping[str, Floats]) -> None:
    """Write `draws_text`. Raises FileWriteError."""
    write_text(path, format_draws(draws))


def read_more(path: Path) -> dict[str, Floats]:
    """Columns of a binary file of draws. Raises PosteriorError for a file that is not one."""
    try:
        table = np.load(path, allow_pickle=False)
        return {name: table[name].astype(np.float64) for name in table.dtype.names or ()}
    except (ValueError, EOFError, AttributeError) as error:
        raise PosteriorError(f"{path} is not a file of draws; install the package again") from error


def pack_draws(draws: Mapping[str, Floats], bounds: Mapping[str, Range]) -> bytes:
    """Draws as a NumPy file of records, seven significant digits each, none rounded out of its bounds."""
    types = [(name, "<i4" if name == ROW else "<f4") for name in draws]
    table = np.empty(len(next(iter(draws.values()))), types)
    for name, values in draws.items():
        table[name] = values
        if name in bounds:
            low, high = bounds[name]
            column, exact = table[name], table[name].astype(np.float64)
            column = np.where(exact > high, np.nextafter(column, np.float32(-np.inf)), column)
            table[name] = np.where(exact < low, np.nextafter(column, np.float32(np.inf)), column)
    buffer = io.BytesIO()
    np.save(buffer, table, allow_pickle=False)
    return buffer.getvalue()


def describe_fit_badge() -> str:
    """What every answer drawn from the present posterior must carry."""
    return current_posterior().badge
