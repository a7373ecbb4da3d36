"""How heavy a tail is, against generalised Pareto tails of known shape."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import logsumexp

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.stats import pareto_k as psis
from simulator.experiments.stats.pareto_k import FEWEST, estimate_pareto_k

pytestmark = pytest.mark.experiments

SHAPES = (-0.5, -0.25, 0.0, 0.3, 0.5, 0.7, 1.0)
N = 20_000


def tail(shape: float, n: int = N, seed: int = 1) -> Floats:
    """Log weights whose weights are 2 plus a generalised Pareto number of this shape."""
    u = draw_uniforms(n, seed, "tail")
    return np.log(2 - np.log1p(-u) if shape == 0 else 2 + np.expm1(-shape * np.log1p(-u)) / shape)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_of_a_generalised_pareto_tail_is_found(shape: float, seed: int) -> None:
    assert estimate_pareto_k(tail(shape, seed=seed)) == pytest.approx(shape, abs=0.2)


@pytest.mark.parametrize("shape", [0.5, 0.7, 1.0])
def test_the_wrong_sign_would_be_seen(shape: float) -> None:
    """Weights turned upside down are bounded, whatever their tail was; and an untrustworthy one would pass."""
    assert estimate_pareto_k(-tail(shape)) < 0.3 < estimate_pareto_k(tail(shape))


def test_heavier_tails_have_larger_shapes() -> None:
    pareto_ks = [estimate_pareto_k(tail(shape)) for shape in SHAPES]
    assert pareto_ks == sorted(pareto_ks)


def test_the_library_s_own_smoothing_of_weights_agrees_once_its_sign_is_turned() -> None:
    from arviz_stats.base.array import array_stats

    logs = tail(0.7)
    assert float(array_stats.psislw(-logs)[1]) == pytest.approx(estimate_pareto_k(logs), abs=1e-6)
    assert abs(float(array_stats.psislw(logs)[1]) - estimate_pareto_k(logs)) > 0.4


@pytest.mark.parametrize("wrong", [lambda w: 1 / w, np.log, lambda w: -np.log(w)], ids=["sign", "log", "both"])
def test_a_library_that_turns_the_sign_or_takes_logarithms_is_refused(
    wrong: Callable[[Floats], Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = psis._fit_shape
    monkeypatch.setattr(psis, "_fit_shape", lambda weights: honest(wrong(weights)))
    with pytest.raises(RuntimeError, match="for a tail of known shape"):
        estimate_pareto_k(tail(0.5))


@pytest.mark.parametrize("shift", [-5_000.0, 0.0, 800.0])
def test_weights_need_not_be_normalised_nor_in_order(shift: float) -> None:
    logs = tail(0.5)
    order = np.argsort(draw_uniforms(N, 3, "order"))
    assert estimate_pareto_k(logs[order] + shift) == pytest.approx(estimate_pareto_k(logs - logsumexp(logs)), abs=1e-6)


@pytest.mark.parametrize("n", [2, 10, 300, 5_000])
def test_tied_weights_are_bounded(n: int) -> None:
    assert estimate_pareto_k(np.zeros(n)) == -np.inf


def test_weights_tied_but_for_rounding_are_bounded() -> None:
    assert estimate_pareto_k(1e-13 * draw_uniforms(1_000, 1, "rounding")) == -np.inf


@pytest.mark.parametrize("values", [2, 3, 9])
def test_weights_with_few_values_do_not_raise_and_are_bounded(values: int) -> None:
    """As the likelihood of counts gives them."""
    assert estimate_pareto_k(np.floor(values * draw_uniforms(5_000, 1, "value"))) < 0


def test_a_heavy_tail_above_many_tied_weights_is_found() -> None:
    logs = np.concatenate([np.full(40_000, -1.0), tail(0.9, 400)])
    assert estimate_pareto_k(logs) == pytest.approx(0.9, abs=0.3)


def test_points_without_weight_do_not_hide_a_tail() -> None:
    logs = np.concatenate([np.full(N, -np.inf), np.full(N, -5_000.0), tail(0.7)])
    assert estimate_pareto_k(logs) == pytest.approx(0.7, abs=0.2)


def test_too_few_weights_for_a_tail_are_not_trusted() -> None:
    nothing = np.full(1_000, -np.inf)
    assert estimate_pareto_k(np.concatenate([nothing, np.arange(FEWEST - 1.0)])) == np.inf
    assert estimate_pareto_k(np.concatenate([nothing, np.arange(5.0)])) == np.inf
    assert estimate_pareto_k(np.concatenate([nothing, [0.0]])) == np.inf


@pytest.mark.parametrize("logs", [[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf], []])
def test_weights_that_are_none_are_refused(logs: list[float]) -> None:
    with pytest.raises(ValueError, match="finite, and not all zero"):
        estimate_pareto_k(np.array(logs))


def test_importance_weights_of_a_normal_by_a_narrower_one_have_the_shape_that_theory_gives() -> None:
    """A standard normal weighed against one with standard deviation s has shape 1 - s^2."""
    from scipy.special import ndtri

    z = 0.6 * ndtri(draw_uniforms(200_000, 4, "z"))
    assert estimate_pareto_k(-0.5 * z**2 + 0.5 * (z / 0.6) ** 2) == pytest.approx(1 - 0.6**2, abs=0.2)


def test_the_simulator_loads_without_the_library() -> None:
    code = (
        "import sys, simulator, simulator.experiments.stats.pareto_k; print([m for m in sys.modules if 'arviz' in m])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
