"""Controls made from the declarations: each lever with its meaning, bounds, unit, badge, and a place for the reason."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import panel as pn
import panel_material_ui as pmui
from markupsafe import Markup

from dashboards.computing.session import Session
from dashboards.selection.lever_layout import LEVER_GROUPS, choose_slider_step, describe_bounds, list_levers_in_group
from dashboards.selection.scenario_hints import describe_course
from dashboards.selection.selection import LONGEST_REASON, PHASES, USUAL_START, LeverEdit, SelectionError, Slot
from dashboards.widgets.select_options import set_options
from dashboards.widgets.theme import make_piece, render_badge
from simulator.calibration.evidence_status import list_badges
from simulator.declarations.calendar import QUARTERS, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.scenarios.change import LAST, describe_switch_problem, is_switch

NUMBER_PATTERN = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,6})?")
START_OPTIONS = {quarter_name(q): q for q in range(QUARTERS)}
END_OPTIONS = {**{name: q for name, q in START_OPTIONS.items() if q < LAST}, "Without end": LAST}
PHASE_OPTIONS = {"At once": 0, **{f"Over {n} quarters": n for n in PHASES if n}}


class LeverControl(pn.viewable.Viewer):
    """One lever of the scenario that is being built. It asks the session; the session's answer sets it."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__()
        self.session, self.lever = session, LEVERS[name]
        self._quiet = False
        about = self.lever.about
        self._about = make_piece(margin=(2, 12, 0, 12))
        self._slider = pmui.FloatSlider(
            label=about.meaning,
            start=about.low,
            end=about.high,
            step=choose_slider_step(self.lever),
            value=about.low,
            show_value=False,
            sizing_mode="stretch_width",
            min_width=0,
            margin=(6, 14, 0, 16),
            styles={"flex": "1 1 180px"},
        )
        self._box = pmui.TextInput(label=f"Number: {about.meaning}", size="small", width=112, margin=(6, 12, 0, 4))
        self._slider._debounce = 1  # Panel would wait 50 ms before it tells
        self._slider.param.watch(self._handle_move, "value")
        self._slider.param.watch(self._handle_rest, "value_throttled")
        self._box.param.watch(self._handle_typing, "value")
        self._more = pn.Column(sizing_mode="stretch_width", margin=0, visible=False)
        self._fields: dict[str, Any] = {}
        row = pn.FlexBox(
            self._slider, self._box, flex_wrap="nowrap", align_items="center", margin=0, sizing_mode="stretch_width"
        )
        self._view = pn.Column(row, self._about, self._more, sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self.sync()

    def __panel__(self) -> pn.Column:
        return self._view

    def sync(self) -> None:
        """Show what the session holds."""
        slot = self.session.selection.slots[self.session.slot]
        edit = slot.edit(self.lever.name)
        edit_shown = edit or slot.describe_preset(self.lever.name)
        self._quiet = True
        try:
            if self._slider.value != edit_shown.value:
                self._slider.value = edit_shown.value
            self._show_number(edit_shown.value)
            self._describe(slot)
            dated = edit is not None or slot.count_changes(self.lever.name) > 0
            if dated:
                self._show_more(edit_shown)
            self._more.visible = dated
            for name in ("because", "back"):
                if name in self._fields:
                    self._fields[name].visible = edit is not None
        finally:
            self._quiet = False

    def _show_number(self, value: float) -> None:
        self._quiet, before = True, self._quiet
        if self._box.value != f"{value:g}":
            self._box.value = f"{value:g}"
        self._quiet = before

    def _describe(self, slot: Slot) -> None:
        rests, name = render_badge(list_badges()[self.lever.name]), self.lever.name
        first = min(USUAL_START, slot.describe_preset(name).start)
        course = f"In the preset, from {quarter_name(first)}: {describe_course(slot.base, name, first)}"
        if not slot.is_one_step(name):
            course += "; what you set stands instead of all these steps"
        text = Markup('<p class="quiet">{} {}. {}.</p>').format(rests, describe_bounds(self.lever), course)
        if self._about.object != text:
            self._about.object = text

    def _show_more(self, edit: LeverEdit) -> None:
        if not self._fields:
            self._make_fields()
        values = {"start": edit.start, "because": edit.because, "end": edit.end}
        self._fields["end"].visible = edit.end < LAST
        self._fields["phase"].visible = not is_switch(self.lever.name)
        own = {} if edit.phase in PHASE_OPTIONS.values() else {f"Over {edit.phase} quarters": edit.phase}
        set_options(self._fields["phase"], {**PHASE_OPTIONS, **own}, edit.phase)
        for name, value in values.items():
            if self._fields[name].value != value:
                self._fields[name].value = value

    def _make_fields(self) -> None:
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "min_width": 0, "size": "small"}
        meaning = self.lever.about.meaning
        self._fields = {
            "start": pmui.Select(label="From", options=START_OPTIONS, value=USUAL_START, **wide),
            "phase": pmui.Select(label="Arrives", options=PHASE_OPTIONS, value=0, **wide),
            "end": pmui.Select(label="Until", options=END_OPTIONS, value=LAST, visible=False, **wide),
            "because": pmui.TextAreaInput(
                label=f"Why? Your reason for: {meaning}", max_length=LONGEST_REASON, rows=2, **wide
            ),
        }
        for field in self._fields.values():
            field.param.watch(self._handle_details, "value")
        self._fields["back"] = pmui.Button(
            label="Back to the preset",
            variant="outlined",
            size="small",
            on_click=self._restore_preset,
            description=meaning,
        )
        when = [self._fields[name] for name in ("start", "phase", "end")]
        dates = pn.FlexBox(*when, flex_wrap="nowrap", sizing_mode="stretch_width")
        self._more.objects = [dates, self._fields["because"], self._fields["back"]]

    @property
    def _now(self) -> LeverEdit:
        """The edit set by hand, or else what the preset does, whose dates are kept while only the value moves."""
        slot = self.session.selection.slots[self.session.slot]
        return slot.edit(self.lever.name) or slot.describe_preset(self.lever.name)

    def _edit(self, value: float) -> LeverEdit:
        about, digits = self.lever.about, 0 if is_switch(self.lever.name) else 6
        return replace(self._now, value=round(min(about.high, max(about.low, float(value))), digits))

    def _handle_move(self, event: Any) -> None:
        if not self._quiet and event.new is not None:
            self.session.set_lever(self._edit(event.new), moving=True)
            self._show_number(event.new)

    def _handle_rest(self, event: Any) -> None:
        if not self._quiet and event.new is not None:
            self.session.set_lever(self._edit(event.new))

    def _handle_typing(self, event: Any) -> None:
        if self._quiet or not event.new:
            return
        about, text = self.lever.about, str(event.new).strip().replace("−", "-")
        number = float(text) if NUMBER_PATTERN.fullmatch(text) else None
        if number is None or not about.low <= number <= about.high:
            self.session.problem = (
                f"{about.meaning}: “{text[:20]}” is not a number from {about.low:g} to {about.high:g}"
            )
            self.sync()
            return
        if problem := describe_switch_problem(self.lever.name, number):
            self.session.problem = f"{about.meaning}: {problem}"
            self.sync()
            return
        self.session.set_lever(self._edit(number))

    def _handle_details(self, _: Any) -> None:
        if self._quiet:
            return
        start, phase, because, end = (self._fields[name].value for name in ("start", "phase", "because", "end"))
        now = self._now
        try:
            edit = replace(now, start=start, phase=phase, because=because or "", end=end)
        except SelectionError as error:
            self.session.problem = f"{self.lever.about.meaning}: {error}"
            self.sync()
            return
        if edit != now:
            self.session.set_lever(edit)

    def _restore_preset(self, _: Any) -> None:
        self.session.free_lever(self.lever.name)


