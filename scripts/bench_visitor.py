"""Visitors over the real protocol of the dashboard, without a browser: page, websocket, document, moves, answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

LEVER, PAUSE, PATIENCE, QUIET, CAUGHT_UP = "audit", 3.0, 60.0, 2.0, 0.05
COMING = "Working out every board"
"""What a page says in the place of what it still waits for."""
ARRIVE = 0.7
"""Seconds from one visitor to the next, on average."""


def objects(found: Any) -> Iterator[dict[str, Any]]:
    """Every model in a message."""
    if isinstance(found, dict):
        if found.get("type") == "object" and "id" in found:
            yield found
        for inner in found.values():
            yield from objects(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from objects(inner)


def read_map(found: Any) -> dict[str, Any]:
    """A map as Bokeh writes it, one level deep."""
    return dict(found["entries"]) if isinstance(found, dict) and found.get("type") == "map" else dict(found)


@dataclass
class Visit:
    """Seconds: to open the page, of moves while others were still coming, of moves once all were there."""

    opened: float
    amid: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)


class Visitor:
    """One page: what it must know of its document is the form, its scenarios, and the sources of charts."""

    def __init__(self, address: str, number: int) -> None:
        self.address, self.number = address, number
        self.socket: WebSocketClientConnection | None = None
        self.form, self.sources, self.models, self.drawn = "", set[str](), 0, True
        self.filled, self.coming = False, set[tuple[str, str]]()
        self.slots, self.rev = list[dict[str, Any]](), 0
        self.coming_message: asyncio.Task[tuple[dict[str, Any], Any]] | None = None

    async def open(self) -> None:
        """Get the page, then its document."""
        page = (await AsyncHTTPClient().fetch(HTTPRequest(self.address, request_timeout=PATIENCE))).body.decode()
        match = re.search(r'"token":"([^"]+)"', page)
        assert match, "the page holds no token"
        home, _, query = self.address.partition("?")
        place = home.replace("http", "ws", 1) + (f"ws?{query}" if query else "ws")
        self.socket = await websocket_connect(place, subprotocols=["bokeh", match[1]], max_message_size=20_000_000)
        await self.hear("ACK")
        await self.say("PULL-DOC-REQ", {})
        self.learn(await self.hear("PULL-DOC-REPLY"))
        ready = {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}}
        said = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": ready}
        if self.drawn:
            await self.say("PATCH-DOC", {"events": [said]})

    def learn(self, content: Any) -> None:
        """Note models that matter."""
        for one in objects(content):
            self.models += 1
            told = one.get("attributes", {})
            if one.get("name") == "ColumnDataSource":
                self.sources.add(one["id"])
            if told.get("class_name") == "PolicyForm":
                self.form = one["id"]
            self.filled = self.filled or told.get("class_name") == "TabBar"
            for name, value in told.items():
                self.note(one["id"], name, value)
            if "state" in told and "slots" in (state := read_map(told["state"])):
                self.slots = [read_map(slot) for slot in state["slots"]]

        for event in content.get("events", []) if isinstance(content, dict) else []:
            if event.get("kind") == "ModelChanged":
                self.note(event["model"]["id"], event["attr"], event["new"])

    def note(self, model: str, name: str, value: Any) -> None:
        """Note whether a block of a page says that something is still to come."""
        if name.startswith("block_"):
            (self.coming.add if COMING in json.dumps(value) else self.coming.discard)((model, name))

    async def say(self, kind: str, content: Any) -> None:
        """Send a message."""
        assert self.socket is not None
        header = {"msgid": f"v{self.number}-{time.monotonic_ns()}", "msgtype": kind}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def hear(self, kind: str) -> Any:
        """The content of the next message of a kind. Who stops waiting loses no part of a message."""
        while True:
            if self.coming_message is None:
                self.coming_message = asyncio.ensure_future(self._read_message())
            header, content = await asyncio.shield(self.coming_message)
            self.coming_message = None
            if header["msgtype"] == kind:
                return content
            if header["msgtype"] == "PATCH-DOC":
                self.learn(content)

    async def _read_message(self) -> tuple[dict[str, Any], Any]:
        header, _, content = [await self._part() for _ in range(3)]
        for _ in range(int(header.get("num_buffers", 0))):
            await self._part(), await self._part()
        return header, content

    async def _part(self) -> Any:
        assert self.socket is not None
        text = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
        if text is None:
            raise ConnectionError("the server hung up")
        return json.loads(text) if isinstance(text, str) else {}

    async def stands(self, turns: int) -> None:
        """Wait until the lever is there and the chart is filled; without turns until all that was to come is there, and
        on pages that need not have a chart until nothing more comes for a moment.
        """
        if not turns:
            chart = self.address.endswith(("tab=answer", "tab=build"))
            while not self.filled or self.coming or (chart and not self.sources):
                self.learn(await self.hear("PATCH-DOC"))
            with contextlib.suppress(TimeoutError):
                while not chart:
                    self.learn(await asyncio.wait_for(self.hear("PATCH-DOC"), QUIET))
        while turns and not (self.sources and self.form and self.slots):
            self.learn(await self.hear("PATCH-DOC"))

    async def move(self) -> float:
        """Move the lever somewhere new; seconds until a chart has changed."""
        await self.catch_up()
        value = round(random.uniform(0.0, 1.0), 6)
        start = time.perf_counter()
        edit = {"lever": LEVER, "value": value, "start": 20, "phase": 0, "end": 31, "because": ""}
        self.slots[1] = {**self.slots[1], "edits": [edit]}
        self.rev += 1
        change = json.dumps({"rev": self.rev, "at": 1, "moving": False, "slots": self.slots[1:]})
        told = {"type": "map", "entries": [["change", change]]}
        values = {"type": "map", "entries": [["model", {"id": self.form}], ["data", told]]}
        event = {"type": "event", "name": "data_event", "values": values}
        await self.say("PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]})
        while True:
            content = await self.hear("PATCH-DOC")
            self.learn(content)
            if any(
                event.get("attr") == "data" and event.get("model", {}).get("id") in self.sources
                for event in content["events"]
            ):
                return time.perf_counter() - start

    async def catch_up(self) -> None:
        """Read what has come since, such as the answer of the last move in more futures, until nothing is left."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.learn(await asyncio.wait_for(self.hear("PATCH-DOC"), CAUGHT_UP))

    async def live(self, turns: int, within: float, still: set[int]) -> Visit:
        """Come within some seconds; open; move until nobody is `still` to come, and some turns more; leave."""
        await asyncio.sleep(random.uniform(0, within))
        start = time.perf_counter()
        try:
            await self.open()
            await self.stands(turns)
        finally:
            still.discard(self.number)
        visit, left = Visit(time.perf_counter() - start), turns
        while left:
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE)
            left -= not still
            took = await self.move()
            (visit.amid if left == turns else visit.moves).append(took)
        assert self.socket is not None
        if self.coming_message is not None:
            self.coming_message.cancel()
        self.socket.close()
        return visit


def crowd(addresses: Sequence[str], n: int, turns: int, arrival: float = 0.1) -> tuple[list[Visit], int]:
    """So many visitors, shared out over addresses, who come one after the other and stay together.

    Without turns they come within `arrival` seconds, and only open their pages.

    What each saw, and how many visits failed.
    """

    async def all_of_them() -> list[Any]:
        still, within = set(range(n)), ARRIVE * n if turns else arrival
        visits = [Visitor(addresses[i % len(addresses)], i).live(turns, within, still) for i in range(n)]
        return await asyncio.gather(*visits, return_exceptions=True)

    AsyncHTTPClient.configure(None, max_clients=100)
    found = asyncio.run(all_of_them())
    failed = [one for one in found if isinstance(one, BaseException)]
    for one in failed[:3]:
        print(f"a visit failed: {type(one).__name__}: {one}")
    return [one for one in found if isinstance(one, Visit)], len(failed)
