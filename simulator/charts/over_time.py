"""The money kept, year by year: medians and bands of one scenario beside today's rules, or of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulator.charts.axes import draw_pounds_axis, find_pounds_top
from simulator.charts.labels import spread_apart
from simulator.charts.palette import INK, QUIET, Style
from simulator.charts.svg import (
    Lettering,
    Stroke,
    draw_band,
    draw_curve,
    draw_line,
    draw_marker,
    draw_note,
    draw_text,
    make_picture,
)
from simulator.common.formatting import format_pounds
from simulator.common.html import join_pieces
from simulator.common.sentence_templates import get_template

_BANDS = ((0, 4), (1, 3))
"""Which quantiles bound the band of 80 and that of 50 of 100 futures."""


@dataclass(frozen=True)
class Course:
    """A scenario's share year by year: 10%, 25%, the average, 75% and 90%, each with one entry per year.

    `first` is the first year that the scenario has of its own; until then it is today's rules.
    """

    title: str
    style: Style
    quantiles: tuple[tuple[float, ...], ...]
    first: int = 0

    @property
    def average(self) -> tuple[float, ...]:
        """The average of each year."""
        return self.quantiles[2]

    @property
    def years(self) -> list[int]:
        """The years in which there is a share."""
        return [i for i in range(self.first, len(self.average)) if self.average[i] == self.average[i]]

    @property
    def end(self) -> str:
        """The scenario's letter and its last average, as they stand at the end of its line."""
        return f"{self.style.letter} {format_pounds(self.average[-1])}"


@dataclass(frozen=True)
class YearMark:
    """A dotted line at `year`, half a year before the one in which something changes, and words for what changes.

    `leftward`: the words end at the line; else they begin there, over the year that they are about. `level` is how many
    lines of text they stand above the axis, since words of neighbouring years would cover each other.
    """

    year: float
    words: str
    leftward: bool
    level: int


def place_marks(start: int, changes: Iterable[tuple[int, str]], years: Sequence[str]) -> list[YearMark]:
    """The dotted lines of every chart over years: before the year (index) in which a policy starts, if any does, and
    before those of later changes. Beside the last year is no room, so words about it name it and stand on the left. So
    do the first words where a line follows a year later, which would run through them.
    """
    last = len(years) - 1
    told = [*([(start, get_template("paths.starts"))] if start > 0 else []), *changes]
    in_last = get_template("paths.in_last")
    close = len(told) > 1 and told[1][0] - told[0][0] == 1
    return [
        YearMark(
            year - 0.5,
            in_last.format(words=words, year=years[-1]) if year == last else words,
            year == last or (i == 0 and close),
            i % 3,
        )
        for i, (year, words) in enumerate(told)
    ]


@dataclass(frozen=True)
class _Frame:
    """Where years and shares lie, in pixels."""

    left: float
    right: float
    top: float
    floor: float
    years: int
    most: int = 100

    def x(self, year: float) -> float:
        return self.left + (self.right - self.left) * year / max(1, self.years - 1)

    def y(self, share: float) -> float:
        return self.floor - (self.floor - self.top) * share * 100 / self.most

    def upward(self) -> Markup:
        return draw_pounds_axis(lambda hundred: self.y(hundred / 100), self.left, self.right, self.most)

    def marks(self, marks: Iterable[YearMark], size: float | None) -> Markup:
        """Dotted lines with words for what changes."""
        return join_pieces(
            draw_line(x, self.top, x, self.floor, Stroke(QUIET, 1, "2 3"))
            + draw_note(
                x - 5 if mark.leftward else x + 5,
                self.floor - 7 - 16 * mark.level,
                mark.words,
                "end" if mark.leftward else None,
                size,
            )
            for mark in marks
            for x in [self.x(mark.year)]
        )

    def bands(self, course: Course, opacities: tuple[float, float]) -> Markup:
        """The bands of 80 and 50 of 100 futures."""
        q, years = course.quantiles, course.years
        xs = [self.x(i) for i in years]
        return join_pieces(
            draw_band(
                xs, [self.y(q[low][i]) for i in years], [self.y(q[high][i]) for i in years], course.style.colour, dim
            )
            for (low, high), dim in zip(_BANDS, opacities, strict=True)
            if years
        )

    def line(self, course: Course, width: float, mark: float, every: int = 1) -> Markup:
        """The line of the average, with a mark every so many years."""
        style, points = course.style, [(self.x(i), self.y(course.average[i])) for i in course.years]
        if not points:
            return Markup("")
        marks = (draw_marker(style.marker, x, y, style.colour, mark) for x, y in points[every - 1 :: every])
        return join_pieces([draw_curve(points, Stroke(style.colour, width, style.dash)), *marks])

    def ends(self, courses: Sequence[Course], room: float, gap: float, size: float | None) -> Markup:
        """Letters and amounts at the ends of lines, moved apart."""
        shown = [course for course in courses if course.average[-1] == course.average[-1]]
        heights = spread_apart([self.y(course.average[-1]) for course in shown], room)
        return join_pieces(
            draw_text(self.right + gap, y + 4, course.end, Lettering(size, 600, INK))
            for course, y in zip(shown, heights, strict=True)
        )


