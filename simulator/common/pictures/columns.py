"""Which columns of an answer's table make its picture, as plain text that a saved answer keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureColumns:
    """Which columns of an answer's table make its picture.

    `kind` is "bars" (a bar per row, named by `label`), "points" (a mark per row, and beside it one of `second`), "line"
    (`value` against `label`), "histogram" (of `value`), "front" (`value` against `label`, in steps along those that
    none of a lower `label` beats, where `better` is "more" or "less"), "tolerance" (`value` beside the columns
    `observed`, `tolerance_low` and `tolerance_high`, in the column `unit`) or "box" (limits of factors, from the table
    of `rf.discover`).
    The `label` of rows may be several columns, joined by "+", which are shown with `between` between them.
    `low` and `high` are the columns of an interval, and `half_width` that of half its width, where there are any;
    `interval` says what it is, and `name` what `value` is. `second` and what begins with it is another value of the
    row. `line` is a number, or a column that holds one, at which a dashed line called `line_name` stands. Where
    `filled` is a column, bars and marks are hollow where it is 0, and `filled_name` and `hollow_name` say what that
    means. `axis` is what stands along the axis of the values, `along` along that of `label`, `note` a remark, and
    `infinite` what a table that is shown says for infinity.
    """

    kind: str
    label: str
    value: str
    axis: str
    low: str = ""
    high: str = ""
    half_width: str = ""
    infinite: str = "∞"
    between: str = ": "
    name: str = ""
    interval: str = ""
    second: str = ""
    second_name: str = ""
    second_low: str = ""
    second_high: str = ""
    second_half_width: str = ""
    line: str = ""
    line_name: str = ""
    filled: str = ""
    filled_name: str = ""
    hollow_name: str = ""
    along: str = ""
    better: str = "more"
    note: str = ""
