"""Formats numbers for people: by unit, averages of £100 to one decimal, else two figures, in British style."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence

from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit

UNDEFINED = "not defined"
NIL = 1e-9
"""Amounts of £100 up to this are nil."""


def write_day(day: dt.date) -> str:
    """A day as people write it: 1 April 2025."""
    return f"{day.day} {day:%B %Y}"


def format_number(x: float, figures: int = 2) -> str:
    """A number with so many significant figures, never in scientific notation."""
    if x == 0:
        return "0"
    text = f"{float(f'{x:.{figures}g}'):,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "−") if text not in ("", "-0") else "0"


def choose_figures(pairs: Iterable[tuple[float, float]], most: int = 4) -> int:
    """How many figures levels need, so that two levels as shown differ by their difference as shown.

    `pairs` are (new, old) levels in the unit that is shown. Two figures are enough unless, for example, £93 less £72
    would appear beside £20. A difference always has two figures. Rounding is allowed for at the coarsest last place.
    """
    shown = [(new, old) for new, old in pairs if new == new and old == old]
    return next((n for n in range(2, most) if all(adds_up(new, old, n) for new, old in shown)), most)


def adds_up(new: float, old: float, figures: int) -> bool:
    """Whether two levels, shown with this many figures, differ by their difference as shown."""
    levels, size = [_round(x, figures) for x in (new, old)], _round(new - old, 2)
    coarsest = max(_find_last_place(new, figures), _find_last_place(old, figures), _find_last_place(new - old, 2))
    return abs(levels[0] - levels[1] - size) <= 0.5 * coarsest + 1e-9


def _round(x: float, figures: int) -> float:
    return float(f"{x:.{figures}g}")


def _find_last_place(x: float, figures: int) -> float:
    rounded = _round(x, figures)
    place = 0.0 if not rounded else 10.0 ** (math.floor(math.log10(abs(rounded)) + 1e-12) - figures + 1)
    return min(place, 1.0)  # £100 is read to the last pound


def choose_decimals(*averages: float) -> int:
    """How many decimals averages that stand together have, £ in each £100: one, so that £91.3 less £71.6 is £19.7; two
    where one of them is below £1 and told in pence. A difference among them is that of the two as they are shown.
    """
    return max([1, *(choose_own_decimals(x) for x in averages if x == x)])


def choose_own_decimals(pounds: float) -> int:
    """How many decimals show two figures of the end of a range: none from £10 on, one from £1 on, else two."""
    return 0 if abs(pounds) >= 9.95 or abs(pounds) <= NIL else 1 if abs(pounds) >= 0.995 else 2


def choose_list_decimals(amounts: Iterable[float]) -> int:
    """How many decimals the averages of one list, column or map share, £ in each £100: one, or two where all are below
    £1. £3.6 stands beside £14.9, never £3.64 beside £3.7.
    """
    sizes = [abs(x) for x in amounts if x == x]
    return choose_decimals(max(sizes, default=0.0))


def _to_units(pounds: float, decimals: int) -> int:
    scale: int = 10**decimals
    return round(float(f"{pounds:.{decimals}f}") * scale)


def format_amount(pounds: float, decimals: int) -> str:
    """An amount of each £100 with so many decimals, in pence where two make less than a pound: £71.6, 45p."""
    if pounds != pounds:
        return UNDEFINED
    if abs(abs(pounds) - 100) <= NIL:
        return "£100" if pounds > 0 else "−£100"
    units = _to_units(abs(pounds), decimals)
    if not units:
        return "£0" if decimals < 2 or abs(pounds) <= NIL else "under 1p"
    sign, size = ("−" if pounds < 0 else ""), units / 10**decimals
    return f"{sign}{units}p" if size < 1 and decimals == 2 else f"{sign}£{size:,.{decimals}f}"


def format_signed_amount(pounds: float, decimals: int) -> str:
    """A difference with its sign: +£15.6, −45p, under 1p more; £0 has none."""
    return sign_amount(format_amount(abs(pounds), decimals), pounds > 0)


def sign_amount(size: str, up: bool) -> str:
    """The size of a difference with its sign: what is too small for a number says its way in a word."""
    if size in ("£0", UNDEFINED):
        return size
    if size[:1] not in "£123456789":
        return f"{size} {'more' if up else 'less'}"
    return f"{'+' if up else '−'}{size}"


def format_amount_between(new: float, old: float, decimals: int) -> str:
    """The size of the difference of two levels as they are shown."""
    units = abs(_to_units(new, decimals) - _to_units(old, decimals))
    return format_amount(units / 10**decimals if units else _limit_unseen(abs(new - old), decimals), decimals)


def _limit_unseen(size: float, decimals: int) -> float:
    """The size of a difference of two levels that look alike, which is below what their last place shows."""
    return min(size, 0.4 * 0.1**decimals)


def subtract_as_shown(new: float, old: float, decimals: int) -> float:
    """The difference of two levels as they are shown with so many decimals; of two that look alike one that is below
    their last place.
    """
    if new != new or old != old:
        return float("nan")
    units = _to_units(new, decimals) - _to_units(old, decimals)
    unseen = math.copysign(_limit_unseen(abs(new - old), decimals), new - old) if decimals > 1 else 0.0
    return units / 10**decimals if units else unseen


def format_average(pounds: float, decimals: int = 1) -> str:
    """An average of each £100 with the decimals of those beside it, or in pence where it is below £1: £71.6, 45p."""
    return format_amount(pounds, max(decimals, choose_decimals(pounds)))


def format_part_of_money(pounds: float) -> str:
    """What is left of each £100 of a board's money, within a sentence: £71.6 in each £100; all, none of its money."""
    shown = format_average(pounds)
    return {format_average(100): "all of its money", format_average(0): "none of its money"}.get(
        shown, f"{shown} in each £100"
    )


