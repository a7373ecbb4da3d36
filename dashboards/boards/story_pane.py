"""One board's story on the page: which future, its replay in a thread, the timeline, and the reasons."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
import panel as pn
from markupsafe import Markup

from dashboards.boards import timeline
from dashboards.boards.board_map import BoardMap
from dashboards.boards.board_replay import (
    LETTERS_USED,
    BoardReplay,
    find_average_future,
    find_typical_future,
    group_by_year,
    name_example,
    replay_board,
)
from dashboards.common.log import explain_failure, log_job
from dashboards.computing import answer_view
from dashboards.computing.result_store import draw_shared_futures
from dashboards.computing.session import Session
from dashboards.computing.worker import get_shared_pools
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.export.chart_files import Facts
from dashboards.selection.own_evidence import OwnEvidence
from dashboards.widgets.sheet import Push, Sheet, Words
from dashboards.widgets.theme import render_alert
from simulator.agents.divergence import format_board_money
from simulator.agents.explain import CAVEAT, ExplainedDecision
from simulator.boards.table import Boards
from simulator.charts.palette import Style
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import count_in_hundred, format_average, format_part_of_money, join_words
from simulator.common.html import fill_each, join_pieces
from simulator.common.sentence_templates import get_template
from simulator.declarations.calendar import YEARS
from simulator.declarations.draw_ids import Event
from simulator.reports.sentences import format_span
from simulator.runs.futures import MOST
from simulator.runs.posterior import drawing_from
from simulator.scenarios.scenario import Scenario

FUTURE_CHOICES = tuple(
    (get_template(f"story.choice.{name}"), centile) for name, centile in (("usual", 0.5), ("poor", 0.1), ("good", 0.9))
)
NO_BOARD = Markup(
    "<div class='invitation'><h2>Choose a board for an invented example of its story</h2><p>A tile, a name in the "
    "table, or the list above the map. The story then stands here: what happened, quarter by quarter, and "
    "why.</p></div>"
)


@dataclass(frozen=True, eq=False)
class StoryRequest:
    """One board in one future, under the scenario shown and the one it is compared with; `shown` says how."""

    boards: Boards
    board: int
    future: int
    seed: int
    scenarios: tuple[Scenario, ...]
    shown: Hashable
    evidence: OwnEvidence | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """A key that is the same for the same story."""
        scenarios = tuple((scenario.fingerprint, scenario.title) for scenario in self.scenarios)
        evidence = self.evidence.fingerprint if self.evidence else ""
        return (self.boards.fingerprint, self.board, self.future, self.seed, scenarios, self.shown, evidence)


class StoryPane(pn.viewable.Viewer):
    """A board's story. `follow` asks for it; it comes when the replay is done."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.story: BoardReplay | None = None
        self.board_map: BoardMap | None = None
        self._request: StoryRequest | None = None
        self._random = Random()
        self.head, self.body = Words(NO_BOARD), Words()
        self.buttons = [
            Push(label, lambda centile=centile: self._pick(centile), visible=False)  # type: ignore[misc]
            for label, centile in FUTURE_CHOICES
        ]
        self.another = Push("Another future", self._pick_another, visible=False)
        self.files = make_chart_buttons("One board's story", self.export_chart)
        self.files.visible = False
        self.view = Sheet((self.head, *self.buttons, self.another), (self.body, self.files))

    def __panel__(self) -> Sheet:
        return self.view

    def follow(self, board_map: BoardMap) -> None:
        """Ask for the story of the chosen board, unless it is shown already."""
        map_selection = board_map.selection
        if map_selection.board not in board_map.boards.codes:
            self._request, self.story = None, None
            self.head.object, self.body.object = NO_BOARD, ""
            self.files.visible = False
            self._show_tools(False)
            return
        board = board_map.boards.position(map_selection.board)
        future = map_selection.future if map_selection.future >= 0 else find_usual_future(board_map, board)
        slots = [map_selection.shown, *([map_selection.against] if map_selection.against >= 0 else [])]
        request = StoryRequest(
            board_map.boards,
            board,
            future,
            board_map.view.baseline.manifest.seed,
            tuple(board_map.view.scenarios[slot] for slot in slots),
            (*slots, board_map.view.outcome, board_map.view.span),
            self.session.selection.evidence,
        )
        if self._request is not None and request.key == self._request.key:
            return
        self._request, self.board_map = request, board_map
        self.head.object = Markup("<h2>{}</h2><p>Replaying future {:,}…</p>").format(
            name_example(board_map.boards, board), future
        )
        self._show_tools(True)
        get_shared_pools()[0].submit(_replay_in_thread, weakref.ref(self), self.session.later, request)

    def _show_tools(self, shown: bool) -> None:
        for button in (*self.buttons, self.another):
            button.visible = shown

    def wants(self, request: StoryRequest) -> bool:
        """Whether a request is still the last one."""
        return request is self._request

    def put(self, request: StoryRequest, story: BoardReplay | None, problem: str) -> None:
        """A story came; one that is no longer wanted is ignored."""
        if not self.wants(request) or self.board_map is None:
            return
        self.story = story
        self.files.visible = story is not None
        if story is None:
            self.head.object, self.body.object = render_alert(problem or "The story could not be worked out."), ""
            return
        self.head.object = Markup('<div role="status"><h2>{}</h2></div>').format(
            write_title(self.board_map, story)
        ) + describe_future_choice(self.board_map, story, self.session.map_selection.future < 0)
        self.body.object = render_story(self.board_map, story)

    def _find_typical(self, board_map: BoardMap, at: int, centile: float) -> int:
        return find_typical_future(find_own_values(board_map, at), centile)

    def _pick(self, centile: float) -> None:
        if self.board_map is None:
            return
        code = self.session.map_selection.board
        at = self.board_map.boards.position(code)
        future = -1 if centile == 0.5 else self._find_typical(self.board_map, at, centile)
        self._show_future(future)

    def _pick_another(self) -> None:
        if self.board_map is not None:
            self._show_future(self._random.randrange(len(self.board_map.view.baseline)))

    def _show_future(self, future: int) -> None:
        self.session.map_selection = replace(self.session.map_selection, future=min(future, MOST - 1))

    def export_chart(self) -> ChartExport:
        """The timeline as files. Raises InputError while there is none."""
        story, board_map = self.story, self.board_map
        if story is None or board_map is None:
            raise InputError("choose a board first")
        styles = find_pair_styles(board_map)
        heading = write_title(board_map, story)
        svg = timeline.draw_timeline(story, "story", styles, heading, alone=True)
        rows = [(name, *cells) for name, cells in timeline.list_table_rows(story)]
        source, (quarter, *columns) = describe_source(board_map, story), list_columns(board_map, story)
        head = (f"{quarter} ({get_template('story.mark').lower()})", *columns)
        return ChartExport(heading, svg, head, rows, source, collect_example_facts(heading))


