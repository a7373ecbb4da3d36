"""The front of a search for packages, for comparing it with another."""

from __future__ import annotations

from simulator.experiments.tradeoffs.package_search import PackageSearchResult


def list_front(result: PackageSearchResult) -> set[tuple[float, ...]]:
    """The levers' values of every package on the front."""
    return {tuple(round(value, 9) for value in p.settings.values()) for p in result.front}