def format_pair(new: float, old: float) -> tuple[str, str, str]:
    """Two averages, £ in each £100, and the size of their difference, as a sentence gives them: £87.2, £71.6, £15.6."""
    decimals = choose_decimals(new, old, new - old)
    return (
        format_amount(new, decimals),
        format_amount(old, decimals),
        format_amount_between(new, old, decimals),
    )


def round_as_shown(new: float, old: float) -> tuple[float, float, float]:
    """The same as numbers, the difference with its sign: 87.2, 71.6, 15.6."""
    decimals = choose_decimals(new, old, new - old)
    units = [_to_units(x, decimals) for x in (new, old)]
    new_shown, old_shown, difference = (x / 10**decimals for x in (*units, units[0] - units[1]))
    return new_shown, old_shown, difference


def format_changes(low: float, high: float) -> tuple[str, str]:
    """Two differences, £ in each £100, to the last place that shows two figures of the larger: −£2 and +£20."""
    decimals = choose_own_decimals(max(abs(low), abs(high)))
    return format_signed_amount(low, decimals), format_signed_amount(high, decimals)


def format_gap(new: float, old: float) -> str:
    """How much more or less of each £100 one share is than another, as the two levels are shown: £15.6 more."""
    if new != new or old != old:
        return UNDEFINED
    if abs(100 * new - 100 * old) <= NIL:
        return get_template("gap.none")
    _, _, size = format_pair(100 * new, 100 * old)
    return get_template("gap.more" if new > old else "gap.less").format(size=size)


def format_signed_gap(new: float, old: float) -> str:
    """The same for a picture that names the unit on its axis: +£15.6."""
    if new != new or old != old:
        return UNDEFINED
    _, _, size = format_pair(100 * new, 100 * old)
    return sign_amount(size, new > old)


PART_DECIMALS = 1
"""Averages over a part of the futures are told to 10p, whatever stands beside them, so that each has one text."""


def format_part_gap(part: float) -> str:
    """A difference of shares, averaged over a part of the futures: £3.0 less."""
    size = format_amount(abs(100 * part), PART_DECIMALS)
    return get_template("gap.none" if size == "£0" else "gap.more" if part > 0 else "gap.less").format(size=size)


