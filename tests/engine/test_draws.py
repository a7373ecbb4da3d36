"""The number that belongs to a cell: published answers, a second implementation, uniformity, independence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2, kstest

from simulator.declarations.draw_ids import EVENTS, Event
from simulator.engine.compilation import kernel
from simulator.engine.philox import BELOW_ONE, check_address, philox, to_unit, uniform, uniforms
from simulator.engine.random_table import draw_random_table

pytestmark = pytest.mark.luck

SEED = 20240323
WORD = 0xFFFFFFFF
Words = tuple[int, ...]

PUBLISHED = [
    # counter, key, answer: kat_vectors of the Random123 library, "philox4x32 10"
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD,) * 4, (WORD,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]

CELLS = [
    # area, quarter, event; words; number
    ((0, 0, 0), (0xB6753B77, 0xDFDE2253, 0xDC8DE6A6, 0x0306DAB8), 0.712726323861504),
    ((14, 1, 14), (0xB6D84B37, 0xFB1EFE8B, 0xFE1F0BE6, 0x998E87EF), 0.714237883545024),
    ((14, 6, 15), (0x8F61DFF1, 0xFD6C8EA9, 0xC556B153, 0x4C73A60D), 0.560087203904522),
    ((41, 31, 17), (0xA46511A0, 0x295C8DF4, 0xD7EA3F14, 0x0ABDCFBF), 0.642167189430956),
]

NUMBERS = {
    "CHIEF_START": 0,
    "FINANCE_START": 1,
    "COMMITTEE_START": 2,
    "AWARE_START": 3,
    "SEATED_START": 4,
    "RELATIONS_START": 5,
    "CUSTOM_START": 6,
    "FINANCES": 7,
    "CHIEF_LEAVES": 8,
    "CHIEF_COVER": 9,
    "CHIEF_NEXT": 10,
    "FINANCE_LEAVES": 11,
    "FINANCE_COVER": 12,
    "FINANCE_NEXT": 13,
    "PLAN": 14,
    "RAID": 15,
    "RAID_SIZE": 16,
    "OFFSET": 17,
    "EVALUATE": 18,
    "GOOD_RESULT": 19,
    "PILOT_FATE": 20,
    "COMMIT_SPEED": 21,
    "LEAD_GAINS": 22,
    "CUT_SIZE": 23,
    "LEAD_LOST": 24,
    "COMMITTEE_GROWS": 25,
    "USE_INTERVENTIONS": 26,
    "USE_DEVOLVED": 27,
    "USE_CAPABILITY": 28,
    "USE_PILOTS": 29,
    "USE_STAFF": 30,
}

seeds = st.integers(0, 2**64 - 1)
runs = st.integers(0, 2**32 - 1)


def plain_philox(counter: Words, key: Words) -> Words:
    """Philox4x32-10 in Python's own integers, written from the paper and not from the code under test."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c[2], 2**32)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return tuple(c)


