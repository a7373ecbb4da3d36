"""Every question of a notebook gives an answer that prints, becomes a table, is drawn, saved and loaded."""

from __future__ import annotations

import doctest
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest

import simulator as rf
from simulator.common.presentable import PictureColumns, Presentable
from simulator.notebook import factor_questions, policy_questions

matplotlib.use("Agg")

pytestmark = pytest.mark.interface

FENCE = {"ringfence": 1.0, "waiver": 0.0}
RIVALS = ("ringfence", "leadership", "baseline")
FACTORS = ["pull_ringfence", "enforcement_start", "pull_chief"]

QUESTIONS: dict[str, Callable[[], Presentable]] = {
    "compare": lambda: rf.compare("ringfence", n=100),
    "equivalence": lambda: rf.equivalence("leader_lift", FENCE, draws=20, replicates=1, steps=5),
    "break_even": lambda: rf.break_even(draws=20, replicates=1),
    "attribution": lambda: rf.attribution("ringfence+leadership", n=100),
    "variance_split": lambda: rf.variance_split("ringfence", draws=20, replicates=2),
    "robustness": lambda: rf.robustness(RIVALS, draws=20, replicates=2, threshold=0.8),
    "evppi": lambda: rf.evppi(RIVALS[:2], ["enforcement_start"], draws=200, replicates=2),
    "packages": lambda: rf.packages(
        {"leader_lift": 0.5, "audit": 1.0}, {"leader_lift": 2.0, "audit": 1.0}, hold=FENCE, draws=30, most=6
    ),
    "sobol": lambda: rf.sobol("ringfence", over=FACTORS, blocks=32),
    "morris": lambda: rf.morris("ringfence", over=FACTORS, walks=8, replicates=1),
    "pawn": lambda: rf.pawn("ringfence", draws=200, replicates=1, over=FACTORS),
    "main_effects": lambda: rf.main_effects("ringfence", "baseline", draws=200, replicates=1, over=FACTORS),
    "discover": lambda: rf.discover("baseline", below=0.6, points=300, over=FACTORS),
}


@pytest.fixture(scope="module", params=QUESTIONS)
def answer(request: pytest.FixtureRequest) -> Presentable:
    asked = QUESTIONS[request.param]()
    assert asked.question == request.param
    return asked


def test_an_answer_prints_its_sentence_and_what_it_rests_on(answer: Presentable) -> None:
    assert len(repr(answer)) < 600
    assert answer.sentence in str(answer)
    assert "uncertain numbers are not pinned" in answer.assumes or "drawn from their priors" in answer.assumes
    html: Any = answer
    assert "<table" in html._repr_html_()


def test_an_answer_is_saved_and_comes_back_with_every_digit(answer: Presentable, tmp_path: Path) -> None:
    path = answer.save(tmp_path / "answer.json")
    back = rf.load(path)
    assert isinstance(back, Presentable)
    assert (back.question, back.sentence, back.assumes) == (answer.question, answer.sentence, answer.assumes)
    pd.testing.assert_frame_equal(back.to_frame(), answer.to_frame(), check_dtype=False)
    assert json.loads(json.dumps(back.to_dict())) == json.loads(json.dumps(answer.to_dict()))


def test_an_answer_is_drawn_into_axes_of_ones_own(answer: Presentable) -> None:
    from matplotlib import pyplot

    figure, own = pyplot.subplots()
    axes = answer.plot(own)
    assert axes is own
    assert axes.get_xlabel()
    assert axes.patches or axes.lines
    pyplot.close(figure)


def test_a_bar_is_as_long_as_its_number_and_its_interval_reaches_both_ends() -> None:
    from matplotlib import pyplot

    shares = rf.attribution("ringfence+leadership", n=100)
    axes, table = shares.plot(), shares.to_frame()
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(table["share"].tolist())
    (lines,) = axes.collections
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(ends, table[["share low", "share high"]])
    pyplot.close(axes.figure)


def test_the_shares_of_an_attribution_add_up_to_what_compare_says() -> None:
    table = rf.attribution("ringfence+leadership", n=100).to_frame()
    whole = rf.compare("ringfence+leadership", n=100).difference
    shares = table[table["part"] != "total"]["share"]
    assert shares.sum() == pytest.approx(whole, abs=1e-12)


def test_one_parameter_is_worth_no_more_than_all_of_them() -> None:
    table = rf.evppi(RIVALS[:2], ["enforcement_start", "pull_chief"], draws=200, replicates=2).to_frame()
    perfect, *single = table.to_dict("records")
    assert perfect["name"] == "everything"
    assert all(row["low"] <= perfect["high"] for row in single)