def format_gap_range(low: float, high: float) -> str:
    """Two differences of shares in £ of each £100, to the last place that the larger needs: £4 to £29 more."""
    if low != low or high != high:
        return UNDEFINED
    decimals = choose_own_decimals(100 * max(abs(low), abs(high)))
    start, end = (format_amount(abs(100 * x), decimals) for x in (low, high))
    if start == end == "£0":
        return get_template("gap.none")
    below, above = low < 0 and start != "£0", high > 0 and end != "£0"
    if below and above:
        first, last = get_template("gap.less").format(size=start), get_template("gap.more").format(size=end)
        return get_template("span").format(first=first, last=last)
    first, last = (end, start) if below else (start, end)
    size = first if first == last else get_template("span").format(first=first, last=last)
    return get_template("gap.less" if below else "gap.more").format(size=size)


def format_share_size(share: float) -> str:
    """The size of a difference of shares, whichever way it points, in £ of each £100: £3.9, 85p."""
    return format_average(abs(100 * share))


def _format_share_size(size: float, figures: int) -> str:
    """The size of a difference of shares in £ of each £100; more than two figures where they are known."""
    if figures <= 2 or 100 * size <= NIL:
        return format_share_size(size)
    pence = 100 * size < 1
    return f"{format_number(10_000 * size, figures)}p" if pence else f"£{format_number(100 * size, figures)}"


def format_pounds(share: float) -> str:
    """An average share as pounds out of each £100, or as pence where it is less than a pound: £71.6, 45p."""
    return format_average(100 * share)


def format_end(share: float) -> str:
    """An end of a range of shares in £ of each £100, or in pence, to two figures: £60."""
    if share != share:
        return UNDEFINED
    return f"{format_number(10_000 * share)}p" if 0 < share < 0.00995 else f"£{format_number(100 * share)}"


def format_level(x: float, unit: Unit) -> str:
    """A level: 66%, £132m, 1.3% of allocation."""
    if x != x:
        return UNDEFINED
    if unit in (Unit.SHARE, Unit.CASES):
        return f"{format_number(100 * x)}%"
    if unit is Unit.MILLIONS:
        return f"£{format_number(x)}m"
    if unit is Unit.PERCENT:
        return f"{format_number(x)}% of allocation"
    return format_number(x)


def describe_level(x: float, unit: Unit) -> str:
    """A level of money as readers are told it, £ of each £100, and any other level as it is: £66, £132m, 1.3%."""
    return format_pounds(x) if unit is Unit.SHARE else format_level(x, unit)


def format_difference(x: float, unit: Unit, figures: int = 2) -> str:
    """A difference with its sign: +£9.0 (of each £100), −£3.1m, under 1p less; shares of boards or posts: +9 points.

    What stands around it says *of each £100*, once; `describe_difference` is for sentences.
    """
    if x != x:
        return UNDEFINED
    if unit is Unit.SHARE:
        return sign_amount(_format_share_size(abs(x), figures), x > 0)
    way = "less" if x < 0 else "more"
    sign = "−" if x < 0 else "+" if x > 0 else ""
    if unit is Unit.CASES:
        points = format_number(100 * abs(x), figures)
        if 0 < abs(x) < 0.001:
            return f"under 0.1 points {way}"
        return f"{sign}{points} point{'' if points == '1' else 's'}" if points != "0" else "0 points"
    if unit is Unit.MILLIONS:
        if 0 < abs(x) < 0.01:
            return f"under £0.01m {way}"
        return f"{sign}£{format_number(abs(x), figures)}m"
    size = format_number(abs(x), figures)
    return size if size == "0" else f"{sign}{size}"


def format_differences(differences: Sequence[float], unit: Unit) -> list[str]:
    """The differences of one list or column, each with its sign; money with the same decimals throughout."""
    if unit is not Unit.SHARE:
        return [format_difference(x, unit) for x in differences]
    decimals = choose_list_decimals(100 * x for x in differences)
    return [format_signed_amount(100 * x, decimals) for x in differences]


def format_absolute(x: float, unit: Unit, figures: int = 2) -> str:
    """A difference without its sign: £9.0 (of each £100), £3.1m, under 1p."""
    return format_difference(abs(x), unit, figures).removeprefix("+").removesuffix(" more")


