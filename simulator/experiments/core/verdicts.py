"""The words for what a comparison found, defined once: docs/guide/words.md says the same for readers.

Three things are kept apart. Whether the *average* difference is known: its sign is settled if zero lies outside the 95%
interval that the number of futures leaves it. *How often* the new policy does better: the share of paired futures.
Whether the difference is *large*: it is called slight below a size that is declared here, unit by unit.
"""

from __future__ import annotations

from simulator.common.formatting import TOO_FEW
from simulator.common.units import Unit

WIDE = 1.959963984540054
"""Half the width of a 95% interval, in standard errors."""

NEARLY_ALL, MOST = 0.95, 2 / 3
"""The shares of futures that are called nearly all and most."""

SLIGHT = {Unit.SHARE: 0.01, Unit.MILLIONS: 2.0}
"""Differences below these are called slight: one point, or £2m a year, a hundredth of the fund."""

SAME, NOT_SETTLED = "no difference", "average not settled"
OFTEN = ("in nearly all futures", "in most futures", "on average only")
BETTER = tuple(
    f"{slight}{word} {often}" for word in ("better", "higher") for slight in ("", "slightly ") for often in OFTEN
)
WORSE = tuple(phrase.replace("better", "worse").replace("higher", "lower") for phrase in BETTER)
VERDICTS = (*BETTER, SAME, NOT_SETTLED, *WORSE, TOO_FEW)
"""Every verdict there is."""


DEFINITIONS = (
    f"An average is settled if zero lies outside the 95% interval that the number of futures leaves it (“known to "
    f"within”). “In nearly all futures”: in {100 * NEARLY_ALL:.0f} of 100 or more; “in most”: in two of three or more; "
    f"“on average only”: in fewer. “Slightly”: by less than one point, or £{SLIGHT[Unit.MILLIONS]:.0f}m a year."
)
"""The same for readers, in short."""


def find_settled_sign(mean: float, error: float) -> int:
    """The sign of a mean whose standard error is `error`, or 0 where that leaves its sign open."""
    return int(mean > WIDE * error) - int(mean < -WIDE * error)


def describe_frequency(share: float) -> str:
    """How often, in words, from the share of futures in which it is so."""
    return OFTEN[0] if share >= NEARLY_ALL else OFTEN[1] if share >= MOST else OFTEN[2]


def is_slight(mean: float, unit: Unit) -> bool:
    """Whether a difference is below the size that is declared for its unit; without one nothing is."""
    return abs(mean) < SLIGHT.get(unit, 0.0)


def split_verdict(verdict: str) -> tuple[str, str]:
    """What a verdict says in two parts: "slightly better", "in most futures". Both are empty where it says neither."""
    for phrase in OFTEN:
        if verdict.endswith(f" {phrase}"):
            return verdict.removesuffix(f" {phrase}"), phrase
    return "", ""


def describe_verdict(verdict: str, many: bool = False) -> str:
    """A verdict as what a policy, or several, does: "does better in most futures", "make no difference"."""
    word, phrase = split_verdict(verdict)
    if verdict == SAME:
        return "make no difference" if many else "makes no difference"
    if verdict == NOT_SETTLED:
        return f"{'are' if many else 'is'} not settled on average"
    if verdict == TOO_FEW:
        return f"{'have' if many else 'has'} too few futures for a verdict"
    verb = ("are" if many else "is") if word.endswith(("higher", "lower")) else "do" if many else "does"
    return f"{verb} {word} {phrase}"


def give_verdict(mean: float, error: float, share: float, unit: Unit, better: int) -> str:
    """The verdict on a mean difference with a standard error, and the share of futures that go the same way.

    `better` is +1 where more is better, -1 where less is, 0 where neither is; the words are higher and lower then.
    """
    sign = find_settled_sign(mean, error)
    if not sign:
        return NOT_SETTLED
    up, down = ("better", "worse") if better else ("higher", "lower")
    word = up if sign * (better or 1) > 0 else down
    return f"{'slightly ' if is_slight(mean, unit) else ''}{word} {describe_frequency(share)}"
