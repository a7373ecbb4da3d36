"""Does it fit? And on what does it rest?"""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache

from markupsafe import Markup

from dashboards.analyses import shipped_answers
from dashboards.common.glossary import mark_terms
from dashboards.common.log import explain_failure, log_job
from dashboards.computing.answer_view import AnswerView, render_table
from dashboards.computing.worker import get_shared_pools
from dashboards.evidence import register
from dashboards.evidence.doubts import render_doubts
from dashboards.evidence.evidence_upload import EvidenceUpload
from dashboards.export.chart_buttons import ChartExport, make_chart_buttons
from dashboards.tabs import evidence_words as words
from dashboards.tabs.tab import Tab
from dashboards.widgets.sheet import Choice, Entry, Sheet
from dashboards.widgets.theme import make_piece, make_place, render_alert, render_badge
from simulator.calibration.same_evidence import describe_repeats
from simulator.calibration.scoreboard import (
    FINDING_HEAD,
    KINDS,
    SAME,
    SECTIONS,
    Line,
    count_kinds,
    describe_findings,
    list_notes,
    scoreboard,
    tell_seen,
)
from simulator.common.html import NOTHING, fill_each, join_pieces, make_bullets
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.targets import read_targets
from simulator.reports.check_words import describe_history, find_unit, format_value, list_failed, name_line, write_band
from simulator.reports.limits import list_limits
from simulator.reports.provenance import count_badges
from simulator.runs.fit_documents import FindingDocument
from simulator.runs.futures import DEFAULT_N
from simulator.runs.posterior import describe_fit_badge, read_fit_document
from simulator.scenarios.scenario import load_scenario

FUTURES = DEFAULT_N
FIRST = 15
ROWS = {f"The first {FIRST}": FIRST, "All": 0}
LONGEST_WORDS = 80


@lru_cache(maxsize=1)
def list_lines() -> tuple[Line, ...]:
    """The scoreboard that came with the program if it fits, else worked out once for everybody."""
    return shipped_answers.load_scoreboard() or scoreboard(FUTURES)


class EvidenceTab(Tab):
    """What the answer rests on: the scoreboard, the register of assumptions, doubts, evidence of one's own, the log of
    data, limits and versions.
    """

    key, title = "evidence", "Evidence"

    def build(self) -> None:
        self._asked = False
        self.board, self.numbers, self.log, self.limits = make_piece(), make_piece(), make_piece(), make_piece()
        self.board.object = Markup(
            "<h2>Does it fit?</h2><p role='status'>Working out the scoreboard. This takes a while.</p>"
        )
        self.own, self.doubts = EvidenceUpload(self.session), make_piece()
        self.scores = make_chart_buttons("Scoreboard", lambda: _export_scores(list_lines()), picture=False)
        self.order = Choice("Order by", register.ORDERS, "risk")
        self.shows = Choice("Show", register.SHOWS, "all")
        self.rows = Choice("Rows", ROWS, FIRST)
        self.find = Entry("Find words", LONGEST_WORDS, live=True)
        for field in (self.order, self.shows, self.rows, self.find):
            field.param.watch(lambda _: self._list(), "value")
        self.limits.object = Markup("<h2>What this cannot tell you</h2>{}<h2>Versions</h2>{}").format(
            make_bullets(list_limits(lines=shipped_answers.load_scoreboard() or ())),
            make_bullets(words.list_versions()),
        )
        self.view.objects = [
            make_piece(words.render_lead()),
            self.board,
            Sheet(self.scores),
            make_piece(render_heading(), margin=(18, 12, 4, 12)),
            Sheet((self.order, self.shows, self.find, self.rows)),
            self.numbers,
            Sheet(make_chart_buttons("Assumptions", self._export_assumptions, picture=False)),
            self.doubts,
            self.own,
            self.log,
            Sheet(make_chart_buttons("Data log", lambda: words.export_log(dt.date.today()), picture=False)),
            self.limits,
        ]
        self._list()
        self.doubts.object = render_doubts(self.session.selection.outcome)
        self.log.object = words.render_log(dt.date.today())

    def handle_opening(self) -> None:
        if not self._asked:
            self._asked = True
            get_shared_pools()[1].submit(self._work)

    def handle_change(self) -> None:
        self.own.show_evidence()
        self.doubts.object = render_doubts(self.session.selection.outcome)

    def _work(self) -> None:
        try:
            with log_job("scoreboard"):
                text = render_board(list_lines())
        except Exception as problem:
            failure = render_alert(explain_failure(problem, "working out the scoreboard"))
            text = Markup("<h2>Does it fit?</h2>{}").format(failure)
        self.session.later(lambda: self._put(text))

    def _put(self, text: str) -> None:
        self.board.object = text

    def _select_rows(self) -> list[register.Assumption]:
        return register.select_assumptions(str(self.order.value), str(self.shows.value), self.find.value)

    def _list(self) -> None:
        rows = self._select_rows()
        shown = rows[: self.rows.value] if self.rows.value in ROWS.values() and self.rows.value else rows
        self.numbers.object = words.render_assumptions(shown, len(rows))

    def _export_assumptions(self) -> ChartExport:
        return words.export_assumptions(self._select_rows())

    def show_answer(self, view: AnswerView) -> None:
        """The scoreboard and the register do not depend on what is chosen."""


