"""One file that answers on a locked-down laptop: results worked out ahead, with a page to look through them.

It is written by hand, without any library of charts, so that it is small, asks for nothing and needs no server. Nothing
here imports what the served dashboard is made of.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import combinations, product
from typing import Any

import numpy as np
from markupsafe import escape

from dashboards.selection.selection import LETTERS, OUTCOMES, USUAL_START, LeverEdit, Slot
from simulator.boards.table import Boards, read_boards
from simulator.charts.palette import STYLES
from simulator.common.atomic_files import write_bytes
from simulator.common.errors import InputError
from simulator.common.formatting import (
    FEWEST,
    TOO_FEW,
    adds_up,
    describe_too_few,
    format_absolute,
    format_difference,
    format_pounds,
)
from simulator.declarations.outcomes import OUTCOMES as ABOUT
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import Floats
from simulator.experiments.core.paired_comparison import Comparison, compare_paired
from simulator.experiments.core.verdicts import NOT_SETTLED, SAME, VERDICTS, describe_verdict, split_verdict
from simulator.reports import sentences
from simulator.reports.content import CENTILES
from simulator.reports.page import QUESTION
from simulator.reports.pdf_content import LIMITS
from simulator.reports.provenance import needs
from simulator.runs.futures import DEFAULT_N
from simulator.runs.manifest import Manifest, make_manifest
from simulator.runs.recipe import Recipe
from simulator.runs.results import Results
from simulator.runs.run import compare_results
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.scenario import Scenario, load_scenario

FUTURES, MOST_FUTURES = DEFAULT_N, 2000
"""As many as the report and the dashboard begin with, so that all of them give the same numbers."""
FIGURES = (2, 3, 4)
LARGEST = 3_000_000
MOST_OWN = 3
FIRST = USUAL_START // 4
Run = Callable[[Scenario], Results]


@dataclass(frozen=True)
class Level:
    """One position of a control: its words, and what it sets."""

    label: str
    short: str
    preset: str = ""
    edits: tuple[LeverEdit, ...] = ()


def _leadership(part: float) -> tuple[LeverEdit, ...]:
    return LeverEdit("leader_lift", 0.45 * part), LeverEdit("finance_lift", round(0.2 * part, 3))


FENCES = (
    Level("No ring-fence", "no ring-fence"),
    Level("A label only, which a national waiver lifts", "a label only", "ringfence-label"),
    Level("As in 2022/23, never waived", "a ring-fence as in 2022/23", "ringfence"),
    Level("Audited board by board, never waived", "an audited ring-fence", "ringfence-audited"),
)
LEADERSHIP = (
    Level("As today", "leadership as today"),
    Level(
        "Half a programme (closes 22% of the gap to full strength)", "half a leadership programme", "", _leadership(0.5)
    ),
    Level("A programme (closes 45% of the gap)", "a leadership programme", "", _leadership(1.0)),
    Level(
        "The most that can be set (closes 60% of the gap)",
        "the most leadership",
        "",
        (LeverEdit("leader_lift", 0.6), LeverEdit("finance_lift", 0.27)),
    ),
)
PRESSURE = (
    Level("Eased: no gap on average", "eased money pressure", "", (LeverEdit("gap_mean", 0.0),)),
    Level("As assumed (a gap of about 0.9% of allocation)", "money pressure as assumed"),
    Level("Tighter: a gap of 2.5% of allocation", "tighter money pressure", "", (LeverEdit("gap_mean", 2.5),)),
)
USUAL = 1


@dataclass(frozen=True)
class Setting:
    """How it is made: futures, seed, the day, the visitor's own scenarios, the outcome that is shown first, and the
    boards.
    """

    futures: int
    seed: int
    today: dt.date
    own: tuple[Scenario, ...] = ()
    outcome: str = "retained"
    boards: Boards = field(default_factory=read_boards)


def grid() -> list[Scenario]:
    """Every combination of ring-fence, leadership and money pressure, the last changing fastest."""
    return [_cell(*levels) for levels in product(FENCES, LEADERSHIP, PRESSURE)]


def _cell(fence: Level, leadership: Level, pressure: Level) -> Scenario:
    parts = [level.short for level in (fence, leadership) if level.preset or level.edits]
    title = sentences.sentence_case(" with ".join(parts) or "today's rules")
    slot = Slot(fence.preset or "baseline", title, (*leadership.edits, *pressure.edits))
    return slot.scenario


class Desk:
    """Outcomes and paired differences of results that share their futures, each outcome worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, int, int], Floats] = {}

    def values(self, one: Results, name: str, span: slice) -> Floats:
        """An outcome in every future: (futures,)."""
        key = id(one), name, span.start, span.stop
        if key not in self._known:
            self._known[key] = one.outcome(name, span)
        return self._known[key]

    def compare(self, new: Results, old: Results, name: str, span: slice) -> Comparison:
        """The same as `compare_results` for results that are known to be paired."""
        years = new.years[span]
        return compare_paired(
            self.values(new, name, span),
            self.values(old, name, span),
            about=ABOUT[name],
            names=(new.manifest.title, old.manifest.title),
            years=(years[0], years[-1]),
            badge=new.manifest.badge,
            alike=new.manifest.scenario_fingerprint == old.manifest.scenario_fingerprint,
        )


