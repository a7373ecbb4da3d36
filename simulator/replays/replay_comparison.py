"""A replay's predictions beside what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from simulator.common.formatting import format_level
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.declarations.evidence import EvidenceIds
from simulator.replays.observations import Observation, keep_defined
from simulator.replays.replay import Replay
from simulator.runs.futures import Futures

if TYPE_CHECKING:
    import pandas as pd

_Centiles = TypedDict("_Centiles", {"5%": float, "50%": float, "95%": float})


class ObservationRow(_Centiles):
    """An observation: what is predicted, and where what was observed lies in that; nan where nothing was observed.

    `defined` counts the futures that have a prediction: a difference between groups has none where one is empty.
    """

    name: str
    what: str
    unit: str
    observed: float
    mean: float
    share_below: float
    defined: int
    use: str
    evidence: EvidenceIds


@short_repr
@dataclass(frozen=True, eq=False)
class ReplayComparison:
    """A replay that was run: every observation of its file, prediction beside what was observed."""

    replay: Replay
    futures: Futures
    rows: tuple[ObservationRow, ...]

    @property
    def sentence(self) -> str:
        """Where each published figure lies in what the model gives."""
        seen = [row for row in self.rows if row["observed"] == row["observed"] and row["defined"]]
        if not seen:
            return f"{self.replay.title}: nothing of it was observed; the table gives what the model predicts."
        parts = [self._describe_row(row) for row in seen]
        return f"{self.replay.title}: {'; '.join(parts)}."

    def _describe_row(self, row: ObservationRow) -> str:
        unit = Unit(row["unit"])
        observed, low, high = (format_level(row[name], unit) for name in ("observed", "5%", "95%"))
        where = "within" if row["5%"] <= row["observed"] <= row["95%"] else "outside"
        return f"{row['name'].replace('_', ' ')} {observed}, {where} the middle 90% of runs ({low} to {high})"

    def to_frame(self) -> pd.DataFrame:
        """One row an observation: `observed` (nan if nothing was), and `mean`, `5%`, `50%` and `95%` of the futures, in
        `unit`; `share_below` of the futures lie below what was observed; `within` if that lies between 5% and 95%, None
        where nothing was observed or predicted.
        """
        import pandas as pd

        table = pd.DataFrame(self.rows).assign(evidence=[" ".join(row["evidence"]) for row in self.rows])
        within = (table["5%"] <= table["observed"]) & (table["observed"] <= table["95%"])
        known = table["share_below"].notna()
        return table.assign(within=within.astype(object).where(known, None))


def compare_with_observed(replayed: Replay, futures: Futures) -> ReplayComparison:
    """Run a replay through futures: of each observation what is predicted, and where what was seen lies in that."""
    predictions = replayed.predict(futures.points, futures.runs, seed=futures.seed)
    rows: list[ObservationRow] = []
    for observation in replayed.observations:
        values = keep_defined(predictions[observation.name])
        observed = observation.observed.observed[0] if observation.observed else float("nan")
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)) if len(values) else (float("nan"),) * 3
        rows.append(
            {
                "name": observation.name,
                "what": _describe(observation),
                "unit": observation.unit.value,
                "observed": observed,
                "mean": float(values.mean()) if len(values) else float("nan"),
                "5%": float(low),
                "50%": float(middle),
                "95%": float(high),
                "share_below": float((values < observed).mean())
                if observation.observed and len(values)
                else float("nan"),
                "defined": len(values),
                "use": observation.observed.use.value if observation.observed else "",
                "evidence": observation.observed.evidence if observation.observed else (),
            }
        )
    return ReplayComparison(replayed, futures, tuple(rows))


def _describe(observation: Observation) -> str:
    label = observation.outcome.label.lower()
    parts = [
        f"at least {observation.at_least:g}" if observation.at_least is not None else "",
        f"at most {observation.at_most:g}" if observation.at_most is not None else "",
    ]
    limits = " and ".join(part for part in parts if part)
    words = f"bodies with {label} {limits}" if limits else label
    if observation.groups:
        return f"{words}, {observation.take.value} of {observation.groups} groups"
    if observation.top:
        words = f"{words}, the {observation.top} with most {observation.by} less the others"
    if observation.slope:
        words = f"{words}, slope over bodies on {observation.slope}"
    return f"{words}{_describe_sides(observation)}"


def _describe_sides(observation: Observation) -> str:
    """Which bodies, world and years an observation sets against which; "" if it is about all of its own world."""
    less = observation.less
    own_years, own_bodies, own_world = _name_years(observation.years), observation.bodies, observation.world
    parts = [
        f"{own_years} less {_name_years(less.years)}" if less.years else "",
        f"{own_bodies} less {less.bodies}" if less.bodies else own_bodies,
        f"world {own_world} less {less.world}" if less.world else "" if own_world == "own" else f"world {own_world}",
    ]
    sides = ", ".join(part for part in parts if part)
    return f": {sides}" if sides else ""


def _name_years(years: slice) -> str:
    return f"year {years.stop}" if years.stop - years.start == 1 else f"years {years.start + 1} to {years.stop}"
