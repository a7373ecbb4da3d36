"""Options are read alike whether or not pydantic is asked: texts as they are, numbers by the common grammar."""

from __future__ import annotations

import pytest
from cli_runs import FEW, bad, document

pytestmark = pytest.mark.interface


def test_texts_numbers_and_words_of_a_choice_arrive_as_they_were_given() -> None:
    manifest = document("run", "leadership", "-n", "1e1", "--seed", "7", "--source", "prior")["manifest"]
    assert (manifest["scenario"], manifest["futures"], manifest["seed"]) == ("leadership", 10, 7)
    assert manifest["source"] == "prior"


def test_several_texts_arrive_in_their_order() -> None:
    answer = document("compare", "leadership", "ringfence+committee", *FEW)
    assert [each["scenario"] for each in answer["comparisons"]] == ["leadership", "ringfence+committee"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-n", "many"), "Invalid value for '-n' / '--futures'"),
        (("--seed", "-1"), "Invalid value for '--seed'"),
        (("--source", "nowhere"), "Invalid value for '--source'"),
        (("--years", ""), "an empty text"),
        (("--years",), "requires an argument"),
    ],
)
def test_what_an_option_cannot_be_is_refused_with_its_name(words: tuple[str, ...], message: str) -> None:
    assert message in " ".join(bad("run", "baseline", *FEW, *words, code=2).split())
