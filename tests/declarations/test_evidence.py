"""The register of evidence and the table of boards: complete, legal, and in step with what cites them."""

from __future__ import annotations

import csv
import io
import re
from importlib.resources import files

import pytest

from simulator.declarations import evidence
from simulator.declarations.evidence import KINDS, STRENGTHS, Evidence
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS

pytestmark = pytest.mark.declarations

GOOD = """
evidence:
  - id: E01
    says: "The fund is £200m a year."
    source: "Some body, a report, 2024"
    url: ["https://example.org/report"]
    year: 2024
    strength: strong
    kind: finding
    supports: [scope]
"""


def data(name: str) -> str:
    return (files("simulator") / "data" / name).read_text(encoding="utf-8")


def boards() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data("boards.csv"))))


def numbered(letter: str, *spans: tuple[int, int]) -> set[str]:
    return {f"{letter}{n:02d}" for first, last in spans for n in range(first, last + 1)}


def entry(ident: str) -> Evidence:
    return evidence.load_register()[ident]


def test_every_id_is_registered_once_and_none_is_invented() -> None:
    written = re.findall(r"^  - id: (\S+)$", data("evidence.yaml"), re.MULTILINE)
    expected = (
        numbered("E", (1, 42), (50, 110))
        | numbered("N", (1, 1), (3, 10), (12, 15), (17, 20))
        | numbered("F", (1, 17), (20, 24))
        | numbered("R", (1, 1), (4, 4), (6, 8), (10, 17))
        | numbered("T", (1, 9))
        | numbered("O", (1, 7))
        | numbered("S", (1, 7), (10, 15))
        | {"AREA"}
    )
    assert len(written) == len(set(written)) == 185
    assert set(written) == expected == set(evidence.load_register())


def test_every_field_of_every_entry_is_filled() -> None:
    for ident, each_entry in evidence.load_register().items():
        assert each_entry.id == ident
        assert each_entry.says.endswith(".") and len(each_entry.says) >= 20, ident
        assert len(each_entry.source) >= 20, ident
        assert each_entry.supports and len(set(each_entry.supports)) == len(each_entry.supports), ident
        assert each_entry.url and all(u.startswith(("https://", "http://")) for u in each_entry.url), ident


def test_strengths_kinds_and_years_are_legal() -> None:
    for ident, each_entry in evidence.load_register().items():
        assert each_entry.strength in STRENGTHS, ident
        assert each_entry.kind in KINDS, ident
        assert 1990 <= each_entry.year <= 2027, ident


def test_what_an_entry_says_is_at_most_two_sentences() -> None:
    for ident, each_entry in evidence.load_register().items():
        assert len(re.findall(r"[.?!](?:\s|$)", each_entry.says)) <= 2, ident


def test_every_cited_id_is_registered() -> None:
    cited = {i for d in (*PARAMETERS.values(), *LEVERS.values()) for i in d.about.evidence}
    assert cited
    assert evidence.find_missing(sorted(cited)) == []


def test_an_entry_names_every_parameter_and_lever_that_cites_it() -> None:
    silent = [
        f"{ident} does not name {name}"
        for name, d in (*PARAMETERS.items(), *LEVERS.items())
        for ident in d.about.evidence
        if name not in entry(ident).supports
    ]
    assert silent == []


def test_the_pull_of_the_target_distance_rests_on_our_own_analysis_of_area_data() -> None:
    assert "gap_target_pull" in entry("AREA").supports


def test_figures_read_only_in_press_are_labelled_and_official_papers_are_not() -> None:
    press = ("hsj.co.uk", "lowdownnhs.info", "healthcareleadernews.com", "yorkshirepost.co.uk", "healthbusinessuk")
    for ident, each_entry in evidence.load_register().items():
        if all(any(p in u for p in press) for u in each_entry.url):
            assert each_entry.press, ident
    assert not entry("F09").press
    assert not entry("E04").press


def test_a_citation_is_one_line_with_id_source_strength_and_press_label() -> None:
    line = evidence.cite("F04")
    assert line.startswith("F04: HSJ") and line.endswith("(moderate, reported by press)") and "\n" not in line
    assert evidence.cite("F09").endswith("(strong)")


def test_citing_an_unknown_id_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="E99x"):
        evidence.cite("E99x")


def test_missing_returns_only_unknown_ids_in_order() -> None:
    assert evidence.find_missing(["Z2", "E01", "A1"]) == ["Z2", "A1"]


def test_the_register_is_read_once_and_cannot_be_changed() -> None:
    assert evidence.load_register() is evidence.load_register()
    with pytest.raises(TypeError):
        evidence.load_register()["E01"] = entry("E02")  # type: ignore[index]


