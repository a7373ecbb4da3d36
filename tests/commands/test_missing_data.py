"""A file that ships with the program and is not there is named, with what mends it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from simulator.commands.cli import report_error

pytestmark = pytest.mark.interface


def test_a_shipped_file_that_is_not_there_asks_for_a_new_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, asked in ((Path(str(files("simulator"))) / "data", True), (tmp_path, False)):
        with pytest.raises(FileNotFoundError) as missing:
            (folder / "not_there.csv").read_text(encoding="utf-8")
        assert report_error(missing.value) == 1
        said = capsys.readouterr().err
        assert "not_there.csv" in said and ("install Ringfence again" in said) is asked
