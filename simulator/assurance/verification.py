"""Verification: the tests by kind, their recorded results, and checks of the program that run for the pack."""

from __future__ import annotations

import ast
import datetime as dt
import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from simulator.agents.driver_comparison import find_differences
from simulator.agents.model import HealthSystem
from simulator.assurance.chapter import Chapter, Check, State, judge, tabulate_checks, tabulate_sheet
from simulator.assurance.documents import find_change_date, find_commit, find_source_folder, list_changed_files
from simulator.boards.table import read_boards
from simulator.common.errors import InputError
from simulator.common.formatting import join_words, write_day
from simulator.engine.ensemble import PoundsError, Progress, simulate
from simulator.engine.kernel_sources import source_hash
from simulator.reports.blocks import Block, Heading, Paragraph
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.runs.digest import check as check_digests
from simulator.runs.futures import draw_futures
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.library import library
from simulator.scenarios.scenario import load_scenario

CODE_PROPERTY = "ringfence_code"
"""The property under which a file of test results holds the fingerprint of the code that was tested."""

COMMIT_PROPERTY = "ringfence_commit"
"""The property under which it holds the commit that was tested, with "-dirty" where files had been changed since."""

WHOLE_PROPERTY = "ringfence_whole"
"""The property under which it says whether every proof was made in whole: "yes" or "no"."""

PROOFS = "tests/support/proofs.json"
"""Which proofs held when all of each was last made, and of what content, under the source folder."""

RECORD = "build/tests.xml"
"""Where scripts/test writes the results of all tests, under the source folder."""

NOT_RUN = (
    f"There are no results of tests: scripts/test writes {RECORD}, and --tests FILE names another file (pytest "
    "--junitxml FILE writes one)."
)
SHOWN = (
    "Results are made by arithmetic that IEEE 754 fixes, in a fixed order, so that any computer should give the same "
    "bits. Whether this one does is the second check below. Elsewhere it was seen on Linux on x86-64 alone: compiled "
    "for several processors, interpreted, in the Mesa model, and as WebAssembly in Chromium. Of Windows, macOS and ARM "
    "there is no record; there ringfence doctor shows it, or says what differs."
)
"""Where the published bits were seen."""

TOLERANCE = 1e-9
TEXTS = (".md", ".png", ".svg", ".jsonl")
"""Files of these kinds may change after the tests: nothing that runs reads them."""

MOST_NAMED = 12
"""So many tests that did not run are named."""

MOST_ABSENT = 0.02
"""This part of the test functions may be absent from results: files whose libraries are not installed."""


@dataclass(frozen=True)
class TestResults:
    """Recorded results of tests: how many ran, failed and were left out, when, the code that was tested, the test
    functions by file, as in "tests/rules/test_money.py::test_a", the commit, "" where the file does not say, those that
    were left out, each with the reason that the file gives, and whether every proof was made in whole, None where the
    file does not say.
    """

    __test__ = False
    tests: int
    failed: int
    skipped: int
    when: str
    code: str
    functions: frozenset[str]
    commit: str = ""
    left_out: tuple[str, ...] = ()
    whole: bool | None = None

    @property
    def day(self) -> str:
        """When they ran, as people write it; "" where the file does not say."""
        try:
            when = dt.datetime.fromisoformat(self.when)
        except ValueError:
            return ""
        return f"on {write_day(when.date())} at {when:%H:%M}"


def write_verification(
    results: TestResults | None, futures: int, compared: int, scenarios: int, progress: Progress
) -> Chapter:
    """The chapter. `futures` of `scenarios` are run for conservation, `compared` futures by both drivers."""
    root = find_source_folder()
    counts = count_tests(root) if root else None
    checks = [
        check_results(results, root),
        check_drivers(compared, progress),
        check_money(futures, scenarios, progress),
    ]
    checks.insert(1, check_bits(progress))
    blocks: list[Block] = [
        Paragraph("What was done to find out whether the program does what the description says."),
        Paragraph(SHOWN),
        Heading("Checks run for this pack", 2),
        tabulate_checks(checks),
        *describe_proofs(results, root),
        Heading("Tests by kind", 2),
    ]
    if counts is None:
        gap = Check("How many tests of each kind are there?", State.GAP, "The tests come with the source folder only.")
        return Chapter("Verification", (*blocks, tabulate_checks([gap])), (), (*checks, gap))
    sheet = make_sheet(counts, read_kinds(root) if root else {})
    total = sum(counts.values())
    words = f"{total:,} test functions, counted in the source; many run with several cases each."
    return Chapter(
        "Verification",
        (*blocks, Paragraph(words), tabulate_sheet(sheet, (0, 1, 2), (18, 70, 14))),
        (sheet,),
        tuple(checks),
    )


