"""Buttons that save a sentence of the answer as a claim, for each page that has them."""

from __future__ import annotations

from functools import partial

from dashboards.computing.answer_view import AnswerView, view_answer
from dashboards.computing.session import Session
from dashboards.export.chart_buttons import DownloadButton, DownloadFile
from dashboards.export.claims import make_answer_claim, name_claims

CLAIM = "Save as a claim"
CLAIM_LABEL = f"{CLAIM}, which anybody can check with ringfence verify:"


def make_claim_buttons(session: Session, view: AnswerView) -> dict[str, DownloadButton]:
    """A button for each sentence that compares something, by the key of its card."""
    return {
        key: DownloadButton(heading, f"{CLAIM}: {heading}", partial(_make_claim, session, key, filename))
        for key, heading, filename in name_claims(view)
    }


def _make_claim(session: Session, key: str, filename: str) -> DownloadFile:
    return DownloadFile(filename, make_answer_claim(view_answer(session.require_answer()), key))
