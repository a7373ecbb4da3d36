"""One HTML file with the whole model inside: it answers on a locked-down laptop, without a server or a connection.

The model is `page/model.wasm`; what it needs beside its code comes from `page_data.py`, its words from `page_words.py`,
and everything that the page lays out from here. Nothing here imports what the served dashboard is made of.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from dashboards.common.glossary import read_glossary
from dashboards.offline import page_data
from dashboards.offline.checks import list_limits_of_page, list_lines
from dashboards.offline.frame import write_frame
from dashboards.offline.page_answer import make_answer
from dashboards.offline.page_words import page_words
from dashboards.selection import permalink
from dashboards.selection.board_search import IDLE, LONGEST, MOST_FOUND, list_known
from dashboards.selection.map_selection import THIRDS
from dashboards.selection.own_titles import name_for_post
from dashboards.selection.policy_form import (
    describe_evidence,
    describe_levers,
    describe_start,
    group_of,
    list_library,
    list_limits,
)
from dashboards.selection.selection import (
    FUTURES_CHOICES,
    LETTERS,
    NO_REASON,
    OUTCOMES,
    TODAYS_RULES,
    USUAL_START,
    Selection,
    Slot,
    load_library_scenario,
    make_opening_selection,
)
from simulator.boards.table import Boards, read_boards
from simulator.calibration.evidence_status import list_badges
from simulator.charts.palette import find_styles
from simulator.charts.share_picture import LONGEST_ADDRESS
from simulator.common.atomic_files import write_bytes
from simulator.common.errors import InputError
from simulator.common.html import make_template_environment
from simulator.common.pinned_names import split_pin
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.calendar import QUARTERS, parse_years, quarter_name
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import OUTCOMES as ABOUT
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.sign_promises import PROMISES, find_lowest, list_promises
from simulator.engine.ensemble import Progress
from simulator.reports import sentences
from simulator.reports.card_doubts import document_doubts
from simulator.reports.check_words import list_failed
from simulator.reports.content import CASCADE, DIFFERENCES
from simulator.reports.page import QUESTION
from simulator.reports.provenance import NO_FORECAST, NOT_ASSURED, list_needs
from simulator.runs.futures import DEFAULT_N, SEED
from simulator.runs.manifest import Manifest, make_manifest
from simulator.runs.parameter_sets import UNCERTAIN, posterior_draws
from simulator.runs.recipe import Recipe, make_file_stem
from simulator.runs.results import Results
from simulator.scenarios.field_validation import LARGEST_SCALE, LONGEST_TEXT, MOST_EVIDENCE
from simulator.scenarios.field_validation import LONGEST_TITLE as LONGEST_SCENARIO_TITLE
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.library_reasons import UNREASONED, list_reasoned
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.scenario import Scenario, library, load_scenario
from simulator.scenarios.validation import INTERVENTIONS, MOST_PARENTS, TOMBSTONES
from simulator.scenarios.writer import SCHEMA_LINE

FUTURES, MOST_FUTURES = DEFAULT_N, page_data.MOST_FUTURES
"""As many as the report and the dashboard begin with, so that all of them give the same numbers."""
LEAST_FUTURES = 20
LARGEST = 2_000_000
MOST_OWN = 12
AT_ONCE = len(LETTERS) - 1
"""So many policies stand beside today's rules."""

PAGE_SCRIPTS = (
    *("engine", "words", "answer", "why"),
    *(
        "charts",
        "share_picture",
        "selection",
        "search",
        "board_search",
        "policy",
        "controls",
        "copying",
        "exports",
        "in_place",
        "who",
        "story",
        "glossary",
    ),
    *("vendor/yaml", "scenario_nodes", "scenario_reader", "scenario_writer", "scenario_files"),
    "app",
)
"""Scripts of the page in their order. Its workers run the first four, and then their own."""
WORKER_SCRIPTS = ("examined", "shares", "claims", "worker")

Run = Callable[[Scenario], Results]


@dataclass(frozen=True)
class Start:
    """A scenario of one's own that the page can start from: as it was read, and as a link carries it."""

    scenario: Scenario
    slot: Slot


