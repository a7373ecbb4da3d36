"""Scenario files in the explorer: opened with the command line's schedules and messages, and saved for it."""

from __future__ import annotations

import base64
import datetime as dt
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorer_pages import as_page, choose, opened, random_selection, settled, write_page
from scenario_texts import BAD_TEXTS, HEAD, changes, read_bad_changes

from dashboards.offline import explorer
from dashboards.selection.permalink import make_link, pack_file, restore
from dashboards.selection.selection import NO_REASON, TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.common.yaml_nodes import Problems, ScenarioError, read_text
from simulator.declarations.levers import LEVERS
from simulator.scenarios.scenario import Scenario, library, load_scenario, parse_scenario
from tests.scenarios.test_hostile import HOSTILE

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

READ = """texts => texts.map(text => {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const { scenario, problems } = Ringfence.files.reader.readBytes(bytes, "bad.yaml");
  const levers = Object.keys(Ringfence.given.levers);
  return [scenario && levers.map(lever => Array.from(Ringfence.files.reader.valuesOf(scenario.changes, lever))),
    problems, scenario && [scenario.title, scenario.question, scenario.cannot_say, scenario.interventions]];
})"""
LARGE = 300_000
"""Just too large to be read: ten megabytes are refused as these are, but take long to hand to a browser."""

SYNTAX = "is not valid YAML"
MORE = [
    changes("audit: {to: 1.4, from: 2027/28, WHY}", "nolever: 1", "ringfense: {to: 1, from: 2027, WHY}"),
    changes("audit: {to: 1.4, from: 2027 Q3, becuase: '\u200b', WHY}", "gap_mean: {to: -1e-7, from: 2027/28, WHY}"),
    changes("gap_mean: {to: -1234567, from: FY2027-28 q2, WHY}", "audit: {add: 0.5, from: 2027/28, WHY}"),
    changes("audit:", "  - {to: 1, from: 2028/29, WHY}", "  - {to: 0, from: 2027/28, until: 2028/29, WHY}"),
    changes(*(f"lever{n}: {{to: 1}}" for n in range(300))),
    "title: 'T'\nquestion: |\n  two\n  lines\nextends: [ringfence, leadershop, both]\ncannot_say: >-\n  a\n\n  b\n",
    "\ufefftitle: T\r\nquestion: 'it''s'\r\n",
    "title: a\u202eb\nquestion: Q\u0301\u0301\u0301\u0301\u0301\u0301\u0301\n",
    'title: "a \\x41 \\u2028"\nquestion: "Q \\\n  more"\nextends:\n- ringfence\n- leadership\n- ringfence\n',
    HEAD + "changes:\n  audit:\n    to: 50 %\n    from: Q3 of 2027/2028\n    phase: 2 Years\n"
    "    because: b # why\n    evidence:\n    - E60\n    - 'R07'\n  peers: {scale: 1.5, from: 2028/29, because: b,"
    " evidence: [], assumption: yes}\n",
]


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One page for all; what a test opens stays in its list of scenarios."""
    setting = explorer.Setting(20, 1, dt.date(2026, 11, 22))
    file = write_page(tmp_path_factory.mktemp("files") / "explorer.html", setting)
    with opened(browser, file, alone=True) as page:
        yield page


def read_in_page(page: Any, files: list[bytes]) -> list[Any]:
    """What the page makes of files: schedules by lever, problems, and texts."""
    made: list[Any] = page.evaluate(READ, [base64.b64encode(one).decode("ascii") for one in files])
    return made


def read_in_python(raw: bytes, folder: Path) -> tuple[Scenario | None, list[str]]:
    """The same by the command line's reader, which cannot reach for other files here."""
    path = folder / "bad.yaml"
    path.write_bytes(raw)
    notes = Problems("bad.yaml")
    text = read_text(path, notes)
    try:
        found = None if text is None else parse_scenario(text, "bad")
    except ScenarioError as error:
        return None, [str(problem) for problem in error.problems]
    return found, [str(problem) for problem in notes.problems]


def test_every_file_of_the_library_opens_to_the_same_schedule(page: Any) -> None:
    names = list(library())
    files = [library()[name].read_bytes() for name in names]
    for name, raw, (values, problems, texts) in zip(names, files, read_in_page(page, files), strict=True):
        expected = parse_scenario(raw.decode("utf-8"), "bad")
        assert problems == [], name
        assert np.array_equal(np.array(values), [expected.lever(lever) for lever in LEVERS]), name
        assert texts == [expected.title, expected.question, expected.cannot_say, list(expected.interventions)], name


def test_mistakes_are_named_in_the_words_of_the_command_line(page: Any, tmp_path: Path) -> None:
    texts = [changes("peers: {to: 1, from: 2027/28, WHY}", line) for line, _, _ in read_bad_changes()]
    texts += [text for text, *_ in BAD_TEXTS] + MORE
    texts += [text if len(text) < LARGE else text[:LARGE] for text, _ in HOSTILE.values()]
    files = [text.encode("utf-8") for text in texts] + ["title: T\nquestion: café\n".encode("latin-1")]
    for raw, (values, problems, _) in zip(files, read_in_page(page, files), strict=True):
        expected, told = read_in_python(raw, tmp_path)
        if any(SYNTAX in line for line in told):  # in a parser's own words, but with the line
            assert [line.partition(SYNTAX)[0] for line in problems] == [line.partition(SYNTAX)[0] for line in told], raw
        else:
            assert problems == told, raw
        assert (values is None) == (expected is None)
        if expected is not None:
            assert np.array_equal(np.array(values), [expected.lever(lever) for lever in LEVERS]), raw


