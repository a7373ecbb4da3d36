"""What a policy can be split into; apart from the split itself, so that a command can name the kinds at once."""

from __future__ import annotations

from enum import StrEnum, auto


class ComponentKind(StrEnum):
    """What a policy is split into."""

    SCENARIOS = auto()
    LEVERS = auto()
    THEMES = auto()
