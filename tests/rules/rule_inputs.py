"""What the tests of the rules feed them: luck, shares, pounds, and any declared group within its bounds."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, get_type_hints

from hypothesis import strategies as st

from simulator.declarations.parameters import PARAMETERS

T = TypeVar("T")

TWO_SIDED = {"pull_chief", "pull_ringfence", "pull_pressure", "offset_label"}
"""Numbers whose bounds let them do the opposite of what is expected."""

ROUNDING = 1e-9

luck = st.floats(2.0**-54, 1.0 - 2.0**-53)
two_lucks = st.tuples(luck, luck).map(sorted)
shares = st.floats(0.0, 1.0, allow_subnormal=False)
pounds = st.floats(0.0, 60.0, allow_subnormal=False)
gaps = st.floats(-12.0, 12.0, allow_subnormal=False)
pulls = st.floats(-30.0, 30.0, allow_subnormal=False)


@cache
def within(group: type[T]) -> st.SearchStrategy[T]:
    """A declared group with each number anywhere within its declared bounds, both ends included.

    Numbers that may also do the opposite of what is expected are taken on their expected side: only there do rules
    promise a direction.
    """
    return st.builds(group, **{name: _values(group, name) for name in group.__annotations__})


@cache
def _read_hints(group: type[Any]) -> dict[str, Any]:
    return get_type_hints(group, include_extras=True)


def _values(group: type[T], name: str) -> st.SearchStrategy[float]:
    hint = _read_hints(group)[name]
    return st.floats(0.0, PARAMETERS[name].about.high) if name in TWO_SIDED else st.from_type(hint)


@cache  # a test asks for each in every example, and to make one takes longer than to draw from it
def with_one_moved(group: type[T], name: str) -> st.SearchStrategy[tuple[T, T]]:
    """Two members of a group that differ in one number, the smaller value first."""
    number = _read_hints(group)[name]
    values = st.tuples(st.from_type(number), st.from_type(number)).map(sorted)
    return st.builds(
        lambda whole, pair: (whole._replace(**{name: pair[0]}), whole._replace(**{name: pair[1]})),
        within(group),
        values,
    )
