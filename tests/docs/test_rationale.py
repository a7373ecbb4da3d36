"""Every submodel says why it is as it is, every question of ODD+D is answered, every element of TRACE is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.agents.model import STAGES
from simulator.calibration.structural_variants import STRUCTURES
from simulator.common.markdown_sections import Section, read_sections

pytestmark = pytest.mark.interface

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "rationale.md"
PARTS = ["Why this rule", "Theory or finding", "What else was considered", "What stays open"]
CONCEPTS = [
    "Theoretical and empirical background",
    "Individual decision-making",
    "Learning",
    "Individual sensing",
    "Individual prediction",
    "Interaction",
    "Collectives",
    "Heterogeneity",
    "Stochasticity",
    "Observation",
]
CHAPTERS = {
    *("The model in ODD", "Statement of use", "Data log", "Assumptions log", "Rationale", "Decisions log"),
    *("Sensitivity and uncertainty", "Verification", "Validation"),
}
"""Chapters of the assurance pack; "Rationale" is the first word of one."""

TRACE = [
    "Problem formulation",
    "Model description",
    "Data evaluation",
    "Conceptual model evaluation",
    "Implementation verification",
    "Model output verification",
    "Model analysis",
    "Model output corroboration",
]
IDENTIFIER = re.compile(r"\b(?:[EFRTOSN]\d{2,3}|AREA)\b")


def read_page(text: str) -> Section:
    (page,) = read_sections(text)
    return page


@pytest.fixture(scope="module")
def page() -> Section:
    return read_page(PAGE.read_text(encoding="utf-8"))


def list_faults(page: Section) -> list[str]:
    """What is missing of the submodels: a module, a stage, a sub-heading or words below it."""
    submodels = page.part("Submodels").parts
    heads = " ".join(submodel.text for submodel in submodels)
    rules = {path.name for path in (ROOT / "simulator" / "rules").glob("*.py")} - {"__init__.py"}
    faults = [f"{name} in no submodel" for name in sorted(rules) if f"`simulator/rules/{name}`" not in heads]
    stages = set(re.findall(r"\w+", " ".join(re.findall(r"\*Stages:\* ([^.]+)\.", heads))))
    faults += [f"the stage {stage} in no submodel" for stage in STAGES if stage not in stages]
    for submodel in submodels:
        if [part.title for part in submodel.parts] != PARTS:
            faults.append(f"{submodel.title} has other parts")
        faults += [f"{submodel.title}, {part.title}: empty" for part in submodel.parts if len(part.text) < 40]
    return faults


def test_every_rule_and_stage_has_its_rationale(page: Section) -> None:
    assert list_faults(page) == []


def test_a_submodel_without_a_module_a_stage_or_a_part_is_noticed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for old, fault in (
        ("`simulator/rules/raids.py`", "raids.py in no submodel"),
        ("*Stages:* learn.", "the stage learn in no submodel"),
        ("#### What stays open\n\nWhether bad examples", "7.10 Peers has other parts"),
    ):
        assert old in text
        assert fault in list_faults(read_page(text.replace(old, "*Stages:* ." if "Stages" in old else "")))


def test_the_submodels_are_those_of_the_description(page: Section) -> None:
    (model,) = read_sections((ROOT / "docs" / "model.md").read_text(encoding="utf-8"))
    described = [part.title.split(" — ")[0] for part in model.part("7. Submodels").parts]
    assert [submodel.title for submodel in page.part("Submodels").parts] == described


def test_what_is_cited_is_in_the_register_and_structures_exist(page: Section) -> None:
    register = YAML(typ="safe").load((ROOT / "simulator" / "data" / "evidence.yaml").read_text(encoding="utf-8"))
    known = {entry["id"] for entry in register["evidence"]}
    considered: set[str] = set()
    for submodel in page.part("Submodels").parts:
        finding = submodel.part("Theory or finding").text
        cited = set(IDENTIFIER.findall(finding))
        assert cited <= known, submodel.title
        assert cited or "no evidence" in finding.lower(), f"{submodel.title} rests on nothing that it names"
        considered |= set(re.findall(r"`(\w+)`", submodel.part("What else was considered").text))
    assert considered <= set(STRUCTURES)
    assert considered >= set(STRUCTURES) - {"default"}, "every structure that is fitted is considered somewhere"


def test_every_question_of_odd_d_is_answered(page: Section) -> None:
    concepts = page.part("Questions of ODD+D").parts
    assert [concept.title for concept in concepts] == CONCEPTS
    for concept in concepts:
        assert concept.rows(), concept.title
        for row in concept.rows():
            assert len(row) == 2 and row[0].endswith("?") and row[1].endswith("."), row


def test_every_element_of_trace_has_a_link_to_its_answer(page: Section) -> None:
    rows = page.part("TRACE").rows()
    assert [row[0] for row in rows] == [f"{number} {name}" for number, name in enumerate(TRACE, 1)]
    for element, place, chapters in rows:
        assert re.search(r"\]\([^)]+\)", place), element
        titles = {words.split(":")[0].split(",")[0].split(" under ")[-1].strip() for words in chapters.split(";")}
        assert titles <= CHAPTERS, titles - CHAPTERS


def test_links_to_headings_of_this_page_lead_there(page: Section) -> None:
    titles = {part.title.lower().replace(" ", "-") for part in page.parts}
    inside = re.findall(r"\]\(#([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert inside and set(inside) <= titles
