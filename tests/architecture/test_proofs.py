"""A proof that is kept holds for the same content, and for no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from proofs import PAGE_MODEL, ROOT, SHIPPED_FIT, TWO_PROCESSES, Proof
from reached_code import list_code

pytestmark = pytest.mark.architecture

TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import simulator.unused\n"


@pytest.fixture
def proof(tmp_path: Path) -> Proof:
    """Of a module that imports another, and of a file; kept."""
    for folder in ("simulator/rules", "simulator/common"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "begins.py").write_text(TYPES + "def f():\n    from simulator.rules import money\n    return money\n")
    (tmp_path / "simulator/__init__.py").write_text("")
    (tmp_path / "simulator/unused.py").write_text("x = 1\n")
    (tmp_path / "simulator/rules/money.py").write_text(
        '"""Money."""\nfrom simulator.common import errors\nrate = 0.1\n'
    )
    (tmp_path / "simulator/common/errors.py").write_text("text = 'a'\n")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    kept = Proof("mine", ("begins.py",), ("table.csv",), ("numpy",), tmp_path, tmp_path / "proofs.json")
    assert not kept.holds()
    kept.keep()
    return kept


def test_it_holds_until_code_data_or_a_library_changes(proof: Proof) -> None:
    assert proof.holds()
    for path in ("begins.py", "simulator/rules/money.py", "table.csv"):
        was = (proof.root / path).read_text()
        (proof.root / path).write_text(was + "\nmore = 2\n")
        assert not proof.holds(), path
        (proof.root / path).write_text(was)
    assert proof.holds()
    assert not replace(proof, packages=("scipy",)).holds()
    assert not replace(proof, files=()).holds()
    assert not replace(proof, name="another").holds()


def test_what_is_made_whole_since_it_is_new_is_said(proof: Proof, recwarn: pytest.WarningsRecorder) -> None:
    assert not proof.is_due(whole=False)
    assert proof.is_due(whole=True)
    assert not recwarn
    (proof.root / "table.csv").write_text("a,b\n1,3\n")
    with pytest.warns(UserWarning, match="Made again: mine, "):
        assert proof.is_due(whole=False)


def test_comments_docstrings_and_modules_that_give_only_types_or_words_do_not_count(proof: Proof) -> None:
    (proof.root / "simulator/rules/money.py").write_text(
        '"""Pounds."""\n\nfrom simulator.common import errors\n\nrate = 0.1  # a year\n'
    )
    (proof.root / "simulator/unused.py").write_text("x = 2\n")
    (proof.root / "simulator/common/errors.py").write_text("text = 'b'\n")
    (proof.root / "simulator/__init__.py").write_text("name = 1\n")
    assert proof.holds()


def test_comments_and_words_of_a_file_of_data_do_not_count_and_its_numbers_do(proof: Proof) -> None:
    targets = proof.root / "targets.yaml"
    targets.write_text("targets:\n  - id: a\n    says: Ten boards.  # of 20\n    observed: [10, 7]\n")
    proof = replace(proof, files=("targets.yaml",))
    proof.keep()
    was = targets.read_text()
    changes = (("Ten", "10", True), ("of 20", "so", True), ("10, 7", "7, 10", False), ("id: a", "id: b", False))
    for before, after, holds in changes:
        targets.write_text(was.replace(before, after))
        assert proof.holds() is holds, after


STEPS = """
import simulator.rules.money
from simulator.steps.words import SLIGHT as LIMIT, describe
from simulator.steps import sizes

NAMES = {"full": "weigh"}

class Fit:
    @property
    def sentence(self):
        return describe(self)
    def rows(self):
        return sizes.COUNT

def weigh(fit, limit=LIMIT):
    if not fit:
        raise ValueError("a fit has points")
    return fit.rows() * simulator.rules.money.rate

def begin():
    return globals()[NAMES["full"]](Fit())

def unused():
    return 1
