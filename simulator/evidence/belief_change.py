"""Before and after: what evidence does to the headline answers and to the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.ensemble import Progress
from simulator.evidence.evidence import Update
from simulator.experiments.core.paired_comparison import Comparison
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import UNCERTAIN, posterior_draws
from simulator.runs.run import compare_results, run_many
from simulator.scenarios.headline import HEADLINE

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("retained", "additional")
RIVALS = ("leadership", "ringfence")
MOVED, NARROWED = 0.1, 0.95
MOST_MOVED = 12


@dataclass(frozen=True)
class MovedParameter:
    """A parameter before and after: means and standard deviations. `ratio` is what is left of the spread."""

    name: str
    before: float
    after: float
    sd_before: float
    sd_after: float

    @property
    def shift(self) -> float:
        """How far the mean moved, in standard deviations of before."""
        return (self.after - self.before) / self.sd_before if self.sd_before else 0.0

    @property
    def ratio(self) -> float:
        """The standard deviation after over that before."""
        return self.sd_after / self.sd_before if self.sd_before else 1.0


@short_repr
@dataclass(frozen=True)
class BeliefChange:
    """Evidence weighed, and answers before and after: (scenario, against, outcome) to a pair of comparisons."""

    update: Update
    answers: Mapping[tuple[str, str, str], tuple[Comparison, Comparison]]

    @property
    def options(self) -> list[tuple[str, str]]:
        """The options that a command takes to draw from what came of it."""
        return list(self.update.posterior.options)

    @cached_property
    def moved(self) -> tuple[MovedParameter, ...]:
        """The parameters that moved or narrowed, those that did most first."""
        columns, weights, draws = posterior_draws(self.update.base), self.update.weights, self.update.draws
        every = []
        for name in UNCERTAIN:
            old = columns[name] if self.update.drawn else columns[name][: len(weights)]
            new = draws[name] if self.update.drawn else old
            before, after = float(old.mean()), float(weights @ new)
            spread = float(np.sqrt(weights @ (new - after) ** 2))
            every.append(MovedParameter(name, before, after, float(old.std()), spread))
        noise = 3 / np.sqrt(self.update.effective)
        moved = [p for p in every if abs(p.shift) > max(MOVED, noise) or p.ratio < min(NARROWED, 1 - noise / 1.4)]
        return tuple(sorted(moved, key=lambda p: -max(abs(p.shift), 1 - p.ratio))[:MOST_MOVED])

    @property
    def tables(self) -> dict[str, list[dict[str, str]]]:
        """The tables that people read, by title."""
        answers = [
            {
                "Policy": f"{new.new}, against {new.old}",
                "Outcome": new.outcome.label,
                "Before": old.signed_gap,
                "After": new.signed_gap,
                "Better in, before": old.better_in,
                "Better in, after": new.better_in,
            }
            for old, new in self.answers.values()
        ]
        statements = [
            {"Statement": s.words, "Before": f"{before:.0%}", "After": f"{s.credence:.0%}"}
            for s, before in self.update.credences
        ]
        parameters = [
            {
                "Parameter": f"{p.name}: {PARAMETERS[p.name].about.meaning}",
                "Mean before": f"{p.before:.2f}",
                "after": f"{p.after:.2f}",
                "Spread left": f"{p.ratio:.0%}",
            }
            for p in self.moved
        ]
        return {
            "Answers": answers,
            "Statements": statements,
            "Parameters that moved or narrowed": parameters,
        }

    @property
    def sentences(self) -> list[str]:
        """What a reader must know beside the tables."""
        update = self.update
        k = f"; Pareto k-hat {update.pareto_k:.2f}" if np.isfinite(update.pareto_k) else ""
        lines = [] if self.moved else ["No parameter moved or narrowed by more than noise."]
        lines.append(f"Effective sample: {update.effective:,.0f} of {update.pool:,} draws{k}.")
        flagged = [surprise.sentence + "." for surprise in update.surprises if surprise.unexpected]
        expected = ["Nothing in it is unusual for the model."] if update.surprises and not flagged else []
        after = next(pair[1] for key, pair in self.answers.items() if key[:2] == RIVALS)
        return [*lines, *flagged, *expected, after.sentence, f"{after.badge[0].upper()}{after.badge[1:]}."]

    @property
    def sentence(self) -> str:
        """The answer on the two rivals, before and after, and whether it is to be trusted."""
        before, after = next(pair for key, pair in self.answers.items() if key[:2] == RIVALS)
        weak = self.update.weakness
        told = f" {weak[0].upper()}{weak[1:]}." if weak else ""
        return f"Before: {before.sentence} After: {after.sentence}{told}"

    def to_frame(self) -> pd.DataFrame:
        """One row per answer: a scenario against another by an outcome. The mean difference before and after, in the
        outcome's unit, each with the range of 8 in 10 futures (`low`, `high`), in how many of 100 it is better, and
        over which `years`; nan where the sign is assumed, or where there are too few futures to say.
        """
        import pandas as pd

        ranges = [
            {
                "answer": f"{old.new} against {old.old}, {old.outcome.label.lower()}",
                "unit": old.outcome.unit.value,
                **{f"{end}_before": value for end, value in zip(("low", "high"), old.likely, strict=True)},
                **{f"{end}_after": value for end, value in zip(("low", "high"), new.likely, strict=True)},
                "years": "-".join(dict.fromkeys(new.years)),
            }
            for old, new in self.answers.values()
        ]
        table = pd.DataFrame([{**more, **row} for more, row in zip(ranges, self.rows, strict=True)])
        return table.astype({"better_of_100_before": float, "better_of_100_after": float})

    @property
    def document(self) -> dict[str, object]:
        """Everything, for programs."""
        update = self.update
        return {
            "effective": update.effective,
            "pool": update.pool,
            "pareto_k": update.pareto_k,
            "problems": update.problems,
            "surprises": [{**asdict(s), "unexpected": s.unexpected} for s in update.surprises],
            "statements": [{"claim": s.claim, "before": old, "after": s.credence} for s, old in update.credences],
            "parameters": [{**asdict(p), "shift": p.shift, "ratio": p.ratio} for p in self.moved],
            "answers": self.rows,
        }

    @property
    def rows(self) -> list[dict[str, object]]:
        """One row for each answer, for CSV."""
        return [
            {
                "scenario": name,
                "against": against,
                "outcome": outcome,
                "difference_before": old.difference,
                "difference_after": new.difference,
                "better_of_100_before": old.better_of_100,
                "better_of_100_after": new.better_of_100,
                "sentence_before": old.sentence,
                "sentence_after": new.sentence,
            }
            for (name, against, outcome), (old, new) in self.answers.items()
        ]


def compare_beliefs(update: Update, n: int, seed: int, progress: Progress | None = None) -> BeliefChange:
    """The headline policies before and after, and leadership against the ring-fence, in `n` futures each. `progress`
    counts runs.
    """
    names = list(dict.fromkeys((*HEADLINE, *RIVALS, "baseline")))
    before, after = (
        dict(
            zip(
                names,
                run_many(names, futures=draw_futures(n, seed=seed, beliefs=beliefs), progress=progress),
                strict=True,
            )
        )
        for beliefs in (update.base, update.posterior)
    )
    pairs = [(name, "baseline") for name in HEADLINE if name != "baseline"] + [RIVALS]
    answers = {
        (new, old, outcome): tuple(compare_results(made[new], made[old], outcome) for made in (before, after))
        for outcome in OUTCOMES
        for new, old in pairs
    }
    return BeliefChange(update, {key: (pair[0], pair[1]) for key, pair in answers.items()})
