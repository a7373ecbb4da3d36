"""The boards: the real 42, equal stand-ins, what is derived from the facts, and how boards are looked up."""

from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from simulator.boards.table import AREA_DTYPE, Boards, BoardsError, make_equal_bodies, read_boards
from simulator.declarations.calendar import NEVER

pytestmark = pytest.mark.boards

HEADER = "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region,footprint,merge_date,share_date,abbrev\n"


def written(folder: Path, *lines: str) -> Boards:
    path = folder / "mine.csv"
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    return read_boards(path)


def test_there_are_42_real_boards_in_25_footprints_sharing_200m() -> None:
    real = read_boards()
    assert len(real) == 42
    assert (real.codes[0], real.codes[41]) == ("QH8", "QVV")
    assert len(set(real.areas["head"].tolist())) == 25
    assert math.fsum(real.areas["alloc"]) == pytest.approx(200.002, abs=1e-9)
    assert real.source == "the 42 integrated care boards"


def test_lincolnshire_has_the_facts_that_are_published_or_derived_for_it() -> None:
    real = read_boards()
    row = real.position("QJM")
    area = real.areas[row]
    assert row == 14
    assert (area["alloc"], area["weight"], area["core20"]) == (2.609, 1391.626, pytest.approx(0.1435))
    assert area["target_z"] == pytest.approx(1.170444, abs=1e-6)
    assert (real.codes[area["head"]], area["head"]) == ("QT1", 19)
    assert (area["share_q"], area["merge_q"]) == (14, 20)


def test_mergers_of_the_real_boards_come_in_april_2026_or_2027_and_leaders_are_shared_before() -> None:
    areas = read_boards().areas
    merges = areas["merge_q"] != NEVER
    assert set(areas["merge_q"].tolist()) == {16, 20, NEVER}
    assert set(areas["share_q"][merges].tolist()) == {14}
    assert (areas["share_q"][~merges] == NEVER).all()
    sizes = np.bincount(areas["head"], minlength=42)[areas["head"]]
    assert ((sizes > 1) == merges).all()


def test_the_head_of_a_footprint_is_its_own_head_and_its_heaviest_member() -> None:
    areas = read_boards().areas
    heads = areas["head"]
    assert (heads[heads] == heads).all()
    assert (areas["weight"][heads] >= areas["weight"]).all()


def test_distances_from_target_are_standardised_with_the_population_deviation() -> None:
    z = read_boards().areas["target_z"]
    assert z.mean() == pytest.approx(0, abs=1e-12)
    assert z.std(ddof=0) == pytest.approx(1, abs=1e-12)


def test_regions_are_numbered_by_first_appearance() -> None:
    real = read_boards()
    regions = real.areas["region"].tolist()
    assert regions[0] == 0
    assert list(dict.fromkeys(regions)) == list(range(7))
    assert dict(zip(real.regions, regions, strict=True))[real.regions[41]] == regions[41]


def test_every_area_record_is_72_bytes_of_eight_byte_numbers_in_c_order() -> None:
    areas = read_boards().areas
    assert areas.dtype == AREA_DTYPE
    assert AREA_DTYPE.itemsize == 72
    assert [AREA_DTYPE[name].itemsize for name in AREA_DTYPE.names or ()] == [8] * 9
    assert areas.flags.c_contiguous
    assert areas.flags.writeable


def test_changing_the_areas_that_were_handed_out_changes_nothing_else() -> None:
    areas = read_boards().areas
    areas["alloc"] = 0
    assert read_boards().areas["alloc"].sum() > 200


def test_tiles_of_the_real_boards_do_not_overlap() -> None:
    tiles = read_boards().tiles
    assert None not in tiles
    assert len(set(tiles)) == 42


def test_the_real_boards_are_read_once() -> None:
    assert read_boards() is read_boards()


@pytest.mark.parametrize("called", ["QJM", "qjm", " Lincs ", "lincolnshire", "NHS Lincolnshire ICB"])
def test_a_board_is_found_by_code_abbreviation_short_or_full_name_in_any_capitals(called: str) -> None:
    assert read_boards().position(called) == 14


