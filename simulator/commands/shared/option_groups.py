"""Groups of options that commands take together, each a dataclass with one field an option.

A command that is decorated with `spread_groups` takes a group as one keyword argument; its help and its command line
have the options one by one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import ClassVar, get_type_hints

from simulator.commands.shared import options
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Form, check_crate, check_out, choose_form


@dataclass(frozen=True)
class FormOptions:
    """How an answer is printed."""

    as_json: options.Json = False
    as_csv: options.Csv = False

    def choose(self) -> Form:
        """The form, before any work is done. Raises a usage error for two."""
        return choose_form(self.as_json, self.as_csv)


@dataclass(frozen=True)
class AnswerOptions(FormOptions):
    """How an answer is printed, and the file and the archive that it is also written to."""

    endings: ClassVar[tuple[str, ...]] = options.TABLES

    out: options.OutTable = None
    crate: options.CrateFolder = None

    def check(self) -> tuple[Form, Path | None]:
        """The form and the file, before any work is done. Raises a usage error for two forms; see `check_out`."""
        check_crate(self.crate)
        return self.choose(), check_out(self.out, self.endings)


@dataclass(frozen=True)
class DrawOptions(PosteriorOptions):
    """What parameters are drawn from, with which seed, and for which boards."""

    seed: options.Seed = options.SEED
    source: options.DrawnParameters = options.Source.POSTERIOR
    boards: options.BoardsFile = None

    @property
    def flags(self) -> list[tuple[str, object]]:
        """The options as a command line repeats them; boards are named by their fingerprint elsewhere."""
        return [("--seed", self.seed), ("--source", self.source.value)]


def _list_options(group: type) -> list[inspect.Parameter]:
    """The fields of a group as parameters, those of its bases first; each is read where its class stands."""
    hints = get_type_hints(group, include_extras=True)
    return [p.replace(annotation=hints[name]) for name, p in inspect.signature(group).parameters.items()]


def spread_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its groups as options of its own, each where its group stood.

    A command with `PosteriorOptions` draws from the posterior that they name, all the time that it works.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    spread: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if is_dataclass(hints[name]):
            groups[name] = hints.pop(name)
            spread += _list_options(groups[name])
        else:
            spread.append(parameter.replace(annotation=hints[name]))

    @wraps(command)
    def call(**given: object) -> None:
        for name, group in groups.items():
            given[name] = group(**{f.name: given.pop(f.name) for f in fields(group) if f.name in given})
        with ExitStack() as opened:
            for chosen in given.values():
                if isinstance(chosen, PosteriorOptions):
                    source = getattr(chosen, "source", given.get("source"))
                    opened.enter_context(chosen.drawing(None if source is None else str(source)))
            command(**given)

    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in spread]
    call.__signature__ = inspect.Signature(keywords, return_annotation=None)  # type: ignore[attr-defined]
    call.__annotations__ = {**hints, **{parameter.name: parameter.annotation for parameter in spread}}
    return call
