"""`ringfence scenarios`: list them, show one, check files, start a new one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import put, say
from simulator.commands.shared.inputs import list_remarks, read_scenario, read_scenarios, say_remarks
from simulator.commands.shared.rendering import Answer, Form, deliver, show_table, show_text
from simulator.common.atomic_files import check_writable, write_text
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.pinned_names import format_file_argument

if TYPE_CHECKING:
    from simulator.scenarios.scenario import Change, Scenario

app = typer.Typer(help="Scenarios: list, show, check and write them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_scenarios(as_json: options.Json = False) -> None:
    """List the built-in scenarios."""
    from simulator.declarations.calendar import quarter_name
    from simulator.scenarios.scenario import library
    from simulator.scenarios.scenario import load_scenario as load_scenario

    scenarios = [load_scenario(name) for name in library()]
    document = [
        {
            "name": each.name,
            "title": each.title,
            "question": each.question,
            "interventions": each.interventions,
            "start": None if each.start is None else quarter_name(each.start),
            "fingerprint": each.fingerprint,
        }
        for each in scenarios
    ]
    shown = [
        {
            "Name": each.name,
            "Title": each.title,
            "Question": each.question,
            "Of the 45": ", ".join(map(str, each.interventions)) or "–",
            "From": "–" if each.start is None else quarter_name(each.start),
        }
        for each in scenarios
    ]
    answer = Answer({"scenarios": document}, [], lambda: show_table(shown))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


@app.command()
def show(
    name: options.ScenarioName,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print it as a scenario file.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what a scenario changes, quarter by quarter, and why."""
    if as_yaml and as_json:
        raise typer.BadParameter("give --yaml or --json, not both")
    scenario = read_scenarios([name])[0]
    say_remarks([scenario])
    if as_yaml:
        put(scenario.to_yaml())
        return
    answer = Answer(_make_document(scenario), [], lambda: _show_scenario(scenario))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.")],
) -> None:
    """Check scenario files and report every problem in them."""
    problems = []
    for file in files:
        try:
            scenario = read_scenario(file)
        except (LookupError, ValueError) as error:
            problems.append(str(error))
            continue
        put(f"{file}: ok; {_summarise(scenario)}")
        for remark in list_remarks([scenario]):
            say(f"{file}: {remark}")
    if problems:
        raise InputError("\n".join(problems))


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call the scenario.")],
    out: Annotated[
        Path | None, options.text_option("--out", "FILE.yaml", "Default: the name with .yaml, in this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if there is one.")] = False,
) -> None:
    """Start a new scenario file, with comments and two changes to replace."""
    from simulator.scenarios.library import ENDINGS
    from simulator.scenarios.scenario import library, make_template

    stem = re.sub(r"\W+", "-", re.sub(r"\.ya?ml$", "", name.strip())).strip("-").lower()
    if not stem:
        raise InputError(f"'{name}' has no letters or digits to name a file with")
    if out is None and stem in library():
        raise InputError(f"'{stem}' is a built-in scenario; choose another name, or name the file with --out")
    path = expand_path(out) if out else Path(f"{stem}.yaml")
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{path}: the ending must be .yaml")
    check_writable(path)
    if path.exists() and not force:
        raise InputError(f"{path} exists; choose another name, or overwrite it with --force")
    title = name.strip() if name.strip() != stem and not name.endswith((".yaml", ".yml")) else _make_title(stem)
    write_text(path, make_template(title))
    check_command = shlex.join(["ringfence", "scenarios", "check", format_file_argument(str(path), ENDINGS)])
    say(f"wrote {path}; edit it, then: {check_command}")


def _make_title(stem: str) -> str:
    words = stem.replace("-", " ").replace("_", " ").strip()
    return words[0].upper() + words[1:]


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simulator.scenarios.library_pages import make_schema_text

    put(make_schema_text())


def _list_changes(scenario: Scenario) -> Sequence[Change]:
    """What a scenario changes; of the baseline, its calendar."""
    from simulator.scenarios.scenario import baseline_calendar

    return scenario.changes or baseline_calendar()


def _list_levers(scenario: Scenario) -> tuple[str, ...]:
    """The levers to show: those that differ from the baseline, or those of its calendar."""
    from simulator.scenarios.scenario import baseline_calendar
    from simulator.scenarios.scenario import load_scenario as load_scenario

    if scenario.changes:
        return scenario.differs_from(load_scenario("baseline"))
    return tuple(dict.fromkeys(change.lever for change in baseline_calendar()))


