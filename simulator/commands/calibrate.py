"""`ringfence calibrate`: fit the model to the published findings, and say what they pin down."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.option_groups import FormOptions, spread_groups
from simulator.commands.shared.options import text_option
from simulator.commands.shared.rendering import Answer, Row, deliver, show_table, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.atomic_files import check_folder

if TYPE_CHECKING:
    from simulator.calibration.fit import Fit
    from simulator.calibration.prior_file import PriorFile
    from simulator.calibration.target_file import TargetFile

FIT_SEED = 2023  # repeated from simulator.calibration.fit, whose import would make every --help wait
FILES = ("posterior.csv", "posterior.json", "posterior_more.npy", "inputs.json", "weights.svg")
OWN_FILES = ("priors.yaml", "targets.yaml")
STRUCTURE_FILES = ("structures.json", "structures.csv.gz")
NUMBERS = ("prior mean", "prior s.d.", "mean", "s.d.", "5%", "50%", "95%", "s.d. ratio", "shift")


@spread_groups
def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="A smaller fit, in under a minute, for a look.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**64 - 1, help="The seed of the fit.")] = FIT_SEED,
    out: Annotated[Path | None, text_option("--out", "FOLDER", "Write draws and manifest there.")] = None,
    priors: Annotated[
        Path | None,
        text_option("--priors", "FILE", "Priors of your own; --template writes today's to edit."),
    ] = None,
    targets: Annotated[
        Path | None,
        text_option("--targets", "FILE", "Findings of your own; --template writes today's to edit."),
    ] = None,
    template: Annotated[
        Path | None,
        text_option("--template", "FOLDER", "Only write today's priors and targets there, as files."),
    ] = None,
    structures: Annotated[
        bool, typer.Option("--structures", help="Fit every structural alternative instead (about ten minutes).")
    ] = False,
    *,
    output: FormOptions,
) -> None:
    """Fit the model to the published findings, or to priors and findings of your own.

    Parameter sets are run through the years and places that the findings come from, and weighed by how well they
    give them. Prints what the findings pin down and what they leave open. There is no --boards: the findings are about
    the 42 boards and the places of the replays. Other commands draw from what --out writes with --posterior.
    """
    form = output.choose()
    if template is not None:
        return _write_templates(template)
    if out is not None:
        check_folder(out, STRUCTURE_FILES if structures else (*FILES, *OWN_FILES))
    if structures and (quick or output.as_json or output.as_csv or seed != FIT_SEED or priors or targets):
        raise typer.BadParameter(
            "--structures goes with --out alone: every alternative is fitted in full, with one seed"
        )
    prior_file, target_file = _read_own(priors, targets)
    say_if_cold()
    if structures:
        return _fit_structures(out)

    fit = _fit(quick, seed, prior_file, target_file)
    rows = [_make_row(fit, k) for k in range(len(fit.identified))]
    own = _select_uncertain(rows)
    document = {
        "quality": asdict(fit.quality),
        "problems": fit.quality.problems,
        "targets": fit.used,
        "uncertain": len(own),
        "pinned": sum(row["pinned"] for row in own),
        "factors": rows,
    }
    deliver(Answer(document, rows, lambda: _show(fit, rows)), form)
    if out is not None:
        _write(fit, out, quick, prior_file, target_file)
    return None


def _write_templates(folder: Path) -> None:
    """Today's priors and targets as files. Raises InputError where there are such files already."""
    from simulator.calibration.prior_file import write_prior_template
    from simulator.calibration.target_file import write_target_template
    from simulator.common.atomic_files import make_folder, write_text
    from simulator.common.errors import InputError

    if there := [name for name in OWN_FILES if (folder / name).exists()]:
        raise InputError(f"{folder} holds {' and '.join(there)} already; name another folder")
    make_folder(folder)
    for name, text in zip(OWN_FILES, (write_prior_template(), write_target_template()), strict=True):
        write_text(folder / name, text)
        say(f"wrote {folder / name}")


