"""Checks what a browser sends through a websocket before Bokeh parses any of it.

Bokeh takes every message that its protocol knows: a number becomes an array of that many bytes, a packed text is
unpacked whatever its size, any property of any model can be set, and a megabyte of brackets becomes a gigabyte of
lists. A page sends very little of that. Anything else is refused here and the connection closed; a change of a property
that browsers have no reason to set is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from bokeh.document import Document
from bokeh.model import DataModel, Model

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LONGEST_HEADER, LONGEST_METADATA, LONGEST_CONTENT, LONGEST_PIECE = 300, 100, 100_000, 1_000_000
"""The longest parts of a message, in letters. Content is a link, of 32,000 letters at most, or a piece of a file."""

DEEPEST, MOST_PUNCTUATION = 20, 10_000
"""Brackets inside each other (a key that is pressed in a field has 14), and signs outside quotation marks, in the
longest message that is read.
"""

MOST_EVENTS, MOST_PARTS, LONGEST_LIST = 100, 500, 50
MOST_PULLS = 2
"""How often one connection may ask for the whole page. Browsers ask once."""

UPLOAD = "Upload"
"""The field that files come from."""

DECLARED_MESSAGES: Mapping[str, Mapping[str, type]] = {
    UPLOAD: {"name": str, "size": int, "at": int, "data": str},
    "HeaderTools": {"want": str},
    "PolicyForm": {"change": str},
    "Sheet": {"part": str, "value": str},
    "SlideShow": {"slide": int},
    "ToolbarForm": {"what": str, "value": str},
}
"""The messages that components send to the server besides their values, by the name of their class."""

DATA = "data_event"
PAGE_EVENTS = frozenset({"document_ready", "client_reconnected"})
"""Events about the whole page that a browser sends."""

COMPONENT_PROPERTIES = frozenset({"active", "chosen"})
"""Properties that components set themselves: the open tab, the chosen board."""

PROPERTIES: Mapping[str, frozenset[str]] = {
    "panel.models.browser.BrowserInfo": frozenset(
        {
            "dark_mode",
            "device_pixel_ratio",
            "language",
            "timezone",
            "timezone_offset",
            "webdriver",
            "webgl",
        }
    ),
    "panel.models.location.Location": frozenset(
        {
            "hash",
            "hostname",
            "href",
            "pathname",
            "port",
            "protocol",
            "search",
        }
    ),
    "bokeh.plotting._figure.figure": frozenset({"inner_height", "inner_width", "outer_height", "outer_width"}),
}
"""Other properties that a browser sets, by model."""

_QUOTED = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"')
_PUNCTUATION = re.compile(r"[][{}:,\s0-9.eE+truefalsn-]*")
_DIGITS = re.compile(r"[0-9]{25}")
_ECHO = ('{"events":[{"kind":"RootAdded",', '{"events":[{"kind":"RootRemoved",')
"""How a message begins in which a browser that comes back repeats the whole page that it has just been given."""

_LOCATION_PATTERNS = {
    "search": re.compile(r"(\?.*)?"),
    "hash": re.compile(r"(#.*)?"),
    "pathname": re.compile(r"/"),
    "port": re.compile(r"[0-9]{0,5}"),
    "protocol": re.compile(r"https?:"),
}
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_NAME = re.compile(r"[A-Za-z_]{1,40}")


class RefusedError(Exception):
    """A message that no page sends. It says which kind of thing was wrong, never what was sent."""


def refuse(why: str) -> NoReturn:
    """Refuse a message."""
    raise RefusedError(why)


def read_json(text: object, longest: int) -> Json:
    """Parse the JSON of a part of a message, after checking how long and how deep it is."""
    if not isinstance(text, str):
        refuse("bytes where text belongs")
    if len(text) > longest:
        refuse("too long")
    if any(text.count(sign) > MOST_PUNCTUATION for sign in '"[{,'):
        refuse("not the JSON of a page")
    signs = _QUOTED.sub("", text)
    if len(signs) > MOST_PUNCTUATION or not _PUNCTUATION.fullmatch(signs) or _DIGITS.search(signs):
        refuse("not the JSON of a page")
    depth = 0
    for sign in signs:
        depth += (sign in "[{") - (sign in "]}")
        if depth > DEEPEST:
            refuse("too deep")
    try:
        text.encode("utf-8")
        document: Json = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # half characters, which nothing can write
    except (ValueError, RecursionError):
        refuse("not JSON")
    return document


def read_mapping(value: Json, needed: frozenset[str], also: frozenset[str] = frozenset()) -> dict[str, Json]:
    """A mapping with these keys and no others."""
    if not isinstance(value, dict) or not needed <= set(value) <= needed | also:
        refuse("other keys than a page sends")
    return value


def is_number(value: Json) -> bool:
    """Whether this is a plain number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_id(value: Json) -> str:
    """The id in a reference."""
    name = read_mapping(value, frozenset({"id"}))["id"]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        refuse("no id")
    return name


