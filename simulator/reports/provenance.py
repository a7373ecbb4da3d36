"""What a report says about itself: what policies rest on, what the model cannot tell, and how to make it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from simulator.boards.table import REAL_BOARDS
from simulator.calibration.evidence_status import list_badges
from simulator.common.formatting import format_number, format_pounds, join_words, name_base, number_of
from simulator.common.pinned_names import split_pin
from simulator.common.sentence_templates import get_template
from simulator.declarations.evidence import cite, find_missing, load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Role
from simulator.declarations.parameters import PARAMETERS
from simulator.experiments.core.paired_comparison import Comparison
from simulator.reports.content import VERSIONS, Study
from simulator.reports.sentences import quote_title
from simulator.runs.recipe import Option, Recipe
from simulator.scenarios.library_reasons import inherit_reason
from simulator.scenarios.policy_sentence import write_policy_sentence
from simulator.scenarios.scenario import Scenario, load_scenario

LICENCES = (
    "Facts about the 42 boards come from NHS England, the Ministry of Housing, Communities and Local Government and "
    "the Office for National Statistics. Contains public sector information licensed under the Open Government Licence "
    "v3.0. Source: Office for National Statistics licensed under the Open Government Licence v3.0. NHS England’s "
    "workbook of allocations does not state its licence; boards’ successors come from a public list under CC0."
)
NOT_ASSURED = get_template("not_assured")
"""Stands in briefings, workbooks, pictures to share, citations and pages, until people who did not build the model have
signed for it."""
NO_FORECAST = "A model of England’s NHS boards; no forecast of any."
"""Stands in every picture to share."""


MOST_CHANGES = 24
"""Levers of a policy that are named for each date: so many that none of a policy that people build is left out."""


@dataclass(frozen=True)
class Moved:
    """One lever that a policy moves, why, on what the size of the move rests, and on what that of its effect."""

    policy: str
    lever: str
    what: str
    because: str
    evidence: str
    rests: str
    effect: str


def list_moves(scenarios: Iterable[Scenario]) -> list[Moved]:
    """Every change of these policies. Changes that several share stand once, with all their policies' titles."""
    titles: dict[tuple[str, str, str], list[str]] = {}
    changes = {}
    for policy in scenarios:
        for change in map(inherit_reason, policy.changes):
            key = (change.lever, change.describe(), change.because)
            changes[key] = change
            if policy.title not in titles.setdefault(key, []):
                titles[key].append(policy.title)
    rows = []
    for key, change in changes.items():
        rests = (
            "judgement: nobody has measured this" if change.assumption else "judgement, guided by the evidence cited"
        )
        meaning = LEVERS[change.lever].about.meaning
        ids = ", ".join(change.evidence) or "none"
        all_titles, effect = "; ".join(titles[key]), list_badges()[change.lever]
        rows.append(Moved(all_titles, meaning, change.describe(), change.because, ids, rests, effect))
    return rows


def summarise_changes(scenarios: Iterable[Scenario]) -> list[tuple[str, str]]:
    """What each policy changes: (title, sentence)."""
    return [(policy.title, write_policy_sentence(policy, MOST_CHANGES)) for policy in scenarios if policy.changes]


def list_unsaid(scenarios: Iterable[Scenario]) -> list[tuple[str, str]]:
    """What the model cannot express of each policy: (title, sentence), each sentence once."""
    titles: dict[str, str] = {}
    for policy in sorted(scenarios, key=lambda policy: len(policy.cannot_say)):  # what a stack inherits is said once
        words = policy.cannot_say
        for sentence in titles:
            words = words.replace(sentence, "").strip()
        if words:
            titles[words] = policy.title
    return [(title, words) for words, title in titles.items()]


def count_badges() -> Counter[str]:
    """How many of the model's uncertain numbers are fitted, come from published figures, or rest on judgement."""
    return Counter(list_badges()[name] for name, d in PARAMETERS.items() if d.about.role is Role.UNCERTAIN)


def list_citations(scenarios: Iterable[Scenario]) -> list[tuple[str, str]]:
    """The evidence that these policies cite: (what it says, one line of source), in the order of the register."""
    wanted = {i for policy in scenarios for i in policy.evidence}
    rows = [(load_register()[i].says, cite(i)) for i in load_register() if i in wanted]
    return rows + [("not in the register of evidence", i) for i in find_missing(sorted(wanted))]


def describe_precision(comparisons: Sequence[Comparison]) -> str:
    """How far chance in the number of futures may move the averages."""
    known = [c for c in comparisons if c.margin == c.margin]
    if not known:
        return "One future says nothing about how far chance moves an average."
    widest = max(known, key=lambda c: c.margin)
    return (
        f"More futures would move these average differences by about {widest.margin_words}"
        f"{name_base(widest.outcome.change_unit)} at most (half of a 95% interval)."
    )


