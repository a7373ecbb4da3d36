"""Paired comparison: two policies under the same parameters and the same luck, future by future."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.outcomes import Outcome
from simulator.words import FEWEST, TOO_FEW, amount, change, in_of_hundred, out_of, too_few

Floats = NDArray[np.float64]
SAME = 1e-12


@dataclass(frozen=True)
class Comparison:
    """What changes when one policy takes another's place. Differences are new less old, in the outcome's unit.

    `likely` holds 80% and `wide` 95% of the paired differences over futures; they show how far luck and unknown
    parameters spread the answer. `standard_error` is the Monte Carlo error of `difference`, which more futures shrink.
    `n` futures are counted; in `undefined` more the outcome does not exist. `alike`: the policies are the same, so that
    they differ in no future whatever their number.
    """

    new: str
    old: str
    outcome: Outcome
    years: tuple[str, str]
    n: int
    new_mean: float
    old_mean: float
    difference: float
    likely: tuple[float, float]
    wide: tuple[float, float]
    standard_error: float
    better: int
    same: int
    worse: int
    badge: str
    undefined: int = 0
    alike: bool = False

    @property
    def verdict(self) -> str:
        """No difference, cannot separate, or better or worse, with "probably" where only the likely range is clear.

        Where neither way is better the words are higher and lower. Too few futures have no verdict.
        """
        if self.n < FEWEST and not self.alike:
            return TOO_FEW
        if self.same == self.n:
            return "no difference"
        low, high = self._improvement(self.likely)
        if low <= 0 <= high:
            return "cannot separate"
        up, down = ("better", "worse") if self.outcome.better else ("higher", "lower")
        word = up if low > 0 else down
        wide_low, wide_high = self._improvement(self.wide)
        return word if wide_low > 0 or wide_high < 0 else f"probably {word}"

    def _improvement(self, interval: tuple[float, float]) -> tuple[float, float]:
        sign = self.outcome.better or 1
        low, high = sorted((sign * interval[0], sign * interval[1]))
        return low, high

    @property
    def better_of_100(self) -> int | None:
        """In how many of 100 paired futures the new policy does better; None where there are fewer than 100."""
        return in_of_hundred(self.better, self.n) if self.n >= FEWEST else None

    @property
    def better_in(self) -> str:
        """In how many futures the new policy does better: 87 of 100, or 7 of 8."""
        return out_of(self.better, self.n)

    @property
    def sentence(self) -> str:
        """The comparison in plain words."""
        o, span = (
            self.outcome,
            self.years[0] if self.years[0] == self.years[1] else f"{self.years[0]} to {self.years[1]}",
        )
        what = o.label[0].lower() + o.label[1:]
        new, old = f"“{self.new}”", f"“{self.old}”"
        if self.verdict == "no difference":
            return f"In this model, {new} and {old} give the same result in every future ({what}, {span})."
        size = change(self.difference, o.unit)
        spread = f"likely range {change(self.likely[0], o.unit)} to {change(self.likely[1], o.unit)}"
        counts = f"it does better in {self.better_in} paired futures" if o.better else "neither way is better"
        if self.verdict == TOO_FEW:
            return (
                f"{too_few(self.n)}: in what was run, {new} gives about "
                f"{amount(self.new_mean, o.unit)} ({what}, {span}), {size} compared with {old}; {counts}."
            )
        if self.verdict == "cannot separate":
            return (
                f"The model cannot separate {new} from {old} ({what}, {span}): the mean difference is {size}, "
                f"but the {spread} includes zero; {counts}."
            )
        return (
            f"In this model, {new} gives about {amount(self.new_mean, o.unit)} ({what}, {span}), {size} compared "
            f"with {old}; {spread}; {counts}."
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence)}</p><p><small>{html.escape(self.badge)}; n = {self.n}</small></p>"


def paired(
    new: Floats, old: Floats, *, about: Outcome, names: tuple[str, str], years: tuple[str, str], badge: str,
    alike: bool = False,
) -> Comparison:  # fmt: skip
    """Compare two arrays of one outcome, (futures,) each, entry by entry.

    Futures in which the outcome is not defined under both (a ratio of nothing to nothing) are left out and counted.
    Raises ValueError for unequal lengths, and if no future is left.
    """
    if new.shape != old.shape or not new.size:
        raise ValueError(f"{new.size} and {old.size} futures cannot be paired")
    defined = np.isfinite(new) & np.isfinite(old)
    undefined = int((~defined).sum())
    new, old = new[defined], old[defined]
    if not new.size:
        raise ValueError(f"'{about.name}' is not defined in any of these futures: there was nothing to take a share of")
    difference = new - old
    gain = difference * (about.better or 1)
    quantiles = np.quantile(difference, (0.1, 0.9, 0.025, 0.975))
    error = float(difference.std(ddof=1) / np.sqrt(len(new))) if len(new) > 1 else float("nan")
    return Comparison(
        new=names[0], old=names[1], outcome=about, years=years, n=len(new),
        new_mean=float(new.mean()), old_mean=float(old.mean()), difference=float(difference.mean()),
        likely=(float(quantiles[0]), float(quantiles[1])), wide=(float(quantiles[2]), float(quantiles[3])),
        standard_error=error, better=int((gain > SAME).sum()), same=int((abs(gain) <= SAME).sum()),
        worse=int((gain < -SAME).sum()), badge=badge, undefined=undefined,
        alike=alike,
    )  # fmt: skip
