"""Rank stability: do the same factors lead on half of the rows as on all of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEADERS = 5


@dataclass(frozen=True)
class RankStability:
    """The `leaders` on all `n` rows, and which of them also lead (`kept`) on half of those. `unit` names the rows."""

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
        """How far the order can be relied on, in plain words."""
        half, count = f"half of the {self.n:,} {self.unit}", len(self.leaders)
        if not self.leaders:
            return f"No factor stands out from noise on {self.n:,} {self.unit}: take more."
        subject = "The leading factor" if count == 1 else f"The {count} leading factors"
        if self.settled:
            return f"{subject} also lead{'s' if count == 1 else ''} on {half}."
        missing = [f"“{name}”" for name in self.leaders if name not in self.kept]
        return (
            f"Not settled: on {half} {', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not lead; take more "
            "before relying on the order."
        )


def check_rank_stability(
    whole: Mapping[str, float], half: Mapping[str, float], clear: Sequence[str], n: int, unit: str
) -> RankStability:
    """Compare the leading factors by their values on all `n` rows and on half of them.

    Only factors that are `clear` of noise lead, at most five; `unit` says what is counted.
    """
    leaders = tuple(sorted(clear, key=lambda name: -abs(whole[name]))[:LEADERS])
    first = sorted(half, key=lambda name: -abs(half[name]))[: len(leaders)]
    return RankStability(leaders, tuple(name for name in leaders if name in first), n, unit)
