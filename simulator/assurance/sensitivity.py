"""Sensitivity and uncertainty: what matters, what other structures say, and what carries each verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from simulator.assurance.chapter import Chapter, tabulate_sheet
from simulator.calibration.structural_fits import DRAWS as SETS
from simulator.declarations.parameters import PARAMETERS
from simulator.reports.blocks import Block, Heading, Paragraph, Points, Table
from simulator.reports.content import Study
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.reports.provenance import describe_precision
from simulator.reports.sentences import capitalise_first, write_headline
from simulator.scenarios.scenario import load_scenario
from simulator.studies.examined_comparison import describe_averages, describe_carriers, describe_ranges
from simulator.studies.number_impacts import Headline, Impact
from simulator.studies.structural_average import DRAWS

MOST = 8
STRUCTURES_NOTE = (
    f"One row a structure, averages over {SETS} parameter sets of its own fit. Unit: £ of each £100 of the fund, and "
    "futures of 100. Source: data/structures.json."
)
IMPACTS_NOTE = (
    "One row a headline and number, 95% intervals. Unit: £ of each £100 of the fund. Source: runs made for this pack."
)
SHOWN = ("ringfence", "leadership", "both")
SHORT = ("Ring-fence", "Leadership", "Both")
"""The same, as headings of narrow columns."""


def write_sensitivity(study: Study, impacts: Mapping[Headline, Mapping[str, Impact]], measured: str) -> Chapter:
    """The chapter, from a study of the headline policies and the impacts of uncertain numbers."""
    main, structures = study.of("retained"), make_structure_sheet()
    carriers = describe_carriers(study.examined)
    blocks: list[Block] = [
        Paragraph(write_headline(main), "strong"),
        Paragraph(describe_precision(study.comparisons)),
        Heading("What carries each verdict", 2),
        Points(tuple(carriers))
        if carriers
        else Paragraph("No single number or structure was found to turn a verdict, or the sign is assumed."),
        Heading("Chance and parameters apart", 2),
        Points(tuple(describe_ranges(study.examined))),
        Heading("Averages over structures", 2),
        Points(tuple(describe_averages(study.examined))),
        Heading("Each structure by itself", 2),
        Paragraph(
            "Averages in £ of each £100 that are kept: the level today, what each policy adds, and in how many futures "
            f"of 100 it keeps more. They ship with the program and are over {SETS} parameter sets of each structure's "
            f"own fit; the averages above are over {DRAWS} of these sets for each structure, so that their lowest and "
            "highest are rougher and need not be those of this table. These fits are smaller than the one that answers "
            "are drawn from, so that the model as specified differs a little from the answer that begins this chapter. "
            "That a ring-fence or leadership keeps more in 100 of 100 futures is built in and no finding: every "
            "structure but “two_sided” only allows it to help or to do nothing."
        ),
        _tabulate_structures(structures),
        Heading("What matters", 2),
        Paragraph(measured),
    ]
    for headline, effects in impacts.items():
        blocks += [Heading(capitalise_first(headline.says), 3), _tabulate_top(effects)]
    sheets = (structures, make_impact_sheet(impacts))
    return Chapter("Sensitivity and uncertainty", tuple(blocks), sheets)


def _tabulate_structures(sheet: Sheet) -> Table:
    """The first columns of the sheet, under headings that are short enough for a page."""
    short = ("Structure", "What it says", "Kept today, £", *(f"{name} adds, £" for name in SHORT))
    short += tuple(f"{name} keeps more" for name in SHORT)
    table = tabulate_sheet(sheet, range(len(short)), (16, 30, 8, 9, 10, 9, 9, 10, 9))
    return table._replace(head=short)


def _tabulate_top(effects: Mapping[str, Impact]) -> Table:
    ranked = sorted(effects.items(), key=lambda item: -item[1].pounds)[:MOST]
    rows = tuple(
        (
            *(
                name,
                capitalise_first(PARAMETERS[name].about.plain),
                f"£{impact.pounds:.2f}",
                f"£{impact.low:.2f} to £{impact.high:.2f}",
            ),
            *(_say_direction(impact), "yes" if impact.clear else "no"),
        )
        for name, impact in ranked
    )
    head = (
        "Number",
        "What it says",
        "Impact, of each £100",
        "95% interval",
        "As it grows, the answer",
        "Clear of noise",
    )
    return Table(head, rows, (18, 46, 10, 18, 14, 10))


def _say_direction(impact: Impact) -> str:
    """Which way the answer goes as the number grows, where any effect was seen."""
    if impact.low <= 0:
        return "not seen"
    return "rises" if impact.up else "falls"


def make_structure_sheet() -> Sheet:
    """What each structure that ships gives, as a sheet."""
    shipped = json.loads(files("simulator").joinpath("data").joinpath("structures.json").read_text(encoding="utf-8"))
    columns = [
        Column("Structure", width=20),
        Column("What it says", width=50),
        Column("Kept today, £ of each £100", "0.0"),
    ]
    titles = [load_scenario(policy).title for policy in SHOWN]
    columns += [Column(f"“{title}” adds to money kept, £ of each £100", "0.0") for title in titles]
    columns += [Column(f"“{title}” keeps more, futures of 100", "0") for title in titles]
    columns += [Column(f"“{title}” adds to new money, £ of each £100", "0.0") for title in titles]
    rows: list[list[Cell]] = []
    for structure in shipped["structures"]:
        kept, new = structure["effects"]["retained"], structure["effects"]["additional"]
        rows.append(
            [
                *(structure["name"], structure["says"], 100 * kept["level"]["mean"]),
                *(100 * kept[policy]["mean"] for policy in SHOWN),
                *(100 * kept[policy]["better"] for policy in SHOWN),
                *(100 * new[policy]["mean"] for policy in SHOWN),
            ]
        )
    return Sheet("Structures", "What each structure gives", STRUCTURES_NOTE, columns, rows)


def make_impact_sheet(impacts: Mapping[Headline, Mapping[str, Impact]]) -> Sheet:
    """Every impact as a sheet, a row a number and headline."""
    columns = (
        Column("Headline", width=50),
        Column("Number", width=22),
        Column("Impact, £ of each £100", "0.00"),
        Column("From, £ of each £100", "0.00"),
        Column("To, £ of each £100", "0.00"),
        Column("As it grows, the answer"),
        Column("Clear of noise"),
    )
    rows: list[list[Cell]] = [
        [
            *(headline.says, name, impact.pounds, impact.low, impact.high),
            *(_say_direction(impact), "yes" if impact.clear else "no"),
        ]
        for headline, effects in impacts.items()
        for name, impact in effects.items()
    ]
    return Sheet("Impacts", "Impacts of uncertain numbers", IMPACTS_NOTE, columns, rows)
