"""Who, where?"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import panel as pn
from markupsafe import Markup

from dashboards.boards import board_groups, board_text
from dashboards.boards.board_finder import BoardFinder
from dashboards.boards.board_map import SORTS, BoardMap, get_shared_map
from dashboards.boards.board_sums import SumsCache, SumsKey, get_shared_sums_cache, make_key, make_sums_cache
from dashboards.boards.board_upload import BoardUpload
from dashboards.boards.board_widgets import LEGEND, BoardTable, TileMap, render_legend
from dashboards.boards.merged_boards import BoardFilter, find_map_day, list_map_days, spell_out
from dashboards.boards.story_pane import StoryPane
from dashboards.common.log import Cancelled, explain_failure, log_job
from dashboards.computing import answer_view
from dashboards.computing.shared_rendering import share_rendering
from dashboards.computing.worker import QUICK_FIRST, get_shared_pools
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.selection.map_selection import THIRDS
from dashboards.selection.selection import LETTERS
from dashboards.tabs.tab import Tab
from dashboards.widgets.select_options import set_options
from dashboards.widgets.sheet import Choice, Sheet, Tick, Words
from dashboards.widgets.theme import PRINT_BLOCK, render_alert, render_quiet
from simulator.boards.table import Boards
from simulator.charts.sheets import make_sheet
from simulator.common.errors import InputError
from simulator.common.html import fill_each, join_pieces
from simulator.runs.board_sums import BoardSums, sum_over_years

MOST = 2000
"""Futures behind the map at most: sums of more would fill the memory for a difference that no map can show."""


ALL, NONE = "all", "none"


class BoardsTab(Tab):
    """Tile map, table, one board's story, and the visitor's own boards."""

    key, title = "boards", "Boards"

    def build(self) -> None:
        self._quiet, self._token = False, 0
        self._view: answer_view.AnswerView | None = None
        self._sums: tuple[BoardSums, ...] = ()
        self._own = make_sums_cache()
        self.shown: BoardMap | None = None
        self.head, self.key_pane, self.below, self.groups = Words(), Words(), Words(), Words()
        self.fields = self._make_fields()
        self.map = TileMap(sizing_mode="stretch_width", min_width=0, margin=(4, 12))
        self.table = BoardTable(sizing_mode="stretch_width", min_width=0, margin=(4, 12))
        for part in (self.map, self.table):
            part.param.watch(lambda event: self._choose(event.new), "chosen")
        self.take = make_chart_buttons("Boards", self.export_chart)
        self.take_groups = make_chart_buttons("Groups of boards", self.export_groups)
        self.story, self.own = StoryPane(self.session), BoardUpload(self.session)
        self.session.param.watch(lambda _: self._handle_move(), "map_selection")
        self.finder = BoardFinder(lambda: self.session.selection.boards, self._find)
        self._lay_out()
        self._show_waiting()
        self._quiet = True
        selection = self.session.selection
        titles = (scenario.title for scenario in selection.scenarios)
        self._fill(selection.boards, dict(zip(selection.letters, titles, strict=True)))
        self._quiet = False

    def _make_fields(self) -> dict[str, Any]:
        labels = {
            "shown": "Show",
            "against": "Compared with",
            "day": "Map date",
            "region": "Region",
            "third": "Deprivation",
            "footprint": "Merged board",
            "board": "Board",
            "sort": "Sort by",
        }
        fields: dict[str, Any] = {name: Choice(label, {"All": ALL}, ALL) for name, label in labels.items()}
        set_options(fields["sort"], {label: label for label in SORTS}, SORTS[0])
        fields["falling"] = Tick("Highest or last first")
        for name, field in fields.items():
            field.param.watch(lambda event, name=name: self._set(name, event.new), "value")
        return fields

    def _lay_out(self) -> None:
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "min_width": 0, "margin": (2, 6)}
        chosen = [self.fields[name] for name in ("shown", "against", "day", "region", "third", "footprint", "board")]
        column: dict[str, Any] = {"margin": 0, "min_width": 0, "stylesheets": [PRINT_BLOCK]}
        left = pn.Column(self.map, styles={"flex": "1.3 1 300px"}, **column)
        key = Sheet(self.key_pane, css=LEGEND)
        beside = pn.Column(key, self.story, styles={"flex": "1.2 1 300px"}, **column)
        self.view.objects = [
            Sheet(self.head, self.finder.parts, chosen),
            pn.FlexBox(left, beside, gap="8px", align_items="flex-start", stylesheets=[PRINT_BLOCK], **wide),
            Sheet((self.groups, self.take_groups)),
            Sheet((self.fields["sort"], self.fields["falling"])),
            self.table,
            Sheet((self.below, self.take)),
            self.own,
        ]

    def _show_waiting(self) -> None:
        self.head.object = Markup('<div role="status"><h2>Working out every board…</h2></div><p>{}</p>').format(
            board_text.CAVEAT
        )

    # What comes in.

    def show_answer(self, view: answer_view.AnswerView) -> None:
        self._view, boards = view, self.session.selection.boards
        self._token += 1
        futures = answer_view.find_futures(view).part(0, min(len(view.baseline), MOST))
        keys = [make_key(scenario, futures, boards, view.span) for scenario in view.scenarios]
        cache = self._own if self._is_private() else get_shared_sums_cache()
        ready = [cache.get(key) for key in keys]
        known = tuple(sums for sums in ready if sums is not None)
        if len(known) == len(keys):
            self.put(self._token, view, known, "")
            return
        job = Job(weakref.ref(self), self.session.later, self._token, view, boards, keys, cache)
        get_shared_pools()[1].submit(job.run)

    def put(self, token: int, view: answer_view.AnswerView, sums: tuple[BoardSums, ...], problem: str) -> None:
        """Show the sums that came, or what went wrong; those of an earlier request are ignored."""
        if token != self._token:
            return
        if problem:
            self.head.object = render_alert(problem)
            return
        self._view, self._sums = view, sums
        self._show()

    def handle_change(self) -> None:
        self.own.show_boards()
        self.finder.search()
        if not self._is_private():
            self._own = make_sums_cache()

    def _is_private(self) -> bool:
        """Whether the visitor's own boards or evidence are used."""
        selection = self.session.selection
        return selection.own is not None or selection.evidence is not None

    def _handle_move(self) -> None:
        if self._sums and self.session.tab == self.key:
            self._show()

    def _set(self, name: str, value: Any) -> None:
        if self._quiet or value is None:
            return
        map_selection = self.session.map_selection
        if name == "board":
            self._choose("" if value == NONE else value)
        elif name == "shown":
            self.session.chose_map_pair = True
            against = -1 if int(value) == map_selection.against else map_selection.against
            self.session.map_selection = replace(map_selection, shown=int(value), against=against)
        elif name == "against":
            self.session.chose_map_pair = True
            self.session.map_selection = replace(map_selection, against=int(value))
        elif name == "day":
            self.session.map_selection = replace(map_selection, quarter=int(value))
        elif self._sums:
            self._show()

    def _find(self, code: str) -> None:
        """Choose a board that was found, and go to its story, which may stand below the window."""
        self._choose(code)
        self.story.view.bring(self.story.head)

    def _choose(self, code: str) -> None:
        known = code in self.session.selection.boards.codes or not code
        if not self._quiet and known and code != self.session.map_selection.board:
            self.session.map_selection = replace(self.session.map_selection, board=code)

    # What is shown.

    def _read_filters(self) -> BoardFilter:
        region, footprint, third = (
            "" if self.fields[name].value == ALL else str(self.fields[name].value)
            for name in ("region", "footprint", "third")
        )
        return BoardFilter(region, footprint, int(third) if third else -1)

    def _show(self) -> None:
        assert self._view is not None
        boards = self.session.selection.boards
        if len(self._sums[0].money[0, 0]) != len(boards):
            return  # sums of other boards: those of these are on their way
        self._quiet = True
        try:
            titles = [run.manifest.title for run in self._view.runs]
            self._fill(boards, dict(zip(self._view.letters, titles, strict=False)))
            get_map = BoardMap if self._is_private() else get_shared_map
            board_map = get_map(self._view, boards, self._sums, self.session.map_selection, self._read_filters())
            self.shown = board_map
            self._draw(board_map)
        finally:
            self._quiet = False
        self.story.follow(board_map)

    def _fill(self, boards: Boards, titles: Mapping[str, str]) -> None:
        """Fill the fields with their options and with what is chosen."""
        letters = "".join(titles)
        map_selection = self.session.map_selection.limit_to(letters)
        shown = LETTERS.index(letters[map_selection.shown])
        against = LETTERS.index(letters[map_selection.against]) if map_selection.against >= 0 else -1
        slots = {f"{letter}  {title}": LETTERS.index(letter) for letter, title in titles.items()}
        others = {"Nothing: amounts": -1, **{label: number for label, number in slots.items() if number != shown}}
        prints = sorted({name for name in boards.footprints if name})
        options: dict[str, tuple[dict[str, Any], Any]] = {
            "shown": (slots, shown),
            "against": (others, against),
            "day": (list_map_days(boards), find_map_day(boards, map_selection.quarter)),
            "region": ({"All regions": ALL, **{name: name for name in sorted(set(boards.regions))}}, None),
            "third": ({"All": ALL, **{label: at for at, label in reversed(list(enumerate(THIRDS)))}}, None),
            "footprint": ({"All merged boards": ALL, **{spell_out(boards, name): name for name in prints}}, None),
            "board": (
                {
                    "None chosen": NONE,
                    **{f"{boards.short_names[i]} ({boards.codes[i]})": boards.codes[i] for i in range(len(boards))},
                },
                map_selection.board or NONE,
            ),
        }
        for name, (offered, value) in options.items():
            field = self.fields[name]
            kept = field.value if value is None else value
            set_options(field, offered, kept if kept in offered.values() else next(iter(offered.values())))

    def _draw(self, board_map: BoardMap) -> None:
        title = board_text.write_title(board_map)
        filtered = f" Shown: {board_map.filters.description}." if board_map.filters.description else ""
        self.head.object = Markup('<div role="status"><h2>{}</h2></div><p><strong>{}</strong></p>').format(
            title, board_text.CAVEAT
        )
        caption = "Average over futures, £ in each £100"
        self.key_pane.object = Markup(
            "{}<p class='quiet'>Boards within one thick outline have merged by the map date and count as one.{}</p>"
        ).format(render_legend(board_map.colours, caption), filtered)
        self.groups.object = render_groups(board_map)
        named = f"Tile map of {len(board_map.boards)} boards. {title}"
        self.map.param.update(tiles=board_map.make_tiles(), chosen=self.session.map_selection.board, named=named)
        sort, falling = self.fields["sort"].value, self.fields["falling"].value
        rows = board_map.make_rows(sort, falling)
        by = {
            SORTS[1]: 0,
            SORTS[2]: 1,
            SORTS[3]: 2,
            SORTS[4]: 4,
            SORTS[5]: len(board_map.head) - 2 if board_map.signed else 5 + board_map.selection.shown,
        }.get(sort, -1)
        by_chance = "; neighbours in this order cannot be told apart" if sort == SORTS[5] else ""
        self.table.param.update(
            head=list(board_map.head),
            named=f"{len(rows)} board{'' if len(rows) == 1 else 's'}: averages over futures{by_chance}",
            by=by,
            falling=falling,
            rows=rows,
            chosen=board_map.find_row_code(self.session.map_selection.board),
        )
        self.below.object = render_quiet(answer_view.write_provenance_line(board_map.view))

    def export_chart(self) -> ChartExport:
        """The map and its table to take away. Raises ValueError while there is none."""
        board_map = self.shown
        if board_map is None:
            raise InputError("the boards are still being worked out")
        title = board_text.write_title(board_map)
        rows = [tuple(row) for row in board_map.make_rows()]
        return ChartExport(
            title,
            board_map.draw_picture(title),
            ("Code", *board_map.head),
            rows,
            f"{answer_view.write_provenance_line(board_map.view)} {board_text.CAVEAT}",
        )

    def export_groups(self) -> ChartExport:
        """Thirds and regions to take away. Raises InputError while there are none."""
        board_map = self.shown
        grouped = {} if board_map is None else group_all(board_map)
        if board_map is None or not grouped:
            raise InputError("there are no groups of boards to compare: choose fewer filters")
        panels, rows = list[tuple[str, Markup]](), list[tuple[str, ...]]()
        for kind, groups in grouped.items():
            panels.append((board_groups.HEADINGS[kind], board_groups.draw_groups(board_map, groups, kind)))
            rows += [(name, *cells) for name, cells in board_groups.make_rows(board_map, groups)]
        subject = board_groups.describe_subject(board_map)
        title = f"{subject}. Boards in groups: how far each lies from all boards together in the same futures"
        words = " ".join(board_groups.describe_groups(board_map, groups, kind) for kind, groups in grouped.items())
        marks = board_groups.describe_marks(board_map)
        source = f"{marks} {answer_view.write_provenance_line(board_map.view)} {board_text.CAVEAT}"
        return ChartExport(title, make_sheet(panels, title, words), board_groups.list_columns(board_map), rows, source)


