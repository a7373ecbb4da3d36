"""Which, and by how much?"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from dashboards.computing import answer_view
from dashboards.computing.shared_rendering import share_rendering
from dashboards.export import charts
from dashboards.tabs.policy_parts import PartsTeller
from dashboards.tabs.tab import Tab
from dashboards.widgets.sheet import Push, Sheet, Words
from dashboards.widgets.theme import render_hint, render_quiet
from simulator.charts.palette import LETTERS
from simulator.common.formatting import join_words
from simulator.common.html import join_pieces
from simulator.common.sentence_templates import get_template
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import DEFINITIONS, EVERY, FREQUENCIES, SAME, describe_verdict
from simulator.reports import content, sentences
from simulator.studies.matched_years import compare_matched_years, describe_matched_years, find_matched_span
from simulator.studies.scenario_runs import name_years


class CompareTab(Tab):
    """A sentence for each pair, paired differences, and all outcomes side by side."""

    key, title = "compare", "Compare"
    _years = ""

    def build(self) -> None:
        self.head, self.parts, self.rest = Words(), Words(), Words()
        self.teller = PartsTeller(self.session, self._show_parts)
        self.take = charts.make_button_row("Paired differences", self.session, charts.export_comparisons)
        self.later = Words()
        self.matched = Push("", self._choose_matched_years)
        self.view.objects = [Sheet(self.later, self.matched, self.head, self.parts, self.rest, self.take)]

    def _choose_matched_years(self) -> None:
        if self._years:
            self.session.choose_setting("Years changed", years=self._years)

    def show_answer(self, view: answer_view.AnswerView) -> None:
        self.take.visible = bool(view.main)
        self._years = _name_matched_years(view)
        self.later.visible = self.matched.visible = bool(self._years)
        self.later.object = render_hint(get_template("acting.note")) if self._years else ""
        self.matched.label = get_template("acting.button").format(span=self._years.replace("-", " to "))
        self.teller.ask(view, range(1, len(view.runs)))
        if not view.main:
            self.head.object = Markup("<h2>There is nothing to compare yet</h2><p>Add a scenario in Build.</p>")
            self.rest.object = ""
            return
        title = f"{sentences.count_verdicts(view.main)} ({view.what}, {view.when})"
        self.head.object = Markup('<div role="status"><h2>{}</h2></div>{}').format(title, _describe_pairs(view))
        note = Markup(
            "<p class='quiet'>Mark: average difference from today's rules in the same future. Thick line: 8 in 10 "
            "results; thin line: 95 in 100. Left of zero is less, right of it more. Scales may differ between panels: "
            "what moves little has one of its own.</p>"
        )
        self.rest.object = (
            _draw_pictures(view)
            + note
            + _render_numbers(view)
            + render_quiet(f"{answer_view.write_provenance_line(view)} {write_precision(view.main)}")
        )

    def _show_parts(self, said: Mapping[int, str]) -> None:
        """What each part of a policy adds, below the sentences on whole policies."""
        letters = self.session.selection.letters
        told = [Markup("<p><b>{}.</b> {}</p>").format(letters[at], words) for at, words in said.items() if words]
        self.parts.object = (
            Markup('<h3 style="margin-top:.6rem">{}</h3>{}').format(get_template("parts.heading"), join_pieces(told))
            if told
            else ""
        )


def write_precision(comparisons: list[Comparison]) -> str:
    """How far more futures would move the averages."""
    from simulator.reports.provenance import describe_precision as describe_precision

    return describe_precision(comparisons)


@share_rendering
def _describe_pairs(view: answer_view.AnswerView) -> Markup:
    """Every pair in a sentence; those with today's rules first."""
    lines = []
    for new, old, c in sorted(view.pairs, key=lambda pair: pair[1] > 0):
        against = sentences.OLD if old == 0 else sentences.quote_title(c.old)
        sentence = sentences.describe_comparison(c, against)
        matched = describe_matched_years(view.runs[new], view.runs[old], view.outcome, view.span)
        pair = (view.letters[new], view.letters[old])
        lines.append(Markup("<li><b>{} compared with {}.</b> {}</li>").format(*pair, f"{sentence} {matched}".rstrip()))
    return Markup("<ul>{}</ul>").format(join_pieces(lines))


