"""Results: labelled yearly measures of one scenario over many futures, with a manifest of how they were made."""

from __future__ import annotations

import json
import re
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from simulator.common.arrays import Floats
from simulator.common.atomic_files import write_bytes
from simulator.common.characters import normalise_text
from simulator.common.crate_folder import LICENCE
from simulator.common.errors import InputError, UnknownNameError
from simulator.common.formatting import format_end, format_pounds
from simulator.common.near_names import suggest
from simulator.common.paths import expand_path
from simulator.common.pictures.columns import PictureColumns
from simulator.common.pictures.draw import draw_picture
from simulator.common.pictures.frame import write_title
from simulator.common.pinned_names import split_pin
from simulator.common.presentable import Presentable, frame_to_markup, to_plain
from simulator.common.user_warnings import warn_caller
from simulator.declarations.calendar import POLICY_START, YEARS, parse_years, span_name, year_name
from simulator.declarations.outcomes import OUTCOMES, Outcome
from simulator.declarations.output_variables import NATIONAL_VARIABLES
from simulator.runs.futures import Futures, describe_missing_plugin, draw_futures
from simulator.runs.manifest import Manifest

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

    from simulator.runs.results_dataset import Held
    from simulator.scenarios.scenario import Scenario

SETS_BEFORE_0_1_1 = 1_000

CENTILES = {"centile_2_5": 0.025, "centile_10": 0.1, "centile_50": 0.5, "centile_90": 0.9, "centile_97_5": 0.975}
"""The centiles of a summary, by the names of its columns."""


class ResultsError(InputError):
    """A results file that cannot be read, or a question that results cannot answer."""


def find_outcome(name: str) -> Outcome:
    """An outcome by name. Raises LookupError with the nearest name, and InputError for what is no name."""
    if not isinstance(name, str):
        raise InputError(f"an outcome is one name, such as 'retained', not {name!r}; ask for each of several by itself")
    name = name if name in OUTCOMES else normalise_text(str(name))
    if name not in OUTCOMES:
        labelled = [each for each in OUTCOMES.values() if each.label.casefold() == name.casefold()]
        hint = f"; did you mean '{labelled[0].name}'?" if labelled else suggest(name, OUTCOMES)
        hint = hint or f"; it is one of {', '.join(OUTCOMES)}"
        raise UnknownNameError(f"'{name}' is not an outcome{hint}")
    return OUTCOMES[name]


def read_years(years: str) -> slice:
    """The years asked for. Raises ResultsError for years that the model does not have, ValueError for no years."""
    span = parse_years(years)
    if not range(YEARS)[span]:
        raise ResultsError(f"there is no year in {years}: the model has {span_name(0, YEARS - 1)}")
    return span


