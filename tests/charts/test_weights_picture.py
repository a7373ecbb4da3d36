"""The picture of the weights says what the weights are."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from simulator.charts.weights import draw_weights

pytestmark = pytest.mark.calibration


def lines(log_weights: np.ndarray) -> list[list[tuple[float, float]]]:
    """The points of both curves."""
    drawn = ET.fromstring(str(draw_weights(log_weights, 0.2)))
    polylines = drawn.iter("{http://www.w3.org/2000/svg}polyline")
    return [[tuple(map(float, p.split(","))) for p in polyline.attrib["points"].split()] for polyline in polylines]  # type: ignore[misc]


def test_the_picture_says_who_holds_the_weight() -> None:
    text = str(draw_weights(np.log([0.5, 0.25, 0.125, 0.125]), 0.2))
    assert "4 weights. The heaviest holds 50.00%; 1 points hold half of all weight. Pareto k-hat 0.20." in text


def test_the_first_curve_rises_to_the_whole_and_the_second_falls() -> None:
    held, single = lines(np.random.default_rng(1).normal(size=5_000) * 2)
    heights = [y for _, y in held]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == pytest.approx(40.0)
    falls = [y for _, y in single]
    assert falls == sorted(falls)


def test_a_point_without_weight_is_drawn_at_the_foot_and_breaks_nothing() -> None:
    _, single = lines(np.array([0.0, -np.inf, -1.0]))
    assert single[-1][1] == pytest.approx(210.0)
