"""The typeface of printed pages and of pictures as files: DejaVu Sans, which comes with this package."""

from __future__ import annotations

from pathlib import Path

FAMILY = "DejaVu Sans"
MONO = "DejaVu Sans Mono"
_FOLDER = Path(__file__).parents[1] / "data" / "fonts"


def list_font_files() -> dict[tuple[str, str], Path]:
    """The files of the typeface by family and style ("" or "B"), the same on every machine."""
    names = {
        (FAMILY, ""): "DejaVuSans.ttf",
        (FAMILY, "B"): "DejaVuSans-Bold.ttf",
        (MONO, ""): "DejaVuSansMono.ttf",
    }
    return {key: _FOLDER / name for key, name in names.items()}
