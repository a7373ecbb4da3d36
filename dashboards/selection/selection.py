"""A selection: up to four scenarios, the outcome, the years, the seed and the number of futures.

Everything here is immutable, so that undo is an earlier value, and a link or an upload gives a whole selection or
none. Scenario A is always today's rules, which the others are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache

from dashboards.selection.edited_titles import EditedTitle, name_levers, write_edited_title
from dashboards.selection.own_evidence import OwnEvidence
from simulator.boards.table import Boards, read_boards
from simulator.common import numbers
from simulator.common.errors import InputError
from simulator.common.sentence_templates import get_template
from simulator.common.yaml_nodes import why_unreadable
from simulator.declarations.calendar import QUARTERS, YEARS, parse_year, parse_years, quarter_name, year_name
from simulator.declarations.levers import LEVERS
from simulator.declarations.outcomes import BOARD_OUTCOMES
from simulator.runs.futures import DEFAULT_N, SEED
from simulator.runs.recipe import make_file_stem
from simulator.scenarios.change import LAST, Change, describe_switch_problem, format_setting, name_lever
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.library import library
from simulator.scenarios.library_reasons import inherit_reason
from simulator.scenarios.library_titles import find_library_title, squash_title
from simulator.scenarios.loader import baseline_values, select_lever
from simulator.scenarios.policy_sentence import summarise_lever, takes_one_step
from simulator.scenarios.scenario import Problem, Scenario, ScenarioError, load_scenario, parse_scenario

LETTERS = "ABCD"
OUTCOMES = BOARD_OUTCOMES
USUAL_START = 4 * parse_year("2027/28")
FUTURES_CHOICES = (250, 500, 1000, 2000, 4000)
PRECISIONS, MOST_FUTURES = (1.0, 0.5, 0.25), 8000
"""Half-widths to go on to, £ in each £100, and the most futures that it may take."""
PHASES = (0, 4, 8, 12)
LONGEST_TITLE, LONGEST_REASON = 80, 600
LONGEST_PRESET = 200
"""Letters of a preset's name, in a selection and in a link; four names of the library have about 100."""
NO_REASON = "Set in the dashboard; no reason was given."


class SelectionError(InputError):
    """Something cannot be chosen; the message is for the person who chose it."""


@lru_cache(maxsize=64)
def load_library_scenario(name: str) -> Scenario:
    """A scenario of the library, or several joined by +; never a file. Raises SelectionError."""
    names = [part.strip() for part in name.split("+")]
    if len(names) > 4 or any(part not in library() for part in names):
        raise SelectionError(f"“{name[:60]}” is not a scenario of the library")
    return load_scenario("+".join(names))


def make_own_name(title: str) -> str:
    """A file name made of a title, which no scenario of the library has."""
    name = make_file_stem(title) or "scenario"
    return f"{name}-own" if name in library() else name


def _check_text(text: str, longest: int, subject: str) -> None:
    if len(text) > longest:
        raise SelectionError(f"{subject} has at most {longest} letters")
    wrong = why_unreadable(text)
    if wrong or ("\n" in text.strip() and subject == "a title"):
        raise SelectionError(f"{subject} {wrong or 'has more than one line'}")


@lru_cache(maxsize=32)
def _parse_text(text: str, name: str) -> Scenario | tuple[Problem, ...]:
    """The scenario in a text, or what is wrong with it; cached, because every change of a selection asks for it."""
    try:
        return parse_scenario(text, name)
    except ScenarioError as error:
        return error.problems


def parse_text(text: str, name: str) -> Scenario:
    """The scenario in the text of a file. Raises ScenarioError."""
    parsed = _parse_text(text, name)
    if isinstance(parsed, Scenario):
        return parsed
    raise ScenarioError(parsed)


