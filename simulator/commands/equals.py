"""`ringfence equals`: how much of one lever does as much as other levers?

Three questions about one setting: the amounts of a lever that equal a reference; the same beside each value of another
lever, as a map (`--map`); and how firmly a ring-fence must be enforced to equal a gain in leadership (`--break-even`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import describe_range, describe_span, repeat_command
from simulator.commands.shared.claim_file import ClaimOptions
from simulator.commands.shared.console import Bar
from simulator.commands.shared.inputs import read_boards, read_levers, read_scenario, say_if_levers_are_late
from simulator.commands.shared.option_groups import AnswerOptions, DrawOptions, spread_groups
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.common.ranges import Range
from simulator.studies.samples import check_draws, describe_sample, sample

if TYPE_CHECKING:
    from simulator.experiments.core.model_protocol import Progress
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.experiments.sensitivity.variance_split import Estimate
    from simulator.experiments.tradeoffs.equivalence import Equivalence
    from simulator.experiments.tradeoffs.iso_outcome import IsoOutcome
    from simulator.runs.fit_documents import Spread
    from simulator.studies.break_even import BreakEven, Duel
    from simulator.studies.model_function import ModelFunction

DRAWS, REPLICATES = 200, 4
STEPS, MAP_STEPS = 25, 13
MAP_VALUES = 5
MAP_COLUMNS = 7
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


SolvedLever = Annotated[str | None, typer.Argument(metavar="LEVER", help="The lever to solve for.")]
Reference = Annotated[list[str] | None, options.levers_option("--to", "A lever of the reference to be equalled")]
Amounts = Annotated[
    Range | None,
    options.text_option("--between", "FIRST LAST", "Amounts, least first. Default: from today's value to the bound."),
]
Beside = Annotated[
    str | None,
    options.text_option("--map", "LEVER", "Solve beside each value of this other lever, as a map."),
]
BreakEvenSwitch = Annotated[
    bool,
    typer.Option("--break-even", help="How firmly must a ring-fence be enforced to equal a gain in leadership?"),
]


@dataclass(frozen=True)
class Setting:
    """What every kind of this question is asked of: the model, the futures, and how both came about."""

    model: ModelFunction
    futures: SampledFutures
    seed: int
    badge: str
    command: str

    @property
    def years(self) -> str:
        """The years that the outcome is taken over, in words."""
        from simulator.declarations.calendar import YEARS, year_name

        span = range(YEARS)[self.model.span]
        return describe_span(year_name(span[0]), year_name(span[-1]))


@spread_groups
def equals(  # noqa: PLR0913 - one argument an option
    lever: SolvedLever = None,
    to: Reference = None,
    outcome: options.Outcome = "retained",
    draws: options.Draws = DRAWS,
    replicates: options.Replicates = REPLICATES,
    start: options.LeversFrom = options.LEVERS_FROM,
    years: options.YearsOfLevers = None,
    between: Amounts = None,
    beside: Beside = None,
    break_even: BreakEvenSwitch = False,
    *,
    drawn: DrawOptions,
    output: AnswerOptions,
    kept: ClaimOptions,
) -> None:
    """What equals what? How much of a lever does as much as other levers do.

    Example: ringfence equals leader_lift --to ringfence=1 --to waiver=0
    """
    from simulator.studies.model_function import ModelFunction

    form, out = output.check()
    reference = read_levers(to or ())
    _check_question(lever, reference, between, beside, break_even)
    claim = kept.check_amount(beside)
    check_draws(draws, drawn.source)
    model = ModelFunction(read_scenario("baseline"), (outcome,), start, years, read_boards(drawn.boards))
    say_if_levers_are_late(model, [name for name in (lever, beside, *reference) if name])
    flags: list[tuple[str, object]] = [
        *(("--to", f"{name}={value!r}") for name, value in reference.items()),
        *(("--outcome", outcome), ("--draws", draws), ("--replicates", replicates)),
        *(("--from", start), ("--years", years)),
        *(("--map", beside), ("--break-even", break_even), *drawn.flags),
    ]
    words = [*([lever] if lever else []), *(["--between", *map(repr, between)] if between else [])]
    command = repeat_command("equals", words, flags, model.areas)
    badge = describe_sample(drawn.source, draws, replicates, drawn.seed, model.areas)
    setting = Setting(model, sample(draws, replicates, drawn.seed, drawn.source), drawn.seed, badge, command)
    say_if_cold()
    sizes = {"draws": draws, "replicates": replicates, "source": drawn.source.value, "seed": drawn.seed}
    asked: dict[str, object] = {"outcome": outcome, "start": start, "years": years, **sizes}
    found: Equivalence | BreakEven | None = None
    with Bar("runs") as bar:
        if lever is None:
            found = solve_break_even(setting, reference, bar)
            answer = document_break_even(setting, found)
            asked |= {"leadership": dict(found.leadership)}
        elif beside is not None:
            answer = answer_map(setting, lever, reference, beside, between, bar)
        else:
            found = solve_equivalence(setting, lever, reference, between, bar)
            answer = document_equivalence(setting, found)
            amounts = {"between": None if between is None else list(between), "steps": STEPS}
            asked |= {"lever": lever, "to": reference, **amounts}
    if claim is not None and found is not None:
        kept.save_amount(claim, found, model, asked, badge)
    deliver(answer, form, out, output.crate)


def _check_question(
    lever: str | None, reference: Mapping[str, float], between: Range | None, beside: str | None, break_even: bool
) -> None:
    """Raises InputError for questions that are not whole, or two at once."""
    if break_even and (lever or between or beside):
        raise InputError("--break-even asks about the ring-fence; give no LEVER, --between or --map beside it")
    if not break_even and lever is None:
        raise InputError("name a lever, such as leader_lift, or ask for --break-even")
    if not break_even and not reference:
        raise InputError(f"say with --to what {lever} is to equal, such as --to ringfence=1 --to waiver=0")


def solve_equivalence(
    setting: Setting, lever: str, reference: Mapping[str, float], between: Range | None, progress: Progress
) -> Equivalence:
    """The amounts of a lever that equal a reference. Raises as `make_lever_question` and `find_equivalence`."""
    from simulator.experiments.tradeoffs.equivalence import find_equivalence
    from simulator.studies.equivalence import make_option_question

    question = make_option_question(setting.model, lever, reference, setting.futures, steps=STEPS, between=between)
    return find_equivalence(setting.model, question, setting.futures, seed=setting.seed, progress=progress)


def document_equivalence(setting: Setting, equivalence: Equivalence) -> Answer:
    """The amounts of a lever that equal a reference, in all forms."""
    question = equivalence.question
    lever, reference = question.lever.name, question.reference
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "lever": lever,
        "reference": dict(reference),
        "outcome": question.outcome,
        **_document_equivalence(equivalence),
        "amounts": equivalence.sweep.amounts.tolist(),
        "curve": equivalence.curve().to_dict("records"),
        "equivalents": equivalence.equivalents.tolist(),
        "more_crossings": equivalence.more_crossings.tolist(),
        "command": setting.command,
    }
    common = {
        "lever": lever,
        "reference": "; ".join(f"{name}={value!r}" for name, value in reference.items()),
        "outcome": question.outcome,
        **_make_common_columns(setting),
    }
    rows: list[Row] = [
        {"draw": i, "enough": not isinf(x), "equivalent": float(x), "more_crossings": int(more), **common}
        for i, (x, more) in enumerate(zip(equivalence.equivalents, equivalence.more_crossings, strict=True))
    ]
    return Answer(document, rows, lambda: _show_equivalence(setting, equivalence))


def _document_equivalence(equivalence: Equivalence) -> dict[str, object]:
    """One equivalence for JSON; an amount that does not exist is null."""
    return {
        "sentence": equivalence.sentence,
        "on_average": dict(equivalence.on_average._asdict()),
        "quantiles_where_enough": {f"{q:g}": dict(e._asdict()) for q, e in equivalence.quantiles.items()},
        "enough_in": {f"{share:g}": equivalence.enough_in(share) for share in SHARES},
        "draws": equivalence.draws,
        "none_enough": equivalence.none_enough,
        "none_needed": equivalence.none_needed,
        "crosses_again": equivalence.crosses_again,
        "failed": equivalence.sweep.failed,
    }


def _make_common_columns(setting: Setting) -> Row:
    return {"years": setting.years, "seed": setting.seed, "badge": setting.badge, "command": setting.command}


def _show_equivalence(setting: Setting, equivalence: Equivalence) -> None:
    """Print the sentence, the amounts, what the levers mean, and how the answer was made."""
    lever, average = equivalence.question.lever.name, equivalence.on_average
    table = [
        {"What": "equal on average", lever: _format_amount(average.value), "95% interval": _format_interval(average)}
    ]
    table += [
        {
            "What": f"enough in {100 * share:.0f} of 100 versions of the model",
            lever: _format_amount(equivalence.enough_in(share)),
            "95% interval": "–",
        }
        for share in SHARES
    ]
    show_text(equivalence.sentence)
    show_text(_describe_gap(equivalence))
    show_text()
    show_table(table, tuple(table[0])[1:])
    show_text()
    tried = {lever: tuple(equivalence.sweep.amounts.tolist())}
    _show_notes(setting, tried | {name: (value,) for name, value in equivalence.question.reference.items()})


def _describe_gap(equivalence: Equivalence) -> str:
    """How far apart the lever's first amount and the reference are: the size of what is to be made up."""
    from simulator.common.formatting import describe_difference, format_number
    from simulator.declarations.outcomes import OUTCOMES

    question, sweep = equivalence.question, equivalence.sweep
    gap = float((sweep.reference - sweep.swept[:, 0]).mean())
    first = format_number(float(sweep.amounts[0]))
    gap_words = describe_difference(gap, OUTCOMES[question.outcome].change_unit)
    return f"The reference, against {question.lever.name} at {first}: {gap_words} on average."


