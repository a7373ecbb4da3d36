"""Paired differences in place of an outcome, for experiments on what a policy changes."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.experiments.core.model_protocol import ModelProtocol, Outcomes, Points, Seeds


@dataclass(frozen=True)
class PairedDifference:
    """A model whose outcomes are those of `new` less those of `old`, at the same points and with the same seeds.

    `new_only` names factors that belong to what is compared, such as a lever that the new policy sets: they are set in
    `new` alone, all others in both.
    """

    new: ModelProtocol
    old: ModelProtocol
    new_only: frozenset[str] = frozenset()

    def __call__(self, points: Points, seeds: Seeds) -> Outcomes:
        """Differences, (n,) each, of rows as `ModelProtocol` takes them."""
        shared = {name: column for name, column in points.items() if name not in self.new_only}
        new, old = self.new(points, seeds), self.old(shared, seeds)
        return {name: column - old[name] for name, column in new.items()}
