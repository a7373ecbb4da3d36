"""What people take away whole: data, a briefing on paper or as a page, and the facts that belong to them."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import asdict, replace

import numpy as np

from dashboards.computing.answer_view import Reading, bands_title, bands_words, headline, how_sure, reading
from dashboards.computing.worker import Answer, Store, shared_futures
from dashboards.export import charts as takeaway_charts
from dashboards.export.citation import citation, commands
from dashboards.selection.selection import LETTERS, OUTCOMES
from simulator.common.spreadsheet import safe_line
from simulator.declarations.output_variables import NATIONAL_MEASURES
from simulator.reports import content, pdf_content, provenance, sentences
from simulator.reports.content import VERSIONS, Study
from simulator.reports.page import QUESTION, page
from simulator.reports.pdf_content import Briefing, Figure
from simulator.runs.manifest import version
from simulator.runs.results_dataset import CONVENTIONS, future_variables
from simulator.scenarios.scenario import scenario

__all__ = ["briefing", "citation", "commands", "csv", "netcdf", "parquet", "pdf"]

EXACT = 4_000
MOST = 48_000
"""Futures times scenarios: up to the first in double precision, up to the second at all."""
TOO_MANY = (
    "{what} of {futures:,} futures and {scenarios} scenarios would be too large for a browser. Choose fewer futures or "
    "scenarios, or use the commands under “Reproduce this”: ringfence run NAME --out NAME.nc writes every measure."
)


def csv(read: Reading) -> bytes:
    """Yearly outcomes as a table: one row a scenario, future and year; lines that begin with # say how it was made."""
    import pandas as pd

    _check_size(read, "A table")
    parts = []
    for letter, run in zip(LETTERS, read.runs, strict=False):
        n, years = run.nation.shape
        table = {"scenario": letter, "future": np.repeat(np.arange(n), years), "year": list(run.years) * n}
        table |= {name: run.each_year(name).ravel().round(6) for name in OUTCOMES}
        parts.append(pd.DataFrame(table))
    notes = [
        f"# {safe_line(f'{letter}: {json.dumps(asdict(run.manifest), ensure_ascii=True)}')}"
        for letter, run in zip(LETTERS, read.runs, strict=False)
    ]
    notes.append(f"# {safe_line(f'command: {commands(read)[0]}')}")
    body = pd.concat(parts).to_csv(index=False, lineterminator="\n")
    return ("\n".join(notes) + "\n" + body).encode("utf-8")


def _check_size(read: Reading, what: str) -> None:
    n, scenarios = len(read.baseline), len(read.runs)
    if n * scenarios > MOST:
        raise ValueError(TOO_MANY.format(what=what, futures=n, scenarios=scenarios))


def _manifests(read: Reading) -> str:
    return json.dumps([asdict(run.manifest) for run in read.runs], ensure_ascii=False)


def _exact(read: Reading) -> bool:
    return len(read.baseline) * len(read.runs) <= EXACT


