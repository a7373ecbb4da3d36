"""What people take away holds the numbers on the screen, says where it comes from, and can do no harm."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from days import DAY
from openpyxl import load_workbook
from PIL import Image
from stated_numbers import POSTS_BEGIN

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from typer.testing import CliRunner

from dashboards.access.visited_host import VisitedHost
from dashboards.computing.answer_view import (
    AnswerView,
    find_asked_card,
    speak_of,
    view_answer,
    write_headline,
    write_provenance_line,
    write_sentences,
)
from dashboards.computing.session import Session
from dashboards.computing.worker import Answer, ResultStore
from dashboards.export import chart_buttons, chart_files, charts, citation, data_exports
from dashboards.export.chart_buttons import (
    ChartExport,
    DownloadButton,
    DownloadButtons,
    DownloadFile,
    make_chart_buttons,
)
from dashboards.export.chart_files import make_chart_csv, make_chart_png, make_chart_svg
from dashboards.export.claims import CARDS, make_answer_claim, name_claims
from dashboards.export.share_picture import describe_picture, draw_answer_picture, speak_of_picture
from dashboards.selection.own_titles import describe_own_titles
from dashboards.selection.permalink import restore
from dashboards.selection.selection import TODAYS_RULES, LeverEdit, Selection, SelectionError, Slot
from dashboards.tabs.answer import render_answer_cards
from dashboards.tabs.share import ShareTab
from dashboards.tabs.slides import make_slides
from dashboards.widgets.sheet import Sheet, Words
from simulator.boards.table import read_boards
from simulator.claims.claim import Claim
from simulator.claims.claim_file import parse_claim
from simulator.claims.verification import Standing, verify_claim
from simulator.commands.cli import app
from simulator.common.formatting import format_pounds
from simulator.common.spreadsheet import make_cell_safe
from simulator.reports import sentences
from simulator.reports.answer_cards import write_answer_cards
from simulator.reports.page import QUESTION
from simulator.reports.provenance import NO_FORECAST, NOT_ASSURED
from simulator.reports.sentences import lower_first, write_answer, write_standalone
from simulator.reports.unmeasured import list_unmeasured, name_unmeasured
from simulator.runs.recipe import make_file_names

pytestmark = pytest.mark.dashboards

NASTY = '<img src=x onerror="alert(1)">&"]]>'
SVG = '<svg viewBox="0 0 100 50" xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9" fill="#005EB8"/></svg>'
CHART = ChartExport(
    "A & B <do> it",
    SVG,
    ("who", "share"),
    [("A", 0.25), ("=1+1", -0.5)],
    "250 futures, seed 7",
    (("futures", "250"), ("scenario Mine, =cmd", "abc")),
)
SELECTION = Selection(
    (TODAYS_RULES, Slot("ringfence"), Slot("leadership", NASTY, (LeverEdit("audit", 0.5, 20, 4, NASTY),))),
    outcome="front",
    years="2028/29",
    seed=77,
    futures=250,
)
CHARTS: list[Callable[[AnswerView], ChartExport]] = [
    charts.export_cards,
    charts.export_fan_chart,
    charts.export_comparisons,
    charts.export_cascade,
]


@pytest.fixture(scope="module")
def view(answer: Answer) -> AnswerView:
    return view_answer(answer)


@pytest.fixture
def session(store: ResultStore, answer: Answer) -> Session:
    visitor_session = Session(store=store, selection=SELECTION)
    visitor_session.answer = answer
    return visitor_session


def table_of(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = data.decode("utf-8-sig").splitlines()
    notes = [line for line in lines if line.startswith("#")]
    return notes, list(csv.DictReader(line for line in lines if not line.startswith("#")))


def texts_of(png: bytes) -> dict[str, str]:
    """The international text chunks of a PNG file, each with its checksum checked."""
    found, at = {}, 8
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == int.from_bytes(png[at + 8 + size : at + 12 + size], "big")
        if kind == b"iTXt":
            name, rest = body.split(b"\0", 1)
            found[name.decode()] = rest[4:].decode("utf-8")
        at += 12 + size
    return found


# Pictures.


def test_a_picture_says_where_it_comes_from_to_people_and_to_machines() -> None:
    root = ElementTree.fromstring(make_chart_svg(CHART, DAY))
    names = {part.tag.split("}")[1]: "".join(part.itertext()) for part in root.iter()}
    assert names["title"] == CHART.title
    assert "250 futures, seed 7" in names["desc"]
    facts_written = json.loads(
        next("".join(p.itertext()) for p in root.iter() if p.tag.endswith("elements/1.1/}source"))
    )
    assert (facts_written["futures"], facts_written["date"], facts_written["title"]) == (
        "250",
        str(DAY),
        CHART.title,
    )
    words = "".join(part.text or "" for part in root.iter() if part.tag.endswith("}text"))
    assert "Source: 250 futures, seed 7" in words and "A & B <do> it" in words


def test_pixels_carry_the_same_facts_and_can_be_opened() -> None:
    from PIL import Image

    chart_png = make_chart_png(CHART, DAY)
    with Image.open(io.BytesIO(chart_png)) as shown:
        shown.load()
        assert shown.width >= 1000 and shown.getpixel((2, 2))[:3] == (255, 255, 255)
    texts = texts_of(chart_png)
    assert texts["Title"] == CHART.title
    assert json.loads(texts["Source"])["futures"] == "250"
    assert texts["Creation Time"] == str(DAY)


def test_what_is_no_picture_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no picture that could be saved"):
        make_chart_svg(CHART._replace(svg="<p>no</p>"))
    with pytest.raises(ValueError, match="take its numbers instead"):
        make_chart_png(CHART._replace(svg=SVG.replace("<rect", "<rect " + "x" * 2_100_000)))


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_a_sound_picture_whose_words_are_escaped(
    chart: Callable[[AnswerView], ChartExport], view: AnswerView
) -> None:
    export = chart(view)
    root = ElementTree.fromstring(make_chart_svg(export, DAY))
    assert [part for part in root.iter() if part.tag.endswith(("img", "script", "image"))] == []
    assert 'onerror="alert(1)' in "".join(root.itertext())
    assert make_chart_png(export, DAY).startswith(b"\x89PNG\r\n\x1a\n")
    assert dict(export.facts)["seed"] == "77"


def test_a_picture_has_the_marks_of_every_scenario(view: AnswerView) -> None:
    drawn = make_chart_svg(charts.export_fan_chart(view)).decode()
    for colour in ("#3D3D3D", "#005EB8", "#F46A25"):
        assert f'stroke="{colour}"' in drawn
    assert drawn.count("<polyline") == 3


# Tables.


def test_a_table_holds_its_rows_and_says_how_it_was_made() -> None:
    notes, rows = table_of(make_chart_csv(CHART, DAY))
    assert notes[0] == "# title: A & B <do> it"
    assert "# source: 250 futures, seed 7" in notes
    assert rows[0] == {"who": "A", "share": "0.25"}
    assert rows[1]["share"] == "-0.5"


@pytest.mark.parametrize("wrong", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "＝1"])
def test_no_cell_is_taken_for_a_formula(wrong: str) -> None:
    assert str(make_cell_safe(wrong)).startswith("'")
    assert "\n" not in str(make_cell_safe(wrong)) and "\r" not in str(make_cell_safe(wrong))


@pytest.mark.parametrize("right", ["-0.5", "+16", "1e-3", "−3 points", "A", "", 0.25, -4])
def test_numbers_and_plain_words_stay_as_they_are(right: str | float) -> None:
    assert make_cell_safe(right) == right


def test_a_title_in_the_notes_starts_no_cell_with_a_formula() -> None:
    notes, _ = table_of(make_chart_csv(CHART, DAY))
    for line in notes:
        for cell in line.split(","):
            assert not cell.strip().startswith(("=", "+", "-", "@"))


def test_too_many_rows_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_files, "MOST_ROWS", 1)
    with pytest.raises(ValueError, match="as Parquet from the Share page"):
        make_chart_csv(CHART)


def test_the_tables_hold_the_numbers_of_the_results(view: AnswerView) -> None:
    _, rows = table_of(make_chart_csv(charts.export_cards(view)))
    for row, run in zip(rows, view.runs, strict=True):
        assert float(row["mean share"]) == pytest.approx(run.outcome("front", "2028/29").mean(), abs=1e-6)
    _, rows = table_of(make_chart_csv(charts.export_fan_chart(view)))
    assert len(rows) == 3 * 8
    last = [row for row in rows if row["year"] == "2029/30"]
    assert float(last[0]["average"]) == pytest.approx(np.mean(view.runs[0].each_year("front")[:, -1]), abs=1e-6)
    _, rows = table_of(make_chart_csv(charts.export_comparisons(view)))
    assert float(rows[0]["difference of shares"]) == pytest.approx(view.main[0].difference, abs=1e-6)
    _, rows = table_of(make_chart_csv(charts.export_cascade(view)))
    assert float(rows[1]["Reached the front line (share)"]) == pytest.approx(
        view.runs[1].outcome("front", "2028/29").mean(), abs=1e-6
    )


# Buttons.


def test_a_chart_has_four_buttons_and_without_a_picture_two() -> None:
    row, bare = (make_chart_buttons("Chart <1>", lambda: CHART, picture) for picture in (True, False))
    assert [item[0] for item in row.items] == ["svg", "png", "csv", "xlsx"]
    assert [item[0] for item in bare.items] == ["csv", "xlsx"]
    assert row.make("csv").filename == "ringfence-chart-1.csv"
    numbers = load_workbook(io.BytesIO(row.make("xlsx").data))["Numbers"]
    assert [[cell.value for cell in line] for line in numbers["A5:B6"]] == [["A", 0.25], ["=1+1", -0.5]]


def test_a_file_is_made_only_when_asked_for() -> None:
    calls: list[int] = []

    def make() -> ChartExport:
        calls.append(1)
        return CHART

    row = make_chart_buttons("Chart", make)
    assert calls == []
    assert row.make_message("svg")["mime"] == "image/svg+xml"
    assert calls == [1]


def test_what_goes_wrong_is_told_and_does_not_vanish(view: AnswerView) -> None:
    only = replace(view, scenarios=view.scenarios[:1], runs=view.runs[:1])

    row = make_chart_buttons("Chart", lambda: charts.export_comparisons(only))
    message = row.make_message("csv")
    assert "there is nothing to compare yet" in message["problem"]
    assert "data" not in message


def test_a_message_that_asks_for_something_else_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    sheet = Sheet(Words("x"), (Words("y"), make_chart_buttons("Chart", lambda: CHART)))
    monkeypatch.setattr(sheet, "_send_msg", sent.append)
    asked = {"part": "1.1", "value": "csv"}
    for wrong in (None, [], {"value": "../../etc/passwd"}, {"value": 4}, {"part": "1.0"}, {"part": "2.0"}, {"part": 1}):
        sheet._handle_msg({**asked, **wrong} if isinstance(wrong, dict) else wrong)
    assert sent == []
    sheet._handle_msg(asked)
    assert len(sent) == 1 and sent[0]["part"] == "1.1" and sent[0]["filename"] == "ringfence-chart.csv"


def test_a_file_that_is_too_large_is_refused_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_buttons, "LARGEST", 10)
    row = DownloadButtons("Data", {"x": DownloadButton("X", "X", lambda: DownloadFile("x.csv", b"0" * 11))})
    assert "Choose fewer futures" in row.make_message("x")["problem"]


def test_too_many_futures_for_a_browser_are_refused_before_the_work(
    view: AnswerView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_exports, "MOST", 100)
    for make in (data_exports.make_csv, data_exports.make_parquet, data_exports.make_netcdf):
        with pytest.raises(ValueError, match="ringfence run NAME --out"):
            make(view)


@pytest.mark.parametrize("key", CARDS)
def test_a_sentence_of_the_page_is_saved_as_a_claim_that_gives_the_same_bits(view: AnswerView, key: str) -> None:
    claim = parse_claim(make_answer_claim(view, key, dt.date(2026, 11, 29)))
    assert isinstance(claim, Claim)
    card = next(card for card in write_answer_cards(view.runs, view.outcome, view.span) if card.key == key)
    assert claim.shown == f"{card.sentence} {card.caveat}"
    assert claim.scenarios[1].title == view.scenarios[card.new].title
    assert claim.statements[0].outcome == card.outcome
    verification = verify_claim(claim, read_boards())
    assert (verification.standing, list(verification.moved)) == (Standing.SAME_BITS, [])


def test_every_claim_is_named_after_what_it_compares(view: AnswerView) -> None:
    names = name_claims(view)
    assert [key for key, _, _ in names] == list(CARDS)
    assert len({heading for _, heading, _ in names}) == len({filename for _, _, filename in names}) == 2
    chosen, new_money = (filename for _, _, filename in names)
    assert chosen.startswith("claim-reached-the-front-line-") and new_money.startswith("claim-new-money-")
    assert view.scenarios[2].name[:20] in chosen, "the policy of one's own comes first"


def test_where_nothing_is_compared_there_is_nothing_to_claim(store: ResultStore) -> None:
    alone = view_answer(store.answer(replace(SELECTION, slots=(TODAYS_RULES,), letters="A"), 120))
    with pytest.raises(ValueError, match="nothing is compared yet"):
        make_answer_claim(alone, "pair")


def test_the_share_page_is_built_without_any_warning(session: Session) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tab = ShareTab(session)
        tab.show_answer(view_answer(session.answer))
    rows = tab.view.select(DownloadButtons)
    words = {label for row in rows for _, label, _ in row.items}
    headings = [heading for _, heading, _ in name_claims(view_answer(session.answer))]
    assert headings and set(headings) <= words
    assert {"PDF", "Web page", "CSV", "Parquet", "netCDF", "BibTeX", "Cards", "Over time", "Differences"} <= words
    assert "<img" not in tab.commands.object + tab.cite.object + tab.head.object


def test_the_share_page_gives_the_code_for_a_web_page_of_ones_own(session: Session) -> None:
    tab = ShareTab(session)
    assert session.answer is not None
    tab.show_answer(view_answer(session.answer))
    shown = str(tab.embed.object)
    frame, picture = (unescape(code) for code in re.findall(r"<pre><code>(.*?)</code></pre>", shown))
    link = re.search(r'src="ringfence-explorer\.html#(.*?)"', frame)
    assert link is not None and link[1].endswith("&amp;embed=1")
    assert restore("?" + unescape(link[1])).selection.slots == session.selection.slots
    said = describe_picture(view_answer(session.answer))
    assert (
        "health inequalities money" in said and "£" in said and "In 8 of 10 futures" in said and "no forecast" in said
    )
    names = re.search(r'title="(.*?)"', frame), re.search(r'alt="(.*?)"', picture)
    assert [found and unescape(found[1]) for found in names] == [f"Ringfence: {said}"] * 2
    assert "ringfence-share.png" in picture
    copied = [unescape(code) for code in re.findall(r'data-copy="(.*?)" data-alone', shown)]
    assert copied == [frame, picture]
    assert "explorer.html" in shown and "--embed-from" in shown
    alternative = re.findall(r'data-copy="(.*?)" data-alone', str(tab.alternative.object))
    assert [unescape(words) for words in alternative] == [said]


FILE = """title: Doing nothing
question: What if nothing were done?
changes:
  audit:
    to: 0.5
    from: 2027/28 Q1
    because: A test.
    evidence: []
    assumption: true
