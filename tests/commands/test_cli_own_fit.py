"""A fit of one's own for other commands: drawn from, named in what they print, and refused where it cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import simulator as rf
from simulator.calibration import fit as fit_module
from simulator.calibration.fit import calibrate
from simulator.calibration.fit_folder import read_fit_folder, write_fit
from simulator.calibration.prior_file import PriorFile
from simulator.commands.cli import app
from simulator.declarations.priors import HalfNormal
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import current_posterior, shipped_posterior

pytestmark = pytest.mark.interface

WEAK = PriorFile("Weak chiefs", {"pull_chief": HalfNormal(0.2)}, {}, "title: Weak chiefs\n")
FEW = ("-n", "60", "--years", "2028/29")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fit of few points in which chiefs hardly matter."""
    path = tmp_path_factory.mktemp("own") / "weak"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("LEAST_EFFECTIVE", 1), ("LARGEST_WEIGHT", 1), ("LARGEST_K", np.inf)):
            patch.setattr(fit_module, name, value)
        write_fit(calibrate((2_000,), seed=5, priors=WEAK.priors), path, 1_000, priors=WEAK)
    return path


def ring(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def bad(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code != 0
    return result.stderr


def test_a_run_draws_from_the_folder_and_says_so_everywhere(folder: Path) -> None:
    mine = read_fit_folder(folder)
    answer = json.loads(ring("run", "leadership", "--posterior", folder, *FEW, "--json"))
    pinned = f"{folder}@{mine.fingerprint}"
    assert answer["manifest"]["posterior"] == [["--posterior", pinned]]
    assert f"posterior of your own: {folder} (fingerprint {mine.fingerprint})" in answer["badge"]
    assert f"--posterior {pinned}" in answer["command"]
    again = json.loads(ring(*answer["command"].split()[1:], "--json"))
    assert again["outcomes"] == answer["outcomes"]
    shipped = json.loads(ring("run", "leadership", *FEW, "--json"))
    assert shipped["outcomes"] != answer["outcomes"]
    assert "--posterior" not in shipped["command"]


def test_where_chiefs_hardly_matter_leadership_adds_less(folder: Path) -> None:
    mine, shipped = (rf.compare("leadership", n=200, beliefs=fit) for fit in (rf.read_fit(folder), None))
    assert mine.difference < shipped.difference / 2


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "leadership", "--posterior", "FOLDER", "-n", 100),
        ("replay", "dental", "--posterior", "FOLDER", "-n", 40),
        ("scoreboard", "--posterior", "FOLDER", "-n", 20),
        ("why", "leadership", "--posterior", "FOLDER", "--run", 3, "--board", "QWE", "--year", "2028/29"),
        ("attribute", "ringfence+leadership", "--posterior", "FOLDER", "-n", 20),
        ("split", "leadership", "--posterior", "FOLDER", "--draws", 20, "--replicates", 2),
        ("robust", "--posterior", "FOLDER", "--draws", 20, "--replicates", 1),
    ],
    ids=lambda words: words[0],
)
def test_commands_that_draw_from_the_posterior_take_a_folder(folder: Path, words: tuple[object, ...]) -> None:
    ring(*(str(folder) if word == "FOLDER" else word for word in words))


def test_saved_results_keep_the_name_of_the_posterior(folder: Path, tmp_path: Path) -> None:
    fit = rf.read_fit(folder)
    rf.run("leadership", n=20, beliefs=fit).save(tmp_path / "x.nc")
    manifest = rf.load_results(tmp_path / "x.nc").manifest
    assert manifest.posterior == (("--posterior", f"{folder}@{fit.fingerprint}"),)


def test_a_notebook_draws_from_a_folder_only_where_it_says_so(folder: Path) -> None:
    fit = rf.read_fit(folder)
    assert draw_futures(20, beliefs=fit).fingerprint != draw_futures(20).fingerprint
    assert draw_futures(20, beliefs=fit).badge != draw_futures(20).badge
    assert current_posterior() is shipped_posterior()


def test_a_folder_does_not_go_with_another_source_and_one_that_is_not_used_is_said(folder: Path) -> None:
    assert "--posterior changes the posterior, and --source prior draws nothing" in bad(
        "run", "leadership", "--posterior", folder, "--source", "prior"
    )
    assert "there is no folder 'nowhere'" in bad("run", "leadership", "--posterior", "nowhere")
