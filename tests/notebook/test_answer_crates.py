"""The folder of an answer holds what it was asked with, and its README makes the answer again."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from cli_runs import good

import simulator as rf
from simulator.common.presentable import Presentable

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("weighed_once")]

PHASED = {
    "title": "Phased audited label",
    "question": "Does it keep more?",
    "extends": "baseline",
    "changes": {
        "ringfence": {"to": 1, "from": "2026/27 Q3", "because": "label", "evidence": [], "assumption": True},
        "audit": {"to": 0.6, "from": "2027/28 Q1", "phase": "4 quarters", "because": "audit", "evidence": ["R07"]},
    },
}
ROWS = [{"board": "QWO", "year": "2022/23", "what": "retained", "value": 0.9, "error": 0.05, "source": "mine"}]
MINE = rf.Scenario.from_dict(PHASED, name="phased")
BOTH = rf.Scenario.from_dict({"title": "Both", "question": "?", "extends": ["ringfence", "leadership"]}, name="both")


def put_file(name: str) -> Path:
    """A scenario or a table of the user's, in a folder that the answer must not name."""
    folder = Path(tempfile.mkdtemp(prefix="secret"))
    path = folder / name
    if name.endswith(".csv"):
        shutil.copyfile(Path(rf.__file__).parent / "data" / "boards.csv", path)
        path.write_text(path.read_text(encoding="utf-8").replace("1256523", "1256524"), encoding="utf-8")
    else:
        path.write_text(MINE.to_yaml(), encoding="utf-8")
    return path


def compare_results() -> Presentable:
    futures = rf.draw_futures(20, seed=3)
    return rf.compare(rf.run(MINE, futures=futures), rf.run("leadership", futures=futures))


ANSWERS: dict[str, Callable[[], Presentable]] = {
    "a scenario of a notebook": lambda: rf.compare(MINE, "leadership", 20),
    "its parts": lambda: rf.attribution(MINE, n=20),
    "a list of parts": lambda: rf.attribution([MINE, "leadership"], n=20),
    "what only extends others": lambda: rf.attribution(BOTH, n=20),
    "a file": lambda: rf.compare(put_file("mine.yaml"), "leadership", 20),
    "a stack with a file": lambda: rf.attribution(f"{put_file('mine.yaml')}+leadership", n=20),
    "a table of boards": lambda: rf.compare("ringfence", n=20, boards=put_file("areas.csv")),
    "results": compare_results,
    "futures": lambda: rf.compare(MINE, futures=rf.draw_futures(20, seed=5, settings={"pull_chief": 0.1})),
    "results of one scenario": lambda: rf.main_effects(rf.run(MINE, 200), over=["plan_base"], years="2027/28"),
    "beliefs": lambda: rf.compare("ringfence", n=20, beliefs=rf.state_beliefs({"plain": (10, 20, 35)})),
    "evidence": lambda: rf.evidence(ROWS, n=20, because="Its accounts."),
    "two of one name": lambda: rf.robustness([MINE, MINE.with_lever("audit", 1)], draws=20, replicates=1),
    "a sweep in memory": lambda: rf.sweep(
        {"kind": "grid", "factors": {"audit": [0, 1]}, "scenario": str(put_file("own.yaml"))}
    ),
}


@pytest.mark.parametrize("which", ANSWERS)
def test_the_readme_of_a_crate_makes_the_answer_again_from_its_folder(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ANSWERS[which]()
    folder = answer.save_crate(tmp_path / "deposit")
    held = {path.name: path.read_bytes() for path in folder.iterdir()}
    paths = {name for name, content in held.items() for hidden in (b"secret", b"/tmp") if hidden in content}
    assert paths == set(), "a folder of the user's is named"
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"```python\n(.*?)```", held["README.md"].decode(), re.DOTALL)
    assert "..." not in code and f"rf.{answer.question}(" in code
    said: dict[str, Presentable] = {}
    exec(code, said)  # the README's own text
    again, back = said["again"], rf.load(folder)
    pd.testing.assert_frame_equal(again.to_frame(), answer.to_frame())
    assert back.sentence == answer.sentence and "<Scenario" not in str(back.settings)


