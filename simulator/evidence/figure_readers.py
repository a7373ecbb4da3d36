"""Reads rows by board, national figures and statements from the entries of a file of evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from simulator.boards.table import read_boards
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.near_names import suggest
from simulator.common.numbers import NotReadableError, parse_number
from simulator.common.units import Unit
from simulator.common.yaml_nodes import ListNode, ScalarNode
from simulator.declarations.calendar import YEARS, parse_years, year_name
from simulator.declarations.outcomes import OUTCOMES
from simulator.evidence.board_counts import BOARDS, COUNTED, measure_outcome
from simulator.evidence.field_readers import DECLARED, FieldReader
from simulator.evidence.observations import BoardRow, NationalFigure, Side, Statement
from simulator.evidence.questions import HIGH, LOW, AnswerTo, list_questions
from simulator.experiments.stats.quartile_fits import PROBABILITIES, check_quartiles
from simulator.replays.observations import counts_bodies
from simulator.replays.replay import load_replay, replay_names
from simulator.replays.targets import Target, Use, read_targets
from simulator.scenarios.scenario import library, load_scenario

ROW_KEYS = ("board", "year", "what", "value", "error", "source", "in_fit", DECLARED)
COUNT_KEYS = ("what", "count", "of", "year", "source", "in_fit", DECLARED)
"""The columns of a table of counts of boards."""
NATIONAL_KEYS = ("what", "year", "value", "error", "count", "of", "source", "in_fit", DECLARED)
ANSWER_KEYS = ("question", "quartiles", "because")
CALLED = {"kept": "retained", "keeps": "retained", "protected": "retained"}
"""What people call the outcomes of a board."""
QUARTILE_WORDS = "the lower quartile, the middle and the upper quartile"
STATEMENT_KEYS = ("claim", "outcome", "credence", "because", "years", "in_fit")
SMALLEST_ERROR = 0.005
ENGLAND = "england"
"""The chance of replays whose years are those of the calendar, from 2022/23."""

HISTORY = 5
"""Years of the calendar before policies begin: what a board did is known of these alone."""

_COUNT = re.compile(r"(\d+)\s*(?:of|/|out of)\s*(\d+)", re.IGNORECASE)
_CLAIM = re.compile(r"(?P<left>.+?)\s*(?P<sign>[<>])\s*(?P<right>.+)")


def list_board_outcomes() -> tuple[str, ...]:
    """The outcomes that a single board has, as shares."""
    return tuple(name for name, outcome in OUTCOMES.items() if counts_bodies(outcome) and outcome.unit is Unit.SHARE)


def read_row(fields: FieldReader) -> BoardRow | None:
    """One board's figure, or None with its problems noted."""
    written = "did you mean `what: {0}`, with the share under `value`?"
    outcomes = {**{name: name for name in list_board_outcomes()}, **CALLED}
    fields.expect(ROW_KEYS, {word: written.format(name) for word, name in outcomes.items()})
    board, year, outcome = fields.read_board(), read_past_year(fields), _read_board_outcome(fields)
    value, error = fields.read_share("value"), fields.read_share("error", SMALLEST_ERROR)
    in_fit = fields.read_in_fit()
    fields.check_source()
    if fields.spoilt or None in (board, year, outcome, value, error):
        return None
    assert board is not None and year is not None and outcome and value is not None and error is not None
    return BoardRow(board, year, outcome, value, error, fields.text("source"), bool(in_fit))


def read_past_year(fields: FieldReader) -> int | None:
    """A year before policies begin."""
    year = fields.read_year()
    if year is not None and year >= HISTORY:
        fields.note("year", f"{year_name(year)} lies ahead; what was seen is of {year_name(HISTORY - 1)} or before")
        return None
    return year


def _read_board_outcome(fields: FieldReader) -> str | None:
    name = fields.text("what")
    known = list_board_outcomes()
    if name in known:
        return name
    if not name:
        fields.note("what", f"is missing; write what is known of the board, such as {known[1]}")
    elif name in OUTCOMES:
        fields.note(
            "what", f"'{name}' is not a share that a single board has; the outcomes of a board are {', '.join(known)}"
        )
    else:
        fields.note(
            "what",
            f"'{name[:40]}' is not an outcome"
            f"{suggest(CALLED.get(name.lower(), name), known) or '; there are ' + ', '.join(known)}",
        )
    return None


