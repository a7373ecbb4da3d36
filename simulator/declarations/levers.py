"""The levers: what a scenario can set, for every quarter. A default is the value where the calendar is silent.

The baseline calendar itself is data (scenarios/baseline.yaml). How much a lever moves a board is not declared
here but with the pull or rule that reads it, among the parameters.
"""

from typing import Annotated, NamedTuple, get_type_hints

import numpy as np

from simulator.common.units import Unit
from simulator.declarations.number import index_by_name, lever, list_numbers, make_record_dtype
from simulator.declarations.plugin import extend

# fmt: off

class RuleLevers(NamedTuple):
    """Rules on the fund and national signals: everything that adds to the pull to protect."""

    ringfence: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Ring-fence on the fund", "E02 E60 E61")] = 0.0
    audit: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Added enforcement: audit and sanction (0 none, 1 audited body by body)", "R06 R07")] = 0.0
    waivable: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "If a national waiver is in force, does it lift the ring-fence?", "F09")] = 1.0
    waiver: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "National waiver of ring-fences in force", "F09 F10 F23")] = 0.0
    named: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Each board's amount is named and published", "E42 R04")] = 0.25
    gateway: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Other money is conditional on using the fund to purpose", "E38")] = 0.0
    oversight: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "Oversight rewards shifting money to inequalities", "E64 S15")] = 0.0
    strategy: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "National strategy, mission, duty or investment test (summed strength)", "E22 E104 O03")] = 0.0
    principles: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "The board's own written rule against using the fund for core services", "E68")] = 0.0


class FundLevers(NamedTuple):
    """How the fund is paid: for how long, when, to whom and how much."""

    recurrent: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Money is recurrent: part of the board's baseline", "E02 E62")] = 1.0
    multi_year: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Explicit permission to commit beyond one year", "E62")] = 0.0
    uplift: Annotated[float, lever(
        "funding", Unit.SHARE, 0, 0.1, "Yearly uplift of the fund", "E02 S05")] = 0.025
    early_release: Annotated[float, lever(
        "funding", Unit.STRENGTH, 0, 1, "Money confirmed before the year starts", "S06 S11")] = 0.0
    carry_forward: Annotated[float, lever(
        "funding", Unit.SHARE, 0, 1, "Share of unspent money that may be carried into next year", "E60")] = 0.0
    direct_share: Annotated[float, lever(
        "funding", Unit.SHARE, 0, 0.6, "Share paid straight to providers, outside the board's wallet", "E34 E100")] = 0.0
    pot_scale: Annotated[float, lever(
        "funding", Unit.RATIO, 0, 3, "Size of the fund relative to baseline", "E01")] = 1.0
    forward_plan: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "A joint forward plan is in place", "E17 E18")] = 1.0


class PeopleLevers(NamedTuple):
    """Leadership, governance and relations."""

    leader_lift: Annotated[float, lever(
        "people", Unit.SHARE, 0, 0.6, "Leadership programme: part of the gap to full chief strength that it closes", "E50 E74")] = 0.0
    finance_lift: Annotated[float, lever(
        "people", Unit.SHARE, 0, 0.6, "Finance-director engagement: part of the gap to full support that it closes", "E51 T08")] = 0.0
    stability: Annotated[float, lever(
        "people", Unit.STRENGTH, 0, 1, "Leadership stability and handover rules", "T01 T02")] = 0.0
    committee: Annotated[float, lever(
        "people", Unit.STRENGTH, 0, 1, "Committee with a line to the board, in every board", "E54 E55")] = 0.0
    lead_seat: Annotated[float, lever(
        "people", Unit.STRENGTH, 0, 1, "Health-inequalities lead appointed early, senior, with a seat", "E58")] = 0.0
    relations: Annotated[float, lever(
        "people", Unit.STRENGTH, 0, 1, "Investment in relations and community voice", "E57 E88")] = 0.0


