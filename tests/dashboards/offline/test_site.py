"""The static site is whole: links lead to pages, each intervention has one, and every number is the simulator's."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import resvg_py
import typer
from browsing import OF_COLOURS, violations, watched
from days import DAY
from explorer_pages import ANSWER_ALONE
from markupsafe import escape
from typer.testing import CliRunner

from dashboards.offline.checks import list_lines
from dashboards.offline.site import build, commands, pages
from dashboards.offline.site.answers import SiteAnswers, explorer_query, work_out
from dashboards.offline.site.build import Site, SiteOptions, read_address, write_site
from dashboards.offline.site.folder import MARKER, check_site_folder, write_site_folder
from dashboards.offline.site.model_page import describe_model
from dashboards.selection.interventions import BRIEFING, FOLLOWED, GROUPS, REPORT
from dashboards.selection.permalink import restore
from simulator.assurance.pack_files import FILES
from simulator.boards.table import read_boards
from simulator.common.errors import InputError
from simulator.declarations.evidence import load_register
from simulator.reports.check_words import describe_failure, list_failed
from simulator.reports.policy_comparison import compare
from simulator.reports.provenance import NOT_ASSURED
from simulator.runs.futures import draw_futures
from simulator.runs.run import run
from simulator.scenarios.scenario import load_scenario, parse_scenario

pytestmark = [pytest.mark.dashboards, pytest.mark.xdist_group("browser")]

N, SEED = 250, 11  # of the numbers that a link may ask for, the smallest
NASTY = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"
OWN = parse_scenario(
    json.dumps(
        {
            "title": NASTY,
            "question": NASTY,
            "cannot_say": NASTY,
            "changes": {
                "audit": {"to": 0.5, "from": "2027/28 Q1", "because": NASTY, "evidence": [], "assumption": True}
            },
        }
    ),
    "nasty",
)
ADDRESS = "https://example.org/fund/"


class Page(HTMLParser):
    """What a test asks of a page: elements with their attributes, ids, and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def meta(self, name: str) -> str:
        found = [each["content"] for each in self.of("meta") if name in (each.get("property"), each.get("name"))]
        assert len(found) == 1, name
        return found[0]


class Painter:
    """Makes pixels of drawings by resvg, which takes half of the time of a site: of every eighth, and of the first of a
    size. Others have the pixels of the last one that is as large. Of those that were painted, every other is painted
    again when it is asked for once more.
    """

    def __init__(self) -> None:
        self._paint, self._known, self._again = resvg_py.svg_to_bytes, dict[str, bytes](), 0
        self._painted, self._last = set[str](), dict[str, bytes]()

    def __call__(self, **asked: Any) -> bytes:
        drawing = repr(sorted(asked.items()))
        root = re.match(r'<svg [^>]*?width="\d+" height="\d+"', asked["svg_string"])
        assert root is not None
        size = f"{root.group()} {asked['zoom']}"
        if drawing not in self._known:
            if size not in self._last or len(self._known) % 8 == 0:
                self._last[size] = bytes(self._paint(**asked))
                self._painted.add(drawing)
            self._known[drawing] = self._last[size]
        elif drawing in self._painted:
            self._again += 1
            if self._again % 2 == 1:
                self._known[drawing] = bytes(self._paint(**asked))
        return self._known[drawing]


@pytest.fixture(scope="module", autouse=True)
def painter() -> Iterator[Painter]:
    """One for all sites of this module."""
    with pytest.MonkeyPatch.context() as patch:
        painter = Painter()
        patch.setattr(resvg_py, "svg_to_bytes", painter)
        yield painter


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, painter: Painter) -> Site:
    folder = tmp_path_factory.mktemp("site") / "made"
    return write_site(folder, SiteOptions(N, SEED, own=(OWN,), address=ADDRESS), today=DAY)


@pytest.fixture(scope="module")
def parsed(site: Site) -> dict[str, Page]:
    """Every page but the explorer, which has rules and tests of its own."""
    names = [name for name in site.sizes if name.endswith(".html") and name != pages.EXPLORER]
    return {name: Page((site.folder / name).read_text(encoding="utf-8")) for name in names}


