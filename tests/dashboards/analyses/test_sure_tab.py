"""How sure: at once on the opening view, sentences that agree with numbers, and each question on small worlds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from questions_kit import NASTY, describe_shipped, find_numbers, read_picture_text, shipped, use_few_draws

from dashboards.analyses import prior_sensitivity, registry, structural
from dashboards.analyses.lever_text import format_size, shorten_parameter
from dashboards.analyses.registry import ANALYSES
from dashboards.analyses.report import describe_acting_years, describe_source
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.analysis_selection import HALF_OF_MONEY
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot, make_opening_selection
from dashboards.tabs.sure import LESS, PAIR, SureTab
from simulator.calibration.structural_fits import read_structures
from simulator.common.errors import InputError
from simulator.common.formatting import format_share
from simulator.declarations.outcomes import OUTCOMES
from simulator.runs.parameter_sets import UNCERTAIN
from simulator.scenarios.scenario import load_scenario
from simulator.studies.reversed_structures import split_library_ways

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

UNIT = OUTCOMES["retained"].unit


def make_tab(selection: Selection) -> SureTab:
    return SureTab(Session(store=ResultStore(), selection=selection))


def compute_again(kind: str, request: registry.AnalysisRequest) -> Any:
    """A question worked out, as it comes back from a file."""
    steps: list[int] = []
    doc = ANALYSES[kind].compute(request, lambda done, total: steps.append(done))
    assert steps == sorted(steps), "progress goes forward only"
    return json.loads(json.dumps(doc, allow_nan=False))


def test_the_opening_view_is_there_at_once_with_nothing_to_work_out() -> None:
    sure_tab = make_tab(make_opening_selection())
    for section in sure_tab.sections:
        assert section.report is not None and not section.button.visible
    assert not sure_tab.all.visible
    assert "<svg" in sure_tab.structures.object


def test_the_share_of_chance_in_the_title_is_that_of_the_bars_and_the_table() -> None:
    doc, report = shipped("luck"), describe_shipped("luck")
    shares = [round(100 * split["luck"][0]) for split in doc["parts"] if split["at"]]
    low, high = find_numbers(report.title)[:2]
    assert (low, high) == (min(shares), max(shares))
    assert report.title.startswith("Most of the range") == (max(shares) < 50)
    assert [row[1] for row in report.rows] == [format_share(split["luck"][0], 100) for split in doc["parts"]]
    assert "chance" in read_picture_text(report.picture)


def test_the_numbers_that_drive_it_are_named_in_order_and_clear_of_noise() -> None:
    doc, report = shipped("matters"), describe_shipped("matters")
    values = [effect["value"] for effect in doc["effects"]]
    clear = [effect for effect in doc["effects"] if effect["clear"]]
    assert values == sorted(values, reverse=True) and clear
    assert report.title.index(shorten_parameter(clear[0]["name"])) < report.title.index(
        shorten_parameter(clear[1]["name"])
    )
    assert format_share(clear[0]["value"], 100) in report.title
    assert all(effect["value"] > effect["half_width"] for effect in clear)
    for effect in clear:  # it falls where the lowest fifth has the higher mean
        assert (effect["highest"][0] > effect["lowest"][0]) == (effect["sign"] > 0)


def test_what_drives_it_opens_on_the_two_policies_that_the_answer_compares() -> None:
    selection = make_opening_selection()
    sure_tab, doc, report = make_tab(selection), shipped("matters"), describe_shipped("matters")
    new, old = registry.choose_answer_pair(selection)
    assert sure_tab.matters_of.at == PAIR and doc["titles"][-2:] == [selection.slots[at].shown for at in (old, new)]
    assert sure_tab.matters.report == report
    for title in doc["titles"][-2:]:
        assert f"“{title}”" in report.title and f"“{title}”" in report.sentences[0]
    alone = make_tab(Selection((TODAYS_RULES, Slot("ringfence"))))
    assert alone.matters_of.at == 1 and PAIR not in alone.matters_of.field.options.values()


def test_the_differences_in_the_fifths_have_the_same_decimals_in_sentences_and_table() -> None:
    report = describe_shipped("matters")
    told = [text for text in (*report.sentences[:3], *(cell for row in report.rows for cell in row)) if "£" in text]
    amounts = [amount for text in told for amount in re.findall(r"£([\d.]+\d)", text)]
    assert len(amounts) > 6 and all(re.fullmatch(r"\d+\.\d|0|100", amount) for amount in amounts)


def test_what_drives_two_policies_that_are_one_is_refused_with_both_names() -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot(), Slot()))
    with pytest.raises(InputError, match="is the same policy as"):
        ANALYSES["matters"].compute(registry.request_sensitivity(selection, 3), lambda done, total: None)


@pytest.mark.parametrize("title", ["", "Again"])
def test_where_two_policies_are_one_what_drives_them_is_asked_against_todays_rules(title: str) -> None:
    twins = Selection((TODAYS_RULES, Slot("ringfence"), Slot("ringfence", title)))
    alone = Selection((TODAYS_RULES, Slot("ringfence", title)))  # one with a title of somebody's own comes first
    asked, meant = (registry.request_sensitivity(selection, None) for selection in (twins, alone))
    assert asked.key == meant.key


def test_the_box_s_limits_stand_in_title_picture_and_table() -> None:
    doc, report = shipped("fails"), describe_shipped("fails")
    kept_limits = [limit for limit in doc["limits"] if limit["kept"]]
    assert kept_limits
    for limit, row in zip(kept_limits, report.rows, strict=False):
        assert shorten_parameter(limit["name"]) in report.title and row[2] in report.title and row[5] == "kept"
    assert format_share(doc["base"], 100) in report.title and format_share(doc["density"][0], 100) in report.title
    assert doc["density"][0] > doc["base"]


def test_the_least_regretted_is_the_one_with_the_smallest_90th_centile() -> None:
    doc, report = shipped("regret"), describe_shipped("regret")
    ordered = sorted(doc["standings"], key=lambda s: s["high"])
    assert f"“{doc['titles'][ordered[0]['at']]}” leaves the least to regret" in report.title
    assert [format_size(s["high"], UNIT) in report.title for s in ordered[:2]] == [True, True]
    assert sum(s["best"][0] for s in doc["standings"]) == pytest.approx(1, abs=1e-6)
    assert "“both”" not in report.title and len(doc["standings"]) == 3


def test_what_is_worth_knowing_is_clear_of_noise_and_says_where_the_choice_turns() -> None:
    doc, report = shipped("worth"), describe_shipped("worth")
    clear = [worth for worth in doc["worths"] if worth["clear"]]
    assert clear and shorten_parameter(clear[0]["name"]) in report.title
    assert all(worth["interval"][0] > 0 for worth in clear)
    switching = [worth for worth in clear if worth["turn"]]
    assert sum("one would choose" in line for line in report.sentences) == len(switching)
    assert all(worth["low"] <= doc["perfect"][1] for worth in clear)


@pytest.mark.parametrize("outcome", ["retained", "additional"])
def test_structures_are_counted_as_they_are_shipped(outcome: str) -> None:
    report = structural.describe(outcome)
    shares = [
        100 * structure["effects"][outcome]["leadership over ringfence"] for structure in read_structures().values()
    ]
    ways = split_library_ways("additional" if outcome == "additional" else "retained")
    assert f", of the {len(shares)} ways to write the model " in report.title
    assert f"gives clearly more in {len(ways.ahead)} and" in report.title and ways.every == len(shares)
    assert len(report.rows) == len(shares)
    known = dict(zip(read_structures(), shares, strict=True))
    for group in filter(None, ways):
        ends = sorted({round(known[name]) for name in group})
        assert f"in {ends[0]}{f' to {ends[-1]}' if len(ends) > 1 else ''} " in report.sentences[0]


@pytest.mark.parametrize("kind", ["luck", "matters", "regret", "worth"])
def test_each_question_is_answered_for_other_scenarios_and_its_words_are_safe(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_few_draws(monkeypatch)
    sure_tab = make_tab(Selection((TODAYS_RULES, Slot("leadership", NASTY), Slot("ringfence-audited"))))
    section = next(section for section in sure_tab.sections if section.analysis is ANALYSES[kind])
    assert section.button.visible
    section.run()
    assert section.report is not None, section.state.object
    assert "<img" not in section.head.object + section.body.object
    assert section.report.rows and all(len(row) == len(section.report.head) for row in section.report.rows)


def test_where_a_scenario_does_less_than_another_is_found_on_few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch, draws=400)
    doc = compute_again("fails", registry.request_scenario_discovery(make_opening_selection(), 1, 2))
    mean = ANALYSES["fails"].describe(doc)
    assert 0.1 < doc["base"] < 0.6
    assert f"“{doc['titles'][-1]}” does less than “{doc['titles'][-2]}” in" in mean.title
    assert doc["titles"][-1] == make_opening_selection().slots[1].shown


def test_a_scenario_that_never_fails_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    selection = Selection((TODAYS_RULES, Slot("ringfence-audited")))
    doc = compute_again("fails", registry.request_scenario_discovery(selection, 1, 0))
    assert "in none of 150 versions of the model" in ANALYSES["fails"].describe(doc).title


def test_too_few_failures_for_a_box_are_counted_instead_of_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    doc = compute_again("fails", registry.request_scenario_discovery(Selection((TODAYS_RULES,)), 0, None))
    assert 0 < doc["base"] < 20 / 150 and doc["limits"] == []
    failing = round(150 * doc["base"])
    assert f"gives less than half in {failing} of 150 versions of the model" in ANALYSES["fails"].describe(doc).title


@pytest.mark.parametrize("method", ["screen", "sobol"])
def test_methods_over_the_priors_say_that_they_are(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior_sensitivity, "TRAJECTORIES", 4)
    monkeypatch.setattr(prior_sensitivity, "REPLICATES", 1)
    monkeypatch.setattr(prior_sensitivity, "SCREENED", 3)
    monkeypatch.setattr(prior_sensitivity, "FIRST_BLOCKS", 64)
    monkeypatch.setattr(prior_sensitivity, "MOST_BLOCKS", 64)
    doc = compute_again("matters", registry.request_sensitivity(make_opening_selection(), 3, method))
    report = ANALYSES["matters"].describe(doc)
    assert "prior" in report.title.lower() or "No single" in report.title
    assert "from their priors" in report.source
    assert len(doc["effects"]) == (len(UNCERTAIN) if method == "screen" else 3)


def test_a_scenario_that_joins_others_is_left_out_of_the_choice_and_the_page_says_so() -> None:
    assert registry.list_rivals(make_opening_selection()) == [0, 1, 2]
    sure_tab = make_tab(make_opening_selection())
    assert "Ring-fence and leadership together" in sure_tab.choosing.object
    assert registry.list_rivals(Selection((TODAYS_RULES, Slot("both")))) == [0, 1]
    assert registry.list_rivals(Selection((TODAYS_RULES, Slot("ringfence"), Slot("ringfence", "Again")))) == [0, 1]


def test_what_compares_policies_that_start_apart_is_about_the_years_in_which_all_act_and_says_so() -> None:
    edits = tuple(LeverEdit(change.lever, change.value, 24) for change in load_scenario("ringfence-audited").changes)
    later = Slot("ringfence-audited", "Later", edits)
    selection = Selection((TODAYS_RULES, later, Slot("leadership"), Slot("ringfence")))
    asked = [registry.request_choice(selection, kind) for kind in ("regret", "worth")]
    asked += [registry.request_sensitivity(selection, None), registry.request_scenario_discovery(selection, 1, 2)]
    for request in asked:
        assert (request.span, request.options["all years"]) == ("2028/29-2029/30", "2027/28-2029/30")
        (said,) = describe_acting_years(request.describe(""))
        assert "This is of 2028/29 to 2029/30 alone, when all of them act, and not of 2027/28 to 2029/30" in said
        assert "in which all these policies act" in describe_source(request.describe(""), "1 run")
    for request in (registry.request_scenario_discovery(selection, 2, 3), registry.request_sensitivity(selection, 2)):
        assert request.span == "2027/28-" and describe_acting_years(request.describe("")) == ()


def test_letters_of_a_choice_stay_those_of_the_screen() -> None:
    selection = Selection((TODAYS_RULES, Slot("baseline", "Twin"), Slot("ringfence"), Slot("leadership")))
    assert registry.request_choice(selection, "regret").options["letters"] == "ACD"
    assert registry.request_choice(selection.without_slot(1), "regret").options["letters"] == "ACD"
    assert registry.request_variance_split(selection).options == {}  # as it ships
    assert registry.request_variance_split(selection.without_slot(1)).options == {"letters": "ACD"}


def test_failing_is_held_against_the_next_scenario_or_else_against_half() -> None:
    sure_tab = make_tab(make_opening_selection())
    assert (sure_tab.fails_of.field.value, sure_tab.fails_by.value) == (1, 2)
    assert make_tab(Selection((TODAYS_RULES, Slot("ringfence")))).fails_by.value == HALF_OF_MONEY
    sure_tab.fails_of.field.value = 0
    assert list(sure_tab.fails_by.options) == [LESS]


def test_the_button_for_everything_asks_every_open_question(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    sure_tab = make_tab(
        Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership", "Ours", (LeverEdit("audit", 0.3),))))
    )
    assert sure_tab.all.visible
    sure_tab._ask_everything()
    assert [bool(section.report) for section in sure_tab.sections] == [True] * 5, [
        section.state.object for section in sure_tab.sections
    ]
    assert not sure_tab.all.visible


def test_a_picture_says_no_more_than_ascii_ids_and_has_a_name_and_a_description() -> None:
    for kind in ANALYSES:
        report = describe_shipped(kind)
        assert re.match(
            r'<svg xmlns="http://www.w3.org/2000/svg"[^>]* role="img" aria-labelledby="p-t p-d"', report.picture
        )
        assert "<title" in report.picture and "<desc" in report.picture
        assert report.description and report.source.endswith(".")
