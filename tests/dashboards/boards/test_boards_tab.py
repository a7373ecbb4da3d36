"""The Boards page: the map agrees with the results, sentences with the map, and uploads stay in the session."""

from __future__ import annotations

import gc
import re
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.boards import board_groups, board_text, timeline
from dashboards.boards.board_groups import find_leader
from dashboards.boards.board_map import SORTS, BoardMap
from dashboards.boards.board_replay import (
    BoardReplay,
    find_average_future,
    find_typical_future,
    replay_board,
    trace_money,
)
from dashboards.boards.board_upload import BoardUpload, read_template
from dashboards.boards.merged_boards import BoardFilter, find_map_day, list_map_days, merge_boards, place_tiles
from dashboards.boards.story_pane import (
    StoryPane,
    StoryRequest,
    describe_future_beside_average,
    describe_future_choice,
    find_usual_future,
    render_story,
    write_title,
)
from dashboards.computing import answer_view
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore, draw_shared_futures
from dashboards.export.chart_files import make_chart_csv, make_chart_svg
from dashboards.selection.map_selection import THIRDS, MapSelection
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import TODAYS_RULES, Selection, Slot
from dashboards.tabs.boards import ALL, BoardsTab
from simulator.agents.explain import explain, replay_future
from simulator.boards.csv_reader import MAX_BYTES, MAX_ROWS, REQUIRED
from simulator.boards.table import BoardsError, make_equal_bodies, parse_boards, read_boards
from simulator.charts.colour_scale import compute_contrast_ratio, make_difference_scale, make_level_scale, pick_ink
from simulator.charts.palette import STYLES
from simulator.common.formatting import format_average, format_part_of_money
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import QUARTERS
from simulator.experiments.core.clustered_errors import standard_error
from simulator.runs.board_sums import BATCH, BoardSums, sum_over_years
from simulator.scenarios.scenario import load_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

NASTY = '<img src=x onerror="alert(1)">&"'
SELECTION = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership", NASTY)), futures=250)
N = 128
USUAL, ALL_BOARDS = MapSelection(), BoardFilter()
HEADER = ",".join((*REQUIRED, "footprint", "merge_date"))


def csv(n: int, name: str = "Body", **cells: str) -> bytes:
    rows = [
        f"X{i:03d},{cells.get('name', f'{name} {i}')},{1 + i},{100 + i},{i % 7},{5 + i % 40},R{i % 3},F{i // 2},"
        f"{cells.get('merge', '2026-04-01')}"
        for i in range(n)
    ]
    return "\n".join((HEADER, *rows)).encode()


@pytest.fixture(scope="module")
def answer(store: ResultStore) -> Answer:
    return store.answer(SELECTION, N)


@pytest.fixture(scope="module")
def looked(answer: Answer) -> Callable[..., BoardMap]:
    view = answer_view.view_answer(answer)
    futures = draw_shared_futures(N, SELECTION.seed)
    sums = tuple(
        sum_over_years(scenario, futures, read_boards(), view.span, lambda _: None) for scenario in SELECTION.scenarios
    )
    return lambda map_selection=USUAL, filters=ALL_BOARDS: BoardMap(view, read_boards(), sums, map_selection, filters)


def test_all_boards_together_keep_what_the_results_of_the_nation_say(looked: Callable[..., BoardMap]) -> None:
    board_map = looked()
    whole = np.zeros(42, np.int64)
    for outcome in ("retained", "planned", "additional", "core20", "strict"):
        for run, sums in zip(board_map.view.runs, board_map.sums, strict=True):
            assert sums.compute_shares(outcome, whole)[:, 0] == pytest.approx(
                run.outcome(outcome, board_map.view.span), abs=1e-5
            )


def test_adding_up_does_not_depend_on_how_futures_are_cut_and_stops_when_told(answer: Answer) -> None:
    futures = draw_shared_futures(BATCH + 3, SELECTION.seed)
    span = slice(5, 8)
    whole = sum_over_years(TODAYS_RULES.scenario, futures, read_boards(), span, lambda _: None)
    part = sum_over_years(TODAYS_RULES.scenario, futures.part(0, 5), read_boards(), span, lambda _: None)
    assert (whole.money[:, :5] == part.money).all()

    def stop(done: int) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        sum_over_years(TODAYS_RULES.scenario, futures, read_boards(), span, stop)


