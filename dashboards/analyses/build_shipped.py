"""Writes the answers that ship with the program: `python -m dashboards.analyses.build_shipped` (a few minutes)."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from dashboards.analyses import shipped_answers
from dashboards.analyses.registry import KINDS, opening_asks
from dashboards.selection.selection import opening_selection
from simulator.calibration.scoreboard import scoreboard
from simulator.common.atomic_files import write_text

SCORED = 1_000
DIGITS = 7


def rounded(value: Any) -> Any:
    """The same with numbers at seven significant digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value


def made() -> dict[str, Any]:
    """Everything that the file holds."""
    answers = {}
    for ask in opening_asks(opening_selection()):
        print(f"{KINDS[ask.kind].question}", file=sys.stderr)
        answers[ask.key] = rounded(KINDS[ask.kind].work(ask, lambda done, total: None))
    print("Does it fit?", file=sys.stderr)
    lines = [rounded(shipped_answers.as_text(line)) for line in scoreboard(SCORED)]
    return {"stamp": shipped_answers.stamp(), "answers": answers, "scoreboard": lines}


def write(into: Path) -> Path:
    """Write the file, the same bytes for the same numbers."""
    path = into / shipped_answers.FILE
    text = json.dumps(made(), ensure_ascii=False, allow_nan=False, separators=(",", ":"), indent=0)
    write_text(path, text + "\n")
    return path


if __name__ == "__main__":
    print(write(Path(__file__).parents[1] / "data"))
