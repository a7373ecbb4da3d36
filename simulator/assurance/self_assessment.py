"""Self-assessment by RAP and STARS: each item is filled in by a check that can fail, or said to be stated only."""

from __future__ import annotations

import ast
import logging
import re
import sys
from collections import Counter
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from simulator.assurance import source_looks
from simulator.assurance.chapter import Chapter, Check, State, judge, tabulate_checks
from simulator.assurance.documents import find_source_folder
from simulator.assurance.source_looks import Examined
from simulator.common.event_log import LOG, log_event
from simulator.common.formatting import join_words
from simulator.reports.blocks import Heading, Paragraph
from simulator.runs.manifest import find_version
from simulator.runs.run import run

RAP_SOURCE = "nhsdigital.github.io/rap-community-of-practice, “Levels of RAP”"
STARS_SOURCE = "doi:10.1080/17477778.2024.2347882"
NEEDS_SOURCE = "This can be seen in the source folder only, and this is an installed package."
NO_OTHERS = "Other outputs were not looked at."
LEAST_DOCUMENTED = 0.95
LEAST_USED = 0.5
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


def write_self_assessment(tests: Check, root: Path | None = None) -> Chapter:
    """The chapter. `tests` is what was found of the results of all tests; `root` is the source folder, None looks for
    it.
    """
    folder = root or find_source_folder()
    rap, stars = assess_rap(folder, tests), assess_stars(folder)
    found = Counter(check.state for check in (*rap, *stars))
    stated = f"{found[State.STATED]} {'is' if found[State.STATED] == 1 else 'are'}"
    words = (
        f"{found[State.MET]} of {len(rap) + len(stars)} items are met, by checks that ran for this pack, each of which "
        f"fails where what it looks at is missing. {stated} stated and not checked, and counted as neither met nor a "
        "gap. What a check cannot see is a gap until somebody records it. RAP: the 18 items of the levels of RAP of "
        f"the NHS RAP community of practice, {RAP_SOURCE}. STARS: the 8 essential and 5 optional components of the "
        f"framework of Monks, Harper and Mustafee (2024), {STARS_SOURCE}, written for discrete-event models and used "
        "here for an agent-based one. Items stand in their order, in our own words."
    )
    blocks = (
        Paragraph(words),
        Heading("RAP", 2),
        tabulate_checks(rap),
        Heading("STARS", 2),
        tabulate_checks(stars),
    )
    return Chapter("Self-assessment", blocks, (), (*rap, *stars))


def assess_rap(root: Path | None, tests: Check) -> list[Check]:
    """The items of RAP, baseline, silver and gold; `tests` is what was found of the results of all tests."""
    return [
        check_language(),
        _look(root, "Baseline: code under version control", source_looks.see_history),
        _look(root, "Baseline: README with install and run", source_looks.read_readme),
        _look(root, "Baseline: code reviewed by a second person", source_looks.see_review),
        check_address("Baseline: code published in the open"),
        check_made_by_code(),
        check_documentation(),
        _look(root, "Silver: standard layout", source_looks.see_layout),
        check_reuse(),
        _look(root, "Silver: coding standard", source_looks.check_style),
        check_tests(root, tests),
        _look(root, "Silver: dependencies named", source_looks.see_pins),
        check_log(),
        check_tidy(),
        check_packaged(),
        _look(root, "Gold: tests run by themselves on each change", source_looks.see_ci),
        _look(root, "Gold: run on a schedule or when data change", source_looks.see_schedule),
        _look(root, "Gold: changes signposted", source_looks.see_changelog),
    ]


