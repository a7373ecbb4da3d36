"""Remarks on what looks odd in a table of boards that can be read; none is a reason to refuse it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from simulator.boards.csv_reader import Problem, Row
from simulator.boards.header import looks_like_totals
from simulator.common.formatting import format_number

FUND_2022 = 200.0
_FUND_RANGE = (100.0, 400.0)
_WHOLE_COUNTRY = 30
"""A table with this many boards is taken for a whole country, and its fund is compared with England's."""
_FUND_OF_WEIGHT = (0.0002, 0.02)  # in 2022/23 it was 0.0017 to 0.0028
_POUNDS_A_HEAD = (300.0, 10_000.0)  # in 2023/24 it was 1,500 to 1,900
_FARTHEST = 25.0  # the farthest in 2023/24 was 8.9%
_LIKE = 0.002


def collect_remarks(rows: Sequence[Row]) -> list[Problem]:
    """Everything that looks odd, in order of lines; remarks on the whole table come first."""
    odd = [
        *_check_totals(rows),
        *_check_units(rows),
        *_check_distances(rows),
        *_check_populations(rows),
        *_check_repeats(rows),
        *_check_regions(rows),
    ]
    return sorted([*odd, *_check_mergers(rows)], key=lambda remark: remark.line or 0)


def _check_totals(rows: Sequence[Row]) -> Iterator[Problem]:
    """Rows that are the sum of all other rows, or of the other rows of their region."""
    named = [row for row in rows if looks_like_totals((row.text["code"], row.text["name"], row.text["region"]))]
    regions: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        regions[row.text["region"].casefold()].append(row)
    for row in rows:
        home = regions[row.text["region"].casefold()]
        if _is_sum(row, [other for other in rows if other is not row]):
            yield Problem(
                row.line, None, "is the sum of all other rows: a row of totals? It counts as a board; remove it"
            )
        elif _is_sum(row, [other for other in home if other is not row]):
            said = (
                f'is the sum of the other rows of "{row.text["region"]}": a subtotal? It counts as a board; remove it'
            )
            yield Problem(row.line, None, said)
        elif row in named:
            yield Problem(row.line, None, "is named like a row of totals; remove it if it is one")


def _is_sum(row: Row, others: Sequence[Row]) -> bool:
    return len(others) > 1 and all(
        row.number[column] > 0
        and math.isclose(row.number[column], math.fsum(o.number[column] for o in others), rel_tol=_LIKE)
        for column in ("fund_m", "weight_m")
    )


def _check_units(rows: Sequence[Row]) -> Iterator[Problem]:
    """Shares in place of percentages, and money that is not in millions."""
    core = [row.number["core20_pct"] for row in rows]
    if 0 < max(core) <= 1:
        yield Problem(None, "core20_pct", f"no value is above {max(core):g}%: are these shares? Write 30 for 30%")
    distance = [abs(row.number["target_distance_pct"]) for row in rows]
    if 0 < max(distance) <= 0.25:
        said = f"no distance is more than {max(distance):g}%: are these shares? Write 5 for 5%"
        yield Problem(None, "target_distance_pct", said)
    fund, weight = (math.fsum(row.number[column] for row in rows) for column in ("fund_m", "weight_m"))
    if fund == 0:
        yield Problem(None, "fund_m", "no board has any fund, so there is nothing to follow")
    elif not _FUND_OF_WEIGHT[0] <= fund / weight <= _FUND_OF_WEIGHT[1]:
        said = (
            f"the funds are {format_number(100 * fund / weight)}% of the allocations (in 2022/23: 0.2%): "
            "are both in £m?"
        )
        yield Problem(None, "fund_m", said)
    if fund > _FUND_RANGE[1] or (0 < fund < _FUND_RANGE[0] and len(rows) >= _WHOLE_COUNTRY):
        said = f"the funds add up to £{fund:,.0f}m, where England's in 2022/23 was £{FUND_2022:.0f}m: is it in £m?"
        yield Problem(None, "fund_m", said)


def _check_distances(rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        distance = row.number["target_distance_pct"]
        if abs(distance) > _FARTHEST:
            said = f"{distance:g}% is far outside what has been published for England (-3.4% to 8.9% in 2023/24)"
            yield Problem(row.line, "target_distance_pct", said)


def _check_populations(rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        people = row.number["registered_population"]
        if math.isnan(people):
            continue
        each = math.inf if people == 0 else row.number["weight_m"] * 1e6 / people
        if not _POUNDS_A_HEAD[0] <= each <= _POUNDS_A_HEAD[1]:
            said = f"an allocation of £{each:,.0f} for each person (in 2023/24: about £1,700): are both right?"
            yield Problem(row.line, "registered_population", said if people else "nobody is registered here")


def _check_repeats(rows: Sequence[Row]) -> Iterator[Problem]:
    """Names, and whole rows of numbers, that occur twice."""
    names: dict[str, int] = {}
    facts: dict[tuple[float, ...], int] = {}
    for row in rows:
        line = names.setdefault(row.text["name"].casefold(), row.line)
        if line != row.line:
            yield Problem(row.line, "name", f'"{row.text["name"][:40]}" is also the name on line {line}')
        numbers = tuple(row.number[name] for name in ("fund_m", "weight_m", "target_distance_pct", "core20_pct"))
        line = facts.setdefault(numbers, row.line)
        if line != row.line and len(rows) > 2:
            yield Problem(row.line, None, f"has the same numbers as line {line}: entered twice?")


def _check_regions(rows: Sequence[Row]) -> Iterator[Problem]:
    """Regions that differ only in a space or a hyphen: their boards would not count as neighbours."""
    spelt: dict[str, tuple[int, str]] = {}
    for row in rows:
        region = row.text["region"]
        line, other = spelt.setdefault(re.sub(r"[\W_]|\band\b", "", region.casefold()), (row.line, region))
        if other.casefold() != region.casefold():
            yield Problem(
                row.line, "region", f'"{region[:40]}" counts as a different region from "{other[:40]}" on line {line}'
            )


def _check_mergers(rows: Sequence[Row]) -> Iterator[Problem]:
    """Boards with a date of merger but no other board to merge with."""
    members: dict[str, int] = defaultdict(int)
    for row in rows:
        members[row.text["footprint"].casefold()] += 1
    for row in rows:
        footprint = row.text["footprint"]
        if row.day["merge_date"] and (not footprint or members[footprint.casefold()] == 1):
            yield Problem(
                row.line, "merge_date", "there is a date, but no other board with the same footprint to merge with"
            )
