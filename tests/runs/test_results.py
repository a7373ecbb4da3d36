"""Results: what a run hands back, saved and read again, the same however it is computed, and its pounds checked."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from markupsafe import escape

from simulator.agents.board import Board
from simulator.agents.explain import explain
from simulator.agents.model import HealthSystem
from simulator.boards.table import make_equal_bodies, read_boards
from simulator.declarations.calendar import parse_years
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.output_variables import AREA_VARIABLES, NATIONAL_VARIABLES
from simulator.engine import compilation, ensemble
from simulator.engine import kernel_money as kernel
from simulator.engine.ensemble import PoundsError, simulate
from simulator.engine.records import BOARD_DTYPE, ROOM_DTYPE, column
from simulator.reports.policy_comparison import compare
from simulator.runs.futures import SEED, draw_futures
from simulator.runs.parameter_sets import make_points
from simulator.runs.results import Results, ResultsError, find_outcome, load_results
from simulator.runs.run import compare_results, run, run_many
from simulator.scenarios.scenario import load_scenario

pytestmark = pytest.mark.results

FEW = make_equal_bodies(6)


@pytest.fixture(scope="module")
def baseline() -> Results:
    return run("baseline", 40, detail=True)


@pytest.fixture(scope="module")
def brief() -> Results:
    return run("leadership", 12, boards=FEW)


@pytest.fixture(scope="module")
def brief_file(brief: Results, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of its file: writing one takes a second or two."""
    return brief.save(tmp_path_factory.mktemp("saved") / "brief.nc").read_bytes()


def without_checksum(content: bytes) -> bytes:
    """A file as any other program writes it."""
    return content[: content.rindex(b"ringfence checksum")]


# What results hold


def test_results_have_a_row_a_future_and_a_column_a_year(baseline: Results) -> None:
    assert len(baseline) == 40
    assert baseline.nation.shape == (40, 8)
    assert baseline.areas is not None
    assert baseline.areas.shape == (40, 8, 42)
    assert baseline.years == ("2022/23", "2023/24", "2024/25", "2025/26", "2026/27", "2027/28", "2028/29", "2029/30")


def test_the_nation_is_the_sum_or_mean_of_its_areas(baseline: Results) -> None:
    assert baseline.areas is not None
    for name in ("funding", "pot", "released", "raided_q3", "spent", "front", "additional", "chief_left"):
        np.testing.assert_allclose(baseline.nation[name], baseline.areas[name].sum(axis=2), rtol=1e-12)
    retained = baseline.areas["retained"]
    np.testing.assert_allclose(baseline.nation["retained_mean"], retained.mean(axis=2), rtol=1e-12)
    np.testing.assert_allclose(
        baseline.nation["retained_low"], np.quantile(retained, 0.1, axis=2), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(baseline.nation["retained_high"], np.quantile(retained, 0.9, axis=2), rtol=1e-9)
    np.testing.assert_array_equal(baseline.nation["kept_in_full"], (retained >= 0.95).sum(axis=2))
    np.testing.assert_array_equal(baseline.nation["kept_none"], (retained <= 0.05).sum(axis=2))
    third, weight = read_boards().areas["third"], read_boards().areas["weight"]
    np.testing.assert_allclose(
        baseline.nation["retained_deprived"], retained[:, :, third == 2].mean(axis=2), rtol=1e-12
    )
    np.testing.assert_allclose(
        baseline.nation["retained_affluent"], retained[:, :, third == 0].mean(axis=2), rtol=1e-12
    )
    for short, gap in (("", "net"), ("s_before", "gap")):
        deficit = np.maximum(baseline.areas[gap], 0.0)
        total = baseline.nation["deficit" if gap == "net" else "deficit_before"]
        np.testing.assert_allclose(total, (deficit * weight).sum(axis=2) / weight.sum(), rtol=1e-12)
        np.testing.assert_array_equal(baseline.nation[f"deficit{short or 's'}"], (deficit > 0).sum(axis=2))


def test_pilot_counts_of_the_nation_are_those_of_its_areas(baseline: Results) -> None:
    assert baseline.areas is not None
    fate, verdict = baseline.areas["pilot_fate"], baseline.areas["pilot_verdict"]
    for code, name in ((1, "pilots_ended"), (2, "pilots_renewed"), (3, "pilots_mainstreamed")):
        np.testing.assert_array_equal(baseline.nation[name], (fate == code).sum(axis=2))
    known = (fate > 0) & (verdict > 0)
    np.testing.assert_array_equal(baseline.nation["decided_evaluated"], known.sum(axis=2))
    np.testing.assert_array_equal(baseline.nation["kept_evaluated"], (known & (fate > 1)).sum(axis=2))
    assert known.any()


@pytest.mark.parametrize("name", list(OUTCOMES))
def test_an_outcome_of_results_is_its_formula_over_the_years_asked_for(name: str, baseline: Results) -> None:
    part = baseline.outcome(name, "2024/25-2026/27")
    assert part.shape == (40,)
    np.testing.assert_array_equal(part, OUTCOMES[name].of(baseline.nation[:, 2:5]))
    np.testing.assert_array_equal(baseline.outcome(name, "2024/25"), baseline.each_year(name)[:, 2])
    np.testing.assert_array_equal(baseline.outcome(name), baseline.outcome(name, "2027/28-2029/30"))


def test_results_answer_for_the_same_years_whatever_their_scenario_so_that_means_can_be_subtracted() -> None:
    drawn = draw_futures(20)
    new, old, late = (
        run(policy, futures=drawn)
        for policy in ("ringfence", "baseline", load_scenario("leadership").starting("2028/29 Q3"))
    )
    assert new.span() == old.span() == late.span() == slice(5, None)
    assert new.outcome().mean() - old.outcome().mean() == pytest.approx(compare_results(new, old).difference)
    assert {made.summary().index.name for made in (new, old, late)} == {"2027/28 to 2029/30"}


def test_results_that_change_earlier_years_begin_there_and_say_so() -> None:
    early = run(load_scenario("leadership").starting("2024/25 Q2"), 5)
    assert early.span() == slice(2, None)
    for asked in (early.outcome, early.summary):
        with pytest.warns(UserWarning, match="changes 2024/25, so its years are 2024/25 and after"):
            asked()
        asked(years="2027/28-")


def test_years_asked_for_are_the_years_given(brief: Results) -> None:
    assert brief.span("2022/23") == slice(0, 1)
    assert brief.span(slice(1, 3)) == slice(1, 3)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2022/23", slice(0, 1)),
        ("2024/25-2029/30", slice(2, 8)),
        (" 2024/25 - 2025/26 ", slice(2, 4)),
    ],
)
def test_a_span_of_years_is_read_as_written(text: str, span: slice) -> None:
    assert parse_years(text) == span


