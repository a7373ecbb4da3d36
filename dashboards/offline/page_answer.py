"""What the page says of an answer, by Python: the same numbers and sentences as `page/answer.js` makes in a browser.

A page holds one for browsers without WebAssembly, and tests hold the two to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from simulator.charts.palette import LETTERS
from simulator.commands.shared.examined import apart_line, average_line
from simulator.common.formatting import format_end
from simulator.common.sentence_templates import get_template
from simulator.declarations.outcomes import OUTCOMES
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import SAME
from simulator.reports import sentences
from simulator.reports.answer_cards import (
    AnswerCard,
    choose_level_places,
    choose_other_outcome,
    choose_pair_of_runs,
    describe_against_today,
    describe_idle,
    describe_late_starts,
    describe_pair,
    measure_fund,
    name_best,
    write_answer_cards,
)
from simulator.reports.content import CASCADE, DIFFERENCES, compute_bands, compute_range_80
from simulator.reports.glance import glance_at
from simulator.reports.says_who import find_who_says, name_years_counted
from simulator.reports.short_sentence import write_short_pair
from simulator.reports.unmeasured import describe_unmeasured, list_unmeasured
from simulator.runs.results import Results
from simulator.runs.run import compare_results, find_common_span
from simulator.studies.examined_comparison import describe_carriers, describe_ranges, examine_all
from simulator.studies.matched_years import describe_matched_years
from simulator.studies.reversed_structures import tell_ways
from simulator.studies.structural_average import StructuralResults


def make_answer(
    runs: Sequence[Results],
    outcome: str = "retained",
    years: slice | None = None,
    letters: str = LETTERS,
    posted: Sequence[str] = (),
) -> dict[str, Any]:
    """Numbers and words of results that share their futures, today's rules first, as JSON; None where nothing is
    defined. Without `years` those from the first change on; `letters` are those of the scenarios,
    and `posted` their titles in a sentence to be posted, () for those of the results.
    """
    base = runs[0]
    chosen = find_common_span(runs) if years is None else years
    first, stop, _ = chosen.indices(len(base.years))
    span, about = slice(first, stop), OUTCOMES[outcome]
    names = base.years[first], base.years[stop - 1]
    named = list(dict.fromkeys((outcome, *DIFFERENCES)))
    compared = {name: [compare_results(run, base, name, span) for run in runs[1:]] for name in named}
    main = compared[outcome]
    level = float(base.outcome(outcome, span).mean())
    shares = sentences.format_levels(main, level)
    late = describe_late_starts(runs, span, outcome) + describe_idle(runs, span, outcome)
    scenarios = [
        _scenario(letters[i], run, main[i - 1] if i else None, outcome, span, shares[i], late)
        | _against_today(main[i - 1] if i else None, run, base, span)
        | {"short": _post(main[i - 1], run, base, span, posted[i] if posted else run.manifest.title) if i else ""}
        for i, run in enumerate(runs)
    ]
    finals = [(one["letter"], one["title"], one["bands"][2][-1]) for one in scenarios[1:]]
    steps = dict(zip(CASCADE, scenarios[0]["cascade"], strict=True))

    def say(new: int, old: int, name: str) -> str:
        return describe_matched_years(runs[new], runs[old], name, span)

    told: dict[str, Any] = {
        "n": len(base.outcome(outcome, span)),
        "outcome": outcome,
        "span": [first, stop],
        "years": list(names),
        "cards": [_card(card, names) for card in write_answer_cards(runs, outcome, span, letters, posted)],
        "headline": sentences.write_answer(main, about, main[0].old_mean if main else level, names),
        "sure": sentences.describe_certainty(main) + late if main else "",
        "chief": next((i for i, c in enumerate(main, 1) if c is sentences.choose_main_comparison(main)), None),
        "best": name_best(runs, main, span, outcome),
        "scenarios": scenarios,
        "differences": [
            {"outcome": name, "rows": [_row(c, matched=say(at, 0, name)) for at, c in enumerate(compared[name], 1)]}
            for name in named
        ],
        "pairs": _pairs(runs, outcome, span),
        "courses": sentences.write_course_title(about, scenarios[0]["bands"][2][-1], finals, base.years[-1]),
        "cascade": sentences.write_cascade_title(steps["retained"], steps["front"], steps["additional"]),
    }
    return {name: _plain(value) for name, value in told.items()}


def examine_answer(
    runs: Sequence[Results],
    outcome: str = "retained",
    years: slice | None = None,
    structural: StructuralResults | None = None,
    repeated: Sequence[Results] = (),
) -> dict[str, Any]:
    """What stands behind the comparisons of an answer, as `ringfence compare` prints it: rows of its tables, sentences;
    and `who`, what stands behind the sentences of its cards, then behind each policy's own.

    `structural` and `repeated` have the same scenarios in the same places; None and () where there are none.
    """
    span = find_common_span(runs) if years is None else years
    comparisons = [compare_results(run, runs[0], outcome, span) for run in runs[1:]]
    examined, between = examine_all(runs, comparisons, span, structural, repeated) if comparisons else ([], [])
    every = [*examined, *between]
    policies = range(1, len(runs))
    places = [*((at, 0) for at in policies), *((j, i) for i in policies for j in policies if j > i)]
    over = name_years_counted(runs, span)
    ways = [
        [*place, *told]
        for place, item in zip(places, every, strict=False)
        if item.averaged is not None and (told := tell_ways(item.averaged, item.comparison, over))[0]
    ]
    averages = [item.averaged for item in every if item.averaged is not None]
    counted = (
        {"count": len(averages[0].weights), "weights": averages[0].described, "each": averages[0].each}
        if averages
        else {}
    )
    pair, other = choose_pair_of_runs(runs), choose_other_outcome(outcome)
    spoken = [
        *((name, *places, False) for name, places in ((outcome, (0, 0)), (outcome, pair), (other, pair))),
        *((outcome, i, 0, True) for i in range(1, len(runs))),
    ]
    return {
        "who": [
            _plain(asdict(find_who_says(runs, name, span, new, old, as_asked))) for name, new, old, as_asked in spoken
        ],
        "sets": structural.draws if structural else 0,
        "averaged": get_template("heading.averaged").format(**counted) if averages else "",
        "averages": [average.sentence for average in averages],
        "average_rows": [average_line(average) for average in averages],
        "ways": ways,
        "other_ways": _other_ways(runs, other, span, structural) if structural else [],
        "carriers": describe_carriers(every),
        "apart": get_template("heading.apart") if any(item.apart for item in every) else "",
        "ranges": describe_ranges(every),
        "apart_rows": [apart_line(item, item.apart) for item in every if item.apart is not None],
    }


def _other_ways(runs: Sequence[Results], outcome: str, span: slice, structural: StructuralResults) -> list[list[Any]]:
    """The same as `ways` for the two policies of the last card, on its outcome."""
    old, new = sorted(choose_pair_of_runs(runs))
    if new == old:
        return []
    like = compare_results(runs[new], runs[old], outcome, span)
    averaged = structural.compare(new, old, like, span)
    told = tell_ways(averaged, like, name_years_counted(runs, span))
    return [[new, old, *told]] if told[0] else []


def _scenario(
    letter: str,
    run: Results,
    compared: Comparison | None,
    outcome: str,
    span: slice,
    share: str,
    late: str,
) -> dict[str, Any]:
    """One scenario: its card, its bands by year, what it keeps at each step of the cascade."""
    years = run.years[span][0], run.years[span][-1]
    mean, (low, high) = compute_range_80(run.outcome(outcome, span))
    bands = compute_bands(run, outcome).tolist()
    title = run.manifest.title
    return {
        "letter": letter,
        "title": title,
        "mean": mean,
        "low": low,
        "high": high,
        "share": share,
        "likely": f"{format_end(low)} to {format_end(high)}",
        "line": sentences.write_card_line(compared) if compared else "What the others are compared with.",
        "headline": sentences.write_answer([compared], OUTCOMES[outcome], compared.old_mean, years) if compared else "",
        "sure": sentences.describe_certainty([compared]) + late if compared else "",
        "first": max(run.manifest.start, 0) // 4,
        "bands": bands,
        "course": sentences.describe_course(letter, title, bands, run.years),
        "cascade": [float(run.outcome(name, span).mean()) for name in CASCADE],
    }


def _against_today(c: Comparison | None, run: Results, base: Results, span: slice) -> dict[str, Any]:
    """What is said of a policy alone: its sentence, the decimals of the levels in it, what it rests on; and the
    few words of a picture.
    """
    return {
        "against": describe_against_today(c, measure_fund(base, span)) if c else "",
        "places": choose_level_places(c) if c else 1,
        "rests": describe_unmeasured(run, base, c.outcome.name) if c and c.verdict != SAME else "",
        "glance": glance_at((base, run), c.outcome.name, span, 1, 0)._asdict() if c else None,
    }


def _post(c: Comparison, run: Results, base: Results, span: slice, title: str) -> str:
    """A policy against today's rules as it is posted, under a `title`."""
    words, template = describe_pair(c, c.outcome.name, both=False, fund=measure_fund(base, span))
    sides = (title, "") if c.difference >= 0 else ("", title)
    kinds = [] if c.verdict == SAME else list_unmeasured(run, base, c.outcome.name)
    years = run.years[span]
    kind = template.removeprefix("answer.pair.")
    return write_short_pair(c, kind, words["size"], sides, kinds, sentences.format_span((years[0], years[-1])))


