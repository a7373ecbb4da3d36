"""The sentences of the answer say who is ahead, also where average and counts disagree."""

from __future__ import annotations

import pytest

from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports.answer_cards import _describe_pair


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
    words, template = _describe_pair(c, "retained", both, 230.0)
    sentence = get_template(template).format_map(words)
    assert sentence.startswith("It is mixed: ") == mixed
    assert ("yet by more where" in sentence) == mixed
    assert f"in {better // 10} of 100 futures, less in {100 - better // 10}" in sentence
