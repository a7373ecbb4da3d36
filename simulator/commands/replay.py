"""`ringfence replay`: another place and time through the fitted model, prediction beside observation."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError
from simulator.common.formatting import format_level
from simulator.common.pinned_names import format_file_argument
from simulator.declarations.evidence import EvidenceIds

if TYPE_CHECKING:
    from simulator.replays.observations import Observation
    from simulator.replays.replay import Replay
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
            show_default=False,
        ),
    ],
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    source: options.Parameters = options.Source.POSTERIOR,
    copy: Annotated[
        Path | None,
        typer.Option(
            "--copy",
            metavar="FILE.yaml",
            help="Write the file of a shipped replay here, to start from, and run nothing.",
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
    from simulator.runs.futures import draw_futures

    replay_file = load_replay(name)
    for remark in replay_file.boards.remarks:
        say(f"remark: {remark}")
    futures = draw_futures(n, seed=seed, source=source)
    say_if_cold()
    rows = compare_with_observed(replay_file, futures)
    document = {
        "world": replay_file.name,
        "title": replay_file.title,
        "futures": n,
        "seed": seed,
        "badge": futures.badge,
        "boards": replay_file.boards.source,
        "held": dict(replay_file.held),
        "observations": rows,
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


_Centiles = TypedDict("_Centiles", {"5%": float, "50%": float, "95%": float})


class ObservationRow(_Centiles):
    """An observation: what is predicted, and where what was observed lies in that; nan where nothing was observed.

    `defined` counts the futures that have a prediction: a difference between groups has none where one is empty.
    """

    name: str
    what: str
    unit: str
    observed: float
    mean: float
    share_below: float
    defined: int
    use: str
    evidence: EvidenceIds


def compare_with_observed(replayed: Replay, futures: Futures) -> list[ObservationRow]:
    """Each observation: what is predicted, and where what was observed lies in that."""
    import numpy as np

    from simulator.replays.observations import keep_defined

    predictions = replayed.predict(futures.points, futures.runs, seed=futures.seed)
    rows: list[ObservationRow] = []
    for observation in replayed.observations:
        values = keep_defined(predictions[observation.name])
        observed = observation.observed.observed[0] if observation.observed else float("nan")
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)) if len(values) else (float("nan"),) * 3
        rows.append(
            {
                "name": observation.name,
                "what": _describe(observation),
                "unit": observation.unit.value,
                "observed": observed,
                "mean": float(values.mean()) if len(values) else float("nan"),
                "5%": float(low),
                "50%": float(middle),
                "95%": float(high),
                "share_below": float((values < observed).mean())
                if observation.observed and len(values)
                else float("nan"),
                "defined": len(values),
                "use": observation.observed.use.value if observation.observed else "",
                "evidence": observation.observed.evidence if observation.observed else (),
            }
        )
    return rows


def _describe(observation: Observation) -> str:
    label = observation.outcome.label.lower()
    parts = [
        f"at least {observation.at_least:g}" if observation.at_least is not None else "",
        f"at most {observation.at_most:g}" if observation.at_most is not None else "",
    ]
    limits = " and ".join(part for part in parts if part)
    words = f"bodies with {label} {limits}" if limits else label
    if observation.groups:
        return f"{words}, {observation.take.value} of {observation.groups} groups"
    if observation.top:
        words = f"{words}, the {observation.top} with most {observation.by} less the others"
    if observation.slope:
        words = f"{words}, slope over bodies on {observation.slope}"
    return f"{words}{_describe_sides(observation)}"


def _describe_sides(observation: Observation) -> str:
    """Which bodies, world and years an observation sets against which; "" if it is about all of its own world."""
    less = observation.less
    own_years, own_bodies, own_world = _name_years(observation.years), observation.bodies, observation.world
    parts = [
        f"{own_years} less {_name_years(less.years)}" if less.years else "",
        f"{own_bodies} less {less.bodies}" if less.bodies else own_bodies,
        f"world {own_world} less {less.world}" if less.world else "" if own_world == "own" else f"world {own_world}",
    ]
    sides = ", ".join(part for part in parts if part)
    return f": {sides}" if sides else ""


def _name_years(years: slice) -> str:
    return f"year {years.stop}" if years.stop - years.start == 1 else f"years {years.start + 1} to {years.stop}"


def _show(replayed: Replay, rows: list[ObservationRow], futures: Futures) -> None:
    show_text(f"{replayed.title}. {replayed.question}")
    units = {observation.name: observation.unit for observation in replayed.observations}

    def amount_text(row: ObservationRow, number: float) -> str:
        return "" if number != number else format_level(number, units[row["name"]])

    table = [
        {
            "what": row["what"],
            "observed": amount_text(row, row["observed"]),
            "predicted": amount_text(row, row["mean"]),
            "5-95%": f"{amount_text(row, row['5%'])} to {amount_text(row, row['95%'])}" if row["defined"] else "",
            "runs below it": "" if row["share_below"] != row["share_below"] else f"{row['share_below']:.0%}",
            "use": row["use"],
            "evidence": " ".join(row["evidence"]),
        }
        for row in rows
    ]
    show_table(table, ("observed", "predicted", "5-95%", "runs below it"))
    for row in rows:
        if row["defined"] < len(futures):
            show_text(f"{row['name']}: {row['defined']:,} of {len(futures):,} futures have bodies to compare.")
    show_text(f"{len(replayed.boards)} bodies, {len(futures):,} futures, seed {futures.seed}; {futures.badge}.")
