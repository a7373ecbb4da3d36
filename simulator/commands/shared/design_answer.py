"""The answer of `ringfence learn --design`: designs ranked by what they are worth, and the winner as a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from simulator.commands.shared.console import Bar
from simulator.commands.shared.option_groups import DrawOptions
from simulator.commands.shared.options import Source, text_option
from simulator.commands.shared.rendering import Answer, Row, show_table, show_text
from simulator.commands.shared.scenario_choice import ScenarioChoice
from simulator.common.errors import InputError
from simulator.studies.samples import describe_sample, sample_first_draws

if TYPE_CHECKING:
    from simulator.evidence.design_value import RankedDesigns
    from simulator.evidence.designs import Design

MOST_DRAWS = 400
"""Draws that designs are judged on: time grows with their square."""

DesignTexts = Annotated[
    list[str] | None,
    text_option(
        "--design",
        "TEXT",
        "What figures would be worth, such as 'retained of 12 boards, 2022/23, error 5%'; may be repeated.",
    ),
]
DesignsFile = Annotated[
    Path | None,
    text_option("--designs", "FILE.yaml", "Designs from a file, to be ranked."),
]


def read_asked(texts: Sequence[str] | None, file: Path | None) -> list[Design]:
    """Every design that is asked about. Raises InputError with all that is wrong with them."""
    from simulator.evidence.designs import parse_design, read_designs

    designs, problems = [], []
    for text in dict.fromkeys(texts or ()):
        try:
            designs.append(parse_design(text))
        except InputError as problem:
            problems.append(str(problem))
    try:
        designs += read_designs(file) if file else []
    except InputError as problem:
        problems.append(str(problem))
    if problems:
        raise InputError("\n".join(problems))
    return designs


def answer_designs(
    choice: ScenarioChoice,
    designs: Sequence[Design],
    file: Path | None,
    draws: int,
    replicates: int,
    drawn: DrawOptions,
) -> Answer:
    """The ranking of designs for a choice. Raises InputError for draws that designs cannot be judged on."""
    from simulator.evidence.design_value import rank_designs

    if drawn.boards:
        raise InputError("designs ask the 42 boards; leave out --boards")
    if drawn.source is not Source.POSTERIOR:
        raise InputError("designs are judged on the posterior; leave out --source")
    draws = min(draws, MOST_DRAWS)
    futures = sample_first_draws(draws, replicates, drawn.seed, drawn.source)
    table = choice.run(futures, "of the parameter draws")
    with Bar("weighing simulated answers") as bar:
        ranked = rank_designs(
            designs, table, futures.draws, choice.outcome, points=futures.points, seed=drawn.seed, progress=bar
        )
    flags: list[tuple[str, object]] = [("--design", d.text) for d in designs if file is None]
    flags += [("--designs", file)] if file else []
    flags += [("--draws", draws), ("--replicates", replicates), *drawn.flags]
    command = choice.repeat("learn", flags)
    badge = describe_sample(drawn.source, draws, replicates, drawn.seed, choice.boards) + choice.remark
    document = {
        "sentence": ranked.sentence,
        "badge": badge,
        **choice.document(),
        "best": ranked.best,
        "perfect": asdict(ranked.perfect) if ranked.perfect else None,
        "designs": [
            {**row, "answers": [asdict(kind) for kind in item.answers]}
            for row, item in zip(ranked.rows, ranked.designs, strict=True)
        ],
        "request": ranked.request,
        "command": command,
    }
    rows: list[Row] = [{**row, "made": badge, "command": command} for row in ranked.rows]
    return Answer(document, rows, lambda: _show(ranked, choice, badge))


def _show(ranked: RankedDesigns, choice: ScenarioChoice, badge: str) -> None:
    from simulator.common.formatting import format_absolute, format_range

    def text(low: float, high: float) -> str:
        ends = (format_absolute(max(x, 0.0), choice.outcome.change_unit) for x in sorted((low, high)))
        return format_range(*ends)

    show_text(ranked.sentence)
    show_text()
    show_text(f"To choose by: {choice.title}. Values are what the choice would gain on average.")
    show_table(
        [
            {
                "Design": item.design.name,
                "Worth": text(item.value.low, item.value.high),
                "Standard error": format_absolute(item.value.errors[0], choice.outcome.change_unit),
                "95% interval": text(*item.value.interval),
            }
            for item in ranked.designs
        ],
        ["Worth", "Standard error", "95% interval"],
    )
    show_text()
    show_text(
        "The first figure of a range is judged on draws that its rule has not seen (errs low), the second on its own "
        "(errs high)."
    )
    show_text()
    show_text(ranked.request)
    show_text()
    show_text(f"{badge[0].upper()}{badge[1:]}.")
