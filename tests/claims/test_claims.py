"""A claim is run again to the same bits; what moved is named; whatever is changed in its file is noticed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from claim_cases import DAY, FUTURES, OUTSIDE, change_record, make_claim_of, sign_again

from simulator.boards.table import read_boards
from simulator.claims import claim_file, registration, verification
from simulator.claims.claim import Claim, ClaimError
from simulator.claims.condition import Condition, parse_condition
from simulator.claims.frozen_scenario import freeze_scenario, thaw_scenario
from simulator.claims.verification import Standing
from simulator.common.canonical_json import write_canonical, write_number
from simulator.common.errors import InputError, RingfenceError
from simulator.common.linked_data import RECORD
from simulator.common.units import Unit
from simulator.runs.futures import draw_futures, given_futures
from simulator.runs.manifest import find_version
from simulator.scenarios.scenario import library, load_scenario

pytestmark = pytest.mark.results


@pytest.fixture(scope="module")
def claim() -> Claim:
    return make_claim_of("ringfence", "leadership", that=["difference below 0 in at least 60 of 100"])


@pytest.fixture(scope="module")
def text(claim: Claim) -> str:
    return claim_file.format_claim(claim)


def test_a_claim_reads_back_and_gives_the_same_bits(claim: Claim, text: str) -> None:
    read = claim_file.parse_claim(text.encode())
    assert read == replace(claim, statements=list(claim.statements))
    assert isinstance(read, Claim)
    verified = verification.verify_claim(read, read_boards())
    assert verified.standing is Standing.SAME_BITS
    assert not verified.moved
    assert not verified.remarks


def test_every_library_scenario_comes_back_by_value() -> None:
    own = [load_scenario("both").with_lever("audit", 0.3, "2026/27 Q3"), load_scenario("both").starting("2023/24 Q2")]
    for scenario in [*map(load_scenario, library()), *own]:
        again = thaw_scenario(freeze_scenario(scenario))
        assert (again.fingerprint, again.start) == (scenario.fingerprint, scenario.start)


def test_a_changed_parameter_keeps_the_claim_with_other_numbers_and_says_what_moved(claim: Claim) -> None:
    futures = replace(claim.futures, seed=7)
    verified = verification.verify_claim(replace(claim, futures=futures), read_boards())
    assert verified.standing is Standing.SAME_CLAIM
    assert any("parameters" in line for line in verified.moved)


def test_a_claim_that_no_longer_holds_names_the_rules_when_they_changed(claim: Claim) -> None:
    false = Condition("average", "above", 0.5)
    statement = replace(claim.statements[0], conditions=[false])
    older = replace(claim.software, code="0" * 16, version="0.0.9")
    changed = replace(claim, statements=[statement], software=older, digests=["0" * 64] * 2)
    verified = verification.verify_claim(changed, read_boards())
    assert verified.standing is Standing.NO_LONGER_TRUE
    assert verified.moved == [f"The rules of the model have changed (version 0.0.9 then, {find_version()} now)."]


def test_saved_numbers_that_were_not_found_and_conditions_that_never_held_are_told_apart(claim: Claim) -> None:
    """The runs give the same bits in both cases: what moved is in the file."""
    (statement, *_) = claim.statements
    numbers = {**statement.numbers, "difference": statement.numbers["difference"] + 0.03}
    moved = verification.verify_claim(replace(claim, statements=[replace(statement, numbers=numbers)]), read_boards())
    assert moved.standing is Standing.SAME_CLAIM and moved.moved == [verification.OTHER_NUMBERS]
    false = replace(statement, conditions=[Condition("average", "above", 0.5)])
    never = verification.verify_claim(replace(claim, statements=[false]), read_boards())
    assert never.standing is Standing.NO_LONGER_TRUE and never.moved == [verification.NEVER_HELD]


def test_where_nothing_but_bits_differs_the_computer_is_named(claim: Claim) -> None:
    verified = verification.verify_claim(replace(claim, digests=["0" * 64] * 2), read_boards())
    assert verified.standing is Standing.SAME_CLAIM
    assert "this computer calculates in another way" in verified.moved[0]


def test_any_changed_byte_is_noticed(text: str) -> None:
    """Of every byte that stands in a value or a name, changed to another letter or digit."""
    data = text.encode()
    places = [at for at, byte in enumerate(data) if chr(byte).isalnum()]
    for at in random.Random(1).sample(places, 400):
        changed = data[:at] + (b"7" if data[at : at + 1] != b"7" else b"3") + data[at + 1 :]
        with pytest.raises(ClaimError):
            claim_file.parse_claim(changed)


def test_another_layout_of_the_same_content_is_the_same_claim(text: str, claim: Claim) -> None:
    assert claim_file.parse_claim(json.dumps(json.loads(text), sort_keys=True).encode()) == claim_file.parse_claim(
        text.encode()
    )


BROKEN: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "no statement": lambda record, _: record.update(statements=[]),
    "a statement of no scenario": lambda record, _: record["statements"][0].update(new=9),
    "another sentence": lambda record, _: record.update(sentence="All is well."),
    "no condition": lambda record, _: record["statements"][0].update(conditions=[]),
    "an unknown condition": lambda record, _: record["statements"][0]["conditions"][0].update(quantity="joy"),
    "a condition beyond 100": lambda record, _: record["statements"][0]["conditions"][0].update(at_least=101),
    "a seed that is none": lambda record, _: record["futures"].update(seed="-1"),
    "steps that are no steps": lambda record, _: record["scenarios"][0]["levers"].update(audit=[[1]]),
    "a fingerprint that is none": lambda record, _: record["scenarios"][0].update(fingerprint="x"),
    "a digest too few": lambda record, _: record["digests"].pop(),
    "one year": lambda record, _: record["statements"][0].update(years=["2027/28"]),
    "a text for a number": lambda record, _: record["statements"][0]["numbers"].update(n="many"),
    "a missing part": lambda record, _: record.pop("boards"),
    "another format": lambda record, _: record.update(format="ringfence-claim-9"),
    "two records": lambda record, document: document["@graph"].append({"@id": "#x", RECORD: record}),
    "no root": lambda _, document: document["@graph"].pop(1),
}


@pytest.mark.parametrize(("place", "name"), [(1, "description"), (2, "text"), (2, "name")])
def test_words_for_readers_that_are_not_those_of_the_record_are_refused_even_with_a_fitting_digest(
    place: int, name: str, text: str
) -> None:
    kept = _register("difference below 0 in at least 60 of 100")
    for whole in (text, claim_file.format_claim(kept)):
        document = json.loads(whole)
        assert claim_file.parse_claim(sign_again(document))
        document["@graph"][place][name] = "Leadership keeps £99 more of each £100."
        with pytest.raises(ClaimError, match="never checked"):
            claim_file.parse_claim(sign_again(document))


@pytest.mark.parametrize("name", OUTSIDE)
def test_every_word_outside_the_record_is_held_against_it(name: str, text: str) -> None:
    document = json.loads(text)
    OUTSIDE[name](document)
    with pytest.raises(ClaimError, match="never checked"):
        claim_file.parse_claim(sign_again(document))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_words_even_with_a_fitting_digest(name: str, text: str) -> None:
    document = json.loads(text)
    change_record(document, lambda record: BROKEN[name](record, document))
    data = sign_again(document) if name != "no root" else json.dumps(document).encode()
    with pytest.raises(RingfenceError, match=r".{20}"):
        claim_file.parse_claim(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["scenarios"][0]["levers"].update(joy=[[1.0, 32]]),
        lambda record: record["scenarios"][0]["levers"].update(audit=[[1.0, 31]]),
        lambda record: record["scenarios"][0]["levers"].update(audit=[[1.0, 40], [0.0, -8]]),
        lambda record: record["statements"][0].update(outcome="joy"),
        lambda record: record["statements"][0].update(years=["2027/28", "1999/00"]),
        lambda record: record["futures"].update(count=10**9),
        lambda record: record["futures"].update(source="joy"),
        lambda record: record["futures"].update(settings={"joy": 1.0}),
        lambda record: record["boards"].update(source="mine.csv", fingerprint="0" * 16),
        lambda record: record["futures"].update(posterior=[["--with", "mine.yaml"]]),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(change: Callable[[dict[str, Any]], object], text: str) -> None:
    document = json.loads(text)
    change_record(document, change)
    kept = claim_file.parse_claim(sign_again(document))
    assert isinstance(kept, Claim)
    with pytest.raises(RingfenceError, match=r".{20}"):
        verification.verify_claim(kept, read_boards())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 10_000, b'{"@graph": [3]}', b"null"])
def test_what_is_no_claim_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ClaimError, match=r".{10}"):
        claim_file.parse_claim(data)


def test_a_name_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(ClaimError, match="twice"):
        claim_file.parse_claim(text.replace('"@type": "Claim"', '"@type": "Claim", "@type": "Claim"').encode())
    with pytest.raises(ClaimError, match="twice"):
        claim_file.parse_claim(text.replace(r"\"shown\": \"\"", r"\"shown\": \"\", \"shown\": \"\"").encode())


def test_no_entity_holds_a_mapping_that_archives_would_refuse(text: str) -> None:
    for entity in json.loads(text)["@graph"]:
        for value in entity.values():
            mappings = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
            assert all(list(item) == ["@id"] for item in mappings)


def test_a_claim_whose_record_is_a_mapping_as_in_version_0_1_is_the_same_claim(text: str, claim: Claim) -> None:
    document = json.loads(text)
    entity = next(entity for entity in document["@graph"] if RECORD in entity)
    entity[RECORD] = json.loads(entity[RECORD])
    assert claim_file.parse_claim(sign_again(document)) == claim


def test_a_file_within_a_claim_that_is_not_what_was_run_is_pointed_out(claim: Claim) -> None:
    scenarios = [claim.scenarios[0], replace(claim.scenarios[1], file=load_scenario("both").to_yaml())]
    verified = verification.verify_claim(replace(claim, scenarios=scenarios), read_boards())
    assert any("is not what was run" in remark for remark in verified.remarks)


def test_a_condition_that_does_not_hold_cannot_be_claimed() -> None:
    with pytest.raises(InputError, match="does not hold"):
        make_claim_of("ringfence", "leadership", that=["difference above 0 in at least 60 of 100"])


def test_futures_of_ones_own_parameters_cannot_be_claimed() -> None:
    with pytest.raises(InputError, match="seed and number"):
        make_claim_of("baseline", "both", futures=given_futures(draw_futures(FUTURES).to_frame()))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("difference below 0 in at least 60 of 100", Condition("difference", "below", 0.0, 60)),
        ("average above 5 points", Condition("average", "above", 0.05)),
        ("average above £5 of each £100", Condition("average", "above", 0.05)),
        ("average below −£0.5 in each £100", Condition("average", "below", -0.005)),
        ("average difference above 5%", Condition("average", "above", 0.05)),
        ("settled neither above nor below 0", Condition("settled", "neither above nor below", 0.0)),
        ("level above 0.8", Condition("level", "above", 0.8)),
    ],
)
def test_conditions_read_as_they_are_written(text: str, condition: Condition) -> None:
    assert parse_condition(text, Unit.SHARE) == condition
    assert parse_condition(condition.text, Unit.SHARE) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "joy",
        "difference above 0",
        "average above 0 in at least 60 of 100",
        "average equal to 0",
        "level above x",
        "difference above 0 in at least 0 of 100",
        "difference above 0 in at least 101 of 100",
        "level neither above nor below 0",
    ],
)
def test_conditions_that_cannot_be_checked_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_condition(text, Unit.SHARE)


def test_canonical_numbers_are_those_of_javascript() -> None:
    written = {
        0.1: "0.1",
        1.0: "1",
        1e21: "1e+21",
        1e-6: "0.000001",
        1e-7: "1e-7",
        -0.00012345: "-0.00012345",
        5e-324: "5e-324",
        1.7976931348623157e308: "1.7976931348623157e+308",
        12345678901234567890.0: "12345678901234567000",
        -0.0: "0",
        100.0: "100",
        1.5e-10: "1.5e-10",
    }
    assert {value: write_number(value) for value in written} == written
    assert write_canonical({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'
    with pytest.raises(InputError):
        write_canonical(float("nan"))


def _register(that: str, awaits: str = "", years: str | None = "2027/28-2029/30") -> registration.Registration:
    return registration.register_question(
        "Does leadership do less than a ring-fence?",
        "If so, we say so.",
        [that],
        [load_scenario("ringfence"), load_scenario("leadership")],
        draw_futures(FUTURES),
        read_boards(),
        DAY,
        years=years,
        awaits=awaits,
    )


def test_a_registration_runs_what_was_registered_and_its_result_is_as_registered() -> None:
    kept = _register("difference below 0 in at least 60 of 100")
    read = claim_file.parse_claim(claim_file.format_claim(kept).encode())
    assert isinstance(read, registration.Registration)
    answer = verification.answer_registration(read, read_boards(), DAY)
    assert (list(answer.departures), answer.supported) == ([], True)
    again, verified = verification.check_registration(read, answer.result, read_boards())
    assert (list(again.departures), verified.standing) == ([], Standing.SAME_BITS)


def test_a_registration_of_what_turns_out_otherwise_says_so() -> None:
    answer = verification.answer_registration(_register("difference above 0 in at least 60 of 100"), read_boards(), DAY)
    assert (list(answer.departures), answer.supported) == ([], False)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda: make_claim_of("ringfence", "leadership", futures=draw_futures(FUTURES, seed=3)), "seed"),
        (lambda: make_claim_of("ringfence", "leadership", futures=draw_futures(FUTURES + 1)), "number of futures"),
        (lambda: make_claim_of("ringfence", "both"), "not answered"),
        (lambda: make_claim_of("ringfence", "leadership", outcome="additional"), "not answered"),
        (lambda: make_claim_of("ringfence", "leadership", "both"), "were not registered"),
        (lambda: replace(make_claim_of("ringfence", "leadership"), saved="2020-01-01"), "before the registration"),
        (lambda: replace(make_claim_of("ringfence", "leadership"), registration="0" * 64), "another registration"),
    ],
)
def test_whatever_was_changed_after_the_registration_is_named(change: Callable[[], Claim], word: str) -> None:
    kept = _register("difference below 0 in at least 60 of 100")
    answer, _ = verification.check_registration(kept, change(), read_boards())
    assert any(word in departure for departure in answer.departures)


def test_a_registration_that_awaits_data_is_not_answered_without_them() -> None:
    kept = _register("difference below 0 in at least 60 of 100", awaits="figures of 42 boards")
    with pytest.raises(InputError, match="--with"):
        verification.answer_registration(kept, read_boards(), DAY)
    answer, _ = verification.check_registration(kept, make_claim_of("ringfence", "leadership"), read_boards())
    assert any("were not used" in departure for departure in answer.departures)
