"""Builds the documentation site from `docs/`, offline: `scripts/docs --site FOLDER`.

MkDocs reads the hooks below. They add pages that stand elsewhere in the repository (README, CONTRIBUTING, the change
log, the reference of scenario files), one for each notebook and one of the public interface; they write the navigation,
so that no page is left out; and they turn links to files that are not part of the site into plain text. `list_broken`
crawls a built site.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "README.md": "about/readme.md",
    "CONTRIBUTING.md": "about/contributing.md",
    "CHANGELOG.md": "about/changelog.md",
    "scenarios/README.md": "guide/scenarios.md",
    "simulator/data/README.md": "reference/data.md",
}
"""Pages of the site that stand elsewhere in the repository."""

SECTIONS = (
    ("Tutorials", ("tutorials/",)),
    ("How to", ("guide/",)),
    ("Notebooks", ("notebooks/",)),
    ("The model", ("model.md", "rationale.md", "architecture.md", "glossary.md", "reference/")),
    ("Assurance", ("calibration/", "assurance")),
    ("Decisions", ("decisions/",)),
    ("About", ("about/", "releases/")),
)
API = "reference/api.md"
_PIECES = re.compile(
    r"^(?P<fence>```|~~~).*?^(?P=fence)|^(?: {4}|\t).*?$"
    r"|(?P<sign>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)|`[^`\n]+`",
    re.MULTILINE | re.DOTALL,
)
"""Blocks of code, links and code within lines, whichever begins first."""


# What MkDocs calls.


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that do not stand in docs/."""
    from mkdocs.structure.files import File

    for source, page in ELSEWHERE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for notebook in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")):
        text = render_notebook(json.loads(notebook.read_text(encoding="utf-8")))
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=text))
    files.append(File.generated(config, API, content=write_api()))
    pages = sorted(file.src_uri for file in files.documentation_pages())
    config.nav = make_navigation(pages)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links of the repository into links of the site."""
    known = {file.src_uri for file in files}
    return rewrite_links(markdown, page.file.src_uri, known)


def make_navigation(pages: Sequence[str]) -> list[dict[str, Any]]:
    """Every page in its section, an index first."""
    navigation: list[dict[str, Any]] = [{"Ringfence": "index.md"}]
    left = [page for page in pages if page != "index.md"]
    for title, starts in SECTIONS:
        own = [page for start in starts for page in left if page.startswith(start)]
        own.sort(key=lambda page: not page.endswith("README.md"))
        left = [page for page in left if page not in own]
        if own:
            navigation.append({title: own})
    return [*navigation, {"More": left}] if left else navigation


def find_source(page: str) -> str:
    """Where a page of the site stands in the repository."""
    for source, name in ELSEWHERE.items():
        if name == page:
            return source
    return f"docs/{page}"


def rewrite_links(markdown: str, page: str, known: set[str]) -> str:
    """Links of a page, outside code, as the site has them; those to files that it does not hold become their text."""
    source = find_source(page)

    def replace(match: re.Match[str]) -> str:
        target = match["target"]
        if target is None:
            return match[0]
        address, mark, anchor = target.partition("#")
        if not address or urlsplit(target).scheme:
            return match[0]
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), address))
        found = _find_page(place, known)
        if found is None:
            return match["text"]
        way = posixpath.relpath(found, posixpath.dirname(page) or ".")
        return f"{match['sign']}[{match['text']}]({way}{mark}{anchor})"

    return _PIECES.sub(replace, markdown)


def _find_page(place: str, known: set[str]) -> str | None:
    """The page or file of the site that a path of the repository leads to."""
    if place in ELSEWHERE:
        return ELSEWHERE[place]
    inside = place.removeprefix("docs/")
    if not place.startswith("docs"):
        return None
    tries = [inside.replace(".ipynb", ".md"), f"{inside}/README.md", f"{inside}/tour.md", f"{inside}/levers.md"]
    return next((name for name in tries if name in known), None)


# Pages that are made.


def render_notebook(document: dict[str, Any]) -> str:
    """A notebook's words and code, with what its cells printed."""
    parts = []
    for cell in document["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
        elif cell["cell_type"] == "code" and text.strip():
            parts.append(f"```python\n{text}\n```")
            parts += [f"```text\n{printed}\n```" for printed in _list_printed(cell) if printed]
    return "\n\n".join(parts) + "\n"


def _list_printed(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", []):
        text = output.get("text") or output.get("data", {}).get("text/plain") or ""
        yield "".join(text).rstrip()


def write_api() -> str:
    """A page of the public interface: every public name with its docstring."""
    sys.path.insert(0, str(ROOT))
    import simulator

    lines = ["# The public interface", "", "`import simulator as rf`, then `rf.run`, `rf.compare` and so on.", ""]
    for name in sorted(simulator.__all__, key=str.lower):
        module, _, other = simulator._WHERE[name].partition(":")
        lines += [f"## rf.{name}", "", f"::: simulator.{module}.{other or name}", ""]
    return "\n".join(lines)


# Building and checking.


def write(folder: Path) -> int:
    """Write the site into a folder. Returns the exit code; a page left out is an error."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    line = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder.absolute())]
    return subprocess.run(line, cwd=ROOT, env=environment, check=False).returncode


def build(folder: Path) -> int:
    """Write the site into a folder and look at its links. Returns the exit code; a broken link is an error too."""
    if code := write(folder):
        return code
    broken = list_broken(folder)
    for line_of_fault in broken[:20]:
        print(f"error: {line_of_fault}", file=sys.stderr)
    return int(bool(broken))


class _Page(HTMLParser):
    """The links, the names and what is loaded by one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.names.update(filter(None, (about.get("id"), about.get("name"))))
        if tag == "a" and about.get("href"):
            self.links.append(str(about["href"]))
        for name in ("src", "href"):
            if about.get(name) and tag in ("img", "script", "iframe", "source", "link"):
                self.loaded.append(str(about[name]))


def list_broken(folder: Path) -> list[str]:
    """What is wrong with a built site: links to no page or place, and anything loaded from elsewhere."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    broken = []
    for path, page in pages.items():
        where = path.relative_to(folder)
        if where.name == "404.html":  # it stands for any address, so its links begin at the root
            continue
        for target in dict.fromkeys([*page.links, *page.loaded]):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.loaded and parts.scheme != "data":
                    broken.append(f"{where} loads {target}")
                continue
            file = path if not parts.path else Path(os.path.normpath(path.parent / unquote(parts.path)))
            if not file.is_file():
                broken.append(f"{where} leads to {target}, which is not there")
            elif parts.fragment and file in pages and unquote(parts.fragment) not in pages[file].names:
                broken.append(f"{where} leads to {target}, a place that is not there")
    return broken


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else "site-docs")))
