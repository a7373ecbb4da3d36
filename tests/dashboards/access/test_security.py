"""Strangers' text, files, links and connections: nothing they hold is run, grows without bound or reaches a file."""

from __future__ import annotations

import ast
import base64
import io
import re
import sys
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import panel as pn
from markupsafe import Markup
from work_done import count_calls, pack

from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.permalink import LONGEST, Restored, restore
from dashboards.selection.selection import (
    TODAYS_RULES,
    Selection,
    SelectionError,
    Slot,
    load_library_scenario,
    make_own_name,
)
from dashboards.server.page import TAB_CLASSES, Dashboard
from dashboards.tabs.share import ShareTab
from dashboards.widgets.first_paint import render_first_words
from dashboards.widgets.sheet import Words
from dashboards.widgets.theme import make_piece
from dashboards.widgets.toolbar import render_notices
from simulator.boards.csv_reader import MAX_BYTES, BoardsError, parse_rows
from simulator.boards.table import parse_boards
from simulator.common import yaml_nodes
from simulator.common.yaml_nodes import LARGEST, MOST_PARTS, MOST_PROBLEMS, ScenarioError
from simulator.runs.recipe import make_file_stem

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[3]
SCRIPT = "<script>alert(1)</script>"
IMAGE = '<img src=x onerror="alert(1)">'
NASTY = f"{IMAGE}{SCRIPT}'\"&{{{{7*7}}}}javascript:alert(1)"
FILE = f"""\
title: '{IMAGE}{SCRIPT}'
question: '{IMAGE}{SCRIPT}'
cannot_say: '{IMAGE}{SCRIPT}'
changes:
  audit:
    to: 0.5
    from: 2027/28 Q1
    because: '{IMAGE}{SCRIPT}'
    evidence: []
    assumption: true
"""
HEAD = "title: T\nquestion: Q\n"
BOARDS = b"code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"


# What is shown is never run.


def select_words(explorer: Dashboard) -> list[Any]:
    """Everything that is put on the page as markup."""
    return list(explorer.__panel__().select(lambda part: isinstance(part, Words | pn.pane.HTML)))


@pytest.mark.parametrize("tab", range(len(TAB_CLASSES)), ids=[kind.key for kind in TAB_CLASSES])
def test_a_script_in_a_file_a_title_or_a_reason_is_shown_and_not_run(tab: int, store: ResultStore) -> None:
    slot = Slot(make_own_name(SCRIPT), "", (), FILE)
    session = Session(
        store=store, selection=Selection((TODAYS_RULES, slot, Slot("ringfence", NASTY[:80])), futures=250)
    )
    session.begin()
    for _ in range(3_600):  # a first run compiles
        if session.answer is not None and session.answer.final:  # or more would come while the page is read
            break
        time.sleep(0.05)
    explorer = Dashboard(session)
    explorer.bar.active = tab
    panes = select_words(explorer)
    text = "\n".join(str(pane.object) for pane in panes)
    assert session.answer is not None
    code = r'(?s)<pre><code>.*?</pre>|data-copy="[^"]*"'  # for a web page, shown and copied as it is to stand there
    shown = re.sub(code, "", text)
    assert "&lt;img" in shown and "&amp;lt;" not in shown
    assert "<img" not in text and "<script" not in text
    assert [pane.object for pane in panes if pane.object and not isinstance(pane.object, Markup)] == []


@pytest.mark.parametrize("key", ["boards", "compare", "money"])
def test_a_script_in_the_name_of_a_board_or_a_region_is_shown_and_not_run(key: str, store: ResultStore) -> None:
    quoted = IMAGE.replace('"', '""')
    row = f'{{}},"{quoted} {{}}",5,10,1,20,"{SCRIPT} {{}}","{quoted}",A{{}}\n'
    table = (
        BOARDS.decode().strip() + ",short_name,abbrev\n" + "".join(row.format(f"Q{n}", n, n % 2, n) for n in range(4))
    )
    own = parse_boards(table.encode(), "mine.csv")
    session = Session(store=store, selection=Selection((TODAYS_RULES, Slot("ringfence")), futures=250, own=own))
    session.begin()
    at = [kind.key for kind in TAB_CLASSES].index(key)
    explorer = Dashboard(session)
    explorer.bar.active = at
    text = ""
    for _ in range(3_600):
        text = "\n".join(str(pane.object) for pane in select_words(explorer))
        if session.answer is not None and len(text) > 500 and (key != "boards" or "&lt;script" in text):
            break
        time.sleep(0.05)
    assert len(text) > 500 and (key != "boards" or "&lt;script" in text)
    assert "<img" not in text and "<script" not in text


def test_a_text_that_is_no_markup_is_escaped_by_the_piece_of_the_page_itself() -> None:
    words = Words(NASTY)
    assert "<img" not in words.describe()["html"] and unescape(words.describe()["html"]) == NASTY
    words.object = Markup("<p>{}</p>").format(NASTY)
    assert unescape(words.describe()["html"]) == f"<p>{NASTY}</p>"
    piece = make_piece(NASTY)
    shown = unescape(str(piece._transform_object(piece.object)["object"]))  # Panel escapes once more for its way
    assert "<img" not in shown and unescape(shown) == NASTY
    piece.object = Markup("<p>{}</p>").format(NASTY)
    shown = unescape(str(piece._transform_object(piece.object)["object"]))
    assert shown.startswith("<p>") and unescape(shown) == f"<p>{NASTY}</p>"


