"""A move of a lever is told to a browser in a few messages: each costs the server as much as what it says."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from visits import served_here, visitors

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]
QUIET = 1.5


async def hear_all(visit: Any) -> None:
    """Read until nothing more comes."""
    while True:
        try:
            visit.learn(await asyncio.wait_for(visit.hear("PATCH-DOC"), QUIET))
        except TimeoutError:
            return


async def move(visit: Any) -> list[list[str]]:
    """Move a lever once; what each message since holds that is no report of how far it is."""
    await visit.open()
    await visit.stands(1)
    await hear_all(visit)
    messages, learn = list[list[str]](), visit.learn

    def note(content: Any) -> None:
        names = [str(event.get("attr", event["kind"])) for event in content["events"]]
        messages.extend([names] * (names != ["progress"]))
        learn(content)

    visit.learn = note
    await visit.move()
    await hear_all(visit)
    visit.socket.close()
    return messages


def test_what_a_move_changes_comes_in_one_message_and_each_answer_in_one() -> None:
    module = visitors()
    with served_here() as server, ThreadPoolExecutor(1) as apart:
        visit = module.Visitor(f"{server}?v=1&B=ringfence&C=leadership&tab=build", 0)
        messages = apart.submit(lambda: asyncio.run(move(visit))).result()
    choice, *rest = messages
    assert {"search", "former", "said", "standing", "state"} <= set(choice)
    answers = [names for names in rest if "data" in names]
    assert len(answers) == 2 and answers[-1][-1] == "progress"  # a first look, and all futures
    assert len(rest) - len(answers) <= 2  # whose answer is shown is told after each
