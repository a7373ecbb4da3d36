"""Old names work for one release, and say the new one."""

from __future__ import annotations

import pytest

import simulator as rf

pytestmark = pytest.mark.interface


@pytest.mark.parametrize(("old", "new"), [("told", "decisions"), ("parting", "divergence")])
def test_an_explanation_still_answers_to_its_old_names_with_a_warning(old: str, new: str) -> None:
    explanation = rf.why("ringfence", run=3, board="QWO", year="2027/28", against="baseline")
    with pytest.warns(DeprecationWarning, match=new):
        assert getattr(explanation, old) is getattr(explanation, new)
