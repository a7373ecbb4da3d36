"""Priors as a file: other distributions of the uncertain numbers, or values to hold, each with its reason.

title             what these priors are
priors            name: {prior: half normal, scale: 3, because, evidence, assumption}, or
                  name: {hold: 0, because, evidence, assumption}

Names that are left out keep the priors that ship. Everything that is wrong with a file is reported at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from simulator.calibration.likelihood import list_factors
from simulator.common.characters import normalise_text
from simulator.common.errors import InputError
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.paths import expand_path
from simulator.common.yaml_nodes import MappingNode, Node, Problems, ScalarNode, suggest
from simulator.declarations.plugin import suggest_declared
from simulator.declarations.priors import Beta, HalfNormal, LogNormal, Normal, Prior, Triangular, Uniform
from simulator.experiments.core.model_protocol import Factor
from simulator.scenarios.field_validation import read_known_keys, require_text
from simulator.scenarios.file_entries import REASONS, list_entries, read_finite, read_reasons, read_yaml_file

KINDS: Mapping[str, type[Any]] = {
    "normal": Normal,
    "half normal": HalfNormal,
    "log normal": LogNormal,
    "beta": Beta,
    "uniform": Uniform,
    "triangular": Triangular,
}
POSITIVE = ("sd", "scale", "log_sd", "a", "b")
MOST_OUTSIDE = 0.5


@dataclass(frozen=True)
class PriorFile:
    """Priors of one's own by name, values held by name, and the text that they were read from."""

    title: str
    priors: Mapping[str, Prior]
    held: Mapping[str, float]
    text: str

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def read_priors(path: str | Path) -> PriorFile:
    """The priors in a file. Raises ScenarioError, which lists every problem."""
    notes = Problems(str(path), "file of priors", "a title and priors", "priors:")
    return read_yaml_file(expand_path(path), notes, lambda top, text: _parse(top, text, notes))


def _parse(top: MappingNode, text: str, notes: Problems) -> PriorFile:
    own = read_known_keys(top, "", ("title", "priors"), notes)
    title = require_text(own, "title", "", 1, notes)
    priors: dict[str, Prior] = {}
    held: dict[str, float] = {}
    known = {factor.name: factor for factor in list_factors()}
    for name, body, line in list_entries(own.get("priors"), "priors", "{prior: half normal, scale: 3}", notes):
        where = f"priors.{name}"
        if name not in known:
            notes.add(line, where, f"is not an uncertain number{suggest_declared(name, known)}")
            continue
        keys = {node.text: value for node, value in body.pairs}
        values: Mapping[str, Node]
        if "hold" in keys:
            values = read_known_keys(body, f"{where}.", ("hold", *REASONS), notes)
            held[name] = _read_within(values["hold"], known[name], f"{where}.hold", notes)
        else:
            prior, values = _read_prior(body, keys.get("prior"), known[name], where, line, notes)
            if prior is not None:
                priors[name] = prior
        read_reasons(values, where, line, notes)
    return PriorFile(title, priors, held, text.replace("\r\n", "\n"))


def _read_within(node: Node, factor: Factor, where: str, notes: Problems) -> float:
    value = read_finite(node, where, node.line, notes)
    if not factor.low <= value <= factor.high:
        notes.add(node.line, where, f"{value:g} is outside {factor.low:g} to {factor.high:g}")
    return value


def _read_prior(
    body: MappingNode, kind_node: Node | None, factor: Factor, where: str, line: int, notes: Problems
) -> tuple[Prior | None, Mapping[str, Node]]:
    """A prior of its kind's own numbers, and all fields of the entry."""
    kind = normalise_text(kind_node.text).lower().replace("-", " ") if isinstance(kind_node, ScalarNode) else ""
    if kind not in KINDS:
        wrong = f"'{kind[:40]}' is not a kind of prior{suggest(kind, KINDS)}" if kind else "is missing"
        notes.add(line, f"{where}.prior", f"{wrong}; write one of {', '.join(KINDS)}, or hold: a value")
        return None, read_known_keys(body, f"{where}.", (*dict(_pairs(body)), *REASONS), notes)
    names = tuple(field.name for field in fields(KINDS[kind]))
    values = read_known_keys(body, f"{where}.", ("prior", *names, *REASONS), notes)
    problems = len(notes.problems)
    numbers = {name: read_finite(values.get(name), f"{where}.{name}", line, notes) for name in names}
    if len(notes.problems) > problems:
        return None, values
    for name in names:
        if name in POSITIVE and numbers[name] <= 0:
            notes.add(values[name].line, f"{where}.{name}", f"{numbers[name]:g} is not above 0")
    if kind in ("uniform", "triangular") and not numbers["low"] < numbers["high"]:
        notes.add(line, where, "needs low below high")
    elif kind == "triangular" and not numbers["low"] <= numbers["mode"] <= numbers["high"]:
        notes.add(line, f"{where}.mode", "must lie from low to high")
    if len(notes.problems) > problems:
        return None, values
    prior: Prior = KINDS[kind](**numbers)
    _check_bounds(prior, factor, where, line, notes)
    return prior, values


