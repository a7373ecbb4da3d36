"""Paired comparison: two policies in the same futures, with the difference taken future by future."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import (
    FEWEST,
    TOO_FEW,
    count_both_ways,
    count_in_hundred,
    describe_difference_range,
    describe_too_few,
    format_absolute,
    format_count,
    format_difference,
    format_gap,
    format_level,
    format_pair,
    format_signed_gap,
    name_base,
)
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.common.ranges import Range, YearSpan
from simulator.common.sentence_templates import get_template
from simulator.common.software_version import name_version
from simulator.common.units import Unit
from simulator.declarations.outcomes import Outcome
from simulator.experiments.core import verdicts
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.model_protocol import ROUNDING, Labels

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Presentable):
    """What changes when one policy takes another's place. Differences are new less old, in the outcome's unit.

    `likely` is the range that holds 80% of the paired differences, and `wide` that for 95%; they show how far chance
    and unknown parameters spread the answer. `standard_error` is the Monte Carlo error of `difference`, which more
    parameter sets make smaller: futures of one set count together in it. `n` futures of `sets` parameter sets are
    counted; in `undefined` more the outcome does not exist. `alike` says that the policies are the same, so that they
    differ in no future. `assumed` is the sign of the difference where it follows from how the model is built, else 0.
    `simulator.experiments.core.verdicts` defines the words.
    """

    new: str
    old: str
    outcome: Outcome
    years: YearSpan
    n: int
    new_mean: float
    old_mean: float
    difference: float
    likely: Range
    wide: Range
    standard_error: float
    better: int
    same: int
    worse: int
    badge: str
    undefined: int = 0
    alike: bool = False
    sets: int = 0
    assumed: int = 0
    seed: int | None = None

    @property
    def sign_assumed(self) -> bool:
        """Whether the sign of the difference is assumed. A mean that is settled the other way shows that it is not."""
        if not self.assumed or self.same == self.n:
            return False
        return verdicts.find_settled_sign(self.difference, self.standard_error) != -self.assumed

    @property
    def verdict(self) -> str:
        """One of `verdicts.VERDICTS`: whether the average is settled, in how many futures it holds, if it is slight.

        Where neither way is better the words are higher and lower. Too few futures give no verdict.
        """
        if self.n < FEWEST and not self.alike:
            return TOO_FEW
        if self.same == self.n:
            return verdicts.SAME
        if self.sign_assumed:
            for_better = self.assumed * self.outcome.better > 0
            return verdicts.assume_verdict(self.difference, self.outcome.unit, for_better)
        # As it is shown: 94.6 of 100 is told as 95, and 95 of 100 is nearly all.
        share = count_in_hundred(self.better if self.gain > 0 else self.worse, self.n) / 100
        return verdicts.give_verdict(
            self.difference, self.standard_error, share, self.outcome.unit, self.outcome.better
        )

    @property
    def gain(self) -> float:
        """The mean difference, positive where it is for the better (or upwards, where neither way is better)."""
        return self.difference * (self.outcome.better or 1)

    @property
    def settled(self) -> int:
        """+1 where the mean difference is settled as better, -1 as worse, 0 where its sign is not settled."""
        if self.verdict in (verdicts.SAME, TOO_FEW):
            return 0
        return verdicts.find_settled_sign(self.gain, self.standard_error)

    @property
    def in_every(self) -> bool:
        """Whether every future goes the same way as the average."""
        return (self.better if self.gain > 0 else self.worse) == self.n

    @property
    def says_written(self) -> bool:
        """Whether the count of futures is followed by what it shows: how the model is written, and no proof."""
        return self.in_every and self.verdict != TOO_FEW

    @property
    def slight(self) -> bool:
        """Whether the mean difference is below the size that is declared for its unit."""
        return verdicts.is_slight(self.difference, self.outcome.unit)

    @property
    def margin(self) -> float:
        """Half the width of the 95% interval of the mean difference: its Monte Carlo error."""
        return Z_95 * self.standard_error

    @property
    def better_of_100(self) -> int | None:
        """In how many of 100 futures the new policy does better; None where there are fewer than 100, and where
        the sign is assumed, so that the count says nothing.
        """
        return count_in_hundred(self.better, self.n) if self.n >= FEWEST and not self.sign_assumed else None

    @property
    def better_in(self) -> str:
        """In how many futures the new policy does better: 87 of 100, or 7 of 8; "assumed" where its sign is."""
        if self.verdict in verdicts.ASSUMED:
            return get_template("comparison.assumed")
        return format_count(self.better, self.n)

    @property
    def counts(self) -> tuple[str, str, str]:
        """In how many futures the new policy does better, the same and worse; no counts where its sign is assumed."""
        if self.verdict in verdicts.ASSUMED:
            return self.better_in, "–", "–"
        better, same, worse = (format_count(part, self.n) for part in (self.better, self.same, self.worse))
        return better, same, worse

    @property
    def short_line(self) -> str:
        """What a picture says about futures, in a few words."""
        if self.verdict in verdicts.ASSUMED:
            return get_template("comparison.short.assumed").format(word=self.verdict.split(",")[0])
        if self.verdict == verdicts.SAME:
            return self.verdict
        if self.says_written:
            word = self._directions[self.gain < 0]
            return get_template("comparison.short.every").format(word=word)
        return get_template("comparison.short").format(count=self.better_in)

    @property
    def sentence(self) -> str:
        """The comparison in plain words."""
        words = self._words()
        if self.verdict == verdicts.SAME:
            return get_template("comparison.same").format_map(words)
        if self.verdict == TOO_FEW:
            return get_template("comparison.too_few").format_map(words)
        return get_template("comparison.settled" if self.settled else "comparison.not_settled").format_map(words)

    def _words(self) -> dict[str, str]:
        """What the blanks of the templates are filled with."""
        first, last = self.years
        up, down = self._directions
        new_level, old_level = self.level_words
        difference = self.gap_words if self.settled else self.average_words
        return {
            "new": self.new,
            "old": self.old,
            "what": self._what,
            "span": first if first == last else get_template("span").format(first=first, last=last),
            "n": f"{self.n:,}",
            "too_few": describe_too_few(self.n),
            "up": up,
            "down": down,
            "new_level": f"{new_level}{name_base(self.outcome.change_unit)}",
            "old_level": old_level,
            "difference": self.gap_words,
            "average": get_template("comparison.average").format(difference=difference, error=self.error_words),
            "range": get_template("comparison.range").format(range=self.write_range(self.likely)),
            "frequency": self.frequency_words,
        }

    @property
    def _directions(self) -> tuple[str, str]:
        """The words for more and less of the outcome: better and worse, or higher and lower."""
        return ("better", "worse") if self.outcome.better else ("higher", "lower")

    @property
    def error_words(self) -> str:
        """The Monte Carlo error in plain words."""
        return get_template("comparison.error").format(margin=self.margin_words)

    @property
    def _of_money(self) -> bool:
        return self.outcome.change_unit is Unit.SHARE

    @property
    def level_words(self) -> tuple[str, str]:
        """Both means as readers are told them: £87.2 and £71.6."""
        if not self._of_money:
            unit = self.outcome.unit
            return format_level(self.new_mean, unit), format_level(self.old_mean, unit)
        new, old, _ = format_pair(100 * self.new_mean, 100 * self.old_mean)
        return new, old

    @property
    def gap_words(self) -> str:
        """How much more or less there is on average, as readers are told: £15.6 more."""
        if self._of_money:
            return format_gap(self.new_mean, self.old_mean)
        return format_difference(self.difference, self.outcome.change_unit)

    @property
    def average_words(self) -> str:
        """The same with what it is out of: £15.6 more of each £100."""
        return get_template("gap.of_each").format(gap=self.gap_words) if self._of_money else self.gap_words

    @property
    def signed_gap(self) -> str:
        """The same for a table or a picture that names the unit: +£15.6."""
        return format_signed_gap(self.new_mean, self.old_mean) if self._of_money else self.gap_words

    def write_range(self, ends: Range) -> str:
        """An interval of differences for readers: £4 to £29 more."""
        return describe_difference_range(*ends, self.outcome.change_unit)

    @property
    def margin_words(self) -> str:
        """The Monte Carlo error of the average, without words: 85p."""
        return format_absolute(self.margin, self.outcome.change_unit)

    @property
    def verdict_words(self) -> str:
        """The verdict as tables for readers give it."""
        words = self.verdict.replace("sign assumed", "as the model assumes")
        return words.replace(verdicts.FREQUENCIES[0], verdicts.EVERY_WRITTEN) if self.in_every else words

    @property
    def frequency_words(self) -> str:
        """In how many futures the new policy does better, worse and the same, or that its sign is assumed."""
        if self.verdict in verdicts.ASSUMED:
            way = "better" if "better" in self.verdict else "worse"
            return get_template(f"comparison.frequency.assumed_{way}").format(what=self._what)
        up, down = self._directions
        better, worse, same = count_both_ways(self.better, self.worse, self.same, self.n)
        level = get_template("comparison.frequency.the_same")
        counts = ((worse, down), (same, level))
        if self.same and not same and worse < better:  # 99, 1 and 1 would make 101
            counts = ((worse, get_template("comparison.frequency.either").format(one=down, other=level)), (0, ""))
        rest = "".join(
            get_template("comparison.frequency.rest").format(word=word, count=count) for count, word in counts if count
        )
        neither = "" if self.outcome.better else get_template("comparison.frequency.neither")
        every = get_template("comparison.frequency.every") if self.says_written else ""
        return get_template("comparison.frequency").format(
            up=up, count=self.better_in, rest=rest, neither=neither, every=every
        )

    @property
    def _what(self) -> str:
        """The outcome's label in the middle of a sentence."""
        return self.outcome.label[0].lower() + self.outcome.label[1:]

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, whatever else one of them knows."""
        if not isinstance(other, Comparison):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(Comparison))

    def __hash__(self) -> int:
        return hash((self.new, self.old, self.outcome.name, self.years, self.n, self.difference))

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "compare"

    @property
    def assumes(self) -> str:
        """How many futures there are, their seed, how the parameters are known, and the version that answers."""
        seed = "" if self.seed is None else f", seed {self.seed}"
        return f"{self.n:,} futures{seed}; {self.badge}; {name_version()}"

    @property
    def settings(self) -> Mapping[str, object]:
        """What was compared."""
        return {"new": self.new, "old": self.old, "outcome": self.outcome.name, "years": "-".join(self.years)}

    @property
    def picture(self) -> PictureColumns:
        """The mean difference with the range of 8 in 10 futures."""
        axis = f"difference in {self.outcome.label.lower()} ({self.outcome.unit.value})"
        return PictureColumns(
            "bars",
            "new+old",
            "difference",
            axis,
            "likely_low",
            "likely_high",
            between=" less ",
            name="mean of the futures",
            interval="8 in 10 futures",
        )

    def list_numbers(self) -> dict[str, float]:
        """The mean difference, its Monte Carlo error and ranges, and the futures counted, by the names of columns."""
        return {
            "difference": self.difference,
            "standard_error": self.standard_error,
            "likely_low": self.likely[0],
            "likely_high": self.likely[1],
            "wide_low": self.wide[0],
            "wide_high": self.wide[1],
            "better": self.better,
            "same": self.same,
            "worse": self.worse,
            "futures": self.n,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row: both means over `years`, their difference with its ranges and Monte Carlo error, futures counted."""
        import pandas as pd

        first, last = self.years
        row = {
            "new": self.new,
            "old": self.old,
            "outcome": self.outcome.name,
            "years": first if first == last else f"{first}-{last}",
            "new_mean": self.new_mean,
            "old_mean": self.old_mean,
            **self.list_numbers(),
            "sign_assumed": self.sign_assumed,
            "verdict": self.verdict,
        }
        return pd.DataFrame([row])