def test_merged_bodies_are_those_of_the_data_on_each_day() -> None:
    b, today = read_boards(), load_scenario("baseline")
    assert list(list_map_days(b)) == ["Before April 2026", "From April 2026", "From April 2027"]
    assert [len(merge_boards(b, q, today)) for q in list_map_days(b).values()] == [42, 36, 25]
    assert len(merge_boards(b, 20, load_scenario("no-mergers"))) == 42
    merged = merge_boards(b, 20, today)
    for area in range(42):
        for mate in merged.list_partners(area):
            assert b.footprints[mate] == b.footprints[area]
    assert [find_map_day(b, q) for q in (0, 15, 16, 19, 31)] == [0, 0, 16, 16, 20]


def test_tiles_lie_apart_and_those_that_merge_touch_along_an_edge() -> None:
    b = read_boards()
    spots = place_tiles(b)
    assert len(set(spots)) == 42
    for members in merge_boards(b, 20, None).members:
        group = {spots[i] for i in members}
        found = {min(group)}
        for _ in group:
            found |= {(c, r) for c, r in group for x, y in found if abs(c - x) + abs(r - y) == 1}
        assert found == group


def test_boards_without_places_get_a_tile_each() -> None:
    spots = place_tiles(make_equal_bodies(19))
    assert len(set(spots)) == 19 and max(col for col, _ in spots) < 8


@pytest.mark.parametrize("map_selection", [MapSelection(shown=0, against=-1), MapSelection()])
def test_amounts_of_a_map_of_a_column_and_of_a_list_have_the_same_decimals(
    map_selection: MapSelection, looked: Callable[..., BoardMap]
) -> None:
    board_map = looked(map_selection)
    columns = [[str(tile["value"]) for tile in board_map.make_tiles()]]
    columns += [list(column) for column in zip(*board_map.make_rows(), strict=True)]
    for kind in board_groups.HEADINGS:
        groups = board_groups.group_boards(board_map, kind)
        columns += [
            list(column) for column in zip(*(c for _, c in board_groups.make_rows(board_map, groups)), strict=True)
        ]
        columns.append(re.findall(r"[+−]£[\d.]+", str(board_groups.draw_groups(board_map, groups, kind))))
    places = [
        {len(x.partition(".")[2]) for x in re.findall(r"£([\d.]*\d)", " ".join(c)) if x not in ("0", "100")}
        for c in columns
    ]
    assert any(places) and all(len(kinds) < 2 for kinds in places), columns


@pytest.mark.parametrize(
    "map_selection", [MapSelection(shown=0, against=-1), MapSelection(), MapSelection(shown=2, against=1, quarter=20)]
)
def test_a_tile_shows_the_mean_over_futures_in_words_figures_and_shade(
    map_selection: MapSelection, looked: Callable[..., BoardMap]
) -> None:
    board_map = looked(map_selection)
    tiles = board_map.make_tiles()
    assert len(tiles) == 42
    for i, tile in enumerate(tiles):
        body = board_map.merged.board_of[i]
        mean, shown = float(np.nanmean(board_map.values[:, body])), float(board_map.amounts[body])
        assert abs(shown - mean) <= (1.01 * 10.0**-board_map.decimals if board_map.signed else 1e-9)
        if board_map.signed:
            new, old = (board_map.levels[at][body] for at in (board_map.selection.shown, board_map.selection.against))
            levels = [round(float(x), board_map.decimals) for x in (new, old)]
            assert shown == pytest.approx(levels[0] - levels[1], abs=1e-9)
        shown = round(shown, board_map.decimals)
        low, high = board_map.colours.ends(board_map.colours.class_of(shown))
        assert low - 1e-9 <= shown <= high + 1e-9
        assert tile["fill"] == board_map.colours.fill(shown)
        assert tile["value"] == board_map.format_value(float(board_map.amounts[body]))
        assert board_map.describe_value(int(body)) in str(tile["label"])
        assert compute_contrast_ratio(str(tile["fill"]), str(tile["ink"])) >= 4.5
    mates = {
        str(tile["value"])
        for i, tile in enumerate(tiles)
        if board_map.merged.board_of[i] == board_map.merged.board_of[0]
    }
    assert len(mates) == 1