def _pairs(body: MappingNode) -> list[tuple[str, Node]]:
    return [(key.text, node) for key, node in body.pairs]


def _check_bounds(prior: Prior, factor: Factor, where: str, line: int, notes: Problems) -> None:
    """Refuse a prior of which more than half lies outside the number's bounds, where draws are clipped."""
    values = prior.quantile((np.arange(1_000) + 0.5) / 1_000)
    outside = float(np.mean((values < factor.low) | (values > factor.high)))
    if outside > MOST_OUTSIDE:
        notes.add(
            line, where, f"{outside:.0%} of it lies outside {factor.low:g} to {factor.high:g}, to which draws are held"
        )


def describe_prior(prior: Prior) -> str:
    """A prior as a file writes it: "half normal, scale: 3"."""
    kind = next(name for name, known in KINDS.items() if isinstance(prior, known))
    numbers = (f"{field.name}: {getattr(prior, field.name):g}" for field in fields(KINDS[kind]))
    return ", ".join((kind, *numbers))


def parse_prior(text: str) -> Prior:
    """A prior as `describe_prior` writes it, or shorter: "half normal 3". Raises InputError, which says how."""
    words = re.sub("^(half|log)-", r"\1 ", normalise_text(text).lower()).replace(",", " ")
    kind = next((name for name in KINDS if words.startswith(name)), "")
    if not kind:
        raise InputError(f"'{text}' is not a prior; write one of {', '.join(KINDS)}, and its numbers: half normal 3")
    names = tuple(field.name for field in fields(KINDS[kind]))
    values = [word for word in words[len(kind) :].split() if not (word.endswith(":") and word[:-1] in names)]
    try:
        numbers = [parse_number(word) for word in values]
    except NotReadableError as problem:
        raise InputError(f"'{text}': {problem}") from problem
    if len(numbers) != len(names):
        raise InputError(f"'{text}': a {kind} prior needs {len(names)} numbers: {', '.join(names)}")
    own = dict(zip(names, numbers, strict=True))
    if any(value <= 0 for name, value in own.items() if name in POSITIVE):
        raise InputError(f"'{text}': {', '.join(n for n in names if n in POSITIVE)} must be above 0")
    if kind in ("uniform", "triangular") and not own["low"] < own["high"]:
        raise InputError(f"'{text}' needs low below high")
    if kind == "triangular" and not own["low"] <= own["mode"] <= own["high"]:
        raise InputError(f"'{text}': the mode must lie from low to high")
    prior: Prior = KINDS[kind](**own)
    return prior


def write_prior_template() -> str:
    """A file of today's priors, to edit: the same fit as without it."""
    lines = [
        "# Priors of the uncertain numbers, as they ship. Change what you know better, say why, and delete the rest:",
        "# what is left out keeps the prior that ships. Then: ringfence calibrate --priors FILE --out FOLDER",
        f"# Kinds: {', '.join(f'{name} ({_list_names(kind)})' for name, kind in KINDS.items())}.",
        "# To hold a number: {hold: 0.5, because: ..., evidence: [], assumption: true}.",
        "title: My priors",
        "priors:",
    ]
    for factor in list_factors():
        if factor.prior is not None:
            lines += [
                f"  # {factor.meaning} ({factor.unit}, {factor.low:g} to {factor.high:g})",
                f"  {factor.name}: {{prior: {describe_prior(factor.prior)}, because: As it ships., "
                "evidence: [], assumption: true}",
            ]
    return "\n".join(lines) + "\n"


def _list_names(kind: type[Any]) -> str:
    return ", ".join(field.name for field in fields(kind))
