"""Boards compared in groups: thirds by deprivation, and regions, each against all boards together in the same futures.

What all lie from is one and the same, so that two groups lie as far apart as the sentence on them says. Single boards
are told apart by chance more than by where they are. Groups are not: the money of a group is added up before shares are
taken, future by future, and errors count futures of one parameter set together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from dashboards.boards.board_map import BoardMap
from dashboards.selection.map_selection import THIRDS
from simulator.charts.axes import find_range_around_zero
from simulator.charts.differences import Interval, draw_intervals
from simulator.charts.palette import BLUE, Style
from simulator.common.arrays import Floats
from simulator.common.formatting import (
    choose_list_decimals,
    choose_own_decimals,
    count_in_hundred,
    format_amount,
    format_signed_amount,
    join_words,
    subtract_as_shown,
)
from simulator.common.ranges import Range
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.experiments.core.verdicts import EVERY, NEARLY_ALL, find_settled_sign

KINDS = ("deprivation", "region")


class GapWords(NamedTuple):
    """How a gap between two groups is said."""

    verb: str
    more: str
    less: str
    much: str
    may: str


HELD = GapWords("has", "more", "less", "much", "have more")
GAINED = GapWords("gains", "more", "less", "much", "gain more")
CHANGED = GapWords("comes out", "higher", "lower", "high", "come out higher")
"""Amounts; differences that are gains for both groups; and differences that are losses for one or both."""

HEADINGS = {"deprivation": "By deprivation", "region": "By region"}
PLAIN = Style(BLUE, "", "square", "")
AXES = ("£ in each £100 above or below all boards", "change in £ in each £100, above or below that of all")
"""What the axis shows, of amounts and of differences."""
EXACT = 1e-9
RULE = (
    f"A board or a group is named as the first or the last only where it is so in {100 * NEARLY_ALL:.0f} of 100 "
    "futures or more."
)


@dataclass(frozen=True, eq=False)
class Gap:
    """How far a group lies from others in the same futures, £ in each £100.

    `error` is the standard error of the mean, by parameter set; `likely` holds 80 of 100 futures; in `more` of `n`
    futures the group has more.
    """

    mean: float
    error: float
    likely: Range
    wide: Range
    more: int
    less: int
    n: int

    @property
    def sign(self) -> int:
        """+1 or -1 where the sign of the average is settled, else 0."""
        return find_settled_sign(self.mean, self.error)

    @property
    def verdict(self) -> str:
        """Whether the average is settled, and whether it holds in nearly every future."""
        if not self.more and not self.less:
            return "the same"
        if not self.sign:
            return "cannot be told apart"
        agreeing = self.more if self.sign > 0 else self.less
        often = count_in_hundred(agreeing, self.n) / 100
        word = "more" if self.sign > 0 else "less"
        if agreeing == self.n:
            return f"{word} {EVERY}"
        return f"{word} in nearly all futures" if often >= NEARLY_ALL else f"{word} on average only"


@dataclass(frozen=True, eq=False)
class BoardGroup:
    """Some of the boards together, by their rows in the table of boards.

    `fund` is their money in £m a year and `levels` the outcome under each scenario, in £ of each £100. `values`
    (futures,) are what the map shows of all their money; `others` says how the other boards compare, if there are any.
    """

    name: str
    areas: tuple[int, ...]
    fund: float
    levels: tuple[float, ...]
    values: Floats
    from_all: Gap | None

    @property
    def mean(self) -> float:
        """The average over futures of what the map shows."""
        return float(np.nanmean(self.values))

    def tell(self, board_map: BoardMap, decimals: int) -> str:
        """That average, or with its sign the difference of two levels as they are shown with so many decimals."""
        amount = self.round(board_map, decimals)
        return format_signed_amount(amount, decimals) if board_map.signed else format_amount(amount, decimals)

    def round(self, board_map: BoardMap, decimals: int) -> float:
        """The same as a number."""
        if not board_map.signed:
            return self.mean
        new, old = (self.levels[slot] for slot in (board_map.selection.shown, board_map.selection.against))
        return subtract_as_shown(new, old, decimals)


def group_boards(board_map: BoardMap, kind: str) -> list[BoardGroup]:
    """The groups of the boards that pass the filters, those without money left out; none where there is only one."""
    members, everything = _list_members(board_map, kind), _add_up(board_map, board_map.visible_areas)
    groups = [_make_group(board_map, name, areas, everything) for name, areas in members.items()]
    known = [group for group in groups if np.isfinite(group.values).any()]
    return known if len(known) > 1 else []


def _list_members(board_map: BoardMap, kind: str) -> dict[str, list[int]]:
    boards, thirds = board_map.boards, board_map.boards.thirds()
    if kind == "deprivation":
        each = {THIRDS[third]: [i for i in board_map.visible_areas if thirds[i] == third] for third in (2, 1, 0)}
    else:
        regions = sorted({boards.regions[i] for i in board_map.visible_areas})
        each = {name: [i for i in board_map.visible_areas if boards.regions[i] == name] for name in regions}
    return {name: areas for name, areas in each.items() if areas}


def _add_up(board_map: BoardMap, areas: Sequence[int]) -> list[Floats]:
    """£ in each £100 of some areas together under every scenario, (futures,)."""
    side_of = np.ones(len(board_map.boards), np.int64)
    side_of[list(areas)] = 0
    return [100 * sums.compute_shares(board_map.view.outcome, side_of)[:, 0] for sums in board_map.sums]


def _make_group(board_map: BoardMap, name: str, areas: Sequence[int], everything: Sequence[Floats]) -> BoardGroup:
    """A group beside all boards that are shown, itself among them."""
    shown, against = board_map.selection.shown, board_map.selection.against
    each = _add_up(board_map, areas)
    values, all_values = (by[shown] if against < 0 else by[shown] - by[against] for by in (each, everything))
    alone = len(areas) == len(board_map.visible_areas)
    return BoardGroup(
        name,
        tuple(areas),
        float(sum(board_map.boards.areas["alloc"][i] for i in areas)),
        tuple(float(np.nanmean(level)) for level in each),
        values,
        None if alone else measure_gap(board_map, values, all_values),
    )


def measure_gap(board_map: BoardMap, new: Floats, old: Floats) -> Gap:
    """How far `new` (futures,) lies above `old`, future by future."""
    known = np.isfinite(new) & np.isfinite(old)
    gaps = (new - old)[known]
    if not len(gaps):
        nan = float("nan")
        return Gap(nan, nan, (nan, nan), (nan, nan), 0, 0, 0)
    sets = board_map.sets
    low, high, lowest, highest = (float(x) for x in np.quantile(gaps, (0.1, 0.9, 0.025, 0.975)))
    return Gap(
        float(gaps.mean()),
        standard_error(gaps, None if sets is None else sets[known]),
        (low, high),
        (lowest, highest),
        int((gaps > EXACT).sum()),
        int((gaps < -EXACT).sum()),
        len(gaps),
    )


def find_leader(values: Floats, sign: int = 1) -> tuple[int, int] | None:
    """The column of `values` (futures, units) that has most (or least, `sign` -1) in nearly all futures, if one has.

    With it, in how many of 100 futures it has more than every other. nan never leads.
    """
    signed = np.where(np.isfinite(values), sign * values, -np.inf)
    if signed.shape[1] < 2:
        return None
    first = int(np.argmax(signed.mean(axis=0)))
    rest = np.delete(signed, first, axis=1).max(axis=1)
    ahead = int((signed[:, first] > rest + EXACT).sum())
    shown = count_in_hundred(ahead, len(signed))
    return (first, shown) if shown >= 100 * NEARLY_ALL else None


# In words.


def describe_subject(board_map: BoardMap) -> str:
    """What groups are compared in: the policy, against which other, the outcome and the years."""
    shown, against = board_map.selection.shown, board_map.selection.against
    name = board_map.name_scenario(shown)
    whose = f"What {name} changes, compared with {board_map.name_scenario(against)}" if board_map.signed else name
    return f"{whose} ({board_map.view.what}, {board_map.view.when})"


def describe_marks(board_map: BoardMap) -> str:
    """What a mark left of zero means, which is no loss where every group gains."""
    if not board_map.signed:
        return "A mark left of 0 is a group with less than all boards together, in the same futures."
    letters = board_map.view.letters
    new, old = letters[board_map.selection.shown], letters[board_map.selection.against]
    return (
        f"A mark is what {new} changes for a group, less what it changes for all boards together in the same futures: "
        f"left of 0 it gains less by {new}, which is no loss compared with {old} unless the amount under its name is "
        "below 0."
    )


def describe_groups(board_map: BoardMap, groups: Sequence[BoardGroup], kind: str) -> str:
    """A kind of groups in a few sentences; "" where there are no groups to compare."""
    if not groups:
        return ""
    return _describe_thirds(board_map, groups) if kind == "deprivation" else _describe_regions(board_map, groups)


def _describe_thirds(board_map: BoardMap, groups: Sequence[BoardGroup]) -> str:
    """The thirds, and the most deprived of them beside the least deprived."""
    first, last = groups[0], groups[-1]
    gap = measure_gap(board_map, first.values, last.values)
    decimals = choose_list_decimals([*(group.mean for group in groups), gap.mean, *gap.likely])
    apart = subtract_as_shown(first.round(board_map, decimals), last.round(board_map, decimals), decimals)
    each = join_words([f"{group.name.lower()} {group.tell(board_map, decimals)}" for group in groups])
    gain = board_map.signed and min(first.round(board_map, decimals), last.round(board_map, decimals)) > 0
    words = GAINED if gain else CHANGED if board_map.signed else HELD
    told = describe_gap(gap, f"the {last.name.lower()}", apart, words)
    return f"In each £100: {each}. The {first.name.lower()} {told}"


def _describe_regions(board_map: BoardMap, groups: Sequence[BoardGroup]) -> str:
    """The span of regions, and the first or the last where it can be told from all others."""
    means = [group.mean for group in groups]
    decimals = choose_list_decimals(means)
    ranked = sorted(groups, key=lambda group: group.mean)
    low, high = (group.tell(board_map, decimals) for group in (ranked[0], ranked[-1]))
    sentences = [f"Regions average {low} to {high} in each £100." if low != high else f"Regions average {low} alike."]
    values = np.stack([group.values for group in groups], axis=1)
    named = [(find_leader(values, sign), word) for sign, word in ((1, "most"), (-1, "least"))]
    sentences += [
        f"{groups[leader[0]].name} has {word}, in {leader[1]} of 100 futures." for leader, word in named if leader
    ]
    if not any(leader for leader, _ in named):
        sentences.append("No region is first or last in 95 of 100 futures, so none is named.")
    return " ".join(sentences)


def describe_gap(gap: Gap, than: str, apart: float, words: GapWords) -> str:
    """A gap as the rest of a sentence, with how sure it is; `apart` is its average as the two amounts are shown."""
    if not gap.more and not gap.less:
        return f"{words.verb} as {words.much} as {than}."
    word, often = (words.more, gap.more) if gap.mean >= 0 else (words.less, gap.less)
    decimals, error = choose_list_decimals([gap.mean, *gap.likely]), Z_95 * gap.error
    low, high = (format_signed_amount(x, decimals) for x in gap.likely)
    size, margin = format_amount(abs(apart), decimals), format_amount(error, choose_own_decimals(error))
    start = (
        f"{words.verb} {size} {word} than {than} on average (running more futures could move that by {margin}); "
        f"in 8 of 10 futures {low} to {high}; {word} in {count_in_hundred(often, gap.n)} of 100"
    )
    ending = {
        "cannot be told apart": "too little to tell them apart",
        "more on average only": f"in a single future either may {words.may}",
        "less on average only": f"in a single future either may {words.may}",
    }
    return f"{start}{': ' + ending[gap.verdict] if gap.verdict in ending else ''}."


# As a picture and a table.


def draw_groups(board_map: BoardMap, groups: Sequence[BoardGroup], kind: str) -> Markup:
    """Each group's gap to all boards together, as a mark and intervals around zero."""
    decimals = choose_list_decimals(
        [*(group.from_all.mean for group in groups if group.from_all), *(g.mean for g in groups)]
    )
    everything = _tell_everything(board_map, decimals)
    rows = [
        Interval(
            group.name,
            PLAIN,
            group.from_all.mean,
            group.from_all.likely,
            group.from_all.wide,
            format_signed_amount(group.from_all.mean, decimals),
            f"{group.tell(board_map, decimals)}, against {everything}",
        )
        for group in groups
        if group.from_all is not None
    ]
    ends = [end for row in rows for end in (*row.wide, row.mean) if end == end]
    description = " ".join([describe_marks(board_map), *(f"{row.title} {row.value} ({row.says})." for row in rows)])
    title = f"{describe_subject(board_map)}. {HEADINGS[kind]}: how far each lies from all boards together"
    axis = AXES[board_map.signed]
    return draw_intervals(f"groups-{kind}", title, description, rows, find_range_around_zero(ends), axis)