@dataclass(frozen=True)
class Setting:
    """How it is made: how many futures it begins with, the seed, the day, scenarios of one's own, and the boards.

    `selection` is what it shows first; without one today's rules with one's own scenarios, or else the headline.
    """

    futures: int = FUTURES
    seed: int = SEED
    today: dt.date = field(default_factory=dt.date.today)
    own: tuple[Scenario, ...] = ()
    boards: Boards = field(default_factory=read_boards)
    selection: Selection | None = None

    def __post_init__(self) -> None:
        if len(self.own) > MOST_OWN:
            raise InputError(f"an explorer holds up to {MOST_OWN} scenarios of one's own, not {len(self.own)}")

    @property
    def first(self) -> list[Scenario]:
        """The scenarios that it shows first, today's rules before them."""
        if self.selection is not None:
            return list(self.selection.scenarios)
        shown = self.own[:AT_ONCE] or [slot.base for slot in make_opening_selection().slots[1:]]
        return with_distinct_titles([load_scenario("baseline"), *shown])


def make_document(run: Run, setting: Setting, progress: Progress | None = None) -> dict[str, Any]:
    """Everything that the page holds beside its code. `run` gives a scenario's results in the futures of the setting.

    `progress(done, total)` counts scenarios and may raise to stop. Raises ValueError for too much, and as `run`.
    """
    runs, first = [], setting.first
    for done, one in enumerate(first):
        runs.append(run(one))
        if progress:
            progress(done + 1, len(first))
    base, own = runs[0].manifest, name_own(setting.own)
    recipe = recipe_of(setting, base)
    opening = opening_of(setting, own)
    return {
        "question": QUESTION,
        "version": base.version,
        "code": base.code,
        "boards_fingerprint": base.boards_fingerprint,
        "date": f"{setting.today.day} {setting.today:%B %Y}",
        "badge": sentences.capitalise_first(base.badge),
        "fit": base.badge,
        "boards": base.boards,
        "own_evidence": "+".join(list_fingerprints(base.posterior)),
        "own_boards": setting.boards.fingerprint != read_boards().fingerprint,
        "futures": base.futures,
        "seed": str(base.seed),
        "years": list(runs[0].years),
        "quarters": [quarter_name(quarter) for quarter in range(QUARTERS)],
        "letters": LETTERS,
        "styles": [asdict(style) for style in find_styles(LETTERS)],
        "limits": list_limits_of_page(get_template("limits.which")),
        "no_forecast": NO_FORECAST,
        "frames": [write_frame("{page}", "{named}", count) for count in range(1, len(LETTERS) + 1)],
        "longest_shown": LONGEST_ADDRESS,
        "assurance": NOT_ASSURED,
        "failed": list_failed(list_lines()),
        "checks": len(list_lines()),
        "doubts": document_doubts(list_lines()),
        "link": link_rules(),
        "opening": permalink.make_link(opening),
        "command": recipe.explorer(),
        "needs": list_needs(recipe),
        "model": page_data.page_data({}, setting.boards),
        "words": page_words(),
        "glossary": read_glossary(),
        "ahead": _answer_ahead(runs, opening),
        **_outcomes(),
        **describe_levers(),
        "numbers": sourced_numbers(),
        "evidence": describe_evidence([entry for number in sourced_numbers().values() for entry in number["evidence"]]),
        "presets": presets(own),
        "scenario_files": file_rules(),
        "controls": [asdict(control) for control in PLAIN_CONTROLS],
        "parameters": parameters(),
        "areas": areas(setting.boards),
        "thirds": THIRDS,
        "board_search": {"idle": sorted(IDLE), "longest": LONGEST, "most": MOST_FOUND},
    }


def list_fingerprints(options: Sequence[tuple[str, str]]) -> list[str]:
    """The fingerprints of the user's own evidence, among the options that name a posterior."""
    return [split_pin(value)[1] for option, value in options if option == "--with"]


def recipe_of(setting: Setting, base: Manifest) -> Recipe:
    """How the explorer is made again; `base` is the manifest of today's rules."""
    own = [
        replace(
            base,
            scenario=one.name,
            title=one.title,
            scenario_fingerprint=one.fingerprint,
            start=-1 if one.start is None else one.start,
        )
        for one in setting.own
    ]
    return Recipe(setting.own, setting.boards, (base, *own), load_scenario("baseline"))


def name_own(own: Sequence[Scenario]) -> dict[str, Start]:
    """One's own scenarios under the names that links give them; those of the library keep theirs."""
    starts: dict[str, Start] = {}
    for one in own:
        if one.reference in library():
            starts[one.reference] = Start(one, Slot(one.reference))
            continue
        stem, again = (make_file_stem(one.name) or "scenario")[:40], 1
        while (name := f"{stem}-own" if again == 1 else f"{stem}-own-{again}") in (*starts, *library()):
            again += 1
        starts[name] = Start(one, Slot(name, "", (), one.to_yaml()))
    return starts