def test_a_scenario_of_a_plug_in_is_refused_in_words_and_its_levers_are_not_called_unknown(page: Any) -> None:
    text = HEAD + "plugin: reputation.py\nchanges:\n  public_report: {to: 1, from: 2027/28}\n"
    ((values, problems, _),) = read_in_page(page, [text.encode("utf-8")])
    assert values is None
    (problem,) = problems
    assert "plugin: this scenario needs the plug-in reputation.py: a page in a browser cannot compile Python" in problem


def test_built_scenarios_are_saved_as_python_writes_them(page: Any) -> None:
    rng, count = np.random.default_rng(11), 0
    while count < 100:
        selection = random_selection(rng, 1)
        shown = as_page(selection, 20)["slots"]
        texts = page.evaluate("slots => slots.map(slot => Ringfence.files.textOf(slot))", shown)
        back = read_in_page(page, [text.encode("utf-8") for text in texts])
        for slot, text, (values, problems, _) in zip(selection.slots, texts, back, strict=True):
            assert text == slot.scenario.to_yaml()
            assert parse_scenario(text, "saved").fingerprint == slot.scenario.fingerprint
            assert problems == [] and np.array_equal(values, [slot.scenario.lever(lever) for lever in LEVERS])
        count += len(texts)


def test_a_saved_policy_has_the_librarys_reason_and_evidence_where_its_value_is_the_librarys(page: Any) -> None:
    edits = (
        LeverEdit("ringfence", 1.0, 24),
        LeverEdit("leader_lift", 0.45),
        LeverEdit("audit", 1.0, 20, 0, "Our own reason."),
        LeverEdit("peers", 0.37),
    )
    selection = Selection((TODAYS_RULES, Slot("baseline", "", edits)))
    (text,) = page.evaluate(
        "slots => slots.map(slot => Ringfence.files.textOf(slot))", as_page(selection, 20)["slots"][1:]
    )
    assert text == selection.slots[1].scenario.to_yaml()
    changes = {change.lever: change for change in parse_scenario(text, "saved").changes}
    for name in ("ringfence", "leadership"):
        of_library = load_scenario(name).changes[0]
        mine = changes[of_library.lever]
        assert mine.because == f"As in “{load_scenario(name).title}” of the library: {of_library.because}"
        assert (mine.evidence, mine.assumption) == (of_library.evidence, of_library.assumption)
    assert changes["audit"].because == "Our own reason." and changes["audit"].evidence == ()
    assert changes["peers"].because == NO_REASON, "no scenario of the library sets it so"


def test_a_file_is_opened_chosen_dropped_saved_and_carried_by_links(page: Any, tmp_path: Path) -> None:
    choose(page, as_page(Selection((TODAYS_RULES, Slot("leadership"))), 250))
    mine = tmp_path / "mine.yaml"
    mine.write_text(load_scenario("ringfence").with_lever("audit", 0.4).to_yaml(), encoding="utf-8")
    page.locator("#file").set_input_files(mine)
    page.locator("#cards .card").nth(2).wait_for()
    settled(page)
    assert load_scenario(mine).title in page.locator("#cards .card").nth(2).inner_text()
    back = restore("?" + page.evaluate("location.hash.slice(1)"))
    assert back.notes == () and back.selection.slots[2].base.fingerprint == load_scenario(mine).fingerprint
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    saved.value.save_as(tmp_path / "saved.yaml")
    assert load_scenario(tmp_path / "saved.yaml").fingerprint == load_scenario(mine).fingerprint
    before = page.evaluate("JSON.stringify(Ringfence.view.selection)")
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "wrong.yaml"));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        changes("ringfense: {to: 1, from: 2027/28, WHY}", "audit: {to: 7, from: 2027/28, WHY}"),
    )
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "wrong.yaml:4: changes.ringfense: 'ringfense' is not a lever; did you" in alert.inner_text()
    assert "wrong.yaml:5: changes.audit.to: 7 is above 1" in alert.inner_text()
    assert page.evaluate("JSON.stringify(Ringfence.view.selection)") == before
    changed = Slot("both", "", (LeverEdit("named", 0.5), LeverEdit("peers", 0.25))).scenario
    own = Slot("mine", "", (LeverEdit("peers", 0.5), LeverEdit("support", 0.5)), changed.to_yaml())
    page.evaluate("link => { location.hash = link; }", make_link(Selection((TODAYS_RULES, own), seed=1)).lstrip("?"))
    page.locator("#cards .card", has_text=own.shown).wait_for()
    settled(page)
    saved_again = page.evaluate("Ringfence.files.textOf(Ringfence.view.selection.slots[1])")
    assert saved_again == own.scenario.to_yaml() and saved_again.count("Changed by hand") == 1
    counted = Slot("both", "", tuple(LeverEdit(name, 0.5, 20) for name in ("named", "peers", "support"))).scenario
    again = tuple(LeverEdit(name, 0.25, 20 + at) for at, name in enumerate(("leader_lift", "peers", "stability")))
    more = Slot("counted", "", again, counted.to_yaml())
    page.evaluate("link => { location.hash = link; }", make_link(Selection((TODAYS_RULES, more), seed=1)).lstrip("?"))
    page.locator("#cards .card", has_text=more.shown).wait_for()
    assert more.shown.endswith(" more")
    assert page.inner_text("#notices") == ""


def test_a_link_cannot_carry_what_would_fill_the_memory(page: Any) -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"#" * 2_000_000, 9)).decode("ascii")
    good = pack_file(load_scenario("uplift").to_yaml())
    page.evaluate("link => { location.hash = link; }", f"v=2&n=20&B=a&B.file={bomb}&C=b&C.file={good}")
    page.locator("#notices", has_text="cannot be read out of it").wait_for()
    settled(page)
    assert page.locator("#cards .card", has_text=load_scenario("uplift").title).count() == 1
