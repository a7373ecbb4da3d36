"""The arguments of the questions that a notebook asks, checked in one place: kind, range, and what to write instead.

A name means the same in every question, so `CHECKS` says once what may stand for it. Names of scenarios, levers,
outcomes and boards are looked up by the question, which knows them and suggests the nearest.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ParamSpec, Protocol, TypeVar, cast, runtime_checkable

import numpy as np

from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.near_names import suggest
from simulator.common.numbers import MOST_SEED, NotReadableError, parse_number

P = ParamSpec("P")
R = TypeVar("R")
Check = Callable[[object], object]

SOURCES = ("posterior", "prior", "default")
MOST_RUN = 2**32 - 1
LONGEST_SHOWN = 40


class ArgumentError(InputError, TypeError):
    """An argument of a question cannot be used; the message names the question, the argument and what to write."""


@runtime_checkable
class KeepsArguments(Protocol):
    """An answer that keeps what was asked."""

    def keep_arguments(self, arguments: Mapping[str, object]) -> KeepsArguments:
        """The same answer with these arguments among its settings."""
        ...


@runtime_checkable
class KeepsInputs(Protocol):
    """An answer that keeps what it was asked with, for a deposit of it."""

    def keep_inputs(self, given: Mapping[str, object]) -> KeepsInputs:
        """The same answer with the arguments themselves that are not at their defaults."""
        ...


class _UnfitError(Exception):
    """Why a value cannot be used, as the end of a sentence that begins with the argument."""


def checked(question: Callable[P, R]) -> Callable[P, R]:
    """A question that checks its arguments by `CHECKS` before it works. Whole numbers may be written 1e3.

    An argument that is left out, or that is its default, is not checked. The question raises ArgumentError.
    """
    signature = inspect.signature(question)

    @functools.wraps(question)
    def ask(*args: P.args, **named: P.kwargs) -> R:
        given = _bind(question.__name__, signature, args, named)
        for name, value in given.arguments.items():
            default = signature.parameters[name].default
            if name in CHECKS and value is not default and (question.__name__, name) not in _OTHERWISE:
                given.arguments[name] = check_argument(question.__name__, name, value)
        _check_beliefs(question.__name__, signature, given)
        answer = question(*given.args, **given.kwargs)
        if not isinstance(answer, KeepsArguments):
            return answer
        if isinstance(answer, KeepsInputs):
            answer = answer.keep_inputs(_list_inputs(signature, given))
        given.apply_defaults()
        left_out = {
            name for name, about in signature.parameters.items() if about.default == () == tuple(given.arguments[name])
        }
        kept = [name for name in given.arguments if name not in left_out | _NO_SETTINGS]
        return cast(R, cast(KeepsArguments, answer).keep_arguments({n: to_setting(given.arguments[n]) for n in kept}))

    return ask


def _list_inputs(signature: inspect.Signature, given: inspect.BoundArguments) -> dict[str, object]:
    """The arguments that decide the answer and are not at their defaults."""
    defaults = {name: about.default for name, about in signature.parameters.items()}
    return {n: value for n, value in given.arguments.items() if n not in _NO_SETTINGS and value is not defaults[n]}


_NO_SETTINGS = frozenset({"progress"})
"""Arguments that decide nothing of an answer. A list that was left out is left out of the settings as well."""


def to_setting(value: object) -> object:
    """An argument as plain data, with which the question can be asked again.

    A scenario is named where a name loads it. Anything else that plain data cannot hold is described in < >, which no
    question takes.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): to_setting(item) for name, item in value.items()}
    if isinstance(value, np.ndarray):
        return to_setting(value.tolist())
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [to_setting(item) for item in value]
    reference = getattr(value, "reference", "")
    return reference if isinstance(reference, str) and reference else _describe_object(value)


