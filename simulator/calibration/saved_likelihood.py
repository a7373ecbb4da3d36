"""The likelihood that a posterior was fitted by, so that more parameter sets of the same fit can be drawn.

The fit that ships knows its own. A folder with a fit of one's own holds its priors, its findings and what was held; a
finding that is read from a replay of the user's own needs that replay beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.calibration.fit_folder import TARGETS, FitFolder, InputsDocument, read_fit_folder
from simulator.calibration.likelihood import Likelihood, OwnTarget, list_factors
from simulator.calibration.prior_file import parse_prior
from simulator.calibration.target_file import read_target_file
from simulator.common.errors import InputError
from simulator.common.formatting import join_words
from simulator.common.paths import expand_path
from simulator.common.pinned_names import split_pin
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.experiments.core.model_protocol import Factor
from simulator.replays.targets import Target, read_targets
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import Posterior, shipped_posterior


class NoLikelihoodError(InputError):
    """More parameter sets of these draws cannot be drawn; the message says why not and what to do."""


@dataclass(frozen=True, eq=False)
class FitLikelihood:
    """What it takes to draw more parameter sets of a fit: the likelihood of its findings, the factors that were drawn,
    and the numbers that were held.
    """

    likelihood: Likelihood
    factors: tuple[Factor, ...]
    held: Mapping[str, float]


def read_saved_likelihood(posterior: Posterior) -> FitLikelihood:
    """The likelihood, priors and held numbers behind a posterior.

    A plug-in's numbers are no factors of the fit that ships: its levers are off in the years of the findings.
    Raises NoLikelihoodError where they are not known, and PosteriorError for a folder that is no whole fit any more.
    """
    younger = [name for name in UNCERTAIN if name not in posterior.draws]
    if missing := [name for name in younger if PARAMETERS[name].group != PLUGIN]:
        raise NoLikelihoodError(
            f"the fit does not know {join_words(missing)}; make it again with: ringfence calibrate --out FOLDER"
        )
    if posterior is shipped_posterior():
        factors = tuple(factor for factor in list_factors() if factor.name not in younger)
        return FitLikelihood(Likelihood(posterior.document["seed"]), factors, {})
    if [option for option, _ in posterior.options] != ["--posterior"]:
        raise NoLikelihoodError(
            "these draws are not the whole of a fit that ships or stands in a folder; name the folder with --posterior"
        )
    return _read_folder(read_fit_folder(posterior.options[0][1]))


def _read_folder(fit: FitFolder) -> FitLikelihood:
    inputs = fit.inputs
    own = _read_own_targets(fit.name, inputs)
    shipped = read_targets()
    targets = list[Target]()
    for entry in inputs["targets"]:
        known = own[entry["id"]].target if entry["id"] in own else shipped[entry["id"]]
        targets.append(replace(known, observed=tuple(entry["observed"]), error=entry["error"]))
    held = inputs["held"]
    priors = {name: parse_prior(text) for name, text in inputs["priors"].items()}
    likelihood = Likelihood(
        fit.document["seed"],
        held,
        inputs.get("codes"),
        tuple(target.id for target in targets),
        tuple(targets),
        tuple(own.values()),
    )
    return FitLikelihood(likelihood, tuple(f for f in list_factors(priors) if f.name not in held), held)


def _read_own_targets(name: str, inputs: InputsDocument) -> dict[str, OwnTarget]:
    """The findings of one's own behind a fit, with the replays that they are read from, by id."""
    ids = [entry["id"] for entry in inputs["targets"] if entry["id"] not in read_targets()]
    if not ids:
        return {}
    path = expand_path(split_pin(name)[0]) / TARGETS
    words = join_words(ids)
    if "targets_file" not in inputs or not Path(path).is_file():
        raise NoLikelihoodError(
            f"{name} does not hold the file that its {words} came from; fit again with: ringfence calibrate "
            f"--targets FILE --out {name}"
        )
    try:
        file = read_target_file(path)
    except ValueError as problem:
        raise NoLikelihoodError(
            f"{name} does not hold the replay that its {words} is read from: copy the replay, and the table of boards "
            f"that it names, to where {TARGETS} there names it ({str(problem).splitlines()[-1].strip()})"
        ) from problem
    if file.fingerprint != inputs["targets_file"]["fingerprint"]:
        raise NoLikelihoodError(
            f"{TARGETS} in {name}, or a replay that it names, was changed since the fit; put the former files back, or "
            f"fit again with: ringfence calibrate --targets {name}/{TARGETS} --out {name}"
        )
    return {each.target.id: each for each in file.own}
