"""`ringfence sensitivity`: what matters for an outcome, or for the difference between two policies?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simulator.commands.sensitivity_methods import METHODS, Found, Method
from simulator.commands.shared import options, study_options
from simulator.commands.shared.factor_runs import SHOWN, Against, From, Over, Varied, Years, varied
from simulator.commands.shared.rendering import Answer, Row, deliver, form, show_table, show_text
from simulator.common.errors import InputError

CHOICE = "screen (Morris), sobol, pawn, or main (effects). Default: main for the posterior, sobol for the priors."


def sensitivity(
    scenario: options.One,
    method: Annotated[Method | None, typer.Option("--method", help=CHOICE)] = None,
    outcome: study_options.Outcome = "retained",
    against: Against = None,
    over: Over = None,
    source: From = None,
    size: Annotated[
        int | None,
        typer.Option(
            "--size",
            min=1,
            show_default=False,
            help="Walks (screen), most blocks (sobol, a power of two) or draws (pawn, main).",
        ),
    ] = None,
    lucks: Annotated[
        int | None,
        typer.Option("--lucks", min=1, max=1_000, show_default=False, help="How many lucks each row is averaged over."),
    ] = None,
    years: Years = None,
    seed: options.Seed = options.SEED,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
) -> None:
    """What matters? Which unknown numbers, and which levers, move an outcome.

    A small effect may be noise: each method says which effects can be told from it, whether its order has settled, and
    how much of the outcome is luck.
    """
    how = form(as_json, as_csv)
    method, source = choose(method, source)
    question = varied(scenario, against, outcome, years, over, source, seed)
    about = METHODS[method]
    options.tell_if_cold()
    found = about.run(question, size or about.size, lucks or about.lucks)
    deliver(_answer(question, method, found), how)


def choose(method: Method | None, source: options.Source | None) -> tuple[Method, options.Source]:
    """Method and source, each by default what suits the other. Raises InputError if they do not go together."""
    if source is None:
        source = options.Source.PRIOR if method and METHODS[method].independent else options.Source.POSTERIOR
    if method is None:
        method = Method.MAIN if source is options.Source.POSTERIOR else Method.SOBOL
    if METHODS[method].independent and source is options.Source.POSTERIOR:
        raise InputError(
            f"--method {method} moves one factor while the others stay, but in the posterior they vary together: it "
            "would visit points that the findings rule out, and share out variance that has no one owner; use --method "
            "main or --method pawn, or --source prior"
        )
    return method, source


def _answer(question: Varied, method: Method, found: Found) -> Answer:
    badge = study_options.badge(question.source, found.draws, found.lucks, question.seed)
    document: dict[str, Any] = {
        "question": question.document,
        "method": method.value,
        "sentence": found.sentence,
        "luck": found.luck,
        "settled": found.settled,
        "settling": found.settling,
        "noise": found.noise,
        "made": found.made,
        "setting": question.setting,
        "draws": found.draws,
        "lucks": found.lucks,
        "factors": found.rows,
        "badge": badge,
    }
    made = {"method": method.value, "draws": found.draws, "lucks": found.lucks, "settled": found.settled}
    rows = [{**row, **question.document, **made, "made_with": badge} for row in found.rows]
    return Answer(document, rows, lambda: _show(question, found, badge))


def _show(question: Varied, found: Found, badge: str) -> None:
    show_text(found.sentence)
    show_text()
    show_table([_line(row, found) for row in found.rows[:SHOWN]], found.heads.values())
    if rest := found.rows[SHOWN:]:
        clear = sum(row["clear"] for row in rest) or "none"
        show_text(f"{len(rest)} more have smaller values, {clear} of them clear of noise; --csv has all.")
    show_text()
    for text in (found.luck, found.settling, found.noise, f"{found.made} {question.setting}", f"{badge}."):
        show_text(text[0].upper() + text[1:])


def _line(row: Row, found: Found) -> dict[str, str]:
    from simulator.common.formatting import significant

    numbers = {head: significant(row[key]) for key, head in found.heads.items()}
    return {
        "Factor": row["factor"],
        **numbers,
        "Clear of noise": "yes" if row["clear"] else "no",
        "Known from": row["badge"],
        "What it is": row["meaning"],
    }
