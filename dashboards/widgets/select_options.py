"""Changes the options of a field without making the browser send a value back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from param.parameterized import batch_call_watchers


def set_options(field: Any, options: Mapping[str, Any], value: Any) -> None:
    """Put options and a value into a field as one change.

    A browser that is told of two values in a row may send the first one back, as if somebody had chosen it. And what it
    holds is the words of an option: when these change, it must be told the value again, though that is the same.
    """
    if field.options == options and field.value == value:
        return
    with batch_call_watchers(field):
        if field.options != options:
            field.options = dict(options)
        if field.value != value:
            field.value = value
        else:
            field.param.trigger("value")
