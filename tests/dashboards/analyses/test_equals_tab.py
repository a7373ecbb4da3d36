"""What equals what: at once on the opening view, titles that agree with pictures and tables, and numbers that hold."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

from questions_kit import NASTY, describe_shipped, find_numbers, read_picture_text, shipped, use_few_draws

from dashboards.analyses import attribution, break_even, equivalence, job_queue, registry, shipped_answers
from dashboards.analyses.job_queue import AnalysisQueue
from dashboards.analyses.lever_text import format_amount
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot, make_opening_selection
from dashboards.tabs.equals import PRESETS, EqualsTab
from simulator.charts.tradeoffs import draw_break_even
from simulator.common.formatting import format_count
from simulator.studies.break_even import find_break_even
from simulator.studies.model_function import ModelFunction
from simulator.studies.scenario_runs import sample_posterior_futures

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

SAFE = re.compile(r"<img", re.IGNORECASE)


def make_tab(selection: Selection) -> EqualsTab:
    return EqualsTab(Session(store=ResultStore(), selection=selection))


def test_the_opening_view_is_there_at_once_with_nothing_to_work_out() -> None:
    equals_tab = make_tab(make_opening_selection())
    for section in equals_tab.sections:
        assert section.report is not None and "<svg" in section.body.object
        assert not section.button.visible and section.files.visible


def test_the_exchange_s_title_names_a_point_of_the_line() -> None:
    doc, report = shipped("exchange"), describe_shipped("exchange")
    point = next(
        line for line in doc["lines"] if f"closes {format_amount('leader_lift', line['x'])} of" in report.title
    )
    assert f"enforced at {format_amount('ringfence', point['line'])} of full strength" in report.title
    low, high = (format_amount("ringfence", point["enough"][share]) for share in ("10", "90"))
    assert f"({low} to {high} in 8 of 10 versions of the model)" in report.title
    row = next(row for row in report.rows if row[0] == format_amount("leader_lift", point["x"]))
    assert row[1] == format_amount("ringfence", point["line"])
    assert "here leadership does more" in read_picture_text(report.picture)
    assert re.search(r"<rect[^>]*/><text[^>]*>here leadership does more", report.picture), "no line runs through it"


def test_more_leadership_is_worth_more_enforcement_and_none_is_worth_none() -> None:
    lines = shipped("exchange")["lines"]
    values = [line["line"] for line in lines]
    assert values[0] == 0 and values == sorted(values)
    assert all(line["low"] <= line["line"] <= line["high"] for line in lines)
    assert all(line["enough"]["10"] <= line["enough"]["50"] <= line["enough"]["90"] for line in lines)


def test_a_break_even_says_the_same_in_title_table_and_picture_both_ways_round() -> None:
    leadership, fence = documents = [
        document for document in shipped_answers.load_answers().values() if document["kind"] == "enough"
    ]
    assert [document["lever"] for document in documents] == ["leader_lift", "ringfence"]
    for doc in documents:
        report = break_even.describe(doc)
        drawn = read_picture_text(report.picture)
        for duel, row in zip(doc["duels"], report.rows, strict=False):
            assert row[3] in drawn and row[3] in " ".join(report.sentences)
            assert duel["more"] <= doc["draws"]
        curve = zip(doc["curve"]["amount"], doc["curve"]["difference"], strict=True)
        below = [difference for amount, difference in curve if doc["low"] is None or amount < doc["low"]]
        assert below and max(below) < 0
    assert f"about {format_amount('ringfence', fence['value'])} of full strength" in break_even.describe(fence).title
    said = break_even.describe(leadership).title
    if leadership["value"] is None:
        enough = leadership["draws"] - leadership["none_enough"]
        assert "even a leadership programme" in said and "does less than" in said
        assert f"does at least as much in {format_count(enough, leadership['draws'])} versions" in said
    else:
        assert f"closes about {format_amount('leader_lift', leadership['value'])} of the gap" in said


def test_the_words_for_each_side_of_a_break_even_stand_on_their_own_side_of_zero() -> None:
    curves = {"amount": [0.0, 0.3, 0.6], "difference": [0.0] * 3, "low": [0.0] * 3, "high": [0.0] * 3}
    for sign in (-1.0, 1.0):
        for name, size in (("difference", 0.2), ("low", 0.3), ("high", 0.1)):
            curves[name] = [sign * size] * 3
        drawn = str(draw_break_even("T", "D", curves, None, ("L", "the lever", "P"), [], 10))
        words = [
            float(re.search(rf'y="([\d.]+)"[^>]*>here {name} does more', drawn)[1])  # type: ignore[index]
            for name in ("the lever", "the policy")
        ]
        zero = float(re.search(r'<(?:line|path)[^>]*?y1="([\d.]+)"[^>]*stroke-width="1.6"', drawn)[1])  # type: ignore[index]
        assert words[0] + 6 < zero < words[1] - 14


def test_the_page_opens_on_the_leadership_that_equals_a_ring_fence_and_turns_round_at_once() -> None:
    equals_tab = make_tab(make_opening_selection())
    assert equals_tab.sections[0] is equals_tab.enough
    assert (equals_tab.enough_lever.value, equals_tab.enough_of.at) == ("leader_lift", 1)
    equals_tab.enough_lever.value = "ringfence"
    assert equals_tab.enough_of.at == 2 and equals_tab.enough.report is not None, "with a ring-fence: what has none"
    assert "breaks even with “Stronger leadership”" in equals_tab.enough.report.title


def test_shares_of_parts_add_up_to_the_whole_and_the_title_names_them() -> None:
    doc, report = shipped("parts"), describe_shipped("parts")
    whole = doc["total"]["mean"]
    assert sum(part["share"]["mean"] for part in doc["parts"]) == pytest.approx(whole, abs=1e-6)
    largest = max(doc["parts"], key=lambda part: part["share"]["mean"])
    assert report.title.index(largest["part"]) < min(
        report.title.index(part["part"]) for part in doc["parts"] if part is not largest
    )
    drawn = read_picture_text(report.picture)
    assert all(row[1] in drawn for row in report.rows)


def test_break_even_with_a_whole_scenario_is_what_the_simulator_says_of_its_levers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_few_draws(monkeypatch)
    doc = break_even.compute(
        registry.request_break_even(make_opening_selection(), "ringfence", 2), lambda done, total: None
    )
    plain = find_break_even(
        ModelFunction(outcomes=("retained",), years=registry.request_variance_split(make_opening_selection()).years),
        sample_posterior_futures(20, 1, make_opening_selection().seed),
    )
    assert doc["value"] == pytest.approx(plain.equivalence.on_average.value)
    assert [duel["more"] for duel in doc["duels"]] == [duel.more for duel in plain.duels]
    assert doc["gain"] == pytest.approx(list(plain.effect))


def test_what_one_lever_is_worth_in_another_turns_round_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    there = equivalence.compute(
        registry.request_equivalence(make_opening_selection(), "leader_lift", "ringfence"), lambda done, total: None
    )
    back = equivalence.compute(
        registry.request_equivalence(make_opening_selection(), "ringfence", "leader_lift"), lambda done, total: None
    )
    point = there["lines"][9]
    near = min(back["lines"], key=lambda line: abs(line["x"] - point["line"]))
    assert near["line"] == pytest.approx(point["x"], abs=0.1)
    assert equivalence.describe(json.loads(json.dumps(back))).title.startswith("In this model, a ring-fence")


@pytest.mark.parametrize(("lever", "equals"), [("audit", "audit"), ("reorganise", "ringfence"), ("<b>", "ringfence")])
def test_levers_that_cannot_be_held_against_each_other_are_refused(lever: str, equals: str) -> None:
    with pytest.raises(ValueError, match=r"not the same|more or less"):
        equivalence.compute(
            registry.request_equivalence(make_opening_selection(), lever, equals), lambda done, total: None
        )


def test_a_scenario_of_many_levers_is_taken_apart_by_themes() -> None:
    edits = tuple(
        LeverEdit(name, 0.5)
        for name in (
            "audit",
            "named",
            "gateway",
            "oversight",
            "strategy",
            "principles",
            "multi_year",
            "committee",
            "lead_seat",
            "networks",
        )
    )
    package = attribution.split_into_parts(Slot("baseline", "Many", edits).scenario)
    assert package.by.value == "themes" and 1 < len(package.components) <= 8


def test_another_choice_is_offered_to_be_worked_out_and_never_shows_the_old_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_few_draws(monkeypatch)
    equals_tab = make_tab(
        Selection((TODAYS_RULES, Slot("leadership", NASTY, (LeverEdit("audit", 0.5, because=NASTY),))))
    )
    section = equals_tab.enough
    assert section.report is None and section.button.visible and "Not worked out yet" in section.body.object
    section.run()
    assert section.report is not None and not section.button.visible
    shown = section.head.object + section.body.object
    assert not SAFE.search(shown) and "&lt;img" in shown
    equals_tab.session.choose_setting("Outcome", outcome="additional")
    equals_tab.handle_change()
    assert section.report is None and section.button.visible
    equals_tab.session.choose_setting("Outcome", outcome="retained")
    equals_tab.handle_change()
    assert section.report is not None, "coming back is immediate"


def test_what_cannot_be_asked_is_said_in_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    equals_tab = make_tab(Selection((TODAYS_RULES, Slot("baseline", "The same"))))
    equals_tab.parts.run()
    assert 'role="alert"' in equals_tab.parts.state.object and "changes nothing" in equals_tab.parts.state.object
    assert equals_tab.parts.button.visible and not equals_tab.parts.button.disabled


def test_without_a_scenario_the_page_says_to_add_one() -> None:
    equals_tab = make_tab(Selection((TODAYS_RULES,)))
    for section in (equals_tab.enough, equals_tab.parts):
        assert "Add a scenario" in section.body.object and not section.button.visible


def test_a_preset_sets_both_levers_and_levers_of_ones_own_leave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_draws(monkeypatch)
    equals_tab = make_tab(make_opening_selection())
    for name, pair in list(PRESETS.items())[:-1]:
        equals_tab.preset.value = name
        assert (equals_tab.lever.value, equals_tab.equals.value) == pair
    equals_tab.equals.value = "strategy"
    assert equals_tab.preset.value == "Two levers of your own"


def test_cancelling_leaves_the_question_to_be_asked_again() -> None:
    equals_tab = make_tab(Selection((TODAYS_RULES, Slot("ringfence"))))

    class Never(job_queue.Executor):
        def submit(self, fn: object, /, *args: object, **kwargs: object) -> None:  # type: ignore[override]
            return None

    section = equals_tab.parts
    section._queue = AnalysisQueue(Never())
    section.run()
    assert section.stop.visible and section.button.disabled
    section.cancel()
    assert not section.stop.visible and section.button.visible and not section.button.disabled
    assert "Cancelled" in section.state.object


def test_a_file_of_a_question_holds_the_title_the_numbers_and_what_it_rests_on() -> None:
    equals_tab = make_tab(make_opening_selection())
    export = equals_tab.exchange._make_export()
    assert export.title == equals_tab.exchange.report.title if equals_tab.exchange.report else False
    assert export.svg.startswith("<svg") and "seed 20240323" in export.source
    assert len(export.header) == len(export.rows[0])
    assert find_numbers(str(export.rows[9][0])) == [0.45]
