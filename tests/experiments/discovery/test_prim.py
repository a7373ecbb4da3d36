"""PRIM itself: the EMA Workbench's boxes to six digits, and peels and pastes that do what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.arrays import Floats
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.experiments.discovery.prim import Box, Cases, Patience, find_cut, make_open_box, prim

pytestmark = pytest.mark.experiments


def sample(n: int = 2_000) -> tuple[Floats, Cases]:
    """Five even columns and one with ties; most cases lie in a box in the first three."""
    x = np.column_stack([draw_uniforms(n, 11, f"x{j}") for j in range(6)])
    x[:, 5] = np.round(4 * x[:, 5])
    inside = (x[:, 0] < 0.5) & (x[:, 1] > 0.4) & (x[:, 2] > 0.25) & (x[:, 2] < 0.75)
    return x, draw_uniforms(n, 11, "noise") < np.where(inside, 0.88, 0.05)


X, Y = sample()
TRAJECTORY = prim(X, Y)


def test_the_trajectory_is_that_of_the_ema_workbench() -> None:
    """Figures of EMA Workbench 2.5.3 on the same points: steps, coverage, density, mass, restricted dimensions."""
    assert len(TRAJECTORY.boxes) == 46
    frame = TRAJECTORY.to_frame().loc[[10, 25, 34, 40, 45]]
    assert frame["coverage"].tolist() == pytest.approx([0.888252, 0.767908, 0.713467, 0.633238, 0.512894], abs=1e-6)
    assert frame["density"].tolist() == pytest.approx([0.259631, 0.489051, 0.728070, 0.891129, 0.899497], abs=1e-6)
    assert frame["mass"].tolist() == pytest.approx([0.5970, 0.2740, 0.1710, 0.1240, 0.0995], abs=1e-9)
    assert frame["restricted"].tolist() == [3, 3, 3, 4, 5]


def test_the_boxes_are_those_of_the_ema_workbench() -> None:
    middle, last = np.full((2, 6), np.nan), np.full((2, 6), np.nan)
    middle[1, 0], middle[0, 1], middle[:, 2] = 0.508308, 0.384233, (0.161350, 0.738050)
    last[1, 0], last[:, 1], last[:, 2] = 0.481675, (0.384233, 0.982231), (0.286718, 0.738050)
    last[0, 3], last[1, 5] = 0.050414, 3.5
    for step, limits in ((34, middle), (45, last)):
        box_limits = TRAJECTORY.boxes[step].limits
        assert np.where(np.isfinite(box_limits), box_limits, np.nan) == pytest.approx(limits, abs=1e-6, nan_ok=True)


def test_peels_shrink_pastes_grow_and_both_raise_density() -> None:
    steps = np.diff(TRAJECTORY.mass)
    first_paste = int((steps > 0).argmax())
    assert 0 < first_paste < len(steps)
    assert (steps[:first_paste] < 0).all()
    assert (steps[first_paste:] > 0).all()
    assert (np.diff(TRAJECTORY.density) > 0).all()
    assert (TRAJECTORY.mass >= 0.05).all()


def test_the_first_step_is_everything() -> None:
    assert (TRAJECTORY.coverage[0], TRAJECTORY.density[0], TRAJECTORY.mass[0]) == (1, Y.mean(), 1)
    assert not TRAJECTORY.boxes[0].restricted.any()


def test_smaller_peels_take_more_steps() -> None:
    assert len(prim(X, Y, Patience(peel=0.02)).boxes) > 2 * len(prim(X, Y, Patience(peel=0.05)).boxes)


def test_a_monotone_transformation_of_a_column_changes_no_membership() -> None:
    stretched = X.copy()
    stretched[:, 0] = np.exp(5 * X[:, 0])
    assert prim(stretched, Y).inside.tolist() == TRAJECTORY.inside.tolist()


def test_a_column_that_never_varies_is_never_restricted() -> None:
    still = np.column_stack([X, np.full(len(X), 7.0)])
    assert not any(box.restricted[:, -1].any() for box in prim(still, Y).boxes)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.floats(0.01, 0.49))
def test_a_cut_leaves_out_the_share_and_all_that_equal_the_last_left_out(values: list[int], share: float) -> None:
    ordered = np.sort(np.array(values, float))
    left_out = int((ordered < find_cut(ordered, share)).sum())
    if ordered[0] == ordered[-1] or ordered[int(share * (len(ordered) - 1))] == ordered[-1]:
        assert find_cut(ordered, share) == ordered[-1]
    else:
        assert left_out >= share * (len(ordered) - 1)
        assert ordered[left_out - 1] < find_cut(ordered, share) < ordered[left_out]
        assert (ordered < ordered[left_out - 1]).sum() <= share * (len(ordered) - 1)


def test_a_box_includes_its_limits() -> None:
    box = make_open_box(2).moved(0, 0, 0.25).moved(1, 0, 0.5)
    assert box.holds(np.array([[0.25, 9.0], [0.5, -9.0], [0.51, 0.0], [0.24, 0.0]])).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert box.freed(1, 0).holds(np.array([[99.0, 0.0]])).all()
    assert not box.limited_to(np.zeros((2, 2), bool)).restricted.any()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, np.ones(len(X), bool), "there must be both"),
        (X, np.zeros(len(X), bool), "0 of 2000"),
        (X, Y[:-1], "do not belong together"),
        (np.where(X > 0.999, np.nan, X), Y, "leave such rows out"),
    ],
)
def test_points_that_cannot_be_used_are_refused(x: Floats, y: Cases, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prim(x, y)


@pytest.mark.parametrize("share", [0.0, 0.5, float("nan")])
def test_patience_is_made_of_shares(share: float) -> None:
    with pytest.raises(ValueError, match="paste is a share"):
        Patience(paste=share)


def test_a_box_does_not_change_when_another_is_made_of_it() -> None:
    box = Box(make_open_box(1).limits)
    box.moved(0, 0, 0.5)
    assert not box.restricted.any()
