"""A board's timeline as SVG: a bar a quarter, what is left of each £100 and what was taken, and a row of happenings."""

from __future__ import annotations

from markupsafe import Markup

from dashboards.boards.board_replay import Course, Story
from simulator.charts.palette import INK, QUIET, RULE, STYLES, Style
from simulator.charts.svg import line, picture, text
from simulator.common.formatting import listed, significant
from simulator.declarations.calendar import quarter_name, year_name

WIDTH, HEIGHT = 760, 318
LEFT, RIGHT, TOP, FLOOR, LANE = 46, 752, 40, 232, 262
LEFT_COLOUR, TAKEN_COLOUR, RELEASED_COLOUR = "#9CC3E6", "#B0441A", "#E8EDEE"


def drawn(story: Story, key: str, letters: tuple[int, int], named: str, alone: bool = False) -> Markup:
    """The timeline. `letters` are the places of the scenario shown and of the other one (-1 for none)."""
    shown, other = (STYLES[i] if i >= 0 else None for i in letters)
    assert shown is not None
    parts = [_hatch(key), _axes(len(story.course.left)), _bars(story.course, key)]
    if story.other is not None and other is not None:
        parts.append(_steps(story.other, other))
    parts += [_parting(story), _lane(story), _key(key, shown, other if story.other is not None else None)]
    return picture(key, (WIDTH, HEIGHT), named, " ".join(described(story)), "".join(parts), alone)