class LeverPanel(pn.viewable.Viewer):
    """The levers, a group at a time; a group is built when it is first shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.group = pmui.RadioButtonGroup(
            label="Group of levers",
            options={group: theme for theme, group in LEVER_GROUPS.items()},
            value="funding",
            size="small",
            min_width=0,
            margin=(4, 12),
            sx={"flexWrap": "wrap", "& button": {"width": "auto", "textTransform": "none"}},
        )
        self._made: dict[str, LeverControl] = {}
        self._column = pn.Column(sizing_mode="stretch_width", margin=0)
        self.group.param.watch(lambda _: self._fill(), "value")
        self._fill()

    def __panel__(self) -> pn.Column:
        return pn.Column(self.group, self._column, sizing_mode="stretch_width", margin=0)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the levers; today's rules have none to move."""
        self._column.visible = visible

    def _list_controls(self) -> list[LeverControl]:
        names = [lever.name for lever in list_levers_in_group(self.group.value)]
        for name in names:
            if name not in self._made:
                self._made[name] = LeverControl(self.session, name)
        return [self._made[name] for name in names]

    def _fill(self) -> None:
        controls = self._list_controls()
        for control in controls:
            control.sync()
        self._column.objects = list(controls)

    def sync(self) -> None:
        """Show what the session holds, in the group that is looked at."""
        for control in self._list_controls():
            control.sync()
