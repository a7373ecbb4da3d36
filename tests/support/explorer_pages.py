"""The explorer as a file, opened in a browser where any request fails the test, and asked through its own functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from browsing import DESK, SLOW, note_faults, watched

from dashboards.offline import explorer
from dashboards.selection.selection import LETTERS, OUTCOMES, TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.declarations.levers import LEVERS
from simulator.runs.futures import draw_futures
from simulator.runs.run import run
from simulator.scenarios.change import is_switch
from simulator.scenarios.scenario import library

DONE = "#result[data-state=done]"
ANSWER_ALONE = """const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message.kind !== "behind") post.call(this, message, ...rest);
};"""
"""Keeps the page from working out what stands behind an answer, which takes longer than the answer."""


def write_page(path: Path, setting: explorer.Setting) -> Path:
    """The explorer of a setting as a file."""
    drawn = draw_futures(setting.futures, seed=setting.seed)
    document = explorer.make_document(lambda one: run(one, futures=drawn, boards=setting.boards), setting)
    path.write_bytes(explorer.make_page(document))
    return path


@contextmanager
def opened(browser: Any, path: Path, link: str = "", alone: bool = False, **settings: Any) -> Iterator[Any]:
    """The page after its first answer. It has no network, and any request or error in the browser fails the test.

    `alone`: it never works out what stands behind an answer, for tests that do not look at that.
    """
    with watched(browser, path.as_uri(), offline=True, **settings) as page:
        if alone:
            page.add_init_script(ANSWER_ALONE)
        page.goto(path.as_uri() + link)
        settled(page)
        yield page


AS_OPENED = """async link => {
    for (const fold of [...document.querySelectorAll("details[open]")].reverse()) fold.open = false; // the inner first
    await new Promise(done => setTimeout(() => requestAnimationFrame(done))); // folds have told all they will
    history.replaceState(null, "", location.pathname);
    Ringfence.open(link);
    Ringfence.ask();
}"""


def open_again(page: Any, link: str = "", width: int = DESK["width"], height: int = DESK["height"]) -> None:
    """Put a page to where it opens on a link: its first question, every fold closed, of a size, in light colours.

    It takes a third of the work of opening it anew, but files that were opened, words that levers
    were sought by, boards that the map shows and a start that was wished for stay.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="light")
    page.evaluate(AS_OPENED, link)
    settled(page)


class Tab:
    """One tab of a browser without a network, in which the page is opened anew as often as wanted.

    It never works out what stands behind an answer: `opened` gives a page that does.
    A new document in the same tab takes half the work of a new tab, and nothing of a document outlives it.
    """

    def __init__(self, page: Any, home: str) -> None:
        page.set_default_timeout(SLOW)
        page.add_init_script(ANSWER_ALONE)
        self.page, self.home, self._faults = page, home, note_faults(page, home)

    def open(self, link: str = "") -> Any:
        """The page after its first answer."""
        self.page.goto("about:blank")  # another link alone would not load it anew
        self.page.emulate_media(color_scheme="light")
        self.page.goto(self.home + link)
        settled(self.page)
        return self.page

    def check(self) -> None:
        """Fail for any request or error in the browser since the last check."""
        faults = self._faults.copy()
        self._faults.clear()
        assert faults == []


@contextmanager
def one_tab(browser: Any, path: Path) -> Iterator[Tab]:
    """A tab for the page in this file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    tab = Tab(context.new_page(), path.as_uri())
    yield tab
    context.close()
    tab.check()


def settled(page: Any) -> None:
    """Wait for the answer to the newest question."""
    page.locator(DONE).wait_for(state="attached")


def list_slots(selection: Selection) -> list[dict[str, Any]]:
    """The scenarios of a choice as the page holds them."""
    parts = ("lever", "value", "start", "phase", "end", "because")
    return [
        {
            "letter": letter,
            "preset": slot.preset,
            "title": slot.title,
            "edits": [{name: getattr(edit, name) for name in parts} for edit in slot.edits],
        }
        for letter, slot in zip(selection.letters, selection.slots, strict=True)
    ]


def choose(page: Any, selection: dict[str, Any]) -> dict[str, Any]:
    """Put a selection into the page by its own function; its answer, once it is the answer to this question."""
    page.evaluate("selection => Ringfence.change({...Ringfence.view.selection, ...selection})", selection)
    settled(page)
    answer: dict[str, Any] = page.evaluate("Ringfence.view.answer")
    return answer


def as_page(selection: Selection, n: int) -> dict[str, Any]:
    """A choice as the page holds it."""
    return {
        "slots": list_slots(selection),
        "outcome": selection.outcome,
        "years": selection.years,
        "seed": str(selection.seed),
        "n": n,
        "settings": {},
    }


def random_selection(rng: np.random.Generator, seed: int) -> Selection:
    """One to three scenarios of the library, some with a few levers set by hand, and gaps between their letters."""
    slots = [TODAYS_RULES]
    for _ in range(int(rng.integers(1, 4))):
        edits = []
        for name in rng.choice(list(LEVERS), int(rng.integers(0, 4)), replace=False):
            about, start = LEVERS[str(name)].about, int(rng.integers(0, 32))
            end = 31 if rng.random() < 0.7 else int(rng.integers(start, 32))
            phase = int(rng.integers(0, end - start + 2)) if end < 31 else int(rng.integers(0, 13))
            value = min(about.high, max(about.low, round(float(rng.uniform(about.low, about.high)), 6)))
            if is_switch(str(name)):
                value, phase = float(round(value)), 0
            edits.append(LeverEdit(str(name), value, start, phase, "", end))
        title = "" if rng.random() < 0.7 else f"My own {rng.integers(9)}"
        slots.append(Slot(str(rng.choice(list(library()))), title, tuple(edits)))
    years = str(rng.choice(["", "", "2028/29", "2022/23-2029/30", "2025/26-2027/28"]))
    outcome, others = str(rng.choice(OUTCOMES)), sorted(rng.permutation([*LETTERS[1:]])[: len(slots) - 1])
    return Selection(tuple(slots), outcome, years, seed, letters=LETTERS[0] + "".join(others))
