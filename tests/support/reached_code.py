"""What a module computes with: its own statements, and of other modules those that are named from there.

Comments, docstrings and layout do not count, nor do imports for types, the words of an error that is raised, and what
an answer says of itself. So a sentence that changes, or a function that nothing here calls, leaves it as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from syntax import walk

TEXTS = ("simulator/common/", "simulator/__init__.py")
"""Errors, words and files, and the public names: nothing there computes, but `units.py`, which every rule imports."""

WHOLE = ("simulator/rules/", "simulator/engine/", "simulator/declarations/", "simulator/common/units.py")
"""Compiled from their text, or read by their annotations: all that stands there counts, whether it is named or not."""

DESCRIBED, READS = "simulator/declarations/", "simulator/declarations/calendar.py"
"""Numbers with descriptions beside them: a text of several words there only describes, but where dates are read."""

LABELS = frozenset({"Status", "Strength"})
"""What a declared number is called for its readers: no proof computes with that."""

WORDS = frozenset({"assumes", "picture", "question", "sentence"})
"""What a `Presentable` says of itself. Only how it is said is in it."""

Place = tuple[str, str | None]
"""The path of a module, and a name in it: None is all of it, and "" only what is run as it is imported."""


def list_code(begins: Iterable[str], root: Path) -> dict[str, list[str]]:
    """The statements that are reached from modules, or from functions of one ("module.py:f g"), by the path of the
    module where they stand.
    """
    modules, reached = dict[str, _Module](), dict[str, set[int]]()
    waiting, seen = [place for each in begins for place in _read_begin(each)], set[Place]()
    while waiting:
        place = waiting.pop()
        if place in seen or _is_text(place[0]) or not (root / place[0]).is_file():
            continue
        seen.add(place)
        path, name = place
        if path not in modules:
            modules[path] = _read_module(path, root, (root / path).read_text(encoding="utf-8"))
        module = modules[path]
        new = module.find_statements(None if path.startswith(WHOLE) else name) - reached.setdefault(path, set())
        reached[path] |= new
        waiting += [named for k in new for named in _list_named(module, k)]
    return {path: [_dump(modules[path], k) for k in sorted(of)] for path, of in reached.items()}


def strip_words(text: str, worded: bool = False) -> ast.Module:
    """A module without comments, docstrings, imports for types, what errors say, and what answers say of themselves;
    where it is `worded`, also without texts of several words.
    """
    stripped: ast.Module = _Stripped(worded).visit(ast.parse(text))
    return stripped


def _read_begin(begin: str) -> list[Place]:
    path, _, names = begin.partition(":")
    return [(path, name) for name in names.split()] or [(path, None)]


def _is_text(path: str) -> bool:
    return path.startswith(TEXTS) and not path.startswith(WHOLE)


class _Module:
    """The statements of a module, the names that each binds, and where what it imports comes from."""

    def __init__(self, path: str, root: Path, text: str) -> None:
        self.path, self.root = path, root
        self.body = strip_words(text, path.startswith(DESCRIBED) and path != READS).body
        self.bound = [_list_bound(part) for part in self.body]
        self.imported = {name: place for part in self.body for name, place in self._list_imported(part).items()}

    def find_statements(self, name: str | None) -> set[int]:
        """Those that bind a name, and those that bind none, which are run whatever is imported. Imports say only where
        something comes from: that is followed, and they count where they bring in the name itself.
        """
        return {
            k
            for k, bound in enumerate(self.bound)
            if name in bound
            or (not isinstance(self.body[k], ast.ImportFrom | ast.Import) and (name is None or not bound))
        }

    def list_named(self, k: int) -> list[Place]:
        """All that a statement names, as places. What is quoted counts too: types are, and names that are looked up."""
        part = self.body[k]
        here = self._list_imported(part)
        if isinstance(part, ast.Import | ast.ImportFrom):
            return list(here.values())
        imported = {**self.imported, **here}
        named, taken = list[Place](), set[int]()
        for node in walk(part):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                path, name = imported.get(node.value.id, (self.path, ""))
                if name is None:
                    named.append((path, node.attr))
                    taken.add(id(node.value))
            elif isinstance(node, ast.Name) and id(node) not in taken:
                named.append(imported.get(node.id, (self.path, node.id)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                named.append(imported.get(node.value, (self.path, node.value)))
        packages = {str(parent).replace("\\", "/") for path, _ in named for parent in Path(path).parents}
        return [*named, *((f"{package}/__init__.py", "") for package in packages)]

    def _list_imported(self, part: ast.stmt) -> dict[str, Place]:
        """What is imported in a statement, however deep, by the name it has there."""
        found = dict[str, Place]()
        for node in walk(part):
            if isinstance(node, ast.Import):
                found |= {a.asname or a.name.split(".")[0]: (self._file_of(a.name), None) for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                for a in node.names:
                    module = self._file_of(f"{node.module}.{a.name}")
                    place = (module, None) if (self.root / module).is_file() else (self._file_of(node.module), a.name)
                    found[a.asname or a.name] = place
        return found

    def _file_of(self, name: str) -> str:
        place = name.replace(".", "/")
        package = f"{place}/__init__.py"
        return package if (self.root / package).is_file() else f"{place}.py"


@cache
def _read_module(path: str, root: Path, text: str) -> _Module:
    """A module, read once as long as its text is the same: several proofs begin in the same places."""
    return _Module(path, root, text)


@cache
def _dump(module: _Module, k: int) -> str:
    return ast.dump(module.body[k])


@cache
def _list_named(module: _Module, k: int) -> list[Place]:
    return module.list_named(k)


def _list_bound(part: ast.stmt) -> set[str]:
    """The names that a statement at the top of a module binds."""
    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {part.name}
    nodes = list(walk(part))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    aliases = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return names | {(alias.asname or alias.name).split(".")[0] for alias in aliases}


class _Stripped(ast.NodeTransformer):
    """Leaves out what only says something."""

    def __init__(self, worded: bool) -> None:
        self.worded = worded

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        words = self.worded and isinstance(node.value, str) and " " in node.value
        return ast.Constant("") if words else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        return ast.Constant("") if self.worded and any(" " in str(text) for text in texts) else self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        label = self.worded and isinstance(node.value, ast.Name) and node.value.id in LABELS
        return ast.Constant("") if label else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        return ast.Raise()

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        constant = node.value.value if isinstance(node.value, ast.Constant) else None
        return None if isinstance(constant, str) else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [part for part in node.body if not (isinstance(part, ast.FunctionDef) and part.name in WORDS)]
        return self.generic_visit(node)
