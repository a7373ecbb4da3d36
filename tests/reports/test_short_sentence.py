"""A sentence that is posted fits, stands alone, and says of its card nothing else."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from stated_numbers import POSTS_BEGIN

from simulator.reports.answer_cards import AnswerCard, write_answer_cards
from simulator.reports.short_sentence import LONGEST
from simulator.runs.futures import draw_futures
from simulator.runs.results import Results
from simulator.runs.run import find_common_span, run_many
from simulator.scenarios.scenario import load_scenario

NAMES = ("baseline", "ringfence", "leadership", "trusts-stream", "ringfence-audited", "carry-forward", "full-package")
LONG = "Changed from a policy with quite a long title of somebody’s own, which says all that it does and more: "


@pytest.fixture(scope="module")
def runs() -> dict[str, Results]:
    return dict(zip(NAMES, run_many([load_scenario(name) for name in NAMES], futures=draw_futures(120)), strict=True))


def rename(run: Results, title: str) -> Results:
    return replace(run, manifest=replace(run.manifest, title=title))


def make_cards(runs: dict[str, Results], long: bool) -> list[AnswerCard]:
    """The cards of every pair of policies, on what is kept and on new money."""
    cards = []
    for new, old in itertools.permutations(NAMES, 2):
        pair = [run for run in (runs[new], runs[old]) if run is not runs["baseline"]]
        named = [rename(run, f"{at} {LONG}{run.manifest.title}") if long else run for at, run in enumerate(pair)]
        chosen = [runs["baseline"], *named]
        cards += write_answer_cards(chosen, "retained", find_common_span(chosen))
    return cards


@pytest.mark.parametrize("long", [False, True])
def test_every_sentence_to_post_fits_with_a_link_and_stands_alone(runs: dict[str, Results], long: bool) -> None:
    cards = make_cards(runs, long)
    assert len(cards) > 100 and all(card.short for card in cards)
    for card in cards:
        assert len(card.short) <= LONGEST and LONGEST + len("\n") + 23 <= 280
        assert card.short.startswith(POSTS_BEGIN) and "2029/30: " in card.short
        assert long or "…”" not in card.short
        assert card.short.endswith((" No forecast.", " mostly judgement.", " unmeasured.", " unsure.", " assumed."))


def test_it_gives_the_numbers_and_the_assumptions_of_its_card(runs: dict[str, Results]) -> None:
    seen = set()
    for card in make_cards(runs, long=False):
        said = card.short.partition("2029/30: ")[2]
        whole = card.sentence + card.caveat
        assert all(
            amount in whole for amount in re.findall(r"£[\d.]+(?: more| less)?|[\d.]+p", said.replace("£100", ""))
        )
        assert ("as the model assumes" in card.sentence) == (", as assumed" in said)
        for full, brief in (
            ("leadership programme", "Leadership’s effect"),
            ("trusts protect", "trusts protect"),
            ("an audit", "an audit"),
            (" measures ", "Much is unmeasured"),
        ):
            if brief in said.rpartition(". ")[2]:
                many = brief == "Much is unmeasured" and re.search(r"trusts protect|an audit", card.caveat)
                assert full in card.caveat or many
                seen.add(brief)
        assert not said.endswith("No forecast.") or "No source measures" not in card.caveat
    assert seen == {"Leadership’s effect", "trusts protect", "an audit", "Much is unmeasured"}


def test_too_few_futures_give_no_sentence_to_post() -> None:
    few = run_many([load_scenario("baseline"), load_scenario("ringfence")], futures=draw_futures(20))
    assert [bool(card.short) for card in write_answer_cards(few, "retained", find_common_span(few))] == [
        True,
        False,
        False,
    ]