def test_an_unknown_board_is_answered_with_the_nearest_spellings() -> None:
    with pytest.raises(LookupError, match="no board is called 'Lincolnshir'; did you mean Lincolnshire"):
        read_boards().position("Lincolnshir")
    with pytest.raises(LookupError, match="codes are like QH8"):
        read_boards().position("####")


def test_a_name_that_two_boards_share_is_refused_with_their_codes(tmp_path: Path) -> None:
    mine = written(tmp_path, "Q1,Same,1,1,0,10,N,,,,", "Q2,Same,1,1,0,10,N,,,,")
    assert mine.position("q2") == 1
    with pytest.raises(LookupError, match="'same' names several boards: Q1, Q2"):
        mine.position("same")


def test_a_code_wins_over_the_same_text_used_as_an_abbreviation(tmp_path: Path) -> None:
    mine = written(tmp_path, "Q1,One,1,1,0,10,N,,,,Q2", "Q2,Two,1,1,0,10,N,,,,")
    assert mine.position("Q2") == 1
    assert mine.abbrevs == ("Q2", "Q2")
    assert mine.short_names == ("One", "Two")


def written_with_footprints(folder: Path, *footprints: str) -> Boards:
    """Three boards, the last two of them with the largest weight, in these footprints with their dates."""
    rows = ("Q1,One,1,5,0,10,N", "Q2,Two,1,9,0,10,N", "Q3,Three,1,9,0,10,N")
    return written(folder, *(f"{row},{footprint}," for row, footprint in zip(rows, footprints, strict=True)))


def test_equal_weights_in_a_footprint_make_the_first_row_the_head(tmp_path: Path) -> None:
    mine = written_with_footprints(tmp_path, *["F,2026-04-01,2025-10-01"] * 3)
    assert mine.areas["head"].tolist() == [1, 1, 1]
    assert mine.areas["merge_q"].tolist() == [16] * 3
    assert mine.areas["share_q"].tolist() == [14] * 3


def test_areas_without_a_footprint_stand_alone_and_a_footprint_of_one_never_merges(tmp_path: Path) -> None:
    mine = written_with_footprints(tmp_path, ",2026-04-01,", ",2026-04-01,", "Lone,2026-04-01,2025-10-01")
    assert mine.areas["head"].tolist() == [0, 1, 2]
    assert (mine.areas["merge_q"] == NEVER).all()
    assert (mine.areas["share_q"] == NEVER).all()


def test_footprints_and_regions_agree_whatever_their_capitals_and_spaces(tmp_path: Path) -> None:
    mine = written(tmp_path, "Q1,One,1,5,0,10,North East,A  B,,,", "Q2,Two,1,9,0,10,north  east, a b,,,")
    assert mine.areas["head"].tolist() == [1, 1]
    assert mine.areas["region"].tolist() == [0, 0]
    assert mine.regions == ("North East", "North East")


@pytest.mark.parametrize("distance", ["0", "0.1", "-7.3"])
def test_equal_distances_from_target_standardise_to_nought(tmp_path: Path, distance: str) -> None:
    mine = written(tmp_path, *(f"Q{i},One,1,1,{distance},10,N,,,," for i in range(3)))
    assert mine.areas["target_z"].tolist() == [0.0] * 3


def test_thirds_rank_by_deprivation_with_ties_in_row_order(tmp_path: Path) -> None:
    shares = (50, 10, 10, 10, 30, 40)
    mine = written(tmp_path, *(f"Q{i},One,1,1,0,{share},N,,,," for i, share in enumerate(shares)))
    assert mine.thirds().tolist() == [2, 0, 0, 1, 1, 2]
    assert np.bincount(read_boards().thirds()).tolist() == [14, 14, 14]


def test_the_real_fingerprint_is_the_same_on_every_platform() -> None:
    assert read_boards().fingerprint == "93f049dd3a8167ea"