def _summarise(scenario: Scenario) -> str:
    """What a scenario changes, in one line."""
    from simulator.common.formatting import join_words
    from simulator.declarations.calendar import quarter_name

    if scenario.start is None:
        return "it changes nothing"
    return f"it changes {join_words(list(_list_levers(scenario)))} from {quarter_name(scenario.start)}"


def _make_document(scenario: Scenario) -> dict[str, object]:
    """A scenario for programs: changes, and the quarterly values of the levers that they move."""
    from simulator.declarations.calendar import QUARTERS, quarter_name
    from simulator.declarations.evidence import load_register
    from simulator.scenarios.scenario import load_scenario as load_scenario

    known = load_register()
    changes = _list_changes(scenario)
    cited = dict.fromkeys(i for change in changes for i in change.evidence)
    before = load_scenario("baseline")
    return {
        "name": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "cannot_say": scenario.cannot_say,
        "parents": scenario.parents,
        "interventions": scenario.interventions,
        "fingerprint": scenario.fingerprint,
        "start": None if scenario.start is None else quarter_name(scenario.start),
        "changes": [_document_change(change) for change in changes],
        "quarters": [quarter_name(q) for q in range(QUARTERS)],
        "levers": {
            name: {"values": scenario.lever(name).tolist(), "baseline": before.lever(name).tolist()}
            for name in _list_levers(scenario)
        },
        "evidence": [{"id": i, "source": known[i].source, "strength": known[i].strength} for i in cited],
        "conflicts": scenario.conflicts,
        "warnings": scenario.warnings,
    }


def _document_change(change: Change) -> dict[str, object]:
    return {
        "lever": change.lever,
        "what": change.describe(),
        "because": change.because,
        "evidence": change.evidence,
        "assumption": change.assumption,
        "where": change.where,
    }


def _show_scenario(scenario: Scenario) -> None:
    """Print a scenario: question, values by year, reasons, sources and what it cannot say."""
    from simulator.declarations.evidence import cite

    show_text(f"{scenario.title} ({scenario.name})")
    show_text(scenario.question)
    if scenario.interventions:
        show_text(f"Of the 45 interventions: {', '.join(map(str, scenario.interventions))}")
    show_text()
    if scenario.changes and scenario.start is None:
        show_text("No lever differs from the baseline.")
    show_table(_tabulate_values(scenario))
    show_text()
    changes = _list_changes(scenario)
    for change in changes:
        show_text(f"{change.lever} {change.describe()}")
        support = ", ".join(change.evidence)
        assumed = "an assumption" if change.assumption or not support else ""
        show_text(f"  because: {change.because} [{'; '.join(part for part in (support, assumed) if part)}]")
    cited = dict.fromkeys(i for change in changes for i in change.evidence)
    if cited:
        show_text()
        show_text("Evidence")
    for evidence in cited:
        show_text(f"  {cite(evidence)}")
    if scenario.cannot_say:
        show_text()
        show_text(f"The model cannot say: {scenario.cannot_say}")


def _tabulate_values(scenario: Scenario) -> list[dict[str, str]]:
    """A table of lever values by year, from the first year that differs; the baseline's values below each."""
    from simulator.declarations.calendar import YEARS, year_name
    from simulator.scenarios.scenario import load_scenario as load_scenario

    before = load_scenario("baseline")
    years = range((scenario.start or 0) // 4, YEARS)
    rows = []
    for name in _list_levers(scenario):
        pair = [(name, scenario), ("  baseline", before)] if scenario.changes else [(name, scenario)]
        for label, moved in pair:
            quarters = moved.lever(name).tolist()
            cells = {year_name(y): _format_year_cell(quarters[4 * y : 4 * y + 4]) for y in years}
            rows.append({"Lever": label, **cells})
    return rows


def _format_year_cell(quarters: Sequence[float]) -> str:
    """Four quarters of a lever: one value, or each with the quarter from which it holds."""
    cell = f"{quarters[0]:g}"
    for i in (1, 2, 3):
        if quarters[i] != quarters[i - 1]:
            cell += f", Q{i + 1}: {quarters[i]:g}"
    return cell
