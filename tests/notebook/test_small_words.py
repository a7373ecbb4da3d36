"""What answers print agrees with itself: names, counts, lines that warnings point at, what comes back from files."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import simulator as rf
from simulator.experiments.sensitivity.sobol import SobolIndex, SobolIndices, SobolStep
from simulator.runs.posterior import BIAS

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("weighed_once")]


def test_a_whole_number_that_is_a_year_is_told_how_to_name_a_year() -> None:
    with pytest.raises(rf.InputError, match="for a year write its name, such as '2028/29 Q1'"):
        rf.load_scenario("ringfence").starting(2028)


def test_an_empty_list_is_no_list_of_scenarios() -> None:
    with pytest.raises(rf.InputError, match="the list is empty"):
        rf.run_many([])


def test_two_believers_have_two_names_and_few_futures_are_counted_as_they_are() -> None:
    one, other = rf.state_beliefs({"plain": (10, 20, 35)}), rf.state_beliefs({"plain": (40, 50, 70)})
    with pytest.raises(rf.InputError, match="the same name"):
        rf.compare_believers(one, other, names=("A", "A"), n=20)
    few = rf.compare_believers(one, other, n=20)
    assert "of 20 futures" in few.sentence and "of 100 futures" not in few.sentence.split("chance")[0]
    assert few.to_frame()["better_of_100"].isna().all()


def test_plugins_are_listed() -> None:
    assert "plugins" in dir(rf)


def test_a_package_is_told_as_it_is_priced_and_by_the_label_of_its_outcome() -> None:
    answer = rf.packages(
        {"leader_lift": 0.45}, {"leader_lift": 4}, "additional", hold={"ringfence": 1, "waiver": 0}, budget=2, draws=20
    )
    found = answer.result.answer(0.1)
    assert rf.OUTCOMES["additional"].label in found and "leader_lift 0.225" in answer.sentence + found


def test_an_explanation_read_back_prints_its_decisions(tmp_path: Path) -> None:
    why = rf.why("ringfence", run=3, board="QWE", year="2027/28", against="leadership")
    assert why.decisions[0].sentence in str(rf.load(why.save(tmp_path / "why.json")))


def test_a_warning_points_at_the_line_that_asked() -> None:
    early = rf.run(rf.load_scenario("ringfence").starting("2026/27 Q3"), 100)
    for ask in (early.summary, lambda: rf.main_effects(early, over=["plan_base"])):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ask()
        assert [Path(each.filename).name for each in caught] == [Path(__file__).name]


def test_a_policy_has_one_name_as_a_scenario_and_as_results() -> None:
    futures = rf.draw_futures(100)
    made = rf.main_effects(rf.run("ringfence", futures=futures), rf.run("leadership", futures=futures), ["plan_base"])
    named = rf.main_effects("ringfence", "leadership", ["plan_base"], draws=100, replicates=1)
    assert all(
        "Money kept, Ring-fence as in 2022/23, not waived less Stronger leadership" in answer.sentence
        for answer in (made, named)
    )


def test_a_fit_counts_the_uncertain_numbers_that_badges_count() -> None:
    fit = rf.calibrate((200, 200))
    assert BIAS in set(fit.to_frame()["name"])
    assert sum(row.name != BIAS for row in fit.identified) == len(fit.identified) - 1
    assert all(f"`{column}`" in str(rf.calibrate.__doc__) for column in fit.to_frame() if column != "name")


def make_indices(first: float, half_width: float) -> SobolIndices:
    factor = SobolIndex("a", first, half_width, 0.5, 0.01)
    return SobolIndices(
        "x", (factor,), SobolIndex("luck", 0.3, 0.01, 0.35, 0.01), (SobolStep(64, 0.01, True),), 64, 9, 0, 1
    )


def test_interactions_are_told_only_as_far_as_the_intervals_reach() -> None:
    assert "cannot be told at this many runs" in make_indices(0.6, 0.3).sentence
    assert "the rest is interactions" in make_indices(0.4, 0.05).sentence
    assert "interact little, if at all" in make_indices(0.69, 0.02).sentence
