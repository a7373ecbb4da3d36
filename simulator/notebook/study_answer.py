"""The answer to a question in a notebook: what a method gives, with what was asked and what the answer rests on."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, runtime_checkable

from simulator.claims.claim_file import check_claim_name, write_claim
from simulator.claims.crate_inputs import add_call, freeze_inputs, recall_inputs
from simulator.claims.study_claim import StudyCall, StudyClaim, StudyResult, make_study_claim
from simulator.common.arguments import checked
from simulator.common.crate_folder import METADATA as CRATE_METADATA
from simulator.common.crate_folder import CrateContent
from simulator.common.errors import InputError
from simulator.common.paths import expand_path
from simulator.common.pictures.columns import PictureColumns
from simulator.common.presentable import ANSWER, FORMAT, Presentable, read_column
from simulator.common.software_version import name_version
from simulator.runs.crate import RESULTS as CRATE_RESULTS
from simulator.runs.posterior import Beliefs, drawing_from
from simulator.runs.results import Results, load_results

if TYPE_CHECKING:
    import pandas as pd


class MethodResult(Protocol):
    """What a method of `simulator.experiments` gives."""

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        ...

    def to_frame(self) -> pd.DataFrame:
        """The numbers as a table."""
        ...


@runtime_checkable
class FillsCrate(Protocol):
    """A result with files of its own for an archive."""

    def fill_crate(self, content: CrateContent) -> CrateContent:
        """The content of a crate with these files in it."""
        ...


@runtime_checkable
class Measured(Protocol):
    """A result with numbers that its sentence rounds."""

    @property
    def measures(self) -> Mapping[str, float]:
        """The numbers in full precision, by name."""
        ...


R = TypeVar("R", bound=MethodResult)

_INSTEAD = {
    "attribution": " What one part adds on top of the others is a comparison, which can: "
    'rf.compare("ringfence+leadership", "leadership").claim("claim.json")'
}


@contextmanager
def drawing(beliefs: Beliefs | None) -> Iterator[None]:
    """Draw from what `beliefs` make of the posterior that is in use now, or from that one without any."""
    with drawing_from(None if beliefs is None else beliefs.posterior):
        yield


@dataclass(frozen=True, eq=False, repr=False)
class StudyAnswer(Presentable, Generic[R]):
    """An answer of one of the methods. `result` is what the method itself gives, with all that it knows.

    `to_frame()` gives its table, `plot(ax=...)` a picture, `to_dict()` and `save("x.json")` everything but `result`;
    `rf.load("x.json")` brings it back as a `SavedAnswer`.
    """

    name: str
    result: R
    columns: PictureColumns
    basis: str
    asked: Mapping[str, object] = field(default_factory=dict)
    index: str = ""
    call: StudyCall | None = None
    inputs: Mapping[str, object] | None = None
    years: str = ""
    """The years that outcomes are taken over; "" where they are not the same in every row."""

    def claim(self, path: str | Path, that: str | Sequence[str] = ()) -> StudyClaim:
        """Save the answer as a claim, which `rf.verify` and `ringfence verify` run again.

        `that` is a condition on the answer's figures, or a list of them, such as "amount below 0.7" or "regret of both
        below regret of leadership"; without any, those that the answer implies. Answers of `equivalence`, `break_even`,
        `robustness` and `packages` can be claimed. Raises InputError for others, and for a condition that does not
        hold.
        """
        if self.call is None or not isinstance(self.result, StudyResult):
            raise InputError(
                f"an answer of rf.{self.name} cannot be saved as a claim; those of rf.compare, rf.equivalence, "
                f"rf.break_even, rf.robustness and rf.packages can.{_INSTEAD.get(self.name, '')}"
            )
        path, today = check_claim_name(path), dt.date.today().isoformat()
        claim = make_study_claim(
            self.name, self.result, self.call, self.basis, today, [that] if isinstance(that, str) else that
        )
        write_claim(path, claim)
        return claim

    def keep_arguments(self, arguments: Mapping[str, object]) -> StudyAnswer[R]:
        """The same answer with the arguments of its question as its settings, or what they came to."""
        return replace(self, asked={name: self.asked.get(name, value) for name, value in arguments.items()})

    def keep_inputs(self, given: Mapping[str, object]) -> StudyAnswer[R]:
        """The same answer with what its question was given, as it stands now; what the question says itself stays."""
        return self if self.inputs is not None else replace(self, inputs=freeze_inputs(given))

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return self.name

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        return self.result.sentence

    @property
    def assumes(self) -> str:
        """How many draws and replicates, which seed, how the parameters are known, and the version that answered."""
        return f"{self.basis}; {name_version()}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question by name, as plain data: `rf.sobol(**answer.settings)` gives the answer again.

        What plain data cannot hold, such as evidence or a scenario that was changed, is described in < >, which no
        question takes: give it again. Lists that were left out are left out here.
        """
        return dict(self.asked)

    @property
    def picture(self) -> PictureColumns:
        """Which columns of the table are drawn."""
        return self.columns

    @property
    def measures(self) -> Mapping[str, float]:
        """Numbers that the sentence rounds, where the method names any."""
        return self.result.measures if isinstance(self.result, Measured) else {}

    def to_frame(self) -> pd.DataFrame:
        """The numbers as a table; the class of `result` says what its columns hold. `years` are those averaged over."""
        table = self.result.to_frame()
        table = table.rename_axis(self.index).reset_index() if self.index else table
        return table.assign(years=self.years) if self.years else table

    def make_crate_content(self) -> CrateContent:
        """What a crate of this answer holds and says; some results have files of their own."""
        content = super().make_crate_content()
        if self.inputs is not None:
            content = add_call(content, self.name, self.to_dict(), self.inputs)
        return self.result.fill_crate(content) if isinstance(self.result, FillsCrate) else content


