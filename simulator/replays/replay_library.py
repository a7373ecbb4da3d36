"""The replays that ship with the package, and those in files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from simulator.common.errors import UnknownNameError
from simulator.common.near_names import suggest
from simulator.common.paths import expand_path
from simulator.replays.replay import World
from simulator.replays.replay_parser import read_world


def world_names() -> tuple[str, ...]:
    """The worlds that ship with the package."""
    return tuple(sorted(p.name.removesuffix(".yaml") for p in _folder().iterdir() if p.name.endswith(".yaml")))


def world(which: str | Path) -> World:
    """A shipped world by name, or one in a file. Raises LookupError, and ScenarioError with every problem."""
    if isinstance(which, str) and which in world_names():
        return _shipped(which)
    path = expand_path(which)
    if path.suffix not in (".yaml", ".yml") and not path.exists():
        raise UnknownNameError(
            f"there is no world '{which}'{suggest(str(which), world_names())}; there are "
            f"{', '.join(world_names())}, or give a YAML file"
        )
    return read_world(path, str(which))


@cache
def _shipped(name: str) -> World:
    return read_world(Path(str(_folder().joinpath(f"{name}.yaml"))), f"{name}.yaml")


def _folder() -> Path:
    return Path(str(files("simulator").joinpath("data").joinpath("worlds")))
