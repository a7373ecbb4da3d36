"""Commands that give the same numbers, and what to cite."""

from __future__ import annotations

import datetime as dt
import re

from dashboards.computing.answer_view import AnswerView, find_asked_card, quote_card
from simulator.reports import provenance, sentences

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def list_commands(view: AnswerView) -> list[str]:
    """What to type for the numbers on the screen. Somebody's own scenarios are named by the files to download."""
    if not view.main:
        return [view.recipe.run([("--outcome", view.outcome)])]
    return [view.recipe.compare, provenance.write_commands(view, [("--pdf", "briefing.pdf")])[0]]


def write_citation(view: AnswerView) -> str:
    """The sentence of the question on the screen, with what it turns on, its range and its caveat."""
    return provenance.write_citation(view, " ".join((*quote_card(view, find_asked_card(view)), *view.renamed)))


def write_bibtex(view: AnswerView, today: dt.date | None = None) -> str:
    """The program and this analysis as entries for a bibliography."""
    m, day, card = view.baseline.manifest, today or dt.date.today(), find_asked_card(view)
    _, caveat = quote_card(view, card)
    title = sentences.write_standalone(card.sentence, view.years)
    note = f"{caveat} {m.futures} futures, seed {m.seed}, {provenance.list_fingerprints(view)}; {m.badge}"
    key = f"{view.runs[-1].manifest.scenario_fingerprint[:8]}-{m.seed}"
    program = "Ringfence: what would keep health inequalities money for its purpose? An agent-based policy simulator"
    return (
        f"@software{{ringfence,\n  title = {{{escape_tex(program)}}},\n  author = {{{{Ringfence contributors}}}},\n"
        f"  version = {{{escape_tex(m.version)}}},\n  year = {{{day.year}}},\n  license = {{MIT}}\n}}\n\n"
        f"@misc{{ringfence-{key},\n  title = {{{escape_tex(title)}}},\n"
        f"  author = {{{{Our own analysis}}}},\n  year = {{{day.year}}},\n"
        f"  note = {{Produced using Ringfence {escape_tex(m.version)}; {escape_tex(note)}}}\n}}\n"
    )


def escape_tex(text: str) -> str:
    """Text as a bibliography may hold it."""
    plain = re.sub(r"\s+", " ", text)
    return "".join(_TEX.get(letter, letter) for letter in plain)
