"""The site's data for programs: every answer at full precision as JSON and CSV, the scenarios, and what fields mean."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashboards.offline.site.answers import Answer, SiteAnswers
from simulator.commands.shared.answer_parts import outcome_columns
from simulator.commands.shared.rendering import Row, render_csv, render_json
from simulator.experiments.core.paired_comparison import Comparison
from simulator.scenarios.library import find_library_folder, library
from simulator.scenarios.library_pages import make_schema_text

SCHEMA = "ringfence-site-answers/1"
NO_FORECAST = "Numbers are about a model. No line is a forecast of, or a judgement on, any named board."
RELATIVE = (
    "Preview pictures have relative addresses, which most services that show previews do not follow; "
    "write the site with --address for absolute ones."
)
ABSOLUTE = "Preview pictures have absolute addresses."

FIELDS = {
    "number": "the number of the intervention, 1 to 45; empty (0 in CSV) for other scenarios",
    "group": "who could act",
    "scenario, title, question": "the scenario: its name in the library, its title, what it asks",
    "cannot_say": "what the model cannot express of it",
    "page, picture": "its page and its picture on this site; empty for scenarios without a page",
    "start": "the first quarter that differs from today's rules",
    "outcome, label, unit": "what is compared; a share is a part of the whole fund",
    "first_year, last_year": "the financial years that are averaged",
    "mean, against_mean": "the average over futures with the scenario, and under today's rules",
    "difference": "the average of the differences, future by future, so that both meet the same chance events",
    "likely_low, likely_high": "80% of the differences lie between these",
    "wide_low, wide_high": "95% of the differences lie between these",
    "standard_error": "the error of the average difference that the number of futures leaves",
    "futures, sets": "how many futures are compared, and how many parameter sets they hold",
    "better, same, worse": "in how many futures the scenario does better, the same, worse",
    "verdict, sentence": "the same in words",
    "command": "what to type for these numbers; it refuses to give others",
    "fingerprint, against_fingerprint": "what identifies the levers of the scenario and of today's rules",
    "seed, version, code": "the seed of the futures, the version of Ringfence, and what identifies the model's code",
    "futures_fingerprint, boards_fingerprint": "what identifies the futures and the table of boards",
    "headline, changes, file": "in JSON: the sentence of its page, the levers it moves, and the scenario's file here",
    "manifest, against": "in JSON: everything that is needed to make the scenario's results, and today's, again",
    "answer": "what identifies the whole answer: model, fit, futures, boards and scenarios (--expect)",
}


def data_files(answers: SiteAnswers, address: str, command: str) -> dict[str, bytes]:
    """The files under `data/`, by their names on the site."""
    base = answers.headline.baseline.manifest
    document = {
        "schema": SCHEMA,
        "note": NO_FORECAST,
        "program": "Ringfence",
        "version": base.version,
        "code": base.code,
        "parameters": base.badge,
        "futures": base.futures,
        "futures_fingerprint": base.futures_fingerprint,
        "seed": base.seed,
        "boards": base.boards,
        "boards_fingerprint": base.boards_fingerprint,
        "address": address or None,
        "previews": ABSOLUTE if address else RELATIVE,
        "command": command,
        "answers": [_document(answer) for answer in answers.every],
    }
    rows = [_row(answer, c) for answer in answers.every for c in answer.study.comparisons]
    scenarios = {
        f"data/scenarios/{name}.yaml": (find_library_folder() / f"{name}.yaml").read_bytes() for name in library()
    }
    own = {f"data/{answer.picture}.yaml": answer.policy.to_yaml().encode() for answer in answers.own}
    return {
        "data/answers.json": render_json(document).encode(),
        "data/answers.csv": render_csv(rows).encode("utf-8-sig"),
        "data/README.txt": _readme(command).encode(),
        "data/scenarios/schema.json": make_schema_text().encode(),
        **scenarios,
        **own,
    }


def scenario_file(answer: Answer) -> str:
    """Where the site has the scenario's file."""
    return f"data/{answer.picture}.yaml" if answer.own else f"data/scenarios/{answer.policy.name}.yaml"


def _document(answer: Answer) -> dict[str, Any]:
    policy = answer.policy
    changes = [
        {
            "lever": change.lever,
            "change": change.describe(),
            "because": change.because,
            "evidence": change.evidence,
            "assumption": change.assumption,
        }
        for change in policy.changes
    ]
    return {
        "number": answer.number or None,
        "group": answer.group.title if answer.page else None,
        "scenario": policy.name,
        "title": policy.title,
        "question": policy.question,
        "cannot_say": policy.cannot_say,
        "interventions": policy.interventions,
        "page": answer.page,
        "picture": f"{answer.picture}.png" if answer.page else "",
        "file": scenario_file(answer),
        "headline": answer.headline,
        "changes": changes,
        "comparisons": [_numbers(c) for c in answer.study.comparisons],
        "command": answer.command,
        "answer": answer.study.recipe.fingerprint(),
        "manifest": asdict(answer.study.runs[1].manifest),
        "against": asdict(answer.study.baseline.manifest),
    }


def _numbers(c: Comparison) -> Row:
    return {
        "label": c.outcome.label,
        **outcome_columns(c.outcome, c.years),
        "mean": c.new_mean,
        "against_mean": c.old_mean,
        **c.list_numbers(),
        "sets": c.sets,
        "verdict": c.verdict,
        "sentence": c.sentence,
    }


def _row(answer: Answer, c: Comparison) -> Row:
    made = answer.study.runs[1].manifest
    return {
        "number": answer.number,
        "group": answer.group.title if answer.page else "",
        "scenario": answer.policy.name,
        "title": answer.policy.title,
        "question": answer.policy.question,
        "cannot_say": answer.policy.cannot_say,
        "page": answer.page,
        **_numbers(c),
        "version": made.version,
        "seed": made.seed,
        "fingerprint": made.scenario_fingerprint,
        "against_fingerprint": answer.study.baseline.manifest.scenario_fingerprint,
        "boards_fingerprint": made.boards_fingerprint,
        "futures_fingerprint": made.futures_fingerprint,
        "code": made.code,
        "answer": answer.study.recipe.fingerprint(),
        "command": answer.command,
    }


def _readme(command: str) -> str:
    fields = "\n".join(f"  {name}\n      {meaning}" for name, meaning in FIELDS.items())
    return (
        "The answers of this site for programs\n=====================================\n\n"
        f"{NO_FORECAST}\n\n"
        f"answers.json      every answer at full precision; schema {SCHEMA}\n"
        "answers.csv       the same numbers, one line for each scenario and outcome; UTF-8\n"
        "scenarios/        the scenarios as files that Ringfence reads, with schema.json, which they meet\n\n"
        f"Fields\n------\n\n{fields}\n\n"
        "A scenario by its name is one of the library, which comes with Ringfence. The whole site is made again by\n\n"
        f"  {command}\n"
    )