def test_an_open_span_runs_to_the_last_year(baseline: Results) -> None:
    np.testing.assert_array_equal(baseline.outcome(years="2027/28-"), baseline.outcome(years="2027/28-2029/30"))


@pytest.mark.parametrize("text", ["2024", "2025/26-2024/25", "2021/22", "2024/26", "-", "", "2024/25-2024/25-2025/26"])
def test_a_span_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        parse_years(text)


def test_years_beyond_the_calendar_are_refused_by_naming_those_there_are(baseline: Results) -> None:
    with pytest.raises(ResultsError, match="2022/23 to 2029/30 only"):
        baseline.outcome(years="2035/36")


def test_an_outcome_with_a_slip_of_the_pen_is_answered_with_the_nearest_name(baseline: Results) -> None:
    with pytest.raises(LookupError, match="retained"):
        baseline.outcome("retaned")
    with pytest.raises(LookupError, match="did you mean 'retained'"):
        baseline.outcome("money kept")
    assert find_outcome("front") is OUTCOMES["front"]


def test_the_summary_has_a_line_an_outcome_with_centiles_in_order(baseline: Results) -> None:
    table = baseline.summary("2023/24")
    assert list(table.index) == list(OUTCOMES)
    assert table.loc["retained", "mean"] == baseline.outcome("retained", "2023/24").mean()
    centiles = table[["centile_2_5", "centile_10", "centile_50", "centile_90", "centile_97_5"]]
    assert (centiles.diff(axis=1).iloc[:, 1:].dropna() >= 0).all(axis=None)
    assert table.loc["raided", "unit"] == "£m"


def test_the_long_table_has_a_line_a_future_and_year(baseline: Results) -> None:
    table = baseline.to_frame()
    assert list(table.columns) == ["future", "year", *NATIONAL_VARIABLES]
    assert len(table) == 40 * 8
    row = table[(table.future == 7) & (table.year == "2025/26")].iloc[0]
    assert row.front == baseline.nation[7, 3]["front"]


def test_a_notebook_shows_the_title_and_that_nothing_was_fitted(baseline: Results) -> None:
    shown = baseline._repr_html_()
    assert escape(baseline.manifest.title) in shown
    assert baseline.manifest.badge in shown
    assert "40 futures" in shown


# Labelled arrays, saved and read again


