"""Finds every number that a page of the dashboard states, and holds it against the simulated runs.

A statement is a quantity and the text that gives it. `Stated.read` takes statements out of a page, table by table,
picture by picture and sentence by sentence; a number that belongs to no statement and to no known phrase is left over,
and a test fails on it: a page cannot state a number that nobody checks.
"""

from __future__ import annotations

import copy
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape
from typing import Any, TypeVar

import numpy as np

from dashboards.computing.answer_view import AnswerView
from dashboards.selection.selection import LETTERS
from simulator.common.arrays import Floats
from simulator.declarations.outcomes import BOARD_OUTCOMES, OUTCOMES
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import Z_95, standard_error
from simulator.runs.assumed_sign import find_assumed_sign
from simulator.runs.posterior import read_fit_document

T = TypeVar("T")
WIDE = 1.959963984540054
POUNDS = r"(?:−?£[\d,.]+\d|−?£\d|−?[\d.]+p|under 1p|not defined)"
MILLIONS = r"£[\d.,]*\dm?"
PERCENT = r"(?:[\d.]+%|not defined)"
CHANGE = rf"(?:{POUNDS} (?:more|less)|no more and no less|not defined)"
"""How much more or less of each £100, said; drawn, it is DRAWN, and a range of it CHANGES."""

DRAWN = rf"(?:[+−]?{POUNDS})"
CHANGES = rf"(?:{CHANGE} to {CHANGE}|{POUNDS} to {CHANGE}|{CHANGE})"
TODAY = "today's rules"
EVERY = "in every future that was run"
WRITTEN = "in every future, which is no proof"
REST = r"(?:, (?:(?:worse|lower)(?: or the same)?|the same) in \d+)*(?: \(not assumed, but no proof\))?"
ASSUMED = r"the model as written only allows it to (?:help|harm) \([a-z, -]+\)"
COUNTS = rf"(?:(?P<up>better|higher) in (?P<count>\d+) of (?P<whole>\d+) futures(?P<rest>{REST})|{ASSUMED})"
NUMBERS = (
    rf"(?P<mean>{CHANGE}) of each £100 on average"
    rf" \(running more futures could move that by (?P<margin>{POUNDS})\); "
    rf"in 8 of 10 futures (?P<range>{CHANGES}); {COUNTS}"
)
SURE = (
    rf"For “[^”]*”, more futures could move the average difference by (?P<margin>{POUNDS}); "
    rf"in 8 of 10 futures (?P<range>{CHANGES}); {COUNTS}"
)
"""The same after a sentence that states the mean."""
POSTS_BEGIN = ("England’s health inequalities money in a model, ", "Model of England’s inequalities fund, ")
"""How a sentence to be posted begins, of which the second leaves more room for titles."""
STEPS = ("planned", "retained", "spent", "place", "front", "additional")
CHANGED = rf"(?:\+?{POUNDS})"
CARD_REST = r"(?:, (?:less(?: or the same)?|the same) in \d+)*(?: \(every one that was tried: [^)]*\))?"
MIXED = r"(?:, yet by more where [a-z ]+)?"
WHAT = {OUTCOMES[name].title: name for name in sorted(BOARD_OUTCOMES, key=lambda name: -len(OUTCOMES[name].title))}
LABELS = {about.label: name for name, about in OUTCOMES.items()}
PLAIN = {d.about.plain.removeprefix("how"): name for name, d in PARAMETERS.items() if d.about.plain}
TAKEN = ("raided_q1", "raided_q2", "raided_q3", "raided_q4", "rushed", "lapsed")

PHRASES = (
    r"\([A-Z]\d\d(?:, [A-Z]\d\d)+\)",
    r"This answer was made on \d+ [A-Z][a-z]+ 20\d\d\.",
    r"Sources: [A-Z]\d\d(?:, [A-Z]\d\d)*\.",
    r"That number accounts for about \d+% of how widely the futures differ\.",
    r"(?:(?:Over \S+(?: to \S+)?: )?[Oo]f the|Not every way to write the model assumes this: of|"
    r"On “[^”]*”, of the|of the) \d+ (?:ways to write the model,? )?“[^”]*” gives clearly more in (?:\d+|none) and "
    r"“[^”]*” in (?:\d+|none)(?:; \d+ (?:is|are) too close to call)?"
    r"(?:: averages over \d+ futures of each, beyond what chance would give)?\.?",
    r"of the \d+ ways to write the model, each fitted by itself, leadership gives clearly more in (?:\d+|none) and the "
    r"ring-fence in (?:\d+|none)(?:; \d+ (?:is|are) too close to call)?",
    r"From one way to another, “[^”]*” gives anything from [^()]+?(?: \(which may be chance\))? "
    r"\(where [^()]+\) to [^()]+?\.",
    r"“[^”]*” is furthest ahead where [^()]+ \(£[\d.]+ more of each £100\)\.",
    r"Depending on how the model is written \(\d+ ways, \d+ futures of each\), “[^”]*” gives anything from "
    r"[^()]+?(?: \(which may be chance\))? to £[\d.]+ (?:more|less) of each £100\.",
    r"“[^”]*” does more (?:(?:, | and )?in [\d ]+(?:to \d+ )?(?:of 100 futures )?where (?:it is clearly ahead|"
    r"the other is|it is too close to call)(?: \([^()]*\))?)+\.",
    r"or \d+ other numbers that this rests on\.",
    r"Show the numbers: Where each £100 goes",
    r"The model fails \d+ of its \d+ checks; of the \d+ on sizes that [a-z ]+, it passes \d+\.",
    r"The model was written and fitted in \d+ ways\. From one to another, a ring-fence that is not waived adds "
    r"£[\d.]+ to £[\d.]+ to [a-z ]+, and stronger leadership £[\d.]+ to £[\d.]+ of each £100: averages "
    r"of \d+ futures of each way\.",
    r"\b\d+ (?:single )?futures of each\b|about [\d.]+ times what Answer says for 1,000 futures",
    r"An average of [\d,]+ versions is also known less well",
    r"The level may well be too (?:high|low): all \d+ checks on money actually used, in times before this fund,",
    r"(?:May be|may be) too (?:high|low): all \d+ checks on use err so\.",
    r"The model fails a check on [^.]*?: [a-z ,-]+\.",
    r"A check that bears on .*? fails\. .*?; tolerance [^.]*?(?:\.\d[^.]*?)*\.(?= |$|<)",
    r"20\d\d/\d\d( Q[1-4])?",
    r"\b(?:80|50) of 100 futures|8 in 10 results|95 in 100 results|9 of 10 futures|faint bands 80|line: 95( in 100)?",
    r"£ in each £100|in each £100|[Oo]f each £100|£1\b|100 squares",
    r"Ringfence \d+\.\d+\.\d+",
    r"a picture for each of 45 interventions",
    r"An average is settled if .*? less than £2m a year\.",
    r"which takes 100",
    r"Sources: [A-Z]\d\d(?:, [A-Z]\d\d)*\.",
    r"This answer was made on \d+ [A-Z][a-z]+ \d{4}\.",
    r"On the web: [\w.-]+(?:, [\w.-]+)*",
    r"[Ww]hat carries the verdict on “[^”]*” against “[^”]*”: .*?in \d+ of \d+\.",
    r"[Tt]oo few futures were run to say what carries the verdict on .*?: at least \d+ are needed\.",
    r"[Nn]one of the \d+ ways in which the model was written turns the verdict on “[^”]*” against “[^”]*”\.",
    r"[Nn]o single number turns the verdict on .*? lowest or highest(?:, and none of the \d+ ways [a-z ]+)?\.",
)
"""What holds digits and states nothing about an answer."""


