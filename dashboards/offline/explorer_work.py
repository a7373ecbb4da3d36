"""The explorer of what somebody has chosen in the dashboard, with results that the dashboard has already."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from dashboards.computing.worker import ResultStore, draw_shared_futures
from dashboards.offline import explorer
from dashboards.selection.selection import Selection
from simulator.engine.ensemble import Progress
from simulator.runs.posterior import drawing_from
from simulator.runs.results import Results
from simulator.scenarios.scenario import Scenario

NAME = "ringfence-explorer.html"


def make(store: ResultStore, selection: Selection, n: int = 0, progress: Progress | None = None) -> bytes:
    """The page that opens on this choice, in `n` futures (0: as many as are chosen) of its seed.

    Results come from the store, where there are any, and stay in it. Raises what `progress` raises.
    """
    most = min(n or selection.futures, explorer.MOST_FUTURES)
    futures = draw_shared_futures(most, selection.seed, selection.evidence)

    def run(one: Scenario) -> Results:
        found = store.get(one, futures, None, selection.own)
        return replace(found, manifest=replace(found.manifest, scenario=one.name, title=one.title))

    own = tuple(dict.fromkeys(slot.base for slot in selection.slots if slot.text))
    setting = explorer.Setting(len(futures), selection.seed, dt.date.today(), own, selection.boards, selection)
    with drawing_from(selection.evidence):
        return explorer.make_page(explorer.make_document(run, setting, progress))
