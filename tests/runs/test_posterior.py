"""The shipped draws: whole, in bounds, up to date with the facts, and every row of them what its address gives."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from for_each import for_each
from scipy.special import ndtr
from scipy.stats import binomtest

from simulator.boards.table import load_boards
from simulator.calibration.export import hash_facts
from simulator.calibration.fit import DRAWS, FULL, SEED
from simulator.calibration.likelihood import COUNTS, Likelihood, list_factors
from simulator.common.arrays import Floats
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Defensible
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.stats.importance_sampling import Proposal
from simulator.replays.targets import list_fitted, read_targets
from simulator.runs.futures import draw_futures
from simulator.runs.manifest import find_version
from simulator.runs.parameter_sets import UNCERTAIN, posterior_columns, posterior_points
from simulator.runs.posterior import (
    BIAS,
    BLOCK,
    NAMES,
    ROW,
    PosteriorError,
    count_distinct_sets,
    describe_fit_badge,
    find_data_folder,
    read_draws,
    read_fit_document,
    read_more,
    shipped_draws,
)
from simulator.runs.run import run_many
from simulator.scenarios.headline import HEADLINE

pytestmark = pytest.mark.calibration

CHUNK = 5_000  # another than the fit's own, which must not matter
FACTORS = {f.name: f for f in list_factors()}
IDENTIFIED = {one["name"]: one for one in read_fit_document()["identified"]}


@cache
def stages() -> tuple[tuple[int, int, Proposal], ...]:
    """First row, row after the last, and proposal of every stage."""
    fit_document = read_fit_document()
    ends = np.cumsum(fit_document["sizes"]).tolist()
    proposals = [
        Proposal(
            tuple(p["names"]),
            np.array(p["mean"]),
            np.array(p["covariance"]).reshape([len(p["names"])] * 2),
            p["prior_share"],
        )
        for p in fit_document["stages"]
    ]
    return tuple(zip([0, *ends[:-1]], ends, proposals, strict=True))


def derived(rows: list[int]) -> dict[str, Floats]:
    """The parameters of rows of the design, from nothing but the seed, their numbers and their stages' proposals."""
    found: dict[int, list[float]] = {}
    for first, end, proposal in stages():
        for at in range(first, end, CHUNK):
            z = proposal.draw(tuple(FACTORS.values()), min(CHUNK, end - at), read_fit_document()["seed"], at)
            found |= {row: [z[name][row - at] for name in FACTORS] for row in rows if at <= row < min(at + CHUNK, end)}
    table = np.clip(ndtr(np.array([found[row] for row in rows])), 1e-15, 1 - 1e-15)
    return {f.name: f.quantile(table[:, k]) for k, f in enumerate(FACTORS.values())}


# The table.


def test_there_are_eight_thousand_draws_of_every_uncertain_parameter_and_of_the_volunteers_bias() -> None:
    assert list(shipped_draws()) == [ROW, *UNCERTAIN, BIAS]
    assert {len(column) for column in shipped_draws().values()} == {8_000} == {DRAWS} == {read_fit_document()["draws"]}


def test_the_first_thousand_draws_are_those_of_the_second_fit() -> None:
    """Results of up to a thousand futures rest on them, so that they keep their bits."""
    text = (find_data_folder() / NAMES[0]).read_bytes()
    assert hashlib.sha256(text).hexdigest().startswith("309829300af7061b")
    assert text.count(b"\n") == BLOCK + 1
    for name, column in read_draws(find_data_folder() / NAMES[0]).items():
        np.testing.assert_array_equal(shipped_draws()[name][:BLOCK], column)


def test_the_file_of_the_other_draws_is_small_and_holds_plain_numbers() -> None:
    path = find_data_folder() / NAMES[2]
    table = np.load(path, allow_pickle=False)
    assert path.stat().st_size < 4_000_000
    assert {table.dtype[name].str for name in table.dtype.names or ()} == {"<i4", "<f4"}