def test_the_title_names_no_board_unless_it_can_be_told_from_all_others(looked: Callable[..., BoardMap]) -> None:
    board_map = looked(MapSelection(shown=1, against=-1, quarter=20))
    title = board_text.write_title(board_map)
    assert f"25 boards average £{board_map.means.min():.1f} to £{board_map.means.max():.1f} in each £100" in title
    assert "boards as they stand from April 2027" in title
    assert not any(name in title for name in board_map.merged.names)
    told_apart = looked(MapSelection(shown=1, against=-1))
    values = np.minimum(told_apart.values, 98.0)
    values[:, 3] = 99.0  # ahead of all others in every future
    values[:5, 3] = 0.0
    told_apart.__dict__["values"] = values
    assert f"{told_apart.merged.names[3]} has most, in 96 of 100 futures" in board_text.write_title(told_apart)
    assert find_leader(values[:, :1]) is None and find_leader(np.zeros((20, 3))) is None


def test_groups_add_up_their_boards_and_are_paired_with_all_together(looked: Callable[..., BoardMap]) -> None:
    board_map, b = looked(MapSelection(shown=1, against=0)), read_boards()
    for kind, names in (("deprivation", THIRDS[::-1]), ("region", sorted(set(b.regions)))):
        groups = board_groups.group_boards(board_map, kind)
        assert [group.name for group in groups] == list(names)
        assert sorted(area for group in groups for area in group.areas) == list(range(42))
        for group in groups:
            mine = np.array([0 if i in group.areas else 1 for i in range(42)])
            new, old = (100 * board_map.sums[slot].compute_shares("retained", mine) for slot in (1, 0))
            every = [100 * board_map.sums[slot].compute_shares("retained", 0 * mine)[:, 0] for slot in (1, 0)]
            gap = (new - old)[:, 0] - (every[0] - every[1])
            assert group.from_all is not None
            assert group.from_all.mean == pytest.approx(gap.mean())
            assert group.from_all.error == pytest.approx(standard_error(gap, board_map.sets))
            assert group.from_all.more == int((gap > 0).sum())
        text = board_groups.describe_groups(board_map, groups, kind)
        if kind == "deprivation":
            apart = groups[0].from_all.mean - groups[-1].from_all.mean
            size, unit, word = re.findall(r"gains £?([\d.]+)(p?) (more|less) than", text)[0]
            assert (word == "more") == (apart > 0), "the sentence says what the marks show"
            assert float(size) == pytest.approx(abs(apart) * (100 if unit else 1), abs=0.51 if unit else 0.21)
            ends = [float(re.findall(rf"{groups[at].name.lower()} .£([\d.]*\d)", text)[0]) for at in (0, -1)]
            assert float(size) == pytest.approx(abs(ends[0] - ends[1])), "and can be checked by subtracting"
        for group in groups if kind == "deprivation" else ():
            told = re.findall(rf"{group.name.lower()} (.£[\d.]*\d)", text)[0]
            assert told == dict(board_groups.make_rows(board_map, groups))[group.name][5], text
            assert float(told.replace("£", "")) == pytest.approx(group.mean, abs=0.101)
        rows = board_groups.make_rows(board_map, groups)
        assert {len(cells) for _, cells in rows} == {len(board_groups.list_columns(board_map)) - 1}
        drawn = board_groups.draw_groups(board_map, groups, kind)
        assert all(re.sub("&", "&amp;", name) in drawn for name in names)
        subject = board_groups.describe_subject(board_map)
        assert board_map.name_scenario(1) in subject and board_map.name_scenario(0) in subject, (
            "the picture says of what"
        )
        assert str(escape(subject)) in drawn and f"{board_map.view.what}, {board_map.view.when}" in subject
        assert "no loss" in drawn and "against +£" in drawn, "a mark left of zero is less extra, and not a loss"
    assert board_groups.group_boards(looked(filters=BoardFilter("London")), "region") == []


def test_a_region_is_named_only_where_it_leads_in_nearly_all_futures(looked: Callable[..., BoardMap]) -> None:
    board_map = looked(MapSelection(shown=1, against=-1))
    groups = board_groups.group_boards(board_map, "region")
    text = board_groups.describe_groups(board_map, groups, "region")
    assert "none is named" in text and not any(group.name in text for group in groups)
    groups[2].values[:] = 100.5
    assert f"{groups[2].name} has most, in 100 of 100 futures" in board_groups.describe_groups(
        board_map, groups, "region"
    )


