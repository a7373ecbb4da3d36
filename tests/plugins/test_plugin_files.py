"""The file of a plug-in is read, and everything wrong with it is said with its line, before anything runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.commands.shared.command import top_options_first
from simulator.declarations.draw_ids import Event
from simulator.declarations.plugin import choose_plugin, find_plugin
from simulator.declarations.plugin_file import PluginError, read_plugin
from simulator.declarations.plugin_interface import find_draw_id
from simulator.engine.philox import uniforms
from simulator.engine.random_table import make_run_key
from simulator.plugins.skeleton import make_skeleton
from simulator.scenarios.scenario import ScenarioError, parse_scenario

pytestmark = pytest.mark.declarations

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "reputation.py"
TEXT = EXAMPLE.read_text(encoding="utf-8")

FAULTS = [
    ("TITLE = ", "TITEL = ", "TITLE must be a line of words"),
    ("high=6", "high=-6", "is not below upper bound"),
    ("] = 1.0", "] = 9.0", "default 9.0 is outside its bounds"),
    ("HalfNormal(1.5)", "None", "a prior belongs to uncertain numbers"),
    ('evidence=""', 'evidence="", theme="x"', "unexpected keyword argument 'theme'"),
    ('plain="how long', 'plain="long', "needs plain words that begin with 'how'"),
    ("Strength.A", "Strength.S", "without evidence the strength is 'assumption'"),
    ('{"protect": ', '{"plan": ', "PHRASES needs words for protect"),
    ("def protect(", "def protects(", "protects is no hook of the model; did you mean 'protect'?"),
    ("def protect(state: State, ", "def protect(world: State, ", "protect takes world; it may take board, state"),
    ("state.reputation_blame\n", "state.reputation_blame ** 2\n", "protect uses Pow"),
    ("state.reputation_blame\n", "open('x')\n", "protect calls open: it may call min, max"),
    ("from typing import", "import random\nfrom typing import", "alone, not random"),
    ("PHRASES = {", "START = print()\nPHRASES = {", "START must be written out as a plain value"),
    ("def year_end(", "def later(", "State and the function year_end, which changes it, go together"),
    ("class Levers(NamedTuple):", "class Levers(object):", "class Levers must be a NamedTuple"),
    ('state("Diverted', 'str("Diverted', "State.reputation_blame must be declared as"),
    ("def protect(state: State, ", "def protect(draws: float, state: State, ", "the file has no class Draws"),
    ("class State(NamedTuple):", "class Draws(NamedTuple):\n    u: float\n\nclass State(NamedTuple):", "Draws.u must"),
    ("def protect(", "def protect(:", "this is not Python"),
    ('    """Protects more', '    x = """Protects more', "protect needs a docstring"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "instead", "message"), FAULTS)
def test_a_fault_is_said_with_the_file_and_its_line(text: str, instead: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    assert text in TEXT
    path.write_text(TEXT.replace(text, instead), encoding="utf-8")
    with pytest.raises(PluginError) as caught:
        read_plugin(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}")


def test_the_example_declares_what_its_page_says() -> None:
    plugin = read_plugin(EXAMPLE)
    assert [d.name for d in plugin.numbers] == ["reputation_pull", "reputation_memory"]
    assert [d.name for d in plugin.levers] == ["public_report"]
    assert plugin.state == {"reputation_blame": 0.0}
    assert set(plugin.functions) == {"protect", "year_end"}


def test_draws_of_a_plug_in_have_addresses_that_no_draw_of_the_model_has_and_never_other_ones() -> None:
    plugin = read_plugin(EXAMPLE.with_name("spot_checks.py"))
    assert plugin.draws == {"spot_check": find_draw_id("spot_check")} == {"spot_check": 2536673736}
    names = [f"draw_{number}" for number in range(1000)]
    ids = {find_draw_id(name) for name in names}
    assert len(ids) == 1000 and min(ids) >= 2**31 > max(Event) and max(ids) < 2**32


def test_draws_of_a_plug_in_are_uniform_and_tell_nothing_of_others() -> None:
    key = make_run_key(20240323, 7)
    columns = [Event.RAID, Event.PLAN, *(find_draw_id(name) for name in ("spot_check", "spot_check_2", "seen"))]
    drawn = np.array([np.concatenate([uniforms(key, 42, q, column) for q in range(32)]) for column in columns])
    n = drawn.shape[1]
    assert abs(drawn.mean(axis=1) - 0.5).max() < 4 / np.sqrt(12 * n)
    assert abs(drawn.std(axis=1) - 12**-0.5).max() < 0.02
    correlations = np.corrcoef(drawn)[np.triu_indices(len(columns), 1)]
    assert abs(correlations).max() < 4 / np.sqrt(n)


def test_the_digest_is_of_the_content_whatever_ends_its_lines(tmp_path: Path) -> None:
    windows, other = tmp_path / "windows.py", tmp_path / "other.py"
    windows.write_bytes(TEXT.replace("\n", "\r\n").encode())
    other.write_text(TEXT.replace("HalfNormal(1.5)", "HalfNormal(1.6)"), encoding="utf-8")
    assert read_plugin(windows).digest == read_plugin(EXAMPLE).digest != read_plugin(other).digest


@pytest.mark.parametrize("title", ["Peer review", 'The "45" rule', "2nd look: être"])
def test_a_file_that_somebody_begins_with_is_whole(title: str, tmp_path: Path) -> None:
    path = tmp_path / "begun.py"
    path.write_text(make_skeleton(title, path.name), encoding="utf-8")
    plugin = read_plugin(path)
    assert set(plugin.functions) == {"protect"}
    assert "HERE" not in path.read_text(encoding="utf-8")


def test_a_plug_in_that_comes_after_the_model_is_refused() -> None:
    assert find_plugin() is None
    with pytest.raises(PluginError, match="comes too late"):
        choose_plugin(EXAMPLE)
    assert find_plugin() is None


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="cannot be read"):
        read_plugin(tmp_path / "none.py")
    (tmp_path / "picture.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PluginError, match="a text file in UTF-8"):
        read_plugin(tmp_path / "picture.py")


def test_the_option_may_stand_anywhere() -> None:
    words = ["compare", "x.yaml", "--plugin", "mine.py", "-n", "8"]
    assert top_options_first(words) == ["--plugin", "mine.py", "compare", "x.yaml", "-n", "8"]


NEEDS = """
title: A report
question: What would it do?
plugin: {plugin}
changes:
  public_report: {{to: 1, from: 2027/28 Q1, because: "Try.", evidence: [], assumption: true}}
"""


def test_a_scenario_of_a_plug_in_that_is_not_loaded_says_which_and_how() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(NEEDS.format(plugin="reputation.py"))
    (problem,) = caught.value.problems
    assert "plugin: this scenario needs the plug-in reputation.py, which is not loaded" in str(problem)
    assert "add --plugin reputation.py to the command" in str(problem)
    with pytest.raises(ScenarioError, match=r"must be the file of a plug-in, such as reputation\.py"):
        parse_scenario(NEEDS.format(plugin="[1, 2]"))
