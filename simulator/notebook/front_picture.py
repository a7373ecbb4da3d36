"""How packages are drawn: the outcome in fresh futures against the cost."""

from __future__ import annotations

from simulator.common.pictures.columns import PictureColumns
from simulator.declarations.outcomes import Outcome


def picture_front(about: Outcome) -> PictureColumns:
    """Every package that was scored again, and the steps along those that none of a lower cost beats there."""
    return PictureColumns(
        "front",
        "cost",
        "fresh",
        f"{about.label.lower()} in fresh futures ({about.unit.value})",
        "low",
        "high",
        interval="95% interval",
        along="cost (in your unit)",
        better="more" if about.better > 0 else "less",
    )