def _format_amount(x: float) -> str:
    """An amount for a table; infinite means that no amount is enough."""
    from simulator.common.formatting import format_number

    return "no amount" if isinf(x) else format_number(x)


def _format_interval(estimate: Estimate) -> str:
    """The ends of an interval of amounts, said once where they are the same."""
    low, high = sorted((estimate.low, estimate.high))
    return describe_range(_format_amount(low), _format_amount(high))


def _show_notes(setting: Setting, levers: Mapping[str, Sequence[float]]) -> None:
    """Print what outcome and levers mean, what of the answer is noise, and how the answer was made."""
    from simulator.declarations.outcomes import OUTCOMES
    from simulator.studies.equivalence import describe_levers

    outcome = OUTCOMES[setting.model.outcomes[0]]
    show_text(f"{outcome.label}: {outcome.meaning}, {setting.years}.")
    for line in describe_levers(setting.model, {name: tuple(values) for name, values in levers.items()}):
        show_text(line)
    show_text(
        "A version of the model is one value for each uncertain number (a parameter set). The 95% interval is noise: "
        "it says how well so many versions pin the average down, and more draws narrow it. The range from one version "
        "to another is no noise: it is what nobody knows. In a single version some chance is left even after "
        "averaging: it spreads them and makes curves turn back, and more replicates shrink it."
    )
    show_text(f"Levers are moved from {setting.model.start} on. {setting.badge}.")


