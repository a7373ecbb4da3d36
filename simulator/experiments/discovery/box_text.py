"""Boxes as text for people, and as tables in the layout of the EMA Workbench."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.formatting import format_number, join_words
from simulator.experiments.discovery.prim import HIGH, LOW, Box

if TYPE_CHECKING:
    import pandas as pd


def name_restricted(box: Box, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the dimensions that the box restricts."""
    return tuple(np.asarray(names)[box.restricted.any(axis=0)].tolist())


def describe_limits(box: Box, names: Sequence[str], span: Floats) -> str:
    """The limits in words: “a” is below 0.5 and ... Rounded to a hundredth of each dimension's `span` (2, d)."""
    clauses = []
    for dim in np.flatnonzero(box.restricted.any(axis=0)).tolist():
        low, high = (_format_limit(limit, span[HIGH, dim] - span[LOW, dim]) for limit in box.limits[:, dim])
        if box.restricted[:, dim].all():
            clauses.append(f"“{names[dim]}” is between {low} and {high}")
        else:
            clauses.append(f"“{names[dim]}” is " + (f"above {low}" if box.restricted[LOW, dim] else f"below {high}"))
    return join_words(clauses)


def _format_limit(value: float, span: float) -> str:
    return format_number(round(value, 2 - floor(log10(span))), 12) if np.isfinite(value) else ""


def make_ema_frame(boxes: Sequence[Box], names: Sequence[str], span: Floats) -> pd.DataFrame:
    """Boxes as `boxes_to_dataframe` of the EMA Workbench lays them out.

    One row per dimension that some box restricts, first the one that the first box narrows most; columns (box i, min)
    and (box i, max). A side without a limit ends where the points do: `span` (2, d).
    """
    import pandas as pd

    closed = [np.clip(box.limits, span[LOW], span[HIGH]) for box in boxes]
    width = (closed[0][HIGH] - closed[0][LOW]) / (span[HIGH] - span[LOW])
    used = np.flatnonzero(np.any([box.restricted.any(axis=0) for box in boxes], axis=0))
    used = used[np.argsort(width[used], kind="stable")]
    columns = pd.MultiIndex.from_product([[f"box {i + 1}" for i in range(len(boxes))], ["min", "max"]])
    return pd.DataFrame(np.concatenate(closed)[:, used].T, index=[names[j] for j in used.tolist()], columns=columns)