def compare_paired(
    new: Floats,
    old: Floats,
    *,
    about: Outcome,
    names: tuple[str, str],
    years: YearSpan,
    badge: str,
    alike: bool = False,
    sets: Labels | None = None,
    assumed: int = 0,
    seed: int | None = None,
) -> Comparison:
    """Compare two arrays of the outcome `about`, (futures,) each, future by future.

    `names` and `years` (first, last) go into the sentence, and `badge` says what parameters rest on. `sets` (futures,)
    says which futures share their parameters; without it all are taken to be independent. `assumed` is the sign of the
    difference where it is assumed, and `seed` that of the futures. Futures in which the outcome
    is not defined under both (a ratio of nothing to nothing) are left out and counted.
    Raises ValueError for arrays of different lengths, and if no future is left.
    """
    if new.shape != old.shape or not new.size:
        raise InputError(f"{new.size} and {old.size} futures cannot be paired")
    defined = np.isfinite(new) & np.isfinite(old)
    undefined = int((~defined).sum())
    new, old, defined_sets = new[defined], old[defined], None if sets is None else sets[defined]
    if not new.size:
        raise InputError(f"'{about.name}' is not defined in any of these futures: there was nothing to take a share of")
    difference = new - old
    difference[np.abs(difference) <= ROUNDING] = 0.0  # or rounding would read as a difference of under 0.1 points
    gain = difference * (about.better or 1)
    quantiles = np.quantile(difference, (0.1, 0.9, 0.025, 0.975))
    error = standard_error(difference, defined_sets)
    return Comparison(
        new=names[0],
        old=names[1],
        outcome=about,
        years=years,
        n=len(new),
        new_mean=float(new.mean()),
        old_mean=float(old.mean()),
        difference=float(difference.mean()),
        likely=(float(quantiles[0]), float(quantiles[1])),
        wide=(float(quantiles[2]), float(quantiles[3])),
        standard_error=error,
        better=int((gain > ROUNDING).sum()),
        same=int((abs(gain) <= ROUNDING).sum()),
        worse=int((gain < -ROUNDING).sum()),
        badge=badge,
        undefined=undefined,
        alike=alike,
        sets=len(new) if defined_sets is None else len(np.unique(defined_sets)),
        assumed=assumed,
        seed=seed,
    )
