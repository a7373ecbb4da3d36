"""The claim that an answer is also saved as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from simulator.commands.shared.console import say
from simulator.commands.shared.options import text_option
from simulator.common.atomic_files import check_writable
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.claims.study_claim import StudyCall, StudyResult
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.experiments.tradeoffs.equivalence import Equivalence
    from simulator.runs.results import Results
    from simulator.scenarios.scenario import Scenario
    from simulator.studies.break_even import BreakEven
    from simulator.studies.model_function import ModelFunction

ClaimFile = Annotated[
    Path | None,
    text_option("--claim", "FILE.json", "Also save the sentences as a claim, which ringfence verify runs again."),
]
Conditions = Annotated[
    list[str] | None,
    text_option(
        "--that",
        "CONDITION",
        "With --claim: what is claimed, such as “difference below 0 in at least 60 of 100” or “average above "
        "£5 of each £100” of a comparison; may be repeated. Default: what the sentence says.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class ClaimOptions:
    """Whether an answer is saved as a claim, and of what."""

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

    def check_amount(self, beside: str | None) -> Path | None:
        """As `check`, for the amount of one lever. Raises InputError for a map."""
        path = self.check()
        if path is not None and beside is not None:
            raise InputError(
                "--claim saves the amount of one lever, so it does not go with --map; "
                f"leave --map out, or set {beside} with --to"
            )
        return path

    def save_amount(
        self,
        path: Path,
        result: Equivalence | BreakEven,
        model: ModelFunction,
        arguments: Mapping[str, object],
        basis: str,
    ) -> None:
        """Save what equals what, or a break-even. Raises InputError if it may not be claimed."""
        from simulator.claims.study_claim import StudyCall
        from simulator.runs.posterior import current_posterior
        from simulator.studies.break_even import BreakEven

        question = "break_even" if isinstance(result, BreakEven) else "equivalence"
        call = StudyCall({model.policy.title: model.policy}, arguments, model.areas, current_posterior().options)
        self.save_study(path, question, result, call, basis)

    def save_level(self, path: Path, scenario: Scenario, results: Results, outcomes: Sequence[str], years: str) -> None:
        """Save what one scenario gives, an outcome a sentence. Raises InputError if it may not be claimed."""
        from simulator.claims.claim import ComparedPair, make_claim
        from simulator.claims.claim_file import write_claim
        from simulator.runs.run import compare_results

        pairs = [
            ComparedPair(compare_results(results, results, name, years), 0, 0, self.that or ()) for name in outcomes
        ]
        write_claim(path, make_claim(pairs, [scenario], [results], dt.date.today().isoformat()))
        say(f"wrote {path}")

    def save_study(self, path: Path, question: str, result: StudyResult, call: StudyCall, basis: str) -> None:
        """Save another answer than a comparison. Raises InputError if it may not be claimed."""
        from simulator.claims.claim_file import write_claim
        from simulator.claims.study_claim import make_study_claim

        today = dt.date.today().isoformat()
        write_claim(path, make_study_claim(question, result, call, basis, today, self.that or ()))
        say(f"wrote {path}")

    def save(
        self, path: Path, scenarios: Sequence[Scenario], runs: Sequence[Results], comparisons: Sequence[Comparison]
    ) -> None:
        """Save comparisons, each of a scenario with the first of `scenarios`. Raises InputError if none may be."""
        from simulator.claims.claim import ComparedPair, make_claim
        from simulator.claims.claim_file import write_claim

        pairs = [ComparedPair(comparison, at, 0, self.that or ()) for at, comparison in enumerate(comparisons, start=1)]
        write_claim(path, make_claim(pairs, scenarios, runs, dt.date.today().isoformat()))
        say(f"wrote {path}")