def read_national(fields: FieldReader, keys: tuple[str, ...] = NATIONAL_KEYS) -> NationalFigure | None:
    """A figure for all boards, or a declared figure by the id of its target; None with its problems noted."""
    fields.expect(keys)
    name = fields.text("what")
    target = read_targets().get(name)
    if name in OUTCOMES:
        return _read_outcome_figure(fields, name)
    if target is not None and target.use is not Use.SET and len(target.observed) == 1:
        return _read_target_figure(fields, target)
    hint = suggest(name, OUTCOMES) or "; see: ringfence reference outcomes"
    fields.note("what", f"'{name[:40]}' is not an outcome{hint}" if name else "is missing; write an outcome")
    return None


def _read_outcome_figure(fields: FieldReader, name: str) -> NationalFigure | None:
    year = read_past_year(fields)
    value, error, in_fit = (
        _read_count(fields, name)
        if "count" in fields.fields or "of" in fields.fields
        else _read_value(fields, OUTCOMES[name].unit)
    )
    known = _known_figures().get((name, year)) if year is not None else None
    if known is not None and year is not None:
        _refuse_known(fields, known, f"{name} of {year_name(year)}")
    fields.check_source()
    if fields.spoilt or year is None or value is None or error is None:
        return None
    return NationalFigure(name, (year, year + 1), value, error, fields.text("source"), bool(in_fit))


def _refuse_known(fields: FieldReader, target: Target, figure: str) -> None:
    """Note a figure that was fitted, where the entry does not say so, and one that is a declared test."""
    if target.use is Use.TARGET and "in_fit" not in fields.fields:
        fields.note(
            "in_fit",
            f"is missing: the model was fitted to {figure} already (as {target.id}), and nothing is counted twice; "
            "write 'in_fit: yes' to show it without counting it again, or 'in_fit: no' if this is another figure",
        )
    if target.use is Use.OUT_OF_SAMPLE and DECLARED not in fields.fields:
        fields.note(
            "what",
            f"{figure} (as {target.id}) was declared beforehand as a test of the model, and a test that is fitted "
            f"tests nothing: leave it out, or write '{DECLARED}: yes' to give the test up",
        )


def _read_target_figure(fields: FieldReader, target: Target) -> NationalFigure | None:
    """A figure of a replay: refused if it is a declared test, or was fitted."""
    _refuse_known(fields, target, f"'{target.id}'")
    value, error, in_fit = _read_value(fields, target.unit)
    if fields.spoilt or value is None or error is None:
        return None
    return NationalFigure(target.id, (0, 1), value, error, fields.text("source"), bool(in_fit), target=True)


def _read_count(fields: FieldReader, name: str) -> tuple[float | None, float | None, bool | None]:
    """Value and error of a count of boards, such as 12 of 42, and whether it is in the fit."""
    in_fit = fields.read_in_fit()
    if name not in COUNTED:
        fields.note("count", f"'{name}' does not count boards, and takes a value and an error; {_list_counted()}")
        return None, None, in_fit
    for key in ("value", "error"):
        if key in fields.fields:
            fields.note(key, "follows from the count; leave it out, or write value and error without count and of")
    count = _read_whole(fields, "count", "how many boards it is true of, such as 12")
    asked = _read_whole(fields, "of", f"how many boards answered, {BOARDS} at most")
    if count is None or asked is None:
        return None, None, in_fit
    try:
        return *measure_outcome(name, count, asked), in_fit
    except InputError as error:
        fields.note("count" if 1 <= asked <= BOARDS else "of", str(error))
        return None, None, in_fit


def _read_whole(fields: FieldReader, key: str, wanted: str) -> int | None:
    """A whole number that must be there."""
    number = fields.read_number(key, wanted)
    if number is not None and not number.is_integer():
        fields.note(key, f"{number:g} is not a whole number; write {wanted}")
        return None
    return None if number is None else int(number)


def _list_counted() -> str:
    return "what counts boards is " + ", ".join(f"{name} ({OUTCOMES[name].label.lower()})" for name in COUNTED)


def _read_value(fields: FieldReader, unit: Unit) -> tuple[float | None, float | None, bool | None]:
    """Value, error and whether it is in the fit, of a figure in a unit."""
    in_fit = fields.read_in_fit()
    if counted := _COUNT.fullmatch(fields.text("value")):
        fields.note("value", f"is a count of boards; write count: {counted[1]}, of: {counted[2]} and no value or error")
        return None, None, in_fit
    if unit is Unit.SHARE:
        return fields.read_share("value", -1.0), fields.read_share("error", SMALLEST_ERROR), in_fit
    wanted = f"a number in {unit.value}"
    value, error = fields.read_number("value", wanted), fields.read_number("error", wanted)
    if error is not None and error <= 0:
        fields.note("error", f"{error:g} is no error; write a standard deviation above 0")
        error = None
    return value, error, in_fit


