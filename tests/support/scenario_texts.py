"""Short scenario texts for tests."""

from simulator.scenarios.scenario import Scenario, parse_scenario

WHY = "because: b, evidence: [E60]"
HEAD = "title: T\nquestion: Q?\n"


def changes(*lines: str) -> str:
    """A scenario text with these lines under `changes`; `WHY` in braces is filled in."""
    return HEAD + "changes:\n" + "".join(f"  {line.replace('WHY', WHY)}\n" for line in lines)


def made(*lines: str, name: str = "made") -> Scenario:
    return parse_scenario(changes(*lines), name)
