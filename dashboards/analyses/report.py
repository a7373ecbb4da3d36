"""An answer as people read it, and the line under it that says how it was made."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from dashboards.analyses.request import ALL_YEARS, AnalysisDocument
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports import sentences

Row = tuple[str, ...]
DataRow = tuple[str | float | int, ...]


@dataclass(frozen=True)
class AnalysisReport:
    """An answer as people read it. Nothing in it but the picture is markup.

    `picture` is a whole SVG, or empty; `description` says in words what it shows. `head` and `rows` are the table as
    it is read, `data_head` and `data` its numbers in full precision, for files. `source` says how the answer was made.
    """

    title: str
    sentences: tuple[str, ...]
    picture: Markup
    description: str
    head: Row
    rows: tuple[Row, ...]
    data_head: Row
    data: tuple[DataRow, ...]
    source: str


ANSWERED = 1_000
"""The futures of an answer as it opens."""


def count_runs(draws: int, replicates: int) -> str:
    """Versions of the model, and replicates of each, in words."""
    return (
        f"{draws:,} versions of the model (parameter sets), {replicates} replicate{'' if replicates == 1 else 's'} each"
    )


def describe_source(document: AnalysisDocument, runs: str) -> str:
    """What stands under an answer: outcome, years, runs, seed, fit and version."""
    label = OUTCOMES[document["outcome"]].label
    first, last = document["years"]
    boards = " Your own boards." if document["own"] else ""
    badge = f"; {document['badge']}" if document["badge"] else ""
    when = f"{sentences.format_span((first, last))}{_name_acting(document)}"
    return f"{label}, {when}.{boards} {runs}, seed {document['seed']}{badge}; Ringfence {document['version']}."


def _name_acting(document: AnalysisDocument) -> str:
    return " (the years in which all these policies act)" if ALL_YEARS in document["how"] else ""


def describe_acting_years(document: AnalysisDocument) -> tuple[str, ...]:
    """That a question is about the years in which all of its policies act, in a sentence; or none."""
    if ALL_YEARS not in document["how"]:
        return ()
    first, last = document["years"]
    span, usual = sentences.format_span((first, last)), document["how"][ALL_YEARS].replace("-", " to ")
    return (
        f"These policies start in different years. This is of {span} alone, when all of them act, and not of {usual}: "
        "what turns with the later start says nothing of what a policy does.",
    )


def describe_versions(draws: int) -> str:
    """Why counts and averages of a question differ from those on Answer, and by how much."""
    less = math.sqrt(ANSWERED / draws)
    fewer = (
        f" An average of {draws:,} versions is also known less well: to within about {less:.1f} times what Answer says "
        f"for {ANSWERED:,} futures, so that the averages of the two may differ by as much."
    )
    return (
        f"Counts and averages here are of {draws:,} versions of the model with chance averaged out. On Answer they are "
        "of single futures, chance included, so counts differ: a policy that is ahead in a version may be behind in "
        f"some of its futures.{fewer if draws < ANSWERED else ''}"
    )


def format_percent_range(low: float, high: float) -> str:
    """A range of shares as a cell of a table, in percent: 12 to 34."""
    return f"{100 * low:.0f} to {100 * high:.0f}"
