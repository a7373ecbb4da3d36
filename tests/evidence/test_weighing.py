"""What evidence does to a posterior: weights, draws, what is taken back, what is flagged, statements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.common.errors import InputError
from simulator.evidence.conflicts import describe_chance
from simulator.evidence.evidence import Evidence, weigh_evidence
from simulator.evidence.observations import BoardRow, NationalFigure, Observation, Statement
from simulator.evidence.statements import fit_statements
from simulator.experiments.stats.pareto_smoothing import smooth_weights
from simulator.runs.futures import draw_futures
from simulator.runs.posterior import Posterior, current_posterior, drawing_from, shipped_posterior
from simulator.runs.run import run

pytestmark = pytest.mark.calibration

QWO, QF7 = BoardRow("QWO", 0, "retained", 1.0, 0.05), BoardRow("QF7", 0, "retained", 0.0, 0.05)


def small(n: int = 300) -> Posterior:
    """The first draws of the shipped posterior, as one by itself."""
    shipped = shipped_posterior()
    return replace(shipped, draws={name: column[:n] for name, column in shipped.draws.items()})


BASE = small()


def evidence(*observations: Observation) -> Evidence:
    return Evidence("A title", "A reason", observations)


def test_the_order_of_rows_decides_nothing() -> None:
    one, other = (weigh_evidence(evidence(*rows), BASE) for rows in ((QWO, QF7), (QF7, QWO)))
    assert np.array_equal(one.weights, other.weights)
    for name, column in one.posterior.draws.items():
        assert np.array_equal(column, other.posterior.draws[name])


def test_taking_a_row_back_gives_the_former_posterior_bit_for_bit() -> None:
    first = weigh_evidence(evidence(QWO), small()).posterior
    both = weigh_evidence(evidence(QWO, QF7), small()).posterior
    again = weigh_evidence(evidence(QWO), small()).posterior
    assert all(np.array_equal(column, again.draws[name]) for name, column in first.draws.items())
    assert not all(np.array_equal(column, both.draws[name]) for name, column in first.draws.items())
    assert weigh_evidence(evidence(), BASE).posterior is BASE


def test_what_is_in_the_fit_already_moves_nothing() -> None:
    assert weigh_evidence(evidence(replace(QWO, in_fit=True)), BASE).posterior is BASE


def test_draws_are_those_of_the_pool_as_often_as_their_weight_says() -> None:
    update = weigh_evidence(evidence(QWO, QF7), BASE)
    drawn = update.posterior.draws["row"]
    counts = np.array([(drawn == row).sum() for row in BASE.draws["row"]])
    shared = np.array([update.weights[BASE.draws["row"] == row].sum() for row in BASE.draws["row"]])
    assert (np.abs(counts - len(drawn) * shared) < 1.0 + 1e-9).all()


def test_figures_of_england_weigh_the_sets_that_give_them() -> None:
    figure = NationalFigure("retained", (0, 1), 0.5, 0.02)
    update = weigh_evidence(evidence(figure), BASE)
    levels = run("baseline", futures=draw_futures(300, seed=3, beliefs=update.posterior)).outcome("retained", "2022/23")
    before = run("baseline", futures=draw_futures(300, seed=3, beliefs=BASE)).outcome("retained", "2022/23")
    assert levels.mean() < before.mean() - 0.05


def test_a_row_that_the_model_did_not_expect_is_flagged_and_others_are_not() -> None:
    wrong = BoardRow("QHM", 1, "additional", 0.98, 0.02)
    surprises = {s.label: s for s in weigh_evidence(evidence(QWO, QF7, wrong), BASE).surprises}
    assert surprises[wrong.label].unexpected and "did not expect this: " in surprises[wrong.label].sentence
    assert not surprises[QWO.label].unexpected and not surprises[QF7.label].unexpected


def test_rows_of_a_board_that_contradict_each_other_are_flagged_together() -> None:
    planned = BoardRow("QWO", 0, "planned", 0.0, 0.01)
    together = [s for s in weigh_evidence(evidence(QWO, planned), BASE).surprises if s.label == "all rows together"]
    assert together[0].unexpected
    fine = weigh_evidence(evidence(QWO, replace(planned, value=1.0)), BASE).surprises
    assert not any(s.unexpected for s in fine)


@pytest.mark.parametrize(
    ("chance", "said"), [(0.05, "1 in 20"), (0.00497, "1 in 200"), (0.3, "1 in 3"), (1e-5, "less than 1 in 1,000")]
)
def test_small_chances_are_said_as_people_say_them(chance: float, said: str) -> None:
    assert describe_chance(chance) == said


def test_a_statement_gets_its_credence_and_nothing_else_on_either_side_moves() -> None:
    rng = np.random.default_rng(1)
    weights, holds = rng.random(500), rng.random(500) < 0.3
    weights /= weights.sum()
    claim = Statement("leadership", "ringfence", "retained", 0.7, "x")
    fitted = fit_statements(weights, [holds], [claim])
    assert fitted[holds].sum() == pytest.approx(0.7)
    for side in (holds, ~holds):
        ratio = fitted[side] / weights[side]
        assert ratio == pytest.approx(np.full(side.sum(), ratio[0]))


def test_several_statements_hold_together_and_move_the_weights_least() -> None:
    """Iterated fitting ends at the weights of least divergence: an exponential family in the claims."""
    rng = np.random.default_rng(2)
    first, second = rng.random((2, 400)) < 0.5
    claims = [Statement("a", "b", "retained", 0.8, "x"), Statement("c", "d", "retained", 0.3, "x")]
    fitted = fit_statements(np.full(400, 1 / 400), [first, second], claims)
    assert fitted[first].sum() == pytest.approx(0.8) and fitted[second].sum() == pytest.approx(0.3)
    cells = [float(np.log(fitted[(first == a) & (second == b)][0])) for a in (False, True) for b in (False, True)]
    assert cells[0] - cells[1] - cells[2] + cells[3] == pytest.approx(0, abs=1e-6)


def test_statements_that_cannot_all_hold_are_refused_in_words() -> None:
    holds = np.arange(100) < 40
    claims = [Statement("a", "b", "retained", 0.8, "x"), Statement("b", "a", "retained", 0.8, "x")]
    with pytest.raises(InputError, match="cannot all hold: 'a > b' on retained gets 20% where 80% is stated"):
        fit_statements(np.full(100, 0.01), [holds, ~holds], claims)
    with pytest.raises(InputError, match="no parameter set of the posterior has it so"):
        fit_statements(np.full(100, 0.01), [np.zeros(100, bool)], claims[:1])


def test_policies_follow_what_is_stated() -> None:
    claim = Statement("leadership", "ringfence", "retained", 0.9, "x")
    update = weigh_evidence(evidence(claim), BASE)
    assert update.credences[0][1] < 0.6 and update.effective < update.pool
    assert "1 piece of your own evidence" in update.posterior.badge


def test_weak_evidence_is_said_to_be_weak() -> None:
    rows = [BoardRow(code, 0, "retained", 0.5, 0.02) for code in ("QWO", "QF7", "QHM", "QE1", "QYG", "QOP")]
    update = weigh_evidence(evidence(*rows), BASE)
    assert update.effective < 200 and any("this answer is weak" in remark for remark in update.remarks)


def test_the_posterior_that_is_drawn_from_is_chosen_for_a_while() -> None:
    assert current_posterior() is shipped_posterior()
    with drawing_from(BASE):
        assert current_posterior() is BASE
        with drawing_from(None):
            assert current_posterior() is BASE
    assert current_posterior() is shipped_posterior()


def test_evidence_that_is_drawn_from_weighs_what_was_drawn_from_before_and_counts_once() -> None:
    mine = evidence(QWO)
    with drawing_from(BASE), drawing_from(mine):
        weighed = current_posterior()
        assert weighed is weigh_evidence(mine, BASE).posterior and weighed is not BASE
        with drawing_from(mine):
            assert current_posterior() is weighed
        assert draw_futures(5, seed=3, beliefs=mine).points.tobytes() == draw_futures(5, seed=3).points.tobytes()
        with drawing_from(evidence(QF7)):
            assert current_posterior() is weigh_evidence(evidence(QF7), weighed).posterior
    assert current_posterior() is shipped_posterior()


def test_beliefs_are_for_the_posterior_alone() -> None:
    with pytest.raises(InputError, match="leave out one"):
        draw_futures(5, source="prior", beliefs=BASE)
    with pytest.raises(InputError, match="leave out beliefs"):
        run("baseline", futures=draw_futures(5), beliefs=BASE)


def test_smoothing_tames_the_largest_weight_and_keeps_the_order() -> None:
    logs = np.random.default_rng(3).normal(0, 2.0, 2_000)
    smoothed, k = smooth_weights(logs)
    assert k > 0.3
    assert np.array_equal(np.argsort(smoothed[np.argsort(logs)]), np.arange(2_000))
    share = [np.exp(x - x.max())[np.argmax(logs)] / np.exp(x - x.max()).sum() for x in (logs, smoothed)]
    assert share[1] < share[0]


def test_even_weights_stay_even() -> None:
    smoothed, _ = smooth_weights(np.zeros(500))
    assert np.array_equal(smoothed, np.zeros(500))
