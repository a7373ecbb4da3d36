"""The page in a browser says every number and every sentence as Python says it, character for character."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorer_pages import random_selection

from dashboards.offline.page_words import page_words
from dashboards.selection.policy_form import describe_form, list_library
from dashboards.selection.selection import USUAL_START, LeverEdit, Slot
from simulator.agents.divergence import format_board_money
from simulator.common import formatting
from simulator.common.sentence_templates import load_templates
from simulator.common.units import Unit
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.reports import sentences
from simulator.scenarios.change import LAST, is_switch
from simulator.scenarios.loader import baseline_values
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.policy_sentence import write_policy_sentence
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.dashboards

PAGE = Path(__file__).parents[3] / "dashboards" / "offline" / "page"
UNITS = (Unit.SHARE, Unit.CASES, Unit.MILLIONS, Unit.PERCENT, Unit.COUNT)
TITLES = ("Leadership programme", "A ring-fence {new}, audited & named", "Both", "“Quoted”")
YEARS = (("2027/28", "2029/30"), ("2028/29", "2028/29"))


@pytest.fixture(scope="module")
def words(browser: Any) -> Iterator[Any]:
    """A blank page with the page's scripts, which knows no server."""
    page = browser.new_page()
    page.add_script_tag(content=(PAGE / "engine.js").read_text(encoding="utf-8"))
    page.add_script_tag(content=(PAGE / "words.js").read_text(encoding="utf-8"))
    page.evaluate("given => { window.words = RingfenceWords(given, RingfenceModel) }", page_words())
    page.add_script_tag(content=(PAGE / "selection.js").read_text(encoding="utf-8"))
    for name in ("search", "policy"):
        page.add_script_tag(content=(PAGE / f"{name}.js").read_text(encoding="utf-8"))
    page.evaluate(
        """given => {
          window.choice = RingfenceSelection(given, words);
          window.policy = RingfencePolicy(given, choice);
        }""",
        describe_form(),
    )
    yield page
    page.close()


def built_policies(count: int) -> list[Slot]:
    """So many policies: a preset with levers set by hand, to a plain choice or in bounds; some with all its levers."""
    rng = np.random.default_rng(11)
    presets, policies = list_library(), []
    for _ in range(count):
        levers: dict[str, float] = {}
        for at in rng.choice(len(PLAIN_CONTROLS), rng.integers(0, 4), replace=False):
            control = PLAIN_CONTROLS[at]
            sets = control.choices[rng.integers(len(control.choices))].sets
            levers |= {name: sets.get(name, float(baseline_values()[name][-1])) for name in control.levers}
        if not levers or rng.random() < 0.3:
            lever = LEVERS[str(rng.choice(sorted(LEVERS)))]
            ends = (lever.about.low, lever.about.high)
            levers[lever.name] = float(rng.choice(ends) if is_switch(lever.name) else rng.uniform(*ends))
        preset, start = str(rng.choice(presets)), int(rng.choice((USUAL_START, USUAL_START + 4, USUAL_START + 1)))
        if rng.random() < 0.3:
            own = Slot(preset)
            kept = {change.lever: own.describe_preset(change.lever).value for change in own.base.changes}
            levers, start = kept | levers if rng.random() < 0.5 and kept else kept or levers, USUAL_START + 4
        end = LAST if rng.random() < 0.9 else start + 5
        edits = tuple(LeverEdit(name, value, start, 0, "", end) for name, value in levers.items())
        policies.append(Slot(preset, "", edits))
    return policies


def test_a_built_policy_has_the_same_title_in_both_languages(words: Any) -> None:
    policies = built_policies(800)
    given = [
        {"preset": policy.preset, "title": "", "edits": [asdict(edit) for edit in policy.edits]} for policy in policies
    ]
    expected = [policy.shown for policy in policies]
    assert words.evaluate("given => given.map(choice.shown)", given) == expected
    for mark in (", but ", " changed", " changes", ", from 20", " and ", "ending in 20"):
        assert sum(mark in title for title in expected) >= 10, mark
    assert max(map(len, expected)) > 70
    library = {load_scenario(name).title for name in list_library()}
    assert sum(policy.shown in library and policy.shown != policy.base.title for policy in policies) >= 5


def test_a_policy_is_read_aloud_in_the_same_sentence_in_both_languages(words: Any) -> None:
    rng = np.random.default_rng(29)
    dated = [slot for case in range(300) for slot in random_selection(rng, case).slots[1:]]
    apart = [Slot("ringfence", "", (LeverEdit("waiver", 0.0, start),)) for start in (USUAL_START + 4, LAST)]
    own = [replace(one, title="") for one in dated]
    policies = [*(Slot(name) for name in list_library()), *apart, *built_policies(300), *own]
    given = [
        {"preset": policy.preset, "title": "", "edits": [asdict(edit) for edit in policy.edits]} for policy in policies
    ]
    expected = [write_policy_sentence(policy.scenario) for policy in policies]
    assert words.evaluate("given => given.map(policy.readAloud)", given) == expected
    used = [name for name in load_templates() if name.startswith("aloud.")]
    assert len(used) > 10
    for name in used:
        fixed = max(re.split(r"\{\w+\}", load_templates()[name]), key=len)
        assert any(fixed in sentence for sentence in expected), name