@pytest.mark.parametrize("spoilt", [b"", b"nothing", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_of_draws_is_told_by_its_name(spoilt: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAMES[2]
    path.write_bytes(spoilt)
    with pytest.raises(PosteriorError, match=r"posterior_more\.npy is not a file of draws; install the package again"):
        read_more(path)


@pytest.mark.parametrize("blocks", [1, 2, 4, 8])
def test_so_many_blocks_together_hold_each_point_as_often_as_its_weight_asks_but_for_one(blocks: int) -> None:
    """As one systematic resample does: two blocks drawn apart would be off by two."""
    rows = shipped_draws()[ROW][: blocks * BLOCK]
    heavy, counts = np.unique(rows, return_counts=True)
    every, whole = np.unique(shipped_draws()[ROW], return_counts=True)
    share = dict(zip(every, whole / DRAWS, strict=True))
    for row, count in zip(heavy, counts, strict=True):
        assert abs(count - share[row] * blocks * BLOCK) < 1 + blocks / 8 + 1e-9


def test_enough_sets_ship_to_know_every_headline_difference_to_a_fifth_of_a_point() -> None:
    """One standard error, with sets that were drawn twice counted as they weigh."""
    counts = np.unique(shipped_draws()[ROW], return_counts=True)[1]
    sets = DRAWS**2 / float((counts**2).sum())
    names = (*HEADLINE, "ringfence-audited")
    base, *others = run_many(("baseline", *names), 400)
    span = others[0].span()
    for outcome in ("retained", "additional"):
        for name, result in zip(names, others, strict=True):
            spread = (result.outcome(outcome, span) - base.outcome(outcome, span)).std(ddof=1)
            assert spread / np.sqrt(sets) < 0.002, (name, outcome)


def test_distinct_sets_are_counted() -> None:
    assert count_distinct_sets() == read_fit_document()["distinct"] == len(set(shipped_draws()[ROW]))


@for_each(FACTORS)
def test_draws_lie_within_the_bounds_and_spread(name: str) -> None:
    values = shipped_draws()[name]
    assert np.isfinite(values).all()
    assert values.min() >= FACTORS[name].low and values.max() <= FACTORS[name].high
    assert len(np.unique(values)) > 0.9 * read_fit_document()["distinct"]


def test_every_row_is_a_point_of_the_design_and_hardly_any_is_drawn_twice() -> None:
    rows = shipped_draws()[ROW]
    assert (rows == np.round(rows)).all() and rows.min() >= 0 and rows.max() < read_fit_document()["quality"]["points"]
    assert len(set(rows)) == read_fit_document()["distinct"] >= 6_500
    assert len(set(rows[:BLOCK])) >= 950


def test_every_row_holds_the_parameters_that_its_number_in_the_design_gives() -> None:
    for name, values in derived(shipped_draws()[ROW].astype(int).tolist()).items():
        np.testing.assert_allclose(shipped_draws()[name][:BLOCK], values[:BLOCK], rtol=1e-8, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(shipped_draws()[name][BLOCK:], values[BLOCK:], rtol=2e-7, atol=1e-12, err_msg=name)


def test_files_end_their_lines_alike_on_every_system() -> None:
    for name in NAMES[:2]:
        raw = (find_data_folder() / name).read_bytes()
        assert b"\r" not in raw and raw.endswith(b"\n")


# The manifest.


def test_the_fit_is_not_stale() -> None:
    """It rests on today's targets and worlds, today's uncertain parameters and their priors."""
    fit_document = read_fit_document()
    assert fit_document["facts"] == hash_facts()
    assert fit_document["targets"] == [t.id for t in list_fitted()]
    assert list(IDENTIFIED) == list(FACTORS)
    assert fit_document["uncertain"] == len(UNCERTAIN)
    grid = (np.arange(20_000) + 0.5) / 20_000
    for name, f in FACTORS.items():
        prior = f.quantile(grid)
        assert IDENTIFIED[name]["prior_mean"] == pytest.approx(prior.mean(), rel=1e-5, abs=1e-9), name
        assert IDENTIFIED[name]["prior_sd"] == pytest.approx(prior.std(), rel=1e-5), name


def test_the_fit_was_made_as_the_command_makes_it() -> None:
    fit_document = read_fit_document()
    assert (fit_document["seed"], fit_document["sizes"], fit_document["held"]) == (SEED, list(FULL), {})
    assert fit_document["quality"]["points"] == sum(FULL)
    assert fit_document["version"] == find_version()
    assert stages()[0][2].names == () and stages()[0][2].prior_share == 1.0


def test_the_weights_can_be_trusted() -> None:
    quality = read_fit_document()["quality"]
    assert quality["effective"] >= 2_000
    assert quality["pareto_k"] < 0.7
    assert quality["largest"] <= 0.02


@for_each(FACTORS)
def test_draws_have_the_mean_and_spread_that_the_weights_give(name: str) -> None:
    """Within four standard errors of a thousand draws, for every block; and of the whole, as if it were no better."""
    said, values = IDENTIFIED[name], shipped_draws()[name]
    blocks = values.reshape(-1, BLOCK)
    assert (abs(blocks.mean(axis=1) - said["mean"]) < 4 * said["sd"] / np.sqrt(BLOCK)).all()
    assert abs(values.mean() - said["mean"]) < 4 * said["sd"] / np.sqrt(DRAWS)
    kurtosis = float(((values - values.mean()) ** 4).mean() / values.var() ** 2)
    assert abs(values.std() / said["sd"] - 1) < 4 * np.sqrt((kurtosis - 1) / DRAWS) / 2
    assert (values < said["low"]).mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / DRAWS))
    assert (values < said["high"]).mean() == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / DRAWS))


