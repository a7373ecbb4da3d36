"""Beliefs by quartiles: questions as data, answers that hold afterwards, feedback, and two people held together."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import numpy as np
import pytest

from simulator.common.bounded_cache import BoundedCache
from simulator.common.errors import InputError, UnknownNameError
from simulator.evidence import questions
from simulator.evidence.belief_comparison import BeliefComparison, Gap, compare_believers
from simulator.evidence.elicitation import (
    describe_model_answers,
    fit_answer,
    give_feedback,
    read_answers_of,
    state_beliefs,
    write_belief_file,
)
from simulator.evidence.evidence import Update, weigh_evidence
from simulator.evidence.observation_file import EvidenceError, parse_evidence
from simulator.evidence.questions import answer_questions, list_questions
from simulator.evidence.weighing import make_records
from simulator.runs.posterior import ROW, Posterior, drawing_from, shipped_posterior

pytestmark = pytest.mark.calibration

HEAD = "title: T\nbecause: b\n"


def small(n: int = 400) -> Posterior:
    whole = shipped_posterior()
    return Posterior(MappingProxyType({k: v[:n] for k, v in whole.draws.items()}), whole.document)


BASE = small()


def answers(update: Update, name: str) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    _, sets = np.unique(BASE.draws[ROW], return_inverse=True)
    return answer_questions(make_records(BASE, len(BASE)), sets, [name])[name], update.weights


def test_questions_are_about_what_people_have_seen_and_the_model_answers_as_it_should() -> None:
    """Better chiefs, balance and audit help on average, in the model as it ships."""
    assert list(list_questions()) == ["plain", "balanced", "strong_chief", "weak_chief", "labelled", "audited"]
    assert all(text.startswith("Of 100 boards") and text.endswith("?") for text in list_questions().values())
    _, sets = np.unique(BASE.draws[ROW], return_inverse=True)
    means = {k: v.mean() for k, v in answer_questions(make_records(BASE, 400), sets, list(list_questions())).items()}
    assert means["weak_chief"] < means["plain"] < means["strong_chief"] < means["audited"]
    assert means["plain"] < means["labelled"] < means["audited"] and means["plain"] < means["balanced"]


def test_draws_of_one_parameter_set_give_one_answer() -> None:
    sets = np.array([0, 1, 0, 1, 2])
    values = answer_questions(make_records(BASE, 5)[[0, 1, 0, 1, 2]], sets, ["plain"])["plain"]
    assert values[0] == values[2] and values[1] == values[3] and len(values) == 5


def test_what_is_remembered_of_an_answer_is_of_the_same_parameter_sets_and_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, sets = make_records(BASE, 6), np.arange(3)

    def ask() -> list[list[float]]:
        asked = [(part, name) for part in (points[:3], points[3:]) for name in ("plain", "audited")]
        return [answer_questions(part, sets, [name])[name].tolist() for part, name in asked]

    remembered = ask()
    for room in (10**6, 1):
        monkeypatch.setattr(questions, "_ANSWERED", BoundedCache(room, lambda values: values.nbytes))
        assert ask() == remembered
    assert len({tuple(answer) for answer in remembered}) == 4


def test_what_is_stated_holds_afterwards_and_nothing_within_a_quarter_moves() -> None:
    quartiles = (12.0, 22.0, 35.0)
    update = weigh_evidence(state_beliefs({"plain": quartiles}), BASE)
    values, weights = answers(update, "plain")
    for quartile, p in zip(quartiles, (0.25, 0.5, 0.75), strict=True):
        assert weights[values < quartile / 100].sum() == pytest.approx(p, abs=1e-6)
    cells = np.searchsorted(np.array(quartiles) / 100, values, side="right")
    for cell in range(4):
        assert np.ptp(weights[cells == cell]) == pytest.approx(0, abs=1e-12)
    assert "1 piece of your own evidence" in update.posterior.badge


def test_answers_about_strong_chiefs_move_leadership_and_taking_them_back_restores_the_posterior() -> None:
    stated = state_beliefs({"strong_chief": (30, 45, 60), "plain": (8, 15, 25)})
    update = weigh_evidence(stated, BASE)
    pull = BASE.draws["pull_chief"]
    assert update.weights @ pull > pull.mean() + 0.3
    assert weigh_evidence(state_beliefs({}), BASE).posterior is BASE


def test_an_answer_that_no_parameter_set_gives_is_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"Fewer than 99.*cannot be believed to 25%: all have it so"):
        weigh_evidence(state_beliefs({"plain": (99, 99.3, 99.6)}), BASE)


def test_feedback_says_what_else_the_quartiles_mean() -> None:
    [sentence] = give_feedback((25, 30, 35))
    assert "1 chance in 20 of fewer than 18, and 1 in 20 of more than 42" in sentence
    assert "fewer than 27, of more than 33" in sentence and "normal, 30 and 7.41" in sentence
    assert "No simple curve has your quartiles" in give_feedback((1, 30, 32))[1]


def test_a_belief_file_is_evidence_with_a_name_and_a_date_and_is_read_as_it_was_written() -> None:
    stated = {"plain": (10.0, 20.0, 35.5), "audited": (80.0, 90.0, 95.0)}
    text = write_belief_file(stated, 'Jo "J" Smith', "additional", dt.date(2026, 11, 29))
    read = parse_evidence(text)
    assert read_answers_of(read) == stated
    assert (read.title, read.outcome) == ('What Jo "J" Smith expects, 29 November 2026', "additional")
    assert read.fingerprint == state_beliefs(stated, who="another").fingerprint
    assert (len(read.counted), read.pieces) == (6, 2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "beliefs:\n  - {question: plane, quartiles: [1, 2, 3]}\n",
            "4: beliefs[1].question: 'plane' is no question; did",
        ),
        ("beliefs:\n  - {quartiles: [1, 2, 3]}\n", "4: beliefs[1].question: is missing; there are plain, balanced"),
        ("beliefs:\n  - {question: plain}\n", "4: beliefs[1].quartiles: must be three numbers of 100"),
        ("beliefs:\n  - {question: plain, quartiles: [1, 2]}\n", "must be three numbers of 100"),
        ("beliefs:\n  - {question: plain, quartiles: [1, two, 3]}\n", "must be three numbers of 100"),
        ("beliefs:\n  - {question: plain, quartiles: [3, 2, 1]}\n", "3, 2 and 1 are no quartiles: they must rise"),
        ("beliefs:\n  - {question: plain, quartiles: [.nan, 2, 3]}\n", "beliefs[1].quartiles"),
        ("beliefs:\n  - {question: plain, quartile: [1, 2, 3]}\n", "did you mean 'quartiles'?"),
        (
            "outcome: retaned\nbeliefs:\n  - {question: plain, quartiles: [1, 2, 3]}\n",
            "3: outcome: 'retaned' is not one",
        ),
        (
            "beliefs:\n  - {question: plain, quartiles: [1, 2, 3]}\n  - {question: plain, quartiles: [2, 3, 4]}\n",
            "the question plain is answered twice",
        ),
    ],
)
def test_a_mistake_in_an_answer_is_said_with_its_line_and_how_to_mend_it(body: str, said: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_evidence(HEAD + body, "jo.yaml")
    assert said in str(caught.value)


def test_names_that_are_none_are_refused_in_a_notebook_too() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'plain'"):
        state_beliefs({"plane": (1, 2, 3)})
    with pytest.raises(UnknownNameError, match="headline outcomes"):
        state_beliefs({"plain": (1, 2, 3)}, outcome="deficits")
    with pytest.raises(InputError, match="give three numbers"):
        state_beliefs({"plain": (1, 2)})


def test_the_model_s_own_answers_stand_beside_what_was_stated() -> None:
    update = weigh_evidence(state_beliefs({"plain": (12, 22, 35)}), BASE)
    rows = describe_model_answers(update, {"plain": (12, 22, 35)})
    assert len(rows) == len(list_questions()) and rows[0]["You"] == "12, 22, 35" and rows[1]["You"] == ""
    after = [float(x) for x in rows[0]["After"].split(", ")]
    assert after == pytest.approx([12, 22, 35], abs=2)
    assert rows[0]["Before"] != rows[0]["After"]


# Two people.


def test_facts_and_values_add_up_and_each_alone_is_told_as_such() -> None:
    doubtful = {"strong_chief": (8, 15, 25), "plain": (8, 15, 25)}
    hopeful = {"strong_chief": (30, 45, 60), "plain": (8, 15, 25)}
    with drawing_from(BASE):
        both = compare_believers(
            state_beliefs(doubtful), state_beliefs(hopeful, outcome="additional"), names=("Al", "Bo"), n=200
        )
        same = compare_believers(state_beliefs(doubtful), state_beliefs(doubtful), n=100)
        values = compare_believers(state_beliefs(doubtful), state_beliefs(doubtful, outcome="additional"), n=100)
    assert both.facts + both.values == pytest.approx(both.apart)
    assert both.facts > 0.01 and both.apart > 0
    assert (same.apart, same.facts, same.values) == (0, 0, 0)
    assert values.facts == 0 and values.values == pytest.approx(values.apart) != 0
    assert both.rows[0]["question"] == "strong_chief", "what they differ about most stands first"
    assert both.rows[0]["first_larger"] == pytest.approx(0.13, abs=0.03)
    assert "Both would choose the same" in same.sentences[2] and "no more than sampling" in same.sentences[3]
    assert all(0 <= share <= 50 for share in both.other_way)
    assert any(line.startswith("Chance remains") for line in both.sentences)


def test_the_sharing_out_is_the_mean_of_switching_in_either_order() -> None:
    gaps = {
        (k, o): Gap(mean, 0.0, 50)
        for (k, o), mean in zip(((0, "a"), (0, "b"), (1, "a"), (1, "b")), (1, 2, 5, 9), strict=True)
    }
    made = BeliefComparison(("A", "B"), ("a", "b"), ({}, {}), gaps, (0, 0))
    assert (made.apart, made.facts, made.values) == (8, 5.5, 2.5)


def test_the_chance_that_one_answer_is_larger_is_even_for_equal_answers() -> None:
    made = BeliefComparison(("A", "B"), ("a", "a"), ({"plain": (10, 20, 35)}, {"plain": (10, 20, 35)}), {}, (0, 0))
    assert made.rows[0]["first_larger"] == pytest.approx(0.5, abs=0.01)
    assert fit_answer((10, 20, 35)).share_below(20) == pytest.approx(0.5, abs=0.05)