def test_the_map_shows_the_boards_of_the_years_of_a_policy_unless_another_day_is_chosen(
    looked: Callable[..., BoardMap],
) -> None:
    board_map = looked(MapSelection(shown=1, against=0))
    assert board_map.map_day == max(list_map_days(read_boards()).values())
    assert len(board_map.visible_boards) == len(board_map.make_rows()) == 25
    assert "25" in board_text.write_title(board_map)


def test_the_title_counts_the_boards_that_do_better_and_turns_round_with_the_scenarios(
    looked: Callable[..., BoardMap],
) -> None:
    before = MapSelection(quarter=0)
    map_view, other = looked(replace(before, shown=1, against=0)), looked(replace(before, shown=0, against=1))
    assert board_text.count_clear_differences(map_view)[0] == board_text.count_clear_differences(other)[1] == 42
    assert "better for all 42 boards, as the model assumes," in board_text.write_title(
        map_view
    ) and "worse for all 42 boards, as the model assumes," in board_text.write_title(other)


def test_a_scenario_against_itself_under_another_name_is_the_same_for_every_board(store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, Slot("baseline", "Twin")), futures=250)
    view = answer_view.view_answer(store.answer(selection, 64))
    sums = tuple(
        sum_over_years(scenario, draw_shared_futures(64, selection.seed), read_boards(), view.span, lambda _: None)
        for scenario in selection.scenarios
    )
    board_map = BoardMap(view, read_boards(), sums, MapSelection(), BoardFilter())
    assert "are the same for every board" in board_text.write_title(board_map)
    assert board_text.describe_chance(board_map) == ""


def test_place_is_told_from_chance(looked: Callable[..., BoardMap]) -> None:
    board_map = looked(MapSelection(shown=0, against=-1))
    assert 0 <= board_text.estimate_place_share(board_map) < 0.05
    assert "the rest is chance" in board_text.describe_chance(board_map)
    random = np.random.default_rng(1)
    fixed = looked(MapSelection(shown=0, against=-1))
    fixed.__dict__["values"] = np.linspace(10, 90, 42) + random.normal(0, 1, (N, 42))
    assert board_text.estimate_place_share(fixed) > 0.95
    assert "matters here" in board_text.describe_chance(fixed)


def test_filters_keep_what_they_name_and_say_so_in_the_table(looked: Callable[..., BoardMap]) -> None:
    board_map = looked(MapSelection(quarter=0), BoardFilter("Midlands", "", 2))
    b = read_boards()
    assert board_map.visible_areas == [i for i in range(42) if b.regions[i] == "Midlands" and b.thirds()[i] == 2] != []
    assert [row[0] for row in board_map.make_rows()] == [b.codes[i] for i in board_map.visible_areas]
    assert sum(not tile["off"] for tile in board_map.make_tiles()) == len(board_map.visible_areas)
    nobody = looked(filters=BoardFilter("London", "DLN"))
    assert nobody.make_rows() == [] and "No board passes" in board_text.write_title(nobody)


@pytest.mark.parametrize("sort", SORTS)
def test_the_table_is_in_the_order_asked_for_with_a_cell_a_column(sort: str, looked: Callable[..., BoardMap]) -> None:
    board_map = looked()
    up, down = board_map.make_rows(sort), board_map.make_rows(sort, falling=True)
    assert up == down[::-1] and {len(row) for row in up} == {1 + len(board_map.head)}
    at = {SORTS[1]: 1, SORTS[2]: 2, SORTS[4]: 5}.get(sort)
    if at:
        keys = [float(row[at]) if sort == SORTS[4] else row[at].casefold() for row in up]
        assert keys == sorted(keys)


def test_shades_have_round_ends_hold_every_value_and_keep_nothing_at_an_end() -> None:
    for values in ([66.1, 77.0, 95.2], [0.0, 0.0], [100.0, 100.0], [0.0, 100.0]):
        found = make_level_scale(values)
        assert 1 <= len(found) <= 8
        assert found.low <= min(values) and found.high >= max(values)
    for values in ([18.0, 24.0], [-4.0, 6.0], [-30.0, -1.0], [0.0]):
        found = make_difference_scale(values)
        assert any(abs(found.ends(at)[0]) < 1e-9 or abs(found.ends(at)[1]) < 1e-9 for at in range(len(found)))
        for at in range(len(found)):
            assert compute_contrast_ratio(found.colour(at), pick_ink(found.colour(at))) >= 4.5