def describe_proofs(results: TestResults | None, root: Path | None) -> tuple[Paragraph, ...]:
    """Which proofs a usual run of all tests makes in part, and what is recorded of them in whole; none where there is
    no source folder.
    """
    path = None if root is None else root / PROOFS
    if path is None or not path.is_file():
        return ()
    held = [name for name, digests in json.loads(path.read_text(encoding="utf-8")).items() if digests]
    day = find_change_date(path)
    ran = {
        True: " The results above are of a run with --whole, which made all of each.",
        False: " The results above are of a run without --whole.",
        None: "",
    }[results.whole if results else None]
    return (
        Paragraph(
            f"Proofs that take minutes are made in part in a usual run of all tests: {join_words(held)}. Where what "
            "goes into one of them is the same, byte for byte, as when all of it was last made and held, only a part "
            "of it is made again; where anything changed, and with scripts/test --whole, all of it is. What held in "
            f"whole is kept in {PROOFS}{f', last changed on {day}' if day else ''}.{ran}"
        ),
    )


def make_sheet(counts: Mapping[str, int], kinds: Mapping[str, str]) -> Sheet:
    """Tests by kind as a sheet."""
    columns = (Column("Kind"), Column("What it tests", width=60), Column("Test functions", "0"))
    rows: list[list[Cell]] = [
        [kind, kinds.get(kind, "files of tests that name no kind"), count] for kind, count in counts.items()
    ]
    return Sheet(
        "Tests",
        "Tests by kind",
        "One row per kind of test. Unit: test functions. Source: counted in tests/.",
        columns,
        rows,
    )


