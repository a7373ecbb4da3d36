"""What is written down is true: generated pages are fresh, links lead somewhere, the README's commands exist."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

import simulator as rf
from simulator.cli import app

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")) if ".venv" not in p.parts
]


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh() -> None:
    stale = [p.name for p, text in writer().pages().items() if p.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs` and review what changed"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_functions_that_the_model_description_names_exist() -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(kernel|kernel_people|yearend)\.([a-z_]+)`", text))
    named = {(module, name) for module, name in named if name != "py"}
    assert len(named) > 10
    for module, name in named:
        assert hasattr(importlib.import_module(f"simulator.{module}"), name), f"{module}.{name}"


def test_the_commands_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^    (?:\.venv\\Scripts\\)?ringfence ([a-z]+)", text, re.MULTILINE))
    assert {"warm", "report", "scenarios", "compare", "why", "boards"} <= commands
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command


def test_the_scenario_in_the_readme_is_valid() -> None:
    from simulator.scenario import parse_scenario

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(block) == 1
    made = parse_scenario(block[0])
    assert made.differs_from(rf.load_scenario("baseline")) == ("named", "oversight")


def test_the_notebook_example_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(examples[0].replace("500", "20"), names)  # the README's own text
    assert (tmp_path / "audit.nc").is_file()


def test_every_public_name_is_listed_and_reachable() -> None:
    assert set(rf.__all__) <= set(dir(rf))
    for name in rf.__all__:
        assert getattr(rf, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rf.nothing


def test_the_readme_names_every_line_of_the_scoreboard_that_is_not_passed() -> None:
    page = (ROOT / "docs" / "calibration" / "scoreboard.md").read_text(encoding="utf-8")
    said = re.search(r"Not passed: (.*)\.\n", page)
    assert said is not None
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in said[1].split(", ") if f"`{name}`" not in readme] == []