@dataclass(frozen=True)
class LeverEdit:
    """One lever set by hand: its value, the first quarter (index), the quarters it takes to arrive, the reason, and the
    last quarter (without end if that is the calendar's last).
    """

    lever: str
    value: float
    start: int = USUAL_START
    phase: int = 0
    because: str = ""
    end: int = LAST

    def __post_init__(self) -> None:
        if self.lever not in LEVERS:
            raise SelectionError(f"“{self.lever[:40]}” is not a lever")
        about, called = LEVERS[self.lever].about, name_lever(self.lever)
        if not about.low <= self.value <= about.high:
            raise SelectionError(f"{called} must be {about.low:g} to {about.high:g}, not {self.value:g}")
        phase = self.phase if self.phase > 1 else 0
        if problem := describe_switch_problem(self.lever, self.value, phase=phase, called=called):
            raise SelectionError(problem)
        if not 0 <= self.start < QUARTERS:
            raise SelectionError(f"{called}: the start is outside {year_name(0)} to {year_name(YEARS - 1)}")
        if not 0 <= self.phase <= QUARTERS:
            raise SelectionError(f"{called}: it cannot take {self.phase} quarters to arrive")
        if not self.start <= self.end <= LAST:
            raise SelectionError(f"{called}: it would end before it begins in {quarter_name(self.start)}")
        if self.end < LAST and self.phase > self.end - self.start + 1:
            raise SelectionError(f"{called}: it would end before it has arrived")
        _check_text(self.because, LONGEST_REASON, "a reason")

    @property
    def change(self) -> Change:
        """The same as a dated change of a scenario."""
        because = self.because.strip() or NO_REASON
        phase = self.phase if self.phase > 1 else 0
        return Change(self.lever, "to", self.value, (), self.start, self.end, phase, because, (), True, "dashboard", 0)


@dataclass(frozen=True)
class Slot:
    """One scenario: a preset of the library or the text of a scenario file, the visitor's title, and edits.

    An edit of a lever stands instead of all that the preset does to this lever.
    """

    preset: str = "baseline"
    title: str = ""
    edits: tuple[LeverEdit, ...] = ()
    text: str = ""
    base: Scenario = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_text(self.title, LONGEST_TITLE, "a title")
        if len(self.preset) > LONGEST_PRESET:
            raise SelectionError(f"a scenario's name has at most {LONGEST_PRESET} letters")
        if len({edit.lever for edit in self.edits}) < len(self.edits):
            raise SelectionError("a lever is set twice")
        base = parse_text(self.text, make_own_name(self.preset)) if self.text else load_library_scenario(self.preset)
        object.__setattr__(self, "base", base)
        self._check_title()

    def _check_title(self) -> None:
        """A title of somebody's own must not pass for another policy of the library."""
        taken = find_library_title(self.title)
        if taken and squash_title(self.plain_title.text) != squash_title(taken):
            told = get_template("title.taken").format(title=taken, plain=self.plain_title.text)
            raise SelectionError(told)

    @property
    def name(self) -> str:
        """Its name in files and commands: the library's while nothing differs, or else one made of the title."""
        if not self.edits and not self.title:
            return self.base.name
        return make_own_name(self.shown)

    @property
    def shown(self) -> str:
        """The title that people see: the visitor's, or the preset's with what was changed."""
        return self.title or self.plain_title.text

    @cached_property
    def plain_title(self) -> EditedTitle:
        """The title that it has by itself: the preset's with what was changed."""
        if not self.edits:
            return EditedTitle(self.base.title)
        if alike := self._find_alike():
            return EditedTitle(alike)
        edits = {edit.lever: edit.value for edit in self.edits}
        levers = dict.fromkeys([*(change.lever for change in self.base.changes), *edits])
        values = {lever: self.describe_preset(lever).value for lever in levers}
        moved = [self.edit(lever) or self.describe_preset(lever) for lever in levers]
        together = len({each.end for each in moved}) == 1
        plain = together and all(lever in edits or self.is_one_step(lever) for lever in levers)
        return write_edited_title(
            self.base.title, edits, values, LONGEST_TITLE, dates=self._name_dates(moved), plain=plain
        )

    def _find_alike(self) -> str:
        """The title of the preset, or else of the library's scenario, that sets every lever alike; "" for none."""
        preset = {edit.lever: self.describe_preset(edit.lever) for edit in self.edits}
        if all(_say_alike(edit) == _say_alike(preset[edit.lever]) for edit in self.edits) and all(
            self.is_one_step(lever) for lever in preset
        ):
            return self.base.title
        kept = [change.lever for change in self.base.changes if change.lever not in preset]
        if not all(self.is_one_step(lever) for lever in kept):
            return ""
        sets = _list_settings([*self.edits, *(self.describe_preset(lever) for lever in dict.fromkeys(kept))])
        return next((title for title, others in _list_simple_scenarios() if sets and sets == others), "")

    def _name_dates(self, moved: list[LeverEdit]) -> str:
        """When it begins, where all begins in another year than the preset's, and when it ends, where it does."""
        starts, ends = {each.start for each in moved}, {each.end for each in moved}
        usual = min((change.start for change in self.base.changes), default=USUAL_START)
        start = next(iter(starts))
        words = "" if len(starts) > 1 or start % 4 or start == usual else f", from {year_name(start // 4)}"
        short = [each for each in moved if each.end < LAST and each.end != self.describe_preset(each.lever).end]
        if not short:
            return words
        named = "" if len(ends) == 1 else f"{name_levers([each.lever for each in short])} "
        return f"{words}, {named}ending in {quarter_name(min(each.end for each in short)).removesuffix(' Q4')}"

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as the simulator runs it: the preset without what it does to the levers that are edited, and
        the edits, with the library's reason where one has none and its value is the library's.
        """
        base = self.base
        if not self.edits and not self.title:
            return base
        edited = {edit.lever for edit in self.edits}
        changes = (
            *(change for change in base.changes if change.lever not in edited),
            *(inherit_reason(edit.change) for edit in self.edits),
        )
        clashes = tuple(clash for clash in base.clashes if clash.lever not in edited)
        asked = self._write_question()
        return Scenario(
            self.name, self.shown, asked, changes, base.interventions, base.cannot_say, (base.name,), clashes
        )

    def _write_question(self) -> str:
        """The preset's question, with what was changed by hand."""
        if not self.edits:
            return self.base.question
        change = get_template("question.change")
        told = [
            change.format(
                lever=_name_shortly(edit.lever),
                value=format_setting(edit.lever, edit.value).lower(),
            )
            for edit in self.edits
        ]
        template, lever = get_template("question.changed"), change.partition("{value}")[0]
        said = template.partition("{question}")[2].partition("{changes}")[0]
        question, _, before = self.base.question.partition(said)  # a file that was changed by hand before it was saved
        again = tuple(lever.format(lever=_name_shortly(edit.lever)) for edit in self.edits)
        kept = [one for one in before.removesuffix(".").split("; ") if one and not one.startswith(again)]
        return template.format(question=question, changes="; ".join([*kept, *told]))

    def describe_preset(self, lever: str) -> LeverEdit:
        """What the preset does to a lever, as an edit: its value, and when it begins, arrives and ends. Several steps
        become the last of them; a lever that the preset leaves alone has its last value, from the usual start on.
        """
        move = summarise_lever(self.base, lever)
        return LeverEdit(lever, move.value, move.start, move.phase, "", move.end)

    def is_one_step(self, lever: str) -> bool:
        """True when the preset leaves a lever alone or moves it once, so that an edit can say the same."""
        return takes_one_step(self.base, summarise_lever(self.base, lever))

    def is_as_preset(self, edit: LeverEdit) -> bool:
        """True where an edit sets a lever as the preset does by itself."""
        return self.is_one_step(edit.lever) and _say_alike(edit) == _say_alike(self.describe_preset(edit.lever))

    def count_changes(self, lever: str) -> int:
        """How many changes of a lever the preset holds."""
        return len(select_lever(self.base.changes, lever))

    def edit(self, lever: str) -> LeverEdit | None:
        """The edit of a lever, if there is one."""
        return next((edit for edit in self.edits if edit.lever == lever), None)

    def with_edit(self, edit: LeverEdit) -> Slot:
        """The same with one lever set."""
        others = [other for other in self.edits if other.lever != edit.lever]
        return replace(self, edits=(*others, edit))

    def without(self, lever: str) -> Slot:
        """The same with a lever as it was in the preset."""
        return replace(self, edits=tuple(edit for edit in self.edits if edit.lever != lever))


