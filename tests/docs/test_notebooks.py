"""Every notebook runs from top to bottom, explains itself, holds no outputs, and writes nothing among the sources."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
TIME_LIMIT = 600  # seconds for all of them, on a busy machine that compiles the model first
KNOWN = {"simulator", "numpy", "pandas", "xarray", "SALib", "mesa", "ema_workbench", "pathlib"}

# Runs notebooks one after another in the folder it is called from, and shows the last value of each cell as a notebook
# does. Refuses to open a file among the sources for writing; kernels and byte code may be cached beside them.
RUNNER = """
import ast, json, os, pathlib, sys, traceback, warnings
import matplotlib
matplotlib.use("Agg")
warnings.simplefilter("error")
warnings.simplefilter("ignore", ImportWarning)
warnings.filterwarnings("ignore", module=r"ema_workbench\\b")
root, *paths = sys.argv[1:]
def refuse(event, args):
    if event != "open" or not isinstance(args[0], (str, os.PathLike)):
        return
    path, flags = os.path.abspath(args[0]), args[2] or 0
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path.startswith(root + os.sep) and "__pycache__" not in path:
        raise PermissionError(f"a notebook writes {path}")
sys.addaudithook(refuse)
def run(path):
    names, shown = {"__name__": "__main__"}, 0
    for cell in json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path, "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), path, "eval"), names)
            html = getattr(value, "_repr_html_", lambda: None)()
            shown += len(html or repr(value))
    return shown
for path in paths:
    try:
        print(json.dumps([path, run(path), ""]), flush=True)
    except Exception:
        print(json.dumps([path, 0, traceback.format_exc()]), flush=True)
"""


def run(notebooks: list[Path], folder: Path) -> dict[str, tuple[int, str]]:
    """Run notebooks from an empty folder, warnings being errors: for each, how much it shows, and why it failed."""
    command = [sys.executable, "-X", "utf8", "-c", RUNNER, str(ROOT), *map(str, notebooks)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=TIME_LIMIT, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    return {Path(path).stem: (shown, failure) for path, shown, failure in lines}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, str]]:
    return run(NOTEBOOKS, tmp_path_factory.mktemp("notebooks"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_there_are_notebooks_for_each_kind_of_question() -> None:
    named = {"tour", "sensitivity", "own_targets", "discovery", "headline", "mesa_model", "workbench"}
    assert named <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_something(path: Path, outcomes: Mapping[str, tuple[int, str]]) -> None:
    shown, failure = outcomes[path.stem]
    assert not failure, failure
    assert shown > 100


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_holds_no_outputs_and_begins_with_a_title(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)  # type: ignore[no-untyped-call]
    assert [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")] == []
    first, *rest = notebook.cells
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len([cell for cell in rest if cell.cell_type == "markdown"]) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_public_names_of_known_packages(path: Path) -> None:
    tree = ast.parse("\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "simulator" in modules
    assert {name.split(".")[0] for name in modules} <= KNOWN
    assert [name for name in attributes if name.startswith("_") and name != "__version__"] == []


def write_notebook(path: Path, source: str) -> Path:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": [source]}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def test_a_notebook_that_writes_among_the_sources_or_warns_is_caught(tmp_path: Path) -> None:
    """The runner itself must be able to fail."""
    stray = ROOT / "docs" / "stray.txt"
    bad = write_notebook(tmp_path / "bad.ipynb", f"open({str(stray)!r}, 'w')")
    loud = write_notebook(tmp_path / "loud.ipynb", "import warnings; warnings.warn('old')")
    good = write_notebook(
        tmp_path / "good.ipynb", "with open('mine.txt', 'w') as file:\n    file.write('x')\n'y' * 200"
    )
    outcomes = run([bad, loud, good], tmp_path)
    assert "a notebook writes" in outcomes["bad"][1]
    assert "UserWarning: old" in outcomes["loud"][1]
    assert outcomes["good"][0] > 200
    assert not stray.exists()
