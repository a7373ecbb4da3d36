"""The shapes of what a sweep writes as JSON: the manifest of a store, the stamp of a chunk, the account of a table."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class CodeVersion(TypedDict):
    """The version of the package, and a hash of the sources that decide the numbers of a table."""

    version: str
    code: str


class DesignDocument(TypedDict):
    """The design of a sweep; `factors` says of each how its values are drawn, `luck` is "own" or "shared"."""

    kind: str
    points: int
    runs: int
    seed: int
    luck: str
    factors: dict[str, str]


class SweepIdentity(TypedDict):
    """Everything that decides the numbers of a table. `simulation` holds what a simulation says of itself."""

    simulation: dict[str, object]
    outcomes: list[str]
    design: DesignDocument


class SessionDocument(TypedDict, total=False):
    """Who worked on a store: when it began, where, and on which versions of what."""

    began: str
    place: str
    bits: str
    version: str
    code: str
    system: str
    python: str
    numpy: str
    numba: str
    scipy: str
    pyarrow: str


class TrialDocument(TypedDict):
    """The trial of the first rows, as `simulator.sweeps.job.Trial`."""

    rows: int
    bits: str
    seconds_a_row: float
    bytes_a_row: float


class ManifestDocument(TypedDict):
    """`_manifest.json`, as `simulator.sweeps.manifest.Manifest`. Format 1 has no `unchecked` and no `checksum`."""

    sweep: SweepIdentity
    made_by: CodeVersion
    rows: int
    chunk_rows: int
    trial: TrialDocument
    design_file: str
    sessions: list[SessionDocument]
    unchecked: NotRequired[list[int]]
    format: int
    chunks: int
    checksum: NotRequired[str]


class StampDocument(TypedDict):
    """What the file of a chunk says of itself: its sweep, its number, its rows, and why it failed if it did."""

    sweep: str
    chunk: int
    first: int
    last: int
    failed: str


class OutcomeSummary(TypedDict):
    """An outcome over the rows of a table in which it is defined; nan (null in JSON) where there are none."""

    outcome: str
    label: str
    unit: str
    mean: float
    lowest: float
    highest: float
    defined_in: int


class FileChecksum(TypedDict, total=False):
    """The SHA-256 of a single file; nothing for a folder, whose chunks carry their own."""

    file_sha256: str


_Start = TypedDict("_Start", {"from": str})


class SweepAnswer(_Start, FileChecksum):
    """How a table was made, and what is in it: the answer of `ringfence sweep`.

    What the first version wrote has no `sweep`, no `made_by` and no `file_sha256`.
    """

    sentence: str
    file: str
    about: str
    rows: int
    points: int
    runs: int
    kind: str
    factors: list[str]
    seed: int
    luck: str
    luck_seed: int
    scenario: str
    scenario_fingerprint: str
    first_year: str
    last_year: str
    outcomes: list[OutcomeSummary]
    failed: int
    reasons: dict[str, int]
    version: str
    code: str
    boards_fingerprint: str
    table_sha256: str
    chunks: int
    chunk_rows: int
    sessions: list[SessionDocument]
    sweep: NotRequired[SweepIdentity]
    made_by: NotRequired[CodeVersion]
    badge: str


class SweepAccount(SweepAnswer):
    """The file beside a table: the answer, and the text of the design's file."""

    design_file: str
