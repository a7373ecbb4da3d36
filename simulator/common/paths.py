"""File names as people type them: `~` is the home folder; `$NAME`, `${NAME}` or `%NAME%` is a variable."""

from __future__ import annotations

import os
import re
from pathlib import Path

from simulator.common.characters import make_visible
from simulator.common.numbers import NotReadableError

_LEFT_OVER = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?|%([A-Za-z_][A-Za-z0-9_]*)%")


def expand_path(given: str | Path) -> Path:
    """A path with `~` and variables replaced; a path that exists as typed is left alone.

    Raises NotReadableError for a variable that is not set, for the home folder of an unknown user, and for what is
    neither text nor a path.
    """
    if not isinstance(given, str | os.PathLike):
        raise NotReadableError(
            f"a file or folder is named by text or a path, and this is of type {type(given).__name__}"
        )
    text = str(given)
    path = Path(given)
    if not text.startswith("~") and "$" not in text and "%" not in text:
        return path
    try:
        if path.exists():
            return path
        full = re.sub(r"%([A-Za-z_][A-Za-z0-9_]*)%", _replace_variable, os.path.expandvars(text))
        if missing := _LEFT_OVER.search(full):
            raise NotReadableError(f"'{make_visible(text)}': there is no variable {missing[1] or missing[2]}")
        return Path(full).expanduser()
    except RuntimeError:
        raise NotReadableError(f"'{make_visible(text)}': there is no such home folder") from None
    except OSError:  # too long for a name, for example: opening it reports that
        return path


def _replace_variable(match: re.Match[str]) -> str:
    return os.environ.get(match[1], match[0])