def _describe_object(value: object) -> str:
    """What stands in settings for an object: its kind, its title and what tells its content from any other."""
    about = getattr(value, "manifest", value)
    told = [getattr(about, name, None) for name in ("title", "name", "source")]
    title = next((f" “{text}”" for text in told if isinstance(text, str) and text), "")
    marks = [getattr(value, "fingerprint", None), getattr(about, "futures_fingerprint", None)]
    mark = next((f", fingerprint {text}" for text in marks if isinstance(text, str)), "")
    return f"<{type(value).__name__}{title}{mark}>"


def check_line(question: str, name: str, line: float | None, is_share: bool) -> None:
    """Refuse a line that no outcome which is a share can reach. Raises ArgumentError."""
    if line is not None and is_share and not -1 <= line <= 1:
        raise ArgumentError(
            f"{_name(question)}({name}={line:g}): the outcome is a share; write {line:g}% as {line / 100:g}"
        )


def check_enough(question: str, name: str, value: int, fewest: int) -> None:
    """Refuse a sample that its method cannot use, before it is run. Raises ArgumentError."""
    if value < fewest:
        raise ArgumentError(f"{_name(question)}({name}={value}): too few to tell anything; give {fewest} or more")


def check_argument(question: str, name: str, value: object) -> object:
    """The value of an argument as the question takes it. Raises ArgumentError."""
    try:
        return CHECKS[name](value)
    except _UnfitError as unfit:
        raise ArgumentError(f"{_name(question)}({name}={_show(value)}): {unfit}") from None


def _name(question: str) -> str:
    return f"rf.{_PUBLIC.get(question, question)}"


def _bind(
    question: str, signature: inspect.Signature, args: Sequence[object], named: Mapping[str, object]
) -> inspect.BoundArguments:
    known = signature.parameters
    if unknown := [name for name in named if name not in known]:
        hint = suggest(unknown[0], known) or f"; it takes {', '.join(known)}"
        raise ArgumentError(f"{_name(question)} has no argument '{unknown[0]}'{hint}")
    try:
        return signature.bind(*args, **named)
    except TypeError as error:
        raise ArgumentError(f"{_name(question)}: {error}; it takes {', '.join(known)}") from None


def _check_beliefs(question: str, signature: inspect.Signature, given: inspect.BoundArguments) -> None:
    """Beliefs take the place of the posterior, so that they do nothing beside parameters from elsewhere."""
    if given.arguments.get("beliefs") is None or "source" not in signature.parameters:
        return
    source = given.arguments.get("source", signature.parameters["source"].default)
    if source != "posterior":
        raise ArgumentError(
            f"{_name(question)}: beliefs stand in place of the posterior, and parameters come from the {source}; write "
            "source='posterior', or leave out beliefs"
        )


def _show(value: object) -> str:
    shown = make_visible(repr(value))
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."


# Numbers.


def _whole(low: int = 1, high: int | None = None) -> Check:
    """A check for whole numbers from `low` to `high`."""
    wanted = f"a whole number of {low:,} or more" if high is None else f"a whole number from {low:,} to {high:,}"

    def check(value: object) -> int:
        number = _read(value, wanted)
        if not float(number).is_integer() or int(number) < low or (high is not None and int(number) > high):
            raise _UnfitError(f"it takes {wanted}")
        return int(number)

    return check


def _real(low: float = -math.inf, high: float = math.inf) -> Check:
    """A check for finite numbers from `low` to `high`."""
    wanted = "a number" if low == -math.inf else f"a number of {low:g} or more"

    def check(value: object) -> float:
        number = _read(value, wanted)
        if not low <= number <= high:
            raise _UnfitError(f"it takes {wanted}")
        return float(number)

    return check