def test_what_is_pinned_is_said_by_its_own_numbers_and_counted() -> None:
    for name, entry in IDENTIFIED.items():
        assert entry["ratio"] == pytest.approx(entry["sd"] / entry["prior_sd"], rel=1e-4), name
        assert entry["shift"] == pytest.approx((entry["mean"] - entry["prior_mean"]) / entry["prior_sd"], abs=1e-3)
        assert entry["pinned"] is (entry["ratio"] < 0.9 or abs(entry["shift"]) > 0.25), name
        assert 0 < entry["error"] < 0.05, name
    assert read_fit_document()["not_pinned"] == sum(not IDENTIFIED[name]["pinned"] for name in UNCERTAIN)


def test_the_badge_says_how_much_is_not_pinned_down() -> None:
    fit_document = read_fit_document()
    text = (
        "fitted to 10 published findings, of which 3 moved the answer; "
        f"{fit_document['not_pinned']} of {len(UNCERTAIN)} uncertain numbers are not pinned"
    )
    assert describe_fit_badge().startswith(text)
    assert fit_document["not_pinned"] > 0.8 * len(UNCERTAIN)


def test_directions_are_along_what_is_pinned_from_most_to_least_informed() -> None:
    directions = read_fit_document()["directions"]
    pinned = [name for name, entry in IDENTIFIED.items() if entry["pinned"]]
    assert [list(direction["along"]) for direction in directions] == [pinned] * len(pinned)
    variances = [direction["variance"] for direction in directions]
    assert variances == sorted(variances) and 0 < variances[0] < 0.3
    vectors = np.array([list(direction["along"].values()) for direction in directions])
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(pinned)), atol=1e-4)


def test_draws_run_again_with_the_luck_of_their_rows_give_the_predictions_of_the_manifest() -> None:
    predictions = Likelihood(SEED)(shipped_draws(), shipped_draws()[ROW].astype(np.int64))
    predictions_by_name = {prediction["name"]: prediction for prediction in read_fit_document()["predictions"]}
    assert set(predictions_by_name) == {*COUNTS, *(t.id for t in list_fitted() if t.id != "interviews")}
    for name, one in predictions_by_name.items():
        assert abs(predictions[name].mean() - one["mean"]) < 4 * predictions[name].std() / np.sqrt(DRAWS), name
        inside = ((predictions[name] >= one["low"]) & (predictions[name] <= one["high"])).mean()
        assert inside > 0.86, name


def test_every_fitted_finding_is_predicted_within_one_standard_deviation_of_its_likelihood() -> None:
    means_by_name = {prediction["name"]: prediction["mean"] for prediction in read_fit_document()["predictions"]}
    missed = []
    for name, mean in means_by_name.items():
        if name in read_targets():
            low, high = read_targets()[name].band or (0.0, 0.0)
            missed += [] if low <= mean <= high else [name]
    assert missed == []


# As futures.


def first_draw(seed: int) -> int:
    """The draw that the first future of a seed has."""
    return int(shipped_draws()["plan_base"].tolist().index(posterior_columns(1, seed)["plan_base"][0]))


