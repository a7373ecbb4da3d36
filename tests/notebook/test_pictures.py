"""What the pictures of answers show: which marks, in which units, beside what, and that their words can be read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from picture_texts import list_crowded

import simulator as rf
from simulator.calibration.scoreboard import Line, make_scoreboard
from simulator.charts import palette
from simulator.common.pictures import colours
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.draw import draw_picture
from simulator.common.pictures.ticks import thin_ticks
from simulator.common.pictures.tolerances import _write_pair
from simulator.common.units import Unit
from simulator.notebook.estimate_picture import picture_estimates
from simulator.notebook.study_answer import SavedAnswer

matplotlib.use("Agg")

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("weighed_once")]

LONG = "A ring-fence as in 2022/23 that nobody waives, against today's rules, with leadership beside it"
BARS = PictureColumns("bars", "name", "value", "share", "low", "high", name="mean", interval="95% interval")


@pytest.fixture(autouse=True)
def no_figure_is_left() -> Iterator[None]:
    yield
    pyplot.close("all")


def open_axes() -> Axes:
    """Axes of a picture as a paper has them, without any layout."""
    return pyplot.subplots(figsize=(7, 4.5))[1]


def xy_of(line: Line2D) -> list[list[float]]:
    """The points of a line or of marks."""
    points: list[list[float]] = np.asarray(line.get_xydata(), float).tolist()
    return points


def x_of(line: Line2D) -> list[float]:
    return [x for x, _ in xy_of(line)]


def y_of(line: Line2D) -> list[float]:
    return [y for _, y in xy_of(line)]


def list_legend(ax: Axes) -> list[str]:
    """What the legend says, its heading first."""
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text().replace("\n", " ") for text in (legend.get_title(), *legend.get_texts())]


def list_cut(ax: Axes) -> list[str]:
    """Words of a picture that stand partly outside it."""
    figure = ax.figure
    figure.draw_without_rendering()
    legend = ax.get_legend()
    texts: list[Text] = [*ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, *ax.texts]
    texts += legend.get_texts() if legend else []
    whole = figure.bbox.padded(0.5)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    return [word for word, box in boxes if box.x0 < whole.x0 or box.x1 > whole.x1 or box.y0 < whole.y0]


def make_bars(names: list[str]) -> pd.DataFrame:
    """A table of values around a half."""
    values = np.linspace(0.6, 0.4, len(names))
    return pd.DataFrame({"name": names, "value": values, "low": values - 0.1, "high": values + 0.1})


def make_line(name: str, observed: float, simulated: float, tolerance: tuple[float, float], unit: Unit) -> Line:
    """A line of the scoreboard."""
    passes, spread = tolerance[0] <= simulated <= tolerance[1], 0.1 * abs(simulated)
    ends = simulated - spread, simulated + spread
    return Line("fitted", name, f"The {name}", (), observed, simulated, *ends, tolerance, passes, True, unit)


BOARD = make_scoreboard(
    [
        make_line("share", 0.33, 0.41, (0.2, 0.4), Unit.SHARE),
        make_line("count", 31, 33, (27, 35), Unit.COUNT),
        make_line("exact", math.nan, 3, (3, 3), Unit.COUNT),
    ],
    "made up",
)


@pytest.mark.parametrize("names", [["short"], [LONG], [LONG] * 8, ["pull_ringfence"] * 30])
@pytest.mark.parametrize("layout", [None, "constrained"])
def test_names_of_rows_are_whole_whether_the_layout_is_the_callers_or_not(names: list[str], layout: str | None) -> None:
    figure, ax = pyplot.subplots(figsize=(7, 4.5), layout=layout)
    draw_picture(make_bars(names), BARS, ax)
    assert list_cut(ax) == []
    assert tuple(figure.get_size_inches()) == (7, 4.5)
    assert {label.get_text().replace("\n", " ") for label in ax.get_yticklabels()} == {names[0].replace("_", " ")}
    heights = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(heights))


def test_two_pictures_beside_each_other_leave_each_others_names_alone() -> None:
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7, 4.5))
    for ax in (left, right):
        draw_picture(make_bars([LONG, "short"]), BARS, ax)
    figure.draw_without_rendering()
    assert min(label.get_window_extent().x0 for label in right.get_yticklabels()) >= left.get_window_extent().x1


def test_names_inside_the_axes_stand_clear_of_the_marks_of_the_row_above() -> None:
    table = make_bars([LONG] * 4).assign(again=0.5)
    columns = PictureColumns("points", "name", "value", "share", name="one", second="again", second_name="other")
    _, (_, ax) = pyplot.subplots(1, 2, figsize=(9, 4.5))
    draw_picture(table, columns, ax)
    ax.figure.draw_without_rendering()
    lowest = next(line for line in ax.lines if line.get_marker() == "D")
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    marks = ax.transData.transform(xy_of(lowest))[:, 1] - 3 * ax.figure.dpi / 72
    assert len(names) == 4 and names[0].x0 > ax.get_window_extent().x0
    assert all(mark >= name.y1 - 2 for mark, name in zip(marks, names[1:], strict=False))


def test_a_picture_that_shows_a_part_of_the_rows_says_of_how_many() -> None:
    many = make_bars([f"number {i}" for i in range(99)])
    assert list_legend(draw_picture(many, BARS))[0] == "The first 20 of 99 rows"
    ax = draw_picture(many, BARS, open_axes())
    shown = len(ax.get_yticklabels())
    assert 5 < shown < 20
    assert list_legend(ax)[0] == f"The first {shown} of 99 rows"
    assert list_legend(draw_picture(make_bars(["a", "b"]), BARS))[0] == ""


def test_an_interval_says_what_it_is() -> None:
    assert list_legend(draw_picture(make_bars(["a"]), BARS)) == ["", "mean", "95% interval"]
    assert list_legend(rf.compare("ringfence", n=20).plot())[1:] == ["mean of the futures", "8 in 10 futures"]
    results = list_legend(rf.run("ringfence", 20).plot())
    assert results[1:] == ["8 in 10 futures (10% to 90%)", "mean of the futures"]


def test_a_difference_names_both_policies() -> None:
    comparison = rf.compare("ringfence", n=20)
    (label,) = comparison.plot().get_yticklabels()
    assert label.get_text().replace("\n", " ") == f"{comparison.new} less {comparison.old}"


def test_the_scoreboard_places_every_line_on_the_scale_of_its_tolerance() -> None:
    ax = BOARD.plot()
    passed, failed, observed = (
        next(line for line in ax.lines if line.get_marker() == mark) for mark in ("o", "X", "D")
    )
    np.testing.assert_allclose(xy_of(passed), [[(33 - 31) / 4, 1], [0, 2]])
    np.testing.assert_allclose(xy_of(failed), [[(0.41 - 0.3) / 0.1, 0]])
    np.testing.assert_allclose(xy_of(observed), [[(0.33 - 0.3) / 0.1, 0], [0, 1]], atol=1e-12)
    assert passed.get_color() != failed.get_color()
    assert [text.get_text() for text in ax.texts] == ["33% / 41%", "31 / 33", "– / 3", "observed / model"]
    assert {"tolerance", "model, passes", "model, does not pass", "observed"} < set(list_legend(ax))


def test_what_was_fitted_or_repeats_it_has_hollow_marks_in_the_picture_of_the_scoreboard() -> None:
    line = make_line("share", 0.33, 0.3, (0.2, 0.4), Unit.SHARE)
    sections = ("fitted", "same evidence as a target", "patterns, not fitted")
    board = make_scoreboard([replace(line, id=section, section=section) for section in sections], "made up")
    ax = board.plot()
    marks = {line.get_markerfacecolor(): [y for _, y in xy_of(line)] for line in ax.lines if line.get_marker() == "o"}
    hollow = marks.pop("none")
    assert sorted(hollow) == [0, 1] and list(marks.values()) == [[2]]
    assert "hollow: fitted, or of the same evidence" in " ".join(list_legend(ax)).replace("\n", " ")


def test_of_a_long_scoreboard_those_furthest_off_are_drawn_and_the_rest_is_counted() -> None:
    lines = [make_line(f"line {i}", 0.5, 0.5 + 0.01 * i, (0.4, 0.6), Unit.SHARE) for i in range(52)]
    board = make_scoreboard(lines, "made up")
    assert len(board.plot().get_yticklabels()) == 52
    ax = board.plot(ax=open_axes())
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert names[:2] == ["line 51: The line 51", "line 50: The line 50"]
    assert list_legend(ax)[0].startswith(f"The {len(names)} of 52 rows, those furthest from the middle")
    assert list_cut(ax) == []


def test_a_long_scoreboard_takes_about_half_an_inch_a_line_and_numbers_stand_clear_of_intervals() -> None:
    lines = [
        make_line(f"systems that plan a deficit {i}", 0.0049, 0.005, (0.0047, 0.0051), Unit.PERCENT) for i in range(52)
    ]
    ax = make_scoreboard(lines, "made up").plot()
    ax.figure.draw_without_rendering()
    assert ax.figure.get_size_inches()[1] < 52 * 0.6
    furthest = max(ax.transData.transform(path.vertices)[:, 0].max() for path in ax.collections[1].get_paths())
    assert min(text.get_window_extent().x0 for text in ax.texts) > furthest


def test_numbers_beside_a_row_say_once_what_they_are_out_of() -> None:
    assert [_write_pair("0.49% of allocation", "0.5% of allocation"), _write_pair("–", "1% of it")] == [
        "0.49% / 0.5% of allocation",
        "– / 1% of it",
    ]


def test_a_replay_shows_what_was_observed_beside_what_is_predicted() -> None:
    answer = rf.replay("choosing_health", n=20)
    ax, table = answer.plot(ax=open_axes()), answer.to_frame()
    (observed,) = [line for line in ax.lines if line.get_marker() == "D"]
    half = (table["tolerance_high"] - table["tolerance_low"]) / 2
    middle = (table["tolerance_high"] + table["tolerance_low"]) / 2
    np.testing.assert_allclose(x_of(observed), (table["observed"] - middle) / half)
    assert "observed" in list_legend(ax)


def test_figures_without_a_tolerance_stand_on_the_scale_of_the_models_own_interval() -> None:
    columns = PictureColumns("tolerance", "title", "mean", "", "centile_5", "centile_95", interval="90%")
    row = {"title": "a", "observed": 4.0, "mean": 5.0, "centile_5": 3.0, "centile_95": 7.0, "unit": "count"}
    nothing = {"tolerance_low": math.nan, "tolerance_high": math.nan, "passes": None}
    ax = draw_picture(pd.DataFrame([row | nothing]), columns)
    assert "middle 90% of futures" in list_legend(ax) and "of the middle 90%" in ax.get_xlabel().replace("\n", " ")
    assert [x_of(line)[0] for line in ax.lines if line.get_marker() in "sD"] == [0, -0.5]


def test_evidence_shows_every_answer_before_and_after_under_a_name_of_its_own() -> None:
    rows = [{"board": "QWO", "year": "2022/23", "what": "retained", "value": 0.9, "error": 0.05, "source": "mine"}]
    answer = rf.evidence(rows, n=20, because="Its accounts.")
    ax, table = answer.plot(ax=open_axes()), answer.to_frame()
    assert table["answer"].is_unique and table["answer"].str.contains(" against ").all()
    before, after = (next(line for line in ax.lines if line.get_marker() == mark) for mark in ("o", "D"))
    np.testing.assert_allclose(x_of(before), table["difference_before"])
    np.testing.assert_allclose(x_of(after), table["difference_after"])
    assert list_legend(ax)[1:] == ["before the evidence", "after it", "8 in 10 futures"]
    assert ax.get_xlabel() == "difference (share)"


def test_sobol_indices_are_drawn_alone_and_with_interactions() -> None:
    answer = rf.sobol("ringfence", over=["pull_ringfence", "pull_chief"], blocks=32)
    ax, table = answer.plot(), answer.to_frame()
    first, total = (next(line for line in ax.lines if line.get_marker() == mark) for mark in ("o", "D"))
    np.testing.assert_allclose(x_of(first), table["first"])
    np.testing.assert_allclose(x_of(total), table["total"])
    spans = [np.ptp([end[0] for end in each]) for lines in ax.collections for each in lines.get_segments()]
    np.testing.assert_allclose(spans, 2 * np.concatenate([table["first_half_width"], table["total_half_width"]]))
    assert {"first-order effect (alone)", "total effect (with interactions)", "95% interval"} < set(list_legend(ax))


def test_both_estimates_of_a_value_of_information_are_named() -> None:
    row = {"name": "a", "low": -0.001, "high": 0.002, "interval_low": -0.003, "interval_high": 0.004}
    ax = draw_picture(pd.DataFrame([row]), picture_estimates("name", "value of knowing it (share)"))
    marks = {line.get_marker(): x_of(line) for line in ax.lines if line.get_marker() in "oD"}
    assert marks == {"o": [-0.001], "D": [0.002]}
    low, high, both = list_legend(ax)[1:]
    assert low.startswith("low estimate") and high.startswith("high estimate") and both == "95% interval around both"


def test_pawn_shows_what_chance_alone_reaches() -> None:
    answer = rf.pawn(rf.run("ringfence", 200), over=["pull_ringfence", "pull_chief"])
    ax = answer.plot()
    (dashed,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    np.testing.assert_allclose(x_of(dashed), answer.to_frame()["threshold"].iloc[0])
    assert "reached by chance alone" in list_legend(ax)


def test_packages_are_points_and_the_front_goes_up_in_steps() -> None:
    columns = PictureColumns("front", "cost", "fresh", "share", "low", "high", interval="95% interval")
    table = pd.DataFrame({"cost": [0, 1, 2, 2, 3], "fresh": [0.5, 0.6, 0.55, 0.7, 0.65]})
    table = table.assign(low=table["fresh"] - 0.1, high=table["fresh"] + 0.1)
    ax = draw_picture(table, columns)
    steps = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert y_of(steps) == [0.5, 0.6, 0.7]
    beaten, front = (next(line for line in ax.lines if line.get_marker() == mark) for mark in ("s", "o"))
    assert xy_of(beaten) == [[2, 0.55], [3, 0.65]] and beaten.get_color() == colours.PALE
    assert x_of(front) == [0, 1, 2]
    down = draw_picture(table, PictureColumns("front", "cost", "fresh", "share", better="less"))
    assert next(line for line in down.lines if line.get_drawstyle() == "steps-post").get_ydata().tolist() == [0.5]


BOX = {"likely_low": 0.4, "likely_high": 0.6, "quasi_p": 0.0, "repeats": 1.0, "range_low": 0.0, "range_high": 2.0}


def test_a_box_is_drawn_as_the_part_of_the_range_that_it_takes() -> None:
    rows = [{"factor": "a", "side": "high", "value": 0.5, "kept": True} | BOX]
    rows += [{"factor": "b", "side": "low", "value": 1.0, "kept": False} | BOX]
    ax = draw_picture(pd.DataFrame(rows), PictureColumns("box", "factor", "value", "", note="Coverage 80%"))
    boxes = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert boxes == [(0, 1), (0, 0.25), (0, 1), (0.5, 0.5)]
    assert [text.get_text() for text in ax.texts] == ["≤ 0.5", "≥ 1"]
    assert list_legend(ax)[0] == "Coverage 80%" and {"in the box", "limit dropped as noise"} < set(list_legend(ax))


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("count", [1, 8, 15])
def test_limits_of_a_box_in_one_half_of_a_figure_keep_clear_of_names(count: int, side: int) -> None:
    rows = [
        {"factor": f"a_factor_of_number_{i}", "side": ("low", "high")[i % 2], "value": 0.1 + i / 10, "kept": True} | BOX
        for i in range(count)
    ]
    ax = pyplot.subplots(1, 2)[1][side]
    draw_picture(pd.DataFrame(rows), PictureColumns("box", "factor", "value", "", note="Coverage 80%"), ax)
    assert list_crowded(ax) == []


def test_ticks_that_would_run_into_one_another_are_left_out_and_zero_stays() -> None:
    ax = pyplot.subplots(1, 2)[1][0]
    ax.set_xlim(-5, 8)
    ax.set_xticks(list(range(-5, 6)))
    thin_ticks(ax, 60)
    assert 0 in ax.get_xticks() and len(ax.get_xticks()) < 6
    years = rf.run("ringfence", 20).plot(ax=pyplot.subplots(1, 2)[1][1])
    said = [label.get_text() for label in years.get_xticklabels()]
    assert said[0] == "2022/23" and 1 < len(said) < 5


def test_a_picture_says_that_there_is_no_box() -> None:
    rows = [{"factor": "b", "side": "low", "value": 1.0, "kept": False} | BOX]
    for table in (pd.DataFrame(rows), pd.DataFrame(rows)[:0]):
        ax = draw_picture(table, PictureColumns("box", "factor", "value", "", note="14% of all"), open_axes())
        assert list_legend(ax)[0] == "No box stands out from noise; 14% of all"


def test_the_trajectory_marks_the_chosen_box() -> None:
    over = ["plan_base", "pull_pressure", "pull_ringfence"]
    result = rf.discover("ringfence", over=over, below=0.75, points=300).result
    ax, steps = result.plot_trajectory(open_axes()), result.trajectory.to_frame()
    line = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(xy_of(line), steps[["coverage", "density"]])
    chosen = [xy_of(line) for line in ax.lines if line.get_marker() == "D"]
    assert result.restricted and chosen == [[[result.coverage.estimate, result.density.estimate]]]
    assert list_cut(ax) == []


def test_an_answer_that_was_saved_is_drawn_as_it_was(tmp_path: Path) -> None:
    path = BOARD.save(tmp_path / "x.json")
    back = rf.load(path)
    assert isinstance(back, SavedAnswer)
    first, again = BOARD.plot(), back.plot()
    assert list_legend(first) == list_legend(again)
    assert [xy_of(line) for line in first.lines] == [xy_of(line) for line in again.lines]


def test_an_answer_saved_when_pictures_said_less_is_still_drawn(tmp_path: Path) -> None:
    path = rf.compare("ringfence", n=20).save(tmp_path / "x.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    old = ("kind", "label", "value", "axis", "low", "high", "half_width", "infinite")
    document["picture"] = {name: document["picture"][name] for name in old} | {"label": "new"}
    path.write_text(json.dumps(document), encoding="utf-8")
    ax = rf.load(path).plot()
    assert len(ax.patches) == 1 and ax.get_legend() is None


def test_a_name_with_dollars_is_no_formula() -> None:
    (label,) = draw_picture(make_bars(["a $x$ b"]), BARS).get_yticklabels()
    assert label.get_text() == r"a \$x\$ b"


def test_pictures_have_the_colours_of_the_charts() -> None:
    used = {value for name, value in vars(colours).items() if name.isupper()}
    assert used <= {value for value in vars(palette).values() if isinstance(value, str)}