def is_fitted(study: Study) -> bool:
    """True when the parameters have met data."""
    return study.baseline.manifest.source == "posterior"


def write_commands(study: Study, options: Sequence[Option] = ()) -> list[str]:
    """What to type to make the report, with these options, and its comparisons again: over its years, where they were
    chosen.
    """
    years: list[Option] = [("--years", study.wanted)] if study.wanted else []
    return [study.recipe.report(list_version_marks(), [*options, *years]), study.recipe.compare]


@cache
def list_version_marks() -> tuple[str, ...]:
    """The fingerprints of what every report shows beside its own policies."""
    return tuple(load_scenario(name).fingerprint for name in VERSIONS)


def list_needs(recipe: Recipe) -> list[str]:
    """A sentence for each file that a recipe's lines read, and what they do with another file of its name."""
    table = recipe.files[-1:] if recipe.uploads else []
    own = [f"{file.name} (fingerprint {file.fingerprint})" for file in recipe.files if file not in table]
    evidence = [split_pin(str(value)) for option, value in recipe.posterior if option == "--with"]
    own += [f"{name} (fingerprint {fingerprint})" for name, fingerprint in evidence if fingerprint]
    sentences = (
        [f"They read {join_words(own)}, and refuse a file of that name with another fingerprint."] if own else []
    )
    source = recipe.boards.source
    where = "the file you uploaded" if source.endswith((".csv", ".xlsx")) else quote_title(source)
    sentences += [
        f"Save your own table of boards ({where}, fingerprint {file.fingerprint}) as {file.name} beside them."
        for file in table
    ]
    return sentences


def list_facts(study: Study) -> list[tuple[str, str]]:
    """The manifest as rows of a table."""
    manifest = study.baseline.manifest
    shown = [
        (f"Fingerprint of {quote_title(run.manifest.title)}", run.manifest.scenario_fingerprint) for run in study.runs
    ]
    return [
        ("Paired futures", f"{manifest.futures:,}"),
        ("Seed", str(manifest.seed)),
        ("Parameters", manifest.badge),
        ("Areas", f"{manifest.boards} ({number_of(len(study.boards), 'area')})"),
        ("Fingerprint of the areas", manifest.boards_fingerprint),
        *shown,
        ("Version of Ringfence", manifest.version),
        ("Fingerprint of the model’s code", manifest.code),
        ("Software", f"Python {manifest.python}, NumPy {manifest.numpy}, Numba {manifest.numba}, {manifest.system}"),
    ]


def describe_licence(study: Study) -> str:
    """Where the facts about areas come from, and on what terms."""
    if study.boards.source == REAL_BOARDS:
        return LICENCES
    return f"Facts about the areas come from {quote_title(study.boards.source)}, which this report’s maker supplied."


def list_policies(study: Study) -> list[Scenario]:
    """Every scenario of the report but today's rules, each once."""
    every = [*study.scenarios[1:], *(load_scenario(name) for name in study.versions if name != "baseline")]
    return list({policy.fingerprint + policy.title: policy for policy in every}.values())


def describe_fund(study: Study) -> str:
    """How large the fund is, in a sentence worked out from the areas' amounts."""
    start = format_number(float(study.boards.areas["alloc"].sum()), 3)
    first, last = study.years
    when = f"in {first}" if first == last else f"over {first} to {last}"
    point = format_number(study.fund / 100)
    return (
        f"The areas’ amounts add up to £{start}m a year in 2022/23. Under today's rules the fund is about "
        f"£{format_number(study.fund, 3)}m a year {when}, so a point ({format_pounds(0.01)} in each "
        "£100) is about "
        f"£{point}m a year."
    )


def list_fingerprints(study: Study) -> str:
    """The scenarios, and boards of one's own, by their fingerprints."""
    prints = ", ".join(run.manifest.scenario_fingerprint for run in study.runs)
    own = f", boards {study.boards.fingerprint}" if study.recipe.uses_own_boards else ""
    return f"scenarios {prints}{own}"


def write_citation(study: Study, sentence: str) -> str:
    """A sentence to cite, with the answer in these words."""
    m = study.baseline.manifest
    first = sentence[0].lower() if sentence.startswith(("The ", "In ")) else sentence[0]
    return (
        f"Our analysis, produced using Ringfence {m.version} ({m.futures:,} futures, seed {m.seed}, "
        f"{list_fingerprints(study)}, {m.badge}), suggests: {first}{sentence[1:]} {NOT_ASSURED}"
    )


def write_source_line(study: Study) -> str:
    """What stands under every figure: futures, seed, status, version, and boards of one's own."""
    m = study.baseline.manifest
    own = f" on {m.boards} (fingerprint {m.boards_fingerprint})" if study.recipe.uses_own_boards else ""
    return f"{m.futures:,} futures{own}, seed {m.seed}; {m.badge}; Ringfence {m.version}."
