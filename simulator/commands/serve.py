"""`ringfence serve`: the dashboard, in a browser on this machine."""

from __future__ import annotations

from importlib import import_module, util
from typing import Annotated

import typer

from simulator.commands import common as c
from simulator.commands.streams import say

LOOPBACK = "127.0.0.1"
WANTED = ("panel", "panel_material_ui", "dashboards")


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 5006,
    address: Annotated[str, typer.Option("--address", help="Address to listen on; this machine alone.")] = LOOPBACK,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="HOST:PORT", help="Also let pages of this host connect.")
    ] = None,
    show: Annotated[bool, typer.Option("--show/--no-show", help="Open a browser.")] = False,
) -> None:
    """Serve the dashboard; it says where."""
    missing = [name for name in WANTED if util.find_spec(name) is None]
    if missing:
        needed = ", ".join(missing)
        raise ValueError(f"the dashboard needs {needed}; install Ringfence again with: pip install -e .")
    if address != LOOPBACK:
        say(f"Anybody who reaches {address} can use this dashboard: it has no passwords.")
    c.tell_if_cold()
    # By name, for the simulator itself knows nothing of its dashboards.
    import_module("dashboards.serving").serve(port, address, show, allow or [], say)