def test_a_crate_says_which_argument_it_cannot_hold(tmp_path: Path) -> None:
    table = put_file("areas.csv")
    answer = rf.compare("ringfence", n=20, boards=rf.load_boards(table))
    held = rf.compare("ringfence", n=20, boards=rf.load_boards(table)).save_crate(tmp_path / "held")
    assert (held / "areas.csv").exists()
    table.unlink()
    lost = rf.compare(answer.results[1], answer.results[0], boards=None).save_crate(tmp_path / "results")
    assert (lost / "results_scenario.nc").exists()
    boards = rf.load_boards(put_file("areas.csv"))
    Path(boards.reference.split("@")[0]).unlink()
    text = (rf.compare("ringfence", n=20, boards=boards).save_crate(tmp_path / "x") / "README.md").read_text("utf-8")
    assert "boards = ...  # yours, and no file here holds it: The table of 42 boards" in text
    assert "boards=boards" in text


@pytest.mark.parametrize(
    "style", ['scenario: "my own.yaml"  # mine', "scenario: my own.yaml", '{"scenario": "my own.yaml", ']
)
def test_the_command_in_a_sweeps_crate_runs_in_its_folder(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my own.yaml").write_text(MINE.to_yaml(), encoding="utf-8")
    rest = "kind: grid\nfactors: {audit: [0, 1]}\noutcomes: [retained]\n"
    text = (
        f"{style}\n{rest}" if not style.startswith("{") else f'{style}"kind": "grid", "factors": {{"audit": [0, 1]}}}}'
    )
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    answer = rf.sweep(tmp_path / "mine.yaml", out=tmp_path / "rows")
    crate = answer.save_crate(tmp_path / "deposit")
    monkeypatch.chdir(crate)
    (command,) = re.findall(r"^    ringfence (sweep .*)$", (crate / "README.md").read_text("utf-8"), re.MULTILINE)
    good(*command.split())
    assert rf.read_sweep("again")["retained"].tolist() == answer.to_frame()["retained"].tolist()


SAVED: dict[str, Callable[[], Presentable]] = {
    "two policies": lambda: rf.compare("ringfence", "leadership", 20, years="2027/28"),
    "parts": lambda: rf.attribution("ringfence+leadership", n=20),
    "amounts": lambda: rf.equivalence("leader_lift", {"ringfence": 1, "waiver": 0}, draws=10, replicates=1, steps=3),
    "packages": lambda: rf.packages({"leader_lift": 0.6}, {"leader_lift": 2}, draws=10, most=3),
    "factors": lambda: rf.morris("ringfence", over=["pull_chief", "plan_base"], walks=4, replicates=1),
    "a box": lambda: rf.discover("baseline", over=["plan_base", "pull_pressure"], below=0.6, points=60),
    "a decision": lambda: rf.why("ringfence", run=3, board="QWE", year="2027/28"),
}


@pytest.mark.parametrize("which", SAVED)
def test_the_folder_of_an_answer_that_was_saved_and_loaded_makes_it_again(which: str, tmp_path: Path) -> None:
    answer = SAVED[which]()
    folder = rf.load(answer.save(tmp_path / "x.json")).save_crate(tmp_path / "deposit")
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text("utf-8"), re.DOTALL)
    said: dict[str, Presentable] = {}
    exec(code.replace('rf.load("', f'rf.load("{folder}/'), said)  # the README's own text
    pd.testing.assert_frame_equal(said["again"].to_frame(), answer.to_frame())


def test_the_folder_of_a_saved_answer_says_what_its_file_only_describes(tmp_path: Path) -> None:
    answer = rf.compare(MINE, "leadership", 20, beliefs=rf.state_beliefs({"plain": (10, 20, 35)}))
    text = (rf.load(answer.save(tmp_path / "x.json")).save_crate(tmp_path / "y") / "README.md").read_text("utf-8")
    for name in ("scenario", "beliefs"):
        assert f"{name} = ...  # yours, and no file here holds it: " in text and f"{name}={name}" in text
