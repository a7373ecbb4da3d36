"""A public name of version 0.1 that has changed still works, and says what it is called now."""

from __future__ import annotations

import warnings

import pytest

import simulator as rf
from simulator.sweeps import executors


def test_the_old_name_gives_the_same_and_warns() -> None:
    with pytest.warns(DeprecationWarning, match=r"rf\.load_world is now called rf\.load_replay"):
        old = rf.load_world
    assert old is rf.load_replay


def test_the_maker_of_executors_still_has_its_old_name() -> None:
    with pytest.warns(DeprecationWarning, match="place is now called make_executor"):
        old = executors.place
    assert old is executors.make_executor
    with pytest.raises(AttributeError, match="has no attribute 'places'"):
        _ = executors.places


def test_new_names_do_not_warn_and_old_ones_are_not_offered() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rf.load_replay("choosing_health").name == "choosing_health"
    assert "load_world" not in dir(rf)
    with pytest.raises(AttributeError, match="no attribute 'load_worlds'"):
        _ = rf.load_worlds
