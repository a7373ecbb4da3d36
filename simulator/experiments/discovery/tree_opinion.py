"""A second opinion on scenario discovery: a small decision tree, grown on one half of the points, tried on the other.

Its leaves are boxes that divide the points among them (CART; compared with PRIM by Lempert, Bryant and Bankes 2008). A
tree splits noise as readily as anything else, so that only the half on which it was not grown counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.formatting import format_level
from simulator.common.representation import short_repr
from simulator.common.units import Unit
from simulator.experiments.discovery.box_text import describe_limits, make_ema_frame, name_restricted
from simulator.experiments.discovery.prim import HIGH, LOW, Box, Cases, make_open_box
from simulator.experiments.discovery.scenario_box import (
    BoxSearch,
    compute_balance,
    count_inside,
    drop_noise,
    split_in_halves,
)
from simulator.experiments.discovery.scenario_discovery import ScenarioDiscovery
from simulator.experiments.sensitivity.given_data import GivenData

if TYPE_CHECKING:
    import pandas as pd

DEEPEST = 3
"""The most questions in a row: a tree that is deeper cannot be read at a glance."""


@dataclass(frozen=True, eq=False)
class TreeLeaf:
    """A leaf as a box, with its mass, coverage and density on points that the tree was not grown on."""

    box: Box
    mass: float
    coverage: float
    density: float


@short_repr
@dataclass(frozen=True, eq=False)
class TreeOpinion:
    """The leaves of the tree, the densest first, and the `best` of them.

    The best has the best balance on the points that the tree was grown on, without the limits that are noise on the
    others. `overlap` is the share of the points in either the best leaf or PRIM's box that are in both; nan unless
    there are both. `span` (2, d) is the range of the points.
    """

    names: tuple[str, ...]
    span: Floats
    leaves: tuple[TreeLeaf, ...]
    best: TreeLeaf
    overlap: float

    @property
    def restricted(self) -> tuple[str, ...]:
        """Factors that the best leaf restricts; none if unseen points confirm none of them."""
        return name_restricted(self.best.box, self.names)

    @property
    def sentence(self) -> str:
        """The opinion in plain words."""
        if not self.restricted:
            return "A decision tree finds no leaf that is denser than the rest on points it was not grown on."
        shared = (
            f" Of the points in it or in the box, {_format_share(self.overlap)} are in both."
            if self.overlap > 0
            else ""
        )
        return (
            f"A decision tree’s best leaf is where {describe_limits(self.best.box, self.names, self.span)}: density "
            f"{_format_share(self.best.density)} and coverage {_format_share(self.best.coverage)} on points it was not "
            f"grown on.{shared}"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each leaf, the densest first: mass, coverage, density."""
        import pandas as pd

        return pd.DataFrame(
            [(leaf.mass, leaf.coverage, leaf.density) for leaf in self.leaves], columns=["mass", "coverage", "density"]
        )

    def boxes_to_frame(self) -> pd.DataFrame:
        """The leaves as the EMA Workbench lays boxes out, see `make_ema_frame`."""
        return make_ema_frame([leaf.box for leaf in self.leaves], self.names, self.span)


def grow_tree_opinion(
    sample: GivenData,
    discovery: ScenarioDiscovery,
    *,
    search: BoxSearch | None = None,
    depth: int = DEEPEST,
    seed: int = 0,
) -> TreeOpinion:
    """Grow a tree on half of the sample that `discovery` was made from, and measure its leaves on the other half.

    Raises ValueError for a depth other than 1 to 3.
    """
    if not 1 <= depth <= DEEPEST:
        raise InputError(f"a tree {depth} deep is not small; take 1 to {DEEPEST}")
    from sklearn.tree import DecisionTreeClassifier

    search = search or BoxSearch()
    x, y = np.stack(list(sample.points.values())).T, discovery.case.find(sample.values)
    mine, others = split_in_halves(y, seed, "the tree's half")
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=search.patience.least_mass, random_state=0)
    tree.fit(x[mine], y[mine])
    boxes = list(_list_leaves(tree.tree_, make_open_box(x.shape[1])))
    counts = np.array([count_inside(box, x[mine], y[mine]) for box in boxes])
    first = int(compute_balance(counts[:, 1], counts[:, 0], int(y[mine].sum()), search.weight).argmax())
    best = drop_noise(boxes[first], x[others], y[others], search.most_quasi_p)
    leaves = sorted((_measure(box, x[others], y[others]) for box in boxes), key=lambda leaf: -leaf.density)
    return TreeOpinion(
        names=discovery.names,
        span=discovery.span,
        leaves=tuple(leaves),
        best=_measure(best, x[others], y[others]),
        overlap=_measure_overlap(best, discovery.box, x),
    )


def _list_leaves(tree: Any, box: Box, node: int = 0) -> Iterator[Box]:
    """The leaves below a node, as boxes. A split sends values up to its threshold left, and others right."""
    if tree.children_left[node] == tree.children_right[node]:
        yield box
        return
    dim, threshold = int(tree.feature[node]), float(tree.threshold[node])
    yield from _list_leaves(tree, box.moved(HIGH, dim, threshold), int(tree.children_left[node]))
    yield from _list_leaves(
        tree, box.moved(LOW, dim, float(np.nextafter(threshold, np.inf))), int(tree.children_right[node])
    )


def _measure(box: Box, x: Floats, y: Cases) -> TreeLeaf:
    inside, cases = count_inside(box, x, y)
    return TreeLeaf(box, inside / len(y), cases / int(y.sum()), cases / inside if inside else 0.0)


def _measure_overlap(leaf: Box, box: Box, x: Floats) -> float:
    if not (leaf.restricted.any() and box.restricted.any()):
        return float("nan")
    a, b = leaf.holds(x), box.holds(x)
    return float((a & b).sum() / (a | b).sum())


def _format_share(x: float) -> str:
    return format_level(x, Unit.SHARE)
