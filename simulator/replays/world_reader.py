"""Reads the worlds of a replay: levers, parameters held, and spells of some bodies; what is wrong is noted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.common.characters import normalise_text
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, ScalarNode, suggest
from simulator.declarations.levers import LEVERS, QUARTER_DTYPE
from simulator.declarations.number import Declared
from simulator.declarations.parameters import PARAMETERS
from simulator.declarations.plugin import suggest_declared
from simulator.replays.body_groups import BodyGroup
from simulator.replays.parallel_worlds import OWN, Spell, World
from simulator.replays.replay_fields import read_years, text_of
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys, read_value
from simulator.scenarios.file_entries import REASONS, read_reasons
from simulator.scenarios.loader import baseline_values

SPELL_KEYS = ("bodies", "years", "levers")
WORLD_KEYS = ("levers", "parameters", "spells")
TOUCHING = {
    "peers": "bodies learn from each other, so that a spell of some touches all; set the lever peers to 0",
    "reorganise": "bodies merge, so that a spell of some touches others; set the lever reorganise to 0",
}


def read_own_world(fields: Mapping[str, Node], years: int, starts: int, notes: Problems) -> World:
    """The file's own world, without its spells."""
    schedule = _read_schedule(fields, years, starts, notes)
    held = _read_settings(fields.get("parameters"), "parameters", PARAMETERS, 1, notes)
    return World(schedule, {name: float(values[0]) for name, values in held.items()})


def read_worlds(
    node: Node | None, own: World, years: int, groups: Mapping[str, BodyGroup], notes: Problems
) -> dict[str, World]:
    """The other worlds: each is the file's own but for what it says."""
    if node is None:
        return {}
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line, "worlds", "must be a mapping from a name to {levers, parameters, spells}")
        return {}
    worlds = {}
    for key, body in drop_duplicates(node, "worlds.", notes):
        if notes.full:
            break
        where = f"worlds.{key.text}"
        if not isinstance(body, MappingNode) or not body.pairs:
            notes.add(key.line, where, "must be a mapping such as {levers: {ringfence: {to: 0, because: ...}}}")
            continue
        if key.text == OWN:
            notes.add(key.line, where, "is the name of the file's own world; choose another")
        fields = read_known_keys(body, f"{where}.", WORLD_KEYS, notes)
        schedule = own.schedule.copy()
        levers = _read_settings(fields.get("levers"), f"{where}.levers", LEVERS, 4 * years, notes)
        for name, values in levers.items():
            schedule[LEVERS[name].group][name] = values
        held = _read_settings(fields.get("parameters"), f"{where}.parameters", PARAMETERS, 1, notes)
        spells = own.spells
        if "spells" in fields:
            spells = read_spells(fields["spells"], f"{where}.spells", years, groups, notes)
        worlds[key.text] = World(schedule, {**own.held, **{n: float(v[0]) for n, v in held.items()}}, spells)
    return worlds


def read_spells(
    node: Node | None, where: str, years: int, groups: Mapping[str, BodyGroup], notes: Problems
) -> tuple[Spell, ...]:
    """The spells of a list, which may be empty; problems are noted."""
    if node is None:
        return ()
    if not isinstance(node, ListNode):
        notes.add(node.line, where, "must be a list of spells, each with a dash before it; [] for none")
        return ()
    spells: list[Spell] = []
    for number, item in enumerate(node.items, 1):
        place = f"{where}[{number}]"
        if not isinstance(item, MappingNode):
            notes.add(item.line, place, "must be a mapping such as {bodies: treated, years: 2 to 3, levers: {...}}")
            continue
        spell = _read_spell(item, place, years, groups, notes)
        for before, other in enumerate(spells, 1):
            both = sorted(set(spell.levers) & set(other.levers))
            if both and set(spell.rows) & set(other.rows) and spell.first < other.stop and other.first < spell.stop:
                shared = f"{where}[{before}]"
                notes.add(item.line, place, f"sets {', '.join(both)} for bodies and years that {shared} sets it for")
        spells.append(spell)
    return tuple(spells)


def _read_spell(node: MappingNode, where: str, years: int, groups: Mapping[str, BodyGroup], notes: Problems) -> Spell:
    fields = read_known_keys(node, f"{where}.", SPELL_KEYS, notes)
    for key in SPELL_KEYS:
        if key not in fields:
            notes.add(node.line, f"{where}.{key}", "is missing")
    span = read_years(fields.get("years"), f"{where}.years", years, notes)
    levers = _read_settings(fields.get("levers"), f"{where}.levers", LEVERS, 4 * (span.stop - span.start), notes)
    name = text_of(fields.get("bodies"))
    group = groups.get(name)
    if "bodies" in fields and group is None:
        message = f"'{name[:40]}' is no group under 'bodies'{suggest(name, groups)}"
        notes.add(fields["bodies"].line, f"{where}.bodies", message)
    elif group is not None and group.rows is None:
        message = f"'{name}' differs from future to future; a spell needs bodies by codes, first, or the rest of such"
        notes.add(fields["bodies"].line, f"{where}.bodies", message)
    rows = (group.rows if group else None) or ()
    return Spell(rows, 4 * span.start, 4 * span.stop, levers)


