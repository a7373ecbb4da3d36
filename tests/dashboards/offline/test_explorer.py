"""The explorer's file is small and whole, lets nothing but itself run, and holds what the simulator says."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.offline import explorer
from dashboards.offline.page_answer import make_answer
from dashboards.selection.permalink import restore
from dashboards.selection.policy_form import GROUPS
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.commands.cli import app
from simulator.common import linked_data
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.reports import sentences
from simulator.runs.futures import draw_futures
from simulator.runs.results import Results
from simulator.runs.run import compare_results, run
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.scenario import Scenario, library, load_scenario

pytestmark = pytest.mark.dashboards

N, SEED = 100, 11
NASTY = "</script><img src=x onerror=alert(1)>"
OWN = Slot("committee", NASTY, (LeverEdit("audit", 0.5),)).scenario
SETTING = explorer.Setting(N, SEED, dt.date(2026, 11, 22), (OWN,))


def simulated(one: Scenario) -> Results:
    """The real simulation in the futures of the setting."""
    return run(one, futures=draw_futures(N, seed=SEED))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return explorer.make_document(simulated, SETTING)


@pytest.fixture(scope="module")
def page(document: dict[str, Any]) -> str:
    return explorer.make_page(document).decode("utf-8")


def unpacked(page: str) -> list[dict[str, str]]:
    """The scripts that the page opens."""
    packed = re.findall(r'<script type="application/octet-stream" id="packed">(.*?)</script>', page, re.DOTALL)
    scripts: list[dict[str, str]] = json.loads(zlib.decompress(base64.b64decode(packed[0], validate=True)))
    return scripts


def test_the_file_is_small_and_whole_and_names_no_address_but_those_of_sources(page: str) -> None:
    assert len(page.encode()) < explorer.LARGEST
    page += "".join(script["text"] for script in unpacked(page))
    assert "{{" not in page and "{%" not in page
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", page.split('<script type="application/json"')[0]) == []
    assert not re.search(r"fetch\(|XMLHttpRequest|@import|url\((?!#)|import\(", page)
    sources = {url for entry in load_register().values() for url in entry.url}
    addresses = set(re.findall(r"https?://[^\"'\s<`]+", page)) - {"http://www.w3.org/2000/svg"}
    names = {linked_data.CRATE, linked_data.LICENCE}  # by which a claim's record says what it is: nothing opens them
    assert names <= addresses and addresses - names <= sources  # to be clicked by whoever wants to read on


def test_only_scripts_and_styles_whose_hash_is_named_may_run_and_nothing_may_be_asked_for(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'" and "connect-src" not in rules and "unsafe-inline" not in policy[1]

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    opener = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    scripts = [*opener, *(script["text"] for script in unpacked(page) if not script["type"])]
    assert (len(opener), len(scripts)) == (1, 1 + len(explorer.PAGE_SCRIPTS))
    assert rules["script-src"].split() == [*map(digest, scripts), "'wasm-unsafe-eval'"]
    assert rules["style-src"].split() == [digest(text) for text in re.findall(r"<style>(.*?)</style>", page, re.DOTALL)]
    assert " style=" not in page.split('<script type="application/json"')[0]


def test_what_users_wrote_cannot_leave_the_data(page: str) -> None:
    assert page.count("</script>") == len(("data", "parts", "packed", "opener"))
    assert "<img" not in page
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])
    assert [preset["title"] for preset in data["presets"].values() if preset["group"] == "Your own"] == [NASTY]


def test_every_lever_and_every_scenario_is_offered_once(document: dict[str, Any]) -> None:
    grouped = [name for _, names in document["lever_groups"] for name in names]
    assert sorted(grouped) == sorted(LEVERS) == sorted(document["levers"])
    assert set(document["presets"]) == {*library(), next(iter(explorer.name_own((OWN,))))}
    assert {preset["group"] for preset in document["presets"].values()} == {"", "Your own", *GROUPS}


def test_plain_words_set_what_the_library_sets() -> None:
    controls = {control.key: control for control in PLAIN_CONTROLS}
    for key, choice, name in (
        ("fence", "Can be waived", "ringfence-label"),
        ("fence", "Not waived", "ringfence"),
        ("fence", "Audited", "ringfence-audited"),
        ("leadership", "Full", "leadership"),
    ):
        chosen = next(one for one in controls[key].choices if one.label == choice)
        assert set(chosen.sets) <= set(controls[key].levers)
        built = Slot("baseline", "", tuple(LeverEdit(lever, value) for lever, value in chosen.sets.items()))
        assert built.scenario.fingerprint == load_scenario(name).fingerprint, choice


def test_it_opens_on_its_own_scenarios_in_a_link_that_the_dashboard_reads(document: dict[str, Any]) -> None:
    found = restore(document["opening"])
    assert found.notes == ()
    assert [one.fingerprint for one in found.selection.scenarios] == [
        load_scenario("baseline").fingerprint,
        OWN.fingerprint,
    ]
    assert found.selection.seed == SEED


def test_the_answer_worked_out_ahead_is_that_of_the_simulator(document: dict[str, Any]) -> None:
    ahead = document["ahead"]
    c = compare_results(simulated(OWN), simulated(load_scenario("baseline")), "retained")
    assert ahead["headline"] == sentences.write_headline([c])
    assert ahead["differences"][0]["rows"][0]["sentence"] == c.sentence
    assert (ahead["n"], ahead["outcome"], ahead["years"]) == (N, "retained", ["2027/28", "2029/30"])


def test_what_is_not_a_number_is_none_in_json() -> None:
    none = Slot("baseline", "", (LeverEdit("pot_scale", 0.0, 28),)).scenario
    answer = make_answer([simulated(load_scenario("baseline")), simulated(none)], "retained", slice(5, 8))
    assert answer["scenarios"][1]["bands"][2][-1] is None
    json.dumps(answer, allow_nan=False)


def test_more_scenarios_than_fit_are_refused_before_the_work() -> None:
    with pytest.raises(ValueError, match="up to 12 scenarios of one's own"):
        replace(SETTING, own=(OWN,) * 13)


def test_a_page_that_is_too_large_is_refused(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "LARGEST", 1000)
    with pytest.raises(ValueError, match="Take fewer scenarios"):
        explorer.make_page(document)


def test_the_work_says_how_far_it_is_and_can_be_stopped() -> None:
    class Stop(Exception):  # noqa: N818
        pass

    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 1:
            raise Stop

    with pytest.raises(Stop):
        explorer.make_document(simulated, SETTING, progress)
    assert seen == [(1, 2)]


def test_what_writes_the_page_does_not_load_the_served_dashboard() -> None:
    served = "{'panel', 'bokeh'}"
    ask = f"import sys, dashboards.offline.explorer; print(sorted({served} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "[]"


def test_the_command_writes_the_page_with_a_named_scenario(tmp_path: Path) -> None:
    out = tmp_path / "explorer.html"
    result = CliRunner().invoke(app, ["explorer", "committee", "-n", "20", "--out", str(out)], prog_name="ringfence")
    assert result.exit_code == 0, result.stderr
    assert "needs no connection" in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["explorer.html"]
    text = out.read_text(encoding="utf-8")
    assert '"futures":20,' in text and "B=committee" in text


def test_the_command_refuses_a_wrong_ending(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["explorer", "--out", str(tmp_path / "x.pdf")], prog_name="ringfence")
    assert result.exit_code == 1
    assert "the ending must be" in result.stderr


def test_the_dashboard_takes_its_runs_from_the_store_and_opens_on_its_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("panel", reason="the dashboard is not installed")
    from dashboards.computing.worker import ResultStore, simulate
    from dashboards.offline import explorer_work

    calls: list[str] = []

    def counted(one: Scenario, drawn: Any, progress: Any) -> Results:
        calls.append(one.name)
        return simulate(one, drawn, progress)

    own = Slot("mine", "Mine again", (LeverEdit("audit", 0.5),), load_scenario("ringfence").to_yaml())
    store = ResultStore(counted)
    selection = Selection((TODAYS_RULES, Slot("ringfence"), own), outcome="front", futures=250)
    page = explorer_work.make(store, selection, 20)
    assert len(calls) == 3
    assert explorer_work.make(store, selection, 20) == page
    assert len(calls) == 3
    data = json.loads(
        re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL)[0]
    )
    found = restore(data["opening"]).selection
    assert found.outcome == "front" == data["ahead"]["outcome"]
    assert [one.fingerprint for one in found.scenarios] == [one.fingerprint for one in selection.scenarios]
    assert found.slots[2].title == "Mine again"
