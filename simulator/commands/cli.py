"""The command line: `ringfence`, or `python -m simulator`.

Exit codes: 0 done; 1 what was given cannot be used; 2 wrong usage; 3 a fault of this program; 130 stopped by Ctrl-C.
Answers go to stdout; progress, warnings and messages to stderr.
"""

from __future__ import annotations

import signal
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from simulator.commands import (
    attribute,
    boards,
    cache,
    calibrate,
    compare,
    compile,
    discover,
    doctor,
    equals,
    package_search,
    reference,
    replay,
    report,
    robust,
    run,
    scenarios,
    scoreboard,
    sensitivity,
    sweep,
    value_of_information,
    variance_split,
    why,
)
from simulator.commands.shared import console
from simulator.commands.shared.command import (
    Command,
    LogFile,
    LogLevel,
    keep_log_options,
    log_options_first,
    refuse_empty,
)
from simulator.commands.shared.option_parsing import read_as_everywhere
from simulator.commands.shared.plugins import added_commands
from simulator.common.errors import RingfenceError

EPILOG = "Start with: ringfence compare. Then read docs/guide, or: ringfence reference outcomes"
LOG_NOTE = "Every command also takes --log-file and --log-level; see: ringfence --help"


class Ringfence(TyperGroup):
    """The commands, with every failure told in words and in an exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = log_options_first(args)
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
        console.say("\n".join(f"error: {line}" for line in str(error).splitlines()))
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


app = typer.Typer(
    cls=Ringfence,
    name="ringfence",
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    run.run,
    compare.compare,
    why.why,
    report.report,
    calibrate.calibrate,
    scoreboard.scoreboard,
    replay.replay,
    robust.robust,
    value_of_information.learn,
    package_search.package,
    variance_split.split,
    equals.equals,
    attribute.attribute,
    sensitivity.sensitivity,
    discover.discover,
    sweep.sweep,
    compile.warm,
    cache.cache,
    doctor.doctor,
):
    app.command()(command)
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(boards.app, name="boards")
app.command()(reference.reference)
for name, function in added_commands():
    app.command(name)(function)

for registered in (*app.registered_commands, *scenarios.app.registered_commands, *boards.app.registered_commands):
    if registered.callback is not None:
        read_as_everywhere(registered.callback)
        registered.cls = Command
        registered.epilog = LOG_NOTE


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
) -> None:
    """What would keep health inequalities money for its purpose? An agent-based policy simulator."""
    keep_log_options(ctx, log_level, log_file)
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
