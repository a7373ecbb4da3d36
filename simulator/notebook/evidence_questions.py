"""Questions about evidence: what does mine change, what would more be worth, and does the model repeat a history?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.common.arguments import check_enough, checked, to_setting
from simulator.common.errors import InputError
from simulator.common.formatting import number_of
from simulator.common.pictures.columns import PictureColumns
from simulator.common.yaml_nodes import Problem
from simulator.evidence.belief_change import BeliefChange, compare_beliefs
from simulator.evidence.design_value import RankedDesigns, rank_designs
from simulator.evidence.designs import Design, parse_design
from simulator.evidence.evidence import Evidence
from simulator.evidence.observation_file import EvidenceError, parse_evidence, read_evidence
from simulator.experiments.core.model_protocol import Progress
from simulator.experiments.decision.sample_information import FEWEST
from simulator.notebook.estimate_picture import picture_estimates
from simulator.notebook.study_answer import StudyAnswer, drawing
from simulator.replays.replay import Replay, load_replay
from simulator.replays.replay_comparison import ReplayComparison, compare_with_observed
from simulator.runs.futures import DEFAULT_N, SEED, draw_futures
from simulator.runs.posterior import Beliefs, current_posterior
from simulator.runs.run import Policy
from simulator.studies.samples import describe_sample
from simulator.studies.scenario_runs import (
    find_directed_outcome,
    index_by_title,
    name_chosen_years,
    remark_years,
    run_scenarios,
    sample_posterior_futures,
)

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, object]]


@checked
def evidence(
    observations: Evidence | str | Path | Rows | Mapping[str, object] | pd.DataFrame,
    n: int = DEFAULT_N,
    *,
    because: str = "",
    seed: int = SEED,
    beliefs: Beliefs | None = None,
    progress: Progress | None = None,
) -> StudyAnswer[BeliefChange]:
    """What does evidence of mine change? The headline answers before and after it is weighed, in `n` futures each.

    `observations` is a file of evidence (YAML, CSV or Excel), rows by board (a list of dictionaries or a data frame
    with the columns board, year, what, value, error, source), evidence of `rf.read_evidence` or `rf.state_beliefs`,
    or a dictionary of what a file would say. `value` is a share, `error` its standard deviation. Rows have no file
    that says why they are believed, so `because` says it, and every row names its `source`. The table has one row
    an answer: `difference_before` and `difference_after` with the ranges of 8 in 10 futures, each in the unit of
    its outcome, and `better_of_100_before` and `_after`, nan where the sign is assumed or under 100 futures were
    run. `result.moved` are the parameters that moved, `result.update.posterior` what `rf.run(..., beliefs=...)`
    draws from. Before and after share the `n` random futures of `seed`. The first time that evidence is weighed
    takes up to a minute, of which `progress(done, all)` tells; afterwards its weights are kept. Method: importance
    weights on the posterior's draws, with Pareto-smoothed tails (Vehtari et al. 2024). Raises EvidenceError, which
    lists every mistake, InputError for what is no evidence.

    >>> import simulator as rf
    >>> rows = [{"board": "QWO", "year": "2022/23", "what": "retained", "value": 0.9, "error": 0.05, "source": "mine"}]
    >>> answer = rf.evidence(rows, n=20, because="Its accounts.")
    >>> answer.to_frame()[["difference_before", "difference_after"]].shape
    (8, 2)
    """
    if because and isinstance(observations, Evidence | str | Path | Mapping):
        raise InputError("because is for rows; a file or evidence says itself why it is believed: leave it out")
    given = read_observations(observations, because)
    with drawing(beliefs):
        update = given.weigh(current_posterior(), progress)
        change = compare_beliefs(update, n, seed)
    after = next(iter(change.answers.values()))[1]
    told = f"evidence “{given.title}” (fingerprint {given.fingerprint}, {number_of(len(given), 'observation')})"
    left = f"effective sample {update.effective:,.0f} of {update.pool:,}"
    basis = f"{after.badge}; {told}; {n:,} futures, seed {seed}; {left}"
    # rows are not repeated in what is saved, for their readers may not be those of the rows
    asked = {} if isinstance(observations, str | Path) else {"observations": to_setting(given)}
    held = {"n": n, "seed": seed, **({} if beliefs is None else {"beliefs": beliefs})}
    picture = _picture_change(change)
    return StudyAnswer("evidence", change, picture, basis, asked, inputs={"observations": given, **held})


def _picture_change(change: BeliefChange) -> PictureColumns:
    """Every answer before and after; outcomes share an axis, which names their unit if it is the same."""
    units = {after.outcome.unit.value for _, after in change.answers.values()}
    unit = units.pop() if len(units) == 1 else "each in its outcome's unit"
    return PictureColumns(
        "points",
        "answer",
        "difference_before",
        f"difference ({unit})",
        "low_before",
        "high_before",
        name="before the evidence",
        interval="8 in 10 futures",
        second="difference_after",
        second_name="after it",
        second_low="low_after",
        second_high="high_after",
    )


def read_observations(
    given: Evidence | str | Path | Rows | Mapping[str, object] | pd.DataFrame, because: str
) -> Evidence:
    """Evidence from any of the forms in which a notebook has it. Raises EvidenceError and InputError."""
    if isinstance(given, Evidence):
        return given
    if isinstance(given, str | Path):
        return read_evidence(given)
    if isinstance(given, Mapping):
        return _parse_document(given, {})
    rows = _list_rows(given)
    document = {"title": "Rows of a notebook", "because": because, "observations": [row for _, row in rows]}
    return _parse_document(document, {f"observations[{at}]": row for at, row in enumerate(rows, 1)})


def _parse_document(document: Mapping[str, object], rows: Mapping[str, tuple[str, Mapping[str, object]]]) -> Evidence:
    """Evidence of a document; mistakes are placed where the reader wrote them, and not in the text between.

    `rows` holds the name of each row and its content, by its place in the document. Raises EvidenceError.
    """
    missing = [
        Problem(name, 0, "source", "is missing; say where the figure is from, such as 'source': 'FOI 2023-114'")
        for name, row in rows.values()
        if not str(row.get("source", "")).strip()
    ]
    try:
        evidence = parse_evidence(json.dumps(document, indent=1, default=str), "evidence")
    except EvidenceError as error:
        order = ["", *(name for name, _ in rows.values())]
        problems = [*(_place(problem, rows) for problem in error.problems), *missing]
        problems.sort(key=lambda problem: order.index(problem.file) if problem.file in order else 0)
        raise EvidenceError(problems) from None
    if missing:
        raise EvidenceError(missing)
    return evidence


def _place(problem: Problem, rows: Mapping[str, tuple[str, Mapping[str, object]]]) -> Problem:
    """A problem of the text between, where the reader wrote it."""
    row, _, path = problem.path.partition(".")
    if row in rows:
        return replace(problem, file=rows[row][0], line=0, path=path)
    if rows and problem.path == "because":
        message = "say why these rows are believed, such as because='Answers to a request.'"
        return replace(problem, line=0, message=message)
    return replace(problem, line=0)


def _list_rows(given: Rows | pd.DataFrame) -> list[tuple[str, dict[str, object]]]:
    """Rows as plain dictionaries, what a data frame leaves blank left out, each with its name for messages."""
    import pandas as pd

    labels: list[object] = []
    if isinstance(given, pd.DataFrame):
        rows: list[Mapping[str, object]] = [*_list_filled(given)]
        labels = [] if isinstance(given.index, pd.RangeIndex) else list(given.index)
    else:
        rows = list(given) if isinstance(given, Sequence) else []
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(
            "evidence is a file, or rows by board such as [{'board': 'QWO', 'year': '2022/23', 'what': 'retained', "
            "'value': 0.9, 'error': 0.05, 'source': 'accounts'}]"
        )
    texts = [{str(key): value for key, value in row.items()} for row in rows]
    return [(_name_row(at, row, labels), row) for at, row in enumerate(texts, 1)]


def _name_row(at: int, row: Mapping[str, object], labels: Sequence[object]) -> str:
    """What a reader calls a row: its number, its label in a data frame, and the board and year that it is about."""
    about = ", ".join(str(row[key]) for key in ("board", "year") if key in row)
    label = f" ('{labels[at - 1]}')" if labels else ""
    return f"row {at}{label}{f' ({about})' if about else ''}"


def _list_filled(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a data frame; what is blank in a row is left out of it."""
    blank = frame.isna().to_numpy()
    values = frame.astype(object).to_numpy()
    names = [str(name) for name in frame.columns]
    return [
        {name: value for name, value, no in zip(names, row, gaps, strict=True) if not no}
        for row, gaps in zip(values, blank, strict=True)
    ]


