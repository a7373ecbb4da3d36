"""Tests are shared out whole, each once, the longest first."""

from __future__ import annotations

from pathlib import Path

import pytest
from longest_first import BROWSER, BROWSER_OF_TABS, BROWSERS, LONGEST, TOGETHER, longest_first, unit_of

pytestmark = pytest.mark.architecture

LONG = LONGEST[len(BROWSERS)]
ROOT = Path(__file__).parents[2]


def test_a_file_is_handed_out_whole_and_those_of_a_browser_together() -> None:
    assert unit_of("tests/rules/test_money.py::test_it[a::b/c]") == "tests/rules/test_money.py"
    assert unit_of("tests/dashboards/tabs/test_browser_stage.py::test_it") == BROWSER_OF_TABS
    assert unit_of("tests/dashboards/tabs/test_browser_share.py::test_it") == BROWSER_OF_TABS
    assert unit_of("tests/dashboards/boards/test_browser_boards.py::test_it") == BROWSER
    assert unit_of("tests/dashboards/access/test_browser_connection.py::test_it") != BROWSER
    for file, other in TOGETHER.items():
        assert unit_of(f"{file}::test_it") == other and (ROOT / file).exists() and (ROOT / other).exists()


def test_the_longest_come_first_then_those_of_many_tests_and_none_is_lost() -> None:
    units = {"tests/few.py": [1], LONG: [1], "tests/many.py": [1, 2, 3], BROWSER: [1]}
    assert longest_first(units) == [BROWSER, LONG, "tests/many.py", "tests/few.py"]