def _answer_ahead(runs: Sequence[Results], opening: Selection) -> dict[str, Any]:
    """The answer that the page shows before its model has one."""
    years, posted = parse_years(opening.years) if opening.years else None, tuple(map(name_for_post, opening.slots))
    return make_answer(runs, opening.outcome, years, opening.letters, posted)


def opening_of(setting: Setting, own: Mapping[str, Start]) -> Selection:
    """What the page shows first, in scenarios that it knows. The page itself sets the number of futures."""
    if setting.selection is None:
        slots = [start.slot for start in own.values()][:AT_ONCE] or make_opening_selection().slots[1:]
        return Selection((TODAYS_RULES, *slots), seed=setting.seed)
    known = {start.scenario: start.slot for start in own.values()}
    slots = [
        replace(known[slot.base], title=slot.title, edits=slot.edits) if slot.text else slot
        for slot in setting.selection.slots
    ]
    return replace(setting.selection, slots=tuple(slots), own=None, until=0.0, futures=FUTURES)


def link_rules() -> dict[str, Any]:
    """What a link may hold, and its limits: those of the dashboard."""
    return {
        "format": permalink.FORMAT,
        "layered": permalink.LAYERED_FORMAT,
        "longest": permalink.LONGEST,
        "longest_value": permalink.LONGEST_VALUE,
        "longest_words": permalink.LONGEST_WORDS,
        **list_limits(),
        "most_notes": permalink.MOST_NOTES,
        "held": permalink.HELD,
        "choices": [100, *(n for n in FUTURES_CHOICES if n <= MOST_FUTURES)],
        "least": LEAST_FUTURES,
        "most": MOST_FUTURES,
    }


def _outcomes() -> dict[str, Any]:
    names = dict.fromkeys((*OUTCOMES, *DIFFERENCES, *CASCADE))
    kept = {name: ABOUT[name] for name in names}
    return {
        "outcomes": {
            name: {
                "name": name,
                "label": o.label,
                "title": o.title,
                "meaning": o.meaning,
                "unit": o.change_unit.value,
                "better": o.better,
            }
            for name, o in kept.items()
        },
        "shown": OUTCOMES,
        "differences": DIFFERENCES,
        "cascade": CASCADE,
    }


def presets(own: Mapping[str, Start]) -> dict[str, Any]:
    """What a policy can start from, in the order in which it is offered: by name, with its group and its changes."""
    starts = {**{name: Start(load_library_scenario(name), Slot(name)) for name in list_library()}, **own}
    return {name: _preset(name, start.scenario, start.slot) for name, start in starts.items()}


def _preset(name: str, one: Scenario, slot: Slot) -> dict[str, Any]:
    return {
        **describe_start(name, one, slot, "Your own" if slot.text else group_of(name)),
        "cannot_say": one.cannot_say,
        "origin": split_pin(one.reference)[0],
        "file": permalink.pack_file(slot.text) if slot.text else "",
        "changes": [
            {**numbers, "because": c.because, "evidence": c.evidence, "assumption": c.assumption, "where": c.where}
            for numbers, c in zip(page_data.changes(slot.base), slot.base.changes, strict=True)
        ],
    }


def file_rules() -> dict[str, Any]:
    """What the page needs to read and write scenario files as the command line does."""
    return {
        "switches": [name for name, lever in LEVERS.items() if lever.about.unit is Unit.SWITCH],
        "parameters": list(PARAMETERS),
        "tombstones": dict(TOMBSTONES),
        "evidence": list(load_register()),
        "interventions": INTERVENTIONS,
        "most_parents": MOST_PARENTS,
        "most_evidence": MOST_EVIDENCE,
        "longest_title": LONGEST_SCENARIO_TITLE,
        "longest_text": LONGEST_TEXT,
        "largest_scale": LARGEST_SCALE,
        "usual_start": USUAL_START,
        "no_reason": NO_REASON,
        "reasoned": list_reasoned(),
        "unreasoned": UNREASONED,
        "schema_line": SCHEMA_LINE.rstrip(),
    }


def parameters() -> dict[str, Any]:
    """The uncertain numbers that can be held at a value, with the middle of what the fit leaves."""
    draws = posterior_draws()
    return {
        name: {
            "plain": PARAMETERS[name].about.plain,
            "low": PARAMETERS[name].about.low,
            "least": find_lowest(name),
            "high": PARAMETERS[name].about.high,
            "middle": float(f"{float(np.median(draws[name])):.3g}"),
        }
        for name in UNCERTAIN
    }


