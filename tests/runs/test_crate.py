"""An RO-Crate of results has what the specification asks for, says what its files are, and gives the numbers again."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli_runs import bad, good

import simulator as rf
from simulator.commands.shared.option_groups import AnswerOptions
from simulator.common.crate_folder import CONTRIBUTORS, METADATA
from simulator.runs.crate import write_crate

pytestmark = pytest.mark.results

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    policy = rf.load_scenario("ringfence").with_lever("audit", 0.5)
    folder = tmp_path_factory.mktemp("crate") / "deposit"
    results = rf.run(policy, 12)
    return write_crate(results, folder, scenario=policy, authors=["A. Writer"], today=dt.date(2026, 11, 29))


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    return document


def list_faults(document: dict[str, Any], folder: Path) -> list[str]:
    """What RO-Crate 1.1 asks for and a crate lacks."""
    entities = {entity["@id"]: entity for entity in document["@graph"]}
    faults = [] if len(entities) == len(document["@graph"]) else ["two entities of one @id"]
    faults += [f"{name} without @type" for name, entity in entities.items() if "@type" not in entity]
    context = document["@context"]
    faults += [] if "https://w3id.org/ro/crate/1.1/context" in context else ["no context"]
    descriptor, root = entities.get(METADATA, {}), entities.get("./", {})
    faults += [] if descriptor.get("@type") == "CreativeWork" else ["no descriptor"]
    faults += [] if descriptor.get("about") == {"@id": "./"} else ["the descriptor is about nothing"]
    faults += [] if str(descriptor.get("conformsTo", {}).get("@id")).endswith("ro/crate/1.1") else ["no version"]
    faults += [f"no {name}" for name in ("name", "description", "datePublished", "license") if not root.get(name)]
    for entity in entities.values():
        for value in entity.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):  # flat: every object is a reference
                    faults += [] if set(item) == {"@id"} else ["an entity within another"]
                    known = item.get("@id") in entities or str(item.get("@id")).startswith("https://w3id.org/ro/crate")
                    faults += [] if known else [f"{item.get('@id')} is not there"]
    parts = {part["@id"] for part in root.get("hasPart", [])}
    files = {path.name for path in folder.iterdir()} - {METADATA}
    return faults + ([] if parts == files else ["files that are no part, or parts that are no file"])


def test_a_crate_has_what_the_specification_asks_for(folder: Path) -> None:
    assert list_faults(read(folder), folder) == []


def test_a_crate_that_lacks_something_is_noticed(folder: Path) -> None:
    document = read(folder)
    root = next(entity for entity in document["@graph"] if entity["@id"] == "./")
    del root["license"]
    root["hasPart"].pop()
    root["author"] = [{"@id": "#nobody"}, {"name": "inside"}]
    faults = list_faults(document, folder)
    assert {"no license", "#nobody is not there", "an entity within another"} <= set(faults)
    assert "files that are no part, or parts that are no file" in faults


def test_every_file_has_its_digest_and_size(folder: Path) -> None:
    files = [entity for entity in read(folder)["@graph"] if entity["@type"] == "File"]
    assert {entity["@id"] for entity in files} >= {"results.nc", "README.md", "scenario.yaml", "outcomes.csv"}
    for entity in files:
        content = (folder / entity["@id"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), str(len(content))) == (entity["sha256"], entity["contentSize"])


def test_what_the_readme_says_gives_the_same_numbers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(folder)
    exec(code, {})  # the README's own text
    back = rf.load(folder)
    assert back.manifest.futures == 12
    assert all(f"`{path.name}`" in text for path in folder.iterdir())


def test_levers_and_outcomes_are_those_of_the_results(folder: Path) -> None:
    back: Any = rf.load(folder)
    levers = list(csv.DictReader((folder / "levers.csv").read_text(encoding="utf-8").splitlines()))
    assert float(levers[-1]["audit"]) == 0.5 and len(levers) == len(back.schedule)
    rows = csv.DictReader((folder / "outcomes.csv").read_text(encoding="utf-8").splitlines())
    outcomes = {row["outcome"]: row for row in rows}
    assert {row["years"] for row in outcomes.values()} == {"2027/28 to 2029/30"}
    assert float(outcomes["retained"]["mean"]) == pytest.approx(back.outcome("retained").mean(), rel=1e-14)


def test_a_folder_in_use_another_scenario_and_empty_names_are_refused(folder: Path, tmp_path: Path) -> None:
    results: Any = rf.load(folder)
    with pytest.raises(ValueError, match="holds files already"):
        results.save_crate(folder)
    with pytest.raises(ValueError, match="is not the scenario of these results"):
        results.save_crate(tmp_path / "x", scenario=rf.load_scenario("baseline"))
    with pytest.raises(ValueError, match="not empty texts"):
        results.save_crate(tmp_path / "x", authors=[" "])
    assert not (tmp_path / "x").exists()


def test_a_scenario_that_nobody_has_is_left_out_and_the_readme_says_so(folder: Path, tmp_path: Path) -> None:
    results: Any = rf.load(folder)
    results.save_crate(tmp_path / "x")
    assert not (tmp_path / "x" / "scenario.yaml").exists()
    assert list_faults(read(tmp_path / "x"), tmp_path / "x") == []
    assert "levers.csv has what it sets" in (tmp_path / "x" / "README.md").read_text(encoding="utf-8")


def test_the_command_writes_one_before_which_it_looks_at_the_folder(tmp_path: Path) -> None:
    good("run", "leadership", "-n", "4", "--crate", tmp_path / "x")
    assert list_faults(read(tmp_path / "x"), tmp_path / "x") == []
    assert "holds files already" in bad("run", "leadership", "-n", "4", "--crate", tmp_path / "x")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sweep's crate by the command (`swept`), its table, and one from a notebook (`asked`)."""
    folder = tmp_path_factory.mktemp("sweeps")
    design = {"kind": "grid", "factors": {"ringfence": [0, 1]}, "outcomes": ["retained"], "runs": 3}
    (folder / "mine.yaml").write_text(json.dumps(design), encoding="utf-8")
    good("sweep", folder / "mine.yaml", "--out", folder / "rows", "--crate", folder / "swept", "--chunk", "4")
    rf.sweep(design).save_crate(folder / "asked")
    return folder


