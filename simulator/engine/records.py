"""Records of the compiled driver: an area's facts, and the state of each board.

A Mesa board has attributes of the same names.
"""

from __future__ import annotations

import numpy as np

STATE = (
    # people, as stored; draws that last for the run
    "chief", "finance", "committee", "aware", "seated", "relations", "knowhow", "custom", "habit", "capacity", "cut",
    "use_interventions", "use_devolved", "use_capability", "use_pilots", "use_staff",
    # people, as they count this quarter
    "acting_chief", "acting_finance", "acting_committee", "agency", "plan_chief",
    # finances
    "latent", "gap", "support", "net", "visible",
    # of the deciding board: pooled over its members, and what it decides
    "pool_weight", "pool_relations", "pool_agency", "pool_knowhow", "pool_net", "pool_visible",
    "character", "fence", "decided", "raid_size",
    # money of the year, £m
    "growth", "funding", "pot", "direct", "carried_cash", "carried_commitments", "protected", "released", "loose",
    "committed", "beyond", "spent", "beyond_spent", "raided", "raided_q1", "raided_q2", "raided_q3", "raided_q4",
    "place_loss", "rushed", "lapsed", "carried", "speed_luck", "speed_pull", "speed", "capability_spent", "place",
    "retained",
    # pilots
    "pilot_value", "verdict",
)  # fmt: skip

COUNTS = ("chief_cover", "finance_cover", "merged", "decider", "leader", "chief_left", "post_used")

# One area's facts: fund in 2022/23 (£m), size for pooling (£m), distance above target allocation (s.d. over areas),
# share of residents in the most deprived fifth of England; region (index by first appearance), row of the footprint's
# largest area, quarters of merger and of shared leaders (calendar.NEVER if none), third by deprivation (2 the most).
AREA_DTYPE = np.dtype(
    (
        np.record,
        [(name, np.float64) for name in ("alloc", "weight", "target_z", "core20")]
        + [(name, np.int64) for name in ("region", "head", "merge_q", "share_q", "third")],
    )
)

BOARD_DTYPE = np.dtype((np.record, [(name, np.float64) for name in STATE] + [(name, np.int64) for name in COUNTS]))
