"""Reads the file of a plug-in: first as text, held to the rules that let both drivers run it, then as Python.

What a plug-in may do is what a rule of the model may do: plain arithmetic on numbers. So the same bits come out
compiled and interpreted, on every computer and in every process.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from simulator.common.errors import InputError
from simulator.common.near_names import suggest
from simulator.declarations.number import Declared, Role, list_numbers
from simulator.declarations.plugin_interface import (
    GROUP,
    HOOKS,
    PULL_ARGUMENTS,
    YEAR_END,
    YEAR_END_ARGUMENTS,
    Draw,
    StateNumber,
    find_draw_id,
    name_draw,
    name_state,
)

MODULE = "ringfence_plugin"
"""The name that the file has as a Python module, whatever it is called."""

IMPORTED = ("simulator.plugins", "typing", "math", "__future__")
NAMES = ("TITLE", "ABOUT", "EVIDENCE", "PHRASES")
CALLED = ("min", "max", "exp", "log", "positive", "clip", "logistic", "logit", "math.sqrt")
FORBIDDEN = (
    ast.Pow, ast.FloorDiv, ast.Mod, ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.List, ast.Set, ast.Dict, ast.Tuple, ast.Subscript, ast.Lambda, ast.Global, ast.Nonlocal, ast.Try, ast.With,
    ast.Raise, ast.Starred, ast.JoinedStr, ast.AugAssign, ast.NamedExpr, ast.Import, ast.ImportFrom, ast.Delete,
    ast.Yield, ast.Await, ast.FunctionDef, ast.ClassDef,
)  # fmt: skip


class PluginError(InputError):
    """A plug-in that cannot be used; the message names the file, and the line where one is at fault."""


@dataclass(frozen=True, eq=False)
class Plugin:
    """A mechanism from a file: its numbers, levers and state as declared, and its functions by the name of their hook.

    `digest` identifies the content of the file. `phrases` say what each pull is called in a board's story. `state`
    holds the starting value of every number that an area carries along, and `draws` the number in the address of each
    random draw. `evidence` holds entries as in the register.
    """

    path: Path
    digest: str
    title: str
    about: str
    module: ModuleType
    numbers: tuple[Declared, ...]
    levers: tuple[Declared, ...]
    state: Mapping[str, float]
    draws: Mapping[str, int]
    functions: Mapping[str, Callable[..., Any]]
    phrases: Mapping[str, str]
    evidence: tuple[Mapping[str, object], ...]

    @property
    def reference(self) -> str:
        """The file as a command names it, with the digest of its content."""
        return f"{self.path.name}@{self.digest}"


def read_plugin(path: Path) -> Plugin:
    """Read a plug-in. Raises PluginError, which lists every mistake that can be found at once."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PluginError(f"{path}: a plug-in is a text file in UTF-8") from None
    except OSError as error:
        raise PluginError(f"{path}: the plug-in cannot be read: {error.strerror or error}") from None
    digest = hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:16]
    try:
        source = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise PluginError(f"{path}:{getattr(error, 'lineno', 1) or 1}: this is not Python: {error}") from None
    _refuse(path, check_source(source))
    module = _execute(path, text)
    return _describe(path, digest, module)


def _refuse(path: Path, problems: list[tuple[int, str]]) -> None:
    if problems:
        places = (f"{path}:{line}" if line else f"{path}" for line, _ in problems)
        raise PluginError(
            "\n".join(f"{place}: {text}" for place, (_, text) in zip(places, problems, strict=True))
        ) from None


# As text.