@checked
def evsi(
    designs: str | Design | Sequence[str | Design],
    scenarios: Sequence[Policy] = ("ringfence", "leadership"),
    outcome: str = "retained",
    years: str | None = None,
    *,
    draws: int = 400,
    replicates: int = 10,
    seed: int = SEED,
    beliefs: Beliefs | None = None,
    progress: Progress | None = None,
) -> StudyAnswer[RankedDesigns]:
    """What would data that nobody has yet be worth? Expected value of sample information of designs, ranked.

    A design says what to ask, such as "retained of 12 boards, 2022/23". Its value is what the choice between
    `scenarios` would gain on average by the answers. The table has one row per design: `low` (cross-fitted, errs low)
    and `high` (in-sample, errs high), two estimates of one value and no interval, as in `rf.evppi`; `error_low`,
    `error_high` and a 95% interval around both, in the outcome's unit. `result.request` asks for the best
    in plain English, or says that nothing is worth asking; `result.perfect` is the value of knowing everything. Designs
    whose intervals overlap are in an order that another seed may turn round. Draws are the first of the posterior, each
    averaged over `replicates`, and `seed`, 20240323 here as in `ringfence learn`, decides their chance; `years` are
    by default those from the first change of any scenario on. `progress` counts data sets. Method: regression on
    summaries, Strong, Oakley, Brennan and Breeze (2015), Medical Decision Making 35. Raises InputError for fewer than
    120 draws, and for designs, scenarios and outcomes that are none.

    >>> import simulator as rf
    >>> answer = rf.evsi("retained of 2 boards, 2022/23", draws=120, replicates=2)
    >>> answer.to_frame()["design"].tolist()
    ['retained of 2 boards, 2022/23']
    """
    given = [designs] if isinstance(designs, str | Design) else list(designs)
    asked = [parse_design(design) if isinstance(design, str) else design for design in given]
    about, policies = find_directed_outcome(outcome), index_by_title(scenarios)
    check_enough("evsi", "draws", draws, FEWEST)
    with drawing(beliefs):
        futures = sample_posterior_futures(draws, replicates, seed)
        table = run_scenarios(policies, futures, outcome, years)
        result = rank_designs(asked, table, futures.draws, about, seed=seed, progress=progress, points=futures.points)
        basis = f"{describe_sample('posterior', draws, replicates, seed)}{remark_years(years, policies.values())}"
    axis = f"value of asking it ({about.unit.value})"
    picture = picture_estimates("design", axis)
    settings = {"designs": [design if isinstance(design, str) else design.text for design in given]}
    span = name_chosen_years(years, policies.values())
    return StudyAnswer("evsi", result, picture, basis, settings, years=span)


