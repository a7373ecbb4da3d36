"""Two people's beliefs held against each other: do they differ about facts, about what matters, or is it chance?

Both answer one question: how much more does leadership add than a ring-fence, on the outcome that each looks at? The
difference between their answers is shared out between beliefs (facts) and outcomes (values), each the mean of
what switching it does before and after the other is switched, so that the two add up. Chance is told apart: even where
a parameter set is known, a future may come out the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.adding_up import CommonPlace
from simulator.common.arguments import checked
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import FEWEST, format_difference
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.common.software_version import name_version
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.evidence.elicitation import fit_answer, read_answers_of
from simulator.evidence.evidence import Evidence
from simulator.evidence.questions import list_questions
from simulator.experiments.core.clustered_errors import Z_95
from simulator.runs.futures import DEFAULT_N, SEED, Futures, draw_futures
from simulator.runs.posterior import Posterior, current_posterior
from simulator.runs.run import compare_results, run_many

if TYPE_CHECKING:
    import pandas as pd

RIVALS = ("leadership", "ringfence")
DEFAULT_OUTCOME = "retained"
SETS, REPLICATES = 100, 10
"""Parameter sets, and how often each is run, to tell chance apart."""


@dataclass(frozen=True)
class Gap:
    """Leadership less the ring-fence: the mean, its Monte Carlo error, and in how many of 100 futures it is above 0.

    `count` is in how many of the `n` that were run.
    """

    mean: float
    error: float
    better: int
    count: int = 0
    n: int = 100

    @property
    def frequency(self) -> str:
        """In how many futures it is above 0; fewer than 100 are not made out to be 100."""
        return f"{self.better} of 100 futures" if self.n >= FEWEST else f"{self.count} of {self.n} futures"

    @property
    def choice(self) -> str:
        """Which of the two does better on average."""
        return RIVALS[self.mean < 0]


@dataclass(frozen=True, repr=False)
class BeliefComparison(Presentable):
    """Two people: their `names`, `outcomes` and answers. `gaps` (person, outcome) has what each would expect of each
    outcome; `other_way` in how many of 100 futures chance alone has it against the mean of its parameter set. `basis`
    says what both rest on, `years` over which years outcomes are taken, and `asked` the arguments of the question.
    `weak` says why the evidence of each leaves a weak answer, "" where it does not.
    """

    names: tuple[str, str]
    outcomes: tuple[str, str]
    answers: tuple[Mapping[str, tuple[float, ...]], Mapping[str, tuple[float, ...]]]
    gaps: Mapping[tuple[int, str], Gap]
    other_way: tuple[int, int]
    basis: str = ""
    years: str = ""
    asked: Mapping[str, object] = field(default_factory=dict)
    weak: tuple[str, str] = ("", "")

    def keep_arguments(self, arguments: Mapping[str, object]) -> BeliefComparison:
        """The same comparison with the arguments of its question."""
        return replace(self, asked=arguments)

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "compare_believers"

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        return " ".join(self.sentences)

    @property
    def assumes(self) -> str:
        """How many futures of which seed each has, which evidence, the posterior that both weigh, and the version."""
        return f"{self.basis}; {name_version()}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question, as plain data; evidence is described."""
        return dict(self.asked)

    @property
    def picture(self) -> PictureColumns:
        """What each expects of each outcome."""
        return PictureColumns(
            "bars",
            "who",
            "mean",
            "leadership less the ring-fence (share)",
            half_width="half_width",
            name="mean of the futures",
            interval="95% interval of the mean",
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per person and outcome: the `mean` that leadership adds over the ring-fence, the `half_width` of its
        95% interval, in how many of 100 futures it does better (nan of fewer than 100), and over which `years`. `rows`
        has the questions that either answered.
        """
        import pandas as pd

        rows = [
            {
                "who": f"{self.names[k]}, {outcome}",
                "name": self.names[k],
                "outcome": outcome,
                "mean": gap.mean,
                "half_width": Z_95 * gap.error,
                "better_of_100": gap.better if gap.n >= FEWEST else float("nan"),
                "years": self.years,
            }
            for (k, outcome), gap in self.gaps.items()
        ]
        return pd.DataFrame(rows)

    @property
    def own(self) -> tuple[Gap, Gap]:
        """Each one's answer on the outcome that they look at."""
        return self.gaps[0, self.outcomes[0]], self.gaps[1, self.outcomes[1]]

    @property
    def apart(self) -> float:
        """The second one's answer less the first one's."""
        return self.own[1].mean - self.own[0].mean

    @property
    def facts(self) -> float:
        """What of that comes of different beliefs."""
        return float(np.mean([self.gaps[1, o].mean - self.gaps[0, o].mean for o in self.outcomes]))

    @property
    def values(self) -> float:
        """What of it comes of looking at different outcomes."""
        first, second = self.outcomes
        return float(np.mean([self.gaps[k, second].mean - self.gaps[k, first].mean for k in (0, 1)]))

    @property
    def error(self) -> float:
        """The Monte Carlo error of the difference between their answers."""
        return float(np.hypot(self.own[0].error, self.own[1].error))

    @cached_property
    def rows(self) -> list[dict[str, object]]:
        """One row for each question that either answered: both answers, and the chance that the first is the larger."""
        rows: list[dict[str, object]] = []
        for name, asks in list_questions().items():
            both = [answers.get(name) for answers in self.answers]
            if both == [None, None]:
                continue
            larger = None if both[0] is None or both[1] is None else _chance_larger(both[0], both[1])
            rows.append({"question": name, "asks": asks, "first": both[0], "second": both[1], "first_larger": larger})
        return sorted(rows, key=_distance, reverse=True)

    @property
    def sentences(self) -> list[str]:
        """The comparison in words."""
        one, other = self.names
        lines = [
            f"{name} looks at “{OUTCOMES[outcome].label.lower()}”: leadership less the ring-fence comes to "
            f"{_format_gap(gap.mean)} of each £100, and does better in {gap.frequency}."
            for name, outcome, gap in zip(self.names, self.outcomes, self.own, strict=True)
        ]
        if self.own[0].choice == self.own[1].choice:
            lines.append(f"Both would choose the same on average: {self.own[0].choice}.")
        else:
            lines.append(f"On average {one} would choose {self.own[0].choice}, and {other} {self.own[1].choice}.")
        noise = "" if abs(self.apart) > Z_95 * self.error else ", which is no more than sampling explains"
        place = CommonPlace.of([self.apart, self.facts, self.values], Unit.SHARE)
        facts, values = place.tell_parts([self.facts, self.values], self.apart)
        lines.append(
            f"The second answer is {place.tell(self.apart)} of each £100 from the first{noise}: "
            f"{facts} because they "
            f"expect other things of boards (facts), {values} because they look at other outcomes "
            "(values)."
        )
        lines.append(
            "Chance remains: even if every number of the model were known, a future would come out against its average "
            f"in {self.other_way[0]} of 100 by what {one} expects, and in {self.other_way[1]} by what {other} expects."
        )
        return lines + [f"Of {name}: {weak}." for name, weak in zip(self.names, self.weak, strict=True) if weak]

    @property
    def document(self) -> dict[str, object]:
        """Everything, for programs."""
        return {
            "names": self.names,
            "outcomes": self.outcomes,
            "apart": self.apart,
            "facts": self.facts,
            "values": self.values,
            "error": self.error,
            "chance": self.other_way,
            "weak": self.weak,
            "gaps": [
                {"name": self.names[k], "outcome": o, "mean": gap.mean, "error": gap.error, "better": gap.better}
                for (k, o), gap in self.gaps.items()
            ],
            "questions": self.rows,
        }


def _format_gap(difference: float) -> str:
    return format_difference(difference, Unit.SHARE)


def _chance_larger(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """The chance that an answer of the first exceeds one of the second, by the distributions that fit them."""
    u = (np.arange(400) + 0.5) / 400
    own, other = fit_answer(first), fit_answer(second)
    return float(np.mean([other.share_below(own.quantile(float(p))) for p in u]))


def _distance(row: Mapping[str, object]) -> float:
    larger = row["first_larger"]
    return abs(larger - 0.5) if isinstance(larger, float) else -1.0


@checked
def compare_believers(
    first: Evidence,
    second: Evidence,
    *,
    names: tuple[str, str] = ("A", "B"),
    n: int = DEFAULT_N,
    seed: int = SEED,
) -> BeliefComparison:
    """Hold two people's evidence against each other, in `n` futures each, with the same chance from `seed`.

    The table has one row for each person and outcome: what leadership adds over a ring-fence by what they believe
    (`mean`, in the outcome's unit, and the `half_width` of its 95% interval), and in how many of 100 futures it is
    better. `years` are those from 2027/28 on, when both policies begin. Chance alone is told from 100 parameter sets of
    each, run 10 times. Raises InputError for what is no evidence, and as `Evidence.weigh`.

    >>> import simulator as rf
    >>> one = rf.state_beliefs({"plain": (10, 20, 35)})
    >>> other = rf.state_beliefs({"plain": (40, 50, 70)})
    >>> rf.compare_believers(one, other, n=20).to_frame().shape
    (2, 7)
    """
    if len(set(names)) < len(names):
        raise InputError(f"names={names}: both people have the same name; give two, such as names=('Ann', 'Ben')")
    base = current_posterior()
    people = (first, second)
    outcomes = (first.outcome or DEFAULT_OUTCOME, second.outcome or DEFAULT_OUTCOME)
    updates = [evidence.weigh(base) for evidence in people]
    posteriors = [update.posterior for update in updates]
    gaps, years = {}, ""
    for k, posterior in enumerate(posteriors):
        results = run_many(RIVALS, futures=draw_futures(n, seed=seed, beliefs=posterior))
        for outcome in dict.fromkeys(outcomes):
            c = compare_results(results[0], results[1], outcome)
            years = "-".join(dict.fromkeys(c.years))
            gaps[k, outcome] = Gap(c.difference, c.standard_error, round(100 * c.better / max(c.n, 1)), c.better, c.n)
    other_way = [_count_other_way(p, o, seed) for p, o in zip(posteriors, outcomes, strict=True)]
    answers = (read_answers_of(first), read_answers_of(second))
    weighed = " and ".join(
        f"“{each.title}” (fingerprint {each.fingerprint}, effective sample {update.effective:,.0f} of {update.pool:,})"
        for each, update in zip(people, updates, strict=True)
    )
    basis = f"{n:,} futures each, seed {seed}; both weigh the same posterior: {base.badge}; evidence {weighed}"
    weak = (updates[0].weakness, updates[1].weakness)
    return BeliefComparison(names, outcomes, answers, gaps, (other_way[0], other_way[1]), basis, years, weak=weak)


def _count_other_way(posterior: Posterior, outcome: str, seed: int) -> int:
    """In how many of 100 runs the difference has another sign than the mean of its parameter set."""
    drawn = draw_futures(SETS, seed=seed, beliefs=posterior)
    points = np.repeat(drawn.points, REPLICATES)
    futures = Futures(points, np.arange(len(points)), seed ^ 1, "given")
    new, old = run_many(RIVALS, futures=futures)
    span = new.span()
    made: Floats = (new.outcome(outcome, span) - old.outcome(outcome, span)).reshape(SETS, REPLICATES)
    return round(100 * float((np.sign(made) != np.sign(made.mean(axis=1, keepdims=True))).mean()))
