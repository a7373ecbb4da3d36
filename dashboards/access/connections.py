"""Limits idle connections, so that strangers cannot hold so many that nobody else gets one."""

from __future__ import annotations

from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from dashboards.common.log import log_event

MOST_CONNECTIONS = 400
"""Connections without a page. A browser opens about six while it loads one; open pages are counted separately."""


def limit_connections(server: HTTPServer, most: int = MOST_CONNECTIONS) -> None:
    """Close the connection that has been idle longest whenever there is one too many."""
    original, streams = server.handle_stream, dict[IOStream, None]()

    def handle_stream(stream: IOStream, address: Any) -> None:
        open_now = {connection.stream for connection in server._connections}
        for gone in [stream for stream in streams if stream not in open_now]:
            del streams[gone]
        if len(open_now) >= most:
            _close_oldest(streams)
        streams[stream] = None
        original(stream, address)

    server.handle_stream = handle_stream  # type: ignore[method-assign]


def _close_oldest(streams: dict[IOStream, None]) -> None:
    """Close the oldest connection that waits for a request, or the oldest of all if every one is being answered."""
    oldest = next((stream for stream in streams if stream.reading()), next(iter(streams), None))
    if oldest is not None:
        log_event("connection-closed", because="too-many", open=len(streams))
        del streams[oldest]
        oldest.close()
