"""How tests are shared out among workers: whole files, the longest first, so that no worker is left with one alone.

Tests that visit one dashboard with one browser (`test_browser*.py`, unless named here) go to two workers, each of which
then starts a single server and a single browser: one worker alone would be the last to end.
Only the order depends on this table: a file that is not in it runs after those that are, many tests before few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pytest

BROWSER, BROWSER_OF_TABS = "browser", "browser of tabs"
BROWSERS = (BROWSER_OF_TABS, BROWSER)
LONGEST = (
    *BROWSERS,
    "tests/calibration/test_rebuild.py",
    "tests/dashboards/offline/test_explorer_page.py",
    "tests/dashboards/access/test_browser_connection.py",
    "tests/twins/test_page_driver.py",
    "tests/sweeps/test_cluster.py",
    "tests/dashboards/offline/test_page_story.py",
    "tests/dashboards/server/test_front.py",
    "tests/dashboards/offline/test_site.py",
    "tests/sweeps/test_killed_anywhere.py",
    "tests/runs/test_recipe.py",
    "tests/engine/test_kernel_cache_helper.py",
    "tests/docs/test_notebooks.py",
    "tests/notebook/test_study_answers.py",
    "tests/runs/test_results_dataset.py",
    "tests/plugins/test_plugins_at_work.py",
    "tests/twins/test_twins.py",
    "tests/dashboards/offline/test_page_behind.py",
    "tests/sweeps/test_lost.py",
    "tests/assurance/test_assurance_pack.py",
    "tests/dashboards/access/test_websocket_messages.py",
    "tests/evidence/test_board_likelihood.py",
    "tests/sweeps/test_executors.py",
    "tests/dashboards/selection/test_link_work.py",
    "tests/dashboards/server/test_garbage.py",
    "tests/commands/test_cli_evidence.py",
    "tests/commands/test_cli_streams.py",
    "tests/commands/test_cli_beliefs.py",
    "tests/dashboards/access/test_security.py",
    "tests/sweeps/test_store.py",
    "tests/studies/test_tool_adapters.py",
    "tests/dashboards/export/test_share_recipe.py",
    "tests/calibration/test_checks.py",
    "tests/docs/test_documentation_site.py",
    "tests/common/test_files_that_belong_together.py",
    "tests/declarations/test_adding_a_number.py",
    "tests/commands/test_verify.py",
    "tests/experiments/decision/test_robustness.py",
    "tests/evidence/test_beliefs.py",
    "tests/dashboards/server/test_cli_serve.py",
    "tests/dashboards/offline/test_page_scenario_files.py",
    "tests/commands/test_cli_learn.py",
    "tests/evidence/test_weighing.py",
    "tests/calibration/test_fit.py",
)
"""Those that wait and those that compute by turns, so that neither keep all workers at once."""


TOGETHER = {
    "tests/common/test_short_representations.py": "tests/studies/test_tool_adapters.py",
    "tests/reports/test_briefing_pdf.py": "tests/reports/test_report.py",
    "tests/docs/test_tutorials.py": "tests/reports/test_report.py",
}
"""Files that one worker runs with another: both load EMA Workbench, or take the scoreboard that the worker has worked
out (`scored_once.py`).
"""


def unit_of(test: str) -> str:
    """What a test, by its id, is handed out together with: its file, or all tests that share a server and a browser, or
    a library that takes long to load.
    """
    file = test.split("::", 1)[0]
    file = TOGETHER.get(file, file)
    shares = PurePosixPath(file).name.startswith("test_browser") and file not in LONGEST
    if not shares:
        return file
    return BROWSER_OF_TABS if PurePosixPath(file).parent.name == "tabs" else BROWSER


def longest_first(units: Mapping[str, Sequence[object]]) -> list[str]:
    """The units in the order in which they are handed out."""
    rank = {unit: place for place, unit in enumerate(LONGEST)}
    return sorted(units, key=lambda unit: (rank.get(unit, len(rank)), -len(units[unit])))


def order(items: list[pytest.Item]) -> None:
    """Put tests that were collected into the order in which they are handed out."""
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit_of(item.nodeid), []).append(item)
    items[:] = [item for unit in longest_first(units) for item in units[unit]]
