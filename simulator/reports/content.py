"""What stands on the report's page: every number, sentence and picture, worked out from results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from markupsafe import Markup

from simulator.boards.table import Boards
from simulator.charts import squares as pictures
from simulator.charts.axes import find_range_around_zero
from simulator.charts.cascade import Step, draw_cascade
from simulator.charts.differences import Interval, draw_intervals
from simulator.charts.over_time import Course, draw_timeline
from simulator.charts.palette import LETTERS, STYLES, Style, find_styles
from simulator.common.arrays import Floats
from simulator.common.formatting import format_end, format_pounds, join_words
from simulator.common.ranges import Range
from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import sentences
from simulator.reports.answer_cards import COMPARED
from simulator.runs.recipe import Recipe
from simulator.runs.results import Results
from simulator.runs.run import compare_results, find_common_span
from simulator.scenarios.scenario import Scenario
from simulator.studies.examined_comparison import ExaminedComparison, examine_all
from simulator.studies.structural_average import StructuralResults

DIFFERENCES = COMPARED
CASCADE = ("planned", "retained", "spent", "place", "front", "additional")
VERSIONS = ("baseline", "ringfence-label", "ringfence", "ringfence-audited", "leadership")
CENTILES = (0.1, 0.25, 0.75, 0.9)


@dataclass(frozen=True)
class Study:
    """The runs behind a report.

    `scenarios` and `runs` are today's rules and then the policies; `versions` holds today's rules, the ring-fences and
    leadership under their library names. `wanted` are the years, "" for those from the first change on. `structural`
    are the scenarios under every structure, and `repeated` with more seeds for some parameter sets, if they were run.
    `letters` are those of the scenarios.
    """

    scenarios: tuple[Scenario, ...]
    runs: tuple[Results, ...]
    versions: dict[str, Results]
    boards: Boards
    structural: StructuralResults | None = None
    repeated: tuple[Results, ...] = ()
    letters: str = LETTERS
    wanted: str = ""

    @cached_property
    def styles(self) -> tuple[Style, ...]:
        """How each scenario is drawn."""
        return find_styles(self.letters)

    @property
    def baseline(self) -> Results:
        return self.runs[0]

    @property
    def span(self) -> slice:
        """The years that the report is about: those that are `wanted`, or from the first change of any policy on."""
        return self.baseline.span(self.wanted) if self.wanted else find_common_span(self.runs)

    @property
    def years(self) -> tuple[str, str]:
        names = self.baseline.years[self.span]
        return names[0], names[-1]

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every policy against today's rules: outcome by outcome, in the order of `DIFFERENCES`."""
        return tuple(
            compare_results(run, self.baseline, name, self.span) for name in DIFFERENCES for run in self.runs[1:]
        )

    @cached_property
    def examined(self) -> tuple[ExaminedComparison, ...]:
        """What stands behind the comparisons of money kept: with today's rules, then of every pair."""
        examined, between = examine_all(self.runs, self.of("retained"), self.span, self.structural, self.repeated)
        return (*examined, *between)

    def of(self, outcome: str) -> list[Comparison]:
        """The comparisons on one outcome, policy by policy."""
        return [c for c in self.comparisons if c.outcome.name == outcome]

    @cached_property
    def recipe(self) -> Recipe:
        """How it is made again."""
        made = tuple(run.manifest for run in self.runs)
        return Recipe(self.scenarios[1:], self.boards, made, self.scenarios[0], years=self.wanted)

    @property
    def fund(self) -> float:
        """£m a year that the boards hold under today's rules in these years."""
        return float(self.baseline.nation["funding"][:, self.span].mean())


@dataclass(frozen=True)
class OutcomeStudy(Study):
    """A study of one outcome over chosen years."""

    outcome: str = "retained"

    @property
    def about(self) -> Outcome:
        return OUTCOMES[self.outcome]

    @property
    def when(self) -> str:
        """The years in words."""
        return sentences.format_span(self.years)

    @cached_property
    def recipe(self) -> Recipe:
        first, last = self.years
        years = first if first == last else f"{first}-{last}"
        return replace(super().recipe, outcome=self.outcome, years=years)

    @cached_property
    def main(self) -> list[Comparison]:
        """Every policy against the first scenario on the chosen outcome."""
        return [compare_results(run, self.baseline, self.outcome, self.span) for run in self.runs[1:]]


@dataclass(frozen=True)
class CardView:
    """A scenario's card."""

    style: Style
    title: str
    question: str
    kept: str
    likely: str
    line: str
    picture: Markup


def compute_range_80(values: Floats) -> tuple[float, Range]:
    """The mean of values, and their 10th and 90th centile."""
    low, high = np.quantile(values, (0.1, 0.9))
    return float(values.mean()), (float(low), float(high))


