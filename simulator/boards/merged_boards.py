"""The boards that mergers form: their names, since when they exist, and which area stands for each in the model.

England's are listed in `data/merged_boards.csv`. In a user's own table, areas that share a footprint and a date of
merger form such a board.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from simulator.common.characters import normalise_text
from simulator.declarations.calendar import FIRST_YEAR, NEVER, YEARS, quarter_name, quarter_of

_MONTHS = ("April", "July", "October", "January")


@dataclass(frozen=True)
class PublishedMerger:
    """One board of the mergers of 2026 and 2027 as published; what was not found is empty."""

    footprint: str
    name: str
    short_name: str
    exists_from: dt.date
    ods_code: str
    formed_from: tuple[str, ...]


@dataclass(frozen=True)
class MergedBoard:
    """A board formed by a merger: `row` is the area that leads it in the model, `quarter` the first of its existence.

    `labels` are what it may be called. `members` are the rows of its areas.
    """

    labels: tuple[str, ...]
    row: int
    members: tuple[int, ...]
    quarter: int
    published: PublishedMerger | None

    @property
    def title(self) -> str:
        """The published name, or, if there is none, the footprint under which its areas are listed."""
        return self.labels[0]


@cache
def load_published_mergers() -> dict[str, PublishedMerger]:
    """England's published mergers by footprint, as in the table of boards."""
    text = resources.files("simulator").joinpath("data", "merged_boards.csv").read_text(encoding="utf-8")
    return {
        line["footprint"]: PublishedMerger(
            line["footprint"],
            line["name"],
            line["short_name"],
            dt.date.fromisoformat(line["exists_from"]),
            line["ods_code"],
            tuple(part.strip() for part in line["formed_from"].split(";")),
        )
        for line in csv.DictReader(io.StringIO(text))
    }


def find_merged_boards(
    codes: Sequence[str], footprints: Sequence[str], heads: Sequence[int], merge_quarters: Sequence[int]
) -> tuple[MergedBoard, ...]:
    """Find the boards that areas form. Each argument has one entry for each area."""
    merged = []
    for footprint in dict.fromkeys(word for word in footprints if word):
        members = tuple(i for i, word in enumerate(footprints) if word.casefold() == footprint.casefold())
        quarter = int(merge_quarters[members[0]])
        known = load_published_mergers().get(footprint)
        if known and not _is_england(codes[members[0]]):
            known = None  # an area of another table that happens to have the same name
        if quarter >= NEVER:
            if known is None:
                continue
            quarter = quarter_of(known.exists_from)
        elif len(members) == 1 and known is None:
            continue
        labels = (known.name, known.short_name, footprint, " and ".join(known.formed_from)) if known else (footprint,)
        named = tuple(dict.fromkeys(label for label in labels if label))
        merged.append(MergedBoard(named, int(heads[members[0]]), members, quarter, known))
    return tuple(merged)


def _is_england(code: str) -> bool:
    return re.fullmatch(r"Q[A-Z0-9]{2}", code) is not None


def fold_name(name: str) -> str:
    """A name in a form for comparison: without capitals, punctuation, NHS or ICB."""
    words = re.sub(r"[^a-z0-9]+", " ", normalise_text(name).casefold().replace("&", " and ")).split()
    text = " ".join(word for word in words if word not in ("nhs", "icb"))
    return text.removesuffix(" integrated care board")


def describe_merged_board(board: MergedBoard, names: Sequence[str], codes: Sequence[str]) -> str:
    """Sentences about a merged board: since when it exists, who formed it, and what stands for it in the model."""
    known = board.published
    year = quarter_name(board.quarter) if board.quarter < 4 * YEARS else "after the years of the model"
    formed = known.formed_from if known else tuple(names[i] for i in board.members)
    since = _name_month(board.quarter)
    planned = " by the plans of 2026" if known and not known.name else ""
    text = f"{board.title} exists from {since} ({year}){planned}, formed from: {'; '.join(formed)}."
    if known and not known.ods_code:
        missing = "not found its ODS code" if known.name else "found neither its name nor its ODS code"
        text += f" We have {missing}."
    lead = f"{names[board.row]} ({codes[board.row]})"
    if len(board.members) == 1:
        return f"{text} In the model {lead} stands for it, because areas are not divided."
    return f"{text} In the model {lead} stands for it, because its leaders lead the others from then on."


def _name_month(quarter: int) -> str:
    return f"{_MONTHS[quarter % 4]} {FIRST_YEAR + quarter // 4 + (quarter % 4 == 3)}"