@pytest.mark.parametrize(
    ("preset", "sentence"),
    [
        ("ringfence-audited", "From 2027/28 the fund is ring-fenced and audited with no waiver."),
        (
            "leadership",
            "From 2027/28 the leadership programme runs for chief executives, chairs and finance directors.",
        ),
        (
            "letters-guarded",
            "From 2027/28 “Inequalities check on in-year requests” is set in full (none under today's rules); from "
            "2027/28 Q3 “In-year letter to recover the year-end position” takes several values (0, then 1 from 2027/28 "
            "Q3, and so on to 0.5 from 2029/30 Q4).",
        ),
    ],
)
def test_a_policys_sentence_names_the_waiver_the_finance_directors_and_several_steps(
    preset: str, sentence: str
) -> None:
    assert write_policy_sentence(load_scenario(preset)) == sentence


def numbers() -> list[float]:
    """4,000 numbers: of every size, exactly half-way between two that are shown, and beside those."""
    rng = np.random.default_rng(7)
    spread = (rng.standard_normal(1_700) * 10.0 ** rng.integers(-6, 6, 1_700)).tolist()
    shares = rng.random(500).tolist()
    halves = [sign * k / 2**power for sign in (1, -1) for power in range(1, 8) for k in range(1, 250, 2)]
    halves += [5 * 10**k + part for k in range(6) for part in (0, 0.5, 0.25)] + [0.125, 0.00995, 0.0099499, 0.001, 1e-9]
    return [*spread, *shares, *halves, 0.0, -0.0, 1.0, -1.0, 0.995, 0.9949999, 99.5, 9.995]


def test_four_thousand_numbers_are_shown_alike(words: Any) -> None:
    given = numbers()
    assert len(given) > 3_900
    shown = words.evaluate(
        """({numbers, units}) => numbers.map(x => [
            words.significant(x), words.significant(x, 3), words.significant(x, 4), words.pounds(x), words.end(x),
            ...units.flatMap(unit => [words.amount(x, unit), words.change(x, unit), words.size(x, unit, 3),
            words.changeSaid(x, unit), words.rangeOf(x / 3, x, unit), words.rangeSaid(-x / 2, x, unit)])])""",
        {"numbers": given, "units": [unit.value for unit in UNITS]},
    )
    for x, line in zip(given, shown, strict=True):
        expected = [formatting.format_number(x, figures) for figures in (2, 3, 4)]
        expected += [formatting.format_pounds(x), formatting.format_end(x)]
        for unit in UNITS:
            expected += [
                formatting.format_level(x, unit),
                formatting.format_difference(x, unit),
                formatting.format_absolute(x, unit, 3),
                formatting.describe_difference(x, unit),
                formatting.format_difference_range(x / 3, x, unit),
                formatting.describe_difference_range(-x / 2, x, unit),
            ]
        assert line == expected, x


def test_a_boards_money_is_shown_alike(words: Any) -> None:
    given = numbers()
    words.add_script_tag(content=(PAGE / "why.js").read_text(encoding="utf-8"))
    shown = words.evaluate(
        "({numbers, told}) => { const why = RingfenceWhy({ words: told }, words); return numbers.map(why.millions); }",
        {"numbers": given, "told": page_words()},
    )
    assert shown == [format_board_money(x) for x in given]


