"""What cannot be answered is refused before a single future runs, and says what to write or to try."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

import simulator as rf

pytestmark = pytest.mark.interface

TWO = ["ringfence", "leadership"]
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "sobol": (lambda: rf.sobol("ringfence", "leadership", blocks=16), "16 blocks: take a power of two from 32 on"),
    "evppi": (lambda: rf.evppi(TWO, draws=100), r"rf\.evppi\(draws=100\): .*; give 120 or more"),
    "evsi": (lambda: rf.evsi("retained of 2 boards, 2022/23", draws=100), "give 120 or more"),
    "equivalence": (
        lambda: rf.equivalence("audit", {"audit": 1}),
        "audit equals itself: name the other levers",
    ),
    "few draws": (lambda: rf.equivalence("audit", {"ringfence": 1}, draws=5), "give 10 or more"),
    "break_even": (lambda: rf.break_even(draws=5), "give 10 or more"),
    "variance_split": (lambda: rf.variance_split("ringfence", draws=5), "give 10 or more"),
    "pawn": (lambda: rf.pawn("ringfence", draws=10), "give 50 or more"),
    "main_effects": (lambda: rf.main_effects("ringfence", draws=10), "give 50 or more"),
    "discover": (lambda: rf.discover("ringfence", below=0.8, points=10), "give 50 or more"),
    "one draw": (lambda: rf.packages({"leader_lift": 0.6}, {"leader_lift": 2}, draws=1), "1 draw is too few: .*give 2"),
    "one future": (lambda: rf.attribution("ringfence+leadership", n=1), "1 future is too few .*give 2 or more"),
    "no ring-fence": (
        lambda: rf.packages({"audit": 1}, {"audit": 2}, draws=20),
        r"audit: does nothing here, since there is no ring-fence \(ringfence is 0\) from 2027/28 Q1 on",
    ),
    "a waiver": (
        lambda: rf.packages({"ringfence": 1, "audit": 1}, {"ringfence": 1, "audit": 2}, hold={"waiver": 1}, draws=20),
        r"ringfence, audit: do nothing here, since a waiver lifts the whole ring-fence \(waiver is 1, waivable 1\)",
    ),
    "a line": (lambda: rf.discover("ringfence", below=80), "write 80% as 0.8"),
    "an outcome": (lambda: rf.compare("ringfence", outcome="nope"), "'nope' is not an outcome"),
    "a large error": (lambda: rf.evsi("retained of 2 boards, 2022/23, error 500%"), "error of a share lies from"),
    "a scenario": (
        lambda: rf.sweep({"kind": "grid", "scenario": MINE, "factors": {"audit": [0, 1]}}),
        r"write what “Mine” gives by \.to_yaml\(\) to a file, such as mine\.yaml, and name that",
    ),
    "an object": (lambda: rf.sweep({"kind": object(), "factors": {"audit": [0, 1]}}), "holds nothing of type object"),
}
MINE = rf.Scenario.from_dict({"title": "Mine", "question": "?", "extends": ["ringfence", "leadership"]}, name="mine")


@pytest.fixture(autouse=True)
def imported() -> None:
    """Modules that take `simulate` by its name when they are imported are so before it is replaced."""
    for name in ("replays.parallel_worlds", "calibration.pattern_runs", "evidence.predictions", "plugins.check"):
        importlib.import_module(f"simulator.{name}")


@pytest.mark.parametrize("which", REFUSED)
def test_it_is_refused_before_anything_runs(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, words = REFUSED[which]

    def refuse(*args: object, **kwargs: object) -> object:
        raise AssertionError("a future ran")

    for module in ("simulator.studies.model_function", "simulator.studies.attribution", "simulator.engine.ensemble"):
        monkeypatch.setattr(f"{module}.simulate", refuse)
    with pytest.raises(rf.RingfenceError, match=words) as refused:
        ask()
    assert len(str(refused.value)) < 400


def test_runs_are_noticed_by_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> object:
        raise AssertionError("a future ran")

    monkeypatch.setattr("simulator.studies.model_function.simulate", refuse)
    with pytest.raises(AssertionError, match="a future ran"):
        rf.variance_split("ringfence", draws=10, replicates=2)


def test_levers_that_a_waiver_keeps_still_come_with_what_to_hold() -> None:
    with pytest.raises(rf.InputError, match="ringfence held at 1 and waiver at 0"):
        rf.packages({"audit": 1}, {"audit": 2}, draws=20)
    with pytest.raises(rf.InputError, match="ringfence held at 1 and waiver at 0"):
        rf.equivalence("audit", {"waiver": 1}, draws=20)


def test_levers_of_a_ring_fence_are_asked_about_where_one_of_them_puts_it_in_force() -> None:
    for levers, hold in (
        ({"ringfence": 1, "audit": 1}, {"waiver": 0}),
        ({"audit": 1}, {"ringfence": 1, "waiver": 0}),
        ({"ringfence": 1, "waivable": 0}, {"waiver": 1}),
    ):
        found = rf.packages(levers, dict.fromkeys(levers, 1), hold=hold, draws=4, most=4)
        assert found.to_frame()["fresh"].nunique() > 1