def answer_map(
    setting: Setting,
    lever: str,
    reference: Mapping[str, float],
    beside: str,
    between: Range | None = None,
    progress: Progress | None = None,
) -> Answer:
    """The line of equal outcome over two levers, in all forms.

    Raises as `make_lever_question` and `find_iso_outcome`.
    """
    from simulator.common.units import Unit
    from simulator.declarations.levers import LEVERS
    from simulator.experiments.tradeoffs.iso_outcome import find_iso_outcome
    from simulator.studies.equivalence import make_option_question
    from simulator.studies.model_function import list_lever_factors

    model, futures = setting.model, setting.futures
    if beside in reference:
        raise InputError(f"{beside} is part of what is to be equalled; map another lever")
    question = make_option_question(model, lever, reference, futures, steps=MAP_STEPS, between=between)
    (other,) = list_lever_factors([beside])
    if LEVERS[beside].about.unit is Unit.SWITCH:
        raise InputError(f"'{beside}' is on or off, which makes no map; set it with --to, or map another lever")
    iso = find_iso_outcome(
        model, other, question, futures, steps=MAP_VALUES, times=200, seed=setting.seed, progress=progress
    )
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "lever": lever,
        "beside": beside,
        "reference": dict(reference),
        "outcome": question.outcome,
        "sentence": iso.sentence,
        "x": iso.x.tolist(),
        "y": iso.y.tolist(),
        "difference": iso.difference.tolist(),
        "contour": iso.contour().to_dict("records"),
        "equivalences": [_document_equivalence(equivalence) for equivalence in iso.equivalences],
        "command": setting.command,
    }
    common = {"outcome": question.outcome, **_make_common_columns(setting)}
    rows: list[Row] = [
        {beside: row["x"], lever: row["y"], "difference": row["difference"], **common}
        for row in iso.to_frame().to_dict("records")
    ]
    return Answer(document, rows, lambda: _show_map(setting, iso))


