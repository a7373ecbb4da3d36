"""The sentences that Python and the page share."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from for_each import for_each
from syntax import walk

from simulator.common.sentence_templates import get_template, load_templates

pytestmark = pytest.mark.results
ROOT = Path(__file__).parents[2]


@for_each(load_templates())
def test_the_blanks_of_a_template_are_plain_names(name: str) -> None:
    """The page fills in names and nothing else: no formats, attributes or conversions."""
    for _, field, spec, conversion in Formatter().parse(get_template(name)):
        assert field is None or re.fullmatch(r"[a-z_]+", field)
        assert not spec and conversion is None


def test_every_template_is_filled_in_by_python() -> None:
    files = [path for room in ("simulator", "dashboards") for path in (ROOT / room).rglob("*.py")]
    nodes = [node for path in files for node in walk(ast.parse(path.read_text(encoding="utf-8")))]
    whole = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    composed = [parts for node in nodes if isinstance(node, ast.JoinedStr) and (parts := list_literals(node))]
    assert [name for name in load_templates() if name not in whole and not is_composed(name, whole, composed)] == []


def list_literals(node: ast.JoinedStr) -> list[str]:
    """What stands between the braces of an f-string that may be a template's name: "" at an end that braces have."""
    parts = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts[-1] += str(value.value)
        else:
            parts.append("")
    named = re.fullmatch(r"[\w.']+", "".join(parts)) and re.search(r"[a-z]\.|\.[a-z]", "".join(parts))
    return parts if named else []


def is_composed(name: str, whole: set[str], composed: list[list[str]]) -> bool:
    """Whether an f-string gives the name: one that begins with letters, or whose beginning is a text of the program."""
    for parts in composed:
        found = re.fullmatch(r"([\w.']+)".join(map(re.escape, parts)), name)
        if found and (parts[0] or found[1] in whole):
            return True
    return False


def test_a_title_in_braces_stays_as_it_is() -> None:
    assert (
        get_template("sure.same").format(new="{old}", old="x") == "“{old}” gives the same result as x in every future."
    )
