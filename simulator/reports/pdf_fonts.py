"""The typeface of printed pages and of pictures as files: DejaVu Sans, which comes with matplotlib."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "DejaVu Sans"
MONO = "DejaVu Sans Mono"
FILES = {
    (FAMILY, ""): "DejaVuSans.ttf",
    (FAMILY, "B"): "DejaVuSans-Bold.ttf",
    (MONO, ""): "DejaVuSansMono.ttf",
}


@lru_cache(maxsize=1)
def font_files() -> dict[tuple[str, str], Path]:
    """The files of the typeface by family and style, the same on every machine.

    Matplotlib is not imported, only found. Raises FileNotFoundError where they are missing.
    """
    spec = find_spec("matplotlib")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        folder = Path(place) / "mpl-data" / "fonts" / "ttf"
        found = {key: folder / name for key, name in FILES.items()}
        if all(path.is_file() for path in found.values()):
            return found
    raise FileNotFoundError("the typeface DejaVu Sans is missing; install matplotlib again")