def _show_map(setting: Setting, iso: IsoOutcome) -> None:
    """Print the sentence, the line, the grid, what the levers mean, and how the answer was made."""
    from simulator.common.formatting import format_count, format_number, name_base
    from simulator.declarations.outcomes import OUTCOMES

    question, x = iso.equivalences[0].question, iso.lever_x.name
    y = question.lever.name
    show_text(iso.sentence)
    show_text()
    line = [
        {
            x: format_number(float(row["x"])),
            f"{y} needed": _format_amount(row["line"]),
            "95% interval": _format_interval(equivalence.on_average),
            **{f"enough in {share} of 100": _format_amount(row[f"enough_in_{share}"]) for share in (10, 50, 90)},
            "no amount": format_count(int(row["none_enough"]), int(row["draws"])),
        }
        for row, equivalence in zip(iso.contour().to_dict("records"), iso.equivalences, strict=True)
    ]
    show_table(line, tuple(line[0]))
    show_text()
    about = OUTCOMES[question.outcome]
    unit = name_base(about.change_unit).replace(" of", ", £ of")
    show_text(f"{about.label}{unit}: average less that of the reference, by {x} (rows) and {y} (columns):")
    grid = _map_grid(iso)
    show_table(grid, tuple(grid[0]))
    show_text()
    levers = {y: tuple(iso.y.tolist()), x: tuple(iso.x.tolist())}
    _show_notes(setting, levers | {name: (value,) for name, value in question.reference.items()})


def _map_grid(iso: IsoOutcome) -> list[dict[str, str]]:
    """Some of the columns of the grid: mean differences in the outcome's unit."""
    import numpy as np

    from simulator.common.formatting import format_difference, format_number
    from simulator.declarations.outcomes import OUTCOMES

    unit = OUTCOMES[iso.equivalences[0].question.outcome].change_unit
    columns = np.unique(np.linspace(0, len(iso.y) - 1, min(MAP_COLUMNS, len(iso.y))).round().astype(int))
    return [
        {
            iso.lever_x.name: format_number(float(x)),
            **{format_number(float(iso.y[k])): format_difference(float(iso.difference[i, k]), unit) for k in columns},
        }
        for i, x in enumerate(iso.x)
    ]


def solve_break_even(setting: Setting, leadership: Mapping[str, float], progress: Progress | None = None) -> BreakEven:
    """Break-even enforcement; without a gain of one's own, that of the `leadership` scenario."""
    from simulator.studies.break_even import LEADERSHIP, find_break_even

    return find_break_even(
        setting.model, setting.futures, leadership or LEADERSHIP, seed=setting.seed, progress=progress
    )


