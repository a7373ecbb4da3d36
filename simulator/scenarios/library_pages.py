"""The generated parts of the library's folder: schema.json, and the tables of its README.

`python -m simulator.scenarios.library_pages` brings them up to date.
"""

from __future__ import annotations

import json
from pathlib import Path

from simulator.common.atomic_files import write_text
from simulator.common.errors import InputError
from simulator.declarations.calendar import quarter_name
from simulator.declarations.levers import LEVERS
from simulator.scenarios.library import BASELINE, find_library_folder
from simulator.scenarios.scenario import Scenario, library, load_scenario
from simulator.scenarios.schema import make_json_schema


def make_schema_text() -> str:
    """The text of schema.json."""
    return json.dumps(make_json_schema(), indent=1, ensure_ascii=False) + "\n"


def make_library_table() -> str:
    """A Markdown table of all built-in scenarios."""
    lines = ["| scenario | title | of the 45 | levers it moves | from |", "|---|---|---|---|---|"]
    for name in library():
        policy = load_scenario(name)
        numbers = ", ".join(map(str, policy.interventions)) or "–"
        start = quarter_name(policy.start) if policy.start is not None else "–"
        lines.append(f"| [`{name}`]({name}.yaml) | {policy.title} | {numbers} | {_levers(policy)} | {start} |")
    return "\n".join(lines) + "\n"


def _levers(policy: Scenario) -> str:
    return ", ".join(f"`{name}`" for name in policy.differs_from(load_scenario(BASELINE))) or "–"


def make_lever_table() -> str:
    """A Markdown table of all levers."""
    lines = [
        "| lever | meaning | unit | lowest | highest | where the calendar is silent |",
        "|---|---|---|---|---|---|",
    ]
    for name, lever in LEVERS.items():
        about = lever.about
        numbers = f"{about.low:g} | {about.high:g} | {lever.default:g}"
        lines.append(f"| `{name}` | {about.meaning} | {about.unit.value} | {numbers} |")
    return "\n".join(lines) + "\n"


def update_tables(readme: str) -> str:
    """A README with its generated tables up to date. Raises ValueError when a marker is missing."""
    for name, table in (("library", make_library_table()), ("levers", make_lever_table())):
        start, end = f"<!-- {name}: generated -->\n", f"<!-- end of {name} -->\n"
        if start not in readme or end not in readme:
            raise InputError(f"the README has no place for the table of {name}: {start.strip()}")
        before, rest = readme.split(start, 1)
        readme = before + start + "\n" + table + "\n" + end + rest.split(end, 1)[1]
    return readme


def refresh(place: Path) -> None:
    """Write schema.json and the tables of README.md in a library folder."""
    write_text(place / "schema.json", make_schema_text())
    readme = place / "README.md"
    write_text(readme, update_tables(readme.read_text(encoding="utf-8")))


if __name__ == "__main__":
    refresh(find_library_folder())