def plain_uniform(seed: int, run: int, area: int, quarter: int, event: int) -> float:
    words = plain_philox((run, area, quarter, event), (seed % 2**32, seed // 2**32))
    bits = (words[0] >> 5) * 2**26 + (words[1] >> 6)
    return min((2 * bits + 1) / 2**54, 1.0 - 2.0**-53)


@kernel
def compiled_row(low: int, high: int, run: int, areas: int, quarter: int, event: int) -> NDArray[np.float64]:
    """The numbers of all areas for one quarter and event, as kernels draw them together."""
    return uniforms((np.uint64(low), np.uint64(high), np.uint64(run)), areas, quarter, event)


@kernel
def compiled_sheet(low: int, high: int, run: int, out: NDArray[np.float64]) -> None:
    """Fill `out` (quarters, areas, events) cell by cell, as kernels draw."""
    key = (np.uint64(low), np.uint64(high), np.uint64(run))
    for quarter in range(out.shape[0]):
        for area in range(out.shape[1]):
            for event in range(out.shape[2]):
                out[quarter, area, event] = uniform(key, area, quarter, event)


@pytest.mark.parametrize(("counter", "key", "answer"), PUBLISHED)
def test_the_generator_gives_the_published_answers(counter: Words, key: Words, answer: Words) -> None:
    assert tuple(int(w) for w in philox(*map(np.uint64, counter), *map(np.uint64, key))) == answer
    assert plain_philox(counter, key) == answer


@pytest.mark.parametrize(("cell", "words", "u"), CELLS)
def test_the_cells_of_the_worked_example_hold_its_numbers(cell: Words, words: Words, u: float) -> None:
    area, quarter, event = cell
    assert plain_philox((0, *cell), (SEED, 0)) == words
    key = (np.uint64(SEED), np.uint64(0), np.uint64(0))
    assert uniform(key, area, quarter, event) == pytest.approx(u, abs=6e-16)
    assert draw_random_table(SEED, 0, 42, 32, EVENTS)[quarter, area, event] == pytest.approx(u, abs=6e-16)


@given(seeds, runs)
def test_a_sheet_agrees_with_a_second_implementation_bit_for_bit(seed: int, run: int) -> None:
    random_table = draw_random_table(seed, run, 3, 2, 4)
    assert random_table.shape == (2, 3, 4)
    for quarter, area, event in np.ndindex(*random_table.shape):
        assert random_table[quarter, area, event] == plain_uniform(seed, run, area, quarter, event)


@pytest.mark.parametrize(("seed", "run"), [(SEED, 0), (0, 0), (2**64 - 1, 2**32 - 1), (2**32, 1), (2**63 + 5, 2**31)])
def test_one_at_a_time_all_areas_at_once_and_whole_arrays_give_the_same_bits(seed: int, run: int) -> None:
    values = np.zeros((32, 42, EVENTS))
    compiled_sheet(seed & WORD, seed >> 32, run, values)
    np.testing.assert_array_equal(values, draw_random_table(seed, run, 42, 32, EVENTS), strict=True)
    cells = (np.asarray(part, np.uint64) for part in np.ogrid[0:32, 0:42, 0:EVENTS])
    quarter, area, event = np.broadcast_arrays(*cells)
    w0, w1, _, _ = philox(np.full_like(area, run), area, quarter, event, np.uint64(seed & WORD), np.uint64(seed >> 32))
    np.testing.assert_array_equal(np.minimum(to_unit(w0, w1), BELOW_ONE), values, strict=True)


@pytest.mark.parametrize(("quarter", "event"), [(0, Event.CHIEF_START), (17, Event.RAID), (31, Event.OFFSET)])
def test_numbers_drawn_for_all_areas_together_are_those_drawn_one_by_one(quarter: int, event: Event) -> None:
    row = draw_random_table(SEED, 9, 42, 32, EVENTS)[quarter, :, event]
    np.testing.assert_array_equal(compiled_row(SEED, 0, 9, 42, quarter, event), row, strict=True)
    key = (np.uint64(SEED), np.uint64(0), np.uint64(9))
    np.testing.assert_array_equal(uniforms(key, 42, quarter, event), row, strict=True)


def test_both_halves_of_the_seed_count() -> None:
    first = draw_random_table(7, 0, 4, 4, 4)
    assert not np.any(first == draw_random_table(7 + 2**32, 0, 4, 4, 4))
    assert not np.any(first == draw_random_table(8, 0, 4, 4, 4))


def test_a_larger_sheet_holds_the_smaller_one() -> None:
    np.testing.assert_array_equal(
        draw_random_table(SEED, 3, 42, 32, EVENTS)[:4, :12, :9], draw_random_table(SEED, 3, 12, 4, 9)
    )


def test_draws_are_uniform() -> None:
    draws = draw_random_table(SEED, 1, 100, 32, EVENTS).ravel()[:99_200]
    assert kstest(draws, "uniform").pvalue > 1e-4
    counts, _ = np.histogram(draws, 1000, (0.0, 1.0))
    expected = len(draws) / 1000
    assert chi2.sf(float(((counts - expected) ** 2 / expected).sum()), 999) > 1e-4


def test_the_draws_of_one_event_over_many_runs_are_uniform() -> None:
    draws = [draw_random_table(SEED, run, 42, 2, 15)[1, :, Event.PLAN] for run in range(500)]
    assert kstest(np.concatenate(draws), "uniform").pvalue > 1e-4


@pytest.mark.parametrize("step", ["area", "quarter", "event", "run", "seed"])
def test_neighbouring_cells_are_not_correlated(step: str) -> None:
    random_table = draw_random_table(SEED, 5, 100, 32, EVENTS)
    pairs = {
        "quarter": (random_table[1:], random_table[:-1]),
        "area": (random_table[:, 1:], random_table[:, :-1]),
        "event": (random_table[:, :, 1:], random_table[:, :, :-1]),
        "run": (random_table, draw_random_table(SEED, 6, 100, 32, EVENTS)),
        "seed": (random_table, draw_random_table(SEED + 1, 5, 100, 32, EVENTS)),
    }
    here, beside = (np.ravel(part) for part in pairs[step])
    assert abs(np.corrcoef(here, beside)[0, 1]) < 4.0 / math.sqrt(len(here))
    together, _, _ = np.histogram2d(here, beside, 10, [[0, 1], [0, 1]])
    expected = len(here) / 100
    assert chi2.sf(float(((together - expected) ** 2 / expected).sum()), 99) > 1e-4


def test_no_two_cells_of_many_runs_share_a_number() -> None:
    draws = np.concatenate([draw_random_table(SEED, run, 42, 32, EVENTS).ravel() for run in range(5)])
    assert len(np.unique(draws)) == len(draws)


def test_event_numbers_are_frozen() -> None:
    known = {event.name: int(event) for event in Event}
    assert {name: known.get(name) for name in NUMBERS} == NUMBERS, "an event's number is never changed or used again"
    assert sorted(set(known) - set(NUMBERS)) == [], "freeze the new event: append it to NUMBERS in this file"
    assert list(known.values()) == list(range(EVENTS))


@pytest.mark.parametrize(("w0", "w1"), [(0, 0), (0, WORD), (WORD, 0), (WORD, WORD), (31, 63)])
def test_no_number_is_nought_or_one_even_from_extreme_words(w0: int, w1: int) -> None:
    u = min(float(to_unit(np.uint64(w0), np.uint64(w1))), BELOW_ONE)
    assert 0.0 < u < 1.0
    assert math.isfinite(math.log(u / (1.0 - u)))


def test_the_largest_words_would_round_to_one_and_the_smallest_do_not_round_to_nought() -> None:
    assert to_unit(np.uint64(WORD), np.uint64(WORD)) == 1.0
    assert math.nextafter(1.0, 0.0) == BELOW_ONE
    assert to_unit(np.uint64(0), np.uint64(0)) == 2.0**-54


def test_a_number_that_would_round_to_one_is_kept_below(monkeypatch: pytest.MonkeyPatch) -> None:
    def largest(*words: object) -> tuple[object, ...]:
        shape = np.shape(words[1])
        return (np.full(shape, WORD, np.uint64)[()],) * 4

    monkeypatch.setattr("simulator.engine.philox.philox", largest)
    key = (np.uint64(0), np.uint64(0), np.uint64(0))
    assert uniform(key, 0, 0, 0) == BELOW_ONE


@pytest.mark.parametrize(
    ("seed", "run", "words"),
    [(-1, 0, "seed -1 is outside"), (2**64, 0, "seed"), (0, -1, "run -1 is outside"), (0, 2**32, "run 4294967296")],
)
def test_seeds_and_runs_that_do_not_fit_are_refused(seed: int, run: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_address(seed, run)
    with pytest.raises(ValueError, match=words):
        draw_random_table(seed, run, 1, 1, 1)


@given(seeds, runs)
def test_every_seed_and_run_that_fits_is_accepted(seed: int, run: int) -> None:
    check_address(seed, run)
    assert 0.0 < draw_random_table(seed, run, 1, 1, 1)[0, 0, 0] < 1.0
