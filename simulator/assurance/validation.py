"""Validation: the scoreboard worked out now, tests declared beforehand, and the checks of the fit with their dates."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence

from simulator.assurance.chapter import Chapter, Check, State, judge, tabulate_checks
from simulator.assurance.documents import find_change_date, find_document, read_document
from simulator.assurance.records import CODE
from simulator.calibration.same_evidence import describe_repeats
from simulator.calibration.scoreboard import (
    DECLARED,
    FITTED,
    PATTERNS,
    REPLAYED,
    SAME,
    Line,
    count_kinds,
    describe_passes,
    is_out_of_sample,
    list_notes,
    scoreboard,
    tell_note,
    tell_seen,
)
from simulator.common.formatting import format_number, write_day
from simulator.declarations.evidence import load_register
from simulator.engine.ensemble import Progress
from simulator.engine.kernel_sources import source_hash
from simulator.replays.targets import Pattern, Target, Use, list_fitted, read_patterns, read_targets
from simulator.reports.blocks import Block, Heading, Paragraph, Points, Table
from simulator.reports.check_words import describe_checks
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.runs.posterior import read_fit_document

RECORDS = (
    ("Checks of the fit", "calibration/checks.md", "scripts/calibration_checks.py"),
    ("An independent calibration", "calibration/independent.md", "scripts/independent_calibration.py"),
)
NOTE = (
    "One row per line, seen and simulated; a finding that was fitted moved the answer or did not. Unit: as the row "
    "says; a share is a part of 1. Source: what was seen, data/targets.yaml, with evidence of the register; what is "
    "simulated, runs made for this pack."
)
REFERS = "the same, "
AFTER_PROTOTYPE = "after a prototype"
ASKED = {
    "Are all fitted findings met within their tolerances?": FITTED,
    "Are all checks met that repeat the evidence of a target, and are therefore no test from outside?": SAME,
    "Are all tests met that were declared beforehand and not fitted?": DECLARED,
    "Are all replays met that were made afterwards and not fitted?": REPLAYED,
    "Are all patterns met that are out of sample?": PATTERNS,
}
_SAMPLE = re.compile(r"Effective samples? ([\d,]*\d)\b[\s\S]*?log evidence (-?\d+\.\d+)")
_COUNT = re.compile(r"\b(?:of the (\d+) uncertain|(\d+) uncertain\s+numbers)")


def write_validation(futures: int, today: dt.date, progress: Progress) -> Chapter:
    """The chapter, with the scoreboard worked out now from so many futures."""
    lines = scoreboard(futures, progress)
    sheet = make_sheet(lines)
    checks = [
        *check_lines(lines),
        check_sources(read_targets().values()),
        *(check_record(*record) for record in RECORDS),
    ]
    words = f"Worked out on {write_day(today)} from {futures:,} futures, with chance that the fit did not use."
    blocks: list[Block] = [
        Paragraph(words),
        Heading("Checks", 2),
        tabulate_checks(checks),
        Heading("Scoreboard", 2),
        Paragraph(_describe_passes(lines)),
        Points(tuple(describe_repeats())),
        *_describe_worsened(lines),
        *_describe_unmoved(lines),
        Paragraph(
            "The posterior predictive checks below give other values for the findings that were fitted. They are of "
            "the points that the fit weighed, each with the chance in which it was weighed, and with errors of "
            f"observation added. This table is of {futures:,} parameter sets of the fit, run again with new chance and "
            "without such errors."
        ),
        _tabulate_lines(lines),
        Heading("What the figures seen are", 3),
        Points(tuple(f"{title}: {note}" for title, note in list_notes(lines))),
    ]
    for title, name, _ in RECORDS:
        read = read_document(name, 1) or (Paragraph("This record is not there."),)
        blocks += [Heading(title, 2), *(read[1:] if isinstance(read[0], Heading) else read)]
    return Chapter("Validation", tuple(blocks), (sheet,), tuple(checks))


def make_sheet(lines: tuple[Line, ...]) -> Sheet:
    """The scoreboard as a sheet."""
    columns = (
        Column("Kind", width=28),
        Column("What was seen", width=50),
        Column("Unit", width=16),
        Column("Seen", "0.000"),
        Column("Simulated", "0.000"),
        Column("Tolerance from", "0.000"),
        Column("Tolerance to", "0.000"),
        Column("Passes"),
        Column("Tolerance set"),
        Column("Simulated, 5%", "0.000"),
        Column("Simulated, 95%", "0.000"),
        Column("Before the fit", "0.000"),
        Column("Moved the answer"),
        Column("Evidence", width=20),
        Column("Name in the files", width=20),
        Column("Seen, as it is to be read", width=30),
        Column("Note on what was seen", width=60),
    )
    rows: list[list[Cell]] = [
        [
            *(line.section, name_fully(lines, at), _name_unit(line), _finite(line.observed), _finite(line.simulated)),
            *(_finite(line.tolerance[0]), _finite(line.tolerance[1]), "yes" if line.passes else "NO"),
            *(_say_when_set(line), _finite(line.low), _finite(line.high), _finite(line.prior)),
            *(_say_moved(line), " ".join(line.evidence), line.id),
            tell_seen(line, _write_value(line.observed)) if math.isfinite(line.observed) else "",
            tell_note(line),
        ]
        for at, line in enumerate(lines)
    ]
    return Sheet("Scoreboard", "Scoreboard", NOTE, columns, rows)


def _tabulate_lines(lines: tuple[Line, ...]) -> Table:
    """The scoreboard to read: with what the model gave before the fit, and whether a fitted finding moved anything."""
    measured = ("Seen", "Before the fit", "Simulated", "Tolerance")
    head = ("Kind", "What was seen", "Unit", *measured, "Passes", "Tolerance set", "Moved the answer")
    rows = tuple(
        (
            *(line.section, name_fully(lines, at), _name_unit(line)),
            tell_seen(line, _write_value(line.observed)) if math.isfinite(line.observed) else "–",
            *(_write_value(value) for value in (line.prior, line.simulated)),
            " to ".join(_write_value(end) for end in line.tolerance),
            *("yes" if line.passes else "NO", _say_when_set(line), _say_moved(line)),
        )
        for at, line in enumerate(lines)
    )
    return Table(head, rows, (13, 35, 10, 13, 9, 10, 14, 8, 11, 9))


def _write_value(value: float) -> str:
    return format_number(value, 3) if math.isfinite(value) else "–"


def _say_moved(line: Line) -> str:
    return {True: "yes", False: "no", None: "–"}[line.moved]


def _name_unit(line: Line) -> str:
    return "as the line says" if line.unit is None else line.unit.value


def _say_when_set(line: Line) -> str:
    if line.beforehand:
        return "beforehand"
    return AFTER_PROTOTYPE if _find_pattern(line) else "after a run"


def _describe_passes(lines: Sequence[Line]) -> str:
    """How many lines pass, and how much of a test each kind of pass is."""
    outside = [line for line in lines if is_out_of_sample(line)]
    passed = [line for line in outside if line.passes]
    after = sum(not line.beforehand for line in passed)
    signs = count_kinds(lines)["sign"][1]
    counted = describe_passes(lines).split(" Not passed: ")[0]
    return (
        f"{counted} Of the {len(passed)} passes out of sample the tolerance of {after} was set when a prototype had "
        f"been seen to meet it: these guard against changes, and validate little. {len(passed) - after} were declared "
        f"before any run. {describe_checks(lines)} {signs} of those out of sample ask for a sign alone. "
        f"{_describe_report(outside)} The lines that do not pass stay in the table. A share is a part of 1. What "
        "repeats the evidence of a target:"
    )


def _describe_worsened(lines: Sequence[Line]) -> tuple[Paragraph, ...]:
    """The missed lines out of sample that the fit took further from what was seen than the priors had them."""
    worse = [
        f"“{name_fully(lines, at)}” (seen {line.observed:.3g}, before the fit {line.prior:.3g}, now "
        f"{line.simulated:.3g})"
        for at, line in enumerate(lines)
        if is_out_of_sample(line)
        and not line.passes
        and abs(line.simulated - line.observed) > abs(line.prior - line.observed)
    ]
    if not worse:
        return ()
    return (Paragraph(f"The fit made {len(worse)} of the misses out of sample larger: {'; '.join(worse)}."),)


def _describe_unmoved(lines: Sequence[Line]) -> tuple[Paragraph, ...]:
    """Which fitted lines the model gave before the fit as it does now, so that meeting them shows little."""
    fitted = [line for line in lines if line.section == FITTED]
    still = [line.title for line in fitted if line.moved is False]
    if not still:
        return ()
    return (
        Paragraph(
            f"{len(still)} of the {len(fitted)} fitted lines did not move the answer: {'; '.join(still)}. The calendar "
            "was set so that deficits come out as published, and the prior of turnover comes from the very count, so "
            "the model gave these lines before the fit as it does now. That they pass shows how the model was set up, "
            "not what the fit found. A finding moves the answer if, added alone to the priors or taken from all the "
            "others, it moves what a headline policy adds by £1 of each £100 or more."
        ),
    )


def _describe_report(outside: Sequence[Line]) -> str:
    """How many of the lines out of sample come from a report of which another statement was fitted."""
    register = load_register()

    def list_addresses(cited: Iterable[str]) -> set[str]:
        return {address for entry in cited if entry in register for address in register[entry].url}

    fitted = list_addresses(entry for target in list_fitted() for entry in target.evidence)
    shared = sum(bool(list_addresses(line.evidence) & fitted) for line in outside)
    return f"{shared} of the {len(outside)} cite other statements of a report of which one statement was fitted."


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def check_lines(lines: tuple[Line, ...]) -> list[Check]:
    """Whether what was fitted is met, and what was declared beforehand."""
    checks = []
    findings = len(read_fit_document()["targets"])
    unmoved = sum(line.moved is False for line in lines)
    source = f"; they are figures of the {findings} published findings, of which the interviews give three"
    source += f". {unmoved} of them did not move the answer: the model gave them before the fit" if unmoved else ""
    for asked, section in ASKED.items():
        chosen = [line for line in lines if line.section == section]
        missed = [name_fully(chosen, at) for at, line in enumerate(chosen) if not line.passes]
        checks.append(
            judge(
                asked,
                bool(chosen) and not missed,
                f"All {len(chosen)} are{source if section == FITTED else ''}.",
                f"{len(missed)} of {len(chosen)} {'is' if len(missed) == 1 else 'are'} missed: {'; '.join(missed)}."
                if chosen
                else "There are none.",
            )
        )
    return checks


def check_sources(targets: Iterable[Target]) -> Check:
    """Whether a source that each finding cites states its figure, in the words that the finding gives of it."""
    register, findings = load_register(), list(targets)

    def is_stated(target: Target) -> bool:
        cited = [" ".join(register[entry].says.split()) for entry in target.evidence if entry in register]
        return bool(target.states) and any(target.states in says for says in cited)

    missing = [target for target in findings if not is_stated(target)]
    told = [
        f"{target.title} ({', '.join(target.evidence)}; "
        f"{'fitted' if target.use is Use.TARGET else 'not fitted'}){': ' + target.note if target.note else '.'}"
        for target in missing
    ]
    return judge(
        "Does a source named state each figure seen, or what it is derived from?",
        not missing,
        f"Each of the {len(findings)} findings gives words of an entry of the register, and they stand there.",
        f"The figure is not in the source named for {len(missing)} of {len(findings)} findings. {' '.join(told)}",
    )


def _name_line(lines: Sequence[Line], at: int) -> str:
    """The title of a line by itself; one that says "the same" refers to the line before it."""
    title = lines[at].title
    same = title.startswith(REFERS) and at > 0
    return f"{lines[at - 1].title}, {title.removeprefix(REFERS)}" if same else title


def name_fully(lines: Sequence[Line], at: int) -> str:
    """A line that can be read by itself: with the title of its pattern, to which its words refer."""
    pattern = _find_pattern(lines[at])
    title = f"“{pattern.full_title}”: " if pattern else ""
    return f"{title}{_name_line(lines, at)}"


def _find_pattern(line: Line) -> Pattern | None:
    """The pattern whose check it is; None for a finding."""
    pattern, found, _ = line.id.partition(".")
    return read_patterns().get(pattern) if found else None


def check_record(title: str, name: str, again: str) -> Check:
    """Whether a record of the fit is there, and is of this code or this fit; `again` is the command that makes it."""
    asked, path = f"{title}: is the record there, and of this fit?", find_document(name)
    if path is None:
        return Check(asked, State.GAP, f"{name} is not there.")
    text = path.read_text(encoding="utf-8")
    day = find_change_date(path) or "a day that this installation does not know"
    counts = {int(a or b) for a, b in _COUNT.findall(text)}
    now = read_fit_document()["uncertain"]
    says = f"{name}, last changed on {day}"
    if source_hash() in text:
        return Check(asked, State.MET, f"{says}, is of this model code, {source_hash()}.")
    named = CODE.search(text)
    if named:
        other = f"was made with other model code, {named[1]}; ours is {source_hash()}"
        return Check(asked, State.GAP, f"{says}, {other}: make it again with {again}.")
    if counts and now not in counts:
        return Check(asked, State.GAP, f"{says}, is of a fit of {max(counts)} uncertain numbers; there are {now} now.")
    here, sample = read_fit_document()["quality"], _SAMPLE.search(text)
    fit = f"log evidence {here['log_evidence']:.2f}, effective sample {here['effective']:,.0f}"
    if sample and not (f"{here['effective']:,.0f}" == sample[1] and f"{here['log_evidence']:.2f}" == sample[2]):
        return Check(asked, State.GAP, f"{says}, is of a fit with another sample; that of the fit here is {fit}.")
    if not counts:
        return Check(
            asked, State.GAP, f"{says}, does not say how many uncertain numbers the fit had, so it may be older."
        )
    if not sample:
        return Check(asked, State.GAP, f"{says}, does not say of which fit it is; the fit here has {fit}.")
    return Check(asked, State.MET, f"{says}, is of this fit: {now} uncertain numbers, {fit}.")
