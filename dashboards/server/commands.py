"""`ringfence serve`: the dashboard, in a browser on this machine; `ringfence password`: who may use it."""

from __future__ import annotations

from importlib import util
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.shared.console import put, say
from simulator.commands.shared.options import text_option
from simulator.commands.shared.running import say_if_cold
from simulator.common.errors import InputError

LOOPBACK = "127.0.0.1"
REQUIRED = ("panel", "bokeh")


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 5006,
    address: Annotated[str, typer.Option("--address", help="Address to listen on; this machine alone.")] = LOOPBACK,
    allow: Annotated[
        list[str] | None, text_option("--allow", "HOST:PORT", "Also let pages of this host connect.")
    ] = None,
    embed_from: Annotated[
        list[str] | None,
        text_option("--embed-from", "ORIGIN", "Let pages of this web site show it in a frame."),
    ] = None,
    show: Annotated[bool, typer.Option("--show/--no-show", help="Open a browser.")] = False,
    auth: Annotated[str, text_option("--auth", "KIND:FILE", "Ask who it is: basic:FILE or oauth:FILE.")] = "",
    sessions: Annotated[
        int, typer.Option("--sessions", min=1, max=10_000, help="Most pages that may be open at once.")
    ] = 100,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="Server processes behind the address; no --auth then.")
    ] = 1,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Believe X-Forwarded headers: only a proxy can reach it.")
    ] = False,
) -> None:
    """Serve the dashboard; it says where. docs/guide/serving.md tells how to serve it to others."""
    missing = [name for name in REQUIRED if util.find_spec(name) is None]
    if missing:
        raise InputError(f"the dashboard needs {', '.join(missing)}; install Ringfence again with: pip install -e .")
    from dashboards.access.options import AccessOptions, check_hosts_and_secret
    from dashboards.server import front, listening

    guard, allowed = AccessOptions(auth, sessions, behind_proxy, tuple(embed_from or ())), allow or []
    open_to_all = not auth and address not in ("localhost", LOOPBACK, "::1")
    warning = f"Anybody who reaches {address} can use this dashboard: it has no passwords (see --auth)."
    if processes > 1:
        if open_to_all:
            say(warning)
        say_if_cold()
        front.serve_processes(processes, port, address, show, allowed, guard, say)
        return
    check_hosts_and_secret(port, address, allowed, guard)
    listening.check_can_listen(port, address)
    from dashboards.server import server  # with Panel, whose import takes seconds

    ready = server.listen(port, address, show, allowed, guard)
    if open_to_all:
        say(warning)
    say_if_cold()
    server.run(ready, say)


def password(
    file: Annotated[Path, typer.Argument(help="File of names and hashed passwords; made if it is not there.")],
    name: Annotated[str, typer.Argument(help="Who may sign in.")],
) -> None:
    """Let somebody sign in to the dashboard, or change a password (asked for twice; only its hash is kept)."""
    secret = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    from dashboards.access.password_file import save_password

    new = save_password(file, name, secret)
    put(f"{name} {'can sign in now' if new else 'has another password now'} (serve --auth basic:{file}).")
