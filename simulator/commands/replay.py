"""`ringfence replay`: another place and time through the fitted model, prediction beside observation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.rendering import Answer, choose_form, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.formatting import amount

if TYPE_CHECKING:
    from simulator.replays.observations import Observation
    from simulator.replays.replay import Replay
    from simulator.runs.futures import Futures


def complete_name(incomplete: str) -> list[str]:
    """Shipped replays for shell completion."""
    from simulator.replays.replay import replay_names

    return [name for name in replay_names() if name.startswith(incomplete)]


def replay(
    which: Annotated[
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
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """Replay another place and time, and hold the prediction against what was observed.

    A replay is a YAML file: bodies, a calendar of levers, what is held, and what to read. See docs/guide/replays.md.
    """
    form = choose_form(as_json, as_csv)

    from simulator.replays.replay import load_replay
    from simulator.runs.futures import draw_futures

    one = load_replay(which)
    for remark in one.boards.remarks:
        say(f"remark: {remark}")
    drawn = draw_futures(n, seed=seed, source=source)
    say_if_cold()
    rows = readings(one, drawn)
    document = {
        "world": one.name,
        "title": one.title,
        "futures": n,
        "seed": seed,
        "badge": drawn.badge,
        "boards": one.boards.source,
        "held": dict(one.held),
        "observations": rows,
    }
    deliver(Answer(document, rows, lambda: _show(one, rows, drawn)), form)


def readings(one: Replay, drawn: Futures) -> list[dict[str, Any]]:
    """Each observation: what is predicted, and where what was observed lies in that."""
    import numpy as np

    made = one.predict(drawn.points, drawn.runs, seed=drawn.seed)
    rows = []
    for o in one.observations:
        values = made[o.name]
        seen = o.observed.observed[0] if o.observed else float("nan")
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
        rows.append(
            {
                "name": o.name,
                "what": _words(o),
                "unit": o.unit.value,
                "observed": seen,
                "mean": float(values.mean()),
                "5%": float(low),
                "50%": float(middle),
                "95%": float(high),
                "share_below": float((values < seen).mean()) if o.observed else float("nan"),
                "use": o.observed.use.value if o.observed else "",
                "evidence": o.observed.evidence if o.observed else (),
            }
        )
    return rows


def _words(o: Observation) -> str:
    about = o.outcome.label.lower()
    parts = [
        f"at least {o.at_least:g}" if o.at_least is not None else "",
        f"at most {o.at_most:g}" if o.at_most is not None else "",
    ]
    limits = " and ".join(part for part in parts if part)
    return f"bodies with {about} {limits}" if limits else about


def _show(one: Replay, rows: list[dict[str, Any]], drawn: Futures) -> None:
    show_text(f"{one.title}. {one.question}")
    units = {o.name: o.unit for o in one.observations}

    def said(row: dict[str, Any], key: str) -> str:
        return "" if row[key] != row[key] else amount(row[key], units[row["name"]])

    shown = [
        {
            "what": row["what"],
            "observed": said(row, "observed"),
            "predicted": said(row, "mean"),
            "5-95%": f"{said(row, '5%')} to {said(row, '95%')}",
            "runs below it": "" if row["share_below"] != row["share_below"] else f"{row['share_below']:.0%}",
            "use": row["use"],
            "evidence": " ".join(row["evidence"]),
        }
        for row in rows
    ]
    show_table(shown, ("observed", "predicted", "5-95%", "runs below it"))
    show_text(f"{len(one.boards)} bodies, {len(drawn):,} futures, seed {drawn.seed}; {drawn.badge}.")
