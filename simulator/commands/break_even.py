"""`ringfence equals --break-even`: leadership held against three kinds of ring-fence, both sides always shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.commands.shared.rendering import Answer, Row, show_table, show_text

if TYPE_CHECKING:
    from simulator.commands.equals_answer import Setting
    from simulator.experiments.core.model_protocol import Progress
    from simulator.studies.break_even import BreakEven, Duel


def answer(setting: Setting, leadership: Mapping[str, float], progress: Progress | None = None) -> Answer:
    """Break-even enforcement in all forms; without a gain of one's own, that of the `leadership` scenario."""
    from simulator.commands.equals_answer import item
    from simulator.studies.break_even import LEADERSHIP, find_break_even

    found = find_break_even(
        setting.model, setting.worlds, leadership or LEADERSHIP, seed=setting.seed, progress=progress
    )
    e = found.equivalence
    document = {
        "badge": setting.badge,
        "years": setting.years,
        "outcome": found.outcome.name,
        "leadership": dict(found.leadership),
        "leadership_effect": _effect(found.effect),
        **item(e),
        "sentence": found.sentence,
        "against": [_duel(duel) for duel in found.duels],
        "curve": e.curve().to_dict("records"),
        "enforcements": e.equivalents.tolist(),
    }
    rows: list[Row] = [
        {
            **_flat(_duel(duel)),
            "outcome": found.outcome.name,
            "years": setting.years,
            "seed": setting.seed,
            "badge": setting.badge,
        }
        for duel in found.duels
    ]
    return Answer(document, rows, lambda: show(setting, found))


def _effect(effect: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("mean", "low", "high"), effect, strict=True))


def _duel(duel: Duel) -> dict[str, Any]:
    return {
        "ring_fence": duel.fence,
        "effect": _effect(duel.effect),
        "draws": duel.draws,
        "leadership_more": duel.more,
        "same": duel.same,
        "share": duel.more / duel.draws,
        "interval": duel.interval,
        "verdict": duel.verdict,
    }


def _flat(duel: Mapping[str, Any]) -> Row:
    low, high = duel["interval"]
    effect = {f"effect_{name}": value for name, value in duel["effect"].items()}
    rest = {name: value for name, value in duel.items() if name not in ("effect", "interval")}
    return {**rest, **effect, "share_low": low, "share_high": high}


def show(setting: Setting, found: BreakEven) -> None:
    """Print the sentence, both sides, how much enforcement is enough, and how it was made."""
    from simulator.commands.equals_answer import SHARES, amount, show_notes

    show_text(found.sentence)
    show_text()
    table = [_line(duel, found) for duel in found.duels]
    show_table(table, tuple(table[0])[1:])
    show_text()
    enough = [
        {
            "Enforcement (0 to 1)": amount(found.equivalence.enough_in(share)),
            "is enough in": f"{100 * share:.0f} of 100 parameter sets",
        }
        for share in SHARES
    ]
    show_table(enough, ("Enforcement (0 to 1)",))
    show_text()
    show_text(_note())
    show_notes(setting, {name: (value,) for name, value in found.leadership.items()} | {"ringfence": (0.0, 1.0)})


def _line(duel: Duel, found: BreakEven) -> dict[str, str]:
    from simulator.common.formatting import change, out_of

    unit = found.outcome.unit
    mean, low, high = (change(x, unit) for x in duel.effect)
    share_low, share_high = duel.interval
    return {
        "Ring-fence": duel.fence,
        "What it adds": mean,
        "80% of sets": f"{low} to {high}",
        "Leadership adds": change(found.effect[0], unit),
        "Leadership does more": out_of(duel.more, duel.draws),
        "95% interval": f"{100 * share_low:.0f} to {100 * share_high:.0f}",
        "As much": out_of(duel.same, duel.draws),
    }


def _note() -> str:
    """What the comparison rests on: declared beliefs about two pulls that no finding compares."""
    from simulator.declarations.parameters import PARAMETERS

    same = PARAMETERS["pull_chief"].about.prior == PARAMETERS["pull_ringfence"].about.prior
    beliefs = "Before the fit nothing favours either: both pulls have the same prior. " if same else ""
    return (
        "Enforcement of 0.2 means a fifth of the pull of a ring-fence that is audited in full and cannot be waived; "
        f"the past stays as it was. {beliefs}A claim holds or fails here by more than half of the parameter sets. A "
        "label that can be waived is worth nothing in this model while a waiver is fully in force; waivers are those "
        "of the calendar."
    )