def document_break_even(setting: Setting, break_even: BreakEven) -> Answer:
    """Break-even enforcement in all forms."""
    equivalence = break_even.equivalence
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "outcome": break_even.outcome.name,
        "leadership": dict(break_even.leadership),
        "leadership_effect": _document_effect(break_even.effect),
        **_document_equivalence(equivalence),
        "sentence": break_even.sentence,
        "against": [_document_duel(duel) for duel in break_even.duels],
        "curve": equivalence.curve().to_dict("records"),
        "enforcements": equivalence.equivalents.tolist(),
        "command": setting.command,
    }
    common = {"outcome": break_even.outcome.name, **_make_common_columns(setting)}
    rows: list[Row] = [{**_make_duel_columns(_document_duel(duel)), **common} for duel in break_even.duels]
    return Answer(document, rows, lambda: _show_break_even(setting, break_even))


class DuelDocument(TypedDict):
    """Leadership against a ring-fence: in how many of the draws it does more, and in what share, with an interval."""

    ring_fence: str
    effect: Spread
    draws: int
    leadership_more: int
    same: int
    share: float
    interval: Range
    verdict: str


def _document_effect(effect: tuple[float, float, float]) -> Spread:
    mean, low, high = effect
    return {"mean": mean, "low": low, "high": high}


def _document_duel(duel: Duel) -> DuelDocument:
    return {
        "ring_fence": duel.fence,
        "effect": _document_effect(duel.effect),
        "draws": duel.draws,
        "leadership_more": duel.more,
        "same": duel.same,
        "share": duel.more / duel.draws,
        "interval": duel.interval,
        "verdict": duel.verdict,
    }


def _make_duel_columns(document: DuelDocument) -> Row:
    low, high = document["interval"]
    effect = {f"effect_{name}": value for name, value in document["effect"].items()}
    rest = {name: value for name, value in document.items() if name not in ("effect", "interval")}
    return {**rest, **effect, "share_low": low, "share_high": high}


def _show_break_even(setting: Setting, break_even: BreakEven) -> None:
    """Print the sentence, both sides, how much enforcement is enough, and how the answer was made."""
    show_text(break_even.sentence)
    show_text()
    table = [_format_duel(duel, break_even) for duel in break_even.duels]
    show_table(table, tuple(table[0])[1:])
    show_text()
    enough = [
        {
            "Enforcement (0 to 1)": _format_amount(break_even.equivalence.enough_in(share)),
            "is enough in": f"{100 * share:.0f} of 100 versions of the model",
        }
        for share in SHARES
    ]
    show_table(enough, ("Enforcement (0 to 1)",))
    show_text()
    show_text(_describe_break_even())
    _show_notes(setting, {name: (value,) for name, value in break_even.leadership.items()} | {"ringfence": (0.0, 1.0)})


def _format_duel(duel: Duel, break_even: BreakEven) -> dict[str, str]:
    from simulator.common.formatting import format_count, format_difference, format_difference_range

    unit, (mean, low, high) = break_even.outcome.change_unit, duel.effect
    share_low, share_high = duel.interval
    return {
        "Ring-fence": duel.fence,
        "What it adds": format_difference(mean, unit),
        "8 in 10 versions": format_difference_range(low, high, unit),
        "Leadership adds": format_difference(break_even.effect[0], unit),
        "Leadership does more": format_count(duel.more, duel.draws),
        "95% interval": f"{100 * share_low:.0f} to {100 * share_high:.0f}",
        "As much": format_count(duel.same, duel.draws),
    }


def _describe_break_even() -> str:
    """What the comparison rests on: declared beliefs about two pulls that no finding compares."""
    from simulator.declarations.parameters import PARAMETERS

    same = PARAMETERS["pull_chief"].about.prior == PARAMETERS["pull_ringfence"].about.prior
    priors = (
        "Before the fit nothing favours either: both pulls have the same prior. "
        if same
        else "Before the fit the pull of leaders is believed to be smaller than that of a full ring-fence: studies "
        "elsewhere found little or moderate effects of leaders. "
    )
    return (
        "Enforcement of 0.2 means a fifth of the pull of a ring-fence that is audited in full and cannot be waived; "
        f"the past stays as it was. {priors}A claim holds or fails here by more than half of the versions of the "
        "model. A ring-fence that can be waived is worth nothing in this model while a waiver is fully in force; "
        "waivers are those of the calendar."
    )
