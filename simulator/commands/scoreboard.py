"""`ringfence scoreboard`: what the fitted model gives beside what was seen; failures stay visible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold

if TYPE_CHECKING:
    from simulator.calibration.scoreboard import Line
    from simulator.runs.fit_documents import FindingDocument

NUMBERS = ("seen", "before the fit", "simulated", "5-95%", "tolerance")


@spread_groups
def scoreboard(
    n: Annotated[
        int, typer.Option("-n", "--futures", min=20, max=20_000, help="How many futures to run.")
    ] = options.DEFAULT_N,
    *,
    posterior: PosteriorOptions,
    output: FormOptions,
) -> None:
    """Hold the fitted model against what was seen.

    First the findings that it was fitted to, with what the model gave before it knew them, and whether they moved the
    answer; then checks of the same evidence, which the fit has been told in other words; then what is out of sample:
    replays that were never fitted, those declared beforehand first, and patterns. Last, how far each finding moved the
    answer, by itself and added to all the others.
    There is no --boards: what was seen was seen of the 42 boards and of the places of the replays.
    """
    form = output.choose()
    say_if_cold()

    from simulator.calibration.scoreboard import scoreboard as lines_of
    from simulator.calibration.scoreboard import tell_note, tell_seen
    from simulator.runs.posterior import current_posterior

    findings = current_posterior().document["findings"]

    with Bar("patterns") as bar:
        lines = lines_of(n, bar)
    rows = [
        {
            **asdict(line),
            "unit": line.unit.value if line.unit else "",
            "seen_as": "" if math.isnan(line.observed) else tell_seen(line, number(line.observed)),
            "note": tell_note(line),
        }
        for line in lines
    ]
    failed = [line.id for line in lines if not line.passes]
    document = {"futures": n, "lines": rows, "failed": failed, "findings": findings}
    deliver(Answer(document, rows, lambda: _show(lines, findings)), form)


def _show(lines: tuple[Line, ...], findings: Sequence[FindingDocument]) -> None:
    from simulator.calibration.same_evidence import describe_repeats
    from simulator.calibration.scoreboard import SAME, describe_findings, describe_passes, list_notes

    for section in dict.fromkeys(line.section for line in lines):
        show_text(f"{section[0].upper()}{section[1:]}")
        show_table([make_cells(line) for line in lines if line.section == section], NUMBERS)
        for words in describe_repeats() if section == SAME else ():
            show_text(words)
        for title, note in list_notes([line for line in lines if line.section == section]):
            show_text(f"{title}: {note}")
        show_text()
    if findings:
        show_text("How far each finding moved the headline difference that it moves most")
        show_table(describe_findings(findings), ("bits",))
        show_text()
    show_text(describe_passes(lines))


def make_cells(line: Line) -> dict[str, str]:
    """A line as people read it."""
    from simulator.calibration.scoreboard import tell_seen

    before = (
        ""
        if math.isnan(line.prior)
        else (f"{number(line.prior)} ({number(line.prior_low)} to {number(line.prior_high)})")
    )
    interval = "" if math.isnan(line.low) else f"{number(line.low)} to {number(line.high)}"
    return {
        "": "yes" if line.passes else "NO",
        "id": line.id,
        "what": line.title,
        "seen": "" if math.isnan(line.observed) else tell_seen(line, number(line.observed)),
        "before the fit": before,
        "simulated": number(line.simulated),
        "5-95%": interval,
        "tolerance": f"{number(line.tolerance[0])} to {number(line.tolerance[1])}",
        "set": "beforehand" if line.beforehand else f"after a {'prototype' if math.isnan(line.observed) else 'run'}",
        "moved the answer": "" if line.moved is None else "yes" if line.moved else "no",
        "evidence": " ".join(line.evidence),
    }


def number(x: float) -> str:
    """Three significant figures or so."""
    return f"{x:.3g}".replace("-", "−")
