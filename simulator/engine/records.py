"""Records of the compiled driver: the facts of areas, the state of boards, and room to work in.

Boards lie side by side: a record holds LANES of them, and of every field a column, so that a compiler works on several
boards at once. A table of areas takes as many records as it needs. Lanes behind the last area are worked on as well,
with no money and no weight, and nobody reads them. A Mesa board has attributes of the same names.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from simulator.declarations.plugin import find_plugin
from simulator.declarations.plugin_interface import name_draw, name_state
from simulator.engine.lanes import chosen_lanes

LANES = chosen_lanes()
_PLUGIN = find_plugin()
PLUGIN_STATE = () if _PLUGIN is None else (*map(name_state, _PLUGIN.state), *map(name_draw, _PLUGIN.draws))
"""What every area carries along for a plug-in, and its draws of the quarter; none for the model alone."""

STATE = (
    # people, as stored; draws that last for the run
    "chief", "finance", "committee", "aware", "seated", "relations", "knowhow", "custom", "habit", "capacity", "cut",
    "use_interventions", "use_devolved", "use_capability", "use_pilots", "use_staff",
    # people, as they count this quarter
    "acting_chief", "acting_finance", "acting_committee", "agency", "plan_chief",
    # finances
    "latent", "gap", "support", "net", "visible",
    # of the deciding board: pooled over its members, and what it decides
    "pool_relations", "pool_agency", "pool_knowhow", "pool_net", "pool_visible",
    "character", "fence", "decided", "raid_size",
    # money of the year, £m
    "growth", "funding", "pot", "direct", "carried_cash", "carried_commitments", "protected", "released", "loose",
    "committed", "beyond", "spent", "beyond_spent", "raided", "raided_q1", "raided_q2", "raided_q3", "raided_q4",
    "place_loss", "rushed", "lapsed", "carried", "speed_luck", "capability_spent", "place", "retained",
    # pilots
    "pilot_value", "verdict",
    *PLUGIN_STATE,
)  # fmt: skip

COUNTS = ("chief_cover", "finance_cover", "merged", "decider", "leader", "chief_left", "post_used")

FACTS = ("alloc", "weight", "target_z", "core20")
PLACES = ("region", "head", "merge_q", "share_q", "third")

# One area's facts: fund in 2022/23 (£m), size for pooling (£m), distance above target allocation (s.d. over areas),
# share of residents in the most deprived fifth of England; region (index by first appearance), row of the footprint's
# largest area, quarters of merger and of shared leaders (calendar.NEVER if none), third by deprivation (2 the most).
AREA_DTYPE = np.dtype(
    (np.record, [(name, np.float64) for name in FACTS] + [(name, np.int64) for name in PLACES]),
)

# Draws; what an area has of its leader and of its decider; a year as it is closed; numbers on their way to a total.
ROOM = (
    "u", "v", "chief", "finance", "committee", "decided", "raid_share", "taken", "pool_weight", "off",
    "staff", "front", "core20", "additional", "year_retained", "pilot_fate", "pilot_verdict", "pilot_started", "paid",
    "a", "b", "c", "d", "e", "f", "g", "h",
)  # fmt: skip
ROOM_COUNTS = ("chief_cover", "finance_cover", "flag", "lane", "event", "chief_left", "post_used")


def _columns(
    floats: Iterable[str], counts: Iterable[str], alone: Iterable[str] = (), lanes: int = LANES
) -> np.dtype[np.void]:
    """A record type of so many areas: columns of floats, columns of whole numbers, and single whole numbers."""
    columns = [(name, np.float64, (lanes,)) for name in floats] + [(name, np.int64, (lanes,)) for name in counts]
    return np.dtype((np.record, [*columns, *((name, np.int64) for name in alone)]))


def board_dtype(lanes: int) -> np.dtype[np.void]:
    """The state of boards where a record holds so many."""
    return _columns(STATE, COUNTS, lanes=lanes)


BOARD_DTYPE = board_dtype(LANES)
FACTS_DTYPE = _columns(FACTS, PLACES, ("count",))
ROOM_DTYPE = _columns(ROOM, ROOM_COUNTS)


def count_records(areas: int) -> int:
    """How many records the boards of so many areas take."""
    return -(-areas // LANES)


def column(records: NDArray[np.void], name: str) -> NDArray[np.generic]:
    """A field of boards side by side as one array (areas and empty lanes,), to read and to write."""
    whole: NDArray[np.generic] = records[name].reshape(-1)
    return whole