def sourced_numbers() -> dict[str, Any]:
    """What numbers rest on that may carry a sentence: the uncertain ones, and those whose sign is assumed."""
    promised = (pull for name in PROMISES for promise in list_promises(name).values() for pull in promise.pulls)
    badges = list_badges()
    return {
        name: {
            "meaning": PARAMETERS[name].about.meaning,
            "plain": PARAMETERS[name].about.plain,
            "badge": badges[name],
            "strength": PARAMETERS[name].about.strength.value,
            "evidence": PARAMETERS[name].about.evidence,
        }
        for name in dict.fromkeys((*UNCERTAIN, *promised))
    }


def areas(facts: Boards) -> list[dict[str, Any]]:
    """The boards in the order of their table, as a map of tiles shows them."""
    given = [tile for tile in facts.tiles if tile is not None]
    own = len(set(given)) == len(facts)
    left, top = (min(tile[i] for tile in given) if own else 0 for i in (0, 1))
    thirds = facts.thirds().tolist()
    heads, merging, sharing = (facts.areas[name].tolist() for name in ("head", "merge_q", "share_q"))
    return [
        {
            "name": facts.short_names[i],
            "code": facts.codes[i],
            "known": list_known(facts, i),
            "full": facts.names[i],
            "short": facts.abbrevs[i],
            "region": facts.regions[i],
            "body": facts.footprints[i],
            "third": thirds[i],
            "tile": [given[i][0] - left, given[i][1] - top] if own else [i % 8, i // 8],
            "head": heads[i],
            "merges": min(merging[i], QUARTERS),
            "shares": min(sharing[i], QUARTERS),
        }
        for i in range(len(facts))
    ]


# The page itself.


def make_page(document: Mapping[str, Any]) -> bytes:
    """The page with its data in it. Raises ValueError for one that is too large to pass on.

    Jinja escapes everything but our own files, whose hashes the policy of content names, and data that `as_json` wrote.
    """
    opener, scripts = _script("opener"), list_scripts()
    parts = page_data.as_json({"wasm": page_data.pack(page_data.module()), "layout": page_data.layout()})
    run = [opener, *(script["text"] for script in scripts if not script["type"])]
    style, data = _read("page.css"), page_data.as_json(document)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_digest(text) for text in run)} 'wasm-unsafe-eval'",
            f"style-src {_digest(style)}",
            "img-src data: blob:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    template = make_template_environment()
    html = template.from_string(_read("page.html")).render(
        question=document["question"],
        document=document,
        policy=policy,
        style=style,
        parts=parts,
        opener=opener,
        more=get_template("answer.brief.more"),
        packed=base64.b64encode(zlib.compress(json.dumps(scripts).encode("utf-8"), 9)).decode("ascii"),
        data=data,
    )
    made = html.encode("utf-8")
    if len(made) > LARGEST:
        raise InputError(
            f"the explorer would have {len(made) / 1e6:.1f} MB; {LARGEST / 1e6:.0f} MB is the most. "
            "Take fewer scenarios of your own."
        )
    return made


def list_scripts() -> list[dict[str, str]]:
    """The scripts in their order, as `opener.js` puts them into the page; the worker's has a `type` of its own."""
    worker = "\n".join(_script(name) for name in WORKER_SCRIPTS)
    return [
        {"id": "worker", "type": "text/plain", "text": worker},
        *({"id": f"script-{name.replace('/', '_')}", "type": "", "text": _script(name)} for name in PAGE_SCRIPTS),
    ]


def _read(name: str) -> str:
    return files("dashboards").joinpath("offline", "page", name).read_text(encoding="utf-8")


def _script(name: str) -> str:
    text = _read(f"{name}.js")
    if re.search(r"<[/!](script|--)", text, re.IGNORECASE):
        raise InputError(f"{name}.js would end its own script")
    return text


def _digest(text: str) -> str:
    """How a policy of content names a script or style that may run: by its hash."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def write(
    out: str,
    own: Sequence[Scenario],
    n: int,
    seed: int,
    progress: Progress | None = None,
    own_boards: Boards | None = None,
    expect: str | None = None,
) -> int:
    """Write the file, whole or not at all; returns its size in bytes. For the command line.

    `expect` is the fingerprint of the explorer that is meant. Raises ValueError for another one.
    """
    from simulator.runs.futures import draw_futures
    from simulator.runs.run import run

    drawn, facts = draw_futures(min(n, MOST_FUTURES), seed=seed), own_boards or read_boards()
    setting = Setting(len(drawn), seed, dt.date.today(), tuple(own), facts)
    base = make_manifest(load_scenario("baseline"), facts, drawn, 1)
    recipe_of(setting, base).check(expect)
    found = make_page(make_document(lambda one: run(one, futures=drawn, boards=facts), setting, progress))
    write_bytes(Path(out), found)
    return len(found)