def test_a_well_formed_register_is_accepted_and_press_is_off_unless_stated() -> None:
    assert evidence.parse_register(GOOD)["E01"].press is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "1850"),
        ("year", "true"),
        ("strength", "solid"),
        ("kind", "rumour"),
        ("supports", "[]"),
        ("supports", "scope"),
        ("says", '" "'),
    ],
)
def test_a_malformed_field_is_reported_with_the_entry_s_id(field: str, value: str) -> None:
    text = re.sub(rf"(?m)^    {field}: .*$", f"    {field}: {value}", GOOD)
    assert text != GOOD
    with pytest.raises(ValueError, match=f"evidence E01, field {field}"):
        evidence.parse_register(text)


@pytest.mark.parametrize("line", ["press: perhaps", "colour: red"])
def test_a_field_that_is_not_one_or_holds_no_yes_or_no_is_reported(line: str) -> None:
    with pytest.raises(ValueError, match=f"evidence E01, field {line.partition(':')[0]}"):
        evidence.parse_register(f"{GOOD}    {line}\n")


def test_a_field_that_is_missing_is_reported() -> None:
    with pytest.raises(ValueError, match="evidence E01, field year"):
        evidence.parse_register(GOOD.replace("    year: 2024\n", ""))


def test_a_repeated_id_is_reported() -> None:
    with pytest.raises(ValueError, match="evidence E01, field id: used twice"):
        evidence.parse_register(GOOD + GOOD.split("evidence:\n")[1])


@pytest.mark.parametrize("text", ["", "evidence: []", "evidence: {a: b}", "sources: 1", "evidence: [1]", "a: ["])
def test_a_text_without_a_list_of_entries_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="evidence"):
        evidence.parse_register(text)


def test_all_sixteen_contradictions_are_recorded_with_their_handling() -> None:
    from ruamel.yaml import YAML

    recorded = YAML(typ="safe").load(data("evidence.yaml"))["contradictions"]
    assert list(recorded) == [f"C{n}" for n in range(1, 17)]
    assert all(one["issue"].strip() and one["handling"].strip() for one in recorded.values())


def test_there_are_42_boards_in_the_published_order() -> None:
    codes = [b["code"] for b in boards()]
    assert len(codes) == len(set(codes)) == 42
    assert (codes[0], codes[14], codes[-1]) == ("QH8", "QJM", "QVV")


def test_the_fund_adds_up_to_200_002_million() -> None:
    assert round(sum(float(b["fund_m"]) for b in boards()), 6) == 200.002


def test_each_share_follows_the_published_need_weighted_population() -> None:
    weights = [int(b["need_weighted_population"]) for b in boards()]
    for b, weight in zip(boards(), weights, strict=True):
        assert float(b["fund_m"]) == pytest.approx(200 * weight / sum(weights), abs=0.0005), b["code"]


def test_the_need_index_is_weighted_over_registered_population() -> None:
    for b in boards():
        index = int(b["need_weighted_population"]) / int(b["registered_population"])
        assert float(b["need_index"]) == pytest.approx(index, abs=0.0001), b["code"]


def test_there_are_25_footprints_and_only_shared_ones_have_dates() -> None:
    rows = boards()
    size: dict[str, int] = {}
    for b in rows:
        assert " / " not in b["footprint"]
        size[b["footprint"]] = size.get(b["footprint"], 0) + 1
    assert len(size) == 25
    for b in rows:
        shared = size[b["footprint"]] > 1
        assert (b["share_date"] == "2025-10-01") == shared, b["code"]
        assert (b["merge_date"] in {"2026-04-01", "2027-04-01"}) == shared, b["code"]
        assert shared or b["merge_date"] == b["share_date"] == "", b["code"]


def test_members_of_a_footprint_merge_on_one_date() -> None:
    pairs = {(b["footprint"], b["merge_date"]) for b in boards()}
    assert len(pairs) == 25


def test_no_board_value_other_than_the_two_dates_is_blank_and_no_two_share_a_tile() -> None:
    rows = boards()
    for b in rows:
        assert [k for k, v in b.items() if not v.strip() and k not in {"merge_date", "share_date"}] == []
    assert len({(b["tile_col"], b["tile_row"]) for b in rows}) == 42


def test_the_notes_on_the_data_describe_every_column() -> None:
    notes = data("README.md")
    assert [c for c in boards()[0] if f"`{c}`" not in notes] == []


def test_the_ids_are_those_of_the_register_when_only_glimpsed() -> None:
    assert evidence._glimpse_ids() == set(evidence.load_register())
    assert evidence.find_missing(["E02", "E999", "F09"]) == ["E999"]
