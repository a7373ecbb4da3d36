"""`calibrate`, `replay` and `scoreboard`: answers that agree with the library, files, and mistakes told in words."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_runs import bad, document, good, ring

from simulator.calibration import fit as fitting
from simulator.calibration import scoreboard as board
from simulator.calibration import structural_fits as structural
from simulator.calibration.scoreboard import Line, list_failures, scoreboard
from simulator.commands.calibrate import FIT_SEED
from simulator.replays.replay import load_replay, replay_names
from simulator.runs.futures import draw_futures
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.runs.posterior import BIAS, NAMES, describe_fit_badge, read_draws, read_fit_document

pytestmark = pytest.mark.interface

FEW = ("-n", "20")
SMALL = (300, 300)
WHY = "because: To see., evidence: [], assumption: true"
BODIES = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\nA,Ay,3,900,1,20,N\nB,Bee,2,800,-1,30,N\n"


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def own_world(folder: Path, levers: str = "gap_mean: {to: 2, WHY}") -> Path:
    """A small world with a table of bodies beside it."""
    (folder / "bodies.csv").write_text(BODIES, encoding="utf-8")
    path = folder / "mine.yaml"
    text = (
        "title: Two bodies\nquestion: What then?\nboards: bodies.csv\nstarts: 2019/20\nyears: 1\nfirst_plan: Q1\n"
        f"levers:\n  {levers}\n"
        "observe:\n  seen: {measure: retained, observed: 0.4}\n  unseen: {measure: spent, at_most: 0.5}\n"
    ).replace("WHY", WHY)
    path.write_text(text, encoding="utf-8")
    return path


# calibrate


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of a moment."""
    monkeypatch.setattr(fitting, "QUICK", SMALL)
    monkeypatch.setattr(fitting, "FULL", (200,))


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Diagnostics that any fit passes."""
    for name, value in (("LEAST_EFFECTIVE", 0), ("LARGEST_WEIGHT", 1.0), ("LARGEST_K", math.inf)):
        monkeypatch.setattr(fitting, name, value)


def test_the_default_seed_is_that_of_the_fit() -> None:
    assert FIT_SEED == fitting.SEED == read_fit_document()["seed"]


@pytest.mark.usefixtures("small")
def test_a_fit_prints_the_numbers_of_the_library_in_full() -> None:
    answer = document("calibrate", "--quick", "--seed", "5")
    fit = fitting.calibrate(SMALL, seed=5)
    assert answer["quality"]["points"] == sum(SMALL)
    assert answer["quality"]["effective"] == pytest.approx(fit.quality.effective, rel=1e-12)
    assert answer["problems"] == fit.quality.problems != []
    assert answer["targets"] == list(fit.used)
    for line, i in zip(answer["factors"], fit.identified, strict=True):
        assert (line["name"], line["mean"], line["s.d. ratio"], line["pinned"]) == (i.name, i.mean, i.ratio, i.pinned)


@pytest.mark.usefixtures("small")
def test_without_quick_the_whole_fit_is_made() -> None:
    assert document("calibrate")["quality"]["points"] == 200


@pytest.mark.usefixtures("small")
def test_csv_of_a_fit_has_a_row_for_each_number() -> None:
    rows = table(good("calibrate", "--quick", "--csv"))
    assert [row["name"] for row in rows] == [one["name"] for one in read_fit_document()["identified"]]
    assert float(rows[0]["5%"]) < float(rows[0]["50%"]) < float(rows[0]["95%"])


@pytest.mark.usefixtures("small")
def test_the_table_of_a_fit_shows_what_is_pinned_down_and_says_if_it_must_not_be_used() -> None:
    text = " ".join(good("calibrate", "--quick").split())
    fit = fitting.calibrate(SMALL)
    pinned = [i.name for i in fit.identified if i.pinned]
    own = [name for name in pinned if name != BIAS]
    assert f"The 10 findings narrow or move {len(own)} of the model's {len(UNCERTAIN)} uncertain numbers" in text
    assert (f"{BIAS} is none of them" in text) == (BIAS in pinned)
    assert all(name in text for name in pinned)
    assert "Do not use this fit: the effective sample is" in text


@pytest.mark.usefixtures("small", "lenient")
def test_a_fit_is_written_into_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    result = ring("calibrate", "--quick", "--out", tmp_path / "new")
    assert result.exit_code == 0, result.stderr
    names = (*NAMES, "inputs.json", "weights.svg")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names)
    assert all(f"wrote {tmp_path / 'new' / name}" in result.stderr for name in names)
    assert len(read_draws(tmp_path / "new" / NAMES[0])["plan_base"]) == 1_000


@pytest.mark.usefixtures("small")
def test_a_fit_that_cannot_be_trusted_is_shown_and_not_written(tmp_path: Path) -> None:
    result = ring("calibrate", "--quick", "--out", tmp_path / "new")
    assert result.exit_code == 1
    assert "error: not published: the effective sample is" in result.stderr
    assert "parameter sets, effective sample" in result.stdout
    assert not (tmp_path / "new").exists()


def test_priors_and_targets_are_written_as_files_to_edit_and_never_over_others(tmp_path: Path) -> None:
    result = ring("calibrate", "--template", tmp_path / "mine")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["priors.yaml", "targets.yaml"]
    assert "holds priors.yaml and targets.yaml already" in bad("calibrate", "--template", tmp_path / "mine")


def test_the_mistakes_of_both_files_come_in_one_message(tmp_path: Path) -> None:
    priors, targets = tmp_path / "p.yaml", tmp_path / "t.yaml"
    priors.write_text("title: T\npriors:\n  pull_cheif: {hold: 0}\n", encoding="utf-8")
    targets.write_text("title: T\ntargets:\n  turnovr: {use: no}\n", encoding="utf-8")
    message = bad("calibrate", "--quick", "--priors", priors, "--targets", targets)
    assert f"{priors}:3: priors.pull_cheif: is not an uncertain number; did you mean 'pull_chief'?" in message
    assert f"{targets}:3: targets.turnovr: is not a finding of the fit; did you mean 'turnover'?" in message


def test_a_file_in_the_place_of_the_folder_is_told_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old", encoding="utf-8")
    assert "is a file; give the name of a folder" in bad("calibrate", "--out", path)
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("calibrate", "--json", "--csv"), "--json or --csv, not both"),
        (("calibrate", "--structures", "--json"), "goes with --out alone"),
        (("calibrate", "--structures", "--quick"), "goes with --out alone"),
        (("calibrate", "--structures", "--seed", "4"), "goes with --out alone"),
        (("calibrate", "--seed", "-1"), "--seed"),
        (("scoreboard", "-n", "19"), "--futures"),
        (("scoreboard", "--json", "--csv"), "--json or --csv, not both"),
        (("replay",), "REPLAY"),
        (("replay", "england", "-n", "0"), "--futures"),
    ],
)
def test_wrong_usage_has_its_own_exit_code(words: tuple[str, ...], message: str) -> None:
    assert message in " ".join(bad(*words, code=2).split())


def test_alternatives_are_told_one_by_one_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def few(names: list[str], **_: Any) -> Iterator[tuple[dict[str, Any], dict[str, np.ndarray]]]:
        calls.extend(names)
        problems = ["too few"] if names == ["no_peers"] else []
        said = {"name": names[0], "says": f"what {names[0]} says", "log_evidence": -1.0, "effective": 99.0}
        yield {**said, "problems": problems}, {"plan_base": np.zeros(3)}

    monkeypatch.setattr(structural, "run_structures", few)
    result = ring("calibrate", "--structures", "--out", tmp_path / "a" / "b")
    assert result.exit_code == 0, result.stderr
    assert calls == list(structural.STRUCTURES)
    assert "raid_first: what raid_first says; log evidence -1.00, effective 99" in result.stdout
    assert result.stdout.count("do not use: too few") == 1
    assert all((tmp_path / "a" / "b" / name).is_file() for name in structural.NAMES)


# replay


@pytest.mark.parametrize("name", replay_names())
def test_a_shipped_world_is_replayed_with_prediction_beside_observation(name: str) -> None:
    answer = document("replay", name, *FEW, "--seed", "3")
    replay, drawn = load_replay(name), draw_futures(20, seed=3)
    predictions = replay.predict(drawn.points, drawn.runs, seed=3)
    assert (answer["world"], answer["futures"], answer["badge"], answer["held"]) == (
        name,
        20,
        describe_fit_badge(),
        dict(replay.held),
    )
    for line, o in zip(answer["observations"], replay.observations, strict=True):
        values = predictions[o.name]
        if (name, o.name) == ("carers_breaks", "full") or name in ("england_experiments", "fence_in_steps"):
            assert line["observed"] is None and line["use"] == "", "nobody counted it"
            assert line["defined"] == np.isfinite(values).sum() > 0
            continue
        assert o.observed is not None
        assert (line["name"], line["observed"], line["use"]) == (o.name, o.observed.observed[0], o.observed.use.value)
        assert line["mean"] == pytest.approx(float(values.mean()), rel=1e-12)
        assert line["share_below"] == pytest.approx(float((values < o.observed.observed[0]).mean()))
        assert line["centile_5"] <= line["centile_50"] <= line["centile_95"]


def test_the_table_of_a_replay_says_what_was_seen_what_is_predicted_and_what_it_is_used_for() -> None:
    text = " ".join(good("replay", "choosing_health", *FEW).split())
    for part in (
        "Choosing Health money, 2006/07",
        "money spent as intended",
        "25% to 40%: ",
        "33%",
        "out-of-sample",
        "R01",
        "103 bodies, 20 futures",
        describe_fit_badge(),
    ):
        assert part in text


def test_a_world_of_one_s_own_with_its_bodies_is_replayed(tmp_path: Path) -> None:
    path = own_world(tmp_path)
    answer = document("replay", path, *FEW)
    assert (answer["world"], answer["boards"], answer["title"]) == ("mine", "bodies.csv", "Two bodies")
    seen, unseen = answer["observations"]
    assert seen["observed"] == 0.4 and 0 <= seen["share_below"] <= 1
    assert (unseen["observed"], unseen["share_below"], unseen["use"]) == (None, None, "")
    text = good("replay", path, *FEW)
    assert "2 bodies, 20 futures" in text and "nan" not in text


def test_csv_of_a_replay_holds_the_numbers_of_its_json(tmp_path: Path) -> None:
    path = own_world(tmp_path)
    rows, lines = table(good("replay", path, *FEW, "--csv")), document("replay", path, *FEW)["observations"]
    assert [row["name"] for row in rows] == ["seen", "unseen"]
    assert [float(row["mean"]) for row in rows] == [line["mean"] for line in lines]
    assert rows[1]["observed"] == rows[1]["share_below"] == ""


def test_a_shipped_replay_is_written_to_a_file_to_start_from(tmp_path: Path) -> None:
    out = tmp_path / "mine.yaml"
    assert "ringfence replay" in good("replay", "fence_in_steps", "--copy", out)
    assert load_replay(out).question == load_replay("fence_in_steps").question
    assert "is there already" in bad("replay", "fence_in_steps", "--copy", out)
    assert "the ending must be .yaml" in bad("replay", "fence_in_steps", "--copy", tmp_path / "mine.csv")
    assert "no replay 'mine.yaml' ships" in bad("replay", "mine.yaml", "--copy", tmp_path / "b.yaml")


def test_parameters_can_be_drawn_from_elsewhere_and_the_badge_says_so() -> None:
    fitted, default = (document("replay", "choosing_health", *FEW, "--source", s) for s in ("posterior", "default"))
    assert fitted["observations"] != default["observations"]
    assert "not fitted" in default["badge"] and "not fitted" not in fitted["badge"]


def test_a_bad_world_is_told_line_by_line(tmp_path: Path) -> None:
    message = bad("replay", own_world(tmp_path, "audit: {to: 7, WHY}\n  namd: {to: 1, WHY}"))
    assert "mine.yaml:8: levers.audit.to: 7 is above 1" in message
    assert "mine.yaml:9: levers.namd: is not one of the levers; did you mean 'named'?" in message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("englnd", "there is no replay 'englnd'; did you mean 'england'?"),
        (
            "xyzzy",
            "there are carers_breaks, choosing_health, choosing_later, dental, england, england_experiments, "
            "england_later, fence_in_steps, floor_audited, floor_national, or give a YAML file",
        ),
        ("nowhere.yaml", "nowhere.yaml:1: is not a file"),
    ],
)
def test_a_world_that_is_not_there_is_told_with_those_that_are(name: str, message: str) -> None:
    assert message in bad("replay", name)


# scoreboard


def test_the_scoreboard_names_its_failures() -> None:
    answer = document("scoreboard", *FEW)
    lines = scoreboard(20)
    assert answer["futures"] == 20
    assert [line["id"] for line in answer["lines"]] == [line.id for line in lines]
    assert answer["failed"] == list_failures(lines) != []
    assert answer["failed"] == [line["id"] for line in answer["lines"] if not line["passes"]]
    assert answer["findings"] == read_fit_document()["findings"]
    by_id = {line["id"]: line for line in answer["lines"]}
    assert by_id["turnover"]["simulated"] == next(line.simulated for line in lines if line.id == "turnover")
    assert by_id["turnover"]["unit"] == "share" and by_id["P5.late"]["observed"] is None


def test_csv_of_the_scoreboard_has_a_row_a_line() -> None:
    rows = table(good("scoreboard", *FEW, "--csv"))
    assert [row["id"] for row in rows if row["passes"] == "False"] == list_failures(scoreboard(20))
    assert rows[0]["section"] == "fitted" and rows[-1]["section"] == "patterns, not fitted"


def fake(monkeypatch: pytest.MonkeyPatch, change: Callable[[Line], Line]) -> str:
    changed_lines = tuple(map(change, scoreboard(20)))
    monkeypatch.setattr(board, "scoreboard", lambda n, progress: changed_lines)
    return good("scoreboard", *FEW)


def test_the_table_of_the_scoreboard_marks_each_failure_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake(monkeypatch, lambda line: replace(line, passes=line.id not in ("turnover", "P5.late")))
    assert text.count("NO ") == 2
    assert (
        "29 of 30 out-of-sample checks pass; so do 11 of 12 that were fitted and 10 of 10 of the same evidence" in text
    )
    assert (
        "Not passed: turnover, P5.late." in text
        and "“Boards keep all, part or none” repeats “Boards interviewed”" in text
    )
    for heading in ("Fitted", "Same evidence as a target", "Declared beforehand, not fitted", "Patterns, not fitted"):
        assert heading in text


def test_a_scoreboard_without_failures_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake(monkeypatch, lambda line: replace(line, passes=True))
    assert "30 of 30 out-of-sample checks pass" in text and "Not passed" not in text


def test_what_has_the_place_of_a_file_of_a_fit_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "fit" / NAMES[1]).mkdir(parents=True)
    assert f"{NAMES[1]} is a folder" in bad("calibrate", "--out", tmp_path / "fit")
