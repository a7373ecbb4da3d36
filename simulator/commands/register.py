"""`ringfence register`: decide what will be asked and concluded, before anybody has seen an answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.shared import options
from simulator.commands.shared.console import put, say
from simulator.commands.shared.inputs import read_boards, read_scenarios
from simulator.commands.shared.option_groups import spread_groups
from simulator.commands.shared.posterior_options import PosteriorOptions
from simulator.common.atomic_files import check_writable
from simulator.common.errors import InputError

File = Annotated[Path, typer.Argument(metavar="FILE.json", help="The registration to write.")]
Scenarios = Annotated[
    list[str], options.scenario_argument("Library names, files, or stacks such as a+b.", metavar="SCENARIO...")
]
Question = Annotated[str, options.text_option("--question", "TEXT", "The question in words.")]
That = Annotated[
    list[str],
    options.text_option(
        "--that",
        "CONDITION",
        "What must hold of each scenario, such as “difference above 0 in at least 60 of 100”; may be repeated.",
    ),
]
Rule = Annotated[str, options.text_option("--rule", "TEXT", "What will be concluded if it holds, and if not.")]
Awaits = Annotated[
    str,
    options.text_option("--awaits", "TEXT", "The data that are still to come, in words."),
]


@spread_groups
def register(  # noqa: PLR0913 - one argument an option
    file: File,
    scenarios: Scenarios,
    question: Question,
    that: That,
    rule: Rule,
    against: options.Against = "baseline",
    outcome: options.Outcome = "retained",
    years: options.Years = None,
    n: options.FutureCount = options.DEFAULT_N,
    seed: options.Seed = options.SEED,
    boards: options.BoardsFile = None,
    awaits: Awaits = "",
    *,
    posterior: PosteriorOptions,
) -> None:
    """Freeze question, scenarios, outcome, decision rule and seed before looking. Nothing is run.

    Publish the file, or send it to somebody with a date. Then `ringfence verify FILE --claim RESULT.json` runs what was
    registered, and `ringfence verify FILE RESULT.json` says whether anything was changed afterwards.
    """
    from simulator.claims.claim_file import check_claim_name, write_claim
    from simulator.claims.registration import register_question
    from simulator.claims.verification import hash_registration
    from simulator.common.formatting import number_of
    from simulator.runs.futures import draw_futures

    path = check_writable(check_claim_name(file))
    if path.exists():
        raise InputError(f"{path} exists, and a registration is never changed; choose another name")
    named = read_scenarios(list(dict.fromkeys([*(name for name in scenarios if name != against), against])))
    if len(named) < 2:
        raise InputError(f"name a scenario to compare with {against}")
    registration = register_question(
        question,
        rule,
        that,
        [named[-1], *named[:-1]],
        draw_futures(n, seed=seed),
        read_boards(boards),
        dt.date.today().isoformat(),
        outcome=outcome,
        years=years,
        awaits=awaits,
    )
    write_claim(path, registration)
    count = number_of(len(registration.questions), "comparison")
    put(f"registered {count}; digest {hash_registration(registration)}")
    say(f"wrote {path}; publish it, then: ringfence verify {path.name} --claim result.json")
