"""The report: one page that stands by itself and says what the numbers say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from days import DAY

import simulator.reports.page
from simulator.boards.table import make_equal_bodies
from simulator.calibration.scoreboard import scoreboard
from simulator.charts import squares as pictures
from simulator.common.formatting import (
    format_absolute,
    format_count,
    format_end,
    format_pounds,
    format_share_size,
)
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.reports import content, provenance, sentences
from simulator.reports.page import Report, draw_headline_picture, write
from simulator.reports.policy_comparison import compare
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario

pytestmark = [pytest.mark.interface, pytest.mark.usefixtures("scored_once")]

N = 100
VOID = {"meta", "link", "br", "hr", "img", "input"}
TODAY = sentences.OLD


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.attributes if name == tag]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return write(tmp_path_factory.mktemp("report") / "report.html", n=N, today=DAY)


@pytest.fixture(scope="module")
def html(made: Report) -> str:
    return made.path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def fake(gains: list[float], new: str = "New", old: str = "Old", outcome: str = "retained") -> Comparison:
    """A comparison with these differences, in points, from a level of one half."""
    base = np.full(len(gains), 0.5)
    return compare_paired(
        base + np.array(gains) / 100,
        base,
        about=OUTCOMES[outcome],
        names=(new, old),
        years=("2027/28", "2029/30"),
        badge="b",
    )


BETTER = fake([10.0] * 99 + [11.0], "Up")
WORSE = fake([-10.0] * 99 + [-11.0], "Down")
MIXED = fake([-6.0, 8.0] * 50, "Mixed")
MOSTLY = fake([1.0] * 90 + [-2.0] * 10, "Mostly")
HALF = fake([12.0, -6.0] * 200, "Half")
NOTHING = fake([0.0] * 100, "Idle")


def plain(text: str) -> str:
    return " ".join(text.split())


# The page as a file.


def test_the_page_is_well_formed_and_has_one_main_heading_in_british_english(page: Page) -> None:
    assert page.tags["h1"] == 1
    assert page.tags["main"] == 1
    assert page.of("html") == [{"lang": "en-GB"}]


def test_the_page_loads_nothing_and_runs_nothing(html: str, page: Page) -> None:
    assert {tag for tag in page.tags if tag in ("script", "link", "img", "iframe", "object", "embed", "base")} == set()
    used = [attributes.get(name, "") for _, attributes in page.attributes for name in ("src", "href", "xlink:href")]
    assert [reference for reference in used if reference and not reference.startswith("#")] == []
    assert "url(" not in html
    assert "@import" not in html
    assert not any(name.startswith("on") for _, attributes in page.attributes for name in attributes)
    policy = next(m["content"] for m in page.of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_every_link_leads_to_a_place_on_the_page(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.attributes if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"].lstrip("#") for attributes in page.of("a")]
    assert len(links) > 5
    assert set(links) <= set(ids)


def test_the_page_is_smaller_than_a_megabyte(html: str) -> None:
    assert len(html.encode()) < 1_000_000


def test_every_picture_has_a_name_and_a_description_or_is_hidden_with_its_words_beside_it(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.attributes if "id" in attributes}
    shown = [picture for picture in page.of("svg") if picture.get("role") == "img"]
    assert len(shown) == 4 + 4 + 4 + 4 + 1
    assert all(set(picture["aria-labelledby"].split()) <= ids for picture in shown)
    assert page.tags["desc"] == page.tags["figure"] + 4 == len(shown)
    assert page.tags["figcaption"] == page.tags["figure"]


def test_every_table_has_a_caption_and_headings_with_a_scope(page: Page) -> None:
    assert page.tags["table"] == page.tags["caption"] == 6
    assert all(head.get("scope") in ("col", "row") for head in page.of("th"))
    regions = [part for part in page.of("div") if part.get("class") == "scroll"]
    assert all(part.get("tabindex") == "0" and part.get("aria-labelledby") for part in regions)


def test_the_same_seed_gives_the_same_bytes_apart_from_the_date(
    made: Report, html: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(simulator.reports.page, "scoreboard", scoreboard)  # worked out again
        again = write(tmp_path / "again.html", n=N, today=DAY).path.read_text(encoding="utf-8")
    assert again == html
    later = write(tmp_path / "later.html", n=N, today=dt.date(2027, 1, 31)).path.read_text(encoding="utf-8")
    differ = [(a, b) for a, b in zip(html.splitlines(), later.splitlines(), strict=True) if a != b]
    assert [("29 November 2026" in a, "31 January 2027" in b) for a, b in differ] == [(True, True)]
    other = write(tmp_path / "other.html", n=N, seed=1, today=DAY)
    assert other.comparisons != made.comparisons


def test_a_report_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def broken(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="the disk is full"):
        write(path, ["leadership"], n=20, boards=make_equal_bodies(2))
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("scenarios", "n", "words"),
    [([], N, "1 to 5 scenarios"), (["both"] * 6, N, "1 to 5 scenarios"), (["both"], 19, "at least 20 futures")],
)
def test_a_report_that_could_not_be_read_is_refused(tmp_path: Path, scenarios: list[str], n: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        write(tmp_path / "r.html", scenarios, n=n)


def test_a_missing_folder_is_noticed_before_anything_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator.reports.page, "run_many", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(tmp_path / "nowhere" / "r.html")


def test_progress_counts_all_runs_and_can_stop_them(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write(tmp_path / "r.html", ["leadership"], n=20, boards=make_equal_bodies(2), progress=lambda *at: calls.append(at))
    assert calls == sorted(calls)
    assert calls[-1] == (20 * 5, 20 * 5)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "s.html", ["leadership"], n=20, boards=make_equal_bodies(2), progress=stop)
    assert not (tmp_path / "s.html").exists()


# The numbers on the page are those of the comparisons.


def test_the_report_holds_the_comparisons_that_compare_makes(made: Report) -> None:
    assert list(made.results) == ["baseline", "ringfence", "leadership", "both"]
    assert [c.outcome.name for c in made.comparisons[::3]] == ["retained", "spent", "front", "additional"]
    found = {(c.new, c.outcome.name): c for c in made.comparisons}
    title = made.results["leadership"].manifest.title
    assert found[title, "front"] == compare("leadership", n=N, outcome="front")


def test_the_numbers_in_the_table_of_differences_are_those_of_the_comparisons(made: Report, page: Page) -> None:
    for c in made.comparisons:
        row = (
            f"{c.outcome.label} {c.new} {c.signed_gap} "
            f"{format_absolute(c.margin, c.outcome.unit)} "
            f"{sentences.format_spread(*c.likely, c)} {sentences.format_spread(*c.wide, c)} "
            f"{' '.join(c.counts)} {c.verdict_words}"
        )
        assert row in page.text


def test_headline_certainty_and_sentences_stand_on_the_page(made: Report, page: Page) -> None:
    main = list(made.comparisons[:3])
    assert sentences.write_headline(main) in page.text
    assert sentences.describe_certainty(main) in page.text
    assert all(c.sentence in page.text for c in main)
    assert all(sentences.describe_comparison(c) in page.text for c in made.comparisons)
    assert main[0].badge.capitalize() in page.text


def test_cards_show_the_average_the_80_percent_range_and_as_many_squares(made: Report, html: str, page: Page) -> None:
    drawn = re.findall(r"<g class=\"(sure|mean|maybe|lost)\"[^>]*>((?:<rect [^>]*/>)*)</g>", html)
    assert sum(cells.count("<rect") for _, cells in drawn) == 4 * 100
    total = sum(cells.count("<rect") for kind, cells in drawn if kind in ("sure", "mean"))
    means = [made.comparisons[0].old_mean, *(c.new_mean for c in made.comparisons[:3])]
    assert total == sum(int(100 * mean + 0.5) for mean in means)
    shares = sentences.format_levels(made.comparisons[:3])
    for share, result in zip(shares, made.results.values(), strict=True):
        low, high = np.quantile(result.outcome("retained", slice(5, None)), (0.1, 0.9))
        likely = f"8 in 10 results: {format_end(low)} to {format_end(high)}"
        assert f"{share} of each £100 {likely}" in page.text


def test_the_chart_over_time_shows_the_averages_of_every_year(made: Report, page: Page) -> None:
    for result in made.results.values():
        middle = np.mean(result.each_year("retained"), axis=0)
        assert f"from {format_pounds(middle[0])} in 2022/23 to {format_pounds(middle[-1])} in 2029/30" in page.text


def test_the_cascade_shows_the_mean_of_each_step(made: Report, page: Page) -> None:
    for result in made.results.values():
        shares = [format_pounds(result.outcome(name, slice(5, None)).mean()) for name in content.CASCADE]
        assert f"{result.manifest.title} £100 {' '.join(shares)}" in page.text
    assert "Money taken from the fund is not wasted" in page.text


def test_leadership_meets_each_version_of_the_ring_fence_in_the_same_futures(page: Page) -> None:
    versions = ["ringfence-label", "ringfence", "ringfence-audited"]
    pairs = [compare("leadership", name, n=N, years="2027/28-") for name in versions]
    assert sentences.compare_both_sides(pairs) in page.text
    assert sentences.write_leadership_title(pairs) in page.text
    for pair in pairs:
        assert re.search(
            rf"{pair.old} [^A-Z]* {format_count(pair.better, pair.n)} {format_count(pair.worse, pair.n)} ", page.text
        )


def test_the_fund_is_what_the_areas_amounts_add_up_to(tmp_path: Path, page: Page) -> None:
    assert "add up to £200m a year in 2022/23" in page.text
    other = write(tmp_path / "r.html", ["leadership"], n=20, boards=make_equal_bodies(3, fund_m=7.0))
    text = Page(other.path.read_text(encoding="utf-8")).text
    assert "add up to £21m a year" in text
    assert "NHS England, the Ministry" not in text


def test_the_page_says_how_to_make_it_again_and_what_it_cites(made: Report, page: Page) -> None:
    for command in ("report", "compare"):
        assert f"ringfence {command} ringfence leadership both --seed 20240323 -n {N}" in page.text
    manifest = made.results["both"].manifest
    for fact in (manifest.code, manifest.scenario_fingerprint, manifest.boards_fingerprint, manifest.version):
        assert fact in page.text
    cited = {i for name in ("both", "ringfence-audited") for i in load_scenario(name).evidence}
    assert all(f"{i}: " in page.text for i in cited)
    assert "Open Government Licence v3.0" in page.text


def test_limits_of_each_policy_are_said_once(page: Page) -> None:
    for name in ("ringfence", "leadership", "ringfence-label", "ringfence-audited"):
        assert page.text.count(plain(load_scenario(name).cannot_say)) == 1
    assert "forecast of, or a judgement on, any board" in page.text


# Words follow the numbers, whichever way they point.


def test_a_gain_is_more_and_a_loss_is_less() -> None:
    gain, loss = sentences.write_headline([BETTER, MIXED]), sentences.write_headline([WORSE])
    assert gain == (
        "In this model, “Up” keeps about £60.0 in each £100 of the fund to the year end, on average £10.0 more than "
        f"{TODAY} (£50.0), 2027/28 to 2029/30."
    )
    assert loss == (
        "In this model, “Down” keeps about £40.0 in each £100 of the fund to the year end, on average £10.0 less than "
        f"{TODAY} (£50.0), 2027/28 to 2029/30."
    )


def test_a_headline_prefers_what_helps_and_the_rest_is_not_hidden() -> None:
    every = [WORSE, MIXED, BETTER, NOTHING, MOSTLY]
    assert "“Up”" in sentences.write_headline(every)
    sure = sentences.describe_certainty(every)
    for words in (
        "“Down” does worse in every future that was run",
        "“Mixed” is not settled on average",
        "“Idle” makes no difference",
        "“Mostly” does slightly better in most futures",
    ):
        assert f"Against {TODAY}, {words}." in sure


def test_a_gain_that_is_slight_and_one_that_holds_on_average_only_are_said_to_be_so() -> None:
    assert MOSTLY.verdict == "slightly better in most futures"
    assert sentences.describe_comparison(MOSTLY).startswith(
        f"“Mostly” does slightly better than {TODAY} in most futures: 70p more of each £100 on average"
    )
    assert sentences.describe_comparison(HALF).startswith(
        f"“Half” does better than {TODAY} on average only: £3.0 more of each £100 on average"
    )


def test_how_sure_a_headline_is_names_the_average_whose_error_it_begins_with_and_calls_the_range_by_its_number() -> (
    None
):
    size = format_share_size(HALF.margin)
    spread = "in 8 of 10 futures £6 less to £12 more; better in 50 of 100 futures, worse in 50."
    named = f"For “Half”, more futures could move the average difference by {size}"
    assert sentences.describe_certainty([HALF]) == f"{named}; {spread}"
    error = f"running more futures could move that by {size}"
    assert f"£3.0 more of each £100 on average ({error}); {spread}" in sentences.describe_comparison(HALF)
    assert "£3.0" in sentences.write_headline([HALF])


def test_what_is_not_settled_is_said_to_be_so() -> None:
    assert sentences.write_headline([MIXED]) == (
        f"100 futures do not settle whether “Mixed” keeps more or less on average than {TODAY}, which keep about £50.0 "
        "in each £100 to the year end."
    )
    sure = sentences.describe_certainty([MIXED])
    assert sure.startswith(f"Whether “Mixed” does better or worse than {TODAY} on average is not settled: £1.0 more of")
    assert sure.endswith("; better in 50 of 100 futures, worse in 50.")
    assert "keeps about" not in sentences.write_headline([MIXED, NOTHING])


def test_no_effect_is_said_to_be_none() -> None:
    assert "“Idle” makes no difference" in sentences.write_headline([NOTHING])
    assert sentences.describe_certainty([NOTHING]) == f"“Idle” gives the same result as {TODAY} in every future."
    assert sentences.write_card_line(NOTHING) == f"The same result as {TODAY} in every future."


WRITTEN = " (not assumed, but no proof)"


def test_a_card_counts_futures_that_are_worse_or_the_same_too() -> None:
    assert sentences.write_card_line(BETTER) == (
        f"Better than {TODAY} in 100 of 100 futures (not assumed, but no proof)."
    )
    assert sentences.write_card_line(WORSE) == f"Better than {TODAY} in 0 of 100 futures, worse in 100{WRITTEN}."
    rare = fake([0.0] * 70 + [3.0] * 30)
    assert sentences.write_card_line(rare) == f"Better than {TODAY} in 30 of 100 futures, the same in 70."


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (
            BETTER,
            "“Up” does better than “Old” in every future that was run (keeps more in 100 of 100 futures, less in 0: "
            "not assumed, but no proof)",
        ),
        (
            WORSE,
            "“Down” does worse than “Old” in every future that was run (keeps more in 0 of 100 futures, less in 100: "
            "not assumed, but no proof)",
        ),
        (MIXED, "Whether “Mixed” does better or worse than “Old” on average is not settled (keeps more in 50 of 100"),
        (HALF, "“Half” does better than “Old” on average only (keeps more in 50 of 100"),
        (NOTHING, "“Idle” and “Old” give the same result in every future"),
    ],
)
def test_both_sides_are_shown_for_each_version(pair: Comparison, words: str) -> None:
    assert sentences.compare_both_sides([pair]).startswith(words)
    assert "All versions give the same answer." in sentences.compare_both_sides([pair, pair])


def test_the_answer_turns_on_the_version_only_where_versions_differ() -> None:
    mixed = [dataclasses.replace(c, new="Leadership") for c in (BETTER, MIXED, WORSE)]
    assert sentences.compare_both_sides(mixed).endswith("So the answer turns on which ring-fence is meant.")
    assert sentences.write_leadership_title(mixed) == (
        "Of 3 versions of a ring-fence, “Leadership” does better on average than 1, is not settled against 1 and does "
        "worse on average than 1"
    )


def test_a_tally_counts_every_verdict() -> None:
    assert sentences.count_verdicts([BETTER, BETTER, MIXED, WORSE]) == (
        f"Against {TODAY}, 2 of 4 do better in every future that was run, 1 of 4 is not settled on average and 1 of 4 "
        "does worse in every future that was run"
    )


def test_a_tally_says_nearly_all_futures_only_where_a_policy_has_an_exception() -> None:
    nearly = fake([3.0] * 97 + [-1.0] * 3)
    assert sentences.count_verdicts([BETTER]) == f"Against {TODAY}, 1 of 1 does better in every future that was run"
    assert sentences.count_verdicts([BETTER, nearly]).endswith("2 of 2 do better in nearly all futures")


@pytest.mark.parametrize(
    ("share", "words"), [(0.75, "£75.0"), (0.096, "£9.6"), (0.002, "20p"), (0.0, "£0"), (float("nan"), "not defined")]
)
def test_shares_are_pounds_in_a_hundred_and_pence_when_small(share: float, words: str) -> None:
    assert format_pounds(share) == words


# What people write, and odd cases.


def test_a_hostile_title_is_shown_and_never_run(tmp_path: Path) -> None:
    hostile = '</title></svg><script>alert("x")</script>&<img src=x onerror=alert(1)>'
    nasty = dataclasses.replace(load_scenario("leadership"), title=hostile, question=hostile, cannot_say=hostile)
    areas = dataclasses.replace(make_equal_bodies(3), source=hostile)
    report_written = write(tmp_path / "r.html", [nasty], n=20, boards=areas, today=DAY)
    text = report_written.path.read_text(encoding="utf-8")
    read = Page(text)
    assert "<script" not in text
    assert read.tags["img"] == read.tags["script"] == 0
    assert hostile in "".join(read.said)
    drawn = ElementTree.fromstring(draw_headline_picture(report_written.results))
    assert "alert" in "".join(drawn.itertext())
    assert [part for part in drawn.iter() if part.tag.endswith("script")] == []


def test_a_policy_without_effect_says_so_on_the_page(tmp_path: Path) -> None:
    report_written = write(tmp_path / "r.html", ["baseline", "ringfence-label"], n=20, today=DAY)
    assert list(report_written.results) == ["baseline", "baseline (2)", "ringfence-label"]
    assert report_written.comparisons[0].verdict == "no difference"
    text = Page(report_written.path.read_text(encoding="utf-8")).text
    assert f"The same result as {TODAY} in every future." in text
    assert "not settled" not in text.split("Differences")[0]


def test_a_fund_that_is_nil_throughout_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    nil = load_scenario("baseline").with_lever("pot_scale", 0)
    with pytest.raises(ValueError, match="not defined in any of these futures"):
        write(tmp_path / "r.html", [nil], n=20, boards=make_equal_bodies(3))
    assert list(tmp_path.iterdir()) == []


def test_a_fund_that_is_nil_in_some_years_leaves_a_gap_in_the_chart_and_no_nan(tmp_path: Path) -> None:
    nil = load_scenario("baseline").with_lever("pot_scale", 0, "2028/29 Q1")
    report_written = write(tmp_path / "r.html", [nil, "no-letter"], n=20, boards=make_equal_bodies(3))
    read = Page(report_written.path.read_text(encoding="utf-8"))
    assert "The fund is nil in 2029/30." in read.text
    assert not re.search(r"\bnan\b", read.text)
    assert [value for _, found in read.attributes for value in found.values() if re.search(r"\bnan\b", value)] == []


def test_a_file_of_ones_own_is_compared_and_its_command_says_so(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(load_scenario("committee").to_yaml(), encoding="utf-8")
    report_written = write(tmp_path / "r.html", [own], n=20, boards=make_equal_bodies(3))
    text = Page(report_written.path.read_text(encoding="utf-8")).text
    mark = f"{own}@{load_scenario('committee').fingerprint}"
    assert f"ringfence report {mark} --boards" in text
    assert f"They read {own} (fingerprint {mark[-16:]}), and refuse a file of that name with another" in text
    assert "Save your own table of boards (“3 equal bodies”, fingerprint" in text


@pytest.mark.parametrize("mean", [0.0, 0.004, 0.555, 0.996, 1.0])
def test_squares_are_a_hundred_and_hold_the_average(mean: float) -> None:
    counts = pictures.count_squares(mean, mean - 0.2, mean + 0.2)
    assert counts.sure + counts.mean == int(100 * mean + 0.5)
    assert counts.sure + counts.mean + counts.maybe + counts.lost == 100
    assert min(dataclasses.astuple(counts)) >= 0


def test_no_square_is_kept_where_the_share_is_not_defined() -> None:
    assert pictures.count_squares(float("nan"), 0, 0) == pictures.Squares(0, 0, 0, 100)


def test_levers_that_rest_on_judgement_say_so() -> None:
    rows = provenance.list_moves([load_scenario("ringfence"), load_scenario("leadership"), load_scenario("both")])
    assert len(rows) == 4
    assert all("judgement" in row.rests for row in rows)
    assert sum("nobody has measured" in row.rests for row in rows) == 2
    assert {row.policy.count(";") for row in rows} == {1}


def test_the_headline_picture_is_a_file_that_stands_by_itself(made: Report) -> None:
    text = draw_headline_picture(made.results)
    drawn = ElementTree.fromstring(text)
    names = "{http://www.w3.org/2000/svg}"
    assert drawn.tag == f"{names}svg"
    background = drawn.find(f"{names}rect")
    assert background is not None
    assert background.get("fill") == "#FFFFFF"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    text_shown = "".join(drawn.itertext())
    for c in made.comparisons[:3]:
        assert f"{format_pounds(c.new_mean)}" in text_shown
        assert c.short_line in text_shown
    assert "fitted to 10 published findings" in text_shown.lower()


def test_the_headline_picture_needs_paired_results(made: Report) -> None:
    with pytest.raises(KeyError):
        draw_headline_picture({"both": made.results["both"]})
    with pytest.raises(ValueError, match="not paired"):
        draw_headline_picture({"baseline": made.results["baseline"], "both": run("both", n=20)})


@pytest.mark.parametrize("speak", [sentences.describe_certainty, sentences.write_headline])
def test_no_sentence_promises_or_proves(speak: Callable[[list[Comparison]], str]) -> None:
    for cases in ([BETTER], [WORSE], [MIXED], [NOTHING], [BETTER, WORSE, MIXED, NOTHING, MOSTLY, HALF]):
        assert not re.search(r"\b(will|proves?|significant(ly)?)\b", speak(cases))
