"""What takes minutes to prove, and depends on nothing but content, is proved once for the same content.

`proofs.json` keeps, for each such proof, digests of what went into it when it was last made: the code that it computes
with (`reached_code.py`), files of data without their words, the version of Python and of libraries, and the kind of
machine. Where the digest of today is among them, a test makes a part of the proof again; where it is not, all of it.
`scripts/test --whole` makes everything again, and keeps the digests of what held.
"""

from __future__ import annotations

import hashlib
import json
import platform
import warnings
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml
from reached_code import list_code

from simulator.calibration.likelihood import REPLAYS

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("proofs.json")
KEPT = 8
"""Digests of one proof: as many kinds of machines and versions of Python."""


WORDS = frozenset({"because", "note", "question", "says", "seen_as", "states", "title"})
"""Keys of YAML files whose texts are only read by people."""


@dataclass(frozen=True)
class Proof:
    """A proof by its name: where it begins (a module, or functions of it as "module.py:f g"), files of data, and the
    libraries that it computes with.
    """

    name: str
    begins: tuple[str, ...]
    files: tuple[str, ...]
    packages: tuple[str, ...]
    root: Path = ROOT
    record: Path = RECORD

    def digest(self) -> str:
        """32 hexadecimal digits over all that goes into it."""
        parts = [platform.system(), platform.machine(), *platform.python_version_tuple()[:2]]
        parts += [f"{name} {_version_of(name)}" for name in self.packages]
        for path, code in sorted(list_code(self.begins, self.root).items()):
            parts += [path, *code]
        for path in self.files:
            parts += [path, hashlib.sha256(_read_content(self.root / path)).hexdigest()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def holds(self) -> bool:
        """Whether it was made of the same content before."""
        return self.digest() in _read(self.record).get(self.name, [])

    def is_due(self, whole: bool) -> bool:
        """Whether it is to be made whole: because that was asked for, or since this content is new, which is said."""
        if not whole and not self.holds():
            said = f"Made again: {self.name}, for its content is new. scripts/test --whole notes it"
            warnings.warn(said, stacklevel=2)
            return True
        return whole

    def keep(self) -> None:
        """Note that it was made of this content, and held."""
        known, now = _read(self.record), self.digest()
        known[self.name] = [now, *(each for each in known.get(self.name, []) if each != now)][:KEPT]
        self.record.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _read_content(path: Path) -> bytes:
    """What is in a file: of YAML, all but comments and words for readers."""
    content = path.read_bytes().replace(b"\r\n", b"\n")
    return repr(_strip_words(yaml.safe_load(content))).encode() if path.suffix == ".yaml" else content


def _strip_words(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _strip_words(value) for key, value in part.items() if key not in WORDS}
    return [_strip_words(each) for each in part] if isinstance(part, list) else part


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _read(record: Path) -> dict[str, list[str]]:
    known: dict[str, list[str]] = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return known


SHIPPED_FIT = Proof(
    "the shipped fit",
    (
        "simulator/calibration/fit.py:calibrate DRAWS FULL SEED",
        "simulator/calibration/export.py:describe_fit round_numbers",
        "simulator/experiments/stats/importance_sampling.py:adapt_proposal",
        "simulator/runs/posterior.py:shipped_draws read_fit_document",
    ),
    (
        *(f"simulator/data/{name}" for name in ("boards.csv", "targets.yaml", "posterior.csv", "posterior_more.npy")),
        *(f"simulator/data/replays/{name}.yaml" for name in REPLAYS),
        "simulator/data/posterior.json",
        "scenarios/baseline.yaml",
    ),
    ("numpy", "scipy", "numba", "llvmlite"),
)
PAGE_MODEL = Proof(
    "the page's model",
    ("scripts/build_page_driver.py",),
    (
        *(f"scripts/{name}.c" for name in ("page_runtime", "page_draws")),
        *(f"dashboards/offline/page/model.{ending}" for ending in ("wasm", "json")),
    ),
    ("numba", "llvmlite", "ziglang", "numpy"),
)
TWO_PROCESSES = Proof(
    "the model compiled by two processes",
    tuple(
        f"simulator/engine/{name}.py" for name in ("ensemble", "kernel_cache_helper", "whole_program", "random_table")
    ),
    (),
    ("numba", "llvmlite", "numpy"),
)