class PressureLevers(NamedTuple):
    """The money around the fund and how the centre presses on it."""

    finance_grip: Annotated[float, lever(
        "centre", Unit.RATIO, 0.3, 2, "Weight of finance in national oversight", "E64")] = 1.2
    alignment: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "Targets aligned with inequalities aims, or fewer of them (cuts the bite of pressure)", "E91 E106")] = 0.0
    letter: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "In-year letter to recover the year-end position", "E20 F08")] = 0.0
    letter_guard: Annotated[float, lever(
        "centre", Unit.STRENGTH, 0, 1, "Inequalities check on in-year requests", "E65")] = 0.0
    gap_mean: Annotated[float, lever(
        "pressure", Unit.PERCENT, -1.5, 5, "National mean of the underlying gap, surpluses included", "F05 F11 F16")] = 0.0
    support: Annotated[float, lever(
        "pressure", Unit.PERCENT, 0, 4, "Deficit support, national mean", "F15 F17")] = 0.0
    support_conditional: Annotated[float, lever(
        "pressure", Unit.SWITCH, 0, 1, "Support withheld in Q4 from boards off plan", "F15")] = 0.0
    savings_ask: Annotated[float, lever(
        "pressure", Unit.PERCENT, 0, 10, "Savings requirement in plans", "F01 F17")] = 5.0


class CapacityLevers(NamedTuple):
    """Management capacity and reorganisation."""

    capacity: Annotated[float, lever(
        "pressure", Unit.RATIO, 0.3, 1.2, "Management capacity left, relative to 2022/23 (before the 2025/26 cut)", "E19 F20")] = 1.0
    cut: Annotated[float, lever(
        "pressure", Unit.STRENGTH, 0, 1, "The 2025/26 cut in management costs is in force", "F21")] = 0.0
    reorganise: Annotated[float, lever(
        "pressure", Unit.SWITCH, 0, 1, "Mergers and shared leadership go ahead", "F22")] = 1.0
    upheaval: Annotated[float, lever(
        "pressure", Unit.STRENGTH, 0, 1, "Reorganisation under way (raises exits)", "F22 T06")] = 0.0


class LocalLevers(NamedTuple):
    """What boards do with the money, and what they learn."""

    devolve: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Encouragement to devolve money to places", "E76")] = 0.0
    access: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "How place money is given out (0 bidding, 1 direct allocation)", "E77")] = 0.5
    core20: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Rule that 80% goes to the most deprived fifth", "E10")] = 0.0
    conditions: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Conditions on use and reporting", "E78")] = 0.0
    central_staff: Annotated[float, lever(
        "local", Unit.RATIO, 0, 3, "Spending on central staff relative to baseline", "E09")] = 1.0
    networks: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Capability networks and academies", "E73 E74")] = 0.0
    peers: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Intensity of learning from peers", "E30 E94")] = 0.3
    long_contracts: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Shift from pilots to long contracts", "E71")] = 0.0
    evaluation: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Evaluation set-aside and data", "E82 E85")] = 0.0
    route: Annotated[float, lever(
        "local", Unit.STRENGTH, 0, 1, "Set route for pilots into mainstream budgets", "E70")] = 0.0


@extend("Levers")
class Levers(NamedTuple):
    """The levers of one quarter."""

    rules: RuleLevers = RuleLevers()
    fund: FundLevers = FundLevers()
    people: PeopleLevers = PeopleLevers()
    pressure: PressureLevers = PressureLevers()
    capacity: CapacityLevers = CapacityLevers()
    local: LocalLevers = LocalLevers()


LEVERS = index_by_name(list_numbers(Levers))
QUARTER_DTYPE = make_record_dtype(Levers)


def to_levers(record: np.void) -> Levers:
    """The lever record of a quarter as groups of plain numbers, as the Mesa boards read them."""
    kinds = get_type_hints(Levers).values()
    return Levers(*(kind(*values) for kind, values in zip(kinds, record.item(), strict=True)))
