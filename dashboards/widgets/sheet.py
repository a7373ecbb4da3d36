"""A stretch of a page in one component: words, fields, buttons and files.

A component of its own for every heading and field costs the server and the browser milliseconds each. A sheet is one
component for many; its parts are plain objects that are used as components would be: `words.object = ...`,
`field.param.watch(..., "value")`. They say what the browser shows, and check what it sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import panel as pn
import param
from markupsafe import escape

from dashboards.widgets.scripts import read_script
from dashboards.widgets.theme import FOCUS, PRINT_BLOCK, STYLESHEET
from simulator.charts.palette import BLUE, QUIET, WHITE
from simulator.common.html import keep_amounts_whole

Described: TypeAlias = dict[str, Any]
BLOCKS = 16
"""Blocks that a sheet can have. Each travels by itself: what changes in one sends no other."""

CSS = f"""
.block > .words, .tools, .files {{ margin: 4px 12px; }}
.block > .words:empty, .block > .tools:empty {{ display: none; }}
[hidden] {{ display: none !important; }}
.tools {{ display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: end; }}
.block:has(> .files:last-child) + .block {{ margin-top: 18px; }}
.field {{ display: flex; flex-direction: column; gap: 2px; flex: 0 1 auto; min-width: min(100%, 180px); max-width: 100%;
  font-size: .875rem; }}
.field select, .field input {{ font: inherit; font-size: .95rem; color: inherit; background: transparent;
  min-height: 36px; border: 1px solid currentColor; border-radius: 6px; padding: 2px 8px; width: 100%; min-width: 0; }}
