"""Writes scenarios as text: a file that loads to the same schedule, a new file to fill in, and HTML for notebooks."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from simulator.common.errors import InputError
from simulator.common.html import make_bullets, make_table
from simulator.common.yaml_nodes import why_unreadable
from simulator.declarations.calendar import QUARTERS, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_interface import GROUP as PLUGIN
from simulator.scenarios.change import LAST, Change, apply_all
from simulator.scenarios.field_validation import LARGEST_SCALE, LONGEST_TEXT, LONGEST_TITLE, MOST_EVIDENCE
from simulator.scenarios.loader import baseline_values, select_lever

SCHEMA_LINE = "# yaml-language-server: $schema=schema.json\n"


def quote(text: str) -> str:
    """Text in double quotes as YAML reads it, whatever it holds."""
    body = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in body)


def to_yaml(title: str, question: str, changes: Sequence[Change], interventions: Sequence[int], cannot_say: str) -> str:
    """The text of a scenario file that extends the baseline and has the same effect as the changes."""
    lines = [SCHEMA_LINE.rstrip(), f"title: {quote(_shorten(title, LONGEST_TITLE) or 'Untitled')}"]
    lines.append(f"question: {quote(_shorten(question) or 'No question was given.')}")
    lines.append("extends: baseline")
    if interventions:
        lines.append(f"interventions: [{', '.join(map(str, interventions))}]")
    if limits := _shorten(cannot_say):
        lines.append(f"cannot_say: {quote(limits)}")
    levers = list(dict.fromkeys(change.lever for change in changes))
    plugin = find_plugin()
    if plugin is not None and any(LEVERS[lever].group == PLUGIN for lever in levers):
        lines.append(f"plugin: {quote(plugin.reference)}")
    if levers:
        lines.append("changes:")
    for lever in levers:
        lines += _lever_lines(lever, select_lever(changes, lever))
    return "\n".join(lines) + "\n"


def _shorten(text: str, longest: int = LONGEST_TEXT) -> str:
    """As much of a text as a file may hold, without characters that no page should show."""
    if why_unreadable(text):
        text = "".join(c for c in text if not why_unreadable(c) and unicodedata.category(c) not in ("Mn", "Me"))
    return text.strip()[:longest].strip()


def _fits_a_file(change: Change) -> bool:
    """True for a change that a file may hold as it was written; others only come from code."""
    about, length = LEVERS[change.lever].about, change.end - change.start + 1
    if change.kind == "path":
        quarters = [q for q, _ in change.path]
        return bool(quarters) and all(
            (
                all(about.low <= value <= about.high for _, value in change.path),
                all(a < b for a, b in pairwise(quarters)),
                change.start == quarters[0] and quarters[-1] <= change.end,
            )
        )
    bounds = {"to": (about.low, about.high), "add": (about.low - about.high, about.high - about.low)}
    low, high = bounds.get(change.kind, (0.0, LARGEST_SCALE))
    return low <= change.value <= high and change.phase <= (length if change.end < LAST else QUARTERS)


def _lever_lines(lever: str, changes: Sequence[Change]) -> list[str]:
    """One lever's changes as they were written, or, where a file cannot hold them so, as a path of values."""
    ordered = sorted(changes, key=lambda c: c.start)
    before = baseline_values()[lever]
    overlap = any(b.start <= a.end for a, b in pairwise(ordered))
    fits = all(map(_fits_a_file, changes))
    if overlap or not fits or not np.array_equal(apply_all(ordered, before), apply_all(changes, before)):
        ordered = [_to_path(lever, changes)]
    if len(ordered) == 1:
        return [f"  {lever}:", *(f"    {line}" for line in _change_lines(ordered[0]))]
    lines = [f"  {lever}:"]
    for change in ordered:
        first, *rest = _change_lines(change)
        lines += [f"    - {first}", *(f"      {line}" for line in rest)]
    return lines


def _to_path(lever: str, changes: Sequence[Change]) -> Change:
    about = LEVERS[lever].about
    values = np.clip(apply_all(changes, baseline_values()[lever]), about.low, about.high)
    start, end = min(c.start for c in changes), max(c.end for c in changes)
    moves = [q for q in range(start, end + 1) if q == start or values[q] != values[q - 1]]
    because = " ".join(dict.fromkeys(c.because for c in changes))
    evidence = tuple(dict.fromkeys(i for c in changes for i in c.evidence))
    path = tuple((q, float(values[q])) for q in moves)
    return Change(lever, "path", 0.0, path, start, end, 0, because, evidence, True, "", 0)


def _change_lines(change: Change) -> list[str]:
    if change.kind == "path":
        entries = ", ".join(f"{quarter_name(q)}: {_format_value(value)}" for q, value in change.path)
        lines = [f"path: {{{entries}}}"]
    else:
        lines = [f"{change.kind}: {_format_value(change.value)}", f"from: {quarter_name(change.start)}"]
        if change.phase:
            lines.append(f"phase: {change.phase} quarter{'s' if change.phase > 1 else ''}")
    if change.end < LAST:
        lines.append(f"until: {quarter_name(change.end)}")
    lines.append(f"because: {quote(_shorten(change.because) or 'No reason was given.')}")
    lines.append(f"evidence: [{', '.join(change.evidence[:MOST_EVIDENCE])}]")
    if change.assumption or not change.evidence:
        lines.append("assumption: true")
    return lines


def _format_value(value: float) -> str:
    """A number as written in a file, from a whole number, a fraction or a NumPy number."""
    number = float(value)
    return repr(int(number)) if number.is_integer() else repr(number)


def to_html(title: str, question: str, changes: Sequence[Change], remarks: Sequence[str]) -> Markup:
    """A scenario as a table for notebooks."""
    rows = [(c.lever, c.describe(), c.because, ", ".join(c.evidence) or "assumption") for c in changes]
    head = Markup("<p><strong>{}</strong><br>{}</p>").format(title, question)
    unchanged = Markup("<p>The baseline, unchanged.</p>")
    return (
        head
        + (make_table(("lever", "change", "because", "evidence"), rows) if rows else unchanged)
        + make_bullets(remarks)
    )


def make_template(title: str) -> str:
    """The text of a new scenario file with comments, valid as it stands. Raises ValueError without a title."""
    if not title.strip():
        raise InputError("a scenario needs a title")
    return f"""{SCHEMA_LINE}# Check this file with: ringfence scenarios check <file>
# schema.json and README.md of the library list the levers, their meaning and bounds.

title: {quote(title.strip())}
question: "Does this keep more of the money for its purpose?"   # what you want to find out
extends: baseline            # or a library name, a file (./other.yaml), or a list of them
# interventions: [15]        # numbers in the list of 45 policies, if it is one of them
# cannot_say: "What the model cannot express of this policy."

changes:
  ringfence:
    to: on                   # exactly one of: to, add, scale, path
    from: 2027/28 Q1
    # phase: 4 quarters      # arrive little by little
    # until: 2028/29 Q4      # last quarter; then the lever returns
    because: "Say why this change, and why this size."
    evidence: [E61]          # ids of the register; or [] together with assumption: true
    assumption: true         # the size is a starting value, not an estimate
  waiver:
    to: off
    from: 2027/28 Q1
    because: "A ring-fence that a national waiver lifts protects nothing."
    evidence: [F09, F10]
"""
