"""A board's timeline: as a picture, in words, and as rows of a table."""

from __future__ import annotations

from markupsafe import Markup

from dashboards.boards.board_replay import LETTERS_USED, BoardReplay
from simulator.charts.board_timeline import QuarterShares, draw_board_timeline
from simulator.charts.palette import Style
from simulator.common.formatting import format_average, join_words
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import quarter_name, year_name

LEAST = 0.005
"""£ in each £100."""


def draw_timeline(
    story: BoardReplay, key: str, styles: tuple[Style, Style | None], title: str, alone: bool = False
) -> Markup:
    """The timeline; `styles` are those of the scenario shown and of the other one, if there is one."""
    shown, other = styles
    return draw_board_timeline(
        key,
        title,
        " ".join(describe_timeline(story)),
        (shown, story.course),
        (other, story.other) if story.other is not None and other is not None else None,
        [(event.quarter, event.letter) for event in story.events],
        None if story.divergence_quarter is None else (story.divergence_quarter, _name_divergence(story)),
        alone,
        LETTERS_USED,
        get_template("story.mark"),
        (*_name_scenarios(story, styles), get_template("not_assured")),
    )


def _name_divergence(story: BoardReplay) -> str:
    divergence = story.explanation.divergence
    return get_template("timeline.most" if divergence and divergence.most else "timeline.first")


def _name_scenarios(story: BoardReplay, styles: tuple[Style, Style | None]) -> list[str]:
    """Who the letters of the picture are, so that it can stand alone."""
    named = zip([style for style in styles if style is not None], story.titles, strict=False)
    return [get_template("timeline.name").format(letter=style.letter, title=title) for style, title in named]


def describe_timeline(story: BoardReplay) -> list[str]:
    """The timeline in words, year by year."""
    sentences = []
    for year in range(len(story.course.left) // 4):
        course, last = story.course, 4 * year + 3
        if course.left[last] != course.left[last]:
            sentences.append(get_template("timeline.no_money").format(year=year_name(year)))
            continue
        first = last if course.left[4 * year] != course.left[4 * year] else 4 * year
        raids = [q for q in range(4 * year, 4 * year + 4) if _find_raid(course, q) > 0]
        taken = format_left(sum(_find_raid(course, q) for q in raids))
        quarters = join_words([f"Q{q % 4 + 1}" for q in raids])
        shown = story.other is not None and story.other.left[last] == story.other.left[last]
        other = format_left(story.other.left[last]) if story.other is not None and shown else ""
        sentences.append(
            get_template("timeline.year").format(
                year=year_name(year),
                planned=format_left(course.left[first] + course.taken[first]),
                raids=get_template("timeline.raids").format(quarters=quarters, taken=taken) if raids else "",
                left=format_left(course.left[last]),
                other=get_template("timeline.other").format(left=other) if other else "",
            )
        )
    return sentences


def list_table_rows(story: BoardReplay) -> list[tuple[str, list[str]]]:
    """A row for each quarter: left, taken back so far, released, left under the other scenario, and what happened."""
    rows = []
    for q in range(len(story.course.left)):
        happened = join_words([event.words for event in story.events if event.quarter == q])
        course, other = story.course, story.other
        cells = [format_left(course.left[q]), format_left(course.taken[q]), format_left(course.released[q])]
        rows.append((quarter_name(q), [*cells, *([format_left(other.left[q])] if other else []), happened or "–"]))
    return rows


def _find_raid(course: QuarterShares, q: int) -> float:
    """What was taken back within a quarter."""
    before = course.taken[q - 1] if q % 4 else 0.0
    return float(course.taken[q] - (before if before == before else 0.0))


def format_left(x: float) -> str:
    """What is left, taken or released of each £100, as averages are told; less than half a penny is nothing."""
    return format_average(float(x) if abs(x) >= LEAST else 0.0) if x == x else "–"
