"""A folder with a fit of one's own: the draws, how they were made, and the files of priors and targets behind them.

`write_fit` writes it, and `read_fit_folder` reads it again if today's rules are those that it was fitted with. It holds
the files of `simulator.runs.posterior`, and `inputs.json` with what else decides the draws.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np

from simulator.calibration.export import publish
from simulator.calibration.fit import Fit
from simulator.calibration.likelihood import REPLAYS, as_records, list_factors
from simulator.calibration.prior_file import PriorFile, describe_prior, parse_prior
from simulator.calibration.target_file import TargetFile
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, pin_name, split_pin
from simulator.common.representation import short_repr
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.declarations.priors import Prior
from simulator.replays.replay import load_replay
from simulator.runs.fit_documents import FitDocument
from simulator.runs.manifest import find_version
from simulator.runs.posterior import DRAWS, NAMES, ROW, Posterior, PosteriorError, read_folder_draws

INPUTS, PRIORS, TARGETS = "inputs.json", "priors.yaml", "targets.yaml"
DOCUMENT_KEYS = ("targets", "findings", "identified", "uncertain", "not_pinned")
INPUT_KEYS = ("version", "rules", "priors", "held", "targets")
PROBED = 8
SEED = 1


class FileDocument(TypedDict):
    """A file behind a fit: what it calls itself, and its fingerprint."""

    title: str
    fingerprint: str


class TargetDocument(TypedDict):
    """A finding as it was fitted."""

    id: str
    observed: list[float]
    error: float | None


class InputsDocument(TypedDict):
    """`inputs.json`: what a fit was made with. `rules` stands for what the rules give for its first draws."""

    version: str
    rules: str
    priors: dict[str, str]
    held: dict[str, float]
    targets: list[TargetDocument]
    codes: NotRequired[dict[str, dict[str, float]]]
    priors_file: NotRequired[FileDocument]
    targets_file: NotRequired[FileDocument]


@short_repr
@dataclass(frozen=True, eq=False)
class FitFolder:
    """A fit that was read from the folder `name`.

    `draws` holds a column (n,) a parameter, and the row drawn; `document` says how the fit went, `inputs` what it was
    made with, and `fingerprint` tells it from any other.
    """

    name: str
    draws: Mapping[str, Floats]
    document: FitDocument
    inputs: InputsDocument
    fingerprint: str

    @property
    def posterior(self) -> Posterior:
        """What futures draw from: `rf.run("ringfence", beliefs=rf.read_fit("mine"))`."""
        return Posterior(
            self.draws, self.document, (("--posterior", pin_name(self.name, self.fingerprint)),), self.remark
        )

    @property
    def remark(self) -> str:
        """What a badge adds for it: the folder, and the files of priors and targets behind it."""
        own = [
            f"{what} “{entry['title']}”"
            for what, entry in (
                ("priors", self.inputs.get("priors_file")),
                ("targets", self.inputs.get("targets_file")),
            )
            if entry
        ]
        behind = f", with {' and '.join(own)}" if own else ""
        return f"; posterior of your own: {self.name} (fingerprint {self.fingerprint}){behind}"


def write_fit(
    fit: Fit,
    folder: str | Path,
    n: int = DRAWS,
    *,
    priors: PriorFile | None = None,
    targets: TargetFile | None = None,
    more: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write `n` draws of a fit, with what it was made with, into a folder, as a whole; `rf.read_fit` reads it.

    `priors` and `targets` are the files that it was made with, and `more` other texts to keep, by file name. Raises
    NotFit where its weights forbid it; FileWriteError.
    """
    if not hasattr(fit, "identified"):
        raise InputError(f"a fit is what rf.calibrate gives, and not of type {type(fit).__name__}")
    texts = {
        **(targets.replays if targets else {}),
        INPUTS: json.dumps(_describe_inputs(fit, n, priors, targets), indent=1, ensure_ascii=False) + "\n",
        **({PRIORS: priors.text} if priors else {}),
        **({TARGETS: targets.text} if targets else {}),
    }
    return publish(fit, expand_path(folder), n, {**texts, **(more or {})})


def _describe_inputs(fit: Fit, n: int, priors: PriorFile | None, targets: TargetFile | None) -> InputsDocument:
    document: InputsDocument = {
        "version": find_version(),
        "rules": hash_rules({name: column[:PROBED] for name, column in fit.draws(n).items()}),
        "priors": {f.name: describe_prior(f.prior) for f in fit.weighted.factors if f.prior is not None},
        "held": dict(fit.held),
        "targets": [
            {"id": t.id, "observed": list(t.observed), "error": t.error} for t in fit.targets if t.id in fit.used
        ],
    }
    if fit.codes:
        document["codes"] = {replay: dict(values) for replay, values in fit.codes.items()}
    if priors:
        document["priors_file"] = {"title": priors.title, "fingerprint": priors.fingerprint}
    if targets:
        document["targets_file"] = {"title": targets.title, "fingerprint": targets.fingerprint}
    return document


