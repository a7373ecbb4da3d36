"""What tests of the explorer share: a tab in which one page after another is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from explorer_pages import Tab, one_tab


@pytest.fixture(scope="module")
def tab(browser: Any, file: Path) -> Iterator[Tab]:
    """A tab for the page that the module writes to `file`."""
    with one_tab(browser, file) as tab:
        yield tab
