"""`ringfence plugin`: a mechanism of one's own, begun and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared.console import say
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.options import text_option
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.experiments.core.paired_comparison import Comparison
    from simulator.plugins.check import PluginReport

app = typer.Typer(
    help="Mechanisms of your own: begin a plug-in, and check it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
WORDS = {True: "passed", False: "FAILED", None: "remark"}

PluginArgument = Annotated[Path, typer.Argument(metavar="FILE.py", help="The file of a plug-in.")]


@app.command("new")
def new(
    title: Annotated[str, typer.Argument(metavar="TITLE", help='What the mechanism is, such as "Peer review".')],
    out: Annotated[
        Path | None,
        text_option("--out", "FILE.py", "Where to write it. Default: from the title."),
    ] = None,
) -> None:
    """Write a commented file that runs as it is, with a lever, an uncertain number and one pull."""
    from simulator.common.atomic_files import write_text
    from simulator.plugins.skeleton import make_skeleton
    from simulator.runs.recipe import make_file_stem

    path = out or Path(f"{make_file_stem(title).replace('-', '_') or 'mechanism'}.py")
    if path.suffix != ".py":
        raise InputError(f"{path}: the ending must be .py")
    if path.exists():
        raise InputError(f"{path} is there already; give another name with --out")
    if not title.isprintable() or not 3 <= len(title.strip()) <= 100:
        raise InputError("a title is a line of 3 to 100 characters")
    write_text(path, make_skeleton(title.strip(), path.name))
    say(f"wrote {path}; next: ringfence plugin check {path}")


@app.command("check")
@spread_groups
def check(
    file: PluginArgument,
    n: Annotated[int, typer.Option("-n", "--futures", min=10, max=20_000, help="How many futures to run.")] = 200,
    history: Annotated[
        bool,
        typer.Option("--history", help="The mechanism was at work since 2022/23: published patterns must still show."),
    ] = False,
    *,
    output: AnswerOptions,
) -> None:
    """Try a plug-in: what it declares, the published bits where it is off, both drivers alike where it is on.

    Pounds are counted, the model's own policies and the published patterns are run with it and without, and a table
    says what each of its levers does. Exit code 1 says that something failed.
    """
    form, out = output.check()
    from simulator.declarations.plugin import choose_plugin

    plugin = choose_plugin(file)
    from simulator.plugins.check import check_plugin

    say_if_cold()
    report = check_plugin(plugin, n, history=history, step=say)
    deliver(Answer(_document(report), _rows(report), lambda: _show(report)), form, out, output.crate)
    if not report.passed:
        say(f"error: {file.name} fails {sum(f.passed is False for f in report.findings)} of its checks")
        raise typer.Exit(1)


def _document(report: PluginReport) -> dict[str, object]:
    plugin = report.plugin
    return {
        "plugin": plugin.path.name,
        "digest": plugin.digest,
        "title": plugin.title,
        "passed": report.passed,
        "findings": [{"name": f.name, "passed": f.passed, "says": f.says} for f in report.findings],
        "effects": [
            {"lever": lever, **_describe_effect(compared)}
            for lever, every in report.effects.items()
            for compared in every
        ],
    }


def _describe_effect(compared: Comparison) -> Row:
    low, high = compared.likely
    return {
        "outcome": compared.outcome.name,
        "difference": compared.difference,
        "low": low,
        "high": high,
        "futures": compared.n,
        "verdict": compared.verdict,
    }


def _rows(report: PluginReport) -> list[Row]:
    return [{"name": f.name, "passed": WORDS[f.passed], "says": f.says} for f in report.findings]


def _show(report: PluginReport) -> None:
    from simulator.common.formatting import format_difference_range

    plugin = report.plugin
    show_text(f"{plugin.title} ({plugin.reference})")
    show_text()
    for finding in report.findings:
        show_text(f"{WORDS[finding.passed]:7} {finding.name}: {finding.says}")
    if not report.effects:
        return
    show_text()
    show_text("What each lever does at full strength from 2027/28 on, against the baseline:")
    show_text()
    show_table(
        [
            {
                "Lever": lever,
                "Outcome": compared.outcome.label,
                "Difference": compared.signed_gap,
                "8 in 10 results": format_difference_range(*compared.likely, compared.outcome.change_unit),
                "Verdict": compared.verdict,
            }
            for lever, every in report.effects.items()
            for compared in every
        ],
        ("Difference",),
    )
    show_text(
        next(iter(report.effects.values()))[0].badge[:1].upper() + next(iter(report.effects.values()))[0].badge[1:]
    )
