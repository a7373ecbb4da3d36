"""The arguments of a notebook's questions: each is checked by its name, and refused with what to write instead."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

import simulator as rf
from simulator.common.arguments import CHECKS, LOOKED_UP, ArgumentError, check_argument, checked
from tests.support.for_each import for_each

pytestmark = pytest.mark.interface

QUESTIONS = (
    *("run", "run_many", "run_in_parts", "compare", "why", "calibrate", "scoreboard"),
    *("compare_believers", "state_beliefs", "equivalence", "break_even", "attribution", "variance_split", "robustness"),
    *(
        "evppi",
        "packages",
        "sobol",
        "morris",
        "pawn",
        "main_effects",
        "discover",
        "evidence",
        "evsi",
        "replay",
        "sweep",
    ),
    *("verify", "load"),
)

REFUSED: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("n", "draws", "replicates", "walks", "blocks", "points", "most", "part", "chunk", "workers"),
                    ("50", 0, -1, 2.5, True, math.nan, math.inf, [], None, np.True_)),
    **dict.fromkeys(("threshold", "below", "above"), ("0.6", True, math.nan, math.inf, [])),
    **dict.fromkeys(("to", "levers", "costs", "hold", "leadership", "held"),
                    ("audit", ["audit"], {"audit": "1"}, {"audit": math.nan}, {"audit": True}, {1: 1}, 5)),
    **dict.fromkeys(("over", "ask"), ("pull_chief", [], [5], 5, {"pull_chief": 1})),
    "use": ("turnover", [5], 5, {"turnover": 1}),
    **dict.fromkeys(("years", "start", "year", "quarter", "board", "lever", "by", "on"), (2027, "", " ", [], True)),
    **dict.fromkeys(("because", "who"), (5, None, [])),
    **dict.fromkeys(("detail", "resume"), ("yes", 1, None)),
    **dict.fromkeys(("out", "path"), (5, None, [])),
    **dict.fromkeys(("first", "second", "beliefs", "progress"), (5, "mine.yaml", [])),
    "steps": (1, "5", True),
    "structures": (-1, 2.5, "5"),
    "first_plan": (-1, 4, "0"),
    "run": (-1, "0", 2**32, True),
    "seed": (-1, "7", 2**64, 1.5, True),
    "sizes": ((), (200, "x"), 200, "200", (0,)),
    "budget": (-1, "5", math.nan, True),
    "between": ((0.5,), ("0", "1"), (0.2, 0.2), (0.1, 0.2, 0.3), (math.nan, 1), 5, "ab", {0: 1, 1: 2}),
    "names": ("AB", ("A",), ("A", 5)),
    "source": ("priors", 5, "", None),
    "answers": (5, {"plain": 5}, {"plain": "abc"}, {"plain": (1, "2", 3)}, {"plain": (1, math.nan, 3)}),
    "designs": (5, [], [5], {}),
}  # fmt: skip


@for_each(QUESTIONS)
def test_every_argument_of_a_question_is_checked_or_looked_up(name: str) -> None:
    arguments = set(inspect.signature(getattr(rf, name)).parameters)
    assert arguments <= set(CHECKS) | LOOKED_UP
    with pytest.raises(ArgumentError, match=rf"rf\.{name} has no argument 'colour'"):
        getattr(rf, name)(colour="red")


def test_no_check_is_without_a_question_that_has_the_argument() -> None:
    asked = {argument for name in QUESTIONS for argument in inspect.signature(getattr(rf, name)).parameters}
    assert set(CHECKS) | LOOKED_UP == asked


@for_each(tuple(CHECKS))
def test_what_cannot_stand_for_an_argument_is_refused_by_its_name(name: str) -> None:
    for value in REFUSED[name]:
        with pytest.raises(ArgumentError, match=rf"^rf\.ask\({name}="):
            check_argument("ask", name, value)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("n", 1e3, 1_000),
        ("n", np.int64(7), 7),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("threshold", 1, 1.0),
        ("budget", math.inf, math.inf),
        ("between", [0, 1], (0.0, 1.0)),
        ("to", {"audit": np.float32(0.5)}, {"audit": 0.5}),
        ("over", ("pull_chief",), ["pull_chief"]),
    ],
)
def test_numbers_of_every_library_are_read(name: str, given: object, read: object) -> None:
    value = check_argument("ask", name, given)
    assert value == read and type(value) is type(read)


def test_a_question_takes_no_other_arguments_than_its_signature_names() -> None:
    @checked
    def ask(n: int, *, seed: int = 1, beliefs: Any = None, source: str = "prior") -> tuple[int, int]:
        return n, seed

    assert ask(2) == (2, 1) and ask(n=1e1, seed=3) == (10, 3)  # type: ignore[arg-type]
    for call, words in (
        (lambda: ask(), "missing a required argument: 'n'; it takes n, seed"),  # type: ignore[call-arg]
        (lambda: ask(1, 2, 3), "too many positional arguments"),  # type: ignore[call-arg, misc]
        (lambda: ask(1, sead=2), "no argument 'sead'; did you mean 'seed'"),  # type: ignore[call-arg]
        (lambda: ask("50"), "write 50, without quotes"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ArgumentError, match=words):
            call()
    believed = rf.state_beliefs({"plain": (10, 20, 35)})
    with pytest.raises(ArgumentError, match="beliefs stand in place of the posterior, and parameters come"):
        ask(1, beliefs=believed)
    assert ask(1, beliefs=believed, source="posterior") == (1, 1)
