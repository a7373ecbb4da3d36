"""Splines: the same basis as scikit-learn's, fits with a fold left out, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiments.stats.spline_regression import (
    FOLDS,
    CrossFit,
    evaluate_splines,
    make_column_basis,
    make_joint_basis,
)

pytestmark = pytest.mark.experiments


def test_fits_are_those_of_scikit_learns_splines() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 300))
    theirs = preprocessing.SplineTransformer(n_knots=5, degree=3, knots="quantile").fit_transform(x[:, None])
    expected = theirs @ np.linalg.lstsq(theirs, y, rcond=None)[0]
    assert CrossFit(make_joint_basis([x]), y[:, None]).predict(np.ones(300))[0][:, 0] == pytest.approx(
        expected, abs=1e-5
    )


@pytest.mark.parametrize("degree", [2, 3])
def test_splines_are_those_of_scipy(degree: int) -> None:
    from scipy.interpolate import BSpline

    x = np.random.default_rng(degree).beta(0.5, 0.5, 400)
    at = np.quantile(x, np.linspace(0, 1, 5))
    knots = np.concatenate([[at[0]] * degree, at, [at[-1]] * degree])
    expected = BSpline.design_matrix(x, knots, degree).toarray()
    np.testing.assert_allclose(evaluate_splines(x, knots, degree), expected, rtol=1e-13, atol=1e-15)


def test_many_factors_keep_their_products_and_bend_less_where_rows_are_few() -> None:
    columns = list(np.random.default_rng(6).normal(size=(7, 5_000)))
    sizes = [make_joint_basis([x[:n] for x in columns]).shape[1] for n in (1_260, 1_120, 980, 840, 700)]
    assert sizes == [1 + 7 * bends + 21 for bends in (6, 5, 4, 3, 2)]
    parabola = columns[0][:700] ** 2
    fitted = CrossFit(make_joint_basis([x[:700] for x in columns]), parabola[:, None]).predict(np.ones(700))[1][:, 0]
    assert np.corrcoef(fitted, parabola)[0, 1] > 0.99


def test_a_factor_of_few_values_gets_one_step_a_value() -> None:
    basis = make_column_basis(np.array([0.0, 1.0, 2.0, 1.0, 0.0]))
    assert basis.tolist() == [[0, 0], [1, 0], [0, 1], [1, 0], [0, 0]]


def test_quantiles_that_coincide_make_fewer_columns_and_no_harm() -> None:
    x = np.r_[np.zeros(900), np.random.default_rng(1).uniform(size=100)]
    basis = make_column_basis(x)
    assert basis.shape[1] < make_column_basis(np.linspace(0, 1, 1_000)).shape[1]
    assert np.isfinite(basis).all()


def test_products_catch_what_factors_do_together_only() -> None:
    x, y = np.random.default_rng(2).normal(size=(2, 2_000))
    joint = CrossFit(make_joint_basis([x, y]), (x * y)[:, None]).predict(np.ones(2_000))[1][:, 0]
    alone = CrossFit(make_joint_basis([x]), (x * y)[:, None]).predict(np.ones(2_000))[1][:, 0]
    assert np.corrcoef(joint, x * y)[0, 1] > 0.99
    assert abs(np.corrcoef(alone, x * y)[0, 1]) < 0.1


def test_the_fit_of_a_fold_has_not_seen_its_own_results() -> None:
    rng = np.random.default_rng(3)
    x, noise = rng.normal(size=(2, 200))
    basis = make_joint_basis([x])
    inside, outside = CrossFit(basis, noise[:, None]).predict(np.ones(200))
    changed = noise.copy()
    changed[: 200 // FOLDS] += 1_000
    again_inside, again_outside = CrossFit(basis, changed[:, None]).predict(np.ones(200))
    first = slice(0, 200 // FOLDS)
    assert again_outside[first] == pytest.approx(outside[first])
    assert abs(again_inside[first] - inside[first]).min() > 1


def test_weights_count_as_copies_of_a_row() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 150))
    basis, copies = make_joint_basis([x]), np.repeat(np.arange(150), np.arange(150) % 3)
    weighted = CrossFit(basis, y[:, None]).predict(np.arange(150.0) % 3)[0]
    copied = CrossFit(basis[copies], y[copies, None]).predict(np.ones(len(copies)))[0]
    assert copied == pytest.approx(weighted[copies], abs=1e-6)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([np.ones(100)], "does not vary"),
        ([np.r_[np.nan, np.arange(99.0)]], "not finite"),
        (list(np.random.default_rng(5).normal(size=(4, 100))), "100 points are too few: 280 are needed"),
    ],
)
def test_factors_that_carry_no_regression_are_refused(columns: list[np.ndarray], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_joint_basis(columns)
