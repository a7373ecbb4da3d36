"""What if?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import panel as pn
import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.computing import answer_view
from dashboards.selection.scenario_hints import Hint, list_differences, list_hints
from dashboards.selection.selection import LETTERS, LONGEST_TITLE, Slot
from dashboards.tabs.tab import Tab
from dashboards.widgets.controls import LeverPanel
from dashboards.widgets.fan_chart import FanChart
from dashboards.widgets.select_options import set_options
from dashboards.widgets.theme import make_piece, render_hint, render_quiet
from simulator.common.html import make_bullets
from simulator.scenarios.scenario import library, load_scenario


def list_presets() -> dict[str, str]:
    """The library by title."""
    return {load_scenario(name).title: name for name in library()}


class BuildTab(Tab):
    """Choose a preset, move levers and say why; the answer is beside them."""

    key, title = "build", "Build"

    def build(self) -> None:
        self._quiet = False
        self.slots = pmui.RadioButtonGroup(
            label="Scenario",
            options={"B": 1},
            value=1,
            size="small",
            margin=(4, 12),
            sx={"& button": {"textTransform": "none"}},
        )
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "min_width": 0, "size": "small", "margin": (6, 12)}
        self.preset = pmui.Select(label="Start from", options=list_presets(), searchable=True, **wide)
        self.titled = pmui.TextInput(label="Title of your own (optional)", max_length=LONGEST_TITLE, **wide)
        self.reset = pmui.Button(label="Reset to the preset", variant="outlined", size="small", on_click=self._reset)
        self.add = pmui.Button(label="Add a scenario", variant="outlined", size="small", on_click=self._add)
        self.drop = pmui.Button(label="Remove this one", variant="outlined", size="small", on_click=self._drop)
        self.levers = LeverPanel(self.session)
        self.question, self.differs, self.now, self.words = make_piece(), make_piece(), make_piece(), make_piece()
        self.advised = pn.Column(sizing_mode="stretch_width", margin=0)
        self.bands = FanChart(height=270)
        self.slots.param.watch(self._choose, "value")
        self.preset.param.watch(self._start_from, "value")
        self.titled.param.watch(self._rename, "value")
        self.session.param.watch(lambda _: self.handle_change(), "slot")
        self._lay_out()
        self.handle_change()

    def _lay_out(self) -> None:
        buttons = pn.FlexBox(self.reset, self.add, self.drop, gap="6px", margin=(2, 12), sizing_mode="stretch_width")
        column: dict[str, Any] = {"min_width": 0, "margin": 0, "sizing_mode": "stretch_width"}
        left = pn.Column(
            make_piece(Markup("<h2>What if?</h2><p>Move a lever: the answer beside it follows.</p>")),
            self.slots,
            self.preset,
            self.titled,
            buttons,
            self.question,
            self.levers,
            styles={"flex": "1 1 320px"},
            **column,
        )
        chart = pn.pane.Bokeh(self.bands.figure, sizing_mode="stretch_width", margin=(4, 12), min_width=0)
        right = pn.Column(
            self.words,
            self.now,
            chart,
            self.advised,
            self.differs,
            styles={"flex": "1.2 1 320px", "position": "sticky", "top": "0", "align-self": "flex-start"},
            **column,
        )
        self.view.objects = [
            pn.FlexBox(left, right, gap="12px", align_items="flex-start", sizing_mode="stretch_width", margin=0)
        ]

    def handle_change(self) -> None:
        """Show what is chosen."""
        selection, at = self.session.selection, self.session.slot
        slot = selection.slots[at]
        places = {f"{LETTERS[i]}  {other.shown[:26]}": i for i, other in enumerate(selection.slots) if i}
        self._quiet = True
        try:
            set_options(self.slots, places, at if at else None)
            shipped = list_presets()
            own = {} if slot.preset in shipped.values() else {slot.base.title: slot.preset}
            set_options(self.preset, {**shipped, **own}, slot.preset)
            self.titled.value = slot.title
        finally:
            self._quiet = False
        for part in (self.preset, self.titled, self.reset, self.drop, self.levers.group):
            part.disabled = at == 0
        self.add.disabled = len(selection.slots) == len(LETTERS)
        self.question.object = (
            render_quiet(slot.base.question)
            if at
            else (Markup("<p>Only today's rules are left. Add a scenario to change something.</p>"))
        )
        self.levers.set_visible(at > 0)
        if at:
            self.levers.sync()
        self._tell(slot, at)

    def _tell(self, slot: Slot, at: int) -> None:
        lines = list_differences(slot)
        letter = LETTERS[at]
        head = f"How {letter} differs from “{slot.base.title}”"
        body = make_bullets(lines) if lines else Markup("<p>Not at all so far.</p>")
        self.differs.object = Markup("<h3>{}</h3>{}").format(head, body) if at else ""
        hints = list_hints(self.session.selection, at) if at else []
        self.advised.objects = [part for hint_shown in hints for part in self._make_remark(hint_shown)]

    def _make_remark(self, remark: Hint) -> list[Any]:
        pieces: list[Any] = [make_piece(render_hint(remark.says))]
        if remark.fix:
            pieces.append(
                pmui.Button(
                    label=remark.button,
                    size="small",
                    variant="outlined",
                    margin=(0, 12),
                    on_click=lambda _: self._apply_fix(remark),
                )
            )
        return pieces

    def _apply_fix(self, remark: Hint) -> None:
        for edit in remark.fix:
            self.session.set_lever(edit)

    def show_answer(self, view: answer_view.AnswerView) -> None:
        self.bands.show(view, self.session.moving)
        self.words.object = Markup('<div role="status"><h2>{}</h2><p class="quiet">{}</p></div>').format(
            answer_view.write_headline(view), answer_view.describe_certainty(view)
        )
        self.now.object = answer_view.render_cards(answer_view.make_cards(view), small=True)

    def _choose(self, event: Any) -> None:
        if not self._quiet and event.new:
            self.session.slot = event.new

    def _start_from(self, event: Any) -> None:
        if not self._quiet and event.new:
            at = self.session.slot
            self.session.put_slot(at, Slot(event.new), f"{LETTERS[at]} starts from “{load_scenario(event.new).title}”")

    def _rename(self, event: Any) -> None:
        at = self.session.slot
        if not self._quiet and at:
            now = self.session.selection
            slot = now.slots[at]
            self.session.attempt(
                lambda: now.with_slot(at, replace(slot, title=(event.new or "").strip())),
                f"Title of {LETTERS[at]} changed",
            )

    def _reset(self, _: Any) -> None:
        at = self.session.slot
        slot = self.session.selection.slots[at]
        self.session.put_slot(at, replace(slot, edits=(), title=""), f"{LETTERS[at]} reset to its preset")

    def _add(self, _: Any) -> None:
        at = len(self.session.selection.slots)
        self.session.put_slot(at, Slot(), f"{LETTERS[at]} added; it starts as today's rules")

    def _drop(self, _: Any) -> None:
        self.session.drop_slot(self.session.slot)
