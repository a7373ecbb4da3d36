"""A scenario of a dictionary extends files as one in the working directory does; a text that was sent extends none."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as rf
from simulator.scenarios.scenario import parse_scenario

pytestmark = pytest.mark.scenarios


@pytest.mark.parametrize("how", ["{folder}/mine.yaml", "./mine.yaml", "mine.yaml"])
def test_a_dictionary_extends_a_file(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = rf.load_scenario("ringfence").with_lever("audit", 0.5)
    (tmp_path / "mine.yaml").write_text(mine.to_yaml(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    document = {"title": "B", "question": "?", "extends": [how.format(folder=tmp_path), "leadership"]}
    assert rf.Scenario.from_dict(document, name="b").fingerprint == mine.stack("leadership").fingerprint


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(rf.RingfenceError, match=r"there is no file './none.yaml'"):
        rf.Scenario.from_dict({"title": "B", "question": "?", "extends": "./none.yaml"})


def test_a_text_that_was_sent_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rf.load_scenario("ringfence").to_yaml(), encoding="utf-8")
    with pytest.raises(rf.RingfenceError, match="a text by itself extends the library's scenarios only"):
        parse_scenario(f"title: B\nquestion: Why?\nextends: {tmp_path}/mine.yaml\n")
