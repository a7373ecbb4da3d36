"""The data log: where every file of facts comes from, the checks that run on it now, and what is past its date."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from simulator.assurance.chapter import Chapter, Check, judge, tabulate_checks, tabulate_sheet
from simulator.boards.table import read_boards
from simulator.calibration.export import hash_facts
from simulator.common.formatting import write_day
from simulator.declarations.evidence import find_missing, load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.parameters import PARAMETERS
from simulator.replays.targets import read_targets
from simulator.reports.blocks import Heading, Paragraph, Points
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.runs.posterior import read_fit_document
from simulator.scenarios.library import BASELINE, find_library_folder

NO_FACTS = frozenset(
    {
        "README.md",
        "data_log.yaml",
        "sentence_templates.json",
        "plain_controls.json",
        "fonts",
        "example_evidence",
        "questions",
    }
)
"""What the folder of data holds besides facts: words, fonts, invented examples, and this log."""

OWN = "this program"
"""How the source of a file begins that the program makes itself: a test makes it again, and no publication holds it."""

BOARDS, LIBRARY = "boards.csv", "scenarios/"
OF_DATA = frozenset({".csv", ".gz", ".json", ".npy", ".npz", ".parquet", ".tsv", ".xlsx", ".yaml", ".yml"})
"""How the names of files end that may hold facts."""

JUDGEMENT = "judgement"
"""How the source of a file begins that holds judgements of our own: there is nothing to hold it against."""

FUND_M, CLOSE_M = 200.0, 0.01
"""The fund of 2022/23 in £m, and how closely the boards' parts must add up to it."""


class Source(NamedTuple):
    """One source of data. `file` is in the folder of data or, as "scenarios/…", in the library; `columns` are those of
    the table that it is the source of. `checked` and `review_by` are days, or None where none was recorded.
    """

    name: str
    file: str
    source: str
    address: str
    licence: str
    year: int
    used_for: str
    checked: dt.date | None
    review_by: dt.date | None
    because: str
    columns: tuple[str, ...] = ()

    def is_past(self, today: dt.date) -> bool:
        """Whether its review was due before today."""
        return self.review_by is None or self.review_by < today


@cache
def read_data_log() -> tuple[Source, ...]:
    """Every source, in the order of the file."""
    from ruamel.yaml import YAML

    text = files("simulator").joinpath("data").joinpath("data_log.yaml").read_text(encoding="utf-8")
    return tuple(_read_source(raw) for raw in YAML(typ="safe").load(text)["sources"])


def _read_source(raw: dict[str, Any]) -> Source:
    columns = tuple(raw.get("columns", ()))
    return Source(
        **{**raw, "checked": raw["checked"] or None, "review_by": raw["review_by"] or None, "columns": columns}
    )


def write_data_log(today: dt.date) -> Chapter:
    """The chapter, with checks run now."""
    sources = read_data_log()
    checks = [*check_files(), *check_dates(sources, today)]
    past = [
        f"{source.name}, used for {source.used_for}: {_say_due(source)}. {source.because}"
        for source in sources
        if source.is_past(today)
    ]
    sheet = make_sheet(sources, today)
    blocks = (
        Paragraph("Where the facts come from, under which licence, and until when they may be used unreviewed."),
        Heading("Past the date of review", 2),
        Points(tuple(past)) if past else Paragraph("None."),
        Heading("Checks run for this pack", 2),
        tabulate_checks(checks),
        Heading("Sources", 2),
        tabulate_sheet(sheet, (0, 1, 2, 4, 5, 7, 8), (18, 14, 40, 22, 7, 14, 14)),
    )
    return Chapter("Data log", blocks, (sheet,), tuple(checks))


def _say_due(source: Source) -> str:
    """Until when it should have been reviewed."""
    return f"its review was due by {write_day(source.review_by)}" if source.review_by else "no date of review is set"


def make_sheet(sources: tuple[Source, ...], today: dt.date) -> Sheet:
    """The sources as a sheet."""
    columns = (
        Column("Data", width=28),
        Column("File", width=20),
        Column("Source", width=50),
        Column("Address", width=50),
        Column("Licence", width=30),
        Column("Year", "0"),
        Column("Used for", width=40),
        Column("Held against its source on"),
        Column("Review due by"),
        Column("Why then", width=40),
        Column("Past its date"),
        Column("Fingerprint of the file", width=20),
    )
    rows: list[list[Cell]] = [
        [
            *(source.name, _name_file(source), source.source, source.address or "–", source.licence, source.year),
            *(source.used_for, _say_checked(source), _write_day(source.review_by, "not set")),
            *(source.because, "yes" if source.is_past(today) else "no", fingerprint(source.file)),
        ]
        for source in sources
    ]
    return Sheet(
        "Data",
        "Data log",
        "One row per source. Source: data/data_log.yaml; fingerprints worked out for this pack.",
        columns,
        rows,
    )


