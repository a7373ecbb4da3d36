"""The rules of the house: who may import whom, what a rule may do, how large things may grow.

Every check reads the source as a syntax tree; nothing here runs the model.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest
from for_each import for_each
from sources import (
    COMPILED,
    DECLARATIONS,
    DRIVERS,
    EXACT,
    KERNELS,
    MODULES,
    ROOT,
    RULE_MODULES,
    SIMULATOR,
    arguments,
    for_types_only,
    functions,
    imported,
    imports,
    is_type_checking,
    nodes_of,
    tree,
)
from syntax import walk

from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.engine.kernel_sources import _SOURCES, RULEBOOK

pytestmark = pytest.mark.architecture

NETWORK = {"urllib.request", "requests", "httpx", "aiohttp", "socket", "http.client", "ftplib", "urllib3"}
NAMESPACES = (  # names of formats, which nobody fetches
    "http://www.w3.org/",
    "https://json-schema.org/",
    "http://purl.org/dc/elements/1.1/",
    "https://w3id.org/ro/crate/",
    "https://spdx.org/licenses/",
)

RULES = {f"{theme}.{name}": rule for theme in RULEBOOK for name, rule in functions(f"simulator.rules.{theme}").items()}


# Who may import whom.


@for_each(RULE_MODULES)
def test_rules_import_only_mathematics_and_other_rules(module: str) -> None:
    assert {name for name in imports(module) if name not in RULE_MODULES} <= {"math", "typing", "__future__", EXACT}
    assert for_types_only(module) <= {
        "simulator.declarations.levers",
        "simulator.declarations.parameters",
        *RULE_MODULES,
    }


def test_declarations_import_only_what_they_are_declared_with() -> None:
    needed = {"simulator.common.units", "simulator.declarations.priors"}
    assert {name for name in imports("simulator.declarations.number") if name.startswith("simulator")} == needed
    allowed = {"simulator.declarations.number", "simulator.declarations.plugin", *needed, *DECLARATIONS}
    for module in DECLARATIONS:
        assert {name for name in imports(module) if name.startswith("simulator")} <= allowed, module


@for_each([*RULE_MODULES, *COMPILED, *DECLARATIONS])
def test_what_is_compiled_knows_nothing_of_agents(module: str) -> None:
    agents = {
        "mesa",
        "simulator.agents.board",
        "simulator.agents.accounts",
        "simulator.agents.model",
        "simulator.agents.decisions",
    }
    assert {name for name in imports(module) if name in agents or name.startswith("mesa.")} == set()


@for_each([name for name in SIMULATOR if name.startswith("simulator.experiments")])
def test_experiments_are_handed_a_simulation_and_import_no_driver(module: str) -> None:
    assert imports(module) & DRIVERS == set()
    assert "mesa" not in imports(module)


@for_each(SIMULATOR)
def test_the_simulator_does_not_know_its_dashboards(module: str) -> None:
    known = imports(module) | for_types_only(module)
    assert {name for name in known if name.split(".")[0] in ("dashboards", "panel", "param", "bokeh")} == set()
    constants = [node.value for node in nodes_of(module) if isinstance(node, ast.Constant)]
    named = [text for text in constants if isinstance(text, str) and text.partition(".")[0] == "dashboards"]
    assert named == []


def test_no_module_lies_loose_outside_the_rooms() -> None:
    loose = [path.name for folder in ("simulator", "dashboards") for path in (ROOT / folder).glob("*.py")]
    assert sorted(loose) == ["__init__.py", "__init__.py", "__main__.py"]


def test_no_module_needs_itself_to_be_imported() -> None:
    """While modules load, imports form no circle; imports inside functions and for types run later or never."""
    needs = {name: set(imported(tree(name).body, everywhere=False)) & set(MODULES) for name in MODULES}
    while free := [name for name, wanted in needs.items() if not wanted & set(needs)]:
        for name in free:
            del needs[name]
    assert needs == {}


def test_every_source_that_a_kernel_is_made_of_decides_where_kernels_are_cached() -> None:
    """Otherwise a stale kernel would be served after a change. What only keeps kernels decides nothing about them."""
    reached, fresh = set(), {"simulator.engine.ensemble", "simulator.engine.random_table"}
    while fresh:
        reached |= fresh
        fresh = {name for module in fresh for name in imports(module) if name in MODULES} - reached
    reached = {name for name in reached if not name.startswith(("simulator.common", "simulator.engine.kernel_cache"))}
    hashed = tuple(f"simulator.{source.removesuffix('.py').replace('/', '.')}" for source in _SOURCES)
    assert {name for name in reached if not name.startswith(hashed)} <= {"simulator", "simulator.declarations.priors"}
    assert set(KERNELS) <= reached


# What a rule may do: scalar in, scalar out, the same bits compiled and interpreted.

FORBIDDEN = (
    ast.Pow,
    ast.For,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.Tuple,
    ast.Subscript,
    ast.Lambda,
    ast.Global,
    ast.Nonlocal,
    ast.Try,
    ast.With,
    ast.Raise,
    ast.Starred,
    ast.JoinedStr,
    ast.AugAssign,
    ast.NamedExpr,
    ast.Import,
    ast.ImportFrom,
)
ALLOWED_CALLS = {"min", "max", "int", "exp", "log", "math.sqrt"}


def called(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(node.func) for node in walk(function) if isinstance(node, ast.Call)}


def code(rule: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a rule after its docstring."""
    return rule.body[1:]


