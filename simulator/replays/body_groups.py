"""Bodies of a replay under a name: those listed, or in each future those that a record of theirs picks out.

codes: [A, B]        these bodies of the table
first: 40            the first of the table
rest: NAME           all that another group leaves
by: chief            an area variable (the mean over `year`), with top: 10 for those with most of it, or with
                     at_least or at_most; read in the replay's own world
of: NAME             only those who are in this group too
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.boards.table import Boards
from simulator.common.errors import InputError
from simulator.common.units import Unit
from simulator.common.yaml_nodes import ListNode, MappingNode, Node, Problems, suggest
from simulator.declarations.output_variables import AREA_VARIABLES
from simulator.replays.replay_fields import read_amount, read_count, read_years, text_of
from simulator.scenarios.field_validation import drop_duplicates, read_known_keys

Flags = NDArray[np.bool_]
EDGE = 1e-9
KEYS = ("codes", "first", "rest", "by", "top", "at_least", "at_most", "year", "of")
WAYS = ("codes", "first", "rest", "by")


@dataclass(frozen=True)
class BodyGroup:
    """`rows` of the table if they are the same in every future; else what picks them out."""

    name: str
    rows: tuple[int, ...] | None = None
    by: str = ""
    years: slice = field(default_factory=lambda: slice(0, 1))
    top: int = 0
    at_least: float | None = None
    at_most: float | None = None
    of: str = ""
    rest: str = ""

    def pick(self, areas: NDArray[np.void], picked: Mapping[str, Flags]) -> Flags:
        """Which bodies belong in each future: (futures, bodies), from their records (futures, years, bodies)."""
        belongs = np.zeros((len(areas), areas.shape[2]), bool)
        if self.rows is not None:
            belongs[:, list(self.rows)] = True
        elif self.rest:
            belongs = ~picked[self.rest]
        else:
            belongs = self._pick_by(areas[self.by][:, self.years].mean(axis=1))
        return belongs & picked[self.of] if self.of else belongs

    def _pick_by(self, values: NDArray[np.float64]) -> Flags:
        if self.top:
            order = np.argsort(-values, axis=1, kind="stable")
            return np.asarray(np.argsort(order, axis=1, kind="stable") < self.top)
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return np.asarray((values >= low - EDGE) & (values <= high + EDGE))


Groups = Mapping[str, BodyGroup]


def pick_bodies(groups: Groups, areas: NDArray[np.void]) -> dict[str, Flags]:
    """Every group's bodies in each future: name -> (futures, bodies)."""
    picked: dict[str, Flags] = {}
    for name, group in groups.items():
        picked[name] = group.pick(areas, picked)
    return picked


def read_groups(node: Node | None, years: int, boards: Boards, notes: Problems) -> dict[str, BodyGroup]:
    """The groups under `bodies`, each of which may use those above it; problems are noted."""
    groups: dict[str, BodyGroup] = {}
    if node is None:
        return groups
    if not isinstance(node, MappingNode) or not node.pairs:
        notes.add(node.line, "bodies", "must be a mapping from a name to its bodies, such as treated: {first: 40}")
        return groups
    for key, fields in drop_duplicates(node, "bodies.", notes):
        if notes.full:
            break
        where = f"bodies.{key.text}"
        if isinstance(fields, MappingNode):
            own = read_known_keys(fields, f"{where}.", KEYS, notes)
            groups[key.text] = _Reader(own, where, key.line, years, boards, groups, notes).read(key.text)
        else:
            notes.add(key.line, where, "must be a mapping such as {first: 40} or {by: chief, top: 10, year: 1}")
            groups[key.text] = BodyGroup(key.text, ())
    return groups


@dataclass(frozen=True)
class _Reader:
    """One entry under `bodies`, at `where` in the file and on this line; its problems go to `notes`.

    `years` is how many the replay has, and `groups` are those above it.
    """

    fields: Mapping[str, Node]
    where: str
    line: int
    years: int
    boards: Boards
    groups: Groups
    notes: Problems

    def read(self, name: str) -> BodyGroup:
        """The group; an empty one where it cannot be read, which is noted."""
        ways = [key for key in WAYS if key in self.fields]
        if len(ways) != 1:
            self._note("", f"must say one of {', '.join(WAYS)}, and says {' and '.join(ways) or 'none'}")
            return BodyGroup(name, ())
        for key in ("top", "at_least", "at_most", "year"):
            if key in self.fields and ways[0] != "by":
                self._note(key, "needs 'by' beside it, and neither codes, first nor rest")
        of = self._read_group("of")
        if ways[0] == "by":
            return self._read_by(name, of)
        rows = {"codes": self._read_codes, "first": self._read_first, "rest": self._read_rest}[ways[0]]()
        limit = self.groups[of].rows if of else tuple(range(len(self.boards)))
        if rows is None or limit is None:
            return BodyGroup(name, rows, of=of, rest=text_of(self.fields.get("rest")) if rows is None else "")
        kept = tuple(row for row in rows if row in set(limit))
        if not kept and not self.notes.problems:
            self._note("", "holds no body")
        return BodyGroup(name, kept)

    def _read_codes(self) -> tuple[int, ...]:
        node = self.fields["codes"]
        if not isinstance(node, ListNode) or not node.items:
            self._note("codes", "must be a list of bodies, such as [QWO, QF7]")
            return ()
        rows = []
        for item in node.items:
            try:
                rows.append(self.boards.position(text_of(item)))
            except (InputError, LookupError) as error:
                self.notes.add(item.line, f"{self.where}.codes", str(error))
        return tuple(sorted(set(rows)))

    def _read_first(self) -> tuple[int, ...]:
        n = len(self.boards)
        return tuple(range(read_count(self.fields["first"], f"{self.where}.first", 1, n, n, self.notes)))

    def _read_rest(self) -> tuple[int, ...] | None:
        other = self._read_group("rest")
        if not other:
            return ()
        rows = self.groups[other].rows
        return None if rows is None else tuple(row for row in range(len(self.boards)) if row not in set(rows))

    def _read_group(self, key: str) -> str:
        name = text_of(self.fields.get(key))
        if key in self.fields and name not in self.groups:
            known = suggest(name, self.groups) or "; a group can use those above it"
            self._note(key, f"'{name[:40]}' is no group of bodies{known}")
            return ""
        return name

    def _read_by(self, name: str, of: str) -> BodyGroup:
        by, n = text_of(self.fields["by"]), len(self.boards)
        if by not in AREA_VARIABLES:
            self._note("by", f"'{by[:40]}' is not recorded of each body{suggest(by, AREA_VARIABLES)}")
            return BodyGroup(name, ())
        unit = AREA_VARIABLES[by][0]
        top = read_count(self.fields.get("top"), f"{self.where}.top", 1, n, n, self.notes)
        least, most = (
            read_amount(
                self.fields.get(key), unit if unit is Unit.SHARE else Unit.COUNT, f"{self.where}.{key}", self.notes
            )
            for key in ("at_least", "at_most")
        )
        limited = least is not None or most is not None
        if bool("top" in self.fields) == limited:
            self._note("by", "needs either top, or at_least or at_most, beside it")
        span = read_years(self.fields.get("year"), f"{self.where}.year", self.years, self.notes)
        return BodyGroup(name, None, by, span, top, least, most, of)

    def _note(self, key: str, message: str) -> None:
        line = self.fields[key].line if key in self.fields else self.line
        self.notes.add(line, f"{self.where}.{key}" if key else self.where, message)
