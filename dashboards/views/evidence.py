"""Does it fit?"""

from __future__ import annotations

import math
from functools import lru_cache
from html import escape
from typing import Any

from dashboards.looks import badge, bullets, html
from dashboards.reading import Reading, table
from dashboards.views.answer import LIMITS
from dashboards.views.tab import Tab
from dashboards.working import shared_pools
from simulator.calibration.badges import badges
from simulator.calibration.posterior import manifest
from simulator.calibration.scoreboard import SECTIONS, Line, scoreboard
from simulator.declare import Role
from simulator.parameters import PARAMETERS
from simulator.reporting.provenance import rests_on
from simulator.words import significant

FUTURES = 1000


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """The scoreboard, worked out once for everybody."""
    return scoreboard(FUTURES)


class EvidenceTab(Tab):
    """The scoreboard, the register of numbers, the limits."""

    key, title = "evidence", "Evidence"

    def build(self) -> None:
        self._asked = False
        self.board, self.numbers, self.limits = html(), html(parameters()), html()
        self.board.object = "<h2>Does it fit?</h2><p role='status'>Working out the scoreboard. This takes a while.</p>"
        known = "See also docs/calibration and docs/model.md, which come with the program."
        self.limits.object = f"<h2>What this cannot tell you</h2>{bullets([*LIMITS, known])}"
        self.view.objects = [self.board, self.numbers, self.limits]

    def opened(self) -> None:
        if not self._asked:
            self._asked = True
            shared_pools()[1].submit(self._work)

    def _work(self) -> None:
        try:
            text = board(lines())
        except Exception as problem:
            text = f"<h2>Does it fit?</h2><p>The scoreboard could not be worked out: {escape(str(problem))}</p>"
        self.session.later(lambda: self._put(text))

    def _put(self, text: str) -> None:
        self.board.object = text

    def tell(self, read: Reading) -> None:
        """Evidence does not depend on what is chosen."""


def board(found: tuple[Line, ...]) -> str:
    """The scoreboard with a title from its counts; failures come first in words."""
    passed = sum(line.passes for line in found)
    fitted = sum(line.section == SECTIONS[0] for line in found)
    failed = [line for line in found if not line.passes]
    head = (
        f"<h2>{passed} of {len(found)} checks are passed; {fitted} of all were fitted, {len(found) - fitted} were not"
        "</h2>"
        f"<p>A check is passed if the mean over {FUTURES:,} futures lies within a tolerance that was written down. "
        "Failures stay.</p>"
    )
    if failed:
        told = [f"{line.id}, {line.title}: {_fit(line)}" for line in failed]
        head += f"<h3>What fails</h3>{bullets(told)}"
    parts = [head]
    for section in SECTIONS:
        parts.append(_section(section, [line for line in found if line.section == section]))
    return "".join(parts)


def _fit(line: Line) -> str:
    seen = "" if math.isnan(line.observed) else f", seen {significant(line.observed, 3)}"
    low, high = (significant(x, 3) for x in line.tolerance)
    return f"the model gives {significant(line.simulated, 3)}{seen}; tolerance {low} to {high}"


def _section(section: str, found: list[Line]) -> str:
    rows = []
    for line in found:
        seen = "" if math.isnan(line.observed) else significant(line.observed, 3)
        spread = "" if math.isnan(line.low) else f"{significant(line.low, 3)} to {significant(line.high, 3)}"
        band = f"{significant(line.tolerance[0], 3)} to {significant(line.tolerance[1], 3)}"
        cells = ["passed" if line.passes else "failed", seen, significant(line.simulated, 3), spread, band,
                 ", ".join(line.evidence)]  # fmt: skip
        rows.append((f"{line.id}: {line.title}", cells))
    passed = sum(line.passes for line in found)
    caption = f"{section[0].upper()}{section[1:]}: {passed} of {len(found)} passed"
    head = ("Check", "Result", "Seen", "Model", "5 to 95%", "Tolerance", "Evidence")
    return f"<h3>{escape(caption)}</h3>{table(caption, head, rows)}"


@lru_cache(maxsize=1)
def parameters() -> str:
    """Every uncertain number with its prior, its posterior and its badge."""
    made: dict[str, Any] = {one["name"]: one for one in manifest()["identified"]}
    rows = []
    for name, d in PARAMETERS.items():
        if d.about.role is not Role.UNCERTAIN:
            continue
        one = made.get(name)
        before = f"{significant(one['prior_mean'])} ± {significant(one['prior_sd'])}" if one else ""
        after = f"{significant(one['mean'])} ± {significant(one['sd'])}" if one else "not fitted"
        spread = f"{significant(one['low'])} to {significant(one['high'])}" if one else ""
        cells = [name, d.about.unit.value, before, after, spread, badges()[name], d.about.strength.value,
                 ", ".join(d.about.evidence)]  # fmt: skip
        rows.append((d.about.meaning, cells))
    counts = rests_on()
    told = ", ".join(f"{count} {badge(words)}" for words, count in counts.items())
    title = f"{counts['fitted']} of {sum(counts.values())} uncertain numbers are pinned down by the findings"
    head = ("What", "Name", "Unit", "Before (mean ± sd)", "After the fit", "90% range", "Rests on",
            "Strength of evidence", "Evidence")  # fmt: skip
    return f"<h2>{escape(title)}</h2><p>{told}.</p>{table('Every uncertain number', head, rows)}"
