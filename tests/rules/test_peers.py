"""Peers: looking at others' results, then shifting custom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_inputs import ROUNDING, shares, with_one_moved, within

from simulator.declarations.levers import LocalLevers
from simulator.declarations.parameters import Peers
from simulator.rules.peers import TIE, custom_next, is_among_best, top_rank

pytestmark = pytest.mark.rules

customs = st.floats(-5, 5, allow_subnormal=False)


@pytest.mark.parametrize(("boards", "rank"), [(42, 31), (1, 0), (4, 3), (120, 90), (12, 9)])
def test_the_best_quarter_begins_at_three_quarters_of_the_ranks(boards: int, rank: int) -> None:
    assert top_rank(boards) == rank


@pytest.mark.parametrize(
    ("own", "line", "among"),
    [
        (0.8, 0.8, True),
        (0.9, 0.8, True),
        (0.7, 0.8, False),
        (0.1 + 0.2, 0.3, True),
        (0.3, 0.1 + 0.2, True),
        (0.8 - 0.9 * TIE, 0.8, True),
        (0.8 - 1.1 * TIE, 0.8, False),
    ],
)
def test_boards_that_tie_for_the_best_quarter_count_whatever_their_last_digit(
    own: float, line: float, among: bool
) -> None:
    assert is_among_best(own, line) is among


@pytest.mark.parametrize(
    ("own", "learning", "after"),
    [(0.4, 0.3, 0.1405), (0.4, 1.0, 0.235), (0.85, 1.0, 0.1), (0.9, 1.0, 0.1), (0.4, 0.0, 0.1)],
)
def test_custom_shifts_towards_peers_who_kept_more(own: float, learning: float, after: float) -> None:
    neighbour, best = 0.8, 0.9
    lv = LocalLevers(peers=learning)
    assert custom_next(0.1, own, neighbour, best, lv, Peers()) == pytest.approx(after)


def test_the_weight_on_neighbours_decides_whom_a_board_compares_itself_with() -> None:
    lv = LocalLevers(peers=1.0)
    assert custom_next(0.0, 0.2, 0.6, 1.0, lv, Peers(peer_pull=1.0, peer_region=1.0)) == pytest.approx(0.4)
    assert custom_next(0.0, 0.2, 0.6, 1.0, lv, Peers(peer_pull=1.0, peer_region=0.0)) == pytest.approx(0.8)


@given(customs, shares, shares, shares, within(LocalLevers), within(Peers))
def test_looking_at_peers_never_weakens_custom_and_is_limited_by_the_difference(
    custom: float, own: float, neighbour: float, best: float, lv: LocalLevers, p: Peers
) -> None:
    shift = custom_next(custom, own, neighbour, best, lv, p) - custom
    most = p.peer_pull * max(0.0, max(neighbour, best) - own)
    assert 0.0 <= shift <= most + ROUNDING


@given(customs, shares, shares, shares, with_one_moved(LocalLevers, "peers"), within(Peers))
def test_more_learning_from_peers_never_shifts_less(
    custom: float, own: float, neighbour: float, best: float, lvs: tuple[LocalLevers, LocalLevers], p: Peers
) -> None:
    less, more = (custom_next(custom, own, neighbour, best, lv, p) for lv in lvs)
    assert less <= more
