"""What a visitor's evidence changes: before and after side by side, in sentences, in a picture and in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from markupsafe import Markup

from dashboards.computing.answer_view import render_table
from dashboards.export.chart_files import ChartExport
from simulator.charts.differences import Interval, draw_intervals
from simulator.charts.palette import BLUE, QUIET, Style
from simulator.common.formatting import format_pounds
from simulator.common.html import NOTHING, fill_each, join_pieces, make_bullets
from simulator.common.sentence_templates import get_template
from simulator.evidence.belief_change import OUTCOMES, RIVALS, BeliefChange
from simulator.evidence.conflicts import Surprise, describe_chance
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports.content import make_interval
from simulator.reports.sentences import format_span, quote_title

BEFORE, AFTER = Style(QUIET, "", "circle", ""), Style(BLUE, "", "square", "")
PICTURE_TITLE = "Money kept: before, and with your evidence"


ComparisonPair = tuple[Comparison, Comparison]


def render_change(
    change: BeliefChange, on_screen: Sequence[ComparisonPair] = (), on_other: Sequence[ComparisonPair] = ()
) -> Markup:
    """The whole of it: what was not expected and how firm it is first, then answers before and after, of the policies
    on the screen first and then of the library's. `on_other` are those on the screen by the other outcome that Answer
    compares them on.
    """
    return Markup("{}{}{}{}<div class='duo'><div class='card plain'>{}</div><div>{}</div></div>{}").format(
        _render_level(on_screen),
        _render_firmness(change),
        _render_on_screen(on_screen, on_other) if on_screen else NOTHING,
        _render_sentences(change),
        draw_change(change),
        _render_conflicts(change.update.surprises),
        join_pieces(
            render_table(title, tuple(rows[0]), [_split_row(row) for row in rows])
            for title, rows in change.tables.items()
            if rows
        ),
    )


def _render_level(on_screen: Sequence[ComparisonPair]) -> Markup:
    """What today's rules give before and with the evidence, first of all; nothing without policies on the screen."""
    if not on_screen:
        return NOTHING
    before, after = on_screen[0]
    said = get_template("evidence.level").format(
        before=format_pounds(before.old_mean),
        after=format_pounds(after.old_mean),
        what=before.outcome.label[0].lower() + before.outcome.label[1:],
        span=format_span(before.years),
    )
    return Markup('<p role="status"><b>{}</b></p>').format(said)


def _render_firmness(change: BeliefChange) -> Markup:
    update = change.update
    problems = fill_each(Markup("<p><b>This answer is weak</b>: {}. Its ranges are too narrow.</p>"), update.problems)
    size = (
        f"Effective sample: of the {update.pool:,} versions of the model (parameter sets) that were run for this, as "
        f"many as {update.effective:,.0f} still count"
        f"{'' if update.problems else ', which is enough'}."
    )
    return Markup("{}<p>{}</p>").format(
        Markup('<div class="alert" role="alert">{}</div>').format(problems) if update.problems else "", size
    )


def _render_sentences(change: BeliefChange) -> Markup:
    """Both sentences of each answer on what is kept, and of leadership against the ring-fence on every outcome."""
    parts = [_render_pair(pair) for key, pair in change.answers.items() if key[2] == OUTCOMES[0] or key[:2] == RIVALS]
    return join_pieces([Markup("<h3>Policies of the library</h3>"), *parts])


def _render_pair(pair: ComparisonPair) -> Markup:
    return Markup(
        "<div class='duo'><div><p class='asks'>Before</p><p>{}</p></div>"
        "<div><p class='asks'>With your evidence</p><p>{}</p></div></div>"
    ).format(pair[0].sentence, pair[1].sentence)


def _render_on_screen(on_screen: Sequence[ComparisonPair], on_other: Sequence[ComparisonPair]) -> Markup:
    """What the evidence changes for the policies on the screen, and where the order between two of them turns, by both
    outcomes.
    """
    turned = [*list_order_changes(on_screen), *(list_order_changes(on_other) if on_other else [])]
    return Markup("<h3>Policies on the screen</h3>{}{}").format(
        make_bullets(turned), join_pieces([_render_pair(pair) for pair in on_screen])
    )


