"""The script of a component, after what several of them share."""

from __future__ import annotations

from pathlib import Path


def read_script(name: str) -> str:
    """A script of this folder, after the function that makes elements, `elements.js`."""
    return "\n".join(Path(__file__).with_name(file).read_text(encoding="utf-8") for file in ("elements.js", name))