.field option {{ color: #212B32; background: #FFF; }}
.tick {{ display: inline-flex; gap: 8px; align-items: center; min-height: 36px; cursor: pointer; }}
.tick input {{ width: 20px; height: 20px; margin: 0; }}
.push, .files button {{ font: inherit; font-size: .875rem; color: inherit; background: transparent;
  border: 1px solid currentColor; border-radius: 6px; padding: 3px 12px; min-height: 28px; min-width: 44px;
  cursor: pointer; }}
.push {{ min-height: 32px; }}
.push.filled {{ background: {BLUE}; border-color: {BLUE}; color: {WHITE}; }}
.push:hover, .files button:hover {{ background: {BLUE}; border-color: {BLUE}; color: {WHITE}; }}
.push:focus-visible, .files button:focus-visible, .field :focus-visible, .tick input:focus-visible {{ {FOCUS} }}
.push:disabled, .files button:disabled {{ color: {QUIET}; background: #E8EDEE; border-style: dashed;
  cursor: not-allowed; }}
.files {{ display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; }}
.files > span {{ font-size: .875rem; }}
.files button[aria-disabled=true] {{ opacity: .75; cursor: progress; }}
.files .said.wrong {{ border-left: 6px solid #B00020; background: #fff; color: #212B32; padding: 6px 10px;
  flex-basis: 100%; }}
@media (max-width: 600px) {{ .field {{ flex: 1 1 100%; }} }}
@media print {{
  .push, .files, .unasked, .tick:not(:has(:checked)) {{ display: none !important; }}
  .tools {{ break-inside: avoid; break-after: avoid; gap: 2px 16px; }}
  .field {{ flex: 0 1 auto; min-width: 0; }}
  .field select, .field input {{ appearance: none; min-height: 0; border: 0; padding: 0; font-weight: 600; }}
}}
"""


class Part(param.Parameterized):
    """A part of a sheet. Subclasses say what the browser shows, and take what it sends."""

    visible = param.Boolean(default=True)
    kind: ClassVar[str]

    def describe(self) -> Described:
        """What the browser is told besides kind and visibility."""
        raise NotImplementedError

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        """Take what a browser sent; what no field sends is ignored."""


class Words(Part):
    """Words: markup is shown as it is, and every other text is escaped, so that it shows as it reads."""

    object = param.Parameter(default="")
    kind = "words"

    def __init__(self, text: str = "", **params: Any) -> None:
        super().__init__(object=text, **params)

    def describe(self) -> Described:
        return {"html": keep_amounts_whole(str(escape("" if self.object is None else self.object)))}


class Choice(Part):
    """A field with options: words that are read, and the value behind each."""

    label = param.String()
    options = param.Dict(default={})
    value = param.Parameter()
    kind = "choice"

    def __init__(self, label: str, options: Mapping[str, Any] | Iterable[str] = (), value: Any = None) -> None:
        offered = dict(options) if isinstance(options, Mapping) else {option: option for option in options}
        super().__init__(label=label, options=offered, value=value)

    def describe(self) -> Described:
        shown = next((words for words, value in self.options.items() if value == self.value), "")
        return {"label": self.label, "options": [*self.options], "value": shown}

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        if value in self.options:
            self.value = self.options[value]


class Tick(Part):
    """A box to tick."""

    label = param.String()
    value = param.Boolean(default=False)
    kind = "tick"

    def __init__(self, label: str) -> None:
        super().__init__(label=label)

    def describe(self) -> Described:
        return {"label": self.label, "value": self.value}

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        if value in ("on", "off"):
            self.value = value == "on"


class Entry(Part):
    """A field for a few words. One that is `live` is heard while it is being written in, others once it is done;
    `on_enter` is called where a browser ends the words of a live one with the Enter key.
    """

    label = param.String()
    value = param.String(default="")
    kind = "entry"

    def __init__(
        self, label: str, longest: int, live: bool = False, on_enter: Callable[[], None] = lambda: None
    ) -> None:
        self._longest, self._live, self._on_enter = longest, live, on_enter
        super().__init__(label=label)

    def describe(self) -> Described:
        return {"label": self.label, "value": self.value, "longest": self._longest, "live": self._live}

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        words = value.removesuffix("\n")
        if len(words) <= self._longest:
            self.value = words
            if self._live and words != value:
                self._on_enter()


class Push(Part):
    """A button. `filled` where it is the main one of its page."""

    label = param.String()
    disabled = param.Boolean(default=False)
    kind = "push"

    def __init__(self, label: str, on_click: Callable[[], None], filled: bool = False, **params: Any) -> None:
        self._on_click, self._filled = on_click, filled
        super().__init__(label=label, **params)

    def describe(self) -> Described:
        return {"label": self.label, "disabled": self.disabled, "filled": self._filled}

    def receive(self, value: str, reply: Callable[[Mapping[str, str]], None]) -> None:
        self.press()

    def press(self) -> None:
        """Do what it is for, unless it is hidden or off."""
        if self.visible and not self.disabled:
            self._on_click()


Block: TypeAlias = "Part | Sequence[Part]"


class Sheet(pn.custom.JSComponent):
    """Blocks of parts, drawn below each other; fields and buttons of a block stand side by side."""

    _esm = read_script("sheet.js")
    for _at in range(BLOCKS):
        locals()[f"block_{_at}"] = param.List(default=[])
    del _at

    def __init__(self, *blocks: Block, css: str = "", **params: Any) -> None:
        self._blocks = [(block,) if isinstance(block, Part) else tuple(block) for block in blocks]
        described = {f"block_{at}": _describe_block(block) for at, block in enumerate(self._blocks)}
        looks = {"sizing_mode": "stretch_width", "margin": 0, "min_width": 0, **params}
        super().__init__(stylesheets=[STYLESHEET + CSS + PRINT_BLOCK + css], **described, **looks)
        for at, block in enumerate(self._blocks):
            for part in block:
                names = [name for name in part.param if name != "name"]
                part.param.watch(lambda *_, at=at: self._show(at), names)

    @property
    def parts(self) -> list[Part]:
        """All parts, in order."""
        return [part for block in self._blocks for part in block]

    def bring(self, part: Part) -> None:
        """Bring a part to the top of the browser's window, and the focus to it."""
        for at, block in enumerate(self._blocks):
            for i, each in enumerate(block):
                if each is part:
                    self._send_msg({"part": f"{at}.{i}", "brought": "yes"})

    def select(self, selector: Any = None) -> list[Any]:
        """As Panel's, with the parts."""
        fits = selector if callable(selector) and not isinstance(selector, type) else None
        chosen: list[Any] = super().select(selector)
        return chosen + [
            part for part in self.parts if selector is None or (fits(part) if fits else isinstance(part, selector))
        ]

    def _show(self, at: int) -> None:
        told = _describe_block(self._blocks[at])
        if told != getattr(self, f"block_{at}"):
            self.param.update(**{f"block_{at}": told})

    def _handle_msg(self, data: Any) -> None:
        name, value = (data.get("part"), data.get("value")) if isinstance(data, dict) else (None, None)
        if not (isinstance(name, str) and isinstance(value, str)):
            return
        for at, block in enumerate(self._blocks):
            for i, part in enumerate(block):
                if name == f"{at}.{i}":
                    self._receive(f"block_{at}", part, name, value)

    def _receive(self, block: str, part: Part, name: str, value: str) -> None:
        before = getattr(self, block)
        part.receive(value, lambda told: self._send_msg({**told, "part": name}))
        if isinstance(part, Choice | Entry | Tick) and getattr(self, block) is before:
            self._send_msg({"part": name, "stands": "yes"})  # a browser whose choice was not taken shows what stands


def _describe_block(block: Sequence[Part]) -> list[Described]:
    return [{"kind": part.kind, "visible": part.visible, **part.describe()} for part in block]
