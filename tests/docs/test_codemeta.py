"""What archives read about the software is what pyproject.toml and CITATION.cff say."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parents[2]


def test_codemeta_is_made_of_pyproject_and_citation() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "write_codemeta.py"))["make_codemeta"]()
    assert (ROOT / "codemeta.json").read_text(encoding="utf-8") == made, "run python scripts/write_codemeta.py"
    assert json.loads(made)["softwareRequirements"]


def test_the_container_installs_from_wheels_alone_and_warns_nobody_into_the_open() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs and all("--no-index" in line for line in installs)
    assert "USER ringfence" in text
    assert "-p 127.0.0.1:5006:5006" in text
