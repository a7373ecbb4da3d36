"""Every question of a notebook gives an answer that prints, becomes a table, is drawn, saved and loaded."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import json
import pkgutil
import re
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from picture_texts import list_crowded

import simulator
import simulator as rf
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.notebook.evidence_questions import read_observations
from simulator.notebook.study_answer import SavedAnswer, StudyAnswer
from simulator.runs.results import Results

matplotlib.use("Agg")

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("weighed_once")]

FENCE = {"ringfence": 1.0, "waiver": 0.0}
RIVALS = ("ringfence", "leadership", "baseline")
FACTORS = ["pull_ringfence", "enforcement_start", "pull_chief"]
ROWS = [{"board": "QWO", "year": "2022/23", "what": "retained", "value": 0.9, "error": 0.05, "source": "mine"}]
"""The row of the docstring's example, so that it is weighed once."""


def verify_saved_claim() -> Presentable:
    """A claim that was saved, and run again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claim.json"
        rf.compare("ringfence", n=100).claim(path)
        return rf.verify(path)


QUESTIONS: dict[str, Callable[[], Presentable]] = {
    "run": lambda: rf.run("ringfence", 100),
    "why": lambda: rf.why("ringfence", run=3, board="QWE", year="2027/28", against="leadership"),
    "sweep": lambda: rf.sweep({"kind": "grid", "factors": {"audit": [0, 1]}, "outcomes": ["retained"], "runs": 4}),
    "replay": lambda: rf.replay("choosing_health", n=50),
    "evidence": lambda: rf.evidence(ROWS, n=20, because="Its accounts."),
    "evsi": lambda: rf.evsi(["retained of 4 boards, 2022/23"], draws=120, replicates=2),
    "calibrate": lambda: rf.calibrate((200, 200)),
    "scoreboard": lambda: rf.scoreboard(20),
    "compare_believers": lambda: rf.compare_believers(
        rf.state_beliefs({"plain": (10, 20, 35)}), rf.state_beliefs({"plain": (40, 50, 70)}), n=20
    ),
    "compare": lambda: rf.compare("ringfence", n=100),
    "verify": verify_saved_claim,
    "equivalence": lambda: rf.equivalence("leader_lift", FENCE, draws=20, replicates=1, steps=5),
    "break_even": lambda: rf.break_even(draws=20, replicates=1),
    "attribution": lambda: rf.attribution("ringfence+leadership", n=100),
    "variance_split": lambda: rf.variance_split("ringfence", draws=20, replicates=2),
    "robustness": lambda: rf.robustness(RIVALS, draws=20, replicates=2, threshold=0.8),
    "evppi": lambda: rf.evppi(RIVALS[:2], ["enforcement_start"], draws=200, replicates=2),
    "packages": lambda: rf.packages(
        {"leader_lift": 0.5, "audit": 1.0}, {"leader_lift": 2.0, "audit": 1.0}, hold=FENCE, draws=30, most=6
    ),
    "sobol": lambda: rf.sobol("ringfence", over=FACTORS, blocks=32),
    "morris": lambda: rf.morris("ringfence", over=FACTORS, walks=8, replicates=1),
    "pawn": lambda: rf.pawn("ringfence", draws=200, replicates=1, over=FACTORS),
    "main_effects": lambda: rf.main_effects("ringfence", "baseline", draws=200, replicates=1, over=FACTORS),
    "discover": lambda: rf.discover("baseline", below=0.6, points=300, over=FACTORS),
}


NO_QUESTIONS = {
    *("LEVERS", "OUTCOMES", "PARAMETERS", "HealthSystem", "InputError", "ModelFunction", "RingfenceError", "Scenario"),
    *("draw_futures", "given_futures", "load", "load_boards", "load_replay", "load_results", "load_scenario"),
    *("read_evidence", "read_fit", "read_priors", "read_sweep", "read_targets", "run_in_parts", "run_many"),
    *("scenario_names", "state_beliefs", "write_fit"),
}
"""Public names that give no answer: declarations, what goes into a question, and several results at once."""

ABILITIES = ("to_frame", "to_dict", "plot", "save", "_repr_html_")
BASES = (
    "uncertain numbers are not pinned",
    "drawn from their priors",
    "illustrative: not fitted",
    "effective sample",
)


def list_faults(name: str, answer: object, folder: Path) -> list[str]:
    """What an answer cannot do that every answer can."""
    faults = [f"no {ability}" for ability in ABILITIES if not callable(getattr(answer, ability, None))]
    faults += [f"no {word}" for word in ("sentence", "assumes") if not getattr(answer, word, "")]
    if faults or not isinstance(answer, Presentable):
        return faults or ["it is no Presentable"]
    faults += [] if answer.question == name else ["it names another question"]
    faults += [] if len(repr(answer)) < 600 else ["its repr is long"]
    said = f"{type(answer).__name__}({answer.question}: {answer.sentence[:40]}"
    faults += [] if repr(answer).startswith(said) else ["its repr does not begin with its sentence"]
    cells = [cell for column in answer.to_frame().to_dict("list").values() for cell in column]
    faults += ["a cell of its table is a list"] if any(isinstance(cell, list | tuple | dict) for cell in cells) else []
    faults += [] if len(repr(getattr(answer, "result", ""))) < 1_500 else ["the repr of its result is long"]
    faults += [] if any(basis in answer.assumes for basis in BASES) else ["it does not say what its numbers rest on"]
    html: Any = answer
    faults += [] if "<table" in html._repr_html_() or "<li>" in html._repr_html_() else ["its HTML holds no numbers"]
    faults += [] if len(answer.to_frame()) else ["its table is empty"]
    if isinstance(answer, StudyAnswer) and name != "compare_believers":
        asked = set(inspect.signature(getattr(rf, name)).parameters) & {
            "n",
            "draws",
            "replicates",
            "seed",
            "source",
            "years",
        }
        faults += [f"its settings lack {word}" for word in sorted(asked - set(answer.settings))]
    document = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    faults += [] if document["sentence"] == answer.sentence else ["its dictionary lacks the sentence"]
    back = rf.load(answer.save(folder / f"answer{'.nc' if isinstance(answer, Results) else '.json'}"))
    same = (back.question, back.sentence, back.assumes) == (answer.question, answer.sentence, answer.assumes)
    faults += [] if same else ["it does not come back from a file"]
    deposited = rf.load(answer.save_crate(Path(mkdtemp(dir=folder)) / "crate"))
    return faults + ([] if deposited.sentence == answer.sentence else ["it does not come back from its crate"])


@pytest.fixture(scope="module", params=QUESTIONS)
def answer(request: pytest.FixtureRequest) -> Presentable:
    return ask(request.param)


@cache
def ask(name: str) -> Presentable:
    return QUESTIONS[name]()


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_answer_in_one_half_of_a_figure_crowds_no_word(side: str, answer: Presentable) -> None:
    """Of the size that matplotlib gives a figure, with nothing laid out: on the right there is least room for names."""
    left, right = pyplot.subplots(1, 2)[1]
    crowded = list_crowded(answer.plot(ax=left if side == "left" else right))
    pyplot.close("all")
    assert crowded == []


YEARLY, TIMELESS = {"run", "why"}, {"calibrate"}
"""Questions whose rows each are of one `year`, and those whose rows hold in all years, as their docstring says."""

SPAN = r"(19|20)\d\d/\d\d(-(19|20)\d\d/\d\d)?"


def test_columns_are_in_snake_case_and_say_the_years(answer: Presentable) -> None:
    names = list(answer.to_frame().columns)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name))] == []
    if answer.question in TIMELESS:
        assert not {"year", "years"} & set(names) and "hold in all years" in getattr(rf, answer.question).__doc__
        return
    table = answer.to_frame()
    if answer.question == "sweep":  # whose table is the command's
        assert re.search(rf"\({SPAN}\)", answer.sentence) and "in no column" in rf.sweep.__doc__
        return
    if answer.question == "scoreboard":
        assert '"" for patterns' in rf.scoreboard.__doc__
        patterns = table["id"].str.contains(".", regex=False)
        assert set(table["section"][patterns]) == {"patterns, not fitted", "same evidence as a target"}
        assert (table["years"][patterns] == "").all()
        table = table[~patterns]
    assert table["year" if answer.question in YEARLY else "years"].str.fullmatch(SPAN).all()


def test_an_answer_says_futures_seed_and_version(answer: Presentable) -> None:
    assert f"Ringfence {rf.__version__}" in answer.assumes
    assert re.search(r"seed \d+", answer.assumes)
    assert re.search(r"\d (parameter draws?|futures?|points)|Future \d+", answer.assumes)


def test_the_settings_of_an_answer_ask_for_it_again(answer: Presentable, tmp_path: Path) -> None:
    name, settings = answer.question, dict(answer.settings)
    assert set(settings) <= set(inspect.signature(getattr(rf, name)).parameters)
    if name == "verify":
        rf.compare("ringfence", n=100).claim(tmp_path / "claim.json")
        settings["path"] = str(tmp_path / "claim.json")
    kept = json.loads(json.dumps(settings, allow_nan=True))
    if not isinstance(answer, Results):
        assert dict(rf.load(answer.save(tmp_path / "x.json")).settings) == json.loads(json.dumps(dict(answer.settings)))
    if name in ("evidence", "compare_believers"):  # evidence is given again, not written down
        with pytest.raises(rf.RingfenceError):
            getattr(rf, name)(**kept)
        assert "<Evidence “" in str(kept["observations" if name == "evidence" else "first"])
        return
    again = getattr(rf, name)(**kept)
    pd.testing.assert_frame_equal(again.to_frame(), answer.to_frame())
    assert again.sentence == answer.sentence


def test_rows_of_evidence_are_in_no_saved_answer(tmp_path: Path) -> None:
    answer = ask("evidence")
    text = answer.save(tmp_path / "x.json").read_text(encoding="utf-8")
    assert "QWO" not in text and "fingerprint" in answer.assumes


def test_settings_describe_what_no_plain_data_hold_and_name_what_a_name_loads() -> None:
    loaded, own = rf.load_scenario("ringfence"), rf.load_scenario("ringfence").with_lever("audit", 0.5)
    named = rf.compare(loaded, np.str_("baseline"), n=np.int64(20)).settings
    assert (named["scenario"], named["against"], named["n"], named["seed"]) == ("ringfence", "baseline", 20, 20240323)
    for answer in (
        rf.run(own, 5),
        rf.compare(own, n=20),
        rf.pawn(own, over=FACTORS, draws=120, replicates=1),
        rf.pawn(rf.run(own, 120), over=FACTORS),
    ):
        told = answer.settings["scenario"]
        assert isinstance(told, str) and "audit 0.5" in told and told.startswith("<") and told.endswith(">")
        with pytest.raises(rf.RingfenceError):
            getattr(rf, answer.question)(**answer.settings)
    drawn = rf.run("ringfence", futures=rf.draw_futures(9, source="prior")).settings
    assert str(drawn["futures"]).startswith("<Futures “prior”, fingerprint ") and "n" not in drawn
    assert rf.run("ringfence", n=5, beliefs=read_observations(ROWS, "Its accounts.")).settings["futures"]


def test_answers_about_the_past_name_its_years() -> None:
    assert set(ask("replay").to_frame()["years"]) == {"2006/07"}
    lines = ask("scoreboard").to_frame().set_index("id")["years"]
    assert lines["deficits_2023"] == "2023/24" and lines["choosing_money"] == "2006/07"
    assert {years for name, years in lines.items() if str(name).startswith("interviews")} == {"2022/23-2023/24"}


def test_what_two_believers_rest_on_names_futures_seed_fit_and_both_pieces_of_evidence() -> None:
    basis = ask("compare_believers").assumes
    assert "20 futures each, seed 20240323; both weigh the same posterior: fitted to" in basis
    assert len(set(re.findall(r"fingerprint ([0-9a-f]{16}), effective sample [\d,]+ of [\d,]+", basis))) == 2
    assert "first 20 futures, seed 20240323; fitted to" in ask("scoreboard").assumes
    assert "400 points, seed 2023," in ask("calibrate").assumes


@pytest.mark.parametrize(("name", "rows"), [("evppi", "name"), ("evsi", "design")])
def test_two_estimates_of_a_value_are_named_and_said_to_be_no_interval(name: str, rows: str) -> None:
    answer = rf.evppi(RIVALS[:2], ["enforcement_start"], draws=200, replicates=2) if name == "evppi" else ask(name)
    table = answer.to_frame().set_index(rows)
    partial = table.drop(index="everything", errors="ignore")
    assert partial["low_estimate"].str.contains("cross-fitted.*errs low").all()
    assert partial["high_estimate"].str.contains("in-sample.*errs high").all()
    documented = " ".join(getattr(rf, name).__doc__.split())
    assert "cross-fitted" in documented and "in-sample" in documented and "no interval" in documented
    if name == "evppi":
        assert "chance" in table["low_estimate"]["everything"] and "chance" in table["high_estimate"]["everything"]
        for text in (answer.sentence, repr(answer)):
            assert "two estimates and no interval: a cross-fitted regression (errs low), an in-sample" in text


def test_the_sentence_of_a_sweep_gives_what_it_found_where_and_on_what_assumption() -> None:
    design = {"kind": "grid", "factors": {"leader_lift": [0, 0.5]}, "outcomes": ["retained"], "runs": 4}
    answer = rf.sweep(design)
    means = answer.to_frame().groupby("leader_lift")["retained"].mean()
    low, high = (f"£{100 * means[at]:.1f}" for at in (0.0, 0.5))
    for words in (
        f"from {low} (where leader_lift is 0) to {high} (where leader_lift is 0.5)",
        f"averages £{100 * means.mean():.1f} of each £100 over 2 points",
        "“Money kept” (2027/28-2029/30)",
        "parameters that are no factor at their defaults",
    ):
        assert words in answer.sentence
    assert "a single run, so that chance is part of it" in rf.sweep({**design, "runs": 1}).sentence
    idle = rf.sweep({"kind": "grid", "factors": {"audit": [0, 1]}, "outcomes": ["retained"]})
    assert "over 2 points, the same at each" in idle.sentence


def test_the_years_of_a_table_are_those_that_were_asked_for() -> None:
    asked = "2028/29-2029/30"
    results = rf.run("ringfence", 200)
    for answer in (
        rf.compare("ringfence", n=100, years=asked),
        rf.pawn(results, over=FACTORS, years=asked),
        rf.attribution("ringfence", n=20, years=asked),
        rf.robustness(RIVALS[:2], draws=20, replicates=1, years=asked),
    ):
        assert set(answer.to_frame()["years"]) == {asked}
    assert rf.compare("ringfence", n=100, years="2028/29").to_frame()["years"].tolist() == ["2028/29"]


def test_columns_of_an_answer_saved_before_they_were_renamed_have_their_names_of_today(tmp_path: Path) -> None:
    path = rf.attribution("ringfence+leadership", n=20).save(tmp_path / "x.json")
    text = path.read_text(encoding="utf-8")
    for kind in ("share", "alone", "last"):
        for end in ("low", "high"):
            text = text.replace(f'"{kind}_{end}"', f'"{kind} {end}"')
            text = text.replace(f'"{kind}_likely_{end}"', f'"{kind} likely {end}"')
    assert "share likely low" in text
    path.write_text(text, encoding="utf-8")
    old = rf.load(path)
    assert isinstance(old, SavedAnswer)
    assert {"share_low", "share_likely_high", "last_high"} < set(old.to_frame().columns)
    old.plot()


def test_every_public_name_is_a_question_or_known_to_be_none() -> None:
    assert set(QUESTIONS) | NO_QUESTIONS == set(rf.__all__)
    assert not set(QUESTIONS) & NO_QUESTIONS


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_can_do_what_every_other_can(name: str, tmp_path: Path) -> None:
    assert list_faults(name, ask(name), tmp_path) == []


def test_an_answer_that_cannot_do_all_is_noticed(tmp_path: Path) -> None:
    class Mute(SavedAnswer):
        plot: Any = None
        sentence = ""  # type: ignore[assignment]

    whole = rf.load(ask("compare").save(tmp_path / "x.json"))
    assert isinstance(whole, SavedAnswer)
    assert list_faults("compare", whole, tmp_path) == []
    assert list_faults("pawn", whole, tmp_path) == ["it names another question"]
    assert list_faults("compare", Mute(whole.document, whole.table, whole.columns), tmp_path) == [
        "no plot",
        "no sentence",
    ]
    assert "no to_frame" in list_faults("compare", object(), tmp_path)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_says_what_it_raises_and_its_example_gives_what_it_says(name: str) -> None:
    function = getattr(rf, name)
    assert "Raises" in function.__doc__
    examples = [test for test in doctest.DocTestFinder(recurse=False).find(function, name, globs={}) if test.examples]
    assert examples, f"rf.{name} shows no example"
    for example in examples:
        assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_evidence_is_the_question_although_a_room_bears_its_name() -> None:
    import simulator.evidence.weighing as weighing

    question = inspect.unwrap(rf.evidence)
    assert question.__module__ == "simulator.notebook.evidence_questions"
    assert inspect.signature(rf.evidence) == inspect.signature(question) and rf.evidence.__doc__ == question.__doc__
    assert weighing is sys.modules["simulator.evidence.weighing"]


def test_every_module_can_be_imported_under_another_name() -> None:
    names = [module.name for module in pkgutil.walk_packages(simulator.__path__, "simulator.")]
    names = [name for name in names if not name.endswith("__main__")]
    assert len(names) > 300
    hidden = []
    for name in names:
        if name == "simulator.studies.ema_workbench":  # takes four seconds to load, so its room is asked instead
            taken = getattr(import_module("simulator.studies"), "ema_workbench", None)
            hidden += [] if taken is None or taken is sys.modules.get(name) else [name]
            continue
        names_of_statement: dict[str, object] = {}
        with warnings.catch_warnings(), contextlib.suppress(ModuleNotFoundError):  # of an extra that is not installed
            warnings.simplefilter("ignore")
            import_module(name)
        if name not in sys.modules:
            continue
        exec(f"import {name} as module", names_of_statement)  # only this statement looks along the attributes
        if names_of_statement["module"] is not sys.modules[name]:
            hidden.append(name)
    assert hidden == []


def test_an_answer_is_saved_and_comes_back_with_every_digit(answer: Presentable, tmp_path: Path) -> None:
    if isinstance(answer, Results):
        back = rf.load(answer.save(tmp_path / "results.nc"))
        pd.testing.assert_frame_equal(back.to_frame(), answer.to_frame())
        return
    path = answer.save(tmp_path / "answer.json")
    back = rf.load(path)
    assert isinstance(back, Presentable)
    assert (back.question, back.sentence, back.assumes) == (answer.question, answer.sentence, answer.assumes)
    pd.testing.assert_frame_equal(back.to_frame(), answer.to_frame(), check_dtype=False)
    assert json.loads(json.dumps(back.to_dict())) == json.loads(json.dumps(answer.to_dict()))


def test_an_answer_is_drawn_into_axes_of_ones_own(answer: Presentable) -> None:
    from matplotlib import pyplot

    figure, own = pyplot.subplots(figsize=(7, 4.5))
    axes = answer.plot(ax=own)
    assert axes is own
    assert axes.get_xlabel()
    assert axes.patches or axes.lines
    figure.draw_without_rendering()
    names = [*axes.get_yticklabels(), axes.yaxis.label]
    assert [name.get_text() for name in names if name.get_text() and name.get_window_extent().x0 < -1] == []
    assert axes.xaxis.label.get_window_extent().y0 >= -1
    assert axes.get_legend() is not None
    pyplot.close(figure)


def test_a_bar_is_as_long_as_its_number_and_its_interval_reaches_both_ends() -> None:
    from matplotlib import pyplot

    shares = rf.attribution("ringfence+leadership", n=100)
    axes, table = shares.plot(), shares.to_frame()
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(table["share"].tolist())
    (lines,) = axes.collections
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(ends, table[["share_low", "share_high"]])
    pyplot.close(axes.figure)


def test_the_shares_of_an_attribution_add_up_to_what_compare_says() -> None:
    table = rf.attribution("ringfence+leadership", n=100).to_frame()
    whole = rf.compare("ringfence+leadership", n=100).difference
    shares = table[table["part"] != "total"]["share"]
    assert shares.sum() == pytest.approx(whole, abs=1e-12)


def test_one_parameter_is_worth_no_more_than_all_of_them() -> None:
    table = rf.evppi(RIVALS[:2], ["enforcement_start", "pull_chief"], draws=200, replicates=2).to_frame()
    perfect, *single = table.to_dict("records")
    assert perfect["name"] == "everything"
    assert all(row["low"] <= perfect["high"] for row in single)


def test_results_that_exist_answer_as_before_and_after_they_were_saved(tmp_path: Path) -> None:
    results = rf.run("ringfence", 300)
    back = rf.load(results.save(tmp_path / "results.nc"))
    for ask in (rf.pawn, rf.main_effects):
        first, second = (ask(made, over=FACTORS).to_frame() for made in (results, back))
        pd.testing.assert_frame_equal(first, second)
    box = rf.discover(back, below=0.85, over=FACTORS)
    assert box.result.n == 300
    with pytest.raises(ValueError, match="leave `against` out"):
        rf.pawn(results, "baseline")
    with pytest.raises(ValueError, match="pull_chef: not among the parameters"):
        rf.pawn(results, over=["pull_chef"])
    with pytest.raises(ValueError, match="nothing is drawn: leave out draws and seed"):
        rf.pawn(results, draws=7, seed=3)
    with pytest.raises(ValueError, match="audit: a lever, which one scenario's results hold"):
        rf.pawn(results, over=["audit"])


def test_the_difference_of_two_results_is_analysed_in_the_futures_that_they_share() -> None:
    futures = rf.draw_futures(300, seed=5)
    new, old = rf.run_many(["ringfence", "leadership"], futures=futures)
    shares = rf.sobol("ringfence", "leadership", over=FACTORS, blocks=32)
    assert "“Money kept, Ring-fence as in 2022/23, not waived less Stronger leadership”" in shares.sentence
    box = rf.discover(new, old, below=0.05, over=FACTORS)
    assert "“Money kept, Ring-fence as in 2022/23, not waived less Stronger leadership”" in box.sentence
    difference = rf.compare(new, old)
    assert box.result.base == pytest.approx(np.mean(new.outcome() - old.outcome() < 0.05), abs=1e-12)
    assert rf.main_effects(new, old, over=FACTORS).to_frame()["value"].max() > 0.1
    assert abs(difference.difference - (new.outcome() - old.outcome()).mean()) < 1e-12
    with pytest.raises(ValueError, match="not paired"):
        rf.pawn(new, rf.run("leadership", 300, seed=6))
    with pytest.raises(ValueError, match="results of the scenario as well"):
        rf.pawn("ringfence", old)


def test_robustness_over_structures_names_each_and_draws_each_by_its_name() -> None:
    from matplotlib import pyplot

    answer = rf.robustness(RIVALS[:2], draws=20, replicates=1, structures=4)
    table = answer.to_frame()
    assert table["structure"].iloc[0] == "all" and table["structure"].nunique() > 10
    assert not table.duplicated(["structure", "policy"]).any()
    axes = answer.plot()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(labels)) == len(labels) and labels[0].startswith("all: ")
    pyplot.close(axes.figure)
    with pytest.raises(ValueError, match="fitted by themselves"):
        rf.robustness(RIVALS[:2], draws=20, structures=4, source="prior")


def test_where_nothing_was_observed_no_line_is_said_to_miss_it(tmp_path: Path) -> None:
    seen = rf.replay("choosing_health", n=50).to_frame()
    assert set(seen["within"]) <= {True, False}
    meets = (seen["tolerance_low"] <= seen["mean"]) & (seen["mean"] <= seen["tolerance_high"])
    assert seen["passes"].tolist() == meets.tolist()
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: A replay\nquestion: What if?\nboards: 20 equal bodies\nstarts: 2023/24\nyears: 1\nfirst_plan: Q1\n"
        "observe:\n  kept: {measure: retained, year: 1}\n",
        encoding="utf-8",
    )
    blank = rf.replay(path, n=20).to_frame()
    assert blank["within"].tolist() == blank["passes"].tolist() == [None]


def test_a_policy_without_a_name_is_called_by_its_title() -> None:
    own = rf.load_scenario("ringfence").with_lever("audit", 0.5)
    assert own.title in rf.pawn(own, draws=100, replicates=1, over=FACTORS).sentence


def test_evidence_comes_back_from_the_results_that_it_was_saved_with(tmp_path: Path) -> None:
    beliefs = read_observations(ROWS, "Its accounts.")
    results = rf.run("ringfence", 20, beliefs=beliefs)
    without = rf.load(results.save(tmp_path / "without.nc"))
    back = rf.load(results.save(tmp_path / "with.nc", evidence=beliefs))
    assert isinstance(without, Results) and isinstance(back, Results)
    assert without.evidence is None
    assert back.evidence is not None
    assert read_observations(back.evidence, "").fingerprint == beliefs.fingerprint
    assert back.data.attrs["evidence"] == json.dumps(back.evidence, ensure_ascii=False)
    np.testing.assert_array_equal(back.nation, without.nation)
    again = rf.load(back.save(tmp_path / "again.nc"))
    assert isinstance(again, Results) and again.evidence == back.evidence
    two = rf.state_beliefs({"plain": (10, 20, 35), "strong_chief": (30, 45, 60)})
    for wrong, told in ((rf.run("ringfence", 20), beliefs), (results, two)):
        with pytest.raises(rf.InputError, match="not drawn from this evidence"):
            wrong.save(tmp_path / "wrong.nc", evidence=told)
    assert not (tmp_path / "wrong.nc").exists()


def test_evidence_of_ones_own_takes_the_posteriors_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: A belief\nbecause: For the test.\nstatements:\n"
        "  - {claim: leadership > ringfence, outcome: retained, credence: 0.95, because: For the test.}\n",
        encoding="utf-8",
    )
    believed = rf.robustness(RIVALS[:2], draws=50, replicates=1, beliefs=rf.read_evidence(path))
    shipped = rf.robustness(RIVALS[:2], draws=50, replicates=1)
    best = [asked.to_frame().set_index("policy")["best"]["Stronger leadership"] for asked in (believed, shipped)]
    assert best[0] > best[1]
    assert "piece of your own evidence" in believed.assumes


def test_what_cannot_be_asked_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="give either below= or above="):
        rf.discover("baseline")
    with pytest.raises(ValueError, match=r"over=.*it is a list of names"):
        rf.sobol("ringfence", over="pull_chief")
    with pytest.raises(LookupError, match="pull_chef"):
        rf.morris("ringfence", over=["pull_chef"])
    with pytest.raises(ValueError, match="give every lever a cost"):
        rf.packages({"audit": 1.0}, {})
    with pytest.raises(ValueError, match="by='parts'"):
        rf.attribution("ringfence+leadership", by="parts")
    with pytest.raises(rf.InputError, match="ask for each of several by itself"):
        rf.compare("ringfence", n=2, outcome=["retained"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is nothing to split"):
        rf.variance_split("baseline", draws=10, replicates=2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON"),
        ("{}", "holds no answer"),
        ('{"format": "ringfence-answer-1", "table": {"a": [1]}, "picture": {}}', "holds no whole answer"),
        ('{"format": "ringfence-answer-1", "table": [], "picture": {}}', "holds no whole answer"),
    ],
)
def test_a_file_that_holds_no_answer_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        rf.load(path)
    with pytest.raises(ValueError, match="cannot be read"):
        rf.load(tmp_path / "none.json")


def test_a_scenario_is_compared_with_results_in_their_futures(tmp_path: Path) -> None:
    results = rf.run("ringfence", 40, seed=5)
    whole = rf.compare("ringfence", "leadership", n=40, seed=5)
    assert rf.compare(results, "leadership") == whole
    assert rf.compare("leadership", rf.load_results(results.save(tmp_path / "x.nc"))).difference == -whole.difference


def test_things_of_another_kind_are_refused_with_an_example() -> None:
    for ask_wrongly in (lambda: rf.sweep(3), lambda: rf.evidence(5)):  # type: ignore[arg-type]
        with pytest.raises(rf.InputError, match="such as"):
            ask_wrongly()


def test_an_answer_is_saved_as_json_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"name the file x\.json"):
        rf.compare("ringfence", n=100).save(tmp_path / "x.csv")


def test_numbers_that_are_not_finite_survive_a_file(tmp_path: Path) -> None:
    answer = rf.equivalence("leader_lift", FENCE, draws=20, replicates=1, steps=5)
    table = answer.to_frame()
    missing = table["equivalent"].isna()
    assert missing.any() and not np.isinf(table["equivalent"]).any()
    assert (table["reason"][missing] == "no amount up to 0.6 is enough").all() and (
        table["reason"][~missing] == ""
    ).all()
    path = answer.save(tmp_path / "x.json")
    np.testing.assert_array_equal(rf.load(path).to_frame()["equivalent"], table["equivalent"])
    path.write_text(path.read_text(encoding="utf-8").replace('"nan"', '"inf"'), encoding="utf-8")  # as version 0.1 did
    old = rf.load(path)
    assert np.isinf(old.to_frame()["equivalent"]).sum() == missing.sum()


def test_without_matplotlib_a_picture_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ValueError, match="install it"):
        rf.compare("ringfence", n=100).plot()


def test_results_are_drawn_year_by_year() -> None:
    from matplotlib import pyplot

    results = rf.run("ringfence", 100)
    axes = results.plot("retained")
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), results.each_year("retained").mean(axis=0))
    assert axes.get_title() == results.manifest.title
    pyplot.close(axes.figure)


def test_a_scenario_is_made_from_a_dictionary_as_from_its_file() -> None:
    document: dict[str, Any] = {
        "title": "A test",
        "question": "What if?",
        "extends": "baseline",
        "changes": {
            "audit": {"to": 1, "from": "2028/29 Q1", "because": "Why not?", "evidence": [], "assumption": True}
        },
    }
    made = rf.Scenario.from_dict(document)
    assert made.lever("audit")[-1] == 1
    assert rf.Scenario.from_dict({**document, "title": "Another"}).fingerprint == made.fingerprint
    with pytest.raises(ValueError, match="audits") as caught:
        rf.Scenario.from_dict({**document, "changes": {"audits": document["changes"]["audit"]}, "colour": "red"})
    assert "colour" in str(caught.value)


def test_evidence_comes_as_a_file_rows_a_frame_or_a_dictionary(tmp_path: Path) -> None:
    document = {"title": "x", "because": "y", "observations": ROWS}
    path = tmp_path / "rows.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    given = (ROWS, pd.DataFrame([*ROWS]).assign(in_fit=None), document, path, rf.read_evidence(path))
    prints = {read_observations(one, "Its accounts.").fingerprint for one in given}
    assert len(prints) == 1
    with pytest.raises(ValueError, match=r"^row 1 \(XXX, 2022/23\): board: no board is called 'XXX'") as caught:
        rf.evidence([{**ROWS[0], "board": "XXX"}, {**ROWS[0], "source": " ", "error": 2}], because="Its accounts.")
    assert "row 2 (QWO, 2022/23): error: 2 is not a share" in str(caught.value)
    assert "row 2 (QWO, 2022/23): source: is missing" in str(caught.value)
    with pytest.raises(ValueError, match="row 1 \\('first'\\)"):
        rf.evidence(pd.DataFrame([{**ROWS[0], "board": "XXX"}], index=["first"]), because="Its accounts.")
    with pytest.raises(ValueError, match="say why these rows are believed, such as because="):
        rf.evidence(ROWS)
    with pytest.raises(ValueError, match="because is for rows"):
        rf.evidence(document, because="Its accounts.")
    with pytest.raises(ValueError, match="evidence is a file, or rows"):
        rf.evidence([1, 2])  # type: ignore[list-item]


def test_a_sweep_of_a_notebook_is_the_sweep_of_the_command(tmp_path: Path) -> None:
    design = {"kind": "grid", "factors": {"audit": [0, 1]}, "outcomes": ["retained"], "runs": 2}
    path = tmp_path / "design.yaml"
    path.write_text(json.dumps(design), encoding="utf-8")
    kept = rf.sweep(path, tmp_path / "rows", chunk=1)
    pd.testing.assert_frame_equal(kept.to_frame(), rf.read_sweep(tmp_path / "rows"))
    pd.testing.assert_frame_equal(kept.to_frame(), rf.sweep(design).to_frame())
    again = rf.sweep(path, tmp_path / "rows", resume=True)
    pd.testing.assert_frame_equal(again.to_frame(), kept.to_frame())
    with pytest.raises(ValueError, match="out is a folder"):
        rf.sweep(design, tmp_path / "rows.csv")
    with pytest.raises(ValueError, match=r"factors\.audits"):
        rf.sweep({**design, "factors": {"audits": [0, 1]}})


def test_pictures_are_drawn_from_columns_that_the_tables_have(answer: Presentable) -> None:
    columns: PictureColumns = answer.picture
    named = {*columns.label.split("+"), columns.value, columns.low, columns.high, columns.half_width} - {""}
    if isinstance(answer, Results):  # drawn from the mean and range of its table
        assert named == {"year", "mean", "low", "high"}
        return
    assert named <= set(answer.to_frame().columns)
