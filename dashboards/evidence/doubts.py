"""“If you doubt …”: what the shipped answer becomes for whoever doubts a mechanism, or would leave a finding out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import MappingProxyType

from markupsafe import Markup

from dashboards.analyses.shipped_answers import load_scoreboard
from dashboards.computing.answer_view import render_table
from simulator.calibration.scoreboard import Line
from simulator.calibration.structural_draws import DRAWS, read_structures
from simulator.common.formatting import format_differences, format_part_gap, format_share, format_share_size
from simulator.common.html import make_bullets
from simulator.common.sentence_templates import get_template
from simulator.common.units import Unit
from simulator.declarations.outcomes import OUTCOMES
from simulator.declarations.sign_promises import list_promises
from simulator.replays.targets import read_targets
from simulator.reports.check_words import describe_checks, describe_history
from simulator.reports.sentences import quote_title
from simulator.runs.fit_documents import EffectsDocument, FindingDocument, StructureOutcome, StructurePolicy
from simulator.runs.posterior import read_fit_document
from simulator.scenarios.scenario import load_scenario
from simulator.studies.reversed_structures import count_ways, split_library_ways

DOUBTS = MappingProxyType(
    {
        "no_leaders": "that leaders matter",
        "label_needs_audit": "that a label works without audit",
        "blind_relabelling": "that leaders hold back relabelling",
        "two_sided": "that each of these does good at all",
        "bias_strong": "that the boards interviewed are like the others",
        "interviews_only": "that other funds say anything about this one",
    }
)
"""Structures by what those who ask for them doubt; each has a fit of its own."""

BOTH_WAYS = "two_sided"
"""The structure in which what is assumed of a sign is left open."""


FIT = Markup(
    "For policies of your own a finding is left out by a new fit, which takes minutes. <code>ringfence calibrate "
    "--template mine</code> writes the findings as a file. Delete one there, and <code>ringfence calibrate --targets "
    "mine/targets.yaml --out my-fit</code> fits without it."
)
HEAD = (
    "If you doubt …",
    "Stronger leadership adds, of each £100",
    "Ring-fence, not waived, adds",
    "Audited ring-fence adds",
    "Leadership does more than the ring-fence in",
    "… than the audited one in",
)
POLICIES: tuple[StructurePolicy, ...] = (
    "leadership",
    "ringfence",
    "ringfence-audited",
)
"""The policies whose gains the table shows."""
COUNTED = 0.01
"""A change of £1 of each £100."""


@cache
def render_doubts(outcome: str = "retained") -> Markup:
    """What the library's headline policies give for each doubt on an outcome, and without each finding."""
    counted: StructureOutcome = "additional" if outcome == "additional" else "retained"
    label = OUTCOMES[counted].label
    effects = {name: read_structures()[name]["effects"][counted] for name in ("default", *DOUBTS)}
    says = {name: f"{doubt}: {read_structures()[name]['says']}" for name, doubt in DOUBTS.items()}
    means = [own[policy]["mean"] for own in effects.values() for policy in POLICIES]
    gains = iter(format_differences(means, Unit.SHARE))
    rows = [
        (says.get(name, "nothing: the model as shipped"), [*(next(gains) for _ in POLICIES), *_format_chances(own)])
        for name, own in effects.items()
    ]
    return Markup(
        "<h2>If you doubt …</h2><h3>{}</h3><p>{}</p><p>{}</p>{}"
        "<h3>If you would leave a finding out</h3><p>{}</p>{}<p>{}</p>"
    ).format(
        get_template("doubts.rigged.heading"),
        describe_what_is_built_in(counted, load_scoreboard() or ()),
        get_template("doubts.lead").format(what=label.lower(), each=DRAWS),
        render_table(f"{label}: the answer for each doubt", HEAD, rows, is_open=True),
        get_template("doubts.findings.lead"),
        make_bullets(describe_left_out(read_fit_document()["findings"])),
        FIT,
    )


def describe_what_is_built_in(outcome: StructureOutcome, lines: Sequence[Line]) -> str:
    """What the model assumes of a ring-fence and of leadership, what it does not, and what its checks say, in a
    paragraph; without `lines` of the scoreboard nothing of checks.
    """
    effects = {name: document["effects"][outcome] for name, document in read_structures().items()}
    usual, both_ways = effects["default"], effects[BOTH_WAYS]
    levers = {change.lever for name in ("ringfence", "leadership") for change in load_scenario(name).changes}
    assumed = levers <= set(list_promises(outcome))
    counted = count_ways(split_library_ways(outcome), "", "")
    told = get_template("doubts.rigged").format(
        helps=get_template(f"doubts.rigged.{'assumed' if assumed else 'found'}").format(what=OUTCOMES[outcome].label),
        chance=format_share(usual["leadership over ringfence"], 100),
        **counted,
        says=read_structures()[BOTH_WAYS]["says"],
        leadership=format_part_gap(both_ways["leadership"]["mean"]),
        fence=format_part_gap(both_ways["ringfence"]["mean"]),
    )
    checks = (describe_checks(lines), describe_history(lines)) if lines else ()
    return " ".join(filter(None, (told, *checks)))


def _format_chances(effects: EffectsDocument) -> list[str]:
    chances = (effects["leadership over ringfence"], effects["leadership over ringfence-audited"])
    return [f"{format_share(chance, 100)} futures" for chance in chances]


def describe_left_out(findings: Sequence[FindingDocument]) -> list[str]:
    """What taking a finding from all the others does to the headline answer that it moves most: a sentence for each
    that moves one by £1 of each £100 or more, and one for the rest.
    """
    titles = {target.id: target.title for target in read_targets().values()}
    moving = [finding for finding in findings if abs(finding["without"]["shift"]) >= COUNTED]
    template = get_template("doubts.without")
    told = []
    for finding in moving:
        shift = finding["without"]
        told.append(
            template.format(
                finding=titles.get(finding["id"], finding["id"]),
                policy=quote_title(load_scenario(shift["policy"]).title),
                what=OUTCOMES[shift["outcome"]].label.lower(),
                shift=describe_size(-shift["shift"]),
                error=format_share_size(shift["error"]),
            )
        )
    return [*told, get_template("doubts.without.rest").format(count=len(findings) - len(moving))]


def describe_size(shift: float) -> str:
    """A shift of a share in words: £5.3 more."""
    return f"{format_share_size(shift)} {'less' if shift < 0 else 'more'}"
