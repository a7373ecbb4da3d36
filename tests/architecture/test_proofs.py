"""A proof that is kept holds for the same content, and for no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from proofs import Proof, dump_code, list_modules

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
    kept = Proof("mine", "begins.py", ("table.csv",), ("numpy",), tmp_path, tmp_path / "proofs.json")
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


def test_comments_docstrings_and_modules_that_give_only_types_or_words_do_not_count(proof: Proof) -> None:
    (proof.root / "simulator/rules/money.py").write_text(
        '"""Pounds."""\n\nfrom simulator.common import errors\n\nrate = 0.1  # a year\n'
    )
    (proof.root / "simulator/unused.py").write_text("x = 2\n")
    (proof.root / "simulator/common/errors.py").write_text("text = 'b'\n")
    (proof.root / "simulator/__init__.py").write_text("name = 1\n")
    assert proof.holds()
    assert dump_code("def f():\n    'Says.'\n") == dump_code("def f():\n    pass\n") != dump_code("def f():\n    1\n")


def test_all_kinds_of_machines_have_their_own(proof: Proof) -> None:
    """What was kept elsewhere stays beside what is kept here."""
    was = (proof.root / "table.csv").read_text()
    (proof.root / "table.csv").write_text(was + "3,4\n")
    proof.keep()
    assert proof.holds()
    (proof.root / "table.csv").write_text(was)
    assert proof.holds()


def test_modules_are_followed_to_the_kernels_and_the_rules() -> None:
    for begins in ("simulator/calibration/export.py", "scripts/build_page_driver.py"):
        modules = list_modules(begins)
        for part in ("rules/money", "engine/kernel_money", "engine/philox", "declarations/parameters/people"):
            assert f"simulator/{part}.py" in modules, (begins, part)
    assert "simulator/replays/survey_emulator.py" in list_modules("simulator/calibration/export.py")
