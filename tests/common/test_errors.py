"""The package's exceptions make one tree, which its docstring draws, and each still is the built-in type it was."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
from pathlib import Path

import pytest

import simulator as rf
from simulator.common import errors
from simulator.common.atomic_files import FileWriteError

pytestmark = pytest.mark.interface


def family(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(family(child) for child in kind.__subclasses__()))


def simulator_family() -> set[type[BaseException]]:
    for module in pkgutil.walk_packages(rf.__path__, "simulator."):
        if module.name not in ("simulator.__main__", "simulator.studies.ema_workbench"):
            importlib.import_module(module.name)
    ours = (kind for kind in family(errors.RingfenceError) if kind.__module__.startswith("simulator."))
    return {kind for kind in ours if not kind.__name__.startswith("_")}


def test_the_docstring_draws_every_exception_below_its_parent() -> None:
    drawn: dict[str, str] = {}
    above = {-1: ""}
    for line in re.findall(r"^    ([ │├└─]*\w+)(?: \(\w+\))?(?:  .*)?$", errors.__doc__ or "", flags=re.M):
        name = re.sub(r"^[ │├└─]+", "", line)
        depth = (len(line) - len(name)) // 4
        drawn[name] = above[depth - 1]
        above[depth] = name
    real = {kind.__name__: "" if kind is errors.RingfenceError else _parent(kind) for kind in simulator_family()}
    assert drawn == real


def _parent(kind: type[BaseException]) -> str:
    return next(base.__name__ for base in kind.__bases__ if issubclass(base, errors.RingfenceError))


def test_what_was_caught_by_its_builtin_type_still_is() -> None:
    assert issubclass(rf.InputError, ValueError)
    assert issubclass(errors.UnknownNameError, LookupError)
    assert issubclass(errors.ResourceError, OSError)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rf.run("no_such_scenario", 10),
        lambda: rf.run("baseline", 0),
        lambda: rf.run("baseline", 10, seed=-1),  # type: ignore[arg-type]
        lambda: rf.load_boards("no_such_table.csv"),
        lambda: rf.load_results("no_such_results.nc"),
        lambda: rf.load_scenario("baseline").with_lever("no_such_lever", 1),
        lambda: rf.compare("ringfence", outcome="no_such_outcome", n=10),
        lambda: rf.why("ringfence", run=1, board="no such board", year="2027/28"),
    ],
)
def test_one_except_catches_whatever_cannot_be_used(wrong: object) -> None:
    with pytest.raises(rf.RingfenceError, match=r"no.?such|0|-1"):
        wrong()  # type: ignore[operator]


def test_what_is_raised_on_purpose_is_of_the_tree() -> None:
    """Declarations check the program's own tables, and the engine trusts its callers: what they raise is our fault."""
    root = Path(rf.__file__).parents[1]
    files = [path for room in ("simulator", "dashboards") for path in sorted((root / room).rglob("*.py"))]
    inside = {root / "simulator" / room for room in ("engine", "declarations", "rules")}
    plain = {
        f"{path.name}:{number}"
        for path in files
        if not inside & set(path.parents)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\braise (ValueError|LookupError|OSError)\(", line)
    }
    assert len(files) > 300 and plain == set()


def test_errors_pass_between_processes() -> None:
    for error in (errors.InputError("a: b"), FileWriteError("c: d"), errors.UnknownNameError("e")):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is type(error) and str(back) == str(error)
