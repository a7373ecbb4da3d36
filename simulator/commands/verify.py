"""`ringfence verify`: does a saved claim still hold, and was a result found as it was registered?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.claim_file import ClaimFile
from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.inputs import read_boards
from simulator.commands.shared.option_groups import spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.commands.shared.rendering import Answer, Form, deliver, show_text
from simulator.commands.shared.running import say_if_cold
from simulator.common.atomic_files import check_writable
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.boards.table import Boards
    from simulator.claims.registration import Registration
    from simulator.claims.study_claim import StudyClaim
    from simulator.claims.verification import CheckedCondition, CheckedStatement, RegisteredAnswer, Verification
    from simulator.notebook.study_verification import StudyVerification

File = Annotated[Path, typer.Argument(metavar="FILE", help="A claim, or a registration, as it was saved.")]
Result = Annotated[
    Path | None,
    typer.Argument(metavar="RESULT", help="After a registration: the claim that answers it."),
]


@spread_groups
def verify(
    file: File,
    result: Result = None,
    boards: options.BoardsFile = None,
    claim: ClaimFile = None,
    as_json: options.Json = False,
    *,
    posterior: PosteriorOptions,
) -> None:
    """Run a saved claim again: the same bits, the same claim with other numbers, or no longer true?

    Of a registration it runs what was registered, and --claim saves the result; with a result it says whether anything
    was changed afterwards. Exit code 0: the claim holds, or the result is as registered. 1: it does not hold, something
    was changed, or a file cannot be used.
    """
    from simulator.claims.claim import Claim
    from simulator.claims.claim_file import check_claim_name, read_claim
    from simulator.claims.study_claim import StudyClaim

    kept, answer = read_claim(file), None if result is None else read_claim(result)
    out = None if claim is None else check_writable(check_claim_name(claim))
    table, form = read_boards(boards), Form.JSON if as_json else Form.TABLE
    if isinstance(kept, Claim | StudyClaim):
        if answer is not None or out is not None:
            raise InputError(f"{file} is a claim, and a registration stands before a RESULT or --claim")
        holds = _verify_claim(kept, table, form) if isinstance(kept, Claim) else _verify_study(kept, table, form)
    elif isinstance(answer, StudyClaim):
        raise InputError(f"{result} claims another answer than a comparison, and registrations are of comparisons")
    elif answer is None or isinstance(answer, Claim):
        holds = _verify_registration(kept, answer, table, form, out)
    else:
        raise InputError(f"{result} is a registration too; after a registration name the claim that answers it")
    if not holds:
        raise typer.Exit(1)


def _verify_claim(kept: object, table: Boards, form: Form) -> bool:
    from simulator.claims.claim import Claim
    from simulator.claims.verification import Standing, verify_claim

    assert isinstance(kept, Claim)
    say_if_cold()
    with Bar("running the claim again") as bar:
        verification = verify_claim(kept, table, bar)
    deliver(Answer(_document_verification(verification), [], lambda: _show_verification(verification)), form)
    return verification.standing is not Standing.NO_LONGER_TRUE


def _verify_study(kept: StudyClaim, table: Boards, form: Form) -> bool:
    from simulator.claims.verification import Standing
    from simulator.notebook.study_verification import verify_study_claim

    say_if_cold()
    with Bar("asking the question of the claim again"):
        verification = verify_study_claim(kept, table)
    conditions = [
        {"condition": part.condition.text, "holds": part.holds, "finding": part.finding}
        for part in verification.conditions
    ]
    document = {
        "standing": verification.standing.name.lower().replace("_", " "),
        "says": verification.standing.value,
        "saved": kept.saved,
        "question": kept.question,
        "then": kept.sentence,
        "now": verification.now,
        "figures_then": _write_figures(kept.figures),
        "figures_now": _write_figures(verification.figures),
        "conditions": conditions,
        "moved": list(verification.moved),
    }
    deliver(Answer(document, [], lambda: _show_study(verification)), form)
    return verification.standing is not Standing.NO_LONGER_TRUE


def _write_figures(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Figures for JSON; an amount that does not exist is null."""
    return {name: value if isfinite(value) else None for name, value in figures.items()}


def _show_study(verification: StudyVerification) -> None:
    claim = verification.claim
    show_text(verification.standing.value)
    show_text()
    show_text(f"Saved on {claim.saved} with version {claim.software.version}: {claim.basis}.")
    show_text()
    show_text(claim.sentence)
    if verification.now != claim.sentence:
        show_text(f"Today: {verification.now}")
    for part in verification.conditions:
        show_text(f"  {'holds' if part.holds else 'DOES NOT HOLD'}: {part.condition.text} ({part.finding})")
    if verification.moved:
        show_text("What moved:")
    for line in verification.moved:
        show_text(line)