def _read(value: object, wanted: str) -> float:
    """A finite number that is neither text nor a truth; whole numbers of any size stay as they are."""
    if isinstance(value, bool | np.bool_):
        raise _UnfitError(f"it takes {wanted}, and {value} is no number")
    if isinstance(value, str):
        raise _UnfitError(f"it takes {wanted}, and this is text{_unquote(value)}")
    if not isinstance(value, numbers.Real):
        raise _UnfitError(f"it takes {wanted}, and this is of type {type(value).__name__}")
    if not math.isfinite(value):
        raise _UnfitError(f"it takes {wanted}, and this is not finite")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _unquote(text: str) -> str:
    """What to write for text that is a number, or holds one such as “at least 80%”; "" for other text."""
    inside = re.findall(r"[-+]?[0-9][0-9.,_]*(?:e[0-9]+)? ?%?", text)
    try:
        return f"; write {parse_number(text if len(inside) != 1 else inside[0]):g}, without quotes"
    except NotReadableError:
        return ""


def _budget(value: object) -> float:
    return math.inf if isinstance(value, numbers.Real) and value == math.inf else cast(float, _real(0.0)(value))


def _ends(value: object) -> tuple[float, float]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        raise _UnfitError("it takes two numbers, such as between=(0.2, 0.5)")
    first, last = (cast(float, _real()(end)) for end in value)
    if first == last:
        raise _UnfitError("both ends are the same, so there is nothing between them")
    return first, last


def _sizes(value: object) -> tuple[int, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence | np.ndarray):
        raise _UnfitError("it takes a list of whole numbers, such as (2_000, 2_000)")
    if not len(value):
        raise _UnfitError("give at least one stage, such as (2_000, 2_000)")
    return tuple(cast(int, _whole()(size)) for size in value)


# Words and names.


def _words(example: str) -> Check:
    """A check for text that is not empty."""

    def check(value: object) -> object:
        if not isinstance(value, str) or not value.strip():
            raise _UnfitError(f"it takes text, such as '{example}'")
        return value

    return check


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise _UnfitError("it takes text")
    return value


def _source(value: object) -> object:
    if not isinstance(value, str) or value not in SOURCES:
        raise _UnfitError(f"parameters come from 'posterior' or 'prior'{suggest(value, SOURCES)}")
    return value


def _names(kind: str, example: str, may_be_empty: bool = False) -> Check:
    """A check for a list of names, in which something stands unless nothing may be asked for."""

    def check(value: object) -> object:
        if isinstance(value, set | frozenset):
            raise _UnfitError("a set has no order, which decides chance; write a list, such as sorted(names)")
        if isinstance(value, str | bytes | Mapping | Path):
            raise _UnfitError(f"it is a list of names, such as ['{value if isinstance(value, str) else example}']")
        try:
            names = list(cast(Sequence[object], value))
        except TypeError:
            raise _UnfitError(f"it is a list of names, such as ['{example}']") from None
        if not names and not may_be_empty:
            raise _UnfitError(f"an empty list names nothing; leave it out for {kind}")
        if wrong := [name for name in names if not isinstance(name, str)]:
            raise _UnfitError(f"it is a list of names, such as ['{example}'], and {_show(wrong[0])} is none")
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise _UnfitError(f"{_show(twice[0])} is named twice")
        return names

    return check