def collect_example_facts(heading: str) -> Facts:
    """That a file holds an invented example, for every file of it, also for programs."""
    return (("kind", get_template("story.mark")), ("about", heading))


def _replay_in_thread(
    weak_pane: weakref.ref[StoryPane], later: Callable[[Callable[[], None]], None], request: StoryRequest
) -> None:
    """Replay, unless the pane is gone or shows another story by now, and hand the story over in the session."""
    pane = weak_pane()
    if pane is None or not pane.wants(request):
        return
    del pane
    story, problem = None, ""
    scenario, *others = request.scenarios
    try:
        with log_job("story"):
            other = others[0] if others else None
            with drawing_from(request.evidence):
                futures = draw_shared_futures(1, request.seed)
                story = replay_board(request.boards, request.board, futures, request.future, scenario, other)
    except Exception as error:
        problem = explain_failure(error, "telling the story of a board")

    def hand_over() -> None:
        pane = weak_pane()
        if pane is not None:
            pane.put(request, story, problem)

    later(hand_over)


def find_own_values(board_map: BoardMap, at: int) -> Any:
    """What an area itself keeps in each future under the scenario shown, (futures,)."""
    alone = np.arange(len(board_map.boards))
    return 100 * board_map.sums[board_map.selection.shown].compute_shares(board_map.view.outcome, alone)[:, at]


def find_own_changes(board_map: BoardMap, at: int) -> Any:
    """How much more an area itself keeps in each future than under the scenario it is compared with, (futures,)."""
    other = replace(board_map.selection, shown=board_map.selection.against, against=-1)
    return find_own_values(board_map, at) - find_own_values(replace(board_map, map_selection=other), at)


def find_usual_future(board_map: BoardMap, at: int) -> int:
    """The future nearest to what a board has on average, and to what the policy changes on average where two are
    compared.
    """
    values = find_own_values(board_map, at)
    return (
        find_average_future(values, find_own_changes(board_map, at))
        if board_map.signed
        else find_average_future(values)
    )


