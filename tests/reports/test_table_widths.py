"""The width of a page goes to the columns that need it, and no word runs into the next column."""

from __future__ import annotations

import pytest

from simulator.reports.table_widths import BOLD, LONGEST, ROOM, SPARE, share_out_width

pytestmark = pytest.mark.interface


def test_columns_that_find_room_in_one_line_get_what_their_longest_cells_need() -> None:
    assert share_out_width(("a", "b"), (("x" * 10, "y y y"), ("z", "w w w w w"))) == (10 + SPARE, 9 + SPARE)


def test_a_column_of_texts_gets_what_columns_of_numbers_leave() -> None:
    rows = (("E04", "word " * 80, "0.12"), ("E05", "word " * 20, "0.3"))
    code, text, number = share_out_width(("id", "What it says", "p"), rows)
    assert code < 15 and number < 15 and text > ROOM - 30
    assert code + text + number <= ROOM + 2


def test_no_column_is_narrower_than_its_longest_word_or_its_bold_heading() -> None:
    head, rows = ("symbol", "kind", "what"), (("L", "structural choice", "word " * 60),)
    for given in ((), (1, 1, 40)):
        widths = share_out_width(head, rows, given)
        assert widths[0] >= BOLD * len("symbol") + 1 and widths[1] >= len("structural") + SPARE, given


def test_widths_that_are_given_stay_where_every_word_finds_room() -> None:
    assert share_out_width(("a", "b"), (("x", "y"),), (30, 120)) == (30, 120)
    first, second, third = share_out_width(("a", "b", "c"), (("x" * 20, "y", "z"),), (10, 70, 70))
    assert first == 20 + SPARE and second == third and first + second + third == pytest.approx(ROOM, abs=2)


def test_a_word_that_is_parted_when_it_is_set_asks_for_no_more_than_its_longest_part() -> None:
    long, named = share_out_width(("", ""), (("x" * 200, "a_name_in_the_code of a few words " * 9),))
    assert long >= LONGEST and named > 0
    assert share_out_width((), ()) == () and len(share_out_width(("a", "b"), ())) == 2
