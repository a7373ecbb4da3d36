"""The scoreboard: what the fitted model gives beside what was seen, in the order fitted, same evidence, out of sample.

Every replay that ships stands in it, and beside each prediction what the priors give before any finding is known. A
line passes if the mean over draws lies within a tolerance that was written down before the fit. Failures stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from simulator.calibration.likelihood import ENGLAND, REPLAYS, list_factors
from simulator.calibration.pattern_statistics import Statistic, compute_statistics
from simulator.calibration.same_evidence import repeats_target
from simulator.common.arguments import checked
from simulator.common.arrays import Floats
from simulator.common.errors import InputError
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import Presentable
from simulator.common.ranges import Range
from simulator.common.software_version import name_version
from simulator.common.units import Unit
from simulator.declarations.evidence import EvidenceIds
from simulator.engine.ensemble import Progress
from simulator.experiments.core.model_protocol import draw_uniforms
from simulator.replays.replay import load_replay, replay_names
from simulator.replays.survey_emulator import CATEGORIES, simulate_reported
from simulator.replays.targets import Target, read_patterns, read_targets
from simulator.runs.fit_documents import FindingDocument, MovedDocument
from simulator.runs.futures import DEFAULT_N, Futures, draw_futures
from simulator.runs.parameter_sets import posterior_columns
from simulator.runs.posterior import BIAS, current_posterior

if TYPE_CHECKING:
    import pandas as pd

FITTED, SAME = "fitted", "same evidence as a target"
DECLARED, REPLAYED, PATTERNS = (
    "declared beforehand, not fitted",
    "replayed afterwards, not fitted",
    "patterns, not fitted",
)
SECTIONS = (FITTED, SAME, DECLARED, REPLAYED, PATTERNS)
"""In their order; the last three are out of sample."""

SURVEYED = slice(0, 2)
"""The years that leads were asked about, half-way through the second."""


@dataclass(frozen=True)
class Line:
    """One line, in one of `SECTIONS`: `simulated` is a mean over draws, `low` and `high` 5-95% over draws and chance
    (nan where there is no such interval); `prior`, `prior_low` and `prior_high` are the same before the findings are
    known (nan for patterns); `beforehand` says that the tolerance was set before any prototype had been seen. `moved`
    says whether a finding that was fitted moved the answer; None for what was not fitted. `years` are the financial
    years that the figure is of; "" for patterns, which are read from runs of their own.
    """

    section: str
    id: str
    title: str
    evidence: EvidenceIds
    observed: float
    simulated: float
    low: float
    high: float
    tolerance: Range
    passes: bool
    beforehand: bool
    unit: Unit | None
    prior: float = math.nan
    prior_low: float = math.nan
    prior_high: float = math.nan
    moved: bool | None = None
    years: str = ""


class Scoreboard(tuple[Line, ...], Presentable):
    """The lines of the scoreboard, and what every answer can do. `basis` says which futures and which fit they are of,
    and `asked` holds the arguments of the question.
    """

    basis: str = ""
    asked: Mapping[str, object] = MappingProxyType({})

    def keep_arguments(self, arguments: Mapping[str, object]) -> Scoreboard:
        """The same lines with the arguments of their question."""
        return make_scoreboard(self, self.basis, arguments)

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "scoreboard"

    @property
    def sentence(self) -> str:
        """How many lines pass of what was fitted, of the same evidence and out of sample, and which do not."""
        return describe_passes(self)

    @property
    def assumes(self) -> str:
        """How many futures of which seed, the fit, when a line passes, and the version."""
        return f"{self.basis}; a line passes if the mean over draws is within its tolerance; {name_version()}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question."""
        return dict(self.asked)

    @property
    def picture(self) -> PictureColumns:
        """What the model gives and what was observed, each line on the scale of its tolerance."""
        return PictureColumns(
            "tolerance",
            "id+title",
            "simulated",
            "",
            "low",
            "high",
            interval="5% to 95% of futures and chance",
            filled="out_of_sample",
            filled_name="out of sample",
            hollow_name="fitted, or of the same evidence",
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per line, in the order of `section`: the fields of `Line`, of which the tolerance is `tolerance_low`
        and `tolerance_high`; `out_of_sample`; and of what was seen `seen_as`, which is a bound or a range where it is
        no plain point, and a `note`.
        """
        import pandas as pd

        rows = [
            {
                **asdict(line),
                "evidence": " ".join(line.evidence),
                "unit": line.unit.value if line.unit else "",
                "out_of_sample": is_out_of_sample(line),
                "seen_as": "" if math.isnan(line.observed) else tell_seen(line, f"{line.observed:.3g}"),
                "note": tell_note(line),
            }
            for line in self
        ]
        table = pd.DataFrame(rows)
        at = list(table.columns).index("tolerance")
        for end, name in enumerate(("tolerance_low", "tolerance_high")):
            table.insert(at + end, name, [line.tolerance[end] for line in self])
        return table.drop(columns="tolerance")

    def __repr__(self) -> str:
        return Presentable.__repr__(self)


def make_scoreboard(
    lines: Iterable[Line], basis: str, asked: Mapping[str, object] = MappingProxyType({})
) -> Scoreboard:
    """Lines, and what they rest on."""
    board = Scoreboard(lines)
    board.basis, board.asked = basis, asked
    return board


@checked
def scoreboard(n: int = DEFAULT_N, progress: Progress | None = None) -> Scoreboard:
    """Every line, from the first `n` posterior futures, with random draws that the fit did not use.

    Levels are in the unit that each line names: what was seen, the mean and 5% to 95% of the futures, and whether the
    mean lies within a tolerance written beforehand (`simulated`, `low`, `high`, `passes`). `prior`, `prior_low` and
    `prior_high` are the same before the fit, from the priors; `moved` says whether the finding moved the answer in the
    fit (blank where it was not fitted), and `beforehand` whether the tolerance was set before any prototype was seen.
    `section` and `out_of_sample` part what was fitted, and what only repeats evidence that was, from the rest. `years`
    are those of the figure, "" for patterns, which have runs of their own. `plot` draws every line on the scale of its
    tolerance, beside what was observed, hollow where it is not out of sample; in axes of your own as many as can be
    read there, those furthest off first. The seed is always 20240323. Raises InputError for a number of futures that is
    none.

    >>> import simulator as rf
    >>> rf.scoreboard(20).to_frame()["section"].iloc[0]
    'fitted'
    """
    drawn, before = draw_futures(n), draw_futures(n, source="prior")
    bias = posterior_columns(n, drawn.seed)[BIAS]
    (prior_bias,) = (f.quantile(draw_uniforms(n, before.seed, BIAS)) for f in list_factors() if f.name == BIAS)
    fitted, replayed = _list_fitted(drawn, bias, before, prior_bias), _list_replayed(drawn, before)
    basis = f"the first {n:,} futures, seed {drawn.seed}; {drawn.badge}"
    lines = [*fitted, *replayed, *_list_patterns(drawn, bias, progress)]
    return make_scoreboard(sorted(lines, key=lambda line: SECTIONS.index(line.section)), basis)


def _list_fitted(drawn: Futures, bias: Floats, before: Futures, prior_bias: Floats) -> Iterator[Line]:
    moved = {finding["id"]: finding["moved"] for finding in current_posterior().document["findings"]}
    for name in REPLAYS:
        replay = load_replay(name)
        detail = replay.by_body or name == ENGLAND
        yearly, prior = (replay.run(f.points, f.runs, seed=f.seed, detail=detail) for f in (drawn, before))
        if name == ENGLAND and yearly.areas is not None and prior.areas is not None:
            target = read_targets()["interviews"]
            counts = simulate_reported(yearly.areas, bias), simulate_reported(prior.areas, prior_bias)
            for line in _list_interviews(target, *counts, moved.get(target.id)):
                yield replace(line, years=replay.name_years(SURVEYED))
        for o in replay.observations:
            if o.observed:
                line = _make_line(FITTED, o.observed, o.read(yearly), o.read(prior), moved.get(o.observed.id))
                yield replace(line, years=replay.name_years(o.years))


def _list_interviews(target: Target, counts: Floats, before: Floats, moved: bool | None) -> Iterator[Line]:
    """One line for each category, scaled to the boards interviewed, held within one standard deviation of sampling."""
    every, sample = float(counts[0].sum()), sum(target.observed)
    for k, (observed, category) in enumerate(zip(target.observed, CATEGORIES, strict=True)):
        share = observed / sample
        spread = math.sqrt(sample * share * (1 - share) * (every - sample) / (every - 1))
        about = replace(
            target,
            id=f"{target.id}_{category.split()[1]}",
            title=f"{target.title}: {category}",
            observed=(observed,),
            tolerance=(observed - spread, observed + spread),
        )
        now, prior = (np.asarray((counts_of / every * sample)[:, k]) for counts_of in (counts, before))
        yield _make_line(FITTED, about, now, prior, moved)


def _list_replayed(drawn: Futures, before: Futures) -> Iterator[Line]:
    """Every replay that ships, was not fitted and has something observed."""
    for name in replay_names():
        replay = load_replay(name)
        if name not in REPLAYS and any(o.observed for o in replay.observations):
            predicted, prior = (replay.predict(f.points, f.runs, seed=f.seed) for f in (drawn, before))
            for o in replay.observations:
                if o.observed:
                    section = SAME if repeats_target(o.observed.id) else DECLARED if o.observed.beforehand else REPLAYED
                    line = _make_line(section, o.observed, predicted[o.name], prior[o.name])
                    yield replace(line, years=replay.name_years(o.years))


def _make_line(section: str, target: Target, values: Floats, before: Floats, moved: bool | None = None) -> Line:
    """A line of values under the posterior and under the priors, (futures,) each. Raises ValueError."""
    if target.band is None:
        raise InputError(f"{target.id} has no tolerance: write it into targets.yaml, and let the replay name it")
    low, high = np.quantile(values, (0.05, 0.95))
    prior_low, prior_high = np.quantile(before, (0.05, 0.95))
    mean = float(values.mean())
    return Line(
        section,
        target.id,
        target.title,
        target.evidence,
        target.observed[0],
        mean,
        float(low),
        float(high),
        target.band,
        target.band[0] <= mean <= target.band[1],
        target.beforehand,
        target.unit,
        float(before.mean()),
        float(prior_low),
        float(prior_high),
        moved,
    )


def _list_patterns(drawn: Futures, bias: Floats, progress: Progress | None) -> Iterator[Line]:
    found = compute_statistics(drawn, progress, bias)
    for pattern in read_patterns().values():
        for check in pattern.checks:
            statistic: Statistic = found[pattern.id][check.name]
            yield Line(
                SAME if repeats_target(pattern.id) else PATTERNS,
                f"{pattern.id}.{check.name}",
                check.says,
                pattern.evidence,
                math.nan,
                statistic.value,
                statistic.low,
                statistic.high,
                check.tolerance,
                check.passes(statistic.value),
                check.beforehand,
                None,
            )


def find_target(line: Line) -> Target | None:
    """The target that a line is of: the interviews for each of their counts; None for a check of a pattern."""
    known = read_targets()
    return known.get(line.id) or known.get(line.id.rpartition("_")[0])


def tell_seen(line: Line, figure: str) -> str:
    """What was seen, given as it is written: with its bound or range where it is no plain point."""
    target = find_target(line)
    return target.tell_seen(figure) if target else figure


def tell_note(line: Line) -> str:
    """What has to be known of what was seen; "" where there is nothing."""
    target = find_target(line)
    return target.note if target else ""


def list_notes(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The notes of the findings among these lines, each once, with its title."""
    found = {target.title: target.note for line in lines if (target := find_target(line)) and target.note}
    return list(found.items())


KINDS = ("fitted", "same evidence", "sign", "not fitted")
"""What a check can teach, the least first: it is of a finding that was fitted; it was not fitted, but cites the
evidence of one that was; it asks for a sign alone; or it can miss a size that the fit never saw."""


@cache
def _list_signs() -> frozenset[str]:
    """The lines of patterns that ask for a sign alone."""
    return frozenset(f"{p.id}.{c.name}" for p in read_patterns().values() for c in p.checks if c.sign_only)


def is_out_of_sample(line: Line) -> bool:
    """Whether neither the figure nor its evidence was fitted."""
    return line.section not in (FITTED, SAME)


def tell_kind(line: Line) -> str:
    """Which of `KINDS` a line is."""
    if not is_out_of_sample(line):
        return KINDS[line.section == SAME]
    return KINDS[2] if line.id in _list_signs() else KINDS[3]


def count_kinds(lines: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """How many lines of each kind pass, and how many there are."""
    told = [(tell_kind(line), line.passes) for line in lines]
    return {kind: (told.count((kind, True)), sum(k == kind for k, _ in told)) for kind in KINDS}


def describe_passes(lines: Sequence[Line]) -> str:
    """How many lines pass out of sample, of what was fitted and of the same evidence, and the ids of those that fail:
    the words of an answer, of the command and of the documentation.
    """
    (fitted, of_fitted), (same, of_same), *others = count_kinds(lines).values()
    passed, of_others = (sum(pair[end] for pair in others) for end in (0, 1))
    failed = list_failures(lines)
    words = f" Not passed: {', '.join(failed)}." if failed else ""
    return (
        f"{passed} of {of_others} out-of-sample checks pass; so do {fitted} of {of_fitted} that were fitted and "
        f"{same} of {of_same} of the same evidence as a target, which are no test from outside.{words}"
    )


FINDING_HEAD = (
    "finding",
    "bits",
    "narrows most",
    "added alone to the priors",
    "taken from all the others",
    "moved the answer",
)


def describe_findings(findings: Sequence[FindingDocument]) -> list[dict[str, str]]:
    """What each finding did to the fit, as people read it, under `FINDING_HEAD`: one row for each finding."""
    rows = []
    for finding in findings:
        cells = (
            finding["id"],
            f"{finding['bits']:.2f}",
            f"{finding['narrows']} to {100 * finding['ratio']:.0f}% of its prior spread",
            _describe_move(finding["alone"], 1),
            _describe_move(finding["without"], -1),
            "yes" if finding["moved"] else "no",
        )
        rows.append(dict(zip(FINDING_HEAD, cells, strict=True)))
    return rows


def _describe_move(move: MovedDocument, sign: int) -> str:
    """A shift of a headline difference in words, £ of each £100."""
    pounds = 100 * sign * move["shift"]
    shift = f"{'−' if pounds < 0 else '+'}£{abs(pounds):.1f}"
    return f"{shift} ± £{100 * move['error']:.1f} ({move['policy']}, {move['outcome']})"


def list_failures(lines: Sequence[Line]) -> list[str]:
    """The ids of lines that do not pass."""
    return [line.id for line in lines if not line.passes]
