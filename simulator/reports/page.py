"""The report: one web page that stands by itself, with the answer, how sure it is, and how it was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.boards.table import Boards
from simulator.boards.table import read_boards as the_boards
from simulator.calibration.scoreboard import Line, scoreboard
from simulator.charts import squares as pictures
from simulator.charts.palette import MOST, STYLES
from simulator.charts.svg import draw_line_sample
from simulator.common.atomic_files import write_together
from simulator.common.errors import InputError
from simulator.common.formatting import format_absolute, format_difference, format_pounds
from simulator.common.html import keep_amounts_whole, make_template_environment
from simulator.declarations.calendar import parse_years
from simulator.engine.ensemble import Progress
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import DEFINITIONS
from simulator.reports import content, provenance, sentences
from simulator.reports.answer_cards import describe_late_starts
from simulator.reports.content import VERSIONS
from simulator.reports.limits import describe_judgement, list_limits
from simulator.reports.structural import describe_structures
from simulator.runs.futures import DEFAULT_N, SEED, Futures, draw_futures
from simulator.runs.results import Results
from simulator.runs.run import Policy, compare_results, find_common_span, run_many
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.labels import with_distinct_titles
from simulator.scenarios.scenario import Scenario, load_scenario
from simulator.studies.examined_comparison import describe_averages, describe_carriers, describe_ranges, run_repeated
from simulator.studies.structural_average import run_structures

if TYPE_CHECKING:
    from jinja2 import Template

    from simulator.reports.deep_answers import Asked

FEWEST = 20
QUESTION = "What would keep health inequalities money for its purpose?"

TEMPLATE_WORDS: Mapping[str, object] = {
    "pounds": format_pounds,
    "quoted": sentences.quote_title,
    "sentence_case": sentences.capitalise_first,
    "definitions": DEFINITIONS,
    "draw_line_sample": draw_line_sample,
}
"""What the templates of the report and of the site both call."""


@dataclass(frozen=True)
class Report:
    """A report that was written: where, its comparisons with today's rules, the results by scenario name, and the runs
    behind it.
    """

    path: Path
    comparisons: tuple[Comparison, ...]
    results: Mapping[str, Results]
    study: content.Study


def write(
    path: str | Path,
    scenarios: Sequence[Policy] = HEADLINE,
    *,
    n: int = DEFAULT_N,
    seed: int = SEED,
    boards: Boards | None = None,
    deep: bool = False,
    progress: Progress | None = None,
    today: dt.date | None = None,
    pdf: str | Path | None = None,
    expect: str | None = None,
    years: str = "",
) -> Report:
    """Compare scenarios with today's rules in `n` futures and write the page, whole or not at all.

    `deep` also asks what equals what, what matters, where it fails and what evidence would help, which takes a minute.
    `years` are those that it is about, such as 2028/29-2029/30; by default those from the first change on.
    `pdf` names a file for the short version to print. `expect` is the fingerprint of the report that is meant.

    The same arguments give the same bytes on the same day (`today`). Raises ValueError for no scenario, too many of
    them, too few futures, a fund that is nil throughout or another report than is expected; FileNotFoundError for a
    folder that is not there; and as `run` does.
    """
    path, printed = Path(path), None if pdf is None else Path(pdf)
    _check(len(scenarios), n, [file for file in (path, printed) if file])
    if years:
        parse_years(years)
    policies = [load_scenario(policy) for policy in scenarios]
    study = make_study(policies, draw_futures(n, seed=seed), boards, progress, years)
    study.recipe.check(expect, provenance.list_version_marks())
    asked: list[Asked] = []
    if deep:
        from simulator.reports.deep_answers import ask

        asked = ask(study.scenarios, study.boards, seed, study.recipe, progress)
    day = today or dt.date.today()
    lines = scoreboard(DEFAULT_N) if provenance.is_fitted(study) else ()
    contents = {path: render_page(study, day, asked, lines).encode("utf-8")}
    if printed:
        contents[printed] = make_printed_briefing(study, day, lines)
    write_together(contents)
    return Report(path, study.comparisons, index_by_name(study), study)


def _check(scenarios: int, n: int, wanted: Sequence[Path]) -> None:
    """Refuse what cannot be reported on or written, before any work."""
    if not 1 <= scenarios <= MOST:
        raise InputError(f"a report compares 1 to {MOST} scenarios with today's rules, not {scenarios}")
    if n < FEWEST:
        raise InputError(f"a report needs at least {FEWEST} futures for its ranges, not {n}")
    for file in wanted:
        if not file.absolute().parent.is_dir():
            raise FileNotFoundError(f"there is no folder {file.absolute().parent}")


def make_study(
    policies: Sequence[Scenario],
    futures: Futures,
    boards: Boards | None = None,
    progress: Progress | None = None,
    years: str = "",
) -> content.Study:
    """Run today's rules, the policies and the versions of the ring-fence, each schedule once, for a report on `years`
    ("" for those from the first change on).
    """
    chosen = tuple(with_distinct_titles((load_scenario("baseline"), *policies)))
    versions = {name: load_scenario(name) for name in VERSIONS}
    everything = [*chosen, *versions.values()]
    distinct = {_draw_key(policy): policy for policy in everything}
    areas = boards or the_boards()
    results = run_many(list(distinct.values()), futures=futures, boards=areas, progress=progress)
    by_key = dict(zip(distinct, results, strict=True))
    runs = tuple(by_key[_draw_key(policy)] for policy in chosen)
    shown = {name: by_key[_draw_key(policy)] for name, policy in versions.items()}
    if futures.source != "posterior":
        return content.Study(chosen, runs, shown, areas, wanted=years)
    structural = run_structures(chosen, len(futures), seed=futures.seed, boards=areas)
    return content.Study(chosen, runs, shown, areas, structural, run_repeated(chosen, futures, areas), wanted=years)


def _draw_key(policy: Scenario) -> tuple[str, str, str]:
    return policy.name, policy.title, policy.fingerprint


def index_by_name(study: content.Study) -> dict[str, Results]:
    """The results by scenario name, today's rules first; a name that comes twice is numbered."""
    results: dict[str, Results] = {}
    for run in study.runs:
        name, copy = run.manifest.scenario, 2
        while name in results:
            name, copy = f"{run.manifest.scenario} ({copy})", copy + 1
        results[name] = run
    return results


