"""Properties of reading boards: valid tables keep their facts, and no bytes give anything but a clear answer."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.boards.csv_reader import Row, parse_rows
from simulator.boards.table import BoardsError, read_boards
from simulator.common.characters import remove_invisible
from simulator.declarations.calendar import NEVER, quarter_of

pytestmark = pytest.mark.boards

Line = dict[str, str]
GOOD: Line = {
    "code": "Q1",
    "name": "First board",
    "fund_m": "3.4",
    "weight_m": "2000",
    "target_distance_pct": "-1.5",
    "core20_pct": "21.5",
    "region": "North",
}


def table(*lines: Line) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue().encode("utf-8")


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_give_rows_or_a_boards_error_and_nothing_else(tail: bytes) -> None:
    try:
        rows = parse_rows(table(GOOD) + tail, "mine.csv")
    except BoardsError as error:
        assert str(error).startswith("mine.csv:")
    else:
        assert all(isinstance(row, Row) for row in rows)


printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
label = printable.map(remove_invisible).filter(bool)  # what cannot be seen is dropped from a cell
day = st.none() | st.dates(dt.date(2022, 4, 1), dt.date(2040, 1, 1))
amount = st.floats(0.001, 10_000)


@st.composite
def valid_lines(draw: st.DrawFn) -> list[Line]:
    """Between 1 and 12 boards, in up to three footprints with dates of their own or in none."""
    codes = draw(st.lists(label, min_size=1, max_size=12, unique_by=str.casefold))
    dates: dict[str, tuple[dt.date | None, dt.date | None]] = {}
    for footprint in ("", "East", "South, West"):
        merge, share = draw(day), draw(day)
        dates[footprint] = (max(merge, share), min(merge, share)) if merge and share else (merge, share)
    lines: list[Line] = []
    for code in codes:
        footprint = draw(st.sampled_from(sorted(dates)))
        merge, share = dates[footprint]
        lines.append(
            {
                "code": code,
                "name": draw(label),
                "short_name": draw(label),
                "abbrev": draw(label),
                "region": draw(st.sampled_from(["North", "Midlands"])),
                "fund_m": repr(draw(amount)),
                "weight_m": repr(draw(amount)),
                "target_distance_pct": repr(draw(st.floats(-20, 20))),
                "core20_pct": repr(draw(st.floats(0, 100))),
                "footprint": footprint,
                "merge_date": str(merge or ""),
                "share_date": str(share or ""),
                "registered_population": draw(st.sampled_from(["", "1200000"])),
                "tile_col": str(len(lines)),
                "tile_row": "1",
            }
        )
    return lines


def quarter(text: str, *, shared: bool) -> int:
    return quarter_of(dt.date.fromisoformat(text)) if text and shared else NEVER


@given(valid_lines())
def test_valid_boards_are_read_back_with_the_same_facts_in_order_of_region_and_code(lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mine.csv")
        path.write_bytes(table(*lines))
        read = read_boards(path)
    lines = sorted(lines, key=lambda row: (row["region"].casefold(), row["code"].casefold()))
    areas = read.areas
    assert read.source == "mine.csv"
    assert read.codes == tuple(row["code"] for row in lines)
    assert (read.names, read.abbrevs) == (tuple(r["name"] for r in lines), tuple(r["abbrev"] for r in lines))
    assert (read.short_names, read.regions) == (
        tuple(r["short_name"] for r in lines),
        tuple(r["region"] for r in lines),
    )
    assert areas["alloc"].tolist() == [float(row["fund_m"]) for row in lines]
    assert areas["weight"].tolist() == [float(row["weight_m"]) for row in lines]
    assert areas["core20"].tolist() == [float(row["core20_pct"]) / 100 for row in lines]
    assert np.isfinite(areas["target_z"]).all()
    assert [math.isnan(people) for people in read.population] == [not row["registered_population"] for row in lines]
    assert read.tiles == tuple((int(row["tile_col"]), 1) for row in lines)
    assert [lines[i]["tile_col"] for i in read.as_listed] == [str(i) for i in range(len(lines))]
    for i, row in enumerate(lines):
        members = [j for j, other in enumerate(lines) if other["footprint"] == row["footprint"]]
        members = members if row["footprint"] else [i]
        heaviest = max(float(lines[j]["weight_m"]) for j in members)
        assert areas["head"][i] == next(j for j in members if float(lines[j]["weight_m"]) == heaviest)
        assert areas["merge_q"][i] == quarter(row["merge_date"], shared=len(members) > 1)
        assert areas["share_q"][i] == quarter(row["share_date"], shared=len(members) > 1)