def render_heading() -> Markup:
    """The register's title, what its columns mean, and on what its numbers rest."""
    counts = count_badges()
    badges = Markup(", ").join(Markup("{} {}").format(count, render_badge(name)) for name, count in counts.items())
    pinned = f"{counts['fitted']} of {sum(counts.values())} uncertain numbers are pinned down by the findings"
    return Markup("<h2>{}</h2><p>{}: {}.</p>{}").format(
        register.write_title(), pinned, badges, fill_each(Markup("<p class=quiet>{}</p>"), words.MEANINGS)
    )


def render_board(lines: tuple[Line, ...]) -> Markup:
    """The scoreboard with a title from its counts; failures come first in words."""
    passed = sum(line.passes for line in lines)
    kinds = count_kinds(lines)
    head = Markup(
        "<h2>{} of {} checks are passed; {} of the {} on sizes that the fit never saw</h2>"
        "<p>{} of the checks are of the {} findings that the model was fitted to ({} are passed), {} cite the same "
        "evidence ({}), and {} ask for a sign alone ({}): none of these is a test from outside.</p>"
        "<p>Some findings are tested by more than one check. A check is passed if "
        "the average over {:,} futures lies within limits that were written down (its tolerance). Checks that "
        "fail stay "
        "on the list.</p><p>The model is {}. {}</p>"
    ).format(
        passed,
        len(lines),
        *kinds[KINDS[3]],
        kinds[KINDS[0]][1],
        len(read_fit_document()["targets"]),
        kinds[KINDS[0]][0],
        *reversed(kinds[KINDS[1]]),
        *reversed(kinds[KINDS[2]]),
        FUTURES,
        describe_fit_badge(),
        mark_terms(BEFORE, "prior"),
    )
    if list_failed(lines):
        history = describe_history(lines)
        head += make_place("fails", Markup("<h3>What fails</h3>"))
        head += (Markup("<p>{}</p>").format(history) if history else NOTHING) + make_bullets(list_failed(lines))
    sections = [head]
    for section in SECTIONS:
        sections.append(_render_section(section, [line for line in lines if line.section == section]))
    sections.insert(2, _render_findings())
    return join_pieces(sections)


BEFORE = (
    "“Before the fit” is what the model gives from what was assumed beforehand alone (each number's prior). Where "
    "that is as near to what was seen, the finding taught nothing."
)
NOTES = "What was seen, and how it is compared"
HEAD = ("Check", "Result", "Seen", "Before the fit", "Model", "5 to 95%", "Tolerance", "Evidence", "Name in files")


def _make_row(line: Line) -> tuple[str, list[str]]:
    unit = find_unit(line)
    observed = "" if math.isnan(line.observed) else tell_seen(line, format_value(line.observed, unit))
    spread = "" if math.isnan(line.low) else f"{format_value(line.low, unit)} to {format_value(line.high, unit)}"
    before = (
        ""
        if math.isnan(line.prior)
        else (
            f"{format_value(line.prior, unit)} ({format_value(line.prior_low, unit)} to "
            f"{format_value(line.prior_high, unit)})"
        )
    )
    cells = [
        "passed" if line.passes else "failed",
        observed,
        before,
        format_value(line.simulated, unit),
        spread,
        write_band(line),
        ", ".join(line.evidence),
        line.id,
    ]
    return name_line(line), cells


def _render_section(section: str, lines: list[Line]) -> Markup:
    passed = sum(line.passes for line in lines)
    caption = f"{section[0].upper()}{section[1:]}: {passed} of {len(lines)} passed"
    repeats = make_bullets(describe_repeats()) if section == SAME else Markup()
    table = render_table(caption, HEAD, [_make_row(line) for line in lines])
    told = [f"{title}: {note}" for title, note in list_notes(lines)]
    notes = (
        Markup('<details class="off-paper"><summary>{}</summary>{}</details>').format(NOTES, make_bullets(told))
        if told
        else NOTHING
    )
    return Markup("<h3>{}</h3>{}{}{}").format(caption, repeats, table, notes)


def _render_findings() -> Markup:
    """How far each finding that was fitted moved the answer."""
    findings = read_fit_document()["findings"]
    moved = sum(finding["moved"] for finding in findings)
    caption = f"How far each finding moved the answer: {moved} of {len(findings)} by £1 of each £100 or more"
    titles = {target.id: target.title for target in read_targets().values()}
    rows = []
    for finding, cells in zip(findings, describe_findings(findings), strict=True):
        name, bits, _, *moves = cells.values()
        plain = PARAMETERS[finding["narrows"]].about.plain
        narrows = f"{plain}: to {100 * finding['ratio']:.0f}% of its prior spread"
        rows.append((titles.get(name, name), [bits, narrows, *(_name_plainly(move, finding) for move in moves)]))
    head = tuple(name[0].upper() + name[1:] for name in FINDING_HEAD)
    return Markup("<h3>{}</h3>{}").format(caption, render_table(caption, head, rows))


def _name_plainly(text: str, finding: FindingDocument) -> str:
    """A shift with the policy and the outcome by their titles."""
    for move in (finding["alone"], finding["without"]):
        words = f"{load_scenario(move['policy']).title}, {OUTCOMES[move['outcome']].label.lower()}"
        text = text.replace(f"({move['policy']}, {move['outcome']})", f"({words})")
    return text


def _export_scores(lines: tuple[Line, ...]) -> ChartExport:
    rows = [(line.section, name, *cells) for line in lines for name, cells in (_make_row(line),)]
    title = f"{sum(line.passes for line in lines)} of {len(lines)} checks are passed"
    return ChartExport(
        title, NOTHING, ("Section", *HEAD), rows, words.write_source(f"{FUTURES:,} futures of the posterior")
    )
