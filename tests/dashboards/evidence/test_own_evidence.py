"""Evidence of a visitor's own: hostile files, what every page says of it, privacy, and the former answer without it."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from questions_kit import NASTY, ImmediateExecutor

from dashboards.analyses.registry import request_choice
from dashboards.computing.answer_view import view_answer
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.evidence import evidence_job
from dashboards.evidence.change_page import export_change, list_order_changes
from dashboards.evidence.evidence_job import MOST_ROWS, WeighingQueue
from dashboards.evidence.evidence_upload import EvidenceUpload
from dashboards.export.data_exports import list_commands
from dashboards.selection.permalink import make_link, restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from dashboards.widgets.toolbar import Toolbar, render_notices
from simulator.boards.table import read_boards
from simulator.common.event_log import LOG
from simulator.common.sentence_templates import get_template
from simulator.evidence.board_counts import measure_count
from simulator.reports.provenance import list_needs
from simulator.runs.posterior import BLOCK, shipped_posterior

pytestmark = pytest.mark.dashboards

SELECTION = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), futures=250)
FILE = b"""title: A secret survey <img src=x onerror=alert(1)>
because: Someone said so.
statements:
  - {claim: leadership > ringfence, outcome: retained, credence: 0.9, because: hush}
"""
HEAD = b"title: t\nbecause: b\n"


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    """The first block of the shipped posterior is weighed instead of four, for claims that need no more; answers before
    and after are made of few futures.
    """
    shipped = shipped_posterior()
    few = replace(shipped, draws={name: column[:BLOCK] for name, column in shipped.draws.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence_job, "shipped_posterior", lambda: few)
        patch.setattr(evidence_job, "DEFAULT_N", 60)
        yield


def send(pane: EvidenceUpload, data: bytes, name: str = "mine.yaml") -> str:
    """Send a file; what is said of it."""
    pane.upload.filename = name
    pane.upload.value = data
    return str(pane.status.object)


def at_once(session: Session) -> EvidenceUpload:
    """The section of the page, which weighs while one waits."""
    return EvidenceUpload(session, WeighingQueue(ImmediateExecutor()))


class Held(Executor):
    """Runs what it is given when it is let go."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting.append(lambda: fn(*args, **kwargs))
        return Future()


@pytest.mark.parametrize(
    ("data", "name", "messages"),
    [
        (b"\xff\xfe\x00", "x.yaml", ["x.yaml:1: is not UTF-8"]),
        (b"PK\x03\x04" + b"\0" * 50, "x.xlsx", ["x.xlsx:1: is a damaged workbook"]),
        (b"a: &a [*a]\n", "x.yaml", ["x.yaml:1: uses '&' or '*'"]),
        (b"#" * (256 * 1024 + 1), "x.yaml", ["is larger than 256 kB"]),
        (
            HEAD + b"observations:\n  - {rows: ../secret.csv, error: 0.1}\n",
            "x.yaml",
            ["x.yaml:4: observations[1].rows"],
        ),
        (
            HEAD + b"statements:\n  - {claim: ./policy.yaml > ringfence, credence: 0.6, because: b}\n",
            "x.yaml",
            ["not a scenario of the library"],
        ),
        (
            b"board,year,what,value,error\nQQQ,2022/23,retained,2,0.1\nQWO,1999/00,retained,1,0.1\n",
            "../<i>rows.csv",
            ["i-rows.csv:2: board", "i-rows.csv:2: value", "i-rows.csv:3: year"],
        ),
    ],
)
def test_every_mistake_is_shown_at_once_and_nothing_changes(
    data: bytes, name: str, messages: list[str], store: ResultStore
) -> None:
    session = Session(store=store, selection=SELECTION)
    text = send(at_once(session), data, name)
    assert 'role="alert"' in text and session.selection == SELECTION
    for message in messages:
        assert message in text.replace("&#39;", "'").replace("&amp;", "&")
    assert "<i>" not in text


def test_what_evidence_changes_of_the_policies_on_the_screen_is_what_answer_then_shows(store: ResultStore) -> None:
    mine = Slot("ringfence", "My own", (LeverEdit("waiver", 0.3),))
    session = Session(store=store, selection=Selection((TODAYS_RULES, mine, Slot("leadership")), futures=250, seed=3))
    pane = at_once(session)
    told_done: list[str] = []
    pane.status.param.watch(lambda event: told_done.append(str(event.new)), "object")
    send(pane, FILE)
    assert any("%" in words for words in told_done) and not any("100%" in words for words in told_done)
    shown = pane.shown
    assert shown is not None
    told = str(pane.body.object)
    assert told.index("Policies on the screen") < told.index("Policies of the library")
    then = view_answer(store.answer(session.selection, 250)).main
    assert [after.difference for _, after in shown.on_screen] == [comparison.difference for comparison in then]
    assert all(after.sentence in html.unescape(told) for _, after in shown.on_screen)
    [(_, up), (_, same)] = shown.on_screen
    turned = list_order_changes([(replace(up, difference=-up.difference), up), (same, same)])
    assert any("“My own” does better on average than “Today's rules”" in line for line in turned), turned
    none = get_template("evidence.order.same")
    assert list_order_changes([(up, up), (same, same)]) == [none.format(what="money kept")]
    other = [comparison.outcome.name for pair in shown.on_other for comparison in pair]
    assert other == ["additional"] * 4, "both outcomes that Answer compares policies on"
    assert "ew money" in told[: told.index("Policies of the library")]


