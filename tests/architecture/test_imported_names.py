"""What tests, scripts and examples read from a module stands in it: a rename is complete over all files.

Types are checked in the package alone, and few run every test after a rename; this reads the sources.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from for_each import for_each
from sources import MODULES, ROOT, tree
from syntax import walk

pytestmark = pytest.mark.architecture

READERS = sorted(path for folder in ("tests", "scripts") for path in (ROOT / folder).rglob("*.py"))
GIVEN = {"__doc__", "__name__", "__file__", "__dict__", "__path__", "__version__"}


@cache
def names(module: str) -> frozenset[str] | None:
    """What stands at the top of a module, and modules in it; None for one that makes names when they are asked for."""
    bound = {name.rpartition(".")[2] for name in MODULES if name.rpartition(".")[0] == module}
    waiting: list[ast.AST] = [tree(module)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return None if "__getattr__" in bound else frozenset(bound)


def lost(path: Path) -> list[str]:
    """Names that a file reads from modules of the package and that are not there."""
    nodes = walk(ast.parse(path.read_text(encoding="utf-8")))
    called: dict[str, set[str]] = {}  # which modules go by a name; two functions may call two modules alike
    missing: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            missing |= {
                f"module: {alias.name}" for alias in node.names if is_ours(alias.name) and alias.name not in MODULES
            }
            for alias in node.names:
                if alias.asname and alias.name in MODULES:
                    called.setdefault(alias.asname, set()).add(alias.name)
        elif isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
            missing |= {f"{node.module}: {a.name}" for a in node.names if not stands_in(str(node.module), a.name)}
            for alias in node.names:
                if f"{node.module}.{alias.name}" in MODULES:
                    called.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
    rebound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    rebound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for owner, name in read_names(nodes):
        modules = called.get(owner, set()) if owner not in rebound else set()
        if modules and not any(stands_in(module, name) for module in modules):
            missing.add(f"{' or '.join(sorted(modules))}: {name}")
    return sorted(missing)


def read_names(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Every `owner.name` of a file, and every name that a test puts something in place of."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "monkeypatch.setattr" and len(node.args) == 3:
            target, name = node.args[:2]
            if isinstance(target, ast.Name) and isinstance(name, ast.Constant):
                yield target.id, str(name.value)


def is_ours(module: str) -> bool:
    """Is it a module of the package?"""
    return module.split(".")[0] in ("simulator", "dashboards")


def stands_in(module: str, name: str) -> bool:
    """Does a module of the package exist and hold this name?"""
    if module not in MODULES:
        return False
    bound = names(module)
    return bound is None or name in bound | GIVEN


@for_each(READERS)
def test_every_name_that_a_file_reads_from_a_module_stands_there(path: Path) -> None:
    assert lost(path) == []


def test_a_name_that_was_left_behind_is_found(tmp_path: Path) -> None:
    stale = tmp_path / "stale.py"
    stale.write_text(
        "from simulator.replays import targets as module\n"
        "from simulator.replays.targets import gone\n"
        "import simulator.nowhere\n"
        "def test(monkeypatch):\n"
        "    module._whole()\n"
        "    module.read_targets()\n"
        "    monkeypatch.setattr(module, 'fited', None)\n",
        encoding="utf-8",
    )
    assert lost(stale) == [
        "module: simulator.nowhere",
        "simulator.replays.targets: _whole",
        "simulator.replays.targets: fited",
        "simulator.replays.targets: gone",
    ]
