"""Reads the fields of one entry of a file of evidence, and notes what is wrong with each, with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from simulator.boards.table import read_boards
from simulator.common.characters import normalise_text
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.numbers import NotReadableError
from simulator.common.yaml_nodes import MappingNode, Node, Problems, ScalarNode, describe_no_number
from simulator.declarations.calendar import YEARS, parse_year, year_name
from simulator.evidence.table_file import ENDINGS
from simulator.replays.targets import Use, read_targets
from simulator.scenarios.field_validation import is_empty, read_known_keys, require_text

_CITED = re.compile(r"\b[A-Z][0-9]{2}\b")
DECLARED = "although_declared"
ALONE = "a file that was sent stands alone and cannot name another; write the rows into it, or send the table by itself"


class FieldReader:
    """The fields of an entry; `common` stands in for what is left out. Problems are noted in `notes`."""

    def __init__(
        self, node: MappingNode, where: str, notes: Problems, common: Mapping[str, Node] | None = None
    ) -> None:
        self.node = node
        self.where = where
        self.notes = notes
        self.line = node.line
        self.alone = False  # a file that was sent: nothing on the disk may be named
        self.fields: dict[str, Node] = {}
        self._common = common or {}
        self._known = len(notes.problems)

    @property
    def spoilt(self) -> bool:
        """True when something was wrong with this entry."""
        return len(self.notes.problems) > self._known

    def has(self, key: str) -> bool:
        """True if the entry has this key."""
        return any(name.text == key for name, _ in self.node.pairs)

    def expect(self, keys: tuple[str, ...], meant: Mapping[str, str] | None = None) -> None:
        """Take the keys that may stand here; others are noted. `meant` says how to write what people call otherwise."""
        own = read_known_keys(self.node, self._prefix, keys, self.notes, meant)
        self.fields = {**self._common, **{key: node for key, node in own.items() if not is_empty(node)}}

    def read_common(self, keys: tuple[str, ...]) -> dict[str, Node]:
        """What all rows of a table share."""
        self.expect(("rows", *keys))
        return {key: node for key, node in self.fields.items() if key != "rows"}

    def note(self, key: str, message: str) -> None:
        """Note a problem with a field."""
        node = self.fields.get(key)
        self.notes.add(node.line if node else self.line, f"{self._prefix}{key}", message)

    def text(self, key: str) -> str:
        """The text of a field, or nothing."""
        node = self.fields.get(key)
        return normalise_text(node.text) if isinstance(node, ScalarNode) else ""

    def require(self, key: str) -> str:
        """Text that must be there."""
        return require_text(self.fields, key, self._prefix, self.line, self.notes)

    def read_number(self, key: str, wanted: str = "a number") -> float | None:
        """A finite number that must be there; 22% is 0.22."""
        node = self.fields.get(key)
        if node is None:
            self.note(key, f"is missing; write {wanted}")
            return None
        number = node.number if isinstance(node, ScalarNode) else None
        if number is None or not abs(number) < 1e12:
            self.note(key, describe_no_number(node, wanted))
            return None
        return number

    def read_share(self, key: str, low: float = 0.0) -> float | None:
        """A number from `low` to 1."""
        number = self.read_number(key, "a share such as 0.05 or 5%")
        if number is not None and not low <= number <= 1:
            hint = f"; write {number:g}% or {number / 100:g}" if 1 < number <= 100 else ""
            self.note(key, f"{number:g} is not a share from {low:g} to 1{hint}")
            return None
        return number

    def read_year(self, key: str = "year") -> int | None:
        """A year of the calendar, as its index."""
        try:
            year = parse_year(self.text(key)) if key in self.fields else None
        except NotReadableError as error:
            self.note(key, str(error))
            return None
        if year is None:
            self.note(key, "is missing; write a financial year such as 2022/23")
        elif not 0 <= year < YEARS:
            self.note(key, f"is outside the model's years, {year_name(0)} to {year_name(YEARS - 1)}")
            return None
        return year

    def read_board(self, key: str = "board") -> str | None:
        """The code of one of the 42 boards, from its code, abbreviation or name."""
        if key not in self.fields:
            self.note(key, "is missing; write a board's code, such as QWO (see: ringfence boards list)")
            return None
        return self.find_board(self.text(key), key)

    def find_board(self, name: str, key: str) -> str | None:
        """The code of a board by name, or None with the problem noted."""
        table = read_boards()
        try:
            if table.about(name):
                self.note(key, f"'{name[:60]}' is formed by a merger; name one of the 42 boards that it is formed from")
                return None
            return table.codes[table.position(name)]
        except (UnknownNameError, LookupError, InputError) as error:
            self.note(key, str(error))
            return None

    def read_in_fit(self) -> bool | None:
        """Whether the model was fitted to this already; None if it is not said or cannot be read, which is noted."""
        node = self.fields.get("in_fit")
        if node is None:
            return None
        said = node.switch if isinstance(node, ScalarNode) else None
        if said is None:
            self.note("in_fit", "must be yes (the model was fitted to it: it is shown and not counted again) or no")
        return said

    def read_path(self, key: str, folder: Path | None) -> Path | None:
        """A table beside the file of evidence; its ending is checked here and its content elsewhere. Without a folder
        no file may be named.
        """
        self.expect(tuple(name.text for name, _ in self.node.pairs))
        name = self.text(key)
        if folder is None:
            self.note(key, ALONE)
            return None
        if not name.lower().endswith(ENDINGS):
            self.note(key, f"'{name[:60]}' is not the name of a CSV file or an Excel workbook (.xlsx)")
            return None
        return folder / name

    def check_source(self) -> None:
        """Note a source that the model was fitted to, or is tested by, where the entry does not say what it is."""
        if "in_fit" in self.fields or DECLARED in self.fields:
            return
        for cited in _CITED.findall(self.text("source")):
            for use, names in (_targets_of(cited, Use.TARGET), _targets_of(cited, Use.OUT_OF_SAMPLE)):
                if not names:
                    continue
                known = ", ".join(names)
                if use is Use.TARGET:
                    self.note(
                        "source",
                        f"{cited} is in the fit already (as {known}), and nothing is counted twice: write 'in_fit: "
                        "yes' to show it without counting it again, or 'in_fit: no' if this is another figure of it",
                    )
                else:
                    self.note(
                        "source",
                        f"{cited} is what the model is tested by ({known}), and a test that is fitted tests nothing: "
                        f"leave it out, or write '{DECLARED}: yes' to give the test up",
                    )

    @property
    def _prefix(self) -> str:
        return f"{self.where}." if self.where else ""


@cache
def _targets_of(cited: str, use: Use) -> tuple[Use, tuple[str, ...]]:
    """The targets of one use that cite a piece of evidence."""
    return use, tuple(target.id for target in read_targets().values() if target.use is use and cited in target.evidence)