@dataclass(frozen=True)
class Statement:
    """What a page says of a quantity, and what it is."""

    about: str
    text: str
    value: float | str

    @property
    def holds(self) -> bool:
        """Whether the text is a rounding of the value, to its printed digits, or the same word."""
        return self.text == self.value if isinstance(self.value, str) else is_rounding(self.text, self.value)


def is_rounding(text: str, value: float) -> bool:
    """Whether a text such as £86, 73p, +£2.6 or 34 is a rounding of a value, in pounds of each £100."""
    if value != value or text == "not defined":
        return value != value and text == "not defined"
    if "under 1p" in text:
        return 0 < abs(value) <= 0.01 + 1e-9
    if "under 0.1" in text:
        return 0 < abs(value) < 0.1 and (value < 0) == text.endswith(" less") and "−" not in text
    match = re.search(r"(−?)\+?£?([\d,]*\.?\d+)", text)
    assert match, text
    digits, scale = match[2].replace(",", ""), 0.01 if text.endswith("p") else 1.0
    shown = (-1 if match[1] or text.startswith("−") else 1) * float(digits)
    places = len(digits.partition(".")[2])
    last = 10.0 ** max(-places, math.floor(math.log10(abs(shown))) - 1 if shown >= 100 else -places)
    return abs(scale * shown - value) <= 0.5 * scale * last + 1e-9


def sign_gap(text: str) -> str:
    """What is said of a difference, with a sign: £15.6 less is −£15.6."""
    size, _, way = text.rpartition(" ")
    if text == "no more and no less":
        return "£0.00000"
    return f"−{size}" if way == "less" else f"+{size}" if way == "more" else text


def split_range(text: str) -> tuple[str, str]:
    """Both ends of a range of differences with their signs: £2 less to £20 more is −£2 and +£20."""
    first, to, last = text.partition(" to ")
    if not to:
        return sign_gap(text), sign_gap(text)
    if first.endswith(" less"):
        return sign_gap(first), sign_gap(last)
    if last.endswith(" less"):
        return sign_gap(last), sign_gap(f"{first} less")
    return sign_gap(f"{first} more"), sign_gap(last)


class Truth:
    """The runs of an answer, counted and averaged without any of the dashboard's or the report's code."""

    def __init__(self, view: AnswerView) -> None:
        self.view, self.titles = view, [run.manifest.title for run in view.runs]
        self.n = len(view.runs[0].nation)
        self.years = [year.split("/")[0] for year in view.baseline.years]
        self._read: dict[tuple[object, ...], Any] = {}  # each page states the same numbers, and each is worked out once

    def _once(self, find: Callable[[], T], *key: object) -> T:
        if key not in self._read:
            self._read[key] = find()
        found: T = self._read[key]
        return found

    def values(self, at: int, outcome: str, span: slice | None = None) -> Floats:
        """An outcome in each future, (futures,): £ in each £100, or £m a year."""
        years = span or self.view.span

        def find() -> Floats:
            found = np.asarray(OUTCOMES[outcome].of(self.view.runs[at].nation[:, years]))
            found = found * (1.0 if outcome in TAKEN or outcome == "raided" else 100.0)
            found.flags.writeable = False
            return found

        return self._once(find, at, outcome, years.start, years.stop)

    def level(self, at: int, outcome: str, span: slice | None = None) -> float:
        """Its mean."""
        years = span or self.view.span
        return self._once(
            lambda: float(self.values(at, outcome, span).mean()), "level", at, outcome, years.start, years.stop
        )

    def differences(self, new: int, old: int, outcome: str) -> Floats:
        """Paired differences, (futures,)."""
        values = self.values(new, outcome) - self.values(old, outcome)
        return np.where(np.abs(values) <= 1e-8, 0.0, values)

    def centile(self, at: int, share: float, outcome: str, span: slice | None = None) -> float:
        """A centile of an outcome over futures."""
        years = span or self.view.span
        return self._once(
            lambda: float(np.quantile(self.values(at, outcome, span), share)),
            *(share, at, outcome, years.start, years.stop),
        )

    def of_100(self, new: int, old: int, outcome: str, sign: int) -> int:
        """In how many of 100 futures (or of all, where there are fewer) the differences have a sign.

        Better and worse stand by themselves, so that both sides of a pair are told alike; the same is what is left.
        """
        signs, up = np.sign(self.differences(new, old, outcome)), OUTCOMES[outcome].better or 1
        counts = {one: int((signs == one).sum()) for one in (up, -up, 0)}
        if self.n < 100:
            return counts[sign]
        shown = {
            name: count if count in (0, self.n) else min(99, max(1, round(100 * count / self.n)))
            for name, count in counts.items()
        }
        shown = {name: 100 if counts[name] == self.n else count for name, count in shown.items()}
        shown[0] = 100 - shown[up] - shown[-up]
        return shown[sign]

    def fund(self, years: slice | None = None) -> float:
        """£m a year under today's rules."""
        return float(self.view.runs[0].nation["funding"][:, years or self.view.span].mean())

    def last_averages(self) -> list[float]:
        """The average of the last year under each scenario."""
        last = slice(len(self.years) - 1, len(self.years))
        return [self.level(at, self.view.outcome, last) for at in range(len(self.titles))]

    def verdict(self, new: int, old: int, outcome: str) -> str:
        """Whether a scenario does better, how often, and whether that is settled: docs/guide/words.md, by hand."""
        differences, better = self.differences(new, old, outcome), OUTCOMES[outcome].better
        if not differences.any():
            return "no difference"
        if self.n < 100:
            return "too few futures"
        runs = self.view.runs
        new_schedule, old_schedule = runs[new].schedule, runs[old].schedule
        assert new_schedule is not None and old_schedule is not None
        if sign := find_assumed_sign(outcome, new_schedule, old_schedule):
            slightly = "slightly " if abs(float(differences.mean())) < 1 else ""
            return f"{slightly}{'better' if sign * better > 0 else 'worse'}, sign assumed"
        mean, error = float(differences.mean()), self.error(new, old, outcome)
        if abs(mean) <= WIDE * error:
            return "average not settled"
        agreeing = int((np.sign(differences) == np.sign(mean)).sum())
        share = round(100 * agreeing / self.n) / 100  # as it is shown
        often = "in nearly all futures" if share >= 0.95 else "in most futures" if share >= 2 / 3 else "on average only"
        word = ("better", "worse")[mean * better < 0] if better else ("higher", "lower")[mean < 0]
        return f"{'slightly ' if abs(mean) < 1 else ''}{word} {often}"

    def said_verdict(self, new: int, old: int, outcome: str) -> str:
        """The verdict as sentences have it, which say where there is no exception."""
        differences = self.differences(new, old, outcome)
        every = bool((np.sign(differences) == np.sign(differences.mean())).all())
        return self.verdict(new, old, outcome).replace(
            "in nearly all futures", EVERY if every else "in nearly all futures"
        )

    def error(self, new: int, old: int, outcome: str) -> float:
        """The Monte Carlo standard error of a mean difference; futures that share a parameter set go together."""
        sets = self.view.runs[0].sets
        return float(standard_error(self.differences(new, old, outcome), sets))

    def position(self, title: str) -> int:
        """Which scenario has a title; today's rules are the first."""
        if title in (TODAY, "Today's rules"):
            return 0
        letters = self.view.letters[: len(self.titles)]
        return letters.index(title) if title in letters else self.titles.index(title)


