"""`ringfence compare A --until 0.01`: futures are added until the difference is known well enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.rendering import Answer, Row, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.declarations.outcomes import Outcome
    from simulator.experiments.core.clustered_errors import Labels
    from simulator.experiments.core.model_protocol import Floats
    from simulator.experiments.decision.sequential_comparison import SequentialComparison
    from simulator.runs.futures import Futures
    from simulator.runs.manifest import Manifest
    from simulator.runs.run import Policy
    from simulator.scenarios.scenario import Scenario

FIRST = 200
MOST = 20_000

Until = Annotated[
    float | None,
    typer.Option(
        "--until",
        metavar="HALF-WIDTH",
        help="Add futures until the mean difference is known to within so much (0.01 is one point), or its sign is.",
    ),
]
Precise = Annotated[bool, typer.Option("--precise", help="With --until: a settled sign is not enough.")]
Most = Annotated[int, typer.Option("--most", min=10, max=options.MOST, help="With --until: the most futures.")]


@dataclass(frozen=True)
class Plan:
    """When to stop. `most` futures are the most; None where somebody asked for a fixed number."""

    half_width: float
    most: int | None = MOST
    sign_is_enough: bool = True


class FutureDifferences:
    """Differences of an outcome between two scenarios in futures `first` to `first + n` of a seed: (n,).

    They are the futures that `compare` runs, so both give one answer for one number of futures. `manifests` and `years`
    say how, and over which span, the futures that came last were run. Raises as `run` and `compare`.
    """

    def __init__(
        self,
        new: Policy,
        old: Policy = "baseline",
        outcome: str = "retained",
        years: str | None = None,
        seed: int = options.SEED,
        boards: Boards | None = None,
    ) -> None:
        self.policies = (new, old)
        self.outcome = outcome
        self.asked = years
        self.seed = seed
        self.boards = boards
        self.years = ("", "")
        self.manifests: tuple[Manifest, ...] = ()

    def __call__(self, first: int, n: int) -> Floats:
        from simulator.declarations.calendar import parse_years
        from simulator.runs.futures import draw_futures
        from simulator.runs.run import common_span, run_many

        drawn: Futures = draw_futures(n, seed=self.seed, first=first)
        made = run_many(self.policies, futures=drawn, boards=self.boards)
        span = made[0].span(parse_years(self.asked)) if self.asked else common_span(made)
        names = made[0].years[span]
        self.years = (names[0], names[-1])
        self.manifests = tuple(result.manifest for result in made)
        new, old = (result.outcome(self.outcome, span) for result in made)
        return new - old

    def sets(self, first: int, n: int) -> Labels:
        """Which of these futures share their parameters: (n,) numbers."""
        from simulator.runs.futures import draw_futures

        return draw_futures(n, seed=self.seed, first=first).sets


@dataclass(frozen=True)
class Asked:
    """What was found, about which outcome and policies, how it was made, and the command that makes it again."""

    found: SequentialComparison
    outcome: Outcome
    policies: tuple[Scenario, Scenario]
    made: FutureDifferences
    command: str

    @property
    def badge(self) -> str:
        """What stands beside the answer, with a remark where the draws of the parameters were used again."""
        badge = self.made.manifests[0].badge
        met = self.found.sets
        again = (
            f"; they share {met:,} parameter sets, and futures of one set count together" if met < self.found.n else ""
        )
        return f"{badge}{again}"


def compared(
    names: Sequence[str] | None,
    against: str,
    plan: Plan,
    outcome: str = "retained",
    years: str | None = None,
    seed: int = options.SEED,
    start: str | None = None,
    boards: Boards | None = None,
) -> Asked:
    """Compare one scenario with another until the difference is known.

    Raises InputError for several scenarios, for one with itself and for a fixed number of futures.
    """
    from simulator.experiments.decision.sequential_comparison import ComparedPair, compare_sequentially
    from simulator.experiments.stats.confidence_sequences import LookSchedule
    from simulator.runs.posterior import distinct_sets
    from simulator.runs.recipe import Option, Recipe
    from simulator.runs.results import find_outcome

    if plan.most is None:
        raise InputError("--until finds the number of futures; give --most for the largest number, and no -n")
    if not names or len(names) > 1:
        raise InputError("--until compares one scenario with another; name one scenario")
    if names == [against]:
        raise InputError(f"'{against}' would be compared with itself; name another with --against")
    named = options.read_policies([*names, against])
    new, old = options.moved(named, start)
    about = find_outcome(outcome)
    for remark in options.remarks((new, old)):
        say(remark)
    pair = ComparedPair(f"“{new.title}”", f"“{old.title}”", f"“{about.label}”", about.unit, about.better, "futures")
    made = FutureDifferences(new, old, outcome, years, seed, boards)
    options.tell_if_cold()
    looks = LookSchedule(first=min(FIRST, plan.most), most=plan.most)
    with Bar(f"up to {plan.most:,} futures") as bar:
        found = compare_sequentially(
            made,
            plan.half_width,
            plan=looks,
            sign_is_enough=plan.sign_is_enough,
            pair=pair,
            progress=bar,
            sets=made.sets,
            supply=distinct_sets(),
        )
    facts, (first, base) = boards or options.read_boards(None), named
    recipe = Recipe((first,), facts, made.manifests[::-1], base, outcome, years or "", start or "")
    flags: list[Option] = [("--until", plan.half_width), ("--most", plan.most)]
    flags += [] if plan.sign_is_enough else [("--precise", True)]
    return Asked(found, about, (new, old), made, recipe.compare_until(flags))


def answer(asked: Asked) -> Answer:
    """A comparison until sure in all its forms."""
    found, about = asked.found, asked.outcome
    document: dict[str, Any] = {
        "badge": asked.badge,
        "sentence": found.sentence,
        "stopped": found.stopped.value,
        "futures": found.n,
        "failed": found.failed,
        "asked_half_width": found.asked,
        "outcome": {"name": about.name, "label": about.label, "unit": about.unit.value, "meaning": about.meaning},
        "years": asked.made.years,
        "difference": found.difference,
        "interval": found.interval,
        "confidence": found.plan.confidence,
        "settled": found.settled,
        "better": found.better,
        "same": found.same,
        "worse": found.worse,
        "probability_better": found.probability_better,
        "probability_better_interval": found.probability_better_interval,
        "most": found.plan.most,
        "looks": [vars(look) for look in found.looks],
        "command": asked.command,
        "manifests": [asdict(one) for one in asked.made.manifests],
    }
    return Answer(document, _rows(asked), lambda: show(asked))


def _rows(asked: Asked) -> list[Row]:
    """One row a look."""
    new, old = asked.policies
    common = {
        "scenario": new.name,
        "against": old.name,
        "outcome": asked.outcome.name,
        "unit": asked.outcome.unit.value,
        "first_year": asked.made.years[0],
        "last_year": asked.made.years[1],
        "asked_half_width": asked.found.asked,
        "stopped": asked.found.stopped.value,
        "badge": asked.badge,
        "seed": asked.made.seed,
        "command": asked.command,
    }
    return [{**vars(look), **common} for look in asked.found.looks]


def show(asked: Asked) -> None:
    """Print the sentence, the looks, and how they were made."""
    found, about = asked.found, asked.outcome
    show_text(found.sentence)
    show_text()
    table = [
        {
            "Futures": f"{look.n:,}",
            "Mean difference": found.said(look.mean),
            "95% interval at every look": options.range_words(found.said(look.low), found.said(look.high)),
        }
        for look in found.looks
    ]
    show_table(table, tuple(table[0]))
    show_text()
    show_text(f"{about.label}: {about.meaning}, {options.span_words(*asked.made.years)}.")
    show_text(
        "The interval holds at all looks together, so that stopping as soon as it is narrow is honest. It is about the "
        "mean; how far futures differ from one another, which no number of them shrinks, is what compare without "
        "--until shows."
    )
    made = asked.made.manifests[0]
    show_text(f"{found.n:,} futures of {options.boards_words(made)}, seed {made.seed}; {asked.badge}.")
