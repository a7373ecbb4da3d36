"""How sure: at once on the opening view, sentences that agree with numbers, and each question on small worlds."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("panel_material_ui", reason="the dashboard is not installed")

from questions_kit import NASTY, numbers_in, shipped, small, told, words_of

from dashboards.analyses import prior_sensitivity, registry, structural
from dashboards.analyses.lever_text import format_size, shorten_parameter
from dashboards.analyses.registry import ANALYSES
from dashboards.analyses.request import AnalysisDocument
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.analysis_selection import HALF_OF_MONEY
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot, opening_selection
from dashboards.tabs.sure import LESS, SureTab
from simulator.calibration.structural_fits import structures
from simulator.common.formatting import format_share
from simulator.declarations.outcomes import OUTCOMES

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

UNIT = OUTCOMES["retained"].unit


def tab(selection: Selection) -> SureTab:
    return SureTab(Session(store=ResultStore(), selection=selection))


def worked(kind: str, ask: registry.AnalysisRequest) -> AnalysisDocument:
    """A question worked out, as it comes back from a file."""
    told_: list[int] = []
    doc = ANALYSES[kind].work(ask, lambda done, total: told_.append(done))
    assert told_ == sorted(told_), "progress goes forward only"
    found: AnalysisDocument = json.loads(json.dumps(doc, allow_nan=False))
    return found


def test_the_opening_view_is_there_at_once_with_nothing_to_work_out() -> None:
    made = tab(opening_selection())
    for section in made.sections:
        assert section.told is not None and not section.button.visible
    assert not made.all.visible
    assert "<svg" in made.structures.object


def test_luck_s_share_in_the_title_is_that_of_the_bars_and_the_table() -> None:
    doc, said = shipped("luck"), told("luck")
    shares = [round(100 * one["luck"][0]) for one in doc["parts"] if one["at"]]
    low, high = numbers_in(said.title)[:2]
    assert (low, high) == (min(shares), max(shares))
    assert said.title.startswith("Most of the range") == (max(shares) < 50)
    assert [row[1] for row in said.rows] == [format_share(one["luck"][0], 100) for one in doc["parts"]]
    assert "luck" in words_of(said.picture)


def test_the_numbers_that_drive_it_are_named_in_order_and_clear_of_noise() -> None:
    doc, said = shipped("matters"), told("matters")
    values = [one["value"] for one in doc["effects"]]
    clear = [one for one in doc["effects"] if one["clear"]]
    assert values == sorted(values, reverse=True) and clear
    assert said.title.index(shorten_parameter(clear[0]["name"])) < said.title.index(shorten_parameter(clear[1]["name"]))
    assert format_share(clear[0]["value"], 100) in said.title
    assert all(one["value"] > one["half_width"] for one in clear)
    for one in clear:  # it falls where the lowest fifth has the higher mean
        assert (one["highest"][0] > one["lowest"][0]) == (one["sign"] > 0)


def test_the_box_s_limits_stand_in_title_picture_and_table() -> None:
    doc, said = shipped("fails"), told("fails")
    kept = [one for one in doc["limits"] if one["kept"]]
    assert kept
    for one, row in zip(kept, said.rows, strict=False):
        assert shorten_parameter(one["name"]) in said.title and row[2] in said.title and row[5] == "kept"
    assert format_share(doc["base"], 100) in said.title and format_share(doc["density"][0], 100) in said.title
    assert doc["density"][0] > doc["base"]


def test_the_least_regretted_is_the_one_with_the_smallest_90th_centile() -> None:
    doc, said = shipped("regret"), told("regret")
    ordered = sorted(doc["standings"], key=lambda s: s["high"])
    assert f"“{doc['titles'][ordered[0]['at']]}” could be regretted least" in said.title
    assert [format_size(s["high"], UNIT) in said.title for s in ordered[:2]] == [True, True]
    assert sum(s["best"][0] for s in doc["standings"]) == pytest.approx(1, abs=1e-6)
    assert "“both”" not in said.title and len(doc["standings"]) == 3


def test_what_is_worth_knowing_is_clear_of_noise_and_says_where_the_choice_turns() -> None:
    doc, said = shipped("worth"), told("worth")
    clear = [one for one in doc["worths"] if one["clear"]]
    assert clear and shorten_parameter(clear[0]["name"]) in said.title
    assert all(one["interval"][0] > 0 for one in clear)
    turned = [one for one in clear if one["turn"]]
    assert sum("one would choose" in line for line in said.says) == len(turned)
    assert all(one["low"] <= doc["perfect"][1] for one in clear)


@pytest.mark.parametrize("outcome", ["retained", "additional"])
def test_structures_are_counted_as_they_are_shipped(outcome: str) -> None:
    said = structural.describe(outcome)
    shares = [100 * one["effects"][outcome]["leadership over ringfence"] for one in structures().values()]
    counts = numbers_in(said.title.split("“")[0])
    assert counts == [sum(x > 50 for x in shares), len(shares)]
    assert len(said.rows) == len(shares)
    ends = numbers_in(said.title.rpartition("sets: in")[2])[:2]
    assert ends == [round(min(shares)), round(max(shares))]


@pytest.mark.parametrize("kind", ["luck", "matters", "regret", "worth"])
def test_each_question_is_answered_for_other_scenarios_and_its_words_are_safe(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch)
    made = tab(Selection((TODAYS_RULES, Slot("leadership", NASTY), Slot("ringfence-audited"))))
    section = next(one for one in made.sections if one.kind is ANALYSES[kind])
    assert section.button.visible
    section.ask()
    assert section.told is not None, section.state.object
    assert "<img" not in section.head.object + section.body.object
    assert section.told.rows and all(len(row) == len(section.told.head) for row in section.told.rows)


def test_where_a_scenario_does_less_than_another_is_found_on_small_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, draws=400)
    doc = worked("fails", registry.request_scenario_discovery(opening_selection(), 1, 2))
    mean = ANALYSES["fails"].tell(doc)
    assert 0.1 < doc["base"] < 0.6
    assert f"“{doc['titles'][-1]}” does less than “{doc['titles'][-2]}” in" in mean.title
    assert doc["titles"][-1] == opening_selection().slots[1].shown


def test_a_scenario_that_never_fails_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    selection = Selection((TODAYS_RULES, Slot("ringfence-audited")))
    doc = worked("fails", registry.request_scenario_discovery(selection, 1, 0))
    assert "in none of 150 parameter sets" in ANALYSES["fails"].tell(doc).title


def test_too_few_failures_for_a_box_are_counted_instead_of_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    doc = worked("fails", registry.request_scenario_discovery(Selection((TODAYS_RULES,)), 0, None))
    assert 0 < doc["base"] < 20 / 150 and doc["limits"] == []
    failing = round(150 * doc["base"])
    assert f"gives less than half in {failing} of 150 parameter sets" in ANALYSES["fails"].tell(doc).title


@pytest.mark.parametrize("method", ["screen", "sobol"])
def test_methods_over_the_priors_say_that_they_are(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior_sensitivity, "TRAJECTORIES", 4)
    monkeypatch.setattr(prior_sensitivity, "REPLICATES", 1)
    monkeypatch.setattr(prior_sensitivity, "SCREENED", 3)
    monkeypatch.setattr(prior_sensitivity, "FIRST_BLOCKS", 64)
    monkeypatch.setattr(prior_sensitivity, "MOST_BLOCKS", 64)
    doc = worked("matters", registry.request_for_scenario(opening_selection(), "matters", 3, {"method": method}))
    said = ANALYSES["matters"].tell(doc)
    assert "prior" in said.title.lower() or "No single" in said.title
    assert "from their priors" in said.source
    assert len(doc["effects"]) == (90 if method == "screen" else 3)


def test_a_scenario_that_joins_others_is_left_out_of_the_choice_and_the_page_says_so() -> None:
    assert registry.list_rivals(opening_selection()) == [0, 1, 2]
    made = tab(opening_selection())
    assert "Ring-fence and leadership together" in made.choosing.object
    assert registry.list_rivals(Selection((TODAYS_RULES, Slot("both")))) == [0, 1]
    assert registry.list_rivals(Selection((TODAYS_RULES, Slot("ringfence"), Slot("ringfence", "Again")))) == [0, 1]


def test_letters_of_a_choice_stay_those_of_the_screen() -> None:
    selection = Selection((TODAYS_RULES, Slot("baseline", "Twin"), Slot("ringfence"), Slot("leadership")))
    assert registry.request_choice(selection, "regret").how["letters"] == "ACD"


def test_failing_is_held_against_the_next_scenario_or_else_against_half() -> None:
    made = tab(opening_selection())
    assert (made.fails_of.field.value, made.fails_by.value) == (1, 2)
    assert tab(Selection((TODAYS_RULES, Slot("ringfence")))).fails_by.value == HALF_OF_MONEY
    made.fails_of.field.value = 0
    assert list(made.fails_by.options) == [LESS]


def test_the_button_for_everything_asks_every_open_question(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    made = tab(Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership", "Ours", (LeverEdit("audit", 0.3),)))))
    assert made.all.visible
    made._everything()
    assert [bool(one.told) for one in made.sections] == [True] * 5, [one.state.object for one in made.sections]
    assert not made.all.visible


def test_a_picture_says_no_more_than_ascii_ids_and_has_a_name_and_a_description() -> None:
    for kind in ANALYSES:
        said = told(kind)
        assert re.match(
            r'<svg xmlns="http://www.w3.org/2000/svg"[^>]* role="img" aria-labelledby="p-t p-d"', said.picture
        )
        assert "<title" in said.picture and "<desc" in said.picture
        assert said.about and said.caption and said.source.endswith(".")
