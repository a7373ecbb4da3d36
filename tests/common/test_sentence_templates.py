"""The sentences that Python and the page share."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from for_each import for_each

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
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    composed = set(re.findall(r'get_template\(f"(\w+)\.\{', source))
    unused = [name for name in load_templates() if f'"{name}"' not in source and name.split(".")[0] not in composed]
    assert unused == []


def test_a_title_in_braces_stays_as_it_is() -> None:
    assert (
        get_template("sure.same").format(new="{old}", old="x") == "“{old}” gives the same result as x in every future."
    )
