"""The assumptions log: every number and structural choice, what it rests on, and how far it moves each headline."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from simulator.assurance.chapter import Chapter, Check, judge, tabulate_checks, tabulate_sheet
from simulator.assurance.documents import find_document
from simulator.assurance.records import check_screen, check_structures
from simulator.calibration.evidence_status import list_badges
from simulator.calibration.prior_file import describe_prior
from simulator.calibration.structural_fits import DRAWS
from simulator.calibration.structural_variants import STRUCTURES
from simulator.calibration.structure_weights import read_shipped_weights
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.number import Declared, Role, Status, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import Z_95
from simulator.reports.blocks import Heading, Paragraph, Points
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.studies.number_impacts import Headline, Impact, make_headline

WEAKNESS = {
    Strength.S: 1,
    Strength.MS: 2,
    Strength.M: 3,
    Strength.WM: 4,
    Strength.W: 5,
    Strength.AW: 6,
    Strength.A: 7,
}
"""How weak the evidence is, from 1 (strong) to 7 (assumption)."""

FIRST = 10
NONE_SEEN = "none seen to move"
Z_90 = 1.6449
"""Half of a normal's 90% range, in standard deviations: the ranges that ship with a structure hold so much."""
UNCERTAIN, SWITCH, STRUCTURAL = "uncertain number", "switch of a structure", "structural choice"
SCREENED = "fixed_numbers.csv"
STRUCTURE_POLICIES = ("level", "ringfence", "leadership", "both")


class Assumption(NamedTuple):
    """One assumption. `moves` are pounds of each £100 by headline; `largest` is the largest, None if not measured."""

    name: str
    kind: str
    what: str
    why: str
    evidence: str
    addresses: str
    reliability: str
    weakness: int
    moves: Mapping[str, float]
    largest: float | None
    of: str
    clear: str

    @property
    def risk(self) -> float:
        """Weakness of the evidence times the largest impact; unmeasured impact counts as none, and is a gap."""
        return self.weakness * (self.largest or 0.0)


def write_assumptions(impacts: Mapping[Headline, Mapping[str, Impact]], measured: str) -> Chapter:
    """The chapter. `impacts` are those of uncertain numbers, by headline; `measured` says how they were measured."""
    screened = read_screen()
    log = sorted(
        [
            *(describe_uncertain(declared, impacts) for declared in PARAMETERS.values() if is_uncertain(declared)),
            *(describe_fixed(declared, screened) for declared in PARAMETERS.values() if not is_uncertain(declared)),
            *describe_structures(),
        ],
        key=lambda entry: -entry.risk,
    )
    told = [headline.says for headline in impacts]
    sheet = make_sheet(log, [*told, *sorted({says for entry in log for says in entry.moves} - {*told})])
    checks = [*check_log(log), check_screen(), check_structures()]
    blocks = (
        Paragraph(
            f"{len(log)} assumptions: every number that a rule reads, and every structural choice that was fitted. "
            "Risk is the weakness of the evidence, from 1 (strong) to 7 (assumption), times the largest impact that "
            "was measured, in pounds of each £100. It orders them; it has no meaning of its own."
        ),
        Paragraph(
            f"Impact is measured in three ways, which are not quite alike. {measured} A fixed number is moved to both "
            "ends of the range over which it could be defended, without a new fit, and what an audited ring-fence adds "
            f"is looked at as well. A structure is fitted by itself, and its averages over {DRAWS} parameter sets are "
            "set against those of the model as specified; a switch of a structure stands in two lines, as the fixed "
            "number that it is and as the structure that was fitted with it."
        ),
        Paragraph(describe_unseen(log, impacts)),
        Paragraph(
            "Codes such as E50 or T07 are entries of the register of evidence; the workbook gives their addresses. The "
            "name of an assumption in the program stands in brackets, for whoever looks it up."
        ),
        Heading("The ten that carry most risk", 2),
        Points(tuple(write_plainly(entry) for entry in choose_first(log))),
        Heading("Checks of the log", 2),
        tabulate_checks(checks),
        Heading("All assumptions", 2),
        Paragraph("Sorted by risk. The workbook has every column: each headline, the evidence and its addresses."),
        tabulate_sheet(sheet, (0, 1, 2, 3, 4, 6, 8, 9, 11, 10), (15, 10, 25, 23, 13, 12, 10, 11, 8, 17)),
    )
    return Chapter("Assumptions log", blocks, (sheet,), tuple(checks))


