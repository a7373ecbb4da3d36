"""Reads a file of evidence, YAML or CSV, and reports every mistake in it at once.

title, because    what it is, and why it is believed
observations      rows by board: {board, year, what, value, error, source, in_fit}, or {rows: FILE.csv, ...}
scores            {name, of: chief, year, rows: FILE.csv or values: {board: score}, source, in_fit}
national          {what, year, value, error, source, in_fit}, or with {count: 12, of: 42} for value and error
statements        {claim: a > b, outcome, credence, because, years}
beliefs           {question, quartiles: [lower, middle, upper], because}, answers to the questions of `questions.py`
who, date         whose beliefs these are, and when they were stated
outcome           the outcome that they look at, which weighs nothing

A CSV file holds rows by board, or counts of boards, in the same columns; of a workbook the sheet *Counts* is read after
the first. What a row leaves out is taken from the entry that names the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simulator.common.errors import InputError
from simulator.common.excel_reader import is_excel
from simulator.common.paths import expand_path
from simulator.common.pinned_names import check_pin, format_file_argument, naming_fingerprint, pin_name, split_pin
from simulator.common.yaml_nodes import (
    LARGEST,
    ListNode,
    MappingNode,
    Node,
    Problems,
    ScenarioError,
    decode_text,
    read_fields,
    read_text,
    suggest,
)
from simulator.declarations.outcomes import HEADLINES
from simulator.evidence.evidence import Evidence
from simulator.evidence.field_readers import FieldReader
from simulator.evidence.figure_readers import (
    COUNT_KEYS,
    read_answer,
    read_national,
    read_row,
    read_statement,
)
from simulator.evidence.observations import BoardRow, NationalFigure, Observation, Statement
from simulator.evidence.score_readers import read_score
from simulator.evidence.table_file import BOARD, COUNT, ENDINGS, read_table
from simulator.scenarios.field_validation import read_known_keys, require_text

KINDS = ("observations", "scores", "national", "statements", "beliefs")
KEYS = ("title", "because", "who", "date", "outcome", *KINDS)
MOST_OBSERVATIONS = 2_000
NEEDS = "a title, because, and one of observations, scores, national, statements and beliefs"


class EvidenceError(ScenarioError):
    """A file of evidence cannot be used. `problems` lists everything that is wrong with it."""


def read_evidence(given: str | Path) -> Evidence:
    """The evidence in a file; its name may end with `@` and a fingerprint.

    Raises EvidenceError with every problem of the file and of the tables that it names, and OtherContentError when the
    content has another fingerprint. Rows and data frames are for `rf.evidence`.
    """
    if not isinstance(given, str | Path):
        raise InputError(
            "evidence is read from a file, such as 'mine.yaml'; rows and data frames go to rf.evidence(...)"
        )
    name, wanted = split_pin(str(given))
    with naming_fingerprint("file of evidence", wanted):
        path = expand_path(name)
    notes = Problems(name, "file of evidence", NEEDS)
    is_table = path.suffix.lower() in ENDINGS
    evidence = _collect_rows(path, str(path), notes) if is_table else _read_yaml(path, notes)
    if evidence is None or notes.problems:
        raise EvidenceError(
            sorted(notes.problems, key=lambda problem: (problem.file != name, problem.file, problem.line))
        )
    check_pin("file of evidence", name, wanted, evidence.fingerprint)
    words = format_file_argument(name)
    return evidence.named(pin_name(words, evidence.fingerprint) if words else "")


def parse_evidence(text: str, name: str = "evidence.yaml", folder: Path | None = None) -> Evidence:
    """The evidence in a YAML text; tables are looked for in `folder`. Raises EvidenceError with every problem."""
    notes = Problems(name, "file of evidence", NEEDS)
    evidence = _parse(text, folder or Path(), notes)
    if evidence is None or notes.problems:
        raise EvidenceError(notes.problems)
    return evidence


def read_sent_evidence(data: bytes, name: str) -> Evidence:
    """The evidence in a file that somebody sent, by its name and content: YAML, CSV or a workbook.

    It stands alone: nothing is read from the disk, so an entry that names a table is refused. Raises EvidenceError with
    every problem.
    """
    notes = Problems(name, "file of evidence", NEEDS)
    evidence: Evidence | None = None
    if len(data) > LARGEST:
        notes.add(1, "", f"is larger than {LARGEST // 1024} kB: too large for a {notes.kind}")
    elif is_excel(data) or name.lower().endswith(ENDINGS):
        evidence = _collect_rows(data, name, notes)
    elif (text := decode_text(data, notes)) is not None:
        evidence = _parse(text, None, notes)
    if evidence is None or notes.problems:
        raise EvidenceError(sorted(notes.problems, key=lambda problem: problem.line))
    words = format_file_argument(name)
    return evidence.named(pin_name(words, evidence.fingerprint) if words else "")


def _read_yaml(path: Path, notes: Problems) -> Evidence | None:
    text = read_text(path, notes)
    return None if text is None else _parse(text, path.parent, notes)


def _collect_rows(source: Path | bytes, name: str, notes: Problems) -> Evidence | None:
    rows = _read_rows(source, name, {}, notes)
    _refuse_repeated(rows, notes)
    return Evidence(Path(name).stem, "", tuple(rows)) if rows else None


def _parse(text: str, folder: Path | None, notes: Problems) -> Evidence | None:
    root = read_fields(text, notes)
    if root is None:
        return None
    top = read_known_keys(root, "", KEYS, notes)
    title, because = (require_text(top, key, "", 1, notes) for key in ("title", "because"))
    for key in ("who", "date"):
        if key in top:
            require_text(top, key, "", 1, notes)
    outcome = _read_outcome(top, notes)
    observations: list[Observation] = []
    for key in KINDS:
        for fields in _list_entries(top.get(key), key, notes):
            if not notes.full:
                observations += _read_entry(key, fields, folder, notes)
    if not observations and not notes.problems:
        notes.add(1, "", f"says nothing; a file of evidence needs {NEEDS}")
    if len(observations) > MOST_OBSERVATIONS:
        notes.add(1, "", f"holds {len(observations):,} observations; at most {MOST_OBSERVATIONS:,}")
    _refuse_repeated(observations, notes)
    return Evidence(title, because, tuple(observations), outcome=outcome)


def _read_outcome(top: Mapping[str, Node], notes: Problems) -> str:
    """The outcome that somebody looks at; "" if it is left out."""
    if "outcome" not in top:
        return ""
    name = require_text(top, "outcome", "", 1, notes)
    if name and name not in HEADLINES:
        hint = suggest(name, HEADLINES) or f"; choose among {', '.join(HEADLINES)}"
        notes.add(top["outcome"].line, "outcome", f"'{name[:40]}' is not one of the headline outcomes{hint}")
    return name


def _list_entries(node: Node | None, key: str, notes: Problems) -> list[FieldReader]:
    """Every entry under a key, with its place for messages."""
    if node is None:
        return []
    if not isinstance(node, ListNode) or not node.items:
        notes.add(node.line, key, "must be a list of entries, each with a dash before it")
        return []
    entries = []
    for number, item in enumerate(node.items, 1):
        if isinstance(item, MappingNode):
            entries.append(FieldReader(item, f"{key}[{number}]", notes))
        else:
            notes.add(item.line, f"{key}[{number}]", "must be a mapping such as {board: QWO, year: 2022/23, ...}")
    return entries


def _read_entry(key: str, fields: FieldReader, folder: Path | None, notes: Problems) -> Sequence[Observation]:
    """The observations of one entry; none if something is wrong with it, which is noted."""
    fields.alone = folder is None
    if key == "observations" and fields.has("rows"):
        path = fields.read_path("rows", folder)
        common = fields.read_common(("year", "what", "error", "source", "in_fit", "value"))
        return _read_rows(path, str(path), common, notes) if path else ()
    if key == "scores":
        score = read_score(fields, folder)
        return (score,) if score else ()
    if key == "beliefs":
        return read_answer(fields)
    readers: dict[str, Callable[[FieldReader], Observation | None]] = {
        "observations": read_row,
        "national": read_national,
        "statements": read_statement,
    }
    observation = readers[key](fields)
    return (observation,) if observation else ()


def _read_rows(
    source: Path | bytes, name: str, common: Mapping[str, Node], notes: Problems
) -> list[BoardRow | NationalFigure]:
    """Rows by board and counts of boards of a table; its problems bear its own name and lines."""
    own = Problems(
        name, "table of evidence", "the columns board, year, what, value and error, or what, count, of and year"
    )
    rows: list[BoardRow | NationalFigure] = []
    for record in read_table(source, own, (BOARD, COUNT)):
        if own.full:
            break
        fields = FieldReader(MappingNode(record.line, record.pairs), record.sheet, own, common)
        row = read_national(fields, COUNT_KEYS) if record.is_count else read_row(fields)
        rows += [row] if row else []
    notes.problems += own.problems
    return rows


def _refuse_repeated(observations: Sequence[Observation], notes: Problems) -> None:
    """Note what says the same thing of the same board and year twice: it would count twice."""
    seen: dict[tuple[str, int, str], BoardRow] = {}
    for row in observations:
        if not isinstance(row, BoardRow):
            continue
        place = (row.board, row.year, row.outcome)
        if place in seen:
            notes.add(
                0, "", f"{row.label}: this board, year and outcome is given twice, and would count twice; keep one row"
            )
        seen[place] = row
    asked = [(o.piece, o.more, o.credence) for o in observations if isinstance(o, Statement) and o.piece != o.key]
    levels = [(piece, credence) for piece, _, credence in asked]
    for piece in sorted({piece for piece, credence in levels if levels.count((piece, credence)) > 1}):
        notes.add(0, "", f"the question {piece} is answered twice; keep one answer")
    others = [
        o.key
        for o in observations
        if not isinstance(o, BoardRow) and not (isinstance(o, Statement) and o.piece != o.key)
    ]
    for key in {key for key in others if others.count(key) > 1}:
        label = next(observation.label for observation in observations if observation.key == key)
        notes.add(0, "", f"{label}: is given twice, and would count twice; keep one")
