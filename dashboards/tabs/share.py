"""Take it away."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

import panel as pn
from markupsafe import Markup

from dashboards.access.visited_host import find_host
from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.common.log import explain_failure, log_job
from dashboards.computing.answer_view import AnswerView, find_asked_card, view_answer
from dashboards.export import charts, citation, data_exports, share_picture
from dashboards.export.chart_buttons import DownloadButton, DownloadButtons, DownloadFile
from dashboards.export.chart_files import ChartExport, make_chart_png, make_chart_svg
from dashboards.offline import explorer_work
from dashboards.offline.checks import list_lines
from dashboards.offline.frame import write_frame
from dashboards.selection.permalink import get_link_reader, list_lacks, make_link
from dashboards.selection.selection import LONGEST_PRESET, SelectionError, Slot
from dashboards.tabs.claim_buttons import CLAIM, CLAIM_LABEL, make_claim_buttons
from dashboards.tabs.tab import Tab
from dashboards.widgets.sheet import Part, Sheet, Words
from dashboards.widgets.theme import render_alert, render_told
from dashboards.widgets.upload import Upload
from simulator.charts.share_picture import LONGEST_ADDRESS
from simulator.common.html import NOTHING, fill_each
from simulator.common.sentence_templates import get_template
from simulator.common.yaml_nodes import LARGEST, ScenarioError
from simulator.reports import provenance
from simulator.reports.card_doubts import add_doubts
from simulator.runs.recipe import make_file_names, make_file_stem

WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "min_width": 0}
CHARTS: Mapping[str, tuple[str, Callable[[AnswerView], ChartExport]]] = {
    "cards": ("Cards", charts.export_cards),
    "bands": ("Over time", charts.export_fan_chart),
    "pairs": ("Differences", charts.export_comparisons),
    "cascade": ("Where each £100 goes", charts.export_cascade),
}

ALONE = Markup("<p>{}</p>").format(get_template("link.alone"))
SHARING = Markup(
    "<h2>A picture to share</h2><p>In the size that social media show whole: the sentence, how sure it is, its "
    "caveat and where it comes from.</p>"
)
CLAIMS = Markup(
    "<h2>Claims</h2><p>A sentence of the Answer page as a file that anybody can check later with "
    "<code>ringfence verify</code>, in the same version of Ringfence or another.</p>"
)
EXPLORER = Markup(
    "<h2>An explorer that needs nothing</h2><p>One HTML file with the whole model inside. It opens on any computer "
    "without a server or a connection, shows what is on the screen here, and answers while a lever moves. "
    "<code>ringfence site</code> writes a static site around it for any web host, with a page and a picture for each "
    "of 45 interventions.</p>"
)


class ShareTab(Tab):
    """Link, scenario files, briefing, data, pictures, an explorer without a server, commands, citation."""

    key, title = "share", "Share"

    def build(self) -> None:
        self.host, self._told, self._query = find_host(), NOTHING, ""
        self.session.param.watch(self._forget_told, "tab")
        self.head, self.errors, self.commands, self.cite, self.embed = Words(), Words(), Words(), Words(), Words()
        self.alternative = Words()
        self.claims = DownloadButtons(CLAIM, {}, CLAIM_LABEL)
        self.files = DownloadButtons("Scenario files", {})
        self.upload = Upload("Upload a scenario (.yaml)", ".yaml,.yml", LARGEST, margin=(4, 12))
        self.upload.param.watch(self._receive_file, "value")
        briefing: list[Part | Sequence[Part]] = [
            self.head,
            Words(
                Markup(
                    "<h2>Briefing</h2><p>The answer on the screen: one page to print with an annex behind it, or a web "
                    "page that needs no connection. Both are about the years on the screen; the PDF is "
                    "about the outcome on the screen, the web page always about the money kept.</p>"
                )
            ),
            self._make_row("Briefing", {"pdf": ("PDF", self._make_pdf), "html": ("Web page", self._make_page)}),
            (Words(CLAIMS), self.claims),
            *self._make_data_buttons(),
            *self._make_picture_buttons(),
            Words(EXPLORER),
            self._make_row("Explorer", {"explorer": (f"Save {explorer_work.NAME}", self._make_explorer)}),
            self.embed,
            Words(Markup("<h2>Scenario files</h2><p>A file holds all that a scenario changes, with your reasons.</p>")),
            self.files,
        ]
        citation_row = self._make_row("Citation", {"bib": ("BibTeX", self._make_bibtex)})
        self.view.objects = [
            Sheet(*briefing),
            self.upload,
            Sheet(self.errors, (self.cite, citation_row), self.commands),
        ]
        self.handle_change()

    def _forget_told(self, *_: object) -> None:
        """What an upload did is no news once the visitor has been elsewhere."""
        if self._told and self.errors.object == self._told:
            self.errors.object = ""

    def _make_picture_buttons(self) -> list[Part | Sequence[Part]]:
        share = {kind: (kind.upper(), partial(self._make_share_picture, kind)) for kind in ("png", "svg")}
        return [
            (
                Words(SHARING),
                self._make_row("A picture to share", {f"share-{kind}": offer for kind, offer in share.items()}),
                self.alternative,
            ),
            Words(
                Markup(
                    "<h2>Pictures</h2><p>For slides and papers, with their title and their source. Numbers of each "
                    "chart stand under it on its page.</p>"
                )
            ),
            self._make_row(
                "Pictures as SVG",
                {f"{key}-svg": (label, partial(self._make_picture, key, "svg")) for key, (label, _) in CHARTS.items()},
                "SVG:",
            ),
            self._make_row(
                "Pictures as PNG",
                {f"{key}-png": (label, partial(self._make_picture, key, "png")) for key, (label, _) in CHARTS.items()},
                "PNG:",
            ),
        ]

    def _make_data_buttons(self) -> list[Part]:
        return [
            Words(
                Markup(
                    "<h2>Data</h2><p>An Excel workbook with a summary, the years, the boards and the assumptions; "
                    "yearly outcomes of every future as CSV; every national measure as Parquet or netCDF. How they "
                    "were made is inside.</p>"
                )
            ),
            self._make_row(
                "Data",
                {
                    "xlsx": ("Excel", self._make_excel),
                    "csv": ("CSV", partial(self._make_data, "outcomes.csv", data_exports.make_csv)),
                    "csvw": ("CSV description", self._make_csv_description),
                    "parquet": ("Parquet", partial(self._make_data, "measures.parquet", data_exports.make_parquet)),
                    "nc": ("netCDF", partial(self._make_data, "measures.nc", data_exports.make_netcdf)),
                },
            ),
        ]

    def _make_row(
        self, title: str, makers: Mapping[str, tuple[str, Callable[[], DownloadFile]]], label_before: str = ""
    ) -> DownloadButtons:
        offers = {key: DownloadButton(label, f"{label} ({title})", make) for key, (label, make) in makers.items()}
        return DownloadButtons(title, offers, label_before, slow=True)

    def handle_change(self) -> None:
        try:
            here = self.session
            query, problem = (
                make_link(here.selection, here.tab, here.map_selection, here.analysis_selection, built=here.slot),
                "",
            )
        except SelectionError as error:
            query, problem = "", render_alert(str(error))
        linked = Markup('<p><a href="{}">A link to all that is on the screen</a></p>').format(query) if query else ""
        alone = ALONE if self.host.alone else NOTHING
        own = fill_each(Markup("<p>{}</p>"), list_lacks(self.session.selection))
        self.head.object = Markup(
            "<h2>Take it away</h2><p>The link restores every lever, date, reason, seed and page{}. "
            "Copy it from here, or with “Copy link” at the top of every page.</p>{}{}{}{}"
        ).format("" if self.host.alone else ", for whoever can open this dashboard", linked, alone, own, problem)
        self._query = query
        self._show_embedding("")
        scenarios = self.session.selection.scenarios
        letters, names = self.session.selection.letters, make_file_names(scenarios)
        self.files.set_buttons(
            {
                letters[at]: DownloadButton(
                    f"{letters[at]}: {names[at]}",
                    f"Scenario {letters[at]} as a file, {names[at]}",
                    partial(_make_scenario_file, names[at], scenarios[at].to_yaml),
                )
                for at in range(1, len(scenarios))
            }
        )

    def _show_embedding(self, sentence: str) -> None:
        self.embed.object = render_embedding(self._query, sentence, len(self.session.selection.slots))

    def show_answer(self, view: AnswerView) -> None:
        described = share_picture.describe_picture(view)
        self._show_embedding(described)
        self.alternative.object = render_alternative(described)
        self.claims.set_buttons(make_claim_buttons(self.session, view))
        typed = "\n".join(data_exports.list_commands(view))
        need = fill_each(Markup("<p>{}</p>"), provenance.list_needs(view.recipe))
        need += Markup("<p>Take scenarios of your own from Scenario files, above.</p>") if view.recipe.files else ""
        self.commands.object = Markup(
            "<h2>Make it again</h2><p>Typed where Ringfence is installed, the first command gives the "
            "numbers on the screen, the second the briefings about the money kept at the year "
            "end, from the first year in which a policy changes anything.</p>{}<pre>{}</pre>"
        ).format(need, typed)
        short = add_doubts(find_asked_card(view), view.scenarios, load_scoreboard() or ()).short
        self.cite.object = render_short(short) + Markup("<h2>To cite it</h2><p>{}</p>").format(
            data_exports.write_citation(view)
        )

    def _make_pdf(self) -> DownloadFile:
        link = "" if self.host.alone or not self.host.address else self._find_short_link()
        return DownloadFile(
            "ringfence-briefing.pdf",
            data_exports.make_briefing_pdf(self.session.require_answer(), link=link, lines=list_lines()),
        )

    def _make_page(self) -> DownloadFile:
        return DownloadFile(
            "ringfence-briefing.html",
            data_exports.make_briefing_page(self.session.require_answer(), self.session.store, list_lines()),
        )

    def _make_excel(self) -> DownloadFile:
        return DownloadFile("ringfence.xlsx", data_exports.make_excel(self.session.require_answer()))

    def _make_csv_description(self) -> DownloadFile:
        view = view_answer(self.session.require_answer())
        return DownloadFile(f"{data_exports.CSV_NAME}-metadata.json", data_exports.make_csv_description(view))

    def _make_share_picture(self, kind: str) -> DownloadFile:
        view = view_answer(self.session.require_answer())
        link = "" if self.host.alone or not self.host.address else self._find_short_link()
        drawn = share_picture.draw_answer_picture(view, link)
        title, _ = share_picture.speak_of_picture(view)
        files = share_picture.make_picture_files("ringfence-share", drawn, view, title, dt.date.today())
        return DownloadFile(f"ringfence-share.{kind}", files[f"ringfence-share.{kind}"])

    def _find_short_link(self) -> str:
        """The link to all that is on the screen, or where the dashboard is if that would not fit into a picture."""
        here = self.session
        with contextlib.suppress(SelectionError):
            link = self.host.address + make_link(
                here.selection, here.tab, here.map_selection, here.analysis_selection, built=here.slot
            )
            if len(link) <= LONGEST_ADDRESS:
                return link
        return self.host.address

    def _make_data(self, name: str, make: Callable[[AnswerView], bytes]) -> DownloadFile:
        return DownloadFile(f"ringfence-{name}", make(view_answer(self.session.require_answer())))

    def _make_picture(self, key: str, kind: str) -> DownloadFile:
        label, chart = CHARTS[key]
        write = make_chart_svg if kind == "svg" else make_chart_png
        return DownloadFile(
            f"ringfence-{make_file_stem(label)}.{kind}", write(chart(view_answer(self.session.require_answer())))
        )

    def _make_explorer(self) -> DownloadFile:
        answer = self.session.require_answer()
        page = explorer_work.make(self.session.store, answer.selection, answer.futures)
        return DownloadFile(explorer_work.NAME, page)

    def _make_bibtex(self) -> DownloadFile:
        return DownloadFile(
            "ringfence.bib", citation.write_bibtex(view_answer(self.session.require_answer())).encode("utf-8")
        )

    def _receive_file(self, event: Any) -> None:
        if not event.new:
            return
        name = make_file_stem(PurePath(str(self.upload.filename or "upload")).stem[:50]) or "upload"
        if len(event.new) > LARGEST:
            self.errors.object = render_alert(
                f"The file is larger than {LARGEST // 1024} kB: too large for a scenario."
            )
            return
        try:
            text = bytes(event.new).decode("utf-8-sig")
        except UnicodeDecodeError:
            self.errors.object = render_alert("The file is not UTF-8 text; save it with the encoding UTF-8.")
            return
        if pn.state.curdoc is None:
            self._put(_read_scenario(name, text))
        else:  # other visitors do not wait while it is read
            self.errors.object = Markup("<p role='status'>Reading the file…</p>")
            get_link_reader().submit(self._read, name, text)

    def _read(self, name: str, text: str) -> None:
        read = _read_scenario(name, text)
        self.session.later(lambda: self._put(read))

    def _put(self, slot: Slot | str) -> None:
        """Use an uploaded scenario, or show what is wrong with it."""
        if isinstance(slot, str):
            self.errors.object = render_alert(slot)
            return
        selection = self.session.selection
        at = len(selection.slots) if selection.free_letter else max(1, self.session.slot)
        letter = selection.free_letter or selection.letters[at]
        self.errors.object = ""
        if self.session.put_slot(at, slot, f"{letter} uploaded: {slot.shown}"):
            self.errors.object = self._told = render_told(f"{letter} is now “{slot.shown}”.")


def render_short(short: str) -> Markup:
    """A sentence that fits a post, to be copied with the link where others can open it; "" where there is none."""
    if not short:
        return NOTHING
    return Markup(
        '<h2>To post it</h2><p class="post">{}</p><p><button type="button" class="copy" data-copy="{}" '
        'aria-label="Copy the short sentence">Copy</button></p>'
    ).format(short, short)


def render_alternative(described: str) -> Markup:
    """What the picture says to who cannot see it, to be copied beside it."""
    return Markup("<p>Its alternative text, for those who cannot see it: {}</p><p>{}</p>").format(
        described, _render_copy(described, "the alternative text")
    )


def render_embedding(query: str, sentence: str, scenarios: int) -> Markup:
    """What to put into a web page of one's own for the answer that a link asks for: a frame, and a picture with a link.
    Both say the `sentence` ("" while it is worked out) to who cannot see them; the frame is as high as so many
    scenarios need. "" for a link that is too long.
    """
    if not query:
        return NOTHING
    page, named = f"{explorer_work.NAME}#{query.removeprefix('?')}", f"Ringfence: {sentence or 'one answer'}"
    frame = write_frame(f"{page}&embed=1", named, scenarios)
    picture = Markup('<a href="{}"><img src="ringfence-share.png" alt="{}" style="{}"></a>').format(
        page, named, "max-width:100%"
    )
    return Markup(
        "<h2>In a page of your own</h2><p>Put the explorer’s file into the folder of that page on your site; if it "
        "lies elsewhere, write its address before its name. This shows the answer on the screen in a "
        "frame:</p>{}<p>Or a picture that leads to it: put the PNG of “A picture to "
        "share” beside the explorer.</p>{}<p>A site made with <code>ringfence site</code> has "
        "the explorer already, as <code>explorer.html</code>: write that name instead. To frame this dashboard itself, "
        "it must be served with <code>--embed-from</code> and the address of your site.</p>"
    ).format(_render_code(str(frame), "a frame"), _render_code(str(picture), "a picture"))


def _render_code(code: str, what: str) -> Markup:
    """Code for a web page, with a button that copies it as it stands."""
    return Markup("<pre><code>{}</code></pre><p>{}</p>").format(code, _render_copy(code, f"the code of {what}"))


def _render_copy(words: str, what: str) -> Markup:
    """A button that copies these words alone."""
    button = Markup('<button type="button" class="copy" data-copy="{}" data-alone aria-label="Copy {}">Copy</button>')
    return button.format(words, what)


def _read_scenario(name: str, text: str) -> Slot | str:
    """The scenario in an uploaded file, or what is wrong with it in words."""
    try:
        with log_job("upload", what="scenario", letters=len(text)):
            return Slot(name[:LONGEST_PRESET], "", (), text)
    except (SelectionError, ScenarioError) as error:
        return str(error)
    except Exception as problem:
        return explain_failure(problem, "reading the file")


def _make_scenario_file(name: str, text: Callable[[], str]) -> DownloadFile:
    return DownloadFile(name, text().encode("utf-8"))