def check_source(source: ast.Module) -> list[tuple[int, str]]:
    """Every line of a file that does what a plug-in may not do, with the reason."""
    problems: list[tuple[int, str]] = []
    own = {node.name for node in source.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in source.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            problems += _check_import(node)
        elif isinstance(node, ast.FunctionDef):
            problems += _check_function(node, own)
        elif isinstance(node, ast.Assign):
            problems += _check_assignment(node)
        elif isinstance(node, ast.ClassDef):
            if [ast.unparse(base) for base in node.bases] != ["NamedTuple"]:
                problems.append((node.lineno, f"class {node.name} must be a NamedTuple: class {node.name}(NamedTuple)"))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            problems.append((node.lineno, "a plug-in holds imports, NamedTuples, constants and functions alone"))
    return problems


def _check_import(node: ast.Import | ast.ImportFrom) -> list[tuple[int, str]]:
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    wrong = [name for name in modules if name not in IMPORTED]
    return [(node.lineno, f"a plug-in imports from {' and '.join(IMPORTED[:3])} alone, not {name}") for name in wrong]


def _check_assignment(node: ast.Assign) -> list[tuple[int, str]]:
    names = [ast.unparse(target) for target in node.targets]
    if not all(name.isupper() for name in names):
        return [(node.lineno, f"{', '.join(names)}: a constant is written in capitals")]
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return [(node.lineno, f"{', '.join(names)} must be written out as a plain value, so that it never changes")]
    return []


def _check_function(node: ast.FunctionDef, own: set[str]) -> list[tuple[int, str]]:
    problems = []
    body = node.body[1:] if ast.get_docstring(node) else node.body
    if not ast.get_docstring(node):
        problems.append((node.lineno, f"{node.name} needs a docstring that says what a board does"))
    if node.decorator_list or node.args.defaults or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        problems.append((node.lineno, f"{node.name} takes plain arguments, without defaults, * or decorators"))
    for part in body:
        for inner in ast.walk(part):
            if isinstance(inner, FORBIDDEN):
                what = type(inner).__name__
                problems.append(
                    (
                        getattr(inner, "lineno", part.lineno),
                        f"{node.name} uses {what}, which is not the same compiled and interpreted: write plain "
                        "arithmetic, comparisons and conditions",
                    )
                )
            elif isinstance(inner, ast.Call) and ast.unparse(inner.func) not in {*CALLED, *own}:
                problems.append(
                    (
                        inner.lineno,
                        f"{node.name} calls {ast.unparse(inner.func)}: it may call {', '.join(CALLED)}, and functions "
                        "of the file",
                    )
                )
    return problems


# As Python.


def _execute(path: Path, text: str) -> ModuleType:
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        sys.modules.pop(MODULE, None)
        raise PluginError(f"{path}:{lines[-1] if lines else 1}: {error or type(error).__name__}") from None
    return module


def _describe(path: Path, digest: str, module: ModuleType) -> Plugin:
    problems: list[str] = []
    title = getattr(module, "TITLE", "")
    if not isinstance(title, str) or not 3 <= len(title.strip()) <= 100 or not title.isprintable():
        problems.append('TITLE must be a line of words that names the mechanism, such as TITLE = "Public reporting"')
    numbers = _list_group(module, "Numbers", (Role.UNCERTAIN, Role.FIXED), problems)
    levers = _list_group(module, "Levers", (Role.LEVER,), problems)
    start = _list_state(module, problems)
    draws = _list_draws(module, start, problems)
    functions = _list_functions(module, start, draws, problems)
    phrases = _read_phrases(module, functions, problems)
    evidence = getattr(module, "EVIDENCE", [])
    if not isinstance(evidence, list | tuple) or not all(isinstance(entry, dict) for entry in evidence):
        problems.append("EVIDENCE must be a list of entries as in simulator/data/evidence.yaml, each a dictionary")
        evidence = []
    _refuse(path, [(0, problem) for problem in problems])
    about = str(getattr(module, "ABOUT", "") or module.__doc__ or "").strip()
    return Plugin(
        path, digest, title.strip(), about, module, numbers, levers, start, draws, functions, phrases, tuple(evidence)
    )


def _list_group(module: ModuleType, name: str, roles: tuple[Role, ...], problems: list[str]) -> tuple[Declared, ...]:
    kind: Any = getattr(module, name, None)
    if not isinstance(kind, type) or not getattr(kind, "_fields", ()):
        problems.append(f"class {name}(NamedTuple) is missing, or declares nothing; see ringfence plugin new")
        return ()
    whole: Any = type("Whole", (), {"__annotations__": {GROUP: kind}})
    defaults = getattr(kind, "_field_defaults", {})
    missing = [field for field in getattr(kind, "_fields", ()) if field not in defaults]
    if missing:
        problems.append(f"{name}.{missing[0]} needs a default, behind '= '")
        return ()
    try:
        declared = list_numbers(whole)
    except (TypeError, ValueError, NameError) as error:
        problems.append(f"{name}: {error}")
        return ()
    words = " or ".join(role.value.partition(":")[0] for role in roles)
    problems += [f"{name}.{d.name} is declared as {d.about.role.value}; here stand {words} numbers" for d in declared
                 if d.about.role not in roles]  # fmt: skip
    return declared


def _list_state(module: ModuleType, problems: list[str]) -> dict[str, float]:
    kind = getattr(module, "State", None)
    if kind is None:
        return {}
    hints = get_type_hints(kind, include_extras=True)
    start: dict[str, float] = {}
    for name in kind._fields:
        about = [m for m in getattr(hints[name], "__metadata__", ()) if isinstance(m, StateNumber)]
        if len(about) != 1 or not about[0].meaning.strip() or name not in kind._field_defaults:
            problems.append(f'State.{name} must be declared as Annotated[float, state("what it means")] = 0.0')
        else:
            start[name] = float(kind._field_defaults[name])
    return start


def _list_draws(module: ModuleType, start: Mapping[str, float], problems: list[str]) -> dict[str, int]:
    kind = getattr(module, "Draws", None)
    if kind is None:
        return {}
    hints = get_type_hints(kind, include_extras=True)
    draws: dict[str, int] = {}
    for name in kind._fields:
        about = [m for m in getattr(hints[name], "__metadata__", ()) if isinstance(m, Draw)]
        if len(about) != 1 or not about[0].meaning.strip() or name in kind._field_defaults:
            problems.append(f'Draws.{name} must be declared as Annotated[float, draw("what it decides")]')
        elif find_draw_id(name) in draws.values() or name_draw(name) in map(name_state, start):
            problems.append(f"Draws.{name} has the address of another draw, or the name of a state; choose another")
        else:
            draws[name] = find_draw_id(name)
    return draws


def _list_functions(
    module: ModuleType, start: Mapping[str, float], draws: Mapping[str, int], problems: list[str]
) -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    own = {name: f for name, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == MODULE}
    for name, function in own.items():
        arguments = tuple(inspect.signature(function).parameters)
        allowed = YEAR_END_ARGUMENTS if name == YEAR_END else PULL_ARGUMENTS
        if name not in HOOKS and name != YEAR_END:
            if near := suggest(name, (*HOOKS, YEAR_END)):
                problems.append(f"{name} is no hook of the model{near}; a function that only others call needs a name "
                                "that is less like one")  # fmt: skip
            continue
        wrong = [argument for argument in arguments if argument not in allowed]
        if wrong or not arguments:
            problems.append(f"{name} takes {', '.join(wrong) or 'nothing'}; it may take {', '.join(allowed)}")
        elif "state" in arguments and not start:
            problems.append(f"{name} takes state, and the file has no class State(NamedTuple)")
        elif "draws" in arguments and not draws:
            problems.append(f"{name} takes draws, and the file has no class Draws(NamedTuple)")
        functions[name] = function
    if not set(functions) & set(HOOKS):
        problems.append(f"there is no function {', '.join(HOOKS)}: without one of them, nothing can change")
    if bool(start) != (YEAR_END in functions):
        problems.append("State and the function year_end, which changes it, go together")
    return functions


def _read_phrases(
    module: ModuleType, functions: Mapping[str, Callable[..., Any]], problems: list[str]
) -> dict[str, str]:
    phrases = getattr(module, "PHRASES", {})
    pulls = [name for name in functions if name in HOOKS]
    if not isinstance(phrases, dict):
        phrases = {}
    for name in pulls:
        words = phrases.get(name)
        if not isinstance(words, str) or not words.strip() or len(words) > 80 or not words.isprintable():
            problems.append(f'PHRASES needs words for {name}, as a board\'s story says them: {{"{name}": "..."}}')
    unknown = [name for name in phrases if name not in pulls]
    problems += [f"PHRASES has words for {name}, which the file does not define" for name in unknown]
    return {name: str(phrases.get(name, "")).strip() for name in pulls}