"""
CHANGES = (
    ("fit.py", "fit.rows() *", "fit.rows() +", False),  # a step, named only in a string
    ("fit.py", "return sizes.COUNT", "return 2", False),  # a method
    ("words.py", "SLIGHT = 1", "SLIGHT = 2", False),  # a number, imported by another name
    ("words.py", "print(1)", "print(2)", False),  # what is run as a module is imported
    ("sizes.py", "COUNT = 3", "COUNT = 4", False),  # a number, by its module
    ("sizes.py", "import factor", "import factor2 as factor", False),  # where a name comes from
    ("fit.py", "a fit has points", "no points", True),
    ("fit.py", "return describe(self)", "return 'It is ' + describe(self)", True),
    ("words.py", "'some'", "'many'", True),
    ("fit.py", "return 1", "return 2", True),
    ("sizes.py", "OTHER = 5", "OTHER = 6", True),
)


def test_what_describes_a_declared_number_does_not_count_and_its_prior_does(proof: Proof) -> None:
    folder = proof.root / "simulator/declarations/parameters"
    folder.mkdir(parents=True)
    (folder / "money.py").write_text(
        "rate: Annotated[float, uncertain(0, 1, 'how much it is', Beta(2, 3), Status.SET, 'W')] = 0.5\n"
    )
    proof = replace(proof, begins=("simulator/declarations/parameters/money.py",))
    proof.keep()
    was = (folder / "money.py").read_text()
    changes = (("much", "many pounds", True), ("SET", "EXPLORED", True), ("(2, 3)", "(2, 4)", False), ("5", "6", False))
    for before, after, holds in changes:
        (folder / "money.py").write_text(was.replace(before, after))
        assert proof.holds() is holds, after


def test_a_changed_number_step_or_method_counts_and_what_only_words_or_is_not_named_does_not(proof: Proof) -> None:
    steps = proof.root / "simulator/steps"
    steps.mkdir()
    (steps / "fit.py").write_text(STEPS)
    (steps / "words.py").write_text("SLIGHT = 1\nprint(1)\ndef describe(fit):\n    return 'some'\n")
    (steps / "sizes.py").write_text("from simulator.steps.more import factor\nCOUNT = 3 * factor\nOTHER = 5\n")
    (steps / "more.py").write_text("factor = 1\nfactor2 = 2\n")
    proof = replace(proof, begins=("simulator/steps/fit.py:begin",))
    proof.keep()
    for name, before, after, holds in CHANGES:
        was = (steps / name).read_text()
        assert before in was, before
        (steps / name).write_text(was.replace(before, after))
        assert proof.holds() is holds, (name, after)
        (steps / name).write_text(was)
    assert proof.holds()


def test_all_kinds_of_machines_have_their_own(proof: Proof) -> None:
    """What was kept elsewhere stays beside what is kept here."""
    was = (proof.root / "table.csv").read_text()
    (proof.root / "table.csv").write_text(was + "3,4\n")
    proof.keep()
    assert proof.holds()
    (proof.root / "table.csv").write_text(was)
    assert proof.holds()


REACHED = {
    "simulator/calibration/fit.py": "calibrate",
    "simulator/calibration/likelihood.py": "log_likelihood",
    "simulator/calibration/findings.py": "weigh_findings",
    "simulator/calibration/identifiability.py": "identify",
    "simulator/experiments/core/verdicts.py": "SLIGHT",
    "simulator/experiments/stats/importance_sampling.py": "sample_by_importance",
    "simulator/experiments/stats/pareto_k.py": "estimate_pareto_k",
    "simulator/replays/replay.py": "load_replay",
    "simulator/replays/survey_emulator.py": "log_probability",
    "simulator/replays/targets.py": "list_fitted",
    "simulator/runs/parameter_sets.py": "make_points",
    "simulator/runs/posterior.py": "shipped_draws",
    "simulator/scenarios/change.py": "apply_all",
}
"""A part of each step of the fit."""


def test_code_is_followed_to_the_kernels_the_rules_and_every_step_of_the_fit() -> None:
    codes = {proof.name: list_code(proof.begins, ROOT) for proof in (SHIPPED_FIT, PAGE_MODEL, TWO_PROCESSES)}
    for name, code in codes.items():
        for part in ("rules/money", "engine/kernel_money", "engine/philox", "declarations/parameters/people"):
            assert len(code[f"simulator/{part}.py"]) > 1, (name, part)
    steps = codes[SHIPPED_FIT.name]
    assert {path: name for path, name in REACHED.items() if f"'{name}'" not in "".join(steps.get(path, []))} == {}
    assert "'give_verdict'" not in "".join(steps["simulator/experiments/core/verdicts.py"]), (
        "what only words a difference"
    )
