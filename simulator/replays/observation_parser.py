"""Reads what a world file observes: which measure, of which years, counted how, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.common.characters import plain
from simulator.common.units import Unit
from simulator.common.yaml_nodes import Fields, Items, Node, Notes, Scalar, suggest
from simulator.declarations.evidence import missing
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.output_variables import NATIONAL_MEASURES
from simulator.replays.observations import Observation, counts_bodies, find_measure
from simulator.replays.targets import Target, Use, targets
from simulator.scenarios.field_validation import known_keys, unique

KEYS = ("measure", "year", "at_least", "at_most", "observed", "evidence", "says")


def read_observations(node: Node | None, years: int, notes: Notes) -> tuple[Observation, ...]:
    """The observations under `observe`; problems are noted."""
    if not isinstance(node, Fields) or not node.pairs:
        notes.add(node.line if node else 1, "observe", "must name at least one thing to read, with its measure")
        return ()
    made = []
    for key, body in unique(node, "observe.", notes):
        if notes.full:
            break
        where = f"observe.{key.text}"
        if not isinstance(body, Fields):
            notes.add(key.line, where, "must be a mapping such as {measure: spent, year: 1, observed: 0.4}")
            continue
        known = len(notes.problems)
        found = _observation(key.text, known_keys(body, f"{where}.", KEYS, notes), where, key.line, years, notes)
        if found and len(notes.problems) == known:
            made.append(found)
    return tuple(made)


def _observation(
    name: str, fields: Mapping[str, Node], where: str, line: int, years: int, notes: Notes
) -> Observation | None:
    measure = _text(fields.get("measure"))
    if measure not in OUTCOMES and measure not in NATIONAL_MEASURES:
        every = (*OUTCOMES, *NATIONAL_MEASURES)
        said = f"'{measure[:40]}' is neither an outcome nor a national measure{suggest(measure, every)}"
        notes.add(line, f"{where}.measure", said if measure else "is missing")
        return None
    about = find_measure(measure)
    least, most = (_number(fields.get(key), about.unit, f"{where}.{key}", notes) for key in ("at_least", "at_most"))
    if (least is not None or most is not None) and not counts_bodies(about):
        notes.add(line, where, f"bodies cannot be counted by '{measure}', which is a figure for the whole nation")
        return None
    made = Observation(name, measure, _years(fields.get("year"), f"{where}.year", years, notes), least, most)
    observed = _observed(made, fields, where, notes)
    return Observation(name, measure, made.years, least, most, observed)


def _observed(made: Observation, fields: Mapping[str, Node], where: str, notes: Notes) -> Target | None:
    """What is known: a target by id, or a number of the user's own."""
    node, cited = fields.get("observed"), _evidence(fields, where, notes)
    if node is None:
        return None
    text = _text(node)
    if text in targets():
        return _target(made, targets()[text], f"{where}.observed", node.line, notes)
    wanted = f"a number or the id of a target{suggest(text, targets())}"
    number = _number(node, made.unit, f"{where}.observed", notes, wanted)
    if number is None:
        return None
    says = _text(fields.get("says")) or made.name.replace("_", " ")
    return Target(made.name, says, says, Use.OUT_OF_SAMPLE, (number,), made.unit, cited)


def _target(made: Observation, target: Target, where: str, line: int, notes: Notes) -> Target:
    if len(target.observed) > 1:
        notes.add(line, where, f"'{target.id}' holds {len(target.observed)} numbers, and this is one")
    elif target.unit is not made.unit:
        notes.add(line, where, f"'{target.id}' is in {target.unit.value}, and this in {made.unit.value}")
    return target


def _evidence(fields: Mapping[str, Node], where: str, notes: Notes) -> tuple[str, ...]:
    node = fields.get("evidence")
    if node is not None and not isinstance(node, Items):
        notes.add(node.line, f"{where}.evidence", "must be a list of ids, such as [E60, R07]")
    items = node.items if isinstance(node, Items) else ()
    ids = tuple(_text(item) for item in items)
    for unknown in missing(ids):
        notes.add(node.line if node else 1, f"{where}.evidence", f"'{unknown[:40]}' is not in the register of evidence")
    return ids


def _years(node: Node | None, where: str, years: int, notes: Notes) -> slice:
    if node is None:
        return slice(0, years)
    number = node.number if isinstance(node, Scalar) else None
    if number is None or not number.is_integer() or not 1 <= number <= years:
        notes.add(node.line, where, f"must be a year of this world, from 1 to {years}; leave it out for all together")
        return slice(0, years)
    return slice(int(number) - 1, int(number))


def _number(node: Node | None, unit: Unit, where: str, notes: Notes, wanted: str = "a number") -> float | None:
    """A number in a unit: 22% is 0.22 as a share, and 22 as a percentage of something."""
    if node is None:
        return None
    written = node.written if isinstance(node, Scalar) else None
    if written is None:
        notes.add(node.line, where, f"must be {wanted}")
        return None
    if unit is not Unit.SHARE:
        return written.value
    number = written.value / 100 if written.percent else written.value
    if abs(number) > 1:
        hint = f"; write {number:g}% or {number / 100:g}" if 1 < number <= 100 else ""
        notes.add(node.line, where, f"{number:g} is not a share, which is 1 at most{hint}")
    return number


def _text(node: Node | None) -> str:
    return plain(node.text) if isinstance(node, Scalar) else ""