def _read_own(priors: Path | None, targets: Path | None) -> tuple[PriorFile | None, TargetFile | None]:
    """The user's files. Raises InputError with the problems of both."""
    from simulator.calibration.prior_file import read_priors
    from simulator.calibration.target_file import read_target_file
    from simulator.common.errors import InputError

    problems: list[str] = []
    prior_file, target_file = None, None
    try:
        prior_file = read_priors(priors) if priors else None
    except InputError as problem:
        problems.append(str(problem))
    try:
        target_file = read_target_file(targets) if targets else None
    except InputError as problem:
        problems.append(str(problem))
    if problems:
        raise InputError("\n".join(problems))
    return prior_file, target_file


def _write(fit: Fit, out: Path, quick: bool, priors: PriorFile | None, targets: TargetFile | None) -> None:
    from simulator.calibration.fit_folder import write_fit
    from simulator.charts.weights import draw_weights
    from simulator.runs.posterior import BLOCK, DRAWS, find_data_folder

    picture = draw_weights(fit.weighted.log_weights, fit.quality.pareto_k)
    with Bar("what each finding did"):
        paths = write_fit(
            fit, out, BLOCK if quick else DRAWS, priors=priors, targets=targets, more={FILES[-1]: picture}
        )
    for path in paths:
        say(f"wrote {path}")
    if out.resolve() != find_data_folder().resolve():
        say(f"draw from it with --posterior {out}, as in: ringfence compare --posterior {out}")


def _fit(quick: bool, seed: int, priors: PriorFile | None, targets: TargetFile | None) -> Fit:
    from simulator.calibration.fit import FULL, QUICK, calibrate

    sizes = QUICK if quick else FULL
    with Bar(f"{sum(sizes):,} parameter sets") as bar:
        return calibrate(
            sizes,
            seed=seed,
            held=priors.held if priors else None,
            priors=priors.priors if priors else None,
            targets=targets.targets if targets else None,
            own=targets.own if targets else (),
            progress=bar,
        )


def _make_row(fit: Fit, k: int) -> Row:
    i = fit.identified[k]
    return {
        "name": i.name,
        "prior mean": i.prior_mean,
        "prior s.d.": i.prior_sd,
        "mean": i.mean,
        "s.d.": i.sd,
        "5%": i.low,
        "50%": i.median,
        "95%": i.high,
        "s.d. ratio": i.ratio,
        "shift": i.shift,
        "pinned": i.pinned,
    }


def _select_uncertain(rows: list[Row]) -> list[Row]:
    """The model's own uncertain numbers: how unlike others volunteers are belongs to the survey."""
    from simulator.runs.posterior import BIAS

    return [row for row in rows if row["name"] != BIAS]


def _show(fit: Fit, rows: list[Row]) -> None:
    q = fit.quality
    show_text(
        f"{q.points:,} parameter sets, effective sample {q.effective:,.0f}, Pareto k-hat {q.pareto_k:.2f}, largest "
        f"weight {q.largest:.2%}, log evidence {q.log_evidence:.2f}."
    )
    pinned = sorted((row for row in rows if row["pinned"]), key=lambda row: row["s.d. ratio"])
    show_table([{k: f"{v:.2f}" if isinstance(v, float) else str(v) for k, v in row.items()} for row in pinned], NUMBERS)
    own = _select_uncertain(rows)
    count = sum(row["pinned"] for row in own)
    bias = " (volunteer_bias is none of them: it belongs to the survey)" if len(pinned) > count else ""
    show_text(
        f"The {len(fit.used)} findings narrow or move {count} of the model's {len(own)} uncertain numbers{bias}; of "
        f"the other {len(own) - count} they say nothing, and the draws hold what was believed before."
    )
    for problem in q.problems:
        show_text(f"Do not use this fit: {problem}.")


def _fit_structures(out: Path | None) -> None:
    from simulator.calibration.structural_fits import run_structures, write_structures
    from simulator.calibration.structural_variants import STRUCTURES

    fits = []
    for k, name in enumerate(STRUCTURES, 1):
        with Bar(f"{k} of {len(STRUCTURES)}: {name}") as bar:
            fits += list(run_structures([name], progress=bar))
        manifest = fits[-1][0]
        show_text(
            f"{name}: {manifest['says']}; log evidence {manifest['log_evidence']:.2f}, "
            f"effective {manifest['effective']:,.0f}"
        )
        for problem in manifest["problems"]:
            show_text(f"  do not use: {problem}")
    if out is not None:
        for path in write_structures(out, fits):
            say(f"wrote {path}")