def parquet(read: Reading) -> bytes:
    """Every national measure and outcome, one row a scenario, future and year; the manifests are in the schema.

    Much data come in single precision, and the schema says so. Raises ValueError for too much of it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _check_size(read, "A Parquet file")
    kind = np.float64 if _exact(read) else np.float32
    told = {
        "ringfence": version(),
        "manifests": _manifests(read),
        "precision": np.dtype(kind).name,
        "citation": citation(read),
        "command": commands(read)[0],
    }
    schema, out = None, io.BytesIO()
    writer = None
    for letter, run in zip(LETTERS, read.runs, strict=False):
        n, years = run.nation.shape
        columns = {
            "scenario": pa.array([letter] * (n * years)).dictionary_encode(),
            "future": np.repeat(np.arange(n, dtype=np.int32), years),
            "year": pa.array(list(run.years) * n).dictionary_encode(),
        }
        columns |= {name: run.nation[name].ravel().astype(kind) for name in NATIONAL_MEASURES}
        columns |= {f"share_{name}": run.each_year(name).ravel().astype(kind) for name in OUTCOMES}
        table = pa.table(columns).replace_schema_metadata(told)
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


def netcdf(read: Reading) -> bytes:
    """Every national measure of every scenario as one netCDF file, with the manifests in it. Raises ValueError."""
    import xarray as xr

    _check_size(read, "A netCDF file")
    measures = [replace(run, futures=None).data for run in read.runs]
    data = xr.concat(measures, dim="scenario", combine_attrs="drop")
    data = data.assign_coords(scenario=list(LETTERS[: len(read.runs)]))
    data = data if _exact(read) else data.astype(np.float32)
    drawn = shared_futures(read.baseline.manifest.futures, read.baseline.manifest.seed)
    data = data.assign(future_variables(drawn.part(0, len(read.baseline)))).assign_attrs(Conventions=CONVENTIONS)
    data.attrs["manifests"], data.attrs["command"] = _manifests(read), commands(read)[0]
    packed = {name: {"zlib": True, "complevel": 4, "shuffle": True} for name in data.data_vars}
    return bytes(data.to_netcdf(engine="h5netcdf", encoding=packed))


def briefing(answer: Answer, store: Store) -> bytes:
    """The report as one web page, from the results on the screen and those of the ring-fence's versions."""
    choice = answer.choice
    read = Reading(choice.scenarios, answer.results, {}, choice.boards, choice.outcome)
    futures = shared_futures(choice.futures, choice.seed).part(0, answer.futures)
    versions = {name: store.get(scenario(name), futures, None, choice.own) for name in VERSIONS}
    study = Study(read.scenarios, read.runs, versions, read.boards)
    return page(study, dt.date.today()).encode("utf-8")


def pdf(answer: Answer, today: dt.date | None = None) -> bytes:
    """The briefing for printing, about the outcome and the years on the screen. Raises ValueError."""
    from simulator.reports.pdf import briefing_pdf

    return briefing_pdf(printed(reading(answer), today or dt.date.today()))


def printed(read: Reading, today: dt.date) -> Briefing:
    """What stands on paper."""
    made, said = read.baseline.manifest, headline(read)
    groups = takeaway_charts.compared(read)
    found = [c for group in groups.values() for c in group]
    return Briefing(
        question=QUESTION,
        headline=said,
        sure=how_sure(read),
        badge=sentences.sentence_case(made.badge),
        figures=_figures(read),
        numbers=f"Paired differences from today's rules, {read.when}",
        rows=tuple(pdf_content.number_row(c) for c in found),
        moves=pdf_content.move_rows(read),
        unsaid=pdf_content.unsaid(read),
        precision=provenance.precision(found) if found else "",
        facts=(("Outcome", f"{read.about.label}: {read.about.meaning}"), ("Years", read.when), *provenance.facts(read)),
        commands=tuple(commands(read)),
        citation=citation(read),
        licence=provenance.licence(read),
        version=made.version,
        date=today,
    )


def _figures(read: Reading) -> tuple[Figure, ...]:
    """Cards, bands, paired differences and the cascade."""
    cards = pdf_content.cards(read, read.about, read.main, headline(read))
    lines = Figure(bands_title(read), takeaway_charts.over_time(read), tuple(_short(read)), 0.7)
    steps = content.cascade(read)
    money = Figure(steps.title, takeaway_charts.cascade(read).svg, (f"Averages over futures, {read.when}.",), 0.66)
    if not read.main:
        return cards, lines, money
    pairs = takeaway_charts.pairs(read)
    return cards, lines, Figure(pairs.title, pairs.svg, (pdf_content.DOTS,), 0.82), money


def _short(read: Reading) -> list[str]:
    """The words under the bands with letters alone; titles stand in the key."""
    told = zip(LETTERS, bands_words(read), read.runs, strict=False)
    return [f"{letter}: {words.removeprefix(f'{letter}, {run.manifest.title}: ')}" for letter, words, run in told]