def is_uncertain(declared: Declared) -> bool:
    """Whether analyses sample the number."""
    return declared.about.role is Role.UNCERTAIN


def describe_uncertain(declared: Declared, impacts: Mapping[Headline, Mapping[str, Impact]]) -> Assumption:
    """An uncertain number, with its impact on every headline."""
    about = declared.about
    prior = about.prior
    measured = {
        headline.says: effects[declared.name] for headline, effects in impacts.items() if declared.name in effects
    }
    moves = {says: impact.pounds for says, impact in measured.items()}
    top = _find_largest(moves)
    clear = "" if not top else "yes" if measured[top].clear else "no"
    why = f"{list_badges()[declared.name]}; prior {describe_prior(prior)}" if prior else list_badges()[declared.name]
    return _describe(declared, UNCERTAIN, why, moves, clear)


def describe_fixed(declared: Declared, screened: Mapping[str, Mapping[str, float]] | None) -> Assumption:
    """A fixed number, with the largest move that the screen found."""
    defensible = declared.about.defensible
    why = declared.about.status.value
    if defensible:
        why = (
            f"{why}; {declared.default:g}, defensible from {defensible.low:g} to {defensible.high:g}: "
            f"{defensible.because}"
        )
    moves = dict((screened or {}).get(declared.name, {}))
    kind = SWITCH if declared.about.status is Status.STRUCTURE else "fixed number"
    return _describe(declared, kind, why, moves, "yes" if moves else "")


def _find_largest(moves: Mapping[str, float]) -> str:
    """The headline that moves most; "" where none was measured."""
    return max(moves, key=lambda says: moves[says], default="")


def _describe(declared: Declared, kind: str, why: str, moves: Mapping[str, float], clear: str) -> Assumption:
    about = declared.about
    register = load_register()
    entries = [register[cited] for cited in about.evidence if cited in register]
    top = _find_largest(moves)
    return Assumption(
        name=declared.name,
        kind=kind,
        what=f"{about.plain[0].upper()}{about.plain[1:]}. In the rule: {about.meaning}"
        if about.plain
        else about.meaning,
        why=why,
        evidence=" ".join(about.evidence) or "none",
        addresses=" ".join(dict.fromkeys(address for entry in entries for address in entry.url)) or "–",
        reliability=about.strength.value,
        weakness=WEAKNESS[about.strength],
        moves=moves,
        largest=moves[top] if top else None,
        of=top,
        clear=clear,
    )


def read_screen() -> dict[str, dict[str, float]] | None:
    """The screen of fixed numbers: the largest move in points of each answer, by number; None if it is not there."""
    path = find_document(f"calibration/{SCREENED}")
    if path is None:
        return None
    screened: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            moves = screened.setdefault(row["name"], {})
            answer = make_headline(row["outcome"], row["policy"]).says
            moves[answer] = max(moves.get(answer, 0.0), abs(float(row["shift_in_points"])))
    return screened


