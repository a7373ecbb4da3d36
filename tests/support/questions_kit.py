"""What tests of questions share: few draws, a pool that works at once, and the shipped answers in words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from dashboards.analyses import lever_grids, shared_runs, shipped_answers
from dashboards.analyses.job_queue import AnalysisQueue
from dashboards.analyses.registry import ANALYSES, list_opening_requests
from dashboards.analyses.report import AnalysisReport
from dashboards.selection.selection import make_opening_selection

NASTY = '<img src=x onerror="alert(1)">&"'


class ImmediateExecutor(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def use_few_draws(patch: pytest.MonkeyPatch, draws: int = 150) -> AnalysisQueue:
    """Few draws, one replicate or two, and a queue that answers at once and knows nothing."""
    patch.setattr(lever_grids, "DRAWS", 20)
    patch.setattr(lever_grids, "REPLICATES", 1)
    patch.setattr(shared_runs, "DRAWS", draws)
    patch.setattr(shared_runs, "REPLICATES", 2)
    queue = AnalysisQueue(ImmediateExecutor())
    patch.setattr("dashboards.analyses.section.get_shared_queue", lambda: queue)
    return queue


def shipped(kind: str) -> dict[str, Any]:
    """The shipped answer of a kind."""
    request = next(request for request in list_opening_requests(make_opening_selection()) if request.kind == kind)
    document: dict[str, Any] = dict(shipped_answers.load_answers()[request.key])
    return document


def describe_shipped(kind: str) -> AnalysisReport:
    """The shipped answer of a kind as people read it."""
    return ANALYSES[kind].describe(shipped(kind))


def read_picture_text(svg: str) -> str:
    """What stands in a picture, its title and description left out."""
    return " ".join(html.unescape(words) for words in re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def find_numbers(words: str) -> list[float]:
    """The numbers in a sentence."""
    return [float(x.replace("−", "-").replace(",", "")) for x in re.findall(r"−?\d[\d,]*\.?\d*", words)]


def find_code_names(page: str) -> list[str]:
    """Names of files and commands, such as pull_chief, that stand among the words of a page and not as code."""
    words = re.sub(r"<(code|script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return re.findall(r"\w*[A-Za-z0-9]_[A-Za-z0-9]\w*", words)