def assess_stars(root: Path | None) -> list[Check]:
    """The items of STARS, essential and optional."""
    return [
        check_licence(),
        check_sources(_look(root, "Essential: dependencies with versions and sources", source_looks.see_pins)),
        check_libraries(),
        _look(root, "Essential: minimum documentation", source_looks.read_readme),
        _look(root, "Essential: identifiers of researchers (ORCID)", source_looks.see_orcid),
        _look(root, "Essential: how to cite it", source_looks.see_citation),
        check_address("Essential: code in a remote repository"),
        _look(root, "Essential: open science archive (DOI)", source_looks.see_doi),
        _look(root, "Optional: enhanced documentation", source_looks.see_documents),
        check_address("Optional: documentation hosted"),
        _look(root, "Optional: online coding environment", source_looks.see_environment),
        check_interface(),
        check_address("Optional: the interface hosted on the web"),
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
    says = f"A table of results that one call makes, made twice, has the same {len(first):,} bytes. " + NO_OTHERS
    return judge("Silver: outputs made by code alone", first == again, says, "A table made twice differs.")


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
        "An event written for this pack reached the log. Which events a run writes was not looked at.",
        "An event written for this pack did not reach the log.",
    )


def check_packaged() -> Check:
    """Whether the package is installed with its command."""
    commands = {entry.name for entry in metadata.entry_points(group="console_scripts")}
    says = f"Installed as the package ringfence {find_version()}, with the command ringfence."
    return judge("Gold: packaged", "ringfence" in commands, says, "There is no command ringfence.")


def check_libraries() -> Check:
    """Whether every library that the package needs names an open licence."""
    needs = _list_needs()
    silent = [name for name in needs if not OPEN_LICENCE.search(_read_licence(name))]
    return judge(
        "Essential: written in a free and open-source language",
        bool(needs) and not silent,
        f"Python, and {len(needs)} libraries, each under an open licence as its own package says.",
        f"Python, and {len(needs)} libraries; these name no open licence: {', '.join(silent)}.",
    )


def check_sources(versions: Check) -> Check:
    """Whether every library that the package needs says where it comes from; `versions` is the check of versions."""
    needs = _list_needs()
    silent = [name for name in needs if not _read_addresses(name)]
    if versions.state is not State.MET:
        return versions
    return judge(
        versions.asked,
        bool(needs) and not silent,
        f"{versions.says} Each of the {len(needs)} says at which address it is to be found.",
        f"{versions.says} These do not say at which address they are to be found: {', '.join(silent)}.",
    )


def _read_addresses(name: str) -> list[str]:
    """The addresses that an installed library gives of itself."""
    try:
        about = metadata.distribution(name).metadata
    except metadata.PackageNotFoundError:
        return []
    named = [*(about.get_all("Project-URL") or []), *(about.get_all("Home-page") or [])]
    return [address for address in named if "://" in address]


