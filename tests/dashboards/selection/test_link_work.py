"""What a link makes the server do is bounded, whatever it holds, and other visitors do not wait for it."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work_done import count_calls, pack

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.selection import permalink, selection
from dashboards.selection.permalink import Restored, holds_files, make_link, restore, restore_in_thread
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.common.yaml_nodes import ScenarioError
from simulator.declarations.calendar import quarter_name
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.scenarios import loader
from simulator.scenarios.scenario import library, load_scenario, parse_scenario
from simulator.scenarios.validation import MOST_PARENTS

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

HEAD = "title: T\nquestion: Q\n"
FILE = HEAD + "changes:\n  audit: {to: 1, from: 2027/28 Q1, because: b, evidence: [E42]}\n"
MOST_CALLS = 5_000_000
"""Calls of Python functions: half a second or so. The most parts that a file may have take 4 million."""


@pytest.fixture(autouse=True)
def unread() -> None:
    """Every test reads its files anew."""
    selection._parse_text.cache_clear()
    restore("?v=2&B=both&C=full-package")  # what is read once for everybody


def every_lever_every_quarter() -> str:
    lines = [HEAD + "changes:\n"]
    for name, lever in LEVERS.items():
        low = f"{lever.about.low:g}"
        steps = [
            f"{{to: {low}, from: {quarter_name(q)}, until: {quarter_name(q)}, because: b, evidence: [E42]}}"
            for q in range(12)
        ]
        lines.append(f"  {name}: [{', '.join(steps)}]\n")
    return "".join(lines)


HEAVY = {
    "one parent 1,200 times": HEAD + f"extends: [{','.join(['leadership'] * 1200)}]\n",
    "every scenario as a parent, again and again": HEAD + f"extends: [{','.join([*library()] * 20)}]\n",
    "parents that are not there": HEAD + "extends: [" + ",".join(f"ringfence{i}" for i in range(4000)) + "]\n",
    "every lever in every quarter": every_lever_every_quarter(),
    "evidence without end": HEAD
    + "changes:\n  audit: {to: 1, from: 2027/28, because: b, evidence: ["
    + ",".join(list(load_register()) * 50)
    + "]}\n",
    "a thousand unknown ids": HEAD
    + "changes:\n  audit: {to: 1, from: 2027/28, because: b, evidence: ["
    + ",".join(f"X{i}" for i in range(1000))
    + "]}\n",
    "thousands of unknown keys": HEAD + "".join(f"titel{i}: 1\n" for i in range(4000)),
    "a long title": f"title: {'T' * 60_000}\nquestion: Q\n",
    "marks on one letter": f"title: T{chr(0x301) * 30_000}\nquestion: Q\n",
    "lists in lists": HEAD + "changes: " + "[" * 60_000,
    "aliases that multiply": "a: &a [x]\n" + "b: &b [*a, *a, *a]\n" * 9,
    "a number of many digits": HEAD + "changes:\n  audit: {to: " + "9" * 60_000 + ", from: 2027/28, because: b}\n",
    "20,000 parts": HEAD + "interventions: [" + "1," * 19_900 + "]\n",
    "many lines of a text": HEAD + "cannot_say: |\n" + "  x\n" * 15_000,
    "quotes and escapes": HEAD + 'cannot_say: "' + "\\u0041" * 10_000 + '"\n',
    "a path with one quarter again and again": HEAD
    + "changes:\n  audit: {path: {"
    + "2027/28: 1, " * 4_000
    + "}, because: b, evidence: [E42]}\n",
}


@pytest.mark.parametrize("kind", HEAVY)
def test_no_file_in_a_link_takes_much_work(kind: str) -> None:
    packed_text = pack(HEAVY[kind])
    levers = "".join(f"&{letter}.{name}=0_2027Q1" for letter in "BCD" for name in LEVERS)
    query = "?v=2" + "".join(f"&{letter}=m&{letter}.file={packed_text}" for letter in "BCD") + levers
    assert count_calls(lambda: restore(query)) < MOST_CALLS


def test_the_same_parent_again_adds_nothing_and_more_than_sixteen_are_refused_in_words() -> None:
    often = parse_scenario(HEAD + f"extends: [{','.join(['leadership', 'ringfence'] * 600)}]\n")
    assert often.fingerprint == load_scenario("leadership+ringfence").fingerprint and often.conflicts == ()
    names = list(library())[1 : MOST_PARENTS + 2]
    with pytest.raises(ScenarioError, match=f"names {MOST_PARENTS + 1} scenarios; at most {MOST_PARENTS}"):
        parse_scenario(HEAD + f"extends: [{', '.join(names)}]\n")


def test_scenarios_side_by_side_are_held_against_each_other_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    held = []
    plain = loader.find_clashes
    monkeypatch.setattr(loader, "find_clashes", lambda *given: held.append(1) or plain(*given))
    load_scenario("+".join(["leadership", "finance-directors"] * 60))
    assert 0 < len(held) < 10


def test_a_file_in_a_link_is_read_once_however_many_levers_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    plain = parse_scenario

    def counted(text: str, name: str) -> Any:
        read.append(name)
        return plain(text, name)

    monkeypatch.setattr(selection, "parse_scenario", counted)
    edits = tuple(LeverEdit(name, lever.about.low) for name, lever in LEVERS.items())
    whole = make_link(Selection((TODAYS_RULES, Slot("m", "", edits, FILE), Slot("m", "Again", edits[:4], FILE))))
    read.clear()
    selection._parse_text.cache_clear()
    restored = restore(whole)
    assert len(restored.selection.slots[1].edits) == len(LEVERS) and read == ["m"]
    restored.selection.slots[1].with_edit(LeverEdit("audit", 0.25)).with_edit(LeverEdit("audit", 0.5))
    assert read == ["m"]
    selection._parse_text.cache_clear()
    read.clear()
    broken = pack(HEAD + "extends: nothing\n")
    restore("?v=2" + "".join(f"&{letter}=m&{letter}.file={broken}&{letter}.title=T" for letter in "BCD"))
    assert read == ["m"]


def apart(query: str, reader: ThreadPoolExecutor | None = None) -> Restored:
    """What a link holds, read on another thread; told once only."""
    restored_queue: queue.Queue[Restored] = queue.Queue()
    restore_in_thread(query, restored_queue.put, reader)
    results = restored_queue.get(timeout=60)
    assert restored_queue.empty()
    return results


def test_files_in_links_are_read_on_a_thread_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[str] = []
    plain = parse_scenario
    monkeypatch.setattr(
        selection, "parse_scenario", lambda *given: where.append(threading.current_thread().name) or plain(*given)
    )
    heights = apart(f"?v=2&B=m&B.file={pack(FILE)}")
    assert heights.selection.slots[1].base.lever("audit")[-1] == 1
    assert where and where[0].startswith("link-reader")


@pytest.mark.parametrize("written", ["B.file=", "B%2Efile=", "B.fil%65=", "%42.%66ile="])
def test_a_file_in_a_link_is_noticed_however_it_is_written(written: str) -> None:
    query = f"?v=2&B=m&{written}{pack(FILE)}"
    assert holds_files(query) and restore(query).selection.slots[1].preset == "m"
    assert not holds_files("?v=2&B=ringfence&B.why.file.x=1&B.title=.file")


def test_files_that_take_too_long_are_left_out_in_words_and_the_rest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permalink, "LONGEST_READ", 0.05)
    gate = threading.Event()
    with ThreadPoolExecutor(1) as busy:
        busy.submit(gate.wait)
        try:
            query = f"?v=2&B=m&B.file={pack(FILE)}&B.title=Mine&C=leadership&tab=money"
            heights = apart(query, busy)
        finally:
            gate.set()
    assert [slot.preset for slot in heights.selection.slots] == ["baseline", "leadership"] and heights.tab == "money"
    assert "take more than 0.05 seconds to read" in heights.notes[0]


KEYS = st.sampled_from(
    [
        "v",
        "m",
        "tab",
        "o",
        "seed",
        "n",
        "until",
        "y",
        "B",
        "C",
        "D",
        "B.title",
        "B.audit",
        "B.audit.why",
        "C.file",
        "B.letter",
        "board",
        "map",
        "show",
        "future",
        "equals",
        "enough",
        "enough.of",
        "parts.of",
        "drives.by",
        "fails.by",
        "x",
    ]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "ringfence",
            "both+both+both+both",
            "+".join(["leadership"] * 6),
            "1_2027Q1_4_2028Q4",
            "0.5_2027Q1_99",
            "9" * 5000,
            "2024/25-2029/30",
            "2027/28-" * 500,
            "half",
            "leader_lift.ringfence",
            "1e999",
            "-0",
            "\u0663",
            "x" * 900,
            "e\u0301" * 300,
            pack(FILE),
            pack(HEAVY["one parent 1,200 times"]),
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=30))
def test_no_link_makes_restoring_fail_say_too_much_or_work_for_long(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    query = "?" + urlencode(pairs, errors="replace")
    assert count_calls(lambda: restore(query)) < MOST_CALLS
    restored = restore(query)
    assert restored.selection.slots[0] == TODAYS_RULES
    assert len(restored.notes) <= permalink.MOST_NOTES + 1
    assert all(len(note) < 1_000 for note in restored.notes)


def test_hundreds_of_faults_in_a_link_are_told_in_a_few_remarks() -> None:
    query = "?v=2&B=ringfence" + "".join(f"&B.wand{i}=1_2027Q1" for i in range(300))
    restored = restore(query)
    assert len(restored.notes) == permalink.MOST_NOTES + 1 and "more remarks" in restored.notes[-1]
    assert restore("?v=2&B=ringfence&y=" + "9" * 5000).notes == ("“y” of this link is too long and was left out.",)
