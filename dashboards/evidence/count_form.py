"""A count of boards, such as 12 of 42, entered on the page: no file to write, and one to keep."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from dashboards.evidence.evidence_job import read_sent_file
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.widgets.sheet import Choice, Entry, Push, Sheet, Words
from dashboards.widgets.theme import NOT_ON_PAPER, render_alert
from simulator.common.spreadsheet import make_cell_safe
from simulator.declarations.calendar import year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.evidence.board_counts import BOARDS, COUNTED
from simulator.evidence.figure_readers import COUNT_KEYS, HISTORY

if TYPE_CHECKING:
    from simulator.evidence.evidence import Evidence

FILE = "my-counts.csv"
HEAD = COUNT_KEYS[:5]
_FIELDS = {"what": "What was counted", "count": "How many boards", "of": "Out of how many", "year": "Financial year"}
_FIELDS |= {"source": "Where it is from", "in_fit": "In the fit"}
_NAMED = re.compile(rf"^{re.escape(FILE)}:2: ({'|'.join(_FIELDS)}): ")
LONGEST_NUMBER, LONGEST_SOURCE = 4, 200
NO_YEAR = "Choose the year"
EXPLAINED = Markup(
    "<h3>A count of boards</h3><p class='quiet'>Enter it here: how far it may be off follows from how many boards "
    "answered. It is weighed instead of a file that was sent; to weigh both, write the count into the file (the "
    "templates say where). “{}” are those that kept 95% or more, “{}” those that kept 5% or less.</p>"
)


class CountForm:
    """What was counted, how many, out of how many, in which year and where it is from. `weigh` is told the evidence of
    all counts that were entered, with the name of the file that holds them; `is_used` whether they are in use already.
    """

    def __init__(self, weigh: Callable[[str, Evidence], None], is_used: Callable[[str], bool]) -> None:
        self._weigh, self._is_used = weigh, is_used
        self._rows: dict[tuple[str, str], tuple[str, ...]] = {}
        self.what = Choice("What was counted", {OUTCOMES[name].label: name for name in COUNTED}, COUNTED[0])
        self.count = Entry("How many boards", LONGEST_NUMBER)
        self.asked = Entry(f"Out of how many that answered (of {BOARDS})", LONGEST_NUMBER)
        years = {year_name(year): year_name(year) for year in range(HISTORY)}
        self.year = Choice("Financial year", {NO_YEAR: "", **years}, "")  # a year that nobody chose would be believed
        self.source = Entry("Where it is from", LONGEST_SOURCE)
        self.add = Push("Weigh this count", self.enter)
        self.problem = Words()
        self.file = DownloadButtons(
            "What you entered, to keep or to send on",
            {"counts": DownloadButton(FILE, f"Save what you entered ({FILE})", self.read_file)},
        )
        self.file.visible = False
        full, none = (OUTCOMES[name] for name in COUNTED[:2])
        explained = Words(EXPLAINED.format(full.label, none.label))
        fields = (self.what, self.count, self.asked, self.year, self.source, self.add)
        self.view = Sheet(explained, fields, self.problem, self.file, css=NOT_ON_PAPER)

    def enter(self) -> None:
        """Weigh what stands in the fields with the counts that were entered before it, or say what is wrong with it."""
        what, year = str(self.what.value), str(self.year.value)
        row = (what, self.count.value, self.asked.value, year, self.source.value)
        alone = read_sent_file(_write_table([row]), FILE)
        if isinstance(alone, str):
            told = "\n".join(_NAMED.sub(lambda found: f"{_FIELDS[found[1]]}: ", line) for line in alone.split("\n"))
            self.problem.object = render_alert(told)
            return
        kept = self._rows if self._is_used(FILE) else {}
        self._rows = {**kept, (what, year): row}
        evidence = read_sent_file(self.read_file().data, FILE)
        if isinstance(evidence, str):
            self.problem.object = render_alert(evidence)
            return
        self.problem.object, self.file.visible = "", True
        self._weigh(FILE, evidence)

    def read_file(self) -> DownloadFile:
        """The counts as a file of evidence, which weighs the same wherever it is sent."""
        return DownloadFile(FILE, _write_table([*self._rows.values()]))


def _write_table(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([HEAD, *(tuple(make_cell_safe(" ".join(cell.split())) for cell in row) for row in rows)])
    return out.getvalue().encode("utf-8")