def test_gaps_that_chance_could_leave_have_nearly_one_colour() -> None:
    for scale, values in (
        (make_level_scale([71.4, 73.0]), (71.4, 73.0)),
        (make_difference_scale([0.1, 0.9]), (0.1, 0.9)),
    ):
        assert scale.high - scale.low >= 10 and scale.class_of(values[0]) == scale.class_of(values[1])
    assert make_level_scale([10.0, 90.0]).high == 90 and make_difference_scale([-60.0, 20.0]).low == -60


# A board's story.


@pytest.fixture(scope="module")
def story() -> BoardReplay:
    b = read_boards()
    policies = load_scenario("ringfence"), load_scenario("baseline")
    return replay_board(b, b.position("BC"), draw_shared_futures(N, SELECTION.seed), 17, *policies)


def test_the_story_is_the_one_that_the_command_line_tells(story: BoardReplay) -> None:
    same = explain("ringfence", run=17, board="BC", against="baseline", seed=SELECTION.seed)
    assert story.explanation == same
    assert story.divergence_quarter is not None and same.divergence is not None
    assert same.divergence.quarter == timeline.list_table_rows(story)[story.divergence_quarter][0]


def test_the_course_ends_each_year_where_the_books_say(story: BoardReplay) -> None:
    model = replay_future("ringfence", 17, seed=SELECTION.seed)
    rows = model.area_rows()[:, story.board]
    money = trace_money(model, story.board)
    for year, row in enumerate(rows):
        raided = sum(float(row[f"raided_q{k}"]) for k in range(1, 5))
        whole = float(row["pot"] + row["direct"])
        share_left = 100 * (whole - float(row["released"]) - raided) / whole
        assert money.left[4 * year + 3] == pytest.approx(share_left)
    there = np.isfinite(money.left)
    assert (money.left + money.taken + money.released)[there] == pytest.approx(100.0)
    assert np.flatnonzero(~there).tolist() == [0]


def test_the_typical_future_is_nearest_the_middle_and_the_poor_one_low() -> None:
    values = np.array([100.0, 20.0, np.nan, 60.0, 61.0, 90.0])
    assert find_typical_future(values) == 4
    assert find_typical_future(values, 0.1) == 1
    assert find_typical_future(np.full(3, np.nan)) == 0


def test_a_future_near_every_average_is_chosen_before_one_that_is_near_a_single_one() -> None:
    levels = np.array([50.0, 90.0, 80.0, np.nan, 100.0])
    changes = np.array([10.0, 30.0, 13.0, 10.0, -10.0])
    assert find_average_future(levels) == 2, "80 is the average of those that are known"
    assert find_average_future(levels, changes) == 2
    assert find_average_future(np.array([50.0, 110.0]), np.array([0.0, 0.0])) == 0
    assert find_average_future(np.full(3, np.nan)) == 0


def test_the_usual_story_is_of_a_future_near_the_average_in_what_a_board_has_and_in_what_the_policy_changes(
    looked: Callable[..., BoardMap],
) -> None:
    board_map = looked(MapSelection(shown=1, against=0))
    alone = np.arange(42)
    new, old = (100 * board_map.sums[slot].compute_shares("retained", alone) for slot in (1, 0))
    for at in range(0, 42, 5):
        changes = (new - old)[:, at]
        gaps = np.maximum(abs(changes - changes.mean()), abs(new[:, at] - new[:, at].mean()))
        chosen = find_usual_future(board_map, at)
        assert gaps[chosen] == gaps.min() and changes.mean() > 1
        told = describe_future_beside_average(new[:, at], changes, chosen, ("B", "A"))
        for amount in (new[chosen, at], new[:, at].mean(), changes[chosen], changes.mean()):
            assert format_average(abs(float(amount))) in told
    amounts = looked(MapSelection(shown=1, against=-1))
    gaps = abs(new[:, 3] - new[:, 3].mean())
    assert gaps[find_usual_future(amounts, 3)] == gaps.min()


def test_what_cost_most_is_the_largest_loss_and_its_flip_is_told(story: BoardReplay) -> None:
    assert story.costliest is not None
    most = max(story.costs.values())
    assert story.costs[story.explanation.decisions.index(story.costliest)] == most
    assert "towards the money would have" in story.costliest.sentence