def make_card_views(study: Study) -> list[CardView]:
    """One card for each scenario, today's rules first."""
    views: list[CardView] = []
    shares = sentences.format_levels(study.of("retained"), float(study.runs[0].outcome("retained", study.span).mean()))
    for i, run in enumerate(study.runs):
        style, title = study.styles[i], run.manifest.title
        line = (
            "What the others are compared with." if i == 0 else sentences.write_card_line(study.of("retained")[i - 1])
        )
        likely, counts = measure_card(run.outcome("retained", study.span))
        drawn = draw_card_squares(f"card{i}", title, style, shares[i], likely, counts)
        views.append(CardView(style, title, study.scenarios[i].question, shares[i], likely, line, drawn))
    return views


def measure_card(values: Floats) -> tuple[str, pictures.Squares]:
    """The 80% range of shares (futures,) in words, and how many of a card's 100 squares are of each kind."""
    mean, (low, high) = compute_range_80(values)
    return f"{format_end(low)} to {format_end(high)}", pictures.count_squares(mean, low, high)


def draw_card_squares(
    key: str, title: str, style: Style, share: str, likely: str, counts: pictures.Squares, columns: int = 20
) -> Markup:
    """The 100 squares of a card whose average is written as `share` and its 80% range as `likely`."""
    description = f"{share} in each £100 on average; 8 in 10 results {likely}."
    return pictures.draw_squares_picture(key, f"{title}: 100 squares, £1 each", description, counts, style, columns)


@dataclass(frozen=True)
class Paths:
    """The chart over time: its title, a picture with its words for each scenario, and the numbers behind them."""

    title: str
    panels: list[tuple[Style, str, Markup, str]]
    rows: list[tuple[str, list[str]]]


def compute_bands(run: Results, outcome: str) -> Floats:
    """The 10th and 25th centile, the average, the 75th and the 90th centile by year, (5, years)."""
    columns = np.ascontiguousarray(run.each_year(outcome).T)
    low, lower, upper, high = np.quantile(columns, CENTILES, axis=1)
    return np.array([low, lower, [float(column.mean()) for column in columns], upper, high])


