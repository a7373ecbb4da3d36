"""How many boards a record of the compiled driver holds side by side.

48 is six times what a processor with AVX-512 works on at once, and more than England has. Whoever compiles for
something else may ask for another number first. Results do not depend on it.
"""

from __future__ import annotations

import sys

_RECORDS = "simulator.engine.records"
_lanes = 48


def choose_lanes(count: int) -> None:
    """Ask for another number. Raises RuntimeError once records have their shape."""
    global _lanes
    if _RECORDS in sys.modules:
        raise RuntimeError(f"lanes are chosen before {_RECORDS} is imported, which gives records their shape")
    _lanes = count


def chosen_lanes() -> int:
    """The number that records have, or will have."""
    return _lanes