def test_scripts_of_components_make_no_markup_out_of_data() -> None:
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySet")
    files = [*(ROOT / "dashboards").rglob("*.js")]
    assert files
    puts = {path.name: len(markup.findall(path.read_text(encoding="utf-8"))) for path in files}
    puts = {name: times for name, times in puts.items() if times}
    allowed = {"sheet.js": 1, "slide_show.js": 1}
    assert puts == allowed, (
        "only words and slides, which the server has escaped, are put in as markup, each in one place"
    )


def test_what_stands_in_the_page_before_its_scripts_is_escaped_too(store: ResultStore) -> None:
    session = Session(store=store, selection=Selection((TODAYS_RULES, Slot("ringfence", NASTY[:80])), futures=250))
    session.store.answer(session.selection, 250)
    session.begin()
    text = render_first_words(session.answer)
    assert session.answer is not None and "&lt;img" in text
    assert "<img" not in text and "<script" not in text


def test_a_script_in_any_field_of_a_link_is_told_as_text() -> None:
    fields = ("v", "m", "tab", "o", "seed", "n", "y", "B", "B.title", "B.file", "B.audit", "B.audit.why", "B.wand")
    for field in fields:
        restored = restore(f"?v=1&B=ringfence&{field}={NASTY.replace('&', '%26')}")
        session = Session(
            store=ResultStore(lambda *_: pytest.fail("nothing is to be run")), selection=restored.selection
        )
        session.notes = list(restored.notes)
        text = render_notices(session)
        assert "<img" not in text and "<script" not in text, field


def uploaded(name: str, data: bytes, store: ResultStore) -> tuple[ShareTab, Session]:
    session = Session(store=store, selection=Selection((TODAYS_RULES,), futures=250))
    tab = ShareTab(session)
    tab.upload.filename = name
    tab.upload.value = data
    return tab, session


@pytest.mark.parametrize(
    "name", [f"{SCRIPT}.yaml", "../../../etc/passwd", "C:\\Windows\\x.yaml", "a" * 5_000, "", "\0"]
)
def test_the_name_of_an_uploaded_file_becomes_plain_letters(name: str, store: ResultStore) -> None:
    tab, session = uploaded(name, FILE.encode(), store)
    slot = session.selection.slots[1]
    assert set(slot.preset) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and 0 < len(slot.preset) <= 60
    assert "<script" not in tab.errors.object and "<img" not in tab.errors.object
    assert set(make_file_stem(slot.scenario.name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe\x00t", "not UTF-8"),
        (b"x" * (LARGEST + 1), "too large"),
        (b"", None),
        (f"title: '{SCRIPT}'\n{SCRIPT}: 1\n".encode(), "not a known key"),
    ],
)
def test_an_upload_that_cannot_be_used_is_told_in_words_and_changes_nothing(
    data: bytes, message: str | None, store: ResultStore
) -> None:
    tab, session = uploaded("x.yaml", data, store)
    assert session.selection.slots == (TODAYS_RULES,)
    assert (message is None and not tab.errors.object) or (message is not None and message in tab.errors.object)
    assert "<script" not in tab.errors.object


# What is read is bounded.

LARGE = {
    "aliases that multiply": "a: &a [x]\n" + "b: &b [*a, *a, *a]\n" * 9,
    "depth": HEAD + "changes: " + "[" * 100_000,
    "a hundred thousand parts": HEAD + "interventions: [" + "1," * 120_000 + "]\n",
    "a hundred thousand parents": HEAD + "extends: [" + "x," * 120_000 + "]\n",
    "a hundred thousand empty mappings": HEAD + "changes: [" + "{}," * 80_000 + "]\n",
    "more parts than a scenario has": HEAD + "interventions: [" + "1," * (MOST_PARTS - 50) + "]\n",
    "a huge number": HEAD + "changes: {audit: {to: " + "9" * 200_000 + ", from: 2027/28, because: b}}\n",
    "a number beyond all": HEAD + "changes: {audit: {to: 1e999999999, from: 2027/28, because: b}}\n",
}


MOST_CALLS = 5_000_000
"""Of Python functions: a second or two; it was up to twenty."""

FEW_PARTS = 10
"""What is not read to its end but to the most parts is read to this part of them."""


