"""Self-assessment by RAP and STARS: each item filled in by a check that runs, and a gap printed as a gap."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from simulator.assurance.chapter import Chapter, Check, State, judge, tabulate_checks
from simulator.assurance.documents import find_source_folder
from simulator.common.event_log import LOG, log_event
from simulator.common.formatting import join_words
from simulator.reports.blocks import Heading, Paragraph
from simulator.runs.manifest import find_version
from simulator.runs.run import run

RAP_SOURCE = "nhsdigital.github.io/rap-community-of-practice, “Levels of RAP”"
STARS_SOURCE = "doi:10.1080/17477778.2024.2347882"
NEEDS_SOURCE = "This can be seen in the source folder only, and this is an installed package."
LEAST_DOCUMENTED = 0.95
README_PARTS = ("install", "run", "licen")
SECONDS = 120
MOST_READ = 500
LANGUAGES = {
    ".py": "Python",
    ".js": "JavaScript",
    ".R": "R",
    ".sas": "SAS",
    ".do": "Stata",
    ".sps": "SPSS",
    ".m": "MATLAB",
    ".xlsm": "Excel macros",
    ".xlsb": "Excel macros",
}
PAID = (".sas", ".do", ".sps", ".m", ".xlsm", ".xlsb")
OPEN_LICENCE = re.compile(
    r"\b(?:MIT|BSD|Apache|MPL|Mozilla|ISC|Zlib|PSF|L?GPL|CC0|0BSD|Unlicense)\b"
    r"|Permission is hereby granted, free of charge"  # how the MIT licence begins
)
Examined = Callable[[Path], tuple[bool, str]]


def write_self_assessment(root: Path | None = None) -> Chapter:
    """The chapter. `root` is the source folder; None looks for it."""
    folder = root or find_source_folder()
    rap, stars = assess_rap(folder), assess_stars(folder)
    met = sum(check.state is State.MET for check in (*rap, *stars))
    words = (
        f"{met} of {len(rap) + len(stars)} items are met, by checks that ran for this pack. What a check cannot see is "
        "a gap until somebody records it. RAP: the 18 items of the levels of RAP of the NHS RAP community of "
        f"practice, {RAP_SOURCE}. STARS: the 8 essential and 5 optional components of the framework of Monks, Harper "
        f"and Mustafee (2024), {STARS_SOURCE}, written for discrete-event models and used here for an agent-based one. "
        "Items stand in their order, in our own words."
    )
    blocks = (
        Paragraph(words),
        Heading("RAP", 2),
        tabulate_checks(rap),
        Heading("STARS", 2),
        tabulate_checks(stars),
    )
    return Chapter("Self-assessment", blocks, (), (*rap, *stars))


def assess_rap(root: Path | None) -> list[Check]:
    """The items of RAP, baseline, silver and gold."""
    return [
        check_language(),
        _look(root, "Baseline: code under version control", _see_history),
        _look(root, "Baseline: README with install and run", _read_readme),
        _record(root, "Baseline: code reviewed by a second person", "docs/reviews", "A folder of signed reviews"),
        _published("Baseline: code published in the open"),
        check_made_by_code(),
        check_documentation(),
        _look(root, "Silver: standard layout", _see_layout),
        _look(root, "Silver: functions and classes that are used again", _see_reuse),
        _look(root, "Silver: coding standard", check_style),
        _look(root, "Silver: testing framework", _see_tests),
        _look(root, "Silver: dependencies named", _see_pins),
        check_log(),
        check_tidy(),
        check_packaged(),
        _look(root, "Gold: tests run by themselves on each change", _see_ci),
        _look(root, "Gold: run on a schedule or when data change", _see_schedule),
        _look(root, "Gold: changes signposted", _see_changelog),
    ]


def assess_stars(root: Path | None) -> list[Check]:
    """The items of STARS, essential and optional."""
    return [
        check_licence(),
        _look(root, "Essential: dependencies with versions and sources", _see_pins),
        check_libraries(),
        _look(root, "Essential: minimum documentation", _read_readme),
        _look(root, "Essential: identifiers of researchers (ORCID)", _find_in_citation("orcid", "an ORCID")),
        _look(root, "Essential: how to cite it", _find_in_citation("version", "a version to cite")),
        _published("Essential: code in a remote repository"),
        _look(root, "Essential: open science archive (DOI)", _find_in_citation("doi", "a DOI")),
        _look(root, "Optional: enhanced documentation", _see_documents),
        _published("Optional: documentation hosted"),
        _record(root, "Optional: online coding environment", ".binder", "A folder that describes one"),
        judge(
            "Optional: an interface for people who do not code",
            _has_dashboard(),
            "ringfence serve, and ringfence explorer.",
        ),
        _published("Optional: the interface hosted on the web"),
    ]


def check_language() -> Check:
    """Whether every file of code in the package is in a language that is free to use."""
    kinds = Counter(path.suffix for path in Path(str(files("simulator"))).rglob("*") if path.suffix in LANGUAGES)
    paid = [LANGUAGES[kind] for kind in kinds if kind in PAID]
    says = f"{kinds['.py']:,} files of Python {sys.version.split()[0]} in simulator/"
    return judge(
        "Baseline: open-source language",
        kinds[".py"] > 0 and not paid,
        f"{says}, and none in a language that has to be bought.",
        f"{says}, and files of {join_words(paid)}." if paid else f"{says}.",
    )


def check_made_by_code() -> Check:
    """Whether one call makes a table of results, and makes the same table again."""
    first, again = (run("baseline", 2).to_frame().to_json().encode() for _ in range(2))
    says = f"This pack is made by one command; a table of results made twice has the same {len(first):,} bytes"
    return judge("Silver: outputs made by code alone", first == again, f"{says}.", "A table made twice differs.")


def check_log() -> Check:
    """Whether an event that is written reaches a log that is open."""
    seen: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        log_event("log-checked")
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)
    return judge(
        "Silver: logs recorded",
        seen == ["event=log-checked"],
        "An event written for this pack reached the log; every command has --log-file.",
        "An event written for this pack did not reach the log.",
    )


def check_packaged() -> Check:
    """Whether the package is installed with its command."""
    commands = {entry.name for entry in metadata.entry_points(group="console_scripts")}
    says = f"Installed as the package ringfence {find_version()}, with the command ringfence."
    return judge("Gold: packaged", "ringfence" in commands, says, "There is no command ringfence.")


def check_libraries() -> Check:
    """Whether every library that the package needs names an open licence."""
    needs = sorted(
        {re.split(r"[<>=!~ \[;(]", need)[0] for need in metadata.requires("ringfence") or [] if "extra ==" not in need}
    )
    silent = [name for name in needs if not OPEN_LICENCE.search(_read_licence(name))]
    return judge(
        "Essential: written in a free and open-source language",
        bool(needs) and not silent,
        f"Python, and {len(needs)} libraries, each under an open licence as its own package says.",
        f"Python, and {len(needs)} libraries; these name no open licence: {', '.join(silent)}.",
    )


def _read_licence(name: str) -> str:
    """What an installed library says of its licence: names, and the beginning of the text that comes with it."""
    try:
        library = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    about = library.metadata
    fields = [about[key] for key in ("License-Expression", "License") if key in about]
    fields += [kind for kind in about.get_all("Classifier") or [] if kind.startswith("License ::")]
    texts = [path for path in library.files or () if path.name.upper().startswith("LICEN")]
    return " ".join([*fields, *(path.read_text(encoding="utf-8")[:MOST_READ] for path in texts[:1] if not fields)])


def _look(root: Path | None, asked: str, examine: Examined) -> Check:
    """A check of the source folder; a gap where there is none."""
    if root is None:
        return Check(asked, State.GAP, NEEDS_SOURCE)
    met, says = examine(root)
    return judge(asked, met, says)


def _record(root: Path | None, asked: str, place: str, what: str) -> Check:
    """Whether a record that only people can make is there."""

    def examine(root: Path) -> tuple[bool, str]:
        there = _holds_files(root / place)
        return there, f"{what} ({place}) is {'there' if there else 'not there'}."

    return _look(root, asked, examine)


def _holds_files(folder: Path) -> bool:
    """Whether there is a file in a folder: an empty one records nothing."""
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def _published(asked: str) -> Check:
    """Whether the package names an address where it can be had."""
    urls = metadata.metadata("ringfence").get_all("Project-URL") or []
    return judge(asked, bool(urls), f"Addresses of the package: {', '.join(urls)}.", "The package names no address.")


def _has_dashboard() -> bool:
    commands = {entry.name for entry in metadata.entry_points(group="ringfence.commands")}
    return {"serve", "explorer"} <= commands


def _read_readme(root: Path) -> tuple[bool, str]:
    path = root / "README.md"
    text = path.read_text(encoding="utf-8").lower() if path.is_file() else ""
    missing = [part for part in README_PARTS if part not in text]
    return bool(text) and not missing, f"README.md, {len(text.split()):,} words." + (
        f" It does not say: {', '.join(missing)}." if missing else ""
    )


def _see_history(root: Path) -> tuple[bool, str]:
    there = (root / ".git").exists()
    return there, f"The folder has {'its' if there else 'no'} history (git)."


def _see_layout(root: Path) -> tuple[bool, str]:
    wanted = ("pyproject.toml", "simulator", "tests", "docs", "README.md", "LICENSE")
    missing = [name for name in wanted if not (root / name).exists()]
    return (
        not missing,
        f"Package, tests, docs, licence and settings{', but not ' + ', '.join(missing) if missing else ''}.",
    )


def _see_tests(root: Path) -> tuple[bool, str]:
    count = sum(1 for _ in (root / "tests").rglob("test_*.py")) if (root / "tests").is_dir() else 0
    return count > 0, f"pytest; {count} files of tests."


def _see_pins(root: Path) -> tuple[bool, str]:
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
    says = f"{len(wanted)} with bounds in pyproject.toml; {len(lines)} versions known to work in constraints.txt."
    if unpinned or loose:
        return False, f"{says} Not pinned there: {', '.join(unpinned + loose)}."
    return bool(lines), says


def _see_reuse(root: Path) -> tuple[bool, str]:
    """Whether the package is a library that other code imports: here, its own tests."""
    tests = (root / "tests").rglob("*.py") if (root / "tests").is_dir() else ()
    users = sum("from simulator" in path.read_text(encoding="utf-8") for path in tests)
    return users > 0, f"Functions and classes of simulator/ are imported by {users} files of tests, and by dashboards/."


def check_tidy() -> Check:
    """Whether a table of results has one row for each future, year and quantity, none of them twice."""
    frame = run("baseline", 2).to_frame()
    keys = [name for name in frame.columns if frame[name].dtype.kind not in "f"]
    twice = int(frame.duplicated(keys).sum())
    says = f"A run's table has one row for each {join_words(keys)}: {len(frame)} rows, {twice} of them twice."
    return judge("Silver: tidy data", bool(keys) and not twice, says)


def _see_schedule(root: Path) -> tuple[bool, str]:
    found = [path.name for path in (root / ".github" / "workflows").glob("*.y*ml") if _names_schedule(path)]
    return bool(found), f"Run by {', '.join(found)}." if found else "Nothing starts a run but people."


def _names_schedule(path: Path) -> bool:
    return (
        re.search(r"^\s*(schedule|repository_dispatch)\s*:", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )


def _see_ci(root: Path) -> tuple[bool, str]:
    places = [place for place in (".gitlab-ci.yml", ".woodpecker.yml") if (root / place).is_file()]
    places += [".github/workflows"] if _holds_files(root / ".github" / "workflows") else []
    if places:
        return True, f"{places[0]}."
    script = ".ci/run is what a build server would run, but no" if (root / ".ci" / "run").is_file() else "No"
    return False, f"{script} instructions that tell one when to run are in the folder."


def _see_changelog(root: Path) -> tuple[bool, str]:
    path, now = root / "CHANGELOG.md", find_version()
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    wanted = {f"version {now}": f"[{now}]", "a heading for changed results": "Results change"}
    missing = [words for words, mark in wanted.items() if mark not in text]
    return not missing, f"CHANGELOG.md {'lacks' if missing else 'has'} {join_words(missing or list(wanted))}."


def _see_documents(root: Path) -> tuple[bool, str]:
    count = sum(1 for _ in (root / "docs").rglob("*.md")) if (root / "docs").is_dir() else 0
    return count > 20, f"{count} pages in docs/, among them model.md (ODD), decisions, guide and glossary."


def _find_in_citation(word: str, what: str) -> Examined:
    def examine(root: Path) -> tuple[bool, str]:
        path = root / "CITATION.cff"
        text = path.read_text(encoding="utf-8").lower() if path.is_file() else ""
        there = re.search(rf"^[ \t]*-?[ \t]*{word}[ \t]*:[ \t]*\S", text, re.MULTILINE) is not None
        return there, f"CITATION.cff {'gives' if there else 'does not give'} {what}."

    return examine


def check_licence() -> Check:
    """Whether the package says under which open licence it stands."""
    about = metadata.metadata("ringfence")
    licence = " ".join(about[name] for name in ("License-Expression", "License") if name in about)
    return judge(
        "Essential: open licence", "MIT" in licence, f"{licence}, as the package says.", "The package names none."
    )


def check_documentation() -> Check:
    """How many public functions and classes of the model say what they do."""
    named, described = 0, 0
    for path in Path(str(files("simulator"))).rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                named += 1
                described += ast.get_docstring(node) is not None
    says = f"{described:,} of {named:,} public functions and classes of simulator/ say what they do."
    return judge("Silver: code documented", described >= LEAST_DOCUMENTED * named, says)


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
