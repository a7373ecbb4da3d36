"""Comparing two scenarios in a notebook: in a sentence, and as an Excel workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.boards.table import Boards, read_boards, to_boards
from simulator.claims.crate_inputs import add_call, freeze_inputs
from simulator.common.arguments import checked
from simulator.common.atomic_files import check_writable, write_bytes
from simulator.common.crate_folder import CrateContent
from simulator.common.deprecation import renamed_attribute
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.experiments.core.paired_comparison import Comparison
from simulator.runs.futures import Futures
from simulator.runs.posterior import Beliefs
from simulator.runs.results import Results, find_outcome, read_years
from simulator.runs.run import Policy, choose_futures, compare_results, remark_later_starts, run_many
from simulator.scenarios.library_titles import list_lookalikes
from simulator.scenarios.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from simulator.claims.claim import Claim
    from simulator.engine.ensemble import Progress


@dataclass(frozen=True, repr=False, eq=False)
class PolicyComparison(Comparison):
    """A comparison that knows its results, (old, new), and so can be saved as a workbook.

    `policies` are their scenarios, None where only results were given that are not of the library. `asked_years`
    names the years if some were asked for, and is "" otherwise.
    """

    results: tuple[Results, ...] = ()
    policies: tuple[Scenario | None, ...] = ()
    asked_years: str = ""
    boards: Boards = field(default_factory=read_boards)
    asked: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, object] = field(default_factory=dict)

    span = renamed_attribute("span", "asked_years")

    def keep_arguments(self, arguments: Mapping[str, object]) -> PolicyComparison:
        """The same comparison with the arguments of its question; those of the futures as they came out."""
        return replace(self, asked={**arguments, **self.asked})

    def keep_inputs(self, given: Mapping[str, object]) -> PolicyComparison:
        """The same comparison with what its question was given, as it stands now."""
        return replace(self, inputs=freeze_inputs(given))

    def make_crate_content(self) -> CrateContent:
        """What a crate of this comparison holds and says."""
        return add_call(super().make_crate_content(), self.question, self.to_dict(), self.inputs)

    @property
    def assumes(self) -> str:
        """What the comparison rests on, and whether the years hold some before one of the scenarios begins."""
        starts = [(result.manifest.title, result.manifest.start) for result in reversed(self.results)]
        alike = "".join(f"; {told.rstrip('.')}" for told in list_lookalikes(filter(None, self.policies)))
        return f"{super().assumes}{remark_later_starts(starts, self.asked_years or None)}{alike}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question, as plain data: `rf.compare(**answer.settings)` gives the answer again."""
        return dict(self.asked)

    def to_excel(self, path: str | Path, *, progress: Progress | None = None, today: dt.date | None = None) -> Path:
        """Save the comparison as a workbook (Summary, Pairs, By year, Boards, Assumptions, Read me). Returns its path.

        The same numbers and day (`today`) give the same bytes. Raises InputError for another ending than .xlsx, and for
        results whose scenario is not known; FileWriteError if it cannot be written.
        """
        from simulator.reports.content import OutcomeStudy
        from simulator.reports.workbook import make_workbook

        path = expand_path(path)
        if path.suffix.lower() != ".xlsx":
            raise InputError(f"{path.name}: the name of a workbook ends in .xlsx, so name it {path.stem}.xlsx")
        check_writable(path)
        policies = [policy for policy in self.policies if policy is not None]
        if len(policies) < len(self.results) or any(result.futures is None for result in self.results):
            raise InputError(
                "a workbook says what the scenarios change and runs every board, for which results alone are not "
                "enough: give rf.compare the scenarios themselves with futures=..., then to_excel"
            )
        study = OutcomeStudy(
            tuple(policies), self.results, {}, self.boards, outcome=self.outcome.name, wanted=self.asked_years
        )
        write_bytes(path, make_workbook(study, [study.recipe.compare], today or dt.date.today(), progress))
        return path

    def claim(
        self,
        path: str | Path,
        that: str | Sequence[str] = (),
        *,
        registration: str = "",
        today: dt.date | None = None,
    ) -> Claim:
        """Save the sentence as a claim, which `ringfence verify` runs again, and return it.

        `that` says what is claimed, such as "difference below 0 in at least 60 of 100", or lists it; by default, what
        the sentence says. `registration` is the digest of the registration that it answers. Raises InputError for what
        does not hold, for another ending than .json or .jsonld, and for results whose scenario or futures are not
        known; FileWriteError.
        """
        from simulator.claims.claim import ComparedPair, make_claim
        from simulator.claims.claim_file import check_claim_name, write_claim

        path = check_writable(check_claim_name(path))
        policies = [policy for policy in self.policies if policy is not None]
        if len(policies) < len(self.results):
            raise InputError(
                "a claim holds its scenarios, and results of a scenario of your own do not: give rf.compare the "
                "scenarios themselves, with futures=results.futures for the same numbers, then claim"
            )
        day = (today or dt.date.today()).isoformat()
        conditions = [that] if isinstance(that, str) else that
        claim = make_claim(
            [ComparedPair(self, 1, 0, conditions)], policies, self.results, day, registration=registration
        )
        write_claim(path, claim)
        return claim


