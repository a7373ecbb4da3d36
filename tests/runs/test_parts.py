"""Any number of futures in memory that does not grow."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.runs.run import run, run_in_parts

pytestmark = pytest.mark.results


@pytest.mark.parametrize("part", [1, 7, 20, 100])
def test_parts_put_together_are_the_whole(part: int) -> None:
    whole = run("leadership", 20)
    parts = [results.nation for results in run_in_parts("leadership", 20, part=part)]
    assert np.concatenate(parts).tobytes() == whole.nation.tobytes()
    assert len(parts) == -(-20 // part)


def test_a_part_without_futures_is_refused() -> None:
    with pytest.raises(ValueError, match=r"part=0.*: it takes a whole number of 1 or more"):
        next(run_in_parts("baseline", 10, part=0))
