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
from simulator.agents import model
from simulator.commands.cli import app

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
    named = set(re.findall(r"`(kernel_money|kernel_people|kernel_year_end|kernel_record)\.([a-z_]+)`", text))
    named = {(module, name) for module, name in named if name != "py"}
    assert len(named) > 10
    for module, name in named:
        assert hasattr(importlib.import_module(f"simulator.engine.{module}"), name), f"{module}.{name}"


def test_the_commands_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^    (?:\.venv\\Scripts\\)?ringfence ([a-z]+)", text, re.MULTILINE))
    assert {"warm", "report", "scenarios", "compare", "why", "boards"} <= commands
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command


def test_the_scenario_in_the_readme_is_valid() -> None:
    from simulator.scenarios.scenario import parse_scenario

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(block) == 1
    scenario = parse_scenario(block[0])
    assert scenario.differs_from(rf.load_scenario("baseline")) == ("named", "oversight")


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
    match = re.search(r"Not passed: (.*)\.\n", page)
    assert match is not None
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in match[1].split(", ") if f"`{name}`" not in readme] == []


def replay_examples() -> list[tuple[str, str]]:
    """Every replay that a page shows: a YAML block that says what to observe."""
    found = []
    for page in PAGES:
        blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        found += [
            (str(page.relative_to(ROOT)), block) for block in blocks if re.search(r"^observe:", block, re.MULTILINE)
        ]
    found += [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in (ROOT / "docs").rglob("*.yaml")
        if re.search(r"^observe:", path.read_text("utf-8"), re.MULTILINE)
    ]
    return found


def test_every_replay_that_a_page_shows_ships_and_so_stands_in_the_scoreboard() -> None:
    """An example held against what was seen, and reported nowhere, would be a failure that nobody hears of."""
    from simulator.replays.replay import load_replay, replay_names

    shipped = {
        (ROOT / "simulator" / "data" / "replays" / f"{name}.yaml").read_text(encoding="utf-8")
        for name in replay_names()
    }
    assert replay_examples(), "the guide shows one"
    assert [page for page, block in replay_examples() if block not in shipped] == []
    board = (ROOT / "docs" / "calibration" / "scoreboard.md").read_text(encoding="utf-8")
    target_ids = [o.observed.id for name in replay_names() for o in load_replay(name).observations if o.observed]
    assert [target_id for target_id in target_ids if f"| {target_id} |" not in board] == []


def test_the_page_about_words_says_the_numbers_that_the_code_has() -> None:
    from simulator.common.units import Unit
    from simulator.experiments.core import verdicts
    from simulator.runs.posterior import DRAWS, count_distinct_sets

    page = (ROOT / "docs" / "guide" / "words.md").read_text(encoding="utf-8")
    assert f"{100 * verdicts.NEARLY_ALL:.0f} of 100 or more" in page
    assert verdicts.MOST == 2 / 3 and "two of three or more" in page
    assert (
        verdicts.SLIGHT == {Unit.SHARE: 0.01, Unit.MILLIONS: 2.0} and "less than £1 of each £100, or £2m a year" in page
    )
    assert f"{DRAWS:,} sets ship with the package, of which {count_distinct_sets():,} differ" in page
    for phrase in ("in nearly all futures", "in most futures", "on average only", "slightly", "average not settled"):
        assert phrase in page.lower() and any(phrase in verdict for verdict in verdicts.VERDICTS), phrase


CLAIMS = re.compile(
    r"\b(significan(t|ce|tly)|prove[sn]?|proof that|likely range|probably (better|worse)|cannot separate)\b"
)
OURS = ("significant figures", "significant digits")


QUOTING = ("CHANGELOG.md", "evidence.md")  # what was said before, and what sources say


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if "decisions" not in p.parts and p.name not in QUOTING],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_page_claims_significance_or_proof_or_uses_words_that_were_given_up(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for words in OURS:
        text = text.replace(words, "")
    assert [m[0] for m in CLAIMS.finditer(text)] == []


def test_all_that_says_to_how_many_findings_the_model_is_fitted_says_how_many_moved_the_answer() -> None:
    for page in (ROOT / "README.md", ROOT / "docs" / "calibration" / "README.md"):
        text = " ".join(page.read_text(encoding="utf-8").split())
        for at in (
            m.start()
            for m in re.finditer(r"fitted to (ten|10) published|[Tt]en (published )?findings are fitted", text)
        ):
            assert re.search(r"(3|[Tt]hree) (of the ten )?moved the answer", text[at : at + 260]), text[at : at + 80]


def test_documents_list_the_stages_of_a_quarter_that_the_model_has() -> None:
    described = (str(model.__doc__), (ROOT / "docs" / "model.md").read_text(encoding="utf-8"))
    for text, line in zip(described, (r"^ ?(\d+)\. (\w+)", r"^\| (\d+) (\w+) \|"), strict=True):
        numbered = [(int(number), stage) for number, stage in re.findall(line, text, re.M)]
        assert numbered == list(enumerate(model.STAGES, 1))