def _name_shortly(lever: str) -> str:
    return LEVERS[lever].about.meaning.partition(" (")[0].rstrip("?")


def _say_alike(edit: LeverEdit) -> tuple[float, int, int, int]:
    """What an edit sets, without its reason, as two edits can be compared."""
    return round(edit.value, 9), edit.start, edit.phase if edit.phase > 1 else 0, edit.end


def _list_settings(edits: Sequence[LeverEdit]) -> dict[str, tuple[float, int, int, int]]:
    """What each lever is set to, without those that stay as they are under today's rules."""
    return {
        edit.lever: _say_alike(edit)
        for edit in edits
        if abs(edit.value - float(baseline_values()[edit.lever][-1])) >= 1e-9
    }


@cache
def _list_simple_scenarios() -> list[tuple[str, dict[str, tuple[float, int, int, int]]]]:
    """The scenarios of the library that move each lever once: their titles, and what each lever is set to."""
    simple = []
    for name in sorted(library()):
        slot = Slot(name)
        moved = [*dict.fromkeys(change.lever for change in slot.base.changes)]
        if all(slot.is_one_step(lever) for lever in moved):
            simple.append((slot.base.title, _list_settings([slot.describe_preset(lever) for lever in moved])))
    return simple


TODAYS_RULES = Slot()