def test_the_fingerprint_follows_the_facts_and_not_the_file_name(tmp_path: Path) -> None:
    lines = ["Q1,One,1,5,0,10,N,,,,", "Q2,Two,1,9,2,10,N,,,,"]
    mine = written(tmp_path, *lines)
    other = tmp_path / "other.csv"
    other.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    assert read_boards(other).fingerprint == mine.fingerprint
    assert read_boards(other) == mine
    changed = {mine.fingerprint}
    for old, new in (("Q1", "Q9"), ("One", "Won"), (",1,5", ",2,5"), (",5,", ",6,"), (",10,N", ",11,N"), ("N", "S")):
        changed.add(written(tmp_path, lines[0].replace(old, new), lines[1]).fingerprint)
    assert len(changed) == 7


def test_a_file_that_does_not_exist_and_a_folder_are_reported_by_name(tmp_path: Path) -> None:
    with pytest.raises(BoardsError, match=r"nowhere\.csv: there is no such file"):
        read_boards(tmp_path / "nowhere.csv")
    with pytest.raises(BoardsError, match="is a folder"):
        read_boards(str(tmp_path))
    with pytest.raises(BoardsError, match="there is no such file"):
        read_boards("a\0b.csv")


def test_a_file_that_cannot_be_opened_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("locked by a spreadsheet")

    written(tmp_path, "Q1,One,1,1,0,10,N,,,,")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(BoardsError, match=r"mine\.csv: cannot be opened \(locked by a spreadsheet\)"):
        read_boards(tmp_path / "mine.csv")


def test_boards_cannot_be_changed_and_survive_pickling() -> None:
    real = read_boards()
    with pytest.raises(dataclasses.FrozenInstanceError):
        real.codes = ()  # type: ignore[misc]
    copy = pickle.loads(pickle.dumps(real))
    assert copy == real
    assert copy.fingerprint == real.fingerprint
    assert hash(copy) == hash(real)


def test_the_table_for_people_has_a_line_per_area_and_names_quarters() -> None:
    frame = read_boards().to_frame().set_index("code")
    assert len(frame) == 42
    board_row = {column: frame[column]["QJM"] for column in ("head", "merges", "leaders_shared")}
    assert board_row == {"head": "QT1", "merges": "2027/28 Q1", "leaders_shared": "2025/26 Q3"}
    assert frame.loc["QHM", "merges"] == "never"
    assert frame["registered_population"].sum() > 60e6


def test_notebooks_show_every_area_with_markup_in_names_made_harmless(tmp_path: Path) -> None:
    assert read_boards()._repr_html_().count("<tr>") == 43
    shown = written(tmp_path, "Q1,<script>x</script>,1,1,0,10,N,,,,")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_equal_bodies_differ_only_in_a_fixed_distance_from_target() -> None:
    areas = make_equal_bodies(12, fund_m=2.5).areas
    assert set(areas["alloc"].tolist()) == {2.5}
    assert set(areas["weight"].tolist()) == {1.0}
    assert set(areas["core20"].tolist()) == {0.2}
    assert set(areas["region"].tolist()) == {0}
    assert areas["head"].tolist() == list(range(12))
    assert set(areas["merge_q"].tolist()) == set(areas["share_q"].tolist()) == {NEVER}
    assert areas["target_z"].mean() == pytest.approx(0, abs=1e-12)
    assert areas["target_z"].std() == pytest.approx(1, abs=1e-12)
    drawn = np.random.default_rng(2007).standard_normal(12)
    assert areas["target_z"] == pytest.approx((drawn - drawn.mean()) / drawn.std(), abs=1e-12)


def test_equal_bodies_are_the_same_each_time_and_coded_from_b001() -> None:
    assert make_equal_bodies(3) == make_equal_bodies(3)
    assert make_equal_bodies(3).codes == ("B001", "B002", "B003")
    assert make_equal_bodies(3).fingerprint != make_equal_bodies(4).fingerprint


def test_one_body_alone_is_at_its_target() -> None:
    alone = make_equal_bodies(1)
    assert alone.areas["target_z"].tolist() == [0.0]
    assert alone.thirds().tolist() == [0]


@pytest.mark.parametrize(("n", "fund"), [(0, 1.0), (-1, 1.0), (501, 1.0), (3, -1.0), (3, math.nan), (3, math.inf)])
def test_impossible_equal_bodies_are_refused(n: int, fund: float) -> None:
    with pytest.raises(ValueError, match=r"ask for 1 to 500|give £m, 0 or more"):
        make_equal_bodies(n, fund_m=fund)