def compare_to_average(board_map: BoardMap, story: BoardReplay) -> str:
    """What the board has in a future of the map, and on average, and the same of what the policy changes."""
    selection, letters = board_map.selection, board_map.view.letters
    values, changes = find_own_values(board_map, story.board), None
    if board_map.signed:
        changes = find_own_changes(board_map, story.board)
    return describe_future_beside_average(
        values,
        changes,
        story.future,
        (letters[selection.shown], letters[selection.against] if board_map.signed else ""),
    ) + _say_merged(board_map, story.board)


def describe_future_beside_average(
    values: Floats, changes: Floats | None, future: int, letters: tuple[str, str]
) -> str:
    """What a board has in a future under the first of two scenarios, and on average; with `changes` from the second
    also those. `values` and `changes` are £ of each £100, (futures,).
    """
    new, old = letters
    if not np.isfinite(values[future]):
        return get_template("story.beside.none")
    said = get_template("story.beside").format(
        new=new, here=format_average(float(values[future])), average=format_average(float(np.nanmean(values)))
    )
    if changes is None or not np.isfinite(changes[future]):
        return said
    here, average = (_format_change(float(x)) for x in (changes[future], np.nanmean(changes)))
    return said + get_template("story.beside.change").format(old=old, here=here, average=average)


def _format_change(x: float) -> str:
    return get_template("story.beside.more" if x >= 0 else "story.beside.less").format(size=format_average(abs(x)))


def _say_merged(board_map: BoardMap, at: int) -> str:
    """That the map and the table tell of a merged board, where they do."""
    partners = board_map.merged.list_partners(at)
    return " The map and the table count it together with the boards that it merges with." if partners else ""


def write_title(board_map: BoardMap, story: BoardReplay) -> str:
    """The story in a sentence."""
    example = name_example(board_map.boards, story.board)
    share = story.compute_share(board_map.view.outcome, board_map.view.span)
    about = format_part_of_money(share) if share == share else "no money"
    shown = board_map.name_scenario(board_map.selection.shown)
    start = (
        f"{example}. In one future (number {story.future:,}), under {shown}, it has "
        f"{about} ({board_map.view.what}, {board_map.view.when})"
    )
    span = board_map.view.span
    costliest = story.find_costliest(span)
    if costliest is None:
        return f"{start}; {'in these years it' if story.costliest else 'it'} never loses any"
    of_these = "of these years, " if len(range(*span.indices(YEARS))) > 1 else ""
    return f"{start}; {of_these}{describe_loss(story, costliest)} costs it most"


def describe_loss(story: BoardReplay, explained: ExplainedDecision) -> str:
    """A plan, or money taken back, and what it cost, within a sentence."""
    cost = format_board_money(story.costs[story.explanation.decisions.index(explained)])
    d = explained.decision
    return (
        f"the plan of {d.when[:7]} ({cost})" if d.event is Event.PLAN else f"the money taken back in {d.when} ({cost})"
    )


def describe_future_choice(board_map: BoardMap, story: BoardReplay, usual: bool) -> Markup:
    """How the future was chosen, and that it is one of many."""
    values = find_own_values(board_map, story.board)
    if story.future >= len(values):
        how = "One future more, as likely as each of those behind the map."
    else:
        less = count_in_hundred(int((values < values[story.future] - 1e-9).sum()), len(values))
        kind = "story.usual" if usual else "story.other"
        how = get_template(kind).format(n=f"{len(values):,}", less=less, beside=compare_to_average(board_map, story))
    return Markup('<p class="quiet">{} {}</p>').format(how, CAVEAT)


def list_columns(board_map: BoardMap, story: BoardReplay) -> tuple[str, ...]:
    """The columns of the timeline's table."""
    more = [f"Left under {board_map.view.letters[board_map.selection.against]}"] if story.other is not None else []
    left = f"Left under {board_map.view.letters[board_map.selection.shown]}, of each £100"
    return ("Quarter", left, "Taken back so far this year", "Released by the plan", *more, "What happened")


def find_pair_styles(board_map: BoardMap) -> tuple[Style, Style | None]:
    """How the scenario that is shown is drawn, and the one that it is compared with, if there is one."""
    shown, against = board_map.selection.shown, board_map.selection.against
    styles = board_map.view.styles
    return styles[shown], styles[against] if against >= 0 else None


def describe_source(board_map: BoardMap, story: BoardReplay) -> str:
    """How the story was made."""
    m = board_map.view.baseline.manifest
    own = f" of {m.boards} (fingerprint {m.boards_fingerprint})" if board_map.view.recipe.uses_own_boards else ""
    example = name_example(board_map.boards, story.board)
    return (
        f"{example}. {CAVEAT} One replayed future{own}: number {story.future}, seed {story.seed}; {m.badge}; "
        f"Ringfence {m.version}."
    )


