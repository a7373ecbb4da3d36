"""The site's pages, filled into templates that escape whatever is not a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from jinja2 import Environment, PackageLoader

from dashboards.offline.checks import list_limits_of_page, list_lines
from dashboards.offline.site.answers import Answer, SiteAnswers, draw_group, explorer_query
from dashboards.offline.site.data_files import ABSOLUTE, RELATIVE, scenario_file
from dashboards.offline.site.model_page import describe_model
from dashboards.offline.site.places import list_places
from dashboards.selection.interventions import BRIEFING, FOLLOWED, GROUPS, REPORT
from simulator.assurance.pack_files import PackFiles
from simulator.calibration.scoreboard import KINDS, count_kinds
from simulator.charts import squares
from simulator.common.html import keep_amounts_whole, make_template_environment
from simulator.declarations.evidence import Evidence, load_register
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports import content, provenance, sentences
from simulator.reports.check_words import describe_history, list_failed
from simulator.reports.cited_sentence import write_cited_sentence
from simulator.reports.page import QUESTION, TEMPLATE_WORDS
from simulator.reports.reference_tables import make_table

EXPLORER = "explorer.html"
STYLE, SCRIPT = "style.css", "site.js"
KIND_WORDS = (
    "Of the findings that the model was fitted to",
    "Not fitted, but citing the evidence of a finding that was",
    "Asking for a sign alone",
    "Never seen by the fit, where a size can be missed",
)
"""The kinds of checks, in the order of `KINDS`."""


@dataclass(frozen=True)
class SitePages:
    """All pages of a site. `address` is where it will stand, with a slash at its end, or ""; `command` makes it; `pack`
    names the files of an assurance pack that stands beside it, if there is one.
    """

    answers: SiteAnswers
    address: str
    command: str
    date: str
    pack: PackFiles | None = None

    def render(self) -> dict[str, bytes]:
        """Every page, and the stylesheet, by its name on the site."""
        pages = {
            "index.html": self._front(),
            "recommendations/index.html": self._list(),
            "assumptions.html": self._assumptions(),
            "checks.html": self._checks(),
            "assurance.html": self._page("assurance.html.j2", "assurance.html", pack=self.pack),
            "model.html": self._page("model.html.j2", "model.html", described=describe_model()),
            **{answer.page: self._answer(answer) for answer in self.answers.pages},
        }
        templates = files("dashboards.offline.site").joinpath("templates")
        page = files("dashboards.offline").joinpath("page")
        shared = (page.joinpath("search.js"), page.joinpath("copying.js"))
        style, script, *used = (
            file.read_text(encoding="utf-8") for file in (templates / STYLE, templates / SCRIPT, *shared)
        )
        index = json.dumps(list_places(self.answers), ensure_ascii=True, separators=(",", ":"))
        pages |= {STYLE: style, SCRIPT: f"const RINGFENCE_PLACES = {index};\n{''.join(used)}\n{script}"}
        return {name: page.encode("utf-8") for name, page in pages.items()}

    def _checks(self) -> str:
        lines = list_lines()
        kinds = count_kinds(lines)
        return self._page(
            "checks.html.j2",
            "checks.html",
            failed=list_failed(lines),
            history=describe_history(lines),
            every=len(lines),
            kinds=[(words, *kinds[kind]) for kind, words in zip(KINDS, KIND_WORDS, strict=True)],
        )

    @cached_property
    def _templates(self) -> Environment:
        templates = make_template_environment(PackageLoader("dashboards.offline.site"))
        made = self.answers.headline.baseline.manifest
        uncertain = provenance.count_badges()
        templates.globals.update(
            TEMPLATE_WORDS,
            levels_of=_format_levels,
            gap=sentences.describe_gap,
            span_of=sentences.format_span,
            name_fund=sentences.name_fund,
            spread=sentences.describe_gap_range,
            evidence_known=load_register(),
            question=QUESTION,
            limits=list_limits_of_page(),
            assurance=provenance.NOT_ASSURED,
            manifest=made,
            inputs=sum(uncertain.values()),
            judged=sum(uncertain.values()) - uncertain["fitted"],
            address=self.address,
            previews=ABSOLUTE if self.address else RELATIVE,
            script=SCRIPT,
            caveat=f"{provenance.write_source_line(self.answers.headline)} A model, not a forecast. "
            f"{provenance.NOT_ASSURED}",
            report=REPORT,
            briefing=BRIEFING,
            followed=FOLLOWED,
            by_report=list(FOLLOWED.values()).count(REPORT),
            by_briefing=list(FOLLOWED.values()).count(BRIEFING),
            command=self.command,
            date=self.date,
            explorer=EXPLORER,
            licence=provenance.describe_licence(self.answers.headline),
            own_boards=self.answers.headline.recipe.uses_own_boards,
            needs=provenance.list_needs(self.answers.headline.recipe),
        )
        return templates

    def _page(self, template: str, name: str, **values: object) -> str:
        root = "../" * name.count("/")
        return keep_amounts_whole(self._templates.get_template(template).render(values, root=root, page=name)) + "\n"

    def _front(self) -> str:
        study = self.answers.headline
        return self._page(
            "index.html.j2",
            "index.html",
            headline=self.answers.headline_words,
            sure=self.answers.headline_sure,
            cards=content.make_card_views(study),
            squares=squares.draw_square_samples(),
            span=sentences.format_span(study.years),
            today=content.make_cascade(study).title,
            fund=provenance.describe_fund(study),
            leadership_kept=self.answers.leadership_against_ringfences("retained"),
            leadership_new=self.answers.leadership_against_ringfences("additional"),
            additional=study.of("additional"),
            paths=content.make_paths(study),
            own=self.answers.own,
            count=len(self.answers.interventions),
        )

    def _list(self) -> str:
        groups = [(group, self.answers.of_group(group)) for group in GROUPS]
        return self._page(
            "list.html.j2",
            "recommendations/index.html",
            groups=[(group, listed, draw_group(group.key, group.title, listed)) for group, listed in groups],
            counts=self.answers.counts,
            tally=sentences.count_verdicts([answer.comparison for answer in self.answers.interventions]),
            others=[(answer, self._query(answer)) for answer in self.answers.others],
            own=self.answers.own,
        )

    def _answer(self, answer: Answer) -> str:
        every = list(self.answers.pages)
        at = every.index(answer)
        return self._page(
            "answer.html.j2",
            answer.page,
            answer=answer,
            policy=answer.policy,
            comparisons=answer.study.comparisons,
            paths=content.make_paths(answer.study),
            differences=content.make_differences(answer.study),
            moves=list(zip(answer.moves, _levers(answer), strict=True)),
            evidence=_cited(answer),
            failed=list_failed(list_lines(), answer.policy.evidence),
            query=self._query(answer),
            related=[(other, self._query(other)) for other in self.answers.related(answer)],
            before=every[at - 1] if at else None,
            after=every[at + 1] if at + 1 < len(every) else None,
            file=scenario_file(answer),
            needed=provenance.list_needs(answer.study.recipe),
            citation=provenance.write_citation(
                answer.study, write_cited_sentence(answer.study.runs, answer.study.span)
            ),
        )

    def _assumptions(self) -> str:
        fitted = {line["name"]: line for line in make_table("identified")}
        uncertain = [line for line in make_table("parameters") if PARAMETERS[line["name"]].about.role is Role.UNCERTAIN]
        return self._page(
            "assumptions.html.j2",
            "assumptions.html",
            numbers=[(line, fitted.get(line["name"])) for line in uncertain],
            levers=make_table("levers"),
            outcomes=make_table("outcomes"),
            evidence=list(load_register().values()),
            rests=provenance.count_badges(),
        )

    def _query(self, answer: Answer) -> str:
        return explorer_query(answer, self.answers.futures)


def _levers(answer: Answer) -> list[str]:
    """The levers behind `moves`, in its order: of changes that say the same there is one."""
    return [lever for lever, _, _ in {(c.lever, c.describe(), c.because): None for c in answer.policy.changes}]


def _cited(answer: Answer) -> list[Evidence]:
    """The entries of the register that a policy cites, in its order."""
    return [entry for entry in load_register().values() if entry.id in answer.policy.evidence]


def _format_levels(c: Comparison) -> tuple[str, str]:
    """The share of each £100 under today's rules and under the policy, which differ by the gap beside them."""
    new, old = c.level_words
    return old, new