@for_each(RULES)
def test_a_rule_uses_plain_arithmetic_without_powers_loops_or_containers(name: str) -> None:
    used = {type(node).__name__ for part in code(RULES[name]) for node in walk(part) if isinstance(node, FORBIDDEN)}
    assert used == set()


@for_each(RULES)
def test_a_rule_calls_only_rules_their_records_and_three_functions_of_mathematics(name: str) -> None:
    module = importlib.import_module(f"simulator.rules.{name.split('.')[0]}")
    own = {
        key
        for key, value in vars(module).items()
        if (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ in RULE_MODULES
    }
    assert called(RULES[name]) - own - ALLOWED_CALLS == set()


def test_exponential_and_logarithm_are_made_of_plain_arithmetic_and_powers_of_two() -> None:
    assert imports(EXACT) == {"math"}
    rule_functions = functions(EXACT)
    assert set(rule_functions) == {"exp", "log", "scale", "split"}
    assert {name for f in rule_functions.values() for name in called(f)} == {
        "int",
        "scale",
        "split",
        "math.ldexp",
        "math.frexp",
    }
    assert not [
        node for f in rule_functions.values() for node in walk(f) if isinstance(node, ast.Pow | ast.For | ast.While)
    ]


def is_whole(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


SAME_EVERYWHERE = {
    "sqrt",
    "ldexp",
    "frexp",
    "fsum",
    "inf",
    "nan",
    "isnan",
    "isinf",
    "isfinite",
    "isclose",
    "floor",
    "ceil",
}
ROUNDED_BY_THE_SYSTEM = {
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "logaddexp",
    "power",
    "float_power",
    "pow",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "tanh",
    "sinh",
    "cosh",
    "arctan",
    "hypot",
    "linalg",
    "dot",
    "matmul",
    "einsum",
    "vdot",
    "inner",
}


DECIDERS = [
    *RULE_MODULES,
    EXACT,
    *COMPILED,
    *DECLARATIONS,
    "simulator.boards.table",
    "simulator.declarations.outcomes",
    *(f"simulator.agents.{name}" for name in ("accounts", "board", "decisions", "model")),
    *(f"simulator.runs.{name}" for name in ("futures", "parameter_sets", "posterior", "results")),
    *(f"simulator.scenarios.{name}" for name in ("change", "scenario")),
]


@for_each(DECIDERS)
def test_nothing_that_decides_the_bits_of_a_run_asks_the_systems_library_for_more_than_a_square_root(
    module: str,
) -> None:
    """Which would round differently from one computer to the next. Powers of whole numbers are exact."""
    expressions = {ast.unparse(node) for node in nodes_of(module) if isinstance(node, ast.Attribute)}
    assert {name for name in expressions if name.startswith("math.")} <= {f"math.{name}" for name in SAME_EVERYWHERE}
    assert not expressions & {f"np.{name}" for name in ROUNDED_BY_THE_SYSTEM}
    raised = [node for node in nodes_of(module) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)]
    assert [ast.unparse(node) for node in raised if not is_whole(node.left) or not is_whole(node.right)] == []


@for_each(RULES)
def test_a_rule_is_short_and_uses_every_argument(name: str) -> None:
    rule = RULES[name]
    names = [argument.arg for argument in arguments(rule)]
    read = {node.id for part in code(rule) for node in walk(part) if isinstance(node, ast.Name)}
    assert rule.end_lineno is not None
    assert rule.end_lineno - code(rule)[0].lineno + 1 <= 12
    assert 1 <= len(names) <= 6
    assert set(names) <= read
    assert not any(argument.startswith("_") for argument in names)
    assert all(argument.annotation for argument in arguments(rule))
    assert not (rule.args.defaults or rule.args.vararg or rule.args.kwarg or rule.decorator_list)


@for_each(RULES)
def test_a_rule_says_in_one_paragraph_what_a_board_does(name: str) -> None:
    docstring = ast.get_docstring(RULES[name]) or ""
    assert "\n\n" not in docstring
    assert re.fullmatch(r"[A-Z].{15,}\.", docstring, re.DOTALL)


@for_each(RULE_MODULES)
def test_a_rule_module_holds_rules_records_and_named_numbers_and_no_state(module: str) -> None:
    for node in tree(module).body:
        if isinstance(node, ast.ClassDef):
            assert [ast.unparse(base) for base in node.bases] == ["NamedTuple"]
        elif isinstance(node, ast.Assign):
            targets = {n.id for n in walk(node) if isinstance(n, ast.Name)}
            assert all(target.isupper() for target in targets)
            assert isinstance(ast.literal_eval(node.value), int | float | tuple)
        else:
            docstring = isinstance(node, ast.Expr) and node is tree(module).body[0]
            plain = isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
            assert docstring or plain or is_type_checking(node)


@for_each(RULEBOOK)
def test_every_rule_has_its_worked_examples(theme: str) -> None:
    examples = (ROOT / "tests" / "rules" / f"test_{theme}.py").read_text(encoding="utf-8")
    missing = [name for name in functions(f"simulator.rules.{theme}") if not re.search(rf"\b{name}\(", examples)]
    assert missing == []


def test_every_rule_is_part_of_the_rulebook_and_used_by_the_compiled_driver() -> None:
    themes = {path.stem for path in (ROOT / "simulator" / "rules").glob("*.py")} - {"__init__", "exact"}
    assert themes == set(RULEBOOK)
    callers = [f for module in (*KERNELS, *RULE_MODULES) for f in functions(module).values()]
    used = {name.split(".")[-1] for caller in callers for name in called(caller)}
    assert {name for name in RULES if name.split(".")[1] not in used} == set()


# No declaration without a reader.


def held_groups(module: str) -> set[str]:
    """Names that a kernel gives to groups of parameters or levers which it holds: `gap = hold(Gap, p.gap)`."""
    names: set[str] = set()
    for node in nodes_of(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Tuple):
            target, value = node.targets[0], node.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            for name, call in zip(target.elts, value.elts, strict=True) if several else [(target, value)]:
                held = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "hold"
                names |= {name.id} if held and isinstance(name, ast.Name) else set()
    return names


def numbers_read() -> set[str]:
    """Names read as `p.name` or `lv.name` by a rule, or from `p.group`, `lv.group` or a held group by a kernel."""
    names: set[str] = set()
    for module in (*RULE_MODULES, *KERNELS):
        owners = {"p", "lv", "force", "now"} | held_groups(module)
        for node in nodes_of(module):
            if isinstance(node, ast.Attribute):
                owner = node.value.value if isinstance(node.value, ast.Attribute) else node.value
                if isinstance(owner, ast.Name) and owner.id in owners:
                    names.add(node.attr)
    return names


@pytest.mark.parametrize("declared", [PARAMETERS, LEVERS], ids=["parameters", "levers"])
def test_every_declared_number_is_read_by_some_rule_or_stage(declared: dict[str, object]) -> None:
    assert set(declared) - numbers_read() == set()


# Size and manners.


@for_each([name for name in MODULES if name.startswith(("simulator", "dashboards"))])
def test_a_module_stays_under_500_lines_and_its_functions_under_60(module: str) -> None:
    lines = MODULES[module].read_text(encoding="utf-8").count("\n")
    long = {name: f.end_lineno - f.lineno + 1 for name, f in functions(module).items() if f.end_lineno}
    assert {name: size for name, size in long.items() if size >= 60} == {}
    assert lines < 500


NAMED_BY_SIGNATURE = {
    "simulator.commands.shared.option_groups": {"spread_groups.call"},
    "simulator.common.arguments": {"checked.ask"},
}
"""Functions whose arguments are named by the signature that they are given; tests/commands/test_option_groups.py and
tests/common/test_arguments.py hold that they take no other.
"""


@for_each(SIMULATOR)
def test_every_function_says_what_it_returns_and_takes_nothing_unnamed(module: str) -> None:
    missing = functions(module)
    assert {name for name, f in missing.items() if f.returns is None} == set()
    assert {name for name, f in missing.items() if f.args.kwarg} == NAMED_BY_SIGNATURE.get(module, set())


@for_each(KERNELS)
def test_stages_use_every_argument(module: str) -> None:
    unused = {
        f"{name}: {argument.arg}"
        for name, f in functions(module).items()
        for argument in arguments(f)
        if argument.arg != "self"
        and argument.arg not in {n.id for part in f.body for n in walk(part) if isinstance(n, ast.Name)}
    }
    assert unused == set()


@for_each(SIMULATOR)
def test_every_module_begins_by_saying_what_it_is(module: str) -> None:
    assert (ast.get_docstring(tree(module)) or "").split("\n")[0].endswith((".", "?", ":"))


# Offline.


def strings(module: str) -> list[str]:
    """Text in the code of a module, docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = nodes_of(module)
    bodies = [node.body for node in nodes if isinstance(node, documented)]
    ids = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in ids]


@for_each(MODULES)
def test_nothing_is_fetched_from_a_network(module: str) -> None:
    away = [text for text in strings(module) if re.search(r"https?://|\bcdn\b", text, re.IGNORECASE)]
    assert [text for text in away if not text.startswith(NAMESPACES)] == []
    assert imports(module) & NETWORK == set()


def test_pages_and_styles_load_nothing_from_elsewhere() -> None:
    files = [
        p
        for folder in ("simulator", "dashboards")
        for p in (ROOT / folder).rglob("*.*")
        if p.suffix in (".js", ".css", ".html", ".svg")
    ]
    fetching = re.compile(r"""((src|href)\s*=|url\(|fetch\()\s*["']?(https?:)?//|@import""")
    assert [str(p) for p in files if fetching.search(p.read_text(encoding="utf-8"))] == []


def test_tests_stand_in_the_room_that_they_test() -> None:
    """A folder of tests has the name of a room, or of something that runs across all rooms."""
    across = {"architecture", "compatibility", "docs", "golden", "notebook", "patterns", "support", "twins"}
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("*.py")}
    rooms = {path.parent for package in ("simulator", "dashboards") for path in (ROOT / package).rglob("*.py")}
    known = {path.relative_to(ROOT / "simulator") for path in rooms if path.is_relative_to(ROOT / "simulator")}
    known |= {path.relative_to(ROOT) for path in rooms if path.is_relative_to(ROOT / "dashboards")}
    assert {str(folder) for folder in folders - known} - across - {"."} == set()


def test_the_formatter_lays_out_everything_but_tables() -> None:
    by_hand = [name for name in MODULES if re.search(r"# fmt: (skip|off)", MODULES[name].read_text(encoding="utf-8"))]
    assert all(name.startswith(("simulator.declarations", "simulator.engine.records")) for name in by_hand)


# What the checks above are made with.


def test_a_check_of_many_items_names_each_that_fails_and_does_not_pass_where_there_is_none() -> None:
    def is_even(number: int) -> None:
        assert number % 2 == 0

    for_each((2, 4))(is_even)()
    with pytest.raises(AssertionError, match=r"2 of 3 fail\n1: .*\n3: ") as caught:
        for_each((1, 2, 3))(is_even)()
    assert "\n2: " not in str(caught.value)
    with pytest.raises(AssertionError, match="nothing to check"):
        for_each(())(is_even)()
    with pytest.raises(ZeroDivisionError) as raised:
        for_each((1, 0))(lambda number: print(1 // number))()
    assert raised.value.__notes__ == ["at 0"]