def test_a_file_that_would_keep_the_server_busy_is_refused(store: ResultStore) -> None:
    places = [(code, year) for code in read_boards().codes for year in range(2022, 2027)]
    rows = [
        f"{code},{year}/{year % 100 + 1},{what},1,0.1"
        for what in ("retained", "spent", "front")
        for code, year in places
    ]
    text = send(
        at_once(Session(store=store, selection=SELECTION)),
        "\n".join(["board,year,what,value,error", *rows]).encode(),
        "rows.csv",
    )
    assert f"{len(rows):,} rows are more than are weighed here, {MOST_ROWS:,} at most" in text


@pytest.fixture(scope="module")
def walk(store: ResultStore) -> tuple[Session, EvidenceUpload, Toolbar, str]:
    """A session whose answers are weighed with the file, and what was written to the log meanwhile."""
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(f"{record.getMessage()} {record.__dict__}")

    handler, level = Keep(), LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.DEBUG)
    session = Session(store=store, selection=SELECTION)
    toolbar, pane = Toolbar(session), at_once(session)
    said = send(pane, FILE, "Hush hush.yaml")
    LOG.removeHandler(handler)
    LOG.setLevel(level)
    assert "Weighed: every answer is now drawn from it" in said
    return session, pane, toolbar, "\n".join(records)


def test_before_and_after_stand_side_by_side(walk: tuple[Session, EvidenceUpload, Toolbar, str]) -> None:
    pane = walk[1]
    assert pane.shown is not None
    text = str(pane.body.object)
    for comparison in pane.shown.change.answers["leadership", "ringfence", "retained"]:
        assert comparison.sentence in text.replace("&#39;", "'")
    assert "Effective sample" in text and "<svg" in text and "Statements are believed as they are" in text
    assert "<img" not in text + str(pane.head.object)
    old, new = pane.shown.change.answers["leadership", "ringfence", "retained"]
    assert new.difference > old.difference
    rows = export_change(pane.shown.change).rows
    assert len(rows) == len(pane.shown.change.answers)


def test_every_page_link_badge_and_command_names_it(
    walk: tuple[Session, EvidenceUpload, Toolbar, str], store: ResultStore
) -> None:
    session, _, toolbar, _ = walk
    own = session.selection.evidence
    assert own is not None and own.counts == "1 statement"
    assert "Answers weighed with your evidence: 1 statement" in str(toolbar._strips["evidence"].parts[0].object)
    assert toolbar._strips["evidence"] in toolbar.view.objects
    link = make_link(session.selection)
    assert f"with={own.fingerprint}" in link and "secret" not in link and "hush" not in link
    view = view_answer(store.answer(session.selection, 100))
    assert "with 1 piece of your own evidence" in view.baseline.manifest.badge
    assert all(f"--with hush-hush.yaml@{own.fingerprint}" in command for command in list_commands(view))
    assert any(f"hush-hush.yaml (fingerprint {own.fingerprint})" in need for need in list_needs(view.recipe))


def test_a_link_whose_file_is_not_there_says_so_and_offers_to_take_it(
    walk: tuple[Session, EvidenceUpload, Toolbar, str], store: ResultStore
) -> None:
    own = walk[0].selection.evidence
    assert own is not None
    restored = restore(make_link(walk[0].selection))
    assert restored.evidence == own.fingerprint and restored.selection == SELECTION and not restored.notes
    other = Session(store=store, selection=restored.selection)
    other.wanted_evidence = restored.evidence
    assert f"fingerprint {own.fingerprint}" in render_notices(other)
    said = send(at_once(other), FILE.replace(b"0.9", b"0.8"))
    assert "It is not what the link was made with" in said and not other.wanted_evidence
    assert restore(f"?v=2&with={NASTY}").evidence == ""


def test_without_it_the_former_answer_is_back_bit_for_bit(
    walk: tuple[Session, EvidenceUpload, Toolbar, str], store: ResultStore
) -> None:
    def values(answer: Answer) -> list[bytes]:
        return [np.ascontiguousarray(run.nation).tobytes() for run in answer.results]

    plain = Selection(SELECTION.slots, futures=250, seed=5)
    session = Session(store=store, selection=plain)
    before = values(ResultStore().answer(plain, 60))
    assert session.use_evidence(walk[0].selection.evidence)
    weighed = values(store.answer(session.selection, 60))
    assert session.use_evidence(None)
    assert weighed != before == values(store.answer(session.selection, 60))
    assert not Toolbar(session)._strips
    session.undo()
    assert session.selection.evidence is walk[0].selection.evidence