def test_counts_lists_and_figures_are_shown_alike(words: Any) -> None:
    pairs = [(part, whole) for whole in (1, 2, 8, 99, 100, 101, 200, 400, 1_000) for part in range(0, whole + 1, 7)]
    shown = words.evaluate("pairs => pairs.map(([a, b]) => words.outOf(a, b))", pairs)
    assert shown == [formatting.format_count(*pair) for pair in pairs]
    for names in ([], ["a"], ["a", "b"], ["a", "b", "c"]):
        assert words.evaluate("names => words.listed(names)", names) == formatting.join_words(names)
    triples = np.random.default_rng(5).integers(0, 500, (400, 3)).tolist()
    shown = words.evaluate("all => all.map(([a, b, c]) => words.countedBothWays(a, b, c, a + b + c))", triples)
    assert shown == [[*formatting.count_both_ways(a, b, c, a + b + c)] for a, b, c in triples]
    levels = np.random.default_rng(3).random((500, 2, 2)) * 100
    levels[:100] = np.round(levels[:100] / 8) / 4  # halves, quarters, and amounts of less than a pound
    shown = words.evaluate(
        """all => all.map(pairs => [words.decimalsOf(...pairs.flat()),
        ...pairs.map(pair => words.pairDecimals(...pair)),
        words.listDecimals(pairs.flat()), ...pairs.flatMap(([a, b]) => [0, 1, 2].flatMap(d =>
        [words.money(a - b, d), words.moneyBetween(a, b, d), words.changes(b - a, a)]).concat([
        words.gap(a / 100, b / 100), words.signedGap(a / 100, b / 100),
        ...[[a - b, a], [-a, a - b]].map(ends => words.gapRange(...ends.map(x => x / 100)))]))])""",
        levels.tolist(),
    )
    for pairs, line in zip(levels.tolist(), shown, strict=True):
        pairs = [(a, b) for a, b in pairs]
        expected: list[Any] = [formatting.choose_decimals(*(x for pair in pairs for x in pair))]
        expected += [formatting.choose_decimals(a, b, a - b) for a, b in pairs]
        expected.append(formatting.choose_list_decimals(x for pair in pairs for x in pair))
        for a, b in pairs:
            for d in (0, 1, 2):
                expected += [formatting.format_amount(a - b, d), formatting.format_amount_between(a, b, d)]
                expected.append(list(formatting.format_changes(b - a, a)))
            expected += [formatting.format_gap(a / 100, b / 100), formatting.format_signed_gap(a / 100, b / 100)]
            expected += [formatting.format_gap_range(*(x / 100 for x in ends)) for ends in ((a - b, a), (-a, a - b))]
        assert line == expected, pairs


