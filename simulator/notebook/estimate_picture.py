"""How the two estimates of a value of information are drawn."""

from __future__ import annotations

from simulator.common.pictures.columns import PictureColumns


def picture_estimates(label: str, axis: str) -> PictureColumns:
    """Both estimates of every row, and the interval around both."""
    return PictureColumns(
        "points",
        label,
        "low",
        axis,
        "interval_low",
        "interval_high",
        name="low estimate (judged by other draws)",
        interval="95% interval around both",
        second="high",
        second_name="high estimate (judged by the same draws)",
    )