def test_the_story_page_escapes_titles_and_states_its_numbers(
    story: BoardReplay, looked: Callable[..., BoardMap]
) -> None:
    board_map = looked(MapSelection("QUA", shown=2, against=0))
    text = render_story(board_map, story) + describe_future_choice(board_map, story, False)
    assert "<img" not in text
    share = story.compute_share("retained", board_map.view.span)
    assert f"it has {format_part_of_money(share)} (" in write_title(board_map, story)
    assert "nothing here is a forecast" in text
    pictures = timeline.draw_timeline(story, "k", (STYLES[2], STYLES[0]), NASTY) + board_map.draw_picture(NASTY)
    assert "<img" not in pictures and pictures.count('role="img"') == 2


def test_the_story_of_own_policies_says_that_its_board_is_invented_in_every_part_of_it(store: ResultStore) -> None:
    """Policies with made-up names are told as those of the library: title, headings, table, first difference, files."""
    library = Path(__file__).parents[3] / "scenarios"
    texts = [(library / f"{name}.yaml").read_text(encoding="utf-8") for name in ("ringfence", "leadership")]
    own = [
        Slot("own", text=re.sub(r"(?m)^title: .*$", f"title: {title}", text))
        for title, text in zip(("Zorblatt promise", "Quiblet letter"), texts, strict=True)
    ]
    session = Session(store=store, selection=Selection((TODAYS_RULES, *own), futures=250))
    view = answer_view.view_answer(store.answer(session.selection, 16))
    futures, b = draw_shared_futures(16, session.selection.seed), read_boards()
    scenarios = session.selection.scenarios
    sums = tuple(sum_over_years(each, futures, b, view.span, lambda _: None) for each in scenarios)
    pane, code = StoryPane(session), "QWE"
    pane.board_map = BoardMap(view, b, sums, MapSelection(code, shown=1, against=2, future=3), ALL_BOARDS)
    pane._request = StoryRequest(b, b.position(code), 3, session.selection.seed, scenarios[1:], ())
    pane.put(pane._request, replay_board(b, b.position(code), futures, 3, *scenarios[1:]), "")
    head, body, taken = str(pane.head.object), str(pane.body.object), pane.export_chart()
    assert pane.story is not None and pane.story.explanation.divergence is not None
    first = pane.story.explanation.divergence.sentence
    assert "Zorblatt promise" in head and "Zorblatt promise" in first and "Quiblet letter" in first
    headings = [one or two for one, two in re.findall(r"<h3>(.*?)</h3>|<details><summary>(.*?)</summary>", body)]
    parts = {
        "title": head,
        **{heading: heading for heading in headings},
        "years": re.findall(r"<details data-screen><summary>(.*?)</summary>", body)[-1],
        "first difference": get_template("story.head.diverge") + first,
        "picture": str(taken.svg),
        "source": taken.source,
        "heading of the file": taken.title,
        "first column": taken.header[0],
        "SVG": make_chart_svg(taken).decode(),
        "CSV": make_chart_csv(taken).decode(),
    }
    assert len(headings) >= 5 and get_template("story.head.table") in body
    assert [name for name, text in parts.items() if "nvented" not in text] == []
    assert b.names[b.position(code)] not in body + head + first


# The tab.


def wait(until: Callable[[], Any]) -> None:
    for _ in range(600):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.fixture
def tab(store: ResultStore, answer: Answer) -> BoardsTab:
    session = Session(store=store, selection=SELECTION)
    session.tab = "boards"
    session.map_selection = MapSelection(quarter=0)
    session.answer = answer
    boards_tab = BoardsTab(session)
    boards_tab.show_answer(answer_view.view_answer(answer))
    wait(lambda: boards_tab.shown is not None and not boards_tab._quiet)
    return boards_tab


def test_a_board_is_chosen_by_tile_table_or_list_and_told_in_all(tab: BoardsTab) -> None:
    for part, code in ((tab.map, "QHM"), (tab.table, "QUA"), (tab.fields["board"], "QOP")):
        setattr(part, "value" if part is tab.fields["board"] else "chosen", code)
        assert tab.session.map_selection.board == code
        assert (tab.map.chosen, tab.table.chosen, tab.fields["board"].value) == (code, code, code)
    wait(lambda: tab.story.story is not None and tab.story.story.board == read_boards().position("QOP"))
    assert "An invented example: a board with Greater Manchester" in str(tab.story.head.object)
    tab.map.chosen = "nobody"
    assert tab.session.map_selection.board == "QOP"


