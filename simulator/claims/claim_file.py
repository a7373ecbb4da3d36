"""Claims and registrations as files: JSON-LD that archives read, with a digest by which any change is noticed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.claims.claim import (
    NUMBERS,
    BoardsRecord,
    Claim,
    ClaimError,
    FuturesRecord,
    Statement,
    to_plain,
)
from simulator.claims.condition import Condition
from simulator.claims.frozen_scenario import FrozenScenario, Steps
from simulator.claims.registration import Question, Registration
from simulator.claims.study_claim import FigureCondition, StudyClaim
from simulator.common.atomic_files import write_text
from simulator.common.canonical_json import hash_document
from simulator.common.characters import make_visible
from simulator.common.errors import InputError
from simulator.common.json_shape import NUMBER, describe_misfit, read_json
from simulator.common.linked_data import DIGEST, RECORD, describe_software, make_crate, refer_to
from simulator.common.numbers import parse_seed
from simulator.common.paths import expand_path
from simulator.runs.manifest import Software, find_version

CLAIM, REGISTRATION, STUDY = "ringfence-claim-1", "ringfence-registration-1", "ringfence-study-claim-1"
LARGEST = 5_000_000
LONGEST_NAME = 110
ENDINGS = (".json", ".jsonld")

_CONDITION = {"quantity": str, "relation": str, "threshold": NUMBER, "at_least": int}
_SCENARIO = {
    "name": str,
    "title": str,
    "question": str,
    "fingerprint": str,
    "start": int,
    "file": str,
    "levers": {...: [list]},
}
_SHARED = {
    "format": str,
    "scenarios": [_SCENARIO],
    "futures": {
        "count": int,
        "seed": str,
        "source": str,
        "settings": {...: NUMBER},
        "fingerprint": str,
        "badge": str,
        "posterior": [list],
        "first_plan": int,
    },
    "boards": {"source": str, "fingerprint": str},
    "software": dict.fromkeys(Software.__annotations__, str),
    "saved": str,
}
_SHAPES: Mapping[str, Mapping[str, object]] = {
    CLAIM: {
        **_SHARED,
        "digests": [str],
        "shown": str,
        "registration": str,
        "sentence": str,
        "statements": [
            {
                "new": int,
                "old": int,
                "outcome": str,
                "years": [str],
                "sentence": str,
                "numbers": dict.fromkeys(NUMBERS, NUMBER),
                "conditions": [_CONDITION],
            }
        ],
    },
    REGISTRATION: {
        **_SHARED,
        "title": str,
        "rule": str,
        "awaits": str,
        "questions": [{"new": int, "old": int, "outcome": str, "years": [str], "conditions": [_CONDITION]}],
    },
    STUDY: {
        **{name: _SHARED[name] for name in ("format", "scenarios", "boards", "software", "saved")},
        "question": str,
        "arguments": dict,
        "sentence": str,
        "figures": {...: str},
        "conditions": [{"figure": str, "side": str, "other": (str, int, float)}],
        "digest": str,
        "basis": str,
        "posterior": [list],
    },
}
Kept = Claim | Registration | StudyClaim
"""What a file holds."""


def write_claim(path: Path, kept: Kept) -> None:
    """Write a claim or a registration, whole or not at all. Raises FileWriteError."""
    write_text(path, format_claim(kept))


def check_claim_name(path: str | Path) -> Path:
    """The path of a claim to write. Raises InputError for its ending."""
    path = expand_path(path)
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name}: the name of a claim or registration ends in .json or .jsonld")
    return path


def format_claim(kept: Kept) -> str:
    """The text of a file."""
    return json.dumps(make_document(kept), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def make_document(kept: Kept) -> dict[str, object]:
    """A claim or a registration as RO-Crate metadata, with its digest."""
    kind = STUDY if isinstance(kept, StudyClaim) else CLAIM if isinstance(kept, Claim) else REGISTRATION
    registered = isinstance(kept, Registration)
    record = {"format": kind, **_as_mapping(to_plain(kept))}
    text = kept.title if isinstance(kept, Registration) else kept.sentence
    if isinstance(kept, StudyClaim):
        record["figures"] = {name: repr(value) for name, value in kept.figures.items()}  # JSON has no infinity
        drawn, badge = f"rf.{kept.question}", kept.basis
    else:
        drawn, badge = f"{kept.futures.count:,} futures, seed {kept.futures.seed}", kept.futures.badge
    scenarios = [
        {"@id": f"#scenario-{k}", "@type": "CreativeWork", "name": scenario.title, "identifier": scenario.fingerprint}
        for k, scenario in enumerate(kept.scenarios)
    ]
    itself = {
        "@id": "#registration" if registered else "#claim",
        "@type": "CreativeWork" if registered else "Claim",
        "name": text[:LONGEST_NAME],
        "text": kept.rule if isinstance(kept, Registration) else text,
        "about": [refer_to(str(scenario["@id"])) for scenario in scenarios],
        RECORD: json.dumps(record, ensure_ascii=False, allow_nan=False),
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": drawn,
        "instrument": refer_to("#ringfence"),
        "object": itself["about"],
        "result": refer_to("#claim"),
        "endTime": kept.saved,
    }
    root: dict[str, object] = {
        "name": f"A {'registration' if registered else 'claim'} of Ringfence {kept.software.version}",
        "description": f"{text} ({badge}.) Check it with: ringfence verify FILE",
        "datePublished": kept.saved,
        "hasPart": [],
        "mentions": refer_to(str(itself["@id"])),
    }
    actions = [] if registered else [action]
    document = make_crate(root, [itself, *scenarios, describe_software(kept.software.version), *actions])
    _find_root(document)[DIGEST] = hash_document(document)
    return document


def _as_mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def read_claim(path: str | Path) -> Kept:
    """A claim or a registration from its file. Raises ClaimError, which says what is wrong with it."""
    path = expand_path(path)
    if not path.is_file():
        raise ClaimError(f"{path}: there is no such file")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ClaimError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > LARGEST:
        raise ClaimError(f"{path}: is larger than {LARGEST // 1_000_000} MB: too large for a claim")
    try:
        return parse_claim(data)
    except InputError as error:
        raise ClaimError(f"{path}: {error}") from None


def parse_claim(data: bytes) -> Kept:
    """A claim or a registration from the bytes of its file. Raises ClaimError."""
    try:
        document = _read_once(data.removeprefix(b"\xef\xbb\xbf"))
        record = _find_record(document)
    except InputError as error:
        raise ClaimError(str(error)) from None
    kind = record.get("format")
    if kind not in _SHAPES:
        raise ClaimError(
            f"this is no claim or registration that this version reads ({make_visible(str(kind))[:40]}); a newer "
            "version of Ringfence may"
        )
    root = _find_root(document)
    digest = root.pop(DIGEST, None)
    if digest != hash_document(document):
        raise ClaimError(
            "the file was changed since it was saved: its digest no longer fits its content. Nothing in it can be "
            "relied on; get the file again from where it was published"
        )
    if wrong := describe_misfit(record, _SHAPES[str(kind)]):
        raise ClaimError(f"{make_visible(wrong)}, so this is no whole claim; save it again")
    kept: Kept
    if kind == STUDY:
        kept = _build_study_claim(record)
    else:
        kept = _build_claim(record) if kind == CLAIM else _build_registration(record)
    _check_words(document, kept)
    return kept


def _check_words(document: Mapping[str, Any], kept: Kept) -> None:
    """Refuse a file whose words for people and archives are not those of its record, which is what is run again."""
    if set(document) != {"@context", "@graph"} or _list_outside(document, kept) != _list_outside(
        make_document(kept), kept
    ):
        raise ClaimError(
            "the words that stand outside its record are not those of the record, which is what is run again, so that "
            "they say something that was never checked; get the file again from where it was published"
        )


def _list_outside(document: Mapping[str, Any], kept: Kept) -> list[dict[str, object]]:
    """What a file says outside its record, in today's words where an earlier version had others."""
    graph = [
        {name: value for name, value in each.items() if name not in (RECORD, DIGEST)} for each in document["@graph"]
    ]
    own_words = isinstance(kept, Registration) and kept.software.version != find_version()  # a rule in older words
    for entity in graph:
        if entity.get("@id") == "#run":
            entity["name"] = str(entity.get("name")).replace(" paired futures, seed ", " futures, seed ")
        if entity.get("@id") == "#registration" and own_words:
            entity.pop("text", None)
    return graph


