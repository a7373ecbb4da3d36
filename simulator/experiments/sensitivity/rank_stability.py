"""Whether an order of factors has settled: who leads on half of the rows, beside who leads on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEADERS = 5


@dataclass(frozen=True)
class RankStability:
    """Of the `leaders` on all `n` rows (or walks), those that are `kept` as leaders on the first half of them."""

    leaders: tuple[str, ...]
    kept: tuple[str, ...]
    n: int
    unit: str

    @property
    def settled(self) -> bool:
        """Whether there are leaders, and half of the rows name the same."""
        return bool(self.leaders) and self.kept == self.leaders

    @property
    def sentence(self) -> str:
        """How far the order can be relied upon."""
        half, count = f"half of the {self.n:,} {self.unit}", len(self.leaders)
        if not self.leaders:
            return f"No factor stands out from noise on {self.n:,} {self.unit}: take more."
        who = "The leading factor" if count == 1 else f"The {count} leading factors"
        if self.settled:
            return f"{who} also lead{'s' if count == 1 else ''} on {half}."
        missing = [f"“{name}”" for name in self.leaders if name not in self.kept]
        return (
            f"Not settled: on {half} {', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not lead; take more "
            "before relying on the order."
        )


def check_rank_stability(
    whole: Mapping[str, float], half: Mapping[str, float], clear: Sequence[str], n: int, unit: str
) -> RankStability:
    """Compare leaders by their values on all rows and on half; only factors `clear` of noise lead, five at most."""
    leaders = tuple(sorted(clear, key=lambda name: -abs(whole[name]))[:LEADERS])
    first = sorted(half, key=lambda name: -abs(half[name]))[: len(leaders)]
    return RankStability(leaders, tuple(name for name in leaders if name in first), n, unit)
