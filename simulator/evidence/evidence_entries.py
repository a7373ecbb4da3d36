"""Observations as the entries of a file of evidence: plain data, which reads back as the same evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.declarations.calendar import year_name
from simulator.evidence.observations import BoardRow, LeaderScore, Observation, Statement
from simulator.evidence.questions import HIGH, AnswerTo

Entry = dict[str, object]


def list_answers(statements: Iterable[Statement]) -> dict[str, tuple[float, ...]]:
    """The quartiles that statements hold, as so many of 100, by question."""
    stated: dict[str, dict[float, float]] = {}
    for s in statements:
        if isinstance(s.less, AnswerTo):
            stated.setdefault(s.less.question, {})[s.credence] = HIGH * float(str(s.more))
    return {name: tuple(shares[p] for p in sorted(shares)) for name, shares in stated.items()}


def list_entries(observations: Sequence[Observation]) -> dict[str, list[Entry]]:
    """What a file says of observations: entries by kind, with tables written out."""
    entries: dict[str, list[Entry]] = {}
    for observation in observations:
        if isinstance(observation, Statement) and isinstance(observation.less, AnswerTo):
            continue  # a part of an answer by quartiles, which stands below as a whole
        kind, entry = _describe(observation)
        entries.setdefault(kind, []).append({**entry, **({"in_fit": True} if observation.in_fit else {})})
    answers = list_answers(item for item in observations if isinstance(item, Statement))
    if answers:
        entries["beliefs"] = [{"question": name, "quartiles": list(shares)} for name, shares in answers.items()]
    return entries


def _describe(observation: Observation) -> tuple[str, Entry]:
    """The key under which a file has an observation, and its entry."""
    if isinstance(observation, Statement):
        statement: Entry = {name: getattr(observation, name) for name in ("claim", "outcome", "credence", "because")}
        return "statements", {**statement, **({"years": observation.years} if observation.years else {})}
    source: Entry = {"source": observation.source} if observation.source else {}
    if isinstance(observation, LeaderScore):
        year = year_name(observation.year)
        return "scores", {
            "name": observation.name,
            "of": "chief",
            "year": year,
            "values": dict(observation.values),
            **source,
        }
    figures: Entry = {"value": observation.value, "error": observation.error, **source}
    if isinstance(observation, BoardRow):
        year = year_name(observation.year)
        return "observations", {"board": observation.board, "year": year, "what": observation.outcome, **figures}
    when: Entry = {} if observation.target else {"year": year_name(observation.years[0])}
    return "national", {"what": observation.what, **when, **figures}
