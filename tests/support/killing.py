"""Ends a process before each of its steps on the disk in turn, as `kill -9` or a power cut may."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

STEPS = ("replace", "unlink", "rmdir", "fsync", "open", "rename")


def kill_at_every_step(
    folder: Path, prepare: Callable[[Path], Callable[[], object]], check: Callable[[Path], None]
) -> int:
    """Kill an action before its first step, before its second, and so on until it has no more.

    `prepare` makes a folder ready and gives the action in it; `check` looks at what was left. Returns how many steps
    the action has.
    """
    step, killed = 0, True
    while killed:
        killed = killed_at(step, prepare(folder / str(step)))
        check(folder / str(step))
        step += 1
    return step - 1


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