def find_first_start(study: Study) -> int:
    """The year (index) in which the first policy starts; 0 where there is none."""
    return min((run.manifest.start // 4 for run in study.runs if run.manifest.start >= 0), default=0)


def list_later_changes(study: Study, own: int = 0) -> list[tuple[int, str]]:
    """The years (index) after the first change in which a scenario changes something, with words for each:
    where it starts, where a change begins, takes its next step, or has ended. `own` is the place of one scenario, for
    its own chart.
    """
    starts: dict[int, str] = {}
    letters: dict[int, str] = {}
    for i, (letter, scenario) in enumerate(zip(study.letters, study.scenarios, strict=False)):
        for year in {quarter // 4 for change in scenario.changes for quarter in change.dates}:
            if i and own in (0, i):
                told = starts if year == (scenario.start or 0) // 4 else letters
                told[year] = told.get(year, "") + letter
    first = max(study.runs[own].manifest.start, 0) // 4 if own else find_first_start(study)
    return [
        (
            year,
            ", ".join(
                get_template(f"paths.{kind}.{'one' if len(who) == 1 else 'many'}").format(letters=join_words([*who]))
                for kind, who in (("start", starts.get(year, "")), ("changes", letters.get(year, "")))
                if who
            ),
        )
        for year in sorted({*starts, *letters})
        if year > first
    ]


def make_paths(study: Study) -> Paths:
    """Share kept to each year end: averages and bands."""
    years, courses = study.baseline.years, []
    for i, run in enumerate(study.runs):
        rows = tuple(tuple(float(x) for x in row) for row in compute_bands(run, "retained"))
        courses.append(Course(run.manifest.title, study.styles[i], rows))
    panels = []
    for i, course in enumerate(courses):
        low, high, end = course.quantiles[0][-1], course.quantiles[4][-1], course.average[-1]
        lowest = sentences.name_lowest(course.average, years)
        words = (
            f"On average it goes from {format_pounds(course.average[0])} in {years[0]} to {format_pounds(end)} "
            f"in {years[-1]}{lowest}; 8 in 10 results then lie between {format_end(low)} and {format_end(high)}."
        )
        words = words if end == end else f"The fund is nil in {years[-1]}."
        start = max(study.runs[i].manifest.start, 0) // 4
        drawn = draw_timeline(
            f"path{i}",
            words,
            course,
            years,
            start,
            courses[0] if i else None,
            list_later_changes(study, i) if i else (),
        )
        panels.append((course.style, course.title, drawn, words))
    numbers = [
        (
            course.title,
            [
                f"{format_pounds(q[2])} ({format_end(q[0])} to {format_end(q[4])})"
                for q in zip(*course.quantiles, strict=True)
            ],
        )
        for course in courses
    ]
    finals = [(course.title, course.average[-1]) for course in courses[1:]]
    return Paths(sentences.write_paths_title(courses[0].average[-1], finals, years[-1]), panels, numbers)


def _format_range(low: float, _lower: float, average: float, _upper: float, high: float) -> str:
    """The average of a year and the range of 80 of 100."""
    return f"{format_pounds(average)} ({format_end(low)} to {format_end(high)})"


@dataclass(frozen=True)
class Differences:
    """One outcome: its title, meaning, picture, the sentence for each policy, and the comparisons."""

    title: str
    tally: str
    meaning: str
    picture: Markup
    said: list[str]
    comparisons: list[Comparison]


def make_differences(study: Study) -> list[Differences]:
    """Paired differences for each outcome, on one scale."""
    scale = _choose_scale(study.comparisons)
    return [_make_difference(name, study.of(name), study.styles[1:], scale) for name in DIFFERENCES]


def _make_difference(name: str, comparisons: list[Comparison], styles: Sequence[Style], scale: Range) -> Differences:
    about = OUTCOMES[name]
    lines = [sentences.describe_comparison(c) for c in comparisons]
    drawn = draw_intervals(f"diff-{name}", about.label, " ".join(lines), make_intervals(comparisons, styles), scale)
    return Differences(about.label, sentences.count_verdicts(comparisons), about.meaning, drawn, lines, comparisons)


def make_intervals(comparisons: Sequence[Comparison], styles: Sequence[Style] = STYLES[1:]) -> list[Interval]:
    """A row for each comparison, by default in the styles of the scenarios beside today's rules."""
    return [make_interval(c, c.new, style) for c, style in zip(comparisons, styles, strict=False)]


def make_interval(comparison: Comparison, title: str, style: Style) -> Interval:
    """The row of a comparison in a chart of differences."""
    return Interval(
        title,
        style,
        100 * comparison.difference,
        _scale_to_hundred(comparison.likely),
        _scale_to_hundred(comparison.wide),
        sentences.format_drawn_difference(comparison),
        comparison.short_line,
    )


def _scale_to_hundred(pair: Range) -> Range:
    return 100 * pair[0], 100 * pair[1]


def _choose_scale(comparisons: Sequence[Comparison]) -> Range:
    ends = [100 * end for c in comparisons for end in (*c.wide, c.difference) if end == end]
    return find_range_around_zero(ends)


@dataclass(frozen=True)
class Cascade:
    """Where each £100 goes: a title, a picture for each scenario, and the table of shares."""

    title: str
    panels: list[tuple[Style, str, Markup, str]]
    labels: list[str]
    rows: list[tuple[str, list[str]]]


def make_cascade(study: Study) -> Cascade:
    """From the fund to what was additional, scenario by scenario: means over futures."""
    labels = ["In the fund", *(OUTCOMES[name].label for name in CASCADE)]
    shares = [[1.0, *(float(run.outcome(name, study.span).mean()) for name in CASCADE)] for run in study.runs]
    panels, rows = [], []
    for i, (run, own) in enumerate(zip(study.runs, shares, strict=True)):
        steps = [
            Step(f"of which: {label[0].lower()}{label[1:]}" if name == "place" else label, x, old, name == "place")
            for name, label, x, old in zip(("fund", *CASCADE), labels, own, shares[0], strict=True)
        ]
        parts = [f"{format_pounds(x)} {label[0].lower()}{label[1:]}" for label, x in zip(labels, own, strict=True)]
        words = ", ".join(parts) + "."
        title = run.manifest.title
        drawn = draw_cascade(f"cascade{i}", title, words, steps, study.styles[i], i > 0)
        panels.append((study.styles[i], title, drawn, words))
        rows.append((title, [format_pounds(x) for x in own]))
    today = [shares[0][1 + CASCADE.index(name)] for name in ("retained", "front", "additional")]
    return Cascade(sentences.write_cascade_title(*today), panels, labels, rows)


@dataclass(frozen=True)
class Versions:
    """Which ring-fence, against which leadership: both sides in a sentence, a picture and a table."""

    title: str
    sentence: str
    picture: Markup
    said: list[str]
    rows: list[tuple[Comparison, Comparison | None]]


def compare_versions(study: Study, leader: str = "leadership") -> Versions:
    """Each version of the ring-fence against today's rules and against leadership, in the same futures."""
    span = find_common_span(study.versions.values())
    old, lead = study.versions["baseline"], study.versions[leader]
    fences = [run for name, run in study.versions.items() if name not in ("baseline", leader)]
    effects = [compare_results(run, old, "retained", span) for run in (*fences, lead)]
    pairs = [compare_results(lead, run, "retained", span) for run in fences]
    lines = [sentences.describe_comparison(c) for c in effects]
    title, both = sentences.write_leadership_title(pairs), sentences.compare_both_sides(pairs)
    grey = [Style("#4C6272", "", kind, str(i)) for i, kind in enumerate(("square", "square", "square"), start=1)]
    styles = [*grey[: len(fences)], Style("#F46A25", "", "triangle", str(len(fences) + 1))]
    drawn = draw_intervals(
        "versions-picture", title, " ".join(lines), make_intervals(effects, styles), _choose_scale(effects)
    )
    return Versions(title, both, drawn, lines, list(zip(effects, [*pairs, None], strict=True)))
