"""What the commands that ask questions share: the model as a function, the worlds to meet, and levers by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.common.characters import plain
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.experiments.core.sampled_futures import SampledFutures
    from simulator.studies.model_function import ModelFunction

START = "2027/28 Q1"

Draws = Annotated[int, typer.Option("--draws", min=10, max=20_000, help="How many parameter draws to ask.")]
Lucks = Annotated[int, typer.Option("--lucks", min=1, max=1_000, help="How many lucks each draw is averaged over.")]
Outcome = Annotated[str, typer.Option("--outcome", metavar="NAME", help="The outcome that counts.")]
From = Annotated[str, typer.Option("--from", metavar="QUARTER", help="The quarter from which levers are moved.")]
Source = Annotated[options.Source, typer.Option("--source", help="Parameter draws from the posterior or the priors.")]


def model(
    outcomes: Sequence[str], years: str | None = None, start: str = START, scenario: str = "baseline"
) -> ModelFunction:
    """The model as a function of points and seeds. Raises LookupError, ValueError."""
    from simulator.studies.model_function import ModelFunction

    return ModelFunction(options.read_policy(scenario), tuple(outcomes), start, years)


def worlds(draws: int, lucks: int, seed: int, source: options.Source = options.Source.POSTERIOR) -> SampledFutures:
    """Parameter draws, each met by some lucks of its own. Raises InputError for one default set of parameters."""
    from simulator.experiments.core.sampled_futures import sample_futures
    from simulator.experiments.tradeoffs.lever_sweep import repeat_draws
    from simulator.studies.model_function import draw_posterior_points, list_parameter_factors

    if source is options.Source.POSTERIOR:
        return repeat_draws(draw_posterior_points(draws, seed=seed), seed, lucks)
    if source is options.Source.PRIOR:
        return sample_futures(list_parameter_factors(), draws, seed, lucks)
    raise InputError("one default set of parameters cannot say how sure an answer is; ask for posterior or prior")


def badge(source: options.Source, draws: int, lucks: int, seed: int) -> str:
    """What stands beside an answer."""
    from simulator.runs.futures import draw_futures

    each = f" with {lucks} lucks each" if lucks > 1 else ""
    return f"{draws:,} parameter draws{each}, seed {seed}; {draw_futures(1, source=source).badge}"


def levers(texts: Sequence[str]) -> Mapping[str, float]:
    """Levers from NAME=VALUE texts. Raises InputError with everything that is wrong with them."""
    from simulator.common.yaml_nodes import Notes
    from simulator.scenarios.validation import lever_value

    found: dict[str, float] = {}
    notes = Notes("")
    for text in texts:
        name, equals, value = (part.strip() for part in plain(text).partition("="))
        if not equals or not name or not value:
            notes.add(0, text, "is not a lever and its value; write NAME=VALUE, such as ringfence=1 or ringfence=on")
            continue
        if name in found:
            notes.add(0, name, "is set twice")
        found[name] = lever_value(name, value, notes)
    if notes.problems:
        raise InputError("\n".join(f"{p.path}: {p.message}" for p in notes.problems))
    return found


def check_draws(draws: int, source: options.Source) -> None:
    """Refuse more draws than the posterior holds where each must have parameters of its own. Raises InputError."""
    from simulator.runs.posterior import shipped_draws

    held = len(next(iter(shipped_draws().values())))
    if source is options.Source.POSTERIOR and draws > held:
        raise InputError(f"the posterior holds {held:,} draws; ask for no more of them, and for more --lucks instead")
