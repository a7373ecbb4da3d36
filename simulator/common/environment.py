"""Variables of the environment that Ringfence reads. What one of them cannot mean is refused in a sentence."""

from __future__ import annotations

import os
import re

from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.numbers import parse_switch_word

THREADS, CACHE = "RINGFENCE_THREADS", "RINGFENCE_CACHE"


def check_environment() -> None:
    """Raises InputError for a number of threads that is none, which the model would pass over in silence."""
    threads = os.environ.get(THREADS, "")
    if threads.strip() and not re.fullmatch(r"0*[1-9][0-9]{0,4}", threads):
        raise InputError(
            f"the environment variable {THREADS} is '{make_visible(threads[:40])}'; make it a whole number of 1 or "
            "more, or leave it out for one thread a core"
        )


def read_cache_folder() -> str | bool:
    """Where RINGFENCE_CACHE wants results kept: True for the usual folder, False for nowhere, else a folder's name.

    Words for on and off, 1 and 0 say whether they are kept; a folder of such a name is written ./on.
    """
    asked = os.environ.get(CACHE, "").strip()
    switch = {"": True, "0": False, "1": True}.get(asked, parse_switch_word(asked))
    return asked if switch is None else switch
