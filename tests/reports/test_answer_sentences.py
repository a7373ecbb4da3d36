"""The sentences of the answer say who is ahead, also where average and counts disagree."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import answer_cards
from simulator.reports.answer_cards import choose_pair, describe_pair, write_answer_cards
from simulator.reports.content import OutcomeStudy
from simulator.reports.page import make_study, render_page
from simulator.reports.provenance import describe_fund
from simulator.reports.sentences import describe_averaging, name_best, name_lowest
from simulator.reports.workbook import _write_headline
from simulator.runs.futures import draw_futures
from simulator.runs.run import compare_results
from simulator.scenarios.scenario import load_scenario
from simulator.studies.scenario_runs import find_years_all_act


@pytest.mark.parametrize(("better", "mixed"), [(650, False), (350, True)])
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_policy_that_is_ahead_on_average_in_fewer_futures_is_called_mixed(
    better: int, mixed: bool, both: bool, sign: int
) -> None:
    ahead, behind = (better, 1000 - better) if sign > 0 else (1000 - better, better)
    gap = 0.05 * sign
    c = Comparison(
        "Fence", "Leaders", OUTCOMES["retained"], ("2027/28", "2029/30"), 1000, 0.8 + gap, 0.8, gap,
        (-0.1, 0.2), (-0.2, 0.3), 0.001, ahead, 0, behind, "fitted",
    )  # fmt: skip
    words, template = describe_pair(c, "retained", both, 230.0)
    sentence = get_template(template).format_map(words)
    assert sentence.startswith("It is mixed: ") == mixed
    assert ("yet by more where" in sentence) == mixed
    assert f"in {better // 10} of 100 futures, less in {100 - better // 10}" in sentence


@pytest.mark.parametrize(
    ("policies", "pair"),
    [("", (0, 0)), ("a", (0, 0)), ("ab", (1, 0)), ("abc", (1, 2)), ("abb", (1, 0)), ("abbc", (1, 3)), ("abca", (1, 2))],
)
def test_the_two_that_are_compared_are_two_policies(policies: str, pair: tuple[int, int]) -> None:
    assert choose_pair(policies) == pair


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["baseline", "ringfence", "leadership", "my-own"], (3, 1)),
        (["baseline", "ringfence", "my-own", "my-other"], (2, 3)),
        (["baseline", "ringfence", "ringfence+leadership", "both"], (1, 2)),
        (["baseline", "my-own", "my-other", "my-third"], (1, 2)),
    ],
)
def test_a_policy_that_somebody_wrote_is_compared_before_those_of_the_library(
    names: list[str], pair: tuple[int, int]
) -> None:
    assert choose_pair("abcd", names) == pair


@pytest.mark.parametrize("error", [0.00001, 0.0001])
@pytest.mark.parametrize(("gap", "nearly"), [(0.0009, True), (-0.0009, True), (0.0011, False)])
def test_of_two_averages_less_than_10p_apart_neither_is_said_to_give_more(
    gap: float, nearly: bool, error: float
) -> None:
    c = Comparison(
        "Fence", "Leaders", OUTCOMES["retained"], ("2027/28", "2029/30"), 1000, 0.8 + gap, 0.8, gap,
        (-0.1, 0.2), (-0.2, 0.3), error, 600, 0, 400, "fitted",
    )  # fmt: skip
    words, template = describe_pair(c, "retained", True, 230.0)
    sentence = get_template(template).format_map(words)
    assert sentence.endswith("and less than 10p apart.") == nearly
    assert ("more" in sentence) != nearly


@pytest.mark.parametrize(
    ("counts", "rest"),
    [
        ((995, 3, 2), ", less or the same in 1"),
        ((990, 10, 0), ", less in 1"),
        ((985, 10, 5), ", less in 1, the same in 1"),
    ],
)
def test_counts_of_a_sentence_never_add_up_to_more_than_all(counts: tuple[int, int, int], rest: str) -> None:
    better, worse, same = counts
    c = Comparison(
        "Fence", "Leaders", OUTCOMES["retained"], ("2027/28", "2029/30"), 1000, 0.9, 0.8, 0.1,
        (-0.1, 0.2), (-0.2, 0.3), 0.001, better, same, worse, "fitted",
    )  # fmt: skip
    words, _ = describe_pair(c, "retained", True, 230.0)
    assert words["rest"] == rest


LATE = "starts in 2028/29 only: years before that count in the average too."


def test_a_late_start_is_not_read_as_weakness_anywhere_that_the_answer_stands() -> None:
    policies = [load_scenario("ringfence-audited").starting("2028/29"), load_scenario("leadership")]
    study = make_study(policies, draw_futures(100))
    cards = write_answer_cards(study.runs, "retained", study.span)
    acting = write_answer_cards(study.runs, "retained", study.baseline.span("2028/29-2029/30"))
    for card, told in zip(cards[1:], acting[1:], strict=True):
        ranges = re.search(r"In 8 of 10 .* by \S+\. ", told.caveat)
        assert ranges is not None
        assert card.caveat.startswith(f"Once all policies act (2028/29 to 2029/30): {told.sentence} {ranges[0]}")
        assert LATE in card.caveat and "Over 2027/28 to 2029/30: in 8 of 10 futures it is £" in card.caveat
        sizes = [one.text for one in told.quoted if one.statistic == "mean" and one.against >= 0]
        said = f"{sizes[0]} more under “" if sizes else "which does more on average is not settled."
        assert card.brief.startswith(f"Once all policies act (2028/29 to 2029/30): {said}")
    assert not any("Once all policies act" in card.caveat for card in acting)
    assert LATE in render_page(study, dt.date(2026, 11, 30))
    assert LATE in _write_headline(OutcomeStudy(study.scenarios, study.runs, {}, study.boards))


def test_the_years_in_which_all_policies_act_are_whole_years_of_each() -> None:
    early = load_scenario("leadership")
    for start, years in (("2028/29", "2028/29-2029/30"), ("2028/29 Q2", "2029/30"), ("2027/28", "")):
        assert find_years_all_act([early, load_scenario("ringfence-audited").starting(start)]) == years


def make_gain(title: str, level: float, error: float = 0.001) -> Comparison:
    gap = level - 0.7
    return Comparison(
        title, "Today's rules", OUTCOMES["retained"], ("2027/28", "2029/30"), 1000, level, 0.7, gap,
        (gap - 0.1, gap + 0.1), (gap - 0.2, gap + 0.2), error, 900, 0, 100, "fitted",
    )  # fmt: skip


def test_of_policies_with_the_same_amount_as_shown_none_is_said_to_give_the_most_alone() -> None:
    alone = name_best([make_gain("One", 0.9), make_gain("Two", 0.85)])
    assert alone == (0, "Of the 2 policies compared here, “One” gives the most: £90.0 of each £100.")
    alike = name_best([make_gain("One", 0.9001), make_gain("Two", 0.9), make_gain("Three", 0.8)])
    assert alike is not None and alike[0] == 0
    assert "“One” and “Two” give the most, and about as much as each other: £90.0 of each £100" in alike[1]
    late = name_best([make_gain("One", 0.9001), make_gain("Two", 0.9)], "2029/30")
    assert late is not None and "give the most in 2029/30 alone, and about as much as each other" in late[1]
    assert name_best([make_gain("One", 0.9), make_gain("Two", 0.95, error=0.5)]) is None


LEADS = [
    (
        ("both", "ringfence"),
        r"That is £[\d.]+ more than the next, “Ring-fence as in 2022/23, not waived”, as the model",
    ),
    (
        ("ringfence-audited", "leadership"),
        r"than the next, “Stronger leadership”: it keeps more in 99 of 100 futures, less in 1\.",
    ),
]


@pytest.mark.parametrize(("policies", "said"), LEADS)
def test_what_gives_the_most_says_by_how_much_and_how_often_against_the_next(
    policies: tuple[str, str], said: str
) -> None:
    study = make_study([load_scenario(name) for name in policies], draw_futures(1000))
    main = [compare_results(run, study.baseline, "retained", study.span) for run in study.runs[1:]]
    best = answer_cards.name_best(study.runs, main, study.span, "retained")
    assert best is not None and re.search(said, best[1]), best
    direct = compare_results(study.runs[1], study.runs[2], "retained", study.span)
    if not direct.sign_assumed:
        assert direct.gap_words.removesuffix(" more") in best[1]
        assert f" in {direct.better_of_100} of 100 futures" in best[1]


@pytest.mark.parametrize(("years", "said"), [("2029/30", " in 2029/30 it is £"), ("", "its average over 2027/28 to")])
def test_a_single_year_is_not_averaged_over(years: str, said: str) -> None:
    study = make_study([load_scenario("ringfence")], draw_futures(100))
    one = OutcomeStudy(study.scenarios, study.runs, {}, study.boards, wanted=years)
    (today, *_) = write_answer_cards(one.runs, "retained", one.span)
    assert said in today.caveat and "average over 2029/30" not in today.caveat
    assert describe_averaging(one.years) == (
        "Averages are over futures, in 2029/30." if years else "Averages are over 2027/28 to 2029/30."
    )
    assert ("m a year in 2029/30" in describe_fund(one)) == bool(years)


@pytest.mark.parametrize(
    ("course", "says"),
    [((0.838, 0.64, 0.735), " (lowest in 2023/24: £64.0)"), ((0.8, 0.7, 0.6), ""), ((0.7, 0.695, 0.8), "")],
)
def test_a_course_that_dips_between_its_ends_says_where_it_is_lowest(course: tuple[float, ...], says: str) -> None:
    assert name_lowest(course, ("2022/23", "2023/24", "2024/25")) == says
