"""The Evidence tab's tables, in HTML and to take away."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup

from dashboards.common.glossary import mark_terms
from dashboards.computing.answer_view import render_table
from dashboards.evidence import register
from dashboards.evidence.impacts import DRAWS, POLICY, REPLICATES
from dashboards.evidence.register import Assumption, DataEntry, describe_impact
from dashboards.export.chart_buttons import ChartExport
from dashboards.widgets.theme import render_hint
from simulator.boards.table import read_boards
from simulator.common.html import NOTHING
from simulator.engine.kernel_sources import source_hash
from simulator.reports.provenance import count_badges
from simulator.runs.acting_numbers import Acts
from simulator.runs.manifest import find_version
from simulator.runs.posterior import read_fit_document
from simulator.scenarios.scenario import load_scenario

MEANINGS = (
    mark_terms(
        "Impact: how much of each £100 the answer would typically move if this one number were known exactly. There "
        f"are two answers: what is left under today's rules, and what “{load_scenario(POLICY).title}” adds to it. "
        f"Measured over {DRAWS:,} draws of the posterior; chance is averaged out over {REPLICATES} plays (one is a "
        "replicate). In brackets stands a 95% interval. Numbers that go together share an impact, so impacts do not "
        "add up. A number does not bear on an answer where the lever that brings it in is not used, or where it moves "
        "other outcomes alone, as what tilts front-line money to the most deprived fifth does; one that acts only "
        "before these years goes, in the fit, with numbers that act in them.",
        "posterior",
        "replicate",
    ),
    "Risk: impact times how far the evidence leaves the number open, from a quarter for strong evidence to one for our "
    f"own judgement. That scale is ours. High is £{register.HIGH:.2f} or more; middling is £{register.MIDDLING:.2f} or "
    "more. Both go by the best guess, even where that may be noise among so many numbers. A number of low risk may be "
    "wrong, too; that would matter little here.",
)
HEAD = (
    "What",
    "Risk",
    "Impact on what is left today",
    "Impact on what both policies add",
    "Strength of evidence",
    "Rests on",
    "Before (mean ± sd)",
    "After the fit",
    "90% range",
    "Unit",
    "Evidence",
    "Name in files",
)
LOG_HEAD = ("Entry", "Look again by", "Of the year", "Kind", "Strength", "Source", "What it says")


def render_lead() -> Markup:
    """What the answer rests on, before everything that stands behind it."""
    counts, findings = count_badges(), read_fit_document()["targets"]
    return Markup(
        "<h2>What the answer rests on</h2><p>On {} entries of evidence, and on judgement where there is none. Of {} "
        "uncertain numbers, {} published findings pin down {}; {} more are from published figures, and {} rest on "
        "judgement. Below: how the model fares against what was seen, every number with its evidence, what becomes of "
        "the answer if you doubt, and room for evidence of your own. <button type='button' class='term' "
        "data-page='evidence' data-goto='own'>To evidence of your own</button></p>"
    ).format(
        len(register.list_data_entries()),
        sum(counts.values()),
        len(findings),
        counts["fitted"],
        counts["from published figures"],
        counts["judgement"],
    )


def write_source(basis: str) -> str:
    """The line on where numbers come from."""
    return f"{basis}; register of {len(register.list_data_entries())} entries; Ringfence {find_version()}."


def render_assumptions(assumptions: list[Assumption], total: int) -> Markup:
    """The chosen rows of the register."""
    if not total:
        return Markup("<p role='status'>No number has these words.</p>")
    rows = [(row.plain, _format_cells(row)) for row in assumptions]
    count = f"Showing {len(assumptions)} of {total}."
    caption = "Uncertain numbers, with what each is worth"
    return Markup("<p class='quiet' role='status'>{}</p>{}").format(
        count, render_table(caption, HEAD, rows, is_open=True)
    )


def _format_cells(row: Assumption) -> list[str]:
    return [
        row.risk,
        describe_impact(row.level),
        describe_impact(row.gain),
        row.strength.value,
        row.badge,
        row.before,
        row.after,
        row.spread,
        row.unit,
        ", ".join(row.evidence),
        f"{row.name}: {row.meaning}",
    ]


def export_assumptions(rows: list[Assumption]) -> ChartExport:
    """The register as numbers: every impact with its interval, and the sources in full."""
    numbers = tuple(
        f"{kind}: {part}"
        for kind in ("Impact today, £ in each £100", "Impact of both, £ in each £100")
        for part in ("mean", "2.5%", "97.5%", "clear of noise")
    )
    data: list[tuple[str | float | int, ...]] = []
    for row in rows:
        impacts: list[str | float | int] = []
        for impact in (row.level, row.gain):
            impacts += (
                [impact.pounds, impact.low, impact.high, "yes" if impact.clear else "no"]
                if impact and impact.acts is not Acts.NEVER
                else ["", "", "", ""]
            )
        data.append(
            (
                row.name,
                row.meaning,
                row.unit,
                row.risk,
                round(row.score, 3),
                *impacts,
                row.strength.value,
                row.badge,
                row.before,
                row.after,
                row.spread,
                ", ".join(row.evidence),
                " | ".join(row.sources),
            )
        )
    head = (
        "Name",
        "What",
        "Unit",
        "Risk",
        "Risk score",
        *numbers,
        "Strength of evidence",
        "Rests on",
        "Before (mean ± sd)",
        "After the fit",
        "90% range",
        "Evidence",
        "Sources",
    )
    return ChartExport(
        register.write_title(),
        NOTHING,
        head,
        data,
        write_source(f"{DRAWS:,} draws of the posterior with {REPLICATES} replicates each"),
    )


def render_log(today: dt.date) -> Markup:
    """The log of data, with a warning about entries that are past their date."""
    data_entries = register.list_data_entries()
    late = [data_entry for data_entry in data_entries if data_entry.is_late(today)]
    rules = "; ".join(f"{register.EVIDENCE_KINDS[kind]}, {years} years" for kind, years in register.YEARS_VALID.items())
    warning = NOTHING
    if late:
        kinds = sorted({register.EVIDENCE_KINDS[data_entry.entry.kind] for data_entry in late})
        oldest = late[0]
        text = (
            f"{len(late)} entries ({', '.join(kinds)}) may have newer versions by now; the longest overdue is "
            f"{oldest.entry.id}, of {oldest.entry.year}. Answers use them as they are."
        )
        warning = render_hint(text)
    rows = [(data_entry.entry.id, _format_log_cells(data_entry, today)) for data_entry in data_entries]
    caption = "Data and sources, with the day by which to look for something newer"
    return Markup(
        "<h2>{}</h2>{}<p class='quiet'>An entry is taken as it is for some years after the one that it "
        "is of ({}); what has happened has no such date. These terms are our own. On {}.</p>{}"
    ).format(register.write_log_title(today), warning, rules, today.isoformat(), render_table(caption, LOG_HEAD, rows))


def _format_log_cells(data_entry: DataEntry, today: dt.date) -> list[str]:
    due = (
        "no date"
        if data_entry.due is None
        else f"{data_entry.due.isoformat()}{' (past)' if data_entry.is_late(today) else ''}"
    )
    entry = data_entry.entry
    press = ", reported by press" if entry.press else ""
    return [
        due,
        str(entry.year),
        register.EVIDENCE_KINDS[entry.kind],
        f"{entry.strength}{press}",
        entry.source,
        entry.says,
    ]


def export_log(today: dt.date) -> ChartExport:
    """The log of data to take away."""
    rows = [
        (data_entry.entry.id, *_format_log_cells(data_entry, today), " ".join(data_entry.entry.url))
        for data_entry in register.list_data_entries()
    ]
    return ChartExport(
        register.write_log_title(today),
        NOTHING,
        (*LOG_HEAD, "Address"),
        rows,
        write_source(f"As on {today.isoformat()}"),
    )


def list_versions() -> list[str]:
    """The versions of program, fit and boards behind these pages."""
    fit = read_fit_document()
    return [
        f"Ringfence {find_version()}; rules and kernels {source_hash()}.",
        f"Fit {fit['version']}: {fit['draws']:,} draws kept, each a version of the model (parameter set), of which an "
        f"answer runs as many as it says; seed {fit['seed']}, facts {fit['facts']}.",
        f"Boards {read_boards().fingerprint} ({read_boards().source}, {len(read_boards())} areas).",
    ]