@pytest.fixture(scope="module")
def few() -> SiteAnswers:
    """The answers in a few futures, without pictures."""
    return work_out((OWN,), draw_futures(20, seed=SEED), read_boards())


def test_each_of_the_45_interventions_stands_once_and_is_the_librarys() -> None:
    numbered = {number: name for group in GROUPS for number, name in group.scenarios.items()}
    assert sorted(numbered) == list(range(1, 46))
    assert [number for group in GROUPS for number in group.scenarios] == sorted(numbered)
    assert len(set(numbered.values())) == 45
    assert {number for number, name in numbered.items() if number not in load_scenario(name).interventions} == set()


def test_every_link_leads_to_a_file_of_the_site_and_to_a_place_in_it(site: Site, parsed: dict[str, Page]) -> None:
    explorer_links, checked = 0, 0
    for name, page in parsed.items():
        for address in [a["href"] for tag in ("a", "link") for a in page.of(tag)] + [i["src"] for i in page.of("img")]:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "data"):
                continue
            target = (site.folder / name).parent / unquote(parts.path) if parts.path else site.folder / name
            assert target.is_file(), (name, address)
            inside = target.resolve().relative_to(site.folder.resolve()).as_posix()
            assert inside in site.sizes, (name, address)
            checked += 1
            if inside == pages.EXPLORER:
                explorer_links += bool(parts.fragment)
            elif parts.fragment:
                assert parts.fragment in parsed[inside].ids, (name, address)
    assert checked > 1000
    assert explorer_links >= 45


