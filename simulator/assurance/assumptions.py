"""The assumptions log: every number and structural choice, what it rests on, and how far it moves each headline."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
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
from simulator.common.formatting import join_words
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.number import Declared, Role, Status, Strength
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.clustered_errors import Z_95
from simulator.reports.blocks import Heading, Paragraph, Points
from simulator.reports.excel_file import Cell, Column, Sheet
from simulator.runs.acting_numbers import Acts
from simulator.scenarios.headline import HEADLINE
from simulator.scenarios.scenario import load_scenario
from simulator.studies.fixed_numbers import ANSWERS, LEVEL, POLICIES, RESTING_FUTURES, find_resting
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
"""How weakly a number is supported, from 1 (strong) to 7 (assumption)."""

FIRST = 10
NONE_SEEN = "none seen to move"
AT_REST = "moves neither money kept nor new money here"
ACTS = {Acts.NOW: "yes", Acts.BEFORE: "only before them", Acts.NEVER: "no"}
"""Whether an assumption acts on the headlines, in their years."""
Z_90 = 1.6449
"""Half of a normal's 90% range, in standard deviations: the ranges that ship with a structure hold so much."""
UNCERTAIN, SWITCH, STRUCTURAL = "uncertain number", "switch of a structure", "structural choice"
SCREENED = "fixed_numbers.csv"
STRUCTURE_POLICIES = ("level", "ringfence", "leadership", "both")


class Assumption(NamedTuple):
    """One assumption. `moves` are pounds of each £100 by headline; `largest` is the largest, None if not measured, of
    the headlines on which it acts in their years. `acts` says whether there are any, it acts only before, or on none.
    """

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
    acts: Acts = Acts.NOW

    @property
    def risk(self) -> float:
        """Weakness of the number times the largest impact; unmeasured impact counts as none, and is a gap."""
        return self.weakness * (self.largest or 0.0)


def write_assumptions(impacts: Mapping[Headline, Mapping[str, Impact]], measured: str) -> Chapter:
    """The chapter. `impacts` are those of uncertain numbers, by headline; `measured` says how they were measured."""
    screened = read_screen()
    resting = find_resting(name for name, moves in (screened or {}).items() if not any(moves.values()))
    log = sorted(
        [
            *(describe_uncertain(declared, impacts) for declared in PARAMETERS.values() if is_uncertain(declared)),
            *(
                describe_fixed(declared, screened, resting)
                for declared in PARAMETERS.values()
                if not is_uncertain(declared)
            ),
            *describe_structures(),
        ],
        key=lambda entry: (-entry.risk, entry.acts is Acts.NEVER),
    )
    told = [headline.says for headline in impacts]
    sheet = make_sheet(log, [*told, *sorted({says for entry in log for says in entry.moves} - {*told})])
    checks = [*check_log(log), check_screen(), check_structures()]
    blocks = (
        Paragraph(
            f"{len(log)} assumptions: every number that a rule reads, and every structural choice that was fitted. "
            "Risk is the weakness of the number or form, from 1 (strong) to 7 (assumption), times the largest impact "
            "that was measured, in pounds of each £100. It orders them; it has no meaning of its own. Reliability and "
            "weakness are those of the number itself: strong evidence that something acts may say little of how much."
        ),
        Paragraph(
            f"Impact is measured in three ways, which are not quite alike. {measured} Its policies are "
            f"{join_words(_name_policies(('baseline', *HEADLINE)))}. A fixed number is moved to both ends of the range "
            "over which it could be defended, without a new fit; of the two moves the larger counts, and what "
            f"{join_words(_name_policies([name for name in POLICIES if name not in HEADLINE]))} adds is looked at as "
            f"well. A structure is fitted by itself, and its averages over {DRAWS} parameter sets are "
            "set against those of the model as specified; a switch of a structure stands in two lines, as the fixed "
            "number that it is and as the structure that was fitted with it. All three are measured on the levels of "
            "money kept and of new money under today's rules, and on what these policies add to each."
        ),
        Paragraph(describe_resting(log)),
        Paragraph(describe_unseen(log, impacts)),
        Paragraph(
            "Codes such as E50 or T07 are entries of the register of evidence; the workbook gives their addresses. The "
            "name of an assumption in the program stands in brackets, for whoever looks it up."
        ),
        Heading("The ten that carry most risk", 2),
        Paragraph(
            "What can be written in another way has a switch, which is set with all other numbers as they are, and a "
            "structure that was fitted anew with it. Here it stands once, as the one of these with the larger risk; "
            "the table below has both."
        ),
        Points(tuple(write_plainly(entry) for entry in choose_first(log))),
        Heading("Checks of the log", 2),
        tabulate_checks(checks),
        Heading("All assumptions", 2),
        Paragraph("Sorted by risk. The workbook has every column: each headline, the evidence and its addresses."),
        tabulate_sheet(sheet, (0, 1, 2, 3, 4, 6, 8, 9, 11, 10), (15, 10, 32, 22, 12, 13, 9, 10, 7, 15)),
    )
    return Chapter("Assumptions log", blocks, (sheet,), tuple(checks))


