"""The words for what a comparison shows, defined once; docs/guide/words.md says the same for readers.

A verdict keeps three things apart. Whether the sign of the *average* difference is settled: zero lies outside its 95%
interval. *How often* the new policy does better: the share of futures. Whether the difference is *large*: it is
called slight below a size that is declared here for each unit.
"""

from __future__ import annotations

from simulator.common.formatting import TOO_FEW
from simulator.common.units import Unit
from simulator.experiments.core.clustered_errors import Z_95

NEARLY_ALL, MOST = 0.95, 2 / 3
"""The shares of futures that are called nearly all and most."""

SLIGHT = {Unit.SHARE: 0.01, Unit.MILLIONS: 2.0}
"""Differences below these are called slight: £1 of each £100, or £2m a year, a hundredth of the fund."""

SAME, NOT_SETTLED = "no difference", "average not settled"
ASSUMED_BETTER, ASSUMED_WORSE = "better, sign assumed", "worse, sign assumed"
"""Where the sign follows from how the model is built, so that to count futures would say nothing."""

ASSUMED = (ASSUMED_BETTER, ASSUMED_WORSE, f"slightly {ASSUMED_BETTER}", f"slightly {ASSUMED_WORSE}")

FREQUENCIES = ("in nearly all futures", "in most futures", "on average only")
EVERY = "in every future that was run"
"""What sentences say in place of *in nearly all futures* where there is no exception."""

EVERY_WRITTEN = "in every future, which is no proof"
"""The same where no count follows that says so: in tables and labels, which travel alone."""

BETTER = tuple(
    f"{slight}{word} {frequency}"
    for word in ("better", "higher")
    for slight in ("", "slightly ")
    for frequency in FREQUENCIES
)
WORSE = tuple(phrase.replace("better", "worse").replace("higher", "lower") for phrase in BETTER)
VERDICTS = (ASSUMED[0], *BETTER, ASSUMED[2], SAME, NOT_SETTLED, ASSUMED[3], *WORSE, ASSUMED[1], TOO_FEW)
"""Every verdict there is."""


DEFINITIONS = (
    "An average is settled if more futures could not take it past zero: zero lies outside its 95% interval. "
    f"“In nearly all futures”: in {100 * NEARLY_ALL:.0f} of 100 or more; “in most”: in two of "
    "three or more; "
    "“on average only”: in fewer. “Slightly”: by less than £1 of each £100; of what is "
    f"counted in £m, by less than £{SLIGHT[Unit.MILLIONS]:.0f}m a year. "
    "“As the model assumes”: all that differs between the two can only help, or only harm, as the model is built, so "
    "that counting futures says nothing; only the size is found."
)
"""The same for readers, in short."""


def find_settled_sign(mean: float, error: float) -> int:
    """The sign of a mean with standard error `error`: +1 or -1 where it is settled, 0 where it is not."""
    return int(mean > Z_95 * error) - int(mean < -Z_95 * error)


def describe_frequency(share: float) -> str:
    """The share of futures (0 to 1) in which something holds, in words."""
    return FREQUENCIES[0] if share >= NEARLY_ALL else FREQUENCIES[1] if share >= MOST else FREQUENCIES[2]


def is_slight(mean: float, unit: Unit) -> bool:
    """Whether a difference is below the size that is declared for its unit; False for a unit without one."""
    return abs(mean) < SLIGHT.get(unit, 0.0)


def split_verdict(verdict: str) -> tuple[str, str]:
    """The direction and the frequency of a verdict: "slightly better", "in most futures". Both "" where it has none."""
    for frequency in FREQUENCIES:
        if verdict.endswith(f" {frequency}"):
            return verdict.removesuffix(f" {frequency}"), frequency
    return "", ""


def describe_verdict(verdict: str, many: bool = False) -> str:
    """A verdict as the end of a sentence about a policy, or about `many`: "does better in most futures"."""
    direction, frequency = split_verdict(verdict)
    if verdict == SAME:
        return "make no difference" if many else "makes no difference"
    if verdict in ASSUMED:
        return f"{'do' if many else 'does'} {verdict.split(',')[0]}, as the model assumes"
    if verdict == NOT_SETTLED:
        return f"{'are' if many else 'is'} not settled on average"
    if verdict == TOO_FEW:
        return f"{'have' if many else 'has'} too few futures for a verdict"
    verb = ("are" if many else "is") if direction.endswith(("higher", "lower")) else "do" if many else "does"
    return f"{verb} {direction} {frequency}"


def assume_verdict(mean: float, unit: Unit, for_better: bool) -> str:
    """The verdict on a mean difference whose sign is assumed: one of `ASSUMED`."""
    return ASSUMED[(0 if for_better else 1) + (2 if is_slight(mean, unit) else 0)]


def give_verdict(mean: float, error: float, share: float, unit: Unit, better: int) -> str:
    """The verdict on a mean difference with standard error `error`; `share` of the futures go the same way as the mean.

    `better` is +1 where more is better, -1 where less is, 0 where neither is; the words are then higher and lower.
    """
    sign = find_settled_sign(mean, error)
    if not sign:
        return NOT_SETTLED
    up, down = ("better", "worse") if better else ("higher", "lower")
    word = up if sign * (better or 1) > 0 else down
    return f"{'slightly ' if is_slight(mean, unit) else ''}{word} {describe_frequency(share)}"
