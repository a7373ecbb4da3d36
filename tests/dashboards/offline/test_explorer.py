"""The offline explorer holds what the simulator says, asks for nothing, and opens from a folder."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import violations, watched
from typer.testing import CliRunner

from dashboards.offline import explorer
from dashboards.selection.selection import OUTCOMES, TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.commands.cli import app
from simulator.common.formatting import format_pounds
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import sentences
from simulator.runs.futures import draw_futures
from simulator.runs.results import Results
from simulator.runs.run import compare_results, run
from simulator.scenarios.scenario import Scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

N, SEED = 100, 11
NASTY = "</script><img src=x onerror=alert(1)>"
OWN = Slot("committee", NASTY, (LeverEdit("audit", 0.5),)).scenario
SETTING = explorer.Setting(N, SEED, dt.date(2026, 11, 22), (OWN,))


class Runs:
    """The real simulation, remembered."""

    def __init__(self) -> None:
        self.drawn = draw_futures(N, seed=SEED)
        self.found: dict[str, Results] = {}

    def __call__(self, one: Scenario) -> Results:
        if one.fingerprint not in self.found:
            self.found[one.fingerprint] = run(one, futures=self.drawn)
        made = self.found[one.fingerprint]
        return replace(made, manifest=replace(made.manifest, scenario=one.name, title=one.title))


@pytest.fixture(scope="module")
def runs() -> Runs:
    return Runs()


@pytest.fixture(scope="module")
def made(runs: Runs) -> dict[str, Any]:
    return explorer.document(runs, SETTING)


@pytest.fixture(scope="module")
def page(made: dict[str, Any]) -> bytes:
    return explorer.page(made)


def place(fence: int, lead: int, pressure: int) -> int:
    return (fence * len(explorer.LEADERSHIP) + lead) * len(explorer.PRESSURE) + pressure


def against_today(runs: Runs, index: int, outcome: str, span: slice) -> Comparison:
    grid = explorer.grid()
    return compare_results(runs(grid[index]), runs(grid[index % len(explorer.PRESSURE)]), outcome, span)


def test_the_grid_holds_every_combination_and_todays_rules_are_the_librarys(made: dict[str, Any]) -> None:
    grid = explorer.grid()
    sizes = len(explorer.FENCES) * len(explorer.LEADERSHIP) * len(explorer.PRESSURE)
    assert len(grid) == sizes == len(made["cells"]) - 1
    assert grid[explorer.USUAL].fingerprint == TODAYS_RULES.scenario.fingerprint
    assert grid[place(2, 0, 1)].fingerprint == Slot("ringfence").scenario.fingerprint
    assert grid[place(0, 2, 1)].fingerprint == Slot("leadership").scenario.fingerprint
    assert grid[place(2, 2, 1)].fingerprint == Slot("both").scenario.fingerprint
    assert len({one.fingerprint for one in grid}) == sizes


@pytest.mark.parametrize("where", [place(2, 0, 1), place(0, 2, 0), place(3, 3, 2)])
def test_every_number_is_that_of_the_simulator(where: int, runs: Runs, made: dict[str, Any]) -> None:
    for k, outcome in enumerate(OUTCOMES):
        for t, (_, start, stop) in enumerate(made["times"]):
            c = against_today(runs, where, outcome, slice(start, stop))
            level, told = made["cells"][where]["levels"][k][t], made["cells"][where]["changes"][k][t]
            assert level[3] == [format_pounds(c.new_mean, n) for n in (2, 3, 4)]
            assert (2, 3, 4)[told[10].index(True) if any(told[10]) else 2] == sentences.figures([c])
            assert level[0] == round(1000 * c.new_mean)
            assert told[1:6] == [round(1000 * x) for x in (c.difference, *c.likely, *c.wide)]
            assert (explorer.VERDICTS[told[0]], told[9]) == (c.verdict, sentences.frequency(c))


def test_two_policies_are_paired_with_each_other_under_the_same_pressure(runs: Runs, made: dict[str, Any]) -> None:
    grid, (_, start, stop) = explorer.grid(), made["times"][0]
    older, newer = place(1, 1, 2), place(2, 3, 2)
    c = compare_results(runs(grid[newer]), runs(grid[older]), "retained", slice(start, stop))
    assert made["pairs"][f"{newer}-{older}"][OUTCOMES.index("retained")] == explorer.told(c)
    assert f"{place(2, 0, 1)}-{place(1, 0, 0)}" not in made["pairs"]
    assert f"{len(grid)}-{place(2, 0, 1)}" in made["pairs"]


def test_the_page_is_small_whole_and_fetches_nothing(page: bytes) -> None:
    text = page.decode("utf-8")
    assert len(page) < explorer.LARGEST
    assert "{{" not in text
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", text) == []
    assert not re.search(r"fetch\(|XMLHttpRequest|@import|url\(|import\(", text)
    assert set(re.findall(r"https?://[^\"'\s<]+", text)) == {"http://www.w3.org/2000/svg"}


def test_what_users_wrote_cannot_leave_the_data(page: bytes) -> None:
    text = page.decode("utf-8")
    assert text.count("</script>") == 2
    assert "<img" not in text
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[0])
    assert data["own"] == [NASTY]


def test_it_says_how_it_was_made(made: dict[str, Any]) -> None:
    assert (made["futures"], made["seed"], made["date"]) == (N, SEED, "22 November 2026")
    assert made["badge"].startswith("Fitted to")
    assert made["limits"] and made["prints"][-1] == OWN.fingerprint


def test_more_scenarios_than_fit_are_refused_before_the_work() -> None:
    with pytest.raises(ValueError, match="up to 3 scenarios of one's own"):
        explorer.document(lambda _: pytest.fail("ran"), replace(SETTING, own=(OWN,) * 4))


def test_a_page_that_is_too_large_is_refused(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "LARGEST", 1000)
    with pytest.raises(ValueError, match="Take fewer scenarios"):
        explorer.page(made)


def test_the_work_says_how_far_it_is_and_can_be_stopped(runs: Runs) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise Stop

    with pytest.raises(Stop):
        explorer.document(runs, SETTING, progress)
    assert seen == [(1, 49), (2, 49), (3, 49)]


def test_what_writes_the_page_does_not_load_the_served_dashboard() -> None:
    served = "{'panel', 'bokeh', 'panel_material_ui'}"
    ask = f"import sys, dashboards.offline.explorer; print(sorted({served} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "[]"


def test_the_command_writes_the_page_with_a_named_scenario(tmp_path: Path) -> None:
    out = tmp_path / "explorer.html"
    result = CliRunner().invoke(app, ["explorer", "committee", "-n", "20", "--out", str(out)], prog_name="ringfence")
    assert result.exit_code == 0, result.stderr
    assert "needs no connection" in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["explorer.html"]
    assert '"futures":20,' in out.read_text(encoding="utf-8")


def test_the_commands_refuse_a_wrong_ending(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["explorer", "--out", str(tmp_path / "x.pdf")], prog_name="ringfence")
    assert result.exit_code == 1
    assert "the ending must be" in result.stderr


def test_the_dashboard_takes_its_runs_from_the_store_and_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")
    from dashboards.computing.worker import ResultStore, simulate
    from dashboards.offline import explorer_work

    calls: list[str] = []

    def counted(scenario: Scenario, drawn: Any, progress: Any) -> Results:
        calls.append(scenario.name)
        return simulate(scenario, drawn, progress)

    monkeypatch.setattr(explorer, "FUTURES", 20)
    store, selection = ResultStore(counted), Selection((TODAYS_RULES, Slot("ringfence")), outcome="front", futures=250)
    page = explorer_work.make(store, selection, lambda done, total: None)
    assert len(calls) == 48  # the visitor's ring-fence is one of the grid
    assert explorer_work.make(store, selection, lambda done, total: None) == page
    assert len(calls) == 48
    assert b'"outcome":"front"' in page


# In a browser, from a folder.


@pytest.fixture
def opened(browser: Any, page: bytes, tmp_path: Path) -> Iterator[Any]:
    path = tmp_path / "explorer.html"
    path.write_bytes(page)
    with watched(browser, path.as_uri()) as shown:
        shown.goto(path.as_uri())
        shown.get_by_role("heading", level=1).wait_for()
        yield shown


def test_opened_from_a_folder_it_says_what_the_simulator_says_and_follows_its_controls(
    opened: Any, runs: Runs, made: dict[str, Any]
) -> None:
    grid, (_, start, stop) = explorer.grid(), made["times"][0]
    before = opened.inner_text("#lead-one")
    first = place(2, 0, 1)
    years, second = slice(start, stop), place(0, 2, 1)
    beside = (
        against_today(runs, second, "retained", years),
        compare_results(runs(grid[first]), runs(grid[second]), "retained", years),
    )
    assert before == explorer.lead(against_today(runs, first, "retained", years), grid[first].title, beside)
    opened.get_by_label("Ring-fence").first.select_option(label=explorer.FENCES[3].label)
    opened.get_by_label("Leadership").first.select_option(label=explorer.LEADERSHIP[1].label)
    opened.get_by_label("Money pressure from 2027/28 on").select_option(label=explorer.PRESSURE[2].label)
    opened.get_by_label("What counts").select_option(label="Additional")
    opened.get_by_label("Years").select_option(label="2028/29")
    after, moved = opened.inner_text("#lead-one"), place(3, 1, 2)
    c = against_today(runs, moved, "additional", slice(6, 7))
    assert after != before
    other = against_today(runs, place(0, 2, 2), "additional", slice(6, 7))
    assert after == explorer.lead(c, grid[moved].title, (other,))
    card = opened.locator(".card").nth(1).inner_text()
    assert format_pounds(c.new_mean, sentences.figures([c, other])) in card
    drawn = opened.locator(".card").nth(1).locator("rect[fill='#005EB8']:not([fill-opacity='0.12'])").count()
    assert drawn == int(round(1000 * c.new_mean) / 10 + 0.5)
    row = opened.locator("#table-body tr").nth(1).inner_text()
    assert sentences.frequency(c) in row and c.verdict in row


def test_ones_own_scenario_is_there_its_name_is_only_text_and_the_pressure_stays(opened: Any, runs: Runs) -> None:
    opened.get_by_label("Start from").first.select_option(index=1)
    assert NASTY in opened.inner_text("#lead-one")
    assert opened.locator("img").count() == 0
    assert opened.get_by_label("Money pressure from 2027/28 on").is_disabled()
    c = compare_results(runs(OWN), runs(TODAYS_RULES.scenario), "retained", slice(5, 8))
    other = runs(explorer.grid()[place(0, 2, 1)])
    beside = (
        compare_results(other, runs(TODAYS_RULES.scenario), "retained", slice(5, 8)),
        compare_results(runs(OWN), other, "retained", slice(5, 8)),
    )
    assert opened.inner_text("#lead-one") == explorer.lead(c, NASTY, beside)


def test_two_policies_are_compared_directly_in_the_words_of_the_report(opened: Any, runs: Runs) -> None:
    grid = explorer.grid()
    c = compare_results(runs(grid[place(2, 0, 1)]), runs(grid[place(0, 2, 1)]), "retained", slice(5, 8))
    said = sentences.sure_of(replace(c, new="B"), "C").replace("“B”", "B")
    assert opened.inner_text("#sure").startswith(said)


def test_every_title_agrees_with_its_chart(opened: Any, made: dict[str, Any]) -> None:
    title = opened.inner_text("#time-h")
    labels = opened.locator("#bands text[font-weight='600']").all_text_contents()
    for label in labels:
        letter, money = label.split()
        assert f"{money} under {letter}" in title
    verdicts = [made["verdicts"][made["cells"][i]["changes"][1][0][0]] for i in (place(2, 0, 1), place(0, 2, 1))]
    assert ("B does better" in opened.inner_text("#diff-h")) == verdicts[0].startswith("better")


def test_it_works_with_the_keyboard_alone(opened: Any) -> None:
    before = opened.inner_text("#lead-one")
    opened.get_by_label("Ring-fence").first.focus()
    opened.keyboard.press("ArrowDown")
    assert opened.inner_text("#lead-one") != before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(opened: Any, dark: bool) -> None:
    opened.emulate_media(color_scheme="dark" if dark else "light")
    assert violations(opened) == []


def test_it_fits_a_phone_and_prints(opened: Any) -> None:
    opened.set_viewport_size({"width": 320, "height": 800})
    opened.wait_for_timeout(400)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    assert opened.pdf(format="A4").startswith(b"%PDF")