def read_kinds(root: Path) -> dict[str, str]:
    """The kinds of test and what each tests, as the project declares them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    lines = settings["tool"]["pytest"]["ini_options"]["markers"]
    return {name: says.strip() for name, says in (line.split(":", 1) for line in lines)}


def list_tests(root: Path) -> set[str]:
    """Every test function by its file, as in "tests/rules/test_money.py::test_a"."""
    return {
        f"{path.relative_to(root).as_posix()}::{node.name}"
        for path in (root / "tests").rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def count_tests(root: Path) -> dict[str, int]:
    """How many test functions there are of each kind, in the order in which kinds are declared."""
    kinds = list(read_kinds(root))
    counted: Counter[str] = Counter()
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tests = sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in ast.walk(tree))
        marked = {
            node.attr
            for statement in tree.body
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "pytestmark"
            for node in ast.walk(statement.value)
            if isinstance(node, ast.Attribute) and node.attr in kinds
        }
        for kind in marked or {"unmarked"}:
            counted[kind] += tests
    return {kind: counted[kind] for kind in (*kinds, "unmarked") if counted[kind]}


def read_results(path: Path) -> TestResults:
    """Results in a file that `pytest --junitxml` wrote. Raises InputError for any other file."""
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no file of test results: {error}; pytest --junitxml FILE writes one") from None
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    if not suites:
        raise InputError(f"{path} is no file of test results: it has no testsuite; pytest --junitxml FILE writes one")

    def count(name: str) -> int:
        try:
            return sum(int(suite.get(name, 0)) for suite in suites)
        except ValueError:
            raise InputError(f"{path} is no file of test results: {name} is no number of tests") from None

    properties = {p.get("name", ""): p.get("value", "") for suite in suites for p in suite.iter("property")}
    return TestResults(
        tests=count("tests"),
        failed=count("failures") + count("errors"),
        skipped=count("skipped"),
        when=suites[0].get("timestamp", "")[:19],
        code=properties.get(CODE_PROPERTY, ""),
        functions=frozenset(
            f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '').split('[')[0]}"
            for suite in suites
            for case in suite.iter("testcase")
        ),
        commit=properties.get(COMMIT_PROPERTY, ""),
        left_out=tuple(
            f"{_name_case(case)} ({reason.get('message', 'no reason given')})"
            for suite in suites
            for case in suite.iter("testcase")
            for reason in case.iter("skipped")
        ),
        whole={"yes": True, "no": False}.get(properties.get(WHOLE_PROPERTY, "")),
    )


def _name_case(case: ElementTree.Element) -> str:
    """A test by its file, with its case."""
    folder, name = case.get("classname", "").replace(".", "/"), case.get("name", "")
    return f"{folder}.py::{name}" if folder else name


def find_results() -> Path | None:
    """The record of the last run of all tests in the source folder; None where there is none."""
    root = find_source_folder()
    path = None if root is None else root / RECORD
    return path if path is not None and path.is_file() else None


def check_results(results: TestResults | None, root: Path | None) -> Check:
    """Whether all tests of this build, whose source is in `root`, are recorded and passed."""
    asked = "Did all tests of this build pass?"
    if results is None:
        return Check(asked, State.GAP, NOT_RUN)
    ran = f"{results.tests:,} tests recorded {results.day or 'at an unknown time'}: {results.failed} failed"
    ran += f", {results.skipped} {'was' if results.skipped == 1 else 'were'} left out"
    ran += _describe_commit(results.commit, root)
    ran += f". Left out: {_list_some(results.left_out)}" if results.left_out else ""
    if results.code != source_hash():
        other = f"of the code {results.code}" if results.code else "of a code that the file does not name"
        return Check(asked, State.GAP, f"{ran}. They are {other}; the model here is {source_hash()}.")
    if root is None:
        return Check(asked, State.GAP, f"{ran}. Whether these are all tests can be seen in the source folder only.")
    every = list_tests(root)
    absent = sorted(every - results.functions)
    if absent:
        ran += f". {len(absent):,} of {len(every):,} test functions are not among them: {_list_some(absent)}"
    if len(absent) > MOST_ABSENT * len(every):
        return Check(asked, State.GAP, f"{ran}.")
    if changed := count_changes(results.commit, root):
        files = "1 file that is tested" if changed == 1 else f"{changed:,} files that are tested"
        return Check(asked, State.GAP, f"{ran}. Since then {files} changed, so run scripts/test again.")
    return judge(asked, not results.failed and results.tests > results.skipped, f"{ran}. Model code {results.code}.")


def _list_some(names: Sequence[str]) -> str:
    rest = f"; and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{'; '.join(names[:MOST_NAMED])}{rest}"


def _describe_commit(tested: str, root: Path | None) -> str:
    """At which commit the tests ran, and at which the source is now where that is another."""
    if not tested:
        return ""
    changed = ", with changes that were not committed" if tested.endswith("-dirty") else ""
    now = "" if root is None else find_commit(root)
    later = f"; the source here is at {now}" if now and now != tested else ""
    return f", at commit {tested.removesuffix('-dirty')}{changed}{later}"


def count_changes(tested: str, root: Path) -> int:
    """How many files other than texts changed since the commit of the tests; 0 where no history says so."""
    if not tested:
        return 0
    names = list_changed_files(root, tested.removesuffix("-dirty"))
    return sum(not name.endswith(TEXTS) for name in names)


def check_bits(progress: Progress) -> Check:
    """Whether this computer gives the published bits."""
    checked = check_digests(progress)
    equal, total = sum(checked.equal.values()), checked.blocks * len(checked.equal)
    says = f"1,000 futures of {len(checked.equal)} scenarios, hashed: {equal} of {total} blocks are as published"
    changed = f"; changed inputs: {', '.join(checked.changed)}" if checked.changed else ""
    return judge(
        "Does this computer give the published results to the last bit?", checked.same_bits, f"{says}{changed}."
    )


def check_drivers(futures: int, progress: Progress) -> Check:
    """Whether the readable model and the compiled one agree to the last bit, in some futures of each policy."""
    boards, drawn = read_boards(), draw_futures(max(futures, 1))
    names = ("baseline", *HEADLINE)
    apart: list[str] = []
    for done, name in enumerate(names, 1):
        scenario = load_scenario(name)
        yearly = simulate(drawn.points, drawn.runs, scenario.schedule, boards.areas, seed=drawn.seed, detail=True)
        for at, number in enumerate(drawn.runs):
            model = HealthSystem(
                scenario,
                luck_seed=drawn.seed,
                run=int(number),
                parameters=drawn.points[at],
                boards=boards,
                record=False,
            )
            apart += [f"{name}, future {number}: {where}" for where in find_differences(model.run(), yearly, at)]
        progress(done, len(names))
    looked = f"{len(names)} scenarios in {len(drawn.runs)} futures, every value of every area and year"
    return judge(
        "Do the Mesa model and the compiled driver agree to the last bit?",
        not apart,
        f"{looked}: all equal.",
        f"{looked}: {len(apart)} differ, first {apart[0] if apart else ''}.",
    )


def check_money(futures: int, scenarios: int, progress: Progress) -> Check:
    """Whether every pound is accounted for, in futures of scenarios of the library."""
    boards, drawn = read_boards(), draw_futures(futures)
    names = list(library())[:scenarios]
    asked, worst = "Is every pound accounted for?", 0.0
    for done, name in enumerate(names, 1):
        schedule = load_scenario(name).schedule
        try:
            worst = max(
                worst, float(simulate(drawn.points, drawn.runs, schedule, boards.areas, seed=drawn.seed).imbalance)
            )
        except PoundsError as error:
            return Check(asked, State.GAP, f"{name}: {error}")
        progress(done, len(names))
    says = (
        f"{len(names)} scenarios of the library in {futures} futures: the largest imbalance of any area "
        "in any quarter is"
    )
    return judge(asked, worst < TOLERANCE, f"{says} {worst:.1e} of its money.")