def _name_policies(names: Sequence[str]) -> list[str]:
    """Policies by their titles, as a sentence has them."""
    return [f"“{load_scenario(name).title}”" for name in names]


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
    found = {impact.acts for impact in measured.values()}
    acts = next((state for state in Acts if state in found), Acts.NOW)
    moves = {says: impact.pounds for says, impact in measured.items() if impact.acts is not Acts.NEVER}
    top = _find_largest({says: pounds for says, pounds in moves.items() if measured[says].acts is acts})
    clear = "" if not top else "yes" if measured[top].clear else "no"
    why = f"{list_badges()[declared.name]}; prior {describe_prior(prior)}" if prior else list_badges()[declared.name]
    return _describe(declared, UNCERTAIN, why, moves, top, clear, acts)


def describe_fixed(
    declared: Declared, screened: Mapping[str, Mapping[str, float]] | None, resting: Collection[str] = ()
) -> Assumption:
    """A fixed number, with the moves that the screen found; `resting` are those that move nothing in it."""
    defensible = declared.about.defensible
    why = declared.about.status.value
    if defensible:
        why = (
            f"{why}; {declared.default:g}, defensible from {defensible.low:g} to {defensible.high:g}: "
            f"{defensible.because}"
        )
    rests = declared.name in resting
    moves = {} if rests else dict((screened or {}).get(declared.name, {}))
    kind = SWITCH if declared.about.status is Status.STRUCTURE else "fixed number"
    acts = Acts.NEVER if rests else Acts.NOW
    return _describe(declared, kind, why, moves, _find_largest(moves), "yes" if moves else "", acts)


def _find_largest(moves: Mapping[str, float]) -> str:
    """The headline that moves most; "" where none was measured."""
    return max(moves, key=lambda says: moves[says], default="")


def _describe(
    declared: Declared, kind: str, why: str, moves: Mapping[str, float], top: str, clear: str, acts: Acts
) -> Assumption:
    about = declared.about
    register = load_register()
    entries = [register[cited] for cited in about.evidence if cited in register]
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
        acts=acts,
    )


def read_screen() -> dict[str, dict[str, float]] | None:
    """The screen of fixed numbers: the larger of both ends' moves of each answer, in points, by number; None if it is
    not there.
    """
    path = find_document(f"calibration/{SCREENED}")
    if path is None:
        return None
    screened: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            moves = screened.setdefault(row["name"], {})
            for policy, outcome in ANSWERS:
                answer = make_headline(outcome, "" if policy == LEVEL else policy).says
                moves[answer] = max(moves.get(answer, 0.0), abs(float(row[f"{policy} {outcome}"])))
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
        moves = {says: _differ_as_shown(own["mean"], base["mean"]) for says, (own, base) in pairs.items()}
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


def _differ_as_shown(own: float, base: float) -> float:
    """How far two shares lie apart, £ of each £100, as the tables show them: in pence."""
    return round(abs(round(100 * own, 2) - round(100 * base, 2)), 2)


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
        Column("Reliability of the number or form"),
        Column("Weakness of it, 1 to 7", "0"),
        Column("Evidence", width=20),
        Column("Addresses of the evidence", width=50),
        Column("Largest impact, £ of each £100", "0.00"),
        Column("Risk: weakness times impact", "0.00"),
        Column("Headline that it moves most", width=40),
        Column("Clear of noise", width=24),
        Column("Acts on these in the years measured", width=18),
        *(Column(f"Impact on {says}, £ of each £100", "0.00") for says in headlines),
    )
    rows: list[list[Cell]] = [
        [
            *(entry.name, entry.kind, entry.what, entry.why, entry.reliability, entry.weakness),
            *(entry.evidence, entry.addresses, entry.largest, None if entry.acts is Acts.NEVER else entry.risk),
            *(_name_headline(entry), entry.clear if entry.largest else "–", ACTS[entry.acts]),
            *(entry.moves.get(says) for says in headlines),
        ]
        for entry in log
    ]
    return Sheet(
        "Assumptions",
        "Assumptions log",
        "One row per assumption, sorted by risk. An empty cell: that headline was not looked at, or the number does "
        "not bear on it under its policies. Unit: impacts in £ of each £100 of the fund. Source: the model's "
        "declarations and its register of evidence; impacts of uncertain numbers measured for this pack, of fixed ones "
        f"calibration/{SCREENED}, of structures data/structures.json.",
        columns,
        rows,
    )


def _name_headline(entry: Assumption) -> str:
    """The headline that an assumption moves most, or why there is none."""
    if entry.acts is Acts.NEVER:
        return AT_REST
    if not entry.largest:
        return NONE_SEEN
    return f"{entry.of} (it acts only before these years)" if entry.acts is Acts.BEFORE else entry.of