def list_order_changes(on_screen: Sequence[ComparisonPair]) -> list[str]:
    """Where the evidence turns which of two policies does better on average, today's rules among them: a sentence each,
    or one that says that it turns none. Each names the outcome that it is about.
    """
    label = on_screen[0][0].outcome.label
    what = label[0].lower() + label[1:]
    first = on_screen[0][0].old
    gains = [(quote_title(first), (0.0, 0.0))]
    gains += [(quote_title(before.new), (before.gain, after.gain)) for before, after in on_screen]
    turned = []
    for (one, own), (other, theirs) in combinations(gains, 2):
        before, after = (a - b for a, b in zip(own, theirs, strict=True))
        if before * after < 0:
            names = (one, other) if after > 0 else (other, one)
            turned.append(get_template("evidence.order.turned").format(new=names[0], old=names[1], what=what))
    return turned or [get_template("evidence.order.same").format(what=what)]


def _render_conflicts(surprises: tuple[Surprise, ...]) -> Markup:
    """How unlikely the model thought each row before it was told."""
    if not surprises:
        return Markup("<p class='quiet'>Statements are believed as they are; nothing can be held against them.</p>")
    odd = [surprise for surprise in surprises if surprise.unexpected]
    head = (
        "The model did not expect this. Look for a slip first; if there is none, the model may be wrong."
        if odd
        else "Nothing in it is unusual for the model."
    )
    rows = [(surprise.label, _describe_surprise(surprise)) for surprise in surprises]
    table = render_table("What the model expected before it was told", ("Row", "Expected", "Chance"), rows)
    return Markup("<h3>Does it conflict with the model?</h3><p>{}</p>{}{}").format(
        head, make_bullets([surprise.sentence for surprise in odd]), table
    )


def _describe_surprise(surprise: Surprise) -> list[str]:
    chance = describe_chance(surprise.chance) if surprise.unexpected else "nothing unusual"
    known = surprise.low == surprise.low
    return [f"{surprise.low:.0%} to {surprise.high:.0%}" if known else "–", chance]


def _split_row(row: dict[str, str]) -> tuple[str, list[str]]:
    first, *rest = row.values()
    return first, rest


def list_intervals(change: BeliefChange) -> list[Interval]:
    """Two rows for each answer on what is kept: before, and with the evidence."""
    rows = []
    for (_, _, outcome), pair in change.answers.items():
        if outcome == OUTCOMES[0]:
            rows += [
                make_interval(comparison, f"{_name_pair(comparison)}, {when}", style)
                for comparison, when, style in zip(pair, ("before", "after"), (BEFORE, AFTER), strict=True)
            ]
    return rows


def _name_pair(comparison: Comparison) -> str:
    return f"{comparison.new} less {comparison.old[0].lower()}{comparison.old[1:]}"


def draw_change(change: BeliefChange, key: str = "evidence-change") -> Markup:
    """The picture: differences before and after."""
    rows = list_intervals(change)
    ends = [end for row in rows for end in row.wide]
    described = " ".join(f"{row.title}: {row.value}." for row in rows)
    return draw_intervals(key, PICTURE_TITLE, described, rows, (min(0.0, *ends), max(0.0, *ends)))


def export_change(change: BeliefChange) -> ChartExport:
    """The same as files."""
    head = ("scenario", "against", "outcome", "before", "after", "better in, before", "better in, after")
    rows = [
        (
            before.new,
            before.old,
            before.outcome.label,
            before.signed_gap,
            after.signed_gap,
            before.better_in,
            after.better_in,
        )
        for before, after in change.answers.values()
    ]
    after = next(iter(change.answers.values()))[1]
    return ChartExport(PICTURE_TITLE, draw_change(change), head, rows, f"{after.badge[:1].upper()}{after.badge[1:]}.")