def hash_rules(draws: Mapping[str, Floats]) -> str:
    """16 hexadecimal digits over what the rules give for a few draws, rounded as tables write them, in every replay of
    the fit. Other rules, another calendar or other bodies give another hash; another way to compute the same does not.
    """
    columns = {name: np.array([float(f"{x:.9g}") for x in column[:PROBED]]) for name, column in draws.items()}
    records = as_records({name: column for name, column in columns.items() if name != ROW})
    digest = hashlib.sha256()
    for name in REPLAYS:
        yearly = load_replay(name).run(records, np.arange(len(records)), seed=SEED)
        digest.update(np.ascontiguousarray(yearly.nation).tobytes())
    return digest.hexdigest()[:16]


def read_fit_folder(name: str | Path) -> FitFolder:
    """The fit in a folder, which may be named with its fingerprint (`mine@1f2e3d4c5b6a7988`).

    Raises PosteriorError for a folder that holds no whole fit, or one of other rules, and OtherContentError for another
    fit than the fingerprint names.
    """
    path_text, wanted = split_pin(str(name))
    folder = expand_path(path_text)
    if not folder.is_dir():
        raise PosteriorError(f"there is no folder '{path_text}'; make one with: ringfence calibrate --out {path_text}")
    missing = [each for each in (*NAMES, INPUTS) if not (folder / each).is_file()]
    if missing:
        raise PosteriorError(
            f"{path_text} holds no whole fit: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; "
            f"make it again with: ringfence calibrate --out {path_text}"
        )
    digest = hashlib.sha256()
    for each in (*NAMES, INPUTS):
        digest.update((folder / each).read_bytes().replace(b"\r\n", b"\n"))
    fingerprint = digest.hexdigest()[:16]
    check_pin("fit", path_text, wanted, fingerprint)
    document: FitDocument = _read_json(folder / NAMES[1], DOCUMENT_KEYS)
    inputs: InputsDocument = _read_json(folder / INPUTS, INPUT_KEYS)
    draws = read_folder_draws(folder)
    _check_draws(draws, path_text)
    if hash_rules(draws) != inputs["rules"]:
        raise PosteriorError(
            f"{path_text} was fitted with other rules than today's (by version {inputs['version']}), so its draws are "
            f"not a fit of this model; make it again with: ringfence calibrate{_repeat_files(inputs, path_text)}"
        )
    return FitFolder(path_text, draws, document, inputs, fingerprint)


def read_priors_of(posterior: Posterior) -> Mapping[str, Prior]:
    """The priors that the draws of a posterior were fitted with, by name; numbers that were held have none."""
    folders = [value for option, value in posterior.options if option == "--posterior"]
    if not folders:
        return {f.name: f.prior for f in list_factors() if f.prior is not None}
    inputs = read_fit_folder(folders[0]).inputs
    return {name: parse_prior(text) for name, text in inputs["priors"].items() if name not in inputs["held"]}


def _repeat_files(inputs: InputsDocument, folder: str) -> str:
    files = (("--priors", PRIORS, "priors_file" in inputs), ("--targets", TARGETS, "targets_file" in inputs))
    return "".join(f" {option} {folder}/{name}" for option, name, own in files if own) + f" --out {folder}"


def _read_json(path: Path, keys: tuple[str, ...]) -> Any:
    """The JSON object in a file. Raises PosteriorError where it is none, or lacks a key."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise PosteriorError(f"{path} cannot be read: {problem}; make the fit again with --out") from problem
    if not isinstance(content, dict) or not set(keys) <= set(content):
        raise PosteriorError(f"{path} is not what a fit writes; make the fit again with --out")
    return content


def _describe_lack(name: str) -> str:
    if name in PARAMETERS and PARAMETERS[name].group == PLUGIN:
        return (
            f"'{name}' is a number of the plug-in, which was not there when this fit was made: leave out the plug-in, "
            "or make the fit again with it"
        )
    return f"there is no column '{name}'"


def _check_draws(draws: Mapping[str, Floats], folder: str) -> None:
    """Refuse draws that the model cannot take. Raises PosteriorError with everything that is wrong."""
    factors = {factor.name: factor for factor in list_factors()}
    problems = [_describe_lack(name) for name in (*factors, ROW) if name not in draws]
    problems += [
        f"'{name}' is no uncertain number of the model; if a plug-in declares it, load that first, with --plugin"
        for name in draws
        if name not in (*factors, ROW)
    ]
    for name, factor in factors.items():
        column = draws.get(name, np.zeros(0))
        outside = [x for x in column.tolist() if not (math.isfinite(x) and factor.low <= x <= factor.high)]
        if outside:
            problems.append(f"{name} = {outside[0]:g} is outside {factor.low:g} to {factor.high:g}")
    if problems:
        raise PosteriorError("\n".join(f"{folder}: {problem}" for problem in problems))