@dataclass
class Stated:
    """What one page states, and what of its text nobody has understood."""

    truth: Truth
    page: str
    outcome: str
    statements: list[Statement] = field(default_factory=list)
    left: str = ""

    def say(self, about: str, text: str, value: float | str) -> None:
        """Note a statement."""
        self.statements.append(Statement(f"{self.page}: {about}", text, value))

    def read(self, html: str) -> None:
        """Take every statement out of the HTML of a page."""
        for line in (
            *self.truth.view.renamed,
            *self.truth.view.defined,
        ):  # held to Build's sentence by tests/dashboards/export/test_takeaway.py
            broken = r"[\s-]*".join(map(re.escape, re.split(r"[\s-]+", line)))  # lines of a picture break
            html = re.sub(broken.replace("'", "(?:'|&#39;|&#x27;|&amp;#39;)"), " ", html)
        html = re.sub(r"<table[^>]*>.*?</table>", lambda m: self._table(m[0]), html, flags=re.S)
        html = re.sub(
            r'<section class="card plain"><h3>(.*?)</h3>(.*?)</section>', self._outcome_card, html, flags=re.S
        )
        html = re.sub(r'<section class="card" (.*?)</section>', self._scenario_card, html, flags=re.S)
        html = re.sub(r'<ul class="evidence">.*?</ul>', " ", html, flags=re.S)
        html = re.sub(r'<section class="say">(.*?)</section>', self._answer_card, html, flags=re.S)
        html = re.sub(r"<p>Its alternative text, [^:]*: (.*?)</p>", self._alternative, html)
        html = re.sub(r'<p class="post">.*?</p>', " ", html)  # held to its card by tests/reports/test_short_sentence.py
        html = re.sub(r"<h2>To cite it</h2><p>(.*?)</p>", self._alternative, html)
        self.left = self._sentences(plain(html), self.outcome)
        for phrase in PHRASES:
            self.left = re.sub(phrase, " ", self.left)

    # Tables.

    def _table(self, table: str) -> str:
        caption = plain(re.findall(r"<caption>(.*?)</caption>", table)[0])
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
        head, *body = [[plain(cell) for cell in row] for row in rows]
        for words, put in (
            ("average and 8 in 10 results", self._by_year_ranges),
            ("Paired differences from", self._paired),
            ("Where each £100 goes", self._steps),
            ("£m a year", self._taken),
            ("Every step year by year", self._by_year_means),
        ):
            if words in caption:
                usual = self.truth
                if "when all policies act" in caption:
                    self.truth = self._while_all_act()
                for row in body:
                    put(head, row)
                self.truth = usual
                return ""
        raise AssertionError(f"{self.page}: nobody checks the table “{caption}”")

    def _by_year_ranges(self, head: list[str], row: list[str]) -> None:
        at = LETTERS.index(row[0][0])
        for year, cell in enumerate(row[1:]):
            span = slice(year, year + 1)
            average, low, high = re.findall(POUNDS, cell)
            self.say(f"{row[0]}, {head[year + 1]}", average, self.truth.level(at, self.outcome, span))
            for text, share in ((low, 0.1), (high, 0.9)):
                self.say(f"{row[0]}, {head[year + 1]}", text, self.truth.centile(at, share, self.outcome, span))

    def _by_year_means(self, head: list[str], row: list[str]) -> None:
        at, name = LETTERS.index(row[0][0]), LABELS[row[0][2:]]
        for year, cell in enumerate(row[1:]):
            self.say(f"{row[0]}, {head[year + 1]}", cell, self.truth.level(at, name, slice(year, year + 1)))

    def _steps(self, head: list[str], row: list[str]) -> None:
        at = self.truth.position(row[0])
        self.say(f"{row[0]}, {head[1]}", row[1], 100.0)
        for label, cell in zip(head[2:], row[2:], strict=True):
            self.say(f"{row[0]}, {label}", cell, self.truth.level(at, LABELS[label]))

    def _taken(self, head: list[str], row: list[str]) -> None:
        for label, cell in zip(head[1:], row[1:], strict=True):
            self.say(f"{row[0]}, {label}", cell, self.truth.level(LETTERS.index(row[0][0]), LABELS[label]))

    def _paired(self, _: list[str], row: list[str]) -> None:
        at, name = self.truth.position(row[0]), LABELS[row[1]]
        self._numbers(at, 0, name, row[2], row[3], row[4])
        self._range(f"{row[0]}, {name}", row[5], self.truth.differences(at, 0, name), (0.025, 0.975))
        if row[6] != "assumed":
            count, whole = row[6].split(" of ")
            self.say(f"better in, {row[0]}, {name}", count, self._better(at, 0, name))
            self.say(f"of how many, {row[0]}", whole, min(100, self.truth.n))
        self.say(
            f"verdict on {row[0]}, {name}",
            re.sub("as the model assumes", "sign assumed", row[7]),
            self.truth.said_verdict(at, 0, name).replace(EVERY, WRITTEN),
        )
        if len(row) > 8 and row[8] != "–":
            usual, self.truth = self.truth, self._while_all_act(at)
            gap, _, years = row[8].rstrip(")").partition(" (")
            self.say(f"when {row[0]} acts", years.replace(" to ", "-"), self.truth.view.wanted)
            mean = float(self.truth.differences(at, 0, name).mean())
            self._mean_of_levels(f"when it acts, {row[0]}, {name}", gap, mean)
            self.truth = usual

    # Cards and pictures.

    def _scenario_card(self, card: re.Match[str]) -> str:
        letter, title = re.findall(r'<span class="letter"[^>]*>(\w)</span> (.*?)</h3>', card[1], re.S)[0]
        at, words = LETTERS.index(letter), plain(card[1])
        if plain(title) != self.truth.titles[at]:
            raise AssertionError(f"{self.page}: card {letter} is called {title}")
        big = re.findall(r'<p class="big">([^<]+)<small>', card[1])
        ranges = re.findall(rf"8 in 10 results:? ({POUNDS}) to ({POUNDS})", words)
        levels = big + re.findall(rf"({POUNDS}) in each £100 on average", words)
        for text in levels:
            self.say(f"card {letter}", text, self.truth.level(at, self.outcome))
        for pair in ranges:
            for text, share in zip(pair, (0.1, 0.9), strict=True):
                self.say(f"80% range of card {letter}", text, self.truth.centile(at, share, self.outcome))
        steps = dict.fromkeys([100.0 if name is None else name for name in (None, *STEPS)])
        bars = re.findall(r"<text[^>]*>([^<]*)</text>", card[1])
        for label, text in itertools.pairwise(bars):
            name = "place" if "reached places" in label else LABELS.get(unescape(label))
            if re.fullmatch(POUNDS, text) and (name in STEPS or label == "In the fund"):
                self.say(f"bar {letter}, {label}", text, self.truth.level(at, name) if name else 100.0)
                steps.pop(name or 100.0)
        if "In the fund" in bars and steps:
            raise AssertionError(f"{self.page}: no bar for {steps}")
        self._counted(at, 0, self.outcome, words)
        return ""

    def _outcome_card(self, card: re.Match[str]) -> str:
        name, body = LABELS[plain(card[1])], card[2]
        texts = [plain(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", body)]
        label, at = "", 0
        for text in texts:  # a long title stands on two lines before its value
            if text[:1] in LETTERS and text[1:2] == " ":
                label = text
            elif label and re.fullmatch(f"{DRAWN}|{CHANGE}", text):
                at = LETTERS.index(label[0])
                mean = float(self.truth.differences(at, 0, name).mean())
                self._mean_of_levels(f"picture of {name}, {label}", text, mean)
                label = ""
            elif counted := re.fullmatch(r"(?:better|higher) in (\d+) of \d+ futures", text):
                self.say(f"picture of {name}, {LETTERS[at]}, how often", counted[1], self._better(at, 0, name))
        spoken = re.sub(r"<text[^>]*>[^<]*</text>", " ", body)
        left = self._sentences(plain(spoken), name)
        return f" {left} "

    # The answer in three sentences.

    def _answer_card(self, m: re.Match[str]) -> str:
        heading, text = plain(re.findall(r"<h2>(.*?)</h2>", m[1])[0]), plain(re.sub(r"<h2>.*?</h2>", " ", m[1]))
        outcome = next((name for what, name in WHAT.items() if heading.startswith(what)), self.outcome)
        return self._answer_text(text, outcome)

    def _alternative(self, m: re.Match[str]) -> str:
        return self._answer_text(plain(m[1]), self.outcome)

    def _answer_text(self, text: str, outcome: str) -> str:
        sides = "|".join(map(re.escape, [*self.truth.titles, TODAY]))
        first, second = rf"“?(?P<name>{sides})”?", rf"“?(?P<other>{sides})”?"
        counts = rf"in (?P<count>\d+) of (?P<whole>\d+) futures(?P<rest>{CARD_REST})"
        levels = rf"(?P<new>{POUNDS}) against (?P<old>{POUNDS})"
        pairs = (
            rf"{first} [^.:]*? than {second}(?: {counts}{MIXED}|, as the model assumes, since [^:]*): on average "
            rf"(?P<size>{POUNDS}) more of each £100 \({levels}\), about (?P<millions>{MILLIONS}) a year",
            rf"[Aa]fter (?P<few>[\d,]+) futures neither is clearly ahead: {first} [^.:]*? "
            rf"than {second} {counts} \((?:{levels} of each £100|about (?P<both>{POUNDS}) of each £100 under both)\)",
            rf"In this model, {first} and {second} give on average (?P<new>{POUNDS}) of each £100, and the same as "
            "each other in every future",
            rf"{first} and {second} give nearly the same: (?:{levels} of each £100|about (?P<both>{POUNDS}) of each "
            r"£100 under both), and less than 10p apart",
            r"(?P<few>\d+) futures are too few for a verdict, which takes 100: in what was run it is "
            rf"(?P<new>{POUNDS}) "
            rf"of each £100 under {first} and (?P<old>{POUNDS}) under {second}",
        )
        ranges = (
            rf"[Ii]n 8 of 10 futures it is (?P<range>{CHANGES}) under {first} than under {second}[.;] "
            rf"[Rr]unning more futures could still move the average by (?P<margin>{POUNDS})"
        )
        text = self._once_all_act_in_brief(text, outcome, (first, second))
        text = self._once_all_act(text, outcome, pairs, ranges)
        spread = re.search(rf"[Ii]n 8 of 10 futures it is (?P<range>{CHANGES}) under", text)
        if brief := re.search(rf"[Ii]n 8 of 10 futures: (?P<range>{CHANGES})\.", text):
            self.say("the range of a card, in brief and in full", brief["range"], spread["range"] if spread else "")
            text = text[: brief.start()] + text[brief.end() :]
        if grows := re.search(rf"The fund grows from (?P<start>{MILLIONS}) in 2022/23\.", text):
            begun = re.search(rf"The fund was (?P<start>{MILLIONS}) in 2022/23", text)
            self.say("the first year's fund, in brief and in full", grows["start"], begun["start"] if begun else "")
            text = text[: grows.start()] + text[grows.end() :]
        put = self._answer_pair(outcome)
        for pattern in pairs:
            text = re.sub(pattern, put, text)
        for pattern, put_in in (
            (rf"“?(?P<name>{sides}|Today's rules)”?: (?P<new>{POUNDS})", self._answer_level(outcome)),
            (self._late_start_pattern(), self._late_start(outcome)),
            (
                rf"about (?P<new>{POUNDS}) of each £100 [^()]*\([^()]*\): about (?P<kept>{MILLIONS}) "
                rf"of (?P<fund>{MILLIONS})",
                self._answer_today(outcome),
            ),
            (
                rf"In 8 of 10 futures it lies between (?P<low>{POUNDS}) and (?P<high>{POUNDS})",
                self._answer_range(outcome),
            ),
            (ranges, self._answer_spread(outcome)),
            (
                rf"The fund was (?P<start>{MILLIONS}) in 2022/23; (?:in \S+ it is )?(?P<fund>{MILLIONS})"
                "(?: a year is its average|, since it grows)",
                self._answer_fund,
            ),
        ):
            text = re.sub(pattern, put_in, text)
        for phrase in (
            r"It turns on how [^:.]*\.(?= |$)",
            r"It turns on how [^:]*: in the fifth .*?\.",
            r"None of the \d+ uncertain numbers that act here would change this answer on its own",
            r"In files and commands this is .*?\.(?= |$)",
        ):
            text = re.sub(phrase, " ", text)
        told = re.search(rf"or less of each £100 it is under {first} than under {second}, on average", text)
        pair = (self.truth.position(told["name"]), self.truth.position(told["other"])) if told else (0, -1)
        moves = rf"(?P<plain>How [^().]*) \([a-z ]+\): (?P<low>{CHANGE}|{POUNDS}) where it is lowest, "
        fifths = moves + rf"(?P<high>{CHANGE}|{POUNDS}) where it is highest"
        return re.sub(fifths, self._answer_fifths(outcome, pair), text)

    def _once_all_act_in_brief(self, text: str, outcome: str, sides: tuple[str, str]) -> str:
        """The same of the line that is seen without a click."""
        letters = "|".join(self.truth.view.letters[1 : len(self.truth.titles)])
        first, second = (re.sub(r"(<\w+>)", rf"\1{letters}|", side) for side in sides)
        counts = r"(?P<count>\d+) of (?P<whole>\d+) futures"
        more = rf"(?P<size>{POUNDS}) more under {first}(?: than under {second}, more in {counts}"
        said = rf"{more}|, as the model assumes)|which does more [a-z ]+ not settled|[a-z ]+ under both[a-z ]*"
        brief = re.search(rf"Once all policies act \((?P<years>[^)]*)\): (?:{said})\.", text)
        if brief is None:
            return text
        usual, self.truth = self.truth, self._while_all_act()
        self.say("the years in which all act", brief["years"].replace(" to ", "-"), self.truth.view.wanted)
        if brief["other"]:
            self._answer_pair(outcome)(brief)
        self.truth = usual
        return text[: brief.start()] + text[brief.end() :]

    def _once_all_act(self, text: str, outcome: str, pairs: Sequence[str], ranges: str) -> str:
        """A card's text without what it says of the years in which all policies act, which is held against those."""
        span = re.search(r"Once all policies act \(([\d/]+)(?: to ([\d/]+))?\): (?:It is mixed: )?", text)
        if span is None:
            return text
        usual, self.truth = self.truth, self._while_all_act()
        self.say("the years in which all act", "-".join(filter(None, span.groups())), self.truth.view.wanted)
        told = next(filter(None, (re.match(pattern, text[span.end() :]) for pattern in pairs)), None)
        if told is None:
            raise AssertionError(f"{self.page}: once all act, {text[span.end() :][:200]}")
        self._answer_pair(outcome)(told)
        text = text[: span.start()] + text[span.end() + told.end() :]
        names = "|".join(map(re.escape, self.truth.titles[1:]))
        also = re.compile(rf"\.? ?“?(?P<name>{names}|{TODAY}|Today's rules)”?: (?P<new>{POUNDS})")
        while more := also.match(text, span.start()):
            self._answer_level(outcome)(more)
            text = text[: more.start()] + text[more.end() :]
        if spread := re.compile(rf"\.? ?{ranges}").match(text, span.start()):
            self._answer_spread(outcome)(spread)
            text = text[: spread.start()] + text[spread.end() :]
        self.truth = usual
        return text

    def _while_all_act(self, *places: int) -> Truth:
        """The truth over the years in which all policies act, or those at these places."""
        view = self.truth.view
        runs = [view.runs[at] for at in places] or view.runs[1:]
        first = max(math.ceil(run.manifest.start / 4) for run in runs)
        chosen = view.baseline.years[view.span]
        acting = [year for year in chosen if year >= view.baseline.years[min(first, 7)]] or chosen[-1:]
        truth = copy.copy(self.truth)
        truth.view = replace(view, wanted="-".join(sorted({acting[0], acting[-1]})))
        return truth

    def _matched_years(self, outcome: str) -> Callable[[re.Match[str]], str]:
        """What is said of two in the years in which both act."""

        def put(m: re.Match[str]) -> str:
            fields = m.groupdict()
            new = self.truth.position(fields["name"])
            old = self.truth.position(fields["other"]) if fields["other"] else 0
            usual, self.truth = self.truth, self._while_all_act(*filter(None, (new, old)))
            self.say("the years in which both act", fields["years"].replace(" to ", "-"), self.truth.view.wanted)
            self._pair(outcome)(m)
            self.truth = usual
            return " "

        return put

    def _answer_pair(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            fields = m.groupdict()
            new, old = self.truth.position(fields["name"]), self.truth.position(fields["other"])
            about = f"{LETTERS[new]} against {LETTERS[old]} on {outcome}"
            for part, at in (("new", new), ("both", new), ("both", old)):
                if fields.get(part):
                    self.say(f"level, {about}", fields[part], self.truth.level(at, outcome))
            if fields.get("old"):
                self.say(f"level, {about}", fields["old"], self.truth.level(old, outcome))
            mean = float(self.truth.differences(new, old, outcome).mean())
            if fields.get("size") and not fields.get("millions"):
                self._mean_of_levels(about, f"{fields['size']} more", mean)
            elif fields.get("size"):
                self._subtracted(fields["size"], fields["new"], fields["old"], True)
                self.millions(about, fields["millions"], mean / 100 * self.truth.fund())
            if fields.get("count"):
                self.say(f"more in, {about}", fields["count"], self.truth.of_100(new, old, outcome, 1))
                self.say(f"of how many, {about}", fields["whole"], min(100, self.truth.n))
                for word, count in re.findall(r", (?:the )?(less|same) in (\d+)", fields.get("rest") or ""):
                    self.say(
                        f"{word}, {about}", count, self.truth.of_100(new, old, outcome, -1 if word == "less" else 0)
                    )
            if fields.get("few"):
                self._futures(m)
            return " "

        return put

    def _answer_level(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            self.say(f"level of {m['name']}", m["new"], self.truth.level(self.truth.position(m["name"]), outcome))
            return " "

        return put

    def _answer_today(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            level, fund = self.truth.level(0, outcome), self.truth.fund()
            self.say("level today", m["new"], level)
            self.millions("the fund", m["fund"], fund)
            self.millions("£m today", m["kept"], level / 100 * fund)
            return " "

        return put

    def _answer_range(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            for part, share in (("low", 0.1), ("high", 0.9)):
                self.say(f"{share:.0%} today", m[part], self.truth.centile(0, share, outcome))
            return " "

        return put

    def _answer_fund(self, m: re.Match[str]) -> str:
        self.millions("the fund of the first year", m["start"], self.truth.fund(slice(0, 1)))
        self.millions("the fund", m["fund"], self.truth.fund())
        return " "

    def _answer_spread(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            new, old = self.truth.position(m["name"]), self.truth.position(m["other"])
            differences = self.truth.differences(new, old, outcome)
            for end, share in zip(split_range(m["range"]), (0.1, 0.9), strict=True):
                self.say(f"{share:.0%} on {outcome}", end.removeprefix("+"), float(np.quantile(differences, share)))
            self.say(f"margin on {outcome}", m["margin"], WIDE * self.truth.error(new, old, outcome))
            return " "

        return put

    def _answer_fifths(self, outcome: str, pair: tuple[int, int]) -> Callable[[re.Match[str]], str]:
        """The averages over the fifths of futures in which an uncertain number is lowest and highest."""

        def put(m: re.Match[str]) -> str:
            new, old = pair
            values = self.truth.values(new, outcome) if old < 0 else self.truth.differences(new, old, outcome)
            futures = self.truth.view.runs[0].futures
            assert futures is not None
            number = PLAIN[m["plain"].removeprefix("How")]
            column = np.asarray(futures.points[PARAMETERS[number].group][number])
            order, size = np.argsort(column, kind="stable"), len(column) // 5
            for part, rows in (("low", order[:size]), ("high", order[-size:])):
                said = sign_gap(m[part]).removeprefix("+")
                self.say(f"{number} {part}est, {pair}", said, float(values[rows].mean()))
            return " "

        return put

    def _subtracted(self, size: str, new: str, old: str, more: bool) -> None:
        """A difference is that of the levels beside it, as they are shown."""
        a, b = (float(re.sub(r"[£,p]", "", text)) * (0.01 if text.endswith("p") else 1.0) for text in (new, old))
        shown = a - b if more else b - a
        if size == "under 1p":
            self.say("levels that are shown", size, 0.005 if abs(shown) < 1e-9 else shown)
        else:
            self.say("levels that are shown", size, shown)

    def millions(self, about: str, text: str, value: float) -> None:
        """Note a statement of £m a year, to its last figure."""
        shown = float(text.replace("£", "").replace(",", "").replace("m", "")) * (1.0 if text.endswith("m") else 1e-6)
        half = 0.5 * 10.0 ** (math.floor(math.log10(shown)) - 1) if shown else 0.005
        self.say(f"£m, {about}", f"£{shown:.9f}", shown if abs(shown - value) <= half + 1e-9 else value)

    # Sentences.

    def _sentences(self, text: str, outcome: str) -> str:
        for pattern, put in self._patterns(outcome):
            text = re.sub(pattern, lambda m, put=put: put(m) or " ", text)  # type: ignore[misc]
        return text

    def _patterns(self, outcome: str) -> Iterator[tuple[str, Callable[[re.Match[str]], str | None]]]:
        names = "|".join(map(re.escape, self.truth.titles[1:])) or "(?!)"
        yield r"First look: (?P<few>[\d,]+) of [\d,]+ futures\.", self._futures
        other = rf"(?:“(?P<other>{names})”|{TODAY})"
        verdict = r"does (?:slightly )?(?:better|worse|is )?[a-z ]*than"
        yield rf"“(?P<name>{names})” {verdict} {other} [a-z ]+: {NUMBERS}", self._pair(outcome)
        yield (
            rf"Against {other}, “(?P<name>{names})” does (?:slightly )?(?:better|worse), "
            rf"as the model assumes: {NUMBERS}",
            self._pair(outcome),
        )
        yield rf"“(?P<name>{names})” is [a-z ]+ than {other} [a-z ]+: {NUMBERS}", self._pair(outcome)
        yield (
            rf"Whether “(?P<name>{names})” [a-z ]+ than {other} on average is not settled: {NUMBERS}",
            self._pair(outcome),
        )
        yield (
            rf"In (?P<years>\S+(?: to \S+)?) alone, when (?:both|it) acts?, “(?P<name>{names})” gives "
            rf"(?P<mean>{CHANGE}) of each £100 than {other} on average"
            rf" \(running more futures could move that by (?P<margin>{POUNDS})\)(?:, which is not settled)?; "
            rf"in 8 of 10 futures (?P<range>{CHANGES}); {COUNTS}",
            self._matched_years(outcome),
        )
        yield rf"In \S+(?: to \S+)? alone, when both act, “(?:{names})” and “(?:{names})” give the same", lambda _: " "
        few = (
            rf"(?P<few>\d+) futures are too few for a verdict on “(?P<name>{names})” against {other}, which takes 100: "
        )
        yield rf"{few}(?P<mean>{CHANGE}) of each £100 on average; {COUNTS}", self._pair(outcome)
        yield (
            rf"“(?P<name>{names})” keeps about (?P<new>{POUNDS}) in each £100 of the fund to the year end, on average "
            rf"(?P<size>{POUNDS}) (?P<way>more|less) than {TODAY} \((?P<old>{POUNDS})\), [^.]*\."
            rf"(?:\s+{SURE})?",
            self._headline("retained"),
        )
        yield (
            rf"“(?P<name>{names})” gives about (?P<new>{POUNDS}) in each £100 \([^)]*\), on average "
            rf"(?P<size>{POUNDS}) (?P<way>more|less) than {TODAY} \((?P<old>{POUNDS})\)\."
            rf"(?:\s+{SURE})?",
            self._headline(outcome),
        )
        yield rf"“(?P<name>{names})” keeps about (?P<new>{POUNDS})", self._level(outcome)
        yield rf"{TODAY}(?:,? which)? (?:keep|give)(?: about)? (?P<new>{POUNDS})", self._level(outcome)
        yield rf"about (?P<new>{POUNDS}) in each £100 stays, as under {TODAY}", self._level(outcome)
        yield r"(?<!of )(?<![\d,])(?P<few>[\d,]+) futures (?:are too few for a verdict|do not settle)", self._futures
        yield r"(?<!of )(?<![\d,])(?P<few>[\d,]+) futures(?:, seed (?P<seed>\d+)|\.)", self._futures
        yield r"-n (?P<few>\d+)", self._futures
        yield r"--seed (?P<seed>\d+)", self._futures
        yield (
            r"[Ff]itted to (?P<targets>\d+) published findings, of which (?P<moved>\d+) moved the answer; "
            r"(?P<open>\d+) of (?P<all>\d+) uncertain numbers are not pinned down by them",
            self._fit,
        )
        yield rf"on average in each £100: (?P<each>(?:[B-F] {CHANGE}(?:, | and )?)+)", self._panel_sizes(outcome)
        yield (
            r"(?P<who>[B-F](?:, [B-F])*(?: and [B-F])?) (?:do|does|is|are) [^;(.]+ "
            r"\((?:better|higher) in (?P<each>\d+(?:, \d+)*(?: and \d+)?) of 100\)",
            self._panel_counts(outcome),
        )
        yield from self._more_patterns(names)

    def _more_patterns(self, names: str) -> Iterator[tuple[str, Callable[[re.Match[str]], str | None]]]:
        yield (
            rf"(?P<letter>[A-D]), [^:.]*?: on average it goes from (?P<first>{POUNDS}) in \S+ to "
            rf"(?P<last>{POUNDS}) "
            rf"in \S+(?: \(lowest in (?P<least_in>\S+): (?P<least>{POUNDS})\))?; "
            rf"8 in 10 results then lie between (?P<low>{POUNDS}) and (?P<high>{POUNDS})",
            self._path,
        )
        yield (
            rf"In \S+ on average (?P<today>{POUNDS}) of each £100 is kept under {TODAY}(?: and (?P<low>{POUNDS})"
            rf"(?: to (?P<high>{POUNDS}))? under (?:the policies|“(?:{names})”))?",
            self._paths_title,
        )
        lead = (
            rf"(?:\. (?:(?:That is (?P<size>{POUNDS}) more|Whether that is more)(?: on average)? than the next, "
            rf"“(?P<next>{names})”[^.]*?|“(?P<ahead>{names})” [^.]*? than “(?P<behind>{names})” )in (?:only )?"
            r"(?P<count>\d+) of (?P<whole>\d+) futures(?P<rest>(?:, (?:less|the same) in \d+)*))?"
        )
        yield (
            rf"Of the \d policies compared here, “(?P<name>{names})” gives the most"
            rf"(?: in (?P<last>\S+) alone)?: (?P<new>{POUNDS}) of each £100{lead}",
            self._best,
        )
        yield (
            rf"Of the \d policies compared here, (?:“(?:{names})”(?:, | and )?)+ give the most"
            rf"(?: in (?P<last>\S+) alone)?, and about as much as each other: (?P<new>{POUNDS}) of each £100{lead}",
            self._best,
        )
        yield self._late_start_pattern(), self._late_start(self.outcome)
        yield rf"average of \S+: (?P<each>(?:{POUNDS} under [A-D](?:, | and )?)+)", self._letters
        yield (
            rf"Of each £100 under {TODAY}, (?P<retained>{POUNDS}) is kept, (?P<front>{POUNDS}) "
            rf"reaches the front line and (?P<additional>{POUNDS}) is new money"
            rf"(?:; under (?:the policies|“(?:{names})”) "
            rf"(?P<front_low>{POUNDS})(?: to (?P<front_high>{POUNDS}))? reaches the front line and "
            rf"(?P<additional_low>{POUNDS})(?: to (?P<additional_high>{POUNDS}))? is new money)?",
            self._money_title,
        )
        steps = ", ".join(
            [rf"(?P<fund>{POUNDS}) in the fund"]
            + [rf"(?P<{name}>{POUNDS}) {OUTCOMES[name].label[0].lower()}{OUTCOMES[name].label[1:]}" for name in STEPS]
        )
        yield rf"(?P<title>{names}|Today's rules): {steps}", self._money_words
        millions = r"£[\d.,]*\dm"
        yield (
            rf"about (?P<today>{millions}) a year is taken back after plans are made(?:; under the policies "
            rf"(?P<low>{millions})(?: to (?P<high>{millions}))?)?",
            self._taken_title,
        )
        yield r"Against today's rules, (?P<each>\d+ of \d+ [^(]*?) \(", self._tally
        yield rf"by about (?P<size>{POUNDS}) of each £100 at most \(half of a 95% interval\)", self._precision

    def _late_start_pattern(self) -> str:
        sides = "|".join(map(re.escape, [*self.truth.titles, TODAY]))
        return (
            rf"“(?P<name>{sides})” starts in \S+ only: years before that count in the average too\. In (?P<last>\S+) "
            rf"alone it is (?P<new>{POUNDS}) of each £100; the most of the others is (?P<other>{POUNDS}), under "
            rf"“?(?P<best>{sides})”?"
        )

    def _late_start(self, outcome: str) -> Callable[[re.Match[str]], str]:
        def put(m: re.Match[str]) -> str:
            year = self.truth.years.index(m["last"].split("/")[0])
            levels = [self.truth.level(i, outcome, slice(year, year + 1)) for i in range(len(self.truth.titles))]
            at = self.truth.position(m["name"])
            self.say(f"{m['last']} of {m['name']} on {outcome}", m["new"], levels.pop(at))
            self.say(f"most of the others in {m['last']} on {outcome}", m["other"], max(levels))
            best = levels.index(max(levels))
            self.say(f"which gives it in {m['last']}", str(self.truth.position(m["best"])), str(best + (best >= at)))
            return " "

        return put

    def _best(self, m: re.Match[str]) -> None:
        year = self.truth.years.index(m["last"].split("/")[0]) if m["last"] else None
        over = () if year is None else (slice(year, year + 1),)
        levels = [self.truth.level(at, self.outcome, *over) for at in range(1, len(self.truth.titles))]
        if "name" in m.groupdict():
            self.say("the policy that gives the most", m["name"], self.truth.titles[1 + levels.index(max(levels))])
        self.say(f"level of the best on {self.outcome}", m["new"], max(levels))
        if m["count"]:
            self._lead(m, 1 + levels.index(max(levels)), levels)

    def _lead(self, m: re.Match[str], best: int, levels: Sequence[float]) -> None:
        """By how much the best policy gives more than the next, and in how many futures."""
        usual, self.truth = self.truth, copy.copy(self.truth)
        if m["last"]:
            self.truth.view = replace(usual.view, wanted=m["last"])
        after = 1 + levels.index(max(level for at, level in enumerate(levels, 1) if at != best))
        new, old = (best, after) if m["next"] else map(self.truth.position, (m["ahead"], m["behind"]))
        self.say("the next after the best", m["next"] or m["behind"], self.truth.titles[old])
        if m["size"]:
            self._mean_of_levels(
                "lead of the best", f"{m['size']} more", float(self.truth.differences(new, old, self.outcome).mean())
            )
        self.say("more than the next in", m["count"], self.truth.of_100(new, old, self.outcome, 1))
        self.say("of how many", m["whole"], min(100, self.truth.n))
        for word, count in re.findall(r"(less|same) in (\d+)", m["rest"]):
            self.say(
                f"{word} than the next in",
                count,
                self.truth.of_100(new, old, self.outcome, -1 if word == "less" else 0),
            )
        self.truth = usual

    def _pair(self, outcome: str) -> Callable[[re.Match[str]], str | None]:
        def put(m: re.Match[str]) -> None:
            fields = m.groupdict()
            new, old = self.truth.position(fields["name"]), self.truth.position(fields.get("other") or TODAY)
            self._numbers(new, old, outcome, fields["mean"], fields.get("margin"), fields.get("range"))
            self._counted(new, old, outcome, m[0])
            self._verdict(new, old, outcome, m[0])
            if fields.get("new"):
                self.say(f"level of {fields['name']}", fields["new"], self.truth.level(new, outcome))
            if fields.get("few"):
                self._futures(m)

        return put

    def _panel_sizes(self, outcome: str) -> Callable[[re.Match[str]], str | None]:
        def put(m: re.Match[str]) -> None:
            for letter, text in re.findall(rf"([B-F]) ({CHANGE})", m["each"]):
                mean = float(self.truth.differences(LETTERS.index(letter), 0, outcome).mean())
                self._mean_of_levels(f"panel of {outcome}, {letter}", text, mean)

        return put

    def _panel_counts(self, outcome: str) -> Callable[[re.Match[str]], str | None]:
        def put(m: re.Match[str]) -> None:
            for count, letter in zip(re.findall(r"\d+", m["each"]), re.findall(r"[B-F]", m["who"]), strict=True):
                self.say(f"panel of {outcome}, {letter}", count, self._better(LETTERS.index(letter), 0, outcome))

        return put

    def _headline(self, outcome: str) -> Callable[[re.Match[str]], str | None]:
        def put(m: re.Match[str]) -> None:
            fields = m.groupdict()
            new = self.truth.position(fields["name"])
            self.say(f"level of {fields['name']}", fields["new"], self.truth.level(new, outcome))
            self.say("level of today's rules", fields["old"], self.truth.level(0, outcome))
            if fields["size"]:
                self._subtracted(fields["size"], fields["new"], fields["old"], fields["way"] == "more")
            if fields.get("margin"):
                mean = f"{fields['size']} {fields['way']}"
                self._numbers(new, 0, outcome, mean, fields["margin"], fields["range"])
            self._counted(new, 0, outcome, m[0])

        return put

    def _level(self, outcome: str) -> Callable[[re.Match[str]], str | None]:
        def put(m: re.Match[str]) -> None:
            title = m.groupdict().get("name") or TODAY
            self.say(f"level of {title}", m["new"], self.truth.level(self.truth.position(title), outcome))

        return put

    def _numbers(self, new: int, old: int, outcome: str, mean: str, margin: str | None, between: str | None) -> None:
        about, differences = (
            f"{LETTERS[new]} against {LETTERS[old]} on {outcome}",
            self.truth.differences(new, old, outcome),
        )
        self._mean_of_levels(f"mean difference, {about}", mean, float(differences.mean()))
        if margin is not None:
            error = self.truth.error(new, old, outcome)
            self.say(f"more futures could move it by, {about}", margin, WIDE * error)
        if between is not None:
            self._range(about, between, differences, (0.1, 0.9))

    def _mean_of_levels(self, about: str, text: str, mean: float) -> None:
        """An average difference, which is that of two levels as they are shown: as near to it as rounding leaves it."""
        signed = sign_gap(text)
        shown = re.fullmatch(r"(−?)\+?£?([\d.]+)(p?)", signed)
        if shown and not is_rounding(signed, mean):
            size = float(shown[2]) * (0.01 if shown[3] else 1.0) * (-1 if shown[1] else 1)
            if abs(size - mean) <= (0.01 if shown[3] else 10.0 ** -len(shown[2].partition(".")[2])) + 1e-9:
                signed = f"{'−' if mean < 0 else ''}£{abs(mean):.6f}"
        self.say(f"{about}: {text}", signed, mean)

    def _range(self, about: str, text: str, differences: Floats, shares: tuple[float, float]) -> None:
        """Both ends of a range of differences, which are said as £3.9 to £29 more."""
        for end, share in zip(split_range(text), shares, strict=True):
            self.say(f"{share:.0%} of differences, {about}: {text}", end, float(np.quantile(differences, share)))

    def _better(self, new: int, old: int, outcome: str) -> int:
        return self.truth.of_100(new, old, outcome, -1 if OUTCOMES[outcome].better == -1 else 1)

    def _counted(self, new: int, old: int, outcome: str, text: str) -> None:
        """The counts of futures in a text: better, worse and the same."""
        less = 1 if OUTCOMES[outcome].better == -1 else -1
        for m in re.finditer(
            r"([Bb]etter|[Hh]igher)[^.;:]*? in (\d+) of (\d+) futures"
            r"((?:, (?:(?:worse|lower)(?: or the same)?|the same) in \d+)*)",
            text,
        ):
            about = f"{LETTERS[new]} against {LETTERS[old]} on {outcome}"
            self.say(f"better in, {about}", m[2], self._better(new, old, outcome))
            self.say(f"of how many, {about}", m[3], min(100, self.truth.n))
            for word, count in re.findall(r"(worse|lower|the same) in (\d+)", m[4]):
                self.say(
                    f"{word} in, {about}", count, self.truth.of_100(new, old, outcome, 0 if "same" in word else less)
                )

    def _verdict(self, new: int, old: int, outcome: str, text: str) -> None:
        match = re.search(
            r"(?:does|is) ((?:slightly )?(?:better|worse|higher|lower)) than .*? (in [a-z ]+|on average only):", text
        )
        words = f"{match[1]} {match[2]}" if match else ""
        if assumed := re.search(r"does ((?:slightly )?(?:better|worse)), as the model assumes", text):
            words = f"{assumed[1]}, sign assumed"
        elif "is not settled" in text:
            words = "average not settled"
        elif "too few for a verdict" in text:
            words = "too few futures"
        if words:
            told = self.truth.said_verdict(new, old, outcome)
            self.say(f"verdict on {LETTERS[new]} against {LETTERS[old]}", words, told)

    def _futures(self, m: re.Match[str]) -> None:
        fields = m.groupdict()
        if fields.get("few"):
            self.say("futures", fields["few"], self.truth.n)
        if fields.get("seed"):
            self.say("seed", fields["seed"], self.truth.view.baseline.manifest.seed)

    def _fit(self, m: re.Match[str]) -> None:
        fit_document = read_fit_document()
        for text, value in (
            (m["targets"], len(fit_document["targets"])),
            (m["moved"], sum(finding["moved"] for finding in fit_document["findings"])),
            (m["open"], fit_document["not_pinned"]),
            (m["all"], fit_document["uncertain"]),
        ):
            self.say("the fit", text, value)

    def _path(self, m: re.Match[str]) -> None:
        at, last = LETTERS.index(m["letter"]), len(self.truth.years) - 1
        for part, year in (("first", 0), ("last", last)):
            self.say(
                f"path of {m['letter']}, {part}", m[part], self.truth.level(at, self.outcome, slice(year, year + 1))
            )
        if m["least"]:
            courses = [self.truth.level(at, self.outcome, slice(year, year + 1)) for year in range(last + 1)]
            self.say(f"path of {m['letter']}, least", m["least"], min(courses))
            year = self.truth.years[courses.index(min(courses))]
            self.say(f"path of {m['letter']}, least in", m["least_in"].split("/")[0], year)
        for part, year, share in (("low", last, 0.1), ("high", last, 0.9)):
            value = self.truth.centile(at, share, self.outcome, slice(year, year + 1))
            self.say(f"path of {m['letter']}, {part}", m[part], value)

    def _paths_title(self, m: re.Match[str]) -> None:
        today, *policies = self.truth.last_averages()
        self.say("last average today", m["today"], today)
        if m["low"]:
            self.say("lowest last average", m["low"], min(policies))
            self.say("highest last average", m["high"] or m["low"], max(policies))

    def _letters(self, m: re.Match[str]) -> None:
        each = re.findall(rf"({POUNDS}) under ([A-D])", m["each"])
        for (text, letter), value in zip(each, self.truth.last_averages(), strict=True):
            self.say(f"last average of {letter}", text, value)

    def _money_title(self, m: re.Match[str]) -> None:
        for name in ("retained", "front", "additional"):
            self.say(f"{name} today", m[name], self.truth.level(0, name))
            if name != "retained" and m[f"{name}_low"]:
                levels = [self.truth.level(at, name) for at in range(1, len(self.truth.titles))]
                self.say(f"least {name}", m[f"{name}_low"], min(levels))
                self.say(f"most {name}", m[f"{name}_high"] or m[f"{name}_low"], max(levels))

    def _money_words(self, m: re.Match[str]) -> None:
        self.say(f"fund of {m['title']}", m["fund"], 100.0)
        for name in STEPS:
            self.say(f"{name} of {m['title']}", m[name], self.truth.level(self.truth.position(m["title"]), name))

    def _taken_title(self, m: re.Match[str]) -> None:
        today, *policies = (self.truth.level(at, "raided") for at in range(len(self.truth.titles)))
        self.say("taken back today", m["today"].removesuffix("m"), today)
        if m["low"]:
            self.say("least taken back", m["low"].removesuffix("m"), min(policies))
            self.say("most taken back", (m["high"] or m["low"]).removesuffix("m"), max(policies))

    def _tally(self, m: re.Match[str]) -> None:
        counts = re.findall(r"(\d+) of (\d+)", m["each"])
        verdicts = Counter(self.truth.verdict(at, 0, self.outcome) for at in range(1, len(self.truth.titles)))
        self.say("counts of verdicts", str(sorted(int(count) for count, _ in counts)), str(sorted(verdicts.values())))
        for _, whole in counts:
            self.say("policies", whole, len(self.truth.titles) - 1)

    def _precision(self, m: re.Match[str]) -> None:
        errors = [self.truth.error(at, 0, self.outcome) for at in range(1, len(self.truth.titles))]
        shown, value = float(m["size"].strip("£p")) * (0.01 if m["size"].endswith("p") else 1.0), Z_95 * max(errors)
        half = max(0.005, 0.5 * 10.0 ** (math.floor(math.log10(shown)) - 1)) if shown else 0.005
        self.say("precision", f"£{shown:.6f}", shown if abs(shown - value) <= half + 1e-9 else value)


@cache
def _tags() -> re.Pattern[str]:
    return re.compile(r"<style.*?</style>|<[^>]*>", re.S)


def plain(html: str) -> str:
    """The words of a piece of HTML, on one line."""
    return re.sub(r"\s+", " ", unescape(_tags().sub(" ", html))).replace(" .", ".").strip()