@checked
def compare(
    scenario: Policy | Results,
    against: Policy | Results = "baseline",
    n: int | None = None,
    *,
    outcome: str = "retained",
    years: str | None = None,
    seed: int | None = None,
    futures: Futures | None = None,
    beliefs: Beliefs | None = None,
    boards: Boards | str | Path | None = None,
    progress: Progress | None = None,
) -> PolicyComparison:
    """Compare a scenario with another in the same futures: the same parameters and random draws, one by one.

    Scenarios are run where results are not given, in the futures of results that are. `n` is 1,000 and `seed` 20240323
    unless given. `years` defaults to those from the first change of today's rules on, in either scenario, even a change
    that both share. The table has one row: both means, their `difference` and its `standard_error` (futures of one
    parameter set count together), and the ranges that hold 80% (`likely_low`, `likely_high`) and 95% of futures
    (`wide_low`, `wide_high`), all in the outcome's unit (a share is from 0 to 1; the sentence says £ of each £100), and
    in how many futures the scenario is `better`, the `same` or `worse`. The comparison can be saved as a workbook with
    `to_excel`. Raises as `run`; ValueError if results given were not made from the same futures and boards.

    >>> import simulator as rf
    >>> answer = rf.compare("ringfence", "leadership", n=200)
    >>> answer.better + answer.same + answer.worse
    200
    """
    wanted = [item for item in (scenario, against) if not isinstance(item, Results)]
    if isinstance(years, str):
        read_years(years)  # before anything runs
    find_outcome(outcome)
    if not wanted and (n, seed, futures, beliefs, boards) != (None,) * 5:
        raise InputError("both results are given, so nothing is run: leave out n, seed, futures, beliefs and boards")
    if len(wanted) == 1 and (n, seed, beliefs) != (None,) * 3:
        raise InputError(
            "one side is results that exist already, and the other is run in their futures: leave out n, seed and "
            "beliefs, or give both scenarios by name"
        )
    if (n, seed, futures, beliefs) == (None,) * 4:  # a scenario is run in the futures of the results beside it
        made = [item.futures for item in (scenario, against) if isinstance(item, Results)]
        futures = made[0] if made else None
    own = futures is not None or not wanted
    futures = choose_futures(futures, n, seed, beliefs)
    asked = {} if own else {"n": len(futures), "seed": futures.seed}
    computed = iter(run_many(wanted, futures=futures, boards=boards, progress=progress) if wanted else ())
    new, old = (item if isinstance(item, Results) else next(computed) for item in (scenario, against))
    comparison = compare_results(new, old, outcome, years)
    values = {f.name: getattr(comparison, f.name) for f in fields(comparison)}
    shown = "" if years is None else years
    policies = [_find_scenario(item) for item in (against, scenario)]
    return PolicyComparison(
        **values, results=(old, new), policies=tuple(policies), asked_years=shown, boards=to_boards(boards), asked=asked
    )


def _find_scenario(item: Policy | Results) -> Scenario | None:
    """The scenario of what was compared; of results only where the library holds it."""
    if not isinstance(item, Results):
        return load_scenario(item)
    try:
        policy = load_scenario(item.manifest.scenario)
    except (LookupError, ValueError):
        return None
    return policy if policy.fingerprint == item.manifest.scenario_fingerprint else None
