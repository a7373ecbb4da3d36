"""Every item of the self-assessment is met by a check that fails where it is untrue, or is stated and counted apart."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.assurance import self_assessment, source_looks
from simulator.assurance.chapter import Chapter, Check, State, judge
from simulator.assurance.closing import list_gaps
from simulator.assurance.rendering import write_tally
from simulator.runs.manifest import find_version

pytestmark = pytest.mark.assurance

PASSED = judge("Did all tests of this build pass?", True, "They did.")
README = "Install it, run it; its licence.\n\n    ringfence run x\n"


@contextmanager
def planted(tmp_path: Path) -> Iterator[Path]:
    """A folder in which every item that the source can show is met."""
    root = tmp_path / "source"
    for folder in (".github/workflows", ".binder", "docs/reviews", "simulator", "tests"):
        (root / folder).mkdir(parents=True)
    (root / ".binder/environment.yml").write_text("x", encoding="utf-8")
    (root / "docs/reviews/signed.md").write_text("Reviewer: A\nDate: 1 May 2026\nCommit: abc\n", encoding="utf-8")
    (root / "docs/0.md").write_text("See [the other](1.md#part) and [its data](1.csv).", encoding="utf-8")
    (root / "docs/1.csv").write_text("x", encoding="utf-8")
    (root / "docs/1.md").write_text("x", encoding="utf-8")
    (root / "simulator" / "a.py").write_text("A = 1\n", encoding="utf-8")
    (root / "tests" / "test_a.py").write_text("from simulator import run\n\nrun()\n", encoding="utf-8")
    (root / "README.md").write_text(README, encoding="utf-8")
    (root / "LICENSE").write_text("MIT", encoding="utf-8")
    (root / "CHANGELOG.md").write_text(f"## [{find_version()}]\n### Results change\n", encoding="utf-8")
    cited = f"authors:\n  - orcid: {KNOWN}\ndoi: 10.5281/x.1\nversion: {find_version()}\n"
    (root / "CITATION.cff").write_text(cited, encoding="utf-8")
    (root / ".github/workflows/a.yml").write_text("on:\n  schedule:\nrun: pytest\n", encoding="utf-8")
    (root / "constraints.txt").write_text("numpy==2.0\n", encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "0"\ndependencies = ["numpy>=2,<3"]\n', encoding="utf-8"
    )
    for words in (("init", "-q"), ("add", "simulator")):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    yield root


def write(place: str, text: str) -> Callable[[Path], object]:
    """What spoils an item: a file with another text."""
    return lambda root: (root / place).write_text(text, encoding="utf-8")


KNOWN = "0000-0002-1825-0097"
"""The example that ORCID itself gives."""

MET, STATED = State.MET, State.STATED
SPOILT: dict[str, tuple[State, tuple[Callable[[Path], object], ...]]] = {
    "code under version control": (
        MET,
        (lambda root: shutil.rmtree(root / ".git"), write("simulator/new.py", "B = 1\n")),
    ),
    "README with install and run": (
        MET,
        (write("README.md", "Hello."), write("README.md", README.replace(" run x", " fly"))),
    ),
    "minimum documentation": (MET, (write("README.md", "Install it, run it; its licence."),)),
    "reviewed by a second person": (
        STATED,
        (lambda root: (root / "docs/reviews/signed.md").unlink(), write("docs/reviews/signed.md", "Reviewer: A\n")),
    ),
    "standard layout": (MET, (lambda root: (root / "LICENSE").unlink(),)),
    "testing framework": (MET, (lambda root: (root / "tests/test_a.py").unlink(),)),
    "Silver: dependencies named": (
        MET,
        (
            write("constraints.txt", "scipy==1\n"),
            write("constraints.txt", "numpy==2.0\nscipy>=1\n"),
            write("pyproject.toml", '[project]\nname = "a"\nversion = "0"\ndependencies = ["numpy"]\n'),
        ),
    ),
    "run by themselves": (
        MET,
        (lambda root: (root / ".github/workflows/a.yml").unlink(), write(".github/workflows/a.yml", "run: ls\n")),
    ),
    "on a schedule": (MET, (write(".github/workflows/a.yml", "on: push\n"),)),
    "changes signposted": (MET, (write("CHANGELOG.md", "nothing"),)),
    "ORCID": (STATED, (write("CITATION.cff", "orcid:\n"), write("CITATION.cff", f"orcid: {KNOWN[:-1]}8\n"))),
    "how to cite": (MET, (lambda root: (root / "CITATION.cff").unlink(), write("CITATION.cff", "version: 0.0.1\n"))),
    "DOI": (STATED, (write("CITATION.cff", "doi: soon\n"),)),
    "enhanced documentation": (
        MET,
        (lambda root: (root / "docs/1.md").unlink(), lambda root: (root / "docs/1.csv").unlink()),
    ),
    "dependencies with versions and sources": (MET, (write("constraints.txt", "scipy==1\n"),)),
    "online coding environment": (STATED, (lambda root: (root / ".binder/environment.yml").unlink(),)),
}
"""What is found of each item in the planted folder, and what makes each a gap."""


def find(checks: list[Check], asked: str) -> Check:
    (check,) = (check for check in checks if asked in check.asked)
    return check


def test_each_item_of_the_self_assessment_sees_what_is_there_and_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = judge("Silver: code documented", True, "elsewhere")
    for name in ("check_documentation", "check_tidy", "check_reuse", "check_made_by_code", "check_language"):
        monkeypatch.setattr(self_assessment, name, lambda: documented)
    monkeypatch.setattr(source_looks, "check_style", lambda root: (True, "elsewhere"))

    def assess(root: Path | None) -> list[Check]:
        return [*self_assessment.assess_rap(root, PASSED), *self_assessment.assess_stars(root)]

    with planted(tmp_path) as whole:
        found, without = assess(whole), assess(None)
        for number, (asked, (state, spoils)) in enumerate(SPOILT.items()):
            assert find(found, asked).state is state, find(found, asked)
            assert find(without, asked).says == self_assessment.NEEDS_SOURCE
            for spoil in spoils:
                root = tmp_path / f"{number} {spoils.index(spoil)}"
                shutil.copytree(whole, root, symlinks=True)
                spoil(root)
                gap = find(assess(root), asked)
                assert gap.state is State.GAP and " has version" not in gap.says, asked


def test_items_that_the_running_program_shows_can_fail_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looks = {
        "check_language": lambda m: m.setattr(self_assessment, "files", lambda name: tmp_path),
        "check_made_by_code": lambda m: m.setattr(self_assessment, "run", make_runs_that_differ()),
        "check_log": lambda m: m.setattr(self_assessment, "log_event", lambda name: None),
        "check_packaged": lambda m: m.setattr(self_assessment.metadata, "entry_points", lambda group: []),
        "check_libraries": lambda m: m.setattr(self_assessment, "_read_licence", lambda name: "Proprietary"),
    }
    (tmp_path / "a.py").write_text("", encoding="utf-8")
    (tmp_path / "model.sas").write_text("", encoding="utf-8")
    for name, spoil in looks.items():
        check = getattr(self_assessment, name)
        assert check().state is State.MET, check().says
        with monkeypatch.context() as changed:
            spoil(changed)
            assert check().state is State.GAP, name
    monkeypatch.setattr(self_assessment, "files", lambda name: tmp_path)
    assert "files of SAS" in self_assessment.check_language().says


def test_a_library_that_does_not_say_where_it_comes_from_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = judge("Essential: dependencies", True, "All have versions.")
    assert "says at which address it is to be found" in self_assessment.check_sources(versions).says
    assert self_assessment.check_sources(judge("Essential: dependencies", False, "None.")).says == "None."
    honest = self_assessment._read_addresses
    monkeypatch.setattr(self_assessment, "_read_addresses", lambda name: [] if name == "numpy" else honest(name))
    gap = self_assessment.check_sources(versions)
    assert gap.state is State.GAP and gap.says.endswith(
        "These do not say at which address they are to be found: numpy."
    )


def test_links_to_pages_and_to_other_files_are_counted_apart(tmp_path: Path) -> None:
    with planted(tmp_path) as root:
        assert source_looks.see_documents(root)[1] == "3 pages in docs/, with 1 link to pages and 1 to other files."


def make_runs_that_differ() -> Callable[[str, int], Any]:
    """A stand-in for `run` whose tables count how often it was called."""
    calls = iter(range(9))
    return lambda name, n: type("Made", (), {"to_frame": lambda self: pd.DataFrame({"at": [next(calls)]})})()


def test_the_check_of_the_log_leaves_a_log_that_is_open_as_it_was(tmp_path: Path) -> None:
    from simulator.common.event_log import LOG, stop_log, write_log

    write_log(file=tmp_path / "x.log")
    try:
        before = LOG.handlers[:], LOG.level
        self_assessment.check_log()
        assert (LOG.handlers, LOG.level) == before
    finally:
        stop_log()


def test_a_table_of_results_with_a_row_twice_is_not_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_assessment.check_tidy().state is State.MET
    frame = self_assessment.run("baseline", 2).to_frame()
    twice = type("Twice", (), {"to_frame": lambda self: pd.concat([frame, frame.iloc[:1]])})()
    monkeypatch.setattr(self_assessment, "run", lambda *_: twice)
    assert self_assessment.check_tidy().state is State.GAP


def test_a_breach_of_the_coding_standard_is_seen(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    with planted(tmp_path) as root:
        assert source_looks.check_style(root)[0]
        (root / "simulator" / "a.py").write_text("import os\n", encoding="utf-8")
        assert not source_looks.check_style(root)[0]


def test_what_the_package_does_not_name_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare(dict[str, str]):
        def get_all(self, name: str) -> None:
            return None

    assert self_assessment.check_licence().state is State.MET
    monkeypatch.setattr(self_assessment.metadata, "metadata", lambda name: Bare())
    assert self_assessment.check_licence().state is State.GAP
    assert find(self_assessment.assess_rap(None, PASSED), "published in the open").state is State.GAP
    monkeypatch.setattr(self_assessment, "LEAST_DOCUMENTED", 1.01)
    assert self_assessment.check_documentation().state is State.GAP
    monkeypatch.setattr(self_assessment.metadata, "entry_points", lambda group: [])
    assert find(self_assessment.assess_stars(None), "do not code").state is State.GAP


# What is printed.


def test_tests_that_did_not_run_are_stated_and_counted_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with planted(tmp_path) as root:
        unknown = self_assessment.check_tests(root, Check("Did all tests pass?", State.GAP, "No results."))
        assert unknown.state is State.STATED and "did not run for this pack" in unknown.says
        assert self_assessment.check_tests(root, PASSED).state is State.MET
    chapter = Chapter("A", (), (), (unknown, PASSED))
    assert (chapter.met, len(chapter.gaps)) == (1, 0) and not unknown.is_gap
    assert write_tally([chapter]).startswith(
        "1 of 2 checks are met. 1 is stated, not checked. The 0 others stand as GAP"
    )


def test_an_address_that_is_named_is_stated_and_one_that_is_missing_is_one_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [*self_assessment.assess_rap(None, PASSED), *self_assessment.assess_stars(None)]
    missing = [check for check in checks if check.says == "The package names no address."]
    assert len(missing) == 4 and all(check.is_gap for check in missing)
    (gap,) = (gap for gap in list_gaps([Chapter("A", (), (), tuple(checks))]) if gap.says == missing[0].says)
    assert gap.asked == tuple(check.asked for check in missing)
    named = type("Named", (), {"get_all": lambda self, name: ["Home, https://x.example"]})()
    monkeypatch.setattr(self_assessment.metadata, "metadata", lambda name: named)
    assert self_assessment.check_address(missing[0].asked).state is State.STATED


def test_functions_that_nothing_else_imports_are_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert self_assessment.check_reuse().state is State.MET
    package = tmp_path / "simulator"
    package.mkdir()
    (package / "a.py").write_text("def used(): ...\n\ndef alone(): ...\n", encoding="utf-8")
    (package / "b.py").write_text("from simulator.a import used\nfrom simulator.c import alone\n", encoding="utf-8")
    monkeypatch.setattr(self_assessment, "files", lambda name: package)
    check = self_assessment.check_reuse()
    assert check.state is State.GAP and check.says.startswith("1 of 2 ")


def test_a_command_of_the_dashboard_that_cannot_be_loaded_is_no_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_assessment.check_interface().state is State.MET
    monkeypatch.setattr(self_assessment, "_load", lambda entry: None)
    assert self_assessment.check_interface().says.startswith("These commands are not there: serve and explorer")
