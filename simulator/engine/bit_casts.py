"""Powers of two, compiled: the two functions that `rules/exact.py` leaves to each driver, here by a number's bits.

A double is a sign, eleven bits of exponent and 52 of fraction, and positive doubles are in the order of their bits.
Python uses `math.ldexp` and `math.frexp`; in compiled code those would be slow calls to the system's library.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable

from simulator.rules.exact import ROUNDING, exp, log, scale, split

_ROOT_HALF = 0x3FE6A09E00000000
_ONE = 0x3FF0000000000000
_TWO_52 = 0x4330000000000000


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


def _two_to(power: float) -> float:
    """Two to this power: added to ROUNDING, a whole number stands in a double's last bits."""
    two: float = double_of((bits_of(power + ROUNDING) + 1023) << 52)
    return two


def _steps(x: float) -> int:
    """1023 more than the power that `split` takes out of x: bits count in steps of 2^52 from the root of a half."""
    steps: int = (bits_of(x) + (_ONE - _ROOT_HALF)) >> 52
    return steps


def _count(steps: int) -> float:
    """The power of two as a double. Conversions of whole numbers are slow where few lanes can make them at once."""
    shifted: float = double_of(steps | _TWO_52)
    return shifted - (4503599627370496.0 + 1023.0)


def register() -> None:
    """Let kernels call `exp` and `log`, with bits in place of `math.ldexp` and `math.frexp`."""
    overload(scale)(lambda x, power: lambda x, power: x * _two_to(power))
    overload(split)(lambda x: lambda x: (double_of(bits_of(x) - ((_steps(x) - 1023) << 52)), _count(_steps(x))))
    for function in (_two_to, _steps, _count, exp, log):
        register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)(function)
