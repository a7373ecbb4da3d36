"""A visitor's own evidence, weighed: what the answers are drawn from, and how they are told so."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.runs.posterior import Posterior


@dataclass(frozen=True, eq=False)
class OwnEvidence:
    """Evidence of the visitor's own, and the posterior that it makes. It stays in the session; a link has its
    fingerprint alone.

    `counts` says of what it consists, such as 3 rows by board; `weak` why its answers are weak, empty if they are not.
    """

    file: str
    title: str
    fingerprint: str
    counts: str
    posterior: Posterior
    weak: tuple[str, ...] = ()

    @property
    def strip(self) -> str:
        """What every page says while it is used."""
        words = f"Answers weighed with your evidence: {self.counts} (fingerprint {self.fingerprint})."
        return f"{words} These answers are weak: {'; '.join(self.weak)}." if self.weak else words