def document(run: Run, setting: Setting, progress: Progress | None = None) -> dict[str, Any]:
    """Everything the page shows. `run` gives the results of a scenario in the futures that all share.

    `progress(done, total)` counts scenarios and may raise to stop. Raises ValueError for too much, and as `run`.
    """
    if len(setting.own) > MOST_OWN:
        raise InputError(f"an explorer holds up to {MOST_OWN} scenarios of one's own, not {len(setting.own)}")
    own_ones = _named_apart(setting.own)
    wanted = [*grid(), *own_ones]
    runs = []
    for done, one in enumerate(wanted):
        runs.append(run(one))
        if progress:
            progress(done + 1, len(wanted))
    cells, own = runs[: len(wanted) - len(setting.own)], runs[len(wanted) - len(setting.own) :]
    bases = cells[: len(PRESSURE)]
    times = _times(runs)
    for other in runs[1:]:
        compare_results(other, runs[0], "retained", times[0][1])  # all share their futures, or it raises
    desk = Desk()
    kept = [_kept(desk, one, bases[i % len(PRESSURE)], times) for i, one in enumerate(cells)]
    kept += [_kept(desk, one, bases[USUAL], times) for one in own]
    made = bases[USUAL].manifest
    recipe = recipe_of(setting, made, [one.manifest for one in own])
    seed = made.seed if made.seed < 2**53 else str(made.seed)  # a browser rounds longer numbers
    return {
        "question": QUESTION,
        "version": made.version,
        "code": made.code,
        "futures": made.futures,
        "seed": seed,
        "badge": sentences.sentence_case(made.badge),
        "date": f"{setting.today.day} {setting.today:%B %Y}",
        "boards": made.boards,
        "years": list(bases[0].years),
        "first": FIRST,
        "outcome": setting.outcome,
        "times": [[label, span.start, span.stop] for label, span in times],
        "outcomes": [[name, ABOUT[name].label, ABOUT[name].meaning] for name in OUTCOMES],
        "fences": [level.label for level in FENCES],
        "leadership": [level.label for level in LEADERSHIP],
        "pressure": [level.label for level in PRESSURE],
        "own": [one.title for one in own_ones],
        "styles": [[style.colour, style.dash] for style in STYLES[:3]],
        "letters": LETTERS[:3],
        "titles": [one.title for one in wanted],
        "prints": [one.fingerprint for one in wanted],
        "cells": kept,
        "pairs": _pairs(desk, cells, own, times[0][1]),
        **_wording(),
        "command": recipe.explorer(grid_marks()),
        "needs": needs(recipe),
        "own_boards": made.boards_fingerprint if recipe.uses_own_boards else "",
    }


def _wording() -> dict[str, Any]:
    """The words and limits by which the page phrases a comparison."""
    return {
        "verdicts": VERDICTS,
        "does": [describe_verdict(verdict) for verdict in VERDICTS],
        "parts": [split_verdict(verdict) for verdict in VERDICTS],
        "same": SAME,
        "not_settled": NOT_SETTLED,
        "too_few": TOO_FEW,
        "limits": LIMITS,
        "fewest": FEWEST,
    }


def _named_apart(own: Sequence[Scenario]) -> list[Scenario]:
    """One's own scenarios with titles that no other has, in the grid or among them."""
    known = grid()[USUAL :: len(PRESSURE)]
    return with_distinct_titles([*known, *own])[len(known) :]


def recipe_of(setting: Setting, base: Manifest, own: Sequence[Manifest]) -> Recipe:
    """How the explorer is made again; `base` belongs to today's rules."""
    return Recipe(setting.own, setting.boards, (base, *own), load_scenario("baseline"))


def grid_marks() -> list[str]:
    """The fingerprints of the grid."""
    return [one.fingerprint for one in grid()]


