"""What takes minutes to prove, and depends on nothing but content, is proved once for the same content.

`proofs.json` keeps, for each such proof, digests of what went into it when it was last made: the code of every module
that is imported (without comments and docstrings), files of data, the version of Python and of libraries, and the kind
of machine. Where the digest of today is among them, a test makes a part of the proof again; where it is not, all of it.
`scripts/test --whole` makes everything again, and keeps the digests of what held.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("proofs.json")
KEPT = 8
"""Digests of one proof: as many kinds of machines and versions of Python."""

TEXTS = ("simulator/common/", "simulator/__init__.py")
"""Errors, words and files, and the public names: nothing there computes, but `units.py`, which every rule imports."""


@dataclass(frozen=True)
class Proof:
    """A proof by its name: the module that it begins with, files of data, and the libraries that it computes with."""

    name: str
    begins: str
    files: tuple[str, ...]
    packages: tuple[str, ...]
    root: Path = ROOT
    record: Path = RECORD

    def digest(self) -> str:
        """32 hexadecimal digits over all that goes into it."""
        parts = [platform.system(), platform.machine(), *platform.python_version_tuple()[:2]]
        parts += [f"{name} {_version_of(name)}" for name in self.packages]
        for path in sorted(list_modules(self.begins, self.root)):
            if not path.startswith(TEXTS) or path == "simulator/common/units.py":
                parts += [path, dump_code((self.root / path).read_text(encoding="utf-8"))]
        for path in self.files:
            content = (self.root / path).read_bytes().replace(b"\r\n", b"\n")
            parts += [path, hashlib.sha256(content).hexdigest()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def holds(self) -> bool:
        """Whether it was made of the same content before."""
        return self.digest() in _read(self.record).get(self.name, [])

    def keep(self) -> None:
        """Note that it was made of this content, and held."""
        known = _read(self.record)
        digests = [each for each in known.get(self.name, []) if each != self.digest()]
        known[self.name] = [self.digest(), *digests][:KEPT]
        self.record.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def list_modules(begins: str, root: Path = ROOT) -> set[str]:
    """A module and all of this project's that it imports, directly or not, as paths; imports for types do not count."""
    seen, waiting = set[str](), [begins]
    while waiting:
        path = waiting.pop()
        if path in seen or not (root / path).is_file():
            continue
        seen.add(path)
        for name in _imported(ast.parse((root / path).read_text(encoding="utf-8"))):
            place = name.replace(".", "/")
            parents = [place.rsplit("/", k)[0] for k in range(place.count("/") + 1)]
            waiting += [f"{place}.py", *(f"{parent}/__init__.py" for parent in parents)]
    return seen


def dump_code(text: str) -> str:
    """What a module says, without comments, docstrings and layout."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [part for part in node.body if not _is_text(part)] or [ast.Pass()]
    return ast.dump(tree)


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)


def _imported(node: ast.AST) -> Iterator[str]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING":
            continue
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module:
            yield part.module
            yield from (f"{part.module}.{alias.name}" for alias in part.names)
        yield from _imported(part)


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _read(record: Path) -> dict[str, list[str]]:
    known: dict[str, list[str]] = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return known
