"""Workers share out the test modules that pytest has yet to rewrite: in a new checkout each is rewritten once.

pytest rewrites the asserts of every test module before it imports it, and keeps the byte code beside the module.
Workers that start together would each rewrite all of them, which takes them longer than to collect the tests.
Only time depends on this: what a worker does not find when it comes to it, it rewrites itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from _pytest.assertion import rewrite


def list_modules(places: Iterable[str], left_out: Callable[[Path], bool]) -> list[Path]:
    """The test modules under files and folders, in the order in which they are collected."""
    paths = [Path(place.split("::", 1)[0]).absolute() for place in places]
    found = {file for path in paths for file in (path.rglob("test_*.py") if path.is_dir() else [path])}
    return sorted(file for file in found if file.is_file() and not left_out(file))


def share_of(modules: list[Path], worker: int, workers: int) -> list[Path]:
    """What one of so many workers, counted from 0, is to rewrite: what is collected first is rewritten first."""
    return modules[worker::workers]


def rewrite_share(config: pytest.Config, modules: Iterable[Path]) -> None:
    """Rewrite modules whose byte code is not there or of other content, and keep it where pytest looks for it."""
    state = config.stash.get(rewrite.assertstate_key, None)
    if state is None or state.mode != "rewrite" or sys.dont_write_bytecode:
        return
    for module in modules:
        folder = rewrite.get_cache_dir(module)
        kept = folder / f"{module.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(module, kept) is None and rewrite.try_makedirs(folder):
            content, code = rewrite._rewrite_test(module, config)
            rewrite._write_pyc(state, code, content, kept)