def _card(card: AnswerCard, years: tuple[str, str]) -> dict[str, Any]:
    """A sentence of the answer with its caveat, and as it is copied."""
    told = {name: value for name, value in asdict(card).items() if name != "quoted"}
    return {**told, "copied": sentences.write_standalone(card.sentence, years)}


def _pairs(runs: Sequence[Results], outcome: str, span: slice) -> list[tuple[int, int, dict[str, Any]]]:
    """Every pair of policies, the later against the earlier: their places, and the paired difference."""
    pairs = [(j, i) for i in range(1, len(runs)) for j in range(i + 1, len(runs))]
    return [
        (
            j,
            i,
            _row(
                compare_results(runs[j], runs[i], outcome, span),
                sentences.quote_title(runs[i].manifest.title),
                describe_matched_years(runs[j], runs[i], outcome, span),
            ),
        )
        for j, i in pairs
    ]


def _row(c: Comparison, against: str = sentences.OLD, matched: str = "") -> dict[str, Any]:
    """A paired difference in numbers and words; `matched` is what holds in the years in which both act."""
    kept = {"new", "old", "n", "new_mean", "old_mean", "difference", "likely", "wide", "better", "same", "worse"}
    return {
        **{name: value for name, value in asdict(c).items() if name in kept},
        "error": c.standard_error,
        "verdict": c.verdict,
        "verdict_said": c.verdict_words,
        "change": sentences.describe_gap(c),
        "range": sentences.describe_gap_range(*c.likely, c),
        "frequency": sentences.describe_frequency(c),
        "drawn": sentences.format_drawn_difference(c),
        "short": c.short_line,
        "margin": sentences.describe_margin(c),
        "sentence": c.sentence,
        "sure": " ".join(filter(None, (sentences.describe_comparison(c, against), matched))),
    }


def _plain(told: Any) -> Any:
    """The same with None for what is not a number, which JSON has not."""
    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_plain(value) for value in told]
    return None if isinstance(told, float) and not np.isfinite(told) else told
