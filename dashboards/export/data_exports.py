"""Whole answers as files: data, and a briefing on paper or as a page, with the facts that belong to them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from types import MappingProxyType

import numpy as np

from dashboards.computing.answer_view import (
    AnswerView,
    describe_certainty,
    describe_fan_chart,
    find_futures,
    view_answer,
    write_fan_chart_title,
    write_headline,
)
from dashboards.computing.policy_parts import work_out_parts
from dashboards.computing.worker import Answer, ResultStore, draw_shared_futures, get_shared_store
from dashboards.export import charts
from dashboards.export.citation import list_commands, write_citation
from dashboards.selection.selection import OUTCOMES
from simulator.calibration.scoreboard import Line
from simulator.common.errors import InputError
from simulator.common.spreadsheet import make_cell_safe
from simulator.declarations.outcomes import OUTCOMES as MEANINGS
from simulator.declarations.output_variables import NATIONAL_VARIABLES
from simulator.reports import content, pdf_content, provenance, sentences
from simulator.reports.content import VERSIONS, OutcomeStudy
from simulator.reports.limits import describe_judgement, list_limits
from simulator.reports.page import QUESTION, render_page
from simulator.reports.pdf_content import Briefing, Figure
from simulator.reports.workbook import make_workbook
from simulator.runs.manifest import find_version
from simulator.runs.posterior import drawing_from
from simulator.runs.results_dataset import CONVENTIONS, make_future_variables
from simulator.scenarios.scenario import load_scenario
from simulator.studies.examined_comparison import run_repeated
from simulator.studies.structural_average import run_structures

__all__ = [
    "list_commands",
    "make_briefing_page",
    "make_briefing_pdf",
    "make_csv",
    "make_csv_description",
    "make_excel",
    "make_netcdf",
    "make_parquet",
    "write_citation",
]

EXACT = 4_000
MOST = 48_000
"""Futures times scenarios: up to the first in double precision, up to the second at all."""
TOO_MANY = (
    "{what} of {futures:,} futures and {scenarios} scenarios would be too large for a browser. Choose fewer futures or "
    "scenarios, or use the commands under “Make it again”: ringfence run NAME --out NAME.nc writes every measure."
)


CSV_NAME = "ringfence-outcomes.csv"


def make_csv(view: AnswerView) -> bytes:
    """Yearly outcomes as a table for people: one heading, one row for each scenario, future and year.

    UTF-8 with the mark that spreadsheets look for; `make_csv_description` says how it was made.
    """
    import pandas as pd

    _check_size(view, "A table")
    parts = []
    for letter, run in zip(view.letters, view.runs, strict=False):
        n, years = run.nation.shape
        table: dict[str, object] = {"Scenario": letter, "Title": make_cell_safe(run.manifest.title)}
        table |= {"Future": np.repeat(np.arange(n), years), "Financial year": list(run.years) * n}
        table |= {_head(name): (100 * run.each_year(name).ravel()).round(4) for name in OUTCOMES}
        parts.append(pd.DataFrame(table))
    return pd.concat(parts).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def _head(outcome: str) -> str:
    """The heading of an outcome's column."""
    return f"{MEANINGS[outcome].label} (£ in each £100)"