def draw_timeline(
    key: str,
    description: str,
    course: Course,
    years: Sequence[str],
    start: int,
    reference: Course | None,
    changes: Sequence[tuple[int, str]] = (),
) -> Markup:
    """One scenario's average and bands over the years, with a reference average; `start` is the first policy year and
    `changes` are later years in which something changes.
    """
    frame = _Frame(44, 282, 12, 188, len(years))
    parts = [frame.upward()]
    for i in range(len(years) - 1, -1, -2):
        x = frame.x(i)
        parts += [
            draw_line(x, frame.floor, x, frame.floor + 4, Stroke(QUIET)),
            draw_note(x, frame.floor + 18, years[i], "middle"),
        ]
    parts += [frame.marks(place_marks(start, changes, years), 12), frame.bands(course, (0.16, 0.3))]
    shown = [course]
    if reference is not None:
        parts.append(frame.line(reference, 1.8, 4, 2))
        shown.append(reference)
    parts += [frame.line(course, 2.6, 4, 2), frame.ends(shown, 15, 9, 12)]
    return make_picture(key, (340, 216), course.title, description, join_pieces(parts))


def find_top(courses: Iterable[Course]) -> int:
    """The end of an axis that holds the bands of all courses, £ in each £100."""
    return find_pounds_top(
        max((100 * course.quantiles[-1][i] for course in courses for i in course.years), default=100)
    )


def draw_over_time(
    courses: Sequence[Course],
    years: Sequence[str],
    start: int,
    title: str,
    description: str,
    changes: Sequence[tuple[int, str]] = (),
    *,
    keyed: bool = True,
) -> Markup:
    """Medians and bands of several scenarios in one chart; `start` is the first year of a policy.

    `changes` are later years in which something changes, with words for it; `keyed` puts the titles below. What stays
    far below £100 has an axis of its own, from zero.
    """
    frame = _Frame(52, 660, 16, 330, len(years), find_top(courses))
    parts = [frame.upward()]
    parts += [draw_note(frame.x(i), frame.floor + 20, year, "middle", None) for i, year in enumerate(years)]
    parts.append(frame.marks(place_marks(start, changes, years), None))
    parts += [frame.bands(course, (0.10, 0.20)) for course in courses]
    parts += [frame.line(course, 2.6, 4.5) for course in courses]
    parts.append(frame.ends(courses, 18, 12, None))
    below = courses if keyed else ()
    for i, course in enumerate(below):
        y, style = frame.floor + 50 + 20 * i, course.style
        parts.append(draw_line(frame.left, y, frame.left + 34, y, Stroke(style.colour, 3, style.dash)))
        parts.append(draw_text(frame.left + 44, y + 4, f"{style.letter}  {course.title}"))
    size = 760, int(frame.floor) + (46 + 20 * len(courses) if keyed else 32)
    return make_picture("bands", size, title, description, join_pieces(parts), alone=True)
