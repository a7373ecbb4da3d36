"""Writes the answers that ship with the program: `python -m dashboards.analyses.build_shipped` (a few minutes)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.analyses import shipped_answers
from dashboards.analyses.registry import ANALYSES, list_opening_requests
from dashboards.analyses.shipped_answers import ShippedDocument
from dashboards.selection.selection import make_opening_selection
from simulator.calibration.scoreboard import scoreboard
from simulator.common.atomic_files import write_text

SCOREBOARD_DRAWS = 1_000
DIGITS = 7


def round_numbers(content: Any) -> Any:
    """The same content with numbers at seven significant digits."""
    if isinstance(content, dict):
        return {key: round_numbers(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [round_numbers(value) for value in content]
    if isinstance(content, float) and math.isfinite(content):
        return float(f"{content:.{DIGITS}g}")
    return content


def compute_answers() -> ShippedDocument:
    """Everything that the file holds."""
    answers = {}
    for request in list_opening_requests(make_opening_selection()):
        analysis = ANALYSES[request.kind]
        print(analysis.question, file=sys.stderr)
        answers[request.key] = round_numbers(analysis.compute(request, lambda done, total: None))
    print("Does it fit?", file=sys.stderr)
    lines = [round_numbers(shipped_answers.document_line(line)) for line in scoreboard(SCOREBOARD_DRAWS)]
    return {"stamp": shipped_answers.make_stamp(), "answers": answers, "scoreboard": lines}


def write_json(path: Path, content: Mapping[str, object]) -> Path:
    """Write a data file that ships, with its digest: the same bytes for the same numbers."""
    content = {"digest": shipped_answers.compute_digest(content), **content}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), indent=0)
    write_text(path, text + "\n")
    return path


if __name__ == "__main__":
    print(write_json(Path(__file__).parents[1] / "data" / shipped_answers.FILE, compute_answers()))