def test_another_future_is_another_story_and_can_be_linked(tab: BoardsTab) -> None:
    tab.map.chosen = "QUA"
    wait(lambda: tab.story.story is not None)
    first = tab.story.story
    tab.story.another.press()
    tab.session.map_selection = replace(tab.session.map_selection, future=5)
    wait(lambda: tab.story.story is not first and tab.story.story is not None and tab.story.story.future == 5)
    assert "future=5" in make_link(tab.session.selection, "boards", tab.session.map_selection)
    export = tab.story.export_chart()
    assert export.rows and {"kind": "An invented example"}.items() <= dict(export.facts).items()
    for file in (make_chart_csv(export), make_chart_svg(export)):
        assert file.decode("utf-8-sig").count("An invented example: a board with Black Country") >= 2
    assert export.header[0] == "Quarter (an invented example)" and export.svg.count(">An invented example<") == 3


def test_fields_change_the_map_and_nothing_else(tab: BoardsTab) -> None:
    selection = tab.session.selection
    tab.fields["against"].value = -1
    assert tab.shown is not None and not tab.shown.signed
    tab.fields["day"].value = 20
    assert len(tab.shown.merged) == 25
    tab.fields["region"].value = "London"
    assert len(tab.table.rows) == 3 and tab.table.named.startswith("3 boards")
    tab.fields["region"].value = ALL
    assert len(tab.table.rows) == 25 and tab.table.named.startswith("25 boards")
    assert tab.session.selection is selection
    tab.fields["day"].value = 0
    assert len(tab.table.rows) == 42
    assert len(tab.export_chart().rows) == 42 and "forecast" in tab.export_chart().source


def test_the_page_says_that_no_line_is_a_forecast(tab: BoardsTab) -> None:
    assert "line is a forecast of that board" in str(tab.head.object)


def test_a_closed_boards_tab_can_be_collected(store: ResultStore, answer: Answer) -> None:
    boards_tab = BoardsTab(Session(store=store, selection=SELECTION))
    gone = weakref.ref(boards_tab)
    del boards_tab
    gc.collect()
    assert gone() is None


# Links.


@pytest.mark.parametrize(
    "map_selection",
    [
        MapSelection(),
        MapSelection("QUA"),
        MapSelection("QOP", 20, 2, -1, 17),
        MapSelection("", 16, 0, 3),
        MapSelection(shown=3, against=0, future=0),
    ],
)
def test_a_link_restores_board_day_scenarios_and_future(map_selection: MapSelection) -> None:
    restored = restore(make_link(SELECTION, "boards", map_selection))
    assert (restored.map_selection, restored.notes) == (map_selection, ())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("board=%3Cimg%3E", "board that is not there"),
        ("map=2090Q1", "outside the calendar"),
        ("future=999999", "a future has a number"),
        ("show=ZZ", ""),
        ("map=lots", ""),
        ("future=-3", ""),
    ],
)
def test_a_strangers_place_is_left_aside(query: str, message: str) -> None:
    restored = restore(f"?v=1&B=ringfence&{query}")
    assert restored.map_selection == MapSelection() and message in " ".join(restored.notes)


