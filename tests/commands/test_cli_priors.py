"""`ringfence priors`: other priors beside those of the fit, with how far their weights can be trusted."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from simulator.commands.cli import app

pytestmark = pytest.mark.interface

FEW = ("-n", 400)
OTHER = ("--prior", "pull_chief=half normal 1", "--prior", "pull_chief=half-normal, scale: 2")


def ring(*words: object) -> str:
    result = CliRunner().invoke(app, ["priors", *map(str, words)])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def bad(*words: object) -> str:
    result = CliRunner().invoke(app, ["priors", *map(str, words)])
    assert result.exit_code != 0
    return result.stderr


def test_each_prior_has_a_row_for_each_policy_and_the_first_are_as_fitted() -> None:
    answer = json.loads(ring("leadership", "ringfence", *OTHER, *FEW, "--json"))
    rows = answer["priors"]
    assert [(row["number"], row["prior"]) for row in rows[::2]] == [
        ("", ""),
        ("pull_chief", "half normal, scale: 1"),
        ("pull_chief", "half normal, scale: 2"),
    ]
    fitted, weak, _ = (row["mean"] for row in rows if row["policy"] == "Stronger leadership")
    assert weak < fitted
    assert all(0 < row["effective"] <= 400 for row in rows)
    again = json.loads(CliRunner().invoke(app, [*_split(answer["command"]), "--json"]).stdout)
    assert again["priors"] == rows


def _split(command: str) -> list[str]:
    import shlex

    return shlex.split(command)[1:]


def test_without_priors_those_of_the_numbers_that_carry_the_answer_are_tried() -> None:
    shown = ring("leadership", *FEW)
    assert "as fitted" in shown and "pull_chief" in shown
    assert "rests on the prior; the findings say little" in shown
    rows = list(csv.DictReader(io.StringIO(ring("leadership", *FEW, "--csv"))))
    assert len({row["number"] for row in rows}) == 4


def test_weights_that_cannot_be_trusted_are_marked() -> None:
    answer = json.loads(ring("leadership", "--prior", "pull_chief=normal 11.9 0.05", *FEW, "--json"))
    assert [row["trusted"] for row in answer["priors"]] == [True, False]
    assert "do not trust" in ring("leadership", "--prior", "pull_chief=normal 11.9 0.05", *FEW)


def test_every_mistake_in_a_prior_is_told_at_once() -> None:
    message = bad(
        *("--prior", "pull_cheif=half normal 1", "--prior", "pull_chief", "--prior", "slip=normal 1"),
        *("--prior", "slip=half normal 0", "--prior", "slip=uniform 2 1", "--prior", "slip=gamma 1"),
    )
    for words in (
        "'pull_cheif' is not an uncertain number; did you mean 'pull_chief'?",
        "'pull_chief' is not NAME=PRIOR",
        "a normal prior needs 2 numbers: mean, sd",
        "scale must be above 0",
        "needs low below high",
        "'gamma 1' is not a prior; write one of normal, half normal",
    ):
        assert words in message


def test_an_outcome_that_is_not_always_defined_is_refused() -> None:
    assert "is not defined in every future" in bad("--outcome", "pilots_renewed", "--years", "2022/23", "-n", 400)
