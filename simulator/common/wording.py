"""The sentences that Python and the page in a browser both fill in: written once, in `data/wording.json`.

A template names its blanks in braces, such as `{new}`. Python fills them with `str.format`, the page with a function of
two lines. What a blank holds is text already: numbers are put into words by `simulator.common.formatting` first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def load_templates() -> Mapping[str, str]:
    """Every template by its name."""
    text = resources.files("simulator").joinpath("data", "wording.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def get_template(name: str) -> str:
    """One template, to be filled with `.format`. Raises KeyError for a name that is not there."""
    return load_templates()[name]
