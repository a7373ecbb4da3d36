"""What visitors share is worked out once: for the same results, and for no longer than they are there."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from dashboards.computing import answer_view
from dashboards.computing.result_store import ResultStore
from dashboards.computing.shared_rendering import ReadOnce
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.reports.answer_cards import describe_idle
from simulator.reports.content import compute_bands
from simulator.runs.results import Results
from simulator.runs.run import compare_results


def test_arrays_are_read_once_for_each_question_and_forgotten_with_them() -> None:
    kept, asked = ReadOnce[float](), list[str]()
    one, other = np.arange(3.0), np.arange(3.0)

    def read(question: str) -> float:
        asked.append(question)
        return 3.0

    assert [kept.read((one, other), "sum", lambda: read("sum")) for _ in range(2)] == [3.0, 3.0]
    kept.read((one, other), "other", lambda: read("other"))
    kept.read((other, one), "sum", lambda: read("turned round"))
    kept.read((one,), "sum", lambda: read("one"))
    assert asked == ["sum", "other", "turned round", "one"] and len(kept) == 4
    del other
    gc.collect()
    assert len(kept) == 1
    del one
    gc.collect()
    assert len(kept) == 0


def test_where_one_scenario_moves_the_others_are_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store, compared, banded = ResultStore(), list[str](), list[str]()

    def compare(new, old, *rest):  # type: ignore[no-untyped-def]
        compared.append(new.manifest.title)
        return compare_results(new, old, *rest)

    def band(run, outcome):  # type: ignore[no-untyped-def]
        banded.append(run.manifest.title)
        return compute_bands(run, outcome)

    monkeypatch.setattr(answer_view, "compare_results", compare)
    monkeypatch.setattr(answer_view, "compute_bands", band)
    moved = []
    for value in (0.31, 0.62):
        slots = (TODAYS_RULES, Slot("ringfence", edits=(LeverEdit("audit", value),)), Slot("leadership"))
        view = answer_view.view_answer(store.answer(Selection(slots), 30))
        moved.append(view.runs[1].manifest.title)
        plain = [compare_results(run, view.baseline, view.outcome, view.span) for run in view.runs[1:]]
        assert view.main == plain and len(view.bands) == 3
        assert all(
            (band == compute_bands(run, view.outcome)).all() for band, run in zip(view.bands, view.runs, strict=True)
        )
    assert len(compared) == 3 and compared[::2] == moved
    assert len(banded) == 4 and banded[-1] == moved[1]


def test_what_is_said_of_an_answer_is_worked_out_once_for_each_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def name_best(*given):  # type: ignore[no-untyped-def]
        asked.append(1)
        return found(*given)

    found = answer_view.name_best
    monkeypatch.setattr(answer_view, "name_best", name_best)
    slots = (TODAYS_RULES, Slot("ringfence"), Slot("leadership"))
    view = answer_view.view_answer(ResultStore().answer(Selection(slots, seed=7), 30))
    said = [answer_view.speak_of(view, at) for at in (1, 2, 1, 2, 1)]
    assert len(asked) == 2 and said[0] == said[2] == said[4] != said[1] == said[3]


def test_other_outcomes_are_read_only_of_a_policy_that_leaves_the_one_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slots = (TODAYS_RULES, Slot("ringfence"), Slot("leadership"))
    view = answer_view.view_answer(ResultStore().answer(Selection(slots, seed=7), 30))
    read, outcome = list[str](), Results.outcome

    def note(self, name="retained", years=None):  # type: ignore[no-untyped-def]
        read.append(name)
        return outcome(self, name, years)

    monkeypatch.setattr(Results, "outcome", note)
    assert not describe_idle(view.runs, view.span, "retained") and read == ["retained"] * 4