@dataclass(frozen=True, eq=False, repr=False)
class SavedAnswer(Presentable):
    """An answer that was read from a file: its sentence, table and picture, but not the method's own object."""

    document: Mapping[str, object]
    table: pd.DataFrame
    columns: PictureColumns

    def __getattr__(self, name: str) -> object:
        """Refuse what only an answer of this process has, and say what to do."""
        if name in ("claim", "result", "to_excel", "call"):
            raise AttributeError(
                f"an answer that was read from a file has no .{name}: ask rf.{self.question} again with its .settings"
            )
        raise AttributeError(f"'SavedAnswer' object has no attribute '{name}'")

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return str(self.document["question"])

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        return str(self.document["sentence"])

    @property
    def assumes(self) -> str:
        """What the answer rests on."""
        return str(self.document["assumes"])

    def __str__(self) -> str:
        """The sentence and what it rests on, or all the text of an answer that is one."""
        text = self.document.get("text")
        return text if isinstance(text, str) else super().__str__()

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments of the question, as before: `rf.sobol(**answer.settings)` asks again."""
        asked = self.document["settings"]
        infinite = {"inf": math.inf, "-inf": -math.inf}
        held = asked.items() if isinstance(asked, Mapping) else ()
        return {name: infinite.get(value, value) if isinstance(value, str) else value for name, value in held}

    @property
    def picture(self) -> PictureColumns:
        """Which columns of the table are drawn."""
        return self.columns

    @property
    def measures(self) -> Mapping[str, float]:
        """Numbers that the sentence rounds, where the file holds any."""
        saved = self.document.get("measures")
        return {str(name): float(value) for name, value in saved.items()} if isinstance(saved, Mapping) else {}

    def to_frame(self) -> pd.DataFrame:
        """The numbers as a table, a new one each time."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Everything that the file holds."""
        return {**self.document, **super().to_dict()}

    def make_crate_content(self) -> CrateContent:
        """What a crate of this answer holds and says, with the call that makes it again from its settings; what these
        only describe is said to be missing, and what this process runs with is no part of it.
        """
        content = replace(super().make_crate_content(), made_here=False)
        return add_call(content, self.question, self.to_dict(), recall_inputs(self.settings))


@checked
def load(path: str | Path) -> Results | SavedAnswer:
    """Read what `save` wrote, results (netCDF, `.nc`) or an answer (JSON, `.json`), or the folder of `save_crate`.

    Raises InputError (ResultsError for results) for a file that is missing, damaged or of another kind.
    """
    path = expand_path(path)
    if path.is_dir():
        path = path / (ANSWER if (path / ANSWER).exists() else CRATE_RESULTS)
        if not path.exists() and (path.parent / CRATE_METADATA).exists():
            raise InputError(f"{path.parent} holds rows of a sweep: rf.read_sweep reads them")
    if path.suffix.lower() not in ("", ".json", ".nc") and path.is_file():
        raise InputError(f"{path.name}: rf.load reads results, x.nc, and answers, x.json, as their `save` writes them")
    if path.suffix.lower() != ".json":
        return load_results(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InputError(f"{path}: the file cannot be read ({problem.strerror})") from problem
    except ValueError as problem:
        raise InputError(f"{path} is not JSON, or it is damaged: {problem}") from problem
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"{path} holds no answer that `save` wrote: its format is not {FORMAT}")
    return _read_answer(path, document)


_CENTILES = {"5%": "centile_5", "50%": "centile_50", "95%": "centile_95"}
_ENDS = re.compile(r"(?:(?:share|alone|last) )?(?:likely )?(?:low|high)")


def _rename(column: str) -> str:
    """A column as it is called now; files of before 0.2.0 have centiles with a % and ends of intervals with spaces."""
    return column.replace(" ", "_") if _ENDS.fullmatch(column) else _CENTILES.get(column, column)


def _read_answer(path: Path, document: Mapping[str, object]) -> SavedAnswer:
    import pandas as pd

    try:
        columns, picture = document["table"], document["picture"]
        if not isinstance(columns, dict) or not isinstance(picture, dict):
            raise TypeError
        table = pd.DataFrame({_rename(name): read_column(values) for name, values in columns.items()})
        picture = {key: _rename(value) if key in ("value", "low", "high") else value for key, value in picture.items()}
        for name in ("question", "sentence", "assumes", "settings"):
            document[name]
        return SavedAnswer(document, table, PictureColumns(**picture))
    except (LookupError, TypeError, ValueError) as problem:
        raise InputError(f"{path} holds no whole answer; if you have a copy of it, use that") from problem
