"""What tests of questions share: small worlds, a pool that works at once, and the shipped answers told."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from dashboards.analyses import lever_grids, shared_runs, shipped_answers
from dashboards.analyses.job_queue import Asker
from dashboards.analyses.registry import KINDS, opening_asks
from dashboards.analyses.request import Document, Told
from dashboards.selection.selection import opening_selection

NASTY = '<img src=x onerror="alert(1)">&"'


class Now(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def small(patch: pytest.MonkeyPatch, draws: int = 150) -> Asker:
    """Few draws, one luck or two, and an asker that answers at once and knows nothing."""
    patch.setattr(lever_grids, "DRAWS", 20)
    patch.setattr(lever_grids, "LUCKS", 1)
    patch.setattr(shared_runs, "DRAWS", draws)
    patch.setattr(shared_runs, "LUCKS", 2)
    asker = Asker(Now())
    patch.setattr("dashboards.analyses.section.shared_asker", lambda: asker)
    return asker


def shipped(kind: str) -> Document:
    """The shipped answer of a kind."""
    ask = next(one for one in opening_asks(opening_selection()) if one.kind == kind)
    return shipped_answers.shipped()[ask.key]


def told(kind: str) -> Told:
    """The shipped answer of a kind as people read it."""
    return KINDS[kind].tell(shipped(kind))


def words_of(svg: str) -> str:
    """What stands in a picture, its title and description left out."""
    return " ".join(html.unescape(words) for words in re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def numbers_in(words: str) -> list[float]:
    """The numbers in a sentence."""
    return [float(x.replace("−", "-").replace(",", "")) for x in re.findall(r"−?\d[\d,]*\.?\d*", words)]
