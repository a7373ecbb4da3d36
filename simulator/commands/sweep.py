"""`ringfence sweep`: run every point of a design that a file describes, anywhere, without losing work."""

from __future__ import annotations

import errno
import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.inputs import say_remarks
from simulator.commands.shared.rendering import Answer, check_out, choose_form, deliver
from simulator.commands.shared.running import say_if_cold
from simulator.commands.sweep_answer import show_sweep, sweep_document
from simulator.commands.sweep_files import ENDINGS, about_file, made_before, store_folder, write_about
from simulator.common.atomic_files import FileWriteError, write_with
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.sweeps.design_file import SweepFile
    from simulator.sweeps.run_table import Tally
    from simulator.sweeps.store import Store

STOPS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""How a queue, a closed terminal, and a closed window on Windows ask a process to stop."""


@dataclass(frozen=True)
class Way:
    """How a sweep is to be run, as somebody asked for it."""

    on: str
    resume: bool
    chunk: int | None
    any_bits: bool
    any_version: bool
    log: Path | None
    timeout: float


Design = Annotated[
    Path, typer.Argument(metavar="DESIGN.yaml", help="Which points of which policy; see docs/examples/design.yaml.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="A folder of Parquet files, or one .csv or .parquet file.")
]
On = Annotated[
    str, typer.Option("--on", metavar="PLACE", help="here, processes:2, tcp://host:8786 or file:scheduler.json (dask).")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what is in --out; begin if nothing is there.")]
Log = Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Write a line a minute.")]
Chunk = Annotated[int | None, typer.Option("--chunk", min=1, help="Rows a file. Default: a few seconds of work.")]
AnyBits = Annotated[
    bool, typer.Option("--any-bits", help="Accept computers whose draws from priors differ in the last digits.")
]
AnyVersion = Annotated[
    bool, typer.Option("--any-version", help="Go on with what another version began, if its first rows are the same.")
]
Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, max=86_400, help="How long a scheduler may take to answer."),
]


def sweep(
    design: Design,
    out: Out,
    on: On = "here",
    timeout: Timeout = 20,
    resume: Resume = False,
    log: Log = None,
    chunk: Chunk = None,
    any_bits: AnyBits = False,
    any_version: AnyVersion = False,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Run a design of any size into a table.

    A design is a grid, a Latin hypercube, a Sobol' sequence or random draws over any parameters and levers. Rows are
    kept as they are run, and --resume goes on wherever a sweep stopped, on this computer or another. A row that failed
    says why. docs/guide/sweeps.md shows how to use several computers.
    """
    form = choose_form(as_json, as_csv)
    if timeout != timeout:
        raise typer.BadParameter("--timeout must be a number of seconds")
    _check_target(out)
    if log is not None:
        _check_log(log, design, out)

    from simulator.sweeps.design_file import read_design_file

    asked = read_design_file(design)
    say_remarks([asked.simulate.policy])
    way = Way(on, resume, chunk, any_bits, any_version, log, timeout)
    document = (made_before(asked, out) if resume else None) or _make(asked, out, way)
    deliver(Answer(document, document["outcomes"], lambda: show_sweep(document)), form)


def _check_target(out: Path) -> None:
    """Refuse what can be neither a file nor a folder, before any work is done. Raises InputError."""
    if out.suffix.lower() in ENDINGS or (out.suffix and not out.is_dir()):
        check_out(out, ENDINGS)
    elif out.is_file():
        raise InputError(f"{out} is a file; give a folder, or a .csv or .parquet file")
    elif not out.parent.is_dir():
        raise InputError(f"{out}: there is no folder {out.parent}; make it first")


def _check_log(log: Path, design: Path, out: Path) -> None:
    """Refuse a log that cannot be written, or that is written for something else. Raises InputError."""
    from simulator.sweeps.progress import append_line

    others = ((design, "the design"), (out, "--out"), (about_file(out), "--out"))
    if what := {os.path.realpath(path): what for path, what in others}.get(os.path.realpath(log)):
        raise InputError(f"{log} is the file of {what}; give --log another name")
    try:
        append_line(log)
    except OSError as error:
        if error.errno != errno.ENXIO:  # a pipe that nobody reads yet
            raise InputError(f"--log {log} cannot be written: {error.strerror or error}") from error


def _make(asked: SweepFile, out: Path, way: Way) -> dict[str, Any]:
    """Run what is left, and write the table and how it was made."""
    from simulator.commands.sweep_meter import Shown
    from simulator.sweeps.executors import make_executor
    from simulator.sweeps.runner import run_sweep
    from simulator.sweeps.store import open_store, remove_lock, remove_store

    where, folder = make_executor(way.on, way.timeout), store_folder(out)
    say_if_cold()
    opened = open_store(
        folder, asked.job(), resume=way.resume, chunk=way.chunk, any_bits=way.any_bits, any_version=way.any_version
    )
    with opened as store, _stopping(asked, out, way, store):
        run_sweep(store, where, Shown(way.log), any_bits=way.any_bits)
        tally, digest = _table(store, out)
        document = sweep_document(asked, out, store, tally, digest)
        write_about(out, {**document, "design_file": asked.text})
        if folder != out:
            remove_store(folder)
    if folder != out:
        remove_lock(folder)
    return document


def _table(store: Store, out: Path) -> tuple[Tally, str]:
    """What is in the table, and its digest; on the way the one file is written, if one is wanted."""
    from simulator.sweeps.parquet_chunk import write_parquet
    from simulator.sweeps.run_table import write_csv
    from simulator.sweeps.store import TableReader

    reading = TableReader(store.tables())
    if out == store.folder:
        return reading.rest()
    write = write_parquet if out.suffix.lower() == ".parquet" else write_csv
    write_with(out, lambda part: write(part, reading, store.job.design.runs))
    return reading.rest()


@contextmanager
def _stopping(asked: SweepFile, out: Path, way: Way, store: Store) -> Iterator[None]:
    """Whatever stops a sweep, say what is kept and how to go on. A queue's signal stops it as Ctrl-C does."""
    from simulator.sweeps.executor_protocol import ExecutorError
    from simulator.sweeps.store import StoreError

    before = {number: signal.signal(number, _stop) for number in _heeded()}
    try:
        yield
    except (KeyboardInterrupt, ExecutorError, StoreError, InputError, FileWriteError) as error:
        words = ["ringfence", "sweep", asked.file, "--out", str(out), "--resume"]
        words += ["--on", way.on] if way.on != "here" else []
        words += ["--any-bits"] if way.any_bits else []
        words += ["--any-version"] if way.any_version else []
        done = store.done
        hint = f"{done:,} of {store.manifest.chunks:,} chunks are kept; go on with: {shlex.join(words)}"
        if isinstance(error, KeyboardInterrupt):
            say(f"\nstopped: {hint}")
            raise typer.Exit(130) from None
        raise InputError(f"{error}\n{hint}") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heeded() -> list[signal.Signals]:
    """The signals that stop a sweep: not those which it was started to ignore, as nohup does with a closed terminal."""
    there = [signal.Signals[name] for name in STOPS if name in signal.Signals.__members__]
    return [number for number in there if signal.getsignal(number) is not signal.SIG_IGN]


def _stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt
