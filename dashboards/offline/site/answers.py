"""What the site says: every scenario of the library, and one's own, against today's rules in the same futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from dashboards.selection.interventions import GROUPS, Group
from dashboards.selection.permalink import make_link
from dashboards.selection.selection import FUTURES_CHOICES, TODAYS_RULES, Selection, SelectionError, Slot
from simulator.boards.table import Boards
from simulator.charts.axes import find_range_around_zero
from simulator.charts.differences import draw_intervals
from simulator.charts.palette import BLUE, Style
from simulator.common.formatting import TOO_FEW, join_words
from simulator.engine.ensemble import Progress
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import NOT_SETTLED, SAME
from simulator.reports import provenance, sentences
from simulator.reports.answer_cards import is_nearly_same
from simulator.reports.content import VERSIONS, Study, make_interval
from simulator.runs.futures import DEFAULT_N, Futures
from simulator.runs.recipe import make_file_stem
from simulator.runs.results import Results
from simulator.runs.run import compare_results, find_common_span, run_many
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.library import BASELINE, library
from simulator.scenarios.scenario import Scenario, load_scenario

ALIKE = "about the same"
OWN = Group("own", "Scenarios of one's own", "They were added to this site by whoever made it.", {})


@dataclass(frozen=True)
class Answer:
    """One scenario's answer. `number` is that of its intervention, 0 for others; `page` is "" without a page."""

    policy: Scenario
    study: Study
    number: int = 0
    group: Group = OWN
    page: str = ""
    own: bool = False

    @property
    def comparison(self) -> Comparison:
        """The comparison on the share kept."""
        return self.study.of("retained")[0]

    @property
    def additional(self) -> Comparison:
        """The comparison on new money: what does not replace other spending."""
        return self.study.of("additional")[0]

    @cached_property
    def headline(self) -> str:
        """The answer in one sentence."""
        return sentences.write_headline([self.comparison])

    @cached_property
    def sure(self) -> str:
        """How far the answer can be trusted, in one sentence."""
        return sentences.describe_comparison(self.comparison)

    @property
    def verdict(self) -> str:
        """The verdict on the share kept."""
        return self.comparison.verdict_words

    @property
    def kind(self) -> str:
        """Whether it is for the better or the worse, or neither can be said, for the colour of a label."""
        return {1: "up", -1: "down"}.get(self.comparison.settled, "even")

    @property
    def command(self) -> str:
        """What to type for the same numbers."""
        return self.study.recipe.compare

    @property
    def label(self) -> str:
        """Number and title, as they stand above the sentence."""
        return f"{self.number}. {self.policy.title}" if self.number else self.policy.title

    @property
    def picture(self) -> str:
        """The name of its picture without its ending."""
        return self.page.removesuffix(".html")

    @property
    def moves(self) -> list[provenance.Moved]:
        """Every lever that it moves, with dates, reasons and what they rest on."""
        return provenance.list_moves([self.policy])


@dataclass(frozen=True)
class SiteAnswers:
    """All answers. `headline` is the study of the front page.

    `interventions` have a number and a page each, `others` are the library's other scenarios, which have no page, and
    `own` are scenarios of the user's, with a page each.
    """

    futures: Futures
    boards: Boards
    headline: Study
    interventions: tuple[Answer, ...]
    others: tuple[Answer, ...]
    own: tuple[Answer, ...]

    @cached_property
    def headline_words(self) -> str:
        """The answer of the front page in one sentence."""
        return sentences.write_headline(self.headline.of("retained"))

    @cached_property
    def headline_sure(self) -> str:
        """How far that answer can be trusted."""
        return sentences.describe_certainty(self.headline.of("retained"))

    @property
    def every(self) -> tuple[Answer, ...]:
        """The interventions in their order, then other scenarios of the library, then one's own."""
        return (*self.interventions, *self.others, *self.own)

    @property
    def pages(self) -> tuple[Answer, ...]:
        """The answers that have a page."""
        return (*self.interventions, *self.own)

    @property
    def counts(self) -> str:
        """How many interventions keep more on average than today's rules, and how many do not, in one sentence."""
        compared = [answer.comparison for answer in self.interventions]
        kinds = [
            c.verdict if c.verdict in (SAME, TOO_FEW) else ALIKE if is_nearly_same(c) else c.settled for c in compared
        ]
        words: dict[str | int, tuple[str, str]] = {
            1: ("keeps more money on average than today's rules", "keep more money on average than today's rules"),
            -1: ("keeps less", "keep less"),
            ALIKE: ("keeps about the same", "keep about the same"),
            SAME: ("makes no difference", "make no difference"),
            0: ("is not settled", "are not settled"),
            TOO_FEW: ("has too few futures for a verdict", "have too few futures for a verdict"),
        }
        told = [f"{kinds.count(kind)} {forms[kinds.count(kind) > 1]}" for kind, forms in words.items() if kind in kinds]
        return f"Of {len(kinds)} interventions in this model, {join_words(told)}"

    def of_group(self, group: Group) -> list[Answer]:
        """The interventions of a group."""
        return [answer for answer in self.interventions if answer.group is group]

    def related(self, answer: Answer) -> list[Answer]:
        """Other scenarios of the library that belong to the same intervention."""
        return [other for other in self.others if answer.number and answer.number in other.policy.interventions]

    def leadership_against_ringfences(self, outcome: str) -> str:
        """Leadership against each version of the ring-fence on an outcome: both sides in a sentence."""
        runs = self.headline.versions
        span = find_common_span(runs.values())
        fences = [run for name, run in runs.items() if name not in (BASELINE, "leadership")]
        return sentences.compare_both_sides([compare_results(runs["leadership"], run, outcome, span) for run in fences])


