"""A replay's predictions beside what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from simulator.common.formatting import format_level, format_range
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.declarations.evidence import EvidenceIds
from simulator.replays.observations import Observation, keep_defined
from simulator.replays.replay import Replay
from simulator.replays.targets import Use
from simulator.runs.futures import Futures

if TYPE_CHECKING:
    import pandas as pd


class ObservationRow(TypedDict):
    """An observation: what is predicted, and where what was observed lies in that; nan where nothing was observed.

    `finding` is the published figure that it is held against, and `title` says in plain words what that is. `passes`
    says whether the mean lies between `tolerance_low` and `tolerance_high`, as in the scoreboard; None without any.
    `defined` counts the futures that have a prediction: a difference between groups has none where one is empty.
    `years` are the financial years that the prediction is of; where it is less another figure, `what` says which.
    """

    name: str
    finding: str
    title: str
    what: str
    years: str
    unit: str
    observed: float
    mean: float
    centile_5: float
    centile_50: float
    centile_95: float
    tolerance_low: float
    tolerance_high: float
    passes: bool | None
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
        """How many published figures the mean comes near enough to, and where each lies in what the model gives."""
        seen = [row for row in self.rows if row["observed"] == row["observed"] and row["defined"]]
        if not seen:
            return f"{self.replay.title}: nothing of it was observed; the table gives what the model predicts."
        tried = [row for row in seen if row["passes"] is not None]
        head = f"{sum(row['passes'] is True for row in tried)} of {len(tried)} published figures pass"
        judged = f"{head}, as the scoreboard judges" if tried else "no tolerance says what would pass"
        return f"{self.replay.title}: {judged}. {' '.join(map(_describe_row, seen))}"

    def to_frame(self) -> pd.DataFrame:
        """One row per observation: `observed` (nan if nothing was), `mean`, `centile_5`, `centile_50` and `centile_95`.

        The mean and the centiles are of the futures; all are in `unit`. `passes` if the mean lies from `tolerance_low`
        to `tolerance_high`, as in the scoreboard; `share_below` of the futures lie below what was observed; `within` if
        that lies from `centile_5` to `centile_95`. Both are None where nothing was observed or predicted. `finding` and
        `title` name the published figure, and `years` the financial years that it is of. `defined` is the number of
        futures with a prediction, `use` what the figure is for (`Use`), and `evidence` the entries of the register.
        """
        import pandas as pd

        table = pd.DataFrame(self.rows).assign(evidence=[" ".join(row["evidence"]) for row in self.rows])
        within = (table["centile_5"] <= table["observed"]) & (table["observed"] <= table["centile_95"])
        known = table["share_below"].notna()
        return table.assign(within=within if known.all() else within.astype(object).where(known, None))


def _describe_row(row: ObservationRow) -> str:
    """A sentence on a published figure: whether it passes, and where it lies in what the model gives."""
    unit = Unit(row["unit"])
    observed, mean, low, high = (
        format_level(row[name], unit) for name in ("observed", "mean", "centile_5", "centile_95")
    )
    spread = format_range(low, high)
    inside = row["centile_5"] <= row["observed"] <= row["centile_95"]
    where = f"what was seen lies {'within' if inside else 'outside'} the middle 90% of futures ({spread})"
    kind = ", which was fitted" if row["use"] == Use.TARGET.value else ""
    title = f"{row['title'][:1].upper()}{row['title'][1:]} ({row['finding']}{kind})"
    text = f"{title}: {observed} was seen, the mean is {mean}"
    if row["passes"] is None:
        return f"{text}; {where}."
    band = format_range(*(format_level(row[name], unit) for name in ("tolerance_low", "tolerance_high")))
    if row["passes"]:
        return f"{text}, within the tolerance of {band}: it passes; {where}."
    link = "though" if inside else "and"
    return f"{text}, outside the tolerance of {band}: it fails, {link} {where}."


def compare_with_observed(replayed: Replay, futures: Futures) -> ReplayComparison:
    """Run a replay through futures: of each observation what is predicted, and where what was seen lies in that."""
    predictions = replayed.predict(futures.points, futures.runs, seed=futures.seed)
    rows = tuple(
        _make_row(o, keep_defined(predictions[o.name]), replayed.name_years(o.years)) for o in replayed.observations
    )
    return ReplayComparison(replayed, futures, rows)


def _make_row(observation: Observation, values: NDArray[np.float64], years: str) -> ObservationRow:
    """A row of the futures that have a prediction, which is of these `years`."""
    finding, what, nan = observation.observed, _describe(observation), float("nan")
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)) if len(values) else (nan, nan, nan)
    mean = float(values.mean()) if len(values) else nan
    least, most = (finding.band if finding else None) or (nan, nan)
    return {
        "name": observation.name,
        "finding": finding.id if finding else "",
        "title": finding.title.split(": ", 1)[-1] if finding else what,
        "what": what,
        "years": years,
        "unit": observation.unit.value,
        "observed": finding.observed[0] if finding else nan,
        "mean": mean,
        "centile_5": float(low),
        "centile_50": float(middle),
        "centile_95": float(high),
        "tolerance_low": least,
        "tolerance_high": most,
        "passes": least <= mean <= most if least == least and len(values) else None,
        "share_below": float((values < finding.observed[0]).mean()) if finding and len(values) else nan,
        "defined": len(values),
        "use": finding.use.value if finding else "",
        "evidence": finding.evidence if finding else (),
    }


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