def test_every_labelled_array_has_its_unit_and_says_what_it_means(baseline: Results) -> None:
    data = baseline.data
    assert dict(data.sizes) == {"future": 40, "year": 8, "board": 42, "bound": 2, "quarter": 32, "lever": len(LEVERS)}
    for prefix, measures, dims in (
        ("", NATIONAL_VARIABLES, ("future", "year")),
        ("board_", AREA_VARIABLES, ("future", "year", "board")),
    ):
        for name, (unit, words) in measures.items():
            array = data[f"{prefix}{name}"]
            assert (array.dims, array.unit_in_words, array.long_name) == (dims, unit.value, words)
    assert list(data.board.values) == list(read_boards().codes)
    assert list(data.financial_year.values) == list(baseline.years)
    third = data.board_front.sel(year="2024-04-01", board=read_boards().codes[3])
    assert third[5].item() == baseline.areas[5, 2, 3]["front"]
    assert baseline.futures is not None
    np.testing.assert_array_equal(data.outcome_additional, baseline.each_year("additional"))
    np.testing.assert_array_equal(data.parameter_habit, baseline.futures.to_frame()["habit"])
    assert data.lever_setting.sel(quarter="2022/23 Q1", lever="ringfence").item() == 1.0
    assert (data.outcome_raided.units, data.outcome_raided.currency) == ("1e6", "GBP")


@pytest.mark.parametrize("which", ["baseline", "brief"])
def test_results_are_read_as_they_were_saved(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    results: Results = request.getfixturevalue(which)
    path = results.save(tmp_path / "a file with spaces.nc")
    assert path.is_file()
    again = load_results(path)
    assert again.nation.tobytes() == results.nation.tobytes()
    assert again.manifest == results.manifest
    if results.areas is None:
        assert again.areas is None
    else:
        assert again.areas is not None
        assert again.areas.tobytes() == results.areas.tobytes()
        assert again.codes == results.codes
    assert again.outcome("additional").tobytes() == results.outcome("additional").tobytes()


def test_saving_writes_a_whole_file_or_none(brief: Results, tmp_path: Path) -> None:
    brief.save(str(tmp_path / "x.nc"))
    assert [path.name for path in tmp_path.iterdir()] == ["x.nc"]
    with pytest.raises(OSError, match="nowhere"):
        brief.save(tmp_path / "nowhere" / "x.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["x.nc"]


def test_a_saved_file_tells_other_programs_how_it_was_made(brief_file: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.nc").write_bytes(brief_file)
    with xr.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as data:
        manifest_read = json.loads(data.attrs["manifest"])
        assert data.front.attrs["unit_in_words"] == "£m"
    assert manifest_read["scenario_fingerprint"] == load_scenario("leadership").fingerprint
    assert manifest_read["boards_fingerprint"] == FEW.fingerprint
    assert (manifest_read["seed"], manifest_read["futures"], manifest_read["source"]) == (SEED, 12, "posterior")


def rubbish(path: Path, brief_file: bytes, kind: str) -> None:
    """Something at `path` that is no results file."""
    if kind == "text":
        path.write_text("front,funding\n1,2\n", encoding="utf-8")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "cut short":
        path.write_bytes(brief_file[:2000])
    elif kind == "another dataset":
        xr.Dataset({"front": ("future", np.zeros(3))}).to_netcdf(path, engine="h5netcdf")
    elif kind.startswith(("without", "manifest")):
        path.write_bytes(without_checksum(brief_file))
        with h5py.File(path, "a") as file:
            if kind == "without a measure":
                del file["front"]
            else:
                file.attrs["manifest"] = {"of another version": json.dumps({"seed": 1})}.get(kind[9:], "{")
    else:
        with h5py.File(path, "w") as file:
            file["x"] = 1


@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "empty",
        "folder",
        "cut short",
        "another dataset",
        "without a measure",
        "manifest of another version",
        "manifest in no language",
        "another HDF5 file",
    ],
)
def test_anything_else_is_refused_by_its_name(kind: str, brief_file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.nc"
    rubbish(path, brief_file, kind)
    with pytest.raises(ResultsError, match=r"other\.nc"):
        load_results(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"missing\.nc: there is no such file"):
        load_results(tmp_path / "missing.nc")


# The same whatever else is computed


def test_the_first_futures_are_the_same_however_many_follow() -> None:
    fifty, hundred = run("ringfence", 50), run("ringfence", 100)
    assert fifty.nation.tobytes() == hundred.nation[:50].tobytes()


def test_a_part_of_the_futures_gives_that_part_of_the_results(baseline: Results) -> None:
    part = run("baseline", futures=draw_futures(40).part(10, 25))
    assert part.nation.tobytes() == baseline.nation[10:25].tobytes()


def test_results_do_not_depend_on_other_scenarios_run_before_or_beside_them(baseline: Results) -> None:
    names = ["baseline", "ringfence", "leadership", "baseline"]
    one_by_one = {name: run(name, 40).nation.tobytes() for name in names}
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(lambda name: run(name, 40).nation.tobytes(), names))
    assert beside == [one_by_one[name] for name in names]
    assert one_by_one["baseline"] == baseline.nation.tobytes()
    assert len(set(beside)) == 3


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_number_of_threads_does_not_matter(workers: int, baseline: Results) -> None:
    assert run("baseline", 40, workers=workers).nation.tobytes() == baseline.nation.tobytes()


def test_another_seed_is_other_luck_and_other_parameters(baseline: Results) -> None:
    other = run("baseline", 40, seed=SEED + 1)
    assert (other.outcome() != baseline.outcome()).all()
    assert other.manifest.seed == SEED + 1


def test_the_manifest_says_how_to_make_the_results_again(baseline: Results) -> None:
    manifest = baseline.manifest
    again = run(manifest.scenario, manifest.futures, seed=manifest.seed, first_plan=manifest.first_plan)
    assert again.manifest == manifest
    assert again.nation.tobytes() == baseline.nation.tobytes()
    assert manifest.badge.startswith("fitted to 10 published findings, of which 3 moved the answer; ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, r"rf\.run\(n=0\): it takes a whole number of 1 or more"),
        ({"n": -3}, "it takes a whole number of 1 or more"),
        ({"seed": -1}, r"rf\.run\(seed=-1\): it takes a whole number from 0 to 18,446,744,073,709,551,615"),
        ({"seed": 2**64}, "seed=18446744073709551616"),
        ({"seed": "1" * 5_000}, r"seed='1{39}\.\.\.\): .* this is text"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"n": 2.5}, "n=2.5"),
        ({"n": True}, "and True is no number"),
        ({"n": 500_001}, "must be 1 to 500,000, not 500001; for more see run_in_parts"),
        ({"workers": 0}, "workers=0.*: it takes a whole number of 1 or more"),
        ({"boards": 3}, "boards must be a table from load_boards"),
        ({"first_plan": 4}, "first_plan=4.*: it takes a whole number from 0 to 3"),
    ],
)
def test_a_run_that_cannot_be_made_says_why(options: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run("baseline", **{"n": 2, "boards": FEW, **options})


def test_progress_may_stop_a_run() -> None:
    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError, match="of 200"):
        run("baseline", 200, boards=FEW, progress=stop)


