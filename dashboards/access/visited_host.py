"""The host by which a visitor came, and whether its address opens on this computer alone."""

from __future__ import annotations

from dataclasses import dataclass

import panel as pn

from dashboards.access.hosts import LOCAL


@dataclass(frozen=True)
class VisitedHost:
    """Where a visitor found the dashboard, such as https://ringfence.example.org/; "" where that is not known."""

    address: str = ""
    alone: bool = False


def find_host() -> VisitedHost:
    """The host of the request that opened this page."""
    doc = pn.state.curdoc
    request = getattr(doc.session_context, "request", None) if doc is not None else None
    host = "" if request is None else str(request.headers.get("Host", ""))
    if not host:
        return VisitedHost()
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    scheme = "https" if getattr(request, "protocol", "") == "https" else "http"
    return VisitedHost(f"{scheme}://{host}/", name.strip("[]").lower() in {each.strip("[]") for each in LOCAL})
