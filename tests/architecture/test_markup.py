"""Markup is safe by construction: a tag stands in a literal of `Markup`, and whatever is put into it is escaped."""

from __future__ import annotations

import ast
import re

import pytest
from for_each import for_each
from sources import MODULES, tree
from syntax import walk

pytestmark = pytest.mark.architecture

ELEMENTS = (
    "a abbr article aside b body br button caption code dd defs desc details div dl dt em figcaption figure footer "
    "form g h[1-6] head header html i iframe img input label li link main meta metadata nav noscript ol option p path "
    "pattern pre progress rect script section select small span strong style sub sup summary svg table tbody td text "
    "textarea tfoot th thead title tr ul circle line polygon polyline"
)
TAG = re.compile(rf"</?({'|'.join(ELEMENTS.split())})(\s|/?>|$)")
TRUSTED = {
    "dashboards.offline.site.model_page",
    "simulator.charts.svg",
    "simulator.charts.sheets",
    "simulator.common.presentable",
}
"""Where text that was escaped, or comes from a library that escapes, is declared markup."""

NOT_PAGES = {
    "simulator.charts.sheets": "patterns of what charts drew, and letters drawn twice for a library without rims",
    "dashboards.widgets.first_paint": "a template of Jinja around pieces that are escaped",
}


def loose_tags(source: ast.Module) -> list[str]:
    """Strings with a tag that are no literal of `Markup`, and any string with values put in that has a tag."""
    nodes = walk(source)
    bodies = [n.body for n in nodes if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    ids = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    literals = {
        id(part)
        for call in nodes
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Markup"
        for part in call.args
        if isinstance(part, ast.Constant)
    }
    loose = []
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            ids |= {id(part) for part in node.values}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ids | literals:
            text = node.value
        else:
            continue
        if TAG.search(text):
            loose.append(f"{node.lineno}: {text[:60]}")
    return loose


@for_each(name for name in MODULES if name not in NOT_PAGES)
def test_no_tag_stands_outside_a_literal_of_markup(module: str) -> None:
    assert loose_tags(tree(module)) == []


def test_text_is_declared_markup_in_few_known_places_alone() -> None:
    names = {name for name, path in MODULES.items() if "noqa: S704" in path.read_text(encoding="utf-8")}
    assert names == TRUSTED


def test_nobody_escapes_by_hand() -> None:
    by_hand = re.compile(r"from html import escape|html\.escape\(|xml\.sax\.saxutils|import cgi")
    assert [name for name, path in MODULES.items() if by_hand.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "line",
    [
        'x = f"<p>{title}</p>"',
        'x = "<p>" + title + "</p>"',
        'x = "<b>%s</b>" % title',
        'x = "<li>{}</li>".format(title)',
        "x = Markup(f\"<td class='{kind}'>\")",
        'x = f"<a href={address}>"',
        'x = "".join(["<ul>", title])',
    ],
)
def test_the_check_sees_each_way_to_put_words_between_tags(line: str) -> None:
    assert loose_tags(ast.parse(line)) != []


def test_the_check_lets_markup_and_plain_sentences_pass() -> None:
    lines = ['x = Markup("<p>{}</p>").format(title)', 'y = f"{a} < {b} and {b} > {a}"', 'z = "less than 5 (<5)"']
    assert loose_tags(ast.parse("\n".join(lines))) == []