def render_story(board_map: BoardMap, story: BoardReplay) -> Markup:
    """The story in HTML: what mattered most, the timeline, and every reason."""
    styles = find_pair_styles(board_map)
    picture = timeline.draw_timeline(story, "story", styles, write_title(board_map, story))
    descriptions = fill_each(Markup("<li>{}</li>"), timeline.describe_timeline(story))
    rows = timeline.list_table_rows(story)
    return Markup(
        "{}<div class='wide' tabindex='0' role='region' aria-label='Timeline'><div class='card plain timeline'>"
        "{}</div></div><p class='quiet'>A bar is a quarter: each "
        "£100 of this invented board's year. {}</p><details><summary>{}</summary><ul>{}</ul></details>{}<h3>{}</h3>{}"
        "<p class='quiet'>{}</p>"
    ).format(
        render_highlights(board_map, story),
        picture,
        describe_letters(story),
        get_template("story.head.words"),
        descriptions,
        answer_view.render_table(get_template("story.head.table"), list_columns(board_map, story), rows),
        get_template("story.head.why"),
        render_reasons(board_map, story),
        describe_source(board_map, story),
    )


def describe_letters(story: BoardReplay) -> str:
    """What the letters under the bars mean: those that stand there."""
    letter, drawn = get_template("timeline.letter"), {event.letter for event in story.events}
    pairs = [letter.format(letter=mark, event=meaning) for mark, meaning in LETTERS_USED if mark in drawn]
    return get_template("timeline.letters").format(letters=join_words(pairs)) if pairs else ""


def render_highlights(board_map: BoardMap, story: BoardReplay) -> Markup:
    """What cost most, what would have changed it, the closest call, and where the scenarios diverge."""
    highlights = list[tuple[str, Markup]]()
    costliest = story.find_costliest(board_map.view.span)
    span = format_span(board_map.view.years)
    if costliest:
        head = get_template("story.head.cost").format(cost="", span=span)
        highlights.append((head, render_decision(board_map, costliest)))
    elif story.costliest:
        head = get_template("story.head.none_then").format(cost="", span=span)
        highlights.append((head, render_decision(board_map, story.costliest)))
    else:
        none = get_template("story.none").format(poor=get_template("story.choice.poor"))
        highlights.append((get_template("story.head.none"), Markup("<p>{}</p>").format(none)))
    if story.closest_call and story.closest_call not in (costliest, story.costliest):
        highlights.append((get_template("story.head.close"), render_decision(board_map, story.closest_call)))
    divergence = story.explanation.divergence
    if divergence:
        highlights.append((get_template("story.head.diverge"), render_plainly(divergence.plain, divergence.sentence)))
    cards = join_pieces(
        Markup('<section class="card plain"><h3>{}</h3>{}</section>').format(head, text) for head, text in highlights
    )
    return Markup('<div class="cards wider" style="margin-bottom:12px">{}</div>').format(cards)


def render_plainly(plain: str, full: str) -> Markup:
    """Plain words, and the same with its figures in a fold; `full` alone where nothing plainer is said."""
    if plain in ("", full):
        return Markup("<p>{}</p>").format(full)
    return Markup("<p>{}</p><details data-screen><summary>{}</summary><p>{}</p></details>").format(
        plain, get_template("story.head.figures"), full
    )


def render_decision(board_map: BoardMap, explained: ExplainedDecision) -> Markup:
    """A decision and its reasons in plain words, its figures in a fold."""
    plain, full = (name_deciding_board(board_map, explained, text) for text in (explained.plain, explained.sentence))
    return render_plainly(plain, full)


def name_deciding_board(board_map: BoardMap, explained: ExplainedDecision, text: str) -> str:
    """What is said of a decision, with the deciding board's name in place of its code."""
    if explained.by not in board_map.boards.codes:
        return text
    name = board_map.boards.short_names[board_map.boards.codes.index(explained.by)]
    said = get_template("why.decision.by")
    return text.replace(said.format(by=explained.by), said.format(by=name), 1)


def render_reasons(board_map: BoardMap, story: BoardReplay) -> Markup:
    """Every reason, year by year, folded."""
    folds = []
    for _, decisions, money in group_by_year(story):
        items = join_pieces(
            Markup("<li>{}</li>").format(render_decision(board_map, each)) for each in decisions
        ) or Markup("<li>Nothing was decided.</li>")
        folds.append(Markup("<details data-screen><summary>{}</summary><ul>{}</ul></details>").format(money, items))
    return join_pieces(folds)
