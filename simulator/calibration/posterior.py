"""The posterior that ships with the package: equally likely parameter sets, and how they were made.

`data/posterior.csv` has one row a draw and one column a parameter; `data/posterior.json` says how it was made, what
the data pin down and how well the draws give the findings. `ringfence calibrate` writes both.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.common.atomic_files import write_text

Floats = NDArray[np.float64]

ROW = "row"
BIAS = "volunteer_bias"
"""The survey's, not the model's: how much more readily a board that keeps money takes part in interviews."""
DIGITS = 9
NAMES = ("posterior.csv", "posterior.json")


class PosteriorError(ValueError):
    """A posterior file that cannot be used."""


def folder() -> Path:
    """Where the shipped files lie."""
    return Path(str(files("simulator").joinpath("data")))


@cache
def shipped() -> Mapping[str, Floats]:
    """The shipped draws: one column (draws,) a parameter, the volunteers' bias among them, and the row drawn."""
    return MappingProxyType(read_draws(folder() / NAMES[0]))


@cache
def manifest() -> Mapping[str, Any]:
    """How the shipped draws were made."""
    return MappingProxyType(json.loads((folder() / NAMES[1]).read_text(encoding="utf-8")))


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


def draws_text(draws: Mapping[str, Floats]) -> str:
    """Draws as CSV with nine significant digits, columns in the order given."""
    table = zip(*draws.values(), strict=True)
    lines = [",".join(draws), *(",".join(f"{x:.{DIGITS}g}" for x in line) for line in table)]
    return "\n".join(lines) + "\n"


def write_draws(path: Path, draws: Mapping[str, Floats]) -> None:
    """Write `draws_text`. Raises FileWriteError."""
    write_text(path, draws_text(draws))


def badge() -> str:
    """What every answer drawn from the posterior must carry: how much of it is evidence."""
    made = manifest()
    return (
        f"fitted to {len(made['targets'])} published findings; {made['not_pinned']} of {made['uncertain']} uncertain "
        "numbers are not pinned down by them"
    )