def format_difference_range(low: float, high: float, unit: Unit) -> str:
    """Two differences as a range, with the unit once: +£4 to +£29, to the last place that the larger needs."""
    return format_range(*format_ends(low, high, unit))


def format_ends(low: float, high: float, unit: Unit) -> tuple[str, str]:
    """Two differences that belong together, each with its sign and to the same last place: +£4 and +£29."""
    if unit is not Unit.SHARE or low != low or high != high:
        return format_difference(low, unit), format_difference(high, unit)
    return format_changes(100 * low, 100 * high)


def name_base(unit: Unit) -> str:
    """What an amount of a share is out of, to follow it in a sentence; nothing for other units."""
    return " " + get_template("of_each") if unit is Unit.SHARE else ""


def describe_difference(x: float, unit: Unit) -> str:
    """A difference in a sentence: £9.0 more of each £100, −£3.1m."""
    if unit is not Unit.SHARE or x != x:
        return format_difference(x, unit)
    size = _format_share_size(abs(x), 2)
    gap = get_template("gap.none" if size == "£0" else "gap.more" if x > 0 else "gap.less").format(size=size)
    return get_template("gap.of_each").format(gap=gap)


def describe_difference_range(low: float, high: float, unit: Unit) -> str:
    """Two differences as a range in a sentence that has named the unit: £4 to £29 more."""
    return format_gap_range(low, high) if unit is Unit.SHARE else format_difference_range(low, high, unit)


def format_range(low: str, high: str) -> str:
    """Two formatted amounts as a range, with a shared unit once: £1.1 to £1.3, 0.6 to 0.8 points."""
    for ending in (" points", " point", " of allocation"):
        low = low.removesuffix(ending)
    return high if low == high or high.startswith(f"{low} ") else f"{low} to {high}"


def count_in_hundred(part: int, whole: int) -> int:
    """A frequency out of 100; never 0 or 100 unless it is exactly so."""
    rounded = round(100 * part / whole)
    if rounded == 100 and part < whole:
        return 99
    return 1 if rounded == 0 and part else rounded


FEWEST = 100
"""With fewer futures (or parameter sets) than this, counts are not out of 100 and there is no verdict."""

TOO_FEW = "too few futures"
"""Shown instead of a verdict when there are fewer."""


def count_cases(part: int, whole: int) -> int:
    """A frequency out of 100, or out of all cases where there are fewer than 100."""
    return count_in_hundred(part, whole) if whole >= FEWEST else part


def count_both_ways(more: int, less: int, same: int, whole: int) -> tuple[int, int, int]:
    """Counts that cover all cases, out of 100 or out of all: the first two as each stands by itself, so that they are
    alike whichever side a sentence begins with, and for the third what is left, which may be 0 where it is rare.
    """
    counts = count_cases(more, whole), count_cases(less, whole)
    return *counts, 100 - sum(counts) if whole >= FEWEST else same


def format_count(part: int, whole: int) -> str:
    """A frequency in words: 87 of 100, or 7 of 8 where there are fewer than 100."""
    return get_template("comparison.count").format(count=count_cases(part, whole), whole=min(whole, 100))


def count_share(share: float, whole: int) -> int:
    """A share of `whole` cases as a count out of 100, or out of all if there are fewer; 0 and 100 only if exact."""
    base = min(whole, 100)
    rounded = round(base * share)
    if share < 1:
        rounded = min(rounded, base - 1)
    return max(rounded, 1) if share > 0 else rounded


def format_share(share: float, whole: int) -> str:
    """A share of `whole` cases as a frequency: 32 of 100, or 3 of 8 where there are fewer than 100."""
    return f"{count_share(share, whole)} of {min(whole, 100)}"


def describe_too_few(n: int, about: str = "") -> str:
    """A sentence saying that there are too few futures for a verdict on `about`."""
    return get_template("too_few.one" if n == 1 else "too_few.many").format(n=n, about=about, fewest=FEWEST)


def number_of(n: int, noun: str) -> str:
    """So many things: 1 board, 42 boards, 1,000 futures."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def join_words(words: list[str]) -> str:
    """Join words as people say them: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return get_template("list.two").format(first=", ".join(words[:-1]), last=words[-1])