def _name_matched_years(view: answer_view.AnswerView) -> str:
    """The years in which every policy on the screen acts, as they are chosen; "" where they begin together."""
    matched = find_matched_span(view.runs, view.span)
    return "" if matched is None else name_years(matched)


@share_rendering
def _draw_pictures(view: answer_view.AnswerView) -> Markup:
    """Dots and intervals: the chosen outcome, then the report's four, each with what it shows in a sentence or two."""
    pictures = []
    for name, group in charts.group_comparisons(view).items():
        label, description = group[0].outcome.label, write_panel(group, view.letters[1:])
        drawn = charts.draw_outcome_differences(view, name)
        pictures.append(
            Markup('<section class="card plain"><h3>{}</h3>{}<p class="quiet">{}</p></section>').format(
                label, drawn, description
            )
        )
    return Markup('<div class="cards wider">{}</div>').format(join_pieces(pictures))


def write_panel(group: list[Comparison], letters: str = LETTERS[1:]) -> str:
    """What a panel shows, in plain words: how much each policy adds, and how often it does better. `letters` are those
    of the policies.
    """
    letters = letters[: len(group)]
    each = [f"{letter} {sentences.describe_gap(c)}" for letter, c in zip(letters, group, strict=True)]
    verdicts: dict[str, list[tuple[str, Comparison]]] = {}
    for letter, c in zip(letters, group, strict=True):
        verdicts.setdefault(f"{c.verdict} {c.says_written}", []).append((letter, c))
    told = "; ".join(map(_describe_alike, verdicts.values()))
    return f"Compared with today's rules, on average in each £100: {join_words(each)}. {told}."


def _describe_alike(alike: list[tuple[str, Comparison]]) -> str:
    """The verdict that some policies share, with how often each does better: B and D do better in most futures."""
    c, many = alike[0][1], len(alike) > 1
    who, does = join_words([letter for letter, _ in alike]), describe_verdict(c.verdict, many)
    if c.says_written and not c.sign_assumed:
        return f"{who} {does.replace(FREQUENCIES[0], EVERY)}, which is not assumed, but no proof"
    counts = [str(one.better_of_100) for _, one in alike if one.better_of_100 is not None and c.verdict != SAME]
    word = "better" if c.outcome.better else "higher"
    return f"{who} {does} ({word} in {join_words(counts)} of 100)" if counts else f"{who} {does}"


@share_rendering
def _render_numbers(view: answer_view.AnswerView) -> Markup:
    head: tuple[str, ...] = (
        "Against today's rules",
        "Outcome",
        "Difference",
        "More futures could move it by",
        "8 in 10 results",
        "95 in 100 results",
        "Better in",
        "Verdict",
    )
    rows = []
    chosen = view.main if view.outcome not in content.DIFFERENCES else []
    for c in (*chosen, *view.comparisons):
        likely, wide = (sentences.describe_gap_range(*ends, c) for ends in (c.likely, c.wide))
        average = (sentences.describe_gap(c), sentences.describe_margin(c))
        cells = [c.outcome.label, *average, likely, wide, c.better_in]
        rows.append((c.new, [*cells, c.verdict_words]))
    if any(each := [_tell_while_acting(view, c) for c in (*chosen, *view.comparisons)]):
        head = (*head, "When it acts")
        rows = [(name, [*cells, told or "–"]) for (name, cells), told in zip(rows, each, strict=True)]
    table = answer_view.render_table(f"Paired differences from today's rules, £ of each £100, {view.when}", head, rows)
    return Markup('{}<p class="quiet">{}</p>').format(table, DEFINITIONS)


def _tell_while_acting(view: answer_view.AnswerView, c: Comparison) -> str:
    """The average difference of a policy that starts late in the years in which it acts; "" for one that does not."""
    run = next(run for run in view.runs[1:] if run.manifest.title == c.new)
    matched = compare_matched_years(run, view.baseline, c.outcome.name, view.span)
    return "" if matched is None else f"{sentences.describe_gap(matched)} ({sentences.format_span(matched.years)})"