def describe_structures() -> list[Assumption]:
    """Every structure that was fitted, against the model as specified. That the model has it otherwise is a judgement,
    however strong the evidence for the structure is.
    """
    shipped = json.loads(files("simulator").joinpath("data").joinpath("structures.json").read_text(encoding="utf-8"))
    by_name = {structure["name"]: structure["effects"] for structure in shipped["structures"]}
    weights = read_shipped_weights()
    entries = []
    for name, structure in STRUCTURES.items():
        if name == "default":
            continue
        pairs = {}
        if name in by_name:
            pairs = {
                make_headline(outcome, policy if policy != "level" else "").says: (
                    by_name[name][outcome][policy],
                    base[policy],
                )
                for outcome, base in by_name["default"].items()
                for policy in STRUCTURE_POLICIES
            }
        moves = {says: 100 * abs(own["mean"] - base["mean"]) for says, (own, base) in pairs.items()}
        top = _find_largest(moves)
        cited = find_cited(weights.reasons.get(name, ""))
        entries.append(
            Assumption(
                name=name,
                kind=STRUCTURAL,
                what=f"Not so in the model as specified: {structure.says}",
                why=weights.reasons.get(name, "–"),
                evidence=f"judgement; for it: {' '.join(entry.id for entry in cited)}" if cited else "judgement",
                addresses=" ".join(dict.fromkeys(address for entry in cited for address in entry.url)) or "–",
                reliability=Strength.A.value,
                weakness=WEAKNESS[Strength.A],
                moves=moves,
                largest=moves[top] if top else None,
                of=top,
                clear=("yes" if _stands_apart(*pairs[top]) else "no") if top else "",
            )
        )
    return entries


def find_cited(words: str) -> list[Evidence]:
    """The entries of the register that a reason names in brackets, as in (E42)."""
    register = load_register()
    return [register[cited] for cited in re.findall(r"\b[A-Z]\d{2,3}\b", words) if cited in register]


def _stands_apart(own: Mapping[str, float], base: Mapping[str, float]) -> bool:
    """Whether two averages over sets of their own differ by more than their errors, read off their 90% ranges."""
    spread = math.hypot(*((of["high"] - of["low"]) / (2 * Z_90) for of in (own, base)))
    return abs(own["mean"] - base["mean"]) > Z_95 * spread / math.sqrt(DRAWS)


def make_sheet(log: list[Assumption], headlines: list[str]) -> Sheet:
    """The log as a sheet, with a column for each headline of uncertain numbers."""
    columns = (
        Column("Name", width=22),
        Column("Kind", width=18),
        Column("What is assumed", width=50),
        Column("Why this value or form", width=50),
        Column("Reliability of the evidence"),
        Column("Weakness of the evidence, 1 to 7", "0"),
        Column("Evidence", width=20),
        Column("Addresses of the evidence", width=50),
        Column("Largest impact, £ of each £100", "0.00"),
        Column("Risk: weakness times impact", "0.00"),
        Column("Headline that it moves most", width=40),
        Column("Clear of noise", width=24),
        *(Column(f"Impact on {says}, £ of each £100", "0.00") for says in headlines),
    )
    rows: list[list[Cell]] = [
        [
            *(entry.name, entry.kind, entry.what, entry.why, entry.reliability, entry.weakness),
            *(entry.evidence, entry.addresses, entry.largest, entry.risk),
            *((entry.of, entry.clear) if entry.largest else (NONE_SEEN, "–")),
            *(entry.moves.get(says) for says in headlines),
        ]
        for entry in log
    ]
    return Sheet(
        "Assumptions",
        "Assumptions log",
        "One row an assumption, sorted by risk. An empty cell: that headline was not looked at. Unit: impacts in £ "
        "of each £100 of the fund. Source: the model's declarations and its register of evidence; impacts of uncertain "
        f"numbers measured for this pack, of fixed ones calibration/{SCREENED}, of structures data/structures.json.",
        columns,
        rows,
    )


def list_unseen(log: list[Assumption]) -> set[str]:
    """The uncertain numbers that were measured without seeing an effect."""
    return {entry.name for entry in log if entry.kind == UNCERTAIN and entry.largest == 0.0}


