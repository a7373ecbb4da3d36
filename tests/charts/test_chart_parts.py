"""The parts of charts: labels, axes, sheets, the typeface; and that nothing a user wrote becomes a tag."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from simulator.charts.axes import Scale, find_range_around_zero
from simulator.charts.fonts import list_font_files
from simulator.charts.labels import shorten, spread_apart, wrap, wrap_whole
from simulator.charts.over_time import Course, draw_over_time, draw_timeline, place_marks
from simulator.charts.palette import STYLES
from simulator.charts.share_picture import ShareWords, draw_share_picture
from simulator.charts.sheets import make_printable, make_sheet
from simulator.charts.squares import Card
from simulator.charts.svg import draw_text, make_element, make_picture

pytestmark = pytest.mark.interface

HOSTILE = '<img src=x onerror="alert(1)">&<>"\'</svg>'


def test_words_and_attributes_are_escaped_and_pieces_are_not() -> None:
    drawn = make_element("g", {"class": HOSTILE}, HOSTILE, draw_text(1, 2, HOSTILE))
    root = ElementTree.fromstring(drawn)
    assert root.attrib["class"] == root.text == root[0].text == HOSTILE
    assert make_element("g", {}, Markup("<i/>")) == "<g><i/></g>"


def test_a_picture_has_a_name_and_a_description_that_are_read_as_they_were_written() -> None:
    root = ElementTree.fromstring(
        make_picture("k", (3, 4), HOSTILE, HOSTILE, make_element("rect", {"width": 3}), alone=True)
    )
    title, description, shape = root
    assert title.text == description.text == HOSTILE
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    assert shape.attrib == {"width": "3"}


def test_what_changes_in_neighbouring_years_stands_on_heights_of_its_own() -> None:
    course = Course("ours", STYLES[1], tuple((0.5,) * 5 for _ in range(5)))
    words = "policy starts", "B, C and D change", "D changes"
    later = [(year, said) for year, said in zip((2, 3), words[1:], strict=True)]
    drawn = ElementTree.fromstring(draw_over_time([course], [*"abcde"], 1, "t", "d", later))
    assert len({text.attrib["y"] for text in drawn.iter() if text.text in words}) == len(words)


def test_every_dotted_line_has_words_that_no_other_line_crosses_and_the_last_names_its_year() -> None:
    years = [f"{2022 + i}/{23 + i}" for i in range(8)]
    marks = place_marks(5, [(6, "B changes"), (7, "C changes")], years)
    assert [(mark.year, mark.words, mark.leftward) for mark in marks] == [
        (4.5, "policy starts", True),
        (5.5, "B changes", False),
        (6.5, "C changes in 2029/30", True),
    ]
    assert place_marks(0, [], years) == []
    course = Course("ours", STYLES[1], tuple((0.5,) * 8 for _ in range(5)))
    for drawn in (
        draw_over_time([course], years, 5, "t", "d", [(6, "B changes")]),
        draw_timeline("k", "d", course, years, 5, None, [(6, "B changes")]),
    ):
        nodes = list(ElementTree.fromstring(drawn).iter())
        lines = [float(node.attrib["x1"]) for node in nodes if node.attrib.get("stroke-dasharray") == "2 3"]
        said = {node.text: node.attrib for node in nodes if node.text in ("policy starts", "B changes")}
        assert [round(float(said[words]["x"]) - x, 1) for words, x in zip(said, lines, strict=True)] == [-5.0, 5.0]
        assert [attributes.get("text-anchor") for attributes in said.values()] == ["end", None]


def test_numbers_in_attributes_keep_a_hundredth_and_what_is_not_there_is_not_written() -> None:
    assert (
        make_element("rect", {"x": 1.2345, "y": 2.0, "width": -0.5, "fill": None})
        == '<rect x="1.23" y="2" width="-0.5"/>'
    )


def test_a_picture_to_share_holds_the_longest_titles_a_visitor_can_give_and_its_sources_whole() -> None:
    title = "Ring-fence audited in every board and a programme for leaders, both from 2028/29"
    assert len(title) == 80
    cards = [Card(title, STYLES[i], 0.5, (0.4, 0.6), "") for i in range(4)]
    sentence = f"In this model, “{title}” keeps £8.4 more of each £100 than “{title}”, on average."
    sure = "In 8 of 10 futures: £2 less to £23 more. More in 81 of 100. " + "Nobody can be sure of it. " * 5
    source = ["1,000 futures, seed 1; " + "not pinned down " * 8, "Source: https://" + "a" * 120]
    small = ["Mine. " * 20, "More. " * 300]
    words = ShareWords("Eyebrow", sentence, sure, "A model’s answer. " * 4, small, "Money", source, "Spoken")
    drawn = ElementTree.fromstring(draw_share_picture(words, cards))
    texts = [node for node in drawn.iter() if node.tag.endswith("text")]
    said = " ".join(node.text or "" for node in texts)
    assert "…" not in said and ("Mine. " * 20).strip() in said and "More. More" not in said, "whole or left out"
    assert said.replace("- ", "-").count(title) == 4 + 2 and words.caveat.strip() in said and sure.strip() in said
    heights = [float(node.attrib["y"]) for node in texts]
    assert max(heights) < 630 and len({*zip(heights, (node.attrib["x"] for node in texts), strict=True)}) == len(texts)
    for node in texts:
        width = 0.6 * float(node.attrib.get("font-size", "13")) * len(node.text or "")
        assert node.attrib.get("text-anchor") == "end" or float(node.attrib["x"]) + width < 1200, node.text


def test_words_are_cut_and_wrapped_with_a_mark() -> None:
    assert shorten("a policy from 2028/29 on", 20) == "a policy from…"
    assert shorten("a policy from 2028/29 on", 22) == "a policy from 2028/29…"
    assert shorten("a longer title", 8) == "a longe…"
    assert shorten("short", 8) == "short"
    assert wrap("one two three four five", 9) == ["one two", "three…"]
    assert wrap_whole("one two three four five", 9) == ["one two", "three", "four five"]
    assert wrap("", 9) == [""]


@pytest.mark.parametrize(("low", "high"), [(-100.0, 100.0), (0.0, 0.01), (-3.0, 0.0), (0.0, 55.0), (-0.4, 9.0)])
def test_an_axis_of_differences_holds_zero_with_a_tick_there(low: float, high: float) -> None:
    ends = find_range_around_zero([low, high])
    assert ends[0] < low <= high < ends[1]
    ticks = Scale(*ends, 0, 100).ticks(7)
    assert 0 in ticks and 1 <= len(ticks) <= 9


def test_labels_at_the_end_of_lines_are_moved_apart_in_their_order() -> None:
    heights = spread_apart([10.0, 12.0, 11.0], 18.0)
    assert heights[0] < heights[2] < heights[1]
    assert heights[2] - heights[0] > 17 and heights[1] - heights[2] > 17


def test_a_rim_is_drawn_before_the_letters_and_the_typeface_is_that_of_the_page() -> None:
    drawn = make_printable(
        '<svg viewBox="0 0 9 9" font-family="x"><title>t</title><text x="1" paint-order="stroke" stroke="#FFFFFF" '
        'stroke-width="4">Hi</text></svg>',
        "dejavu",
    )
    assert drawn.count("Hi</text>") == 2
    assert "stroke" in drawn[: drawn.index("Hi")] and "stroke" not in drawn[drawn.index("Hi") :]
    assert "<title>" not in drawn and 'font-family="dejavu"' in drawn


def test_a_sheet_refuses_what_is_no_picture() -> None:
    with pytest.raises(ValueError, match="cannot be put on a sheet"):
        make_sheet([("a", "<p>no</p>")], "t", "w")


def test_the_typeface_is_found_without_asking_the_system() -> None:
    assert all(path.suffix == ".ttf" and path.is_file() for path in list_font_files().values())
