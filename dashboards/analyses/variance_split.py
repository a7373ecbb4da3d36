"""Variance split: how much of what an answer varies by is chance, and how much is not knowing the parameters."""

from __future__ import annotations

from typing import TypedDict

from dashboards.analyses.lever_text import format_size
from dashboards.analyses.report import AnalysisReport, Row, count_runs, describe_source, format_percent_range
from dashboards.analyses.request import AnalysisDocument, AnalysisRequest, ProgressSteps
from dashboards.analyses.shared_runs import DRAWS, REPLICATES, run_scenarios
from simulator.charts import uncertainty
from simulator.charts.palette import LETTERS
from simulator.common.arrays import Floats
from simulator.common.formatting import format_share
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Labels
from simulator.experiments.sensitivity.variance_split import split_variance
from simulator.runs.posterior import describe_fit_badge

RESAMPLES = 300


class SplitDocument(TypedDict):
    """The split for one scenario, by its place; `same`: nothing varies.

    `luck` is the share of chance with its 95% interval; the standard deviations are in the outcome's unit.
    """

    at: int
    same: bool
    luck: list[float]
    sd_luck: float
    sd_parameters: float


class VarianceDocument(AnalysisDocument):
    """The split of what every scenario adds, and that of today's rules themselves (place 0)."""

    parts: list[SplitDocument]
    draws: int
    lucks: int


def compute(request: AnalysisRequest, progress: Progress) -> VarianceDocument:
    """Split the variance of what every scenario adds, and that of today's rules themselves."""
    steps = ProgressSteps(progress, (0.9, 0.1))
    outcomes = run_scenarios(request, steps.step(0))
    splits = []
    for place in range(len(request.scenarios)):
        values = outcomes.compute_gain(place) if place else outcomes.columns["0"]
        splits.append(_split_scenario(place, values, outcomes.futures.draws, request.seed))
        steps.step(1)(place + 1, len(request.scenarios))
    return {**request.describe(describe_fit_badge()), "parts": splits, "draws": DRAWS, "lucks": REPLICATES}


def _split_scenario(place: int, values: Floats, draws: Labels, seed: int) -> SplitDocument:
    if not values.any():
        return {"at": place, "same": True, "luck": [], "sd_luck": 0.0, "sd_parameters": 0.0}
    split = split_variance(values, draws, f"scenario {place}", times=RESAMPLES, seed=seed)
    return {
        "at": place,
        "same": False,
        "luck": [min(max(share, 0.0), 1.0) for share in split.chance_share],
        "sd_luck": max(split.chance.value, 0.0) ** 0.5,
        "sd_parameters": max(split.parameters.value, 0.0) ** 0.5,
    }


def describe(document: VarianceDocument) -> AnalysisReport:
    """A bar for each scenario: the part of chance, and the rest."""
    unit = OUTCOMES[document["outcome"]].unit
    splits = {_name_quantity(document, split["at"]): split for split in document["parts"] if not split["same"]}
    title = _write_title(list(splits.values()))
    description = "A bar for each scenario: chance's share of the variance on the left (hatched), then not knowing."
    return AnalysisReport(
        title,
        (
            "Chance is what would differ if the same years ran again: who leaves, which bids succeed. Better evidence "
            "could shrink only the other part.",
            "That the model itself may be written wrongly is in neither part; the last section of this page tries "
            "other ways to write it.",
        ),
        uncertainty.draw_variance_shares(
            title, description, [(name, *_share_and_interval(split)) for name, split in splits.items()]
        ),
        description,
        ("Of the variance of", "Chance makes up", "95% interval", "Standard deviation from chance", "From not knowing"),
        tuple(_format_row(name, split, unit) for name, split in splits.items()),
        ("of", "luck_share", "low", "high", "sd_luck", "sd_parameters"),
        tuple((name, *split["luck"], split["sd_luck"], split["sd_parameters"]) for name, split in splits.items()),
        describe_source(document, count_runs(document["draws"], document["lucks"])),
    )


def _share_and_interval(split: SplitDocument) -> tuple[float, float, float]:
    share, low, high = split["luck"]
    return share, low, high


def _format_row(name: str, split: SplitDocument, unit: Unit) -> Row:
    share, low, high = split["luck"]
    return (
        name,
        format_share(share, 100),
        format_percent_range(low, high),
        format_size(split["sd_luck"], unit),
        format_size(split["sd_parameters"], unit),
    )


def _name_quantity(document: VarianceDocument, place: int) -> str:
    quantity = f"what “{document['titles'][place]}” adds" if place else "today's rules"
    letters = document["how"].get("letters", LETTERS)
    return f"{letters[place]}  {quantity}"


def _write_title(splits: list[SplitDocument]) -> str:
    gains = [split for split in splits if split["at"]]
    shown = gains or splits
    if not shown:
        return "These scenarios all give the same result in every run"
    shares = [round(100 * split["luck"][0]) for split in shown]
    low, high = min(shares), max(shares)
    span = f"{low}" if low == high else f"{low} to {high}"
    quantity = "what the scenarios add" if gains else "this outcome"
    if high < 50:
        return f"Most of the range of {quantity} is because we do not know the numbers; {span} parts in 100 are chance"
    if low > 50:
        return f"Most of the range of {quantity} is chance, {span} parts in 100; the rest is not knowing the numbers"
    return f"Of the range of {quantity}, {span} parts in 100 are chance; the rest is because we do not know the numbers"
