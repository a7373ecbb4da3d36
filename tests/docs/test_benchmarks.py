"""The record of speed: one line for each version, drawn as it stands, and warnings only where a ratio got worse."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.interface

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("bench_record")


def test_the_picture_is_the_one_that_the_record_gives(recorder: ModuleType) -> None:
    lines = recorder.read_record()
    drawn = importlib.import_module("draw_benchmarks").draw_picture(lines)
    assert drawn == (ROOT / "docs" / "images" / "benchmarks.svg").read_text(encoding="utf-8")
    assert all(f"{lines[-1]['ratios'][name]:,.3g} " in drawn for name in recorder.RATIOS)


def test_every_version_has_one_line_with_all_ratios_and_the_times_behind_them(recorder: ModuleType) -> None:
    lines = recorder.read_record()
    versions = [line["version"] for line in lines]
    assert versions and len(set(versions)) == len(versions)
    assert set(lines[-1]["ratios"]) == set(recorder.RATIOS)
    for line in lines:
        assert set(line) == set(recorder.RecordLine.__annotations__)
        for name, ratio in line["ratios"].items():
            above, below = name.split("_to_")
            assert ratio == pytest.approx(line["seconds"][above] / line["seconds"][below], rel=0.01, abs=0.01), name


def test_a_version_recorded_again_replaces_its_line_and_no_other(recorder: ModuleType, tmp_path: Path) -> None:
    path, line = tmp_path / "record.jsonl", recorder.read_record()[-1]
    for version, note in (("1", "a"), ("2", "b"), ("2", "c")):
        recorder.add_line({**line, "version": version, "note": note}, path)
    assert [(each["version"], each["note"]) for each in recorder.read_record(path)] == [("1", "a"), ("2", "c")]
    assert recorder.read_record(tmp_path / "none.jsonl") == []


def test_only_ratios_that_got_worse_by_a_quarter_are_warned_of(recorder: ModuleType) -> None:
    recorded = {"run_to_floor": 2.0, "mesa_to_run": 400.0, "help_to_numpy": 2.0}
    assert recorder.find_worse(recorded, recorded) == []
    assert recorder.find_worse({"run_to_floor": 1.0, "mesa_to_run": 900.0}, recorded) == [], "better is no warning"
    assert recorder.find_worse({"help_to_numpy": 2.4}, recorded) == []
    (slow,) = recorder.find_worse({"run_to_floor": 2.6, "mesa_to_run": 390.0}, recorded)
    assert "2.60 times, recorded 2.00" in slow
    (less,) = recorder.find_worse({"run_to_floor": 2.0, "mesa_to_run": 300.0}, recorded)
    assert "batch_run" in less