def list_unseen(log: list[Assumption]) -> set[str]:
    """The uncertain numbers that were measured without seeing an effect."""
    return {entry.name for entry in log if entry.kind == UNCERTAIN and entry.largest == 0.0}


def count_resting(log: list[Assumption]) -> tuple[int, int]:
    """How many uncertain and how many fixed numbers bear on no headline in the policies that were measured."""
    kinds = [entry.kind for entry in log if entry.acts is Acts.NEVER]
    return kinds.count(UNCERTAIN), len(kinds) - kinds.count(UNCERTAIN)


def describe_resting(log: list[Assumption]) -> str:
    """Which assumptions have no impact here because they bear on no headline, and which act only earlier."""
    uncertain, fixed = count_resting(log)
    earlier = [entry for entry in log if entry.acts is Acts.BEFORE]
    before = (
        f"{len(earlier)} more ({_list_some([_name_in_words(entry) for entry in earlier], '; ')}) act only before the "
        "years of the headlines, which feel what they left behind. "
        if earlier
        else ""
    )
    return (
        f"{uncertain} uncertain and {fixed} fixed numbers have no bearing on money kept or new money in the policies "
        "measured: the lever or the way to write the model that brings them in is not used there, a cap is not "
        "reached, or they move another outcome alone: core20_tilt, for example, decides how much reaches the most "
        "deprived fifth, in every run. These numbers have no impact and no risk in this log, and stand at its end as "
        f"“{AT_REST}”. On other outcomes and under other policies they may matter much; nothing here says how much. "
        f"{before}What an uncertain number bears on follows from the levers of the policies and from what it enters. "
        f"Fixed numbers were tried for this pack: in {RESTING_FUTURES} futures, money kept and new money came out "
        "exactly the same at both ends of the range of these. The largest impact of a number is that on the headlines "
        "in whose years it acts."
    )


def describe_unseen(log: list[Assumption], impacts: Mapping[Headline, Mapping[str, Impact]]) -> str:
    """What a zero in the log means, and how large an effect it may hide."""
    unseen = list_unseen(log)
    highest = max((effects[name].high for effects in impacts.values() for name in unseen & effects.keys()), default=0.0)
    return (
        f"An impact of £0.00 does not mean that a number is harmless. For {len(unseen)} uncertain numbers no effect "
        f"was seen above the noise; their 95% intervals reach up to £{highest:.2f} of each £100. Their risk is given "
        "as 0, but is not known to be 0. The impact of an uncertain number is called clear of noise only if it stands "
        "out among all the numbers that were looked at together, which asks for more than a 95% interval above 0; that "
        f"of a structure, if 0 is outside the 95% interval of the difference of two averages, each over {DRAWS} "
        "parameter sets. A fixed number is moved in the same futures, so that its impact has next to no noise."
    )


def check_log(log: list[Assumption]) -> list[Check]:
    """What an assurer would look for in the log."""
    uncertain, fixed = count_resting(log)
    unmeasured = [_name_in_words(entry) for entry in log if entry.largest is None and entry.acts is not Acts.NEVER]
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
            "Is the impact of every assumption measured that bears on money kept or new money in these policies?",
            not unmeasured,
            f"All {len(log) - uncertain - fixed} that do were measured. {len(list_unseen(log))} uncertain numbers "
            f"came out at 0: their effect, if any, is lost in noise. {uncertain + fixed} of {len(log)} bear on neither "
            "in these policies. No impact was measured on other outcomes or in other policies.",
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
            f"{len(silent)} {'entry has' if len(silent) == 1 else 'entries have'} no address: {_list_some(silent)}.",
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
    """The first of the log, where a switch and the structure fitted with it stand once, as the first of them."""
    chosen: list[Assumption] = []
    switched, fitted = set[str](), set[str]()
    for entry in log:
        held = set(STRUCTURES[entry.name].held) if entry.kind == STRUCTURAL else set[str]()
        if held & switched or (entry.kind == SWITCH and entry.name in fitted):
            continue
        switched |= {entry.name} if entry.kind == SWITCH else set()
        fitted |= held
        chosen.append(entry)
    return chosen[:FIRST]


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
        if entry.acts is Acts.BEFORE:
            body += " It acts only before these years, which feel what it left behind."
    else:
        body = f"Moving it over its defensible range moves {entry.of} by up to {moved}."
        if entry.kind == SWITCH:
            body += " It is a switch of the model, moved here without a new fit."
    cited = f"Evidence: {entry.evidence.replace(' ', ', ')}; the reliability of this number: {entry.reliability}."
    return f"{words[0].upper()}{words[1:]}. {body} {cited} ({entry.name})"


def _say_doubt(entry: Assumption) -> str:
    return "" if entry.clear == "yes" else " This is not clear of noise."