@dataclass(frozen=True)
class Selection:
    """Everything that decides an answer. The first slot is today's rules.

    `letters` are those of the slots, in their order: a scenario keeps its letter, and with it colour and dash, when
    another is removed. Without them they are A, B, C and so on.
    `until`: go on until more futures would move no mean difference by more than so many £ of each £100; 0 for just
    `futures`.
    `own`: the visitor's own table of boards, if there is one; no link carries it. `evidence`: evidence of the visitor's
    own, weighed, from which parameters are drawn instead of the fit that ships; a link carries its fingerprint.
    """

    slots: tuple[Slot, ...] = (TODAYS_RULES,)
    outcome: str = "retained"
    years: str = ""
    seed: int = SEED
    futures: int = DEFAULT_N
    until: float = 0.0
    own: Boards | None = None
    evidence: OwnEvidence | None = None
    letters: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.slots) <= len(LETTERS) or self.slots[0] != TODAYS_RULES:
            raise SelectionError(f"there are 1 to {len(LETTERS)} scenarios, the first of them today's rules")
        if not self.letters:
            object.__setattr__(self, "letters", LETTERS[: len(self.slots)])
        self._check_letters()
        if self.outcome not in OUTCOMES:
            raise SelectionError(f"“{self.outcome[:40]}” is not an outcome that the dashboard shows")
        if self.years and parse_years(self.years).start >= YEARS:
            raise SelectionError(f"{self.years} is outside {year_name(0)} to {year_name(YEARS - 1)}")
        try:
            object.__setattr__(self, "seed", numbers.parse_seed(self.seed))
        except numbers.NotReadableError as problem:
            raise SelectionError(str(problem)) from None
        if self.until not in (0.0, *PRECISIONS):
            raise SelectionError(
                "futures can be added until more would move a difference by at most "
                f"£{', £'.join(map(str, PRECISIONS))} of each £100"
            )
        if self.futures not in FUTURES_CHOICES and not self.until:
            raise SelectionError(f"the number of futures is one of {', '.join(map(str, FUTURES_CHOICES))}")
        if self.until:
            object.__setattr__(self, "futures", MOST_FUTURES)

    def _check_letters(self) -> None:
        known = "".join(letter for letter in LETTERS if letter in self.letters)
        if known != self.letters or len(known) != len(self.slots) or known[0] != LETTERS[0]:
            raise SelectionError(f"each scenario has a letter of its own, {LETTERS[0]} to {LETTERS[-1]}, in order")

    @property
    def boards(self) -> Boards:
        """The table of boards: the visitor's own if there is one, or else the 42."""
        return self.own or read_boards()

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every slot's scenario, today's rules first, told apart by their titles."""
        return tuple(with_distinct_titles(slot.scenario for slot in self.slots))

    def find_place(self, letter: str) -> int:
        """The place among the slots of the scenario with a letter; -1 if there is none."""
        return self.letters.find(letter) if letter else -1

    @property
    def free_letter(self) -> str:
        """The letter that one more scenario would have: the first that is free; "" if none is."""
        return next((letter for letter in LETTERS if letter not in self.letters), "")

    def with_slot(self, at: int, slot: Slot) -> Selection:
        """The same with one scenario changed, or, where `at` is the number of scenarios, one more under the first
        letter that is free.
        """
        if not 1 <= at <= len(self.slots):
            raise SelectionError("today's rules stay as they are; choose another place")
        if at < len(self.slots):
            return replace(self, slots=(*self.slots[:at], slot, *self.slots[at + 1 :]))
        letters = "".join(sorted(self.letters + self.free_letter))
        place = letters.index(self.free_letter) if self.free_letter else at
        return replace(self, slots=(*self.slots[:place], slot, *self.slots[place:]), letters=letters)

    def without_slot(self, at: int) -> Selection:
        """The same with one scenario less; the others keep their letters."""
        if not 1 <= at < len(self.slots):
            raise SelectionError("today's rules stay, for the others are compared with them")
        letters = self.letters[:at] + self.letters[at + 1 :]
        return replace(self, slots=(*self.slots[:at], *self.slots[at + 1 :]), letters=letters)

    @property
    def twins(self) -> list[tuple[int, int]]:
        """Pairs of scenarios that set every lever alike, whatever they are called."""
        prints = [scenario.fingerprint for scenario in self.scenarios]
        return [(i, j) for i in range(len(prints)) for j in range(i + 1, len(prints)) if prints[i] == prints[j]]


def make_opening_selection() -> Selection:
    """The selection that a visitor sees first: today's rules, a ring-fence, leadership, and both."""
    return Selection((TODAYS_RULES, Slot("ringfence"), Slot("leadership"), Slot("both")))
