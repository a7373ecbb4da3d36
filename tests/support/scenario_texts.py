"""Short scenario texts for tests."""

from pathlib import Path

from problem_lists import read_cases

from simulator.scenarios.scenario import Scenario, parse_scenario

WHY = "because: b, evidence: [E60]"
HEAD = "title: T\nquestion: Q?\n"

BAD_TEXTS = [
    ("", 1, "", "is empty; a scenario needs at least a title"),
    ("# nothing\n", 1, "", "is empty"),
    ("- a\n", 1, "", "the file must be a mapping"),
    ("title: T\n", 1, "question", "is missing"),
    ("question: Q\n", 1, "title", "is missing"),
    ("title: T\nquestion:\n", 2, "question", "is empty"),
    ("title: T\nquestion: Q\ntitel: T\n", 3, "titel", "is not a known key; did you mean 'title'?"),
    ("title: T\nquestion: Q\ntitle: U\n", 3, "title", "is written twice (first on line 1)"),
    (HEAD + "changes: 3\n", 3, "changes", "must be a mapping from lever to change"),
    (HEAD + "interventions: [15, 46]\n", 3, "interventions", "whole numbers from 1 to 45"),
    (HEAD + "interventions: [1.5]\n", 3, "interventions", "whole numbers from 1 to 45"),
    (HEAD + "interventions: [15, 15]\n", 3, "interventions", "names 15 twice"),
    (HEAD + "extends: []\n", 3, "extends", "is an empty list"),
    (HEAD + "extends: {a: b}\n", 3, "extends", "must be the name of a scenario"),
    (HEAD + "extends: ringfense\n", 3, "extends", "no scenario 'ringfense' in the library; did you mean 'ringfence'?"),
    (
        HEAD + "extends: ./other.yaml\n",
        3,
        "extends",
        "names the file './other.yaml', but a text by itself extends the library's scenarios only",
    ),
    (HEAD + 'cannot_say: "a\\0b"\n', 3, "cannot_say", "contains a control character"),
    (HEAD + "changes:\n\taudit: 1\n", 4, "", "is not valid YAML"),
    (HEAD + "changes: {audit: [1\n", 4, "", "is not valid YAML: expected ',' or ']', but got 'the end of the file'"),
    ("title: a: b\n", 1, "", "is not valid YAML: mapping values are not allowed here (put text that holds ': '"),
    (HEAD + "---\ntitle: T\n", 3, "", "contains a second document"),
    (HEAD + "? [a]\n: 1\n", 3, "", "a list or a mapping where a key should be"),
]
"""Files with a mistake: the text, and the line, place and words of its problem."""


def changes(*lines: str) -> str:
    """A scenario text with these lines under `changes`; `WHY` in braces is filled in."""
    return HEAD + "changes:\n" + "".join(f"  {line.replace('WHY', WHY)}\n" for line in lines)


def made(*lines: str, name: str = "made") -> Scenario:
    return parse_scenario(changes(*lines), name)


def read_bad_changes() -> list[tuple[str, str, str]]:
    """Changes with a mistake: the line of a file, and the place and words of its problem."""
    return read_cases(Path(__file__).with_name("bad_changes.txt"))
