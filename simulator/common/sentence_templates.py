"""The sentences that both Python and the browser page fill in, written once in `data/sentence_templates.json`.

A template names its blanks in braces, such as `{new}`. Python fills them with `str.format`, and the page with a short
function. Blanks are filled with text: numbers are formatted by `simulator.common.formatting` first.
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
    text = resources.files("simulator").joinpath("data", "sentence_templates.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def get_template(name: str) -> str:
    """One template, to be filled with `.format`. Raises KeyError for a name that is not there."""
    return load_templates()[name]
