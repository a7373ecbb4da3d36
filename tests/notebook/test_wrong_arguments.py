"""Arguments of another kind than a function takes are refused in a sentence that says what to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simulator as rf
from simulator.agents.model import HealthSystem
from simulator.common.errors import InputError
from simulator.runs.run import run, run_many


@pytest.mark.parametrize("futures", [5, "5", [1, 2], ()])
def test_futures_that_are_none_are_refused_with_the_way_to_ask_for_so_many(futures: Any) -> None:
    for function in (lambda: run("ringfence", futures=futures), lambda: run_many(["ringfence"], futures=futures)):
        with pytest.raises(InputError, match="write n="):
            function()


def test_one_name_is_not_read_as_a_list_of_letters() -> None:
    for one in ("ringfence", Path("mine.yaml")):
        with pytest.raises(InputError, match="list of scenarios"):
            run_many(one)  # type: ignore[arg-type]


LISTS: dict[str, tuple[Callable[[], object], str]] = {
    "robustness": (lambda: rf.robustness("ringfence"), "list of policies"),
    "evppi": (lambda: rf.evppi("ringfence"), "list of policies"),
    "evppi, asked": (lambda: rf.evppi(["ringfence", "leadership"], "pull_chief"), "list of names"),
    "evppi, unknown": (lambda: rf.evppi(["ringfence", "leadership"], ["pull_cheif"]), "did you mean 'pull_chief'"),
    "equivalence": (lambda: rf.equivalence("leader_lift", "ringfence"), "levers and their values"),  # type: ignore[arg-type]
    "packages": (lambda: rf.packages(["audit"], {"audit": 1}), "levers and their values"),  # type: ignore[arg-type]
    "run": (lambda: rf.run(["ringfence"]), "one scenario is asked for"),  # type: ignore[arg-type]
    "sobol": (lambda: rf.sobol(rf.run("ringfence", 2)), "of type Results"),  # type: ignore[arg-type]
    "read_evidence": (lambda: rf.read_evidence([{"board": "QWE"}]), r"go to rf\.evidence"),  # type: ignore[arg-type]
    "given_futures": (lambda: rf.given_futures({"i": [1]}), "ringfence reference parameters"),
}


@pytest.mark.parametrize("name", LISTS)
def test_one_in_place_of_several_and_several_in_place_of_one_are_refused_in_words(name: str) -> None:
    ask, words = LISTS[name]
    with pytest.raises(rf.RingfenceError, match=words):
        ask()


OTHER_KINDS: dict[str, tuple[Callable[[Any], object], str]] = {
    "futures of a future": (lambda x: rf.why("ringfence", run=1, board="QWE", futures=x), "futures are those of"),
    "evsi's scenarios": (lambda x: rf.evsi(["retained of 2 boards, 2022/23"], x), "list of policies"),
    "evppi's scenarios": (rf.evppi, "list of policies"),
    "robustness's scenarios": (rf.robustness, "list of policies"),
    "codes of a fit": (lambda x: rf.calibrate((100, 100), codes=x), "what each replay holds"),
    "start of a fit": (lambda x: rf.calibrate((100, 100), start=x), "start=fit.weighted"),
}


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_numbers_and_objects_in_place_of_something_else_are_refused_in_words(name: str) -> None:
    ask, words = OTHER_KINDS[name]
    for given in (3, 1.5, object(), np.float64(2)):
        with pytest.raises(rf.InputError, match=words):
            ask(given)


def test_a_set_is_refused_since_its_order_would_differ_from_process_to_process() -> None:
    with pytest.raises(rf.InputError, match="a set has no order"):
        rf.robustness({"ringfence", "leadership"})  # type: ignore[arg-type]
    for ask in (rf.sobol, rf.morris, rf.pawn, rf.main_effects):
        with pytest.raises(rf.InputError, match="a set has no order"):
            ask("ringfence", over={"pull_chief", "pull_ringfence"})


def test_a_budget_is_a_number_and_a_gain_names_its_levers() -> None:
    for budget in (np.array([1, 2]), pd.Series([1.0])):
        with pytest.raises(rf.InputError, match="it takes a number of 0 or more"):
            rf.packages({"audit": 1.0}, {"audit": 2.0}, budget=budget, **PACKAGE)
    with pytest.raises(rf.InputError, match="name the levers of the gain"):
        rf.break_even(leadership={}, draws=10, replicates=1)


def test_a_list_that_was_left_empty_on_purpose_stays_in_the_settings() -> None:
    assert rf.calibrate((100, 100), use=[]).settings["use"] == []
    assert "use" in rf.calibrate((100, 100)).settings and "own" not in rf.calibrate((100, 100)).settings


@pytest.mark.usefixtures("weighed_once")
def test_in_how_many_futures_an_answer_is_better_is_a_number_or_nan() -> None:
    rows = [{"board": "QWO", "year": "2022/23", "what": "retained", "value": 0.9, "error": 0.05, "source": "mine"}]
    table = rf.evidence(rows, n=20, because="Its accounts.").to_frame()
    assert table["better_of_100_before"].dtype == table["better_of_100_after"].dtype == float


def test_a_condition_of_a_claim_may_stand_alone(tmp_path: Path) -> None:
    comparison = rf.compare("ringfence", n=100)
    claim = comparison.claim(tmp_path / "a.json", "average above 0")
    assert claim == comparison.claim(tmp_path / "b.json", that=["average above 0"])
    standing = rf.robustness(["ringfence", "leadership"], draws=20, replicates=1)
    alone = standing.claim(tmp_path / "c.json", "best of ringfence above 0")
    assert alone == standing.claim(tmp_path / "d.json", ["best of ringfence above 0"])


def test_an_archive_takes_the_scenario_by_its_name(tmp_path: Path) -> None:
    results = run("baseline", 2)
    assert results.save_crate(tmp_path / "crate", scenario="baseline").is_dir()
    with pytest.raises(InputError, match="is not the scenario"):
        results.save_crate(tmp_path / "other", scenario="ringfence")


@pytest.mark.parametrize("number", ["x", -1, 1.5, None])
def test_a_run_that_is_no_number_is_refused_by_the_model(number: Any) -> None:
    with pytest.raises(InputError, match="run"):
        HealthSystem(run=number)


@pytest.mark.parametrize("name", ["a.csv", "a.XLSX", "a.json", "a.parquet"])
def test_results_are_not_saved_under_the_name_of_another_kind_of_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.nc"):
        run("baseline", 2).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_summary_names_the_years_that_it_averages() -> None:
    results = run("baseline", 2)
    assert results.summary(slice(0, 8, 2)).index.name == "2022/23, 2024/25, 2026/27, 2028/29"
    assert results.summary(slice(0, 3)).index.name == "2022/23 to 2024/25"
    assert results.summary(slice(1, 2)).index.name == "2023/24"


def test_a_replay_of_ones_own_without_a_tolerance_is_not_said_to_pass_or_fail(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: Mine\nquestion: What was kept?\nchance: mine\nboards: 20 equal bodies\nstarts: 2009/10\nyears: 1\n"
        "first_plan: Q1\nobserve:\n  kept: {measure: retained, year: 1, observed: 0.4, evidence: []}\n",
        encoding="utf-8",
    )
    sentence = rf.replay(path, n=20).result.sentence
    assert sentence.startswith("Mine: no tolerance says what would pass. Kept (kept): 40% was seen, the mean is ")


PACKAGE = {"hold": {"ringfence": 1, "waiver": 0}, "draws": 20, "most": 3}


def test_a_budget_that_pays_for_nothing_is_blamed_and_not_the_names() -> None:
    with pytest.raises(rf.InputError, match=r"a budget of 0 pays for no package.*raise the budget"):
        rf.packages({"audit": 1.0}, {"audit": 2.0}, budget=0, **PACKAGE)


def test_the_cheapest_package_takes_a_share_and_says_how_to_write_it() -> None:
    found = rf.packages({"audit": 1.0}, {"audit": 2.0}, **PACKAGE).result
    assert found.cheapest("85%") == found.cheapest(0.85)
    for ask in (found.cheapest, found.answer):
        with pytest.raises(rf.InputError, match=r"write 85% as 0\.85"):
            ask(85)
    assert found.cheapest(0.9999) is None
    assert "No package tried is shown to reach" in found.answer(0.9999)


def test_a_number_within_words_is_told_as_a_number() -> None:
    with pytest.raises(rf.InputError, match=r"threshold='at least 80%'.*write 0\.8, without quotes"):
        rf.robustness(["ringfence", "leadership"], threshold="at least 80%")  # type: ignore[arg-type]
    row = {"board": "QWO", "year": "2022/23", "what": "retained", "value": "60%", "error": 0.05, "source": "mine"}
    with pytest.raises(rf.InputError, match=r"value: '60%' is not a number; write 0\.6, without quotes"):
        rf.evidence([row], because="Its accounts.")


def test_mistakes_in_a_dictionary_are_placed_by_their_keys_and_not_by_lines() -> None:
    design = {"kind": "lhs", "points": "x", "factors": {"audit": {"low": 0, "hi": 1}}}
    with pytest.raises(rf.InputError) as caught:
        rf.sweep(design)
    assert str(caught.value).splitlines() == [
        "design: kind: 'lhs' is not known; it is called 'latin' here",
        "design: points: 'x' is not a whole number from 0 to 4,294,967,295",
        "design: factors.audit.hi: is not a field; did you mean 'high'?",
    ]


def test_a_model_as_a_function_says_what_it_takes() -> None:
    with pytest.raises(LookupError, match="one scenario is asked for"):
        rf.ModelFunction(["ringfence", "leadership"])  # type: ignore[arg-type]
    with pytest.raises(rf.InputError, match=r"outcomes is a list of names, such as \['retained'\]"):
        rf.ModelFunction("ringfence", "retained")  # type: ignore[arg-type]
    model = rf.ModelFunction("ringfence", ["retained"])
    assert model({"audit": [0, 1]}, [1, 1])["retained"].shape == (2,)  # type: ignore[dict-item, arg-type]
    for points, seeds, said in (
        ([{"audit": 1}], [1], "points are columns by name"),
        ({"audit": [0, 1]}, [1], "audit has shape"),
        ({"audit": ["full"]}, [1], "points and seeds are numbers"),
        ({"audit": [1]}, [0.5], "seeds are whole numbers"),
    ):
        with pytest.raises(rf.InputError, match=said):
            model(points, seeds)  # type: ignore[arg-type]


def test_a_step_beyond_the_end_says_where_the_calendar_ends_and_what_to_do() -> None:
    model = rf.HealthSystem("baseline", record=False).run()
    with pytest.raises(
        rf.InputError, match=r"2029/30 Q4.*the last of its 32 quarters.*make a new HealthSystem"
    ) as caught:
        model.step()
    assert isinstance(caught.value, RuntimeError)


def test_an_unknown_number_of_a_file_may_be_that_of_a_plugin_which_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: Mine\npriors:\n  zzzz_zeal: {prior: half normal, scale: 3, because: x, assumption: true}\n",
        encoding="utf-8",
    )
    with pytest.raises(
        rf.InputError, match=r"zzzz_zeal: is not an uncertain number; if a plug-in declares it, add --plugin"
    ):
        rf.read_priors(path)


def test_levers_of_a_design_are_not_called_parameters() -> None:
    swept = rf.sweep({"kind": "grid", "factors": {"audit": [0, 1], "pull_chief": [0.5]}, "outcomes": ["retained"]})
    assert "all parameters but pull_chief at their defaults; the design sets the lever audit" in swept.assumes


def test_years_that_the_model_does_not_have_are_refused_before_anything_runs() -> None:
    for ask in (rf.compare, rf.attribution, rf.variance_split, rf.pawn, rf.break_even):
        about = {} if ask is rf.break_even else {"ringfence": ()}
        with pytest.raises(rf.InputError, match="no year in 2031/32: the model has 2022/23 to 2029/30"):
            ask(*about, years="2031/32")


def test_a_file_of_another_kind_and_what_a_saved_answer_cannot_do_are_said(tmp_path: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(rf.InputError, match=r"rf\.load reads results, x\.nc, and answers, x\.json"):
        rf.load(table)
    saved = rf.load(rf.compare("ringfence", n=20).save(tmp_path / "x.json"))
    with pytest.raises(AttributeError, match=r"read from a file has no \.claim: ask rf\.compare again"):
        saved.claim(tmp_path / "claim.json")


def test_settings_of_an_answer_from_results_name_no_draws_that_were_never_made() -> None:
    settings = rf.pawn(rf.run("ringfence", 200, seed=7), over=["pull_chief", "pull_ringfence"]).settings
    assert [settings[name] for name in ("draws", "replicates", "source", "seed")] == [None, None, None, 7]


def test_a_number_of_another_kind_a_licence_and_axes_are_refused_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"not a lever, but a parameter: rf\.PARAMETERS\['pull_chief'\]"):
        rf.LEVERS["pull_chief"]
    answer = rf.compare("ringfence", n=20)
    with pytest.raises(rf.InputError, match="licence 'CC-BY' is no address; write"):
        answer.save_crate(tmp_path / "crate", licence="CC-BY")
    with pytest.raises(rf.InputError, match="ax is matplotlib's axes"):
        answer.plot(ax="x")  # type: ignore[arg-type]


def test_a_name_of_a_file_that_is_no_name_is_refused_in_words(tmp_path: Path) -> None:
    answer: Any = rf.compare("ringfence", n=20)
    results: Any = run("baseline", 2)
    readers: list[Any] = [rf.read_sweep, rf.read_priors, rf.read_targets, rf.load_replay, rf.load_results]
    for ask in (answer.save, answer.save_crate, answer.claim, answer.to_excel, results.save, *readers):
        with pytest.raises(rf.RingfenceError):
            ask(3)
    assert list(tmp_path.iterdir()) == []


def test_what_goes_into_a_question_is_refused_in_words_where_it_is_of_another_kind(tmp_path: Path) -> None:
    fit = rf.calibrate((100, 100))
    for wrong in (-1, 0, 2.5, "x"):
        with pytest.raises(rf.RingfenceError):
            fit.draws(wrong)  # type: ignore[arg-type]
    with pytest.raises(rf.InputError, match=r"a fit is what rf\.calibrate gives"):
        rf.write_fit(3, tmp_path / "fit")  # type: ignore[arg-type]
    with pytest.raises(rf.InputError, match="settings are parameters and their values"):
        rf.draw_futures(5, settings=[1])  # type: ignore[arg-type]
    for scenarios in (3, {"ringfence", "leadership"}):
        with pytest.raises(rf.InputError, match="list of scenarios"):
            run_many(scenarios, 5)  # type: ignore[arg-type]


def test_a_table_or_settings_that_are_changed_leave_the_answer_as_it_was(tmp_path: Path) -> None:
    answer = rf.compare("ringfence", n=20)
    swept = rf.sweep({"kind": "grid", "factors": {"audit": [0, 1]}, "outcomes": ["retained"]})
    for one in (answer, swept, rf.load(answer.save(tmp_path / "x.json"))):
        before = one.to_frame()
        table = one.to_frame()
        table.iloc[0, 0] = "changed" if one is not swept else 99
        table.insert(0, "another", 1)
        pd.testing.assert_frame_equal(one.to_frame(), before)
        settings: Any = one.settings
        settings["n"] = 7
        assert one.settings.get("n") != 7
