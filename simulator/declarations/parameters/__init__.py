"""Every number in the model, declared once. A rule takes the groups it needs, never all of them."""

from typing import NamedTuple

from simulator.declarations.number import index_by_name, list_numbers, make_record_dtype
from simulator.declarations.parameters.decisions import Character, Fence, Plans, Raids
from simulator.declarations.parameters.money import Gap, Pressure
from simulator.declarations.parameters.people import Leaders, Leads, Management, Relations, Turnover
from simulator.declarations.parameters.places import Offset, Peers, Places, Uses
from simulator.declarations.parameters.programmes import Commitment, Pilots, YearEnd
from simulator.declarations.plugin import extend


@extend("Numbers")
class Parameters(NamedTuple):
    """One complete set of parameters: the default draw unless told otherwise."""

    gap: Gap = Gap()
    pressure: Pressure = Pressure()
    fence: Fence = Fence()
    character: Character = Character()
    plans: Plans = Plans()
    raids: Raids = Raids()
    turnover: Turnover = Turnover()
    leaders: Leaders = Leaders()
    leads: Leads = Leads()
    management: Management = Management()
    relations: Relations = Relations()
    commitment: Commitment = Commitment()
    year_end: YearEnd = YearEnd()
    pilots: Pilots = Pilots()
    uses: Uses = Uses()
    places: Places = Places()
    offset: Offset = Offset()
    peers: Peers = Peers()


PARAMETERS = index_by_name(list_numbers(Parameters))
POINT_DTYPE = make_record_dtype(Parameters)

__all__ = [
    "PARAMETERS", "POINT_DTYPE", "Character", "Commitment", "Fence", "Gap", "Leaders", "Leads", "Management", "Offset",
    "Parameters", "Peers", "Pilots", "Places", "Plans", "Pressure", "Raids", "Relations", "Turnover", "Uses", "YearEnd",
]  # fmt: skip
