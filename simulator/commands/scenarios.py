"""`ringfence scenarios`: list them, show one, check files, start a new one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands import scenario_page as page
from simulator.commands.shared import options
from simulator.commands.shared.console import put, say
from simulator.commands.shared.rendering import Answer, Form, deliver, show_table
from simulator.common.atomic_files import check_writable, write_text
from simulator.common.errors import InputError
from simulator.common.pinned_names import file_words

app = typer.Typer(help="Scenarios: list, show, check and write them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_them(as_json: options.Json = False) -> None:
    """List the built-in scenarios."""
    from simulator.declarations.calendar import quarter_name
    from simulator.scenarios.scenario import library, scenario

    policies = [scenario(name) for name in library()]
    document = [
        {
            "name": p.name,
            "title": p.title,
            "question": p.question,
            "interventions": p.interventions,
            "start": None if p.start is None else quarter_name(p.start),
            "fingerprint": p.fingerprint,
        }
        for p in policies
    ]
    shown = [
        {
            "Name": p.name,
            "Title": p.title,
            "Question": p.question,
            "Of the 45": ", ".join(map(str, p.interventions)) or "–",
            "From": "–" if p.start is None else quarter_name(p.start),
        }
        for p in policies
    ]
    answer = Answer({"scenarios": document}, [], lambda: show_table(shown))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


@app.command()
def show(
    name: options.One,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print it as a scenario file.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what a scenario changes, quarter by quarter, and why."""
    if as_yaml and as_json:
        raise typer.BadParameter("give --yaml or --json, not both")
    policy = options.read_policies([name])[0]
    for remark in options.remarks([policy]):
        say(remark)
    if as_yaml:
        put(policy.to_yaml())
        return
    answer = Answer(page.document(policy), [], lambda: page.show(policy))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.", show_default=False)],
) -> None:
    """Check scenario files and report every problem in them."""
    problems = []
    for file in files:
        try:
            policy = options.read_policy(file)
        except (LookupError, ValueError) as error:
            problems.append(str(error))
            continue
        put(f"{file}: ok; {page.summary(policy)}")
        for remark in options.remarks([policy]):
            say(f"{file}: {remark}")
    if problems:
        raise InputError("\n".join(problems))


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call the policy.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.yaml", help="Default: the name with .yaml, in this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if there is one.")] = False,
) -> None:
    """Start a new scenario file, with comments and two changes to replace."""
    from simulator.scenarios.library import ENDINGS
    from simulator.scenarios.scenario import library, template

    stem = re.sub(r"\W+", "-", re.sub(r"\.ya?ml$", "", name.strip())).strip("-").lower()
    if not stem:
        raise InputError(f"'{name}' has no letters or digits to name a file with")
    if out is None and stem in library():
        raise InputError(f"'{stem}' is a built-in scenario; choose another name, or name the file with --out")
    path = out or Path(f"{stem}.yaml")
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{path}: the ending must be .yaml")
    check_writable(path)
    if path.exists() and not force:
        raise InputError(f"{path} exists; choose another name, or overwrite it with --force")
    title = name.strip() if name.strip() != stem and not name.endswith((".yaml", ".yml")) else _title(stem)
    write_text(path, template(title))
    check_it = shlex.join(["ringfence", "scenarios", "check", file_words(str(path), ENDINGS)])
    say(f"wrote {path}; edit it, then: {check_it}")


def _title(stem: str) -> str:
    words = stem.replace("-", " ").replace("_", " ").strip()
    return words[0].upper() + words[1:]


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simulator.scenarios.library_pages import schema_text

    put(schema_text())
