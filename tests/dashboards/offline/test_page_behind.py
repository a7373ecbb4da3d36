"""What stands behind a verdict is the same in the page and on the command line: averages, carriers, ranges apart."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from browsing import violations
from explorer_pages import as_page, choose, opened, random_selection, settled, write_page
from typer.testing import CliRunner

from dashboards.offline import explorer, page_data
from dashboards.offline.checks import list_lines
from dashboards.offline.page_answer import examine_answer
from dashboards.selection.permalink import make_link
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, Slot
from simulator.commands.cli import app
from simulator.declarations.calendar import parse_years
from simulator.declarations.evidence import load_register
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.check_words import describe_history
from simulator.reports.says_who import SaysWho, describe_weight
from simulator.reports.sentences import say_letters
from simulator.runs.futures import draw_futures
from simulator.runs.run import run_many
from simulator.scenarios.scenario import load_scenario
from simulator.studies.examined_comparison import run_repeated
from simulator.studies.structural_average import run_structures

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

SEED = 20240323
HEADLINE = Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership")), seed=SEED)


@pytest.fixture(scope="module")
def standing(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One page for all tests, opened on too few futures for anything to stand behind their answer."""
    file = write_page(
        tmp_path_factory.mktemp("page") / "explorer.html", explorer.Setting(250, SEED, dt.date(2026, 11, 29))
    )
    with opened(browser, file, "#v=2&n=20&B=ringfence") as page:
        yield page


def await_what_is_behind(page: Any) -> None:
    page.locator(f"#behind[data-of='{page.evaluate('Ringfence.view.newest')}']").wait_for()


def say_what_is_behind(page: Any, selection: dict[str, Any]) -> dict[str, Any]:
    """What the page says stands behind the answer to this question."""
    choose(page, selection)
    await_what_is_behind(page)
    behind: dict[str, Any] = page.evaluate("({...Ringfence.view.behind.behind, who: Ringfence.view.who})")
    return behind


def by_python(selection: Selection, n: int, settings: dict[str, float] | None = None) -> dict[str, Any]:
    """What Python says of it, with as many parameter sets of a structure as a page holds."""
    drawn = draw_futures(n, seed=selection.seed, settings=settings or {})
    scenarios = list(selection.scenarios)
    structural = None if settings else run_structures(scenarios, n, seed=selection.seed, most=page_data.DRAWS)
    span = parse_years(selection.years) if selection.years else None
    results = run_many(scenarios, futures=drawn)
    return examine_answer(results, selection.outcome, span, structural, run_repeated(scenarios, drawn))


def test_the_headline_is_carried_and_averaged_as_ringfence_compare_says(standing: Any) -> None:
    shown = say_what_is_behind(standing, as_page(HEADLINE, 500))
    assert shown == by_python(HEADLINE, 500)
    told = CliRunner().invoke(app, ["compare", "ringfence", "leadership", "-n", "500", "--json"])
    comparisons = json.loads(told.stdout)["comparisons"]
    assert [one["averaged"]["sentence"] for one in comparisons] == shown["averages"][:2]
    carried = [one["carried_by"]["sentence"] for one in comparisons]
    assert [text for text in carried if text] == shown["carriers"][: len([text for text in carried if text])]
    assert all(text in standing.inner_text("#behind") for text in shown["carriers"])
    standing.get_by_text("In words", exact=True).first.click()
    said = standing.text_content("#behind")
    assert shown["averages"][0] in standing.inner_text("#behind")
    assert all(text in said for text in (*shown["averages"], *shown["ranges"]))
    assert all(cell in said for row in (*shown["average_rows"], *shown["apart_rows"]) for cell in row.values())
    cards, level = (
        standing.evaluate("Ringfence.view.answer.cards"),
        describe_history(list_lines(), "answer.brief.level"),
    )
    assert "err that way" in level
    lettered = dict(standing.evaluate("Ringfence.view.answer.scenarios.slice(1).map(one => [one.title, one.letter])"))
    for at, (who, card) in enumerate(zip(shown["who"][:3], cards, strict=True)):
        of_card = [[], shown["ways"], shown["other_ways"]][at]
        ways = [said for new, old, *said in of_card if (new, old) == (2, 1)]
        assert len(ways) == (at > 0), "each sentence on two policies says in how many ways it is the other way round"
        turns, brief = [who["turns"]], [card["brief"], "" if at else level, who["short"]]
        for words in ways:
            turns, brief = [*turns, words[0]], [*brief, words[1]]
        assert standing.locator(f"#say{at}-turns").text_content() == " ".join(filter(None, turns))
        shortly = say_letters(" ".join(filter(None, brief)), lettered)
        assert standing.locator(f"#say{at}-brief").inner_text() == shortly
    assert any(card["brief"] and who["short"] for card, who in zip(cards, shown["who"], strict=False))
    assert any("gives clearly more in" in short for *_, short in shown["ways"])
    picture, chief = standing.evaluate("[Ringfence.policyPicture().textContent, Ringfence.view.answer.chief]")
    weight = describe_weight(SaysWho(**shown["who"][2 + chief]))
    assert " turns " in weight and weight in picture
    assert any(
        re.search(r"Of the \d+ ways to write the model, “[^”]*” gives clearly more in \d+ and", said)
        for *_, said, _ in shown["ways"]
    )
    assert any(who["turns"] for who in shown["who"]) and any(who["signs"] for who in shown["who"])
    # From a sentence to what carries it, to its evidence, to its address: three clicks.
    standing.locator("#say1-who summary").click()
    assert shown["who"][1]["lead"] in standing.inner_text("#say1-who")
    numbers = standing.locator("#say1-who details details")
    assert numbers.locator("summary").all_text_contents() == [text for _, text in shown["who"][1]["numbers"]]
    numbers.first.locator("summary").click()
    entries = [load_register()[id_] for id_ in PARAMETERS[shown["who"][1]["numbers"][0][0]].about.evidence]
    assert all(entry.says in numbers.first.inner_text() for entry in entries)
    addresses = numbers.first.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert addresses == [url for entry in entries for url in entry.url]
    assert violations(standing, "#answer") == []