class EvidenceRecord(Protocol):
    """Evidence that can stand in a file: `simulator.evidence.evidence.Evidence` is so."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def remark(self) -> str: ...

    @property
    def document(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, eq=False, repr=False)
class Results(Presentable):
    """Yearly measures of one scenario. `nation` (futures, years); `areas` (futures, years, areas) if kept.

    `futures` are those it was run through, where that is known: their parameters and addresses of chance. `schedule`
    (quarters,) holds the scenario's levers, where they are known: files of before 0.2 do not hold them. `evidence_text`
    is the JSON of evidence that was saved with them, "" without any.
    """

    nation: NDArray[np.void]
    areas: NDArray[np.void] | None
    codes: tuple[str, ...]
    manifest: Manifest
    futures: Futures | None = None
    schedule: NDArray[np.void] | None = None
    evidence_text: str = ""

    def __post_init__(self) -> None:
        for name in ("nation", "areas"):  # the manifest, which is saved with them, stands for these very numbers
            if (values := getattr(self, name)) is not None and values.flags.writeable:
                read_only = values.view()
                read_only.flags.writeable = False
                object.__setattr__(self, name, read_only)

    def __len__(self) -> int:
        return len(self.nation)

    @cached_property
    def sets(self) -> NDArray[np.int64] | None:
        """Which futures share their parameters: (futures,) numbers, or None where that is not known.

        Files of before do not say; posterior draws then came round again after a thousand.
        """
        if self.futures is not None:
            return self.futures.sets
        return np.arange(len(self)) % SETS_BEFORE_0_1_1 if self.manifest.source == "posterior" else None

    @property
    def evidence(self) -> Mapping[str, object] | None:
        """What the evidence says that was saved with them, for `rf.evidence`, or None. Raises ResultsError."""
        if not self.evidence_text:
            return None
        try:
            document = json.loads(self.evidence_text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ResultsError("the evidence in these results is damaged; if you have a copy of the file, use that")
        return document

    @property
    def years(self) -> tuple[str, ...]:
        """Names of the years."""
        return tuple(year_name(y) for y in range(self.nation.shape[1]))

    def span(self, years: str | slice | None = None) -> slice:
        """The years asked for; without a wish those in which policies act, 2027/28 and after.

        A scenario that changes earlier years is an exception: its own begin with its first change. Raises ResultsError.
        """
        if years is not None and not isinstance(years, slice):
            years = parse_years(years)
        chosen = slice(self._first_year, None) if years is None else years
        if not range(self.nation.shape[1])[chosen]:
            raise ResultsError(f"the results hold {self.years[0]} to {self.years[-1]} only")
        return chosen

    @property
    def _first_year(self) -> int:
        return min([POLICY_START, *([self.manifest.start] if self.manifest.start >= 0 else [])]) // 4

    def _say_years(self, years: str | slice | None) -> None:
        """Warn of the exception to the usual years, which results of other scenarios do not share."""
        if years is None and 4 * self._first_year < POLICY_START:
            first, usual = year_name(self._first_year), year_name(POLICY_START // 4)
            warn_caller(
                f"“{self.manifest.title}” changes {first}, so its years are {first} and after, where those of others "
                f"are {usual} and after; say which you want with years="
            )

    def outcome(self, name: str = "retained", years: str | slice | None = None) -> Floats:
        """One outcome over a span of years, for each future: shape (futures,). Raises LookupError.

        A share is the money of all these years over the fund of all these years, and no mean of yearly shares.
        `years` such as "2027/28-2029/30"; unless given, those of `span`, which are the same for all policies.
        """
        self._say_years(years)
        return find_outcome(name).of(self.nation[:, self.span(years)])

    def each_year(self, name: str = "retained") -> Floats:
        """One outcome year by year: shape (futures, years). Raises LookupError."""
        return find_outcome(name).each_year(self.nation)

    def summary(self, years: str | slice | None = None) -> pd.DataFrame:
        """Every outcome: mean and centiles over the futures that have it, over the years that the index names.

        Columns are `mean`, `centile_2_5`, `centile_10`, `centile_50`, `centile_90`, `centile_97_5` and `unit`: 8 in 10
        futures lie from `centile_10` to `centile_90`.
        """
        import pandas as pd

        self._say_years(years)
        span, rows = self.span(years), {}
        for name, outcome in OUTCOMES.items():
            values = self.outcome(name, span)
            defined = values[~np.isnan(values)]
            values = defined if defined.size else np.array([np.nan])
            rows[name] = [values.mean(), *np.quantile(values, tuple(CENTILES.values())), outcome.unit.value]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", *CENTILES, "unit"])
        names = self.years[span]
        every = span.step in (None, 1) and len(names) > 1
        return table.rename_axis(f"{names[0]} to {names[-1]}" if every else ", ".join(names))

    @property
    def question(self) -> str:
        """The name of the function that was asked."""
        return "run"

    @property
    def sentence(self) -> str:
        """How much of the fund is still there at the year end, over the years in which policies act."""
        about, years = find_outcome("retained"), self.span()
        values = about.of(self.nation[:, years])
        defined = values[~np.isnan(values)]
        if not defined.size:
            return f"“{self.manifest.title}”: there was no money in these years."
        mean = format_pounds(float(defined.mean()))
        low, high = (format_end(float(value)) for value in np.quantile(defined, (0.1, 0.9)))
        first, last = self.years[years][0], self.years[years][-1]
        return (
            f"Under “{self.manifest.title}”, {mean} of each £100 is kept to the year end on average, {first} to "
            f"{last}; 8 in 10 results lie between {low} and {high}."
        )

    @property
    def assumes(self) -> str:
        """How many futures there are, their seed, how the parameters are known, and the version that ran them."""
        manifest = self.manifest
        version = f"; Ringfence {manifest.version}" if manifest.version else ""
        return f"{manifest.futures:,} futures, seed {manifest.seed}; {manifest.badge}{version}"

    @property
    def settings(self) -> Mapping[str, object]:
        """The arguments that give these results again, as plain data: `rf.run(**results.settings)`.

        A scenario that no name loads, a table of boards and futures other than the first of a seed are described in
        < >, which `rf.run` does not take: give them again. `manifest` has everything else.
        """
        from simulator.boards.table import read_boards
        from simulator.runs.crate import find_scenario

        known, futures, policy = self.manifest, self.futures, find_scenario(self.manifest)
        first = futures is not None and np.array_equal(futures.runs, np.arange(len(self)))
        drawn = first and known.source == "posterior" and known.badge == draw_futures(1, seed=known.seed).badge
        own = known.boards_fingerprint != read_boards().fingerprint
        return {
            "scenario": known.scenario
            if policy
            else f"<Scenario “{known.title}”, fingerprint {known.scenario_fingerprint}>",
            **(
                {"n": known.futures, "seed": known.seed}
                if drawn
                else {"futures": f"<Futures “{known.source}”, fingerprint {known.futures_fingerprint}>"}
            ),
            "boards": f"<Boards “{known.boards}”, fingerprint {known.boards_fingerprint}>" if own else None,
            "detail": self.areas is not None,
            "first_plan": known.first_plan,
        }

    @property
    def picture(self) -> PictureColumns:
        """Which columns `plot` draws."""
        return _picture_outcome("retained")

    def to_dict(self) -> dict[str, object]:
        """For JSON: the sentence, what it assumes, the manifest, and every outcome as in `summary`, by name."""
        outcomes = self.summary(self.span()).to_dict("index")
        return {
            "question": self.question,
            "sentence": self.sentence,
            "assumes": self.assumes,
            "settings": to_plain(self.settings),
            "manifest": to_plain(asdict(self.manifest)),
            "years": list(self.years[self.span()]),
            "outcomes": to_plain(outcomes),
        }

    def to_frame(self) -> pd.DataFrame:
        """National measures as a long table: one row for each future and year."""
        import pandas as pd

        n, years = self.nation.shape
        table = pd.DataFrame({name: self.nation[name].ravel() for name in NATIONAL_VARIABLES})
        table.insert(0, "year", list(self.years) * n)
        table.insert(0, "future", np.repeat(np.arange(n), years))
        return table

    def plot(self, outcome: str | Axes | None = None, ax: Axes | None = None) -> Axes:  # type: ignore[override]
        """Draw an outcome ("retained" unless given) year by year: the mean, and the range of 8 in 10 futures.

        Returns matplotlib's axes. Raises LookupError for the outcome, and InputError if matplotlib is not installed.
        """
        import pandas as pd

        name = outcome if isinstance(outcome, str) else "retained"
        if outcome is not None and not isinstance(outcome, str):  # axes alone, as other answers take them
            ax = outcome
        values = self.each_year(name)
        with warnings.catch_warnings():  # a year in which the outcome exists in no future is left out of the line
            warnings.simplefilter("ignore", RuntimeWarning)
            low, mean, high = (
                np.nanquantile(values, 0.1, axis=0),
                np.nanmean(values, axis=0),
                np.nanquantile(values, 0.9, axis=0),
            )
        table = pd.DataFrame({"year": self.years, "mean": mean, "low": low, "high": high}).dropna()
        drawn = draw_picture(table, _picture_outcome(name), ax)
        write_title(drawn, self.manifest.title)
        return drawn

    @cached_property
    def data(self) -> xr.Dataset:
        """The same as an xarray Dataset by the CF conventions.

        It has every measure by future and year (and by board, of runs in detail), `outcome_<name>` by future and year,
        `parameter_<name>` by future, what each lever was set to by quarter, and the addresses of chance. Each variable
        says its meaning and unit in `attrs`.
        """
        from simulator.runs.results_dataset import to_dataset

        return to_dataset(self._held)

    @property
    def _held(self) -> Held:
        from simulator.runs.results_dataset import Held

        return Held(self.nation, self.areas, self.codes, self.manifest, self.futures, self.schedule, self.evidence_text)

    def save(self, path: str | Path, *, evidence: EvidenceRecord | None = None) -> Path:
        """Write a netCDF file (readable by xarray, R and others), whole or not at all. Returns its path.

        `evidence` is what they were drawn from, where readers of the file may see its rows: they stand in it as JSON,
        and `rf.load(path).evidence` has them. Without it only their effect is there.

        A checksum stands behind the last byte that HDF5 reads, so that `load` can tell a damaged file. Raises
        FileWriteError, an OSError that says why and what to do; a file that was there then still stands.
        """
        path = expand_path(path)
        if path.suffix.lower() in _OTHER_FORMATS:
            raise InputError(
                f"{path.name}: results are saved as netCDF, so name the file {path.stem}.nc; a table is "
                "to_frame().to_csv(...)"
            )
        told = self if evidence is None else replace(self, evidence_text=self._write_evidence(evidence))
        write_bytes(path, told.to_bytes())  # made in memory first: HDF5 crashes the process when a disk is full
        return path

    def _write_evidence(self, evidence: EvidenceRecord) -> str:
        """Evidence as JSON. Raises InputError for other evidence than these results were drawn from."""
        pins = [split_pin(value)[1] for option, value in self.manifest.posterior if option == "--with"]
        known = evidence.remark and evidence.remark in self.manifest.badge
        if not known or (pins and evidence.fingerprint not in pins):
            raise InputError(
                "these results were not drawn from this evidence: leave it out, or give what `beliefs` was when they "
                "were run"
            )
        return json.dumps(evidence.document, ensure_ascii=False)

    def to_bytes(self) -> bytes:
        """What `save` writes."""
        from simulator.runs.results_dataset import to_netcdf

        content = to_netcdf(self._held)
        return content + _make_seal(content)

    def save_crate(
        self,
        folder: str | Path,
        *,
        scenario: str | Path | Scenario | None = None,
        title: str = "",
        authors: Sequence[str] = (),
        licence: str = LICENCE,
    ) -> Path:
        """Write an RO-Crate: a folder ready to deposit, with data, scenario, versions, licence and a README.

        `scenario` is the one that was run, where the library does not hold it; `licence` the address of the licence of
        the data (CC BY 4.0 unless given). `rf.load(folder)` reads the results back. Raises InputError for a folder that
        holds something, or for another scenario; FileWriteError.
        """
        from simulator.runs.crate import write_crate

        return write_crate(self, folder, scenario=scenario, title=title, authors=authors, licence=licence)

    def _repr_html_(self) -> str:
        m = self.manifest
        head = Markup("<p><b>{}</b>: {} futures, seed {}; {}</p>").format(m.title, m.futures, m.seed, m.badge)
        return head + frame_to_markup(self.summary().round(3))


def _picture_outcome(name: str) -> PictureColumns:
    about = find_outcome(name)
    axis, interval = f"{about.label} ({about.unit.value})", "8 in 10 futures (10% to 90%)"
    return PictureColumns(
        "line",
        "year",
        "mean",
        axis,
        "low",
        "high",
        name="mean of the futures",
        interval=interval,
        along="financial year",
    )


_OTHER_FORMATS = (".csv", ".json", ".parquet", ".tsv", ".txt", ".xls", ".xlsx", ".yaml", ".yml", ".zip")
_SEAL = re.compile(rb"ringfence checksum ([0-9a-f]{8})\n")
_SEAL_LENGTH = 28


def _make_seal(content: bytes) -> bytes:
    """What `save` writes behind a file's content: its CRC-32."""
    return b"ringfence checksum %08x\n" % zlib.crc32(content)


