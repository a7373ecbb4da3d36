"""What can be seen in the source folder for the self-assessment: each look fails where what it says is untrue.

What a look cannot see, such as whether a review that is signed was made, is `State.STATED` and never met.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from simulator.assurance.chapter import State
from simulator.assurance.documents import list_tracked_files
from simulator.common.formatting import join_words, number_of
from simulator.runs.manifest import find_version

Examined = Callable[[Path], tuple[bool | State, str]]
README_PARTS = ("install", "run", "licen")
REVIEWED = ("reviewer", "date", "commit")
"""What a signed review has to name."""
RUNS_TESTS = ("pytest", "scripts/test", ".ci/run")
SECONDS = 120
ORCID = re.compile(r"\b(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\b")
DOI = re.compile(r"\b10\.\d{4,}/\S+")
NOT_LOOKED_UP = "It was not looked up, since a pack is made without a network."


def see_history(root: Path) -> tuple[bool, str]:
    """Whether the history holds every file of code in the package."""
    tracked = set(list_tracked_files(root))
    code = {path.relative_to(root).as_posix() for path in (root / "simulator").rglob("*.py")}
    missing = sorted(code - tracked)
    if not tracked:
        return False, "The folder has no history (git)."
    says = f"The history (git) has {len(code & tracked):,} of {len(code):,} files of code in simulator/"
    return bool(code) and not missing, f"{says}{f', and not {join_words(missing[:3])}' if missing else ''}."


def read_readme(root: Path) -> tuple[bool, str]:
    """Whether the README says how to install and to run it, with commands that there are."""
    path = root / "README.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    missing = [part for part in README_PARTS if part not in text.lower()]
    shown = set(re.findall(r"^ {4}(?:\S*[\\/])?ringfence ([a-z]+)", text, re.MULTILINE))
    unknown = sorted(shown - list_command_names())
    says = f"README.md, {len(text.split()):,} words, with {len(shown)} commands"
    if missing:
        return False, f"{says}. It does not say: {', '.join(missing)}."
    if unknown or not shown:
        return False, f"{says}{f', of which there is no {join_words(unknown)}' if unknown else ''}."
    return True, f"{says}, each of which the program has."


def list_command_names() -> set[str]:
    """The names of all commands of the installed program; none where it is not installed."""
    from typer.main import get_command

    found = [entry for entry in metadata.entry_points(group="console_scripts") if entry.name == "ringfence"]
    commands: list[Any] = [get_command(import_module(entry.module).app) for entry in found[:1]]
    return {name for command in commands for name in command.list_commands(None)}


def see_review(root: Path) -> tuple[bool | State, str]:
    """Whether reviews are there that name who, when and what; that they were made cannot be seen."""
    folder = root / "docs" / "reviews"
    reviews = [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []
    if not reviews:
        return False, "A folder of signed reviews (docs/reviews) is not there."
    whole = [path.name for path in reviews if _names_all(path.read_text(encoding="utf-8"), REVIEWED)]
    if not whole:
        return False, f"No file of docs/reviews names {join_words([*REVIEWED])}, a line each."
    return State.STATED, f"{join_words(whole)} of docs/reviews {'says' if len(whole) == 1 else 'say'} so."


def _names_all(text: str, words: tuple[str, ...]) -> bool:
    return all(re.search(rf"^\W*{word}\W*:\W*\w", text, re.MULTILINE | re.IGNORECASE) for word in words)


def see_environment(root: Path) -> tuple[bool | State, str]:
    """Whether an online environment is described; that it starts cannot be seen."""
    if not _holds_files(root / ".binder"):
        return False, "A folder that describes one (.binder) is not there."
    return State.STATED, "The folder .binder describes one. Whether it starts was not tried."


def _holds_files(folder: Path) -> bool:
    """Whether there is a file in a folder: an empty one records nothing."""
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def see_layout(root: Path) -> tuple[bool, str]:
    """Whether package, tests, documentation, licence and settings stand where people look for them."""
    wanted = ("pyproject.toml", "simulator", "tests", "docs", "README.md", "LICENSE")
    missing = [name for name in wanted if not (root / name).exists()]
    return (
        not missing,
        f"Package, tests, docs, licence and settings{', but not ' + ', '.join(missing) if missing else ''}.",
    )


def see_pins(root: Path) -> tuple[bool, str]:
    """Whether every library that is needed has bounds and a version in the constraints, and nothing is left loose."""
    pins = root / "constraints.txt"
    lines = (
        [line for line in pins.read_text(encoding="utf-8").splitlines() if line and line[0] not in "#"]
        if pins.is_file()
        else []
    )
    loose = [line for line in lines if "==" not in line]
    wanted = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    unpinned = [name for name in (re.split(r"[<>=!~ \[]", need)[0].lower() for need in wanted) if name not in pinned]
    unbound = [need for need in wanted if not re.search(r"[<>=~]", need.partition(";")[0])]
    says = f"{len(wanted) - len(unbound)} of {len(wanted)} libraries have bounds in pyproject.toml; "
    says += f"{len(lines)} versions in constraints.txt."
    if unbound:
        return False, f"{says} Without bounds: {', '.join(unbound)}."
    if unpinned or loose:
        return False, f"{says} Not pinned there: {', '.join(unpinned + loose)}."
    return bool(lines), says


def see_schedule(root: Path) -> tuple[bool, str]:
    """Whether something names a time or an event that starts a run."""
    found = [path.name for path in (root / ".github" / "workflows").glob("*.y*ml") if _names_schedule(path)]
    return bool(found), f"Run by {', '.join(found)}." if found else "Nothing starts a run but people."


def _names_schedule(path: Path) -> bool:
    return (
        re.search(r"^\s*(schedule|repository_dispatch)\s*:", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )


def see_ci(root: Path) -> tuple[bool, str]:
    """Whether instructions for a build server run the tests."""
    found = [root / ".gitlab-ci.yml", root / ".woodpecker.yml", *(root / ".github" / "workflows").glob("*.y*ml")]
    found = [path for path in found if path.is_file()]
    testing = [path.name for path in found if any(words in path.read_text(encoding="utf-8") for words in RUNS_TESTS)]
    if testing:
        return True, f"{testing[0]} runs the tests."
    if found:
        return False, f"{found[0].name} runs none of {join_words([*RUNS_TESTS])}."
    script = ".ci/run is what a build server would run, but no" if (root / ".ci" / "run").is_file() else "No"
    return False, f"{script} instructions that tell one when to run are in the folder."


def see_changelog(root: Path) -> tuple[bool, str]:
    """Whether the changelog has this version, and a heading for what moves results."""
    path, now = root / "CHANGELOG.md", find_version()
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    wanted = {f"version {now}": f"[{now}]", "a heading for changed results": "Results change"}
    missing = [words for words, mark in wanted.items() if mark not in text]
    return not missing, f"CHANGELOG.md {'lacks' if missing else 'has'} {join_words(missing or list(wanted))}."


def see_documents(root: Path) -> tuple[bool, str]:
    """Whether every link of the documentation to a page or a file leads to one."""
    pages = sorted((root / "docs").rglob("*.md")) if (root / "docs").is_dir() else []
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in link
    ]
    dead = [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]
    between = sum(link.endswith(".md") for _, link in links)
    linked = f"{number_of(between, 'link')} to pages and {len(links) - between:,} to other files"
    says = f"{len(pages)} pages in docs/, with {linked}"
    return bool(links) and not dead, f"{says}{f'; these lead nowhere: {join_words(dead[:3])}' if dead else ''}."


def see_citation(root: Path) -> tuple[bool, str]:
    """Whether the file that says how to cite the program names this version of it."""
    said = _read_citation(root, "version")
    if not said:
        return False, "CITATION.cff does not give a version to cite."
    return said == find_version(), f"CITATION.cff gives version {said}; the program is {find_version()}."


def see_orcid(root: Path) -> tuple[bool | State, str]:
    """Whether an ORCID is given whose last digit fits the others; whose it is cannot be seen."""
    said = ORCID.search(_read_citation(root, "orcid"))
    if said is None or not _fits_orcid(said[1]):
        return False, "CITATION.cff does not give an ORCID."
    return State.STATED, f"CITATION.cff gives the ORCID {said[1]}. {NOT_LOOKED_UP}"


def _fits_orcid(number: str) -> bool:
    """Whether the last digit is that of ISO 7064, 11-2."""
    digits, last = number.replace("-", "")[:-1], number[-1]
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return last == ("X" if check == 10 else str(check))


def see_doi(root: Path) -> tuple[bool | State, str]:
    """Whether a DOI is given; that it leads to a deposit cannot be seen."""
    said = DOI.search(_read_citation(root, "doi"))
    if said is None:
        return False, "CITATION.cff does not give a DOI."
    return State.STATED, f"CITATION.cff gives the DOI {said[0]}. {NOT_LOOKED_UP}"


def _read_citation(root: Path, word: str) -> str:
    """What the file that says how to cite the program gives for a key; "" for nothing."""
    path = root / "CITATION.cff"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(rf"^[ \t]*-?[ \t]*{word}[ \t]*:[ \t]*(\S.*)$", text, re.MULTILINE | re.IGNORECASE)
    return found[1].strip().strip("\"'") if found else ""


def check_style(root: Path) -> tuple[bool, str]:
    """Whether ruff, with the project's own settings, finds nothing."""
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--no-cache", "."]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False, "ruff could not be run."
    if "No module named ruff" in done.stderr:
        return False, "ruff is not installed here, so the standard was not checked."
    remarks = len(done.stdout.splitlines())
    return (
        done.returncode == 0,
        f"ruff check finds {'nothing' if done.returncode == 0 else f'faults ({remarks} lines)'}.",
    )