def test_the_work_for_the_table_does_not_grow_with_its_rows(
    looked: Callable[..., BoardMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    board_map, calls = looked(MapSelection(shown=1, against=0)), list[str]()
    compute = BoardSums.compute_shares
    monkeypatch.setattr(
        BoardSums, "compute_shares", lambda sums, *given: (calls.append("once"), compute(sums, *given))[1]
    )
    assert len(board_map.make_rows()) == len(board_map.visible_boards) > 20
    assert len(calls) <= 2 * len(board_map.sums)


# Boards of one's own.


def test_own_boards_drive_every_answer_and_stay_out_of_links_and_of_others_results(store: ResultStore) -> None:
    own = parse_boards(csv(6), "mine.csv")
    session = Session(store=store, selection=SELECTION)
    session.map_selection = MapSelection("QUA")
    assert session.use_boards(own)
    other = store.answer(session.selection, 64)
    assert {run.codes for run in other.results} == {own.codes}
    assert answer_view.view_answer(other).boards is own
    assert store.answer(SELECTION, 64).results[0].codes == read_boards().codes
    assert session.map_selection.board == ""
    query = make_link(session.selection, "boards", MapSelection("X001"))
    assert "X001" not in query and restore(query).selection.own is None
    session.undo()
    assert session.selection == SELECTION


def test_what_was_worked_out_for_own_boards_goes_with_the_session(store: ResultStore) -> None:
    own = parse_boards(csv(5), "mine.csv")
    session = Session(store=store, selection=SELECTION)
    session.use_boards(own)
    futures = draw_shared_futures(64, SELECTION.seed)
    store.answer(session.selection, 64)
    assert store.find_known(TODAYS_RULES.scenario, futures, own) is not None
    session.close()
    assert store.find_known(TODAYS_RULES.scenario, futures, own) is None


def test_the_map_of_own_boards_shows_them_and_the_42_come_back(store: ResultStore) -> None:
    own = parse_boards(csv(6, NASTY), "mine.csv")
    session = Session(store=store, selection=SELECTION)
    session.tab = "boards"
    boards_tab = BoardsTab(session)
    session.use_boards(own)
    boards_tab.handle_change()
    boards_tab.show_answer(answer_view.view_answer(store.answer(session.selection, 64)))
    wait(lambda: boards_tab.shown is not None and len(boards_tab.map.tiles) == 6)
    assert "6 boards" in str(boards_tab.own.head.object) and boards_tab.own.back.visible
    text = str(boards_tab.head.object) + str(boards_tab.own.head.object) + str(boards_tab.key_pane.object)
    assert "<img" not in text
    boards_tab.own.back.press()
    session.use_boards(None)
    boards_tab.show_answer(answer_view.view_answer(store.answer(session.selection, 64)))
    wait(lambda: len(boards_tab.map.tiles) == 42)


class Event:
    def __init__(self, new: bytes) -> None:
        self.new = new


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"code,name\nX,Y\n", "column fund_m: is missing"),
        (csv(2).replace(b",100,", b",-5,"), "line 2, column weight_m"),
        (csv(3, name="<b>&").replace(b"X001", b"X000"), "is already on line 2"),
        (csv(MAX_ROWS + 1), f"has {MAX_ROWS + 1} boards; at most {MAX_ROWS}"),
        (b"x" * (MAX_BYTES + 1), "is larger than 5 MB"),
        ("code;name\n£".encode("latin-1"), "not plain UTF-8"),
    ],
)
def test_a_wrong_table_is_refused_in_an_alert_as_on_the_command_line(
    data: bytes, message: str, store: ResultStore
) -> None:
    session = Session(store=store, selection=SELECTION)
    pane = BoardUpload(session)
    pane.upload.filename = "../<i>Böards.csv"
    pane._receive_table(Event(data))
    text = str(pane.status.object)
    assert 'role="alert"' in text and message in text and session.selection.own is None
    assert "<i>" not in text and "../" not in text


def test_an_upload_that_is_odd_is_used_and_remarked_on(store: ResultStore) -> None:
    session = Session(store=store, selection=SELECTION)
    pane = BoardUpload(session)
    pane.upload.filename = "totals.csv"
    odd = Path(__file__).parents[2] / "boards" / "odd_tables" / "totals.csv"
    pane._receive_table(Event(odd.read_bytes()))
    text = str(pane.status.object)
    assert session.selection.own is not None and len(session.selection.own) == 3
    assert "Worth a look before its numbers are used" in text
    assert "totals.csv:line 4: is the sum of all other rows: a row of totals?" in text


def test_the_errors_are_word_for_word_those_of_the_simulator() -> None:
    bad = csv(2).replace(b",100,", b",-5,")
    with pytest.raises(BoardsError, match=re.escape("mine.csv:line 2, column weight_m: ")):
        parse_boards(bad, "mine.csv")


def test_the_template_can_be_uploaded_again() -> None:
    assert parse_boards(read_template().data, "boards.csv").fingerprint == read_boards().fingerprint


def test_a_merged_board_without_a_published_name_is_called_by_its_areas() -> None:
    boards = read_boards()
    names = merge_boards(boards, QUARTERS - 1, None).names
    assert not {"DLN", "LNR", "SW-PEN"} & set(names)
    assert any("Lincolnshire" in name and "Derby" in name for name in names) and "Central East ICB" in names
