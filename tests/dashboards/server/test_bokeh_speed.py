"""What Bokeh and Panel do at every model and every change is done once, and a browser gets what it got before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("panel", reason="the dashboard is not installed")

import panel as pn
from bokeh.core.has_props import HasProps
from bokeh.core.json_encoder import serialize_json
from bokeh.core.properties import Int, Required
from bokeh.core.property.descriptors import PropertyDescriptor, UnsetValueError
from bokeh.document import Document
from bokeh.model import DataModel
from work_done import count_calls

from dashboards.computing.session import Session
from dashboards.selection.permalink import TABS
from dashboards.server.page import SHARED_THEME, Dashboard
from dashboards.widgets import bokeh_speed
from dashboards.widgets.tab_bar import TabBar
from dashboards.widgets.theme import make_piece

pytestmark = pytest.mark.dashboards


@pytest.fixture
def plain_bokeh(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that takes back what `speed_up` did, until the test ends."""

    def take_back() -> None:
        monkeypatch.setattr(HasProps, "query_properties_with_values", bokeh_speed._QUERY_ALL)
        monkeypatch.setattr(PropertyDescriptor, "_get_default", bokeh_speed._WORK_OUT_DEFAULT)

    return take_back


def make_document(tab: str) -> Document:
    """A page that is open at a tab."""
    session = Session()
    session.tab = tab
    doc = Document()
    doc.theme = SHARED_THEME
    doc.add_root(Dashboard(session).__panel__().get_root(doc))
    return doc


@pytest.mark.parametrize("tab", TABS)
def test_a_page_is_written_as_bokeh_writes_it(tab: str, plain_bokeh: Callable[[], None]) -> None:
    doc = make_document(tab)
    ours = serialize_json(doc.to_json())
    plain_bokeh()
    assert serialize_json(doc.to_json()) == ours and len(ours) > 50_000


def test_a_page_is_written_in_a_third_of_the_steps(plain_bokeh: Callable[[], None]) -> None:
    doc = make_document("build")
    doc.to_json()
    ours = count_calls(doc.to_json)
    plain_bokeh()
    assert 3 * ours < count_calls(doc.to_json)


class Part(HasProps):
    """Something with a property that must be set."""

    size = Required(Int)
    number = Int(default=3)


def test_what_must_be_set_and_is_not_is_still_missed() -> None:
    assert Part(size=1).properties_with_values(include_defaults=False) == {"size": 1}
    with pytest.raises(UnsetValueError):
        Part().properties_with_values(include_defaults=False)


def test_an_object_keeps_a_default_that_can_be_changed_in_place() -> None:
    one, other = pn.widgets.TextInput().get_root(), pn.widgets.TextInput().get_root()
    one.tags.append("mine")
    assert "mine" not in other.tags and one.disabled is other.disabled is False


def make_bar(pieces: int) -> tuple[TabBar, Any]:
    """A bar with one page of so many pieces, and its model."""
    bar = TabBar(["One"], 0)
    bar.put(0, pn.Column(*(make_piece(str(at)) for at in range(pieces)), bar_of_its_own()))
    return bar, bar.get_root(Document())


def bar_of_its_own() -> TabBar:
    """Another component within a page."""
    return TabBar(["Within"], 0)


def test_a_mark_on_the_bar_costs_the_same_however_much_its_pages_hold() -> None:
    costs = []
    for pieces in (1, 200):
        bar, _ = make_bar(pieces)
        bar.former = [0]  # what is read once for all is read
        costs.append(count_calls(lambda bar=bar: setattr(bar, "former", [])))  # type: ignore[misc]
    assert costs[1] < 1.1 * costs[0]


def test_every_component_knows_the_page_that_it_is_of() -> None:
    _, root = make_bar(2)
    known = [one for one in root.references() if isinstance(one, DataModel)]
    assert len(known) == 2 and all(f"__ref:{root.ref['id']}" in one.tags for one in known)