# Pounds are never made or lost


def test_no_pound_is_made_or_lost_in_any_future() -> None:
    drawn = draw_futures(200)
    for name in ("baseline", "carry-forward", "trusts-stream", "no-mergers"):
        runs = simulate(drawn.points, drawn.runs, load_scenario(name).schedule, read_boards().areas, seed=SEED)
        assert 0.0 < runs.imbalance < 1e-12


def test_the_mesa_model_stops_at_the_quarter_in_which_a_board_loses_a_pound(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Board.spend

    def careless(board: Board) -> None:
        honest(board)
        if board.index == 4 and board.model.quarter == 6:
            board.spent -= 1e-3

    monkeypatch.setattr(Board, "spend", careless)
    model = HealthSystem(boards=FEW, luck_seed=1)
    with pytest.raises(PoundsError, match=r"not conserved in B005, quarter 6: off by 0.000976"):
        model.run()
    assert model.quarter == 6


def test_the_mesa_model_stops_when_money_appears_at_the_year_end(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Board.close_year

    def generous(board: Board) -> None:
        honest(board)
        board.carried += 0.5

    monkeypatch.setattr(Board, "close_year", generous)
    with pytest.raises(PoundsError, match=r"quarter 3: off by 0\.5"):
        HealthSystem(boards=FEW, luck_seed=1).run()


def books(**changed: float) -> np.ndarray:
    """Two areas whose pounds add up, but for what is changed in the second."""
    state = np.zeros(1, BOARD_DTYPE)
    for name, value in {
        "pot": 10.0,
        "released": 1.0,
        "loose": 2.0,
        "committed": 0.5,
        "beyond": 0.5,
        "spent": 3.0,
        "raided": 1.0,
        "lapsed": 1.5,
        "carried": 0.5,
    }.items():
        column(state, name)[:2] = value
    for name, value in changed.items():
        column(state, name)[1] += value
    return state


def imbalance(state: np.ndarray) -> float:
    """How far the books of boards are from adding up."""
    room = np.zeros(len(state), ROOM_DTYPE)
    compilation.kernel(kernel.weigh_books)(state, room)
    return float(compilation.kernel(kernel.imbalance)(room))


def test_books_that_add_up_are_in_balance() -> None:
    assert imbalance(books()) == 0.0


@pytest.mark.parametrize("name", ["released", "loose", "committed", "beyond", "spent", "raided", "lapsed", "carried"])
@pytest.mark.parametrize("amount", [0.25, -0.25])
def test_a_pound_out_of_place_is_seen_relative_to_a_large_pot(name: str, amount: float) -> None:
    assert imbalance(books(**{name: amount})) == pytest.approx(0.025)


def test_in_a_small_pot_a_pound_out_of_place_counts_in_full() -> None:
    state = np.zeros(1, BOARD_DTYPE)
    column(state, "pot")[0], column(state, "spent")[0] = 0.01, 0.012
    assert imbalance(state) == pytest.approx(0.002)


def test_an_amount_that_is_not_a_number_is_no_balance() -> None:
    assert not imbalance(books(loose=float("nan"))) <= ensemble.TOLERANCE


@pytest.mark.parametrize("off", [2e-9, 1.0, float("inf")])
def test_the_compiled_driver_refuses_results_out_of_balance(off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "block", lambda *_: off)
    with pytest.raises(PoundsError, match="not conserved"):
        simulate(make_points(100), np.arange(100), load_scenario("baseline").schedule, FEW.areas, seed=1)


def test_a_fund_that_is_not_a_number_is_refused_by_both_drivers() -> None:
    areas = FEW.areas
    areas["alloc"][2] = np.nan
    spoilt = dataclasses.replace(FEW, record=areas.tobytes())
    with pytest.raises(PoundsError):
        HealthSystem(boards=spoilt, luck_seed=1).run()
    with pytest.raises(PoundsError):
        simulate(make_points(1), np.arange(1), load_scenario("baseline").schedule, areas, seed=1)


# What is asked for twice


def test_futures_that_are_given_are_not_also_asked_for_by_number_or_seed() -> None:
    drawn = draw_futures(4)
    for ask in (
        lambda **options: run("ringfence", futures=drawn, **options),
        lambda **options: run_many(["ringfence"], futures=drawn, **options),
        lambda **options: compare("ringfence", futures=drawn, **options),
    ):
        with pytest.raises(ValueError, match="leave out n, or draw others with"):
            ask(n=10)
        with pytest.raises(ValueError, match="leave out n and seed"):
            ask(n=4, seed=drawn.seed)
    with pytest.raises(ValueError, match="leave out seed"):
        explain("ringfence", run=0, board="QWE", futures=drawn, seed=1)


def test_two_results_are_compared_as_they_are_and_nothing_is_asked_for_beside_them() -> None:
    new, old = run_many(["ringfence", "baseline"], 4)
    for asked in ({"n": 4}, {"seed": 1}, {"futures": draw_futures(4)}, {"boards": read_boards()}):
        with pytest.raises(ValueError, match="nothing is run: leave out"):
            compare(new, old, **asked)


def test_which_futures_share_their_parameters_is_known_after_saving_and_of_files_that_do_not_say() -> None:
    results = run("baseline", 60, seed=3)
    assert results.sets is not None
    np.testing.assert_array_equal(results.sets, draw_futures(60, seed=3).sets)
    many_results = dataclasses.replace(results, nation=np.repeat(results.nation[:1], 2_500, axis=0), futures=None)
    assert many_results.sets is not None and len(set(many_results.sets.tolist())) == 1_000
    assert (
        dataclasses.replace(many_results, manifest=dataclasses.replace(many_results.manifest, source="given")).sets
        is None
    )


def test_saved_results_compare_with_the_same_error_as_fresh_ones(tmp_path: Path) -> None:
    fresh = [run(name, 120, seed=3) for name in ("leadership", "baseline")]
    read = [load_results(one.save(tmp_path / f"{one.manifest.scenario}.nc")) for one in fresh]
    assert compare_results(*read) == compare_results(*fresh)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.35, 0.5, 0.75, 0.9, 0.99])
def test_a_saved_result_with_any_bit_flipped_is_refused_before_it_is_read(
    share: float, brief_file: bytes, tmp_path: Path
) -> None:
    path, content = tmp_path / "a.nc", bytearray(brief_file)
    content[int(share * (len(content) - 40))] ^= 4
    path.write_bytes(content)
    with pytest.raises(ResultsError, match="damaged"):
        load_results(path)