"""


@pytest.mark.parametrize(
    ("slot", "says"),
    [
        (Slot("ringfence"), ""),
        (Slot("ringfence", "", (LeverEdit("named", 1.0, 20),)), ""),
        (Slot("ringfence", "Doing nothing at all"), "“Ring-fence as in 2022/23, not waived”: from 2027/28 "),
        (Slot("ringfence", "Protected", (LeverEdit("named", 1.0, 20),)), "“Ring-fence as in 2022/23, not waived, "),
        (
            Slot("mine", "", (), FILE),
            "a scenario file",
        ),
    ],
)
def test_a_title_of_ones_own_travels_with_what_the_policy_is(slot: Slot, says: str, store: ResultStore) -> None:
    selection = Selection((TODAYS_RULES, slot), futures=250)
    view = view_answer(store.answer(selection, 250))
    drawn = "".join(ElementTree.fromstring(draw_answer_picture(view, "")).itertext()).replace("- ", "-")
    taken = [describe_picture(view), write_provenance_line(view), str(render_answer_cards(view)), drawn]
    taken += [str(slide.body) for slide in make_slides(view)]
    taken += [unescape(chart(view).source) for chart in CHARTS]
    assert bool(view.renamed) is bool(says)
    for words in map(unescape, taken):
        assert all(line in words for line in view.renamed)
    assert says in " ".join(view.renamed) and ("A policy of one’s own" in drawn) is bool(says or slot.edits)


def test_what_is_copied_of_a_card_says_that_it_is_no_forecast_and_not_assured(view: AnswerView) -> None:
    every = [unescape(words) for words in re.findall(r'data-copy="(.*?)"', str(render_answer_cards(view)), re.S)]
    copied = [words for words in every if not words.startswith(POSTS_BEGIN)]
    assert len(every) == 3 + bool(find_asked_card(view).short) and len(copied) == 3
    assert all(NO_FORECAST in words and words.endswith(NOT_ASSURED) for words in copied)


@pytest.mark.parametrize("policies", [("ringfence",), ("ringfence", "leadership", "both"), ("trusts-stream",), ()])
def test_what_is_cited_is_the_sentence_on_the_screen_with_its_range_and_what_nobody_measured(
    policies: tuple[str, ...], store: ResultStore
) -> None:
    view = view_answer(store.answer(Selection((TODAYS_RULES, *map(Slot, policies)), futures=250), 250))
    card = write_sentences(view)[1 if policies else 0]
    drawn = " ".join(speak_of_picture(view))
    for words in (
        citation.write_citation(view),
        citation.write_bibtex(view, DAY).replace("\\", ""),
        describe_picture(view),
    ):
        assert lower_first(write_standalone(card.sentence, view.years)).split(" ", 1)[1] in words
        assert card.caveat in words and "In 8 of 10 futures" in words
    rests = {kind for run in view.runs[1:3] for kind in list_unmeasured(run, view.baseline, view.outcome)}
    assert bool(rests) is bool(policies)
    for kind in rests:
        said = name_unmeasured(kind)
        assert said in card.caveat and said in drawn


def test_what_a_titled_policy_is_gives_the_values_of_what_it_changes() -> None:
    (line,) = describe_own_titles([Slot("trusts-stream", "Mine", (LeverEdit("direct_share", 0.5, 20),))], ["Mine"])
    assert line.startswith("“Mine”, a title of somebody’s own, is “") and "from 2027/28 " in line and "50%" in line


@pytest.mark.parametrize("title", ["Stronger leadership", "  stronger   LEADERSHIP.", "Stronger\u00a0leadership"])
def test_a_title_of_ones_own_cannot_pass_for_a_policy_of_the_library(title: str) -> None:
    with pytest.raises(SelectionError, match=r"is the title of a policy of the library.*such as “"):
        Slot("trusts-stream", title, (LeverEdit("direct_share", 0.5, 20),))
    assert Slot("leadership", title).shown == title and Slot("trusts-stream", f"{title} of mine").shown


def test_what_is_posted_names_a_policy_in_the_programs_own_words(store: ResultStore) -> None:
    slot = Slot("trusts-stream", "A leadership programme", (LeverEdit("direct_share", 0.5, 20),))
    view = view_answer(store.answer(Selection((TODAYS_RULES, slot), futures=250), 250))
    card, rendered = find_asked_card(view), unescape(str(render_answer_cards(view)))
    assert (
        slot.title in card.sentence
        and slot.title not in card.short
        and "“Protected stream for trusts, changed”" in card.short
    )
    assert rendered.count(view.renamed[0]) >= 2 and "50%" in view.renamed[0]
    assert view.renamed[0] in speak_of(view, 1)[2]


def test_every_file_of_the_share_page_can_be_made(session: Session) -> None:
    tab = ShareTab(session)
    rows = tab.view.select(DownloadButtons)
    made = {key: row.make(key) for row in rows for key, _, _ in row.items}
    assert all(len(parcel.data) > 50 for parcel in made.values())
    assert len({parcel.filename for parcel in made.values()}) == len(made)
    assert made["pdf"].data.startswith(b"%PDF-")
    with Image.open(io.BytesIO(made["share-png"].data)) as shown:
        assert shown.size == (1200, 630)
    drawn = "".join(ElementTree.fromstring(made["share-svg"].data).itertext())
    assert sentences.lower_first(QUESTION) in drawn and "A policy of one’s own: " in drawn
    assert (
        "Not independently assured." in drawn and "no forecast of any." in drawn and "Reached the front line" in drawn
    )
    assert made["csv"].data.startswith(b"\xef\xbb\xbfScenario,Title,")
    assert json.loads(made["csvw"].data)["url"] == made["csv"].filename
    whole = load_workbook(io.BytesIO(made["xlsx"].data))
    assert whole.sheetnames == ["Summary", "Pairs", "By year", "Boards", "Assumptions", "Read me"]
    answered = view_answer(session.answer)
    summary = whole["Summary"]
    headings = [cell.value for cell in summary[4]]
    exact = summary.cell(6, 1 + headings.index("Average, every digit (£ in each £100)")).value
    assert exact == 100 * answered.main[0].new_mean
    assert made["html"].data.lstrip().startswith(b"<!DOCTYPE html>")


def test_a_link_that_opens_on_this_computer_alone_says_so(session: Session) -> None:
    tab = ShareTab(session)
    for alone, address in ((True, "http://localhost:5006/"), (False, "https://ringfence.example.org/")):
        tab.host = VisitedHost(address, alone)
        tab.handle_change()
        assert ("opens on this computer alone" in tab.head.object) is alone
        rows = tab.view.select(DownloadButtons)
        data = next(row for row in rows if row.title == "A picture to share").make("share-svg").data.decode()
        assert ("https://ringfence.example.org/" in data) is not alone and "localhost" not in data


def test_without_an_answer_the_buttons_say_so(session: Session) -> None:
    tab = ShareTab(session)
    session.answer = None
    rows = tab.view.select(DownloadButtons)
    assert "still being worked out" in rows[0].make_message("pdf")["problem"]


# Data.


def test_parquet_holds_every_future_and_the_manifests_are_in_its_schema(view: AnswerView) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data_exports.make_parquet(view)))
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert table.num_rows == 3 * 250 * 8
    assert [one["scenario_fingerprint"] for one in json.loads(metadata["manifests"])] == [
        run.manifest.scenario_fingerprint for run in view.runs
    ]
    frame = table.to_pandas()
    b = frame[frame["scenario"] == "B"]["pot"].to_numpy().reshape(250, 8)
    assert (b == view.runs[1].nation["pot"]).all()
    assert metadata["precision"] == "float64"


def test_much_data_come_in_single_precision_and_say_so(view: AnswerView, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(data_exports, "EXACT", 1)
    table = pq.read_table(io.BytesIO(data_exports.make_parquet(view)))
    assert table.schema.metadata[b"precision"] == b"float32"
    pots = table.to_pandas()["pot"].to_numpy()[: 250 * 8].reshape(250, 8)
    assert np.allclose(pots, view.runs[0].nation["pot"], rtol=1e-6)


def test_netcdf_holds_every_measure_exactly(view: AnswerView, tmp_path: Path) -> None:
    import xarray as xr

    path = tmp_path / "measures.nc"
    path.write_bytes(data_exports.make_netcdf(view))
    with xr.open_dataset(path, engine="h5netcdf") as data:
        assert (data["pot"].sel(scenario="C").to_numpy() == view.runs[2].nation["pot"]).all()
        assert json.loads(data.attrs["manifests"])[0]["seed"] == 77
        assert [name for name, variable in data.data_vars.items() if "long_name" not in variable.attrs] == []
        assert data["pot"].attrs["units"] == "1e6"


# The printed briefing.


def words_of(pdf: bytes) -> list[str]:
    """The text of each page, in one line."""
    reader = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    document = reader.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return [" ".join(page.replace("\ufffe", "-").split()) for page in pages]


def test_the_printed_briefing_has_the_headline_of_the_screen_and_a_few_pages(answer: Answer, view: AnswerView) -> None:
    pages = words_of(data_exports.make_briefing_pdf(answer, DAY))
    whole = " ".join(pages)
    assert 3 <= len(pages) <= 8
    assert " ".join(write_headline(view).split()) in pages[1]
    assert pages[1].startswith("Behind page 1") and "What this assumes" in " ".join(pages[1:3])
    assert any(page.startswith("Annex") for page in pages[2:])
    for run in view.runs:
        assert format_pounds(float(run.outcome("front", "2028/29").mean())) in pages[0]
    for i, page in enumerate(pages, 1):
        assert f"Page {i} of {len(pages)}" in page
    assert data_exports.list_commands(view)[0] in whole
    assert "A square is £1" in whole and "What this cannot tell you" in whole and "29 November 2026" in whole
    assert all(run.manifest.scenario_fingerprint in whole for run in view.runs)


def test_the_same_answer_gives_the_same_file_on_the_same_day(answer: Answer) -> None:
    assert data_exports.make_briefing_pdf(answer, DAY) == data_exports.make_briefing_pdf(answer, DAY)


def test_today_alone_can_be_printed(store: ResultStore) -> None:
    pages = words_of(data_exports.make_briefing_pdf(store.answer(Selection((TODAYS_RULES,), futures=250), 250), DAY))
    assert "under today's rules about £" in pages[0] and "There is nothing to compare yet" not in pages[0]
    assert "today's rules give about £" in pages[1]


# Reproducing.


def numbers(words: str, tmp_path: Path) -> dict[str, Any]:
    assert words.startswith("ringfence ")
    result = CliRunner().invoke(app, [*words.split()[1:], "--json"], prog_name="ringfence")
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_the_commands_give_the_numbers_on_the_screen(
    session: Session, view: AnswerView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = ShareTab(session)
    for key, _, _ in tab.files.items:
        parcel = tab.files.make(key)
        (tmp_path / parcel.filename).write_bytes(parcel.data)
    monkeypatch.chdir(tmp_path)
    assert {file.name for file in view.recipe.files} <= {path.name for path in tmp_path.iterdir()}
    numbers_read = numbers(data_exports.list_commands(view)[0], tmp_path)
    for comparison, c, run in zip(numbers_read["comparisons"], view.main, view.runs[1:], strict=True):
        assert comparison["manifest"]["scenario_fingerprint"] == run.manifest.scenario_fingerprint
        assert comparison["mean"] == c.new_mean
        assert comparison["difference"] == c.difference
        assert tuple(comparison["likely"]) == c.likely
        assert comparison["sentence"] == c.sentence
    shown = charts.export_cards(view).rows
    assert format_pounds(numbers_read["comparisons"][0]["mean"]) == format_pounds(float(shown[1][4]))
    assert write_headline(view) in {write_answer([c], view.about, c.old_mean, view.years) for c in view.main}


def test_the_second_command_writes_both_briefings(
    session: Session, view: AnswerView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = ShareTab(session)
    parcel = tab.files.make("C")
    (tmp_path / parcel.filename).write_bytes(parcel.data)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, data_exports.list_commands(view)[1].split()[1:], prog_name="ringfence")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "briefing.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "report.html").is_file()


def test_the_command_for_today_alone_gives_its_number(store: ResultStore, tmp_path: Path) -> None:
    selection = Selection((TODAYS_RULES,), outcome="spent", years="2024/25-2025/26", seed=5, futures=250)
    view = view_answer(store.answer(selection, 250))
    numbers_read = numbers(data_exports.list_commands(view)[0], tmp_path)
    mean = float(view.baseline.outcome("spent", view.span).mean())
    assert str(mean) in json.dumps(numbers_read)


def test_two_scenarios_of_one_title_have_files_of_their_own(store: ResultStore) -> None:
    slots = (TODAYS_RULES, *(Slot("ringfence", "Mine", (LeverEdit("audit", value),)) for value in (0.2, 0.4)))
    selection = Selection(slots, futures=250)
    names = make_file_names(selection.scenarios)
    assert len(set(names)) == 3
    view = view_answer(store.answer(selection, 250))
    assert [file.name for file in view.recipe.files] == ["mine-b.yaml", "mine-c.yaml"] == names[1:]


def test_ones_own_boards_are_named_in_the_commands(view: AnswerView) -> None:
    own = replace(view, boards=replace(view.boards, source="mine.csv"))
    mark = f"--boards mine.csv@{view.boards.fingerprint} "
    assert all(mark in line for line in data_exports.list_commands(own))
    assert not any("--boards" in line for line in data_exports.list_commands(view))


def test_a_bibliography_can_read_the_citation(view: AnswerView) -> None:
    bibtex = citation.write_bibtex(view, DAY)
    assert bibtex.count("{") == bibtex.count("}")
    assert bibtex.startswith("@software{ringfence,") and "\n@misc{ringfence-" in bibtex
    assert citation.escape_tex("50% & {x}_$") == r"50\% \& \{x\}\_\$"
    assert all(run.manifest.scenario_fingerprint in bibtex for run in view.runs)


def test_the_picture_to_share_shows_one_sentence_with_its_range_and_speaks_the_whole_answer(view: AnswerView) -> None:
    drawn = ElementTree.fromstring(draw_answer_picture(view, "https://ringfence.example.org/"))
    shown = " ".join(node.text or "" for node in drawn.iter() if node.tag.endswith("text"))
    assert len(view.runs) > 2 and len(shown) < 1100, "it is read on a phone"
    for words in ("In this model, “", "In 8 of 10 futures", "bar: average", NO_FORECAST, NOT_ASSURED, "2027/28"):
        assert words in shown
    assert "https://ringfence.example.org/" in shown and "unmeasured" in shown.replace(
        "No source measures", "unmeasured"
    )
    assert sentences.write_of_model(write_sentences(view)[1].sentence, view.years) in " ".join(drawn.itertext())