def pairs_of_outcomes() -> list[dict[str, Any]]:
    """Results to compare: clear, open, slight, equal, too few, undefined in places, of shared parameter sets."""
    rng = np.random.default_rng(11)
    made = []
    for case in range(240):
        name = list(OUTCOMES)[case % len(OUTCOMES)]
        n = int(rng.choice([1, 2, 9, 99, 100, 137, 400, 1_000]))
        scale = 1.0 if OUTCOMES[name].unit is Unit.SHARE else 40.0
        old = rng.random(n) * scale
        shift = float(rng.choice([0.0, 1e-14, 0.0005, 0.004, 0.05, 0.3, -0.02, -0.2])) * scale
        noise = float(rng.choice([0.0, 0.01, 0.3])) * scale
        new = old + shift + noise * rng.standard_normal(n)
        if n > 20 and case % 5 == 0:
            new[::7] = old[::7]
        sets = rng.integers(0, max(1, n // 3), n).tolist() if case % 3 == 0 else None
        missing = [i for i in range(n) if n > 20 and case % 11 == 0 and i % 13 == 0]
        made.append(
            {"name": name, "new": new.tolist(), "old": old.tolist(), "sets": sets, "missing": missing, "case": case}
        )
    return made


def compared(case: dict[str, Any]) -> Comparison:
    """The same by Python."""
    new, old = np.array(case["new"]), np.array(case["old"])
    new[case["missing"]] = np.nan
    at = case["case"]
    return compare_paired(
        new,
        old,
        about=OUTCOMES[case["name"]],
        names=(TITLES[at % 4], TITLES[(at + 1) % 4]),
        years=YEARS[at % 2],
        badge="",
        alike=at % 17 == 0,
        sets=None if case["sets"] is None else np.array(case["sets"]),
    )


COMPARE = """(cases => {
    window.made = cases.map(({case: at, name, new: news, old: olds, sets, missing, about}) => {
        for (const i of missing) news[i] = NaN
        return words.compare(Float64Array.from(news), Float64Array.from(olds), {about, sets, alike: at % 17 === 0,
            names: [TITLES[at % 4], TITLES[(at + 1) % 4]], years: YEARS[at % 2]})
    })
    return made.map(c => ({numbers: [c.n, c.newMean, c.oldMean, c.difference, ...c.likely, ...c.wide, c.better, c.same,
        c.worse, Number.isNaN(c.error) ? -1 : c.error], verdict: c.verdict, settled: c.settled,
        sentence: words.sentence(c), sure: words.sureOf(c), card: words.cardLine(c), frequency: words.frequency(c)}))
})"""


def test_comparisons_have_the_same_bits_verdicts_and_sentences(words: Any) -> None:
    cases = pairs_of_outcomes()
    about = {
        name: {"name": name, "label": o.label, "unit": o.change_unit.value, "better": o.better}
        for name, o in OUTCOMES.items()
    }
    script = COMPARE.replace("TITLES", json.dumps(TITLES)).replace("YEARS", json.dumps(YEARS))
    shown = words.evaluate(script, [case | {"about": about[case["name"]]} for case in cases])
    verdicts = set()
    for case, page in zip(cases, shown, strict=True):
        c = compared(case)
        error = -1 if c.standard_error != c.standard_error else c.standard_error
        numbers = [c.n, c.new_mean, c.old_mean, c.difference, *c.likely, *c.wide, c.better, c.same, c.worse, error]
        assert page["numbers"] == numbers
        assert (page["verdict"], page["settled"]) == (c.verdict, c.settled)
        assert page["sentence"] == c.sentence
        assert page["sure"] == sentences.describe_comparison(c)
        assert page["card"] == sentences.write_card_line(c)
        assert page["frequency"] == c.frequency_words
        verdicts.add(c.verdict)
    assert len(verdicts) > 8


@pytest.mark.parametrize("first", range(0, 240, 8))
def test_the_answers_over_several_scenarios_are_the_same_sentences(words: Any, first: int) -> None:
    cases = pairs_of_outcomes()[first : first + 3]
    retained = {"name": "retained", "label": OUTCOMES["retained"].label, "unit": Unit.SHARE.value, "better": 1}
    few = min(len(case["new"]) for case in cases)
    for case in cases:
        case.update(name="retained", new=case["new"][:few], old=cases[0]["old"][:few], sets=None, missing=[])
    script = COMPARE.replace("TITLES", json.dumps(TITLES)).replace("YEARS", json.dumps(YEARS))
    words.evaluate(script, [case | {"about": retained} for case in cases])
    comparisons = [compared(case) for case in cases]
    shown = words.evaluate("[words.headline(made), words.howSure(made), words.tally(made), ...made.map(words.gapOf)]")
    assert shown == [
        sentences.write_headline(comparisons),
        sentences.describe_certainty(comparisons),
        sentences.count_verdicts(comparisons),
        *(sentences.describe_gap(c) for c in comparisons),
    ]


def test_titles_of_pictures_are_the_same_sentences(words: Any) -> None:
    for finals in ([], [("A", 0.5)], [("A", 0.5), ("B", 0.504)], [("A", 0.2), ("B", 0.9)]):
        shown = words.evaluate("finals => words.pathsTitle(0.42, finals, '2029/30')", finals)
        assert shown == sentences.write_paths_title(0.42, finals, "2029/30")
    assert words.evaluate("words.cascadeTitle(0.66, 0.4, 0.009)") == sentences.write_cascade_title(0.66, 0.4, 0.009)


FUND = "the health inequalities money of England's integrated care boards"


def test_a_sentence_that_stands_alone_says_the_same_in_both_languages(words: Any) -> None:
    level, pair = "In this model, {} about £72 ({}).", "“Ours” keeps more than today's rules in 83 of 100 futures."
    for years in (("2027/28", "2029/30"), ("2028/29", "2028/29")):
        span = sentences.format_span(years)
        whole = level.format("today's rules give", span)
        for sentence in (whole, level.format("“Ours” gives", "no years"), pair, "Today's rules keep more."):
            said = sentences.write_standalone(sentence, years)
            assert words.evaluate("both => words.standAlone(...both)", [sentence, span]) == said
            assert (
                said.startswith(f"In this model of {FUND}, ") and said.count("In this model") == said.count(span) == 1
            )
            drawn = sentences.write_of_model(sentence, years)
            assert words.evaluate("both => words.ofModel(...both)", [sentence, span]) == drawn
            assert drawn.startswith("In this model, ") and drawn.count(span) == 1
        assert sentences.write_of_model(whole, years) == whole
        assert sentences.write_standalone("Today's rules keep more.", years).endswith(": today's rules keep more.")


@pytest.mark.parametrize(
    ("text", "first", "not_first"),
    [
        ("recurrent", ("multi-year-permission", "long-term-framework"), "yearly-money"),
        ("report", ("conditions",), ""),
        ("spent", ("ringfence", "carry-forward"), "central-staff"),
        ("report 15", ("ringfence", "ringfence-audited", "ringfence-label"), ""),
    ],
)
def test_a_word_finds_first_the_policies_that_people_mean_by_it(
    words: Any, text: str, first: tuple[str, ...], not_first: str
) -> None:
    words.add_script_tag(path=str(PAGE / "search.js"))
    found = words.evaluate(
        """([presets, text]) => RingfenceSearch.over(Object.entries(presets).map(([name, one]) => {
          const [meant, ...more] = (one.words || "").split(";");
          return { name, title: one.title, meant, more: `${more.join(" ")} ${one.question}`, numbers: one.of45 };
        }))(text).map(one => one.name)""",
        [describe_form()["presets"], text],
    )
    assert found[0] in first and 0 < len(found) < len(describe_form()["presets"]) / 2, found
    assert not not_first or not_first not in found[:2]
