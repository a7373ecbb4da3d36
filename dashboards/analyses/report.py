"""An answer as people read it, and the line under it that says how it was made."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from dashboards.analyses.request import AnalysisDocument
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
    return (
        f"{label}, {sentences.format_span((first, last))}.{boards} {runs}, seed {document['seed']}{badge}; "
        f"Ringfence {document['version']}."
    )


def describe_versions(draws: int) -> str:
    """Why counts and averages of a question differ a little from those on Answer."""
    return (
        f"Counts and averages here are of {draws:,} versions of the model with chance averaged out. On Answer they are "
        "of single futures, chance included, so the two differ a little: a policy that is ahead in a version may be "
        "behind in some of its futures."
    )


def format_percent_range(low: float, high: float) -> str:
    """A range of shares as a cell of a table, in percent: 12 to 34."""
    return f"{100 * low:.0f} to {100 * high:.0f}"
