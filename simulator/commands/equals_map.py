"""`ringfence equals LEVER --to ... --map OTHER`: how much of a lever is enough beside each value of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.commands.shared.rendering import Answer, Row, show_table, show_text
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.commands.equals_answer import Setting
    from simulator.experiments.core.model_protocol import Progress
    from simulator.experiments.tradeoffs.iso_outcome import IsoOutcome

VALUES = 5
SHOWN = 7


def answer(
    setting: Setting,
    lever: str,
    reference: Mapping[str, float],
    beside: str,
    between: tuple[float, float] | None = None,
    steps: int = 13,
    progress: Progress | None = None,
) -> Answer:
    """The line of equal outcome over two levers, in all forms.

    Raises as `make_lever_question` and `find_iso_outcome`.
    """
    from simulator.commands.equals_answer import item
    from simulator.common.units import Unit
    from simulator.declarations.levers import LEVERS
    from simulator.experiments.tradeoffs.iso_outcome import find_iso_outcome
    from simulator.studies.equivalence import make_lever_question
    from simulator.studies.model_function import list_lever_factors

    if beside in reference:
        raise InputError(f"{beside} is part of what is to be equalled; map another lever")
    question = make_lever_question(setting.model, lever, reference, setting.worlds, steps=steps, between=between)
    (other,) = list_lever_factors([beside])
    if LEVERS[beside].about.unit is Unit.SWITCH:
        raise InputError(f"'{beside}' is on or off, which makes no map; set it with --to, or map another lever")
    found = find_iso_outcome(
        setting.model, other, question, setting.worlds, steps=VALUES, times=200, seed=setting.seed, progress=progress
    )
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "lever": lever,
        "beside": beside,
        "reference": dict(reference),
        "outcome": question.outcome,
        "sentence": found.sentence,
        "x": found.x.tolist(),
        "y": found.y.tolist(),
        "difference": found.difference.tolist(),
        "contour": found.contour().to_dict("records"),
        "equivalences": [item(one) for one in found.equivalences],
    }
    rows: list[Row] = [
        {
            beside: row["x"],
            lever: row["y"],
            "difference": row["difference"],
            "outcome": question.outcome,
            "years": setting.years,
            "seed": setting.seed,
            "badge": setting.badge,
        }
        for row in found.to_frame().to_dict("records")
    ]
    return Answer(document, rows, lambda: show(setting, found))


def show(setting: Setting, found: IsoOutcome) -> None:
    """Print the sentence, the line, the grid, what the levers mean, and how it was made."""
    from simulator.commands.equals_answer import amount, interval, show_notes
    from simulator.common.formatting import out_of, significant

    question, x = found.equivalences[0].question, found.lever_x.name
    y = question.lever.name
    show_text(found.sentence)
    show_text()
    line = [
        {
            x: significant(float(row["x"])),
            f"{y} needed": amount(row["line"]),
            "95% interval": interval(one.on_average),
            **{f"enough in {share} of 100": amount(row[f"enough_in_{share}"]) for share in (10, 50, 90)},
            "no amount": out_of(int(row["none_enough"]), int(row["draws"])),
        }
        for row, one in zip(found.contour().to_dict("records"), found.equivalences, strict=True)
    ]
    show_table(line, tuple(line[0]))
    show_text()
    show_text(f"Mean {question.about or question.outcome} less that of the reference, by {x} (rows) and {y} (columns):")
    grid = _grid(found)
    show_table(grid, tuple(grid[0]))
    show_text()
    levers = {y: tuple(found.y.tolist()), x: tuple(found.x.tolist())}
    show_notes(setting, levers | {name: (value,) for name, value in question.reference.items()})


def _grid(found: IsoOutcome) -> list[dict[str, str]]:
    """Some of the columns of the grid: mean differences in the outcome's unit."""
    import numpy as np

    from simulator.common.formatting import change, significant
    from simulator.declarations.outcomes import OUTCOMES

    unit = OUTCOMES[found.equivalences[0].question.outcome].unit
    chosen = np.unique(np.linspace(0, len(found.y) - 1, min(SHOWN, len(found.y))).round().astype(int))
    difference = found.difference
    return [
        {
            found.lever_x.name: significant(float(x)),
            **{significant(float(found.y[k])): change(float(difference[i, k]), unit) for k in chosen},
        }
        for i, x in enumerate(found.x)
    ]