def is_simple(value: Json) -> bool:
    """Whether a value is one that a field can have: a text, a number, a switch, or a short list of them."""
    if isinstance(value, list):
        return len(value) <= LONGEST_LIST and all(not isinstance(part, list) and is_simple(part) for part in value)
    return not isinstance(value, dict)


def read_map(value: Json) -> dict[str, Json]:
    """Bokeh's encoding of a map, as a dictionary."""
    rows = read_mapping(value, frozenset({"type"}), frozenset({"entries"})).get("entries", [])
    if not isinstance(value, dict) or value["type"] != "map" or not isinstance(rows, list) or len(rows) > MOST_PARTS:
        refuse("no map")
    entries: dict[str, Json] = {}
    for row in rows:
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str) or row[0] in entries:
            refuse("no map")
        entries[row[0]] = row[1]
    return entries


def refuse_models(value: Json) -> None:
    """Refuse anything but maps, lists and simple values: no arrays, bytes, slices or new models."""
    if isinstance(value, list):
        for part in value:
            refuse_models(part)
    elif isinstance(value, dict):
        for part in read_map(value).values():
            refuse_models(part)


@dataclass
class MessageChecker:
    """Checks the messages of one connection, part by part."""

    waiting: str = "header"
    kind: str = ""
    pulls: int = 0
    piece: bool = False
    """Whether the last event was a piece of a file."""
    left_out: list[str] = field(default_factory=list)
    """Changes that were left out of the last message, by the kind of model and the property."""

    def check_part(self, fragment: str | bytes, document: Document | None) -> str | bytes:
        """The part that may go on to Bokeh. Raises RefusedError."""
        return getattr(self, f"_check_{self.waiting}")(fragment, document)  # type: ignore[no-any-return]

    def _check_header(self, fragment: str | bytes, _: Document | None) -> str | bytes:
        fields = read_mapping(read_json(fragment, LONGEST_HEADER), frozenset({"msgid", "msgtype"}))
        if not isinstance(fields["msgid"], str) or not _ID.fullmatch(fields["msgid"]):
            refuse("no id")
        self.kind = str(fields["msgtype"])
        if self.kind not in ("PATCH-DOC", "PULL-DOC-REQ") or fields["msgtype"] != self.kind:
            refuse("a kind of message that no page sends")
        self.pulls += self.kind == "PULL-DOC-REQ"
        if self.pulls > MOST_PULLS:
            refuse("the whole page again and again")
        self.waiting = "metadata"
        return fragment

    def _check_metadata(self, fragment: str | bytes, _: Document | None) -> str | bytes:
        if read_json(fragment, LONGEST_METADATA) != {}:
            refuse("other keys than a page sends")
        self.waiting = "content"
        return fragment

    def _check_content(self, fragment: str | bytes, document: Document | None) -> str | bytes:
        self.left_out = []
        if self.kind == "PATCH-DOC" and isinstance(fragment, str) and fragment.startswith(_ECHO):
            self.left_out.append("the page again")  # unread
            self.waiting = "header"
            return '{"events": []}'
        fields = read_json(fragment, LONGEST_PIECE)
        if self.kind == "PULL-DOC-REQ":
            if fields != {}:
                refuse("other keys than a page sends")
            self.waiting = "header"
            return fragment
        events = read_mapping(fields, frozenset({"events"}))["events"]
        if not isinstance(events, list) or len(events) > MOST_EVENTS or document is None:
            refuse("no list of events")
        passed_on = [event for event in events if self._is_passed_on(event, document)]
        if len(fragment) > LONGEST_CONTENT and not (len(events) == 1 and passed_on and self.piece):
            refuse("too long")
        self.waiting = "header"
        return fragment if len(passed_on) == len(events) else json.dumps({"events": passed_on})

    def _is_passed_on(self, event: Json, document: Document) -> bool:
        """Whether an event is passed on; what no page sends at all is refused."""
        if not isinstance(event, dict):
            refuse("no event")
        if event.get("kind") == "ModelChanged":
            return self._check_change(read_mapping(event, frozenset({"kind", "model", "attr", "new"})), document)
        if event.get("kind") == "MessageSent":
            return self._check_sent(read_mapping(event, frozenset({"kind", "msg_type", "msg_data"})), document)
        refuse("a kind of event that no page sends")

    def _check_change(self, event: dict[str, Json], document: Document) -> bool:
        model, name, new = document.models.get_by_id(read_id(event["model"])), event["attr"], event["new"]  # type: ignore[arg-type]
        if not isinstance(name, str):
            refuse("no name of a property")
        if isinstance(new, dict):
            new = read_mapping(new, frozenset({"type", "value"}))["value"]
            if event["new"]["type"] != "number" or new not in ("nan", "inf", "-inf"):  # type: ignore[index,call-overload]
                refuse("a value that no page sends")
            new = float(str(new))
        if not is_simple(new):
            refuse("a value that no page sends")
        if model is None or name not in list_allowed_properties(model) or not is_acceptable(model, name, new):
            if model is None or not _NAME.fullmatch(name):
                self.left_out.append("unknown")
            elif not type(model).__module__.startswith("bokeh.models"):  # charts tell of their colours all the time
                self.left_out.append(f"{type(model).__name__}.{name}")
            return False
        return True

    def _check_sent(self, event: dict[str, Json], document: Document) -> bool:
        data = read_mapping(event["msg_data"], frozenset({"type", "name", "values"}))
        if event["msg_type"] != "bokeh_event" or data["type"] != "event" or not isinstance(data["name"], str):
            refuse("a kind of event that no page sends")
        values = read_map(data["values"])
        if data["name"] in PAGE_EVENTS:
            return not values
        if data["name"] != DATA:
            refuse_models([value for key, value in values.items() if key != "model"])
            self.left_out.append("unknown")
            return False
        model = document.models.get_by_id(read_id(values.pop("model", None)))  # type: ignore[arg-type]
        if not set(values) <= {"data"}:
            refuse("other keys than a page sends")
        for value in values.values():
            refuse_models(value)
        kind = str(getattr(model, "class_name", ""))
        listened = is_declared(kind, values.get("data"))
        self.piece = kind == UPLOAD
        if not listened:
            self.left_out.append("unknown")
        return listened


def is_declared(kind: str, data: Json) -> bool:
    """Whether a component of this class sends such data."""
    if kind not in DECLARED_MESSAGES or not isinstance(data, dict):
        return False
    fields = read_map(data)
    return set(fields) == set(DECLARED_MESSAGES[kind]) and all(
        type(fields[name]) is type_declared for name, type_declared in DECLARED_MESSAGES[kind].items()
    )


def list_allowed_properties(model: Model) -> frozenset[str]:
    """The properties of a model that a browser may set."""
    if isinstance(model, DataModel):
        return COMPONENT_PROPERTIES
    return PROPERTIES.get(f"{type(model).__module__}.{type(model).__name__}", frozenset())


def is_acceptable(model: Model, name: str, value: Json | float) -> bool:
    """Whether a model has the property, and takes the value for it: of tabs, one that is there."""
    if name not in model.properties() or not model.lookup(name).property.is_valid(value):
        return False
    if name in _LOCATION_PATTERNS and not isinstance(model, DataModel):
        return bool(_LOCATION_PATTERNS[name].fullmatch(str(value)))
    if name == "active":
        return type(value) is int and 0 <= value < len(getattr(model, "options", ()))
    return True
