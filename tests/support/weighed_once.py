"""The same evidence is weighed once in all of a run of tests, for files whose claims are about what follows from it.

Weighing takes seconds, and its weights are kept as a user's computer keeps them: by the observations, the fit and the
sources. That they are right, and that the same evidence gives the same weights, is claimed in `tests/evidence/`, which
keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from simulator.common import environment
from simulator.evidence import evidence

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def keep_weighings(folder: Path) -> Iterator[None]:
    """Keep weights in a folder, and nothing else of what is worked out."""

    def kept(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*words: P.args, **more: P.kwargs) -> T:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(environment.CACHE, str(folder))
                return function(*words, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("recall_weights", "keep_weights"):
            patch.setattr(evidence, name, kept(getattr(evidence, name)))
        yield
