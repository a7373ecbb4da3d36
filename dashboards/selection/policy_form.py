"""What a form for a policy needs: what it can start from, plain words, levers, limits. As data, for both editions.

The dashboard and the explorer lay it out with the same scripts, `policy.js` and `controls.js` of `offline/page/`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from dashboards.selection.interventions import number_interventions
from dashboards.selection.lever_layout import LEVER_GROUPS, choose_slider_step, describe_bounds, list_levers_in_group
from dashboards.selection.selection import (
    LETTERS,
    LONGEST_REASON,
    LONGEST_TITLE,
    PHASES,
    USUAL_START,
    Slot,
    load_library_scenario,
)
from simulator.calibration.evidence_status import BADGE_MEANINGS, list_badges
from simulator.charts.palette import find_styles
from simulator.common.sentence_templates import get_template, load_templates
from simulator.declarations.calendar import FIRST_YEAR, POLICY_START, QUARTERS, YEARS, quarter_name, year_name
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import is_part, is_switch, is_yes_or_no
from simulator.scenarios.plain_controls import PLAIN_CONTROLS
from simulator.scenarios.policy_sentence import describe_course
from simulator.scenarios.scenario import Scenario, library, load_scenario

HEADLINE = ("ringfence", "leadership", "both", "ringfence-audited", "ringfence-label")
INTERVENTIONS = "Interventions, by number"
PERMANENT = ("permanent", "permanently", "recurrent", "recurring")
ALOUD = "aloud."
"""How the names of the templates begin of which a policy's sentence is made."""
BASELINE_EVIDENCE = "E02"
"""What says since when the fund is permanent."""
GROUPS = ("Headline", INTERVENTIONS, "Packages", "Other histories")


def group_of(name: str) -> str:
    """The group of the library that a scenario is offered in; "" for today's rules."""
    scenario = load_scenario(name)
    if not scenario.changes:
        return ""
    if name in HEADLINE:
        return GROUPS[0]
    if min(change.start for change in scenario.changes) < POLICY_START:
        return GROUPS[3]
    return GROUPS[2] if len(scenario.interventions) > 1 else GROUPS[1]


def list_library() -> list[str]:
    """The library: today's rules, the headline, single recommendations by number, packages, other histories."""
    order = ("", *GROUPS)

    def place(name: str) -> tuple[int, int, str]:
        first = min(load_scenario(name).interventions, default=0)
        return order.index(group_of(name)), HEADLINE.index(name) if name in HEADLINE else first, name

    return sorted(library(), key=place)


@cache
def load_scenario_words() -> dict[str, str]:
    """Other words under which people look for a scenario of the library, by its name."""
    text = files("dashboards").joinpath("data", "scenario_words.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def describe_start(name: str, scenario: Scenario, slot: Slot, group: str) -> dict[str, Any]:
    """What the form says of a scenario to start from, and what this does to each lever."""
    return {
        "title": scenario.title,
        "question": scenario.question,
        "group": group,
        "of45": list(scenario.interventions),
        "number": number_interventions().get(name, 0),
        "words": load_scenario_words().get(name, ""),
        "name": scenario.name,
        "levers": {lever: _describe_lever(slot, lever) for lever in dict.fromkeys(c.lever for c in slot.base.changes)},
    }


def _describe_lever(slot: Slot, lever: str) -> dict[str, Any]:
    edit = slot.describe_preset(lever)
    return {
        "value": edit.value,
        "start": edit.start,
        "phase": edit.phase,
        "end": edit.end,
        "one_step": slot.is_one_step(lever),
        "course": describe_course(slot.base, lever, min(USUAL_START, edit.start)),
    }


def describe_search_notes() -> list[dict[str, Any]]:
    """What is said above the scenarios that are found, where one of these words is sought: with its source."""
    fund = load_register()[BASELINE_EVIDENCE]
    source = fund.source.partition("; ")[0]
    says = get_template("search.note.permanent").format(says=fund.says, id=fund.id, source=source)
    return [{"words": list(PERMANENT), "says": says}]


def describe_levers() -> dict[str, Any]:
    """The levers in their groups, each with its meaning, bounds, step, and what it is under today's rules."""
    base = load_scenario("baseline")
    return {
        "search_notes": describe_search_notes(),
        "aloud": {
            name.removeprefix(ALOUD): words for name, words in load_templates().items() if name.startswith(ALOUD)
        },
        "lever_groups": [
            [words, [lever.name for lever in list_levers_in_group(theme)]] for theme, words in LEVER_GROUPS.items()
        ],
        "levers": {
            name: {
                "meaning": lever.about.meaning,
                "low": lever.about.low,
                "high": lever.about.high,
                "step": choose_slider_step(lever),
                "bounds": describe_bounds(lever),
                "asks": is_yes_or_no(name),
                "part": is_part(name),
                "rests": list_badges()[name],
                "evidence": lever.about.evidence,
                "last": float(base.lever(name)[-1]),
                "course": describe_course(base, name, USUAL_START),
            }
            for name, lever in LEVERS.items()
        },
    }


def describe_evidence(also: Sequence[str] = ()) -> dict[str, Any]:
    """What each badge means, and the entries of the register that levers cite, and `also` these: what they say, and
    where it stands.
    """
    cited = {*also, *(entry for lever in LEVERS.values() for entry in lever.about.evidence)}
    return {
        "badges": BADGE_MEANINGS,
        "entries": {
            entry.id: {"says": entry.says, "source": entry.source, "strength": entry.strength, "url": entry.url}
            for entry in load_register().values()
            if entry.id in cited
        },
    }


def list_limits() -> dict[str, Any]:
    """The limits of what can be set by hand, and the dates that are offered."""
    return {
        "longest_title": LONGEST_TITLE,
        "title_taken": get_template("title.taken"),
        "title_file": get_template("title.posted.file"),
        "title_changed": get_template("title.posted.changed"),
        "longest_reason": LONGEST_REASON,
        "first_year": FIRST_YEAR,
        "usual_start": USUAL_START,
        "phases": PHASES,
    }


@cache
def describe_form() -> dict[str, Any]:
    """All of it, for a form whose scenarios are those of the library."""
    return {
        "letters": LETTERS,
        "styles": [asdict(style) for style in find_styles(LETTERS)],
        "years": [year_name(year) for year in range(YEARS)],
        "quarters": [quarter_name(quarter) for quarter in range(QUARTERS)],
        "link": list_limits(),
        "scenario_files": {"switches": [name for name in LEVERS if is_switch(name)]},
        "controls": [asdict(control) for control in PLAIN_CONTROLS],
        "presets": {
            name: describe_start(name, load_library_scenario(name), Slot(name), group_of(name))
            for name in list_library()
        },
        **describe_levers(),
        "evidence": describe_evidence(),
    }