def test_no_page_fetches_anything_from_elsewhere_or_runs_a_script_but_the_sites_own(parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        assert page.of("iframe") == page.of("form") == page.of("style") == [], name
        assert [script["src"] for script in page.of("script")] == ["../" * name.count("/") + pages.SCRIPT], name
        assert [each for _, each in page.elements if "style" in each or any(key.startswith("on") for key in each)] == []
        fetched = [i["src"] for i in page.of("img")]
        fetched += [link["href"] for link in page.of("link") if link["rel"] in ("stylesheet", "icon")]
        assert [address for address in fetched if urlsplit(address).scheme not in ("", "data")] == [], name
        policy = [each["content"] for each in page.of("meta") if each.get("http-equiv") == "Content-Security-Policy"]
        assert policy and policy[0].startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src"), name
        assert "unsafe" not in policy[0] and "form-action 'none'" in policy[0], name


def test_every_page_can_be_read_by_everybody_and_says_what_it_is_not(site: Site, parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        text = (site.folder / name).read_text(encoding="utf-8")
        assert len(page.of("h1")) == len(page.of("main")) == 1, name
        assert page.of("html") == [{"lang": "en-GB"}]
        assert next(a for a in page.of("a") if a.get("class") == "skip")["href"] == "#main"
        assert len(page.ids) == len(set(page.ids)), name
        assert all(image.get("alt") for image in page.of("img"))
        assert all(head.get("scope") in ("col", "row") for head in page.of("th")), name
        assert "no line here is a forecast of" in text
        assert "uncertain numbers are not pinned down" in text


def test_each_intervention_has_a_page_a_picture_and_preview_tags(site: Site, parsed: dict[str, Page]) -> None:
    assert len(site.answers.interventions) == 45
    for answer in site.answers.pages:
        page, picture = parsed[answer.page], f"{answer.picture}.png"
        png = (site.folder / picture).read_bytes()
        assert struct.unpack(">II", png[16:24]) == (1200, 630)
        drawn = (site.folder / f"{answer.picture}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 1200 630"' in drawn
        assert all(f">{level}</text>" in drawn for level in answer.comparison.level_words)
        assert page.meta("og:image") == page.meta("twitter:image") == ADDRESS + picture
        assert page.meta("og:url") == ADDRESS + answer.page
        assert page.meta("og:description") == page.meta("description") == answer.headline
        assert page.meta("twitter:card") == "summary_large_image"
    assert parsed["index.html"].meta("og:image") == f"{ADDRESS}index.png"


@pytest.mark.parametrize("number", [1, 15, 25, 43, 44])
def test_sentences_and_numbers_are_those_of_the_comparison(number: int, site: Site) -> None:
    answer = site.answers.interventions[number - 1]
    futures = draw_futures(N, seed=SEED)
    told = compare(answer.policy.name, "baseline", futures=futures)
    extra = compare(answer.policy.name, "baseline", futures=futures, outcome="additional")
    assert told == answer.comparison
    assert extra == answer.additional
    data = json.loads((site.folder / "data/answers.json").read_text(encoding="utf-8"))
    kept = next(each for each in data["answers"] if each["number"] == number)
    assert kept["comparisons"][0]["difference"] == told.difference
    assert kept["comparisons"][0]["sentence"] == told.sentence
    assert kept["manifest"]["scenario_fingerprint"] == load_scenario(answer.policy.name).fingerprint
    page = (site.folder / answer.page).read_text(encoding="utf-8")
    for words in (answer.headline, answer.sure, extra.sentence, answer.policy.cannot_say, answer.command):
        assert escape(words) in page


def test_the_data_hold_every_scenario_and_outcome_at_full_precision(site: Site) -> None:
    data = json.loads((site.folder / "data/answers.json").read_text(encoding="utf-8"))
    lines = list(csv.DictReader(io.StringIO((site.folder / "data/answers.csv").read_text(encoding="utf-8-sig"))))
    outcomes = [numbers for answer in data["answers"] for numbers in answer["comparisons"]]
    assert len(lines) == len(outcomes) == 4 * len(site.answers.every)
    assert [float(line["difference"]) for line in lines] == [numbers["difference"] for numbers in outcomes]
    assert (data["futures"], data["seed"], data["address"]) == (N, SEED, ADDRESS)
    assert all((site.folder / answer["file"]).is_file() for answer in data["answers"])
    described = (site.folder / "data/README.txt").read_text(encoding="utf-8")
    assert [name for name in lines[0] if not re.search(rf"\b{name}\b", described)] == []
    for answer in site.answers.own:
        assert load_scenario(site.folder / f"data/{answer.picture}.yaml").fingerprint == OWN.fingerprint


def test_what_users_wrote_stays_text_on_pages_and_in_pictures(site: Site, parsed: dict[str, Page]) -> None:
    own = site.answers.own[0]
    for name in ("index.html", "recommendations/index.html", own.page):
        text = (site.folder / name).read_text(encoding="utf-8")
        assert "alert(1)" in text
        assert text.count("<script") == 1 and "<img src=x" not in text and "{{ 7*7 }}" in text
    assert own.page == parsed[own.page].meta("og:url").removeprefix(ADDRESS)
    assert re.fullmatch(r"own/1-[a-z0-9-]+\.html", own.page)
    assert "<script" not in (site.folder / f"{own.picture}.svg").read_text(encoding="utf-8")


def test_hostile_names_of_boards_stay_text(tmp_path: Path) -> None:
    table = tmp_path / "boards.csv"
    table.write_text(
        "code,name,fund_m,weight_m,target_distance_pct,core20_pct,region\n"
        + "".join(f'X{i},"<script>alert({i})</script>",5,1000,0,2{i},"<b>R</b>"\n' for i in range(4)),
        encoding="utf-8",
    )
    answers = work_out((), draw_futures(20, seed=SEED), read_boards(table))
    made = pages.SitePages(answers, "", "ringfence site pages", "29 November 2026").render()
    assert [name for name, page in made.items() if page.count(b"<script") > 1 or b"<b>R" in page] == []
    assert b"boards.csv" in made["index.html"]
    assert f"boards.csv@{read_boards(table).fingerprint}".encode() in made[answers.interventions[0].page]


def test_a_link_into_the_explorer_restores_the_scenario(few: SiteAnswers) -> None:
    for answer in (few.interventions[14], few.own[0]):
        restored = restore(f"?{explorer_query(answer, few.futures)}")
        assert restored.notes == ()
        assert restored.selection.slots[1].scenario.fingerprint == answer.policy.fingerprint
        assert restored.selection.seed == SEED


def test_a_page_says_who_has_checked_it_and_leads_to_a_pack_where_there_is_one(few: SiteAnswers) -> None:
    without, beside = (
        pages.SitePages(few, "", "make it", "today", pack).render()["assurance.html"].decode() for pack in (None, FILES)
    )
    assert NOT_ASSURED in without and NOT_ASSURED in beside
    assert "ringfence assurance pack" in without and "assurance/index.html" not in without
    assert all(f'href="assurance/{name}"' in beside for name in FILES)


def test_without_an_address_previews_are_relative_and_it_is_said(few: SiteAnswers) -> None:
    made = pages.SitePages(few, "", "ringfence site pages", "29 November 2026").render()
    answer = few.interventions[14]
    page = Page(made[answer.page].decode("utf-8"))
    assert page.meta("og:image") == f"../{answer.picture}.png"
    assert [each for each in page.of("meta") if each.get("property") == "og:url"] == []
    assert "relative" in Page(made["index.html"].decode("utf-8")).meta("ringfence:previews")


@pytest.mark.parametrize("address", ["", "https://example.org/a/", "http://localhost:8080/", "https://example.org"])
def test_an_address_is_read_with_a_slash_at_its_end(address: str) -> None:
    assert read_address(address) in (address, f"{address}/")


@pytest.mark.parametrize(
    "address",
    [
        "example.org",
        "/a/",
        "javascript:alert(1)",
        "ftp://example.org/",
        "https://",
        "https://example.org/?a=1",
        'https://example.org/"><b>',
        "https://u@example.org/",
        "https://example.org/#a",
        "https://[::1",
        "https://e.org/\n",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="cannot be the address of a site"):
        read_address(address)


def test_written_twice_it_is_the_same_to_the_byte_and_other_files_stay(site: Site) -> None:
    before = {name: (site.folder / name).read_bytes() for name in site.sizes}
    (site.folder / "CNAME").write_text("example.org", encoding="utf-8")
    again = write_site(site.folder, SiteOptions(N, SEED, own=(OWN,), address=ADDRESS), today=DAY)
    assert set(again.sizes) == set(before)
    changed = {name for name, data in before.items() if (site.folder / name).read_bytes() != data}
    assert changed <= ({pages.EXPLORER} if b'"date"' in before[pages.EXPLORER] else set())
    dated = re.compile(rb'"date":"[^"]*"')
    assert dated.sub(b"", before[pages.EXPLORER]) == dated.sub(b"", (site.folder / pages.EXPLORER).read_bytes())
    assert (site.folder / "CNAME").is_file()


def test_a_folder_that_holds_other_things_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="holds other things"):
        write_site(tmp_path, SiteOptions(N), step=lambda _: pytest.fail("began"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_only_files_of_the_marker_are_replaced_or_removed(tmp_path: Path) -> None:
    write_site_folder(tmp_path, {"index.html": b"1", "old/a.html": b"1", "old/b.html": b"1"})
    (tmp_path / "old/mine.txt").write_text("mine", encoding="utf-8")
    write_site_folder(tmp_path, {"index.html": b"2", "new/c.html": b"2"})
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"index.html", "new/c.html", "old/mine.txt", MARKER}
    with pytest.raises(InputError, match="was not written by Ringfence"):
        write_site_folder(tmp_path, {"old/mine.txt": b"3"})
    assert (tmp_path / "old/mine.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "index.html").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "a/../../outside.txt", "C:\\x", 7, ""])
def test_a_forged_marker_removes_nothing_outside(name: object, tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "outside.txt"
    folder.mkdir()
    outside.write_text("stays", encoding="utf-8")
    (folder / MARKER).write_text(json.dumps({"format": 1, "files": [name, "index.html"]}), encoding="utf-8")
    assert check_site_folder(folder) == {"index.html"}
    write_site_folder(folder, {"a.html": b"1"})
    assert outside.is_file()


def test_a_part_of_a_site_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    write_site_folder(folder, {"index.html": b"1"})
    elsewhere.mkdir()
    try:
        (folder / "data").symlink_to(elsewhere)
    except OSError:
        pytest.skip("links cannot be made here")
    with pytest.raises(InputError, match="link to another folder"):
        write_site_folder(folder, {"data/answers.json": b"{}"})
    assert list(elsewhere.iterdir()) == []


def test_a_site_that_was_cut_off_can_be_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboards.offline.site import folder as writing

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(writing, "write_together", killed)
        write_site_folder(tmp_path, {"index.html": b"1"})
    assert not (tmp_path / "index.html").exists()
    write_site_folder(tmp_path, {"index.html": b"2"})
    assert (tmp_path / "index.html").read_bytes() == b"2"


def test_the_command_tells_people_and_programs_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "draw_site_pictures", lambda *_: {"index.png": b"", "index.svg": b""})
    monkeypatch.setattr(build, "_make_explorer", lambda *_: b"")
    app = typer.Typer()
    app.command()(commands.site)
    folder = tmp_path / "s"
    told = CliRunner().invoke(app, [str(folder), "-n", "20", "--seed", "3", "--json"], catch_exceptions=False)
    summary = json.loads(told.stdout)
    assert (summary["interventions"], summary["futures"], summary["seed"]) == (45, 20, 3)
    assert summary["command"] == "ringfence site pages --seed 3 -n 20"
    assert Path(summary["index"]).is_file()
    spoken = CliRunner().invoke(app, [str(folder), "-n", "20"], catch_exceptions=False)
    assert f"The site is in {folder}" in spoken.stdout
    assert "--address" in spoken.stderr and "running the library" in spoken.stderr


def test_more_scenarios_than_fit_are_refused() -> None:
    with pytest.raises(InputError, match="up to 3 scenarios of one's own"):
        SiteOptions(own=(OWN,) * 4)


def test_the_description_of_the_model_keeps_its_words_and_leads_nowhere_outside() -> None:
    made = describe_model(
        "# Title\n\nA [list](reference/levers.md), a [choice](decisions/0001-x.md).\n\n## 2. B, c\n\n<b>x</b>"
    )
    assert '<a href="assumptions.html#levers">list</a>' in made
    assert "a choice." in made and "Title" not in made and "<b>" not in made
    assert '<h2 id="2-b-c">' in made


@pytest.fixture
def screen(browser: Any, site: Site) -> Iterator[Any]:
    with watched(browser, site.folder.as_uri()) as made:
        made.add_init_script(ANSWER_ALONE)
        yield made


@pytest.mark.parametrize("name", ["index.html", "recommendations/index.html", "assumptions.html", "model.html", "15"])
def test_in_a_browser_from_a_folder_a_page_stands_whole(name: str, site: Site, screen: Any) -> None:
    name = site.answers.interventions[14].page if name == "15" else name
    screen.goto((site.folder / name).as_uri())
    assert screen.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
    assert screen.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert violations(screen) == []
    screen.set_viewport_size({"width": 320, "height": 700})
    assert screen.evaluate("document.documentElement.scrollWidth") == 320
    screen.emulate_media(color_scheme="dark")
    assert violations(screen, rules=(*OF_COLOURS, "scrollable-region-focusable")) == []


@pytest.mark.parametrize("number", [15, 25, 0])
def test_the_explorer_answers_a_page_of_the_site_in_the_same_words(number: int, site: Site, screen: Any) -> None:
    answer = site.answers.interventions[number - 1] if number else site.answers.own[0]
    screen.goto((site.folder / answer.page).as_uri())
    assert screen.inner_text("h1") == answer.headline
    screen.get_by_role("link", name="Change it in the explorer").click()
    said = "words => document.querySelector('#headline .main')?.innerText === words"
    screen.wait_for_function(said, arg=answer.headline)


def test_where_interventions_come_from_is_said_with_addresses_of_the_register(site: Site) -> None:
    register = files("simulator").joinpath("data", "evidence.yaml").read_text(encoding="utf-8")
    for publication in (REPORT, BRIEFING):
        assert publication.url in register
        assert all(part in " ".join(register.split()) for part in publication.words.split(", ")[:2])
    front = (site.folder / "index.html").read_text(encoding="utf-8")
    counts = Counter(FOLLOWED.values())
    assert f"{counts[REPORT]} of them follow recommendations of" in front and REPORT.url in front
    assert f"{45 - len(FOLLOWED)} are on no list of recommendations" in front
    for answer in site.answers.interventions:
        page = (site.folder / answer.page).read_text(encoding="utf-8")
        publication = FOLLOWED.get(answer.number)
        assert (publication.url if publication else "on no list of recommendations") in page
        assert REPORT.url in page or not publication
        sources = {load_register()[cited].source for cited in answer.policy.evidence}
        origin = unescape(page).partition("no list of recommendations")[2].partition("</p>")[0]
        assert publication or all(source in origin for source in sources)
        assert "and other sources say of the money" not in page


def test_an_advocate_finds_peer_support_and_takes_a_sentence_with_its_caveat_and_link(site: Site, browser: Any) -> None:
    with watched(browser, site.folder.as_uri()) as screen:
        screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
        screen.goto((site.folder / "index.html").as_uri())
        box = screen.get_by_role("searchbox", name="Find")
        box.fill("nothing like that")
        assert "Nothing" in screen.inner_text("#found-count")
        box.fill("community organisations")
        assert "30. Relations and community voice" in screen.inner_text("#found")
        box.fill("peer support")
        found = screen.locator("#found a")
        peers = site.answers.interventions[13]
        assert peers.label in found.all_inner_texts()
        screen.keyboard.press("ArrowDown")
        assert found.first.evaluate("link => link === document.activeElement")
        found.get_by_text(peers.label, exact=True).click()
        assert screen.inner_text("h1") == peers.headline
        screen.locator("main .copy").first.click()
        screen.get_by_text("Copied").first.wait_for()
        text = screen.evaluate("navigator.clipboard.readText()")
        said = peers.headline.removeprefix("In this model, ")
        assert text.startswith("In this model of the health inequalities money of England's integrated care boards, ")
        assert said in text and "not a forecast" in text
        assert text.endswith(ADDRESS + peers.page)
        assert violations(screen) == []
        screen.goto((site.folder / "recommendations/index.html").as_uri())
        screen.locator(f"[data-copy*={json.dumps(said, ensure_ascii=False)}]").first.click()
        screen.get_by_text("Copied").first.wait_for()
        assert screen.evaluate("navigator.clipboard.readText()").endswith(ADDRESS + peers.page)


@pytest.mark.parametrize("number", [1, 15])
def test_on_a_phone_the_answer_is_on_the_first_screen(number: int, site: Site, screen: Any) -> None:
    screen.set_viewport_size({"width": 390, "height": 844})
    screen.goto((site.folder / site.answers.interventions[number - 1].page).as_uri())
    for place in ("h1", "main .copy", ".sure"):
        box = screen.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 844, place


def test_what_is_said_of_all_interventions_counts_each_once(site: Site, few: SiteAnswers) -> None:
    assert sum(map(int, re.findall(r"\b\d+\b", site.answers.counts)[1:])) == 45
    assert few.counts == "Of 45 interventions in this model, 45 have too few futures for a verdict"


def test_numbers_of_the_front_page_are_those_of_the_report(site: Site) -> None:
    futures = draw_futures(N, seed=SEED)
    told = compare("both", "baseline", futures=futures)
    assert told == site.answers.headline.of("retained")[2]
    kept = run("baseline", futures=futures).outcome("retained", site.answers.headline.span).mean()
    assert kept == told.old_mean


def test_failed_checks_have_a_page_that_every_page_leads_to_and_stand_beside_evidence_of_theirs(site: Site) -> None:
    failed, told = [line for line in list_lines() if not line.passes], list_failed(list_lines())
    page = unescape((site.folder / "checks.html").read_text(encoding="utf-8"))
    assert failed and all(words in page for words in told)
    for name in site.sizes:
        if name.endswith(".html") and not name.startswith("explorer"):
            assert 'checks.html"' in (site.folder / name).read_text(encoding="utf-8"), name
    cited = 0
    for answer in site.answers.pages:
        shown = unescape((site.folder / answer.page).read_text(encoding="utf-8"))
        missed = [line for line in failed if set(line.evidence) & set(answer.policy.evidence)]
        assert ("The model misses what some of this evidence says" in shown) == bool(missed), answer.page
        assert all(describe_failure(line) in shown for line in missed), answer.page
        cited += bool(missed)
    assert cited
