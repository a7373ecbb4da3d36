"""The documentation site builds offline, leaves no page out, has no broken link and loads nothing from elsewhere."""

from __future__ import annotations

import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.interface
pytest.importorskip("mkdocs_autorefs", reason="the extra [docs] is not installed")
pytest.importorskip("material", reason="the extra [docs] is not installed")

ROOT = Path(__file__).parents[2]
SITE = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "docs_site.py")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert SITE.write(folder) == 0
    return folder


def test_every_page_and_notebook_is_on_the_site(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "docs"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    pages = [path.removeprefix("docs/") for path in listed.split() if path.endswith((".md", ".ipynb"))]
    assert len(pages) > 100
    names = [str(Path(page).with_suffix(".html")).replace("README", "index") for page in pages]
    assert [name for name in names if not (folder / name).is_file()] == []


def test_no_link_is_broken_and_nothing_is_loaded_from_elsewhere(folder: Path) -> None:
    assert SITE.list_broken(folder) == []


def test_search_works_from_a_folder(folder: Path) -> None:
    """The index is a script, and the shim that stands for a web worker is the site's own."""
    assert (folder / "search" / "search_index.js").stat().st_size > 100_000
    text = (folder / "tutorials" / "adviser.html").read_text(encoding="utf-8")
    assert "../javascripts/iframe-worker.js" in text
    assert "unpkg" not in text


def test_the_public_interface_is_on_the_site_with_its_docstrings(folder: Path) -> None:
    import simulator

    text = (folder / "reference" / "api.html").read_text(encoding="utf-8")
    assert [name for name in simulator.__all__ if f"rf.{name}" not in text] == []
    assert "Compare a scenario with another in the same futures" in text


def test_a_broken_link_a_missing_place_and_what_is_loaded_from_elsewhere_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html">x</a><a href="a.html#here">x</a><a href="#there">x</a><p id="here"></p>'
        '<script src="https://example.org/x.js"></script><a href="https://example.org">x</a>',
        encoding="utf-8",
    )
    assert SITE.list_broken(tmp_path) == [
        "a.html leads to b.html, which is not there",
        "a.html leads to #there, a place that is not there",
        "a.html loads https://example.org/x.js",
    ]
    for wrote, code in ((0, 1), (3, 3)):
        monkeypatch.setitem(SITE.build.__globals__, "write", lambda folder, wrote=wrote: wrote)
        assert SITE.build(tmp_path) == code
    assert "error: a.html loads https://example.org/x.js" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("markdown", "rewritten"),
    [
        ("[words](../guide/words.md)", "[words](../guide/words.md)"),
        ("[a](../../README.md#the-dashboard)", "[a](../about/readme.md#the-dashboard)"),
        ("[`x`](../../scripts/bench)", "`x`"),
        ("`[a](../../README.md)`", "`[a](../../README.md)`"),
        ("    [a](../../README.md)", "    [a](../../README.md)"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("[n](../notebooks/tour.ipynb)", "[n](../notebooks/tour.md)"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(markdown: str, rewritten: str) -> None:
    known = {"guide/words.md", "about/readme.md", "notebooks/tour.md"}
    assert SITE.rewrite_links(markdown, "tutorials/adviser.md", known) == rewritten
