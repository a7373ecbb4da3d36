"""What the model in a page needs beside its code: parameter sets, boards, levers, scenarios, outcomes; as JSON.

Numbers keep their bits. `page/engine.js` reads it; `page/README.md` tells how.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards, read_boards
from simulator.calibration.structural_draws import SHIPPED_DIGITS, read_structure_draws, read_structures
from simulator.calibration.structural_variants import STRUCTURES
from simulator.calibration.structure_weights import read_shipped_weights
from simulator.common.arrays import Floats
from simulator.declarations.calendar import FIRST_YEAR, POLICY_START, QUARTERS
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.model_protocol import design_address
from simulator.runs.digest import read_published
from simulator.runs.parameter_sets import FIRST_DRAW, UNCERTAIN, posterior_draws
from simulator.runs.posterior import BLOCK, current_posterior
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.scenario import Scenario, load_scenario
from simulator.studies.structural_average import DRAWS, FEWEST_DRAWS, list_open_pulls

MOST_FUTURES = 2_000
"""As many futures as a page can run with the command line's parameters: more would make the file too large."""

LETTERS = str.maketrans("<{", ",.")
"""What ends a script and what begins a blank of a template are no letters of bytes."""

LEVEL = 7
"""How hard numbers are deflated: 9 takes four times as long for a thousandth less."""

FLOAT32 = 127
"""Stands for the power of ten where four bytes hold a float32 instead of digits."""

EXACT_TENS = 22
"""The largest power of ten that a double holds exactly."""


def engine() -> str:
    """The engine's script."""
    return _page("engine.js").decode("utf-8")


def module() -> bytes:
    """The model as WebAssembly."""
    return _page("model.wasm")


@cache
def layout() -> Mapping[str, Any]:
    """Where things lie in the model's memory."""
    found: Mapping[str, Any] = json.loads(_page("model.json"))
    return found


def _page(name: str) -> bytes:
    return files("dashboards").joinpath("offline", "page", name).read_bytes()


def page_data(
    scenarios: Mapping[str, Scenario], facts: Boards | None = None, *, draws: int = MOST_FUTURES
) -> dict[str, Any]:
    """Everything for a page with these scenarios by name, on these boards (the 42 unless given).

    `draws` is how many futures it can run with the posterior's parameter sets.
    """
    facts = facts or read_boards()
    return {
        "quarters": QUARTERS,
        "first_year": FIRST_YEAR,
        "policy_start": POLICY_START,
        "parameters": {
            name: {"default": d.default, "low": d.about.low, "high": d.about.high} for name, d in PARAMETERS.items()
        },
        "levers": {
            name: {"low": d.about.low, "high": d.about.high, "baseline": baseline_values()[name].tolist()}
            for name, d in LEVERS.items()
        },
        "outcomes": {name: {"over": outcome.over, "by": outcome.by} for name, outcome in OUTCOMES.items()},
        "scenarios": {name: changes(one) for name, one in scenarios.items()},
        "areas": _text(facts.record),
        "codes": facts.codes,
        "posterior": posterior(draws),
        "structures": structures(),
        "published": published_bits(facts, draws),
    }


def published_bits(facts: Boards, draws: int) -> dict[str, Any] | None:
    """What a page needs to see whether it gives the published bits; None where it has other boards or too few draws."""
    inputs, digests = read_published()
    if facts.fingerprint != inputs.boards_fingerprint or draws < inputs.futures:
        return None
    return {
        "seed": str(inputs.seed),
        "futures": inputs.futures,
        "block": inputs.block,
        "scenarios": {
            name: {"changes": changes(load_scenario(name)), "digests": kept} for name, kept in digests.items()
        },
    }


def changes(policy: Scenario) -> list[dict[str, Any]]:
    """A scenario's changes in order of application, as `schedule` of the engine takes them."""
    return [
        {
            "lever": one.lever,
            "kind": one.kind,
            "value": one.value,
            "path": one.path,
            "start": one.start,
            "end": one.end,
            "phase": one.phase,
        }
        for one in policy.changes
    ]