def test_results_that_exist_answer_as_before_and_after_they_were_saved(tmp_path: Path) -> None:
    results = rf.run("ringfence", 300)
    back = rf.load(results.save(tmp_path / "results.nc"))
    for ask in (rf.pawn, rf.main_effects):
        first, second = (ask(made, over=FACTORS).to_frame() for made in (results, back))
        pd.testing.assert_frame_equal(first, second)
    box = rf.discover(back, below=0.85, over=FACTORS)
    assert box.result.n == 300
    with pytest.raises(ValueError, match="leave `against` out"):
        rf.pawn(results, "baseline")
    with pytest.raises(ValueError, match="pull_chef: not among the parameters"):
        rf.pawn(results, over=["pull_chef"])


def test_evidence_of_ones_own_takes_the_posteriors_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: A belief\nbecause: For the test.\nstatements:\n"
        "  - {claim: leadership > ringfence, outcome: retained, credence: 0.95, because: For the test.}\n",
        encoding="utf-8",
    )
    believed = rf.robustness(RIVALS[:2], draws=50, replicates=1, beliefs=rf.read_evidence(path))
    shipped = rf.robustness(RIVALS[:2], draws=50, replicates=1)
    best = [asked.to_frame().set_index("policy")["best"]["Stronger leadership"] for asked in (believed, shipped)]
    assert best[0] > best[1]
    assert "piece of your own evidence" in believed.assumes


def test_what_cannot_be_asked_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="give either below= or above="):
        rf.discover("baseline")
    with pytest.raises(ValueError, match="over is a list of names"):
        rf.sobol("ringfence", over="pull_chief")
    with pytest.raises(LookupError, match="pull_chef"):
        rf.morris("ringfence", over=["pull_chef"])
    with pytest.raises(ValueError, match="give every lever a cost"):
        rf.packages({"audit": 1.0}, {})
    with pytest.raises(ValueError, match="by='parts'"):
        rf.attribution("ringfence+leadership", by="parts")
    with pytest.raises(ValueError, match="there is nothing to split"):
        rf.variance_split("baseline", draws=10, replicates=2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON"),
        ("{}", "holds no answer"),
        ('{"format": "ringfence-answer-1", "table": {"a": [1]}, "picture": {}}', "holds no whole answer"),
        ('{"format": "ringfence-answer-1", "table": [], "picture": {}}', "holds no whole answer"),
    ],
)
def test_a_file_that_holds_no_answer_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        rf.load(path)
    with pytest.raises(ValueError, match="cannot be read"):
        rf.load(tmp_path / "none.json")


def test_an_answer_is_saved_as_json_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"name the file x\.json"):
        rf.compare("ringfence", n=100).save(tmp_path / "x.csv")


def test_numbers_that_are_not_finite_survive_a_file(tmp_path: Path) -> None:
    answer = rf.equivalence("leader_lift", FENCE, draws=20, replicates=1, steps=5)
    assert np.isinf(answer.to_frame()["equivalent"]).any()
    back = rf.load(answer.save(tmp_path / "x.json"))
    np.testing.assert_array_equal(back.to_frame()["equivalent"], answer.to_frame()["equivalent"])


def test_without_matplotlib_a_picture_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ValueError, match="install it"):
        rf.compare("ringfence", n=100).plot()


def test_results_are_drawn_year_by_year() -> None:
    from matplotlib import pyplot

    results = rf.run("ringfence", 100)
    axes = results.plot("retained")
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), results.each_year("retained").mean(axis=0))
    assert axes.get_title() == results.manifest.title
    pyplot.close(axes.figure)


def test_a_scenario_is_made_from_a_dictionary_as_from_its_file() -> None:
    document: dict[str, Any] = {
        "title": "A test",
        "question": "What if?",
        "extends": "baseline",
        "changes": {
            "audit": {"to": 1, "from": "2028/29 Q1", "because": "Why not?", "evidence": [], "assumption": True}
        },
    }
    made = rf.Scenario.from_dict(document)
    assert made.lever("audit")[-1] == 1
    assert rf.Scenario.from_dict({**document, "title": "Another"}).fingerprint == made.fingerprint
    with pytest.raises(ValueError, match="audits") as caught:
        rf.Scenario.from_dict({**document, "changes": {"audits": document["changes"]["audit"]}, "colour": "red"})
    assert "colour" in str(caught.value)


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    for module in (policy_questions, factor_questions):
        failed, _ = doctest.testmod(module)
        assert not failed


def test_pictures_are_drawn_from_columns_that_the_tables_have(answer: Presentable) -> None:
    columns: PictureColumns = answer.picture
    named = {columns.label, columns.value, columns.low, columns.high, columns.half_width} - {""}
    assert named <= set(answer.to_frame().columns)