def describe_unseen(log: list[Assumption], impacts: Mapping[Headline, Mapping[str, Impact]]) -> str:
    """What a nought in the log means, and how large an effect it may hide."""
    unseen = list_unseen(log)
    highest = max((effects[name].high for effects in impacts.values() for name in unseen & effects.keys()), default=0.0)
    return (
        f"A nought does not say that a number is harmless. For {len(unseen)} uncertain numbers no effect was seen "
        f"above the noise; the 95% intervals of these reach up to £{highest:.2f} of each £100. Their risk stands at "
        "0 without being known to be 0. A fixed number at 0 moves no headline at either end of its range. Some numbers "
        "of both kinds act only under a lever or a way to write the model that the policies measured do not touch. The "
        "impact of an uncertain number is called clear of noise only if it stands out among all the numbers that were "
        "looked at together, which asks for more than a 95% interval above 0; that of a structure, if the 95% interval "
        f"of the difference of two averages, over {DRAWS} parameter sets each, leaves out 0. A fixed number is moved "
        "in the same futures, so that its impact has next to no noise."
    )


def check_log(log: list[Assumption]) -> list[Check]:
    """What an assurer would look for in the log."""
    unmeasured = [_name_in_words(entry) for entry in log if entry.largest is None]
    unsupported = [_name_in_words(entry) for entry in log if entry.kind != STRUCTURAL and entry.evidence == "none"]
    register = load_register()
    silent = sorted(
        {
            cited
            for d in PARAMETERS.values()
            for cited in d.about.evidence
            if cited in register and not register[cited].url
        }
    )
    return [
        judge(
            "Is the impact of every assumption measured?",
            not unmeasured,
            f"All {len(log)} were measured. {len(list_unseen(log))} uncertain numbers came out at 0: their effect, if "
            "any, is lost in noise, or what they act through rests in the policies measured.",
            f"{len(unmeasured)} have none here: {_list_some(unmeasured, '; ')}.",
        ),
        judge(
            "Does every number cite evidence?",
            not unsupported,
            "Each cites at least one entry of the register.",
            f"{len(unsupported)} cite none and are called assumptions. Those of most risk are: "
            f"{_list_some(unsupported, '; ')}.",
        ),
        judge(
            "Does all evidence that is cited have an address?",
            not silent,
            "Each entry has one.",
            f"{len(silent)} entries have no address: {_list_some(silent)}.",
        ),
    ]


def _list_some(names: list[str], between: str = ", ", most: int = 6) -> str:
    rest = f"{between}and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + rest


def _name_in_words(entry: Assumption) -> str:
    """What people call an assumption: its plain words, or what it means."""
    if entry.name in PARAMETERS and (plain := PARAMETERS[entry.name].about.plain):
        return plain
    return entry.what[0].lower() + entry.what[1:]


def choose_first(log: list[Assumption]) -> list[Assumption]:
    """The first of the log; a switch of a structure stands there as the structure that was fitted with it."""
    return [entry for entry in log if entry.kind != SWITCH][:FIRST]


def write_plainly(entry: Assumption) -> str:
    """One assumption in plain words."""
    moved = f"£{entry.largest:.2f} of each £100" if entry.largest is not None else "an amount that was not measured"
    words = _name_in_words(entry)
    if entry.kind == STRUCTURAL:
        says = STRUCTURES[entry.name].says
        return (
            f"If {says}, {entry.of} would move by {moved}.{_say_doubt(entry)} The model as specified has it otherwise, "
            f"which is a judgement. ({entry.name})"
        )
    if entry.kind == UNCERTAIN:
        body = f"Learning it exactly would typically move {entry.of} by {moved}.{_say_doubt(entry)}"
    else:
        body = f"Moving it over its defensible range moves {entry.of} by up to {moved}."
    cited = f"Evidence: {entry.evidence.replace(' ', ', ')}; its reliability: {entry.reliability}."
    return f"{words[0].upper()}{words[1:]}. {body} {cited} ({entry.name})"


def _say_doubt(entry: Assumption) -> str:
    return "" if entry.clear == "yes" else " This is not clear of noise."