def make_csv_description(view: AnswerView) -> bytes:
    """What the table's columns mean and how it was made, as a W3C "CSV on the Web" description beside it."""
    texts = {
        "Scenario": "Letter of the scenario; A is what the others are compared with",
        "Title": "Title of the scenario",
        "Future": "Number of the future; every scenario meets the same chance events in it",
        "Financial year": "Financial year, April to March",
    }
    columns: list[dict[str, str]] = [
        {"titles": head, "datatype": "integer" if head == "Future" else "string", "dc:description": words}
        for head, words in texts.items()
    ]
    columns += [
        {"titles": _head(name), "datatype": "number", "dc:description": MEANINGS[name].meaning} for name in OUTCOMES
    ]
    description = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": CSV_NAME,
        "dc:title": write_fan_chart_title(view),
        "dc:source": write_citation(view),
        "dc:description": f"Yearly outcomes of every future. {provenance.NOT_ASSURED}",
        "dc:license": provenance.describe_licence(view),
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {"columns": columns},
        "ringfence:command": list_commands(view)[0],
        "ringfence:manifests": [asdict(run.manifest) for run in view.runs],
    }
    return (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def make_excel(answer: Answer, today: dt.date | None = None) -> bytes:
    """The answer as an Excel workbook; every board is run again for it. Raises ValueError for too much data."""
    view = view_answer(answer)
    _check_size(view, "A workbook")
    return make_workbook(view, list_commands(view), today or dt.date.today())


def _check_size(view: AnswerView, file_kind: str) -> None:
    n, scenarios = len(view.baseline), len(view.runs)
    if n * scenarios > MOST:
        raise InputError(TOO_MANY.format(what=file_kind, futures=n, scenarios=scenarios))


def _dump_manifests(view: AnswerView) -> str:
    return json.dumps([asdict(run.manifest) for run in view.runs], ensure_ascii=False)


def _fits_double_precision(view: AnswerView) -> bool:
    return len(view.baseline) * len(view.runs) <= EXACT


def make_parquet(view: AnswerView) -> bytes:
    """Every national measure and outcome, one row for each scenario, future and year; the manifests are in the schema.

    Large data are in single precision, and the schema says so. Raises InputError for too much data.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _check_size(view, "A Parquet file")
    kind = np.float64 if _fits_double_precision(view) else np.float32
    metadata = {
        "ringfence": find_version(),
        "manifests": _dump_manifests(view),
        "precision": np.dtype(kind).name,
        "citation": write_citation(view),
        "command": list_commands(view)[0],
    }
    schema, out = None, io.BytesIO()
    writer = None
    for letter, run in zip(view.letters, view.runs, strict=False):
        n, years = run.nation.shape
        columns = {
            "scenario": pa.array([letter] * (n * years)).dictionary_encode(),
            "future": np.repeat(np.arange(n, dtype=np.int32), years),
            "year": pa.array(list(run.years) * n).dictionary_encode(),
        }
        columns |= {name: run.nation[name].ravel().astype(kind) for name in NATIONAL_VARIABLES}
        columns |= {f"share_{name}": run.each_year(name).ravel().astype(kind) for name in OUTCOMES}
        table = pa.table(columns).replace_schema_metadata(metadata)
        schema = schema or table.schema
        writer = writer or pq.ParquetWriter(
            out,
            schema,
            compression="zstd",
            use_dictionary=["scenario", "year"],
            use_byte_stream_split=[name for name in columns if name not in ("scenario", "future", "year")],
        )
        writer.write_table(table, row_group_size=n * years)
    if writer is not None:
        writer.close()
    return out.getvalue()


def make_netcdf(view: AnswerView) -> bytes:
    """Every national measure of every scenario as one netCDF file, with the manifests in it. Raises ValueError."""
    import xarray as xr

    _check_size(view, "A netCDF file")
    measures = [replace(run, futures=None).data for run in view.runs]
    data = xr.concat(measures, dim="scenario", combine_attrs="drop_conflicts")
    data = data.assign_coords(
        scenario=("scenario", list(view.letters[: len(view.runs)]), {"long_name": "letter of the scenario"})
    )
    data = data if _fits_double_precision(view) else data.astype(np.float32)
    drawn = find_futures(view)
    data = data.assign(make_future_variables(drawn.part(0, len(view.baseline)))).assign_attrs(Conventions=CONVENTIONS)
    data.attrs["title"] = "; ".join(
        f"{letter}: {run.manifest.title}" for letter, run in zip(view.letters, view.runs, strict=False)
    )
    data.attrs["manifests"], data.attrs["command"] = _dump_manifests(view), list_commands(view)[0]
    packed = {name: {"zlib": True, "complevel": 4, "shuffle": True} for name in data.data_vars}
    return bytes(data.to_netcdf(engine="h5netcdf", encoding=packed))


def make_briefing_page(answer: Answer, store: ResultStore, lines: Sequence[Line] = ()) -> bytes:
    """The report as one web page, from the results on the screen, those of the ring-fence's versions, and the `lines`
    of the scoreboard.
    """
    selection = answer.selection
    view = view_answer(answer)
    futures = draw_shared_futures(selection.futures, selection.seed, selection.evidence).part(0, answer.futures)
    versions = {name: store.get(load_scenario(name), futures, None, selection.own) for name in VERSIONS}
    with drawing_from(selection.evidence):
        structural = run_structures(view.scenarios, len(futures), seed=futures.seed, boards=view.boards)
    repeated = run_repeated(view.scenarios, futures, view.boards)
    study = OutcomeStudy(
        view.scenarios, view.runs, versions, view.boards, structural, repeated, view.letters, wanted=selection.years
    )
    return render_page(study, dt.date.today(), lines=lines).encode("utf-8")


def make_briefing_pdf(
    answer: Answer, today: dt.date | None = None, link: str = "", lines: Sequence[Line] = ()
) -> bytes:
    """The briefing for printing, about the outcome and the years on the screen; `link` opens it, and `lines` are those
    of the scoreboard. Raises ValueError.
    """
    from simulator.reports.briefing_pdf import make_briefing_pdf

    view, own = view_answer(answer), answer.selection.own
    parts = {
        view.runs[at].manifest.title: work_out_parts(view, at, get_shared_store(), own)
        for at in range(1, len(view.runs))
    }
    return make_briefing_pdf(prepare_briefing(view, today or dt.date.today(), link, lines, parts))


def prepare_briefing(
    view: AnswerView,
    today: dt.date,
    link: str = "",
    lines: Sequence[Line] = (),
    parts: Mapping[str, str] = MappingProxyType({}),
) -> Briefing:
    """What the printed briefing says; `parts` is what the parts of each policy add, by its title."""
    manifest = view.baseline.manifest
    groups = charts.group_comparisons(view)
    comparisons = [c for group in groups.values() for c in group]
    return Briefing(
        question=QUESTION,
        headline=write_headline(view),
        sure=describe_certainty(view),
        front=pdf_content.make_front(view, view.outcome, view.carried, link, lines, parts),
        badge=sentences.capitalise_first(manifest.badge),
        figures=_make_figures(view),
        numbers=f"Paired differences from today's rules, {view.when}",
        rows=pdf_content.make_number_rows(comparisons),
        moves=pdf_content.make_move_rows(view),
        unsaid=(describe_judgement(), *list_limits(view.scenarios[1:], view.outcome, lines)),
        precision=provenance.describe_precision(comparisons) if comparisons else "",
        facts=(
            ("Outcome", f"{view.about.label}: {view.about.meaning}"),
            ("Years", view.when),
            *provenance.list_facts(view),
        ),
        commands=tuple(list_commands(view)),
        citation=write_citation(view),
        licence=provenance.describe_licence(view),
        version=manifest.version,
        date=today,
    )


def _make_figures(view: AnswerView) -> tuple[Figure, ...]:
    """Cards, bands, paired differences and the cascade."""
    cards = pdf_content.make_cards_figure(view, view.about, write_headline(view))
    lines = Figure(write_fan_chart_title(view), charts.draw_fan_chart(view), tuple(_shorten_lines(view)), 0.7)
    steps = content.make_cascade(view)
    money = Figure(steps.title, charts.export_cascade(view).svg, (f"Averages over futures, {view.when}.",), 0.66)
    if not view.main:
        return cards, lines, money
    pairs = charts.export_comparisons(view)
    return cards, lines, Figure(pairs.title, pairs.svg, (pdf_content.DOTS,), 0.82), money


def _shorten_lines(view: AnswerView) -> list[str]:
    """The words under the bands with letters alone; titles stand in the key."""
    lines = zip(view.letters, describe_fan_chart(view), view.runs, strict=False)
    return [f"{letter}: {words.removeprefix(f'{letter}, {run.manifest.title}: ')}" for letter, words, run in lines]
