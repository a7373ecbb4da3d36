"""A folder with a fit of one's own: it says what it was made with, and is refused where it would mislead."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulator.calibration import fit as fit_module
from simulator.calibration import fit_folder as module
from simulator.calibration.fit import Fit, calibrate
from simulator.calibration.fit_folder import INPUTS, hash_rules, read_fit_folder, write_fit
from simulator.calibration.prior_file import PriorFile
from simulator.common.pinned_names import OtherContentError
from simulator.declarations.priors import HalfNormal
from simulator.runs.posterior import NAMES, ROW, PosteriorError

pytestmark = pytest.mark.calibration

MINE = PriorFile("Weak chiefs", {"pull_chief": HalfNormal(0.5)}, {"slip": 0.25}, "title: Weak chiefs\n")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fit, Path]:
    """A fit of few points, which the checks of weights would refuse, and its folder."""
    folder = tmp_path_factory.mktemp("fits") / "mine"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit_module, "LEAST_EFFECTIVE", 1)
        patch.setattr(fit_module, "LARGEST_WEIGHT", 1)
        patch.setattr(fit_module, "LARGEST_K", np.inf)
        fit = calibrate((1_500, 1_500), seed=5, priors=MINE.priors, held=MINE.held)
        write_fit(fit, str(folder), 1_000, priors=MINE)
    return fit, folder


@pytest.fixture
def folder(fitted: tuple[Fit, Path], tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(fitted[1], tmp_path / "mine"))


def test_a_folder_gives_back_the_draws_and_what_they_were_made_with(fitted: tuple[Fit, Path]) -> None:
    fit, folder = fitted
    mine = read_fit_folder(folder)
    for name, values in fit.draws(1_000).items():
        np.testing.assert_allclose(mine.draws[name], values, rtol=1e-8, atol=1e-12, err_msg=name)
    assert len(mine.draws[ROW]) == 1_000
    assert set(mine.draws["slip"].tolist()) == {0.25}
    assert mine.inputs["priors"]["pull_chief"] == "half normal, scale: 0.5"
    assert mine.inputs["held"] == {"slip": 0.25}
    assert mine.inputs["priors_file"] == {"title": "Weak chiefs", "fingerprint": MINE.fingerprint}
    assert "targets_file" not in mine.inputs
    assert (folder / "priors.yaml").read_text(encoding="utf-8") == MINE.text
    assert f"posterior of your own: {folder} (fingerprint {mine.fingerprint}), with priors “Weak chiefs”" in mine.remark


def test_a_folder_may_be_named_with_its_fingerprint_and_another_one_is_refused(folder: Path) -> None:
    mine = read_fit_folder(folder)
    assert read_fit_folder(f"{folder}@{mine.fingerprint}").fingerprint == mine.fingerprint
    with pytest.raises(OtherContentError, match="is not the fit asked for"):
        read_fit_folder(f"{folder}@{'0' * 16}")


def test_other_draws_give_another_fingerprint(folder: Path) -> None:
    before = read_fit_folder(folder).fingerprint
    table = folder / NAMES[0]
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], *lines[:0:-1]][: len(lines)]) + "\n", encoding="utf-8")
    with pytest.raises(PosteriorError, match="other rules"):  # other draws come first, and give other results
        read_fit_folder(folder)
    table.write_text("\n".join([*lines[:-2], lines[-1], lines[-2]]) + "\n", encoding="utf-8")
    assert read_fit_folder(folder).fingerprint != before


def test_a_fit_of_other_rules_is_refused_with_the_command_that_makes_it_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.hash_rules
    monkeypatch.setattr(module, "hash_rules", lambda draws: real(draws)[::-1])
    with pytest.raises(PosteriorError, match="was fitted with other rules than today's") as caught:
        read_fit_folder(folder)
    assert f"ringfence calibrate --priors {folder}/priors.yaml --out {folder}" in str(caught.value)


def test_the_hash_of_the_rules_tells_other_draws_and_other_calendars_apart(
    fitted: tuple[Fit, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = read_fit_folder(fitted[1]).draws
    first = hash_rules(draws)
    assert hash_rules(draws) == first
    assert hash_rules({**draws, "slip": draws["slip"] + 0.1}) != first
    monkeypatch.setattr(module, "REPLAYS", ("england", "floor_audited"))
    assert hash_rules(draws) != first


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(PosteriorError, match="there is no folder 'nowhere'; make one with: ringfence calibrate"):
        read_fit_folder("nowhere")
    (folder / INPUTS).unlink()
    (folder / NAMES[2]).unlink()
    with pytest.raises(PosteriorError, match=rf"{NAMES[2]}, {INPUTS} are missing"):
        read_fit_folder(folder)


@pytest.mark.parametrize("name", [NAMES[1], INPUTS])
def test_a_broken_document_is_told(folder: Path, name: str) -> None:
    (folder / name).write_text("{", encoding="utf-8")
    with pytest.raises(PosteriorError, match=f"{name} cannot be read"):
        read_fit_folder(folder)
    (folder / name).write_text("[]", encoding="utf-8")
    with pytest.raises(PosteriorError, match="is not what a fit writes"):
        read_fit_folder(folder)


def test_draws_that_the_model_cannot_take_are_all_named(folder: Path) -> None:
    for name in (NAMES[0],):
        text = (folder / name).read_text(encoding="utf-8").splitlines()
        columns = text[0].split(",")
        k = columns.index("slip")
        values = text[1].split(",")
        values[k] = "99"
        (folder / name).write_text("\n".join([text[0], ",".join(values), *text[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(PosteriorError, match=r"slip = 99 is outside 0 to 1\.5"):
        read_fit_folder(folder)


def test_a_fit_with_weights_that_cannot_be_trusted_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not published"):
        write_fit(calibrate((300,), seed=5), tmp_path / "no", 100)
    assert not (tmp_path / "no").exists()


def test_the_manifest_is_plain_json(fitted: tuple[Fit, Path]) -> None:
    whole = json.loads((fitted[1] / INPUTS).read_text(encoding="utf-8"))
    assert {"version", "rules", "priors", "held", "targets", "priors_file"} == set(whole)
