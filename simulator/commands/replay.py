"""`ringfence replay`: another place and time through the fitted model, prediction beside observation."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.common.formatting import format_level, format_range
from simulator.common.pinned_names import format_file_argument

if TYPE_CHECKING:
    from simulator.replays.replay import Replay
    from simulator.replays.replay_comparison import ObservationRow
    from simulator.runs.futures import Futures


def complete_name(incomplete: str) -> list[str]:
    """Shipped replays for shell completion."""
    from simulator.replays.replay import replay_names

    return [name for name in replay_names() if name.startswith(incomplete)]


@spread_groups
def replay(
    name: Annotated[
        str,
        typer.Argument(
            metavar="REPLAY",
            help="A shipped replay such as choosing_health or carers_breaks, or a YAML file.",
            autocompletion=complete_name,
        ),
    ],
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    source: options.Parameters = options.Source.POSTERIOR,
    copy: Annotated[
        Path | None,
        options.text_option(
            "--copy", "FILE.yaml", "Write the file of a shipped replay here, to start from, and run nothing."
        ),
    ] = None,
    *,
    posterior: PosteriorOptions,
    output: FormOptions,
) -> None:
    """Replay another place and time, and compare the prediction with what was observed.

    A replay is a YAML file: bodies, a calendar of levers, what is held, and what to observe. It may hold a natural
    experiment: spells of some bodies, and other worlds with the same chance. See docs/guide/replays.md.
    """
    form = output.choose()
    if copy is not None:
        _copy_shipped(name, copy)
        return

    from simulator.replays.replay import load_replay
    from simulator.replays.replay_comparison import compare_with_observed
    from simulator.runs.futures import draw_futures

    replay_file = load_replay(name)
    for remark in replay_file.boards.remarks:
        say(f"remark: {remark}")
    futures = draw_futures(n, seed=seed, source=source)
    say_if_cold()
    rows = compare_with_observed(replay_file, futures).rows
    document = {
        "world": replay_file.name,
        "title": replay_file.title,
        "futures": n,
        "seed": seed,
        "badge": futures.badge,
        "boards": replay_file.boards.source,
        "held": dict(replay_file.held),
        "observations": list(rows),
    }
    deliver(Answer(document, [dict(row) for row in rows], lambda: _show(replay_file, rows, futures)), form)


def _copy_shipped(name: str, out: Path) -> None:
    """Write the file of a shipped replay, to start from."""
    from simulator.common.atomic_files import write_text
    from simulator.replays.replay import read_shipped_text

    text = read_shipped_text(name)
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{out}: the ending must be .yaml")
    if out.exists():
        raise InputError(f"{out} is there already; give another name with --copy")
    write_text(out, text)
    say(f"wrote {out}")
    show_text(f"Change it; then: {shlex.join(['ringfence', 'replay', format_file_argument(str(out))])}")


def _show(replayed: Replay, rows: Sequence[ObservationRow], futures: Futures) -> None:
    show_text(f"{replayed.title}. {replayed.question}")
    units = {observation.name: observation.unit for observation in replayed.observations}

    def amount_text(row: ObservationRow, number: float) -> str:
        return "" if number != number else format_level(number, units[row["name"]])

    def tolerance_text(row: ObservationRow) -> str:
        if row["passes"] is None:
            return ""
        band = format_range(*(amount_text(row, end) for end in (row["tolerance_low"], row["tolerance_high"])))
        return f"{band}: {'passes' if row['passes'] else 'fails'}"

    def range_text(row: ObservationRow) -> str:
        low, high = (amount_text(row, end) for end in (row["centile_5"], row["centile_95"]))
        return f"{low} to {high}" if row["defined"] else ""

    table = [
        {
            "what": row["title"],
            "observed": amount_text(row, row["observed"]),
            "predicted": amount_text(row, row["mean"]),
            "tolerance": tolerance_text(row),
            "5-95%": range_text(row),
            "runs below it": "" if row["share_below"] != row["share_below"] else f"{row['share_below']:.0%}",
            "use": row["use"],
            "evidence": " ".join(row["evidence"]),
        }
        for row in rows
    ]
    show_table(table, ("observed", "predicted", "tolerance", "5-95%", "runs below it"))
    for row in rows:
        if row["defined"] < len(futures):
            show_text(f"{row['name']}: {row['defined']:,} of {len(futures):,} futures have bodies to compare.")
    show_text(f"{len(replayed.boards)} bodies, {len(futures):,} futures, seed {futures.seed}; {futures.badge}.")
