"""`ringfence evidence`: write, check and list evidence of one's own, and see what it changes."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import put, say
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import read_evidence_files, weigh_with_progress
from simulator.commands.shared.rendering import Answer, Form, deliver, render_json, show_table, show_text
from simulator.common.errors import InputError
from simulator.common.pinned_names import format_file_argument

if TYPE_CHECKING:
    from simulator.evidence.belief_change import BeliefChange
    from simulator.evidence.evidence import Evidence

app = typer.Typer(
    help="Evidence of your own: write, check and list it, and see what it changes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

EvidenceFile = Annotated[Path, typer.Argument(metavar="FILE", help="A file of evidence: YAML, CSV or Excel.")]
DEFAULT_NAME = Path("my-evidence.yaml")


@app.command("template")
def template(
    out: Annotated[
        Path, options.text_option("--out", "FILE", "Where to write it: .yaml, or .xlsx for boards' figures alone.")
    ] = DEFAULT_NAME,
) -> None:
    """Write a commented file of evidence to start from, or a workbook with a row for each figure of a board."""
    from simulator.common.atomic_files import write_bytes, write_text
    from simulator.common.excel_reader import ENDING
    from simulator.evidence.template import list_examples, make_template
    from simulator.evidence.template_workbook import make_template_workbook

    ending = out.suffix.lower()
    if ending not in (".yaml", ".yml", ENDING):
        raise InputError(f"{out}: the ending must be .yaml, or {ENDING} for a workbook of boards' figures")
    if out.exists():
        raise InputError(f"{out} is there already; give another name with --out")
    if ending == ENDING:
        write_bytes(out, make_template_workbook())
    else:
        write_text(out, make_template(format_file_argument(str(out))))
    say(f"wrote {out}")
    show_text(f"Fill it in; then: {shlex.join(['ringfence', 'evidence', 'check', format_file_argument(str(out))])}")
    show_text("Examples, every one of them invented:")
    for path in list_examples():
        show_text(f"  {path}")


@app.command("check")
def check(file: EvidenceFile, as_json: options.Json = False) -> None:
    """Check a file of evidence: every problem in it, or what was read from it."""
    from simulator.common.yaml_nodes import ScenarioError

    try:
        evidence = read_evidence_files([str(file)])
    except (ScenarioError, InputError) as error:
        if not as_json:
            raise
        put(render_json({"ok": False, "file": str(file), "problems": str(error).splitlines()}))
        raise typer.Exit(1) from None
    answer = Answer({"ok": True, "file": str(file), **_document(evidence)}, [], lambda: _show_checked(file, evidence))
    deliver(answer, Form.JSON if as_json else Form.TABLE)


@app.command("list")
def list_observations(file: EvidenceFile, as_json: options.Json = False) -> None:
    """List what a file of evidence says, piece by piece."""
    evidence = read_evidence_files([str(file)])
    rows = [
        {
            "Observation": o.label,
            "Source": getattr(o, "source", "") or "–",
            "Counted": "in the fit" if o.in_fit else "yes",
        }
        for o in sorted(evidence.observations, key=lambda o: o.key)
    ]
    deliver(Answer(_document(evidence), [], lambda: show_table(rows)), Form.JSON if as_json else Form.TABLE)


@app.command("add")
@spread_groups
def add(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of evidence.")],
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    *,
    output: AnswerOptions,
) -> None:
    """Show what evidence changes: answers and parameters before and after, what was not expected, how sure it is."""
    form, out = output.check()
    evidence = read_evidence_files(files)

    from simulator.evidence.belief_change import compare_beliefs
    from simulator.runs.posterior import current_posterior

    update = weigh_with_progress(evidence, current_posterior())
    change = compare_beliefs(update, n, seed)
    names = [name for pair in change.options for name in pair]
    command = shlex.join(["ringfence", "compare", *names])
    document = {**_document(evidence), **change.document, "command": command}
    deliver(Answer(document, change.rows, lambda: _show_change(evidence, change, command)), form, out, output.crate)


def _document(evidence: Evidence) -> dict[str, object]:
    """Evidence, for programs."""
    return {
        "title": evidence.title,
        "because": evidence.because,
        "fingerprint": evidence.fingerprint,
        "counted": len(evidence.counted),
        "observations": [{"kind": type(o).__name__, "label": o.label, **asdict(o)} for o in evidence.observations],
    }


def _show_checked(file: Path, evidence: Evidence) -> None:
    known = len(evidence) - len(evidence.counted)
    beside = f", and {known} that the fit knows already, which are not counted again" if known else ""
    show_text(f"{file}: ok; {evidence.counts} to weigh{beside}")
    show_text(f"  “{evidence.title}”, fingerprint {evidence.fingerprint}; the order of rows decides nothing")
    name = format_file_argument(str(file))
    show_text(f"See what it changes: {shlex.join(['ringfence', 'evidence', 'add', name])}")
    show_text(f"Use it anywhere: {shlex.join(['ringfence', 'compare', '--with', name])}")


def _show_change(evidence: Evidence, change: BeliefChange, command: str) -> None:
    show_text(f"“{evidence.title}”: {evidence.because}" if evidence.because else f"“{evidence.title}”")
    show_text()
    for title, table in change.tables.items():
        if table:
            show_text(title)
            show_table(
                table, [name for name in table[0] if name not in ("Policy", "Outcome", "Parameter", "Statement")]
            )
            show_text()
    for sentence in change.sentences:
        show_text(sentence)
    show_text(f"Use it anywhere, for example: {command}")