def test_a_sweep_makes_a_crate_of_its_files_from_which_it_is_read_and_run_again(swept: Path, tmp_path: Path) -> None:
    crate = swept / "swept"
    assert list_faults(read(crate), crate) == []
    rows, back = rf.read_sweep(swept / "rows"), rf.read_sweep(crate)
    assert len([path for path in crate.iterdir() if path.suffix == ".parquet"]) == 2
    assert rows.equals(back) and back.attrs == rows.attrs
    good("sweep", crate / "design.yaml", "--out", tmp_path / "again.csv", "--crate", tmp_path / "of_one_file")
    again = rf.read_sweep(tmp_path / "of_one_file" / "again.csv")
    assert again["retained"].tolist() == rows["retained"].tolist()
    assert list_faults(read(tmp_path / "of_one_file"), tmp_path / "of_one_file") == []
    with pytest.raises(ValueError, match=r"rf\.read_sweep reads them"):
        rf.load(crate)


def test_a_sweep_that_was_asked_for_in_memory_makes_a_crate_of_its_table(swept: Path) -> None:
    crate: Any = swept / "asked"
    assert list_faults(read(crate), crate) == [] and (crate / "design.yaml").exists()
    back: Any = rf.load(crate)
    assert back.to_frame()["retained"].tolist() == rf.read_sweep(swept / "rows")["retained"].tolist()


def test_every_answer_of_a_command_that_takes_out_takes_crate(tmp_path: Path) -> None:
    assert "crate" in AnswerOptions.__dataclass_fields__
    good("compare", "ringfence", "-n", "4", "--crate", tmp_path / "x")
    assert list_faults(read(tmp_path / "x"), tmp_path / "x") == []
    text = (tmp_path / "x" / "README.md").read_text(encoding="utf-8")
    assert "    ringfence compare ringfence" in text and "--expect" in text
    answer = json.loads((tmp_path / "x" / "answer.json").read_text(encoding="utf-8"))
    assert answer["comparisons"][0]["sentence"] in text
    assert "holds files already" in bad("attribute", "ringfence+leadership", "-n", "4", "--crate", tmp_path / "x")


def test_no_command_forgets_its_crate() -> None:
    commands = ROOT / "simulator" / "commands"
    texts = {path.name: path.read_text(encoding="utf-8") for path in commands.glob("*.py")}
    takers = {name: text for name, text in texts.items() if "output: AnswerOptions" in text}
    assert len(takers) > 10
    assert [name for name, text in takers.items() if "output.crate" not in text] == []


def test_the_rocrate_library_reads_every_kind(folder: Path, swept: Path) -> None:
    library = pytest.importorskip("rocrate.rocrate")
    for crate in (folder, swept / "swept", swept / "asked"):
        read_back = library.ROCrate(crate)
        names = {entity.id for entity in read_back.get_entities() if entity.type == "File"}
        assert names == {path.name for path in crate.iterdir()} - {METADATA}
        assert read_back.root_dataset["license"] and read_back.root_dataset["datePublished"]


def test_the_authors_of_the_program_are_those_of_its_citation() -> None:
    assert f'name: "{CONTRIBUTORS}"' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