def group_all(board_map: BoardMap) -> dict[str, list[board_groups.BoardGroup]]:
    """The groups of each kind that can be compared."""
    each = {kind: board_groups.group_boards(board_map, kind) for kind in board_groups.KINDS}
    return {kind: groups for kind, groups in each.items() if groups}


@share_rendering
def render_groups(board_map: BoardMap) -> Markup:
    """Thirds and regions: a sentence and a picture each, the numbers of both, and how far to trust them."""
    grouped = group_all(board_map)
    cards = join_pieces(
        Markup(
            '<section class="card plain"><h3>{}</h3><p class="quiet">{}</p><p>{}</p>'
            '<div style="max-width:420px">{}</div></section>'
        ).format(
            board_groups.HEADINGS[kind],
            board_groups.describe_subject(board_map),
            board_groups.describe_groups(board_map, groups, kind),
            board_groups.draw_groups(board_map, groups, kind),
        )
        for kind, groups in grouped.items()
    )
    rows = [row for groups in grouped.values() for row in board_groups.make_rows(board_map, groups)]
    table = answer_view.render_table("Groups of boards", board_groups.list_columns(board_map), rows) if rows else ""
    lines = [
        board_text.describe_chance(board_map),
        board_text.describe_correlates(board_map),
        board_text.describe_precision(board_map),
        board_groups.RULE,
    ]
    note = f"{board_groups.describe_marks(board_map)} Thick line: 8 in 10 "
    return Markup('<div class="cards wider">{}</div>{}{}{}').format(
        cards,
        render_quiet(f"{note}results; thin line: 95 in 100.") if grouped else "",
        table,
        fill_each(Markup('<p class="quiet">{}</p>'), filter(None, lines)),
    )


