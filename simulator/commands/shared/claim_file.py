"""The claim that a comparison is also saved as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared.console import say
from simulator.common.atomic_files import check_writable
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario

ClaimFile = Annotated[
    Path | None,
    typer.Option(
        "--claim",
        metavar="FILE.json",
        show_default=False,
        help="Also save the sentences as a claim, which ringfence verify runs again.",
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--that",
        metavar="CONDITION",
        show_default=False,
        help=(
            "With --claim: what is claimed, such as “difference below 0 in at least 60 of 100” or “average above "
            "£5 of each £100”; may be repeated. Default: what the sentence says."
        ),
    ),
]


@dataclass(frozen=True, kw_only=True)
class ClaimOptions:
    """Whether a comparison is saved as a claim, and of what."""

    claim: ClaimFile = None
    that: Conditions = None

    def check(self) -> Path | None:
        """The file to write, before any work is done. Raises InputError, and FileWriteError."""
        if self.claim is None:
            if self.that:
                raise InputError("--that says what a claim holds, so it goes with --claim FILE")
            return None
        from simulator.claims.claim_file import check_claim_name

        return check_writable(check_claim_name(self.claim))

    def save(
        self, path: Path, scenarios: Sequence[Scenario], runs: Sequence[Results], comparisons: Sequence[Comparison]
    ) -> None:
        """Save comparisons, each of a scenario with the first of `scenarios`. Raises InputError if none may be."""
        from simulator.claims.claim import ComparedPair, make_claim
        from simulator.claims.claim_file import write_claim

        pairs = [ComparedPair(comparison, at, 0, self.that or ()) for at, comparison in enumerate(comparisons, start=1)]
        write_claim(path, make_claim(pairs, scenarios, runs, dt.date.today().isoformat()))
        say(f"wrote {path}")
