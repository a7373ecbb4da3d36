"""How to make an answer again: all commands that give the same numbers are written here.

A recipe is made with an answer, and printed wherever the answer goes: a report, a PDF, a picture, a table, the
dashboard. Its lines name every file together with the fingerprint of its content, and end with the
fingerprint of the whole answer, so that they either give the same numbers or say what has changed.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase
from typing import NamedTuple

from simulator.boards.table import Boards
from simulator.boards.table import read_boards as the_boards
from simulator.common.pinned_names import OtherContentError, pin_name, split_pin
from simulator.declarations.plugin import find_plugin
from simulator.runs.manifest import Manifest
from simulator.runs.posterior import list_options_in_use
from simulator.scenarios.library import BASELINE, split_stack
from simulator.scenarios.scenario import Scenario, library

Option = tuple[str, object]
BOARDS = "boards.csv"
RETAINED = "retained"


class NeededFile(NamedTuple):
    """A file that a recipe's lines read: its name there, its fingerprint, and its text where that is at hand."""

    name: str
    fingerprint: str
    text: str = ""


@dataclass(frozen=True)
class Recipe:
    """What was asked, of which scenarios and boards.

    `policies` and `against` are as they were named, before `start` moved them in time; the first manifest of `made`
    belongs to `against`, the others to the policies. `years` is "" for those from the first change on.
    """

    policies: tuple[Scenario, ...]
    boards: Boards
    made: tuple[Manifest, ...]
    against: Scenario
    outcome: str = RETAINED
    years: str = ""
    start: str = ""

    @cached_property
    def names(self) -> list[str]:
        """How commands name the policies: as the library does, or files with fingerprints."""
        return self._names[1:]

    @property
    def files(self) -> list[NeededFile]:
        """The files that the lines read, in order and each once: the user's own scenarios, and a table of boards."""
        every = zip((self.against, *self.policies), self._names, strict=True)
        needed_files = [needed for scenario, name in every for needed in _list_needed(scenario, name)]
        needed_files += [NeededFile(*split_pin(self._table))] if self._table else []
        texts = {
            (file.name, file.fingerprint): file.text for file in sorted(needed_files, key=lambda file: bool(file.text))
        }
        return [NeededFile(*file, texts[file]) for file in dict.fromkeys(file[:2] for file in needed_files)]

    @property
    def uses_own_boards(self) -> bool:
        """True when the areas are not the 42 boards."""
        return bool(self._table)

    @property
    def uploads(self) -> bool:
        """True when the table of boards is one's own and no file that a command read."""
        return bool(self._table) and not self.boards.reference

    def fingerprint(self, also: Iterable[str] = ()) -> str:
        """12 hexadecimal digits that tell this answer from any other: model, fit, futures, boards and scenarios."""
        first = self.made[0]
        parts = [first.code, first.futures_fingerprint, first.boards_fingerprint, str(first.first_plan)]
        parts += [*(manifest.scenario_fingerprint for manifest in self.made), *also]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def check(self, wanted: str | None, also: Iterable[str] = ()) -> None:
        """Raises OtherContentError if these numbers are not those that were asked for."""
        fingerprint = self.fingerprint(also)
        if wanted is not None and wanted != fingerprint:
            raise OtherContentError(
                f"these would be other numbers than those that are meant: the answer's fingerprint is {fingerprint}, "
                f"and {wanted or 'an empty text'} is expected. The scenarios, the boards, the seed, the number of "
                "futures or this version of the model (rules, fitted parameters, library) differ; leave out --expect "
                "to go on all the same"
            )

    @property
    def compare(self) -> str:
        """The command for the comparison on one outcome."""
        return self.compare_with()

    def compare_with(self, options: Sequence[Option] = (), also: Iterable[str] = ()) -> str:
        """The same with more options; `also` are the fingerprints of what else decides the answer."""
        asked: list[Option] = [("--against", self._other)] if self._other != BASELINE else []
        asked += [("--outcome", self.outcome)] if self.outcome != RETAINED else []
        return self.line("compare", self.names, [*asked, *options, *self._span, *self._futures, *self._expect(also)])

    def compare_until(self, options: Sequence[Option]) -> str:
        """The command for a comparison that finds its own number of futures."""
        asked: list[Option] = [("--against", self._other), ("--outcome", self.outcome), *options, *self._span]
        return self.line("compare", self.names, [*asked, *self._where])

    def run(self, options: Sequence[Option] = ()) -> str:
        """The command for one scenario by itself; without policies that which others are compared with."""
        first, name = self.made[-1], (self.names or [self._other])[0]
        held: list[Option] = [("--set", f"{key}={value!r}") for key, value in first.settings]
        drawn: list[Option] = [("--source", first.source)] if first.source != "posterior" else []
        return self.line("run", [name], [*options, *self._span, *held, *drawn, *self._futures, *self._expect()])

    def report(self, also: Iterable[str] = (), options: Sequence[Option] = ()) -> str:
        """The command for the report; `also` are the fingerprints of what else it shows."""
        return self.line("report", self.names, [*options, *self._futures, *self._expect(also)])

    def explorer(self, also: Iterable[str] = ()) -> str:
        """The command for the explorer; `also` are the fingerprints of its grid."""
        return self.line("explorer", self.names, [*self._futures, *self._expect(also)])

    def question(self, words: str, names: Sequence[str], options: Sequence[Option] = ()) -> str:
        """The command for one of the questions that take a seed, and the user's own boards."""
        return self.line(words, names, [*options, *self._where])

    def name_of(self, scenario: Scenario) -> str:
        """How commands name one of these scenarios. Raises LookupError for another."""
        return dict(zip((self.against, *self.policies), self._names, strict=True))[scenario]

    @staticmethod
    def line(command: str, names: Sequence[str], options: Sequence[Option]) -> str:
        """A command for a POSIX shell; an option's value of True is a switch."""
        words = [*command.split(), *names]
        for option, value in options:
            words += [option] if value is True else [option, str(value)]
        plugin = find_plugin()
        chosen = [] if plugin is None else ["--plugin", plugin.reference]
        return shlex.join(["ringfence", *chosen, *words])

    @cached_property
    def _names(self) -> list[str]:
        every = (self.against, *self.policies)
        return [
            scenario.reference or pin_name(file, scenario.fingerprint)
            for file, scenario in zip(make_file_names(every), every, strict=True)
        ]

    @property
    def _other(self) -> str:
        return self._names[0]

    @property
    def _table(self) -> str:
        """How commands name the table of boards; "" for the 42."""
        table, real = self.boards, the_boards()
        if (table.source, table.fingerprint) == (real.source, real.fingerprint):
            return ""
        name = table.source if re.fullmatch(r"[\w.-]+\.(csv|xlsx)", table.source) else BOARDS
        return table.reference or pin_name(name.lstrip("-") or BOARDS, table.fingerprint)

    @property
    def _span(self) -> list[Option]:
        options: list[Option] = [("--years", self.years)] if self.years else []
        return [*options, ("--from", self.start)] if self.start else options

    @property
    def table(self) -> list[Option]:
        """The option for the user's own table of boards."""
        return [("--boards", self._table)] if self._table else []

    @property
    def posterior(self) -> list[Option]:
        """The options for a posterior other than the one that ships."""
        return list(self.made[0].posterior if self.made else list_options_in_use())

    @property
    def _where(self) -> list[Option]:
        return [*self.table, *self.posterior, ("--seed", self.made[0].seed)]

    @property
    def _futures(self) -> list[Option]:
        return [*self._where, ("-n", self.made[0].futures)]

    def _expect(self, also: Iterable[str] = ()) -> list[Option]:
        return [("--expect", self.fingerprint(also))]


def make_file_stem(words: str) -> str:
    """Words as a file's name: small letters, digits and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:50]


def make_file_names(scenarios: Sequence[Scenario]) -> list[str]:
    """What a file of each scenario is called that has none, or is of the library; no two share a name."""
    stems = [make_file_stem(scenario.name) or "scenario" for scenario in scenarios]
    taken = Counter(stems)
    return [
        f"{stem}.yaml" if taken[stem] == 1 else f"{stem}-{ascii_lowercase[at % 26]}.yaml"
        for at, stem in enumerate(stems)
    ]


def _list_needed(scenario: Scenario, name: str) -> list[NeededFile]:
    """The files behind one name. The text is that of the whole; of a stack only its own files are needed."""
    parts = [name] if not scenario.reference or len(scenario.parents) < 2 else split_stack(name)
    pins = [split_pin(part) for part in parts if part not in library()]
    return [NeededFile(file, mark, scenario.to_yaml() if len(parts) == 1 else "") for file, mark in pins if mark]
