"""Records that are not made with the pack: each names the code that it was made with, which is held against ours."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from simulator.assurance.chapter import Check, State
from simulator.assurance.documents import find_change_date, find_document
from simulator.engine.kernel_sources import source_hash
from simulator.runs.fit_documents import StructuresDocument

CODE = re.compile(r"hash\s+of\s+the\s+model's\s+sources\s+`?([0-9a-f]{16})")
"""How a written record names the code that it was made with."""


class Record(NamedTuple):
    """A record: what is asked of it, where it stands, and the command that makes it again."""

    asked: str
    name: str
    again: str


SCREEN = Record(
    "The impacts of fixed numbers: were they measured with this code?",
    "docs/calibration/fixed_numbers.md",
    "scripts/screen_fixed_numbers.py",
)
STRUCTURES = Record(
    "The impacts of structures: were they fitted with this code?",
    "simulator/data/structures.json",
    "ringfence calibrate --structures",
)


def check_screen() -> Check:
    """Whether the screen of fixed numbers was made with the code of this pack."""
    path = find_document("calibration/fixed_numbers.md")
    if path is None:
        return Check(SCREEN.asked, State.GAP, f"{SCREEN.name} is not there.")
    named = CODE.search(path.read_text(encoding="utf-8"))
    return compare_code(SCREEN, named[1] if named else "", find_change_date(path))


def check_structures() -> Check:
    """Whether the structures that ship were fitted with the code of this pack."""
    path = Path(str(files("simulator"))) / "data" / "structures.json"
    shipped: StructuresDocument = json.loads(path.read_text(encoding="utf-8"))
    return compare_code(STRUCTURES, shipped.get("code", ""), find_change_date(path))


def compare_code(record: Record, made_with: str, day: str = "") -> Check:
    """Whether a record was made with the code of this pack; "" where it does not say with which. `day` is when it was
    last changed, "" where that is not known.
    """
    says, here = f"{record.name}{f', last changed on {day},' if day else ''}", source_hash()
    again = f"make it again with {record.again}"
    if made_with == here:
        return Check(record.asked, State.MET, f"{says} was made with this model code, {here}.")
    if not made_with:
        return Check(record.asked, State.GAP, f"{says} does not say with which model code it was made: {again}.")
    return Check(
        record.asked, State.GAP, f"{says} was made with other model code, {made_with}; ours is {here}: {again}."
    )