@cache
def _known_figures() -> dict[tuple[str, int], Target]:
    """The fitted finding, or the declared test, behind an outcome of England in a year."""
    known = {}
    for replay in map(load_replay, replay_names()):
        if replay.chance != ENGLAND or replay.boards.fingerprint != read_boards().fingerprint:
            continue
        for observation in replay.observations:
            for year in range(YEARS)[observation.years]:
                if observation.observed is not None and not observation.by_body:
                    known[observation.measure, year] = observation.observed
    return known


def read_statement(fields: FieldReader) -> Statement | None:
    """A claim and how far it is believed, or None with its problems noted."""
    fields.expect(STATEMENT_KEYS)
    claim = _CLAIM.fullmatch(fields.text("claim"))
    sides: list[Side] = []
    if claim is None:
        shown = f"'{fields.text('claim')[:40]}' is not a claim" if fields.text("claim") else "is missing"
        fields.note("claim", f"{shown}; write one scenario above another, such as leadership > ringfence")
    else:
        pair = (claim["left"], claim["right"]) if claim["sign"] == ">" else (claim["right"], claim["left"])
        sides = [side for text in pair if (side := _read_side(fields, text)) is not None]
        if len(sides) == 2 and (sides[0] == sides[1] or all(isinstance(side, float) for side in sides)):
            fields.note("claim", "compares a thing with itself, or two numbers; name two different scenarios")
    outcome = fields.text("outcome") or "retained"
    if outcome not in OUTCOMES:
        fields.note("outcome", f"'{outcome[:40]}' is not an outcome{suggest(outcome, OUTCOMES)}")
    credence = fields.read_share("credence")
    if credence in (0.0, 1.0):
        fields.note(
            "credence", "leaves no room for doubt, so that no evidence could ever change it; write 0.99 or less"
        )
    because, years, in_fit = fields.require("because"), _read_years(fields), fields.read_in_fit()
    if fields.spoilt or credence is None or len(sides) != 2:
        return None
    return Statement(sides[0], sides[1], outcome, credence, because, years, bool(in_fit))


def read_answer(fields: FieldReader) -> tuple[Statement, ...]:
    """The three statements that an answer by quartiles makes; none if something is wrong with it, which is noted."""
    fields.expect(ANSWER_KEYS)
    name = fields.text("question")
    if name not in list_questions():
        hint = suggest(name, list_questions()) or f"; there are {', '.join(list_questions())}"
        fields.note("question", f"'{name[:40]}' is no question{hint}" if name else f"is missing{hint}")
    node = fields.fields.get("quartiles")
    items = node.items if isinstance(node, ListNode) else ()
    numbers = [item.number for item in items if isinstance(item, ScalarNode)]
    quartiles = [float(number) for number in numbers if number is not None]
    because = fields.text("because")
    if len(quartiles) != 3 or len(items) != 3:
        fields.note("quartiles", f"must be three numbers of 100, such as [30, 45, 60]: {QUARTILE_WORDS}")
    else:
        try:
            return state_quartiles(name, quartiles, because) if not fields.spoilt else ()
        except InputError as error:
            fields.note("quartiles", str(error))
    return ()


def state_quartiles(question: str, quartiles: Sequence[float], because: str = "") -> tuple[Statement, ...]:
    """The statements that quartiles of an answer, as so many of 100, make. Raises InputError for what are none."""
    check_quartiles(quartiles, LOW, HIGH)
    return tuple(
        Statement(quartile / HIGH, AnswerTo(question), "", p, because)
        for quartile, p in zip(quartiles, PROBABILITIES, strict=True)
    )


def _read_side(fields: FieldReader, text: str) -> Side | None:
    """A number, or the name of a library scenario or a stack of them."""
    try:
        return parse_number(text)
    except NotReadableError:
        pass
    if fields.alone and any(part.strip() not in library() for part in text.split("+")):
        fields.note("claim", f"'{text[:40]}' is not a scenario of the library{suggest(text, library())}")
        return None
    try:
        load_scenario(text)
    except (UnknownNameError, LookupError, InputError, OSError) as error:
        fields.note("claim", str(error).splitlines()[0])
        return None
    return text


def _read_years(fields: FieldReader) -> str:
    text = fields.text("years")
    if text:
        try:
            if not range(YEARS)[parse_years(text)]:
                fields.note("years", f"there is no year in {text[:40]}")
        except NotReadableError as error:
            fields.note("years", str(error))
    return text