def _tell_everything(board_map: BoardMap, decimals: int) -> str:
    """What all boards together have or gain, in words."""
    whole = _make_group(board_map, "", board_map.visible_areas, _add_up(board_map, board_map.visible_areas))
    return f"{whole.tell(board_map, decimals)} for all boards"


def list_columns(board_map: BoardMap) -> tuple[str, ...]:
    """The columns of the table of groups."""
    shown, against = board_map.selection.shown, board_map.selection.against
    letters = board_map.view.letters
    each = [f"{letters[slot]}, £ in each £100" for slot in range(len(board_map.sums))]
    difference = [f"{letters[shown]} compared with {letters[against]}"] if board_map.signed else []
    gaps = (
        "Above or below all boards together",
        "More futures could move it by",
        "8 in 10 results",
        "More in",
        "Verdict",
    )
    return ("Group", "Boards before mergers", "Fund in 2022/23, £m", *each, *difference, *gaps)


def make_rows(board_map: BoardMap, groups: Sequence[BoardGroup]) -> list[tuple[str, list[str]]]:
    """A row for each group: its name and its cells."""
    gaps = [group.from_all for group in groups if group.from_all]
    ends = [x for gap in gaps for x in (gap.mean, *gap.likely)]
    decimals = choose_list_decimals([*ends, *(group.mean for group in groups if board_map.signed)])
    places = choose_list_decimals(Z_95 * gap.error for gap in gaps)
    level_places = decimals if board_map.signed else choose_list_decimals(x for g in groups for x in g.levels)
    rows = []
    for group in groups:
        cells = [
            str(len(group.areas)),
            f"{group.fund:.1f}",
            *(format_amount(x, level_places) for x in group.levels),
        ]
        if board_map.signed:
            cells.append(group.tell(board_map, decimals))
        gap = group.from_all
        if gap is not None:
            mean, low, high = (format_signed_amount(x, decimals) for x in (gap.mean, *gap.likely))
            more = f"{count_in_hundred(gap.more, gap.n)} of 100" if gap.n else "–"
            cells += [mean, format_amount(Z_95 * gap.error, places), f"{low} to {high}", more, gap.verdict]
        rows.append((group.name, cells))
    return rows