def _document_verification(verification: Verification) -> dict[str, object]:
    return {
        "standing": verification.standing.name.lower().replace("_", " "),
        "says": verification.standing.value,
        "saved": verification.claim.saved,
        "statements": [
            {
                "then": item.statement.sentence,
                "now": item.today,
                "numbers_then": item.statement.numbers,
                "numbers_now": {name: getattr(item.comparison, name) for name in item.statement.numbers},
                "conditions": [_document_condition(part) for part in item.conditions],
            }
            for item in verification.statements
        ],
        "moved": list(verification.moved),
        "remarks": list(verification.remarks),
    }


def _document_condition(part: CheckedCondition) -> dict[str, object]:
    return {"condition": part.condition.text, "holds": part.holds, "finding": part.finding, **asdict(part.condition)}


def _show_verification(verification: Verification) -> None:
    from simulator.claims.verification import Standing, describe_futures

    claim = verification.claim
    show_text(verification.standing.value)
    show_text()
    show_text(f"Saved on {claim.saved} with version {claim.software.version}: {describe_futures(claim.futures)}.")
    if claim.shown:
        show_text(f"The page said: {claim.shown}")
    show_text()
    for item in verification.statements:
        _show_statement(item, verification.standing is Standing.SAME_BITS)
    if verification.moved:
        show_text("What moved:")
    for line in (*verification.moved, *(f"Remark: {remark}" for remark in verification.remarks)):
        show_text(line)


def _show_statement(item: CheckedStatement, same: bool) -> None:
    show_text(item.statement.sentence)
    if not same:
        show_text(f"Today: {_write_today(item)}")
    _show_conditions(item.conditions)
    show_text()


def _write_today(item: CheckedStatement) -> str:
    """Today's sentence; where it reads as it did, the difference to the digit that moved."""
    if item.today != item.statement.sentence:
        return item.today
    if item.same_numbers:
        return "the same, to the last digit."
    name = "new_mean" if item.statement.new == item.statement.old else "difference"
    then, now = item.statement.numbers[name], float(getattr(item.comparison, name))
    what = "level" if name == "new_mean" else "average difference"
    digits = 10 if f"{then:.10g}" != f"{now:.10g}" else 17
    if then == now:
        return "the same words and averages; only other numbers of the claim moved."
    return f"the same words; only later digits moved: the {what} was {then:.{digits}g} and is {now:.{digits}g}."


def _show_conditions(conditions: object) -> None:
    from simulator.claims.verification import CheckedCondition

    assert isinstance(conditions, (list, tuple))
    for part in conditions:
        assert isinstance(part, CheckedCondition)
        show_text(f"  {'holds' if part.holds else 'DOES NOT HOLD'}: {part.condition.text} ({part.finding})")


def _verify_registration(
    registration: Registration, result: object, table: Boards, form: Form, out: Path | None
) -> bool:
    from simulator.claims.claim import Claim
    from simulator.claims.claim_file import write_claim
    from simulator.claims.verification import Standing, answer_registration, check_registration

    say_if_cold()
    verification = None
    with Bar("running what was registered") as bar:
        if isinstance(result, Claim):
            answer, verification = check_registration(registration, result, table, bar)
        else:
            answer = answer_registration(registration, table, dt.date.today().isoformat(), bar)
    if out is not None:
        write_claim(out, answer.result)
    document = {
        "as_registered": not answer.departures,
        "departures": list(answer.departures),
        "supported": answer.supported,
        "rule": registration.rule,
        "questions": [[_document_condition(part) for part in parts] for parts in answer.questions],
        "sentence": answer.result.sentence,
        "result": None if verification is None else _document_verification(verification),
    }
    deliver(Answer(document, [], lambda: _show_registered(answer, verification)), form)
    if out is not None:
        say(f"wrote {out}")
    return not answer.departures and (verification is None or verification.standing is not Standing.NO_LONGER_TRUE)


def _show_registered(answer: RegisteredAnswer, verification: Verification | None) -> None:
    registration = answer.registration
    show_text(
        "As registered: nothing was changed afterwards." if not answer.departures else "Not as it was registered:"
    )
    for departure in answer.departures:
        show_text(f"  {departure}")
    show_text()
    show_text(f"Registered on {registration.saved}: {registration.title}")
    show_text(answer.result.sentence)
    for parts in answer.questions:
        _show_conditions(list(parts))
    supported = "are all met" if answer.supported else "are not all met"
    show_text(f"The registered conditions {supported}. The rule: {registration.rule}")
    if verification is not None:
        show_text(f"The result, run again: {verification.standing.value}")
