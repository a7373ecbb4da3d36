"""The sources that a kernel can reach, and their hash, which says whether two results come from the same rules."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from simulator.declarations.plugin import find_plugin

RULEBOOK = ("chance", "money", "plans", "raids", "people", "programmes", "places", "peers")
_SOURCES = (
    "rules",
    "common/units.py",
    "declarations/parameters",
    "declarations/levers.py",
    "declarations/draw_ids.py",
    "declarations/number.py",
    "declarations/output_variables.py",
    "declarations/plugin.py",
    "declarations/plugin_file.py",
    "declarations/plugin_interface.py",
    "engine/philox.py",
    "engine/lanes.py",
    "engine/records.py",
    "engine/compilation.py",
    "engine/jitable.py",
    "engine/kernel_sources.py",
    "engine/bit_casts.py",
    "engine/held.py",
    "engine/layout.py",
    "engine/hooks.py",
    "engine/whole_program.py",
    "engine/kernel_money.py",
    "engine/kernel_people.py",
    "engine/kernel_year_end.py",
    "engine/kernel_record.py",
    "engine/random_table.py",
    "engine/prefix_sharing.py",
    "engine/ensemble.py",
)


@functools.cache
def source_hash() -> str:
    """Hash of the sources that decide what a kernel computes, a plug-in included, as this process read them: 16
    hexadecimal digits.
    """
    here = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for entry in _SOURCES:
        path = here / entry
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    if (plugin := find_plugin()) is not None:
        digest.update(plugin.digest.encode())
    return digest.hexdigest()[:16]


def cache_folder_name() -> str:
    """The name of the folder that this version's kernels are kept in."""
    return f"kernels-{source_hash()}"