def described(story: Story) -> list[str]:
    """The timeline in words, year by year."""
    said = []
    for year in range(len(story.course.left) // 4):
        course, last = story.course, 4 * year + 3
        if course.left[last] != course.left[last]:
            said.append(f"{year_name(year)}: no money.")
            continue
        first = last if course.left[4 * year] != course.left[4 * year] else 4 * year
        planned = course.left[first] + course.taken[first]
        words = f"{year_name(year)}: the plan keeps £{_whole(planned)} of each £100"
        raids = [q for q in range(4 * year, 4 * year + 4) if _raid(course, q) > 0]
        if raids:
            total = sum(_raid(course, q) for q in raids)
            words += f"; raids in {listed([f'Q{q % 4 + 1}' for q in raids])} take £{_whole(total)}"
        words += f"; £{_whole(course.left[last])} is left at the year end"
        if story.other is not None and story.other.left[last] == story.other.left[last]:
            words += f" (£{_whole(story.other.left[last])} under the other scenario)"
        said.append(f"{words}.")
    return said


def table_rows(story: Story) -> list[tuple[str, list[str]]]:
    """A row a quarter: left, taken back so far, released, left under the other scenario, and what happened."""
    rows = []
    for q in range(len(story.course.left)):
        happened = listed([one.words for one in story.happenings if one.quarter == q])
        course, other = story.course, story.other
        cells = [_pounds(course.left[q]), _pounds(course.taken[q]), _pounds(course.released[q])]
        rows.append((quarter_name(q), [*cells, *([_pounds(other.left[q])] if other else []), happened or "–"]))
    return rows


def _raid(course: Course, q: int) -> float:
    """What was taken back in a quarter itself."""
    before = course.taken[q - 1] if q % 4 else 0.0
    return float(course.taken[q] - (before if before == before else 0.0))


def _whole(x: float) -> str:
    return significant(float(x)) if x >= 0.005 else "0"


def _pounds(x: float) -> str:
    return f"£{_whole(x)}" if x == x else "–"


def _x(q: float) -> float:
    return LEFT + (RIGHT - LEFT) * q / 32


def _y(pounds: float) -> float:
    return FLOOR - (FLOOR - TOP) * pounds / 100


def _hatch(key: str) -> str:
    return (
        f'<defs><pattern id="{key}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="5" height="5" fill="{TAKEN_COLOUR}"/>'
        '<line x1="0" y1="0" x2="0" y2="5" stroke="#FFFFFF" stroke-width="1.6"/></pattern></defs>'
    )


def _axes(quarters: int) -> str:
    parts = []
    for hundred in (0, 25, 50, 75, 100):
        parts.append(line(LEFT, _y(hundred), RIGHT, _y(hundred), f'stroke="{RULE}"'))
        words = f"£{hundred}"
        parts.append(text(LEFT - 7, _y(hundred) + 4, words, f'text-anchor="end" font-size="12" fill="{QUIET}"'))
    for year in range(quarters // 4):
        if year:
            parts.append(line(_x(4 * year), TOP, _x(4 * year), LANE + 18, f'stroke="{RULE}"'))
        parts.append(text(_x(4 * year + 2), FLOOR + 17, year_name(year), 'text-anchor="middle" font-size="12"'))
    return "".join(parts)


def _bars(course: Course, key: str) -> str:
    parts, width = [], _x(1) - _x(0) - 3
    for q in range(len(course.left)):
        if course.left[q] != course.left[q]:
            continue
        foot = 0.0
        for height, paint in (
            (course.left[q], LEFT_COLOUR),
            (course.taken[q], f"url(#{key}-hatch)"),
            (course.released[q], RELEASED_COLOUR),
        ):
            if height > 0.05:
                top, tall = _y(foot + height), (FLOOR - TOP) * height / 100
                parts.append(
                    f'<rect x="{_x(q) + 1.5:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}" '
                    f'fill="{paint}" stroke="{QUIET}" stroke-width="0.6"/>'
                )
            foot += height
    return "".join(parts)


def _steps(course: Course, style: Style) -> str:
    parts: list[str] = []
    for q in range(len(course.left)):
        if course.left[q] == course.left[q]:
            y = _y(course.left[q])
            joined = q > 0 and course.left[q - 1] == course.left[q - 1] and q % 4
            parts.append(f"{'L' if joined else 'M'}{_x(q) + 1.5:.1f},{y:.1f} L{_x(q + 1) - 1.5:.1f},{y:.1f}")
    white = f'<path d="{" ".join(parts)}" fill="none" stroke="#FFFFFF" stroke-width="5"/>'
    return f'{white}<path d="{" ".join(parts)}" fill="none" stroke="{style.colour}" stroke-width="2.6"/>'


def _parting(story: Story) -> str:
    if story.parting is None:
        return ""
    x = _x(story.parting)
    near = x > RIGHT - 140
    words = text(
        x - 5 if near else x + 5,
        TOP - 4,
        "scenarios part here",
        f'font-size="12" font-weight="600" text-anchor="{"end" if near else "start"}"',
    )
    return line(x, TOP - 14, x, FLOOR, f'stroke="{INK}" stroke-width="1.6" stroke-dasharray="3 3"') + words


def _lane(story: Story) -> str:
    """Letters under the quarters; several in one quarter stand below each other."""
    parts, used = [], dict[int, int]()
    for one in story.happenings:
        down = used.get(one.quarter, 0)
        used[one.quarter] = down + 1
        if down > 2:
            continue
        x, y = (_x(one.quarter) + _x(one.quarter + 1)) / 2, LANE + 4 + 17 * down
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8.5" fill="#FFFFFF" stroke="{INK}"/>'
            + text(x, y + 4, one.letter, 'text-anchor="middle" font-size="11" font-weight="700"')
        )
    return "".join(parts)


def _key(key: str, shown: Style, other: Style | None) -> str:
    parts, x = [], float(LEFT)
    words = (f"left under {shown.letter}", "taken back in the year", "released by the plan")
    for paint, said in zip((LEFT_COLOUR, f"url(#{key}-hatch)", RELEASED_COLOUR), words, strict=True):
        parts.append(f'<rect x="{x:.1f}" y="6" width="14" height="12" fill="{paint}" stroke="{QUIET}"/>')
        parts.append(text(x + 20, 16, said, 'font-size="12"'))
        x += 40 + 6.6 * len(said)
    if other is not None:
        parts.append(line(x, 12, x + 22, 12, f'stroke="{other.colour}" stroke-width="2.6"'))
        parts.append(text(x + 28, 16, f"left under {other.letter}", 'font-size="12"'))
    return "".join(parts)