def _pair_of_words(value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        raise _UnfitError("it takes two names, such as ('A', 'B')")
    return tuple(map(_words("A"), value))


def _levers(value: object) -> object:
    """Levers (or parameters) with a finite number each."""
    if not isinstance(value, Mapping):
        raise _UnfitError("it takes levers and their values, such as {'audit': 1}")
    checked_values = {}
    for name, number in value.items():
        if not isinstance(name, str):
            raise _UnfitError(f"it takes levers and their values, such as {{'audit': 1}}, and {_show(name)} is no name")
        try:
            checked_values[name] = _real()(number)
        except _UnfitError as unfit:
            raise _UnfitError(f"{name}: {unfit}") from None
    return checked_values


# Other things.


def _switch(value: object) -> object:
    if not isinstance(value, bool | np.bool_):
        raise _UnfitError("it takes True or False")
    return bool(value)


def _path(value: object) -> object:
    if not isinstance(value, str | Path):
        raise _UnfitError("it takes the name of a file or folder")
    return value


def _answers(value: object) -> object:
    """Questions with three numbers each."""
    example = "it takes questions with three numbers each, such as {'plain': (10, 20, 35)}"
    if not isinstance(value, Mapping):
        raise _UnfitError(example)
    for question, quartiles in value.items():
        if isinstance(quartiles, str) or not isinstance(quartiles, Sequence | np.ndarray):
            raise _UnfitError(f"{question}: {example}")
        for number in quartiles:
            _read(number, f"three numbers for “{question}”")
    return value


def _designs(value: object) -> object:
    """One design or several: texts, or objects with questions."""
    several = [value] if isinstance(value, str) or hasattr(value, "questions") else value
    if not isinstance(several, Sequence) or not several:
        raise _UnfitError("it takes a design or a list of them, such as ['retained of 12 boards, 2022/23']")
    for design in several:
        if not isinstance(design, str) and not hasattr(design, "questions"):
            raise _UnfitError(f"{_show(design)} is no design; write for example 'retained of 12 boards, 2022/23'")
    return value


def _evidence(value: object) -> object:
    if not hasattr(value, "weigh"):
        raise _UnfitError("it takes evidence, such as rf.state_beliefs({'plain': (10, 20, 35)})")
    return value


def _beliefs(value: object) -> object:
    if not hasattr(value, "posterior"):
        raise _UnfitError(
            "beliefs are rf.read_evidence('mine.yaml'), .result.update.posterior of rf.evidence(...), or a fit that "
            "rf.write_fit(fit, 'mine') has kept: rf.read_fit('mine')"
        )
    return value


def _function(value: object) -> object:
    if not callable(value):
        raise _UnfitError("it takes a function of two numbers, what is done and the total")
    return value


_COUNT, _NUMBER = _whole(), _real()
_UNCERTAIN = "every uncertain parameter"

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        **dict.fromkeys(("n", "draws", "replicates", "walks", "blocks", "points", "most", "part", "chunk"), _COUNT),
        "workers": _COUNT,
        "first_plan": _whole(0, 3),
        **dict.fromkeys(("threshold", "below", "above"), _NUMBER),
        **dict.fromkeys(("to", "levers", "costs", "hold", "leadership", "held"), _levers),
        **dict.fromkeys(("detail", "resume"), _switch),
        **dict.fromkeys(("because", "who"), _text),
        "steps": _whole(2),
        "structures": _whole(0),
        "run": _whole(0, MOST_RUN),
        "seed": _whole(0, MOST_SEED),
        "sizes": _sizes,
        "budget": _budget,
        "between": _ends,
        "over": _names(_UNCERTAIN, "pull_chief"),
        "ask": _names(_UNCERTAIN, "pull_chief"),
        "use": _names("every target", "turnover", may_be_empty=True),
        "names": _pair_of_words,
        "source": _source,
        "by": _words("levers"),
        "lever": _words("audit"),
        "years": _words("2027/28-2029/30"),
        "start": _words("2027/28 Q1"),
        "year": _words("2027/28"),
        "quarter": _words("2027/28 Q1"),
        "board": _words("QWE"),
        "on": _words("processes:2"),
        "out": _path,
        "path": _path,
        "answers": _answers,
        "designs": _designs,
        "first": _evidence,
        "second": _evidence,
        "beliefs": _beliefs,
        "progress": _function,
    }
)
"""What may stand for an argument of this name, in every question that has it."""

LOOKED_UP = frozenset(
    (
        *("scenario", "against", "scenarios", "policy", "outcome", "boards", "futures", "observations", "design"),
        *("name", "codes", "priors", "targets", "own"),
    )
)
"""Arguments that questions look up or read themselves."""

_OTHERWISE = frozenset({("calibrate", "start")})
"""Arguments that mean something else in one question: the proposal that a fit begins with."""

_PUBLIC = {"explain": "why"}
"""Public names of questions that have another name where they are defined."""