def work_out(
    own: Sequence[Scenario], futures: Futures, boards: Boards, progress: Progress | None = None
) -> SiteAnswers:
    """Run the library and one's own scenarios through the same futures, and compare each with today's rules."""
    names = list(library())
    every = with_distinct_titles([*(load_scenario(name) for name in names), *own])
    runs = run_many(every, futures=futures, boards=boards, progress=progress)
    ran = dict(zip(names, zip(every, runs, strict=False), strict=False))
    base = ran[BASELINE]

    def answer(policy: Scenario, run: Results, number: int = 0, group: Group = OWN, page: str = "") -> Answer:
        study = Study((base[0], policy), (base[1], run), {}, boards)
        return Answer(policy, study, number, group, page, not number and bool(page))

    numbered = [(number, name, group) for group in GROUPS for number, name in group.scenarios.items()]
    interventions = [
        answer(*ran[name], number, group, f"recommendations/{number:02}-{make_file_stem(ran[name][0].title)}.html")
        for number, name, group in numbered
    ]
    shown = {BASELINE, *(name for _, name, _ in numbered)}
    others = [answer(*ran[name]) for name in names if name not in shown]
    own_runs = list(zip(every, runs, strict=True))[len(names) :]
    added = [
        answer(policy, run, page=f"own/{at}-{make_file_stem(policy.title) or 'scenario'}.html")
        for at, (policy, run) in enumerate(own_runs, start=1)
    ]
    chosen = [base, *(ran[name] for name in HEADLINE)]
    versions = {name: ran[name][1] for name in VERSIONS}
    headline = Study(tuple(policy for policy, _ in chosen), tuple(run for _, run in chosen), versions, boards)
    return SiteAnswers(futures, boards, headline, tuple(interventions), tuple(others), tuple(added))


def explorer_query(answer: Answer, futures: Futures) -> str:
    """The part of a link into the explorer after its `#`; "" where the scenario is too long for a link."""
    policy = answer.policy
    n = len(futures) if len(futures) in FUTURES_CHOICES else DEFAULT_N
    try:
        slot = Slot(policy.name, text=policy.to_yaml()) if answer.own else Slot(policy.name)
        return make_link(Selection((TODAYS_RULES, slot), seed=futures.seed, futures=n)).removeprefix("?")
    except SelectionError:
        return ""


def draw_group(group: str, title: str, answers: Sequence[Answer]) -> Markup:
    """The differences of several answers from today's rules on one axis, numbered as they are listed."""
    told = [answer.comparison for answer in answers]
    ends = [100 * end for c in told for end in (*c.wide, c.difference) if end == end]
    rows = [
        make_interval(
            c,
            answer.policy.title,
            Style(BLUE, "", "circle" if answer.verdict in (SAME, NOT_SETTLED) else "square", str(answer.number or "")),
        )
        for answer, c in zip(answers, told, strict=True)
    ]
    words = " ".join(answer.sure for answer in answers)
    return draw_intervals(f"group-{group}", title, words, rows, find_range_around_zero(ends))
