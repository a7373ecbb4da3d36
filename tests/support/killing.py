"""Ends a process before each of its steps on the disk in turn, as `kill -9` or a power cut may."""

from __future__ import annotations

import os
from collections.abc import Callable

STEPS = ("replace", "unlink", "rmdir", "fsync", "open", "rename")


def killed_at(step: int, action: Callable[[], object]) -> bool:
    """Run an action in a process that is ended, without a chance to tidy up, before the given step on the disk.

    False if it has fewer steps.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = step

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*words: object, **more: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)
            return real(*words, **more)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    try:
        action()
        os._exit(0)
    finally:
        os._exit(1)
