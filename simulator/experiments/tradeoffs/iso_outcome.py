"""Iso-outcome: the line over two levers along which an outcome equals that of a reference policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_number
from simulator.common.representation import short_repr
from simulator.experiments.core.model_protocol import Factor, ModelProtocol, Progress
from simulator.experiments.core.sampled_futures import SampledFutures
from simulator.experiments.tradeoffs.equivalence import LIKELY, Equivalence, find_equivalence
from simulator.experiments.tradeoffs.lever_sweep import LeverQuestion

if TYPE_CHECKING:
    import pandas as pd

STEPS = 9


@short_repr
@dataclass(frozen=True, eq=False)
class IsoOutcome:
    """How much of one lever (y) does as much as the reference, for each value of another (x): an equivalence each.

    A y is infinite where no amount that was tried is enough.
    """

    lever_x: Factor
    x: Floats
    equivalences: tuple[Equivalence, ...]

    @property
    def y(self) -> Floats:
        """The amounts of the other lever: (y,)."""
        return self.equivalences[0].sweep.amounts

    @property
    def difference(self) -> Floats:
        """Mean outcome less that of the reference: (x, y)."""
        return np.array([(e.sweep.swept - e.sweep.reference[:, None]).mean(axis=0) for e in self.equivalences])

    @property
    def line(self) -> Floats:
        """The y that does as much as the reference on average: (x,)."""
        return np.array([e.on_average.value for e in self.equivalences])

    @property
    def interval(self) -> Floats:
        """The 95% interval of the line: (2, x)."""
        return np.array([[e.on_average.low, e.on_average.high] for e in self.equivalences]).T

    @property
    def band(self) -> Floats:
        """The y that is enough in a tenth, half and nine tenths of all draws: (3, x)."""
        return np.array([[e.enough_in(share) for share in LIKELY] for e in self.equivalences]).T

    @property
    def sentence(self) -> str:
        """Both ends of the line in plain words."""
        name = self.lever_x.name.replace("_", " ")
        first, last = (format_number(float(value)) for value in self.x[[0, -1]])
        return f"With {name} at {first}: {self.equivalences[0].sentence} With {name} at {last}: " + (
            self.equivalences[-1].sentence
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each pair of values: x, y, difference."""
        import pandas as pd

        x, y = np.meshgrid(self.x, self.y, indexing="ij")
        return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "difference": self.difference.ravel()})

    def contour(self) -> pd.DataFrame:
        """One row for each x: line, low, high, enough_in_10, enough_in_50, enough_in_90, none_enough, draws."""
        import pandas as pd

        low, high = self.interval
        bands = {f"enough_in_{100 * share:.0f}": row for share, row in zip(LIKELY, self.band, strict=True)}
        counts = {
            "none_enough": [e.none_enough for e in self.equivalences],
            "draws": [e.draws for e in self.equivalences],
        }
        return pd.DataFrame({"x": self.x, "line": self.line, "low": low, "high": high, **bands, **counts})


def find_iso_outcome(
    simulate: ModelProtocol,
    lever_x: Factor,
    question: LeverQuestion,
    futures: SampledFutures,
    *,
    steps: int = STEPS,
    times: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> IsoOutcome:
    """Answer the question, whose lever is y, at `steps` values of `lever_x`, evenly spread between its bounds.

    All are compared with the question's one reference, under which `lever_x` keeps its own value. Raises ValueError as
    `find_equivalence` does, for fewer than two steps, and for one lever on both axes.
    """
    if steps < 2 or lever_x.name == question.lever.name:
        raise InputError(f"{lever_x.name} by {question.lever.name} in {steps} steps: take two levers and two steps")
    x = np.linspace(lever_x.low, lever_x.high, steps)
    questions = [replace(question, along_with={**question.along_with, lever_x.name: float(value)}) for value in x]
    equivalences = tuple(
        find_equivalence(simulate, q, futures, times=times, seed=seed, progress=_scale_progress(progress, i, steps))
        for i, q in enumerate(questions)
    )
    return IsoOutcome(lever_x, x, equivalences)


def _scale_progress(progress: Progress | None, part: int, parts: int) -> Progress | None:
    """Progress of one part, as progress of all the parts; they have one size."""
    if progress is None:
        return None
    return lambda done, total: progress(part * total + done, parts * total)
