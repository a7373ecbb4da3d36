"""`ringfence sweep`: run every point of a design that a file describes, anywhere, without losing work."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.answer_parts import describe_span
from simulator.commands.shared.console import make_console, say
from simulator.commands.shared.inputs import say_if_levers_are_late, say_remarks
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.rendering import Answer, Row, check_crate, check_out, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.commands.sweep_files import (
    ENDINGS,
    choose_about_file,
    choose_store_folder,
    compute_checksum,
    read_finished,
    write_about,
)
from simulator.common.atomic_files import FileWriteError, write_with
from simulator.common.errors import InputError
from simulator.common.event_log import log_event
from simulator.common.standard_streams import remove_unprintable
from simulator.sweeps.progress import Meter

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from simulator.sweeps.design_file import SweepFile
    from simulator.sweeps.documents import OutcomeSummary, SweepAnswer
    from simulator.sweeps.run_table import Tally
    from simulator.sweeps.store import Store

STOPS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""How a queue, a closed terminal, and a closed window on Windows ask a process to stop."""


NUMBERS = ("Mean", "Lowest", "Highest", "Rows")
REASONS = 3


@dataclass(frozen=True)
class SweepPlan:
    """How a sweep is to be run."""

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
    Path, options.text_option("--out", "FOLDER", "A folder of Parquet files, or one .csv or .parquet file.")
]
On = Annotated[
    str,
    options.text_option(
        "--on", "EXECUTOR", "Where to run: here, processes:2, tcp://host:8786 or file:scheduler.json (dask)."
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what is in --out; begin if nothing is there.")]
Log = Annotated[Path | None, options.text_option("--log", "FILE", "Also write a line a minute to this file.")]
Chunk = Annotated[
    int | None, typer.Option("--chunk", min=1, help="Rows in each file of the folder. Default: a few seconds of work.")
]
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


@spread_groups
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
    *,
    output: FormOptions,
    crate: options.CrateFolder = None,
) -> None:
    """Run a design of any size into a table.

    A design is a grid, a Latin hypercube, a Sobol' sequence or random draws over any parameters and levers. Rows are
    kept as they are run, and --resume goes on wherever a sweep stopped, on this computer or another. A row that failed
    says why. docs/guide/sweeps.md shows how to use several computers.
    """
    form = output.choose()
    if timeout != timeout:
        raise typer.BadParameter("--timeout must be a number of seconds")
    _check_target(out)
    check_crate(crate)
    if log is not None:
        _check_log(log, design, out)

    from simulator.sweeps.design_file import read_design_file

    design_file = read_design_file(design)
    say_remarks([design_file.simulate.policy])
    say_if_levers_are_late(design_file.simulate, [factor.name for factor in design_file.design.factors])
    plan = SweepPlan(on, resume, chunk, any_bits, any_version, log, timeout)
    document = (read_finished(design_file, out) if resume else None) or _run(design_file, out, plan)
    rows: list[Row] = [dict(outcome) for outcome in document["outcomes"]]
    if crate is not None:
        from simulator.common.crate_folder import write_crate_folder
        from simulator.sweeps.crate import describe_sweep_crate

        write_crate_folder(describe_sweep_crate(design_file, out), crate)
        say(f"wrote {crate}")
    deliver(Answer(document, rows, lambda: _show(document)), form)


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

    others = ((design, "the design"), (out, "--out"), (choose_about_file(out), "--out"))
    if owner := {os.path.realpath(path): owner for path, owner in others}.get(os.path.realpath(log)):
        raise InputError(f"{log} is the file of {owner}; give --log another name")
    try:
        append_line(log)
    except OSError as error:
        if error.errno != errno.ENXIO:  # a pipe that nobody reads yet
            raise InputError(f"--log {log} cannot be written: {error.strerror or error}") from error


def _run(design_file: SweepFile, out: Path, plan: SweepPlan) -> SweepAnswer:
    """Run what is left, and write the table and how it was made."""
    from simulator.sweeps.executors import make_executor
    from simulator.sweeps.runner import run_sweep
    from simulator.sweeps.store import open_store, remove_lock, remove_store

    executor, folder = make_executor(plan.on, plan.timeout), choose_store_folder(out)
    say_if_cold()
    opened = open_store(
        folder,
        design_file.job(),
        resume=plan.resume,
        chunk=plan.chunk,
        any_bits=plan.any_bits,
        any_version=plan.any_version,
    )
    with opened as store, _explain_stop(design_file, out, plan, store):
        run_sweep(store, executor, SweepProgress(plan.log), any_bits=plan.any_bits)
        tally, digest = _write_table(store, out)
        document = _make_document(design_file, out, store, tally, digest)
        write_about(out, {**document, "design_file": design_file.text})
        if folder != out:
            remove_store(folder)
    if folder != out:
        remove_lock(folder)
    return document


def _write_table(store: Store, out: Path) -> tuple[Tally, str]:
    """What is in the table, and its digest; on the plan the one file is written, if one is wanted."""
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
def _explain_stop(design_file: SweepFile, out: Path, plan: SweepPlan, store: Store) -> Iterator[None]:
    """Whatever stops a sweep, say what is kept and how to go on. A queue's signal stops it as Ctrl-C does."""
    from simulator.sweeps.executor_protocol import ExecutorError
    from simulator.sweeps.store import StoreError

    before = {number: signal.signal(number, _stop_as_ctrl_c) for number in _list_heeded_signals()}
    try:
        yield
    except (KeyboardInterrupt, ExecutorError, StoreError, InputError, FileWriteError) as error:
        words = ["ringfence", "sweep", design_file.file, "--out", str(out), "--resume"]
        words += ["--on", plan.on] if plan.on != "here" else []
        words += ["--any-bits"] if plan.any_bits else []
        words += ["--any-version"] if plan.any_version else []
        done = store.done
        hint = f"{done:,} of {store.manifest.chunks:,} chunks are kept; go on with: {shlex.join(words)}"
        if isinstance(error, KeyboardInterrupt):
            say(f"\nstopped: {hint}")
            raise typer.Exit(130) from None
        raise InputError(f"{error}\n{hint}") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _list_heeded_signals() -> list[signal.Signals]:
    """The signals that stop a sweep: not those which it was started to ignore, as nohup does with a closed terminal."""
    there = [signal.Signals[name] for name in STOPS if name in signal.Signals.__members__]
    return [number for number in there if signal.getsignal(number) is not signal.SIG_IGN]


def _stop_as_ctrl_c(number: int, frame: object) -> None:
    raise KeyboardInterrupt


# How far it is.


class SweepProgress(Meter):
    """A meter that shows a bar on a terminal, and elsewhere a line a minute on stderr."""

    def __init__(self, log: Path | None = None) -> None:
        super().__init__(log)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, total: int, done: int, words: str) -> None:
        super().begin(total, done, words)
        log_event("sweep-started", {"rows": total, "done": done})
        if done:
            say(f"going on: {done:,} of {total:,} rows are done")
        if sys.stderr.isatty():
            self._show_bar(words)

    def tick(self, workers: int) -> None:
        super().tick(workers)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.pace.done, description=self.words())

    def minute(self, text: str) -> None:
        super().minute(text)
        log_event("sweep-running", {"rows": self.pace.total, "done": self.pace.done, "workers": self.workers})
        if self._bar is None:
            say(text)

    def note(self, text: str) -> None:
        super().note(text)
        if self._bar is None:
            say(text)
        else:
            self._bar.console.print(remove_unprintable(text))

    def end(self, text: str) -> None:
        super().end(text)
        log_event("sweep-ended", {"rows": self.pace.total, "done": self.pace.done})
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show_bar(self, words: str) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
        self._bar = Progress(*columns, console=make_console(sys.stderr), transient=True, refresh_per_second=2)
        self._task = self._bar.add_task(words, total=self.pace.total, completed=self.pace.done)
        self._bar.start()


