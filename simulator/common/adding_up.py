"""Parts of a whole, told so that they add up as they stand: +£13.8 and +£5.7 of +£19.5."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.common.formatting import (
    NIL,
    choose_list_decimals,
    format_difference,
    format_differences,
    format_signed_amount,
    sign_amount,
)
from simulator.common.units import Unit

MISSED = 0.01
"""Parts that miss the whole by less than this part of the last place add up; the rest is rounding of binary numbers."""


@dataclass(frozen=True)
class CommonPlace:
    """The last place that parts and their whole share: of each £100 as in a list, else three figures of the largest."""

    unit: Unit
    decimals: int

    @classmethod
    def of(cls, amounts: Sequence[float], unit: Unit) -> CommonPlace:
        """The place for parts and their whole, in the outcome's unit."""
        if unit is Unit.SHARE:
            return cls(unit, choose_list_decimals(100 * x for x in amounts))
        largest = max((abs(x) for x in amounts if math.isfinite(x)), default=0.0) * cls(unit, 0).scale
        most = min(6, max(0, 2 - math.floor(math.log10(largest)))) if largest > NIL else 0
        shown = [x * cls(unit, 0).scale for x in amounts if math.isfinite(x)]
        needed = (d for d in range(most) if all(f"{x:.{most}f}" == f"{float(f'{x:.{d}f}'):.{most}f}" for x in shown))
        return cls(unit, next(needed, most))

    @property
    def scale(self) -> float:
        """What an amount is multiplied by to be in the unit that is shown."""
        return 100.0 if self.unit in (Unit.SHARE, Unit.CASES) else 1.0

    def tell_parts(self, parts: Sequence[float], whole: float) -> list[str]:
        """Each part with its sign, so that they add up to the whole as `tell` has it.

        Where rounding each would miss it, those that were rounded furthest that way are told one step up or down;
        nothing stays nothing. What does not add up, or is not defined, is rounded each by itself.
        """
        if not all(math.isfinite(x) for x in (*parts, whole)):
            return format_differences(parts, self.unit)
        exact, steps = [self._measure(x) for x in parts], [self._round(x) for x in parts]
        left = self._round(whole) - sum(steps)
        if abs(sum(exact) - self._measure(whole)) < MISSED:
            step = 1 if left > 0 else -1
            free = [i for i, x in enumerate(parts) if abs(x) > NIL]
            for i in sorted(free, key=lambda i: step * (steps[i] - exact[i]))[: abs(left)]:
                steps[i] += step
        return [self._tell(count, x) for count, x in zip(steps, parts, strict=True)]

    def tell(self, amount: float) -> str:
        """One amount with its sign."""
        return (
            self._tell(self._round(amount), amount) if math.isfinite(amount) else format_difference(amount, self.unit)
        )

    def tell_between(self, new: float, old: float) -> str:
        """The size of the difference of two amounts as they are told, without a sign."""
        return self._tell(abs(self._round(new) - self._round(old)), abs(new - old)).removeprefix("+")

    def _measure(self, amount: float) -> float:
        return float(amount * self.scale * 10**self.decimals)

    def _round(self, amount: float) -> int:
        steps: int = 10**self.decimals
        return round(float(f"{amount * self.scale:.{self.decimals}f}") * steps)

    def _tell(self, steps: int, exact: float) -> str:
        shown = steps / 10**self.decimals
        small = not steps and abs(exact * self.scale) > NIL
        if self.unit is Unit.SHARE:
            if small and self.decimals > 1:
                return sign_amount("under 1p", exact > 0)
            return format_signed_amount(shown, self.decimals)
        size = f"{abs(shown) if not small else 10**-self.decimals:,.{self.decimals if steps or small else 0}f}"
        if self.unit is Unit.MILLIONS:
            size = f"£{size}m"
        elif self.unit is Unit.CASES:
            size = f"{size} point{'' if size == '1' else 's'}"
        if small:
            return f"under {size} {'less' if exact < 0 else 'more'}"
        return f"{'−' if steps < 0 else '+' if steps else ''}{size}"