def test_it_is_private_to_the_visitor(walk: tuple[Session, EvidenceUpload, Toolbar, str], store: ResultStore) -> None:
    own, log = walk[0].selection.evidence, walk[3]
    assert own is not None
    assert "event" in log
    for secret in ("secret", "hush", "Someone", own.fingerprint):
        assert secret not in log
    weighed = Selection(SELECTION.slots, futures=250, evidence=own)
    question, plain = request_choice(weighed, "regret"), request_choice(SELECTION, "regret")
    assert question.is_private and not plain.is_private and question.key != plain.key
    session = Session(store=store, selection=SELECTION)
    session.use_evidence(own)
    futures = store.answer(session.selection, 40).results[0].futures
    assert futures is not None and store.find_known(TODAYS_RULES.scenario, futures) is not None
    session.close()
    assert store.find_known(TODAYS_RULES.scenario, futures) is None


def test_weighing_can_be_cancelled_and_changes_nothing(store: ResultStore) -> None:
    session, held = Session(store=store, selection=SELECTION), Held()
    pane = EvidenceUpload(session, WeighingQueue(held))
    assert "Weighing" in send(pane, FILE) and pane.stop.visible
    pane.cancel()
    for work in held.waiting:
        work()
    assert "Cancelled; nothing was changed" in str(pane.status.object)
    assert session.selection == SELECTION and not pane.stop.visible and pane.shown is None


def test_statements_that_cannot_hold_are_refused_in_words(store: ResultStore) -> None:
    session = Session(store=store, selection=SELECTION)
    text = send(
        at_once(session), FILE.replace(b"ringfence", b"0.99999").replace(b"outcome: retained", b"outcome: strict")
    )
    assert 'role="alert"' in text and "cannot be believed" in text and session.selection == SELECTION


def enter_count(pane: EvidenceUpload, count: str, asked: str, year: str = "2022/23") -> str:
    """Enter a count on the page; what is said of its fields."""
    form = pane.counts
    form.what.value, form.year.value = "kept_in_full", year
    form.count.value, form.asked.value, form.source.value = count, asked, "=a survey, by post"
    form.add.press()
    return str(form.problem.object)


@pytest.mark.usefixtures("weighed_once")
def test_a_count_entered_on_the_page_is_the_same_evidence_as_its_value_and_error(store: ResultStore) -> None:
    session = Session(store=store, selection=SELECTION)
    pane = at_once(session)
    assert not enter_count(pane, "12", "42") and pane.counts.file.visible
    own = session.selection.evidence
    value, error = measure_count(12, 42)
    figure = f"  - {{what: kept_in_full, year: 2022/23, value: {value!r}, error: {error!r}}}\n"
    other = at_once(Session(store=store, selection=SELECTION))
    send(other, HEAD + b"national:\n" + figure.encode())
    same = other.session.selection.evidence
    assert own is not None and same is not None and own.file == "my-counts.csv"
    assert (own.posterior.draws["row"] == same.posterior.draws["row"]).all()
    kept = pane.counts.read_file()
    assert b'"\'=a survey, by post"' in kept.data, "a spreadsheet runs no formula"
    sent = at_once(Session(store=store, selection=SELECTION))
    send(sent, kept.data, kept.filename)
    assert sent.session.selection.evidence is not None
    assert sent.session.selection.evidence.fingerprint == own.fingerprint
    enter_count(pane, "9", "20", "2023/24")
    assert session.selection.evidence is not None and session.selection.evidence.counts == "2 counts of boards"
    enter_count(pane, "10", "20", "2023/24")
    assert session.selection.evidence.counts == "2 counts of boards", "a count of the same year stands instead"
    session.use_evidence(None)
    enter_count(pane, "12", "42")
    assert session.selection.evidence.fingerprint == own.fingerprint, "what is no longer used does not come back"


@pytest.mark.parametrize(
    ("count", "asked", "said"),
    [
        ("", "42", "How many boards: is missing"),
        ("12", "", "Out of how many: is missing"),
        ("12", "50", "Out of how many: 50 boards cannot have answered"),
        ("13", "12", "How many boards: 13 of 12 is no count"),
        ("<b>", "12", "is not a number"),
    ],
)
def test_a_count_that_cannot_be_is_said_at_its_field_and_changes_nothing(
    count: str, asked: str, said: str, store: ResultStore
) -> None:
    session = Session(store=store, selection=SELECTION)
    pane = at_once(session)
    told = html.unescape(enter_count(pane, count, asked))
    assert said in told and "my-counts.csv" not in told
    assert session.selection == SELECTION and not pane.counts.file.visible