def test_futures_are_the_draws_in_order_and_begin_again_with_new_luck() -> None:
    drawn, begin = draw_futures(DRAWS + 3, seed=8), first_draw(8)
    assert drawn.source == "posterior" and drawn.badge == describe_fit_badge()
    for name in UNCERTAIN:
        column = drawn.points[PARAMETERS[name].group][name]
        blocks = np.roll(shipped_draws()[name].reshape(-1, BLOCK), -begin, axis=1)
        np.testing.assert_array_equal(column[:DRAWS], blocks.ravel(), err_msg=name)
        np.testing.assert_array_equal(column[DRAWS:], blocks[0, :3])
    assert drawn.runs.tolist() == list(range(DRAWS + 3))


def test_futures_know_which_of_them_share_their_parameters_whoever_else_is_asked_for() -> None:
    drawn = draw_futures(DRAWS + 500, seed=8)
    assert len(set(drawn.sets.tolist())) == count_distinct_sets()
    np.testing.assert_array_equal(drawn.sets[DRAWS:], drawn.sets[:500])
    np.testing.assert_array_equal(draw_futures(300, seed=8, first=4_100).sets, drawn.sets[4_100:4_400])
    assert len(set(draw_futures(DRAWS, seed=8, source="prior").sets.tolist())) == DRAWS
    assert len(set(draw_futures(50, source="default").sets.tolist())) == 1


def test_up_to_a_thousand_futures_all_seeds_share_the_first_block_and_later_ones_bring_other_sets() -> None:
    first = [set(draw_futures(BLOCK, seed=seed).sets.tolist()) for seed in (1, 2)]
    assert first[0] == first[1]
    later = set(draw_futures(BLOCK, seed=1, first=BLOCK).sets.tolist())
    assert len(later & first[0]) < 0.1 * BLOCK


def test_another_seed_begins_with_another_draw() -> None:
    starts = [first_draw(seed) for seed in range(60)]
    assert len(set(starts)) > 50
    assert min(starts) < BLOCK / 10 and 0.9 * BLOCK < max(starts) < BLOCK


def test_the_bias_of_a_future_is_that_of_its_own_draw() -> None:
    columns = posterior_columns(5, 8, first=BLOCK - 2)
    assert list(columns) == [*UNCERTAIN, BIAS]
    for name, values in columns.items():
        at = (first_draw(8) + np.arange(BLOCK - 2, BLOCK + 3)) % BLOCK + [0, 0, BLOCK, BLOCK, BLOCK]
        np.testing.assert_array_equal(values, shipped_draws()[name][at])


def test_what_is_held_is_held_and_what_is_not_uncertain_keeps_its_default() -> None:
    points = posterior_points(5, 8, {"plan_base": 0.25}, first=998)
    assert (points[PARAMETERS["plan_base"].group]["plan_base"] == 0.25).all()
    split = points[PARAMETERS["split_width"].group]["split_width"]
    np.testing.assert_array_equal(split, posterior_columns(5, 8, 998)["split_width"])
    for name, d in PARAMETERS.items():
        if name not in UNCERTAIN:
            assert (points[d.group][name] == d.default).all(), name


def _range_of(name: str) -> Defensible:
    said = PARAMETERS[name].about.defensible
    assert said is not None
    return said


def test_caps_bind_in_as_many_draws_as_their_reasons_say() -> None:
    core20, tilt = load_boards().areas["core20"], shipped_draws()["core20_tilt"]
    binds = (np.outer(tilt, core20) > PARAMETERS["core20_most"].default).any(axis=1)
    assert "in about a quarter" in _range_of("core20_most").because
    assert 0.2 < binds.mean() < 0.3
    most_staff = shipped_draws()["staff_share"].max() * LEVERS["central_staff"].about.high
    assert "never binds" in _range_of("staff_most").because
    assert most_staff < PARAMETERS["staff_most"].default


def test_ranges_of_uses_are_the_intervals_that_they_name() -> None:
    for name in ("interventions", "devolved", "capability", "pilots", "staff"):
        said, count = _range_of(f"use_{name}"), round(20 * PARAMETERS[f"use_{name}"].default)
        interval = binomtest(count, 20).proportion_ci(method="wilson")
        assert f"(Wilson) of {count} out of the 20 boards" in said.because
        assert (said.low, said.high) == pytest.approx((interval.low, interval.high), abs=0.006), name