class Job:
    """Adds up the boards under every scenario, on a thread; stops when nobody wants it any more."""

    def __init__(
        self,
        tab: weakref.ref[BoardsTab],
        later: Callable[[Callable[[], None]], None],
        token: int,
        view: answer_view.AnswerView,
        boards: Boards,
        keys: list[SumsKey],
        cache: SumsCache,
    ) -> None:
        self.tab, self.later, self.token, self.view = tab, later, token, view
        self.boards, self.keys, self.cache = boards, keys, cache

    def run(self) -> None:
        """Do the work and hand over the result."""
        futures = answer_view.find_futures(self.view).part(0, min(len(self.view.baseline), MOST))
        all_sums, message = [], ""
        try:
            with log_job("board-sums", scenarios=len(self.keys), futures=len(futures)):
                for scenario, key in zip(self.view.scenarios, self.keys, strict=True):
                    sums = self.cache.get(key)
                    if sums is None:
                        sums = sum_over_years(scenario, futures, self.boards, self.view.span, self.wanted)
                        self.cache.put(key, sums)
                    all_sums.append(sums)
        except Cancelled:
            return
        except Exception as error:
            message = explain_failure(error, "adding up the boards")
        self.later(lambda: self._hand_over(tuple(all_sums), message))

    def wanted(self, _: int) -> None:
        """Raise Cancelled unless somebody waits for the sums; let quick answers go first."""
        QUICK_FIRST.stand_aside()
        tab = self.tab()
        if tab is None or tab._token != self.token:
            raise Cancelled

    def _hand_over(self, sums: tuple[BoardSums, ...], problem: str) -> None:
        tab = self.tab()
        if tab is not None:
            tab.put(self.token, self.view, sums, problem)
