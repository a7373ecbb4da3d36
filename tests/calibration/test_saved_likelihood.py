"""The likelihood behind a fit of one's own is found again in its folder, or it is said what the folder lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from simulator.calibration import fit as fit_module
from simulator.calibration.fit import Fit, calibrate
from simulator.calibration.fit_folder import read_fit_folder, write_fit
from simulator.calibration.likelihood import LOG_LIKELIHOOD
from simulator.calibration.prior_file import PriorFile
from simulator.calibration.saved_likelihood import NoLikelihoodError, read_saved_likelihood
from simulator.calibration.target_file import read_target_file
from simulator.common.errors import InputError
from simulator.declarations.priors import HalfNormal
from simulator.evidence.adaptive_weighing import start_from_posterior
from simulator.evidence.weighing import explain_no_sampling
from simulator.runs.posterior import Posterior, shipped_posterior

pytestmark = pytest.mark.calibration

MINE = PriorFile("Weak chiefs", {"pull_chief": HalfNormal(0.5)}, {"slip": 0.25}, "title: Weak chiefs\n")
CODES = {"floor_audited": {"enforcement_start": 0.9}}
REPLAY = (
    "title: T\nquestion: Q?\nboards: 7 equal bodies\nstarts: 2019/20\nyears: 1\nfirst_plan: Q1\n"
    "observe:\n  kept: {measure: retained, observed: 0.4, evidence: [R06]}\n"
)
TARGETS = (
    "title: T\ntargets:\n  mine: {replay: mine-replay.yaml, observe: kept, error: 0.3, because: b, evidence: [F05]}\n"
    "  deficit_2022: {observed: 0.5, error: 0.2, because: b, evidence: [F05]}\n"
    "  turnover: {use: no, because: b, evidence: [F05]}\n"
)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fit, Path]:
    """A fit of few points with priors, findings and held numbers of its own, and its folder."""
    files = tmp_path_factory.mktemp("fits")
    (files / "mine-replay.yaml").write_text(REPLAY, encoding="utf-8")
    (files / "mine.yaml").write_text(TARGETS, encoding="utf-8")
    targets = read_target_file(files / "mine.yaml")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("LEAST_EFFECTIVE", 1), ("LARGEST_WEIGHT", 1), ("LARGEST_K", np.inf)):
            patch.setattr(fit_module, name, value)
        fit = calibrate(
            (600, 600),
            seed=5,
            priors=MINE.priors,
            held=MINE.held,
            codes=CODES,
            targets=targets.targets,
            own=targets.own,
        )
        write_fit(fit, files / "fit", 1_000, priors=MINE, targets=targets)
    return fit, files / "fit"


@pytest.fixture
def folder(fitted: tuple[Fit, Path], tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(fitted[1], tmp_path / "fit"))


def test_a_finding_of_ones_own_that_is_not_among_the_targets_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"not among the targets; give both, as in targets=file\.targets"):
        calibrate((10**9,), own=read_target_file(folder / "targets.yaml").own)


def own(folder: Path) -> Posterior:
    return read_fit_folder(folder).posterior


def test_a_folder_gives_back_the_likelihood_that_it_was_fitted_by(fitted: tuple[Fit, Path]) -> None:
    fit, folder = fitted
    again = read_saved_likelihood(own(folder))
    points = {name: column[:40] for name, column in fit.weighted.points.items() if name not in MINE.held}
    outcomes = again.likelihood(points, np.arange(40))
    assert np.array_equal(outcomes[LOG_LIKELIHOOD], fit.weighted.log_likelihood[:40])
    assert np.array_equal(outcomes["mine"], fit.weighted.outcomes["mine"][:40])
    assert again.held == MINE.held and {f.name for f in again.factors} == set(points)
    assert next(f.prior for f in again.factors if f.name == "pull_chief") == MINE.priors["pull_chief"]
    start = start_from_posterior(own(folder), again.factors)
    assert "slip" not in start.points and np.isfinite(np.concatenate(list(start.coordinates.values()))).all()


def test_what_ships_is_known_and_a_part_of_it_is_not(fitted: tuple[Fit, Path]) -> None:
    shipped = read_saved_likelihood(shipped_posterior())
    assert shipped.likelihood.seed == shipped_posterior().document["seed"] and not shipped.held
    part = Posterior(dict(shipped_posterior().draws), shipped_posterior().document)
    with pytest.raises(NoLikelihoodError, match="name the folder with --posterior"):
        read_saved_likelihood(part)
    mine = own(fitted[1])
    with pytest.raises(NoLikelihoodError, match="name the folder with --posterior"):
        read_saved_likelihood(Posterior(mine.draws, mine.document, (*mine.options, ("--with", "a.yaml"))))


def test_a_folder_that_lacks_what_it_takes_says_what_and_what_to_do(folder: Path) -> None:
    assert explain_no_sampling(own(folder)) == ""
    replay = folder / "mine-replay.yaml"
    replay.write_text(REPLAY.replace("0.4", "0.6"), encoding="utf-8")
    assert "or a replay that it names, was changed since the fit" in explain_no_sampling(own(folder))
    replay.unlink()
    assert "does not hold the replay that its mine is read from: copy the replay" in explain_no_sampling(own(folder))
    (folder / "targets.yaml").unlink()
    assert "does not hold the file that its mine came from" in explain_no_sampling(own(folder))