def _check_seal(path: Path) -> None:
    """Hold a file against the checksum behind it, if there is one. Raises DatasetError: a damaged one can hang HDF5."""
    from simulator.runs.results_dataset import DatasetError

    with path.open("rb") as file:
        left = max(0, file.seek(0, 2) - _SEAL_LENGTH)
        file.seek(left)
        found = _SEAL.fullmatch(file.read())
        file.seek(0)
        total = 0
        while found and left and (block := file.read(min(left, 1 << 20))):
            total, left = zlib.crc32(block, total), left - len(block)
    if found and f"{total:08x}".encode() != found[1]:
        raise DatasetError("it is damaged; if you have a copy of it, use that")


def _check_plugin(path: Path, wanted: str) -> None:
    """Refuse results of a plug-in that is not loaded: half of their numbers would be unknown. Raises ResultsError."""
    if lacks := describe_missing_plugin(str(path), wanted):
        raise ResultsError(lacks)


def load_results(path: str | Path) -> Results:
    """Read results that `Results.save` wrote. Raises ResultsError for anything else, and for a part of results."""
    from simulator.runs.results_dataset import DatasetError, from_stored
    from simulator.runs.results_file import read_stored

    path = expand_path(path)
    if not path.is_file():
        raise ResultsError(f"{path}: there is no such file")
    try:
        _check_seal(path)
        stored = read_stored(path)
        fields = json.loads(stored.manifest)
        pairs = {key: tuple((name, value) for name, value in fields.get(key, ())) for key in ("settings", "posterior")}
        manifest = Manifest(**{**fields, **pairs})
        _check_plugin(path, manifest.plugin)
        return Results(*from_stored(stored, manifest))
    except ResultsError:
        raise
    except DatasetError as problem:
        raise ResultsError(f"{path} is not a whole results file: {problem}") from problem
    except (OSError, LookupError, TypeError, ValueError, RuntimeError, AttributeError) as problem:
        raise ResultsError(
            f"{path} is not a results file of this version, or it is damaged; if you have a copy of it, use that"
        ) from problem
