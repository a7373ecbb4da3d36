"""Exponential and logarithm: nearly correctly rounded, and the same bits from Python and from compiled code."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from simulator.boards.table import read_boards
from simulator.common.arrays import Floats
from simulator.engine import ensemble
from simulator.engine.compilation import kernel
from simulator.rules.exact import (
    EXP_HIGHEST,
    EXP_LOWEST,
    LOG_HIGHEST,
    LOG_LOWEST,
    ROOT_HALF,
    exp,
    log,
    scale,
    split,
)
from simulator.runs.futures import draw_futures
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.rules

POINTS = 100_000

# Made by exact arithmetic alone, so that every computer tests the same points.
WHOLE = np.arange(POINTS) / POINTS
EXPONENTS = np.concatenate(
    [
        EXP_LOWEST + (EXP_HIGHEST - EXP_LOWEST) * WHOLE[::2],
        16.0 * WHOLE[::2] - 8.0,
    ]
)
POWERS = np.ldexp(1.0 + WHOLE[::2], np.arange(POINTS // 2) * 7 % 2045 - 1022)
ODDS = (WHOLE[1::2]) / (1.0 - WHOLE[1::2])
NUMBERS = np.concatenate([POWERS, ODDS])

EDGES = np.array(
    [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        1.5,
        EXP_LOWEST,
        math.nextafter(EXP_LOWEST, -math.inf),
        EXP_HIGHEST,
        math.nextafter(EXP_HIGHEST, math.inf),
        LOG_LOWEST,
        math.nextafter(LOG_LOWEST, 0.0),
        LOG_HIGHEST,
        5e-324,
        math.nextafter(1.0, 0.0),
        math.nextafter(1.0, 2.0),
        ROOT_HALF,
        math.nextafter(ROOT_HALF, 0.0),
        2.0 * ROOT_HALF,
        math.nextafter(2.0 * ROOT_HALF, 0.0),
        0.5 * math.log(2.0),
        math.nextafter(0.5 * math.log(2.0), 1.0),
        -0.5 * math.log(2.0),
        1e-300,
        -1e-300,
        -1e9,
        1e9,
        2.0**-54,
        2.0**54,
        2.0**-1021,
        2.0**1023,
        math.inf,
        -math.inf,
        math.nan,
    ]
)


@kernel
def compiled_exp(x: Floats, out: Floats) -> None:
    """The exponential as kernels compute it."""
    for i in range(x.shape[0]):
        out[i] = exp(x[i])


@kernel
def compiled_log(x: Floats, out: Floats) -> None:
    """The logarithm as kernels compute it."""
    for i in range(x.shape[0]):
        out[i] = log(x[i])


def in_python(function: Callable[[float], float], x: Floats) -> Floats:
    return np.array([function(value) for value in x.tolist()])


def compiled(function: Callable[[float], float], x: Floats) -> Floats:
    out = np.empty(len(x))
    (compiled_exp if function is exp else compiled_log)(x, out)
    return out


def worst_error(x: Floats, numbers: Floats, truth: Callable[[object], object]) -> float:
    """The largest error in units in the last place of the true value."""
    with mpmath.workprec(100):
        true = [truth(mpmath.mpf(value)) for value in x.tolist()]
        return max(
            float(abs(value - exactly) / math.ulp(float(exactly)))
            for value, exactly in zip(numbers.tolist(), true, strict=True)
        )


@pytest.mark.parametrize(("function", "x", "truth"), [(exp, EXPONENTS, mpmath.exp), (log, NUMBERS, mpmath.log)])
def test_errors_stay_below_one_unit_in_the_last_place(
    function: Callable[[float], float], x: Floats, truth: Callable[[object], object]
) -> None:
    assert len(x) == POINTS
    assert worst_error(x, compiled(function, x), truth) < 0.95


@pytest.mark.parametrize(
    ("function", "ends", "truth"),
    [
        (exp, (EXP_LOWEST, EXP_HIGHEST, -5e-324, 5e-324, 1e-17, -1e-17, -1e-300), mpmath.exp),
        (log, (LOG_LOWEST, LOG_HIGHEST, 1 - 2**-53, 1 + 2**-52, 2**-54, 2**54, 1 - 1e-4), mpmath.log),
    ],
)
def test_errors_stay_below_one_unit_at_the_ends_and_where_the_answer_is_near_one_or_nought(
    function: Callable[[float], float], ends: tuple[float, ...], truth: Callable[[object], object]
) -> None:
    x = np.array(ends, np.float64)
    assert worst_error(x, in_python(function, x), truth) < 0.95


@pytest.mark.parametrize(("function", "x"), [(exp, EXPONENTS), (log, NUMBERS), (exp, EDGES), (log, EDGES)])
def test_python_and_compiled_code_give_the_same_bits(function: Callable[[float], float], x: Floats) -> None:
    assert compiled(function, x).tobytes() == in_python(function, x).tobytes()


@pytest.mark.parametrize(
    ("function", "x", "published"),
    [
        (exp, EXPONENTS, "d3f0eb6753e5e7ab04e7ac7f6f680aaca3decf870a068288e8e45e1ea9de5784"),
        (log, NUMBERS, "30d1b3405619f17dc465b3f59558ccee91121772da6ae6fce8d16820f681978e"),
    ],
)
def test_every_computer_gives_the_published_bits(function: Callable[[float], float], x: Floats, published: str) -> None:
    assert hashlib.sha256(compiled(function, x).astype("<f8").tobytes()).hexdigest() == published


@pytest.mark.parametrize(
    ("x", "power", "logarithm"),
    [
        (0.0, 1.0, -math.inf),
        (1.0, math.e, 0.0),
        (-709.0, 0.0, -math.inf),
        (710.0, math.inf, 6.56526497003536),
        (5e-324, 1.0, -math.inf),
        (math.inf, math.inf, math.inf),
        (-math.inf, 0.0, -math.inf),
    ],
)
def test_numbers_outside_the_ranges_give_limits(x: float, power: float, logarithm: float) -> None:
    assert exp(x) == pytest.approx(power, rel=1e-15)
    assert log(x) == pytest.approx(logarithm, rel=1e-15)


def test_what_is_not_a_number_stays_so() -> None:
    assert math.isnan(exp(math.nan))
    assert math.isnan(log(math.nan))


@pytest.mark.parametrize(
    ("x", "near_one", "power"),
    [(1.0, 1.0, 0), (0.75, 0.75, 0), (6.0, 0.75, 3), (1.25, 1.25, 0), (2.0**-1022, 1.0, -1022)],
)
def test_a_number_is_split_into_one_near_one_and_a_power_of_two(x: float, near_one: float, power: int) -> None:
    assert split(x) == (near_one, power)
    assert scale(near_one, power) == x


@pytest.mark.parametrize("power", [-1021, -1, 0, 1, 1022])
def test_numbers_are_split_at_the_root_of_a_half(power: int) -> None:
    line = math.ldexp(ROOT_HALF, power)
    assert split(line) == (ROOT_HALF, power)
    assert split(math.nextafter(line, 0.0)) == (2.0 * math.nextafter(ROOT_HALF, 0.0), power - 1)


def test_compiled_runs_ask_the_system_for_no_function_but_the_square_root_and_fuse_nothing() -> None:
    """Else the system's library, or the processor, could decide a last digit."""
    some = draw_futures(1)
    ensemble.simulate(
        some.points, some.runs, load_scenario("baseline").schedule, read_boards().areas, seed=1, workers=1
    )
    (whole,) = ensemble.block.overloads.values()  # type: ignore[attr-defined]
    module = whole.library._get_module_for_linking()
    names = {function.name for function in module.functions if function.is_declaration}
    moving = re.compile(r"Py|NRT_|numba_|llvm\.(mem|masked|lifetime|assume|x86\.atomic|[su]mul)")
    whole_numbers = re.compile(r"llvm\.(vector\.reduce\.)?[a-z]+(\.with\.overflow)?\.(v\d+)?i64$")
    exact = re.compile(r"sqrt$|llvm\.(sqrt|fabs)\.(v\d+)?f64$")
    assert [name for name in names if not any(kind.match(name) for kind in (moving, whole_numbers, exact))] == []
    arithmetic = re.findall(r"= (f(?:add|sub|mul|div)\b.*)", str(module))
    assert len(arithmetic) > 100
    assert [line for line in arithmetic if not re.match(r"f\w+ (double|<\d+ x double>) ", line)] == []
