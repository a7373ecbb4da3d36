"""One of several server processes: it serves on this computer alone, behind `front`, and ends with it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading

from dashboards.access.options import AccessOptions
from dashboards.common import log
from dashboards.server.front import ProcessSetup
from dashboards.server.server import make_server, make_server_options, prepare
from simulator.common.event_log import Level


def main() -> None:
    """Serve as standard input says, until that ends."""
    setup = ProcessSetup(**json.loads(sys.stdin.readline()))
    guard = AccessOptions("", setup.sessions, setup.proxied, tuple(setup.embedded_in))
    options = make_server_options(setup.port, setup.address, setup.allowed, guard)
    secrets = {"secret_key": bytes.fromhex(setup.secret_key), "cookie_secret": setup.cookie_secret}
    own = {"port": 0, "address": "127.0.0.1", "place": (setup.number - 1, setup.processes)}
    log.start_log(setup.number, Level(setup.log_level), setup.log_file)
    prepare()
    server = make_server(options | secrets | own)
    server.start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the front, and that ends this
    threading.Thread(target=_end_with_front, daemon=True).start()
    server.io_loop.add_callback(print, server.port, flush=True)
    log.log_event("server-started")
    server.io_loop.start()


def _end_with_front() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
