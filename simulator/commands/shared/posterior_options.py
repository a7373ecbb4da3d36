"""Which posterior a command draws from: what ships or a fit of the user's own, and what their evidence makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from simulator.commands.shared.console import Bar, say
from simulator.commands.shared.options import text_option
from simulator.common.errors import InputError

if TYPE_CHECKING:
    from simulator.calibration.fit_folder import FitFolder
    from simulator.evidence.evidence import Evidence, Update
    from simulator.runs.posterior import Posterior

EvidenceFiles = Annotated[
    list[str] | None,
    text_option(
        "--with",
        "FILE",
        "Draw from the posterior as your own evidence changes it (see: ringfence evidence); may be repeated.",
    ),
]


FittedFolder = Annotated[
    str | None,
    text_option(
        "--posterior",
        "FOLDER",
        "Draw from a fit of your own, which calibrate --out wrote, and not from the one that ships.",
    ),
]


class WatchedFit:
    """A fit of the user's own that knows whether anything was drawn from it."""

    def __init__(self, fit: FitFolder) -> None:
        self.fit = fit
        self.used = False

    @property
    def posterior(self) -> Posterior:
        """The posterior of the fit."""
        self.used = True
        return self.fit.posterior


class WeighedOnDemand:
    """Evidence that is weighed when the first draw is asked for, so that other mistakes are reported before."""

    def __init__(self, evidence: Evidence, base: Posterior) -> None:
        self.evidence = evidence
        self.base = base
        self.update: Update | None = None

    @property
    def used(self) -> bool:
        """Whether anything was drawn from it."""
        return self.update is not None

    @property
    def posterior(self) -> Posterior:
        """The posterior that it makes of the base."""
        if self.update is None:
            self.update = weigh_with_progress(self.evidence, self.base)
        return self.update.posterior


@dataclass(frozen=True, kw_only=True)
class PosteriorOptions:
    """The posterior that a command draws from throughout."""

    evidence: EvidenceFiles = None
    fitted: FittedFolder = None

    @contextmanager
    def drawing(self, source: str | None) -> Iterator[None]:
        """Draw from this posterior for a while. Raises InputError for what is no fit or no evidence, and for another
        source.
        """
        from simulator.runs.posterior import current_posterior, drawing_from

        given = [option for option, value in (("--posterior", self.fitted), ("--with", self.evidence)) if value]
        if given and source not in (None, "posterior"):
            raise InputError(
                f"{given[0]} changes the posterior, and --source {source} draws nothing from it; leave out {given[0]}"
            )
        fit = WatchedFit(_read_fit(self.fitted)) if self.fitted else None
        with drawing_from(fit):
            if self.evidence:
                beliefs = WeighedOnDemand(read_evidence_files(self.evidence), current_posterior())
                with drawing_from(beliefs):
                    yield
                if not beliefs.used:
                    say("remark: --with changed nothing, for this answer draws nothing from the posterior")
            else:
                yield
        if fit and not fit.used:
            say("remark: --posterior changed nothing, for this answer draws nothing from the posterior")


def _read_fit(name: str) -> FitFolder:
    from simulator.calibration.fit_folder import read_fit_folder
    from simulator.commands.shared.running import say_if_cold

    say_if_cold()
    return read_fit_folder(name)


def read_evidence_files(names: Sequence[str]) -> Evidence:
    """The evidence of several files together. Raises InputError with the problems of all of them."""
    from simulator.evidence.evidence import combine_evidence
    from simulator.evidence.observation_file import read_evidence

    problems, parts = [], []
    for name in dict.fromkeys(names):
        try:
            parts.append(read_evidence(name))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return combine_evidence(parts)


def weigh_with_progress(evidence: Evidence, base: Posterior) -> Update:
    """Evidence weighed, with a progress bar; what a reader must know of the weights goes to stderr."""
    from simulator.commands.shared.running import say_if_cold

    say_if_cold()
    with Bar("weighing your evidence") as bar:
        update = evidence.weigh(base, bar)
    for remark in update.remarks:
        say(f"remark: {remark}")
    return update
