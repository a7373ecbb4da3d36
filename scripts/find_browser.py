"""Where the Chromium is that benches and tests drive."""

from __future__ import annotations

import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""In the order in which they are wanted: the first costs a third of the others."""


def find_browser() -> str | None:
    """The first that is installed, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