def render_page(study: content.Study, today: dt.date, asked: Sequence[Asked] = (), lines: Sequence[Line] = ()) -> str:
    """The page as HTML; `lines` are those of the scoreboard. Jinja escapes everything that is not a picture."""
    page = _read_template().render(_collect_context(study, today, bool(asked), lines), asked=asked)
    return keep_amounts_whole(page) + "\n"


@cache
def _read_template() -> Template:
    """The page without its numbers; Jinja takes longer to read it than to fill it in."""
    text = files("simulator.reports").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = make_template_environment()
    environment.globals.update(
        TEMPLATE_WORDS,
        change=format_difference,
        spread=sentences.format_spread,
        size=format_absolute,
        squares=pictures.draw_square_samples(),
    )
    return environment.from_string(text)


def make_printed_briefing(study: content.Study, today: dt.date, lines: Sequence[Line] = ()) -> bytes:
    """The short version for printing: a PDF file of a few pages. Raises ValueError for one that is too large."""
    from simulator.reports.briefing_pdf import make_briefing_pdf
    from simulator.reports.pdf_content import make_briefing

    return make_briefing_pdf(make_briefing(study, today, QUESTION, lines))


def _collect_context(study: content.Study, today: dt.date, deep: bool, lines: Sequence[Line]) -> dict[str, object]:
    main = study.of("retained")
    policies = provenance.list_policies(study)
    rests = provenance.count_badges()
    return {
        "question": QUESTION,
        "headline": sentences.write_headline(main),
        "sure": sentences.describe_certainty(main) + describe_late_starts(study.runs, study.span, "retained"),
        "manifest": study.baseline.manifest,
        "fitted": provenance.is_fitted(study),
        "areas": len(study.boards),
        "span": sentences.format_span(study.years),
        "years": study.baseline.years,
        "fund": provenance.describe_fund(study),
        "cards": content.make_card_views(study),
        "answers": [c.sentence for c in main],
        "paths": content.make_paths(study),
        "differences": content.make_differences(study),
        "cascade": content.make_cascade(study),
        "versions": content.compare_versions(study),
        "moves": provenance.list_moves(policies),
        "changed": provenance.summarise_changes(policies),
        "ranges": describe_ranges(study.examined),
        "averages": describe_averages(study.examined),
        "carriers": describe_carriers(study.examined),
        "structures": describe_structures() if provenance.is_fitted(study) else [],
        "judged": describe_judgement(),
        "limits": list_limits(policies, lines=lines),
        "uncertain": sum(rests.values()),
        "precision": provenance.describe_precision(study.comparisons),
        "facts": provenance.list_facts(study),
        "commands": _list_commands(study, deep),
        "needs": provenance.list_needs(study.recipe),
        "files": [file for file in study.recipe.files if file.text],
        "citations": provenance.list_citations(policies),
        "assurance": provenance.NOT_ASSURED,
        "licence": provenance.describe_licence(study),
        "date": f"{today.day} {today:%B %Y}",
    }


def _list_commands(study: content.Study, deep: bool) -> list[str]:
    """What to type; the command for a report takes no years, so that on chosen years only its comparisons can be."""
    if isinstance(study, content.OutcomeStudy) and study.wanted:
        return [study.recipe.compare]
    return provenance.write_commands(study, [("--deep", True)] if deep else [])


def draw_headline_picture(results: Mapping[str, Results]) -> str:
    """Today's rules and the policies as cards of 100 squares: an SVG file's text, on white.

    `results` are paired and hold "baseline"; `Report.results` will do. Raises KeyError, and ValueError as
    `compare_results`.
    """
    runs = [results["baseline"], *(run for name, run in results.items() if name != "baseline")]
    span = find_common_span(runs)
    shown: list[pictures.Card] = []
    for style, run in zip(STYLES, runs, strict=False):
        says = "the starting point"
        if shown:
            comparison = compare_results(run, runs[0], "retained", span)
            says = comparison.short_line
        shown.append(
            pictures.Card(run.manifest.title, style, *content.compute_range_80(run.outcome("retained", span)), says)
        )
    years = runs[0].years[span]
    manifest = runs[0].manifest
    title = "Of each £100 for health inequalities, what stays to the year end?"
    lines = [f"{card.title}: {card.level}, {card.says}" for card in shown]
    foot = [
        f"{sentences.format_span((years[0], years[-1]))}. A square is £1. Solid: kept in 9 of 10 futures. "
        "Solid and paler: kept on average. Dashed: up to the upper end of 8 in 10 results.",
        f"{sentences.capitalise_first(manifest.badge)}. {manifest.futures:,} futures, seed {manifest.seed}, "
        f"Ringfence {manifest.version}.",
    ]
    return str(pictures.draw_cards(title, "; ".join(lines) + ".", shown, foot)) + "\n"
