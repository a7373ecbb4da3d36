"""`ringfence beliefs`: state what you expect by quartiles, and hold two people's beliefs against each other."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import say
from simulator.commands.shared.option_groups import AnswerOptions, spread_groups
from simulator.commands.shared.posterior_options import read_evidence_files, weigh_with_progress
from simulator.commands.shared.rendering import Answer, Form, deliver, show_table, show_text
from simulator.common.errors import InputError
from simulator.common.pinned_names import format_file_argument

if TYPE_CHECKING:
    from simulator.evidence.belief_comparison import BeliefComparison
    from simulator.evidence.evidence import Update
    from simulator.runs.posterior import Posterior

app = typer.Typer(
    help="Beliefs of your own: answer questions by quartiles, and compare two people's answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

HOW = (
    "Each question has one true answer that nobody knows. First say the middle: it is as likely that the answer lies "
    "above as below. Then the lower quartile: suppose the answer lies below the middle; where is as likely above as "
    "below? Then the upper quartile in the same way. Press Enter alone to leave a question out."
)
BeliefFile = Annotated[str, typer.Argument(metavar="FILE", help="A belief file.")]


@app.command("questions")
def questions(as_json: options.Json = False) -> None:
    """List the questions, with their names for files of answers."""
    from simulator.evidence.questions import list_questions

    document = {"questions": dict(list_questions())}
    rows = [{"Name": name, "Question": text} for name, text in list_questions().items()]
    deliver(Answer(document, [], lambda: show_table(rows)), Form.JSON if as_json else Form.TABLE)


@app.command("ask")
def ask(
    answers: Annotated[
        Path | None,
        options.text_option("--answers", "FILE.yaml", "Take the answers from a belief file, and ask nothing."),
    ] = None,
    out: Annotated[
        Path | None,
        options.text_option("--out", "FILE.yaml", "Where to write the belief file."),
    ] = None,
    who: Annotated[str | None, options.text_option("--who", "NAME", "Whose beliefs these are.")] = None,
) -> None:
    """Ask about boards that people have seen, say what else your answers mean, and keep them as a belief file.

    Answers are quartiles, as in the Sheffield Elicitation Framework. The file is a file of evidence: --with FILE draws
    from what it makes of the posterior.
    """
    from simulator.evidence.elicitation import give_feedback, read_answers_of, write_belief_file
    from simulator.evidence.observation_file import parse_evidence

    if out is not None:
        _check_out(out)
    if answers is not None:
        given = read_evidence_files([str(answers)])
        stated: Mapping[str, Sequence[float]] = read_answers_of(given)
        outcome, name = given.outcome, who or answers.stem
        if not stated:
            raise InputError(f"{answers}: answers no question; see: ringfence beliefs questions")
        for question, quartiles in stated.items():
            _show_question(question)
            show_text(f"  {', '.join(f'{x:g}' for x in quartiles)}")
            for sentence in give_feedback(quartiles):
                show_text(f"  {sentence}")
    else:
        if not sys.stdin.isatty():
            raise InputError("there is nobody to ask here; give the answers as a file: --answers FILE.yaml")
        name, outcome, stated = _ask_all(who)
    if not stated:
        say("nothing was answered, and nothing was written")
        return
    text = write_belief_file(stated, name, outcome, dt.date.today())
    if answers is None or out is not None:
        _keep(out or _find_free(f"beliefs-{_to_file_name(name)}"), text)
    show_text()
    _show_meaning(weigh_with_progress(parse_evidence(text), _present()))


def _present() -> Posterior:
    from simulator.runs.posterior import current_posterior

    return current_posterior()


def _ask_all(who: str | None) -> tuple[str, str, dict[str, tuple[float, float, float]]]:
    """Ask everything on the terminal: whose beliefs, the outcome they look at, and their answers."""
    from simulator.declarations.outcomes import HEADLINES
    from simulator.evidence.questions import list_questions

    name = who or str(typer.prompt("Your name", default="somebody", err=True))
    outcome = ""
    while outcome not in HEADLINES:
        words = f"Which outcome matters most to you? {', '.join(HEADLINES)}"
        outcome = str(typer.prompt(words, default="retained", err=True)).strip().lower()
    show_text(HOW)
    stated = {}
    for question in list_questions():
        show_text()
        _show_question(question)
        quartiles = _ask_quartiles()
        if quartiles is not None:
            stated[question] = quartiles
    return name, outcome, stated


def _ask_quartiles() -> tuple[float, float, float] | None:
    """Ask for the quartiles of one answer until they are kept; None where it is left out."""
    from simulator.evidence.elicitation import give_feedback

    while True:
        middle = _ask_number("The middle")
        if middle is None:
            return None
        lower, upper = _ask_number("The lower quartile"), _ask_number("The upper quartile")
        if lower is None or upper is None:
            return None
        try:
            sentences = give_feedback((lower, middle, upper))
        except InputError as error:
            say(str(error))
            continue
        for sentence in sentences:
            show_text(f"  {sentence}")
        if typer.confirm("Keep this answer?", default=True, err=True):
            return lower, middle, upper


def _ask_number(words: str) -> float | None:
    """A number of 100, or None for an empty line."""
    from simulator.common.numbers import NotReadableError, parse_number

    while True:
        text = str(typer.prompt(f"  {words}, of 100", default="", show_default=False, err=True)).strip()
        if not text:
            return None
        try:
            return parse_number(text.removesuffix("%"))
        except NotReadableError as error:
            say(f"{error}; write a number between 0 and 100, or press Enter alone to leave the question out")


def _show_question(question: str) -> None:
    from simulator.evidence.questions import list_questions

    show_text(f"{question}: {list_questions()[question]}")


def _show_meaning(update: Update) -> None:
    """What the model made of the answers: its own answers to every question, before and after."""
    from simulator.evidence.elicitation import describe_model_answers, read_answers_of

    rows = describe_model_answers(update, read_answers_of(update.evidence))
    show_text("What the model answers, by lower quartile, middle and upper quartile")
    show_table(rows, ("You", "Before", "After"))
    show_text(f"Effective sample: {update.effective:,.0f} of {update.pool:,} draws.")


def _check_out(out: Path) -> None:
    """Refuse a file that cannot be written, before anybody has answered anything."""
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{out}: the ending must be .yaml")
    if out.exists():
        raise InputError(f"{out} is there already; give another name with --out")


def _keep(out: Path, text: str) -> None:
    from simulator.common.atomic_files import write_text

    write_text(out, text)
    say(f"wrote {out}")
    name = format_file_argument(str(out))
    show_text(f"See what it changes: {shlex.join(['ringfence', 'evidence', 'add', name])}")


def _find_free(stem: str) -> Path:
    """A file of this name that is not there yet."""
    number, path = 1, Path(f"{stem}.yaml")
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}.yaml")
    return path


def _to_file_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "mine"


@app.command("compare")
@spread_groups
def compare(
    first: BeliefFile,
    second: BeliefFile,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    *,
    output: AnswerOptions,
) -> None:
    """Say whether two people differ because of facts, because of the outcome that they look at, or by chance alone."""
    form, out = output.check()
    evidence = [read_evidence_files([name]) for name in (first, second)]

    from simulator.evidence.belief_comparison import compare_believers

    for each in evidence:
        weigh_with_progress(each, _present())
    names = [Path(name.partition("@")[0]).stem for name in (first, second)]
    compared = compare_believers(evidence[0], evidence[1], names=(names[0], names[1]), n=n, seed=seed)
    deliver(Answer(compared.document, compared.rows, lambda: _show_compared(compared)), form, out, output.crate)


def _show_compared(compared: BeliefComparison) -> None:
    def words(numbers: object) -> str:
        return ", ".join(f"{x:g}" for x in numbers) if isinstance(numbers, tuple) else "–"

    one, other = compared.names
    table = [
        {
            "Question": str(row["asks"]),
            one: words(row["first"]),
            other: words(row["second"]),
            f"{one} larger": "–" if row["first_larger"] is None else f"{row['first_larger']:.0%}",
        }
        for row in compared.rows
    ]
    if table:
        show_table(table, (one, other, f"{one} larger"))
        show_text()
    for sentence in compared.sentences:
        show_text(sentence)