def _times(runs: Sequence[Results]) -> list[tuple[str, slice]]:
    """The years from the first change of any policy on, together and each by itself."""
    years = runs[0].years
    first = min((one.manifest.start // 4 for one in runs if one.manifest.start >= 0), default=FIRST)
    whole = [(sentences.span((years[first], years[-1])), slice(first, len(years)))]
    return whole + [(years[i], slice(i, i + 1)) for i in range(first, len(years))]


def _kept(desk: Desk, one: Results, base: Results, times: Sequence[tuple[str, slice]]) -> dict[str, Any]:
    """A scenario's numbers: bands by outcome, and by outcome and time its levels and changes from today's rules."""
    bands, levels, changes = [], [], []
    for name in OUTCOMES:
        centiles = np.quantile(one.each_year(name), CENTILES, axis=0)
        bands.append([[_thousandths(x) for x in row] for row in centiles])
        values = [desk.values(one, name, span) for _, span in times]
        levels.append([_level(x) for x in values])
        changes.append([told(desk.compare(one, base, name, span)) for _, span in times])
    return {"bands": bands, "levels": levels, "changes": changes}


def _thousandths(x: float) -> int | None:
    return round(1000 * float(x)) if x == x else None


def _level(values: Any) -> list[Any]:
    """Mean and 80% range of an outcome, and the mean in words with each number of figures."""
    low, high = np.quantile(values, (0.1, 0.9))
    mean = float(np.mean(values))
    return [
        _thousandths(mean),
        _thousandths(low),
        _thousandths(high),
        [format_pounds(mean, n) for n in FIGURES],
        f"{format_pounds(float(low))} to {format_pounds(float(high))}",
    ]


def told(c: Comparison) -> list[Any]:
    """A paired difference: the place of its verdict, numbers in thousandths, its pieces in words, and with which
    numbers of figures its levels differ by it.
    """
    numbers = [_thousandths(x) for x in (c.difference, *c.likely, *c.wide)]
    return [
        VERDICTS.index(c.verdict),
        *numbers,
        format_pounds(abs(c.difference)),
        format_difference(c.difference, c.outcome.unit),
        sentences.spread(*c.likely, c),
        sentences.frequency(c),
        [adds_up(100 * c.new_mean, 100 * c.old_mean, n) for n in FIGURES],
        c.error_words,
        format_absolute(c.margin, c.outcome.unit),
    ]


def _pairs(desk: Desk, cells: Sequence[Results], own: Sequence[Results], span: slice) -> dict[str, Any]:
    """Each policy against each other under the same money pressure: by "later-earlier", by outcome."""
    size = len(PRESSURE)
    places = [[i for i in range(len(cells)) if i % size == at] for at in range(size)]
    places[USUAL] += range(len(cells), len(cells) + len(own))
    every = [*cells, *own]
    return {
        f"{new}-{old}": [told(desk.compare(every[new], every[old], name, span)) for name in OUTCOMES]
        for group in places
        for old, new in combinations(group, 2)
    }


def lead(c: Comparison, title: str, beside: Sequence[Comparison] = ()) -> str:
    """The headline sentence for one policy against today's rules; the page says the same from the same pieces.

    `beside` are the other differences that stand on the page.
    """
    what = f"{c.outcome.label[0].lower()}{c.outcome.label[1:]}, {sentences.span(c.years)}"
    needed = sentences.figures([c, *beside])
    level, old = format_pounds(c.new_mean, needed), format_pounds(c.old_mean, needed)
    if c.verdict == SAME:
        return (
            f"In this model, “{title}” makes no difference: about {level} in each £100 ({what}), as under "
            "today's rules."
        )
    if c.verdict == NOT_SETTLED:
        return (
            f"{c.n:,} futures do not settle whether “{title}” does better or worse on average than today's rules: "
            f"about {level} against {old} in each £100 ({what})."
        )
    if c.verdict == TOO_FEW:
        gives = f"“{title}” gives about {level} in each £100 ({what}), today's rules {old}"
        return f"{describe_too_few(c.n)}: in what was run, {gives}."
    word = "more" if c.difference > 0 else "less"
    return (
        f"In this model, “{title}” gives about {level} in each £100 ({what}), on average "
        f"{format_pounds(abs(c.difference))} {word} than today's rules ({old})."
    )


def page(made: dict[str, Any]) -> bytes:
    """The page with its data in it. Raises ValueError for one that is too large to pass on."""
    folder = files("dashboards").joinpath("offline")
    view = {
        name: folder.joinpath(f"explorer_page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")
    }
    data = json.dumps(made, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    text = view["html"].replace("{{title}}", escape(QUESTION)).replace("{{css}}", view["css"])
    text = text.replace("{{js}}", view["js"]).replace("{{data}}", data)
    found = text.encode("utf-8")
    if len(found) > LARGEST:
        raise InputError(
            f"the explorer would have {len(found) / 1e6:.1f} MB; {LARGEST / 1e6:.0f} MB is the most. "
            "Take fewer scenarios of your own."
        )
    return found


def write(
    out: str,
    own: Sequence[Scenario],
    n: int,
    seed: int,
    progress: Progress | None = None,
    own_boards: Boards | None = None,
    expect: str | None = None,
) -> int:
    """Work everything out and write the file, whole or not at all; returns its size in bytes. For the command line.

    `expect` is the fingerprint of the explorer that is meant. Raises ValueError for another one.
    """
    from pathlib import Path

    from simulator.runs.futures import draw_futures
    from simulator.runs.run import run

    drawn, facts = draw_futures(min(n, MOST_FUTURES), seed=seed), own_boards or read_boards()
    setting = Setting(len(drawn), seed, dt.date.today(), tuple(own), boards=facts)
    manifests = [make_manifest(one, facts, drawn, 1) for one in (load_scenario("baseline"), *own)]
    recipe_of(setting, manifests[0], manifests[1:]).check(expect, grid_marks())
    found = page(document(lambda one: run(one, futures=drawn, boards=facts), setting, progress))
    path = Path(out)
    write_bytes(path, found)
    return len(found)
