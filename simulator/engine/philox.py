"""The uniform number that belongs to a cell: (seed, run, area, quarter, event).

Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), used as a keyed function: no
state, no order, no stream. Two scenarios therefore get identical draws, and skipping a draw changes no other.
The functions use plain operators on unsigned 64-bit integers, so the same source serves compiled scalars and arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.jitable import register_jitable

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_FIVE = np.uint64(5)
_SIX = np.uint64(6)
_ULP = 1.0 / 9007199254740992.0
BELOW_ONE = 1.0 - _ULP


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def _round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    p0 = _M0 * c0
    p1 = _M1 * c2
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def _two_rounds(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    return c0, c1, c2, c3, (k0 + _W0) & _LOW, (k1 + _W1) & _LOW


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Ten rounds of Philox4x32: four 32-bit words, each held in an unsigned 64-bit integer (or array of them).

    Written out, not looped: a compiler then works on several areas at once.
    """
    c0, c1, c2, c3, k0, k1 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _two_rounds(c0, c1, c2, c3, k0, k1)
    return c0, c1, c2, c3


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def to_unit(w0: Any, w1: Any) -> Any:
    """53 bits of two words as a number above 0; rounding can reach 1, so callers keep it below."""
    return ((w0 >> _FIVE) * 67108864.0 + (w1 >> _SIX) + 0.5) * _ULP


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def uniform(key: Any, area: Any, quarter: Any, event: Any) -> Any:
    """The number of one cell, above 0 and below 1; `key` is (low word of seed, high word, run)."""
    w0, w1, _, _ = philox(key[2], np.uint64(area), np.uint64(quarter), np.uint64(event), key[0], key[1])
    u = to_unit(w0, w1)
    return u if u < 1.0 else BELOW_ONE


@register_jitable(forceinline=True, no_cfunc_wrapper=True, _nrt=False)
def draw(draws: Any, key: Any, quarter: Any, event: Any, first: Any) -> None:
    """The same for areas from `first` on, into an array (areas,). Five times quicker for each number: it vectorises."""
    for i in range(draws.shape[0]):
        draws[i] = uniform(key, first + i, quarter, event)


@register_jitable(forceinline=True)
def uniforms(key: Any, areas: int, quarter: Any, event: Any) -> Any:
    """The same as a new array (areas,)."""
    draws = np.empty(areas)
    draw(draws, key, quarter, event, 0)
    return draws


def check_address(seed: int, run: int) -> None:
    """Refuse a seed or run that does not fit its words. Raises ValueError."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed} is outside 0 to 2^64 - 1")
    if not 0 <= run < 2**32:
        raise ValueError(f"run {run} is outside 0 to 2^32 - 1")
