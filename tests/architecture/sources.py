"""What the tests of the house read: the sources of the package as syntax trees, and what they import and define."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from syntax import walk

from simulator.engine.kernel_sources import RULEBOOK

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("simulator", "dashboards")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
SIMULATOR = [name for name in MODULES if name.startswith("simulator")]
RULE_MODULES = [f"simulator.rules.{theme}" for theme in RULEBOOK]
EXACT = "simulator.rules.exact"
KERNELS = [
    name for name, path in MODULES.items() if re.search(r"\n@(kernel|stage)\n", path.read_text(encoding="utf-8"))
]
UNCOMPILED = (
    "declarations.draw_ids",
    "declarations.output_variables",
    "engine.bit_casts",
    "engine.compilation",
    "engine.held",
    "engine.philox",
    "engine.records",
)
COMPILED = [*KERNELS, *(f"simulator.{name}" for name in UNCOMPILED)]
DECLARATIONS = [
    name
    for name in SIMULATOR
    if name.startswith(("simulator.declarations.parameters", "simulator.declarations.levers"))
]
DRIVERS = {*COMPILED[:-6], *(f"simulator.agents.{name}" for name in ("board", "accounts", "model"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def nodes_of(module: str) -> list[ast.AST]:
    """All nodes of a module."""
    return walk(tree(module))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imported(nodes: list[ast.stmt], everywhere: bool = True) -> Iterator[str]:
    """Modules that statements import when they run; `everywhere` counts imports inside functions too."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ([name for name in inside if name in MODULES] or [node.module])
        elif not is_type_checking(node):
            deeper = everywhere or not isinstance(node, ast.FunctionDef | ast.ClassDef)
            parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
            yield from imported(parts if deeper else [], everywhere)


@cache
def imports(module: str) -> set[str]:
    return set(imported(tree(module).body))


def for_types_only(module: str) -> set[str]:
    return {name for node in tree(module).body if is_type_checking(node) for name in imported(node.body)}


@cache
def functions(module: str) -> dict[str, ast.FunctionDef]:
    """Every function and method of a module, by its dotted name."""
    found: dict[str, ast.FunctionDef] = {}

    def collect(node: ast.AST, prefix: str) -> None:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                if isinstance(part, ast.FunctionDef):
                    found[prefix + part.name] = part
                collect(part, f"{prefix}{part.name}.")
            else:
                collect(part, prefix)

    collect(tree(module), "")
    return found


def arguments(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