def posterior(rows: int) -> dict[str, Any]:
    """The first `rows` draws of the posterior, and in which order a seed goes through them."""
    draws = posterior_draws()
    word, event = design_address(FIRST_DRAW)
    size = len(next(iter(draws.values())))
    block = min(BLOCK, size)
    return {
        "names": UNCERTAIN,
        "rows": min(rows, size),
        "order": {"row": 0, "word": word, "event": event, "block": block, "blocks": size // block},
        **packed({name: draws[name][:rows] for name in UNCERTAIN}),
    }


def structures() -> dict[str, Any] | None:
    """The structures over which a page averages: what they say, what they hold, their weights, and draws of each.

    They are as many as `ringfence compare` takes beside a thousand futures, one structure's after the other's.

    None where another posterior than the shipped one is in use, to which they were not fitted.
    """
    if current_posterior().options:
        return None
    weights, draws = read_shipped_weights(), read_structure_draws()
    return {
        "rows": DRAWS,
        "fewest": FEWEST_DRAWS,
        "names": list(draws),
        "says": {name: structure["says"] for name, structure in read_structures().items()},
        "weights": dict(weights.weights),
        "described": weights.summary,
        "held": {name: {p: v for p, v in STRUCTURES[name].held.items() if p in PARAMETERS} for name in draws},
        "open": {name: list_open_pulls(name) for name in draws},
        **packed({p: np.concatenate([draws[name][p][:DRAWS] for name in draws]) for p in UNCERTAIN}, SHIPPED_DIGITS),
    }


def packed(columns: Mapping[str, Floats], figures: int = 9) -> dict[str, Any]:
    """Columns of numbers, each to the last bit. Most have so many significant `figures`.

    `short` columns have a whole number and a power of ten for each number (or a float32 and FLOAT32), first all lowest
    bytes of the whole numbers, then the next, at last the powers, so that they deflate well. `long` ones are doubles.
    """
    coded = {name: _digits(column, figures) for name, column in columns.items()}
    short = {name: made for name, made in coded.items() if made is not None}
    words = np.concatenate([made[0] for made in short.values()] or [np.zeros(0, "<i4")])
    powers = np.concatenate([made[1] for made in short.values()] or [np.zeros(0, "i1")])
    planes = words.view(np.uint8).reshape(-1, 4).T.tobytes() + powers.tobytes()
    long = {name: column for name, column in columns.items() if name not in short}
    doubles = np.concatenate([*long.values(), np.zeros(0)]).astype("<f8").tobytes()
    return {
        "short": {"names": list(short), "bytes": pack(planes)},
        "long": {"names": list(long), "bytes": pack(doubles)},
    }


def _digits(column: Floats, figures: int) -> tuple[NDArray[np.int32], NDArray[np.int8]] | None:
    """Whole numbers and powers of ten that give these numbers; None where so many do not."""
    values = np.asarray(column, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = figures - 1 - np.floor(np.log10(np.abs(values)))
    tens = 10.0 ** np.where((places >= 0) & (places <= EXACT_TENS), places, 0)
    whole = np.rint(values * tens)
    # Both are exact, so that their quotient is rounded as the same decimal is read.
    found = (whole / tens == values) & (np.abs(whole) >= 10.0 ** (figures - 1)) & (np.abs(whole) < 10.0**figures)
    words = np.where(found, whole, 0).astype("<i4")
    powers = np.where(found, -np.log10(tens), 0).round().astype("i1")
    with np.errstate(over="ignore"):
        near = values.astype(np.float32)
    # A decimal of this size has been found above, unless it is a power of ten.
    single = ~found & (near == values) & (places >= 0) & (places <= EXACT_TENS) & (np.abs(whole) != 10.0**figures)
    words[single], powers[single] = near.view("<i4")[single], FLOAT32
    for at in np.flatnonzero(~(found | single)):
        value = float(values[at])
        digits, power = f"{value:.{figures - 1}e}".split("e")
        if float(f"{digits}e{power}") == value and abs(int(power)) < 100:
            words[at], powers[at] = int(digits.replace(".", "")), int(power) - figures + 1
        elif float(near[at]) == value:
            words[at], powers[at] = near[at].view(np.int32), FLOAT32
        else:
            return None
    return words, powers


def pack(data: bytes) -> str:
    """Bytes as text, deflated."""
    return _text(zlib.compress(data, LEVEL))


def _text(data: bytes) -> str:
    """Bytes as text, four in five letters: those of RFC 1924 but for two that mean something where they stand."""
    return base64.b85encode(data).decode("ascii").translate(LETTERS)


def as_json(made: Mapping[str, Any]) -> str:
    """The same as the text of a script's data: nothing in it can end the script."""
    return json.dumps(made, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
