"""What the headline is under every structure that was fitted, in sentences worked out from the shipped fits."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.calibration.structural_fits import read_structures
from simulator.common.formatting import format_number


def describe_structures() -> list[str]:
    """How far structures differ on leadership against ring-fences, and on each gain: one sentence each."""
    effects = [fit["effects"]["retained"] for fit in read_structures().values()]
    rival = format_extremes((100 * k["leadership over ringfence"] for k in effects), 0)
    audited = format_extremes((100 * k["leadership over ringfence-audited"] for k in effects), 0)
    fence, leaders = (format_extremes(100 * k[name]["mean"] for k in effects) for name in ("ringfence", "leadership"))
    return [
        f"Under all {len(effects)} structures that were fitted, the library’s stronger leadership keeps more than a "
        f"ring-fence that is not waived in {rival} of 100 futures, and more than an audited one in {audited} of 100.",
        f"On average it adds {leaders} points and that ring-fence {fence} points, by structure.",
    ]


def format_extremes(values: Iterable[float], decimals: int = 1) -> str:
    """The lowest and the highest of some numbers."""
    low, high = min(numbers := list(values)), max(numbers)
    first, last = (f"{x:.{decimals}f}" if decimals else format_number(round(x)) for x in (low, high))
    return first if first == last else f"{first} to {last}"
