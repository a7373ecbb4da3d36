"""A saved claim, run again in a notebook."""

from __future__ import annotations

from pathlib import Path

from simulator.boards.table import Boards, to_boards
from simulator.claims.claim import Claim
from simulator.claims.claim_file import read_claim
from simulator.claims.study_claim import StudyClaim
from simulator.claims.verification import Verification, describe_futures, verify_claim
from simulator.common.arguments import checked
from simulator.common.errors import InputError
from simulator.common.pictures.columns import PictureColumns
from simulator.notebook.study_answer import StudyAnswer, drawing
from simulator.notebook.study_verification import StudyVerification, verify_study_claim
from simulator.runs.posterior import Beliefs

FIGURES = PictureColumns(
    "points",
    "figure",
    "then",
    "figure (each in its own unit)",
    name="then, as claimed",
    second="now",
    second_name="now, run again",
)


@checked
def verify(
    path: str | Path, *, boards: Boards | str | Path | None = None, beliefs: Beliefs | None = None
) -> StudyAnswer[Verification] | StudyAnswer[StudyVerification]:
    """Does a saved claim still hold? It is run again: the same bits, other numbers, or no longer true.

    `boards` and `beliefs` are needed where the claim rests on a table or on evidence of one's own. For comparisons the
    table has one row per statement: `difference_then` and `difference_now`, `same_numbers`, `holds`; for an answer of
    `rf.equivalence`, `rf.robustness` or `rf.packages` one per figure: `then` and `now`. `result.standing` says it in a
    word, `result.moved` what differs since. Raises InputError (ClaimError for the file) for what is no claim or cannot
    be run, and for a registration, which `ringfence verify` answers.

    >>> import tempfile
    >>> import simulator as rf
    >>> path = tempfile.mkdtemp() + "/claim.json"
    >>> saved = rf.compare("ringfence", n=100).claim(path)
    >>> rf.verify(path).result.standing.name
    'SAME_BITS'
    """
    kept = read_claim(path)
    if isinstance(kept, StudyClaim):
        with drawing(beliefs):
            checked = verify_study_claim(kept, to_boards(boards))
        return StudyAnswer("verify", checked, FIGURES, kept.basis)
    if not isinstance(kept, Claim):
        raise InputError(f"{path} is a registration: ringfence verify FILE --claim RESULT.json answers it")
    with drawing(beliefs):
        verification = verify_claim(kept, to_boards(boards))
    unit = verification.statements[0].comparison.outcome.unit.value
    picture = PictureColumns(
        "points",
        "new+old",
        "difference_then",
        f"difference ({unit})",
        between=" less ",
        name="then, as claimed",
        second="difference_now",
        second_name="now, run again",
    )
    return StudyAnswer("verify", verification, picture, describe_futures(kept.futures))
