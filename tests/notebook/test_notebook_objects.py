"""What a notebook shows: short representations, declarations that stay as they are, a clean namespace."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import numpy as np
import pytest

import simulator as rf
from simulator.runs.posterior import BIAS, ROW, shipped_draws

pytestmark = pytest.mark.interface

SHORT = 600


@pytest.fixture(scope="module")
def results() -> Any:
    return rf.run("ringfence", 30, detail=True)


def test_what_a_notebook_prints_is_a_few_lines_however_much_it_holds(results: Any) -> None:
    shown = (
        rf.draw_futures(500),
        results,
        rf.load_scenario("both"),
        rf.load_boards(),
        rf.load_replay("choosing_health"),
        rf.ModelFunction(),
        rf.why("ringfence", run=0, board="QWE"),
    )
    for thing in shown:
        text = repr(thing)
        assert text.startswith(f"{type(thing).__name__}(")
        assert len(text) < SHORT, text


def test_a_short_representation_says_how_much_there_is_and_keeps_what_is_short() -> None:
    drawn = repr(rf.draw_futures(500, seed=7, settings={"habit": 1.5}))
    assert "points=<array 500>" in drawn
    assert "seed=7, source='posterior', settings=(('habit', 1.5),)" in drawn
    assert "changes=<" in repr(rf.load_scenario("both"))


@pytest.mark.parametrize("name", ["LEVERS", "OUTCOMES", "PARAMETERS"])
def test_declarations_cannot_be_changed_by_accident(name: str) -> None:
    declared: Any = getattr(rf, name)
    first = next(iter(declared))
    with pytest.raises((TypeError, AttributeError)):
        declared.pop(first)
    with pytest.raises(TypeError):
        declared[first] = None
    assert first in declared


def test_the_namespace_offers_the_public_names_a_version_and_plugins_but_no_other_module() -> None:
    import simulator.runs.futures  # noqa: F401 (so that it is loaded, and would be offered)

    offered = {name for name in dir(rf) if not name.startswith("__")}
    assert offered == {*rf.__all__, "plugins"}
    assert rf.__version__ == metadata.version("ringfence")
    assert "__version__" in dir(rf)


def test_the_draws_of_a_fit_are_futures_as_they_are() -> None:
    draws = {name: column[:20] for name, column in shipped_draws().items()}
    assert {BIAS, ROW} <= set(draws)
    given_futures = rf.given_futures(draws, seed=3)
    table = given_futures.to_frame()
    assert len(given_futures) == 20
    for name in set(draws) - {BIAS, ROW}:
        np.testing.assert_array_equal(table[name], draws[name])
    with pytest.raises(ValueError, match="volunteer_biass"):
        rf.given_futures({**draws, "volunteer_biass": draws[BIAS]})


@pytest.mark.parametrize("name", ["PARAMETERS", "LEVERS", "OUTCOMES"])
def test_a_name_that_a_table_lacks_is_refused_with_where_it_stands_or_what_is_near(name: str) -> None:
    table: Any = getattr(rf, name)
    near = next(iter(table))[:-1] + "x"
    for unknown in (near, "nope", 3, *{"audit", "retained", "pull_chief"} - set(table)):
        assert unknown not in table and table.get(unknown) is None
        with pytest.raises(KeyError, match="is not a"):
            table[unknown]
    with pytest.raises(KeyError, match=r"did you mean"):
        table[near]
