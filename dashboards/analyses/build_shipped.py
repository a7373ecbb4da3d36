"""Writes the answers that ship with the program: `python -m dashboards.analyses.build_shipped` (a few minutes)."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from dashboards.analyses import shipped_answers
from dashboards.analyses.registry import ANALYSES, list_opening_requests
from dashboards.selection.selection import opening_selection
from simulator.calibration.scoreboard import scoreboard
from simulator.common.atomic_files import write_text

SCOREBOARD_DRAWS = 1_000
DIGITS = 7


def round_numbers(value: Any) -> Any:
    """The same with numbers at seven significant digits."""
    if isinstance(value, dict):
        return {key: round_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_numbers(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value


def compute_answers() -> dict[str, Any]:
    """Everything that the file holds."""
    answers = {}
    for ask in list_opening_requests(opening_selection()):
        print(f"{ANALYSES[ask.kind].question}", file=sys.stderr)
        answers[ask.key] = round_numbers(ANALYSES[ask.kind].work(ask, lambda done, total: None))
    print("Does it fit?", file=sys.stderr)
    lines = [round_numbers(shipped_answers.line_to_json(line)) for line in scoreboard(SCOREBOARD_DRAWS)]
    return {"stamp": shipped_answers.make_stamp(), "answers": answers, "scoreboard": lines}


def write_file(into: Path) -> Path:
    """Write the file, the same bytes for the same numbers."""
    path = into / shipped_answers.FILE
    text = json.dumps(compute_answers(), ensure_ascii=False, allow_nan=False, separators=(",", ":"), indent=0)
    write_text(path, text + "\n")
    return path


if __name__ == "__main__":
    print(write_file(Path(__file__).parents[1] / "data"))