@pytest.mark.parametrize("name", LARGE)
def test_a_text_made_to_keep_the_reader_busy_is_refused_soon_and_in_few_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = FEW_PARTS if "hundred thousand" in name else 1
    monkeypatch.setattr(yaml_nodes, "MOST_PARTS", MOST_PARTS // few)
    caught = list[ScenarioError]()

    def refuse() -> None:
        with pytest.raises(ScenarioError) as found:
            Slot("mine", "", (), LARGE[name])
        caught.append(found.value)

    assert count_calls(refuse) < MOST_CALLS / few
    assert len(caught[0].problems) <= MOST_PROBLEMS + 20
    assert len(str(caught[0])) < 60_000


@pytest.mark.parametrize("name", LARGE)
def test_the_same_text_in_a_short_link_costs_no_more(name: str) -> None:
    query, restored = f"?v=1&B=mine&B.title=x&B.file={pack(LARGE[name])}", list[Restored]()
    assert count_calls(lambda: restored.append(restore(query))) < MOST_CALLS
    assert len(query) < LONGEST and len(restored[0].selection.slots) == 1
    assert restored[0].notes and max(map(len, restored[0].notes)) < 1_000


def test_a_small_link_cannot_make_much_memory_be_used() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 5_000_000, 9)).decode()
    tracemalloc.start()
    try:
        restored = restore(f"?v=1&B=mine&B.file={bomb}&C=mine&C.file={bomb}&D=mine&D.file={bomb}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert restored.selection.slots == (TODAYS_RULES,)
    assert peak < 12 * LARGEST


def test_a_link_beyond_every_length_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.selection.permalink.parse_qsl", lambda *_, **__: pytest.fail("it was read"))
    assert "too long" in restore("?v=1&B=ringfence&B.title=" + "x" * 50_000_000).notes[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (BOARDS + b"".join(b"Q%d,B,1,1,1,1,R\n" % n for n in range(10_000)), "10000 boards; at most 500"),
        (b",".join(b"c%d" % n for n in range(400_000)) + b"\n", "400,000 columns; at most 200"),
        (BOARDS + b"x" * MAX_BYTES, "larger than 5 MB"),
        (BOARDS + b"Q,B," + b"9" * 100_000 + b",1e999,1,1,R\n", "is above"),
        (BOARDS + b"Q,B,nan,inf,1,1,R\n", "is not a number"),
        (BOARDS + b'"' + b"\n" * 4_000_000, "quotation marks"),
    ],
)
def test_a_table_of_boards_has_bounds_and_says_which(data: bytes, message: str) -> None:
    messages: list[str] = []

    def read() -> None:
        with pytest.raises(BoardsError, match=message) as caught:
            parse_rows(data, "x.csv")
        messages.append(str(caught.value))

    assert count_calls(read) < MOST_CALLS
    assert len(messages[0]) < 20_000


# No path from a visitor reaches the file system.

_OPENED: list[str] = []
_WATCH = {"on": False, "hooked": False}


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every path that is opened or looked at."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        looked = _WATCH["on"] and event in ("open", "os.listdir", "os.scandir")
        if looked and "ruamel" not in str(args[0]):  # which looks into its own folder again and again
            _OPENED.append(str(args[0]))

    if not _WATCH["hooked"]:
        sys.addaudithook(hook)
        _WATCH["hooked"] = True
    original_stat = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> Any:
        _OPENED.append(str(self))
        return original_stat(self, follow_symlinks=follow_symlinks)

    restore("?v=1&B=ringfence%2Bleadership")  # what the library reads once
    monkeypatch.setattr(Path, "stat", stat)
    _OPENED.clear()
    _WATCH["on"] = True
    yield _OPENED
    _WATCH["on"] = False


PATHS = (
    "/etc/hostname",
    "../../pyproject.toml",
    "scenarios/ringfence.yaml",
    "ringfence.yaml",
    "..\\..\\x.yml",
    "file:///x",
    "\\\\server\\share\\x.yaml",
    "/dev/zero",
    "~/x.yaml",
    "ringfence+/etc/hostname",
    "CON",
    "a\0b.yaml",
)


@pytest.mark.parametrize("name", PATHS)
def test_no_path_in_a_link_a_preset_or_a_file_is_opened_or_looked_for(name: str, touched: list[str]) -> None:
    from urllib.parse import quote

    restore(f"?v=1&B={quote(name)}&B.title=x&C=mine&C.file={pack(HEAD + f'extends: {name!r}')}")
    with pytest.raises(SelectionError):
        load_library_scenario(name)
    with pytest.raises(ScenarioError):
        Slot(name, "", (), HEAD + f"extends: ['{name}']\n".replace("\0", ""))
    assert touched == []


def test_a_name_of_the_library_would_be_seen_if_it_were_read(touched: list[str]) -> None:
    with io.open(ROOT / "pyproject.toml", encoding="utf-8"):  # noqa: UP020
        pass
    assert touched


def test_views_open_no_files() -> None:
    allowed = {
        "build",
        "model_page",
        "commands",
        "server",
        "password_file",
        "oauth_login",
        "data_exports",
        "explorer",
        "routes",
        "log",
    }
    """Of whoever runs it, and a temporary folder."""
    texts = []
    for path in sorted((ROOT / "dashboards").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in ("open", "io.open", "os.open", "Path", "pathlib.Path") and not _own(node):
                    texts.append(f"{path.stem}: {ast.unparse(node)}")
    assert [text for text in texts if text.split(":")[0] not in allowed] == []


def _own(node: ast.Call) -> bool:
    """A path that begins with this module's own."""
    return bool(node.args) and ast.unparse(node.args[0]) == "__file__"
