"""Reads scores that are believed to track leaders, from an entry of a file of evidence or from a table."""

from __future__ import annotations

from pathlib import Path

from simulator.common.yaml_nodes import MappingNode, Problems
from simulator.evidence.field_readers import ALONE, DECLARED, FieldReader
from simulator.evidence.figure_readers import read_past_year
from simulator.evidence.observations import LeaderScore
from simulator.evidence.table_file import ENDINGS, read_table

SCORE_KEYS = ("name", "of", "year", "rows", "values", "source", "in_fit", DECLARED)
FEWEST_SCORES = 5
"""With fewer boards the fit of what a score measures says nothing."""


def read_score(fields: FieldReader, folder: Path | None) -> LeaderScore | None:
    """Scores of boards, or None with their problems noted. Without a folder no table may be named."""
    fields.expect(SCORE_KEYS)
    name, year, in_fit = fields.require("name"), read_past_year(fields), fields.read_in_fit()
    if fields.text("of") != "chief":
        fields.note("of", "must be chief: scores of leaders are scores of chiefs")
    values = _read_values(fields, folder)
    fields.check_source()
    if fields.spoilt:
        return None
    if len(values) < FEWEST_SCORES:
        fields.note("values", f"holds {len(values)} boards; a score says something from {FEWEST_SCORES} boards on")
    elif len(set(values.values())) < 2:
        fields.note("values", "gives every board the same score, which says nothing")
    if fields.spoilt or year is None:
        return None
    return LeaderScore(name, year, tuple(sorted(values.items())), fields.text("source"), bool(in_fit))


def _read_values(fields: FieldReader, folder: Path | None) -> dict[str, float]:
    if fields.has("rows") == fields.has("values"):
        fields.note("values", "give either values, such as {QWO: 3, QF7: 2}, or rows, the name of a CSV file")
        return {}
    if fields.has("rows"):
        return _read_table(fields, folder)
    node = fields.fields.get("values")
    if not isinstance(node, MappingNode):
        fields.note("values", "must be a mapping from boards to scores, such as {QWO: 3, QF7: 2}")
        return {}
    own = FieldReader(node, f"{fields.where}.values", fields.notes)
    own.expect(tuple(key.text for key, _ in node.pairs))
    values: dict[str, float] = {}
    for name in own.fields:
        _enter(values, own, name, name)
    return values


def _read_table(fields: FieldReader, folder: Path | None) -> dict[str, float]:
    name = fields.text("rows")
    if folder is None:
        fields.note("rows", ALONE)
        return {}
    if not name.lower().endswith(ENDINGS):
        fields.note("rows", f"'{name[:60]}' is not the name of a CSV file or an Excel workbook (.xlsx)")
        return {}
    own = Problems(str(folder / name), "table of scores", "the columns board and score")
    values: dict[str, float] = {}
    for record in read_table(folder / name, own):
        line = FieldReader(MappingNode(record.line, record.pairs), "", own)
        line.expect(("board", "score"))
        _enter(values, line, line.text("board"), "score")
    fields.notes.problems += own.problems
    return values


def _enter(values: dict[str, float], fields: FieldReader, name: str, key: str) -> None:
    """Put one board's score among the others, or note what is wrong with it."""
    board, score = fields.find_board(name, "board" if key == "score" else key), fields.read_number(key)
    if board is None or score is None:
        return
    if board in values:
        fields.note(key, f"gives a score of {board} a second time")
    values[board] = score
