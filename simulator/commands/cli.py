"""The command line: `ringfence`, or `python -m simulator`.

Exit codes: 0 done; 1 what was given cannot be used; 2 wrong usage; 3 a fault of this program; 130 stopped by Ctrl-C.
Answers go to stdout; progress, warnings and messages to stderr.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from simulator.commands.shared import console
from simulator.commands.shared.command import (
    LogFile,
    LogLevel,
    PluginFile,
    keep_log_options,
    refuse_empty,
    top_options_first,
)
from simulator.commands.shared.command_list import CommandList, Entry
from simulator.commands.shared.option_parsing import read_as_everywhere
from simulator.common.errors import RingfenceError

EPILOG = "Start with: ringfence compare. Then read docs/guide, or: ringfence reference outcomes"

# What the list says of each command: the first paragraph of its docstring. A test holds them equal.
COMMANDS = {
    "run": "Run one scenario and show its outcomes.",
    "compare": "Compare scenarios in the same futures.",
    "verify": "Run a saved claim again: the same bits, the same claim with other numbers, or no longer true?",
    "register": "Freeze question, scenarios, outcome, decision rule and seed before looking. Nothing is run.",
    "why": "Explain a board's decisions in one future.",
    "report": "Write a report as one HTML page, and a short PDF if asked.",
    "assurance": "Write the assurance pack: what an assurer asks for, from checks that run now.",
    "calibrate": "Fit the model to the published findings, or to priors and findings of your own.",
    "scoreboard": "Hold the fitted model against what was seen.",
    "replay": "Replay another place and time, and compare the prediction with what was observed.",
    "priors": "How far do the answers rest on the priors?",
    "robust": "Which policy is robust? How much each could be regretted, and how often it is best or good enough.",
    "learn": "What evidence would change the choice between policies, and what would it be worth?",
    "package": "What is the cheapest package of levers that reaches a target?",
    "split": "Is it chance, or parameters that nobody knows? Split the variance of an answer between the two.",
    "equals": "What equals what? How much of a lever does as much as other levers do.",
    "attribute": (
        "Which lever did it? Share out the gain of a package among its parts, exactly and in the same futures."
    ),
    "sensitivity": "What matters? The uncertain parameters and the levers that move an outcome.",
    "discover": "Where does it fail? A few limits on uncertain numbers that hold most of the failures.",
    "sweep": "Run a design of any size into a table.",
    "warm": "Compile the model now, so that nobody waits.",
    "cache": "Say where results and the compiled model are kept on disk, and how much room they take.",
    "doctor": (
        "Check this installation: versions, what is kept on disk, and whether this computer gives the published bits."
    ),
    "reference": "Show tables of everything declared.",
}
# The modules of those whose name is a word of their own.
MODULES = {
    "learn": "value_of_information",
    "package": "package_search",
    "split": "variance_split",
    "warm": "compile",
}
GROUPS = {
    "evidence": Entry(
        "simulator.commands.evidence", "app", "Evidence of your own: write, check and list it, and see what it changes."
    ),
    "beliefs": Entry(
        "simulator.commands.beliefs",
        "app",
        "Beliefs of your own: answer questions by quartiles, and compare two people's answers.",
    ),
    "scenarios": Entry("simulator.commands.scenarios", "app", "Scenarios: list, show, check and write them."),
    "boards": Entry("simulator.commands.boards", "app", "Boards: list them, or check your own table."),
    "plugin": Entry("simulator.commands.plugin", "app", "Mechanisms of your own: begin a plug-in, and check it."),
}


class Ringfence(CommandList):
    """The commands, with every failure told in words and in an exit code."""

    entries: ClassVar[Mapping[str, Entry]] = {
        name: Entry(f"simulator.commands.{MODULES.get(name, name)}", name, text) for name, text in COMMANDS.items()
    }
    groups: ClassVar[Mapping[str, Entry]] = GROUPS

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = top_options_first(args)
        refuse_empty(self, ctx, words)
        return list(super().parse_args(ctx, words))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console.say("\nstopped")
            raise typer.Exit(130) from None
        except MemoryError:
            console.say("error: there is not enough memory for so many futures; ask for fewer with -n")
            raise typer.Exit(1) from None
        except Exception as error:
            if hasattr(error, "exit_code") or isinstance(error, (typer.Abort, BrokenPipeError)):
                raise
            raise typer.Exit(report_error(error)) from error


def report_error(error: Exception) -> int:
    """Say on stderr what went wrong, and return the exit code: 1 for what cannot be used, 3 for a fault of ours.

    The traceback of a fault goes to the log alone.
    """
    if isinstance(error, (RingfenceError, OSError)):
        console.say("\n".join(f"error: {line}" for line in _say_what_is_missing(error).splitlines()))
        return 1
    number = getattr(error, "log_number", "")
    where = (
        f"the log has its traceback under {number}"
        if number
        else "to get its traceback, run the same command with --log-file fault.log"
    )
    console.say(f"internal failure: {error or type(error).__name__}; this is a fault of Ringfence, please report it")
    console.say(where[0].upper() + where[1:] + ".")
    return 3


def _say_what_is_missing(error: Exception) -> str:
    """An error in words; a file that ships with the program and is not there is for a new installation to mend."""
    name = getattr(error, "filename", None)
    if isinstance(error, FileNotFoundError) and name and Path(str(name)).is_relative_to(str(files("simulator"))):
        return f"{name} is not there, though it ships with Ringfence: install Ringfence again"
    return str(error)


app = typer.Typer(
    cls=Ringfence,
    name="ringfence",
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        console.put(f"ringfence {version('ringfence')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def top(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
    log_level: LogLevel = None,
    log_file: LogFile = None,
    plugin: PluginFile = None,
) -> None:
    """What would keep health inequalities money for its purpose? An agent-based policy simulator."""
    keep_log_options(ctx, log_level, log_file)
    if plugin is not None:
        from simulator.declarations.plugin import choose_plugin

        choose_plugin(plugin)
    if ctx.invoked_subcommand is None:
        console.put(ctx.get_help())


read_as_everywhere(top)


def main() -> None:
    """The entry point."""
    console.prepare()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored, and keeps it so
            signal.signal(number, _stop)
    try:
        app(prog_name="ringfence")
    finally:
        try:
            console.close()
        except console.AnswerLostError as lost:
            raise SystemExit(report_error(lost)) from lost


def _stop(number: int, frame: object) -> None:
    """End as if by Ctrl-C would: what is half-written is removed on the way."""
    raise SystemExit(128 + number)
