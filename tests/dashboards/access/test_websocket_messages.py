"""What a browser sends: what a page sends is passed on, and all else refused before anything is made of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import itertools
import json
import logging
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

import panel as pn
from bokeh.document import Document
from bokeh.plotting import figure
from panel.io.location import Location
from panel.io.state import set_curdoc
from test_gate import Served, Visitor, apart, connect_page, served
from tornado.httpclient import HTTPRequest
from visits import served_here

from dashboards.access import messages
from dashboards.access.gate import Gate
from dashboards.access.messages import LONGEST_PIECE, MessageChecker, RefusedError
from dashboards.boards.board_widgets import BoardTable
from dashboards.server.server import LARGEST_MESSAGE
from dashboards.widgets import upload
from dashboards.widgets.sheet import Sheet, Words
from dashboards.widgets.slide_show import SlideShow
from dashboards.widgets.tab_bar import TabBar
from dashboards.widgets.upload import Upload

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]

PATCH = '{"msgid":"0A","msgtype":"PATCH-DOC"}'
PULL = '{"msgid":"0A","msgtype":"PULL-DOC-REQ"}'
WITH_BYTES = '{"msgid":"0A","msgtype":"PATCH-DOC","num_buffers":1}'
EVIL = 600_000_000


class Built:
    """A document with the kinds of models that the page has."""

    def __init__(self) -> None:
        self.field = BoardTable(chosen="a")
        self.upload = Upload("Boards", ".csv", 10_000)
        self.plot = figure(width=300, height=200)
        self.stage, self.files = SlideShow(lambda _: None), Sheet(Words())
        self.tabs = TabBar(["One", "Two"], 0)
        self.document = Document()
        with set_curdoc(self.document):
            parts = [part for part in vars(self).values() if part is not self.document]
            self.document.add_root(pn.Column(*parts).get_root(self.document))

    def model(self, of: Any) -> Any:
        return next(iter(of._models.values()))[0]

    def data(self, of: Any) -> str:
        return str(self.model(of).data.id)


@pytest.fixture(scope="module")
def built() -> Built:
    return Built()


def change(model: str, name: str, new: object) -> dict[str, object]:
    return {"kind": "ModelChanged", "model": {"id": model}, "attr": name, "new": new}


def mapped(values: dict[str, object]) -> dict[str, object]:
    return {"type": "map", "entries": [[key, value] for key, value in values.items()]}


def sent(name: str, values: dict[str, object]) -> dict[str, object]:
    data = {"type": "event", "name": name, "values": mapped(values) if values else {"type": "map"}}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": data}


def passed(built: Built, *events: object, header: str = PATCH) -> list[object]:
    """The events that are passed on."""
    checker = MessageChecker()
    for part in (header, "{}"):
        assert checker.check_part(part, built.document) == part
    content = checker.check_part(json.dumps({"events": events}), built.document)
    found: list[object] = json.loads(content)["events"]
    return found


def test_what_a_page_sends_is_passed_on_as_it_is(built: Built) -> None:
    pressed = {"part": "0.0", "value": "svg"}
    events = [
        change(built.data(built.field), "chosen", 'Naïve – “quoted” \\ " {[,]} title'),
        change(built.plot.id, "inner_width", 271),
        sent("document_ready", {}),
        sent("client_reconnected", {}),
        sent("data_event", {"model": {"id": built.model(built.stage).id}, "data": mapped({"slide": 1})}),
        sent("data_event", {"model": {"id": built.model(built.files).id}, "data": mapped(pressed)}),
        change(built.data(built.tabs), "active", 1),
    ]
    assert passed(built, *events) == events


def test_a_file_comes_as_text_to_its_field_and_nowhere_else(built: Built) -> None:
    told = mapped({"name": "a.csv", "size": 700_000, "at": 0, "data": "QUJD" * 100_000})
    piece = sent("data_event", {"model": {"id": built.model(built.upload).id}, "data": told})
    assert passed(built, piece) == [piece]
    for events in (
        [piece, piece],
        [sent("data_event", {"model": {"id": built.model(built.field).id}, "data": told})],
        [change(built.data(built.field), "chosen", "x" * 400_000)],
    ):
        with pytest.raises(RefusedError, match="too long"):
            passed(built, *events)


@pytest.mark.parametrize("name", ["rows", "value", "options", "named", "disabled", "name", "esm", "no_such", "__x"])
def test_a_property_that_is_no_business_of_browsers_is_left_out(name: str, built: Built) -> None:
    other = change(built.data(built.field), "chosen", "b")
    assert passed(built, change(built.data(built.field), name, "x"), other) == [other]
    assert passed(built, change(built.model(built.field).id, name, "x")) == []
    assert passed(built, change(built.plot.id, name, "x")) == []


@pytest.mark.parametrize("new", ["x", True, None, [1, 2], {"type": "number", "value": "nan"}])
def test_a_value_that_a_field_cannot_have_is_left_out(new: object, built: Built) -> None:
    assert passed(built, change(built.plot.id, "inner_width", new)) == []


def test_no_tab_is_opened_that_is_not_there(built: Built) -> None:
    wrong = [change(built.data(built.tabs), "active", new) for new in (2, -1, 10**20, 0.0, True, None, "0", [0])]
    assert passed(built, *wrong) == []


def test_an_address_that_is_none_is_left_out(built: Built) -> None:
    document = Document()
    with set_curdoc(document):
        model = Location().get_root(document)
        document.add_root(model)
    for name, right, wrong in (
        ("search", ("", "?v=1"), ("x", "\\", "?a\nb")),
        ("hash", ("", "#a"), ("x",)),
        ("pathname", ("/",), ("", "x", "/a", "\x00")),
        ("port", ("", "5006"), ("x", "123456")),
        ("protocol", ("https:",), ("file:", "")),
    ):
        for new in (*right, *wrong):
            assert bool(MessageChecker()._is_passed_on(change(model.id, name, new), document)) == (new in right), (
                name,
                new,
            )


def test_a_field_says_what_it_is_made_for_and_nothing_else(built: Built) -> None:
    for field in (built.field, built.tabs, built.files, built.stage, built.upload):
        for told in (
            {},
            {"type": "close", "id": 5},
            {"key": 5},
            {"slide": "1"},
            {"slide": True},
            {"key": "svg", "x": 1},
            {"name": "a", "size": 1.5, "at": 0, "data": "QQ=="},
        ):
            assert (
                passed(built, sent("data_event", {"model": {"id": built.model(field).id}, "data": mapped(told)})) == []
            )
    for values in ({"extra": 1}, {"node": "click", "sender": "x"}):
        with pytest.raises(RefusedError):
            passed(built, sent("data_event", {"model": {"id": built.model(built.field).id}, **values}))


def test_models_that_are_not_there_and_events_without_a_handler_are_left_out(built: Built) -> None:
    here = built.model(built.field).id
    for name in ("dom_event", "msg", "__class__", "change", "delete"):
        assert passed(built, sent(name, {"model": {"id": here}, "node": "click", "data": mapped({})})) == []
    assert passed(built, change("p0", "chosen", "x")) == []
    assert passed(built, sent("data_event", {"model": {"id": "p0"}, "data": mapped({"slide": 1})})) == []
    assert passed(built, sent("button_click", {"model": {"id": here}})) == []


BOMB = base64.b64encode(gzip.compress(b"0" * 20_000_000)).decode()
VALUES: dict[str, object] = {
    "a number of bytes to be made": {"type": "bytes", "data": EVIL},
    "a packed text": {"type": "bytes", "data": BOMB},
    "an array of a size": {"type": "ndarray", "array": EVIL, "dtype": "uint8", "order": "little", "shape": [EVIL]},
    "an array of numbers": {"type": "typed_array", "array": [1] * 100, "dtype": "uint8", "order": "little"},
    "a slice": {"type": "slice", "start": 0, "stop": EVIL, "step": 1},
    "a new model": {"type": "object", "name": "Figure", "id": "p9", "attributes": {}},
    "a set": {"type": "set", "entries": [1]},
    "a symbol": {"type": "symbol", "name": "x"},
    "a map": {"type": "map", "entries": []},
    "a plain mapping": {"a": 1},
    "a number in words": {"type": "number", "value": "9" * 30},
    "a list of lists": [[1], [2]],
    "a long list": [0] * 60,
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_no_page_sends_is_refused(name: str, built: Built) -> None:
    with pytest.raises(RefusedError):
        passed(built, change(built.data(built.field), "chosen", VALUES[name]))


@pytest.mark.parametrize("name", [one for one in VALUES if one not in ("a map", "a list of lists", "a long list")])
def test_nor_does_a_message_to_a_field_carry_one(name: str, built: Built) -> None:
    for data in (VALUES[name], mapped({"key": VALUES[name]})):
        with pytest.raises(RefusedError):
            passed(built, sent("data_event", {"model": {"id": built.model(built.field).id}, "data": data}))


EVENTS: dict[str, object] = {
    "no mapping": 5,
    "a title": {"kind": "TitleChanged", "title": "x"},
    "columns": {"kind": "ColumnDataChanged", "model": {"id": "p1"}, "attr": "data", "data": {}, "cols": None},
    "a stream": {"kind": "ColumnsStreamed", "model": {"id": "p1"}, "attr": "data", "data": {}, "rollover": None},
    "another key": {"kind": "ModelChanged", "model": {"id": "p1"}, "attr": "x", "new": 1, "hint": 1},
    "a model that is none": {"kind": "ModelChanged", "model": {"type": "object", "name": "x"}, "attr": "x", "new": 1},
    "a name that is none": {"kind": "ModelChanged", "model": {"id": "p1"}, "attr": 5, "new": 1},
    "another message": {"kind": "MessageSent", "msg_type": "x", "msg_data": {}},
    "an event that is none": {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": {"type": "map"}},
    "values that are none": {
        "kind": "MessageSent",
        "msg_type": "bokeh_event",
        "msg_data": {"type": "event", "name": "data_event", "values": {"model": 1}},
    },
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_no_page_sends_is_refused(name: str, built: Built) -> None:
    with pytest.raises(RefusedError):
        passed(built, EVENTS[name])


HEADERS = (
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "{}",
    '{"msgid":"a"}',
    '{"msgid":5,"msgtype":"PATCH-DOC"}',
    PATCH[:-1] + ',"x":1}',
    *(f'{{"msgid":"a","msgtype":"{kind}"}}' for kind in ("PUSH-DOC", "SERVER-INFO-REQ", "OK", "ACK", "ERROR", "x", "")),
    '{"msgid":"a","msgtype":["PATCH-DOC"]}',
    '{"msgid":"%s","msgtype":"PATCH-DOC"}' % ("a" * 100),
    b"{}",
    *(PATCH[:-1] + f',"num_buffers":{n}}}' for n in ("2", "-1", "1e9", "true", "1.0", '"1"', "null", str(EVIL))),
    PULL[:-1] + ',"num_buffers":1}',
    '{"msgid":"a","msgtype":"PATCH-DOC","num_buffers":NaN}',
    " " * 10_000 + PATCH,
)


@pytest.mark.parametrize("header", HEADERS)
def test_a_message_that_no_page_sends_is_refused_at_its_first_part(header: str | bytes, built: Built) -> None:
    with pytest.raises(RefusedError):
        MessageChecker().check_part(header, built.document)


LARGE = {
    "too long": '{"events":["' + "x" * LONGEST_PIECE + '"]}',
    "a megabyte of brackets": '{"events":[' + "[]," * 330_000 + "[]]}",
    "a megabyte of maps": '{"events":[' + ",".join(['{"type":"map","entries":[]}'] * 30_000) + "]}",
    "depth": '{"events":' + "[" * 40_000 + "]" * 40_000 + "}",
    "many small parts": '{"events":[' + "1," * 40_000 + "1]}",
    "a huge number": '{"events":[' + "9" * 90_000 + "]}",
    "half a character": '{"events":["\\ud800"]}',
    "no end": '{"events":["' + "x" * 90_000,
    "backslashes": '{"events":["' + "\\" * 90_001 + '"]}',
    "names for no number": '{"events":[NaN]}',
    "control": '{"events":["\x00"]}',
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_or_crooked_message_is_refused_before_anything_is_made_of_it(name: str, built: Built) -> None:
    checker = MessageChecker()
    checker.check_part(PATCH, built.document), checker.check_part("{}", built.document)
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError):
            checker.check_part(LARGE[name], built.document)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_no_message_carries_bytes(built: Built) -> None:
    for parts in ((b"x",), (PATCH, b"{}"), (PATCH, "{}", b"{}"), (WITH_BYTES,)):
        checker = MessageChecker()
        with pytest.raises(RefusedError):
            for part in parts:
                checker.check_part(part, built.document)
    assert LONGEST_PIECE < LARGEST_MESSAGE


def test_a_page_that_a_browser_repeats_when_it_comes_back_is_left_out_unread(built: Built) -> None:
    for kind in ("RootAdded", "RootRemoved"):
        text = f'{{"events":[{{"kind":"{kind}","model":' + "[" * 500_000
        checker = MessageChecker()
        checker.check_part(PATCH, built.document), checker.check_part("{}", built.document)
        tracemalloc.start()
        try:
            assert checker.check_part(text, built.document) == '{"events": []}'
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 10_000 and checker.waiting == "header"
    with pytest.raises(RefusedError):
        passed(built, change(built.data(built.field), "chosen", "x"), {"kind": "RootAdded", "model": {"id": "p1"}})


def test_one_connection_asks_for_the_whole_page_once_or_twice(built: Built) -> None:
    checker = MessageChecker()
    with pytest.raises(RefusedError, match="again and again"):
        for _ in range(5):
            for part in (PULL, "{}", "{}"):
                checker.check_part(part, built.document)


# Pieces of files.


class Loop:
    """A clock that is turned by hand."""

    later: ClassVar[list[Callable[[], None]]] = []

    @classmethod
    def current(cls) -> type[Loop]:
        return cls

    @classmethod
    def call_later(cls, seconds: float, do: Callable[[], None]) -> None:
        assert seconds <= 60
        cls.later.append(do)


def test_of_files_that_never_end_one_is_kept_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "IOLoop", Loop)
    Loop.later.clear()
    field = Upload("Boards", ".csv", 10_000)
    half = base64.b64encode(bytes(900)).decode()
    with set_curdoc(Document()):
        for n in range(200):
            field._handle_msg({"name": f"{n}.csv", "size": 2_700, "at": 0, "data": half})
            assert len(field._coming) == 900
        field._handle_msg({"name": "199.csv", "size": 2_700, "at": 900, "data": half})
    for do in Loop.later[:-1]:
        do()
    assert len(field._coming) == 1_800
    Loop.later[-1]()
    assert len(field._coming) == 0
    field._handle_msg({"name": "199.csv", "size": 2_700, "at": 1_800, "data": half})
    assert field.value is None


def test_a_number_or_a_list_is_no_piece_of_a_file() -> None:
    field = Upload("Boards", ".csv", 10_000)
    tracemalloc.start()
    try:
        for data in (EVIL, [1], None, b"x", {"a": 1}, BOMB):
            for size in (EVIL, 9_000, -1, True, "9"):
                field._handle_msg({"name": "a.csv", "size": size, "at": 0, "data": data})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert field.value is None and peak < 1_000_000


# Over a real connection.


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served(Gate()) as made:
        yield made


def closed(server: Served, parts: list[str | bytes]) -> tuple[int | None, str | None]:
    """With what a connection is closed that sends these."""

    async def go() -> tuple[int | None, str | None]:
        visitor = Visitor(server.home)
        request = HTTPRequest(f"ws://localhost:{server.port}/ws", headers={"Origin": server.home})
        connection = await connect_page(request, visitor.token())
        for _ in range(3):
            await connection.read_message()
        for part in parts:
            await connection.write_message(part, binary=isinstance(part, bytes))
        while await connection.read_message() is not None:
            pass
        connection.close()
        return connection.close_code, connection.close_reason

    return apart(go)


@pytest.mark.parametrize(
    "parts",
    [
        [PATCH, "{}", LARGE["a megabyte of brackets"]],
        [PATCH, "{}", LARGE["depth"]],
        [b"\x00" * 1_000],
        ['{"msgid":"a","msgtype":"PUSH-DOC"}'],
        ["{"],
        [PATCH, "{}", '{"events":[{"kind":"TitleChanged"}]}'],
        [PULL, "{}", "{}"] * 3,
    ],
)
def test_what_no_page_sends_closes_the_connection_with_a_reason_and_the_server_goes_on(
    parts: list[str | bytes], house: Served, caplog: pytest.LogCaptureFixture
) -> None:
    code, reason = closed(house, parts)
    assert code == 1008 and reason
    assert "Traceback" not in caplog.text and "events" not in caplog.text
    assert Visitor(house.home).get()[0] == 200


CROOKED = (
    999,
    -1,
    10**20,
    1e308,
    "",
    "x",
    "\0",
    "<script>",
    "é" * 2_000,
    True,
    None,
    [],
    ["x"],
    [None],
    {"type": "number", "value": "nan"},
)


def models(told: object) -> Iterator[tuple[str, dict[str, object]]]:
    """The id and the properties of every model in what a server sends."""
    if isinstance(told, dict) and told.get("type") == "object" and "id" in told:
        yield told["id"], told.get("attributes", {})
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from models(part)


def test_no_value_that_a_stranger_gives_a_field_of_the_page_raises_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def go(address: str) -> int:
        query = "?v=1&B=ringfence&tab=boards"
        page = Visitor(address.rstrip("/"))
        place = HTTPRequest(f"{address.replace('http', 'ws')}ws{query}", headers={"Origin": address.rstrip("/")})
        connection = await connect_page(place, page.token(), max_message_size=50_000_000)
        found: dict[str, dict[str, object]] = {}

        async def hear(seconds: float) -> None:
            with contextlib.suppress(asyncio.TimeoutError):
                while (part := await asyncio.wait_for(connection.read_message(), seconds)) is not None:
                    if isinstance(part, str):
                        found.update(models(json.loads(part)))

        async def hear_whole(kind: str) -> None:
            """Everything up to a message of this kind, and what it says."""
            more = -1  # parts of that message that are still to come
            while more:
                part = await asyncio.wait_for(connection.read_message(), 60)
                assert part is not None
                value = json.loads(part) if isinstance(part, str) else {}
                found.update(models(value))
                more = 2 if more < 0 and value.get("msgtype") == kind else more - (more > 0)

        async def say(*parts: str) -> None:
            for part in parts:
                await connection.write_message(part)

        await hear_whole("ACK")
        await say(PULL, "{}", "{}")
        await hear_whole("PULL-DOC-REPLY")
        await say(PATCH, "{}", json.dumps({"events": [sent("document_ready", {})]}))
        await hear(8)
        count = 0
        for model, attributes in list(found.items()):
            for name in messages.COMPONENT_PROPERTIES & set(attributes):
                for new in CROOKED:
                    await say(PATCH, "{}", json.dumps({"events": [change(model, name, new)]}))
                    count += 1
            if attributes.get("class_name") == "Sheet":
                for part, new in itertools.product(("0.0", "0.1", "1.0", "x", "9.9"), CROOKED):
                    if isinstance(new, str):
                        told = {"model": {"id": model}, "data": mapped({"part": part, "value": new})}
                        await say(PATCH, "{}", json.dumps({"events": [sent("data_event", told)]}))
                        count += 1
            await hear(0.01)
        await say(PULL, "{}", "{}")
        await hear_whole("PULL-DOC-REPLY")  # all that was said before has been dealt with
        await hear(2)
        assert connection.close_code is None
        connection.close()
        return count

    with served_here() as address:
        assert (
            apart(lambda: go(address)) > 100
        )  # the open tab, the chosen board on map and table, and the fields of sheets
    assert "Traceback" not in caplog.text
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
