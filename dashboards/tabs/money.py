"""Where does each £100 go?"""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from dashboards.computing import answer_view
from dashboards.computing.shared_rendering import share_rendering
from dashboards.export import charts
from dashboards.tabs.tab import Tab
from dashboards.widgets.sheet import Sheet, Words
from dashboards.widgets.theme import render_hint
from simulator.common.formatting import format_level, format_pounds
from simulator.common.html import NOTHING, join_pieces
from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.reports import content
from simulator.studies.matched_years import find_matched_span
from simulator.studies.scenario_runs import name_years

YEARLY = charts.YEARLY


class MoneyTab(Tab):
    """The cascade, what is taken back in each quarter, and every step year by year."""

    key, title = "money", "Follow the money"

    def build(self) -> None:
        self.body, self.rest = Words(), Words()
        steps = charts.make_button_row("Where each £100 goes", self.session, charts.export_cascade)
        taken = charts.make_button_row(
            "Taken back within the year", self.session, charts.export_money_taken_back, picture=False
        )
        self.view.objects = [Sheet((self.body, steps), (self.rest, taken))]

    def show_answer(self, view: answer_view.AnswerView) -> None:
        self.body.object = _render_cascade(view)
        self.rest.object = _render_taken(view)


@share_rendering
def _render_cascade(view: answer_view.AnswerView) -> Markup:
    """The cascade of every scenario, in pictures, words and numbers."""
    cascade = content.make_cascade(view)
    panels = join_pieces(
        Markup(
            '<section class="card" style="border-top-color:{}"><h3><span class="letter" '
            'style="border-color:{}">{}</span> {}</h3>{}</section>'
        ).format(style.colour, style.colour, style.letter, title, drawn)
        for style, title, drawn, _ in cascade.panels
    )
    items = join_pieces(Markup("<li>{}: {}</li>").format(title, text) for _, title, _, text in cascade.panels)
    matched = find_matched_span(view.runs, view.span)
    acting = NOTHING if matched is None else _render_while_all_act(view, name_years(matched))
    return Markup(
        '<div role="status"><h2>{}</h2></div><p>Averages over futures, {}. Under a policy, the mark '
        "is where today's rules stand. Money that is taken still buys care: that care does good too, but not what "
        'this money is for.</p><div class="cards wider level">{}</div><h3 style="margin-top:1rem">In '
        "words</h3><ul>{}</ul>{}{}"
    ).format(
        write_money_title(view, cascade.title),
        view.when,
        panels,
        items,
        answer_view.render_table(f"Where each £100 goes, {view.when}", ("Scenario", *cascade.labels), cascade.rows),
        acting,
    )


def _render_while_all_act(view: answer_view.AnswerView, years: str) -> Markup:
    """The same of the years in which all policies act, in numbers: a later start must not be read as weakness."""
    acting = replace(view, wanted=years)
    cascade = content.make_cascade(acting)
    caption = f"Where each £100 goes in {acting.when} alone, when all policies act"
    head = ("Scenario", *cascade.labels)
    return render_hint(get_template("acting.money").format(span=acting.when)) + answer_view.render_table(
        caption, head, cascade.rows, is_open=True
    )


@share_rendering
def _render_taken(view: answer_view.AnswerView) -> Markup:
    """What is taken back in each quarter, and every step by year."""
    return Markup("<h2>{}</h2>{}{}<p class='quiet'>{}</p>").format(
        _write_taken_title(view), _sum_taken(view), _render_by_year(view), answer_view.write_provenance_line(view)
    )


def write_money_title(view: answer_view.AnswerView, today: str) -> str:
    """Where the money goes under today's rules, and how far the policies change that."""
    if len(view.runs) == 1:
        return today
    clauses = []
    for name, does in (("front", "reaches the front line"), ("additional", "is new money")):
        means = sorted(float(run.outcome(name, view.span).mean()) for run in view.runs[1:])
        low, high = format_pounds(means[0]), format_pounds(means[-1])
        clauses.append(f"{low if low == high else f'{low} to {high}'} {does}")
    subject = "the policies" if len(view.runs) > 2 else f"“{view.runs[1].manifest.title}”"
    return f"{today}; under {subject} {clauses[0]} and {clauses[1]}"


def _write_taken_title(view: answer_view.AnswerView) -> str:
    """How much is taken back in the year, from the numbers."""
    taken = [float(run.outcome("raided", view.span).mean()) for run in view.runs]
    unit = OUTCOMES["raided"].unit
    title = f"Under today's rules about {format_level(taken[0], unit)} a year is taken back after plans are made"
    if len(taken) > 1:
        low, high = min(taken[1:]), max(taken[1:])
        between = (
            format_level(low, unit)
            if format_level(low, unit) == format_level(high, unit)
            else (f"{format_level(low, unit)} to {format_level(high, unit)}")
        )
        title += f"; under the policies {between}"
    return title


def _sum_taken(view: answer_view.AnswerView) -> Markup:
    rows = []
    for i, run in enumerate(view.runs):
        cells = [format_level(float(run.outcome(name, view.span).mean()), OUTCOMES[name].unit) for name in YEARLY]
        rows.append((f"{view.letters[i]} {run.manifest.title}", cells))
    head = ("Scenario", *(OUTCOMES[name].label for name in YEARLY))
    return answer_view.render_table(f"£m a year, averages over futures, {view.when}", head, rows, is_open=True)


def _render_by_year(view: answer_view.AnswerView) -> Markup:
    rows = []
    for i, run in enumerate(view.runs):
        for name in content.CASCADE:
            each = run.each_year(name).mean(axis=0)
            rows.append((f"{view.letters[i]} {OUTCOMES[name].label}", [format_pounds(float(x)) for x in each]))
    return answer_view.render_table(
        "Every step year by year: £ in each £100, averages", ("Step", *view.baseline.years), rows
    )