def _list_needs() -> list[str]:
    """The libraries that the package needs, without its extras."""
    return sorted(
        {re.split(r"[<>=!~ \[;(]", need)[0] for need in metadata.requires("ringfence") or [] if "extra ==" not in need}
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
    if fields:  # a list of all its files takes longer than everything else
        return " ".join(fields)
    texts = [path for path in library.files or () if path.name.upper().startswith("LICEN")]
    return texts[0].read_text(encoding="utf-8")[:MOST_READ] if texts else ""


def _look(root: Path | None, asked: str, examine: Examined) -> Check:
    """A check of the source folder; a gap where there is none."""
    if root is None:
        return Check(asked, State.GAP, NEEDS_SOURCE)
    found, says = examine(root)
    return Check(asked, found, says) if isinstance(found, State) else judge(asked, found, says)


def check_tests(root: Path | None, tests: Check) -> Check:
    """Whether there are tests, and results of all of them for this build."""
    asked = "Silver: testing framework"
    if root is None:
        return Check(asked, State.GAP, NEEDS_SOURCE)
    count = sum(1 for _ in (root / "tests").rglob("test_*.py")) if (root / "tests").is_dir() else 0
    if not count:
        return Check(asked, State.GAP, "There are no files of tests.")
    if tests.state is State.MET:
        return Check(asked, State.MET, f"pytest; {count} files of tests, and all passed: see Verification.")
    says = f"pytest; {count} files of tests. They did not run for this pack, and no results of this build came with it."
    return Check(asked, State.STATED, says)


class Module(NamedTuple):
    """What one file of code holds: its public functions and classes, and whether each says what it does; the same of
    the public methods of these classes; and the names that it imports, each with the module that it is imported from.
    """

    described: dict[str, bool]
    methods: dict[str, bool]
    imported: frozenset[tuple[str | None, str]]


@cache
def read_module(text: str) -> Module:
    """The same of a text; two checks ask it of every file."""
    tree = ast.parse(text)
    public = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    methods = [
        (f"{owner.name}.{node.name}", ast.get_docstring(node) is not None)
        for owner in public
        for node in (owner.body if isinstance(owner, ast.ClassDef) else ())
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    return Module(
        {node.name: ast.get_docstring(node) is not None for node in public},
        dict(methods),
        frozenset((node.module, alias.name) for node in imports for alias in node.names),
    )


def check_reuse() -> Check:
    """Whether most public functions and classes are imported by other modules of the package."""
    package = Path(str(files("simulator")))
    modules = {path: read_module(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")}
    named = {(path, name) for path, module in modules.items() for name in module.described}
    imported = {name for module in modules.values() for name in module.imported}
    used = sum((name_module(path, package), name) in imported for path, name in named)
    says = f"{used:,} of {len(named):,} public functions and classes of simulator/ are imported by another file of it."
    return judge("Silver: functions and classes that are used again", used > LEAST_USED * len(named), says)


def name_module(path: Path, package: Path) -> str:
    """A file of the package as it is imported."""
    return ".".join(path.relative_to(package.parent).with_suffix("").parts)


def check_address(asked: str) -> Check:
    """Whether the package names an address where it can be had; whether it can be reached is not looked at."""
    urls = metadata.metadata("ringfence").get_all("Project-URL") or []
    if not urls:
        return Check(asked, State.GAP, "The package names no address.")
    return Check(asked, State.STATED, f"Addresses of the package: {', '.join(urls)}. {source_looks.NOT_LOOKED_UP}")


def check_interface() -> Check:
    """Whether the commands of the dashboard and of the explorer are there and can be loaded."""
    asked = "Optional: an interface for people who do not code"
    wanted = ("serve", "explorer")
    found = {entry.name: entry for entry in metadata.entry_points(group="ringfence.commands") if entry.name in wanted}
    missing = [name for name in wanted if name not in found or not callable(_load(found[name]))]
    says = "ringfence serve and ringfence explorer are there, and their code can be loaded."
    return judge(asked, not missing, says, f"These commands are not there: {join_words(missing)}.")


def _load(entry: metadata.EntryPoint) -> object:
    """What an entry point leads to; None if it cannot be loaded."""
    try:
        return entry.load()
    except (ImportError, AttributeError):
        return None


def check_tidy() -> Check:
    """Whether a table of results has one row for each future, year and quantity, none of them twice."""
    frame = run("baseline", 2).to_frame()
    keys = [name for name in frame.columns if frame[name].dtype.kind not in "f"]
    twice = int(frame.duplicated(keys).sum())
    says = f"A run's table has one row for each {join_words(keys)}: {len(frame)} rows, {twice} of them twice."
    return judge("Silver: tidy data", bool(keys) and not twice, says)


def check_licence() -> Check:
    """Whether the package says under which open licence it stands."""
    about = metadata.metadata("ringfence")
    licence = " ".join(about[name] for name in ("License-Expression", "License") if name in about)
    return judge(
        "Essential: open licence", "MIT" in licence, f"{licence}, as the package says.", "The package names none."
    )


def check_documentation() -> Check:
    """How many public functions, classes and methods of the model say what they do."""
    modules = [read_module(path.read_text(encoding="utf-8")) for path in Path(str(files("simulator"))).rglob("*.py")]
    named, methods = (sum(map(len, held)) for held in zip(*((m.described, m.methods) for m in modules), strict=True))
    described = sum(sum(module.described.values()) for module in modules)
    told = sum(sum(module.methods.values()) for module in modules)
    says = (
        f"{described:,} of {named:,} public functions and classes of simulator/ say what they do, and {told:,} of "
        f"{methods:,} public methods of these classes."
    )
    return judge("Silver: code documented", described + told >= LEAST_DOCUMENTED * (named + methods), says)