@checked
def replay(
    name: str | Path | Replay,
    n: int = DEFAULT_N,
    *,
    source: str = "posterior",
    seed: int = SEED,
    beliefs: Beliefs | None = None,
) -> StudyAnswer[ReplayComparison]:
    """Does the model repeat a history? Another place and time, prediction beside what was observed.

    `name` is a replay that ships, such as "choosing_health", or a YAML file. The table has one row per observation:
    `finding` and `title` of the published figure, `observed` (nan if nothing was), the `mean` and centiles of `n`
    futures, all in `unit`; `passes`, as in the scoreboard, if the mean lies from `tolerance_low` to `tolerance_high`;
    `share_below`, the share of futures below what was observed, and `within`, whether that lies in the middle 90% of
    futures, which is wider, so that a figure that fails may lie within it; `defined`, in how many of the futures there
    is a prediction; and `use`, what the figure is for: "target" (fitted), "out-of-sample" (declared before any run, and
    never fitted), "set", "pattern", or "own" for a figure in a file of yours. A replay has chance of its own, the same
    for all policies, from `seed`; `source` is "posterior", "prior" or "default". Raises LookupError for an unknown
    name, and ScenarioError for a file, with every mistake.

    >>> import simulator as rf
    >>> answer = rf.replay("choosing_health", n=20)
    >>> sorted(answer.to_frame().columns)[:3]
    ['centile_5', 'centile_50', 'centile_95']
    """
    if not isinstance(name, str | Path | Replay):
        raise InputError(f"a replay is named, as 'choosing_health', or a YAML file, not {name!r}")
    replayed = name if isinstance(name, Replay) else load_replay(name)
    futures = draw_futures(n, seed=seed, source=source, beliefs=beliefs)
    result = compare_with_observed(replayed, futures)
    basis = f"{len(replayed.boards)} bodies, {n:,} futures, seed {seed}; {futures.badge}"
    picture = PictureColumns(
        "tolerance", "title", "mean", "", "centile_5", "centile_95", interval="5% to 95% of futures"
    )
    return StudyAnswer("replay", result, picture, basis)
