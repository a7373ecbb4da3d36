"""What would close each gap: a line for everything that the pack asks, met or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulator.assurance.chapter import Chapter, Check
from simulator.assurance.records import SCREEN, STRUCTURES

FAULT = "A mended program: until then its answers are not to be used."
NO_SETTING = (
    "No setting: a mechanism or evidence that explains the miss, and a fit that meets it without being fitted to it. "
    "Until then, answers are read with the miss in mind."
)
FROM_SOURCE = "A pack that is made from the source folder, or a package that ships its documents."
ADDRESS = "An address under [project.urls] in pyproject.toml, once it can be reached there."

CLOSES: Mapping[str, str] = {
    "Has an assurer who did not build the model signed?": "Names, dates and signatures under Roles and signatures.",
    "Is the impact of every assumption measured that bears on money kept or new money in these policies?": (
        "scripts/screen_fixed_numbers.py for fixed numbers, ringfence calibrate --structures for structures."
    ),
    SCREEN.asked: SCREEN.again,
    STRUCTURES.asked: STRUCTURES.again,
    "Does every number cite evidence?": (
        "A source for each, entered in simulator/data/evidence.yaml and cited by the number. Where there is none to be "
        "had, the log says what the number could move."
    ),
    "Does all evidence that is cited have an address?": "Its address in simulator/data/evidence.yaml.",
    "Are there 42 boards?": "A table of boards that is whole: simulator/data/boards.csv.",
    "Do the boards' parts add up to the fund?": "The boards' amounts as published: simulator/data/boards.csv.",
    "Is all cited evidence in the register?": "An entry for each in simulator/data/evidence.yaml.",
    "Were the parameter sets fitted to these findings?": "A new fit: ringfence calibrate --out simulator/data.",
    "Is all data within its date of review?": (
        "The newest edition of each, held against the file; then the next date as review_by in "
        "simulator/data/data_log.yaml. Where figures changed, a new fit as well."
    ),
    "Is every file of facts in this log?": "A row for it in simulator/data/data_log.yaml.",
    "Has somebody held each file that comes from elsewhere against its source, on a recorded day?": (
        "Somebody who does, and writes the day as checked in simulator/data/data_log.yaml."
    ),
    "Are decisions written down, each with its reasons?": "Context and choice on each page of docs/decisions.",
    "Did all tests of this build pass?": "scripts/test on this very source, and the pack made again after it.",
    "Does this computer give the published results to the last bit?": (
        "ringfence doctor, which says what differs; the libraries of constraints.txt."
    ),
    "Do the Mesa model and the compiled driver agree to the last bit?": FAULT,
    "Is every pound accounted for?": FAULT,
    "How many tests of each kind are there?": "A pack that is made from the source folder.",
    "Are all fitted findings met within their tolerances?": "A new fit, or another look at the rules that miss them.",
    "Are all tests met that were declared beforehand and not fitted?": NO_SETTING,
    "Are all replays met that were made afterwards and not fitted?": NO_SETTING,
    "Are all checks met that repeat the evidence of a target, and are therefore no test from outside?": (
        "A new fit, or another look at the rules that miss them; a pass would show little."
    ),
    "Are all patterns met that are out of sample?": NO_SETTING,
    "Checks of the fit: is the record there, and of this fit?": "scripts/calibration_checks.py",
    "An independent calibration: is the record there, and of this fit?": "scripts/independent_calibration.py",
    "Baseline: open-source language": "What the named files do, in Python.",
    "Baseline: code under version control": "The source folder with its history (git), in which all code is.",
    "Baseline: README with install and run": "The missing words in README.md, or commands that there are.",
    "Baseline: code reviewed by a second person": (
        "Somebody who did not write it, and a signed review in docs/reviews that names reviewer, date and commit."
    ),
    "Baseline: code published in the open": ADDRESS,
    "Silver: outputs made by code alone": "The call that gives another table, mended; ringfence doctor.",
    "Silver: code documented": "A docstring for each public function and class.",
    "Silver: standard layout": "The missing files and folders.",
    "Silver: functions and classes that are used again": "Functions that several modules share.",
    "Silver: coding standard": "What ruff check names, mended.",
    "Silver: testing framework": "Tests, in files that pytest finds, and their results: scripts/test.",
    "Silver: dependencies named": "Bounds in pyproject.toml and a version in constraints.txt for each.",
    "Silver: logs recorded": "The log of events, simulator/common/event_log.py, mended.",
    "Silver: tidy data": "A row for each observation in a run's table.",
    "Gold: packaged": "The package, installed with its command: pip install.",
    "Gold: tests run by themselves on each change": (
        "A build server that runs .ci/run on each change, and its instructions in the folder."
    ),
    "Gold: run on a schedule or when data change": "A schedule among those instructions.",
    "Gold: changes signposted": "The version and a heading Results change in CHANGELOG.md.",
    "Essential: open licence": "A licence in the package.",
    "Essential: dependencies with versions and sources": (
        "Bounds and a version for each, and another library in place of one that does not say where it comes from."
    ),
    "Essential: written in a free and open-source language": (
        "A library under an open licence in place of each that is named, or its licence, looked up and written down."
    ),
    "Essential: minimum documentation": "The missing words in README.md, or commands that there are.",
    "Essential: identifiers of researchers (ORCID)": "The authors' ORCIDs in CITATION.cff.",
    "Essential: how to cite it": "This version in CITATION.cff.",
    "Essential: code in a remote repository": ADDRESS,
    "Essential: open science archive (DOI)": "A deposit in an archive, and its DOI in CITATION.cff.",
    "Optional: enhanced documentation": "The links that lead nowhere, mended.",
    "Optional: documentation hosted": ADDRESS,
    "Optional: online coding environment": "A folder .binder that describes one.",
    "Optional: an interface for people who do not code": "The package with its dashboard.",
    "Optional: the interface hosted on the web": ADDRESS,
    "Is each of the eight elements answered somewhere?": "The missing rows of the table in docs/rationale.md.",
    "Were the items held against the published checklist?": (
        "Somebody who has the supplement and holds the table against it."
    ),
    "Does a source named state each figure seen, or what it is derived from?": (
        "A published count for each figure, entered in the register; until then they are counts within a range."
    ),
    "Item 2.1: does the diagram show the stages of a quarter as the program runs them?": (
        "A drawing of every stage under The model in ODD, and words for each in the model's docstring."
    ),
    "Is the description there, with the seven elements of ODD?": FROM_SOURCE,
    "Is the rationale there?": FROM_SOURCE,
    "Does every rule say what it does?": "A docstring for each rule.",
}


def say_what_closes(check: Check) -> str:
    """What would close a gap that this check found; "–" for a check that is not of the pack's own."""
    return CLOSES.get(check.asked, "–")


class Gap(NamedTuple):
    """A gap as it is listed: the chapter, everything asked that it leaves open, what was found, what would close it."""

    chapter: str
    asked: tuple[str, ...]
    says: str
    closes: str

    @property
    def question(self) -> str:
        """All that was asked, in a line."""
        return "; ".join(self.asked)


def list_gaps(chapters: Iterable[Chapter]) -> list[Gap]:
    """Every gap of these chapters; those of a chapter that hang on one and the same thing are one, said once."""
    asked: dict[tuple[str, str, str], list[str]] = {}
    for chapter in chapters:
        for check in chapter.gaps:
            asked.setdefault((chapter.title, check.says, say_what_closes(check)), []).append(check.asked)
    return [Gap(title, tuple(questions), says, closes) for (title, says, closes), questions in asked.items()]
