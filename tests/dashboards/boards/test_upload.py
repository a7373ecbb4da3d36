"""What a visitor sends arrives whole or not at all, within limits that the page, the guide and the shell share."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed: pip install -e '.[dashboard]'")

from dashboards.boards.board_upload import BoardUpload
from dashboards.computing.session import Session
from dashboards.computing.worker import ResultStore
from dashboards.tabs.share import ShareTab
from dashboards.widgets.upload import Upload, format_size
from simulator.boards.csv_reader import MAX_BYTES, MAX_ROWS
from simulator.common.yaml_nodes import LARGEST

pytestmark = [pytest.mark.dashboards, pytest.mark.filterwarnings("default")]


def piece(content: bytes, at: int = 0, size: int | None = None, **other: Any) -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"name": "x.csv", "size": len(content) if size is None else size, "at": at, "data": text, **other}


def test_a_file_arrives_whole_from_its_pieces_and_again() -> None:
    upload, values_received = Upload("file", ".csv", 1_000), list[Any]()
    upload.param.watch(lambda event: values_received.append(event.new), "value")
    for _ in range(2):
        upload._handle_msg(piece(b"a" * 300, 0, 700))
        upload._handle_msg(piece(b"b" * 400, 300, 700))
        assert upload.value == b"a" * 300 + b"b" * 400 and upload.filename == "x.csv"
    assert [one for one in values_received if one] == [upload.value] * 2


@pytest.mark.parametrize(
    "message",
    [
        piece(b"a" * 10, size=1_001),
        piece(b"a" * 10, size=0),
        piece(b"a" * 10, size=-1),
        piece(b"a" * 10, at=5),
        piece(b"a" * 10, size=5),
        piece(b"a" * 10, data="!"),
        piece(b"a" * 10, size=10.0),
        piece(b"a" * 10, data=7),
        {},
        [],
        None,
        "x",
        {"size": 600_000_000, "name": "x", "at": 0, "data": "YQ=="},
    ],
)
def test_what_is_not_as_declared_is_not_kept(message: Any) -> None:
    upload = Upload("file", ".csv", 1_000)
    upload._handle_msg(piece(b"a" * 10, size=500))
    upload._handle_msg(message)
    assert upload.value is None and len(upload._coming) <= 10


def test_a_file_never_takes_more_memory_than_it_may_have() -> None:
    upload = Upload("file", ".csv", 1_000)
    for at in range(0, 100_000, 400):
        upload._handle_msg(piece(b"a" * 400, at, 1_000))
        assert len(upload._coming) <= 1_000
    assert upload.value is None


def test_page_guide_and_shell_name_the_same_limits() -> None:
    session = Session(store=ResultStore())
    boards, share = BoardUpload(session), ShareTab(session)
    assert boards.upload.largest == MAX_BYTES and share.upload.largest == LARGEST
    assert f"At most {MAX_ROWS} boards and {format_size(MAX_BYTES)}" in boards.head.object
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "serving.md").read_text(encoding="utf-8")
    assert f"| A table of boards | {format_size(MAX_BYTES)}, {MAX_ROWS} boards" in guide
    assert f"| A scenario file, uploaded or in a link | {format_size(LARGEST)}," in guide