def check_worlds(
    worlds: Mapping[str, World], bodies: Boards, starts: int, fields: Mapping[str, Node], notes: Problems
) -> None:
    """Note mergers whose dates do not fit, and worlds in which a spell of some bodies would touch others."""
    if starts != 0 and any(_merges(bodies, world.schedule) for world in worlds.values()):
        message = "have dates of mergers, which count from 2022/23; start the replay then, or set reorganise to 0"
        notes.add(fields["boards"].line, "boards", message)
    for name, world in worlds.items():
        if not world.spells:
            continue
        where, line = ("spells", fields["spells"].line) if name == OWN else (f"worlds.{name}", fields["worlds"].line)
        schedules, _ = world.list_schedules(len(bodies))
        for lever, message in TOUCHING.items():
            touches = bool(schedules[LEVERS[lever].group][lever].any())
            if touches and (lever != "reorganise" or any(_merges(bodies, schedule) for schedule in schedules)):
                notes.add(line, where, message)
        gaps = {"gap_mean", "support"} & {lever for spell in world.spells for lever in spell.levers}
        if gaps and schedules[LEVERS["support"].group]["support"].any():
            message = "support is shared out by the mean deficit of all bodies, so that gaps of some would touch others"
            notes.add(line, where, f"{message}; set the lever support to 0, or take {' and '.join(sorted(gaps))} out")


def _merges(bodies: Boards, schedule: NDArray[np.void]) -> bool:
    """True when bodies are due to merge or to share leaders, and the levers let them."""
    due = min(int(bodies.areas[name].min()) for name in ("merge_q", "share_q"))
    return due < len(schedule) and bool(schedule[LEVERS["reorganise"].group]["reorganise"].any())


def _read_schedule(fields: Mapping[str, Node], years: int, starts: int, notes: Problems) -> NDArray[np.void]:
    """Lever records (quarters,) from the calendar and the levers set."""
    schedule = np.zeros(4 * years, QUARTER_DTYPE)
    calendar = fields.get("calendar")
    calendar_name = normalise_text(calendar.text) if isinstance(calendar, ScalarNode) else ""
    if calendar is not None and calendar_name != "baseline":
        notes.add(calendar.line, "calendar", "must be baseline, or be left out")
    elif calendar is not None and starts != 0:
        notes.add(calendar.line, "calendar", "the baseline starts in 2022/23, and so must the replay")
    for name, lever in LEVERS.items():
        schedule[lever.group][name] = (
            baseline_values()[name][: 4 * years] if calendar_name == "baseline" else lever.default
        )
    for name, values in _read_settings(fields.get("levers"), "levers", LEVERS, 4 * years, notes).items():
        schedule[LEVERS[name].group][name] = values
    return schedule


def _read_settings(
    node: Node | None, prefix: str, known: Mapping[str, Declared], entries: int, notes: Problems
) -> dict[str, NDArray[np.float64]]:
    """The values that levers or parameters are set to, each with its reasons: name -> (entries,)."""
    if node is None:
        return {}
    if not isinstance(node, MappingNode):
        notes.add(node.line, prefix, "must be a mapping from name to {to, because, evidence}")
        return {}
    settings = {}
    for key, body in drop_duplicates(node, f"{prefix}.", notes):
        if notes.full:
            break
        where = f"{prefix}.{key.text}"
        if key.text not in known:
            kind = prefix.rpartition(".")[2]
            notes.add(key.line, where, f"is not one of the {kind}{suggest_declared(key.text, known)}")
        elif not isinstance(body, MappingNode):
            notes.add(key.line, where, "must be a mapping such as {to: 1, because: ..., evidence: [...]}")
        else:
            settings[key.text] = _read_setting(known[key.text], body, where, key.line, entries, notes)
    return settings


def _read_setting(
    number: Declared, body: MappingNode, where: str, line: int, entries: int, notes: Problems
) -> NDArray[np.float64]:
    fields = read_known_keys(body, f"{where}.", ("to", *REASONS), notes)
    read_reasons(fields, where, line, notes)
    node = fields.get("to")
    if node is None:
        notes.add(line, f"{where}.to", "is missing")
        return np.zeros(entries)
    nodes = node.items if isinstance(node, ListNode) else (node,)
    if isinstance(node, ListNode) and len(nodes) != entries:
        wanted = f"one value or {entries}, one for each quarter" if entries > 1 else "one value"
        notes.add(node.line, f"{where}.to", f"needs {wanted}, not {len(nodes)}")
        return np.zeros(entries)
    values = [read_value(number, "to", part, f"{where}.to", notes) for part in nodes]
    return np.array(values * entries if len(values) == 1 else values)
