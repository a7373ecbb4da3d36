"""What no source measures is said of every lever of which that is true, on both sides of a comparison."""

from __future__ import annotations

import pytest

from simulator.calibration.evidence_status import CARRIERS, JUDGEMENT, list_badges
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.answer_cards import write_answer_cards
from simulator.reports.unmeasured import BY_RULE, list_assumed_numbers, list_unmeasured, say_unmeasured
from simulator.runs.futures import draw_futures
from simulator.runs.results import Results
from simulator.runs.run import find_common_span, run_many
from simulator.scenarios.scenario import load_scenario

NAMES = ("baseline", "ringfence", "leadership", "both", "ringfence-audited", "conditions", "full-package")


@pytest.fixture(scope="module")
def runs() -> dict[str, Results]:
    return dict(zip(NAMES, run_many([load_scenario(name) for name in NAMES], futures=draw_futures(40)), strict=True))


def test_every_lever_that_an_assumed_number_carries_has_it_and_no_other() -> None:
    badges, assumed = list_badges(), list_assumed_numbers()
    for lever in LEVERS:
        carried = {name for name in CARRIERS[lever] if PARAMETERS[name].about.strength is Strength.A}
        rests = {name for name in carried if badges[name] == JUDGEMENT}
        assert lever in BY_RULE or set(assumed[lever]) == rests
    assert assumed["ringfence"] == ("enforcement_start",) and assumed["upheaval"] == ()


def test_a_ring_fence_and_leadership_share_the_sentence_on_what_nobody_measured(runs: dict[str, Results]) -> None:
    chosen = [runs[name] for name in ("baseline", "ringfence", "leadership")]
    for card in write_answer_cards(chosen, "retained", find_common_span(chosen))[1:]:
        said = "how firmly the ring-fence of 2022/23 was enforced or what a leadership programme achieves."
        assert f"No source measures {said}" in card.caveat


def test_what_both_policies_share_or_what_does_not_act_is_left_out(runs: dict[str, Results]) -> None:
    def found(new: str, old: str, outcome: str = "retained") -> list[str]:
        return list_unmeasured(runs[new], runs[old], outcome)

    assert found("both", "ringfence") == ["leadership"] and found("both", "leadership") == ["enforcement_start"]
    assert found("ringfence-audited", "baseline") == ["audit"]
    assert found("conditions", "baseline") == [] and found("conditions", "baseline", "additional") != []
    assert found("baseline", "baseline") == [] and say_unmeasured([]) == ""


def test_of_many_the_first_are_named_and_the_rest_counted(runs: dict[str, Results]) -> None:
    kinds = list_unmeasured(runs["full-package"], runs["baseline"], "retained")
    said = say_unmeasured(kinds)
    listed = [kind for kind in kinds if kind not in ("trusts", "audit")]
    assert len(listed) > 4 and f"or {len(listed) - 3} other numbers that this rests on." in said
