"""The plug-in of a sweep, as it travels to workers: they need not have its file, and take it before the model.

A process runs with one plug-in, or with none, from the moment that the model is imported. So a worker that has worked
on something else refuses, and says what to start again.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from simulator.common.atomic_files import write_bytes
from simulator.common.crate_folder import INGREDIENTS
from simulator.common.errors import InputError
from simulator.common.pinned_names import pin_name
from simulator.declarations.plugin import choose_plugin, find_plugin
from simulator.declarations.plugin_file import PluginError
from simulator.engine.kernel_sources import source_hash
from simulator.sweeps.job import describe_code

_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Where this process keeps files that it was sent, until it ends."""


class SentPlugin(NamedTuple):
    """A plug-in's file: its name, the digest of its content, and its bytes. Without a plug-in all are empty."""

    name: str = ""
    digest: str = ""
    content: bytes = b""


NO_PLUGIN = SentPlugin()


def pack_plugin() -> SentPlugin:
    """What workers need of the plug-in that this process runs with, as it was when it was chosen."""
    plugin = find_plugin()
    if plugin is None:
        return NO_PLUGIN
    content = INGREDIENTS[plugin.path.name].content
    assert isinstance(content, bytes)
    return SentPlugin(plugin.path.name, plugin.digest, content)


def take_plugin(sent: SentPlugin) -> None:
    """Let this process run with the plug-in of a sweep, or without one.

    Raises InputError where it has begun with something else, and says what to do.
    """
    try:
        present = find_plugin()
    except InputError:  # the file that it was started with has changed since, or is not here
        if not sent.digest:
            raise
        present = None
    if ("" if present is None else present.digest) == sent.digest:
        return
    runs_with = "the model alone" if present is None else f"the plug-in {present.reference}"
    needs = f"needs the plug-in {pin_name(sent.name, sent.digest)}" if sent.digest else "has none"
    refusal = (
        f"a worker has begun with {runs_with}, and this sweep {needs}: a process runs with one plug-in for life. Start "
        "the workers again, without RINGFENCE_PLUGIN: they take a plug-in from the sweep"
    )
    if not sent.digest:
        raise PluginError(refusal)
    folder = tempfile.TemporaryDirectory(prefix="ringfence-plugin-", ignore_cleanup_errors=True)
    file = Path(folder.name) / sent.name
    write_bytes(file, sent.content, durable=False)
    try:
        choose_plugin(pin_name(str(file), sent.digest))
    except PluginError as error:
        folder.cleanup()
        raise PluginError(refusal) from error
    _folders.append(folder)
    describe_code.cache_clear()
    source_hash.cache_clear()
