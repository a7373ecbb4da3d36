"""Check the machinery of the calibration, and write `docs/calibration/checks.md`. About five minutes of processor time.

Simulation-based calibration with its two negative controls, posterior predictive checks, and fits with other seeds.
"""

from __future__ import annotations

from pathlib import Path

from simulator.calibration.diagnostics import (
    IGNORING,
    TOO_SURE,
    check_predictions,
    check_repeatability,
    run_prior_bank,
    run_simulation_based_calibration,
)
from simulator.calibration.fit import FULL, Fit, calibrate
from simulator.charts.weights import draw_weights
from simulator.engine.kernel_sources import source_hash
from simulator.experiments.stats.simulation_based_calibration import SimulationBank, TruthRanks

PAGE = Path(__file__).parent.parent / "docs" / "calibration" / "checks.md"
BANK, SETS, CONTROLS = 98_304, 1_000, 300
CAUGHT = 0.001
"""A control is caught where an exact p of some quantity is below this."""
BANK_SEED, SEEDS = 77, (2023, 2024, 2025)
HEAD = """# Checks of the machinery

Written by `scripts/calibration_checks.py`; do not edit. None of this says that the model is right; it says that the fit
does what it claims, given the model.

## Weights

![Share of all weight that the heaviest points hold, and the weight of each point against its rank](weights.svg)
"""
RANKS = """
## Simulation-based calibration

Parameters are drawn from their priors, data from the model with those parameters, and the fit is asked where the truth
lies in its answer. If the fit is honest the ranks are even. Ranks are of the parameters and of quantities that mix
parameters with data, because a fit that ignores the data passes on parameters alone. A bank of {bank:,} prior points
serves {sets:,} sets of data. *p* leaves the truth out of the bank and skips sets with an effective sample below
{least:g} ({kept:,} kept); *exact* keeps it in, which makes ranks even for a bank of any size.
Mean ranks and the shares within an interval are of the sets that were kept, with the truth left out. Which sets are
kept depends on their data, so that these need not come out even to the last percent.

The two controls must be caught: a likelihood taken to the power {power:g} (too sure), and one that ignores the data.
They ran on the first {controls:,} sets. {caught}
"""
PREDICTIVE = """
## Posterior predictive checks

What the points of the fit would show in place of each finding, each with the chance in which it was weighed, errors of
observation included. The scoreboard gives other values: it takes new chance and no such errors. *p* is the chance of
more than was seen, with half the chance of just as much: near 0 or 1 the fit misses it. Normal errors can take a share
above one.
"""
REPEATED = """
## Other seeds

The whole fit with {count} seeds. Effective samples {effective}; Pareto k-hat {khat}; log evidence {evidence}. Spread of
posterior means over seeds, in posterior standard deviations: the ten largest of the {every} uncertain
numbers and the volunteers' bias, the median being {median:.3f}.
"""


def table(rows: list[dict[str, str]]) -> str:
    """Rows of text as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def say_caught(smallest: list[float]) -> str:
    """Whether each control was caught, by its smallest exact p of any quantity."""
    said = ["was caught" if p < CAUGHT else "WAS NOT CAUGHT" for p in smallest]
    first, second = (f"{p:.1g}" for p in smallest)
    return f"The first {said[0]} (smallest exact p {first}), the second {said[1]} (smallest exact p {second})."


def ranks_page(bank: SimulationBank) -> str:
    """Ranks of the fit and of both controls."""
    own = run_simulation_based_calibration(bank, SETS, seed=1)
    controls: list[TruthRanks] = [
        run_simulation_based_calibration(bank, CONTROLS, seed=1, power=power) for power in (TOO_SURE, IGNORING)
    ]
    caught = [{v.quantity: v for v in c.verdicts} for c in controls]
    rows = [
        {
            "quantity": v.quantity,
            "p": f"{v.p:.2g}",
            "exact": f"{v.p_exact:.2g}",
            "mean rank": f"{v.mean_rank:.3f}",
            "within 50%": f"{v.cover_50:.3f}",
            "within 90%": f"{v.cover_90:.3f}",
            "too sure: exact p": f"{caught[0][v.quantity].p_exact:.1g}",
            "ignoring: exact p": f"{caught[1][v.quantity].p_exact:.1g}",
        }
        for v in own.verdicts
    ]
    kept = int(own.kept.sum())
    told = say_caught([min(v.p_exact for v in c.verdicts) for c in controls])
    words = RANKS.format(
        bank=BANK, sets=SETS, least=own.least, kept=kept, power=TOO_SURE, controls=CONTROLS, caught=told
    )
    return words + table(rows)


def predictive_page(fit: Fit) -> str:
    """What the draws predict of each finding."""
    rows = [
        {
            "finding": p.title,
            "seen": f"{p.observed:.3g}",
            "predicted": f"{p.mean:.3g}",
            "5-95%": f"{p.low:.3g} to {p.high:.3g}",
            "p": f"{p.p:.2f}",
        }
        for p in check_predictions(fit.weighted.outcomes, seed=1, weights=fit.weighted.weights)
    ]
    return PREDICTIVE + table(rows)


def repeated_page(fits: list[Fit]) -> str:
    """How far seeds agree."""
    found = sorted(check_repeatability([fit.weighted for fit in fits]), key=lambda r: -r.spread)
    words = REPEATED.format(
        count=len(fits),
        every=len(found) - 1,
        median=found[len(found) // 2].spread,
        effective=", ".join(f"{fit.quality.effective:,.0f}" for fit in fits),
        khat=", ".join(f"{fit.quality.pareto_k:.2f}" for fit in fits),
        evidence=", ".join(f"{fit.quality.log_evidence:.2f}" for fit in fits),
    )
    rows = [
        {
            "parameter": f"`{r.name}`",
            "spread": f"{r.spread:.3f}",
            "widest": f"{r.widest:.3f}",
            "ratio of s.d.": f"{r.sd_ratio:.2f}",
        }
        for r in found[:10]
    ]
    return words + table(rows)


if __name__ == "__main__":
    fits = [calibrate(FULL, seed=seed) for seed in SEEDS]
    parts = (HEAD, ranks_page(run_prior_bank(BANK, seed=BANK_SEED)), predictive_page(fits[0]), repeated_page(fits))
    picture = draw_weights(fits[0].weighted.log_weights, fits[0].quality.pareto_k)
    (PAGE.parent / "weights.svg").write_text(picture + "\n", encoding="utf-8", newline="\n")
    made_with = f"\nMade with this hash of the model's sources `{source_hash()}`.\n"
    PAGE.write_text("".join((*parts, made_with)), encoding="utf-8", newline="\n")
    print(f"wrote {PAGE}")
