"""Structural alternatives: other ways to write the model or to read the evidence, each fitted like the default.

What the data cannot decide between is listed here, so that a headline can be stated "under all structures we tried".
Sceptics are among them: whoever doubts that leaders matter, that a mere label works, or that leaders hold back
relabelling finds the model that says so; and one structure lets the three mechanisms do harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.declarations.priors import Beta, Normal, Prior
from simulator.runs.posterior import BIAS

MONOTONE_PATTERNS = ("X5", "X6", "X7")
"""Patterns that hold leadership, audit and pressure to one direction: tests of structures that promise it alone."""


@dataclass(frozen=True)
class Structure:
    """One alternative: parameters held throughout, other priors, the code of a rule in single replays, or fewer
    targets.

    `monotone` says whether it promises that more leadership and more audit never harm on average, and that more
    pressure never helps (`MONOTONE_PATTERNS`).
    """

    name: str
    says: str
    held: Mapping[str, float] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    use: tuple[str, ...] | None = None
    priors: Mapping[str, Prior] = field(default_factory=dict)
    monotone: bool = True

    @property
    def comparable(self) -> bool:
        """True if it is fitted to the same data, so that its evidence can be set against the default's."""
        return self.use is None


def _code_replays(national: float, audited: float) -> Mapping[str, Mapping[str, float]]:
    return {
        "floor_national": {"enforcement_start": national},
        "floor_audited": {"enforcement_start": audited},
    }


_ALL = (
    Structure("default", "the model as specified"),
    Structure("raid_first", "boards take money back before they commit it, quarter by quarter", {"raid_first": 1.0}),
    Structure(
        "threshold",
        "financial pressure sets in at a gap of 1%, and does not grow with the gap",
        {"pressure_threshold": 1.0},
    ),
    Structure("place_safe", "money that has reached places cannot be taken back", {"place_safe": 1.0}),
    Structure("needs_leaders", "a ring-fence works better under a strong chief executive", {"ring_leader_mix": 0.5}),
    Structure(
        "replaces_leaders", "a ring-fence is needed less under a strong chief executive", {"ring_leader_mix": -0.5}
    ),
    Structure("no_habit", "each year's plan is made afresh, whatever the last one was", {"habit": 0.0}),
    Structure("no_peers", "boards do not learn from their peers", {"peer_pull": 0.0}),
    Structure("no_custom", "no board leans lastingly for or against protecting the money", {"custom_spread": 0.0}),
    Structure("unaware", "a board whose lead does not know of the fund hardly protects it", {"unaware": 3.0}),
    Structure("bias_none", "the boards that were interviewed are like the others", {BIAS: 1.0}),
    Structure(
        "bias_some", "boards that kept all of the money were 1.65 times as likely to be interviewed", {BIAS: 1.65}
    ),
    Structure(
        "bias_strong", "boards that kept all of the money were 2.7 times as likely to be interviewed", {BIAS: 2.7}
    ),
    Structure(
        "codes_low",
        "a national rule counts as half enforced, and an audited one as nine tenths",
        codes=_code_replays(0.5, 0.9),
    ),
    Structure("codes_high", "a national rule counts as seven tenths enforced", codes=_code_replays(0.7, 1.0)),
    Structure("interviews_only", "the model is fitted to the interviews alone", use=("interviews",)),
    Structure(
        "no_leaders",
        "chief executives and finance directors make no difference",
        {"pull_chief": 0.0, "pull_finance": 0.0, "veto": 0.0},
    ),
    Structure("label_needs_audit", "a ring-fence makes no difference unless it is audited", {"enforcement_start": 0.0}),
    Structure(
        "blind_relabelling", "how much a board relabels does not depend on its leaders", {"offset_character": 0.0}
    ),
    Structure(
        "plans_improve",
        "plans foresee a fifth of the gap at first, and each year half of what they missed before",
        {"plan_learning": 0.7},
        priors={"foresight": Beta(3, 12)},
    ),
    Structure(
        "two_sided",
        "leaders, a ring-fence and financial pressure may each do the opposite of what is expected",
        priors={"pull_chief": Normal(0, 2.5), "pull_ringfence": Normal(0, 4.0), "pull_pressure": Normal(0, 1.7)},
        monotone=False,
    ),
)
STRUCTURES: Mapping[str, Structure] = {s.name: s for s in _ALL}
