"""Powers of two, compiled: the two functions that `rules/exact.py` leaves to each driver, here by a number's bits.

A double is a sign, eleven bits of exponent and 52 of fraction, and positive doubles are in the order of their bits.
Python uses `math.ldexp` and `math.frexp`; in compiled code those would be slow calls to the system's library.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable

from simulator.rules.exact import exp, log, scale, split

_ROOT_HALF = 0x3FE6A09E00000000


def _bits_of(typing_context: Any, x: Any) -> Any:
    """The bits of a double as a whole number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


def _double_of(typing_context: Any, bits: Any) -> Any:
    """The double with these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


bits_of: Any = intrinsic(_bits_of)
double_of: Any = intrinsic(_double_of)


def _power(x: float) -> int:
    """The power of two that `split` takes out of x: bits count in steps of 2^52 from the root of a half."""
    power: int = (bits_of(x) - _ROOT_HALF) >> 52
    return power


def register() -> None:
    """Let kernels call `exp` and `log`, with bits in place of `math.ldexp` and `math.frexp`."""
    overload(scale)(lambda x, power: lambda x, power: x * double_of((power + 1023) << 52))
    overload(split)(lambda x: lambda x: (double_of(bits_of(x) - (_power(x) << 52)), _power(x)))
    register_jitable(_power)
    register_jitable(exp)
    register_jitable(log)