def _read_once(data: bytes) -> Any:
    """The value of a JSON text in which no name stands twice. Raises InputError."""
    value = read_json(data)
    json.loads(data, object_pairs_hook=_refuse_twice)
    return value


def _refuse_twice(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """A mapping, of which no name stands twice: programs differ in which of the two they read."""
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ClaimError("a name stands twice in one mapping of the file")
    return names


def _find_root(document: Mapping[str, Any]) -> dict[str, Any]:
    return next(entity for entity in document["@graph"] if entity.get("@id") == "./")


def _find_record(document: object) -> dict[str, Any]:
    graph = document.get("@graph") if isinstance(document, dict) else None
    entities = [entity for entity in graph if isinstance(entity, dict)] if isinstance(graph, list) else []
    stored = [entity[RECORD] for entity in entities if RECORD in entity]
    records = [_read_once(item.encode()) if isinstance(item, str) else item for item in stored]
    whole = isinstance(graph, list) and len(entities) == len(graph) and any(e.get("@id") == "./" for e in entities)
    if len(records) != 1 or not isinstance(records[0], dict) or not whole:
        raise ClaimError(
            "this is no claim or registration; ringfence compare --claim FILE and ringfence register write them"
        )
    record: dict[str, Any] = records[0]
    return record


def _build_claim(record: Mapping[str, Any]) -> Claim:
    scenarios = _build_scenarios(record)
    statements = [_build_statement(item, scenarios) for item in record["statements"]]
    if not statements or len(record["digests"]) != len(scenarios):
        raise ClaimError("it claims nothing, or scenarios lack their digests; save the claim again")
    claim = Claim(
        statements,
        scenarios,
        record["digests"],
        _build_futures(record["futures"]),
        _build_boards(record),
        _build_software(record),
        record["saved"],
        record["shown"],
        record["registration"],
    )
    if claim.sentence != record["sentence"]:
        raise ClaimError("its sentence is not that of its parts; save the claim again")
    return claim


def _build_registration(record: Mapping[str, Any]) -> Registration:
    scenarios = _build_scenarios(record)
    questions = [_build_question(item, scenarios) for item in record["questions"]]
    if not questions:
        raise ClaimError("it asks nothing; register again")
    return Registration(
        record["title"],
        record["rule"],
        questions,
        scenarios,
        _build_futures(record["futures"]),
        _build_boards(record),
        _build_software(record),
        record["saved"],
        record["awaits"],
    )


def _build_study_claim(record: Mapping[str, Any]) -> StudyClaim:
    try:
        figures = {name: float(text) for name, text in record["figures"].items()}
    except ValueError:
        raise ClaimError("a figure is no number; save the claim again") from None
    conditions = [_build_figure_condition(item) for item in record["conditions"]]
    if not conditions or any(describe_misfit(pair, [str]) or len(pair) != 2 for pair in record["posterior"]):
        raise ClaimError("it has no condition that could fail, or no pairs of options; save the claim again")
    return StudyClaim(
        record["question"],
        record["arguments"],
        _build_scenarios(record),
        record["sentence"],
        figures,
        conditions,
        record["digest"],
        record["basis"],
        tuple((option, value) for option, value in record["posterior"]),
        _build_boards(record),
        _build_software(record),
        record["saved"],
    )


def _build_figure_condition(item: Mapping[str, Any]) -> FigureCondition:
    other = item["other"]
    if item["side"] not in ("above", "below") or isinstance(other, bool) or not isinstance(other, str | int | float):
        raise ClaimError(f"'{make_visible(str(item['side']))[:40]}' is no condition on a figure; save the claim again")
    return FigureCondition(item["figure"], item["side"], other if isinstance(other, str) else float(other))


def _build_scenarios(record: Mapping[str, Any]) -> list[FrozenScenario]:
    return [_build_scenario(item) for item in record["scenarios"]]


def _build_scenario(item: Mapping[str, Any]) -> FrozenScenario:
    levers: dict[str, Steps] = {}
    for name, steps in item["levers"].items():
        if any(describe_misfit(step, [NUMBER]) or len(step) != 2 or type(step[1]) is not int for step in steps):
            raise ClaimError(f"the steps of {make_visible(name)[:40]} are no values with numbers of quarters")
        levers[name] = [(float(value), length) for value, length in steps]
    rest = {name: item[name] for name in ("name", "title", "question", "fingerprint", "start", "file")}
    if not re.fullmatch(r"[0-9a-f]{16}", rest["fingerprint"]):
        raise ClaimError("a scenario's fingerprint is no 16 hexadecimal digits")
    return FrozenScenario(**rest, levers=levers)


def _build_futures(item: Mapping[str, Any]) -> FuturesRecord:
    if any(describe_misfit(pair, [str]) or len(pair) != 2 for pair in item["posterior"]):
        raise ClaimError("futures.posterior holds no pairs of an option and its value")
    return FuturesRecord(
        item["count"],
        parse_seed(item["seed"]),
        item["source"],
        {name: float(value) for name, value in item["settings"].items()},
        item["fingerprint"],
        item["badge"],
        tuple((option, value) for option, value in item["posterior"]),
        item["first_plan"],
    )


def _build_boards(record: Mapping[str, Any]) -> BoardsRecord:
    return BoardsRecord(**{name: record["boards"][name] for name in BoardsRecord.__annotations__})


def _build_software(record: Mapping[str, Any]) -> Software:
    return Software(**{name: record["software"][name] for name in Software.__annotations__})


def _build_statement(item: Mapping[str, Any], scenarios: Sequence[FrozenScenario]) -> Statement:
    asked = _build_question(item, scenarios)
    return Statement(
        asked.new, asked.old, asked.outcome, asked.years, item["sentence"], dict(item["numbers"]), asked.conditions
    )


def _build_question(item: Mapping[str, Any], scenarios: Sequence[FrozenScenario]) -> Question:
    return Question(
        _check_number(item["new"], scenarios),
        _check_number(item["old"], scenarios),
        item["outcome"],
        _build_years(item["years"]),
        _build_conditions(item),
    )


def _build_conditions(item: Mapping[str, Any]) -> list[Condition]:
    if not item["conditions"]:
        raise ClaimError("it has no condition that could fail; save the claim again")
    return [
        Condition(part["quantity"], part["relation"], float(part["threshold"]), part["at_least"])
        for part in item["conditions"]
    ]


def _build_years(years: Sequence[str]) -> tuple[str, str]:
    if len(years) != 2:
        raise ClaimError("years are a first and a last")
    return years[0], years[1]


def _check_number(number: int, scenarios: Sequence[FrozenScenario]) -> int:
    if not 0 <= number < len(scenarios):
        raise ClaimError(f"there is no scenario number {number}")
    return number