def _name_file(source: Source) -> str:
    """The file, with the columns that are meant."""
    return f"{source.file} ({', '.join(source.columns)})" if source.columns else source.file


def _write_day(day: dt.date | None, otherwise: str) -> str:
    return write_day(day) if day else otherwise


def _say_checked(source: Source) -> str:
    """When a file was held against its source; what the program makes, or its authors judged, has none."""
    if source.checked is None and source.source.startswith((OWN, JUDGEMENT)):
        return "has no outside source"
    return _write_day(source.checked, "not recorded")


def fingerprint(name: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a file of data, or of all files of a folder in their order."""
    place = find_file(name)
    parts = sorted(place.iterdir(), key=lambda part: part.name) if place.is_dir() else [place]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if part.is_file() else b"")
    return digest.hexdigest()[:16]


def find_file(name: str) -> Path:
    """A file or folder of the log."""
    if name.startswith(LIBRARY):
        return find_library_folder() / name.removeprefix(LIBRARY)
    return Path(str(files("simulator"))) / "data" / name


def find_unlogged(sources: Sequence[Source], package: Path | None = None, library: Path | None = None) -> list[str]:
    """What no source of the log names: files in the folder of data, files of data elsewhere in the `package` and the
    `library` of scenarios (by default those that are in use), and columns of the table of boards.

    A scenario holds a choice of policy and no facts, but for the calendar from which every other starts.
    """
    package, library = package or Path(str(files("simulator"))), library or find_library_folder()
    data = package / "data"
    held = {part.name for part in data.iterdir() if not part.name.startswith("_")} - {library.name}
    held |= {
        str(part.relative_to(package))
        for part in package.rglob("*")
        if part.suffix in OF_DATA and data not in part.parents and "__pycache__" not in part.parts
    }
    held |= {
        f"{LIBRARY}{part.name}"
        for part in library.iterdir()
        if part.suffix in OF_DATA and (part.stem == BASELINE or part.suffix != ".yaml") and part.name != "schema.json"
    }
    with (data / BOARDS).open(encoding="utf-8") as table:
        columns = {f"{BOARDS}: {column}" for column in table.readline().strip().split(",")}
    logged = {f"{source.file}: {column}" for source in sources for column in source.columns}
    return sorted((held - NO_FACTS - {source.file for source in sources}) | (columns - logged))


def check_files() -> list[Check]:
    """What can be seen of the files without their sources."""
    boards, register, unlogged = read_boards(), load_register(), find_unlogged(read_data_log())
    total = float(boards.areas["alloc"].sum())
    cited = {entry for d in (*PARAMETERS.values(), *LEVERS.values()) for entry in d.about.evidence}
    missing = find_missing(sorted(cited | {entry for target in read_targets().values() for entry in target.evidence}))
    return [
        judge(
            "Is every file of facts in this log?",
            not unlogged,
            f"All {len({source.file for source in read_data_log()})} files and folders that the model reads are, the "
            "calendar of today's rules among them, and so is every column of the table of boards. The other scenarios "
            "of the library are choices of policy and state no facts.",
            f"Not in it: {', '.join(unlogged)}.",
        ),
        judge("Are there 42 boards?", len(boards) == 42, f"boards.csv holds {len(boards)}."),
        judge(
            "Do the boards' parts add up to the fund?",
            abs(total - FUND_M) < CLOSE_M,
            f"They add up to £{total:.3f}m; the fund of 2022/23 is £{FUND_M:.0f}m.",
        ),
        judge(
            "Is all cited evidence in the register?",
            not missing,
            f"All {len(cited)} entries that numbers and levers cite are among its {len(register)}.",
            f"Not in the register: {', '.join(missing)}.",
        ),
        judge(
            "Were the parameter sets fitted to these findings?",
            read_fit_document()["facts"] == hash_facts(),
            "Their fingerprint is that of the findings and replays of this program. Rules and priors are not in it: "
            "a test makes the first stage of the fit again with them, and all of it where the code or the data are not "
            "those with which all of it was last made again.",
            "Their fingerprint is that of other findings or replays: the fit is out of date.",
        ),
    ]


def check_dates(sources: tuple[Source, ...], today: dt.date) -> list[Check]:
    """Whether sources were reviewed, and are within their dates."""
    past = [source.name for source in sources if source.is_past(today)]
    outside = [source for source in sources if not source.source.startswith((OWN, JUDGEMENT))]
    never = [source.name for source in outside if source.checked is None]
    return [
        judge(
            "Is all data within its date of review?",
            not past,
            f"All {len(sources)} sources are.",
            f"{len(past)} of {len(sources)} are past it: {', '.join(past)}.",
        ),
        judge(
            "Has somebody held each file that comes from elsewhere against its source, on a recorded day?",
            not never,
            "Each has such a day.",
            f"No day is recorded for {len(never)} of {len(outside)}: {', '.join(never)}.",
        ),
    ]
