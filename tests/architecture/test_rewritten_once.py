"""Workers rewrite each test module once between them, and pytest takes what they kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from rewritten_once import list_modules, rewrite_share, share_of

pytestmark = pytest.mark.architecture


def test_shares_hold_every_module_that_is_collected_once(tmp_path: Path) -> None:
    for name in ("b/test_two.py", "a/test_one.py", "a/conftest.py", "slow/test_three.py", "test_four.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    every = list_modules([str(tmp_path)], lambda path: "slow" in path.parts)
    assert [path.name for path in every] == ["test_one.py", "test_two.py", "test_four.py"]
    assert list_modules([f"{tmp_path}/a/test_one.py::test_it", f"{tmp_path}/a"], lambda path: False) == every[:1]
    shares = [share_of(every, worker, 2) for worker in range(2)]
    assert shares == [[every[0], every[2]], [every[1]]]


def test_what_was_rewritten_is_taken_until_the_module_changes(
    pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    module, rewritten = tmp_path / "test_mine.py", []
    module.write_text("def test_it():\n    assert 1 == 2\n", encoding="utf-8")
    real = rewrite._rewrite_test
    monkeypatch.setattr(rewrite, "_rewrite_test", lambda *given: (rewritten.append(given[0]), real(*given))[1])
    for _ in range(2):
        rewrite_share(pytestconfig, [module])
    assert rewritten == [module], "the second time it is found"
    module.write_text("def test_it():\n    assert 1 == 2, 'longer'\n", encoding="utf-8")
    rewrite_share(pytestconfig, [module])
    assert rewritten == [module] * 2
    kept = list(tmp_path.rglob("*.pyc"))
    words = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(module)]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert "AssertionError: longer" in done.stdout and "assert 1 == 2" in done.stdout
    assert list(tmp_path.rglob("*.pyc")) == kept
