"""Every command and every block of Python in the tutorials and in the guide of claims runs as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cli_runs import good

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("scored_once")]

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("tutorials/adviser.md", "tutorials/academic.md", "tutorials/advocate.md")
FEWER = {"compare": ("-n", "120"), "register": ("-n", "120"), "report": ("-n", "120")}
"""Options that make a command quick; everything else is run as it is written."""


def list_commands(page: str) -> list[list[str]]:
    """The words of each command of a page, those over several lines joined."""
    text = (DOCS / page).read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line, comments=True)[1:] for line in re.findall(r"^    (ringfence .*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_the_tutorial_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    commands = list_commands(page)
    assert len(blocks) + len(commands) >= 5
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)
    for words in commands:
        good(*words, *FEWER.get(words[0], ()))
