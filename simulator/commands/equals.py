"""`ringfence equals`: how much of one lever does as much as other levers?"""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands import break_even as even
from simulator.commands import equals_map
from simulator.commands.equals_answer import SHARES, Setting, amount, interval, item, show_notes
from simulator.commands.shared import options, study_options
from simulator.commands.shared.console import Bar
from simulator.commands.shared.rendering import Answer, Row, check_out, deliver, form, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.experiments.core.model_protocol import Progress
    from simulator.experiments.tradeoffs.equivalence import Equivalence

DRAWS, LUCKS = 200, 4
STEPS, MAP_STEPS = 25, 13


Lever = Annotated[str | None, typer.Argument(metavar="LEVER", help="The lever to find the amount of.")]
To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="NAME=VALUE", help="A lever of what is to be equalled; may be repeated."),
]
Between = Annotated[
    tuple[float, float] | None,
    typer.Option("--between", metavar="FIRST LAST", help="Amounts to try. Default: from today's on."),
]
Beside = Annotated[
    str | None, typer.Option("--map", metavar="LEVER", help="Ask beside each value of another lever, as a map.")
]
Even = Annotated[
    bool, typer.Option("--break-even", help="How firmly must a ring-fence be enforced to equal a gain in leadership?")
]


def equals(  # noqa: PLR0913 - one argument an option
    lever: Lever = None,
    to: To = None,
    outcome: study_options.Outcome = "retained",
    draws: study_options.Draws = DRAWS,
    lucks: study_options.Lucks = LUCKS,
    start: study_options.From = study_options.START,
    years: options.Years = None,
    between: Between = None,
    beside: Beside = None,
    break_even: Even = False,
    seed: options.Seed = options.SEED,
    source: study_options.Source = options.Source.POSTERIOR,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write .csv or .json.")] = None,
) -> None:
    """What equals what? How much of a lever does as much as other levers do.

    Example: ringfence equals leader_lift --to ringfence=1 --to waiver=0
    """
    how, out = form(as_json, as_csv), check_out(out, options.TABLES)
    reference = study_options.levers(to or ())
    _check(lever, reference, between, beside, break_even)
    study_options.check_draws(draws, source)
    model = study_options.model((outcome,), years, start)
    setting = Setting(
        model, study_options.worlds(draws, lucks, seed, source), seed, study_options.badge(source, draws, lucks, seed)
    )
    options.tell_if_cold()
    with Bar("runs") as bar:
        if lever is None:
            made = even.answer(setting, reference, bar)
        elif beside is not None:
            made = equals_map.answer(setting, lever, reference, beside, between, MAP_STEPS, bar)
        else:
            made = answer(setting, lever, reference, between, bar)
    deliver(made, how, out)


def _check(
    lever: str | None,
    reference: Mapping[str, float],
    between: tuple[float, float] | None,
    beside: str | None,
    break_even: bool,
) -> None:
    """Raises InputError for questions that are not whole, or two at once."""
    if break_even and (lever or between or beside):
        raise InputError("--break-even asks about the ring-fence; give no LEVER, --between or --map beside it")
    if not break_even and lever is None:
        raise InputError("name a lever, such as leader_lift, or ask for --break-even")
    if not break_even and not reference:
        raise InputError(f"say with --to what {lever} is to equal, such as --to ringfence=1 --to waiver=0")


def answer(
    setting: Setting,
    lever: str,
    reference: Mapping[str, float],
    between: tuple[float, float] | None = None,
    progress: Progress | None = None,
) -> Answer:
    """The amounts of a lever that equal a reference, in all forms.

    Raises as `make_lever_question` and `find_equivalence`.
    """
    from simulator.experiments.tradeoffs.equivalence import find_equivalence
    from simulator.studies.equivalence import make_lever_question

    question = make_lever_question(setting.model, lever, reference, setting.worlds, steps=STEPS, between=between)
    found = find_equivalence(setting.model, question, setting.worlds, seed=setting.seed, progress=progress)
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "lever": lever,
        "reference": dict(reference),
        "outcome": question.outcome,
        **item(found),
        "amounts": found.sweep.amounts.tolist(),
        "curve": found.curve().to_dict("records"),
        "equivalents": found.equivalents.tolist(),
        "more_crossings": found.more_crossings.tolist(),
    }
    said = "; ".join(f"{name}={value!r}" for name, value in reference.items())
    common = {
        "lever": lever,
        "reference": said,
        "outcome": question.outcome,
        "years": setting.years,
        "seed": setting.seed,
        "badge": setting.badge,
    }
    rows: list[Row] = [
        {"draw": i, "enough": not isinf(x), "equivalent": float(x), "more_crossings": int(again), **common}
        for i, (x, again) in enumerate(zip(found.equivalents, found.more_crossings, strict=True))
    ]
    return Answer(document, rows, lambda: show(setting, found))


def show(setting: Setting, found: Equivalence) -> None:
    """Print the sentence, the amounts, what the levers mean, and how it was made."""
    lever = found.question.lever.name
    average = found.on_average
    table = [{"What": "equal on average", lever: amount(average.value), "95% interval": interval(average)}]
    table += [
        {
            "What": f"enough in {100 * share:.0f} of 100 parameter sets",
            lever: amount(found.enough_in(share)),
            "95% interval": "–",
        }
        for share in SHARES
    ]
    show_text(found.sentence)
    show_text(_missing(found))
    show_text()
    show_table(table, tuple(table[0])[1:])
    show_text()
    tried = {lever: tuple(found.sweep.amounts.tolist())}
    show_notes(setting, tried | {name: (value,) for name, value in found.question.reference.items()})


def _missing(found: Equivalence) -> str:
    """How far apart the lever's first amount and the reference are: the size of what is to be made up."""
    from simulator.common.formatting import change, significant
    from simulator.declarations.outcomes import OUTCOMES

    unit = OUTCOMES[found.question.outcome].unit
    gap = float((found.sweep.reference - found.sweep.swept[:, 0]).mean())
    first = significant(float(found.sweep.amounts[0]))
    return f"The reference is {change(gap, unit)} from {found.question.lever.name} at {first}, on average."
