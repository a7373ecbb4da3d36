"""The recipes of CONTRIBUTING.md name what exists, and a step that was left out is named by its file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pytest
from sources import ROOT

from simulator.agents.decisions import DECISION_KINDS, PULL_NAMES
from simulator.declarations.draw_ids import Event
from simulator.engine.decision_trace import REASONS

pytestmark = pytest.mark.architecture

FOLDERS = "simulator|dashboards|scenarios|scripts|tests|docs"
DRIVERS = {
    "simulator/agents/board.py or accounts.py": ("simulator/agents/board.py", "simulator/agents/accounts.py"),
    "simulator/engine/kernel_people.py, kernel_money.py or kernel_year_end.py": (
        "simulator/engine/kernel_people.py",
        "simulator/engine/kernel_money.py",
        "simulator/engine/kernel_year_end.py",
    ),
}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


# What the recipes name.


def test_every_file_that_a_recipe_names_exists() -> None:
    page = read("CONTRIBUTING.md")
    named = set(re.findall(rf"`((?:{FOLDERS})/[\w/.]*)`", page))
    named |= {module.replace(".", "/") + ".py" for module in re.findall(r"python -m ((?:\w+\.)+\w+)", page)}
    named |= set(re.findall(rf"(?:python |`)((?:{FOLDERS})/[\w/]+\.\w+)", page))
    assert len(named) > 40
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_name_that_a_recipe_places_in_a_file_stands_there() -> None:
    placed = re.findall(r"`([A-Za-z_]+)`\s+in\s+`([\w/.]+\.\w+)`", read("CONTRIBUTING.md"))
    assert len(placed) > 10
    defined = r"^\s*(?:def |class )?{}\b"
    lost = [pair for pair in placed if not re.search(defined.format(pair[0]), read(pair[1]), re.MULTILINE)]
    assert lost == []


# The steps of a rule that meets chance.


def named_pulls() -> dict[str, str]:
    """Every pull that a decision is explained by, and the group that it stands in."""
    return {name: group.__name__ for groups in REASONS.values() for group in groups for name in group._fields}


def addresses(page: str) -> set[int]:
    """The numbers of the events in the table of addresses of `docs/model.md`, ranges written out."""
    rows = re.search(r"\| quarter in the address \|.*?\n\n", page, re.DOTALL)
    assert rows is not None
    cells = " ".join(line.split("|")[3] for line in rows[0].strip().splitlines()[2:])
    spans = re.findall(r"(\d+)(?:–(\d+))?", cells)
    return {number for first, last in spans for number in range(int(first), int(last or first) + 1)}


@dataclass(frozen=True)
class Steps:
    """What the steps of a rule have left behind: events in each driver, in the page, in words."""

    drivers: dict[str, set[str]]
    addresses: set[int]
    kinds: set[Event]
    traced: set[Event]
    pulls: dict[str, str] = field(default_factory=named_pulls)
    words: set[str] = field(default_factory=lambda: set(PULL_NAMES))

    def missing(self) -> list[str]:
        """A sentence for every step that was left out."""
        left_out = [
            f"{event.name}: ask it in {files}"
            for files, asked in self.drivers.items()
            for event in Event
            if event.name not in asked
        ]
        left_out += [
            f"{event.name}: put {event:d} into the table of addresses in docs/model.md"
            for event in Event
            if event not in self.addresses
        ]
        left_out += [
            f"{event.name}: write the decision down in simulator/engine/decision_trace.py too, and list it in REASONS"
            for event in sorted(self.kinds - self.traced)
        ]
        left_out += [
            f"{event.name}: list it in HELPS in simulator/agents/decisions.py, with words in sentence_templates.json"
            for event in sorted(self.traced - self.kinds)
        ]
        left_out += [
            f"{name} of {group}: give it words as pull.{name} in simulator/data/sentence_templates.json"
            for name, group in self.pulls.items()
            if name not in self.words
        ]
        return left_out


def steps() -> Steps:
    drivers = {
        names: set(re.findall(r"\bEvent\.([A-Z_]+)", "".join(map(read, files)))) for names, files in DRIVERS.items()
    }
    return Steps(drivers, addresses(read("docs/model.md")), set(DECISION_KINDS), set(REASONS))


def test_every_event_and_pull_has_been_through_all_steps_of_the_recipe() -> None:
    left_out = steps().missing()
    assert left_out == [], "\n".join(left_out)


MESA, COMPILED_STAGES = DRIVERS


@pytest.mark.parametrize(
    ("left_out", "file"),
    [
        ({"drivers": {MESA: {"PLAN"}}}, "simulator/agents/board.py"),
        ({"drivers": {COMPILED_STAGES: {"PLAN"}}}, "simulator/engine/kernel_people.py"),
        ({"addresses": set()}, "docs/model.md"),
        ({"traced": set()}, "simulator/engine/decision_trace.py"),
        ({"kinds": set()}, "HELPS in simulator/agents/decisions.py"),
        ({"words": set()}, "simulator/data/sentence_templates.json"),
    ],
    ids=["Mesa", "compiled", "address", "trace", "kind", "words"],
)
def test_a_step_that_is_left_out_is_named_by_its_file(left_out: dict[str, set[int]], file: str) -> None:
    missing = replace(steps(), **left_out).missing()  # type: ignore[arg-type]
    assert any(file in line for line in missing)
