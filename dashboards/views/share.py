"""Take it away."""

from __future__ import annotations

import io
from html import escape
from pathlib import PurePath
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboards import parcels
from dashboards.choice import LETTERS, ChoiceError, Slot, slug
from dashboards.links import link
from dashboards.looks import alert, html
from dashboards.reading import Reading, reading
from dashboards.views.tab import Tab
from dashboards.working import Answer, shared_pools
from simulator.scenario_text import LARGEST, ScenarioError

COPY = "navigator.clipboard.writeText(window.location.origin + window.location.pathname + field.value)"


class ShareTab(Tab):
    """Link, scenario files, data, briefing, commands."""

    key, title = "share", "Share"

    def build(self) -> None:
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "min_width": 0}
        self.field = pmui.TextInput(label="Link", size="small", margin=(6, 12), **wide)
        self.copy = pmui.Button(label="Copy the link", variant="contained", margin=(4, 12))
        self.copy.js_on_click(args={"field": self.field}, code=COPY)
        self.head, self.said = html(), html()
        self.files = pn.FlexBox(gap="6px", margin=(2, 12), sizing_mode="stretch_width")
        self.upload = pmui.FileInput(label="Upload a scenario (.yaml)", accept=".yaml,.yml", multiple=False,
                                     max_file_size=LARGEST, margin=(4, 12))  # fmt: skip
        self.upload.param.watch(self._uploaded, "value")
        self.errors = html()
        self.prepare = pmui.Button(label="Prepare data and briefing", variant="contained", on_click=self._prepare,
                                   margin=(4, 12))  # fmt: skip
        self.ready = pn.FlexBox(gap="6px", margin=(2, 12), sizing_mode="stretch_width")
        self.waiting, self.commands = html(), html()
        self.view.objects = [
            self.head, self.field, self.copy, self.said,
            html("<h2>Scenario files</h2><p>A file holds all that a scenario changes, with your reasons.</p>"),
            self.files, self.upload, self.errors,
            html("<h2>Data and briefing</h2><p>From the answer on the screen: a web page that needs no connection, "
                 "yearly outcomes as CSV, and every national measure as netCDF.</p>"),
            self.prepare, self.waiting, self.ready, self.commands,
        ]  # fmt: skip
        self.changed()

    def changed(self) -> None:
        try:
            query, words = link(self.session.choice, self.session.tab), ""
        except ChoiceError as error:
            query, words = "", alert(str(error))
        self.field.value = query
        self.copy.disabled = not query
        self.head.object = (
            "<h2>Take it away</h2><p>The link restores every lever, date, reason, seed and page. Whoever opens it "
            f"needs this dashboard too.</p>{words}"
        )
        self.files.objects = [self._file(at) for at in range(len(self.session.choice.slots)) if at]
        self.ready.objects, self.waiting.object = [], ""

    def _file(self, at: int) -> pmui.FileDownload:
        slot = self.session.choice.slots[at]
        made = slot.scenario
        return pmui.FileDownload(
            callback=lambda: io.BytesIO(made.to_yaml().encode("utf-8")), filename=f"{slug(made.name)}.yaml",
            label=f"{LETTERS[at]}: {slug(made.name)}.yaml", variant="outlined", size="small", embed=False, auto=True,
        )  # fmt: skip

    def tell(self, read: Reading) -> None:
        typed = "\n".join(parcels.commands(read))
        files = parcels.own_files(read)
        need = f"<p>They need {escape(', '.join(files))} (see Scenario files).</p>" if files else ""
        self.commands.object = (
            f"<h2>Reproduce this</h2><p>These commands give the numbers on the screen.</p>{need}"
            f"<pre>{escape(typed)}</pre><h2>To cite it</h2><p>{escape(parcels.citation(read))}</p>"
        )

    def _uploaded(self, event: Any) -> None:
        if not event.new:
            return
        name = PurePath(str(self.upload.filename or "upload")).stem[:50]
        try:
            if len(event.new) > LARGEST:
                raise ChoiceError(f"the file is larger than {LARGEST // 1024} kB: too large for a scenario")
            slot = Slot(slug(name) or "upload", "", (), bytes(event.new).decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.errors.object = alert("The file is not UTF-8 text; save it with the encoding UTF-8.")
            return
        except (ChoiceError, ScenarioError) as error:
            self.errors.object = alert(str(error))
            return
        places = len(self.session.choice.slots)
        at = places if places < len(LETTERS) else max(1, self.session.slot)
        self.errors.object = ""
        if self.session.put_slot(at, slot, f"{LETTERS[at]} uploaded: {slot.shown}"):
            said = f"{LETTERS[at]} is now “{slot.shown}”."
            self.errors.object = f'<div class="hint" role="status"><p>{escape(said)}</p></div>'

    def _prepare(self, _: Any) -> None:
        answer = self.session.answer
        if answer is None:
            return
        self.waiting.object = "<p role='status'>Preparing. You can go on working.</p>"
        self.prepare.disabled = True
        shared_pools()[1].submit(self._work, answer)

    def _work(self, answer: Answer) -> None:
        try:
            read = reading(answer)
            made = {
                "briefing.html": parcels.briefing(answer, self.session.store),
                "outcomes.csv": parcels.csv(read), "measures.nc": parcels.netcdf(read),
            }  # fmt: skip
            self.session.later(lambda: self._put(answer, made, ""))
        except Exception as problem:
            text = str(problem)
            self.session.later(lambda: self._put(answer, {}, text))

    def _put(self, answer: Answer, made: dict[str, bytes], problem: str) -> None:
        self.prepare.disabled = False
        self.ready.objects = [self._parcel(name, data) for name, data in made.items()]
        said = f"Ready: {answer.futures:,} futures, seed {answer.choice.seed}."
        self.waiting.object = alert(problem) if problem else f"<p role='status'>{said}</p>"

    def _parcel(self, name: str, data: bytes) -> pmui.FileDownload:
        return pmui.FileDownload(
            callback=lambda: io.BytesIO(data), filename=f"ringfence-{name}", label=f"Download {name}",
            variant="outlined", size="small", embed=False, auto=True,
        )  # fmt: skip
