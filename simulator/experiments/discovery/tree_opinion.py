"""A second opinion on scenario discovery: a small decision tree, grown on one half of the points, tried on the other.

Its leaves are boxes that part the points among them (CART; compared with PRIM by Lempert, Bryant and Bankes 2008).
A tree splits noise as readily as anything else, so nothing is read off the half that it was grown on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.common.errors import InputError
from simulator.common.formatting import amount
from simulator.common.units import Unit
from simulator.experiments.core.model_protocol import Floats
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


@dataclass(frozen=True, eq=False)
class TreeLeaf:
    """A leaf as a box, with its mass, coverage and density on points that the tree was not grown on."""

    box: Box
    mass: float
    coverage: float
    density: float


@dataclass(frozen=True, eq=False)
class TreeOpinion:
    """Leaves of the tree, the densest first, and the `best`: the one with the best balance where it was grown, less
    those of its limits that unseen points explain by chance.

    `overlap` is the share of points in both the best and PRIM's box, of those in either; nan unless there are both.
    """

    names: tuple[str, ...]
    span: Floats
    leaves: tuple[TreeLeaf, ...]
    best: TreeLeaf
    overlap: float

    @property
    def restricted(self) -> tuple[str, ...]:
        """Factors that make up the best leaf; none if unseen points bear none of them out."""
        return name_restricted(self.best.box, self.names)

    @property
    def sentence(self) -> str:
        """The opinion in plain words."""
        if not self.restricted:
            return "A decision tree finds no leaf that is denser than the rest on points it was not grown on."
        shared = (
            f" Of the points in it or in the box, {_percent(self.overlap)} are in both." if self.overlap > 0 else ""
        )
        return (
            f"A decision tree’s best leaf is where {describe_limits(self.best.box, self.names, self.span)}: density "
            f"{_percent(self.best.density)} and coverage {_percent(self.best.coverage)} on points it was not grown "
            f"on.{shared}"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a leaf, the densest first: mass, coverage, density."""
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
    x, y = np.stack(list(sample.points.values())).T, discovery.case.among(sample.values)
    mine, others = split_in_halves(y, seed, "the tree's half")
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=search.patience.least_mass, random_state=0)
    tree.fit(x[mine], y[mine])
    boxes = list(_leaves(tree.tree_, make_open_box(x.shape[1])))
    grown = np.array([count_inside(box, x[mine], y[mine]) for box in boxes])
    first = int(compute_balance(grown[:, 1], grown[:, 0], int(y[mine].sum()), search.weight).argmax())
    best = drop_noise(boxes[first], x[others], y[others], search.most_quasi_p)
    leaves = sorted((_measured(box, x[others], y[others]) for box in boxes), key=lambda leaf: -leaf.density)
    return TreeOpinion(
        names=discovery.names,
        span=discovery.span,
        leaves=tuple(leaves),
        best=_measured(best, x[others], y[others]),
        overlap=_overlap(best, discovery.box, x),
    )


def _leaves(tree: Any, box: Box, node: int = 0) -> Iterator[Box]:
    """Leaves below a node, as boxes. A split sends what is up to its threshold left, and the rest right."""
    if tree.children_left[node] == tree.children_right[node]:
        yield box
        return
    dim, threshold = int(tree.feature[node]), float(tree.threshold[node])
    yield from _leaves(tree, box.moved(HIGH, dim, threshold), int(tree.children_left[node]))
    yield from _leaves(
        tree, box.moved(LOW, dim, float(np.nextafter(threshold, np.inf))), int(tree.children_right[node])
    )


def _measured(box: Box, x: Floats, y: Cases) -> TreeLeaf:
    inside, cases = count_inside(box, x, y)
    return TreeLeaf(box, inside / len(y), cases / int(y.sum()), cases / inside if inside else 0.0)


def _overlap(leaf: Box, box: Box, x: Floats) -> float:
    if not (leaf.restricted.any() and box.restricted.any()):
        return float("nan")
    a, b = leaf.holds(x), box.holds(x)
    return float((a & b).sum() / (a | b).sum())


def _percent(x: float) -> str:
    return amount(x, Unit.SHARE)
