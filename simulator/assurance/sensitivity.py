"""Sensitivity and uncertainty: what matters, what other structures say, and what carries each verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from simulator.assurance.assumptions import ACTS, is_uncertain
from simulator.assurance.chapter import Chapter, tabulate_sheet
from simulator.calibration.structural_draws import read_structures
from simulator.calibration.structural_fits import DRAWS as SETS
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.paired_comparison import Comparison
from simulator.experiments.core.verdicts import SAME
from simulator.experiments.decision.verdict_carriers import count_sets, find_critical_value, is_beyond_chance
from simulator.reports.blocks import Block, Heading, Paragraph, Points, Table
from simulator.reports.content import Study
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.reports.provenance import describe_precision
from simulator.reports.sentences import capitalise_first, write_headline
from simulator.runs.acting_numbers import Acts
from simulator.scenarios.scenario import load_scenario
from simulator.studies.carried_numbers import list_sign_pulls
from simulator.studies.examined_comparison import ExaminedComparison, describe_averages, describe_ranges, examine_all
from simulator.studies.number_impacts import WORDS, Headline, Impact
from simulator.studies.structural_average import DRAWS

MOST = 8
STRUCTURES_NOTE = (
    f"One row per structure, averages over {SETS} parameter sets of its own fit. Unit: £ of each £100 of the fund, and "
    "futures of 100. Source: data/structures.json."
)
IMPACTS_NOTE = (
    "One row per headline and number that acts under its policies, with a 95% interval. Unit: £ of each £100 of the "
    "fund. Source: runs made for this pack."
)
FENCE_IN_BOTH = (
    "Both have the ring-fence: leaders bear on its pull only where ring_leader_mix is above 0, and it is held at 0, so "
    "that nothing here rests on the sign of that pull. "
)
SHOWN = ("ringfence", "leadership", "both")
SHORT = ("Ring-fence", "Leadership", "Together")
"""The same, as headings of narrow columns."""


def write_sensitivity(study: Study, impacts: Mapping[Headline, Mapping[str, Impact]], measured: str) -> Chapter:
    """The chapter, from a study of the headline policies and the impacts of uncertain numbers."""
    main, structures = study.of("retained"), make_structure_sheet()
    draws = DRAWS if study.structural is None else study.structural.draws
    blocks: list[Block] = [
        Paragraph(write_headline(main), "strong"),
        Paragraph(
            f"{describe_precision(study.comparisons)} This, and what is said below of verdicts and of chance and "
            f"parameters, was worked out from {study.comparisons[0].n:,} futures of the fit."
        ),
        Heading("What carries each verdict", 2),
        Paragraph(
            "Each policy against today's rules, and the policies against each other: first the verdict, then what "
            "carries it. A verdict is carried by a number or a way to write the model that turns it, and only what can "
            "be told from chance is named. Where the sign is assumed, nothing in the model as specified can turn it; "
            "where an average is not settled there is no verdict to carry."
        ),
        *_list_carriers(study),
        Heading("Chance and parameters apart", 2),
        Points(tuple(describe_ranges(study.examined))),
        Heading("Averages over structures", 2),
        Points(tuple(describe_averages(study.examined))),
        Heading("Each structure by itself", 2),
        Paragraph(
            "Averages in £ of each £100 that are kept: the level today, what each policy adds, and in how many futures "
            f"of 100 it keeps more. They ship with the program and are over {SETS} parameter sets of each structure's "
            f"own fit; the averages above are over {draws} of these sets for each structure, so that their lowest and "
            "highest are rougher and need not be those of this table. These fits are smaller than the one that answers "
            "are drawn from, so that the model as specified differs a little from the answer that begins this chapter. "
            "That a ring-fence or leadership keeps more in 100 of 100 futures is built in and no finding: every "
            "structure but “two_sided” only allows it to help or to do nothing."
        ),
        _tabulate_structures(structures),
        Heading("What matters", 2),
        Paragraph(measured),
        Paragraph(
            "A headline is of today's rules, or of a policy against today's rules, over the years given above; a "
            "number that does not act under them is left out of its table. Some act only before these years, such as "
            "the pull of a ring-fence that was lifted since, and are marked. These years feel little of them. Their "
            "impact comes from the fit, in which they go together with numbers that do act: whoever learned the one "
            "would learn something of the others."
        ),
    ]
    for headline, effects in impacts.items():
        blocks += [Heading(f"Impacts on {headline.says}", 3), _tabulate_top(effects)]
    sheets = (structures, make_impact_sheet(impacts))
    return Chapter("Sensitivity and uncertainty", tuple(blocks), sheets)


def _list_carriers(study: Study) -> Iterator[Block]:
    """What carries the verdict of every headline comparison, on money kept and on new money."""
    for outcome in ("retained", "additional"):
        examined: Sequence[ExaminedComparison] = study.examined
        if outcome != "retained":
            first, between = examine_all(study.runs, study.of(outcome), study.span, study.structural)
            examined = [*first, *between]
        yield Heading(f"On {WORDS[outcome]}", 3)
        yield Points(tuple(_describe_carrier(item, study) for item in examined))


def _describe_carrier(item: ExaminedComparison, study: Study) -> str:
    """What carries a verdict, or why nothing does."""
    comparison = item.comparison
    pair = _state_verdict(comparison)
    if comparison.verdict == SAME:
        return pair
    if comparison.sign_assumed:
        by_title = {scenario.title: run for scenario, run in zip(study.scenarios, study.runs, strict=True)}
        new, old = by_title[comparison.new], by_title[comparison.old]
        pulls = list_sign_pulls(comparison.outcome.name, study.span, new, old)
        idle = "ring_leader_mix" in pulls and "pull_ringfence" not in pulls
        varied = [p for p in pulls if is_uncertain(PARAMETERS[p])]
        named = "; ".join(f"{PARAMETERS[pull].about.plain} ({pull})" for pull in varied)
        return (
            f"{pair} That it does more is assumed. The model as specified only allows these to help, never to harm: "
            f"{named}. {FENCE_IN_BOTH if idle else ''}{_describe_turned(item)}"
        )
    return f"{pair} {item.carrier_sentence or 'Too few futures were run to tell what carries the verdict.'}"


def _state_verdict(comparison: Comparison) -> str:
    """The verdict of a comparison: how much more or less on average, how often, and whether that is settled."""
    pair = f"“{comparison.new}” against “{comparison.old}”"
    if comparison.verdict == SAME:
        return f"{pair}: both give the same in every future."
    often = "" if comparison.sign_assumed else f", better in {comparison.better_in} futures"
    settled = "" if comparison.sign_assumed else f", {'settled' if comparison.settled else 'not settled'}"
    return f"{pair}: {comparison.average_words} on average, give or take {comparison.margin_words}{often}{settled}."


def _describe_turned(item: ExaminedComparison) -> str:
    """In which other ways to write the model a policy whose sign is assumed does not do more, as far as can be told."""
    ways = {} if item.averaged is None else item.averaged.by_structure
    if not ways:
        return ""
    z, n = find_critical_value(len(ways)), min(way.n for way in ways.values())
    clear = {
        name: is_beyond_chance(way.gain, way.standard_error, (way.better, way.worse), (z, count_sets(way)))
        for name, way in ways.items()
    }
    groups = {
        "it makes no difference if": [name for name, way in ways.items() if way.same == way.n],
        "it does less if": [name for name, way in ways.items() if clear[name] and way.gain < 0],
        "whether it does more is not clear if": [
            name for name, way in ways.items() if not clear[name] and way.same < way.n
        ],
    }
    told = [f"{words} {'; or if '.join(map(_say_structure, names))}" for words, names in groups.items() if names]
    return (
        "No single number can turn it. In each of the "
        f"{len(ways)} ways to write the model {n:,} futures were run: "
        f"{', and '.join(told) or 'it does more on average in every one'}."
    )


def _say_structure(name: str) -> str:
    return read_structures()[name]["says"]


def _tabulate_structures(sheet: Sheet) -> Table:
    """The first columns of the sheet, under headings that are short enough for a page."""
    short = ("Structure", "What it says", "Kept today, £", *(f"{name} adds, £" for name in SHORT))
    short += tuple(f"{name} keeps more" for name in SHORT)
    table = tabulate_sheet(sheet, range(len(short)), (16, 30, 8, 9, 10, 9, 9, 10, 9))
    return table._replace(head=short)


def _tabulate_top(effects: Mapping[str, Impact]) -> Table:
    acting = [(name, impact) for name, impact in effects.items() if impact.acts is not Acts.NEVER and impact.pounds]
    ranked = sorted(acting, key=lambda item: -item[1].pounds)[:MOST]
    rows = tuple(
        (
            *(
                name,
                capitalise_first(PARAMETERS[name].about.plain),
                f"£{impact.pounds:.2f}",
                f"£{impact.low:.2f} to £{impact.high:.2f}",
            ),
            *(_say_direction(impact), "yes" if impact.clear else "no", ACTS[impact.acts]),
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
        "Acts in these years",
    )
    return Table(head, rows, (18, 42, 10, 18, 14, 10, 12))


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
    """Every impact as a sheet, a row for each number and headline."""
    columns = (
        Column("Headline", width=50),
        Column("Number", width=22),
        Column("Impact, £ of each £100", "0.00"),
        Column("From, £ of each £100", "0.00"),
        Column("To, £ of each £100", "0.00"),
        Column("As it grows, the answer"),
        Column("Clear of noise"),
        Column("Acts in these years"),
    )
    rows: list[list[Cell]] = [
        [
            *(headline.says, name, impact.pounds, impact.low, impact.high),
            *(_say_direction(impact), "yes" if impact.clear else "no", ACTS[impact.acts]),
        ]
        for headline, effects in impacts.items()
        for name, impact in effects.items()
        if impact.acts is not Acts.NEVER
    ]
    return Sheet("Impacts", "Impacts of uncertain numbers", IMPACTS_NOTE, columns, rows)
