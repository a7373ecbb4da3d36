"""Which version of Ringfence this is, in words."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def name_version() -> str:
    """Such as "Ringfence 0.2.0", for what stands below an answer."""
    return f"Ringfence {metadata.version('ringfence')}"