def test_random_scenarios_are_averaged_and_examined_as_in_python(standing: Any) -> None:
    rng, said = np.random.default_rng(11), set()
    for seed, n in ((7, 100), (2**64 - 1, 120), (SEED, 150)):
        selection = random_selection(rng, seed)
        expected = by_python(selection, n)
        assert say_what_is_behind(standing, as_page(selection, n)) == expected, make_link(selection)
        said |= {part for part, found in expected.items() if found}
    assert said == set(expected), "every part is said of one of them at least"


def test_what_carries_a_verdict_on_policies_that_start_apart_is_of_the_years_in_which_both_act(standing: Any) -> None:
    edits = tuple(LeverEdit(c.lever, c.value, 24) for c in load_scenario("ringfence-audited").changes)
    apart = Selection((TODAYS_RULES, Slot("ringfence"), Slot("ringfence-audited", "Later", edits)), seed=SEED)
    shown = say_what_is_behind(standing, as_page(apart, 250))
    assert shown == by_python(apart, 250)
    assert any(text.startswith("In 2028/29 to 2029/30 alone, when both act: ") for text in shown["carriers"])
    assert "alone, when both act, “Later” gives £" in standing.inner_text("#differences")


def test_more_futures_than_the_page_holds_structures_for_are_said_to_be_so(standing: Any) -> None:
    selection = Selection((TODAYS_RULES, Slot("both")), seed=SEED)
    assert say_what_is_behind(standing, as_page(selection, 1250)) == by_python(selection, 1250)
    fewer = (
        "This page holds 80 versions of each way to write the model; ringfence compare takes 100 beside 1,250 futures."
    )
    assert fewer in standing.inner_text("#behind")


def test_a_number_that_is_held_is_held_by_no_structure_and_few_futures_carry_nothing(standing: Any) -> None:
    selection, held = Selection((TODAYS_RULES, Slot("leadership")), seed=SEED), {"pull_chief": 0.0}
    shown = say_what_is_behind(standing, {**as_page(selection, 120), "settings": held})
    assert shown == by_python(selection, 120, held) and shown["averages"] == []
    assert "Nothing is averaged over other ways to write the model (structures) here" in standing.inner_text("#behind")
    assert say_what_is_behind(standing, as_page(selection, 99))["ranges"] == []
    assert "fewer than 100 futures" in standing.inner_text("#behind")


def test_a_number_acts_in_the_page_as_in_python_also_where_another_is_held_off_its_default(standing: Any) -> None:
    selection, held = Selection((TODAYS_RULES, Slot("leadership")), "front", seed=SEED), {"access_centre": 0.25}
    shown = say_what_is_behind(standing, {**as_page(selection, 600), "settings": held})
    assert shown == by_python(selection, 600, held)


@pytest.mark.parametrize("mix", [0.0, 0.5])
def test_the_pull_of_a_fence_in_both_is_listed_only_where_leaders_bear_on_it(standing: Any, mix: float) -> None:
    selection = Selection((TODAYS_RULES, Slot("ringfence"), Slot("both")), seed=SEED)
    held = {"ring_leader_mix": mix}
    shown = say_what_is_behind(standing, {**as_page(selection, 120), "settings": held})
    assert shown == by_python(selection, 120, held)
    signs = dict(shown["who"][1]["signs"])
    assert "pull_chief" in signs and ("pull_ringfence" in signs) == (mix > 0.0)


def test_a_move_never_leaves_what_stood_behind_an_older_answer(standing: Any) -> None:
    say_what_is_behind(standing, as_page(HEADLINE, 120))
    slot = Slot("committee", "", (LeverEdit("audit", 0.5),))
    moved = as_page(Selection((TODAYS_RULES, slot), seed=SEED), 120)
    standing.evaluate("selection => Ringfence.change({...Ringfence.view.selection, ...selection}, true)", moved)
    standing.locator("#behind.old").wait_for()
    standing.evaluate("Ringfence.change(Ringfence.view.selection)")
    settled(standing)
    await_what_is_behind(standing)
    assert "Committee" in standing.inner_text("#behind") and "Stronger leadership" not in standing.inner_text("#behind")
