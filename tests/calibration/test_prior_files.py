"""Priors as a file: what is written is what is drawn; the template changes nothing; mistakes are all told at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from problem_lists import Mistake, check_mistake, problems_of, read_mistakes, write_file
from scipy.special import ndtr

from simulator.calibration.fit import calibrate
from simulator.calibration.likelihood import list_factors
from simulator.calibration.prior_file import PriorFile, describe_prior, read_priors, write_prior_template
from simulator.common.yaml_nodes import Problem
from simulator.declarations.priors import Beta, HalfNormal, Triangular, Uniform
from simulator.runs.posterior import BIAS

pytestmark = pytest.mark.calibration

WHY = "because: b, evidence: [], assumption: true"
HEAD = "title: T\npriors:\n"
GOOD = f"{HEAD}  pull_chief: {{prior: half normal, scale: 3, {WHY}}}\n"


def read(folder: Path, text: str) -> PriorFile:
    return read_priors(write_file(folder, text))


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    return problems_of(lambda: read(folder, text))


def test_a_file_gives_the_priors_and_the_values_held_that_it_says(tmp_path: Path) -> None:
    lines = [
        f"  pull_chief: {{prior: half normal, scale: 3, {WHY}}}",
        f"  enforcement_start: {{prior: Beta, a: 1, b: 5, {WHY}}}",
        f"  custom_spread: {{prior: triangular, low: 0.1, mode: 0.5, high: 2, {WHY}}}",
        f"  {BIAS}: {{prior: uniform, low: 0.5, high: 2, because: b, evidence: [E12]}}",
        f"  pull_finance: {{hold: 0, {WHY}}}",
    ]
    mine = read(tmp_path, HEAD + "\n".join(lines) + "\n")
    assert mine.title == "T"
    assert mine.priors == {
        "pull_chief": HalfNormal(3),
        "enforcement_start": Beta(1, 5),
        "custom_spread": Triangular(0.1, 0.5, 2),
        BIAS: Uniform(0.5, 2),
    }
    assert mine.held == {"pull_finance": 0.0}


def test_the_template_reads_back_as_the_priors_that_ship(tmp_path: Path) -> None:
    mine = read(tmp_path, write_prior_template())
    assert mine.priors == {f.name: f.prior for f in list_factors()}
    assert mine.held == {}


def test_a_factor_of_the_fit_has_the_prior_of_the_file_and_all_others_their_own(tmp_path: Path) -> None:
    mine = read(tmp_path, GOOD)
    for before, after in zip(list_factors(), list_factors(mine.priors), strict=True):
        assert after.prior == (HalfNormal(3) if after.name == "pull_chief" else before.prior), after.name


def test_a_fit_draws_from_the_priors_given(tmp_path: Path) -> None:
    narrow = read(tmp_path, f"{HEAD}  pull_chief: {{prior: half normal, scale: 0.5, {WHY}}}\n")
    plain, mine = (calibrate((400,), seed=4, priors=priors).weighted for priors in (None, narrow.priors))
    np.testing.assert_array_equal(plain.coordinates["pull_chief"], mine.coordinates["pull_chief"])
    u = np.clip(ndtr(plain.coordinates["pull_chief"]), 1e-15, 1 - 1e-15)
    np.testing.assert_allclose(mine.points["pull_chief"], HalfNormal(0.5).quantile(u), rtol=1e-9)
    assert plain.points["pull_chief"].mean() > 3 * mine.points["pull_chief"].mean()
    np.testing.assert_array_equal(plain.points["slip"], mine.points["slip"])


def test_a_prior_of_what_is_not_uncertain_is_refused_by_the_fit_too() -> None:
    with pytest.raises(ValueError, match="not an uncertain parameter, so it has no prior: colour"):
        calibrate((10,), priors={"colour": HalfNormal(1)})


BAD = [
    *read_mistakes(Path(__file__).with_name("bad_priors.txt")),
    ("title: T\n", "", 1, "title", "is missing"),
    ("title: T\n", "title: T\ntargets: 3\n", 2, "targets", "is not a known key"),
    (GOOD, "title: T\n", 1, "priors", "must be a mapping from a name"),
    (GOOD, "title: T\npriors:\n  pull_chief: 3\n", 3, "priors.pull_chief", "must be a mapping such as"),
]


@pytest.mark.parametrize("mistake", BAD)
def test_one_mistake_in_priors_is_told_with_its_line_and_its_place(tmp_path: Path, mistake: Mistake) -> None:
    check_mistake(mistake, GOOD, lambda text: problems(tmp_path, text))


def test_all_mistakes_in_priors_come_in_one_message(tmp_path: Path) -> None:
    text = (
        "priors:\n"
        f"  pull_cheif: {{prior: half normal, scale: 3, {WHY}}}\n"
        f"  pull_chief: {{prior: normal, mean: 1, sd: -1, {WHY}}}\n"
        "  slip: {hold: 0.5, because: b}\n"
    )
    assert [(p.line, p.path) for p in problems(tmp_path, text)] == [
        (1, "title"),
        (2, "priors.pull_cheif"),
        (3, "priors.pull_chief.sd"),
        (4, "priors.slip.evidence"),
    ]


def test_a_prior_is_described_as_a_file_writes_it() -> None:
    assert describe_prior(HalfNormal(3)) == "half normal, scale: 3"
    assert describe_prior(Beta(2, 4)) == "beta, a: 2, b: 4"


def test_only_the_text_decides_the_fingerprint(tmp_path: Path) -> None:
    first = read(tmp_path, GOOD)
    assert read(tmp_path, GOOD.replace("\n", "\r\n")).fingerprint == first.fingerprint
    assert read(tmp_path, GOOD.replace("scale: 3", "scale: 4")).fingerprint != first.fingerprint
