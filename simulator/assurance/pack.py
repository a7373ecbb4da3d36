"""Makes the whole pack: runs what is to be run, writes the chapters, and puts the files in place together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from simulator.assurance import (
    assumptions,
    data_log,
    descriptions,
    rendering,
    self_assessment,
    sensitivity,
    statement_of_use,
    validation,
    verification,
)
from simulator.assurance.chapter import Chapter
from simulator.assurance.pack_files import FILES
from simulator.assurance.verification import TestResults
from simulator.common.atomic_files import check_folder, make_folder, write_together
from simulator.engine.ensemble import Progress
from simulator.engine.kernel_sources import source_hash
from simulator.reports.page import make_study
from simulator.runs.futures import SEED, draw_futures
from simulator.runs.manifest import find_version
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import load_scenario
from simulator.studies.number_impacts import measure_impacts

PARTS = 6
"""Pieces of work that report their progress."""


class Size(NamedTuple):
    """How much is run: parameter sets and replicates for impacts, how often these are resampled; futures of the study,
    of the scoreboard, of the check of money and of the two drivers, and how many scenarios of the library the check of
    money runs.
    """

    sets: int
    replicates: int
    resampled: int
    futures: int
    scoreboard: int
    conserved: int
    compared: int
    scenarios: int


WHOLE = Size(1_000, 8, 200, 1_000, 1_000, 200, 10, 1_000)
QUICK = Size(400, 3, 40, 1_000, 200, 50, 2, 12)


class Pack(NamedTuple):
    """A pack that was written: its files, and its chapters."""

    files: tuple[Path, ...]
    chapters: tuple[Chapter, ...]


def write_pack(
    folder: Path, size: Size, tests: TestResults | None, today: dt.date, progress: Progress, how: str
) -> Pack:
    """Write the pack into a folder, every file or none. `how` is the command that makes it.

    Raises FileWriteError, before any work, for a folder that cannot be written to.
    """
    check_folder(folder, FILES)
    chapters = write_chapters(size, tests, today, progress)
    about = (find_version(), source_hash(), today, write_how(size, how))
    sheets = rendering.list_sheets(chapters)
    contents = {
        FILES.pdf: rendering.render_pdf(chapters, *about),
        FILES.excel: rendering.render_excel(sheets, today),
        FILES.opendocument: rendering.render_opendocument(sheets),
        FILES.page: rendering.render_page(chapters, *about),
    }
    make_folder(folder)
    write_together({folder / name: content for name, content in contents.items()})
    return Pack(tuple(folder / name for name in FILES), chapters)


def write_chapters(size: Size, tests: TestResults | None, today: dt.date, progress: Progress) -> tuple[Chapter, ...]:
    """Every chapter, the statement of use first, which needs all others."""
    impacts = measure_impacts(size.sets, size.replicates, size.resampled, SEED, progress)
    measured = (
        "The impact of an uncertain number is how far an answer would typically move if that number alone were "
        "learned: the standard deviation of the answer's mean given the number, over "
        f"{size.sets:,} parameter sets of the fit, each run {size.replicates} times, in £ of each £100. It is measured "
        "for this pack."
    )
    study = make_study([load_scenario(name) for name in HEADLINE], draw_futures(size.futures), progress=progress)
    odd = descriptions.write_odd()
    verified = verification.write_verification(tests, size.conserved, size.compared, size.scenarios, progress)
    others = (
        assumptions.write_assumptions(impacts, measured),
        data_log.write_data_log(today),
        descriptions.write_decisions(),
        verified,
        validation.write_validation(size.scoreboard, today, progress),
        sensitivity.write_sensitivity(study, impacts, measured),
        self_assessment.write_self_assessment(verified.checks[0]),
        descriptions.write_trace(),
        descriptions.write_stress(odd),
        odd,
        descriptions.write_rationale(),
    )
    return statement_of_use.write_statement(others), *others


def write_how(size: Size, command: str) -> str:
    """How the pack was made, in a sentence or two."""
    short = (
        " It is the quick form: impacts and the scoreboard are of fewer futures, so that they are rougher, and the "
        "checks of money and of the two drivers are of fewer runs. Verdicts, and what carries them, are of as many "
        "futures as in the full form."
        if size == QUICK
        else ""
    )
    return (
        f"Generated from the model and from checks that ran while it was made, by: {command}.{short} What a check did "
        "not find is printed as a gap. What only people can do, such as judging and signing, is left open."
    )