# The answer.


def _make_document(design_file: SweepFile, out: Path, store: Store, tally: Tally, digest: str) -> SweepAnswer:
    """How the table was made, and what is in it."""
    from simulator.declarations.calendar import QUARTERS, year_name
    from simulator.engine.kernel_sources import source_hash
    from simulator.runs.manifest import find_version

    model, design = design_file.simulate, design_file.design
    years = range(QUARTERS // 4)[model.span]
    return {
        "sentence": design_file.describe(tally.rows, tally.failed, str(out)),
        "file": str(out),
        "about": str(choose_about_file(out)),
        "rows": tally.rows,
        "points": design.n,
        "runs": design.runs,
        "kind": design.kind.value,
        "factors": [factor.name for factor in design.factors],
        "seed": design.seed,
        "luck": "own" if design.independent_seeds else "shared",
        "luck_seed": model.luck_seed,
        "scenario": model.policy.name,
        "scenario_fingerprint": model.policy.fingerprint,
        "from": model.start,
        "first_year": year_name(years[0]),
        "last_year": year_name(years[-1]),
        "outcomes": [_summarise(name, tally) for name in model.outcomes],
        "failed": tally.failed,
        "reasons": tally.reasons,
        "version": find_version(),
        "code": source_hash(),
        "boards_fingerprint": model.areas.fingerprint,
        "table_sha256": digest,
        **compute_checksum(out),
        "chunks": store.manifest.chunks,
        "chunk_rows": store.manifest.chunk_rows,
        "sessions": list(store.manifest.sessions),
        "sweep": store.manifest.sweep,
        "made_by": store.manifest.made_by,
        "badge": design_file.badge,
    }


def _summarise(name: str, tally: Tally) -> OutcomeSummary:
    from simulator.declarations.outcomes import OUTCOMES

    outcome = OUTCOMES[name]
    mean, lowest, highest = tally.summary(name)
    return {
        "outcome": name,
        "label": outcome.label,
        "unit": outcome.unit.value,
        "mean": mean,
        "lowest": lowest,
        "highest": highest,
        "defined_in": tally.defined[name],
    }


def _show(document: SweepAnswer) -> None:
    """Show what is in the table, and how it was made."""
    from simulator.common.formatting import format_level
    from simulator.common.units import Unit

    show_text(document["sentence"])
    show_text()
    rows = []
    for outcome in document["outcomes"]:
        numbers = (outcome["mean"], outcome["lowest"], outcome["highest"])
        mean, low, high = (format_level(number, Unit(outcome["unit"])) for number in numbers)
        rows.append(
            {
                "Outcome": outcome["label"],
                **dict(zip(NUMBERS, (mean, low, high, f"{outcome['defined_in']:,}"), strict=True)),
            }
        )
    show_table(rows, NUMBERS)
    show_text()
    show_text(
        f"Years: {describe_span(document['first_year'], document['last_year'])}. Ranges are over the points of "
        "the design, chance included: they say what was tried, not what is likely."
    )
    for reason, count in list(document["reasons"].items())[:REASONS]:
        show_text(f"{count:,} failed: {reason}.")
    chance = (
        "run k of every point has the same random numbers"
        if document["luck"] == "shared"
        else "every row has random numbers of its own"
    )
    show_text(f"Seed {document['seed']} of the design, {document['luck_seed']} of chance; {chance}.")
    show_text(f"{document['badge'][0].upper()}{document['badge'][1:]}. {document['about']} says how it was made.")
