"""Work done, counted: for bounds on it, which hold however busy the machine is."""

from __future__ import annotations

import base64
import sys
import zlib
from collections.abc import Callable


def count_calls(do: Callable[[], object]) -> int:
    """How many Python functions are called."""
    count = 0

    def notice(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(notice)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


def pack(text: str) -> str:
    """A scenario file as a link holds it."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode()
